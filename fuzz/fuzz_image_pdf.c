/* fuzz_image_pdf: any pages, boxes and texts -> the writer -> what mugai-verify and the rules of the form
 * accept.
 *
 * The first byte chooses options; then for each page its sizes, a way to fill it, and runs: four numbers, a
 * direction, and a text that ends at a NUL byte. What is missing is 0.
 */
#include "clean_text.h"
#include "image_pdf.h"
#include "image_pdf_message.h"
#include "image_pdf_rules.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
	const uint8_t *at, *end;
} Feed;

static uint8_t feed_byte(Feed *feed)
{
	return feed->at < feed->end ? *feed->at++ : 0;
}

static uint32_t feed_number(Feed *feed)
{
	uint32_t number = 0;
	for (unsigned i = 0; i < 4; i++)
		number = number << 8 | feed_byte(feed);
	return number;
}

/* Near the page or anywhere. */
static int32_t feed_place(Feed *feed)
{
	uint8_t choice = feed_byte(feed);
	return choice < 240 ? choice * 37 : (int32_t)feed_number(feed);
}

/* The wire lets only valid UTF-8 through. */
static char *feed_text(Feed *feed)
{
	const uint8_t *stop =
	        feed->at == feed->end ? feed->end : memchr(feed->at, 0, (size_t)(feed->end - feed->at));
	const uint8_t *end = stop != NULL ? stop : feed->end;
	char *text = g_utf8_make_valid((const char *)feed->at, end - feed->at);
	feed->at = end < feed->end ? end + 1 : feed->end;
	return text;
}

/* Repeats a few bytes as gray or colour, or makes noise of a few or of all bits. */
/* True: the page is to be given as levels of gray. */
static bool feed_pixels(Feed *feed, uint32_t *pixels, size_t count)
{
	uint8_t way = feed_byte(feed);
	uint32_t seed = feed_number(feed), mask = feed_number(feed), run = 1 + feed_byte(feed) % 40;

	for (size_t i = 0; i < count; i++) {
		if (i % run == 0)
			seed = seed * 1664525 + 1013904223;
		uint32_t value = way & 1 ? (seed >> 24) * 0x010101 : seed >> 4;
		pixels[i] = way & 2 ? value & mask : value;
		if (way & 4 && seed >> 29 != 0)
			pixels[i] = 0xffffff;
	}
	return way & 8;
}

static char *clean(const char *text, void *user)
{
	(void)user;
	return clean_line(text, strlen(text), 0, NULL);
}

static bool feed_page(Feed *feed, ImagePdf *pdf, GError **error)
{
	uint32_t width = 1 + feed_byte(feed), height = 1 + feed_byte(feed);
	size_t count = (size_t)width * height;
	g_autofree uint32_t *pixels = g_new(uint32_t, count);
	g_autofree uint8_t *levels = g_new(uint8_t, count);
	ImagePdfPage page = { pixels, width, height, 1 + feed_number(feed) % RENDER_BOX_MAX,
		              1 + feed_number(feed) % RENDER_BOX_MAX, NULL };

	if (feed_pixels(feed, pixels, count)) {
		for (size_t i = 0; i < count; i++)
			levels[i] = (uint8_t)pixels[i];
		page.pixels = NULL;
		page.levels = levels;
	}
	if (!image_pdf_page_begin(pdf, &page, error))
		return false;
	for (unsigned runs = feed_byte(feed); runs > 0 && feed->at < feed->end; runs--) {
		int32_t x = feed_place(feed), y = feed_place(feed), w = feed_place(feed),
		        h = feed_place(feed);
		bool vertical = feed_byte(feed) & 1;
		g_autofree char *text = feed_text(feed);
		if (!image_pdf_run(pdf, x, y, w, h, vertical, text, error))
			return false;
	}
	return image_pdf_page_end(pdf, error);
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "broken: %s: %s\n", what, why);
	abort();
}

static void judge(GBytes *bytes)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(bytes, &length);
	struct verify_error error;
	g_autoptr(ReadPdf) read = image_pdf_rules(data, length);

	if (read->broken != NULL)
		fail("a rule", read->broken);
	if (!image_pdf_accepted(data, length, &error))
		fail(error.section != NULL ? error.section : "", error.what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Feed feed = { data, data + size };
	uint8_t choice = feed_byte(&feed);
	ImagePdfOptions options = { .max_bytes = choice & 1 ? 5000 : 32000000,
		                    .colour = choice & 2 ? RENDER_GRAY : RENDER_COLOUR,
		                    .clean = clean };
	g_autoptr(ImagePdf) pdf = image_pdf_new(&options);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = NULL;
	bool good = true;

	for (unsigned pages = 1 + (choice >> 2) % 4; pages > 0 && good; pages--)
		good = feed_page(&feed, pdf, &error);
	if (good)
		bytes = image_pdf_finish(pdf, &error);
	if (bytes == NULL &&
	    (options.max_bytes > 5000 || !g_error_matches(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_SIZE)))
		fail("no file", error->message);
	if (bytes != NULL && g_bytes_get_size(bytes) > options.max_bytes)
		fail("size", "over its cap");
	if (bytes != NULL)
		judge(bytes);
	return 0;
}
