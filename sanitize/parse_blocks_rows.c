/* parse_blocks_rows: base64 that markup split into short lines, which grammar 5.4 does not call a run.
 *
 * A paragraph, a table row or a list item for every dozen characters keeps each piece below any length at
 * which a line by itself is suspect; who copies them out, or a lenient decoder, has the file all the same.
 * What gives it away is many lines of nothing else, whose characters change their class all the time. A list
 * of names or codes changes it once or twice a word, and in every line at the same places.
 */
#include "parse_blocks_priv.h"

#include <string.h>

enum {
	ROWS = 6,   /* lines one after the other */
	SHORT = 16, /* characters: shorter lines than that could be codes, so it takes more of them */
	SHORT_ROWS = 12,
	LEAST = 4,         /* characters of a line */
	UNEVEN_LEAST = 8,  /* ... where the lines are not of the same length */
	CHARACTERS = 64,   /* in all */
	NUMBER_DIGITS = 5, /* of the number of a line */
	DENSE = 33,        /* percent; lists of the same length in every line are rare */
	UNEVEN_DENSE = 45, /* ... so words are told by this */
	COLUMNS = 64,      /* that are compared line by line */
};

/* ---- shape
 * ---------------------------------------------------------------------------------------------------------
 */

typedef enum { CLASS_NONE, CLASS_UPPER, CLASS_LOWER, CLASS_DIGIT, CLASS_SIGN } Class;

static Class class_of(uint8_t c)
{
	if (g_ascii_isupper((char)c))
		return CLASS_UPPER;
	if (g_ascii_islower((char)c))
		return CLASS_LOWER;
	return g_ascii_isdigit((char)c) ? CLASS_DIGIT : CLASS_SIGN;
}

void parse_blocks_shape_add(BlockShape *shape, uint8_t c)
{
	Class now = class_of(c), last = shape->last != 0 ? class_of(shape->last) : CLASS_NONE;
	bool letter = now == CLASS_UPPER || now == CLASS_LOWER;

	shape->upper |= now == CLASS_UPPER;
	shape->lower |= now == CLASS_LOWER;
	shape->digit |= now == CLASS_DIGIT;
	shape->sign |= c == '+' || c == '/';
	shape->odd |= (last == CLASS_LOWER && now == CLASS_UPPER) || c == '+' || c == '/' ||
	              (last == CLASS_DIGIT && letter && shape->letter);
	shape->letter |= letter;
	/* pages of zeros are all `A` */
	if (last != CLASS_NONE && c != shape->last) {
		shape->pairs++;
		shape->changes += now != last;
	}
	shape->last = c;
}

void parse_blocks_shape_end_word(BlockShape *shape)
{
	shape->words++;
	shape->odd_words += shape->odd;
	shape->odd = shape->letter = false;
	shape->last = 0;
}

bool parse_blocks_shape_is_dense(const BlockShape *shape, unsigned percent)
{
	return shape->changes * 100 >= shape->pairs * percent;
}

/* ---- one line
 * ------------------------------------------------------------------------------------------------------ */

typedef struct {
	size_t start, stop; /* of its characters, with the pads */
	bool odd;
} Row;

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_coded(uint8_t c)
{
	return g_ascii_isalnum((char)c) || c == '+' || c == '/' || c == '-' || c == '_';
}

/* Length of "12 ", "12: ", or one sign and a blank, as lists put them before a line. */
static size_t lead_length(ParseRange line)
{
	size_t at = 0;

	while (at < line.length && at < NUMBER_DIGITS && g_ascii_isdigit((char)line.bytes[at]))
		at++;
	if (at == 0 && line.length > 0 && !g_ascii_isalnum((char)line.bytes[0])) {
		for (at = 1; at < line.length && (line.bytes[at] & 0xc0) == 0x80; at++)
			continue;
	} else if (at > 0 && at < line.length && strchr(".:)", line.bytes[at]) != NULL) {
		at++;
	}
	const ParseRange rest = { line.bytes + at, line.length - at };
	size_t blanks = at > 0 ? parse_blocks_quote(rest) : 0;
	return blanks > 0 ? at + blanks : 0;
}

/* Is all of the line of one of the two alphabets? A path with hyphens is of both. */
static bool row_is_coded(ParseRange line, Row *row, size_t base)
{
	BlockShape shape = { .last = 0 };
	bool minus = false;
	size_t at = 0, pads = 0;

	for (; at < line.length && is_coded(line.bytes[at]); at++) {
		minus |= line.bytes[at] == '-' || line.bytes[at] == '_';
		parse_blocks_shape_add(&shape, line.bytes[at]);
	}
	for (; at > 0 && at < line.length && pads < 2 && line.bytes[at] == '='; pads++)
		at++;
	size_t length = at;
	while (at < line.length && (is_blank(line.bytes[at])))
		at++;
	*row = (Row) { base, base + length, shape.odd };
	return at == line.length && length >= LEAST && !(minus && shape.sign);
}

static bool row_read(ParseRange line, size_t base, Row *row)
{
	if (row_is_coded(line, row, base))
		return true;
	size_t lead = lead_length(line);
	return lead > 0 &&
	       row_is_coded((ParseRange) { line.bytes + lead, line.length - lead }, row, base + lead);
}

typedef enum { LINE_EMPTY, LINE_ROW, LINE_OTHER } LineKind;

/* Takes the line at *at. */
static LineKind row_next(ParseRange text, size_t *at, Row *row)
{
	const uint8_t *lf = memchr(text.bytes + *at, '\n', text.length - *at);
	size_t end = lf != NULL ? (size_t)(lf - text.bytes) : text.length;
	ParseRange line = { text.bytes + *at, end - *at };
	size_t quote = parse_blocks_quote(line), start = *at + quote;

	*at = end + 1;
	if (quote == line.length)
		return LINE_EMPTY;
	line = (ParseRange) { line.bytes + quote, line.length - quote };
	return row_read(line, start, row) ? LINE_ROW : LINE_OTHER;
}

/* ---- many
 * ---------------------------------------------------------------------------------------------------------
 */

typedef struct {
	BlockScan *scan;
	bool uneven;        /* of any lengths, each line by itself no word */
	size_t line;        /* where the first line begins */
	size_t start, stop; /* of the characters */
	size_t length;      /* of the last line */
	size_t rows, characters;
	size_t alike; /* lines of the same classes, column by column, as the one before */
	BlockShape shape;
	uint8_t columns[COLUMNS]; /* classes of the last line */
} Rows;

static void rows_begin(Rows *rows, const Row *row, size_t line)
{
	*rows = (Rows) { .scan = rows->scan, .uneven = rows->uneven, .line = line, .start = row->start };
}

/* Zeros are `A` over and over, and not what a list has in its columns. */
static bool rows_compare(Rows *rows, ParseRange data)
{
	bool alike = rows->rows > 0, zeros = true;

	for (size_t i = 0; i < MIN(data.length, (size_t)COLUMNS); i++) {
		Class class = class_of(data.bytes[i]);
		alike = alike && (rows->columns[i] == class || i >= rows->length);
		zeros = zeros && data.bytes[i] == data.bytes[0];
		rows->columns[i] = (uint8_t) class;
	}
	return alike && !zeros;
}

static void rows_add(Rows *rows, const Row *row, size_t line)
{
	const ParseRange data = { rows->scan->text.bytes + row->start, row->stop - row->start };

	if (rows->rows == 0)
		rows_begin(rows, row, line);
	rows->alike += rows_compare(rows, data);
	for (size_t i = 0; i < data.length; i++) {
		if (data.bytes[i] != '=')
			parse_blocks_shape_add(&rows->shape, data.bytes[i]);
	}
	parse_blocks_shape_end_word(&rows->shape);
	rows->rows++;
	rows->characters += data.length;
	rows->length = data.length;
	rows->stop = row->stop;
}

static bool rows_are_base64(const Rows *rows)
{
	unsigned dense = rows->uneven ? UNEVEN_DENSE : DENSE;
	size_t enough = rows->length < SHORT && !rows->uneven ? SHORT_ROWS : ROWS;
	const BlockShape *shape = &rows->shape;

	return rows->rows >= enough && rows->characters >= CHARACTERS && rows->alike * 2 < rows->rows &&
	       shape->upper && shape->lower && (shape->digit || shape->sign) &&
	       shape->odd_words * 4 >= shape->words && parse_blocks_shape_is_dense(shape, dense);
}

/* The characters alone, without the numbers of the lines: those would be decoded with them. */
static GByteArray *rows_decode(const Rows *rows, bool *damaged)
{
	const ParseRange text = { rows->scan->text.bytes, rows->stop };
	g_autoptr(GByteArray) coded = g_byte_array_new();
	Row row;

	for (size_t at = rows->line; at < text.length;) {
		if (row_next(text, &at, &row) == LINE_ROW)
			g_byte_array_append(coded, text.bytes + row.start, (guint)(row.stop - row.start));
	}
	for (guint i = 0; i < coded->len; i++) {
		if (coded->data[i] == '-' || coded->data[i] == '_')
			coded->data[i] = coded->data[i] == '-' ? '+' : '/';
	}
	return parse_blocks_base64(rows->scan, (ParseRange) { coded->data, coded->len }, damaged);
}

static void rows_end(Rows *rows)
{
	bool damaged = false;

	if (rows->rows > 0 && rows_are_base64(rows)) {
		GByteArray *bytes = rows_decode(rows, &damaged);
		parse_blocks_add(rows->scan, PARSE_BLOCK_BASE64, (ParseRange) { NULL, 0 }, bytes, damaged);
		parse_blocks_cut(rows->scan, rows->start, rows->stop, CUT_BLOCK);
	}
	rows->rows = 0;
}

/* The rest of a file is a shorter line; a word that follows it is none of its own. */
static bool rows_take_rest(Rows *rows, const Row *row)
{
	bool pads = rows->scan->text.bytes[row->stop - 1] == '=';

	if (rows->rows == 0 || row->stop - row->start >= rows->length || (!row->odd && !pads) ||
	    !rows_are_base64(rows))
		return false;
	rows->stop = row->stop;
	return true;
}

static bool rows_go_on(const Rows *rows, const Row *row)
{
	size_t length = row->stop - row->start;

	return rows->uneven ? row->odd && length >= UNEVEN_LEAST : rows->rows > 0 && length == rows->length;
}

static void rows_take(Rows *rows, const Row *row, size_t line)
{
	if (rows_go_on(rows, row)) {
		rows_add(rows, row, line);
		return;
	}
	bool rest = rows_take_rest(rows, row);
	rows_end(rows);
	if (!rest && !rows->uneven)
		rows_add(rows, row, line);
}

static void find_rows(BlockScan *scan, bool uneven)
{
	Rows rows = { .scan = scan, .uneven = uneven };
	Row row;

	for (size_t at = 0; at < scan->text.length;) {
		size_t line = at;
		LineKind kind = row_next(scan->text, &at, &row);
		if (kind == LINE_ROW)
			rows_take(&rows, &row, line);
		else if (kind == LINE_OTHER)
			rows_end(&rows);
	}
	rows_end(&rows);
}

void parse_blocks_rows(BlockScan *scan)
{
	find_rows(scan, false);
}

void parse_blocks_uneven_rows(BlockScan *scan)
{
	find_rows(scan, true);
}
