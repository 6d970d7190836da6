/* mugai sanitize: the daemon's pipeline for one file. */
#include "cmd_work_priv.h"

#include "supervisor.h"

#include <getopt.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

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

enum { RECIPIENTS_MAX = 1000 };

typedef struct {
	const char *sender;
	GPtrArray *recipients; /* of const char *, NULL-terminated before use */
	CmdInput input;
	const char *output; /* NULL: standard output */
	const char *report;
	int64_t arrival;
	bool has_arrival;
	bool crlf;
} Request;

/* ---- command line
 * ------------------------------------------------------------------------------------------ */

static bool parse_arrival(Request *request, const char *text)
{
	request->has_arrival = cmd_parse_time("sanitize", text, &request->arrival);
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
	if (!cmd_input_take(&request->input, "message", argv + optind))
		return EX_USAGE;
	if (request->recipients->len == 0)
		g_ptr_array_add(request->recipients, (gpointer)(uintptr_t) "");
	g_ptr_array_add(request->recipients, NULL);
	return check_outputs(request);
}

/* ---- work
 * -------------------------------------------------------------------------------------------------------- */

typedef struct {
	const Request *request;
	Sanitizer *sanitizer;
	SanitizeResult *result;
} Work;

static bool sanitize_once(void *user, GError **error)
{
	Work *work = user;
	const Request *request = work->request;
	g_autoptr(Original) original = cmd_input_read(&request->input, error);
	if (original == NULL)
		return false;
	const SanitizeEnvelope envelope = {
		.sender = request->sender,
		.recipients = (const char *const *)request->recipients->pdata,
		.client = "",
		.queue_id = "",
		.arrival = request->arrival,
	};
	work->result = sanitize_message(work->sanitizer, original, &envelope, NULL, NULL, error);
	return work->result != NULL;
}

static int cannot_open(const GError *error)
{
	log_error("sanitize: %s", error->message);
	return g_error_matches(error, SANITIZE_ERROR, SANITIZE_ERROR_PERMISSION) ? EX_NOPERM : EX_CANTCREAT;
}

static int work(Conf *conf, Policy *policy, const Request *request, SanitizeResult **ret_result)
{
	g_autoptr(Supervisor) supervisor = NULL;
	int code = cmd_supervisor_start("sanitize", sanitize_kinds, conf_settings(conf), &supervisor);
	if (code != EX_OK)
		return code;
	g_autoptr(GError) error = NULL;
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, supervisor, tenant_default(), &error);
	if (sanitizer == NULL)
		return cannot_open(error);
	Work work = { .request = request, .sanitizer = sanitizer };
	code = cmd_try(&request->input, sanitize_once, &work);
	*ret_result = work.result;
	return code;
}

/* ---- output
 * ------------------------------------------------------------------------------------------------------ */

static int write_clean(const Request *request, const SanitizeResult *result)
{
	g_autoptr(GBytes) clean = sanitize_result_bytes(result, request->crlf);
	gsize length = 0;
	const void *bytes = g_bytes_get_data(clean, &length);
	return cmd_output_write("sanitize", request->output, bytes, length, CMD_MODE_DEFAULT);
}

static int write_result(const Request *request, const SanitizeResult *result)
{
	if (request->report != NULL) {
		g_autofree char *line = g_strconcat(result->report, "\n", NULL);
		int code = cmd_output_write("sanitize", request->report, line, strlen(line), 0600);
		if (code != EX_OK)
			return code;
	}
	switch (result->outcome) {
	case SANITIZE_CLEAN:
		return write_clean(request, result);
	case SANITIZE_REFUSE:
		return cmd_input_failed(&request->input,
		                        result->cause == SANITIZE_CAUSE_SIZE
		                                ? "refused: the clean message would be too large"
		                                : "refused by policy",
		                        EX_DATAERR);
	default:
		return cmd_input_failed(&request->input, "mail loop: it has passed too many gateways",
		                        EX_DATAERR);
	}
}

/* ---- the whole
 * ----------------------------------------------------------------------------------------------------- */

static int sanitize_file(const CmdCommon *common, Request *request)
{
	g_autoptr(Conf) conf = NULL;
	g_autoptr(Policy) policy = NULL;
	g_autoptr(SanitizeResult) result = NULL;
	int code = cmd_load(common, &conf, &policy);
	if (code != EX_OK)
		return code;
	request->input.limit = conf_settings(conf)->limits.message;
	code = cmd_input_open(&request->input);
	if (code != EX_OK)
		return code;
	if (!request->has_arrival)
		request->arrival = request->input.changed;
	code = work(conf, policy, request, &result);
	if (code == EX_OK)
		code = write_result(request, result);
	cmd_input_close(&request->input);
	return code;
}

int cmd_sanitize(const CmdCommon *common, int argc, char **argv)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	Request request = { .sender = "",
		            .recipients = recipients,
		            .input = { .command = "sanitize", .fd = -1, .original = original_new } };
	/* The message is in this memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	int code = parse_words(&request, argc, argv);
	return code != EX_OK ? code : sanitize_file(common, &request);
}
