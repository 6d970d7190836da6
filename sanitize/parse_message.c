/* parse_message: the whole of what the jailed parser does with one message, and the order in which it
 * says the result.
 */
#include "charset_priv.h"
#include "parse_code_priv.h"
#include "parse_text_priv.h"
#include "text_wrap_priv.h"

#include <string.h>

GQuark parse_code_error_quark(void)
{
	return g_quark_from_static_string("mugai-parse-code-error");
}

/* ---- what will be said -----------------------------------------------------------------------------------
 */

static void line_clear(gpointer data)
{
	g_free(((ParseLine *)data)->text);
}

static void address_line_clear(gpointer data)
{
	parse_address_free(((ParseAddressLine *)data)->address);
}

static void part_clear(gpointer data)
{
	PlainRecord *record = data;

	g_free(record->part.name);
	g_free(record->part.declared_type);
	g_free(record->part.true_type);
}

ParsePlain *parse_plain_new(void)
{
	ParsePlain *plain = g_new0(ParsePlain, 1);

	plain->strings = g_array_new(FALSE, FALSE, sizeof(ParseLine));
	g_array_set_clear_func(plain->strings, line_clear);
	plain->addresses = g_array_new(FALSE, FALSE, sizeof(ParseAddressLine));
	g_array_set_clear_func(plain->addresses, address_line_clear);
	plain->parts = g_array_new(FALSE, FALSE, sizeof(PlainRecord));
	g_array_set_clear_func(plain->parts, part_clear);
	return plain;
}

void parse_plain_free(ParsePlain *plain)
{
	if (plain == NULL)
		return;
	g_array_unref(plain->strings);
	g_array_unref(plain->addresses);
	g_array_unref(plain->parts);
	g_free(plain->body);
	g_free(plain);
}

void parse_plain_counter(ParsePlain *plain, ParseCounter id, uint64_t value)
{
	plain->counter[id] = value;
	plain->has_counter |= UINT64_C(1) << id;
}

void parse_plain_count(ParsePlain *plain, ParseCounter id, uint64_t more)
{
	if (more > 0)
		parse_plain_counter(plain, id, plain->counter[id] + more);
}

void parse_plain_string(ParsePlain *plain, ParseString slot, size_t index, char *text)
{
	const ParseLine line = { slot, (uint16_t)index, text };

	if (text[0] == '\0') {
		g_free(text);
		return;
	}
	g_array_append_val(plain->strings, line);
}

/* ---- saying it
 * ----------------------------------------------------------------------------------------------- */

static bool say_counters(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (uint16_t id = 1; id < PARSE_COUNTER_IDS; id++) {
		if ((plain->has_counter & UINT64_C(1) << id) == 0)
			continue;
		if (!sink->counter(sink->user, id, plain->counter[id], error))
			return false;
	}
	return true;
}

static bool say_strings(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (guint i = 0; i < plain->strings->len; i++) {
		const ParseLine *line = &g_array_index(plain->strings, ParseLine, i);
		if (!sink->string(sink->user, line->slot, line->index, line->text, error))
			return false;
	}
	return true;
}

static bool say_addresses(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (guint i = 0; i < plain->addresses->len; i++) {
		const ParseAddressLine *line = &g_array_index(plain->addresses, ParseAddressLine, i);
		if (!sink->address(sink->user, line->slot, line->index, line->address, error))
			return false;
	}
	return true;
}

static bool say_parts(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (guint i = 0; i < plain->parts->len; i++) {
		if (!sink->part(sink->user, &g_array_index(plain->parts, PlainRecord, i), error))
			return false;
	}
	return true;
}

static bool say_all(ParsePlain *plain, const ParseSink *sink, GError **error)
{
	parse_plain_counter(plain, PARSE_COUNTER_LIMITS, plain->limits);
	if (!say_counters(plain, sink, error) || !say_strings(plain, sink, error))
		return false;
	if (!say_addresses(plain, sink, error) || !say_parts(plain, sink, error))
		return false;
	if (plain->body_bytes > 0 &&
	    !sink->text(sink->user, PARSE_TEXT_BODY, plain->body, plain->body_bytes, error))
		return false;
	return sink->end(sink->user, PARSE_STATUS_COMPLETE, error);
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------ */

static bool width_is_possible(unsigned width)
{
	return width == 0 || (width >= TEXT_WRAP_MIN && width <= TEXT_WRAP_MAX);
}

static bool request_is_sane(const ParseJob *job, GError **error)
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

/* The facts of one text that is no mail, in the words of a mail's. */
static void text_facts(const ParseTextResult *result, ParsePlain *plain)
{
	static const BodySource sources[PARSE_TEXT_KINDS] = {
		[PARSE_TEXT_PLAIN] = BODY_PLAIN,
		[PARSE_TEXT_HTML] = BODY_HTML,
		[PARSE_TEXT_ENRICHED] = BODY_ENRICHED,
		[PARSE_TEXT_AMP] = BODY_HTML,
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

static bool parse_body(const ParseJob *job, const ParseSink *sink, GError **error)
{
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
	return say_all(plain, sink, error);
}

/* What is wanted of the header beyond what every mail has. */
static void parse_asked(const ParseJob *job, const ParseHead *head, ParsePlain *plain)
{
	g_auto(GStrv) lines = g_strsplit(job->text != NULL ? job->text : "", "\n", 2);

	if (lines[0] == NULL)
		return;
	if (job->request == PARSE_REQUEST_MESSAGE)
		parse_headers_wanted(head, lines[0], plain);
	parse_auth(head, lines[1] != NULL ? lines[1] : "", job->one_hop, plain);
}

static uint64_t count_replaced(const char *text)
{
	uint64_t count = 0;

	for (const char *at = text; (at = strstr(at, "\xef\xbf\xbd")) != NULL; at++)
		count++;
	return count;
}

/* Of what is shown of the header, and of file names. */
static void say_unread(ParsePlain *plain)
{
	uint64_t count = 0;

	for (guint i = 0; i < plain->strings->len; i++) {
		const ParseLine *line = &g_array_index(plain->strings, ParseLine, i);
		bool shown = line->slot == PARSE_STRING_SUBJECT || line->slot == PARSE_STRING_LIST_NAME;
		count += shown ? count_replaced(line->text) : 0;
	}
	for (guint i = 0; i < plain->addresses->len; i++) {
		const MailAddress *address = g_array_index(plain->addresses, ParseAddressLine, i).address;
		count += count_replaced(address->name) + count_replaced(address->local) +
		         count_replaced(address->domain);
	}
	for (guint i = 0; i < plain->parts->len; i++)
		count += count_replaced(g_array_index(plain->parts, PlainRecord, i).part.name);
	parse_plain_count(plain, PARSE_COUNTER_HEADER_REPLACED, count);
	parse_plain_count(plain, PARSE_COUNTER_HEADER_REPAIRED, plain->charsets.repaired ? 1 : 0);
}

bool parse_message(const ParseJob *job, const ParseSink *sink, GError **error)
{
	if (!request_is_sane(job, error))
		return false;
	if (job->request == PARSE_REQUEST_TEXT)
		return parse_body(job, sink, error);
	g_autoptr(ParseHead) head = parse_limits_head(job->input, &job->limits);
	if (!head->is_mail)
		return sink->end(sink->user, PARSE_STATUS_NOT_MAIL, error);
	g_autoptr(ParsePlain) plain = parse_plain_new();
	/* first, since raw bytes of the header are likely in the character set of the text */
	if (job->request == PARSE_REQUEST_MESSAGE)
		parse_mime(job, head, plain);
	parse_headers(head, plain);
	parse_signs(head, plain);
	parse_asked(job, head, plain);
	say_unread(plain);
	return say_all(plain, sink, error);
}

/* ---- warm-up
 * ----------------------------------------------------------------------------------------------------- */

static const char sample[] =
        "From: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= <a@example.jp>\r\n"
        "Reply-To: b.example.com <b@\xe6\x97\xa5.example.com>\r\n"
        "Subject: =?UTF-8?Q?=E6=97=A5=E6=9C=AC?=\r\n"
        "Date: Mon, 1 Jan 2024 00:00:00 +0900\r\n"
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n"
        "\r\n"
        "--b\r\n"
        "Content-Type: text/plain; charset=shift_jis\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "=93=FA=96=7B\r\n"
        "--b\r\n"
        "Content-Type: application/pdf; name=\"a.pdf\"\r\n"
        "Content-Disposition: attachment; filename*=iso-2022-jp''%1B$BF%7CK%5C%1B(B.pdf\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n"
        "JVBERi0xLjQKJeLjz9MKMSAwIG9iago8PD4+CmVuZG9iagp0cmFpbGVyCjw8Pj4KJSVFT0YK\r\n"
        "--b\r\n"
        "Content-Type: message/rfc822\r\n"
        "\r\n"
        "To: b@example.jp\r\n"
        "\r\n"
        "x\r\n"
        "--b\r\n"
        "Content-Type: text/html\r\n"
        "Content-Transfer-Encoding: x-uuencode\r\n"
        "\r\n"
        "begin 644 a\r\n"
        "#0V%T\r\n"
        "`\r\n"
        "end\r\n"
        "--b--\r\n";

static bool silent_counter(void *user, uint16_t id, uint64_t value, GError **error)
{
	(void)user, (void)id, (void)value, (void)error;
	return true;
}

static bool silent_string(void *user, uint16_t slot, uint16_t index, const char *text, GError **error)
{
	(void)user, (void)slot, (void)index, (void)text, (void)error;
	return true;
}

static bool silent_address(void *user, uint16_t slot, uint16_t index, const MailAddress *address,
                           GError **error)
{
	(void)user, (void)slot, (void)index, (void)address, (void)error;
	return true;
}

static bool silent_part(void *user, const PlainRecord *part, GError **error)
{
	(void)user, (void)part, (void)error;
	return true;
}

static bool silent_text(void *user, uint16_t stream, const char *text, size_t bytes, GError **error)
{
	(void)user, (void)stream, (void)text, (void)bytes, (void)error;
	return true;
}

static bool silent_end(void *user, uint16_t status, GError **error)
{
	(void)user, (void)status, (void)error;
	return true;
}

static const char text_sample[] = "<p><a href=\"https://xn--wgv71a.example/\">\x1b$BF|K\\\x1b(B</a>";

/* Libraries open things lazily; whatever this makes them open is open before the jail. */
static bool parse_sample(ParseRequest request, const char *bytes, size_t length, GError **error)
{
	const ParseSink sink = { NULL,        silent_counter, silent_string, silent_address,
		                 silent_part, silent_text,    silent_end };
	uint8_t arena[4096];
	const ParseJob job = {
		.request = request,
		.input = { (const uint8_t *)bytes, length },
		.limits = { 262144, 59000, 1000, PARSE_DEPTH_MAX, 1000, 65536 },
		.arena = arena,
		.arena_size = sizeof arena,
	};

	return parse_message(&job, &sink, error);
}

bool parse_warm_up(GError **error)
{
	static bool warm;

	if (warm)
		return true;
	if (!parse_type_warm_up(error) || !parse_hash_warm_up(error))
		return false;
	warm = parse_sample(PARSE_REQUEST_MESSAGE, sample, sizeof sample - 1, error);
	return warm;
}

bool parse_text_warm_up(GError **error)
{
	parse_base64_warm_up();
	return parse_sample(PARSE_REQUEST_TEXT, text_sample, sizeof text_sample - 1, error);
}
