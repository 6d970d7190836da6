/* parse_words: RFC 2047 over raw bytes.
 *
 * Words are decoded to bytes and neighbours of one character set are joined BEFORE conversion, because
 * Japanese mailers cut words inside a character; GMime converts each by itself and garbles
 * them. What is not a word is raw: its character set is found out from its bytes, and from the words beside
 * it or the text of the mail where these do not tell. What comes out of a word is never read as a word again.
 */
#include "charset_priv.h"
#include "clean_text.h"
#include "parse_code_priv.h"

#include <string.h>

enum { WORD_CHARSET_MAX = 64 };

typedef struct {
	ParseRange charset;
	ParseRange text;
	bool base64;
	size_t length; /* of the whole word; 0 = no word here */
} Word;

/* Does a word go on to the end of the field? A server cut the field there, or its closer. */
static bool is_cut_text(const uint8_t *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool opener = text[i] == '=' && i + 1 < length && text[i + 1] == '?';
		if (text[i] <= 0x20 || text[i] > 0x7e || opener)
			return false;
	}
	return length > 0;
}

/* Stops at the first `?=` (a closer) or `=?` (a new word: this one was never closed), so that a field
 * of openers costs one pass in all. SIZE_MAX when unclosed. */
static size_t word_text_length(const uint8_t *text, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++) {
		if (text[i] == '?' && text[i + 1] == '=')
			return i;
		bool opener = text[i] == '=' && text[i + 1] == '?';
		if (opener && !(i + 2 < length && text[i + 2] == '='))
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

static size_t word_charset_length(const uint8_t *bytes, size_t length)
{
	size_t n = 0;

	while (n < length && n <= WORD_CHARSET_MAX && bytes[n] > 0x20 && bytes[n] < 0x7f && bytes[n] != '?')
		n++;
	return n;
}

/* cut: one that is cut by the end of the range is a word, too. An empty name of a character set is none that
 * we know. */
static Word word_at(ParseRange range, bool cut)
{
	const uint8_t *p = range.bytes;
	const Word none = { .length = 0 };

	if (range.length < 8 || p[0] != '=' || p[1] != '?')
		return none;
	size_t charset = word_charset_length(p + 2, range.length - 2);
	size_t text = charset + 5;
	if (charset > WORD_CHARSET_MAX || text > range.length || p[charset + 2] != '?' ||
	    p[charset + 4] != '?')
		return none;
	uint8_t kind = p[charset + 3] | 0x20;
	if (kind != 'b' && kind != 'q')
		return none;
	size_t length = word_text_length(p + text, range.length - text);
	if (length == SIZE_MAX && cut && is_cut_text(p + text, range.length - text)) {
		size_t left = range.length - text, closer = p[range.length - 1] == '?' ? 1 : 0;
		return (Word) { { p + 2, charset }, { p + text, left - closer }, kind == 'b', text + left };
	}
	if (length == SIZE_MAX)
		return none;
	return (Word) { { p + 2, charset }, { p + text, length }, kind == 'b', text + length + 2 };
}

size_t parse_word_length(ParseRange range)
{
	return word_at(range, false).length;
}

/* Blanks with a line end among them at `at`, between two escapes: a mail server folded the word, likely
 * inside of a character. 0: something else. */
static size_t q_fold_length(ParseRange text, size_t at)
{
	size_t end = at;
	bool line = false;

	while (end < text.length && memchr(" \t\r\n", text.bytes[end], 4) != NULL)
		line |= text.bytes[end++] == '\n';
	return line && end < text.length && text.bytes[end] == '=' ? end - at : 0;
}

static void word_append_q(GByteArray *out, ParseRange text)
{
	bool escaped = false; /* the last byte was an escape */

	for (size_t i = 0; i < text.length; i++) {
		size_t fold = escaped ? q_fold_length(text, i) : 0;
		escaped = false;
		if (fold > 0) {
			i += fold - 1;
			continue;
		}
		uint8_t c = text.bytes[i];
		if (c == '\r' || c == '\n')
			continue;
		if (c == '_')
			c = ' ';
		if (c == '=' && i + 2 < text.length && g_ascii_isxdigit((char)text.bytes[i + 1]) &&
		    g_ascii_isxdigit((char)text.bytes[i + 2])) {
			c = (uint8_t)(g_ascii_xdigit_value((char)text.bytes[i + 1]) << 4 |
			              g_ascii_xdigit_value((char)text.bytes[i + 2]));
			i += 2;
			escaped = true;
		}
		g_byte_array_append(out, &c, 1);
	}
}

/* ---- a run of words of one character set
 * ------------------------------------------------------------------------ */

typedef struct {
	GString *out;
	GByteArray *bytes; /* of the words so far */
	Charset charset;   /* of the last word, CHARSET_UNKNOWN before the first */
	bool pending;      /* words wait in bytes */
	ParseCharsets *charsets;
} Decoder;

static bool is_repaired(Charset charset, bool labelled, Charset used)
{
	if (labelled)
		return !charset_same(charset, used);
	return used != CHARSET_US_ASCII && used != CHARSET_UTF_8;
}

void parse_words_charset(Charset charset, bool labelled, ParseRange bytes, ParseCharsets *charsets,
                         GString *out)
{
	CharsetReader reader =
	        charset_reader_with(charset, labelled, charsets->hint, bytes.bytes, bytes.length);

	charset_read(&reader, out, SIZE_MAX);
	charsets->repaired |= is_repaired(charset, labelled, reader.used);
}

static void decoder_flush(Decoder *decoder)
{
	bool known = decoder->charset != CHARSET_UNKNOWN;

	if (decoder->pending && decoder->bytes->len > 0)
		parse_words_charset(known ? decoder->charset : CHARSET_US_ASCII, known,
		                    (ParseRange) { decoder->bytes->data, decoder->bytes->len },
		                    decoder->charsets, decoder->out);
	g_byte_array_set_size(decoder->bytes, 0);
	decoder->pending = false;
}

static Charset word_charset(const Word *word)
{
	return charset_from_label((const char *)word->charset.bytes, word->charset.length);
}

static void decoder_word(Decoder *decoder, const Word *word)
{
	Charset charset = word_charset(word);

	if (decoder->pending && charset != decoder->charset)
		decoder_flush(decoder);
	decoder->charset = charset;
	decoder->pending = true;
	if (word->base64)
		parse_decode_base64_append(decoder->bytes, word->text);
	else
		word_append_q(decoder->bytes, word->text);
}

static bool range_is_blank(ParseRange range)
{
	for (size_t i = 0; i < range.length; i++) {
		if (memchr(" \t\r\n", range.bytes[i], 4) == NULL)
			return false;
	}
	return true;
}

/* Of what a neighbour says, only what is about bytes that are neither ASCII nor UTF-8. */
static Charset hint_of(Charset before, Charset after, Charset mail)
{
	if (before > CHARSET_UTF_8)
		return before;
	return after > CHARSET_UTF_8 ? after : mail;
}

/* after: the character set of the word that follows. Line ends go after conversion, since they reset JIS; the
 * blank of a fold stays. */
static void decoder_raw(Decoder *decoder, ParseRange raw, Charset after)
{
	if (raw.length == 0)
		return;
	decoder_flush(decoder);
	g_autoptr(GString) text = g_string_sized_new(raw.length);
	ParseCharsets charsets = { hint_of(decoder->charset, after, decoder->charsets->hint), false };
	parse_words_charset(CHARSET_US_ASCII, false, raw, &charsets, text);
	decoder->charsets->repaired |= charsets.repaired;
	for (gsize i = 0; i < text->len; i++) {
		if (text->str[i] != '\r' && text->str[i] != '\n')
			g_string_append_c(decoder->out, text->str[i]);
	}
}

static size_t next_opener(ParseRange value, size_t at)
{
	const uint8_t *p = at < value.length ? memmem(value.bytes + at, value.length - at, "=?", 2) : NULL;

	return p != NULL ? (size_t)(p - value.bytes) : value.length;
}

static void decoder_run(Decoder *decoder, ParseRange value)
{
	size_t raw = 0; /* start of what is not decoded yet */

	for (size_t at = next_opener(value, 0); at < value.length;) {
		Word word = word_at((ParseRange) { value.bytes + at, value.length - at }, true);
		if (word.length == 0) {
			at = next_opener(value, at + 1);
			continue;
		}
		ParseRange between = { value.bytes + raw, at - raw };
		/* RFC 2047 6.2: blanks between two words are not shown. */
		if (!decoder->pending || !range_is_blank(between))
			decoder_raw(decoder, between, word_charset(&word));
		decoder_word(decoder, &word);
		raw = at + word.length;
		at = next_opener(value, raw);
	}
	decoder_raw(decoder, (ParseRange) { value.bytes + raw, value.length - raw }, CHARSET_UNKNOWN);
	decoder_flush(decoder);
}

char *parse_words_without_nul(GString *text)
{
	gsize kept = 0;

	for (gsize i = 0; i < text->len; i++) {
		if (text->str[i] != '\0')
			text->str[kept++] = text->str[i];
	}
	g_string_truncate(text, kept);
	return g_string_free(text, FALSE);
}

char *parse_words_decode_with(ParseRange value, ParseCharsets *charsets)
{
	if (value.length == 0)
		return g_strdup("");
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	Decoder decoder = {
		.out = g_string_sized_new(value.length + 1),
		.bytes = bytes,
		.charsets = charsets,
	};

	decoder_run(&decoder, value);
	return parse_words_without_nul(decoder.out);
}

char *parse_words_decode(ParseRange value)
{
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };

	return parse_words_decode_with(value, &charsets);
}

char *parse_words_line_with(ParseRange value, size_t max_chars, ParseCharsets *charsets, bool *ret_cut,
                            uint64_t *ret_removed)
{
	g_autofree char *text = parse_words_decode_with(value, charsets);
	size_t bytes = strlen(text);
	g_autofree char *whole = clean_line(text, bytes, 0, ret_removed);
	bool cut = (size_t)g_utf8_strlen(whole, -1) > max_chars;

	if (ret_cut != NULL)
		*ret_cut = cut;
	return cut ? clean_line(text, bytes, max_chars, NULL) : g_steal_pointer(&whole);
}

char *parse_words_line(ParseRange value, size_t max_chars, bool *ret_cut, uint64_t *ret_removed)
{
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };

	return parse_words_line_with(value, max_chars, &charsets, ret_cut, ret_removed);
}

void parse_cut_bytes(char *text, size_t max_bytes)
{
	size_t length = strlen(text);

	if (length <= max_bytes)
		return;
	while (max_bytes > 0 && ((uint8_t)text[max_bytes] & 0xc0) == 0x80)
		max_bytes--;
	text[max_bytes] = '\0';
}

bool parse_cut_middle(char *text, size_t max_bytes, size_t last_chars)
{
	static const char mark[] = "\xe2\x80\xa6";
	size_t length = strlen(text), marked = strlen(mark);
	const char *tail = text + length;

	if (length <= max_bytes)
		return false;
	while (last_chars-- > 0 && tail > text)
		tail = g_utf8_prev_char(tail);
	/* an accent would stand on the mark */
	while (g_unichar_ismark(g_utf8_get_char(tail)))
		tail = g_utf8_next_char(tail);
	size_t last = length - (size_t)(tail - text), first = max_bytes - marked - last;
	while (first > 0 && ((uint8_t)text[first] & 0xc0) == 0x80)
		first--;
	memcpy(text + first, mark, marked);
	memmove(text + first + marked, tail, last + 1);
	return true;
}
