/* The checker's lock, written out by hand so that the program links nothing: descriptors, root given up,
 * rlimits, no_new_privs, Landlock without any path, seccomp with an allow-list of a dozen calls. Landlock and
 * seccomp are both required (facts: stat() and socket() pass Landlock; a filter cannot read paths).
 */
#include "verify_priv.h"

#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* -- root -- */

#define NOBODY 65534u

static bool is_root(void)
{
	uid_t real, effective, saved;
	return getresuid(&real, &effective, &saved) != 0 || real == 0 || effective == 0 || saved == 0;
}

/* setresuid() leaves capabilities to a process that was started with SECBIT_NO_SETUID_FIXUP, and a
 * caller may hand ambient ones to any user. */
static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	return syscall(SYS_capset, &header, none) == 0;
}

/* A hostile message that took the checker over would own root's identity, whatever the filter says.
 * The groups first: without root they could not be given up any more. */
static bool drop_root(void)
{
	if (!is_root())
		return true;
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0 && !is_root();
}

/* -- rlimits -- */

/* With FSIZE 0 the verdict itself could not be written into a file, and the process would die of
 * SIGXFSZ; so it is set only where 1 and 2 are no files. The filter forbids all other writing. */
static bool writes_to_file(void)
{
	struct stat out, err;
	return (fstat(1, &out) == 0 && S_ISREG(out.st_mode)) || (fstat(2, &err) == 0 && S_ISREG(err.st_mode));
}

static bool limit(int resource, rlim_t most)
{
	struct rlimit value = { most, most };
	return setrlimit((__rlimit_resource_t)resource, &value) == 0;
}

static bool limit_all(void)
{
	/* 0 to 2 and, for a moment, Landlock's. */
	bool good = limit(RLIMIT_NOFILE, 4) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0) &&
	            limit(RLIMIT_CPU, 20);
	if (!writes_to_file())
		good = good && limit(RLIMIT_FSIZE, 0);
#ifndef MUGAI_UNSAFE_BUILD
	/* The message, its decoded text, the check, and libc. */
	good = good && limit(RLIMIT_AS, 256u << 20);
#endif
	return good;
}

/* -- Landlock -- */

/* The rights of the ABIs 1 to 7. The headers of Debian 12 end at ABI 2, so all are spelled out. */
struct ruleset {
	uint64_t fs, net, scoped;
};

static size_t ruleset_size(long abi)
{
	return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

static uint64_t ruleset_fs(long abi)
{
	unsigned rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
	return (1u << rights) - 1;
}

static bool landlock_lock(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return false;
	/* Handled and never granted: no path, no TCP, no abstract socket, no signal to the outside. */
	struct ruleset rules = { .fs = ruleset_fs(abi), .net = 3, .scoped = 3 };
	long fd = syscall(SYS_landlock_create_ruleset, &rules, ruleset_size(abi), 0);
	if (fd < 0)
		return false;
	bool locked = syscall(SYS_landlock_restrict_self, (int)fd, 0) == 0;
	close((int)fd);
	return locked;
}

/* -- seccomp -- */

#ifndef MUGAI_UNSAFE_BUILD

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#define FIRST_FOREIGN 0x40000000u /* x32 numbers its calls from here on */
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_AARCH64
#define FIRST_FOREIGN 0x40000000u /* none; harmless */
#else
#error "mugai-verify has no system call filter for this machine"
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Descriptors and protections are 32 bits wide; the low half comes first on both machines. */
#define LOAD_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define UNLESS_EQUAL(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)

#define ALLOW_CALL(number) UNLESS_EQUAL(number, 1), ALLOW
/* Only on one descriptor, or on one of two. */
#define ALLOW_ON(number, fd) UNLESS_EQUAL(number, 4), LOAD_ARGUMENT(0), UNLESS_EQUAL(fd, 1), ALLOW, KILL
#define ALLOW_ON_TWO(number, fd, other)                                                                      \
	UNLESS_EQUAL(number, 6), LOAD_ARGUMENT(0), UNLESS_EQUAL(fd, 1), ALLOW, UNLESS_EQUAL(other, 1),       \
	        ALLOW, KILL
/* Only without PROT_EXEC. */
#define ALLOW_NO_EXEC(number)                                                                                \
	UNLESS_EQUAL(number, 4), LOAD_ARGUMENT(2), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),    \
	        ALLOW, KILL

static bool seccomp_lock(void)
{
	struct sock_filter filter[] = {
		LOAD(arch),
		UNLESS_EQUAL(ARCH, 1),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_FOREIGN, 0, 1),
		KILL,
		ALLOW_ON(SYS_read, 0),           /* the message */
		ALLOW_ON_TWO(SYS_write, 1, 2),   /* the verdict */
		ALLOW_NO_EXEC(SYS_mmap),         /* malloc */
		ALLOW_NO_EXEC(SYS_mprotect),     /* malloc */
		ALLOW_CALL(SYS_munmap),          /* free */
		ALLOW_CALL(SYS_mremap),          /* malloc */
		ALLOW_CALL(SYS_brk),             /* malloc */
		ALLOW_CALL(SYS_getrandom),       /* malloc: the key of its thread cache */
		ALLOW_CALL(SYS_rt_sigreturn),    /* a signal that a debugger sends */
		ALLOW_CALL(SYS_restart_syscall), /* read(), stopped and continued */
		ALLOW_CALL(SYS_exit_group),
		KILL,
	};
	struct sock_fprog program = { ARRAY_LENGTH(filter), filter };
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

#else

static bool seccomp_lock(void)
{
	static const char warning[] = "mugai-verify: UNSAFE BUILD: runs without a system call filter\n";
	return write(2, warning, sizeof(warning) - 1) == (ssize_t)sizeof(warning) - 1;
}

#endif

const char *verify_lock(void)
{
	if (close_range(3, ~0u, 0) != 0)
		return "descriptors cannot be closed";
	if (!drop_root() || !drop_capabilities())
		return "the rights of root cannot be given up";
	if (!limit_all())
		return "resource limits cannot be set";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return "no_new_privs cannot be set";
	/* PR_SET_MDWE of Linux 6.3, which the headers of Debian 12 lack; a belt only. */
	(void)prctl(65, 1, 0, 0, 0);
	if (!landlock_lock())
		return "Landlock is missing in this kernel";
	return seccomp_lock() ? NULL : "seccomp is missing in this kernel";
}
