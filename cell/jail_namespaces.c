/* Empty namespaces: no network, no files, no other processes, nobody's IPC. A belt: some systems do
 * not allow them to the unprivileged, and then Landlock and seccomp stand alone, and status says so. */
#include "jail_priv.h"
#include "plain.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { JAIL_NOBODY = 65534 };

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return written;
}

static bool enter_user_namespace(void)
{
	char uid_map[64], gid_map[64];
	g_snprintf(uid_map, sizeof uid_map, "%d %u 1", JAIL_NOBODY, (unsigned)geteuid());
	g_snprintf(gid_map, sizeof gid_map, "%d %u 1", JAIL_NOBODY, (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) != 0)
		return false;
	return write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", uid_map) &&
	       write_file("/proc/self/gid_map", gid_map);
}

/* An empty read-only tmpfs as the root, the old one detached: even a path that Landlock let through
 * would find nothing. */
static bool enter_empty_root(void)
{
	if (unshare(CLONE_NEWNS) != 0)
		return false;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return false;
	if (mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=755") != 0)
		return false;
	if (chdir("/tmp") != 0 || syscall(SYS_pivot_root, ".", ".") != 0)
		return false;
	if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
		return false;
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

/* In its user namespace the zygote has every capability, and needs one of them, to clone pid namespaces. No
 * program that it might start shall have any. */
static void empty_bounding_set(void)
{
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		(void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

uint32_t jail_enter_namespaces(void)
{
	uint32_t walls = 0;
	if (!enter_user_namespace())
		return walls;
	if (unshare(CLONE_NEWNET) == 0)
		walls |= PLAIN_WALL_NET_NAMESPACE;
	/* Without a bit of their own: where the network could be had, so can these. */
	(void)unshare(CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP);
	if (enter_empty_root())
		walls |= PLAIN_WALL_MOUNT_NAMESPACE;
	empty_bounding_set();
	return walls;
}
