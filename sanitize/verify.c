/* mugai-verify: does a message obey the output grammar? The file is opened, the process gives up root
 * if it has it, locks itself down, and only then the first byte is read. Writes with write() alone: stdio
 * would call fstat.
 */
#include "verify_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static const char help[] =
        "usage: mugai-verify [--quiet] [--key PUB] [FILE|-]\n"
        "\n"
        "Checks that a message (default: standard input) obeys the output grammar of Mugai.\n"
        "メールが無害化後の出力文法に従っているかを検査します。\n"
        "\n"
        "  --quiet    print nothing when the message is good\n"
        "  --key PUB  also check the seal with this public key (not defined yet)\n"
        "  --help     print this\n"
        "\n"
        "Exit status: 0 good; 64 usage; 65 refused; 66 cannot read, empty, or a directory;\n"
        "69 this system cannot lock the checker down; 70 internal error; 73 cannot write.\n";

#define NAME_ROOM (4 * PATH_MAX) /* a name that can be opened, with each byte written as \xNN */

struct options {
	const char *file;
	bool quiet, help, key;
};

/* The message; one byte more than the largest, so that a larger one is seen to be so. */
static uint8_t message[VERIFY_MESSAGE_MAX + 1];

static bool write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

/* One line, cut where it would be too long. */
__attribute__((format(printf, 2, 3))) static bool say(int fd, const char *format, ...)
{
	char line[NAME_ROOM + 512];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (length < 0)
		return false;
	size_t used = (size_t)length < sizeof(line) - 2 ? (size_t)length : sizeof(line) - 2;
	line[used] = '\n';
	return write_all(fd, line, used + 1);
}

/* A file's name may hold what a terminal obeys, or what turns or hides the words beside it: controls,
 * escapes, bidi controls, invisible characters. Nothing but printable ASCII gets through. */
static const char *printable(const char *name)
{
	static const char hex[] = "0123456789ABCDEF";
	static char out[NAME_ROOM];
	size_t used = 0;
	for (; *name && used + 5 <= sizeof(out); name++) {
		unsigned char b = (unsigned char)*name;
		if (b >= 0x20 && b <= 0x7E) {
			out[used++] = *name;
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = hex[b >> 4];
		out[used++] = hex[b & 0x0F];
	}
	out[used] = '\0';
	return out;
}

/* -- arguments -- */

static int usage(const char *what)
{
	say(2, "mugai-verify: %s; try --help", what);
	return EX_USAGE;
}

/* One argument that may be an option; *value is set when the next one belongs to it. */
static bool take_option(const char *argument, struct options *options, bool *value)
{
	*value = strcmp(argument, "--key") == 0;
	if (*value || strncmp(argument, "--key=", 6) == 0)
		options->key = true;
	else if (strcmp(argument, "--quiet") == 0)
		options->quiet = true;
	else if (strcmp(argument, "--help") == 0)
		options->help = true;
	else
		return false;
	return true;
}

static const char *parse(int argc, char **argv, struct options *options)
{
	bool only_files = false;
	for (int i = 1; i < argc; i++) {
		bool value = false;
		bool option = !only_files && argv[i][0] == '-' && argv[i][1] != '\0';
		if (option && strcmp(argv[i], "--") == 0) {
			only_files = true;
			continue;
		}
		if (option && !take_option(argv[i], options, &value))
			return "unknown option";
		if (value && ++i == argc)
			return "--key needs a file";
		if (option)
			continue;
		if (options->file)
			return "more than one file";
		options->file = argv[i];
	}
	return NULL;
}

/* -- the message -- */

/* A closed 1 or 2 would be taken by the next open(), and the verdict written there. */
static bool fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
			return false;
	}
	return true;
}

/* Makes the message descriptor 0. No byte of it is read. */
static const char *open_message(const char *file)
{
	struct stat st;
	if (file && strcmp(file, "-") != 0) {
		int fd = open(file, O_RDONLY | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			return strerror(errno);
		if (dup2(fd, 0) != 0)
			return strerror(errno);
		close(fd);
	}
	if (fstat(0, &st) != 0)
		return strerror(errno);
	return S_ISDIR(st.st_mode) ? "is a directory" : NULL;
}

/* Everything up to one byte too much; false on a read error. */
static bool read_message(size_t *length)
{
	*length = 0;
	while (*length < sizeof(message)) {
		ssize_t n = read(0, message + *length, sizeof(message) - *length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		*length += (size_t)n;
	}
	return true;
}

/* From here on the process is locked. */
static int verify(const char *name, bool quiet)
{
	struct verify_error error;
	size_t length;
	if (!read_message(&length)) {
		say(2, "%s: cannot be read", name);
		return EX_NOINPUT;
	}
	if (length == 0) {
		say(2, "%s: is empty", name);
		return EX_NOINPUT;
	}
	if (verify_message(message, length, &error))
		return quiet || say(1, "%s: ok", name) ? EX_OK : EX_CANTCREAT;
	if (error.internal) {
		say(2, "%s: %s", name, error.what);
		return EX_SOFTWARE;
	}
	say(2, "%s: line %zu: section %s: %s", name, error.line, error.section, error.what);
	return EX_DATAERR;
}

static int run(const struct options *options)
{
	const char *name = printable(options->file ? options->file : "-");
	errno = 0;
	const char *fault = open_message(options->file);
	if (fault) {
		bool denied = errno == EACCES || errno == EPERM;
		say(2, "%s: %s", name, fault);
		return denied ? EX_NOPERM : EX_NOINPUT;
	}
	fault = verify_lock();
	if (fault) {
		say(2, "mugai-verify: %s: nothing was read", fault);
		return EX_UNAVAILABLE;
	}
	return verify(name, options->quiet);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	if (!fill_standard_descriptors())
		return EX_OSERR;
	const char *fault = parse(argc, argv, &options);
	if (fault)
		return usage(fault);
	if (options.help)
		return write_all(1, help, sizeof(help) - 1) ? EX_OK : EX_CANTCREAT;
	if (options.key) {
		say(2, "mugai-verify: seals are not defined yet");
		return EX_UNAVAILABLE;
	}
	/* exit() would flush stdio and run what libraries left behind; nothing of that is needed. */
	_exit(run(&options));
}
