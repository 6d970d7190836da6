#include "draw_image_priv.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

enum {
	SCANS_MAX = 100, /* a progressive picture of ten thousand scans costs minutes */
	MARKER_BYTES = 65535,
	EXIF_PREFIX = 6,
};

typedef struct {
	struct jpeg_error_mgr errors; /* first: libjpeg gives it back */
	jmp_buf jump;
	struct jpeg_progress_mgr progress;
	struct jpeg_decompress_struct jpeg;
	ImageJob *job;
	ImageInfo image;
	uint32_t *row;
	uint8_t *cmyk;
	bool missing; /* data of the picture itself */
	bool ended;   /* its file before its end marker */
	bool whole;
} Jpeg;

G_GNUC_NORETURN static void fail(j_common_ptr jpeg)
{
	Jpeg *self = (Jpeg *)(void *)jpeg->err;

	longjmp(self->jump, 1);
}

static void stay_silent(j_common_ptr jpeg)
{
	(void)jpeg;
}

/* libjpeg goes on after a warning and fills in. What it says of the picture's own data is damage that is
 * told. */
static void note_warning(j_common_ptr jpeg, int level)
{
	Jpeg *self = (Jpeg *)(void *)jpeg->err;

	if (level >= 0)
		return;
	switch (jpeg->err->msg_code) {
	case JWRN_JPEG_EOF:
		self->ended = true;
		break;
	case JWRN_HIT_MARKER:
	case JWRN_HUFF_BAD_CODE:
	case JWRN_MUST_RESYNC:
		self->missing = true;
		break;
	default:
		break;
	}
}

static void limit_scans(j_common_ptr jpeg)
{
	if (((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MAX)
		fail(jpeg);
}

static void read_metadata(Jpeg *self)
{
	const struct jpeg_decompress_struct *jpeg = &self->jpeg;
	double unit = jpeg->density_unit == 1 ? 1 : jpeg->density_unit == 2 ? 2.54 : 0;

	if (jpeg->saw_JFIF_marker) {
		self->image.x_ppi = jpeg->X_density * unit;
		self->image.y_ppi = jpeg->Y_density * unit;
	}
	for (const struct jpeg_marker_struct *marker = jpeg->marker_list; marker != NULL;
	     marker = marker->next)
		if (marker->data_length > EXIF_PREFIX && memcmp(marker->data, "Exif\0", EXIF_PREFIX) == 0) {
			image_exif(marker->data + EXIF_PREFIX, marker->data_length - EXIF_PREFIX,
			           &self->image);
			return;
		}
}

static bool read_header(Jpeg *self)
{
	if (setjmp(self->jump) != 0)
		return false;
	jpeg_create_decompress(&self->jpeg);
	self->jpeg.mem->max_memory_to_use = IMAGE_WORK_BYTES;
	self->progress.progress_monitor = limit_scans;
	self->jpeg.progress = &self->progress;
	jpeg_save_markers(&self->jpeg, JPEG_APP0 + 1, MARKER_BYTES);
	jpeg_mem_src(&self->jpeg, self->job->input->bytes, self->job->input->length);
	jpeg_read_header(&self->jpeg, TRUE);
	self->image.width = self->jpeg.image_width;
	self->image.height = self->jpeg.image_height;
	read_metadata(self);
	return true;
}

/* A picture of several scans has all its coefficients in memory. */
static uint64_t coefficient_bytes(Jpeg *self)
{
	uint64_t bytes = 0;

	if (!jpeg_has_multiple_scans(&self->jpeg))
		return 0;
	for (int i = 0; i < self->jpeg.num_components; i++) {
		const jpeg_component_info *component = &self->jpeg.comp_info[i];
		bytes += (uint64_t)component->width_in_blocks * component->height_in_blocks * sizeof(JBLOCK);
	}
	return bytes;
}

/* The decoder itself scales to an eighth, a quarter or a half of the side, as long as that is enough for the
 * page. */
static void set_scale(Jpeg *self)
{
	self->jpeg.scale_denom = 8;
	for (self->jpeg.scale_num = 1; self->jpeg.scale_num < 8; self->jpeg.scale_num *= 2) {
		uint64_t width = ((uint64_t)self->image.width * self->jpeg.scale_num + 7) / 8;
		uint64_t height = ((uint64_t)self->image.height * self->jpeg.scale_num + 7) / 8;
		if (width >= self->job->target_width && height >= self->job->target_height)
			return;
	}
}

static bool is_cmyk(const Jpeg *self)
{
	return self->jpeg.num_components == 4;
}

static void set_output(Jpeg *self)
{
	set_scale(self);
	if (is_cmyk(self))
		self->jpeg.out_color_space = JCS_CMYK;
	else
		self->jpeg.out_color_space = G_BYTE_ORDER == G_LITTLE_ENDIAN ? JCS_EXT_BGRX : JCS_EXT_XRGB;
}

static bool start_rows(Jpeg *self)
{
	if (setjmp(self->jump) != 0)
		return false;
	set_output(self);
	if (!jpeg_start_decompress(&self->jpeg))
		return false;
	image_rows_scaled(self->job, self->jpeg.output_width, self->jpeg.output_height);
	return true;
}

/* The file ends where the picture begins: what libjpeg fills in is no picture. */
static bool is_empty(const Jpeg *self)
{
	return self->ended && self->missing && self->jpeg.output_scanline == 1 &&
	       !self->jpeg.progressive_mode && self->jpeg.total_iMCU_rows > 1;
}

static void read_rows(Jpeg *self)
{
	JSAMPROW line = is_cmyk(self) ? self->cmyk : (JSAMPROW)self->row;

	if (setjmp(self->jump) != 0)
		return;
	do {
		if (jpeg_read_scanlines(&self->jpeg, &line, 1) != 1)
			return;
		if (is_cmyk(self))
			image_row_cmyk_inverted(self->row, self->cmyk, self->jpeg.output_width);
		if (is_empty(self))
			return;
	} while (image_row(self->job, self->row));
	self->whole = !self->missing && !(self->ended && self->jpeg.progressive_mode);
}

static bool allocate(Jpeg *self)
{
	self->row = g_try_new(uint32_t, self->jpeg.output_width);
	self->cmyk = is_cmyk(self) ? g_try_malloc_n(self->jpeg.output_width, 4) : NULL;
	return self->row != NULL && (!is_cmyk(self) || self->cmyk != NULL);
}

static int draw(Jpeg *self)
{
	if (!read_header(self))
		return RENDER_STATUS_DAMAGED;
	int status = image_begin(self->job, &self->image, IMAGE_STREAM_PIXELS);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	if (coefficient_bytes(self) > IMAGE_WORK_BYTES)
		return RENDER_STATUS_TOO_LARGE;
	if (!start_rows(self))
		return RENDER_STATUS_DAMAGED;
	if (!allocate(self))
		return RENDER_STATUS_TOO_LARGE;
	read_rows(self);
	return image_finish(self->job, self->whole);
}

int image_draw_jpeg(ImageJob *job)
{
	Jpeg self = { .job = job };

	self.jpeg.err = jpeg_std_error(&self.errors);
	self.errors.error_exit = fail;
	self.errors.emit_message = note_warning;
	self.errors.output_message = stay_silent;
	int status = draw(&self);
	jpeg_destroy_decompress(&self.jpeg);
	g_free(self.row);
	g_free(self.cmyk);
	return status;
}
