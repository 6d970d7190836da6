/* fuzz_parse_words: header words (RFC 2047) and parameters (RFC 2231) over raw bytes. */
#include "parse_code_priv.h"
#include "text_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	if (!parse_warm_up(NULL))
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

/* One line of header characters (grammar 5.2). */
static void judge_line(const char *text, size_t max)
{
	require(g_utf8_validate(text, -1, NULL), "5.1 UTF-8", text);
	require((size_t)g_utf8_strlen(text, -1) <= max, "longer than its cap", text);
	g_autofree gunichar *line = g_utf8_to_ucs4_fast(text, -1, NULL);
	const char *broken = rule_line(line, false);
	require(broken == NULL, broken != NULL ? broken : "", text);
}

/* Our own word of it is read as what it says, and changed no more. */
static void judge_again(const char *line)
{
	g_autofree char *encoded = g_base64_encode((const guchar *)line, strlen(line));
	g_autofree char *word = g_strdup_printf("=?UTF-8?B?%s?=", encoded);
	ParseCharsets charsets = { CHARSET_SHIFT_JIS, false };
	bool cut = false;
	g_autofree char *again = parse_words_line_with((ParseRange) { (uint8_t *)word, strlen(word) }, 200,
	                                               &charsets, &cut, NULL);

	require(strcmp(again, line) == 0 && !cut && !charsets.repaired, "what we wrote reads differently",
	        line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "filename", "name", "charset", "boundary" };
	const ParseRange value = { data, size };
	bool cut = false;
	uint64_t removed = 0;
	g_autofree char *text = parse_words_decode(value);
	g_autofree char *line = parse_words_line(value, 200, &cut, &removed);

	require(g_utf8_validate(text, -1, NULL), "decoded UTF-8", text);
	judge_line(line, 200);
	judge_again(line);
	require(parse_word_length(value) <= size, "word longer than the field", line);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *parameter = parse_type_parameter(value, names[i]);
		require(parameter == NULL || g_utf8_validate(parameter, -1, NULL), "parameter UTF-8",
		        names[i]);
	}
	return 0;
}
