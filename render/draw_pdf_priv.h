/* draw_pdf: what its files share. Jailed. */
#ifndef MUGAI_RENDER_DRAW_PDF_PRIV_H
#define MUGAI_RENDER_DRAW_PDF_PRIV_H

#include "draw_priv.h"

#include <poppler.h>

G_BEGIN_DECLS

/* poppler's own names get cleanups in later versions of it. */
typedef PopplerDocument PdfDocument;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfDocument, g_object_unref)
typedef PopplerPage PdfPage;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfPage, g_object_unref)

/* ---- draw_pdf_text.c: the text of one page after the other ----------------------- */

typedef struct PdfText PdfText;

/* limits and facts are borrowed: hidden_chars and text_cut are counted there. */
PdfText *pdf_text_new(const DrawLimits *limits, DrawFacts *facts);
void pdf_text_free(PdfText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfText, pdf_text_free)

/* Reads the text of a page that poppler has just drawn on these pixels: so it costs no second pass over its
 * content. Sets runs, n_runs and text of drawn; they are valid until the next call. */
void pdf_text_read(PdfText *text, PopplerPage *page, const uint32_t *pixels, DrawPage *drawn);

/* ---- draw_pdf_surfaces.c --------------------------------------------------------- */

/* How many pictures cairo has given no surface for, so far. */
uint64_t pdf_surfaces_refused(void);

/* ---- draw_pdf_lost.c: what a picture cannot keep --------------------------------- */

void pdf_lost_of_page(PopplerPage *page, uint64_t lost[RENDER_LOST_COUNT]);
/* After the pages. */
void pdf_lost_of_document(PopplerDocument *document, uint64_t lost[RENDER_LOST_COUNT]);

G_END_DECLS

#endif
