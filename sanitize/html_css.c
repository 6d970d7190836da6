#include "html_css_priv.h"

#include <string.h>

typedef struct {
	const char *in;
	size_t length;
	size_t at;
	char *out; /* 2 x length + 1: an at-rule's closing brace writes two */
	size_t used;
	char open[HTML_CSS_DEPTH_MAX];
	unsigned depth;
	bool at_rule;
} Scan;

enum { SMALL = 512 }; /* bytes scanned without an allocation */

/* Ends a declaration in the scanned text: no other rule writes it, as line ends count as blanks. */
static const char CUT = '\n';
/* Stands for what must match no keyword. */
static const char ODD = '\1';

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' ||
	       c == '_' || (unsigned char)c >= 0x80 || c == ODD;
}

static char peek(const Scan *scan, size_t ahead)
{
	return ahead < scan->length - scan->at ? scan->in[scan->at + ahead] : '\0';
}

static void put(Scan *scan, char c)
{
	scan->out[scan->used++] = c;
}

/* Bytes that scan_one() has to look at. */
static const bool signs[256] = {
	['\0'] = true, ['\t'] = true, ['\n'] = true, ['\f'] = true, ['\r'] = true, ['"'] = true,
	['\''] = true, ['('] = true,  [')'] = true,  ['/'] = true,  [';'] = true,  ['@'] = true,
	['['] = true,  ['\\'] = true, [']'] = true,  ['{'] = true,  ['}'] = true,
};

/* The others are themselves, in lower case. */
static void scan_run(Scan *scan)
{
	const char *at = scan->in + scan->at, *end = scan->in + scan->length;
	char *out = scan->out + scan->used;

	for (; at < end && !signs[(unsigned char)*at]; at++)
		*out++ = *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
	scan->at = (size_t)(at - scan->in);
	scan->used = (size_t)(out - scan->out);
}

static void skip_comment(Scan *scan)
{
	const char *end = memmem(scan->in + scan->at + 2, scan->length - scan->at - 2, "*/", 2);

	scan->at = end != NULL ? (size_t)(end - scan->in) + 2 : scan->length;
	put(scan, ' ');
}

/* CSS Syntax 4.3.7: up to six hex digits and one blank, or the character itself. Only letters and signs of
 * names come back as themselves: `\;` must not cut, `\30` is no number, and `0\65 9` is no 0e9. */
static void scan_escape(Scan *scan)
{
	unsigned code = 0, digits = 0;

	for (scan->at++; digits < 6 && g_ascii_isxdigit(peek(scan, 0)); scan->at++, digits++)
		code = code * 16 + (unsigned)g_ascii_xdigit_value(scan->in[scan->at]);
	if (digits > 0 && peek(scan, 0) == '\r' && peek(scan, 1) == '\n')
		scan->at += 2;
	else if (digits > 0 && scan->at < scan->length && is_blank(scan->in[scan->at]))
		scan->at++;
	else if (digits == 0 && scan->at < scan->length)
		code = (unsigned char)scan->in[scan->at++];

	bool letter = code < 0x80 && (g_ascii_isalpha((char)code) || code == '-' || code == '_');
	char next = peek(scan, 0);
	if ((code == 'e' || code == 'E') && (g_ascii_isdigit(next) || next == '-' || next == '+'))
		letter = false;
	put(scan, letter ? g_ascii_tolower((char)code) : ODD);
}

static void scan_string(Scan *scan)
{
	char quote = scan->in[scan->at++];

	for (; scan->at < scan->length && scan->in[scan->at] != quote; scan->at++) {
		char c = scan->in[scan->at];
		if (c == '\n' || c == '\r' ||
		    c == '\f') { /* a bad string: spoils its declaration, ends here */
			put(scan, ODD);
			return;
		}
		if (c == '\\')
			scan->at++;
	}
	scan->at = MIN(scan->at + 1, scan->length);
	put(scan, '"');
}

static bool begins_url(const Scan *scan)
{
	size_t ahead = 1;

	if (scan->used < 3 || memcmp(scan->out + scan->used - 3, "url", 3) != 0)
		return false;
	if (scan->used > 3 && is_name(scan->out[scan->used - 4]))
		return false;
	while (is_blank(peek(scan, ahead)))
		ahead++;
	return peek(scan, ahead) != '"' && peek(scan, ahead) != '\'';
}

/* An unquoted url() may hold `;`, quotes and comment signs. */
static void skip_url(Scan *scan)
{
	while (scan->at < scan->length && scan->in[scan->at] != ')')
		scan->at += scan->in[scan->at] == '\\' ? 2 : 1;
	scan->at = MIN(scan->at + 1, scan->length);
	put(scan, '(');
	put(scan, ')');
}

/* False when too deep. */
static bool scan_open(Scan *scan, char closer)
{
	if (scan->depth == HTML_CSS_DEPTH_MAX)
		return false;
	scan->open[scan->depth++] = closer;
	put(scan, scan->in[scan->at++]);
	return true;
}

static void scan_close(Scan *scan)
{
	char c = scan->in[scan->at++];

	put(scan, c);
	if (scan->depth == 0 || scan->open[scan->depth - 1] != c)
		return;
	scan->depth--;
	if (c == '}' && scan->depth == 0 && scan->at_rule) {
		put(scan, CUT);
		scan->at_rule = false;
	}
}

static void scan_plain(Scan *scan)
{
	char c = scan->in[scan->at++];

	if (c == ';' && scan->depth == 0) {
		put(scan, CUT);
		scan->at_rule = false;
		return;
	}
	if (c == '@' && scan->depth == 0) {
		size_t before = scan->used;
		while (before > 0 && scan->out[before - 1] == ' ')
			before--;
		scan->at_rule |= before == 0 || scan->out[before - 1] == CUT;
	}
	put(scan, is_blank(c) ? ' ' : c == '\0' ? ODD : c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
}

static bool scan_one(Scan *scan)
{
	char c = scan->in[scan->at];

	if (c == '/' && peek(scan, 1) == '*')
		skip_comment(scan);
	else if (c == '\\')
		scan_escape(scan);
	else if (c == '"' || c == '\'')
		scan_string(scan);
	else if (c == '(' && begins_url(scan))
		skip_url(scan);
	else if (c == '(')
		return scan_open(scan, ')');
	else if (c == '[')
		return scan_open(scan, ']');
	else if (c == '{')
		return scan_open(scan, '}');
	else if (c == ')' || c == ']' || c == '}')
		scan_close(scan);
	else
		scan_plain(scan);
	return true;
}

static char *trim(char *from, char *end)
{
	while (from < end && *from == ' ')
		from++;
	while (end > from && end[-1] == ' ')
		end--;
	*end = '\0';
	return from;
}

/* Takes "!important" off the end; NULL when a `!` stands elsewhere, which spoils the declaration. */
static char *split_important(char *value, bool *ret_important)
{
	char *mark = strchr(value, '!');

	*ret_important = mark != NULL;
	if (mark == NULL)
		return value;
	char *word = mark + 1;
	while (*word == ' ')
		word++;
	if (strcmp(word, "important") != 0)
		return NULL;
	return trim(value, mark);
}

static void declare_one(char *from, char *end, HtmlCssEach each, void *user)
{
	char *colon = memchr(from, ':', (size_t)(end - from));
	bool important = false;

	if (colon == NULL)
		return;
	const char *name = trim(from, colon);
	for (const char *c = name; *c != '\0'; c++) {
		if (!is_name(*c))
			return;
	}
	const char *value = split_important(trim(colon + 1, end), &important);
	if (value != NULL && *value != '\0')
		each(user, name, value, important);
}

bool html_css_each(const char *style, size_t bytes, HtmlCssEach each, void *user)
{
	char few[SMALL];
	Scan scan = { .in = style, .length = bytes };
	g_autofree char *many = 2 * bytes + 1 > sizeof few ? g_malloc(2 * bytes + 1) : NULL;
	char *out = many != NULL ? many : few;

	scan.out = out;
	for (scan_run(&scan); scan.at < bytes; scan_run(&scan)) {
		if (!scan_one(&scan))
			return false;
		scan.at = MIN(scan.at, bytes);
	}
	put(&scan, CUT);
	for (char *from = out, *end; from < out + scan.used; from = end + 1) {
		end = memchr(from, CUT, (size_t)(out + scan.used - from));
		declare_one(from, end, each, user);
	}
	return true;
}

typedef struct {
	bool important;
	HtmlCssDeclare declare;
	void *user;
} Listener;

static void tell(void *user, const char *name, const char *value, bool important)
{
	const Listener *listener = user;

	if (important == listener->important)
		listener->declare(listener->user, name, value);
}

bool html_css_normal(const char *style, size_t bytes, HtmlCssDeclare declare, void *user)
{
	return html_css_each(style, bytes, tell, &(Listener) { false, declare, user });
}

void html_css_important(const char *style, size_t bytes, HtmlCssDeclare declare, void *user)
{
	if (memchr(style, '!', bytes) != NULL) /* the sign cannot be escaped */
		(void)html_css_each(style, bytes, tell, &(Listener) { true, declare, user });
}

void html_css_declarations(const char *style, size_t bytes, HtmlCssDeclare declare, void *user)
{
	(void)html_css_normal(style, bytes, declare, user);
	html_css_important(style, bytes, declare, user);
}

static bool separates(char c, const char *separators)
{
	return c == ' ' || (c != '\0' && *separators != '\0' && strchr(separators, c) != NULL);
}

bool html_css_word(const char **cursor, const char *end, const char *separators, HtmlCssWord *ret_word)
{
	const char *at = *cursor;
	unsigned depth = 0;

	while (at < end && separates(*at, separators))
		at++;
	const char *from = at;
	for (; at < end && (depth > 0 || !separates(*at, separators)); at++) {
		if (*at == '(' || *at == '[' || *at == '{')
			depth++;
		else if (depth > 0 && (*at == ')' || *at == ']' || *at == '}'))
			depth--;
	}
	*cursor = at;
	*ret_word = (HtmlCssWord) { from, (size_t)(at - from) };
	return at > from;
}

bool html_css_is(HtmlCssWord word, const char *keyword)
{
	for (size_t i = 0; i < word.bytes; i++) {
		if (word.text[i] != keyword[i] || keyword[i] == '\0')
			return false;
	}
	return keyword[word.bytes] == '\0';
}

bool html_css_function(HtmlCssWord word, const char *name, HtmlCssWord *ret_inside)
{
	size_t n = strlen(name);

	if (word.bytes <= n || memcmp(word.text, name, n) != 0 || word.text[n] != '(')
		return false;
	*ret_inside = (HtmlCssWord) { word.text + n + 1, word.bytes - n - 1 };
	/* a bracket that the end of the attribute closes has none */
	if (ret_inside->bytes > 0 && word.text[word.bytes - 1] == ')')
		ret_inside->bytes--;
	return true;
}

/* Digits of value, of which 15 count: enough to tell sizes apart, and never out of range. */
typedef struct {
	double value;
	int scale; /* powers of ten still to apply */
	unsigned digits;
} Decimal;

static size_t read_digits(HtmlCssWord word, size_t at, bool fraction, Decimal *decimal)
{
	for (; at < word.bytes && g_ascii_isdigit(word.text[at]); at++) {
		decimal->digits++;
		if (decimal->value < 1e15) {
			decimal->value = decimal->value * 10 + (word.text[at] - '0');
			decimal->scale -= fraction ? 1 : 0;
		} else if (!fraction) {
			decimal->scale = MIN(decimal->scale + 1, 1000);
		}
	}
	return at;
}

static size_t read_exponent(HtmlCssWord word, size_t at, Decimal *decimal)
{
	size_t digit = at + 1;
	bool negative = digit < word.bytes && word.text[digit] == '-';
	int exponent = 0;

	if (at >= word.bytes || word.text[at] != 'e')
		return at;
	if (digit < word.bytes && (negative || word.text[digit] == '+'))
		digit++;
	if (digit >= word.bytes || !g_ascii_isdigit(word.text[digit]))
		return at; /* the e of em */
	for (; digit < word.bytes && g_ascii_isdigit(word.text[digit]); digit++)
		exponent = MIN(exponent * 10 + (word.text[digit] - '0'), 1000);
	decimal->scale += negative ? -exponent : exponent;
	return digit;
}

static double scaled(const Decimal *decimal)
{
	double value = decimal->value;

	for (int i = decimal->scale; i > 0 && value < 1e9 && value > 0; i--)
		value *= 10;
	for (int i = decimal->scale; i < 0 && value > 1e-30; i++)
		value /= 10;
	return MIN(value, 1e9);
}

static bool apply_unit(HtmlCssWord unit, HtmlCssNumber *number)
{
	static const struct {
		const char *name;
		HtmlCssUnit unit;
		double factor;
	} units[] = {
		{ "px", HTML_CSS_PX, 1 },
		{ "pt", HTML_CSS_PX, 96.0 / 72 },
		{ "em", HTML_CSS_EM, 1 },
		{ "%", HTML_CSS_PERCENT, 1 },
		{ "", HTML_CSS_NUMBER, 1 },
		{ "rem", HTML_CSS_PX, 16 },
		{ "pc", HTML_CSS_PX, 16 },
		{ "in", HTML_CSS_PX, 96 },
		{ "cm", HTML_CSS_PX, 96 / 2.54 },
		{ "mm", HTML_CSS_PX, 9.6 / 2.54 },
		{ "q", HTML_CSS_PX, 2.4 / 2.54 },
		{ "ex", HTML_CSS_EM, 0.5 },
		{ "ch", HTML_CSS_EM, 0.5 },
		{ "ic", HTML_CSS_EM, 1 },
		{ "deg", HTML_CSS_TURN, 1.0 / 360 },
		{ "turn", HTML_CSS_TURN, 1 },
		{ "rad", HTML_CSS_TURN, 0.5 / G_PI },
		{ "grad", HTML_CSS_TURN, 1.0 / 400 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		if (html_css_is(unit, units[i].name)) {
			number->unit = units[i].unit;
			number->value *= units[i].factor;
			return true;
		}
	}
	for (size_t i = 0; i < unit.bytes; i++) {
		if (!g_ascii_isalpha(unit.text[i]))
			return false;
	}
	number->unit = HTML_CSS_OTHER;
	return true;
}

bool html_css_number(HtmlCssWord word, HtmlCssNumber *ret_number)
{
	Decimal decimal = { .scale = 0 };
	bool negative = word.bytes > 0 && word.text[0] == '-';
	size_t at = negative || (word.bytes > 0 && word.text[0] == '+') ? 1 : 0;

	at = read_digits(word, at, false, &decimal);
	if (at + 1 < word.bytes && word.text[at] == '.' && g_ascii_isdigit(word.text[at + 1]))
		at = read_digits(word, at + 1, true, &decimal);
	if (decimal.digits == 0)
		return false;
	at = read_exponent(word, at, &decimal);

	HtmlCssNumber number = { .value = scaled(&decimal) };
	if (!apply_unit((HtmlCssWord) { word.text + at, word.bytes - at }, &number))
		return false;
	number.value = CLAMP(negative ? -number.value : number.value, -1e9, 1e9);
	*ret_number = number;
	return true;
}
