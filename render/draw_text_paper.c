/* draw_text_paper: pages as they fill with lines. Pages past the cap are counted and not drawn. */
#include "draw_text_priv.h"

#include <math.h>
#include <string.h>

enum { UNITS_PER_PIXEL = 64, MARKS_MAX = 8 /* combining marks that are drawn on one character */ };
static const double MARGIN = 42.5; /* pt: 15 mm */
static const double THIN = 0.5;    /* pt */

struct DrawPaper {
	DrawPaperKind kind;
	const DrawLimits *limits;
	const DrawSink *sink;
	DrawFacts *facts;
	DrawPage page;
	double scale; /* pixels a point */
	bool open;
	bool drawn;   /* this page is within the cap */
	unsigned row;
	uint64_t pixels_total;
	unsigned chars_total;
	uint32_t *pixels;
	cairo_surface_t *surface;
	cairo_t *cairo;
	GArray *runs; /* of DrawRun */
	unsigned page_chars;
	GString *text; /* NULL: not wanted */
	unsigned text_row; /* lines of it so far */
	int status;
	GError *error;
};

unsigned draw_paper_cells(const DrawPaperKind *kind)
{
	return (unsigned)((kind->width / 1000 - 2 * MARGIN) / (kind->size / 2));
}

unsigned draw_paper_lines(const DrawPaperKind *kind)
{
	return (unsigned)((kind->height / 1000 - 2 * MARGIN) / kind->pitch);
}

unsigned draw_paper_left(const DrawPaper *paper)
{
	return draw_paper_lines(&paper->kind) - (paper->open ? paper->row : 0);
}

unsigned draw_paper_row(const DrawPaper *paper)
{
	return paper->open ? paper->row : 0;
}

static void clear_run(void *run)
{
	g_free(((DrawRun *)run)->text);
}

DrawPaper *draw_paper_new(const DrawPaperKind *kind, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts)
{
	DrawPaper *paper = g_new0(DrawPaper, 1);
	paper->kind = *kind;
	paper->limits = limits;
	paper->sink = sink;
	paper->facts = facts;
	paper->runs = g_array_new(FALSE, FALSE, sizeof(DrawRun));
	g_array_set_clear_func(paper->runs, clear_run);
	paper->text = limits->text ? g_string_new(NULL) : NULL;
	return paper;
}

static void close_surface(DrawPaper *paper)
{
	g_clear_pointer(&paper->cairo, cairo_destroy);
	g_clear_pointer(&paper->surface, cairo_surface_destroy);
	paper->pixels = NULL;
}

void draw_paper_free(DrawPaper *paper)
{
	if (paper == NULL)
		return;
	close_surface(paper);
	g_array_unref(paper->runs);
	if (paper->text != NULL)
		g_string_free(paper->text, TRUE);
	g_clear_error(&paper->error);
	g_free(paper);
}

static bool fail(DrawPaper *paper, int status)
{
	paper->status = status;
	return false;
}

/* ---- pages -------------------------------------------------------------------------------------------- */

static bool open_surface(DrawPaper *paper)
{
	DrawPage *page = &paper->page;
	paper->pixels = paper->sink->page_begin(paper->sink->user, page->width, page->height, &paper->error);
	if (paper->pixels == NULL)
		return fail(paper, DRAW_ABORTED);
	paper->surface = cairo_image_surface_create_for_data((unsigned char *)paper->pixels, CAIRO_FORMAT_RGB24,
	                                                     (int)page->width, (int)page->height,
	                                                     (int)(page->width * sizeof *paper->pixels));
	paper->cairo = cairo_create(paper->surface);
	return true;
}

static bool open_page(DrawPaper *paper)
{
	if (paper->status != RENDER_STATUS_COMPLETE)
		return false;
	paper->open = true;
	paper->row = paper->text_row = 0;
	paper->page_chars = 0;
	paper->facts->pages_found++;
	paper->drawn = paper->facts->pages_found <= paper->limits->pages;
	if (!paper->drawn)
		return true;
	bool lower = draw_page_size(paper->limits, paper->kind.width, paper->kind.height, &paper->page);
	paper->facts->lower_dpi += lower;
	paper->scale = paper->page.width * 1000.0 / paper->kind.width;
	paper->pixels_total += (uint64_t)paper->page.width * paper->page.height;
	if (!paper->limits->pictures)
		return true;
	if (paper->pixels_total > paper->limits->total_pixels)
		return fail(paper, RENDER_STATUS_LIMIT);
	return open_surface(paper);
}

static bool close_page(DrawPaper *paper)
{
	paper->open = false;
	if (!paper->drawn)
		return true;
	DrawPage *page = &paper->page;
	if (paper->surface != NULL)
		cairo_surface_flush(paper->surface);
	close_surface(paper);
	page->runs = paper->runs->len > 0 ? (const DrawRun *)(const void *)paper->runs->data : NULL;
	page->n_runs = paper->runs->len;
	page->text = paper->text != NULL ? paper->text->str : NULL;
	bool good = paper->sink->page_end(paper->sink->user, page, &paper->error);
	g_array_set_size(paper->runs, 0);
	if (paper->text != NULL)
		g_string_truncate(paper->text, 0);
	return good || fail(paper, DRAW_ABORTED);
}

bool draw_paper_advance(DrawPaper *paper, unsigned n)
{
	if (!paper->open && !open_page(paper))
		return false;
	paper->row += n;
	return paper->row < draw_paper_lines(&paper->kind) || close_page(paper);
}

bool draw_paper_break(DrawPaper *paper)
{
	return !paper->open || close_page(paper);
}

int draw_paper_finish(DrawPaper *paper, GError **error)
{
	/* a text of nothing is an empty page, not no page */
	if (paper->status == RENDER_STATUS_COMPLETE && paper->facts->pages_found == 0)
		(void)open_page(paper);
	if (paper->status == RENDER_STATUS_COMPLETE)
		(void)draw_paper_break(paper);
	if (paper->error != NULL)
		g_propagate_error(error, g_steal_pointer(&paper->error));
	return paper->status;
}

/* ---- characters --------------------------------------------------------------------------------------- */

/* Pixels, of the left edge of a cell and of the top of a row. */
static double x_of(const DrawPaper *paper, double column)
{
	return (MARGIN + column * paper->kind.size / 2) * paper->scale;
}

static double y_of(const DrawPaper *paper, double row)
{
	return (MARGIN + row * paper->kind.pitch) * paper->scale;
}

static void draw_box(DrawPaper *paper, double x, double y, unsigned cells)
{
	double em = paper->kind.size * paper->scale, width = MAX(cells, 1) * em / 2;
	cairo_set_line_width(paper->cairo, MAX(THIN * paper->scale, 1));
	cairo_rectangle(paper->cairo, x + em / 10, y + em / 10, width - em / 5, em * 0.8);
	cairo_stroke(paper->cairo);
}

/* y: of the top. */
static void draw_char(DrawPaper *paper, const DrawGlyph *glyph, double x, double y)
{
	double em = paper->kind.size * paper->scale;
	cairo_t *cairo = paper->cairo;
	if (glyph->font == DRAW_FONT_NONE) {
		draw_box(paper, x, y, glyph->cells);
		return;
	}
	cairo_save(cairo);
	cairo_translate(cairo, x, y + em * 0.88);
	cairo_scale(cairo, glyph->squeeze, 1);
	cairo_set_font_face(cairo, draw_fonts_face(glyph->font));
	cairo_set_font_size(cairo, em);
	cairo_glyph_t at = { .index = glyph->index };
	cairo_show_glyphs(cairo, &at, 1);
	cairo_restore(cairo);
}

typedef struct {
	GString *text;
	double from, to; /* pixels */
} Word;

static void end_word(DrawPaper *paper, Word *word, double top)
{
	if (word->text->len == 0)
		return;
	double em = paper->kind.size * paper->scale;
	const DrawRun run = { .x = (int32_t)lround(word->from * UNITS_PER_PIXEL),
		              .y = (int32_t)lround(top * UNITS_PER_PIXEL),
		              .w = (int32_t)lround((word->to - word->from) * UNITS_PER_PIXEL),
		              .h = (int32_t)lround(em * UNITS_PER_PIXEL),
		              .text = g_strndup(word->text->str, word->text->len) };
	g_array_append_val(paper->runs, run);
	g_string_truncate(word->text, 0);
}

/* False: no more characters are kept on this page, or in all. */
static bool count_char(DrawPaper *paper)
{
	if (paper->page_chars < paper->limits->page_chars && paper->chars_total < paper->limits->total_chars) {
		paper->page_chars++;
		paper->chars_total++;
		return true;
	}
	paper->facts->text_cut++;
	return false;
}

/* Only what is seen may be found by a search. */
static bool has_ink(const DrawPaper *paper, double x, double top, unsigned cells)
{
	double em = paper->kind.size * paper->scale;
	if (paper->surface == NULL)
		return true;
	cairo_surface_flush(paper->surface);
	return draw_has_ink(paper->pixels, paper->page.width, paper->page.height, (int32_t)(x * UNITS_PER_PIXEL),
	                    (int32_t)(top * UNITS_PER_PIXEL), (int32_t)(MAX(cells, 1) * em / 2 * UNITS_PER_PIXEL),
	                    (int32_t)(em * UNITS_PER_PIXEL));
}

static bool is_control(gunichar c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || (c & 0xFFFE) == 0xFFFE ||
	       (c >= 0xFDD0 && c <= 0xFDEF);
}

/* What a jail may not say: see plain.h. */
static bool is_bidi(gunichar c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static void take_char(DrawPaper *paper, Word *word, gunichar c, double x, double top, const DrawGlyph *glyph)
{
	double em = paper->kind.size * paper->scale;
	if (!paper->limits->runs || is_control(c) || is_bidi(c))
		return;
	if (!has_ink(paper, x, top, glyph->cells)) {
		paper->facts->hidden_chars++;
		end_word(paper, word, top);
		return;
	}
	if (!count_char(paper))
		return;
	if (word->text->len == 0)
		word->from = x;
	g_string_append_unichar(word->text, c);
	word->to = MAX(word->to, x + glyph->cells * em / 2);
}

static void text_char(DrawPaper *paper, gunichar c)
{
	if (paper->text != NULL && !is_control(c) && !is_bidi(c))
		g_string_append_unichar(paper->text, c);
}

static void text_row(DrawPaper *paper, unsigned row)
{
	if (paper->text == NULL || paper->text->len == 0)
		return;
	g_string_append_c(paper->text, row > paper->text_row ? '\n' : ' ');
	paper->text_row = row;
}

bool draw_paper_write(DrawPaper *paper, const DrawText *text, const DrawLine *line, unsigned row, unsigned column)
{
	if (!paper->open && !open_page(paper))
		return false;
	if (!paper->drawn)
		return true;
	g_autoptr(GString) buffer = g_string_new(NULL);
	Word word = { .text = buffer };
	double em = paper->kind.size * paper->scale, x = x_of(paper, column), last = x, top = y_of(paper, row);
	unsigned marks = 0;
	text_row(paper, row);
	for (size_t at = line->start, bytes; at < line->start + line->length; at += bytes) {
		gunichar c = draw_text_char(text, at, &bytes);
		text_char(paper, c);
		if (c == ' ' || c == '\t' || c == 0x3000) {
			end_word(paper, &word, top);
			word.to = 0;
			x += (c == 0x3000 ? 2 : 1) * em / 2;
			continue;
		}
		const DrawGlyph *glyph = draw_fonts_glyph(c);
		marks = glyph->cells == 0 ? marks + 1 : 0;
		if (glyph->cells > 0)
			last = x;
		if (paper->cairo != NULL && marks <= MARKS_MAX)
			draw_char(paper, glyph, glyph->cells > 0 ? x : x, top);
		take_char(paper, &word, c, last, top, glyph);
		x += glyph->cells * em / 2;
	}
	end_word(paper, &word, top);
	return true;
}

bool draw_paper_rule(DrawPaper *paper, double column, double row, double to_column, double to_row)
{
	if (!paper->open && !open_page(paper))
		return false;
	if (paper->cairo == NULL)
		return true;
	double gap = (paper->kind.pitch - paper->kind.size) / 2 * paper->scale;
	cairo_save(paper->cairo);
	cairo_set_source_rgb(paper->cairo, 0.6, 0.6, 0.6);
	cairo_set_line_width(paper->cairo, MAX(THIN * paper->scale, 1));
	cairo_move_to(paper->cairo, round(x_of(paper, column)) + 0.5, round(y_of(paper, row) - gap) + 0.5);
	cairo_line_to(paper->cairo, round(x_of(paper, to_column)) + 0.5, round(y_of(paper, to_row) - gap) + 0.5);
	cairo_stroke(paper->cairo);
	cairo_restore(paper->cairo);
	return true;
}
