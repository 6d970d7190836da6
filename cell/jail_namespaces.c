/* Empty namespaces: no network, no files (but those of the profile), no other processes, nobody's IPC. A belt: some systems do
 * not allow them to the unprivileged, and then Landlock and seccomp stand alone, and status says so. */
#include "jail_priv.h"
#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { JAIL_NOBODY = 65534, PRIVATE_FILES = 8192 };

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

static bool make_directories(const char *path)
{
	g_autofree char *part = g_strdup(path);
	for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return false;
		if (slash == NULL)
			return true;
		*slash = '/';
	}
}

static bool make_file(const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);
	int fd = make_directories(directory) ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444) : -1;
	return fd >= 0 && close(fd) == 0;
}

/* At the same place below the new root, and read-only with all that is mounted below it. */
static bool show_path(const char *root, const char *path, uint64_t never)
{
	struct stat file;
	g_autofree char *shown = g_strconcat(root, path, NULL);
	if (stat(path, &file) != 0)
		return errno == ENOENT;
	/* A device works where the profile names just it, and nowhere below a directory. */
	bool device = S_ISCHR(file.st_mode);
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
		                                    (device ? 0 : MOUNT_ATTR_NODEV) | never };
	return (S_ISDIR(file.st_mode) ? make_directories(shown) :
	                                (S_ISREG(file.st_mode) || device) && make_file(shown)) &&
	       mount(path, shown, NULL, MS_BIND | MS_REC, NULL) == 0 &&
	       mount_setattr(AT_FDCWD, shown, AT_RECURSIVE, &read_only, sizeof read_only) == 0;
}

static bool show_paths(const char *root, const char *const *path, uint64_t never)
{
	for (; path != NULL && *path != NULL; path++)
		if (!show_path(root, *path, never))
			return false;
	return true;
}

/* A read-only tmpfs as the root, with nothing in it but the paths, the old one detached: even a path that Landlock let
 * through would find nothing. */
static bool enter_root(const JailProfile *profile)
{
	if (unshare(CLONE_NEWNS) != 0)
		return false;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return false;
	if (mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=755") != 0)
		return false;
	if (!show_paths("/tmp", profile->paths, MOUNT_ATTR_NOEXEC) || !show_paths("/tmp", profile->code_paths, 0))
		return false;
	if (profile->private_size > 0 && !make_directories("/tmp" JAIL_PRIVATE))
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

uint32_t jail_enter_namespaces(const JailProfile *profile)
{
	uint32_t walls = 0;
	if (!enter_user_namespace())
		return walls;
	if (unshare(CLONE_NEWNET) == 0)
		walls |= PLAIN_WALL_NET_NAMESPACE;
	/* Without a bit of their own: where the network could be had, so can these. */
	(void)unshare(CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP);
	if (enter_root(profile))
		walls |= PLAIN_WALL_MOUNT_NAMESPACE;
	empty_bounding_set();
	return walls;
}

/* In a mount namespace of the child's own, so that no sibling sees it and the kernel frees it with the child. And in a user namespace
 * of its own, in which it is nobody: RLIMIT_NPROC counts by those, and one child's threads must not be what another one lacks. */
bool jail_private(const JailProfile *profile, GError **error)
{
	g_autofree char *options = g_strdup_printf("size=%" G_GUINT64_FORMAT ",nr_inodes=%d,mode=700",
	                                           profile->private_size, PRIVATE_FILES);
	if (unshare(CLONE_NEWNS) != 0)
		return jail_fail(error, "a mount namespace for files of its own");
	if (mount("none", JAIL_PRIVATE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) != 0)
		return jail_fail(error, "files of its own");
	if (chdir(JAIL_PRIVATE) != 0)
		return jail_fail(error, JAIL_PRIVATE);
	return unshare(CLONE_NEWUSER) == 0 || jail_fail(error, "a user namespace of its own");
}
