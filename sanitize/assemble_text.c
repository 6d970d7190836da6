/* assemble_text: a text of the mail -> lines that obey grammar 5.
 *
 * The steps come in this order, and none can undo one before it:
 *  1. clean_body_text: characters.
 *  2. Blocks with a begin line (uuencode, PGP, yEnc, BinHex) give way, in whole lines, to one
 *     line of ours; that line holds no such word. "begin" and many blanks becomes "begin" and
 *     one: what follows it is not a mode and a name, else it would have been a block. No other
 *     line changes.
 *  3. base64 runs, each taken out whole and replaced where it stood. The words put in hold
 *     CPs that end a run and that no run goes on over (conf/ demands round brackets at their
 *     ends), so what they stand in is neither a run nor a line that joins two:
 *      - A run within one line leaves its line's start and its end as they were, but for the
 *        words. If the run went on over the line's end and found nothing there, the next
 *        line begins with no CP of the alphabet (it would be in the run), so it is the same
 *        whether a run is open before it or not.
 *      - A run over several lines begins where its first line does, behind the quote marks,
 *        since only a line of nothing else is gone on over. So the line that is left is quote
 *        marks, our words and what followed the run in its last line, which begins with a CP
 *        that ended the run: its other runs and URLs are the ones it had.
 *      - A URL before a run ends where it did: at a CP between the two, or at the cap.
 *     No line gets another beginning than our words, so no begin line, no combining mark at
 *     a line's start can appear. Bidi controls were paired within each of the lines joined, so
 *     they still are. The one neighbour a run has had that ours is not: a digit before a
 *     variation selector, which goes too.
 *  4. Lines that imitate a notice get "> " before them. Quote marks do not count in 2 and 3,
 *     and such a line is neither empty nor all alphabet, before or after.
 */
#include "assemble_parts_priv.h"
#include "clean_text.h"

#include <string.h>

enum {
	BASE64_BLOCK = 64,
	DATA_LINE = 16, /* a run goes on over the end of lines of nothing but that many and more */
	URL_MAX = 2000,
	MODE_DIGITS_MAX = 6,
};

typedef struct {
	const char *at, *end; /* of a line, the line end not included */
} Line;

static Line line_at(const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));
	return (Line) { at, stop != NULL ? stop : end };
}

static const char *line_next(Line line, const char *end)
{
	return line.end < end ? line.end + 1 : end;
}

/* Bytes of the blank (SP, U+3000) that stands here, or 0. */
static size_t blank_at(const char *at, const char *end)
{
	if (at < end && *at == ' ')
		return 1;
	return end - at >= 3 && memcmp(at, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

/* Without leading blanks and quote marks. */
static Line line_unquoted(Line line)
{
	for (;;) {
		if (line.at < line.end && (*line.at == '>' || *line.at == '|'))
			line.at++;
		else if (blank_at(line.at, line.end) > 0)
			line.at += blank_at(line.at, line.end);
		else
			return line;
	}
}

static bool line_begins(Line line, const char *word)
{
	size_t length = strlen(word);
	/* Nearly every line differs in its first character. */
	return (size_t)(line.end - line.at) >= length &&
	       g_ascii_tolower(*line.at) == g_ascii_tolower(*word) &&
	       g_ascii_strncasecmp(line.at, word, length) == 0;
}

static bool line_is(Line line, const char *word)
{
	return (size_t)(line.end - line.at) == strlen(word) && line_begins(line, word);
}

/* ---- 2: blocks with a begin line ----------------------------------------------------------- */

static const char *skip_spaces(const char *at, const char *end)
{
	while (at < end && *at == ' ')
		at++;
	return at;
}

static bool is_begin(Line line, const char *word)
{
	if (!line_begins(line, word))
		return false;
	const char *after_word = line.at + strlen(word);
	const char *mode = skip_spaces(after_word, line.end);
	const char *stop = mode;
	while (stop < line.end && *stop >= '0' && *stop <= '7')
		stop++;
	bool digits = stop > mode && stop - mode <= MODE_DIGITS_MAX;
	return mode > after_word && digits && blank_at(stop, line.end) > 0;
}

static bool is_uuencode(Line line)
{
	return is_begin(line, "begin");
}

static bool is_begin_base64(Line line)
{
	return is_begin(line, "begin-base64");
}

static bool is_pgp(Line line)
{
	return line_begins(line, "-----BEGIN PGP MESSAGE");
}

static bool is_yenc(Line line)
{
	return line_begins(line, "=ybegin ");
}

static bool is_binhex(Line line)
{
	static const char words[] = "must be converted with binhex";
	for (; (size_t)(line.end - line.at) >= strlen(words); line.at++)
		if ((*line.at | 0x20) == 'm' && line_begins(line, words))
			return true;
	return false;
}

static bool is_alphabet(char c)
{
	return g_ascii_isalnum(c) || c == '+' || c == '/';
}

/* The length that its first character says, give or take blanks cut off and a check character. */
static bool is_uu_data(Line line)
{
	for (const char *at = line.at; at < line.end; at++)
		if (*at < 0x20 || *at > 0x60)
			return false;
	if (line.at == line.end)
		return false;
	long said = (((*line.at - 0x20) & 0x3F) + 2) / 3 * 4, there = (long)(line.end - line.at) - 1;
	return there <= said + 1 && there + 3 >= said;
}

static bool is_base64_data(Line line)
{
	if (line.at == line.end)
		return false;
	for (const char *at = line.at; at < line.end; at++)
		if (!is_alphabet(*at) && *at != '=')
			return false;
	return true;
}

/* The data lines that follow, and the end line. What does not look like data is a text, and
 * stays: a lone "begin 644 x" must not swallow the rest of a letter. */
static const char *data_end(const char *at, const char *end, bool (*is_data)(Line), const char *last)
{
	while (at < end) {
		Line line = line_at(at, end), inner = line_unquoted(line);
		if (line_is(inner, last))
			return line_next(line, end);
		if (!is_data(line) && !is_data(inner))
			return at;
		at = line_next(line, end);
	}
	return end;
}

static const char *uuencode_end(const char *at, const char *end)
{
	return data_end(at, end, is_uu_data, "end");
}

static const char *begin_base64_end(const char *at, const char *end)
{
	return data_end(at, end, is_base64_data, "====");
}

/* The fields that may stand in armour before its data (RFC 4880, 6.2). */
static bool is_armour_field(Line line)
{
	static const char *const fields[] = { "Version:", "Comment:", "MessageID:", "Hash:", "Charset:" };
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (line_begins(line, fields[i]))
			return true;
	return false;
}

/* Without its end line, up to the last line that can not be a word of a letter: a long one of
 * data, or the check sum. No other begin line is scanned over, so all of it is linear. */
static const char *pgp_end(const char *at, const char *end)
{
	const char *sure = at;
	while (at < end) {
		Line line = line_unquoted(line_at(at, end));
		const char *next = line_next(line, end);
		if (line_begins(line, "-----END PGP MESSAGE"))
			return next;
		bool data = is_base64_data(line);
		if (!data && !is_armour_field(line) && line.at < line.end)
			return sure;
		if (data && (line.end - line.at >= DATA_LINE || *line.at == '='))
			sure = next;
		at = next;
	}
	return sure;
}

/* yEnc data is any text. Without its end line, only the begin line goes. */
static const char *yenc_end(const char *at, const char *end)
{
	const char *start = at;
	while (at < end) {
		Line line = line_at(at, end);
		if (line_begins(line_unquoted(line), "=yend"))
			return line_next(line, end);
		at = line_next(line, end);
	}
	return start;
}

static bool is_binhex_data(Line line)
{
	for (const char *at = line.at; at < line.end; at++)
		if (*at <= 0x20 || *at > 0x7E)
			return false;
	return line.at < line.end;
}

static const char *binhex_end(const char *at, const char *end)
{
	const char *start = at;
	while (at < end && *at == '\n')
		at++;
	if (at == end || *line_unquoted(line_at(at, end)).at != ':')
		return start;
	while (at < end) {
		Line line = line_at(at, end), inner = line_unquoted(line);
		if (!is_binhex_data(inner))
			return at;
		at = line_next(line, end);
		if (inner.end - inner.at > 1 && inner.end[-1] == ':')
			return at;
	}
	return end;
}

typedef struct {
	bool (*begins)(Line unquoted);
	const char *(*end)(const char *at, const char *end);
} BlockKind;

static const BlockKind block_kinds[] = {
	{ is_uuencode, uuencode_end }, { is_begin_base64, begin_base64_end },
	{ is_pgp, pgp_end },           { is_yenc, yenc_end },
	{ is_binhex, binhex_end },
};

typedef struct {
	size_t start, end; /* of the text */
	size_t chars;
	bool blanks; /* one SP takes their place, nothing is lost */
} Cut;

/* Where the block ends that begins with this line; NULL if none does. */
static const char *block_end(Line line, const char *end, bool *yenc_open)
{
	Line inner = line_unquoted(line);
	for (size_t i = 0; i < G_N_ELEMENTS(block_kinds); i++) {
		if (!block_kinds[i].begins(inner))
			continue;
		const char *after = line_next(line, end);
		/* One search without success is enough, else a text of begin lines is quadratic. */
		if (*yenc_open && block_kinds[i].begins == is_yenc)
			return after;
		const char *stop = block_kinds[i].end(after, end);
		*yenc_open = *yenc_open || (stop == after && block_kinds[i].begins == is_yenc);
		return stop;
	}
	return NULL;
}

/* "begin", two or more SP and a word: old mail readers take the word for a name. */
static void add_begin_blanks(GArray *cuts, Line line, const char *text)
{
	Line inner = line_unquoted(line);
	if (!line_begins(inner, "begin  "))
		return;
	const char *start = inner.at + strlen("begin"), *stop = skip_spaces(start, inner.end);
	Cut cut = { (size_t)(start - text), (size_t)(stop - text), 0, true };
	g_array_append_val(cuts, cut);
}

static GArray *find_begin_blocks(const char *text, size_t bytes)
{
	GArray *cuts = g_array_new(FALSE, FALSE, sizeof(Cut));
	const char *end = text + bytes;
	bool yenc_open = false;
	for (const char *at = text; at < end;) {
		Line line = line_at(at, end);
		const char *stop = block_end(line, end, &yenc_open);
		if (stop == NULL) {
			add_begin_blanks(cuts, line, text);
			at = line_next(line, end);
			continue;
		}
		/* The last line end stays, for the line that takes the block's place. */
		const char *last = stop[-1] == '\n' ? stop - 1 : stop;
		Cut cut = { (size_t)(at - text), (size_t)(last - text), (size_t)g_utf8_strlen(at, last - at),
			    false };
		g_array_append_val(cuts, cut);
		at = stop;
	}
	return cuts;
}

/* ---- 3: base64 runs -------------------------------------------------------------------------- */

typedef struct {
	const char *text, *end;
	const char *start, *stop; /* of the run */
	size_t length;
	bool upper, lower, digit;
	GArray *cuts;
} RunFinder;

/* The padding and a selector for the last digit go with the run. */
static const char *run_tail(const char *at, const char *end)
{
	for (unsigned pads = 0; at < end;) {
		if (*at == '=' && pads < 2) {
			at++;
			pads++;
		} else if (end - at >= 3 && memcmp(at, "\xEF\xB8", 2) == 0 &&
		           (at[2] == '\x8E' || at[2] == '\x8F')) {
			at += 3;
		} else {
			return at;
		}
	}
	return at;
}

static void run_end(RunFinder *finder)
{
	if (finder->length >= BASE64_BLOCK && finder->upper && finder->lower && finder->digit) {
		const char *stop = run_tail(finder->stop, finder->end);
		Cut cut = { (size_t)(finder->start - finder->text), (size_t)(stop - finder->text),
			    finder->length, false };
		g_array_append_val(finder->cuts, cut);
	}
	finder->length = 0;
	finder->upper = finder->lower = finder->digit = false;
}

static void run_add(RunFinder *finder, const char *at)
{
	if (finder->length++ == 0)
		finder->start = at;
	finder->stop = at + 1;
	finder->upper |= *at >= 'A' && *at <= 'Z';
	finder->lower |= *at >= 'a' && *at <= 'z';
	finder->digit |= *at >= '0' && *at <= '9';
}

/* "://", "[:]//", ... */
static bool is_scheme_end(const char *at, const char *end)
{
	at += at < end && *at == '[';
	if (at == end || *at != ':')
		return false;
	at++;
	at += at < end && *at == ']';
	return end - at >= 2 && at[0] == '/' && at[1] == '/';
}

static bool is_url(const char *at, const char *end)
{
	static const char *const schemes[] = { "http", "https", "ftp", "hxxp", "hxxps" };
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		size_t length = strlen(schemes[i]);
		if ((size_t)(end - at) > length && g_ascii_strncasecmp(at, schemes[i], length) == 0 &&
		    is_scheme_end(at + length, end))
			return true;
	}
	return false;
}

/* Asked at every character: the first two letters, before the schemes are compared. */
static bool may_be_url(const char *at, const char *end)
{
	char first = (char)(*at | 0x20), second = end - at > 1 ? (char)(at[1] | 0x20) : '\0';
	return (first == 'h' && (second == 't' || second == 'x')) || (first == 'f' && second == 't');
}

static const char *url_end(const char *at, const char *end)
{
	const char *limit = end - at > URL_MAX ? at + URL_MAX : end;
	while (at<limit && * at> ' ' && *at <= '~' && *at != '<' && *at != '>' && *at != '"')
		at++;
	return at;
}

static void run_scan_line(RunFinder *finder, Line line)
{
	for (const char *at = line.at; at < line.end;) {
		if (may_be_url(at, line.end) && is_url(at, line.end)) {
			run_end(finder);
			at = url_end(at, line.end);
			continue;
		}
		if (is_alphabet(*at))
			run_add(finder, at);
		else if (finder->length > 0)
			run_end(finder);
		at++;
	}
}

/* Of an unquoted line: without trailing blanks, when nothing but alphabet is left, and enough
 * of it; else the line is not gone on over, and the result is empty. Words of a list, each in
 * its line, are shorter: they must not add up to a run. */
static Line data_of(Line line)
{
	const char *at = line.at;
	while (at < line.end && is_alphabet(*at))
		at++;
	Line data = { line.at, at };
	while (blank_at(at, line.end) > 0)
		at += blank_at(at, line.end);
	return at == line.end && data.end - data.at >= DATA_LINE ? data : (Line) { at, at };
}

static void find_runs_line(RunFinder *finder, Line line)
{
	Line inner = line_unquoted(line), data = data_of(inner);
	if (line.at < line.end && inner.at == inner.end)
		return;
	bool goes_on = data.at < data.end;
	run_scan_line(finder, goes_on ? data : inner);
	if (!goes_on)
		run_end(finder);
}

static GArray *find_runs(const char *text, size_t bytes)
{
	RunFinder finder = { .text = text, .end = text + bytes };
	finder.cuts = g_array_new(FALSE, FALSE, sizeof(Cut));
	for (const char *at = text; at < finder.end;) {
		Line line = line_at(at, finder.end);
		find_runs_line(&finder, line);
		at = line_next(line, finder.end);
	}
	run_end(&finder);
	return finder.cuts;
}

/* ---- both ------------------------------------------------------------------------------------- */

static void take_out(CleanText *clean, GArray *cuts, const Notices *notices)
{
	g_autoptr(GArray) owned = cuts;
	if (owned->len == 0)
		return;
	GString *kept = g_string_sized_new(clean->bytes + 1);
	size_t at = 0;
	for (guint i = 0; i < owned->len; i++) {
		const Cut *cut = &g_array_index(owned, Cut, i);
		g_autofree char *instead =
		        cut->blanks ? g_strdup(" ") : notice_block_line(notices, cut->chars);
		g_string_append_len(kept, clean->text + at, (gssize)(cut->start - at));
		g_string_append(kept, instead);
		at = cut->end;
		clean->blocks += !cut->blanks;
		clean->block_chars += cut->chars;
	}
	g_string_append_len(kept, clean->text + at, (gssize)(clean->bytes - at));
	g_free(clean->text);
	clean->bytes = kept->len;
	clean->text = g_string_free(kept, FALSE);
}

void clean_text_prepare(CleanText *clean, const char *text, const Notices *notices)
{
	*clean = (CleanText) { 0 };
	clean->text = clean_body_text(text, strlen(text), &clean->removed);
	clean->bytes = strlen(clean->text);
	take_out(clean, find_begin_blocks(clean->text, clean->bytes), notices);
	take_out(clean, find_runs(clean->text, clean->bytes), notices);
}

void clean_text_clear(CleanText *clean)
{
	g_clear_pointer(&clean->text, g_free);
}

/* ---- 4: lines that imitate a notice ---------------------------------------------------------- */

/* What clean_body_text leaves of invisible CPs and bidi controls, and more. */
static bool is_invisible(gunichar c)
{
	return c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0000 && c <= 0xE0FFF);
}

static bool is_unseen(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_FORMAT || type == G_UNICODE_NON_SPACING_MARK ||
	       type == G_UNICODE_ENCLOSING_MARK || type == G_UNICODE_SPACE_SEPARATOR || c == 0x2800;
}

static bool is_notice_bracket(gunichar c)
{
	static const char brackets[] = "[［【〔「(（<＜《〈『｢";
	return g_utf8_strchr(brackets, -1, c) != NULL;
}

static bool is_bracket(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_OPEN_PUNCTUATION || type == G_UNICODE_INITIAL_PUNCTUATION || c == '<' ||
	       c == 0xFF1C;
}

typedef bool (*CharTest)(gunichar c);

/* The next code point that is not left out, small and half width; 0 at the end. */
static gunichar next_seen(const char **at, const char *end, CharTest left_out)
{
	while (*at < end) {
		gunichar c = g_utf8_get_char(*at);
		*at = g_utf8_next_char(*at);
		if (left_out(c))
			continue;
		if (c >= 0xFF01 && c <= 0xFF5E)
			c -= 0xFF01 - '!';
		return c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : c;
	}
	return 0;
}

static bool seen_is(const char *at, const char *end, const char *word, CharTest left_out)
{
	for (; *word != '\0'; word = g_utf8_next_char(word))
		if (next_seen(&at, end, left_out) != g_utf8_get_char(word))
			return false;
	return true;
}

static bool names_us(const char *at, const char *end, CharTest left_out)
{
	return seen_is(at, end, "無害化", left_out) || seen_is(at, end, "mugai", left_out);
}

/* May a bracket of the grammar begin with this byte? */
static bool is_bracket_lead(const char *at)
{
	return *at == '[' || *at == '(' || *at == '<' || *at == '\xEF' || (*at == '\xE3' && at[1] == '\x80');
}

/* What the grammar forbids. A reader may break lines anywhere, so a notice in the middle of a
 * line can be shown at the start of one. */
static bool imitates_anywhere(Line line)
{
	for (const char *at = line.at; at < line.end; at++)
		if (is_bracket_lead(at) && is_notice_bracket(g_utf8_get_char(at)) &&
		    names_us(g_utf8_next_char(at), line.end, is_invisible))
			return true;
	return false;
}

/* More than the grammar forbids: blanks, marks and signs of all kinds before and inside. */
static bool imitates_at_start(Line line)
{
	for (const char *at = line.at; at < line.end; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (g_unichar_isalnum(c))
			return false;
		if (is_bracket(c) && names_us(g_utf8_next_char(at), line.end, is_unseen))
			return true;
	}
	return false;
}

static bool line_imitates(Line line)
{
	bool quoted = line.at < line.end && *line.at == '>';
	return !quoted && (imitates_anywhere(line) || imitates_at_start(line));
}

static char *without_blanks(const char *text)
{
	GString *bare = g_string_new(NULL);
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
		if (!is_unseen(g_utf8_get_char(at)))
			g_string_append_unichar(bare, g_unichar_tolower(g_utf8_get_char(at)));
	return g_string_free(bare, FALSE);
}

bool clean_text_imitates(const char *text, const char *gateway)
{
	Line line = { text, text + strlen(text) };
	g_autofree char *name = without_blanks(gateway);
	if (imitates_anywhere(line) || imitates_at_start(line))
		return true;
	for (const char *at = line.at; *name != '\0' && at < line.end; at = g_utf8_next_char(at))
		if (seen_is(at, line.end, name, is_unseen))
			return true;
	return false;
}

static bool line_is_blank(Line line)
{
	for (const char *at = line.at; at < line.end; at = g_utf8_next_char(at))
		if (!g_unichar_isspace(g_utf8_get_char(at)))
			return false;
	return true;
}

/* Without the blank lines at both ends: one empty line before the foot must be exactly one. */
static Line text_trimmed(const CleanText *clean)
{
	Line all = { clean->text, clean->text + clean->bytes };
	for (Line line = line_at(all.at, all.end); all.at < all.end && line_is_blank(line);
	     line = line_at(all.at, all.end))
		all.at = line_next(line, all.end);
	while (all.end > all.at) {
		const char *start = memrchr(all.at, '\n', (size_t)(all.end - all.at));
		if (!line_is_blank((Line) { start != NULL ? start + 1 : all.at, all.end }))
			break;
		all.end = start != NULL ? start : all.at;
	}
	return all;
}

uint64_t clean_text_write(const CleanText *clean, const char *empty_line, GString *out)
{
	Line all = text_trimmed(clean);
	if (all.at == all.end)
		g_string_append_printf(out, "%s\r\n", empty_line);
	uint64_t escaped = 0;
	for (const char *at = all.at; at < all.end;) {
		Line line = line_at(at, all.end);
		if (line_imitates(line)) {
			g_string_append(out, "> ");
			escaped++;
		}
		g_string_append_len(out, line.at, line.end - line.at);
		g_string_append(out, "\r\n");
		at = line_next(line, all.end);
	}
	return escaped;
}
