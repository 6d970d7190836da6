/* defang: what no mail reader is to make a link of, in HTML and in plain text, by way of parse_text. */
#include "defang_priv.h"
#include "parse_text_priv.h"

#include <string.h>

/* flagged, all: NULL = as `never` */
typedef struct {
	const char *name, *source, *never, *flagged, *all;
} Case;

#define EVIL "<a href=http://evil.example/l>"

static const Case html_cases[] = {
	/* facts/text.md 6; cases with a link that is not flagged have one form more, for `all` */
	{ "golden 7", "<a href=\"http://evil.example/l\">https://bank.example/</a>",
	  "https://bank.example/ [1!evil.example]\n\n[1] http://evil.example/l",
	  "hxxps://bank[.]example/ [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l",
	  "hxxps://bank[.]example/ [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l" },
	{ "golden 8", "<a href=\"https://a.example/\">https://a.example/</a>", "https://a.example/", NULL,
	  "hxxps://a[.]example/" },
	{ "golden 9", "<a href=\"java&#10;script:alert(1)\">見る</a>", "見る [リンク削除:javascript]", NULL,
	  NULL },
	{ "golden 10", "<a href=\"https://bank.example@evil.example/\">銀行</a>",
	  "銀行 [1!evil.example]\n\n[1] https://evil.example/",
	  "銀行 [1!evil[.]example]\n\n[1] hxxps://evil[.]example/",
	  "銀行 [1!evil[.]example]\n\n[1] hxxps://evil[.]example/" },
	{ "golden 11", "<a href=\"https://xn--pple-43d.com/\">аpple.com</a>",
	  "аpple.com [1!xn--pple-43d.com]\n\n[1] https://xn--pple-43d.com/",
	  "аpple[.]com [1!xn--pple-43d[.]com]\n\n[1] hxxps://xn--pple-43d[.]com/",
	  "аpple[.]com [1!xn--pple-43d[.]com]\n\n[1] hxxps://xn--pple-43d[.]com/" },
	/* which is flagged, and which not */
	{ "honest", "<a href=https://a.example/x.html>甲</a>", "甲 [1]\n\n[1] https://a.example/x.html", NULL,
	  "甲 [1]\n\n[1] hxxps://a[.]example/x.html" },
	{ "one of two", EVIL "www.bank.example</a> <a href=https://a.example/>乙</a>",
	  "www.bank.example [1!evil.example] 乙 [2]\n\n[1] http://evil.example/l\n[2] https://a.example/",
	  "www[.]bank[.]example [1!evil[.]example] 乙 [2]\n\n[1] hxxp://evil[.]example/l\n[2] "
	  "https://a.example/",
	  "www[.]bank[.]example [1!evil[.]example] 乙 [2]\n\n[1] hxxp://evil[.]example/l\n[2] "
	  "hxxps://a[.]example/" },
	{ "one target, honest at first", EVIL "甲</a> " EVIL "bank.example</a>",
	  "甲 [1] bank.example [1!evil.example]\n\n[1] http://evil.example/l",
	  "甲 [1] bank[.]example [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l",
	  "甲 [1] bank[.]example [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l" },
	{ "same host, other page",
	  EVIL "https://bank.example/</a> <a href=https://bank.example/help>https://bank.example/help</a>",
	  "https://bank.example/ [1!evil.example] https://bank.example/help\n\n[1] http://evil.example/l",
	  "hxxps://bank[.]example/ [1!evil[.]example] https://bank.example/help\n\n[1] "
	  "hxxp://evil[.]example/l",
	  "hxxps://bank[.]example/ [1!evil[.]example] hxxps://bank[.]example/help\n\n[1] "
	  "hxxp://evil[.]example/l" },
	{ "sentence around it", "詳しくは" EVIL "www.bank.exampleへ</a>。",
	  "詳しくはwww.bank.exampleへ [1!evil.example]。\n\n[1] http://evil.example/l",
	  "詳しくはwww[.]bank[.]exampleへ [1!evil[.]example]。\n\n[1] hxxp://evil[.]example/l",
	  "詳しくはwww[.]bank[.]exampleへ [1!evil[.]example]。\n\n[1] hxxp://evil[.]example/l" },
	{ "brackets around it", "(" EVIL "https://bank.example/x</a>)",
	  "(https://bank.example/x [1!evil.example])\n\n[1] http://evil.example/l",
	  "(hxxps://bank[.]example/x [1!evil[.]example])\n\n[1] hxxp://evil[.]example/l",
	  "(hxxps://bank[.]example/x [1!evil[.]example])\n\n[1] hxxp://evil[.]example/l" },
	{ "with a joint in it", EVIL "https://bank&#8203;.exam<b>ple</b></a>",
	  "https://bank.example [1!evil.example]\n\n[1] http://evil.example/l",
	  "hxxps://bank[.]example [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l",
	  "hxxps://bank[.]example [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l" },
	{ "in a list in a quote", "<blockquote><ul><li>" EVIL "bank.example</a></ul></blockquote>",
	  "> ・bank.example [1!evil.example]\n\n[1] http://evil.example/l",
	  "> ・bank[.]example [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l",
	  "> ・bank[.]example [1!evil[.]example]\n\n[1] hxxp://evil[.]example/l" },
	{ "address", "<a href=mailto:a@evil.example>info@bank.example</a>",
	  "info@bank.example [1!evil.example]\n\n[1] a@evil.example",
	  "info[@]bank[.]example [1!evil[.]example]\n\n[1] a[@]evil[.]example",
	  "info[@]bank[.]example [1!evil[.]example]\n\n[1] a[@]evil[.]example" },
	{ "share", "<p>\\\\192.0.2.1\\c$ \\\\サーバ", "\\\\192.0.2.1\\c$ \\\\サーバ", "[\\]\\192.0.2.1\\c$ [\\]\\サーバ",
	  "[\\]\\192[.]0[.]2[.]1\\c$ [\\]\\サーバ" },
	{ "honest address", "<a href=mailto:a@b.example>連絡</a>", "連絡 [1]\n\n[1] a@b.example", NULL,
	  "連絡 [1]\n\n[1] a[@]b[.]example" },
	{ "telephone", "<a href=tel:110>電話</a>", "電話 [1]\n\n[1] tel:110", NULL,
	  "電話 [1]\n\n[1] tel[:]110" },
	{ "IDN that may be shown", "<a href=http://日本語.jp/>日本語</a>",
	  "日本語 [1]\n\n[1] http://xn--wgv71a119e.jp/ (日本語.jp)", NULL,
	  "日本語 [1]\n\n[1] hxxp://xn--wgv71a119e[.]jp/ (日本語[.]jp)" },
	{ "and is flagged", "<a href=http://x@日本語.jp/>日本語</a>",
	  "日本語 [1!xn--wgv71a119e.jp]\n\n[1] http://xn--wgv71a119e.jp/ (日本語.jp)",
	  "日本語 [1!xn--wgv71a119e[.]jp]\n\n[1] hxxp://xn--wgv71a119e[.]jp/ (日本語[.]jp)",
	  "日本語 [1!xn--wgv71a119e[.]jp]\n\n[1] hxxp://xn--wgv71a119e[.]jp/ (日本語[.]jp)" },
	{ "number", "<a href=http://3221225985/>x</a>", "x [1!192.0.2.1]\n\n[1] http://192.0.2.1/",
	  "x [1!192[.]0[.]2[.]1]\n\n[1] hxxp://192[.]0[.]2[.]1/",
	  "x [1!192[.]0[.]2[.]1]\n\n[1] hxxp://192[.]0[.]2[.]1/" },
	{ "host that looks like a file", "<a href=http://u@evil.zip/>x</a>",
	  "x [1!evil.zip]\n\n[1] http://evil.zip/", "x [1!evil[.]zip]\n\n[1] hxxp://evil[.]zip/",
	  "x [1!evil[.]zip]\n\n[1] hxxp://evil[.]zip/" },
	{ "ftp", "<a href=ftp://u@evil.example/>x</a>", "x [1!evil.example]\n\n[1] ftp://evil.example/",
	  "x [1!evil[.]example]\n\n[1] ftp[:]//evil[.]example/",
	  "x [1!evil[.]example]\n\n[1] ftp[:]//evil[.]example/" },
	{ "defanged by its sender", "<p>hxxps://evil[.]example/a.b と evil[.]example",
	  "hxxps://evil[.]example/a.b と evil[.]example", NULL, NULL },
};

static const Case plain_cases[] = {
	{ "in angle brackets", "銀行 <https://bank.example/x.html>\n", "銀行 <https://bank.example/x.html>\n",
	  NULL, "銀行 <hxxps://bank[.]example/x.html>\n" },
	{ "user's name", "https://bank.example@evil.example/x", "https://bank.example@evil.example/x",
	  "hxxps://bank[.]example[@]evil[.]example/x", "hxxps://bank[.]example[@]evil[.]example/x" },
	{ "look-alike", "http://аpple.com/", "http://аpple.com/", "hxxp://аpple[.]com/",
	  "hxxp://аpple[.]com/" },
	{ "honest IDN", "http://日本語.jp/", "http://日本語.jp/", NULL, "hxxp://日本語[.]jp/" },
	{ "number", "http://0xC0000201/ http://3221225985", "http://0xC0000201/ http://3221225985",
	  "hxxp://0xC0000201/ hxxp://3221225985", "hxxp://0xC0000201/ hxxp://3221225985" },
	{ "address in dots", "http://192.0.2.1/", "http://192.0.2.1/", NULL, "hxxp://192[.]0[.]2[.]1/" },
	{ "backslashes", "https:\\\\evil.example\\x", "https:\\\\evil.example\\x",
	  "hxxps:\\\\evil[.]example\\x", "hxxps:\\\\evil[.]example\\x" },
	{ "percent", "http://%65vil.example/", "http://%65vil.example/", "hxxp://%65vil[.]example/",
	  "hxxp://%65vil[.]example/" },
	{ "full-width dot", "https://evil。example/x", "https://evil。example/x", "hxxps://evil。example/x",
	  "hxxps://evil。example/x" },
	{ "odd scheme", "file://evil.example/x FILE:///C:/x javascript://x.example/",
	  "file://evil.example/x FILE:///C:/x javascript://x.example/",
	  "file[:]//evil[.]example/x FILE[:]///C:/x javascript[:]//x[.]example/",
	  "file[:]//evil[.]example/x FILE[:]///C:/x javascript[:]//x[.]example/" },
	{ "what is inside was no link before",
	  "http://u@a.example/?u=http://b.example/&v=www.c.example/d.html",
	  "http://u@a.example/?u=http://b.example/&v=www.c.example/d.html",
	  "hxxp://u[@]a[.]example/?u=hxxp://b[.]example/&v=www[.]c[.]example/d.html",
	  "hxxp://u[@]a[.]example/?u=hxxp://b[.]example/&v=www[.]c[.]example/d.html" },
	{ "sentence", "https://a.exampleをご覧ください。(http://b.example)、http://c.example.",
	  "https://a.exampleをご覧ください。(http://b.example)、http://c.example.", NULL,
	  "hxxps://a[.]exampleをご覧ください。(hxxp://b[.]example)、hxxp://c[.]example." },
	{ "bare hosts",
	  "www.bank.example bank.example/x.html ftp.bank.example 3.14 index.html Mr.Smith e.g. end.",
	  "www.bank.example bank.example/x.html ftp.bank.example 3.14 index.html Mr.Smith e.g. end.", NULL,
	  "www[.]bank[.]example bank[.]example/x.html ftp[.]bank[.]example 3.14 index.html Mr.Smith e.g. "
	  "end." },
	{ "addresses", "<taro.yamada@city.example.lg.jp> mailto:a@b.example @ x@y", NULL, NULL,
	  "<taro.yamada[@]city[.]example[.]lg[.]jp> mailto[:]a[@]b[.]example @ x@y" },
	{ "schemes without slashes", "tel:0312345678 TEL:03-1234-5678 12:30 sip:a tel: 1", NULL, NULL,
	  "tel[:]0312345678 TEL:03-1234-5678 12:30 sip[:]a tel: 1" },
	{ "share", "\\\\server.example\\x a\\\\b C:\\x \\\\\\", NULL,
	  "[\\]\\server.example\\x a[\\]\\b C:\\x \\\\\\",
	  "[\\]\\server[.]example\\x a[\\]\\b C:\\x \\\\\\" },
	{ "defanged by its sender",
	  "hxxps://evil[.]example/a.b hxxp[:]//evil[.]example a[@]evil[.]example mailto[:]a[@]b[.]example "
	  "ftp[:]//b[.]example [\\]\\server",
	  NULL, NULL, NULL },
	{ "halfway defanged by its sender", "hxxp://evil.example/ http://evil[.]example/", NULL, NULL,
	  "hxxp://evil[.]example/ hxxp://evil[.]example/" },
	{ "one after another",
	  "a.http://b.example/ http://a:http://b.example/ http://a.example,http://u@b.example/", NULL,
	  "a.http://b.example/ http://a:http://b.example/ http://a.example,hxxp://u[@]b[.]example/",
	  "a.hxxp://b[.]example/ hxxp://a:hxxp://b[.]example/ hxxp://a[.]example,hxxp://u[@]b[.]example/" },
	{ "capitals", "HTTPS://A.EXAMPLE/", NULL, NULL, "hxxps://A[.]EXAMPLE/" },
	{ "IPv6", "http://[2001:db8::1]/x", NULL, NULL, "hxxp://[2001:db8::1]/x" },
	{ "no URLs", "http:// http:///// :// //a @a.example. a@ .:@ https://…", NULL, NULL,
	  "hxxp:// hxxp:///// :// //a @a[.]example. a@ .:@ hxxps://…" },
};

static char *text_of(const char *source, ParseTextKind kind, DefangMode mode)
{
	const ParseTextJob job = { .bytes = { (const uint8_t *)source, strlen(source) },
		                   .kind = kind,
		                   .declared = CHARSET_UTF_8,
		                   .labelled = true,
		                   .max_out = 16 << 20,
		                   .max_in = 16 << 20,
		                   .defang = mode };
	g_auto(ParseTextResult) result = { .text = NULL };

	parse_text(&job, &result);
	return g_strdup(result.text->str);
}

static void check_case(const Case *c, ParseTextKind kind)
{
	const char *never = c->never != NULL ? c->never : c->source;
	const char *const expected[DEFANG_MODES] = {
		[DEFANG_NEVER] = never,
		[DEFANG_FLAGGED] = c->flagged != NULL ? c->flagged : never,
		[DEFANG_ALL] = c->all != NULL ? c->all : never,
	};

	for (DefangMode mode = DEFANG_NEVER; mode < DEFANG_MODES; mode++) {
		g_autofree char *text = text_of(c->source, kind, mode);
		g_autofree char *again = text_of(text, PARSE_TEXT_PLAIN, mode);
		g_test_message("%s, mode %d", c->name, mode);
		g_assert_cmpstr(text, ==, expected[mode]);
		if (mode == DEFANG_ALL)
			g_assert_cmpstr(again, ==, text);
	}
}

static void test_html(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(html_cases); i++)
		check_case(&html_cases[i], PARSE_TEXT_HTML);
}

static void test_plain(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(plain_cases); i++)
		check_case(&plain_cases[i], PARSE_TEXT_PLAIN);
}

/* A URL that the pieces of the text would cut in two: a line longer than a piece, with the host at its joint.
 */
static void test_joint(void)
{
	for (unsigned shift = 0; shift < 40; shift++) {
		g_autoptr(GString) line = g_string_new(NULL);
		while (line->len < 256 * 1024 - 20 - shift)
			g_string_append_c(line, 'x');
		g_string_append(line, " https://bank@evil.example/ ");
		while (line->len < 600 * 1024)
			g_string_append_c(line, 'y');
		g_autofree char *text = text_of(line->str, PARSE_TEXT_PLAIN, DEFANG_FLAGGED);
		g_assert_nonnull(strstr(text, " hxxps://bank[@]evil[.]example/ "));
	}
}

/* More lies than are remembered: then all is defanged. */
static void test_many(void)
{
	g_autoptr(GString) html = g_string_new(NULL);

	for (unsigned i = 0; i < 30000; i++)
		g_string_append_printf(html, "<a href=http://e.example/>b%u.example</a> ", i);
	g_string_append(html, "<p>https://other.example/");
	g_autofree char *text = text_of(html->str, PARSE_TEXT_HTML, DEFANG_FLAGGED);
	g_assert_true(g_str_has_prefix(text, "b0[.]example [1!e[.]example]"));
	g_assert_nonnull(strstr(text, "b29999[.]example"));
	g_assert_nonnull(strstr(text, "hxxps://other[.]example/"));
}

static void test_cut(void)
{
	ParseTextJob job = { .bytes = { (const uint8_t *)"http://a.b.example", 18 },
		             .kind = PARSE_TEXT_PLAIN,
		             .declared = CHARSET_UTF_8,
		             .labelled = true,
		             .max_out = 18,
		             .max_in = 100,
		             .defang = DEFANG_ALL };
	g_auto(ParseTextResult) result = { .text = NULL };

	parse_text(&job, &result);
	g_assert_cmpstr(result.text->str, ==, "hxxp://a[.]b[.]exa");
	g_assert_true(result.cut);
}

/* Some seconds for what takes a tenth of one when it is linear. */
static void test_floods(void)
{
	static const char *const pieces[] = { "http://a@b/",
		                              "www.a.b/",
		                              "a://",
		                              "http://[.]",
		                              "http://",
		                              "a.",
		                              "a@b.example/",
		                              "@.",
		                              ":[]//",
		                              "\\\\a",
		                              "http://a.b)))",
		                              "日.",
		                              "http:",
		                              "x:\\\\",
		                              "http://日本語。a" };

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) flood = g_string_new("http://u@a.example/");
		while (flood->len < 2 << 20)
			g_string_append(flood, pieces[i]);
		for (DefangMode mode = DEFANG_FLAGGED; mode < DEFANG_MODES; mode++) {
			gint64 start = g_get_monotonic_time();
			g_autofree char *text = text_of(flood->str, PARSE_TEXT_PLAIN, mode);
			g_assert_cmpint(g_get_monotonic_time() - start, <, 30 * G_USEC_PER_SEC);
			g_assert_true(g_str_has_prefix(text, "hxxp://u[@]a[.]example/"));
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/defang/html", test_html);
	g_test_add_func("/defang/plain", test_plain);
	g_test_add_func("/defang/joint", test_joint);
	g_test_add_func("/defang/many", test_many);
	g_test_add_func("/defang/cut", test_cut);
	g_test_add_func("/defang/floods", test_floods);
	return g_test_run();
}
