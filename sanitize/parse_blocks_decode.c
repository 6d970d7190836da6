/* parse_blocks_decode: what is in a block with a begin line, and where it ends.
 *
 * Each decoder takes lines only as long as they can be data, so that a begin line inside a letter does not
 * swallow the rest of it. A block that stops before its end line is returned as damaged: some readers decode
 * it all the same.
 */
#include "parse_blocks_priv.h"

#include <string.h>

enum {
	BLANK_LINES = 2, /* inside a block, between two lines of data */
	DATA_LINE = 16,  /* no word of a letter is that long and nothing but base64 */
	YENC_SLACK = 3,  /* bytes by which an escape at its end may lengthen a line */
	BINHEX_REPEAT = 0x90,
	BINHEX_LINE = 64,
	BINHEX_KINDS = 12,  /* different characters; a line that is drawn is of fewer */
	BINHEX_HEADER = 21, /* behind the name: version, type, creator, flags, two lengths, check sum */
};

static bool line_is(ParseRange line, const char *word)
{
	while (line.length > 0 && line.bytes[line.length - 1] == ' ')
		line.length--;
	return line.length == strlen(word) && parse_blocks_begins(line, word);
}

static bool is_empty(ParseRange line)
{
	return parse_blocks_quote(line) == line.length;
}

/* The next line that is not empty, without taking it; *lines is a copy of the caller's. */
static bool peek_data(BlockLines lines, ParseRange *ret_line)
{
	for (unsigned blanks = 0; parse_blocks_peek(&lines, ret_line); blanks++) {
		if (!is_empty(*ret_line))
			return true;
		if (blanks == BLANK_LINES)
			return false;
		parse_blocks_take(&lines);
	}
	return false;
}

/* Takes the line that peek_data showed, and the empty ones before it. */
static void take_data(BlockLines *lines)
{
	ParseRange line;

	while (parse_blocks_peek(lines, &line) && is_empty(line))
		parse_blocks_take(lines);
	parse_blocks_take(lines);
}

/* What follows the word and the mode; without a mode all of it. */
static ParseRange begin_name(ParseRange begin, const char *word)
{
	size_t at = strlen(word);

	while (at < begin.length && begin.bytes[at] == ' ')
		at++;
	size_t mode = at;
	while (at < begin.length && g_ascii_isdigit((char)begin.bytes[at]))
		at++;
	if (at < begin.length && begin.bytes[at] != ' ' && begin.bytes[at] != '\t')
		at = mode;
	return (ParseRange) { begin.bytes + at, begin.length - at };
}

/* ---- uuencode and xxencode
 * --------------------------------------------------------------------------------------- */

static int uu_value(uint8_t c)
{
	return c >= 0x20 && c <= 0x60 ? (c - 0x20) & 0x3f : -1;
}

static int xx_value(uint8_t c)
{
	static const char alphabet[] = "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *found = c != '\0' ? strchr(alphabet, c) : NULL;

	return found != NULL ? (int)(found - alphabet) : -1;
}

typedef int (*Alphabet)(uint8_t c);

/* The length that the first character says, give or take blanks that were stripped and a check character.
 * Lines of nothing but zeros may have lost all of it, but only a full line is believed to. */
static bool fits(ParseRange line, Alphabet value, bool established)
{
	if (line.length == 0)
		return false;
	for (size_t i = 0; i < line.length; i++) {
		if (value(line.bytes[i]) < 0)
			return false;
	}
	size_t bytes = (size_t)value(line.bytes[0]), said = (bytes + 2) / 3 * 4, there = line.length - 1;
	bool stripped = value == uu_value && (there + 3 >= said || (established && bytes == 45));
	return there <= said + 2 && (there >= said || stripped);
}

static void decode_line(const BlockScan *scan, ParseRange line, Alphabet value, GByteArray *bytes,
                        bool *damaged)
{
	size_t length = (size_t)value(line.bytes[0]);
	uint32_t bits = 0;

	if (bytes->len + length > scan->room) {
		*damaged = true;
		return;
	}
	for (size_t i = 0; i < length; i++) {
		for (size_t c = 1 + i / 3 * 4; i % 3 == 0 && c < 5 + i / 3 * 4; c++)
			bits = bits << 6 | (c < line.length ? (uint32_t)value(line.bytes[c]) : 0);
		const guint8 byte = (guint8)(bits >> (16 - 8 * (i % 3)));
		g_byte_array_append(bytes, &byte, 1);
	}
}

static Alphabet find_alphabet(BlockLines lines)
{
	static const Alphabet alphabets[] = { uu_value, xx_value };
	ParseRange line;

	if (!peek_data(lines, &line))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(alphabets); i++) {
		if (fits(line, alphabets[i], false))
			return alphabets[i];
	}
	return NULL;
}

bool parse_blocks_uuencode(BlockScan *scan, ParseRange begin, BlockLines *lines)
{
	Alphabet value = find_alphabet(*lines);
	bool ended = false, full = false;
	ParseRange line;

	if (value == NULL)
		return false;
	GByteArray *bytes = g_byte_array_new();
	while (!ended && peek_data(*lines, &line)) {
		ended = line_is(line, "end");
		if (!ended && !fits(line, value, bytes->len > 0))
			break;
		if (!ended)
			decode_line(scan, line, value, bytes, &full);
		take_data(lines);
	}
	parse_blocks_add(scan, PARSE_BLOCK_UUENCODE, begin_name(begin, "begin"), bytes, full || !ended);
	return true;
}

/* ---- begin-base64
 * ---------------------------------------------------------------------------------------------------- */

static bool is_alphabet(uint8_t c)
{
	return g_ascii_isalnum((char)c) || c == '+' || c == '/';
}

static bool is_base64(ParseRange line)
{
	size_t at = 0;

	while (at < line.length && is_alphabet(line.bytes[at]))
		at++;
	size_t data = at;
	while (at < line.length && line.bytes[at] == '=')
		at++;
	while (at < line.length && line.bytes[at] == ' ')
		at++;
	return data > 0 && at == line.length;
}

bool parse_blocks_begin_base64(BlockScan *scan, ParseRange begin, BlockLines *lines)
{
	bool ended = false, damaged = false;
	ParseRange line;

	/* one word in a line of its own is no data, but for a short file */
	if (!peek_data(*lines, &line) || !is_base64(line) ||
	    (line.length < DATA_LINE && line.length % 4 != 0))
		return false;
	size_t start = lines->at, stop = start;
	while (!ended && peek_data(*lines, &line)) {
		ended = line_is(line, "====");
		if (!ended && !is_base64(line))
			break;
		take_data(lines);
		stop = ended ? stop : lines->end;
	}
	const ParseRange data = { scan->text.bytes + start, stop - start };
	GByteArray *bytes = parse_blocks_base64(scan, data, &damaged);
	parse_blocks_add(scan, PARSE_BLOCK_BASE64, begin_name(begin, "begin-base64"), bytes,
	                 damaged || !ended);
	return true;
}

/* ---- PGP
 * ---------------------------------------------------------------------------------------------------------------
 */

/* The fields that may stand in armour before its data (RFC 4880, 6.2). */
static bool is_armour_field(ParseRange line)
{
	static const char *const fields[] = { "Version:", "Comment:", "MessageID:", "Hash:", "Charset:" };

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (parse_blocks_begins(line, fields[i]))
			return true;
	}
	return false;
}

typedef struct {
	size_t start, stop; /* of the data, SIZE_MAX: none yet */
	bool ended;
} Armour;

/* Without its end line up to the last line that can be no word of a letter: a long one of data, or the check
 * sum. */
static void take_armour(BlockLines *lines, Armour *armour)
{
	BlockLines ahead = *lines;
	ParseRange line;

	while (!armour->ended && parse_blocks_peek(&ahead, &line)) {
		bool data = is_base64(line), sum = line.length == 5 && line.bytes[0] == '=';
		armour->ended = parse_blocks_begins(line, "-----END PGP MESSAGE");
		if (!armour->ended && !data && !sum && !is_armour_field(line) && !is_empty(line))
			return;
		if (data && armour->start == SIZE_MAX)
			armour->start = ahead.at;
		parse_blocks_take(&ahead);
		if (data)
			armour->stop = ahead.end;
		if (armour->ended || sum || (data && line.length >= DATA_LINE))
			*lines = ahead;
	}
}

bool parse_blocks_pgp(BlockScan *scan, ParseRange begin, BlockLines *lines)
{
	Armour armour = { SIZE_MAX, 0, false };
	size_t at = lines->at;
	bool damaged = false;

	(void)begin;
	take_armour(lines, &armour);
	if (lines->at == at)
		return false;
	ParseRange data = { scan->text.bytes, 0 };
	if (armour.start != SIZE_MAX)
		data = (ParseRange) { scan->text.bytes + armour.start,
			              MIN(armour.stop, lines->end) - armour.start };
	GByteArray *bytes = parse_blocks_base64(scan, data, &damaged);
	parse_blocks_add(scan, PARSE_BLOCK_PGP, (ParseRange) { NULL, 0 }, bytes, damaged || !armour.ended);
	return true;
}

/* ---- yEnc
 * -----------------------------------------------------------------------------------------------------------------
 */

/* Offset of the value of ` name=` in a line, or its length. */
static size_t yenc_value(ParseRange line, const char *name)
{
	const uint8_t *found = memmem(line.bytes, line.length, name, strlen(name));

	return found != NULL ? (size_t)(found - line.bytes) + strlen(name) : line.length;
}

static size_t yenc_number(ParseRange line, const char *name)
{
	size_t number = 0;

	for (size_t at = yenc_value(line, name); at < line.length && g_ascii_isdigit((char)line.bytes[at]);
	     at++)
		number = MIN(number * 10 + (size_t)(line.bytes[at] - '0'), (size_t)G_MAXUINT32);
	return number;
}

static bool yenc_line(const BlockScan *scan, ParseRange line, GByteArray *bytes)
{
	size_t at = line.length >= 2 && memcmp(line.bytes, "..", 2) == 0 ? 1 : 0;

	if (bytes->len + line.length > scan->room)
		return false;
	for (; at < line.length; at++) {
		uint8_t c = line.bytes[at];
		if (c == '=' && at + 1 < line.length)
			c = (uint8_t)(line.bytes[++at] - 64);
		c = (uint8_t)(c - 42);
		g_byte_array_append(bytes, &c, 1);
	}
	return true;
}

/* One search for a text: else a text of begin lines would be quadratic. */
static bool yenc_has_end(BlockScan *scan, size_t at)
{
	if (scan->last_yend == SIZE_MAX) {
		scan->last_yend = 0;
		for (size_t line = 0, end = 0; line < scan->text.length;) {
			size_t next = parse_next_line(scan->text, line, &end);
			const ParseRange whole = { scan->text.bytes + line, end - line };
			size_t quote = parse_blocks_quote(whole);
			if (parse_blocks_begins((ParseRange) { whole.bytes + quote, whole.length - quote },
			                        "=yend"))
				scan->last_yend = line;
			line = next;
		}
	}
	return scan->last_yend >= at && scan->last_yend > 0;
}

typedef struct {
	size_t width, size; /* as the begin line says; 0 = not said */
	bool has_end;
	bool ended, full;
	bool part; /* of a file in several mails */
} Yenc;

/* Without an end line only lines of the width that was said, and a shorter one that makes up the size. */
static bool yenc_is_data(const Yenc *yenc, ParseRange line, size_t done)
{
	bool whole = line.length >= yenc->width && line.length <= yenc->width + YENC_SLACK;
	bool last = done < yenc->size && line.length >= yenc->size - done &&
	            line.length <= 2 * (yenc->size - done) && line.length <= yenc->width;

	return yenc->has_end || (yenc->width > 0 && done < yenc->size && (whole || last));
}

static void yenc_take(const BlockScan *scan, Yenc *yenc, BlockLines *lines, GByteArray *bytes)
{
	ParseRange line;

	while (!yenc->ended && parse_blocks_peek(lines, &line)) {
		bool head = parse_blocks_begins(line, "=ypart ");
		yenc->ended = parse_blocks_begins(line, "=yend");
		if (!yenc->ended && !head && !yenc_is_data(yenc, line, bytes->len))
			return;
		if (yenc->ended && yenc_value(line, "size=") < line.length)
			yenc->size = yenc_number(line, "size=");
		yenc->part |= head;
		if (!yenc->ended && !head)
			yenc->full |= !yenc_line(scan, line, bytes);
		parse_blocks_take(lines);
	}
}

bool parse_blocks_yenc(BlockScan *scan, ParseRange begin, BlockLines *lines)
{
	size_t at = lines->at, name = yenc_value(begin, " name=");
	Yenc yenc = { .width = yenc_number(begin, " line="), .size = yenc_number(begin, " size=") };

	if (yenc.width == 0 && yenc.size == 0)
		return false;
	yenc.has_end = yenc_has_end(scan, at);
	GByteArray *bytes = g_byte_array_new();
	yenc_take(scan, &yenc, lines, bytes);
	if (lines->at == at) {
		g_byte_array_unref(bytes);
		return false;
	}
	bool damaged = !yenc.ended || yenc.full || yenc.part || bytes->len != yenc.size;
	parse_blocks_add(scan, PARSE_BLOCK_YENC, (ParseRange) { begin.bytes + name, begin.length - name },
	                 bytes, damaged);
	return true;
}

/* ---- BinHex 4
 * ---------------------------------------------------------------------------------------------------------------
 */

static int binhex_value(uint8_t c)
{
	static const char alphabet[] = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
	const char *found = c != '\0' ? strchr(alphabet, c) : NULL;

	return found != NULL ? (int)(found - alphabet) : -1;
}

typedef struct {
	GByteArray *bytes;
	size_t room;
	uint32_t bits;
	unsigned count; /* of bits */
	bool repeat;    /* the next byte is a count */
	bool full;
} Binhex;

static void binhex_put(Binhex *binhex, uint8_t byte, size_t times)
{
	if (binhex->bytes->len + times > binhex->room) {
		binhex->full = true;
		return;
	}
	for (size_t i = 0; i < times; i++)
		g_byte_array_append(binhex->bytes, &byte, 1);
}

/* 0x90 n: the byte before stands there n times; 0x90 0: 0x90 itself. */
static void binhex_byte(Binhex *binhex, uint8_t byte)
{
	bool repeat = binhex->repeat;

	binhex->repeat = !repeat && byte == BINHEX_REPEAT;
	if (binhex->repeat)
		return;
	if (!repeat)
		binhex_put(binhex, byte, 1);
	else if (byte == 0)
		binhex_put(binhex, BINHEX_REPEAT, 1);
	else if (binhex->bytes->len > 0)
		binhex_put(binhex, binhex->bytes->data[binhex->bytes->len - 1], byte - 1u);
}

static void binhex_char(Binhex *binhex, uint8_t c)
{
	int value = binhex_value(c);

	if (value < 0)
		return;
	binhex->bits = binhex->bits << 6 | (uint32_t)value;
	binhex->count += 6;
	if (binhex->count < 8)
		return;
	binhex->count -= 8;
	binhex_byte(binhex, (uint8_t)(binhex->bits >> binhex->count));
}

static bool is_binhex_data(ParseRange line)
{
	size_t length = line.length;

	while (length > 0 && line.bytes[length - 1] == ' ')
		length--;
	for (size_t i = 0; i < length; i++) {
		if (binhex_value(line.bytes[i]) < 0 && line.bytes[i] != ':')
			return false;
	}
	return length > 0;
}

static uint32_t number_at(const GByteArray *bytes, size_t at)
{
	return (uint32_t)bytes->data[at] << 24 | (uint32_t)bytes->data[at + 1] << 16 |
	       (uint32_t)bytes->data[at + 2] << 8 | bytes->data[at + 3];
}

/* A fork of the length that the header says, as far as it is there. */
static GByteArray *fork_of(const GByteArray *bytes, size_t at, size_t length, bool *damaged)
{
	size_t there = at < bytes->len ? bytes->len - at : 0;
	GByteArray *fork = g_byte_array_new();

	*damaged |= there < length;
	if (there > 0)
		g_byte_array_append(fork, bytes->data + at, (guint)MIN(there, length));
	return fork;
}

/* Name, version, type, creator, flags, lengths, check sum; then both forks, each with its check sum. The
 * resource fork may hold a file as well as the data fork. What has no such header is returned as it is. */
static void binhex_add(BlockScan *scan, GByteArray *bytes, bool damaged)
{
	size_t name = bytes->len > 0 ? bytes->data[0] : 0, data = 1 + name + BINHEX_HEADER;

	if (name < 1 || name > 63 || bytes->len < data) {
		parse_blocks_add(scan, PARSE_BLOCK_BINHEX, (ParseRange) { NULL, 0 }, bytes, true);
		return;
	}
	const ParseRange title = { bytes->data + 1, name };
	size_t lengths = 1 + name + 1 + 4 + 4 + 2;
	uint32_t data_length = number_at(bytes, lengths), other_length = number_at(bytes, lengths + 4);
	size_t other = data + (size_t)data_length + 2;
	GByteArray *fork = fork_of(bytes, data, data_length, &damaged);
	parse_blocks_add(scan, PARSE_BLOCK_BINHEX, title, fork, damaged);
	if (other_length > 0 && other < bytes->len)
		parse_blocks_add(scan, PARSE_BLOCK_BINHEX, title,
		                 fork_of(bytes, other, other_length, &damaged), damaged);
	g_byte_array_unref(bytes);
}

typedef struct {
	Binhex binhex;
	size_t characters;
	bool seen[256]; /* which they are */
	bool ended;
} BinhexData;

static void binhex_line(BinhexData *data, ParseRange line, bool first)
{
	for (size_t i = first ? 1 : 0; i < line.length && !data->ended; i++) {
		data->ended = line.bytes[i] == ':';
		data->seen[line.bytes[i]] = true;
		data->characters++;
		binhex_char(&data->binhex, line.bytes[i]);
	}
}

static void binhex_lines(BinhexData *data, BlockLines *lines)
{
	ParseRange line;

	while (!data->ended && peek_data(*lines, &line) && is_binhex_data(line)) {
		binhex_line(data, line, false);
		take_data(lines);
	}
}

bool parse_blocks_binhex(BlockScan *scan, ParseRange begin, BlockLines *lines)
{
	BinhexData data = { .binhex.room = scan->room };
	ParseRange line;

	(void)begin;
	if (!peek_data(*lines, &line) || line.bytes[0] != ':' || !is_binhex_data(line))
		return false;
	data.binhex.bytes = g_byte_array_new();
	binhex_line(&data, line, true);
	take_data(lines);
	binhex_lines(&data, lines);
	binhex_add(scan, data.binhex.bytes, data.binhex.full || !data.ended);
	return true;
}

/* ---- BinHex 4 without its words
 * ---------------------------------------------------------------------------------------------------- */

/* Behind the name stands the version, 0. */
static bool binhex_has_header(const GByteArray *bytes)
{
	size_t name = bytes->len > 0 ? bytes->data[0] : 0;

	return name >= 1 && name <= 63 && bytes->len >= 1 + name + BINHEX_HEADER &&
	       bytes->data[1 + name] == 0;
}

/* A frame drawn with colons and hyphens is none. */
static bool is_bare_binhex(const BinhexData *data)
{
	size_t kinds = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(data->seen); i++)
		kinds += data->seen[i];
	bool whole = data->ended || data->characters >= BINHEX_LINE;
	bool header = binhex_has_header(data->binhex.bytes) && kinds >= BINHEX_KINDS / 2;
	return (header && whole) || (data->ended && data->characters >= BINHEX_LINE && kinds >= BINHEX_KINDS);
}

bool parse_blocks_bare_binhex(BlockScan *scan, ParseRange begin, BlockLines *lines)
{
	BinhexData data = { .binhex.room = scan->room };

	while (begin.length > 0 && begin.bytes[begin.length - 1] == ' ')
		begin.length--;
	if (!is_binhex_data(begin))
		return false;
	data.binhex.bytes = g_byte_array_new();
	binhex_line(&data, begin, true);
	binhex_lines(&data, lines);
	if (!is_bare_binhex(&data)) {
		g_byte_array_unref(data.binhex.bytes);
		return false;
	}
	binhex_add(scan, data.binhex.bytes, data.binhex.full || !data.ended);
	return true;
}
