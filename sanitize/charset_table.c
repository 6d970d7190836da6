/* charset_table: tables of the character sets that have some, filled from glibc's converters in
 * charset_warm_up(), and the decoders that look into them.
 *
 * The converters are given every code of their set once, each followed by a line feed, so that one call
 * serves a whole row and no answer can run into the next. No byte of a mail ever reaches them.
 */
#include "charset_priv.h"

#include "parse_code_priv.h"

#include <iconv.h>
#include <string.h>

enum {
	KUTEN = 94,
	ROW_IBM = 89,       /* NEC's copy of the rows of IBM begins here */
	LEADS = 126,        /* 81 .. FE */
	TRAILS = 191,       /* 40 .. FE */
	GB_FOUR = 39420,    /* codes of four bytes up to U+FFFF: 81 30 81 30 .. 84 31 A4 39 */
	GB_PLANES = 189000, /* ... and where U+10000 begins: 90 30 81 30 */
	GB_ROW = 1260,
	SINGLES = CHARSET_COUNT - CHARSET_SINGLE_FIRST + 1,
	CODE_MAX = 4,
	ROW_MAX = GB_ROW,
	EBCDICS = CHARSET_IBM1140 - CHARSET_IBM037 + 1,
};

static struct {
	bool ready;
	uint16_t sjis[LEADS][TRAILS];
	uint16_t jis0208[KUTEN][KUTEN]; /* the same by row and cell, since most mail comes so */
	uint16_t jis0212[KUTEN][KUTEN];
	uint16_t gb[LEADS][TRAILS];
	uint16_t gb_four[GB_FOUR];
	uint32_t big5[LEADS][TRAILS]; /* two code points of 16 bits where it is above U+10FFFF */
	uint16_t korean[LEADS][TRAILS];
	uint16_t single[SINGLES][128]; /* the last one is windows-1252 */
	uint16_t ebcdic[EBCDICS][256];
} tables;

/* ---- filling ----------------------------------------------------------------------------------------- */

/* One row of codes of one width, and what they mean. */
typedef struct {
	size_t width;
	size_t n;
	uint8_t codes[ROW_MAX][CODE_MAX];
	uint32_t meaning[ROW_MAX]; /* 0 = none */
} Row;

static size_t row_pack(const Row *row, uint8_t *packed)
{
	size_t at = 0;

	for (size_t i = 0; i < row->n; i++) {
		memcpy(packed + at, row->codes[i], row->width);
		packed[at + row->width] = '\n';
		at += row->width + 1;
	}
	return at;
}

/* Stores big-endian UCS-4 from code number i on; returns the number of the next code. */
static size_t row_store(Row *row, size_t i, const uint8_t *ucs, size_t length)
{
	for (size_t at = 0; at + 4 <= length && i < row->n; at += 4) {
		uint32_t c = (uint32_t)ucs[at] << 24 | (uint32_t)ucs[at + 1] << 16 |
		             (uint32_t)ucs[at + 2] << 8 | ucs[at + 3];
		if (c == '\n')
			i++;
		else
			row->meaning[i] = row->meaning[i] << 16 | c;
	}
	return i;
}

/* A code that the converter refuses stops it: that one is left out, and it goes on behind it. */
static void row_convert(iconv_t handle, Row *row)
{
	static uint8_t packed[ROW_MAX * (CODE_MAX + 1)], ucs[ROW_MAX * 3 * 4];
	size_t length = row_pack(row, packed);

	memset(row->meaning, 0, sizeof row->meaning);
	for (size_t i = 0; i < row->n; i++) {
		char *in = (char *)packed + i * (row->width + 1);
		size_t in_left = length - i * (row->width + 1);
		char *out = (char *)ucs;
		size_t out_left = sizeof ucs;
		iconv(handle, NULL, NULL, NULL, NULL);
		size_t result = iconv(handle, &in, &in_left, &out, &out_left);
		i = row_store(row, i, ucs, sizeof ucs - out_left);
		if (result != (size_t)-1)
			return;
		if (i < row->n)
			row->meaning[i] = 0;
	}
}

/* Codes of two bytes: lead, and 40 .. FE but for 7F. */
static void row_pairs(Row *row, iconv_t handle, unsigned lead)
{
	row->width = 2;
	row->n = 0;
	for (unsigned trail = 0x40; trail <= 0xfe; trail++) {
		uint8_t *code = row->codes[row->n++];
		code[0] = (uint8_t)lead;
		code[1] = (uint8_t)trail;
	}
	row_convert(handle, row);
}

static void fill_pairs(iconv_t handle, unsigned first, unsigned last, uint16_t table[LEADS][TRAILS])
{
	static Row row;

	for (unsigned lead = first; lead <= last; lead++) {
		row_pairs(&row, handle, lead);
		for (unsigned i = 0; i < TRAILS; i++)
			table[lead - 0x81][i] = row.meaning[i] <= 0xffff ? (uint16_t)row.meaning[i] : 0;
	}
}

/* JIS X 0208:1997 appendix 1, the shift of rows into Shift_JIS. */
static void fill_0208(void)
{
	for (unsigned row = 1; row <= KUTEN; row++) {
		for (unsigned cell = 1; cell <= KUTEN; cell++) {
			unsigned lead = (row + 1) / 2 + (row <= 62 ? 0x80 : 0xc0);
			unsigned trail = row % 2 == 0 ? cell + 0x9e : cell + 0x3f + (cell >= 64 ? 1 : 0);
			tables.jis0208[row - 1][cell - 1] = charset_sjis_pair((uint8_t)lead, (uint8_t)trail);
		}
	}
}

/* Between the two ranges lie the half-width kana, which are no leads. */
static void fill_sjis(iconv_t handle)
{
	fill_pairs(handle, 0x81, 0x9f, tables.sjis);
	fill_pairs(handle, 0xe0, 0xfc, tables.sjis);
	fill_0208();
}

static void fill_korean(iconv_t handle)
{
	fill_pairs(handle, 0x81, 0xfe, tables.korean);
}

static void fill_big5(iconv_t handle)
{
	static Row row;

	for (unsigned lead = 0; lead < LEADS; lead++) {
		row_pairs(&row, handle, lead + 0x81);
		memcpy(tables.big5[lead], row.meaning, sizeof tables.big5[lead]);
	}
	/* glibc leaves these two out, since Unicode has them twice; mail from Taiwan draws lines with them */
	tables.big5[0xa1 - 0x81][0x5a - 0x40] = 0x2574;
	tables.big5[0xa1 - 0x81][0xc5 - 0x40] = 0x02cd;
}

static void fill_0212(iconv_t handle)
{
	static Row row = { .width = 3, .n = KUTEN };

	for (unsigned r = 0; r < KUTEN; r++) {
		for (unsigned cell = 0; cell < KUTEN; cell++) {
			row.codes[cell][0] = 0x8f;
			row.codes[cell][1] = (uint8_t)(0xa1 + r);
			row.codes[cell][2] = (uint8_t)(0xa1 + cell);
		}
		row_convert(handle, &row);
		for (unsigned cell = 0; cell < KUTEN; cell++)
			tables.jis0212[r][cell] = (uint16_t)row.meaning[cell];
	}
}

static void fill_gb_row(iconv_t handle, unsigned first)
{
	static Row row = { .width = 4, .n = GB_ROW };

	for (unsigned i = 0; i < GB_ROW; i++) {
		row.codes[i][0] = (uint8_t)(0x81 + first / (GB_ROW * 10));
		row.codes[i][1] = (uint8_t)(0x30 + first / GB_ROW % 10);
		row.codes[i][2] = (uint8_t)(0x81 + i / 10);
		row.codes[i][3] = (uint8_t)(0x30 + i % 10);
	}
	row_convert(handle, &row);
	for (unsigned i = 0; i < GB_ROW && first + i < GB_FOUR; i++)
		tables.gb_four[first + i] = row.meaning[i] <= 0xffff ? (uint16_t)row.meaning[i] : 0;
}

static void fill_gb18030(iconv_t handle)
{
	fill_pairs(handle, 0x81, 0xfe, tables.gb);
	for (unsigned first = 0; first < GB_FOUR; first += GB_ROW)
		fill_gb_row(handle, first);
}

/* By code alone, since windows-1255 and windows-1258 compose: the line feed makes them give up what they
 * hold. */
static void fill_single(iconv_t handle, uint16_t table[128])
{
	static Row row = { .width = 1, .n = 128 };

	for (unsigned i = 0; i < 128; i++)
		row.codes[i][0] = (uint8_t)(0x80 + i);
	row_convert(handle, &row);
	for (unsigned i = 0; i < 128; i++)
		table[i] = row.meaning[i] <= 0xffff ? (uint16_t)row.meaning[i] : 0;
}

static bool converter_open(const char *name, iconv_t *ret_handle, GError **error)
{
	*ret_handle = iconv_open("UCS-4BE", name);
	if (*ret_handle != (iconv_t)-1)
		return true;
	g_set_error(error, PARSE_CODE_ERROR, PARSE_CODE_ERROR_WARM_UP,
	            "the C library has no converter for '%s'", name);
	return false;
}

static bool table_build(const char *name, void (*fill)(iconv_t), GError **error)
{
	iconv_t handle;

	if (!converter_open(name, &handle, error))
		return false;
	fill(handle);
	iconv_close(handle);
	return true;
}

static const char *const single_converters[SINGLES] = {
#define AT(charset) [charset - CHARSET_SINGLE_FIRST]
	AT(CHARSET_ISO_8859_2) = "ISO-8859-2",
	AT(CHARSET_ISO_8859_3) = "ISO-8859-3",
	AT(CHARSET_ISO_8859_4) = "ISO-8859-4",
	AT(CHARSET_ISO_8859_5) = "ISO-8859-5",
	AT(CHARSET_ISO_8859_6) = "ISO-8859-6",
	AT(CHARSET_ISO_8859_7) = "ISO-8859-7",
	AT(CHARSET_ISO_8859_8) = "ISO-8859-8",
	AT(CHARSET_ISO_8859_10) = "ISO-8859-10",
	AT(CHARSET_ISO_8859_13) = "ISO-8859-13",
	AT(CHARSET_ISO_8859_14) = "ISO-8859-14",
	AT(CHARSET_ISO_8859_15) = "ISO-8859-15",
	AT(CHARSET_ISO_8859_16) = "ISO-8859-16",
	AT(CHARSET_WINDOWS_874) = "CP874",
	AT(CHARSET_WINDOWS_1250) = "CP1250",
	AT(CHARSET_WINDOWS_1251) = "CP1251",
	AT(CHARSET_WINDOWS_1253) = "CP1253",
	AT(CHARSET_WINDOWS_1254) = "CP1254",
	AT(CHARSET_WINDOWS_1255) = "CP1255",
	AT(CHARSET_WINDOWS_1256) = "CP1256",
	AT(CHARSET_WINDOWS_1257) = "CP1257",
	AT(CHARSET_WINDOWS_1258) = "CP1258",
	AT(CHARSET_KOI8_R) = "KOI8-R",
	AT(CHARSET_KOI8_U) = "KOI8-U",
	AT(CHARSET_MACINTOSH) = "MACINTOSH",
	AT(CHARSET_MAC_CYRILLIC) = "MAC-CYRILLIC",
	AT(CHARSET_IBM866) = "IBM866",
	[SINGLES - 1] = "CP1252",
#undef AT
};

static bool singles_build(GError **error)
{
	for (size_t i = 0; i < SINGLES; i++) {
		iconv_t handle;
		if (!converter_open(single_converters[i], &handle, error))
			return false;
		fill_single(handle, tables.single[i]);
		iconv_close(handle);
	}
	return true;
}

/* One call a code: a line feed between them would be a letter here. NEL, which ends a line there, would be
 * lost with the other controls, and the lines would become one. */
static void fill_ebcdic(iconv_t handle, uint16_t table[256])
{
	for (unsigned i = 0; i < 256; i++) {
		uint8_t code = (uint8_t)i, ucs[4] = { 0 };
		char *in = (char *)&code, *out = (char *)ucs;
		size_t in_left = sizeof code, out_left = sizeof ucs;
		iconv(handle, NULL, NULL, NULL, NULL);
		bool done = iconv(handle, &in, &in_left, &out, &out_left) != (size_t)-1;
		uint16_t c = done && out_left == 0 ? (uint16_t)(ucs[2] << 8 | ucs[3]) : 0;
		table[i] = c == 0x85 ? '\n' : c;
	}
}

static bool ebcdics_build(GError **error)
{
	static const char *const names[EBCDICS] = { "IBM037", "IBM500", "IBM1047", "IBM1140" };

	for (size_t i = 0; i < EBCDICS; i++) {
		iconv_t handle;
		if (!converter_open(names[i], &handle, error))
			return false;
		fill_ebcdic(handle, tables.ebcdic[i]);
		iconv_close(handle);
	}
	return true;
}

bool charset_warm_up(GError **error)
{
	if (tables.ready)
		return true;
	tables.ready = table_build("CP932", fill_sjis, error) && table_build("EUC-JP-MS", fill_0212, error) &&
	               table_build("GB18030", fill_gb18030, error) &&
	               table_build("BIG5-HKSCS", fill_big5, error) &&
	               table_build("UHC", fill_korean, error) && singles_build(error) && ebcdics_build(error);
	return tables.ready;
}

/* ---- looking up -------------------------------------------------------------------------------------- */

uint16_t charset_sjis_pair(uint8_t lead, uint8_t trail)
{
	if (lead < 0x81 || lead > 0xfc || trail < 0x40 || trail > 0xfc)
		return 0;
	return tables.sjis[lead - 0x81][trail - 0x40];
}

static uint16_t pair_of(uint16_t table[LEADS][TRAILS], uint8_t lead, uint8_t trail)
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

/* Row 13 and what is below row 89 is the same in both; the rows of IBM are kanji of its own in JIS X 0213. */
uint32_t charset_kuten_plane_1(unsigned row, unsigned cell)
{
	uint16_t common = row < ROW_IBM ? charset_kuten(row, cell) : 0;

	return common != 0 ? common : charset_kuten_0213(1, row, cell);
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
		return charset_kuten_plane_1((lead - (lead < 0xa0 ? 0x81u : 0xc1u)) * 2 + 1 + second, cell);
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
	charset_put_pair(writer, first ? charset_kuten_plane_1(row, cell) : charset_kuten_0213(2, row, cell));
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
