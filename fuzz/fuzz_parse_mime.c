/* The whole jailed parser over one message, libmagic included, against a sink that checks what the trusted
 * side would refuse; and the structure by itself, whose parts must be ranges of what was read. */
#include "parse_structure_priv.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA = 64 * 1024, TEXT_OUT = 4096, PARTS = 20, DEPTH = 5 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint8_t arena[ARENA];

typedef struct {
	unsigned parts;
	uint64_t stored; /* end of what the parts so far take of the arena */
	bool ended;
} Seen;

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
	Seen *seen = user;

	(void)error;
	require(++seen->parts <= PARTS && !seen->ended);
	require(record->part.depth >= 1 && record->part.depth <= DEPTH + 1);
	require(record->part.offset <= ARENA && record->part.length <= ARENA - record->part.offset);
	require(record->part.length == 0 || record->part.offset >= seen->stored);
	seen->stored = MAX(seen->stored, record->part.offset + record->part.length);
	require(record->part.reason < PART_REASON_JAILED && record->part.declared_type[0] != '\0');
	for (uint16_t d = 0; d < record->part.depth; d++)
		require(record->part.number[d] > 0);
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
	Seen *seen = user;

	(void)error;
	require(status < PARSE_STATUSES && !seen->ended);
	seen->ended = true;
	return true;
}

static bool range_inside(ParseRange range, ParseRange all)
{
	uintptr_t start = (uintptr_t)range.bytes, first = (uintptr_t)all.bytes;

	return range.length == 0 ||
	       (start >= first && range.length <= all.length && start - first <= all.length - range.length);
}

static bool range_known(const ParseStructure *structure, ParseRange range, ParseRange input)
{
	bool inside = range_inside(range, input);

	for (guint i = 0; i < structure->buffers->len && !inside; i++) {
		const GByteArray *buffer = g_ptr_array_index(structure->buffers, i);
		inside = range_inside(range, (ParseRange) { buffer->data, buffer->len });
	}
	return inside;
}

static void check_structure(ParseRange input, const ParseLimits *limits)
{
	g_autoptr(ParseHead) head = parse_limits_head(input, limits);
	g_autoptr(ParseStructure) structure = parse_structure_read(input, head, limits);

	require(structure->nodes->len > 0 && structure->outside_bytes <= 4 * input.length + 4096);
	for (guint i = 0; i < structure->nodes->len; i++) {
		const ParseNode *node = parse_structure_node(structure, i);
		uint16_t path[PLAIN_DEPTH_MAX];
		require(node->parent <= i && node->type != NULL && node->depth <= limits->mime_depth);
		require(parse_structure_path(structure, i, path) == node->depth);
		require(range_known(structure, node->content, input));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	Seen seen = { .parts = 0 };
	const ParseSink sink = { &seen, on_counter, on_string, on_address, on_part, on_text, on_end };
	const ParseJob job = {
		.request = PARSE_REQUEST_MESSAGE,
		.input = { bytes, length },
		.limits = { 16384, 4000, 100, DEPTH, PARTS, TEXT_OUT },
		.arena = arena,
		.arena_size = sizeof arena,
		.english = (length & 1) != 0,
		.prefer_plain = (length & 2) != 0,
		.defang = length / 4 % DEFANG_MODES,
	};

	check_structure(job.input, &job.limits);
	require(parse_message(&job, &sink, NULL) && seen.ended);
	return 0;
}
