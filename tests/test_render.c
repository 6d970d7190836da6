/* The renderer's trusted half: before a renderer that lies in every way there is, and the whole way of honest documents
 * through the real jail. */
#include "render.h"
#include "render_direct.h"

#include <string.h>

enum { PAGES = 20, MAX_OUTPUT = 30 << 20 };

static Supervisor *liar, *renderer;

static Supervisor *start(const char *program)
{
	const SupervisorKind kind = { .name = "render", .executable = program, .spare = 1, .maximum = 4 };
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1, .memory_budget = UINT64_C(4) << 30 };
	g_autoptr(GError) error = NULL;
	Supervisor *s = supervisor_start(&options, &error);
	g_assert_no_error(error);
	return s;
}

static RenderContext context_of(Supervisor *s)
{
	return (RenderContext) { .supervisor = s, .cpu_ms = 60000, .wall_ms = 400000, .wait_ms = 60000 };
}

static RenderOptions options_of_picture(void)
{
	return (RenderOptions) { .dpi = RENDER_DPI,
		                 .pages = PAGES,
		                 .picture = true,
		                 .searchable = true,
		                 .max_output = MAX_OUTPUT,
		                 .max_text = 1 << 20 };
}

static Unread *document_of(const void *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MemfdWriter) writer = memfd_writer_new("test", length, &error);
	g_assert_true(memfd_writer_append(writer, bytes, length, &error));
	g_autoptr(Sealed) sealed = memfd_writer_seal(writer, &error);
	g_assert_no_error(error);
	return unread_of_sealed(sealed);
}

static RenderResult *render_bytes(const RenderContext *context, const RenderOptions *options, const void *bytes,
                                  size_t length, GError **error)
{
	g_autoptr(Unread) document = document_of(bytes, length);
	return render_document(context, options, document, error);
}

/* ---- lies ---------------------------------------------------------------------------------------------------- */

/* The order is that of the table in jail/render_liar.c. */
static const struct {
	const char *name;
	RenderStatus status;
	RenderStatus other;  /* not 0: may come of it as well */
	uint32_t cpu_ms;     /* 0: enough */
	uint32_t max_output; /* 0: enough */
	bool environment;    /* no result: nobody can say that the document did this */
} lies[] = {
	{ .name = "honest" },
	{ .name = "first page is the second", .status = RENDER_STATUS_CRASH },
	{ .name = "page left out", .status = RENDER_STATUS_CRASH },
	{ .name = "page twice", .status = RENDER_STATUS_CRASH },
	{ .name = "more pages than asked", .status = RENDER_STATUS_CRASH },
	{ .name = "outside the pixels", .status = RENDER_STATUS_CRASH },
	{ .name = "range that wraps", .status = RENDER_STATUS_CRASH },
	{ .name = "gray picture" },
	{ .name = "side too long", .status = RENDER_STATUS_CRASH },
	{ .name = "too many pixels", .status = RENDER_STATUS_CRASH },
	{ .name = "too many pixels in all", .status = RENDER_STATUS_CRASH },
	{ .name = "box of nothing", .status = RENDER_STATUS_CRASH },
	{ .name = "tiny box" },
	{ .name = "pixels that change" },
	{ .name = "releases unread", .other = RENDER_STATUS_CRASH },
	{ .name = "run before page", .status = RENDER_STATUS_CRASH },
	{ .name = "run of the page before", .status = RENDER_STATUS_CRASH },
	{ .name = "run with control", .status = RENDER_STATUS_CRASH },
	{ .name = "run with bidi", .status = RENDER_STATUS_CRASH },
	{ .name = "run that is no text", .status = RENDER_STATUS_CRASH },
	{ .name = "boxes at the ends" },
	{ .name = "flood of runs", .status = RENDER_STATUS_CRASH, .other = RENDER_STATUS_TIME, .cpu_ms = 3000 },
	{ .name = "text unasked", .status = RENDER_STATUS_CRASH },
	{ .name = "unknown counter", .status = RENDER_STATUS_CRASH },
	{ .name = "counter past all", .status = RENDER_STATUS_CRASH },
	{ .name = "counter twice", .status = RENDER_STATUS_CRASH },
	{ .name = "counter too large", .status = RENDER_STATUS_CRASH },
	{ .name = "more failed than made", .status = RENDER_STATUS_CRASH },
	{ .name = "unknown format", .status = RENDER_STATUS_CRASH },
	{ .name = "format of text", .status = RENDER_STATUS_CRASH },
	{ .name = "fewer found than made", .status = RENDER_STATUS_CRASH },
	{ .name = "status of the trusted side", .status = RENDER_STATUS_CRASH },
	{ .name = "status past all", .status = RENDER_STATUS_CRASH },
	{ .name = "complete without pages", .status = RENDER_STATUS_CRASH },
	{ .name = "damaged after a page", .status = RENDER_STATUS_DAMAGED },
	{ .name = "dies midway", .status = RENDER_STATUS_CRASH },
	{ .name = "leaves midway", .status = RENDER_STATUS_CRASH },
	{ .name = "spins", .status = RENDER_STATUS_TIME, .cpu_ms = 1000 },
	{ .name = "eats memory", .status = RENDER_STATUS_MEMORY },
	{ .name = "waits", .environment = true },
	{ .name = "noise", .status = RENDER_STATUS_OUTPUT, .max_output = 1500 },
};

static void assert_pdf(const RenderResult *result)
{
	gsize length;
	const char *bytes = g_bytes_get_data(result->pdf, &length);
	g_assert_cmpuint(length, >, 100);
	g_assert_cmpmem(bytes, 5, "%PDF-", 5);
}

static void test_lie(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	RenderContext context = context_of(liar);
	RenderOptions options = options_of_picture();
	context.cpu_ms = lies[i].cpu_ms != 0 ? lies[i].cpu_ms : context.cpu_ms;
	context.wall_ms = lies[i].environment ? 500 : context.wall_ms;
	options.max_output = lies[i].max_output != 0 ? lies[i].max_output : options.max_output;
	options.pages = strstr(lies[i].name, "in all") != NULL ? RENDER_PAGES_MAX : options.pages;
	g_autofree char *document = g_strdup_printf("LIE %u", i);
	g_autoptr(GError) error = NULL;
	g_autoptr(RenderResult) result = render_bytes(&context, &options, document, strlen(document), &error);
	if (lies[i].environment) {
		g_assert_null(result);
		g_assert_nonnull(error);
		g_assert_false(cell_error_blames_content(error));
		return;
	}
	g_assert_no_error(error);
	if (lies[i].other == 0 || result->status != lies[i].other)
		g_assert_cmpint(result->status, ==, lies[i].status);
	g_assert_cmpint(result->pdf != NULL, ==, result->status == RENDER_STATUS_COMPLETE);
	g_assert_cmpint(result->pages > 0, ==, result->status == RENDER_STATUS_COMPLETE);
	if (result->pdf != NULL)
		assert_pdf(result);
}

/* ---- honest documents ---------------------------------------------------------------------------------------- */

typedef struct {
	unsigned width, height; /* pt */
	const char *text;
} Page;

static void add_object(GString *pdf, GArray *offsets, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add_object(GString *pdf, GArray *offsets, const char *format, ...)
{
	gsize at = pdf->len;
	va_list arguments;
	g_array_append_val(offsets, at);
	g_string_append_printf(pdf, "%u 0 obj\n", offsets->len);
	va_start(arguments, format);
	g_string_append_vprintf(pdf, format, arguments);
	va_end(arguments);
	g_string_append(pdf, "\nendobj\n");
}

/* With fonts that are not in it, one of them Japanese: the jail must find ours. */
static GString *pdf_of(const Page *pages, unsigned n)
{
	GString *pdf = g_string_new("%PDF-1.4\n");
	g_autoptr(GArray) offsets = g_array_new(FALSE, FALSE, sizeof(gsize));
	g_autoptr(GString) kids = g_string_new(NULL);
	for (unsigned i = 0; i < n; i++)
		g_string_append_printf(kids, "%u 0 R ", 6 + 2 * i);
	add_object(pdf, offsets, "<</Type/Catalog/Pages 2 0 R>>");
	add_object(pdf, offsets, "<</Type/Pages/Count %u/Kids[%s]>>", n, kids->str);
	add_object(pdf, offsets, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
	add_object(pdf, offsets, "<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/UniJIS-UCS2-H/DescendantFonts["
	                         "<</Type/Font/Subtype/CIDFontType0/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)"
	                         "/Ordering(Japan1)/Supplement 2>>/FontDescriptor 5 0 R>>]>>");
	add_object(pdf, offsets, "<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 4/FontBBox[-170 -331 1024 903]"
	                         "/ItalicAngle 0/Ascent 723/Descent -241/CapHeight 709/StemV 69>>");
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *content = g_strdup_printf("BT /L 24 Tf 20 20 Td (%s) Tj /J 24 Tf 0 40 Td <6F225B57> Tj ET",
		                                           pages[i].text);
		add_object(pdf, offsets, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 %u %u]/Contents %u 0 R"
		                         "/Resources<</Font<</L 3 0 R/J 4 0 R>>>>>>",
		           pages[i].width, pages[i].height, 7 + 2 * i);
		add_object(pdf, offsets, "<</Length %zu>>\nstream\n%s\nendstream", strlen(content), content);
	}
	gsize start = pdf->len;
	g_string_append_printf(pdf, "xref\n0 %u\n0000000000 65535 f \n", offsets->len + 1);
	for (guint i = 0; i < offsets->len; i++)
		g_string_append_printf(pdf, "%010" G_GSIZE_FORMAT " 00000 n \n", g_array_index(offsets, gsize, i));
	g_string_append_printf(pdf, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n",
	                       offsets->len + 1, start);
	return pdf;
}

/* Small ones that share the pixels, and one that needs them all. */
static const Page three[] = { { 300, 200, "first" }, { 2500, 2500, "second" }, { 300, 200, "third" } };

/* Gives what comes of it in this process. */
static GBytes *directly(const GString *document)
{
	const DirectOptions options = { .dpi = RENDER_DPI, .pages = PAGES, .max_output = MAX_OUTPUT };
	const DrawInput input = { (const uint8_t *)document->str, document->len };
	DrawFacts facts = { 0 };
	int status;
	GBytes *pdf = render_directly(&input, &options, &status, &facts);
	g_assert_cmpint(status, ==, RENDER_STATUS_COMPLETE);
	return pdf;
}

/* The jail changes nothing: fonts and CMaps are there, and no page is drawn over before it was taken. */
static void test_same_as_without_jail(void)
{
	g_autoptr(GString) document = pdf_of(three, G_N_ELEMENTS(three));
	const RenderContext context = context_of(renderer);
	const RenderOptions options = options_of_picture();
	g_autoptr(GError) error = NULL;
	g_autoptr(RenderResult) result = render_bytes(&context, &options, document->str, document->len, &error);
	g_assert_no_error(error);
	g_assert_cmpint(result->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpint(result->format, ==, RENDER_FORMAT_PDF);
	g_assert_cmpuint(result->pages, ==, 3);
	g_assert_cmpuint(result->pages_found, ==, 3);
	g_autoptr(GBytes) direct = directly(document);
	g_assert_true(g_bytes_equal(direct, result->pdf));
}

static void test_page_limit(void)
{
	g_autoptr(GString) document = pdf_of(three, G_N_ELEMENTS(three));
	const RenderContext context = context_of(renderer);
	RenderOptions options = options_of_picture();
	options.pages = 1;
	g_autoptr(RenderResult) result = render_bytes(&context, &options, document->str, document->len, NULL);
	g_assert_cmpint(result->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(result->pages, ==, 1);
	g_assert_cmpuint(result->pages_found, ==, 3);
}

static void test_text(void)
{
	g_autoptr(GString) document = pdf_of(three, G_N_ELEMENTS(three));
	const RenderContext context = context_of(renderer);
	RenderOptions options = options_of_picture();
	options.text = true;
	for (int picture = 0; picture <= 1; picture++) {
		options.picture = picture != 0;
		g_autoptr(RenderResult) result = render_bytes(&context, &options, document->str, document->len, NULL);
		g_assert_cmpint(result->status, ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpuint(result->pages, ==, 3);
		g_assert_cmpint(result->pdf != NULL, ==, options.picture);
		g_assert_nonnull(strstr(result->text, "first"));
		g_assert_nonnull(strstr(result->text, "漢字"));
		g_assert_nonnull(strstr(result->text, "\n\n"));
		g_assert_cmpuint(result->text_cut, ==, 0);
	}
	/* The caller's cap: cut between characters, and told. */
	options.max_text = 9;
	g_autoptr(RenderResult) cut = render_bytes(&context, &options, document->str, document->len, NULL);
	g_assert_cmpint(cut->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(strlen(cut->text), <=, 9);
	g_assert_true(g_utf8_validate(cut->text, -1, NULL));
	g_assert_cmpuint(cut->text_cut, >, 0);
}

static void test_text_document(void)
{
	static const struct {
		RenderTable table;
		RenderFormat format;
	} tables[] = {
		{ RENDER_TABLE_NONE, RENDER_FORMAT_TEXT },
		{ RENDER_TABLE_CSV, RENDER_FORMAT_CSV },
		{ RENDER_TABLE_TSV, RENDER_FORMAT_TSV },
	};
	const RenderContext context = context_of(renderer);
	RenderOptions options = options_of_picture();
	options.text = true;
	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(RenderResult) result =
		        render_text(&context, &options, "氏名,住所\n山田,東京都 Tokyo\n", tables[i].table, &error);
		g_assert_no_error(error);
		g_assert_cmpint(result->status, ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpint(result->format, ==, tables[i].format);
		g_assert_cmpuint(result->pages, ==, 1);
		g_assert_nonnull(strstr(result->text, "山田"));
		assert_pdf(result);
	}
}

static void test_no_document(void)
{
	static const struct {
		const char *bytes;
		RenderStatus status;
	} documents[] = {
		{ "", RENDER_STATUS_UNSUPPORTED },
		{ "MZ and more", RENDER_STATUS_UNSUPPORTED },
		{ "%PDF-1.4\nnothing of it\n", RENDER_STATUS_DAMAGED },
	};
	const RenderContext context = context_of(renderer);
	const RenderOptions options = options_of_picture();
	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
		g_autoptr(RenderResult) result =
		        render_bytes(&context, &options, documents[i].bytes, strlen(documents[i].bytes), NULL);
		g_assert_cmpint(result->status, ==, documents[i].status);
		g_assert_null(result->pdf);
	}
}

static void test_deadline(void)
{
	RenderContext context = context_of(renderer);
	const RenderOptions options = options_of_picture();
	context.wall_ms = 0;
	g_autoptr(RenderResult) result = render_bytes(&context, &options, "%PDF", 4, NULL);
	g_assert_cmpint(result->status, ==, RENDER_STATUS_DEADLINE);
}

static void test_names(void)
{
	for (int i = 0; i < RENDER_STATUS_COUNT; i++)
		g_assert_nonnull(render_status_name((RenderStatus)i));
	for (int i = 0; i < RENDER_FORMAT_COUNT; i++)
		g_assert_nonnull(render_format_name((RenderFormat)i));
	for (int i = 0; i < RENDER_LOST_COUNT; i++)
		g_assert_nonnull(render_lost_name((RenderLost)i));
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_test_init(&argc, &argv, NULL);
	liar = start(LIAR_PATH);
	renderer = start(BIN_DIR "/mugai-render");
	g_assert_true(draw_pdf_warm_up(&error));
	for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
		g_autofree char *path = g_strconcat("/render/lie/", lies[i].name, NULL);
		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_lie);
	}
	g_test_add_func("/render/same-as-without-jail", test_same_as_without_jail);
	g_test_add_func("/render/page-limit", test_page_limit);
	g_test_add_func("/render/text", test_text);
	g_test_add_func("/render/text-document", test_text_document);
	g_test_add_func("/render/no-document", test_no_document);
	g_test_add_func("/render/deadline", test_deadline);
	g_test_add_func("/render/names", test_names);
	int failed = g_test_run();
	supervisor_stop(liar);
	supervisor_stop(renderer);
	return failed;
}
