/* image_pdf_rules: doc/output-grammar.md section 6 once more, as tests and fuzzers need it: read in one pass,
 * and nothing but that form is read. Written from that page; shares no code with the writer.
 */
#ifndef MUGAI_TESTS_IMAGE_PDF_RULES_H
#define MUGAI_TESTS_IMAGE_PDF_RULES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct {
	uint64_t size, scale, x, y; /* thousandths */
	bool vertical;
	GArray *codes; /* unsigned */
	char *text;    /* UTF-8 */
} ReadRun;

typedef struct {
	char *width, *height; /* of the box, as written */
	uint64_t box_width, box_height;
	unsigned w, h, bits, components, colours;
	bool jpeg, has_text;
	uint32_t palette[256];
	const uint8_t *data;
	size_t length;
	uint8_t *samples; /* of a Flate picture: inflated rows */
	size_t row_bytes;
	GPtrArray *runs; /* ReadRun */
} ReadPage;

typedef struct {
	const char *start, *at, *end;
	const char *broken;
	GArray *offsets;    /* uint64_t */
	GPtrArray *pages;   /* ReadPage */
	GArray *characters; /* gunichar, by code - 1 */
} ReadPdf;

static inline void read_run_free(void *data)
{
	ReadRun *run = data;
	g_array_unref(run->codes);
	g_free(run->text);
	g_free(run);
}

static inline void read_page_free(void *data)
{
	ReadPage *page = data;
	g_free(page->width);
	g_free(page->height);
	g_free(page->samples);
	g_ptr_array_unref(page->runs);
	g_free(page);
}

static inline void read_pdf_free(ReadPdf *read)
{
	g_array_unref(read->offsets);
	g_ptr_array_unref(read->pages);
	g_array_unref(read->characters);
	g_free(read);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReadPdf, read_pdf_free)

static inline void rules_break(ReadPdf *read, const char *rule)
{
	if (read->broken == NULL)
		read->broken = rule;
}

static inline bool rules_is(const ReadPdf *read, const char *text)
{
	size_t length = strlen(text);
	return (size_t)(read->end - read->at) >= length && memcmp(read->at, text, length) == 0;
}

static inline void rules_take(ReadPdf *read, const char *text)
{
	if (!rules_is(read, text))
		rules_break(read, text);
	else
		read->at += strlen(text);
}

static inline void G_GNUC_PRINTF(2, 3) rules_takef(ReadPdf *read, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (!rules_is(read, text))
		rules_break(read, format);
	else
		read->at += strlen(text);
	g_free(text);
}

static inline bool rules_digit(const ReadPdf *read)
{
	return read->at < read->end && g_ascii_isdigit(*read->at);
}

static inline uint64_t rules_int(ReadPdf *read)
{
	const char *start = read->at;
	uint64_t value = 0;
	while (rules_digit(read) && read->at - start < 12)
		value = value * 10 + (uint64_t)(*read->at++ - '0');
	if (read->at == start || (*start == '0' && read->at - start > 1))
		rules_break(read, "INT");
	return value;
}

/* In thousandths. */
static inline uint64_t rules_num(ReadPdf *read)
{
	uint64_t value = rules_int(read) * 1000, place = 100;
	if (!rules_is(read, "."))
		return value;
	read->at++;
	const char *start = read->at;
	for (; rules_digit(read) && place > 0; place /= 10)
		value += (uint64_t)(*read->at++ - '0') * place;
	if (read->at == start || read->at[-1] == '0' || rules_digit(read))
		rules_break(read, "NUM");
	return value;
}

static inline unsigned rules_hex(ReadPdf *read, unsigned digits)
{
	unsigned value = 0;
	for (unsigned i = 0; i < digits; i++) {
		const char *digit =
		        read->at < read->end && *read->at != 0 ? strchr("0123456789abcdef", *read->at) : NULL;
		if (digit == NULL) {
			rules_break(read, "lower case hex digits");
			return 0;
		}
		value = value << 4 | (unsigned)(digit - "0123456789abcdef");
		read->at++;
	}
	return value;
}

static inline void rules_object(ReadPdf *read)
{
	uint64_t offset = (uint64_t)(read->at - read->start);
	g_array_append_val(read->offsets, offset);
	rules_takef(read, "%u 0 obj\n", read->offsets->len);
}

static inline const char *rules_bytes(ReadPdf *read, uint64_t length)
{
	const char *bytes = read->at;
	if (length > (uint64_t)(read->end - read->at))
		rules_break(read, "length");
	else
		read->at += length;
	return bytes;
}

static inline const char *rules_stream(ReadPdf *read, uint64_t *ret_length)
{
	rules_object(read);
	rules_take(read, "<</Length ");
	*ret_length = rules_int(read);
	rules_take(read, ">>\nstream\n");
	const char *bytes = rules_bytes(read, *ret_length);
	rules_take(read, "\nendstream\nendobj\n");
	return bytes;
}

static inline void rules_run(ReadPdf *read, ReadPage *page)
{
	ReadRun *run = g_new0(ReadRun, 1);
	run->codes = g_array_new(FALSE, FALSE, sizeof(unsigned));
	g_ptr_array_add(page->runs, run);
	rules_take(read, "/F ");
	run->size = rules_num(read);
	rules_take(read, " Tf ");
	run->scale = rules_num(read);
	rules_take(read, " Tz ");
	run->vertical = rules_is(read, "0 -1 1 0 ");
	rules_take(read, run->vertical ? "0 -1 1 0 " : "1 0 0 1 ");
	run->x = rules_num(read);
	rules_take(read, " ");
	run->y = rules_num(read);
	rules_take(read, " Tm <");
	while (read->broken == NULL && !rules_is(read, ">")) {
		unsigned code = rules_hex(read, 4);
		g_array_append_val(run->codes, code);
	}
	rules_take(read, "> Tj\n");
	if (run->size == 0 || run->size > 14400000 || run->scale < 1000 || run->scale > 10000000)
		rules_break(read, "size or scaling of a run");
	if (run->x > page->box_width || run->y > page->box_height)
		rules_break(read, "a run outside the page");
	if (run->codes->len < 1 || run->codes->len > 1000)
		rules_break(read, "length of a run");
}

static inline void rules_content(ReadPdf *read, ReadPage *page)
{
	uint64_t length = 0;
	const char *content = rules_stream(read, &length), *after = read->at, *end = read->end;
	if (read->broken != NULL)
		return;
	read->at = content;
	read->end = content + length;
	rules_takef(read, "q %s 0 0 %s 0 0 cm /P Do Q\n", page->width, page->height);
	if (page->has_text) {
		rules_take(read, "BT\n3 Tr\n");
		do
			rules_run(read, page);
		while (read->broken == NULL && !rules_is(read, "ET\n"));
		rules_take(read, "ET\n");
	}
	if (read->at != read->end)
		rules_break(read, "content goes on");
	read->at = after;
	read->end = end;
}

static inline void rules_inflate(ReadPdf *read, ReadPage *page)
{
	page->row_bytes = ((size_t)page->w * page->components * page->bits + 7) / 8;
	size_t whole = page->row_bytes * page->h;
	page->samples = g_malloc(whole + 1);
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)page->data,
		            .avail_in = (uInt)page->length,
		            .next_out = page->samples,
		            .avail_out = (uInt)whole + 1 };
	if (inflateInit(&stream) != Z_OK || inflate(&stream, Z_FINISH) != Z_STREAM_END ||
	    stream.avail_in != 0 || stream.avail_out != 1)
		rules_break(read, "Flate data");
	inflateEnd(&stream);
	unsigned used = (unsigned)((size_t)page->w * page->components * page->bits % 8);
	for (unsigned y = 0; used != 0 && read->broken == NULL && y < page->h; y++)
		if ((page->samples[(y + 1) * page->row_bytes - 1] & (0xff >> used)) != 0)
			rules_break(read, "unused bits");
}

static inline unsigned rules_sample(const ReadPage *page, unsigned x, unsigned y)
{
	size_t bit = (size_t)x * page->bits;
	unsigned byte = page->samples[y * page->row_bytes + bit / 8];
	return byte >> (8 - page->bits - bit % 8) & ((1u << page->bits) - 1);
}

static inline void rules_indexes(ReadPdf *read, const ReadPage *page)
{
	for (unsigned y = 0; read->broken == NULL && y < page->h; y++)
		for (unsigned x = 0; x < page->w; x++)
			if (rules_sample(page, x, y) >= page->colours) {
				rules_break(read, "a sample over K");
				return;
			}
}

/* The contents of a DHT segment. */
static inline void rules_huffman(ReadPdf *read, const uint8_t *at, const uint8_t *end, unsigned *tables)
{
	while (at < end) {
		unsigned id = at[0], sum = 0, code = 0;
		if (end - at < 17 || (id & 15) > 1 || id >> 4 > 1) {
			rules_break(read, "DHT");
			return;
		}
		for (unsigned i = 1; i <= 16; i++) {
			sum += at[i];
			code = (code << 1) + at[i];
			if (code > 1u << i)
				rules_break(read, "DHT: too many codes");
		}
		if (sum > (id >> 4 == 0 ? 16 : 256) || end - at < 17 + (ptrdiff_t)sum)
			rules_break(read, "DHT: length");
		*tables |= 1u << ((id & 15) + 2 * (id >> 4));
		at += 17 + sum;
	}
}

static inline void rules_jpeg(ReadPdf *read, ReadPage *page)
{
	static const uint8_t jfif[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1 };
	const uint8_t *at = page->data, *end = at + page->length;
	unsigned state = 0, quantizers = 0, tables = 0;

	if (page->length < 30 || memcmp(at, jfif, sizeof jfif) != 0 || at[13] > 1 || at[18] != 0 ||
	    at[19] != 0) {
		rules_break(read, "JFIF");
		return;
	}
	at += 20;
	while (read->broken == NULL && state != 0xda) {
		size_t length = end - at < 4 ? 0 : (size_t)at[2] << 8 | at[3];
		if (end - at < 4 || at[0] != 0xff || length < 2 || (size_t)(end - at) < length + 2) {
			rules_break(read, "JPEG segment");
			return;
		}
		unsigned marker = at[1];
		if (marker == 0xdb && (state == 0 || state == 0xdb)) {
			if ((length - 2) % 65 != 0)
				rules_break(read, "DQT");
			for (size_t i = 4; i < length + 2; i += 65) {
				quantizers |= at[i] < 2 ? 1u << at[i] : 0x80;
				for (unsigned k = 1; k <= 64; k++)
					if (at[i + k] == 0)
						rules_break(read, "DQT: 0");
			}
		} else if (marker == 0xc0 && state == 0xdb) {
			unsigned n = at[9];
			if (length != 8 + 3 * n || at[4] != 8 || n != page->components ||
			    ((unsigned)at[5] << 8 | at[6]) != page->h ||
			    ((unsigned)at[7] << 8 | at[8]) != page->w)
				rules_break(read, "SOF0");
			for (unsigned i = 0; read->broken == NULL && i < n; i++) {
				const uint8_t *component = at + 10 + 3 * i;
				bool double_first = n == 3 && i == 0 && component[1] == 0x22;
				if (component[0] != i + 1 || (component[1] != 0x11 && !double_first) ||
				    (quantizers & 1u << component[2]) == 0)
					rules_break(read, "SOF0: component");
			}
		} else if (marker == 0xc4 && (state == 0xc0 || state == 0xc4)) {
			rules_huffman(read, at + 4, at + 2 + length, &tables);
		} else if (marker == 0xda && state == 0xc4) {
			unsigned n = at[4];
			if (length != 6 + 2 * n || n != page->components ||
			    memcmp(at + 5 + 2 * n, "\0\77\0", 3) != 0)
				rules_break(read, "SOS");
			if (tables != (n == 1 ? 5u : 15u))
				rules_break(read, "Huffman tables");
		} else {
			rules_break(read, "JPEG marker");
		}
		state = marker;
		at += 2 + length;
	}
	for (; end - at > 2; at++)
		if (at[0] == 0xff && at[1] != 0)
			rules_break(read, "a marker in entropy-coded data");
	if (end - at != 2 || at[0] != 0xff || at[1] != 0xd9)
		rules_break(read, "EOI");
}

static inline void rules_colour_space(ReadPdf *read, ReadPage *page)
{
	page->components = rules_is(read, "/DeviceRGB") ? 3 : 1;
	if (rules_is(read, "/Device")) {
		rules_take(read, page->components == 3 ? "/DeviceRGB" : "/DeviceGray");
		return;
	}
	rules_take(read, "[/Indexed/DeviceRGB ");
	page->colours = (unsigned)rules_int(read) + 1;
	if (page->colours < 2 || page->colours > 256)
		rules_break(read, "K");
	rules_take(read, "<");
	for (unsigned i = 0; read->broken == NULL && i < page->colours; i++)
		page->palette[i] = rules_hex(read, 6);
	rules_take(read, ">]");
}

static inline void rules_picture(ReadPdf *read, ReadPage *page)
{
	rules_object(read);
	rules_take(read, "<</Type/XObject/Subtype/Image/Width ");
	page->w = (unsigned)rules_int(read);
	rules_take(read, "/Height ");
	page->h = (unsigned)rules_int(read);
	rules_take(read, "/ColorSpace ");
	rules_colour_space(read, page);
	rules_take(read, "/BitsPerComponent ");
	page->bits = (unsigned)rules_int(read);
	rules_take(read, "/Filter/");
	page->jpeg = rules_is(read, "DCTDecode");
	rules_take(read, page->jpeg ? "DCTDecode" : "FlateDecode");
	rules_take(read, "/Length ");
	page->length = rules_int(read);
	rules_take(read, ">>\nstream\n");
	page->data = (const uint8_t *)rules_bytes(read, page->length);
	rules_take(read, "\nendstream\nendobj\n");
	bool deep = page->bits == 8,
	     known = deep || page->bits == 4 || (page->bits == 1 && page->colours == 0);
	if (page->w < 1 || page->h < 1 || page->w > 10000 || page->h > 10000 ||
	    (uint64_t)page->w * page->h > 40000000)
		rules_break(read, "a picture's size");
	if (!known || ((page->jpeg || page->components == 3) && !deep) || (page->jpeg && page->colours != 0))
		rules_break(read, "a picture's form");
	if (page->colours != 0 && deep != (page->colours > 16))
		rules_break(read, "K of these bits");
	if (read->broken != NULL)
		return;
	if (page->jpeg)
		rules_jpeg(read, page);
	else
		rules_inflate(read, page);
	if (page->colours != 0)
		rules_indexes(read, page);
}

static inline void rules_page(ReadPdf *read, unsigned pages)
{
	ReadPage *page = g_new0(ReadPage, 1);
	page->runs = g_ptr_array_new_with_free_func(read_run_free);
	g_ptr_array_add(read->pages, page);
	rules_object(read);
	unsigned number = read->offsets->len;
	rules_take(read, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 ");
	const char *start = read->at;
	page->box_width = rules_num(read);
	page->width = g_strndup(start, (gsize)(read->at - start));
	rules_take(read, " ");
	start = read->at;
	page->box_height = rules_num(read);
	page->height = g_strndup(start, (gsize)(read->at - start));
	rules_takef(read, "]/Resources<</XObject<</P %u 0 R>>", number + 2);
	page->has_text = rules_is(read, "/Font");
	if (page->has_text)
		rules_takef(read, "/Font<</F %u 0 R>>", 3 + 3 * pages);
	rules_takef(read, ">>/Contents %u 0 R>>\nendobj\n", number + 1);
	if (page->box_width < 1 || page->box_width > 14400000 || page->box_height < 1 ||
	    page->box_height > 14400000)
		rules_break(read, "MediaBox");
	rules_content(read, page);
	if (read->broken == NULL)
		rules_picture(read, page);
}

static inline void rules_mappings(ReadPdf *read)
{
	for (;;) {
		unsigned count = (unsigned)rules_int(read);
		rules_take(read, " beginbfchar\n");
		if (count < 1 || count > 100)
			rules_break(read, "bfchar count");
		for (unsigned i = 0; read->broken == NULL && i < count; i++) {
			rules_takef(read, "<%04x><", read->characters->len + 1);
			gunichar c = rules_hex(read, 4);
			if (c >= 0xd800 && c < 0xdc00)
				c = 0x10000 + ((c - 0xd800) << 10) + (rules_hex(read, 4) - 0xdc00);
			rules_take(read, ">\n");
			g_array_append_val(read->characters, c);
		}
		rules_take(read, "endbfchar\n");
		if (read->broken != NULL || !rules_digit(read))
			return;
		if (count != 100)
			rules_break(read, "a short bfchar block");
	}
}

static inline void rules_cmap(ReadPdf *read)
{
	uint64_t length = 0;
	const char *cmap = rules_stream(read, &length), *after = read->at, *end = read->end;
	if (read->broken != NULL)
		return;
	read->at = cmap;
	read->end = cmap + length;
	rules_take(
	        read,
	        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
	        "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/MugaiText def\n"
	        "/CMapType 2 def\n1 begincodespacerange\n<0000><ffff>\nendcodespacerange\n");
	rules_mappings(read);
	rules_take(read, "endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend");
	if (read->at != read->end || read->characters->len > 65535)
		rules_break(read, "CMap");
	read->at = after;
	read->end = end;
}

static inline void rules_font(ReadPdf *read)
{
	static const char sha256[] = "35508c2b6284954ba0977a5eb6f76ec22a0a634e45f27b78e4d9ca2fa0e5764c";
	rules_object(read);
	unsigned f = read->offsets->len;
	rules_takef(read,
	            "<</Type/Font/Subtype/Type0/BaseFont/MugaiText/Encoding/Identity-H/DescendantFonts[%u 0 "
	            "R]/ToUnicode "
	            "%u 0 R>>\nendobj\n",
	            f + 1, f + 4);
	rules_object(read);
	rules_takef(read,
	            "<</Type/Font/Subtype/CIDFontType2/BaseFont/MugaiText/CIDSystemInfo<</Registry(Adobe)"
	            "/Ordering(Identity)/Supplement 0>>/FontDescriptor %u 0 R/DW 500/CIDToGIDMap %u 0 "
	            "R>>\nendobj\n",
	            f + 2, f + 5);
	rules_object(read);
	rules_takef(read,
	            "<</Type/FontDescriptor/FontName/MugaiText/Flags 4/FontBBox[0 0 500 1000]/ItalicAngle "
	            "0/Ascent 1000"
	            "/Descent -1/CapHeight 1000/StemV 80/FontFile2 %u 0 R>>\nendobj\n",
	            f + 3);
	rules_object(read);
	rules_take(read, "<</Length 648/Length1 648>>\nstream\n");
	const char *font = rules_bytes(read, 648);
	if (read->broken != NULL)
		return;
	char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)font, 648);
	if (strcmp(sum, sha256) != 0)
		rules_break(read, "the font's SHA-256");
	g_free(sum);
	rules_take(read, "\nendstream\nendobj\n");
	rules_cmap(read);
	uint64_t length = 0;
	const char *glyphs = rules_stream(read, &length);
	if (read->broken != NULL || length != 2 * ((uint64_t)read->characters->len + 1)) {
		rules_break(read, "CIDToGIDMap");
		return;
	}
	for (uint64_t i = 0; i < length; i++)
		if (glyphs[i] != (i % 2 == 1 && i > 1))
			rules_break(read, "CIDToGIDMap");
}

static inline void rules_trailer(ReadPdf *read)
{
	size_t start = (size_t)(read->at - read->start);
	unsigned count = read->offsets->len;
	rules_takef(read, "xref\n0 %u\n0000000000 65535 f \n", count + 1);
	for (unsigned i = 0; i < count && read->broken == NULL; i++)
		rules_takef(read, "%010" G_GUINT64_FORMAT " 00000 n \n",
		            g_array_index(read->offsets, uint64_t, i));
	rules_takef(read, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", count + 1, start);
	if (read->at != read->end || read->end - read->start > 32000000)
		rules_break(read, "the end");
}

/* 6.8, but for the characters themselves. */
static inline void rules_line(ReadPdf *read, const char *text)
{
	static const char *const fangs[] = { "://",  "\\\\",  "www.",  "ftp.",  "mailto:",     "tel:", "sip:",
		                             "sms:", "news:", "file:", "data:", "javascript:", NULL };
	char *lower = g_ascii_strdown(text, -1);
	for (unsigned i = 0; fangs[i] != NULL; i++)
		if (strstr(lower, fangs[i]) != NULL)
			rules_break(read, fangs[i]);
	for (const char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@'))
		if (at == text || at[-1] != '[' || at[1] != ']')
			rules_break(read, "@");
	if (strchr(text, ' ') != NULL || strstr(text, "\343\200\200") != NULL)
		rules_break(read, "a blank");
	g_free(lower);
}

static inline void rules_text(ReadPdf *read)
{
	unsigned seen = 0;
	uint64_t total = 0;
	for (unsigned p = 0; p < read->pages->len && read->broken == NULL; p++) {
		ReadPage *page = g_ptr_array_index(read->pages, p);
		GString *line = g_string_new(NULL);
		uint64_t chars = 0;
		for (unsigned r = 0; r < page->runs->len; r++) {
			ReadRun *run = g_ptr_array_index(page->runs, r);
			GString *text = g_string_new(NULL);
			for (unsigned i = 0; i < run->codes->len; i++) {
				unsigned code = g_array_index(run->codes, unsigned, i);
				if (code < 1 || code > read->characters->len || code > seen + 1) {
					rules_break(read, "the order of codes");
					continue;
				}
				seen = MAX(seen, code);
				g_string_append_unichar(text,
				                        g_array_index(read->characters, gunichar, code - 1));
			}
			chars += run->codes->len;
			g_string_append(line, text->str);
			run->text = g_string_free(text, FALSE);
		}
		total += chars;
		if (chars > 100000)
			rules_break(read, "characters of a page");
		rules_line(read, line->str);
		g_string_free(line, TRUE);
	}
	if (seen != read->characters->len || total > 5000000)
		rules_break(read, "codes that do not occur");
	GHashTable *once = g_hash_table_new(NULL, NULL);
	for (unsigned i = 0; i < read->characters->len; i++)
		if (!g_hash_table_add(once, GUINT_TO_POINTER(g_array_index(read->characters, gunichar, i))))
			rules_break(read, "a character with two codes");
	g_hash_table_unref(once);
}

/* See read->broken: NULL when all is well. The pages point into bytes. */
static inline ReadPdf *image_pdf_rules(const char *bytes, size_t length)
{
	ReadPdf *read = g_new0(ReadPdf, 1);
	read->start = read->at = bytes;
	read->end = bytes + length;
	read->offsets = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	read->pages = g_ptr_array_new_with_free_func(read_page_free);
	read->characters = g_array_new(FALSE, FALSE, sizeof(gunichar));
	rules_take(read, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
	rules_object(read);
	rules_take(read, "<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
	rules_object(read);
	rules_take(read, "<</Type/Pages/Count ");
	unsigned pages = (unsigned)rules_int(read);
	if (pages < 1 || pages > 500)
		rules_break(read, "Count");
	rules_take(read, "/Kids[");
	for (unsigned i = 0; read->broken == NULL && i < pages; i++)
		rules_takef(read, "%s%u 0 R", i == 0 ? "" : " ", 3 + 3 * i);
	rules_take(read, "]>>\nendobj\n");
	bool text = false;
	for (unsigned i = 0; read->broken == NULL && i < pages; i++) {
		rules_page(read, pages);
		text = text || ((ReadPage *)g_ptr_array_index(read->pages, i))->has_text;
	}
	if (text && read->broken == NULL)
		rules_font(read);
	if (read->broken == NULL)
		rules_trailer(read);
	if (read->broken == NULL)
		rules_text(read);
	return read;
}

#endif
