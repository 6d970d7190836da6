/* cmd_output: see cmd_work_priv.h. */
#include "cmd_work_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool cmd_write_all(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length > 0) {
		ssize_t n = write(fd, at, length);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
	}
	return true;
}

static int not_written(const char *command, const char *path, int error)
{
	log_error("%s: %s: %s", command, path, g_strerror(error));
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_CANTCREAT;
}

static mode_t default_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool sync_directory(const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = fsync(fd) == 0 || errno == EINVAL;
	close(fd);
	return good;
}

/* A device or a pipe is written to; renaming over it would remove it. */
static bool is_special(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static int write_special(const char *command, const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return not_written(command, path, errno);
	int code = cmd_write_all(fd, bytes, length) ? EX_OK : not_written(command, path, errno);
	close(fd);
	return code;
}

/* Whole or not at all: nobody must take half a message for a clean one. */
static int write_file(const char *command, const char *path, const void *bytes, size_t length, mode_t mode)
{
	if (is_special(path))
		return write_special(command, path, bytes, length);
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return not_written(command, path, EISDIR);
	g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return not_written(command, path, errno);
	bool good = cmd_write_all(fd, bytes, length) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	int error = errno;
	if (close(fd) != 0 && good) {
		good = false;
		error = errno;
	}
	if (good && rename(temporary, path) == 0)
		return sync_directory(path) ? EX_OK : not_written(command, path, errno);
	error = good ? errno : error;
	unlink(temporary);
	return not_written(command, path, error);
}

int cmd_output_write(const char *command, const char *path, const void *bytes, size_t length, mode_t mode)
{
	if (path != NULL)
		return write_file(command, path, bytes, length,
		                  mode == CMD_MODE_DEFAULT ? default_mode() : mode);
	return cmd_write_all(STDOUT_FILENO, bytes, length) ? EX_OK
	                                                   : not_written(command, "standard output", errno);
}

int cmd_output_text(const char *command, const char *path, const char *text)
{
	size_t length = strlen(text);
	g_autofree char *ended = g_strconcat(text, length > 0 && text[length - 1] != '\n' ? "\n" : "", NULL);
	return cmd_output_write(command, path, ended, strlen(ended), CMD_MODE_DEFAULT);
}
