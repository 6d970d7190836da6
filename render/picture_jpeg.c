/* picture_jpeg: a baseline JPEG through libjpeg-turbo's compressor; nothing here can read one. */
#include "picture_priv.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

enum {
	QUALITY = 85,
	ROOM = 64 * 1024,
	/* Up to so many pixels (24 MB of coefficients) the codes are made for the picture: 8 % smaller, for
	   twice the time. */
	OPTIMIZED_PIXELS = 8000000,
};

#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define PIXEL_ORDER JCS_EXT_BGRX
#else
#define PIXEL_ORDER JCS_EXT_XRGB
#endif

typedef struct {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr destination;
	jmp_buf failed;
	GByteArray *out;
	uint64_t max_bytes;
	bool over;
} Compressor;

/* libjpeg's own would print and exit. */
static void on_error(j_common_ptr jpeg)
{
	Compressor *compressor = jpeg->client_data;
	longjmp(compressor->failed, 1);
}

static void on_message(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void on_warning(j_common_ptr jpeg, int level)
{
	(void)jpeg;
	(void)level;
}

static void more_room(Compressor *compressor)
{
	unsigned used = compressor->out->len;
	g_byte_array_set_size(compressor->out, used + ROOM);
	compressor->destination.next_output_byte = compressor->out->data + used;
	compressor->destination.free_in_buffer = ROOM;
}

static void begin_output(j_compress_ptr jpeg)
{
	more_room(jpeg->client_data);
}

/* Called when the buffer is full, whatever free_in_buffer says. */
static boolean next_output(j_compress_ptr jpeg)
{
	Compressor *compressor = jpeg->client_data;
	if (compressor->out->len > compressor->max_bytes) {
		compressor->over = true;
		longjmp(compressor->failed, 1);
	}
	more_room(compressor);
	return TRUE;
}

static void end_output(j_compress_ptr jpeg)
{
	Compressor *compressor = jpeg->client_data;
	g_byte_array_set_size(compressor->out,
	                      compressor->out->len - (unsigned)compressor->destination.free_in_buffer);
	compressor->over = compressor->out->len > compressor->max_bytes;
}

static void prepare(Compressor *compressor)
{
	compressor->jpeg.err = jpeg_std_error(&compressor->errors);
	compressor->errors.error_exit = on_error;
	compressor->errors.output_message = on_message;
	compressor->errors.emit_message = on_warning;
	compressor->jpeg.client_data = compressor;
	compressor->destination.init_destination = begin_output;
	compressor->destination.empty_output_buffer = next_output;
	compressor->destination.term_destination = end_output;
}

static void set_parameters(Compressor *compressor, const PictureSource *source, bool gray)
{
	struct jpeg_compress_struct *jpeg = &compressor->jpeg;

	jpeg->dest = &compressor->destination;
	jpeg->image_width = source->width;
	jpeg->image_height = source->height;
	jpeg->input_components = gray ? 1 : 4;
	jpeg->in_color_space = gray ? JCS_GRAYSCALE : PIXEL_ORDER;
	jpeg_set_defaults(jpeg); /* JFIF 1.1, baseline, 4:2:0 */
	jpeg_set_quality(jpeg, QUALITY, TRUE);
	jpeg->optimize_coding = (uint64_t)source->width * source->height <= OPTIMIZED_PIXELS;
}

static void write_rows(Compressor *compressor, const PictureSource *source, bool gray, uint32_t *row)
{
	JSAMPLE *bytes = (JSAMPLE *)row;

	for (uint32_t y = 0; y < source->height; y++) {
		picture_row(source, y, row);
		/* In place: byte x lies never behind pixel x. */
		for (uint32_t x = 0; gray && x < source->width; x++) {
			JSAMPLE value = (JSAMPLE)row[x];
			bytes[x] = value;
		}
		(void)jpeg_write_scanlines(&compressor->jpeg, &bytes, 1);
	}
}

bool picture_jpeg(const PictureSource *source, bool gray, uint64_t max_bytes, GByteArray *out, GError **error)
{
	g_autofree uint32_t *row = g_new(uint32_t, source->width);
	g_autofree Compressor *compressor = g_new0(Compressor, 1);
	compressor->out = out;
	compressor->max_bytes = max_bytes;
	prepare(compressor);
	if (setjmp(compressor->failed) != 0) {
		jpeg_destroy_compress(&compressor->jpeg);
		g_set_error_literal(error, IMAGE_PDF_ERROR,
		                    compressor->over ? IMAGE_PDF_ERROR_SIZE : IMAGE_PDF_ERROR_MEMORY,
		                    "a page's picture cannot be compressed within its caps");
		return false;
	}
	jpeg_create_compress(&compressor->jpeg);
	set_parameters(compressor, source, gray);
	jpeg_start_compress(&compressor->jpeg, TRUE);
	write_rows(compressor, source, gray, row);
	jpeg_finish_compress(&compressor->jpeg);
	if (compressor->over)
		longjmp(compressor->failed, 1);
	jpeg_destroy_compress(&compressor->jpeg);
	return true;
}
