/* render_direct: what the renderer does, in this process and without a jail: draw_document into image_pdf. The measure of
 * what the jail costs, and of what it may change: nothing. */
#ifndef MUGAI_TESTS_RENDER_DIRECT_H
#define MUGAI_TESTS_RENDER_DIRECT_H

#include "draw_priv.h"
#include "image_pdf.h"

/* Sees each page before it is encoded. */
typedef void (*DirectPageFunc)(const uint32_t *pixels, const DrawPage *page, void *user);

typedef struct {
	unsigned dpi, pages;
	uint64_t max_output;
	DirectPageFunc see; /* may be NULL */
	void *user;
} DirectOptions;

/* The image PDF; NULL when the document has none (ret_status says why). Aborts when the writer fails. facts: what was found. */
GBytes *render_directly(const DrawInput *input, const DirectOptions *options, int *ret_status, DrawFacts *facts);

#endif
