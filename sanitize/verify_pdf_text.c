/* Grammar 6.5, 6.6, 6.8 and 6.9: the invisible text, the font that it is set in, and what it says.
 */
#include "verify_pdf_priv.h"

#include <stdio.h>
#include <string.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define LETTER 4u /* hex digits of a code */

/* -- 6.5: runs -- */

static bool take_number(struct pdf *pdf, uint32_t least, uint32_t most, const char *what, const char *behind)
{
	const uint8_t *start = pdf->at;
	uint32_t value;
	if (!pdf_num(pdf, "6.5", most, what, &value))
		return false;
	if (value >= least)
		return pdf_take(pdf, "6.5", behind, "not a run");
	pdf->at = start;
	return pdf_refuse(pdf, "6.5", what);
}

/* A code is new by one, or was there before: so no code is left out, and none is unused. */
static bool take_code(struct pdf *pdf)
{
	const uint8_t *start = pdf->at;
	uint32_t code;
	if (!pdf_hex(pdf, "6.5", LETTER, &code))
		return false;
	if (code == 0 || code > pdf->codes + 1) {
		pdf->at = start;
		return pdf_refuse(pdf, "6.5", "a code of 0, or one that leaves others out");
	}
	pdf->codes = code > pdf->codes ? code : pdf->codes;
	return true;
}

static bool take_codes(struct pdf *pdf, uint32_t *letters)
{
	uint32_t count = 0;
	do {
		if (!take_code(pdf))
			return false;
		if (++count > PDF_RUN_MAX)
			return pdf_refuse(pdf, "6.5", "a run of more than 1000 characters");
	} while (!pdf_skip(pdf, "> Tj\n"));
	*letters += count;
	pdf->letters += count;
	if (*letters > PDF_PAGE_TEXT_MAX)
		return pdf_refuse(pdf, "6.5", "more than 100000 characters on a page");
	return pdf->letters <= PDF_ALL_TEXT_MAX ||
	       pdf_refuse(pdf, "6.5", "more than 5000000 characters in a document");
}

static bool take_run(struct pdf *pdf, const struct pdf_page *page, uint32_t *letters)
{
	if (!pdf_take(pdf, "6.5", "/F ", "not a run, and not the end of the text") ||
	    !take_number(pdf, 1, PDF_BOX_MAX * 1000, "not a font size, over 0 and at most 14400", " Tf ") ||
	    !take_number(pdf, 1000, 10000000, "not a scaling, 1 to 10000", " Tz "))
		return false;
	if (!pdf_skip(pdf, "1 0 0 1 ") && !pdf_skip(pdf, "0 -1 1 0 "))
		return pdf_refuse(pdf, "6.5", "not a matrix of a horizontal or a vertical run");
	return take_number(pdf, 0, page->width, "not a place on the page", " ") &&
	       take_number(pdf, 0, page->height, "not a place on the page", " Tm <") &&
	       take_codes(pdf, letters);
}

bool pdf_runs(struct pdf *pdf, struct pdf_page *page, const uint8_t *end)
{
	uint32_t letters = 0;
	if (!pdf_take(pdf, "6.2", "BT\n3 Tr\n", "not the beginning of invisible text"))
		return false;
	page->runs.at = pdf->at;
	do {
		if (!take_run(pdf, page, &letters))
			return false;
	} while (!pdf_skip(pdf, "ET\n"));
	page->runs.length = (size_t)(pdf->at - page->runs.at) - strlen("ET\n");
	return pdf->at == end || pdf_refuse(pdf, "6.2", "the content does not end where its stream does");
}

/* -- 6.6: the font -- */

static bool take_type0(struct pdf *pdf)
{
	char text[200];
	snprintf(text, sizeof(text),
	         "<</Type/Font/Subtype/Type0/BaseFont/MugaiText/Encoding/Identity-H/DescendantFonts[%u 0 R]"
	         "/ToUnicode %u 0 R>>",
	         pdf->object + 1, pdf->object + 4);
	return pdf_take(pdf, "6.6", text, "not the font");
}

static bool take_descendant(struct pdf *pdf)
{
	char text[240];
	snprintf(text, sizeof(text),
	         "<</Type/Font/Subtype/CIDFontType2/BaseFont/MugaiText/CIDSystemInfo<</Registry(Adobe)"
	         "/Ordering(Identity)/Supplement 0>>/FontDescriptor %u 0 R/DW 500/CIDToGIDMap %u 0 R>>",
	         pdf->object + 1, pdf->object + 4);
	return pdf_take(pdf, "6.6", text, "not the descendant font");
}

static bool take_descriptor(struct pdf *pdf)
{
	char text[240];
	snprintf(text, sizeof(text),
	         "<</Type/FontDescriptor/FontName/MugaiText/Flags 4/FontBBox[0 0 500 1000]/ItalicAngle 0"
	         "/Ascent 1000/Descent -1/CapHeight 1000/StemV 80/FontFile2 %u 0 R>>",
	         pdf->object + 1);
	return pdf_take(pdf, "6.6", text, "not the font's descriptor");
}

/* 6.9 */
static bool take_font_file(struct pdf *pdf)
{
	char again[32];
	uint8_t digest[32];
	struct verify_span data;
	uint32_t length;
	if (!pdf_take(pdf, "6.6", "<</Length ", "not the font's stream") || !pdf_length(pdf, "6.6", &length))
		return false;
	snprintf(again, sizeof(again), "/Length1 %u", length);
	if (!pdf_take(pdf, "6.6", again, "not the length of the font's stream again") ||
	    !pdf_stream(pdf, "6.6", length, &data))
		return false;
	verify_sha256(data, digest);
	if (memcmp(digest, pdf_font_sha256, sizeof(digest)) != 0)
		return pdf_refuse(pdf, "6.9", "not the glyphless font");
	pdf->at += data.length;
	return pdf_stream_end(pdf, "6.6");
}

/* -- 6.6: the ToUnicode map -- */

static bool is_surrogate(uint32_t unit, uint32_t first)
{
	return unit >= first && unit <= first + 0x3FF;
}

/* UTF-16 of one code point, at most two units. */
static bool take_cp(struct pdf *pdf, uint32_t *cp)
{
	const uint8_t *start = pdf->at;
	uint32_t low;
	if (!pdf_hex(pdf, "6.6", 4, cp))
		return false;
	bool pair = is_surrogate(*cp, 0xD800);
	if (pair && !pdf_hex(pdf, "6.6", 4, &low))
		return false;
	if (is_surrogate(*cp, 0xDC00) || (pair && !is_surrogate(low, 0xDC00))) {
		pdf->at = start;
		return pdf_refuse(pdf, "6.6", "not a code point in UTF-16");
	}
	if (pair)
		*cp = 0x10000 + ((*cp - 0xD800) << 10 | (low - 0xDC00));
	return true;
}

static bool take_meaning(struct pdf *pdf, uint32_t code)
{
	char begin[16];
	const uint8_t *start = pdf->at;
	snprintf(begin, sizeof(begin), "<%04x><", code);
	if (!pdf_take(pdf, "6.6", begin, "not the code that must be next") || !take_cp(pdf, &pdf->cp[code]) ||
	    !pdf_take(pdf, "6.6", ">\n", "not the end of a code's meaning"))
		return false;
	uint32_t cp = pdf->cp[code];
	uint8_t bit = (uint8_t)(1u << (cp % 8));
	if (pdf->taken[cp / 8] & bit) {
		pdf->at = start;
		return pdf_refuse(pdf, "6.6", "a code point that has a code already");
	}
	pdf->taken[cp / 8] |= bit;
	return true;
}

static bool take_meanings(struct pdf *pdf)
{
	char begin[32];
	memset(pdf->taken, 0, sizeof(pdf->taken));
	for (uint32_t code = 1; code <= pdf->codes;) {
		uint32_t left = pdf->codes - code + 1, count = left < 100 ? left : 100;
		snprintf(begin, sizeof(begin), "%u beginbfchar\n", count);
		if (!pdf_take(pdf, "6.6", begin, "not a block with as many codes as must be in it"))
			return false;
		for (; count > 0; count--, code++) {
			if (!take_meaning(pdf, code))
				return false;
		}
		if (!pdf_take(pdf, "6.6", "endbfchar\n", "not the end of a block of codes"))
			return false;
	}
	return true;
}

static bool take_to_unicode(struct pdf *pdf)
{
	static const char begin[] = "/CIDInit /ProcSet findresource begin\n"
	                            "12 dict begin\n"
	                            "begincmap\n"
	                            "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n"
	                            "/CMapName/MugaiText def\n"
	                            "/CMapType 2 def\n"
	                            "1 begincodespacerange\n"
	                            "<0000><ffff>\n"
	                            "endcodespacerange\n";
	static const char end[] = "endcmap\n"
	                          "CMapName currentdict/CMap defineresource pop\n"
	                          "end\n"
	                          "end";
	struct verify_span data;
	if (!pdf_plain_stream(pdf, &data) || !pdf_take(pdf, "6.6", begin, "not the ToUnicode map") ||
	    !take_meanings(pdf) || !pdf_take(pdf, "6.6", end, "not the end of the ToUnicode map"))
		return false;
	if (pdf->at != data.at + data.length)
		return pdf_refuse(pdf, "6.6", "the ToUnicode map does not end where its stream does");
	return pdf_stream_end(pdf, "6.3");
}

/* -- 6.6: every code is the one blank glyph -- */

static bool take_glyphs(struct pdf *pdf)
{
	struct verify_span data;
	if (!pdf_plain_stream(pdf, &data))
		return false;
	if (data.length != 2 * (pdf->codes + 1))
		return pdf_refuse(pdf, "6.6", "not a glyph for each code");
	const uint8_t *start = pdf->at;
	for (; pdf->at < start + data.length; pdf->at++) {
		bool first = pdf->at < start + 2, high = (pdf->at - start) % 2 == 0;
		if (*pdf->at != (first || high ? 0 : 1))
			return pdf_refuse(pdf, "6.6", "a code that is not the blank glyph");
	}
	return pdf_stream_end(pdf, "6.3");
}

bool pdf_font(struct pdf *pdf)
{
	static bool (*const take[PDF_FONT_OBJECTS])(struct pdf *) = { take_type0,      take_descendant,
		                                                      take_descriptor, take_font_file,
		                                                      take_to_unicode, take_glyphs };
	for (size_t i = 0; i < PDF_FONT_OBJECTS; i++) {
		if (!pdf_object(pdf) || !take[i](pdf) || !pdf_object_end(pdf))
			return false;
	}
	return true;
}

/* -- 6.8: what the runs say -- */

#define LINK_MAX 11u /* javascript: */

/* The end of a page's line text: viewers make links of what stands in it, over the ends of runs too. */
struct line {
	char tail[LINK_MAX]; /* the last characters, in small ASCII letters; \x01 for others */
	bool at_sign;        /* the last one is an @ that a bracket must follow */
};

static char fold(uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		return (char)(cp | 0x20);
	return cp < 0x7F ? (char)cp : '\x01';
}

static bool ends_in(const struct line *line, const char *text)
{
	size_t length = strlen(text);
	return memcmp(line->tail + LINK_MAX - length, text, length) == 0;
}

static bool makes_link(const struct line *line)
{
	static const char *const links[] = { "://",  "\\\\", "www.",  "ftp.",  "mailto:", "tel:",
		                             "sip:", "sms:", "news:", "file:", "data:",   "javascript:" };
	for (size_t i = 0; i < ARRAY_LENGTH(links); i++) {
		if (ends_in(line, links[i]))
			return true;
	}
	return false;
}

static const char *line_add(struct line *line, uint32_t cp)
{
	if (line->at_sign && cp != ']')
		return "an @ that is not [@]";
	memmove(line->tail, line->tail + 1, LINK_MAX - 1);
	line->tail[LINK_MAX - 1] = fold(cp);
	line->at_sign = cp == '@';
	if (line->at_sign && line->tail[LINK_MAX - 2] != '[')
		return "an @ that is not [@]";
	bool may_end = cp == '/' || cp == '\\' || cp == '.' || cp == ':';
	return may_end && makes_link(line) ? "text that a viewer would make a link" : NULL;
}

static size_t put_utf8(uint32_t cp, uint8_t *out)
{
	size_t length = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	static const uint8_t first[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };
	for (size_t i = length - 1; i > 0; i--, cp >>= 6)
		out[i] = 0x80 | (cp & 0x3F);
	out[0] = (uint8_t)(first[length] | cp);
	return length;
}

/* The next character of a page's runs; pdf->at is left behind it. All has been read once already. */
static bool next_letter(struct pdf *pdf, const struct pdf_page *page, uint32_t *cp)
{
	const uint8_t *end = page->runs.at + page->runs.length;
	uint32_t code = 0;
	if (*pdf->at == '>')
		pdf->at += strlen("> Tj\n");
	if (pdf->at == end)
		return false;
	if (*pdf->at == '/')
		pdf->at = (const uint8_t *)memchr(pdf->at, '<', (size_t)(end - pdf->at)) + 1;
	(void)pdf_hex(pdf, "6.8", LETTER, &code);
	*cp = pdf->cp[code];
	return true;
}

static bool check_links(struct pdf *pdf, const struct pdf_page *page, size_t *length)
{
	struct line line = { .at_sign = false };
	uint32_t cp;
	*length = 0;
	pdf->at = page->runs.at;
	while (next_letter(pdf, page, &cp)) {
		const char *fault = line_add(&line, cp);
		if (!fault && (cp == ' ' || cp == 0x3000))
			fault = "a blank in a run";
		if (fault) {
			pdf->at -= LETTER;
			return pdf_refuse(pdf, "6.8", fault);
		}
		*length += put_utf8(cp, pdf->line + *length);
	}
	return !line.at_sign || pdf_refuse(pdf, "6.8", "an @ that is not [@]");
}

/* 5.2 */
static bool check_characters(struct pdf *pdf, const struct pdf_page *page, size_t length)
{
	struct verify_span text = { pdf->line, length }, bad;
	const char *section;
	uint32_t cp;
	const char *fault = verify_characters(text, false, &section, &bad);
	if (!fault)
		return true;
	size_t before = verify_count((struct verify_span) { pdf->line, (size_t)(bad.at - pdf->line) });
	pdf->at = page->runs.at;
	for (size_t i = 0; i <= before; i++)
		(void)next_letter(pdf, page, &cp);
	pdf->at -= LETTER;
	return pdf_refuse(pdf, "6.8", fault);
}

bool pdf_text(struct pdf *pdf)
{
	size_t length;
	for (unsigned i = 0; i < pdf->pages; i++) {
		const struct pdf_page *page = &pdf->page[i];
		pdf->object = 4 + 3 * i;
		if (page->has_text &&
		    (!check_links(pdf, page, &length) || !check_characters(pdf, page, length)))
			return false;
	}
	return true;
}
