/* draw_pdf_text: the text of a drawn page, as runs with boxes and as running text.
 *
 * poppler gives the text of a page as one string, and beside it an array with a box for each character. They
 * are two answers of two functions, and do not always agree: around text that runs from right to left the
 * string has marks which have no box, and it ends at a character U+0000. So they are matched line by line,
 * and a line in which they do not agree gives no text: a box of its neighbour must not vouch for a character
 * that nobody sees.
 */
#include "draw_pdf_priv.h"

#include <math.h>
#include <string.h>

enum {
	UNITS_PER_PIXEL = 64,
	RUN_CHARS = 256, /* of one run: a longer word is more than one */
	INK_PASSES = 16, /* how often all pixels of a page may be looked at for ink: boxes of hostile text can
	                    all be as large as it */
};

/* Pixels, y grows downward. */
typedef struct {
	double x1, y1, x2, y2;
} Box;

/* One line of the string, and its boxes. */
typedef struct {
	const char *text, *end;
	const PopplerRectangle *boxes;
	size_t n_boxes;
} Line;

struct PdfText {
	const DrawLimits *limits;
	DrawFacts *facts;
	uint64_t total_chars; /* of all pages so far */

	/* The page. */
	const uint32_t *pixels;
	uint32_t width, height;
	double scale_x, scale_y;
	unsigned page_chars;
	uint64_t ink_budget; /* pixels that may still be looked at */
	bool shifted;        /* its vertical writing stands beside the boxes (see true_box) */
	GArray *runs;        /* DrawRun */
	GString *text;       /* what is to be seen, with blanks and LF */

	/* The line, and the run that is being made. */
	bool line_vertical; /* how its last run of more than one character runs */
	GString *word;
	unsigned word_chars;
	bool word_vertical;
	Box word_box, last_box;
};

static void clear_run(void *run)
{
	g_free(((DrawRun *)run)->text);
}

PdfText *pdf_text_new(const DrawLimits *limits, DrawFacts *facts)
{
	PdfText *text = g_new0(PdfText, 1);

	text->limits = limits;
	text->facts = facts;
	text->runs = g_array_new(FALSE, FALSE, sizeof(DrawRun));
	g_array_set_clear_func(text->runs, clear_run);
	text->text = g_string_new(NULL);
	text->word = g_string_new(NULL);
	return text;
}

void pdf_text_free(PdfText *text)
{
	if (text == NULL)
		return;
	g_array_unref(text->runs);
	g_string_free(text->text, TRUE);
	g_string_free(text->word, TRUE);
	g_free(text);
}

/* ---- poppler's string ------------------------------------------------------------ */

/* The next character. poppler writes UTF-8 also of what is no character (surrogates), one sequence for each
 * box: that is stepped over as one, and is U+FFFF then, which the caller drops. */
static const char *next_char(const char *at, const char *end, gunichar *ret_char)
{
	const char *next = at + 1;

	while (next < end && ((unsigned char)*next & 0xC0) == 0x80)
		next++;
	*ret_char = g_utf8_get_char_validated(at, next - at);
	if (*ret_char > 0x10FFFF)
		*ret_char = 0xFFFF;
	return next;
}

/* The marks that poppler itself puts around text of the other direction. */
static bool is_embedding(gunichar c)
{
	return c == 0x202A || c == 0x202B || c == 0x202C;
}

/* What plain refuses: one such character would cost the whole answer. */
static bool may_cross(gunichar c)
{
	return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && c != 0x061C && c != 0x200E && c != 0x200F &&
	       !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069) &&
	       !(c >= 0xFDD0 && c <= 0xFDEF) && (c & 0xFFFE) != 0xFFFE;
}

static size_t count_chars(const Line *line, bool embeddings)
{
	size_t n = 0;
	gunichar c;

	for (const char *at = line->text; at < line->end; n += embeddings || !is_embedding(c))
		at = next_char(at, line->end, &c);
	return n;
}

/* ---- runs ------------------------------------------------------------------------ */

static double overlap(double from1, double to1, double from2, double to2)
{
	return MIN(to1, to2) - MAX(from1, from2);
}

/* How the second box follows the first. */
static bool stacked(const Box *first, const Box *second)
{
	double across = fabs(first->x1 + first->x2 - second->x1 - second->x2);
	double down = fabs(first->y1 + first->y2 - second->y1 - second->y2);

	return down > across;
}

typedef enum {
	BESIDE, /* of one word */
	APART,  /* on the same line, half a character's size or more between */
	ELSEWHERE,
} Relation;

/* How the second box stands to the first, along a line that runs so. In either direction. */
static Relation relation(const Box *first, const Box *second, bool vertical)
{
	double over_x = overlap(first->x1, first->x2, second->x1, second->x2);
	double over_y = overlap(first->y1, first->y2, second->y1, second->y2);
	double width1 = first->x2 - first->x1, width2 = second->x2 - second->x1;
	double height1 = first->y2 - first->y1, height2 = second->y2 - second->y1;

	if (vertical ? over_x < MIN(width1, width2) / 2 : over_y < MIN(height1, height2) / 2)
		return ELSEWHERE;
	double gap = vertical ? -over_y : -over_x,
	       size = vertical ? MAX(width1, width2) : MAX(height1, height2);
	return gap < size / 2 ? BESIDE : APART;
}

static int32_t units(double pixels, uint32_t most)
{
	return (int32_t)lround(CLAMP(pixels, 0, most) * UNITS_PER_PIXEL);
}

static DrawRun run_of(const PdfText *text, const Box *box)
{
	int32_t x = units(box->x1, text->width), y = units(box->y1, text->height);

	return (DrawRun) {
		.x = x,
		.y = y,
		.w = units(box->x2, text->width) - x,
		.h = units(box->y2, text->height) - y,
	};
}

static void end_run(PdfText *text)
{
	if (text->word_chars == 0)
		return;
	if (text->word_chars > 1)
		text->line_vertical = text->word_vertical;
	if (text->limits->runs) {
		DrawRun run = run_of(text, &text->word_box);
		run.vertical = text->line_vertical;
		run.text = g_strdup(text->word->str);
		g_array_append_val(text->runs, run);
	}
	g_string_truncate(text->word, 0);
	text->word_chars = 0;
}

/* Neither at a line's beginning nor twice: what stood between may be hidden. */
static void read_blank(PdfText *text)
{
	end_run(text);
	if (text->text->len > 0 && (unsigned char)text->text->str[text->text->len - 1] > ' ')
		g_string_append_c(text->text, ' ');
}

static void begin_run(PdfText *text, const Box *box)
{
	text->word_box = *box;
	text->word_vertical = text->line_vertical;
}

/* Of a run that has begun. */
static void continue_run(PdfText *text, const Box *box)
{
	bool vertical = text->word_chars == 1 ? stacked(&text->last_box, box) : text->word_vertical;
	Relation how = relation(&text->last_box, box, vertical);

	if (how == BESIDE && text->word_chars < RUN_CHARS) {
		text->word_vertical = vertical;
		return;
	}
	/* poppler has no blank for a full-width one (U+3000). */
	if (how == APART)
		read_blank(text);
	end_run(text);
	begin_run(text, box);
}

static void add_to_run(PdfText *text, gunichar c, const Box *box)
{
	if (text->word_chars > 0)
		continue_run(text, box);
	else
		begin_run(text, box);
	text->word_box.x1 = MIN(text->word_box.x1, box->x1);
	text->word_box.y1 = MIN(text->word_box.y1, box->y1);
	text->word_box.x2 = MAX(text->word_box.x2, box->x2);
	text->word_box.y2 = MAX(text->word_box.y2, box->y2);
	text->last_box = *box;
	text->word_chars++;
	g_string_append_unichar(text->word, c);
}

/* ---- ink ------------------------------------------------------------------------- */

/* A character without width (an accent that is set over the one before it) has its ink beside its box. */
static Box where_ink_is(Box box)
{
	double width = box.x2 - box.x1, height = box.y2 - box.y1;

	if (width * UNITS_PER_PIXEL < 1) {
		box.x1 -= height / 2;
		box.x2 += height / 2;
	} else if (height * UNITS_PER_PIXEL < 1) {
		box.y1 -= width / 2;
		box.y2 += width / 2;
	}
	return box;
}

static Box box_of(const PdfText *text, const PopplerRectangle *box)
{
	return (Box) {
		MIN(box->x1, box->x2) * text->scale_x,
		MIN(box->y1, box->y2) * text->scale_y,
		MAX(box->x1, box->x2) * text->scale_x,
		MAX(box->y1, box->y2) * text->scale_y,
	};
}

/* An eighth less at both ends of a character, so that its neighbours' ink, which can reach over, is not taken
 * for its own. */
static Box without_ends(Box box, bool vertical)
{
	double end_x = vertical ? 0 : (box.x2 - box.x1) / 8, end_y = vertical ? (box.y2 - box.y1) / 8 : 0;

	return (Box) { box.x1 + end_x, box.y1 + end_y, box.x2 - end_x, box.y2 - end_y };
}

static bool has_ink(PdfText *text, const Box *box, bool vertical)
{
	Box where = where_ink_is(without_ends(*box, vertical));
	DrawRun looked_at = run_of(text, &where);

	/* Written so that it is false also of what is no number. */
	if (!(where.x2 >= 0 && where.y2 >= 0 && where.x1 < text->width && where.y1 < text->height))
		return false;
	uint64_t area =
	        (uint64_t)(looked_at.w / UNITS_PER_PIXEL + 1) * (uint64_t)(looked_at.h / UNITS_PER_PIXEL + 1);
	text->ink_budget -= MIN(area, text->ink_budget);
	return draw_has_ink(text->pixels, text->width, text->height, looked_at.x, looked_at.y, looked_at.w,
	                    looked_at.h);
}

static bool past_caps(const PdfText *text)
{
	return text->page_chars >= text->limits->page_chars ||
	       text->total_chars >= text->limits->total_chars || text->ink_budget == 0;
}

/* poppler's box of a line's end: a point. */
static bool is_line_end(const PopplerRectangle *box)
{
	return box->x1 == box->x2 && box->y1 == box->y2;
}

static size_t boxes_of_line(const PopplerRectangle *boxes, size_t left)
{
	size_t n = 0;

	while (n < left && !is_line_end(&boxes[n]))
		n++;
	return n;
}

/* ---- vertical writing ------------------------------------------------------------ */

/* Of vertical writing (WMode 1), poppler's boxes are squares of the font's size of which the lower left
 * corner is the place of the pen, whereas the glyph hangs in the middle below that place. */
static Box true_box(Box box)
{
	double size_x = box.x2 - box.x1, size_y = box.y2 - box.y1;

	return (Box) { box.x1 - size_x / 2, box.y1 + size_y, box.x2 - size_x / 2, box.y2 + size_y };
}

/* Whether a line may be such writing: squares of one size, one below the other. So are those of full-width
 * text that is turned by a right angle, and they stand where they are said to: which of both it is, no
 * function says. */
static bool may_be_vertical(const PopplerRectangle *boxes, size_t n)
{
	double size = boxes[0].x2 - boxes[0].x1;

	for (size_t i = 0; i < n; i++)
		if (fabs(boxes[i].x2 - boxes[i].x1 - size) > size / 1000 ||
		    fabs(boxes[i].y2 - boxes[i].y1 - size) > size / 1000)
			return false;
	return n == 1 || (boxes[0].x1 == boxes[1].x1 && boxes[1].y1 > boxes[0].y1);
}

/* By the ink on the page: where the boxes are wrong, there is none in the first of a line; where they are
 * right, none below the last. */
static bool is_shifted(PdfText *text, const PopplerRectangle *boxes, size_t n_boxes)
{
	uint64_t said = 0, shifted = 0, chars = 0;

	for (size_t done = 0; done < n_boxes && !past_caps(text);) {
		size_t n = boxes_of_line(boxes + done, n_boxes - done);
		bool votes = n > 1 && may_be_vertical(boxes + done, n);
		for (size_t i = done; votes && i < done + n && !past_caps(text); i++) {
			Box box = box_of(text, &boxes[i]), moved = true_box(box);
			said += has_ink(text, &box, true);
			shifted += has_ink(text, &moved, true);
			chars++;
		}
		done += n + 1;
	}
	return chars > 0 && shifted >= said;
}

static bool line_is_shifted(PdfText *text, const Line *line)
{
	if (!text->shifted || line->n_boxes == 0 || !may_be_vertical(line->boxes, line->n_boxes))
		return false;
	/* One character alone may be horizontal, on the same page. */
	Box box = box_of(text, line->boxes), moved = true_box(box);
	return line->n_boxes > 1 || has_ink(text, &moved, true);
}

/* ---- one character --------------------------------------------------------------- */

static bool is_blank(gunichar c)
{
	return g_unichar_isspace(c) || g_unichar_type(c) == G_UNICODE_SPACE_SEPARATOR;
}

/* Shows nothing wherever it stands: that there is no ink under it says nothing. */
static bool is_invisible(gunichar c)
{
	return c == 0x00AD || (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF;
}

static void hide(PdfText *text, size_t n)
{
	text->facts->hidden_chars += n;
	read_blank(text);
}

static void read_char(PdfText *text, gunichar c, const PopplerRectangle *rectangle, bool shift)
{
	if (!may_cross(c))
		return;
	if (past_caps(text)) {
		text->facts->text_cut++;
		return;
	}
	Box box = box_of(text, rectangle);
	if (shift)
		box = true_box(box);
	/* Fonts draw it below what they say is their lowest point. */
	if (c == '_')
		box.y2 += (box.y2 - box.y1) / 4;
	if (!has_ink(text, &box, text->line_vertical)) {
		if (!is_invisible(c))
			hide(text, 1);
		return;
	}
	text->page_chars++;
	text->total_chars++;
	add_to_run(text, c, &box);
	g_string_append_unichar(text->text, c);
}

static void end_line(PdfText *text)
{
	end_run(text);
	if (text->text->len > 0 && text->text->str[text->text->len - 1] == ' ')
		g_string_truncate(text->text, text->text->len - 1);
	if (text->text->len > 0 && text->text->str[text->text->len - 1] != '\n')
		g_string_append_c(text->text, '\n');
}

/* ---- lines ----------------------------------------------------------------------- */

static void read_line(PdfText *text, const Line *line)
{
	bool embeddings = count_chars(line, true) == line->n_boxes;
	gunichar c;

	if (!embeddings && count_chars(line, false) != line->n_boxes) {
		hide(text, line->n_boxes);
		return;
	}
	text->line_vertical = false;
	if (line->n_boxes > 1) {
		Box first = box_of(text, &line->boxes[0]), second = box_of(text, &line->boxes[1]);
		text->line_vertical = stacked(&first, &second);
	}
	bool shift = line_is_shifted(text, line);
	const PopplerRectangle *box = line->boxes;
	for (const char *at = line->text; at < line->end;) {
		at = next_char(at, line->end, &c);
		if (!embeddings && is_embedding(c))
			continue;
		if (is_blank(c))
			read_blank(text);
		else
			read_char(text, c, box, shift);
		box++;
	}
	end_line(text);
}

static void read_lines(PdfText *text, const char *string, const PopplerRectangle *boxes, size_t n_boxes)
{
	const char *end = string + strlen(string);
	size_t done = 0;

	text->shifted = is_shifted(text, boxes, n_boxes);
	for (const char *at = string; at < end && done < n_boxes;) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		Line line = { at, line_end != NULL ? line_end : end, boxes + done,
			      boxes_of_line(boxes + done, n_boxes - done) };
		read_line(text, &line);
		at = line.end + 1;
		done += line.n_boxes + 1;
	}
	/* Boxes of which the string says nothing. */
	if (done < n_boxes)
		hide(text, n_boxes - done);
}

static void begin_page(PdfText *text, PopplerPage *page, const uint32_t *pixels, const DrawPage *drawn)
{
	double width, height;

	poppler_page_get_size(page, &width, &height);
	text->pixels = pixels;
	text->width = drawn->width;
	text->height = drawn->height;
	text->scale_x = drawn->width / width;
	text->scale_y = drawn->height / height;
	text->page_chars = 0;
	text->ink_budget = INK_PASSES * (uint64_t)drawn->width * drawn->height;
	g_array_set_size(text->runs, 0);
	g_string_truncate(text->text, 0);
}

void pdf_text_read(PdfText *text, PopplerPage *page, const uint32_t *pixels, DrawPage *drawn)
{
	/* poppler leaves it as it is where there is no text. */
	g_autofree PopplerRectangle *boxes = NULL;
	guint n_boxes = 0;

	if (!text->limits->runs && !text->limits->text)
		return;
	begin_page(text, page, pixels, drawn);
	g_autofree char *string = poppler_page_get_text(page);
	if (string != NULL && poppler_page_get_text_layout(page, &boxes, &n_boxes))
		read_lines(text, string, boxes, n_boxes);
	drawn->n_runs = text->runs->len;
	drawn->runs = text->runs->len > 0 ? (const DrawRun *)(const void *)text->runs->data : NULL;
	drawn->text = text->limits->text ? text->text->str : NULL;
}
