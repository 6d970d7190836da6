/* draw_table: CSV (RFC 4180) and TSV as a table with lines.
 *
 * Twice over the text: once for the widths of the columns, once to draw. Of the papers (A4 upright, A4 across, the
 * same with smaller letters) the first is taken that holds all columns; on the last one the widest columns are made
 * narrower, and their cells have several lines. */
#include "draw_text_priv.h"

#include <string.h>

enum {
	COLUMNS_MAX = 100, /* of more the text is drawn as it is */
	COLUMN_MIN = 4,    /* cells */
	GAP = 2,           /* cells between two columns; the line stands in their middle */
	NATURAL_MAX = 60,  /* cells that a column asks for */
};

static const gunichar TAB_SYMBOL = 0x2409; /* what stands for a TAB that may not leave a jail */

static const DrawPaperKind papers[] = {
	{ .width = 595276, .height = 841890, .size = 10.5, .pitch = 15 },
	{ .width = 841890, .height = 595276, .size = 10.5, .pitch = 15 },
	{ .width = 841890, .height = 595276, .size = 8, .pitch = 11.5 },
	{ .width = 841890, .height = 595276, .size = 6.5, .pitch = 9.5 },
};

/* ---- records ------------------------------------------------------------------------------------------ */

typedef struct {
	const DrawText *text;
	gunichar separator; /* ',', ';' or TAB, which its symbol stands for, too */
	bool quotes;
	size_t at;
	GPtrArray *cells; /* of GString: those of the record read last */
} Records;

static bool is_separator(const Records *records, gunichar c)
{
	return c == records->separator || (records->separator == '\t' && c == TAB_SYMBOL);
}

static bool is_line_end(gunichar c)
{
	return c == '\n' || c == '\r';
}

static void skip_line_end(Records *records)
{
	const DrawText *text = records->text;
	if (records->at < text->length && text->bytes[records->at] == '\r')
		records->at++;
	if (records->at < text->length && text->bytes[records->at] == '\n')
		records->at++;
}

/* Up to the closing quote; a quote that is never closed ends with the text. */
static void read_quoted(Records *records, GString *cell)
{
	const DrawText *text = records->text;
	records->at++;
	while (records->at < text->length) {
		char byte = text->bytes[records->at++];
		bool again = records->at < text->length && text->bytes[records->at] == '"';
		if (byte == '"' && !again)
			return;
		records->at += byte == '"';
		g_string_append_c(cell, byte);
	}
}

static void read_cell(Records *records, GString *cell)
{
	const DrawText *text = records->text;
	if (records->quotes && records->at < text->length && text->bytes[records->at] == '"')
		read_quoted(records, cell);
	while (records->at < text->length) {
		size_t bytes;
		gunichar c = draw_text_char(text, records->at, &bytes);
		if (is_separator(records, c) || is_line_end(c))
			return;
		g_string_append_len(cell, text->bytes + records->at, (gssize)bytes);
		records->at += bytes;
	}
}

static GString *next_cell(Records *records, unsigned n)
{
	if (n < records->cells->len) {
		GString *cell = g_ptr_array_index(records->cells, n);
		g_string_truncate(cell, 0);
		return cell;
	}
	g_ptr_array_add(records->cells, g_string_new(NULL));
	return g_ptr_array_index(records->cells, n);
}

/* How many cells the next record has, cut at COLUMNS_MAX + 1; 0: there is none. Beyond what is returned, cells are stale. */
static unsigned next_record(Records *records)
{
	const DrawText *text = records->text;
	unsigned n = 0;
	if (records->at >= text->length)
		return 0;
	for (;;) {
		GString *cell = next_cell(records, MIN(n, COLUMNS_MAX));
		read_cell(records, cell);
		n++;
		if (records->at >= text->length || is_line_end((gunichar)text->bytes[records->at]))
			break;
		size_t bytes;
		draw_text_char(text, records->at, &bytes);
		records->at += bytes; /* the separator */
	}
	skip_line_end(records);
	return MIN(n, COLUMNS_MAX + 1);
}

static void free_cell(void *cell)
{
	g_string_free(cell, TRUE);
}

/* Whichever of , ; TAB the first line has most of. */
static gunichar find_separator(const DrawText *text, RenderTable table)
{
	static const char candidates[] = ",;\t";
	size_t most = 0;
	char best = ',';
	if (table == RENDER_TABLE_TSV)
		return '\t';
	for (const char *c = candidates; *c != '\0'; c++) {
		size_t n = 0;
		for (size_t i = 0; i < text->length && text->bytes[i] != '\n'; i++)
			n += text->bytes[i] == *c;
		if (n > most)
			best = *c;
		most = MAX(most, n);
	}
	return (gunichar)best;
}

static Records records_of(const DrawText *text, RenderTable table, GPtrArray *cells)
{
	return (Records) { .text = text,
		           .separator = find_separator(text, table),
		           .quotes = table == RENDER_TABLE_CSV,
		           .cells = cells };
}

/* ---- widths ------------------------------------------------------------------------------------------- */

typedef struct {
	const DrawPaperKind *paper;
	unsigned n;
	unsigned width[COLUMNS_MAX]; /* cells */
} Columns;

/* Of its longest line, up to NATURAL_MAX. */
static unsigned natural_width(const GString *cell)
{
	unsigned widest = 0, width = 0;
	const DrawText text = { cell->str, cell->len };
	for (size_t at = 0, bytes; at < cell->len && widest < NATURAL_MAX; at += bytes) {
		gunichar c = draw_text_char(&text, at, &bytes);
		width = c == '\n' ? 0 : width + (c == ' ' ? 1 : draw_fonts_glyph(c)->cells);
		widest = MAX(widest, width);
	}
	return MIN(widest, NATURAL_MAX);
}

static bool measure(const DrawText *text, RenderTable table, Columns *columns)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(free_cell);
	Records records = records_of(text, table, cells);
	for (unsigned n; (n = next_record(&records)) > 0;) {
		if (n > COLUMNS_MAX)
			return false;
		columns->n = MAX(columns->n, n);
		for (unsigned i = 0; i < n; i++)
			columns->width[i] =
			        MAX(columns->width[i], MAX(natural_width(g_ptr_array_index(cells, i)), 1));
	}
	return columns->n > 1;
}

static unsigned total_width(const Columns *columns)
{
	unsigned total = (columns->n - 1) * GAP;
	for (unsigned i = 0; i < columns->n; i++)
		total += columns->width[i];
	return total;
}

/* The widest give first, all of them alike: the largest width that all can have. */
static void make_narrower(Columns *columns, unsigned room)
{
	unsigned most = NATURAL_MAX;
	for (; most > COLUMN_MIN; most--) {
		unsigned total = (columns->n - 1) * GAP;
		for (unsigned i = 0; i < columns->n; i++)
			total += MIN(columns->width[i], most);
		if (total <= room)
			break;
	}
	for (unsigned i = 0; i < columns->n; i++)
		columns->width[i] = MIN(columns->width[i], most);
}

static bool choose_paper(Columns *columns)
{
	for (size_t i = 0; i < G_N_ELEMENTS(papers); i++) {
		columns->paper = &papers[i];
		if (total_width(columns) <= draw_paper_cells(&papers[i]))
			return true;
	}
	make_narrower(columns, draw_paper_cells(columns->paper));
	return total_width(columns) <= draw_paper_cells(columns->paper);
}

/* ---- drawing ------------------------------------------------------------------------------------------ */

typedef struct {
	const Columns *columns;
	DrawPaper *paper;
	GArray *lines[COLUMNS_MAX]; /* of DrawLine: those of the cells of one record */
} Table;

static void break_cell(GArray *lines, const GString *cell, unsigned width)
{
	g_array_set_size(lines, 0);
	for (size_t at = 0; at < cell->len;) {
		const char *end = memchr(cell->str + at, '\n', cell->len - at);
		size_t stop = end != NULL ? (size_t)(end - cell->str) : cell->len;
		const DrawText text = { cell->str, stop };
		do {
			DrawLine line;
			at = draw_text_break(&text, at, width, &line);
			g_array_append_val(lines, line);
		} while (at < stop);
		at = stop + 1;
	}
}

static bool is_number(const GString *cell)
{
	const char *p = cell->str;
	p += strspn(p, "+-");
	size_t digits = strspn(p, "0123456789,.");
	return digits > 0 && g_ascii_isdigit(p[0]) && (p[digits] == '\0' || strcmp(p + digits, "%") == 0);
}

/* Lines from..to of the record's cells, cell by cell, so that each one's text stays together. */
static bool write_piece(const Table *table, const GPtrArray *cells, unsigned n, guint from, guint to)
{
	unsigned column = 0, row = draw_paper_row(table->paper);
	for (unsigned i = 0; i < n; i++) {
		const GString *cell = g_ptr_array_index(cells, i);
		unsigned width = table->columns->width[i];
		const DrawText text = { cell->str, cell->len };
		for (guint k = from; k < MIN(to, table->lines[i]->len); k++) {
			const DrawLine *line = &g_array_index(table->lines[i], DrawLine, k);
			unsigned shift = is_number(cell) && line->cells < width ? width - line->cells : 0;
			if (!draw_paper_write(table->paper, &text, line, row + k - from, column + shift))
				return false;
		}
		column += width + GAP;
	}
	return true;
}

/* Around the cells of these rows. */
static bool rule_piece(const Table *table, unsigned row, unsigned rows)
{
	double total = total_width(table->columns), left = -GAP / 2.0, right = total + GAP / 2.0, column = left;
	if (!draw_paper_rule(table->paper, left, row, right, row) ||
	    !draw_paper_rule(table->paper, left, row + rows, right, row + rows))
		return false;
	for (unsigned i = 0; i <= table->columns->n; i++) {
		if (!draw_paper_rule(table->paper, column, row, column, row + rows))
			return false;
		column += i < table->columns->n ? table->columns->width[i] + GAP : 0;
	}
	return true;
}

/* On one page where it has room there, else over several. */
static bool write_record(const Table *table, const GPtrArray *cells, unsigned n)
{
	guint height = 1;
	for (unsigned i = 0; i < n; i++) {
		break_cell(table->lines[i], g_ptr_array_index(cells, i), table->columns->width[i]);
		height = MAX(height, table->lines[i]->len);
	}
	if (height > draw_paper_left(table->paper) && height <= draw_paper_lines(table->columns->paper) &&
	    !draw_paper_break(table->paper))
		return false;
	for (guint from = 0; from < height;) {
		guint rows = MIN(height - from, draw_paper_left(table->paper));
		unsigned row = draw_paper_row(table->paper);
		if (!write_piece(table, cells, n, from, from + rows) || !rule_piece(table, row, rows) ||
		    !draw_paper_advance(table->paper, rows))
			return false;
		from += rows;
	}
	return true;
}

static void write_table(const Table *table, const DrawText *text, RenderTable kind)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(free_cell);
	Records records = records_of(text, kind, cells);
	unsigned n;
	while ((n = next_record(&records)) > 0 && write_record(table, cells, n))
		continue;
}

bool draw_table(const DrawText *text, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, int *ret_status,
                GError **error)
{
	Columns columns = { 0 };
	if (!measure(text, limits->table, &columns) || !choose_paper(&columns))
		return false;
	g_autoptr(DrawPaper) paper = draw_paper_new(columns.paper, limits, sink, facts);
	Table table = { .columns = &columns, .paper = paper };
	for (unsigned i = 0; i < columns.n; i++)
		table.lines[i] = g_array_new(FALSE, FALSE, sizeof(DrawLine));
	write_table(&table, text, limits->table);
	for (unsigned i = 0; i < columns.n; i++)
		g_array_unref(table.lines[i]);
	*ret_status = draw_paper_finish(paper, error);
	return true;
}
