/* image_pdf: pixels and text runs to a PDF of pictures, in the canonical form of doc/output-grammar.md
 * section 6. Trusted; a writer only. Its arguments come from a jail that may lie: they may be any pixels, any
 * boxes and any text.
 *
 * The same arguments give the same bytes: no clock, no random, no name. Any thread; one ImagePdf belongs to
 * one thread at a time.
 */
#ifndef MUGAI_RENDER_IMAGE_PDF_H
#define MUGAI_RENDER_IMAGE_PDF_H

#include "render.h"

G_BEGIN_DECLS

#define IMAGE_PDF_ERROR (image_pdf_error_quark())
GQuark image_pdf_error_quark(void);
typedef enum {
	IMAGE_PDF_ERROR_SIZE,  /* it would be larger than its cap */
	IMAGE_PDF_ERROR_VALUE, /* a size of 0 or past the caps of render.h */
	IMAGE_PDF_ERROR_MEMORY,
} ImagePdfError;

typedef struct {
	uint64_t max_bytes; /* of the whole PDF */
	RenderColour colour;
	/* As in RenderOptions: what a run's text becomes. NULL: it stays. */
	char *(*clean)(const char *text, void *user);
	void *clean_user;
} ImagePdfOptions;

typedef struct {
	const uint32_t
	        *pixels; /* 0x??RRGGBB, rows without padding; private memory: nobody changes it meanwhile */
	uint32_t width, height;         /* 1 .. RENDER_SIDE_MAX; together at most RENDER_PAGE_PIXELS */
	uint32_t box_width, box_height; /* 1/1000 pt, 1 .. RENDER_BOX_MAX */
	const uint8_t *levels; /* instead of pixels, which are NULL then, where all are gray: one byte each */
} ImagePdfPage;

typedef struct ImagePdf ImagePdf;

ImagePdf *image_pdf_new(const ImagePdfOptions *options);
void image_pdf_free(ImagePdf *pdf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImagePdf, image_pdf_free)

/* Begins a page. pixels are borrowed until image_pdf_page_end. After any failure of these functions no PDF
 * comes out. */
bool image_pdf_page_begin(ImagePdf *pdf, const ImagePdfPage *page, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Text of the page begun last; in reading order. Box in 1/64 pixel of its picture, clamped to it; text is
 * cleaned word by word. What has no ink under it is left out and counted. */
bool image_pdf_run(ImagePdf *pdf, int32_t x, int32_t y, int32_t w, int32_t h, bool vertical, const char *text,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Encodes the picture by its colours and completes the page. */
bool image_pdf_page_end(ImagePdf *pdf, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Characters of runs that were left out, since there is no ink under them. */
uint64_t image_pdf_hidden(const ImagePdf *pdf);
/* Characters left out for the caps: RENDER_PAGE_CHARS, RENDER_TOTAL_CHARS, 65535 different characters in a
 * document, and boxes so many and large that looking for ink under them would take too long. */
uint64_t image_pdf_cut(const ImagePdf *pdf);
unsigned image_pdf_pages(const ImagePdf *pdf);

/* The whole file. Needs at least one page. The ImagePdf is spent; free it still. */
GBytes *image_pdf_finish(ImagePdf *pdf, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
