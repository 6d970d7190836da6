/* parse_boundary: every value that some reader may take for the boundary parameter.
 *
 * Readers differ on quotes, escapes, comments, folds, NULs, encoded words, RFC 2231, and on which of several
 * counts. A sender who knows two of them can hide a part from one. So all readings are collected, and a
 * line that matches any of them is a border.
 */
#include "parse_structure_priv.h"

#include <string.h>

enum {
	BOUNDARY_BYTES = 6000, /* RFC 2046 allows 70; readers take what they get */
	ODD_BYTES =
	        256, /* longer values are read in one way only: a field is 59000 bytes, and parts are many */
	SECTIONS = 16,   /* of RFC 2231 that are joined */
	OCCURRENCES = 8, /* of the parameter that are looked at */
};

void parse_boundary_add(GPtrArray *list, const uint8_t *bytes, size_t length)
{
	while (length > 0 && memchr(" \t\r\n", bytes[length - 1], 4) != NULL)
		length--;
	if (length == 0 || length > BOUNDARY_BYTES || list->len >= PARSE_BOUNDARIES_MAX)
		return;
	for (guint i = 0; i < list->len; i++) {
		gsize n = 0;
		const void *there = g_bytes_get_data(g_ptr_array_index(list, i), &n);
		if (n == length && memcmp(there, bytes, n) == 0)
			return;
	}
	g_ptr_array_add(list, g_bytes_new(bytes, length));
}

static void add_string(GPtrArray *list, const GString *text)
{
	parse_boundary_add(list, (const uint8_t *)text->str, text->len);
}

/* ---- one value -------------------------------------------------------------------------------------------
 */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Line ends of folds dropped, their blanks kept. */
static GString *unfolded(ParseRange value)
{
	GString *out = g_string_sized_new(value.length + 1);

	for (size_t i = 0; i < value.length; i++) {
		if (value.bytes[i] != '\r' && value.bytes[i] != '\n')
			g_string_append_c(out, (char)value.bytes[i]);
	}
	return out;
}

/* Up to the closing quote, quoted pairs undone or kept. */
static GString *quoted_text(const char *p, const char *end, bool keep)
{
	GString *out = g_string_new(NULL);

	for (; p < end && *p != '"'; p++) {
		bool pair = *p == '\\' && p + 1 < end;
		if (pair && keep)
			g_string_append_c(out, *p);
		p += pair;
		g_string_append_c(out, *p);
	}
	return out;
}

static GString *until(const char *p, const char *end, const char *stops)
{
	const char *q = p;

	while (q < end && (*q == '\0' || strchr(stops, *q) == NULL))
		q++;
	return g_string_new_len(p, q - p);
}

static GString *without(const GString *text, const char *drop)
{
	GString *out = g_string_sized_new(text->len + 1);

	for (gsize i = 0; i < text->len; i++) {
		char c = text->str[i];
		if (c == '\0' || strchr(drop, c) == NULL)
			g_string_append_c(out, c);
	}
	return out;
}

static GString *without_comments(const GString *text)
{
	GString *out = g_string_sized_new(text->len + 1);
	unsigned depth = 0;

	for (gsize i = 0; i < text->len; i++) {
		depth += text->str[i] == '(';
		if (depth == 0)
			g_string_append_c(out, text->str[i]);
		depth -= text->str[i] == ')' && depth > 0;
	}
	return out;
}

static GString *percent_decoded(const GString *text)
{
	GString *out = g_string_sized_new(text->len + 1);

	for (gsize i = 0; i < text->len; i++) {
		const char *p = text->str + i;
		bool code =
		        *p == '%' && i + 2 < text->len && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2]);
		if (code)
			g_string_append_c(
			        out, (char)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2])));
		else
			g_string_append_c(out, *p);
		i += code ? 2 : 0;
	}
	return out;
}

/* What stands after charset'language', or all of it. */
static GString *after_language(const GString *text)
{
	const char *first = memchr(text->str, '\'', text->len);
	const char *second = first != NULL ? strchr(first + 1, '\'') : NULL;

	return g_string_new(second != NULL ? second + 1 : text->str);
}

/* The forms of one reading that readers see: as it stands, cut at a NUL, without quotes, decoded. */
static void add_forms(GPtrArray *list, const GString *text)
{
	add_string(list, text);
	parse_boundary_add(list, (const uint8_t *)text->str, strlen(text->str));
	if (text->len > ODD_BYTES)
		return;
	g_autoptr(GString) decoded = percent_decoded(text);
	g_autoptr(GString) language = after_language(decoded);
	g_autoptr(GString) bare = without(text, "'\"");
	g_autoptr(GString) unescaped = without(text, "\\");
	g_autoptr(GString) joined = without(text, " \t");

	add_string(list, bare);
	add_string(list, unescaped);
	add_string(list, joined);
	add_string(list, decoded);
	add_string(list, language);
	if (strstr(text->str, "=?") != NULL) {
		g_autofree char *words =
		        parse_words_decode((ParseRange) { (const uint8_t *)text->str, text->len });
		parse_boundary_add(list, (const uint8_t *)words, strlen(words));
	}
	const char *start = text->str;
	while (is_space(*start))
		start++;
	parse_boundary_add(list, (const uint8_t *)start, strlen(start));
}

static void take_add(GPtrArray *list, GString *text)
{
	add_forms(list, text);
	g_string_free(text, TRUE);
}

/* The readings of what stands behind the equals sign. Returns the one that most readers take; the caller
 * frees it. */
static GString *value_readings(GPtrArray *list, const char *p, const char *end)
{
	GString *likely;

	while (p < end && is_space(*p))
		p++;
	end = end - p > BOUNDARY_BYTES ? p + BOUNDARY_BYTES : end;
	bool quoted = p < end && *p == '"';
	if (quoted) {
		likely = quoted_text(p + 1, end, false);
		take_add(list, quoted_text(p + 1, end, true));
		take_add(list, until(p + 1, end, ";\""));
		take_add(list, until(p + 1, end, " \t;\""));
	} else {
		likely = until(p, end, ";");
		take_add(list, until(p, end, " \t;("));
		take_add(list, without_comments(likely));
		take_add(list, until(p, end, " \t;\""));
		take_add(list, until(p, end, ";,"));
	}
	add_forms(list, likely);
	return likely;
}

/* ---- the parameter
 * ------------------------------------------------------------------------------------------- */

typedef struct {
	GPtrArray *list;
	const char *text, *end;
	GString *section[SECTIONS]; /* by index */
	GString *appearance;        /* in the order in which they stand */
} Search;

/* NULs, comments and blanks that readers pass over between the name and the equals sign. */
static const char *skip_filler(const char *p, const char *end)
{
	unsigned depth = 0;

	for (; p < end; p++) {
		if (*p == '(')
			depth++;
		else if (*p == ')' && depth > 0)
			depth--;
		else if (depth == 0 && *p != '\0' && !is_space(*p))
			break;
	}
	return p;
}

/* `*`, `*N`, `*N*` behind the name: -1 when there is none. */
static const char *take_section(const char *p, const char *end, int *ret_section)
{
	*ret_section = -1;
	if (p >= end || *p != '*')
		return p;
	int section = 0;
	for (p++; p < end && g_ascii_isdigit(*p); p++)
		section = MIN(section * 10 + (*p - '0'), SECTIONS);
	*ret_section = section;
	return p < end && *p == '*' ? p + 1 : p;
}

static void keep_section(Search *search, int section, const GString *value)
{
	g_string_append_len(search->appearance, value->str, (gssize)value->len);
	if (section < SECTIONS && search->section[section] == NULL)
		search->section[section] = g_string_new_len(value->str, (gssize)value->len);
}

static void take_occurrence(Search *search, const char *after_name)
{
	int section = -1;
	const char *p = take_section(after_name, search->end, &section);

	p = skip_filler(p, search->end);
	if (p >= search->end || (*p != '=' && *p != ':'))
		return;
	g_autoptr(GString) value = NULL;
	value = value_readings(search->list, p + 1, search->end);
	if (section >= 0)
		keep_section(search, section, value);
}

/* Sections joined up to the first gap, and over gaps. */
static void join_sections(Search *search)
{
	g_autoptr(GString) strict = g_string_new(NULL);
	g_autoptr(GString) all = g_string_new(NULL);
	bool gap = false;

	for (int i = 0; i < SECTIONS; i++) {
		const GString *section = search->section[i];
		gap |= section == NULL;
		if (section != NULL)
			g_string_append_len(all, section->str, (gssize)section->len);
		if (!gap)
			g_string_append_len(strict, section->str, (gssize)section->len);
	}
	add_forms(search->list, strict);
	add_forms(search->list, all);
	add_forms(search->list, search->appearance);
}

static const char *find_name(const char *p, const char *end)
{
	static const char name[] = "boundary";

	for (; end - p >= (ptrdiff_t)sizeof name; p++) {
		if ((*p | 0x20) == 'b' && g_ascii_strncasecmp(p, name, sizeof name - 1) == 0)
			return p;
	}
	return NULL;
}

void parse_boundary_collect(ParseRange content_type, GPtrArray *list)
{
	if (content_type.length == 0)
		return;
	g_autoptr(GString) text = unfolded(content_type);
	g_autoptr(GString) appearance = g_string_new(NULL);
	Search search = {
		.list = list, .text = text->str, .end = text->str + text->len, .appearance = appearance
	};
	const char *p = find_name(search.text, search.end);

	/* also inside comments and other parameters: some reader finds it there */
	for (int i = 0; p != NULL && i < OCCURRENCES; i++) {
		p += strlen("boundary");
		take_occurrence(&search, p);
		p = find_name(p, search.end);
	}
	join_sections(&search);
	for (int i = 0; i < SECTIONS; i++) {
		if (search.section[i] != NULL)
			g_string_free(search.section[i], TRUE);
	}
}
