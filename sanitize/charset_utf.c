/* charset_utf: UTF-8, UTF-16, UTF-32 and UTF-7 by validators of our own. glibc's lets code points above
 * U+10FFFF pass. */
#include "charset_priv.h"

#include <string.h>

enum { UTF8_FLAWS = 16, UTF16_LOOK = 65536 };

/* ---- UTF-8 ------------------------------------------------------------------------------------------- */

/* How a lead byte goes on: Unicode 15 table 3-7. Only the second byte's range varies. */
typedef struct {
	uint8_t first, last;
	uint8_t low, high; /* of the second byte */
	uint8_t trail;     /* bytes after the lead */
} Utf8Lead;

static const Utf8Lead utf8_leads[] = {
	{ 0xe1, 0xec, 0x80, 0xbf, 2 }, { 0xc2, 0xdf, 0x80, 0xbf, 1 }, { 0xe0, 0xe0, 0xa0, 0xbf, 2 },
	{ 0xed, 0xed, 0x80, 0x9f, 2 }, { 0xee, 0xef, 0x80, 0xbf, 2 }, { 0xf0, 0xf0, 0x90, 0xbf, 3 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 3 }, { 0xf4, 0xf4, 0x80, 0x8f, 3 },
};

typedef struct {
	size_t length; /* of the maximal subpart, >= 1 */
	bool whole;    /* it is a code point */
	bool cut;      /* the end of the text cuts it off */
} Utf8Part;

static Utf8Part utf8_part_after(const Utf8Lead *lead, const uint8_t *bytes, size_t left)
{
	size_t n = 1;

	if (left > 1 && (bytes[1] < lead->low || bytes[1] > lead->high))
		return (Utf8Part) { 1, false, false };
	while (n <= lead->trail && n < left && (bytes[n] & 0xc0) == 0x80)
		n++;
	bool whole = n == (size_t)lead->trail + 1;
	return (Utf8Part) { n, whole, !whole && n == left };
}

static Utf8Part utf8_part(const uint8_t *bytes, size_t left)
{
	for (size_t i = 0; i < G_N_ELEMENTS(utf8_leads); i++) {
		const Utf8Lead *lead = &utf8_leads[i];
		if (bytes[0] >= lead->first && bytes[0] <= lead->last)
			return utf8_part_after(lead, bytes, left);
	}
	return (Utf8Part) { 1, false, false };
}

/* Three bytes of which none is special: nearly all of a Japanese text. */
static inline bool utf8_is_plain_three(const uint8_t *bytes, size_t left)
{
	return left > 2 && bytes[0] >= 0xe1 && bytes[0] <= 0xec && (bytes[1] & 0xc0) == 0x80 &&
	       (bytes[2] & 0xc0) == 0x80;
}

static size_t utf8_copy_ascii(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	size_t plain = charset_ascii_run(bytes, MIN(left, (size_t)(writer->end - writer->at)));

	memcpy(writer->at, bytes, plain);
	writer->at += plain;
	return plain;
}

static size_t utf8_copy(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	if (bytes[0] < 0x80)
		return utf8_copy_ascii(bytes, left, writer);
	if (utf8_is_plain_three(bytes, left)) {
		memcpy(writer->at, bytes, 3);
		writer->at += 3;
		return 3;
	}
	Utf8Part part = utf8_part(bytes, left);
	if (!part.whole) {
		charset_put(writer, 0);
		return part.length;
	}
	for (size_t i = 0; i < part.length; i++)
		*writer->at++ = bytes[i];
	return part.length;
}

void charset_utf8_read(CharsetReader *reader, CharsetWriter *writer)
{
	CharsetWriter w = *writer;
	size_t at = reader->at;

	while (at < reader->length && w.at < w.end)
		at += utf8_copy(reader->bytes + at, reader->length - at, &w);
	reader->at = at;
	*writer = w;
}

/* U+3040 .. U+9FFF begin with E3 81 .. E9 BF, and with AC00 .. D7FF up to ED. */
static void utf8_count(CharsetUtf8 *look, const uint8_t *bytes)
{
	look->multi++;
	if (bytes[0] < 0xe3 || bytes[0] > 0xed || (bytes[0] == 0xe3 && bytes[1] < 0x81))
		return;
	look->east++;
	if (bytes[0] <= 0xe9)
		look->japanese++;
}

/* What has more flaws than characters after so many is not UTF-8, and needs no further look. */
static bool utf8_is_hopeless(const CharsetUtf8 *look)
{
	return look->flaws >= UTF8_FLAWS && look->flaws > look->multi;
}

CharsetUtf8 charset_utf8_look(const uint8_t *bytes, size_t length)
{
	CharsetUtf8 look = { .multi = 0 };

	for (size_t at = 0; at < length && !utf8_is_hopeless(&look);) {
		if (bytes[at] < 0x80) {
			at += charset_ascii_run(bytes + at, length - at);
			continue;
		}
		bool plain = utf8_is_plain_three(bytes + at, length - at);
		Utf8Part part = plain ? (Utf8Part) { 3, true, false } : utf8_part(bytes + at, length - at);
		if (part.whole)
			utf8_count(&look, bytes + at);
		else
			look.flaws++;
		look.cut = part.cut;
		at += part.length;
	}
	return look;
}

/* ---- UTF-16 ------------------------------------------------------------------------------------------ */

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static uint32_t pair(uint32_t high, uint32_t low)
{
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* NUL is a character here as it is in ASCII, and no flaw: what reads the text next removes it. */
static void put_unit(CharsetWriter *writer, uint32_t unit)
{
	if (unit == 0)
		*writer->at++ = 0;
	else
		charset_put(writer, is_high(unit) || is_low(unit) ? 0 : unit);
}

static uint32_t utf16_unit(const uint8_t *bytes, bool big)
{
	return big ? (uint32_t)(bytes[0] << 8 | bytes[1]) : (uint32_t)(bytes[1] << 8 | bytes[0]);
}

static size_t utf16_char(const uint8_t *bytes, size_t left, bool big, CharsetWriter *writer)
{
	if (left < 2) {
		charset_put(writer, 0);
		return 1;
	}
	uint32_t unit = utf16_unit(bytes, big);
	uint32_t next = left >= 4 && is_high(unit) ? utf16_unit(bytes + 2, big) : 0;
	if (is_low(next)) {
		charset_put(writer, pair(unit, next));
		return 4;
	}
	put_unit(writer, unit);
	return 2;
}

void charset_utf16_read(CharsetReader *reader, CharsetWriter *writer)
{
	bool big = reader->used == CHARSET_UTF_16BE;
	CharsetWriter w = *writer;
	size_t at = reader->at;

	while (at < reader->length && w.at < w.end)
		at += utf16_char(reader->bytes + at, reader->length - at, big, &w);
	reader->at = at;
	*writer = w;
}

Charset charset_mark(const uint8_t *bytes, size_t length, size_t *ret_length)
{
	static const struct {
		const char *mark;
		size_t length;
		Charset charset;
	} marks[] = {
		{ "\xef\xbb\xbf", 3, CHARSET_UTF_8 },
		{ "\xff\xfe", 2, CHARSET_UTF_16LE },
		{ "\xfe\xff", 2, CHARSET_UTF_16BE },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		if (length < marks[i].length || memcmp(bytes, marks[i].mark, marks[i].length) != 0)
			continue;
		*ret_length = marks[i].length;
		return marks[i].charset;
	}
	*ret_length = 0;
	return CHARSET_UNKNOWN;
}

/* NUL and DEL among them. */
static bool has_controls(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool blank = bytes[i] == '\t' || bytes[i] == '\r' || bytes[i] == '\n';
		if (bytes[i] == 0x7f || (bytes[i] < 0x20 && !blank))
			return true;
	}
	return false;
}

static bool all_printable(const uint8_t *bytes, size_t length)
{
	return charset_ascii_run(bytes, length) == length && !has_controls(bytes, length);
}

Charset charset_mark_sane(const uint8_t *bytes, size_t length)
{
	size_t mark;
	Charset charset = charset_mark(bytes, length, &mark);

	if (charset == CHARSET_UTF_8 || charset == CHARSET_UNKNOWN)
		return charset;
	return all_printable(bytes + mark, length - mark) ? CHARSET_UNKNOWN : charset;
}

/* Units of ASCII and Latin-1 (00), and of kana and Japanese punctuation (30): no text is without. */
static size_t utf16_common(const uint8_t *bytes, size_t length, size_t first)
{
	size_t n = 0;

	for (size_t i = first; i < length; i += 2)
		n += bytes[i] == 0x00 || bytes[i] == 0x30;
	return n;
}

/* Kanji, for a word that has nothing else: U+4E00 .. U+9FFF. */
static size_t utf16_kanji(const uint8_t *bytes, size_t length, size_t first)
{
	size_t n = 0;

	for (size_t i = first; i < length; i += 2)
		n += bytes[i] >= 0x4e && bytes[i] <= 0x9f;
	return n;
}

Charset charset_utf16_choose(Charset declared, const uint8_t *bytes, size_t length)
{
	size_t mark;
	Charset marked = charset_mark(bytes, length, &mark);

	if (marked != CHARSET_UNKNOWN)
		return marked;
	size_t look = MIN(length, UTF16_LOOK);
	size_t little = utf16_common(bytes, look, 1);
	size_t big = utf16_common(bytes, look, 0);
	/* A label alone, over what every mailer on the way has read as 8-bit text. */
	bool common = MAX(little, big) >= look / 8 + 1;
	if (!common && !has_controls(bytes, length) && charset_utf8_look(bytes, length).flaws == 0)
		return CHARSET_UTF_8;
	if (declared != CHARSET_UTF_16)
		return declared;
	if (big == little) {
		little = utf16_kanji(bytes, look, 1);
		big = utf16_kanji(bytes, look, 0);
	}
	return big > little ? CHARSET_UTF_16BE : CHARSET_UTF_16LE;
}

bool charset_is_utf16(Charset charset)
{
	return charset == CHARSET_UTF_16 || charset == CHARSET_UTF_16LE || charset == CHARSET_UTF_16BE;
}

/* ---- UTF-32 ------------------------------------------------------------------------------------------ */

enum { UTF32_UNIT = 4, UTF32_FLAWS = 16 };

static uint32_t utf32_unit(const uint8_t *bytes, bool big)
{
	uint32_t a = bytes[0], b = bytes[1], c = bytes[2], d = bytes[3];

	return big ? a << 24 | b << 16 | c << 8 | d : d << 24 | c << 16 | b << 8 | a;
}

void charset_utf32_read(CharsetReader *reader, CharsetWriter *writer)
{
	bool big = reader->used != CHARSET_UTF_32LE;

	while (reader->at < reader->length && writer->at < writer->end) {
		size_t unit = MIN(reader->length - reader->at, (size_t)UTF32_UNIT);
		/* what the end cuts off is one flaw: a surrogate stands for it */
		uint32_t c = unit == UTF32_UNIT ? utf32_unit(reader->bytes + reader->at, big) : 0xd800;
		put_unit(writer, c <= 0x10ffff ? c : 0xd800);
		reader->at += unit;
	}
}

bool charset_is_utf32(Charset charset)
{
	return charset == CHARSET_UTF_32 || charset == CHARSET_UTF_32LE || charset == CHARSET_UTF_32BE;
}

Charset charset_utf32_choose(Charset declared, const uint8_t *bytes, size_t length, size_t *ret_mark)
{
	bool little = length >= UTF32_UNIT && memcmp(bytes, "\xff\xfe\0\0", UTF32_UNIT) == 0;
	bool big = length >= UTF32_UNIT && memcmp(bytes, "\0\0\xfe\xff", UTF32_UNIT) == 0;

	*ret_mark = little || big ? UTF32_UNIT : 0;
	if (little || big)
		return little ? CHARSET_UTF_32LE : CHARSET_UTF_32BE;
	/* U+10FFFF has a zero byte, so that no text is without */
	if (memchr(bytes, 0, length) == NULL && charset_utf8_look(bytes, length).flaws == 0)
		return CHARSET_UTF_8;
	if (declared != CHARSET_UTF_32)
		return declared;
	uint64_t little_flaws = charset_flaws(CHARSET_UTF_32LE, bytes, length, UTF32_FLAWS);
	uint64_t big_flaws = charset_flaws(CHARSET_UTF_32BE, bytes, length, UTF32_FLAWS);
	return little_flaws < big_flaws ? CHARSET_UTF_32LE : CHARSET_UTF_32BE;
}

/* ---- UTF-7: RFC 2152 --------------------------------------------------------------------------------- */

static int utf7_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* A lone surrogate, or bits that are no padding. */
static bool utf7_is_flawed(const CharsetReader *reader)
{
	uint32_t rest = reader->utf7_bits & ((1u << reader->utf7_held) - 1);

	return reader->utf7_high != 0 || reader->utf7_held >= 6 || rest != 0;
}

static void utf7_reset(CharsetReader *reader)
{
	reader->utf7_high = 0;
	reader->utf7_held = 0;
	reader->utf7_bits = 0;
}

static void utf7_direct(CharsetReader *reader, CharsetWriter *writer)
{
	const uint8_t *bytes = reader->bytes + reader->at;
	size_t left = reader->length - reader->at;

	if (bytes[0] == '+' && left > 1 && bytes[1] == '-') {
		charset_put(writer, '+');
		reader->at += 2;
		return;
	}
	reader->at++;
	if (bytes[0] == '+' && left > 1 && utf7_value(bytes[1]) >= 0)
		reader->utf7_shifted = true;
	else if (bytes[0] >= 0x80)
		charset_put(writer, 0);
	else
		*writer->at++ = bytes[0];
}

static void utf7_end(CharsetReader *reader, CharsetWriter *writer)
{
	if (utf7_is_flawed(reader)) {
		charset_put(writer, 0);
		utf7_reset(reader);
		return;
	}
	utf7_reset(reader);
	reader->utf7_shifted = false;
	reader->at += reader->bytes[reader->at] == '-';
}

static void utf7_put(CharsetReader *reader, CharsetWriter *writer, uint32_t unit)
{
	if (reader->utf7_high != 0)
		charset_put(writer, pair(reader->utf7_high, unit));
	else if (!is_high(unit))
		put_unit(writer, unit);
	reader->utf7_high = reader->utf7_high == 0 && is_high(unit) ? (uint16_t)unit : 0;
}

static void utf7_sextet(CharsetReader *reader, CharsetWriter *writer, uint32_t value)
{
	uint32_t bits = reader->utf7_bits << 6 | value;
	unsigned held = reader->utf7_held + 6;

	if (held >= 16) {
		uint32_t unit = bits >> (held - 16) & 0xffff;
		if (reader->utf7_high != 0 && !is_low(unit)) {
			/* said by itself, and this byte once more: one code point at a time */
			charset_put(writer, 0);
			reader->utf7_high = 0;
			return;
		}
		utf7_put(reader, writer, unit);
		held -= 16;
	}
	reader->utf7_bits = bits;
	reader->utf7_held = held;
	reader->at++;
}

static void utf7_char(CharsetReader *reader, CharsetWriter *writer)
{
	int value = utf7_value(reader->bytes[reader->at]);

	if (!reader->utf7_shifted)
		utf7_direct(reader, writer);
	else if (value < 0)
		utf7_end(reader, writer);
	else
		utf7_sextet(reader, writer, (uint32_t)value);
}

void charset_utf7_read(CharsetReader *reader, CharsetWriter *writer)
{
	while (reader->at < reader->length && writer->at < writer->end)
		utf7_char(reader, writer);
	if (reader->at < reader->length || !utf7_is_flawed(reader))
		return;
	charset_put(writer, 0);
	utf7_reset(reader);
}
