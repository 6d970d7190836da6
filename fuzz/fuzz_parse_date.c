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
	int64_t seconds = 0, again = 0;
	int zone = 0, zone_again = 0;

	if (!parse_date((ParseRange) { data, size }, &seconds, &zone))
		return 0;
	require(zone >= -720 && zone <= 840, "a zone of nobody", "");
	if (!headers_time_ok(seconds, zone))
		return 0;
	g_autofree char *date = headers_date(seconds, zone);
	require(strlen(date) <= 31 && g_str_is_ascii(date), "no date of ours", date);
	require(parse_date((ParseRange) { (const uint8_t *)date, strlen(date) }, &again, &zone_again),
	        "what we wrote is no date", date);
	require(again == seconds && zone_again == zone, "what we wrote is another date", date);
	return 0;
}
