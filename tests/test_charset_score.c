/* charset_score: short texts without a label. Written for this test, not for the weights. */
#include "charset_priv.h"

#include <iconv.h>
#include <string.h>

static const char *const japanese[] = {
	"会議資料の送付について",
	"お世話になっております",
	"請求書",
	"見積書（令和6年度）",
	"山田太郎",
	"佐藤花子",
	"髙橋一郎",
	"総務課",
	"住民票の写し",
	"テスト",
	"メール",
	"Webサイトのご案内",
	"Re: 打合せ日程",
	"A社見積.xlsx",
	"①申込書.pdf",
	"ﾃｽﾄﾒｰﾙ",
	"ﾔﾏﾀﾞ ﾀﾛｳ",
	"ありがとう",
	"東京都千代田区",
	"３月議会",
	"防災訓練のお知らせ",
	"入札公告",
	"１０：００～１１：００",
	"「重要」パスワード",
	"議事録.docx",
	"○○町役場",
	"平成",
	"渡邊",
	"国民健康保険",
	"ソフトウェア",
	"第2回",
	"申込書（記入例）",
	"10時から",
	"教育委員会",
	"水道料金",
	"ゴミ収集カレンダー",
	"確定申告",
	"マイナンバー",
	"新型",
	"予算案",
};

static const char *const latin[] = {
	"Réunion à l’hôtel",
	"Café",
	"naïve “quotes”",
	"It’s here – don’t wait",
	"Größe",
	"Übergrößenträger",
	"Straße",
	"Müller",
	"Köln—Düsseldorf",
	"España",
	"¿Qué tal?",
	"mañana",
	"São Paulo",
	"INFORMAÇÃO",
	"situação",
	"Suíça",
	"Ålesund",
	"smörgåsbord",
	"hyvää päivää",
	"yö",
	"Ærø",
	"été",
	"créée",
	"ÉTÉ À NOËL",
	"L’œuvre",
	"25 °C ± 1",
	"© 2024 Société",
	"£10 – €12",
	"Günther Jäger <x>",
	"þæð",
	"Dvořák",
	"pingüino",
	"‘single’",
	"l’été",
	"rock’n’roll",
	"naïf",
	"Zürich",
	"Ça va",
	"coração",
	"vörur",
};

static GBytes *encode(const char *text, const char *name)
{
	char room[256], *out = room, *in = (char *)(uintptr_t)text;
	size_t in_left = strlen(text), out_left = sizeof room;
	iconv_t handle = iconv_open(name, "UTF-8");

	g_assert_true(handle != (iconv_t)-1);
	size_t result = iconv(handle, &in, &in_left, &out, &out_left);
	iconv_close(handle);
	return result == 0 ? g_bytes_new(room, sizeof room - out_left) : NULL;
}

/* Does it come back as it was? Counts in *tried what the character set can say at all. */
static bool comes_back(const char *text, const char *name, Charset hint, unsigned *tried)
{
	g_autoptr(GBytes) bytes = encode(text, name);
	g_autoptr(GString) out = g_string_new(NULL);
	gsize length;

	if (bytes == NULL)
		return true;
	const uint8_t *data = g_bytes_get_data(bytes, &length);
	charset_decode_with(CHARSET_US_ASCII, false, hint, data, length, out, NULL);
	(*tried)++;
	if (strcmp(out->str, text) == 0)
		return true;
	g_test_message("%s: '%s' reads as '%s'", name, text, out->str);
	return false;
}

typedef struct {
	const char *name;
	const char *const *texts;
	size_t n;
	const char *converter;
	Charset hint;
	unsigned wrong_max;
} SetCase;

static const SetCase set_cases[] = {
	{ "sjis", japanese, G_N_ELEMENTS(japanese), "CP932", CHARSET_UNKNOWN, 1 },
	{ "euc", japanese, G_N_ELEMENTS(japanese), "EUC-JP-MS", CHARSET_UNKNOWN, 2 },
	{ "sjis, hint", japanese, G_N_ELEMENTS(japanese), "CP932", CHARSET_SHIFT_JIS, 0 },
	{ "euc, hint", japanese, G_N_ELEMENTS(japanese), "EUC-JP-MS", CHARSET_EUC_JP, 1 },
	{ "jis, hint", japanese, G_N_ELEMENTS(japanese), "CP932", CHARSET_ISO_2022_JP, 1 },
	{ "utf-8", japanese, G_N_ELEMENTS(japanese), "UTF-8", CHARSET_UNKNOWN, 0 },
	{ "latin", latin, G_N_ELEMENTS(latin), "CP1252", CHARSET_UNKNOWN, 0 },
};

static void test_set(gconstpointer data)
{
	const SetCase *c = data;
	unsigned wrong = 0, tried = 0;

	for (size_t i = 0; i < c->n; i++)
		wrong += !comes_back(c->texts[i], c->converter, c->hint, &tried);
	g_assert_cmpuint(tried, >=, (unsigned)c->n - 1);
	g_assert_cmpuint(wrong, <=, c->wrong_max);
}

/* The bytes alone leave these open; the rest of the mail does not. */
static void test_hint(void)
{
	static const struct {
		const char *bytes;
		Charset hint;
		const char *text;
	} cases[] = {
		{ "\xc3\xbd", CHARSET_UNKNOWN, "ý" },              /* as UTF-8 */
		{ "\xc3\xbd\xc3\xbd", CHARSET_SHIFT_JIS, "ﾃｽﾃｽ" }, /* as half-width kana */
		{ "\xc3\xe6\xb9\xf1", CHARSET_GB18030, "面柜" },   /* Chinese without kana */
		{ "\xc3\xe6\xb9\xf1", CHARSET_UNKNOWN, "中国" },
		{ "\xcf\xf0\xe8\xe2\xe5\xf2", CHARSET_WINDOWS_1251, "Привет" },
		{ "\xfa\xb1", CHARSET_SHIFT_JIS, "﨑" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		charset_decode_with(CHARSET_US_ASCII, false, cases[i].hint, (const uint8_t *)cases[i].bytes,
		                    strlen(cases[i].bytes), out, NULL);
		g_assert_cmpstr(out->str, ==, cases[i].text);
	}
}

/* One byte in a longer text that fits nothing is one sign, not the end of Japanese; in a short one it is. */
static void test_damaged(void)
{
	static const struct {
		const char *converter;
		Charset label;
		unsigned times;
		const char *name;
	} cases[] = {
		{ "CP932", CHARSET_US_ASCII, 6, "shift_jis" },
		{ "EUC-JP-MS", CHARSET_US_ASCII, 6, "euc-jp" },
		{ "CP932", CHARSET_UTF_8, 6, "shift_jis" },
		{ "EUC-JP-MS", CHARSET_UTF_8, 6, "euc-jp" },
		{ "CP932", CHARSET_US_ASCII, 2, "windows-1252" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) bytes = encode("会議資料の送付について", cases[i].converter);
		g_autoptr(GString) text = g_string_new(NULL);
		gsize length;
		const char *data = g_bytes_get_data(bytes, &length);
		for (unsigned n = 0; n < cases[i].times; n++)
			g_string_append_printf(text, "%s%.*s", n == 1 ? "\xff" : "", (int)length, data);
		g_autoptr(GString) out = g_string_new(NULL);
		Charset used =
		        charset_decode(cases[i].label, (const uint8_t *)text->str, text->len, out, NULL);
		g_assert_cmpstr(charset_name(used), ==, cases[i].name);
	}
}

/* A text without a label that a mail server cut inside a character is still that text. */
static void test_cut(void)
{
	g_autoptr(GBytes) bytes = encode("会議資料の送付について", "CP932");
	g_autoptr(GString) out = g_string_new(NULL);
	gsize length;
	const uint8_t *data = g_bytes_get_data(bytes, &length);
	uint64_t replaced = 0;

	charset_decode(CHARSET_US_ASCII, data, length - 1, out, &replaced);
	g_assert_cmpstr(out->str, ==, "会議資料の送付につい\xef\xbf\xbd");
	g_assert_cmpuint(replaced, ==, 1);
}

static GString *long_text(const char *converter, size_t ascii, const char *damage)
{
	g_autoptr(GBytes) bytes = encode("会議資料の送付について。ﾃｽﾄ", converter);
	GString *text = g_string_new(NULL);
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);

	for (size_t i = 0; i < ascii; i++)
		g_string_append_c(text, i % 8 == 7 ? ' ' : 'a');
	for (unsigned i = 0; i < 3000; i++)
		g_string_append_len(text, data, (gssize)length);
	g_string_append(text, damage);
	return text;
}

/* Of a long text the first part decides, wherever it happens to end, and damage behind it costs one sign. */
static void test_long(void)
{
	static const struct {
		const char *converter, *name;
	} cases[] = { { "CP932", "shift_jis" }, { "EUC-JP-MS", "euc-jp" } };

	for (size_t i = 0; i < 2 * 8; i++) {
		size_t ascii = i < 8 ? i / 2 : 50000 + i / 2;
		g_autoptr(GString) text = long_text(cases[i % 2].converter, ascii, "\xff<");
		g_autoptr(GString) out = g_string_new(NULL);
		uint64_t replaced = 0;
		Charset used = charset_decode(CHARSET_US_ASCII, (const uint8_t *)text->str, text->len, out,
		                              &replaced);
		g_assert_cmpstr(charset_name(used), ==, cases[i % 2].name);
		g_assert_cmpuint(replaced, ==, 1);
		g_assert_true(g_str_has_suffix(out->str, "\xef\xbf\xbd<"));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(set_cases); i++) {
		g_autofree char *path = g_strdup_printf("/charset-score/set/%s", set_cases[i].name);
		g_test_add_data_func(path, &set_cases[i], test_set);
	}
	g_test_add_func("/charset-score/hint", test_hint);
	g_test_add_func("/charset-score/cut", test_cut);
	g_test_add_func("/charset-score/damaged", test_damaged);
	g_test_add_func("/charset-score/long", test_long);
	return g_test_run();
}
