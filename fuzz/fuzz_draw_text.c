/* Any bytes as a text, as CSV and as TSV, with small caps: pages and runs are inside them, and what is on paper is
 * what was in the text. First byte: which of the three. */
#include "draw_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What fontconfig keeps for the life of a process is its own. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

enum { PAGES = 3, PAGE_PIXELS = 40000, PAGE_CHARS = 2000, TOTAL_CHARS = 5000 };

static uint32_t pixels[PAGE_PIXELS];
static unsigned begun, ended, chars;

static void require(bool good)
{
	if (!good)
		abort();
}

static uint32_t *begin_page(void *user, uint32_t width, uint32_t height, GError **error)
{
	(void)user, (void)error;
	require(width > 0 && height > 0 && (uint64_t)width * height <= PAGE_PIXELS && begun == ended);
	require(++begun <= PAGES);
	memset(pixels, 0xFF, sizeof pixels);
	return pixels;
}

static void check_run(const DrawRun *run, const DrawPage *page)
{
	require(run->text[0] != '\0' && g_utf8_validate(run->text, -1, NULL));
	require(run->x >= 0 && run->y >= 0 && run->w >= 0 && run->h > 0);
	require(run->x + run->w <= (int32_t)page->width * 64 && run->y + run->h <= (int32_t)page->height * 64);
	for (const char *p = run->text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		require(c > 0x20 && c != 0x7F && c != 0x3000 && c != 0x2028 && !(c >= 0x202A && c <= 0x202E));
		chars++;
	}
}

static bool end_page(void *user, const DrawPage *page, GError **error)
{
	unsigned before = chars;
	(void)user, (void)error;
	require(begun == ++ended);
	for (size_t i = 0; i < page->n_runs; i++)
		check_run(&page->runs[i], page);
	require(chars - before <= PAGE_CHARS && chars <= TOTAL_CHARS);
	require(page->text == NULL || g_utf8_validate(page->text, -1, NULL));
	return true;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return draw_text_warm_up(NULL) ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const RenderTable tables[] = { RENDER_TABLE_NONE, RENDER_TABLE_CSV, RENDER_TABLE_TSV };
	if (length == 0)
		return 0;
	const DrawInput input = { bytes + 1, length - 1 };
	const DrawLimits limits = { .dpi = RENDER_DPI_MIN,
		                    .pages = PAGES,
		                    .page_pixels = PAGE_PIXELS,
		                    .total_pixels = (uint64_t)PAGES * PAGE_PIXELS,
		                    .page_chars = PAGE_CHARS,
		                    .total_chars = TOTAL_CHARS,
		                    .pictures = true,
		                    .runs = true,
		                    .text = true,
		                    .table = tables[bytes[0] % G_N_ELEMENTS(tables)] };
	const DrawSink sink = { NULL, begin_page, end_page };
	DrawFacts facts = { 0 };
	begun = ended = chars = 0;
	require(draw_text(&input, &limits, &sink, &facts, NULL) == RENDER_STATUS_COMPLETE);
	require(begun == ended && facts.pages_found >= ended && ended >= 1);
	return 0;
}
