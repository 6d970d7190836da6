/* HEIC and AVIF by libheif. It hands the pictures to libde265, and AV1 to libaom: dav1d, which it would
 * prefer, starts as many threads as there are processors. */
#include "draw_image_priv.h"

#include <libheif/heif.h>
#include <string.h>

enum {
	SIDE_MAX = 32768,
	PIXELS_MAX = 64000000, /* planes and RGB at once, of up to 16 bit */
	RGB_BYTES = 3,
	RGBA_BYTES = 4,
};

typedef struct {
	ImageJob *job;
	struct heif_context *context;
	struct heif_image_handle *handle;
	struct heif_image *image;
	uint32_t *row;
	bool alpha;
} Heif;

static bool is_good(struct heif_error error)
{
	return error.code == heif_error_Ok;
}

static int status_of(struct heif_error error)
{
	if (is_good(error))
		return RENDER_STATUS_COMPLETE;
	if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype)
		return RENDER_STATUS_UNSUPPORTED;
	if (error.code == heif_error_Memory_allocation_error)
		return RENDER_STATUS_TOO_LARGE;
	return RENDER_STATUS_DAMAGED;
}

static struct heif_error decode(Heif *self)
{
	struct heif_decoding_options *options = heif_decoding_options_alloc();

	options->convert_hdr_to_8bit = 1;
	options->decoder_id = "aom"; /* for AV1; HEVC has one decoder anyway */
	struct heif_error error = heif_decode_image(
	        self->handle, &self->image, heif_colorspace_RGB,
	        self->alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options);
	heif_decoding_options_free(options);
	return error;
}

static int draw_rows(Heif *self, const ImageInfo *info)
{
	int stride = 0;
	uint32_t y = 0;
	const uint8_t *plane = heif_image_get_plane_readonly(self->image, heif_channel_interleaved, &stride);
	int width = heif_image_get_width(self->image, heif_channel_interleaved);
	int height = heif_image_get_height(self->image, heif_channel_interleaved);

	/* The decoded picture is what a header inside the coded data says, and need not be what was checked.
	 */
	if (plane == NULL || width != (int)info->width || height != (int)info->height ||
	    stride < width * (self->alpha ? RGBA_BYTES : RGB_BYTES))
		return RENDER_STATUS_DAMAGED;
	do {
		const uint8_t *line = plane + (size_t)y++ * (size_t)stride;
		if (self->alpha)
			image_row_rgba(self->row, line, info->width);
		else
			image_row_rgb(self->row, line, info->width);
	} while (image_row(self->job, self->row));
	return image_finish(self->job, true);
}

/* The size is that after rotation and mirroring, which libheif applies itself. */
static int draw_handle(Heif *self)
{
	ImageInfo info = { .width = (uint32_t)MAX(heif_image_handle_get_width(self->handle), 0),
		           .height = (uint32_t)MAX(heif_image_handle_get_height(self->handle), 0),
		           .orientation = 1 };
	int status = image_begin(self->job, &info, PIXELS_MAX);

	if (status != RENDER_STATUS_COMPLETE)
		return status;
	self->alpha = heif_image_handle_has_alpha_channel(self->handle) != 0;
	self->row = g_try_new(uint32_t, info.width);
	if (self->row == NULL)
		return RENDER_STATUS_TOO_LARGE;
	status = status_of(decode(self));
	return status == RENDER_STATUS_COMPLETE ? draw_rows(self, &info) : status;
}

static int draw(Heif *self)
{
	const DrawInput *input = self->job->input;

	heif_context_set_max_decoding_threads(self->context, 0);
	heif_context_set_maximum_image_size_limit(self->context, SIDE_MAX);
	int status = status_of(
	        heif_context_read_from_memory_without_copy(self->context, input->bytes, input->length, NULL));
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	int pictures = heif_context_get_number_of_top_level_images(self->context);
	self->job->facts->lost[RENDER_LOST_FRAMES] = (uint64_t)CLAMP(pictures, 1, IMAGE_FRAMES_MAX) - 1;
	status = status_of(heif_context_get_primary_image_handle(self->context, &self->handle));
	return status == RENDER_STATUS_COMPLETE ? draw_handle(self) : status;
}

int image_draw_heif(ImageJob *job)
{
	Heif self = { .job = job, .context = heif_context_alloc() };

	if (self.context == NULL)
		return RENDER_STATUS_TOO_LARGE;
	int status = draw(&self);
	heif_image_release(self.image);
	heif_image_handle_release(self.handle);
	heif_context_free(self.context);
	g_free(self.row);
	return status;
}
