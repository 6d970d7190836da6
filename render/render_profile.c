/* The jail of mugai-render: the one profile with files, since PDFs without their own fonts look different without ours
 * (facts: 10 of 46). Landlock does not cover stat and its like: where the host allows no mount namespace, a taken over child can
 * learn whether a file exists and how large it is. It can tell that to nobody but in pixels. */
#include "render_profile_priv.h"

#include <stddef.h>

static const JailRule render_rules[] = {
	{ "openat", JAIL_ALLOW_READ_ONLY, "fonts; Landlock says which files" },
	{ "newfstatat", JAIL_ALLOW, "fontconfig compares a directory with its cache" },
	{ "fstat", JAIL_ALLOW, "the size of a font before it is mapped" },
	{ "access", JAIL_ALLOW, "fontconfig" },
	{ "faccessat", JAIL_ALLOW, "fontconfig, where there is no access" },
	{ "readlink", JAIL_ALLOW, "fonts that stand for others" },
	{ "readlinkat", JAIL_ALLOW, "likewise, where there is no readlink" },
	{ "getdents64", JAIL_ALLOW, "directories of fonts" },
	{ "fstatfs", JAIL_ALLOW, "fontconfig asks whether it may map its cache" },
	{ "statfs", JAIL_ALLOW, "likewise" },
	{ "pread64", JAIL_ALLOW, "fonts and CMaps" },
	{ "fadvise64", JAIL_ALLOW, "fonts and CMaps" },
	{ "fcntl", JAIL_ALLOW_FLAGS, "close-on-exec of a font; seals of the inputs" },
	{ "sysinfo", JAIL_ALLOW, "libjpeg and openjpeg ask how much memory there is" },
	{ "prlimit64", JAIL_ALLOW_GET_LIMIT, "how large the stack is" },
	{ "gettimeofday", JAIL_ALLOW, "where the vDSO does not serve it" },
	{ "sched_yield", JAIL_ALLOW, "locks of libraries" },
	{ "getpid", JAIL_ALLOW, "names of temporary things that are never made" },
	{ "gettid", JAIL_ALLOW, "locks of libraries" },
	{ "rt_sigprocmask", JAIL_ALLOW, "libraries that guard a part of their work" },
	{ "ioctl", JAIL_ERRNO_EACCES, "GLib asks whether its warnings go to a terminal" },
	{ "unlinkat", JAIL_ERRNO_EACCES, "fontconfig removes a cache that it takes for stale" },
	{ "unlink", JAIL_ERRNO_EACCES, "likewise" },
	{ NULL, JAIL_ALLOW, NULL },
};

/* The links of /etc/alternatives are what fontconfig answers for "Gothic" and "Mincho" on Debian. */
static const char *const render_paths[] = {
	"/usr/share/fonts",      "/usr/local/share/fonts", "/usr/share/fontconfig", "/usr/share/poppler",
	"/var/cache/fontconfig", "/etc/fonts",             "/etc/alternatives",     NULL,
};

const JailProfile render_profile = {
	.name = "render",
	.rules = render_rules,
	.stack = UINT64_C(8) << 20,
	.paths = render_paths,
	.descriptors = 64,
};
