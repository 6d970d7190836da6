/* picture: which encoding a page gets (the rule is told in picture_priv.h). */
#include "picture_priv.h"

enum {
	FLAT_SHARE = 2000,  /* a colour on one pixel of so many, in flat places, is kept exact */
	HOT_SHARE = 200,    /* and one on so many anywhere */
	SNAPPED_SHARE = 10, /* snapping may change fewer than one pixel of so many */
	STEP = 17,          /* between two of 16 levels */
	WHITE = 0xffffff,
	LEAST_OF_8_BITS = 17, /* colours of an indexed form: fewer take four bits */
	LEAST_OF_4_BITS = 2,
	/* A page with a change of colour in every eighth pixel is more like a photograph than like text: then
	 * a JPEG is tried beside the palette. */
	BUSY_SHARE = 8,
};

static const unsigned form_bits[PICTURE_FORMS] = {
	[PICTURE_GRAY_1] = 1,    [PICTURE_GRAY_4] = 4,    [PICTURE_GRAY_8] = 8,
	[PICTURE_INDEXED_4] = 4, [PICTURE_INDEXED_8] = 8, [PICTURE_RGB] = 24,
};

static void row_of_levels(const uint8_t *in, uint32_t width, uint32_t *row)
{
	for (uint32_t x = 0; x < width; x++)
		row[x] = picture_gray(in[x]);
}

void picture_row(const PictureSource *source, uint32_t y, uint32_t *row)
{
	size_t first = (size_t)y * source->width;
	uint32_t width = source->width;

	if (source->page->levels != NULL) {
		row_of_levels(source->page->levels + first, width, row);
		return;
	}
	const uint32_t *in = source->page->pixels + first;
	if (!source->gray) {
		for (uint32_t x = 0; x < width; x++)
			row[x] = in[x] & 0xffffff;
		return;
	}
	/* The weights add up to 256, so gray stays what it is. */
	for (uint32_t x = 0; x < width; x++)
		row[x] = picture_gray(
		        ((in[x] >> 16 & 0xff) * 77 + (in[x] >> 8 & 0xff) * 150 + (in[x] & 0xff) * 29 + 128) >>
		        8);
}

static uint32_t snap_channel(uint32_t value)
{
	return (value + STEP / 2) / STEP * STEP;
}

static uint32_t snap(uint32_t colour)
{
	return snap_channel(colour >> 16) << 16 | snap_channel(colour >> 8 & 0xff) << 8 |
	       snap_channel(colour & 0xff);
}

/* What a page's colours become. */
typedef struct {
	const PictureColour *list;
	size_t count;
	uint64_t pixels;
	bool snapped;    /* else all stay exact */
	GArray *palette; /* of uint32_t, ascending */
} Palette;

static uint32_t shown(const Palette *palette, const PictureColour *one)
{
	bool hot = (uint64_t)one->flat * FLAT_SHARE >= palette->pixels ||
	           (uint64_t)one->count * HOT_SHARE >= palette->pixels;
	return hot || !palette->snapped ? one->colour : snap(one->colour);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void collect(Palette *palette)
{
	g_array_set_size(palette->palette, 0);
	for (size_t i = 0; i < palette->count; i++) {
		uint32_t colour = shown(palette, &palette->list[i]);
		g_array_append_val(palette->palette, colour);
	}
	g_array_sort(palette->palette, by_value);
	uint32_t *values = (uint32_t *)(void *)palette->palette->data;
	unsigned kept = 0;
	for (unsigned i = 0; i < palette->palette->len; i++)
		if (kept == 0 || values[kept - 1] != values[i])
			values[kept++] = values[i];
	g_array_set_size(palette->palette, kept);
}

static uint64_t changed(const Palette *palette)
{
	uint64_t pixels = 0;
	for (size_t i = 0; i < palette->count; i++)
		if (shown(palette, &palette->list[i]) != palette->list[i].colour)
			pixels += palette->list[i].count;
	return pixels;
}

static bool all_gray(const Palette *palette)
{
	for (size_t i = 0; i < palette->count; i++)
		if (!picture_is_gray(palette->list[i].colour))
			return false;
	return true;
}

static uint32_t palette_at(const Palette *palette, unsigned i)
{
	return g_array_index(palette->palette, uint32_t, i);
}

/* Whether every colour is a gray of 2^bits even levels. */
static bool fits_gray(const Palette *palette, uint32_t step)
{
	for (unsigned i = 0; i < palette->palette->len; i++)
		if (!picture_is_gray(palette_at(palette, i)) || (palette_at(palette, i) & 0xff) % step != 0)
			return false;
	return true;
}

/* Snaps unless the page is small in colours already, or snapping would change too much of it. */
static void choose_colours(Palette *palette)
{
	palette->snapped = palette->count > 16;
	if (palette->snapped && changed(palette) * SNAPPED_SHARE >= palette->pixels)
		palette->snapped = false;
	collect(palette);
}

static PictureForm palette_form(const Palette *palette, bool gray)
{
	if (fits_gray(palette, 255))
		return PICTURE_GRAY_1;
	if (fits_gray(palette, STEP))
		return PICTURE_GRAY_4;
	if (palette->palette->len < LEAST_OF_8_BITS)
		return PICTURE_INDEXED_4;
	return gray ? PICTURE_GRAY_8 : PICTURE_INDEXED_8;
}

static unsigned palette_index(const Palette *palette, uint32_t colour)
{
	unsigned low = 0, high = palette->palette->len - 1;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (palette_at(palette, middle) < colour)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t sample(const Palette *palette, PictureForm form, uint32_t colour)
{
	switch (form) {
	case PICTURE_GRAY_1:
		return colour == WHITE;
	case PICTURE_GRAY_4:
		return (colour & 0xff) / STEP;
	case PICTURE_GRAY_8:
		return colour & 0xff;
	default:
		return palette_index(palette, colour);
	}
}

static void set_samples(const Palette *palette, PictureForm form, PictureColours *colours)
{
	for (size_t i = 0; i < palette->count; i++)
		picture_colours_set(colours, palette->list[i].colour,
		                    sample(palette, form, shown(palette, &palette->list[i])));
}

static void copy_palette(const Palette *palette, PictureCoded *coded)
{
	if (coded->form != PICTURE_INDEXED_4 && coded->form != PICTURE_INDEXED_8)
		return;
	unsigned least = coded->form == PICTURE_INDEXED_4 ? LEAST_OF_4_BITS : LEAST_OF_8_BITS;
	coded->colours = MAX(palette->palette->len, least);
	for (unsigned i = 0; i < palette->palette->len; i++)
		coded->palette[i] = palette_at(palette, i);
}

static bool encode_form(const PictureSource *source, PictureColours *colours, PictureForm form,
                        uint64_t max_bytes, GByteArray *data, GError **error)
{
	if (form == PICTURE_JPEG_GRAY || form == PICTURE_JPEG_RGB)
		return picture_jpeg(source, form == PICTURE_JPEG_GRAY, max_bytes, data, error);
	return picture_deflate(source, colours, form_bits[form], max_bytes, data, error);
}

/* The smallest of these forms. An attempt ends where it gets larger than the best before it. */
static bool encode_smallest(const PictureSource *source, PictureColours *colours, const PictureForm *forms,
                            size_t count, uint64_t max_bytes, PictureCoded *coded, GError **error)
{
	g_autoptr(GError) refused = NULL;
	for (size_t i = 0; i < count; i++) {
		g_autoptr(GByteArray) data = g_byte_array_new();
		uint64_t most = coded->data == NULL ? max_bytes : coded->data->len - 1;
		g_clear_error(&refused);
		if (!encode_form(source, colours, forms[i], most, data, &refused))
			continue;
		g_clear_pointer(&coded->data, g_byte_array_unref);
		coded->data = g_steal_pointer(&data);
		coded->form = forms[i];
	}
	if (coded->data != NULL)
		return true;
	g_propagate_error(error, g_steal_pointer(&refused));
	return false;
}

/* The forms worth trying, the one that is likely to be larger first. */
static size_t choose_forms(const Palette *palette, bool busy, PictureForm forms[2])
{
	bool gray = all_gray(palette);
	PictureForm jpeg = gray ? PICTURE_JPEG_GRAY : PICTURE_JPEG_RGB;
	if (palette->palette->len > PICTURE_PALETTE_MAX) {
		forms[0] = jpeg;
		forms[1] = PICTURE_RGB;
		return busy ? 1 : 2;
	}
	PictureForm few = palette_form(palette, gray);
	forms[0] = busy && form_bits[few] == 8 ? jpeg : few;
	forms[1] = few;
	return forms[0] == few ? 1 : 2;
}

static bool encode_counted(const PictureSource *source, PictureColours *colours, uint64_t max_bytes,
                           PictureCoded *coded, GError **error)
{
	g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	Palette palette = { .pixels = (uint64_t)source->width * source->height, .palette = values };
	PictureForm forms[2];

	palette.list = picture_colours_list(colours, &palette.count);
	choose_colours(&palette);
	bool busy = picture_colours_runs(colours) * BUSY_SHARE > palette.pixels;
	size_t count = choose_forms(&palette, busy, forms);
	if (palette.palette->len <= PICTURE_PALETTE_MAX)
		set_samples(&palette, forms[count - 1], colours);
	if (!encode_smallest(source, colours, forms, count, max_bytes, coded, error))
		return false;
	copy_palette(&palette, coded);
	return true;
}

bool picture_encode(const ImagePdfPage *page, RenderColour colour, uint64_t max_bytes, PictureCoded *ret,
                    GError **error)
{
	PictureSource source = { page, page->width, page->height, colour == RENDER_GRAY };
	g_autoptr(PictureColours) colours = picture_colours_new(&source);
	PictureForm jpeg = PICTURE_JPEG_RGB; /* too many colours to be gray */
	PictureCoded coded = { 0 };
	bool done = picture_colours_counted(colours)
	                    ? encode_counted(&source, colours, max_bytes, &coded, error)
	                    : encode_smallest(&source, colours, &jpeg, 1, max_bytes, &coded, error);

	if (done)
		*ret = coded;
	return done;
}
