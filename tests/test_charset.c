/* charset: labels and decoders, golden cases 35-39 of facts/text.md among them. */
#include "charset_priv.h"

#include <string.h>

typedef struct {
	const char *name;
	const char *label;
	const char *bytes;
	size_t length;
	const char *text;
	const char *used;
	uint64_t replaced;
} DecodeCase;

#define BYTES(s) (s), sizeof(s) - 1
#define FFFD "\xef\xbf\xbd"

static const DecodeCase decode_cases[] = {
	/* ISO-2022-JP */
	{ "golden 35", "iso-2022-jp", BYTES("\x1b$B-!-j\x1b(B\x1b(I5]W2\x1b(B"), "①㈱ｵﾝﾗｲ", "iso-2022-jp",
	  0 },
	{ "golden 36", "ISO-2022-JP", BYTES("\x1b$BF|K\\\r\nabc"), "日本\r\nabc", "iso-2022-jp", 0 },
	{ "ibm rows", "iso-2022-jp", BYTES("\x1b$B|b\x1b(B"), "髙", "iso-2022-jp", 0 },
	{ "windows mapping", "iso-2022-jp", BYTES("\x1b$B!A!]!B!q!r\"L\x1b(B"), "～－∥￠￡￢", "iso-2022-jp",
	  0 },
	{ "old kanji set", "iso-2022-jp", BYTES("\x1b$@F|\x1b(J\\~"), "日\\~", "iso-2022-jp", 0 },
	{ "announcer", "iso-2022-jp", BYTES("\x1b&@\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	{ "so si kana", "iso-2022-jp",
	  BYTES("\x0e"
	        "5]\x0f"
	        "a"),
	  "ｵﾝa", "iso-2022-jp", 0 },
	{ "8-bit kana", "iso-2022-jp", BYTES("\x1b$BF|\x1b(B\xb5\xdd"), "日ｵﾝ", "iso-2022-jp", 0 },
	{ "x 0212", "iso-2022-jp-1", BYTES("\x1b$(D0!\x1b(B"), "丂", "iso-2022-jp", 0 },
	{ "foreign set", "iso-2022-jp-2", BYTES("\x1b$(C0!0\"\x1b(Bok"), FFFD FFFD "ok", "iso-2022-jp", 2 },
	{ "unknown escape", "iso-2022-jp", BYTES("\x1b[31mred"), FFFD "[31mred", "iso-2022-jp", 1 },
	{ "cut pair", "iso-2022-jp", BYTES("\x1b$BF|K"), "日" FFFD, "iso-2022-jp", 1 },
	{ "pair broken by an escape", "iso-2022-jp", BYTES("\x1b$BF\x1b(B<b>"), FFFD "<b>", "iso-2022-jp",
	  1 },
	{ "utf-8 under a jis label", "iso-2022-jp", BYTES("日本"), "日本", "utf-8", 0 },
	/* Shift_JIS */
	{ "golden 38", "shift_jis", BYTES("\x82\x3c\x62\x3e"), FFFD "<b>", "shift_jis", 1 },
	{ "golden 39 sjis", "x-sjis", BYTES("\xfb\xfc\xee\xe0"), "髙髙", "shift_jis", 0 },
	{ "nec row", "Shift_JIS", BYTES("\x87\x40\x87\x8a"), "①㈱", "shift_jis", 0 },
	{ "sjis kana and ascii", "cp932", BYTES("\xb5\xdd\\~"), "ｵﾝ\\~", "shift_jis", 0 },
	{ "windows mapping sjis", "cp932", BYTES("\x81\x60\x81\x7c\x81\x61"), "～－∥", "shift_jis", 0 },
	{ "lead at the end", "shift_jis", BYTES("a\x82"), "a" FFFD, "shift_jis", 1 },
	{ "unassigned pair", "shift_jis", BYTES("\x85\x80<"), FFFD "<", "shift_jis", 1 },
	{ "unassigned pair with an ascii trail", "shift_jis", BYTES("\x85\x40x"), FFFD "@x", "shift_jis", 1 },
	{ "jis under a sjis label", "shift_jis", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	/* EUC-JP */
	{ "golden 39 euc", "euc-jp", BYTES("\xfc\xe2"), "髙", "euc-jp", 0 },
	{ "euc rows", "cp51932", BYTES("\xc6\xfc\xcb\xdc\xad\xa1\xad\xea"), "日本①㈱", "euc-jp", 0 },
	{ "euc kana", "EUC-JP", BYTES("\x8e\xb5\x8e\xdd"), "ｵﾝ", "euc-jp", 0 },
	{ "euc x 0212", "euc-jp", BYTES("\x8f\xb0\xa1"), "丂", "euc-jp", 0 },
	{ "windows mapping euc", "euc-jp", BYTES("\xa1\xc1\xa1\xdd\xa1\xc2"), "～－∥", "euc-jp", 0 },
	{ "euc lead before ascii", "euc-jp", BYTES("\xc6<b>"), FFFD "<b>", "euc-jp", 1 },
	/* UTF-8 */
	{ "utf-8", "utf-8", BYTES("日本語"), "日本語", "utf-8", 0 },
	{ "golden 37, without scoring", "utf-8", BYTES("\x93\xfa\x96\x7b"), FFFD FFFD FFFD "{", "utf-8", 3 },
	{ "overlong", "utf-8", BYTES("\xc0\xaf\xe0\x80\xaf"), FFFD FFFD FFFD FFFD FFFD, "utf-8", 5 },
	{ "surrogate", "utf-8", BYTES("\xed\xa0\x80"), FFFD FFFD FFFD, "utf-8", 3 },
	{ "over 10ffff", "utf-8", BYTES("\xf4\x90\x80\x80"), FFFD FFFD FFFD FFFD, "utf-8", 4 },
	{ "five bytes", "utf-8", BYTES("\xf8\x88\x80\x80\x80"), FFFD FFFD FFFD FFFD FFFD, "utf-8", 5 },
	{ "maximal subpart", "utf-8", BYTES("\xe6\x97<\xf0\x9f\x98"), FFFD "<" FFFD, "utf-8", 2 },
	{ "jis under a utf-8 label", "utf-8", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	/* ASCII and Latin */
	{ "no label", "", BYTES("plain"), "plain", "us-ascii", 0 },
	{ "ascii with utf-8", "us-ascii", BYTES("日"), "日", "utf-8", 0 },
	{ "ascii with jis", "us-ascii", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	{ "ascii with rubbish", "us-ascii", BYTES("a\xff<"), "a" FFFD "<", "utf-8", 1 },
	{ "latin", "iso-8859-1", BYTES("caf\xe9 \x80\x81"), "café €" FFFD, "windows-1252", 1 },
	{ "utf-8 under a latin label", "windows-1252", BYTES("日本"), "日本", "utf-8", 0 },
	{ "latin that is valid utf-8", "iso-8859-1", BYTES("\xc3\xa9"), "Ã©", "windows-1252", 0 },
};

static void test_decode(gconstpointer data)
{
	const DecodeCase *c = data;
	g_autoptr(GString) out = g_string_new(NULL);
	uint64_t replaced = 0;
	Charset used = charset_decode(charset_from_label(c->label, strlen(c->label)),
	                              (const uint8_t *)c->bytes, c->length, out, &replaced);

	g_assert_cmpstr(out->str, ==, c->text);
	g_assert_cmpuint(out->len, ==, strlen(c->text));
	g_assert_cmpstr(charset_name(used), ==, c->used);
	g_assert_cmpuint(replaced, ==, c->replaced);
}

/* Read in pieces of any size, the text is the same, and no piece is much more than was asked for. */
static void test_pieces(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(decode_cases) * 7; i++) {
		const DecodeCase *c = &decode_cases[i / 7];
		g_autoptr(GString) out = g_string_new(NULL);
		CharsetReader reader = charset_reader(charset_from_label(c->label, strlen(c->label)),
		                                      (const uint8_t *)c->bytes, c->length);
		for (bool more = true; more;) {
			size_t max = out->len + 1 + i % 7;
			more = charset_read(&reader, out, max);
			g_assert_cmpuint(out->len, <, max + 4);
		}
		g_assert_cmpstr(out->str, ==, c->text);
		g_assert_cmpuint(reader.replaced, ==, c->replaced);
		g_assert_cmpstr(charset_name(reader.used), ==, c->used);
	}
}

typedef struct {
	const char *label;
	const char *name;
} LabelCase;

static void test_labels(void)
{
	static const LabelCase cases[] = {
		{ " \"UTF-8\"; ", "utf-8" },    { "utf-8*ja", "utf-8" },      { "Windows-31J", "shift_jis" },
		{ "CP50220", "iso-2022-jp" },   { "eucJP-win", "euc-jp" },    { "8bit", "us-ascii" },
		{ "utf-7", "unknown" },         { "iso-8859-15", "unknown" }, { "utf-8x", "unknown" },
		{ "utf-", "unknown" },          { "../../evil", "unknown" },  { "IBM1047", "unknown" },
		{ "'latin1'", "windows-1252" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Charset charset = charset_from_label(cases[i].label, strlen(cases[i].label));
		g_assert_cmpstr(charset_name(charset), ==, cases[i].name);
	}
}

/* Whatever the bytes, the result is UTF-8 and no ASCII byte of the input is lost outside JIS pairs. */
static void test_always_utf8(void)
{
	static const char *const names[] = { "",       "utf-8",  "iso-2022-jp", "shift_jis",
		                             "euc-jp", "latin1", "nonsense" };
	uint8_t bytes[64];

	g_test_message("seeded by the test framework");
	for (unsigned round = 0; round < 20000; round++) {
		size_t length = (size_t)g_test_rand_int_range(0, sizeof bytes);
		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)g_test_rand_int_range(0, 256);
		const char *label = names[round % G_N_ELEMENTS(names)];
		g_autoptr(GString) out = g_string_new(NULL);
		charset_decode(charset_from_label(label, strlen(label)), bytes, length, out, NULL);
		g_assert_true(g_utf8_validate_len(out->str, out->len, NULL) ||
		              memchr(out->str, '\0', out->len) != NULL);
	}
}

/* Every `<` that follows a broken lead survives, for every lead. */
static void test_ascii_survives(void)
{
	static const char *const names[] = { "utf-8", "shift_jis", "euc-jp", "latin1", "us-ascii" };

	for (size_t n = 0; n < G_N_ELEMENTS(names); n++) {
		for (unsigned lead = 0x80; lead < 0x100; lead++) {
			const uint8_t bytes[] = { (uint8_t)lead, '<', '"' };
			g_autoptr(GString) out = g_string_new(NULL);
			charset_decode(charset_from_label(names[n], strlen(names[n])), bytes, sizeof bytes,
			               out, NULL);
			g_assert_true(g_str_has_suffix(out->str, "<\""));
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(charset_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(decode_cases); i++) {
		g_autofree char *path = g_strdup_printf("/charset/decode/%s", decode_cases[i].name);
		g_test_add_data_func(path, &decode_cases[i], test_decode);
	}
	g_test_add_func("/charset/pieces", test_pieces);
	g_test_add_func("/charset/labels", test_labels);
	g_test_add_func("/charset/always-utf8", test_always_utf8);
	g_test_add_func("/charset/ascii-survives", test_ascii_survives);
	return g_test_run();
}
