/* The header half of the jailed parser: lines, fields, words, addresses, dates, ids, results of
 * authentication. */
#include "parse_code_priv.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	if (!parse_warm_up(NULL))
		abort();
	return 0;
}

static void require_utf8(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const ParseLimits limits = { 4096, 1000, 30, PARSE_DEPTH_MAX, 20, 65536 };
	g_autoptr(ParseHead) head = parse_limits_head((ParseRange) { bytes, length }, &limits);
	g_autoptr(ParsePlain) plain = parse_plain_new();

	/* 20 more fields of the content may follow the cap (parse_limits.c) */
	if (head->fields->len > 30 + 20 || head->body > length)
		abort();
	parse_headers(head, plain);
	parse_signs(head, plain);
	parse_auth(head, "edge.city.example", length % 2 == 1, plain);
	for (unsigned i = PARSE_COUNTER_AUTH_SPF; i <= PARSE_COUNTER_AUTH_DMARC; i++)
		if (plain->counter[i] >= AUTH_RESULT_COUNT)
			abort();
	for (guint i = 0; i < plain->strings->len; i++)
		require_utf8(g_array_index(plain->strings, ParseLine, i).text);
	for (guint i = 0; i < plain->addresses->len; i++) {
		const MailAddress *address = g_array_index(plain->addresses, ParseAddressLine, i).address;
		require_utf8(address->name);
		require_utf8(address->local);
		require_utf8(address->domain);
	}
	return 0;
}
