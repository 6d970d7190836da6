/* Grammar 6.2 and 6.4: a picture's dictionary, and Flate through zlib, in pieces. The bits of a zlib
 * stream that say nothing are looked at too: zlib skips them, and they would carry what nobody sees.
 */
#define ZLIB_CONST
#include "verify_pdf_priv.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

struct picture {
	uint32_t width, height, components, bits;
	bool indexed;
	uint32_t last_colour; /* K of an indexed picture */
};

/* -- 6.4: samples -- */

/* The inflated rows, which arrive in pieces. */
struct rows {
	size_t row;           /* bytes */
	uint64_t wanted, got; /* bytes */
	uint8_t unused;       /* bits of a row's last byte that are no sample */
	bool limited;         /* a byte can hold a sample over K */
	bool over[256];       /* whether it does */
};

static bool is_over(const struct picture *picture, uint32_t byte)
{
	if (picture->bits == 8)
		return byte > picture->last_colour;
	return byte >> 4 > picture->last_colour || (byte & 0x0F) > picture->last_colour;
}

static void start_rows(struct rows *rows, const struct picture *picture)
{
	uint32_t bits = picture->width * picture->components * picture->bits;
	*rows = (struct rows) { .row = (bits + 7) / 8 };
	rows->wanted = (uint64_t)rows->row * picture->height;
	rows->unused = (uint8_t)((1u << (rows->row * 8 - bits)) - 1);
	for (uint32_t byte = 0; picture->indexed && byte < 256; byte++) {
		rows->over[byte] = is_over(picture, byte);
		rows->limited |= rows->over[byte];
	}
}

static bool holds_over(const struct rows *rows, const uint8_t *piece, size_t length)
{
	bool over = false;
	for (size_t i = 0; i < length; i++)
		over |= rows->over[piece[i]];
	return over;
}

static bool holds_unused(const struct rows *rows, const uint8_t *piece, size_t length)
{
	uint8_t set = 0;
	for (size_t i = rows->row - 1 - (size_t)(rows->got % rows->row); i < length; i += rows->row)
		set |= piece[i] & rows->unused;
	return set != 0;
}

static const char *rows_fault(struct rows *rows, const uint8_t *piece, size_t length)
{
	if (length > rows->wanted - rows->got)
		return "a zlib stream that yields more than the picture";
	if (rows->limited && holds_over(rows, piece, length))
		return "a sample over the last colour";
	if (rows->unused && holds_unused(rows, piece, length))
		return "an unused bit is set at a row's end";
	rows->got += length;
	return NULL;
}

/* -- 6.4: Flate -- */

/* Between two blocks. The last bits of the byte before next_in are still to be used: by the next block's
 * header and, if that one is stored, by nothing more of this byte; behind the last block by nothing. */
static bool idle_bits_are_zero(const z_stream *z)
{
	unsigned left = (unsigned)z->data_type & 7, used = 0;
	unsigned value = left > 0 ? z->next_in[-1] >> (8 - left) : 0;
	bool behind_last = z->data_type & 64;
	if (!behind_last && left < 3) {
		value |= z->avail_in > 0 ? (unsigned)z->next_in[0] << left : 0;
		left += 8;
	}
	if (!behind_last)
		used = 3;
	bool compressed = !behind_last && (value >> 1 & 3) != 0;
	return compressed || value >> used == 0;
}

static const char *zlib_fault(const z_stream *z, int status)
{
	if (status == Z_NEED_DICT)
		return "a zlib stream with a preset dictionary";
	if (status == Z_BUF_ERROR || (status == Z_OK && z->avail_in == 0))
		return "a zlib stream that does not end";
	if (status != Z_OK && status != Z_STREAM_END)
		return "not a zlib stream";
	bool between_blocks = z->data_type & 128;
	return between_blocks && !idle_bits_are_zero(z) ? "an unused bit is set in a zlib stream" : NULL;
}

/* Out of memory comes from the first call that yields anything: zlib's window. */
static bool inflate_piece(struct pdf *pdf, z_stream *z, struct rows *rows, int *status)
{
	z->next_out = pdf->piece;
	z->avail_out = sizeof(pdf->piece);
	*status = inflate(z, Z_BLOCK);
	pdf->at = z->next_in;
	if (*status == Z_MEM_ERROR)
		return pdf_internal(pdf, "out of memory");
	const char *fault = rows_fault(rows, pdf->piece, sizeof(pdf->piece) - z->avail_out);
	if (!fault)
		fault = zlib_fault(z, *status);
	return !fault || pdf_refuse(pdf, "6.4", fault);
}

static bool inflate_all(struct pdf *pdf, z_stream *z, struct rows *rows)
{
	int status;
	do {
		if (!inflate_piece(pdf, z, rows, &status))
			return false;
	} while (status != Z_STREAM_END);
	if (z->avail_in > 0)
		return pdf_refuse(pdf, "6.4", "bytes after the zlib stream");
	return rows->got == rows->wanted ||
	       pdf_refuse(pdf, "6.4", "a zlib stream that yields less than the picture");
}

static bool take_flate(struct pdf *pdf, struct verify_span data, const struct picture *picture)
{
	struct rows rows;
	z_stream z = { .next_in = data.at, .avail_in = (uInt)data.length };
	if (data.at[0] != 0x78)
		return pdf_refuse(pdf, "6.4", "not a zlib stream with a window of 32 KB");
	if (inflateInit(&z) != Z_OK)
		return pdf_internal(pdf, "zlib cannot be used");
	start_rows(&rows, picture);
	bool good = inflate_all(pdf, &z, &rows);
	inflateEnd(&z);
	return good;
}

/* -- 6.2 and 6.4: the dictionary -- */

static bool take_size(struct pdf *pdf, struct picture *picture)
{
	static const char what[] = "not a side of a picture, 1 to 10000";
	if (!pdf_take(pdf, "6.2", "<</Type/XObject/Subtype/Image/Width ", "not a picture") ||
	    !pdf_int(pdf, "6.2", 1, PDF_SIDE_MAX, what, &picture->width) ||
	    !pdf_take(pdf, "6.2", "/Height ", "not a picture") ||
	    !pdf_int(pdf, "6.2", 1, PDF_SIDE_MAX, what, &picture->height))
		return false;
	uint32_t pixels = picture->width * picture->height;
	pdf->pixels += pixels;
	if (pixels > PDF_PIXELS_MAX)
		return pdf_refuse(pdf, "6.2", "a picture of more than 40000000 pixels");
	return pdf->pixels <= PDF_TOTAL_MAX ||
	       pdf_refuse(pdf, "6.2", "pictures of more than 4000000000 pixels together");
}

static bool take_palette(struct pdf *pdf, struct picture *picture)
{
	uint32_t colour;
	if (!pdf_int(pdf, "6.4", 1, 255, "not a palette's last index, 1 to 255", &picture->last_colour) ||
	    !pdf_take(pdf, "6.4", "<", "not a palette"))
		return false;
	for (uint32_t i = 0; i <= picture->last_colour; i++) {
		if (!pdf_hex(pdf, "6.4", 6, &colour))
			return false;
	}
	return pdf_take(pdf, "6.4", ">]", "not the end of a palette");
}

static bool take_colours(struct pdf *pdf, struct picture *picture)
{
	picture->components = 1;
	if (!pdf_take(pdf, "6.2", "/ColorSpace ", "not a picture's colour space"))
		return false;
	picture->indexed = pdf_skip(pdf, "[/Indexed/DeviceRGB ");
	if (picture->indexed)
		return take_palette(pdf, picture);
	if (pdf_skip(pdf, "/DeviceGray"))
		return true;
	picture->components = 3;
	return pdf_take(pdf, "6.4", "/DeviceRGB", "not a colour space that pictures have");
}

static bool bits_fit(const struct picture *picture, bool jpeg)
{
	uint32_t bits = picture->bits;
	if (jpeg)
		return bits == 8 && !picture->indexed;
	if (picture->indexed)
		return bits == (picture->last_colour < 16 ? 4 : 8);
	return bits == 8 || (picture->components == 1 && (bits == 1 || bits == 4));
}

static bool take_coding(struct pdf *pdf, struct picture *picture, bool *jpeg)
{
	const uint8_t *start = pdf->at;
	if (!pdf_take(pdf, "6.2", "/BitsPerComponent ", "not a picture's bits") ||
	    !pdf_int(pdf, "6.4", 1, 8, "not a number of bits that pictures have", &picture->bits))
		return false;
	*jpeg = pdf_skip(pdf, "/Filter/DCTDecode");
	if (!*jpeg && !pdf_take(pdf, "6.4", "/Filter/FlateDecode", "not a filter that pictures have"))
		return false;
	if (bits_fit(picture, *jpeg))
		return true;
	pdf->at = start;
	return pdf_refuse(pdf, "6.4", "bits and filter that do not go with the colour space");
}

bool pdf_picture(struct pdf *pdf)
{
	struct picture picture = { 0 };
	struct verify_span data;
	uint32_t length;
	bool jpeg;
	if (!take_size(pdf, &picture) || !take_colours(pdf, &picture) || !take_coding(pdf, &picture, &jpeg) ||
	    !pdf_take(pdf, "6.2", "/Length ", "not the end of a picture's dictionary") ||
	    !pdf_length(pdf, "6.2", &length) || !pdf_stream(pdf, "6.2", length, &data))
		return false;
	bool good = jpeg ? pdf_jpeg(pdf, data, picture.width, picture.height, picture.components)
	                 : take_flate(pdf, data, &picture);
	return good && pdf_stream_end(pdf, "6.2");
}
