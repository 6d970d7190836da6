/* render_worker: the jailed half of the render wire (render_client.c is the trusted one).
 *
 * A page is drawn, and copied into the pixels that the trusted side made. Two pages that fit into half of them each are there at
 * a time: while the trusted side encodes one, the next is drawn. */
#include "render_worker_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SLOTS = 2,
	BLOCK_MIN = 4096, /* bytes: the smallest page of memory there is */
	BLOCK_MAX = 65536,
};

typedef struct {
	const WorkerJob *job;
	PlainWriter *out;
	DrawLimits limits;
	DrawFacts facts;
	uint32_t pages;    /* that were written */
	uint32_t released; /* of these, the first ones: taken by the trusted side */
	uint32_t used_by[SLOTS]; /* the page that was drawn there last; 0: none */
	uint64_t offset;   /* of the page that is being drawn */
	uint64_t length;
	PlainPixelFormat format;
	uint8_t drawn[(RENDER_PIXELS_SIZE + RENDER_HUGE_PAGE) / BLOCK_MIN]; /* DRAWN_* of each block of the canvas, by the page before */
	uint8_t *canvas;
	size_t canvas_size;
	size_t whitened;   /* bytes of the canvas, its first ones, that are white where nothing is drawn */
	size_t block;      /* bytes: a page of memory here, which is there as a whole or not at all */
	uint8_t touched[RENDER_PIXELS_SIZE / BLOCK_MIN + 1]; /* of each block of the pixels: something was written there */
	uint64_t text_left; /* bytes that may still be written as text */
	bool told_format;
} Answer;

/* ---- slots ------------------------------------------------------------------------------------------------- */

static bool await_page(Answer *answer, uint32_t page, GError **error)
{
	while (answer->released < page) {
		if (!worker_await_release(error))
			return false;
		answer->released++;
	}
	return true;
}

/* Takes the slots that a page of that length needs: its own by turns, or all. */
static bool take_slots(Answer *answer, uint64_t length, GError **error)
{
	uint64_t half = answer->job->pixels_size / SLOTS / answer->block * answer->block;
	uint32_t page = answer->pages + 1;
	bool alone = length > half;
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		if (!alone && slot != page % SLOTS)
			continue;
		if (!await_page(answer, answer->used_by[slot], error))
			return false;
		answer->used_by[slot] = page;
	}
	answer->offset = alone ? 0 : page % SLOTS * half;
	answer->length = length;
	answer->format = PLAIN_XRGB32;
	return true;
}

/* ---- the canvas ---------------------------------------------------------------------------------------------- */

/* Shared memory is dear: each of the 2000 blocks of a page costs more than to draw on it. So a page is drawn in private
 * memory, and of its blocks only those are copied that are not white; what was never touched, the trusted side reads as white.
 * The private memory is in huge pages where there are some: to clear them all costs less than a few hundred page faults, as
 * many as the zygote's white memory would cost of which a child got copies of the blocks that it draws on. */

enum { DRAWN_NOTHING, DRAWN_GRAY, DRAWN_COLOUR, CANVAS_BLOCK = BLOCK_MIN / RENDER_PIXEL_BYTES /* pixels */ };

static bool enlarge_canvas(Answer *answer, size_t size)
{
	free(answer->canvas);
	memset(answer->drawn, DRAWN_NOTHING, sizeof answer->drawn);
	answer->whitened = 0;
	answer->canvas_size = (size + RENDER_HUGE_PAGE - 1) / RENDER_HUGE_PAGE * RENDER_HUGE_PAGE;
	answer->canvas = aligned_alloc(RENDER_HUGE_PAGE, answer->canvas_size);
	if (answer->canvas == NULL)
		return false;
	/* Of a last one that is hardly used, most would be cleared for nothing. */
	(void)madvise(answer->canvas, (size + RENDER_HUGE_PAGE / 2) / RENDER_HUGE_PAGE * RENDER_HUGE_PAGE, MADV_HUGEPAGE);
	return true;
}

static void whiten_canvas(Answer *answer, size_t length)
{
	for (size_t at = 0; at < answer->whitened; at += BLOCK_MIN) {
		if (answer->drawn[at / BLOCK_MIN] != DRAWN_NOTHING)
			memset(answer->canvas + at, 0xFF, BLOCK_MIN);
		answer->drawn[at / BLOCK_MIN] = DRAWN_NOTHING;
	}
	if (length <= answer->whitened)
		return;
	memset(answer->canvas + answer->whitened, 0xFF, length - answer->whitened);
	answer->whitened = length;
}

/* White, and as large as is needed. */
static bool prepare_canvas(Answer *answer, uint64_t length)
{
	if (length > answer->canvas_size && !enlarge_canvas(answer, length))
		return false;
	whiten_canvas(answer, length);
	/* Until the page is looked at, all of it counts as drawn on. */
	memset(answer->drawn, DRAWN_COLOUR, (length + BLOCK_MIN - 1) / BLOCK_MIN);
	return true;
}

static uint8_t look_at(const uint32_t *pixels, size_t n)
{
	uint32_t all = UINT32_MAX, differs = 0;
	for (size_t i = 0; i < n; i++) {
		all &= pixels[i];
		differs |= (pixels[i] ^ pixels[i] >> 8) & 0xFFFF;
	}
	return differs != 0 ? DRAWN_COLOUR : all != UINT32_MAX ? DRAWN_GRAY : DRAWN_NOTHING;
}

/* The one time that all of a page is read. Returns the most that was drawn on a block. */
static uint8_t look_at_canvas(Answer *answer)
{
	const uint32_t *pixels = (const uint32_t *)(const void *)answer->canvas;
	uint8_t most = DRAWN_NOTHING;
	for (uint64_t at = 0; at < answer->length / RENDER_PIXEL_BYTES; at += CANVAS_BLOCK) {
		size_t n = (size_t)MIN(CANVAS_BLOCK, answer->length / RENDER_PIXEL_BYTES - at);
		uint8_t drawn = look_at(pixels + at, n);
		answer->drawn[at / CANVAS_BLOCK] = drawn;
		most = MAX(most, drawn);
	}
	return most;
}

/* Whether something was drawn on any block that holds a part of these bytes of the canvas. */
static bool is_drawn(const Answer *answer, uint64_t at, size_t size)
{
	for (uint64_t i = at / BLOCK_MIN; i * BLOCK_MIN < at + size; i++)
		if (answer->drawn[i] != DRAWN_NOTHING)
			return true;
	return false;
}

static void pack_gray(uint8_t *out, const uint32_t *pixels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)pixels[i];
}

/* The bytes [at, ret) of the page are those of blocks that have to be written; none: ret is at. scale: bytes of the canvas for
 * each of them. */
static uint64_t find_written(Answer *answer, uint64_t at, unsigned scale)
{
	while (at < answer->length) {
		size_t size = (size_t)MIN(answer->block, answer->length - at);
		uint8_t *touched = &answer->touched[(answer->offset + at) / answer->block];
		if (!*touched && !is_drawn(answer, at * scale, size * scale))
			break;
		*touched = true;
		at += size;
	}
	return at;
}

static void write_pixels(const Answer *answer, uint64_t at, uint64_t end, unsigned scale)
{
	uint8_t *out = answer->job->pixels + answer->offset + at;
	/* All at once: a page fault for each block takes half as long again. Where the kernel cannot, they come one by one. */
	(void)madvise(out, end - at, MADV_POPULATE_WRITE);
	if (scale == 1)
		memcpy(out, answer->canvas + at, end - at);
	else
		pack_gray(out, (const uint32_t *)(const void *)answer->canvas + at, end - at);
}

/* A page without colour goes as one byte for each pixel: most pages of text. */
static void publish(Answer *answer)
{
	unsigned scale = 1;
	if (look_at_canvas(answer) != DRAWN_COLOUR) {
		scale = RENDER_PIXEL_BYTES;
		answer->format = PLAIN_GRAY8;
		answer->length /= RENDER_PIXEL_BYTES;
	}
	for (uint64_t at = 0, end; at < answer->length; at = end + answer->block) {
		end = find_written(answer, at, scale);
		if (end > at)
			write_pixels(answer, at, end, scale);
	}
}

static uint32_t *page_begin(void *user, uint32_t width, uint32_t height, GError **error)
{
	Answer *answer = user;
	uint64_t length = (uint64_t)width * height * RENDER_PIXEL_BYTES;
	if (length == 0 || length > MIN(answer->job->pixels_size, (uint64_t)RENDER_PIXELS_SIZE)) {
		g_set_error(error, PLAIN_ERROR, PLAIN_ERROR_LIMIT, "a page that is larger than its memory");
		return NULL;
	}
	if (!take_slots(answer, length, error))
		return NULL;
	if (prepare_canvas(answer, length))
		return (uint32_t *)(void *)answer->canvas;
	g_set_error(error, PLAIN_ERROR, PLAIN_ERROR_LIMIT, "no memory for a page");
	return NULL;
}

/* ---- text ---------------------------------------------------------------------------------------------------- */

/* What plain lets nobody say, in one line or in running text. */
static bool may_cross(gunichar c, bool line)
{
	static const struct {
		gunichar first, last;
	} never_in_line[] = { { 0x61C, 0x61C }, { 0x200E, 0x200F }, { 0x2028, 0x202E }, { 0x2066, 0x2069 } };
	if (c == '\n')
		return !line;
	if (g_unichar_iscntrl(c) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF))
		return false;
	for (size_t i = 0; line && i < G_N_ELEMENTS(never_in_line); i++)
		if (c >= never_in_line[i].first && c <= never_in_line[i].last)
			return false;
	return true;
}

/* The text without these, a tab as a blank. A document can hold anything, and one such character would spoil the whole
 * answer. */
static char *crossing(const char *text, bool line)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *out = g_string_sized_new(strlen(valid));
	for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (c == '\t')
			g_string_append_c(out, ' ');
		else if (may_cross(c, line))
			g_string_append_unichar(out, c);
	}
	return g_string_free(out, FALSE);
}

/* Cuts at a character's beginning; counts what is cut. Returns the bytes that are left. */
static size_t cut_text(DrawFacts *facts, char *text, uint64_t max)
{
	size_t length = strlen(text);
	if (length <= max)
		return length;
	char *end = text + max;
	while (end > text && ((uint8_t)*end & 0xC0) == 0x80)
		end--;
	facts->text_cut += (uint64_t)g_utf8_strlen(end, -1);
	*end = '\0';
	return (size_t)(end - text);
}

static bool write_text(Answer *answer, const char *page_text, GError **error)
{
	g_autofree char *text = crossing(page_text, false);
	g_autofree char *block = g_strconcat(answer->pages > 1 ? "\n" : "", text,
	                                     *text != '\0' && !g_str_has_suffix(text, "\n") ? "\n" : "", NULL);
	size_t length = cut_text(&answer->facts, block, answer->text_left);
	answer->text_left -= length;
	return plain_write_text(answer->out, RENDER_TEXT_PAGES, block, length, error);
}

/* ---- pages --------------------------------------------------------------------------------------------------- */

static bool tell_format(Answer *answer, GError **error)
{
	if (answer->told_format || answer->facts.format == RENDER_FORMAT_UNKNOWN)
		return true;
	answer->told_format = true;
	return plain_write_counter(answer->out, RENDER_COUNTER_FORMAT, answer->facts.format, error);
}

static bool write_picture(const Answer *answer, const DrawPage *page, GError **error)
{
	const PlainRecord picture = { .picture = { .page = answer->pages,
		                                   .width = page->width,
		                                   .height = page->height,
		                                   .format = answer->format,
		                                   .dpi = (uint16_t)CLAMP(page->dpi, 1, UINT16_MAX),
		                                   .box_width = page->box_width,
		                                   .box_height = page->box_height,
		                                   .offset = answer->offset,
		                                   .length = answer->length } };
	return plain_write_picture(answer->out, &picture, error);
}

static bool write_run(Answer *answer, const DrawRun *run, GError **error)
{
	g_autofree char *text = crossing(run->text, true);
	if (cut_text(&answer->facts, text, PLAIN_STRING_MAX) == 0)
		return true;
	const PlainRecord record = { .run = { .page = answer->pages,
		                              .x = run->x,
		                              .y = run->y,
		                              .w = MAX(run->w, 0),
		                              .h = MAX(run->h, 0),
		                              .vertical = run->vertical,
		                              .text = text } };
	return plain_write_run(answer->out, &record, error);
}

static bool write_layer(Answer *answer, const DrawPage *page, GError **error)
{
	for (size_t i = 0; i < page->n_runs; i++)
		if (!write_run(answer, &page->runs[i], error))
			return false;
	return true;
}

static bool page_end(void *user, const DrawPage *page, GError **error)
{
	Answer *answer = user;
	answer->pages++;
	if (answer->limits.pictures)
		publish(answer);
	if (!tell_format(answer, error))
		return false;
	if (answer->limits.pictures && !write_picture(answer, page, error))
		return false;
	if (answer->limits.runs && !write_layer(answer, page, error))
		return false;
	return !answer->limits.text || page->text == NULL || write_text(answer, page->text, error);
}

/* ---- the end ------------------------------------------------------------------------------------------------- */

static bool write_counters(const Answer *answer, GError **error)
{
	const DrawFacts *facts = &answer->facts;
	const struct {
		uint16_t id;
		uint64_t value;
	} counters[] = {
		{ RENDER_COUNTER_PAGES_FOUND, facts->pages_found },
		{ RENDER_COUNTER_PAGES_FAILED, facts->pages_failed },
		{ RENDER_COUNTER_PAGES_PARTIAL, facts->pages_partial },
		{ RENDER_COUNTER_LOWER_DPI, facts->lower_dpi },
		{ RENDER_COUNTER_HIDDEN_CHARS, facts->hidden_chars },
		{ RENDER_COUNTER_TEXT_CUT, facts->text_cut },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
		if (!plain_write_counter(answer->out, counters[i].id, MIN(counters[i].value, UINT32_MAX), error))
			return false;
	for (uint16_t i = 0; i < RENDER_LOST_COUNT; i++)
		if (facts->lost[i] > 0 && !plain_write_counter(answer->out, RENDER_COUNTER_LOST_FIRST + i,
		                                               MIN(facts->lost[i], UINT32_MAX), error))
			return false;
	return true;
}

static bool finish(Answer *answer, int status, GError **error)
{
	if (!tell_format(answer, error) || !write_counters(answer, error))
		return false;
	/* Each picture is released once; none of it may be left unread. */
	if (answer->limits.pictures && !await_page(answer, answer->pages, error))
		return false;
	return plain_write_end(answer->out, (uint16_t)status, error);
}

static DrawLimits limits_of(const WorkerJob *job)
{
	const uint64_t *number = job->number;
	uint64_t wanted = number[RENDER_NUMBER_WANTED];
	return (DrawLimits) {
		.dpi = (unsigned)number[RENDER_NUMBER_DPI],
		.pages = (unsigned)number[RENDER_NUMBER_PAGES],
		.page_pixels = number[RENDER_NUMBER_PAGE_PIXELS],
		.total_pixels = number[RENDER_NUMBER_TOTAL_PIXELS],
		.page_chars = (unsigned)number[RENDER_NUMBER_PAGE_CHARS],
		.total_chars = (unsigned)number[RENDER_NUMBER_TOTAL_CHARS],
		.pictures = (wanted & RENDER_WANT_PICTURES) != 0,
		.runs = (wanted & RENDER_WANT_RUNS) != 0,
		.text = (wanted & RENDER_WANT_TEXT) != 0,
		.table = (RenderTable)number[RENDER_NUMBER_TABLE],
	};
}

static int draw(Answer *answer, const DrawInput *input, GError **error)
{
	const DrawSink sink = { answer, page_begin, page_end };
	if (answer->job->request == RENDER_REQUEST_TEXT)
		return draw_text(input, &answer->limits, &sink, &answer->facts, error);
	return draw_document(input, &answer->limits, &sink, &answer->facts, error);
}

bool render_worker_run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	if (job->n_inputs != 1)
		return false;
	/* Zeroed memory of its own: what is never used of it costs nothing. One job, then the process ends. */
	static Answer answer;
	answer.job = job;
	answer.out = out;
	answer.limits = limits_of(job);
	answer.block = CLAMP((size_t)sysconf(_SC_PAGESIZE), BLOCK_MIN, BLOCK_MAX);
	answer.text_left = job->number[RENDER_NUMBER_MAX_TEXT];
	const DrawInput input = { job->input[0].bytes != NULL ? job->input[0].bytes : (const uint8_t *)"",
		                  (size_t)job->input[0].length };
	int status = draw(&answer, &input, error);
	return status != DRAW_ABORTED && finish(&answer, status, error);
}
