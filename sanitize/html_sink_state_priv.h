/* html_sink_state: what html_sink.c, html_sink_text.c and html_sink_table.c share. */
#ifndef MUGAI_SANITIZE_HTML_SINK_STATE_PRIV_H
#define MUGAI_SANITIZE_HTML_SINK_STATE_PRIV_H

#include "html_sink_priv.h"

G_BEGIN_DECLS

/* A line that is being written, and what is owed before it goes on. */
typedef struct {
	GString *text;  /* of frame 0 all lines, of a row the line of the cell at hand */
	GString *cells; /* of a row: lines of the cells before, as in html_grid_priv.h */
	unsigned n_cells;
	unsigned columns;         /* of a row: width of text */
	uint32_t row;             /* its number */
	bool open;                /* something to be seen is on the line */
	bool blank;               /* a blank line is wanted by markup */
	unsigned hard_blanks;     /* blank lines by <br> */
	bool lead;                /* of a row: a blank line was wanted before the first line of the cell */
	bool row_lead, row_blank; /* ... of any of its cells, and behind */
} HtmlFrame;

typedef enum {
	HTML_SOFT_NONE = 0,
	HTML_SOFT_SPACE,
	HTML_SOFT_LINE_END, /* with a line end in it: vanishes between two wide characters */
} HtmlSoft;

typedef enum { HTML_PART_NONE = 0, HTML_PART_CELL, HTML_PART_CAPTION } HtmlPart;

typedef struct {
	guint offset; /* of its indent in prefix */
	bool quote;
	bool due; /* the marker is not written yet */
	char marker[HTML_MARKER_MAX];
} HtmlPiece;

typedef struct {
	uint32_t id;
	const char *text;
} HtmlMark;

enum { HTML_OWED_SPACES = 0xF7, HTML_OWED_SPACES_MAX = 8 }; /* no such byte is in UTF-8 */

typedef struct {
	char unit[4]; /* a character */
	size_t bytes; /* of it */
	size_t n;
} HtmlOwedRun;

struct HtmlSink {
	HtmlFrame frames[1 + HTML_ROWS_NESTED];
	unsigned top;
	HtmlFrame *at; /* the top one, or kept */
	uint32_t rows; /* numbers given, to tables too */
	GString *joined; /* the line of the row that ended last */

	/* The table which is kept: it stands in the top frame, where nothing is written until it ends. */
	uint32_t table; /* 0 = none */
	HtmlGrid *grid; /* NULL = there was none yet */
	HtmlFrame kept; /* the part at hand; its text as in html_grid_priv.h */
	HtmlPart part;
	HtmlSpan span;     /* of the cell at hand */
	uint32_t kept_row; /* open in it, 0 = none */

	/* Blanks that do not collapse, and characters of no width among them. 10 MB of tabs would be 80 MB of
	 * blanks, so that SPACEs are packed, and of what repeats at the end is only known how often. */
	GString *owed;       /* a byte of HTML_OWED_SPACES + n is n SPACEs */
	HtmlOwedRun owed_run; /* behind it */
	size_t owed_bytes;   /* of all, when written */
	unsigned owed_blanks, owed_columns;
	bool owed_fillers;
	HtmlSoft soft; /* and then blanks that do */

	GString *prefix;
	GArray *pieces;  /* of HtmlPiece */
	guint first_due; /* the lowest piece with a marker due, G_MAXUINT = none */
	guint low;       /* bytes of prefix that all lines since the last one had */
	unsigned quotes, indent;

	GArray *due; /* of HtmlMark */
	uint32_t marks;
	GString *capture, *lead;
	uint64_t seen;

	size_t line_start; /* in frame 0 */
	size_t line_signs; /* bytes of its prefix */
	bool line_bare;    /* it has no prefix */
	bool line_fixed;   /* it is not wrapped */
	size_t measured;   /* how far its columns are known */
	unsigned columns;
	const Defang *defang; /* NULL = never */
	unsigned width;       /* of a line, in columns; 0 = any */
	GString *line_prefix; /* of the lines into which it is wrapped */
	uint64_t max_out;
	CleanThin *thin; /* NULL = the text is not long */
	bool full;
	uint64_t omitted;
};

/* Where the next visible character goes. */
static inline HtmlFrame *html_sink_top(HtmlSink *sink)
{
	return sink->at;
}
static inline bool html_sink_is_kept(const HtmlSink *sink)
{
	return sink->table != 0;
}
void html_sink_set_top(HtmlSink *sink, unsigned top);
void html_sink_frame_init(HtmlFrame *frame);
void html_sink_end_line(HtmlFrame *frame);
void html_sink_forget_owed(HtmlSink *sink);
void html_sink_owe(HtmlSink *sink, const char *character, size_t bytes, size_t n);
/* A finished line: nothing of what is owed belongs to it. */
void html_sink_put_line(HtmlSink *sink, const char *line, size_t bytes);

/* Columns of the line so far, without signs before it and what is owed. */
unsigned html_sink_columns(HtmlSink *sink);
/* A run of visible characters: pays what is owed and writes it. */
void html_sink_put(HtmlSink *sink, const char *run, size_t bytes);
/* Of two columns everywhere, and no Hangul, which has blanks between words: a line end between two of them
 * vanishes. */
bool html_sink_is_wide(gunichar c);
/* Of no width: what clean_body_text removes, joiners and selectors. */
bool html_sink_is_filler(gunichar c);

G_END_DECLS

#endif
