/* text_rules: doc/output-grammar.md section 5, read literally and slowly. For tests and fuzz
 * programs only; knows nothing of the code it judges. Each function returns NULL when the
 * text obeys, else the rule that is broken.
 */
#ifndef MUGAI_TESTS_TEXT_RULES_H
#define MUGAI_TESTS_TEXT_RULES_H

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	gunichar first, last;
} RuleRange;

#define RULE_IN(c, ...)                                                                                      \
	rule_in((c), (const RuleRange[]) { __VA_ARGS__ },                                                    \
	        sizeof((const RuleRange[]) { __VA_ARGS__ }) / sizeof(RuleRange))

static inline bool rule_in(gunichar c, const RuleRange *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static inline bool rule_bidi(gunichar c)
{
	return RULE_IN(c, { 0x61C, 0x61C }, { 0x200E, 0x200F }, { 0x202A, 0x202E }, { 0x2066, 0x2069 });
}

static inline bool rule_never(gunichar c)
{
	return RULE_IN(c, { 0, 0x1F }, { 0x7F, 0x9F }, { 0xA0, 0xA0 }, { 0x2028, 0x2029 }, { 0xFDD0, 0xFDEF },
	               { 0xE000, 0xF8FF }, { 0xF0000, 0x10FFFF }) ||
	       (c & 0xFFFF) == 0xFFFE || (c & 0xFFFF) == 0xFFFF;
}

static inline bool rule_invisible(gunichar c)
{
	return RULE_IN(c, { 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 },
	               { 0x180B, 0x180F }, { 0x200B, 0x200D }, { 0x2060, 0x206F }, { 0x3164, 0x3164 },
	               { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB },
	               { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF });
}

static inline bool rule_emoji(gunichar c)
{
	return RULE_IN(c, { 0x2190, 0x21FF }, { 0x2300, 0x23FF }, { 0x2600, 0x27BF }, { 0x2B00, 0x2BFF },
	               { 0x1F000, 0x1FAFF });
}

static inline bool rule_joining(gunichar c)
{
	return RULE_IN(c, { 0x600, 0x8FF }, { 0x900, 0xDFF }, { 0xF00, 0x109F }, { 0x1780, 0x17FF },
	               { 0xFB50, 0xFDFF }, { 0xFE70, 0xFEFC });
}

static inline bool rule_rtl(gunichar c)
{
	return c != 0x61C && RULE_IN(c, { 0x590, 0x8FF }, { 0xFB1D, 0xFDFF }, { 0xFE70, 0xFEFC },
	                             { 0x10800, 0x10FFF }, { 0x1E800, 0x1EFFF });
}

/* line[i] is invisible: do the exceptions let it stand there? line ends in 0. */
static inline bool rule_invisible_may(const gunichar *line, size_t i)
{
	gunichar c = line[i], before = i > 0 ? line[i - 1] : 0, before2 = i > 1 ? line[i - 2] : 0,
	         after = line[i + 1];
	if ((c == 0x200C || c == 0x200D) && rule_joining(before) && rule_joining(after))
		return true;
	if (c == 0x200D && rule_emoji(after) &&
	    (rule_emoji(before) || (before == 0xFE0F && rule_emoji(before2))))
		return true;
	if (c == 0xFE0E || c == 0xFE0F)
		return rule_emoji(before) ||
		       RULE_IN(before, { '0', '9' }, { '#', '#' }, { '*', '*' }, { 0xA9, 0xA9 },
		               { 0xAE, 0xAE }, { 0x203C, 0x203C }, { 0x2049, 0x2049 }, { 0x2122, 0x2122 },
		               { 0x2139, 0x2139 }, { 0x3030, 0x3030 }, { 0x303D, 0x303D }, { 0x3297, 0x3297 },
		               { 0x3299, 0x3299 });
	return c >= 0xE0100 && c <= 0xE01EF &&
	       RULE_IN(before, { 0x3005, 0x3005 }, { 0x3007, 0x3007 }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
	               { 0xF900, 0xFAFF }, { 0x20000, 0x3FFFD });
}

static inline bool rule_mark(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return !RULE_IN(c, { 0xFE00, 0xFE0F }, { 0xE0100, 0xE01EF }) &&
	       (type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK);
}

static inline const char *rule_bidi_pairs(const gunichar *line)
{
	gunichar stack[8];
	size_t depth = 0;
	for (; *line != 0; line++) {
		if (RULE_IN(*line, { 0x202D, 0x202E }))
			return "5.3 override";
		if (RULE_IN(*line, { 0x202A, 0x202B }, { 0x2066, 0x2068 })) {
			if (depth == 8)
				return "5.3 depth";
			stack[depth++] = *line < 0x2066 ? 0x202C : 0x2069;
		}
		if ((*line == 0x202C || *line == 0x2069) && (depth == 0 || stack[--depth] != *line))
			return "5.3 close";
	}
	return depth == 0 ? NULL : "5.3 open at line end";
}

/* One line of code points, ends in 0. */
static inline const char *rule_line(const gunichar *line, bool body)
{
	unsigned marks = 0;
	bool rtl = false, bidi = false;
	for (size_t i = 0; line[i] != 0; i++) {
		if (rule_never(line[i]))
			return "5.2 never";
		bidi = bidi || rule_bidi(line[i]);
		rtl = rtl || rule_rtl(line[i]);
		if (rule_bidi(line[i]))
			continue;
		if (rule_invisible(line[i]) && !rule_invisible_may(line, i))
			return "5.2 invisible";
		marks = rule_mark(line[i]) ? marks + 1 : 0;
		if (marks > 4)
			return "5.2 five marks";
		if (marks > 0 && i == 0)
			return "5.2 mark at start";
	}
	if (bidi && (!body || !rtl))
		return "5.3 bidi";
	return rule_bidi_pairs(line);
}

static inline size_t rule_unquote(const gunichar *line)
{
	size_t i = 0;
	while (line[i] == ' ' || line[i] == 0x3000 || line[i] == '>' || line[i] == '|')
		i++;
	return i;
}

static inline bool rule_begin_line(const gunichar *line)
{
	g_autofree char *text = g_ucs4_to_utf8(line + rule_unquote(line), -1, NULL, NULL, NULL);
	return g_regex_match_simple("^begin(-base64)? +[0-7]{1,6}( |　)|^begin {2,}(?! |　).|"
	                            "^-----BEGIN PGP MESSAGE|^=ybegin |must be converted with binhex",
	                            text, G_REGEX_CASELESS | G_REGEX_RAW, 0);
}

static inline size_t rule_url(const gunichar *at)
{
	g_autoptr(GString) ascii = g_string_new(NULL);
	for (size_t i = 0; i < 16 && at[i] > 0x20 && at[i] < 0x7F; i++)
		g_string_append_c(ascii, (char)at[i]);
	if (!g_regex_match_simple("^(https?|ftp|hxxps?)\\[?:\\]?//", ascii->str, G_REGEX_CASELESS, 0))
		return 0;
	size_t length = 0;
	while (length < 2000 && at[length] > ' ' && at[length] <= 0x7E && at[length] != '<' &&
	       at[length] != '>' && at[length] != '"')
		length++;
	return length;
}

typedef struct {
	size_t length;
	bool upper, lower, digit, found;
} RuleRun;

static inline void rule_run_end(RuleRun *run)
{
	run->found = run->found || (run->length >= 64 && run->upper && run->lower && run->digit);
	*run = (RuleRun) { .found = run->found };
}

static inline bool rule_alphabet(gunichar c)
{
	return RULE_IN(c, { 'A', 'Z' }, { 'a', 'z' }, { '0', '9' }, { '+', '+' }, { '/', '/' });
}

/* Does a run go on over the end of this line (from .. past: without its blanks and marks)? */
static inline bool rule_goes_on(const gunichar *line, size_t from, size_t past)
{
	for (size_t i = from; i < past; i++)
		if (!rule_alphabet(line[i]))
			return false;
	return past - from >= 16;
}

static inline void rule_run_line(RuleRun *run, const gunichar *line)
{
	size_t from = rule_unquote(line), past = from;
	while (line[past] != 0)
		past++;
	if (past == 0)
		rule_run_end(run);
	if (past == from)
		return;
	while (line[past - 1] == ' ' || line[past - 1] == 0x3000)
		past--;
	for (size_t i = from; i < past;) {
		gunichar c = line[i];
		size_t url = (c | 32) == 'h' || (c | 32) == 'f' ? rule_url(line + i) : 0;
		if (url > 0 || !rule_alphabet(c)) {
			rule_run_end(run);
			i += url > 0 ? url : 1;
			continue;
		}
		run->length++;
		run->upper |= c >= 'A' && c <= 'Z';
		run->lower |= c >= 'a' && c <= 'z';
		run->digit |= c >= '0' && c <= '9';
		i++;
	}
	if (!rule_goes_on(line, from, past))
		rule_run_end(run);
}

/* Full width to ASCII, ASCII to lower case. */
static inline gunichar rule_fold(gunichar c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFEE0;
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static inline bool rule_is_word(const gunichar *at, const char *word)
{
	for (; *word != '\0'; word = g_utf8_next_char(word), at++)
		if (rule_fold(*at) != g_utf8_get_char(word))
			return false;
	return true;
}

static inline bool rule_imitates(const gunichar *line)
{
	static const char brackets[] = "[［【〔「(（<＜《〈『｢";
	g_autoptr(GArray) seen = g_array_new(TRUE, TRUE, sizeof(gunichar));
	if (*line == '>')
		return false;
	for (; *line != 0; line++)
		if (!rule_invisible(*line) && !rule_bidi(*line))
			g_array_append_val(seen, *line);
	for (const gunichar *at = (const gunichar *)(void *)seen->data; *at != 0; at++)
		if (g_utf8_strchr(brackets, -1, *at) != NULL &&
		    (rule_is_word(at + 1, "無害化") || rule_is_word(at + 1, "mugai")))
			return true;
	return false;
}

static inline const char *rule_quoted(const gunichar *at, const gunichar *end)
{
	unsigned columns = 0;
	if (end - at > 240)
		return "5.6 characters";
	for (const gunichar *c = at; c < end; c++)
		columns += g_unichar_iswide(*c) ? 2 : 1;
	g_autofree char *text = g_ucs4_to_utf8(at, end - at, NULL, NULL, NULL);
	if (g_regex_match_simple(
	            "://|\\\\\\\\|www\\.|ftp\\.|mailto:|tel:|sip:|sms:|news:|file:|data:|javascript:", text,
	            G_REGEX_CASELESS | G_REGEX_RAW, 0))
		return "5.6 link";
	if (g_regex_match_simple("(?<!\\[)@|@(?!\\])", text, G_REGEX_RAW, 0))
		return "5.6 at sign";
	/* Of blanks the grammar knows two; their bytes stand in no other CP of this form. */
	if (g_regex_match_simple("((?<!\\[)\\.|\\.(?!\\]))(?:(?! |　).)*/", text, G_REGEX_RAW, 0))
		return "5.6 dot before a slash";
	return columns > 80 ? "5.6 columns" : NULL;
}

static inline const char *rule_notice_line(const gunichar *line)
{
	const gunichar *open = NULL;
	for (; *line != 0; line++) {
		if (*line == 0x300C && open != NULL)
			return "5.6 nested";
		if (*line == 0x300C)
			open = line;
		if (*line == 0x300D && open == NULL)
			return "5.6 unbalanced";
		if (*line == 0x300D) {
			const char *broken = rule_quoted(open + 1, line);
			if (broken != NULL)
				return broken;
			open = NULL;
		}
		if (open == NULL && line[0] == ':' && line[1] == '/' && line[2] == '/')
			return "5.6 link outside";
	}
	return open != NULL ? "5.6 unbalanced" : NULL;
}

/* Lines of code points of a text whose lines all end in line_end. NULL if they do not. */
static inline GPtrArray *rule_lines(const char *text, const char *line_end)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	while (*text != '\0') {
		const char *stop = strstr(text, line_end);
		if (stop == NULL || memchr(text, '\r', (size_t)(stop - text)) != NULL ||
		    memchr(text, '\n', (size_t)(stop - text)) != NULL) {
			g_ptr_array_unref(lines);
			return NULL;
		}
		g_ptr_array_add(lines, g_utf8_to_ucs4_fast(text, stop - text, NULL));
		text = stop + strlen(line_end);
	}
	return lines;
}

/* 5.2 - 5.4 for every line; and 5.5 for the lines from .. past. */
static inline const char *rule_all_lines(const GPtrArray *lines, guint from, guint past)
{
	RuleRun run = { 0 };
	const char *broken = NULL;
	for (guint i = 0; i < lines->len && broken == NULL; i++) {
		const gunichar *line = g_ptr_array_index(lines, i);
		broken = rule_line(line, true);
		if (broken == NULL && rule_begin_line(line))
			broken = "5.4 begin line";
		rule_run_line(&run, line);
		if (broken == NULL && i >= from && i < past && rule_imitates(line))
			broken = "5.5 imitation";
	}
	rule_run_end(&run);
	return broken == NULL && run.found ? "5.4 base64" : broken;
}

static inline bool rule_is_notice(const gunichar *line)
{
	static const gunichar mark[] = { 0x3010, 0x7121, 0x5BB3, 0x5316, 0x3011 };
	for (size_t i = 0; i < G_N_ELEMENTS(mark); i++)
		if (line[i] != mark[i])
			return false;
	return true;
}

/* A text without a notice block, lines ending in CRLF. */
static inline const char *rule_text(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL) || *text == '\0')
		return "5.1 not UTF-8 or empty";
	g_autoptr(GPtrArray) lines = rule_lines(text, "\r\n");
	return lines == NULL ? "5.1 line end" : rule_all_lines(lines, 0, lines->len);
}

static inline guint rule_foot_start(const GPtrArray *lines)
{
	guint foot = lines->len;
	while (foot > 0 && rule_is_notice(g_ptr_array_index(lines, foot - 1)))
		foot--;
	return foot;
}

/* Head and foot; ret: the lines between. */
static inline const char *rule_blocks(const GPtrArray *lines, guint *ret_from, guint *ret_past)
{
	guint head = 0, foot = rule_foot_start(lines);
	while (head < lines->len && rule_is_notice(g_ptr_array_index(lines, head)))
		head++;
	if (foot == lines->len || head > 3)
		return "5.5 no foot, or long head";
	if (head > 0 && *(const gunichar *)g_ptr_array_index(lines, head) != 0)
		return "5.5 empty line after the head";
	if (foot > 0 && *(const gunichar *)g_ptr_array_index(lines, foot - 1) != 0)
		return "5.5 empty line before the foot";
	if (head > 0 && foot < head + 3)
		return "5.5 head and foot touch";
	g_autofree char *first = g_ucs4_to_utf8(g_ptr_array_index(lines, foot), -1, NULL, NULL, NULL);
	g_autofree char *want = g_strdup_printf("【無害化】----- %u -----", lines->len - foot - 1);
	*ret_from = head;
	*ret_past = foot;
	return strcmp(first, want) != 0 || lines->len - foot < 2 ? "5.5 foot line" : NULL;
}

/* The text of a clean message. */
static inline const char *rule_message_text(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return "5.1 not UTF-8";
	g_autoptr(GPtrArray) lines = rule_lines(text, "\r\n");
	if (lines == NULL)
		return "5.1 line end";
	guint from = 0, past = 0;
	const char *broken = rule_blocks(lines, &from, &past);
	for (guint i = 0; i < lines->len && broken == NULL; i++)
		if (i < from || i >= past)
			broken = rule_notice_line(g_ptr_array_index(lines, i));
	return broken != NULL ? broken : rule_all_lines(lines, from, past);
}

#endif
