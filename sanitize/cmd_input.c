/* cmd_input: see cmd_work_priv.h. */
#include "cmd_work_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

static const int64_t ARRIVAL_MAX = INT64_C(253402300799); /* the end of the year 9999 */

static bool parse_seconds(const char *text, int64_t *ret_seconds)
{
	guint64 seconds = 0;
	if (!g_ascii_string_to_unsigned(text, 10, 0, (guint64)ARRIVAL_MAX, &seconds, NULL))
		return false;
	*ret_seconds = (int64_t)seconds;
	return true;
}

static bool parse_iso(const char *text, int64_t *ret_seconds)
{
	g_autoptr(GTimeZone) local = g_time_zone_new_local();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, local);
	int64_t seconds = time != NULL ? g_date_time_to_unix(time) : -1;
	if (seconds < 0 || seconds > ARRIVAL_MAX)
		return false;
	*ret_seconds = seconds;
	return true;
}

bool cmd_parse_time(const char *command, const char *text, int64_t *ret_seconds)
{
	bool good = text[0] == '@' ? parse_seconds(text + 1, ret_seconds) : parse_iso(text, ret_seconds);
	if (!good)
		log_error("%s: \"%s\" is no time; write 2026-11-20T09:00:00+09:00 or @1763596800", command,
		          text);
	return good;
}

int cmd_input_failed(const CmdInput *input, const char *why, int code)
{
	log_error("%s: %s: %s", input->command, input->file != NULL ? input->file : "standard input", why);
	return code;
}

bool cmd_input_take(CmdInput *input, const char *what, char **words)
{
	if (words[0] == NULL)
		return true;
	if (words[1] != NULL) {
		log_error("%s: one %s at a time, not also \"%s\"", input->command, what, words[1]);
		return false;
	}
	if (strcmp(words[0], "-") != 0)
		input->file = words[0];
	return true;
}

static ssize_t read_some(int fd, void *buffer, size_t size)
{
	ssize_t n;
	do
		n = read(fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n;
}

/* A second try needs the bytes again, and a pipe gives them once. One byte over the limit is kept, so
 * that it is noticed. */
static int keep_stream(int fd, uint64_t limit)
{
	char buffer[CHUNK];
	uint64_t kept = 0;
	int copy = memfd_create("mugai-input", MFD_CLOEXEC);
	ssize_t n = 1;
	while (copy >= 0 && n > 0 && kept <= limit) {
		n = read_some(fd, buffer, sizeof buffer);
		if (n < 0 || (n > 0 && !cmd_write_all(copy, buffer, (size_t)n))) {
			int error = errno;
			close(copy);
			errno = error;
			return -1;
		}
		kept += (uint64_t)n;
	}
	return copy;
}

int cmd_input_open(CmdInput *input)
{
	bool piped = input->file == NULL;
	int fd = piped ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	               : open(input->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	input->fd = -1;
	if (fd < 0 || fstat(fd, &status) != 0)
		return cmd_input_failed(input, g_strerror(errno),
		                        errno == EACCES || errno == EPERM ? EX_NOPERM : EX_NOINPUT);
	if (S_ISDIR(status.st_mode)) {
		close(fd);
		return cmd_input_failed(input, "is a directory", EX_NOINPUT);
	}
	bool whole = !piped && S_ISREG(status.st_mode);
	input->changed = whole ? status.st_mtime : g_get_real_time() / G_USEC_PER_SEC;
	input->changed = CLAMP(input->changed, 0, ARRIVAL_MAX);
	input->fd = whole ? fd : keep_stream(fd, input->limit);
	if (input->fd != fd)
		close(fd);
	return input->fd >= 0 ? EX_OK : cmd_input_failed(input, g_strerror(errno), EX_NOINPUT);
}

void cmd_input_close(CmdInput *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
}

Original *cmd_input_read(const CmdInput *input, GError **error)
{
	g_autoptr(Original) original = input->original(input->limit, error);
	if (original == NULL)
		return NULL;
	char buffer[CHUNK];
	off_t at = 0;
	for (;;) {
		ssize_t n = pread(input->fd, buffer, sizeof buffer, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "read: %s",
			            g_strerror(errno));
			return NULL;
		}
		if (n == 0)
			return g_steal_pointer(&original);
		if (!original_append(original, buffer, (size_t)n, error))
			return NULL;
		at += n;
	}
}
