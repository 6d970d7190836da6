/* Any bytes under any label: the text is UTF-8, no more than three bytes for one, the same in pieces of any
 * size, and no ASCII byte is lost nor made, broken neighbours or not. The first two bytes say label and hint.
 */
#include "charset_priv.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_SLACK = 8, MARKERS = 2, ESC = 0x1b, SHIFT_OUT = 0x0e, SHIFT_IN = 0x0f };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* NUL is a character, where g_utf8_validate() sees an end. */
static bool is_utf8(const GString *text)
{
	for (size_t at = 0; at < text->len; at++) {
		const char *end;
		bool whole = g_utf8_validate(text->str + at, (gssize)(text->len - at), &end);
		at = (size_t)(end - text->str);
		if (!whole && text->str[at] != '\0')
			return false;
	}
	return true;
}

static GString *read_all(CharsetReader reader, size_t step, uint64_t *ret_replaced)
{
	GString *out = g_string_new(NULL);

	for (bool more = true; more;) {
		size_t before = out->len, max = step == 0 ? SIZE_MAX : before + step;
		more = charset_read(&reader, out, max);
		require(step == 0 || out->len <= max + PIECE_SLACK);
	}
	require(reader.at == reader.length);
	*ret_replaced = reader.replaced;
	return out;
}

static bool holds_ascii(Charset charset)
{
	return charset < CHARSET_UTF_16 || charset >= CHARSET_GB18030;
}

/* Of two bytes a character by a shift, which the end of the line ends. */
static bool shifts(Charset charset)
{
	return charset == CHARSET_ISO_2022_JP || charset == CHARSET_HZ || charset == CHARSET_ISO_2022_KR;
}

static bool is_of_two(Charset charset)
{
	return charset == CHARSET_SHIFT_JIS || charset == CHARSET_SHIFT_JIS_2004 ||
	       charset == CHARSET_GB18030 || charset == CHARSET_BIG5 || charset == CHARSET_EUC_KR;
}

/* Is byte ASCII which no character of charset takes for its own? (JIS X 0212 has a tilde that is one of
 * ASCII.) */
static bool is_kept(Charset charset, uint8_t byte)
{
	if (charset == CHARSET_HZ)
		return byte <= ' ' && byte != '\n'; /* `~` joins lines */
	if (shifts(charset))
		return byte <= ' ' && byte != ESC && byte != SHIFT_OUT && byte != SHIFT_IN;
	if (is_of_two(charset))
		return byte < '0' || (byte > '9' && byte < '@');
	return holds_ascii(charset) && byte < 0x80 && byte != '~';
}

static size_t next_kept(Charset charset, const uint8_t *bytes, size_t length, size_t at)
{
	while (at < length && !is_kept(charset, bytes[at]))
		at++;
	return at;
}

/* Such bytes of text and of the input are the same, in the same order. */
static void require_ascii_kept(CharsetReader reader, const GString *out)
{
	const uint8_t *text = (const uint8_t *)out->str;
	size_t in = 0, at = 0;

	for (;; in++, at++) {
		in = next_kept(reader.used, reader.bytes, reader.length, in);
		at = next_kept(reader.used, text, out->len, at);
		if (in == reader.length || at == out->len)
			break;
		require(reader.bytes[in] == text[at]);
	}
	require(in == reader.length && at == out->len);
}

/* Two `<` at the end: at most one of them is the second byte of something. */
static void require_ascii_survives(CharsetReader reader, const GString *out)
{
	size_t n = reader.length;
	bool marked = n >= MARKERS && memcmp(reader.bytes + n - MARKERS, "<<", MARKERS) == 0;

	if (marked && holds_ascii(reader.used) && reader.used != CHARSET_ISO_2022_JP)
		require(out->len > 0 && out->str[out->len - 1] == '<');
	if (n >= MARKERS && memcmp(reader.bytes + n - MARKERS, "\n<", MARKERS) == 0 && shifts(reader.used))
		require(out->len > 0 && out->str[out->len - 1] == '<');
}

static void check_reader(CharsetReader reader)
{
	uint64_t replaced, replaced_pieces;
	g_autoptr(GString) whole = read_all(reader, 0, &replaced);
	g_autoptr(GString) pieces = read_all(reader, 1 + reader.length % 13, &replaced_pieces);

	require(reader.used != CHARSET_UNKNOWN && reader.used != CHARSET_UTF_16 &&
	        reader.used != CHARSET_UTF_32);
	require(reader.used < CHARSET_COUNT);
	require(is_utf8(whole));
	require(whole->len <= 3 * reader.length);
	require(g_string_equal(whole, pieces) && replaced == replaced_pieces);
	require_ascii_survives(reader, whole);
	require_ascii_kept(reader, whole);
}

/* Lines in several character sets. */
static void check_lines(CharsetReader reader)
{
	uint64_t replaced, replaced_pieces;

	charset_reader_by_lines(&reader);
	g_autoptr(GString) whole = read_all(reader, 0, &replaced);
	g_autoptr(GString) pieces = read_all(reader, 1 + reader.length % 13, &replaced_pieces);
	require(is_utf8(whole));
	require(whole->len <= 3 * reader.length);
	require(g_string_equal(whole, pieces) && replaced == replaced_pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	bool repaired;

	if (length < 2)
		return 0;
	Charset declared = (Charset)(bytes[0] % CHARSET_COUNT), hint = (Charset)(bytes[1] % CHARSET_COUNT);
	bool labelled = bytes[0] < 128;
	bytes += 2;
	length -= 2;
	check_reader(charset_reader_with(declared, labelled, hint, bytes, length));
	check_lines(charset_reader_with(declared, labelled, hint, bytes, length));
	Charset html = charset_for_html(declared, labelled, bytes, length, &repaired);
	require(html < CHARSET_COUNT);
	check_reader(charset_reader_with(html, true, hint, bytes, length));
	charset_name(charset_from_label((const char *)bytes, length));
	return 0;
}
