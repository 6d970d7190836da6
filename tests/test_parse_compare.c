/* parse_compare: do the two forms of one body say different things? */
#include "parse_text_priv.h"

#include <string.h>

typedef struct {
	const char *name;
	const char *plain, *html;
	bool differ;
} CompareCase;

#define LETTER                                                                                                                                 \
	"お世話になっております。山田市役所の佐藤です。先日ご依頼いただいた住民票の写しについて、" \
	"担当課より確認事項がございます。"

static const CompareCase compare_cases[] = {
	{ "same", "Hello, see you on Monday at the town hall.", "Hello, see you on Monday at the town hall.",
	  false },
	{ "both empty", "", "", false },
	{ "gmail",
	  "*山田* 様\n\n" LETTER
	  "\n詳しくは https://www.city.example.lg.jp/a をご覧ください。\n\n> 前の本文\n",
	  "山田 様\n\n" LETTER "\n詳しくは こちら [1] をご覧ください。\n\n> 前の本文\n\n"
	  "[1] https://www.city.example.lg.jp/a",
	  false },
	{ "outlook",
	  "Dear all,\n\nPlease find the minutes of our meeting of last Tuesday attached to this message.\n\n"
	  "Best regards\nTaro\n<mailto:taro@example.jp> taro@example.jp\n",
	  "Dear all,\n\nPlease find the minutes of our meeting of last Tuesday attached to this message.\n\n"
	  "Best regards\nTaro\ntaro@example.jp",
	  false },
	{ "wrapped and quoted", "> The quick brown fox jumps\n> over the lazy dog.",
	  "The quick brown fox jumps over the lazy dog.", false },
	{ "full width and case", "ＡＢＣ会議のご案内 ｶﾀｶﾅ Meeting", "abc会議のご案内 カタカナ MEETING",
	  false },
	{ "pictures and buttons of ours", "新春セールのお知らせです。ぜひご来店ください。",
	  "[画像: "
	  "会社のロゴマークと社屋の写真、代表取締役の挨拶文]"
	  "\n新春セールのお知らせです。ぜひご来店ください。\n"
	  "[ボタン: 申し込みフォームの送信ボタンを押してください]",
	  false },
	{ "words of pictures in the plain form", "Call today for details about our annuity\nOur form is here",
	  "[image: Call today for details about our annuity]\nOur form is here", false },
	{ "numbers written otherwise", "合計 12,800円 を 2026/04/01 までに",
	  "合計 12800円 を 2026-04-01 までに", false },
	{ "a number left out", "お問い合わせは 0120-1234-5678 まで。山田市役所市民課住民係でございます。",
	  "お問い合わせは 0120-1234-5678 まで。山田市役所市民課住民係でございます。〒123-4567", false },
	{ "viewer wanted", "このメールはHTML形式です。表示するにはHTML対応のメールソフトをご利用ください。",
	  LETTER "至急、添付の書類をご確認のうえ返信してください。", true },
	{ "viewer wanted, english", "This is an HTML message. Please use a viewer that can show it.",
	  "Your parcel could not be delivered. Confirm your address and pay the customs fee now.", true },
	{ "english of another meaning",
	  "The meeting of the planning committee is on Thursday in room twelve.",
	  "Your password will expire today, so sign in with your account to keep using your mailbox.", true },
	{ "very short", "Please pay nothing.",
	  "Please pay at http://bank.example.org/ [1!phish.example.com]\n\n[1] http://phish.example.com/",
	  true },
	{ "empty html", "This text stands in the plain form alone, and is long enough.", "", true },
	{ "short both", "OK", "はい", false },
	{ "other account",
	  LETTER "お振込先は みらい銀行 中央支店 普通 1234567 でございます。よろしくお願いいたします。",
	  LETTER "お振込先は みらい銀行 中央支店 普通 7654321 でございます。よろしくお願いいたします。",
	  true },
	{ "other host", LETTER "https://www.bank.example.co.jp/login からお手続きください。",
	  LETTER "https://login.evil.example/ からお手続きください。", true },
	{ "other host of the same owner", LETTER "https://www.bank.co.jp/login からお手続きください。",
	  LETTER "https://click.bank.co.jp/?u=1 からお手続きください。", false },
	{ "host in the mark of a link", LETTER "https://www.bank.co.jp/ へ",
	  LETTER "https://www.bank.co.jp/ [1!evil.example] へ\n\n[1] http://evil.example/l", false },
	{ "defanged", LETTER "https://www.bank.co.jp/ へ",
	  LETTER "hxxps://www[.]bank[.]co[.]jp/ [1!evil[.]example] へ\n\n[1] hxxp://evil[.]example/l", false },
	{ "defanged, other host", LETTER "https://www.bank.co.jp/ へ", LETTER "hxxps://www[.]evil[.]example/ へ",
	  true },
	{ "one host of several", LETTER "https://a.example/ https://b.example/", LETTER "https://b.example/x",
	  false },
};

static void test_compare(gconstpointer data)
{
	const CompareCase *c = data;
	g_autofree char *plain = g_strdup(c->plain), *html = g_strdup(c->html);

	g_assert_cmpint(parse_texts_differ(plain, html), ==, c->differ);
	g_assert_cmpint(parse_texts_differ(html, plain), ==, c->differ);
}

/* Inputs that would be slow if a bracket, a URL or a word were read more than once. */
static void test_floods(void)
{
	static const char *const pieces[] = {
		"[", "[画像", "http://", "a", "1,", "あ", "[1!", "\xef\xb7\xba"
	};

	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		g_autoptr(GString) flood = g_string_new(NULL);
		while (flood->len < 2000000)
			g_string_append(flood, pieces[p]);
		gint64 start = g_get_monotonic_time();
		g_assert_false(parse_texts_differ(flood->str, flood->str));
		g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(compare_cases); i++) {
		g_autofree char *path = g_strdup_printf("/compare/%s", compare_cases[i].name);
		g_test_add_data_func(path, &compare_cases[i], test_compare);
	}
	g_test_add_func("/compare/floods", test_floods);
	return g_test_run();
}
