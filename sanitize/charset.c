/* charset: which character set a text is in, and its reading in pieces. See charset_priv.h. */
#include "charset_priv.h"

#include <string.h>

enum { PIECE = 4096, WRITER_ROOM = 8, REPAIR_SCORE = 3, LINES_MAX = 20000 };

static const CharsetDecoder decoders[CHARSET_SINGLE_FIRST] = {
	[CHARSET_UNKNOWN] = charset_utf8_read,
	[CHARSET_US_ASCII] = charset_utf8_read,
	[CHARSET_UTF_8] = charset_utf8_read,
	[CHARSET_ISO_2022_JP] = charset_jis_read,
	[CHARSET_SHIFT_JIS] = charset_sjis_read,
	[CHARSET_EUC_JP] = charset_euc_read,
	[CHARSET_WINDOWS_1252] = charset_single_read,
	[CHARSET_UTF_16] = charset_utf16_read,
	[CHARSET_UTF_16LE] = charset_utf16_read,
	[CHARSET_UTF_16BE] = charset_utf16_read,
	[CHARSET_UTF_32] = charset_utf32_read,
	[CHARSET_UTF_32LE] = charset_utf32_read,
	[CHARSET_UTF_32BE] = charset_utf32_read,
	[CHARSET_UTF_7] = charset_utf7_read,
	[CHARSET_HZ] = charset_hz_read,
	[CHARSET_ISO_2022_KR] = charset_iso_2022_kr_read,
	[CHARSET_IBM037] = charset_ebcdic_read,
	[CHARSET_IBM500] = charset_ebcdic_read,
	[CHARSET_IBM1047] = charset_ebcdic_read,
	[CHARSET_IBM1140] = charset_ebcdic_read,
	[CHARSET_GB18030] = charset_gb18030_read,
	[CHARSET_BIG5] = charset_big5_read,
	[CHARSET_EUC_KR] = charset_korean_read,
	[CHARSET_SHIFT_JIS_2004] = charset_sjis_2004_read,
	[CHARSET_EUC_JIS_2004] = charset_euc_2004_read,
};

static void decode(CharsetReader *reader, CharsetWriter *writer)
{
	CharsetDecoder decoder =
	        reader->used < CHARSET_SINGLE_FIRST ? decoders[reader->used] : charset_single_read;

	decoder(reader, writer);
}

size_t charset_ascii_run(const uint8_t *bytes, size_t length)
{
	size_t n = 0;

	for (uint64_t eight; n + sizeof eight <= length; n += sizeof eight) {
		memcpy(&eight, bytes + n, sizeof eight);
		if ((eight & 0x8080808080808080u) != 0)
			break;
	}
	while (n < length && bytes[n] < 0x80)
		n++;
	return n;
}

uint64_t charset_flaws(Charset charset, const uint8_t *bytes, size_t length, uint64_t enough)
{
	CharsetReader reader = { .bytes = bytes, .length = length, .used = charset };
	uint8_t room[1024];
	uint64_t flaws = 0;

	while (reader.at < length && flaws < enough) {
		CharsetWriter writer = { .at = room, .end = room + sizeof room - WRITER_ROOM };
		decode(&reader, &writer);
		flaws += writer.replaced;
	}
	return flaws;
}

/* ---- which one --------------------------------------------------------------------------------------- */

/* What the choosers look at. */
typedef struct {
	const uint8_t *bytes;
	size_t length;
	Charset declared;
	Charset hint;
	CharsetUtf8 utf8;
} Text;

static bool fits(const Text *text, Charset charset)
{
	return charset_flaws(charset, text->bytes, text->length, 1) == 0;
}

static bool utf8_fits(const Text *text)
{
	return text->utf8.flaws == 0 && text->utf8.multi > 0;
}

/* Two kana, kanji or Hangul in perfect UTF-8: no text in another character set comes out so. */
static bool utf8_is_sure(const Text *text)
{
	return text->utf8.flaws == 0 && text->utf8.east >= 2;
}

/* UTF-8 which was damaged, or cut at a number of bytes. Two bytes a character alone prove nothing: EUC-JP is
 * full of them. */
static bool utf8_nearly(const Text *text)
{
	size_t flaws = text->utf8.flaws - (text->utf8.cut ? 1 : 0);

	return flaws == 0 ? text->utf8.multi > 0 : flaws * 4 <= text->utf8.multi;
}

static bool is_japanese(Charset charset)
{
	return charset == CHARSET_SHIFT_JIS || charset == CHARSET_EUC_JP || charset == CHARSET_ISO_2022_JP ||
	       charset == CHARSET_SHIFT_JIS_2004 || charset == CHARSET_EUC_JIS_2004;
}

static bool is_neighbour(Charset charset)
{
	return charset == CHARSET_GB18030 || charset == CHARSET_BIG5 || charset == CHARSET_EUC_KR;
}

/* Chinese and Korean without a label look like EUC-JP without kana: the rest of the mail knows better. */
static bool hint_wins(const Text *text, const CharsetGuess *guess)
{
	if (text->hint == CHARSET_WINDOWS_1252 || is_neighbour(text->hint) ||
	    text->hint >= CHARSET_SINGLE_FIRST) {
		bool open =
		        guess->charset == CHARSET_UNKNOWN || (is_neighbour(text->hint) && guess->kana == 0);
		return open && fits(text, text->hint);
	}
	return false;
}

static Charset choose_unlabelled(const Text *text)
{
	bool east = text->utf8.east > 0;

	if (utf8_fits(text) && (east || !is_japanese(text->hint)))
		return CHARSET_UTF_8;
	if (utf8_nearly(text) && east)
		return CHARSET_UTF_8;
	CharsetGuess guess = charset_guess(text->bytes, text->length, text->hint);
	if (hint_wins(text, &guess))
		return text->hint;
	if (guess.charset != CHARSET_UNKNOWN)
		return guess.charset;
	return utf8_nearly(text) ? CHARSET_UTF_8 : CHARSET_WINDOWS_1252;
}

/* Two chance pairs must not do: overlong forms of `<` are pairs of EUC-JP. */
static Charset choose_utf8(const Text *text)
{
	if (text->utf8.flaws == 0 || (utf8_nearly(text) && text->utf8.east > 0))
		return CHARSET_UTF_8;
	CharsetGuess guess = charset_guess(text->bytes, text->length, text->hint);
	bool sure = guess.charset != CHARSET_UNKNOWN && guess.score >= REPAIR_SCORE;
	return sure ? guess.charset : CHARSET_UTF_8;
}

/* 8-bit kana may stand beside ESC; without any ESC it is something else. */
static Charset choose_jis(const Text *text)
{
	if (memchr(text->bytes, 0x1b, text->length) != NULL)
		return CHARSET_ISO_2022_JP;
	if (utf8_fits(text))
		return CHARSET_UTF_8;
	CharsetGuess guess = charset_guess(text->bytes, text->length, text->hint);
	return guess.charset != CHARSET_UNKNOWN ? guess.charset : CHARSET_ISO_2022_JP;
}

/* Hiragana of EUC-JP fit Shift_JIS as half-width kana with a comma before each, which nobody writes. */
static bool euc_is_sure(const Text *text)
{
	CharsetGuess guess = charset_guess(text->bytes, text->length, CHARSET_SHIFT_JIS);

	return guess.charset == CHARSET_EUC_JP && guess.kana > 0 && fits(text, CHARSET_EUC_JP);
}

static Charset choose_sjis(const Text *text)
{
	if (utf8_is_sure(text))
		return CHARSET_UTF_8;
	if (fits(text, CHARSET_SHIFT_JIS))
		return euc_is_sure(text) ? CHARSET_EUC_JP : CHARSET_SHIFT_JIS;
	if (utf8_fits(text))
		return CHARSET_UTF_8;
	return fits(text, CHARSET_EUC_JP) ? CHARSET_EUC_JP : CHARSET_SHIFT_JIS;
}

/* Broken EUC often fits Shift_JIS as a jumble of half-width kana: there it must look like a text, too. */
static Charset choose_euc(const Text *text)
{
	if (utf8_is_sure(text))
		return CHARSET_UTF_8;
	if (fits(text, CHARSET_EUC_JP))
		return CHARSET_EUC_JP;
	if (utf8_fits(text))
		return CHARSET_UTF_8;
	CharsetGuess guess = charset_guess(text->bytes, text->length, CHARSET_UNKNOWN);
	return guess.charset != CHARSET_UNKNOWN ? guess.charset : CHARSET_EUC_JP;
}

/* Mailers write this label over what is Windows' form, too. What fits in neither is read as labelled. */
static Charset choose_2004(const Text *text)
{
	if (!utf8_is_sure(text) && fits(text, text->declared))
		return text->declared;
	Charset other = text->declared == CHARSET_SHIFT_JIS_2004 ? choose_sjis(text) : choose_euc(text);
	return other == CHARSET_UTF_8 || fits(text, other) ? other : text->declared;
}

/* The label fits any bytes, so that only what is quite sure can overrule it. */
static Charset choose_latin(const Text *text)
{
	if (text->utf8.flaws == 0 && text->utf8.japanese > 0)
		return CHARSET_UTF_8;
	CharsetGuess guess = charset_guess(text->bytes, text->length, CHARSET_UNKNOWN);
	bool sure = guess.pairs >= 3 && guess.score >= 3 * (int64_t)guess.pairs;
	return guess.charset != CHARSET_UNKNOWN && sure ? guess.charset : text->declared;
}

static Charset choose_neighbour(const Text *text)
{
	if (utf8_is_sure(text))
		return CHARSET_UTF_8;
	if (fits(text, text->declared))
		return text->declared;
	if (utf8_fits(text))
		return CHARSET_UTF_8;
	/* Shift_JIS with kana alone: EUC-JP has its rows where these have theirs */
	CharsetGuess guess = charset_guess(text->bytes, text->length, CHARSET_UNKNOWN);
	bool sure = guess.charset == CHARSET_SHIFT_JIS && guess.score >= REPAIR_SCORE &&
	            guess.kana * 4 >= guess.pairs;
	return sure ? CHARSET_SHIFT_JIS : text->declared;
}

/* Both are 7-bit: what is not was written in the 8-bit form of the same set, or in UTF-8. */
static Charset choose_shifted(const Text *text)
{
	Charset other = text->declared == CHARSET_HZ ? CHARSET_GB18030 : CHARSET_EUC_KR;

	if (utf8_fits(text))
		return CHARSET_UTF_8;
	return fits(text, other) ? other : text->declared;
}

static Charset choose_ebcdic(const Text *text)
{
	return utf8_is_sure(text) ? CHARSET_UTF_8 : text->declared;
}

static Charset choose_single(const Text *text)
{
	/* the same languages, and as much a default of mailers, as windows-1252 */
	if (text->declared == CHARSET_ISO_8859_15)
		return choose_latin(text);
	return text->utf8.flaws == 0 && text->utf8.japanese > 0 ? CHARSET_UTF_8 : text->declared;
}

typedef Charset (*Chooser)(const Text *text);

static const Chooser choosers[CHARSET_SINGLE_FIRST] = {
	[CHARSET_UNKNOWN] = choose_unlabelled,  [CHARSET_US_ASCII] = choose_unlabelled,
	[CHARSET_UTF_8] = choose_utf8,          [CHARSET_ISO_2022_JP] = choose_jis,
	[CHARSET_SHIFT_JIS] = choose_sjis,      [CHARSET_EUC_JP] = choose_euc,
	[CHARSET_WINDOWS_1252] = choose_latin,  [CHARSET_UTF_7] = choose_unlabelled,
	[CHARSET_GB18030] = choose_neighbour,   [CHARSET_BIG5] = choose_neighbour,
	[CHARSET_EUC_KR] = choose_neighbour,    [CHARSET_HZ] = choose_shifted,
	[CHARSET_ISO_2022_KR] = choose_shifted, [CHARSET_IBM037] = choose_ebcdic,
	[CHARSET_IBM500] = choose_ebcdic,       [CHARSET_IBM1047] = choose_ebcdic,
	[CHARSET_IBM1140] = choose_ebcdic,      [CHARSET_SHIFT_JIS_2004] = choose_2004,
	[CHARSET_EUC_JIS_2004] = choose_2004,
};

bool charset_same(Charset declared, Charset used)
{
	return declared == used || (declared == CHARSET_UTF_16 && charset_is_utf16(used)) ||
	       (declared == CHARSET_UTF_32 && charset_is_utf32(used));
}

static bool is_ebcdic(Charset charset)
{
	return charset >= CHARSET_IBM037 && charset <= CHARSET_IBM1140;
}

static bool has_letters(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (g_ascii_isalpha((char)bytes[i]))
			return true;
	}
	return false;
}

static Charset choose_ascii(Charset declared, const uint8_t *bytes, size_t length)
{
	if (declared == CHARSET_HZ || declared == CHARSET_ISO_2022_KR)
		return declared;
	if (declared == CHARSET_ISO_2022_JP || charset_jis_like(bytes, length))
		return CHARSET_ISO_2022_JP;
	return is_ebcdic(declared) && has_letters(bytes, length) ? CHARSET_UTF_8 : declared;
}

static Charset choose(Charset declared, Charset hint, const uint8_t *bytes, size_t length)
{
	if (declared == CHARSET_UNKNOWN)
		declared = CHARSET_US_ASCII;
	size_t mark;
	if (charset_is_utf16(declared))
		return charset_utf16_choose(declared, bytes, length);
	if (charset_is_utf32(declared))
		return charset_utf32_choose(declared, bytes, length, &mark);
	if (charset_ascii_run(bytes, length) == length)
		return choose_ascii(declared, bytes, length);
	if (charset_mark(bytes, length, &mark) == CHARSET_UTF_8)
		return CHARSET_UTF_8;
	Text text = { bytes, length, declared, hint, charset_utf8_look(bytes, length) };
	return declared < CHARSET_SINGLE_FIRST ? choosers[declared](&text) : choose_single(&text);
}

/* ---- readers ----------------------------------------------------------------------------------------- */

static CharsetReader reader_new(Charset used, const uint8_t *bytes, size_t length)
{
	size_t mark;

	/* A mark is no part of the text. */
	if (charset_is_utf32(used))
		charset_utf32_choose(used, bytes, length, &mark);
	else if (charset_mark(bytes, length, &mark) != used)
		mark = 0;
	return (CharsetReader) { .bytes = bytes, .length = length, .at = mark, .used = used };
}

/* An empty part has no bytes to point at, and NULL must not be reckoned with. */
static const uint8_t *some_bytes(const uint8_t *bytes, size_t length)
{
	return length > 0 ? bytes : (const uint8_t *)"";
}

CharsetReader charset_reader_with(Charset declared, bool labelled, Charset hint, const uint8_t *bytes,
                                  size_t length)
{
	bytes = some_bytes(bytes, length);
	bool wide = labelled && charset_is_utf32(declared); /* its mark begins like that of UTF-16 */
	Charset used = wide ? CHARSET_UNKNOWN : charset_mark_sane(bytes, length);
	if (used == CHARSET_UNKNOWN)
		used = choose(labelled ? declared : CHARSET_US_ASCII, hint, bytes, length);
	return reader_new(used, bytes, length);
}

CharsetReader charset_reader(Charset declared, const uint8_t *bytes, size_t length)
{
	return charset_reader_with(declared, true, CHARSET_UNKNOWN, bytes, length);
}

/* ---- lines in several character sets ------------------------------------------------------------------ */

static bool holds_escape(const uint8_t *bytes, size_t length)
{
	return memchr(bytes, 0x1b, length) != NULL;
}

static bool line_is_odd(const CharsetReader *reader, const uint8_t *bytes, size_t length)
{
	if (reader->used != CHARSET_ISO_2022_JP && holds_escape(bytes, length))
		return true;
	return charset_flaws(reader->used, bytes, length, 1) > 0;
}

void charset_reader_by_lines(CharsetReader *reader)
{
	const uint8_t *rest = reader->bytes + reader->at;
	size_t left = reader->length - reader->at;
	bool read = reader->used >= CHARSET_UTF_8 && reader->used <= CHARSET_EUC_JP;

	/* whole texts fit as a rule, and one look at all of it is cheaper than one at each line */
	reader->by_lines = read && line_is_odd(reader, rest, left);
	reader->lines_end = reader->at;
}

static size_t line_length(const uint8_t *bytes, size_t left)
{
	const uint8_t *end = left > 0 ? memchr(bytes, '\n', left) : NULL;

	return end != NULL ? (size_t)(end - bytes) + 1 : left;
}

/* From reader->at on: the lines that fit, or one that does not. */
static void next_lines(CharsetReader *reader)
{
	size_t at = reader->at;

	reader->line_used = reader->used;
	while (at < reader->length) {
		const uint8_t *line = reader->bytes + at;
		size_t length = line_length(line, reader->length - at);
		bool look = reader->looked_at < LINES_MAX && line_is_odd(reader, line, length);
		if (look && at > reader->at)
			break;
		at += length;
		if (!look)
			continue;
		reader->looked_at++;
		reader->line_used = choose(reader->used, reader->line_hint, line, length);
		break;
	}
	if (reader->line_used != reader->used) {
		reader->line_hint = reader->line_used;
		reader->mended++;
	}
	reader->lines_end = at;
}

/* decode() of the lines that are read alike. */
static void decode_lines(CharsetReader *reader, CharsetWriter *writer)
{
	const CharsetReader whole = *reader;

	reader->length = whole.lines_end;
	reader->used = whole.line_used;
	decode(reader, writer);
	reader->length = whole.length;
	reader->used = whole.used;
}

/* How much can be asked for at once: no more than the rest can make. */
static size_t piece_room(const CharsetReader *reader, const GString *out, size_t max)
{
	size_t left = reader->length - reader->at;
	size_t room = left < PIECE ? left * 3 : PIECE;

	return MIN(room, max - out->len);
}

bool charset_read(CharsetReader *reader, GString *out, size_t max)
{
	while (reader->at < reader->length && out->len < max) {
		if (reader->by_lines && reader->at >= reader->lines_end)
			next_lines(reader);
		size_t before = out->len, room = piece_room(reader, out, max);
		g_string_set_size(out, before + room + WRITER_ROOM);
		uint8_t *at = (uint8_t *)out->str + before;
		CharsetWriter writer = { .at = at, .end = at + room };
		if (reader->by_lines)
			decode_lines(reader, &writer);
		else
			decode(reader, &writer);
		g_string_set_size(out, before + (size_t)(writer.at - at));
		reader->replaced += writer.replaced;
	}
	return reader->at < reader->length;
}

Charset charset_decode_with(Charset declared, bool labelled, Charset hint, const uint8_t *bytes,
                            size_t length, GString *out, uint64_t *ret_replaced)
{
	bytes = some_bytes(bytes, length);
	Charset used = choose(labelled ? declared : CHARSET_US_ASCII, hint, bytes, length);
	CharsetReader reader = reader_new(used, bytes, length);

	charset_read(&reader, out, SIZE_MAX);
	if (ret_replaced != NULL)
		*ret_replaced += reader.replaced;
	return reader.used;
}

Charset charset_decode(Charset declared, const uint8_t *bytes, size_t length, GString *out,
                       uint64_t *ret_replaced)
{
	return charset_decode_with(declared, true, CHARSET_UNKNOWN, bytes, length, out, ret_replaced);
}
