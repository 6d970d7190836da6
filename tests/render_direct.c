#include "render_direct.h"

#include <string.h>

typedef struct {
	const DirectOptions *options;
	ImagePdf *pdf;
	uint32_t *pixels; /* as large as the largest page so far */
	size_t size;
} Direct;

static uint32_t *page_begin(void *user, uint32_t width, uint32_t height, GError **error)
{
	Direct *direct = user;
	size_t size = (size_t)width * height * sizeof *direct->pixels;
	(void)error;
	if (size > direct->size) {
		g_free(direct->pixels);
		direct->pixels = g_malloc(size);
		direct->size = size;
	}
	memset(direct->pixels, 0xFF, size);
	return direct->pixels;
}

static bool write_page(const Direct *direct, const DrawPage *page, GError **error)
{
	const ImagePdfPage picture = { .pixels = direct->pixels,
		                       .width = page->width,
		                       .height = page->height,
		                       .box_width = page->box_width,
		                       .box_height = page->box_height };
	if (!image_pdf_page_begin(direct->pdf, &picture, error))
		return false;
	for (size_t i = 0; i < page->n_runs; i++) {
		const DrawRun *run = &page->runs[i];
		if (!image_pdf_run(direct->pdf, run->x, run->y, run->w, run->h, run->vertical, run->text, error))
			return false;
	}
	return image_pdf_page_end(direct->pdf, error);
}

static bool page_end(void *user, const DrawPage *page, GError **error)
{
	const Direct *direct = user;
	if (direct->options->see != NULL)
		direct->options->see(direct->pixels, page, direct->options->user);
	return write_page(direct, page, error);
}

GBytes *render_directly(const DrawInput *input, const DirectOptions *options, int *ret_status, DrawFacts *facts)
{
	const ImagePdfOptions pdf_options = { .max_bytes = options->max_output };
	const DrawLimits limits = { .dpi = options->dpi,
		                    .pages = options->pages,
		                    .page_pixels = RENDER_PAGE_PIXELS,
		                    .total_pixels = RENDER_TOTAL_PIXELS,
		                    .page_chars = RENDER_PAGE_CHARS,
		                    .total_chars = RENDER_TOTAL_CHARS,
		                    .pictures = true,
		                    .runs = true };
	g_autoptr(ImagePdf) pdf = image_pdf_new(&pdf_options);
	Direct direct = { .options = options, .pdf = pdf };
	const DrawSink sink = { &direct, page_begin, page_end };
	g_autoptr(GError) error = NULL;
	*ret_status = draw_document(input, &limits, &sink, facts, &error);
	g_free(direct.pixels);
	g_assert_no_error(error);
	if (*ret_status != RENDER_STATUS_COMPLETE)
		return NULL;
	GBytes *bytes = image_pdf_finish(pdf, &error);
	g_assert_no_error(error);
	return bytes;
}
