/* How trusted code asks the supervisor, and how it talks with one child.
 *
 * One socket joins the two processes. A thread of ours reads the answers and wakes whoever waits
 * for them; each lease is one entry of a table under one lock. A child's own socket belongs to the
 * thread that asked for the child. */
#include "memfd_priv.h"
#include "supervisor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	SLICE_MS = 1000, /* how often a wait calls progress */
	SLOW_LOOK_MS = 5,  /* how often a child is looked at that may turn out slow */
	GRACE_MS = 3000, /* beyond a deadline that the supervisor should have kept */
	STATUS_WAIT_MS = 1000,
	STOP_MS = 10000,
	STOP_LOOK_MS = 100,
};

typedef enum { LEASE_WAITING, LEASE_GRANTED, LEASE_DENIED, LEASE_EXITED } LeaseState;

typedef struct {
	LeaseState state;
	ControlReply reply; /* the last one */
	int socket;         /* GRANTED: the child's socket, until it is taken */
	pid_t pid;          /* GRANTED */
	uint32_t reason;    /* why there is no child, should there be none: a CellError */
	char why[CONTROL_WHY_MAX]; /* likewise, in words, or "" */
} Lease;

struct Supervisor {
	pid_t pid;
	int control;
	int death[2]; /* a pipe whose write end the dispatcher closes */
	SupervisorKind *kinds;
	unsigned n_kinds;
	GThread *dispatcher;
	GMutex lock;
	GCond changed;
	GHashTable *leases; /* id -> Lease */
	uint64_t next_id;
	bool gone;
	unsigned start_seconds;
	bool answered; /* start holds STARTED or FAILED */
	ControlReply start;
};

struct Child {
	Supervisor *supervisor;
	uint64_t id;
	Lease *lease;
	int socket;
	pid_t pid;
	uint32_t cpu_limit_ms;
	int64_t deadline; /* ms, with our grace */
	ProgressFunc progress;
	void *progress_user;
	int64_t told; /* when progress was last called, ms */
	ProgressFunc slow; /* NULL once it was called */
	uint32_t slow_cpu_ms;
	bool unwanted; /* slow said no */
	bool lowered;  /* slow said yes */
	bool ready;   /* its READY came: it was in its jail */
	PlainChecker *checker;
	Arena *arena;
	Pixels *pixels;
	ChildUsage usage;
	uint8_t *frame;
	bool started;
};

bool cell_error_blames_content(const GError *error)
{
	if (error == NULL)
		return false;
	if (error->domain == PLAIN_ERROR)
		return true;
	if (error->domain != CELL_ERROR)
		return false;
	return error->code == CELL_ERROR_LIMIT || error->code == CELL_ERROR_MEMORY ||
	       error->code == CELL_ERROR_CRASH || error->code == CELL_ERROR_PROTOCOL || error->code == CELL_ERROR_TIMEOUT;
}

/* ---- the dispatcher ------------------------------------------------------------------------- */

static bool ask(Supervisor *s, ControlRequest *request, ControlOperation what, uint64_t id)
{
	request->magic = CONTROL_MAGIC;
	request->operation = what;
	request->id = id;
	return wire_send(s->control, request, sizeof *request, NULL, 0);
}

static void dispatch(Supervisor *s, const ControlReply *reply, int fd)
{
	if (reply->answer == CONTROL_STARTED || reply->answer == CONTROL_FAILED) {
		s->start = *reply;
		s->answered = true;
	}
	Lease *lease = g_hash_table_lookup(s->leases, &reply->id);
	if (lease == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	lease->reply = *reply;
	if (reply->answer == CONTROL_GRANTED && fd >= 0) {
		lease->state = LEASE_GRANTED;
		lease->socket = fd;
		lease->pid = (pid_t)reply->pid;
		return;
	}
	if (fd >= 0)
		close(fd);
	if (reply->answer == CONTROL_GRANTED) {
		/* No free descriptor in this process: one lease is lost, not the supervisor. */
		ControlRequest release = { 0 };
		lease->reason = CELL_ERROR_UNAVAILABLE;
		lease->state = LEASE_DENIED;
		ask(s, &release, CONTROL_RELEASE, reply->id);
		return;
	}
	lease->state = LEASE_EXITED;
	if (reply->answer != CONTROL_DENIED)
		return;
	lease->state = LEASE_DENIED;
	lease->reason = reply->reason;
	g_strlcpy(lease->why, reply->why, sizeof lease->why);
}

/* A record whose descriptor had no room in our table still tells what it tells. */
static bool receive_reply(Supervisor *s, ControlReply *reply, int *fd, unsigned *n)
{
	*n = 0;
	*reply = (ControlReply) { 0 };
	int got = wire_receive(s->control, reply, sizeof *reply, fd, 1, n, 0);
	return (got == 1 || (got < 0 && errno == EPROTO)) && reply->magic == CONTROL_MAGIC;
}

static void *dispatcher_main(void *data)
{
	Supervisor *s = data;
	ControlReply reply;
	int fd = -1;
	unsigned n = 0;
	while (receive_reply(s, &reply, &fd, &n)) {
		g_mutex_lock(&s->lock);
		dispatch(s, &reply, n == 1 ? fd : -1);
		g_cond_broadcast(&s->changed);
		g_mutex_unlock(&s->lock);
	}
	g_mutex_lock(&s->lock);
	s->gone = true;
	g_cond_broadcast(&s->changed);
	g_mutex_unlock(&s->lock);
	close(s->death[1]);
	return NULL;
}

/* ---- start and stop --------------------------------------------------------------------------- */

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void supervisor_free(Supervisor *s)
{
	close_if_open(&s->control);
	close_if_open(&s->death[0]);
	for (unsigned i = 0; i < s->n_kinds; i++) {
		g_free((char *)(uintptr_t)s->kinds[i].name);
		g_free((char *)(uintptr_t)s->kinds[i].executable);
	}
	g_free(s->kinds);
	g_clear_pointer(&s->leases, g_hash_table_unref);
	g_mutex_clear(&s->lock);
	g_cond_clear(&s->changed);
	g_free(s);
}

static void copy_kinds(Supervisor *s, const SupervisorOptions *options)
{
	s->kinds = g_new0(SupervisorKind, options->n_kinds);
	s->n_kinds = options->n_kinds;
	for (unsigned i = 0; i < options->n_kinds; i++) {
		s->kinds[i] = options->kinds[i];
		s->kinds[i].name = g_strdup(options->kinds[i].name);
		s->kinds[i].executable = g_strdup(options->kinds[i].executable);
	}
}

/* Opened with the caller's rights, before any are dropped: the jails' user need not be able to walk
 * to the programs. */
static bool open_executables(const Supervisor *s, int *fds, GError **error)
{
	for (unsigned i = 0; i < s->n_kinds; i++) {
		fds[i] = open(s->kinds[i].executable, O_PATH | O_CLOEXEC);
		if (fds[i] >= 0)
			continue;
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "%s: %s", s->kinds[i].executable,
		            g_strerror(errno));
		return false;
	}
	return true;
}

static bool fork_supervisor(Supervisor *s, const SupervisorOptions *options, const int *executables,
                            GError **error)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		goto failed;
	SupervisorOptions own = *options;
	own.kinds = s->kinds;
	s->pid = fork();
	if (s->pid == 0) {
		close(ends[0]);
		supervisor_run(&own, ends[1], executables);
	}
	close(ends[1]);
	s->control = ends[0];
	/* A supervisor that hangs must not hang those who ask it. */
	const struct timeval patience = { .tv_sec = 1 };
	setsockopt(s->control, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (s->pid > 0)
		return true;
failed:
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "start the supervisor: %s", g_strerror(errno));
	return false;
}

static bool fail_start(const Supervisor *s, const ControlReply *reply, GError **error)
{
	const char *kind = reply->kind < s->n_kinds ? s->kinds[reply->kind].name : "?";
	if (reply->reason == CELL_ERROR_JAIL)
		g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL,
		            "the jail of \"%s\" cannot be built on this host (Landlock and seccomp are "
		            "required)",
		            kind);
	else
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "the %s zygote did not start", kind);
	return false;
}

bool supervisor_await(Supervisor *s, GError **error)
{
	gint64 until = g_get_monotonic_time() + s->start_seconds * G_TIME_SPAN_SECOND +
	               GRACE_MS * G_TIME_SPAN_MILLISECOND;
	bool waits = true;
	g_mutex_lock(&s->lock);
	while (!s->answered && !s->gone && waits)
		waits = g_cond_wait_until(&s->changed, &s->lock, until);
	bool answered = s->answered;
	g_mutex_unlock(&s->lock);
	if (!answered) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "the supervisor did not start");
		return false;
	}
	return s->start.answer == CONTROL_STARTED || fail_start(s, &s->start, error);
}

static bool supervisor_open(Supervisor *s, const SupervisorOptions *options, GError **error)
{
	int executables[CONTROL_KINDS_MAX] = { -1, -1, -1, -1, -1, -1, -1, -1 };
	s->start_seconds = options->start_seconds > 0 ? options->start_seconds : 30;
	bool good = open_executables(s, executables, error) && fork_supervisor(s, options, executables, error);
	for (unsigned i = 0; i < s->n_kinds; i++)
		close_if_open(&executables[i]);
	if (!good)
		return false;
	if (pipe2(s->death, O_CLOEXEC) != 0) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "pipe: %s", g_strerror(errno));
		return false;
	}
	s->dispatcher = g_thread_new("mugai-cell", dispatcher_main, s);
	return options->once || supervisor_await(s, error);
}

Supervisor *supervisor_start(const SupervisorOptions *options, GError **error)
{
	g_return_val_if_fail(options->n_kinds >= 1 && options->n_kinds <= CONTROL_KINDS_MAX, NULL);
	Supervisor *s = g_new0(Supervisor, 1);
	s->control = s->death[0] = s->death[1] = -1;
	s->leases = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	g_mutex_init(&s->lock);
	g_cond_init(&s->changed);
	copy_kinds(s, options);
	if (supervisor_open(s, options, error))
		return s;
	supervisor_stop(s);
	return NULL;
}

/* It ends when its socket does; one that is stuck is killed, and its children die with it. */
static void reap_supervisor(pid_t pid)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int64_t until = wire_now_ms() + STOP_MS;
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (wire_now_ms() >= until)
			kill(pid, SIGKILL);
		poll(&end, 1, end.fd >= 0 ? STOP_LOOK_MS : 2);
	}
	close_if_open(&end.fd);
}

void supervisor_stop(Supervisor *s)
{
	if (s == NULL)
		return;
	/* End of file tells the supervisor to end everything, and the dispatcher that no answer comes any
	 * more. */
	if (s->control >= 0)
		shutdown(s->control, SHUT_RDWR);
	if (s->dispatcher != NULL)
		g_thread_join(s->dispatcher);
	else
		close_if_open(&s->control);
	if (s->pid > 0)
		reap_supervisor(s->pid);
	supervisor_free(s);
}

int supervisor_death_fd(const Supervisor *s)
{
	return s->death[0];
}

/* ---- leases ------------------------------------------------------------------------------------ */

static Lease *lease_new(Supervisor *s, uint64_t *ret_id)
{
	Lease *lease = g_new0(Lease, 1);
	lease->socket = -1;
	lease->reason = CELL_ERROR_BUSY;
	g_mutex_lock(&s->lock);
	*ret_id = ++s->next_id;
	g_hash_table_insert(s->leases, g_memdup2(ret_id, sizeof *ret_id), lease);
	g_mutex_unlock(&s->lock);
	return lease;
}

static void lease_forget(Supervisor *s, uint64_t id)
{
	g_mutex_lock(&s->lock);
	Lease *lease = g_hash_table_lookup(s->leases, &id);
	if (lease != NULL)
		close_if_open(&lease->socket);
	g_hash_table_remove(s->leases, &id);
	g_mutex_unlock(&s->lock);
}

/* Waits until the lease has left `state`, `until` (ms) has come, or progress says no. */
static bool lease_wait(Supervisor *s, Lease *lease, LeaseState state, int64_t until, ProgressFunc progress,
                       void *user)
{
	bool wanted = true;
	int64_t told = wire_now_ms();
	g_mutex_lock(&s->lock);
	while (lease->state == state && !s->gone && wanted) {
		int64_t left = MIN(until - wire_now_ms(), SLICE_MS);
		if (left <= 0)
			break;
		g_cond_wait_until(&s->changed, &s->lock,
		                  g_get_monotonic_time() + left * G_TIME_SPAN_MILLISECOND);
		/* By the clock: the events of other leases wake us, too, and must not starve progress. */
		if (progress == NULL || wire_now_ms() - told < SLICE_MS)
			continue;
		told = wire_now_ms();
		g_mutex_unlock(&s->lock);
		wanted = progress(user);
		g_mutex_lock(&s->lock);
	}
	bool left_state = lease->state != state;
	g_mutex_unlock(&s->lock);
	return left_state;
}

static const char *busy_text(uint32_t reason)
{
	if (reason == CELL_ERROR_BUDGET)
		return "the job needs more memory than all jails together may take";
	return reason == CELL_ERROR_BUSY ? "no child was free in time" : "this host has no room for the job";
}

static bool kind_find(const Supervisor *s, const char *name, uint32_t *ret_kind)
{
	for (unsigned i = 0; i < s->n_kinds; i++) {
		if (strcmp(s->kinds[i].name, name) == 0) {
			*ret_kind = i;
			return true;
		}
	}
	return false;
}

static bool fail_gone(const Supervisor *s, GError **error)
{
	if (s->answered && s->start.answer == CONTROL_FAILED)
		return fail_start(s, &s->start, error);
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "the supervisor is gone");
	return false;
}

static bool lease_acquire(Supervisor *s, Lease *lease, uint64_t id, const ChildRequest *request,
                          GError **error)
{
	ControlRequest wire = { .cpu_ms = request->cpu_ms,
		                .wall_ms = request->wall_ms,
		                .wait_ms = request->wait_ms,
		                .memory = request->memory,
		                .data = request->data,
		                .memfds = request->memfds };
	if (!kind_find(s, request->kind, &wire.kind)) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "no jail of kind \"%s\"",
		            request->kind);
		return false;
	}
	if (!ask(s, &wire, CONTROL_ACQUIRE, id))
		return fail_gone(s, error);
	int64_t until = wire_now_ms() + request->wait_ms + GRACE_MS;
	lease_wait(s, lease, LEASE_WAITING, until, request->progress, request->progress_user);
	g_mutex_lock(&s->lock);
	bool gone = s->gone;
	/* EXITED behind GRANTED: it died at once; its socket will tell. */
	bool granted = lease->socket >= 0;
	uint32_t reason = lease->reason;
	g_autofree char *why = g_strdup(lease->why[0] != '\0' ? lease->why : busy_text(reason));
	g_mutex_unlock(&s->lock);
	if (granted)
		return true;
	if (gone)
		return fail_gone(s, error);
	ask(s, &wire, CONTROL_RELEASE, id);
	g_set_error(error, CELL_ERROR, (int)reason, "%s", why);
	return false;
}

Child *supervisor_child(Supervisor *s, const ChildRequest *request, GError **error)
{
	g_return_val_if_fail(request->cpu_ms > 0 && request->wall_ms > 0, NULL);
	uint64_t id;
	Lease *lease = lease_new(s, &id);
	if (!lease_acquire(s, lease, id, request, error)) {
		lease_forget(s, id);
		return NULL;
	}
	Child *child = g_new0(Child, 1);
	child->supervisor = s;
	child->id = id;
	child->lease = lease;
	child->socket = g_steal_fd(&lease->socket);
	child->pid = lease->pid;
	child->cpu_limit_ms = (request->cpu_ms + 999) / 1000 * 1000;
	child->deadline = wire_now_ms() + request->wall_ms + GRACE_MS;
	child->progress = request->progress;
	child->progress_user = request->progress_user;
	child->told = wire_now_ms();
	child->slow = request->slow;
	child->slow_cpu_ms = request->slow_cpu_ms;
	child->frame = g_malloc(PLAIN_FRAME_MAX + 1);
	return child;
}

/* ---- one child ----------------------------------------------------------------------------------- */

/* A description of its own, for reading only: children that share one also share its file offset, and could
 * tell each other things by it. -1 with errno. */
static int open_again(int fd)
{
	char path[64];
	g_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool fill_inputs(JobRecord *record, const ChildJob *job, int *fds, GError **error)
{
	for (unsigned n = 0; n < JOB_INPUTS && job->input[n] != NULL; n++) {
		record->input[n].offset = unread_offset(job->input[n]);
		record->input[n].length = unread_length(job->input[n]);
		fds[n] = open_again(unread_descriptor(job->input[n]));
		if (fds[n] < 0) {
			g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "open an input: %s",
			            g_strerror(errno));
			return false;
		}
		record->n_inputs = (uint16_t)(n + 1);
	}
	return true;
}

static unsigned fill_arena(Arena *arena, uint64_t *ret_size, Arena **ret_kept, int *fds, unsigned n)
{
	if (arena == NULL)
		return n;
	*ret_size = arena_size(arena);
	*ret_kept = arena_ref(arena);
	fds[n] = arena_descriptor(arena);
	return n + 1;
}

static unsigned fill_pixels(Pixels *pixels, uint64_t *ret_size, Pixels **ret_kept, int *fds, unsigned n)
{
	if (pixels == NULL)
		return n;
	*ret_size = pixels_size(pixels);
	*ret_kept = pixels_ref(pixels);
	fds[n] = pixels_descriptor(pixels);
	return n + 1;
}

bool child_start(Child *child, const ChildJob *job, GError **error)
{
	g_return_val_if_fail(!child->started, false);
	JobRecord record = { .magic = CONTROL_MAGIC, .request = job->request };
	int fds[WIRE_DESCRIPTORS_MAX];
	memcpy(record.number, job->number, sizeof record.number);
	if (job->text != NULL)
		g_strlcpy(record.text, job->text, sizeof record.text);
	bool opened = fill_inputs(&record, job, fds, error);
	unsigned n = record.n_inputs;
	n = fill_arena(job->arena, &record.arena_size, &child->arena, fds, n);
	n = fill_pixels(job->pixels, &record.pixels_size, &child->pixels, fds, n);

	PlainCaps caps = job->caps;
	caps.arena_size = record.arena_size;
	caps.pixel_arena_size = record.pixels_size;
	child->checker = plain_checker_new(&caps);
	child->started = true;
	bool sent = opened && wire_send(child->socket, &record, sizeof record, fds, n);
	if (opened && !sent)
		g_set_error(error, CELL_ERROR, CELL_ERROR_KILLED, "the child died before its job: %s",
		            g_strerror(errno));
	for (unsigned i = 0; i < record.n_inputs; i++)
		close(fds[i]);
	return sent;
}

static ChildUsage usage_of(const ControlReply *end)
{
	return (ChildUsage) { .cpu_ms = end->cpu_ms, .peak_memory = end->peak_memory, .wall_ms = end->wall_ms };
}

/* The kernel kills by ticks, but reports time that it has measured: beside other busy processes a child that
 * used up its limit is said to have used a good deal less. To take that for the environment's fault would let
 * a CPU bomb come again for as long as Postfix keeps it. */
static bool spent_its_cpu(const Child *child, const ControlReply *end)
{
	return end->cpu_ms >= child->cpu_limit_ms / 2;
}

static bool exit_error(const Child *child, const ControlReply *end, GError **error)
{
	CellError code = CELL_ERROR_CRASH;
	g_autofree char *text = NULL;
	if (end->killed == CONTROL_KILL_DEADLINE) {
		/* One that we made slow ourselves runs late for that reason: only its CPU limit blames it. */
		bool busy = !child->lowered && end->cpu_ms >= child->cpu_limit_ms / 2;
		code = busy ? CELL_ERROR_TIMEOUT : CELL_ERROR_STALLED;
		text = g_strdup_printf("no answer within %u ms (%u ms of CPU used)", end->wall_ms,
		                       end->cpu_ms);
	} else if (end->killed == CONTROL_KILL_RELEASE) {
		code = CELL_ERROR_PROTOCOL;
		text = g_strdup("it ended its answer and lived on");
	} else if (end->code == CLD_EXITED) {
		/* Once in its jail it is hostile, and its exit code is a claim like any other. */
		if (end->status == WORKER_EXIT_JAIL && !child->ready)
			code = CELL_ERROR_JAIL;
		if (end->status == WORKER_EXIT_UNSETTLED && !child->ready)
			code = CELL_ERROR_UNAVAILABLE;
		if (end->status == WORKER_EXIT_ANSWERED)
			code = CELL_ERROR_PROTOCOL;
		if (end->status == WORKER_EXIT_MEMORY)
			code = CELL_ERROR_MEMORY;
		text = g_strdup_printf("it ended with code %d", end->status);
	} else if (end->status == SIGXCPU || (end->status == SIGKILL && spent_its_cpu(child, end))) {
		code = CELL_ERROR_LIMIT;
		text = g_strdup_printf("CPU limit of %u ms", child->cpu_limit_ms);
	} else {
		if (end->status == SIGKILL)
			code = CELL_ERROR_KILLED;
		text = g_strdup_printf("it died of signal %d (%s)", end->status, strsignal(end->status));
	}
	g_set_error(error, CELL_ERROR, (int)code, "jailed child: %s", text);
	return false;
}

/* Waits for EXITED. A child that closed its socket and lives on is killed. */
static bool await_exit(Child *child, ControlReply *ret_end, GError **error)
{
	Supervisor *s = child->supervisor;
	int64_t until = MIN(child->deadline, wire_now_ms() + GRACE_MS);
	if (!lease_wait(s, child->lease, LEASE_GRANTED, until, child->progress, child->progress_user)) {
		ControlRequest release = { 0 };
		ask(s, &release, CONTROL_RELEASE, child->id);
		lease_wait(s, child->lease, LEASE_GRANTED, wire_now_ms() + GRACE_MS, NULL, NULL);
	}
	g_mutex_lock(&s->lock);
	bool exited = child->lease->state == LEASE_EXITED;
	*ret_end = child->lease->reply;
	g_mutex_unlock(&s->lock);
	if (exited)
		child->usage = usage_of(ret_end);
	return exited || fail_gone(s, error);
}

/* The socket ended before END: say how the child died. */
static PlainRecord *fail_truncated(Child *child, GError **error)
{
	ControlReply end;
	if (await_exit(child, &end, error))
		exit_error(child, &end, error);
	return NULL;
}

static PlainRecord *fail_late(const Child *child, GError **error)
{
	if (child->unwanted) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_BUSY, "jailed child: it takes long, and has no place");
		return NULL;
	}
	g_set_error(error, CELL_ERROR, CELL_ERROR_STALLED, "jailed child: the wait was given up");
	return NULL;
}

/* The number may be another process's by now, if this one is gone: the worst is that its message waits with the
 * slow ones. */
static uint32_t cpu_ms_of(pid_t pid)
{
	clockid_t clock;
	struct timespec used;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		return 0;
	return (uint32_t)(used.tv_sec * 1000 + used.tv_nsec / 1000000);
}

/* CPU, not the clock: on a busy host the short ones take long, too. */
static bool slow_is_wanted(Child *child)
{
	if (child->slow == NULL || cpu_ms_of(child->pid) < child->slow_cpu_ms)
		return true;
	ProgressFunc slow = g_steal_pointer(&child->slow);
	child->unwanted = !slow(child->progress_user);
	if (child->unwanted)
		return false;
	ControlRequest lower = { 0 };
	child->lowered = ask(child->supervisor, &lower, CONTROL_LOWER, child->id);
	return true;
}

/* By the clock: a child that drips records must not keep it from being called. */
static bool still_wanted(Child *child)
{
	if (!slow_is_wanted(child))
		return false;
	int64_t now = wire_now_ms();
	if (child->progress == NULL || now - child->told < SLICE_MS)
		return true;
	child->told = now;
	return child->progress(child->progress_user);
}

/* The events of the socket: data, end of file (POLLHUP); 0 when the wait is over without either. */
static short await_data(Child *child)
{
	struct pollfd data = { .fd = child->socket, .events = POLLIN };
	for (;;) {
		int64_t left = child->deadline - wire_now_ms();
		if (left <= 0 || !still_wanted(child))
			return 0;
		int64_t slice = child->slow != NULL ? SLOW_LOOK_MS : SLICE_MS;
		int n = poll(&data, 1, (int)MIN(left, slice));
		if (n > 0)
			return data.revents;
		if (n < 0 && errno != EINTR)
			return 0;
	}
}

static ssize_t receive_frame(Child *child)
{
	ssize_t n;
	do
		n = recv(child->socket, child->frame, PLAIN_FRAME_MAX + 1, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

static PlainRecord *next_record(Child *child, GError **error)
{
	short events = await_data(child);
	if (events == 0)
		return fail_late(child, error);
	ssize_t n = receive_frame(child);
	if (n == 0 && (events & POLLHUP) == 0) {
		/* A datagram of no bytes looks like the end of file, and is none. */
		g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "jailed child: an empty record");
		return NULL;
	}
	if (n <= 0)
		return fail_truncated(child, error);
	if (n > PLAIN_FRAME_MAX) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "jailed child: an oversized record");
		return NULL;
	}
	g_autoptr(PlainRecord) untrusted_record = plain_decode(child->frame, (size_t)n, error);
	if (untrusted_record == NULL || !plain_check(child->checker, untrusted_record, error))
		return NULL;
	return g_steal_pointer(&untrusted_record);
}

PlainRecord *child_next(Child *child, GError **error)
{
	g_return_val_if_fail(child->started, NULL);
	for (;;) {
		PlainRecord *record = next_record(child, error);
		if (record == NULL || record->type != PLAIN_READY)
			return record;
		child->ready = true;
		plain_record_free(record);
	}
}

/* Nothing may stand behind END: neither bytes nor, before the socket is closed, an empty datagram. */
static bool demand_end_of_file(Child *child, GError **error)
{
	int queued = 0;
	short events = await_data(child);
	if (events == 0) {
		fail_late(child, error);
		return false;
	}
	bool closed = (events & POLLHUP) != 0 && ioctl(child->socket, SIOCINQ, &queued) == 0;
	if (closed && queued == 0)
		return true;
	g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "jailed child: a record after the end");
	return false;
}

bool child_finish(Child *child, ChildUsage *ret_usage, GError **error)
{
	ControlReply end;
	g_return_val_if_fail(child->checker != NULL && plain_checker_ended(child->checker), false);
	if (!demand_end_of_file(child, error) || !await_exit(child, &end, error))
		return false;
	if (end.killed != CONTROL_KILL_NONE || end.code != CLD_EXITED || end.status != WORKER_EXIT_ANSWERED)
		return exit_error(child, &end, error);
	if (child->arena != NULL && !arena_seal(child->arena, error))
		return false;
	if (child->pixels != NULL && !pixels_seal(child->pixels, error))
		return false;
	if (ret_usage != NULL)
		*ret_usage = child->usage;
	return true;
}

bool child_read(Child *child, ChildTakeFunc take, void *user, ChildUsage *ret_usage, GError **error)
{
	for (;;) {
		g_autoptr(PlainRecord) record = child_next(child, error);
		if (record == NULL || !take(user, record, error))
			return false;
		if (record->type == PLAIN_END)
			return child_finish(child, ret_usage, error);
	}
}

ChildUsage child_usage(const Child *child)
{
	return child->usage;
}

/* Not one that waits: a child that takes no release must not hold up who gives it. An honest one has few unread. */
void child_release(Child *child)
{
	static const uint8_t released = 0;
	g_return_if_fail(child->started);
	ssize_t sent;
	do
		sent = send(child->socket, &released, sizeof released, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
}

void child_free(Child *child)
{
	if (child == NULL)
		return;
	Supervisor *s = child->supervisor;
	close_if_open(&child->socket);
	g_mutex_lock(&s->lock);
	bool alive = child->lease->state == LEASE_GRANTED && !s->gone;
	g_mutex_unlock(&s->lock);
	if (alive) {
		ControlRequest release = { 0 };
		ask(s, &release, CONTROL_RELEASE, child->id);
		lease_wait(s, child->lease, LEASE_GRANTED, wire_now_ms() + GRACE_MS, NULL, NULL);
	}
	lease_forget(s, child->id);
	plain_checker_free(child->checker);
	arena_unref(child->arena);
	pixels_unref(child->pixels);
	g_free(child->frame);
	g_free(child);
}

pid_t child_pid(const Child *child)
{
	return child->pid;
}

bool supervisor_status(Supervisor *s, SupervisorStatus *ret_status, GError **error)
{
	uint64_t id;
	Lease *lease = lease_new(s, &id);
	ControlRequest request = { 0 };
	bool told = ask(s, &request, CONTROL_STATUS, id) &&
	            lease_wait(s, lease, LEASE_WAITING, wire_now_ms() + STATUS_WAIT_MS, NULL, NULL);
	if (told)
		*ret_status = lease->reply.state;
	lease_forget(s, id);
	return told || fail_gone(s, error);
}
