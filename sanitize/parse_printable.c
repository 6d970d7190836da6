/* parse_printable: files that are spelled out in printable characters, in cleaned text.
 *
 * Programs: machine code can be written in capitals, digits and signs alone. It is a text to a mail reader,
 * and a program to a system that is given the part as a file; the test file of virus scanners is one. No
 * words look like that, but addresses and formulas of spreadsheets do, nearly: what they lack is the
 * brackets, backslashes and carets by which such a program reckons.
 *
 * Quoted-printable in a text that is not in quoted-printable: no reader that believes the header decodes it,
 * so it is a text. But no one writes down a long row of codes, one right behind the other, except for a
 * reader that does not believe the header.
 */
#include "parse_blocks_priv.h"
#include "parse_structure_priv.h"

#include <string.h>

enum {
	CODE_RUN = 32,
	CODE_CAPITALS = 8,
	CODE_DIGITS = 3,
	CODE_SIGNS = 8, /* different ones ... */
	CODE_RARE = 3,  /* ... of those that neither a formula nor an address holds */
	CODE_BLOCKS = 1000,
	QUOTED_MIN = 24, /* codes */
	QUOTED_GAP = 4,  /* characters between two of them that may stand for themselves */
};

/* ---- programs
 * -------------------------------------------------------------------------------------------------- */

static bool is_code_char(char c)
{
	return c > 0x20 && c < 0x7f && !g_ascii_islower(c);
}

static bool run_is_code(const char *run, size_t length)
{
	bool seen[128] = { false };
	unsigned capitals = 0, digits = 0, signs = 0, rare = 0;

	if (length < CODE_RUN)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool sign = g_ascii_ispunct(run[i]) && !seen[(uint8_t)run[i]];
		capitals += g_ascii_isupper(run[i]);
		digits += g_ascii_isdigit(run[i]);
		signs += sign;
		rare += sign && strchr("[\\]^`{|}", run[i]) != NULL;
		seen[(uint8_t)run[i]] = true;
	}
	return capitals >= CODE_CAPITALS && digits >= CODE_DIGITS && signs >= CODE_SIGNS && rare >= CODE_RARE;
}

/* Length of what begins here, 0 for nothing; *ret_skip: what may be passed over. */
static size_t program_at(const GString *text, size_t at, size_t *ret_skip)
{
	size_t end = at;

	while (end < text->len && is_code_char(text->str[end]))
		end++;
	*ret_skip = end - at;
	return run_is_code(text->str + at, end - at) ? end - at : 0;
}

/* ---- codes
 * ----------------------------------------------------------------------------------------------------- */

static bool is_code(const GString *text, size_t at)
{
	const char *p = text->str + at;

	return at + 2 < text->len && p[0] == '=' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2]);
}

/* A soft break or what is left of it in a text whose lines were joined; a line end. */
static size_t break_length(const GString *text, size_t at)
{
	size_t p = at + (text->str[at] == '=');

	while (p < text->len && text->str[p] == ' ')
		p++;
	if (p < text->len && text->str[p] == '\n')
		return p + 1 - at;
	return text->str[at] == '=' && p > at + 1 && is_code(text, p) ? p - at : 0;
}

/* Where the next code stands, or the length of the text; *ret_near: nothing but a break is between. */
static size_t next_code(const GString *text, size_t at, bool *ret_near)
{
	size_t literal = 0;

	while (at < text->len && !is_code(text, at)) {
		size_t length = break_length(text, at);
		literal += length == 0;
		if (literal > QUOTED_GAP || (length == 0 && text->str[at] == '='))
			return text->len;
		at += MAX(length, (size_t)1);
	}
	*ret_near = literal == 0;
	return at;
}

/* As program_at. */
static size_t quoted_at(const GString *text, size_t at, size_t *ret_skip)
{
	const char *equals = memchr(text->str + at, '=', text->len - at);
	size_t codes = 0, near = 0, end = equals != NULL ? (size_t)(equals - text->str) : text->len;

	*ret_skip = end - at;
	if (end > at)
		return 0;
	for (size_t next = at; next < text->len && is_code(text, next); codes++) {
		bool close = false;
		end = next + 3;
		next = next_code(text, end, &close);
		near += close;
	}
	*ret_skip = end - at;
	return codes >= QUOTED_MIN && 2 * near >= codes ? end - at : 0;
}

/* ---- the cut
 * --------------------------------------------------------------------------------------------------- */

/* Takes bytes. */
static void block_add(ParseTextResult *result, GByteArray *bytes)
{
	/* one more than can be listed, so that the reader is told */
	if (result->blocks->len > CODE_BLOCKS) {
		g_byte_array_unref(bytes);
		return;
	}
	ParseBlock *block = g_new0(ParseBlock, 1);
	*block = (ParseBlock) { PARSE_BLOCK_BINARY, g_strdup(""), bytes, false };
	g_ptr_array_add(result->blocks, block);
}

static GByteArray *bytes_of(const char *text, size_t length)
{
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_append(bytes, (const guint8 *)text, (guint)length);
	return bytes;
}

static GByteArray *bytes_quoted(const char *text, size_t length)
{
	GByteArray *bytes = bytes_of(text, length);
	const ParseRange range = { (const uint8_t *)text, length };
	size_t decoded = 0;

	parse_decode(PARSE_ENCODING_QUOTED_PRINTABLE, range, bytes->data, bytes->len, &decoded);
	g_byte_array_set_size(bytes, (guint)decoded);
	return bytes;
}

typedef struct {
	size_t (*find)(const GString *text, size_t at, size_t *ret_skip);
	GByteArray *(*bytes)(const char *text, size_t length);
} Spelling;

static void cut_all(ParseTextResult *result, const Spelling *spelling, bool english)
{
	GString *text = result->text;
	GString *kept = NULL;
	gsize from = 0;

	for (gsize at = 0; at < text->len;) {
		gsize skip = 0, length = spelling->find(text, at, &skip);
		if (length == 0) {
			at += MAX(skip, (gsize)1);
			continue;
		}
		block_add(result, spelling->bytes(text->str + at, length));
		kept = kept != NULL ? kept : g_string_sized_new(text->len);
		g_string_append_len(kept, text->str + from, (gssize)(at - from));
		parse_blocks_line(kept, english, length);
		at += length;
		from = at;
	}
	if (kept == NULL)
		return;
	g_string_append_len(kept, text->str + from, (gssize)(text->len - from));
	/* not copied: this process has little memory to spare */
	const GString before = *text;
	*text = *kept;
	*kept = before;
	g_string_free(kept, TRUE);
}

void parse_printable_cut(ParseTextResult *result, bool english)
{
	static const Spelling spellings[] = { { quoted_at, bytes_quoted }, { program_at, bytes_of } };

	for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++)
		cut_all(result, &spellings[i], english);
}
