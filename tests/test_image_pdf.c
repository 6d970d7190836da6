/* test_image_pdf: pages and text in; what comes out is read by image_pdf_rules.h, and by the reference JPEG
 * decoder. */
#include "image_pdf_priv.h"

#include "image_pdf_message.h"
#include "image_pdf_rules.h"

#include <stdio.h>

#include <jpeglib.h>

enum { WHITE = 0xffffff, A4_WIDTH = 595276, A4_HEIGHT = 841890, LARGE = 32000000 };

/* ---- pages --------------------------------------------------------------------------- */

typedef struct {
	uint32_t *pixels;
	uint32_t w, h;
} Canvas;

static Canvas canvas(uint32_t w, uint32_t h)
{
	Canvas page = { g_new(uint32_t, (size_t)w * h), w, h };
	for (size_t i = 0; i < (size_t)w * h; i++)
		page.pixels[i] = WHITE;
	return page;
}

static void fill(Canvas *page, uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint32_t colour)
{
	for (uint32_t row = y; row < y + h; row++)
		for (uint32_t column = x; column < x + w; column++)
			page->pixels[(size_t)row * page->w + column] = colour;
}

/* The same numbers everywhere and each time. */
static uint32_t noise(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static ImagePdfPage page_of(const Canvas *page)
{
	return (ImagePdfPage) { page->pixels, page->w, page->h, A4_WIDTH, A4_HEIGHT, NULL };
}

static ImagePdf *pdf_new(uint64_t max_bytes, RenderColour colour)
{
	ImagePdfOptions options = { .max_bytes = max_bytes, .colour = colour };
	return image_pdf_new(&options);
}

static void begin(ImagePdf *pdf, const Canvas *canvas)
{
	g_autoptr(GError) error = NULL;
	ImagePdfPage page = page_of(canvas);
	g_assert_true(image_pdf_page_begin(pdf, &page, &error));
	g_assert_no_error(error);
}

static void end(ImagePdf *pdf)
{
	g_autoptr(GError) error = NULL;
	bool done = image_pdf_page_end(pdf, &error);
	g_assert_no_error(error);
	g_assert_true(done);
}

static GBytes *finish(ImagePdf *pdf)
{
	g_autoptr(GError) error = NULL;
	GBytes *bytes = image_pdf_finish(pdf, &error);
	g_assert_no_error(error);
	return bytes;
}

static ReadPdf *rules(GBytes *bytes)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(bytes, &length);
	ReadPdf *read = image_pdf_rules(data, length);
	struct verify_error refused = { .section = "", .what = "" };
	g_assert_cmpstr(read->broken, ==, NULL);
	if (!image_pdf_accepted(data, length, &refused))
		g_error("mugai-verify: %s %s", refused.section, refused.what);
	return read;
}

static GBytes *write_one(const Canvas *page, RenderColour colour)
{
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, colour);
	begin(pdf, page);
	end(pdf);
	return finish(pdf);
}

static ReadPage *only_page(const ReadPdf *read)
{
	g_assert_cmpuint(read->pages->len, ==, 1);
	return g_ptr_array_index(read->pages, 0);
}

static uint32_t flate_pixel(const ReadPage *page, uint32_t x, uint32_t y)
{
	if (page->components == 3) {
		const uint8_t *at = page->samples + y * page->row_bytes + 3 * (size_t)x;
		return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
	}
	unsigned sample = rules_sample(page, x, y);
	if (page->colours != 0)
		return page->palette[sample];
	return sample * 255 / ((1u << page->bits) - 1) * 0x010101;
}

static uint32_t *jpeg_pixels(const ReadPage *page)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	uint32_t *pixels = g_new(uint32_t, (size_t)page->w * page->h);

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, page->data, page->length);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = G_BYTE_ORDER == G_LITTLE_ENDIAN ? JCS_EXT_BGRX : JCS_EXT_XRGB;
	jpeg_start_decompress(&jpeg);
	for (uint32_t y = 0; y < page->h; y++) {
		JSAMPLE *row = (JSAMPLE *)(pixels + (size_t)y * page->w);
		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	g_assert_cmpint(errors.num_warnings, ==, 0);
	for (size_t i = 0; i < (size_t)page->w * page->h; i++)
		pixels[i] &= 0xffffff;
	return pixels;
}

static uint32_t *decode(const ReadPage *page)
{
	if (page->jpeg)
		return jpeg_pixels(page);
	uint32_t *pixels = g_new(uint32_t, (size_t)page->w * page->h);
	for (uint32_t y = 0; y < page->h; y++)
		for (uint32_t x = 0; x < page->w; x++)
			pixels[(size_t)y * page->w + x] = flate_pixel(page, x, y);
	return pixels;
}

static unsigned worst_difference(uint32_t a, uint32_t b)
{
	unsigned worst = 0;
	for (unsigned shift = 0; shift < 24; shift += 8) {
		int one = (int)(a >> shift & 0xff), other = (int)(b >> shift & 0xff);
		worst = MAX(worst, (unsigned)ABS(one - other));
	}
	return worst;
}

/* ---- which encoding ------------------------------------------------------------------ */

static void draw_nothing(Canvas *page)
{
	(void)page;
}

static void draw_black(Canvas *page)
{
	fill(page, 10, 10, 41, 30, 0);
}

static void draw_16_grays(Canvas *page)
{
	for (uint32_t i = 0; i < 16; i++)
		fill(page, 10 * i, 0, 10, 100, i * 17 * 0x010101);
}

static void draw_grays_off_level(Canvas *page)
{
	for (uint32_t i = 0; i < 5; i++)
		fill(page, 10 * i, 0, 10, 100, (i * 20 + 3) * 0x010101);
}

/* A letter: white, black, and every gray at its edges, each on few pixels. */
static void draw_letter(Canvas *page)
{
	fill(page, 20, 20, 100, 50, 0);
	for (uint32_t i = 1; i < 255; i++)
		fill(page, i % 200, 100 + i / 200, 1, 1, i * 0x010101);
}

/* The same with a gray box that is no level: it is on many pixels, and stays what it is. */
static void draw_letter_with_box(Canvas *page)
{
	draw_letter(page);
	fill(page, 0, 150, 100, 20, 0xf3f3f3);
}

static void draw_red(Canvas *page)
{
	fill(page, 0, 0, page->w, page->h, 0xff0000);
}

static void draw_16_colours(Canvas *page)
{
	for (uint32_t i = 0; i < 15; i++)
		fill(page, 10 * i, 0, 10, 100, 0x123456 + i * 0x050301);
}

static void draw_17_colours(Canvas *page)
{
	for (uint32_t i = 0; i < 16; i++)
		fill(page, 10 * i, 0, 10, 100, 0x123456 + i * 0x050301);
}

/* Red letters on a light field: hundreds of rare colours between the two. */
static void draw_coloured_letter(Canvas *page)
{
	fill(page, 0, 0, page->w, page->h, 0xfdf6e3);
	fill(page, 20, 20, 60, 60, 0xc1121f);
	for (uint32_t i = 0; i < 400; i++)
		fill(page, i % 200, 100 + i / 200, 1, 1,
		     0xc1121f + (i % 20) * 0x030b09 + (i / 20) * 0x000102);
}

static void draw_photograph(Canvas *page)
{
	uint32_t state = 1;
	for (uint32_t y = 0; y < page->h; y++)
		for (uint32_t x = 0; x < page->w; x++)
			fill(page, x, y, 1, 1, x << 16 | y << 8 | ((x + y) / 2 + (noise(&state) & 3)));
}

static void draw_gray_photograph(Canvas *page)
{
	uint32_t state = 1;
	for (uint32_t y = 0; y < page->h; y++)
		for (uint32_t x = 0; x < page->w; x++)
			fill(page, x, y, 1, 1, ((x + y) / 2 + (noise(&state) & 7)) * 0x010101);
}

/* Too many for a palette, in large fields. */
static void draw_many_fields(Canvas *page)
{
	for (uint32_t i = 0; i < 400; i++)
		fill(page, i % 20 * 10, i / 20 * 10, 10, 10, i * 0x040a13 & 0xffffff);
}

/* 200 grays on long runs: each hot, none snapped. */
static void draw_gray_fields(Canvas *page)
{
	for (uint32_t i = 0; i < 200; i++)
		fill(page, i % 20 * 10, i / 20 * 20, 10, 20, (i + 20) * 0x010101);
}

typedef struct {
	const char *name;
	void (*draw)(Canvas *page);
	RenderColour colour;
	unsigned bits, components, colours; /* colours: of a palette */
	bool jpeg;
	unsigned tolerance; /* of a pixel on a rare colour */
} Encoding;

static const Encoding encodings[] = {
	{ "white", draw_nothing, RENDER_COLOUR, 1, 1, 0, false, 0 },
	{ "black on white", draw_black, RENDER_COLOUR, 1, 1, 0, false, 0 },
	{ "16 grays", draw_16_grays, RENDER_COLOUR, 4, 1, 0, false, 0 },
	{ "grays off level", draw_grays_off_level, RENDER_COLOUR, 4, 1, 6, false, 0 },
	{ "letter", draw_letter, RENDER_COLOUR, 4, 1, 0, false, 8 },
	{ "letter with box", draw_letter_with_box, RENDER_COLOUR, 8, 1, 0, false, 8 },
	{ "gray fields", draw_gray_fields, RENDER_COLOUR, 8, 1, 0, false, 0 },
	{ "red", draw_red, RENDER_COLOUR, 4, 1, 2, false, 0 },
	{ "16 colours", draw_16_colours, RENDER_COLOUR, 4, 1, 16, false, 0 },
	{ "17 colours", draw_17_colours, RENDER_COLOUR, 8, 1, 17, false, 0 },
	{ "coloured letter", draw_coloured_letter, RENDER_COLOUR, 8, 1, 17, false, 8 },
	{ "photograph", draw_photograph, RENDER_COLOUR, 8, 3, 0, true, 40 },
	{ "gray photograph", draw_gray_photograph, RENDER_COLOUR, 8, 1, 0, true, 40 },
	{ "many fields", draw_many_fields, RENDER_COLOUR, 8, 3, 0, false, 0 },
	{ "red as gray", draw_red, RENDER_GRAY, 4, 1, 2, false, 0 },
	{ "photograph as gray", draw_photograph, RENDER_GRAY, 8, 1, 0, true, 40 },
	{ "letter as gray", draw_letter, RENDER_GRAY, 4, 1, 0, false, 8 },
};

static uint32_t luminance(uint32_t colour)
{
	uint32_t y = ((colour >> 16) * 77 + (colour >> 8 & 0xff) * 150 + (colour & 0xff) * 29 + 128) >> 8;
	return y * 0x010101;
}

static void check_pixels(const Encoding *encoding, const Canvas *page, const ReadPage *read)
{
	g_autofree uint32_t *pixels = decode(read);
	g_autoptr(GHashTable) counts = g_hash_table_new(NULL, NULL);
	size_t total = (size_t)page->w * page->h;
	double squares = 0;

	for (size_t i = 0; i < total; i++) {
		void *key = GUINT_TO_POINTER(page->pixels[i]);
		g_hash_table_insert(counts, key,
		                    GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(counts, key)) + 1));
	}
	for (size_t i = 0; i < total; i++) {
		uint32_t want =
		        encoding->colour == RENDER_GRAY ? luminance(page->pixels[i]) : page->pixels[i];
		unsigned count =
		        GPOINTER_TO_UINT(g_hash_table_lookup(counts, GUINT_TO_POINTER(page->pixels[i])));
		bool hot = (uint64_t)count * 200 >= total;
		unsigned difference = worst_difference(pixels[i], want);
		g_assert_cmpuint(difference, <=, hot && !encoding->jpeg ? 0 : encoding->tolerance);
		squares += (double)difference * difference;
	}
	/* PSNR of at least 38 dB: 10 log10(255^2 / mse). */
	g_assert_cmpfloat(squares / (double)total, <=, 255.0 * 255.0 / 6309.6);
}

static void test_encoding(gconstpointer data)
{
	const Encoding *encoding = data;
	Canvas page = canvas(203, 201);
	encoding->draw(&page);
	g_autoptr(GBytes) bytes = write_one(&page, encoding->colour);
	g_autoptr(ReadPdf) read = rules(bytes);
	const ReadPage *got = only_page(read);

	g_assert_cmpuint(got->w, ==, page.w);
	g_assert_cmpuint(got->h, ==, page.h);
	g_assert_cmpuint(got->bits, ==, encoding->bits);
	g_assert_cmpuint(got->components, ==, encoding->components);
	g_assert_cmpint(got->jpeg, ==, encoding->jpeg);
	if (encoding->colours == 0)
		g_assert_cmpuint(got->colours, ==, 0);
	else if (encoding->colours == 17)
		g_assert_cmpuint(got->colours, >=, 17);
	else
		g_assert_cmpuint(got->colours, ==, encoding->colours);
	check_pixels(encoding, &page, got);

	/* The top byte of a pixel is nothing. */
	for (size_t i = 0; i < (size_t)page.w * page.h; i++)
		page.pixels[i] |= (uint32_t)i << 24;
	g_autoptr(GBytes) again = write_one(&page, encoding->colour);
	g_assert_true(g_bytes_equal(bytes, again));
	g_free(page.pixels);
}

/* ---- sizes --------------------------------------------------------------------------- */

typedef struct {
	uint32_t w, h, box_w, box_h;
	bool good;
} Size;

static const Size sizes[] = {
	{ 1, 1, 1, 1, true },
	{ 1, 1, 14400000, 14400000, true },
	{ 3, 10000, 1000, 2000, true },
	{ 10000, 1, 12345678, 1001, true },
	{ 10000, 4000, 1000, 1000, true },
	{ 0, 1, 1, 1, false },
	{ 1, 0, 1, 1, false },
	{ 10001, 1, 1, 1, false },
	{ 1, 10001, 1, 1, false },
	{ 10000, 4001, 1, 1, false },
	{ 1, 1, 0, 1, false },
	{ 1, 1, 1, 0, false },
	{ 1, 1, 14400001, 1, false },
	{ 1, 1, 1, 14400001, false },
};

static void test_sizes(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		const Size *size = &sizes[i];
		Canvas page = canvas(size->w, size->h);
		ImagePdfPage arguments = { page.pixels, size->w, size->h, size->box_w, size->box_h, NULL };
		g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
		g_autoptr(GError) error = NULL;
		g_assert_cmpint(image_pdf_page_begin(pdf, &arguments, &error), ==, size->good);
		if (!size->good) {
			g_assert_error(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_VALUE);
			g_assert_null(image_pdf_finish(pdf, NULL));
		} else {
			end(pdf);
			g_autoptr(GBytes) bytes = finish(pdf);
			g_autoptr(ReadPdf) read = rules(bytes);
			g_assert_cmpuint(only_page(read)->box_width, ==, size->box_w);
			g_assert_cmpuint(only_page(read)->box_height, ==, size->box_h);
		}
		g_free(page.pixels);
	}
}

/* Whatever the cap is: under it there is a file that is not larger, or none. */
static void test_cap(void)
{
	Canvas page = canvas(200, 200);
	draw_photograph(&page);
	g_autoptr(GBytes) whole = write_one(&page, RENDER_COLOUR);
	unsigned refused = 0, written = 0;

	for (uint64_t cap = 0; cap < g_bytes_get_size(whole) + 2000; cap += 97) {
		g_autoptr(ImagePdf) pdf = pdf_new(cap, RENDER_COLOUR);
		g_autoptr(GError) error = NULL;
		begin(pdf, &page);
		g_autoptr(GBytes) bytes = NULL;
		if (image_pdf_page_end(pdf, &error))
			bytes = image_pdf_finish(pdf, &error);
		if (bytes == NULL) {
			g_assert_error(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_SIZE);
			g_assert_null(image_pdf_finish(pdf, NULL));
			refused++;
		} else {
			g_assert_cmpuint(g_bytes_get_size(bytes), <=, cap);
			written++;
		}
	}
	g_assert_cmpuint(refused, >, 10);
	g_assert_cmpuint(written, >, 10);
	g_free(page.pixels);
}

static void test_pages(void)
{
	Canvas page = canvas(4, 4);
	ImagePdfPage arguments = page_of(&page);
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
	for (unsigned i = 0; i < RENDER_PAGES_MAX; i++) {
		begin(pdf, &page);
		end(pdf);
	}
	g_assert_cmpuint(image_pdf_pages(pdf), ==, 500);
	g_autoptr(GBytes) bytes = finish(pdf);
	g_autoptr(ReadPdf) read = rules(bytes);
	g_assert_cmpuint(read->pages->len, ==, 500);

	g_autoptr(ImagePdf) more = pdf_new(LARGE, RENDER_COLOUR);
	for (unsigned i = 0; i < RENDER_PAGES_MAX; i++) {
		begin(more, &page);
		end(more);
	}
	g_assert_false(image_pdf_page_begin(more, &arguments, NULL));
	g_free(page.pixels);
}

static GBytes *pdf_of(const ImagePdfPage *page, RenderColour colour)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, colour);
	g_assert_true(image_pdf_page_begin(pdf, page, &error));
	/* Over ink and over none. */
	for (int32_t y = 0; y < (int32_t)page->height; y += 10)
		g_assert_true(image_pdf_run(pdf, 0, y * 64, 20 * 64, 10 * 64, false, "gray", &error));
	g_assert_cmpuint(image_pdf_hidden(pdf), <, page->height / 10 * strlen("gray"));
	end(pdf);
	return finish(pdf);
}

/* A page of gray as one byte a pixel is the same page: few levels, many, and so many that it becomes a JPEG. */
static void test_levels(void)
{
	static const uint32_t steps[] = { 255, 85, 17, 5, 1 };
	Canvas page = canvas(100, 80);
	g_autofree uint8_t *levels = g_new(uint8_t, (size_t)page.w * page.h);
	for (size_t s = 0; s < G_N_ELEMENTS(steps); s++) {
		uint32_t state = 1;
		for (size_t i = 0; i < (size_t)page.w * page.h; i++) {
			bool white = i / page.w % 20 < 5;
			levels[i] = white ? 255 : (uint8_t)(noise(&state) % 256 / steps[s] * steps[s]);
			page.pixels[i] = levels[i] * 0x010101U;
		}
		for (unsigned colour = RENDER_COLOUR; colour <= RENDER_GRAY; colour++) {
			ImagePdfPage arguments = page_of(&page);
			g_autoptr(GBytes) of_pixels = pdf_of(&arguments, colour);
			arguments.pixels = NULL;
			arguments.levels = levels;
			g_autoptr(GBytes) of_levels = pdf_of(&arguments, colour);
			g_assert_true(g_bytes_equal(of_pixels, of_levels));
		}
	}
	ImagePdfPage both = page_of(&page), none = both;
	both.levels = levels;
	none.pixels = NULL;
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR), other = pdf_new(LARGE, RENDER_COLOUR);
	g_assert_false(image_pdf_page_begin(pdf, &both, NULL));
	g_assert_false(image_pdf_page_begin(other, &none, NULL));
	g_free(page.pixels);
}

static void test_order(void)
{
	Canvas page = canvas(4, 4);
	g_autoptr(GError) error = NULL;
	g_autoptr(ImagePdf) none = pdf_new(LARGE, RENDER_COLOUR);
	g_assert_null(image_pdf_finish(none, &error));
	g_assert_error(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_VALUE);
	g_autoptr(ImagePdf) early = pdf_new(LARGE, RENDER_COLOUR);
	g_assert_false(image_pdf_run(early, 0, 0, 1, 1, false, "a", NULL));
	g_autoptr(ImagePdf) open = pdf_new(LARGE, RENDER_COLOUR);
	begin(open, &page);
	g_assert_null(image_pdf_finish(open, NULL));
	g_autoptr(ImagePdf) bytes = pdf_new(LARGE, RENDER_COLOUR);
	begin(bytes, &page);
	g_assert_false(image_pdf_run(bytes, 0, 0, 1, 1, false, "\xff", NULL));
	g_free(page.pixels);
}

/* ---- text ---------------------------------------------------------------------------- */

/* A page with ink all over: each column of pixels has black and white. */
static Canvas inked(uint32_t w, uint32_t h)
{
	Canvas page = canvas(w, h);
	for (uint32_t y = 0; y < h; y += 2)
		fill(&page, 0, y, w, 1, 0);
	return page;
}

static void run(ImagePdf *pdf, int32_t x, int32_t y, int32_t w, int32_t h, bool vertical, const char *text)
{
	g_autoptr(GError) error = NULL;
	bool done = image_pdf_run(pdf, x, y, w, h, vertical, text, &error);
	g_assert_no_error(error);
	g_assert_true(done);
}

/* Runs with | between them. */
static char *joined(const ReadPage *page)
{
	GString *text = g_string_new(NULL);
	for (unsigned i = 0; i < page->runs->len; i++)
		g_string_append_printf(text, "%s%s", i == 0 ? "" : "|",
		                       ((ReadRun *)g_ptr_array_index(page->runs, i))->text);
	return g_string_free(text, FALSE);
}

typedef struct {
	const char *runs; /* | between them */
	const char *shown;
} Line;

static const Line lines[] = {
	{ "請求書", "請求書" },
	{ "𠮷野家|①㈱髙﨑", "𠮷野家|①㈱髙﨑" },
	{ "two words", "two|words" },
	{ "\u3000全角\u3000空白 ", "全角|空白" },
	{ " ", "" },
	{ "", "" },
	{ "http://a.example/", "http[:]//a.example/" },
	{ "HTTPS://A.example", "HTTPS[:]//A.example" },
	{ "http:|//a", "http[:]|//a" },
	{ "http|:|/|/|a", "http|[:]|/|/|a" },
	{ "http: //a", "http[:]|//a" },
	{ "a:/b", "a:/b" },
	{ "://///", "[:]/////" },
	{ "www.a.example", "www[.]a.example" },
	{ "W|w|W|.a", "W|w|W|[.]a" },
	{ "wwww.a", "wwww[.]a" },
	{ "ww.a", "ww.a" },
	{ "FTP.a", "FTP[.]a" },
	{ "mailto:x", "mailto[:]x" },
	{ "hotel:3", "hotel[:]3" },
	{ "te|l:3", "te|l[:]3" },
	{ "tel :3", "tel|[:]3" },
	{ "javascript:data:file:news:sms:sip:tel:", "javascript[:]data[:]file[:]news[:]sms[:]sip[:]tel[:]" },
	{ "12:30", "12:30" },
	{ "a@b.example", "a[@]b.example" },
	{ "a[@]b", "a[@]b" },
	{ "a[|@|]b", "a[|@|]b" },
	{ "[@@]", "[[@][@]]" },
	{ "@", "[@]" },
	{ "\\\\host\\share", "[\\]\\host\\share" },
	{ "\\|\\|\\", "[\\]|[\\]|\\" },
	{ "mailto://www.a@b", "mailto[:]//www[.]a[@]b" },
	{ "ｗｗｗ．", "ｗｗｗ．" },
};

static void test_lines(void)
{
	Canvas page = inked(100, 100);
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
		g_auto(GStrv) parts = g_strsplit(lines[i].runs, "|", -1);
		begin(pdf, &page);
		for (char **part = parts; *part != NULL; part++)
			run(pdf, 64, 64, 640, 640, false, *part);
		end(pdf);
		g_autoptr(GBytes) bytes = finish(pdf);
		g_autoptr(ReadPdf) read = rules(bytes);
		g_autofree char *text = joined(only_page(read));
		g_assert_cmpstr(text, ==, lines[i].shown);
		g_assert_cmpuint(image_pdf_hidden(pdf) + image_pdf_cut(pdf), ==, 0);
	}
	g_free(page.pixels);
}

/* What is on one page does not count for the next. */
static void test_line_of_each_page(void)
{
	Canvas page = inked(20, 20);
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
	const char *const texts[] = { "www", ".jp", "", "x" };
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		begin(pdf, &page);
		run(pdf, 0, 0, 640, 640, false, texts[i]);
		end(pdf);
	}
	g_autoptr(GBytes) bytes = finish(pdf);
	g_autoptr(ReadPdf) read = rules(bytes);
	const char *const shown[] = { "www", ".jp", "", "x" };
	for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
		g_autofree char *text = joined(g_ptr_array_index(read->pages, i));
		g_assert_cmpstr(text, ==, shown[i]);
		g_assert_cmpint(((ReadPage *)g_ptr_array_index(read->pages, i))->has_text, ==,
		                *shown[i] != '\0');
	}
	g_free(page.pixels);
}

static char *clean_some(const char *text, void *user)
{
	unsigned *calls = user;
	g_assert_null(strchr(text, ' '));
	++*calls;
	if (strcmp(text, "gone") == 0)
		return g_strdup("");
	g_auto(GStrv) parts = g_strsplit(text, "_", -1);
	return g_strjoinv(" ", parts);
}

static void test_clean(void)
{
	Canvas page = inked(20, 20);
	unsigned calls = 0;
	ImagePdfOptions options = { .max_bytes = LARGE, .clean = clean_some, .clean_user = &calls };
	g_autoptr(ImagePdf) pdf = image_pdf_new(&options);
	begin(pdf, &page);
	run(pdf, 0, 0, 640, 640, false, "stays gone a_b");
	run(pdf, 0, 0, 640, 640, false, "gone");
	end(pdf);
	g_autoptr(GBytes) bytes = finish(pdf);
	g_autoptr(ReadPdf) read = rules(bytes);
	g_autofree char *text = joined(only_page(read));
	g_assert_cmpstr(text, ==, "stays|a|b");
	/* Each word, and each word of a cleaned one. */
	g_assert_cmpuint(calls, ==, 3 + 1 + 3);
	g_free(page.pixels);
}

/* Only what stands on ink: 32 of 255 in one channel. */
static void test_ink(void)
{
	static const struct {
		uint32_t paper, ink;
		bool seen;
	} cases[] = {
		{ 0xffffff, 0xffffff, false }, { 0xffffff, 0xe0e0e0, false }, { 0xffffff, 0xdfffff, true },
		{ 0xffffff, 0xffdfff, true },  { 0xffffff, 0xffffdf, true },  { 0x000000, 0x1f1f1f, false },
		{ 0x000000, 0x000020, true },  { 0x808080, 0x809080, false },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Canvas page = canvas(100, 100);
		fill(&page, 0, 0, 100, 100, cases[i].paper | 0xff000000);
		fill(&page, 40, 40, 1, 1, cases[i].ink);
		g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
		begin(pdf, &page);
		run(pdf, 30 * 64, 30 * 64, 20 * 64, 20 * 64, false, "word");
		run(pdf, 41 * 64, 30 * 64, 20 * 64, 20 * 64, false, "beside");
		run(pdf, 30 * 64, 41 * 64, 20 * 64, 20 * 64, false, "below");
		end(pdf);
		g_autoptr(GBytes) bytes = finish(pdf);
		g_autoptr(ReadPdf) read = rules(bytes);
		g_autofree char *text = joined(only_page(read));
		g_assert_cmpstr(text, ==, cases[i].seen ? "word" : "");
		g_assert_cmpuint(image_pdf_hidden(pdf), ==, cases[i].seen ? 11 : 15);
		g_free(page.pixels);
	}
}

/* Looking for ink under a hundred thousand boxes as large as the page must not take a hundred thousand pages'
 * time. */
static void test_ink_time(void)
{
	Canvas page = canvas(2000, 2000);
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
	begin(pdf, &page);
	for (unsigned i = 0; i < 100000; i++)
		run(pdf, 0, 0, 2000 * 64, 2000 * 64, false, "x");
	g_assert_cmpuint(image_pdf_hidden(pdf), ==, 9);
	g_assert_cmpuint(image_pdf_cut(pdf), ==, 100000 - 9);
	end(pdf);
	g_free(page.pixels);
}

/* The rectangle that a reader marks: from the box's lower left corner, as high and as long as the box. */
static void test_place(void)
{
	static const struct {
		int32_t x, y, w, h;
		bool vertical;
		const char *text;
	} cases[] = {
		{ 100, 100, 400, 50, false, "abcdefgh" }, { 100, 100, 400, 50, false, "請求書" },
		{ 100, 100, 30, 300, true, "縦書き" },    { 0, 0, 1000, 40, false, "a" },
		{ 990, 1990, 10, 10, false, "ab" },
	};
	Canvas page = inked(1000, 2000);
	double scale_x = A4_WIDTH / 1000.0, scale_y = A4_HEIGHT / 2000.0;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
		begin(pdf, &page);
		run(pdf, cases[i].x * 64, cases[i].y * 64, cases[i].w * 64, cases[i].h * 64,
		    cases[i].vertical, cases[i].text);
		end(pdf);
		g_autoptr(GBytes) bytes = finish(pdf);
		g_autoptr(ReadPdf) read = rules(bytes);
		const ReadRun *one = g_ptr_array_index(only_page(read)->runs, 0);
		double length = (double)one->size * (double)one->scale / 200000.0 * one->codes->len;
		double size = (double)one->size, x = (double)one->x, y = (double)one->y;
		g_assert_cmpint(one->vertical, ==, cases[i].vertical);
		g_assert_cmpfloat_with_epsilon(x, cases[i].x * scale_x, 100);
		if (one->vertical) {
			g_assert_cmpfloat_with_epsilon(y, A4_HEIGHT - cases[i].y * scale_y, 100);
			g_assert_cmpfloat_with_epsilon(size, cases[i].w * scale_x, 100);
			g_assert_cmpfloat_with_epsilon(length, cases[i].h * scale_y, 500);
		} else {
			g_assert_cmpfloat_with_epsilon(y, A4_HEIGHT - (cases[i].y + cases[i].h) * scale_y,
			                               100);
			g_assert_cmpfloat_with_epsilon(size, cases[i].h * scale_y, 100);
			g_assert_cmpfloat_with_epsilon(length, cases[i].w * scale_x, 500);
		}
	}
	g_free(page.pixels);
}

/* Any box and any page size: the rules hold, and no character is lost. */
static void test_boxes(void)
{
	static const int32_t numbers[] = {
		0, 1, 63, 64, 6400, 640000, 640001, INT32_MAX, -1, -64, INT32_MIN
	};
	static const uint32_t boxes[] = { 1, 999, 72000, 14400000 };
	static const char *const texts[] = { "a", "ーーーーーーーーーーーー", "𠮷" };
	Canvas page = inked(100, 100);
	enum { N = G_N_ELEMENTS(numbers) };

	for (size_t b = 0; b < G_N_ELEMENTS(boxes); b++) {
		ImagePdfPage arguments = { page.pixels, page.w, page.h, boxes[b],
			                   boxes[G_N_ELEMENTS(boxes) - 1 - b], NULL };
		g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
		uint64_t chars = 0;
		g_assert_true(image_pdf_page_begin(pdf, &arguments, NULL));
		for (size_t i = 0; i < (size_t)N * N * N * N; i += 3) {
			const char *text = texts[i % G_N_ELEMENTS(texts)];
			run(pdf, numbers[i % N], numbers[i / N % N], numbers[i / N / N % N],
			    numbers[i / N / N / N], i % 2 == 1, text);
			chars += (uint64_t)g_utf8_strlen(text, -1);
		}
		end(pdf);
		uint64_t out = image_pdf_hidden(pdf) + image_pdf_cut(pdf);
		g_assert_cmpuint(image_pdf_cut(pdf), ==, 0);
		g_autoptr(GBytes) bytes = finish(pdf);
		g_autoptr(ReadPdf) read = rules(bytes);
		for (unsigned i = 0; i < only_page(read)->runs->len; i++)
			out += ((ReadRun *)g_ptr_array_index(only_page(read)->runs, i))->codes->len;
		g_assert_cmpuint(out, ==, chars);
	}
	g_free(page.pixels);
}

static void test_long_run(void)
{
	Canvas page = inked(100, 100);
	g_autofree char *text = g_strnfill(2500, 'a');
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
	begin(pdf, &page);
	run(pdf, 0, 0, 6400, 640, false, text);
	run(pdf, 0, 0, 640, 6400, true, text);
	end(pdf);
	g_autoptr(GBytes) bytes = finish(pdf);
	g_autoptr(ReadPdf) read = rules(bytes);
	const GPtrArray *runs = only_page(read)->runs;
	g_assert_cmpuint(runs->len, ==, 6);
	const ReadRun *second = g_ptr_array_index(runs, 1), *last = g_ptr_array_index(runs, 5);
	g_assert_cmpuint(second->codes->len, ==, 1000);
	g_assert_cmpfloat_with_epsilon((double)second->x, A4_WIDTH * 0.4, 100);
	g_assert_cmpuint(last->codes->len, ==, 500);
	g_assert_cmpfloat_with_epsilon((double)last->y, A4_HEIGHT * 0.2, 100);
	g_free(page.pixels);
}

/* 70000 different characters do not fit into two bytes: whole words past the last code are left out, and
 * counted. */
static void test_many_characters(void)
{
	Canvas page = inked(10, 10);
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
	gunichar c = 0x20000;
	for (unsigned i = 0; i < 7; i++) {
		begin(pdf, &page);
		for (unsigned k = 0; k < 100; k++) {
			g_autoptr(GString) word = g_string_new(NULL);
			for (unsigned n = 0; n < 100; n++, c += (c & 0xffff) == 0xfffd ? 3 : 1)
				g_string_append_unichar(word, c);
			run(pdf, 0, 0, 640, 640, false, word->str);
		}
		run(pdf, 0, 0, 640, 640, false, "@");
		end(pdf);
	}
	/* 65533, in words of a hundred, beside the two brackets; "@" itself was known from the first page. */
	g_assert_cmpuint(image_pdf_cut(pdf), ==, 70000 - 65500);
	g_autoptr(GBytes) bytes = finish(pdf);
	g_autoptr(ReadPdf) read = rules(bytes);
	g_assert_cmpuint(read->characters->len, ==, 65500 + 3);
	ReadPage *last = g_ptr_array_index(read->pages, 6);
	ReadRun *at = g_ptr_array_index(last->runs, last->runs->len - 1);
	g_assert_cmpstr(at->text, ==, "[@]");
	g_free(page.pixels);
}

static void test_many_on_a_page(void)
{
	Canvas page = inked(10, 10);
	g_autoptr(ImagePdf) pdf = pdf_new(LARGE, RENDER_COLOUR);
	begin(pdf, &page);
	for (unsigned i = 0; i < 40000; i++)
		run(pdf, 0, 0, 640, 640, false, "@");
	run(pdf, 0, 0, 640, 640, false, "a");
	end(pdf);
	g_assert_cmpuint(image_pdf_cut(pdf), ==, 40000 - 33333);
	g_autoptr(GBytes) bytes = finish(pdf);
	g_autoptr(ReadPdf) read = rules(bytes);
	g_assert_cmpuint(only_page(read)->runs->len, ==, 33334);
	g_free(page.pixels);
}

/* ---- the font ------------------------------------------------------------------------ */

static uint32_t word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t table_sum(const uint8_t *at, uint32_t length)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < length; i += 4)
		sum += word(at + i);
	return sum;
}

static void test_font(void)
{
	const uint8_t *font = image_pdf_font;
	unsigned tables = (unsigned)font[4] << 8 | font[5];
	g_assert_cmpuint(tables, ==, 10);
	for (unsigned i = 0; i < tables; i++) {
		const uint8_t *entry = font + 12 + 16 * i;
		uint32_t offset = word(entry + 8), length = word(entry + 12), padded = (length + 3) / 4 * 4;
		g_assert_cmpuint(offset + padded, <=, IMAGE_PDF_FONT_BYTES);
		uint32_t sum = table_sum(font + offset, padded);
		if (memcmp(entry, "head", 4) == 0)
			sum -= word(font + offset + 8);
		g_assert_cmphex(sum, ==, word(entry + 4));
		g_assert_true(i == 0 || memcmp(entry - 16, entry, 4) < 0);
	}
	g_assert_cmphex(table_sum(font, IMAGE_PDF_FONT_BYTES), ==, 0xb1b0afba);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
		g_autofree char *name = g_strdup_printf("/image-pdf/encoding/%s", encodings[i].name);
		g_test_add_data_func(name, &encodings[i], test_encoding);
	}
	g_test_add_func("/image-pdf/sizes", test_sizes);
	g_test_add_func("/image-pdf/cap", test_cap);
	g_test_add_func("/image-pdf/pages", test_pages);
	g_test_add_func("/image-pdf/levels", test_levels);
	g_test_add_func("/image-pdf/order", test_order);
	g_test_add_func("/image-pdf/lines", test_lines);
	g_test_add_func("/image-pdf/line-of-each-page", test_line_of_each_page);
	g_test_add_func("/image-pdf/clean", test_clean);
	g_test_add_func("/image-pdf/ink", test_ink);
	g_test_add_func("/image-pdf/ink-time", test_ink_time);
	g_test_add_func("/image-pdf/place", test_place);
	g_test_add_func("/image-pdf/boxes", test_boxes);
	g_test_add_func("/image-pdf/long-run", test_long_run);
	g_test_add_func("/image-pdf/many-characters", test_many_characters);
	g_test_add_func("/image-pdf/many-on-a-page", test_many_on_a_page);
	g_test_add_func("/image-pdf/font", test_font);
	return g_test_run();
}
