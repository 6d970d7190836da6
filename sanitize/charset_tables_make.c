/* charset_tables_make: prints charset_tables.h, the tables of the character sets that have some, filled from
 * glibc's converters. It runs when Mugai is built.
 *
 * The converters are given every code of their set once, each followed by a line feed, so that one call
 * serves a whole row and no answer can run into the next.
 */
#include "charset_tables_priv.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>

enum {
	CODE_MAX = 4,
	ROW_MAX = GB_ROW,
	ROW_IBM = 89, /* what NEC took from IBM begins here */
};

static CharsetTables tables;

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

static uint16_t pair_0208(unsigned lead, unsigned trail)
{
	return lead <= 0xfc && trail <= 0xfc ? tables.sjis[lead - 0x81][trail - 0x40] : 0;
}

/* JIS X 0208:1997 appendix 1, the shift of rows into Shift_JIS. */
static void fill_0208(void)
{
	for (unsigned row = 1; row <= KUTEN; row++) {
		for (unsigned cell = 1; cell <= KUTEN; cell++) {
			unsigned lead = (row + 1) / 2 + (row <= 62 ? 0x80 : 0xc0);
			unsigned trail = row % 2 == 0 ? cell + 0x9e : cell + 0x3f + (cell >= 64 ? 1 : 0);
			tables.jis0208[row - 1][cell - 1] = pair_0208(lead, trail);
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

static void fill_plane(iconv_t handle, size_t width, uint32_t table[KUTEN][KUTEN])
{
	static Row row = { .n = KUTEN };

	row.width = width;
	for (unsigned r = 0; r < KUTEN; r++) {
		for (unsigned cell = 0; cell < KUTEN; cell++) {
			uint8_t *code = row.codes[cell];
			code[0] = 0x8f; /* of plane 2 */
			code[width - 2] = (uint8_t)(0xa1 + r);
			code[width - 1] = (uint8_t)(0xa1 + cell);
		}
		row_convert(handle, &row);
		memcpy(table[r], row.meaning, sizeof table[r]);
	}
}

/* The signs of JIS X 0208 are those of Windows here, too. Below row 89 both have the same otherwise; from
 * there on JIS X 0213 has kanji of its own. */
static void fill_0213(iconv_t handle)
{
	fill_plane(handle, 2, tables.jis0213_1);
	fill_plane(handle, 3, tables.jis0213_2);
	for (unsigned row = 1; row < ROW_IBM; row++) {
		for (unsigned cell = 1; cell <= KUTEN; cell++) {
			uint16_t common = tables.jis0208[row - 1][cell - 1];
			if (common != 0)
				tables.jis0213_1[row - 1][cell - 1] = common;
		}
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
static void fill_single(iconv_t handle)
{
	static Row row = { .width = 1, .n = 128 };
	static unsigned at; /* in the order of single_converters */

	for (unsigned i = 0; i < 128; i++)
		row.codes[i][0] = (uint8_t)(0x80 + i);
	row_convert(handle, &row);
	for (unsigned i = 0; i < 128; i++)
		tables.single[at][i] = row.meaning[i] <= 0xffff ? (uint16_t)row.meaning[i] : 0;
	at++;
}

static bool fill_from(const char *name, void (*fill)(iconv_t))
{
	iconv_t handle = iconv_open("UCS-4BE", name);

	if (handle == (iconv_t)-1) {
		fprintf(stderr, "charset_tables_make: the C library has no converter for '%s'\n", name);
		return false;
	}
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

/* One call a code: a line feed between them would be a letter here. NEL, which ends a line there, would be
 * lost with the other controls, and the lines would become one. */
static void fill_ebcdic(iconv_t handle)
{
	static unsigned at; /* in the order of ebcdic_converters */

	for (unsigned i = 0; i < 256; i++) {
		uint8_t code = (uint8_t)i, ucs[4] = { 0 };
		char *in = (char *)&code, *out = (char *)ucs;
		size_t in_left = sizeof code, out_left = sizeof ucs;
		iconv(handle, NULL, NULL, NULL, NULL);
		bool done = iconv(handle, &in, &in_left, &out, &out_left) != (size_t)-1;
		uint16_t c = done && out_left == 0 ? (uint16_t)(ucs[2] << 8 | ucs[3]) : 0;
		tables.ebcdic[at][i] = c == 0x85 ? '\n' : c;
	}
	at++;
}

static bool fill_all(void)
{
	static const char *const ebcdic_converters[EBCDICS] = { "IBM037", "IBM500", "IBM1047", "IBM1140" };
	bool done = fill_from("CP932", fill_sjis) && fill_from("EUC-JP-MS", fill_0212) &&
	            fill_from("EUC-JISX0213", fill_0213) && /* after CP932 */
	            fill_from("GB18030", fill_gb18030) && fill_from("BIG5-HKSCS", fill_big5) &&
	            fill_from("UHC", fill_korean);

	for (size_t i = 0; done && i < SINGLES; i++)
		done = fill_from(single_converters[i], fill_single);
	for (size_t i = 0; done && i < EBCDICS; i++)
		done = fill_from(ebcdic_converters[i], fill_ebcdic);
	return done;
}

/* ---- printing ---------------------------------------------------------------------------------------- */

static void print_values(const void *values, unsigned n, size_t width)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t value = width == 4 ? ((const uint32_t *)values)[i] : ((const uint16_t *)values)[i];
		printf("%s%#x,", i % 16 == 0 ? "\n\t\t" : " ", (unsigned)value);
	}
	printf("\n");
}

static void print_table(const char *name, const void *table, unsigned rows, unsigned columns, size_t width)
{
	printf("\t.%s = {\n", name);
	for (unsigned i = 0; i < rows; i++) {
		printf("\t\t{");
		print_values((const char *)table + i * columns * width, columns, width);
		printf("\t\t},\n");
	}
	printf("\t},\n");
}

#define PRINT(table)                                                                                         \
	print_table(#table, tables.table, G_N_ELEMENTS(tables.table), G_N_ELEMENTS(tables.table[0]),         \
	            sizeof tables.table[0][0])

static void print_all(void)
{
	printf("/* Made by charset_tables_make from glibc's converters. */\n"
	       "#include \"charset_tables_priv.h\"\n\n"
	       "static const CharsetTables tables = {\n\t.gb_four = {");
	print_values(tables.gb_four, GB_FOUR, sizeof tables.gb_four[0]);
	printf("\t},\n");
	PRINT(sjis);
	PRINT(jis0208);
	PRINT(jis0212);
	PRINT(jis0213_1);
	PRINT(jis0213_2);
	PRINT(gb);
	PRINT(big5);
	PRINT(korean);
	PRINT(single);
	PRINT(ebcdic);
	printf("};\n");
}

int main(void)
{
	if (!fill_all())
		return 69;
	print_all();
	return fflush(stdout) == 0 ? 0 : 74;
}
