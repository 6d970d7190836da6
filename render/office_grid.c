/* office_grid: tables as text. */
#include "office_grid_priv.h"

#include <string.h>

#define JOIN " | "
enum { JOIN_COLUMNS = 3, GUESS_ROWS = 3, LOOSE_ROWS = 4 };

typedef struct {
	size_t start;
	guint32 bytes;
	guint32 columns; /* of its widest line */
	guint16 column, span;
	bool number, lines; /* several lines */
} Cell;

typedef struct {
	guint32 first; /* cell */
	bool heading;
} Row;

struct OfficeGrid {
	bool sheet;
	GString *text;
	GArray *cells; /* of Cell */
	GArray *rows;  /* of Row; the last one may have no cell */
};

unsigned office_columns_of(gunichar c)
{
	if (c < 0x7F)
		return 1;
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide_cjk(c) ? 2 : 1;
}

unsigned office_columns(const char *line, size_t bytes)
{
	unsigned columns = 0;
	for (const char *p = line; p < line + bytes; p = g_utf8_next_char(p))
		columns += office_columns_of(g_utf8_get_char(p));
	return columns;
}

OfficeGrid *office_grid_new(bool sheet)
{
	OfficeGrid *grid = g_new0(OfficeGrid, 1);
	grid->sheet = sheet;
	grid->text = g_string_new(NULL);
	grid->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
	grid->rows = g_array_new(FALSE, FALSE, sizeof(Row));
	return grid;
}

void office_grid_free(OfficeGrid *grid)
{
	if (grid == NULL)
		return;
	g_string_free(grid->text, TRUE);
	g_array_unref(grid->cells);
	g_array_unref(grid->rows);
	g_free(grid);
}

/* ---- filling ------------------------------------------------------------------------------------------- */

static Cell *cell_at(const OfficeGrid *grid, guint i)
{
	return &g_array_index(grid->cells, Cell, i);
}

static Row *row_at(const OfficeGrid *grid, guint i)
{
	return &g_array_index(grid->rows, Row, i);
}

bool office_grid_row_has_text(const OfficeGrid *grid)
{
	return grid->rows->len > 0 && row_at(grid, grid->rows->len - 1)->first < grid->cells->len;
}

bool office_grid_has_text(const OfficeGrid *grid)
{
	return grid->cells->len > 0;
}

void office_grid_row(OfficeGrid *grid, bool heading)
{
	Row row = { grid->cells->len, heading };
	if (grid->rows->len > 0 && !office_grid_row_has_text(grid))
		*row_at(grid, grid->rows->len - 1) = row; /* rows without text are left out */
	else
		g_array_append_val(grid->rows, row);
}

void office_grid_repeat_row(OfficeGrid *grid)
{
	if (!office_grid_row_has_text(grid))
		return;
	guint first = row_at(grid, grid->rows->len - 1)->first, end = grid->cells->len;
	office_grid_row(grid, false);
	for (guint i = first; i < end; i++) {
		Cell cell = *cell_at(grid, i); /* the array may move */
		g_array_append_val(grid->cells, cell);
	}
}

OfficeGridText office_grid_keep(OfficeGrid *grid, const char *text, size_t bytes)
{
	OfficeGridText kept = { grid->text->len, bytes };
	g_string_append_len(grid->text, text, (gssize)bytes);
	return kept;
}

/* The next line of a cell from *at on; moves *at behind it. False: there is none. */
static bool next_line(const OfficeGrid *grid, const Cell *cell, size_t *at, const char **ret_line,
                      size_t *ret_bytes)
{
	if (*at > cell->bytes)
		return false;
	const char *line = grid->text->str + cell->start + *at;
	const char *end = memchr(line, '\n', cell->bytes - *at);
	*ret_line = line;
	*ret_bytes = end != NULL ? (size_t)(end - line) : cell->bytes - *at;
	*at += *ret_bytes + 1;
	return true;
}

static void measure(const OfficeGrid *grid, Cell *cell)
{
	const char *line;
	size_t bytes, n = 0;
	for (size_t at = 0; next_line(grid, cell, &at, &line, &bytes); n++)
		cell->columns = MAX(cell->columns, office_columns(line, bytes));
	cell->lines = n > 1;
}

void office_grid_cell(OfficeGrid *grid, OfficeGridText text, unsigned column, unsigned span, bool number)
{
	Cell cell = { .start = text.start,
		      .bytes = (guint32)MIN(text.bytes, G_MAXUINT32 - 1),
		      .column = (guint16)MIN(column, G_MAXUINT16),
		      .span = (guint16)CLAMP(span, 1, G_MAXUINT16),
		      .number = number };
	Cell *before = grid->cells->len > 0 ? cell_at(grid, grid->cells->len - 1) : NULL;
	/* Each column once in a row, whatever the file says: what writes a row counts on it. */
	if (office_grid_row_has_text(grid) && cell.column <= before->column)
		cell.column = (guint16)(before->column + 1);
	if (grid->rows->len == 0 || (office_grid_row_has_text(grid) && before->column == G_MAXUINT16))
		return;
	if (before != NULL && before->start == cell.start && before->bytes == cell.bytes) {
		cell.columns = before->columns; /* a text that is repeated is measured once */
		cell.lines = before->lines;
	} else {
		measure(grid, &cell);
	}
	g_array_append_val(grid->cells, cell);
}

/* ---- plan ---------------------------------------------------------------------------------------------- */

typedef struct {
	guint16 column[OFFICE_GRID_COLUMNS]; /* those in which a text begins, ascending */
	unsigned width[OFFICE_GRID_COLUMNS];
	unsigned n;
} Plan;

static guint row_end(const OfficeGrid *grid, guint row)
{
	return row + 1 < grid->rows->len ? row_at(grid, row + 1)->first : grid->cells->len;
}

/* Where a column is in the plan, or would be. */
static unsigned place_of(const Plan *plan, unsigned column)
{
	unsigned low = 0, high = plan->n;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (plan->column[middle] < column)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool add_column(Plan *plan, unsigned column)
{
	unsigned place = place_of(plan, column);
	if (place < plan->n && plan->column[place] == column)
		return true;
	if (plan->n == OFFICE_GRID_COLUMNS)
		return false;
	memmove(&plan->column[place + 1], &plan->column[place], (plan->n - place) * sizeof plan->column[0]);
	plan->column[place] = (guint16)column;
	plan->n++;
	return true;
}

static bool find_columns(const OfficeGrid *grid, Plan *plan)
{
	for (guint i = 0; i < grid->cells->len; i++)
		if (!add_column(plan, cell_at(grid, i)->column))
			return false;
	return true;
}

/* Columns of the plan that a cell covers, and runs over where those behind it are empty. */
static unsigned covered(const OfficeGrid *grid, const Plan *plan, guint i, guint end)
{
	const Cell *cell = cell_at(grid, i);
	unsigned place = place_of(plan, cell->column), next = plan->n;
	if (i + 1 < end)
		next = place_of(plan, cell_at(grid, i + 1)->column);
	if (!grid->sheet || cell->number)
		next = MIN(next, place_of(plan, (unsigned)cell->column + cell->span));
	return MAX(next, place + 1) - place;
}

static unsigned width_of(const Plan *plan, unsigned place, unsigned n)
{
	unsigned width = (n - 1) * JOIN_COLUMNS;
	for (unsigned i = place; i < place + n; i++)
		width += plan->width[i];
	return width;
}

/* The last cell of a row needs no room behind it; but what stands right below it, or a rule, wants to know
 * its width. */
static bool needs_width(const OfficeGrid *grid, guint row, guint i)
{
	const Cell *cell = cell_at(grid, i);
	guint end = row_end(grid, row);
	if (i + 1 < end || row_at(grid, row)->heading)
		return true;
	return cell->number || (end - row_at(grid, row)->first > 1 && cell->columns <= OFFICE_GRID_SHORT);
}

static void widen(const OfficeGrid *grid, Plan *plan, bool several)
{
	for (guint row = 0; row < grid->rows->len; row++)
		for (guint i = row_at(grid, row)->first; i < row_end(grid, row); i++) {
			const Cell *cell = cell_at(grid, i);
			unsigned place = place_of(plan, cell->column),
			         n = covered(grid, plan, i, row_end(grid, row));
			if ((n > 1) != several || !needs_width(grid, row, i))
				continue;
			unsigned before = width_of(plan, place, n),
			         wanted = MIN(cell->columns, 2 * OFFICE_GRID_WIDTH);
			if (wanted > before)
				plan->width[place + n - 1] += wanted - before;
		}
}

static unsigned place_start(const Plan *plan, unsigned place)
{
	return place == 0 ? 0 : width_of(plan, 0, place) + JOIN_COLUMNS;
}

/* A row of one text (a title, a remark) may be as wide as it likes. */
static bool row_fits(const OfficeGrid *grid, const Plan *plan, guint row)
{
	guint first = row_at(grid, row)->first, end = row_end(grid, row);
	if (end - first < 2)
		return true;
	const Cell *last = cell_at(grid, end - 1);
	unsigned start = place_start(plan, place_of(plan, last->column));
	return start <= OFFICE_GRID_WIDTH && last->columns <= OFFICE_GRID_WIDTH - start;
}

/* A form has a row or two that are too long (a remark): these stand by themselves, and do not spoil the
 * others. */
static bool fits(const OfficeGrid *grid, const Plan *plan)
{
	guint loose = 0;
	for (guint row = 0; row < grid->rows->len; row++)
		loose += !row_fits(grid, plan, row);
	return loose <= grid->rows->len / LOOSE_ROWS;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

typedef struct {
	OfficeGrid *grid;
	OfficeGridWrite write;
	void *user;
	GString *line;
} Writer;

static void write_line(const Writer *writer)
{
	GString *line = writer->line;
	while (line->len > 0 && line->str[line->len - 1] == ' ')
		g_string_truncate(line, line->len - 1);
	writer->write(writer->user, line->str, line->len);
	g_string_truncate(line, 0);
}

static void pad(GString *line, unsigned n, char c)
{
	for (; n > 0; n--)
		g_string_append_c(line, c);
}

/* One cell's line, padded to the columns that it has. */
static void append_cell(const Writer *writer, const Plan *plan, guint i, size_t *at, guint end)
{
	const Cell *cell = cell_at(writer->grid, i);
	const char *text = "";
	size_t bytes = 0;
	if (!next_line(writer->grid, cell, at, &text, &bytes))
		bytes = 0;
	unsigned columns = office_columns(text, bytes);
	unsigned place = place_of(plan, cell->column), n = covered(writer->grid, plan, i, end);
	bool over = writer->grid->sheet && columns > plan->width[place];
	if (cell->span == 1 && !over)
		n = 1; /* empty cells behind it keep their own place */
	unsigned room = width_of(plan, place, n), blank = room > columns ? room - columns : 0;
	if (cell->number)
		pad(writer->line, blank, ' ');
	g_string_append_len(writer->line, text, (gssize)bytes);
	if (i + 1 == end)
		return;
	if (!cell->number)
		pad(writer->line, blank, ' ');
	unsigned next = place_of(plan, cell_at(writer->grid, i + 1)->column);
	for (place += n; place < next; place++) {
		g_string_append(writer->line, JOIN);
		pad(writer->line, plan->width[place], ' ');
	}
	g_string_append(writer->line, JOIN);
}

static bool row_goes_on(const OfficeGrid *grid, const size_t *at, guint first, guint end)
{
	for (guint i = first; i < end; i++)
		if (at[i - first] <= cell_at(grid, i)->bytes)
			return true;
	return false;
}

/* Empty columns before a row's first text. One that is alone on a sheet's row is a title or a remark, and
 * needs no place. */
static unsigned lead_of(const OfficeGrid *grid, const Plan *plan, guint first, guint end)
{
	const Cell *cell = cell_at(grid, first);
	unsigned place = place_of(plan, cell->column), start = place_start(plan, place);
	bool alone = end - first == 1;
	return alone && (grid->sheet || start + cell->columns > OFFICE_GRID_WIDTH) ? 0 : place;
}

static void write_row(const Writer *writer, const Plan *plan, guint row)
{
	guint first = row_at(writer->grid, row)->first, end = row_end(writer->grid, row);
	size_t at[OFFICE_GRID_COLUMNS] = { 0 };
	unsigned lead = lead_of(writer->grid, plan, first, end);

	while (row_goes_on(writer->grid, at, first, end)) {
		for (unsigned place = 0; place < lead; place++) {
			pad(writer->line, plan->width[place], ' ');
			g_string_append(writer->line, JOIN);
		}
		for (guint i = first; i < end; i++)
			append_cell(writer, plan, i, &at[i - first], end);
		write_line(writer);
	}
}

static void write_rule(const Writer *writer, const Plan *plan)
{
	for (unsigned place = 0; place < plan->n; place++) {
		if (place > 0)
			g_string_append(writer->line, "-+-");
		pad(writer->line, MAX(plan->width[place], 1), '-');
	}
	write_line(writer);
}

static void write_lines(const Writer *writer, const Cell *cell, const char *indent)
{
	const char *text;
	size_t bytes;
	for (size_t at = 0; next_line(writer->grid, cell, &at, &text, &bytes);) {
		g_string_append(writer->line, indent);
		g_string_append_len(writer->line, text, (gssize)bytes);
		write_line(writer);
	}
}

/* "見出し: 値"; of several lines: below it. heading NULL: the value alone. */
static void write_field(const Writer *writer, const Cell *heading, const Cell *cell)
{
	if (heading == NULL) {
		write_lines(writer, cell, "");
		return;
	}
	g_string_append_len(writer->line, writer->grid->text->str + heading->start, heading->bytes);
	g_string_append(writer->line, cell->lines ? ":" : ": ");
	if (cell->lines)
		write_line(writer);
	write_lines(writer, cell, cell->lines ? "  " : "");
}

static bool is_pair(const OfficeGrid *grid, guint row)
{
	guint first = row_at(grid, row)->first;
	const Cell *name = cell_at(grid, first);
	return row_end(grid, row) - first == 2 && !name->lines && name->columns <= OFFICE_GRID_HEADING;
}

/* "件名: 値", or one text after the other. */
static void write_loose(const Writer *writer, guint row)
{
	OfficeGrid *grid = writer->grid;
	guint first = row_at(grid, row)->first, end = row_end(grid, row);
	const Cell *name = cell_at(grid, first);
	bool pair = is_pair(grid, row);
	for (guint i = pair ? first + 1 : first; i < end; i++)
		write_field(writer, pair ? name : NULL, cell_at(grid, i));
}

static void write_aligned(const Writer *writer, const Plan *plan)
{
	OfficeGrid *grid = writer->grid;
	for (guint row = 0; row < grid->rows->len; row++) {
		if (row_fits(grid, plan, row))
			write_row(writer, plan, row);
		else
			write_loose(writer, row);
		bool heading = row_at(grid, row)->heading;
		if (heading && row + 1 < grid->rows->len && !row_at(grid, row + 1)->heading)
			write_rule(writer, plan);
	}
}

/* ---- wide tables --------------------------------------------------------------------------------------- */

/* The row that names the columns: the table's last heading, else a first row that looks like one. Negative:
 * none. */
static int heading_row(const OfficeGrid *grid, const Plan *plan)
{
	int found = -1;
	for (guint row = 0; row < grid->rows->len && row_at(grid, row)->heading; row++)
		found = (int)row;
	if (found >= 0 || grid->rows->len < GUESS_ROWS || row_end(grid, 0) != plan->n)
		return found;
	for (guint i = 0; i < plan->n; i++) {
		const Cell *cell = cell_at(grid, i);
		if (cell->number || cell->lines || cell->columns > OFFICE_GRID_HEADING)
			return -1;
	}
	return 0;
}

static const Cell *heading_of(const OfficeGrid *grid, const Plan *plan, const guint *headings,
                              const Cell *cell)
{
	guint i = headings[place_of(plan, cell->column)];
	if (i == G_MAXUINT)
		return NULL;
	const Cell *heading = cell_at(grid, i);
	return heading->lines || heading->columns > OFFICE_GRID_HEADING ? NULL : heading;
}

static void write_records(const Writer *writer, const Plan *plan, guint heading)
{
	OfficeGrid *grid = writer->grid;
	guint headings[OFFICE_GRID_COLUMNS];
	for (unsigned i = 0; i < plan->n; i++)
		headings[i] = G_MAXUINT;
	for (guint i = 0; i < row_end(grid, heading); i++)
		headings[place_of(plan, cell_at(grid, i)->column)] = i; /* of several rows the last */
	for (guint row = heading + 1; row < grid->rows->len; row++) {
		if (row > heading + 1)
			write_line(writer);
		for (guint i = row_at(grid, row)->first; i < row_end(grid, row); i++)
			write_field(writer, heading_of(grid, plan, headings, cell_at(grid, i)),
			            cell_at(grid, i));
	}
}

static void write_pairs(const Writer *writer)
{
	OfficeGrid *grid = writer->grid;
	for (guint row = 0; row < grid->rows->len; row++) {
		if (!is_pair(grid, row) && row > 0)
			write_line(writer);
		write_loose(writer, row);
	}
}

static bool stands_on_a_line(const OfficeGrid *grid, guint first, guint end)
{
	guint64 columns = 0;
	bool small = true;
	for (guint i = first; i < end; i++) {
		const Cell *cell = cell_at(grid, i);
		if (cell->lines)
			return false;
		columns += cell->columns + JOIN_COLUMNS;
		small &= cell->columns <= OFFICE_GRID_SHORT;
	}
	return small || columns <= OFFICE_GRID_WIDTH + JOIN_COLUMNS;
}

/* Row by row: side by side where that can be read, else cell after cell, with an empty line around. */
static void write_rows(const Writer *writer)
{
	OfficeGrid *grid = writer->grid;
	bool block = false;
	for (guint row = 0; row < grid->rows->len; row++) {
		guint first = row_at(grid, row)->first, end = row_end(grid, row);
		bool before = block;
		block = end - first > 1 && !stands_on_a_line(grid, first, end);
		if ((block || before) && row > 0)
			write_line(writer);
		for (guint i = first; i < end; i++) {
			const Cell *cell = cell_at(grid, i);
			if (block || end - first == 1) {
				write_lines(writer, cell, "");
				continue;
			}
			if (i > first)
				g_string_append(writer->line, JOIN);
			g_string_append_len(writer->line, grid->text->str + cell->start, cell->bytes);
		}
		if (writer->line->len > 0)
			write_line(writer);
	}
}

static void write_grid(const Writer *writer)
{
	OfficeGrid *grid = writer->grid;
	Plan plan = { .n = 0 };
	if (!find_columns(grid, &plan)) {
		write_rows(writer);
		return;
	}
	widen(grid, &plan, false);
	widen(grid, &plan, true);
	if (fits(grid, &plan)) {
		write_aligned(writer, &plan);
		return;
	}
	int heading = heading_row(grid, &plan);
	if (heading >= 0)
		write_records(writer, &plan, (guint)heading);
	else if (plan.n == 2)
		write_pairs(writer);
	else
		write_rows(writer);
}

void office_grid_write(OfficeGrid *grid, OfficeGridWrite write, void *user)
{
	if (grid->rows->len > 0 && !office_grid_row_has_text(grid))
		g_array_set_size(grid->rows, grid->rows->len - 1);
	g_autoptr(GString) line = g_string_new(NULL);
	const Writer writer = { grid, write, user, line };
	if (grid->rows->len > 0)
		write_grid(&writer);
	g_array_set_size(grid->cells, 0);
	g_array_set_size(grid->rows, 0);
	g_string_truncate(grid->text, 0);
}
