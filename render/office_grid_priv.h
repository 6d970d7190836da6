/* office_grid: one table of a document, kept until it is known how wide it is. Jailed code.
 *
 * Written with its columns aligned where that takes at most OFFICE_GRID_WIDTH columns of the screen, else as records, else row
 * by row (doc/office-text.md). Linear in cells and text: only cells with text are kept, 24 bytes each.
 */
#ifndef MUGAI_RENDER_OFFICE_GRID_PRIV_H
#define MUGAI_RENDER_OFFICE_GRID_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
	OFFICE_GRID_WIDTH = 76,   /* columns of the screen */
	OFFICE_GRID_COLUMNS = 64, /* more: row by row */
	OFFICE_GRID_HEADING = 40, /* a wider cell is no heading */
	OFFICE_GRID_SHORT = 20,   /* cells that stand side by side in a row that is too wide */
};

/* Columns of the screen (East Asian width W, F and A: 2) of one character, of one line. */
unsigned office_columns_of(gunichar c);
unsigned office_columns(const char *line, size_t bytes);

typedef struct OfficeGrid OfficeGrid;

/* sheet: a text may run over the empty cells at its right. */
OfficeGrid *office_grid_new(bool sheet);
void office_grid_free(OfficeGrid *grid);

/* Begins a row. heading: it is one of the table's own heading rows. */
void office_grid_row(OfficeGrid *grid, bool heading);
/* The last row once more. */
void office_grid_repeat_row(OfficeGrid *grid);
bool office_grid_row_has_text(const OfficeGrid *grid);
bool office_grid_has_text(const OfficeGrid *grid);

/* Keeps a text: what office_grid_cell() gets. Not empty; lines parted by LF. */
typedef struct {
	size_t start, bytes;
} OfficeGridText;
OfficeGridText office_grid_keep(OfficeGrid *grid, const char *text, size_t bytes);
/* A cell with text in the row, right of those before. span: columns it covers, 1 and more. number: stands right. */
void office_grid_cell(OfficeGrid *grid, OfficeGridText text, unsigned column, unsigned span, bool number);

/* Writes the table line by line, and forgets it. An empty line parts records. */
typedef void (*OfficeGridWrite)(void *user, const char *line, size_t bytes);
void office_grid_write(OfficeGrid *grid, OfficeGridWrite write, void *user);

G_END_DECLS

#endif
