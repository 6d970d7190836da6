/* What a library made both writable and executable at its start, before the walls that forbid it: such a page would be a place for an attacker's
 * code for all of the child's life. It stands in place of the C library's mprotect() for every library in the process, and so is linked
 * only into programs whose profile has code_paths. The C library's own calls do not come here. */
#include "jail_priv.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RANGES_MAX = 256 };

static struct {
	void *at;
	size_t length;
} ranges[RANGES_MAX];
static int n_ranges; /* more than RANGES_MAX: not all are known */

int mprotect(void *at, size_t length, int protection)
{
	const int both = PROT_WRITE | PROT_EXEC;
	if ((protection & both) == both) {
		int mine = g_atomic_int_add(&n_ranges, 1);
		if (mine < RANGES_MAX) {
			ranges[mine].at = at;
			ranges[mine].length = length;
		}
	}
	return (int)syscall(SYS_mprotect, at, length, protection);
}

bool jail_close_code(GError **error)
{
	int n = g_atomic_int_get(&n_ranges);
	if (n > RANGES_MAX) {
		errno = E2BIG;
		return jail_fail(error, "pages of code that can be written");
	}
	for (int i = 0; i < n; i++)
		/* ENOMEM: the library has given it back. */
		if (syscall(SYS_mprotect, ranges[i].at, ranges[i].length, PROT_READ | PROT_EXEC) != 0 && errno != ENOMEM)
			return jail_fail(error, "close pages of code");
	return true;
}
