#include "draw_image_priv.h"

#include <malloc.h>
#include <math.h>
#include <string.h>

#define A4_SHORT (210 / 25.4) /* inches */
#define A4_LONG (297 / 25.4)

enum {
	DEFAULT_PPI = 96,
	MIN_PPI = 20, /* a resolution outside of these is a mistake or a joke */
	MAX_PPI = 4800,
	MAX_ASPECT = 4,     /* of a pixel; a coarse fax has 2 */
	MAX_SIDE = 1000000, /* of a stored picture: the sums of a row fit 32 bits */
	MAX_SHRINK = 1000,  /* pixels of a picture for one of the page: of more, nothing would be seen */
	MAX_PAGE_DPI = 1200,
	PT_1000 = 72000, /* of one inch */
	/* glibc fills new memory with the complement. Some decoders (libde265) show, where a picture is
	 * damaged, what their memory held before: the same bytes would not give the same page, and pages
	 * would show what no one sent. */
	FILL_ZERO = 0xFF,
};

/* ---- which format ------------------------------------------------------------------------------------- */

typedef int (*DrawFormat)(ImageJob *job);

/* Bytes at the beginning; '.' stands for any byte. Longest first where one begins as another. */
static const struct {
	const char *magic;
	size_t length;
	RenderFormat format;
	DrawFormat draw;
} magics[] = {
	{ "\x89PNG\r\n\x1A\n", 8, RENDER_FORMAT_PNG, image_draw_png },
	{ "\xFF\xD8\xFF", 3, RENDER_FORMAT_JPEG, image_draw_jpeg },
	{ "GIF87a", 6, RENDER_FORMAT_GIF, image_draw_gif },
	{ "GIF89a", 6, RENDER_FORMAT_GIF, image_draw_gif },
	{ "BM.............\0\0\0", 18, RENDER_FORMAT_BMP, image_draw_bmp },
	{ "II*\0", 4, RENDER_FORMAT_TIFF, image_draw_tiff },
	{ "MM\0*", 4, RENDER_FORMAT_TIFF, image_draw_tiff },
	{ "II+\0", 4, RENDER_FORMAT_TIFF, image_draw_tiff },
	{ "MM\0+", 4, RENDER_FORMAT_TIFF, image_draw_tiff },
	{ "RIFF....WEBP", 12, RENDER_FORMAT_WEBP, image_draw_webp },
	{ "\0\0\0\x0CjP  \r\n\x87\n", 12, RENDER_FORMAT_JP2, image_draw_jp2 },
	{ "\xFF\x4F\xFF\x51", 4, RENDER_FORMAT_JP2, image_draw_jp2 },
};

static bool begins_as(const DrawInput *input, const char *magic, size_t length)
{
	if (input->length < length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (magic[i] != '.' && (uint8_t)magic[i] != input->bytes[i])
			return false;
	return true;
}

/* The size of the header that follows tells a bitmap from a text that begins with "BM". */
static bool bmp_header_size(const DrawInput *input)
{
	uint8_t size = input->bytes[14];

	return size == 12 || size == 16 || size == 40 || size == 52 || size == 56 || size == 64 ||
	       size == 108 || size == 124;
}

static bool is_brand(const uint8_t *brand, const char *const *brands)
{
	for (; *brands != NULL; brands++)
		if (memcmp(brand, *brands, 4) == 0)
			return true;
	return false;
}

/* ISO base media: a major brand, a version, brands that it is compatible with. AV1's own brand decides, since
 * the common ones (mif1) may stand before either. */
static RenderFormat media_format(const DrawInput *input)
{
	static const char *const av1[] = { "avif", "avis", NULL };
	static const char *const other[] = { "heic", "heix", "heim", "heis", "hevc",
		                             "hevx", "mif1", "msf1", NULL };
	RenderFormat format = RENDER_FORMAT_UNKNOWN;

	if (!begins_as(input, "....ftyp....", 12))
		return RENDER_FORMAT_UNKNOWN;
	size_t box = (size_t)input->bytes[2] << 8 | input->bytes[3];
	for (size_t i = 8; i + 4 <= MIN(box, input->length); i += i == 8 ? 8 : 4) {
		if (is_brand(input->bytes + i, av1))
			return RENDER_FORMAT_AVIF;
		if (is_brand(input->bytes + i, other))
			format = RENDER_FORMAT_HEIF;
	}
	return format;
}

static DrawFormat find_format(const DrawInput *input, RenderFormat *ret_format)
{
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
		if (!begins_as(input, magics[i].magic, magics[i].length))
			continue;
		if (magics[i].format == RENDER_FORMAT_BMP && !bmp_header_size(input))
			continue;
		*ret_format = magics[i].format;
		return magics[i].draw;
	}
	*ret_format = media_format(input);
	if (*ret_format != RENDER_FORMAT_UNKNOWN)
		return image_draw_heif;
	if (!image_is_svg(input))
		return NULL;
	*ret_format = RENDER_FORMAT_SVG;
	return image_draw_svg;
}

bool draw_is_image(const DrawInput *input, RenderFormat *ret_format)
{
	return find_format(input, ret_format) != NULL;
}

int draw_image(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts,
               GError **error)
{
	ImageJob job = { .input = input,
		         .limits = limits,
		         .sink = sink,
		         .facts = facts,
		         .error = error,
		         .orientation = 1 };
	DrawFormat draw = find_format(input, &facts->format);

	if (draw == NULL)
		return RENDER_STATUS_UNSUPPORTED;
	facts->pages_found = 1;
	mallopt(M_PERTURB, FILL_ZERO);
	int status = draw(&job);
	mallopt(M_PERTURB, 0);
	g_free(job.columns);
	g_free(job.sums);
	g_free(job.target);
	return status;
}

/* ---- the size of the page ----------------------------------------------------------------------------- */

static double sane_ppi(double ppi)
{
	return isfinite(ppi) && ppi >= MIN_PPI && ppi <= MAX_PPI ? ppi : 0;
}

double image_fit(double width, double height)
{
	double page_width = width > height ? A4_LONG : A4_SHORT;
	double page_height = width > height ? A4_SHORT : A4_LONG;
	double fit = MIN(page_width / width, page_height / height);

	return MIN(fit, 1);
}

/* The picture's own size on paper, upright or lying, and made smaller to fit A4 so; with no margin. */
static void set_box(ImageJob *job, const ImageInfo *info, bool turned)
{
	double x_ppi = sane_ppi(info->x_ppi);
	double y_ppi = sane_ppi(info->y_ppi);
	bool told = x_ppi > 0 && y_ppi > 0 && x_ppi < y_ppi * MAX_ASPECT && y_ppi < x_ppi * MAX_ASPECT;
	double width = info->width / (told ? x_ppi : DEFAULT_PPI);
	double height = info->height / (told ? y_ppi : DEFAULT_PPI);

	if (turned) {
		double swap = width;
		width = height;
		height = swap;
	}
	double fit = image_fit(width, height);
	job->page.box_width = (uint32_t)MAX(lround(width * fit * PT_1000), 1);
	job->page.box_height = (uint32_t)MAX(lround(height * fit * PT_1000), 1);
}

static uint32_t scaled_side(uint32_t side, double scale)
{
	return (uint32_t)CLAMP(floor(side * scale), 1, RENDER_SIDE_MAX);
}

/* As many pixels as the picture has, or as many as a page may have. */
static void set_target(ImageJob *job, const ImageInfo *info)
{
	double pixels = (double)info->width * info->height;
	double scale = MIN((double)RENDER_SIDE_MAX / MAX(info->width, info->height),
	                   sqrt((double)job->limits->page_pixels / pixels));

	scale = MIN(scale, 1);
	job->target_width = scaled_side(info->width, scale);
	job->target_height = scaled_side(info->height, scale);
	/* A line of 1 x 10000 where a page may have fewer. */
	if ((uint64_t)job->target_width * job->target_height > job->limits->page_pixels) {
		job->target_width = (uint32_t)MIN(job->target_width, job->limits->page_pixels);
		job->target_height = 1;
	}
}

static bool is_turned(const ImageJob *job)
{
	return job->orientation >= 5;
}

static void set_page_size(ImageJob *job)
{
	bool turned = is_turned(job);

	job->page.width = turned ? job->target_height : job->target_width;
	job->page.height = turned ? job->target_width : job->target_height;
	double dpi = (double)job->page.width * PT_1000 / job->page.box_width;
	job->page.dpi = (unsigned)CLAMP(lround(dpi), 1, MAX_PAGE_DPI);
}

int image_begin(ImageJob *job, const ImageInfo *info, uint64_t max_pixels)
{
	if (info->width == 0 || info->height == 0)
		return RENDER_STATUS_DAMAGED;
	uint64_t pixels = (uint64_t)info->width * info->height;
	if (info->width > MAX_SIDE || info->height > MAX_SIDE || pixels > max_pixels ||
	    pixels / MAX_SHRINK > job->limits->page_pixels)
		return RENDER_STATUS_TOO_LARGE;
	job->orientation = info->orientation >= 1 && info->orientation <= 8 ? info->orientation : 1;
	job->page = (DrawPage) { .text = job->limits->text ? "" : NULL };
	set_box(job, info, is_turned(job));
	set_target(job, info);
	set_page_size(job);
	job->reduced = job->target_width < info->width || job->target_height < info->height;
	job->row_width = info->width;
	job->row_count = info->height;
	job->rows = 0;
	job->pixels = NULL;
	uint64_t page_pixels = (uint64_t)job->page.width * job->page.height;
	if (page_pixels > job->limits->total_pixels - MIN(job->total_pixels, job->limits->total_pixels))
		return RENDER_STATUS_LIMIT;
	job->total_pixels += page_pixels;
	return RENDER_STATUS_COMPLETE;
}

void image_rows_scaled(ImageJob *job, uint32_t width, uint32_t height)
{
	job->row_width = width;
	job->row_count = height;
	job->target_width = MIN(job->target_width, width);
	job->target_height = MIN(job->target_height, height);
	set_page_size(job);
}

/* ---- rows --------------------------------------------------------------------------------------------- */

/* One row of the target to the page, turned as the orientation says. */
static void put_row(ImageJob *job, const uint32_t *row, uint32_t y)
{
	bool from_right = job->orientation == 2 || job->orientation == 3 || job->orientation == 7 ||
	                  job->orientation == 8;
	bool from_bottom = job->orientation == 3 || job->orientation == 4 || job->orientation == 6 ||
	                   job->orientation == 7;
	ptrdiff_t page_width = (ptrdiff_t)job->page.width;
	ptrdiff_t step = is_turned(job) ? page_width : 1; /* from one pixel of the row to its next */
	ptrdiff_t line = is_turned(job) ? 1 : page_width; /* from one row to its next */
	ptrdiff_t at = line * (ptrdiff_t)(from_bottom ? job->target_height - 1 - y : y);

	if (from_right) {
		at += step * (ptrdiff_t)(job->target_width - 1);
		step = -step;
	}
	for (uint32_t x = 0; x < job->target_width; x++, at += step)
		job->pixels[at] = row[x] & 0xFFFFFF;
}

static void add_weighted(uint64_t *sums, uint32_t pixel, uint32_t weight)
{
	sums[0] += (uint64_t)(pixel >> 16 & 0xFF) * weight;
	sums[1] += (uint64_t)(pixel >> 8 & 0xFF) * weight;
	sums[2] += (uint64_t)(pixel & 0xFF) * weight;
}

/* Area average of one row in integers: a stored pixel is target_width wide, one of the target row_width, so
 * that each stored pixel lies in one or two of the target. */
static void scale_columns(ImageJob *job, const uint32_t *row)
{
	uint32_t room = job->row_width;
	uint64_t *sums = job->columns;

	memset(job->columns, 0, (size_t)job->target_width * 3 * sizeof *job->columns);
	for (uint32_t x = 0; x < job->row_width; x++) {
		uint32_t here = MIN(room, job->target_width);
		uint32_t rest = job->target_width - here;
		add_weighted(sums, row[x], here);
		room -= here;
		if (room > 0)
			continue;
		sums += 3;
		room = job->row_width - rest;
		if (rest > 0)
			add_weighted(sums, row[x], rest);
	}
}

static void add_columns(ImageJob *job, uint32_t weight)
{
	for (size_t i = 0; i < (size_t)job->target_width * 3; i++)
		job->sums[i] += job->columns[i] * weight;
}

static void put_sums(ImageJob *job, uint32_t y)
{
	double part = 1.0 / ((double)job->row_width * job->row_count);
	const uint64_t *sums = job->sums;

	for (uint32_t x = 0; x < job->target_width; x++, sums += 3)
		job->target[x] = image_pixel((uint8_t)((double)sums[0] * part + 0.5),
		                             (uint8_t)((double)sums[1] * part + 0.5),
		                             (uint8_t)((double)sums[2] * part + 0.5));
	put_row(job, job->target, y);
	memset(job->sums, 0, (size_t)job->target_width * 3 * sizeof *job->sums);
}

/* The same over the rows: the one at hand ends a target row, or does not. */
static void scale_rows(ImageJob *job, const uint32_t *row)
{
	uint64_t begin = (uint64_t)job->rows * job->target_height;
	uint32_t y = (uint32_t)(begin / job->row_count);
	uint32_t room = (uint32_t)((uint64_t)(y + 1) * job->row_count - begin);
	uint32_t here = MIN(room, job->target_height);

	scale_columns(job, row);
	add_columns(job, here);
	if (here < room)
		return;
	put_sums(job, y);
	add_columns(job, job->target_height - here);
}

static bool is_scaled(const ImageJob *job)
{
	return job->target_width != job->row_width || job->target_height != job->row_count;
}

static bool begin_page(ImageJob *job)
{
	size_t sums = (size_t)job->target_width * 3;

	job->pixels = job->sink->page_begin(job->sink->user, job->page.width, job->page.height, job->error);
	job->aborted = job->pixels == NULL;
	if (job->aborted || !is_scaled(job))
		return !job->aborted;
	g_free(job->columns);
	g_free(job->sums);
	g_free(job->target);
	job->columns = g_new(uint64_t, sums);
	job->sums = g_new0(uint64_t, sums);
	job->target = g_new(uint32_t, job->target_width);
	return true;
}

bool image_row(ImageJob *job, const uint32_t *row)
{
	if (job->aborted || job->rows >= job->row_count)
		return false;
	if (job->limits->pictures) {
		if (job->pixels == NULL && !begin_page(job))
			return false;
		if (is_scaled(job))
			scale_rows(job, row);
		else
			put_row(job, row, job->rows);
	}
	job->rows++;
	return job->rows < job->row_count;
}

uint32_t *image_page(ImageJob *job)
{
	if (job->limits->pictures && !begin_page(job))
		return NULL;
	job->rows = job->row_count;
	return job->pixels;
}

int image_finish(ImageJob *job, bool whole)
{
	if (job->aborted)
		return DRAW_ABORTED;
	if (job->rows == 0)
		return RENDER_STATUS_DAMAGED;
	if (!whole || job->rows < job->row_count)
		job->facts->pages_partial++;
	if (job->reduced && job->page.dpi < job->limits->dpi)
		job->facts->lower_dpi++;
	job->pixels = NULL;
	return job->sink->page_end(job->sink->user, &job->page, job->error) ? RENDER_STATUS_COMPLETE
	                                                                    : DRAW_ABORTED;
}

int image_failed_page(ImageJob *job)
{
	unsigned dpi = job->limits->dpi;
	const ImageInfo info = { (uint32_t)(A4_SHORT * dpi), (uint32_t)(A4_LONG * dpi), 1, dpi, dpi };
	int status = image_begin(job, &info, IMAGE_STREAM_PIXELS);

	if (status != RENDER_STATUS_COMPLETE)
		return status;
	job->facts->pages_failed++;
	image_rows_scaled(job, job->target_width, job->target_height);
	uint32_t *pixels = image_page(job);
	if (pixels != NULL)
		draw_failed_page(pixels, job->page.width, job->page.height);
	return image_finish(job, true);
}

/* ---- pixels to rows ----------------------------------------------------------------------------------- */

static uint8_t on_white(uint8_t value, uint8_t alpha)
{
	return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

uint32_t image_pixel_on_white(uint8_t red, uint8_t green, uint8_t blue, uint8_t alpha)
{
	return image_pixel(on_white(red, alpha), on_white(green, alpha), on_white(blue, alpha));
}

void image_row_rgb(uint32_t *row, const uint8_t *rgb, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++, rgb += 3)
		row[i] = image_pixel(rgb[0], rgb[1], rgb[2]);
}

void image_row_rgba(uint32_t *row, const uint8_t *rgba, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++, rgba += 4)
		row[i] = rgba[3] == 255 ? image_pixel(rgba[0], rgba[1], rgba[2])
		                        : image_pixel_on_white(rgba[0], rgba[1], rgba[2], rgba[3]);
}

static uint8_t times(uint8_t ink, uint8_t black)
{
	return (uint8_t)((ink * black + 127) / 255);
}

void image_row_cmyk_inverted(uint32_t *row, const uint8_t *cmyk, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++, cmyk += 4)
		row[i] = image_pixel(times(cmyk[0], cmyk[3]), times(cmyk[1], cmyk[3]),
		                     times(cmyk[2], cmyk[3]));
}
