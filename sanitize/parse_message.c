/* parse_message: the whole of what the jailed parser does with one message, and the order in which it
 * says the result.
 */
#include "parse_code_priv.h"

#include <string.h>

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
	if (job->request == PARSE_REQUEST_TEXT)
		return parse_body(job, sink, error);
	if (!parse_job_is_sane(job, error))
		return false;
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
	return parse_plain_say(plain, sink, error);
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

/* Libraries open things lazily; whatever this makes them open is open before the jail. */
static bool parse_sample(GError **error)
{
	const ParseSink sink = { NULL,        silent_counter, silent_string, silent_address,
		                 silent_part, silent_text,    silent_end };
	uint8_t arena[4096];
	const ParseJob job = {
		.request = PARSE_REQUEST_MESSAGE,
		.input = { (const uint8_t *)sample, sizeof sample - 1 },
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
	warm = parse_sample(error);
	return warm;
}
