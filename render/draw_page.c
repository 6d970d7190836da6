#include "draw_priv.h"

#include <math.h>

enum {
	INK = 32, /* how far two values of a channel are apart at least where there is ink */
	UNITS_PER_PIXEL = 64,
};
static const double UNITS_PER_INCH = 72000; /* 1/1000 pt */

static double side_of(double box)
{
	/* Also what is not a number, or is none that a page can have. */
	return isfinite(box) && box >= 1 ? box : 1;
}

static uint32_t pixels_of(double box, unsigned dpi)
{
	return (uint32_t)MAX(lround(box * dpi / UNITS_PER_INCH), 1);
}

static bool fits(const DrawLimits *limits, const DrawPage *page)
{
	return page->width <= RENDER_SIDE_MAX && page->height <= RENDER_SIDE_MAX &&
	       (uint64_t)page->width * page->height <= limits->page_pixels;
}

bool draw_page_size(const DrawLimits *limits, double box_width, double box_height, DrawPage *page)
{
	double width = side_of(box_width), height = side_of(box_height);
	double scale = RENDER_BOX_MAX / MAX(MAX(width, height), RENDER_BOX_MAX);
	width = MAX(width * scale, 1);
	height = MAX(height * scale, 1);
	page->box_width = (uint32_t)lround(width);
	page->box_height = (uint32_t)lround(height);

	/* At most RENDER_DPI_MAX steps; at 1 dpi the largest box has 200 x 200 pixels. */
	page->dpi = limits->dpi;
	for (;; page->dpi--) {
		page->width = pixels_of(width, page->dpi);
		page->height = pixels_of(height, page->dpi);
		if (page->dpi == 1 || fits(limits, page))
			return page->dpi < limits->dpi;
	}
}

/* The pixels from..to that a box touches on an axis of so many pixels, at least one; false: all of it is
 * outside. */
static bool touched(int32_t at, int32_t length, uint32_t pixels, uint32_t *ret_from, uint32_t *ret_to)
{
	int64_t end = (int64_t)at + MAX(length, 1);
	if (end <= 0 || at >= (int64_t)pixels * UNITS_PER_PIXEL)
		return false;
	*ret_from = (uint32_t)(MAX(at, 0) / UNITS_PER_PIXEL);
	*ret_to = (uint32_t)MIN((end + UNITS_PER_PIXEL - 1) / UNITS_PER_PIXEL, (int64_t)pixels);
	return true;
}

typedef struct {
	int low[3], high[3];
} Extent;

/* Takes a pixel in; true: some channel now has ink. */
static bool extend(Extent *extent, uint32_t pixel)
{
	for (unsigned i = 0; i < 3; i++) {
		int value = (int)(pixel >> (8 * i) & 0xFF);
		extent->low[i] = MIN(extent->low[i], value);
		extent->high[i] = MAX(extent->high[i], value);
		if (extent->high[i] - extent->low[i] >= INK)
			return true;
	}
	return false;
}

bool draw_has_ink(const uint32_t *pixels, uint32_t width, uint32_t height, int32_t x, int32_t y, int32_t w,
                  int32_t h)
{
	uint32_t left, right, top, bottom;
	if (!touched(x, w, width, &left, &right) || !touched(y, h, height, &top, &bottom))
		return false;
	uint32_t last = pixels[(size_t)top * width + left];
	Extent extent = { { 255, 255, 255 }, { 0, 0, 0 } };
	extend(&extent, last);
	for (uint32_t row = top; row < bottom; row++) {
		const uint32_t *line = pixels + (size_t)row * width;
		for (uint32_t column = left; column < right; column++) {
			if (line[column] == last)
				continue; /* most of a page */
			last = line[column];
			if (extend(&extent, last))
				return true;
		}
	}
	return false;
}
