#include "html_sheet_priv.h"

#include <string.h>

enum { BRACKETS_MAX = 64, NARROW_PX = 800, OUTER_BYTES = 1024 };

/* ---- media queries
 * ----------------------------------------------------------------------------------------- */

static bool holds(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* "max-width: 600px", "width <= 37em", "device-width<480px": a telephone. */
static bool is_narrow(const char *feature)
{
	const char *at = strstr(feature, "width"), *value;
	bool most = holds(feature, "max-width") || holds(feature, "max-device-width");
	HtmlCssNumber number;

	if (at == NULL || holds(feature, "min-") || holds(feature, ">"))
		return false;
	at += strlen("width");
	at += strspn(at, " ");
	most |= *at == '<';
	at += strcspn(at, "0123456789.)");
	value = at;
	at += strcspn(at, " )");
	if (!most || !html_css_number((HtmlCssWord) { value, (size_t)(at - value) }, &number))
		return false;
	return (number.unit == HTML_CSS_PX && number.value <= NARROW_PX) ||
	       (number.unit == HTML_CSS_EM && number.value <= NARROW_PX / 16);
}

static HtmlMatching judge_features(const char *query)
{
	HtmlMatching all = HTML_MATCH_YES;

	if (holds(query, " or ") || holds(query, "not"))
		return HTML_MATCH_MAYBE;
	for (const char *at = strchr(query, '('); at != NULL; at = strchr(at + 1, '(')) {
		size_t n = strcspn(at, ")");
		g_autofree char *feature = g_strndup(at, n + 1);
		bool dark = holds(feature, "prefers-color-scheme") && holds(feature, "dark");
		if (dark || is_narrow(feature))
			return HTML_MATCH_NO;
		all = HTML_MATCH_MAYBE;
	}
	return all;
}

static bool is_type_char(char c)
{
	return (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* A screen's, or none at all. */
static bool is_type_of_screens(const char *type, size_t bytes)
{
	static const char *const types[] = { "all", "screen", "only", "and" };

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		if (strlen(types[i]) == bytes && memcmp(type, types[i], bytes) == 0)
			return true;
	}
	return bytes == 0;
}

static HtmlMatching judge_query(const char *query)
{
	size_t bytes = 0;

	if (g_str_has_prefix(query, "not"))
		return HTML_MATCH_MAYBE;
	const char *at = query;
	if (g_str_has_prefix(at, "only "))
		at += strlen("only ") + strspn(at + strlen("only "), " ");
	while (is_type_char(at[bytes]))
		bytes++;
	return is_type_of_screens(at, bytes) ? judge_features(query) : HTML_MATCH_NO;
}

HtmlMatching html_sheet_media(const char *text, size_t bytes)
{
	g_autofree char *lower = g_ascii_strdown(text, (gssize)bytes);
	HtmlMatching best = HTML_MATCH_NO;

	g_strdelimit(lower, "\t\n\r\f\1", ' ');
	if (*lower == '\0')
		return HTML_MATCH_YES;
	for (char *query = lower, *next; query != NULL; query = next) {
		next = strchr(query, ',');
		if (next != NULL)
			*next++ = '\0';
		best = MAX(best, judge_query(g_strstrip(query)));
	}
	return best;
}

/* ---- rules
 * ------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *from;
	size_t bytes;
} Span;

/* A block of rules that is open. */
typedef struct {
	HtmlMatching applies;
	bool strong;
	bool nested; /* within a rule: declarations stand there too */
	Span parent; /* selectors of that rule */
} Context;

typedef struct {
	const char *at, *end;
	HtmlRules *rules;
	Context contexts[HTML_SHEET_DEPTH_MAX];
	unsigned depth;
	bool known;
} Sheet;

static Context *context_of(Sheet *sheet)
{
	return &sheet->contexts[sheet->depth];
}

static bool starts(const Sheet *sheet, const char *text)
{
	size_t n = strlen(text);

	return *sheet->at == *text && (size_t)(sheet->end - sheet->at) >= n && memcmp(sheet->at, text, n) == 0;
}

static void skip_comment(Sheet *sheet)
{
	const char *end = memmem(sheet->at + 2, (size_t)(sheet->end - sheet->at) - 2, "*/", 2);

	sheet->at = end != NULL ? end + 2 : sheet->end;
}

static void skip_string(Sheet *sheet)
{
	char quote = *sheet->at++;

	for (; sheet->at < sheet->end; sheet->at++) {
		if (*sheet->at == '\\')
			sheet->at++;
		else if (*sheet->at == quote)
			break;
		else if (*sheet->at == '\n')
			return;
	}
	sheet->at = MIN(sheet->at + 1, sheet->end);
}

static void skip_url(Sheet *sheet)
{
	const char *at = sheet->at + 4;

	while (at < sheet->end && g_ascii_isspace(*at))
		at++;
	sheet->at += 4;
	if (at < sheet->end && (*at == '"' || *at == '\''))
		sheet->at--; /* an ordinary bracket, with a string in it */
	else {
		while (at < sheet->end && *at != ')')
			at += *at == '\\' ? 2 : 1;
		sheet->at = MIN(at + 1, sheet->end);
	}
}

/* One token of which the insides are no syntax; false when there is none here. */
static bool skip_opaque(Sheet *sheet)
{
	char c = *sheet->at;

	if (c == '"' || c == '\'')
		skip_string(sheet);
	else if (starts(sheet, "/*"))
		skip_comment(sheet);
	else if (c == '\\')
		sheet->at = MIN(sheet->at + 2, sheet->end);
	else if ((c == 'u' || c == 'U') && sheet->end - sheet->at > 4 &&
	         g_ascii_strncasecmp(sheet->at, "url(", 4) == 0)
		skip_url(sheet);
	else
		return false;
	return true;
}

static char closer_of(char c)
{
	return c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : '\0';
}

/* What is none of these is nothing to skip_to(). */
static bool is_syntax(char c)
{
	switch (c) {
	case '"':
	case '\'':
	case '/':
	case '\\':
	case 'u':
	case 'U':
	case '(':
	case ')':
	case '[':
	case ']':
	case '{':
	case '}':
	case ';':
		return true;
	default:
		return false;
	}
}

/* Up to one of the signs, which are some of ")}{;", outside brackets, or the end. A brace that stops is not
 * entered. */
static void skip_to(Sheet *sheet, const char *signs)
{
	char open[BRACKETS_MAX];
	unsigned depth = 0;

	while (sheet->at < sheet->end) {
		char c = *sheet->at;
		if (!is_syntax(c)) {
			sheet->at++;
			continue;
		}
		if (depth == 0 && c != '\0' && strchr(signs, c) != NULL)
			return;
		if (skip_opaque(sheet))
			continue;
		if (depth > 0 && c == open[depth - 1]) {
			depth--;
		} else if (closer_of(c) != '\0') {
			if (depth == BRACKETS_MAX) { /* what is behind is not understood */
				sheet->known = false;
				sheet->at = sheet->end;
				return;
			}
			open[depth++] = closer_of(c);
		}
		sheet->at++;
	}
}

static Span span_to(const char *from, const char *end)
{
	return (Span) { from, (size_t)(end - from) };
}

static void skip_past(Sheet *sheet, const char *signs)
{
	skip_to(sheet, signs);
	sheet->at = MIN(sheet->at + 1, sheet->end);
}

static void open_context(Sheet *sheet, Context context)
{
	if (sheet->depth + 1 == HTML_SHEET_DEPTH_MAX) {
		sheet->known = false;
		skip_past(sheet, "}");
		return;
	}
	sheet->contexts[++sheet->depth] = context;
}

/* Comments out: what they part stays parted. In a rule of a rule, `&` is the outer one: any element, here. */
static GString *clean_selectors(Span span, bool nested)
{
	Sheet part = { .at = span.from, .end = span.from + span.bytes };
	GString *clean = g_string_sized_new(span.bytes);

	while (part.at < part.end) {
		const char *from = part.at;
		if (starts(&part, "/*")) {
			skip_comment(&part);
			g_string_append_c(clean, '\1');
		} else if (skip_opaque(&part)) {
			g_string_append_len(clean, from, part.at - from);
		} else {
			g_string_append_c(clean, nested && *from == '&' ? '*' : *from);
			part.at++;
		}
	}
	return clean;
}

static void add_rule(Sheet *sheet, Span selectors, Span block, Context context)
{
	g_autoptr(GString) clean = NULL;

	if (context.applies == HTML_MATCH_NO)
		return;
	if (context.nested || memmem(selectors.from, selectors.bytes, "/*", 2) != NULL) {
		clean = clean_selectors(selectors, context.nested);
		selectors = (Span) { clean->str, clean->len };
	}
	sheet->known &= html_rules_add(sheet->rules, selectors.from, selectors.bytes, block.from, block.bytes,
	                               context.applies == HTML_MATCH_MAYBE, context.strong);
}

/* sheet->at: behind the "{". */
static void read_rule(Sheet *sheet, Span selectors)
{
	const Context outer = *context_of(sheet);
	const char *from = sheet->at;

	skip_to(sheet, "}");
	Span block = span_to(from, sheet->at);
	sheet->at = MIN(sheet->at + 1, sheet->end);
	add_rule(sheet, selectors, block, outer);
	if (outer.applies == HTML_MATCH_NO || memchr(block.from, '{', block.bytes) == NULL)
		return;
	if (selectors.bytes > OUTER_BYTES) {
		sheet->known = false;
		return;
	}
	/* rules in it, which newer readers know */
	sheet->at = from;
	open_context(sheet, (Context) { HTML_MATCH_MAYBE, true, true, selectors });
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* What a sheet may import is not fetched here; one for other media matters to nobody. */
static void read_import(Sheet *sheet, Span rest)
{
	const char *at = rest.from, *end = rest.from + rest.bytes;
	Sheet part = { .at = at, .end = end };

	while (part.at < end && is_blank(*part.at))
		part.at++;
	if (part.at < end && !skip_opaque(&part))
		skip_past(&part, ")");
	else if (part.at < end && *part.at == '(')
		skip_past(&part, ")");
	while (part.at < end && is_blank(*part.at))
		part.at++;
	g_autofree char *media = g_ascii_strdown(part.at, end - part.at);
	bool applies = holds(media, "layer") || holds(media, "supports") ||
	               html_sheet_media(media, strlen(media)) != HTML_MATCH_NO;
	if (context_of(sheet)->applies != HTML_MATCH_NO && applies)
		sheet->known = false;
}

static void read_group(Sheet *sheet, const char *name, Span rest)
{
	const Context outer = *context_of(sheet);
	Context inner = outer;

	inner.applies = HTML_MATCH_MAYBE;
	if (strcmp(name, "media") == 0)
		inner.applies = MIN(html_sheet_media(rest.from, rest.bytes), HTML_MATCH_MAYBE);
	inner.strong |= g_str_has_prefix(name, "layer");
	inner.applies = MIN(inner.applies, outer.applies);
	if (outer.nested) { /* declarations in it are those of the rule around it */
		const char *from = sheet->at;
		skip_to(sheet, "}");
		add_rule(sheet, outer.parent, span_to(from, sheet->at), inner);
		sheet->at = from;
	}
	open_context(sheet, inner);
}

static void read_at_rule(Sheet *sheet)
{
	static const char *const groups[] = { "media",         "supports",       "layer",
		                              "container",     "scope",          "document",
		                              "-moz-document", "starting-style", NULL };
	const char *name_from = ++sheet->at;

	while (sheet->at < sheet->end && (g_ascii_isalnum(*sheet->at) || *sheet->at == '-'))
		sheet->at++;
	g_autofree char *name = g_ascii_strdown(name_from, sheet->at - name_from);
	const char *rest = sheet->at;
	skip_to(sheet, sheet->depth > 0 ? "{;}" : "{;");
	Span span = span_to(rest, sheet->at);
	char stop = sheet->at < sheet->end ? *sheet->at : ';';
	if (stop != '}')
		sheet->at = MIN(sheet->at + 1, sheet->end);
	if (stop == ';' && strcmp(name, "import") == 0)
		read_import(sheet, span);
	if (stop != '{')
		return;
	if (g_strv_contains(groups, name))
		read_group(sheet, name, span);
	else
		skip_past(sheet, "}");
}

static void read_one(Sheet *sheet)
{
	bool inside = sheet->depth > 0, nested = context_of(sheet)->nested;
	const char *from = sheet->at;

	if (is_blank(*from)) {
		sheet->at++;
	} else if (starts(sheet, "/*")) {
		skip_comment(sheet);
	} else if (!inside && (starts(sheet, "<!--") || starts(sheet, "-->"))) {
		sheet->at += *from == '<' ? 4 : 3;
	} else if (inside && *from == '}') {
		sheet->depth--;
		sheet->at++;
	} else if (*from == '@') {
		read_at_rule(sheet);
	} else {
		skip_to(sheet, nested ? "{;}" : inside ? "{}" : "{");
		Span selectors = span_to(from, sheet->at);
		if (sheet->at == sheet->end || *sheet->at == '}')
			return;
		if (*sheet->at++ == '{')
			read_rule(sheet, selectors);
	}
}

bool html_sheet_read(HtmlRules *rules, const char *css, size_t bytes, bool maybe)
{
	Sheet sheet = { .at = css, .end = css + bytes, .rules = rules, .known = true };

	sheet.contexts[0].applies = maybe ? HTML_MATCH_MAYBE : HTML_MATCH_YES;
	while (sheet.at < sheet.end && !html_rules_overrun(rules))
		read_one(&sheet);
	return sheet.known;
}
