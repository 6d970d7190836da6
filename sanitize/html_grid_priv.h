/* html_grid: one table, kept until it is known what it is; jailed code.
 *
 * Whether a table holds data or places things on the screen is known at its end. Until then its cells are
 * kept here. A data table is written with its columns aligned, or as records when it is wide
 * (doc/html-text.md, rules 14-21); of all others the cells are read back, and laid out row by row.
 *
 * Linear: a cell costs what it weighs, whatever its colspan and rowspan say. Memory: the text, and 8 bytes
 * for each cell and row with text. One grid per sink: a table in a cell makes the outer one a layout table.
 * Threads: one grid belongs to one thread; no global state.
 */
#ifndef MUGAI_SANITIZE_HTML_GRID_PRIV_H
#define MUGAI_SANITIZE_HTML_GRID_PRIV_H

#include "defang_priv.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
	HTML_GRID_COLUMNS = 64,    /* more: no data table */
	HTML_GRID_ROWS = 1000,     /* of rows with text */
	HTML_GRID_BYTES = 1 << 20, /* of text: it is held twice until it is written */
	HTML_GRID_WIDTH = 76,      /* columns of the screen; a wider table is written as records */
	HTML_COLSPAN_MAX = 1000,   /* HTML 4.9.11 */
	HTML_ROWSPAN_MAX = 65534,
};

/* In the text of a cell: what is between two lines, and before the first or behind the last one. */
#define HTML_GRID_LINE_END '\n'
#define HTML_GRID_WANTED '\f' /* a blank line wanted by markup */
#define HTML_GRID_BLANK '\r'  /* a blank line by <br> */

typedef struct {
	unsigned columns, rows; /* 1 and more; rows 0: down to the end of the section */
	bool header;            /* th */
} HtmlSpan;

typedef struct HtmlGrid HtmlGrid;

HtmlGrid *html_grid_new(void);
void html_grid_free(HtmlGrid *grid);

/* Begins anew. data: something says already that it holds data. */
void html_grid_begin(HtmlGrid *grid, bool data);
/* It has a caption; text: its lines, "" at its start. */
void html_grid_caption(HtmlGrid *grid, const char *text, size_t bytes);
/* A section begins, or ends (head: false); cells of the one before do not reach into it. */
void html_grid_section(HtmlGrid *grid, bool head);
void html_grid_row(HtmlGrid *grid);
size_t html_grid_bytes(const HtmlGrid *grid);
/* text: valid UTF-8, lines as above; empty for a cell without text. False: the table has become too large to
 * be one of data. */
bool html_grid_cell(HtmlGrid *grid, const char *text, size_t bytes, HtmlSpan span);

enum {
	HTML_GRID_AFTER_BLANK = 1 << 0, /* a blank line is wanted before it */
	HTML_GRID_ALIGNED = 1 << 1,     /* it must not be wrapped */
};
typedef void (*HtmlGridWrite)(void *user, const char *line, size_t bytes, unsigned kind);
/* Writes a data table, if it is one and needs at most `room` bytes. False: nothing was written. defang: its
 * cells are, so far as is known by then what; NULL = never. */
bool html_grid_write(HtmlGrid *grid, const Defang *defang, size_t room, HtmlGridWrite write, void *user);

/* To read the cells back, those with text. */
typedef struct {
	const char *text;
	size_t bytes;
} HtmlGridText;
HtmlGridText html_grid_get_caption(const HtmlGrid *grid);
unsigned html_grid_rows(const HtmlGrid *grid);
/* Cells of the row: numbers from *ret_first to below the result. */
unsigned html_grid_cells(const HtmlGrid *grid, unsigned row, unsigned *ret_first);
HtmlGridText html_grid_get_cell(const HtmlGrid *grid, unsigned cell);
/* The row that is open holds cells with text: it is the last one. */
bool html_grid_row_has_text(const HtmlGrid *grid);

/* Columns of the screen: 2 for East Asian Width W, F and A, 0 for what is combining or not seen, else 1. */
unsigned html_columns(gunichar c);

G_END_DECLS

#endif
