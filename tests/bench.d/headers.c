/* headers: the largest field that the settings allow, filled with one thing over and over, for tests/bench
 * --headers.
 *
 * Each of the readers of fields over each filling, of SIZE bytes and of four times as many; the fastest of
 * ROUNDS, in CPU time. Bounds: no field costs more than FIELD_MS, and four times as much costs no more than
 * GROWTH times, so that nothing is quadratic (which would be 16). Exit code 1: a bound is broken.
 */
#include "parse_code_priv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SIZE = 59000, ROUNDS = 7, READERS = 4 };

static const double FIELD_MS = 8, GROWTH = 8, NOTHING_MS = 0.5; /* below: too short to compare */

static const char *const fillings[] = {
	"a",
	"a ",
	"a:",
	"a;b",
	"a@b",
	"a@b ",
	"a@b, ",
	"<a@b>",
	"mailto:a@b,",
	" . ",
	" @ ",
	"  a",
	"(",
	"((",
	"()",
	"(\\",
	"\"",
	"\"\"",
	"\"\\",
	"<",
	"<@",
	"@",
	"[",
	"[]",
	";",
	",",
	"\\",
	"\r\n ",
	"=?utf-8?q?",
	"=?a?q?=?",
	"=?utf-8?q?a?= ",
	"=?utf-8?b?5pel?=",
	"=?iso-2022-jp?q?=1B$BF|?= ",
	"\x1b$",
	"\x1b$B",
	"\x1b(I",
	"\x1b$BF|\x1b(B",
	"\x95\\",
	"\x83[",
	"\x81@",
	"\xc6\xfc",
	"\xe6\x97\xa5",
	"\xff",
	"e\xcc\x81",
	"; filename=a",
	"; filename=\"",
	"; filename*=",
	"; filename*1=a",
	"; filename*999=\"",
	"; filename*0*=utf-8''%",
	"1 Jan 2024 ",
	"+0900 ",
	"1:",
};

static void read_addresses(ParseRange value)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)parse_address_free);

	parse_addresses(value, list, PARSE_ADDRESSES_MAX);
}

static void read_words(ParseRange value)
{
	g_free(parse_words_line(value, PARSE_SUBJECT_CHARS, NULL, NULL));
}

static void read_parameters(ParseRange value)
{
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };

	g_ptr_array_unref(parse_type_parameter_all(value, "filename", &charsets));
}

static void read_date(ParseRange value)
{
	ParseDate date = { .seconds = 0 };

	if (parse_date(value, &date))
		printf("a date\n");
}

typedef struct {
	const char *name;
	void (*read)(ParseRange value);
} Reader;

static const Reader readers[READERS] = {
	{ "addresses", read_addresses },
	{ "words", read_words },
	{ "parameters", read_parameters },
	{ "date", read_date },
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double fastest_ms(const Reader *reader, const char *filling, size_t size)
{
	g_autoptr(GString) field = g_string_sized_new(size + 32);
	double best = 1e9;

	/* a parameter has a value before it */
	g_string_append(field, "a");
	while (field->len < size)
		g_string_append(field, filling);
	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ms();
		reader->read((ParseRange) { (const uint8_t *)field->str, field->len });
		best = MIN(best, now_ms() - start);
	}
	return best;
}

int main(void)
{
	bool broken = false;

	if (!parse_warm_up(NULL))
		return 70;
	printf("%-12s %10s %10s  %s\n", "reader", "worst ms", "growth", "filling");
	for (size_t r = 0; r < READERS; r++) {
		double worst = 0, growth = 0;
		const char *of = "";
		for (size_t i = 0; i < G_N_ELEMENTS(fillings); i++) {
			double once = fastest_ms(&readers[r], fillings[i], SIZE);
			double more = fastest_ms(&readers[r], fillings[i], (size_t)SIZE * 4);
			of = once > worst ? fillings[i] : of;
			worst = MAX(worst, once);
			growth = once > NOTHING_MS ? MAX(growth, more / once) : growth;
		}
		g_autofree char *name = g_strescape(of, NULL);
		bool bad = worst > FIELD_MS || growth > GROWTH;
		printf("%-12s %10.2f %10.2f  %s%s\n", readers[r].name, worst, growth, name,
		       bad ? "  BOUND BROKEN" : "");
		broken |= bad;
	}
	return broken;
}
