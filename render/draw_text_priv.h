/* draw_text: texts and tables on paper, by our own layout. What its files share; nobody else includes this.
 *
 * Paper is a grid, as Japanese plain text is written: a cell is half an em wide, a wide character takes two. Each
 * character is drawn by the first font that has it. Scripts that need shaping (Arabic, Devanagari) are drawn letter by
 * letter. Jailed; linear in the text; memory bounded by one page, one record of a table and the glyphs in use.
 */
#ifndef MUGAI_RENDER_DRAW_TEXT_PRIV_H
#define MUGAI_RENDER_DRAW_TEXT_PRIV_H

#include "draw_priv.h"

#include <cairo.h>

G_BEGIN_DECLS

/* ---- draw_text_font.c ------------------------------------------------------------------------------------- */

typedef struct {
	unsigned font;       /* index; DRAW_FONT_NONE: no font has it, and a box stands for it */
	unsigned long index; /* of the glyph in it */
	unsigned cells;      /* 0 (combining), 1 or 2 */
	double squeeze;      /* how much narrower it is drawn, so that it fits; <= 1 */
} DrawGlyph;

#define DRAW_FONT_NONE G_MAXUINT

/* The system's fonts, those for Japanese first. Made once in a process. False: there is none at all. */
bool draw_fonts_prepare(GError **error);
cairo_font_face_t *draw_fonts_face(unsigned font);
/* Valid until the next call. */
const DrawGlyph *draw_fonts_glyph(gunichar c);

/* ---- draw_text_line.c ------------------------------------------------------------------------------------- */

typedef struct {
	const char *bytes; /* UTF-8, or nearly */
	size_t length;
} DrawText;

/* A line on paper: a piece of a text without blanks at its end. */
typedef struct {
	size_t start, length; /* bytes */
	unsigned cells;
} DrawLine;

/* The character at `at` and how many bytes it takes; what is not UTF-8 is U+FFFD, a byte long. */
gunichar draw_text_char(const DrawText *text, size_t at, size_t *ret_bytes);

/* The next line of at most width cells, from `at` on; text holds no LF before its end. Words are not parted unless one alone is
 * too long, and what must not begin or end a line in Japanese (kinsoku) does not. Returns where the following line begins. */
size_t draw_text_break(const DrawText *text, size_t at, unsigned width, DrawLine *ret_line);

/* ---- draw_text_paper.c: pages as they fill ---------------------------------------------------------------- */

typedef struct {
	double width, height;  /* 1/1000 pt */
	double size;           /* of the font, pt */
	double pitch;          /* from line to line, pt */
} DrawPaperKind;

typedef struct DrawPaper DrawPaper;

/* Borrowed, all of it. Nothing is drawn before the first line. */
DrawPaper *draw_paper_new(const DrawPaperKind *kind, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts);
void draw_paper_free(DrawPaper *paper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DrawPaper, draw_paper_free)

/* Cells of a line, lines of a page. */
unsigned draw_paper_cells(const DrawPaperKind *kind);
unsigned draw_paper_lines(const DrawPaperKind *kind);

/* Lines left on the page that is being filled; that of a whole page when none is. */
unsigned draw_paper_left(const DrawPaper *paper);
/* Where the next line stands, from 0. */
unsigned draw_paper_row(const DrawPaper *paper);

/* A line of text at cell `column` of row `row` of this page, which must be one that draw_paper_row() and draw_paper_advance() made. False: see
 * draw_paper_status(). */
bool draw_paper_write(DrawPaper *paper, const DrawText *text, const DrawLine *line, unsigned row, unsigned column);
/* A thin line of a table, in cells and rows. */
bool draw_paper_rule(DrawPaper *paper, double column, double row, double to_column, double to_row);
/* n more lines are in use; past the last one of a page the page is done. A line end goes to its text where that is wanted. */
bool draw_paper_advance(DrawPaper *paper, unsigned n);
/* The rest of the page stays empty. */
bool draw_paper_break(DrawPaper *paper);
/* Ends the last page. RENDER_STATUS_COMPLETE, _LIMIT, or DRAW_ABORTED with error. */
int draw_paper_finish(DrawPaper *paper, GError **error);

/* ---- draw_table.c ----------------------------------------------------------------------------------------- */

/* False: it has no form of a table that could be drawn (one column, or too many); nothing was drawn. */
bool draw_table(const DrawText *text, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, int *ret_status,
                GError **error);

G_END_DECLS

#endif
