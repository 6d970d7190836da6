/* image_pdf_samples DIRECTORY: draws pages by cairo, and writes of each sample NAME.pdf (the image PDF),
 * NAME-PAGE.ppm (what was drawn) and NAME.tsv (the runs: page, x, y, w, h in pixels, vertical, text), for
 * image_pdf_readers_test.py. */
#include "image_pdf.h"

#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef MUGAI_UNSAFE_BUILD
/* fontconfig loses a rule of its configuration whenever it reads it. Asked for by the leak checker. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}
#endif

enum { WIDTH = 625, HEIGHT = 875, DPI = 150, MAX_BYTES = 32000000 };

typedef struct {
	const char *directory, *name;
	unsigned page;
	ImagePdf *pdf;
	GString *runs;
	cairo_surface_t *surface;
	cairo_t *cairo;
} Sample;

/* ---- drawing ------------------------------------------------------------------------- */

static void note_run(Sample *sample, double x, double y, double w, double h, bool vertical, const char *text)
{
	g_string_append_printf(sample->runs, "%u\t%d\t%d\t%d\t%d\t%d\t%s\n", sample->page, (int)(x * 64),
	                       (int)(y * 64), (int)(w * 64), (int)(h * 64), vertical, text);
}

static void words(Sample *sample, double x, double y, double size, const char *line)
{
	g_auto(GStrv) parts = g_strsplit(line, " ", -1);
	cairo_set_font_size(sample->cairo, size);
	for (char **part = parts; *part != NULL; part++) {
		cairo_text_extents_t extents;
		cairo_text_extents(sample->cairo, *part, &extents);
		cairo_move_to(sample->cairo, x, y);
		cairo_show_text(sample->cairo, *part);
		note_run(sample, x, y - size * 0.86, extents.x_advance, size, false, *part);
		x += extents.x_advance + size * 0.4;
	}
}

static void column(Sample *sample, double x, double y, double size, const char *text)
{
	double top = y;
	cairo_set_font_size(sample->cairo, size);
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at), y += size) {
		g_autofree char *one = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
		cairo_move_to(sample->cairo, x, y + size * 0.86);
		cairo_show_text(sample->cairo, one);
	}
	note_run(sample, x, top, size, y - top, true, text);
}

static void draw_letter(Sample *sample)
{
	static const char *const lines[] = {
		"令和八年十一月三十日",
		"関係各位 総務課長 髙﨑 𠮷野",
		"平素より格別のご高配を賜り、厚く御礼申し上げます。",
		"①会議の日程 ②場所 ③㈱無害商事 ﾊﾝｶｸ～―−‐Ω≒∮",
		"The quick brown fox jumps over 13 lazy dogs (twice).",
		"Größe, naïve café, Ελληνικά, Русский текст",
	};
	for (unsigned i = 0; i < 24; i++)
		words(sample, 40, 60 + 30 * i, 12 + i % 7, lines[i % G_N_ELEMENTS(lines)]);
}

static void draw_vertical(Sample *sample)
{
	for (unsigned i = 0; i < 8; i++)
		column(sample, 540 - 60 * i, 60, 24, "吾輩は猫である、名前はまだ無い。どこで生れたか");
}

static void draw_table(Sample *sample)
{
	static const double fills[][3] = { { .95, .97, 1 }, { 1, .93, .8 }, { .85, 1, .85 }, { .3, .1, .5 } };
	for (unsigned row = 0; row < 20; row++)
		for (unsigned cell = 0; cell < 4; cell++) {
			const double *fill = fills[(row + cell) % 4];
			cairo_set_source_rgb(sample->cairo, fill[0], fill[1], fill[2]);
			cairo_rectangle(sample->cairo, 20 + 145 * cell, 20 + 40 * row, 140, 36);
			cairo_fill(sample->cairo);
			cairo_set_source_rgb(sample->cairo, (row + cell) % 4 == 3, .0, .4);
			g_autofree char *text = g_strdup_printf("%u円 品目%u", row * 1300 + cell, cell);
			words(sample, 28 + 145 * cell, 44 + 40 * row, 16, text);
		}
}

static void draw_photograph(Sample *sample)
{
	uint32_t *pixels = (uint32_t *)(void *)cairo_image_surface_get_data(sample->surface);
	cairo_surface_flush(sample->surface);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < WIDTH; x++) {
			uint32_t wave = (uint32_t)(128 + 100 * sin(x / 37.0) * cos(y / 53.0));
			pixels[y * WIDTH + x] = wave << 16 | (x * 255 / WIDTH) << 8 | y * 255 / HEIGHT;
		}
	cairo_surface_mark_dirty(sample->surface);
	cairo_set_source_rgb(sample->cairo, 1, 1, 1);
	words(sample, 60, 200, 40, "写真 PHOTO");
}

static void draw_fax(Sample *sample)
{
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_NONE);
	cairo_set_font_options(sample->cairo, options);
	cairo_font_options_destroy(options);
	draw_letter(sample);
}

static void draw_many(Sample *sample)
{
	for (unsigned i = 0; i < 60; i++) {
		g_autoptr(GString) line = g_string_new(NULL);
		for (unsigned k = 0; k < 50; k++)
			g_string_append_unichar(line, 0x4e00 + i * 50 + k);
		words(sample, 10, 20 + 14 * i, 12, line->str);
	}
}

static void draw_blank(Sample *sample)
{
	(void)sample;
}

/* ---- writing ------------------------------------------------------------------------- */

static void write_ppm(const Sample *sample, const uint32_t *pixels)
{
	g_autofree char *path =
	        g_strdup_printf("%s/%s-%u.ppm", sample->directory, sample->name, sample->page);
	FILE *file = fopen(path, "wb");
	if (file == NULL)
		g_error("cannot write %s", path);
	fprintf(file, "P6\n%d %d\n255\n", WIDTH, HEIGHT);
	for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
		const uint8_t rgb[3] = { (uint8_t)(pixels[i] >> 16), (uint8_t)(pixels[i] >> 8),
			                 (uint8_t)pixels[i] };
		fwrite(rgb, 1, sizeof rgb, file);
	}
	if (fclose(file) != 0)
		g_error("cannot write %s", path);
}

static void write_runs(Sample *sample, const char *lines)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) rows = g_strsplit(lines, "\n", -1);
	for (char **row = rows; *row != NULL && **row != '\0'; row++) {
		g_auto(GStrv) fields = g_strsplit(*row, "\t", 7);
		if (!image_pdf_run(sample->pdf, atoi(fields[1]), atoi(fields[2]), atoi(fields[3]),
		                   atoi(fields[4]), atoi(fields[5]) == 1, fields[6], &error))
			g_error("%s", error->message);
	}
}

static void add_page(Sample *sample, void (*draw)(Sample *))
{
	g_autoptr(GError) error = NULL;
	size_t before = sample->runs->len;

	sample->page++;
	sample->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	sample->cairo = cairo_create(sample->surface);
	cairo_set_source_rgb(sample->cairo, 1, 1, 1);
	cairo_paint(sample->cairo);
	cairo_set_source_rgb(sample->cairo, 0, 0, 0);
	cairo_select_font_face(sample->cairo, "IPAMincho", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	draw(sample);
	cairo_surface_flush(sample->surface);
	const uint32_t *pixels =
	        (const uint32_t *)(const void *)cairo_image_surface_get_data(sample->surface);
	/* A little less than whole pixels: poppler's renderer draws a picture that ends at a pixel's edge one
	 * pixel too large. */
	ImagePdfPage page = { pixels, WIDTH, HEIGHT, WIDTH * 72000 / DPI - 1, HEIGHT * 72000 / DPI - 1,
		              NULL };
	write_ppm(sample, pixels);
	if (!image_pdf_page_begin(sample->pdf, &page, &error))
		g_error("%s", error->message);
	write_runs(sample, sample->runs->str + before);
	if (!image_pdf_page_end(sample->pdf, &error))
		g_error("%s", error->message);
	cairo_destroy(sample->cairo);
	cairo_surface_destroy(sample->surface);
}

static void write_sample(const char *directory, const char *name, void (*const *draw)(Sample *),
                         RenderColour colour)
{
	g_autoptr(GError) error = NULL;
	ImagePdfOptions options = { .max_bytes = MAX_BYTES, .colour = colour };
	Sample sample = { .directory = directory, .name = name };
	g_autofree char *path = g_strdup_printf("%s/%s.pdf", directory, name);
	g_autofree char *runs = g_strdup_printf("%s/%s.tsv", directory, name);
	gsize length = 0;

	sample.pdf = image_pdf_new(&options);
	sample.runs = g_string_new(NULL);
	for (; *draw != NULL; draw++)
		add_page(&sample, *draw);
	g_autoptr(GBytes) bytes = image_pdf_finish(sample.pdf, &error);
	if (bytes == NULL)
		g_error("%s", error->message);
	const char *data = g_bytes_get_data(bytes, &length);
	if (!g_file_set_contents(path, data, (gssize)length, &error) ||
	    !g_file_set_contents(runs, sample.runs->str, (gssize)sample.runs->len, &error))
		g_error("%s", error->message);
	g_string_free(sample.runs, TRUE);
	image_pdf_free(sample.pdf);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*draw[8])(Sample *);
		RenderColour colour;
	} samples[] = {
		{ "letter", { draw_letter }, RENDER_COLOUR },
		{ "vertical", { draw_vertical }, RENDER_COLOUR },
		{ "table", { draw_table }, RENDER_COLOUR },
		{ "photograph", { draw_photograph }, RENDER_COLOUR },
		{ "fax", { draw_fax }, RENDER_COLOUR },
		{ "many", { draw_many }, RENDER_COLOUR },
		{ "blank", { draw_blank }, RENDER_COLOUR },
		{ "gray-table", { draw_table }, RENDER_GRAY },
		{ "gray-photograph", { draw_photograph }, RENDER_GRAY },
		{ "all",
		  { draw_letter, draw_blank, draw_table, draw_photograph, draw_vertical, draw_fax },
		  RENDER_COLOUR },
	};
	if (argc != 2)
		return 64;
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
		write_sample(argv[1], samples[i].name, samples[i].draw, samples[i].colour);
	return 0;
}
