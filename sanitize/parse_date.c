/* parse_date: RFC 5322 3.3 with the obsolete forms of 4.3: one pass over tokens, no libc time functions
 * (they read files and the environment). */
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

static Tokens split(ParseRange in)
{
	Tokens tokens = { .count = 0 };

	for (size_t at = skip_between(in, 0); at < in.length && tokens.count < TOKENS_MAX;
	     at = skip_between(in, at)) {
		char *token = tokens.text[tokens.count++];
		size_t n = 0;
		/* a `-` joins date parts in the style of 1-Jan-2024 but begins a zone */
		while (at < in.length && memchr(" \t\r\n,(", in.bytes[at], 6) == NULL) {
			if (in.bytes[at] == '-' && n > 0) {
				at++;
				break;
			}
			if (n + 1 < TOKEN_MAX)
				token[n++] = (char)in.bytes[at];
			at++;
		}
	}
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

static bool clock_time(const char *text, int *ret_seconds)
{
	int part[3] = { 0, 0, 0 };
	g_auto(GStrv) fields = g_strsplit(text, ":", 4);
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
	{ "JST", 540 },  { "EST", -300 }, { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 },
	{ "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 },
};

/* Unknown names, GMT and UT count as UTC, as RFC 5322 4.3 wants. */
static int zone_of(const char *text)
{
	int value = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
		if (g_ascii_strcasecmp(text, zones[i].name) == 0)
			return zones[i].minutes;
	}
	if ((text[0] != '+' && text[0] != '-') || strlen(text) != 5 || !number(text + 1, 4, &value))
		return 0;
	int minutes = value / 100 * 60 + value % 100;
	if (value % 100 > 59)
		return 0;
	minutes = text[0] == '-' ? -minutes : minutes;
	return minutes < -720 || minutes > 840 ? 0 : minutes;
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

bool parse_date(ParseRange value, int64_t *ret_seconds, int *ret_zone)
{
	Tokens tokens = split(value);
	size_t i = 0;
	int d, m, y, time;

	/* the day of the week, which nobody may rely on */
	if (tokens.count > 0 && g_ascii_isalpha(tokens.text[0][0]))
		i++;
	if (tokens.count < i + 4)
		return false;
	if (!number(tokens.text[i], 2, &d) || !month(tokens.text[i + 1], &m) ||
	    !year(tokens.text[i + 2], &y) || !clock_time(tokens.text[i + 3], &time))
		return false;
	if (d < 1 || d > month_length(y, m))
		return false;
	int zone = tokens.count > i + 4 ? zone_of(tokens.text[i + 4]) : 0;
	int64_t seconds = days(y, m, d) * 86400 + time - (int64_t)zone * 60;
	/* the wire counts from 1900, and the instant itself must be in its range */
	if (seconds < days(1900, 1, 1) * 86400 || seconds >= days(10000, 1, 1) * 86400)
		return false;
	*ret_seconds = seconds;
	*ret_zone = zone;
	return true;
}
