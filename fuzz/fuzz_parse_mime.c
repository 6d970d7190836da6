/* The whole jailed parser over one message, GMime and libmagic included, against a sink that checks what the
 * trusted side would refuse. */
#include "parse_code_priv.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA = 64 * 1024, TEXT_OUT = 4096, PARTS = 20 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint8_t arena[ARENA];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	if (!parse_warm_up(NULL))
		abort();
	return 0;
}

static void require(bool good)
{
	if (!good)
		abort();
}

static bool on_counter(void *user, uint16_t id, uint64_t value, GError **error)
{
	(void)user, (void)value, (void)error;
	require(id > 0 && id < PARSE_COUNTER_IDS);
	return true;
}

static bool on_string(void *user, uint16_t slot, uint16_t index, const char *text, GError **error)
{
	(void)user, (void)index, (void)error;
	require(slot > 0 && slot < PARSE_STRING_SLOTS && g_utf8_validate(text, -1, NULL));
	return true;
}

static bool on_address(void *user, uint16_t slot, uint16_t index, const MailAddress *address, GError **error)
{
	(void)user, (void)error;
	require(slot > 0 && slot < PARSE_ADDRESS_SLOTS && index < PARSE_ADDRESSES_MAX);
	require(strlen(address->name) <= PLAIN_NAME_MAX && g_utf8_validate(address->name, -1, NULL));
	return true;
}

static bool on_part(void *user, const PlainRecord *record, GError **error)
{
	unsigned *parts = user;

	(void)error;
	require(++*parts <= PARTS);
	require(record->part.depth >= 1 && record->part.depth <= PARSE_DEPTH_MAX);
	require(record->part.offset <= ARENA && record->part.length <= ARENA - record->part.offset);
	require(strlen(record->part.name) <= PLAIN_NAME_MAX && g_utf8_validate(record->part.name, -1, NULL));
	return true;
}

static bool on_text(void *user, uint16_t stream, const char *text, size_t bytes, GError **error)
{
	(void)user, (void)error;
	require(stream == PARSE_TEXT_BODY && bytes <= TEXT_OUT && g_utf8_validate_len(text, bytes, NULL));
	return true;
}

static bool on_end(void *user, uint16_t status, GError **error)
{
	(void)user, (void)error;
	require(status < PARSE_STATUSES);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	unsigned parts = 0;
	const ParseSink sink = { &parts, on_counter, on_string, on_address, on_part, on_text, on_end };
	const ParseJob job = {
		.request = PARSE_REQUEST_MESSAGE,
		.input = { bytes, length },
		.limits = { 16384, 4000, 100, 5, PARTS, TEXT_OUT },
		.arena = arena,
		.arena_size = sizeof arena,
	};

	require(parse_message(&job, &sink, NULL));
	return 0;
}
