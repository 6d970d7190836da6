/* image_pdf: what its files know of each other. */
#ifndef MUGAI_RENDER_IMAGE_PDF_PRIV_H
#define MUGAI_RENDER_IMAGE_PDF_PRIV_H

#include "image_pdf.h"

G_BEGIN_DECLS

/* ---- image_pdf_font.c ---------------------------------------------------------------- */

enum { IMAGE_PDF_FONT_BYTES = 648 };
extern const uint8_t image_pdf_font[IMAGE_PDF_FONT_BYTES];

/* The codes of a document's characters. */
typedef struct ImagePdfCodes ImagePdfCodes;

ImagePdfCodes *image_pdf_codes_new(void);
void image_pdf_codes_free(ImagePdfCodes *codes);

/* Whether all these characters, and brackets beside them, can still have a code. No code is given yet. */
bool image_pdf_codes_admit(ImagePdfCodes *codes, const gunichar *text, size_t length);
/* The code of an admitted character or of a bracket: 1 and up, given when it is first asked for. */
unsigned image_pdf_codes_code(ImagePdfCodes *codes, gunichar c);
unsigned image_pdf_codes_count(const ImagePdfCodes *codes);
/* The ToUnicode CMap. */
GString *image_pdf_codes_cmap(const ImagePdfCodes *codes);
/* The CIDToGIDMap. */
GString *image_pdf_codes_glyphs(const ImagePdfCodes *codes);

/* ---- image_pdf_layer.c: the text of one page at a time ------------------------------- */

typedef struct ImagePdfLayer ImagePdfLayer;

typedef struct {
	int32_t x, y, w, h; /* 1/64 pixel */
	bool vertical;
} ImagePdfBox;

/* options and codes are borrowed. */
ImagePdfLayer *image_pdf_layer_new(const ImagePdfOptions *options, ImagePdfCodes *codes);
void image_pdf_layer_free(ImagePdfLayer *layer);

/* page is borrowed until the next. */
void image_pdf_layer_begin(ImagePdfLayer *layer, const ImagePdfPage *page);
/* text is valid UTF-8. False: cleaning gave what is not. */
bool image_pdf_layer_add(ImagePdfLayer *layer, const ImagePdfBox *box, const char *text);
/* Appends the page's text object, if there is any text; returns whether. */
bool image_pdf_layer_write(ImagePdfLayer *layer, GString *content);

uint64_t image_pdf_layer_hidden(const ImagePdfLayer *layer);
uint64_t image_pdf_layer_cut(const ImagePdfLayer *layer);

/* A number of thousandths, as short as the form wants it. */
void image_pdf_put_milli(GString *out, uint64_t milli);

G_END_DECLS

#endif
