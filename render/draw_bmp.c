/* Windows and OS/2 bitmaps, by our own decoder. Every offset is checked where it is used: rows that are not
 * in the file are white. */
#include "draw_image_priv.h"

#include <string.h>

enum {
	FILE_HEADER = 14,
	CORE_HEADER = 12,
	INFO_HEADER = 40,
	MASKS_AT = 54, /* after the info header, or as part of a later one */
	PALETTE_MAX = 256,
	COLOUR_MASKS = 4,
	RED = 0,
	GREEN,
	BLUE,
	ALPHA,
};

typedef enum { PLAIN_RGB = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3, ALPHA_BITFIELDS = 6 } Compression;

typedef struct {
	ImageJob *job;
	const uint8_t *bytes;
	size_t length;
	uint32_t header; /* bytes of the second header */
	ImageInfo image;
	bool top_down;
	unsigned bits; /* of a pixel */
	uint32_t compression;
	size_t data;
	size_t stride;
	uint32_t palette[PALETTE_MAX];
	uint32_t masks[COLOUR_MASKS];
	uint8_t *indexes; /* of a run-length encoded picture, one byte a pixel */
	uint32_t *row;
	bool whole;
} Bmp;

static uint32_t number_at(const Bmp *self, size_t at, unsigned bytes)
{
	uint32_t value = 0;

	if (at > self->length || self->length - at < bytes)
		return 0;
	for (unsigned i = bytes; i > 0; i--)
		value = value << 8 | self->bytes[at + i - 1];
	return value;
}

/* ---- header ------------------------------------------------------------------------------------------- */

static double ppi_at(const Bmp *self, size_t at)
{
	return (int32_t)number_at(self, at, 4) * 0.0254;
}

static void read_core_header(Bmp *self)
{
	self->image.width = number_at(self, 18, 2);
	self->image.height = number_at(self, 20, 2);
	self->bits = number_at(self, 24, 2);
}

/* A field that a shorter header has not is zero. */
static uint32_t field(const Bmp *self, size_t at)
{
	return at + 4 <= FILE_HEADER + (size_t)self->header ? number_at(self, at, 4) : 0;
}

static void read_info_header(Bmp *self)
{
	int64_t height = (int32_t)number_at(self, 22, 4);

	self->image.width = number_at(self, 18, 4);
	self->top_down = height < 0;
	self->image.height = (uint32_t)ABS(height);
	self->bits = number_at(self, 28, 2);
	self->compression = field(self, 30);
	if (self->header < INFO_HEADER)
		return;
	self->image.x_ppi = ppi_at(self, 38);
	self->image.y_ppi = ppi_at(self, 42);
}

/* Which bits of a pixel are which colour. */
static void read_masks(Bmp *self)
{
	static const uint32_t of_16[] = { 0x7C00, 0x03E0, 0x001F, 0 };
	static const uint32_t of_32[] = { 0xFF0000, 0x00FF00, 0x0000FF, 0 };
	bool told = self->compression == BITFIELDS || self->compression == ALPHA_BITFIELDS;
	unsigned n = self->header >= 56 || self->compression == ALPHA_BITFIELDS ? 4 : 3;

	memcpy(self->masks, self->bits == 16 ? of_16 : of_32, sizeof self->masks);
	for (unsigned i = 0; told && i < n; i++)
		self->masks[i] = number_at(self, MASKS_AT + 4 * (size_t)i, 4);
}

static void read_palette(Bmp *self)
{
	unsigned entry = self->header == CORE_HEADER ? 3 : 4;
	size_t at = FILE_HEADER + (size_t)self->header;
	uint32_t used = field(self, 46);
	uint32_t most = 1u << self->bits;

	used = used == 0 || used > most ? most : used;
	for (uint32_t i = 0; i < used && at + entry <= self->data; i++, at += entry)
		self->palette[i] = number_at(self, at, 3);
}

static bool is_paletted(const Bmp *self)
{
	return self->bits <= 8;
}

static bool is_run_length(const Bmp *self)
{
	return self->compression == RLE8 || self->compression == RLE4;
}

static bool is_known(const Bmp *self)
{
	switch (self->compression) {
	case PLAIN_RGB:
		return self->bits == 1 || self->bits == 2 || self->bits == 4 || self->bits == 8 ||
		       self->bits == 16 || self->bits == 24 || self->bits == 32;
	case RLE8:
		return self->bits == 8;
	case RLE4:
		return self->bits == 4;
	case BITFIELDS:
	case ALPHA_BITFIELDS:
		return self->header >= INFO_HEADER && self->header != 64 &&
		       (self->bits == 16 || self->bits == 32);
	default:
		return false;
	}
}

static int read_header(Bmp *self)
{
	self->header = number_at(self, FILE_HEADER, 4);
	self->data = number_at(self, 10, 4);
	self->image.orientation = 1;
	if (self->header == CORE_HEADER)
		read_core_header(self);
	else
		read_info_header(self);
	if (self->image.width > INT32_MAX)
		return RENDER_STATUS_DAMAGED;
	return is_known(self) ? RENDER_STATUS_COMPLETE : RENDER_STATUS_UNSUPPORTED;
}

/* ---- run-length encoding ------------------------------------------------------------------------------ */

typedef struct {
	Bmp *self;
	size_t at;
	uint32_t x, y; /* y in the order of the file */
} Runs;

static void put_index(Runs *runs, uint8_t index)
{
	const ImageInfo *image = &runs->self->image;

	if (runs->x < image->width && runs->y < image->height)
		runs->self->indexes[(size_t)runs->y * image->width + runs->x] = index;
	if (runs->x < image->width)
		runs->x++;
}

/* The n-th index of a run (its byte, or its byte's half by turns) or of literal bytes. */
static uint8_t index_of(const Runs *runs, size_t at, unsigned n, bool literal)
{
	bool halves = runs->self->compression == RLE4;
	uint8_t byte = runs->self->bytes[at + (!literal ? 0 : halves ? n / 2 : n)];

	if (!halves)
		return byte;
	return n % 2 == 0 ? byte >> 4 : byte & 0x0F;
}

static bool put_literal(Runs *runs, unsigned count)
{
	size_t bytes = runs->self->compression == RLE4 ? (count + 1) / 2 : count;

	if (bytes > runs->self->length - runs->at)
		return false;
	for (unsigned i = 0; i < count; i++)
		put_index(runs, index_of(runs, runs->at, i, true));
	runs->at += MIN(bytes + bytes % 2, runs->self->length - runs->at);
	return true;
}

/* After a zero: 0 ends a line, 1 the picture, 2 moves on, more are that many literal indexes. */
static bool put_escape(Runs *runs, uint8_t code, bool *ret_end)
{
	const Bmp *self = runs->self;

	switch (code) {
	case 0:
		runs->x = 0;
		runs->y++;
		return true;
	case 1:
		*ret_end = true;
		return true;
	case 2:
		if (self->length - runs->at < 2)
			return false;
		runs->x = MIN(runs->x + self->bytes[runs->at], self->image.width);
		runs->y += self->bytes[runs->at + 1];
		runs->at += 2;
		return true;
	default:
		return put_literal(runs, code);
	}
}

/* False when the data ends before the picture does. */
static bool read_runs(Bmp *self)
{
	Runs runs = { .self = self, .at = self->data };
	bool end = false;

	while (!end && runs.y < self->image.height) {
		if (self->length - runs.at < 2)
			return runs.y + 1 >= self->image.height && runs.x >= self->image.width;
		uint8_t count = self->bytes[runs.at];
		uint8_t value = self->bytes[runs.at + 1];
		runs.at += 2;
		if (count == 0 && !put_escape(&runs, value, &end))
			return false;
		for (unsigned i = 0; i < count; i++)
			put_index(&runs, index_of(&runs, runs.at - 1, i, false));
	}
	return true;
}

/* ---- pixels ------------------------------------------------------------------------------------------- */

static uint8_t masked(uint32_t pixel, uint32_t mask)
{
	if (mask == 0)
		return 0;
	unsigned shift = (unsigned)__builtin_ctz(mask);
	uint64_t most = mask >> shift;
	uint64_t value = (pixel & mask) >> shift;
	return (uint8_t)((value * 255 + most / 2) / most);
}

static void masked_row(Bmp *self, const uint8_t *line)
{
	unsigned bytes = self->bits / 8;

	for (uint32_t x = 0; x < self->image.width; x++, line += bytes) {
		uint32_t pixel = 0;
		for (unsigned i = bytes; i > 0; i--)
			pixel = pixel << 8 | line[i - 1];
		uint8_t alpha = self->masks[ALPHA] == 0 ? 255 : masked(pixel, self->masks[ALPHA]);
		self->row[x] = image_pixel_on_white(masked(pixel, self->masks[RED]),
		                                    masked(pixel, self->masks[GREEN]),
		                                    masked(pixel, self->masks[BLUE]), alpha);
	}
}

static void paletted_row(Bmp *self, const uint8_t *line)
{
	unsigned each = 8 / self->bits;

	for (uint32_t x = 0; x < self->image.width; x++) {
		unsigned shift = 8 - self->bits * (x % each + 1);
		self->row[x] = self->palette[line[x / each] >> shift & ((1u << self->bits) - 1)];
	}
}

static void bgr_row(Bmp *self, const uint8_t *line)
{
	for (uint32_t x = 0; x < self->image.width; x++, line += 3)
		self->row[x] = image_pixel(line[2], line[1], line[0]);
}

static void white_row(Bmp *self)
{
	for (uint32_t x = 0; x < self->image.width; x++)
		self->row[x] = 0xFFFFFF;
}

/* NULL: that line is not in the file. */
static const uint8_t *line_at(const Bmp *self, uint32_t line)
{
	size_t at = self->data + (size_t)line * self->stride;
	size_t needed = ((size_t)self->image.width * self->bits + 7) / 8;

	return at <= self->length && self->length - at >= needed ? self->bytes + at : NULL;
}

static void plain_row(Bmp *self, uint32_t line)
{
	const uint8_t *bytes = line_at(self, line);

	if (bytes == NULL) {
		self->whole = false;
		white_row(self);
	} else if (is_paletted(self)) {
		paletted_row(self, bytes);
	} else if (self->bits == 24) {
		bgr_row(self, bytes);
	} else {
		masked_row(self, bytes);
	}
}

static void indexed_row(Bmp *self, uint32_t line)
{
	const uint8_t *indexes = self->indexes + (size_t)line * self->image.width;

	for (uint32_t x = 0; x < self->image.width; x++)
		self->row[x] = self->palette[indexes[x]];
}

/* Many writers have an alpha mask and leave all of alpha 0, meaning that there is none. */
static bool alpha_is_used(const Bmp *self)
{
	for (uint32_t y = 0; y < self->image.height; y++) {
		const uint8_t *line = line_at(self, y);
		for (uint32_t x = 0; line != NULL && x < self->image.width; x++)
			if ((number_at(self, (size_t)(line - self->bytes) + (size_t)x * self->bits / 8,
			               self->bits / 8) &
			     self->masks[ALPHA]) != 0)
				return true;
	}
	return false;
}

static int draw_rows(Bmp *self)
{
	uint32_t y = 0;
	uint32_t last = self->image.height - 1;

	self->whole = !is_run_length(self) || read_runs(self);
	do {
		uint32_t line = self->top_down ? y : last - y;
		if (is_run_length(self))
			indexed_row(self, line);
		else
			plain_row(self, line);
		y++;
	} while (image_row(self->job, self->row));
	return image_finish(self->job, self->whole);
}

static bool allocate(Bmp *self)
{
	self->row = g_try_new(uint32_t, self->image.width);
	if (is_run_length(self))
		self->indexes = g_try_malloc0_n(self->image.height, self->image.width);
	return self->row != NULL && (!is_run_length(self) || self->indexes != NULL);
}

static int draw(Bmp *self)
{
	int status = read_header(self);

	if (status != RENDER_STATUS_COMPLETE)
		return status;
	status = image_begin(self->job, &self->image,
	                     is_run_length(self) ? IMAGE_WHOLE_PIXELS : IMAGE_STREAM_PIXELS);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	self->stride = ((size_t)self->image.width * self->bits + 31) / 32 * 4;
	/* No line at all is there: the first one, whichever end it stands for. */
	if (self->data >= self->length || (!is_run_length(self) && line_at(self, 0) == NULL))
		return RENDER_STATUS_DAMAGED;
	if (!allocate(self))
		return RENDER_STATUS_TOO_LARGE;
	if (is_paletted(self))
		read_palette(self);
	else if (self->bits != 24)
		read_masks(self);
	if (self->masks[ALPHA] != 0 && !alpha_is_used(self))
		self->masks[ALPHA] = 0;
	return draw_rows(self);
}

int image_draw_bmp(ImageJob *job)
{
	Bmp self = { .job = job, .bytes = job->input->bytes, .length = job->input->length };

	int status = draw(&self);
	g_free(self.row);
	g_free(self.indexes);
	return status;
}
