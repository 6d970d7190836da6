/* seccomp: the list of what a child may ask of the kernel. Compiled once in the zygote, so that a
 * child pays one system call and not the compilation. */
#include "jail_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Why these and no others: a child reads its job (recvmsg, fcntl), computes (memory), and answers
 * (write). Nothing else is part of its work. */
const JailRule jail_base_rules[] = {
	{ "read", JAIL_ALLOW, "inputs that a library wants to read(2)" },
	{ "write", JAIL_ALLOW, "the answer" },
	{ "close", JAIL_ALLOW, "descriptors of the job" },
	{ "recvmsg", JAIL_ALLOW, "the job" },
	{ "lseek", JAIL_ALLOW, "inputs that a library wants to read(2)" },
	{ "fcntl", JAIL_ALLOW_GET_SEALS, "the inputs' seals are looked at, not believed" },
	{ "brk", JAIL_ALLOW, "memory" },
	{ "mmap", JAIL_ALLOW_NO_EXEC, "memory, inputs, arena; never code" },
	{ "mprotect", JAIL_ALLOW_NO_EXEC, "malloc's heaps; never code" },
	{ "munmap", JAIL_ALLOW, "memory" },
	{ "mremap", JAIL_ALLOW, "memory" },
	{ "madvise", JAIL_ALLOW, "memory" },
	{ "futex", JAIL_ALLOW, "locks of libraries, never contended" },
	{ "getrandom", JAIL_ALLOW, "hash seeds of libraries" },
	{ "clock_gettime", JAIL_ALLOW, "where the vDSO does not serve it" },
	{ "rt_sigreturn", JAIL_ALLOW, "signal frames" },
	{ "exit_group", JAIL_ALLOW, "the end" },
	{ "openat", JAIL_ERRNO_EACCES, "libraries that look for a file are told no, and go on" },
	{ "newfstatat", JAIL_ERRNO_EACCES,
	  "also with AT_EMPTY_PATH: a filter cannot see the path, so it would leak any file's size" },
#ifdef MUGAI_UNSAFE_BUILD
	/* The sanitizers' own calls. Such a build says UNSAFE BUILD and cannot be installed. */
	{ "sigaltstack", JAIL_ALLOW, "sanitizer" },
	{ "rt_sigaction", JAIL_ALLOW, "sanitizer" },
	{ "rt_sigprocmask", JAIL_ALLOW, "sanitizer" },
	{ "sched_yield", JAIL_ALLOW, "sanitizer" },
	{ "getpid", JAIL_ALLOW, "sanitizer" },
	{ "gettid", JAIL_ALLOW, "sanitizer" },
	{ "tgkill", JAIL_ALLOW, "sanitizer" },
	{ "readlink", JAIL_ERRNO_EACCES, "sanitizer" },
	{ "getrlimit", JAIL_ALLOW, "sanitizer" },
	{ "prlimit64", JAIL_ALLOW, "sanitizer" },
	{ "prctl", JAIL_ERRNO_EACCES, "sanitizer" },
	{ "ioctl", JAIL_ERRNO_EACCES, "sanitizer" },
#endif
	{ NULL, JAIL_ALLOW, NULL },
};

static struct {
	const JailProfile *profile;
	struct sock_fprog program;
} prepared;

/* Everything that an openat may ask beside reading. O_LARGEFILE is 0 on these hosts, and old libraries pass its value. */
static const uint32_t open_harmless = O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | 0100000;

/* What is neither (O_TRUNC, O_PATH, ...) is on no list, and kills. */
static int add_read_only(scmp_filter_ctx filter, int number)
{
	const struct {
		uint32_t action;
		struct scmp_arg_cmp flags;
	} rules[] = {
		{ SCMP_ACT_ALLOW, SCMP_A2(SCMP_CMP_MASKED_EQ, (uint32_t)~open_harmless, O_RDONLY) },
		{ SCMP_ACT_ERRNO(EACCES), SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_WRONLY) },
		{ SCMP_ACT_ERRNO(EACCES), SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDWR) },
		{ SCMP_ACT_ERRNO(EACCES), SCMP_A2(SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT) },
	};
	int failed = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(rules) && failed == 0; i++)
		failed = seccomp_rule_add(filter, rules[i].action, number, 1, rules[i].flags);
	return failed;
}

static int add_fcntl(scmp_filter_ctx filter, int number)
{
	static const unsigned commands[] = { F_GET_SEALS, F_GETFD, F_SETFD, F_GETFL };
	int failed = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(commands) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, SCMP_A1(SCMP_CMP_EQ, commands[i]));
	return failed;
}

typedef struct {
	uint32_t action;
	unsigned n;
	struct scmp_arg_cmp when[2];
} Case;

static int add_cases(scmp_filter_ctx filter, int number, const Case *cases, size_t n)
{
	int failed = 0;
	for (size_t i = 0; i < n && failed == 0; i++)
		failed = seccomp_rule_add_array(filter, cases[i].action, number, cases[i].n, cases[i].when);
	return failed;
}

/* Code comes from files, and the mounts say from which: not from memory, which the document's bytes are in. */
static int add_code(scmp_filter_ctx filter, int number)
{
	const uint64_t both = PROT_WRITE | PROT_EXEC;
	const Case cases[] = {
		{ SCMP_ACT_ALLOW, 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
		{ SCMP_ACT_ERRNO(EPERM), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, both, both) } },
		{ SCMP_ACT_ALLOW, 2,
		  { SCMP_A2(SCMP_CMP_MASKED_EQ, both, PROT_EXEC), SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0) } },
		{ SCMP_ACT_ERRNO(EPERM), 2,
		  { SCMP_A2(SCMP_CMP_MASKED_EQ, both, PROT_EXEC),
		    SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS) } },
	};
	return add_cases(filter, number, cases, G_N_ELEMENTS(cases));
}

static int add_data(scmp_filter_ctx filter, int number)
{
	const Case cases[] = {
		{ SCMP_ACT_ALLOW, 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
		{ SCMP_ACT_ERRNO(EPERM), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC) } },
	};
	return add_cases(filter, number, cases, G_N_ELEMENTS(cases));
}

/* What pthread_create() asks for, in glibc since 2.3; a new process or namespace is another value. */
static const uint64_t thread_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |
                                     CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

static int add_threads(scmp_filter_ctx filter, int number)
{
	const Case cases[] = {
		{ SCMP_ACT_ALLOW, 1, { SCMP_A0(SCMP_CMP_EQ, thread_flags) } },
		{ SCMP_ACT_ERRNO(EPERM), 1, { SCMP_A0(SCMP_CMP_NE, thread_flags) } },
	};
	return add_cases(filter, number, cases, G_N_ELEMENTS(cases));
}

/* Others could name a process that gets signals, or a descriptor that is watched. A filter cannot say "any but these", so that each
 * of those that exist is named. */
static int add_locks(scmp_filter_ctx filter, int number)
{
	static const unsigned commands[] = { F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_GETLK, F_SETLK, F_SETLKW };
	static const unsigned refused[] = { F_SETOWN, F_GETOWN, F_SETSIG,       F_GETSIG,      F_SETLEASE,  F_GETLEASE,
		                            F_NOTIFY, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_OFD_GETLK, F_OFD_SETLK,
		                            F_OFD_SETLKW };
	int failed = add_fcntl(filter, number);
	for (size_t i = 0; i < G_N_ELEMENTS(commands) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, SCMP_A1(SCMP_CMP_EQ, commands[i]));
	for (size_t i = 0; i < G_N_ELEMENTS(refused) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 1, SCMP_A1(SCMP_CMP_EQ, refused[i]));
	return failed;
}

static int rule_add(scmp_filter_ctx filter, const JailRule *rule)
{
	int number = seccomp_syscall_resolve_name(rule->syscall);
	if (number == __NR_SCMP_ERROR)
		return -EINVAL;
	switch (rule->action) {
	case JAIL_ALLOW:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	case JAIL_ALLOW_NO_EXEC:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
		                        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	case JAIL_ALLOW_CODE:
		return add_code(filter, number);
	case JAIL_ALLOW_DATA:
		return add_data(filter, number);
	case JAIL_ALLOW_THREADS:
		return add_threads(filter, number);
	case JAIL_ALLOW_LOCKS:
		return add_locks(filter, number);
	case JAIL_ALLOW_GET_SEALS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, SCMP_A1(SCMP_CMP_EQ, F_GET_SEALS));
	case JAIL_ALLOW_FLAGS:
		return add_fcntl(filter, number);
	case JAIL_ALLOW_READ_ONLY:
		return add_read_only(filter, number);
	case JAIL_ALLOW_GET_LIMIT:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 2, SCMP_A0(SCMP_CMP_EQ, 0),
		                        SCMP_A2(SCMP_CMP_EQ, 0));
	case JAIL_ERRNO_EACCES:
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), number, 0);
	case JAIL_ERRNO_EPERM:
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
	case JAIL_ERRNO_ENOSYS:
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
	}
	return -EINVAL;
}

static bool is_listed(const JailRule *rules, const char *syscall)
{
	for (const JailRule *rule = rules; rule != NULL && rule->syscall != NULL; rule++)
		if (strcmp(rule->syscall, syscall) == 0)
			return true;
	return false;
}

/* instead: NULL, or rules that stand in the place of those for the same calls. */
static bool rules_add(scmp_filter_ctx filter, const JailRule *rules, const JailRule *instead, GError **error)
{
	for (const JailRule *rule = rules; rule->syscall != NULL; rule++) {
		if (is_listed(instead, rule->syscall))
			continue;
		int failed = rule_add(filter, rule);
		if (failed == 0)
			continue;
		g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL, "seccomp rule \"%s\": %s", rule->syscall,
		            g_strerror(-failed));
		return false;
	}
	return true;
}

/* libseccomp 2.5 exports to a descriptor only: through a memfd into memory of ours. */
static bool keep_program(scmp_filter_ctx filter, GError **error)
{
	int fd = memfd_create("mugai-filter", MFD_CLOEXEC);
	if (fd < 0)
		return jail_fail(error, "memfd_create");
	off_t size = seccomp_export_bpf(filter, fd) == 0 ? lseek(fd, 0, SEEK_END) : -1;
	bool good = size > 0 && size % (off_t)sizeof(struct sock_filter) == 0 &&
	            size / (off_t)sizeof(struct sock_filter) <= BPF_MAXINSNS;
	if (good) {
		prepared.program.len = (unsigned short)(size / (off_t)sizeof(struct sock_filter));
		prepared.program.filter = g_malloc((gsize)size);
		good = pread(fd, prepared.program.filter, (size_t)size, 0) == (ssize_t)size;
	}
	close(fd);
	return good || jail_fail(error, "export the seccomp filter");
}

bool jail_seccomp_prepare(const JailProfile *profile, GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return jail_fail(error, "seccomp_init");
	/* Another architecture's numbers (x32, i386) mean other calls: kill, too. */
	bool good = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 ||
	            jail_fail(error, "seccomp_attr_set");
	/* As a binary tree: when a child loads the filter, the kernel runs it once for every system call that
	 * there is, and a list takes twice as long. */
	good = good && (seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 ||
	                jail_fail(error, "seccomp_attr_set"));
	good = good && rules_add(filter, jail_base_rules, profile->rules, error) &&
	       (profile->rules == NULL || rules_add(filter, profile->rules, NULL, error)) &&
	       keep_program(filter, error);
	seccomp_release(filter);
	if (good)
		prepared.profile = profile;
	return good;
}

bool jail_seccomp(const JailProfile *profile, GError **error)
{
	if (prepared.profile != profile) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL, "no filter was compiled for \"%s\"",
		            profile->name);
		return false;
	}
	/* A thread that it cannot be put on is no error of the call, but its number. */
	unsigned flags = profile->threads > 0 ? SECCOMP_FILTER_FLAG_TSYNC : 0;
	long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prepared.program);
	if (failed > 0)
		errno = ESRCH;
	return failed == 0 || jail_fail(error, "load the seccomp filter");
}
