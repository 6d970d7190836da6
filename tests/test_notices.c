#include "notices.h"

#include <glib/gstdio.h>
#include <string.h>

#define SHIPPED TESTS_DIR "/../conf/notices"

/* ---- a shipped file with one line changed --------------------------------------------------------- */

static char *shipped(const char *name)
{
	g_autofree char *path = g_build_filename(SHIPPED, name, NULL);
	char *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

/* The line that begins with key, replaced by other lines ("" = none). *ret_line: its number. */
static char *with_line(const char *text, const char *key, const char *instead, int *ret_line)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *start = g_strconcat(key, ":", NULL);
	int found = 0;
	GString *out = g_string_new(NULL);
	for (int i = 0; lines[i] != NULL; i++) {
		bool here = g_str_has_prefix(lines[i], start);
		found = here ? i + 1 : found;
		if (here && *instead == '\0')
			continue;
		g_string_append_printf(out, "%s\n", here ? instead : lines[i]);
	}
	g_assert_cmpint(found, >, 0);
	*ret_line = found;
	return g_string_free(out, FALSE);
}

static GPtrArray *errors_of(const char *text)
{
	GPtrArray *errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Notices) notices = notices_parse("f", text, strlen(text), errors);
	g_assert_cmpint(notices == NULL, ==, errors->len > 0);
	return errors;
}

typedef struct {
	const char *name;
	const char *key;
	const char *line;  /* stands in place of the line of that key */
	const char *error; /* after "f:LINE: "; NULL: it is taken */
} LineCase;

#define TEN "あいうえおかきくけこ"
#define FIFTY TEN TEN TEN TEN TEN

static const LineCase line_cases[] = {
	{ "other words", "no_original", "no_original: 情報政策課 内線 1234 まで (8:30-17:15)", NULL },
	{ "single quotes", "hold", "hold: '留め置いています'", NULL },
	{ "placeholder elsewhere", "escaped", "escaped: \"{n} 行\"", NULL },
	{ "order of two", "blocks", "blocks: \"{m} {n}\"", NULL },
	{ "200 columns", "hold", "hold: " FIFTY FIFTY, NULL },
	{ "201 columns", "hold", "hold: " FIFTY FIFTY "a", "hold: is 201 columns wide, more than 200" },
	{ "word of 41 columns", "word_plain", "word_plain: " TEN TEN "a",
	  "word_plain: is 41 columns wide, more than 40" },
	{ "long words in the text", "empty_body", "empty_body: （" TEN TEN "あああａａa）",
	  "empty_body: is 55 columns wide, more than 50" },
	{ "empty", "hold", "hold: \"\"", "hold: must not be empty" },
	{ "no value", "hold", "hold:", "hold: must not be empty" },
	{ "blank", "hold", "hold: \" 　\"", "hold: must not be empty" },
	{ "blank before", "hold", "hold: \" a\"", "hold: must not begin or end with a blank" },
	{ "blank after", "hold", "hold: a　", "hold: must not begin or end with a blank" },
	{ "blank around a word", "word_next", "word_next: \" ; \"", NULL },
	{ "unknown key", "hold", "hold: a\nholds: b", "unknown key \"holds\"" },
	{ "key in another case", "hold", "hold: a\nHold: b", "unknown key \"Hold\"" },
	{ "duplicate key", "hold", "hold: a\nhold: b", "duplicate key \"hold\"" },
	{ "list", "hold", "hold: [a]", "hold: expected a sentence, found a list" },
	{ "mapping", "hold", "hold: {a: b}", "hold: expected a sentence, found a mapping" },
	{ "over lines", "hold", "hold: a\n  b", "hold: a value must stand on one line" },
	{ "block", "hold", "hold: |\n  b", "hold: a value must stand on one line" },
	{ "anchor", "hold", "hold: &x a", "anchors (&) are not allowed" },
	{ "tag", "hold", "hold: !!str a", "tags (!) are not allowed" },
	{ "no placeholder", "escaped", "escaped: a", "escaped: must have {n} once, and has it 0 times" },
	{ "placeholder twice", "escaped", "escaped: \"{n}{n}\"",
	  "escaped: must have {n} once, and has it 2 times" },
	{ "one of two", "blocks", "blocks: \"{n}\"", "blocks: must have {m} once, and has it 0 times" },
	{ "other placeholder", "hold", "hold: \"a {n}\"",
	  "hold: \"{n}\" is no placeholder of this sentence" },
	{ "unknown placeholder", "escaped", "escaped: \"{n} {x}\"",
	  "escaped: \"{x}\" is no placeholder of this sentence" },
	{ "long placeholder", "escaped", "escaped: \"{n} {nn}\"",
	  "escaped: \"{nn}\" is no placeholder of this sentence" },
	{ "open brace", "escaped", "escaped: \"{n} {\"", "escaped: \"{\" is no placeholder" },
	{ "closing brace", "escaped", "escaped: \"{n} }\"", "escaped: \"}\" is no placeholder" },
	{ "open quote", "hold", "hold: 「a", "hold: 「 quotes what comes from a mail" },
	{ "closing quote", "hold", "hold: a」", "hold: 」 quotes what comes from a mail" },
	{ "url", "hold", "hold: see https://a.example", "hold: // would make a link" },
	{ "half a url", "address_lost", "address_lost: \"{t}// {o}\"", "address_lost: // would make a link" },
	{ "www", "hold", "hold: see WWW.a.example", "hold: www. would make a link" },
	{ "slash in a word", "field_to", "field_to: a/b", "field_to: / is not for a word" },
	{ "slash in a sentence", "hold", "hold: a/b", NULL },
	{ "foot line", "hold", "hold: \"----- 3 -----\"",
	  "hold: ----- is how the end of the text is marked" },
	{ "mark", "hold", "hold: a【無害化】b", "hold: the mark of a notice" },
	{ "mark, full width", "hold", "hold: （ＭＵＧＡＩ", "hold: the mark of a notice" },
	{ "mark, angle", "hold", "hold: \"<mugai\"", "hold: the mark of a notice" },
	{ "name without bracket", "hold", "hold: 無害化 (by mugai)", NULL },
	{ "control", "hold", "hold: \"a\\tb\"", "hold: the value holds a control or invisible character" },
	{ "bidi", "hold", "hold: \"a\\u202Eb\"", "hold: the value holds a control or invisible character" },
	{ "zero width", "hold", "hold: \"a\\u200Bb\"",
	  "hold: the value holds a control or invisible character" },
	{ "zero width as it is", "hold", "hold: a\u200Bb",
	  "an invisible or bidirectional format character is not allowed" },
	{ "no-break space", "hold", "hold: a\u00A0b", "hold: U+00A0 is not a character that can be seen" },
	{ "filler", "hold", "hold: a\u3164b", "hold: U+3164 is not a character that can be seen" },
	{ "mark character", "hold", "hold: か\u3099", "hold: U+3099 is not a character that can be seen" },
	{ "selector", "hold", "hold: ☆\uFE0F", "hold: U+FE0F is not a character that can be seen" },
	{ "private use", "hold", "hold: \uE000", "hold: U+E000 is not a character that can be seen" },
	{ "no brackets", "block_line", "block_line: \"{n} gone\"",
	  "block_line: must stand in round brackets" },
	{ "mixed brackets", "empty_body", "empty_body: （a)", "empty_body: must stand in round brackets" },
	{ "binhex", "hold", "hold: a BinHex file", "hold: binhex is how mail readers know" },
	{ "must be converted", "hold", "hold: Must be converted",
	  "hold: must be converted is how mail readers" },
	{ "run of 63", "hold", "hold: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  NULL },
	{ "run of 64", "hold", "hold: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "hold: has too many letters and digits" },
	{ "run with a number", "more_parts",
	  "more_parts: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{n}\"",
	  "more_parts: has too many letters and digits" },
	{ "run of a word", "field_to", "field_to: aaaaaaaaaaaaaaaaaaaaa",
	  "field_to: has too many letters and digits" },
};

/* Of a line of several, the error may be on any of them. */
static void check_line_case(const LineCase *c, const char *text)
{
	int line;
	g_autofree char *changed = with_line(text, c->key, c->line, &line);
	g_autoptr(GPtrArray) errors = errors_of(changed);
	g_assert_cmpuint(errors->len, ==, c->error != NULL);
	if (c->error == NULL)
		return;
	const char *error = g_ptr_array_index(errors, 0);
	int more = strchr(c->line, '\n') != NULL && strstr(c->error, "key \"") != NULL ? 1 : 0;
	g_autofree char *start = g_strdup_printf("f:%d: ", line + more);
	if (!g_str_has_prefix(error, start) || strstr(error, c->error) == NULL)
		g_error("got \"%s\", wanted \"%s%s\"", error, start, c->error);
}

static void test_lines(void)
{
	g_autofree char *text = shipped("ja.yaml");
	for (size_t i = 0; i < G_N_ELEMENTS(line_cases); i++) {
		g_test_message("%s", line_cases[i].name);
		check_line_case(&line_cases[i], text);
	}
}

/* ---- whole files ------------------------------------------------------------------------------------ */

static void test_built_in_is_shipped(void)
{
	static const ConfLanguage languages[] = { CONF_LANGUAGE_JA, CONF_LANGUAGE_EN };
	for (size_t i = 0; i < G_N_ELEMENTS(languages); i++) {
		g_autoptr(Notices) built_in = notices_builtin(languages[i]);
		g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(Notices) loaded = notices_load(SHIPPED, languages[i], errors);
		g_assert_cmpuint(errors->len, ==, 0);
		for (int saying = 0; saying < SAY_COUNT; saying++)
			g_assert_cmpstr(notices_text(built_in, (Saying)saying), ==,
			                notices_text(loaded, (Saying)saying));
	}
	g_autoptr(Notices) ja = notices_builtin(CONF_LANGUAGE_JA), en = notices_builtin(CONF_LANGUAGE_EN);
	for (int saying = 0; saying < SAY_COUNT; saying++)
		if (saying != SAY_WORD_HTML)
			g_assert_cmpstr(notices_text(ja, (Saying)saying), !=,
			                notices_text(en, (Saying)saying));
}

/* Each key in turn is missing. */
static void test_missing_keys(void)
{
#define KEY(NAME, key, placeholders, kind) #key,
	static const char *const keys[] = { NOTICES_SAYINGS(KEY) };
	g_autofree char *text = shipped("en.yaml");
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		int line;
		g_autofree char *less = with_line(text, keys[i], "", &line);
		g_autoptr(GPtrArray) errors = errors_of(less);
		g_autofree char *wanted = g_strdup_printf(": %s: required, but missing", keys[i]);
		g_assert_cmpuint(errors->len, ==, 1);
		g_assert_true(g_str_has_suffix(g_ptr_array_index(errors, 0), wanted));
	}
}

static void test_every_error_at_once(void)
{
	g_autofree char *text = shipped("en.yaml");
	int hold, escaped, original;
	g_autofree char *one = with_line(text, "hold", "hold: \" 「www. {n}\"", &hold);
	g_autofree char *two = with_line(one, "escaped", "escaped: \"\"", &escaped);
	g_autofree char *three = with_line(two, "original", "origin: a", &original);
	g_autoptr(GPtrArray) errors = errors_of(three);
	const char *const wanted[] = {
		"f:6: original: required", "hold: must not begin",   "hold: \"{n}\" is no",
		"hold: 「 quotes",         "hold: www. would",       "escaped: must not be empty",
		"escaped: must have {n}",  "unknown key \"origin\"",
	};
	g_assert_cmpuint(errors->len, ==, G_N_ELEMENTS(wanted));
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		g_assert_nonnull(strstr(g_ptr_array_index(errors, i), wanted[i]));
}

static void test_no_file_of_sentences(void)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "f:1: the file is empty" },
		{ "# nothing\n", "f:1: the file is empty" },
		{ "[a]\n", "f:1: expected a mapping, found a list" },
		{ "a\n", "f:1: expected a mapping, found a single value" },
		{ "hold: \"a\n", "f:" },
		{ "hold: \xff\n", "f:1: invalid UTF-8" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) errors = errors_of(cases[i].text);
		g_assert_true(g_str_has_prefix(g_ptr_array_index(errors, 0), cases[i].error));
	}
	g_autoptr(GPtrArray) errors = errors_of("{}\n");
	g_assert_cmpuint(errors->len, >=, MIN(SAY_COUNT, 100));
}

/* ---- named by the settings ----------------------------------------------------------------------------- */

typedef struct {
	char *directory, *path;
} Own;

static void own_init(Own *own, const char *text)
{
	own->directory = g_dir_make_tmp("mugai-notices-XXXXXX", NULL);
	own->path = g_build_filename(own->directory, "en.yaml", NULL);
	g_assert_true(g_file_set_contents(own->path, text, -1, NULL));
}

static void own_clear(Own *own)
{
	g_remove(own->path);
	g_rmdir(own->directory);
	g_free(own->path);
	g_free(own->directory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Own, own_clear)

/* format: with the directory for its %s. */
static Conf *settings(const char *format, const char *directory, GPtrArray *errors)
{
	g_auto(GStrv) halves = g_strsplit(format, "%s", 2);
	g_autofree char *text = g_strjoinv(directory, halves);
	return conf_parse("s", text, strlen(text), errors);
}

#define NAMED "topology: behind-edge\nnotices: {language: en, directory: %s}\n"

static void test_settings_name_a_directory(void)
{
	g_autofree char *text = shipped("en.yaml");
	int line;
	g_autofree char *changed = with_line(text, "hold", "hold: Ours.", &line);
	g_auto(Own) own;
	own_init(&own, changed);
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = settings(NAMED, own.directory, errors);
	g_assert_nonnull(conf);
	g_assert_cmpstr(notices_text(conf_notices(conf), SAY_HOLD), ==, "Ours.");
	g_assert_cmpstr(notices_text(conf_notices(conf), SAY_FIELD_TO), ==, "To");
	/* Loaded once: what the file becomes later is nothing to a message in work. */
	g_assert_true(g_file_set_contents(own.path, "x", -1, NULL));
	g_assert_cmpstr(notices_text(conf_notices(conf), SAY_HOLD), ==, "Ours.");
}

static void test_settings_without_a_directory(void)
{
	g_autoptr(Conf) ja = conf_builtin();
	g_assert_nonnull(strstr(notices_text(conf_notices(ja), SAY_HOLD), "安全"));
	static const char text[] = "topology: one-hop\nnotices: {language: en}\n";
	g_autoptr(Conf) en = conf_parse("s", text, strlen(text), NULL);
	g_assert_nonnull(strstr(notices_text(conf_notices(en), SAY_HOLD), "safety"));
}

/* Both files' errors at once, each with its own name. */
static void test_settings_and_sentences_are_wrong(void)
{
	g_auto(Own) own;
	own_init(&own, "holds: a\n");
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = settings(NAMED "work: {slots: 0}\n", own.directory, errors);
	g_assert_null(conf);
	g_assert_cmpuint(errors->len, >, 50);
	g_assert_true(g_str_has_prefix(g_ptr_array_index(errors, 0), "s:3: work.slots: "));
	g_autofree char *unknown = g_strdup_printf("%s:1: unknown key \"holds\"", own.path);
	g_assert_cmpstr(g_ptr_array_index(errors, 1), ==, unknown);
}

static void test_settings_name_nothing(void)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "topology: one-hop\nnotices: {directory: /nonexistent/mugai}\n",
		  "/nonexistent/mugai/ja.yaml: cannot be opened: " },
		{ "topology: one-hop\nnotices: {directory: notices}\n",
		  "s:2: notices.directory: \"notices\": must be an absolute path" },
		{ "topology: one-hop\nnotices: {directory: /nonexistent/mugai, language: de}\n",
		  "s:2: notices.language: \"de\" is not one of: ja, en" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(Conf) conf = conf_parse("s", cases[i].text, strlen(cases[i].text), errors);
		g_assert_null(conf);
		g_assert_cmpuint(errors->len, ==, 1);
		g_assert_true(g_str_has_prefix(g_ptr_array_index(errors, 0), cases[i].error));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/notices/lines", test_lines);
	g_test_add_func("/notices/built-in", test_built_in_is_shipped);
	g_test_add_func("/notices/missing", test_missing_keys);
	g_test_add_func("/notices/all-errors", test_every_error_at_once);
	g_test_add_func("/notices/no-sentences", test_no_file_of_sentences);
	g_test_add_func("/notices/settings", test_settings_name_a_directory);
	g_test_add_func("/notices/built-in-settings", test_settings_without_a_directory);
	g_test_add_func("/notices/both-wrong", test_settings_and_sentences_are_wrong);
	g_test_add_func("/notices/nothing-there", test_settings_name_nothing);
	return g_test_run();
}
