#include "draw_image_priv.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

typedef struct {
	ImageJob *job;
	WebPDemuxer *demuxer;
	WebPIterator frame; /* the first */
	WebPDecoderConfig config;
	uint32_t canvas_width, canvas_height;
	uint32_t frame_x, frame_y, frame_width, frame_height; /* on the canvas, scaled as it is */
	uint8_t *rgba;                                        /* of the frame */
	uint32_t *row;
} Webp;

static void read_metadata(const Webp *self, ImageInfo *info)
{
	WebPChunkIterator chunk;

	if (WebPDemuxGetChunk(self->demuxer, "EXIF", 1, &chunk) == 0)
		return;
	const uint8_t *bytes = chunk.chunk.bytes;
	size_t length = chunk.chunk.size;
	/* Some writers put JPEG's prefix before it. */
	size_t prefix = length > 6 && memcmp(bytes, "Exif\0", 6) == 0 ? 6 : 0;
	image_exif(bytes + prefix, length - prefix, info);
	WebPDemuxReleaseChunkIterator(&chunk);
}

/* A frame that is the whole canvas is scaled by the decoder itself, where the page is smaller: it is then
 * never in memory as a whole. */
static void set_scale(Webp *self, const ImageInfo *info)
{
	const ImageJob *job = self->job;

	self->canvas_width = info->width;
	self->canvas_height = info->height;
	self->frame_x = (uint32_t)self->frame.x_offset;
	self->frame_y = (uint32_t)self->frame.y_offset;
	self->frame_width = (uint32_t)self->config.input.width;
	self->frame_height = (uint32_t)self->config.input.height;
	bool whole = self->frame_width == info->width && self->frame_height == info->height;
	if (!whole || (job->target_width == info->width && job->target_height == info->height))
		return;
	self->canvas_width = self->frame_width = job->target_width;
	self->canvas_height = self->frame_height = job->target_height;
	self->config.options.use_scaling = 1;
	self->config.options.scaled_width = (int)self->frame_width;
	self->config.options.scaled_height = (int)self->frame_height;
}

static bool allocate(Webp *self)
{
	size_t stride = (size_t)self->frame_width * 4;

	self->row = g_try_new(uint32_t, self->canvas_width);
	self->rgba = g_try_malloc0_n(self->frame_height, stride);
	self->config.output.colorspace = MODE_RGBA;
	self->config.output.is_external_memory = 1;
	self->config.output.u.RGBA.rgba = self->rgba;
	self->config.output.u.RGBA.stride = (int)stride;
	self->config.output.u.RGBA.size = stride * self->frame_height;
	return self->row != NULL && self->rgba != NULL;
}

/* The decoder that takes pieces gives what it has when the data breaks off. Returns the rows that came. */
static uint32_t decode(Webp *self)
{
	int last = 0;
	WebPIDecoder *decoder = WebPIDecode(NULL, 0, &self->config);

	if (decoder == NULL)
		return 0;
	VP8StatusCode status = WebPIUpdate(decoder, self->frame.fragment.bytes, self->frame.fragment.size);
	if (status != VP8_STATUS_OK && WebPIDecGetRGB(decoder, &last, NULL, NULL, NULL) == NULL)
		last = 0;
	WebPIDelete(decoder);
	return status == VP8_STATUS_OK ? self->frame_height : (uint32_t)last;
}

static void fill_row(Webp *self, uint32_t y, uint32_t rows)
{
	for (uint32_t x = 0; x < self->canvas_width; x++)
		self->row[x] = 0xFFFFFF;
	if (y >= self->frame_y && y - self->frame_y < rows)
		image_row_rgba(self->row + self->frame_x,
		               self->rgba + (size_t)(y - self->frame_y) * self->frame_width * 4,
		               self->frame_width);
}

static int draw_rows(Webp *self)
{
	uint32_t rows = decode(self);
	uint32_t y = 0;

	if (rows == 0)
		return RENDER_STATUS_DAMAGED;
	do
		fill_row(self, y++, rows);
	while (image_row(self->job, self->row));
	return image_finish(self->job, rows == self->frame_height);
}

static bool frame_is_on_canvas(const Webp *self, const ImageInfo *info)
{
	return self->frame.x_offset >= 0 && self->frame.y_offset >= 0 && self->config.input.width > 0 &&
	       self->config.input.height > 0 &&
	       (uint64_t)self->frame.x_offset + (uint64_t)self->config.input.width <= info->width &&
	       (uint64_t)self->frame.y_offset + (uint64_t)self->config.input.height <= info->height;
}

static int draw_frame(Webp *self)
{
	ImageInfo info = { .width = WebPDemuxGetI(self->demuxer, WEBP_FF_CANVAS_WIDTH),
		           .height = WebPDemuxGetI(self->demuxer, WEBP_FF_CANVAS_HEIGHT),
		           .orientation = 1 };

	if (WebPGetFeatures(self->frame.fragment.bytes, self->frame.fragment.size, &self->config.input) !=
	            VP8_STATUS_OK ||
	    !frame_is_on_canvas(self, &info))
		return RENDER_STATUS_DAMAGED;
	read_metadata(self, &info);
	int status = image_begin(self->job, &info, IMAGE_WHOLE_PIXELS);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	set_scale(self, &info);
	image_rows_scaled(self->job, self->canvas_width, self->canvas_height);
	return allocate(self) ? draw_rows(self) : RENDER_STATUS_TOO_LARGE;
}

static int draw(Webp *self)
{
	uint32_t frames = WebPDemuxGetI(self->demuxer, WEBP_FF_FRAME_COUNT);

	if (!WebPInitDecoderConfig(&self->config) || !WebPDemuxGetFrame(self->demuxer, 1, &self->frame))
		return RENDER_STATUS_DAMAGED;
	self->job->facts->lost[RENDER_LOST_FRAMES] = CLAMP(frames, 1, IMAGE_FRAMES_MAX) - 1;
	int status = draw_frame(self);
	WebPDemuxReleaseIterator(&self->frame);
	return status;
}

int image_draw_webp(ImageJob *job)
{
	const WebPData data = { job->input->bytes, job->input->length };
	Webp self = { .job = job };
	WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;

	self.demuxer = WebPDemuxPartial(&data, &state);
	if (self.demuxer == NULL)
		return RENDER_STATUS_DAMAGED;
	int status = draw(&self);
	WebPDemuxDelete(self.demuxer);
	g_free(self.rgba);
	g_free(self.row);
	return status;
}
