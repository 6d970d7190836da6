/* draw_pdf: documents made here, to pages, runs, text and counters. */
#include "draw_pages.h"

#include <string.h>
#include <sys/resource.h>

/* ---- documents ------------------------------------------------------------------- */

enum { FIRST_OF_OWN = 11, OWN = 6 };

/* A document of one page (unless kids says otherwise), with what differs from case to case. NULL: as usual.
 */
typedef struct {
	const char *content;      /* of the page */
	const char *page;         /* entries of the page's dictionary; usual: /MediaBox[0 0 200 200] */
	const char *catalog;      /* more entries */
	const char *pages;        /* entries of the page tree; usual: /Count 1/Kids[3 0 R] */
	const char *resources;    /* of the page; usual: the fonts and the picture of common */
	const char *trailer;      /* more entries */
	const char *objects[OWN]; /* from number 11 */
} Sample;

/* Fonts: F Helvetica, J Japanese, V the same downwards, M Helvetica with another meaning (object 9). P: a
 * picture of four pixels. */
static const char *const common[] = {
	"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
	"<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/90ms-RKSJ-H/DescendantFonts[<</Type/Font"
	"/Subtype/CIDFontType0/BaseFont/Ryumin-Light/FontDescriptor<</Type/FontDescriptor/FontName/"
	"Ryumin-Light/Flags 4"
	"/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 700/StemV "
	"70>>/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>]>>",
	"<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/90ms-RKSJ-V/DescendantFonts[<</Type/Font"
	"/Subtype/CIDFontType0/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/"
	"Supplement 2>>>>]>>",
	"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 9 0 R>>",
	"<</Length 312>>\nstream\n/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 "
	"def\n"
	"1 begincodespacerange <00> <FF> endcodespacerange\n"
	"10 beginbfchar <41> <0007> <42> <202E> <43> <FFFE> <44> <D800> <45> <00660069> <46> <0000> <47> "
	"<05D0> <48> <05D1>"
	" <49> <FDD0> <4A> <2028> endbfchar\nendcmap end end                                          "
	"\nendstream",
	"<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent "
	"8/Filter/ASCIIHexDecode"
	"/Length 9>>\nstream\n00F0F000>\nendstream",
};

static const char * or (const char *text, const char *usual)
{
	return text != NULL ? text : usual;
}

static void add_object(GString *pdf, GArray *offsets, const char *body, size_t length)
{
	gsize offset = pdf->len;

	g_array_append_val(offsets, offset);
	g_string_append_printf(pdf, "%u 0 obj\n", offsets->len);
	g_string_append_len(pdf, body, (gssize)length);
	g_string_append(pdf, "\nendobj\n");
}

static void G_GNUC_PRINTF(3, 4) add_format(GString *pdf, GArray *offsets, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *body = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	add_object(pdf, offsets, body, strlen(body));
}

static void finish(GString *pdf, const GArray *offsets, const char *trailer)
{
	gsize start = pdf->len;

	g_string_append_printf(pdf, "xref\n0 %u\n0000000000 65535 f \n", offsets->len + 1);
	for (guint i = 0; i < offsets->len; i++)
		g_string_append_printf(pdf, "%010" G_GSIZE_FORMAT " 00000 n \n",
		                       g_array_index(offsets, gsize, i));
	g_string_append_printf(
	        pdf, "trailer\n<</Size %u/Root 1 0 R%s>>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n",
	        offsets->len + 1, trailer, start);
}

static GString *make_pdf(const Sample *sample)
{
	g_autoptr(GArray) offsets = g_array_new(FALSE, FALSE, sizeof(gsize));
	GString *pdf = g_string_new("%PDF-1.7\n");
	const char *content = or (sample->content, "");

	add_format(pdf, offsets, "<</Type/Catalog/Pages 2 0 R%s>>", or (sample->catalog, ""));
	add_format(pdf, offsets, "<</Type/Pages%s>>", or (sample->pages, "/Count 1/Kids[3 0 R]"));
	add_format(pdf, offsets, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<%s>>%s>>",
	           or (sample->resources, "/Font<</F 5 0 R/J 6 0 R/V 7 0 R/M 8 0 R>>/XObject<</P 10 0 R>>"),
	           or (sample->page, "/MediaBox[0 0 200 200]"));
	add_format(pdf, offsets, "<</Length %zu>>\nstream\n%s\nendstream", strlen(content), content);
	for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
		add_object(pdf, offsets, common[i], strlen(common[i]));
	g_assert_cmpuint(offsets->len + 1, ==, FIRST_OF_OWN);
	for (size_t i = 0; i < OWN && sample->objects[i] != NULL; i++)
		add_object(pdf, offsets, sample->objects[i], strlen(sample->objects[i]));
	finish(pdf, offsets, or (sample->trailer, ""));
	return pdf;
}

/* ---- drawing --------------------------------------------------------------------- */

static DrawLimits small_limits(void)
{
	DrawLimits limits = draw_limits_default();

	limits.dpi = 72; /* a pixel is a point */
	return limits;
}

static int draw_bytes(const void *bytes, size_t length, const DrawLimits *limits, DrawnPages *drawn,
                      DrawFacts *facts)
{
	g_autoptr(GError) error = NULL;
	DrawInput input = { bytes, length };
	DrawSink sink = drawn_pages_sink(drawn);

	*facts = (DrawFacts) { 0 };
	int status = draw_pdf(&input, limits, &sink, facts, &error);
	g_assert_no_error(error);
	g_assert_null(drawn->begun);
	return status;
}

static int draw_sample(const Sample *sample, const DrawLimits *limits, DrawnPages *drawn, DrawFacts *facts)
{
	GString *pdf = make_pdf(sample);
	int status = draw_bytes(pdf->str, pdf->len, limits, drawn, facts);

	g_string_free(pdf, TRUE);
	return status;
}

static const DrawnPage *page_of(const DrawnPages *drawn, guint index)
{
	g_assert_cmpuint(index, <, drawn->pages->len);
	return g_ptr_array_index(drawn->pages, index);
}

static uint32_t pixel(const DrawnPage *page, uint32_t x, uint32_t y)
{
	g_assert_cmpuint(x, <, page->width);
	g_assert_cmpuint(y, <, page->height);
	return page->pixels[(size_t)y * page->width + x] & 0xFFFFFF;
}

/* "Hello|World" */
static char *join_runs(const DrawnPage *page)
{
	GString *joined = g_string_new(NULL);

	for (size_t i = 0; i < page->n_runs; i++)
		g_string_append_printf(joined, "%s%s", i > 0 ? "|" : "", page->runs[i].text);
	return g_string_free(joined, FALSE);
}

/* ---- text ------------------------------------------------------------------------ */

static const struct {
	const char *name, *content;
	const char *text, *runs;
	unsigned hidden;
} texts[] = {
	{ "words", "BT /F 20 Tf 20 150 Td (Hello World) Tj ET", "Hello World\n", "Hello|World", 0 },
	{ "lines", "BT /F 20 Tf 20 150 Td (one) Tj 0 -40 Td (two) Tj ET", "one\ntwo\n", "one|two", 0 },
	{ "Japanese", "BT /J 20 Tf 20 150 Td <96B38A5182C882E0> Tj ET", "無害なも\n", "無害なも", 0 },
	{ "a gap", "BT /J 20 Tf 20 150 Td [<96B38A51> -700 <82C882E0>] TJ ET", "無害 なも\n", "無害|なも",
	  0 },
	{ "ligature", "BT /M 20 Tf 20 150 Td (Enal) Tj ET", "final\n", "final", 0 },
	{ "low line", "BT /F 20 Tf 20 150 Td (a_b) Tj 0 -40 Td (___) Tj ET", "a_b\n___\n", "a_b|___", 0 },
	{ "white on white", "1 g BT /F 20 Tf 20 150 Td (Hello World) Tj ET", "", "", 10 },
	{ "nearly white", "0.9 g BT /F 20 Tf 20 150 Td (Hello) Tj ET", "", "", 5 },
	{ "light gray can be seen", "0.8 g BT /F 20 Tf 20 150 Td (Hello) Tj ET", "Hello\n", "Hello", 0 },
	{ "black on black", "0 g 0 100 200 100 re f BT /F 20 Tf 20 150 Td (Hello) Tj ET", "", "", 5 },
	{ "white amid black", "BT /F 20 Tf 20 150 Td (Pay) Tj 1 g (not) Tj 0 g (now) Tj ET", "Pay now\n",
	  "Pay|now", 3 },
	{ "invisible", "BT 3 Tr /F 20 Tf 20 150 Td (Hello) Tj ET", "", "", 5 },
	{ "invisible over a picture, as of an OCR",
	  "q 200 0 0 200 0 0 cm /P Do Q BT 3 Tr /F 40 Tf 60 90 Td (Scan) Tj ET", "Scan\n", "Scan", 0 },
	{ "under a white box", "BT /F 20 Tf 20 150 Td (Hello) Tj ET 1 g 0 100 200 100 re f", "", "", 5 },
	{ "outside of the clip", "0 0 5 5 re W n BT /F 20 Tf 20 150 Td (Hello) Tj ET", "", "", 5 },
	/* poppler itself leaves these out. */
	{ "off the page", "BT /F 20 Tf 500 150 Td (Hello) Tj -480 0 Td (here) Tj ET", "here\n", "here", 0 },
	{ "too small to be seen", "BT /F 0.2 Tf 20 150 Td (Hello) Tj ET", "", "", 5 },
	/* A control, a bidi control, a noncharacter, a surrogate, another noncharacter, a line separator:
	   none leaves the jail. */
	{ "characters that may not cross", "BT /M 20 Tf 20 150 Td (xAyBzCxDyIzJx) Tj ET",
	  "x y z\uFFFDx\uFFFDy\uFFFDz x\n", "x|y|z\uFFFDx\uFFFDy\uFFFDz|x", 0 },
	{ "from right to left", "BT /M 20 Tf 20 150 Td (HG) Tj ET", "אב\n", "אב", 0 },
	{ "from right to left, hidden", "1 g BT /M 20 Tf 20 150 Td (HG) Tj ET", "", "", 2 },
	{ "nothing", "0 0 50 50 re f", "", "", 0 },
};

static void test_text(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	Sample sample = { .content = texts[i].content };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	g_autofree char *runs = join_runs(page_of(&drawn, 0));
	g_assert_cmpstr(page_of(&drawn, 0)->text, ==, texts[i].text);
	g_assert_cmpstr(runs, ==, texts[i].runs);
	g_assert_cmpuint(facts.hidden_chars, ==, texts[i].hidden);
	g_assert_cmpuint(facts.text_cut, ==, 0);
	drawn_pages_clear(&drawn);
}

/* The same text, where no pictures are asked for: then nothing is drawn into the sink. */
static void test_text_alone(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	Sample sample = { .content = texts[i].content };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	limits.pictures = limits.runs = false;
	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	g_assert_null(page_of(&drawn, 0)->pixels);
	g_assert_cmpuint(page_of(&drawn, 0)->n_runs, ==, 0);
	g_assert_cmpstr(page_of(&drawn, 0)->text, ==, texts[i].text);
	g_assert_cmpuint(facts.hidden_chars, ==, texts[i].hidden);
	drawn_pages_clear(&drawn);
}

static void test_pictures_alone(void)
{
	Sample sample = { .content = texts[0].content };
	DrawLimits limits = small_limits();
	DrawnPages drawn;
	DrawFacts facts;

	limits.text = limits.runs = false;
	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(page_of(&drawn, 0)->n_runs, ==, 0);
	g_assert_null(page_of(&drawn, 0)->text);
	g_assert_nonnull(page_of(&drawn, 0)->pixels);
	drawn_pages_clear(&drawn);
}

static const struct {
	const char *name;
	unsigned page_chars, total_chars;
	const char *first, *second;
	unsigned cut;
} caps[] = {
	{ "of a page", 3, 1000, "abc\n", "abc\n", 4 },
	{ "of all", 1000, 7, "abcde\n", "ab\n", 3 },
	{ "of none", 1000, 10, "abcde\n", "abcde\n", 0 },
};

static void test_cap(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	Sample sample = { .content = "BT /F 20 Tf 20 150 Td (abcde) Tj ET",
		          .pages = "/Count 2/Kids[3 0 R 11 0 R]",
		          .objects = {
		                  "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>"
		                  "/MediaBox[0 0 200 200]>>" } };
	DrawLimits limits = small_limits();
	DrawnPages drawn;
	DrawFacts facts;

	limits.page_chars = caps[i].page_chars;
	limits.total_chars = caps[i].total_chars;
	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpstr(page_of(&drawn, 0)->text, ==, caps[i].first);
	g_assert_cmpstr(page_of(&drawn, 1)->text, ==, caps[i].second);
	g_assert_cmpuint(facts.text_cut, ==, caps[i].cut);
	drawn_pages_clear(&drawn);
}

/* Boxes of hostile text can all be as large as the page: how often it is searched for ink has an end. */
static void test_large_boxes(void)
{
	GString *content = g_string_new("1 g BT /F 180 Tf 150 Tz 0 20 Td ");
	DrawLimits limits = small_limits();
	DrawnPages drawn;
	DrawFacts facts;

	/* Several of each, apart enough that poppler does not take them for one that is printed twice. */
	for (unsigned round = 0; round < 4; round++) {
		for (char c = '0'; c <= 'z'; c++)
			if (g_ascii_isalnum(c))
				g_string_append_printf(content, "0 1 Td (%c) Tj ", c);
		g_string_append(content, "30 -62 Td ");
	}
	g_string_append(content, "ET");
	Sample sample = { .content = content->str };
	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpstr(page_of(&drawn, 0)->text, ==, "");
	g_assert_cmpuint(facts.text_cut, >, 0);
	g_assert_cmpuint(facts.hidden_chars, >, 16);
	drawn_pages_clear(&drawn);
	g_string_free(content, TRUE);
}

/* ---- where runs stand ------------------------------------------------------------ */

static const struct {
	const char *name, *content, *page;
	bool vertical;
	const char *runs;
	int x, y, w, h; /* pixels of the first run's box, to a tenth of its size */
} places[] = {
	{ "horizontal", "BT /J 20 Tf 20 150 Td <82A082A282A4> Tj ET", NULL, false, "あいう", 20, 32, 60, 20 },
	/* The pen is at the top of the first glyph, in its middle. */
	{ "downwards", "BT /V 20 Tf 100 150 Td <82A082A282A4> Tj ET", NULL, true, "あいう", 90, 50, 20, 60 },
	{ "two columns", "BT /V 20 Tf 100 150 Td <82A082A282A4> Tj -40 0 Td <82A682A8> Tj ET", NULL, true,
	  "あいう|えお", 90, 50, 20, 60 },
	/* Boxes as those of downward writing, but they are where the ink is. */
	{ "turned to the right", "q 0 -1 1 0 100 150 cm BT /J 20 Tf (\x82\xA0\x82\xA2\x82\xA4) Tj ET Q", NULL,
	  true, "あいう", 98, 50, 20, 60 },
	{ "turned by the page", "BT /F 20 Tf 50 100 Td (Hello) Tj ET", "/MediaBox[0 0 200 200]/Rotate 90",
	  true, "Hello", 95, 50, 23, 46 },
	{ "cropped", "BT /F 20 Tf 50 100 Td (Hello) Tj ET", "/MediaBox[0 0 200 200]/CropBox[40 40 160 160]",
	  false, "Hello", 10, 46, 46, 18 },
};

static void assert_near(int32_t units, int pixels, int size)
{
	g_assert_cmpint(units, >=, (pixels * 10 - size) * 64 / 10);
	g_assert_cmpint(units, <=, (pixels * 10 + size) * 64 / 10);
}

static void test_place(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	Sample sample = { .content = places[i].content, .page = places[i].page };
	DrawLimits limits = small_limits();
	DrawnPages drawn;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	const DrawnPage *page = page_of(&drawn, 0);
	g_autofree char *runs = join_runs(page);
	g_assert_cmpstr(runs, ==, places[i].runs);
	g_assert_cmpuint(facts.hidden_chars, ==, 0);
	g_assert_cmpint(page->runs[0].vertical, ==, places[i].vertical);
	int size = MIN(places[i].w, places[i].h);
	assert_near(page->runs[0].x, places[i].x, size);
	assert_near(page->runs[0].y, places[i].y, size);
	assert_near(page->runs[0].w, places[i].w, size * 2);
	assert_near(page->runs[0].h, places[i].h, size * 2);
	drawn_pages_clear(&drawn);
}

/* ---- pictures -------------------------------------------------------------------- */

/* A black square at the lower left of the sheet, a red one at the lower right. */
static const char squares[] = "0 0 20 20 re f 1 0 0 rg 180 0 20 20 re f";

static const struct {
	const char *name, *page;
	unsigned dpi;
	DrawPage expected;
	uint32_t black_x, black_y, red_x, red_y;
	bool lowered;
} pictures[] = {
	{ "as it is",
	  "/MediaBox[0 0 200 100]",
	  72,
	  { .width = 200, .height = 100, .dpi = 72, .box_width = 200000, .box_height = 100000 },
	  5,
	  95,
	  195,
	  95,
	  false },
	{ "150 dpi",
	  "/MediaBox[0 0 200 100]",
	  150,
	  { .width = 417, .height = 208, .dpi = 150, .box_width = 200000, .box_height = 100000 },
	  5,
	  203,
	  412,
	  203,
	  false },
	{ "turned by 90",
	  "/MediaBox[0 0 200 100]/Rotate 90",
	  72,
	  { .width = 100, .height = 200, .dpi = 72, .box_width = 100000, .box_height = 200000 },
	  5,
	  5,
	  5,
	  195,
	  false },
	{ "turned by 180",
	  "/MediaBox[0 0 200 100]/Rotate 180",
	  72,
	  { .width = 200, .height = 100, .dpi = 72, .box_width = 200000, .box_height = 100000 },
	  195,
	  5,
	  5,
	  5,
	  false },
	{ "turned by -90",
	  "/MediaBox[0 0 200 100]/Rotate -90",
	  72,
	  { .width = 100, .height = 200, .dpi = 72, .box_width = 100000, .box_height = 200000 },
	  95,
	  195,
	  95,
	  5,
	  false },
	{ "cropped",
	  "/MediaBox[-50 -50 300 300]/CropBox[-10 -10 210 110]",
	  72,
	  { .width = 220, .height = 120, .dpi = 72, .box_width = 220000, .box_height = 120000 },
	  15,
	  105,
	  205,
	  105,
	  false },
	{ "cropped and turned",
	  "/MediaBox[0 0 200 100]/CropBox[0 0 200 50]/Rotate 90",
	  72,
	  { .width = 50, .height = 200, .dpi = 72, .box_width = 50000, .box_height = 200000 },
	  5,
	  5,
	  5,
	  195,
	  false },
	{ "as large as a sheet can be",
	  "/MediaBox[0 0 14400 14400]",
	  150,
	  { .width = 6200, .height = 6200, .dpi = 31, .box_width = 14400000, .box_height = 14400000 },
	  3,
	  6196,
	  82,
	  6196,
	  true },
	{ "larger than that",
	  "/MediaBox[0 0 28800 14400]",
	  150,
	  { .width = 8800, .height = 4400, .dpi = 44, .box_width = 14400000, .box_height = 7200000 },
	  2,
	  4397,
	  58,
	  4397,
	  true },
};

static void test_picture(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	const DrawPage *expected = &pictures[i].expected;
	Sample sample = { .content = squares, .page = pictures[i].page };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	limits.dpi = pictures[i].dpi;
	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	const DrawnPage *page = page_of(&drawn, 0);
	g_assert_cmpuint(page->width, ==, expected->width);
	g_assert_cmpuint(page->height, ==, expected->height);
	g_assert_cmpuint(page->dpi, ==, expected->dpi);
	g_assert_cmpuint(page->box_width, ==, expected->box_width);
	g_assert_cmpuint(page->box_height, ==, expected->box_height);
	g_assert_cmpuint(facts.lower_dpi, ==, pictures[i].lowered);
	g_assert_cmphex(pixel(page, pictures[i].black_x, pictures[i].black_y), ==, 0x000000);
	g_assert_cmphex(pixel(page, pictures[i].red_x, pictures[i].red_y), ==, 0xFF0000);
	g_assert_cmphex(pixel(page, page->width / 2, page->height / 2), ==, 0xFFFFFF);
	drawn_pages_clear(&drawn);
}

static void test_same_bytes(void)
{
	Sample sample = { .content =
		                  "BT /J 20 Tf 20 150 Td <82A082A282A4> Tj ET q 50 0 0 50 20 20 cm /P Do Q" };
	DrawLimits limits = draw_limits_default();
	DrawnPages first, second;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&sample, &limits, &first, &facts), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpint(draw_sample(&sample, &limits, &second, &facts), ==, RENDER_STATUS_COMPLETE);
	const DrawnPage *one = page_of(&first, 0), *two = page_of(&second, 0);
	size_t bytes = (size_t)one->width * one->height * sizeof *one->pixels;
	g_assert_cmpmem(one->pixels, bytes, two->pixels, bytes);
	drawn_pages_clear(&first);
	drawn_pages_clear(&second);
}

/* ---- documents that are drawn in part or not at all ------------------------------ */

#define ONE_MORE "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"

static const struct {
	const char *name;
	Sample sample;
	unsigned limit_pages;
	int status;
	unsigned found, drawn, failed;
} documents[] = {
	{ "no pages", { .pages = "/Count 0/Kids[]" }, 9, RENDER_STATUS_NO_PAGES, 0, 0, 0 },
	{ "three pages",
	  { .pages = "/Count 3/Kids[3 0 R 11 0 R 12 0 R]", .objects = { ONE_MORE, ONE_MORE } },
	  9,
	  RENDER_STATUS_COMPLETE,
	  3,
	  3,
	  0 },
	{ "past the limit",
	  { .pages = "/Count 3/Kids[3 0 R 11 0 R 12 0 R]", .objects = { ONE_MORE, ONE_MORE } },
	  2,
	  RENDER_STATUS_COMPLETE,
	  3,
	  2,
	  0 },
	{ "claims more than it has",
	  { .pages = "/Count 8/Kids[3 0 R 11 0 R]", .objects = { ONE_MORE } },
	  9,
	  RENDER_STATUS_COMPLETE,
	  8,
	  3,
	  1 },
	{ "claims some and has none", { .pages = "/Count 8/Kids[]" }, 9, RENDER_STATUS_DAMAGED, 8, 0, 0 },
	{ "a font of itself", /* cairo refuses, and draws nothing of the page any more */
	  { .content = "BT /T 20 Tf 20 100 Td (aaaa) Tj ET",
	    .resources = "/Font<</T 11 0 R>>",
	    .objects = { "<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 "
	                 "0]/CharProcs<</a 12 0 R>>"
	                 "/Encoding<</Type/Encoding/Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[1000]"
	                 "/Resources<</Font<</T 11 0 R>>>>>>",
	                 "<</Length 42>>\nstream\n1000 0 d0 BT /T 1 Tf (aaaaaaaaaaaaaa) Tj ET\nendstream" } },
	  9,
	  RENDER_STATUS_COMPLETE,
	  1,
	  1,
	  1 },
	{ "the tree is a circle",
	  { .pages = "/Count 2/Kids[3 0 R 2 0 R]" },
	  9,
	  RENDER_STATUS_COMPLETE,
	  2,
	  2,
	  1 },
};

static void test_document(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	DrawLimits limits = small_limits();
	DrawnPages drawn;
	DrawFacts facts;

	limits.pages = documents[i].limit_pages;
	g_assert_cmpint(draw_sample(&documents[i].sample, &limits, &drawn, &facts), ==, documents[i].status);
	g_assert_cmpint(facts.format, ==, RENDER_FORMAT_PDF);
	g_assert_cmpuint(facts.pages_found, ==, documents[i].found);
	g_assert_cmpuint(drawn.pages->len, ==, documents[i].drawn);
	g_assert_cmpuint(facts.pages_failed, ==, documents[i].failed);
	drawn_pages_clear(&drawn);
}

/* A picture that is left out, or a page's content that ends in the midst, is told; what poppler only warns of is not. */
static void test_partial(void)
{
	static const struct {
		const char *content, *picture;
		unsigned partial;
		const char *catalog;
	} cases[] = {
		{ "100 0 0 100 0 0 cm /P Do",
		  "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray"
		  "/BitsPerComponent 8/Length 1>>\nstream\n0\nendstream",
		  0, NULL },
		{ "100 0 0 100 0 0 cm /P Do",
		  "<</Type/XObject/Subtype/Image/Width 1/Height 1/Filter/JPXDecode/Length 4"
		  ">>\nstream\nnone\nendstream",
		  1, NULL },
#ifndef MUGAI_UNSAFE_BUILD /* poppler never frees what it had of a picture without a surface */
		{ "100 0 0 100 0 0 cm /P Do", /* higher than cairo can */
		  "<</Type/XObject/Subtype/Image/Width 1/Height 40000/ColorSpace/DeviceGray"
		  "/BitsPerComponent 8/Filter/RunLengthDecode/Length 0>>\nstream\n\nendstream",
		  1, NULL },
#endif
		{ "100 0 0 100 0 0 cm /Q Do", "<<>>", 1, NULL },
		{ "0 0 10 10 re f (", "<<>>", 1, NULL },
		{ "0 0 10 10 re f", "<<>>", 0, "/AcroForm<<>>" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Sample sample = { .content = cases[i].content,
			          .catalog = cases[i].catalog,
			          .resources = "/XObject<</P 11 0 R>>",
			          .objects = { cases[i].picture } };
		DrawLimits limits = small_limits();
		DrawnPages drawn;
		DrawFacts facts;

		g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
		g_test_message("case %zu", i);
		g_assert_cmpuint(facts.pages_partial, ==, cases[i].partial);
		drawn_pages_clear(&drawn);
	}
}

/* RC4 with 40 bits: of the empty password, and of another. */
#define ENCRYPTED(user)                                                                                      \
	"/ID[<30313233343536373839616263646566><30313233343536373839616263646566>]/Encrypt<</Filter/"        \
	"Standard/V 1/R 2/P -4"                                                                              \
	"/O<2055c756c72e1ad702608e8196acad447ad32d17cff583235f6dd15fed7dab67>/U<" user ">>>"
#define EMPTY_PASSWORD "a64e367000e34d42af67b3be5c91f5f87f252a369c6a874ea40a79129903a526"
#define OTHER_PASSWORD "0000000000e34d42af67b3be5c91f5f87f252a369c6a874ea40a79129903a526"
/* BT /F 20 Tf 20 100 Td (Secret) Tj ET */
#define SECRET                                                                                               \
	"\xf3\xb0\xe1\xdd\x16\xc0\xb3\x80\x6f\x5e\x62\x6b\xcc\x14\x86\xe2\xdb\x29\xe6\x4d\x90\x33\x82\x12"   \
	"\xd1\xcc"                                                                                           \
	"\xd7\xbe\xba\xec\x2e\xae\xb7\xbd\x8d\x92\x3a"

static void test_empty_password(void)
{
	Sample sample = { .content = SECRET, .trailer = ENCRYPTED(EMPTY_PASSWORD) };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpstr(page_of(&drawn, 0)->text, ==, "Secret\n");
	drawn_pages_clear(&drawn);
}

static void test_encrypted(void)
{
	Sample sample = { .content = SECRET, .trailer = ENCRYPTED(OTHER_PASSWORD) };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_ENCRYPTED);
	g_assert_cmpuint(drawn.pages->len, ==, 0);
	drawn_pages_clear(&drawn);
}

/* Junk before a good document: %PDF may begin within the first 1024 bytes. */
static void test_header(void)
{
	static const struct {
		size_t junk;
		int status;
	} cases[] = { { 0, RENDER_STATUS_COMPLETE },
		      { 1020, RENDER_STATUS_COMPLETE },
		      { 1021, RENDER_STATUS_UNSUPPORTED } };
	Sample sample = { .content = texts[0].content };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *pdf = make_pdf(&sample);
		g_autofree char *junk = g_strnfill(cases[i].junk, '\n');
		g_string_prepend(pdf, junk);
		g_assert_cmpint(draw_bytes(pdf->str, pdf->len, &limits, &drawn, &facts), ==, cases[i].status);
		if (cases[i].status == RENDER_STATUS_COMPLETE)
			g_assert_cmpstr(page_of(&drawn, 0)->text, ==, "Hello World\n");
		drawn_pages_clear(&drawn);
		g_string_free(pdf, TRUE);
	}
}

static void test_no_document(void)
{
	static const struct {
		const char *bytes;
		int status;
	} cases[] = { { "", RENDER_STATUS_UNSUPPORTED },
		      { "%PD", RENDER_STATUS_UNSUPPORTED },
		      { "GIF89a", RENDER_STATUS_UNSUPPORTED },
		      { "%PDF", RENDER_STATUS_DAMAGED },
		      { "%PDF-1.7\nnothing of the kind", RENDER_STATUS_DAMAGED } };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_assert_cmpint(draw_bytes(cases[i].bytes, strlen(cases[i].bytes), &limits, &drawn, &facts),
		                ==, cases[i].status);
		g_assert_cmpuint(drawn.pages->len, ==, 0);
		drawn_pages_clear(&drawn);
	}
}

/* Cut at every length, a document is drawn or refused; nothing else. */
static void test_cut(void)
{
	Sample sample = { .content = texts[0].content };
	DrawLimits limits = small_limits();
	GString *pdf = make_pdf(&sample);
	DrawnPages drawn;
	DrawFacts facts;

	for (size_t length = 0; length < pdf->len; length += 7) {
		g_autofree char *bytes = g_memdup2(pdf->str, length); /* so that a read past it is seen */
		int status = draw_bytes(bytes, length, &limits, &drawn, &facts);
		g_assert_cmpint(status, >=, RENDER_STATUS_COMPLETE);
		g_assert_cmpint(status, <, RENDER_STATUS_JAILED);
		g_assert_cmpint(status == RENDER_STATUS_COMPLETE, ==, drawn.pages->len > 0);
		drawn_pages_clear(&drawn);
	}
	g_string_free(pdf, TRUE);
}

/* The large pages give way, not the small one beside them. */
static void test_total_pixels(void)
{
	static const struct {
		uint64_t total;
		unsigned first, second; /* sides, of 200 and 100 pt */
		unsigned lowered;
	} cases[] = {
		{ 200 * 200 + 100 * 100, 200, 100, 0 },
		{ 200 * 200 + 100 * 100 - 1, 197, 100, 1 }, /* 71 dpi */
		{ 2 * 100 * 100, 100, 100, 1 },
		{ 2 * 100 * 100 - 1, 97, 99, 2 }, /* 35 and 71 dpi */
		{ 2 * 50 * 50, 50, 50, 2 },
	};
	Sample sample = { .pages = "/Count 2/Kids[3 0 R 11 0 R]",
		          .objects = { "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>" } };

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		DrawLimits limits = small_limits();
		DrawnPages drawn;
		DrawFacts facts;
		limits.total_pixels = cases[i].total;
		g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpuint(drawn.pages->len, ==, 2);
		g_assert_cmpuint(page_of(&drawn, 0)->width, ==, cases[i].first);
		g_assert_cmpuint(page_of(&drawn, 1)->width, ==, cases[i].second);
		g_assert_cmpuint(facts.lower_dpi, ==, cases[i].lowered);
		drawn_pages_clear(&drawn);
	}
}

/* A page that is not there: its place is taken by one that has ink and no text. */
static void test_failed_page(void)
{
	Sample sample = { .content = texts[0].content, .pages = "/Count 2/Kids[3 0 R]" };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	const DrawnPage *page = page_of(&drawn, 1);
	g_assert_cmpuint(page->box_width, ==, 595276);
	g_assert_cmpuint(page->box_height, ==, 841890);
	g_assert_cmpuint(page->n_runs, ==, 0);
	g_assert_cmpstr(page->text, ==, "");
	int32_t third = (int32_t)page->width * 64 / 3;
	g_assert_true(draw_has_ink(page->pixels, page->width, page->height, third, (int32_t)page->height * 28,
	                           third, (int32_t)page->height * 8));
	drawn_pages_clear(&drawn);
}

#ifndef MUGAI_UNSAFE_BUILD /* sanitizers need more room than that */
/* A picture larger than a process may have memory: poppler leaves it out and says nothing. */
static void test_no_memory(void)
{
	static const rlim_t much = (rlim_t)400 * 1000 * 1000;
	Sample sample = { .content = "q 200 0 0 200 0 0 cm /P Do Q",
		          .resources = "/XObject<</P 11 0 R>>",
		          .objects = { "<</Type/XObject/Subtype/Image/Width 20000/Height 20000/ColorSpace"
		                       "/DeviceGray/BitsPerComponent 1/Length 1>>\nstream\n0\nendstream" } };
	DrawLimits limits = small_limits();
	DrawnPages drawn;
	DrawFacts facts;
	struct rlimit before;

	g_assert_cmpint(getrlimit(RLIMIT_AS, &before), ==, 0);
	struct rlimit less = { much, before.rlim_max };
	g_assert_cmpint(setrlimit(RLIMIT_AS, &less), ==, 0);
	int status = draw_sample(&sample, &limits, &drawn, &facts);
	g_assert_cmpint(setrlimit(RLIMIT_AS, &before), ==, 0);
	g_assert_cmpint(status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(facts.pages_failed, ==, 1);
	drawn_pages_clear(&drawn);
}
#endif

/* ---- what is lost ---------------------------------------------------------------- */

static const struct {
	const char *name;
	Sample sample;
	uint64_t lost[RENDER_LOST_COUNT];
} losses[] = {
	{ "nothing", { .content = squares }, { 0 } },
	{ "links",
	  { .page = "/MediaBox[0 0 200 200]/Annots[11 0 R 12 0 R]",
	    .objects = { "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://example.org/)>>>>",
	                 "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest[3 0 R/Fit]>>" } },
	  { [RENDER_LOST_LINKS] = 2 } },
	{ "links that start something",
	  { .page = "/MediaBox[0 0 200 200]/Annots[11 0 R 12 0 R 13 0 R]",
	    .objects = { "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(calc.exe)>>>>",
	                 "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/JavaScript/JS(app.alert\\(1\\))>>>>",
	                 "<</Type/Annot/Subtype/Link/Rect[0 0 9 "
	                 "9]/A<</S/SubmitForm/F(http://example.org/)>>>>" } },
	  { [RENDER_LOST_LINKS] = 3, [RENDER_LOST_SCRIPTS] = 3 } },
	{ "a script that runs when its page opens",
	  { .page = "/MediaBox[0 0 200 200]/AA<</O<</S/JavaScript/JS(app.alert\\(1\\))>>>>" },
	  { [RENDER_LOST_SCRIPTS] = 1 } },
	{ "a script by name",
	  { .catalog = "/Names<</JavaScript<</Names[(a) 11 0 R]>>>>",
	    .objects = { "<</S/JavaScript/JS(app.alert\\(1\\))>>" } },
	  { [RENDER_LOST_SCRIPTS] = 1 } },
	{ "fields and a signature",
	  { .page = "/MediaBox[0 0 200 200]/Annots[11 0 R 12 0 R]",
	    .catalog = "/AcroForm<</Fields[11 0 R 12 0 R]/DA(/Helv 12 Tf)>>",
	    .objects = { "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(x)/Rect[0 0 99 20]/P 3 0 R>>",
	                 "<</Type/Annot/Subtype/Widget/FT/Sig/T(sig)/Rect[0 50 99 70]/P 3 0 R>>" } },
	  { [RENDER_LOST_FORMS] = 1, [RENDER_LOST_SIGNATURES] = 1 } },
	{ "files, in the document and at the page",
	  { .page = "/MediaBox[0 0 200 200]/Annots[13 0 R]",
	    .catalog = "/Names<</EmbeddedFiles<</Names[(a.txt) 11 0 R]>>>>",
	    .objects = { "<</Type/Filespec/F(a.txt)/EF<</F 12 0 R>>>>",
	                 "<</Type/EmbeddedFile/Length 1>>\nstream\nx\nendstream",
	                 "<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 11 0 R>>" } },
	  { [RENDER_LOST_FILES] = 2 } },
	{ "comments",
	  { .page = "/MediaBox[0 0 200 200]/Annots[11 0 R 12 0 R 13 0 R]",
	    .objects = { "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(a note)>>",
	                 "<</Type/Annot/Subtype/Highlight/Rect[0 0 9 9]/QuadPoints[0 9 9 9 0 0 9 "
	                 "0]/Contents(another)>>",
	                 "<</Type/Annot/Subtype/Highlight/Rect[0 0 9 9]/QuadPoints[0 9 9 9 0 0 9 0]>>" } },
	  { [RENDER_LOST_COMMENTS] = 2 } },
	{ "film",
	  { .page = "/MediaBox[0 0 200 200]/Annots[11 0 R]",
	    .objects = { "<</Type/Annot/Subtype/Movie/Rect[0 0 9 9]/Movie<</F(a.avi)>>>>" } },
	  { [RENDER_LOST_MEDIA] = 1 } },
};

static void test_lost(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	DrawLimits limits = small_limits();
	DrawnPages drawn;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&losses[i].sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	for (int what = 0; what < RENDER_LOST_COUNT; what++)
		g_assert_cmpuint(facts.lost[what], ==, losses[i].lost[what]);
	drawn_pages_clear(&drawn);
}

/* What a viewer shows is drawn and is text: the field that was filled in, the note on the page, but not what
 * is for printers alone. */
static void test_shown(void)
{
	Sample sample = { .page = "/MediaBox[0 0 200 200]/Annots[11 0 R 12 0 R 13 0 R]",
		          .catalog = "/AcroForm<</Fields[11 0 R]/DA(/F 12 Tf)/DR<</Font<</F 5 0 R>>>>>>",
		          .objects = { "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Filled)/DA(/F 20 Tf 0 "
		                       "g)/Rect[10 150 190 180]"
		                       "/P 3 0 R>>",
		                       "<</Type/Annot/Subtype/FreeText/DA(/F 20 Tf 0 "
		                       "g)/Contents(Noted)/Rect[10 90 190 120]>>",
		                       "<</Type/Annot/Subtype/FreeText/F 36/DA(/F 20 Tf 0 "
		                       "g)/Contents(Printed)/Rect[10 30 190 60]>>" } };
	DrawLimits limits = draw_limits_default();
	DrawnPages drawn;
	DrawFacts facts;

	g_assert_cmpint(draw_sample(&sample, &limits, &drawn, &facts), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpstr(page_of(&drawn, 0)->text, ==, "Filled\nNoted\n");
	drawn_pages_clear(&drawn);
}

/* ---- a sink that fails ----------------------------------------------------------- */

static uint32_t *fail_begin(void *user, uint32_t width, uint32_t height, GError **error)
{
	(void)user, (void)width, (void)height;
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no more");
	return NULL;
}

static bool fail_end(void *user, const DrawPage *page, GError **error)
{
	(void)page;
	g_clear_pointer(&((DrawnPages *)user)->begun, g_free);
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no more");
	return false;
}

static void test_sink_fails(void)
{
	Sample sample = { .pages = "/Count 2/Kids[3 0 R 11 0 R]", .objects = { ONE_MORE } };
	DrawLimits limits = small_limits();
	GString *pdf = make_pdf(&sample);
	DrawInput input = { (const uint8_t *)pdf->str, pdf->len };

	for (int at_end = 0; at_end < 2; at_end++) {
		g_autoptr(GError) error = NULL;
		DrawnPages drawn;
		DrawFacts facts = { 0 };
		DrawSink sink = drawn_pages_sink(&drawn);
		if (at_end)
			sink.page_end = fail_end;
		else
			sink.page_begin = fail_begin;
		g_assert_cmpint(draw_pdf(&input, &limits, &sink, &facts, &error), ==, DRAW_ABORTED);
		g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
		g_assert_cmpuint(drawn.pages->len, ==, 0);
		drawn_pages_clear(&drawn);
	}
	g_string_free(pdf, TRUE);
}

static void test_warm_up(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(draw_pdf_warm_up(&error));
	g_assert_no_error(error);
}

#define ADD(table, prefix, function)                                                                         \
	for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {                                                 \
		g_autofree char *path = g_strdup_printf("/draw-pdf/" prefix "/%s", table[i].name);           \
		g_test_add_data_func(path, GUINT_TO_POINTER(i), function);                                   \
	}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	/* poppler warns of documents by g_log(), which draw_pdf.c discards; glib's tests would die of it
	 * before. */
	g_log_set_always_fatal(G_LOG_FATAL_MASK);
	g_test_add_func("/draw-pdf/warm-up", test_warm_up);
	ADD(texts, "text", test_text)
	ADD(texts, "text-alone", test_text_alone)
	ADD(caps, "cap", test_cap)
	ADD(places, "place", test_place)
	ADD(pictures, "picture", test_picture)
	ADD(documents, "document", test_document)
	ADD(losses, "lost", test_lost)
	g_test_add_func("/draw-pdf/pictures-alone", test_pictures_alone);
	g_test_add_func("/draw-pdf/large-boxes", test_large_boxes);
	g_test_add_func("/draw-pdf/same-bytes", test_same_bytes);
	g_test_add_func("/draw-pdf/empty-password", test_empty_password);
	g_test_add_func("/draw-pdf/encrypted", test_encrypted);
	g_test_add_func("/draw-pdf/header", test_header);
	g_test_add_func("/draw-pdf/no-document", test_no_document);
	g_test_add_func("/draw-pdf/cut", test_cut);
	g_test_add_func("/draw-pdf/total-pixels", test_total_pixels);
	g_test_add_func("/draw-pdf/failed-page", test_failed_page);
	g_test_add_func("/draw-pdf/partial", test_partial);
#ifndef MUGAI_UNSAFE_BUILD
	g_test_add_func("/draw-pdf/no-memory", test_no_memory);
#endif
	g_test_add_func("/draw-pdf/shown", test_shown);
	g_test_add_func("/draw-pdf/sink-fails", test_sink_fails);
	return g_test_run();
}
