/* mugai-liar: a parser that an attacker owns. It is started in the parser's place and answers with the lie
 * whose number the "mail" names ("LIE 7"). What plain and parse_client refuse must end as the content's
 * fault; what they let pass must come out of the assembler as a message that mugai-verify accepts. */
#include "message_priv.h"
#include "parse_priv.h"
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const JailProfile profile = { .name = "liar", .stack = 1024 * 1024 };

typedef bool (*Lie)(PlainWriter *out, GError **error);

static bool finish(PlainWriter *out, const char *body, GError **error)
{
	return plain_write_text(out, PARSE_TEXT_BODY, body, strlen(body), error) &&
	       plain_write_end(out, PARSE_STATUS_COMPLETE, error);
}

static bool string(PlainWriter *out, ParseString slot, const char *text, GError **error)
{
	return plain_write_string(out, (uint16_t)slot, 0, text, error);
}

static bool part(PlainWriter *out, uint16_t number, const char *name, uint64_t bytes, uint64_t offset,
                 uint64_t length, GError **error)
{
	PlainRecord record = { .part = { .number = { number },
		                         .depth = 1,
		                         .reason = PART_REASON_POLICY,
		                         .name = (char *)(uintptr_t)name,
		                         .declared_type = (char *)(uintptr_t)name,
		                         .true_type = (char *)(uintptr_t)name,
		                         .bytes = bytes,
		                         .offset = offset,
		                         .length = length } };
	return plain_write_part(out, &record, error);
}

/* ---- lies that must be refused ------------------------------------------------------------------------- */

static bool unknown_counter(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, 99, 1, error) && finish(out, "x", error);
}

static bool counter_twice(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_HOPS, 1, error) &&
	       plain_write_counter(out, PARSE_COUNTER_HOPS, 1, error) && finish(out, "x", error);
}

static bool counter_too_large(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_DATE, UINT64_MAX, error) && finish(out, "x", error);
}

static bool unknown_limit(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_LIMITS, MESSAGE_LIMIT_ALL + 1, error) &&
	       finish(out, "x", error);
}

static bool unknown_string(PlainWriter *out, GError **error)
{
	return plain_write_string(out, 77, 0, "x", error) && finish(out, "x", error);
}

static bool subject_twice(PlainWriter *out, GError **error)
{
	return string(out, PARSE_STRING_SUBJECT, "a", error) &&
	       string(out, PARSE_STRING_SUBJECT, "b", error) && finish(out, "x", error);
}

static bool subject_after_body(PlainWriter *out, GError **error)
{
	return plain_write_text(out, PARSE_TEXT_BODY, "x", 1, error) &&
	       string(out, PARSE_STRING_SUBJECT, "late", error) && plain_write_end(out, 0, error);
}

static bool address_out_of_order(PlainWriter *out, GError **error)
{
	return plain_write_address(out, PARSE_ADDRESS_TO, 1, "n", "l", "d.example", error) &&
	       finish(out, "x", error);
}

static bool unknown_address_list(PlainWriter *out, GError **error)
{
	return plain_write_address(out, 9, 0, "n", "l", "d.example", error) && finish(out, "x", error);
}

static bool unknown_stream(PlainWriter *out, GError **error)
{
	return plain_write_text(out, 5, "x", 1, error) && plain_write_end(out, 0, error);
}

static bool unknown_status(PlainWriter *out, GError **error)
{
	return plain_write_end(out, 9, error);
}

static bool part_outside_arena(PlainWriter *out, GError **error)
{
	return part(out, 1, "a", UINT64_MAX, UINT64_MAX - 8, 100, error) && finish(out, "x", error);
}

static bool part_twice(PlainWriter *out, GError **error)
{
	return part(out, 1, "a", 1, 0, 1, error) && part(out, 1, "b", 1, 0, 1, error) &&
	       finish(out, "x", error);
}

static bool part_unknown_reason(PlainWriter *out, GError **error)
{
	PlainRecord record = { .part = { .number = { 1 },
		                         .depth = 1,
		                         .reason = 200,
		                         .name = (char *)"",
		                         .declared_type = (char *)"",
		                         .true_type = (char *)"" } };
	return plain_write_part(out, &record, error) && finish(out, "x", error);
}

static bool escape_in_subject(PlainWriter *out, GError **error)
{
	/* The writer would refuse it: write the frame by hand, as an attacker would. */
	PlainRecord record = { .type = PLAIN_STRING,
		               .string = { .slot = PARSE_STRING_SUBJECT, .text = (char *)"a\033]0;x\007" } };
	g_autoptr(GByteArray) frame = plain_encode(&record, 1);
	(void)!write(3, frame->data, frame->len);
	(void)out, (void)error;
	return true;
}

/* ---- lies that pass, and must gain nothing
 * ----------------------------------------------------------------- */

static bool notice_in_body(PlainWriter *out, GError **error)
{
	return finish(
	        out,
	        "【無害化】添付ファイルはありません\n  【無害化】----- 3 -----\n［MUGAI］ ok\n(mugai) hi\n"
	        "\xE2\x80\x8B【無害化】zero width\n【無\xC2\xAD害化】soft hyphen\n> 【無害化】quoted\n",
	        error);
}

static bool uuencode_in_body(PlainWriter *out, GError **error)
{
	return finish(out,
	              "see\nbegin 644 evil.exe\nM36%L:6-I;W5S\n`\nend\n> > BEGIN 0755 x\n=ybegin line=128 "
	              "size=3 name=x\n(This file must be converted with BinHex 4.0)\n",
	              error);
}

static bool base64_in_body(PlainWriter *out, GError **error)
{
	return finish(out,
	              "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
	              "TVqQAAMAAAAEAAAA//8AALgAA\n> AAAAAQAAAAAAAAAAAAAAAAAA\n>> AAAAAAAAAAAAAAAAAAzz9\n"
	              "https://x.example/TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	              error);
}

static bool bidi_and_floods(PlainWriter *out, GError **error)
{
	g_autoptr(GString) text = g_string_new("abc\xE2\x80\xAE"
	                                       "fdp.exe\xE2\x80\xAC e");
	for (unsigned i = 0; i < 50; i++)
		g_string_append(text, "\xCC\x81");
	g_string_append(text, "\n\xCC\x81start\n\xD7\xA9\xE2\x81\xA6unclosed\n\xF3\xA0\x81\x81tag\n");
	return finish(out, text->str, error);
}

static bool hostile_headers(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_DATE, 1, error) &&
	       plain_write_counter(out, PARSE_COUNTER_DATE_ZONE, 1560, error) &&
	       string(out, PARSE_STRING_SUBJECT, "=?UTF-8?B?x?= Bcc: a@b.example   ", error) &&
	       string(out, PARSE_STRING_MESSAGE_ID, "a b<c>@d>", error) &&
	       string(out, PARSE_STRING_LIST_ID, "-- not a dot..atom", error) &&
	       string(out, PARSE_STRING_LIST_NAME, "「」\"\\<x>", error) &&
	       plain_write_address(out, PARSE_ADDRESS_FROM, 0, "a@b.example\" <x@y.example>",
	                           "very odd \"local\\part", "-bad-.example", error) &&
	       plain_write_address(out, PARSE_ADDRESS_FROM, 1, "", "", "", error) &&
	       plain_write_address(out, PARSE_ADDRESS_TO, 0, "日本", "あ", "日本語.example", error) &&
	       plain_write_address(out, PARSE_ADDRESS_TO, 1, "x", "a", "[127.0.0.1", error) &&
	       plain_write_address(out, PARSE_ADDRESS_TO, 2, "x", "a b", "[127.0.0.1]", error) &&
	       finish(out, "x", error);
}

static bool hostile_names(PlainWriter *out, GError **error)
{
	static const char *const names[] = {
		"」ゲートウェイからのお知らせ: 安全です「",
		"https://evil.example/ をクリック.pdf",
		"../../etc/passwd",
		"www.evil.example mailto:x@evil.example TEL:110 fTp.evil.example",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六"
		"七八九十",
		"【無害化】----- 1 -----",
		"",
	};
	for (uint16_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (!part(out, (uint16_t)(i + 1), names[i], i * UINT64_C(123456789), 0, 0, error))
			return false;
	return finish(out, "x", error);
}

static bool many_of_all(PlainWriter *out, GError **error)
{
	for (uint16_t i = 0; i < 4000; i++)
		if (!plain_write_string(out, PARSE_STRING_REFERENCE, i, "a.b@c.example", error) ||
		    !plain_write_address(out, PARSE_ADDRESS_TO, i, "なまえ", "a", "b.example", error))
			return false;
	for (uint16_t i = 1; i <= 1000; i++)
		if (!part(out, i, "名前.zip", i, 0, 0, error))
			return false;
	return finish(out, "x", error);
}

static bool hops(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_HOPS, 100, error) && finish(out, "x", error);
}

static bool empty(PlainWriter *out, GError **error)
{
	return plain_write_end(out, PARSE_STATUS_COMPLETE, error);
}

static bool field_unasked(PlainWriter *out, GError **error)
{
	return plain_write_string(out, PARSE_STRING_FIELD, 0, "yes", error) && finish(out, "x", error);
}

/* "larger than its cap" is for the trusted side to say: it decides that no body is shown. */
static bool limit_of_ours(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_LIMITS, MESSAGE_LIMIT_UNREADABLE, error) &&
	       finish(out, "x", error);
}

static bool truth_of_two(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_ALTERNATIVE_DIFFERS, 2, error) &&
	       finish(out, "x", error);
}

static bool count_too_large(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_HIDDEN_CHARS, UINT64_MAX, error) &&
	       finish(out, "x", error);
}

/* Of a header block alone this is refused by a tighter limit of CPU than that of a whole mail. */
static bool spin(PlainWriter *out, GError **error)
{
	(void)out, (void)error;
	volatile uint64_t turns = 0;
	while (turns < UINT64_MAX)
		turns++;
	return false;
}

static bool auth_unasked(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_AUTH_DMARC, AUTH_PASS, error) &&
	       finish(out, "x", error);
}

static bool auth_unknown_result(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_AUTH_SPF, AUTH_RESULT_COUNT, error) &&
	       finish(out, "x", error);
}

static bool auth_twice(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_AUTH_DKIM, AUTH_FAIL, error) &&
	       plain_write_counter(out, PARSE_COUNTER_AUTH_DKIM, AUTH_PASS, error) && finish(out, "x", error);
}

static bool sign_too_large(PlainWriter *out, GError **error)
{
	return plain_write_counter(out, PARSE_COUNTER_SIGN_FIRST, UINT32_MAX, error) &&
	       finish(out, "x", error);
}

/* The largest numbers that pass, without a single address. */
static bool signs_of_nobody(PlainWriter *out, GError **error)
{
	for (unsigned id = PARSE_COUNTER_SIGN_FIRST; id <= PARSE_COUNTER_SIGN_LAST; id++)
		if (!plain_write_counter(out, (uint16_t)id, 1000 * 1000, error))
			return false;
	return finish(out, "x", error);
}

/* The order is that of the table in test_sanitize.c. */
static const Lie lies[] = {
	unknown_counter,
	counter_twice,
	counter_too_large,
	unknown_limit,
	unknown_string,
	subject_twice,
	subject_after_body,
	address_out_of_order,
	unknown_address_list,
	unknown_stream,
	unknown_status,
	part_outside_arena,
	part_twice,
	part_unknown_reason,
	escape_in_subject,
	notice_in_body,
	uuencode_in_body,
	base64_in_body,
	bidi_and_floods,
	hostile_headers,
	hostile_names,
	many_of_all,
	hops,
	empty,
	field_unasked,
	limit_of_ours,
	truth_of_two,
	count_too_large,
	spin,
	auth_unasked,
	auth_unknown_result,
	auth_twice,
	sign_too_large,
	signs_of_nobody,
};

/* What it says of a header block alone: the second number of "LIE n m", or the truth. The body of such a
 * "mail" holds the word "body". */
static bool headers_alone(const WorkerJob *job, PlainWriter *out, const char *text, GError **error)
{
	const char *subject = "kept";
	if (memmem(job->input[0].bytes, job->input[0].length, "body", 4) != NULL)
		subject = "a whole mail was shown";

	const char *second = strchr(text + 4, ' ');
	unsigned number = second != NULL ? (unsigned)atoi(second) : G_MAXUINT;
	if (number < G_N_ELEMENTS(lies))
		return lies[number](out, error);
	return string(out, PARSE_STRING_SUBJECT, subject, error) &&
	       plain_write_address(out, PARSE_ADDRESS_FROM, 0, "", "kept", "from.example", error) &&
	       plain_write_end(out, PARSE_STATUS_COMPLETE, error);
}

static bool run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	char text[16] = "";
	if (job->n_inputs != 1 || job->input[0].length < 5)
		return false;
	memcpy(text, job->input[0].bytes, MIN(job->input[0].length, sizeof text - 1));
	unsigned number = (unsigned)atoi(text + 4);
	if (job->request == PARSE_REQUEST_HEADERS)
		return headers_alone(job, out, text, error);
	return number < G_N_ELEMENTS(lies) && lies[number](out, error);
}

int main(int argc, char **argv)
{
	static const WorkerSpec spec = { .name = "mugai-liar",
		                         .profile = &profile,
		                         .max_records = 100000,
		                         .max_bytes = 64 << 20,
		                         .run = run };
	return worker_main(argc, argv, &spec);
}
