/* mugai explain: which rule of the policy decides for one mail, and why. Nothing is delivered or recorded. */
#include "cmd_work_priv.h"

#include "supervisor.h"

#include <getopt.h>
#include <string.h>
#include <sys/prctl.h>

const char cmd_explain_help[] =
        "usage: mugai explain [--sender A] [--rcpt A] [FILE|-]\n"
        "\n"
        "Says what would become of one mail, which rule of the policy decides for it and for each of its\n"
        "parts, and why the rules before it do not. Nothing is delivered and nothing is recorded.\n"
        "1 通のメールと、その添付などの部分ごとに、どの規則が働くか、その理由を表示します。\n"
        "\n"
        "  --sender A  envelope sender (default: the null sender)\n"
        "  --rcpt A    envelope recipient; may be given again (default: none)\n"
        "\n"
        "  mugai explain --policy new-policy.yaml --sender a@example.com --rcpt b@city.example.jp mail.eml\n";

enum { RECIPIENTS_MAX = 1000 };

typedef struct {
	CmdInput input;
	const char *sender;
	GPtrArray *recipients; /* of const char *, NULL-terminated before use */
} Request;

static int parse_words(Request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "sender", required_argument, NULL, 's' },
		{ "rcpt", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == '?')
			return cmd_bad_option("explain", argv + optind - 1);
		if (option == 's')
			request->sender = optarg;
		else if (request->recipients->len < RECIPIENTS_MAX)
			g_ptr_array_add(request->recipients, optarg);
	}
	if (!cmd_input_take(&request->input, "message", argv + optind))
		return EX_USAGE;
	if (request->recipients->len == 0)
		g_ptr_array_add(request->recipients, (gpointer)(uintptr_t) "");
	g_ptr_array_add(request->recipients, NULL);
	return EX_OK;
}

typedef struct {
	const Request *request;
	Sanitizer *sanitizer;
	char *text;
} Work;

static bool explain_once(void *user, GError **error)
{
	Work *work = user;
	const Request *request = work->request;
	const SanitizeEnvelope envelope = {
		.sender = request->sender,
		.recipients = (const char *const *)request->recipients->pdata,
		.client = "",
		.queue_id = "",
		.arrival = request->input.changed,
	};
	g_autoptr(Original) original = cmd_input_read(&request->input, error);
	if (original == NULL)
		return false;
	work->text = sanitize_explain(work->sanitizer, original, &envelope, error);
	return work->text != NULL;
}

static int work(Conf *conf, Policy *policy, const Request *request)
{
	g_autoptr(Supervisor) supervisor = NULL;
	int code = cmd_supervisor_start("explain", sanitize_kinds, conf_settings(conf), &supervisor);
	if (code != EX_OK)
		return code;
	g_autoptr(Sanitizer) sanitizer =
	        sanitizer_new_for_explain(conf, policy, supervisor, tenant_default());
	Work work = { .request = request, .sanitizer = sanitizer };
	code = cmd_try(&request->input, explain_once, &work);
	g_autofree char *text = work.text;
	if (code != EX_OK)
		return code;
	return cmd_output_write("explain", NULL, text, strlen(text), CMD_MODE_DEFAULT);
}

int cmd_explain(const CmdCommon *common, int argc, char **argv)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	g_autoptr(Conf) conf = NULL;
	g_autoptr(Policy) policy = NULL;
	Request request = { .input = { .command = "explain", .fd = -1, .original = original_new },
		            .sender = "",
		            .recipients = recipients };
	/* The message is in this memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	int code = parse_words(&request, argc, argv);
	if (code == EX_OK)
		code = cmd_load(common, &conf, &policy);
	if (code != EX_OK)
		return code;
	request.input.limit = conf_settings(conf)->limits.message;
	code = cmd_input_open(&request.input);
	if (code == EX_OK)
		code = work(conf, policy, &request);
	cmd_input_close(&request.input);
	return code;
}
