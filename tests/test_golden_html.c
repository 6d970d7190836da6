/* Golden cases of HTML as text: golden_html/NAME.html becomes NAME.txt, with defang `flagged`
 * NAME.flagged.txt where there is one, and its counts are those of NAME.facts. The expected texts were
 * written from doc/html-text.md, not from what the code does: where the two differ, read the page first.
 *
 * With a directory as the argument, the cases there are run instead of those of the tree.
 */
#include "parse_text_priv.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

typedef struct {
	char *base; /* path without an ending */
} Case;

static char *read_text(const char *base, const char *ending)
{
	g_autofree char *path = g_strconcat(base, ending, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

/* As `mugai text --defang`. */
static char *render(const char *html, DefangMode defang, HtmlFacts *ret_facts)
{
	const ParseTextJob job = {
		.bytes = { (const uint8_t *)html, strlen(html) },
		.kind = PARSE_TEXT_HTML,
		.declared = CHARSET_UTF_8,
		.labelled = true,
		.hint = CHARSET_UNKNOWN,
		.max_in = 20 << 20,
		.max_out = 4 << 20,
		.defang = defang,
	};
	g_auto(ParseTextResult) result;

	parse_text(&job, &result);
	*ret_facts = result.html;
	return g_strconcat(result.text->str, result.text->len > 0 ? "\n" : "", NULL);
}

/* The reader of a failed test wants to see what differs, not that something does. */
static void tell_difference(const char *expected_path, const char *text)
{
	const char *argv[] = { "diff",     "-u",          "--label", "expected", "--label",
		               "rendered", expected_path, NULL,      NULL };
	g_autofree char *path = NULL, *difference = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("golden-XXXXXX", &path, &error);

	g_assert_no_error(error);
	g_assert_true(g_close(fd, NULL));
	g_file_set_contents(path, text, -1, &error);
	g_assert_no_error(error);
	argv[7] = path;
	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &difference, NULL, NULL,
	             &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_remove(path), ==, 0);
	fprintf(stderr, "%s\n%s", expected_path, difference); /* g_test_message asks the locale */
	g_test_fail();
}

static void check_text(const Case *golden, const char *html, const char *ending, DefangMode defang,
                       HtmlFacts *ret_facts)
{
	g_autofree char *path = g_strconcat(golden->base, ending, NULL);
	g_autofree char *expected = read_text(golden->base, ending);
	g_autofree char *text = render(html, defang, ret_facts);

	g_assert_nonnull(expected);
	if (strcmp(text, expected) != 0)
		tell_difference(path, text);
}

static uint64_t fact(const HtmlFacts *facts, const char *key)
{
	const struct {
		const char *key;
		uint64_t value;
	} keys[] = {
		{ "hidden_chars", facts->hidden_chars },       { "link_mismatches", facts->link_mismatches },
		{ "links_removed", facts->links_removed },     { "links_flagged", facts->links_flagged },
		{ "password_fields", facts->password_fields },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (strcmp(key, keys[i].key) == 0)
			return keys[i].value;
	}
	g_error("no such fact: %s", key);
}

static void check_facts(const Case *golden, const HtmlFacts *facts)
{
	g_autofree char *text = read_text(golden->base, ".facts");
	g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);

	for (unsigned i = 0; lines[i] != NULL; i++) {
		if (*g_strstrip(lines[i]) == '\0')
			continue;
		g_auto(GStrv) words = g_strsplit(lines[i], " ", 2);
		guint64 expected = 0;
		g_assert_true(words[1] != NULL &&
		              g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT64, &expected, NULL));
		uint64_t value = fact(facts, words[0]);
		if (value == expected)
			continue;
		g_test_message("%s is %" G_GUINT64_FORMAT " instead of %s", words[0], value, words[1]);
		g_test_fail();
	}
}

static void test_case(const void *data)
{
	const Case *golden = data;
	g_autofree char *html = read_text(golden->base, ".html");
	HtmlFacts facts;

	check_text(golden, html, ".txt", DEFANG_NEVER, &facts);
	check_facts(golden, &facts);
	g_autofree char *flagged = g_strconcat(golden->base, ".flagged.txt", NULL);
	if (g_file_test(flagged, G_FILE_TEST_EXISTS))
		check_text(golden, html, ".flagged.txt", DEFANG_FLAGGED, &facts);
}

static void free_case(void *data)
{
	Case *golden = data;

	g_free(golden->base);
	g_free(golden);
}

/* Without its cases the test would pass on nothing. */
static void test_enough(const void *data)
{
	g_autofree char *text = read_text(TESTS_DIR "/golden_html/", "at-least");
	const unsigned *found = data;
	guint64 least = 0;

	g_assert_true(g_ascii_string_to_unsigned(g_strchomp(text), 10, 1, G_MAXUINT, &least, NULL));
	g_assert_cmpuint(*found, >=, least);
}

static unsigned add_cases(const char *directory)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, &error);
	unsigned count = 0;

	g_assert_no_error(error);
	for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
		if (!g_str_has_suffix(name, ".html"))
			continue;
		g_autofree char *short_name = g_strndup(name, strlen(name) - strlen(".html"));
		g_autofree char *path = g_strconcat("/golden-html/", short_name, NULL);
		Case *golden = g_new(Case, 1);
		golden->base = g_build_filename(directory, short_name, NULL);
		g_test_add_data_func_full(path, golden, test_case, free_case);
		count++;
	}
	return count;
}

/* All cases run, whichever fail. */
int main(int argc, char **argv)
{
	char *keep_going[] = { argv[0], (char *)"-k", NULL };
	char **words = keep_going;
	int n_words = 2;

	g_test_init(&n_words, &words, NULL);
	unsigned found = add_cases(argc > 1 ? argv[1] : TESTS_DIR "/golden_html");
	if (argc == 1)
		g_test_add_data_func("/golden-html-enough", &found, test_enough);
	return g_test_run();
}
