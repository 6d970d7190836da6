/* mugai sanitize: the daemon's pipeline for one file. */
#include "cmd_priv.h"

#include "programs.h"
#include "sanitize.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

const char cmd_sanitize_help[] =
        "usage: mugai sanitize [--sender A] [--rcpt A] [--arrival TIME] [--report FILE] [--crlf]\n"
        "                      [-o OUT] [FILE|-]\n"
        "\n"
        "Writes the clean message of one mail. FILE is read as it is; without it, standard input.\n"
        "1 通のメールを無害化して書き出します（添付を取り除き、本文を文字だけに作り直します）。\n"
        "\n"
        "  --sender A      envelope sender (default: the null sender)\n"
        "  --rcpt A        envelope recipient; may be given again (default: none)\n"
        "  --arrival TIME  when it came: ISO 8601 or @SECONDS (default: the file's time, or now)\n"
        "  --report FILE   what was done, as JSON, readable for the owner alone\n"
        "  --crlf          line ends CRLF instead of LF\n"
        "  -o OUT          write there, whole or not at all (default: standard output)\n"
        "\n"
        "Started by root, the mail is read as the user work.user, or as nobody where there is none.\n"
        "\n"
        "  mugai sanitize mail.eml\n"
        "  mugai sanitize --rcpt soumu@city.example.jp --report report.json -o clean.eml mail.eml\n"
        "  mugai sanitize --arrival 2026-11-20T09:00:00+09:00 < mail.eml\n";

enum {
	TRIES = 2,
	CHUNK = 64 * 1024,
	RECIPIENTS_MAX = 1000,
	NOBODY = 65534,
};

static const int64_t ARRIVAL_MAX = INT64_C(253402300799); /* the end of the year 9999 */

typedef struct {
	const char *sender;
	GPtrArray *recipients; /* of const char *, NULL-terminated before use */
	const char *input;     /* NULL: standard input */
	const char *output;    /* NULL: standard output */
	const char *report;
	int64_t arrival;
	bool has_arrival;
	bool crlf;
} Request;

/* ---- command line
 * ------------------------------------------------------------------------------------------ */

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

static bool parse_arrival(Request *request, const char *text)
{
	request->has_arrival = text[0] == '@' ? parse_seconds(text + 1, &request->arrival)
	                                      : parse_iso(text, &request->arrival);
	if (!request->has_arrival)
		log_error("sanitize: \"%s\" is no time; write 2026-11-20T09:00:00+09:00 or @1763596800",
		          text);
	return request->has_arrival;
}

static bool take_option(Request *request, int option, const char *value)
{
	switch (option) {
	case 's':
		request->sender = value;
		return true;
	case 'r':
		g_ptr_array_add(request->recipients, (gpointer)(uintptr_t)value);
		return request->recipients->len <= RECIPIENTS_MAX;
	case 'a':
		return parse_arrival(request, value);
	case 'j':
		request->report = value;
		return true;
	case 'c':
		request->crlf = true;
		return true;
	case 'o':
		request->output = strcmp(value, "-") != 0 ? value : NULL;
		return true;
	default:
		return false;
	}
}

/* Two spellings of one place count, too. */
static bool same_place(const char *a, const char *b)
{
	g_autofree char *name_a = g_path_get_basename(a);
	g_autofree char *name_b = g_path_get_basename(b);
	g_autofree char *directory_a = g_path_get_dirname(a);
	g_autofree char *directory_b = g_path_get_dirname(b);
	struct stat in_a, in_b;
	return strcmp(name_a, name_b) == 0 &&
	       (strcmp(directory_a, directory_b) == 0 ||
	        (stat(directory_a, &in_a) == 0 && stat(directory_b, &in_b) == 0 &&
	         in_a.st_dev == in_b.st_dev && in_a.st_ino == in_b.st_ino));
}

/* The one that is written last would take the other's place without a word. */
static int check_outputs(const Request *request)
{
	if (request->report == NULL || request->output == NULL ||
	    !same_place(request->report, request->output))
		return EX_OK;
	log_error("sanitize: --report and -o name the same file \"%s\"", request->output);
	return EX_USAGE;
}

static int parse_words(Request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "sender", required_argument, NULL, 's' },  { "rcpt", required_argument, NULL, 'r' },
		{ "arrival", required_argument, NULL, 'a' }, { "report", required_argument, NULL, 'j' },
		{ "crlf", no_argument, NULL, 'c' },          { NULL, 0, NULL, 0 },
	};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		if (option == '?')
			return cmd_bad_option("sanitize", argv + optind - 1);
		if (!take_option(request, option, optarg))
			return EX_USAGE;
	}
	if (argc - optind > 1) {
		log_error("sanitize: one message at a time, not also \"%s\"", argv[optind + 1]);
		return EX_USAGE;
	}
	if (optind < argc && strcmp(argv[optind], "-") != 0)
		request->input = argv[optind];
	if (request->recipients->len == 0)
		g_ptr_array_add(request->recipients, (gpointer)(uintptr_t) "");
	g_ptr_array_add(request->recipients, NULL);
	return check_outputs(request);
}

/* ---- input
 * ---------------------------------------------------------------------------------------------------- */

static int not_read(const Request *request, const char *why, int code)
{
	log_error("sanitize: %s: %s", request->input != NULL ? request->input : "standard input", why);
	return code;
}

static ssize_t read_some(int fd, void *buffer, size_t size)
{
	ssize_t n;
	do
		n = read(fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n;
}

static bool write_all(int fd, const void *bytes, size_t length)
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
		if (n < 0 || (n > 0 && !write_all(copy, buffer, (size_t)n))) {
			int error = errno;
			close(copy);
			errno = error;
			return -1;
		}
		kept += (uint64_t)n;
	}
	return copy;
}

static int open_input(Request *request, uint64_t limit, int *ret_fd)
{
	int fd = request->input != NULL ? open(request->input, O_RDONLY | O_CLOEXEC | O_NOCTTY)
	                                : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0)
		return not_read(request, g_strerror(errno),
		                errno == EACCES || errno == EPERM ? EX_NOPERM : EX_NOINPUT);
	if (S_ISDIR(status.st_mode)) {
		close(fd);
		return not_read(request, "is a directory", EX_NOINPUT);
	}
	if (!request->has_arrival)
		request->arrival = request->input != NULL && S_ISREG(status.st_mode)
		                           ? status.st_mtime
		                           : g_get_real_time() / G_USEC_PER_SEC;
	request->arrival = CLAMP(request->arrival, 0, ARRIVAL_MAX);
	*ret_fd = request->input != NULL && S_ISREG(status.st_mode) ? fd : keep_stream(fd, limit);
	if (*ret_fd != fd)
		close(fd);
	return *ret_fd >= 0 ? EX_OK : not_read(request, g_strerror(errno), EX_NOINPUT);
}

/* From the first byte on. Too large is remembered by the original, which sanitize_message then says. */
static Original *read_original(int fd, uint64_t limit, GError **error)
{
	g_autoptr(Original) original = original_new(limit, error);
	if (original == NULL)
		return NULL;
	char buffer[CHUNK];
	off_t at = 0;
	for (;;) {
		ssize_t n = pread(fd, buffer, sizeof buffer, at);
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

/* ---- work
 * -------------------------------------------------------------------------------------------------------- */

/* Started by root, the jails get the user of the settings, or else one that owns nothing. */
static int choose_user(const char *name, SupervisorOptions *options)
{
	options->uid = (uid_t)-1;
	options->gid = (gid_t)-1;
	if (geteuid() != 0)
		return EX_OK;
	const struct passwd *user = getpwnam(name);
	if (user != NULL && user->pw_uid == 0) {
		log_error("work.user: \"%s\" has the rights of root", name);
		return EX_CONFIG;
	}
	options->uid = user != NULL ? user->pw_uid : NOBODY;
	options->gid = user != NULL ? user->pw_gid : NOBODY;
	return EX_OK;
}

static int start_supervisor(const ConfSettings *settings, Supervisor **ret_supervisor)
{
	const char *directory = programs_directory();
	if (directory == NULL) {
		log_error("sanitize: mugai-parse is neither beside this program nor in its place");
		return EX_UNAVAILABLE;
	}
	SupervisorOptions options = { .memory_budget = settings->work_memory };
	int code = choose_user(settings->work_user, &options);
	if (code != EX_OK)
		return code;
	g_autoptr(GError) error = NULL;
	options.kinds = sanitize_kinds(directory, &options.n_kinds);
	*ret_supervisor = supervisor_start(&options, &error);
	if (*ret_supervisor != NULL)
		return EX_OK;
	log_error("sanitize: %s", error->message);
	return EX_UNAVAILABLE;
}

static const struct {
	SanitizeError error;
	int code;
	bool again; /* another try may help */
} failures[] = {
	{ SANITIZE_ERROR_NOT_MAIL, EX_DATAERR, false },    { SANITIZE_ERROR_EMPTY, EX_NOINPUT, false },
	{ SANITIZE_ERROR_TOO_LARGE, EX_DATAERR, false },   { SANITIZE_ERROR_CONTENT, EX_TEMPFAIL, true },
	{ SANITIZE_ERROR_ENVIRONMENT, EX_TEMPFAIL, true }, { SANITIZE_ERROR_INTERNAL, EX_SOFTWARE, true },
};

static int code_of(const GError *error, bool *ret_again)
{
	for (size_t i = 0; i < G_N_ELEMENTS(failures); i++) {
		if (!g_error_matches(error, SANITIZE_ERROR, (int)failures[i].error))
			continue;
		*ret_again = failures[i].again;
		return failures[i].code;
	}
	*ret_again = true;
	return EX_TEMPFAIL;
}

static SanitizeResult *sanitize_once(Sanitizer *sanitizer, const Request *request, int input, uint64_t limit,
                                     GError **error)
{
	g_autoptr(Original) original = read_original(input, limit, error);
	if (original == NULL)
		return NULL;
	const SanitizeEnvelope envelope = {
		.sender = request->sender,
		.recipients = (const char *const *)request->recipients->pdata,
		.client = "",
		.queue_id = "",
		.arrival = request->arrival,
	};
	return sanitize_message(sanitizer, original, &envelope, NULL, NULL, error);
}

/* The command has no queue to come again from: it tries again itself. */
static int sanitize_tries(Sanitizer *sanitizer, const Request *request, int input, uint64_t limit,
                          SanitizeResult **ret_result)
{
	int code = EX_SOFTWARE;
	bool again = true;
	for (unsigned try = 1; try <= TRIES && again; try++) {
		g_autoptr(GError) error = NULL;
		*ret_result = sanitize_once(sanitizer, request, input, limit, &error);
		if (*ret_result != NULL)
			return EX_OK;
		code = code_of(error, &again);
		not_read(request, error->message, code);
	}
	return code;
}

static int work(Conf *conf, Policy *policy, const Request *request, int input, SanitizeResult **ret_result)
{
	const ConfSettings *settings = conf_settings(conf);
	g_autoptr(Supervisor) supervisor = NULL;
	int code = start_supervisor(settings, &supervisor);
	if (code != EX_OK)
		return code;
	g_autoptr(GError) error = NULL;
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, supervisor, tenant_default(), &error);
	if (sanitizer == NULL) {
		log_error("sanitize: %s", error->message);
		return EX_CANTCREAT;
	}
	return sanitize_tries(sanitizer, request, input, settings->limits.message, ret_result);
}

/* ---- output
 * ------------------------------------------------------------------------------------------------------ */

static int not_written(const char *path, int error)
{
	log_error("sanitize: %s: %s", path, g_strerror(error));
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

static int write_special(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return not_written(path, errno);
	int code = write_all(fd, bytes, length) ? EX_OK : not_written(path, errno);
	close(fd);
	return code;
}

/* Whole or not at all: nobody must take half a message for a clean one. */
static int write_file(const char *path, const void *bytes, size_t length, mode_t mode)
{
	if (is_special(path))
		return write_special(path, bytes, length);
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return not_written(path, EISDIR);
	g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return not_written(path, errno);
	bool good = write_all(fd, bytes, length) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	int error = errno;
	if (close(fd) != 0 && good) {
		good = false;
		error = errno;
	}
	if (good && rename(temporary, path) == 0)
		return sync_directory(path) ? EX_OK : not_written(path, errno);
	error = good ? errno : error;
	unlink(temporary);
	return not_written(path, error);
}

static int write_clean(const Request *request, const SanitizeResult *result)
{
	g_autoptr(GBytes) clean = sanitize_result_bytes(result, request->crlf);
	gsize length = 0;
	const void *bytes = g_bytes_get_data(clean, &length);
	if (request->output != NULL)
		return write_file(request->output, bytes, length, default_mode());
	return write_all(STDOUT_FILENO, bytes, length) ? EX_OK : not_written("standard output", errno);
}

static int write_result(const Request *request, const SanitizeResult *result)
{
	if (request->report != NULL) {
		g_autofree char *line = g_strconcat(result->report, "\n", NULL);
		int code = write_file(request->report, line, strlen(line), 0600);
		if (code != EX_OK)
			return code;
	}
	switch (result->outcome) {
	case SANITIZE_CLEAN:
		return write_clean(request, result);
	case SANITIZE_REFUSE:
		return not_read(request, "refused by policy", EX_DATAERR);
	default:
		return not_read(request, "mail loop: it has passed too many gateways", EX_DATAERR);
	}
}

/* ---- the whole
 * ----------------------------------------------------------------------------------------------------- */

static int sanitize_file(const CmdCommon *common, Request *request)
{
	g_autoptr(Conf) conf = NULL;
	g_autoptr(Policy) policy = NULL;
	g_autoptr(SanitizeResult) result = NULL;
	int input = -1;
	int code = cmd_load(common, &conf, &policy);
	if (code == EX_OK)
		code = open_input(request, conf_settings(conf)->limits.message, &input);
	if (code == EX_OK)
		code = work(conf, policy, request, input, &result);
	if (code == EX_OK)
		code = write_result(request, result);
	if (input >= 0)
		close(input);
	return code;
}

int cmd_sanitize(const CmdCommon *common, int argc, char **argv)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	Request request = { .sender = "", .recipients = recipients };
	/* The message is in this memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	int code = parse_words(&request, argc, argv);
	return code != EX_OK ? code : sanitize_file(common, &request);
}
