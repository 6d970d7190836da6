/* parse_body: one text that is no mail. Needs neither the magic database nor the crypto library: mugai-text is built
 * without them, because loading them takes longer than all else that it does. */
#include "charset_priv.h"
#include "parse_code_priv.h"
#include "parse_text_priv.h"
#include "text_wrap_priv.h"

#include <string.h>

/* ---- the job ---------------------------------------------------------------------------------------------- */

static bool width_is_possible(unsigned width)
{
	return width == 0 || (width >= TEXT_WRAP_MIN && width <= TEXT_WRAP_MAX);
}

bool parse_job_is_sane(const ParseJob *job, GError **error)
{
	bool known = job->request >= PARSE_REQUEST_MESSAGE && job->request <= PARSE_REQUEST_TEXT &&
	             job->text_kind < PARSE_TEXT_KINDS && job->defang < DEFANG_MODES &&
	             width_is_possible(job->width);

	if (known && job->limits.mime_depth >= 1 && job->limits.mime_depth <= PARSE_DEPTH_MAX)
		return true;
	g_set_error_literal(error, PARSE_CODE_ERROR, PARSE_CODE_ERROR_REQUEST,
	                    "unknown request or impossible limits");
	return false;
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

/* The facts of one text that is no mail, in the words of a mail's. */
static void text_facts(const ParseTextResult *result, ParsePlain *plain)
{
	static const BodySource sources[PARSE_TEXT_KINDS] = {
		[PARSE_TEXT_PLAIN] = BODY_PLAIN,
		[PARSE_TEXT_HTML] = BODY_HTML,
		[PARSE_TEXT_ENRICHED] = BODY_ENRICHED,
		[PARSE_TEXT_AMP] = BODY_HTML,
		[PARSE_TEXT_TABBED] = BODY_PLAIN,
	};
	const HtmlFacts *html = &result->html;

	plain->limits |= result->cut ? MESSAGE_LIMIT_TEXT : 0;
	plain->limits |= html->cut ? MESSAGE_LIMIT_HTML : 0;
	parse_plain_counter(plain, PARSE_COUNTER_BODY_SOURCE,
	                    result->binary ? BODY_NONE : sources[result->kind]);
	parse_plain_counter(plain, PARSE_COUNTER_REPLACED, result->replaced + result->counts.bad);
	parse_plain_counter(plain, PARSE_COUNTER_TEXT_REMOVED, result->counts.removed);
	parse_plain_count(plain, PARSE_COUNTER_MARKS_REMOVED, result->counts.marks);
	parse_plain_count(plain, PARSE_COUNTER_BIDI_REMOVED, result->counts.bidi);
	parse_plain_count(plain, PARSE_COUNTER_PRIVATE_USE, result->counts.private_use);
	parse_plain_counter(plain, PARSE_COUNTER_CHARSET_REPAIRED, result->repaired);
	parse_plain_counter(plain, PARSE_COUNTER_HIDDEN_CHARS, html->hidden_chars);
	parse_plain_counter(plain, PARSE_COUNTER_LINK_MISMATCHES, html->link_mismatches);
	parse_plain_counter(plain, PARSE_COUNTER_LINKS_REMOVED, html->links_removed);
	parse_plain_counter(plain, PARSE_COUNTER_LINKS_FLAGGED, html->links_flagged);
	parse_plain_counter(plain, PARSE_COUNTER_PICTURES, html->pictures);
	parse_plain_counter(plain, PARSE_COUNTER_PASSWORD_FIELDS, html->password_fields);
	parse_plain_counter(plain, PARSE_COUNTER_OBJECTS, html->dropped_objects);
	parse_plain_string(plain, PARSE_STRING_CHARSET_USED, 0, g_strdup(charset_name(result->used)));
}

static bool is_for_a_text(const ParseJob *job, GError **error)
{
	if (job->request == PARSE_REQUEST_TEXT)
		return parse_job_is_sane(job, error);
	g_set_error_literal(error, PARSE_CODE_ERROR, PARSE_CODE_ERROR_REQUEST, "only a text can be read here");
	return false;
}

bool parse_body(const ParseJob *job, const ParseSink *sink, GError **error)
{
	if (!is_for_a_text(job, error))
		return false;
	const char *label = job->text != NULL ? job->text : "";
	Charset declared = charset_from_label(label, strlen(label));
	const ParseTextJob text = {
		.bytes = job->input,
		.kind = (ParseTextKind)job->text_kind,
		.declared = declared,
		.labelled = label[0] != '\0',
		.english = job->english,
		.max_out = job->limits.text_out,
		.max_in = PARSE_HTML_IN,
		.defang = (DefangMode)job->defang,
		.width = job->width,
	};

	if (declared == CHARSET_UNKNOWN)
		return sink->end(sink->user, PARSE_STATUS_NO_CHARSET, error);
	g_autoptr(ParsePlain) plain = parse_plain_new();
	g_auto(ParseTextResult) result = { .text = NULL };
	parse_text(&text, &result);
	text_facts(&result, plain);
	plain->body_bytes = result.text->len;
	plain->body = g_strdup(result.text->str);
	return parse_plain_say(plain, sink, error);
}

/* No sample is parsed here: no library of this path opens anything, and one process would pay for it twice. */
bool parse_text_warm_up(GError **error)
{
	(void)error;
	parse_base64_warm_up();
	return true;
}
