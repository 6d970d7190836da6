/* failures: see failures_priv.h. */
#include "failures_priv.h"

#include "sanitize.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 64, KEY_MAX = 64 };

struct Failures {
	GMutex lock;
	char *directory;
};

typedef struct {
	unsigned count;
	int64_t first; /* seconds since 1970 */
} Failure;

Failures *failures_new(const char *directory)
{
	Failures *failures = g_new0(Failures, 1);
	g_mutex_init(&failures->lock);
	failures->directory = g_build_filename(directory, "failures", NULL);
	return failures;
}

void failures_free(Failures *failures)
{
	if (failures == NULL)
		return;
	g_mutex_clear(&failures->lock);
	g_free(failures->directory);
	g_free(failures);
}

static bool environment(GError **error, const char *what, const char *path)
{
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s %s: %s", what, path,
	            g_strerror(errno));
	return false;
}

/* NULL: that is no key of ours, and no path is made of it. */
static char *file_of(const Failures *failures, const char *key)
{
	size_t length = strlen(key);
	if (length == 0 || length > KEY_MAX || strspn(key, "0123456789abcdef") != length)
		return NULL;
	return g_build_filename(failures->directory, key, NULL);
}

/* A file that is missing, old or damaged counts as none: the worst is one more try. */
static Failure read_failure(const char *path, int64_t now)
{
	Failure failure = { 0 };
	char text[FILE_BYTES_MAX + 1] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return failure;
	ssize_t bytes = read(fd, text, FILE_BYTES_MAX);
	close(fd);
	if (bytes <= 0 || sscanf(text, "%u %" G_GINT64_FORMAT, &failure.count, &failure.first) != 2)
		return (Failure) { 0 };
	/* A clock that was set back must not keep a count for ever. */
	if (now - failure.first > FAILURES_SECONDS || failure.first - now > FAILURES_SECONDS)
		return (Failure) { 0 };
	return failure;
}

static bool write_failure(const char *path, const Failure *failure, GError **error)
{
	g_autofree char *text = g_strdup_printf("%u %" G_GINT64_FORMAT "\n", failure->count, failure->first);
	g_autoptr(GError) cause = NULL;
	if (g_file_set_contents_full(path, text, -1,
	                             G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
	                             &cause))
		return true;
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s", cause->message);
	return false;
}

/* ---- the cap ------------------------------------------------------------------------------------- */

typedef struct {
	char *path;
	int64_t changed;
} Entry;

static void entry_clear(void *data)
{
	g_free(((Entry *)data)->path);
}

static int older_first(const void *a, const void *b)
{
	const Entry *left = a, *right = b;
	return left->changed < right->changed ? -1 : left->changed > right->changed;
}

static GArray *list_entries(const Failures *failures)
{
	GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	g_array_set_clear_func(entries, entry_clear);
	g_autoptr(GDir) directory = g_dir_open(failures->directory, 0, NULL);
	for (const char *name; directory != NULL && (name = g_dir_read_name(directory)) != NULL;) {
		Entry entry = { .path = g_build_filename(failures->directory, name, NULL) };
		struct stat status;
		if (lstat(entry.path, &status) == 0)
			entry.changed = status.st_mtime;
		g_array_append_val(entries, entry);
	}
	return entries;
}

/* Before a file is added. Those that nobody asks for any more go first, then the oldest. */
static void make_room(const Failures *failures)
{
	g_autoptr(GArray) entries = list_entries(failures);
	int64_t now = g_get_real_time() / G_USEC_PER_SEC;
	g_array_sort(entries, older_first);
	guint keep = FAILURES_FILES_MAX - 1;
	for (guint i = 0; i < entries->len; i++) {
		const Entry *entry = &g_array_index(entries, Entry, i);
		bool spent = now - entry->changed > FAILURES_SECONDS;
		if (spent || entries->len - i > keep)
			(void)g_unlink(entry->path);
	}
}

/* ---- counting ------------------------------------------------------------------------------------ */

unsigned failures_count(Failures *failures, const char *key, int64_t now)
{
	g_autofree char *path = file_of(failures, key);
	if (path == NULL)
		return 0;
	g_mutex_lock(&failures->lock);
	Failure failure = read_failure(path, now);
	g_mutex_unlock(&failures->lock);
	return failure.count;
}

/* As many small files as there are at most: some milliseconds. */
void sanitize_failures(const char *state_directory, SanitizeFailures *ret_failures)
{
	g_autoptr(Failures) failures = failures_new(state_directory);
	g_autoptr(GArray) entries = list_entries(failures);
	int64_t now = g_get_real_time() / G_USEC_PER_SEC;
	*ret_failures = (SanitizeFailures) { 0 };
	for (guint i = 0; i < entries->len; i++) {
		Failure failure = read_failure(g_array_index(entries, Entry, i).path, now);
		if (failure.count == 0)
			continue;
		ret_failures->count++;
		ret_failures->final += failure.count >= FAILURES_MAX ? 1 : 0;
		if (ret_failures->oldest == 0 || failure.first < ret_failures->oldest)
			ret_failures->oldest = failure.first;
	}
}

static bool add(Failures *failures, const char *path, int64_t now, unsigned *ret_count, GError **error)
{
	if (g_mkdir_with_parents(failures->directory, 0700) != 0)
		return environment(error, "cannot make", failures->directory);
	Failure failure = read_failure(path, now);
	if (failure.count == 0) {
		failure.first = now;
		make_room(failures);
	}
	failure.count = MIN(failure.count + 1, FAILURES_MAX);
	*ret_count = failure.count;
	return write_failure(path, &failure, error);
}

bool failures_add(Failures *failures, const char *key, int64_t now, unsigned *ret_count, GError **error)
{
	g_autofree char *path = file_of(failures, key);
	g_return_val_if_fail(path != NULL, false);
	g_mutex_lock(&failures->lock);
	bool added = add(failures, path, now, ret_count, error);
	g_mutex_unlock(&failures->lock);
	return added;
}
