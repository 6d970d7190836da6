/* jail: locks the calling process down, for good, before its first hostile byte.
 *
 * Order (facts: sandbox 5): close_range, rlimits, empty namespaces where allowed,
 * no_new_privs, no capabilities, Landlock, MDWE where the kernel has it, seccomp with
 * default kill. Landlock and seccomp are required; no switch turns them off.
 *
 * A library that starts threads before its first hostile byte does so between jail_lock_files() and jail_lock_calls(): what
 * it starts is born behind Landlock, and the filter is put on all of its threads at once.
 *
 * Linked only into jailed executables. Single-threaded callers only, but for jail_lock_calls().
 */
#ifndef MUGAI_CELL_JAIL_H
#define MUGAI_CELL_JAIL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
	JAIL_ALLOW,
	JAIL_ALLOW_NO_EXEC,     /* mmap, mprotect: only without PROT_EXEC (argument 2) */
	JAIL_ALLOW_CODE,        /* mmap: PROT_EXEC of a file alone, and never with PROT_WRITE; else EPERM. Which files: code_paths */
	JAIL_ALLOW_DATA,        /* mprotect: only without PROT_EXEC, else EPERM: what was written never becomes code, MDWE or not */
	JAIL_ALLOW_THREADS,     /* clone: as the C library starts a thread, and not with one flag more or less; else EPERM */
	JAIL_ALLOW_GET_SEALS,   /* fcntl: only F_GET_SEALS */
	JAIL_ALLOW_FLAGS,       /* fcntl: F_GET_SEALS, to ask for flags, to close at exec */
	JAIL_ALLOW_LOCKS,       /* fcntl: as JAIL_ALLOW_FLAGS, and to set flags, to duplicate, to lock; else EPERM */
	JAIL_ALLOW_READ_ONLY,   /* openat: only to read what exists; EACCES for writing and creating */
	JAIL_ALLOW_GET_LIMIT,   /* prlimit64: only to ask, of oneself */
	JAIL_ERRNO_EACCES,      /* a library may try; it is told no */
	JAIL_ERRNO_EPERM,       /* likewise */
	JAIL_ERRNO_ENOSYS,      /* likewise: it is to try the older call */
} JailAction;

/* One row of a profile: a system call, what happens, and why it is there. Everything that
 * is not listed kills the process. A profile's row stands in place of the base's row for the same call. */
typedef struct {
	const char *syscall; /* libseccomp's name */
	JailAction action;
	const char *why;
} JailRule;

typedef struct {
	const char *name;
	const JailRule *rules; /* ends with a NULL syscall */
	uint64_t stack;        /* bytes, RLIMIT_STACK */
	/* NULL, or what can be read and nothing else, with all that is below: absolute paths of directories, ends with NULL.
	 * One that does not exist is left out. Without paths nothing can be opened at all. */
	const char *const *paths;
	unsigned descriptors;  /* open at once, beside those of the job */

	/* The rest is for a library that cannot do without; all 0 or NULL elsewhere. */

	/* As paths, and code may be mapped from there, as from nowhere else: shared libraries. The job's descriptors are closed once they are
	 * mapped (WorkerInput.fd is -1), for a memfd could be mapped as code. */
	const char *const *code_paths;
	/* Bytes; not 0: JAIL_PRIVATE is a directory of each child's own, empty at first, the only place where it can write, and its
	 * working directory. It is memory, and gone with the child. Needs the mount namespace, and there is no child without. */
	uint64_t private_size;
	uint64_t file_size; /* bytes of one file at most */
	unsigned threads;   /* of one child, beside its first; 0: it starts none */
} JailProfile;

#define JAIL_PRIVATE "/private"

/* The base of every profile: what a process needs to read its job, compute, and answer. */
extern const JailRule jail_base_rules[];

/* Zygote, once: compiles the profile's filter, so that a child only has to load it.
 * False when libseccomp does not know a rule. */
bool jail_prepare(const JailProfile *profile, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Zygote, once, after warm-up: enters user, mount (with a root that holds the profile's
 * paths alone, read-only), network, IPC, UTS and cgroup namespaces where the system allows it.
 * Returns the PLAIN_WALL_* bits that stand; never fails. */
uint32_t jail_enter_namespaces(const JailProfile *profile);

/* Zygote, after jail_enter_namespaces: false (CELL_ERROR_JAIL) where the profile cannot do without a wall that is not there. */
bool jail_suffices(const JailProfile *profile, uint32_t namespace_walls, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Child, first half: everything up to Landlock. keep_fd is the only descriptor besides 0, 1
 * and 2 that survives; it becomes 3. False when a required wall cannot be built (CELL_ERROR_JAIL). */
bool jail_lock_files(const JailProfile *profile, int keep_fd, uint32_t namespace_walls,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* In settle(), last, of a program whose profile has code_paths: what a library made both writable and executable at its start can
 * no longer be written. Such a program is linked with mugai-cell-code. */
bool jail_close_code(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Child, second half: MDWE and seccomp, on all threads. Returns the PLAIN_WALL_* bits of this child; 0 and
 * error when a required wall cannot be built (CELL_ERROR_JAIL). */
uint32_t jail_lock_calls(const JailProfile *profile, uint32_t namespace_walls, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
