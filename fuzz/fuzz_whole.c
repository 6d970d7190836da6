/* fuzz_whole: a mail through everything but the jail: parser, wire, checks of plain, the trusted reader,
 * policy, assembler. Whatever it holds, the end is a message that obeys the output grammar.
 *
 * The first byte chooses what the settings may say; the rest is the mail.
 */
#include "assemble_priv.h"
#include "defang_priv.h"
#include "parse_client_priv.h"
#include "parse_code_priv.h"
#include "policy_priv.h"
#include "verify_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA = 256 * 1024, PARTS = 30, TEXT_OUT = 256 * 1024, RECORDS = 20000 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint8_t arena[ARENA];
static Policy *policy;
static Conf *confs[2]; /* by language */

static const char policy_text[] =
        "name: fuzz\nrules:\n"
        "- {name: a, message: notice-only, when: {header: {name: X-Flag, value: '*yes*'}}}\n"
        "- {name: d, message: notice-only, when: {authentication: {dmarc: [fail, unknown], spf: [fail, "
        "softfail]}}}\n"
        "- {name: b, parts: remove, when: {part: {name: '*.?x*', size: {over: 10B}}}}\n"
        "- {name: c, message: deliver, parts: remove}\n";

static Conf *conf_in(const char *language)
{
	g_autofree char *text = g_strdup_printf("topology: behind-edge\nnotices: {language: %s}\n", language);
	return conf_parse("fuzz", text, strlen(text), NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	policy = policy_parse("fuzz", policy_text, sizeof policy_text - 1, NULL);
	confs[0] = conf_in("ja");
	confs[1] = conf_in("en");
	if (policy == NULL || confs[0] == NULL || confs[1] == NULL || !parse_warm_up(NULL))
		abort();
	return 0;
}

static void require(bool good, const char *what, const GError *error)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, error != NULL ? error->message : "");
	abort();
}

/* ---- the wire
 * ----------------------------------------------------------------------------------------------- */

/* What the trusted side would have: every record encoded, decoded and judged. */
typedef struct {
	GPtrArray *records;
	PlainChecker *checker;
	uint32_t sequence;
} Wire;

static bool carry(Wire *wire, const PlainRecord *said)
{
	GError *error = NULL;
	GByteArray *frame = plain_encode(said, wire->sequence++);
	require(frame != NULL, "a frame is too large", NULL);
	PlainRecord *record = plain_decode(frame->data, frame->len, &error);
	require(record != NULL, "the wire refuses", error);
	require(plain_check(wire->checker, record, &error), "the checker refuses", error);
	g_byte_array_unref(frame);
	g_ptr_array_add(wire->records, record);
	return true;
}

static bool on_counter(void *user, uint16_t id, uint64_t value, GError **error)
{
	(void)error;
	const PlainRecord record = { .type = PLAIN_COUNTER, .counter = { id, value } };
	return carry(user, &record);
}

static bool on_string(void *user, uint16_t slot, uint16_t index, const char *text, GError **error)
{
	(void)error;
	const PlainRecord record = { .type = PLAIN_STRING,
		                     .string = { slot, index, (char *)(uintptr_t)text } };
	return carry(user, &record);
}

static bool on_address(void *user, uint16_t slot, uint16_t index, const MailAddress *address, GError **error)
{
	(void)error;
	const PlainRecord record = { .type = PLAIN_ADDRESS,
		                     .address = { slot, index, address->name, address->local,
		                                  address->domain } };
	return carry(user, &record);
}

static bool on_part(void *user, const PlainRecord *part, GError **error)
{
	(void)error;
	return carry(user, part);
}

static size_t piece_end(const char *text, size_t at, size_t bytes)
{
	size_t end = MIN(bytes, at + PLAIN_TEXT_MAX);
	while (end < bytes && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	return end;
}

static bool on_text(void *user, uint16_t stream, const char *text, size_t bytes, GError **error)
{
	(void)error;
	for (size_t at = 0; at < bytes;) {
		size_t end = piece_end(text, at, bytes);
		g_autofree char *piece = g_strndup(text + at, end - at);
		const PlainRecord record = { .type = PLAIN_TEXT, .text = { stream, piece, end - at } };
		carry(user, &record);
		at = end;
	}
	return true;
}

static bool on_end(void *user, uint16_t status, GError **error)
{
	(void)error;
	Wire *wire = user;
	const PlainRecord record = { .type = PLAIN_END, .end = { status, wire->sequence } };
	return carry(wire, &record);
}

static void free_record(void *record)
{
	plain_record_free(record);
}

static Wire wire_new(void)
{
	const PlainCaps caps = {
		.types = 1U << PLAIN_STRING | 1U << PLAIN_ADDRESS | 1U << PLAIN_TEXT | 1U << PLAIN_PART |
		         1U << PLAIN_COUNTER,
		.max_records = RECORDS,
		.max_text_bytes = TEXT_OUT + (16 << 20),
		.max_parts = PARTS,
		.max_part_depth = PLAIN_DEPTH_MAX,
		.arena_size = ARENA,
	};
	Wire wire = { .records = g_ptr_array_new_with_free_func(free_record),
		      .checker = plain_checker_new(&caps) };
	const PlainRecord ready = { .type = PLAIN_READY };
	carry(&wire, &ready);
	/* it is consumed before the reader sees an answer */
	g_ptr_array_remove_index(wire.records, 0);
	return wire;
}

static void wire_clear(Wire *wire)
{
	g_ptr_array_unref(wire->records);
	plain_checker_free(wire->checker);
}

/* ---- the mail
 * ------------------------------------------------------------------------------------------------- */

static void parse(Wire *wire, uint8_t choice, const uint8_t *bytes, size_t length)
{
	g_autofree char *text = g_strconcat(policy_fields_text(policy), "\nedge.city.example", NULL);
	const ParseSink sink = { wire, on_counter, on_string, on_address, on_part, on_text, on_end };
	const ParseJob job = {
		.request = PARSE_REQUEST_MESSAGE,
		.input = { bytes, length },
		.limits = { 16384, 4096, 100, 8, PARTS, choice & 4 ? 300 : TEXT_OUT },
		.arena = arena,
		.arena_size = choice & 8 ? 64 : ARENA,
		.text = text,
		.one_hop = choice & 16,
		.english = choice & 1,
		.prefer_plain = choice & 2,
		.defang = choice / 32 % DEFANG_MODES,
	};
	GError *error = NULL;
	require(parse_message(&job, &sink, &error), "the parser fails", error);
}

static AssembleInput assemble_input(Message *message, const PolicyDecision *decision, bool english)
{
	return (AssembleInput) {
		.message = message,
		.decision = decision->message,
		.envelope_sender = "sender@example.com",
		.envelope_recipient = "taro@city.example",
		.arrival = 1795132800,
		.arrival_zone = 540,
		.original_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.id = "0123456789abcdef0123456789abcdef",
		.hops = 1,
		.policy_name = policy_name(policy),
		.policy_version = policy_version(policy),
		.notices = conf_notices(confs[english]),
		.gateway_address = "mugai@gateway.example",
		.original_elsewhere = true,
		.tell_auth = true,
		.max_bytes = 45000000,
	};
}

static void assemble(Message *message, bool english, size_t size)
{
	static const char *const recipients[] = { "taro@city.example", NULL };
	const PolicyFacts facts = { .topology = CONF_BEHIND_EDGE,
		                    .body_readable = true,
		                    .sender = "sender@example.com",
		                    .recipients = recipients,
		                    .size = size };
	PolicyDecision decision = policy_decide(policy, &facts, message);
	const AssembleInput input = assemble_input(message, &decision, english);
	GError *error = NULL;
	g_autoptr(CleanMessage) clean = assemble_message(&input, &error);
	require(clean != NULL, "the assembler fails", error);
	g_autoptr(GBytes) whole = clean_message_bytes(clean, true);
	struct verify_error refusal = { 0 };
	gsize bytes = 0;
	const uint8_t *at = g_bytes_get_data(whole, &bytes);
	if (verify_message(at, bytes, &refusal))
		return;
	fprintf(stderr, "the checker refuses line %zu, %s: %s\n%.*s\n", refusal.line, refusal.section,
	        refusal.what, (int)bytes, (const char *)at);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length < 1)
		return 0;
	uint8_t choice = bytes[0];
	Wire wire = wire_new();
	parse(&wire, choice, bytes + 1, length - 1);
	GError *error = NULL;
	g_autoptr(ParseResult) result =
	        parse_result_of_records(wire.records, TEXT_OUT, policy_fields(policy), &error);
	require(result != NULL, "the trusted reader refuses", error);
	if (result->is_mail)
		assemble(result->message, choice & 1, length);
	wire_clear(&wire);
	return 0;
}
