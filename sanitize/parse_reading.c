/* parse_reading: which transfer encoding a part is in.
 *
 * For a part that is removed a likely guess will do. A text that is shown is another matter. A header that
 * says something clear is believed as long as its reading is possible, for what is shown then is what every
 * reader shows, and the files inside it are taken out of it later. Only where readers may differ (a header
 * that they read in different ways, an encoding that nobody knows, a content that is none of what its header
 * says) every reading is tried, and the text is shown only when exactly one of them gives prose and the
 * others give nothing that anybody could use: else the file that one reader sees would ride along in the text
 * of another.
 */
#include "parse_structure_priv.h"

#include <string.h>

#define BIT(encoding) (UINT32_C(1) << (encoding))

enum {
	SAMPLE_BYTES = 64 * 1024, /* of a text, looked at to tell what it is */
	ENCODED_MIN = 40,         /* characters of base64 below which nothing is told from it */
	PRINTABLE_RUN = 24,       /* decoded bytes that are no accident when all of them are text */
	PROSE_RUN = 192,          /* ... when none of them is a control */
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
	size_t escape;
	size_t equals; /* `=` */
	size_t codes;  /* `=XX` */
	size_t soft;   /* `=` at the end of a line */
	size_t total;
} Look;

static bool is_alphabet(uint8_t c)
{
	return g_ascii_isalnum((char)c) || c == '+' || c == '/' || c == '=';
}

static bool is_odd_control(uint8_t c)
{
	/* ESC, SO and SI belong to JIS; FF and the DOS end-of-file are harmless remains */
	static const uint32_t fine = 1u << '\t' | 1u << '\n' | 1u << '\r' | 1u << '\f' | 1u << 0x1b |
	                             1u << 0x0e | 1u << 0x0f | 1u << 0x1a;

	return c < 0x20 ? (fine >> c & 1) == 0 : c == 0x7f;
}

static void look_equals(Look *look, ParseRange bytes, size_t i)
{
	const uint8_t *p = bytes.bytes + i + 1;
	size_t left = bytes.length - i - 1;

	look->codes += left >= 2 && g_ascii_isxdigit((char)p[0]) && g_ascii_isxdigit((char)p[1]);
	look->soft += left >= 1 && (p[0] == '\n' || p[0] == '\r');
}

static void look_byte(Look *look, uint8_t c, size_t count)
{
	look->alphabet += is_alphabet(c) ? count : 0;
	look->upper += g_ascii_isupper((char)c) ? count : 0;
	look->lower += g_ascii_islower((char)c) ? count : 0;
	look->digit += g_ascii_isdigit((char)c) ? count : 0;
	look->line_end += c == '\n' || c == '\r' ? count : 0;
	look->blank += memchr(" \t\r\n", c, 4) != NULL ? count : 0;
	look->control += is_odd_control(c) && c != '\0' ? count : 0;
	look->high += c >= 0x80 ? count : 0;
	look->escape += c == 0x1b ? count : 0;
	look->equals += c == '=' ? count : 0;
}

static Look look_at(ParseRange bytes)
{
	Look look = { .total = MIN(bytes.length, (size_t)SAMPLE_BYTES) };
	size_t count[256] = { 0 };

	bytes.length = look.total;
	for (size_t i = 0; i < bytes.length; i++) {
		count[bytes.bytes[i]]++;
		if (bytes.bytes[i] == '=')
			look_equals(&look, bytes, i);
	}
	for (unsigned c = 0; c < G_N_ELEMENTS(count); c++)
		look_byte(&look, (uint8_t)c, count[c]);
	return look;
}

/* Nothing but base64: no reader who sees it would take it for words. */
static bool look_is_base64(const Look *look)
{
	bool mixed = look->upper > 0 && look->lower > 0 && look->digit > 0;

	return mixed && look->alphabet >= ENCODED_MIN &&
	       look->alphabet + look->line_end + look->total / 50 >= look->total;
}

/* Codes and soft breaks where `=` stands, and hardly a `=` that is neither. A kanji of JIS may look like a
 * code, and a URL, but then there are others that do not. */
static bool look_is_quoted(const Look *look)
{
	bool dense = 6 * look->codes >= look->total, broken = look->soft >= 2 && look->high == 0;

	return look->codes >= 3 && (dense || broken) && look->escape == 0 &&
	       10 * (look->codes + look->soft) >= 9 * look->equals;
}

/* A DOS program says how full its last page of 512 is: two letters alone are no sign. */
static bool is_program(const uint8_t *bytes, size_t length)
{
	return length >= 4 && memcmp(bytes, "MZ", 2) == 0 && bytes[3] <= 2;
}

static bool starts_with_magic(const uint8_t *bytes, size_t length)
{
	static const char *const magics[] = { "PK\003\004",
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
	return is_program(bytes, length);
}

static bool all_text(const uint8_t *bytes, size_t length)
{
	size_t odd = 0;

	for (size_t i = 0; i < length; i++)
		odd += is_odd_control(bytes[i]) || bytes[i] >= 0x80;
	return odd <= length / 20 || g_utf8_validate_len((const char *)bytes, length, NULL);
}

/* noise holds a control among nine bytes, a text none */
static bool look_is_noise(const Look *look)
{
	return look->control > look->total / 50;
}

/* Would a reader that decodes base64 find something in these bytes? Prose decodes to noise, whatever is
 * skipped in it, and so does a name or a number in one word; only what was encoded decodes to text, or to a
 * file with its mark. */
static bool decodes_to_something(ParseRange bytes)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	bytes.length = MIN(bytes.length, (size_t)SAMPLE_BYTES);
	Look look = look_at(bytes);
	parse_decode_base64_append(out, bytes);
	if (out->len < PRINTABLE_RUN)
		return false;
	if (starts_with_magic(out->data, out->len) || all_text(out->data, out->len))
		return true;
	Look inside = look_at((ParseRange) { out->data, out->len });
	return look_is_base64(&look) && out->len >= PROSE_RUN && !look_is_noise(&inside);
}

bool parse_reading_is_prose(ParseRange bytes)
{
	Look look = look_at(bytes);

	return !look_is_noise(&look) && !decodes_to_something(bytes);
}

/* The same, where another reading lies near: then what looks encoded is. */
static bool is_decoded(ParseRange bytes)
{
	Look look = look_at(bytes);

	return parse_reading_is_prose(bytes) && !look_is_base64(&look) && !look_is_quoted(&look);
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

static bool is_one(uint32_t mask)
{
	return mask != 0 && (mask & (mask - 1)) == 0;
}

/* Readings for which something speaks: one bit alone is a header to be believed. */
static uint32_t text_mask(const ParseFields *fields, ParseRange content)
{
	ParseEncodings said = parse_fields_encodings(fields);
	uint32_t mask = said.mask != 0 ? said.mask : BIT(PARSE_ENCODING_IDENTITY);
	Look look = look_at(content);

	if (mask & BIT(PARSE_ENCODING_UNKNOWN)) {
		mask = (mask | BIT(PARSE_ENCODING_IDENTITY)) & ~BIT(PARSE_ENCODING_UNKNOWN);
		mask |= content_mask(&look) & BIT(PARSE_ENCODING_QUOTED_PRINTABLE);
	}
	if (!is_one(mask))
		return mask | content_mask(&look);
	if (mask == BIT(PARSE_ENCODING_IDENTITY))
		return decodes_to_something(content) ? mask | BIT(PARSE_ENCODING_BASE64) : mask;
	if (mask != BIT(PARSE_ENCODING_BASE64))
		return mask;
	bool possible = 10 * (look.total - look.alphabet - look.line_end) <= look.total;
	return possible ? mask : mask | BIT(PARSE_ENCODING_IDENTITY) | content_mask(&look);
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
		if (is_blank_text(decoded.bytes) || !is_decoded(decoded.bytes))
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
	if (!is_one(mask))
		return one_of(mask, content, ret_decoded);
	if (!decoded_read(lowest(mask), content, ret_decoded))
		return PART_REASON_DAMAGED;
	if (!is_blank_text(ret_decoded->bytes) || is_blank_text(content))
		return PART_REASON_NONE;
	/* a uuencode without a begin line, and their like: no reading at all */
	parse_decoded_clear(ret_decoded);
	return one_of(mask | BIT(PARSE_ENCODING_IDENTITY), content, ret_decoded);
}
