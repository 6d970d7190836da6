/* parse_reading: which transfer encoding a part is in, when its header does not say so to all readers alike.
 *
 * For a part that is removed a likely guess will do. A text that is shown is another matter: if one reader
 * would see prose and another a decoded file, the file would ride along in our text. So every reading is
 * tried, and the text is shown only when exactly one of them gives prose and the others give nothing that
 * anybody could use.
 */
#include "parse_structure_priv.h"

#include <string.h>

#define BIT(encoding) (UINT32_C(1) << (encoding))

enum {
	SAMPLE_BYTES = 64 * 1024, /* of a text, looked at to tell what it is */
	ENCODED_MIN = 40,         /* characters of base64 below which nothing is told from it */
	PRINTABLE_RUN = 24,       /* decoded bytes that are no accident when all of them are text */
};

void parse_decoded_clear(ParseDecoded *decoded)
{
	g_clear_pointer(&decoded->room, g_free);
}

/* ---- what bytes look like ---------------------------------------------------------------------------------
 */

typedef struct {
	size_t alphabet; /* of base64, `=` included */
	size_t upper, lower, digit;
	size_t blank; /* SP, TAB and line ends */
	size_t line_end;
	size_t control; /* that no text holds, but for NUL, which is dropped */
	size_t high;
	size_t codes; /* `=XX` */
	size_t soft;  /* `=` at the end of a line */
	size_t total;
} Look;

static bool is_alphabet(uint8_t c)
{
	return g_ascii_isalnum((char)c) || c == '+' || c == '/' || c == '=';
}

static bool is_odd_control(uint8_t c)
{
	/* ESC, SO and SI belong to JIS; FF and the DOS end-of-file are harmless remains */
	return (c < 0x20 && memchr("\t\n\r\f\x1b\x0e\x0f\x1a", c, 8) == NULL) || c == 0x7f;
}

static void look_equals(Look *look, ParseRange bytes, size_t i)
{
	const uint8_t *p = bytes.bytes + i + 1;
	size_t left = bytes.length - i - 1;

	look->codes += left >= 2 && g_ascii_isxdigit((char)p[0]) && g_ascii_isxdigit((char)p[1]);
	look->soft += left >= 1 && (p[0] == '\n' || p[0] == '\r');
}

static Look look_at(ParseRange bytes)
{
	Look look = { .total = MIN(bytes.length, (size_t)SAMPLE_BYTES) };

	bytes.length = look.total;
	for (size_t i = 0; i < bytes.length; i++) {
		uint8_t c = bytes.bytes[i];
		look.alphabet += is_alphabet(c);
		look.upper += g_ascii_isupper((char)c);
		look.lower += g_ascii_islower((char)c);
		look.digit += g_ascii_isdigit((char)c);
		look.line_end += c == '\n' || c == '\r';
		look.blank += memchr(" \t\r\n", c, 4) != NULL;
		look.control += is_odd_control(c) && c != '\0';
		look.high += c >= 0x80;
		if (c == '=')
			look_equals(&look, bytes, i);
	}
	return look;
}

/* Nothing but base64: no reader who sees it would take it for words. */
static bool look_is_base64(const Look *look)
{
	bool mixed = look->upper > 0 && look->lower > 0 && look->digit > 0;

	return mixed && look->alphabet >= ENCODED_MIN &&
	       look->alphabet + look->line_end + look->total / 50 >= look->total;
}

/* Most of it is codes: Japanese, or a payload that was spelled out. */
static bool look_is_quoted(const Look *look)
{
	return look->codes >= 3 && (6 * look->codes >= look->total || (look->soft >= 2 && look->high == 0));
}

static bool starts_with_magic(const uint8_t *bytes, size_t length)
{
	static const char *const magics[] = { "MZ",
		                              "PK\003\004",
		                              "%PDF",
		                              "GIF8",
		                              "\x89PNG",
		                              "\xff\xd8\xff",
		                              "{\\rt",
		                              "Rar!",
		                              "7z\xbc",
		                              "\x1f\x8b",
		                              "BZh",
		                              "\xfd"
		                              "7zXZ",
		                              "\xd0\xcf\x11\xe0",
		                              "\x7f"
		                              "ELF",
		                              "MSCF",
		                              "ITSF" };

	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
		size_t n = strlen(magics[i]);
		if (length >= n && memcmp(bytes, magics[i], n) == 0)
			return true;
	}
	return false;
}

static bool all_text(const uint8_t *bytes, size_t length)
{
	size_t odd = 0;

	for (size_t i = 0; i < length; i++)
		odd += is_odd_control(bytes[i]) || bytes[i] >= 0x80;
	return odd <= length / 20 || g_utf8_validate_len((const char *)bytes, length, NULL);
}

/* Would a reader that decodes base64 find something in these bytes? Prose decodes to noise, whatever is
 * skipped in it; only what was encoded decodes to text, or to a file with its mark. */
static bool decodes_to_something(ParseRange bytes)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	bytes.length = MIN(bytes.length, (size_t)SAMPLE_BYTES);
	parse_decode_base64_append(out, bytes);
	if (out->len < PRINTABLE_RUN)
		return false;
	return starts_with_magic(out->data, out->len) || all_text(out->data, out->len);
}

bool parse_reading_is_prose(ParseRange bytes)
{
	Look look = look_at(bytes);

	/* noise holds a control among nine bytes, a text none */
	if (look.control > look.total / 50 || look_is_base64(&look) || look_is_quoted(&look))
		return false;
	return !decodes_to_something(bytes);
}

/* ---- readings ---------------------------------------------------------------------------------------------
 */

static bool decoded_read(ParseEncoding encoding, ParseRange content, ParseDecoded *ret)
{
	size_t length = 0;

	*ret = (ParseDecoded) { NULL, content };
	if (encoding == PARSE_ENCODING_IDENTITY || encoding == PARSE_ENCODING_UNKNOWN || content.length == 0)
		return true;
	ret->room = g_malloc(content.length);
	bool whole = parse_decode(encoding, content, ret->room, content.length, &length);
	ret->bytes = (ParseRange) { ret->room, length };
	return whole;
}

/* Encodings that the content speaks for, whatever its header says. */
static uint32_t content_mask(const Look *look)
{
	uint32_t mask = 0;

	mask |= look_is_base64(look) ? BIT(PARSE_ENCODING_BASE64) : 0;
	mask |= look_is_quoted(look) ? BIT(PARSE_ENCODING_QUOTED_PRINTABLE) : 0;
	return mask;
}

static ParseEncoding lowest(uint32_t mask)
{
	ParseEncoding encoding = PARSE_ENCODING_IDENTITY;

	while (encoding < PARSE_ENCODING_UNKNOWN && (mask & BIT(encoding)) == 0)
		encoding++;
	return encoding;
}

ParseEncoding parse_reading_likeliest(const ParseFields *fields, ParseRange content)
{
	ParseEncodings said = parse_fields_encodings(fields);

	if (said.mask == 0)
		return PARSE_ENCODING_IDENTITY;
	if (said.clean)
		return lowest(said.mask);
	Look look = look_at(content);
	uint32_t both = said.mask & content_mask(&look);
	if (both != 0)
		return lowest(both);
	/* an undecoded reading explains nothing that the sender needed an odd field for */
	uint32_t decoding = said.mask & ~(BIT(PARSE_ENCODING_IDENTITY) | BIT(PARSE_ENCODING_UNKNOWN));
	return lowest(decoding != 0 ? decoding : said.mask);
}

/* What the header says, and what the content says against it. */
static uint32_t text_mask(const ParseFields *fields, ParseRange content)
{
	ParseEncodings said = parse_fields_encodings(fields);
	uint32_t mask = said.mask != 0 ? said.mask : BIT(PARSE_ENCODING_IDENTITY);
	Look look = look_at(content);
	uint32_t seen = content_mask(&look);

	if (mask & BIT(PARSE_ENCODING_UNKNOWN))
		mask = (mask | BIT(PARSE_ENCODING_IDENTITY)) & ~BIT(PARSE_ENCODING_UNKNOWN);
	if (mask == BIT(PARSE_ENCODING_BASE64) &&
	    10 * (look.total - look.alphabet - look.line_end) > look.total)
		return mask | BIT(PARSE_ENCODING_IDENTITY) | seen;
	if (mask == BIT(PARSE_ENCODING_BASE64))
		return mask;
	if (mask == BIT(PARSE_ENCODING_QUOTED_PRINTABLE))
		return mask | (seen & BIT(PARSE_ENCODING_BASE64));
	if (mask == BIT(PARSE_ENCODING_IDENTITY) && seen == 0 && decodes_to_something(content))
		return mask | BIT(PARSE_ENCODING_BASE64);
	return mask | seen;
}

static bool same_bytes(ParseRange a, ParseRange b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static bool is_blank_text(ParseRange bytes)
{
	Look look = look_at(bytes);

	return bytes.length <= SAMPLE_BYTES && look.blank == look.total;
}

/* Exactly one of several readings must be prose. */
static PartReason one_of(uint32_t mask, ParseRange content, ParseDecoded *ret)
{
	bool found = false;

	for (ParseEncoding encoding = 0; encoding < PARSE_ENCODING_UNKNOWN; encoding++) {
		g_auto(ParseDecoded) decoded = { NULL, content };
		if ((mask & BIT(encoding)) == 0)
			continue;
		decoded_read(encoding, content, &decoded);
		if (is_blank_text(decoded.bytes) || !parse_reading_is_prose(decoded.bytes))
			continue;
		if (found && !same_bytes(decoded.bytes, ret->bytes))
			return PART_REASON_AMBIGUOUS;
		if (found)
			continue;
		found = true;
		*ret = decoded;
		decoded.room = NULL;
	}
	return found || is_blank_text(content) ? PART_REASON_NONE : PART_REASON_AMBIGUOUS;
}

PartReason parse_reading_text(const ParseFields *fields, ParseRange content, ParseDecoded *ret_decoded)
{
	uint32_t mask = text_mask(fields, content);

	*ret_decoded = (ParseDecoded) { NULL, content };
	if ((mask & (mask - 1)) != 0)
		return one_of(mask, content, ret_decoded);
	return decoded_read(lowest(mask), content, ret_decoded) ? PART_REASON_NONE : PART_REASON_DAMAGED;
}
