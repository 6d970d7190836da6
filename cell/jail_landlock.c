/* Landlock closes what seccomp cannot tell apart: an openat that a profile must allow. It does not
 * cover stat and access; that is seccomp's part. Both are required. */
#include "jail_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The rights of each Landlock version, by number of bits: our header may be older than our kernel,
 * and a right that is not "handled" is a right that stays. */
static const struct {
	unsigned fs_bits;
	unsigned net_bits;
	unsigned scope_bits;
	size_t size;
} landlock_versions[] = {
	{ 0, 0, 0, 0 },   { 13, 0, 0, 8 }, /* 1: execute .. make_sym */
	{ 14, 0, 0, 8 },                   /* 2: + refer */
	{ 15, 0, 0, 8 },                   /* 3: + truncate */
	{ 15, 2, 0, 16 },                  /* 4: + bind and connect TCP */
	{ 16, 2, 0, 16 },                  /* 5: + ioctl on devices */
	{ 16, 2, 2, 24 },                  /* 6: + abstract sockets, signals */
};

typedef struct {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
} LandlockRuleset;

static uint64_t bits(unsigned n)
{
	return n == 0 ? 0 : (UINT64_C(1) << n) - 1;
}

/* "/" is there in every root, so that it must be Landlock that says no; a file of the host may be hidden besides. */
static bool prove_denied(GError **error)
{
	static const struct {
		const char *path;
		bool hidden;
	} outside[] = { { "/", false }, { "/etc/passwd", true } };
	for (size_t i = 0; i < G_N_ELEMENTS(outside); i++) {
		int fd = open(outside[i].path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 && (errno == EACCES || (outside[i].hidden && errno == ENOENT)))
			continue;
		if (fd >= 0)
			close(fd);
		g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL, "Landlock is on, and \"%s\" can be opened",
		            outside[i].path);
		return false;
	}
	return true;
}

/* To read, and to ask for in a directory. */
static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/* What a file can be asked that is none. */
static const uint64_t of_directories = ~(uint64_t)LANDLOCK_ACCESS_FS_READ_FILE;
/* Nothing is executed, and no device, socket or pipe made, in a directory that can be written. */
static const uint64_t never_private = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                      LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                                      LANDLOCK_ACCESS_FS_MAKE_FIFO;

/* Whether it exists or not, in whichever root. */
static bool allow_path(int ruleset, const char *path, uint64_t rights, GError **error)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat file;
	if (rule.parent_fd < 0)
		return errno == ENOENT || jail_fail(error, path);
	bool known = fstat(rule.parent_fd, &file) == 0;
	rule.allowed_access = S_ISDIR(file.st_mode) ? rights : rights & ~of_directories;
	bool added = known && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	if (!added)
		jail_fail(error, path);
	close(rule.parent_fd);
	return added;
}

static bool allow_reading(int ruleset, const char *const *path, GError **error)
{
	for (; path != NULL && *path != NULL; path++)
		if (!allow_path(ruleset, *path, reading, error))
			return false;
	return true;
}

static bool allow_paths(int ruleset, const JailProfile *profile, uint64_t handled, GError **error)
{
	if (!allow_reading(ruleset, profile->paths, error) || !allow_reading(ruleset, profile->code_paths, error))
		return false;
	return profile->private_size == 0 || allow_path(ruleset, JAIL_PRIVATE, handled & ~never_private, error);
}

bool jail_landlock(const JailProfile *profile, GError **error)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return jail_fail(error, "this kernel has no Landlock");
	version = MIN(version, (long)G_N_ELEMENTS(landlock_versions) - 1);

	LandlockRuleset rules = {
		.handled_access_fs = bits(landlock_versions[version].fs_bits),
		.handled_access_net = bits(landlock_versions[version].net_bits),
		.scoped = bits(landlock_versions[version].scope_bits),
	};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, landlock_versions[version].size, 0);
	if (fd < 0)
		return jail_fail(error, "landlock_create_ruleset");
	bool restricted = allow_paths(fd, profile, rules.handled_access_fs, error) &&
	                  (syscall(SYS_landlock_restrict_self, fd, 0) == 0 ||
	                   jail_fail(error, "landlock_restrict_self"));
	close(fd);
	return restricted && prove_denied(error);
}
