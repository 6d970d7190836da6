#include "html_sink_state_priv.h"

#include <string.h>

typedef enum {
	SEEN = 0, /* visible */
	SOFT,     /* collapses */
	LINE,     /* collapses, or ends the line of <pre> */
	TAB,      /* collapses, or is kept in <pre> */
	FIRM,     /* a blank that does not collapse */
	FORCED,   /* ends a line everywhere */
	FILLER,   /* of no width */
	MANY,     /* the first byte of more than one */
} Class;

/* Of bytes: what the character is, or MANY where more than the first byte decides. */
static const uint8_t first_bytes[256] = {
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        TAB,
	LINE,          FILLER,
	SOFT,          LINE,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	FILLER,        FILLER,
	SOFT,          [0x7F] = FILLER,
	[0xC2] = MANY, [0xCD] = MANY,
	[0xD8] = MANY, [0xE1] = MANY,
	[0xE2] = MANY, [0xE3] = MANY,
	[0xEF] = MANY, [0xF0] = MANY,
	[0xF1] = MANY, [0xF2] = MANY,
	[0xF3] = MANY, [0xF4] = MANY,
};

typedef struct {
	gunichar first, last;
	Class class;
} ClassRange;

/* What has no ink, sorted. A blank that clean_text would keep is FIRM; what it would drop is FILLER, and so
 * are joiners and selectors, which belong to what stands before them. */
static const ClassRange ranges[] = {
	{ 0x0080, 0x009F, FILLER },   { 0x00A0, 0x00A0, FIRM },     { 0x00AD, 0x00AD, FILLER },
	{ 0x034F, 0x034F, FILLER },   { 0x061C, 0x061C, FILLER },   { 0x115F, 0x1160, FILLER },
	{ 0x1680, 0x1680, FIRM },     { 0x17B4, 0x17B5, FILLER },   { 0x180B, 0x180F, FILLER },
	{ 0x2000, 0x200A, FIRM },     { 0x200B, 0x200F, FILLER },   { 0x2028, 0x2029, FORCED },
	{ 0x202A, 0x202E, FILLER },   { 0x202F, 0x202F, FIRM },     { 0x205F, 0x205F, FIRM },
	{ 0x2060, 0x206F, FILLER },   { 0x2800, 0x2800, FIRM },     { 0x3000, 0x3000, FIRM },
	{ 0x3164, 0x3164, FILLER },   { 0xFE00, 0xFE0F, FILLER },   { 0xFEFF, 0xFEFF, FILLER },
	{ 0xFFA0, 0xFFA0, FILLER },   { 0xFFF0, 0xFFFB, FILLER },   { 0x1BCA0, 0x1BCA3, FILLER },
	{ 0x1D173, 0x1D17A, FILLER }, { 0xE0000, 0xE0FFF, FILLER },
};

static Class class_of(gunichar c)
{
	size_t low = 0, high = G_N_ELEMENTS(ranges);

	if (c < 0x80)
		return first_bytes[c];
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (c > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < G_N_ELEMENTS(ranges) && c >= ranges[low].first ? ranges[low].class : SEEN;
}

bool html_sink_is_filler(gunichar c)
{
	return class_of(c) == FILLER;
}

/* The class of the character at `at`, and its length. Kana and Han, nearly all of a Japanese text, by their
 * first bytes. */
static Class read_class(const unsigned char *at, size_t *ret_bytes)
{
	Class class = first_bytes[*at];

	*ret_bytes = *at < 0x80 ? 1 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
	if (class != MANY || (*at == 0xE3 && at[1] > 0x80 && at[1] != 0x85))
		return class == MANY ? SEEN : class;
	return class_of(g_utf8_get_char((const char *)at));
}

static const char *skip_seen(const char *at, const char *end)
{
	size_t bytes = 1;

	for (;;) {
		while (at < end && *at > ' ' && *at < 0x7F) /* ASCII, of which the rest is not seen */
			at++;
		if (at >= end || read_class((const unsigned char *)at, &bytes) != SEEN)
			return at;
		at += bytes;
	}
}

/* Eight characters of ASCII that are seen, with single blanks between them, none of which is the last? What stands
 * before is seen. */
static bool are_words(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80;
	uint64_t word;

	memcpy(&word, at, sizeof word);
	word = GUINT64_FROM_LE(word);
	if (((word | (word - ones * ' ') | (word + ones)) & highs) != 0)
		return false;
	uint64_t blanks = ~((word ^ ones * ' ') + ones * 0x7F) & highs;
	return (blanks & (blanks << 8 | highs << 56)) == 0;
}

/* Where words follow each other on a line, each blank between them is one. fillers: what has no width goes on too,
 * in and right behind a word. */
static const char *skip_words(const char *at, const char *end, bool fillers)
{
	size_t bytes = 1;

	for (;;) {
		while (end - at >= 8 && are_words(at))
			at += 8;
		at = skip_seen(at, end);
		if (fillers && at < end && *at != ' ' && read_class((const unsigned char *)at, &bytes) == FILLER) {
			at += bytes;
			continue;
		}
		if (end - at < 2 || *at != ' ' || read_class((const unsigned char *)at + 1, &bytes) != SEEN)
			return at;
		at += 1 + bytes;
	}
}

static void owe_soft(HtmlSink *sink, HtmlSoft soft)
{
	if (sink->at->open || sink->owed_bytes > 0)
		sink->soft = MAX(sink->soft, soft);
}

static void owe_firm(HtmlSink *sink, const char *blank, size_t bytes)
{
	if (sink->soft != HTML_SOFT_NONE)
		html_sink_owe(sink, " ", 1, 1);
	sink->owed_blanks += sink->soft != HTML_SOFT_NONE ? 2 : 1;
	sink->owed_columns += sink->soft != HTML_SOFT_NONE;
	if (bytes > 0)
		sink->owed_columns += *blank == ' ' ? 1 : html_columns(g_utf8_get_char(blank));
	sink->soft = HTML_SOFT_NONE;
	html_sink_owe(sink, blank, bytes, bytes > 0);
}

/* In a cell that may stand in a column it is one blank. */
static void owe_tab(HtmlSink *sink)
{
	enum { TAB_COLUMNS = 8 };
	unsigned columns = html_sink_columns(sink) + sink->owed_columns;
	unsigned blanks = sink->table != 0 ? 1 : TAB_COLUMNS - columns % TAB_COLUMNS;

	owe_firm(sink, " ", 1);
	sink->owed_blanks += blanks - 1;
	sink->owed_columns += blanks - 1;
	html_sink_owe(sink, " ", 1, blanks - 1);
}

static void owe_filler(HtmlSink *sink, const char *filler, size_t bytes)
{
	bool inside = sink->at->open && sink->owed_bytes == 0 && sink->soft == HTML_SOFT_NONE;

	if (inside) { /* of an emoji, say */
		html_sink_put(sink, filler, bytes);
		return;
	}
	if (sink->soft != HTML_SOFT_NONE)
		owe_firm(sink, "", 0);
	sink->owed_fillers = true;
	html_sink_owe(sink, filler, bytes, 1);
}

static void take_line_end(HtmlSink *sink, HtmlWhiteSpace space)
{
	if (space == HTML_SPACE_PRE || space == HTML_SPACE_PRE_LINE)
		html_sink_break(sink, HTML_BREAKS_KEPT);
	else
		owe_soft(sink, HTML_SOFT_LINE_END);
}

static void take_blank(HtmlSink *sink, Class class, const char *at, size_t bytes, HtmlWhiteSpace space)
{
	bool kept = space == HTML_SPACE_PRE;

	if (class == FILLER)
		owe_filler(sink, at, bytes);
	else if (class == FORCED)
		html_sink_break(sink, HTML_BREAKS_MAX);
	else if (class == LINE)
		take_line_end(sink, space);
	else if (class == TAB && kept)
		owe_tab(sink);
	else if (class == FIRM || kept)
		owe_firm(sink, *at == '\f' ? " " : at, bytes);
	else
		owe_soft(sink, HTML_SOFT_SPACE);
}

/* White space that collapses, to its end. */
static const char *take_soft(HtmlSink *sink, const char *at, const char *end)
{
	HtmlSoft soft = HTML_SOFT_SPACE;

	for (; at < end; at++) {
		uint8_t class = first_bytes[(unsigned char)*at];
		if (class == LINE)
			soft = HTML_SOFT_LINE_END;
		else if (class != SOFT && class != TAB)
			break;
	}
	owe_soft(sink, soft);
	return at;
}

void html_sink_text(HtmlSink *sink, const char *utf8, size_t bytes, HtmlWhiteSpace space)
{
	const char *end = utf8 + bytes;
	bool collapses = space == HTML_SPACE_NORMAL || space == HTML_SPACE_NOWRAP;
	/* a link's text has its bound word by word */
	bool words = space != HTML_SPACE_PRE &&
	             (sink->capture == NULL || sink->capture->len + bytes < HTML_CAPTURE_MAX);

	while (utf8 < end) {
		size_t length = 1;
		Class class = read_class((const unsigned char *)utf8, &length);
		if (collapses && (class == SOFT || class == LINE || class == TAB)) {
			utf8 = take_soft(sink, utf8, end);
			continue;
		}
		if (class != SEEN) {
			take_blank(sink, class, utf8, length, space);
			utf8 += length;
			continue;
		}
		const char *stop = words ? skip_words(utf8 + length, end, sink->capture == NULL) : skip_seen(utf8 + length, end);
		html_sink_put(sink, utf8, (size_t)(stop - utf8));
		sink->line_fixed |= space == HTML_SPACE_PRE && sink->at == sink->frames;
		utf8 = stop;
	}
}

void html_sink_word(HtmlSink *sink, const char *word)
{
	html_sink_put(sink, word, strlen(word));
}

uint64_t html_sink_count(const char *utf8, size_t bytes)
{
	const char *end = utf8 + bytes;
	uint64_t count = 0;

	while (utf8 < end) {
		size_t length = 1;
		count += read_class((const unsigned char *)utf8, &length) == SEEN;
		utf8 += length;
	}
	return count;
}
