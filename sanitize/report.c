#include "conversion_priv.h"
#include "report_priv.h"

#include <string.h>

static bool needs_escape(gunichar c)
{
	if (c < 0x20 || c == '"' || c == '\\' || (c >= 0x7F && c < 0xA0))
		return true;
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR ||
	       type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

static void append_escape(GString *json, gunichar c)
{
	if (c == '"' || c == '\\')
		g_string_append_printf(json, "\\%c", (char)c);
	else if (c < 0x10000)
		g_string_append_printf(json, "\\u%04x", c);
	else
		g_string_append_printf(json, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
		                       0xDC00 + ((c - 0x10000) & 0x3FF));
}

/* One character or, where that is none, one byte; returns what follows. */
static const char *append_next(GString *json, const char *p)
{
	gunichar c = g_utf8_get_char_validated(p, -1);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		g_string_append_printf(json, "\\\\x%02x", (unsigned char)*p);
		return p + 1;
	}
	if (needs_escape(c))
		append_escape(json, c);
	else
		g_string_append_unichar(json, c);
	return g_utf8_next_char(p);
}

void report_json_string(GString *json, const char *text)
{
	g_string_append_c(json, '"');
	for (const char *p = text != NULL ? text : ""; *p != '\0';)
		p = append_next(json, p);
	g_string_append_c(json, '"');
}

/* SMTP allows any byte in an envelope: \xff of four characters and the byte itself must not read alike. */
static void append_address(GString *json, const char *address)
{
	g_string_append_c(json, '"');
	for (const char *p = address; *p != '\0';) {
		if (*p == '\\')
			g_string_append(json, "\\\\x5c");
		p = *p == '\\' ? p + 1 : append_next(json, p);
	}
	g_string_append_c(json, '"');
}

static void key(GString *json, const char *name)
{
	char last = json->str[json->len - 1];
	g_string_append_printf(json, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", name);
}

static void string(GString *json, const char *name, const char *text)
{
	key(json, name);
	report_json_string(json, text);
}

static void number(GString *json, const char *name, uint64_t value)
{
	key(json, name);
	g_string_append_printf(json, "%" G_GUINT64_FORMAT, value);
}

static void boolean(GString *json, const char *name, bool value)
{
	key(json, name);
	g_string_append(json, value ? "true" : "false");
}

static const char *reason_name(PartReason reason)
{
	static const char *const names[] = {
		[PART_REASON_NONE] = "",
		[PART_REASON_POLICY] = "policy",
		[PART_REASON_DEPTH] = "depth",
		[PART_REASON_DAMAGED] = "damaged",
		[PART_REASON_CHARSET] = "charset",
		[PART_REASON_BINARY_TEXT] = "binary-text",
		[PART_REASON_ENCODED_IN_TEXT] = "encoded-in-text",
		[PART_REASON_CONVERSION] = "conversion",
		[PART_REASON_SCAN] = "scan",
		[PART_REASON_AMBIGUOUS] = "ambiguous",
		[PART_REASON_EMPTY_CONTAINER] = "empty-container",
		[PART_REASON_NOT_SCANNED] = "not-scanned",
		[PART_REASON_PAGES] = "pages",
		[PART_REASON_FAILED_PAGE] = "failed-page",
		[PART_REASON_NO_TEXT] = "no-text",
		[PART_REASON_SIZE] = "size",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(names) == PART_REASON_COUNT);
	return names[reason];
}

/* What is not there is absent. */
static void append_lost(GString *json, const PartConversion *conversion)
{
	key(json, "lost");
	g_string_append_c(json, '{');
	for (size_t i = 0; conversion != NULL && i < RENDER_LOST_COUNT; i++)
		if (conversion->lost[i] > 0)
			number(json, render_lost_name((RenderLost)i), conversion->lost[i]);
	g_string_append_c(json, '}');
}

static void append_hidden(GString *json, const PartConversion *conversion)
{
	key(json, "hidden");
	g_string_append_c(json, '{');
	for (size_t i = 0; i < RENDER_HIDDEN_COUNT; i++)
		if (conversion->hidden[i] > 0)
			number(json, render_hidden_name((RenderHidden)i), conversion->hidden[i]);
	g_string_append_c(json, '}');
}

/* Shown or left out, as the policy says. */
static void append_beside(GString *json, const PartConversion *conversion)
{
	key(json, "beside");
	g_string_append_c(json, '{');
	for (size_t i = 0; i < RENDER_BESIDE_COUNT; i++)
		if (conversion->beside[i] > 0)
			number(json, render_beside_name((RenderBeside)i), conversion->beside[i]);
	g_string_append_c(json, '}');
}

/* Of a part that was to be converted alone. */
static void append_conversion(GString *json, const PartConversion *conversion)
{
	if (conversion == NULL)
		return;
	key(json, "conversion");
	g_string_append_c(json, '{');
	string(json, "wanted", part_action_name(conversion->wanted));
	if (conversion->done) {
		string(json, "status", render_status_name(conversion->status));
		string(json, "format", render_format_name(conversion->format));
		number(json, "pages_found", conversion->pages_found);
		boolean(json, "more_pages", conversion->more_pages);
		number(json, "pages_failed", conversion->pages_failed);
		number(json, "pages_partial", conversion->pages_partial);
		number(json, "lower_dpi", conversion->lower_dpi);
		number(json, "hidden_chars", conversion->hidden_chars);
		number(json, "text_cut", conversion->text_cut);
		number(json, "missing_glyphs", conversion->missing_glyphs);
		append_hidden(json, conversion);
		append_beside(json, conversion);
		number(json, "pdf_bytes", conversion->pdf_bytes);
		number(json, "cpu_ms", conversion->cpu_ms);
		number(json, "wall_ms", conversion->wall_ms);
	}
	g_string_append_c(json, '}');
}

static void append_part(GString *json, const MessagePart *part)
{
	if (json->str[json->len - 1] != '[')
		g_string_append_c(json, ',');
	g_string_append_c(json, '{');
	string(json, "number", part->number);
	string(json, "name", part->name);
	string(json, "declared_type", part->declared_type);
	string(json, "true_type", part->true_type);
	number(json, "bytes", part->bytes);
	string(json, "claimed_sha256", part->sha256);
	string(json, "scan", part_scan_name(part->scan));
	string(json, "action", part_action_name(part->action));
	string(json, "reason", reason_name(part->reason));
	string(json, "rule", part->rule);
	boolean(json, "inline", (part->flags & MESSAGE_PART_INLINE) != 0);
	boolean(json, "alternative", (part->flags & MESSAGE_PART_BODY_ALTERNATIVE) != 0);
	boolean(json, "disguised", (part->flags & MESSAGE_PART_NAME_DISGUISED) != 0);
	number(json, "pages", part->conversion != NULL ? part->conversion->pages : 0);
	append_lost(json, part->conversion);
	append_conversion(json, part->conversion);
	g_string_append_c(json, '}');
}

static void append_parts(GString *json, const Message *message)
{
	key(json, "parts");
	g_string_append_c(json, '[');
	for (guint i = 0; i < message->parts->len; i++)
		append_part(json, g_ptr_array_index(message->parts, i));
	g_string_append_c(json, ']');
}

static void append_limits(GString *json, uint32_t limits)
{
	static const char *const names[] = { "fields",     "header-block",    "field",     "addresses",
		                             "depth",      "parts",           "structure", "text",
		                             "references", "subject",         "size",      "no-mail",
		                             "html",       "nested",          "blocks",    "unreadable",
		                             "conditions", "policy-exhausted" };
	key(json, "limits");
	g_string_append_c(json, '[');
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if ((limits & (1U << i)) != 0)
			g_string_append_printf(json, "%s\"%s\"", json->str[json->len - 1] == '[' ? "" : ",",
			                       names[i]);
	}
	g_string_append_c(json, ']');
}

static void append_body(GString *json, const Message *message)
{
	static const char *const sources[BODY_SOURCE_COUNT] = { "none", "plain", "html", "enriched" };
	key(json, "body");
	g_string_append_c(json, '{');
	string(json, "source", sources[message->body_source]);
	string(json, "charset_declared", message->charset_declared);
	string(json, "charset_used", message->charset_used);
	number(json, "replaced", message->replaced);
	boolean(json, "charset_repaired", message->charset_repaired);
	number(json, "removed_chars", message->text_removed);
	number(json, "removed_marks", message->marks_removed);
	number(json, "removed_bidi", message->bidi_removed);
	number(json, "private_use", message->private_use);
	number(json, "hidden_chars", message->hidden_chars);
	number(json, "link_mismatches", message->link_mismatches);
	number(json, "links_removed", message->links_removed);
	number(json, "links_flagged", message->links_flagged);
	number(json, "pictures", message->pictures);
	number(json, "dropped_objects", message->objects);
	number(json, "password_fields", message->password_fields);
	number(json, "nested_messages", message->nested_messages);
	number(json, "outside_bytes", message->outside_bytes);
	boolean(json, "alternative_differs", message->alternative_differs);
	g_string_append_c(json, '}');
}

/* A sign that is not there is absent. */
static void append_header(GString *json, const Message *message)
{
	key(json, "header");
	g_string_append_c(json, '{');
	number(json, "removed_chars", message->header_removed);
	number(json, "replaced", message->header_replaced);
	boolean(json, "charset_repaired", message->header_repaired);
	boolean(json, "date_read", message->has_date);
	boolean(json, "date_zoneless", message->date_zoneless);
	key(json, "signs");
	g_string_append_c(json, '{');
	for (MessageSign sign = 0; sign < MESSAGE_SIGNS; sign++)
		if (message->signs[sign] > 0)
			number(json, message_sign_name(sign), message->signs[sign]);
	g_string_append(json, "}}");
}

static void append_message(GString *json, const Message *message)
{
	string(json, "subject", message->subject);
	append_header(json, message);
	append_parts(json, message);
	append_body(json, message);
	append_limits(json, message->limits);
	boolean(json, "header_read", !message->header_unread);
}

static void append_recipients(GString *json, const char *const *recipients)
{
	key(json, "recipients");
	for (const char *const *r = recipients; *r != NULL; r++) {
		g_string_append_c(json, r == recipients ? '[' : ',');
		append_address(json, *r);
	}
	g_string_append_c(json, ']');
}

static void append_envelope(GString *json, const SanitizeEnvelope *envelope)
{
	key(json, "sender");
	append_address(json, envelope->sender);
	key(json, "recipient"); /* the first of them */
	append_address(json, envelope->recipients[0]);
	append_recipients(json, envelope->recipients);
	string(json, "client", envelope->client);
	string(json, "queue_id", envelope->queue_id);
	key(json, "arrival");
	g_string_append_printf(json, "%" G_GINT64_FORMAT, envelope->arrival);
}

static void append_timings(GString *json, const Report *report)
{
	key(json, "timings_ms");
	g_string_append_c(json, '{');
	number(json, "wait", report->wait_ms);
	number(json, "parse", report->parse_ms);
	number(json, "parse_cpu", report->parse_cpu_ms);
	number(json, "render", report->render_ms);
	number(json, "assemble", report->assemble_ms);
	number(json, "total", report->total_ms);
	g_string_append_c(json, '}');
}

static void append_policy(GString *json, const Report *report)
{
	key(json, "policy");
	g_string_append_c(json, '{');
	string(json, "name", report->policy_name);
	string(json, "version", report->policy_version);
	string(json, "rule", report->rule);
	g_string_append_c(json, '}');
}

/* What is not known is absent. */
static void append_auth(GString *json, const Message *message)
{
	key(json, "auth");
	g_string_append_c(json, '{');
	for (AuthMethod method = 0; message != NULL && method < AUTH_METHODS; method++)
		if (message->auth[method] != AUTH_UNKNOWN)
			string(json, auth_method_name(method), auth_result_name(message->auth[method]));
	g_string_append_c(json, '}');
}

char *report_json(const Report *report)
{
	GString *json = g_string_new("{");
	string(json, "id", report->id);
	string(json, "outcome", report->outcome);
	string(json, "decision", report->decision);
	if (report->error != NULL) {
		string(json, "error", report->error);
		boolean(json, "blames_content", report->blames_content);
	}
	if (report->failures > 0)
		number(json, "content_failures", report->failures);
	string(json, "tenant", report->tenant);
	append_envelope(json, report->envelope);
	append_auth(json, report->message);
	string(json, "original_sha256", report->original_sha256);
	number(json, "original_bytes", report->original_bytes);
	number(json, "clean_bytes", report->clean_bytes);
	number(json, "hops", report->hops);
	if (report->message != NULL)
		append_message(json, report->message);
	append_policy(json, report);
	append_timings(json, report);
	number(json, "parse_peak_memory", report->parse_peak_memory);
	g_string_append_c(json, '}');
	return g_string_free(json, FALSE);
}
