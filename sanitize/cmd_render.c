/* mugai render: one document, drawn in the same jail and written by the same code as an attachment. */
#include "cmd_work_priv.h"

#include "supervisor.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

const char cmd_render_help[] =
        "usage: mugai render [--dpi N] [--pages N] [--gray] [--no-text] [--show WHAT]... [--text OUT.txt] -o OUT.pdf [FILE|-]\n"
        "\n"
        "Writes a PDF of pictures of one document: PDF, PNG, JPEG, GIF, BMP, TIFF, WebP, HEIC, AVIF, JPEG 2000,\n"
        "SVG, text in any character set, CSV or TSV, and, by LibreOffice, documents of Word, Excel, PowerPoint and\n"
        "OpenDocument and RTF. Nothing but its pixels and its text is in it.\n"
        "文書 1 つを、画像だけの PDF に作り直します（文字は検索できる透明な層として入ります）。\n"
        "\n"
        "  --dpi N          resolution, 50 to 300 (default: 150)\n"
        "  --pages N        at most so many pages, the first ones (default: 500)\n"
        "  --gray           without colours\n"
        "  --no-text        pictures alone, nothing to search in\n"
        "  --show WHAT      of an Office document, what is left out else: notes (of slides), comments,\n"
        "                   changes (as such, not as they would be accepted)\n"
        "  --text OUT.txt   its text, too\n"
        "  -o OUT.pdf       write there, whole or not at all; - is standard output\n"
        "\n"
        "What the document had and the PDF has not (links, scripts, more pages) is said on standard error.\n"
        "Exit code 65: it cannot be drawn (the reason is printed), 75: try again.\n"
        "\n"
        "  mugai render -o clean.pdf document.pdf\n"
        "  mugai render --dpi 200 --text clean.txt -o clean.pdf scan.tiff\n"
        "  mugai render --show comments --show changes -o clean.pdf draft.docx\n";

typedef struct {
	CmdInput input;
	const char *output;
	const char *text_output;
	RenderOptions options;
} Request;

static bool take_number(const char *option, const char *value, unsigned least, unsigned most, unsigned *ret)
{
	guint64 number = 0;

	if (g_ascii_string_to_unsigned(value, 10, least, most, &number, NULL)) {
		*ret = (unsigned)number;
		return true;
	}
	log_error("render: --%s \"%s\": write a number from %u to %u", option, value, least, most);
	return false;
}

static bool take_show(RenderOptions *options, const char *value)
{
	for (RenderBeside beside = 0; beside < RENDER_BESIDE_COUNT; beside++) {
		if (strcmp(value, render_beside_name(beside)) != 0)
			continue;
		options->beside[beside] = true;
		return true;
	}
	log_error("render: --show \"%s\": write notes, comments or changes", value);
	return false;
}

static bool take_option(Request *request, int option, const char *value)
{
	switch (option) {
	case 'd':
		return take_number("dpi", value, RENDER_DPI_MIN, RENDER_DPI_MAX, &request->options.dpi);
	case 'p':
		return take_number("pages", value, 1, RENDER_PAGES_MAX, &request->options.pages);
	case 'g':
		request->options.colour = RENDER_GRAY;
		return true;
	case 'n':
		request->options.searchable = false;
		return true;
	case 's':
		return take_show(&request->options, value);
	case 't':
		request->text_output = value;
		request->options.text = true;
		return true;
	case 'o':
		request->output = value;
		return true;
	default:
		return false;
	}
}

static int parse_words(Request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "dpi", required_argument, NULL, 'd' }, { "pages", required_argument, NULL, 'p' },
		{ "gray", no_argument, NULL, 'g' },      { "no-text", no_argument, NULL, 'n' },
		{ "text", required_argument, NULL, 't' }, { "show", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		if (option == '?')
			return cmd_bad_option("render", argv + optind - 1);
		if (!take_option(request, option, optarg))
			return EX_USAGE;
	}
	if (request->output == NULL) {
		log_error("render: where to? name a file with -o OUT.pdf");
		return EX_USAGE;
	}
	if (!cmd_input_take(&request->input, "document", argv + optind))
		return EX_USAGE;
	return EX_OK;
}

/* ---- work --------------------------------------------------------------------------------------------- */

typedef struct {
	const Request *request;
	Supervisor *supervisor;
	Conf *conf;
	RenderResult *result;
} Work;

static bool render_once(void *user, GError **error)
{
	Work *work = user;
	const Request *request = work->request;
	g_autoptr(Original) document = cmd_input_read(&request->input, error);
	if (document == NULL)
		return false;
	const char *name = request->input.file != NULL ? request->input.file : "";
	work->result = sanitize_render(work->supervisor, work->conf, document, &request->options, name, error);
	return work->result != NULL;
}

static int refused(const Request *request, RenderStatus status)
{
	static const char *const why[] = {
		[RENDER_STATUS_UNSUPPORTED] = "it is no document or picture that can be drawn",
		[RENDER_STATUS_ENCRYPTED] = "it needs a password",
		[RENDER_STATUS_DAMAGED] = "it is damaged",
		[RENDER_STATUS_TOO_LARGE] = "it has more pixels than can be decoded",
		[RENDER_STATUS_NO_PAGES] = "it has no page",
		[RENDER_STATUS_LIMIT] = "all its pages together have too many pixels",
		[RENDER_STATUS_TIME] = "it takes too long to draw (limits.document_cpu, limits.document_wall)",
		[RENDER_STATUS_MEMORY] = "it takes too much memory to draw",
		[RENDER_STATUS_CRASH] = "it broke the program that draws it",
		[RENDER_STATUS_OUTPUT] = "its pictures are larger than limits.image_pdf",
		[RENDER_STATUS_DEADLINE] = "there was no time left for it",
		[RENDER_STATUS_UNAVAILABLE] = "this host has no LibreOffice that converts it",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(why) == RENDER_STATUS_COUNT);
	return cmd_input_failed(&request->input, why[status] != NULL ? why[status] : "it cannot be drawn", EX_DATAERR);
}

static void add_words(GString *line, const char *words, uint64_t n)
{
	if (n > 0)
		g_string_append_printf(line, "%s%s: %" G_GUINT64_FORMAT, line->len > 0 ? ", " : "", words, n);
}

/* Nothing is lost without a word. */
static void say_facts(const RenderOptions *options, const RenderResult *result)
{
	g_autoptr(GString) line = g_string_new(NULL);
	if (!result->more_pages && result->pages_found > result->pages)
		add_words(line, "pages not drawn", result->pages_found - result->pages);
	add_words(line, "pages that cannot be shown", result->pages_failed);
	add_words(line, "pages drawn as far as their data goes", result->pages_partial);
	add_words(line, "pages at a lower resolution", result->lower_dpi);
	add_words(line, "hidden characters left out", result->hidden_chars);
	add_words(line, "characters past the limits", result->text_cut);
	add_words(line, "characters without a font", result->missing_glyphs);
	for (RenderHidden hidden = 0; hidden < RENDER_HIDDEN_COUNT; hidden++) {
		g_autofree char *words = g_strdup_printf("hidden %s left out", render_hidden_name(hidden));
		add_words(line, words, result->hidden[hidden]);
	}
	for (RenderBeside beside = 0; beside < RENDER_BESIDE_COUNT; beside++) {
		g_autofree char *words = g_strdup_printf("%s %s", render_beside_name(beside),
		                                         options->beside[beside] ? "shown" : "not shown");
		add_words(line, words, result->beside[beside]);
	}
	for (RenderLost lost = 0; lost < RENDER_LOST_COUNT; lost++)
		add_words(line, render_lost_name(lost), result->lost[lost]);
	log_info("render: %s, %u of %s%u pages%s%s", render_format_name(result->format), result->pages,
	         result->more_pages ? "at least " : "", MAX(result->pages_found, result->pages),
	         line->len > 0 ? "; " : "", line->str);
}

static int write_result(const Request *request, const RenderResult *result)
{
	if (result->status != RENDER_STATUS_COMPLETE)
		return refused(request, result->status);
	gsize length = 0;
	const void *bytes = g_bytes_get_data(result->pdf, &length);
	int code = request->text_output != NULL ? cmd_output_text("render", request->text_output, result->text)
	                                         : EX_OK;
	if (code == EX_OK)
		code = cmd_output_write("render", strcmp(request->output, "-") != 0 ? request->output : NULL, bytes,
		                        length, CMD_MODE_DEFAULT);
	if (code == EX_OK)
		say_facts(&request->options, result);
	return code;
}

static int work(Conf *conf, const Request *request)
{
	g_autoptr(Supervisor) supervisor = NULL;
	int code = cmd_supervisor_begin("render", sanitize_render_kinds, conf_settings(conf), &supervisor);
	if (code != EX_OK)
		return code;
	Work work = { .request = request, .supervisor = supervisor, .conf = conf };
	code = cmd_supervisor_code(supervisor, cmd_try(&request->input, render_once, &work));
	g_autoptr(RenderResult) result = work.result;
	return code != EX_OK ? code : write_result(request, result);
}

int cmd_render(const CmdCommon *common, int argc, char **argv)
{
	g_autoptr(Conf) conf = NULL;
	Request request = { .input = { .command = "render", .fd = -1, .original = original_new_unhashed },
		            .options = { .dpi = RENDER_DPI,
		                         .pages = RENDER_PAGES_MAX,
		                         .picture = true,
		                         .searchable = true } };
	/* The document is in this memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	int code = parse_words(&request, argc, argv);
	if (code == EX_OK)
		code = cmd_load_conf(common, &conf);
	if (code != EX_OK)
		return code;
	request.options.max_output = conf_settings(conf)->limits.image_pdf;
	request.options.max_text = conf_settings(conf)->limits.text_out;
	request.input.limit = conf_settings(conf)->limits.message;
	code = cmd_input_open(&request.input);
	if (code == EX_OK)
		code = work(conf, &request);
	cmd_input_close(&request.input);
	return code;
}
