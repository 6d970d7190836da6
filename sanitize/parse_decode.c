/* parse_decode: transfer encodings and the hash of a part.
 *
 * base64 is our own, since a 1 MB part spends its time here, and uuencode, since GMime's step function
 * takes the begin line for data; quoted-printable goes through GMime's, in chunks.
 */
#include "gmime_auto_priv.h"
#include "parse_code_priv.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* ---- base64
 * ------------------------------------------------------------------------------------------------ */

enum { B64_SKIP = 0x40, B64_PAD = 0x80 };

static uint8_t b64_value[256];

static void b64_fill(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	memset(b64_value, B64_SKIP, sizeof b64_value);
	for (unsigned i = 0; i < 64; i++)
		b64_value[(uint8_t)alphabet[i]] = (uint8_t)i;
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

/* Whole quads of alphabet characters; stops at anything else. */
static size_t b64_quads(Base64 *b64, const uint8_t *in, size_t length)
{
	size_t at = 0;

	while (length - at >= 4 && b64->end - b64->out >= 3) {
		uint8_t a = b64_value[in[at]], b = b64_value[in[at + 1]];
		uint8_t c = b64_value[in[at + 2]], d = b64_value[in[at + 3]];
		if ((a | b | c | d) & (B64_SKIP | B64_PAD))
			break;
		b64->out[0] = (uint8_t)(a << 2 | b >> 4);
		b64->out[1] = (uint8_t)(b << 4 | c >> 2);
		b64->out[2] = (uint8_t)(c << 6 | d);
		b64->out += 3;
		at += 4;
	}
	return at;
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

/* ---- the others
 * ---------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	ParseEncoding encoding;
} EncodingName;

static const EncodingName encoding_names[] = {
	{ "base64", PARSE_ENCODING_BASE64 },       { "quoted-printable", PARSE_ENCODING_QUOTED_PRINTABLE },
	{ "x-uuencode", PARSE_ENCODING_UUENCODE }, { "x-uue", PARSE_ENCODING_UUENCODE },
	{ "uuencode", PARSE_ENCODING_UUENCODE },
};

ParseEncoding parse_encoding(ParseRange value)
{
	g_autofree char *token = parse_type_token(value);

	for (size_t i = 0; i < G_N_ELEMENTS(encoding_names); i++) {
		if (strcmp(token, encoding_names[i].name) == 0)
			return encoding_names[i].encoding;
	}
	return PARSE_ENCODING_IDENTITY;
}

static bool decode_identity(ParseRange input, uint8_t *room, size_t capacity, size_t *ret_length)
{
	*ret_length = MIN(input.length, capacity);
	if (*ret_length > 0)
		memcpy(room, input.bytes, *ret_length);
	return *ret_length == input.length;
}

static bool decode_quoted(ParseRange input, uint8_t *room, size_t capacity, size_t *ret_length)
{
	enum { CHUNK = 32 * 1024 };
	GMimeEncoding state;
	size_t done = 0;

	g_mime_encoding_init_decode(&state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	/* Twice the chunk: no step may write that much, whatever state it carries over. */
	size_t room_for_step = MAX((size_t)2 * CHUNK, g_mime_encoding_outlen(&state, CHUNK));
	g_autofree char *buffer = g_malloc(room_for_step);
	for (size_t at = 0; at < input.length; at += CHUNK) {
		size_t chunk = MIN((size_t)CHUNK, input.length - at);
		size_t n = g_mime_encoding_step(&state, (const char *)input.bytes + at, chunk, buffer);
		size_t fits = MIN(n, capacity - done);
		if (fits > 0)
			memcpy(room + done, buffer, fits);
		done += fits;
		*ret_length = done;
		if (fits < n)
			return false;
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
	b64_fill();
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
