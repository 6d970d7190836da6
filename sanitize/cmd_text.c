/* mugai text: one HTML or text body, through the same jail and code as a mail's. */
#include "cmd_work_priv.h"

#include "supervisor.h"

#include <getopt.h>
#include <string.h>
#include <sys/prctl.h>

const char cmd_text_help[] =
        "usage: mugai text [--charset NAME] [--type html|plain] [--defang never|flagged|all]\n"
        "                  [--width N] [-o OUT] [FILE|-]\n"
        "\n"
        "Writes the plain text of one HTML or text body, as a reader of the clean message would see it.\n"
        "HTML またはテキストの本文 1 つを、無害化したメールに載る文字だけの形で書き出します。\n"
        "\n"
        "  --charset NAME     its character set (default: as the body itself says, or looks)\n"
        "  --type html|plain  what it is (default: by the name *.html *.htm *.txt, else by its content)\n"
        "  --defang WHICH     links that no mail reader shall open (hxxp://evil[.]example): never (default),\n"
        "                     flagged (those that mislead) or all\n"
        "  --width N          wrap lines at N columns, 20 to 1000 (default: as they are)\n"
        "  -o OUT             write there, whole or not at all (default: standard output)\n"
        "\n"
        "  mugai text page.html\n"
        "  mugai text --charset iso-2022-jp --type plain < body.txt\n";

typedef struct {
	CmdInput input;
	const char *output;
	SanitizeTextOptions options;
} Request;

static bool take_type(Request *request, const char *value)
{
	if (strcmp(value, "html") == 0)
		request->options.kind = SANITIZE_TEXT_HTML;
	else if (strcmp(value, "plain") == 0)
		request->options.kind = SANITIZE_TEXT_PLAIN;
	else
		log_error("text: \"%s\" is no type; write html or plain", value);
	return request->options.kind != SANITIZE_TEXT_DETECT;
}

static bool take_defang(Request *request, const char *value)
{
	static const struct {
		const char *word;
		PolicyDefang defang;
	} words[] = {
		{ "never", POLICY_DEFANG_NEVER },
		{ "flagged", POLICY_DEFANG_FLAGGED },
		{ "all", POLICY_DEFANG_ALL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(value, words[i].word) != 0)
			continue;
		request->options.defang = words[i].defang;
		return true;
	}
	log_error("text: \"%s\" is nothing to defang; write never, flagged or all", value);
	return false;
}

static bool take_width(Request *request, const char *value)
{
	guint64 width = 0;

	if (g_ascii_string_to_unsigned(value, 10, SANITIZE_TEXT_WIDTH_MIN, SANITIZE_TEXT_WIDTH_MAX, &width, NULL)) {
		request->options.width = (unsigned)width;
		return true;
	}
	log_error("text: \"%s\" is no width; write a number from %d to %d", value, SANITIZE_TEXT_WIDTH_MIN,
	          SANITIZE_TEXT_WIDTH_MAX);
	return false;
}

static bool take_option(Request *request, int option, const char *value)
{
	switch (option) {
	case 'c':
		request->options.charset = value;
		return true;
	case 't':
		return take_type(request, value);
	case 'w':
		return take_width(request, value);
	case 'd':
		return take_defang(request, value);
	case 'o':
		request->output = strcmp(value, "-") != 0 ? value : NULL;
		return true;
	default:
		return false;
	}
}

static int parse_words(Request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "charset", required_argument, NULL, 'c' },
		{ "type", required_argument, NULL, 't' },
		{ "width", required_argument, NULL, 'w' },
		{ "defang", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		if (option == '?')
			return cmd_bad_option("text", argv + optind - 1);
		if (!take_option(request, option, optarg))
			return EX_USAGE;
	}
	if (!cmd_input_take(&request->input, "body", argv + optind))
		return EX_USAGE;
	return EX_OK;
}

static SanitizeTextKind kind_by_name(const char *file)
{
	static const struct {
		const char *end;
		SanitizeTextKind kind;
	} names[] = {
		{ ".html", SANITIZE_TEXT_HTML },
		{ ".htm", SANITIZE_TEXT_HTML },
		{ ".txt", SANITIZE_TEXT_PLAIN },
	};
	g_autofree char *lower = g_ascii_strdown(file != NULL ? file : "", -1);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_str_has_suffix(lower, names[i].end))
			return names[i].kind;
	return SANITIZE_TEXT_DETECT;
}

typedef struct {
	const Request *request;
	Supervisor *supervisor;
	Conf *conf;
	char *text;
} Work;

static bool text_once(void *user, GError **error)
{
	Work *work = user;
	const Request *request = work->request;
	g_autoptr(Original) body = cmd_input_read(&request->input, error);
	if (body == NULL)
		return false;
	SanitizeTextOptions options = request->options;
	if (options.kind == SANITIZE_TEXT_DETECT)
		options.kind = kind_by_name(request->input.file);
	work->text = sanitize_text(work->supervisor, work->conf, body, &options, error);
	return work->text != NULL;
}

static int work(Conf *conf, const Request *request)
{
	g_autoptr(Supervisor) supervisor = NULL;
	int code = cmd_supervisor_begin("text", sanitize_text_kinds, conf_settings(conf), &supervisor);
	if (code != EX_OK)
		return code;
	Work work = { .request = request, .supervisor = supervisor, .conf = conf };
	code = cmd_supervisor_code(supervisor, cmd_try(&request->input, text_once, &work));
	g_autofree char *text = work.text;
	if (code != EX_OK)
		return code;
	return cmd_output_text("text", request->output, text);
}

int cmd_text(const CmdCommon *common, int argc, char **argv)
{
	g_autoptr(Conf) conf = NULL;
	Request request = { .input = { .command = "text", .fd = -1, .original = original_new_unhashed },
		            .options = { .charset = "", .defang = POLICY_DEFANG_NEVER } };
	/* The body is in this memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	int code = parse_words(&request, argc, argv);
	if (code == EX_OK)
		code = cmd_load_conf(common, &conf);
	if (code != EX_OK)
		return code;
	request.input.limit = conf_settings(conf)->limits.message;
	code = cmd_input_open(&request.input);
	if (code == EX_OK)
		code = work(conf, &request);
	cmd_input_close(&request.input);
	return code;
}
