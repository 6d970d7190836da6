/* mugai-office-liar: a LibreOffice that an attacker owns. It is started in mugai-office's place and answers with the lie whose number the
 * "document" names ("LIE 7"). The order is that of the table in test_office_client.c, which says what must come of each. */
#include "office_priv.h"
#include "render_profile_priv.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOCKET = 3 };

typedef bool (*Lie)(const WorkerJob *job, PlainWriter *out, GError **error);

static const char pdf[] = "%PDF-1.4\n% unread";

/* A frame as an attacker writes it, whom no PlainWriter keeps from anything. */
static bool write_raw(PlainType type, PlainRecord record, uint32_t sequence)
{
	record.type = type;
	g_autoptr(GByteArray) frame = plain_encode(&record, sequence);
	return write(SOCKET, frame->data, frame->len) == (ssize_t)frame->len;
}

static PlainRecord pdf_record(void)
{
	return (PlainRecord) { .part = { .number = { 1 },
		                         .depth = 1,
		                         .name = (char *)(uintptr_t)"",
		                         .declared_type = (char *)(uintptr_t)"",
		                         .true_type = (char *)(uintptr_t)"",
		                         .bytes = sizeof pdf - 1,
		                         .length = sizeof pdf - 1 } };
}

static bool write_format(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, OFFICE_COUNTER_FORMAT, RENDER_FORMAT_DOCX, error);
}

static bool write_text(PlainWriter *out, GError **error)
{
	return plain_write_text(out, OFFICE_TEXT_DOCUMENT, "shown\n", strlen("shown\n"), error);
}

static bool write_pdf(const WorkerJob *job, PlainWriter *out, GError **error)
{
	const PlainRecord record = pdf_record();
	memcpy(job->arena, pdf, sizeof pdf - 1);
	return plain_write_part(out, &record, error);
}

static bool complete(PlainWriter *out, GError **error)
{
	return plain_write_end(out, RENDER_STATUS_COMPLETE, error);
}

/* ---- no lie: the others differ from this by one thing --------------------------------------------------------- */

static bool honest(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return write_format(out, error) && plain_write_counter(out, OFFICE_COUNTER_HIDDEN_FIRST + RENDER_HIDDEN_ROWS, 3, error) &&
	       plain_write_counter(out, OFFICE_COUNTER_BESIDE_FIRST + RENDER_BESIDE_NOTES, 2, error) &&
	       plain_write_counter(out, OFFICE_COUNTER_LOST_FIRST + RENDER_LOST_MACROS, 1, error) &&
	       plain_write_counter(out, OFFICE_COUNTER_MISSING_GLYPHS, 4, error) &&
	       plain_write_counter(out, OFFICE_COUNTER_TEXT_CUT, UINT32_MAX, error) && write_text(out, error) &&
	       write_pdf(job, out, error) && complete(out, error);
}

/* ---- the PDF -------------------------------------------------------------------------------------------------- */

static bool spoilt_pdf(PlainWriter *out, PlainRecord record, GError **error)
{
	return write_format(out, error) && plain_write_part(out, &record, error) && complete(out, error);
}

static bool outside_the_arena(const WorkerJob *job, PlainWriter *out, GError **error)
{
	PlainRecord record = pdf_record();
	record.part.offset = job->arena_size - 1;
	return spoilt_pdf(out, record, error);
}

static bool range_that_wraps(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = pdf_record();
	record.part.offset = UINT64_MAX - 4;
	return spoilt_pdf(out, record, error);
}

static bool pdf_of_nothing(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = pdf_record();
	record.part.length = 0;
	return spoilt_pdf(out, record, error);
}

static bool part_of_another_number(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = pdf_record();
	record.part.number[0] = 2;
	return spoilt_pdf(out, record, error);
}

static bool part_inside(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	PlainRecord record = pdf_record();
	record.part.number[1] = 1;
	record.part.depth = 2;
	return spoilt_pdf(out, record, error);
}

static bool two_pdfs(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return write_format(out, error) && write_pdf(job, out, error) && write_pdf(job, out, error) && complete(out, error);
}

static bool no_pdf(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_format(out, error) && write_text(out, error) && complete(out, error);
}

/* ---- texts, counters -------------------------------------------------------------------------------------------- */

static bool unknown_text(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return write_format(out, error) && plain_write_text(out, OFFICE_TEXT_DOCUMENT + 1, "a", 1, error) &&
	       write_pdf(job, out, error) && complete(out, error);
}

static bool text_past_the_cap(const WorkerJob *job, PlainWriter *out, GError **error)
{
	size_t length = (size_t)job->number[OFFICE_NUMBER_MAX_TEXT] + 1;
	g_autofree char *text = g_malloc(length);
	memset(text, 'a', length);
	return write_format(out, error) && plain_write_text(out, OFFICE_TEXT_DOCUMENT, text, length, error) &&
	       write_pdf(job, out, error) && complete(out, error);
}

static bool text_with_control(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	(void)out;
	(void)error;
	const PlainRecord record = { .text = { .stream = OFFICE_TEXT_DOCUMENT, .text = (char *)(uintptr_t)"a\033b", .bytes = 3 } };
	return write_raw(PLAIN_TEXT, record, 1);
}

static bool with_counter(const WorkerJob *job, PlainWriter *out, unsigned id, uint64_t value, GError **error)
{
	return plain_write_counter(out, (uint16_t)id, value, error) && write_format(out, error) &&
	       write_pdf(job, out, error) && complete(out, error);
}

static bool unknown_counter(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return with_counter(job, out, OFFICE_COUNTER_MISSING_GLYPHS + 1, 1, error);
}

static bool counter_between(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return with_counter(job, out, OFFICE_COUNTER_LOST_FIRST + RENDER_LOST_COUNT, 1, error);
}

static bool counter_past_all(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return with_counter(job, out, UINT16_MAX, 1, error);
}

static bool counter_too_large(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return with_counter(job, out, OFFICE_COUNTER_HIDDEN_FIRST, UINT64_C(1) << 32, error);
}

static bool format_twice(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return with_counter(job, out, OFFICE_COUNTER_FORMAT, RENDER_FORMAT_DOCX, error);
}

static bool format_of_picture(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return with_counter(job, out, OFFICE_COUNTER_FORMAT, RENDER_FORMAT_PDF, error);
}

static bool format_past_all(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return with_counter(job, out, OFFICE_COUNTER_FORMAT, RENDER_FORMAT_COUNT, error);
}

static bool no_format(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return write_pdf(job, out, error) && complete(out, error);
}

/* ---- ends ---------------------------------------------------------------------------------------------------------- */

static bool picture_unasked(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	(void)out;
	(void)error;
	const PlainRecord record = { .picture = { .page = 1, .width = 1, .height = 1, .format = PLAIN_GRAY8, .dpi = 72,
		                                  .box_width = 1000, .box_height = 1000, .length = 1 } };
	return write_raw(PLAIN_PICTURE, record, 1);
}

static bool end_of_the_trusted_side(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return write_format(out, error) && write_pdf(job, out, error) && plain_write_end(out, RENDER_STATUS_MEMORY, error);
}

static bool end_past_all(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return write_format(out, error) && write_pdf(job, out, error) && plain_write_end(out, RENDER_STATUS_COUNT, error);
}

static bool encrypted_with_pdf(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return write_format(out, error) && write_text(out, error) && write_pdf(job, out, error) &&
	       plain_write_end(out, RENDER_STATUS_ENCRYPTED, error);
}

static bool unavailable(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return write_format(out, error) && plain_write_end(out, RENDER_STATUS_UNAVAILABLE, error);
}

static bool record_after_the_end(const WorkerJob *job, PlainWriter *out, GError **error)
{
	const PlainRecord record = { .counter = { .id = OFFICE_COUNTER_TEXT_CUT, .value = 1 } };
	return write_format(out, error) && write_pdf(job, out, error) && complete(out, error) && write_raw(PLAIN_COUNTER, record, 4);
}

static bool dies_midway(const WorkerJob *job, PlainWriter *out, GError **error)
{
	if (write_format(out, error) && write_pdf(job, out, error))
		abort();
	return false;
}

static bool leaves_midway(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)error;
	return write_format(out, NULL) && write_pdf(job, out, NULL);
}

static bool spins(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	(void)out;
	(void)error;
	volatile bool never = false;
	while (!never)
		;
	return false;
}

static bool eats_memory(const WorkerJob *job, PlainWriter *out, GError **error)
{
	enum { PIECE = 64 << 20 };
	(void)job;
	(void)out;
	for (;;) {
		void *piece = malloc(PIECE);
		if (piece == NULL)
			break;
		memset(piece, 1, PIECE);
	}
	g_set_error(error, PLAIN_ERROR, PLAIN_ERROR_LIMIT, "no memory");
	return false;
}

static bool waits(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	(void)out;
	return worker_await_release(error);
}

static const Lie lies[] = {
	honest,
	outside_the_arena,
	range_that_wraps,
	pdf_of_nothing,
	part_of_another_number,
	part_inside,
	two_pdfs,
	no_pdf,
	unknown_text,
	text_past_the_cap,
	text_with_control,
	unknown_counter,
	counter_between,
	counter_past_all,
	counter_too_large,
	format_twice,
	format_of_picture,
	format_past_all,
	no_format,
	picture_unasked,
	end_of_the_trusted_side,
	end_past_all,
	encrypted_with_pdf,
	unavailable,
	record_after_the_end,
	dies_midway,
	leaves_midway,
	spins,
	eats_memory,
	waits,
};

/* What the options said, one after the other. */
static bool echo(const WorkerJob *job, PlainWriter *out, GError **error)
{
	g_autofree char *said = g_strdup_printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
	                                        " arena %d",
	                                        job->number[OFFICE_NUMBER_WANTED], job->number[OFFICE_NUMBER_PAGES],
	                                        job->number[OFFICE_NUMBER_MAX_TEXT], job->number[OFFICE_NUMBER_FAMILIES],
	                                        job->arena != NULL);
	return write_format(out, error) && plain_write_text(out, OFFICE_TEXT_DOCUMENT, said, strlen(said), error) &&
	       complete(out, error);
}

/* The self-test's own document comes to whoever took over what reads it. */
static bool tell_self_test(const WorkerJob *job, PlainWriter *out, GError **error)
{
	static const char shown[] = "self-test: 無害化の自己診断\n", by_macro[] = "macro ran\n";
	bool calc = memmem(job->input[0].bytes, job->input[0].length, "spreadsheet", strlen("spreadsheet")) != NULL;
	bool impress = memmem(job->input[0].bytes, job->input[0].length, "presentation\"", strlen("presentation\"")) != NULL;
	const char *text = calc ? by_macro : shown;
	if (impress)
		return plain_write_counter(out, OFFICE_COUNTER_FORMAT, RENDER_FORMAT_ODP, error) &&
		       plain_write_end(out, RENDER_STATUS_DAMAGED, error);
	return plain_write_counter(out, OFFICE_COUNTER_FORMAT, calc ? RENDER_FORMAT_ODS : RENDER_FORMAT_ODT, error) &&
	       plain_write_text(out, OFFICE_TEXT_DOCUMENT, text, strlen(text), error) && write_pdf(job, out, error) &&
	       complete(out, error);
}

static bool run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	unsigned number = 0;
	const char *bytes = (const char *)job->input[0].bytes;
	if (job->input[0].length >= 4 && memcmp(bytes, "ECHO", 4) == 0)
		return echo(job, out, error);
	if (job->input[0].length < 5 || memcmp(bytes, "LIE ", 4) != 0)
		return tell_self_test(job, out, error);
	for (uint64_t i = 4; i < job->input[0].length; i++)
		number = number * 10 + (unsigned)(bytes[i] - '0');
	return number < G_N_ELEMENTS(lies) && lies[number](job, out, error);
}

int main(int argc, char **argv)
{
	const WorkerSpec spec = {
		.name = "mugai-office", .profile = &render_profile, .max_records = 100000, .max_bytes = 1 << 30, .run = run
	};
	return worker_main(argc, argv, &spec);
}
