/* parse_blocks_drawing: codes for a camera, drawn with characters.
 *
 * A telephone reads such a code off the screen and opens what no link of the text shows. What makes it one is
 * that line after line is of blocks and gaps, many of them; a ruler, a progress bar, a chart or a heading
 * with a square before it is not, and box drawing (U+2500 - U+257F) never is.
 */
#include "clean_text.h"
#include "parse_blocks_priv.h"

#include <string.h>

enum {
	LINES = 10,      /* drawn, one after the other; the smallest code takes 11 of half blocks */
	COLUMNS = 10,    /* of a line */
	MIXED_LINES = 5, /* of any LINES; a form to be filled in is of equal squares, and a chart of bars */
	BLANK_LINES = 2, /* inside a drawing */
	BUSY = 6, /* changes that no bar or heading has: neither words nor gaps beside save such a line */
	BUSY_COLUMNS = 5, /* and at least one change in so many columns */
};

typedef struct {
	gunichar first, last;
	bool solid; /* nothing but drawings is made of them; squares are bullets and boxes to tick as well */
} InkRange;

static const InkRange inks[] = {
	{ 0x2580, 0x259f, true },   { 0x25a0, 0x25a1, false }, { 0x25aa, 0x25ab, false },
	{ 0x25fb, 0x25fe, false },  { 0x2b1b, 0x2b1c, true },  { 0x1f7e5, 0x1f7eb, true },
	{ 0x1fb00, 0x1fb3b, true },
};

static const InkRange *ink_of(gunichar c)
{
	for (size_t i = 0; c >= inks[0].first && i < G_N_ELEMENTS(inks); i++) {
		if (c >= inks[i].first && c <= inks[i].last)
			return &inks[i];
	}
	return NULL;
}

static bool is_gap(gunichar c)
{
	return c == ' ' || c == 0x3000 || (c >= 0x2000 && c <= 0x200a) || c == 0x2800;
}

/* ---- one line
 * ------------------------------------------------------------------------------------------------------ */

typedef struct {
	bool drawn; /* counts as a line of a drawing */
	bool part;  /* does not, but may stand between such lines: only blocks and gaps, or empty */
	bool empty;
	bool mixed;
	size_t cells, ink; /* in columns; gaps at its end are none */
} Look;

typedef struct {
	size_t at;      /* column */
	size_t other;   /* columns that are neither */
	gunichar first; /* block of the line */
	gunichar last;  /* sign, 0: it was neither block nor gap */
	size_t stretch; /* column where the blocks and gaps without anything else begin */
	unsigned changes;
	bool busy;
} Walk;

static void walk_ink(Walk *walk, Look *look, gunichar c, unsigned width)
{
	look->mixed |= walk->first != 0 && (c != walk->first || (walk->last != 0 && is_gap(walk->last)));
	walk->first = walk->first != 0 ? walk->first : c;
	look->ink += width;
	look->cells = walk->at + width;
}

static void walk_char(Walk *walk, Look *look, gunichar c)
{
	const InkRange *ink = ink_of(c);
	unsigned width = clean_width(c);
	bool gap = is_gap(c);
	bool solid = gap || (ink != NULL && ink->solid);

	if (width == 0)
		return;
	if (ink != NULL)
		walk_ink(walk, look, c, width);
	else if (!gap)
		walk->other += width;
	if (ink == NULL && !gap)
		look->cells = walk->at + width;
	walk->changes = solid ? walk->changes + (walk->last != 0 && walk->last != c) : 0;
	walk->at += width;
	if (!solid)
		walk->stretch = walk->at;
	size_t columns = walk->at - walk->stretch;
	walk->busy |= walk->changes >= BUSY && columns >= COLUMNS && walk->changes * BUSY_COLUMNS >= columns;
	walk->last = solid || ink != NULL ? c : 0;
}

/* `##` a block and two blanks a gap: banners and headings have odd numbers of them somewhere. */
static bool is_hash_line(ParseRange line, Look *look)
{
	size_t run = 0, hashes = 0;

	for (size_t i = 0; i < line.length; i++) {
		uint8_t c = line.bytes[i];
		bool turns = i > 0 && c != line.bytes[i - 1];
		if ((c != '#' && c != ' ') || (turns && hashes > 0 && run % 2 != 0))
			return false;
		run = turns ? 1 : run + 1;
		look->mixed |= turns && c == '#' && hashes > 0;
		hashes += c == '#';
		look->cells = c == '#' ? i + 1 : look->cells;
	}
	look->ink = hashes;
	return hashes > 0 && (line.bytes[line.length - 1] == ' ' || run % 2 == 0);
}

/* Most lines of most texts: none of the bytes with which a block begins. */
static bool is_plain(ParseRange line)
{
	return memchr(line.bytes, 0xe2, line.length) == NULL &&
	       memchr(line.bytes, 0xf0, line.length) == NULL && memchr(line.bytes, '#', line.length) == NULL;
}

static Look line_look(ParseRange line)
{
	Look look = { .empty = false }, hash = { .empty = false };
	Walk walk = { .at = 0 };
	const char *end = (const char *)line.bytes + line.length;

	if (is_plain(line)) {
		look.empty = parse_blocks_quote(line) == line.length;
		look.part = look.empty;
		return look;
	}
	for (const char *at = (const char *)line.bytes; at < end; at = g_utf8_next_char(at))
		walk_char(&walk, &look, g_utf8_get_char(at));
	if (look.ink == 0 && is_hash_line(line, &hash)) {
		hash.drawn = hash.cells >= COLUMNS;
		hash.part = true;
		return hash;
	}
	look.empty = look.cells == 0;
	look.part = walk.other == 0;
	bool almost = look.ink > 0 && look.ink * 10 >= (look.ink + walk.other) * 9;
	look.drawn = look.cells >= COLUMNS && (almost || walk.busy);
	look.cells = walk.busy ? look.ink : look.cells;
	return look;
}

/* ---- the lines of a drawing
 * ---------------------------------------------------------------------------------------- */

typedef struct {
	Look last[LINES]; /* in turn */
	size_t lines;     /* drawn */
	size_t start, end;
	unsigned blanks;
	bool code;
} Drawing;

static bool is_code(const Drawing *drawing)
{
	size_t cells = 0, ink = 0, mixed = 0;

	for (size_t i = 0; drawing->lines >= LINES && i < LINES; i++) {
		cells += drawing->last[i].cells;
		ink += drawing->last[i].ink;
		mixed += drawing->last[i].mixed;
	}
	return mixed >= MIXED_LINES && ink * 3 >= cells;
}

static void drawing_end(BlockScan *scan, Drawing *drawing)
{
	if (drawing->code) {
		size_t length = drawing->end - drawing->start, most = MIN(length, scan->room);
		GByteArray *bytes = g_byte_array_new();
		g_byte_array_append(bytes, scan->text.bytes + drawing->start, (guint)most);
		parse_blocks_add(scan, PARSE_BLOCK_DRAWING, (ParseRange) { NULL, 0 }, bytes, most < length);
		parse_blocks_cut(scan, drawing->start, drawing->end, CUT_BLOCK);
	}
	*drawing = (Drawing) { .lines = 0 };
}

static void drawing_line(BlockScan *scan, Drawing *drawing, Look look, size_t start, size_t end)
{
	drawing->blanks = look.empty ? drawing->blanks + 1 : 0;
	if (!look.drawn && (!look.part || drawing->blanks > BLANK_LINES)) {
		drawing_end(scan, drawing);
		return;
	}
	if (!look.drawn && drawing->lines == 0)
		return;
	if (look.drawn) {
		drawing->start = drawing->lines == 0 ? start : drawing->start;
		drawing->last[drawing->lines++ % LINES] = look;
	}
	drawing->end = look.empty ? drawing->end : end;
	drawing->code |= look.drawn && is_code(drawing);
}

/* Behind the last quote mark and one blank: the others belong to the drawing. */
static size_t drawing_margin(ParseRange line)
{
	size_t quote = parse_blocks_quote(line), marks = quote;

	while (marks > 0 && line.bytes[marks - 1] != '>' && line.bytes[marks - 1] != '|')
		marks--;
	return marks > 0 && marks < quote && line.bytes[marks] == ' ' ? marks + 1 : marks;
}

void parse_blocks_drawings(BlockScan *scan)
{
	Drawing drawing = { .lines = 0 };

	for (size_t at = 0, end = 0; at < scan->text.length;) {
		size_t next = parse_next_line(scan->text, at, &end);
		const ParseRange line = { scan->text.bytes + at, end - at };
		size_t margin = drawing_margin(line);
		Look look = line_look((ParseRange) { line.bytes + margin, line.length - margin });
		drawing_line(scan, &drawing, look, at + margin, end);
		at = next;
	}
	drawing_end(scan, &drawing);
}
