/* parse_blocks_signs: what is hidden in printable signs: ascii85 with its brackets, btoa, and markup in
 * UTF-7.
 */
#include "parse_blocks_priv.h"

#include <string.h>

enum {
	ASCII85_LEAST = 20, /* characters; "<~>" and the like are decorations */
	ASCII85_GROUP = 5,
	ASCII85_BASE = 85,
	UTF7_PERIOD = 8, /* characters in which three units of 16 bits end together */
};

/* ---- ascii85
 * ------------------------------------------------------------------------------------------------------- */

typedef struct {
	GByteArray *bytes;
	size_t room;
	uint64_t value;
	unsigned held;
	size_t count; /* of characters */
	bool damaged;
} Ascii85;

static void ascii85_put(Ascii85 *ascii85, uint32_t value, size_t length)
{
	const guint8 bytes[] = { (guint8)(value >> 24), (guint8)(value >> 16), (guint8)(value >> 8),
		                 (guint8)value };

	if (ascii85->bytes->len + length > ascii85->room)
		ascii85->damaged = true;
	else
		g_byte_array_append(ascii85->bytes, bytes, (guint)length);
}

/* folds: of btoa, four blanks. False: this is no character of it. */
static bool ascii85_char(Ascii85 *ascii85, uint8_t c, bool folds)
{
	bool zeros = c == 'z', blanks = folds && c == 'y';

	if ((c < '!' || c > 'u') && !zeros && !blanks)
		return false;
	ascii85->count++;
	if (zeros || blanks) {
		ascii85->damaged |= ascii85->held > 0;
		ascii85_put(ascii85, zeros ? 0 : 0x20202020, 4);
		return true;
	}
	ascii85->value = ascii85->value * ASCII85_BASE + (c - (uint64_t)'!');
	if (++ascii85->held < ASCII85_GROUP)
		return true;
	ascii85->damaged |= ascii85->value > UINT32_MAX;
	ascii85_put(ascii85, (uint32_t)ascii85->value, 4);
	ascii85->value = 0;
	ascii85->held = 0;
	return true;
}

/* A last group of n characters is n - 1 bytes. */
static void ascii85_end(Ascii85 *ascii85)
{
	unsigned held = ascii85->held;

	for (unsigned i = held; held > 0 && i < ASCII85_GROUP; i++)
		ascii85->value = ascii85->value * ASCII85_BASE + ASCII85_BASE - 1;
	if (held > 0)
		ascii85_put(ascii85, (uint32_t)ascii85->value, held - 1);
}

/* Past blanks and line ends, with the quote marks that stand before the next line as before the first. */
static size_t skip_layout(ParseRange text, size_t at, ParseRange quote)
{
	while (at < text.length && (text.bytes[at] == ' ' || text.bytes[at] == '\n')) {
		bool ends = text.bytes[at++] == '\n';
		if (ends && text.length - at >= quote.length &&
		    memcmp(text.bytes + at, quote.bytes, quote.length) == 0)
			at += quote.length;
	}
	return at;
}

/* at: behind `<~`. Offset behind `~>`; or of what is no data, and *ret_whole is false. */
static size_t ascii85_read(Ascii85 *ascii85, ParseRange text, size_t at, ParseRange quote, bool *ret_whole)
{
	for (at = skip_layout(text, at, quote); at < text.length; at = skip_layout(text, at, quote)) {
		if (!ascii85_char(ascii85, text.bytes[at], false))
			break;
		at++;
	}
	size_t close = skip_layout(text, MIN(at + 1, text.length), quote);
	*ret_whole = at < text.length && text.bytes[at] == '~' && close < text.length &&
	             text.bytes[close] == '>' && ascii85->count >= ASCII85_LEAST;
	return *ret_whole ? close + 1 : at;
}

static size_t take_ascii85(BlockScan *scan, size_t start, ParseRange quote)
{
	Ascii85 ascii85 = { .bytes = g_byte_array_new(), .room = scan->room };
	bool whole = false;
	size_t stop = ascii85_read(&ascii85, scan->text, start + 2, quote, &whole);

	if (!whole) {
		g_byte_array_unref(ascii85.bytes);
		/* `<` is a character of it: the next block may begin with the last one */
		return MAX(stop - 1, start + 1);
	}
	ascii85_end(&ascii85);
	parse_blocks_add(scan, PARSE_BLOCK_ASCII85, (ParseRange) { NULL, 0 }, ascii85.bytes, ascii85.damaged);
	parse_blocks_cut(scan, start, stop, CUT_BLOCK);
	return stop;
}

void parse_blocks_ascii85(BlockScan *scan)
{
	const ParseRange text = scan->text;
	size_t line = 0, looked = 0;

	for (size_t at = 0; at + 2 < text.length;) {
		const uint8_t *found = memmem(text.bytes + at, text.length - at, "<~", 2);
		if (found == NULL)
			return;
		size_t start = (size_t)(found - text.bytes);
		const uint8_t *end = memrchr(text.bytes + looked, '\n', start - looked);
		looked = start;
		line = end != NULL ? (size_t)(end - text.bytes) + 1 : line;
		ParseRange quote = { text.bytes + line, start - line };
		quote.length = parse_blocks_quote(quote);
		at = take_ascii85(scan, start, quote);
	}
}

/* ---- btoa
 * ----------------------------------------------------------------------------------------------------------
 */

static bool btoa_line(Ascii85 *ascii85, ParseRange line)
{
	size_t length = line.length;

	while (length > 0 && line.bytes[length - 1] == ' ')
		length--;
	for (size_t i = 0; i < length; i++) {
		uint8_t c = line.bytes[i];
		if ((c < '!' || c > 'u') && c != 'y' && c != 'z')
			return false;
	}
	for (size_t i = 0; i < length; i++)
		ascii85_char(ascii85, line.bytes[i], true);
	return length > 0;
}

/* "xbtoa End 68 44 E ...": the size, without what fills the last group. */
static void btoa_trim(GByteArray *bytes, ParseRange end)
{
	size_t at = strlen("xbtoa end"), size = 0;

	while (at < end.length && end.bytes[at] == ' ')
		at++;
	bool said = at < end.length && g_ascii_isdigit((char)end.bytes[at]);
	for (; at < end.length && g_ascii_isdigit((char)end.bytes[at]); at++)
		size = MIN(size * 10 + (size_t)(end.bytes[at] - '0'), (size_t)G_MAXUINT32);
	if (said && size < bytes->len)
		g_byte_array_set_size(bytes, (guint)size);
}

bool parse_blocks_btoa(BlockScan *scan, ParseRange begin, BlockLines *lines)
{
	Ascii85 ascii85 = { .bytes = g_byte_array_new(), .room = scan->room };
	bool ended = false;
	ParseRange line;

	(void)begin;
	while (!ended && parse_blocks_peek(lines, &line)) {
		ended = parse_blocks_begins(line, "xbtoa end");
		if (!ended && !btoa_line(&ascii85, line))
			break;
		parse_blocks_take(lines);
	}
	if (ascii85.count < ASCII85_LEAST) {
		g_byte_array_unref(ascii85.bytes);
		return false;
	}
	ascii85_end(&ascii85);
	if (ended)
		btoa_trim(ascii85.bytes, line);
	parse_blocks_add(scan, PARSE_BLOCK_ASCII85, (ParseRange) { NULL, 0 }, ascii85.bytes,
	                 ascii85.damaged || !ended);
	return true;
}

/* ---- UTF-7 (RFC 2152)
 * ----------------------------------------------------------------------------------------------
 * An old reader that guesses character sets would see tags in +ADw-script+AD4-. A blank behind the `+` ends
 * that, and the letters stay.
 */

static int utf7_value(uint8_t c)
{
	static const char signs[] = "+/";
	const char *found = c != '\0' ? strchr(signs, c) : NULL;

	if (g_ascii_isupper((char)c))
		return c - 'A';
	if (g_ascii_islower((char)c))
		return c - 'a' + 26;
	if (g_ascii_isdigit((char)c))
		return c - '0' + 52;
	return found != NULL ? (int)(found - signs) + 62 : -1;
}

/* From one `+` on: what was found, and the first unit, 0 where there is none. */
typedef struct {
	bool markup;
	uint32_t first;
} Utf7;

/* A tag opens only before these; a character of another writing makes no markup of it, so that "+ADwords" and
 * the like in URLs stay. */
static bool opens_tag(uint32_t unit)
{
	return unit == 0 ||
	       (unit < 0x80 && (g_ascii_isalpha((char)unit) || strchr("!/?", (int)unit) != NULL));
}

static bool is_printed(uint32_t unit)
{
	return unit == 0 || (unit >= ' ' && unit < 0x7f) || g_ascii_isspace((char)MIN(unit, 0x7fu));
}

/* The three units that begin at `at`, with what follows them; end: of the base64. */
static Utf7 utf7_read(ParseRange text, size_t at, size_t end, Utf7 next)
{
	uint32_t units[5] = { 0 }; /* one before and one behind, 0: there is none */
	uint64_t bits = 0;
	size_t n = MIN(end - at, (size_t)UTF7_PERIOD);

	for (size_t i = 0; i < UTF7_PERIOD; i++)
		bits = bits << 6 | (i < n ? (uint64_t)utf7_value(text.bytes[at + i]) : 0);
	for (size_t unit = 0; unit < n * 6 / 16; unit++)
		units[1 + unit] = bits >> (32 - 16 * unit) & 0xffff;
	units[4] = n == UTF7_PERIOD ? next.first : 0;
	Utf7 found = { n == UTF7_PERIOD && next.markup, units[1] };
	for (size_t unit = 1; unit < 4; unit++)
		found.markup |=
		        (units[unit] == '<' && opens_tag(units[unit + 1])) ||
		        (units[unit] == '>' && is_printed(units[unit - 1]) && is_printed(units[unit + 1]));
	return found;
}

/* From its end: what begins at a character is markup if its own three units are, or what begins a period
 * later. So every `+` is judged in one pass, however many there are. */
static void utf7_run(BlockScan *scan, size_t start, size_t end)
{
	Utf7 found[UTF7_PERIOD] = { { false, 0 } };

	for (size_t at = end; at > start; at--) {
		Utf7 *here = &found[at % UTF7_PERIOD];
		*here = utf7_read(scan->text, at, end, *here);
		if (!here->markup || scan->text.bytes[at - 1] != '+')
			continue;
		parse_blocks_cut(scan, at, at, CUT_SPACE);
		/* what is before it now ends here */
		memset(found, 0, sizeof(found));
		end = at;
	}
}

static void reverse_cuts(GArray *cuts, guint first)
{
	for (guint last = cuts->len; first + 1 < last; first++) {
		Cut *a = &g_array_index(cuts, Cut, first), *b = &g_array_index(cuts, Cut, --last);
		Cut swap = *a;
		*a = *b;
		*b = swap;
	}
}

void parse_blocks_utf7(BlockScan *scan)
{
	const ParseRange text = scan->text;

	for (size_t at = 0; at < text.length;) {
		const uint8_t *plus = memchr(text.bytes + at, '+', text.length - at);
		if (plus == NULL)
			return;
		size_t start = (size_t)(plus - text.bytes), end = start;
		guint cuts = scan->cuts->len;
		while (end < text.length && utf7_value(text.bytes[end]) >= 0)
			end++;
		utf7_run(scan, start, end);
		reverse_cuts(scan->cuts, cuts);
		at = end;
	}
}
