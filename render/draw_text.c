/* draw_text: a text on as many sheets of paper as it takes. */
#include "draw_text_priv.h"

#include <string.h>

static const DrawPaperKind a4 = { .width = 595276, .height = 841890, .size = 10.5, .pitch = 15 };

static bool flow_line(DrawPaper *paper, const DrawText *line, unsigned cells)
{
	size_t at = 0;
	do {
		DrawLine piece;
		at = draw_text_break(line, at, cells, &piece);
		if (!draw_paper_write(paper, line, &piece, draw_paper_row(paper), 0) || !draw_paper_advance(paper, 1))
			return false;
	} while (at < line->length);
	return true;
}

static int flow(const DrawText *text, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, GError **error)
{
	g_autoptr(DrawPaper) paper = draw_paper_new(&a4, limits, sink, facts);
	unsigned cells = draw_paper_cells(&a4);
	bool good = true;
	for (size_t at = 0; good && at < text->length;) {
		const char *end = memchr(text->bytes + at, '\n', text->length - at);
		size_t length = end != NULL ? (size_t)(end - text->bytes) - at : text->length - at;
		const DrawText line = { text->bytes + at, length };
		good = flow_line(paper, &line, cells);
		at += length + 1;
	}
	return draw_paper_finish(paper, error);
}

int draw_text(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, GError **error)
{
	static const RenderFormat formats[] = { [RENDER_TABLE_NONE] = RENDER_FORMAT_TEXT,
		                                [RENDER_TABLE_CSV] = RENDER_FORMAT_CSV,
		                                [RENDER_TABLE_TSV] = RENDER_FORMAT_TSV };
	const DrawText text = { (const char *)input->bytes, input->length };
	int status = RENDER_STATUS_COMPLETE;

	if (!draw_fonts_prepare(error))
		return DRAW_ABORTED;
	facts->format = formats[limits->table];
	if (limits->table != RENDER_TABLE_NONE && draw_table(&text, limits, sink, facts, &status, error))
		return status;
	return flow(&text, limits, sink, facts, error);
}

/* ---- before the jail ---------------------------------------------------------------------------------- */

static uint32_t *warm_begin(void *user, uint32_t width, uint32_t height, GError **error)
{
	uint32_t **pixels = user;
	(void)error;
	*pixels = g_malloc((size_t)width * height * sizeof **pixels);
	memset(*pixels, 0xFF, (size_t)width * height * sizeof **pixels);
	return *pixels;
}

static bool warm_end(void *user, const DrawPage *page, GError **error)
{
	uint32_t **pixels = user;
	(void)page, (void)error;
	g_clear_pointer(pixels, g_free);
	return true;
}

bool draw_text_warm_up(GError **error)
{
	static const char sample[] = "漢字とかな Latin é ① ﾊﾝｶｸ";
	uint32_t *pixels = NULL;
	const DrawInput input = { (const uint8_t *)sample, sizeof sample - 1 };
	const DrawLimits limits = { .dpi = RENDER_DPI_MIN,
		                    .pages = 1,
		                    .page_pixels = RENDER_PAGE_PIXELS,
		                    .total_pixels = RENDER_PAGE_PIXELS,
		                    .page_chars = 100,
		                    .total_chars = 100,
		                    .pictures = true,
		                    .runs = true };
	const DrawSink sink = { .user = &pixels, .page_begin = warm_begin, .page_end = warm_end };
	DrawFacts facts = { 0 };
	return draw_text(&input, &limits, &sink, &facts, error) == RENDER_STATUS_COMPLETE;
}
