/* fuzz_parse_parameter: the parameters of a field (RFC 2231, 2047) -> file names -> our own
 * Content-Disposition -> the same name again.
 */
#include "assemble_parts_priv.h"
#include "clean_text.h"
#include "parse_code_priv.h"
#include "parse_structure_priv.h"

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

static ParseRange range_of(const char *text)
{
	return (ParseRange) { (const uint8_t *)text, strlen(text) };
}

/* The name as the assembler gives it to an attachment, in every reading of its field. */
static void judge_written(const char *claimed)
{
	g_autoptr(MimeNames) names = mime_names_new();
	g_autofree char *safe = mime_names_make(names, claimed, "txt");
	g_autofree char *field = mime_disposition(safe);
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };
	g_autoptr(GPtrArray) all = parse_type_parameter_all(range_of(field), "filename", &charsets);

	require(all->len == 1, "what we wrote can be read in several ways", field);
	require(strcmp(g_ptr_array_index(all, 0), safe) == 0, "what we wrote is another name", field);
	require(!charsets.repaired, "what we wrote has a wrong label", field);
}

/* Of all readings the most dangerous counts. */
static void judge_choice(ParseRange value, const GPtrArray *all)
{
	ParseFields fields = { 0 };
	ParseNameFacts facts = { 0 };
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };
	bool danger = false;

	fields.kind[PARSE_FIELD_DISPOSITION] = (ParseValues) { .value = { value }, .count = 1 };
	g_autofree char *name = parse_parts_name(&fields, &charsets, &facts);
	for (guint i = 0; i < all->len; i++)
		danger |= parse_parts_name_is_dangerous(g_ptr_array_index(all, i));
	require(!danger || facts.removed > 0 || parse_parts_name_is_dangerous(name),
	        "a dangerous name is not the one that counts", name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const ParseRange value = { data, size };
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };
	g_autoptr(GPtrArray) all = parse_type_parameter_all(value, "filename", &charsets);
	g_autofree char *one = parse_type_parameter(value, "filename");

	require(one == NULL || (all->len > 0 && strcmp(one, g_ptr_array_index(all, 0)) == 0),
	        "the likeliest reading is not the first", one);
	for (guint i = 0; i < all->len; i++) {
		const char *name = g_ptr_array_index(all, i);
		require(g_utf8_validate(name, -1, NULL), "UTF-8", name);
		judge_written(name);
	}
	judge_choice(value, all);
	return 0;
}
