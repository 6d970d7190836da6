/* Grammar 6.4: a JPEG, marker by marker, and its entropy-coded data block by block: a decoder finds
 * exactly the blocks of the picture, no code without a meaning, and nothing behind them. A baseline
 * decoder (ITU-T T.81) up to the coefficients, which it does not keep.
 */
#include "verify_pdf_priv.h"

#include <string.h>

#define TABLES_MAX 2u

struct huffman {
	uint16_t quick[256]; /* code length << 8 | value, of codes of at most 8 bits; 0: longer, or none */
	int32_t last[17];    /* last code of each length; -1: none */
	int32_t shift[17];   /* from a code of that length to its place among the values */
	uint8_t value[256];
};

struct jpeg {
	struct pdf *pdf;
	const uint8_t *end; /* of the picture's bytes */
	uint32_t width, height;
	unsigned components;
	unsigned quantizers;
	bool halved; /* two colour components at half size */
	struct huffman dc[TABLES_MAX], ac[TABLES_MAX];
};

/* -- bytes and segments -- */

static bool refuse(struct jpeg *jpeg, const char *what)
{
	return pdf_refuse(jpeg->pdf, "6.4", what);
}

static bool take_bytes(struct jpeg *jpeg, const uint8_t *bytes, size_t length, const char *what)
{
	for (size_t i = 0; i < length; i++) {
		if (jpeg->pdf->at == jpeg->end || *jpeg->pdf->at != bytes[i])
			return refuse(jpeg, what);
		jpeg->pdf->at++;
	}
	return true;
}
#define TAKE(jpeg, bytes, what) take_bytes(jpeg, bytes, sizeof(bytes), what)

static bool is_marker(const struct jpeg *jpeg, uint8_t marker)
{
	const uint8_t *at = jpeg->pdf->at;
	return jpeg->end - at >= 2 && at[0] == 0xFF && at[1] == marker;
}

/* *segment is what follows the length; pdf->at is left there. */
static bool take_segment(struct jpeg *jpeg, uint8_t marker, const char *what, struct verify_span *segment)
{
	const uint8_t *at = jpeg->pdf->at;
	if (!is_marker(jpeg, marker) || jpeg->end - at < 4)
		return refuse(jpeg, what);
	size_t length = (size_t)at[2] << 8 | at[3];
	if (length < 2 || length > (size_t)(jpeg->end - at) - 2)
		return refuse(jpeg, "a JPEG segment that is longer than the picture");
	jpeg->pdf->at += 4;
	*segment = (struct verify_span) { jpeg->pdf->at, length - 2 };
	return true;
}

static bool take_whole_segment(struct jpeg *jpeg, uint8_t marker, const uint8_t *content, size_t length,
                               const char *what)
{
	struct verify_span segment;
	if (!take_segment(jpeg, marker, what, &segment))
		return false;
	if (segment.length != length || memcmp(segment.at, content, length) != 0)
		return refuse(jpeg, what);
	jpeg->pdf->at += length;
	return true;
}

/* -- APP0 -- */

static bool is_zero16(const uint8_t *at)
{
	return at[0] == 0 && at[1] == 0;
}

static bool take_jfif(struct jpeg *jpeg)
{
	static const uint8_t begin[] = { 'J', 'F', 'I', 'F', 0, 1, 1 };
	struct verify_span s;
	if (!take_segment(jpeg, 0xE0, "no APP0 of JFIF", &s))
		return false;
	if (s.length != 14 || memcmp(s.at, begin, sizeof(begin)) != 0)
		return refuse(jpeg, "not an APP0 of JFIF 1.1 without thumbnail");
	if (s.at[7] > 1 || is_zero16(s.at + 8) || is_zero16(s.at + 10) || !is_zero16(s.at + 12))
		return refuse(jpeg, "not JFIF densities, or a thumbnail");
	jpeg->pdf->at += s.length;
	return true;
}

/* -- DQT -- */

static bool take_quantizer(struct jpeg *jpeg, const uint8_t *end)
{
	const uint8_t *at = jpeg->pdf->at;
	unsigned most = jpeg->components == 1 ? 1 : TABLES_MAX;
	if (jpeg->quantizers == most || *at != jpeg->quantizers)
		return refuse(jpeg, "not the quantization table that must be next");
	if (end - at < 65)
		return refuse(jpeg, "a quantization table that is not whole");
	const uint8_t *zero = memchr(at + 1, 0, 64);
	if (zero) {
		jpeg->pdf->at = zero;
		return refuse(jpeg, "a quantization value of 0");
	}
	jpeg->quantizers++;
	jpeg->pdf->at += 65;
	return true;
}

static bool take_quantizers(struct jpeg *jpeg)
{
	struct verify_span segment;
	do {
		if (!take_segment(jpeg, 0xDB, "no DQT", &segment))
			return false;
		const uint8_t *end = segment.at + segment.length;
		do {
			if (!take_quantizer(jpeg, end))
				return false;
		} while (jpeg->pdf->at < end);
	} while (is_marker(jpeg, 0xDB));
	return true;
}

/* -- SOF0 -- */

static bool take_frame(struct jpeg *jpeg)
{
	uint8_t colour = (uint8_t)(jpeg->quantizers - 1);
	uint8_t content[15] = { 8,
		                (uint8_t)(jpeg->height >> 8),
		                (uint8_t)jpeg->height,
		                (uint8_t)(jpeg->width >> 8),
		                (uint8_t)jpeg->width,
		                (uint8_t)jpeg->components,
		                1,
		                0x11,
		                0,
		                2,
		                0x11,
		                colour,
		                3,
		                0x11,
		                colour };
	const uint8_t *luma = jpeg->pdf->at + 4 + 7;
	jpeg->halved = jpeg->components == 3 && luma < jpeg->end && *luma == 0x22;
	if (jpeg->halved)
		content[7] = 0x22;
	return take_whole_segment(jpeg, 0xC0, content, 6 + 3 * jpeg->components,
	                          "not the SOF0 of this picture");
}

/* -- DHT -- */

/* Categories of differences up to 2047, of coefficients up to 1023; else EOB and sixteen zeros. */
static bool is_meaningful(bool ac, uint8_t value)
{
	if (!ac)
		return value <= 11;
	unsigned bits = value & 0x0F;
	return bits == 0 ? value == 0x00 || value == 0xF0 : bits <= 10;
}

/* Codes are given out in the order of their lengths; of each length the one of all ones, and what would
 * be beyond it, must stay free. */
static bool assign_codes(struct huffman *table, const uint8_t *counts)
{
	int32_t code = 0, place = 0;
	for (unsigned length = 1; length <= 16; length++, code <<= 1) {
		table->shift[length] = place - code;
		for (unsigned i = 0; i < counts[length - 1]; i++, code++, place++) {
			if (code >= (1 << length) - 1)
				return false;
			if (length > 8)
				continue;
			for (int32_t k = 0; k < 1 << (8 - length); k++)
				table->quick[(code << (8 - length)) + k] =
				        (uint16_t)(length << 8 | table->value[place]);
		}
		table->last[length] = counts[length - 1] > 0 ? code - 1 : -1;
	}
	return true;
}

static size_t sum_of(const uint8_t *counts)
{
	size_t sum = 0;
	for (size_t i = 0; i < 16; i++)
		sum += counts[i];
	return sum;
}

static const char *values_fault(struct verify_span values, bool ac)
{
	bool seen[256] = { false };
	for (size_t i = 0; i < values.length; i++) {
		if (!is_meaningful(ac, values.at[i]))
			return "a Huffman code for a value that baseline JPEG does not have";
		if (seen[values.at[i]])
			return "two Huffman codes for one value";
		seen[values.at[i]] = true;
	}
	return NULL;
}

/* The n-th table, from 0: DC 0, AC 0, DC 1, AC 1. */
static bool take_huffman(struct jpeg *jpeg, unsigned n, const uint8_t *end)
{
	const uint8_t *at = jpeg->pdf->at;
	bool ac = n % 2 == 1;
	struct huffman *table = ac ? &jpeg->ac[n / 2] : &jpeg->dc[n / 2];
	if (n >= (jpeg->components == 1 ? 2 : 4) || *at != (ac ? 0x10 : 0) + n / 2)
		return refuse(jpeg, "not the Huffman table that must be next");
	if (end - at < 17)
		return refuse(jpeg, "a Huffman table that is not whole");
	struct verify_span values = { at + 17, sum_of(at + 1) };
	if (values.length == 0 || values.length > (ac ? 256 : 16) || values.length > (size_t)(end - at) - 17)
		return refuse(jpeg, "a Huffman table that has not as many values as it says");
	const char *fault = values_fault(values, ac);
	if (fault)
		return refuse(jpeg, fault);
	memcpy(table->value, values.at, values.length);
	if (!assign_codes(table, at + 1))
		return refuse(jpeg, "a Huffman code that does not fit in its bits");
	jpeg->pdf->at = values.at + values.length;
	return true;
}

static bool take_huffmans(struct jpeg *jpeg)
{
	struct verify_span segment;
	unsigned n = 0;
	do {
		if (!take_segment(jpeg, 0xC4, "no DHT", &segment))
			return false;
		const uint8_t *end = segment.at + segment.length;
		do {
			if (!take_huffman(jpeg, n++, end))
				return false;
		} while (jpeg->pdf->at < end);
	} while (is_marker(jpeg, 0xC4));
	return n == (jpeg->components == 1 ? 2 : 4) || refuse(jpeg, "fewer Huffman tables than are needed");
}

/* -- SOS -- */

static bool take_scan(struct jpeg *jpeg)
{
	static const uint8_t gray[] = { 1, 1, 0x00, 0, 63, 0 };
	static const uint8_t colour[] = { 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0 };
	static const char what[] = "not the SOS of all components";
	if (jpeg->components == 1)
		return take_whole_segment(jpeg, 0xDA, gray, sizeof(gray), what);
	return take_whole_segment(jpeg, 0xDA, colour, sizeof(colour), what);
}

/* -- entropy-coded data -- */

struct bits {
	const uint8_t *at, *end;
	uint64_t hold; /* the lowest `count` bits are next, the highest of them first */
	unsigned count;
};

/* As many bytes as there is room for, up to the end or a marker. */
static void fill(struct bits *bits)
{
	while (bits->count <= 56 && bits->at < bits->end) {
		uint8_t byte = bits->at[0];
		bool stuffed = byte == 0xFF;
		if (stuffed && (bits->end - bits->at < 2 || bits->at[1] != 0))
			return;
		bits->hold = bits->hold << 8 | byte;
		bits->count += 8;
		bits->at += stuffed ? 2 : 1;
	}
}

static bool take_bits(struct bits *bits, unsigned n, uint32_t *value)
{
	if (bits->count < n)
		return false;
	bits->count -= n;
	*value = (uint32_t)(bits->hold >> bits->count) & ((1u << n) - 1);
	return true;
}

/* The next bits, zeros behind the last one. */
static uint32_t peek(const struct bits *bits, unsigned n)
{
	uint64_t value = bits->count >= n ? bits->hold >> (bits->count - n) : bits->hold << (n - bits->count);
	return (uint32_t)value & ((1u << n) - 1);
}

/* A longer code; -1 when there is none. */
static int decode_long(struct bits *bits, const struct huffman *table)
{
	uint32_t next = peek(bits, 16), code;
	for (unsigned length = 9; length <= 16; length++) {
		int32_t here = (int32_t)(next >> (16 - length));
		if (here <= table->last[length])
			return take_bits(bits, length, &code) ? table->value[here + table->shift[length]]
			                                      : -1;
	}
	return -1;
}

static int decode(struct bits *bits, const struct huffman *table)
{
	uint32_t code;
	if (bits->count < 32)
		fill(bits);
	uint16_t quick = table->quick[peek(bits, 8)];
	if (quick == 0)
		return decode_long(bits, table);
	return take_bits(bits, quick >> 8, &code) ? quick & 0xFF : -1;
}

/* T.81 F.2.2.1: what the bits of a category mean. */
static int32_t extend(uint32_t value, unsigned category)
{
	if (category == 0 || value >> (category - 1))
		return (int32_t)value;
	return (int32_t)value - (1 << category) + 1;
}

static const char *take_dc(struct bits *bits, const struct huffman *table, int32_t *dc)
{
	uint32_t value;
	int category = decode(bits, table);
	if (category < 0 || !take_bits(bits, (unsigned)category, &value))
		return "the JPEG data ends, or has no meaning, before the last block";
	*dc += extend(value, (unsigned)category);
	return *dc < -1024 || *dc > 1023 ? "a DC value over its range" : NULL;
}

static const char *take_ac(struct bits *bits, const struct huffman *table)
{
	uint32_t ignored;
	for (unsigned k = 1; k < 64; k++) {
		int value = decode(bits, table);
		if (value == 0)
			return NULL;
		if (value < 0 || !take_bits(bits, value & 0x0F, &ignored))
			return "the JPEG data ends, or has no meaning, before the last block";
		k += (unsigned)value >> 4;
		if (k > 63 || (value == 0xF0 && k == 63))
			return "a run of zeros that goes on beyond its block";
	}
	return NULL;
}

static const char *take_block(struct bits *bits, const struct jpeg *jpeg, unsigned component, int32_t *dc)
{
	unsigned n = component > 0;
	const char *fault = take_dc(bits, &jpeg->dc[n], dc);
	return fault ? fault : take_ac(bits, &jpeg->ac[n]);
}

static const char *take_blocks(struct bits *bits, const struct jpeg *jpeg)
{
	unsigned side = jpeg->halved ? 16 : 8, luma = jpeg->halved ? 4 : 1;
	uint32_t units = ((jpeg->width + side - 1) / side) * ((jpeg->height + side - 1) / side);
	unsigned blocks = luma + jpeg->components - 1;
	int32_t dc[3] = { 0 };
	for (uint32_t unit = 0; unit < units; unit++) {
		for (unsigned i = 0; i < blocks; i++) {
			unsigned component = i < luma ? 0 : i - luma + 1;
			const char *fault = take_block(bits, jpeg, component, &dc[component]);
			if (fault)
				return fault;
		}
	}
	return NULL;
}

static bool take_data(struct jpeg *jpeg)
{
	struct bits bits = { .at = jpeg->pdf->at, .end = jpeg->end };
	const char *fault = take_blocks(&bits, jpeg);
	uint32_t padding = 0;
	fill(&bits);
	unsigned unused = bits.count;
	if (!fault && (bits.at < bits.end || unused > 7))
		fault = "JPEG data behind the last block";
	else if (!fault && take_bits(&bits, unused, &padding) && padding != (1u << unused) - 1)
		fault = "JPEG data whose last unused bits are not ones";
	jpeg->pdf->at = bits.at;
	return !fault || refuse(jpeg, fault);
}

bool pdf_jpeg(struct pdf *pdf, struct verify_span data, uint32_t width, uint32_t height, unsigned components)
{
	static const uint8_t soi[] = { 0xFF, 0xD8 }, eoi[] = { 0xFF, 0xD9 };
	const uint8_t *end = data.at + data.length;
	struct jpeg jpeg = {
		.pdf = pdf, .end = end, .width = width, .height = height, .components = components
	};
	if (!TAKE(&jpeg, soi, "no SOI") || !take_jfif(&jpeg) || !take_quantizers(&jpeg) ||
	    !take_frame(&jpeg) || !take_huffmans(&jpeg) || !take_scan(&jpeg))
		return false;
	if (end - pdf->at < 2)
		return pdf_refuse(pdf, "6.4", "no EOI");
	jpeg.end = end - 2;
	if (!take_data(&jpeg))
		return false;
	jpeg.end = end;
	return TAKE(&jpeg, eoi, "no EOI");
}
