/* A sink for programs that draw without a jail: keeps pages, with their runs and text. */
#ifndef MUGAI_TESTS_DRAW_PAGES_H
#define MUGAI_TESTS_DRAW_PAGES_H

#include "draw_priv.h"

#include <string.h>

#ifdef MUGAI_UNSAFE_BUILD
/* fontconfig loses a rule of its configuration whenever it reads it, x265 (which makes a test's picture) its threads' rows,
 * libxml2 the value of an entity that is wrong. Asked for by the leak checker, once a program. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libx265\nleak:libxml2";
}
#endif

typedef struct {
	uint32_t *pixels;
	uint32_t width, height;
	unsigned dpi;
	uint32_t box_width, box_height;
	DrawRun *runs;
	size_t n_runs;
	char *text; /* NULL: none came */
} DrawnPage;

typedef struct {
	GPtrArray *pages; /* DrawnPage */
	uint32_t *begun;  /* pixels of the page that is not complete yet */
	uint32_t begun_width, begun_height;
	bool (*each)(void *user,
	             const DrawnPage *page); /* not NULL: sees each page, which then is not kept */
	void *user;
} DrawnPages;

static inline void drawn_page_free(void *data)
{
	DrawnPage *page = data;

	for (size_t i = 0; i < page->n_runs; i++)
		g_free(page->runs[i].text);
	g_free(page->runs);
	g_free(page->text);
	g_free(page->pixels);
	g_free(page);
}

static inline uint32_t *drawn_page_begin(void *user, uint32_t width, uint32_t height, GError **error)
{
	DrawnPages *drawn = user;
	size_t bytes = (size_t)width * height * sizeof(uint32_t);

	(void)error;
	g_assert_cmpuint(width, >=, 1);
	g_assert_cmpuint(width, <=, RENDER_SIDE_MAX);
	g_assert_cmpuint(height, >=, 1);
	g_assert_cmpuint(height, <=, RENDER_SIDE_MAX);
	g_assert_null(drawn->begun);
	drawn->begun = g_malloc(bytes);
	drawn->begun_width = width;
	drawn->begun_height = height;
	memset(drawn->begun, 0xFF, bytes);
	return drawn->begun;
}

/* What every page must be, whatever it shows. */
static inline void drawn_page_check(const DrawnPages *drawn, const DrawPage *page)
{
	if (drawn->begun != NULL) {
		g_assert_cmpuint(page->width, ==, drawn->begun_width);
		g_assert_cmpuint(page->height, ==, drawn->begun_height);
	}
	g_assert_cmpuint(page->box_width, >=, 1);
	g_assert_cmpuint(page->box_width, <=, RENDER_BOX_MAX);
	g_assert_cmpuint(page->box_height, >=, 1);
	g_assert_cmpuint(page->box_height, <=, RENDER_BOX_MAX);
	g_assert_cmpuint(page->dpi, >=, 1);
	for (size_t i = 0; i < page->n_runs; i++) {
		const DrawRun *run = &page->runs[i];
		g_assert_true(g_utf8_validate(run->text, -1, NULL));
		g_assert_cmpuint(strlen(run->text), >, 0);
		g_assert_cmpint(run->x, >=, 0);
		g_assert_cmpint(run->y, >=, 0);
		g_assert_cmpint(run->w, >=, 0);
		g_assert_cmpint(run->h, >=, 0);
		g_assert_cmpint(run->x + run->w, <=, (int32_t)page->width * 64);
		g_assert_cmpint(run->y + run->h, <=, (int32_t)page->height * 64);
	}
	if (page->text != NULL)
		g_assert_true(g_utf8_validate(page->text, -1, NULL));
}

static inline bool drawn_page_end(void *user, const DrawPage *page, GError **error)
{
	DrawnPages *drawn = user;

	(void)error;
	drawn_page_check(drawn, page);
	DrawnPage *kept = g_new0(DrawnPage, 1);
	*kept = (DrawnPage) {
		.pixels = g_steal_pointer(&drawn->begun),
		.width = page->width,
		.height = page->height,
		.dpi = page->dpi,
		.box_width = page->box_width,
		.box_height = page->box_height,
		.runs = g_new0(DrawRun, page->n_runs),
		.n_runs = page->n_runs,
		.text = g_strdup(page->text),
	};
	for (size_t i = 0; i < page->n_runs; i++) {
		kept->runs[i] = page->runs[i];
		kept->runs[i].text = g_strdup(page->runs[i].text);
	}
	if (drawn->each == NULL) {
		g_ptr_array_add(drawn->pages, kept);
		return true;
	}
	bool more = drawn->each(drawn->user, kept);
	drawn_page_free(kept);
	return more;
}

/* The sink, into drawn. */
static inline DrawSink drawn_pages_sink(DrawnPages *drawn)
{
	*drawn = (DrawnPages) { .pages = g_ptr_array_new_with_free_func(drawn_page_free) };
	return (DrawSink) { drawn, drawn_page_begin, drawn_page_end };
}

static inline void drawn_pages_clear(DrawnPages *drawn)
{
	g_ptr_array_unref(drawn->pages);
	g_free(drawn->begun);
}

static inline DrawLimits draw_limits_default(void)
{
	return (DrawLimits) {
		.dpi = RENDER_DPI,
		.pages = RENDER_PAGES_MAX,
		.page_pixels = RENDER_PAGE_PIXELS,
		.total_pixels = RENDER_TOTAL_PIXELS,
		.page_chars = RENDER_PAGE_CHARS,
		.total_chars = RENDER_TOTAL_CHARS,
		.pictures = true,
		.runs = true,
		.text = true,
	};
}

#endif
