/* assemble_text: a text of the mail -> lines that obey grammar 5.
 *
 * The steps come in this order, and none can undo one before it:
 *  1. clean_body_text: characters.
 *  2. Blocks with a begin line (uuencode, yEnc, BinHex) give way to one line of ours. That
 *     line holds no such word, and no other line changes.
 *  3. base64 runs, each taken out whole and replaced where it stood. The words put in hold
 *     CPs that end a run, so two runs can never join; what stood before the run still begins
 *     its line and what followed it never begins one, so no begin line, no combining mark at
 *     a line's start and no notice line can appear. A run can span lines; then what follows
 *     joins what stood before. Bidi controls were paired within each of those lines, so they
 *     still are. The one neighbour a run has had that ours is not: a digit before a variation
 *     selector, which goes too.
 *  4. Lines that imitate a notice get "> " before them. Quote marks do not count in 2 and 3.
 */
#include "assemble_parts_priv.h"
#include "clean_text.h"

#include <string.h>

enum { BASE64_BLOCK = 64, URL_MAX = 2000 };

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

/* Without leading blanks and quote marks. */
static Line line_unquoted(Line line)
{
	for (;;) {
		if (line.at < line.end && (*line.at == ' ' || *line.at == '>' || *line.at == '|'))
			line.at++;
		else if (line.end - line.at >= 3 && memcmp(line.at, "\xE3\x80\x80", 3) == 0)
			line.at += 3;
		else
			return line;
	}
}

static bool line_begins(Line line, const char *word)
{
	size_t length = strlen(word);
	return (size_t)(line.end - line.at) >= length && g_ascii_strncasecmp(line.at, word, length) == 0;
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
	bool digits = stop - mode == 3 || stop - mode == 4;
	return mode > after_word && digits && stop < line.end && *stop == ' ';
}

static bool is_uuencode(Line line)
{
	return is_begin(line, "begin");
}

static bool is_begin_base64(Line line)
{
	return is_begin(line, "begin-base64");
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
	{ is_uuencode, uuencode_end },
	{ is_begin_base64, begin_base64_end },
	{ is_yenc, yenc_end },
	{ is_binhex, binhex_end },
};

typedef struct {
	size_t start, end; /* of the text */
	size_t chars;
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

static GArray *find_begin_blocks(const char *text, size_t bytes)
{
	GArray *cuts = g_array_new(FALSE, FALSE, sizeof(Cut));
	const char *end = text + bytes;
	bool yenc_open = false;
	for (const char *at = text; at < end;) {
		Line line = line_at(at, end);
		const char *stop = block_end(line, end, &yenc_open);
		if (stop == NULL) {
			at = line_next(line, end);
			continue;
		}
		/* The last line end stays, for the line that takes the block's place. */
		const char *last = stop[-1] == '\n' ? stop - 1 : stop;
		Cut cut = { (size_t)(at - text), (size_t)(last - text),
			    (size_t)g_utf8_strlen(at, last - at) };
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
			    finder->length };
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
		char small = (char)(*at | 0x20);
		if ((small == 'h' || small == 'f') && is_url(at, line.end)) {
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

/* Only a line with nothing at all ends a run; one with quote marks alone does not. */
static GArray *find_runs(const char *text, size_t bytes)
{
	RunFinder finder = { .text = text, .end = text + bytes };
	finder.cuts = g_array_new(FALSE, FALSE, sizeof(Cut));
	for (const char *at = text; at < finder.end;) {
		Line line = line_at(at, finder.end);
		if (line.at == line.end)
			run_end(&finder);
		else
			run_scan_line(&finder, line_unquoted(line));
		at = line_next(line, finder.end);
	}
	run_end(&finder);
	return finder.cuts;
}

/* ---- both ------------------------------------------------------------------------------------- */

static void take_out(CleanText *clean, GArray *cuts, NoticeLanguage language)
{
	g_autoptr(GArray) owned = cuts;
	if (owned->len == 0)
		return;
	GString *kept = g_string_sized_new(clean->bytes + 1);
	size_t at = 0;
	for (guint i = 0; i < owned->len; i++) {
		const Cut *cut = &g_array_index(owned, Cut, i);
		g_autofree char *instead = notice_block_line(language, cut->chars);
		g_string_append_len(kept, clean->text + at, (gssize)(cut->start - at));
		g_string_append(kept, instead);
		at = cut->end;
		clean->blocks++;
		clean->block_chars += cut->chars;
	}
	g_string_append_len(kept, clean->text + at, (gssize)(clean->bytes - at));
	g_free(clean->text);
	clean->bytes = kept->len;
	clean->text = g_string_free(kept, FALSE);
}

void clean_text_prepare(CleanText *clean, const char *text, NoticeLanguage language)
{
	*clean = (CleanText) { 0 };
	clean->text = clean_body_text(text, strlen(text), &clean->removed);
	clean->bytes = strlen(clean->text);
	take_out(clean, find_begin_blocks(clean->text, clean->bytes), language);
	take_out(clean, find_runs(clean->text, clean->bytes), language);
}

void clean_text_clear(CleanText *clean)
{
	g_clear_pointer(&clean->text, g_free);
}

/* ---- 4: lines that imitate a notice ---------------------------------------------------------- */

static bool is_unseen(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_FORMAT || type == G_UNICODE_NON_SPACING_MARK ||
	       type == G_UNICODE_ENCLOSING_MARK || type == G_UNICODE_SPACE_SEPARATOR || c == 0x2800;
}

static bool is_bracket(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_OPEN_PUNCTUATION || type == G_UNICODE_INITIAL_PUNCTUATION || c == '<' ||
	       c == 0xFF1C;
}

/* The next code point that an eye sees, small and half width; 0 at the end. */
static gunichar next_seen(const char **at, const char *end)
{
	while (*at < end) {
		gunichar c = g_utf8_get_char(*at);
		*at = g_utf8_next_char(*at);
		if (c >= 0xFF01 && c <= 0xFF5E)
			c -= 0xFF01 - '!';
		if (!is_unseen(c))
			return c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : c;
	}
	return 0;
}

static bool seen_is(const char *at, const char *end, const char *word)
{
	for (; *word != '\0'; word = g_utf8_next_char(word))
		if (next_seen(&at, end) != g_utf8_get_char(word))
			return false;
	return true;
}

static bool line_imitates(Line line)
{
	const char *at = line.at;
	if (at == line.end || g_ascii_isalnum(*at))
		return false;
	if (!is_bracket(next_seen(&at, line.end)))
		return false;
	return seen_is(at, line.end, "無害化") || seen_is(at, line.end, "mugai");
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
