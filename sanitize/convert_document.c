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

static bool is_type(const ConvertClaims *claims, const char *type)
{
	return g_ascii_strcasecmp(claims->declared_type, type) == 0 ||
	       g_ascii_strcasecmp(claims->true_type, type) == 0;
}

static bool has_extension(const ConvertClaims *claims, const char *extension)
{
	size_t name = strlen(claims->name), length = strlen(extension);
	return name > length && g_ascii_strcasecmp(claims->name + name - length, extension) == 0;
}

static RenderTable table_of(const ConvertClaims *claims)
{
	if (is_type(claims, "text/csv") || has_extension(claims, ".csv"))
		return RENDER_TABLE_CSV;
	bool tabs = is_type(claims, "text/tab-separated-values") || has_extension(claims, ".tsv");
	return tabs ? RENDER_TABLE_TSV : RENDER_TABLE_NONE;
}

static SanitizeTextKind kind_of(const ConvertClaims *claims)
{
	if (table_of(claims) == RENDER_TABLE_TSV)
		return SANITIZE_TEXT_TABBED;
	if (is_type(claims, "text/html") || is_type(claims, "application/xhtml+xml"))
		return SANITIZE_TEXT_HTML;
	return SANITIZE_TEXT_PLAIN;
}

static RenderFormat format_of(const ConvertClaims *claims)
{
	static const RenderFormat formats[] = { [RENDER_TABLE_NONE] = RENDER_FORMAT_TEXT,
		                                [RENDER_TABLE_CSV] = RENDER_FORMAT_CSV,
		                                [RENDER_TABLE_TSV] = RENDER_FORMAT_TSV };
	return formats[table_of(claims)];
}

/* Whether it is worth trying as a text. What is none is found out where it is read. */
static bool may_be_text(const ConvertClaims *claims)
{
	return g_ascii_strncasecmp(claims->declared_type, "text/", 5) == 0 ||
	       g_ascii_strncasecmp(claims->true_type, "text/", 5) == 0 || has_extension(claims, ".txt") ||
	       table_of(claims) != RENDER_TABLE_NONE;
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
		result = render_text(&render, &options, text, table_of(claims), error);
	}
	if (result != NULL && context->options.text) {
		g_free(result->text);
		result->text = g_steal_pointer(&text);
	}
	return result;
}

/* ---- documents ---------------------------------------------------------------------------------------- */

static Unread *unread_of_text(const char *text, GError **error)
{
	size_t length = strlen(text);
	g_autoptr(MemfdWriter) writer = memfd_writer_new("mugai-text", length, error);
	if (writer == NULL || !memfd_writer_append(writer, text, length, error))
		return NULL;
	g_autoptr(Sealed) sealed = memfd_writer_seal(writer, error);
	return sealed != NULL ? unread_of_sealed(sealed) : NULL;
}

/* The text of a document is read like a mail's: links that mislead are made harmless, files inside are taken out. */
static bool reread_text(const ConvertContext *context, RenderResult *result, const ConvertBudget *budget, GError **error)
{
	if (result->text == NULL || *result->text == '\0')
		return true;
	g_autoptr(Unread) input = unread_of_text(result->text, error);
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

/* Formats that libmagic may take for text: a PDF need not begin at the first byte (scanners and printers put their own
 * commands before it), a drawing is XML. Read as a text, the reader would get its source. */
static bool claims_to_be_drawing(const ConvertClaims *claims)
{
	return is_type(claims, "application/pdf") || has_extension(claims, ".pdf") || is_type(claims, "image/svg+xml") ||
	       has_extension(claims, ".svg");
}

/* What libmagic takes for ordinary text. A jail's claim: where it is wrong, the other way is tried next. */
static bool looks_like_text(const ConvertClaims *claims)
{
	static const char *const types[] = { "text/plain", "text/csv", "text/html" };
	if (claims_to_be_drawing(claims))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_ascii_strcasecmp(claims->true_type, types[i]) == 0)
			return true;
	return false;
}

RenderResult *convert_document(const ConvertContext *context, const ConvertClaims *claims, const Unread *document,
                               const ConvertBudget *budget, GError **error)
{
	bool text_first = looks_like_text(claims);
	RenderResult *result = text_first ? convert_text(context, claims, document, budget, error)
	                                  : convert_bytes(context, document, budget, error);
	if (result == NULL || result->status != RENDER_STATUS_UNSUPPORTED || !may_be_text(claims))
		return result;
	render_result_free(result);
	return text_first ? convert_bytes(context, document, budget, error)
	                  : convert_text(context, claims, document, budget, error);
}
