/* The cell with real children: what a jailed child cannot do, what becomes of one that misbehaves at any
 * step, and that nothing passes from one to the next. Options: --user UID (jails run as that user), --program
 * PATH (the prisoner). */
#include "jail/probe_priv.h"
#include "jail/probes.h"
#include "memfd.h"
#include "supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static Supervisor *supervisor;
static Supervisor *render; /* the prisoner in the jail of mugai-render */
static Supervisor *office; /* likewise, of mugai-office */
static uid_t jail_uid = (uid_t)-1;
static const char *program = PROBE_PATH;
static char *office_program;

static Supervisor *start_kind(const SupervisorKind *kind, uint64_t budget, bool once)
{
	const SupervisorOptions options = {
		.kinds = kind, .n_kinds = 1, .memory_budget = budget, .uid = jail_uid, .gid = (gid_t)jail_uid,
		.once = once
	};
	g_autoptr(GError) error = NULL;
	Supervisor *s = supervisor_start(&options, &error);
	g_assert_no_error(error);
	return s;
}

static Supervisor *start_program(const char *executable, unsigned maximum, uint64_t budget, bool once)
{
	const SupervisorKind kind = {
		.name = "probe", .executable = executable, .spare = 2, .maximum = maximum
	};
	return start_kind(&kind, budget, once);
}

static Supervisor *start_supervisor_for(unsigned maximum, uint64_t budget, bool once)
{
	return start_program(program, maximum, budget, once);
}

static Supervisor *start_supervisor(unsigned maximum, uint64_t budget)
{
	return start_supervisor_for(maximum, budget, false);
}

/* The office prisoner beside one that needs nothing: where it cannot be, the tests of the others go on. */
static Supervisor *start_both(void)
{
	const SupervisorKind kinds[] = {
		{ .name = "probe", .executable = program, .spare = 1, .maximum = 4 },
		{ .name = "office", .executable = office_program, .spare = 2, .maximum = 20, .on_demand = true },
	};
	const SupervisorOptions options = { .kinds = kinds,
		                            .n_kinds = G_N_ELEMENTS(kinds),
		                            .uid = jail_uid,
		                            .gid = (gid_t)jail_uid };
	g_autoptr(GError) error = NULL;
	Supervisor *both = supervisor_start(&options, &error);
	g_assert_no_error(error);
	return both;
}

static ChildRequest request_of(uint32_t cpu_ms, uint32_t wall_ms)
{
	return (ChildRequest) { .kind = "probe",
		                .memory = 64 << 20,
		                .memfds = 1 << 20,
		                .cpu_ms = cpu_ms,
		                .wall_ms = wall_ms,
		                .wait_ms = 5000 };
}

static ChildJob job_of(ProbeRequest request, uint64_t number)
{
	return (ChildJob) { .request = (uint16_t)request,
		            .number = { number },
		            .caps = { .types = 1U << PLAIN_STRING | 1U << PLAIN_COUNTER | 1U << PLAIN_PART,
		                      .max_records = 100,
		                      .max_text_bytes = 10000,
		                      .max_parts = 10,
		                      .max_part_depth = 4 } };
}

static ChildRequest office_request_of(uint32_t cpu_ms, uint32_t wall_ms)
{
	ChildRequest request = request_of(cpu_ms, wall_ms);
	request.kind = "office";
	return request;
}

static Child *open_child(Supervisor *s, const ChildRequest *request)
{
	g_autoptr(GError) error = NULL;
	Child *child = supervisor_child(s, request, &error);
	g_assert_no_error(error);
	g_assert_nonnull(child);
	return child;
}

/* Runs one job to its end. ret_value: the last counter. */
static bool run_job(Supervisor *s, const ChildRequest *request, const ChildJob *job, uint64_t *ret_value,
                    GError **error)
{
	g_autoptr(Child) child = open_child(s, request);
	if (!child_start(child, job, error))
		return false;
	for (;;) {
		g_autoptr(PlainRecord) record = child_next(child, error);
		if (record == NULL)
			return false;
		if (record->type == PLAIN_COUNTER && ret_value != NULL)
			*ret_value = record->counter.value;
		if (record->type == PLAIN_END)
			return child_finish(child, NULL, error);
	}
}

/* ---- forbidden things --------------------------------------------------------------------------------- */

static bool render_has_root(void)
{
	SupervisorStatus status;
	g_assert_true(supervisor_status(render, &status, NULL));
	return (status.walls & PLAIN_WALL_MOUNT_NAMESPACE) != 0;
}

/* ret_errno: what the attempt ended with. False: the prisoner was killed for it. */
static bool try_inside(Supervisor *s, unsigned index, uint64_t *ret_errno)
{
	const ChildRequest request = request_of(2000, 5000);
	const ChildJob job = job_of(PROBE_REQUEST_TRY, index);
	g_autoptr(GError) error = NULL;
	if (run_job(s, &request, &job, ret_errno, &error))
		return true;
	g_assert_error(error, CELL_ERROR, CELL_ERROR_CRASH);
	g_assert_nonnull(strstr(error->message, "signal 31")); /* SIGSYS */
	return false;
}

static void test_probe_inside(gconstpointer data)
{
	unsigned index = GPOINTER_TO_UINT(data);
	uint64_t number = 0;
	bool answered = try_inside(supervisor, index, &number);
	g_assert_cmpint(answered, ==, probes[index].inside == PROBE_DENIED);
	g_assert_cmpuint(number, ==, answered ? EACCES : 0);
}

/* Where there is a mount namespace the rest of the host is not there; elsewhere it is denied, but for what stat tells. */
static void test_probe_in_render(gconstpointer data)
{
	unsigned index = GPOINTER_TO_UINT(data);
	uint64_t number = 0;
	bool answered = try_inside(render, index, &number);
	g_assert_cmpint(answered, ==, probes[index].render != PROBE_KILLED);
	if (probes[index].render == PROBE_WORKS)
		g_assert_cmpuint(number, ==, 0);
	if (probes[index].render != PROBE_DENIED || number == ENOENT)
		return;
	if (probes[index].asks_only && !render_has_root())
		return;
	g_assert_cmpuint(number, ==, EACCES);
}

/* By the main thread, and by one that was there before the filter. */
static void probe_in_office(unsigned index, ProbeRequest by)
{
	const ChildRequest request = office_request_of(2000, 10000);
	const ChildJob job = job_of(by, index);
	g_autoptr(GError) error = NULL;
	uint64_t number = 0;
	bool answered = run_job(office, &request, &job, &number, &error);
	g_assert_cmpint(answered, ==, probes[index].office != PROBE_DEATH);
	if (!answered) {
		g_assert_error(error, CELL_ERROR, CELL_ERROR_CRASH);
		g_assert_nonnull(strstr(error->message, "signal 31")); /* SIGSYS */
	} else if (probes[index].office == EROFS) {
		g_assert_true(number == EROFS || number == EACCES); /* by the mount, or by whose the file is */
	} else {
		g_assert_cmpuint(number, ==, (unsigned)probes[index].office);
	}
}

static void test_probe_in_office(gconstpointer data)
{
	probe_in_office(GPOINTER_TO_UINT(data), PROBE_REQUEST_TRY);
}

static void test_probe_in_older_thread(gconstpointer data)
{
	probe_in_office(GPOINTER_TO_UINT(data), PROBE_REQUEST_TRY_THREAD);
}

/* The positive control: outside, the same function does what it tries. */
static void test_probe_outside(gconstpointer data)
{
	const Probe *probe = &probes[GPOINTER_TO_UINT(data)];
	if (probe->root_only && geteuid() != 0) {
		g_test_skip("works for root alone");
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		probe_pid = getpid();
		_exit(fd >= 0 && chdir("/tmp") == 0 ? probe->attempt(fd) : 255);
	}
	int status = 0;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static void test_walls(void)
{
	SupervisorStatus status;
	g_autoptr(GError) error = NULL;
	g_assert_true(supervisor_status(supervisor, &status, &error));
	g_assert_no_error(error);
	g_test_message("walls: %#x", status.walls);
	/* Where namespaces are not allowed the daemon says so and goes on; the test host must allow them, or
	 * nothing of that was tested. */
	g_assert_cmpuint(status.walls & ~(unsigned)PLAIN_WALL_MDWE, ==, PLAIN_WALL_ALL & ~PLAIN_WALL_MDWE);
}

static void test_descriptors(void)
{
	const ChildRequest request = request_of(2000, 5000);
	/* Several at once: none may hold an end of its sibling's socket. */
	g_autoptr(Child) first = open_child(supervisor, &request);
	g_autoptr(Child) second = open_child(supervisor, &request);
	g_autoptr(GError) error = NULL;
	const ChildJob job = job_of(PROBE_REQUEST_DESCRIPTORS, 0);
	Child *const both[] = { first, second };
	for (unsigned i = 0; i < 2; i++) {
		g_assert_true(child_start(both[i], &job, &error));
		g_autoptr(PlainRecord) record = child_next(both[i], &error);
		g_assert_no_error(error);
		g_assert_cmpuint(record->counter.value, ==, 0xF); /* 0, 1, 2 and its own socket */
	}
}

/* From outside: the child's own view in /proc. */
static void test_descriptors_seen_from_outside(void)
{
	const ChildRequest request = request_of(2000, 5000);
	g_autoptr(Child) child = open_child(supervisor, &request);
	/* Its first record says that it has its jail on; then it hangs. */
	ChildJob job = job_of(PROBE_REQUEST_STEP, 1);
	job.number[1] = PROBE_ACT_HANG;
	g_assert_true(child_start(child, &job, NULL));
	g_autoptr(PlainRecord) first = child_next(child, NULL);
	g_assert_nonnull(first);
	g_autofree char *path = g_strdup_printf("/proc/%d/fd", child_pid(child));
	DIR *directory = opendir(path);
	if (directory == NULL && geteuid() != 0) {
		g_assert_cmpint(errno, ==, EACCES); /* not even its own user may look in: DUMPABLE 0 */
		return;
	}
	g_assert_nonnull(directory);
	unsigned n = 0;
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
		n += entry->d_name[0] != '.' ? 1 : 0;
	closedir(directory);
	g_assert_cmpuint(n, ==, 4);
}

/* ---- files and threads of a child's own ------------------------------------------------------------------- */

static uint64_t ask_office(ProbeRequest what, uint64_t number)
{
	const ChildRequest request = office_request_of(5000, 20000);
	const ChildJob job = job_of(what, number);
	g_autoptr(GError) error = NULL;
	uint64_t value = 0;
	g_assert_true(run_job(office, &request, &job, &value, &error));
	g_assert_no_error(error);
	return value;
}

/* A child that hangs after its first counter, whose value this is. */
static Child *hang_in_office(ProbeRequest what, uint64_t *ret_value)
{
	const ChildRequest request = office_request_of(5000, 20000);
	const ChildJob job = job_of(what, 1);
	g_autoptr(GError) error = NULL;
	Child *child = open_child(office, &request);
	g_assert_true(child_start(child, &job, &error));
	g_autoptr(PlainRecord) record = child_next(child, &error);
	g_assert_no_error(error);
	g_assert_cmpint(record->type, ==, PLAIN_COUNTER);
	*ret_value = record->counter.value;
	return child;
}

/* "." and "..", and nothing of another child, whether that is gone or lives. */
static void test_private_is_empty(void)
{
	uint64_t first = 0, second = 0;
	g_autoptr(Child) one = hang_in_office(PROBE_REQUEST_PRIVATE, &first);
	g_autoptr(Child) two = hang_in_office(PROBE_REQUEST_PRIVATE, &second);
	g_assert_cmpuint(first, ==, 2);
	g_assert_cmpuint(second, ==, 2);
	g_clear_pointer(&one, child_free);
	for (unsigned i = 0; i < 5; i++)
		g_assert_cmpuint(ask_office(PROBE_REQUEST_PRIVATE, 0), ==, 2);
}

typedef struct {
	uint64_t bytes, files, reason;
} Full;

/* Until no more goes in, in files of this size. */
static Full fill_office(uint64_t file_size)
{
	const ChildRequest request = office_request_of(10000, 20000);
	const ChildJob job = job_of(PROBE_REQUEST_FILL, file_size);
	g_autoptr(GError) error = NULL;
	g_autoptr(Child) child = open_child(office, &request);
	uint64_t number[3] = { 0 };
	g_assert_true(child_start(child, &job, &error));
	for (unsigned i = 0; i < G_N_ELEMENTS(number); i++) {
		g_autoptr(PlainRecord) record = child_next(child, &error);
		g_assert_no_error(error);
		number[i] = record->counter.value;
	}
	g_autoptr(PlainRecord) end = child_next(child, &error);
	g_assert_true(child_finish(child, NULL, &error));
	g_test_message("%" G_GUINT64_FORMAT " bytes in %" G_GUINT64_FORMAT " whole files, then %s", number[0], number[1],
	               g_strerror((int)number[2]));
	return (Full) { number[0], number[1], number[2] };
}

static void test_private_size(void)
{
	Full full = fill_office(1 << 20);
	g_assert_cmpuint(full.reason, ==, ENOSPC);
	g_assert_cmpuint(full.bytes, <=, PROBE_PRIVATE_SIZE);
	g_assert_cmpuint(full.bytes, >=, PROBE_PRIVATE_SIZE - (1 << 20));
	full = fill_office(UINT64_MAX);
	g_assert_cmpuint(full.reason, ==, EFBIG);
	g_assert_cmpuint(full.bytes, ==, PROBE_FILE_SIZE);
	/* Empty ones: they, too, cost memory. */
	full = fill_office(0);
	g_assert_cmpuint(full.reason, ==, ENOSPC);
	g_assert_cmpuint(full.files, >, 1000);
	g_assert_cmpuint(full.files, <, 10000);
}

static uint64_t shared_memory(void)
{
	struct sysinfo host;
	g_assert_cmpint(sysinfo(&host), ==, 0);
	return (uint64_t)host.sharedram * host.mem_unit;
}

/* Of 30 directories that were full, this host's memory holds none. */
static void test_private_is_freed(void)
{
	enum { ROUNDS = 30 };
	uint64_t before = shared_memory();
	for (unsigned i = 0; i < ROUNDS; i++)
		g_assert_cmpuint(fill_office(1 << 20).bytes, >, PROBE_PRIVATE_SIZE / 2);
	g_assert_cmpuint(shared_memory(), <, before + UINT64_C(10) * PROBE_PRIVATE_SIZE);
}

static void test_nothing_else_is_writable(void)
{
	g_assert_cmpuint(ask_office(PROBE_REQUEST_CREATE, 0), ==, 0);
	for (unsigned i = 1; i < G_N_ELEMENTS(probe_directories); i++) {
		uint64_t number = ask_office(PROBE_REQUEST_CREATE, i);
		g_test_message("%s: %s", probe_directories[i], g_strerror((int)number));
		g_assert_true(number == EROFS || number == EACCES || number == ENOENT);
	}
}

/* One that takes all it can get leaves the others theirs. */
static void test_threads_of_each(void)
{
	uint64_t first = 0, second = 0;
	g_autoptr(Child) one = hang_in_office(PROBE_REQUEST_THREADS, &first);
	g_autoptr(Child) two = hang_in_office(PROBE_REQUEST_THREADS, &second);
	/* settle() has started one of them; kernels differ in whether the first one counts. */
	g_assert_cmpuint(first, >=, PROBE_THREADS - 2);
	g_assert_cmpuint(first, <=, PROBE_THREADS - 1);
	g_assert_cmpuint(second, ==, first);
}

/* What was writable and executable before the walls is not any more. */
static void test_code_of_before(void)
{
	g_assert_cmpuint(ask_office(PROBE_REQUEST_CODE, 0), ==, EFAULT);
}

/* The descriptors that a child with a job has: where code can be mapped, none of a memfd, in which a document's bytes are. */
static uint64_t descriptors_with_job(Supervisor *s, const ChildRequest *request)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Arena) arena = arena_new("test", 4096, &error);
	g_autoptr(Arena) source = arena_new("test", 4096, &error);
	g_assert_true(arena_seal(source, &error));
	g_autoptr(Unread) input = unread_new(source, 0, 4096, &error);
	g_assert_no_error(error);
	ChildJob job = job_of(PROBE_REQUEST_DESCRIPTORS, 0);
	job.arena = arena;
	job.input[0] = input;
	uint64_t mask = 0;
	g_assert_true(run_job(s, request, &job, &mask, &error));
	g_assert_no_error(error);
	return mask;
}

static void test_descriptors_of_job(void)
{
	const ChildRequest usual = request_of(2000, 10000), request = office_request_of(2000, 10000);
	g_assert_cmphex(descriptors_with_job(supervisor, &usual), ==, 0x3F);
	g_assert_cmphex(descriptors_with_job(office, &request), ==, 0xF);
}

/* As on a host that lets nobody make namespaces. */
static bool forbid_unshare(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { G_N_ELEMENTS(code), code };
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

/* The kind that cannot do without its own files is missing, and says why, each time; the others work. */
static void check_missing_kind(void)
{
	g_autoptr(Supervisor) both = start_both();
	ChildRequest request = request_of(2000, 10000);
	const ChildJob job = job_of(PROBE_REQUEST_NOTHING, 0);
	g_autoptr(GError) error = NULL;
	for (unsigned i = 0; i < 3; i++) {
		request.kind = "office";
		g_assert_null(supervisor_child(both, &request, &error));
		g_assert_error(error, CELL_ERROR, CELL_ERROR_JAIL);
		g_assert_nonnull(strstr(error->message, "no mount namespace for files of its own"));
		g_clear_error(&error);
		request.kind = "probe";
		g_assert_true(run_job(both, &request, &job, NULL, &error));
		g_assert_no_error(error);
	}
	SupervisorStatus status;
	g_assert_true(supervisor_status(both, &status, &error));
	g_assert_cmpuint(status.zygote_restarts, ==, 0);
	g_assert_cmpuint(status.kinds[1].wanted, ==, 0);
	g_assert_cmpuint(status.walls & PLAIN_WALL_MOUNT_NAMESPACE, ==, 0);
}

static void test_no_mount_namespace(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (!forbid_unshare())
			_exit(1);
		check_missing_kind();
		_exit(0);
	}
	int status = 0;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
	/* The positive control: where there are namespaces, both are there. */
	g_autoptr(Supervisor) both = start_both();
	const ChildJob job = job_of(PROBE_REQUEST_NOTHING, 0);
	const ChildRequest request = office_request_of(2000, 10000);
	g_autoptr(GError) error = NULL;
	g_assert_true(run_job(both, &request, &job, NULL, &error));
	g_assert_no_error(error);
}

/* ---- limits ---------------------------------------------------------------------------------------------
 */

static void expect_failure(const ChildRequest *request, const ChildJob *job, GQuark domain, int code)
{
	g_autoptr(GError) error = NULL;
	g_assert_false(run_job(supervisor, request, job, NULL, &error));
	g_test_message("%s", error->message);
	g_assert_error(error, domain, code);
}

static void test_cpu_limit(void)
{
	const ChildRequest request = request_of(1000, 20000);
	const ChildJob job = job_of(PROBE_REQUEST_SPIN, 0);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_LIMIT);
}

/* One that is killed, as the kernel does it at a limit, after so much CPU. */
static void expect_killed_after(unsigned cpu_ms, int code)
{
	const ChildRequest request = request_of(2000, 60000);
	const ChildJob job = job_of(PROBE_REQUEST_SPIN, 0);
	g_autoptr(Child) child = open_child(supervisor, &request);
	g_autoptr(GError) error = NULL;
	clockid_t clock;
	struct timespec used = { 0 };
	g_assert_cmpint(clock_getcpuclockid(child_pid(child), &clock), ==, 0);
	g_assert_true(child_start(child, &job, &error));
	do
		g_usleep(1000);
	while (clock_gettime(clock, &used) == 0 && used.tv_sec * 1000 + used.tv_nsec / 1000000 < cpu_ms);
	g_assert_cmpint(kill(child_pid(child), SIGKILL), ==, 0);
	g_assert_null(child_next(child, &error));
	g_test_message("%s", error->message);
	g_assert_error(error, CELL_ERROR, code);
}

/* What the kernel reports of a child that it killed at its limit is less than the limit, beside busy
 * neighbours by a fifth: the content's fault all the same. Far from the limit it is not. */
static void test_killed_by_cpu(void)
{
	expect_killed_after(1200, CELL_ERROR_LIMIT);
	expect_killed_after(100, CELL_ERROR_KILLED);
}

/* Whether it was busy is told by the CPU that it got: on a host with other work that may be too little, and then nobody
 * can say that the mail did this. One of a few tries must find it busy. */
static void test_deadline_busy(void)
{
	enum { TRIES = 8, HALF_MS = 1000 };
	const ChildRequest request = request_of(2 * HALF_MS, 1700);
	const ChildJob job = job_of(PROBE_REQUEST_SPIN, 0);
	bool found_busy = false;
	for (unsigned i = 0; i < TRIES && !found_busy; i++) {
		g_autoptr(GError) error = NULL;
		unsigned cpu_ms = 0;
		g_assert_false(run_job(supervisor, &request, &job, NULL, &error));
		g_test_message("%s", error->message);
		const char *used = strchr(error->message, '(');
		g_assert_nonnull(used);
		g_assert_cmpint(sscanf(used, "(%u ms", &cpu_ms), ==, 1);
		found_busy = cpu_ms >= HALF_MS;
		const int code = found_busy ? CELL_ERROR_TIMEOUT : CELL_ERROR_STALLED;
		g_assert_error(error, CELL_ERROR, code);
	}
	g_assert_true(found_busy);
}

typedef struct {
	unsigned calls;
	bool answer;
	const Child *child;
	int nice; /* as seen last */
} Slow;

static bool on_slow(void *user)
{
	Slow *slow = user;
	slow->calls++;
	return slow->answer;
}

static int nice_of(const Child *child)
{
	return getpriority(PRIO_PROCESS, (id_t)child_pid(child));
}

static bool note_nice(void *user)
{
	Slow *slow = user;
	if (slow->child != NULL)
		slow->nice = nice_of(slow->child);
	return true;
}

/* One that takes long is told of once, and goes on with a low priority. */
static void assert_slow_goes_on(Supervisor *s)
{
	Slow slow = { .answer = true };
	ChildRequest request = request_of(2000, 60000);
	request.slow = on_slow;
	request.slow_cpu_ms = 50;
	request.progress = note_nice;
	request.progress_user = &slow;
	const ChildJob job = job_of(PROBE_REQUEST_SPIN, 0);
	g_autoptr(Child) child = open_child(s, &request);
	g_autoptr(GError) error = NULL;
	SupervisorStatus before, after;
	g_assert_true(supervisor_status(s, &before, NULL));
	int before_nice = nice_of(child);
	slow.child = child;
	g_assert_true(child_start(child, &job, &error));
	g_assert_null(child_next(child, &error));
	g_test_message("%s", error->message);
	g_assert_error(error, CELL_ERROR, CELL_ERROR_LIMIT);
	g_assert_cmpuint(slow.calls, ==, 1);
	g_assert_true(supervisor_status(s, &after, NULL));
	g_assert_cmpuint(after.lowered, ==, before.lowered + 1);
	g_assert_cmpint(slow.nice, >, before_nice);
}

static void test_slow_goes_on(void)
{
	assert_slow_goes_on(supervisor);
}

/* Where the whole daemon has a low priority, slow ones have a lower one. */
static void test_slow_of_nice_daemon(void)
{
	enum { NICE = 10 };
	int before = getpriority(PRIO_PROCESS, 0);
	g_assert_cmpint(setpriority(PRIO_PROCESS, 0, MIN(before + NICE, 18)), ==, 0);
	g_autoptr(Supervisor) low = start_supervisor(10, 0);
	(void)setpriority(PRIO_PROCESS, 0, before); /* root alone can */
	assert_slow_goes_on(low);
}

static void test_slow_is_unwanted(void)
{
	Slow slow = { .answer = false };
	ChildRequest request = request_of(5000, 30000);
	request.slow = on_slow;
	request.slow_cpu_ms = 50;
	request.progress_user = &slow;
	const ChildJob job = job_of(PROBE_REQUEST_SPIN, 0);
	g_autoptr(GError) error = NULL;
	int64_t start = g_get_monotonic_time();
	g_assert_false(run_job(supervisor, &request, &job, NULL, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_BUSY);
	g_assert_false(cell_error_blames_content(error));
	g_assert_cmpuint(slow.calls, ==, 1);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_TIME_SPAN_SECOND);
}

/* Its low priority is our doing: should the host leave it too little time, that is not the content's fault. */
static void test_slow_is_not_blamed_for_time(void)
{
	Slow slow = { .answer = true };
	ChildRequest request = request_of(2000, 1700);
	request.slow = on_slow;
	request.slow_cpu_ms = 50;
	request.progress_user = &slow;
	const ChildJob job = job_of(PROBE_REQUEST_SPIN, 0);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_STALLED);
	g_assert_cmpuint(slow.calls, ==, 1);
}

/* By CPU, not by the clock: one that only waits is not slow. */
static void test_idle_is_not_slow(void)
{
	Slow slow = { .answer = false };
	ChildRequest request = request_of(5000, 300);
	request.slow = on_slow;
	request.slow_cpu_ms = 50;
	request.progress_user = &slow;
	const ChildJob job = job_of(PROBE_REQUEST_HANG, 0);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_STALLED);
	g_assert_cmpuint(slow.calls, ==, 0);
}

static void test_deadline_idle(void)
{
	const ChildRequest request = request_of(5000, 300);
	const ChildJob job = job_of(PROBE_REQUEST_HANG, 0);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_STALLED);
}

static void test_linger(void)
{
	const ChildRequest request = request_of(5000, 500);
	const ChildJob job = job_of(PROBE_REQUEST_LINGER, 0);
	g_autoptr(GError) error = NULL;
	g_assert_false(run_job(supervisor, &request, &job, NULL, &error));
	g_test_message("%s", error->message);
	/* It answered and hardly ran: nobody can say that the mail did this. */
	g_assert_error(error, CELL_ERROR, CELL_ERROR_STALLED);
}

static void test_memory_limit(void)
{
	const ChildRequest request = request_of(5000, 10000);
	const ChildJob job = job_of(PROBE_REQUEST_EAT, 1024);
	g_autoptr(GError) error = NULL;
	uint64_t megabytes = 0;
	g_assert_true(run_job(supervisor, &request, &job, &megabytes, &error));
	g_assert_no_error(error);
	g_test_message("64 MiB allowed, got %" G_GUINT64_FORMAT " MiB", megabytes);
	g_assert_cmpuint(megabytes, >=, 40);
	g_assert_cmpuint(megabytes, <=, 66);
}

/* A library that gives up for want of memory is told from one that gives up for another reason. */
static void test_no_memory(void)
{
	const ChildRequest request = request_of(5000, 10000);
	const ChildJob job = job_of(PROBE_REQUEST_ABORT, 1);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_MEMORY);
}

static void test_abort(void)
{
	const ChildRequest request = request_of(5000, 10000);
	const ChildJob job = job_of(PROBE_REQUEST_ABORT, 0);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_CRASH);
}

static void test_stack_overflow(void)
{
	const ChildRequest request = request_of(5000, 10000);
	const ChildJob job = job_of(PROBE_REQUEST_OVERFLOW, 0);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_CRASH);
}

static void test_no_answer(void)
{
	const ChildRequest request = request_of(5000, 10000);
	const ChildJob job = job_of(PROBE_REQUEST_FAIL, 0);
	expect_failure(&request, &job, CELL_ERROR, CELL_ERROR_CRASH);
}

static void test_write_file(void)
{
	const ChildRequest request = request_of(5000, 10000);
	g_autoptr(GError) error = NULL;
	g_autoptr(Arena) arena = arena_new("test", 4096, &error);
	ChildJob job = job_of(PROBE_REQUEST_WRITE_FILE, 0);
	job.arena = arena;
	uint64_t number = 0;
	/* As pid 1 of its namespace the child does not get SIGXFSZ; then write(2) fails with EFBIG. */
	if (run_job(supervisor, &request, &job, &number, &error)) {
		g_assert_cmpuint(number, ==, EFBIG);
		return;
	}
	g_assert_error(error, CELL_ERROR, CELL_ERROR_CRASH);
	g_assert_nonnull(strstr(error->message, "signal 25")); /* SIGXFSZ */
}

/* ---- spoilt answers
 * ---------------------------------------------------------------------------------------- */

static void test_garbage(gconstpointer data)
{
	const ChildRequest request = request_of(2000, 3000);
	g_autoptr(GError) error = NULL;
	g_autoptr(Arena) arena = arena_new("test", 4096, &error);
	ChildJob job = job_of(PROBE_REQUEST_GARBAGE, GPOINTER_TO_UINT(data));
	job.arena = arena;
	g_assert_false(run_job(supervisor, &request, &job, NULL, &error));
	g_test_message("%s", error->message);
	g_assert_true(cell_error_blames_content(error));
}

/* What a child does at one step of its answer, and what the trusted side makes of it. */
static const struct {
	const char *name;
	ProbeAct act;
	int code; /* of CELL_ERROR; -1: a PLAIN_ERROR */
} acts[] = {
	{ "crash", PROBE_ACT_CRASH, CELL_ERROR_CRASH },
	{ "hang", PROBE_ACT_HANG, CELL_ERROR_STALLED },
	{ "garbage", PROBE_ACT_GARBAGE, -1 },
	{ "empty", PROBE_ACT_EMPTY, CELL_ERROR_PROTOCOL },
	{ "close", PROBE_ACT_CLOSE, CELL_ERROR_PROTOCOL },
	{ "leave", PROBE_ACT_LEAVE, CELL_ERROR_PROTOCOL },
	{ "claim-no-jail", PROBE_ACT_CLAIM_JAIL, CELL_ERROR_CRASH },
};

static void test_step(gconstpointer data)
{
	unsigned act = GPOINTER_TO_UINT(data) / (PROBE_STEPS + 1);
	const ChildRequest request = request_of(2000, 300);
	ChildJob job = job_of(PROBE_REQUEST_STEP, GPOINTER_TO_UINT(data) % (PROBE_STEPS + 1));
	job.number[1] = acts[act].act;
	g_autoptr(GError) error = NULL;
	g_assert_false(run_job(supervisor, &request, &job, NULL, &error));
	if (acts[act].code < 0)
		g_assert_true(error->domain == PLAIN_ERROR);
	else if (acts[act].act == PROBE_ACT_CLOSE)
		/* Killed for its deadline or for lingering, whichever comes first. */
		g_assert_true(g_error_matches(error, CELL_ERROR, CELL_ERROR_PROTOCOL) ||
		              g_error_matches(error, CELL_ERROR, CELL_ERROR_STALLED));
	else
		g_assert_error(error, CELL_ERROR, acts[act].code);
}

/* A whole answer, and then something that must not be. */
static void test_behind_end(gconstpointer data)
{
	unsigned act = GPOINTER_TO_UINT(data);
	const ChildRequest request = request_of(2000, 300);
	ChildJob job = job_of(PROBE_REQUEST_BEHIND_END, 0);
	job.number[1] = acts[act].act;
	g_autoptr(GError) error = NULL;
	bool good = run_job(supervisor, &request, &job, NULL, &error);
	/* Code 0 behind END is the way to end, and an empty datagram holds nothing. */
	if (acts[act].act == PROBE_ACT_LEAVE)
		g_assert_true(good);
	else if (acts[act].act != PROBE_ACT_EMPTY)
		g_assert_false(good);
}

/* kill -9 at every step: after each record that came. */
static void test_kill_at_step(gconstpointer data)
{
	unsigned step = GPOINTER_TO_UINT(data);
	const ChildRequest request = request_of(5000, 5000);
	ChildJob job = job_of(PROBE_REQUEST_STEP, step);
	job.number[1] = PROBE_ACT_HANG;
	g_autoptr(Child) child = open_child(supervisor, &request);
	g_autoptr(GError) error = NULL;
	g_assert_true(child_start(child, &job, &error));
	for (unsigned i = 0; i < step; i++) {
		g_autoptr(PlainRecord) record = child_next(child, &error);
		g_assert_no_error(error);
	}
	g_assert_cmpint(kill(child_pid(child), SIGKILL), ==, 0);
	g_assert_null(child_next(child, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_KILLED);
	g_assert_false(cell_error_blames_content(error));
}

static bool say_no(void *user)
{
	(*(unsigned *)user)++;
	return false;
}

static void test_progress_ends_wait(void)
{
	unsigned calls = 0;
	ChildRequest request = request_of(5000, 60000);
	request.progress = say_no;
	request.progress_user = &calls;
	const ChildJob job = job_of(PROBE_REQUEST_HANG, 0);
	g_autoptr(GError) error = NULL;
	g_assert_false(run_job(supervisor, &request, &job, NULL, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_STALLED);
	g_assert_cmpuint(calls, ==, 1);
}

/* Records that drip in, and the events of other threads, must not keep progress from being called. */
static void test_progress_under_drip(void)
{
	unsigned calls = 0;
	ChildRequest request = request_of(5000, 60000);
	request.progress = say_no;
	request.progress_user = &calls;
	ChildJob job = job_of(PROBE_REQUEST_DRIP, 0);
	g_autoptr(GError) error = NULL;
	g_assert_false(run_job(supervisor, &request, &job, NULL, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_STALLED);
	g_assert_cmpuint(calls, ==, 1);
}

/* ---- the arena
 * ------------------------------------------------------------------------------------------------ */

/* One jail stores a part, another receives that range and hashes it: the way of unread bytes. */
static void test_arena(gconstpointer data)
{
	bool isolate = data != NULL;
	const uint64_t length = 100001, offset = 5000;
	g_autoptr(GError) error = NULL;
	g_autoptr(Arena) arena = arena_new("test", 200000, &error);
	ChildJob store = job_of(PROBE_REQUEST_STORE, length);
	store.number[1] = offset;
	store.arena = arena;

	const ChildRequest request = request_of(2000, 5000);
	g_autoptr(Child) writer = open_child(supervisor, &request);
	g_assert_true(child_start(writer, &store, &error));
	g_autoptr(PlainRecord) part = child_next(writer, &error);
	g_assert_no_error(error);
	g_assert_cmpint(part->type, ==, PLAIN_PART);
	/* Nobody may take a range while the jail can still write. */
	g_assert_null(unread_new(arena, part->part.offset, part->part.length, &error));
	g_clear_error(&error);
	g_autoptr(PlainRecord) end = child_next(writer, &error);
	g_assert_true(child_finish(writer, NULL, &error));
	g_assert_no_error(error);

	g_autoptr(Unread) whole = unread_new(arena, part->part.offset, part->part.length, &error);
	g_assert_no_error(error);
	g_autoptr(Unread) input = isolate ? unread_isolate(whole, &error) : unread_ref(whole);
	ChildJob hash = job_of(PROBE_REQUEST_HASH, 0);
	hash.input[0] = input;
	g_autoptr(Child) reader = open_child(supervisor, &request);
	g_assert_true(child_start(reader, &hash, &error));
	g_autoptr(PlainRecord) count = child_next(reader, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(count->counter.value, ==, length);
	g_autoptr(PlainRecord) digest = child_next(reader, &error);
	g_assert_no_error(error);
	g_autoptr(GString) claimed = g_string_new(NULL);
	for (unsigned i = 0; i < 32; i++)
		g_string_append_printf(claimed, "%02x", part->part.sha256[i]);
	g_assert_cmpstr(digest->string.text, ==, claimed->str);
}

static void test_arena_ranges(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Arena) arena = arena_new("test", 8192, &error);
	g_assert_true(arena_seal(arena, &error));
	static const struct {
		uint64_t offset, length;
		bool good;
	} ranges[] = {
		{ 0, 8192, true },
		{ 8192, 0, true },
		{ 0, 8193, false },
		{ 1, 8192, false },
		{ 8193, 0, false },
		{ UINT64_MAX, 1, false },
		{ 1, UINT64_MAX, false },
		{ UINT64_MAX, UINT64_MAX, false },
		{ 4096, UINT64_MAX - 100, false },
	};
	for (unsigned i = 0; i < G_N_ELEMENTS(ranges); i++) {
		g_autoptr(Unread) unread = unread_new(arena, ranges[i].offset, ranges[i].length, NULL);
		g_assert_cmpint(unread != NULL, ==, ranges[i].good);
	}
}

/* ---- pixels and their release ---------------------------------------------------------------------------- */

static ChildJob draw_job(Pixels *pixels, uint64_t pages, uint64_t unawaited)
{
	ChildJob job = job_of(PROBE_REQUEST_DRAW, pages);
	job.number[1] = unawaited;
	job.pixels = pixels;
	job.caps.types |= 1U << PLAIN_PICTURE;
	job.caps.max_pictures = (uint32_t)pages;
	job.caps.max_picture_pixels = 1;
	return job;
}

static void take_page(const Pixels *pixels, const PlainRecord *record, uint32_t page)
{
	uint32_t pixel = 0;
	g_autoptr(GError) error = NULL;
	g_assert_cmpuint(record->type, ==, PLAIN_PICTURE);
	g_assert_cmpuint(record->picture.page, ==, page);
	g_assert_true(pixels_copy(pixels, record->picture.offset, record->picture.length, &pixel, &error));
	g_assert_cmpuint(pixel, ==, page);
}

/* Behind the block that the child drew on, up to the end of its half, all is white. */
static void assert_white_behind(const Pixels *pixels, uint64_t offset)
{
	uint64_t from = offset + (uint64_t)sysconf(_SC_PAGESIZE), length = offset + pixels_size(pixels) / 2 - from;
	g_autofree uint8_t *behind = g_malloc0(length);
	uint64_t white = 0;
	g_assert_true(pixels_copy(pixels, from, length, behind, NULL));
	for (uint64_t i = 0; i < length; i++)
		white += behind[i] == 0xFF ? 1 : 0;
	g_assert_cmpuint(white, ==, length);
}

/* No page is drawn over before it was taken, however late that is. */
static void test_draw(gconstpointer data)
{
	enum { PAGES = 50 };
	unsigned late = GPOINTER_TO_UINT(data); /* the first pages wait for those behind them */
	const ChildRequest request = request_of(5000, 20000);
	g_autoptr(GError) error = NULL;
	g_autoptr(Pixels) pixels = pixels_new("test", 1 << 20, &error);
	g_autoptr(Child) child = open_child(supervisor, &request);
	const ChildJob job = draw_job(pixels, PAGES, 0);
	ChildUsage usage;
	g_assert_true(child_start(child, &job, &error));
	for (uint32_t page = 1; page <= PAGES; page++) {
		g_autoptr(PlainRecord) record = child_next(child, &error);
		g_assert_no_error(error);
		if (page % 10 == 0)
			g_usleep(2000);
		take_page(pixels, record, page);
		assert_white_behind(pixels, record->picture.offset);
		for (unsigned n = page < late ? 0 : page == late ? late : 1; n > 0; n--)
			child_release(child);
	}
	g_autoptr(PlainRecord) end = child_next(child, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(end->type, ==, PLAIN_END);
	g_assert_true(child_finish(child, &usage, &error));
	g_assert_cmpuint(child_usage(child).peak_memory, ==, usage.peak_memory);
}

/* It waits as long as it lives, and no longer. */
static void test_draw_unreleased(void)
{
	const ChildRequest request = request_of(5000, 500);
	g_autoptr(GError) error = NULL;
	g_autoptr(Pixels) pixels = pixels_new("test", 1 << 20, &error);
	g_autoptr(Child) child = open_child(supervisor, &request);
	const ChildJob job = draw_job(pixels, 3, 0);
	g_assert_true(child_start(child, &job, &error));
	for (uint32_t page = 1; page <= 2; page++) {
		g_autoptr(PlainRecord) record = child_next(child, &error);
		g_assert_no_error(error);
		take_page(pixels, record, page);
	}
	g_assert_null(child_next(child, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_STALLED);
	g_assert_cmpuint(child_usage(child).wall_ms, >=, 500);
}

/* One that breaks the rule of releases spoils its own answer at most; it ends by a record or by an error of its own. */
static void test_release_unread(void)
{
	const ChildRequest request = request_of(5000, 10000);
	g_autoptr(GError) error = NULL;
	g_autoptr(Pixels) pixels = pixels_new("test", 1 << 20, &error);
	g_autoptr(Child) child = open_child(supervisor, &request);
	const ChildJob job = draw_job(pixels, 2, 2);
	g_assert_true(child_start(child, &job, &error));
	/* Far more than a socket holds: none of them may wait. */
	for (unsigned i = 0; i < 100000; i++)
		child_release(child);
	bool ended = false;
	while (!ended && error == NULL) {
		g_autoptr(PlainRecord) record = child_next(child, &error);
		ended = record != NULL && record->type == PLAIN_END;
	}
	if (!ended)
		g_assert_true(cell_error_blames_content(error));
}

static void test_release_of_the_dead(void)
{
	const ChildRequest request = request_of(5000, 10000);
	g_autoptr(Child) child = open_child(supervisor, &request);
	const ChildJob job = job_of(PROBE_REQUEST_FAIL, 0);
	g_autoptr(GError) error = NULL;
	g_assert_true(child_start(child, &job, &error));
	g_assert_null(child_next(child, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_CRASH);
	child_release(child);
}

static void test_pixels_ranges(void)
{
	static const struct {
		uint64_t offset, length;
		bool good;
	} ranges[] = {
		{ 0, 0, true },     { 0, 16, true },           { 4080, 16, true },           { 4096, 0, true },
		{ 4081, 16, false }, { 4097, 0, false },        { UINT64_MAX, 1, false },     { 1, UINT64_MAX, false },
		{ 0, 4097, false }, { UINT64_MAX, 16, false }, { UINT64_MAX - 7, 8, false },
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(Pixels) pixels = pixels_new("test", 100, &error);
	g_assert_cmpuint(pixels_size(pixels), ==, 4096);
	for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
		uint8_t out[16] = { 0 };
		bool copied = pixels_copy(pixels, ranges[i].offset, ranges[i].length, out, NULL);
		g_assert_cmpint(copied, ==, ranges[i].good);
		/* What no child has touched is white. */
		for (uint64_t k = 0; ranges[i].good && k < ranges[i].length; k++)
			g_assert_cmphex(out[k], ==, 0xFF);
	}
	g_assert_true(pixels_seal(pixels, &error));
	g_assert_true(pixels_seal(pixels, &error));
	g_assert_null(pixels_new("test", UINT64_MAX, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_LIMIT);
}

static void test_memfd_cap(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MemfdWriter) writer = memfd_writer_new("test", 10, &error);
	g_assert_true(memfd_writer_append(writer, "12345", 5, &error));
	g_assert_true(memfd_writer_append(writer, "67890", 5, &error));
	g_assert_false(memfd_writer_append(writer, "1", 1, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_LIMIT);
	g_clear_error(&error);
	g_autoptr(Sealed) sealed = memfd_writer_seal(writer, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(sealed_length(sealed), ==, 10);
}

/* ---- the supervisor
 * --------------------------------------------------------------------------------------------- */

static void test_budget(void)
{
	g_autoptr(Supervisor) small = start_supervisor(10, 100 << 20);
	ChildRequest request = request_of(2000, 5000);
	request.wait_ms = 300;
	g_autoptr(Child) first = open_child(small, &request); /* 65 MiB of 100 */
	g_autoptr(GError) error = NULL;
	g_assert_null(supervisor_child(small, &request, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_BUSY);
	g_assert_false(cell_error_blames_content(error));
	g_clear_error(&error);
	g_clear_pointer(&first, child_free);
	g_autoptr(Child) third = open_child(small, &request);
	g_assert_nonnull(third);
	static const struct {
		uint64_t memory, memfds;
	} too_much[] = {
		{ UINT64_C(1) << 40, 0 }, { UINT64_MAX, 1 }, { 1, UINT64_MAX }, { 0, UINT64_C(51) << 20 }
	};
	for (size_t i = 0; i < G_N_ELEMENTS(too_much); i++) {
		request.memory = too_much[i].memory;
		request.memfds = too_much[i].memfds;
		g_assert_null(supervisor_child(small, &request, &error));
		g_assert_error(error, CELL_ERROR, CELL_ERROR_BUDGET);
		g_assert_false(cell_error_blames_content(error));
		g_clear_error(&error);
	}
}

/* Long jobs leave room for short ones, but one of them always runs. */
static void test_leaves(void)
{
	const SupervisorKind kinds[] = {
		{ .name = "long", .executable = program, .spare = 1, .maximum = 4, .leaves = 80 << 20 },
		{ .name = "short", .executable = program, .spare = 1, .maximum = 4 },
	};
	const SupervisorOptions options = { .kinds = kinds,
		                            .n_kinds = G_N_ELEMENTS(kinds),
		                            .memory_budget = 200 << 20,
		                            .uid = jail_uid,
		                            .gid = (gid_t)jail_uid };
	ChildRequest long_one = request_of(2000, 5000), short_one = long_one; /* 66 MiB each */
	long_one.kind = "long";
	short_one.kind = "short";
	g_autoptr(GError) error = NULL;
	g_autoptr(Supervisor) own = supervisor_start(&options, &error);
	g_assert_no_error(error);
	g_autoptr(Child) first = open_child(own, &long_one);
	long_one.wait_ms = 300;
	g_assert_null(supervisor_child(own, &long_one, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_BUSY);
	g_autoptr(Child) beside = open_child(own, &short_one);
	g_clear_pointer(&first, child_free);
	long_one.wait_ms = 5000;
	g_autoptr(Child) second = open_child(own, &long_one);
	g_assert_nonnull(second);
}

static void *run_many(void *data)
{
	const ChildRequest request = request_of(5000, 20000);
	const ChildJob job = job_of(PROBE_REQUEST_NOTHING, 0);
	for (unsigned i = 0; i < 50; i++) {
		g_autoptr(GError) error = NULL;
		g_assert_true(run_job(data, &request, &job, NULL, &error));
		g_assert_no_error(error);
	}
	return NULL;
}

static void test_threads(void)
{
	GThread *threads[8];
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("many", run_many, supervisor);
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	SupervisorStatus status;
	g_assert_true(supervisor_status(supervisor, &status, NULL));
	g_assert_cmpuint(status.running, ==, 0);
	g_assert_cmpuint(status.memory_used, ==, 0);
	g_assert_cmpuint(status.spare, <=, 2);
}

/* The first process with that name whose parent is `parent`. */
static pid_t find_process(const char *name, pid_t parent)
{
	DIR *proc = opendir("/proc");
	pid_t found = 0;
	for (struct dirent *entry = readdir(proc); entry != NULL && found == 0; entry = readdir(proc)) {
		g_autofree char *path = g_strdup_printf("/proc/%s/stat", entry->d_name);
		g_autofree char *text = NULL;
		int pid = 0, ppid = 0;
		char comm[64] = "";
		if (g_ascii_isdigit(entry->d_name[0]) && g_file_get_contents(path, &text, NULL, NULL) &&
		    sscanf(text, "%d (%63[^)]) %*c %d", &pid, comm, &ppid) == 3 && ppid == parent &&
		    strcmp(comm, name) == 0)
			found = pid;
	}
	closedir(proc);
	return found;
}

/* The zygote has the lowest number among the supervisor's children: it was first. */
static pid_t find_zygote(pid_t parent)
{
	return find_process("mugai-probe", parent);
}

static void test_kill_zygote(void)
{
	g_autoptr(Supervisor) own = start_supervisor(10, 0);
	SupervisorStatus status;
	g_assert_true(supervisor_status(own, &status, NULL));
	pid_t zygote = find_zygote((pid_t)status.pid);
	g_assert_cmpint(zygote, >, 0);
	g_assert_cmpint(kill(zygote, SIGKILL), ==, 0);
	/* Spares still serve, then the new zygote's children. */
	run_many(own);
	g_assert_true(supervisor_status(own, &status, NULL));
	g_assert_cmpuint(status.zygote_restarts, ==, 1);
	g_assert_cmpint(find_zygote((pid_t)status.pid), !=, zygote);
}

/* For a command: no spare beside its one child, and no zygote that waits; yet others can be had, one beside another. */
static void test_once(void)
{
	const ChildRequest request = request_of(5000, 20000);
	const ChildJob job = job_of(PROBE_REQUEST_NOTHING, 0);
	for (unsigned round = 0; round < 20; round++) {
		g_autoptr(Supervisor) own = start_supervisor_for(10, 0, true);
		g_autoptr(GError) error = NULL;
		SupervisorStatus status;
		g_assert_true(run_job(own, &request, &job, NULL, &error));
		g_assert_no_error(error);
		g_assert_true(supervisor_status(own, &status, NULL));
		g_assert_cmpuint(status.spare, ==, 0);
		g_assert_cmpuint(status.kinds[0].zygote, ==, 0);
		g_autoptr(Child) first = open_child(own, &request);
		g_autoptr(Child) second = open_child(own, &request);
		g_assert_cmpint(child_pid(first), !=, child_pid(second));
		g_assert_true(run_job(own, &request, &job, NULL, &error));
		g_assert_no_error(error);
		g_assert_true(supervisor_status(own, &status, NULL));
		g_assert_cmpuint(status.started, ==, 4);
		g_assert_cmpuint(status.crashed, ==, 0);
		g_assert_cmpuint(status.zygote_restarts, ==, 0);
	}
}

static void test_once_without_zygote(void)
{
	g_autoptr(Supervisor) own = start_supervisor_for(10, 0, true);
	SupervisorStatus status;
	g_assert_true(supervisor_await(own, NULL));
	g_assert_true(supervisor_status(own, &status, NULL));
	pid_t zygote = find_zygote((pid_t)status.pid);
	g_assert_cmpint(zygote, >, 0);
	g_assert_cmpint(kill(zygote, SIGKILL), ==, 0);
	run_many(own);
}

static void test_kill_spares(void)
{
	g_autoptr(Supervisor) own = start_supervisor(10, 0);
	SupervisorStatus status;
	g_assert_true(supervisor_status(own, &status, NULL));
	pid_t zygote = find_zygote((pid_t)status.pid);
	for (unsigned round = 0; round < 5; round++) {
		g_autofree char *path = g_strdup_printf("/proc/%u/task/%u/children", status.pid, status.pid);
		g_autofree char *text = NULL;
		if (!g_file_get_contents(path, &text, NULL, NULL))
			break; /* a kernel without that file: the zygote's test has shown the like */
		g_auto(GStrv) pids = g_strsplit(text, " ", -1);
		for (unsigned i = 0; pids[i] != NULL && *pids[i] != '\0'; i++)
			if (atoi(pids[i]) != zygote)
				kill(atoi(pids[i]), SIGKILL);
		g_usleep(20000);
	}
	run_many(own);
}

static void test_kill_supervisor(void)
{
	Supervisor *own = start_supervisor(10, 0);
	SupervisorStatus status;
	g_assert_true(supervisor_status(own, &status, NULL));
	const ChildRequest request = request_of(5000, 60000);
	Child *child = open_child(own, &request);
	const ChildJob job = job_of(PROBE_REQUEST_HANG, 0);
	g_autoptr(GError) error = NULL;
	g_assert_true(child_start(child, &job, &error));
	pid_t zygote = find_zygote((pid_t)status.pid);
	pid_t jailed = child_pid(child);
	g_assert_cmpint(kill((pid_t)status.pid, SIGKILL), ==, 0);

	g_assert_null(child_next(child, &error));
	g_assert_false(cell_error_blames_content(error));
	g_clear_error(&error);
	struct pollfd death = { .fd = supervisor_death_fd(own), .events = POLLIN };
	g_assert_cmpint(poll(&death, 1, 5000), ==, 1);
	g_assert_null(supervisor_child(own, &request, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE);
	/* Nothing outlives it: neither the zygote nor a child that hangs. */
	for (unsigned i = 0; i < 100 && (kill(zygote, 0) == 0 || kill(jailed, 0) == 0); i++)
		g_usleep(50000);
	g_assert_cmpint(kill(zygote, 0), ==, -1);
	g_assert_cmpint(kill(jailed, 0), ==, -1);
	child_free(child);
	supervisor_stop(own);
}

/* Out of descriptors in the front: one lease is lost, and the next one comes when there is room. */
static void test_no_descriptors(void)
{
	g_autoptr(Supervisor) own = start_supervisor(10, 0);
	const ChildRequest request = request_of(2000, 5000);
	int taken[2048];
	unsigned n = 0;
	while (n < G_N_ELEMENTS(taken) && (taken[n] = dup(0)) >= 0)
		n++;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)taken[n - 1] + 1;
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	g_autoptr(GError) error = NULL;
	g_assert_null(supervisor_child(own, &request, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE);
	limit.rlim_cur = before;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (n > 0)
		close(taken[--n]);
	run_many(own);
}

/* A supervisor that is stuck does not keep us from ending. */
static void test_stop_stuck_supervisor(void)
{
	Supervisor *own = start_supervisor(10, 0);
	SupervisorStatus status;
	g_assert_true(supervisor_status(own, &status, NULL));
	g_assert_cmpint(kill((pid_t)status.pid, SIGSTOP), ==, 0);
	supervisor_stop(own);
	g_assert_cmpint(kill((pid_t)status.pid, 0), ==, -1);
}

static void test_no_program(void)
{
	const SupervisorKind kind = {
		.name = "probe", .executable = "/nonexistent/mugai-probe", .spare = 1, .maximum = 1
	};
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	g_assert_null(supervisor_start(&options, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE);
}

static void test_program_that_is_no_zygote(void)
{
	const SupervisorKind kind = { .name = "true", .executable = "/bin/true", .spare = 1, .maximum = 1 };
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	g_assert_null(supervisor_start(&options, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE);
}

/* Options of ours, before those of GLib: --user UID, --program PATH. Returns how many words they took. */
static int take_options(int argc, char **argv)
{
	int used = 0;
	for (; argc > used + 2; used += 2) {
		if (strcmp(argv[used + 1], "--user") == 0)
			jail_uid = (uid_t)atoi(argv[used + 2]);
		else if (strcmp(argv[used + 1], "--program") == 0)
			program = argv[used + 2];
		else
			break;
	}
	return used;
}

static void add_indexed(const char *group, const char *name, unsigned index, GTestDataFunc function)
{
	g_autofree char *path = g_strconcat(group, name, NULL);
	g_test_add_data_func(path, GUINT_TO_POINTER(index), function);
}

int main(int argc, char **argv)
{
	int used = take_options(argc, argv);
	argv[used] = argv[0];
	argv += used;
	argc -= used;
	g_test_init(&argc, &argv, NULL);
	g_autofree char *render_program = g_strconcat(program, "-render", NULL);
	supervisor = start_supervisor(20, 0);
	render = start_program(render_program, 20, 0, false);
	office_program = g_strconcat(program, "-office", NULL);
	office = start_both();
	g_test_add_func("/jail/walls", test_walls);
	for (unsigned i = 0; i < n_probes; i++) {
		add_indexed("/jail/inside/", probes[i].name, i, test_probe_inside);
		add_indexed("/jail/outside/", probes[i].name, i, test_probe_outside);
		add_indexed("/jail/render/", probes[i].name, i, test_probe_in_render);
		add_indexed("/jail/office/", probes[i].name, i, test_probe_in_office);
		add_indexed("/jail/office-thread/", probes[i].name, i, test_probe_in_older_thread);
	}
	g_test_add_func("/private/empty", test_private_is_empty);
	g_test_add_func("/private/size", test_private_size);
	g_test_add_func("/private/freed", test_private_is_freed);
	g_test_add_func("/private/alone", test_nothing_else_is_writable);
	g_test_add_func("/private/threads", test_threads_of_each);
	g_test_add_func("/private/descriptors", test_descriptors_of_job);
	g_test_add_func("/jail/office-code-of-before", test_code_of_before);
	g_test_add_func("/private/no-namespace", test_no_mount_namespace);
	g_test_add_func("/jail/descriptors", test_descriptors);
	g_test_add_func("/jail/descriptors-from-outside", test_descriptors_seen_from_outside);
	g_test_add_func("/jail/write-to-arena-descriptor", test_write_file);
	g_test_add_func("/limits/cpu", test_cpu_limit);
	g_test_add_func("/limits/cpu-as-reported", test_killed_by_cpu);
	g_test_add_func("/limits/deadline-busy", test_deadline_busy);
	g_test_add_func("/slow/goes-on", test_slow_goes_on);
	g_test_add_func("/slow/nice-daemon", test_slow_of_nice_daemon);
	g_test_add_func("/slow/unwanted", test_slow_is_unwanted);
	g_test_add_func("/slow/idle", test_idle_is_not_slow);
	g_test_add_func("/slow/not-blamed-for-time", test_slow_is_not_blamed_for_time);
	g_test_add_func("/limits/deadline-idle", test_deadline_idle);
	g_test_add_func("/limits/linger", test_linger);
	g_test_add_func("/limits/memory", test_memory_limit);
	g_test_add_func("/limits/no-memory", test_no_memory);
	g_test_add_func("/limits/abort", test_abort);
	g_test_add_func("/limits/stack", test_stack_overflow);
	g_test_add_func("/protocol/no-answer", test_no_answer);
	for (unsigned i = 0; i < PROBE_GARBAGE_KINDS; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);
		add_indexed("/protocol/garbage/", number, i, test_garbage);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(acts) * (PROBE_STEPS + 1); i++) {
		unsigned act = i / (PROBE_STEPS + 1), step = i % (PROBE_STEPS + 1);
		g_autofree char *name = g_strdup_printf("%s/%u", acts[act].name, step);
		add_indexed("/protocol/step/", name, i, test_step);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(acts); i++)
		add_indexed("/protocol/behind-end/", acts[i].name, i, test_behind_end);
	for (unsigned i = 0; i <= PROBE_STEPS; i++) {
		g_autofree char *number = g_strdup_printf("%u", i);
		add_indexed("/protocol/kill/", number, i, test_kill_at_step);
	}
	g_test_add_func("/protocol/progress-under-drip", test_progress_under_drip);
	g_test_add_func("/protocol/progress", test_progress_ends_wait);
	g_test_add_data_func("/arena/range", NULL, test_arena);
	g_test_add_data_func("/arena/isolated", "yes", test_arena);
	g_test_add_func("/arena/ranges", test_arena_ranges);
	g_test_add_data_func("/pixels/two-halves", GUINT_TO_POINTER(1), test_draw);
	g_test_add_data_func("/pixels/one-late", GUINT_TO_POINTER(2), test_draw);
	g_test_add_func("/pixels/never-released", test_draw_unreleased);
	g_test_add_func("/pixels/release-unread", test_release_unread);
	g_test_add_func("/pixels/release-of-the-dead", test_release_of_the_dead);
	g_test_add_func("/pixels/ranges", test_pixels_ranges);
	g_test_add_func("/memfd/cap", test_memfd_cap);
	g_test_add_func("/supervisor/threads", test_threads);
	g_test_add_func("/supervisor/budget", test_budget);
	g_test_add_func("/supervisor/leaves", test_leaves);
	g_test_add_func("/supervisor/kill-zygote", test_kill_zygote);
	g_test_add_func("/supervisor/once", test_once);
	g_test_add_func("/supervisor/once-without-zygote", test_once_without_zygote);
	g_test_add_func("/supervisor/kill-spares", test_kill_spares);
	g_test_add_func("/supervisor/kill-supervisor", test_kill_supervisor);
	g_test_add_func("/supervisor/no-descriptors", test_no_descriptors);
	g_test_add_func("/supervisor/stop-stuck", test_stop_stuck_supervisor);
	g_test_add_func("/supervisor/no-program", test_no_program);
	g_test_add_func("/supervisor/no-zygote", test_program_that_is_no_zygote);
	int failed = g_test_run();
	supervisor_stop(supervisor);
	supervisor_stop(render);
	supervisor_stop(office);
	g_free(office_program);
	return failed;
}
