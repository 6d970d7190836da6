/* charset_table: the decoders of the character sets that have tables. The tables were made when this was
 * built (charset_tables_make.c), so that a jail finds them without opening anything.
 */
#include "charset_tables.h"

/* ---- looking up -------------------------------------------------------------------------------------- */

uint16_t charset_sjis_pair(uint8_t lead, uint8_t trail)
{
	if (lead < 0x81 || lead > 0xfc || trail < 0x40 || trail > 0xfc)
		return 0;
	return tables.sjis[lead - 0x81][trail - 0x40];
}

static uint16_t pair_of(const uint16_t table[LEADS][TRAILS], uint8_t lead, uint8_t trail)
{
	bool pair = lead >= 0x81 && lead <= 0xfe && trail >= 0x40 && trail <= 0xfe;

	return pair ? table[lead - 0x81][trail - 0x40] : 0;
}

uint16_t charset_gb_pair(uint8_t lead, uint8_t trail)
{
	return pair_of(tables.gb, lead, trail);
}

uint16_t charset_korean_pair(uint8_t lead, uint8_t trail)
{
	return pair_of(tables.korean, lead, trail);
}

uint16_t charset_kuten(unsigned row, unsigned cell)
{
	if (row < 1 || row > KUTEN || cell < 1 || cell > KUTEN)
		return 0;
	return tables.jis0208[row - 1][cell - 1];
}

uint16_t charset_kuten_0212(unsigned row, unsigned cell)
{
	if (row < 1 || row > KUTEN || cell < 1 || cell > KUTEN)
		return 0;
	return tables.jis0212[row - 1][cell - 1];
}

uint32_t charset_kuten_0213(unsigned plane, unsigned row, unsigned cell)
{
	if (plane < 1 || plane > 2 || row < 1 || row > KUTEN || cell < 1 || cell > KUTEN)
		return 0;
	return (plane == 1 ? tables.jis0213_1 : tables.jis0213_2)[row - 1][cell - 1];
}

uint16_t charset_single(Charset charset, uint8_t byte)
{
	return byte >= 0x80 ? tables.single[charset - CHARSET_SINGLE_FIRST][byte - 0x80] : 0;
}

/* ---- decoders ---------------------------------------------------------------------------------------- */

/* Writes one character that begins at bytes (>= 80); returns its length. */
typedef size_t (*PairDecoder)(const uint8_t *bytes, size_t left, CharsetWriter *writer);

/* A pair that means nothing is one flaw; its second byte is read again if it is ASCII. */
static size_t flaw(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	charset_put(writer, 0);
	return left > 1 && bytes[1] >= 0x80 ? 2 : 1;
}

static bool is_half_kana(uint8_t byte)
{
	return byte >= 0xa1 && byte <= 0xdf;
}

/* Of a byte >= 80 that is no half-width kana. */
static bool is_sjis_lead(uint8_t byte)
{
	return byte != 0x80 && byte != 0xa0 && byte < 0xfd;
}

static size_t sjis_char(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	uint8_t lead = bytes[0];

	if (is_half_kana(lead)) {
		charset_put(writer, 0xff61u + lead - 0xa1u);
		return 1;
	}
	uint16_t c = left > 1 ? charset_sjis_pair(lead, bytes[1]) : 0;
	if (c != 0) {
		charset_put(writer, c);
		return 2;
	}
	return flaw(bytes, is_sjis_lead(lead) ? left : 1, writer);
}

static bool is_gr(const uint8_t *bytes, size_t left, size_t index)
{
	return index < left && bytes[index] >= 0xa1 && bytes[index] <= 0xfe;
}

static size_t euc_char(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	if (is_gr(bytes, left, 0) && is_gr(bytes, left, 1)) {
		charset_put(writer, tables.jis0208[bytes[0] - 0xa1][bytes[1] - 0xa1]);
		return 2;
	}
	if (bytes[0] == 0x8e && left > 1 && bytes[1] >= 0xa1 && bytes[1] <= 0xdf) {
		charset_put(writer, 0xff61u + bytes[1] - 0xa1u);
		return 2;
	}
	if (bytes[0] == 0x8f && is_gr(bytes, left, 1) && is_gr(bytes, left, 2)) {
		charset_put(writer, charset_kuten_0212(bytes[1] - 0xa0u, bytes[2] - 0xa0u));
		return 3;
	}
	charset_put(writer, 0);
	return 1;
}

/* JIS X 0213 appendix 1: leads from F0 on are plane 2, whose rows are few. */
static uint32_t sjis_2004_pair(uint8_t lead, uint8_t trail)
{
	static const uint8_t first_rows[][2] = { { 1, 8 }, { 3, 4 }, { 5, 12 }, { 13, 14 }, { 15, 78 } };
	unsigned second = trail >= 0x9f ? 1 : 0;
	unsigned cell = second == 1 ? trail - 0x9eu : trail - 0x3fu - (trail > 0x7f ? 1 : 0);

	if (trail < 0x40 || trail == 0x7f || trail > 0xfc || is_half_kana(lead) || !is_sjis_lead(lead))
		return 0;
	if (lead < 0xf0)
		return charset_kuten_0213(1, (lead - (lead < 0xa0 ? 0x81u : 0xc1u)) * 2 + 1 + second, cell);
	unsigned place = lead - 0xf0u;
	bool is_first = place < G_N_ELEMENTS(first_rows);
	return charset_kuten_0213(2, is_first ? first_rows[place][second] : (lead - 0xf5u) * 2 + 79 + second,
	                          cell);
}

static size_t sjis_2004_char(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	uint32_t c = left > 1 ? sjis_2004_pair(bytes[0], bytes[1]) : 0;

	if (is_half_kana(bytes[0]))
		return sjis_char(bytes, left, writer);
	if (c == 0)
		return flaw(bytes, is_sjis_lead(bytes[0]) ? left : 1, writer);
	charset_put_pair(writer, c);
	return 2;
}

static size_t euc_2004_char(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	bool first = is_gr(bytes, left, 0) && is_gr(bytes, left, 1);
	bool second = bytes[0] == 0x8f && is_gr(bytes, left, 1) && is_gr(bytes, left, 2);
	size_t at = second ? 1 : 0;

	if (!first && !second)
		return euc_char(bytes, left, writer);
	unsigned row = bytes[at] - 0xa0u, cell = bytes[at + 1] - 0xa0u;
	charset_put_pair(writer, charset_kuten_0213(first ? 1 : 2, row, cell));
	return at + 2;
}

static bool in_pair_range(const uint8_t *bytes, size_t left)
{
	return left > 1 && bytes[0] >= 0x81 && bytes[0] <= 0xfe && bytes[1] >= 0x40 && bytes[1] <= 0xfe;
}

static bool is_gb_four(const uint8_t *bytes, size_t left)
{
	return left > 3 && bytes[0] >= 0x81 && bytes[0] <= 0xfe && g_ascii_isdigit((char)bytes[1]) &&
	       bytes[2] >= 0x81 && bytes[2] <= 0xfe && g_ascii_isdigit((char)bytes[3]);
}

static uint32_t gb_four(const uint8_t *bytes)
{
	uint32_t index = (bytes[0] - 0x81u) * 10 * GB_ROW + (bytes[1] - 0x30u) * GB_ROW +
	                 (bytes[2] - 0x81u) * 10 + (bytes[3] - 0x30u);

	if (index < GB_FOUR)
		return tables.gb_four[index];
	if (index >= GB_PLANES && index < GB_PLANES + 0x100000)
		return 0x10000 + index - GB_PLANES;
	return 0;
}

static size_t gb18030_char(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	uint16_t c = in_pair_range(bytes, left) ? tables.gb[bytes[0] - 0x81][bytes[1] - 0x40] : 0;

	if (c != 0) {
		charset_put(writer, c);
		return 2;
	}
	/* the euro sign of windows-936 */
	if (bytes[0] == 0x80) {
		charset_put(writer, 0x20ac);
		return 1;
	}
	if (!is_gb_four(bytes, left))
		return flaw(bytes, bytes[0] == 0xff ? 1 : left, writer);
	uint32_t four = gb_four(bytes);
	charset_put(writer, four);
	/* as WHATWG has it: the digit is ASCII, and is read again */
	return four != 0 ? 4 : 1;
}

static size_t big5_char(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	uint32_t c = in_pair_range(bytes, left) ? tables.big5[bytes[0] - 0x81][bytes[1] - 0x40] : 0;

	if (c == 0)
		return flaw(bytes, bytes[0] == 0x80 || bytes[0] == 0xff ? 1 : left, writer);
	/* four codes are a letter and an accent each */
	charset_put_pair(writer, c);
	return 2;
}

static size_t korean_char(const uint8_t *bytes, size_t left, CharsetWriter *writer)
{
	uint16_t c = in_pair_range(bytes, left) ? tables.korean[bytes[0] - 0x81][bytes[1] - 0x40] : 0;

	if (c == 0)
		return flaw(bytes, bytes[0] == 0x80 || bytes[0] == 0xff ? 1 : left, writer);
	charset_put(writer, c);
	return 2;
}

static inline void read_chars(PairDecoder decoder, CharsetReader *reader, CharsetWriter *writer)
{
	const uint8_t *bytes = reader->bytes;
	size_t length = reader->length, at = reader->at;
	CharsetWriter w = *writer;

	while (at < length && w.at < w.end) {
		if (bytes[at] < 0x80)
			*w.at++ = bytes[at++];
		else
			at += decoder(bytes + at, length - at, &w);
	}
	reader->at = at;
	*writer = w;
}

void charset_sjis_read(CharsetReader *reader, CharsetWriter *writer)
{
	read_chars(sjis_char, reader, writer);
}

/* The hot path: pairs of JIS X 0208 one after the other, until something else comes. */
static void euc_pairs(CharsetReader *reader, CharsetWriter *writer)
{
	const uint8_t *bytes = reader->bytes;
	CharsetWriter w = *writer;
	size_t at = reader->at;

	while (w.at < w.end && reader->length - at >= 2) {
		unsigned row = bytes[at] - 0xa1u, cell = bytes[at + 1] - 0xa1u;
		if (row >= KUTEN || cell >= KUTEN)
			break;
		charset_put(&w, tables.jis0208[row][cell]);
		at += 2;
	}
	reader->at = at;
	*writer = w;
}

void charset_euc_read(CharsetReader *reader, CharsetWriter *writer)
{
	while (reader->at < reader->length && writer->at < writer->end) {
		const uint8_t *bytes = reader->bytes + reader->at;
		size_t before = reader->at;
		euc_pairs(reader, writer);
		if (reader->at != before)
			continue;
		if (bytes[0] < 0x80) {
			*writer->at++ = bytes[0];
			reader->at++;
		} else {
			reader->at += euc_char(bytes, reader->length - reader->at, writer);
		}
	}
}

void charset_sjis_2004_read(CharsetReader *reader, CharsetWriter *writer)
{
	read_chars(sjis_2004_char, reader, writer);
}

void charset_euc_2004_read(CharsetReader *reader, CharsetWriter *writer)
{
	read_chars(euc_2004_char, reader, writer);
}

void charset_gb18030_read(CharsetReader *reader, CharsetWriter *writer)
{
	read_chars(gb18030_char, reader, writer);
}

void charset_big5_read(CharsetReader *reader, CharsetWriter *writer)
{
	read_chars(big5_char, reader, writer);
}

void charset_korean_read(CharsetReader *reader, CharsetWriter *writer)
{
	read_chars(korean_char, reader, writer);
}

void charset_single_read(CharsetReader *reader, CharsetWriter *writer)
{
	size_t which =
	        reader->used >= CHARSET_SINGLE_FIRST ? reader->used - CHARSET_SINGLE_FIRST : SINGLES - 1;
	const uint16_t *table = tables.single[which];
	CharsetWriter w = *writer;
	size_t at = reader->at;

	for (; at < reader->length && w.at < w.end; at++) {
		uint8_t byte = reader->bytes[at];
		if (byte < 0x80)
			*w.at++ = byte;
		else
			charset_put(&w, table[byte - 0x80]);
	}
	reader->at = at;
	*writer = w;
}

void charset_ebcdic_read(CharsetReader *reader, CharsetWriter *writer)
{
	const uint16_t *table = tables.ebcdic[reader->used - CHARSET_IBM037];

	for (; reader->at < reader->length && writer->at < writer->end; reader->at++) {
		uint8_t byte = reader->bytes[reader->at];
		if (byte == 0)
			*writer->at++ = 0;
		else
			charset_put(writer, table[byte]);
	}
}
