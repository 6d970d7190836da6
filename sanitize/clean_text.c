/* clean_text: see clean_text.h.
 *
 * Two steps, so that every context rule is judged on what is really written. The first
 * decodes, drops what never may leave, and counts combining marks; for that count a joiner,
 * a selector or a bidi control is as if it were not there, whether it stays or not, so the
 * second step can not spoil it. The second step, for lines that hold such a character (few
 * do), pairs the bidi controls first and then judges joiners and selectors by their
 * neighbours in the output. The result therefore obeys the rules as it stands, and cleaning
 * it again changes nothing.
 */
#include "clean_text.h"

#include "html_append_priv.h"

#include <stdbool.h>
#include <string.h>

enum {
	GETA = 0x3013, /* what Japanese typesetters print for a character they do not have */
	BAD = 0xFFFD,
	MARKS_MAX = 4,
	BIDI_DEPTH_MAX = 8,
	TAB_WIDTH = 8,
	CUT_BACK_MAX = 32, /* a chain of emoji and joiners has no end: give up after this */
};

typedef enum {
	KIND_BASE = 0,
	KIND_MARK,
	KIND_DROP,
	KIND_SPACE,
	KIND_PRIVATE,
	KIND_BAD,
	KIND_LINE_END,
	KIND_TAB,
	KIND_BIDI,
	KIND_JOINER,
	KIND_SELECTOR,
} Kind;

typedef struct {
	gunichar first, last;
	Kind kind;
} KindRange;

/* Sorted. What is not here is a base, unless Unicode calls it a mark or a noncharacter. */
static const KindRange kind_ranges[] = {
	{ 0x034F, 0x034F, KIND_DROP },     { 0x061C, 0x061C, KIND_BIDI },
	{ 0x115F, 0x1160, KIND_DROP },     { 0x17B4, 0x17B5, KIND_DROP },
	{ 0x180B, 0x180F, KIND_DROP },     { 0x200B, 0x200B, KIND_DROP },
	{ 0x200C, 0x200D, KIND_JOINER },   { 0x200E, 0x200F, KIND_BIDI },
	{ 0x2028, 0x2029, KIND_LINE_END }, { 0x202A, 0x202E, KIND_BIDI },
	{ 0x2060, 0x2065, KIND_DROP },     { 0x2066, 0x2069, KIND_BIDI },
	{ 0x206A, 0x206F, KIND_DROP },     { 0x3164, 0x3164, KIND_DROP },
	{ 0xD800, 0xDFFF, KIND_BAD },      { 0xE000, 0xF8FF, KIND_PRIVATE },
	{ 0xFDD0, 0xFDEF, KIND_BAD },      { 0xFE00, 0xFE0D, KIND_DROP },
	{ 0xFE0E, 0xFE0F, KIND_SELECTOR }, { 0xFEFF, 0xFEFF, KIND_DROP },
	{ 0xFFA0, 0xFFA0, KIND_DROP },     { 0xFFF0, 0xFFFB, KIND_DROP },
	{ 0x1BCA0, 0x1BCA3, KIND_DROP },   { 0x1D173, 0x1D17A, KIND_DROP },
	{ 0xE0000, 0xE00FF, KIND_DROP },   { 0xE0100, 0xE01EF, KIND_SELECTOR },
	{ 0xE01F0, 0xE0FFF, KIND_DROP },   { 0xF0000, 0x10FFFF, KIND_PRIVATE },
};

typedef struct {
	gunichar first, last;
} Range;

static const Range joining_letters[] = {
	{ 0x0600, 0x08FF }, { 0x0900, 0x0DFF }, { 0x0F00, 0x109F },
	{ 0x1780, 0x17FF }, { 0xFB50, 0xFDFF }, { 0xFE70, 0xFEFC },
};
static const Range emoji[] = {
	{ 0x2190, 0x21FF }, { 0x2300, 0x23FF }, { 0x2600, 0x27BF }, { 0x2B00, 0x2BFF }, { 0x1F000, 0x1FAFF },
};
static const Range selector_bases[] = {
	{ '#', '#' },       { '*', '*' },       { '0', '9' },       { 0xA9, 0xA9 },     { 0xAE, 0xAE },
	{ 0x203C, 0x203C }, { 0x2049, 0x2049 }, { 0x2122, 0x2122 }, { 0x2139, 0x2139 }, { 0x3030, 0x3030 },
	{ 0x303D, 0x303D }, { 0x3297, 0x3297 }, { 0x3299, 0x3299 },
};
static const Range han[] = {
	{ 0x3005, 0x3005 }, { 0x3007, 0x3007 }, { 0x3400, 0x4DBF },
	{ 0x4E00, 0x9FFF }, { 0xF900, 0xFAFF }, { 0x20000, 0x3FFFD },
};
static const Range rtl_letters[] = {
	{ 0x0590, 0x08FF },   { 0xFB1D, 0xFDFF },   { 0xFE70, 0xFEFC },
	{ 0x10800, 0x10FFF }, { 0x1E800, 0x1EFFF },
};

/* Sorted. */
static bool in_ranges(gunichar c, const Range *ranges, size_t count)
{
	for (size_t i = 0; i < count && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

#define IN(c, ranges) in_ranges((c), (ranges), G_N_ELEMENTS(ranges))

static bool is_mark(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK;
}

static Kind kind_of_low(gunichar c)
{
	if (c >= 0x20 && c < 0x7F)
		return KIND_BASE;
	if (c == '\n' || c == '\r')
		return KIND_LINE_END;
	if (c == '\t')
		return KIND_TAB;
	if (c < 0xA0 || c == 0xAD)
		return KIND_DROP;
	return c == 0xA0 ? KIND_SPACE : KIND_BASE;
}

static Kind kind_by_range(gunichar c)
{
	size_t low = 0, high = G_N_ELEMENTS(kind_ranges);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (c > kind_ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < G_N_ELEMENTS(kind_ranges) && c >= kind_ranges[low].first)
		return kind_ranges[low].kind;
	return is_mark(c) ? KIND_MARK : KIND_BASE;
}

/* Kana, Han, their punctuation and full-width ASCII: nearly all of a Japanese text. None is a blank, a mark
 * or a letter written from the right. */
static bool is_japanese(gunichar c)
{
	return (c >= 0x3001 && c <= 0x3029) || (c >= 0x3041 && c <= 0x3096) || (c >= 0x309B && c <= 0x3163) ||
	       (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xFF01 && c <= 0xFF5E);
}

/* Letters of other alphabets, among which there is no mark. */
static bool is_letter(gunichar c)
{
	return (c >= 0x370 && c <= 0x482) || (c >= 0x48A && c <= 0x52F) || (c >= 0x5D0 && c <= 0x5EA) ||
	       (c >= 0x620 && c <= 0x64A) || (c >= 0xAC00 && c <= 0xD7A3);
}

static bool is_bidi(gunichar c)
{
	return c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static Kind kind_of(gunichar c)
{
	if (c < 0x300)
		return kind_of_low(c);
	if (is_japanese(c) || is_letter(c))
		return KIND_BASE;
	if (is_bidi(c))
		return KIND_BIDI;
	if ((c & 0xFFFE) == 0xFFFE)
		return KIND_BAD;
	return kind_by_range(c);
}

unsigned clean_width(gunichar c)
{
	Kind kind = kind_of(c);
	if (kind == KIND_MARK || kind == KIND_BIDI || kind == KIND_JOINER || kind == KIND_SELECTOR)
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

typedef struct {
	uint8_t first, last; /* lead bytes */
	uint8_t low, high;   /* what the second byte may be: no overlong forms, surrogates, > U+10FFFF */
	uint8_t more;
} Utf8Lead;

static const Utf8Lead utf8_leads[] = {
	{ 0xC2, 0xDF, 0x80, 0xBF, 1 }, { 0xE0, 0xE0, 0xA0, 0xBF, 2 }, { 0xE1, 0xEC, 0x80, 0xBF, 2 },
	{ 0xED, 0xED, 0x80, 0x9F, 2 }, { 0xEE, 0xEF, 0x80, 0xBF, 2 }, { 0xF0, 0xF0, 0x90, 0xBF, 3 },
	{ 0xF1, 0xF3, 0x80, 0xBF, 3 }, { 0xF4, 0xF4, 0x80, 0x8F, 3 },
};

/* One code point, or U+FFFD for one maximal subpart. Consumes at least one byte. */
static gunichar decode(const uint8_t **at, const uint8_t *end)
{
	uint8_t lead = *(*at)++;
	if (lead < 0x80)
		return lead;
	const Utf8Lead *row = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(utf8_leads) && row == NULL; i++)
		if (lead >= utf8_leads[i].first && lead <= utf8_leads[i].last)
			row = &utf8_leads[i];
	if (row == NULL)
		return BAD;
	gunichar c = lead & (0x3F >> row->more);
	uint8_t low = row->low, high = row->high;
	for (unsigned left = row->more; left > 0; left--) {
		if (*at == end || **at < low || **at > high)
			return BAD;
		c = c << 6 | (*(*at)++ & 0x3F);
		low = 0x80;
		high = 0xBF;
	}
	return c;
}

/* As g_unichar_to_utf8(), without a call for each character of a text. */
static size_t encode(gunichar c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

static void append_char(GString *out, gunichar c)
{
	char utf8[4];

	html_append(out, utf8, encode(c, utf8));
}

/* Of what was written here: valid UTF-8. */
static gunichar next_written(const char **at)
{
	const uint8_t *c = (const uint8_t *)*at;

	if (c[0] < 0x80) {
		*at += 1;
		return c[0];
	}
	if (c[0] < 0xE0) {
		*at += 2;
		return (gunichar)(c[0] & 0x1F) << 6 | (c[1] & 0x3F);
	}
	if (c[0] < 0xF0) {
		*at += 3;
		return (gunichar)(c[0] & 0x0F) << 12 | (gunichar)(c[1] & 0x3F) << 6 | (c[2] & 0x3F);
	}
	*at += 4;
	return (gunichar)(c[0] & 0x07) << 18 | (gunichar)(c[1] & 0x3F) << 12 | (gunichar)(c[2] & 0x3F) << 6 |
	       (c[3] & 0x3F);
}

typedef struct {
	GString *out;
	size_t line_start; /* in out */
	bool one_line;
	bool has_base;  /* of this line */
	bool special;   /* this line needs the second step */
	bool rtl;       /* this line holds an RTL letter */
	bool in_break;  /* one line: within a run of CR, LF, TAB */
	unsigned marks; /* in a row, up to here */
	CleanCounts *counts;
} Cleaner;

/* ---- second step: bidi controls in pairs, joiners and selectors by their neighbours ---- */

enum { BIDI_ISOLATE = 1 << 0, BIDI_KEPT = 1 << 1, BIDI_BITS = 2, BIDI_PER_BYTE = 8 / BIDI_BITS };

/* A line of 10 MB may be nothing but controls: a few bits for each. */
typedef struct {
	GByteArray *keep;               /* of each bidi control of the line, a bit; NULL = nobody asks */
	size_t seen;                    /* controls */
	GByteArray *open;               /* flags of those that are not closed, packed */
	size_t n_open;
	size_t indices[BIDI_DEPTH_MAX]; /* of the open ones that are kept: which control of the line */
	unsigned isolates, depth;
} BidiPairs;

static void bidi_append(BidiPairs *pairs, bool keep)
{
	const uint8_t none = 0;

	if (pairs->seen % 8 == 0)
		g_byte_array_append(pairs->keep, &none, 1);
	pairs->keep->data[pairs->seen / 8] |= (uint8_t)(keep << pairs->seen % 8);
	pairs->seen++;
}

static void bidi_push(BidiPairs *pairs, unsigned flags)
{
	const uint8_t none = 0;
	size_t at = pairs->n_open++;

	if (at % BIDI_PER_BYTE == 0)
		g_byte_array_append(pairs->open, &none, 1);
	pairs->open->data[at / BIDI_PER_BYTE] |= (uint8_t)(flags << at % BIDI_PER_BYTE * BIDI_BITS);
}

/* Only when there is one. */
static unsigned bidi_top(const BidiPairs *pairs)
{
	size_t at = pairs->n_open - 1;

	return pairs->open->data[at / BIDI_PER_BYTE] >> at % BIDI_PER_BYTE * BIDI_BITS & ((1 << BIDI_BITS) - 1);
}

static void bidi_drop_top(BidiPairs *pairs)
{
	size_t at = --pairs->n_open;

	if (at % BIDI_PER_BYTE == 0)
		g_byte_array_set_size(pairs->open, (guint)(at / BIDI_PER_BYTE));
	else
		pairs->open->data[at / BIDI_PER_BYTE] &= (uint8_t)((1 << at % BIDI_PER_BYTE * BIDI_BITS) - 1);
}

static bool bidi_is_single(gunichar c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F;
}

static void bidi_pop(BidiPairs *pairs, bool closed)
{
	unsigned top = bidi_top(pairs);
	bidi_drop_top(pairs);
	pairs->isolates -= (top & BIDI_ISOLATE) != 0;
	if ((top & BIDI_KEPT) == 0)
		return;
	size_t index = pairs->indices[--pairs->depth];
	if (!closed && pairs->keep != NULL)
		pairs->keep->data[index / 8] &= (uint8_t)~(1u << index % 8);
}

static bool bidi_top_is_isolate(const BidiPairs *pairs)
{
	return (bidi_top(pairs) & BIDI_ISOLATE) != 0;
}

/* True if the closing control is to be written. A closing isolate also ends the embeddings
 * inside it (UAX 9, X6a); those lose their opening control, having no end of their own. */
static bool bidi_close(BidiPairs *pairs, bool isolate)
{
	if (isolate && pairs->isolates == 0)
		return false;
	while (isolate && !bidi_top_is_isolate(pairs))
		bidi_pop(pairs, false);
	if (pairs->n_open == 0 || bidi_top_is_isolate(pairs) != isolate)
		return false;
	bool kept = (bidi_top(pairs) & BIDI_KEPT) != 0;
	bidi_pop(pairs, kept);
	return kept;
}

/* An override is an opening control too, never written: else its end would close another. */
static bool bidi_open(BidiPairs *pairs, gunichar c)
{
	bool isolate = c >= 0x2066;
	bool kept = c != 0x202D && c != 0x202E && pairs->depth < BIDI_DEPTH_MAX;
	bidi_push(pairs, (isolate ? BIDI_ISOLATE : 0U) | (kept ? BIDI_KEPT : 0U));
	pairs->isolates += isolate;
	if (kept)
		pairs->indices[pairs->depth++] = pairs->seen;
	return kept;
}

static bool bidi_judge(BidiPairs *pairs, gunichar c)
{
	if (bidi_is_single(c))
		return true;
	if (c == 0x202C || c == 0x2069)
		return bidi_close(pairs, c == 0x2069);
	return bidi_open(pairs, c);
}

/* at: valid UTF-8. Result: a bit per bidi control, 1 = it stays. */
static GByteArray *bidi_pair(const char *at, const char *end, bool rtl)
{
	BidiPairs pairs = { .keep = g_byte_array_new(), .open = g_byte_array_new() };
	while (at < end) {
		gunichar c = next_written(&at);
		if (is_bidi(c))
			bidi_append(&pairs, rtl && bidi_judge(&pairs, c));
	}
	while (pairs.n_open > 0)
		bidi_pop(&pairs, false);
	g_byte_array_unref(pairs.open);
	return pairs.keep;
}

typedef struct {
	Cleaner *cleaner;
	char *end; /* of what is written */
	const GByteArray *bidi_keep;
	size_t bidi_seen;
	gunichar last, before; /* written in this line, 0 = none */
	gunichar joiner;       /* waits for its right neighbour */
	bool tabs; /* there are any, so that columns count */
	size_t column;
} LineWriter;

static void line_put(LineWriter *writer, gunichar c)
{
	writer->end += encode(c, writer->end);
	if (writer->tabs)
		writer->column += c < 0x7F ? 1 : clean_width(c);
	writer->before = writer->last;
	writer->last = c;
}

static void line_drop(LineWriter *writer)
{
	writer->cleaner->counts->removed++;
}

static bool line_ends_in_emoji(const LineWriter *writer)
{
	return IN(writer->last, emoji) || (writer->last == 0xFE0F && IN(writer->before, emoji));
}

static bool line_joins_letters(const LineWriter *writer, gunichar next)
{
	return IN(writer->last, joining_letters) && writer->last != 0x061C && IN(next, joining_letters) &&
	       next != 0x061C;
}

static void line_settle_joiner(LineWriter *writer, gunichar next)
{
	if (writer->joiner == 0)
		return;
	gunichar joiner = writer->joiner;
	writer->joiner = 0;
	bool stays = line_joins_letters(writer, next) ||
	             (joiner == 0x200D && line_ends_in_emoji(writer) && IN(next, emoji));
	if (stays)
		line_put(writer, joiner);
	else
		line_drop(writer);
}

static void line_put_joiner(LineWriter *writer, gunichar c)
{
	if (writer->joiner != 0)
		line_drop(writer);
	else
		writer->joiner = c;
}

static void line_put_selector(LineWriter *writer, gunichar c)
{
	gunichar last = writer->joiner != 0 ? 0 : writer->last;
	bool stays = c >= 0xE0100 ? IN(last, han) : IN(last, emoji) || IN(last, selector_bases);
	if (stays)
		line_put(writer, c);
	else
		line_drop(writer);
}

static void line_put_bidi(LineWriter *writer, gunichar c)
{
	size_t index = writer->bidi_seen++;
	if ((writer->bidi_keep->data[index / 8] >> index % 8 & 1) == 0) {
		line_drop(writer);
		writer->cleaner->counts->bidi++;
		return;
	}
	line_settle_joiner(writer, c);
	line_put(writer, c);
}

static void line_put_tab(LineWriter *writer)
{
	line_settle_joiner(writer, ' ');
	do
		line_put(writer, ' ');
	while (writer->column % TAB_WIDTH != 0);
}

/* What the first step leaves and is not a base to the second one. */
static Kind kind_in_line(gunichar c)
{
	if (c == '\t')
		return KIND_TAB;
	if (is_bidi(c))
		return KIND_BIDI;
	if (c == 0x200C || c == 0x200D)
		return KIND_JOINER;
	if (c == 0xFE0E || c == 0xFE0F || (c >= 0xE0100 && c <= 0xE01EF))
		return KIND_SELECTOR;
	return KIND_BASE;
}

static void line_write(LineWriter *writer, gunichar c)
{
	switch (kind_in_line(c)) {
	case KIND_BIDI:
		line_put_bidi(writer, c);
		break;
	case KIND_JOINER:
		line_put_joiner(writer, c);
		break;
	case KIND_SELECTOR:
		line_put_selector(writer, c);
		break;
	case KIND_TAB:
		line_put_tab(writer);
		break;
	default:
		line_settle_joiner(writer, c);
		line_put(writer, c);
	}
}

static size_t count_tabs(const char *text, size_t bytes)
{
	size_t n = 0;
	for (size_t i = 0; i < bytes; i++)
		n += text[i] == '\t';
	return n;
}

static void cleaner_second_step(Cleaner *cleaner)
{
	GString *out = cleaner->out;
	size_t bytes = out->len - cleaner->line_start;
	size_t tabs = count_tabs(out->str + cleaner->line_start, bytes), room = tabs * (TAB_WIDTH - 1);
	g_string_set_size(out, out->len + room);
	/* In place: only a tab writes more than it was, and there is room for that. */
	char *line = out->str + cleaner->line_start;
	memmove(line + room, line, bytes);
	const char *at = line + room, *end = at + bytes;
	g_autoptr(GByteArray) keep = bidi_pair(at, end, cleaner->rtl);
	LineWriter writer = { .cleaner = cleaner, .end = line, .bidi_keep = keep, .tabs = tabs > 0 };
	while (at < end) {
		gunichar c = next_written(&at);
		line_write(&writer, c);
	}
	if (writer.joiner != 0)
		line_drop(&writer);
	g_string_truncate(out, (gsize)(writer.end - out->str));
}

static void cleaner_end_line(Cleaner *cleaner)
{
	if (cleaner->special)
		cleaner_second_step(cleaner);
}

/* ---- first step ------------------------------------------------------------------------ */

static void cleaner_new_line(Cleaner *cleaner)
{
	cleaner_end_line(cleaner);
	g_string_append_c(cleaner->out, '\n');
	cleaner->line_start = cleaner->out->len;
	cleaner->has_base = cleaner->special = cleaner->rtl = false;
	cleaner->marks = 0;
}

static void cleaner_base(Cleaner *cleaner, gunichar c)
{
	if (cleaner->one_line && !cleaner->has_base && g_unichar_isspace(c))
		return;
	append_char(cleaner->out, c);
	cleaner->has_base = true;
	cleaner->marks = 0;
	cleaner->rtl = cleaner->rtl || IN(c, rtl_letters);
}

static void cleaner_mark(Cleaner *cleaner, gunichar c)
{
	if (!cleaner->has_base || cleaner->marks == MARKS_MAX) {
		cleaner->counts->removed++;
		cleaner->counts->marks += cleaner->has_base;
		return;
	}
	append_char(cleaner->out, c);
	cleaner->marks++;
	cleaner->rtl = cleaner->rtl || IN(c, rtl_letters);
}

static void cleaner_special(Cleaner *cleaner, gunichar c)
{
	append_char(cleaner->out, c);
	cleaner->special = true;
}

static void cleaner_bidi(Cleaner *cleaner, gunichar c)
{
	if (!cleaner->one_line) {
		cleaner_special(cleaner, c);
		return;
	}
	cleaner->counts->removed++;
	cleaner->counts->bidi++;
}

static void cleaner_break(Cleaner *cleaner, gunichar c)
{
	if (!cleaner->one_line && c == '\t') {
		cleaner_special(cleaner, c);
		cleaner->has_base = true;
		cleaner->marks = 0;
		return;
	}
	if (!cleaner->one_line) {
		cleaner_new_line(cleaner);
		return;
	}
	if (!cleaner->in_break)
		cleaner_base(cleaner, ' ');
	cleaner->in_break = true;
}

static void cleaner_put(Cleaner *cleaner, gunichar c)
{
	Kind kind = kind_of(c);
	if (kind == KIND_LINE_END || kind == KIND_TAB) {
		cleaner_break(cleaner, c);
		return;
	}
	cleaner->in_break = false;
	switch (kind) {
	case KIND_MARK:
		cleaner_mark(cleaner, c);
		break;
	case KIND_SPACE:
		cleaner_base(cleaner, ' ');
		break;
	case KIND_PRIVATE:
		cleaner_base(cleaner, GETA);
		cleaner->counts->private_use++;
		break;
	case KIND_BAD:
		cleaner_base(cleaner, BAD);
		cleaner->counts->bad++;
		break;
	case KIND_JOINER:
	case KIND_SELECTOR:
		cleaner_special(cleaner, c);
		break;
	case KIND_BIDI:
		cleaner_bidi(cleaner, c);
		break;
	case KIND_DROP:
		cleaner->counts->removed++;
		break;
	default:
		cleaner_base(cleaner, c);
	}
}

static bool is_japanese_at(const uint8_t *at, const uint8_t *end)
{
	bool three =
	        end - at >= 3 && (at[0] & 0xF0) == 0xE0 && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80;

	/* an overlong form or a surrogate gives no number that is Japanese */
	return three &&
	       is_japanese((gunichar)(at[0] & 0x0F) << 12 | (gunichar)(at[1] & 0x3F) << 6 | (at[2] & 0x3F));
}

/* How many of eight characters are printable ASCII before the first that is not. */
static unsigned count_printable(const uint8_t *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, at, sizeof word);
	word = GUINT64_FROM_LE(word);
	/* what is carried into a byte comes from one below that is none */
	uint64_t others = (word | (word - ones * 0x20) | (word + ones)) & ones * 0x80;
	return others == 0 ? 8 : (unsigned)__builtin_ctzll(others) / 8;
}

/* The end of the characters that stay as they are, whatever stands beside them. */
static const uint8_t *plain_end(const uint8_t *at, const uint8_t *end)
{
	for (;;) {
		for (unsigned n = 8; n == 8 && end - at >= 8; at += n)
			n = count_printable(at);
		while (at < end && *at >= 0x20 && *at < 0x7F)
			at++;
		if (!is_japanese_at(at, end))
			return at;
		at += 3;
	}
}

static const uint8_t *cleaner_plain(Cleaner *cleaner, const uint8_t *at, const uint8_t *end)
{
	while (cleaner->one_line && !cleaner->has_base && at < end && *at == ' ')
		at++;
	enum { PIECE = 32 * 1024 }; /* read and written while it is in the cache */
	const uint8_t *stop = plain_end(at, end - at > PIECE ? at + PIECE : end);
	if (stop == at)
		return at;
	html_append(cleaner->out, (const char *)at, (size_t)(stop - at));
	cleaner->has_base = true;
	cleaner->in_break = false;
	cleaner->marks = 0;
	return stop;
}

static void cleaner_run(Cleaner *cleaner, const char *text, size_t bytes)
{
	const uint8_t *at = (const uint8_t *)text, *end = at + bytes;
	while (at < end) {
		at = cleaner_plain(cleaner, at, end);
		if (at == end)
			break;
		if (*at == '\r' && at + 1 < end && at[1] == '\n')
			at++;
		cleaner_put(cleaner, decode(&at, end));
	}
	cleaner_end_line(cleaner);
}

char *clean_body_counted(const char *text, size_t bytes, CleanCounts *counts)
{
	Cleaner cleaner = { .out = g_string_sized_new(bytes + 1), .counts = counts };
	cleaner_run(&cleaner, text, bytes);
	return g_string_free(cleaner.out, FALSE);
}

char *clean_body_text(const char *text, size_t bytes, uint64_t *ret_removed)
{
	CleanCounts counts = { 0 };
	char *clean = clean_body_counted(text, bytes, &counts);
	if (ret_removed != NULL)
		*ret_removed = counts.removed;
	return clean;
}

void clean_counts_add(CleanCounts *counts, const CleanCounts *more)
{
	counts->removed += more->removed;
	counts->marks += more->marks;
	counts->bidi += more->bidi;
	counts->private_use += more->private_use;
	counts->bad += more->bad;
}

/* ---- a text that is being written ------------------------------------------------------ */

/* As the last character: one that the second step may take away, or a joiner that was left out, behind which no
 * joiner or selector stays until something else is written. */
enum { UNSURE = 1, BLOCKED = 2 };

struct CleanThin {
	size_t end;     /* of the text, when it was looked at last */
	bool has_base;  /* of its last line, as in Cleaner */
	unsigned marks; /* in a row, up to here */
	gunichar last;
	BidiPairs pairs;
	CleanCounts counts;
};

CleanThin *clean_thin_new(void)
{
	CleanThin *thin = g_new0(CleanThin, 1);

	thin->pairs.open = g_byte_array_new();
	return thin;
}

void clean_thin_free(CleanThin *thin)
{
	if (thin == NULL)
		return;
	g_byte_array_unref(thin->pairs.open);
	g_free(thin);
}

CleanCounts clean_thin_counts(const CleanThin *thin)
{
	return thin->counts;
}

static void thin_new_line(CleanThin *thin)
{
	GByteArray *open = thin->pairs.open;

	g_byte_array_set_size(open, 0);
	thin->pairs = (BidiPairs) { .open = open };
	thin->has_base = false;
	thin->marks = 0;
	thin->last = 0;
}

/* The character is in the text. */
static void thin_follow(CleanThin *thin, gunichar c, Kind kind)
{
	switch (kind) {
	case KIND_DROP:
		return;
	case KIND_LINE_END:
		thin_new_line(thin);
		return;
	case KIND_BIDI:
	case KIND_JOINER:
	case KIND_SELECTOR:
		thin->last = thin->last == BLOCKED ? BLOCKED : UNSURE;
		return;
	case KIND_MARK:
		thin->marks += thin->marks < MARKS_MAX;
		thin->last = c;
		return;
	default:
		thin->has_base = true;
		thin->marks = 0;
		thin->last = c;
	}
}

/* Neither can stay without what it needs before it. */
static bool may_join(gunichar last, gunichar joiner)
{
	return last == UNSURE || IN(last, joining_letters) || (joiner == 0x200D && IN(last, emoji));
}

static bool may_select(gunichar last, gunichar selector)
{
	bool base = selector >= 0xE0100 ? IN(last, han) : IN(last, emoji) || IN(last, selector_bases);

	return last == UNSURE || base;
}

/* It is removed by the cleaning, whatever comes behind it. */
static bool thin_drops(CleanThin *thin, gunichar c, Kind kind)
{
	bool stays = true;

	switch (kind) {
	case KIND_DROP:
		return true;
	case KIND_MARK:
		thin->counts.marks += thin->marks == MARKS_MAX && thin->has_base;
		return thin->marks == MARKS_MAX;
	case KIND_BIDI:
		stays = bidi_judge(&thin->pairs, c);
		thin->counts.bidi += !stays;
		return !stays;
	case KIND_JOINER:
		stays = may_join(thin->last, c);
		thin->last = stays ? thin->last : BLOCKED;
		return !stays;
	case KIND_SELECTOR:
		return !may_select(thin->last, c);
	default:
		return false;
	}
}

/* Returns where the next character stands that is not plain. */
static const char *thin_follow_plain(CleanThin *thin, const char *at, const char *end)
{
	const char *stop = (const char *)plain_end((const uint8_t *)at, (const uint8_t *)end);

	if (stop == at)
		return at;
	const char *last = g_utf8_prev_char(stop);
	thin_follow(thin, next_written(&last), KIND_BASE);
	return stop;
}

/* What was appended since. */
static void thin_catch_up(CleanThin *thin, const GString *text)
{
	size_t from = thin->end <= text->len ? thin->end : 0;
	const char *lf = memrchr(text->str + from, '\n', text->len - from);
	const char *at = lf != NULL ? lf : text->str + from, *end = text->str + text->len;

	while (at < end) {
		at = thin_follow_plain(thin, at, end);
		if (at == end)
			return;
		gunichar c = next_written(&at);
		Kind kind = kind_of(c);
		if (kind == KIND_BIDI)
			(void)bidi_judge(&thin->pairs, c);
		thin_follow(thin, c, kind);
	}
}

static const char *thin_append_plain(CleanThin *thin, GString *text, const char *at, const char *end)
{
	const char *stop = thin_follow_plain(thin, at, end);

	html_append(text, at, (size_t)(stop - at));
	return stop;
}

void clean_thin_append(CleanThin *thin, GString *text, const char *utf8, size_t bytes)
{
	const char *end = utf8 + bytes;
	const char *stop = (const char *)plain_end((const uint8_t *)utf8, (const uint8_t *)end);

	html_append(text, utf8, (size_t)(stop - utf8));
	if (stop == end) /* most of a text: it is looked at when it matters */
		return;
	thin_catch_up(thin, text);
	for (utf8 = stop; utf8 < end; utf8 = thin_append_plain(thin, text, utf8, end)) {
		gunichar c = next_written(&utf8);
		Kind kind = kind_of(c);
		if (thin_drops(thin, c, kind)) {
			thin->counts.removed++;
			continue;
		}
		append_char(text, c);
		thin_follow(thin, c, kind);
	}
	thin->end = text->len;
}

/* ---- one line -------------------------------------------------------------------------- */

static void strip_end(GString *line)
{
	while (line->len > 0) {
		const char *last = g_utf8_find_prev_char(line->str, line->str + line->len);
		if (last == NULL || !g_unichar_isspace(g_utf8_get_char(last)))
			return;
		g_string_truncate(line, (gsize)(last - line->str));
	}
}

/* Would a cut before at split what is one sign to the eye? */
static bool inside_sequence(const char *start, const char *at)
{
	gunichar here = g_utf8_get_char(at);
	gunichar before = g_utf8_get_char(g_utf8_find_prev_char(start, at));
	return clean_width(here) == 0 || kind_of(before) == KIND_JOINER;
}

static const char *cut_point(const char *start, const char *limit)
{
	const char *at = limit;
	for (unsigned tries = 0; at > start && inside_sequence(start, at); tries++) {
		if (tries == CUT_BACK_MAX)
			return limit;
		at = g_utf8_find_prev_char(start, at);
	}
	return at > start ? at : limit;
}

static bool ends_in_joiner(const GString *line)
{
	const char *last = line->len == 0 ? NULL : g_utf8_find_prev_char(line->str, line->str + line->len);
	return last != NULL && kind_of(g_utf8_get_char(last)) == KIND_JOINER;
}

static void cut_line(GString *line, size_t max_chars)
{
	if (max_chars == 0 || line->len <= max_chars ||
	    g_utf8_strlen(line->str, (gssize)line->len) <= (glong)max_chars)
		return;
	const char *limit = g_utf8_offset_to_pointer(line->str, (glong)max_chars - 1);
	if (limit > line->str)
		limit = cut_point(line->str, limit);
	g_string_truncate(line, (gsize)(limit - line->str));
	/* A joiner needs a right neighbour, and "…" is none. */
	while (ends_in_joiner(line))
		g_string_truncate(line, line->len - 3);
	strip_end(line);
	g_string_append(line, "…");
}

char *clean_line_counted(const char *text, size_t bytes, size_t max_chars, CleanCounts *counts)
{
	Cleaner cleaner = { .out = g_string_sized_new(bytes + 1), .one_line = true, .counts = counts };
	cleaner_run(&cleaner, text, bytes);
	strip_end(cleaner.out);
	cut_line(cleaner.out, max_chars);
	return g_string_free(cleaner.out, FALSE);
}

char *clean_line(const char *text, size_t bytes, size_t max_chars, uint64_t *ret_removed)
{
	CleanCounts counts = { 0 };
	char *clean = clean_line_counted(text, bytes, max_chars, &counts);
	if (ret_removed != NULL)
		*ret_removed = counts.removed;
	return clean;
}
