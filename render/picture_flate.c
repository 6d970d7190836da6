/* picture_flate: samples, row by row, through zlib into a capped buffer. */
#include "picture_priv.h"

#include <zlib.h>

enum {
	LEVEL = 6,         /* 9: 2 % smaller for three times the time */
	ROOM = 64 * 1024,  /* the output grows by */
	BATCH = 32 * 1024, /* samples handed to zlib at once, about */
};

/* The row's samples, one byte each. */
static void numbers(const PictureColours *colours, const uint32_t *row, uint32_t width, uint8_t *out)
{
	for (uint32_t x = 0, end; x < width; x = end) {
		end = picture_run_end(row, x, width);
		memset(out + x, (int)picture_colours_get(colours, row[x]), end - x);
	}
}

static void pack_row(const uint8_t *samples, uint32_t width, unsigned bits, uint8_t *out)
{
	unsigned per_byte = 8 / bits;
	uint32_t whole = width / per_byte;

	if (bits == 4)
		for (uint32_t i = 0; i < whole; i++)
			out[i] = (uint8_t)(samples[2 * i] << 4 | samples[2 * i + 1]);
	else
		for (uint32_t i = 0; i < whole; i++) {
			unsigned byte = 0;
			for (unsigned bit = 0; bit < 8; bit++)
				byte = byte << 1 | samples[8 * i + bit];
			out[i] = (uint8_t)byte;
		}
	if (width % per_byte == 0)
		return;
	unsigned last = 0;
	for (uint32_t x = whole * per_byte; x < (whole + 1) * per_byte; x++)
		last = last << bits | (x < width ? samples[x] : 0);
	out[whole] = (uint8_t)last;
}

static void rgb_row(const uint32_t *row, uint32_t width, uint8_t *out)
{
	for (uint32_t x = 0; x < width; x++) {
		out[3 * x] = (uint8_t)(row[x] >> 16);
		out[3 * x + 1] = (uint8_t)(row[x] >> 8);
		out[3 * x + 2] = (uint8_t)row[x];
	}
}

typedef struct {
	const PictureSource *source;
	const PictureColours *colours;
	unsigned bits;
	uint32_t *row;
	uint8_t *samples;
} Rows;

static void make_row(const Rows *rows, uint32_t y, uint8_t *out)
{
	uint32_t width = rows->source->width;

	picture_row(rows->source, y, rows->row);
	if (rows->bits == 24) {
		rgb_row(rows->row, width, out);
	} else if (rows->bits == 8) {
		numbers(rows->colours, rows->row, width, out);
	} else {
		numbers(rows->colours, rows->row, width, rows->samples);
		pack_row(rows->samples, width, rows->bits, out);
	}
}

/* Hands all input to zlib. False: it takes more than max_bytes. */
static bool feed(z_stream *stream, int flush, uint64_t max_bytes, GByteArray *out)
{
	int state = Z_OK;
	do {
		unsigned used = out->len;
		g_byte_array_set_size(out, used + ROOM);
		stream->next_out = out->data + used;
		stream->avail_out = ROOM;
		state = deflate(stream, flush);
		g_byte_array_set_size(out, used + ROOM - stream->avail_out);
		if (out->len > max_bytes)
			return false;
	} while (stream->avail_out == 0 && state == Z_OK);
	return true;
}

static bool deflate_rows(z_stream *stream, const Rows *rows, uint64_t max_bytes, GByteArray *out)
{
	uint32_t height = rows->source->height;
	size_t row_bytes = ((size_t)rows->source->width * rows->bits + 7) / 8;
	uint32_t batch = (uint32_t)MAX(1, BATCH / row_bytes);
	g_autofree uint8_t *bytes = g_malloc(batch * row_bytes);

	for (uint32_t y = 0; y < height; y += batch) {
		uint32_t count = MIN(batch, height - y);
		for (uint32_t i = 0; i < count; i++)
			make_row(rows, y + i, bytes + i * row_bytes);
		stream->next_in = bytes;
		stream->avail_in = (uInt)(count * row_bytes);
		if (!feed(stream, y + count == height ? Z_FINISH : Z_NO_FLUSH, max_bytes, out))
			return false;
	}
	return true;
}

bool picture_deflate(const PictureSource *source, const PictureColours *colours, unsigned bits,
                     uint64_t max_bytes, GByteArray *out, GError **error)
{
	g_autofree uint32_t *row = g_new(uint32_t, source->width);
	g_autofree uint8_t *samples = g_malloc(source->width);
	Rows rows = { source, colours, bits, row, samples };
	z_stream stream = { 0 };

	if (deflateInit(&stream, LEVEL) != Z_OK) {
		g_set_error_literal(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_MEMORY, "no memory for zlib");
		return false;
	}
	bool fits = deflate_rows(&stream, &rows, max_bytes, out);
	(void)deflateEnd(&stream);
	if (!fits)
		g_set_error_literal(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_SIZE,
		                    "a page's picture is over the cap");
	return fits;
}
