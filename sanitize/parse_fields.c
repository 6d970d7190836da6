/* parse_fields: the Content-* fields of one part, as strict and as careless readers see them.
 *
 * All fields count, not only the first: two readers that pick different ones see different files. A name that
 * only a careless reader accepts (a blank before the colon, a NUL, a look-alike letter) is taken, but marked.
 */
#include "parse_structure_priv.h"

#include <string.h>

enum {
	NAME_MAX_BYTES = 80, /* of a line, in which the colon of a field of ours is looked for */
	AHEAD_LINES = 20,    /* looked at to learn whether junk stands inside a header or after it */
	AHEAD_BYTES = 16 * 1024,
};

static const char *const field_names[PARSE_FIELD_KINDS] = {
	[PARSE_FIELD_TYPE] = "content-type",
	[PARSE_FIELD_ENCODING] = "content-transfer-encoding",
	[PARSE_FIELD_DISPOSITION] = "content-disposition",
	[PARSE_FIELD_ID] = "content-id",
	[PARSE_FIELD_LOCATION] = "content-location",
	[PARSE_FIELD_DESCRIPTION] = "content-description",
};

/* ---- names -----------------------------------------------------------------------------------------------
 */

typedef struct {
	char name[NAME_MAX_BYTES]; /* lower case; a run of 8-bit bytes is one `?` */
	size_t value;              /* offset after the colon, 0 = no field */
	bool odd;
} Name;

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* One byte of a name as a careless reader takes it: '\0' when it would drop it. */
static char name_byte(uint8_t c, char before, bool *odd)
{
	if (c >= 'a' && c <= 'z')
		return (char)c;
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	if (c == '-')
		return '-';
	*odd = true;
	if (c == '_')
		return '-';
	if (c >= 0x80)
		return before == '?' ? '\0' : '?';
	return c <= 0x20 || c == 0x7f ? '\0' : (char)c;
}

static Name name_read(const uint8_t *line, size_t length)
{
	Name name = { .value = 0 };
	size_t n = 0;
	const uint8_t *colon = memchr(line, ':', MIN(length, (size_t)NAME_MAX_BYTES));

	if (colon == NULL)
		return name;
	for (const uint8_t *p = line; p < colon; p++) {
		char c = name_byte(*p, n > 0 ? name.name[n - 1] : '\0', &name.odd);
		if (c != '\0')
			name.name[n++] = c;
	}
	name.value = n > 0 ? (size_t)(colon - line) + 1 : 0;
	return name;
}

static bool name_matches(const char *name, const char *wanted)
{
	for (; *name != '\0' && *wanted != '\0'; name++, wanted++) {
		if (*name != *wanted && *name != '?')
			return false;
	}
	return *name == *wanted;
}

static bool name_is_content(const Name *name)
{
	return name->value > 0 && strncmp(name->name, "content-", 8) == 0 && name->name[8] != '\0';
}

static ParseFieldKind name_kind(const Name *name)
{
	for (ParseFieldKind kind = 0; name->value > 0 && kind < PARSE_FIELD_KINDS; kind++) {
		if (name_matches(name->name, field_names[kind]))
			return kind;
	}
	return PARSE_FIELD_KINDS;
}

/* RFC 5322 2.2: printable ASCII, then a colon; a blank before it is tolerated. */
static bool line_is_field(const uint8_t *line, size_t length)
{
	size_t n = 0;

	while (n < length && line[n] > 0x20 && line[n] < 0x7f && line[n] != ':')
		n++;
	size_t name = n;
	while (n < length && is_blank(line[n]))
		n++;
	return name > 0 && n < length && line[n] == ':';
}

static bool line_is_ours(const uint8_t *line, size_t length)
{
	Name name = name_read(line, length);

	return name_is_content(&name) || name_kind(&name) < PARSE_FIELD_KINDS;
}

/* NULs alone: an end of the header for a reader that drops them, or whose strings they end. */
static bool line_is_empty(const uint8_t *line, size_t length)
{
	while (length > 0 && line[length - 1] == '\0')
		length--;
	return length == 0;
}

/* ---- values ----------------------------------------------------------------------------------------------
 */

static void values_add(ParseValues *values, ParseRange value, bool odd)
{
	values->odd |= odd;
	for (unsigned i = 0; i < values->count; i++) {
		bool same = values->value[i].length == value.length &&
		            memcmp(values->value[i].bytes, value.bytes, value.length) == 0;
		if (same)
			return;
	}
	if (values->count == PARSE_READINGS_MAX) {
		values->odd = true;
		return;
	}
	if (!odd && values->strict > values->count)
		values->strict = values->count;
	values->value[values->count++] = value;
}

static ParseRange value_trimmed(ParseRange value)
{
	while (value.length > 0 && memchr(" \t\r\n", value.bytes[0], 4) != NULL) {
		value.bytes++;
		value.length--;
	}
	while (value.length > 0 && memchr(" \t\r\n", value.bytes[value.length - 1], 4) != NULL)
		value.length--;
	return value;
}

ParseRange parse_fields_value(const ParseFields *fields, ParseFieldKind kind)
{
	const ParseValues *values = &fields->kind[kind];

	if (values->count == 0)
		return (ParseRange) { NULL, 0 };
	return values->value[values->strict < values->count ? values->strict : 0];
}

/* ---- the scan --------------------------------------------------------------------------------------------
 */

typedef struct {
	ParseRange in;
	ParseFields *fields;
	ParseFieldKind open; /* the field that a continuation belongs to; KINDS = none of ours */
	ParseRange value;    /* its value so far */
	bool value_odd;
	bool any; /* a field was seen */
	bool odd; /* what comes now stands where a strict reader sees no header */
} Scan;

static void scan_close(Scan *scan)
{
	if (scan->open < PARSE_FIELD_KINDS)
		values_add(&scan->fields->kind[scan->open], scan->value, scan->value_odd);
	scan->open = PARSE_FIELD_KINDS;
}

static void scan_field(Scan *scan, size_t at, size_t end)
{
	const uint8_t *line = scan->in.bytes + at;
	Name name = name_read(line, end - at);

	scan_close(scan);
	scan->any = true;
	scan->open = name_kind(&name);
	scan->value_odd = name.odd || scan->odd;
	scan->value = (ParseRange) { line + name.value, end - at - name.value };
}

static void scan_continue(Scan *scan, size_t end)
{
	if (scan->open < PARSE_FIELD_KINDS)
		scan->value.length = (size_t)(scan->in.bytes + end - scan->value.bytes);
}

/* Does a Content- field come before the next empty line? */
static bool content_ahead(ParseRange in, size_t at)
{
	size_t limit = MIN(in.length, at + AHEAD_BYTES), end = 0;

	in.length = limit;
	for (int lines = 0; at < in.length && lines < AHEAD_LINES; lines++) {
		size_t line = at;
		at = parse_next_line(in, at, &end);
		if (line_is_empty(in.bytes + line, end - line))
			return false;
		if (line_is_ours(in.bytes + line, end - line))
			return true;
	}
	return false;
}

static bool content_at(ParseRange in, size_t at)
{
	size_t end = 0;

	if (at >= in.length)
		return false;
	parse_next_line(in, at, &end);
	return line_is_ours(in.bytes + at, end - at);
}

/* Behind the header of an attached mail comes another header, which is not the part's. */
static bool scan_has_message(Scan *scan)
{
	static const char word[] = "message/";
	const ParseValues *types = &scan->fields->kind[PARSE_FIELD_TYPE];

	scan_close(scan);
	for (unsigned i = 0; i < types->count; i++) {
		ParseRange value = value_trimmed(types->value[i]);
		bool says = value.length >= sizeof word - 1 &&
		            g_ascii_strncasecmp((const char *)value.bytes, word, sizeof word - 1) == 0;
		if (says)
			return true;
	}
	return false;
}

/* One line of a part's header; false when the header has ended, *at then being the start of the content. */
static bool scan_line(Scan *scan, size_t *at)
{
	size_t line = *at, end = 0;

	if (line >= scan->in.length)
		return false;
	size_t next = parse_next_line(scan->in, line, &end);
	const uint8_t *bytes = scan->in.bytes + line;
	if (line_is_empty(bytes, end - line)) {
		/* an attacker's empty line in front of fields: some readers pass over it */
		bool more = !scan_has_message(scan) && content_at(scan->in, next);
		*at = next;
		scan->odd |= more;
		return more;
	}
	if (is_blank(bytes[0]) && scan->any) {
		scan_continue(scan, end);
	} else if (line_is_field(bytes, end - line) || line_is_ours(bytes, end - line)) {
		scan_field(scan, line, end);
	} else {
		scan_close(scan);
		if (!content_ahead(scan->in, next))
			return false;
		scan->odd = true;
	}
	*at = next;
	return true;
}

static void fields_clear(ParseFields *fields)
{
	*fields = (ParseFields) { 0 };
	for (ParseFieldKind kind = 0; kind < PARSE_FIELD_KINDS; kind++)
		fields->kind[kind].strict = PARSE_READINGS_MAX;
}

size_t parse_fields_part(ParseRange range, size_t at, ParseFields *ret_fields)
{
	Scan scan = { .in = range, .fields = ret_fields, .open = PARSE_FIELD_KINDS };

	fields_clear(ret_fields);
	while (scan_line(&scan, &at))
		continue;
	scan_close(&scan);
	return at;
}

void parse_fields_head(ParseRange header, ParseFields *ret_fields)
{
	Scan scan = { .in = header, .fields = ret_fields, .open = PARSE_FIELD_KINDS };

	fields_clear(ret_fields);
	for (size_t at = 0, end = 0; at < header.length;) {
		size_t line = at;
		at = parse_next_line(header, at, &end);
		const uint8_t *bytes = header.bytes + line;
		if (end > line && is_blank(bytes[0]))
			scan_continue(&scan, end);
		else if (line_is_field(bytes, end - line) || line_is_ours(bytes, end - line))
			scan_field(&scan, line, end);
		else
			scan_close(&scan);
	}
	scan_close(&scan);
}

bool parse_fields_follow(ParseRange range, size_t at)
{
	size_t end = 0;
	bool empty = false;

	range.length = MIN(range.length, at + AHEAD_BYTES);
	for (int lines = 0; at < range.length && lines < AHEAD_LINES / 2; lines++) {
		size_t line = at;
		at = parse_next_line(range, at, &end);
		const uint8_t *bytes = range.bytes + line;
		if (line_is_ours(bytes, end - line))
			return true;
		bool empty_now = line_is_empty(bytes, end - line);
		if (empty_now && (empty || lines > 0))
			return false;
		empty |= empty_now;
		if (!empty_now && !line_is_field(bytes, end - line) && !is_blank(bytes[0]))
			return false;
	}
	return false;
}

/* ---- transfer encodings ----------------------------------------------------------------------------------
 */

#define BIT(encoding) (UINT32_C(1) << (encoding))

typedef struct {
	const char *word;
	ParseEncoding encoding;
} EncodingWord;

/* What a careless reader needs to see anywhere in the value. */
static const EncodingWord careless_words[] = {
	{ "base64", PARSE_ENCODING_BASE64 },           { "b64", PARSE_ENCODING_BASE64 },
	{ "quoted", PARSE_ENCODING_QUOTED_PRINTABLE }, { "uue", PARSE_ENCODING_UUENCODE },
	{ "7bit", PARSE_ENCODING_IDENTITY },           { "8bit", PARSE_ENCODING_IDENTITY },
	{ "binary", PARSE_ENCODING_IDENTITY },
};

static uint32_t careless_mask(const char *text)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(careless_words); i++)
		mask |= strstr(text, careless_words[i].word) != NULL ? BIT(careless_words[i].encoding) : 0;
	return mask;
}

/* Lower case without blanks and controls, so that a fold or a NUL inside the word does not matter; comments
 * go too when asked. */
static char *value_squeezed(const uint8_t *bytes, size_t length, bool comments)
{
	GString *out = g_string_sized_new(64);
	unsigned depth = 0;

	for (size_t i = 0; i < length && out->len < 4096; i++) {
		uint8_t c = bytes[i];
		depth += comments && c == '(';
		if (c > 0x20 && c < 0x7f && depth == 0)
			g_string_append_c(out, g_ascii_tolower((char)c));
		depth -= comments && c == ')' && depth > 0;
	}
	return g_string_free(out, FALSE);
}

static uint32_t value_mask(ParseRange value)
{
	g_autofree char *whole = value_squeezed(value.bytes, value.length, false);
	g_autofree char *bare = value_squeezed(value.bytes, value.length, true);
	g_autofree char *words = strstr(whole, "=?") != NULL ? parse_words_decode(value) : g_strdup("");
	g_autofree char *decoded = value_squeezed((const uint8_t *)words, strlen(words), false);
	uint32_t mask = careless_mask(whole) | careless_mask(bare) | careless_mask(decoded);

	return mask != 0 ? mask : BIT(PARSE_ENCODING_UNKNOWN);
}

ParseEncodings parse_fields_encodings(const ParseFields *fields)
{
	const ParseValues *values = &fields->kind[PARSE_FIELD_ENCODING];
	ParseEncodings all = { .mask = 0, .clean = !values->odd };
	ParseEncoding first = PARSE_ENCODING_UNKNOWN;

	for (unsigned i = 0; i < values->count; i++) {
		ParseRange value = value_trimmed(values->value[i]);
		ParseEncoding exact = parse_encoding_exact(value);
		uint32_t mask = exact != PARSE_ENCODING_UNKNOWN ? BIT(exact) : value_mask(value);
		all.clean &= exact != PARSE_ENCODING_UNKNOWN && (i == 0 || exact == first);
		all.mask |= mask;
		first = exact;
	}
	/* a name that only careless readers see: the others decode nothing */
	if (values->odd)
		all.mask |= BIT(PARSE_ENCODING_IDENTITY);
	return all;
}
