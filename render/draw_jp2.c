/* JPEG 2000, in its file format (JP2) and as bare code stream, by OpenJPEG. */
#include "draw_image_priv.h"

#include <openjpeg.h>
#include <string.h>

enum {
	SAMPLES_MAX = IMAGE_WORK_BYTES / 4, /* of 32 bit each: that is how OpenJPEG holds them */
	COMPONENTS_MAX = 4,                 /* that are looked at */
	REDUCE_MAX = 32,
	STREAM_BUFFER = 65536,
};

typedef struct {
	const DrawInput *input;
	size_t at;
} Source;

typedef enum { GRAY, RGB, YCC, CMYK } Colours;

typedef struct {
	ImageJob *job;
	opj_stream_t *stream;
	opj_codec_t *codec;
	opj_image_t *image;
	uint32_t width, height; /* of the decoded, perhaps reduced picture */
	Colours colours;
	int alpha; /* component; -1: none */
	uint32_t *row;
	bool whole;
} Jp2;

/* ---- the file in memory ------------------------------------------------------------------------------- */

static OPJ_SIZE_T read_bytes(void *bytes, OPJ_SIZE_T length, void *user)
{
	Source *source = user;
	size_t some = MIN(length, source->input->length - source->at);

	if (some == 0)
		return (OPJ_SIZE_T)-1;
	memcpy(bytes, source->input->bytes + source->at, some);
	source->at += some;
	return some;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T length, void *user)
{
	Source *source = user;

	if (length < 0)
		return -1;
	source->at += MIN((size_t)length, source->input->length - source->at);
	return length;
}

static OPJ_BOOL seek_to(OPJ_OFF_T offset, void *user)
{
	Source *source = user;

	if (offset < 0 || (size_t)offset > source->input->length)
		return OPJ_FALSE;
	source->at = (size_t)offset;
	return OPJ_TRUE;
}

static opj_stream_t *open_source(Source *source)
{
	opj_stream_t *stream = opj_stream_create(STREAM_BUFFER, OPJ_TRUE);

	if (stream == NULL)
		return NULL;
	opj_stream_set_user_data(stream, source, NULL);
	opj_stream_set_user_data_length(stream, source->input->length);
	opj_stream_set_read_function(stream, read_bytes);
	opj_stream_set_skip_function(stream, skip_bytes);
	opj_stream_set_seek_function(stream, seek_to);
	return stream;
}

/* ---- size --------------------------------------------------------------------------------------------- */

/* OpenJPEG says that it ran out of data, and goes on, only here. */
static void note_warning(const char *message, void *user)
{
	(void)message;
	((Jp2 *)user)->whole = false;
}

static bool read_header(Jp2 *self)
{
	opj_dparameters_t parameters;

	opj_set_default_decoder_parameters(&parameters);
	return opj_setup_decoder(self->codec, &parameters) &&
	       opj_decoder_set_strict_mode(self->codec, OPJ_FALSE) &&
	       opj_read_header(self->stream, self->codec, &self->image) && self->image != NULL &&
	       self->image->numcomps > 0;
}

static ImageInfo header_of(const Jp2 *self)
{
	const opj_image_t *image = self->image;
	ImageInfo info = { .orientation = 1 };

	if (image->x1 > image->x0 && image->y1 > image->y0) {
		info.width = image->x1 - image->x0;
		info.height = image->y1 - image->y0;
	}
	return info;
}

/* Sides can be halved as often as every tile's component has resolutions to leave out. */
static unsigned reductions_of(Jp2 *self)
{
	opj_codestream_info_v2_t *about = opj_get_cstr_info(self->codec);
	unsigned most = 0;

	if (about == NULL)
		return 0;
	if (about->m_default_tile_info.tccp_info != NULL)
		most = about->m_default_tile_info.tccp_info[0].numresolutions;
	opj_destroy_cstr_info(&about);
	return most > 0 ? most - 1 : 0;
}

static uint32_t reduced(uint32_t side, unsigned times)
{
	return (uint32_t)(((uint64_t)side + (UINT64_C(1) << times) - 1) >> times);
}

/* How often the sides are halved while decoding: as often as the page allows, and more if memory wants it. */
static bool set_reduction(Jp2 *self, const ImageInfo *info)
{
	unsigned most = MIN(reductions_of(self), REDUCE_MAX);
	unsigned times = 0;
	const ImageJob *job = self->job;

	while (times < most && reduced(info->width, times + 1) >= job->target_width &&
	       reduced(info->height, times + 1) >= job->target_height)
		times++;
	while ((uint64_t)reduced(info->width, times) * reduced(info->height, times) * self->image->numcomps >
	       SAMPLES_MAX)
		if (++times > most)
			return false;
	return times == 0 || opj_set_decoded_resolution_factor(self->codec, times);
}

/* ---- colours ------------------------------------------------------------------------------------------ */

static bool is_usable(const opj_image_comp_t *component)
{
	return component->data != NULL && component->w > 0 && component->h > 0 && component->dx > 0 &&
	       component->dy > 0 && component->prec >= 1 && component->prec <= 31;
}

static int find_alpha(const opj_image_t *image)
{
	for (unsigned i = 0; i < MIN(image->numcomps, COMPONENTS_MAX); i++)
		if (image->comps[i].alpha != 0)
			return (int)i;
	return -1;
}

/* Without a word on colours: one or two components are gray (and alpha), more are RGB; the same component
 * sizes as YCC have with halved colour say YCC. */
static Colours colours_of(const opj_image_t *image, unsigned n)
{
	if (n < 3)
		return GRAY;
	if (image->color_space == OPJ_CLRSPC_CMYK && n >= 4)
		return CMYK;
	if (image->color_space == OPJ_CLRSPC_SYCC || image->color_space == OPJ_CLRSPC_EYCC)
		return YCC;
	if (image->color_space != OPJ_CLRSPC_SRGB && image->comps[0].dx == image->comps[0].dy &&
	    image->comps[1].dx != 1)
		return YCC;
	return RGB;
}

static bool set_colours(Jp2 *self)
{
	const opj_image_t *image = self->image;
	unsigned n = MIN(image->numcomps, COMPONENTS_MAX);

	self->alpha = find_alpha(image);
	self->colours = colours_of(image, self->alpha < 0 ? n : n - 1);
	if (self->alpha < 0 && n == 2)
		self->alpha = 1;
	else if (self->alpha < 0 && n == 4 && self->colours != CMYK)
		self->alpha = 3;
	for (unsigned i = 0; i < n; i++)
		if (!is_usable(&image->comps[i]))
			return false;
	self->width = image->comps[0].w;
	self->height = image->comps[0].h;
	return true;
}

/* One sample as 8 bit; a component may have fewer samples than the first. */
static uint8_t sample_at(const Jp2 *self, unsigned component, uint32_t x, uint32_t y)
{
	const opj_image_comp_t *comp = &self->image->comps[component];
	uint32_t column = (uint32_t)((uint64_t)x * comp->w / self->width);
	uint32_t line = (uint32_t)((uint64_t)y * comp->h / self->height);
	int64_t value = comp->data[(size_t)line * comp->w + column];
	int64_t most = (INT64_C(1) << comp->prec) - 1;

	value += comp->sgnd ? INT64_C(1) << (comp->prec - 1) : 0;
	value = CLAMP(value, 0, most);
	return (uint8_t)((value * 255 + most / 2) / most);
}

static uint8_t clamp_byte(double value)
{
	return (uint8_t)(CLAMP(value, 0, 255) + 0.5);
}

static void ycc_to_rgb(uint8_t *colour)
{
	double luma = colour[0];
	double blue = colour[1] - 128.0;
	double red = colour[2] - 128.0;

	colour[0] = clamp_byte(luma + 1.402 * red);
	colour[1] = clamp_byte(luma - 0.344136 * blue - 0.714136 * red);
	colour[2] = clamp_byte(luma + 1.772 * blue);
}

static uint32_t pixel_at(const Jp2 *self, uint32_t x, uint32_t y)
{
	uint8_t colour[COMPONENTS_MAX] = { 0 };
	unsigned n = self->colours == GRAY ? 1 : self->colours == CMYK ? 4 : 3;
	uint8_t alpha = self->alpha < 0 ? 255 : sample_at(self, (unsigned)self->alpha, x, y);

	for (unsigned i = 0; i < n; i++)
		colour[i] = sample_at(self, i, x, y);
	if (self->colours == GRAY)
		colour[1] = colour[2] = colour[0];
	if (self->colours == YCC)
		ycc_to_rgb(colour);
	if (self->colours != CMYK)
		return image_pixel_on_white(colour[0], colour[1], colour[2], alpha);
	uint32_t pixel = 0;
	for (unsigned i = 0; i < COMPONENTS_MAX; i++)
		colour[i] = 255 - colour[i];
	image_row_cmyk_inverted(&pixel, colour, 1);
	return pixel;
}

static int draw_rows(Jp2 *self)
{
	uint32_t y = 0;

	image_rows_scaled(self->job, self->width, self->height);
	self->row = g_try_new(uint32_t, self->width);
	if (self->row == NULL)
		return RENDER_STATUS_TOO_LARGE;
	do {
		for (uint32_t x = 0; x < self->width; x++)
			self->row[x] = pixel_at(self, x, y);
		y++;
	} while (image_row(self->job, self->row));
	return image_finish(self->job, self->whole);
}

static int draw(Jp2 *self)
{
	if (!read_header(self))
		return RENDER_STATUS_DAMAGED;
	ImageInfo info = header_of(self);
	int status = image_begin(self->job, &info, IMAGE_STREAM_PIXELS);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	if (!set_reduction(self, &info))
		return RENDER_STATUS_TOO_LARGE;
	self->whole = true;
	if (!opj_decode(self->codec, self->stream, self->image) || !set_colours(self))
		return RENDER_STATUS_DAMAGED;
	return draw_rows(self);
}

int image_draw_jp2(ImageJob *job)
{
	Source source = { job->input, 0 };
	Jp2 self = { .job = job, .alpha = -1 };
	bool bare = job->input->bytes[0] == 0xFF;

	self.stream = open_source(&source);
	self.codec = opj_create_decompress(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
	if (self.codec != NULL)
		opj_set_warning_handler(self.codec, note_warning, &self);
	int status = self.stream != NULL && self.codec != NULL ? draw(&self) : RENDER_STATUS_TOO_LARGE;
	opj_image_destroy(self.image);
	opj_destroy_codec(self.codec);
	opj_stream_destroy(self.stream);
	g_free(self.row);
	return status;
}
