/* Grammar 6.1 to 6.3 and 6.7: the file, its objects and pages, the cross-reference table. verify_pdf()
 * shows the order of all checks.
 */
#include "verify_pdf_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIDENCE 24u /* bytes quoted from where a rule broke */

/* -- refusals -- */

static size_t offset_of(const struct pdf *pdf)
{
	return (size_t)(pdf->at - pdf->file.at);
}

/* The line of the message whose base64 holds the byte: 57 bytes stand in each. */
static const uint8_t *place_in_message(const struct pdf *pdf)
{
	return pdf->base64 + offset_of(pdf) / 57 * (76 + pdf->check->line_end);
}

bool pdf_refuse(struct pdf *pdf, const char *section, const char *what)
{
	char place[160];
	size_t left = pdf->file.length - offset_of(pdf);
	struct verify_span evidence = { pdf->at, left < EVIDENCE ? left : EVIDENCE };
	snprintf(place, sizeof(place), "attachment %zu: object %u, byte %zu: %s", pdf->check->names,
	         pdf->object, offset_of(pdf), what);
	pdf->check->where = place_in_message(pdf);
	return verify_refuse(pdf->check, section, place, evidence);
}

bool pdf_internal(struct pdf *pdf, const char *what)
{
	return verify_internal(pdf->check, what);
}

/* -- the reader -- */

static size_t left_of(const struct pdf *pdf)
{
	return pdf->file.length - offset_of(pdf);
}

bool pdf_skip(struct pdf *pdf, const char *text)
{
	struct verify_span rest = { pdf->at, left_of(pdf) };
	if (!verify_span_begins(rest, text))
		return false;
	pdf->at += strlen(text);
	return true;
}

bool pdf_take(struct pdf *pdf, const char *section, const char *text, const char *what)
{
	if (pdf_skip(pdf, text))
		return true;
	const uint8_t *end = pdf->file.at + pdf->file.length;
	for (; *text && pdf->at < end && *pdf->at == (uint8_t)*text; text++)
		pdf->at++;
	return pdf_refuse(pdf, section, what);
}

/* An unsigned decimal without leading zeros; the digits it takes, 0 when there is none or it is over
 * `most`, which is so small that ten times it fits. */
static size_t read_int(const struct pdf *pdf, uint32_t most, uint32_t *value)
{
	size_t left = left_of(pdf), n = 0;
	*value = 0;
	for (; n < left && pdf->at[n] >= '0' && pdf->at[n] <= '9'; n++) {
		*value = *value * 10 + (pdf->at[n] - '0');
		if (*value > most || (n > 0 && pdf->at[0] == '0'))
			return 0;
	}
	return n;
}

bool pdf_int(struct pdf *pdf, const char *section, uint32_t least, uint32_t most, const char *what,
             uint32_t *value)
{
	size_t n = read_int(pdf, most, value);
	if (n == 0 || *value < least)
		return pdf_refuse(pdf, section, what);
	pdf->at += n;
	return true;
}

/* The digits behind a point: 1 to 3, the last not 0. In thousandths; 0 when it is no fraction. */
static size_t read_fraction(const struct pdf *pdf, uint32_t *value)
{
	size_t left = left_of(pdf), n = 0;
	uint32_t worth = 100;
	*value = 0;
	for (; n < left && pdf->at[n] >= '0' && pdf->at[n] <= '9'; n++, worth /= 10)
		*value += (pdf->at[n] - '0') * worth;
	return n >= 1 && n <= 3 && pdf->at[n - 1] != '0' ? n : 0;
}

bool pdf_num(struct pdf *pdf, const char *section, uint32_t most, const char *what, uint32_t *value)
{
	const uint8_t *start = pdf->at;
	uint32_t whole, fraction = 0;
	size_t n = read_int(pdf, most / 1000, &whole);
	pdf->at += n;
	if (n > 0 && pdf_skip(pdf, ".")) {
		n = read_fraction(pdf, &fraction);
		pdf->at += n;
	}
	*value = whole * 1000 + fraction;
	if (n > 0 && *value <= most)
		return true;
	pdf->at = start;
	return pdf_refuse(pdf, section, what);
}

static int lower_hex(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

bool pdf_hex(struct pdf *pdf, const char *section, unsigned digits, uint32_t *value)
{
	*value = 0;
	if (left_of(pdf) < digits)
		return pdf_refuse(pdf, section, "the file ends too early");
	for (unsigned i = 0; i < digits; i++) {
		int digit = lower_hex(pdf->at[i]);
		if (digit < 0)
			return pdf_refuse(pdf, section, "not lower case hex digits");
		*value = *value << 4 | (uint32_t)digit;
	}
	pdf->at += digits;
	return true;
}

bool pdf_length(struct pdf *pdf, const char *section, uint32_t *length)
{
	return pdf_int(pdf, section, 1, PDF_SIZE_MAX, "not a stream's length", length);
}

bool pdf_stream(struct pdf *pdf, const char *section, uint32_t length, struct verify_span *data)
{
	static const char end[] = "\nendstream\nendobj\n";
	if (!pdf_take(pdf, section, ">>\nstream\n", "not the end of a stream's dictionary"))
		return false;
	if (left_of(pdf) < length)
		return pdf_refuse(pdf, section, "a stream that is longer than the file");
	*data = (struct verify_span) { pdf->at, length };
	if (verify_span_begins((struct verify_span) { pdf->at + length, left_of(pdf) - length }, end))
		return true;
	pdf->at += length;
	return pdf_refuse(pdf, section, "a stream that does not end after its length");
}

bool pdf_plain_stream(struct pdf *pdf, struct verify_span *data)
{
	uint32_t length;
	return pdf_take(pdf, "6.3", "<</Length ", "not a stream without filter") &&
	       pdf_length(pdf, "6.3", &length) && pdf_stream(pdf, "6.3", length, data);
}

bool pdf_stream_end(struct pdf *pdf, const char *section)
{
	return pdf_take(pdf, section, "\nendstream", "no end of the stream");
}

bool pdf_object(struct pdf *pdf)
{
	char begin[32];
	pdf->object = ++pdf->objects;
	pdf->offset[pdf->object] = (uint32_t)offset_of(pdf);
	snprintf(begin, sizeof(begin), "%u 0 obj\n", pdf->object);
	return pdf_take(pdf, "6.2", begin, "not the beginning of the object that must stand here");
}

bool pdf_object_end(struct pdf *pdf)
{
	if (!pdf_take(pdf, "6.2", "\nendobj\n", "not the end of the object"))
		return false;
	pdf->object = 0;
	return true;
}

/* -- 6.2: catalog and page tree -- */

static bool take_catalog(struct pdf *pdf)
{
	return pdf_object(pdf) && pdf_take(pdf, "6.2", "<</Type/Catalog/Pages 2 0 R>>", "not the catalog") &&
	       pdf_object_end(pdf);
}

static bool take_page_tree(struct pdf *pdf)
{
	char kid[32];
	if (!pdf_object(pdf) || !pdf_take(pdf, "6.2", "<</Type/Pages/Count ", "not the page tree") ||
	    !pdf_int(pdf, "6.2", 1, PDF_PAGES_MAX, "not a number of pages, 1 to 500", &pdf->pages) ||
	    !pdf_take(pdf, "6.2", "/Kids[", "not the page tree"))
		return false;
	for (unsigned i = 0; i < pdf->pages; i++) {
		snprintf(kid, sizeof(kid), "%s%u 0 R", i > 0 ? " " : "", 3 + 3 * i);
		if (!pdf_take(pdf, "6.2", kid, "not the page that must be next in the page tree"))
			return false;
	}
	return pdf_take(pdf, "6.2", "]>>", "not the end of the page tree") && pdf_object_end(pdf);
}

/* -- 6.2: a page and its content -- */

static bool take_side(struct pdf *pdf, uint32_t *side)
{
	static const char what[] = "not a side of a page, over 0 and at most 14400";
	const uint8_t *start = pdf->at;
	if (!pdf_num(pdf, "6.2", PDF_BOX_MAX * 1000, what, side))
		return false;
	if (*side > 0)
		return true;
	pdf->at = start;
	return pdf_refuse(pdf, "6.2", what);
}

static bool take_resources(struct pdf *pdf, struct pdf_page *page)
{
	char text[64];
	snprintf(text, sizeof(text), "]/Resources<</XObject<</P %u 0 R>>", pdf->object + 2);
	if (!pdf_take(pdf, "6.2", text, "not a page's resources"))
		return false;
	snprintf(text, sizeof(text), "/Font<</F %u 0 R>>", 3 + 3 * pdf->pages);
	page->has_text = pdf_skip(pdf, text);
	pdf->has_text |= page->has_text;
	snprintf(text, sizeof(text), ">>/Contents %u 0 R>>", pdf->object + 1);
	return pdf_take(pdf, "6.2", text, "not the end of a page");
}

static bool take_page(struct pdf *pdf, struct pdf_page *page)
{
	return pdf_object(pdf) &&
	       pdf_take(pdf, "6.2", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 ", "not a page") &&
	       take_side(pdf, &page->width) && pdf_take(pdf, "6.2", " ", "not a page's box") &&
	       take_side(pdf, &page->height) && take_resources(pdf, page) && pdf_object_end(pdf);
}

/* Numbers have one form each, so the same number is the same text. */
static bool take_same(struct pdf *pdf, uint32_t number)
{
	const uint8_t *start = pdf->at;
	uint32_t value;
	if (!pdf_num(pdf, "6.2", PDF_BOX_MAX * 1000, "not the page's side", &value))
		return false;
	if (value == number)
		return true;
	pdf->at = start;
	return pdf_refuse(pdf, "6.2", "not the page's side");
}

static bool take_drawing(struct pdf *pdf, const struct pdf_page *page)
{
	return pdf_take(pdf, "6.2", "q ", "not a page's content") && take_same(pdf, page->width) &&
	       pdf_take(pdf, "6.2", " 0 0 ", "not a page's content") && take_same(pdf, page->height) &&
	       pdf_take(pdf, "6.2", " 0 0 cm /P Do Q\n", "not a page's content");
}

static bool take_content(struct pdf *pdf, struct pdf_page *page)
{
	struct verify_span data;
	if (!pdf_object(pdf) || !pdf_plain_stream(pdf, &data))
		return false;
	const uint8_t *end = data.at + data.length;
	if (!take_drawing(pdf, page) || (page->has_text && !pdf_runs(pdf, page, end)))
		return false;
	if (pdf->at != end)
		return pdf_refuse(pdf, "6.2", "the content does not end where its stream does");
	return pdf_stream_end(pdf, "6.3") && pdf_object_end(pdf);
}

static bool take_pages(struct pdf *pdf)
{
	for (unsigned i = 0; i < pdf->pages; i++) {
		struct pdf_page *page = &pdf->page[i];
		if (!take_page(pdf, page) || !take_content(pdf, page) || !pdf_object(pdf) ||
		    !pdf_picture(pdf) || !pdf_object_end(pdf))
			return false;
	}
	return true;
}

/* -- 6.7: cross-reference table and trailer -- */

static bool take_entries(struct pdf *pdf)
{
	char entry[32];
	for (unsigned i = 1; i <= pdf->objects; i++) {
		snprintf(entry, sizeof(entry), "%010u 00000 n \n", pdf->offset[i]);
		if (!pdf_take(pdf, "6.7", entry, "not the entry of the object whose turn it is"))
			return false;
	}
	return true;
}

static bool take_end(struct pdf *pdf)
{
	char text[160];
	unsigned size = pdf->objects + 1, start = (unsigned)offset_of(pdf);
	snprintf(text, sizeof(text), "xref\n0 %u\n0000000000 65535 f \n", size);
	if (!pdf_take(pdf, "6.7", text, "not the cross-reference table") || !take_entries(pdf))
		return false;
	snprintf(text, sizeof(text), "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%u\n%%%%EOF\n", size,
	         start);
	if (!pdf_take(pdf, "6.7", text, "not the trailer"))
		return false;
	return left_of(pdf) == 0 || pdf_refuse(pdf, "6.7", "something after the end of the file");
}

/* -- the file -- */

static bool check_file(struct pdf *pdf)
{
	if (pdf->file.length > PDF_SIZE_MAX)
		return pdf_refuse(pdf, "6.7", "an image PDF of more than 32000000 bytes");
	return pdf_take(pdf, "6.1", "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n", "not the header of an image PDF") &&
	       take_catalog(pdf) && take_page_tree(pdf) && take_pages(pdf) &&
	       (!pdf->has_text || pdf_font(pdf)) && take_end(pdf) && pdf_text(pdf);
}

bool verify_pdf(struct verify_check *check, size_t length, const uint8_t *base64)
{
	struct pdf *pdf = malloc(sizeof(*pdf));
	if (!pdf)
		return verify_internal(check, "out of memory");
	memset(pdf, 0, offsetof(struct pdf, taken));
	pdf->check = check;
	pdf->base64 = base64;
	pdf->file = (struct verify_span) { check->text, length };
	pdf->at = check->text;
	bool good = check_file(pdf);
	free(pdf);
	return good;
}
