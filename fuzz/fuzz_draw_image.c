/* Any bytes as an image, with small caps: every page is what it was begun as and inside the caps, and the
 * second time gives the same pixels. The libraries are what Debian built, without instrumentation: the seeds
 * are to lead into them. */
#include "draw_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* In place of draw_image()'s mallopt(), which is glibc's: new memory is filled, all of it. In place of the jail's limit: blocks
 * that a decoder asks for and would never touch are refused, or to fill them would be what runs out of memory. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "max_malloc_fill_size=2000000000:malloc_fill_byte=0:detect_leaks=0:"
	       "max_allocation_size_mb=400:allocator_may_return_null=1:quarantine_size_mb=16";
}

enum { PAGES = 4, PAGE_PIXELS = 20000, TOTAL_PIXELS = 60000 };

typedef struct {
	uint32_t pixels[PAGE_PIXELS];
	uint32_t width, height; /* of the page that was begun; 0: none */
	unsigned pages;
	uint64_t total;
	uint64_t sum; /* of everything */
} Told;

static void require(bool good)
{
	if (!good)
		abort();
}

static uint32_t *begin_page(void *user, uint32_t width, uint32_t height, GError **error)
{
	Told *told = user;

	(void)error;
	require(told->width == 0 && width > 0 && height > 0);
	require((uint64_t)width * height <= PAGE_PIXELS && told->pages < PAGES);
	told->width = width;
	told->height = height;
	told->total += (uint64_t)width * height;
	require(told->total <= TOTAL_PIXELS);
	memset(told->pixels, 0xFF, (size_t)width * height * sizeof *told->pixels);
	return told->pixels;
}

static bool end_page(void *user, const DrawPage *page, GError **error)
{
	Told *told = user;

	(void)error;
	require(page->width == told->width && page->height == told->height);
	require(page->dpi >= 1 && page->dpi <= 1200 && page->n_runs == 0 && page->text == NULL);
	require(page->box_width >= 1 && page->box_width <= 841891 && page->box_height >= 1 &&
	        page->box_height <= 841891);
	for (size_t i = 0; i < (size_t)page->width * page->height; i++) {
		/* The page's white is 0xFFFFFFFF where nothing was drawn. */
		uint32_t pixel = told->pixels[i] & 0xFFFFFF;
		told->sum = (told->sum ^ pixel) * UINT64_C(1099511628211);
	}
	told->width = 0;
	told->pages++;
	return true;
}

static uint64_t draw(const DrawInput *input)
{
	static Told told; /* on the stack of no fuzzer */
	const DrawSink sink = { &told, begin_page, end_page };
	const DrawLimits limits = { .dpi = RENDER_DPI_MIN,
		                    .pages = PAGES,
		                    .page_pixels = PAGE_PIXELS,
		                    .total_pixels = TOTAL_PIXELS,
		                    .pictures = true };
	DrawFacts facts = { 0 };
	RenderFormat format = RENDER_FORMAT_UNKNOWN;
	g_autoptr(GError) error = NULL;

	told.width = told.pages = 0;
	told.total = told.sum = 0;
	bool image = draw_is_image(input, &format);
	int status = draw_image(input, &limits, &sink, &facts, &error);
	require(error == NULL && status >= 0 && status < RENDER_STATUS_JAILED);
	require(facts.format == format);
	require(image || status == RENDER_STATUS_UNSUPPORTED);
	require((status == RENDER_STATUS_COMPLETE) <= (told.pages > 0));
	require(facts.pages_failed + facts.pages_partial <= told.pages);
	return told.sum ^ (uint64_t)status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static bool warm;
	const DrawInput input = { bytes, length };

	require(warm || draw_image_warm_up(NULL));
	warm = true;
	require(draw(&input) == draw(&input));
	return 0;
}
