#include "jail_priv.h"
#include "plain.h"
#include "supervisor_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.3; Debian 12's headers do not have them. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* Standard descriptors, the socket, and what one job brings. */
enum { JAIL_DESCRIPTORS = 4 + WIRE_DESCRIPTORS_MAX };

bool jail_fail(GError **error, const char *what)
{
	g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL, "%s: %s", what, g_strerror(errno));
	return false;
}

/* A child forked from the zygote holds the zygote's socket, and without this every later sibling's
 * too: end-of-file would never come, and one mail could answer for another. */
static bool close_all_but(int keep_fd, GError **error)
{
	if (keep_fd != WORKER_FD && dup2(keep_fd, WORKER_FD) < 0)
		return jail_fail(error, "dup2");
	if (fcntl(WORKER_FD, F_SETFD, FD_CLOEXEC) != 0)
		return jail_fail(error, "fcntl");
	if (syscall(SYS_close_range, WORKER_FD + 1, ~0U, 0) != 0)
		return jail_fail(error, "close_range");
	return true;
}

/* RLIMIT_AS and RLIMIT_CPU belong to the job: the supervisor sets them when it hands the child out. */
static bool limit_resources(const JailProfile *profile, GError **error)
{
	const struct {
		int resource;
		rlim_t value;
		const char *name;
	} limits[] = {
		{ RLIMIT_CORE, 0, "RLIMIT_CORE" },   /* a core file is the mail, on disk */
		{ RLIMIT_FSIZE, profile->file_size, "RLIMIT_FSIZE" }, /* 0: no write(2) to any file; the arena is mapped */
		{ RLIMIT_NPROC, profile->threads, "RLIMIT_NPROC" }, /* 0: no fork, should seccomp ever be too wide */
		{ RLIMIT_MEMLOCK, 0, "RLIMIT_MEMLOCK" },
		{ RLIMIT_MSGQUEUE, 0, "RLIMIT_MSGQUEUE" },
		{ RLIMIT_NOFILE, JAIL_DESCRIPTORS + profile->descriptors, "RLIMIT_NOFILE" },
		{ RLIMIT_STACK, profile->stack, "RLIMIT_STACK" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		const struct rlimit limit = { limits[i].value, limits[i].value };
		if (setrlimit(limits[i].resource, &limit) != 0)
			return jail_fail(error, limits[i].name);
	}
	/* Where files are its work, one that grows too large is an error of write(2) and not its death. */
	if (profile->file_size > 0)
		signal(SIGXFSZ, SIG_IGN);
	return true;
}

/* In its user namespace the zygote has every capability; a child has none. */
static bool drop_capabilities(GError **error)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return jail_fail(error, "clear the ambient capabilities");
	if (syscall(SYS_capset, &header, none) != 0)
		return jail_fail(error, "capset");
	return true;
}

static bool set_process_flags(GError **error)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return jail_fail(error, "no_new_privs");
	if (!drop_capabilities(error))
		return false;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return jail_fail(error, "PR_SET_DUMPABLE");
	/* After the change of credentials, which clears it. The supervisor is the parent. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return jail_fail(error, "PR_SET_PDEATHSIG");
	return true;
}

bool jail_prepare(const JailProfile *profile, GError **error)
{
	return jail_seccomp_prepare(profile, error);
}

bool jail_suffices(const JailProfile *profile, uint32_t namespace_walls, GError **error)
{
	if (profile->private_size == 0 || (namespace_walls & PLAIN_WALL_MOUNT_NAMESPACE) != 0)
		return true;
	g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL, "no mount namespace for files of its own");
	return false;
}

bool jail_lock_files(const JailProfile *profile, int keep_fd, uint32_t namespace_walls, GError **error)
{
	if (!jail_suffices(profile, namespace_walls, error) || !close_all_but(keep_fd, error))
		return false;
	if (profile->private_size > 0 && !jail_private(profile, error))
		return false;
	return limit_resources(profile, error) && set_process_flags(error) && jail_landlock(profile, error);
}

uint32_t jail_lock_calls(const JailProfile *profile, uint32_t namespace_walls, GError **error)
{
	uint32_t walls = namespace_walls | PLAIN_WALL_LANDLOCK;
	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0)
		walls |= PLAIN_WALL_MDWE;
	if (!jail_seccomp(profile, error))
		return 0;
	return walls | PLAIN_WALL_SECCOMP;
}
