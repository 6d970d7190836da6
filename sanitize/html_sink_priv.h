/* html_sink: where the rendered text of HTML goes: lines, blank lines, prefixes, rows of tables; jailed code.
 *
 * White space collapses here, blank lines are merged, and what is not seen never opens a line. Boundaries,
 * blanks and opening marks are only owed; they are paid when something to be seen comes. So an empty block, a
 * hidden text or a spacer costs nothing, and no text has to be rewritten.
 *
 * A table is kept until it ends, in a grid of its own (html_grid_priv.h). As soon as something shows that it
 * cannot be a data table, it is flattened: what was kept is laid out, and the rest as it comes.
 *
 * The sink nests: a row of a layout table gets a frame of its own, in which its cells are kept until it is
 * known if they fit on one line. As soon as they do not, every frame is spilled into the text: a frame holds
 * 64 short lines at most, and there are at most 16 of them.
 *
 * Memory: the text, at most max_out, the table that is kept and the blanks that are owed, at most what came
 * in. Linear.
 * Threads: one sink belongs to one thread; no global state.
 */
#ifndef MUGAI_SANITIZE_HTML_SINK_PRIV_H
#define MUGAI_SANITIZE_HTML_SINK_PRIV_H

#include "clean_text.h"
#include "html_grid_priv.h"
#include "html_style_priv.h"
#include "html_text_priv.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
	HTML_CELL_COLUMNS = 20,   /* a wider cell is a block of its own */
	HTML_ROW_CELLS = 64,      /* more are blocks */
	HTML_ROWS_NESTED = 16,    /* rows deeper than this are not joined */
	HTML_INDENT_COLUMNS = 20, /* lists deeper than this do not move right any more */
	HTML_MARKER_MAX = 24,     /* bytes of a list marker */
	HTML_BREAKS_MAX = 2,      /* blank lines by <br> */
	HTML_BREAKS_KEPT = 8,     /* ... by line ends in <pre> */
	HTML_LEAD_MAX = 256,      /* bytes before the text of a link that are read with it */
	HTML_THIN_FROM = 65536,   /* bytes of text, from which on what is cleaned away later is not kept */
	HTML_CAPTURE_MAX = 65536, /* bytes of the text of a link that are compared with where it leads */
};

typedef struct HtmlSink HtmlSink;

HtmlSink *html_sink_new(const HtmlOptions *options);
void html_sink_free(HtmlSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlSink, html_sink_free)

/* ---- text (html_sink_text.c)
 * ------------------------------------------------------------------------------- */

/* utf8: valid, whole code points, any pieces. */
void html_sink_text(HtmlSink *sink, const char *utf8, size_t bytes, HtmlWhiteSpace space);
/* A word of ours; blanks in it stay. */
void html_sink_word(HtmlSink *sink, const char *word);
/* Code points of a text which a reader would see: no white space, nothing of no width. */
uint64_t html_sink_count(const char *utf8, size_t bytes);

/* ---- lines
 * -------------------------------------------------------------------------------------------------- */

/* <br>: ends the line, or adds a blank line, of which at most `most` are kept in a row. */
void html_sink_break(HtmlSink *sink, unsigned most);
/* The start or end of a block: the line ends; blank: one blank line is wanted. */
void html_sink_block(HtmlSink *sink, bool blank);
/* A blank before what comes next, unless there is one or the line begins. */
void html_sink_space(HtmlSink *sink);
/* Sticks to the last visible character, before all that is owed: " [1]", "]". */
void html_sink_attach(HtmlSink *sink, const char *text);

/* An opening mark that is written before the next visible character, wherever that is. text: static. The
 * result, never 0, goes to close; marks nobody wrote anything after are never seen, nor are their closing
 * ones. */
uint32_t html_sink_mark_open(HtmlSink *sink, const char *text);
/* False: nobody wrote anything. */
bool html_sink_mark_close(HtmlSink *sink, uint32_t mark, const char *text);

/* How many runs of text were written: the same number later, nothing visible in between. */
uint64_t html_sink_seen(const HtmlSink *sink);

/* What stands before every line from now on. Last in, first out. Spills. */
void html_sink_push_quote(HtmlSink *sink);
/* marker: stands instead of the indent before the first line, "" = none; copied and cut. */
void html_sink_push_indent(HtmlSink *sink, const char *marker);
void html_sink_pop(HtmlSink *sink);

/* Everything visible is copied there too, line ends and blanks as SPACE, up to HTML_CAPTURE_MAX bytes; NULL =
 * nowhere. lead, NULL with it: what of a host or URL stands right before its first character becomes it. */
void html_sink_capture(HtmlSink *sink, GString *capture, GString *lead);

/* ---- tables
 * ------------------------------------------------------------------------------------------------- */

/* data: it has a border, so it may be a data table. Result: its number for the calls below. */
uint32_t html_sink_table_open(HtmlSink *sink, bool data);
/* Writes it, if it is still kept. */
void html_sink_table_close(HtmlSink *sink, uint32_t table);
/* The table that is kept, if any, is a layout table. */
void html_sink_flatten(HtmlSink *sink);
/* A section begins or, with head false, ends. */
void html_sink_section(HtmlSink *sink, uint32_t table, bool head);
void html_sink_caption_open(HtmlSink *sink, uint32_t table);
void html_sink_caption_close(HtmlSink *sink, uint32_t table);

/* table: 0 = one that is not kept. Result: the row's number for the calls below; 0: its cells are blocks from
 * the start. */
uint32_t html_sink_row_open(HtmlSink *sink, uint32_t table);
/* Before and after each cell. They do the right thing too when the row was spilled meanwhile. */
void html_sink_cell_open(HtmlSink *sink, uint32_t row, HtmlSpan span);
void html_sink_cell_close(HtmlSink *sink, uint32_t row);
void html_sink_row_close(HtmlSink *sink, uint32_t row);
/* The open rows are not to be joined, nor the table to be kept: their cells are blocks. */
void html_sink_spill(HtmlSink *sink);

/* ---- the end
 * ------------------------------------------------------------------------------------------------ */

/* No blank lines at either end. The caller owns it; once only. *ret_omitted: code points past max_out; *ret_thinned:
 * what the cleaning would have removed, and is left out already. */
GString *html_sink_finish(HtmlSink *sink, uint64_t *ret_omitted, CleanCounts *ret_thinned);

G_END_DECLS

#endif
