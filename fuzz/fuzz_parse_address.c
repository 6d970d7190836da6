/* fuzz_parse_address: an address list -> plain addresses -> our own field -> the same addresses again.
 *
 * What the assembler writes must read back as it was meant, or an answer goes astray.
 */
#include "assemble_parts_priv.h"
#include "parse_code_priv.h"
#include "text_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST = 1000 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Conf *conf;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char settings[] = "topology: behind-edge\n";

	(void)argc, (void)argv;
	conf = conf_parse("fuzz", settings, sizeof settings - 1, NULL);
	if (conf == NULL || !parse_warm_up(NULL))
		abort();
	return 0;
}

static void require(bool holds, const char *rule, const char *text)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n%s\n", rule, text);
	abort();
}

static void judge(const char *text)
{
	require(g_utf8_validate(text, -1, NULL), "5.1 UTF-8", text);
	g_autofree gunichar *line = g_utf8_to_ucs4_fast(text, -1, NULL);
	const char *broken = rule_line(line, false);
	require(broken == NULL, broken != NULL ? broken : "", text);
}

static GPtrArray *parse(const char *bytes, size_t length)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)mail_address_free);

	parse_addresses((ParseRange) { (const uint8_t *)bytes, length }, list, LIST);
	require(list->len <= LIST, "more than asked for", "");
	for (guint i = 0; i < list->len; i++) {
		const MailAddress *address = g_ptr_array_index(list, i);
		judge(address->name);
		judge(address->local);
		judge(address->domain);
	}
	return list;
}

/* The field as the assembler writes it, NULL when it can write none of the addresses. */
static char *written(GPtrArray *list)
{
	const Notices *notices = conf_notices(conf);
	g_autoptr(Message) message = message_new();
	g_autoptr(Notice) notice = notice_new(notices);
	const AssembleInput input = {
		.message = message,
		.original_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.id = "00112233445566778899aabbccddeeff",
		.policy_name = "fuzz",
		.policy_version = "0123456789abcdef",
		.notices = notices,
		.gateway_address = "mugai@gateway.invalid",
	};
	char *value = NULL;

	g_ptr_array_unref(message->to);
	message->to = g_ptr_array_ref(list);
	g_autoptr(GPtrArray) headers = headers_build(&input, 0, false, notice);
	for (guint i = 0; i < headers->len; i++) {
		const CleanHeader *header = g_ptr_array_index(headers, i);
		if (strcmp(header->name, "To") == 0)
			value = g_strdup(header->value);
	}
	return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GPtrArray) list = parse((const char *)data, size);
	g_autofree char *once = written(list);

	if (once == NULL)
		return 0;
	g_autoptr(GPtrArray) again = parse(once, strlen(once));
	g_autofree char *twice = written(again);
	require(twice != NULL && strcmp(once, twice) == 0, "what we wrote reads back as something else",
	        once);
	return 0;
}
