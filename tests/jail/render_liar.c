/* mugai-render-liar: a renderer that an attacker owns. It is started in mugai-render's place and answers with the lie whose number the
 * "document" names ("LIE 7"). The order is that of the table in test_render.c, which says what must come of each. */
#include "render_priv.h"
#include "render_profile_priv.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 32, SOCKET = 3 };

typedef bool (*Lie)(const WorkerJob *job, PlainWriter *out, GError **error);

/* An honest small page in its own place of the pixels, to be spoilt. */
static PlainRecord page_record(uint32_t page)
{
	const uint64_t length = SIDE * SIDE * RENDER_PIXEL_BYTES;
	return (PlainRecord) { .picture = { .page = page,
		                            .width = SIDE,
		                            .height = SIDE,
		                            .format = PLAIN_XRGB32,
		                            .dpi = 72,
		                            .box_width = SIDE * 1000,
		                            .box_height = SIDE * 1000,
		                            .offset = (page - 1) % 1000 * length,
		                            .length = length } };
}

static bool write_page(PlainWriter *out, uint32_t page, GError **error)
{
	const PlainRecord record = page_record(page);
	return plain_write_picture(out, &record, error);
}

static bool write_run(PlainWriter *out, uint32_t page, const char *text, GError **error)
{
	const PlainRecord record = { .run = { .page = page, .w = SIDE * 64, .h = SIDE * 64, .text = (char *)(uintptr_t)text } };
	return plain_write_run(out, &record, error);
}

static bool finish(PlainWriter *out, uint32_t pages, GError **error)
{
	for (uint32_t i = 0; i < pages; i++)
		if (!worker_await_release(error))
			return false;
	return plain_write_counter(out, RENDER_COUNTER_FORMAT, RENDER_FORMAT_PDF, error) &&
	       plain_write_counter(out, RENDER_COUNTER_PAGES_FOUND, pages, error) &&
	       plain_write_end(out, RENDER_STATUS_COMPLETE, error);
}

static bool spoilt_page(PlainWriter *out, PlainRecord record, GError **error)
{
	return plain_write_picture(out, &record, error) && finish(out, 1, error);
}

/* A frame as an attacker writes it, whom no PlainWriter keeps from anything. */
static bool write_raw(PlainType type, PlainRecord record, uint32_t sequence)
{
	record.type = type;
	g_autoptr(GByteArray) frame = plain_encode(&record, sequence);
	return write(SOCKET, frame->data, frame->len) == (ssize_t)frame->len;
}

/* ---- no lie: the others differ from this by one thing --------------------------------------------------------- */

static bool honest(const WorkerJob *job, PlainWriter *out, GError **error)
{
	memset(job->pixels, 0xFF, SIDE * SIDE * RENDER_PIXEL_BYTES);
	return write_page(out, 1, error) && write_page(out, 2, error) && finish(out, 2, error);
}

/* ---- pages ------------------------------------------------------------------------------------------------------ */

static bool first_page_is_second(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_page(out, 2, error) && finish(out, 1, error);
}

static bool page_left_out(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_page(out, 1, error) && write_page(out, 3, error) && finish(out, 2, error);
}

static bool page_twice(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_page(out, 1, error) && write_page(out, 1, error) && finish(out, 2, error);
}

static bool more_pages_than_asked(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint32_t pages = (uint32_t)job->number[RENDER_NUMBER_PAGES] + 1;
	for (uint32_t page = 1; page <= pages; page++)
		if (!write_page(out, page, error))
			return false;
	return finish(out, pages, error);
}

static bool outside_the_pixels(const WorkerJob *job, PlainWriter *out, GError **error)
{
	PlainRecord record = page_record(1);
	record.picture.offset = job->pixels_size - 1;
	return spoilt_page(out, record, error);
}

static bool range_that_wraps(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = page_record(1);
	record.picture.offset = UINT64_MAX - 8;
	return spoilt_page(out, record, error);
}

static bool gray_picture(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = page_record(1);
	record.picture.format = PLAIN_GRAY8;
	record.picture.length = SIDE * SIDE;
	return spoilt_page(out, record, error);
}

static bool sized_page(PlainWriter *out, uint32_t width, uint32_t height, GError **error)
{
	PlainRecord record = page_record(1);
	record.picture.width = width;
	record.picture.height = height;
	record.picture.length = (uint64_t)width * height * RENDER_PIXEL_BYTES;
	return spoilt_page(out, record, error);
}

static bool side_too_long(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return sized_page(out, RENDER_SIDE_MAX + 1, 1, error);
}

static bool too_many_pixels(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return sized_page(out, RENDER_SIDE_MAX, RENDER_PAGE_PIXELS / RENDER_SIDE_MAX + 1, error);
}

/* The same largest page again and again, which costs the attacker nothing. */
static bool too_many_pixels_in_all(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	uint32_t page = 1;
	for (; page <= RENDER_TOTAL_PIXELS / RENDER_PAGE_PIXELS + 1; page++) {
		PlainRecord record = page_record(page);
		record.picture.offset = 0;
		record.picture.width = RENDER_SIDE_MAX;
		record.picture.height = RENDER_PAGE_PIXELS / RENDER_SIDE_MAX;
		record.picture.length = (uint64_t)RENDER_PAGE_PIXELS * RENDER_PIXEL_BYTES;
		if (!plain_write_picture(out, &record, error))
			return false;
	}
	return finish(out, page - 1, error);
}

static bool box_of_nothing(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = page_record(1);
	record.picture.box_width = 0;
	return write_raw(PLAIN_PICTURE, record, 1) && finish(out, 1, error);
}

static bool tiny_box(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = page_record(1);
	record.picture.box_width = record.picture.box_height = 1;
	return spoilt_page(out, record, error);
}

/* Other pixels at every moment: before, while and after they are copied. */
static bool pixels_that_change(const WorkerJob *job, PlainWriter *out, GError **error)
{
	enum { PAGES = 4, ROUNDS = 20000 };
	const uint64_t length = SIDE * SIDE * RENDER_PIXEL_BYTES;
	uint32_t state = 1;
	for (uint32_t page = 1; page <= PAGES; page++) {
		if (!write_page(out, page, error))
			return false;
		for (unsigned round = 0; round < ROUNDS; round++)
			for (uint64_t i = 0; i < PAGES * length; i += 509)
				job->pixels[i] = (uint8_t)(state = state * 1664525 + 1013904223);
	}
	return finish(out, PAGES, error);
}

static bool releases_unread(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint32_t pages = (uint32_t)job->number[RENDER_NUMBER_PAGES];
	for (uint32_t page = 1; page <= pages; page++)
		if (!write_page(out, page, error))
			return false;
	return finish(out, 0, error);
}

/* ---- text ------------------------------------------------------------------------------------------------------- */

static bool run_before_page(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_run(out, 1, "early", error) && write_page(out, 1, error) && finish(out, 1, error);
}

static bool run_of_page_before(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_page(out, 1, error) && write_page(out, 2, error) && write_run(out, 1, "late", error) &&
	       finish(out, 2, error);
}

static bool raw_run(const WorkerJob *job, PlainWriter *out, const char *text, GError **error)
{
	(void)job;
	const PlainRecord run = { .run = { .page = 1, .w = 64, .h = 64, .text = (char *)(uintptr_t)text } };
	return write_page(out, 1, error) && write_raw(PLAIN_RUN, run, 2) && finish(out, 1, error);
}

static bool run_with_control(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return raw_run(job, out, "a\033]0;x\007", error);
}

static bool run_with_bidi(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return raw_run(job, out, "fdp.\xE2\x80\xAE" "exe", error);
}

static bool run_that_is_no_text(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return raw_run(job, out, "\xFF\xFE", error);
}

/* Boxes at the ends of their numbers, over ink and over none. */
static bool boxes_at_the_ends(const WorkerJob *job, PlainWriter *out, GError **error)
{
	static const int32_t places[] = { INT32_MIN, -1, 0, 1, SIDE * 64, INT32_MAX };
	for (unsigned i = 0; i < SIDE * SIDE * RENDER_PIXEL_BYTES; i += 12)
		job->pixels[i] = 0xFF;
	if (!write_page(out, 1, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		for (size_t k = 0; k < G_N_ELEMENTS(places); k++) {
			const PlainRecord run = { .run = { .page = 1,
				                           .x = places[i],
				                           .y = places[k],
				                           .w = MAX(places[k], 0),
				                           .h = MAX(places[i], 0),
				                           .vertical = i % 2,
				                           .text = (char *)"文字 https://x.example/" } };
			if (!plain_write_run(out, &run, error))
				return false;
		}
	return finish(out, 1, error);
}

static bool flood_of_runs(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	if (!write_page(out, 1, error))
		return false;
	while (write_run(out, 1, "x", error))
		;
	return false;
}

static bool text_unasked(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_page(out, 1, error) && plain_write_text(out, RENDER_TEXT_PAGES, "x", 1, error) &&
	       finish(out, 1, error);
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

static bool with_counter(PlainWriter *out, uint16_t id, uint64_t value, GError **error)
{
	return write_page(out, 1, error) && plain_write_counter(out, id, value, error) && finish(out, 1, error);
}

static bool unknown_counter(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return with_counter(out, RENDER_COUNTER_LOST_FIRST - 1, 1, error);
}

static bool counter_past_all(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return with_counter(out, UINT16_MAX, 1, error);
}

static bool counter_twice(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return plain_write_counter(out, RENDER_COUNTER_TEXT_CUT, 1, error) &&
	       with_counter(out, RENDER_COUNTER_TEXT_CUT, 1, error);
}

static bool counter_too_large(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return with_counter(out, RENDER_COUNTER_HIDDEN_CHARS, UINT64_C(1) << 32, error);
}

static bool more_failed_than_made(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return with_counter(out, RENDER_COUNTER_PAGES_FAILED, 2, error);
}

static bool format(PlainWriter *out, uint64_t value, GError **error)
{
	return write_page(out, 1, error) && worker_await_release(error) &&
	       plain_write_counter(out, RENDER_COUNTER_PAGES_FOUND, 1, error) &&
	       plain_write_counter(out, RENDER_COUNTER_FORMAT, value, error) &&
	       plain_write_end(out, RENDER_STATUS_COMPLETE, error);
}

static bool unknown_format(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return format(out, RENDER_FORMAT_COUNT, error);
}

static bool format_of_text(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return format(out, RENDER_FORMAT_CSV, error);
}

static bool fewer_found_than_made(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_page(out, 1, error) && write_page(out, 2, error) && worker_await_release(error) && finish(out, 1, error);
}

/* ---- ends ------------------------------------------------------------------------------------------------------- */

static bool status_of_trusted(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return plain_write_end(out, RENDER_STATUS_DEADLINE, error);
}

static bool status_past_all(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return plain_write_end(out, UINT16_MAX, error);
}

static bool complete_without_pages(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return finish(out, 0, error);
}

static bool damaged_after_a_page(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_page(out, 1, error) && worker_await_release(error) &&
	       plain_write_counter(out, RENDER_COUNTER_PAGES_FOUND, UINT32_MAX, error) &&
	       plain_write_end(out, RENDER_STATUS_DAMAGED, error);
}

static bool dies_midway(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	if (write_page(out, 1, error))
		__builtin_trap();
	return false;
}

static bool leaves_midway(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	if (write_page(out, 1, error))
		_exit(0);
	return false;
}

static bool spins(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	volatile uint64_t turns = 0;
	while (write_page(out, 1, error) && turns < UINT64_MAX)
		for (turns = 0; turns < UINT64_MAX - 1;)
			turns++;
	return false;
}

static bool eats_memory(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job, (void)out, (void)error;
	for (;;)
		if (malloc(64 << 20) == NULL)
			abort();
}

/* Waits for a release that nobody owes it. */
static bool waits(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job, (void)out;
	return worker_await_release(error);
}

static bool noise(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint32_t state = 7;
	for (unsigned i = 0; i < SIDE * SIDE * RENDER_PIXEL_BYTES; i++)
		job->pixels[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
	return write_page(out, 1, error) && finish(out, 1, error);
}

static const Lie lies[] = {
	honest,
	first_page_is_second,
	page_left_out,
	page_twice,
	more_pages_than_asked,
	outside_the_pixels,
	range_that_wraps,
	gray_picture,
	side_too_long,
	too_many_pixels,
	too_many_pixels_in_all,
	box_of_nothing,
	tiny_box,
	pixels_that_change,
	releases_unread,
	run_before_page,
	run_of_page_before,
	run_with_control,
	run_with_bidi,
	run_that_is_no_text,
	boxes_at_the_ends,
	flood_of_runs,
	text_unasked,
	unknown_counter,
	counter_past_all,
	counter_twice,
	counter_too_large,
	more_failed_than_made,
	unknown_format,
	format_of_text,
	fewer_found_than_made,
	status_of_trusted,
	status_past_all,
	complete_without_pages,
	damaged_after_a_page,
	dies_midway,
	leaves_midway,
	spins,
	eats_memory,
	waits,
	noise,
};

static bool run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	char text[16] = "";
	if (job->n_inputs != 1 || job->input[0].length < 5)
		return false;
	memcpy(text, job->input[0].bytes, MIN(job->input[0].length, sizeof text - 1));
	unsigned number = (unsigned)atoi(text + 4);
	return number < G_N_ELEMENTS(lies) && lies[number](job, out, error);
}

int main(int argc, char **argv)
{
	const WorkerSpec spec = { .name = "mugai-render-liar",
		                  .profile = &render_profile,
		                  .max_records = UINT32_MAX,
		                  .max_bytes = UINT64_MAX,
		                  .run = run };
	return worker_main(argc, argv, &spec);
}
