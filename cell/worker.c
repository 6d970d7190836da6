/* The zygote, and the child that it forks: the whole main() of a jailed executable.
 *
 * clone3 with CLONE_PARENT makes each child a child of the supervisor, which so gets its pidfd, its
 * exit and its resource usage without asking the zygote. The zygote never holds the trusted end of
 * a child's socket, and closes its copy of the other end at once. */
#include "worker.h"
#include "supervisor_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { NEAR_THE_LIMIT = 16 * 1024 * 1024, THREADS_END_MS = 2000 };

/* ---- the child ------------------------------------------------------------------------ */

/* Why there is no answer, as far as one can tell: the last allocation failed, or a small one would. */
static int no_answer(void)
{
	if (errno == ENOMEM)
		return WORKER_EXIT_MEMORY;
	void *little = mmap(NULL, NEAR_THE_LIMIT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return little == MAP_FAILED ? WORKER_EXIT_MEMORY : WORKER_EXIT_NO_ANSWER;
}

#ifndef MUGAI_UNSAFE_BUILD
/* In place of the C library's, for every library in the process: that one wants to send a signal, which is forbidden here and
 * says nothing; and what most of them abort for is memory. */
void abort(void)
{
	_exit(no_answer());
}
#endif

static bool seals_hold(int fd, int wanted)
{
	int seals = fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & wanted) == wanted;
}

/* Maps [offset, offset + length) read-only; the file offset must be on a page. */
static bool map_input(WorkerInput *input, int fd, uint64_t offset, uint64_t length)
{
	if (!seals_hold(fd, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW))
		return false;
	*input = (WorkerInput) { .fd = fd, .offset = offset, .length = length };
	if (length == 0)
		return true;
	uint64_t lead = offset % (uint64_t)sysconf(_SC_PAGESIZE);
	uint8_t *map = mmap(NULL, length + lead, PROT_READ, MAP_PRIVATE, fd, (off_t)(offset - lead));
	if (map == MAP_FAILED)
		return false;
	input->bytes = map + lead;
	return true;
}

static bool map_arena(uint8_t **ret_arena, uint64_t *ret_size, int fd, uint64_t size)
{
	if (!seals_hold(fd, F_SEAL_SHRINK | F_SEAL_GROW))
		return false;
	uint8_t *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return false;
	*ret_arena = map;
	*ret_size = size;
	return true;
}

static bool job_open(WorkerJob *job, const JobRecord *record, const int *fds, unsigned n_fds)
{
	unsigned used = 0;
	unsigned wanted = record->n_inputs + (record->arena_size > 0) + (record->pixels_size > 0);
	if (record->magic != CONTROL_MAGIC || record->n_inputs > JOB_INPUTS || n_fds != wanted)
		return false;
	job->request = record->request;
	memcpy(job->number, record->number, sizeof job->number);
	memcpy(job->text, record->text, sizeof job->text);
	job->text[sizeof job->text - 1] = '\0';
	for (; used < record->n_inputs; used++) {
		if (!map_input(&job->input[used], fds[used], record->input[used].offset,
		               record->input[used].length))
			return false;
	}
	job->n_inputs = used;
	if (record->arena_size > 0 &&
	    !map_arena(&job->arena, &job->arena_size, fds[used++], record->arena_size))
		return false;
	return record->pixels_size == 0 ||
	       map_arena(&job->pixels, &job->pixels_size, fds[used], record->pixels_size);
}

/* What is in a memfd could be mapped as code, for which the bytes of a document are not good enough. */
static void close_descriptors(WorkerJob *job, const int *fds, unsigned n_fds)
{
	for (unsigned i = 0; i < n_fds; i++)
		close(fds[i]);
	for (unsigned i = 0; i < job->n_inputs; i++)
		job->input[i].fd = -1;
}

bool worker_await_release(GError **error)
{
	uint8_t released;
	ssize_t got;
	do
		got = read(WORKER_FD, &released, sizeof released);
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)sizeof released)
		return true;
	g_set_error(error, PLAIN_ERROR, PLAIN_ERROR_IO, "nobody takes what was sent");
	return false;
}

/* A child may be handed out before it has asked to die with the supervisor, and the supervisor may die in
 * between: then no signal would ever come. WORKER_FD is still the zygote's socket here, whose other end only
 * the supervisor holds. */
static bool supervisor_lives(void)
{
	struct pollfd supervisor = { .fd = WORKER_FD };
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return false;
	return poll(&supervisor, 1, 0) >= 0 && (supervisor.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

/* Libraries print warnings that quote the mail. Neither a log nor a terminal may get them; and with
 * RLIMIT_FSIZE 0 a child would die of a stderr that is a file. Descriptor 0 is /dev/null. */
static void silence_stderr(void)
{
#ifndef MUGAI_UNSAFE_BUILD
	dup2(STDIN_FILENO, STDERR_FILENO);
#endif
}

/* 0: locked; else the exit code, and error. */
static int lock(const WorkerSpec *spec, int socket, uint32_t namespace_walls, uint32_t *ret_walls, GError **error)
{
	if (!jail_lock_files(spec->profile, socket, namespace_walls, error))
		return WORKER_EXIT_JAIL;
	if (spec->settle != NULL && !spec->settle(error))
		return WORKER_EXIT_UNSETTLED;
	*ret_walls = jail_lock_calls(spec->profile, namespace_walls, error);
	return *ret_walls != 0 ? 0 : WORKER_EXIT_JAIL;
}

/* From here on the process is in its jail and about to see hostile bytes. This function is
 * untouchable: nothing may come between the lock and the job. */
static int child_main(const WorkerSpec *spec, int socket, uint32_t namespace_walls)
{
	if (!supervisor_lives())
		return WORKER_EXIT_NO_ANSWER;
	uint32_t walls = 0;
	int failed = lock(spec, socket, namespace_walls, &walls, NULL);
	if (failed != 0)
		return failed;

	g_autoptr(PlainWriter) out = plain_writer_new(WORKER_FD, spec->max_records, spec->max_bytes);
	if (!plain_write_ready(out, walls, NULL))
		return WORKER_EXIT_NO_ANSWER;
	JobRecord record;
	int fds[WIRE_DESCRIPTORS_MAX];
	unsigned n_fds = 0;
	/* End of file: the trusted side went away and nobody waits for an answer. */
	if (wire_receive(WORKER_FD, &record, sizeof record, fds, WIRE_DESCRIPTORS_MAX, &n_fds, 0) != 1)
		return WORKER_EXIT_NO_ANSWER;
	WorkerJob job = { 0 };
	if (!job_open(&job, &record, fds, n_fds))
		return WORKER_EXIT_JOB;
	if (spec->profile->code_paths != NULL)
		close_descriptors(&job, fds, n_fds);
	if (spec->run(&job, out, NULL))
		return WORKER_EXIT_ANSWERED;
	return no_answer();
}

/* ---- the zygote ----------------------------------------------------------------------- */

typedef struct {
	const WorkerSpec *spec;
	uint32_t namespace_walls;
	uint32_t walls;  /* of a locked child, as it measured them itself */
	uint64_t memory; /* address space after the warm-up, bytes */
} Zygote;

static pid_t fork_with(uint64_t flags, int *ret_pidfd)
{
	struct clone_args arguments = {
		.flags = flags,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
		.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD,
	};
	return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static uint64_t pid_namespace_flag(const Zygote *zygote)
{
	return (zygote->namespace_walls & PLAIN_WALL_PID_NAMESPACE) != 0 ? CLONE_NEWPID : 0;
}

static bool reply(ZygoteAnswer answer, ZygoteReply reply_record, int pidfd)
{
	reply_record.magic = CONTROL_MAGIC;
	reply_record.answer = answer;
	return wire_send(WORKER_FD, &reply_record, sizeof reply_record, &pidfd, pidfd >= 0 ? 1 : 0);
}

static bool zygote_fork(const Zygote *zygote, int socket)
{
	int pidfd = -1;
	pid_t pid = fork_with(CLONE_PARENT | CLONE_PIDFD | pid_namespace_flag(zygote), &pidfd);
	if (pid == 0) {
		silence_stderr();
		_exit(child_main(zygote->spec, socket, zygote->namespace_walls));
	}
	close(socket);
	if (pid < 0)
		return reply(ZYGOTE_NO_FORK, (ZygoteReply) { 0 }, -1);
	bool sent = reply(ZYGOTE_FORKED, (ZygoteReply) { .pid = (uint32_t)pid }, pidfd);
	close(pidfd);
	return sent;
}

/* One command. False: the supervisor went away, or sent nonsense. */
static bool zygote_serve(const Zygote *zygote)
{
	uint8_t command = 0;
	int fd = -1;
	unsigned n = 0;
	if (wire_receive(WORKER_FD, &command, sizeof command, &fd, 1, &n, 0) != 1)
		return false;
	return command == ZYGOTE_FORK && n == 1 && zygote_fork(zygote, fd);
}

/* What each child will do, tried once before any mail: lock, say so, then ask for a socket. Only the last must
 * not succeed; where the answer is no and not death, what no profile lets any child do must be its death. */
static int self_test_child(const Zygote *zygote, int socket)
{
	g_autoptr(GError) error = NULL;
	uint32_t walls = 0;
	int failed = lock(zygote->spec, socket, zygote->namespace_walls, &walls, &error);
	if (failed != 0) {
		(void)!write(WORKER_FD, error->message, strlen(error->message));
		return failed;
	}
	if (write(WORKER_FD, &walls, sizeof walls) != (ssize_t)sizeof walls)
		return WORKER_EXIT_NO_ANSWER;
	if (syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) < 0)
		syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
	return WORKER_EXIT_ANSWERED;
}

typedef struct {
	pid_t pid;
	int ends[2];
	siginfo_t end;
	char why[CONTROL_WHY_MAX]; /* it was not locked: in words */
} SelfTest;

/* The pid namespace comes with each child's own clone: where the first one gets none, no other will. */
static pid_t self_test_fork(Zygote *zygote)
{
	pid_t pid = fork_with(pid_namespace_flag(zygote), NULL);
	if (pid >= 0)
		return pid;
	zygote->namespace_walls &= ~(uint32_t)PLAIN_WALL_PID_NAMESPACE;
	return fork_with(0, NULL);
}

static bool self_test_start(Zygote *zygote, SelfTest *test, GError **error)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, test->ends) != 0) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "socketpair: %s", g_strerror(errno));
		return false;
	}
	test->pid = self_test_fork(zygote);
	if (test->pid == 0)
		_exit(self_test_child(zygote, test->ends[1]));
	if (test->pid > 0)
		return true;
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "fork a child (clone3): %s",
	            g_strerror(errno));
	return false;
}

/* Which walls stand is what a locked child measured, not what was meant to be built. */
static uint32_t self_test_end(SelfTest *test)
{
	char said[CONTROL_WHY_MAX] = "";
	uint32_t walls = 0;
	bool ended = test->pid > 0 && waitid(P_PID, (id_t)test->pid, &test->end, WEXITED) == 0;
	ssize_t got = ended ? recv(test->ends[0], said, sizeof said - 1, MSG_DONTWAIT) : -1;
	bool refused = ended && test->end.si_code == CLD_EXITED &&
	               (test->end.si_status == WORKER_EXIT_JAIL || test->end.si_status == WORKER_EXIT_UNSETTLED);
	if (refused && got > 0)
		g_strlcpy(test->why, said, sizeof test->why);
	else if (got == sizeof walls)
		memcpy(&walls, said, sizeof walls);
	for (unsigned i = 0; i < G_N_ELEMENTS(test->ends); i++)
		if (test->ends[i] >= 0)
			close(test->ends[i]);
	return walls;
}

/* What the supervisor asked for before it heard that the zygote is ready; it gives the child no job before that. */
static void fork_ahead(const Zygote *zygote)
{
	struct pollfd asked = { .fd = WORKER_FD, .events = POLLIN };
	if (poll(&asked, 1, 0) == 1 && !zygote_serve(zygote))
		_exit(EX_SOFTWARE);
}

static bool self_test(Zygote *zygote, GError **error)
{
	SelfTest test = { .ends = { -1, -1 } };
	bool started = self_test_start(zygote, &test, error);
	if (started)
		fork_ahead(zygote);
	zygote->walls = self_test_end(&test);
	if (!started)
		return false;
	/* It said which walls stand, so it was locked and could answer: what it died of was the socket. Core dumps are
	 * off, yet the kernel says "dumped" for SIGSYS where it tried. */
	bool killed = (test.end.si_code == CLD_KILLED || test.end.si_code == CLD_DUMPED) &&
	              test.end.si_status == SIGSYS;
	if (zygote->walls != 0 && killed)
		return true;
	bool unsettled = test.end.si_code == CLD_EXITED && test.end.si_status == WORKER_EXIT_UNSETTLED;
	g_set_error(error, CELL_ERROR, unsettled ? CELL_ERROR_UNAVAILABLE : CELL_ERROR_JAIL, "%s",
	            test.why[0] != '\0' ? test.why : "the jail's self-test failed");
	return false;
}

static uint64_t own_address_space(void)
{
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");
	if (statm == NULL)
		return 0;
	if (fscanf(statm, "%lu", &pages) != 1)
		pages = 0;
	fclose(statm);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool started_by_supervisor(int argc, char **argv)
{
	int type = 0;
	socklen_t size = sizeof type;
	return argc == 2 && strcmp(argv[1], "--zygote") == 0 &&
	       getsockopt(WORKER_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* Where memory runs out, a jail goes before the front and the supervisor. Children inherit it; that it
 * cannot be set is no reason not to start. */
static void ask_to_be_killed_first(void)
{
	static const char score[] = "500";
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!write(fd, score, strlen(score));
	close(fd);
}

static unsigned count_threads(void)
{
	DIR *directory = opendir("/proc/self/task");
	unsigned n = 0;
	if (directory == NULL)
		return 0;
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
		n += entry->d_name[0] != '.' ? 1 : 0;
	closedir(directory);
	return n;
}

/* A thread of a library does not survive the fork, and whoever waits for it waits for ever; and a process with threads enters no user
 * namespace. One that is about to end has its time for that. */
static bool demand_one_thread(GError **error)
{
	for (int64_t until = wire_now_ms() + THREADS_END_MS; count_threads() != 1; poll(NULL, 0, 1)) {
		if (wire_now_ms() < until)
			continue;
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "a library has started threads");
		return false;
	}
	return true;
}

static bool zygote_prepare(Zygote *zygote, GError **error)
{
	const WorkerSpec *spec = zygote->spec;
	if (spec->warm_up != NULL && (!spec->warm_up(error) || !demand_one_thread(error)))
		return false;
	if (!jail_prepare(spec->profile, error))
		return false;
	/* What the warm-up no longer uses would be copied with every fork. */
	malloc_trim(0);
	/* Now: the empty root has no /proc. */
	zygote->memory = own_address_space();
	if (zygote->memory == 0) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "/proc/self/statm cannot be read");
		return false;
	}
	ask_to_be_killed_first();
	zygote->namespace_walls = jail_enter_namespaces(spec->profile);
	zygote->namespace_walls |= PLAIN_WALL_PID_NAMESPACE; /* if the self-test's child gets one */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL, "prctl: %s", g_strerror(errno));
		return false;
	}
	return jail_suffices(spec->profile, zygote->namespace_walls, error) && self_test(zygote, error);
}

int worker_main(int argc, char **argv, const WorkerSpec *spec)
{
	if (!started_by_supervisor(argc, argv)) {
		fprintf(stderr,
		        "%s: this program reads hostile bytes and runs only in a jail: it is started by "
		        "mugaid "
		        "or mugai\n",
		        spec->name);
		return EX_USAGE;
	}
	prctl(PR_SET_NAME, spec->name, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN); /* PlainWriter sees EPIPE instead */
	syscall(SYS_close_range, WORKER_FD + 1, ~0U, 0);

	Zygote zygote = { .spec = spec };
	g_autoptr(GError) error = NULL;
	if (!zygote_prepare(&zygote, &error)) {
		fprintf(stderr, "%s: %s\n", spec->name, error->message);
		ZygoteReply failed = { .walls = g_error_matches(error, CELL_ERROR, CELL_ERROR_JAIL) };
		g_strlcpy(failed.why, error->message, sizeof failed.why);
		reply(ZYGOTE_FAILED, failed, -1);
		return EX_UNAVAILABLE;
	}
	ZygoteReply ready = { .walls = zygote.walls, .memory = zygote.memory };
	bool served = reply(ZYGOTE_READY, ready, -1);
	while (served)
		served = zygote_serve(&zygote);
	return EX_OK;
}
