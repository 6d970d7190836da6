#include "image_make.h"

#include <gif_lib.h>
#include <libheif/heif.h>
#include <openjpeg.h>
#include <png.h>
#include <stdio.h>
#include <string.h>
#include <tiffio.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <jpeglib.h>

uint32_t make_colour(uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	static const uint32_t quarters[] = { MAKE_RED, MAKE_GREEN, MAKE_BLUE, MAKE_YELLOW };

	return quarters[(x >= width / 2 ? 1 : 0) + (y >= height / 2 ? 2 : 0)];
}

/* Gray is one of four values that are far apart. */
static uint8_t gray_of(uint32_t colour)
{
	return colour == MAKE_RED ? 0 : colour == MAKE_GREEN ? 80 : colour == MAKE_BLUE ? 160 : 255;
}

static void put_pixel(uint8_t *pixel, uint32_t colour, unsigned channels, uint8_t alpha)
{
	if (channels == 1) {
		pixel[0] = gray_of(colour);
		return;
	}
	pixel[0] = (uint8_t)(colour >> 16);
	pixel[1] = (uint8_t)(colour >> 8);
	pixel[2] = (uint8_t)colour;
	if (channels == 4)
		pixel[3] = alpha;
}

uint8_t *make_pixels(uint32_t width, uint32_t height, unsigned channels, uint8_t alpha)
{
	uint8_t *pixels = g_malloc((size_t)width * height * channels);

	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			put_pixel(pixels + ((size_t)y * width + x) * channels,
			          make_colour(x, y, width, height), channels, alpha);
	return pixels;
}

void make_little(GByteArray *bytes, uint32_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		g_byte_array_append(bytes, &(uint8_t) { (uint8_t)(value >> 8 * i) }, 1);
}

void make_big(GByteArray *bytes, uint32_t value, unsigned n)
{
	for (unsigned i = n; i > 0; i--)
		g_byte_array_append(bytes, &(uint8_t) { (uint8_t)(value >> 8 * (i - 1)) }, 1);
}

static unsigned channels_of(const Make *make)
{
	switch (make->colours) {
	case MAKE_GRAY:
	case MAKE_PALETTE:
		return 1;
	case MAKE_RGB:
		return 3;
	default:
		return 4;
	}
}

/* An EXIF block with the orientation and a resolution. */
static GByteArray *exif_block(const Make *make)
{
	void (*put)(GByteArray *, uint32_t, unsigned) = make->big_endian ? make_big : make_little;
	GByteArray *exif = g_byte_array_new();

	g_byte_array_append(exif, (const uint8_t *)(make->big_endian ? "MM" : "II"), 2);
	put(exif, 42, 2);
	put(exif, 8, 4);
	put(exif, 1, 2);
	put(exif, 0x0112, 2);
	put(exif, 3, 2);
	put(exif, 1, 4);
	put(exif, make->orientation, 2);
	put(exif, 0, 2);
	put(exif, 0, 4);
	return exif;
}

/* ---- PNG ---------------------------------------------------------------------------------------------- */

static void append_png(png_structp png, png_bytep bytes, size_t length)
{
	g_byte_array_append(png_get_io_ptr(png), bytes, (guint)length);
}

static void describe_png(png_structp png, png_infop info, const Make *make)
{
	static const int types[] = { PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGBA,
		                     PNG_COLOR_TYPE_PALETTE };
	static png_color palette[] = { { 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }, { 255, 255, 0 } };
	png_byte alphas[] = { 255, 255, 255, make->alpha };

	png_set_IHDR(png, info, make->width, make->height, make->depth == 16 ? 16 : 8, types[make->colours],
	             make->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
	             PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (make->colours == MAKE_PALETTE) {
		png_set_PLTE(png, info, palette, G_N_ELEMENTS(palette));
		png_set_tRNS(png, info, alphas, G_N_ELEMENTS(alphas), NULL);
	}
	if (make->ppi > 0)
		png_set_pHYs(png, info, (png_uint_32)(make->ppi / 0.0254 + 0.5),
		             (png_uint_32)(make->ppi / 0.0254 + 0.5), PNG_RESOLUTION_METER);
	if (make->orientation > 0) {
		GByteArray *exif = exif_block(make);
		png_set_eXIf_1(png, info, exif->len, exif->data);
		g_byte_array_unref(exif);
	}
}

/* A sample v of 8 bit becomes v * 257 of 16: the same colour. */
static uint8_t *samples_of(const Make *make)
{
	unsigned channels = channels_of(make);
	size_t n = (size_t)make->width * make->height * channels;
	uint8_t *pixels = make_pixels(make->width, make->height, channels, make->alpha);

	if (make->colours == MAKE_PALETTE)
		for (size_t i = 0; i < n; i++)
			pixels[i] = pixels[i] == 0 ? 0 : pixels[i] == 80 ? 1 : pixels[i] == 160 ? 2 : 3;
	if (make->depth != 16)
		return pixels;
	uint8_t *wide = g_malloc(n * 2);
	for (size_t i = 0; i < n; i++)
		wide[2 * i] = wide[2 * i + 1] = pixels[i];
	g_free(pixels);
	return wide;
}

GBytes *make_png(const Make *make)
{
	GByteArray *bytes = g_byte_array_new();
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	g_autofree uint8_t *samples = samples_of(make);
	g_autofree png_bytep *rows = g_new(png_bytep, make->height);

	for (uint32_t y = 0; y < make->height; y++)
		rows[y] = samples + (size_t)y * make->width * channels_of(make) * (make->depth == 16 ? 2 : 1);
	png_set_write_fn(png, bytes, append_png, NULL);
	describe_png(png, info, make);
	png_set_rows(png, info, rows);
	png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
	png_destroy_write_struct(&png, &info);
	return g_byte_array_free_to_bytes(bytes);
}

/* ---- JPEG --------------------------------------------------------------------------------------------- */

static void write_exif(struct jpeg_compress_struct *jpeg, const Make *make)
{
	GByteArray *exif = exif_block(make);

	g_byte_array_prepend(exif, (const uint8_t *)"Exif\0", 6);
	jpeg_write_marker(jpeg, JPEG_APP0 + 1, exif->data, exif->len);
	g_byte_array_unref(exif);
}

/* As Adobe stores it: ink inverted, none of black. */
static void invert_to_cmyk(uint8_t *pixels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pixels[4 * i + 3] = 255;
}

static void describe_jpeg(struct jpeg_compress_struct *jpeg, const Make *make)
{
	jpeg->image_width = make->width;
	jpeg->image_height = make->height;
	jpeg->input_components = (int)channels_of(make);
	jpeg->in_color_space = make->colours == MAKE_GRAY  ? JCS_GRAYSCALE
	                       : make->colours == MAKE_RGB ? JCS_RGB
	                                                   : JCS_CMYK;
	jpeg_set_defaults(jpeg);
	jpeg_set_quality(jpeg, 95, TRUE);
	if (make->interlaced)
		jpeg_simple_progression(jpeg);
	if (make->colours == MAKE_CMYK)
		jpeg_set_colorspace(jpeg, make->bare ? JCS_CMYK : JCS_YCCK);
	jpeg->density_unit = make->ppi > 0 ? 1 : 0;
	jpeg->X_density = jpeg->Y_density = (UINT16)MAX(make->ppi, 1);
}

GBytes *make_jpeg(const Make *make)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *out = NULL;
	unsigned long length = 0;
	g_autofree uint8_t *pixels = make_pixels(make->width, make->height, channels_of(make), 255);

	if (make->colours == MAKE_CMYK)
		invert_to_cmyk(pixels, (size_t)make->width * make->height);
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &out, &length);
	describe_jpeg(&jpeg, make);
	jpeg_start_compress(&jpeg, TRUE);
	if (make->orientation > 0)
		write_exif(&jpeg, make);
	for (uint32_t y = 0; y < make->height; y++)
		jpeg_write_scanlines(&jpeg,
		                     &(JSAMPROW) { pixels + (size_t)y * make->width * channels_of(make) }, 1);
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	return g_bytes_new_with_free_func(out, length, free, out);
}

/* ---- GIF ---------------------------------------------------------------------------------------------- */

static int append_gif(GifFileType *gif, const GifByteType *bytes, int length)
{
	g_byte_array_append(gif->UserData, bytes, (guint)length);
	return length;
}

static void put_gif_frame(GifFileType *gif, const Make *make)
{
	static const int first[] = { 0, 4, 2, 1 };
	static const int step[] = { 8, 8, 4, 2 };
	int passes = make->interlaced ? 4 : 1;
	Make palette = *make;
	palette.colours = MAKE_PALETTE;
	g_autofree uint8_t *indexes = samples_of(&palette);
	const GraphicsControlBlock control = { .TransparentColor =
		                                       make->alpha == 255 ? NO_TRANSPARENT_COLOR : 3 };
	GifByteType block[4];

	EGifGCBToExtension(&control, block);
	g_assert_cmpint(EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, sizeof block, block), ==, GIF_OK);
	g_assert_cmpint(
	        EGifPutImageDesc(gif, 2, 1, (int)make->width, (int)make->height, make->interlaced, NULL), ==,
	        GIF_OK);
	for (int pass = 0; pass < passes; pass++)
		for (int y = make->interlaced ? first[pass] : 0; y < (int)make->height;
		     y += make->interlaced ? step[pass] : 1)
			g_assert_cmpint(EGifPutLine(gif, indexes + (size_t)y * make->width, (int)make->width),
			                ==, GIF_OK);
}

/* The frame stands 2 right and 1 down on a screen that is 4 wider and 2 higher. */
GBytes *make_gif(const Make *make)
{
	static const GifColorType colours[] = {
		{ 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }, { 255, 255, 0 }
	};
	GByteArray *bytes = g_byte_array_new();
	int code = 0;
	GifFileType *gif = EGifOpen(bytes, append_gif, &code);
	ColorMapObject *map = GifMakeMapObject(G_N_ELEMENTS(colours), colours);

	EGifSetGifVersion(gif, true);
	g_assert_cmpint(EGifPutScreenDesc(gif, (int)make->width + 4, (int)make->height + 2, 8, 0, map), ==,
	                GIF_OK);
	for (unsigned i = 0; i < MAX(make->frames, 1); i++)
		put_gif_frame(gif, make);
	GifFreeMapObject(map);
	g_assert_cmpint(EGifCloseFile(gif, &code), ==, GIF_OK);
	return g_byte_array_free_to_bytes(bytes);
}

/* ---- TIFF --------------------------------------------------------------------------------------------- */

typedef struct {
	GByteArray *bytes;
	uint64_t at;
} Memory;

static tmsize_t read_memory(thandle_t handle, void *bytes, tmsize_t length)
{
	Memory *memory = handle;
	size_t some = MIN((size_t)length, memory->bytes->len - MIN(memory->at, memory->bytes->len));

	memcpy(bytes, memory->bytes->data + memory->at, some);
	memory->at += some;
	return (tmsize_t)some;
}

static tmsize_t write_memory(thandle_t handle, void *bytes, tmsize_t length)
{
	Memory *memory = handle;

	if (memory->at + (uint64_t)length > memory->bytes->len)
		g_byte_array_set_size(memory->bytes, (guint)(memory->at + (uint64_t)length));
	memcpy(memory->bytes->data + memory->at, bytes, (size_t)length);
	memory->at += (uint64_t)length;
	return length;
}

static toff_t seek_memory(thandle_t handle, toff_t offset, int whence)
{
	Memory *memory = handle;

	memory->at = offset + (whence == SEEK_CUR ? memory->at : whence == SEEK_END ? memory->bytes->len : 0);
	return memory->at;
}

static int close_memory(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t size_of_memory(thandle_t handle)
{
	return ((Memory *)handle)->bytes->len;
}

static void describe_tiff(TIFF *tiff, const Make *make)
{
	static const uint16_t photometrics[] = { PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_RGB, PHOTOMETRIC_RGB,
		                                 PHOTOMETRIC_PALETTE, PHOTOMETRIC_SEPARATED };

	TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, make->width);
	TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, make->height);
	TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels_of(make));
	TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, make->bare ? 1 : make->depth == 16 ? 16 : 8);
	TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
	             make->bare ? PHOTOMETRIC_MINISWHITE : photometrics[make->colours]);
	TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
	TIFFSetField(tiff, TIFFTAG_COMPRESSION, make->bare ? COMPRESSION_CCITTFAX4 : COMPRESSION_LZW);
	if (make->colours == MAKE_RGBA)
		TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &(uint16_t) { EXTRASAMPLE_UNASSALPHA });
	if (make->orientation > 0)
		TIFFSetField(tiff, TIFFTAG_ORIENTATION, make->orientation);
	if (make->ppi > 0) {
		TIFFSetField(tiff, TIFFTAG_XRESOLUTION, (double)make->ppi);
		TIFFSetField(tiff, TIFFTAG_YRESOLUTION, (double)make->ppi);
	}
}

/* Ink inverted to what Separated means: 255 is full ink. */
static void rgba_to_ink(uint8_t *pixels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (unsigned j = 0; j < 3; j++)
			pixels[4 * i + j] = 255 - pixels[4 * i + j];
		pixels[4 * i + 3] = 0;
	}
}

static void write_tiff_rows(TIFF *tiff, const Make *make, uint8_t *samples)
{
	size_t stride = (size_t)make->width * channels_of(make) * (make->depth == 16 ? 2 : 1);

	TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 3); /* so that no strip ends with the quarter */
	for (uint32_t y = 0; y < make->height; y++)
		g_assert_cmpint(TIFFWriteScanline(tiff, samples + y * stride, y, 0), ==, 1);
}

/* Black where the picture is blue or yellow: the lower half. */
static void write_fax_rows(TIFF *tiff, const Make *make)
{
	g_autofree uint8_t *line = g_malloc((make->width + 7) / 8);

	for (uint32_t y = 0; y < make->height; y++) {
		memset(line, y >= make->height / 2 ? 0xFF : 0, (make->width + 7) / 8);
		g_assert_cmpint(TIFFWriteScanline(tiff, line, y, 0), ==, 1);
	}
}

static void write_tiles(TIFF *tiff, const Make *make, const uint8_t *samples)
{
	enum { TILE = 16 };
	unsigned channels = channels_of(make);

	TIFFSetField(tiff, TIFFTAG_TILEWIDTH, TILE);
	TIFFSetField(tiff, TIFFTAG_TILELENGTH, TILE);
	for (uint32_t top = 0; top < make->height; top += TILE)
		for (uint32_t left = 0; left < make->width; left += TILE) {
			uint8_t tile[TILE * TILE * 4] = { 0 };
			for (uint32_t y = 0; y < TILE && top + y < make->height; y++)
				memcpy(tile + (size_t)y * TILE * channels,
				       samples + ((size_t)(top + y) * make->width + left) * channels,
				       (size_t)MIN(TILE, make->width - left) * channels);
			g_assert_cmpint(TIFFWriteTile(tiff, tile, left, top, 0, 0), >, 0);
		}
}

GBytes *make_tiff(const Make *make)
{
	Memory memory = { g_byte_array_new(), 0 };
	TIFF *tiff = TIFFClientOpen("image", "w", &memory, read_memory, write_memory, seek_memory,
	                            close_memory, size_of_memory, NULL, NULL);

	for (unsigned i = 0; i < MAX(make->frames, 1); i++) {
		g_autofree uint8_t *samples = samples_of(make);
		describe_tiff(tiff, make);
		if (make->colours == MAKE_CMYK)
			rgba_to_ink(samples, (size_t)make->width * make->height);
		if (make->bare)
			write_fax_rows(tiff, make);
		else if (make->interlaced)
			write_tiles(tiff, make, samples);
		else
			write_tiff_rows(tiff, make, samples);
		g_assert_cmpint(TIFFWriteDirectory(tiff), ==, 1);
	}
	TIFFClose(tiff);
	return g_byte_array_free_to_bytes(memory.bytes);
}

/* ---- WebP --------------------------------------------------------------------------------------------- */

static GBytes *make_webp_animation(const Make *make, uint8_t *rgba)
{
	WebPAnimEncoder *encoder = WebPAnimEncoderNew((int)make->width, (int)make->height, NULL);
	WebPConfig config;
	WebPData data;

	g_assert_true(WebPConfigInit(&config));
	config.lossless = 1;
	for (unsigned i = 0; i < make->frames; i++) {
		WebPPicture picture;
		g_assert_true(WebPPictureInit(&picture));
		picture.width = (int)make->width;
		picture.height = (int)make->height;
		picture.use_argb = 1;
		rgba[i * 4] ^= 1; /* else equal frames become one */
		g_assert_true(WebPPictureImportRGBA(&picture, rgba, (int)make->width * 4));
		g_assert_true(WebPAnimEncoderAdd(encoder, &picture, (int)i * 100, &config));
		WebPPictureFree(&picture);
	}
	g_assert_true(WebPAnimEncoderAdd(encoder, NULL, (int)make->frames * 100, NULL));
	g_assert_true(WebPAnimEncoderAssemble(encoder, &data));
	GBytes *bytes = g_bytes_new(data.bytes, data.size);
	WebPDataClear(&data);
	WebPAnimEncoderDelete(encoder);
	return bytes;
}

static GBytes *add_webp_exif(const Make *make, const uint8_t *bytes, size_t length)
{
	const WebPData image = { bytes, length };
	GByteArray *exif = exif_block(make);
	const WebPData chunk = { exif->data, exif->len };
	WebPMux *mux = WebPMuxCreate(&image, 1);
	WebPData data;

	g_assert_cmpint(WebPMuxSetChunk(mux, "EXIF", &chunk, 1), ==, WEBP_MUX_OK);
	g_assert_cmpint(WebPMuxAssemble(mux, &data), ==, WEBP_MUX_OK);
	GBytes *answer = g_bytes_new(data.bytes, data.size);
	WebPDataClear(&data);
	WebPMuxDelete(mux);
	g_byte_array_unref(exif);
	return answer;
}

/* Lossless, but for `bare`. */
GBytes *make_webp(const Make *make)
{
	g_autofree uint8_t *rgba =
	        make_pixels(make->width, make->height, 4, make->colours == MAKE_RGBA ? make->alpha : 255);
	uint8_t *out = NULL;
	size_t length = 0;

	if (make->frames > 1)
		return make_webp_animation(make, rgba);
	length = make->bare ? WebPEncodeRGBA(rgba, (int)make->width, (int)make->height, (int)make->width * 4,
	                                     95, &out)
	                    : WebPEncodeLosslessRGBA(rgba, (int)make->width, (int)make->height,
	                                             (int)make->width * 4, &out);
	g_assert_cmpuint(length, >, 0);
	GBytes *bytes = make->orientation > 0 ? add_webp_exif(make, out, length) : g_bytes_new(out, length);
	WebPFree(out);
	return bytes;
}

/* ---- HEIC and AVIF ------------------------------------------------------------------------------------ */

static struct heif_error append_heif(struct heif_context *context, const void *bytes, size_t length,
                                     void *user)
{
	(void)context;
	g_byte_array_append(user, bytes, (guint)length);
	return (struct heif_error) { heif_error_Ok, heif_suberror_Unspecified, "" };
}

static void assert_heif(struct heif_error error)
{
	if (error.code != heif_error_Ok)
		g_error("libheif: %s", error.message);
}

static struct heif_image *heif_picture(const Make *make)
{
	struct heif_image *image = NULL;
	unsigned channels = channels_of(make);
	int stride = 0;
	g_autofree uint8_t *pixels = make_pixels(make->width, make->height, channels, make->alpha);

	assert_heif(heif_image_create(
	        (int)make->width, (int)make->height, heif_colorspace_RGB,
	        channels == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, &image));
	assert_heif(heif_image_add_plane(image, heif_channel_interleaved, (int)make->width, (int)make->height,
	                                 8));
	uint8_t *plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
	for (uint32_t y = 0; y < make->height; y++)
		memcpy(plane + (size_t)y * (size_t)stride, pixels + (size_t)y * make->width * channels,
		       (size_t)make->width * channels);
	return image;
}

static GBytes *make_with_libheif(const Make *make, enum heif_compression_format format)
{
	GByteArray *bytes = g_byte_array_new();
	struct heif_context *context = heif_context_alloc();
	struct heif_encoder *encoder = NULL;
	struct heif_writer writer = { 1, append_heif };
	struct heif_image *image = heif_picture(make);

	assert_heif(heif_context_get_encoder_for_format(context, format, &encoder));
	heif_encoder_set_lossy_quality(encoder, 95);
	for (unsigned i = 0; i < MAX(make->frames, 1); i++)
		assert_heif(heif_context_encode_image(context, image, encoder, NULL, NULL));
	assert_heif(heif_context_write(context, &writer, bytes));
	heif_encoder_release(encoder);
	heif_image_release(image);
	heif_context_free(context);
	return g_byte_array_free_to_bytes(bytes);
}

GBytes *make_heif(const Make *make)
{
	return make_with_libheif(make, heif_compression_HEVC);
}

GBytes *make_avif(const Make *make)
{
	return make_with_libheif(make, heif_compression_AV1);
}

/* ---- JPEG 2000 ---------------------------------------------------------------------------------------- */

static OPJ_SIZE_T write_jp2(void *bytes, OPJ_SIZE_T length, void *user)
{
	return (OPJ_SIZE_T)write_memory(user, bytes, (tmsize_t)length);
}

static OPJ_OFF_T skip_jp2(OPJ_OFF_T length, void *user)
{
	((Memory *)user)->at += (uint64_t)length;
	return length;
}

static OPJ_BOOL seek_jp2(OPJ_OFF_T offset, void *user)
{
	((Memory *)user)->at = (uint64_t)offset;
	return OPJ_TRUE;
}

static int clamp_sample(double value)
{
	return (int)(CLAMP(value, 0, 255) + 0.5);
}

/* Of the component-th sample of a pixel: what stands there, or its YCC. */
static int jp2_sample(const Make *make, uint32_t x, uint32_t y, unsigned component)
{
	uint8_t pixel[4] = { 0 };

	put_pixel(pixel, make_colour(x, y, make->width, make->height), channels_of(make), make->alpha);
	if (make->colours == MAKE_CMYK)
		return component == 3 ? 0 : 255 - pixel[component];
	if (!make->halved)
		return make->depth == 16 ? pixel[component] * 257 : pixel[component];
	double red = pixel[0], green = pixel[1], blue = pixel[2];
	return component == 0   ? clamp_sample(0.299 * red + 0.587 * green + 0.114 * blue)
	       : component == 1 ? clamp_sample(-0.168736 * red - 0.331264 * green + 0.5 * blue + 128)
	                        : clamp_sample(0.5 * red - 0.418688 * green - 0.081312 * blue + 128);
}

static opj_image_t *jp2_picture(const Make *make)
{
	unsigned channels = channels_of(make);
	opj_image_cmptparm_t parameters[4] = { 0 };

	for (unsigned i = 0; i < channels; i++) {
		unsigned step = make->halved && i > 0 ? 2 : 1;
		parameters[i] = (opj_image_cmptparm_t) { .dx = step,
			                                 .dy = step,
			                                 .w = make->width / step,
			                                 .h = make->height / step,
			                                 .prec = make->depth == 16 ? 16 : 8 };
	}
	opj_image_t *image = opj_image_create(channels, parameters,
	                                      make->halved                 ? OPJ_CLRSPC_SYCC
	                                      : make->colours == MAKE_GRAY ? OPJ_CLRSPC_GRAY
	                                      : make->colours == MAKE_CMYK ? OPJ_CLRSPC_CMYK
	                                                                   : OPJ_CLRSPC_SRGB);
	image->x1 = make->width;
	image->y1 = make->height;
	for (unsigned i = 0; i < channels; i++)
		for (uint32_t y = 0; y < image->comps[i].h; y++)
			for (uint32_t x = 0; x < image->comps[i].w; x++)
				image->comps[i].data[(size_t)y * image->comps[i].w + x] =
				        jp2_sample(make, x * image->comps[i].dx, y * image->comps[i].dy, i);
	if (make->colours == MAKE_RGBA)
		image->comps[3].alpha = 1;
	return image;
}

/* OpenJPEG reads CMYK and does not write it. */
static void say_cmyk(GByteArray *bytes)
{
	enum { ENUMERATED_CMYK = 12 };
	uint8_t *colr = memmem(bytes->data, bytes->len, "colr\x01\0\0", 7);

	g_assert_nonnull(colr);
	memcpy(colr + 7, (uint8_t[]) { 0, 0, 0, ENUMERATED_CMYK }, 4);
}

GBytes *make_jp2(const Make *make)
{
	Memory memory = { g_byte_array_new(), 0 };
	opj_codec_t *codec = opj_create_compress(make->bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
	opj_stream_t *stream = opj_stream_create(4096, OPJ_FALSE);
	opj_image_t *image = jp2_picture(make);
	opj_cparameters_t parameters;

	opj_set_default_encoder_parameters(&parameters);
	parameters.numresolution = 3;
	opj_stream_set_user_data(stream, &memory, NULL);
	opj_stream_set_write_function(stream, write_jp2);
	opj_stream_set_skip_function(stream, skip_jp2);
	opj_stream_set_seek_function(stream, seek_jp2);
	g_assert_true(opj_setup_encoder(codec, &parameters, image));
	g_assert_true(opj_start_compress(codec, image, stream) && opj_encode(codec, stream) &&
	              opj_end_compress(codec, stream));
	opj_image_destroy(image);
	opj_stream_destroy(stream);
	opj_destroy_codec(codec);
	if (make->colours == MAKE_CMYK)
		say_cmyk(memory.bytes);
	return g_byte_array_free_to_bytes(memory.bytes);
}
