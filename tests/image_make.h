/* Small pictures of every format, made by the libraries' own encoders, for the tests and seeds of draw_image.
 */
#ifndef MUGAI_TESTS_IMAGE_MAKE_H
#define MUGAI_TESTS_IMAGE_MAKE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A picture in four quarters: red, green; blue, yellow. */
enum { MAKE_RED = 0xFF0000, MAKE_GREEN = 0x00FF00, MAKE_BLUE = 0x0000FF, MAKE_YELLOW = 0xFFFF00 };

uint32_t make_colour(uint32_t x, uint32_t y, uint32_t width, uint32_t height);
/* width x height pixels of 1 (gray), 3 (RGB) or 4 (RGBA, alpha as given) bytes. */
uint8_t *make_pixels(uint32_t width, uint32_t height, unsigned channels, uint8_t alpha);

typedef enum { MAKE_GRAY = 0, MAKE_RGB, MAKE_RGBA, MAKE_PALETTE, MAKE_CMYK } MakeColours;

typedef struct {
	uint32_t width, height;
	MakeColours colours;
	unsigned depth;       /* bits of a sample: 8 or 16; 0 is 8 */
	uint8_t alpha;        /* of RGBA; of the palette's yellow */
	bool interlaced;      /* or progressive, or in tiles */
	unsigned orientation; /* 0: not told */
	bool big_endian;      /* EXIF */
	unsigned ppi;         /* 0: not told */
	unsigned frames;      /* or pages; 0 is 1 */
	bool bare;            /* JPEG 2000: without a file format; TIFF: bilevel by fax coding */
	bool halved;          /* JPEG 2000: YCC with colour of half the size */
} Make;

GBytes *make_png(const Make *make);
GBytes *make_jpeg(const Make *make);
GBytes *make_gif(const Make *make);
GBytes *make_tiff(const Make *make);
GBytes *make_webp(const Make *make);
GBytes *make_heif(const Make *make);
GBytes *make_avif(const Make *make);
GBytes *make_jp2(const Make *make);

/* Numbers in a header, low byte first or high byte first. */
void make_little(GByteArray *bytes, uint32_t value, unsigned n);
void make_big(GByteArray *bytes, uint32_t value, unsigned n);

#endif
