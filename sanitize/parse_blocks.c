/* parse_blocks: files that ride along inside a text, where they begin, and what is left in their place.
 *
 * Old mail readers decode such blocks by themselves, so a text that holds one is an attachment that no
 * scanner has seen. The jailed parser takes them out and hands their bytes on as parts. What is left obeys
 * grammar 5.4 by itself; the assembler looks once more, since this process may lie.
 *
 * A begin line without data is a sentence ("begin 644 is a good start"): it stays, with U+3000 for the blanks
 * that make it a begin line.
 */
#include "parse_blocks_priv.h"

#include <string.h>

static const size_t longest_text = G_MAXINT32;
static const char mark_start[] = "\x01\x02", mark_end[] = "\x02\x01";

enum {
	MARK_DIGITS = 19,
	LINE_LEAST = 36, /* bytes of a line of ours, in English and with one digit */
};

void parse_block_free(gpointer data)
{
	ParseBlock *block = data;

	if (block == NULL)
		return;
	g_free(block->name);
	if (block->bytes != NULL)
		g_byte_array_unref(block->bytes);
	g_free(block);
}

/* ---- blocks and cuts
 * ------------------------------------------------------------------------------------------ */

void parse_blocks_add(BlockScan *scan, ParseBlockKind kind, ParseRange name, GByteArray *bytes, bool damaged)
{
	if (bytes == NULL)
		bytes = g_byte_array_new();
	scan->room -= MIN(scan->room, (size_t)bytes->len);
	if (scan->blocks->len >= PARSE_BLOCKS_MAX) {
		g_byte_array_unref(bytes);
		return;
	}
	ParseBlock *block = g_new0(ParseBlock, 1);
	*block = (ParseBlock) { kind, parse_words_line(name, SIZE_MAX, NULL, NULL), bytes, damaged };
	parse_cut_middle(block->name, PARSE_NAME_BYTES, PARSE_NAME_END);
	g_ptr_array_add(scan->blocks, block);
}

void parse_blocks_cut(BlockScan *scan, size_t start, size_t end, CutKind kind)
{
	const Cut cut = { start, end, end - start, kind };

	if ((int64_t)start + scan->grown > (int64_t)scan->max_out)
		return;
	scan->grown += (kind == CUT_BLOCK ? LINE_LEAST : 1) - (int64_t)(end - start);
	g_array_append_val(scan->cuts, cut);
}

static bool is_layout(ParseRange text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (memchr(" \n>|", text.bytes[i], 4) == NULL)
			return false;
	}
	return true;
}

void parse_blocks_cut_joined(BlockScan *scan, size_t start, size_t end)
{
	Cut *last = scan->cuts->len > 0 ? &g_array_index(scan->cuts, Cut, scan->cuts->len - 1) : NULL;
	const ParseRange between = { scan->text.bytes + (last != NULL ? last->end : 0),
		                     last != NULL ? start - last->end : 0 };

	if (last == NULL || last->kind != CUT_BLOCK || !is_layout(between)) {
		parse_blocks_cut(scan, start, end, CUT_BLOCK);
		return;
	}
	scan->grown -= (int64_t)(end - last->end);
	last->characters += end - start;
	last->end = end;
}

GByteArray *parse_blocks_base64(const BlockScan *scan, ParseRange data, bool *damaged)
{
	GByteArray *bytes = g_byte_array_new();
	size_t most = scan->room / 3 * 4;

	if (data.length > most) {
		data.length = most;
		*damaged = true;
	}
	parse_decode_base64_append(bytes, data);
	return bytes;
}

static BlockScan scan_new(ParseRange text, size_t max_out, GPtrArray *blocks)
{
	size_t used = 0;

	for (guint i = 0; i < blocks->len; i++)
		used += ((const ParseBlock *)g_ptr_array_index(blocks, i))->bytes->len;
	return (BlockScan) {
		.text = text,
		.blocks = blocks,
		.room = PARSE_BLOCKS_BYTES - MIN(used, (size_t)PARSE_BLOCKS_BYTES),
		.cuts = g_array_new(FALSE, FALSE, sizeof(Cut)),
		.last_yend = SIZE_MAX,
		.max_out = max_out,
	};
}

/* notice_block_line() says the same of what the assembler takes out; it is trusted code and not linked here.
 */
void parse_blocks_line(GString *out, bool english, uint64_t characters)
{
	if (english)
		g_string_append_printf(out, "(encoded data removed: %" G_GUINT64_FORMAT " characters)",
		                       characters);
	else
		g_string_append_printf(
		        out, "（符号化されたデータ %" G_GUINT64_FORMAT " 文字を取り除きました）", characters);
}

static void add_mark(GString *out, bool english, uint64_t characters)
{
	(void)english;
	g_string_append_printf(out, "%s%" G_GUINT64_FORMAT "%s", mark_start, characters, mark_end);
}

typedef void (*Instead)(GString *out, bool english, uint64_t characters);

/* As much of it as there is room for, in whole characters; what no longer fits ends the text. */
static bool append_within(GString *kept, const char *text, size_t length, size_t max)
{
	size_t room = max - MIN(max, kept->len), take = MIN(length, room);

	while (take > 0 && take < length && ((uint8_t)text[take] & 0xc0) == 0x80)
		take--;
	g_string_append_len(kept, text, (gssize)take);
	return take == length;
}

static bool append_instead(GString *kept, const Cut *cut, bool english, Instead instead, size_t max)
{
	g_autoptr(GString) line = g_string_new(NULL);

	if (cut->kind == CUT_BLANK)
		g_string_append(line, "\xe3\x80\x80");
	else if (cut->kind == CUT_SPACE)
		g_string_append_c(line, ' ');
	else
		instead(line, english, cut->characters);
	if (line->len > max - MIN(max, kept->len))
		return false;
	g_string_append_len(kept, line->str, (gssize)line->len);
	return true;
}

/* NULL when nothing was cut. Ends the scan. */
static GString *scan_finish(BlockScan *scan, bool english, Instead instead, bool *ret_whole)
{
	g_autoptr(GArray) cuts = g_steal_pointer(&scan->cuts);
	const char *text = (const char *)scan->text.bytes;
	size_t at = 0;
	bool whole = true;

	if (cuts->len == 0)
		return NULL;
	GString *kept = g_string_sized_new(MIN(scan->text.length, scan->max_out) + 1);
	for (guint i = 0; whole && i < cuts->len; i++) {
		const Cut *cut = &g_array_index(cuts, Cut, i);
		whole = append_within(kept, text + at, cut->start - at, scan->max_out) &&
		        append_instead(kept, cut, english, instead, scan->max_out);
		at = cut->end;
	}
	*ret_whole = whole && append_within(kept, text + at, scan->text.length - at, scan->max_out);
	return kept;
}

bool parse_blocks_is_mark(const char *line, size_t length)
{
	return length >= strlen(mark_start) && memcmp(line, mark_start, strlen(mark_start)) == 0;
}

void parse_blocks_unmark(GString *text, bool english)
{
	const char *end = text->str + text->len;
	const char *at = memmem(text->str, text->len, mark_start, strlen(mark_start));

	if (at == NULL)
		return;
	g_autoptr(GString) out = g_string_new_len(text->str, at - text->str);
	while (at < end) {
		const char *digits = at + strlen(mark_start), *stop = digits;
		bool mark = parse_blocks_is_mark(at, (size_t)(end - at));
		while (mark && stop < end && g_ascii_isdigit(*stop) && stop - digits < MARK_DIGITS)
			stop++;
		if (mark && stop > digits && end - stop >= 2 && memcmp(stop, mark_end, 2) == 0) {
			parse_blocks_line(out, english, g_ascii_strtoull(digits, NULL, 10));
			at = stop + strlen(mark_end);
		} else {
			g_string_append_c(out, *at++);
		}
	}
	g_string_truncate(text, 0);
	g_string_append_len(text, out->str, (gssize)out->len);
}

/* ---- lines
 * ---------------------------------------------------------------------------------------------------- */

static size_t blank_length(ParseRange line, size_t at)
{
	if (at < line.length && (line.bytes[at] == ' ' || line.bytes[at] == '\t'))
		return 1;
	return line.length - at >= 3 && memcmp(line.bytes + at, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

size_t parse_blocks_quote(ParseRange line)
{
	size_t at = 0, blank = 0;

	while (at < line.length) {
		blank = blank_length(line, at);
		if (blank == 0 && line.bytes[at] != '>' && line.bytes[at] != '|')
			return at;
		at += blank > 0 ? blank : 1;
	}
	return at;
}

bool parse_blocks_begins(ParseRange line, const char *word)
{
	size_t length = strlen(word);

	/* nearly every line differs in its first character */
	return line.length >= length && g_ascii_tolower((char)line.bytes[0]) == g_ascii_tolower(word[0]) &&
	       g_ascii_strncasecmp((const char *)line.bytes, word, length) == 0;
}

static size_t peek_end(const BlockLines *lines, size_t *ret_next)
{
	size_t end = 0;

	*ret_next = parse_next_line(lines->text, lines->at, &end);
	return end;
}

static bool starts_with(ParseRange line, ParseRange start)
{
	return line.length >= start.length && memcmp(line.bytes, start.bytes, start.length) == 0;
}

/* With the same marks as the begin line; data may itself begin with `>`, so no more of them go. */
bool parse_blocks_peek(const BlockLines *lines, ParseRange *ret_line)
{
	ParseRange quote = lines->quote;
	size_t next = 0;

	if (lines->at >= lines->text.length)
		return false;
	*ret_line = (ParseRange) { lines->text.bytes + lines->at, peek_end(lines, &next) - lines->at };
	/* an empty line may have lost the blank behind its marks */
	if (!starts_with(*ret_line, quote))
		while (quote.length > 0 && quote.bytes[quote.length - 1] == ' ')
			quote.length--;
	if (starts_with(*ret_line, quote)) {
		ret_line->bytes += quote.length;
		ret_line->length -= quote.length;
	}
	return true;
}

void parse_blocks_take(BlockLines *lines)
{
	size_t next = 0;

	lines->end = peek_end(lines, &next);
	lines->at = next;
}

/* ---- begin lines
 * ------------------------------------------------------------------------------------------------ */

static size_t skip_spaces(ParseRange line, size_t at)
{
	while (at < line.length && line.bytes[at] == ' ')
		at++;
	return at;
}

static bool blank_word(ParseRange line, const char *word, size_t base, BlockScan *scan)
{
	size_t length = strlen(word), after = parse_blocks_begins(line, word) ? skip_spaces(line, length) : 0;

	if (after <= length)
		return false;
	if (scan != NULL)
		parse_blocks_cut(scan, base + length, base + after, CUT_BLANK);
	return true;
}

static bool is_octal(uint8_t c)
{
	return c >= '0' && c <= '7';
}

/* `begin`, blanks, a mode, and a name or nothing; or `begin`, two blanks or more, and a name. */
static bool is_begin(ParseRange line, const char *word)
{
	size_t length = strlen(word);

	if (!parse_blocks_begins(line, word))
		return false;
	size_t mode = skip_spaces(line, length), at = mode;
	while (at < line.length && is_octal(line.bytes[at]))
		at++;
	bool digits = at > mode && (at == line.length || blank_length(line, at) > 0);
	return mode > length && (digits || (mode > length + 1 && mode < line.length));
}

static bool is_uuencode(ParseRange line)
{
	return is_begin(line, "begin");
}

static bool is_begin_base64(ParseRange line)
{
	return is_begin(line, "begin-base64");
}

static bool is_yenc(ParseRange line)
{
	return parse_blocks_begins(line, "=ybegin ");
}

static bool is_btoa(ParseRange line)
{
	return parse_blocks_begins(line, "xbtoa begin");
}

static bool is_pgp(ParseRange line)
{
	return parse_blocks_begins(line, "-----BEGIN PGP MESSAGE");
}

/* Length of the words at the start of the text, with any number of blanks between them; 0: others are there.
 */
static size_t binhex_words(ParseRange text)
{
	static const char *const words[] = { "must", "be", "converted", "with", "binhex" };
	size_t at = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t word = i > 0 ? skip_spaces(text, at) : at;
		if (i > 0 && word == at)
			return 0;
		at = word + strlen(words[i]);
		if (!parse_blocks_begins((ParseRange) { text.bytes + word, text.length - word }, words[i]))
			return 0;
	}
	return at;
}

/* Offset of the words, or the line's length. */
static size_t binhex_at(ParseRange line, size_t at)
{
	for (; at < line.length; at++) {
		const ParseRange rest = { line.bytes + at, line.length - at };
		if ((rest.bytes[0] | 0x20) == 'm' && binhex_words(rest) > 0)
			return at;
	}
	return line.length;
}

static bool is_binhex(ParseRange line)
{
	return binhex_at(line, 0) < line.length;
}

/* Some readers take the data without the words. */
static bool is_bare_binhex(ParseRange line)
{
	return line.length > 0 && line.bytes[0] == ':';
}

typedef struct {
	bool (*begins)(ParseRange line);
	BlockDecoder decode;
} BlockType;

static const BlockType block_types[] = {
	{ is_uuencode, parse_blocks_uuencode },
	{ is_begin_base64, parse_blocks_begin_base64 },
	{ is_yenc, parse_blocks_yenc },
	{ is_pgp, parse_blocks_pgp },
	{ is_binhex, parse_blocks_binhex },
	{ is_btoa, parse_blocks_btoa },
	{ is_bare_binhex, parse_blocks_bare_binhex },
};

/* A begin line that begins nothing: it stays readable, and is none any more. */
static void disarm(BlockScan *scan, ParseRange line)
{
	size_t base = (size_t)(line.bytes - scan->text.bytes);
	bool done = blank_word(line, "begin", base, scan) || blank_word(line, "begin-base64", base, scan) ||
	            blank_word(line, "=ybegin", base, scan);

	if (!done && is_pgp(line))
		blank_word(line, "-----BEGIN", base, scan);
	for (size_t at = binhex_at(line, 0); at < line.length; at = binhex_at(line, at + 1)) {
		size_t blank = at + strlen("must");
		parse_blocks_cut(scan, base + blank, base + skip_spaces(line, blank), CUT_BLANK);
	}
}

/* True: a block was taken out, and *next is behind it. */
static bool take_block(BlockScan *scan, size_t start, size_t end, size_t *next, bool *ret_begins)
{
	const ParseRange whole = { scan->text.bytes + start, end - start };
	size_t quote = parse_blocks_quote(whole);
	const ParseRange line = { whole.bytes + quote, whole.length - quote };

	*ret_begins = false;
	for (size_t i = 0; i < G_N_ELEMENTS(block_types); i++) {
		if (!block_types[i].begins(line))
			continue;
		BlockLines lines = { scan->text, *next, end, { whole.bytes, quote } };
		*ret_begins = true;
		if (!block_types[i].decode(scan, line, &lines))
			continue;
		parse_blocks_cut(scan, start, lines.end, CUT_BLOCK);
		*next = lines.at;
		return true;
	}
	return false;
}

static void find_begin_lines(BlockScan *scan, bool disarming)
{
	for (size_t at = 0, end = 0; at < scan->text.length;) {
		size_t next = parse_next_line(scan->text, at, &end);
		bool begins = false;
		if (!take_block(scan, at, end, &next, &begins) && begins && disarming) {
			const ParseRange line = { scan->text.bytes + at, end - at };
			size_t quote = parse_blocks_quote(line);
			disarm(scan, (ParseRange) { line.bytes + quote, line.length - quote });
		}
		at = next;
	}
}

/* ---- the two stages
 * ------------------------------------------------------------------------------------------------ */

void parse_blocks_raw(GByteArray *bytes, bool english, GPtrArray *blocks)
{
	BlockScan scan = scan_new((ParseRange) { bytes->data, bytes->len }, longest_text, blocks);
	bool whole = true;

	find_begin_lines(&scan, false);
	GString *kept = scan_finish(&scan, english, add_mark, &whole);
	if (kept == NULL)
		return;
	g_byte_array_set_size(bytes, 0);
	g_byte_array_append(bytes, (const guint8 *)kept->str, (guint)kept->len);
	g_string_free(kept, TRUE);
}

static void disarming_search(BlockScan *scan)
{
	find_begin_lines(scan, true);
}

typedef struct {
	void (*search)(BlockScan *);
	bool again; /* only if one since it was last made has cut anything */
} Search;

/* In this order: none can bring back what one before it took out, but for these. The blank behind a `+` ends
 * a URL and parts groups; it comes late all the same, or it would break up base64. And lines in a row can be
 * base64 when another was taken from between them. */
static const Search searches[] = {
	{ disarming_search, false },        { parse_blocks_ascii85, false },
	{ parse_blocks_data_urls, false },  { parse_blocks_sure_lines, false },
	{ parse_blocks_rows, false },       { parse_blocks_uneven_rows, false },
	{ parse_blocks_groups, false },     { parse_blocks_runs, false },
	{ parse_blocks_utf7, false },       { parse_blocks_groups, true },
	{ parse_blocks_runs, true },        { parse_blocks_rows, true },
	{ parse_blocks_uneven_rows, true }, { parse_blocks_drawings, false },
};

static bool changed_since(const bool changed[static G_N_ELEMENTS(searches)], size_t now)
{
	for (size_t i = now; i-- > 0;) {
		if (changed[i])
			return true;
		if (searches[i].search == searches[now].search)
			return false;
	}
	return false;
}

bool parse_blocks_text_max(GString *text, bool english, uint64_t max_out, GPtrArray *blocks)
{
	bool changed[G_N_ELEMENTS(searches)] = { false }, cut = false;

	for (size_t i = 0; i < G_N_ELEMENTS(searches); i++) {
		bool whole = true;
		if (searches[i].again && !changed_since(changed, i))
			continue;
		BlockScan scan = scan_new((ParseRange) { (const uint8_t *)text->str, text->len },
		                          MIN(max_out, longest_text), blocks);
		searches[i].search(&scan);
		GString *kept = scan_finish(&scan, english, parse_blocks_line, &whole);
		if (kept == NULL)
			continue;
		changed[i] = true;
		cut |= !whole;
		/* not copied: a third of such a text would be too much */
		const GString before = *text;
		*text = *kept;
		*kept = before;
		g_string_free(kept, TRUE);
	}
	return cut;
}

void parse_blocks_text(GString *text, bool english, GPtrArray *blocks)
{
	parse_blocks_text_max(text, english, longest_text, blocks);
}
