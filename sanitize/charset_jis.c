/* charset_jis: the ISO-2022-JP family by a state machine of our own.
 *
 * glibc's converters refuse NEC row 13 and the IBM rows, pass ESC ( I through raw, and carry a forgotten
 * kanji mode into the next line. Real mail has all three, and an ESC that passes reaches a terminal.
 */
#include "charset_priv.h"

#include <string.h>

enum { LOOK = 4096, JIS_ROWS = 94, JIS_FREE = 85, JIS_USER = 20 };

typedef enum {
	SET_ASCII = 0,
	SET_KANA,
	SET_0208, /* from here: two bytes a character */
	SET_0212,
	SET_0213_1, /* JIS X 0213, its two planes */
	SET_0213_2,
	SET_CHINESE,
	SET_KOREAN,
} JisSet;

/* What ESC N takes one character from (ISO-2022-JP-2, RFC 1554). */
typedef enum { HIGH_NONE = 0, HIGH_LATIN, HIGH_GREEK } JisHigh;

typedef struct {
	const char *sequence; /* after ESC */
	JisSet set;
} JisDesignator;

/* Roman (J, H) reads as ASCII: `\` and `~`, as browsers and Windows do. Kana in G1 is what SO shifts to, with
 * or without its designator. */
static const JisDesignator designators[] = {
	{ "(B", SET_ASCII },   { "(J", SET_ASCII },    { "(H", SET_ASCII },   { "(I", SET_KANA },
	{ "$@", SET_0208 },    { "$B", SET_0208 },     { "$(@", SET_0208 },   { "$(B", SET_0208 },
	{ "$(D", SET_0212 },   { "$(O", SET_0213_1 },  { "$(Q", SET_0213_1 }, { "$(P", SET_0213_2 },
	{ "$A", SET_CHINESE }, { "$(A", SET_CHINESE }, { "$(C", SET_KOREAN },
};

/* The designator whose ESC stands at bytes, NULL if none does. */
static const JisDesignator *jis_designator(const uint8_t *bytes, size_t left)
{
	/* a text may be all ESC: most of it must cost nothing */
	if (left < 3 || (bytes[1] != '(' && bytes[1] != '$'))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(designators); i++) {
		if (designators[i].sequence[0] != (char)bytes[1] ||
		    designators[i].sequence[1] != (char)bytes[2])
			continue;
		size_t n = strlen(designators[i].sequence);
		if (left > n && memcmp(bytes + 1, designators[i].sequence, n) == 0)
			return &designators[i];
	}
	return NULL;
}

/* Bytes of an escape sequence that says nothing we do not know: ESC & @ announces JIS X 0208-1990 and is
 * followed by the designator proper, ESC ) I puts kana where SO finds them. 0: it is none. */
static size_t jis_announcement(const uint8_t *bytes, size_t left)
{
	bool none = left < 3 || (memcmp(bytes + 1, "&@", 2) != 0 && memcmp(bytes + 1, ")I", 2) != 0);

	return none ? 0 : 3;
}

static size_t jis_high(CharsetReader *reader, const uint8_t *bytes, size_t left)
{
	if (left < 3 || bytes[1] != '.' || (bytes[2] != 'A' && bytes[2] != 'F'))
		return 0;
	reader->jis_high = bytes[2] == 'A' ? HIGH_LATIN : HIGH_GREEK;
	return 3;
}

/* ESC N and one character of the high set. */
static size_t jis_single_shift(CharsetReader *reader, CharsetWriter *writer, const uint8_t *bytes,
                               size_t left)
{
	if (left < 3 || bytes[1] != 'N' || bytes[2] <= 0x20 || bytes[2] > 0x7e ||
	    reader->jis_high == HIGH_NONE)
		return 0;
	uint8_t high = bytes[2] | 0x80;
	charset_put(writer, reader->jis_high == HIGH_LATIN ? high : charset_single(CHARSET_ISO_8859_7, high));
	return 3;
}

static void jis_escape(CharsetReader *reader, CharsetWriter *writer)
{
	const uint8_t *bytes = reader->bytes + reader->at;
	size_t left = reader->length - reader->at;
	const JisDesignator *designator = jis_designator(bytes, left);

	if (designator != NULL) {
		reader->jis_set = designator->set;
		reader->at += strlen(designator->sequence) + 1;
		return;
	}
	size_t n = jis_announcement(bytes, left);
	if (n == 0)
		n = jis_high(reader, bytes, left);
	if (n == 0)
		n = jis_single_shift(reader, writer, bytes, left);
	if (n == 0)
		charset_put(writer, 0);
	reader->at += MAX(n, 1);
}

static bool jis_control(CharsetReader *reader, CharsetWriter *writer, uint8_t byte)
{
	if (byte > 0x20)
		return false;
	if (byte == 0x1b) {
		jis_escape(reader, writer);
		return true;
	}
	/* A line end resets, as RFC 1468 demands: one forgotten ESC ( B must not garble the rest. */
	if (byte == '\r' || byte == '\n') {
		reader->jis_set = SET_ASCII;
		reader->jis_high = HIGH_NONE;
		reader->jis_shifted = false;
	}
	if (byte == 0x0e || byte == 0x0f)
		reader->jis_shifted = byte == 0x0e;
	else
		*writer->at++ = byte;
	reader->at++;
	return true;
}

static void jis_single(CharsetReader *reader, CharsetWriter *writer, uint8_t byte)
{
	bool kana_set = reader->jis_shifted || reader->jis_set == SET_KANA;

	reader->at++;
	if (byte >= 0xa1 && byte <= 0xdf)
		charset_put(writer, 0xff61u + byte - 0xa1u);
	else if (kana_set && byte >= 0x21 && byte <= 0x5f)
		charset_put(writer, 0xff61u + byte - 0x21u);
	else if (kana_set || byte >= 0x7f)
		charset_put(writer, 0);
	else
		*writer->at++ = byte;
}

/* JIS X 0208, and what an office added to it: rows 85 on are free, and Windows counts 20 more for its users.
 * They become characters of private use. */
static uint32_t jis_0208(unsigned row, unsigned cell)
{
	uint32_t c = row <= JIS_ROWS ? charset_kuten(row, cell) : 0;
	unsigned first = row <= JIS_ROWS ? JIS_FREE : JIS_ROWS + 1;

	return c != 0 || row < JIS_FREE ? c : 0xe000u + (row - first) * JIS_ROWS + cell - 1;
}

static uint32_t jis_lookup(unsigned set, uint8_t lead, uint8_t trail)
{
	unsigned row = lead - 0x20u, cell = trail - 0x20u;

	switch (set) {
	case SET_0212:
		return charset_kuten_0212(row, cell);
	case SET_0213_1:
		return charset_kuten_0213(1, row, cell);
	case SET_0213_2:
		return charset_kuten_0213(2, row, cell);
	case SET_CHINESE:
		return charset_gb_pair(lead | 0x80, trail | 0x80);
	case SET_KOREAN:
		return charset_korean_pair(lead | 0x80, trail | 0x80);
	default:
		return jis_0208(row, cell);
	}
}

static bool jis_is_pair(uint8_t lead, uint8_t trail)
{
	return lead >= 0x21 && lead <= 0x7e && trail >= 0x21 && trail <= 0x7e;
}

static void jis_double(CharsetReader *reader, CharsetWriter *writer, uint8_t lead)
{
	uint8_t trail = reader->at + 1 < reader->length ? reader->bytes[reader->at + 1] : 0;
	bool user = reader->jis_set == SET_0208 && lead > 0x7e && lead <= 0x7e + JIS_USER;

	if (jis_is_pair(user ? 0x21 : lead, trail)) {
		charset_put_pair(writer, jis_lookup(reader->jis_set, lead, trail));
		reader->at += 2;
		return;
	}
	/* 8-bit kana need no designator, and mailers wrote them right behind kanji */
	bool is_kana = lead >= 0xa1 && lead <= 0xdf;
	charset_put(writer, is_kana ? 0xff61u + lead - 0xa1u : 0);
	reader->at++;
}

/* The hot path: pairs of JIS X 0208 one after the other, until something else comes. */
static void jis_pairs(CharsetReader *reader, CharsetWriter *writer)
{
	const uint8_t *bytes = reader->bytes;
	CharsetWriter w = *writer;
	size_t at = reader->at;

	while (w.at < w.end && reader->length - at >= 2) {
		uint8_t lead = bytes[at], trail = bytes[at + 1];
		if (!jis_is_pair(lead, trail))
			break;
		charset_put(&w, jis_0208(lead - 0x20u, trail - 0x20u));
		at += 2;
	}
	reader->at = at;
	*writer = w;
}

void charset_jis_read(CharsetReader *reader, CharsetWriter *writer)
{
	while (reader->at < reader->length && writer->at < writer->end) {
		if (reader->jis_set == SET_0208 && !reader->jis_shifted) {
			jis_pairs(reader, writer);
			if (reader->at == reader->length || writer->at >= writer->end)
				return;
		}
		uint8_t byte = reader->bytes[reader->at];
		if (jis_control(reader, writer, byte))
			continue;
		if (reader->jis_shifted || reader->jis_set == SET_ASCII || reader->jis_set == SET_KANA)
			jis_single(reader, writer, byte);
		else
			jis_double(reader, writer, byte);
	}
}

/* A flaw in every eighth byte: an ESC that rode along in some other text. The first LOOK bytes from the first
 * designator on decide. */
static bool jis_fits(const uint8_t *bytes, size_t length)
{
	size_t look = MIN(length, (size_t)LOOK);
	uint64_t enough = look / 8 + 2;

	return charset_flaws(CHARSET_ISO_2022_JP, bytes, look, enough) < enough;
}

bool charset_jis_like(const uint8_t *bytes, size_t length)
{
	const uint8_t *at = length > 0 ? memchr(bytes, 0x1b, length) : NULL;

	while (at != NULL) {
		size_t left = length - (size_t)(at - bytes);
		const JisDesignator *designator = jis_designator(at, left);
		if (designator != NULL && designator->set != SET_ASCII && designator->set < SET_CHINESE)
			return jis_fits(at, left);
		at = left > 1 ? memchr(at + 1, 0x1b, left - 1) : NULL;
	}
	return false;
}
