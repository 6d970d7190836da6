/* fuzz_parse_date: a date -> an instant and a zone -> our own Date field -> the same again. */
#include "assemble_parts_priv.h"
#include "parse_code_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *rule, const char *text)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n%s\n", rule, text);
	abort();
}

/* A local time may fall outside the years which can be written, although its instant does not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ParseDate read = { .seconds = 0 }, again = { .seconds = 0 };

	if (!parse_date((ParseRange) { data, size }, &read))
		return 0;
	require(read.zone >= -720 && read.zone <= 840, "a zone of nobody", "");
	require(read.zoned || read.zone == 0, "a zone that is not said", "");
	if (!headers_time_ok(read.seconds, read.zone))
		return 0;
	g_autofree char *date = headers_date(read.seconds, read.zone);
	require(strlen(date) <= 31 && g_str_is_ascii(date), "no date of ours", date);
	require(parse_date((ParseRange) { (const uint8_t *)date, strlen(date) }, &again),
	        "what we wrote is no date", date);
	require(again.seconds == read.seconds && again.zone == read.zone && again.zoned, "what we wrote is another date", date);
	return 0;
}
