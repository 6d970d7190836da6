#include "audit_priv.h"
#include "sanitize.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AUDIT_LINE_MAX = 4 * 1024 * 1024 };

static const char AUDIT_FIRST[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct Audit {
	gatomicrefcount references;
	GMutex lock;
	int fd;        /* -1: no file */
	off_t end;     /* size of the file after our last line; another process may have added since */
	char last[65]; /* hash of the last line */
};

static bool fail(GError **error, const char *what)
{
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "audit file: %s: %s", what,
	            g_strerror(errno));
	return false;
}

Audit *audit_open(const char *path, GError **error)
{
	int fd = -1;
	if (path[0] != '\0') {
		fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (fd < 0) {
			fail(error, path);
			return NULL;
		}
	}
	Audit *audit = g_new0(Audit, 1);
	g_atomic_ref_count_init(&audit->references);
	g_mutex_init(&audit->lock);
	audit->fd = fd;
	audit->end = -1;
	return audit;
}

Audit *audit_ref(Audit *audit)
{
	g_atomic_ref_count_inc(&audit->references);
	return audit;
}

void audit_unref(Audit *audit)
{
	if (audit == NULL || !g_atomic_ref_count_dec(&audit->references))
		return;
	if (audit->fd >= 0)
		close(audit->fd);
	g_mutex_clear(&audit->lock);
	g_free(audit);
}

/* The hash of the last whole line of the file; of nothing when it is empty. */
static bool read_last_hash(Audit *audit, off_t size, GError **error)
{
	if (size == 0) {
		g_strlcpy(audit->last, AUDIT_FIRST, sizeof audit->last);
		return true;
	}
	size_t window = (size_t)MIN(size, AUDIT_LINE_MAX);
	g_autofree char *tail = g_malloc(window);
	if (pread(audit->fd, tail, window, size - (off_t)window) != (ssize_t)window)
		return fail(error, "read the last line");
	size_t end = tail[window - 1] == '\n' ? window - 1 : window;
	const char *before = end > 0 ? memrchr(tail, '\n', end) : NULL;
	size_t start = before != NULL ? (size_t)(before - tail) + 1 : 0;
	g_autofree char *hash =
	        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)tail + start, end - start);
	g_strlcpy(audit->last, hash, sizeof audit->last);
	return true;
}

static GString *make_line(const Audit *audit, const char *event, bool after_partial)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
	GString *line = g_string_sized_new(strlen(event) + 160);
	g_string_printf(line, "%s{\"time\":\"%s.%03dZ\",\"previous\":\"%s\",\"event\":%s}\n",
	                after_partial ? "\n" : "", time, g_date_time_get_microsecond(now) / 1000, audit->last,
	                event);
	return line;
}

static bool ends_in_partial_line(const Audit *audit, off_t size)
{
	char last = '\n';
	return size > 0 && pread(audit->fd, &last, 1, size - 1) == 1 && last != '\n';
}

static bool append(Audit *audit, const char *event, GError **error)
{
	struct stat file;
	if (fstat(audit->fd, &file) != 0)
		return fail(error, "stat");
	bool partial = false;
	if (file.st_size != audit->end) {
		partial = ends_in_partial_line(audit, file.st_size);
		if (!read_last_hash(audit, file.st_size, error))
			return false;
	}
	g_autoptr(GString) line = make_line(audit, event, partial);
	audit->end = -1; /* until all of it is there */
	ssize_t written = write(audit->fd, line->str, line->len);
	if (written != (ssize_t)line->len) {
		errno = written < 0 ? errno : ENOSPC;
		return fail(error, "write");
	}
	size_t lead = partial ? 1 : 0;
	g_autofree char *hash = g_compute_checksum_for_data(
	        G_CHECKSUM_SHA256, (const guchar *)line->str + lead, line->len - lead - 1);
	g_strlcpy(audit->last, hash, sizeof audit->last);
	audit->end = file.st_size + (off_t)line->len;
	return true;
}

bool audit_write(Audit *audit, const char *event, GError **error)
{
	if (audit->fd < 0)
		return true;
	g_mutex_lock(&audit->lock);
	bool good = flock(audit->fd, LOCK_EX) == 0 ? append(audit, event, error) : fail(error, "lock");
	flock(audit->fd, LOCK_UN);
	g_mutex_unlock(&audit->lock);
	return good;
}
