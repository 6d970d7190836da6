#include "text_wrap_priv.h"

#include "html_grid_priv.h"
#include "html_sink_state_priv.h"
#include "html_text_priv.h"

#include <string.h>

enum {
	URL_START = 64,                   /* bytes of a word in which "://" makes it a URL */
	QUOTE_BYTES = 2 * HTML_QUOTE_MAX, /* of signs; more are text: each piece would repeat them */
};

typedef enum {
	BREAK_NEVER = 0,
	BREAK_LATE, /* when there is no other */
	BREAK_FREE,
	BREAKS,
} Break;

/* ---- what may stand at a break ------------------------------------------------------------------------- */

static bool is_one_of(gunichar c, const char *set)
{
	return c != 0 && g_utf8_strchr(set, -1, c) != NULL;
}

/* May not begin a line; of half width too. */
static bool is_no_start(gunichar c)
{
	return is_one_of(
	        c, "、。，．・：；？！）」』】〕〉》］｝ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
	           "､｡･｣ｰｧｨｩｪｫｯｬｭｮ,.:;?!)]}");
}

static bool is_no_end(gunichar c)
{
	return is_one_of(c, "（「『【〔〈《［｛｢([{");
}

static bool is_blank(gunichar c)
{
	return c == ' ';
}

/* Of what is not broken: letters, digits and signs between blanks and wide characters. */
static bool is_word(gunichar c)
{
	return c != 0 && !is_blank(c) && !html_sink_is_wide(c);
}

/* " [1]" belongs to the word before it, and at the start of a line it would look like an entry of the list.
 */
static bool begins_mark(const char *at, const char *end)
{
	return end - at >= 2 && at[0] == '[' && (g_ascii_isdigit(at[1]) || at[1] == '!');
}

/* May a line end before the character at `at`? */
static Break break_before(gunichar before, const char *at, const char *end)
{
	gunichar c = g_utf8_get_char(at);

	if (is_blank(c) || html_columns(c) == 0)
		return BREAK_NEVER;
	if (is_blank(before))
		return begins_mark(at, end) ? BREAK_LATE : BREAK_FREE;
	if ((is_word(before) && is_word(c)) || is_no_start(c) || is_no_end(before))
		return BREAK_NEVER;
	return BREAK_FREE;
}

/* ---- words --------------------------------------------------------------------------------------------- */

static bool begins_with(const char *at, const char *end, const char *word)
{
	size_t bytes = strlen(word);

	return (size_t)(end - at) >= bytes && g_ascii_strncasecmp(at, word, bytes) == 0;
}

static const char *word_end(const char *at, const char *end)
{
	while (at < end && is_word(g_utf8_get_char(at)))
		at = g_utf8_next_char(at);
	return at;
}

/* By how it begins: it must not cost its length each time it is asked. */
static bool is_url(const char *word, const char *end)
{
	end = MIN(end, word + URL_START);
	while (word < end && !g_ascii_isalpha(*word))
		word++;
	return begins_with(word, end, "www.") || begins_with(word, end, "mailto:") ||
	       g_strstr_len(word, end - word, "://") != NULL;
}

/* ---- one piece ----------------------------------------------------------------------------------------- */

unsigned text_wrap_columns(const char *text, size_t bytes)
{
	unsigned columns = 0;

	for (const char *at = text; at < text + bytes; at = g_utf8_next_char(at))
		columns += html_columns(g_utf8_get_char(at));
	return columns;
}

static const char *word_start(const char *line, const char *at)
{
	while (at > line && is_word(g_utf8_get_char(g_utf8_prev_char(at))))
		at = g_utf8_prev_char(at);
	return at;
}

/* Where to break when nothing allows it: in the word that is too long, behind it if it is a URL. */
static const char *forced(const char *line, const char *over, const char *end)
{
	if (is_word(g_utf8_get_char(over)) && is_url(word_start(line, over), end)) {
		const char *stop = word_end(over, end);
		while (stop < end && is_blank(g_utf8_get_char(stop)))
			stop = g_utf8_next_char(stop);
		return stop;
	}
	return over > line ? over : g_utf8_next_char(line);
}

size_t text_wrap(const char *line, size_t bytes, unsigned columns)
{
	const char *end = line + bytes, *last[BREAKS] = { NULL }, *at = line;
	gunichar before = 0;
	unsigned used = 0;

	for (; at < end; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (at > line)
			last[break_before(before, at, end)] = at;
		used += html_columns(c);
		if (used > columns && !is_blank(c))
			break;
		before = html_columns(c) > 0 ? c : before;
	}
	if (at == end)
		return bytes;
	if (last[BREAK_FREE] != NULL)
		return (size_t)(last[BREAK_FREE] - line);
	return (size_t)((last[BREAK_LATE] != NULL ? last[BREAK_LATE] : forced(line, at, end)) - line);
}

/* ---- plain text ---------------------------------------------------------------------------------------- */

static size_t quote_bytes(const char *line, size_t bytes)
{
	size_t at = 0;

	while (at < bytes && line[at] == '>')
		at += at + 1 < bytes && line[at + 1] == ' ' ? 2 : 1;
	return at <= QUOTE_BYTES ? at : 0;
}

static void wrap_line(GString *out, const char *line, size_t bytes, unsigned columns)
{
	size_t quote = quote_bytes(line, bytes), at = quote;
	unsigned room = columns > quote + TEXT_WRAP_MIN ? columns - (unsigned)quote : TEXT_WRAP_MIN;

	for (;;) {
		size_t piece = text_wrap(line + at, bytes - at, room), shown = piece;
		while (at + piece < bytes && shown > 0 && line[at + shown - 1] == ' ')
			shown--;
		g_string_append_len(out, line, (gssize)quote);
		g_string_append_len(out, line + at, (gssize)shown);
		at += piece;
		if (at >= bytes)
			return;
		g_string_append_c(out, '\n');
	}
}

GString *text_wrap_lines(const GString *text, unsigned columns)
{
	GString *out = g_string_sized_new(text->len + text->len / 16);
	const char *at = text->str, *end = at + text->len;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t bytes = lf != NULL ? (size_t)(lf - at) : (size_t)(end - at);
		wrap_line(out, at, bytes, columns);
		if (lf != NULL)
			g_string_append_c(out, '\n');
		at += bytes + (lf != NULL);
	}
	return out;
}
