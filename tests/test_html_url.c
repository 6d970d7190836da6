/* html_url: the host that a browser would ask, and whether the text of a link says so. */
#include "html_host_priv.h"
#include "html_url_priv.h"

#include <idn2.h>
#include <string.h>

#define WEB HTML_URL_WEB
#define USER HTML_URL_USERINFO
#define ODD HTML_URL_ODD
#define IDN HTML_URL_IDN
#define LOOK HTML_URL_LOOKALIKE

typedef struct {
	const char *href;
	HtmlUrlKind kind;
	const char *shown; /* the URL; of a refused one the scheme */
	const char *host;
	uint32_t flags;
	const char *base;
	const char *unicode;
} UrlCase;

static const UrlCase cases[] = {
	{ "https://a.example/", WEB, "https://a.example/", "a.example", 0, NULL, NULL },
	{ "HTTP://A.Example", WEB, "http://a.example/", "a.example", 0, NULL, NULL },
	{ "ftp://a.example/x", WEB, "ftp://a.example/x", "a.example", 0, NULL, NULL },
	{ "  https://a.example/ \n", WEB, "https://a.example/", "a.example", 0, NULL, NULL },
	{ "\x01\x1fhttps://a.example/", WEB, "https://a.example/", "a.example", 0, NULL, NULL },
	{ "https://a.example?q", WEB, "https://a.example/?q", "a.example", 0, NULL, NULL },
	{ "https://a.example#f", WEB, "https://a.example/#f", "a.example", 0, NULL, NULL },
	{ "https://a.example./", WEB, "https://a.example./", "a.example.", 0, NULL, NULL },
	{ "https://localhost", WEB, "https://localhost/", "localhost", 0, NULL, NULL },
	{ "https://a_b.example", WEB, "https://a_b.example/", "a_b.example", 0, NULL, NULL },
	/* slashes and controls */
	{ "ht\ntp://a.example", WEB, "http://a.example/", "a.example", ODD, NULL, NULL },
	{ "https://a.ex\tample", WEB, "https://a.example/", "a.example", ODD, NULL, NULL },
	{ "https://a.example/x\n  y", WEB, "https://a.example/x%20%20y", "a.example", 0, NULL, NULL },
	{ "https:\\\\a.example\\x", WEB, "https://a.example/x", "a.example", ODD, NULL, NULL },
	{ "https:a.example", WEB, "https://a.example/", "a.example", ODD, NULL, NULL },
	{ "https:/a.example", WEB, "https://a.example/", "a.example", ODD, NULL, NULL },
	{ "https:////a.example/", WEB, "https://a.example/", "a.example", ODD, NULL, NULL },
	{ "https:/\\/a.example/", WEB, "https://a.example/", "a.example", ODD, NULL, NULL },
	{ "https://bank.example\\@evil.example/", WEB, "https://bank.example/@evil.example/", "bank.example",
	  ODD, NULL, NULL },
	{ "http://a b.example/", WEB, "http://a%20b.example/", "a%20b.example", ODD, NULL, NULL },
	{ "http://", HTML_URL_NONE, "", "", 0, NULL, NULL },
	{ "http:///", HTML_URL_NONE, "", "", 0, NULL, NULL },
	{ "http://:80/", HTML_URL_NONE, "", "", 0, NULL, NULL },
	/* userinfo */
	{ "https://bank.example@evil.example/", WEB, "https://evil.example/", "evil.example", USER, NULL,
	  NULL },
	{ "https://bank.example:x@evil.example", WEB, "https://evil.example/", "evil.example", USER, NULL,
	  NULL },
	{ "https://a@b@evil.example/", WEB, "https://evil.example/", "evil.example", USER, NULL, NULL },
	{ "https://bank.example%2f@evil.example/", WEB, "https://evil.example/", "evil.example", USER, NULL,
	  NULL },
	{ "https://bank.example/@evil.example", WEB, "https://bank.example/@evil.example", "bank.example", 0,
	  NULL, NULL },
	{ "https://bank.example?@evil.example", WEB, "https://bank.example/?@evil.example", "bank.example", 0,
	  NULL, NULL },
	{ "https://bank.example#@evil.example", WEB, "https://bank.example/#@evil.example", "bank.example", 0,
	  NULL, NULL },
	{ "https://@evil.example", WEB, "https://evil.example/", "evil.example", USER, NULL, NULL },
	/* ports */
	{ "https://a.example:443/", WEB, "https://a.example/", "a.example", 0, NULL, NULL },
	{ "http://a.example:443/", WEB, "http://a.example:443/", "a.example", 0, NULL, NULL },
	{ "http://a.example:0/", WEB, "http://a.example:0/", "a.example", 0, NULL, NULL },
	{ "http://a.example:0080", WEB, "http://a.example/", "a.example", 0, NULL, NULL },
	{ "http://a.example:/", WEB, "http://a.example/", "a.example", 0, NULL, NULL },
	{ "http://a.example:99999/", WEB, "http://a.example/", "a.example", ODD, NULL, NULL },
	{ "http://a.example:8x/", WEB, "http://a.example/", "a.example", ODD, NULL, NULL },
	{ "http://a.example:18446744073709551696/", WEB, "http://a.example/", "a.example", ODD, NULL, NULL },
	/* numbers */
	{ "http://192.0.2.1/", WEB, "http://192.0.2.1/", "192.0.2.1", 0, NULL, NULL },
	{ "http://3221225985/", WEB, "http://192.0.2.1/", "192.0.2.1", ODD, NULL, NULL },
	{ "http://0xC0000201/", WEB, "http://192.0.2.1/", "192.0.2.1", ODD, NULL, NULL },
	{ "http://0300.0.02.01/", WEB, "http://192.0.2.1/", "192.0.2.1", ODD, NULL, NULL },
	{ "http://192.513/", WEB, "http://192.0.2.1/", "192.0.2.1", ODD, NULL, NULL },
	{ "http://192.0.2.1./", WEB, "http://192.0.2.1/", "192.0.2.1", ODD, NULL, NULL },
	{ "http://0x/", WEB, "http://0.0.0.0/", "0.0.0.0", ODD, NULL, NULL },
	{ "http://1.2.3.4.5/", WEB, "http://1.2.3.4.5/", "1.2.3.4.5", ODD, NULL, NULL },
	{ "http://256.1.1.1/", WEB, "http://256.1.1.1/", "256.1.1.1", ODD, NULL, NULL },
	{ "http://99999999999999999999999/", WEB, "http://99999999999999999999999/",
	  "99999999999999999999999", ODD, NULL, NULL },
	{ "http://１９２.０.２.１/", WEB, "http://192.0.2.1/", "192.0.2.1", ODD, NULL, NULL },
	{ "http://a.0xg/", WEB, "http://a.0xg/", "a.0xg", 0, NULL, NULL },
	{ "http://[::1]/", WEB, "http://[::1]/", "[::1]", 0, NULL, NULL },
	{ "http://[2001:DB8:0:0::1]:8080/", WEB, "http://[2001:db8::1]:8080/", "[2001:db8::1]", 0, NULL,
	  NULL },
	{ "http://[::ffff:1.2.3.4]", WEB, "http://[::ffff:102:304]/", "[::ffff:102:304]", 0, NULL, NULL },
	{ "http://[1:0:0:2:0:0:0:3]", WEB, "http://[1:0:0:2::3]/", "[1:0:0:2::3]", 0, NULL, NULL },
	{ "http://[1:0:2:3:4:5:6:7]", WEB, "http://[1:0:2:3:4:5:6:7]/", "[1:0:2:3:4:5:6:7]", 0, NULL, NULL },
	{ "http://[::]", WEB, "http://[::]/", "[::]", 0, NULL, NULL },
	{ "http://[1:2::]", WEB, "http://[1:2::]/", "[1:2::]", 0, NULL, NULL },
	{ "http://[::1/", WEB, "http://%5B/", "%5B", ODD, NULL, NULL },
	{ "http://[x]/", WEB, "http://%5Bx%5D/", "%5Bx%5D", ODD, NULL, NULL },
	/* names */
	{ "http://%65vil.example/", WEB, "http://evil.example/", "evil.example", ODD, NULL, NULL },
	{ "http://a%2fb.example/", WEB, "http://a%2Fb.example/", "a%2Fb.example", ODD, NULL, NULL },
	{ "http://a%00b/", WEB, "http://a%01b/", "a%01b", ODD, NULL, NULL },
	{ "http://a%ff/", WEB, "http://a%EF%BF%BD/", "a%EF%BF%BD", ODD, NULL, NULL },
	{ "http://ｅｖｉｌ．example/", WEB, "http://evil.example/", "evil.example", ODD, NULL, NULL },
	{ "http://evil。example/", WEB, "http://evil.example/", "evil.example", ODD, NULL, NULL },
	{ "http://ev\u00adil.example/", WEB, "http://evil.example/", "evil.example", ODD, NULL, NULL },
	{ "http://日本語.jp/", WEB, "http://xn--wgv71a119e.jp/", "xn--wgv71a119e.jp", IDN, NULL,
	  "日本語.jp" },
	{ "http://XN--WGV71A119E.jp/", WEB, "http://xn--wgv71a119e.jp/", "xn--wgv71a119e.jp", IDN, NULL,
	  "日本語.jp" },
	{ "http://例えばfoo.jp/", WEB, "http://xn--foo-763b6hn38o.jp/", "xn--foo-763b6hn38o.jp", IDN, NULL,
	  "例えばfoo.jp" },
	{ "http://faß.example/", WEB, "http://xn--fa-hia.example/", "xn--fa-hia.example", IDN, NULL,
	  "faß.example" },
	{ "http://bücher.example/", WEB, "http://xn--bcher-kva.example/", "xn--bcher-kva.example", IDN, NULL,
	  "bücher.example" },
	{ "http://россия.рф/", WEB, "http://xn--h1alffa9f.xn--p1ai/", "xn--h1alffa9f.xn--p1ai", IDN, NULL,
	  "россия.рф" },
	{ "http://аpple.com/", WEB, "http://xn--pple-43d.com/", "xn--pple-43d.com", IDN | LOOK, NULL, NULL },
	{ "http://сосо.example/", WEB, "http://xn--n1aahb.example/", NULL, IDN | LOOK, NULL, NULL },
	{ "http://bοok.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	{ "http://рyссия.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	{ "http://ɡoogle.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	{ "http://bankノlogin.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	/* scripts outside the identifier profile of UTS 39: Cherokee, Lisu, Coptic */
	{ "http://ꭺꮯ.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	{ "http://ꓐꓮꓠꓗ.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	{ "http://ⲟⲣ.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	{ "http://ไทย.example/", WEB, NULL, NULL, IDN, NULL, "ไทย.example" },
	{ "http://한국.example/", WEB, NULL, NULL, IDN, NULL, "한국.example" },
	{ "http://かな한국.example/", WEB, NULL, NULL, IDN | LOOK, NULL, NULL },
	{ "http://☃./", WEB, "http://xn--n3h./", "xn--n3h.", IDN | ODD, NULL, NULL },
	{ "http://☃.example/", WEB, "http://xn--n3h.example/", "xn--n3h.example", IDN | ODD, NULL, NULL },
	{ "http://xn--zzzzzzzz99.example/", WEB, "http://xn--zzzzzzzz99.example/", NULL, IDN | ODD, NULL,
	  NULL },
	/* paths */
	{ "http://a.example/a/../b/./c", WEB, "http://a.example/b/c", "a.example", 0, NULL, NULL },
	{ "http://a.example/../../x", WEB, "http://a.example/x", "a.example", 0, NULL, NULL },
	{ "http://a.example/a/%2E%2e/x/..", WEB, "http://a.example/", "a.example", 0, NULL, NULL },
	{ "http://a.example//x//", WEB, "http://a.example//x//", "a.example", 0, NULL, NULL },
	{ "http://a.example/\"<日>`{}|'?\"日#<", WEB,
	  "http://a.example/%22%3C%E6%97%A5%3E%60%7B%7D|'?%22%E6%97%A5#%3C", "a.example", 0, NULL, NULL },
	{ "http://a.example/\u202e", WEB, "http://a.example/%E2%80%AE", "a.example", 0, NULL, NULL },
	{ "http://a.example/'?'#'", WEB, "http://a.example/'?%27#'", "a.example", 0, NULL, NULL },
	{ "http://a.example/a.b/c;d//?e=/../f&g=?#h/./i", WEB, "http://a.example/a.b/c;d//?e=/../f&g=?#h/./i",
	  "a.example", 0, NULL, NULL },
	{ "http://a.example/a\\b", WEB, "http://a.example/a/b", "a.example", 0, NULL, NULL },
	{ "http://a.example/a?b='c'", WEB, "http://a.example/a?b=%27c%27", "a.example", 0, NULL, NULL },
	{ "http://a.example/a/%2e", WEB, "http://a.example/a/", "a.example", 0, NULL, NULL },
	{ "http://a.example/%zz", WEB, "http://a.example/%zz", "a.example", 0, NULL, NULL },
	/* relative */
	{ "", HTML_URL_NONE, "", "", 0, NULL, NULL },
	{ "#top", HTML_URL_NONE, "", "", 0, "http://a.example/", NULL },
	{ "x/y", HTML_URL_NONE, "", "", 0, NULL, NULL },
	{ "www.a.example", HTML_URL_NONE, "", "", 0, NULL, NULL },
	{ "x/y?z", WEB, "http://a.example/d/x/y?z", "a.example", 0, "http://a.example/d/e?q#f", NULL },
	{ "../x", WEB, "http://a.example/x", "a.example", 0, "http://a.example/d/e", NULL },
	{ "/x", WEB, "http://a.example:8080/x", "a.example", 0, "http://a.example:8080/d/e", NULL },
	{ "?x", WEB, "http://a.example/d/e?x", "a.example", 0, "http://a.example/d/e?q", NULL },
	{ "\\\\b.example/x", WEB, "http://b.example/x", "b.example", ODD, "http://a.example/", NULL },
	{ "//b.example/x", WEB, "http://b.example/x", "b.example", 0, "http://a.example/", NULL },
	{ "//b.example/x", WEB, "https://b.example/x", "b.example", ODD, NULL, NULL },
	{ "http:x", WEB, "http://a.example/x", "a.example", 0, "http://a.example/d", NULL },
	{ "https:x", WEB, "https://x/", "x", ODD, "http://a.example/d", NULL },
	{ "x", WEB, "http://evil.example/x", "evil.example", USER, "http://bank@evil.example/", NULL },
	{ "x", HTML_URL_NONE, "", "", 0, "javascript:alert(1)//", NULL },
	{ "x", HTML_URL_NONE, "", "", 0, "data:text/html,", NULL },
	/* refused */
	{ "javascript:alert(1)", HTML_URL_REFUSED, "javascript", "", 0, NULL, NULL },
	{ "java\nscript:alert(1)", HTML_URL_REFUSED, "javascript", "", 0, NULL, NULL },
	{ "\x01 JavaScript\t:alert(1)", HTML_URL_REFUSED, "javascript", "", 0, NULL, NULL },
	{ "data:text/html;base64,x", HTML_URL_REFUSED, "data", "", 0, "http://a.example/", NULL },
	{ "vbscript:x", HTML_URL_REFUSED, "vbscript", "", 0, NULL, NULL },
	{ "file:///etc/x", HTML_URL_REFUSED, "file", "", 0, NULL, NULL },
	{ "cid:x@y", HTML_URL_REFUSED, "cid", "", 0, NULL, NULL },
	{ "ms-word:ofe|u|http://x", HTML_URL_REFUSED, "ms-word", "", 0, NULL, NULL },
	{ "search-ms:query=x", HTML_URL_REFUSED, "search-ms", "", 0, NULL, NULL },
	{ "blob:https://a.example/x", HTML_URL_REFUSED, "blob", "", 0, NULL, NULL },
	{ "about:blank", HTML_URL_REFUSED, "about", "", 0, NULL, NULL },
	{ "C:\\x", HTML_URL_REFUSED, "c", "", 0, NULL, NULL },
	{ "averyveryverylongschemename:x", HTML_URL_REFUSED, "averyveryverylongsch", "", 0, NULL, NULL },
	/* mail and telephone */
	{ "mailto:a@b.example", HTML_URL_MAIL, "a@b.example", "", 0, NULL, NULL },
	{ "MAILTO:a%40B.example", HTML_URL_MAIL, "a@b.example", "", 0, NULL, NULL },
	{ "mailto:a@b.example?Bcc=c@d.example&body=x", HTML_URL_MAIL, "a@b.example", "", 0, NULL, NULL },
	{ "mailto:a@b.example,c@d.example", HTML_URL_MAIL, "a@b.example", "", 0, NULL, NULL },
	{ "mailto:Taro%20<a@b.example>", HTML_URL_MAIL, "a@b.example", "", 0, NULL, NULL },
	{ "mailto:?subject=x", HTML_URL_NONE, "", "", 0, NULL, NULL },
	{ "mailto:a%0d%0aBcc:c@b.example", HTML_URL_REFUSED, "mailto", "", 0, NULL, NULL },
	{ "mailto:日本@b.example", HTML_URL_REFUSED, "mailto", "", 0, NULL, NULL },
	{ "mailto:a@日本語.jp", HTML_URL_MAIL, "a@xn--wgv71a119e.jp", "", IDN, NULL, NULL },
	{ "mailto:a@b@c.example", HTML_URL_REFUSED, "mailto", "", 0, NULL, NULL },
	{ "tel:+81-3-(1234) 5678", HTML_URL_TEL, "+81-3-(1234)5678", "", 0, NULL, NULL },
	{ "tel:03%201234;ext=9", HTML_URL_TEL, "031234", "", 0, NULL, NULL },
	{ "tel:<x>", HTML_URL_NONE, "", "", 0, NULL, NULL },
};

static void test_case(gconstpointer data)
{
	const UrlCase *c = data;
	g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE };

	html_url_parse(c->href, c->base, &url);
	g_test_message("%s", c->href);
	g_assert_cmpint(url.kind, ==, c->kind);
	if (c->shown != NULL)
		g_assert_cmpstr(c->kind == HTML_URL_REFUSED ? url.scheme : url.url, ==, c->shown);
	if (c->host != NULL)
		g_assert_cmpstr(url.host, ==, c->host);
	g_assert_cmphex(url.flags, ==, c->flags);
	g_assert_cmpstr(url.unicode_host, ==, c->unicode != NULL ? c->unicode : "");
	g_assert_true(g_str_is_ascii(url.url) && g_str_is_ascii(url.host) && g_str_is_ascii(url.scheme));
}

typedef struct {
	const char *text;
	const char *href;
	HtmlShown shown;
	bool exact;
} ShownCase;

#define TEXT HTML_SHOWN_TEXT
#define SAME HTML_SHOWN_SAME
#define OTHER HTML_SHOWN_OTHER
#define BANK "https://bank.example/x"
#define EVIL "http://evil.example/l"

static const ShownCase shown[] = {
	{ "https://bank.example/", EVIL, OTHER, false },
	{ "https://bank.example/", "https://bank.example/", SAME, true },
	{ "https://bank.example", "https://bank.example/", SAME, true },
	{ " bank.example\n", "https://bank.example/", SAME, false },
	{ " https://bank.example\n", "https://bank.example/", SAME, true },
	{ "https://bank.example/x/", BANK, SAME, false },
	{ "https://bank.example/x", BANK "/", SAME, false },
	{ "https://bank.example/x?q", BANK "?q", SAME, true },
	{ "https://bank.example:8080", "https://bank.example:8080/", SAME, false },
	{ "HTTPS://bank.example/x", BANK, SAME, false },
	{ "bank.example/x", BANK, SAME, false },
	{ "bank.example", BANK, SAME, false },
	{ "www.bank.example", BANK, SAME, false },
	{ "bank.example", "https://www.bank.example/", SAME, false },
	{ "login.bank.example", BANK, SAME, false },
	/* owners, by the public suffix list */
	{ "www.bank.co.jp", "https://login.bank.co.jp/", SAME, false },
	{ "bank.co.jp", "https://evil.co.jp/", OTHER, false },
	{ "co.jp", "https://evil.co.jp/", OTHER, false },
	{ "www.city.chiyoda.lg.jp", "https://reserve.city.chiyoda.lg.jp/x", SAME, false },
	{ "www.city.chiyoda.lg.jp", "https://www.city.minato.lg.jp/", OTHER, false },
	{ "www.city.chiyoda.tokyo.jp", "https://mail.city.chiyoda.tokyo.jp/", SAME, false },
	{ "www.metro.tokyo.jp", "https://evil.chiyoda.tokyo.jp/", OTHER, false },
	{ "www.city.kawasaki.jp", "https://mail.city.kawasaki.jp/", SAME, false },
	{ "a.b.kawasaki.jp", "https://a.c.kawasaki.jp/", OTHER, false },
	{ "bank.github.io", "https://evil.github.io/", OTHER, false },
	{ "www.bank.example.", "https://login.bank.example./", SAME, false },
	{ "192.0.2.1", "http://192.0.3.1/", OTHER, false },
	{ "10.0.2.1", "http://11.0.2.1/", OTHER, false },
	{ "例え.公司.cn", "http://x.xn--r8jz45g.xn--55qx5d.cn/", SAME, false },
	{ "BANK.EXAMPLE", BANK, SAME, false },
	{ "www.bank.example へ", EVIL, OTHER, false },
	{ "詳しくはwww.bank.exampleへ", BANK, SAME, false },
	{ "詳しくはbank.exampleをご覧ください。", BANK, SAME, false },
	{ "詳しくはbank.exampleをご覧ください。", EVIL, OTHER, false },
	{ "「bank.example」", BANK, SAME, false },
	{ "bank.example。", BANK, SAME, false },
	{ "ｂａｎｋ．ｅｘａｍｐｌｅ", BANK, SAME, false },
	{ "ｂａｎｋ．ｅｘａｍｐｌｅ", EVIL, OTHER, false },
	{ "bank。example", EVIL, OTHER, false },
	{ "bank\u200b.exa\u00admple", EVIL, OTHER, false },
	{ "ba\u202enk.example", EVIL, OTHER, false },
	{ "日本語.jp", "http://xn--wgv71a119e.jp/", SAME, false },
	{ "日本語.jp", EVIL, OTHER, false },
	{ "аpple.com", "https://xn--pple-43d.com/", SAME, false },
	{ "apple.com", "https://xn--pple-43d.com/", OTHER, false },
	{ "сосо.сом", EVIL, OTHER, false },
	{ "bank.example evil.example", EVIL, OTHER, false },
	{ "http://bank.example@evil.example/", EVIL, OTHER, false },
	{ "https:\\\\bank.example\\x", EVIL, OTHER, false },
	{ "https://evil.example/l?u=https://bank.example/", "http://evil.example/l?u=https://bank.example/",
	  SAME, false },
	{ "http://intranet/x", EVIL, OTHER, false },
	{ "http://192.0.2.1/", EVIL, OTHER, false },
	{ "https://bank.example:8080/x", BANK, SAME, false },
	{ "bank.zip/login", EVIL, OTHER, false },
	{ "www.bank.zip", EVIL, OTHER, false },
	{ "allegro.pl", EVIL, OTHER, false },
	{ "192.0.2.1", EVIL, OTHER, false },
	{ "192.0.2.1", "http://192.0.2.1/x", SAME, false },
	{ "日本銀行.コム", EVIL, OTHER, false },
	{ "会社.みんな", EVIL, OTHER, false },
	{ "銀行.jp", EVIL, OTHER, false },
	{ "Bank.Com", EVIL, OTHER, false },
	{ "Amazon.co.jp", EVIL, OTHER, false },
	{ "価格.com", EVIL, OTHER, false },
	{ "価格.com", "https://s.kakaku.com/x", SAME, false },
	{ "bank.example", "https://click.mail.bank.example/x", SAME, false },
	{ "https://www.bank.example/", "https://login.bank.example/x", SAME, false },
	{ "bank.example", "https://ebank.example/", OTHER, false },
	{ "bank.example", "https://bank.example.evil.example/", OTHER, false },
	{ "http://example/", EVIL, OTHER, false },
	{ "info@bank.example", "mailto:info@mail.bank.example", OTHER, false },
	{ "info@bank.example", "https://mail.bank.example/", SAME, false },
	/* no hosts */
	{ "", EVIL, TEXT, false },
	{ "こちら", EVIL, TEXT, false },
	{ "Ver.2.0", EVIL, TEXT, false },
	{ "3.14", EVIL, TEXT, false },
	{ "3.14/2", EVIL, TEXT, false },
	{ "README.md", EVIL, TEXT, false },
	{ "docs/README.txt", EVIL, TEXT, false },
	{ "申請書.pdf", EVIL, TEXT, false },
	{ "申請書.pdfを開く", EVIL, TEXT, false },
	{ "株式会社A.B", EVIL, TEXT, false },
	{ "wait...what", EVIL, TEXT, false },
	{ "2024.11.20", EVIL, TEXT, false },
	{ "こちら。next", EVIL, TEXT, false },
	{ "No.5", EVIL, TEXT, false },
	{ "e.g. this", EVIL, TEXT, false },
	{ "ASP.NET", EVIL, TEXT, false },
	{ "Mr.Smith", EVIL, TEXT, false },
	{ "System.Net.Http", EVIL, TEXT, false },
	{ "1.2.3", EVIL, TEXT, false },
	{ "Ver.1.2.3.4", EVIL, TEXT, false },
	{ "10.0.19041.1", EVIL, TEXT, false },
	{ "こちら。世界", EVIL, TEXT, false },
	/* addresses */
	{ "info@bank.example", "mailto:info@bank.example", SAME, true },
	{ "<info@bank.example>", "mailto:info@bank.example", SAME, true },
	{ "<info@bank.example>", "mailto:info@evil.example", OTHER, false },
	{ "mailto:info@bank.example", "mailto:info@bank.example", SAME, true },
	{ "Info@Bank.example", "mailto:info@bank.example", SAME, false },
	{ "info@bank.example", "mailto:evil@bank.example", OTHER, false },
	{ "info@bank.example", "mailto:info@evil.example", OTHER, false },
	{ "info@bank.example", BANK, SAME, false },
	{ "info@bank.example", EVIL, OTHER, false },
	{ "a+info@bank.example", "mailto:info@bank.example", OTHER, false },
	{ "bank.example", "mailto:info@bank.example", SAME, false },
	{ "お問い合わせ", "mailto:info@bank.example", TEXT, false },
	{ "03-1234", "tel:03-1234", TEXT, true },
	{ "bank.example", "javascript:x", TEXT, false },
};

static void test_shown(gconstpointer data)
{
	const ShownCase *c = data;
	g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE };
	bool exact = !c->exact;

	g_test_message("%s", c->text);
	html_url_parse(c->href, NULL, &url);
	g_assert_cmpint(html_url_shown(c->text, &url, &exact), ==, c->shown);
	g_assert_cmpint(exact, ==, c->exact);
	g_assert_cmpint(html_url_shown(c->text, &url, NULL), ==, c->shown);
}

static void test_cut(void)
{
	g_autoptr(GString) href = g_string_new("https://a.example/");
	g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE }, whole = { .kind = HTML_URL_NONE };

	while (href->len < HTML_URL_CHARS)
		g_string_append_c(href, 'x');
	html_url_parse(href->str, NULL, &whole);
	g_assert_cmpstr(whole.url, ==, href->str);
	g_string_append_c(href, 'x');
	html_url_parse(href->str, NULL, &url);
	g_assert_cmphex(url.flags, ==, HTML_URL_CUT);
	g_assert_cmpint(g_utf8_strlen(url.url, -1), ==, HTML_URL_CHARS);
	g_assert_true(g_str_has_suffix(url.url, "x…"));
}

static void test_floods(void)
{
	static const char *const pieces[] = {
		"/..", "a/",  "/../a/",    "@", "a@", "[",      "%2e",           "\\",
		"日",  "日.", "a.",        ":", "\n", "xn--a.", "bank.example ", "a@b.example ",
		"0x",  "ﷺ",   "日本語.jp "
	};

	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		g_autoptr(GString) flood = g_string_new("https://a.example/");
		while (flood->len < 64 * 1024)
			g_string_append(flood, p % 2 == 0 ? "a/" : pieces[p]);
		for (unsigned i = 0; i < 20000; i++)
			g_string_append(flood, pieces[p]);
		g_auto(HtmlUrl) path = { .kind = HTML_URL_NONE }, host = { .kind = HTML_URL_NONE };
		gint64 start = g_get_monotonic_time();
		html_url_parse(flood->str, NULL, &path);
		html_url_parse(flood->str + 8, "https://b.example/", &host);
		html_url_shown(flood->str + 18, &path, NULL);
		g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
		g_assert_cmpstr(path.host, ==, "a.example");
	}
}

/* Letters that are mapped without libidn2, and some beside them. */
static void append_random_label(GString *host, GRand *random)
{
	static const char *const letters[] = { "a", "Z", "9", "-", "ぁ", "ゖ", "あ", "ァ", "ヺ", "ー",
		                               "々", "一", "日", "本", "鿕", "・", "ｱ", "é", "xn--" };
	int n = g_rand_int_range(random, 1, g_rand_int_range(random, 2, 40));

	for (int i = 0; i < n; i++) {
		bool any = g_rand_int_range(random, 0, 40) == 0;
		int most = any ? (int)G_N_ELEMENTS(letters) : 15;
		g_string_append(host, letters[g_rand_int_range(random, any ? 0 : i == 0 ? 4 : 0, most)]);
		if (g_rand_int_range(random, 0, 8) == 0)
			g_string_append_unichar(host, (gunichar)g_rand_int_range(random, 0x4e00, 0x9fd6));
	}
}

/* Japanese hosts get the same name as from libidn2. */
static void test_japanese(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(5);
	unsigned compared = 0;

	for (unsigned round = 0; round < 20000; round++) {
		g_autoptr(GString) host = g_string_new(NULL);
		g_autofree char *unicode = NULL;
		char *expected = NULL, *letters = NULL;
		uint32_t flags = 0;
		append_random_label(host, random);
		g_string_append_c(host, '.');
		append_random_label(host, random);
		int result = idn2_lookup_u8((const uint8_t *)host->str, (uint8_t **)&expected,
		                            IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
		g_autofree char *found = html_host_parse(host->str, host->len, &flags, &unicode);
		if (result != IDN2_OK) {
			g_assert_true((flags & HTML_URL_ODD) != 0);
			continue;
		}
		compared++;
		g_assert_cmpstr(found, ==, expected);
		if (unicode != NULL) {
			g_assert_cmpint(idn2_to_unicode_8z8z(expected, &letters, IDN2_NONTRANSITIONAL), ==, IDN2_OK);
			g_assert_cmpstr(unicode, ==, letters);
		}
		idn2_free(letters);
		idn2_free(expected);
	}
	g_assert_cmpuint(compared, >, 5000);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strdup_printf("/html_url/%zu", i + 1);
		g_test_add_data_func(path, &cases[i], test_case);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
		g_autofree char *path = g_strdup_printf("/html_shown/%zu", i + 1);
		g_test_add_data_func(path, &shown[i], test_shown);
	}
	g_test_add_func("/html_url/cut", test_cut);
	g_test_add_func("/html_url/floods", test_floods);
	g_test_add_func("/html_url/japanese", test_japanese);
	return g_test_run();
}
