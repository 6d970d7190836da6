#include "draw_image_priv.h"

#include <string.h>
#include <tiffio.h>

enum {
	PAGES_MAX = 65535, /* that are counted */
	ALLOCATION = 400000000,
	BAND_ROWS = 64, /* at least, where strips are lower */
	BAND_BYTES = 500000000,
};

typedef struct {
	const DrawInput *input;
	uint64_t at;
	bool errors; /* since the last look */
} Source;

typedef struct {
	ImageJob *job;
	TIFF *tiff;
	Source *source;
	TIFFRGBAImage rgba;
	uint32_t *raster;
	uint32_t *row;
	uint32_t band; /* rows that are decoded at once */
	bool whole;
	bool any; /* a pixel came, or a band without error */
} Tiff;

/* ---- the file in memory ------------------------------------------------------------------------------- */

static tmsize_t read_bytes(thandle_t handle, void *bytes, tmsize_t length)
{
	Source *source = handle;
	size_t left = source->at < source->input->length ? source->input->length - (size_t)source->at : 0;
	size_t some = MIN((size_t)MAX(length, 0), left);

	memcpy(bytes, source->input->bytes + MIN(source->at, source->input->length), some);
	source->at += some;
	return (tmsize_t)some;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t length)
{
	(void)handle;
	(void)bytes;
	(void)length;
	return -1;
}

static toff_t seek_to(thandle_t handle, toff_t offset, int whence)
{
	Source *source = handle;

	source->at = offset + (whence == SEEK_CUR   ? source->at
	                       : whence == SEEK_END ? source->input->length
	                                            : 0);
	return source->at;
}

static int close_nothing(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t size_of(thandle_t handle)
{
	return ((Source *)handle)->input->length;
}

static int note_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
	(void)tiff;
	(void)module;
	(void)format;
	(void)arguments;
	((Source *)user)->errors = true;
	return 1;
}

static int ignore_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
	(void)tiff;
	(void)user;
	(void)module;
	(void)format;
	(void)arguments;
	return 1;
}

static TIFF *open_source(Source *source)
{
	TIFFOpenOptions *options = TIFFOpenOptionsAlloc();

	if (options == NULL)
		return NULL;
	TIFFOpenOptionsSetMaxSingleMemAlloc(options, ALLOCATION);
	TIFFOpenOptionsSetErrorHandlerExtR(options, note_error, source);
	TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_warning, source);
	TIFF *tiff = TIFFClientOpenExt("image", "rm", source, read_bytes, write_nothing, seek_to,
	                               close_nothing, size_of, NULL, NULL, options);
	TIFFOpenOptionsFree(options);
	return tiff;
}

/* ---- one page ----------------------------------------------------------------------------------------- */

static double resolution(TIFF *tiff, uint32_t tag)
{
	float value = 0;
	uint16_t unit = RESUNIT_INCH;

	if (TIFFGetField(tiff, tag, &value) == 0)
		return 0;
	TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
	return unit == RESUNIT_INCH ? (double)value : unit == RESUNIT_CENTIMETER ? (double)value * 2.54 : 0;
}

static ImageInfo read_header(TIFF *tiff)
{
	ImageInfo info = { .orientation = 1 };
	uint16_t orientation = ORIENTATION_TOPLEFT;

	TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &info.width);
	TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &info.height);
	TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
	info.orientation = orientation;
	info.x_ppi = resolution(tiff, TIFFTAG_XRESOLUTION);
	info.y_ppi = resolution(tiff, TIFFTAG_YRESOLUTION);
	return info;
}

/* A strip or a row of tiles is decoded at once; of low strips several. */
static uint32_t band_rows(TIFF *tiff, uint32_t height)
{
	uint32_t rows = 0;

	if (TIFFIsTiled(tiff))
		TIFFGetField(tiff, TIFFTAG_TILELENGTH, &rows);
	else
		TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
	if (rows == 0)
		return 0;
	if (rows < BAND_ROWS)
		rows *= (BAND_ROWS + rows - 1) / rows;
	return MIN(rows, height);
}

static bool fits_memory(const Tiff *self, uint32_t width)
{
	uint64_t unit = TIFFIsTiled(self->tiff) ? TIFFTileSize64(self->tiff) : TIFFStripSize64(self->tiff);
	uint64_t raster = (uint64_t)width * self->band * sizeof *self->raster;

	return self->band > 0 && unit > 0 && unit <= BAND_BYTES && raster <= BAND_BYTES - unit;
}

/* libtiff multiplies by alpha already. Where it could not decode the pixel is zero: transparent, thus white.
 */
static uint32_t pixel_on_white(uint32_t pixel)
{
	uint32_t white = 255 - TIFFGetA(pixel);

	return image_pixel((uint8_t)MIN(TIFFGetR(pixel) + white, 255),
	                   (uint8_t)MIN(TIFFGetG(pixel) + white, 255),
	                   (uint8_t)MIN(TIFFGetB(pixel) + white, 255));
}

static bool put_band(Tiff *self, uint32_t rows)
{
	uint32_t width = self->rgba.width;
	const uint32_t *pixel = self->raster;

	for (uint32_t y = 0; y < rows; y++) {
		for (uint32_t x = 0; x < width; x++, pixel++)
			self->row[x] = pixel_on_white(*pixel);
		if (!image_row(self->job, self->row))
			return false;
	}
	return true;
}

static bool decode_band(Tiff *self, uint32_t y, uint32_t rows)
{
	memset(self->raster, 0, (size_t)self->rgba.width * rows * sizeof *self->raster);
	self->source->errors = false;
	self->rgba.row_offset = (int)y;
	return TIFFRGBAImageGet(&self->rgba, self->raster, self->rgba.width, rows) && !self->source->errors;
}

static bool band_is_empty(const Tiff *self, uint32_t rows)
{
	size_t pixels = (size_t)self->rgba.width * rows;

	for (size_t i = 0; i < pixels; i++)
		if (self->raster[i] != 0)
			return false;
	return true;
}

static bool put_white(Tiff *self, uint32_t rows)
{
	memset(self->row, 0xFF, (size_t)self->rgba.width * sizeof *self->row);
	for (uint32_t y = 0; y < rows; y++)
		if (!image_row(self->job, self->row))
			return false;
	return true;
}

/* Goes on after errors, band by band. The first row is given only when some band has a pixel: a file whose
 * every band is broken has no picture. */
static int draw_bands(Tiff *self)
{
	uint32_t rows = 0;
	uint32_t broken = 0; /* rows before the first pixel */
	bool more = true;

	self->whole = true;
	for (uint32_t y = 0; more && y < self->rgba.height; y += rows) {
		rows = MIN(self->band, self->rgba.height - y);
		bool good = decode_band(self, y, rows);
		self->whole = self->whole && good;
		self->any = self->any || good || !band_is_empty(self, rows);
		if (!self->any)
			broken += rows;
		else
			more = put_white(self, broken) && put_band(self, rows);
		if (self->any)
			broken = 0;
	}
	return image_finish(self->job, self->whole);
}

static int draw_rgba(Tiff *self)
{
	/* The rows as they are stored: image_row() turns them. */
	self->rgba.req_orientation = self->rgba.orientation;
	self->band = band_rows(self->tiff, self->rgba.height);
	if (!fits_memory(self, self->rgba.width))
		return RENDER_STATUS_TOO_LARGE;
	self->raster = g_try_new(uint32_t, (size_t)self->rgba.width * self->band);
	self->row = g_try_new(uint32_t, self->rgba.width);
	int status = self->raster != NULL && self->row != NULL ? draw_bands(self) : RENDER_STATUS_TOO_LARGE;
	g_free(self->raster);
	g_free(self->row);
	return status;
}

/* ---- faxes and drawings ------------------------------------------------------------------------------- */

/* One bit a pixel, in strips: line by line, since a drawing of A0 is one strip of hundreds of millions of
 * pixels. */
static bool is_bilevel(TIFF *tiff)
{
	uint16_t bits = 0;
	uint16_t samples = 0;
	uint16_t photometric = PHOTOMETRIC_RGB;

	TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
	TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
	TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
	return bits == 1 && samples == 1 && !TIFFIsTiled(tiff) &&
	       (photometric == PHOTOMETRIC_MINISWHITE || photometric == PHOTOMETRIC_MINISBLACK);
}

static void bilevel_row(uint32_t *row, const uint8_t *line, uint32_t width, uint8_t white)
{
	for (uint32_t x = 0; x < width; x++)
		row[x] = (line[x / 8] >> (7 - x % 8) & 1) == white ? 0xFFFFFF : 0;
}

static int draw_lines(Tiff *self, const ImageInfo *info, uint8_t *line)
{
	uint16_t photometric = PHOTOMETRIC_MINISWHITE;
	uint32_t y = 0;
	bool more = true;

	TIFFGetField(self->tiff, TIFFTAG_PHOTOMETRIC, &photometric);
	self->source->errors = false;
	while (more && TIFFReadScanline(self->tiff, line, y++, 0) == 1) {
		bilevel_row(self->row, line, info->width, photometric == PHOTOMETRIC_MINISWHITE ? 0 : 1);
		more = image_row(self->job, self->row);
	}
	return image_finish(self->job, !more && !self->source->errors);
}

static int draw_bilevel(Tiff *self, const ImageInfo *info)
{
	uint64_t bytes = TIFFScanlineSize64(self->tiff);

	if (bytes < ((uint64_t)info->width + 7) / 8)
		return RENDER_STATUS_DAMAGED;
	g_autofree uint8_t *line = bytes > IMAGE_WORK_BYTES ? NULL : g_try_malloc0(bytes);
	self->row = g_try_new(uint32_t, info->width);
	int status =
	        line != NULL && self->row != NULL ? draw_lines(self, info, line) : RENDER_STATUS_TOO_LARGE;
	g_free(self->row);
	return status;
}

static int draw_page(Tiff *self)
{
	self->any = false;
	char why[1024] = "";
	ImageInfo info = read_header(self->tiff);
	int status = image_begin(self->job, &info, IMAGE_STREAM_PIXELS);

	if (status != RENDER_STATUS_COMPLETE)
		return status;
	if (is_bilevel(self->tiff))
		return draw_bilevel(self, &info);
	if (!TIFFRGBAImageOK(self->tiff, why))
		return RENDER_STATUS_UNSUPPORTED;
	if (!TIFFRGBAImageBegin(&self->rgba, self->tiff, 0, why))
		return RENDER_STATUS_DAMAGED;
	status = draw_rgba(self);
	TIFFRGBAImageEnd(&self->rgba);
	return status;
}

/* ---- all pages ---------------------------------------------------------------------------------------- */

static bool ends_all(int status)
{
	return status == DRAW_ABORTED || status == RENDER_STATUS_LIMIT;
}

/* One page that cannot be shown among others is a page that says so. Where none can, the first one's status
 * is that of the document. */
static int draw_pages(Tiff *self, uint32_t pages)
{
	uint32_t drawn = 0;
	int first = RENDER_STATUS_COMPLETE;

	for (uint32_t i = 0; i < pages; i++) {
		int status =
		        i > 0 && !TIFFReadDirectory(self->tiff) ? RENDER_STATUS_DAMAGED : draw_page(self);
		if (ends_all(status))
			return status;
		if (i == 0)
			first = status;
		if (status == RENDER_STATUS_COMPLETE)
			drawn++;
		else if (pages > 1)
			status = image_failed_page(self->job);
		if (ends_all(status))
			return status;
	}
	return drawn > 0 ? RENDER_STATUS_COMPLETE : first;
}

/* A file that is cut short, or is a loop: the last page that can be read says that another follows. How many,
 * nobody knows, and some programs leave any number there: no page is made for them, but it is told. */
static void count_broken_chain(const Tiff *self, uint32_t pages)
{
	DrawFacts *facts = self->job->facts;
	/* a page is told of once */
	if (!TIFFLastDirectory(self->tiff) && facts->pages_partial + facts->pages_failed < pages)
		facts->pages_partial++;
}

int image_draw_tiff(ImageJob *job)
{
	Source source = { .input = job->input };
	Tiff self = { .job = job, .source = &source };

	self.tiff = open_source(&source);
	if (self.tiff == NULL)
		return RENDER_STATUS_DAMAGED;
	uint32_t found = CLAMP(TIFFNumberOfDirectories(self.tiff), 1, PAGES_MAX);
	job->facts->pages_found = found;
	int status = draw_pages(&self, MIN(found, job->limits->pages));
	if (status == RENDER_STATUS_COMPLETE && found <= job->limits->pages)
		count_broken_chain(&self, found);
	TIFFClose(self.tiff);
	return status;
}
