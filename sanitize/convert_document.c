/* convert_document: see convert_document_priv.h. */
#include "convert_document_priv.h"

#include "clean_text.h"
#include "parse_client_priv.h"

#include <string.h>

/* Most pictures are done by then, and a text mail beside them does not feel it. */
enum { SLOW_CPU_MS = 20 };

/* ---- what the jails may take -------------------------------------------------------------------------- */

static uint32_t ms_until(const ConvertBudget *budget, uint64_t most)
{
	/* Rounded up: what ends for this must not seem to have ended before its time. */
	int64_t left = (budget->until - g_get_monotonic_time() + 999) / 1000;
	return (uint32_t)CLAMP(left, 1, (int64_t)most);
}

/* What comes of it is a line of a page: the same characters may be there as in a mail's header. */
static char *clean_run(const char *text, void *user)
{
	(void)user;
	return clean_line(text, strlen(text), 0, NULL);
}

static RenderOptions render_options(const ConvertContext *context)
{
	RenderOptions options = context->options;
	options.clean = clean_run;
	return options;
}

/* However short of time it is: nobody but its own mail waits for a document. */
static bool is_slow(void *user)
{
	(void)user;
	return true;
}

static RenderContext render_context(const ConvertContext *context, const ConvertBudget *budget)
{
	const ConfLimits *limits = &context->settings->limits;
	return (RenderContext) { .supervisor = context->supervisor,
		                 .cpu_ms = (uint32_t)limits->document_cpu,
		                 .wall_ms = ms_until(budget, limits->document_wall),
		                 .wait_ms = ms_until(budget, limits->total),
		                 .progress = budget->wanted,
		                 .progress_user = budget->wanted_user,
		                 .slow = is_slow,
		                 .slow_cpu_ms = SLOW_CPU_MS };
}

static RenderResult *result_of(RenderStatus status, RenderFormat format)
{
	RenderResult *result = g_new0(RenderResult, 1);
	result->status = status;
	result->format = format;
	return result;
}

/* ---- texts -------------------------------------------------------------------------------------------- */

static SanitizeTextKind kind_of(const ConvertClaims *claims)
{
	if (convert_table(claims) == RENDER_TABLE_TSV)
		return SANITIZE_TEXT_TABBED;
	return convert_is_html(claims) ? SANITIZE_TEXT_HTML : SANITIZE_TEXT_PLAIN;
}

static RenderFormat format_of(const ConvertClaims *claims)
{
	static const RenderFormat formats[] = { [RENDER_TABLE_NONE] = RENDER_FORMAT_TEXT,
		                                [RENDER_TABLE_CSV] = RENDER_FORMAT_CSV,
		                                [RENDER_TABLE_TSV] = RENDER_FORMAT_TSV };
	return formats[convert_table(claims)];
}

/* The text, cleaned; NULL without an error: it is none. charset: "" = find out. */
static char *read_text(const ConvertContext *context, const Unread *document, SanitizeTextKind kind, const char *charset,
                       const ConvertBudget *budget, GError **error)
{
	const SanitizeTextOptions options = { .kind = kind, .charset = charset, .defang = context->defang };
	const ParseContext parse = { .supervisor = context->supervisor,
		                     .settings = context->settings,
		                     .wall_ms = ms_until(budget, context->settings->limits.total),
		                     .progress = budget->wanted,
		                     .progress_user = budget->wanted_user,
		                     .text_kind = context->text_kind };
	g_autoptr(ParseResult) result = parse_run_text(&parse, document, &options, error);
	if (result == NULL || result->message->body_source == BODY_NONE)
		return NULL;
	/* Cleaned in the jail, and again, since a jail may lie. */
	return clean_body_text(result->message->body, strlen(result->message->body), NULL);
}

static RenderResult *convert_text(const ConvertContext *context, const ConvertClaims *claims, const Unread *document,
                                  const ConvertBudget *budget, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *text = read_text(context, document, kind_of(claims), "", budget, &cause);
	if (cause != NULL && cell_error_blames_content(cause))
		return result_of(RENDER_STATUS_CRASH, format_of(claims));
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	if (text == NULL)
		return result_of(RENDER_STATUS_UNSUPPORTED, RENDER_FORMAT_UNKNOWN);
	RenderResult *result = NULL;
	if (!context->options.picture) {
		result = result_of(RENDER_STATUS_COMPLETE, format_of(claims));
	} else {
		const RenderOptions options = render_options(context);
		const RenderContext render = render_context(context, budget);
		result = render_text(&render, &options, text, convert_table(claims), error);
	}
	if (result != NULL && context->options.text) {
		g_free(result->text);
		result->text = g_steal_pointer(&text);
	}
	return result;
}

/* ---- documents ---------------------------------------------------------------------------------------- */

/* The text of a document is read like a mail's: links that mislead are made harmless, files inside are taken out. */
static bool reread_text(const ConvertContext *context, RenderResult *result, const ConvertBudget *budget, GError **error)
{
	if (result->text == NULL || *result->text == '\0')
		return true;
	g_autoptr(Unread) input = unread_of_bytes(result->text, strlen(result->text), error);
	if (input == NULL)
		return false;
	g_autoptr(GError) cause = NULL;
	char *text = read_text(context, input, SANITIZE_TEXT_PLAIN, "utf-8", budget, &cause);
	if (cause != NULL && !cell_error_blames_content(cause)) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return false;
	}
	result->status = cause != NULL ? RENDER_STATUS_CRASH : result->status;
	g_free(result->text);
	result->text = text != NULL ? text : g_strdup("");
	return true;
}

static RenderResult *convert_bytes(const ConvertContext *context, const Unread *document, const ConvertBudget *budget,
                                   GError **error)
{
	const RenderOptions options = render_options(context);
	const RenderContext render = render_context(context, budget);
	g_autoptr(RenderResult) result = render_document(&render, &options, document, error);
	if (result == NULL || !reread_text(context, result, budget, error))
		return NULL;
	return g_steal_pointer(&result);
}

/* ---- Office ------------------------------------------------------------------------------------------------- */

static OfficeOptions office_options(const ConvertContext *context, uint32_t families)
{
	const RenderOptions *options = &context->options;
	OfficeOptions office = { .pages = options->pages,
		                 .pdf = options->picture,
		                 .text = options->text,
		                 .max_text = options->max_text,
		                 .families = families };
	memcpy(office.beside, options->beside, sizeof office.beside);
	return office;
}

static uint32_t add_counts(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* What both jails say of one document. */
static void take_facts(RenderResult *result, OfficeResult *office)
{
	result->format = office->format;
	for (size_t i = 0; i < RENDER_LOST_COUNT; i++)
		result->lost[i] = add_counts(result->lost[i], office->lost[i]);
	memcpy(result->hidden, office->hidden, sizeof result->hidden);
	memcpy(result->beside, office->beside, sizeof result->beside);
	result->missing_glyphs = office->missing_glyphs;
	result->text_cut += office->text_cut;
	result->cpu_ms = add_counts(result->cpu_ms, office->cpu_ms);
	result->wall_ms = add_counts(result->wall_ms, office->wall_ms);
	if (result->status == RENDER_STATUS_COMPLETE)
		result->text = g_steal_pointer(&office->text);
}

/* LibreOffice writes no such PDF: whoever has taken it over did. */
static bool is_no_pdf_of_ours(const RenderResult *result)
{
	return result->status == RENDER_STATUS_UNSUPPORTED || result->status == RENDER_STATUS_ENCRYPTED ||
	       (result->status == RENDER_STATUS_COMPLETE && result->format != RENDER_FORMAT_PDF);
}

/* The export stops one page after those that are wanted, so that nobody knows how many there were. */
static void note_pages(RenderResult *result, const RenderOptions *options)
{
	result->more_pages = result->pages_found > options->pages;
}

static RenderResult *draw_office(const ConvertContext *context, const OfficeResult *office, const ConvertBudget *budget,
                                 GError **error)
{
	RenderOptions options = render_options(context);
	options.text = false;
	const RenderContext render = render_context(context, budget);
	RenderResult *result = render_document(&render, &options, office->pdf, error);
	if (result != NULL && is_no_pdf_of_ours(result)) {
		render_result_free(result);
		result = result_of(RENDER_STATUS_CRASH, office->format);
	}
	if (result != NULL)
		note_pages(result, &options);
	return result;
}

/* A jail that cannot be built here is no reason to come again. */
static RenderResult *without_office(GError *cause, GError **error)
{
	if (!g_error_matches(cause, CELL_ERROR, CELL_ERROR_JAIL)) {
		g_propagate_error(error, cause);
		return NULL;
	}
	g_error_free(cause);
	return result_of(RENDER_STATUS_UNAVAILABLE, RENDER_FORMAT_UNKNOWN);
}

static RenderResult *convert_with(const ConvertContext *context, uint32_t families, const Unread *document,
                                  const ConvertBudget *budget, GError **error)
{
	const OfficeOptions options = office_options(context, families);
	const RenderContext jail = render_context(context, budget);
	GError *cause = NULL;
	g_autoptr(OfficeResult) office = office_convert(&jail, &options, document, &cause);
	if (office == NULL)
		return without_office(cause, error);
	g_autoptr(RenderResult) result = NULL;
	if (office->status == RENDER_STATUS_COMPLETE && options.pdf)
		result = draw_office(context, office, budget, error);
	else
		result = result_of(office->status, office->format);
	if (result == NULL)
		return NULL;
	take_facts(result, office);
	return reread_text(context, result, budget, error) ? g_steal_pointer(&result) : NULL;
}

static RenderResult *convert_office(const ConvertContext *context, const Unread *document, const ConvertBudget *budget,
                                    GError **error)
{
	uint32_t families = 0;
	if (!office_health_families(context->office, budget, &families, error))
		return NULL;
	return families != 0 ? convert_with(context, families, document, budget, error)
	                     : result_of(RENDER_STATUS_UNAVAILABLE, RENDER_FORMAT_UNKNOWN);
}

/* ---- all of them ----------------------------------------------------------------------------------------------- */

static RenderResult *convert_by(ConvertWay way, const ConvertContext *context, const ConvertClaims *claims,
                                const Unread *document, const ConvertBudget *budget, GError **error)
{
	switch (way) {
	case CONVERT_TEXT:
		return convert_text(context, claims, document, budget, error);
	case CONVERT_OFFICE:
		return convert_office(context, document, budget, error);
	default:
		return convert_bytes(context, document, budget, error);
	}
}

/* What Office would have taken may be something else. But not a text: the reader would get the source of a document. */
static bool goes_on(const RenderResult *result, ConvertWay next, bool said)
{
	return result->status == RENDER_STATUS_UNSUPPORTED ||
	       (result->status == RENDER_STATUS_UNAVAILABLE && (next == CONVERT_BYTES || !said));
}

RenderResult *convert_document(const ConvertContext *context, const ConvertClaims *claims, const Unread *document,
                               const ConvertBudget *budget, GError **error)
{
	ConvertWay ways[CONVERT_WAYS];
	unsigned n = convert_ways(claims, ways);
	bool said = convert_claims_office(claims), unavailable = false;
	g_autoptr(RenderResult) result = convert_by(ways[0], context, claims, document, budget, error);
	for (unsigned i = 1; i < n && result != NULL && goes_on(result, ways[i], said); i++) {
		unavailable |= said && result->status == RENDER_STATUS_UNAVAILABLE;
		render_result_free(result);
		result = convert_by(ways[i], context, claims, document, budget, error);
	}
	/* Nobody else knows it, so that it may well be what could not be tried. */
	if (unavailable && result != NULL && result->status == RENDER_STATUS_UNSUPPORTED)
		result->status = RENDER_STATUS_UNAVAILABLE;
	if (!said && result != NULL && result->status == RENDER_STATUS_UNAVAILABLE)
		result->status = RENDER_STATUS_UNSUPPORTED;
	return g_steal_pointer(&result);
}
