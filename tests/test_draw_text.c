/* draw_text: texts and tables to pages, runs and text. */
#include "draw_pages.h"
#include "draw_text_priv.h"

/* ---- lines -------------------------------------------------------------------------------------------- */

/* Pieces of a line at a width, joined by "|". */
static char *broken(const char *line, unsigned width)
{
	const DrawText text = { line, strlen(line) };
	GString *pieces = g_string_new(NULL);
	size_t at = 0;
	do {
		DrawLine piece;
		size_t next = draw_text_break(&text, at, width, &piece);
		g_string_append_printf(pieces, "%s%.*s", at > 0 ? "|" : "", (int)piece.length, line + piece.start);
		g_assert_true(next > at || text.length == 0);
		at = next;
	} while (at < text.length);
	return g_string_free(pieces, FALSE);
}

static void test_lines(void)
{
	static const struct {
		const char *name, *line;
		unsigned width;
		const char *pieces;
	} cases[] = {
		{ "empty", "", 10, "" },
		{ "fits", "abc def", 10, "abc def" },
		{ "exactly", "abcdefghij", 10, "abcdefghij" },
		{ "at a blank", "abc defg hij", 9, "abc defg|hij" },
		{ "blanks over the edge", "abcdefghi    j", 10, "abcdefghi|j" },
		{ "a word too long", "ab cdefghijklmno", 6, "ab|cdefgh|ijklmn|o" },
		{ "wide", "漢字漢字漢字", 10, "漢字漢字漢|字" },
		{ "odd width", "漢字漢字漢字", 9, "漢字漢字|漢字" },
		{ "a full stop does not begin", "漢字漢字漢。字", 10, "漢字漢字|漢。字" },
		{ "small kana neither", "漢字漢字きゃ字", 10, "漢字漢字|きゃ字" },
		{ "a bracket does not end", "漢字漢字（字", 10, "漢字漢字|（字" },
		{ "between scripts", "漢字abc漢字", 7, "漢字abc|漢字" },
		{ "half-width kana", "ｱｲｳｴｵ", 4, "ｱｲｳｴ|ｵ" },
		{ "half-width mark", "ｱｲｳｶﾞ", 4, "ｱｲｳ|ｶﾞ" },
		{ "combining", "abcde\xCC\x81 f", 5, "abcde\xCC\x81|f" },
		{ "indent stays", "  ab cd", 4, "  ab|cd" },
		{ "ideographic space", "漢字　漢字", 6, "漢字|漢字" },
		{ "cyrillic is narrow", "мирмирмир", 6, "мирмир|мир" },
		{ "no UTF-8", "a\xFFz", 2, "a\xFF|z" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *pieces = broken(cases[i].line, cases[i].width);
		if (strcmp(pieces, cases[i].pieces) != 0)
			g_error("%s: %s, not %s", cases[i].name, pieces, cases[i].pieces);
	}
}

/* ---- pages -------------------------------------------------------------------------------------------- */

static DrawnPages drawn;
static DrawFacts facts;

static int draw(const char *text, size_t length, DrawLimits limits)
{
	const DrawInput input = { (const uint8_t *)text, length };
	DrawSink sink = drawn_pages_sink(&drawn);
	g_autoptr(GError) error = NULL;
	facts = (DrawFacts) { 0 };
	int status = draw_text(&input, &limits, &sink, &facts, &error);
	g_assert_no_error(error);
	return status;
}

static const DrawnPage *page(guint n)
{
	return g_ptr_array_index(drawn.pages, n);
}

/* All runs of a page, joined by "|". */
static char *runs_of(guint n)
{
	GString *text = g_string_new(NULL);
	for (size_t i = 0; i < page(n)->n_runs; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? "|" : "", page(n)->runs[i].text);
	return g_string_free(text, FALSE);
}

static void expect(const char *text, RenderTable table, const char *runs)
{
	DrawLimits limits = draw_limits_default();
	limits.table = table;
	g_assert_cmpint(draw(text, strlen(text), limits), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(drawn.pages->len, ==, 1);
	g_autofree char *found = runs_of(0);
	g_assert_cmpstr(found, ==, runs);
	drawn_pages_clear(&drawn);
}

static void test_runs(void)
{
	expect("", RENDER_TABLE_NONE, "");
	expect("\n\n", RENDER_TABLE_NONE, "");
	expect("こんにちは 世界\n\n二行目\n", RENDER_TABLE_NONE, "こんにちは|世界|二行目");
	expect("𠮷野家　①㈱髙﨑", RENDER_TABLE_NONE, "𠮷野家|①㈱髙﨑");
	/* drawn as a box, and found all the same */
	expect("\xF3\xB0\x80\x80x", RENDER_TABLE_NONE, "\xF3\xB0\x80\x80x");
	expect("a\001b\xE2\x80\xAE" "c", RENDER_TABLE_NONE, "abc");
}

static void test_tables(void)
{
	expect("a,b\n1,2\n", RENDER_TABLE_CSV, "a|b|1|2");
	expect("a;b\r\n\"1;2\";\"3\"\"4\"\r\n", RENDER_TABLE_CSV, "a|b|1;2|3\"4");
	expect("a,b\n\"two\nlines\",x\n", RENDER_TABLE_CSV, "a|b|two|lines|x");
	expect("a\tb\n1\t2\n", RENDER_TABLE_TSV, "a|b|1|2");
	expect("a␉b\n1␉\"2\n", RENDER_TABLE_TSV, "a|b|1|\"2");
	expect("only one column\nof text\n", RENDER_TABLE_CSV, "only|one|column|of|text");
	expect("a,b\n\"never closed,1\n2\n", RENDER_TABLE_CSV, "a|b|never|closed,1|2");
	/* ragged */
	expect("a,b,c\n1\n1,2,3,4\n", RENDER_TABLE_CSV, "a|b|c|1|1|2|3|4");
}

/* A number stands at the right of its column: below the end of what is wider. */
static void test_numbers(void)
{
	static const char text[] = "金額,x\n\"1,234\",y\n5,z\n";
	DrawLimits limits = draw_limits_default();
	limits.table = RENDER_TABLE_CSV;
	g_assert_cmpint(draw(text, strlen(text), limits), ==, RENDER_STATUS_COMPLETE);
	const DrawRun *runs = page(0)->runs;
	g_assert_cmpstr(runs[2].text, ==, "1,234");
	g_assert_cmpstr(runs[4].text, ==, "5");
	g_assert_cmpint(ABS(runs[2].x + runs[2].w - runs[4].x - runs[4].w), <=, 64);
	g_assert_cmpint(runs[0].x, ==, runs[2].x);
	drawn_pages_clear(&drawn);
}

static void test_pages(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	DrawLimits limits = draw_limits_default();
	for (unsigned i = 0; i < 1000; i++)
		g_string_append_printf(text, "%u\n", i);
	limits.pages = 3;
	g_assert_cmpint(draw(text->str, text->len, limits), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(drawn.pages->len, ==, 3);
	/* 50 lines a page */
	g_assert_cmpuint(facts.pages_found, ==, 20);
	g_assert_cmpuint(page(0)->n_runs, ==, 50);
	g_assert_cmpstr(page(1)->runs[0].text, ==, "50");
	g_assert_cmpuint(page(0)->box_width, ==, 595276);
	g_assert_cmpuint(page(0)->width, ==, 1240);
	drawn_pages_clear(&drawn);
}

static void test_caps(void)
{
	static const char text[] = "abcdefghij klmno\n";
	DrawLimits limits = draw_limits_default();
	limits.page_chars = 12;
	g_assert_cmpint(draw(text, strlen(text), limits), ==, RENDER_STATUS_COMPLETE);
	g_autofree char *runs = runs_of(0);
	g_assert_cmpstr(runs, ==, "abcdefghij|kl");
	g_assert_cmpuint(facts.text_cut, ==, 3);
	drawn_pages_clear(&drawn);

	limits = draw_limits_default();
	limits.total_pixels = 1000;
	g_assert_cmpint(draw(text, strlen(text), limits), ==, RENDER_STATUS_LIMIT);
	g_assert_cmpuint(drawn.pages->len, ==, 0);
	drawn_pages_clear(&drawn);

	limits = draw_limits_default();
	limits.page_pixels = 100000;
	g_assert_cmpint(draw(text, strlen(text), limits), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(facts.lower_dpi, ==, 1);
	drawn_pages_clear(&drawn);
}

/* A cell over many pages, columns of one character, more columns than are drawn as a table. */
static void test_odd_tables(void)
{
	DrawLimits limits = draw_limits_default();
	limits.table = RENDER_TABLE_CSV;
	g_autoptr(GString) text = g_string_new("a,\"");
	for (unsigned i = 0; i < 200; i++)
		g_string_append_printf(text, "%u\n", i);
	g_string_append(text, "\"\nb,c\n");
	g_assert_cmpint(draw(text->str, text->len, limits), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(facts.pages_found, ==, 5);
	g_assert_cmpstr(page(4)->runs[page(4)->n_runs - 1].text, ==, "c");
	drawn_pages_clear(&drawn);

	for (unsigned columns = 80; columns <= 120; columns += 40) {
		g_string_truncate(text, 0);
		for (unsigned i = 0; i < columns; i++)
			g_string_append(text, i > 0 ? ",xy" : "xy");
		g_assert_cmpint(draw(text->str, text->len, limits), ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpuint(facts.pages_found, ==, 1);
		drawn_pages_clear(&drawn);
	}
}

/* The letters are there, black on white, and where their runs are. */
static void test_ink(void)
{
	DrawLimits limits = draw_limits_default();
	g_assert_cmpint(draw("漢", strlen("漢"), limits), ==, RENDER_STATUS_COMPLETE);
	const DrawnPage *first = page(0);
	const DrawRun *run = &first->runs[0];
	unsigned inside = 0, outside = 0;
	for (uint32_t y = 0; y < first->height; y++)
		for (uint32_t x = 0; x < first->width; x++) {
			bool dark = (first->pixels[(size_t)y * first->width + x] & 0xFF) < 128;
			bool in = (int32_t)x * 64 >= run->x - 64 && (int32_t)x * 64 <= run->x + run->w + 64 &&
			          (int32_t)y * 64 >= run->y - 64 && (int32_t)y * 64 <= run->y + run->h + 64;
			inside += dark && in;
			outside += dark && !in;
		}
	g_assert_cmpuint(inside, >, 50);
	g_assert_cmpuint(outside, ==, 0);
	drawn_pages_clear(&drawn);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_test_init(&argc, &argv, NULL);
	if (!draw_text_warm_up(&error))
		g_error("%s", error->message);
	g_test_add_func("/draw-text/lines", test_lines);
	g_test_add_func("/draw-text/runs", test_runs);
	g_test_add_func("/draw-text/tables", test_tables);
	g_test_add_func("/draw-text/numbers", test_numbers);
	g_test_add_func("/draw-text/pages", test_pages);
	g_test_add_func("/draw-text/caps", test_caps);
	g_test_add_func("/draw-text/odd-tables", test_odd_tables);
	g_test_add_func("/draw-text/ink", test_ink);
	return g_test_run();
}
