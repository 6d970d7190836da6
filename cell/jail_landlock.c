/* Landlock closes what seccomp cannot tell apart: an openat that a profile must allow. It does not
 * cover stat and access; that is seccomp's part. Both are required. */
#include "jail_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
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

static bool prove_denied(GError **error)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		return true;
	if (fd >= 0)
		close(fd);
	g_set_error(error, CELL_ERROR, CELL_ERROR_JAIL, "Landlock is on, and the root can be opened");
	return false;
}

bool jail_landlock(GError **error)
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
	long restricted = syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	if (restricted != 0)
		return jail_fail(error, "landlock_restrict_self");
	return prove_denied(error);
}
