/* mugai-brittle: the real parser, which breaks where a mail asks for it. Linked with --wrap=parse_message, so
 * that all else (jail, wire, limits) is that of mugai-parse. "BREAK-PARSER: HOW" anywhere in what the child
 * is shown breaks it; a child that is shown the header block alone does not see one in the body. */
#include "parse_code_priv.h"

#include <string.h>
#include <unistd.h>

bool __real_parse_message(const ParseJob *job, const ParseSink *sink, GError **error);
bool __wrap_parse_message(const ParseJob *job, const ParseSink *sink, GError **error);

static void crash(const ParseSink *sink)
{
	(void)sink;
	__builtin_trap();
}

static void spin(const ParseSink *sink)
{
	(void)sink;
	for (volatile unsigned turn = 0;; turn++)
		;
}

static void eat_memory(const ParseSink *sink)
{
	(void)sink;
	for (;;)
		memset(g_malloc(1 << 20), 1, 1 << 20);
}

static void lie(const ParseSink *sink)
{
	sink->counter(sink->user, 9999, 1, NULL);
	sink->end(sink->user, 0, NULL);
}

/* With the exit code of a good answer, and without the answer. */
static void leave(const ParseSink *sink)
{
	(void)sink;
	_exit(0);
}

static const struct {
	const char *word;
	void (*act)(const ParseSink *sink);
} breaks[] = {
	{ "BREAK-PARSER: crash", crash },       { "BREAK-PARSER: spin", spin },
	{ "BREAK-PARSER: memory", eat_memory }, { "BREAK-PARSER: lie", lie },
	{ "BREAK-PARSER: leave", leave },
};

static bool asks_for(ParseRange input, const char *word)
{
	return memmem(input.bytes, input.length, word, strlen(word)) != NULL;
}

bool __wrap_parse_message(const ParseJob *job, const ParseSink *sink, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(breaks); i++) {
		if (!asks_for(job->input, breaks[i].word))
			continue;
		breaks[i].act(sink);
		return true;
	}
	return __real_parse_message(job, sink, error);
}
