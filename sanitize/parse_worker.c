/* parse_worker: mugai-parse, the jailed half of the parse wire (parse_client.c is the trusted one).
 *
 * One message per child. The profile has no openat, newfstatat or fstat that succeeds: even a
 * fully owned parser learns no file name and no file size, and answers go by write() on one socket.
 */
#include "parse_code_priv.h"
#include "worker.h"

#include <string.h>

/* The base rules are enough: no library here needs more, and they tell openat and newfstatat no, which
 * libmagic and the C library may still try. */
static const JailRule parse_rules[] = {
	{ NULL, JAIL_ALLOW, NULL },
};

static const JailProfile parse_profile = {
	.name = "parse",
	.rules = parse_rules,
	.stack = UINT64_C(8) << 20,
};

/* ---- the sink: plain records ------------------------------------------------------------------------------
 */

static bool wire_counter(void *user, uint16_t id, uint64_t value, GError **error)
{
	return plain_write_counter(user, id, value, error);
}

static bool wire_string(void *user, uint16_t slot, uint16_t index, const char *text, GError **error)
{
	return plain_write_string(user, slot, index, text, error);
}

static bool wire_address(void *user, uint16_t slot, uint16_t index, const MailAddress *address,
                         GError **error)
{
	return plain_write_address(user, slot, index, address->name, address->local, address->domain, error);
}

static bool wire_part(void *user, const PlainRecord *part, GError **error)
{
	return plain_write_part(user, part, error);
}

static bool wire_text(void *user, uint16_t stream, const char *text, size_t bytes, GError **error)
{
	return plain_write_text(user, stream, text, bytes, error);
}

static bool wire_end(void *user, uint16_t status, GError **error)
{
	return plain_write_end(user, status, error);
}

static ParseLimits job_limits(const WorkerJob *job)
{
	return (ParseLimits) {
		.header_block = job->number[PARSE_NUMBER_HEADER_BLOCK],
		.header_field = job->number[PARSE_NUMBER_HEADER_FIELD],
		.header_fields = job->number[PARSE_NUMBER_HEADER_FIELDS],
		.mime_depth = job->number[PARSE_NUMBER_MIME_DEPTH],
		.mime_parts = job->number[PARSE_NUMBER_MIME_PARTS],
		.text_out = job->number[PARSE_NUMBER_TEXT_OUT],
	};
}

static bool worker_run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	const ParseSink sink = {
		.user = out,
		.counter = wire_counter,
		.string = wire_string,
		.address = wire_address,
		.part = wire_part,
		.text = wire_text,
		.end = wire_end,
	};
	const ParseJob parse = {
		.request = job->request,
		.input = { job->input[0].bytes, job->n_inputs > 0 ? job->input[0].length : 0 },
		.limits = job_limits(job),
		.arena = job->arena,
		.arena_size = job->arena_size,
		.text = job->text,
		.english = job->number[PARSE_NUMBER_ENGLISH] != 0,
		.prefer_plain = job->number[PARSE_NUMBER_PREFER_PLAIN] != 0,
		.one_hop = job->number[PARSE_NUMBER_ONE_HOP] != 0,
		.text_kind = (unsigned)MIN(job->number[PARSE_NUMBER_TEXT_KIND], (uint64_t)UINT16_MAX),
		.width = (unsigned)MIN(job->number[PARSE_NUMBER_TEXT_WIDTH], (uint64_t)UINT16_MAX),
		.defang = (unsigned)MIN(job->number[PARSE_NUMBER_DEFANG], (uint64_t)UINT16_MAX),
	};

	return parse_message(&parse, &sink, error);
}

/* Started under the name of a kind of jails (sanitize_kinds(), sanitize_text_kinds()). */
int main(int argc, char **argv)
{
	bool text = argc > 0 && strcmp(argv[0], "text") == 0;
	const WorkerSpec spec = {
		.name = "mugai-parse",
		.profile = &parse_profile,
		.max_records = 20000,
		.max_bytes = UINT64_C(160) << 20,
		.warm_up = text ? parse_text_warm_up : parse_warm_up,
		.run = worker_run,
	};

	return worker_main(argc, argv, &spec);
}
