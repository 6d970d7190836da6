/* draw_image: pictures made here, of four quarters in known colours, drawn and looked at. With --write-seeds
 * DIR it writes the seeds of fuzz_draw_image instead (DIR is fuzz/seeds). */
#include "draw_image_priv.h"
#include "draw_pages.h"
#include "image_make.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sys/resource.h>

#define GRAYS                                                                                                \
	{                                                                                                    \
		0x000000, 0x505050, 0xA0A0A0, 0xFFFFFF                                                       \
	}
#define COLOURS                                                                                              \
	{                                                                                                    \
		MAKE_RED, MAKE_GREEN, MAKE_BLUE, MAKE_YELLOW                                                 \
	}

typedef struct {
	DrawnPages pages;
	DrawFacts facts;
	DrawLimits limits;
	int status;
} Drawn;

static Drawn *draw_limited(const uint8_t *bytes, size_t length, const DrawLimits *limits)
{
	Drawn *drawn = g_new0(Drawn, 1);
	const DrawInput input = { bytes, length };
	const DrawSink sink = drawn_pages_sink(&drawn->pages);
	g_autoptr(GError) error = NULL;

	drawn->limits = *limits;
	drawn->status = draw_image(&input, limits, &sink, &drawn->facts, &error);
	g_assert_no_error(error);
	return drawn;
}

static Drawn *draw_bytes(GBytes *bytes)
{
	const DrawLimits limits = draw_limits_default();
	gsize length = 0;
	const uint8_t *data = g_bytes_get_data(bytes, &length);

	return draw_limited(data, length, &limits);
}

static void drawn_free(Drawn *drawn)
{
	drawn_pages_clear(&drawn->pages);
	g_free(drawn);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Drawn, drawn_free)

static const DrawnPage *page_of(const Drawn *drawn, unsigned i)
{
	g_assert_cmpuint(drawn->pages.pages->len, >, i);
	return g_ptr_array_index(drawn->pages.pages, i);
}

static unsigned channel_distance(uint32_t one, uint32_t other)
{
	unsigned most = 0;

	for (unsigned shift = 0; shift < 24; shift += 8)
		most = MAX(most, (unsigned)ABS((int)(one >> shift & 0xFF) - (int)(other >> shift & 0xFF)));
	return most;
}

static void assert_pixel(const char *name, const DrawnPage *page, uint32_t x, uint32_t y, uint32_t colour,
                         unsigned far)
{
	uint32_t pixel = page->pixels[(size_t)y * page->width + x];

	if (channel_distance(pixel, colour) > far)
		g_error("%s: pixel %u,%u of %ux%u is %06X, not %06X", name, x, y, page->width, page->height,
		        pixel, colour);
}

/* The middle of each quarter of a rectangle of the page. */
static void assert_quarters(const char *name, const DrawnPage *page, uint32_t left, uint32_t top,
                            uint32_t width, uint32_t height, const uint32_t *colours, unsigned far)
{
	for (unsigned i = 0; i < 4; i++)
		assert_pixel(name, page, left + width / 4 + i % 2 * (width / 2),
		             top + height / 4 + i / 2 * (height / 2), colours[i], far);
}

static void assert_whole_page(const char *name, const Drawn *drawn, uint32_t width, uint32_t height,
                              const uint32_t *colours, unsigned far)
{
	if (drawn->status != RENDER_STATUS_COMPLETE)
		g_error("%s: status %d", name, drawn->status);
	const DrawnPage *page = page_of(drawn, 0);
	g_assert_cmpuint(page->width, ==, width);
	g_assert_cmpuint(page->height, ==, height);
	g_assert_cmpuint(drawn->facts.pages_partial, ==, 0);
	g_assert_cmpuint(page->n_runs, ==, 0);
	g_assert_cmpstr(page->text, ==, "");
	assert_quarters(name, page, 0, 0, width, height, colours, far);
}

/* ---- colours of every format --------------------------------------------------------------------------- */

typedef GBytes *(*Maker)(const Make *make);

static const struct {
	const char *name;
	Maker maker;
	Make make;
	RenderFormat format;
	uint32_t colours[4];
	unsigned far;
} colour_cases[] = {
	{ "png rgb", make_png, { 40, 20, .colours = MAKE_RGB }, RENDER_FORMAT_PNG, COLOURS, 0 },
	{ "png rgb 16",
	  make_png,
	  { 40, 20, .colours = MAKE_RGB, .depth = 16 },
	  RENDER_FORMAT_PNG,
	  COLOURS,
	  0 },
	{ "png gray", make_png, { 40, 20, .colours = MAKE_GRAY }, RENDER_FORMAT_PNG, GRAYS, 0 },
	{ "png gray 16",
	  make_png,
	  { 40, 20, .colours = MAKE_GRAY, .depth = 16 },
	  RENDER_FORMAT_PNG,
	  GRAYS,
	  0 },
	{ "png interlaced",
	  make_png,
	  { 41, 21, .colours = MAKE_RGB, .interlaced = true },
	  RENDER_FORMAT_PNG,
	  COLOURS,
	  0 },
	{ "png half transparent",
	  make_png,
	  { 40, 20, .colours = MAKE_RGBA, .alpha = 51 },
	  RENDER_FORMAT_PNG,
	  { 0xFFCCCC, 0xCCFFCC, 0xCCCCFF, 0xFFFFCC },
	  0 },
	{ "png transparent",
	  make_png,
	  { 40, 20, .colours = MAKE_RGBA, .alpha = 0 },
	  RENDER_FORMAT_PNG,
	  { 0xFFFFFF, 0xFFFFFF, 0xFFFFFF, 0xFFFFFF },
	  0 },
	{ "png alpha 16 interlaced",
	  make_png,
	  { 40, 20, .colours = MAKE_RGBA, .alpha = 51, .depth = 16, .interlaced = true },
	  RENDER_FORMAT_PNG,
	  { 0xFFCCCC, 0xCCFFCC, 0xCCCCFF, 0xFFFFCC },
	  0 },
	{ "png palette",
	  make_png,
	  { 40, 20, .colours = MAKE_PALETTE, .alpha = 51 },
	  RENDER_FORMAT_PNG,
	  { MAKE_RED, MAKE_GREEN, MAKE_BLUE, 0xFFFFCC },
	  0 },
	{ "jpeg", make_jpeg, { 64, 32, .colours = MAKE_RGB }, RENDER_FORMAT_JPEG, COLOURS, 3 },
	{ "jpeg progressive",
	  make_jpeg,
	  { 64, 32, .colours = MAKE_RGB, .interlaced = true },
	  RENDER_FORMAT_JPEG,
	  COLOURS,
	  3 },
	{ "jpeg gray", make_jpeg, { 64, 32, .colours = MAKE_GRAY }, RENDER_FORMAT_JPEG, GRAYS, 2 },
	{ "jpeg ycck", make_jpeg, { 64, 32, .colours = MAKE_CMYK }, RENDER_FORMAT_JPEG, COLOURS, 4 },
	{ "jpeg cmyk",
	  make_jpeg,
	  { 64, 32, .colours = MAKE_CMYK, .bare = true },
	  RENDER_FORMAT_JPEG,
	  COLOURS,
	  4 },
	{ "tiff", make_tiff, { 40, 20, .colours = MAKE_RGB }, RENDER_FORMAT_TIFF, COLOURS, 0 },
	{ "tiff 16",
	  make_tiff,
	  { 40, 20, .colours = MAKE_RGB, .depth = 16 },
	  RENDER_FORMAT_TIFF,
	  COLOURS,
	  0 },
	{ "tiff gray", make_tiff, { 40, 20, .colours = MAKE_GRAY }, RENDER_FORMAT_TIFF, GRAYS, 0 },
	{ "tiff gray 16",
	  make_tiff,
	  { 40, 20, .colours = MAKE_GRAY, .depth = 16 },
	  RENDER_FORMAT_TIFF,
	  GRAYS,
	  1 },
	{ "tiff alpha",
	  make_tiff,
	  { 40, 20, .colours = MAKE_RGBA, .alpha = 51 },
	  RENDER_FORMAT_TIFF,
	  { 0xFFCCCC, 0xCCFFCC, 0xCCCCFF, 0xFFFFCC },
	  1 },
	{ "tiff cmyk", make_tiff, { 40, 20, .colours = MAKE_CMYK }, RENDER_FORMAT_TIFF, COLOURS, 0 },
	{ "tiff tiles",
	  make_tiff,
	  { 100, 150, .colours = MAKE_RGB, .interlaced = true },
	  RENDER_FORMAT_TIFF,
	  COLOURS,
	  0 },
	{ "tiff many strips", make_tiff, { 30, 301, .colours = MAKE_RGB }, RENDER_FORMAT_TIFF, COLOURS, 0 },
	{ "tiff fax",
	  make_tiff,
	  { 100, 50, .colours = MAKE_GRAY, .bare = true },
	  RENDER_FORMAT_TIFF,
	  { 0xFFFFFF, 0xFFFFFF, 0x000000, 0x000000 },
	  0 },
	{ "webp", make_webp, { 40, 20, .colours = MAKE_RGB }, RENDER_FORMAT_WEBP, COLOURS, 0 },
	{ "webp lossy",
	  make_webp,
	  { 64, 32, .colours = MAKE_RGB, .bare = true },
	  RENDER_FORMAT_WEBP,
	  COLOURS,
	  4 },
	{ "webp alpha",
	  make_webp,
	  { 40, 20, .colours = MAKE_RGBA, .alpha = 51 },
	  RENDER_FORMAT_WEBP,
	  { 0xFFCCCC, 0xCCFFCC, 0xCCCCFF, 0xFFFFCC },
	  0 },
	{ "heic", make_heif, { 128, 64, .colours = MAKE_RGB }, RENDER_FORMAT_HEIF, COLOURS, 8 },
	{ "heic alpha",
	  make_heif,
	  { 128, 64, .colours = MAKE_RGBA, .alpha = 51 },
	  RENDER_FORMAT_HEIF,
	  { 0xFFCCCC, 0xCCFFCC, 0xCCCCFF, 0xFFFFCC },
	  8 },
	{ "avif", make_avif, { 128, 64, .colours = MAKE_RGB }, RENDER_FORMAT_AVIF, COLOURS, 8 },
	{ "jp2", make_jp2, { 64, 32, .colours = MAKE_RGB }, RENDER_FORMAT_JP2, COLOURS, 0 },
	{ "jp2 16", make_jp2, { 64, 32, .colours = MAKE_RGB, .depth = 16 }, RENDER_FORMAT_JP2, COLOURS, 0 },
	{ "jp2 gray", make_jp2, { 64, 32, .colours = MAKE_GRAY }, RENDER_FORMAT_JP2, GRAYS, 0 },
	{ "jp2 alpha",
	  make_jp2,
	  { 64, 32, .colours = MAKE_RGBA, .alpha = 51 },
	  RENDER_FORMAT_JP2,
	  { 0xFFCCCC, 0xCCFFCC, 0xCCCCFF, 0xFFFFCC },
	  0 },
	{ "jp2 cmyk", make_jp2, { 64, 32, .colours = MAKE_CMYK }, RENDER_FORMAT_JP2, COLOURS, 0 },
	{ "jp2 ycc",
	  make_jp2,
	  { 64, 32, .colours = MAKE_RGB, .halved = true },
	  RENDER_FORMAT_JP2,
	  COLOURS,
	  2 },
	{ "j2k", make_jp2, { 64, 32, .colours = MAKE_RGB, .bare = true }, RENDER_FORMAT_JP2, COLOURS, 0 },
};

static void test_colours(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(colour_cases); i++) {
		const Make *make = &colour_cases[i].make;
		g_autoptr(GBytes) bytes = colour_cases[i].maker(make);
		g_autoptr(Drawn) drawn = draw_bytes(bytes);
		g_assert_cmpint(drawn->facts.format, ==, colour_cases[i].format);
		assert_whole_page(colour_cases[i].name, drawn, make->width, make->height,
		                  colour_cases[i].colours, colour_cases[i].far);
	}
}

/* ---- orientation --------------------------------------------------------------------------------------- */

/* Which stored quarter stands where after turning, by the EXIF standard. */
static const unsigned turned[9][4] = {
	{ 0 },          { 0, 1, 2, 3 }, { 1, 0, 3, 2 }, { 3, 2, 1, 0 }, { 2, 3, 0, 1 },
	{ 0, 2, 1, 3 }, { 2, 0, 3, 1 }, { 3, 1, 2, 0 }, { 1, 3, 0, 2 },
};

static void assert_turned(const char *name, Maker maker, Make make, unsigned far)
{
	static const uint32_t stored[] = COLOURS;

	for (make.orientation = 1; make.orientation <= 8; make.orientation++) {
		bool lies = make.orientation >= 5;
		uint32_t colours[4];
		g_autoptr(GBytes) bytes = maker(&make);
		g_autoptr(Drawn) drawn = draw_bytes(bytes);
		for (unsigned i = 0; i < 4; i++)
			colours[i] = stored[turned[make.orientation][i]];
		assert_whole_page(name, drawn, lies ? make.height : make.width,
		                  lies ? make.width : make.height, colours, far);
		const DrawnPage *page = page_of(drawn, 0);
		g_assert_true(lies == (page->box_height > page->box_width));
	}
}

static void test_orientation(void)
{
	assert_turned("jpeg", make_jpeg, (Make) { 64, 32, .colours = MAKE_RGB }, 3);
	assert_turned("jpeg MM", make_jpeg, (Make) { 64, 32, .colours = MAKE_RGB, .big_endian = true }, 3);
	assert_turned("png", make_png, (Make) { 40, 20, .colours = MAKE_RGB }, 0);
	assert_turned("webp", make_webp, (Make) { 40, 20, .colours = MAKE_RGB }, 0);
	assert_turned("tiff", make_tiff, (Make) { 140, 70, .colours = MAKE_RGB }, 0);
	assert_turned("tiff tiles", make_tiff, (Make) { 140, 70, .colours = MAKE_RGB, .interlaced = true },
	              0);
	/* Scaled and turned at once. */
	const Make make = { 400, 200, .colours = MAKE_RGB, .orientation = 6 };
	static const uint32_t colours[] = { MAKE_BLUE, MAKE_RED, MAKE_YELLOW, MAKE_GREEN };
	DrawLimits limits = draw_limits_default();
	limits.page_pixels = 800;
	g_autoptr(GBytes) bytes = make_png(&make);
	g_autoptr(Drawn) drawn =
	        draw_limited(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &limits);
	assert_whole_page("scaled", drawn, 20, 40, colours, 0);
}

/* ---- bitmaps ------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	unsigned header; /* bytes */
	int width, height;
	unsigned bits, compression;
	const char *palette; /* hexadecimal, as stored */
	const char *masks;
	const char *data;
	uint32_t pixels[4]; /* expected, of 2 x 2 */
} Bitmap;

#define OF_FOUR "0000FF00 00FF0000 FF000000 00FFFF00"
#define OF_FOUR_CORE "0000FF 00FF00 FF0000 00FFFF"

static const Bitmap bitmaps[] = {
	{ "1 bit",
	  40,
	  2,
	  2,
	  1,
	  0,
	  "0000FF00 00FF0000",
	  "",
	  "80000000 40000000",
	  { 0xFF0000, 0x00FF00, 0x00FF00, 0xFF0000 } },
	{ "4 bit", 40, 2, 2, 4, 0, OF_FOUR, "", "23000000 01000000", COLOURS },
	{ "8 bit", 40, 2, 2, 8, 0, OF_FOUR, "", "02030000 00010000", COLOURS },
	{ "8 bit, top down", 40, 2, -2, 8, 0, OF_FOUR, "", "00010000 02030000", COLOURS },
	{ "8 bit, OS/2", 12, 2, 2, 8, 0, OF_FOUR_CORE, "", "02030000 00010000", COLOURS },
	{ "8 bit, OS/2 2", 64, 2, 2, 8, 0, OF_FOUR, "", "02030000 00010000", COLOURS },
	{ "8 bit, short OS/2 2", 16, 2, 2, 8, 0, OF_FOUR, "", "02030000 00010000", COLOURS },
	{ "16 bit", 40, 2, 2, 16, 0, "", "", "1F00E07F 007CE003", COLOURS },
	{ "16 bit of 565", 40, 2, 2, 16, 3, "", "00F80000 E0070000 1F000000", "1F00E0FF 00F8E007", COLOURS },
	{ "24 bit", 40, 2, 2, 24, 0, "", "", "FF000000FFFF0000 0000FF00FF000000", COLOURS },
	{ "24 bit, OS/2", 12, 2, 2, 24, 0, "", "", "FF000000FFFF0000 0000FF00FF000000", COLOURS },
	{ "32 bit", 40, 2, 2, 32, 0, "", "", "FF000000 00FFFF00 0000FF00 00FF0000", COLOURS },
	{ "32 bit, masks", 40, 2, 2, 32, 3, "", "000000FF 0000FF00 00FF0000",
	  "00FF0000 0000FFFF 000000FF 0000FF00", COLOURS },
	{ "32 bit, version 5, alpha",
	  124,
	  2,
	  2,
	  32,
	  3,
	  "",
	  "0000FF00 00FF0000 FF000000 000000FF",
	  "FF000033 00FFFF33 0000FF33 00FF0033",
	  { 0xFFCCCC, 0xCCFFCC, 0xCCCCFF, 0xFFFFCC } },
	{ "32 bit, version 5, alpha not used", 124, 2, 2, 32, 3, "", "0000FF00 00FF0000 FF000000 000000FF",
	  "FF000000 00FFFF00 0000FF00 00FF0000", COLOURS },
	{ "RLE8", 40, 2, 2, 8, 1, OF_FOUR, "", "0102 0103 0000 0100 0101 0001", COLOURS },
	{ "RLE8, literal after a move",
	  40,
	  2,
	  2,
	  8,
	  1,
	  OF_FOUR,
	  "",
	  "0202 0002 0000 0000 0100 0101 0001",
	  { 0xFF0000, 0x00FF00, 0x0000FF, 0x0000FF } },
	{ "RLE4", 40, 2, 2, 4, 2, OF_FOUR, "", "0223 0000 0201 0001", COLOURS },
};

static void append_hex(GByteArray *bytes, const char *hex)
{
	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
		g_byte_array_append(bytes, &byte, 1);
		hex++;
	}
}

static void append_zeros(GByteArray *bytes, guint length)
{
	guint before = bytes->len;

	g_byte_array_set_size(bytes, length);
	memset(bytes->data + before, 0, length - before);
}

static GBytes *make_bitmap(const Bitmap *bitmap)
{
	GByteArray *bytes = g_byte_array_new();
	bool core = bitmap->header == 12;

	g_byte_array_append(bytes, (const uint8_t *)"BM", 2);
	append_zeros(bytes, 14);
	make_little(bytes, bitmap->header, 4);
	make_little(bytes, (uint32_t)bitmap->width, core ? 2 : 4);
	make_little(bytes, (uint32_t)bitmap->height, core ? 2 : 4);
	make_little(bytes, 1, 2);
	make_little(bytes, bitmap->bits, 2);
	if (bitmap->header > 16)
		make_little(bytes, bitmap->compression, 4);
	if (bitmap->header > 40) {
		append_zeros(bytes, 54);
		append_hex(bytes, bitmap->masks);
	}
	append_zeros(bytes, 14 + bitmap->header);
	if (bitmap->header == 40)
		append_hex(bytes, bitmap->masks);
	append_hex(bytes, bitmap->palette);
	for (unsigned i = 0; i < 4; i++)
		bytes->data[10 + i] = (uint8_t)(bytes->len >> 8 * i);
	append_hex(bytes, bitmap->data);
	return g_byte_array_free_to_bytes(bytes);
}

static void test_bitmaps(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(bitmaps); i++) {
		g_autoptr(GBytes) bytes = make_bitmap(&bitmaps[i]);
		g_autoptr(Drawn) drawn = draw_bytes(bytes);
		g_assert_cmpint(drawn->facts.format, ==, RENDER_FORMAT_BMP);
		if (drawn->status != RENDER_STATUS_COMPLETE)
			g_error("%s: status %d", bitmaps[i].name, drawn->status);
		g_assert_cmpuint(drawn->facts.pages_partial, ==, 0);
		for (unsigned j = 0; j < 4; j++)
			assert_pixel(bitmaps[i].name, page_of(drawn, 0), j % 2, j / 2, bitmaps[i].pixels[j],
			             0);
	}
}

/* ---- frames and pages ---------------------------------------------------------------------------------- */

static void test_gif(void)
{
	static const uint32_t plain[] = COLOURS;
	static const uint32_t transparent[] = { MAKE_RED, MAKE_GREEN, MAKE_BLUE, 0xFFFFFF };

	for (unsigned i = 0; i < 4; i++) {
		const Make make = { 30, 20, .alpha = i % 2 == 0 ? 255 : 0, .interlaced = i / 2 == 1,
			            .frames = 3 };
		g_autoptr(GBytes) bytes = make_gif(&make);
		g_autoptr(Drawn) drawn = draw_bytes(bytes);
		g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_FRAMES], ==, 2);
		const DrawnPage *page = page_of(drawn, 0);
		g_assert_cmpuint(page->width, ==, 34);
		g_assert_cmpuint(page->height, ==, 22);
		assert_pixel("gif, outside the frame", page, 1, 5, 0xFFFFFF, 0);
		assert_pixel("gif, the frame's corner", page, 2, 1, MAKE_RED, 0);
		assert_quarters("gif", page, 2, 1, 30, 20, i % 2 == 0 ? plain : transparent, 0);
	}
}

static void test_webp_animation(void)
{
	static const uint32_t colours[] = COLOURS;
	const Make make = { 40, 20, .colours = MAKE_RGB, .frames = 3 };
	g_autoptr(GBytes) bytes = make_webp(&make);
	g_autoptr(Drawn) drawn = draw_bytes(bytes);

	assert_whole_page("webp animation", drawn, 40, 20, colours, 1);
	g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_FRAMES], ==, 2);
}

static void test_heif_pictures(void)
{
	static const uint32_t colours[] = COLOURS;
	const Make make = { 64, 64, .colours = MAKE_RGB, .frames = 2 };
	g_autoptr(GBytes) bytes = make_heif(&make);
	g_autoptr(Drawn) drawn = draw_bytes(bytes);

	assert_whole_page("heic of two", drawn, 64, 64, colours, 8);
	g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_FRAMES], ==, 1);
}

/* An APNG is a PNG with chunks that libpng does not know; what is drawn is the default image. */
static void test_apng(void)
{
	const Make make = { 8, 8, .colours = MAKE_RGB };
	g_autoptr(GBytes) png = make_png(&make);
	gsize length = 0;
	const uint8_t *bytes = g_bytes_get_data(png, &length);
	enum { BEFORE = 8 + 25 }; /* signature and IHDR */
	GByteArray *apng = g_byte_array_new();

	g_byte_array_append(apng, bytes, BEFORE);
	append_hex(apng, "00000008 6163544C 00000005 00000000 00000000");
	g_byte_array_append(apng, bytes + BEFORE, (guint)length - BEFORE);
	/* Its check sum is wrong: libpng leaves such a chunk out. */
	g_autoptr(GBytes) whole = g_byte_array_free_to_bytes(apng);
	g_autoptr(Drawn) drawn = draw_bytes(whole);
	g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_FRAMES], ==, 5);
}

static void test_tiff_pages(void)
{
	static const uint32_t colours[] = COLOURS;
	const Make make = { 40, 20, .colours = MAKE_RGB, .frames = 3 };
	g_autoptr(GBytes) bytes = make_tiff(&make);
	g_autoptr(Drawn) drawn = draw_bytes(bytes);
	DrawLimits limits = draw_limits_default();

	g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(drawn->facts.pages_found, ==, 3);
	g_assert_cmpuint(drawn->pages.pages->len, ==, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_quarters("page of TIFF", page_of(drawn, i), 0, 0, 40, 20, colours, 0);
	limits.pages = 2;
	g_autoptr(Drawn) fewer =
	        draw_limited(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &limits);
	g_assert_cmpint(fewer->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(fewer->facts.pages_found, ==, 3);
	g_assert_cmpuint(fewer->pages.pages->len, ==, 2);
	limits.total_pixels = 1000;
	g_autoptr(Drawn) none = draw_limited(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &limits);
	g_assert_cmpint(none->status, ==, RENDER_STATUS_LIMIT);
}

/* Of three pages the second is in a photometric interpretation that nobody knows. */
static void test_tiff_failed_page(void)
{
	static const uint32_t colours[] = COLOURS;
	const Make make = { 40, 20, .colours = MAKE_RGB, .frames = 3 };
	static const uint8_t tag[] = { 0x06, 0x01, 3, 0, 1, 0, 0, 0 };
	g_autoptr(GBytes) bytes = make_tiff(&make);
	gsize length = 0;
	g_autofree uint8_t *changed = g_bytes_unref_to_data(g_bytes_ref(bytes), &length);
	uint8_t *at = memmem(changed, length, tag, sizeof tag);
	g_assert_nonnull(at);
	at = memmem(at + 1, length - (size_t)(at + 1 - changed), tag, sizeof tag);
	g_assert_nonnull(at);
	at[8] = 77;
	const DrawLimits limits = draw_limits_default();
	g_autoptr(Drawn) drawn = draw_limited(changed, length, &limits);

	g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(drawn->facts.pages_failed, ==, 1);
	g_assert_cmpuint(drawn->pages.pages->len, ==, 3);
	assert_quarters("after the failed page", page_of(drawn, 2), 0, 0, 40, 20, colours, 0);
	g_assert_cmpuint(page_of(drawn, 1)->width, >, 1000); /* A4 at 150 dpi */
}

/* ---- the page ------------------------------------------------------------------------------------------ */

static const struct {
	Make make;
	uint32_t box_width, box_height; /* 1/1000 pt */
	unsigned dpi;
} page_cases[] = {
	{ { 96, 48, .colours = MAKE_RGB }, 72000, 36000, 96 },
	{ { 300, 150, .colours = MAKE_RGB, .ppi = 300 }, 72000, 36000, 300 },
	{ { 96, 48, .colours = MAKE_RGB, .ppi = 1 }, 72000, 36000, 96 }, /* no sane resolution */
	/* 10 x 20 inches upright, 20 x 10 lying: as large as A4 goes. */
	{ { 960, 1920, .colours = MAKE_RGB }, 420945, 841890, 164 },
	{ { 1920, 960, .colours = MAKE_RGB }, 841890, 420945, 164 },
	{ { 3000, 30, .colours = MAKE_RGB, .ppi = 300 },
	  720001,
	  7200,
	  300 }, /* PNG counts in whole pixels a metre */
	{ { 1, 2000, .colours = MAKE_GRAY }, 421, 841890, 171 },
};

static void test_page_size(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(page_cases); i++) {
		const Make *make = &page_cases[i].make;
		g_autoptr(GBytes) bytes = make_png(make);
		g_autoptr(Drawn) drawn = draw_bytes(bytes);
		const DrawnPage *page = page_of(drawn, 0);
		g_assert_cmpuint(page->width, ==, make->width);
		g_assert_cmpuint(page->height, ==, make->height);
		g_assert_cmpuint(page->box_width, ==, page_cases[i].box_width);
		g_assert_cmpuint(page->box_height, ==, page_cases[i].box_height);
		g_assert_cmpuint(page->dpi, ==, page_cases[i].dpi);
		g_assert_cmpuint(drawn->facts.lower_dpi, ==, 0);
	}
}

static void test_resolution(void)
{
	static const Maker makers[] = { make_jpeg, make_tiff };

	for (size_t i = 0; i < G_N_ELEMENTS(makers); i++) {
		const Make make = { 200, 100, .colours = MAKE_RGB, .ppi = 200 };
		g_autoptr(GBytes) bytes = makers[i](&make);
		g_autoptr(Drawn) drawn = draw_bytes(bytes);
		g_assert_cmpuint(page_of(drawn, 0)->box_width, ==, 72000);
		g_assert_cmpuint(page_of(drawn, 0)->dpi, ==, 200);
	}
}

/* Pixels need not be square; a resolution that is no resolution counts as none. */
static void test_odd_resolution(void)
{
	static const struct {
		double x, y;
		uint32_t box_width, box_height;
	} cases[] = {
		{ 200, 100, 36000, 72000 },   { 204, 98, 35294, 73469 },      { 20, 4800, 75000, 75000 },
		{ 19, 19, 75000, 75000 },     { 1e300, 1e300, 75000, 75000 }, { NAN, 100, 75000, 75000 },
		{ -100, -100, 75000, 75000 },
	};
	DrawLimits limits = draw_limits_default();

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		ImageJob job = { .limits = &limits };
		const ImageInfo info = { 100, 100, 1, cases[i].x, cases[i].y };
		g_assert_cmpint(image_begin(&job, &info, IMAGE_STREAM_PIXELS), ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpuint(job.page.box_width, ==, cases[i].box_width);
		g_assert_cmpuint(job.page.box_height, ==, cases[i].box_height);
	}
}

/* Larger than a page may be: smaller, in the same colours and the same box. */
static void test_scaled(void)
{
	static const struct {
		const char *name;
		Maker maker;
		Make make;
		unsigned far;
	} cases[] = {
		{ "png", make_png, { 1003, 501, .colours = MAKE_RGB }, 0 },
		{ "png interlaced", make_png, { 1003, 501, .colours = MAKE_RGB, .interlaced = true }, 0 },
		{ "jpeg", make_jpeg, { 1003, 501, .colours = MAKE_RGB }, 3 },
		{ "jpeg progressive", make_jpeg, { 1003, 501, .colours = MAKE_RGB, .interlaced = true }, 3 },
		{ "jpeg cmyk", make_jpeg, { 1003, 501, .colours = MAKE_CMYK }, 4 },
		{ "tiff", make_tiff, { 1003, 501, .colours = MAKE_RGB }, 0 },
		{ "webp", make_webp, { 1003, 501, .colours = MAKE_RGB }, 1 },
		{ "jp2", make_jp2, { 1003, 501, .colours = MAKE_RGB }, 2 },
		{ "heic", make_heif, { 1003, 501, .colours = MAKE_RGB }, 8 },
	};
	static const uint32_t colours[] = COLOURS;
	DrawLimits limits = draw_limits_default();

	limits.page_pixels = 5000;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) bytes = cases[i].maker(&cases[i].make);
		g_autoptr(Drawn) drawn =
		        draw_limited(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &limits);
		assert_whole_page(cases[i].name, drawn, 100, 49, colours, cases[i].far);
		g_assert_cmpuint(drawn->facts.lower_dpi, ==, 1);
		g_assert_cmpuint(page_of(drawn, 0)->dpi, ==, 10);
		g_assert_cmpuint(page_of(drawn, 0)->box_width, ==, 752250);
	}
}

/* Every stored pixel counts with the area that it covers: the average stays. */
static void test_area_average(void)
{
	enum { WIDTH = 101, HEIGHT = 37 };
	uint32_t row[WIDTH];
	DrawnPages pages;
	const DrawSink sink = drawn_pages_sink(&pages);
	DrawLimits limits = draw_limits_default();
	DrawFacts facts = { 0 };
	ImageJob job = { .limits = &limits, .sink = &sink, .facts = &facts };
	const ImageInfo info = { WIDTH, HEIGHT, 1, 0, 0 };
	uint32_t y = 0;

	limits.page_pixels = 300;
	g_assert_cmpint(image_begin(&job, &info, IMAGE_STREAM_PIXELS), ==, RENDER_STATUS_COMPLETE);
	do {
		for (uint32_t x = 0; x < WIDTH; x++)
			row[x] = (x + y) % 2 == 0 ? 0x00FF00 : 0xFF0000;
		y++;
	} while (image_row(&job, row));
	g_assert_cmpint(image_finish(&job, true), ==, RENDER_STATUS_COMPLETE);
	const DrawnPage *page = g_ptr_array_index(pages.pages, 0);
	double red = 0;
	for (size_t i = 0; i < (size_t)page->width * page->height; i++) {
		g_assert_cmpuint(page->pixels[i] & 0xFF, ==, 0);
		red += page->pixels[i] >> 16;
	}
	red /= (double)page->width * page->height;
	g_assert_cmpfloat_with_epsilon(red, 127.5, 1);
	g_free(job.columns);
	g_free(job.sums);
	g_free(job.target);
	drawn_pages_clear(&pages);
}

/* Without pictures in the limits no page is begun, and each still ends. */
static void test_no_pictures(void)
{
	static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";
	const Make make = { 1003, 501, .colours = MAKE_RGB };
	DrawLimits limits = draw_limits_default();
	g_autoptr(GBytes) bytes = make_png(&make);

	limits.pictures = false;
	limits.text = false;
	g_autoptr(Drawn) drawn =
	        draw_limited(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &limits);
	g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_null(page_of(drawn, 0)->pixels);
	g_assert_null(page_of(drawn, 0)->text);
	g_autoptr(Drawn) vector = draw_limited((const uint8_t *)svg, sizeof svg - 1, &limits);
	g_assert_cmpint(vector->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_null(page_of(vector, 0)->pixels);
}

static unsigned threads_of_process(void)
{
	g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
	unsigned threads = 0;

	while (g_dir_read_name(tasks) != NULL)
		threads++;
	return threads;
}

/* ---- SVG ----------------------------------------------------------------------------------------------- */

#define SVG "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' "

static Drawn *draw_string(const char *text)
{
	const DrawLimits limits = draw_limits_default();

	return draw_limited((const uint8_t *)text, strlen(text), &limits);
}

static void test_svg(void)
{
	static const uint32_t colours[] = COLOURS;
	g_autoptr(Drawn) drawn = draw_string(
	        "\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- <svg> --><!DOCTYPE svg [ <!ENTITY a '<b>'> ]>\n" SVG
	        "width='1in' height='1in' viewBox='0 0 2 2'><rect width='1' height='1' fill='red'/>"
	        "<rect x='1' width='1' height='1' fill='lime'/><rect y='1' width='1' height='1' fill='blue'/>"
	        "<rect x='1' y='1' width='1' height='1' fill='yellow'/></svg>");

	g_assert_cmpint(drawn->facts.format, ==, RENDER_FORMAT_SVG);
	assert_whole_page("svg", drawn, RENDER_DPI, RENDER_DPI, colours, 0);
	g_assert_cmpuint(page_of(drawn, 0)->box_width, ==, 72000);
	for (size_t i = 0; i < (size_t)RENDER_DPI * RENDER_DPI; i++)
		g_assert_cmpuint(page_of(drawn, 0)->pixels[i] >> 24, ==, 0);
}

static bool has_ink(const DrawnPage *page)
{
	for (size_t i = 0; i < (size_t)page->width * page->height; i++)
		if (page->pixels[i] != 0xFFFFFF)
			return true;
	return false;
}

static void test_svg_text(void)
{
	static const char *const texts[] = {
		SVG "width='99' height='20'><text y='15'>漢字 Aa</text></svg>",
		SVG "width='99' height='20'><text y='15' font-family='No Such, serif' "
		    "font-style='italic'>か</text></svg>",
		/* In Shift_JIS, 漢字: libxml2 asks iconv for it. */
		"<?xml version='1.0' encoding='Shift_JIS'?>" SVG
		"width='99' height='20'><text y='15'>\x8A\xBF\x8E\x9A</text></svg>",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(Drawn) drawn = draw_string(texts[i]);
		g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
		g_assert_true(has_ink(page_of(drawn, 0)));
		g_assert_cmpuint(page_of(drawn, 0)->n_runs, ==, 0);
	}
}

/* What librsvg would start threads for is drawn without, and nothing else changes. */
static void test_svg_effects(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "<feGaussianBlur in='a'/>", "<feOffset in='a'/>" },
		{ "<s:feDropShadow></s:feDropShadow >", "<s:feOffset></s:feOffset >" },
		{ "<feDiffuseLighting\n/><feSpecularLighting>", "<feOffset\n/><feOffset>" },
		{ "<g style=\"filter: Blur( 3px) drop-shadow(1px)\">",
		  "<g style=\"filter: none-of-Blur( 3px) none-of-drop-shadow(1px)\">" },
		{ "<g filter='>blur(1)'/>blur(1)", "<g filter='>none-of-blur(1)'/>blur(1)" },
		{ "<style>a{filter:blur(1px)}</style>blur(1px)",
		  "<style>a{filter:none-of-blur(1px)}</style>blur(1px)" },
		{ "<style/>blur(1px)", "<style/>blur(1px)" },
		{ "feGaussianBlur < feGaussianBlurs", "feGaussianBlur < feGaussianBlurs" },
		{ "<!-- <feGaussianBlur", "<!-- <feOffset" },
		{ "<feGaussianBlur", "<feOffset" },
		{ "<g a='", "<g a='" },
		{ "<", "<" },
		{ "</", "</" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t length = strlen(cases[i].before);
		g_autofree uint8_t *bytes = g_memdup2(cases[i].before, length);
		const DrawInput input = { bytes, length };
		g_autoptr(GBytes) after = image_svg_without_threads(&input);
		g_assert_cmpmem(g_bytes_get_data(after, NULL), g_bytes_get_size(after), cases[i].after,
		                strlen(cases[i].after));
	}
	unsigned before = threads_of_process();
	g_autoptr(Drawn) drawn = draw_string(
	        SVG "width='40' height='40'><filter id='f'><feGaussianBlur stdDeviation='3'/></filter>"
	            "<rect width='40' height='40' fill='lime' filter='url(#f)'/></svg>");
	g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
	assert_pixel("blurred", page_of(drawn, 0), 20, 20, MAKE_GREEN, 0);
	g_assert_cmpuint(threads_of_process(), ==, before);
}

/* A picture that is there on this machine must not come in. */
static void test_svg_references(void)
{
	const Make make = { 8, 8, .colours = MAKE_RGB };
	g_autoptr(GBytes) png = make_png(&make);
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_dir_make_tmp("mugai-svg-XXXXXX", &error);
	g_assert_no_error(error);
	g_autofree char *path = g_build_filename(folder, "a.png", NULL);
	g_assert_true(g_file_set_contents(path, g_bytes_get_data(png, NULL), (gssize)g_bytes_get_size(png),
	                                  &error));
	g_autofree char *svg = g_strdup_printf("<?xml-stylesheet href='http://example.com/a.css'?>"
	                                       "<!DOCTYPE svg [<!ENTITY e SYSTEM 'file://%s'>]>" SVG
	                                       "width='40' height='40' onload='x()'>"
	                                       "<image width='8' height='8' xlink:href='file://%s'/><image "
	                                       "width='8' height='8' href=\"%s\"/>"
	                                       "<style>@import 'b.css'; rect { fill: url( "
	                                       "http://example.com/#a) } text { fill: url(#in) }</style>"
	                                       "<a href='http://example.com/'><g/></a><use "
	                                       "href='#in'/><image href='data:image/png;base64,AA'/>"
	                                       "<image href='data:image/webp;base64,AA'/>"
	                                       "<script>alert(1)</script></svg>",
	                                       path, path, path);
	g_autoptr(Drawn) drawn = draw_string(svg);
	g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_false(has_ink(page_of(drawn, 0)));
	/* The style sheet, the entity, two images, an import, a paint server; and what no decoder is there
	 * for. */
	g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_REFERENCES], ==, 7);
	g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_LINKS], ==, 1);
	g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_SCRIPTS], ==, 2);
	g_assert_cmpint(g_remove(path), ==, 0);
	g_assert_cmpint(g_rmdir(folder), ==, 0);
}

/* A data: URL is no external reference: it is drawn. */
static void test_svg_embedded(void)
{
	const Make make = { 8, 8, .colours = MAKE_RGB };
	static const uint32_t colours[] = COLOURS;
	static const struct {
		Maker maker;
		const char *type;
		unsigned far;
	} cases[] = { { make_png, "png", 0 }, { make_jpeg, "jpeg", 90 } };

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) picture = cases[i].maker(&make);
		g_autofree char *base64 =
		        g_base64_encode(g_bytes_get_data(picture, NULL), g_bytes_get_size(picture));
		g_autofree char *svg =
		        g_strdup_printf(SVG "width='96' height='96'><image width='96' height='96' "
		                            "xlink:href='data:image/%s;base64,%s'/></svg>",
		                        cases[i].type, base64);
		g_autoptr(Drawn) drawn = draw_string(svg);
		assert_whole_page(cases[i].type, drawn, RENDER_DPI, RENDER_DPI, colours, cases[i].far);
		g_assert_cmpuint(drawn->facts.lost[RENDER_LOST_REFERENCES], ==, 0);
	}
}

/* A billion laughs, and elements that use one another ten to the ninth times. */
static void test_svg_bombs(void)
{
	GString *entities = g_string_new("<!DOCTYPE svg [<!ENTITY a0 'haha'>");
	GString *uses = g_string_new(SVG "width='9' height='9'><g id='g0'><rect width='1' height='1'/></g>");

	for (unsigned i = 1; i < 12; i++)
		g_string_append_printf(
		        entities, "<!ENTITY a%u '&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;&a%u;'>", i,
		        i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	g_string_append(entities, "]>" SVG "width='9' height='9'><text>&a11;</text></svg>");
	for (unsigned i = 1; i < 12; i++) {
		g_string_append_printf(uses, "<g id='g%u'>", i);
		for (unsigned j = 0; j < 10; j++)
			g_string_append_printf(uses, "<use xlink:href='#g%u'/>", i - 1);
		g_string_append(uses, "</g>");
	}
	g_string_append(uses, "</svg>");
	gint64 start = g_get_monotonic_time();
	g_autoptr(Drawn) laughs = draw_string(entities->str);
	g_autoptr(Drawn) used = draw_string(uses->str);
	g_assert_cmpint(laughs->status, ==, RENDER_STATUS_DAMAGED);
	g_assert_cmpint(used->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(used->facts.pages_partial, ==, 1);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
	g_string_free(entities, TRUE);
	g_string_free(uses, TRUE);
}

/* ---- what is no image ---------------------------------------------------------------------------------- */

static const struct {
	const char *bytes;
	RenderFormat format; /* UNKNOWN: no image */
} beginnings[] = {
	{ "", RENDER_FORMAT_UNKNOWN },
	{ "BMW wird gekauft, und das Auto faehrt", RENDER_FORMAT_UNKNOWN },
	{ "%PDF-1.4\n\x89PNG\r\n", RENDER_FORMAT_UNKNOWN },
	{ "GIF", RENDER_FORMAT_UNKNOWN },
	{ "GIF89a=1;/*", RENDER_FORMAT_GIF }, /* a script, too: the beginning decides */
	{ "RIFF....WAVEfmt ", RENDER_FORMAT_UNKNOWN },
	{ "<html><svg></svg></html>", RENDER_FORMAT_UNKNOWN },
	{ "<?xml version='1.0'?><note>svg</note>", RENDER_FORMAT_UNKNOWN },
	{ "<!-- <svg>", RENDER_FORMAT_UNKNOWN },
	{ "<!DOCTYPE svg [ <!ENTITY a 'b'>", RENDER_FORMAT_UNKNOWN },
	{ "<svgx>", RENDER_FORMAT_UNKNOWN },
	{ "<x:svg xmlns:x='http://www.w3.org/2000/svg'/>", RENDER_FORMAT_SVG },
	{ "<svg>", RENDER_FORMAT_SVG },
	{ "text <svg>", RENDER_FORMAT_UNKNOWN },
};

static void test_beginnings(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		/* Of its own length, so that a sanitizer sees one byte too far. */
		size_t length = strlen(beginnings[i].bytes);
		g_autofree uint8_t *bytes = g_memdup2(beginnings[i].bytes, length);
		const DrawInput input = { bytes, length };
		RenderFormat format = RENDER_FORMAT_COUNT;
		bool image = draw_is_image(&input, &format);
		g_assert_cmpint(format, ==, beginnings[i].format);
		g_assert_true(image == (format != RENDER_FORMAT_UNKNOWN));
		if (image)
			continue;
		const DrawLimits limits = draw_limits_default();
		g_autoptr(Drawn) drawn = draw_limited(bytes, length, &limits);
		g_assert_cmpint(drawn->status, ==, RENDER_STATUS_UNSUPPORTED);
	}
}

/* ---- hostile sizes ------------------------------------------------------------------------------------- */

/* 64 MB more than there is: what allocates by a header's word does not come back with a status. */
static void draw_in_little_memory(const char *name, GBytes *bytes, int status)
{
#ifndef MUGAI_UNSAFE_BUILD
	enum { SPARE = 64 << 20 };
	struct rlimit before;
	g_autofree char *pages = NULL;
	g_assert_true(g_file_get_contents("/proc/self/statm", &pages, NULL, NULL));
	g_assert_cmpint(getrlimit(RLIMIT_AS, &before), ==, 0);
	const struct rlimit little = { g_ascii_strtoull(pages, NULL, 10) * 4096 + SPARE, before.rlim_max };
	g_assert_cmpint(setrlimit(RLIMIT_AS, &little), ==, 0);
#endif
	g_autoptr(Drawn) drawn = draw_bytes(bytes);
#ifndef MUGAI_UNSAFE_BUILD
	g_assert_cmpint(setrlimit(RLIMIT_AS, &before), ==, 0);
#endif
	if (drawn->status != status)
		g_error("%s: status %d, not %d", name, drawn->status, status);
	g_assert_cmpuint(drawn->pages.pages->len, ==, 0);
}

static size_t find(const uint8_t *bytes, size_t length, const char *what, size_t n)
{
	const uint8_t *at = memmem(bytes, length, what, n);

	g_assert_nonnull(at);
	return (size_t)(at - bytes);
}

/* A good picture whose header is changed: the bytes that stand skip after `mark`. */
static GBytes *with_size(Maker maker, Make make, const char *mark, size_t n, int skip, const char *hex)
{
	g_autoptr(GBytes) good = maker(&make);
	gsize length = 0;
	uint8_t *bytes = g_bytes_unref_to_data(g_steal_pointer(&good), &length);
	size_t at = find(bytes, length, mark, n) + n + (size_t)skip;
	GByteArray *size = g_byte_array_new();

	append_hex(size, hex);
	memcpy(bytes + at, size->data, size->len);
	g_byte_array_unref(size);
	return g_bytes_new_take(bytes, length);
}

/* The chunk's check sum has to be right for libpng to believe the size. */
static GBytes *png_with_size(uint32_t side, bool interlaced)
{
	GByteArray *bytes = g_byte_array_new();
	uint32_t crc = 0xFFFFFFFF;

	append_hex(bytes, "89504E470D0A1A0A 0000000D 49484452");
	make_big(bytes, side, 4);
	make_big(bytes, side, 4);
	append_hex(bytes, interlaced ? "0802000001" : "0802000000");
	for (guint i = 12; i < bytes->len; i++) {
		crc ^= bytes->data[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	make_big(bytes, ~crc, 4);
	append_hex(bytes, "00000010 49444154 789C");
	append_zeros(bytes, 100);
	return g_byte_array_free_to_bytes(bytes);
}

static GBytes *bitmap_with_size(int width, int height, unsigned compression)
{
	const Bitmap bitmap = { .header = 40,
		                .width = width,
		                .height = height,
		                .bits = 8,
		                .compression = compression,
		                .palette = OF_FOUR,
		                .masks = "",
		                .data = "0000000000" };

	return make_bitmap(&bitmap);
}

static void test_huge(void)
{
	const Make rgb = { 16, 16, .colours = MAKE_RGB };
	const Make lossy = { 16, 16, .colours = MAKE_RGB, .bare = true };
	const struct {
		const char *name;
		GBytes *bytes;
	} cases[] = {
		{ "png", png_with_size(0x7FFFFFFF, false) },
		{ "png of 30000", png_with_size(30000, false) },
		{ "png interlaced", png_with_size(20000, true) },
		{ "jpeg", with_size(make_jpeg, rgb, "\xFF\xC0\0\x11\x08", 5, 0, "FFDC FFDC") },
		{ "jpeg progressive",
		  with_size(make_jpeg, (Make) { 16, 16, .colours = MAKE_RGB, .interlaced = true },
		            "\xFF\xC2\0\x11\x08", 5, 0, "4E20 4E20") },
		{ "gif's screen", with_size(make_gif, rgb, "GIF89a", 6, 0, "FFFF FFFF") },
		{ "gif's frame", with_size(make_gif, rgb, "\x2C\x02\0\x01\0", 5, 0, "FFFF FFFF") },
		{ "bmp", bitmap_with_size(INT32_MAX, INT32_MIN, 0) },
		{ "bmp of run lengths", bitmap_with_size(20000, 20000, 1) },
		/* The width stands in the entry before. */
		{ "tiff", with_size(make_tiff, rgb, "\x01\x01\x03\0\x01\0\0\0", 8, -12,
		                    "FFFF0000 0101 0300 01000000 FFFF0000") },
		{ "webp", with_size(make_webp, lossy, "\x9D\x01\x2A", 3, 0, "FF3F FF3F") },
		{ "heic", with_size(make_heif, (Make) { 64, 64, .colours = MAKE_RGB }, "ispe\0\0\0\0", 8, 0,
		                    "00006000 00006000") },
		{ "jp2", with_size(make_jp2, (Make) { 64, 32, .colours = MAKE_RGB, .bare = true },
		                   "\xFF\x51\0\x2F\0\0", 6, 0,
		                   "7FFFFFFF 7FFFFFFF 00000000 00000000 7FFFFFFF 7FFFFFFF") },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		draw_in_little_memory(cases[i].name, cases[i].bytes, RENDER_STATUS_TOO_LARGE);
		g_bytes_unref(cases[i].bytes);
	}
}

/* ---- damage -------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	Maker maker;
	Make make;
	bool shows_part; /* of three quarters of the file something can be seen */
} damage_cases[] = {
	{ "png", make_png, { 300, 200, .colours = MAKE_RGB, .depth = 16 }, true },
	{ "png interlaced", make_png, { 300, 200, .colours = MAKE_RGB, .interlaced = true }, true },
	{ "jpeg", make_jpeg, { 640, 480, .colours = MAKE_RGB }, true },
	{ "jpeg progressive", make_jpeg, { 640, 480, .colours = MAKE_RGB, .interlaced = true }, true },
	{ "jpeg cmyk", make_jpeg, { 640, 480, .colours = MAKE_CMYK }, true },
	{ "gif", make_gif, { 300, 200, .colours = MAKE_PALETTE }, true },
	{ "gif interlaced", make_gif, { 300, 200, .colours = MAKE_PALETTE, .interlaced = true }, true },
	{ "tiff", make_tiff, { 300, 200, .colours = MAKE_RGB, .frames = 2 }, true },
	{ "tiff tiles", make_tiff, { 300, 200, .colours = MAKE_RGB, .interlaced = true }, false },
	{ "webp", make_webp, { 300, 200, .colours = MAKE_RGB }, false },
	{ "webp lossy", make_webp, { 300, 200, .colours = MAKE_RGB, .bare = true }, true },
	{ "webp animation", make_webp, { 300, 200, .colours = MAKE_RGB, .frames = 3 }, false },
	{ "heic", make_heif, { 128, 128, .colours = MAKE_RGB }, false },
	{ "avif", make_avif, { 128, 128, .colours = MAKE_RGB }, false },
	{ "jp2", make_jp2, { 128, 128, .colours = MAKE_RGB }, false },
	{ "j2k", make_jp2, { 128, 128, .colours = MAKE_RGB, .bare = true }, false },
};

static void assert_sane(const char *name, const Drawn *drawn)
{
	if (drawn->status < 0 || drawn->status >= RENDER_STATUS_JAILED)
		g_error("%s: status %d", name, drawn->status);
	if (drawn->status == RENDER_STATUS_COMPLETE)
		g_assert_cmpuint(drawn->pages.pages->len, >, 0);
}

/* Cut everywhere, and of a buffer of just that length, for the sanitizer. */
static void test_truncated(void)
{
	const DrawLimits limits = draw_limits_default();

	for (size_t i = 0; i < G_N_ELEMENTS(damage_cases); i++) {
		g_autoptr(GBytes) whole = damage_cases[i].maker(&damage_cases[i].make);
		size_t length = g_bytes_get_size(whole);
		for (size_t n = 1; n < 64; n++) {
			size_t some = length * n / 64;
			g_autofree uint8_t *bytes = g_memdup2(g_bytes_get_data(whole, NULL), some);
			g_autoptr(Drawn) drawn = draw_limited(bytes, some, &limits);
			assert_sane(damage_cases[i].name, drawn);
			if (n != 48 || !damage_cases[i].shows_part)
				continue;
			if (drawn->status != RENDER_STATUS_COMPLETE || drawn->facts.pages_partial != 1)
				g_error("%s: three quarters of it: status %d", damage_cases[i].name,
				        drawn->status);
		}
	}
}

/* Every byte of the beginning, and some of the rest, is another one. */
static void test_changed(void)
{
	DrawLimits limits = draw_limits_default();

	limits.page_pixels = 100000; /* a changed size must not cost the time of one */
	for (size_t i = 0; i < G_N_ELEMENTS(damage_cases); i++) {
		g_autoptr(GBytes) whole = damage_cases[i].maker(&damage_cases[i].make);
		gsize length = 0;
		g_autofree uint8_t *bytes = g_bytes_unref_to_data(g_bytes_ref(whole), &length);
		for (size_t at = 0; at < length; at += at < 64 ? 3 : length / 64 + 1) {
			uint8_t before = bytes[at];
			bytes[at] ^= (uint8_t)(0x81 + at % 7);
			g_autoptr(Drawn) drawn = draw_limited(bytes, length, &limits);
			assert_sane(damage_cases[i].name, drawn);
			bytes[at] = before;
		}
	}
}

static void test_trailing(void)
{
	static const char garbage[] = "<html><script>alert(1)</script>%PDF-1.4 PK\3\4";

	for (size_t i = 0; i < G_N_ELEMENTS(damage_cases); i++) {
		g_autoptr(GBytes) whole = damage_cases[i].maker(&damage_cases[i].make);
		g_autoptr(Drawn) plain = draw_bytes(whole);
		GByteArray *longer = g_bytes_unref_to_array(g_bytes_ref(whole));
		g_byte_array_append(longer, (const uint8_t *)garbage, sizeof garbage);
		const DrawLimits limits = draw_limits_default();
		g_autoptr(Drawn) drawn = draw_limited(longer->data, longer->len, &limits);
		g_byte_array_unref(longer);
		if (drawn->status != plain->status || drawn->facts.pages_partial != 0)
			g_error("%s: status %d", damage_cases[i].name, drawn->status);
		const DrawnPage *page = page_of(drawn, 0);
		g_assert_cmpmem(page->pixels, (size_t)page->width * page->height * 4,
		                page_of(plain, 0)->pixels, (size_t)page->width * page->height * 4);
	}
}

static void test_truncated_bitmap(void)
{
	const Bitmap bitmap = { .header = 40,
		                .width = 2,
		                .height = 2,
		                .bits = 8,
		                .palette = OF_FOUR,
		                .masks = "",
		                .data = "02030000" };
	g_autoptr(GBytes) bytes = make_bitmap(&bitmap);
	g_autoptr(Drawn) drawn = draw_bytes(bytes);

	/* Stored from below: the upper line is missing. */
	g_assert_cmpint(drawn->status, ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpuint(drawn->facts.pages_partial, ==, 1);
	assert_pixel("upper", page_of(drawn, 0), 0, 0, 0xFFFFFF, 0);
	assert_pixel("lower", page_of(drawn, 0), 0, 1, MAKE_BLUE, 0);
}

static void test_exif_bounds(void)
{
	static const char *const blocks[] = {
		"49492A00 FFFFFFFF",                                   /* a directory outside */
		"49492A00 08000000 FFFF 1201",                         /* entries past the end */
		"49492A00 08000000 0100 1A01 0500 01000000 FFFFFFFF",  /* a rational outside */
		"49492A00 08000000 0100 1A01 0500 01000000 08000000",  /* ... of zeros */
		"4D4D002A 00000008 0001 0112 0003 00000001 0009 0000", /* no such orientation */
		"49492A",
		"",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
		GByteArray *bytes = g_byte_array_new();
		ImageInfo info = { .orientation = 1 };
		append_hex(bytes, blocks[i]);
		g_autofree uint8_t *exact = g_memdup2(bytes->data, bytes->len);
		image_exif(exact, bytes->len, &info);
		g_assert_cmpuint(info.orientation, ==, 1);
		g_byte_array_unref(bytes);
	}
}

/* ---- threads ------------------------------------------------------------------------------------------- */

/* The two libraries that start threads would have done so here. */
static void test_no_threads(void)
{
	const Make make = { 64, 64, .colours = MAKE_RGB };
	g_autoptr(GBytes) heic = make_heif(&make);
	g_autoptr(GBytes) avif = make_avif(&make);
	unsigned before = threads_of_process();
	unsigned avoided = image_threads_avoided();

	drawn_free(draw_bytes(heic));
	g_assert_cmpuint(image_threads_avoided(), ==, avoided + 1);
	drawn_free(draw_bytes(avif));
	drawn_free(draw_string(SVG "width='9' height='9'><text y='9' font-family='Another'>あ</text></svg>"));
	g_assert_cmpuint(image_threads_avoided(), >, avoided + 1);
	g_assert_cmpuint(threads_of_process(), ==, before);
}

static void write_seed(const char *folder, const char *name, GBytes *bytes)
{
	g_autofree char *file = g_strdelimit(g_strdup(name), " ,/", '_');
	g_autofree char *path = g_build_filename(folder, "draw_image", file, NULL);

	if (!g_file_set_contents(path, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes), NULL))
		g_error("cannot write %s", path);
	g_bytes_unref(bytes);
}

static int write_seeds(const char *folder)
{
	static const char svg[] =
	        "<!DOCTYPE svg [<!ENTITY e 'x'>]>" SVG
	        "viewBox='0 0 9 9'><style>@import 'a'; g{fill:url(#b)}</style>"
	        "<a xlink:href='c'><text y='9'>&e;</text></a><linearGradient id='b'/></svg>";

	for (size_t i = 0; i < G_N_ELEMENTS(colour_cases); i++)
		write_seed(folder, colour_cases[i].name, colour_cases[i].maker(&colour_cases[i].make));
	for (size_t i = 0; i < G_N_ELEMENTS(bitmaps); i++)
		write_seed(folder, bitmaps[i].name, make_bitmap(&bitmaps[i]));
	write_seed(folder, "jpeg turned",
	           make_jpeg(&(Make) { 16, 8, .colours = MAKE_RGB, .orientation = 6 }));
	write_seed(folder, "gif", make_gif(&(Make) { 16, 8, .colours = MAKE_PALETTE, .frames = 2 }));
	write_seed(folder, "tiff pages",
	           make_tiff(&(Make) { 16, 8, .colours = MAKE_RGB, .frames = 3, .orientation = 5 }));
	write_seed(folder, "webp animation", make_webp(&(Make) { 16, 8, .colours = MAKE_RGB, .frames = 2 }));
	write_seed(folder, "svg", g_bytes_new(svg, sizeof svg - 1));
	return 0;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc == 3 && strcmp(argv[1], "--write-seeds") == 0)
		return write_seeds(argv[2]);
	g_test_init(&argc, &argv, NULL);
	if (!draw_image_warm_up(&error))
		g_error("%s", error->message);
	g_test_add_func("/draw_image/colours", test_colours);
	g_test_add_func("/draw_image/orientation", test_orientation);
	g_test_add_func("/draw_image/bitmaps", test_bitmaps);
	g_test_add_func("/draw_image/gif", test_gif);
	g_test_add_func("/draw_image/webp-animation", test_webp_animation);
	g_test_add_func("/draw_image/heif-pictures", test_heif_pictures);
	g_test_add_func("/draw_image/apng", test_apng);
	g_test_add_func("/draw_image/tiff-pages", test_tiff_pages);
	g_test_add_func("/draw_image/tiff-failed-page", test_tiff_failed_page);
	g_test_add_func("/draw_image/page-size", test_page_size);
	g_test_add_func("/draw_image/resolution", test_resolution);
	g_test_add_func("/draw_image/odd-resolution", test_odd_resolution);
	g_test_add_func("/draw_image/scaled", test_scaled);
	g_test_add_func("/draw_image/area-average", test_area_average);
	g_test_add_func("/draw_image/no-pictures", test_no_pictures);
	g_test_add_func("/draw_image/svg", test_svg);
	g_test_add_func("/draw_image/svg-text", test_svg_text);
	g_test_add_func("/draw_image/svg-effects", test_svg_effects);
	g_test_add_func("/draw_image/svg-references", test_svg_references);
	g_test_add_func("/draw_image/svg-embedded", test_svg_embedded);
	g_test_add_func("/draw_image/svg-bombs", test_svg_bombs);
	g_test_add_func("/draw_image/beginnings", test_beginnings);
	g_test_add_func("/draw_image/huge", test_huge);
	g_test_add_func("/draw_image/truncated", test_truncated);
	g_test_add_func("/draw_image/truncated-bitmap", test_truncated_bitmap);
	g_test_add_func("/draw_image/changed", test_changed);
	g_test_add_func("/draw_image/trailing", test_trailing);
	g_test_add_func("/draw_image/exif-bounds", test_exif_bounds);
	g_test_add_func("/draw_image/no-threads", test_no_threads);
	return g_test_run();
}
