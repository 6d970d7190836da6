#include "html_selector_priv.h"

#include <string.h>

/* ---- reading ---------------------------------------------------------------------------------------------
 */

typedef struct {
	const char *at, *end;
	HtmlSelectorStore *store;
	HtmlSelector *selector;
	HtmlCompound *compound;
	unsigned ids, classes, types;
	bool strong; /* its specificity may be any */
} Reader;

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_name(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

static char peek(const Reader *reader)
{
	return reader->at < reader->end ? *reader->at : '\0';
}

static bool take(Reader *reader, char c)
{
	if (peek(reader) != c || reader->at == reader->end)
		return false;
	reader->at++;
	return true;
}

static bool skip_blanks(Reader *reader)
{
	const char *from = reader->at;
	bool blank = false;

	while (is_blank(peek(reader)) || (peek(reader) == '\1' && reader->at < reader->end))
		blank |= is_blank(*reader->at++);
	return reader->at > from && blank;
}

/* CSS Syntax 4.3.7. */
static void read_escape(Reader *reader, GString *name)
{
	gunichar code = 0;
	unsigned digits = 0;

	for (; digits < 6 && g_ascii_isxdigit(peek(reader)); digits++)
		code = code * 16 + (gunichar)g_ascii_xdigit_value(*reader->at++);
	if (digits == 0 && reader->at < reader->end) {
		const char *next = MIN(g_utf8_next_char(reader->at), reader->end);
		g_string_append_len(name, reader->at, next - reader->at);
		reader->at = next;
		return;
	}
	if (peek(reader) == '\r' && reader->at + 1 < reader->end && reader->at[1] == '\n')
		reader->at++;
	if (is_blank(peek(reader)))
		reader->at++;
	g_string_append_unichar(name, g_unichar_validate(code) && code != 0 ? code : 0xfffd);
}

/* A name; "" when there is none, or where a name may not begin with what is there. */
static const char *read_name(Reader *reader, bool identifier)
{
	g_autoptr(GString) name = g_string_new(NULL);
	const char *from = reader->at;

	while (reader->at < reader->end && (is_name(*reader->at) || *reader->at == '\\')) {
		if (*reader->at != '\\') {
			g_string_append_c(name, *reader->at++);
			continue;
		}
		if (reader->at + 1 < reader->end && reader->at[1] == '\n')
			break;
		reader->at++;
		read_escape(reader, name);
	}
	bool digit = reader->at > from && (g_ascii_isdigit(*from) || (*from == '-' && from + 1 < reader->at &&
	                                                              g_ascii_isdigit(from[1])));
	if (name->len == 0 || (identifier && (digit || (name->len == 1 && *from == '-'))))
		return "";
	return g_string_chunk_insert(reader->store->strings, name->str);
}

static const char *read_string(Reader *reader)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char quote = *reader->at++;

	while (reader->at < reader->end && *reader->at != quote) {
		if (*reader->at == '\n')
			return NULL;
		if (*reader->at != '\\') {
			g_string_append_c(text, *reader->at++);
			continue;
		}
		reader->at++;
		if (peek(reader) == '\n')
			reader->at++;
		else
			read_escape(reader, text);
	}
	(void)take(reader, quote);
	return g_string_chunk_insert(reader->store->strings, text->str);
}

static void add_simple(Reader *reader, HtmlSimple simple)
{
	simple.hash = html_selector_hash(simple.name, strlen(simple.name));
	g_array_append_val(reader->store->simples, simple);
	reader->compound->n++;
}

/* Names of elements and attributes are in lower case in our tags. */
static const char *lower(Reader *reader, const char *name)
{
	g_autofree char *low = g_ascii_strdown(name, -1);

	return g_string_chunk_insert(reader->store->strings, low);
}

static bool read_operator(Reader *reader, HtmlSimple *simple)
{
	if (take(reader, '=')) {
		simple->operator= '=';
		return true;
	}
	if (peek(reader) == '\0' || strchr("~|^$*", peek(reader)) == NULL)
		return false;
	simple->operator= * reader->at++;
	return take(reader, '=');
}

/* Behind the "[". */
static bool read_attribute(Reader *reader)
{
	HtmlSimple simple = { .kind = HTML_SIMPLE_ATTRIBUTE };

	skip_blanks(reader);
	simple.name = lower(reader, read_name(reader, true));
	skip_blanks(reader);
	if (*simple.name == '\0')
		return false;
	reader->classes++;
	if (take(reader, ']') || reader->at == reader->end) { /* the end closes what is open */
		add_simple(reader, simple);
		return true;
	}
	if (!read_operator(reader, &simple))
		return false;
	skip_blanks(reader);
	bool quoted = peek(reader) == '"' || peek(reader) == '\'';
	simple.value = quoted ? read_string(reader) : read_name(reader, true);
	if (simple.value == NULL || (!quoted && *simple.value == '\0'))
		return false;
	skip_blanks(reader);
	simple.any_case = take(reader, 'i') || take(reader, 'I');
	if (!simple.any_case && !take(reader, 's'))
		(void)take(reader, 'S');
	skip_blanks(reader);
	if (!take(reader, ']') && reader->at < reader->end)
		return false;
	add_simple(reader, simple);
	return true;
}

/* Behind the "(": to the one that closes it. */
static void skip_brackets(Reader *reader)
{
	for (unsigned depth = 1; depth > 0 && reader->at < reader->end; reader->at++) {
		if (*reader->at == '"' || *reader->at == '\'') {
			char quote = *reader->at++;
			while (reader->at < reader->end && *reader->at != quote)
				reader->at += *reader->at == '\\' ? 2 : 1;
			if (reader->at >= reader->end)
				break;
		}
		depth += *reader->at == '(' ? 1U : 0U;
		depth -= *reader->at == ')' ? 1U : 0U;
	}
	reader->at = MIN(reader->at, reader->end);
}

static bool is_one_of(const char *name, const char *const *names)
{
	return g_strv_contains(names, name);
}

/* Behind the ":". */
static bool read_pseudo(Reader *reader)
{
	static const char *const parts_of_old[] = { "before", "after", NULL };
	static const char *const of_text[] = { "first-line", "first-letter", NULL };
	static const char *const counted[] = {
		"nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type", "lang", "dir", NULL
	};
	bool element = take(reader, ':');
	const char *name = lower(reader, read_name(reader, true));
	bool function = take(reader, '(');

	if (*name == '\0')
		return false;
	if (function)
		skip_brackets(reader);
	reader->classes++;
	bool part = (element && !is_one_of(name, of_text)) || is_one_of(name, parts_of_old);
	reader->selector->never |= part;
	if (!element && strcmp(name, "link") == 0) {
		add_simple(reader, (HtmlSimple) { .kind = HTML_SIMPLE_ATTRIBUTE, .name = "href" });
		return true;
	}
	reader->compound->maybe = true;
	reader->strong |= function && !part && !is_one_of(name, counted);
	return true;
}

static bool read_simple(Reader *reader)
{
	HtmlSimple simple = { .kind = HTML_SIMPLE_CLASS };

	if (take(reader, '.')) {
		reader->classes++;
		simple.name = read_name(reader, true);
	} else if (take(reader, '#')) {
		simple.kind = HTML_SIMPLE_ID;
		reader->ids++;
		simple.name = read_name(reader, true);
	} else if (take(reader, '[')) {
		return read_attribute(reader);
	} else if (take(reader, ':')) {
		return read_pseudo(reader);
	} else {
		return false;
	}
	if (*simple.name == '\0')
		return false;
	add_simple(reader, simple);
	return true;
}

static bool is_simple(char c)
{
	return c == '.' || c == '#' || c == '[' || c == ':';
}

static void skip_marks(Reader *reader)
{
	while (reader->at < reader->end && *reader->at == '\1')
		reader->at++;
}

static bool read_type(Reader *reader)
{
	if (take(reader, '*'))
		return true;
	const char *name = read_name(reader, true);
	if (*name == '\0')
		return false;
	reader->types++;
	add_simple(reader, (HtmlSimple) { .kind = HTML_SIMPLE_TYPE, .name = lower(reader, name) });
	return true;
}

/* svg|a: what the prefix means is not looked up. */
static bool read_namespace(Reader *reader)
{
	if (peek(reader) != '|' || (reader->at + 1 < reader->end && reader->at[1] == '|'))
		return true;
	reader->at++;
	reader->compound->maybe = true;
	g_array_set_size(reader->store->simples, reader->compound->first);
	reader->compound->n = 0;
	return read_type(reader);
}

static bool read_compound(Reader *reader)
{
	reader->compound->first = reader->store->simples->len;
	bool typed = !is_simple(peek(reader));
	if (typed && peek(reader) != '|' && !read_type(reader))
		return false;
	if (typed && !read_namespace(reader))
		return false;
	for (skip_marks(reader); is_simple(peek(reader)); skip_marks(reader)) {
		if (!read_simple(reader))
			return false;
	}
	return true;
}

static HtmlCombinator read_combinator(Reader *reader)
{
	bool blank = skip_blanks(reader);
	char c = peek(reader);

	if (c == '>' || c == '+' || c == '~') {
		reader->at++;
		skip_blanks(reader);
		return c == '>' ? HTML_COMBINE_CHILD : HTML_COMBINE_SIBLING;
	}
	bool ends = reader->at == reader->end || c == ',';
	return blank && !ends ? HTML_COMBINE_DESCENDANT : HTML_COMBINE_NONE;
}

/* Room for one more: of a chain without end the beginning is forgotten. */
static void add_compound(Reader *reader, HtmlCombinator combinator)
{
	HtmlSelector *selector = reader->selector;

	if (selector->n == HTML_COMPOUNDS_MAX) {
		selector->n = 1;
		selector->compounds[0] = (HtmlCompound) { .maybe = true };
		combinator = HTML_COMBINE_DESCENDANT;
	}
	reader->compound = &selector->compounds[selector->n++];
	*reader->compound = (HtmlCompound) { .combinator = combinator };
}

static bool read_selector(Reader *reader)
{
	HtmlCombinator combinator = HTML_COMBINE_NONE;

	skip_blanks(reader);
	if (peek(reader) == '>' || peek(reader) == '+' || peek(reader) == '~')
		return false;
	do {
		add_compound(reader, combinator);
		if (!read_compound(reader))
			return false;
		combinator = read_combinator(reader);
	} while (combinator != HTML_COMBINE_NONE);
	return reader->at == reader->end || *reader->at == ',';
}

/* To the comma that ends a selector which was not understood. */
static void skip_selector(Reader *reader)
{
	while (reader->at < reader->end && *reader->at != ',') {
		if (*reader->at++ == '(')
			skip_brackets(reader);
	}
}

bool html_selector_next(const char **cursor, const char *end, HtmlSelectorStore *store, HtmlSelector *ret)
{
	Reader reader = { .at = *cursor, .end = end, .store = store, .selector = ret };

	ret->n = 0;
	ret->never = false;
	bool good = read_selector(&reader);
	if (!good)
		skip_selector(&reader);
	*cursor = reader.at < end ? reader.at + 1 : end;
	ret->specificity = reader.strong ? 0xffffff
	                                 : MIN(reader.ids, 255U) << 16 | MIN(reader.classes, 255U) << 8 |
	                                           MIN(reader.types, 255U);
	return good;
}

/* ---- classes ---------------------------------------------------------------------------------------------
 */

uint32_t html_selector_hash(const char *name, size_t bytes)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ (unsigned char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i])) *
		       16777619U;
	return hash;
}

void html_classes_init(HtmlClasses *classes)
{
	classes->list = g_array_new(FALSE, FALSE, sizeof(HtmlClass));
	classes->slots = g_array_new(FALSE, TRUE, sizeof(guint32));
	classes->work = 0;
}

void html_classes_clear(HtmlClasses *classes)
{
	g_array_free(classes->list, TRUE);
	g_array_free(classes->slots, TRUE);
}

static bool same_letters(const HtmlClass *one, const char *name, size_t bytes)
{
	return one->bytes == bytes && g_ascii_strncasecmp(one->name, name, bytes) == 0;
}

/* The slot of the class, or the empty one where it belongs. */
static guint32 *find_slot(HtmlClasses *classes, const char *name, size_t bytes, uint32_t hash)
{
	guint mask = classes->slots->len - 1;

	for (guint i = hash & mask;; i = (i + 1) & mask) {
		guint32 *slot = &g_array_index(classes->slots, guint32, i);
		const HtmlClass *there =
		        *slot > 0 ? &g_array_index(classes->list, HtmlClass, *slot - 1) : NULL;
		classes->work++;
		if (there == NULL || (there->hash == hash && same_letters(there, name, bytes)))
			return slot;
	}
}

static void add_class(HtmlClasses *classes, const char *name, size_t bytes)
{
	uint32_t hash = html_selector_hash(name, bytes);
	guint32 *slot = find_slot(classes, name, bytes, hash);

	if (*slot > 0) /* written twice, or in other letter case too: then it is a maybe */
		return;
	g_array_append_val(classes->list, ((HtmlClass) { name, bytes, hash }));
	*slot = classes->list->len;
}

static size_t count_words(const char *value, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += !is_blank(value[i]) && (i == 0 || is_blank(value[i - 1]));
	return n;
}

void html_classes_read(HtmlClasses *classes, const char *value, size_t bytes)
{
	size_t n = count_words(value, bytes), slots = 2;

	if (classes->list->len > 0)
		g_array_set_size(classes->list, 0);
	if (n == 0)
		return;
	while (slots < 2 * n)
		slots *= 2;
	g_array_set_size(classes->slots, 0);
	g_array_set_size(classes->slots, (guint)slots);
	for (size_t at = 0; at < bytes;) {
		size_t from = at;
		while (at < bytes && !is_blank(value[at]))
			at++;
		if (at > from)
			add_class(classes, value + from, at - from);
		at++;
	}
}

const HtmlClass *html_classes_find(HtmlClasses *classes, const char *name, uint32_t hash)
{
	guint32 slot = classes->list->len > 0 ? *find_slot(classes, name, strlen(name), hash) : 0;

	return slot > 0 ? &g_array_index(classes->list, HtmlClass, slot - 1) : NULL;
}

/* ---- testing ---------------------------------------------------------------------------------------------
 */

static bool equal(const char *a, const char *b, size_t bytes, bool any_case)
{
	return any_case ? g_ascii_strncasecmp(a, b, bytes) == 0 : memcmp(a, b, bytes) == 0;
}

static bool has_word(const HtmlAttribute *attribute, const char *word, size_t bytes, bool any_case)
{
	for (size_t at = 0; bytes > 0 && at < attribute->value_bytes;) {
		size_t from = at;
		while (at < attribute->value_bytes && !is_blank(attribute->value[at]))
			at++;
		if (at - from == bytes && equal(attribute->value + from, word, bytes, any_case))
			return true;
		at++;
	}
	return false;
}

static bool has_part(const HtmlAttribute *attribute, const char *part, size_t bytes, bool any_case)
{
	if (bytes == 0)
		return false;
	if (!any_case)
		return memmem(attribute->value, attribute->value_bytes, part, bytes) != NULL;
	g_autofree char *value = g_ascii_strdown(attribute->value, (gssize)attribute->value_bytes);
	g_autofree char *low = g_ascii_strdown(part, (gssize)bytes);
	return memmem(value, attribute->value_bytes, low, bytes) != NULL;
}

static bool has_value(const HtmlAttribute *attribute, const HtmlSimple *simple, bool any_case)
{
	const char *value = attribute->value, *wanted = simple->value;
	size_t n = strlen(wanted), bytes = attribute->value_bytes;

	switch (simple->operator) {
	case '=':
		return bytes == n && equal(value, wanted, n, any_case);
	case '|':
		return bytes >= n && equal(value, wanted, n, any_case) && (bytes == n || value[n] == '-');
	case '^':
		return n > 0 && bytes >= n && equal(value, wanted, n, any_case);
	case '$':
		return n > 0 && bytes >= n && equal(value + bytes - n, wanted, n, any_case);
	case '~':
		return has_word(attribute, wanted, n, any_case);
	default:
		return has_part(attribute, wanted, n, any_case);
	}
}

/* Letter case counts in the values of most attributes, but not of all, and not of those in quirks mode. */
static HtmlMatching test_attribute(const HtmlSimple *simple, const HtmlTag *tag, uint64_t *work)
{
	const HtmlAttribute *attribute = html_tag_attribute(tag, simple->name);
	HtmlMatching all_read = tag->n_attributes == HTML_ATTRIBUTES_MAX ? HTML_MATCH_MAYBE : HTML_MATCH_NO;

	*work += 1 + tag->n_attributes / 4;
	if (attribute == NULL)
		return all_read;
	if (simple->operator== 0)
		return HTML_MATCH_YES;
	*work += attribute->value_bytes / 8;
	if (has_value(attribute, simple, simple->any_case))
		return HTML_MATCH_YES;
	*work += attribute->value_bytes / 2;
	return has_value(attribute, simple, true) ? HTML_MATCH_MAYBE : HTML_MATCH_NO;
}

static HtmlMatching test_id(const HtmlSimple *simple, const HtmlTag *tag)
{
	const HtmlAttribute *id = html_tag_attribute(tag, "id");
	size_t bytes = strlen(simple->name);

	if (id == NULL || id->value_bytes != bytes ||
	    g_ascii_strncasecmp(id->value, simple->name, bytes) != 0)
		return HTML_MATCH_NO;
	return memcmp(id->value, simple->name, bytes) == 0 ? HTML_MATCH_YES : HTML_MATCH_MAYBE;
}

static HtmlMatching test_class(const HtmlSimple *simple, HtmlClasses *classes)
{
	const HtmlClass *there = html_classes_find(classes, simple->name, simple->hash);

	if (there == NULL)
		return HTML_MATCH_NO;
	return memcmp(there->name, simple->name, there->bytes) == 0 ? HTML_MATCH_YES : HTML_MATCH_MAYBE;
}

static HtmlMatching test_simple(const HtmlSimple *simple, const HtmlTag *tag, HtmlClasses *classes,
                                uint64_t *work)
{
	switch (simple->kind) {
	case HTML_SIMPLE_TYPE:
		return strcmp(simple->name, tag->name) == 0 ? HTML_MATCH_YES : HTML_MATCH_NO;
	case HTML_SIMPLE_ID:
		return test_id(simple, tag);
	case HTML_SIMPLE_CLASS:
		return test_class(simple, classes);
	default:
		return test_attribute(simple, tag, work);
	}
}

HtmlMatching html_selector_test(const HtmlCompound *compound, const HtmlSimple *simples, const HtmlTag *tag,
                                HtmlClasses *classes, uint64_t *work)
{
	HtmlMatching all = compound->maybe ? HTML_MATCH_MAYBE : HTML_MATCH_YES;

	for (guint i = 0; i < compound->n && all != HTML_MATCH_NO; i++) {
		*work += 1;
		all = MIN(all, test_simple(&simples[compound->first + i], tag, classes, work));
	}
	return all;
}
