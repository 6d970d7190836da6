#include "audit_priv.h"
#include "sanitize.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	AUDIT_WINDOW = 64 * 1024,
	AUDIT_ROOM = 16 * 1024,
	WRITE_PATIENCE_MS = 4000,
	CHECK_PATIENCE_MS = 500, /* who asks for the status waits */
	LOCK_PAUSE_US = 2000,
	HASH_DIGITS = 64,
};

static const char AUDIT_FIRST[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct Audit {
	gatomicrefcount references;
	GMutex lock;
	char *path;
	char *chain_path; /* where the hash of the last line is kept, for whoever begins the next file */
	uid_t uid; /* of a file that we make; -1: ours */
	gid_t gid;
	int fd;          /* -1: no file */
	off_t end;       /* size of the file after our last line; another process may have added since */
	char last[65];   /* hash of the last line */
	bool locked_out; /* at the last try */
};

static bool fail(GError **error, const char *what)
{
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "audit file: %s: %s", what,
	            g_strerror(errno));
	return false;
}

enum {
	OPEN_FLAGS = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
	FILE_MODE = 0640,
	CHAIN_MODE = 0600, /* who could open it could lock it */
};

/* Only a file of our own making changes hands: one that was there may be a link to another's. */
static int make_file(const Audit *audit, const char *path, int flags, mode_t mode)
{
	int fd = open(path, flags | O_CREAT | O_EXCL, mode);
	if (fd < 0 || audit->uid == (uid_t)-1 || fchown(fd, audit->uid, audit->gid) == 0)
		return fd;
	int error = errno;
	close(fd);
	unlink(path);
	errno = error;
	return -1;
}

static int open_or_make(const Audit *audit, const char *path, int flags, mode_t mode)
{
	int fd = open(path, flags);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = make_file(audit, path, flags, mode);
	return fd < 0 && errno == EEXIST ? open(path, flags) : fd;
}

static int open_file(const Audit *audit)
{
	return open_or_make(audit, audit->path, OPEN_FLAGS | O_APPEND, FILE_MODE);
}

static void fail_open(const Audit *audit, GError **error)
{
	int cause = errno;
	fail(error, audit->path);
	if (error != NULL && (cause == EACCES || cause == EPERM))
		(*error)->code = SANITIZE_ERROR_PERMISSION;
}

/* Root alone can give a file away, and has to: the daemon that writes to it later is not root any more. */
static void find_owner(Audit *audit, const char *owner)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam(owner) : NULL;
	audit->uid = user != NULL ? user->pw_uid : (uid_t)-1;
	audit->gid = user != NULL ? user->pw_gid : (gid_t)-1;
}

Audit *audit_open(const char *path, const char *owner, GError **error)
{
	g_autoptr(Audit) audit = g_new0(Audit, 1);
	g_atomic_ref_count_init(&audit->references);
	g_mutex_init(&audit->lock);
	audit->fd = -1;
	audit->end = -1;
	g_strlcpy(audit->last, AUDIT_FIRST, sizeof audit->last);
	audit->path = g_strdup(path);
	audit->chain_path = g_strconcat(path, ".last", NULL);
	find_owner(audit, owner);
	if (path[0] != '\0')
		audit->fd = open_file(audit);
	if (path[0] != '\0' && audit->fd < 0) {
		fail_open(audit, error);
		return NULL;
	}
	return g_steal_pointer(&audit);
}

void audit_continue(Audit *audit, const Audit *before)
{
	g_strlcpy(audit->last, before->last, sizeof audit->last);
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
	g_free(audit->path);
	g_free(audit->chain_path);
	g_free(audit);
}

/* Where the last line begins: looks back in growing windows, since a line may be longer than any of them. */
static bool find_last_line(const Audit *audit, off_t end, off_t *ret_start, GError **error)
{
	char window[AUDIT_WINDOW];
	for (off_t at = end; at > 0;) {
		size_t size = (size_t)MIN(at, AUDIT_WINDOW);
		if (pread(audit->fd, window, size, at - (off_t)size) != (ssize_t)size)
			return fail(error, "read the last line");
		const char *before = memrchr(window, '\n', size);
		if (before != NULL) {
			*ret_start = at - (off_t)size + (before - window) + 1;
			return true;
		}
		at -= (off_t)size;
	}
	*ret_start = 0;
	return true;
}

static bool hash_range(Audit *audit, off_t start, off_t end, GError **error)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guchar window[AUDIT_WINDOW];
	while (start < end) {
		size_t size = (size_t)MIN(end - start, AUDIT_WINDOW);
		if (pread(audit->fd, window, size, start) != (ssize_t)size)
			return fail(error, "read the last line");
		g_checksum_update(checksum, window, (gssize)size);
		start += (off_t)size;
	}
	g_strlcpy(audit->last, g_checksum_get_string(checksum), sizeof audit->last);
	return true;
}

static void read_chain(Audit *audit, int chain)
{
	char hash[HASH_DIGITS + 1] = "";
	if (chain >= 0 && pread(chain, hash, HASH_DIGITS, 0) == HASH_DIGITS &&
	    strspn(hash, "0123456789abcdef") == HASH_DIGITS)
		g_strlcpy(audit->last, hash, sizeof audit->last);
}

/* In place, so that a full disk is no hindrance. An event that is written counts, whatever becomes of this. */
static void write_chain(const Audit *audit, int chain)
{
	if (chain >= 0)
		(void)!pwrite(chain, audit->last, HASH_DIGITS, 0);
}

/* The hash of the file's last line. An empty file goes on from the last line of the one before it, whoever wrote that;
 * where that is not kept, from the last line that this handle wrote; else from one hash for all (a new gateway). */
static bool read_last_hash(Audit *audit, int chain, off_t size, bool partial, GError **error)
{
	off_t start = 0, end = partial ? size : size - 1;
	if (size == 0) {
		read_chain(audit, chain);
		return true;
	}
	return find_last_line(audit, end, &start, error) && hash_range(audit, start, end, error);
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

/* Whoever may read the file can hold its lock, for as long as he likes: that must not hang the gateway, and
 * with it those who ask what is wrong. */
static bool lock_in_time(int fd, unsigned patience_ms)
{
	int64_t until = g_get_monotonic_time() + patience_ms * G_TIME_SPAN_MILLISECOND;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (g_get_monotonic_time() >= until) {
			errno = EBUSY;
			return false;
		}
		g_usleep(LOCK_PAUSE_US);
	}
	return true;
}

/* One thread has waited for all: a hundred in a row would be as good as hung. */
static bool lock(Audit *audit, unsigned patience_ms)
{
	bool locked = lock_in_time(audit->fd, audit->locked_out ? 0 : patience_ms);
	audit->locked_out = !locked;
	return locked;
}

/* A file that was renamed or removed under us gets no more events: they would go where nobody looks. The
 * new file's first line carries on the chain of the old one. */
static bool follow_path(Audit *audit, struct stat *file, GError **error)
{
	struct stat there;
	if (fstat(audit->fd, file) != 0)
		return fail(error, "stat");
	if (stat(audit->path, &there) == 0 && there.st_dev == file->st_dev && there.st_ino == file->st_ino)
		return true;
	int fd = open_file(audit);
	if (fd < 0 || !lock_in_time(fd, CHECK_PATIENCE_MS) || fstat(fd, file) != 0) {
		fail(error, audit->path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(audit->fd);
	audit->fd = fd;
	audit->end = -1;
	return true;
}

static bool append_chained(Audit *audit, int chain, const char *event, GError **error)
{
	struct stat file;
	if (!follow_path(audit, &file, error))
		return false;
	bool partial = false;
	if (file.st_size != audit->end) {
		partial = ends_in_partial_line(audit, file.st_size);
		if (!read_last_hash(audit, chain, file.st_size, partial, error))
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
	write_chain(audit, chain);
	return true;
}

/* Its lock is held over the whole: while the file is rotated, one process may hold the old one's lock and another the
 * new one's. -1, where the directory takes no other file: the chain then begins anew with a process. */
static bool append(Audit *audit, const char *event, GError **error)
{
	int chain = open_or_make(audit, audit->chain_path, OPEN_FLAGS, CHAIN_MODE);
	bool locked = chain < 0 || lock_in_time(chain, WRITE_PATIENCE_MS);
	bool good = locked ? append_chained(audit, chain, event, error) : fail(error, "lock");
	if (chain >= 0)
		close(chain);
	return good;
}

/* Only a full disk or a quota says no here: a file system that cannot reserve says nothing about its room. */
static bool has_room(const Audit *audit, off_t end)
{
	return fallocate(audit->fd, FALLOC_FL_KEEP_SIZE, end, AUDIT_ROOM) == 0 ||
	       (errno != ENOSPC && errno != EDQUOT && errno != EFBIG && errno != EIO);
}

static bool check_locked(Audit *audit, GError **error)
{
	struct stat file;
	if (!follow_path(audit, &file, error))
		return false;
	return has_room(audit, file.st_size) || fail(error, "no room");
}

bool audit_check(Audit *audit, GError **error)
{
	if (audit->fd < 0)
		return true;
	g_mutex_lock(&audit->lock);
	bool good = lock(audit, CHECK_PATIENCE_MS) ? check_locked(audit, error) : fail(error, "lock");
	flock(audit->fd, LOCK_UN);
	g_mutex_unlock(&audit->lock);
	return good;
}

bool audit_write(Audit *audit, const char *event, GError **error)
{
	if (audit->fd < 0)
		return true;
	g_mutex_lock(&audit->lock);
	bool good = lock(audit, WRITE_PATIENCE_MS) ? append(audit, event, error) : fail(error, "lock");
	flock(audit->fd, LOCK_UN);
	g_mutex_unlock(&audit->lock);
	return good;
}
