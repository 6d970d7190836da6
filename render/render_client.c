/* What the jailed renderer says, record by record. Every record was decoded and checked as plain before it comes here; here its
 * meaning is checked: does this page come next, is that number in its range. Anything else ends the answer as the
 * child's fault, and thus the document's. */
#include "image_pdf.h"
#include "office.h"
#include "render_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static const uint64_t child_memory = UINT64_C(1) << 30; /* beside the document and the pixels */

enum {
	ANSWER_RECORDS = 64 + RENDER_COUNTER_IDS, /* READY, END, counters */
	TEXT_PIECE_MIN = 4096, /* pieces are cut at PLAIN_TEXT_MAX and at the end of a page; far smaller ones are no answer */
	CHAR_BYTES_MAX = 4,
};

G_STATIC_ASSERT(PLAIN_PICTURE_BOX_MAX == (int)RENDER_BOX_MAX);

/* One document on its way. */
typedef struct {
	const RenderContext *context;
	const RenderOptions *options;
	const Unread *document;
	RenderRequestKind request;
	RenderTable table;

	Child *child;
	Pixels *pixels;
	ImagePdf *pdf;        /* NULL: no picture is wanted */
	RenderResult *result;
	uint64_t counters_seen; /* bit per id */
	uint64_t total_pixels;
	void *page;           /* the picture of the page begun last, which nobody else can change */
	uint64_t page_size;   /* bytes at page */
	bool in_page;         /* begun and not ended */
	GString *text;
	bool complete;        /* its END says so */
} Rendering;

static bool refuse(GError **error, const char *what)
{
	g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "jailed renderer: %s", what);
	return false;
}

void render_result_free(RenderResult *result)
{
	if (result == NULL)
		return;
	g_clear_pointer(&result->pdf, g_bytes_unref);
	g_free(result->text);
	g_free(result);
}

/* ---- pages ------------------------------------------------------------------------------------------------- */

/* Encodes the page before. Meanwhile the child draws the next but one. */
static bool end_page(Rendering *r, GError **error)
{
	if (!r->in_page)
		return true;
	r->in_page = false;
	return image_pdf_page_end(r->pdf, error);
}

static bool make_room(Rendering *r, uint64_t size, GError **error)
{
	if (size <= r->page_size)
		return true;
	free(r->page);
	r->page_size = (size + RENDER_HUGE_PAGE - 1) / RENDER_HUGE_PAGE * RENDER_HUGE_PAGE;
	r->page = aligned_alloc(RENDER_HUGE_PAGE, r->page_size);
	if (r->page == NULL) {
		r->page_size = 0;
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "no memory for a page");
		return false;
	}
	/* Of a last one that is hardly used, most would be cleared for nothing. */
	(void)madvise(r->page, (size + RENDER_HUGE_PAGE / 2) / RENDER_HUGE_PAGE * RENDER_HUGE_PAGE, MADV_HUGEPAGE);
	return true;
}

static bool take_pixels(Rendering *r, const PlainRecord *record, GError **error)
{
	if (!make_room(r, record->picture.length, error))
		return false;
	if (!pixels_copy(r->pixels, record->picture.offset, record->picture.length, r->page, error))
		return false;
	child_release(r->child);
	return true;
}

static bool on_picture(Rendering *r, const PlainRecord *record, GError **error)
{
	uint64_t pixels = (uint64_t)record->picture.width * record->picture.height;
	if (record->picture.page != r->result->pages + 1)
		return refuse(error, "a page out of its order");
	if (record->picture.width > RENDER_SIDE_MAX || record->picture.height > RENDER_SIDE_MAX)
		return refuse(error, "a picture with too long a side");
	if (pixels > RENDER_TOTAL_PIXELS - r->total_pixels)
		return refuse(error, "too many pixels");
	if (!end_page(r, error) || !take_pixels(r, record, error))
		return false;
	r->total_pixels += pixels;
	r->result->pages++;
	bool gray = record->picture.format == PLAIN_GRAY8;
	const ImagePdfPage page = { .pixels = gray ? NULL : r->page,
		                    .levels = gray ? r->page : NULL,
		                    .width = record->picture.width,
		                    .height = record->picture.height,
		                    .box_width = record->picture.box_width,
		                    .box_height = record->picture.box_height };
	r->in_page = image_pdf_page_begin(r->pdf, &page, error);
	return r->in_page;
}

static bool on_run(Rendering *r, const PlainRecord *record, GError **error)
{
	/* plain lets a run pass for any page before; its picture is gone by now. */
	if (record->run.page != r->result->pages)
		return refuse(error, "text of a page that is done");
	return image_pdf_run(r->pdf, record->run.x, record->run.y, record->run.w, record->run.h,
	                     record->run.vertical != 0, record->run.text, error);
}

static bool on_text(Rendering *r, const PlainRecord *record, GError **error)
{
	if (record->text.stream != RENDER_TEXT_PAGES)
		return refuse(error, "an unknown text");
	if (record->text.bytes > r->options->max_text - r->text->len)
		return refuse(error, "more text than was asked for");
	g_string_append_len(r->text, record->text.text, (gssize)record->text.bytes);
	return true;
}

/* ---- counters ---------------------------------------------------------------------------------------------- */

static uint32_t *count_place(RenderResult *result, unsigned id)
{
	if (id >= RENDER_COUNTER_LOST_FIRST)
		return &result->lost[id - RENDER_COUNTER_LOST_FIRST];
	switch ((RenderCounter)id) {
	case RENDER_COUNTER_PAGES_FOUND:
		return &result->pages_found;
	case RENDER_COUNTER_PAGES_FAILED:
		return &result->pages_failed;
	case RENDER_COUNTER_PAGES_PARTIAL:
		return &result->pages_partial;
	case RENDER_COUNTER_LOWER_DPI:
		return &result->lower_dpi;
	default:
		return NULL;
	}
}

static bool is_format(const Rendering *r, uint64_t value)
{
	bool text = value == RENDER_FORMAT_TEXT || value == RENDER_FORMAT_CSV || value == RENDER_FORMAT_TSV;
	return value > RENDER_FORMAT_UNKNOWN && value < RENDER_FORMAT_COUNT &&
	       office_family_of((RenderFormat)value) == OFFICE_FAMILY_COUNT &&
	       text == (r->request == RENDER_REQUEST_TEXT);
}

static bool on_counter(Rendering *r, const PlainRecord *record, GError **error)
{
	G_STATIC_ASSERT(RENDER_COUNTER_IDS <= 64);
	unsigned id = record->counter.id;
	uint64_t value = record->counter.value;
	if (id >= RENDER_COUNTER_IDS || (r->counters_seen & UINT64_C(1) << id) != 0)
		return refuse(error, "a counter that is unknown or came before");
	r->counters_seen |= UINT64_C(1) << id;
	if (value > UINT32_MAX || (id == RENDER_COUNTER_FORMAT && !is_format(r, value)))
		return refuse(error, "a counter out of its range");
	uint32_t *place = count_place(r->result, id);
	if (place != NULL)
		*place = (uint32_t)value;
	else if (id == RENDER_COUNTER_FORMAT)
		r->result->format = (RenderFormat)value;
	else if (id == RENDER_COUNTER_HIDDEN_CHARS)
		r->result->hidden_chars = value;
	else if (id == RENDER_COUNTER_TEXT_CUT)
		r->result->text_cut = value;
	else
		return refuse(error, "an unknown counter");
	return true;
}

/* ---- the end ------------------------------------------------------------------------------------------------ */

/* What the counters say of the pages must fit the pages that came. Without pictures, they are a claim like any other. */
static bool check_counts(Rendering *r, GError **error)
{
	RenderResult *result = r->result;
	if (!r->options->picture)
		result->pages = MIN(result->pages_found, r->options->pages);
	if (result->format == RENDER_FORMAT_UNKNOWN || result->pages == 0)
		return refuse(error, "a complete document without format or pages");
	if (result->pages_found < result->pages || result->pages_failed > result->pages ||
	    result->pages_partial > result->pages || result->lower_dpi > result->pages)
		return refuse(error, "counts that do not fit the pages");
	return true;
}

static bool on_end(Rendering *r, const PlainRecord *record, GError **error)
{
	if (record->end.status >= RENDER_STATUS_JAILED)
		return refuse(error, "an unknown end");
	r->result->status = (RenderStatus)record->end.status;
	r->complete = r->result->status == RENDER_STATUS_COMPLETE;
	return !r->complete || (check_counts(r, error) && end_page(r, error));
}

static bool take_record(void *user, const PlainRecord *record, GError **error)
{
	Rendering *r = user;
	switch (record->type) {
	case PLAIN_PICTURE:
		return on_picture(r, record, error);
	case PLAIN_RUN:
		return on_run(r, record, error);
	case PLAIN_TEXT:
		return on_text(r, record, error);
	case PLAIN_COUNTER:
		return on_counter(r, record, error);
	case PLAIN_END:
		return on_end(r, record, error);
	default:
		return refuse(error, "a record of a type that has no place here");
	}
}

/* ---- the run ------------------------------------------------------------------------------------------------ */

static uint64_t wanted_of(const RenderOptions *options)
{
	return (options->picture ? RENDER_WANT_PICTURES : 0U) |
	       (options->picture && options->searchable ? RENDER_WANT_RUNS : 0U) |
	       (options->text ? RENDER_WANT_TEXT : 0U);
}

static PlainCaps caps_of(const RenderOptions *options)
{
	PlainCaps caps = { .types = 1U << PLAIN_COUNTER, .max_records = ANSWER_RECORDS, .max_text_bytes = 1 };
	if (options->picture) {
		caps.types |= 1U << PLAIN_PICTURE;
		caps.max_pictures = options->pages;
		caps.max_picture_pixels = RENDER_PAGE_PIXELS;
		caps.max_records += options->pages;
	}
	if (options->picture && options->searchable) {
		caps.types |= 1U << PLAIN_RUN;
		caps.max_records += RENDER_TOTAL_CHARS;
		caps.max_text_bytes += (uint64_t)RENDER_TOTAL_CHARS * CHAR_BYTES_MAX;
	}
	if (options->text) {
		caps.types |= 1U << PLAIN_TEXT;
		caps.max_records += options->pages + (uint32_t)MIN(options->max_text / TEXT_PIECE_MIN, UINT32_MAX / 4);
		caps.max_text_bytes += options->max_text;
	}
	return caps;
}

static ChildJob job_of(const Rendering *r)
{
	const RenderOptions *options = r->options;
	return (ChildJob) {
		.request = (uint16_t)r->request,
		.number = {
			[RENDER_NUMBER_DPI] = options->dpi,
			[RENDER_NUMBER_PAGES] = options->pages,
			[RENDER_NUMBER_PAGE_PIXELS] = RENDER_PAGE_PIXELS,
			[RENDER_NUMBER_TOTAL_PIXELS] = RENDER_TOTAL_PIXELS,
			[RENDER_NUMBER_PAGE_CHARS] = RENDER_PAGE_CHARS,
			[RENDER_NUMBER_TOTAL_CHARS] = RENDER_TOTAL_CHARS,
			[RENDER_NUMBER_WANTED] = wanted_of(options),
			[RENDER_NUMBER_TABLE] = r->table,
			[RENDER_NUMBER_MAX_TEXT] = options->max_text,
		},
		.input = { r->document },
		.pixels = r->pixels,
		.caps = caps_of(options),
	};
}

uint64_t render_memory(void)
{
	return supervisor_charge(child_memory, RENDER_PIXELS_SIZE);
}

ChildRequest render_request_in(const RenderContext *context, const char *kind)
{
	return (ChildRequest) {
		.kind = kind,
		.cpu_ms = context->cpu_ms,
		.wall_ms = context->wall_ms,
		.wait_ms = MIN(context->wait_ms, context->wall_ms),
		.progress = context->progress,
		.progress_user = context->progress_user,
		.slow = context->slow,
		.slow_cpu_ms = context->slow_cpu_ms,
	};
}

static Child *open_child(const Rendering *r, GError **error)
{
	ChildRequest request = render_request_in(r->context, "render");
	request.memory = child_memory + unread_length(r->document);
	request.memfds = r->pixels != NULL ? pixels_size(r->pixels) : 0;
	return supervisor_child(r->context->supervisor, &request, error);
}

static void open_pdf(Rendering *r)
{
	const ImagePdfOptions options = { .max_bytes = r->options->max_output,
		                          .colour = r->options->colour,
		                          .clean = r->options->clean,
		                          .clean_user = r->options->clean_user };
	r->pdf = image_pdf_new(&options);
}

static bool finish_pdf(Rendering *r, GError **error)
{
	if (r->pdf == NULL)
		return true;
	r->result->hidden_chars += image_pdf_hidden(r->pdf);
	r->result->text_cut += image_pdf_cut(r->pdf);
	r->result->pdf = image_pdf_finish(r->pdf, error);
	return r->result->pdf != NULL;
}

static bool render(Rendering *r, GError **error)
{
	if (r->options->picture) {
		r->pixels = pixels_new("mugai-pixels", RENDER_PIXELS_SIZE, error);
		if (r->pixels == NULL)
			return false;
		open_pdf(r);
	}
	const ChildJob job = job_of(r);
	r->child = open_child(r, error);
	if (r->child == NULL || !child_start(r->child, &job, error) || !child_read(r->child, take_record, r, NULL, error))
		return false;
	return !r->complete || finish_pdf(r, error);
}

/* ---- what a failure means -------------------------------------------------------------------------------- */

static uint32_t own_cpu_ms(void)
{
	struct timespec used;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint32_t)(used.tv_sec * 1000 + used.tv_nsec / 1000000);
}

/* RENDER_STATUS_COMPLETE: nothing that the document can have caused. own_ms: CPU of this thread for it. */
static RenderStatus status_of(const Rendering *r, const GError *error, uint32_t own_ms)
{
	if (g_error_matches(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_SIZE))
		return RENDER_STATUS_OUTPUT;
	if (g_error_matches(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_VALUE))
		return RENDER_STATUS_CRASH;
	/* The child waits while its pages are encoded here: a document that takes long to encode makes it look idle. Were that
	 * the environment's fault, such a document would be tried again until its mail expires. */
	if (g_error_matches(error, CELL_ERROR, CELL_ERROR_STALLED) && r->child != NULL &&
	    (uint64_t)own_ms + child_usage(r->child).cpu_ms >= r->context->cpu_ms / 2)
		return RENDER_STATUS_TIME;
	return render_status_of_error(error);
}

static void forget_pages(RenderResult *result, RenderStatus status)
{
	result->status = status;
	result->pages = 0;
	g_clear_pointer(&result->pdf, g_bytes_unref);
}

/* True: the document is at fault, and the result says how. */
static bool blame(const Rendering *r, GError *failed, uint32_t own_ms, GError **error)
{
	RenderStatus status = status_of(r, failed, own_ms);
	if (status != RENDER_STATUS_COMPLETE) {
		forget_pages(r->result, status);
		g_error_free(failed);
		return true;
	}
	if (failed->domain == IMAGE_PDF_ERROR) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "%s", failed->message);
		g_error_free(failed);
		return false;
	}
	g_propagate_error(error, failed);
	return false;
}

static void take_usage(Rendering *r)
{
	if (r->child == NULL)
		return;
	ChildUsage usage = child_usage(r->child);
	r->result->cpu_ms = usage.cpu_ms;
	r->result->wall_ms = usage.wall_ms;
}

static RenderResult *run(Rendering *r, GError **error)
{
	g_autoptr(RenderResult) result = g_new0(RenderResult, 1);
	r->result = result;
	r->text = g_string_new(NULL);
	uint32_t before = own_cpu_ms();
	GError *failed = NULL;
	bool good = render(r, &failed) || blame(r, failed, own_cpu_ms() - before, error);
	take_usage(r);
	if (result->status != RENDER_STATUS_COMPLETE)
		result->pages = 0;
	else if (r->options->text)
		result->text = g_strndup(r->text->str, r->text->len);
	child_free(r->child);
	pixels_unref(r->pixels);
	image_pdf_free(r->pdf);
	g_string_free(r->text, TRUE);
	free(r->page);
	return good ? g_steal_pointer(&result) : NULL;
}

static RenderResult *render_any(Rendering *r, GError **error)
{
	const RenderOptions *options = r->options;
	g_return_val_if_fail(options->picture || options->text, NULL);
	g_return_val_if_fail(options->dpi >= RENDER_DPI_MIN && options->dpi <= RENDER_DPI_MAX, NULL);
	g_return_val_if_fail(options->pages >= 1 && options->pages <= RENDER_PAGES_MAX, NULL);
	if (r->context->wall_ms > 0)
		return run(r, error);
	RenderResult *late = g_new0(RenderResult, 1);
	late->status = RENDER_STATUS_DEADLINE;
	return late;
}

RenderResult *render_document(const RenderContext *context, const RenderOptions *options, const Unread *document,
                              GError **error)
{
	Rendering r = { .context = context,
		        .options = options,
		        .document = document,
		        .request = RENDER_REQUEST_DOCUMENT };
	return render_any(&r, error);
}

RenderResult *render_text(const RenderContext *context, const RenderOptions *options, const char *text,
                          RenderTable table, GError **error)
{
	g_autoptr(Unread) document = unread_of_bytes(text, strlen(text), error);
	if (document == NULL)
		return NULL;
	Rendering r = { .context = context,
		        .options = options,
		        .document = document,
		        .request = RENDER_REQUEST_TEXT,
		        .table = table };
	return render_any(&r, error);
}
