/* fuzz_parse_text: the first bytes choose the job, the rest are the text. The result obeys grammar 5.1 - 5.4
 * by itself, without the assembler. */
#include "parse_blocks_priv.h"
#include "parse_structure_priv.h"
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

static void fail(const char *rule, const char *text)
{
	fprintf(stderr, "broken: %s\n%s\n", rule, text);
	abort();
}

static void judge(const ParseTextResult *result)
{
	g_autoptr(GString) crlf = g_string_new(result->text->str);

	if (strlen(result->text->str) != result->text->len)
		fail("NUL in the text", result->text->str);
	g_string_replace(crlf, "\n", "\r\n", 0);
	if (crlf->len < 2 || strcmp(crlf->str + crlf->len - 2, "\r\n") != 0)
		g_string_append(crlf, "\r\n");
	g_autoptr(GPtrArray) lines = rule_lines(crlf->str, "\r\n");
	const char *broken = g_utf8_validate(crlf->str, -1, NULL) && lines != NULL ? NULL : "5.1";
	/* 5.5 is the assembler's alone */
	if (broken == NULL)
		broken = rule_all_lines(lines, 0, 0);
	if (broken != NULL)
		fail(broken, result->text->str);
}

static void judge_blocks(const ParseTextResult *result)
{
	size_t total = 0;

	for (guint i = 0; i < result->blocks->len; i++) {
		const ParseBlock *block = g_ptr_array_index(result->blocks, i);
		total += block->bytes->len;
		if (!g_utf8_validate(block->name, -1, NULL) || strlen(block->name) > PARSE_NAME_BYTES)
			fail("name", block->name);
	}
	if (result->blocks->len > PARSE_BLOCKS_MAX || total > PARSE_BLOCKS_BYTES)
		fail("blocks", "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_auto(ParseTextResult) result = { .text = NULL };

	if (size < 4)
		return 0;
	const ParseTextJob job = {
		.bytes = { data + 4, size - 4 },
		.kind = data[0] % PARSE_TEXT_KINDS,
		.declared = 1 + data[1] % (CHARSET_COUNT - 1),
		.labelled = data[2] & 1,
		.flowed = data[2] & 2,
		.delsp = data[2] & 4,
		.english = data[2] & 8,
		.max_out = data[2] & 16 ? 1000 : 1 << 20,
		.max_in = 1 << 20,
		.hint = data[3] % CHARSET_COUNT,
		.defang = data[2] / 32 % DEFANG_MODES,
	};
	parse_text(&job, &result);
	judge(&result);
	judge_blocks(&result);
	/* And once more: nothing of what was put in its place is a block. */
	guint blocks = result.blocks->len;
	g_autofree char *before = g_strdup(result.text->str);
	parse_blocks_text(result.text, job.english, result.blocks);
	if (result.blocks->len != blocks || strcmp(before, result.text->str) != 0)
		fail("a block was left", before);
	/* What parse_mime takes out afterwards brings none of them back. */
	parse_printable_cut(&result, job.english);
	judge(&result);
	return 0;
}
