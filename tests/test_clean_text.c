#include "clean_text.h"
#include "text_rules.h"

typedef struct {
	const char *name, *input, *expected;
	int removed;
} Case;

static const Case body_cases[] = {
	{ "plain", "abc\n日本語\n", "abc\n日本語\n", 0 },
	{ "line ends",
	  "a\r\nb\rc\xE2\x80\xA8"
	  "d\xE2\x80\xA9"
	  "e",
	  "a\nb\nc\nd\ne", 0 },
	{ "cr cr lf", "a\r\r\nb", "a\n\nb", 0 },
	{ "controls",
	  "a\x1B[31mb\x7F\xC2\x85"
	  "c",
	  "a[31mbc", 3 },
	{ "tab", "a\tb\t", "a       b       ", 0 },
	{ "tab after wide", "日本\tb", "日本    b", 0 },
	{ "tab after removed", "\u200B\tb", "        b", 1 },
	{ "nbsp", "a\u00A0b", "a b", 0 },
	{ "gaiji", "a\uE000\U000F0000b", "a〓〓b", 0 },
	{ "noncharacter", "a\uFDD0\uFFFE\U0001FFFFb", "a\uFFFD\uFFFD\uFFFDb", 0 },
	{ "not utf-8", "a\xC3(\xE3\x81z\xED\xA0\x80\xF4\x90\x80\x80\xC0\xAF",
	  "a\uFFFD(\uFFFDz\uFFFD\uFFFD\uFFFD"
	  "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD",
	  0 },
	{ "invisible", "a\u00AD\u034F\u115F\u200B\u2060\u206F\u3164\uFE00\uFEFF\uFFA0\uFFF9\U000E0041b", "ab",
	  12 },
	{ "five marks", "e\u0301\u0301\u0301\u0301\u0301x", "e\u0301\u0301\u0301\u0301x", 1 },
	{ "marks through joiners", "e\u0301\u0301\u200D\u0301\u0301\u200B\u0301x",
	  "e\u0301\u0301\u0301\u0301x", 3 },
	{ "mark at start", "\u3099か\n\u3099か", "か\nか", 2 },
	{ "mark after removed", "\u200B\u0301a", "a", 2 },
	{ "dakuten", "か\u3099", "か\u3099", 0 },
	{ "zwj letters", "ab\u200Dc क्\u200Dष می\u200Cخ", "abc क्\u200Dष می\u200Cخ", 1 },
	{ "zwj emoji", "👩\u200D👧 ❤\uFE0F\u200D🔥", "👩\u200D👧 ❤\uFE0F\u200D🔥", 0 },
	{ "zwj chain", "👩\u200D\u200D👧\u200D", "👩\u200D👧", 2 },
	{ "zwj over removed", "👩\u200B\u200D\u200B👧", "👩\u200D👧", 2 },
	{ "zwj then selector", "👩\u200D\uFE0F👧", "👩\u200D👧", 1 },
	{ "keycap", "1\uFE0F\u20E3 a\uFE0F", "1\uFE0F\u20E3 a", 1 },
	{ "ivs", "葛\U000E0100\U000E0101城あ\U000E0100", "葛\U000E0100城あ", 2 },
	{ "bidi without rtl", "a\u202Eexe.fdp\u202C\u200Fb", "aexe.fdpb", 3 },
	{ "bidi pair", "א\u2067a\u2069\u200E", "א\u2067a\u2069\u200E", 0 },
	{ "bidi override", "א\u202Ea\u202C\u202Bb\u202C", "אa\u202Bb\u202C", 2 },
	{ "bidi open at end", "א\u202Aa\nא\u202Cb", "אa\nאb", 2 },
	{ "bidi crossed", "א\u2066\u202Aa\u2069b\u202C", "א\u2066a\u2069b", 2 },
	{ "bidi depth",
	  "א\u2066\u2066\u2066\u2066\u2066\u2066\u2066\u2066\u2066x\u2069\u2069\u2069\u2069\u2069\u2069"
	  "\u2069\u2069\u2069",
	  "א\u2066\u2066\u2066\u2066\u2066\u2066\u2066\u2066x\u2069\u2069\u2069\u2069\u2069\u2069\u2069"
	  "\u2069",
	  2 },
	{ "joiner beside bidi", "م\u200D\u200Fم", "م\u200Fم", 1 },
	{ "joiner, bidi dropped", "م\u200D\u202Cم", "م\u200Dم", 1 },
};

static const Case line_cases[] = {
	{ "strip", " \u3000\u00A0 a b \u3000", "a b", 0 }, { "breaks", "a\r\n\t\nb\r c", "a b  c", 0 },
	{ "injection", "a\r\nBcc: x", "a Bcc: x", 0 },     { "bidi", "א\u2067a\u2069", "אa", 2 },
	{ "mark after blank", " \u0301a", "a", 1 },        { "empty", "\u200B \u3000", "", 1 },
	{ "break at the ends", "\r\na\u200D\n", "a", 1 },
};

typedef struct {
	const char *name, *input;
	size_t max;
	const char *expected;
} CutCase;

static const CutCase cut_cases[] = {
	{ "exact", "abcde", 5, "abcde" },
	{ "cut", "abcdef", 5, "abcd…" },
	{ "marks", "abc\u0301\u0301d", 5, "ab…" },
	{ "joiner", "a👩\u200D👧b", 4, "a…" },
	{ "blank", "abc def", 5, "abc…" },
	{ "one", "ab", 1, "…" },
	{ "no way back", "a\u0301\u0301", 2, "a…" },
};

static void test_body_cases(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(body_cases); i++) {
		const Case *c = &body_cases[i];
		uint64_t removed = 0;
		g_test_message("%s", c->name);
		g_autofree char *got = clean_body_text(c->input, strlen(c->input), &removed);
		g_assert_cmpstr(got, ==, c->expected);
		g_assert_cmpuint(removed, ==, (unsigned)c->removed);
	}
}

static void test_line_cases(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(line_cases); i++) {
		const Case *c = &line_cases[i];
		uint64_t removed = 0;
		g_test_message("%s", c->name);
		g_autofree char *got = clean_line(c->input, strlen(c->input), 0, &removed);
		g_assert_cmpstr(got, ==, c->expected);
		g_assert_cmpuint(removed, ==, (unsigned)c->removed);
	}
}

static void test_counts(void)
{
	static const struct {
		const char *input;
		CleanCounts body, line;
	} cases[] = {
		{ "abc 日本\n", { 0 }, { 0 } },
		{ "a\x01\u200B", { .removed = 2 }, { .removed = 2 } },
		{ "e\u0301\u0301\u0301\u0301\u0301\u0301", { 2, 2, 0, 0, 0 }, { 2, 2, 0, 0, 0 } },
		{ "\u0301a", { .removed = 1 }, { .removed = 1 } },
		{ "a\u202Eb\u202C", { 2, 0, 2, 0, 0 }, { 2, 0, 2, 0, 0 } },
		{ "א\u2067b\u2069", { 0 }, { 2, 0, 2, 0, 0 } },
		{ "\uE000\U000F0000a", { .private_use = 2 }, { .private_use = 2 } },
		{ "\uFFFE\uFDD0", { .bad = 2 }, { .bad = 2 } },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		CleanCounts body = { 0 }, line = { 0 };
		g_test_message("%s", cases[i].input);
		g_free(clean_body_counted(cases[i].input, strlen(cases[i].input), &body));
		g_free(clean_line_counted(cases[i].input, strlen(cases[i].input), 0, &line));
		g_assert_cmpmem(&body, sizeof body, &cases[i].body, sizeof body);
		g_assert_cmpmem(&line, sizeof line, &cases[i].line, sizeof line);
	}
}

static void test_cut_cases(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cut_cases); i++) {
		const CutCase *c = &cut_cases[i];
		g_test_message("%s", c->name);
		g_autofree char *got = clean_line(c->input, strlen(c->input), c->max, NULL);
		g_assert_cmpstr(got, ==, c->expected);
	}
}

static void test_nul_is_removed(void)
{
	uint64_t removed = 0;
	g_autofree char *got = clean_body_text("a\0b", 3, &removed);
	g_assert_cmpstr(got, ==, "ab");
	g_assert_cmpuint(removed, ==, 1);
}

static void test_width(void)
{
	static const struct {
		gunichar c;
		unsigned width;
	} cases[] = { { 'a', 1 },   { 0x65E5, 2 }, { 0xFF71, 1 }, { 0xFF21, 2 },
		      { 0x301, 0 }, { 0x3099, 0 }, { 0x2026, 1 } };
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpuint(clean_width(cases[i].c), ==, cases[i].width);
}

/* ---- every nasty sequence: the result obeys, and cleaning it again changes nothing ---------- */

static const gunichar nasty[] = {
	'a',    '1',    '#',    ' ',    '\n',   '\t',    '\r',    0x3042,  0x845B, 0x3099,  0x301,
	0x20E3, 0x200C, 0x200D, 0xFE0E, 0xFE0F, 0xE0100, 0xE01F0, 0x1F469, 0x2764, 0x1F3FB, 0x5D0,
	0x645,  0x64B,  0x915,  0x94D,  0x61C,  0x200E,  0x200F,  0x202A,  0x202B, 0x202C,  0x202D,
	0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x200B,  0xFEFF,  0xA0,    0x3000, 0xE000,  0xFFFE,
	0x2028, 0x17B4, 0x180B, 0xFDD0, 0xFFA0, 0x3030,  0x85,    0x1B,
};

static char *nasty_text(GRand *rand, unsigned length)
{
	GString *text = g_string_new(NULL);
	/* Few kinds at a time, so that the rare neighbours meet. */
	unsigned kinds = (unsigned)g_rand_int_range(rand, 2, 8), chosen[8];
	for (unsigned i = 0; i < kinds; i++)
		chosen[i] = (unsigned)g_rand_int_range(rand, 0, G_N_ELEMENTS(nasty));
	for (unsigned i = 0; i < length; i++)
		g_string_append_unichar(text, nasty[chosen[g_rand_int_range(rand, 0, (gint32)kinds)]]);
	if (g_rand_int_range(rand, 0, 8) == 0 && text->len > 2)
		text->str[g_rand_int_range(rand, 0, (gint32)text->len)] =
		        (char)g_rand_int_range(rand, 1, 256);
	return g_string_free(text, FALSE);
}

static const char *lines_broken(const char *text, bool body)
{
	g_autofree char *whole = g_strconcat(text, "\n", NULL);
	g_autoptr(GPtrArray) lines = rule_lines(whole, "\n");
	if (lines == NULL || !g_utf8_validate(text, -1, NULL) || (!body && lines->len != 1))
		return "5.1";
	const char *broken = NULL;
	for (guint i = 0; i < lines->len && broken == NULL; i++)
		broken = rule_line(g_ptr_array_index(lines, i), body);
	return broken;
}

static void check_nasty_body(const char *text)
{
	g_autofree char *once = clean_body_text(text, strlen(text), NULL);
	g_assert_cmpstr(lines_broken(once, true), ==, NULL);
	uint64_t removed = 0;
	g_autofree char *twice = clean_body_text(once, strlen(once), &removed);
	g_assert_cmpstr(once, ==, twice);
	g_assert_cmpuint(removed, ==, 0);
}

static void check_nasty_line(const char *text, size_t max)
{
	g_autofree char *once = clean_line(text, strlen(text), max, NULL);
	g_assert_cmpstr(lines_broken(once, false), ==, NULL);
	g_autofree char *twice = clean_line(once, strlen(once), max, NULL);
	g_assert_cmpstr(once, ==, twice);
	g_assert_true(max == 0 || g_utf8_strlen(once, -1) <= (glong)max);
	g_assert_false(g_str_has_prefix(once, " ") || g_str_has_suffix(once, " ") ||
	               g_str_has_prefix(once, "\u3000"));
}

static void test_nasty(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20260401);
	for (unsigned round = 0; round < 60000; round++) {
		g_autofree char *text = nasty_text(rand, (unsigned)g_rand_int_range(rand, 1, 24));
		check_nasty_body(text);
		check_nasty_line(text, 0);
		check_nasty_line(text, (size_t)g_rand_int_range(rand, 1, 12));
	}
}

/* What obeys and holds no odd mixture stays as it is: nothing of a citizen's text is lost. */
static void test_every_code_point(void)
{
	for (gunichar c = 1; c <= 0x10FFFF; c++) {
		if (c >= 0xD800 && c < 0xE000)
			continue;
		g_autoptr(GString) text = g_string_new("x");
		g_string_append_unichar(text, c);
		gunichar line[] = { 'x', c, 0 };
		bool obeys = rule_line(line, true) == NULL;
		g_autofree char *got = clean_body_text(text->str, text->len, NULL);
		g_assert_cmpstr(lines_broken(got, true), ==, NULL);
		g_assert_cmpint(obeys, ==, strcmp(got, text->str) == 0 && c != '\n');
	}
}

/* 20 MB of anything, also of what needs the second step, takes linear time. */
static void test_large(void)
{
	static const char *const pieces[] = { "a\u202A",       "א\u2066", "\u202C", "👩\u200D",
		                              "e\u0301\u0301", "\n",      "日本語" };
	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 2 * 1024 * 1024)
			g_string_append(text, pieces[i]);
		gint64 start = g_get_monotonic_time();
		g_autofree char *got = clean_body_text(text->str, text->len, NULL);
		g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
		g_assert_cmpstr(lines_broken(got, true), ==, NULL);
	}
}

/* ---- a text that is being written ---------------------------------------------------------------------------------- */

static void append_random(GString *text, GRand *random, size_t n)
{
	static const char *const pieces[] = {
		"e", "word ", "日本", "\n", "\u0301", "\u0301\u0308\u0301\u0308\u0301", "\u20dd", "\u200b", "\u00ad",
		"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e",
		"\u061c", "\u05d0", "\u0628", "\u200c", "\u200d", "\ufe0f", "\U000e0100", "葛", "\U0001f468", "7",
		"\ue000", "\ufffe", "\u00a0", "\u3000", "\u00e9", "\u0915",
	};

	for (size_t i = 0; i < n; i++)
		g_string_append(text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
}

static bool is_ascii(const char *from, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if ((unsigned char)from[i] >= 0x80)
			return false;
	}
	return true;
}

/* Signs and blanks of ours are appended by others. */
static void append_thin(CleanThin *thin, GString *text, GRand *random, const char *from, size_t bytes)
{
	if (is_ascii(from, bytes) && g_rand_boolean(random))
		g_string_append_len(text, from, (gssize)bytes);
	else
		clean_thin_append(thin, text, from, bytes);
}

static void assert_cleaned_alike(const GString *all, GRand *random)
{
	CleanThin *thin = clean_thin_new();
	g_autoptr(GString) text = g_string_new(NULL);
	CleanCounts whole = { 0 }, rest = { 0 };

	for (const char *at = all->str, *end = at + all->len, *next = at; at < end; at = next) {
		for (int n = g_rand_int_range(random, 1, 9); n > 0 && next < end; n--)
			next = g_utf8_next_char(next);
		append_thin(thin, text, random, at, (size_t)(next - at));
	}
	g_autofree char *expected = clean_body_counted(all->str, all->len, &whole);
	g_autofree char *found = clean_body_counted(text->str, text->len, &rest);
	const CleanCounts thinned = clean_thin_counts(thin);
	clean_counts_add(&rest, &thinned);
	clean_thin_free(thin);
	g_assert_cmpstr(found, ==, expected);
	g_assert_cmpmem(&rest, sizeof rest, &whole, sizeof whole);
}

static void test_thin_random(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(20);

	for (unsigned round = 0; round < 20000; round++) {
		g_autoptr(GString) all = g_string_new(NULL);
		append_random(all, random, (size_t)g_rand_int_range(random, 1, 60));
		assert_cleaned_alike(all, random);
	}
}

static void test_thin_floods(void)
{
	static const struct {
		const char *unit;
		size_t most; /* bytes that may be kept of each */
	} rows[] = { { "\u0301", 0 }, { "\u200b", 0 }, { "\u202e", 0 }, { "\u2069", 0 }, { "\u200d", 0 },
		     { "\ufe0f", 0 }, { "x\u200d", 1 }, { "x\u202e", 1 }, { "\u05d0\u202b\u2067", 2 } };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		enum { N = 100000, SLACK = 64 };
		CleanThin *thin = clean_thin_new();
		g_autoptr(GString) text = g_string_new(NULL);
		for (unsigned n = 0; n < N; n++)
			clean_thin_append(thin, text, rows[i].unit, strlen(rows[i].unit));
		g_assert_cmpuint(text->len, <=, rows[i].most * N + SLACK);
		clean_thin_free(thin);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/clean_text/body", test_body_cases);
	g_test_add_func("/clean_text/line", test_line_cases);
	g_test_add_func("/clean_text/counts", test_counts);
	g_test_add_func("/clean_text/cut", test_cut_cases);
	g_test_add_func("/clean_text/nul", test_nul_is_removed);
	g_test_add_func("/clean_text/width", test_width);
	g_test_add_func("/clean_text/nasty", test_nasty);
	g_test_add_func("/clean_text/every-code-point", test_every_code_point);
	g_test_add_func("/clean_text/large", test_large);
	g_test_add_func("/clean_text/thin-random", test_thin_random);
	g_test_add_func("/clean_text/thin-floods", test_thin_floods);
	return g_test_run();
}
