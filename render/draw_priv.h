/* draw: hostile documents to pages, inside the jail. What the drawing code sees of the world.
 *
 * draw_document.c looks at the first bytes and calls one of draw_pdf(), draw_image(), draw_text(). Each of them draws page after
 * page into memory that the sink gives, and says with each page which text stands where. Nothing here knows of the
 * wire, so that the same code runs in tests and fuzzers without a jail.
 *
 * Jailed. One thread. No files but fonts, no environment, no clock in the output: same bytes in, same pages out.
 */
#ifndef MUGAI_RENDER_DRAW_PRIV_H
#define MUGAI_RENDER_DRAW_PRIV_H

#include "render_priv.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
	const uint8_t *bytes;
	size_t length;
} DrawInput;

/* Caps of one document, from the job. */
typedef struct {
	unsigned dpi;          /* RENDER_DPI_MIN .. RENDER_DPI_MAX */
	unsigned pages;        /* that are drawn at most; > 0. More: the first ones, and pages_found tells */
	uint64_t page_pixels;  /* of one page: one that is larger is drawn at a lower dpi, never skipped */
	uint64_t total_pixels; /* of all pages: PDF goes to a lower dpi where they need more, other formats to RENDER_STATUS_LIMIT */
	unsigned page_chars;   /* of the runs of one page: the rest is cut, and counted in text_cut */
	unsigned total_chars;
	bool pictures;         /* pages are wanted (else only text) */
	bool runs;             /* text runs are wanted */
	bool text;             /* running text is wanted */
	RenderTable table;     /* of draw_text: how its lines are to be read */
} DrawLimits;

/* One piece of text (a word, or what stands without a blank between) and its box on the page, in 1/64 of a pixel, y
 * grows downward. vertical: the text runs from the box's top to its bottom. */
typedef struct {
	int32_t x, y, w, h;
	bool vertical;
	char *text; /* UTF-8, one line, no control characters; owned by whoever holds the DrawRun */
} DrawRun;

typedef struct {
	uint32_t width, height;         /* pixels, 1 .. RENDER_SIDE_MAX */
	unsigned dpi;                   /* used for this page */
	uint32_t box_width, box_height; /* 1/1000 pt: the size on paper, after rotation */
	const DrawRun *runs;            /* in reading order; not NULL when n_runs > 0 */
	size_t n_runs;
	const char *text;               /* of this page, LF line ends; NULL: none wanted */
} DrawPage;

/* Where pages go. Every function returns false (with error) when the answer cannot be given any more: then the
 * drawing code returns at once with DRAW_ABORTED. */
typedef struct {
	void *user;
	/* Memory for a page: height rows of width pixels 0x00RRGGBB, native-endian, no padding between rows (cairo's
	 * CAIRO_FORMAT_RGB24 with stride 4 * width), all of it white. Belongs to the sink. */
	uint32_t *(*page_begin)(void *user, uint32_t width, uint32_t height, GError **error);
	/* The page is complete. Everything in page is borrowed. Without `pictures` in the limits there was no page_begin. */
	bool (*page_end)(void *user, const DrawPage *page, GError **error);
} DrawSink;

/* What is found besides the pages; zero-initialised by the caller. */
typedef struct {
	RenderFormat format;
	uint64_t pages_found;
	uint64_t pages_failed; /* drawn as a page that says so (draw_failed_page) */
	uint64_t pages_partial; /* drawn as far as the data goes: the rest is white, or what the decoder takes for it */
	uint64_t lower_dpi;    /* pages drawn at a lower resolution than asked for */
	uint64_t lost[RENDER_LOST_COUNT];
	uint64_t hidden_chars; /* not in the runs, since there is no ink under them */
	uint64_t text_cut;     /* characters past the caps */
} DrawFacts;

/* RENDER_STATUS_COMPLETE or a reason of the content; DRAW_ABORTED: the sink failed, error is set. */
enum { DRAW_ABORTED = -1 };

int draw_document(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, GError **error);

/* Whether these bytes begin as such a document does: the only thing that is believed about a type. */
bool draw_is_pdf(const DrawInput *input);
int draw_pdf(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, GError **error);

bool draw_is_image(const DrawInput *input, RenderFormat *ret_format);
int draw_image(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, GError **error);

/* UTF-8 text with LF line ends (what is not, is drawn as U+FFFD). */
int draw_text(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, GError **error);

/* In the zygote, before any jail: fonts, CMaps and tables of the libraries, with our own bytes. False ends the zygote. */
bool draw_pdf_warm_up(GError **error);
bool draw_image_warm_up(GError **error);
bool draw_text_warm_up(GError **error);

/* ---- draw_page.c: what all of them share ------------------------------------------------------------------ */

/* The size in pixels of a page of box_width x box_height (1/1000 pt) at limits->dpi, or at the highest lower one at which
 * neither limits->page_pixels nor RENDER_SIDE_MAX is passed; sides are at least 1. Sets page's width, height, dpi, box. The box is
 * scaled down (both sides alike) where it is over RENDER_BOX_MAX. Returns true when the dpi had to be lowered. */
bool draw_page_size(const DrawLimits *limits, double box_width, double box_height, DrawPage *page);

/* The ink rule: whether in some channel the values inside differ by at least 32. Box in 1/64 pixel, clamped to the page. */
bool draw_has_ink(const uint32_t *pixels, uint32_t width, uint32_t height, int32_t x, int32_t y, int32_t w, int32_t h);

/* ---- draw_failed.c ---------------------------------------------------------------------------------------- */

/* Makes of these pixels, whatever is on them, a page that says in Japanese that it cannot be shown. Count it in pages_failed. */
void draw_failed_page(uint32_t *pixels, uint32_t width, uint32_t height);

G_END_DECLS

#endif
