/* parse_decode: transfer encodings and the hash of a part.
 *
 * All decoders take what real mailers and attackers write, and go on where a strict one would stop: what
 * another reader can still decode must be in the bytes that are hashed and judged here.
 */
#include "parse_code_priv.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* ---- base64 ----------------------------------------------------------------------------------------------
 */

enum { B64_SKIP = 0x40, B64_PAD = 0x80 };

static uint8_t b64_value[256];
/* The bits of a character by its place among four, where the three bytes lie in memory order; BAD for what is
 * none. */
static uint32_t b64_place[4][256];
static const uint32_t b64_bad = UINT32_C(1) << 31;

/* Bits of the 24 as a word whose first bytes in memory are the three. */
static uint32_t b64_word(uint32_t bits)
{
	const uint8_t bytes[4] = { (uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits, 0 };
	uint32_t word;

	memcpy(&word, bytes, sizeof word);
	return word;
}

void parse_base64_warm_up(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	/* set in every place, and never by three bytes */
	const uint32_t bad = G_BYTE_ORDER == G_LITTLE_ENDIAN ? b64_bad : 1;

	memset(b64_value, B64_SKIP, sizeof b64_value);
	for (unsigned place = 0; place < 4; place++) {
		for (unsigned i = 0; i < 256; i++)
			b64_place[place][i] = bad;
	}
	for (unsigned i = 0; i < 64; i++) {
		b64_value[(uint8_t)alphabet[i]] = (uint8_t)i;
		for (unsigned place = 0; place < 4; place++)
			b64_place[place][(uint8_t)alphabet[i]] = b64_word(i << (6 * (3 - place)));
	}
	b64_value['='] = B64_PAD;
}

typedef struct {
	uint32_t bits;
	unsigned count; /* characters in bits, 0 .. 3 */
	uint8_t *out;
	uint8_t *end;
	bool full;
} Base64;

static void b64_emit(Base64 *b64, unsigned bytes)
{
	/* what a partial quad holds, from its first bits on */
	uint32_t bits = b64->bits << (6 * (4 - b64->count));

	if ((size_t)(b64->end - b64->out) < bytes) {
		b64->full = true;
		return;
	}
	for (unsigned i = 0; i < bytes; i++)
		*b64->out++ = (uint8_t)(bits >> (16 - 8 * i));
	b64->bits = 0;
	b64->count = 0;
}

/* Padding ends a quad, not the part: concatenated pieces of base64 are read on, as most readers do, so
 * that nothing can hide behind a `=`. */
static void b64_char(Base64 *b64, uint8_t value)
{
	if (value == B64_SKIP)
		return;
	if (value == B64_PAD) {
		if (b64->count >= 2)
			b64_emit(b64, b64->count - 1);
		b64->count = 0;
		b64->bits = 0;
		return;
	}
	b64->bits = b64->bits << 6 | value;
	if (++b64->count == 4)
		b64_emit(b64, 3);
}

/* Whole quads of alphabet characters; stops at anything else. Writes a fourth byte, which the next quad
 * overwrites. */
static size_t b64_quads(Base64 *b64, const uint8_t *in, size_t length)
{
	const uint32_t bad = G_BYTE_ORDER == G_LITTLE_ENDIAN ? b64_bad : 1;
	size_t quads = MIN(length / 4, (size_t)(b64->end - b64->out) / 3);
	uint8_t *out = b64->out;
	size_t n = 0;

	/* the last one has no room for the fourth byte */
	for (; n + 1 < quads; n++) {
		uint32_t word =
		        b64_place[0][in[0]] | b64_place[1][in[1]] | b64_place[2][in[2]] | b64_place[3][in[3]];
		if (word & bad)
			break;
		memcpy(out, &word, sizeof word);
		in += 4;
		out += 3;
	}
	b64->out = out;
	return 4 * n;
}

static bool decode_base64(ParseRange input, uint8_t *room, size_t capacity, size_t *ret_length)
{
	Base64 b64 = { .out = room, .end = room + capacity };

	for (size_t at = 0; at < input.length && !b64.full;) {
		if (b64.count == 0)
			at += b64_quads(&b64, input.bytes + at, input.length - at);
		if (at < input.length)
			b64_char(&b64, b64_value[input.bytes[at++]]);
	}
	if (!b64.full && b64.count >= 2)
		b64_emit(&b64, b64.count - 1);
	*ret_length = (size_t)(b64.out - room);
	return !b64.full;
}

void parse_decode_base64_append(GByteArray *out, ParseRange input)
{
	guint old = out->len;
	size_t length = 0;

	g_byte_array_set_size(out, old + (guint)(input.length / 4 * 3 + 3));
	decode_base64(input, out->data + old, out->len - old, &length);
	g_byte_array_set_size(out, old + (guint)length);
}

/* ---- names -----------------------------------------------------------------------------------------------
 */

typedef struct {
	const char *name;
	ParseEncoding encoding;
} EncodingName;

static const EncodingName encoding_names[] = {
	{ "7bit", PARSE_ENCODING_IDENTITY },       { "8bit", PARSE_ENCODING_IDENTITY },
	{ "binary", PARSE_ENCODING_IDENTITY },     { "base64", PARSE_ENCODING_BASE64 },
	{ "x-uuencode", PARSE_ENCODING_UUENCODE }, { "quoted-printable", PARSE_ENCODING_QUOTED_PRINTABLE },
	{ "x-uue", PARSE_ENCODING_UUENCODE },      { "uuencode", PARSE_ENCODING_UUENCODE },
};

ParseEncoding parse_encoding_exact(ParseRange value)
{
	for (size_t i = 0; i < G_N_ELEMENTS(encoding_names); i++) {
		const char *name = encoding_names[i].name;
		if (strlen(name) == value.length &&
		    g_ascii_strncasecmp((const char *)value.bytes, name, value.length) == 0)
			return encoding_names[i].encoding;
	}
	return PARSE_ENCODING_UNKNOWN;
}

/* ---- the others ------------------------------------------------------------------------------------------
 */

static bool decode_identity(ParseRange input, uint8_t *room, size_t capacity, size_t *ret_length)
{
	*ret_length = MIN(input.length, capacity);
	if (*ret_length > 0)
		memcpy(room, input.bytes, *ret_length);
	return *ret_length == input.length;
}

/* RFC 2045 6.7, rule 5 and its breaches: `=`, blanks, a line end of any kind, or the end. 0: no soft break.
 */
static size_t quoted_soft_break(ParseRange input, size_t at)
{
	size_t p = at + 1;

	while (p < input.length && (input.bytes[p] == ' ' || input.bytes[p] == '\t'))
		p++;
	if (p == input.length)
		return p - at;
	if (input.bytes[p] != '\r' && input.bytes[p] != '\n')
		return 0;
	return parse_next_line(input, p, NULL) - at;
}

/* What the `=` at `at` stands for, -1 for nothing. Returns the length read. */
static size_t quoted_code(ParseRange input, size_t at, int *ret_byte)
{
	const uint8_t *p = input.bytes + at;
	bool code = at + 2 < input.length && g_ascii_isxdigit((char)p[1]) && g_ascii_isxdigit((char)p[2]);

	*ret_byte = -1;
	if (code) {
		*ret_byte = g_ascii_xdigit_value((char)p[1]) << 4 | g_ascii_xdigit_value((char)p[2]);
		return 3;
	}
	size_t soft = quoted_soft_break(input, at);
	if (soft > 0)
		return soft;
	*ret_byte = '=';
	return 1;
}

/* Length of the run that stands for itself. */
static size_t quoted_plain(ParseRange input, size_t at)
{
	size_t p = at;

	while (p < input.length && input.bytes[p] != '=' && input.bytes[p] != ' ' && input.bytes[p] != '\t')
		p++;
	return p - at;
}

static size_t quoted_blanks(ParseRange input, size_t at)
{
	size_t p = at;

	while (p < input.length && (input.bytes[p] == ' ' || input.bytes[p] == '\t'))
		p++;
	return p - at;
}

static bool quoted_line_ends(ParseRange input, size_t at)
{
	return at == input.length || input.bytes[at] == '\r' || input.bytes[at] == '\n';
}

static bool decode_quoted(ParseRange input, uint8_t *room, size_t capacity, size_t *ret_length)
{
	size_t done = 0;

	for (size_t at = 0; at < input.length;) {
		size_t plain = quoted_plain(input, at);
		size_t blanks = plain == 0 ? quoted_blanks(input, at) : 0;
		/* blanks at the end of a line were added on the way (RFC 2045 6.7, rule 3) */
		size_t keep = blanks > 0 && quoted_line_ends(input, at + blanks) ? 0 : plain + blanks;
		size_t fits = MIN(keep, capacity - done);
		if (fits > 0)
			memcpy(room + done, input.bytes + at, fits);
		done += fits;
		*ret_length = done;
		if (fits < keep)
			return false;
		at += plain + blanks;
		if (plain + blanks > 0)
			continue;
		int byte = -1;
		at += quoted_code(input, at, &byte);
		if (byte >= 0 && done == capacity)
			return false;
		if (byte >= 0)
			room[done++] = (uint8_t)byte;
	}
	*ret_length = done;
	return true;
}

/* The 6 bits of character i of a line; what is cut off counts as zero. */
static uint32_t uu_bits(ParseRange line, size_t i)
{
	return i < line.length ? (line.bytes[i] - 0x20u) & 0x3f : 0;
}

/* One data line: a length character, then groups of four. */
static bool uu_line(ParseRange line, uint8_t *room, size_t capacity, size_t *done)
{
	size_t bytes = uu_bits(line, 0);

	for (size_t i = 0; i < bytes; i++) {
		size_t group = 1 + i / 3 * 4;
		uint32_t bits = uu_bits(line, group) << 18 | uu_bits(line, group + 1) << 12 |
		                uu_bits(line, group + 2) << 6 | uu_bits(line, group + 3);
		if (*done == capacity)
			return false;
		room[(*done)++] = (uint8_t)(bits >> (16 - 8 * (i % 3)));
	}
	return true;
}

static bool decode_uu(ParseRange input, uint8_t *room, size_t capacity, size_t *ret_length)
{
	bool begun = false;

	*ret_length = 0;
	for (size_t at = 0, end = 0; at < input.length;) {
		const uint8_t *start = input.bytes + at;
		size_t next = parse_next_line(input, at, &end);
		const ParseRange line = { start, end - at };
		at = next;
		if (!begun) {
			begun = line.length > 6 && memcmp(line.bytes, "begin ", 6) == 0;
			continue;
		}
		if (line.length == 3 && memcmp(line.bytes, "end", 3) == 0)
			return true;
		if (!uu_line(line, room, capacity, ret_length))
			return false;
	}
	return true;
}

bool parse_decode(ParseEncoding encoding, ParseRange input, uint8_t *room, size_t capacity,
                  size_t *ret_length)
{
	uint8_t nowhere;

	*ret_length = 0;
	if (input.length == 0)
		return true;
	if (capacity == 0)
		room = &nowhere;
	if (encoding == PARSE_ENCODING_BASE64)
		return decode_base64(input, room, capacity, ret_length);
	if (encoding == PARSE_ENCODING_QUOTED_PRINTABLE)
		return decode_quoted(input, room, capacity, ret_length);
	if (encoding == PARSE_ENCODING_UUENCODE)
		return decode_uu(input, room, capacity, ret_length);
	return decode_identity(input, room, capacity, ret_length);
}

/* ---- the hash
 * -------------------------------------------------------------------------------------------------- */

static EVP_MD *digest;
static EVP_MD_CTX *digest_context;

bool parse_hash_warm_up(GError **error)
{
	if (digest != NULL)
		return true;
	parse_base64_warm_up();
	/* no configuration file: it could name providers that are then loaded */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest_context = EVP_MD_CTX_new();
	if (digest != NULL && digest_context != NULL)
		return true;
	g_set_error_literal(error, PARSE_CODE_ERROR, PARSE_CODE_ERROR_WARM_UP,
	                    "the crypto library has no SHA-256");
	return false;
}

void parse_hash(ParseRange bytes, uint8_t ret_sha256[32])
{
	bool ok = EVP_DigestInit_ex2(digest_context, digest, NULL) == 1;

	if (ok && bytes.length > 0)
		ok = EVP_DigestUpdate(digest_context, bytes.bytes, bytes.length) == 1;
	if (!ok || EVP_DigestFinal_ex(digest_context, ret_sha256, NULL) != 1)
		memset(ret_sha256, 0, 32);
}
