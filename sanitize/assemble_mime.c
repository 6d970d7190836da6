/* assemble_mime: base64, and the names of attachments. */
#include "assemble_parts_priv.h"
#include "clean_text.h"

#include <string.h>

enum {
	BASE64_LINE = 76,
	BASE64_LINE_BYTES = 57,
	NAME_BASE_MAX_CHARS = 100, /* and room for a number and the extension */
	PIECE_MAX_BYTES = 60,
	NORMALIZE_TRIES = 4,
};

size_t mime_base64_size(size_t length)
{
	size_t characters = (length + 2) / 3 * 4;
	return characters + (characters + BASE64_LINE - 1) / BASE64_LINE * 2;
}

static char *base64_group(char *to, const uint8_t *from, size_t length)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = (uint32_t)from[0] << 16;
	bits |= length > 1 ? (uint32_t)from[1] << 8 : 0;
	bits |= length > 2 ? from[2] : 0;
	to[0] = alphabet[bits >> 18];
	to[1] = alphabet[bits >> 12 & 63];
	to[2] = length > 1 ? alphabet[bits >> 6 & 63] : '=';
	to[3] = length > 2 ? alphabet[bits & 63] : '=';
	return to + 4;
}

void mime_base64(GString *out, const char *bytes, size_t length)
{
	size_t old = out->len;
	g_string_set_size(out, old + mime_base64_size(length));
	char *to = out->str + old;
	for (size_t at = 0; at < length; at += 3) {
		to = base64_group(to, (const uint8_t *)bytes + at, MIN(length - at, 3));
		if ((at + 3) % BASE64_LINE_BYTES == 0 || at + 3 >= length) {
			*to++ = '\r';
			*to++ = '\n';
		}
	}
}

/* ---- names ----------------------------------------------------------------------------------- */

struct MimeNames {
	GHashTable *taken; /* ASCII lower case */
	GHashTable *next;  /* base, ASCII lower case -> last number tried */
};

MimeNames *mime_names_new(void)
{
	MimeNames *names = g_new0(MimeNames, 1);
	names->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	names->next = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return names;
}

void mime_names_free(MimeNames *names)
{
	if (names == NULL)
		return;
	g_hash_table_unref(names->taken);
	g_hash_table_unref(names->next);
	g_free(names);
}

static bool is_loose_mark(gunichar c, gunichar before)
{
	bool after_kana = before >= 0x3040 && before <= 0x30FF;
	return (c >= 0x300 && c <= 0x36F) || ((c == 0x3099 || c == 0x309A) && after_kana);
}

/* Marks that NFC could not compose go: two names must not look the same. */
static char *without_loose_marks(const char *name)
{
	GString *kept = g_string_sized_new(strlen(name));
	gunichar before = 0;
	for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (is_loose_mark(c, before))
			continue;
		g_string_append_unichar(kept, c);
		before = c;
	}
	return g_string_free(kept, FALSE);
}

static char *name_pass(const char *name)
{
	g_autofree char *composed = g_utf8_normalize(name, -1, G_NORMALIZE_NFC);
	if (composed == NULL)
		return g_strdup("");
	g_autofree char *cleaned = clean_line(composed, strlen(composed), NAME_BASE_MAX_CHARS, NULL);
	g_strdelimit(cleaned, "/\\:*?\"<>|.", '_');
	return without_loose_marks(cleaned);
}

/* What one step leaves, another may change: repeated until nothing changes. A name that never
 * settles is made on purpose and loses its right to be kept. */
static char *name_base(const char *outside)
{
	g_autofree char *valid = g_utf8_make_valid(outside, -1);
	g_autofree char *base = name_pass(valid);
	for (unsigned tries = 0; tries < NORMALIZE_TRIES; tries++) {
		g_autofree char *again = name_pass(base);
		if (strcmp(again, base) == 0)
			return g_strdup(*base != '\0' ? base : "part");
		g_free(g_steal_pointer(&base));
		base = g_steal_pointer(&again);
	}
	return g_strdup("part");
}

static bool name_take(MimeNames *names, const char *name)
{
	return g_hash_table_add(names->taken, g_ascii_strdown(name, -1));
}

/* "a.PDF" becomes "a.pdf", not "a_PDF.pdf". */
static char *without_extension(const char *outside, const char *extension)
{
	size_t length = strlen(outside), end = strlen(extension) + 1;
	bool same = length > end && outside[length - end] == '.' &&
	            g_ascii_strcasecmp(outside + length - end + 1, extension) == 0;
	return g_strndup(outside, same ? length - end : length);
}

char *mime_names_make(MimeNames *names, const char *outside, const char *extension)
{
	g_autofree char *stem = without_extension(outside, extension);
	g_autofree char *base = name_base(stem);
	char *name = g_strdup_printf("%s.%s", base, extension);
	g_autofree char *key = g_ascii_strdown(base, -1);
	unsigned number = MAX(GPOINTER_TO_UINT(g_hash_table_lookup(names->next, key)), 1);
	while (!name_take(names, name)) {
		g_free(name);
		name = g_strdup_printf("%s_%u.%s", base, ++number, extension);
	}
	g_hash_table_replace(names->next, g_steal_pointer(&key), GUINT_TO_POINTER(number));
	return name;
}

static char *percent_encode(const char *name)
{
	GString *encoded = g_string_new(NULL);
	for (; *name != '\0'; name++) {
		bool stays = g_ascii_isalnum(*name) || *name == '.' || *name == '_' || *name == '-';
		g_string_append_printf(encoded, stays ? "%c" : "%%%02X", (unsigned)(uint8_t)*name);
	}
	return g_string_free(encoded, FALSE);
}

/* At most PIECE_MAX_BYTES, no %XX split. */
static size_t piece_length(const char *encoded)
{
	size_t length = strlen(encoded);
	if (length <= PIECE_MAX_BYTES)
		return length;
	if (encoded[PIECE_MAX_BYTES - 1] == '%')
		return PIECE_MAX_BYTES - 1;
	return encoded[PIECE_MAX_BYTES - 2] == '%' ? PIECE_MAX_BYTES - 2 : PIECE_MAX_BYTES;
}

char *mime_disposition(const char *safe_name)
{
	g_autofree char *encoded = percent_encode(safe_name);
	if (strlen(encoded) <= PIECE_MAX_BYTES)
		return g_strdup_printf("attachment;\r\n filename*=UTF-8''%s", encoded);
	GString *value = g_string_new("attachment;");
	unsigned piece = 0;
	for (const char *at = encoded; *at != '\0'; piece++) {
		size_t length = piece_length(at);
		g_string_append_printf(value, "\r\n filename*%u*=%s%.*s%s", piece,
		                       piece == 0 ? "UTF-8''" : "", (int)length, at,
		                       at[length] != '\0' ? ";" : "");
		at += length;
	}
	return g_string_free(value, FALSE);
}
