/* parse_raw: raw Japanese and Chinese text in a header field, some bytes of which look like syntax.
 *
 * The second byte of a character of Shift_JIS may be `\`, `@` or `[` (those of 表, of the wide blank and of
 * ー are), and the bytes of JIS kanji may be any printable ones, quotes, commas and brackets included. Who
 * takes them for syntax loses the name, or the address behind it.
 */
#include "charset_priv.h"
#include "parse_code_priv.h"

#include <string.h>

Charset parse_raw_charset(ParseRange value, Charset hint)
{
	if (value.length == 0 || charset_ascii_run(value.bytes, value.length) == value.length)
		return CHARSET_UNKNOWN;
	return charset_reader_with(CHARSET_US_ASCII, false, hint, value.bytes, value.length).used;
}

static bool is_line_end(uint8_t c)
{
	return c == '\r' || c == '\n';
}

/* Bytes of an escape sequence of ISO-2022-JP, 0 if it is none. No other one counts: `ESC ( "` would swallow a
 * quote. */
static size_t escape_length(ParseRange in, size_t at)
{
	const uint8_t *p = in.bytes + at;
	size_t left = in.length - at;

	if (left < 3 || p[0] != 0x1b || p[2] == '\0')
		return 0;
	if (p[1] == '(')
		return strchr("BHIJ", p[2]) != NULL ? 3 : 0;
	if (p[1] != '$')
		return 0;
	if (p[2] == '(')
		return left > 3 && p[3] >= '@' && p[3] <= 'Z' ? 4 : 0;
	return strchr("@AB", p[2]) != NULL ? 3 : 0;
}

/* Of such a sequence. */
static bool leads_to_ascii(const uint8_t *escape)
{
	return escape[1] == '(' && escape[2] != 'I';
}

/* Up to the escape sequence that leads back to ASCII, it included, or to the end of the line, which does so
 * too. */
static size_t jis_length(ParseRange in, size_t at)
{
	size_t escape = escape_length(in, at), last = at, end = at + escape;

	while (escape > 0 && !leads_to_ascii(in.bytes + last) && end < in.length &&
	       !is_line_end(in.bytes[end])) {
		size_t next = escape_length(in, end);
		last = next > 0 ? end : last;
		end += MAX(next, (size_t)1);
	}
	return end - at;
}

static bool is_lead(uint8_t c, Charset charset)
{
	if (charset == CHARSET_SHIFT_JIS)
		return (c >= 0x81 && c <= 0x9f) || (c >= 0xe0 && c <= 0xfc);
	return (charset == CHARSET_BIG5 || charset == CHARSET_GB18030) && c >= 0x81 && c <= 0xfe;
}

size_t parse_raw_length(ParseRange in, size_t at, Charset charset)
{
	uint8_t c = in.bytes[at];

	if (c == 0x1b)
		return jis_length(in, at);
	if (c < 0x80 || at + 1 >= in.length || !is_lead(c, charset))
		return 0;
	uint8_t trail = in.bytes[at + 1];
	return trail >= 0x40 && trail != 0x7f ? 2 : 0;
}
