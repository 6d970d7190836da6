#include "html_grid_priv.h"

#include "clean_text.h"
#include "html_append_priv.h"
#include "html_sink_state_priv.h"

#include <string.h>

enum {
	JOIN_COLUMNS = 3, /* " | " */
	TEXT_KEPT = 64 * 1024,
	SECTION_ROWS = HTML_ROWSPAN_MAX + 1,
};

typedef struct {
	guint32 start; /* of its text; it ends where the next one begins */
	uint8_t column, columns;
	bool single; /* one line, without a sign before it; set by the plan */
} Cell;

typedef struct {
	guint32 first; /* of its cells */
	bool head;     /* in <thead> */
	bool header;   /* all its cells are <th> */
} Row;

struct HtmlGrid {
	bool data;
	bool headed; /* there was a thead */
	bool head;   /* the first thead is open */
	GString *caption;
	GString *text;
	GArray *cells; /* of Cell, those with text */
	GArray *rows;  /* of Row, those with text */
	uint64_t used; /* columns in which a text begins, as bits */
	bool row_has_text, row_is_header;
	unsigned column; /* of the next cell */
	/* Rows are numbered so that those of two sections are farther apart than any cell reaches. */
	uint64_t row;
	uint64_t taken[HTML_GRID_COLUMNS]; /* up to below this row by a cell from above */
};

unsigned html_columns(gunichar c)
{
	if (c < 0x7F)
		return 1;
	if (html_sink_is_filler(c) || clean_width(c) == 0)
		return 0;
	return g_unichar_iswide_cjk(c) ? 2 : 1;
}

HtmlGrid *html_grid_new(void)
{
	HtmlGrid *grid = g_new0(HtmlGrid, 1);

	grid->caption = g_string_new(NULL);
	grid->text = g_string_new(NULL);
	grid->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
	grid->rows = g_array_new(FALSE, FALSE, sizeof(Row));
	return grid;
}

void html_grid_free(HtmlGrid *grid)
{
	if (grid == NULL)
		return;
	g_string_free(grid->caption, TRUE);
	g_string_free(grid->text, TRUE);
	g_array_unref(grid->cells);
	g_array_unref(grid->rows);
	g_free(grid);
}

/* ---- filling ------------------------------------------------------------------------------------------- */

void html_grid_begin(HtmlGrid *grid, bool data)
{
	grid->data = data;
	grid->headed = grid->head = false;
	html_clear(grid->caption);
	if (grid->text->allocated_len > TEXT_KEPT) { /* not kept for a short one */
		g_string_free(grid->text, TRUE);
		grid->text = g_string_new(NULL);
	}
	html_clear(grid->text);
	g_array_set_size(grid->cells, 0);
	g_array_set_size(grid->rows, 0);
	grid->used = 0;
	grid->row_has_text = false;
	grid->row += SECTION_ROWS;
}

void html_grid_caption(HtmlGrid *grid, const char *text, size_t bytes)
{
	grid->data = true;
	if (bytes > 0 && grid->caption->len > 0)
		g_string_append_c(grid->caption, HTML_GRID_LINE_END);
	g_string_append_len(grid->caption, text, (gssize)bytes);
}

void html_grid_section(HtmlGrid *grid, bool head)
{
	grid->head = head && !grid->headed;
	grid->headed |= head;
	grid->data |= head;
	grid->row += SECTION_ROWS;
}

size_t html_grid_bytes(const HtmlGrid *grid)
{
	return grid->text->len + grid->caption->len;
}

void html_grid_row(HtmlGrid *grid)
{
	grid->row++;
	grid->column = 0;
	grid->row_has_text = false;
	grid->row_is_header = true;
}

static void keep_text(HtmlGrid *grid, const char *text, size_t bytes, unsigned columns)
{
	Cell cell = { (guint32)grid->text->len, (uint8_t)grid->column, (uint8_t)columns, false };
	Row row = { .first = grid->cells->len, .head = grid->head };

	if (!grid->row_has_text)
		g_array_append_val(grid->rows, row);
	grid->row_has_text = true;
	g_array_append_val(grid->cells, cell);
	html_append(grid->text, text, bytes);
	if (grid->column < HTML_GRID_COLUMNS)
		grid->used |= UINT64_C(1) << grid->column;
}

/* The table model of HTML 4.9.12. What is past the last column is nowhere: no text may begin there. */
bool html_grid_cell(HtmlGrid *grid, const char *text, size_t bytes, HtmlSpan span)
{
	while (grid->column < HTML_GRID_COLUMNS && grid->taken[grid->column] > grid->row)
		grid->column++;
	unsigned columns = MIN(span.columns, HTML_GRID_COLUMNS - grid->column);
	unsigned rows = span.rows > 0 ? span.rows : HTML_ROWSPAN_MAX;
	bool fits = bytes == 0 || grid->column < HTML_GRID_COLUMNS;

	grid->data |= span.header;
	grid->row_is_header &= span.header;
	if (bytes > 0)
		keep_text(grid, text, bytes, columns);
	if (grid->row_has_text)
		g_array_index(grid->rows, Row, grid->rows->len - 1).header = grid->row_is_header;
	for (unsigned i = grid->column; i < grid->column + columns; i++)
		grid->taken[i] = MAX(grid->taken[i], grid->row + rows);
	grid->column += columns;
	return fits && grid->rows->len <= HTML_GRID_ROWS;
}

/* ---- reading back -------------------------------------------------------------------------------------- */

static const Cell *cell_at(const HtmlGrid *grid, unsigned cell)
{
	return &g_array_index(grid->cells, Cell, cell);
}

static const Row *row_at(const HtmlGrid *grid, unsigned row)
{
	return &g_array_index(grid->rows, Row, row);
}

HtmlGridText html_grid_get_caption(const HtmlGrid *grid)
{
	return (HtmlGridText) { grid->caption->str, grid->caption->len };
}

unsigned html_grid_rows(const HtmlGrid *grid)
{
	return grid->rows->len;
}

unsigned html_grid_cells(const HtmlGrid *grid, unsigned row, unsigned *ret_first)
{
	*ret_first = row_at(grid, row)->first;
	return row + 1 < grid->rows->len ? row_at(grid, row + 1)->first : grid->cells->len;
}

HtmlGridText html_grid_get_cell(const HtmlGrid *grid, unsigned cell)
{
	size_t start = cell_at(grid, cell)->start;
	size_t end = cell + 1 < grid->cells->len ? cell_at(grid, cell + 1)->start : grid->text->len;

	return (HtmlGridText) { grid->text->str + start, end - start };
}

bool html_grid_row_has_text(const HtmlGrid *grid)
{
	return grid->row_has_text;
}

/* ---- lines of a cell ----------------------------------------------------------------------------------- */

/* The next line of a text, and what is behind it; paragraphs of a cell have no blank lines between them.
 * False at the end. */
static bool next_line(HtmlGridText *text, HtmlGridText *ret_line)
{
	while (text->bytes > 0 && *text->text == HTML_GRID_WANTED) {
		text->text++;
		text->bytes--;
	}
	if (text->bytes == 0)
		return false;
	bool blank = *text->text == HTML_GRID_BLANK;
	const char *end = blank ? text->text : memchr(text->text, HTML_GRID_LINE_END, text->bytes);
	size_t bytes = end != NULL ? (size_t)(end - text->text) : text->bytes;
	size_t all = MIN(bytes + 1, text->bytes);
	*ret_line = (HtmlGridText) { text->text, bytes };
	text->text += all;
	text->bytes -= all;
	return true;
}

static unsigned columns_of(HtmlGridText line)
{
	const char *at = line.text, *end = at + line.bytes;
	unsigned columns = 0;

	for (; at < end; at = g_utf8_next_char(at))
		columns += *at >= ' ' && *at < 0x7F ? 1 : html_columns(g_utf8_get_char(at));
	return columns;
}

static bool is_between_lines(char c)
{
	return c == HTML_GRID_LINE_END || c == HTML_GRID_WANTED || c == HTML_GRID_BLANK;
}

/* Of its widest line. *ret_signs: bytes that are no text but stand between lines. */
static unsigned columns_of_cell(HtmlGridText text, unsigned *ret_signs)
{
	const char *at = text.text, *end = at + text.bytes;
	unsigned columns = 0, most = 0, signs = 0;

	for (; at < end; at = g_utf8_next_char(at)) {
		bool between = is_between_lines(*at);
		if (*at >= ' ' && *at < 0x7F)
			columns++;
		else
			columns = between ? 0 : columns + html_columns(g_utf8_get_char(at));
		signs += between;
		most = MAX(most, columns);
	}
	*ret_signs = signs;
	return most;
}

static unsigned lines_of(HtmlGridText text)
{
	unsigned lines = 0;
	HtmlGridText line;

	while (next_line(&text, &line))
		lines++;
	return lines;
}

/* ---- aligned ------------------------------------------------------------------------------------------- */

/* The columns in which a text begins. */
typedef struct {
	const HtmlGrid *grid;
	unsigned n;
	unsigned width[HTML_GRID_COLUMNS];
	uint8_t place[HTML_GRID_COLUMNS + 1]; /* of a column of the table: how many are before it */
	int last_head;                        /* row; -1 = none */
} Plan;

/* Columns that the cell covers; a text begins in its first. */
static unsigned covered(const Plan *plan, const Cell *cell, unsigned *ret_place)
{
	*ret_place = plan->place[cell->column];
	return plan->place[cell->column + cell->columns] - *ret_place;
}

static unsigned width_of(const Plan *plan, unsigned place, unsigned n)
{
	unsigned width = (n - 1) * JOIN_COLUMNS;

	for (unsigned i = place; i < place + n; i++)
		width += plan->width[i];
	return width;
}

/* True when it was taken. */
static bool plan_cell(Plan *plan, unsigned number, bool spanning)
{
	Cell *cell = &g_array_index(plan->grid->cells, Cell, number);
	HtmlGridText text = html_grid_get_cell(plan->grid, number);
	unsigned place, signs, n = covered(plan, cell, &place);

	if ((n > 1) != spanning)
		return false;
	unsigned width = columns_of_cell(text, &signs);
	cell->single = signs == 1 && text.text[text.bytes - 1] == HTML_GRID_LINE_END;
	unsigned before = width_of(plan, place, n);
	if (width > before)
		plan->width[place + n - 1] += width - before;
	return true;
}

static int find_last_head(const HtmlGrid *grid)
{
	int last = -1;

	for (unsigned i = 0; i < grid->rows->len; i++) {
		if (row_at(grid, i)->head)
			last = (int)i;
	}
	return last < 0 && row_at(grid, 0)->header ? 0 : last;
}

static Plan make_plan(const HtmlGrid *grid)
{
	Plan plan = { .grid = grid, .last_head = find_last_head(grid) };

	for (unsigned i = 0; i < HTML_GRID_COLUMNS; i++) {
		plan.place[i] = (uint8_t)plan.n;
		plan.n += (grid->used >> i) & 1;
	}
	plan.place[HTML_GRID_COLUMNS] = (uint8_t)plan.n;
	bool all = true;
	for (unsigned i = 0; i < grid->cells->len; i++)
		all &= plan_cell(&plan, i, false);
	for (unsigned i = 0; i < grid->cells->len && !all; i++)
		(void)plan_cell(&plan, i, true);
	return plan;
}

/* The cells of a row, and what is still to be written of each. */
typedef struct {
	unsigned first, end;
	unsigned height;
	HtmlGridText rest[HTML_GRID_COLUMNS]; /* set for those */
} Band;

static unsigned height_of(const HtmlGrid *grid, unsigned row)
{
	unsigned first, end = html_grid_cells(grid, row, &first), height = 0;

	for (unsigned i = first; i < end; i++)
		height = MAX(height, lines_of(html_grid_get_cell(grid, i)));
	return height;
}

static void set_band(Band *band, const HtmlGrid *grid, unsigned row)
{
	band->end = html_grid_cells(grid, row, &band->first);
	band->height = height_of(grid, row);
	for (unsigned i = band->first; i < band->end; i++)
		band->rest[i - band->first] = html_grid_get_cell(grid, i);
}

static void append_columns(const Plan *plan, Band *band, GString *out)
{
	unsigned cell = band->first;

	for (unsigned place = 0, n = 1; place < plan->n; place += n) {
		HtmlGridText line = { "", 0 };
		unsigned of_cell = plan->n;
		if (cell < band->end)
			n = covered(plan, cell_at(plan->grid, cell), &of_cell);
		if (of_cell == place)
			(void)next_line(&band->rest[cell++ - band->first], &line);
		else
			n = 1;
		html_append(out, line.text, line.bytes);
		if (place + n == plan->n)
			break;
		html_append_same(out, ' ', width_of(plan, place, n) - columns_of(line));
		html_append(out, " | ", JOIN_COLUMNS);
	}
	while (out->len > 0 && out->str[out->len - 1] == ' ')
		html_truncate(out, out->len - 1);
}

static void append_rule(const Plan *plan, GString *out)
{
	for (unsigned i = 0; i < plan->n; i++) {
		if (i > 0)
			html_append(out, "-+-", JOIN_COLUMNS);
		html_append_same(out, '-', plan->width[i]);
	}
}

typedef struct {
	const HtmlGrid *grid;
	HtmlGridWrite write;
	void *user;
	GString *line;
} Writer;

static void write_line(const Writer *writer, unsigned kind)
{
	writer->write(writer->user, writer->line->str, writer->line->len, kind);
	html_clear(writer->line);
}

static void write_caption(const Writer *writer)
{
	HtmlGridText text = html_grid_get_caption(writer->grid), line;

	while (next_line(&text, &line)) {
		html_append(writer->line, line.text, line.bytes);
		write_line(writer, 0);
	}
}

static void write_aligned(const Writer *writer, const Plan *plan)
{
	Band band;

	for (unsigned row = 0; row < writer->grid->rows->len; row++) {
		set_band(&band, writer->grid, row);
		for (unsigned i = 0; i < band.height; i++) {
			append_columns(plan, &band, writer->line);
			write_line(writer, HTML_GRID_ALIGNED);
		}
		if ((int)row != plan->last_head)
			continue;
		append_rule(plan, writer->line);
		write_line(writer, HTML_GRID_ALIGNED);
	}
}

static size_t room_aligned(const HtmlGrid *grid)
{
	size_t lines = 1;

	for (unsigned row = 0; row < grid->rows->len; row++)
		lines += height_of(grid, row);
	return grid->text->len + lines * (HTML_GRID_WIDTH + 1);
}

/* ---- records ------------------------------------------------------------------------------------------- */

static gunichar last_char(const GString *text)
{
	return text->len > 0 ? g_utf8_get_char(g_utf8_prev_char(text->str + text->len)) : 0;
}

/* All lines in one. */
static void append_joined(GString *out, HtmlGridText text)
{
	size_t from = out->len;
	HtmlGridText line;

	while (next_line(&text, &line)) {
		if (line.bytes == 0)
			continue;
		if (out->len > from &&
		    !(html_sink_is_wide(last_char(out)) && html_sink_is_wide(g_utf8_get_char(line.text))))
			g_string_append_c(out, ' ');
		html_append(out, line.text, line.bytes);
	}
}

static void append_cell(GString *out, const HtmlGrid *grid, unsigned cell)
{
	HtmlGridText text = html_grid_get_cell(grid, cell);

	if (cell_at(grid, cell)->single)
		html_append(out, text.text, text.bytes - 1);
	else
		append_joined(out, text);
}

static bool is_heading(const HtmlGrid *grid, const Plan *plan, unsigned row)
{
	return (int)row == plan->last_head || row_at(grid, row)->head;
}

typedef struct {
	unsigned of[HTML_GRID_COLUMNS]; /* numbers of cells, G_MAXUINT = none */
} Headings;

/* Of each column the lowest heading above it. */
static Headings find_headings(const HtmlGrid *grid, const Plan *plan)
{
	Headings headings;
	unsigned first;

	for (unsigned i = 0; i < HTML_GRID_COLUMNS; i++)
		headings.of[i] = G_MAXUINT;
	for (unsigned row = 0; row < grid->rows->len; row++) {
		unsigned end = html_grid_cells(grid, row, &first);
		for (unsigned i = first; i < end && is_heading(grid, plan, row); i++) {
			const Cell *cell = cell_at(grid, i);
			for (unsigned k = cell->column; k < (unsigned)cell->column + cell->columns; k++)
				headings.of[k] = i;
		}
	}
	return headings;
}

static void write_record(const Writer *writer, const Headings *headings, unsigned row, bool blank)
{
	unsigned first, end = html_grid_cells(writer->grid, row, &first);

	for (unsigned i = first; i < end; i++) {
		unsigned heading = headings->of[cell_at(writer->grid, i)->column];
		if (heading != G_MAXUINT)
			append_cell(writer->line, writer->grid, heading);
		if (writer->line->len > 0)
			html_append(writer->line, ": ", 2);
		append_cell(writer->line, writer->grid, i);
		write_line(writer, blank && i == first ? HTML_GRID_AFTER_BLANK : 0);
	}
}

static void write_records(const Writer *writer, const Plan *plan, const Headings *headings)
{
	bool any = false;

	for (unsigned row = 0; row < writer->grid->rows->len; row++) {
		if (is_heading(writer->grid, plan, row))
			continue;
		write_record(writer, headings, row, any);
		any = true;
	}
}

static size_t room_records(const HtmlGrid *grid, const Plan *plan, const Headings *headings)
{
	size_t room = grid->text->len;
	unsigned first;

	for (unsigned row = 0; row < grid->rows->len; row++) {
		unsigned end = html_grid_cells(grid, row, &first);
		for (unsigned i = first; i < end && !is_heading(grid, plan, row); i++) {
			unsigned heading = headings->of[cell_at(grid, i)->column];
			room += heading != G_MAXUINT ? html_grid_get_cell(grid, heading).bytes : 0;
			room += sizeof(": \n\n");
		}
	}
	return room;
}

static bool has_values(const HtmlGrid *grid, const Plan *plan)
{
	for (unsigned row = 0; row < grid->rows->len; row++) {
		if (!is_heading(grid, plan, row))
			return true;
	}
	return false;
}

/* "A: B" for each row. */
static void write_pairs(const Writer *writer)
{
	unsigned first;

	for (unsigned row = 0; row < writer->grid->rows->len; row++) {
		unsigned end = html_grid_cells(writer->grid, row, &first);
		for (unsigned i = first; i < end; i++) {
			if (i > first)
				g_string_append(writer->line, ": ");
			append_cell(writer->line, writer->grid, i);
		}
		write_line(writer, 0);
	}
}

/* ---- which one ----------------------------------------------------------------------------------------- */

static bool write_wide(const Writer *writer, const Plan *plan, size_t room)
{
	const HtmlGrid *grid = writer->grid;

	if (plan->last_head < 0) {
		if (plan->n != 2)
			return false;
		write_caption(writer);
		write_pairs(writer);
		return true;
	}
	Headings headings = find_headings(grid, plan);
	if (!has_values(grid, plan) || room_records(grid, plan, &headings) > room)
		return false;
	write_caption(writer);
	write_records(writer, plan, &headings);
	return true;
}

/* Here, as what is defanged later would be wider than its column. */
static void defang_cells(HtmlGrid *grid, const Defang *defang)
{
	GString *all = g_string_sized_new(grid->text->len);

	for (unsigned i = 0; i < grid->cells->len; i++) {
		HtmlGridText text = html_grid_get_cell(grid, i);
		g_autoptr(GString) cell =
		        defang_text(defang, g_string_new_len(text.text, (gssize)text.bytes));
		g_array_index(grid->cells, Cell, i).start = (guint32)all->len;
		g_string_append_len(all, cell->str, (gssize)cell->len);
	}
	g_string_free(grid->text, TRUE);
	grid->text = all;
}

bool html_grid_write(HtmlGrid *grid, const Defang *defang, size_t room, HtmlGridWrite write, void *user)
{
	if (!grid->data || grid->rows->len < 2 || (grid->used & (grid->used - 1)) == 0)
		return false;
	if (defang_mode(defang) != DEFANG_NEVER)
		defang_cells(grid, defang);
	g_autoptr(GString) line = g_string_new(NULL);
	const Writer writer = { grid, write, user, line };
	Plan plan = make_plan(grid);
	if (width_of(&plan, 0, plan.n) > HTML_GRID_WIDTH)
		return write_wide(&writer, &plan, room);
	if (room_aligned(grid) > room)
		return false;
	write_caption(&writer);
	write_aligned(&writer, &plan);
	return true;
}
