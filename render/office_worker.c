/* office_worker: the jailed half of the office wire (office_client.c is the trusted one). */
#include "office_worker_priv.h"

#include "office_document_priv.h"
#include "office_fonts_priv.h"
#include "office_format_priv.h"
#include "office_kit_priv.h"
#include "office_priv.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

bool office_worker_warm_up(GError **error)
{
	return office_fonts_warm_up(error) && office_kit_preload(error);
}

/* LibreOffice takes most of what memory does not suffice for as a damaged picture, or a damaged document, and goes on. That it was
 * memory is to be said. */
static void out_of_memory(void)
{
	_exit(WORKER_EXIT_MEMORY);
}

static void watch_memory(void)
{
	typedef void (*SetHandler)(void (*handler)(void));
	SetHandler set_handler = (SetHandler)dlsym(RTLD_DEFAULT, "_ZSt15set_new_handlerPFvvE");
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

/* ---- the answer ----------------------------------------------------------------------------- */

static bool write_pdf(const WorkerJob *job, const OfficeConverted *converted, PlainWriter *out, GError **error)
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

static bool write_facts(const OfficeConverted *converted, const OfficeFacts *facts, PlainWriter *out, GError **error)
{
	const OfficeText *text = &converted->text;
	const uint32_t cut[] = { (uint32_t)MIN(text->text_cut, UINT32_MAX), converted->missing_glyphs };
	G_STATIC_ASSERT(OFFICE_COUNTER_MISSING_GLYPHS == OFFICE_COUNTER_TEXT_CUT + 1);
	(void)facts;
	return write_counted(out, OFFICE_COUNTER_TEXT_CUT, cut, G_N_ELEMENTS(cut), error) &&
	       write_counted(out, OFFICE_COUNTER_LOST_FIRST, text->lost, RENDER_LOST_COUNT, error) &&
	       write_counted(out, OFFICE_COUNTER_HIDDEN_FIRST, text->hidden, RENDER_HIDDEN_COUNT, error) &&
	       write_counted(out, OFFICE_COUNTER_BESIDE_FIRST, text->beside, RENDER_BESIDE_COUNT, error);
}

/* ---- the job -------------------------------------------------------------------------------- */
