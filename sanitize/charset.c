/* charset: labels, UTF-8, Shift_JIS, EUC-JP, windows-1252 -> UTF-8. See charset_priv.h. */
#include "charset_priv.h"

#include "parse_code_priv.h"

#include <iconv.h>
#include <string.h>

/* ---- tables ------------------------------------------------------------------------------------- */

enum { SJIS_LEADS = 60, SJIS_TRAILS = 189, KUTEN = 94 };

static struct {
	bool ready;
	uint16_t sjis[SJIS_LEADS][SJIS_TRAILS]; /* by lead (81-9F, E0-FC) and trail - 40 */
	uint16_t jis0212[KUTEN][KUTEN];
} tables;

static uint16_t table_convert(iconv_t handle, const uint8_t *bytes, size_t length)
{
	char *in = (char *)(uintptr_t)bytes;
	uint8_t units[8];
	char *out = (char *)units;
	size_t in_left = length, out_left = sizeof units;

	iconv(handle, NULL, NULL, NULL, NULL);
	if (iconv(handle, &in, &in_left, &out, &out_left) != 0 || in_left != 0)
		return 0;
	if (sizeof units - out_left != 2)
		return 0;
	return (uint16_t)(units[0] << 8 | units[1]);
}

static uint8_t table_sjis_lead(unsigned index)
{
	return (uint8_t)(index < 31 ? 0x81 + index : 0xe0 + index - 31);
}

static void table_fill_sjis(iconv_t handle)
{
	for (unsigned lead = 0; lead < SJIS_LEADS; lead++) {
		for (unsigned trail = 0; trail < SJIS_TRAILS; trail++) {
			const uint8_t bytes[] = { table_sjis_lead(lead), (uint8_t)(0x40 + trail) };
			if (bytes[1] != 0x7f)
				tables.sjis[lead][trail] = table_convert(handle, bytes, sizeof bytes);
		}
	}
}

static void table_fill_0212(iconv_t handle)
{
	for (unsigned row = 0; row < KUTEN; row++) {
		for (unsigned cell = 0; cell < KUTEN; cell++) {
			const uint8_t bytes[] = { 0x8f, (uint8_t)(0xa1 + row), (uint8_t)(0xa1 + cell) };
			tables.jis0212[row][cell] = table_convert(handle, bytes, sizeof bytes);
		}
	}
}

static bool table_build(const char *name, void (*fill)(iconv_t), GError **error)
{
	iconv_t handle = iconv_open("UTF-16BE", name);

	if (handle == (iconv_t)-1) {
		g_set_error(error, PARSE_CODE_ERROR, PARSE_CODE_ERROR_WARM_UP,
		            "the C library has no converter for '%s'", name);
		return false;
	}
	fill(handle);
	iconv_close(handle);
	return true;
}

bool charset_warm_up(GError **error)
{
	if (tables.ready)
		return true;
	if (!table_build("CP932", table_fill_sjis, error))
		return false;
	if (!table_build("EUC-JP-MS", table_fill_0212, error))
		return false;
	tables.ready = true;
	return true;
}

static uint16_t sjis_lookup(uint8_t lead, uint8_t trail)
{
	unsigned index = lead < 0xa0 ? lead - 0x81u : lead - 0xe0u + 31u;

	if (trail < 0x40 || trail > 0xfc || index >= SJIS_LEADS)
		return 0;
	return tables.sjis[index][trail - 0x40];
}

uint16_t charset_kuten(unsigned row, unsigned cell)
{
	if (row < 1 || row > KUTEN || cell < 1 || cell > KUTEN)
		return 0;
	/* JIS X 0208:1997 appendix 1, the shift of rows into Shift_JIS */
	unsigned lead = (row + 1) / 2 + (row <= 62 ? 0x80 : 0xc0);
	unsigned trail = row % 2 == 0 ? cell + 0x9e : cell + 0x3f + (cell >= 64 ? 1 : 0);
	return sjis_lookup((uint8_t)lead, (uint8_t)trail);
}

uint16_t charset_kuten_0212(unsigned row, unsigned cell)
{
	if (row < 1 || row > KUTEN || cell < 1 || cell > KUTEN)
		return 0;
	return tables.jis0212[row - 1][cell - 1];
}

/* ---- labels ------------------------------------------------------------------------------------- */

typedef struct {
	const char *label;
	Charset charset;
} Label;

/* WHATWG Encoding, and what Japanese mailers write besides. Sorted by use, not by name: it is short. */
static const Label labels[] = {
	{ "utf-8", CHARSET_UTF_8 },
	{ "utf8", CHARSET_UTF_8 },
	{ "unicode-1-1-utf-8", CHARSET_UTF_8 },
	{ "cp65001", CHARSET_UTF_8 },
	{ "iso-2022-jp", CHARSET_ISO_2022_JP },
	{ "csiso2022jp", CHARSET_ISO_2022_JP },
	{ "iso-2022-jp-1", CHARSET_ISO_2022_JP },
	{ "iso-2022-jp-2", CHARSET_ISO_2022_JP },
	{ "iso-2022-jp-3", CHARSET_ISO_2022_JP },
	{ "iso-2022-jp-2004", CHARSET_ISO_2022_JP },
	{ "iso-2022-jp-ms", CHARSET_ISO_2022_JP },
	{ "cp50220", CHARSET_ISO_2022_JP },
	{ "cp50221", CHARSET_ISO_2022_JP },
	{ "cp50222", CHARSET_ISO_2022_JP },
	{ "jis", CHARSET_ISO_2022_JP },
	{ "shift_jis", CHARSET_SHIFT_JIS },
	{ "shift-jis", CHARSET_SHIFT_JIS },
	{ "x-sjis", CHARSET_SHIFT_JIS },
	{ "sjis", CHARSET_SHIFT_JIS },
	{ "sjis-win", CHARSET_SHIFT_JIS },
	{ "cp932", CHARSET_SHIFT_JIS },
	{ "ms932", CHARSET_SHIFT_JIS },
	{ "ms_kanji", CHARSET_SHIFT_JIS },
	{ "windows-31j", CHARSET_SHIFT_JIS },
	{ "csshiftjis", CHARSET_SHIFT_JIS },
	{ "cswindows31j", CHARSET_SHIFT_JIS },
	{ "euc-jp", CHARSET_EUC_JP },
	{ "x-euc-jp", CHARSET_EUC_JP },
	{ "eucjp", CHARSET_EUC_JP },
	{ "eucjp-ms", CHARSET_EUC_JP },
	{ "euc-jp-ms", CHARSET_EUC_JP },
	{ "eucjp-win", CHARSET_EUC_JP },
	{ "cp51932", CHARSET_EUC_JP },
	{ "cseucpkdfmtjapanese", CHARSET_EUC_JP },
	{ "us-ascii", CHARSET_US_ASCII },
	{ "ascii", CHARSET_US_ASCII },
	{ "ansi_x3.4-1968", CHARSET_US_ASCII },
	{ "iso646-us", CHARSET_US_ASCII },
	{ "x-unknown", CHARSET_US_ASCII },
	{ "unknown", CHARSET_US_ASCII },
	{ "unknown-8bit", CHARSET_US_ASCII },
	{ "7bit", CHARSET_US_ASCII },
	{ "8bit", CHARSET_US_ASCII },
	{ "binary", CHARSET_US_ASCII },
	{ "", CHARSET_US_ASCII },
	{ "iso-8859-1", CHARSET_WINDOWS_1252 },
	{ "iso8859-1", CHARSET_WINDOWS_1252 },
	{ "iso_8859-1", CHARSET_WINDOWS_1252 },
	{ "latin1", CHARSET_WINDOWS_1252 },
	{ "l1", CHARSET_WINDOWS_1252 },
	{ "windows-1252", CHARSET_WINDOWS_1252 },
	{ "cp1252", CHARSET_WINDOWS_1252 },
	{ "x-cp1252", CHARSET_WINDOWS_1252 },
};

static const char *const names[CHARSET_COUNT] = {
	[CHARSET_UNKNOWN] = "unknown",
	[CHARSET_US_ASCII] = "us-ascii",
	[CHARSET_UTF_8] = "utf-8",
	[CHARSET_ISO_2022_JP] = "iso-2022-jp",
	[CHARSET_SHIFT_JIS] = "shift_jis",
	[CHARSET_EUC_JP] = "euc-jp",
	[CHARSET_WINDOWS_1252] = "windows-1252",
};

static bool label_is_noise(char c)
{
	return c != '\0' && strchr(" \t\r\n\"';", c) != NULL;
}

Charset charset_from_label(const char *label, size_t bytes)
{
	while (bytes > 0 && label_is_noise(label[0])) {
		label++;
		bytes--;
	}
	const char *star = memchr(label, '*', bytes);
	if (star != NULL)
		bytes = (size_t)(star - label);
	while (bytes > 0 && label_is_noise(label[bytes - 1]))
		bytes--;
	for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
		if (strlen(labels[i].label) != bytes)
			continue;
		if (g_ascii_strncasecmp(labels[i].label, label, bytes) == 0)
			return labels[i].charset;
	}
	return CHARSET_UNKNOWN;
}

const char *charset_name(Charset charset)
{
	return charset < CHARSET_COUNT ? names[charset] : names[CHARSET_UNKNOWN];
}

/* ---- decoders ------------------------------------------------------------------------------------- */

void charset_put(GString *out, gunichar c, uint64_t *replaced)
{
	if (c == 0) {
		c = 0xfffd;
		(*replaced)++;
	}
	if (c < 0x80)
		g_string_append_c(out, (char)c);
	else
		g_string_append_unichar(out, c);
}

static size_t ascii_run(const uint8_t *bytes, size_t length)
{
	size_t n = 0;

	while (n < length && bytes[n] < 0x80)
		n++;
	return n;
}

/* Copies ASCII up to max. True: a byte of another kind comes next, and there is room for it. */
static bool read_ascii(CharsetReader *reader, GString *out, size_t max)
{
	const uint8_t *bytes = reader->bytes + reader->at;
	size_t room = out->len < max ? max - out->len : 0;
	size_t plain = ascii_run(bytes, MIN(reader->length - reader->at, room));

	g_string_append_len(out, (const char *)bytes, (gssize)plain);
	reader->at += plain;
	return reader->at < reader->length && out->len < max;
}

/* How a lead byte goes on: Unicode 15 table 3-7. Only the second byte's range varies. */
typedef struct {
	uint8_t first, last;
	uint8_t low, high; /* of the second byte */
	uint8_t trail;     /* bytes after the lead */
} Utf8Lead;

static const Utf8Lead utf8_leads[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 1 }, { 0xe0, 0xe0, 0xa0, 0xbf, 2 }, { 0xe1, 0xec, 0x80, 0xbf, 2 },
	{ 0xed, 0xed, 0x80, 0x9f, 2 }, { 0xee, 0xef, 0x80, 0xbf, 2 }, { 0xf0, 0xf0, 0x90, 0xbf, 3 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 3 }, { 0xf4, 0xf4, 0x80, 0x8f, 3 },
};

/* Length of the maximal subpart at bytes (>= 1); *ret_whole: it is a code point. */
static size_t utf8_subpart(const uint8_t *bytes, size_t length, bool *ret_whole)
{
	*ret_whole = false;
	for (size_t i = 0; i < G_N_ELEMENTS(utf8_leads); i++) {
		const Utf8Lead *lead = &utf8_leads[i];
		if (bytes[0] < lead->first || bytes[0] > lead->last)
			continue;
		if (length < 2 || bytes[1] < lead->low || bytes[1] > lead->high)
			return 1;
		size_t n = 2;
		while (n <= lead->trail && n < length && (bytes[n] & 0xc0) == 0x80)
			n++;
		*ret_whole = n == (size_t)lead->trail + 1;
		return n;
	}
	return 1;
}

static void read_utf8(CharsetReader *reader, GString *out, size_t max)
{
	while (read_ascii(reader, out, max)) {
		const uint8_t *bytes = reader->bytes + reader->at;
		bool whole;
		size_t n = utf8_subpart(bytes, reader->length - reader->at, &whole);
		if (whole)
			g_string_append_len(out, (const char *)bytes, (gssize)n);
		else
			charset_put(out, 0, &reader->replaced);
		reader->at += n;
	}
}

static bool utf8_is_valid(const uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at < length;) {
		at += ascii_run(bytes + at, length - at);
		if (at == length)
			return true;
		bool whole;
		at += utf8_subpart(bytes + at, length - at, &whole);
		if (!whole)
			return false;
	}
	return true;
}

/* U+3040-U+9FFF begin with E3 81 .. E9 BF; bytes are valid UTF-8. */
static bool utf8_has_japanese(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++) {
		if (bytes[i] == 0xe3 && bytes[i + 1] >= 0x81)
			return true;
		if (bytes[i] >= 0xe4 && bytes[i] <= 0xe9)
			return true;
	}
	return false;
}

static size_t decode_sjis_char(const uint8_t *bytes, size_t left, GString *out, uint64_t *replaced)
{
	uint8_t lead = bytes[0];

	if (lead >= 0xa1 && lead <= 0xdf) {
		charset_put(out, 0xff61u + lead - 0xa1u, replaced);
		return 1;
	}
	bool is_lead = (lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc);
	uint16_t c = is_lead && left > 1 ? sjis_lookup(lead, bytes[1]) : 0;
	charset_put(out, c, replaced);
	if (c != 0)
		return 2;
	return is_lead && left > 1 && bytes[1] >= 0x80 ? 2 : 1;
}

static bool is_gr(const uint8_t *bytes, size_t left, size_t index)
{
	return index < left && bytes[index] >= 0xa1 && bytes[index] <= 0xfe;
}

static size_t decode_euc_char(const uint8_t *bytes, size_t left, GString *out, uint64_t *replaced)
{
	if (bytes[0] == 0x8e && left > 1 && bytes[1] >= 0xa1 && bytes[1] <= 0xdf) {
		charset_put(out, 0xff61u + bytes[1] - 0xa1u, replaced);
		return 2;
	}
	if (bytes[0] == 0x8f && is_gr(bytes, left, 1) && is_gr(bytes, left, 2)) {
		charset_put(out, charset_kuten_0212(bytes[1] - 0xa0u, bytes[2] - 0xa0u), replaced);
		return 3;
	}
	if (is_gr(bytes, left, 0) && is_gr(bytes, left, 1)) {
		charset_put(out, charset_kuten(bytes[0] - 0xa0u, bytes[1] - 0xa0u), replaced);
		return 2;
	}
	charset_put(out, 0, replaced);
	return 1;
}

/* windows-1252, 80 .. 9F; 0 = not assigned. */
static const uint16_t windows_1252[32] = {
	0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static size_t decode_1252_char(const uint8_t *bytes, size_t left, GString *out, uint64_t *replaced)
{
	(void)left;
	charset_put(out, bytes[0] < 0xa0 ? windows_1252[bytes[0] - 0x80] : bytes[0], replaced);
	return 1;
}

typedef size_t (*CharDecoder)(const uint8_t *bytes, size_t left, GString *out, uint64_t *replaced);

static void read_multibyte(CharDecoder decoder, CharsetReader *reader, GString *out, size_t max)
{
	while (read_ascii(reader, out, max))
		reader->at += decoder(reader->bytes + reader->at, reader->length - reader->at, out,
		                      &reader->replaced);
}

/* ---- which one ------------------------------------------------------------------------------------- */

/* 7-bit with a kanji designator: nothing else looks like that. */
static bool looks_like_jis(const uint8_t *bytes, size_t length, bool has_high)
{
	return !has_high && memmem(bytes, length, "\x1b$", 2) != NULL;
}

static Charset choose(Charset declared, const uint8_t *bytes, size_t length)
{
	bool has_high = ascii_run(bytes, length) < length;

	if (declared == CHARSET_UNKNOWN)
		declared = CHARSET_US_ASCII;
	if (looks_like_jis(bytes, length, has_high))
		return CHARSET_ISO_2022_JP;
	if (declared == CHARSET_US_ASCII && has_high)
		return CHARSET_UTF_8;
	/* What has no ESC and no SO is not ISO-2022-JP; 8-bit kana alone still may be. */
	if (declared == CHARSET_ISO_2022_JP && has_high && memchr(bytes, 0x1b, length) == NULL &&
	    utf8_is_valid(bytes, length))
		return CHARSET_UTF_8;
	/* Latin-1 that is valid UTF-8 with kana or kanji in it is a wrong label. */
	if (declared == CHARSET_WINDOWS_1252 && has_high && utf8_is_valid(bytes, length) &&
	    utf8_has_japanese(bytes, length))
		return CHARSET_UTF_8;
	return declared;
}

CharsetReader charset_reader(Charset declared, const uint8_t *bytes, size_t length)
{
	return (CharsetReader) {
		/* An empty part has no bytes to point at, and NULL must not be reckoned with. */
		.bytes = length > 0 ? bytes : (const uint8_t *)"",
		.length = length,
		.used = length > 0 ? choose(declared, bytes, length) : declared,
	};
}

bool charset_read(CharsetReader *reader, GString *out, size_t max)
{
	static const CharDecoder decoders[CHARSET_COUNT] = {
		[CHARSET_SHIFT_JIS] = decode_sjis_char,
		[CHARSET_EUC_JP] = decode_euc_char,
		[CHARSET_WINDOWS_1252] = decode_1252_char,
	};

	if (reader->used == CHARSET_ISO_2022_JP)
		charset_jis_read(reader, out, max);
	else if (decoders[reader->used] != NULL)
		read_multibyte(decoders[reader->used], reader, out, max);
	else
		read_utf8(reader, out, max);
	return reader->at < reader->length;
}

Charset charset_decode(Charset declared, const uint8_t *bytes, size_t length, GString *out,
                       uint64_t *ret_replaced)
{
	CharsetReader reader = charset_reader(declared, bytes, length);

	charset_read(&reader, out, SIZE_MAX);
	if (ret_replaced != NULL)
		*ret_replaced += reader.replaced;
	return reader.used;
}
