/* charset_jis: the ISO-2022-JP family by a state machine of our own.
 *
 * glibc's converters refuse NEC row 13 and the IBM rows, pass ESC ( I through raw, and carry a forgotten
 * kanji mode into the next line. Real mail has all three, and an ESC that passes reaches a terminal.
 */
#include "charset_priv.h"

#include <string.h>

typedef enum { SET_ASCII = 0, SET_KANA, SET_0208, SET_0212, SET_FOREIGN } JisSet;

typedef struct {
	const char *sequence; /* after ESC */
	JisSet set;
} JisDesignator;

/* Roman (J, H) reads as ASCII: `\` and `~`, as browsers and Windows do. JIS X 0213 (O, Q) shares the
 * rows that mail uses. FOREIGN: the Chinese and Korean sets of ISO-2022-JP-2, whose bytes are
 * replaced, never shown as if they were Japanese. */
static const JisDesignator designators[] = {
	{ "(B", SET_ASCII },    { "(J", SET_ASCII },    { "(H", SET_ASCII },    { "(I", SET_KANA },
	{ "$@", SET_0208 },     { "$B", SET_0208 },     { "$(@", SET_0208 },    { "$(B", SET_0208 },
	{ "$(D", SET_0212 },    { "$(O", SET_0208 },    { "$(Q", SET_0208 },    { "$A", SET_FOREIGN },
	{ "$(A", SET_FOREIGN }, { "$(C", SET_FOREIGN }, { "$(P", SET_FOREIGN },
};

typedef struct {
	const uint8_t *bytes;
	size_t length;
	size_t at;
	JisSet set;
	bool shifted; /* SO: kana until SI */
	GString *out;
	uint64_t *replaced;
} Jis;

static bool jis_announcer(Jis *jis)
{
	/* ESC & @ announces JIS X 0208-1990 and is followed by the designator proper. */
	if (jis->length - jis->at < 3 || memcmp(jis->bytes + jis->at + 1, "&@", 2) != 0)
		return false;
	jis->at += 3;
	return true;
}

static void jis_escape(Jis *jis)
{
	for (size_t i = 0; i < G_N_ELEMENTS(designators); i++) {
		size_t n = strlen(designators[i].sequence);
		if (jis->length - jis->at <= n)
			continue;
		if (memcmp(jis->bytes + jis->at + 1, designators[i].sequence, n) != 0)
			continue;
		jis->set = designators[i].set;
		jis->at += n + 1;
		return;
	}
	if (jis_announcer(jis))
		return;
	charset_put(jis->out, 0, jis->replaced);
	jis->at++;
}

static bool jis_control(Jis *jis, uint8_t byte)
{
	if (byte > 0x20)
		return false;
	if (byte == 0x1b) {
		jis_escape(jis);
		return true;
	}
	/* A line end resets, as RFC 1468 demands: one forgotten ESC ( B must not garble the rest. */
	if (byte == '\r' || byte == '\n') {
		jis->set = SET_ASCII;
		jis->shifted = false;
	}
	if (byte == 0x0e || byte == 0x0f)
		jis->shifted = byte == 0x0e;
	else
		g_string_append_c(jis->out, (char)byte);
	jis->at++;
	return true;
}

static void jis_single(Jis *jis, uint8_t byte)
{
	bool kana_set = jis->shifted || jis->set == SET_KANA;

	jis->at++;
	if (byte >= 0xa1 && byte <= 0xdf)
		charset_put(jis->out, 0xff61u + byte - 0xa1u, jis->replaced);
	else if (kana_set && byte >= 0x21 && byte <= 0x5f)
		charset_put(jis->out, 0xff61u + byte - 0x21u, jis->replaced);
	else if (kana_set || byte >= 0x7f)
		charset_put(jis->out, 0, jis->replaced);
	else
		g_string_append_c(jis->out, (char)byte);
}

static uint16_t jis_lookup(JisSet set, unsigned row, unsigned cell)
{
	if (set == SET_FOREIGN)
		return 0;
	return set == SET_0212 ? charset_kuten_0212(row, cell) : charset_kuten(row, cell);
}

static void jis_double(Jis *jis, uint8_t lead)
{
	uint8_t trail = jis->at + 1 < jis->length ? jis->bytes[jis->at + 1] : 0;

	if (lead > 0x7e || trail < 0x21 || trail > 0x7e) {
		charset_put(jis->out, 0, jis->replaced);
		jis->at++;
		return;
	}
	charset_put(jis->out, jis_lookup(jis->set, lead - 0x20u, trail - 0x20u), jis->replaced);
	jis->at += 2;
}

static void jis_char(Jis *jis)
{
	uint8_t byte = jis->bytes[jis->at];

	if (jis_control(jis, byte))
		return;
	if (jis->shifted || jis->set == SET_ASCII || jis->set == SET_KANA)
		jis_single(jis, byte);
	else
		jis_double(jis, byte);
}

void charset_jis_read(CharsetReader *reader, GString *out, size_t max)
{
	Jis jis = { .bytes = reader->bytes,
		    .length = reader->length,
		    .at = reader->at,
		    .set = (JisSet)reader->jis_set,
		    .shifted = reader->jis_shifted,
		    .out = out,
		    .replaced = &reader->replaced };

	while (jis.at < jis.length && out->len < max)
		jis_char(&jis);
	reader->at = jis.at;
	reader->jis_set = jis.set;
	reader->jis_shifted = jis.shifted;
}
