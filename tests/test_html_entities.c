/* html_entities: every name of html_entities.tsv, the longest match, and numbers (13.5, 13.2.5.80). */
#include "html_token_priv.h"

#include <string.h>

enum { N_NAMES = 2231 };

/* "2242 0338" -> UTF-8. */
static GString *text_of(const char *codes)
{
	g_auto(GStrv) each = g_strsplit(codes, " ", -1);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; each[i] != NULL; i++)
		g_string_append_unichar(text, (gunichar)g_ascii_strtoull(each[i], NULL, 16));
	return text;
}

/* In a block of its own size: text need not end in NUL. */
static void check_name(const char *name, const char *expected)
{
	size_t length = strlen(name);
	g_autofree char *exact = g_memdup2(name, length);
	g_autofree char *longer = g_strconcat(name, "=;", NULL);
	const char *utf8 = NULL;

	g_assert_cmpuint(html_entity_find(exact, length, &utf8), ==, length);
	g_assert_cmpstr(utf8, ==, expected);
	g_assert_cmpuint(html_entity_find(longer, length + 2, &utf8), ==, length);
	g_assert_cmpstr(utf8, ==, expected);
	g_assert_cmpuint(length, <, HTML_ENTITY_NAME_MAX);
}

static void test_every_name(void)
{
	g_autofree char *tsv = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned n = 0;

	g_assert_true(g_file_get_contents(TESTS_DIR "/../sanitize/html_entities.tsv", &tsv, NULL, NULL));
	lines = g_strsplit(g_strchomp(tsv), "\n", -1);
	for (; lines[n] != NULL; n++) {
		g_auto(GStrv) fields = g_strsplit(lines[n], "\t", -1);
		g_assert_cmpuint(g_strv_length(fields), ==, 2);
		g_autoptr(GString) expected = text_of(fields[1]);
		check_name(fields[0], expected->str);
	}
	g_assert_cmpuint(n, ==, N_NAMES);
}

static const struct {
	const char *text;
	size_t found;
	const char *utf8;
} matches[] = {
	{ "", 0, NULL },
	{ "n", 0, NULL },
	{ "no", 0, NULL },
	{ "not", 3, "¬" },
	{ "not;", 4, "¬" },
	{ "notit;", 3, "¬" },
	{ "noti", 3, "¬" },
	{ "notin", 3, "¬" },
	{ "notin;", 6, "∉" },
	{ "notinE;", 7, "⋹̸" },
	{ "notinva;", 8, "∉" },
	{ "notinvx;", 3, "¬" },
	{ "copycat", 4, "©" },
	{ "copysr;", 7, "℗" },
	{ "lt", 2, "<" },
	{ "LT;", 3, "<" },
	{ "Lt;", 3, "≪" },
	{ "Ltx", 0, NULL },
	{ "frac1", 0, NULL },
	{ "frac12", 6, "½" },
	{ "frac123", 6, "½" },
	{ "sup1;", 5, "¹" },
	{ "hellip", 0, NULL },
	{ "hellip;", 7, "…" },
	{ "CounterClockwiseContourIntegral;", 32, "∳" },
	{ "CounterClockwiseContourIntegral", 0, NULL },
	{ "fjlig;", 6, "fj" },
	{ "bne;", 4, "=⃥" },
	{ "Afr;", 4, "𝔄" },
	{ "nbsp", 4, "\u00A0" },
	{ "zwnj;", 5, "\u200C" },
	{ "Tab;", 4, "\t" },
	{ "NewLine;", 8, "\n" },
	{ ";", 0, NULL },
	{ "1", 0, NULL },
	{ "&lt;", 0, NULL },
	{ "日本", 0, NULL },
};

static void test_matches(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(matches); i++) {
		const char *utf8 = NULL;
		size_t length = strlen(matches[i].text);
		g_autofree char *exact = g_memdup2(matches[i].text, length);
		g_test_message("%s", matches[i].text);
		g_assert_cmpuint(html_entity_find(exact, length, &utf8), ==, matches[i].found);
		g_assert_cmpstr(utf8, ==, matches[i].utf8);
	}
}

static const struct {
	guint64 number;
	gunichar meant;
} numbers[] = {
	{ 0, 0xFFFD },           { 1, 1 },
	{ 0x0D, 0x0D },          { 0x41, 0x41 },
	{ 0x7F, 0x7F },          { 0x80, 0x20AC },
	{ 0x81, 0x81 },          { 0x82, 0x201A },
	{ 0x8A, 0x160 },         { 0x8D, 0x8D },
	{ 0x8E, 0x17D },         { 0x90, 0x90 },
	{ 0x91, 0x2018 },        { 0x95, 0x2022 },
	{ 0x99, 0x2122 },        { 0x9D, 0x9D },
	{ 0x9E, 0x17E },         { 0x9F, 0x178 },
	{ 0xA0, 0xA0 },          { 0xD7FF, 0xD7FF },
	{ 0xD800, 0xFFFD },      { 0xDFFF, 0xFFFD },
	{ 0xE000, 0xE000 },      { 0xFFFE, 0xFFFE },
	{ 0x10FFFF, 0x10FFFF },  { 0x110000, 0xFFFD },
	{ 0x100000041, 0xFFFD }, { G_MAXUINT64, 0xFFFD },
};

static void test_numbers(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		g_assert_cmphex(html_entity_number(numbers[i].number), ==, numbers[i].meant);
}

/* Each of the C1 numbers, against iconv's windows-1252. */
static void test_windows_1252(void)
{
	for (unsigned i = 0x80; i <= 0x9F; i++) {
		const char byte = (char)i;
		g_autofree char *utf8 = g_convert(&byte, 1, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
		g_assert_cmphex(html_entity_number(i), ==, utf8 != NULL ? g_utf8_get_char(utf8) : i);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/html_entities/every-name", test_every_name);
	g_test_add_func("/html_entities/matches", test_matches);
	g_test_add_func("/html_entities/numbers", test_numbers);
	g_test_add_func("/html_entities/windows-1252", test_windows_1252);
	return g_test_run();
}
