/* The supervisor process: one thread, one poll loop over its control socket, the zygotes' sockets and
 * pidfds. It owns the pool, the deadlines, the memory budget and the reaping. It never sees a
 * message byte: of a child's own socket it only carries the trusted end, unread, to the front.
 *
 * A lease: ACQUIRE -> (wait for a spare child and for memory) -> GRANTED with the socket -> the
 * child ends by itself, by its limits, by the deadline or by RELEASE -> EXITED, exactly once. */
#include "log.h"
#include "supervisor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	FORK_ANSWER_MS = 5000, /* a zygote that does not fork in this time is restarted */
	BACKOFF_FIRST_MS = 50,
	BACKOFF_MAX_MS = 5000,
	FRONT_SEND_MS = 5000, /* a front that does not read for so long is gone */
	WAITERS_MAX = 4096,
	SWEEP_MS = 10000,
	SWEEP_EVERY_MS = 200,
	LOWERED_BY = 15, /* of nice */
};

typedef struct {
	const SupervisorKind *kind;
	int executable; /* O_PATH */
	pid_t pid;
	int pidfd; /* -1: not running */
	int control;
	bool wanted; /* false: nobody has asked for a child of this kind yet, and it is made on demand */
	bool ready;
	bool refused; /* it said that the jail cannot be built here */
	uint32_t walls;
	uint64_t memory;    /* address space of the zygote */
	int64_t answer_by;  /* deadline for READY or for the oldest fork */
	int64_t not_before; /* restart and refill wait until then */
	int64_t backoff;
	GQueue forking; /* trusted ends (as pointers) of children that are being forked */
	unsigned alive; /* children of this kind, leased and spare */
	unsigned spare;
	SupervisorKindStatus counts; /* those of its members that only grow */
} Zygote;

typedef struct {
	Zygote *zygote;
	pid_t pid;
	int pidfd;
	int socket; /* trusted end while spare, else -1 */
	int parted; /* our end of its zygote's socket when that was retired, else -1 */
	bool proven; /* its zygote's self-test has shown that the walls stand */
	bool leased;
	uint64_t lease;
	int64_t granted;  /* ms */
	int64_t deadline; /* ms */
	uint64_t charge;  /* bytes of the budget */
	ControlKill killed;
} Member;

typedef struct {
	ControlRequest request;
	int64_t give_up;
} Waiter;

typedef struct {
	int control;
	unsigned start_ms;
	bool once;
	Zygote zygotes[CONTROL_KINDS_MAX];
	unsigned n_zygotes;
	GPtrArray *members; /* of Member */
	GQueue waiters;     /* of Waiter */
	SupervisorStatus state;
	int64_t sweep_until; /* children without a record may die until then */
	bool started;
	bool ending;
} SupervisorState;

/* ---- talking to the front -------------------------------------------------------------- */

static void answer(SupervisorState *s, ControlReply *reply, ControlAnswer what, uint64_t id, int fd)
{
	reply->magic = CONTROL_MAGIC;
	reply->answer = what;
	reply->id = id;
	if (!wire_send(s->control, reply, sizeof *reply, &fd, fd >= 0 ? 1 : 0)) {
		log_warning("the front does not listen: %s", g_strerror(errno));
		s->ending = true;
	}
}

static void deny(SupervisorState *s, uint64_t id, CellError reason)
{
	ControlReply reply = { .reason = reason };
	answer(s, &reply, CONTROL_DENIED, id, -1);
}

static SupervisorKindStatus kind_now(const Zygote *zygote)
{
	SupervisorKindStatus now = zygote->counts;
	g_strlcpy(now.name, zygote->kind->name, sizeof now.name);
	now.zygote = zygote->ready ? (uint32_t)zygote->pid : 0;
	now.wanted = zygote->wanted;
	now.running = zygote->alive - zygote->spare;
	now.spare = zygote->spare;
	now.maximum = zygote->kind->maximum;
	return now;
}

/* Of the kinds that are wanted and have shown theirs: one that is being started for the first time has no child yet. */
static uint32_t common_walls(const SupervisorState *s)
{
	uint32_t common = PLAIN_WALL_ALL;
	bool shown = false;
	for (unsigned i = 0; i < s->n_zygotes; i++) {
		const Zygote *zygote = &s->zygotes[i];
		if (!zygote->wanted || zygote->walls == 0)
			continue;
		common &= zygote->walls;
		shown = true;
	}
	return shown ? common : 0;
}

static SupervisorStatus status_now(const SupervisorState *s)
{
	SupervisorStatus now = s->state;
	now.pid = (uint32_t)getpid();
	now.walls = common_walls(s);
	for (unsigned i = 0; i < s->n_zygotes; i++) {
		now.spare += s->zygotes[i].spare;
		now.running += s->zygotes[i].alive - s->zygotes[i].spare;
		now.kinds[i] = kind_now(&s->zygotes[i]);
	}
	now.n_kinds = s->n_zygotes;
	now.waiting = s->waiters.length;
	return now;
}

/* ---- zygotes ----------------------------------------------------------------------------- */

static int exec_zygote(const Zygote *zygote, int socket, pid_t parent)
{
	char *arguments[] = { (char *)(uintptr_t)zygote->kind->name, (char *)(uintptr_t) "--zygote", NULL };
	char *environment[] = { (char *)(uintptr_t) "PATH=/usr/bin:/bin", (char *)(uintptr_t) "LANG=C",
#ifdef MUGAI_UNSAFE_BUILD
		                (char *)(uintptr_t) "ASAN_OPTIONS=detect_leaks=0:symbolize=0",
#endif
		                NULL };
	/* A zygote must not outlive its supervisor; the second look closes the race. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
		return EX_OSERR;
	/* The program goes above the socket, and the socket to its fixed place. */
	int program = fcntl(zygote->executable, F_DUPFD_CLOEXEC, WORKER_FD + 1);
	int end = fcntl(socket, F_DUPFD_CLOEXEC, WORKER_FD + 1);
	if (program < 0 || end < 0 || dup2(end, WORKER_FD) < 0)
		return EX_OSERR;
	execveat(program, "", arguments, environment, AT_EMPTY_PATH);
	return EX_UNAVAILABLE;
}

static bool zygote_spawn(SupervisorState *s, Zygote *zygote)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0)
		_exit(exec_zygote(zygote, ends[1], parent));
	close(ends[1]);
	int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (pidfd < 0) {
		close(ends[0]);
		if (pid > 0)
			kill(pid, SIGKILL);
		return false;
	}
	zygote->pid = pid;
	zygote->pidfd = pidfd;
	zygote->control = ends[0];
	zygote->ready = false;
	zygote->answer_by = wire_now_ms() + s->start_ms;
	return true;
}

static void back_off(Zygote *zygote)
{
	zygote->backoff = CLAMP(zygote->backoff * 2, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	zygote->not_before = wire_now_ms() + zygote->backoff;
}

static void zygote_forget_forks(Zygote *zygote)
{
	while (!g_queue_is_empty(&zygote->forking))
		close(GPOINTER_TO_INT(g_queue_pop_head(&zygote->forking)));
}

static void member_kill(Member *member, ControlKill why)
{
	if (member->killed == CONTROL_KILL_NONE)
		member->killed = why;
	syscall(SYS_pidfd_send_signal, member->pidfd, SIGKILL, NULL, 0);
}

/* What a zygote forked ahead of a self-test that it did not pass must never get a job. */
static void kill_unproven(SupervisorState *s, const Zygote *zygote)
{
	for (guint i = 0; i < s->members->len; i++) {
		Member *member = g_ptr_array_index(s->members, i);
		if (member->zygote == zygote && !member->proven)
			member_kill(member, CONTROL_KILL_NONE);
	}
}

/* Its children are the supervisor's children: those that are proven go on. */
static void zygote_stop(SupervisorState *s, Zygote *zygote)
{
	syscall(SYS_pidfd_send_signal, zygote->pidfd, SIGKILL, NULL, 0);
	waitid(P_PIDFD, (id_t)zygote->pidfd, &(siginfo_t) { 0 }, WEXITED);
	close(zygote->pidfd);
	close(zygote->control);
	zygote->pidfd = -1;
	zygote->control = -1;
	zygote->ready = false;
	zygote_forget_forks(zygote);
	kill_unproven(s, zygote);
}

static void zygote_end(SupervisorState *s, Zygote *zygote)
{
	if (zygote->pidfd < 0)
		return;
	zygote_stop(s, zygote);
	back_off(zygote);
	s->sweep_until = wire_now_ms() + SWEEP_MS;
	if (!s->ending && s->started) {
		s->state.zygote_restarts++;
		zygote->counts.restarts++;
		log_warning("the %s zygote ended; it is started again", zygote->kind->name);
	}
}

static void zygote_ask_fork(SupervisorState *s, Zygote *zygote)
{
	static const uint8_t command = ZYGOTE_FORK;
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		back_off(zygote);
		return;
	}
	bool sent = wire_send(zygote->control, &command, sizeof command, &ends[1], 1);
	close(ends[1]);
	if (!sent) {
		close(ends[0]);
		/* One that failed to start has said why; that is still to be read. */
		if (zygote->ready)
			zygote_end(s, zygote);
		return;
	}
	/* Before READY it has its time to start. */
	if (zygote->ready && g_queue_is_empty(&zygote->forking))
		zygote->answer_by = wire_now_ms() + FORK_ANSWER_MS;
	g_queue_push_tail(&zygote->forking, GINT_TO_POINTER(ends[0]));
}

static unsigned spares_wanted(const SupervisorState *s, const Zygote *zygote)
{
	if (!s->once)
		return zygote->kind->spare;
	return zygote->counts.started == 0 || s->waiters.length > 0 ? 1 : 0;
}

/* A command's child is asked for before the zygote is ready: it is made while the self-test runs, and waits for it. */
static bool zygote_start(SupervisorState *s, Zygote *zygote)
{
	if (!zygote_spawn(s, zygote))
		return false;
	if (s->once)
		zygote_ask_fork(s, zygote);
	return true;
}

/* Off the critical path: after a child was handed out, or died. */
static void zygote_refill(SupervisorState *s, Zygote *zygote)
{
	unsigned coming = zygote->forking.length;
	while (zygote->ready && zygote->spare + coming < spares_wanted(s, zygote) &&
	       zygote->alive + coming < zygote->kind->maximum && wire_now_ms() >= zygote->not_before) {
		zygote_ask_fork(s, zygote);
		if (zygote->forking.length <= coming)
			return;
		coming = zygote->forking.length;
	}
}

static void member_add(SupervisorState *s, Zygote *zygote, pid_t pid, int pidfd)
{
	Member *member = g_new0(Member, 1);
	member->zygote = zygote;
	member->pid = pid;
	member->pidfd = pidfd;
	member->socket = GPOINTER_TO_INT(g_queue_pop_head(&zygote->forking));
	member->parted = -1;
	member->proven = zygote->ready;
	g_ptr_array_add(s->members, member);
	zygote->alive++;
	zygote->spare++;
}

static bool all_ready(const SupervisorState *s)
{
	for (unsigned i = 0; i < s->n_zygotes; i++)
		if (s->zygotes[i].wanted && !s->zygotes[i].ready && !s->zygotes[i].kind->on_demand)
			return false;
	return true;
}

static void fail_start(SupervisorState *s, unsigned kind, CellError reason)
{
	ControlReply reply = { .reason = reason, .kind = kind };
	answer(s, &reply, CONTROL_FAILED, 0, -1);
	s->ending = true;
}

static void on_ready(SupervisorState *s, Zygote *zygote, const ZygoteReply *reply)
{
	zygote->ready = true;
	zygote->answer_by = wire_now_ms() + FORK_ANSWER_MS;
	for (guint i = 0; i < s->members->len; i++) {
		Member *member = g_ptr_array_index(s->members, i);
		if (member->zygote == zygote)
			member->proven = true;
	}
	zygote->walls = reply->walls;
	zygote->memory = reply->memory;
	if (s->started || !all_ready(s))
		return;
	s->started = true;
	ControlReply started = { .state = status_now(s) };
	answer(s, &started, CONTROL_STARTED, 0, -1);
}

static void on_forked(SupervisorState *s, Zygote *zygote, const ZygoteReply *reply, int pidfd)
{
	if (zygote->ready)
		zygote->answer_by = wire_now_ms() + FORK_ANSWER_MS;
	member_add(s, zygote, (pid_t)reply->pid, pidfd);
}

static void on_no_fork(Zygote *zygote)
{
	close(GPOINTER_TO_INT(g_queue_pop_head(&zygote->forking)));
	back_off(zygote);
}

/* Those who wait for a child of a kind that does not start here need not wait any longer, and the other kinds work. */
static void deny_kind(SupervisorState *s, Zygote *zygote, const ZygoteReply *failed)
{
	GList *next = NULL;
	for (GList *link = s->waiters.head; link != NULL; link = next) {
		const ControlRequest *request = &((const Waiter *)link->data)->request;
		next = link->next;
		if (&s->zygotes[request->kind] != zygote)
			continue;
		ControlReply reply = { .reason = zygote->refused ? CELL_ERROR_JAIL : CELL_ERROR_UNAVAILABLE };
		g_strlcpy(reply.why, failed->why, sizeof reply.why);
		answer(s, &reply, CONTROL_DENIED, request->id, -1);
		g_free(link->data);
		g_queue_delete_link(&s->waiters, link);
	}
	zygote->wanted = false;
	zygote->not_before = 0;
}

static void on_failed(SupervisorState *s, Zygote *zygote, const ZygoteReply *reply)
{
	zygote->refused = reply->walls != 0;
	if (!zygote->kind->on_demand) {
		zygote_end(s, zygote);
		return;
	}
	zygote_stop(s, zygote);
	s->sweep_until = wire_now_ms() + SWEEP_MS;
	deny_kind(s, zygote, reply);
}

static void on_zygote(SupervisorState *s, Zygote *zygote)
{
	ZygoteReply reply;
	int pidfd = -1;
	unsigned n = 0;
	int got = wire_receive(zygote->control, &reply, sizeof reply, &pidfd, 1, &n, MSG_DONTWAIT);
	/* Reset: it ended without having read what we asked for ahead; what it said before that comes next. */
	if (got < 0 && (errno == EAGAIN || errno == ECONNRESET))
		return;
	if (got != 1) {
		zygote_end(s, zygote);
		return;
	}
	bool forking = !g_queue_is_empty(&zygote->forking);
	zygote->refused = false;
	if (reply.magic == CONTROL_MAGIC && reply.answer == ZYGOTE_READY && n == 0 && !zygote->ready)
		on_ready(s, zygote, &reply);
	else if (reply.magic == CONTROL_MAGIC && reply.answer == ZYGOTE_FORKED && n == 1 && forking)
		on_forked(s, zygote, &reply, pidfd);
	else if (reply.magic == CONTROL_MAGIC && reply.answer == ZYGOTE_NO_FORK && n == 0 && forking)
		on_no_fork(zygote);
	else if (reply.magic == CONTROL_MAGIC && reply.answer == ZYGOTE_FAILED && n == 0 && !zygote->ready)
		on_failed(s, zygote, &reply);
	else {
		if (n == 1)
			close(pidfd);
		zygote_end(s, zygote);
	}
}

/* ---- leases -------------------------------------------------------------------------------- */

#ifndef MUGAI_UNSAFE_BUILD
/* Address space for one request, above the zygote's own. */
static uint64_t space_of(const ControlRequest *request)
{
	uint64_t sum = request->memory + request->memfds;
	return sum < request->memory ? UINT64_MAX : sum;
}
#endif

static uint64_t charge_of(const ControlRequest *request)
{
	if (request->data == 0)
		return supervisor_charge(request->memory, request->memfds);
	/* Address space of a memfd that was unmapped is of no use for private memory, then. */
	uint64_t sum = request->data + request->memfds;
	return sum < request->data ? UINT64_MAX : sum;
}

static Member *find_spare(SupervisorState *s, const Zygote *zygote)
{
	for (guint i = 0; i < s->members->len; i++) {
		Member *member = g_ptr_array_index(s->members, i);
		if (member->zygote == zygote && member->proven && !member->leased)
			return member;
	}
	return NULL;
}

/* Before the child gets its job: from now on its memory and CPU are bounded by this request. */
static bool limit_member(const Member *member, const ControlRequest *request)
{
	rlim_t seconds = (request->cpu_ms + 999) / 1000;
	const struct rlimit cpu = { seconds, seconds };
	if (prlimit(member->pid, RLIMIT_CPU, &cpu, NULL) != 0)
		return false;
#ifdef MUGAI_UNSAFE_BUILD
	return true; /* a sanitizer's shadow memory is terabytes of address space */
#else
	rlim_t bytes = member->zygote->memory + space_of(request);
	const struct rlimit space = { bytes, bytes }, data = { request->data, request->data };
	return prlimit(member->pid, RLIMIT_AS, &space, NULL) == 0 &&
	       (request->data == 0 || prlimit(member->pid, RLIMIT_DATA, &data, NULL) == 0);
#endif
}

/* A command's, while the child works and not when all wait for the end; for another try it is started again. The
 * child may not yet have looked at the zygote's socket, whether we live: our end stays open as long as the child. */
static void zygote_retire(SupervisorState *s, Member *member)
{
	member->parted = fcntl(member->zygote->control, F_DUPFD_CLOEXEC, 0);
	if (member->parted >= 0)
		zygote_stop(s, member->zygote);
}

static void grant(SupervisorState *s, Member *member, const ControlRequest *request)
{
	int64_t now = wire_now_ms();
	member->leased = true;
	member->lease = request->id;
	member->granted = now;
	member->deadline = now + request->wall_ms;
	member->charge = charge_of(request);
	member->zygote->spare--;
	member->zygote->backoff = 0; /* only a child that was good for a job proves that all is well */
	s->state.memory_used += member->charge;
	s->state.started++;
	member->zygote->counts.started++;

	ControlReply reply = { .pid = (uint32_t)member->pid };
	int socket = g_steal_fd(&member->socket);
	answer(s, &reply, CONTROL_GRANTED, request->id, socket);
	close(socket);
	if (s->once && member->zygote->pidfd >= 0)
		zygote_retire(s, member);
}

static bool has_memory(const SupervisorState *s, const ControlRequest *request)
{
	const Zygote *zygote = &s->zygotes[request->kind];
	uint64_t leaves = zygote->alive > zygote->spare ? zygote->kind->leaves : 0;
	uint64_t left = s->state.memory_budget - s->state.memory_used;
	return left >= leaves && charge_of(request) <= left - leaves;
}

/* True when the waiter is settled, one way or the other. */
static bool serve_waiter(SupervisorState *s, const Waiter *waiter, bool *memory_short_of)
{
	const ControlRequest *request = &waiter->request;
	bool *memory_short = &memory_short_of[request->kind];
	if (wire_now_ms() >= waiter->give_up) {
		deny(s, request->id, CELL_ERROR_BUSY);
		return true;
	}
	/* First come, first served for memory within a kind: small jobs must not starve a large one. Between
	 * kinds not: a document that waits for memory must not hold up the parsing of mail. */
	if (*memory_short || !has_memory(s, request)) {
		*memory_short = true;
		return false;
	}
	const Zygote *zygote = &s->zygotes[request->kind];
	bool full = zygote->kind->at_once > 0 && zygote->alive - zygote->spare >= zygote->kind->at_once;
	Member *member = full ? NULL : find_spare(s, zygote);
	if (member == NULL)
		return false;
	if (!limit_member(member, request)) {
		int reason = errno;
		member_kill(member, CONTROL_KILL_NONE);
		if (reason == ESRCH)
			return false; /* it died while it waited; its pidfd will tell */
		/* A hard limit that this host put on us is below what the job needs: no retry helps. */
		log_error("the limits of a child cannot be set: %s", g_strerror(reason));
		deny(s, request->id, CELL_ERROR_UNAVAILABLE);
		return true;
	}
	grant(s, member, request);
	return true;
}

static void serve_waiters(SupervisorState *s)
{
	bool memory_short[CONTROL_KINDS_MAX] = { false };
	GList *next = NULL;
	for (GList *link = s->waiters.head; link != NULL && !s->ending; link = next) {
		next = link->next;
		if (!serve_waiter(s, link->data, memory_short))
			continue;
		g_free(link->data);
		g_queue_delete_link(&s->waiters, link);
	}
}

static void on_acquire(SupervisorState *s, const ControlRequest *request)
{
	if (request->kind >= s->n_zygotes) {
		deny(s, request->id, CELL_ERROR_UNAVAILABLE);
		return;
	}
	if (charge_of(request) > s->state.memory_budget) {
		log_warning("a %s jail needs %" G_GUINT64_FORMAT
		            " MB, and all jails together may take %" G_GUINT64_FORMAT " MB",
		            s->zygotes[request->kind].kind->name, charge_of(request) >> 20,
		            s->state.memory_budget >> 20);
		deny(s, request->id, CELL_ERROR_BUDGET);
		return;
	}
	if (s->waiters.length >= WAITERS_MAX) {
		deny(s, request->id, CELL_ERROR_BUSY);
		return;
	}
	s->zygotes[request->kind].wanted = true;
	Waiter *waiter = g_new0(Waiter, 1);
	waiter->request = *request;
	waiter->give_up = wire_now_ms() + MAX(request->wait_ms, 1);
	g_queue_push_tail(&s->waiters, waiter);
}

/* The front no longer wants this lease: granted, or still waiting. */
static void on_release(SupervisorState *s, const ControlRequest *request)
{
	for (guint i = 0; i < s->members->len; i++) {
		Member *member = g_ptr_array_index(s->members, i);
		if (member->leased && member->lease == request->id)
			member_kill(member, CONTROL_KILL_RELEASE);
	}
	for (GList *link = s->waiters.head; link != NULL; link = link->next) {
		if (((Waiter *)link->data)->request.id != request->id)
			continue;
		g_free(link->data);
		g_queue_delete_link(&s->waiters, link);
		deny(s, request->id, CELL_ERROR_BUSY);
		return;
	}
}

/* A child that takes long goes on beside the others with a tenth of their weight: enough to hold up nobody, and enough
 * to end in time even on a host that is never idle (SCHED_IDLE would starve there). No answer: one that is gone by now
 * needs none, and where the kernel says no it is only as fast as it was. */
static void on_lower(SupervisorState *s, const ControlRequest *request)
{
	/* Below the others, wherever the administrator has put them all. */
	int lowered = getpriority(PRIO_PROCESS, 0) + LOWERED_BY;
	for (guint i = 0; i < s->members->len; i++) {
		const Member *member = g_ptr_array_index(s->members, i);
		/* Not reaped yet, so that nobody else can have its number. */
		if (member->leased && member->lease == request->id &&
		    setpriority(PRIO_PROCESS, (id_t)member->pid, lowered) == 0)
			s->state.lowered++;
	}
}

static void on_status(SupervisorState *s, const ControlRequest *request)
{
	ControlReply reply = { .state = status_now(s) };
	answer(s, &reply, CONTROL_STATUS_IS, request->id, -1);
}

static const struct {
	ControlOperation operation;
	void (*handler)(SupervisorState *, const ControlRequest *);
} control_handlers[] = {
	{ CONTROL_ACQUIRE, on_acquire },
	{ CONTROL_RELEASE, on_release },
	{ CONTROL_STATUS, on_status },
	{ CONTROL_LOWER, on_lower },
};

static void on_control(SupervisorState *s)
{
	ControlRequest request;
	int got = wire_receive(s->control, &request, sizeof request, NULL, 0, NULL, MSG_DONTWAIT);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got != 1 || request.magic != CONTROL_MAGIC) {
		s->ending = true; /* the front is gone: nobody waits for any child */
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(control_handlers); i++)
		if (control_handlers[i].operation == request.operation)
			control_handlers[i].handler(s, &request);
}

/* ---- ends of children ------------------------------------------------------------------------ */

static uint32_t milliseconds(const struct timeval *t)
{
	return (uint32_t)(t->tv_sec * 1000 + t->tv_usec / 1000);
}

static void count_end(SupervisorState *s, const Member *member, const siginfo_t *end)
{
	if (member->killed == CONTROL_KILL_DEADLINE) {
		s->state.timed_out++;
		member->zygote->counts.timed_out++;
	} else if (member->killed == CONTROL_KILL_NONE && (end->si_code != CLD_EXITED || end->si_status != 0)) {
		s->state.crashed++;
		member->zygote->counts.crashed++;
	}
}

static void tell_end(SupervisorState *s, const Member *member, const siginfo_t *end,
                     const struct rusage *usage)
{
	ControlReply reply = {
		.killed = member->killed,
		.code = end->si_code,
		.status = end->si_status,
		.cpu_ms = milliseconds(&usage->ru_utime) + milliseconds(&usage->ru_stime),
		.wall_ms = (uint32_t)(wire_now_ms() - member->granted),
		.peak_memory = (uint64_t)usage->ru_maxrss * 1024,
	};
	count_end(s, member, end);
	answer(s, &reply, CONTROL_EXITED, member->lease, -1);
}

/* True when the child is gone; the member is then freed by the array. */
static bool member_reap(SupervisorState *s, Member *member)
{
	siginfo_t end = { 0 };
	struct rusage usage = { 0 };
	/* The system call, not glibc's wrapper: only it gives the resource usage. */
	if (syscall(SYS_waitid, P_PIDFD, member->pidfd, &end, WEXITED | WNOHANG, &usage) != 0 ||
	    end.si_pid == 0)
		return false;
	member->zygote->alive--;
	if (member->leased) {
		s->state.memory_used -= member->charge;
		tell_end(s, member, &end, &usage);
	} else {
		/* A spare that dies by itself: slow down, or a broken host would fork without end. */
		member->zygote->spare--;
		back_off(member->zygote);
	}
	return true;
}

static bool pid_is_known(const SupervisorState *s, pid_t pid)
{
	for (unsigned i = 0; i < s->n_zygotes; i++)
		if (s->zygotes[i].pidfd >= 0 && s->zygotes[i].pid == pid)
			return true;
	for (guint i = 0; i < s->members->len; i++)
		if (((const Member *)g_ptr_array_index(s->members, i))->pid == pid)
			return true;
	return false;
}

/* A zygote that died between its clone and its report leaves a child of ours that has no record.
 * Its socket is closed, so it ends; somebody must take it off the process table. */
static void sweep_orphans(SupervisorState *s)
{
	siginfo_t end = { 0 };
	while (waitid(P_ALL, 0, &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid != 0) {
		if (pid_is_known(s, end.si_pid))
			return; /* its pidfd will tell; look again later */
		waitid(P_PID, (id_t)end.si_pid, &(siginfo_t) { 0 }, WEXITED);
		end.si_pid = 0;
	}
}

static void member_free(void *data)
{
	Member *member = data;
	close(member->pidfd);
	if (member->socket >= 0)
		close(member->socket);
	if (member->parted >= 0)
		close(member->parted);
	g_free(member);
}

/* ---- the loop ---------------------------------------------------------------------------------- */

static void tend_zygotes(SupervisorState *s)
{
	int64_t now = wire_now_ms();
	for (unsigned i = 0; i < s->n_zygotes; i++) {
		Zygote *zygote = &s->zygotes[i];
		if (!zygote->wanted)
			continue;
		bool owes_answer = !zygote->ready || !g_queue_is_empty(&zygote->forking);
		if (zygote->pidfd >= 0 && owes_answer && now >= zygote->answer_by)
			zygote_end(s, zygote);
		if (zygote->pidfd < 0 && !s->started && !zygote->kind->on_demand) {
			fail_start(s, i, zygote->refused ? CELL_ERROR_JAIL : CELL_ERROR_UNAVAILABLE);
			return;
		}
		bool wanted = !s->once || spares_wanted(s, zygote) > zygote->spare;
		if (zygote->pidfd < 0 && wanted && now >= zygote->not_before && !zygote_start(s, zygote))
			back_off(zygote);
		zygote_refill(s, zygote);
	}
}

static void kill_overdue(SupervisorState *s)
{
	int64_t now = wire_now_ms();
	for (guint i = 0; i < s->members->len; i++) {
		Member *member = g_ptr_array_index(s->members, i);
		if (member->leased && now >= member->deadline)
			member_kill(member, CONTROL_KILL_DEADLINE);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When something is due that no descriptor announces. */
static int next_wakeup(const SupervisorState *s)
{
	int64_t now = wire_now_ms();
	int64_t due = now + 60000;
	for (unsigned i = 0; i < s->n_zygotes; i++) {
		const Zygote *zygote = &s->zygotes[i];
		if (zygote->pidfd >= 0 && (!zygote->ready || zygote->forking.length > 0))
			due = sooner(due, zygote->answer_by);
		if (zygote->not_before > now)
			due = sooner(due, zygote->not_before);
	}
	for (guint i = 0; i < s->members->len; i++) {
		const Member *member = g_ptr_array_index(s->members, i);
		/* One already killed for its deadline wakes us by its pidfd. */
		if (member->leased && member->killed == CONTROL_KILL_NONE)
			due = sooner(due, member->deadline);
	}
	if (now < s->sweep_until)
		due = sooner(due, now + SWEEP_EVERY_MS);
	for (const GList *link = s->waiters.head; link != NULL; link = link->next)
		due = sooner(due, ((const Waiter *)link->data)->give_up);
	return (int)CLAMP(due - now, 0, 60000);
}

static void loop_once(SupervisorState *s)
{
	guint n_members = s->members->len;
	g_autofree struct pollfd *polls = g_new0(struct pollfd, 1 + s->n_zygotes + n_members);
	nfds_t n = 0;
	polls[n++] = (struct pollfd) { .fd = s->control, .events = POLLIN };
	for (unsigned i = 0; i < s->n_zygotes; i++)
		polls[n++] = (struct pollfd) { .fd = s->zygotes[i].control, .events = POLLIN };
	for (guint i = 0; i < n_members; i++) {
		const Member *member = g_ptr_array_index(s->members, i);
		polls[n++] = (struct pollfd) { .fd = member->pidfd, .events = POLLIN };
	}
	if (poll(polls, n, next_wakeup(s)) < 0 && errno != EINTR) {
		s->ending = true;
		return;
	}
	/* The members first, from the last: their array may only shrink while indexes are in use. */
	for (guint i = n_members; i-- > 0;) {
		Member *member = g_ptr_array_index(s->members, i);
		if (polls[1 + s->n_zygotes + i].revents != 0 && member_reap(s, member))
			g_ptr_array_remove_index(s->members, i);
	}
	for (unsigned i = 0; i < s->n_zygotes; i++)
		if (polls[1 + i].revents != 0)
			on_zygote(s, &s->zygotes[i]);
	if (polls[0].revents != 0)
		on_control(s);
	if (wire_now_ms() < s->sweep_until)
		sweep_orphans(s);
	kill_overdue(s);
	tend_zygotes(s);
	serve_waiters(s);
	/* The refill for what was just handed out. */
	for (unsigned i = 0; i < s->n_zygotes; i++)
		zygote_refill(s, &s->zygotes[i]);
}

static void end_everything(SupervisorState *s)
{
	s->ending = true;
	for (guint i = 0; i < s->members->len; i++)
		member_kill(g_ptr_array_index(s->members, i), CONTROL_KILL_RELEASE);
	for (unsigned i = 0; i < s->n_zygotes; i++)
		zygote_end(s, &s->zygotes[i]);
	/* Children of a zygote that was just killed can have no record here yet: wait for all. */
	while (waitid(P_ALL, 0, &(siginfo_t) { 0 }, WEXITED) == 0 || errno == EINTR)
		;
}

/* ---- start --------------------------------------------------------------------------------------- */

static bool drop_rights(const SupervisorOptions *options)
{
	if (options->uid == (uid_t)-1 || geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(options->gid, options->gid, options->gid) == 0 &&
	       setresuid(options->uid, options->uid, options->uid) == 0;
}

static bool keep_only(int control, const int *executables, unsigned n)
{
	/* Move what stays to the numbers after stderr, then close the rest: the front's sockets, its
	 * files, its listening descriptors. */
	enum { CLEAR_OF_ALL = 32 };
	int base = STDERR_FILENO + 1;
	int moved[1 + CONTROL_KINDS_MAX];
	moved[0] = fcntl(control, F_DUPFD_CLOEXEC, CLEAR_OF_ALL);
	for (unsigned i = 0; i < n; i++)
		moved[1 + i] = fcntl(executables[i], F_DUPFD_CLOEXEC, CLEAR_OF_ALL);
	for (unsigned i = 0; i <= n; i++)
		if (moved[i] < 0 || dup3(moved[i], base + (int)i, O_CLOEXEC) < 0)
			return false;
	return syscall(SYS_close_range, base + (int)n + 1, ~0U, 0) == 0;
}

static bool quiet_input_and_output(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0;
}

static void ignore_signals(void)
{
	/* A terminal's ^C and a service manager's SIGTERM reach the whole group: the front decides when
	 * to end, and its end is our end-of-file. */
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2 };
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
}

static uint64_t half_of_memory(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

void supervisor_run(const SupervisorOptions *options, int control, const int *executables)
{
	/* A session of its own: a jail or a supervisor that is stopped must not count as a stopped job of the
	 * front's process group, which the kernel would then hang up (SIGHUP) when its group is orphaned. */
	(void)setsid();
	log_open("mugai-supervisor");
#ifdef MUGAI_UNSAFE_BUILD
	log_warning("UNSAFE BUILD: sanitizers are in, and the jail is wider than it must be; never for use");
#endif
	prctl(PR_SET_NAME, "mugai-super", 0, 0, 0);
	ignore_signals();
	if (chdir("/") != 0 || !quiet_input_and_output() ||
	    !keep_only(control, executables, options->n_kinds) || !drop_rights(options) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
		log_error("the supervisor cannot drop its rights: %s", g_strerror(errno));
		_exit(EX_OSERR);
	}

	SupervisorState state = {
		.control = STDERR_FILENO + 1,
		.start_ms = (options->start_seconds > 0 ? options->start_seconds : 30) * 1000,
		.once = options->once,
		.n_zygotes = options->n_kinds,
		.members = g_ptr_array_new_with_free_func(member_free),
	};
	state.state.memory_budget = options->memory_budget > 0 ? options->memory_budget : half_of_memory();
	const struct timeval patience = { .tv_sec = FRONT_SEND_MS / 1000 };
	setsockopt(state.control, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	for (unsigned i = 0; i < options->n_kinds; i++) {
		state.zygotes[i] = (Zygote) { .kind = &options->kinds[i],
			                      .executable = STDERR_FILENO + 2 + (int)i,
			                      .wanted = !options->kinds[i].on_demand,
			                      .pidfd = -1,
			                      .control = -1 };
		if (state.zygotes[i].wanted)
			zygote_start(&state, &state.zygotes[i]);
	}
	while (!state.ending)
		loop_once(&state);
	end_everything(&state);
	_exit(EX_OK);
}
