/* What the jailed LibreOffice says, record by record; see office_priv.h. Every record was decoded and checked as plain before it
 * comes here; here its meaning is checked. Anything else ends the answer as the child's fault, and thus the document's. */
#include "office_priv.h"

#include "render_priv.h"

#include <string.h>

/* Of one child. Its libraries and their heaps are mapped far wider than they are filled, so that the budget is charged what
 * it can fill: private memory (typically 150 to 250 MB), the PDF, and the files of its own. */
static const uint64_t address_space = UINT64_C(4) << 30;
static const uint64_t private_memory = UINT64_C(1) << 30;
static const uint64_t pdf_size = UINT64_C(200) << 20; /* sparse: costs memory only where the jail writes */

enum {
	ANSWER_RECORDS = 8 + OFFICE_COUNTER_IDS, /* READY, PART, END, counters */
	TEXT_PIECE_MIN = 4096, /* pieces are cut at PLAIN_TEXT_MAX; far smaller ones are no answer */
	PDF_NUMBER = 1,
};

/* One document on its way. */
typedef struct {
	const RenderContext *context;
	const OfficeOptions *options;
	const Unread *document;

	Child *child;
	Arena *arena; /* NULL: no PDF is wanted */
	OfficeResult *result;
	bool counters_seen[OFFICE_COUNTER_IDS];
	uint64_t pdf_offset, pdf_length; /* in the arena; 0 = none came */
	GString *text;
} Conversion;

static bool refuse(GError **error, const char *what)
{
	g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "jailed Office: %s", what);
	return false;
}

void office_result_free(OfficeResult *result)
{
	if (result == NULL)
		return;
	unread_unref(result->pdf);
	g_free(result->text);
	g_free(result);
}

/* ---- records ----------------------------------------------------------------------------------------------- */

/* plain has seen to it that the range is inside the arena, and that no number comes twice. */
static bool on_part(Conversion *c, const PlainRecord *record, GError **error)
{
	if (record->part.depth != 1 || record->part.number[0] != PDF_NUMBER || record->part.length == 0)
		return refuse(error, "a part that is no PDF");
	c->pdf_offset = record->part.offset;
	c->pdf_length = record->part.length;
	return true;
}

static bool on_text(Conversion *c, const PlainRecord *record, GError **error)
{
	if (record->text.stream != OFFICE_TEXT_DOCUMENT)
		return refuse(error, "an unknown text");
	if (record->text.bytes > c->options->max_text - c->text->len)
		return refuse(error, "more text than was asked for");
	g_string_append_len(c->text, record->text.text, (gssize)record->text.bytes);
	return true;
}

static uint32_t *count_place(OfficeResult *result, unsigned id)
{
	const struct {
		unsigned first, count;
		uint32_t *place;
	} ranges[] = {
		{ OFFICE_COUNTER_MISSING_GLYPHS, 1, &result->missing_glyphs },
		{ OFFICE_COUNTER_LOST_FIRST, RENDER_LOST_COUNT, result->lost },
		{ OFFICE_COUNTER_HIDDEN_FIRST, RENDER_HIDDEN_COUNT, result->hidden },
		{ OFFICE_COUNTER_BESIDE_FIRST, RENDER_BESIDE_COUNT, result->beside },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++)
		if (id >= ranges[i].first && id < ranges[i].first + ranges[i].count)
			return &ranges[i].place[id - ranges[i].first];
	return NULL;
}

static bool take_format(Conversion *c, uint64_t value, GError **error)
{
	if (value >= RENDER_FORMAT_COUNT || office_family_of((RenderFormat)value) == OFFICE_FAMILY_COUNT)
		return refuse(error, "a format that is none of Office");
	c->result->format = (RenderFormat)value;
	return true;
}

static bool on_counter(Conversion *c, const PlainRecord *record, GError **error)
{
	G_STATIC_ASSERT(OFFICE_COUNTER_LOST_FIRST + RENDER_LOST_COUNT <= OFFICE_COUNTER_HIDDEN_FIRST);
	G_STATIC_ASSERT(OFFICE_COUNTER_HIDDEN_FIRST + RENDER_HIDDEN_COUNT <= OFFICE_COUNTER_BESIDE_FIRST);
	G_STATIC_ASSERT(OFFICE_COUNTER_BESIDE_FIRST + RENDER_BESIDE_COUNT <= OFFICE_COUNTER_IDS);
	unsigned id = record->counter.id;
	uint64_t value = record->counter.value;
	if (id >= OFFICE_COUNTER_IDS || c->counters_seen[id])
		return refuse(error, "a counter that is unknown or came before");
	c->counters_seen[id] = true;
	if (value > UINT32_MAX)
		return refuse(error, "a counter out of its range");
	if (id == OFFICE_COUNTER_FORMAT)
		return take_format(c, value, error);
	uint32_t *place = count_place(c->result, id);
	if (place != NULL)
		*place = (uint32_t)value;
	else if (id == OFFICE_COUNTER_TEXT_CUT)
		c->result->text_cut = value;
	else
		return refuse(error, "an unknown counter");
	return true;
}

static bool on_end(Conversion *c, const PlainRecord *record, GError **error)
{
	uint16_t status = record->end.status;
	if (status >= RENDER_STATUS_JAILED && status != RENDER_STATUS_UNAVAILABLE)
		return refuse(error, "an unknown end");
	c->result->status = (RenderStatus)status;
	if (status != RENDER_STATUS_COMPLETE)
		return true;
	if (c->result->format == RENDER_FORMAT_UNKNOWN || (c->options->pdf && c->pdf_length == 0))
		return refuse(error, "a complete document without format or PDF");
	return true;
}

static bool take_record(void *user, const PlainRecord *record, GError **error)
{
	Conversion *c = user;
	switch (record->type) {
	case PLAIN_PART:
		return on_part(c, record, error);
	case PLAIN_TEXT:
		return on_text(c, record, error);
	case PLAIN_COUNTER:
		return on_counter(c, record, error);
	case PLAIN_END:
		return on_end(c, record, error);
	default:
		return refuse(error, "a record of a type that has no place here");
	}
}

/* ---- the run ------------------------------------------------------------------------------------------------ */

static uint64_t wanted_of(const OfficeOptions *options)
{
	uint64_t wanted = (options->pdf ? OFFICE_WANT_PDF : 0U) | (options->text ? OFFICE_WANT_TEXT : 0U);
	for (unsigned i = 0; i < RENDER_BESIDE_COUNT; i++)
		wanted |= options->beside[i] ? (uint64_t)OFFICE_WANT_BESIDE_FIRST << i : 0;
	return wanted;
}

static PlainCaps caps_of(const OfficeOptions *options)
{
	PlainCaps caps = { .types = 1U << PLAIN_COUNTER, .max_records = ANSWER_RECORDS, .max_text_bytes = 1 };
	if (options->pdf) {
		caps.types |= 1U << PLAIN_PART;
		caps.max_parts = 1;
		caps.max_part_depth = 1;
	}
	if (options->text) {
		caps.types |= 1U << PLAIN_TEXT;
		caps.max_records += (uint32_t)MIN(options->max_text / TEXT_PIECE_MIN, UINT32_MAX / 4) + 1;
		caps.max_text_bytes += options->max_text;
	}
	return caps;
}

static ChildJob job_of(const Conversion *c)
{
	return (ChildJob) {
		.request = OFFICE_REQUEST_CONVERT,
		.number = {
			[OFFICE_NUMBER_WANTED] = wanted_of(c->options),
			[OFFICE_NUMBER_PAGES] = c->options->pages,
			[OFFICE_NUMBER_MAX_TEXT] = c->options->max_text,
			[OFFICE_NUMBER_FAMILIES] = c->options->families,
		},
		.input = { c->document },
		.arena = c->arena,
		.caps = caps_of(c->options),
	};
}

static Child *open_child(const Conversion *c, GError **error)
{
	ChildRequest request = render_request_in(c->context, OFFICE_KIND);
	request.memory = address_space + unread_length(c->document);
	request.data = private_memory + unread_length(c->document);
	request.memfds = OFFICE_PRIVATE_SIZE + (c->arena != NULL ? arena_size(c->arena) : 0);
	return supervisor_child(c->context->supervisor, &request, error);
}

static bool take_pdf(Conversion *c, GError **error)
{
	if (c->result->status != RENDER_STATUS_COMPLETE || c->arena == NULL)
		return true;
	c->result->pdf = unread_new(c->arena, c->pdf_offset, c->pdf_length, error);
	return c->result->pdf != NULL;
}

static bool convert(Conversion *c, GError **error)
{
	if (c->options->pdf && (c->arena = arena_new("mugai-office-pdf", pdf_size, error)) == NULL)
		return false;
	const ChildJob job = job_of(c);
	c->child = open_child(c, error);
	return c->child != NULL && child_start(c->child, &job, error) &&
	       child_read(c->child, take_record, c, NULL, error) && take_pdf(c, error);
}

/* True: the document is at fault, and the result says how. */
static bool blame(const Conversion *c, GError *failed, GError **error)
{
	RenderStatus status = render_status_of_error(failed);
	if (status == RENDER_STATUS_COMPLETE) {
		g_propagate_error(error, failed);
		return false;
	}
	c->result->status = status;
	g_error_free(failed);
	return true;
}

static void take_usage(const Conversion *c)
{
	if (c->child == NULL)
		return;
	ChildUsage usage = child_usage(c->child);
	c->result->cpu_ms = usage.cpu_ms;
	c->result->wall_ms = usage.wall_ms;
	c->result->peak_memory = usage.peak_memory;
}

OfficeResult *office_convert(const RenderContext *context, const OfficeOptions *options, const Unread *document,
                             GError **error)
{
	g_return_val_if_fail(options->pdf || options->text, NULL);
	g_return_val_if_fail(options->pages >= 1 && options->pages <= RENDER_PAGES_MAX, NULL);
	g_autoptr(OfficeResult) result = g_new0(OfficeResult, 1);
	if (context->wall_ms == 0) {
		result->status = RENDER_STATUS_DEADLINE;
		return g_steal_pointer(&result);
	}
	Conversion c = { .context = context, .options = options, .document = document, .result = result };
	c.text = g_string_new(NULL);
	GError *failed = NULL;
	bool good = convert(&c, &failed) || blame(&c, failed, error);
	take_usage(&c);
	if (result->status == RENDER_STATUS_COMPLETE && options->text)
		result->text = g_strndup(c.text->str, c.text->len);
	child_free(c.child);
	arena_unref(c.arena);
	g_string_free(c.text, TRUE);
	return good ? g_steal_pointer(&result) : NULL;
}
