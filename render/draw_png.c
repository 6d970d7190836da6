#include "draw_image_priv.h"

#include <png.h>
#include <string.h>

enum { CHUNK_BYTES = 8000000, READ_BYTES = 256, SIGNATURE = 8, CHUNK_FRAME = 12 };

typedef struct {
	ImageJob *job;
	png_structp png;
	png_infop info;
	size_t at;
	ImageInfo image;
	bool interlaced;
	uint32_t *row;
	uint8_t *rgba; /* of one row, or of the whole picture when it is interlaced */
	size_t stride;
	int status;
	bool whole;
	bool any; /* a row was read */
} Png;

static void read_bytes(png_structp png, png_bytep bytes, size_t length)
{
	Png *self = png_get_io_ptr(png);
	const DrawInput *input = self->job->input;

	if (length > input->length - self->at)
		png_error(png, "truncated");
	memcpy(bytes, input->bytes + self->at, length);
	self->at += length;
}

G_GNUC_NORETURN static void fail(png_structp png, png_const_charp message)
{
	(void)message;
	png_longjmp(png, 1);
}

static void stay_silent(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
}

static void read_metadata(Png *self)
{
	png_uint_32 x = 0;
	png_uint_32 y = 0;
	int unit = 0;
	png_uint_32 exif_bytes = 0;
	png_bytep exif = NULL;

	if (png_get_pHYs(self->png, self->info, &x, &y, &unit) != 0 && unit == PNG_RESOLUTION_METER) {
		self->image.x_ppi = x * 0.0254;
		self->image.y_ppi = y * 0.0254;
	}
	if (png_get_eXIf_1(self->png, self->info, &exif_bytes, &exif) != 0)
		image_exif(exif, exif_bytes, &self->image);
}

/* Whatever it is, it comes as 8-bit RGBA. */
static void ask_for_rgba(Png *self)
{
	png_set_expand(self->png);
	png_set_scale_16(self->png);
	png_set_gray_to_rgb(self->png);
	png_set_add_alpha(self->png, 0xFF, PNG_FILLER_AFTER);
	if (png_set_interlace_handling(self->png) > 1)
		self->interlaced = true;
	png_read_update_info(self->png, self->info);
}

static bool read_header(Png *self)
{
	if (setjmp(png_jmpbuf(self->png)) != 0)
		return false;
	png_set_read_fn(self->png, self, read_bytes);
	png_set_benign_errors(self->png, 1);
	png_set_user_limits(self->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* image_begin() decides */
	png_set_chunk_malloc_max(self->png, CHUNK_BYTES);
	/* Of a file that breaks off, the last piece that is not there as a whole is lost: small pieces. */
	png_set_compression_buffer_size(self->png, READ_BYTES);
	png_read_info(self->png, self->info);
	self->image.width = png_get_image_width(self->png, self->info);
	self->image.height = png_get_image_height(self->png, self->info);
	self->interlaced = png_get_interlace_type(self->png, self->info) != PNG_INTERLACE_NONE;
	read_metadata(self);
	return true;
}

static bool start_rows(Png *self)
{
	if (setjmp(png_jmpbuf(self->png)) != 0)
		return false;
	ask_for_rgba(self);
	return png_get_rowbytes(self->png, self->info) == self->stride;
}

static void read_rows(Png *self)
{
	if (setjmp(png_jmpbuf(self->png)) != 0)
		return;
	do {
		png_read_row(self->png, self->rgba, NULL);
		image_row_rgba(self->row, self->rgba, self->image.width);
	} while (image_row(self->job, self->row));
	self->whole = true;
}

/* Every pass fills the blocks of pixels that it stands for: a picture that breaks off is coarse, not full of
 * holes. */
static void read_passes(Png *self)
{
	if (setjmp(png_jmpbuf(self->png)) != 0)
		return;
	for (unsigned pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
		for (uint32_t y = 0; y < self->image.height; y++) {
			png_read_row(self->png, NULL, self->rgba + y * self->stride);
			self->any = true;
		}
	self->whole = true;
}

static void draw_interlaced(Png *self)
{
	const uint8_t *rgba = self->rgba;

	read_passes(self);
	if (!self->any)
		return;
	do {
		image_row_rgba(self->row, rgba, self->image.width);
		rgba += self->stride;
	} while (image_row(self->job, self->row));
}

static bool allocate(Png *self)
{
	self->stride = (size_t)self->image.width * 4;
	self->row = g_try_new(uint32_t, self->image.width);
	self->rgba = g_try_malloc0_n(self->interlaced ? self->image.height : 1, self->stride);
	return self->row != NULL && self->rgba != NULL;
}

static int draw(Png *self)
{
	if (!read_header(self))
		return RENDER_STATUS_DAMAGED;
	int status = image_begin(self->job, &self->image,
	                         self->interlaced ? IMAGE_WHOLE_PIXELS : IMAGE_STREAM_PIXELS);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	if (!allocate(self))
		return RENDER_STATUS_TOO_LARGE;
	if (!start_rows(self))
		return RENDER_STATUS_DAMAGED;
	if (self->interlaced)
		draw_interlaced(self);
	else
		read_rows(self);
	return image_finish(self->job, self->whole);
}

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Frames of an animation (acTL) that are not shown. The picture that is shown is the first of them only when
 * an fcTL stands before its data. libpng does not know these chunks. */
static uint64_t count_lost_frames(const DrawInput *input)
{
	uint64_t frames = 0;
	uint64_t shown = 0;

	for (size_t at = SIGNATURE; input->length - at >= CHUNK_FRAME;) {
		const uint8_t *chunk = input->bytes + at;
		size_t length = big_endian(chunk);
		if (memcmp(chunk + 4, "IDAT", 4) == 0 || length > input->length - at - CHUNK_FRAME)
			break;
		if (memcmp(chunk + 4, "acTL", 4) == 0 && length >= 4)
			frames = big_endian(chunk + 8);
		if (memcmp(chunk + 4, "fcTL", 4) == 0)
			shown = 1;
		at += CHUNK_FRAME + length;
	}
	return frames - MIN(shown, frames);
}

int image_draw_png(ImageJob *job)
{
	Png self = { .job = job };

	job->facts->lost[RENDER_LOST_FRAMES] = MIN(count_lost_frames(job->input), IMAGE_FRAMES_MAX);
	self.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, fail, stay_silent);
	self.info = self.png == NULL ? NULL : png_create_info_struct(self.png);
	int status = self.info == NULL ? RENDER_STATUS_TOO_LARGE : draw(&self);
	png_destroy_read_struct(&self.png, &self.info, NULL);
	g_free(self.row);
	g_free(self.rgba);
	return status;
}
