/* parse_type: what a part claims to be, its parameters (RFC 2045, 2231, 2047), and libmagic's opinion.
 *
 * Parameters are decoded to bytes first and converted once: mailers cut continuations inside a character.
 */
#include "charset_priv.h"
#include "clean_text.h"
#include "parse_code_priv.h"

#include <magic.h>
#include <string.h>

/* ---- tokens ----------------------------------------------------------------------------------------------
 */

typedef struct {
	ParseRange in;
	size_t at;
} Cursor;

static void skip_comment(Cursor *c)
{
	size_t depth = 0;

	for (; c->at < c->in.length; c->at++) {
		uint8_t byte = c->in.bytes[c->at];
		if (byte == '\\')
			c->at++;
		else if (byte == '(')
			depth++;
		else if (byte == ')' && --depth == 0)
			break;
	}
	c->at = MIN(c->at + 1, c->in.length);
}

static void skip_space(Cursor *c)
{
	while (c->at < c->in.length && memchr(" \t\r\n", c->in.bytes[c->at], 4) != NULL)
		c->at++;
}

static void skip_blanks(Cursor *c)
{
	skip_space(c);
	while (c->at < c->in.length && c->in.bytes[c->at] == '(') {
		skip_comment(c);
		skip_space(c);
	}
}

static bool is_token(uint8_t byte)
{
	return byte > 0x20 && byte < 0x7f && strchr("()<>@,;:\\\"/[]?=", byte) == NULL;
}

static ParseRange take_token(Cursor *c)
{
	skip_blanks(c);
	size_t start = c->at;
	while (c->at < c->in.length && is_token(c->in.bytes[c->at]))
		c->at++;
	return (ParseRange) { c->in.bytes + start, c->at - start };
}

static bool take_byte(Cursor *c, uint8_t byte)
{
	skip_blanks(c);
	if (c->at >= c->in.length || c->in.bytes[c->at] != byte)
		return false;
	c->at++;
	return true;
}

char *parse_type_token(ParseRange value)
{
	if (value.bytes == NULL)
		return g_strdup("");
	Cursor c = { .in = value };
	ParseRange token = take_token(&c);
	return g_ascii_strdown((const char *)token.bytes,
	                       (gssize)MIN(token.length, (size_t)PARSE_TYPE_CHARS));
}

char *parse_type_declared(ParseRange value)
{
	Cursor c = { .in = value };

	if (value.bytes == NULL)
		return NULL;
	ParseRange main = take_token(&c);
	bool slash = take_byte(&c, '/');
	ParseRange sub = take_token(&c);
	if (!slash && main.length == 0 && c.at == value.length)
		return NULL;
	/* a lone "text" is what old mailers wrote for text/plain */
	if (!slash && main.length == 4 && g_ascii_strncasecmp((const char *)main.bytes, "text", 4) == 0)
		return g_strdup("text/plain");
	if (!slash || main.length == 0 || sub.length == 0 || main.length + sub.length >= PARSE_TYPE_CHARS)
		return g_strdup("application/octet-stream");
	g_autofree char *joined = g_strdup_printf("%.*s/%.*s", (int)main.length, (const char *)main.bytes,
	                                          (int)sub.length, (const char *)sub.bytes);
	return g_ascii_strdown(joined, -1);
}

/* ---- parameters ------------------------------------------------------------------------------------------
 */

enum { SECTIONS_MAX = 1000 };

/* How the parameters are read. Mail readers differ. */
typedef struct {
	Charset raw;  /* of bytes without a label: parse_raw_length() */
	bool last;    /* of several, the last one counts */
	bool literal; /* quotes that do not close, or that more text follows, are no quotes */
	bool string;  /* a NUL ends the value */
	bool early;   /* one may stand before the first `;` */
} ParameterMode;

/* One name across its forms: name=, name*=, name*0=, name*1*= ... */
typedef struct {
	ParameterMode mode;
	GByteArray *simple;
	GByteArray *section[SECTIONS_MAX];
	bool extended[SECTIONS_MAX];
	int sections;            /* the last that was seen, and one */
	int order[SECTIONS_MAX]; /* of what was seen, as it stands */
	int ordered;
	bool several;  /* the mode's last makes a difference */
	bool unclosed; /* the mode's literal does */
	bool nul;      /* its string does */
	bool head;     /* its early does */
} Parameter;

static void parameter_clear(Parameter *p)
{
	g_clear_pointer(&p->simple, g_byte_array_unref);
	for (int i = 0; i < p->sections; i++)
		g_clear_pointer(&p->section[i], g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parameter, parameter_clear)

/* Appends one character, or what a backslash stands before. */
static void take_character(Cursor *c, Charset raw, bool quoted, GByteArray *out)
{
	const uint8_t *p = c->in.bytes + c->at;
	size_t length = parse_raw_length(c->in, c->at, raw);
	bool escape = quoted && length == 0 && p[0] == '\\' && c->at + 1 < c->in.length &&
	              (p[1] == '"' || p[1] == '\\');

	length = MAX(length, (size_t)1);
	g_byte_array_append(out, p + (escape ? 1 : 0), (guint)length);
	c->at += length + (escape ? 1 : 0);
}

/* False: the quote is never closed; all up to the end is taken. */
static bool take_quoted(Cursor *c, Charset raw, GByteArray *out)
{
	for (c->at++; c->at < c->in.length && c->in.bytes[c->at] != '"';)
		take_character(c, raw, true, out);
	bool closed = c->at < c->in.length;
	c->at = MIN(c->at + 1, c->in.length);
	return closed;
}

/* Everything up to the next `;`: many mailers forget the quotes around blanks and words. */
static void take_bare(Cursor *c, Charset raw, GByteArray *out)
{
	while (c->at < c->in.length && c->in.bytes[c->at] != ';')
		take_character(c, raw, false, out);
	while (out->len > 0 && memchr(" \t\r\n", out->data[out->len - 1], 4) != NULL)
		g_byte_array_set_size(out, out->len - 1);
}

static void remove_quotes(GByteArray *bytes)
{
	guint kept = 0;

	for (guint i = 0; i < bytes->len; i++) {
		if (bytes->data[i] != '"')
			bytes->data[kept++] = bytes->data[i];
	}
	g_byte_array_set_size(bytes, kept);
}

static GByteArray *take_value(Parameter *p, Cursor *c)
{
	GByteArray *out = g_byte_array_new();

	skip_space(c); /* a bracket begins a name rather than a comment */
	bool quoted = c->at < c->in.length && c->in.bytes[c->at] == '"';
	if (!quoted || p->mode.literal) {
		take_bare(c, p->mode.raw, out);
		if (quoted)
			remove_quotes(out);
		return out;
	}
	bool closed = take_quoted(c, p->mode.raw, out);
	skip_blanks(c);
	p->unclosed |= !closed || (c->at < c->in.length && c->in.bytes[c->at] != ';');
	return out;
}

/* What stands after the name: "", "*", "*N", "*N*". False: it is none of these. */
static bool section_of(ParseRange rest, int *ret_section, bool *ret_extended)
{
	size_t at = 0;
	int section = 0;

	*ret_section = -1;
	*ret_extended = false;
	if (rest.length == 0)
		return true;
	if (rest.bytes[at++] != '*')
		return false;
	size_t digits = at;
	while (at < rest.length && g_ascii_isdigit((char)rest.bytes[at]) && at - digits < 3)
		section = section * 10 + (rest.bytes[at++] - '0');
	bool star = at < rest.length && rest.bytes[at] == '*';
	*ret_extended = digits == at || star;
	*ret_section = section;
	return at + (star ? 1 : 0) == rest.length && section < SECTIONS_MAX;
}

static void parameter_store(Parameter *p, int section, bool extended, GByteArray *value)
{
	GByteArray **slot = section < 0 ? &p->simple : &p->section[section];
	bool again = *slot != NULL;

	p->several |= again;
	if (again && !p->mode.last) {
		g_byte_array_unref(value);
		return;
	}
	g_clear_pointer(slot, g_byte_array_unref);
	*slot = value;
	if (section < 0)
		return;
	p->extended[section] = extended;
	p->sections = MAX(p->sections, section + 1);
	if (!again)
		p->order[p->ordered++] = section;
}

static void parameter_take(Parameter *p, Cursor *c, const char *name)
{
	ParseRange attribute = take_token(c);
	size_t n = strlen(name);
	int section = -1;
	bool extended = false;

	if (!take_byte(c, '='))
		return;
	g_autoptr(GByteArray) value = take_value(p, c);
	if (attribute.length < n || g_ascii_strncasecmp((const char *)attribute.bytes, name, n) != 0)
		return;
	ParseRange rest = { attribute.bytes + n, attribute.length - n };
	if (section_of(rest, &section, &extended))
		parameter_store(p, section, extended, g_steal_pointer(&value));
}

/* Is a token with a `=` behind it next? */
static bool at_parameter(Cursor c)
{
	take_token(&c);
	return take_byte(&c, '=');
}

static void parameter_pass(Parameter *p, Cursor *c)
{
	p->head = true;
	take_token(c);
}

/* Up to the first `;`. Mailers forget what stands before it, or the `;` itself. */
static void parameter_skip_head(Parameter *p, Cursor *c, const char *name)
{
	while (c->at < c->in.length && c->in.bytes[c->at] != ';') {
		if (c->in.bytes[c->at] == '(')
			skip_comment(c);
		else if (!is_token(c->in.bytes[c->at]))
			c->at++;
		else if (!at_parameter(*c))
			take_token(c);
		else if (p->mode.early)
			parameter_take(p, c, name);
		else
			parameter_pass(p, c);
	}
}

static void parameter_collect(Parameter *p, ParseRange value, const char *name)
{
	Cursor c = { .in = value };

	parameter_skip_head(p, &c, name);
	while (c.at < value.length) {
		c.at++;
		parameter_take(p, &c, name);
		while (c.at < value.length && value.bytes[c.at] != ';')
			c.at++;
	}
}

static void append_percent(GByteArray *out, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t c = bytes[i];
		if (c == '%' && i + 2 < length && g_ascii_isxdigit((char)bytes[i + 1]) &&
		    g_ascii_isxdigit((char)bytes[i + 2])) {
			c = (uint8_t)(g_ascii_xdigit_value((char)bytes[i + 1]) << 4 |
			              g_ascii_xdigit_value((char)bytes[i + 2]));
			i += 2;
		}
		g_byte_array_append(out, &c, 1);
	}
}

static bool is_known(Charset charset)
{
	return charset != CHARSET_US_ASCII && charset != CHARSET_UNKNOWN;
}

/* charset'language'text: returns the offset of text, 0 when there is no such thing. Some forget the language
 * and its quote. */
static size_t extended_prefix(const GByteArray *value, Charset *ret_charset)
{
	const uint8_t *first = value->len > 0 ? memchr(value->data, '\'', value->len) : NULL;

	if (first == NULL)
		return 0;
	size_t at = (size_t)(first - value->data) + 1;
	const uint8_t *second = at < value->len ? memchr(first + 1, '\'', value->len - at) : NULL;
	Charset charset = charset_from_label((const char *)value->data, at - 1);
	if (second == NULL && !is_known(charset))
		return 0;
	*ret_charset = charset;
	return second != NULL ? (size_t)(second - value->data) + 1 : at;
}

/* Some mailers write the prefix of the first piece before each. */
static size_t repeated_prefix(const GByteArray *first, size_t prefix, const GByteArray *section)
{
	bool same = prefix > 0 && section->len >= prefix && memcmp(first->data, section->data, prefix) == 0;

	return same ? prefix : 0;
}

/* The sections that list names, as bytes BEFORE conversion: mailers cut inside a character, and inside the
 * three signs of one byte. */
static GByteArray *sections_bytes(const Parameter *p, const int *list, int count, size_t prefix)
{
	GByteArray *bytes = g_byte_array_new();
	g_autoptr(GByteArray) run = g_byte_array_new();

	for (int i = 0; i < count; i++) {
		const GByteArray *section = p->section[list[i]];
		if (section->len == 0)
			continue;
		if (p->extended[list[i]]) {
			size_t skip = repeated_prefix(p->section[list[0]], prefix, section);
			g_byte_array_append(run, section->data + skip, section->len - (guint)skip);
			continue;
		}
		append_percent(bytes, run->data, run->len);
		g_byte_array_set_size(run, 0);
		g_byte_array_append(bytes, section->data, section->len);
	}
	append_percent(bytes, run->data, run->len);
	return bytes;
}

/* A word stands in the extended form as it is, where it must not be. */
static bool is_inner_word(const GByteArray *first, size_t prefix)
{
	return first->len > prefix &&
	       parse_word_length((ParseRange) { first->data + prefix, first->len - prefix }) > 0;
}

static char *join_sections(Parameter *p, const int *list, int count, ParseCharsets *charsets)
{
	Charset charset = CHARSET_US_ASCII;
	bool extended = count > 0 && p->extended[list[0]];
	size_t prefix = extended ? extended_prefix(p->section[list[0]], &charset) : 0;
	g_autoptr(GByteArray) bytes = sections_bytes(p, list, count, prefix);
	const ParseRange range = { bytes->data, bytes->len };

	if (!extended || is_inner_word(p->section[list[0]], prefix))
		return parse_words_decode_with(range, charsets);
	g_autoptr(GString) text = g_string_sized_new(bytes->len + 1);
	parse_words_charset(charset, is_known(charset), range, charsets, text);
	p->nul |= strlen(text->str) < text->len;
	if (p->mode.string)
		g_string_truncate(text, strlen(text->str));
	return parse_words_without_nul(g_steal_pointer(&text));
}

static int sections_sorted(const Parameter *p, int ret_list[SECTIONS_MAX])
{
	int count = 0;

	for (int i = 0; i < p->sections; i++) {
		if (p->section[i] != NULL)
			ret_list[count++] = i;
	}
	return count;
}

/* Over gaps: the piece behind one may be the extension that a reader goes by. */
static char *parameter_extended(Parameter *p, ParseCharsets *charsets)
{
	int list[SECTIONS_MAX] = { 0 };

	return join_sections(p, list, sections_sorted(p, list), charsets);
}

/* The plain form with the signs of the extended one, as browsers write it: where they make letters beyond
 * ASCII, no reader is served by seeing the signs. NULL: they do not. */
static char *parameter_signs(const Parameter *p)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	if (charset_ascii_run(p->simple->data, p->simple->len) < p->simple->len)
		return NULL;
	append_percent(bytes, p->simple->data, p->simple->len);
	CharsetUtf8 look = charset_utf8_look(bytes->data, bytes->len);
	if (look.multi == 0 || look.flaws > 0)
		return NULL;
	g_autoptr(GString) text = g_string_new_len((const char *)bytes->data, (gssize)bytes->len);
	return parse_words_without_nul(g_steal_pointer(&text));
}

static char *parameter_words(const Parameter *p, ParseCharsets *charsets)
{
	return parse_words_decode_with((ParseRange) { p->simple->data, p->simple->len }, charsets);
}

static char *parameter_simple(const Parameter *p, ParseCharsets *charsets)
{
	char *signs = parameter_signs(p);

	return signs != NULL ? signs : parameter_words(p, charsets);
}

char *parse_type_parameter(ParseRange value, const char *name)
{
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };
	g_auto(Parameter) parameter = { .mode = { .raw = parse_raw_charset(value, CHARSET_UNKNOWN) } };

	if (value.bytes == NULL)
		return NULL;
	parameter_collect(&parameter, value, name);
	/* The extended form wins, as in RFC 6266 4.3 and in today's mail readers. */
	if (parameter.section[0] != NULL)
		return parameter_extended(&parameter, &charsets);
	return parameter.simple != NULL ? parameter_simple(&parameter, &charsets) : NULL;
}

/* ---- all that readers make of a parameter
 * --------------------------------------------------------------------- */

static int sections_before_gap(const int *list, int count)
{
	int before = 0;

	while (before < count && list[before] == before)
		before++;
	return before;
}

static void add_readings(Parameter *p, ParseCharsets *charsets, GPtrArray *all)
{
	int list[SECTIONS_MAX] = { 0 };
	int count = sections_sorted(p, list);
	int before = sections_before_gap(list, count);

	if (p->section[0] != NULL)
		g_ptr_array_add(all, join_sections(p, list, count, charsets));
	if (p->simple != NULL) {
		char *signs = parameter_signs(p);
		if (signs != NULL)
			g_ptr_array_add(all, signs);
		g_ptr_array_add(all, parameter_words(p, charsets));
	}
	if (p->section[0] == NULL && count > 0)
		g_ptr_array_add(all, join_sections(p, list, count, charsets));
	if (before > 0 && before < count)
		g_ptr_array_add(all, join_sections(p, list, before, charsets));
	if (count > 1 && memcmp(list, p->order, (size_t)count * sizeof *list) != 0)
		g_ptr_array_add(all, join_sections(p, p->order, count, charsets));
}

/* False: nothing would come out of it that has not come before. */
static bool mode_differs(const ParameterMode *mode, const Parameter *before)
{
	return (mode->last && before->several) || (mode->literal && before->unclosed) ||
	       (mode->string && before->nul) || (mode->early && before->head);
}

GPtrArray *parse_type_parameter_all(ParseRange value, const char *name, ParseCharsets *charsets)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	Charset raw = parse_raw_charset(value, charsets->hint);
	const ParameterMode others[] = {
		{ .raw = raw, .last = true },
		{ .raw = raw, .literal = true },
		{ .raw = raw, .string = true },
		{ .raw = raw, .early = true },
	};
	g_auto(Parameter) parameter = { .mode = { .raw = raw } };

	if (value.bytes == NULL)
		return all;
	parameter_collect(&parameter, value, name);
	add_readings(&parameter, charsets, all);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		g_auto(Parameter) other = { .mode = others[i] };
		if (!mode_differs(&others[i], &parameter))
			continue;
		parameter_collect(&other, value, name);
		add_readings(&other, charsets, all);
	}
	return all;
}

/* ---- libmagic --------------------------------------------------------------------------------------------
 */

static magic_t magic;

/* libmagic compiles a regular expression when it first meets it. That takes longer than all else that is done
 * with a mail, so a child must find them compiled. */
static void compile_expressions(void)
{
	static const char *const texts[] = {
		"<!DOCTYPE html>\n<html><head><title>a</title></head>\n<body><p>a</p></body></html>\n",
		"<html><head><style>td{color:#333}</style></head><body><table></table></body></html>\n",
		"<?xml version=\"1.0\"?>\n<a><b c=\"d\"/></a>\n",
		"\xe5\xba\x81\xe8\x88\x8e: a plain text, with a second line.\nIt is short.\n",
		"name,number\n\"a\",1\n\"b\",2\n",
		"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		magic_buffer(magic, texts[i], strlen(texts[i]));
}

bool parse_type_warm_up(GError **error)
{
	/* no decompression: it forks, and the containers have a jail of their own */
	const int flags =
	        MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_TOKENS;
	const size_t regex_max = 512;

	if (magic != NULL)
		return true;
	magic = magic_open(flags);
	/* its regular expressions are quadratic in newlines: 8 KB of them took 240 ms */
	if (magic != NULL && magic_setparam(magic, MAGIC_PARAM_REGEX_MAX, &regex_max) == 0 &&
	    magic_load(magic, NULL) == 0) {
		compile_expressions();
		return true;
	}
	g_set_error(error, PARSE_CODE_ERROR, PARSE_CODE_ERROR_WARM_UP, "libmagic does not load: %s",
	            magic != NULL ? magic_error(magic) : "no memory");
	g_clear_pointer(&magic, magic_close);
	return false;
}

/* Counted in bytes and not in time, so that the same mail gives the same report on any machine. */
static size_t magic_price(const uint8_t *bytes, size_t length)
{
	size_t price = PARSE_MAGIC_CALL + length;

	for (size_t i = 0; i < length; i++)
		price += g_ascii_isspace(bytes[i]) ? 3 : 0;
	return price;
}

char *parse_type_true(ParseRange bytes, size_t *budget)
{
	const char *type = NULL;
	size_t shown = MIN(bytes.length, (size_t)PARSE_MAGIC_BYTES);
	size_t price = magic_price(bytes.bytes, shown);

	if (magic != NULL && shown > 0 && price <= *budget) {
		*budget -= price;
		type = magic_buffer(magic, bytes.bytes, shown);
	}
	/* Its words for "I do not know": nobody is helped by reading that an unknown file is really unknown.
	 */
	if (type == NULL || strcmp(type, "application/octet-stream") == 0)
		return g_strdup("");
	return clean_line(type, strlen(type), PARSE_TYPE_CHARS, NULL);
}
