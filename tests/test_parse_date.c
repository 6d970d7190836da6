/* parse_date: RFC 5322 dates, obsolete ones, and what is none. Expected seconds are GLib's. */
#include "parse_code_priv.h"

#include <string.h>

typedef struct {
	const char *value;
	const char *iso; /* NULL: refused */
	int zone;        /* minutes */
} DateCase;

static const DateCase cases[] = {
	{ "Mon, 1 Jan 2024 00:00:00 +0900", "2024-01-01T00:00:00+09:00", 540 },
	{ " 29 Feb 2024 23:59:59 -0000", "2024-02-29T23:59:59Z", 0 },
	{ "Thu, 31 Dec 1999 12:34 GMT", "1999-12-31T12:34:00Z", 0 },
	{ "Fri,\r\n 21 Nov 97 09:55:06 -0600 (CST)", "1997-11-21T09:55:06-06:00", -360 },
	{ "1 Jan 49 00:00:00 +0000", "2049-01-01T00:00:00Z", 0 },
	{ "1 Jan 124 00:00:00 +0000", "2024-01-01T00:00:00Z", 0 },
	{ "Mon, 1 (a (b) c) Jan 2024 00:00:00 JST", "2024-01-01T00:00:00+09:00", 540 },
	{ "1-Jan-2024 00:00:00 +0900", "2024-01-01T00:00:00+09:00", 540 },
	{ "Monday, 1 January 2024 0:00:00 EST", "2024-01-01T00:00:00-05:00", -300 },
	{ "30 Jun 2015 23:59:60 +0000", "2015-06-30T23:59:59Z", 0 },
	{ "1 Jan 2024 00:00:00", "2024-01-01T00:00:00Z", 0 },
	{ "1 Jan 2024 00:00:00 +1400", "2024-01-01T00:00:00+14:00", 840 },
	{ "1 Jan 2024 00:00:00 +9999", "2024-01-01T00:00:00Z", 0 },
	{ "1 Jan 2024 00:00:00 +1459", "2024-01-01T00:00:00Z", 0 },
	{ "1 Jan 1900 00:00:00 +0000", "1900-01-01T00:00:00Z", 0 },
	{ "31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59Z", 0 },
	{ "31 Dec 9999 23:59:59 -0100", NULL, 0 },
	{ "1 Jan 1900 00:00:00 +0100", NULL, 0 },
	{ "29 Feb 2023 00:00:00 +0000", NULL, 0 },
	{ "0 Jan 2024 00:00:00 +0000", NULL, 0 },
	{ "1 Foo 2024 00:00:00 +0000", NULL, 0 },
	{ "1 Jan 2024 24:00:00 +0000", NULL, 0 },
	{ "1 Jan 2024 00 +0000", NULL, 0 },
	{ "1 Jan 20240 00:00:00 +0000", NULL, 0 },
	{ "1 Jan 1899 00:00:00 +0000", NULL, 0 },
	/* what programs write instead */
	{ "2024-01-01 00:00:00", "2024-01-01T00:00:00Z", 0 },
	{ "2024-01-01T09:30:00+09:00", "2024-01-01T09:30:00+09:00", 540 },
	{ "2024/01/01 09:30:00 +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon Jan  1 09:30:00 2024", "2024-01-01T09:30:00Z", 0 },
	{ "Jan 1 09:30:00 2024", "2024-01-01T09:30:00Z", 0 },
	{ "Mon Jan  1 09:30:00 JST 2024", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon Jan  1 09:30:00 2024 +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00 +09:00", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00+0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00 -0330", "2024-01-01T09:30:00-03:30", -210 },
	{ "Mon, 1 Jan 2024 09:30:00-0330", "2024-01-01T09:30:00-03:30", -210 },
	{ "Mon, 1 Jan 2024 09:30:00 GMT+0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00 UTC+9", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00 +900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00 (JST)", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00 +0000 (JST)", "2024-01-01T09:30:00Z", 0 },
	{ "Mon, 1 Jan 2024 09:30:00 jst", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00.123 +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09.30.00 +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "\x8c\x8e, 1 Jan 2024 09:30:00 +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Fri, 1 Jan 2024 09:30:00 +0900", "2024-01-01T09:30:00+09:00", 540 }, /* it was a Monday */
	{ "Mon,1 Jan 2024 09:30:00 +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "1 Jan 2024 09:30:00 Z", "2024-01-01T09:30:00Z", 0 },
	{ "1 Jan 2024 09:30:00 A", "2024-01-01T09:30:00Z", 0 }, /* RFC 5322: nobody knew which sign it had */
	{ "2024-01-01T09:30:00Z", "2024-01-01T09:30:00Z", 0 },
	{ "2024-01-01 09:30:00JST", "2024-01-01T09:30:00+09:00", 540 },
	{ "(x) Mon (y), 1 (z) Jan (a) 2024 (b) 09 : 30 (:) : 00 (c) +0900 (d)", "2024-01-01T09:30:00+09:00",
	  540 },
	{ "Mon, 1 Jan 2024 09:\r\n 30 +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "Jan 1, 2024 9:30 AM +0900", "2024-01-01T09:30:00+09:00", 540 },
	{ "January 1, 2024 12:30:00 PM -0500", "2024-01-01T12:30:00-05:00", -300 },
	{ "1 Jan 2024 12:30AM JST", "2024-01-01T00:30:00+09:00", 540 },
	{ "1 Jan 2024 13:30 PM JST", "2024-01-01T13:30:00+09:00", 540 },
	{ "Mon, 1 Jan 2024 09:30:00 Z+9", "2024-01-01T09:30:00+09:00", 540 },
	{ "Jan 1, 24 9:30 AM", NULL, 0 },
	{ "1 Jan 2024 09:30 :", NULL, 0 },
	{ "2024-13-01 00:00:00", NULL, 0 },
	{ "2024-00-01 00:00:00", NULL, 0 },
	{ "2024-02-30 00:00:00", NULL, 0 },
	{ "1899-01-01 00:00:00", NULL, 0 },
	{ "Jan 1 09:30:00", NULL, 0 },
	{ "Jan", NULL, 0 },
	{ "1 Jan 2024 09:30:00:00 +0900", NULL, 0 },
	{ "Mon,", NULL, 0 },
	{ "(((((((((", NULL, 0 },
	{ "", NULL, 0 },
};

static void test_cases(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const DateCase *c = &cases[i];
		ParseDate date = { .seconds = 0 };
		size_t length = strlen(c->value);
		g_autofree uint8_t *bytes = g_memdup2(c->value, length + 1);
		bool good = parse_date((ParseRange) { bytes, length }, &date);
		g_test_message("%s", c->value);
		g_assert_true(good == (c->iso != NULL));
		if (!good)
			continue;
		g_autoptr(GDateTime) expected = g_date_time_new_from_iso8601(c->iso, NULL);
		g_assert_cmpint(date.seconds, ==, g_date_time_to_unix(expected));
		g_assert_cmpint(date.zone, ==, c->zone);
	}
}

/* Who reads the clean message is told when it is not known what the sender's clock meant. */
static void test_zoned(void)
{
	static const struct {
		const char *zone;
		bool zoned;
	} zones[] = {
		{ "+0900", true },   { "-0000", true },  { "GMT", true },      { "UT", true },
		{ "utc", true },     { "Z", true },      { "EST", true },      { "GMT+9", true },
		{ "(JST)", true },   { "", false },      { "A", false },       { "XYZ", false },
		{ "0900", false },   { "+9999", false }, { "\"JST\"", false }, { "(CET)", false },
		{ "GMT+99", false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
		ParseDate date = { .zoned = !zones[i].zoned };
		g_autofree char *text = g_strdup_printf("1 Jan 2024 00:00:00 %s", zones[i].zone);
		g_test_message("%s", text);
		g_assert_true(parse_date((ParseRange) { (const uint8_t *)text, strlen(text) }, &date));
		g_assert_true(date.zoned == zones[i].zoned);
	}
}

/* Each day of four centuries, by an independent calendar. */
static void test_every_day(void)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	GDate day;

	g_date_clear(&day, 1);
	g_date_set_dmy(&day, 1, G_DATE_JANUARY, 1900);
	for (int64_t n = -25567; g_date_get_year(&day) < 2300; n++) {
		ParseDate date = { .seconds = 0 };
		g_autofree char *text =
		        g_strdup_printf("%d %s %d 00:00:00 +0000", g_date_get_day(&day),
		                        months[g_date_get_month(&day) - 1], g_date_get_year(&day));
		g_assert_true(parse_date((ParseRange) { (const uint8_t *)text, strlen(text) }, &date));
		g_assert_cmpint(date.seconds, ==, n * 86400);
		g_date_add_days(&day, 1);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/date/cases", test_cases);
	g_test_add_func("/date/zoned", test_zoned);
	g_test_add_func("/date/every-day", test_every_day);
	return g_test_run();
}
