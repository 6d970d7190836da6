/* charset_meta: the character set of an HTML text. WHATWG HTML 13.2.3.2, "prescan a byte stream to
 * determine its encoding", over the first 1024 bytes. */
#include "charset_priv.h"

#include <string.h>

enum { PRESCAN_MAX = 1024, VALUE_MAX = 128, ATTRIBUTES_MAX = 64 };

typedef struct {
	const uint8_t *bytes;
	size_t length;
	size_t at;
} Scan;

/* An attribute's name and value, lower case, cut when long: what we look for is short. */
typedef struct {
	char name[16];
	char value[VALUE_MAX];
	size_t name_length, value_length;
} Attribute;

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= 0x09 && c <= 0x0d && c != 0x0b);
}

static uint8_t scan_peek(const Scan *scan)
{
	return scan->at < scan->length ? scan->bytes[scan->at] : 0;
}

static bool scan_ends(const Scan *scan)
{
	return scan->at >= scan->length;
}

static bool scan_is(const Scan *scan, const char *text)
{
	size_t n = strlen(text);

	return scan->length - scan->at >= n &&
	       g_ascii_strncasecmp((const char *)scan->bytes + scan->at, text, n) == 0;
}

static void scan_blanks(Scan *scan)
{
	while (!scan_ends(scan) && is_space(scan->bytes[scan->at]))
		scan->at++;
}

/* Behind the next `text`; to the end if there is none. */
static void scan_past(Scan *scan, size_t from, const char *text)
{
	size_t n = strlen(text);
	const uint8_t *found =
	        from < scan->length ? memmem(scan->bytes + from, scan->length - from, text, n) : NULL;

	scan->at = found != NULL ? (size_t)(found - scan->bytes) + n : scan->length;
}

/* ---- attributes -------------------------------------------------------------------------------------- */

static void append(char *text, size_t size, size_t *length, uint8_t c)
{
	if (*length + 1 < size) {
		text[(*length)++] = g_ascii_tolower((char)c);
		text[*length] = '\0';
	}
}

static void attribute_name(Scan *scan, Attribute *attribute)
{
	while (!scan_ends(scan)) {
		uint8_t c = scan_peek(scan);
		if (is_space(c) || c == '/' || c == '>' || (c == '=' && attribute->name_length > 0))
			return;
		append(attribute->name, sizeof attribute->name, &attribute->name_length, c);
		scan->at++;
	}
}

static void attribute_value(Scan *scan, Attribute *attribute)
{
	uint8_t quote = scan_peek(scan);
	bool quoted = quote == '"' || quote == '\'';

	scan->at += quoted;
	while (!scan_ends(scan)) {
		uint8_t c = scan_peek(scan);
		if (quoted ? c == quote : is_space(c) || c == '>')
			break;
		append(attribute->value, sizeof attribute->value, &attribute->value_length, c);
		scan->at++;
	}
	if (quoted && !scan_ends(scan))
		scan->at++;
}

/* False: the tag ends here. */
static bool attribute_next(Scan *scan, Attribute *ret_attribute)
{
	*ret_attribute = (Attribute) { .name_length = 0 };
	while (!scan_ends(scan) && (is_space(scan_peek(scan)) || scan_peek(scan) == '/'))
		scan->at++;
	if (scan_ends(scan) || scan_peek(scan) == '>')
		return false;
	attribute_name(scan, ret_attribute);
	scan_blanks(scan);
	if (scan_peek(scan) != '=')
		return true;
	scan->at++;
	scan_blanks(scan);
	attribute_value(scan, ret_attribute);
	return true;
}

/* ---- <meta> ------------------------------------------------------------------------------------------ */

/* What a page may say of itself. UTF-7 and the marks of a mailer (8bit, x-unknown) are no such thing. */
static Charset followed(const char *label, size_t length)
{
	if (length == strlen("x-user-defined") && memcmp(label, "x-user-defined", length) == 0)
		return CHARSET_WINDOWS_1252;
	Charset charset = charset_from_label(label, length);
	bool label_only = charset >= CHARSET_UTF_7 && charset <= CHARSET_IBM1140;
	if (charset_is_utf16(charset) || charset_is_utf32(charset))
		return CHARSET_UTF_8; /* or its own letters could not have been read */
	return label_only || charset == CHARSET_US_ASCII ? CHARSET_UNKNOWN : charset;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n\f");
}

/* The value of `charset=` inside a content attribute. */
static Charset from_content(const char *content)
{
	const char *at = content;

	while ((at = strstr(at, "charset")) != NULL) {
		at = skip_blanks(at + strlen("charset"));
		if (*at != '=')
			continue;
		at = skip_blanks(at + 1);
		const char *ends = *at == '"' ? "\"" : *at == '\'' ? "'" : " \t\r\n\f;";
		at += *at == '"' || *at == '\'';
		return followed(at, strcspn(at, ends));
	}
	return CHARSET_UNKNOWN;
}

static bool is_content_type(const Attribute *attribute)
{
	return strcmp(attribute->name, "http-equiv") == 0 && strcmp(attribute->value, "content-type") == 0;
}

/* The first of equal names counts, and charset before content. */
static Charset scan_meta(Scan *scan)
{
	Charset direct = CHARSET_UNKNOWN, content = CHARSET_UNKNOWN;
	bool has_direct = false, has_content = false, pragma = false;
	Attribute attribute;

	for (unsigned n = 0; n < ATTRIBUTES_MAX && attribute_next(scan, &attribute); n++) {
		if (!has_direct && strcmp(attribute.name, "charset") == 0) {
			direct = followed(attribute.value, attribute.value_length);
			has_direct = true;
		}
		if (!has_content && strcmp(attribute.name, "content") == 0) {
			content = from_content(attribute.value);
			has_content = content != CHARSET_UNKNOWN;
		}
		pragma = pragma || is_content_type(&attribute);
	}
	if (has_direct)
		return direct;
	return pragma ? content : CHARSET_UNKNOWN;
}

static void scan_tag(Scan *scan)
{
	Attribute attribute;

	while (!scan_ends(scan) && !is_space(scan_peek(scan)) && scan_peek(scan) != '>')
		scan->at++;
	while (attribute_next(scan, &attribute))
		continue;
}

static bool scan_is_meta(const Scan *scan)
{
	if (!scan_is(scan, "<meta") || scan->length - scan->at < 6)
		return false;
	uint8_t after = scan->bytes[scan->at + 5];
	return is_space(after) || after == '/';
}

static bool scan_is_tag(const Scan *scan)
{
	size_t letter = scan->at + (scan_is(scan, "</") ? 2 : 1);

	return letter < scan->length && g_ascii_isalpha((char)scan->bytes[letter]);
}

Charset charset_meta(const uint8_t *bytes, size_t length)
{
	Scan scan = { bytes, MIN(length, PRESCAN_MAX), 0 };

	for (;;) {
		scan_past(&scan, scan.at, "<");
		if (scan_ends(&scan))
			return CHARSET_UNKNOWN;
		scan.at--;
		if (scan_is(&scan, "<!--")) {
			/* `<!-->` is a whole comment */
			scan_past(&scan, scan.at + 2, "-->");
		} else if (scan_is_meta(&scan)) {
			scan.at += 5;
			Charset charset = scan_meta(&scan);
			if (charset != CHARSET_UNKNOWN)
				return charset;
		} else if (scan_is_tag(&scan)) {
			scan_tag(&scan);
		} else if (scan_is(&scan, "<!") || scan_is(&scan, "</") || scan_is(&scan, "<?")) {
			scan_past(&scan, scan.at, ">");
		} else {
			scan.at++;
		}
	}
}

/* ---- mark, label, <meta> ----------------------------------------------------------------------------- */

/* Does the text read without a flaw as what it is said to be, and as nothing else? */
static bool reads_as(Charset charset, const uint8_t *bytes, size_t length)
{
	CharsetReader reader = charset_reader_with(charset, true, CHARSET_UNKNOWN, bytes, length);

	if (charset == CHARSET_US_ASCII || charset == CHARSET_UNKNOWN)
		return charset_ascii_run(bytes, length) == length;
	return charset_same(charset, reader.used) && charset_flaws(reader.used, bytes, length, 1) == 0;
}

static Charset html_charset(Charset declared, bool labelled, const uint8_t *bytes, size_t length)
{
	bool wide = labelled && charset_is_utf32(declared); /* its mark begins like that of UTF-16 */
	Charset mark = wide ? CHARSET_UNKNOWN : charset_mark_sane(bytes, length);

	if (mark != CHARSET_UNKNOWN)
		return mark;
	if (labelled && reads_as(declared, bytes, length))
		return declared;
	Charset meta = charset_meta(bytes, length);
	if (!labelled)
		return meta != CHARSET_UNKNOWN ? meta : CHARSET_US_ASCII;
	return meta != CHARSET_UNKNOWN && reads_as(meta, bytes, length) ? meta : declared;
}

Charset charset_for_html(Charset declared, bool labelled, const uint8_t *bytes, size_t length,
                         bool *ret_repaired)
{
	if (length == 0)
		bytes = (const uint8_t *)"";
	Charset charset = html_charset(declared, labelled, bytes, length);
	*ret_repaired = !charset_same(labelled ? declared : CHARSET_US_ASCII, charset);
	return charset;
}
