/* The jail of mugai-office. LibreOffice starts threads, loads its filters as libraries while it reads the document, and works on files: so this
 * is the widest of the profiles. What it has in place of narrow rules: no network, nobody else's files, no other program and no
 * second process, code from where the host keeps its libraries and from nowhere else, and one document in its life. Landlock does not
 * cover stat and its like; the mount namespace, which this profile cannot do without, has nothing to show them. */
#include "office_profile_priv.h"

#include "office_priv.h"

#include <stddef.h>

static const JailRule office_rules[] = {
	/* Files: Landlock says which, and where to write. */
	{ "openat", JAIL_ALLOW, "filters, fonts, the registry; the document and its PDF in the private directory" },
	{ "newfstatat", JAIL_ALLOW, "whether a file is there" },
	{ "fstat", JAIL_ALLOW, "likewise, with another C library" },
	{ "access", JAIL_ALLOW, "likewise" },
	{ "faccessat", JAIL_ALLOW, "likewise, where the C library has no faccessat2" },
	{ "faccessat2", JAIL_ALLOW, "likewise" },
	{ "statfs", JAIL_ALLOW, "fontconfig asks whether it may map its cache; whether a picture of the user interface is there" },
	{ "fstatfs", JAIL_ALLOW, "likewise" },
	{ "readlink", JAIL_ALLOW, "where the installation is" },
	{ "getcwd", JAIL_ALLOW, "what a relative path is relative to" },
	{ "getdents64", JAIL_ALLOW, "directories of filters, fonts, dictionaries" },
	{ "pread64", JAIL_ALLOW, "documents, libraries" },
	{ "pwrite64", JAIL_ALLOW, "the PDF" },
	{ "fadvise64", JAIL_ALLOW, "fontconfig reads its caches from end to end" },
	{ "ftruncate", JAIL_ALLOW, "a file that is written again" },
	{ "fsync", JAIL_ALLOW, "the user's profile is kept safe, in a thread of its own, at any time after the start" },
	{ "fdatasync", JAIL_ALLOW, "likewise" },
	{ "mkdir", JAIL_ALLOW, "the user's profile, temporary directories" },
	{ "rmdir", JAIL_ALLOW, "temporary directories" },
	{ "unlink", JAIL_ALLOW, "temporary files" },
	{ "rename", JAIL_ALLOW, "the user's profile: a new file takes the place of an old one" },
	{ "chmod", JAIL_ALLOW, "likewise" },
	{ "fcntl", JAIL_ALLOW_LOCKS, "close-on-exec, locks of files, seals of the input" },
	{ "ioctl", JAIL_ERRNO_EPERM, "whether something is a terminal; nothing is" },

	/* Code. */
	{ "mmap", JAIL_ALLOW_CODE, "memory; filters, which are loaded when the document is there" },
	{ "mprotect", JAIL_ALLOW_DATA, "memory; relocated tables of libraries are made read-only" },

	/* Threads, and how they wait. */
	{ "clone", JAIL_ALLOW_THREADS, "threads; a process is told no, as for signatures by gpg" },
	{ "clone3", JAIL_ERRNO_ENOSYS, "a filter cannot look into its arguments: the C library falls back to clone" },
	{ "set_robust_list", JAIL_ALLOW, "a new thread" },
	{ "rseq", JAIL_ALLOW, "a new thread" },
	{ "sched_getaffinity", JAIL_ALLOW, "how many threads scale a picture" },
	{ "sched_yield", JAIL_ALLOW, "locks" },
	{ "gettid", JAIL_ALLOW, "locks" },
	{ "exit", JAIL_ALLOW, "the end of a thread" },
	{ "nanosleep", JAIL_ALLOW, "timers" },
	{ "clock_nanosleep", JAIL_ALLOW, "timers" },
	{ "poll", JAIL_ALLOW, "the main loop" },
	{ "pipe2", JAIL_ALLOW, "wakes the main loop, and begins what would end in execve" },

	/* What it asks of itself and of the host. */
	{ "getpid", JAIL_ALLOW, "names of temporary files" },
	{ "getuid", JAIL_ALLOW, "nobody; where a home is" },
	{ "geteuid", JAIL_ALLOW, "likewise" },
	{ "uname", JAIL_ALLOW, "the name of the host in a file's lock" },
	{ "sysinfo", JAIL_ALLOW, "how much memory there is" },
	{ "prlimit64", JAIL_ALLOW_GET_LIMIT, "how large the stack is" },
	{ "gettimeofday", JAIL_ALLOW, "where the vDSO does not serve it" },
	{ "rt_sigaction", JAIL_ALLOW, "its own handlers of crashes, and those of libraries" },
	{ "rt_sigprocmask", JAIL_ALLOW, "likewise, and each new thread" },

	/* What it tries in documents that are well, and must not: told no, it goes on. */
	{ "socket", JAIL_ERRNO_EPERM, "network, D-Bus, CUPS" },
	{ "socketpair", JAIL_ERRNO_EPERM, "talks to a program that it starts; in every load" },
	{ "execve", JAIL_ERRNO_EPERM, "gpg and its kin, for signatures" },
	{ "fork", JAIL_ERRNO_EPERM, "likewise" },
	{ "vfork", JAIL_ERRNO_EPERM, "likewise" },
	{ "wait4", JAIL_ERRNO_EPERM, "there is no child" },
	{ "prctl", JAIL_ERRNO_EPERM, "names of threads; which capabilities it has" },
	{ "chown", JAIL_ERRNO_EPERM, "whose the user's profile is, when it is written again" },
	{ "kill", JAIL_ERRNO_EPERM, "its own handler of crashes" },
	{ "tgkill", JAIL_ERRNO_EPERM, "likewise" },
	{ NULL, JAIL_ALLOW, NULL },
};

/* The loader's cache names libraries by /lib, which is a link on Debian; without a /lib of its own a library would not be found. */
static const char *const office_code[] = { "/usr/lib", "/usr/lib64", "/lib", "/lib64", NULL };

/* /var/spool and /var/lib: what links in the installation lead to (facts: without the first, no start). */
static const char *const office_paths[] = {
	"/usr/share",          "/usr/local/share/fonts", "/var/cache/fontconfig",    "/var/lib/libreoffice",
	"/var/spool/libreoffice", "/etc/fonts",          "/etc/alternatives",        "/etc/libreoffice",
	"/etc/ld.so.cache",    "/etc/locale.alias",      "/dev/urandom",             NULL,
};

const JailProfile office_profile = {
	.name = "office",
	.rules = office_rules,
	.stack = UINT64_C(8) << 20,
	.paths = office_paths,
	.descriptors = 256,
	.code_paths = office_code,
	.private_size = OFFICE_PRIVATE_SIZE,
	.file_size = UINT64_C(256) << 20,
	.threads = 64,
};
