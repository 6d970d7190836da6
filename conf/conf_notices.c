/* conf_notices: the sentences of the notice from their file, or every reason why not.
 *
 * A line that is made of them leaves Mugai, and mugai-verify judges it by doc/output-grammar.md 5. What it
 * would refuse is refused here, at the start, with the line of the file: else every mail that needs the
 * sentence would wait in Postfix until somebody finds out why. So each check below answers one question about
 * the line as it will be, with anything in its placeholders. */
#include "conf_yaml_priv.h"
#include "notices.h"
#include "notices_shipped.h"

#include <string.h>

typedef enum { SENTENCE, WORD, BODY, PHRASE } Kind;

typedef struct {
	const char *key;
	const char *placeholders;
	Kind kind;
} Entry;

#define ENTRY(NAME, key, placeholders, kind) [SAY_##NAME] = { #key, placeholders, kind },
static const Entry entries[SAY_COUNT] = { NOTICES_SAYINGS(ENTRY) };
#undef ENTRY

struct Notices {
	char *texts[SAY_COUNT];
};

enum {
	RUN_MAX = 63,       /* grammar 5.4: 64 are taken for base64 */
	NUMBER_DIGITS = 20, /* of a uint64_t */
	WORD_RUN_MAX = 20,  /* three words may stand side by side, or one between two pieces of a sentence */
};

/* In columns. A BODY takes the place of each block that is cut out of a text, which may be 9 characters
 * short: a long one would blow up a mail of nothing but those. */
static const glong columns_max[] = { [SENTENCE] = 200, [WORD] = 40, [BODY] = 50, [PHRASE] = 60 };

/* ---- one text: NULL, or what is wrong (g_free) -------------------------------------------------- */

typedef char *(*Check)(const Entry *entry, const char *text);

static bool is_blank(gunichar c)
{
	return c == ' ' || c == 0x3000;
}

static bool is_empty(const char *text)
{
	while (*text != '\0' && is_blank(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	return *text == '\0';
}

static char *check_empty(const Entry *entry, const char *text)
{
	(void)entry;
	return is_empty(text) ? g_strdup("must not be empty") : NULL;
}

static char *check_columns(const Entry *entry, const char *text)
{
	glong columns = 0;
	for (; *text != '\0'; text = g_utf8_next_char(text))
		columns += g_unichar_iswide(g_utf8_get_char(text)) ? 2 : 1;
	if (columns <= columns_max[entry->kind])
		return NULL;
	return g_strdup_printf("is %ld columns wide, more than %ld", columns, columns_max[entry->kind]);
}

static char *check_ends(const Entry *entry, const char *text)
{
	if (entry->kind == WORD || is_empty(text))
		return NULL;
	bool blank = is_blank(g_utf8_get_char(text)) ||
	             is_blank(g_utf8_get_char(g_utf8_prev_char(text + strlen(text))));
	return blank ? g_strdup("must not begin or end with a blank") : NULL;
}

/* What is left out of a line or changes it when the line is written: the sentence would not be the one that
 * was tested. Hangul fillers and the braille blank are letters and symbols that nobody sees. */
static bool is_visible(gunichar c)
{
	static const gunichar unseen[] = { 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0xFFFD };
	for (size_t i = 0; i < G_N_ELEMENTS(unseen); i++)
		if (c == unseen[i])
			return false;
	return g_unichar_isgraph(c) && !g_unichar_ismark(c) && g_unichar_type(c) != G_UNICODE_PRIVATE_USE &&
	       !conf_text_is_hidden(c);
}

static char *check_characters(const Entry *entry, const char *text)
{
	(void)entry;
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);
		if (!is_blank(c) && !is_visible(c))
			return g_strdup_printf("U+%04X is not a character that can be seen by itself", c);
	}
	return NULL;
}

typedef struct {
	const char *text; /* without ASCII case */
	unsigned kinds;   /* bits, 1 << Kind */
	const char *why;
} Forbidden;

enum { ANY = 1 << SENTENCE | 1 << WORD | 1 << BODY | 1 << PHRASE };

/* Here "//" stands for "://" too: a placeholder can bring a colon. */
static const Forbidden forbidden[] = {
	{ "「", ANY, "quotes what comes from a mail, and nothing else" },
	{ "」", ANY, "quotes what comes from a mail, and nothing else" },
	{ "//", ANY, "would make a link, and links are for no notice" },
	{ "/", 1 << WORD, "is not for a word: with its neighbours it could make a link" },
	{ "www.", ANY, "would make a link, and links are for no notice" },
	{ "-----", ANY, "is how the end of the text is marked" },
	{ "must be converted", ANY, "is how mail readers know an encoded file" },
	{ "binhex", ANY, "is how mail readers know an encoded file" },
	{ "d with b", 1 << WORD, "is how mail readers know an encoded file" },
};

static bool holds(const char *text, const char *word)
{
	size_t length = strlen(word);
	for (; *text != '\0'; text++)
		if (g_ascii_strncasecmp(text, word, length) == 0)
			return true;
	return false;
}

/* Small, half width: as a reader who is to be deceived sees it. */
static gunichar folded(gunichar c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFF01 - '!';
	return c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : c;
}

static bool begins_folded(const char *text, const char *word)
{
	for (; *word != '\0'; word = g_utf8_next_char(word), text = g_utf8_next_char(text))
		if (*text == '\0' || folded(g_utf8_get_char(text)) != g_utf8_get_char(word))
			return false;
	return true;
}

/* The mark at the start of a notice line is ours to write: a second one makes two notices of one. */
static char *check_mark(const Entry *entry, const char *text)
{
	(void)entry;
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		GUnicodeType type = g_unichar_type(g_utf8_get_char(text));
		bool bracket =
		        type == G_UNICODE_OPEN_PUNCTUATION || *text == '<' || g_str_has_prefix(text, "＜");
		const char *next = g_utf8_next_char(text);
		if (bracket && (begins_folded(next, "無害化") || begins_folded(next, "mugai")))
			return g_strdup(
			        "the mark of a notice (無害化 or mugai after a bracket) must not be inside");
	}
	return NULL;
}

/* The words in place of a block must end every run of base64 and begin no line that a reader decodes. */
static char *check_brackets(const Entry *entry, const char *text)
{
	if (entry->kind != BODY)
		return NULL;
	bool full = g_str_has_prefix(text, "（") && g_str_has_suffix(text, "）");
	bool half = g_str_has_prefix(text, "(") && g_str_has_suffix(text, ")");
	return full || half ? NULL : g_strdup("must stand in round brackets");
}

static const char *placeholder_at(const char *text)
{
	return text[0] == '{' && text[1] != '\0' && text[2] == '}' ? text + 1 : NULL;
}

static unsigned count_placeholder(const char *text, char name)
{
	unsigned count = 0;
	for (; *text != '\0'; text++) {
		const char *here = placeholder_at(text);
		count += here != NULL && *here == name;
	}
	return count;
}

static char *check_placeholders(const Entry *entry, const char *text)
{
	for (const char *wanted = entry->placeholders; *wanted != '\0'; wanted++) {
		unsigned count = count_placeholder(text, *wanted);
		if (count != 1)
			return g_strdup_printf("must have {%c} once, and has it %u times", *wanted, count);
	}
	return NULL;
}

static char *check_braces(const Entry *entry, const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		const char *name = placeholder_at(at);
		bool known = name != NULL && strchr(entry->placeholders, *name) != NULL;
		if (*at == '}' || (*at == '{' && !known)) {
			g_autofree char *quoted = conf_quote(at);
			return g_strdup_printf("%s is no placeholder of this sentence", quoted);
		}
		at += known ? 2 : 0;
	}
	return NULL;
}

/* How long a run of base64 characters it can add; 0 ends a run. */
static unsigned run_of(const char *at, const char *placeholder)
{
	if (placeholder == NULL)
		return g_ascii_isalnum(*at) || *at == '+' || *at == '/' ? 1 : 0;
	if (*placeholder == 'o')
		return 0;
	return *placeholder == 'n' || *placeholder == 'm' ? NUMBER_DIGITS : WORD_RUN_MAX;
}

static char *check_run(const Entry *entry, const char *text)
{
	unsigned run = 0, longest = 0, most = entry->kind == WORD ? WORD_RUN_MAX : RUN_MAX;
	for (const char *at = text; *at != '\0'; at++) {
		const char *placeholder = placeholder_at(at);
		unsigned more = run_of(at, placeholder);
		run = more > 0 ? run + more : 0;
		longest = MAX(longest, run);
		at += placeholder != NULL ? 2 : 0;
	}
	return longest <= most ? NULL : g_strdup("has too many letters and digits without a blank");
}

static const Check checks[] = {
	check_empty,    check_columns,      check_ends,   check_characters, check_mark,
	check_brackets, check_placeholders, check_braces, check_run,
};

/* ---- the file -------------------------------------------------------------------------------------- */

static void tell_forbidden(const Entry *entry, const ConfYaml *value, ConfErrors *errors)
{
	for (size_t i = 0; i < G_N_ELEMENTS(forbidden); i++)
		if ((forbidden[i].kinds & 1U << entry->kind) != 0 && holds(value->text, forbidden[i].text))
			conf_errors_add(errors, value->line, entry->key, "%s %s", forbidden[i].text,
			                forbidden[i].why);
}

static void take_text(Notices *notices, Saying saying, const ConfYaml *value, ConfErrors *errors)
{
	const Entry *entry = &entries[saying];
	g_free(notices->texts[saying]);
	notices->texts[saying] = g_strdup(value->text != NULL ? value->text : "");
	if (value->kind == CONF_YAML_REFUSED)
		return; /* told already */
	if (value->kind != CONF_YAML_SCALAR) {
		conf_errors_add(errors, value->line, entry->key, "expected a sentence, found %s",
		                conf_yaml_kind_name(value));
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
		g_autofree char *problem = checks[i](entry, value->text);
		if (problem != NULL)
			conf_errors_add(errors, value->line, entry->key, "%s", problem);
	}
	tell_forbidden(entry, value, errors);
}

static Saying find_saying(const char *key)
{
	Saying saying = (Saying)0;
	while (saying < SAY_COUNT && strcmp(entries[saying].key, key) != 0)
		saying++;
	return saying;
}

static void take_pair(Notices *notices, const ConfYaml *key, const ConfYaml *value, ConfErrors *errors)
{
	if (key->kind != CONF_YAML_SCALAR)
		return; /* told already */
	Saying saying = find_saying(key->text);
	if (saying < SAY_COUNT) {
		take_text(notices, saying, value, errors);
		return;
	}
	g_autofree char *quoted = conf_quote(key->text);
	conf_errors_add(errors, key->line, "", "unknown key %s", quoted);
}

static void take_all(Notices *notices, const ConfYaml *tree, ConfErrors *errors)
{
	if (tree->kind != CONF_YAML_MAPPING) {
		conf_errors_add(errors, tree->line, "", "expected a mapping, found %s",
		                conf_yaml_kind_name(tree));
		return;
	}
	for (guint i = 0; i < tree->keys->len; i++)
		take_pair(notices, g_ptr_array_index(tree->keys, i), g_ptr_array_index(tree->items, i),
		          errors);
	for (unsigned i = 0; i < SAY_COUNT; i++)
		if (notices->texts[i] == NULL)
			conf_errors_add(errors, tree->line, entries[i].key, "required, but missing");
}

static Notices *parse(const char *text, size_t bytes, ConfErrors *errors)
{
	g_autoptr(ConfYaml) tree = conf_yaml_parse(text, bytes, errors);
	if (tree == NULL)
		return NULL;
	g_autoptr(Notices) notices = g_atomic_rc_box_new0(Notices);
	take_all(notices, tree, errors);
	return conf_errors_any(errors) ? NULL : g_steal_pointer(&notices);
}

Notices *notices_parse(const char *name, const char *text, size_t bytes, GPtrArray *errors)
{
	g_autoptr(ConfErrors) found = conf_errors_new(name);
	Notices *notices = parse(text, bytes, found);
	conf_errors_report(found, errors);
	return notices;
}

Notices *notices_load(const char *directory, ConfLanguage language, GPtrArray *errors)
{
	const char *name = language == CONF_LANGUAGE_EN ? "en.yaml" : "ja.yaml";
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autoptr(ConfErrors) found = conf_errors_new(path);
	g_autoptr(GBytes) content = conf_yaml_read(path, found);
	Notices *notices = NULL;
	if (content != NULL)
		notices = parse(g_bytes_get_data(content, NULL), g_bytes_get_size(content), found);
	conf_errors_report(found, errors);
	return notices;
}

Notices *notices_builtin(ConfLanguage language)
{
	bool english = language == CONF_LANGUAGE_EN;
	Notices *notices =
	        notices_parse("built-in notices", (const char *)(english ? shipped_en : shipped_ja),
	                      english ? sizeof shipped_en : sizeof shipped_ja, NULL);
	g_assert(notices != NULL);
	return notices;
}

/* ---- use --------------------------------------------------------------------------------------------- */

static void clear_notices(void *data)
{
	for (unsigned i = 0; i < SAY_COUNT; i++)
		g_free(((Notices *)data)->texts[i]);
}

void notices_unref(Notices *notices)
{
	if (notices != NULL)
		g_atomic_rc_box_release_full(notices, clear_notices);
}

const char *notices_text(const Notices *notices, Saying saying)
{
	return notices->texts[saying];
}
