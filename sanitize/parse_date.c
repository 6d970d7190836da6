/* parse_date: RFC 5322 3.3 with the obsolete forms of 4.3, and what programs write instead: C's asctime(),
 * ISO 8601, zones like GMT+9. One pass over tokens, no libc time functions (they read files and the
 * environment). */
#include "parse_code_priv.h"

#include <string.h>

enum { TOKEN_MAX = 16, TOKENS_MAX = 8 };

typedef struct {
	char text[TOKENS_MAX][TOKEN_MAX];
	size_t count;
} Tokens;

/* Skips blanks, commas and (nested) comments. */
static size_t skip_between(ParseRange in, size_t at)
{
	size_t depth = 0;

	for (; at < in.length; at++) {
		uint8_t c = in.bytes[at];
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && memchr(" \t\r\n,", c, 5) == NULL)
			break;
	}
	return at;
}

/* Before the time `-`, `/` and the T of ISO 8601 part what they stand between; behind it a sign or a letter
 * begins a zone, or AM. */
static bool parts(ParseRange in, size_t at, bool timed, bool *ret_skip)
{
	uint8_t c = in.bytes[at], next = at + 1 < in.length ? in.bytes[at + 1] : 0;
	bool between = g_ascii_isdigit((char)in.bytes[at - 1]) && g_ascii_isdigit((char)next);

	*ret_skip = !timed;
	if (timed)
		return c == '+' || c == '-' ||
		       (g_ascii_isalpha((char)c) && g_ascii_isdigit((char)in.bytes[at - 1]));
	return c == '-' || c == '/' || (c == 'T' && between);
}

static bool is_between(uint8_t byte)
{
	return memchr(" \t\r\n,(", byte, 6) != NULL;
}

/* Blanks and comments around the colons of a time mean nothing. Returns where the token goes on that reaches
 * up to `at`, or in.length when it is complete. */
static size_t rejoin(ParseRange in, size_t at)
{
	size_t next = skip_between(in, at);
	bool colon = next < in.length && (in.bytes[next] == ':' || in.bytes[at - 1] == ':');

	return colon ? next : in.length;
}

/* One token, which begins at `at`; returns the offset behind it. */
static size_t split_one(ParseRange in, size_t at, bool *timed, char token[TOKEN_MAX])
{
	size_t n = 0;

	for (; at < in.length; at++) {
		bool skip = false;
		if (is_between(in.bytes[at])) {
			size_t next = rejoin(in, at);
			if (next == in.length)
				break;
			at = next;
		}
		if (n > 0 && parts(in, at, *timed, &skip))
			return at + (skip ? 1 : 0);
		*timed |= in.bytes[at] == ':';
		token[n] = (char)in.bytes[at];
		n += n + 1 < TOKEN_MAX ? 1 : 0;
	}
	token[n] = '\0';
	return at;
}

static Tokens split(ParseRange in)
{
	Tokens tokens = { .count = 0 };
	bool timed = false;

	for (size_t at = skip_between(in, 0); at < in.length && tokens.count < TOKENS_MAX;
	     at = skip_between(in, at))
		at = split_one(in, at, &timed, tokens.text[tokens.count++]);
	return tokens;
}

static bool number(const char *text, size_t max_digits, int *ret)
{
	size_t n = strlen(text);
	int value = 0;

	if (n == 0 || n > max_digits)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!g_ascii_isdigit(text[i]))
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*ret = value;
	return true;
}

static bool month(const char *text, int *ret)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; i < 12; i++) {
		if (g_ascii_strncasecmp(text, names + (ptrdiff_t)i * 3, 3) == 0) {
			*ret = i + 1;
			return true;
		}
	}
	return false;
}

/* RFC 5322 4.3: two digits 00-49 are 20xx, other short years count from 1900. */
static bool year(const char *text, int *ret)
{
	if (!number(text, 4, ret))
		return false;
	if (strlen(text) == 2 && *ret < 50)
		*ret += 2000;
	else if (strlen(text) <= 3)
		*ret += 1900;
	return *ret >= 1900;
}

/* 09:30, 09:30:00, 09:30:00.123, and 09.30.00 of some programs. A leap second is the one before it. */
static bool clock_time(const char *text, int *ret_seconds)
{
	int part[3] = { 0, 0, 0 };
	bool colons = strchr(text, ':') != NULL;
	g_autofree char *whole = g_strndup(text, colons ? strcspn(text, ".") : strlen(text));
	g_auto(GStrv) fields = g_strsplit(whole, colons ? ":" : ".", 4);
	guint count = g_strv_length(fields);

	if (count < 2 || count > 3)
		return false;
	for (guint i = 0; i < count; i++) {
		if (!number(fields[i], 2, &part[i]))
			return false;
	}
	if (part[0] > 23 || part[1] > 59 || part[2] > 60)
		return false;
	*ret_seconds = part[0] * 3600 + part[1] * 60 + MIN(part[2], 59);
	return true;
}

typedef struct {
	const char *name;
	int minutes;
} Zone;

static const Zone zones[] = {
	{ "GMT", 0 },    { "UTC", 0 },    { "UT", 0 },     { "Z", 0 },      { "JST", 540 },
	{ "EST", -300 }, { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 }, { "MST", -420 },
	{ "MDT", -360 }, { "PST", -480 }, { "PDT", -420 },
};

/* "+0900", "+900", "+09:00", "+9". False: no zone that anybody has. */
static bool offset_of(const char *text, int *ret_minutes)
{
	const char *colon = strchr(text, ':');
	g_autofree char *digits =
	        colon != NULL ? g_strdup_printf("%.*s%s", (int)(colon - text - 1), text + 1, colon + 1)
	                      : g_strdup(text + 1);
	int value = 0;

	if (!number(digits, 4, &value))
		return false;
	int hours = strlen(digits) > 2 ? value / 100 : value;
	int minutes = strlen(digits) > 2 ? value % 100 : 0;
	int all = (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
	*ret_minutes = all;
	return minutes < 60 && all >= -720 && all <= 840;
}

/* Of the tokens from the first on: a name, a sign and digits, or both ("GMT+9"). Without any that we know it
 * is UTC, as RFC 5322 4.3 wants; false: so it is. */
static bool zone_of(const Tokens *tokens, size_t first, int *ret_minutes)
{
	bool said = false;

	for (size_t i = first; i < tokens->count; i++) {
		const char *text = tokens->text[i];
		if (text[0] == '+' || text[0] == '-') {
			int minutes = 0;
			said = offset_of(text, &minutes);
			*ret_minutes = said ? minutes : 0;
			return said;
		}
		for (size_t z = 0; z < G_N_ELEMENTS(zones); z++) {
			if (g_ascii_strcasecmp(text, zones[z].name) != 0)
				continue;
			said = true;
			*ret_minutes = zones[z].minutes;
		}
		if (*ret_minutes != 0)
			return true;
	}
	return said;
}

/* Days since 1970-01-01 of a proleptic Gregorian date, counted from 1 March so that the leap day is last. */
static int64_t days(int y, int m, int d)
{
	int64_t years = m <= 2 ? y - 1 : y;
	int64_t from_march = (m + 9) % 12;

	return years * 365 + years / 4 - years / 100 + years / 400 + (153 * from_march + 2) / 5 + d - 1 -
	       719468;
}

static int month_length(int y, int m)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && leap ? 29 : lengths[m - 1];
}

typedef struct {
	int year, month, day, time;
	size_t zone; /* index of the first token behind the rest */
} Date;

/* 1 Jan 2024 00:00:00 +0900 */
static bool date_of_mail(const Tokens *t, size_t i, Date *ret)
{
	ret->zone = i + 4;
	return t->count >= i + 4 && number(t->text[i], 2, &ret->day) && month(t->text[i + 1], &ret->month) &&
	       year(t->text[i + 2], &ret->year) && clock_time(t->text[i + 3], &ret->time);
}

/* Jan 1, 2024 00:00:00 +0900 */
static bool date_of_america(const Tokens *t, size_t i, Date *ret)
{
	ret->zone = i + 4;
	return t->count >= i + 4 && month(t->text[i], &ret->month) && number(t->text[i + 1], 2, &ret->day) &&
	       strlen(t->text[i + 2]) == 4 && year(t->text[i + 2], &ret->year) &&
	       clock_time(t->text[i + 3], &ret->time);
}

/* 2024-01-01 00:00:00 +09:00 */
static bool date_of_iso(const Tokens *t, size_t i, Date *ret)
{
	ret->zone = i + 4;
	return t->count >= i + 4 && strlen(t->text[i]) == 4 && number(t->text[i], 4, &ret->year) &&
	       number(t->text[i + 1], 2, &ret->month) && number(t->text[i + 2], 2, &ret->day) &&
	       clock_time(t->text[i + 3], &ret->time);
}

/* Jan 1 00:00:00 2024, and with a zone before or behind the year. */
static bool date_of_c(const Tokens *t, size_t i, Date *ret)
{
	if (t->count < i + 4 || !month(t->text[i], &ret->month) || !number(t->text[i + 1], 2, &ret->day) ||
	    !clock_time(t->text[i + 2], &ret->time))
		return false;
	ret->zone = i + 3;
	for (size_t y = i + 3; y < t->count; y++) {
		if (strlen(t->text[y]) == 4 && year(t->text[y], &ret->year))
			return true;
	}
	return false;
}

/* The word behind the time; 12:30 AM is half past midnight. */
static void half_of_day(const Tokens *t, Date *date)
{
	const char *word = date->zone < t->count ? t->text[date->zone] : "";
	bool after = g_ascii_strcasecmp(word, "PM") == 0;

	if (!after && g_ascii_strcasecmp(word, "AM") != 0)
		return;
	date->zone++;
	if (date->time < 13 * 3600)
		date->time = date->time % (12 * 3600) + (after ? 12 * 3600 : 0);
}

/* Some programs name the zone in a comment alone. */
static bool says_japan(ParseRange value)
{
	return value.length > 0 && memmem(value.bytes, value.length, "(JST)", 5) != NULL;
}

bool parse_date(ParseRange value, ParseDate *ret)
{
	Tokens tokens = split(value);
	Date date = { .year = 0 };
	size_t i = 0;

	/* the day of the week, which nobody may rely on, in any language; but not a month */
	if (tokens.count > 0 && !g_ascii_isdigit(tokens.text[0][0]) && !month(tokens.text[0], &date.month))
		i++;
	if (!date_of_mail(&tokens, i, &date) && !date_of_iso(&tokens, i, &date) &&
	    !date_of_c(&tokens, i, &date) && !date_of_america(&tokens, i, &date))
		return false;
	half_of_day(&tokens, &date);
	if (date.month < 1 || date.month > 12 || date.year < 1900 || date.day < 1 ||
	    date.day > month_length(date.year, date.month))
		return false;
	int zone = 0;
	bool zoned = zone_of(&tokens, date.zone, &zone);
	if (tokens.count <= date.zone && says_japan(value)) {
		zoned = true;
		zone = 540;
	}
	int64_t seconds = days(date.year, date.month, date.day) * 86400 + date.time - (int64_t)zone * 60;
	/* the wire counts from 1900, and the instant itself must be in its range */
	if (seconds < days(1900, 1, 1) * 86400 || seconds >= days(10000, 1, 1) * 86400)
		return false;
	*ret = (ParseDate) { seconds, zone, zoned };
	return true;
}
