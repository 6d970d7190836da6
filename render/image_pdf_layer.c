/* image_pdf_layer: the searchable text of a page: where it stands, what of it may stand there, and as which
 * operators.
 *
 * Text is hostile: a run may lie about its box, hide where there is no ink, or spell an address over several
 * runs so that a reader makes a link of it. What is written obeys doc/output-grammar.md 6.5 and 6.8 whatever
 * comes in.
 */
#include "image_pdf_priv.h"

#include <string.h>

enum {
	UNIT = 64,           /* parts of a pixel in a box */
	INK = 32,            /* the least difference in a channel that is ink */
	INK_PASSES = 8,      /* how often a page's pixels are looked at, at most: see has_ink() */
	INK_SPARE = 1 << 22, /* pixels more, for small pages */
	RUN_CHARS = 1000,    /* of one operator */
	IDEOGRAPHIC_SPACE = 0x3000,
	POINT = 1000, /* all lengths here are 1/1000 pt, all scalings 1/1000 % */
	COARSE = 100, /* they are rounded to: a fifth of a pixel is not seen, its digit would take room in
	                 each run */
	/* Below a quarter of the natural width readers take neighbours for the same letter printed twice. */
	SCALE_MIN = 25 * 1000,
	SCALE_MAX = 10000 * 1000,
	SCALE_STEP = 100,
};

/* Words without a blank; length characters of the page's text from start. */
typedef struct {
	size_t start, length;
	uint32_t x, y, w, h; /* 1/1000 pt, from the page's upper left corner */
	bool vertical;
} Piece;

struct ImagePdfLayer {
	ImagePdfOptions options;
	ImagePdfCodes *codes;
	ImagePdfPage page;
	GArray *text;                     /* gunichar, of the page */
	GArray *pieces;                   /* Piece */
	uint64_t page_chars, total_chars; /* at most, after defanging */
	uint64_t ink_left;                /* pixels that may still be looked at */
	uint64_t hidden, cut;
};

ImagePdfLayer *image_pdf_layer_new(const ImagePdfOptions *options, ImagePdfCodes *codes)
{
	ImagePdfLayer *layer = g_new0(ImagePdfLayer, 1);
	layer->options = *options;
	layer->codes = codes;
	layer->text = g_array_new(FALSE, FALSE, sizeof(gunichar));
	layer->pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
	return layer;
}

void image_pdf_layer_free(ImagePdfLayer *layer)
{
	if (layer == NULL)
		return;
	g_array_unref(layer->text);
	g_array_unref(layer->pieces);
	g_free(layer);
}

void image_pdf_layer_begin(ImagePdfLayer *layer, const ImagePdfPage *page)
{
	layer->page = *page;
	layer->page_chars = 0;
	layer->ink_left = (uint64_t)page->width * page->height * INK_PASSES + INK_SPARE;
	g_array_set_size(layer->text, 0);
	g_array_set_size(layer->pieces, 0);
}

uint64_t image_pdf_layer_hidden(const ImagePdfLayer *layer)
{
	return layer->hidden;
}

uint64_t image_pdf_layer_cut(const ImagePdfLayer *layer)
{
	return layer->cut;
}

/* ---- boxes --------------------------------------------------------------------------- */

/* From start, size long, to what of it lies in 0 .. side; a box outside becomes an empty one at the edge. */
static void clamp_span(int64_t start, int64_t size, int64_t side, uint32_t *ret_start, uint32_t *ret_size)
{
	int64_t first = CLAMP(start, 0, side), last = CLAMP(start + MAX(size, 0), 0, side);
	*ret_start = (uint32_t)first;
	*ret_size = (uint32_t)(last - first);
}

/* A box clamped to the page, in 1/64 pixel. */
typedef struct {
	uint32_t x, y, w, h;
	bool vertical;
} Box;

static Box clamp_box(const ImagePdfPage *page, const ImagePdfBox *in)
{
	Box box = { .vertical = in->vertical };
	clamp_span(in->x, in->w, (int64_t)page->width * UNIT, &box.x, &box.w);
	clamp_span(in->y, in->h, (int64_t)page->height * UNIT, &box.y, &box.h);
	return box;
}

/* The pixels that a span touches, at least one. */
static void pixel_span(uint32_t start, uint32_t size, uint32_t side, uint32_t *ret_first, uint32_t *ret_end)
{
	uint32_t first = MIN(start / UNIT, side - 1);
	*ret_first = first;
	*ret_end = MAX(first + 1, (start + size + UNIT - 1) / UNIT);
}

typedef struct {
	uint32_t low[3], high[3];
} Range;

static void extend(Range *range, uint32_t colour)
{
	for (unsigned i = 0; i < 3; i++) {
		uint32_t value = colour >> (8 * i) & 0xff;
		range->low[i] = MIN(range->low[i], value);
		range->high[i] = MAX(range->high[i], value);
	}
}

static bool is_ink(const Range *range)
{
	bool ink = false;
	for (unsigned i = 0; i < 3; i++)
		ink = ink || range->high[i] >= range->low[i] + INK;
	return ink;
}

typedef enum { NO_INK, HAS_INK, NOT_LOOKED } Ink;

static uint32_t pixel_of(const ImagePdfPage *page, size_t at)
{
	return page->levels != NULL ? page->levels[at] * UINT32_C(0x010101) : page->pixels[at];
}

/* The ink rule. Many large boxes over an empty page would cost their number times the page: the pixels looked
 * at are counted, and what comes after too many of them is not looked at, and cut. Words on paper end at
 * their first stroke. */
static Ink has_ink(ImagePdfLayer *layer, const Box *box)
{
	const ImagePdfPage *page = &layer->page;
	Range range = { { 255, 255, 255 }, { 0, 0, 0 } };
	uint32_t left, right, top, bottom;
	pixel_span(box->x, box->w, page->width, &left, &right);
	pixel_span(box->y, box->h, page->height, &top, &bottom);

	for (uint32_t y = top; y < bottom; y++) {
		size_t row = (size_t)y * page->width;
		if (layer->ink_left < right - left)
			return NOT_LOOKED;
		layer->ink_left -= right - left;
		uint32_t before = pixel_of(page, row + left);
		extend(&range, before);
		for (uint32_t x = left + 1; x < right; x++) {
			uint32_t pixel = pixel_of(page, row + x);
			if (pixel != before)
				extend(&range, pixel);
			before = pixel;
		}
		if (is_ink(&range))
			return HAS_INK;
	}
	return NO_INK;
}

/* What lies at part .. part + size of total in the direction of the text. */
static Box slice(const Box *box, uint64_t part, uint64_t size, uint64_t total)
{
	Box out = *box;
	uint64_t extent = box->vertical ? box->h : box->w;
	uint32_t start = (uint32_t)(extent * part / total), end = (uint32_t)(extent * (part + size) / total);
	if (box->vertical) {
		out.y += start;
		out.h = end - start;
	} else {
		out.x += start;
		out.w = end - start;
	}
	return out;
}

/* ---- collecting ---------------------------------------------------------------------- */

static uint32_t to_paper(uint32_t units, uint32_t box, uint32_t pixels)
{
	return (uint32_t)((uint64_t)units * box / ((uint64_t)pixels * UNIT));
}

/* What defanging can make of it, at most. */
static uint64_t longest(const gunichar *text, size_t length)
{
	uint64_t chars = length;
	for (size_t i = 0; i < length; i++)
		if (text[i] == ':' || text[i] == '.' || text[i] == '@' || text[i] == '\\')
			chars += 2;
	return chars;
}

/* A word goes in whole or not at all: the half of one could break the rules that cleaning kept. */
static void add_word(ImagePdfLayer *layer, const Box *box, const gunichar *text, size_t length)
{
	uint64_t chars = longest(text, length);
	if (layer->page_chars + chars > RENDER_PAGE_CHARS ||
	    layer->total_chars + chars > RENDER_TOTAL_CHARS ||
	    !image_pdf_codes_admit(layer->codes, text, length)) {
		layer->cut += length;
		return;
	}
	layer->page_chars += chars;
	layer->total_chars += chars;
	const ImagePdfPage *page = &layer->page;
	Piece piece = {
		.start = layer->text->len,
		.length = length,
		.x = to_paper(box->x, page->box_width, page->width),
		.y = to_paper(box->y, page->box_height, page->height),
		.w = to_paper(box->w, page->box_width, page->width),
		.h = to_paper(box->h, page->box_height, page->height),
		.vertical = box->vertical,
	};
	g_array_append_vals(layer->text, text, (guint)length);
	g_array_append_val(layer->pieces, piece);
}

static bool is_blank(gunichar c)
{
	return c == ' ' || c == IDEOGRAPHIC_SPACE;
}

static uint64_t width_of(const gunichar *text, size_t length)
{
	uint64_t width = 0;
	for (size_t i = 0; i < length; i++)
		width += g_unichar_iswide(text[i]) ? 2 : 1;
	return width;
}

typedef bool (*WordFunc)(ImagePdfLayer *layer, const Box *box, const gunichar *text, size_t length);

/* Calls func for each word with its share of the box. */
static bool each_word(ImagePdfLayer *layer, const Box *box, const gunichar *text, size_t length,
                      WordFunc func)
{
	uint64_t total = width_of(text, length), before = 0;
	bool good = true;

	for (size_t start = 0, end; start < length && good; start = end) {
		bool blank = is_blank(text[start]);
		for (end = start + 1; end < length && is_blank(text[end]) == blank; end++)
			;
		uint64_t width = width_of(text + start, end - start);
		Box share = slice(box, before, width, total);
		before += width;
		if (!blank)
			good = func(layer, &share, text + start, end - start);
	}
	return good;
}

static bool add_cleaned_word(ImagePdfLayer *layer, const Box *box, const gunichar *text, size_t length)
{
	add_word(layer, box, text, length);
	return true;
}

/* Cleans one word, so that what it is cut into is clean on its own. */
static bool clean_and(ImagePdfLayer *layer, const Box *box, const gunichar *text, size_t length,
                      WordFunc func)
{
	g_autofree char *word = g_ucs4_to_utf8(text, (glong)length, NULL, NULL, NULL);
	g_autofree char *cleaned = layer->options.clean(word, layer->options.clean_user);
	if (!g_utf8_validate(cleaned, -1, NULL))
		return false;
	glong count = 0;
	g_autofree gunichar *characters = g_utf8_to_ucs4_fast(cleaned, -1, &count);
	return each_word(layer, box, characters, (size_t)count, func);
}

static bool add_again_cleaned(ImagePdfLayer *layer, const Box *box, const gunichar *text, size_t length)
{
	return clean_and(layer, box, text, length, add_cleaned_word);
}

/* Cleaning can make blanks of other characters; what lies between those is cleaned once more. */
static bool add_raw_word(ImagePdfLayer *layer, const Box *box, const gunichar *text, size_t length)
{
	return clean_and(layer, box, text, length, add_again_cleaned);
}

bool image_pdf_layer_add(ImagePdfLayer *layer, const ImagePdfBox *box, const char *text)
{
	Box inside = clamp_box(&layer->page, box);
	glong count = 0;
	g_autofree gunichar *characters = g_utf8_to_ucs4_fast(text, -1, &count);

	switch (has_ink(layer, &inside)) {
	case NO_INK:
		layer->hidden += (uint64_t)count;
		return true;
	case NOT_LOOKED:
		layer->cut += (uint64_t)count;
		return true;
	case HAS_INK:
		break;
	}
	return each_word(layer, &inside, characters, (size_t)count,
	                 layer->options.clean != NULL ? add_raw_word : add_cleaned_word);
}

/* ---- defanging ----------------------------------------------------------------------- */

/* Whether the page's text before `end` ends in word, in any ASCII case. */
static bool ends_in(const gunichar *text, size_t end, const char *word)
{
	size_t length = strlen(word);
	if (end < length)
		return false;
	for (size_t i = 0; i < length; i++) {
		gunichar c = text[end - length + i];
		if (c >= 0x80 || g_ascii_tolower((char)c) != word[i])
			return false;
	}
	return true;
}

static bool ends_in_any(const gunichar *text, size_t end, const char *const *words)
{
	for (; *words != NULL; words++)
		if (ends_in(text, end, *words))
			return true;
	return false;
}

static bool next_is(const GArray *text, size_t i, gunichar c)
{
	return i + 1 < text->len && g_array_index(text, gunichar, i + 1) == c;
}

/* Whether the character must stand in brackets. Neighbours are those of the whole page's text, since an
 * address may be spelt over several runs. Brackets are part of no such word, so none is made anew. */
static bool has_fangs(const GArray *text, size_t i)
{
	static const char *const schemes[] = { "mailto", "tel",  "sip",        "sms", "news",
		                               "file",   "data", "javascript", NULL };
	static const char *const hosts[] = { "www", "ftp", NULL };
	const gunichar *characters = (const gunichar *)(const void *)text->data;

	switch (characters[i]) {
	case ':':
		return ends_in_any(characters, i, schemes) ||
		       (next_is(text, i, '/') && next_is(text, i + 1, '/'));
	case '.':
		return ends_in_any(characters, i, hosts);
	case '\\':
		return next_is(text, i, '\\');
	case '@':
		return !(i > 0 && characters[i - 1] == '[' && next_is(text, i, ']'));
	default:
		return false;
	}
}

static void defang_piece(const GArray *text, const Piece *piece, GArray *out)
{
	static const gunichar open = '[', close = ']';
	g_array_set_size(out, 0);
	for (size_t i = piece->start; i < piece->start + piece->length; i++) {
		bool fangs = has_fangs(text, i);
		if (fangs)
			g_array_append_val(out, open);
		g_array_append_val(out, g_array_index(text, gunichar, i));
		if (fangs)
			g_array_append_val(out, close);
	}
}

/* ---- writing ------------------------------------------------------------------------- */

void image_pdf_put_milli(GString *out, uint64_t milli)
{
	char digits[32];
	int length = g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT ".%03u", milli / 1000,
	                        (unsigned)(milli % 1000));
	while (digits[length - 1] == '0')
		length--;
	if (digits[length - 1] == '.')
		length--;
	g_string_append_len(out, digits, length);
}

static uint64_t rounded(uint64_t value, uint64_t step)
{
	return value < step ? value : value / step * step;
}

/* So that the rectangle a reader marks is the printed word: the size is the box's breadth, the scaling makes
 * the text as long as the box. Where the scaling would leave its range, the size gives way. */
static void put_size(GString *out, uint64_t breadth, uint64_t extent, uint64_t count)
{
	uint64_t size = rounded(MAX(breadth, POINT), COARSE);
	uint64_t natural = size * count / 2; /* every glyph is half an em wide */
	uint64_t scale = extent * 100 * 1000 / natural;
	if (scale < SCALE_MIN) {
		scale = SCALE_MIN;
		size = rounded(MAX(extent * 8 / count, POINT), COARSE);
	} else if (scale > SCALE_MAX) {
		scale = SCALE_MAX;
		size = rounded(MAX(extent / 50 / count, POINT), COARSE);
	}
	g_string_append(out, "/F ");
	image_pdf_put_milli(out, MIN(size, RENDER_BOX_MAX));
	g_string_append(out, " Tf ");
	image_pdf_put_milli(out, rounded(scale, SCALE_STEP));
}

static void put_text(GString *out, ImagePdfCodes *codes, const gunichar *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned code = image_pdf_codes_code(codes, text[i]);
		for (int shift = 12; shift >= 0; shift -= 4)
			g_string_append_c(out, "0123456789abcdef"[code >> shift & 15]);
	}
}

/* From character `first` of `total` that share the piece's box. */
static void put_run(ImagePdfLayer *layer, const Piece *piece, const gunichar *text, size_t first,
                    size_t count, size_t total, GString *out)
{
	uint64_t extent = piece->vertical ? piece->h : piece->w;
	uint64_t begin = extent * first / total, end = extent * (first + count) / total;
	uint64_t x = piece->x, down = piece->y;
	if (piece->vertical)
		down += begin;
	else
		x += begin, down += piece->h;
	uint64_t y = down >= layer->page.box_height ? 0 : layer->page.box_height - down;

	put_size(out, piece->vertical ? piece->w : piece->h, end - begin, count);
	g_string_append(out, piece->vertical ? " Tz 0 -1 1 0 " : " Tz 1 0 0 1 ");
	image_pdf_put_milli(out, rounded(x, COARSE));
	g_string_append_c(out, ' ');
	image_pdf_put_milli(out, rounded(y, COARSE));
	g_string_append(out, " Tm <");
	put_text(out, layer->codes, text + first, count);
	g_string_append(out, "> Tj\n");
}

bool image_pdf_layer_write(ImagePdfLayer *layer, GString *content)
{
	if (layer->pieces->len == 0)
		return false;
	g_autoptr(GArray) shown = g_array_new(FALSE, FALSE, sizeof(gunichar));
	g_string_append(content, "BT\n3 Tr\n");
	for (unsigned i = 0; i < layer->pieces->len; i++) {
		const Piece *piece = &g_array_index(layer->pieces, Piece, i);
		defang_piece(layer->text, piece, shown);
		for (size_t first = 0; first < shown->len; first += RUN_CHARS)
			put_run(layer, piece, (const gunichar *)(const void *)shown->data, first,
			        MIN(RUN_CHARS, shown->len - first), shown->len, content);
	}
	g_string_append(content, "ET\n");
	return true;
}
