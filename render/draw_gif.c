#include "draw_image_priv.h"

#include <gif_lib.h>
#include <string.h>

enum { NOT_TRANSPARENT = -1 };

typedef struct {
	const DrawInput *input;
	size_t at;
} Source;

typedef struct {
	ImageJob *job;
	GifFileType *gif;
	int transparent;
	uint8_t *indexes; /* of the frame */
	uint32_t *row;
	bool whole;
} Gif;

static int read_bytes(GifFileType *gif, GifByteType *bytes, int length)
{
	Source *source = gif->UserData;
	size_t some = MIN((size_t)MAX(length, 0), source->input->length - source->at);

	memcpy(bytes, source->input->bytes + source->at, some);
	source->at += some;
	return (int)some;
}

static void read_extension(Gif *self, int code, const GifByteType *block)
{
	GraphicsControlBlock control;

	if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
		self->transparent = control.TransparentColor;
}

static bool read_extensions(Gif *self)
{
	int code = 0;
	GifByteType *block = NULL;

	if (DGifGetExtension(self->gif, &code, &block) != GIF_OK)
		return false;
	while (block != NULL) {
		read_extension(self, code, block);
		if (DGifGetExtensionNext(self->gif, &block) != GIF_OK)
			return false;
	}
	return true;
}

/* Goes on to the next frame: its description stands in gif->Image then. */
static bool next_frame(Gif *self)
{
	GifRecordType type = UNDEFINED_RECORD_TYPE;

	while (DGifGetRecordType(self->gif, &type) == GIF_OK && type != TERMINATE_RECORD_TYPE) {
		if (type == IMAGE_DESC_RECORD_TYPE)
			return DGifGetImageDesc(self->gif) == GIF_OK;
		if (type == EXTENSION_RECORD_TYPE && !read_extensions(self))
			return false;
	}
	return false;
}

static bool read_line(Gif *self, int y)
{
	int width = self->gif->Image.Width;

	return DGifGetLine(self->gif, self->indexes + (size_t)y * (size_t)width, width) == GIF_OK;
}

/* Of a frame that breaks off those lines stand that came. False: not all did. */
static bool read_lines(Gif *self, bool *ret_any)
{
	static const struct {
		int first, step;
	} interlaced[] = { { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 } }, plain[] = { { 0, 1 } };
	const GifImageDesc *frame = &self->gif->Image;
	size_t passes = frame->Interlace ? G_N_ELEMENTS(interlaced) : G_N_ELEMENTS(plain);

	for (size_t i = 0; i < passes; i++) {
		int step = frame->Interlace ? interlaced[i].step : plain[i].step;
		for (int y = frame->Interlace ? interlaced[i].first : plain[i].first; y < frame->Height;
		     y += step) {
			if (!read_line(self, y))
				return false;
			*ret_any = true;
		}
	}
	return true;
}

static uint32_t colour_of(const Gif *self, const ColorMapObject *map, uint8_t index)
{
	if ((int)index == self->transparent)
		return 0xFFFFFF;
	if (map == NULL)
		return image_pixel(index, index, index); /* a reader may take its own: grays */
	if (index >= map->ColorCount)
		return 0;
	GifColorType colour = map->Colors[index];
	return image_pixel(colour.Red, colour.Green, colour.Blue);
}

static void fill_row(Gif *self, const ColorMapObject *map, uint32_t width, uint32_t y)
{
	const GifImageDesc *frame = &self->gif->Image;
	uint32_t line = y - (uint32_t)frame->Top;

	for (uint32_t x = 0; x < width; x++)
		self->row[x] = 0xFFFFFF;
	if (y < (uint32_t)frame->Top || line >= (uint32_t)frame->Height)
		return;
	const uint8_t *indexes = self->indexes + (size_t)line * (size_t)frame->Width;
	for (int x = 0; x < frame->Width; x++)
		self->row[frame->Left + x] = colour_of(self, map, indexes[x]);
}

static void draw_rows(Gif *self, uint32_t width)
{
	const ColorMapObject *map =
	        self->gif->Image.ColorMap != NULL ? self->gif->Image.ColorMap : self->gif->SColorMap;
	uint32_t y = 0;

	do
		fill_row(self, map, width, y++);
	while (image_row(self->job, self->row));
}

/* The frame on its logical screen; the screen grows where a frame stands over its edge. */
static ImageInfo screen_of(const Gif *self)
{
	const GifImageDesc *frame = &self->gif->Image;
	ImageInfo info = { .orientation = 1 };

	info.width = (uint32_t)MAX(self->gif->SWidth, frame->Left + frame->Width);
	info.height = (uint32_t)MAX(self->gif->SHeight, frame->Top + frame->Height);
	return info;
}

static bool allocate(Gif *self, uint32_t width)
{
	size_t pixels = (size_t)self->gif->Image.Width * (size_t)self->gif->Image.Height;
	int hole = self->transparent == NOT_TRANSPARENT ? 0 : self->transparent;

	self->row = g_try_new(uint32_t, width);
	self->indexes = g_try_malloc(MAX(pixels, 1));
	if (self->row == NULL || self->indexes == NULL)
		return false;
	memset(self->indexes, hole, pixels);
	return true;
}

static uint64_t count_frames(Gif *self)
{
	uint64_t frames = 0;

	while (frames < IMAGE_FRAMES_MAX && next_frame(self)) {
		int code_size = 0;
		GifByteType *block = NULL;
		frames++;
		if (DGifGetCode(self->gif, &code_size, &block) != GIF_OK)
			return frames;
		while (block != NULL)
			if (DGifGetCodeNext(self->gif, &block) != GIF_OK)
				return frames;
	}
	return frames;
}

static int draw(Gif *self)
{
	bool any = false;

	if (!next_frame(self))
		return RENDER_STATUS_DAMAGED;
	ImageInfo info = screen_of(self);
	int status = image_begin(self->job, &info, IMAGE_WHOLE_PIXELS);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	if (!allocate(self, info.width))
		return RENDER_STATUS_TOO_LARGE;
	self->whole = read_lines(self, &any);
	if (any)
		draw_rows(self, info.width);
	status = image_finish(self->job, self->whole);
	if (status == RENDER_STATUS_COMPLETE && self->whole)
		self->job->facts->lost[RENDER_LOST_FRAMES] = count_frames(self);
	return status;
}

int image_draw_gif(ImageJob *job)
{
	Source source = { job->input, 0 };
	Gif self = { .job = job, .transparent = NOT_TRANSPARENT };
	int code = 0;

	self.gif = DGifOpen(&source, read_bytes, &code);
	if (self.gif == NULL)
		return RENDER_STATUS_DAMAGED;
	int status = draw(&self);
	DGifCloseFile(self.gif, &code);
	g_free(self.indexes);
	g_free(self.row);
	return status;
}
