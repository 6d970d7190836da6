/* Grammar 5: the text, after base64. Characters (5.2, 5.3), blocks that a mail reader would decode
 * (5.4), and the gateway's own voice (5.5, 5.6).
 */
#include "verify_priv.h"

#include <string.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

struct cp_range {
	uint32_t first, last;
};

static bool in(uint32_t cp, const struct cp_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	}
	return false;
}
#define IN(cp, ranges) in(cp, ranges, ARRAY_LENGTH(ranges))

static const struct cp_range controls[] = {
	{ 0x0000, 0x001F },
	{ 0x007F, 0x009F },
	{ 0x00A0, 0x00A0 },
	{ 0x2028, 0x2029 },
};
static const struct cp_range private_use[] = {
	{ 0xE000, 0xF8FF },
	{ 0xF0000, 0x10FFFF },
};
static const struct cp_range bidi_controls[] = {
	{ 0x061C, 0x061C },
	{ 0x200E, 0x200F },
	{ 0x202A, 0x202E },
	{ 0x2066, 0x2069 },
};
static const struct cp_range invisibles[] = {
	{ 0x00AD, 0x00AD },   { 0x034F, 0x034F },   { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },
	{ 0x180B, 0x180F },   { 0x200B, 0x200D },   { 0x2060, 0x206F },   { 0x3164, 0x3164 },
	{ 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB },
	{ 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
};
static const struct cp_range joining_scripts[] = {
	{ 0x0600, 0x08FF }, { 0x0900, 0x0DFF }, { 0x0F00, 0x109F },
	{ 0x1780, 0x17FF }, { 0xFB50, 0xFDFF }, { 0xFE70, 0xFEFC },
};
static const struct cp_range emojis[] = {
	{ 0x2190, 0x21FF }, { 0x2300, 0x23FF }, { 0x2600, 0x27BF }, { 0x2B00, 0x2BFF }, { 0x1F000, 0x1FAFF },
};
static const struct cp_range emoji_bases[] = {
	{ '0', '9' },       { '#', '#' },       { '*', '*' },       { 0x00A9, 0x00A9 }, { 0x00AE, 0x00AE },
	{ 0x203C, 0x203C }, { 0x2049, 0x2049 }, { 0x2122, 0x2122 }, { 0x2139, 0x2139 }, { 0x3030, 0x3030 },
	{ 0x303D, 0x303D }, { 0x3297, 0x3297 }, { 0x3299, 0x3299 },
};
static const struct cp_range han[] = {
	{ 0x3005, 0x3005 }, { 0x3007, 0x3007 }, { 0x3400, 0x4DBF },
	{ 0x4E00, 0x9FFF }, { 0xF900, 0xFAFF }, { 0x20000, 0x3FFFD },
};
static const struct cp_range rtl_letters[] = {
	{ 0x0590, 0x061B }, { 0x061D, 0x08FF },   { 0xFB1D, 0xFDFF },
	{ 0xFE70, 0xFEFC }, { 0x10800, 0x10FFF }, { 0x1E800, 0x1EFFF },
};
static const struct cp_range variation_selectors[] = {
	{ 0x180B, 0x180D },
	{ 0x180F, 0x180F },
	{ 0xFE00, 0xFE0F },
	{ 0xE0100, 0xE01EF },
};

/* -- UTF-8 -- */

size_t verify_utf8(const uint8_t *at, const uint8_t *end, uint32_t *cp)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (at >= end)
		return 0;
	uint8_t first = at[0];
	*cp = first;
	if (first < 0x80)
		return 1;
	size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	if (first < 0xC2 || first > 0xF4 || (size_t)(end - at) < length)
		return 0;
	uint32_t value = first & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3F);
	}
	if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*cp = value;
	return length;
}

size_t verify_count(struct verify_span utf8)
{
	size_t count = 0;
	for (size_t i = 0; i < utf8.length; i++)
		count += (utf8.at[i] & 0xC0) != 0x80;
	return count;
}

bool verify_blank_at_end(struct verify_span s)
{
	if (s.length == 0)
		return false;
	if (s.at[0] == ' ' || s.at[s.length - 1] == ' ')
		return true;
	return s.length >= 3 &&
	       (memcmp(s.at, "\u3000", 3) == 0 || memcmp(s.at + s.length - 3, "\u3000", 3) == 0);
}

/* -- 5.2 and 5.3: characters -- */

/* A code point with its neighbours in the line; 0 where there is none. */
struct window {
	uint32_t before2, before, here, after;
};

/* What a line may still hold, and what it has held. */
struct line_state {
	bool rtl; /* body, and the line holds an RTL letter */
	bool base_seen;
	unsigned marks;
	unsigned depth;
	uint32_t closers[8];
};

static bool is_noncharacter(uint32_t cp)
{
	return (cp >= 0xFDD0 && cp <= 0xFDEF) || (cp & 0xFFFE) == 0xFFFE;
}

static bool joiner_stands_well(const struct window *w)
{
	if (IN(w->before, joining_scripts) && IN(w->after, joining_scripts))
		return true;
	bool emoji_end = IN(w->before, emojis) || (w->before == 0xFE0F && IN(w->before2, emojis));
	return w->here == 0x200D && emoji_end && IN(w->after, emojis);
}

static bool invisible_stands_well(const struct window *w)
{
	if (w->here == 0x200C || w->here == 0x200D)
		return joiner_stands_well(w);
	if (w->here == 0xFE0E || w->here == 0xFE0F)
		return IN(w->before, emojis) || IN(w->before, emoji_bases);
	if (w->here >= 0xE0100 && w->here <= 0xE01EF)
		return IN(w->before, han);
	return false;
}

static bool bidi_open(struct line_state *state, uint32_t closer)
{
	if (state->depth == ARRAY_LENGTH(state->closers))
		return false;
	state->closers[state->depth++] = closer;
	return true;
}

static bool bidi_close(struct line_state *state, uint32_t closer)
{
	if (state->depth == 0 || state->closers[state->depth - 1] != closer)
		return false;
	state->depth--;
	return true;
}

static bool bidi_stands_well(struct line_state *state, uint32_t cp)
{
	if (!state->rtl || cp == 0x202D || cp == 0x202E)
		return false;
	if (cp == 0x202A || cp == 0x202B)
		return bidi_open(state, 0x202C);
	if (cp >= 0x2066 && cp <= 0x2068)
		return bidi_open(state, 0x2069);
	if (cp == 0x202C || cp == 0x2069)
		return bidi_close(state, cp);
	return true;
}

/* Marks pile up on one base whatever invisible code points stand between them, so those neither
 * count nor begin a new row. */
static bool marks_stand_well(struct line_state *state, uint32_t cp)
{
	if (IN(cp, variation_selectors) || IN(cp, invisibles) || IN(cp, bidi_controls))
		return true;
	if (!verify_is_mark(cp)) {
		state->base_seen = true;
		state->marks = 0;
		return true;
	}
	return state->base_seen && ++state->marks <= 4;
}

static const char *character_fault(struct line_state *state, const struct window *w, bool body,
                                   const char **section)
{
	uint32_t cp = w->here;
	*section = "5.2";
	if (cp >= 0x20 && cp < 0x7F) {
		state->base_seen = true;
		state->marks = 0;
		return NULL;
	}
	if (IN(cp, controls))
		return "a control character or a special blank";
	if (is_noncharacter(cp))
		return "a noncharacter";
	if (IN(cp, private_use))
		return "a private use character";
	if (!marks_stand_well(state, cp))
		return "a combining mark at the start, or more than 4 in a row";
	if (IN(cp, bidi_controls) && !bidi_stands_well(state, cp)) {
		*section = body ? "5.3" : "5.2";
		return "a bidi control";
	}
	if (!IN(cp, bidi_controls) && IN(cp, invisibles) && !invisible_stands_well(w))
		return "an invisible character";
	return NULL;
}

static bool line_has_rtl(struct verify_span line)
{
	const uint8_t *end = line.at + line.length;
	uint32_t cp;
	for (const uint8_t *at = line.at; at < end;) {
		size_t length = verify_utf8(at, end, &cp);
		if (length == 0)
			return false;
		if (cp >= 0x590 && IN(cp, rtl_letters) && !is_noncharacter(cp))
			return true;
		at += length;
	}
	return false;
}

const char *verify_characters(struct verify_span line, bool body, const char **section,
                              struct verify_span *bad)
{
	struct line_state state = { .rtl = body && line_has_rtl(line) };
	struct window w = { 0 };
	const uint8_t *end = line.at + line.length;
	for (const uint8_t *at = line.at; at < end;) {
		size_t length = verify_utf8(at, end, &w.here);
		*bad = (struct verify_span) { at, length == 0 ? 1 : length };
		*section = "5.1";
		if (length == 0)
			return "invalid UTF-8";
		if (verify_utf8(at + length, end, &w.after) == 0)
			w.after = 0;
		const char *fault = character_fault(&state, &w, body, section);
		if (fault)
			return fault;
		w.before2 = w.before;
		w.before = w.here;
		at += length;
	}
	*section = "5.3";
	return state.depth > 0 ? "a bidi embedding or isolate is not closed at the end of its line" : NULL;
}

/* -- 5.4: what a mail reader would decode -- */

struct run {
	size_t length;
	bool upper, lower, digit;
};

static bool is_blank(uint32_t cp)
{
	return cp == ' ' || cp == 0x3000;
}

static uint8_t ascii_lower(uint8_t b)
{
	return b >= 'A' && b <= 'Z' ? b | 0x20 : b;
}

static bool begins_any_case(struct verify_span s, const char *lower)
{
	size_t length = strlen(lower);
	if (s.length < length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (ascii_lower(s.at[i]) != (uint8_t)lower[i])
			return false;
	}
	return true;
}

static bool contains_any_case(struct verify_span s, const char *lower)
{
	for (; s.length > 0; s.at++, s.length--) {
		if (begins_any_case(s, lower))
			return true;
	}
	return false;
}

static struct verify_span skip(struct verify_span s, size_t bytes)
{
	return (struct verify_span) { s.at + bytes, s.length - bytes };
}

static struct verify_span without_quote_marks(struct verify_span line)
{
	uint32_t cp;
	size_t length;
	while ((length = verify_utf8(line.at, line.at + line.length, &cp)) > 0 &&
	       (is_blank(cp) || cp == '>' || cp == '|'))
		line = skip(line, length);
	return line;
}

static size_t count_while(struct verify_span s, uint8_t first, uint8_t last)
{
	size_t n = 0;
	while (n < s.length && s.at[n] >= first && s.at[n] <= last)
		n++;
	return n;
}

static struct verify_span without_trailing_blanks(struct verify_span line)
{
	for (;;) {
		const uint8_t *end = line.at + line.length;
		if (line.length >= 1 && end[-1] == ' ')
			line.length -= 1;
		else if (line.length >= 3 && memcmp(end - 3, "\u3000", 3) == 0)
			line.length -= 3;
		else
			return line;
	}
}

static bool begins_with_blank(struct verify_span s)
{
	uint32_t cp;
	return verify_utf8(s.at, s.at + s.length, &cp) > 0 && is_blank(cp);
}

/* The keyword, blanks, a mode, and a blank before the name. */
static bool is_uuencode_after(struct verify_span s, const char *keyword)
{
	if (!begins_any_case(s, keyword))
		return false;
	s = skip(s, strlen(keyword));
	size_t blanks = count_while(s, ' ', ' ');
	s = skip(s, blanks);
	size_t digits = count_while(s, '0', '7');
	s = skip(s, digits);
	return blanks > 0 && digits >= 1 && digits <= 6 && begins_with_blank(s);
}

/* Old mail readers take a name without a mode after two blanks. */
static bool is_uuencode_without_mode(struct verify_span s)
{
	if (!begins_any_case(s, "begin  "))
		return false;
	s = skip(s, strlen("begin"));
	s = skip(s, count_while(s, ' ', ' '));
	return s.length > 0 && !begins_with_blank(s);
}

static const char *encoded_block(struct verify_span line)
{
	if (is_uuencode_after(line, "begin") || is_uuencode_after(line, "begin-base64") ||
	    is_uuencode_without_mode(line))
		return "the begin line of a uuencoded block";
	if (begins_any_case(line, "-----begin pgp message"))
		return "PGP armour";
	if (begins_any_case(line, "=ybegin "))
		return "the begin line of a yEnc block";
	if (contains_any_case(line, "must be converted with binhex"))
		return "the begin line of a BinHex block";
	return NULL;
}

/* Bytes of the scheme, colon and slashes when a URL begins here, else 0. */
static size_t url_begin(struct verify_span s)
{
	static const char *const schemes[] = { "https", "hxxps", "http", "hxxp", "ftp" };
	for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++) {
		if (!begins_any_case(s, schemes[i]))
			continue;
		struct verify_span rest = skip(s, strlen(schemes[i]));
		if (begins_any_case(rest, "["))
			rest = skip(rest, 1);
		if (!begins_any_case(rest, ":"))
			continue;
		rest = skip(rest, 1);
		if (begins_any_case(rest, "]"))
			rest = skip(rest, 1);
		if (begins_any_case(rest, "//"))
			return (size_t)(rest.at - s.at) + 2;
	}
	return 0;
}

static size_t url_length(struct verify_span s, size_t begin)
{
	size_t n = begin;
	while (n < s.length && n < 2000 && s.at[n] > ' ' && s.at[n] <= 0x7E && !strchr("<>\"", s.at[n]))
		n++;
	return n;
}

static bool is_upper(uint8_t b)
{
	return b >= 'A' && b <= 'Z';
}

static bool is_lower(uint8_t b)
{
	return b >= 'a' && b <= 'z';
}

static bool is_digit(uint8_t b)
{
	return b >= '0' && b <= '9';
}

static bool is_base64(uint8_t b)
{
	return is_upper(b) || is_lower(b) || is_digit(b) || b == '+' || b == '/';
}

/* Adds one byte; true when the run has become a base64 block. */
static bool run_add(struct run *run, uint8_t b)
{
	if (!is_base64(b)) {
		*run = (struct run) { 0 };
		return false;
	}
	run->length++;
	run->upper |= is_upper(b);
	run->lower |= is_lower(b);
	run->digit |= is_digit(b);
	return run->length >= 64 && run->upper && run->lower && run->digit;
}

/* The line without quote marks and blanks around it. */
static bool run_in_line(struct run *run, struct verify_span line)
{
	while (line.length > 0) {
		size_t begin = (line.at[0] | 0x20) == 'h' || (line.at[0] | 0x20) == 'f' ? url_begin(line) : 0;
		if (begin > 0) {
			*run = (struct run) { 0 };
			line = skip(line, url_length(line, begin));
			continue;
		}
		if (run_add(run, line.at[0]))
			return true;
		line = skip(line, 1);
	}
	return false;
}

/* A line that an encoder can have written: the run goes on over its end. A shorter one, or one with
 * anything else in it, is somebody's sentence. */
static bool is_base64_line(struct verify_span line)
{
	for (size_t i = 0; i < line.length; i++) {
		if (!is_base64(line.at[i]))
			return false;
	}
	return line.length >= 16;
}

/* A whole line, and `bare`, without its leading quote marks and blanks. A quoted block may have lines
 * of quote marks alone between its own; a decoder skips those, and only an empty line ends it. */
static bool run_over_line(struct run *run, struct verify_span line, struct verify_span bare)
{
	if (bare.length == 0 && line.length > 0)
		return false;
	struct verify_span core = without_trailing_blanks(bare);
	if (run_in_line(run, core))
		return true;
	if (!is_base64_line(core))
		*run = (struct run) { 0 };
	return false;
}

/* -- 5.5: the gateway's voice -- */

#define TAG "【無害化】"

enum phase { PHASE_START, PHASE_HEAD, PHASE_BODY, PHASE_FOOT };

struct notice {
	enum phase phase;
	size_t head;     /* lines */
	size_t promised; /* lines that the foot says it has */
	size_t foot;     /* lines after the first one */
	bool after_empty;
};

static const struct cp_range openers[] = {
	{ '[', '[' },       { 0xFF3B, 0xFF3B }, { 0x3010, 0x3010 }, { 0x3014, 0x3014 }, { 0x300C, 0x300C },
	{ '(', '(' },       { 0xFF08, 0xFF08 }, { '<', '<' },       { 0xFF1C, 0xFF1C }, { 0x300A, 0x300A },
	{ 0x3008, 0x3008 }, { 0x300E, 0x300E }, { 0xFF62, 0xFF62 },
};

/* Full width letters and capitals as their small ASCII form. */
static uint32_t fold_letter(uint32_t cp)
{
	if (cp >= 0xFF21 && cp <= 0xFF5A)
		cp -= 0xFEE0;
	return cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp;
}

/* Next code point that can be seen; 0 at the end. A variation selector behind a Han character is
 * lawful and cannot be seen, so an imitation may hold them anywhere. */
static uint32_t next_visible(const uint8_t **at, const uint8_t *end)
{
	uint32_t cp;
	size_t length;
	while ((length = verify_utf8(*at, end, &cp)) > 0) {
		*at += length;
		if (!IN(cp, invisibles) && !IN(cp, bidi_controls))
			return cp;
	}
	return 0;
}

static bool goes_on_as(const uint8_t *at, const uint8_t *end, const uint32_t *word, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (fold_letter(next_visible(&at, end)) != word[i])
			return false;
	}
	return true;
}

/* Linear: goes_on_as() never looks past the next opener, since that can be seen and is in no word. */
static bool imitates_notice(struct verify_span line)
{
	static const uint32_t harmless[] = { 0x7121, 0x5BB3, 0x5316 };
	static const uint32_t mugai[] = { 'm', 'u', 'g', 'a', 'i' };
	const uint8_t *at = line.at, *end = line.at + line.length;
	uint32_t cp;
	size_t length;
	if (verify_span_begins(line, ">")) /* the reader sees a quotation */
		return false;
	while ((length = verify_utf8(at, end, &cp)) > 0) {
		at += length;
		if (IN(cp, openers) && (goes_on_as(at, end, harmless, ARRAY_LENGTH(harmless)) ||
		                        goes_on_as(at, end, mugai, ARRAY_LENGTH(mugai))))
			return true;
	}
	return false;
}

/* Lines that the foot promises when this is its first line, else 0. */
static size_t foot_promise(struct verify_span line)
{
	static const char before[] = TAG "----- ", after[] = " -----";
	if (!verify_span_begins(line, before))
		return 0;
	line = skip(line, sizeof(before) - 1);
	size_t digits = count_while(line, '0', '9');
	if (digits == 0 || digits > 4 || line.at[0] == '0' || !verify_span_is(skip(line, digits), after))
		return 0;
	size_t n = 0;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (line.at[i] - '0');
	return n;
}

static const char *notice_line_place(struct notice *notice, struct verify_span line)
{
	if (notice->phase == PHASE_FOOT) {
		notice->foot++;
		return NULL;
	}
	size_t promised = foot_promise(line);
	if (promised > 0 && (notice->phase == PHASE_START || notice->after_empty)) {
		notice->phase = PHASE_FOOT;
		notice->promised = promised;
		return NULL;
	}
	if (promised > 0)
		return "no empty line before the foot";
	if (notice->phase == PHASE_BODY)
		return "a notice line outside the head and the foot";
	notice->phase = PHASE_HEAD;
	return ++notice->head > 3 ? "more than 3 lines in the head" : NULL;
}

static const char *other_line_place(struct notice *notice, struct verify_span line)
{
	if (notice->phase == PHASE_FOOT)
		return "a line in the foot that is no notice line";
	if (notice->phase == PHASE_HEAD && line.length > 0)
		return "no empty line after the head";
	notice->phase = PHASE_BODY;
	notice->after_empty = line.length == 0;
	return imitates_notice(line) ? "a line that imitates a notice" : NULL;
}

static const char *foot_fault(const struct notice *notice)
{
	if (notice->phase != PHASE_FOOT)
		return "the text has no foot";
	return notice->foot != notice->promised ? "the foot has not as many lines as it says" : NULL;
}

/* -- 5.6: outside strings in notice lines -- */

struct quote {
	bool open;
	bool dotted; /* a bare dot stands in the run of code points without a blank */
	size_t columns, code_points;
};

static const char *quote_mark(struct quote *quote, uint32_t cp)
{
	bool opens = cp == 0x300C;
	if (opens == quote->open)
		return "corner brackets that are nested or not balanced";
	*quote = (struct quote) { .open = opens };
	return NULL;
}

/* The byte at `at` in square brackets: mail readers see no address and no host in that. */
static bool is_bracketed(const uint8_t *at, const uint8_t *end)
{
	return at[-1] == '[' && end - at > 1 && at[1] == ']'; /* the tag stands before it */
}

/* example.com/x is made a link even without a scheme. */
static bool is_dotted_path(struct quote *quote, uint32_t cp, struct verify_span rest)
{
	if (is_blank(cp))
		quote->dotted = false;
	else if (cp == '.' && !is_bracketed(rest.at, rest.at + rest.length))
		quote->dotted = true;
	return cp == '/' && quote->dotted;
}

static bool is_link(struct quote *quote, uint32_t cp, struct verify_span rest)
{
	static const char *const links[] = { "://",  "\\\\", "www.",  "ftp.",  "mailto:", "tel:",
		                             "sip:", "sms:", "news:", "file:", "data:",   "javascript:" };
	for (size_t i = 0; i < ARRAY_LENGTH(links); i++) {
		if (begins_any_case(rest, links[i]))
			return true;
	}
	if (cp == '@' && !is_bracketed(rest.at, rest.at + rest.length))
		return true;
	return is_dotted_path(quote, cp, rest);
}

static const char *inside_quote(struct quote *quote, uint32_t cp, struct verify_span rest)
{
	quote->columns += verify_is_wide(cp) ? 2 : 1;
	quote->code_points++;
	if (quote->columns > 80 || quote->code_points > 240)
		return "an outside string that is too long";
	return is_link(quote, cp, rest) ? "an outside string that a mail reader would make a link" : NULL;
}

static const char *notice_line_fault(struct verify_span line)
{
	struct quote quote = { 0 };
	const uint8_t *end = line.at + line.length;
	uint32_t cp;
	size_t length;
	for (const uint8_t *at = line.at; (length = verify_utf8(at, end, &cp)) > 0; at += length) {
		struct verify_span rest = { at, (size_t)(end - at) };
		const char *fault = NULL;
		if (verify_span_begins(rest, "://"))
			fault = "an undefanged URL in a notice line";
		else if (cp == 0x300C || cp == 0x300D)
			fault = quote_mark(&quote, cp);
		else if (quote.open)
			fault = inside_quote(&quote, cp, rest);
		if (fault)
			return fault;
	}
	return quote.open ? "a corner bracket that is not closed" : NULL;
}

/* -- the text -- */

struct text {
	struct verify_check *check;
	const uint8_t *base64;
	bool with_notice;
	struct run run;
	struct notice notice;
};

/* A refusal names the line of the message whose base64 holds the byte: 57 bytes stand in each. */
static bool refuse_at(struct text *text, const uint8_t *at, const char *section, const char *what,
                      struct verify_span evidence)
{
	size_t line = (size_t)(at - text->check->text) / 57;
	text->check->where = text->base64 + line * (76 + text->check->line_end);
	return verify_refuse(text->check, section, what, evidence);
}

/* 5.1: each line ends in CRLF, and CR and LF stand nowhere else. */
static bool take_line(struct text *text, const uint8_t **at, const uint8_t *end, struct verify_span *line)
{
	const uint8_t *lf = memchr(*at, '\n', (size_t)(end - *at));
	if (!lf)
		return refuse_at(text, *at, "5.1", "the last line of the text has no end",
		                 (struct verify_span) { 0 });
	if (lf == *at || lf[-1] != '\r')
		return refuse_at(text, lf, "5.1", "LF without CR", (struct verify_span) { 0 });
	*line = (struct verify_span) { *at, (size_t)(lf - 1 - *at) };
	const uint8_t *cr = memchr(line->at, '\r', line->length);
	if (cr)
		return refuse_at(text, cr, "5.1", "CR without LF", (struct verify_span) { 0 });
	*at = lf + 1;
	return true;
}

static bool check_blocks(struct text *text, struct verify_span line)
{
	struct verify_span bare = without_quote_marks(line);
	const char *block = encoded_block(bare);
	if (block)
		return refuse_at(text, line.at, "5.4", block, bare);
	if (run_over_line(&text->run, line, bare))
		return refuse_at(text, line.at, "5.4", "a base64 block", bare);
	return true;
}

static bool check_notice(struct text *text, struct verify_span line)
{
	bool is_notice = verify_span_begins(line, TAG);
	const char *fault;
	if (!text->with_notice)
		fault = imitates_notice(line) ? "a notice line in an attachment" : NULL;
	else
		fault = is_notice ? notice_line_place(&text->notice, line)
		                  : other_line_place(&text->notice, line);
	if (fault)
		return refuse_at(text, line.at, "5.5", fault, line);
	fault = is_notice ? notice_line_fault(line) : NULL;
	return fault ? refuse_at(text, line.at, "5.6", fault, line) : true;
}

static bool check_line(struct text *text, struct verify_span line)
{
	const char *section;
	struct verify_span bad = { line.at, 0 };
	/* 5.5: a notice line is our voice: nothing in it may turn its direction. */
	bool body = !verify_span_begins(line, TAG);
	const char *fault = verify_characters(line, body, &section, &bad);
	if (fault)
		return refuse_at(text, bad.at, section, fault, bad);
	return check_blocks(text, line) && check_notice(text, line);
}

bool verify_text(struct verify_check *check, size_t length, bool with_notice, const uint8_t *base64)
{
	struct text text = { .check = check, .base64 = base64, .with_notice = with_notice };
	const uint8_t *end = check->text + length;
	struct verify_span line = { 0 };
	for (const uint8_t *at = check->text; at < end;) {
		if (!take_line(&text, &at, end, &line) || !check_line(&text, line))
			return false;
	}
	const char *fault = with_notice ? foot_fault(&text.notice) : NULL;
	return fault ? refuse_at(&text, end - 1, "5.5", fault, (struct verify_span) { 0 }) : true;
}
