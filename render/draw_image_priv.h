/* draw_image: what the decoders of the image formats share. Each of them reads the header, says the size with
 * image_begin(), gives the rows from the top with image_row(), and ends with image_finish(), which knows the
 * status.
 *
 * Jailed. One thread. A decoder never allocates by a size that image_begin() has not accepted.
 */
#ifndef MUGAI_RENDER_DRAW_IMAGE_PRIV_H
#define MUGAI_RENDER_DRAW_IMAGE_PRIV_H

#include "draw_priv.h"

G_BEGIN_DECLS

/* Pixels of a picture, as stored. A jailed child has some 600 MB for decoding: WHOLE is for what has to stand
 * in memory at 4 bytes a pixel, STREAM for what is read row by row (there the time is the limit). */
enum {
	IMAGE_WHOLE_PIXELS = 100000000,
	IMAGE_STREAM_PIXELS = 500000000,
	IMAGE_WORK_BYTES = 400000000, /* of a decoder's own buffers, where it can be told in advance */
	IMAGE_FRAMES_MAX = 100000,    /* that are counted */
};

/* What a header says. */
typedef struct {
	uint32_t width, height; /* as stored, before orientation */
	unsigned orientation;   /* EXIF's 1 .. 8; anything else is 1 */
	double x_ppi, y_ppi;    /* along the stored width and height; 0: not told */
} ImageInfo;

/* One image on its way to pages. */
typedef struct {
	const DrawInput *input;
	const DrawLimits *limits;
	const DrawSink *sink;
	DrawFacts *facts;
	GError **error;
	uint64_t total_pixels; /* of all pages so far */
	/* of the page at hand */
	DrawPage page;
	uint32_t target_width, target_height; /* of the page before orientation: what rows are scaled to */
	uint32_t row_width, row_count;        /* of the rows that come */
	unsigned orientation;
	bool reduced;      /* to fewer pixels than the picture has */
	uint32_t *pixels;  /* NULL until the first row came */
	uint32_t rows;     /* that came */
	uint64_t *columns; /* one row, scaled in width: 3 sums a pixel */
	uint64_t *sums;    /* of the target row at hand */
	uint32_t *target;  /* the target row at hand, finished */
	bool aborted;
} ImageJob;

/* Sets the page's size and that of its target for a picture. Returns RENDER_STATUS_COMPLETE, or why it is not
 * drawn: its pixels are more than max_pixels, or all pages together are too many. */
int image_begin(ImageJob *job, const ImageInfo *info, uint64_t max_pixels);
/* The rows will be of this size, and not of that of the picture: the decoder scales down by itself. */
void image_rows_scaled(ImageJob *job, uint32_t width, uint32_t height);
/* The next row from the top, row_width pixels 0x00RRGGBB (the top byte is ignored). False: no more rows are
 * wanted, go to image_finish(). */
bool image_row(ImageJob *job, const uint32_t *row) G_GNUC_WARN_UNUSED_RESULT;
/* For what draws by itself: the page, all white, instead of rows. NULL: go to image_finish(). Only upright,
 * and of the size that image_begin() was told. */
uint32_t *image_page(ImageJob *job) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the page. whole: false when the rows ended because of damage: what is missing stays white (or as the
 * decoder fills it), and the page is counted. A picture without any row is damaged. */
int image_finish(ImageJob *job, bool whole) G_GNUC_WARN_UNUSED_RESULT;

/* A page in place of one that cannot be shown, which says so. A status, or DRAW_ABORTED. */
int image_failed_page(ImageJob *job) G_GNUC_WARN_UNUSED_RESULT;

/* At most 1: what makes a picture of this size (inches) fit A4, upright or lying. */
double image_fit(double width, double height);

/* Pixels to rows. Alpha is laid on white. */
void image_row_rgb(uint32_t *row, const uint8_t *rgb, size_t pixels);
void image_row_rgba(uint32_t *row, const uint8_t *rgba, size_t pixels);
/* As JPEG stores it: 255 is no ink. */
void image_row_cmyk_inverted(uint32_t *row, const uint8_t *cmyk, size_t pixels);
uint32_t image_pixel_on_white(uint8_t red, uint8_t green, uint8_t blue, uint8_t alpha);

static inline uint32_t image_pixel(uint8_t red, uint8_t green, uint8_t blue)
{
	return (uint32_t)red << 16 | (uint32_t)green << 8 | blue;
}

/* Orientation and resolution out of an EXIF block (a TIFF header and its first directory); what is not there,
 * or not sane, leaves info as it is. A resolution that is there already stays. */
void image_exif(const uint8_t *bytes, size_t length, ImageInfo *info);

/* One function for each format: a status, or DRAW_ABORTED. */
int image_draw_png(ImageJob *job);
int image_draw_jpeg(ImageJob *job);
int image_draw_gif(ImageJob *job);
int image_draw_bmp(ImageJob *job);
int image_draw_tiff(ImageJob *job);
int image_draw_webp(ImageJob *job);
int image_draw_heif(ImageJob *job); /* HEIC and AVIF */
int image_draw_jp2(ImageJob *job);
int image_draw_svg(ImageJob *job);

/* Whether a text begins as an SVG does: its first element is svg, after a bounded prolog. */
bool image_is_svg(const DrawInput *input);

/* Error domain of the warm-up (draw_image_warm.c). */
GQuark image_warm_up_quark(void);
bool image_svg_warm_up(GError **error);

/* The same picture without what librsvg would start threads for: blur, shadow and lighting. Linear time, and
 * not much longer than before. */
GBytes *image_svg_without_threads(const DrawInput *input);
/* What an SVG has and its picture has not: links, scripts, references to other files (which are never
 * loaded). A claim of the raw text: entities are not resolved. Linear time. */
void image_svg_count_lost(const DrawInput *input, DrawFacts *facts);

/* ---- draw_threads.c ----------------------------------------------------------------------------------- */

/* How often a library wanted a thread of ours and got none (its work was done at once, or by the caller). For
 * the warm-up, which proves that our functions stand before the libraries' own. */
unsigned image_threads_avoided(void);

G_END_DECLS

#endif
