/* picture: the pixels of one page to the smallest encoding that is faithful to them. Trusted; encoders only.
 *
 * The rule: a colour that fills an area is "hot" and stays exact: at least 0.05 % of the page in flat places,
 * or 0.5 % of it anywhere. The others, mostly the edges of letters, are snapped to 16 levels a channel. What
 * then fits 16 grays or a palette, with fewer than a tenth of the pixels changed, is deflated; the rest is a
 * JPEG, unless deflated pixels are smaller. So text stays sharp and a third of the size of a JPEG of it.
 *
 * (That the edges of letters do not count as areas, however many there are, makes dense pages of text a tenth
 * smaller.)
 *
 * The pixels are hostile: time is linear in them whatever they are (no hash that can be made to collide), and
 * memory is capped.
 */
#ifndef MUGAI_RENDER_PICTURE_PRIV_H
#define MUGAI_RENDER_PICTURE_PRIV_H

#include "image_pdf.h"

#include <string.h>

G_BEGIN_DECLS

typedef enum {
	PICTURE_GRAY_1 = 0, /* black and white */
	PICTURE_GRAY_4,
	PICTURE_GRAY_8,
	PICTURE_INDEXED_4,
	PICTURE_INDEXED_8,
	PICTURE_RGB,
	PICTURE_JPEG_GRAY,
	PICTURE_JPEG_RGB,
	PICTURE_FORMS
} PictureForm;

enum { PICTURE_PALETTE_MAX = 256 };

typedef struct {
	PictureForm form;
	unsigned colours;                      /* of an indexed form */
	uint32_t palette[PICTURE_PALETTE_MAX]; /* ascending, then zeros up to the least that the form takes */
	GByteArray *data;                      /* what stands in the stream */
} PictureCoded;

/* False: IMAGE_PDF_ERROR_SIZE when it would take more than max_bytes, or MEMORY. ret is untouched then; else
 * free its data. */
bool picture_encode(const ImagePdfPage *page, RenderColour colour, uint64_t max_bytes, PictureCoded *ret,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- pixels -------------------------------------------------------------------------- */

typedef struct {
	const ImagePdfPage *page;
	uint32_t width, height;
	bool gray; /* every colour becomes its luminance */
} PictureSource;

static inline uint32_t picture_gray(uint32_t value)
{
	return value | value << 8 | value << 16;
}

static inline bool picture_is_gray(uint32_t colour)
{
	return colour == picture_gray(colour & 0xff);
}

/* Row y as 0x00RRGGBB. */
void picture_row(const PictureSource *source, uint32_t y, uint32_t *row);

/* The end of the run of equal pixels that begins at x: pages are mostly white, so this loop is what most
 * pixels cost. */
static inline uint32_t picture_run_end(const uint32_t *row, uint32_t x, uint32_t width)
{
	uint32_t first = row[x++];
	uint64_t pair = (uint64_t)first << 32 | first;

	while (x + 8 <= width) {
		uint64_t next[4];
		memcpy(next, row + x, sizeof next);
		if (((next[0] ^ pair) | (next[1] ^ pair) | (next[2] ^ pair) | (next[3] ^ pair)) != 0)
			break;
		x += 8;
	}
	while (x < width && row[x] == first)
		x++;
	return x;
}

/* ---- picture_colours.c: a page's colours --------------------------------------------- */

/* A number for each colour: a tree over its bits, so that no choice of colours makes it slow. */
typedef struct PictureColours PictureColours;

typedef struct {
	uint32_t colour;
	uint32_t count; /* pixels */
	uint32_t flat;  /* of them, those in a run with one of the same colour above it */
} PictureColour;

/* Counts the page's colours, as far as an encoding can depend on them: it gives up when there are too many
 * for a palette and too many for deflated pixels to be smaller than a JPEG. */
PictureColours *picture_colours_new(const PictureSource *source);
void picture_colours_free(PictureColours *colours);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PictureColours, picture_colours_free)

/* False: it gave up, and the numbers below say nothing. */
bool picture_colours_counted(const PictureColours *colours);
/* Sorted by colour. */
const PictureColour *picture_colours_list(const PictureColours *colours, size_t *ret_count);
/* Runs of equal pixels in all rows. */
uint64_t picture_colours_runs(const PictureColours *colours);

/* From now on the colour's number is value instead of its count. */
void picture_colours_set(PictureColours *colours, uint32_t colour, uint32_t value);
/* The number of a colour that occurs. */
uint32_t picture_colours_get(const PictureColours *colours, uint32_t colour);

/* ---- encoders: false with IMAGE_PDF_ERROR_SIZE past max_bytes ------------------------ */

/* bits 1, 4, 8: the numbers of colours as samples. bits 24 (colours may be NULL): pixels. */
bool picture_deflate(const PictureSource *source, const PictureColours *colours, unsigned bits,
                     uint64_t max_bytes, GByteArray *out, GError **error);
/* gray: all pixels are gray. */
bool picture_jpeg(const PictureSource *source, bool gray, uint64_t max_bytes, GByteArray *out,
                  GError **error);

G_END_DECLS

#endif
