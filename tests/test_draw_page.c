/* draw_page: sizes of pages, and the ink rule. */
#include "draw_priv.h"

#include <math.h>
#include <string.h>

/* ---- sizes ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	double box_width, box_height; /* 1/1000 pt */
	unsigned dpi;
	uint64_t page_pixels;
	DrawPage expected;
	bool lowered;
} sizes[] = {
	{ "A4",
	  595276,
	  841890,
	  150,
	  40000000,
	  { .width = 1240, .height = 1754, .dpi = 150, .box_width = 595276, .box_height = 841890 },
	  false },
	{ "exactly at the pixel limit",
	  72000,
	  72000,
	  200,
	  40000,
	  { .width = 200, .height = 200, .dpi = 200, .box_width = 72000, .box_height = 72000 },
	  false },
	{ "one row over it",
	  72000,
	  72360,
	  200,
	  40000,
	  { .width = 199, .height = 200, .dpi = 199, .box_width = 72000, .box_height = 72360 },
	  true },
	{ "a side over 10000 pixels",
	  7200000,
	  72000,
	  150,
	  40000000,
	  { .width = 10000, .height = 100, .dpi = 100, .box_width = 7200000, .box_height = 72000 },
	  true },
	{ "the largest box",
	  14400000,
	  14400000,
	  300,
	  40000000,
	  { .width = 6200, .height = 6200, .dpi = 31, .box_width = 14400000, .box_height = 14400000 },
	  true },
	{ "past the largest box",
	  28800000,
	  14400000,
	  50,
	  40000000,
	  { .width = 8800, .height = 4400, .dpi = 44, .box_width = 14400000, .box_height = 7200000 },
	  true },
	{ "a line",
	  1e12,
	  1,
	  50,
	  40000000,
	  { .width = 10000, .height = 1, .dpi = 50, .box_width = 14400000, .box_height = 1 },
	  false },
	{ "nothing",
	  0,
	  -5,
	  150,
	  40000000,
	  { .width = 1, .height = 1, .dpi = 150, .box_width = 1, .box_height = 1 },
	  false },
	{ "no number",
	  NAN,
	  INFINITY,
	  150,
	  40000000,
	  { .width = 1, .height = 1, .dpi = 150, .box_width = 1, .box_height = 1 },
	  false },
};

static void test_size(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	const DrawPage *expected = &sizes[i].expected;
	DrawLimits limits = { .dpi = sizes[i].dpi, .page_pixels = sizes[i].page_pixels };
	DrawPage page = { 0 };

	g_assert_cmpint(draw_page_size(&limits, sizes[i].box_width, sizes[i].box_height, &page), ==,
	                sizes[i].lowered);
	g_assert_cmpuint(page.width, ==, expected->width);
	g_assert_cmpuint(page.height, ==, expected->height);
	g_assert_cmpuint(page.dpi, ==, expected->dpi);
	g_assert_cmpuint(page.box_width, ==, expected->box_width);
	g_assert_cmpuint(page.box_height, ==, expected->box_height);
}

/* ---- ink ------------------------------------------------------------------------- */

enum { SIDE = 8, AT_X = 3, AT_Y = 5 }; /* a white page with one pixel of another colour */

static const struct {
	const char *name;
	uint32_t colour;
	int32_t x, y, w, h; /* 1/64 pixel */
	bool ink;
} inks[] = {
	{ "black, whole page", 0x000000, 0, 0, SIDE * 64, SIDE * 64, true },
	{ "its pixel alone has one colour", 0x000000, AT_X * 64, AT_Y * 64, 64, 64, false },
	{ "a hair more to the right", 0x000000, AT_X * 64, AT_Y * 64, 65, 64, true },
	{ "a hair more above", 0x000000, AT_X * 64, AT_Y * 64 - 1, 64, 64, true },
	{ "beside it", 0x000000, (AT_X + 1) * 64, AT_Y * 64, 128, 64, false },
	{ "above it", 0x000000, 0, 0, SIDE * 64, AT_Y * 64, false },
	{ "31 darker", 0xE0E0E0, 0, 0, SIDE * 64, SIDE * 64, false },
	{ "32 darker", 0xDFDFDF, 0, 0, SIDE * 64, SIDE * 64, true },
	{ "32 darker in blue alone", 0xFFFFDF, 0, 0, SIDE * 64, SIDE * 64, true },
	{ "the byte that says nothing", 0x00FFFFFF, 0, 0, SIDE * 64, SIDE * 64, false },
	{ "box larger than the page", 0x000000, INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX, false },
	{ "box larger than the page on all sides", 0x000000, -6400, -6400, 64000, 64000, true },
	{ "box left of the page, as high as it", 0x000000, -6400, 0, 6400, SIDE * 64, false },
	{ "box right of the page", 0x000000, SIDE * 64, 0, 6400, SIDE * 64, false },
	{ "box below the page", 0x000000, 0, SIDE * 64, SIDE * 64, 6400, false },
	{ "box at the end of numbers", 0x000000, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, false },
	{ "box without size", 0x000000, AT_X * 64, AT_Y * 64, 0, 0, false },
	{ "box without width", 0x000000, AT_X * 64, 0, 0, SIDE * 64, true },
};

static void test_ink(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	uint32_t pixels[SIDE * SIDE];

	memset(pixels, 0xFF, sizeof pixels);
	pixels[AT_Y * SIDE + AT_X] = inks[i].colour;
	g_assert_cmpint(draw_has_ink(pixels, SIDE, SIDE, inks[i].x, inks[i].y, inks[i].w, inks[i].h), ==,
	                inks[i].ink);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *path = g_strdup_printf("/draw-page/size/%s", sizes[i].name);
		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_size);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(inks); i++) {
		g_autofree char *path = g_strdup_printf("/draw-page/ink/%s", inks[i].name);
		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_ink);
	}
	return g_test_run();
}
