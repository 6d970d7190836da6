/* office_worker: the jailed half of the office wire (office_client.c is the trusted one). */
#include "office_worker_priv.h"

#include "office_document_priv.h"
#include "office_fonts_priv.h"
#include "office_format_priv.h"
#include "office_kit_priv.h"
#include "office_priv.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ROOM = 256 * 1024 * 1024 };

bool office_worker_warm_up(GError **error)
{
	return office_fonts_warm_up(error) && office_kit_preload(error);
}

/* LibreOffice takes most of what memory does not suffice for as a damaged picture, or a damaged document, and goes on. That it was
 * memory is to be said. */
static void out_of_memory(void)
{
	errno = ENOMEM;
	abort(); /* the worker's: it says what errno says */
}

static void watch_memory(void)
{
	typedef void (*SetHandler)(void (*handler)(void));
	SetHandler set_handler = NULL;
	*(void **)&set_handler = dlsym(RTLD_DEFAULT, "_ZSt15set_new_handlerPFvvE");
	if (set_handler != NULL)
		set_handler(out_of_memory);
}

bool office_worker_settle(GError **error)
{
	if (!office_document_settle(JAIL_PRIVATE, error))
		return false;
	watch_memory();
	return true;
}

/* Some of its parts hold back what they were given, and say "damaged": a document that is merely damaged leaves far more room. */
static bool memory_is_scarce(void)
{
	void *room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room != MAP_FAILED)
		munmap(room, ROOM);
	return room == MAP_FAILED;
}

/* ---- the answer ----------------------------------------------------------------------------- */

static bool write_pdf(const WorkerJob *job, const OfficeConverted *converted, PlainWriter *out,
                      GError **error)
{
	if (converted->pdf == NULL)
		return true;
	size_t length = g_mapped_file_get_length(converted->pdf);
	if (length > job->arena_size) {
		g_set_error(error, PLAIN_ERROR, PLAIN_ERROR_LIMIT, "a PDF that is larger than its arena");
		return false;
	}
	memcpy(job->arena, g_mapped_file_get_contents(converted->pdf), length);
	const PlainRecord part = { .part = { .number = { 1 },
		                             .depth = 1,
		                             .name = (char *)"",
		                             .declared_type = (char *)"",
		                             .true_type = (char *)"",
		                             .bytes = length,
		                             .length = length } };
	return plain_write_part(out, &part, error);
}

static bool write_counted(PlainWriter *out, uint16_t first, const uint32_t *counted, size_t n, GError **error)
{
	for (size_t i = 0; i < n; i++)
		if (counted[i] > 0 && !plain_write_counter(out, (uint16_t)(first + i), counted[i], error))
			return false;
	return true;
}

/* The two look at different things, and a document can hide from either. */
static void merge_facts(OfficeText *text, const OfficeFacts *facts)
{
	for (unsigned i = 0; i < RENDER_LOST_COUNT; i++)
		text->lost[i] = MAX(text->lost[i], facts->lost[i]);
}

static bool write_facts(const OfficeConverted *converted, PlainWriter *out, GError **error)
{
	const OfficeText *text = &converted->text;
	const uint32_t cut = (uint32_t)MIN(text->text_cut, UINT32_MAX);
	return write_counted(out, OFFICE_COUNTER_TEXT_CUT, &cut, 1, error) &&
	       write_counted(out, OFFICE_COUNTER_MISSING_GLYPHS, &converted->missing_glyphs, 1, error) &&
	       write_counted(out, OFFICE_COUNTER_LOST_FIRST, text->lost, RENDER_LOST_COUNT, error) &&
	       write_counted(out, OFFICE_COUNTER_HIDDEN_FIRST, text->hidden, RENDER_HIDDEN_COUNT, error) &&
	       write_counted(out, OFFICE_COUNTER_BESIDE_FIRST, text->beside, RENDER_BESIDE_COUNT, error);
}

static bool write_text(const OfficeConverted *converted, PlainWriter *out, GError **error)
{
	const OfficeText *text = &converted->text;
	return text->text == NULL ||
	       plain_write_text(out, OFFICE_TEXT_DOCUMENT, text->text, text->bytes, error);
}

/* ---- the job -------------------------------------------------------------------------------- */

static OfficeDocument document_of(const WorkerJob *job, const OfficeKind *kind)
{
	uint64_t wanted = job->number[OFFICE_NUMBER_WANTED];
	OfficeDocument document = {
		.bytes = job->input[0].bytes,
		.length = (size_t)job->input[0].length,
		.kind = kind,
		.pdf = (wanted & OFFICE_WANT_PDF) != 0,
		.text = (wanted & OFFICE_WANT_TEXT) != 0,
		.pages = (unsigned)job->number[OFFICE_NUMBER_PAGES],
		.max_text = job->number[OFFICE_NUMBER_MAX_TEXT],
	};
	for (unsigned i = 0; i < RENDER_BESIDE_COUNT; i++)
		document.beside[i] = (wanted & (uint64_t)OFFICE_WANT_BESIDE_FIRST << i) != 0;
	return document;
}

static bool works_here(const WorkerJob *job, OfficeFamily family)
{
	return (job->number[OFFICE_NUMBER_FAMILIES] & UINT64_C(1) << family) != 0;
}

/* What the bytes alone say; RENDER_STATUS_COMPLETE: nothing against it. */
static RenderStatus judge(const WorkerJob *job, OfficeFormat format, const OfficeFacts *facts)
{
	if (facts->encrypted)
		return RENDER_STATUS_ENCRYPTED;
	if (format == OFFICE_FORMAT_PACKAGE)
		return RENDER_STATUS_DAMAGED;
	const OfficeKind *kind = office_kind(format);
	if (kind->filter == NULL)
		return RENDER_STATUS_UNSUPPORTED;
	return works_here(job, kind->family) ? RENDER_STATUS_COMPLETE : RENDER_STATUS_UNAVAILABLE;
}

static bool convert(const WorkerJob *job, PlainWriter *out, OfficeConverted *converted, GError **error)
{
	OfficeFacts facts = { 0 };
	OfficeFormat format = office_format(job->input[0].bytes, (size_t)job->input[0].length, &facts);
	const OfficeKind *kind = office_kind(format);
	if (kind->format != RENDER_FORMAT_UNKNOWN &&
	    !plain_write_counter(out, OFFICE_COUNTER_FORMAT, kind->format, error))
		return false;
	RenderStatus status = judge(job, format, &facts);
	const OfficeDocument document = document_of(job, kind);
	if (status == RENDER_STATUS_COMPLETE &&
	    !office_document_convert(&document, converted, &status, error))
		return false;
	if (status == RENDER_STATUS_DAMAGED && memory_is_scarce())
		out_of_memory();
	merge_facts(&converted->text, &facts);
	if (!write_facts(converted, out, error))
		return false;
	if (status == RENDER_STATUS_COMPLETE &&
	    (!write_text(converted, out, error) || !write_pdf(job, converted, out, error)))
		return false;
	return plain_write_end(out, (uint16_t)status, error);
}

bool office_worker_run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	if (job->request != OFFICE_REQUEST_CONVERT || job->n_inputs != 1)
		return false;
	OfficeConverted converted = { 0 };
	bool good = convert(job, out, &converted, error);
	office_converted_clear(&converted);
	return good;
}
