#include "html_text_priv.h"

#include "clean_text.h"

#include <pthread.h>
#include <string.h>

typedef struct {
	const char *name, *html, *expected;
	size_t bytes; /* 0 = strlen(html) */
} Case;

static const size_t pieces[] = { 0, 1, 3, 7 };

static GString *render(const char *html, size_t bytes, const HtmlOptions *options, size_t piece,
                       HtmlFacts *ret_facts)
{
	g_autoptr(HtmlText) text = html_text_new(options);

	for (size_t at = 0; at < bytes;) {
		size_t end = piece == 0 ? bytes : MIN(bytes, at + piece);
		while (end < bytes && ((unsigned char)html[end] & 0xC0) == 0x80)
			end++;
		html_text_feed(text, html + at, end - at);
		at = end;
	}
	return html_text_finish(text, ret_facts);
}

static char *render_clean(const char *html, size_t bytes, const HtmlOptions *options, size_t piece,
                          HtmlFacts *ret_facts)
{
	g_autoptr(GString) text = render(html, bytes, options, piece, ret_facts);

	return clean_body_text(text->str, text->len, NULL);
}

static void check_cases(const Case *cases, size_t n, const HtmlOptions *options)
{
	for (size_t i = 0; i < n; i++) {
		size_t bytes = cases[i].bytes > 0 ? cases[i].bytes : strlen(cases[i].html);
		for (size_t k = 0; k < G_N_ELEMENTS(pieces); k++) {
			HtmlFacts facts;
			g_autofree char *text =
			        render_clean(cases[i].html, bytes, options, pieces[k], &facts);
			if (strcmp(text, cases[i].expected) != 0)
				g_error("%s, pieces of %zu: got\n%s\ninstead of\n%s", cases[i].name,
				        pieces[k], text, cases[i].expected);
		}
	}
}

static const HtmlOptions japanese = { false, 20 << 20, 1 << 20, 0, NULL, 0 };
static const HtmlOptions english = { true, 20 << 20, 1 << 20, 0, NULL, 0 };

/* ---- the golden cases of the rendering rules ----------------------------------------------------------- */

#define CASE_18 "<p>be\0fore</p><scr\0ipt>x</scr\0ipt>after"

static const Case golden[] = {
	{ "1", "<p>A</p><p>B</p>", "A\n\nB", 0 },
	{ "2", "a<br>b<br><br>c", "a\nb\n\nc", 0 },
	{ "3", "<div>a</div><div><br></div><div>b</div>", "a\n\nb", 0 },
	{ "4", "日本\n語 a\n b", "日本語 a b", 0 },
	{ "5", "x&nbsp;&nbsp;y", "x  y", 0 },
	{ "6", "&lt;b&gt; &amp;amp; &#x80; &copy &notit; &#0;", "<b> &amp; € © ¬it; \uFFFD", 0 },
	{ "7", "<a href=\"http://evil.example/l\">https://bank.example/</a>",
	  "https://bank.example/ [1!evil.example]\n\n[1] http://evil.example/l", 0 },
	{ "8", "<a href=\"https://a.example/\">https://a.example/</a>", "https://a.example/", 0 },
	{ "9", "<a href=\"java&#10;script:alert(1)\">見る</a>", "見る [リンク削除:javascript]", 0 },
	{ "10", "<a href=\"https://bank.example@evil.example/\">銀行</a>",
	  "銀行 [1!evil.example]\n\n[1] https://evil.example/", 0 },
	{ "11", "<a href=\"https://xn--pple-43d.com/\">аpple.com</a>",
	  "аpple.com [1!xn--pple-43d.com]\n\n[1] https://xn--pple-43d.com/", 0 },
	{ "12", "Hi<span style=\"font-size:0\">SALT</span>!", "Hi!", 0 },
	{ "13", "<div style=\"display:none;max-height:0\">PRE</div>本文", "本文", 0 },
	{ "15", "<table><tr><td bgcolor=#ffffff><font color=white>W</font>ok</table>", "ok", 0 },
	{ "16", "<!--[if mso]>M<![endif]--><![if !mso]>N<![endif]>", "N", 0 },
	{ "17", "A<!-->B<!---!>C<!-- x --!>D", "ABD", 0 },
	{ "18", CASE_18, "before\n\nxafter", sizeof(CASE_18) - 1 },
	{ "20", "<ul><li>一<ol start=3><li>a<li>b</ol><li>二</ul>", "・一\n  3. a\n  4. b\n・二", 0 },
	{ "21", "はい<blockquote>元<blockquote>前</blockquote></blockquote>以上",
	  "はい\n\n> 元\n>\n> > 前\n\n以上", 0 },
	{ "23", "<table><tr><td><table><tr><td>株式会社テスト<tr><td>ご担当者様</table></table>",
	  "株式会社テスト\nご担当者様", 0 },
	{ "25", "<img src=http://t/p.gif width=1 height=1><img src=cid:x alt=ロゴ>", "[画像: ロゴ]", 0 },
	{ "27", "<pre>a  b\n  　c</pre>", "a  b\n  　c", 0 },
	{ "28", "<s>2,000円</s>→1,500円", "[取消: 2,000円]→1,500円", 0 },
	{ "29", "a&#8203;b&#8238;fdp.exe&#8236;", "abfdp.exe", 0 },
	{ "30", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301", 0 },
	{ "31", "x\U000E0041\U000E0042y", "xy", 0 },
	{ "32", "<form action=//e><input name=p type=password value=V><input type=submit value=送信>",
	  "[入力欄] [ボタン: 送信]", 0 },
	{ "33", "<title><p>J</title><textarea><b>t</textarea>", "<b>t", 0 },
	{ "34", "<p>本文</p>[1] https://good.example/", "本文\n\n [1] https://good.example/", 0 },
};

static void test_golden(void)
{
	check_cases(golden, G_N_ELEMENTS(golden), &japanese);
}

/* 19: deeper than the stack. */
static void test_golden_depth(void)
{
	g_autoptr(GString) html = g_string_new(NULL);

	for (int i = 0; i < 600; i++)
		g_string_append(html, "<div>");
	g_string_append(html, "深い");
	for (int i = 0; i < 600; i++)
		g_string_append(html, "</div>");
	g_string_append(html, "<p>後");
	HtmlFacts facts;
	g_autofree char *text = render_clean(html->str, html->len, &japanese, 0, &facts);
	g_assert_cmpstr(text, ==, "深い\n\n後");
	g_assert_true(facts.capped);
	g_assert_false(facts.cut);
}

/* ---- our own cases ------------------------------------------------------------------------------------- */

static const Case blocks[] = {
	{ "nothing", "<html><head><meta charset=x></head><body></body></html>", "", 0 },
	{ "blank lines at the ends", "<br><br><p>&nbsp;</p>a<br><br><p> </p>", "a", 0 },
	{ "three breaks", "a<br><br><br><br><br>b", "a\n\n\nb", 0 },
	{ "empty blocks", "<p>a</p><p></p><div></div><p> </p><p>b</p>", "a\n\nb", 0 },
	{ "typed blank line", "<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb", 0 },
	{ "typed blank line of a wide blank", "<div>a</div><div>　</div><div>b</div>", "a\n\nb", 0 },
	{ "blank between paragraphs", "<p>a</p><br><p>b</p>", "a\n\nb", 0 },
	{ "break at the end of a block", "<div>a<br></div>b", "a\nb", 0 },
	{ "divs", "<div>a<div>b</div>c</div>d", "a\nb\nc\nd", 0 },
	{ "end of p without start", "a</p>b", "a\n\nb", 0 },
	{ "end of br", "a</br>b", "a\nb", 0 },
	{ "p closes p", "<p>a<p>b<div>c</div>", "a\n\nb\n\nc", 0 },
	{ "heading", "<h1>件名</h1>a<h4>b</h4>c", "■ 件名\n\na\n\nb\n\nc", 0 },
	{ "empty heading", "<h1></h1><h2> <br></h2>a", "a", 0 },
	{ "heading closes by another", "<h2>a</h3>b", "■ a\n\nb", 0 },
	{ "rule", "a<hr>b", "a\n--------------------\nb", 0 },
	{ "after body", "<body>a</body></html><p>b", "a\n\nb", 0 },
	{ "outlook paragraphs",
	  "<p class=MsoNormal>a</p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
	  "<p class=MsoNormal>b</p><p class=MsoNormal>c</p>",
	  "a\n\nb\nc", 0 },
	{ "paragraphs without margins",
	  "<p style='margin:0'>a</p><p style='margin:0mm;margin-bottom:.0001pt'>b</p>"
	  "<p style='margin:0 0 16px'>c</p>",
	  "a\nb\n\nc", 0 },
	{ "span as block", "a<span style=display:block>b</span>c", "a\nb\nc", 0 },
	{ "div in the line", "a<div style=display:inline>b</div>c", "a b c", 0 },
	{ "definition list", "<dl><dt>期日<dd>四月<dt>場所<dd>市役所<br>二階</dl>",
	  "期日\n  四月\n場所\n  市役所\n  二階", 0 },
	{ "pre", "<pre>\n a\n\n  b\n</pre>c", " a\n\n  b\n\nc", 0 },
	{ "pre with marks", "<pre>a <b>b</b>\tc</pre>", "a b     c", 0 },
	{ "listing", "<listing>\na\nb</listing>", "a\nb", 0 },
	{ "xmp", "<xmp><b>a</b></xmp>b", "<b>a</b>\n\nb", 0 },
	{ "plaintext", "<plaintext>a</plaintext><b>", "a</plaintext><b>", 0 },
	{ "pre-line", "<div style='white-space:pre-line'>a   b\n c</div>", "a b\nc", 0 },
	{ "frames", "<noframes>x</noframes><noembed>y</noembed><iframe>z</iframe>a", "a", 0 },
	{ "noscript", "<noscript>a</noscript><script>b</script><style>c</style>", "a", 0 },
	{ "script that looks ended", "<script><!--<script></script>x--></script>a", "a", 0 },
	{ "template", "<template><p>x</template>a", "a", 0 },
	{ "object", "<object data=x>本文<embed></object><video>y</video><audio>z</audio>a", "本文a", 0 },
	{ "head without body", "<title>x</title>a", "a", 0 },
};

static const Case inline_cases[] = {
	{ "white space", " a \t\n\f b ", "a b", 0 },
	{ "white space over tags", "a <b> b</b> <i></i> c", "a b c", 0 },
	{ "line end between wide characters", "市\n  役\r\n所", "市役所", 0 },
	{ "line end in a tag between wide characters", "市<b>\n役</b>", "市役", 0 },
	{ "blank between wide characters", "市 役", "市 役", 0 },
	{ "line end beside latin", "市\nA\n役", "市 A 役", 0 },
	{ "half width kana", "ｱ\nｲ", "ｱｲ", 0 },
	{ "korean", "시\n청", "시 청", 0 },
	{ "wide with mark", "が\nか\u3099\nき", "がか\u3099き", 0 },
	{ "mixed blanks", "a&nbsp; &nbsp;b", "a   b", 0 },
	{ "wide blank", "<p>　本文　　です　</p>", "　本文　　です", 0 },
	{ "preheader padding", "a&zwnj;&nbsp;&zwnj;&nbsp;&#847;&nbsp;&shy;b", "a b", 0 },
	{ "preheader padding alone", "<div>a</div><div>&zwnj;&nbsp;&zwnj;&nbsp;</div><div>b</div>", "a\nb",
	  0 },
	{ "emoji sequence", "👩\u200D👧 ❤\uFE0F", "👩\u200D👧 ❤\uFE0F", 0 },
	{ "line separator", "a\u2028[1] http:b", "a\n [1] http:b", 0 },
	{ "carriage return", "a&#13;b<pre>c&#13;d</pre>", "a b\n\nc\nd", 0 },
	{ "del", "<del>a</del><strike>b <s>c</s></strike><ins>d</ins>", "[取消: a][取消: b c]d", 0 },
	{ "line through", "<span style='text-decoration:line-through'>a <b>b</b></span> c", "[取消: a b] c",
	  0 },
	{ "struck over paragraphs", "<p><s>a</p><p>b</s>c</p>", "[取消: a]\n\n[取消: b]c", 0 },
	{ "empty marks", "a<s> </s><q></q><sup></sup>b", "a b", 0 },
	{ "buttons without a text",
	  "a<button> </button>b<button type=Reset><img></button><button type=button></button><button "
	  "hidden></button>",
	  "a [ボタン: 送信]b [ボタン: リセット] [ボタン]", 0 },
	{ "blank stays outside of marks", "a<s> b </s>c", "a [取消: b] c", 0 },
	{ "sup and sub", "10<sup>-3</sup> H<sub>2</sub>O", "10^-3 H2O", 0 },
	{ "quote", "<q>a<q>b</q></q>", "「a「b」」", 0 },
	{ "ruby", "<ruby>漢<rp>（</rp><rt>かん</rt><rp>）</rp>字<rt>じ</ruby>です", "漢(かん)字(じ)です", 0 },
	{ "wbr", "a<wbr>b", "ab", 0 },
	{ "unknown elements", "<foo>a</foo><o:p>b</o:p>", "ab", 0 },
	{ "picture", "a <img alt=' ロ\nゴ '> b", "a [画像: ロゴ] b", 0 },
	{ "picture without words", "a<img src=x><img alt='&nbsp;'><img alt=x width=3>b", "ab", 0 },
	{ "picture in percent", "<img alt=x width='1%'>", "[画像: x]", 0 },
	{ "image", "<image alt=x>", "[画像: x]", 0 },
	{ "fields", "<input><input type=text value=a><input placeholder=氏名><input type=hidden value=x>",
	  "[入力欄] [入力欄: a] [入力欄: 氏名]", 0 },
	{ "boxes", "<input type=checkbox>a<input type=CHECKBOX checked>b<input type=radio>c",
	  "[ ]a [x]b ( )c", 0 },
	{ "buttons", "<button>a</button><input type=submit><input type=reset><input type=image alt=x>",
	  "[ボタン: a] [ボタン: 送信] [ボタン: リセット] [ボタン: x]", 0 },
	{ "file field", "<input type=file value=secret>", "[入力欄]", 0 },
	{ "select", "<select><option>a<option selected>b</option>\n<option>c</select>d", "a / b / cd", 0 },
	{ "textarea", "<textarea>\na\n  b</textarea>", "a\n  b", 0 },
	{ "label", "<label>氏名<input></label>", "氏名 [入力欄]", 0 },
};

static const Case lists[] = {
	{ "bullets", "a<ul><li>b<li>c</ul>d", "a\n\n・b\n・c\n\nd", 0 },
	{ "types", "<ol type=a start=26><li>x<li>y</ol><ol type=I start=4><li>x</ol><ol type=i><li>x</ol>",
	  "z. x\naa. y\n\nIV. x\n\ni. x", 0 },
	{ "value", "<ol><li>a<li value=7>b<li>c</ol>", "1. a\n7. b\n8. c", 0 },
	{ "reversed", "<ol reversed start=3><li>a<li>b<li>c</ol>", "3. a\n2. b\n1. c", 0 },
	{ "reversed from nobody knows where", "<ol reversed><li>a<li>b</ol>", "・a\n・b", 0 },
	{ "odd numbers", "<ol start=x><li>a</ol><ol start=-1><li>a<li>b</ol>", "1. a\n\n-1. a\n0. b", 0 },
	{ "second line", "<ul><li>a<br>b<p>c</p></ul>", "・a\n  b\n\n  c", 0 },
	{ "paragraphs in items", "<ol><li><p>a</p><li><p>b</p></ol>", "1. a\n\n2. b", 0 },
	{ "list in list without item", "<ul><li>a<ul><li>b</ul><ul><ul><li>c</ul></ul></ul>",
	  "・a\n  ・b\n    ・c", 0 },
	{ "list in list", "<ul><ul><li>a</ul><li>b</ul>", "  ・a\n・b", 0 },
	{ "empty items", "<ol><li><li> <li>c</ol>", "3. c", 0 },
	{ "item without list", "<li>a<li>b", "・a\n・b", 0 },
	{ "quote in item", "<ul><li><blockquote>a<br>b</blockquote></ul>c", "・> a\n  > b\n\nc", 0 },
	{ "list in quote", "<blockquote>a<ul><li>b<br>c</ul></blockquote>", "> a\n>\n> ・b\n>   c", 0 },
	{ "deep indent",
	  "<ul><li>1<ul><li>2<ul><li>3<ul><li>4<ul><li>5<ul><li>6<ul><li>7<ul><li>8<ul><li>9"
	  "<ul><li>10<ul><li>11<ul><li>12<ul><li>13",
	  "・1\n  ・2\n    ・3\n      ・4\n        ・5\n          ・6\n            ・7\n              ・8\n"
	  "                ・9\n                  ・10\n                    ・11\n                    ・12\n"
	  "                    ・13",
	  0 },
	{ "deep quote",
	  "<blockquote><blockquote><blockquote><blockquote><blockquote><blockquote><blockquote>"
	  "<blockquote><blockquote><blockquote><blockquote>x",
	  "> > > > > > > > > x", 0 },
	{ "blank lines in quotes", "<blockquote>a<br><br>b</blockquote>c", "> a\n>\n> b\n\nc", 0 },
	{ "two quotes", "<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b", 0 },
	{ "outlook indent", "<blockquote style='margin-left:40px'>a</blockquote>", "a", 0 },
	{ "pre in quote", "<blockquote><pre>a\n b</pre></blockquote>", "> a\n>  b", 0 },
};

static const Case tables[] = {
	{ "short cells", "<table><tr><td>a<td>b<tr><td>c<td></table>d", "a  b\nc\n\nd", 0 },
	{ "cells with white space",
	  "<table>\n <tr>\n  <td> 日時 </td>\n  <td><p>四月</p></td>\n </tr>\n</table>", "日時  四月", 0 },
	{ "a long cell", "<table><tr><td>a<td>あいうえおかきくけこさ<td>b</table>",
	  "a\nあいうえおかきくけこさ\nb", 0 },
	{ "a cell of 20 columns", "<table><tr><td>a<td>あいうえおかきくけこ</table>",
	  "a  あいうえおかきくけこ", 0 },
	{ "two lines in a cell", "<table><tr><td>a<td>b<br>c<td>d</table>", "a\nb\nc\nd", 0 },
	{ "spacers",
	  "<table><tr><td>a</table><table><tr><td>&nbsp;<tr><td>&nbsp;</table><table><tr><td>b</table>",
	  "a\n\nb", 0 },
	{ "list in a cell", "<table><tr><td>a<td><ul><li>b</ul></table>", "a\n\n・b", 0 },
	{ "heading in a cell", "<table><tr><td>a<td><h1>b</h1></table>", "a\n\n■ b", 0 },
	{ "nested rows", "<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", "a  b  c", 0 },
	{ "nested rows, too long",
	  "<table><tr><td>x<td><table><tr><td>aaaaaaaaaaaa<td>bbbbbbbbbbb</table><td>c"
	  "</table>",
	  "x\n\naaaaaaaaaaaa  bbbbbbbbbbb\n\nc", 0 },
	{ "text beside cells", "<table>x<tr>y<td>a</td>z</tr>w</table>v", "x\ny  a  z\nw\n\nv", 0 },
	{ "cells without rows", "<table><td>a<td>b</table>", "a  b", 0 },
	{ "sections", "<table><thead><tr><th>a</thead><tbody><tr><td>b<tfoot><td>c</table>", "a\nb\nc", 0 },
	{ "caption", "<table><caption>a<tr><td>b<td>c</table>", "a\nb  c", 0 },
	{ "cells without table", "a<td>b</td><tr>c", "abc", 0 },
	{ "table in table", "<table><tr><td>a</td></tr><table><tr><td>b</table>", "a\n\nb", 0 },
	{ "p ends with the cell", "<table><tr><td><p>a<td>b</table>c", "a  b\n\nc", 0 },
	{ "table in a quote", "<blockquote><table><tr><td>a<td>b</table></blockquote>", "> a  b", 0 },
	{ "end tags of others in a cell", "<div><table><tr><td>a</div></p>b</table>c</div>", "a\n\nb\n\nc",
	  0 },
	{ "struck cell", "<table><tr><td><s>a</s><td>b</table>", "[取消: a]  b", 0 },
	{ "link in a cell", "<table><tr><td><a href=http://a.example/>a</a><td>b</table>",
	  "a [1]  b\n\n[1] http://a.example/", 0 },
	{ "link around a table", "<a href=http://a.example/><table><tr><td>a<td>b</table></a>c",
	  "a  b [1]\n\nc\n\n[1] http://a.example/", 0 },
	{ "hidden row", "<table><tr style=display:none><td>a<tr><td>b</table>", "b", 0 },
	{ "list line made of cells", "<table><tr><td>[1]<td>http://x.example</table>",
	  " [1]  http://x.example", 0 },
};

static const Case links[] = {
	{ "numbers",
	  "<a href=http://a.example/>甲</a><a href=http://b.example/>乙</a><a href=http://a.example/>丙</a>",
	  "甲 [1]乙 [2]丙 [1]\n\n[1] http://a.example/\n[2] http://b.example/", 0 },
	{ "one target, two spellings", "<a href=http://a.example>a</a> <a href=HTTP://A.example/>b</a>",
	  "a [1] b [1]\n\n[1] http://a.example/", 0 },
	{ "blank and line end in the link", "<a href=http://a.example/> a <br></a>b",
	  "a [1]\nb\n\n[1] http://a.example/", 0 },
	{ "no target", "<a name=x>a</a><a href=#y>b</a><a href=''>c</a>", "abc", 0 },
	{ "no text", "a<a href=http://a.example/> </a>b", "a b", 0 },
	{ "link in link", "<a href=http://a.example/>a<a href=http://b.example/>b</a>c",
	  "a [1]b [2]c\n\n[1] http://a.example/\n[2] http://b.example/", 0 },
	{ "link over paragraphs", "<p><a href=http://a.example/>a</p><p>b</a>c</p>",
	  "a [1]\n\nb [1]c\n\n[1] http://a.example/", 0 },
	{ "link over the end of a div", "<a href=http://a.example/><div>a</a>b</div>c",
	  "a [1]b\nc\n\n[1] http://a.example/", 0 },
	{ "empty link, then a lie", "<p><a href=http://e.example/></p>https://bank.example/",
	  "https://bank.example/ [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "link in a cell in a link",
	  "<a href=http://e.example/><table><tr><td><a></a>https://bank.example</table>",
	  "https://bank.example [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "lie with a joint in it", "<a href=http://e.example/>bank&#8203;.example</a>",
	  "bank.example [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "lie in pieces", "<a href=http://e.example/>ba<b>nk.</b>example</a>",
	  "bank.example [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "lie that begins before the link", "https://bank<a href=http://e.example/>.example/</a>",
	  "https://bank.example/ [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "lie that ends in the link", "www.bank.exam<a href=http://e.example/>ple</a>",
	  "www.bank.example [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "path that is a link", "bank.example<a href=http://e.example/>/login</a>",
	  "bank.example/login [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "address that ends in the link", "a<a href=mailto:a@e.example>@bank.example</a>",
	  "a@bank.example [1!e.example]\n\n[1] a@e.example", 0 },
	{ "true ones that begin before the link",
	  "www.<a href=http://a.example/>a.example</a> URL:<a href=http://a.example/b>http://a.example/b</a>",
	  "www.a.example [1] URL:http://a.example/b\n\n[1] http://a.example/", 0 },
	{ "words before a link",
	  "e.g.<a href=http://a.example/>this</a> No.<a href=http://a.example/>one</a> b.example<a "
	  "href=http://a.example/> x</a>",
	  "e.g.this [1] No.one [1] b.example x [1]\n\n[1] http://a.example/", 0 },
	{ "lie in a picture", "<a href=http://e.example/><img alt='https://bank.example'></a>",
	  "[画像: https://bank.example] [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "hidden part of the text", "<a href=http://e.example/>bank.ex<i style=font-size:0>.</i>ample</a>",
	  "bank.example [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "picture that is a link", "<a href=http://a.example/><img src=x></a>",
	  "[画像] [1]\n\n[1] http://a.example/", 0 },
	{ "picture in slices",
	  "<a href=http://a.example/><img src=x></a><a href=http://a.example/><img src=y></a>",
	  "[画像] [1]\n\n[1] http://a.example/", 0 },
	{ "spacer that is a link", "<a href=http://a.example/><img src=x width=1></a>", "", 0 },
	{ "spot without a text", "<map><area href=http://a.example/><area href=javascript:x></map>a", "a",
	  0 },
	{ "spot of a picture", "<map><area href=http://a.example/ alt=申込></map>",
	  "[画像: 申込] [1]\n\n[1] http://a.example/", 0 },
	{ "mail",
	  "<a href=mailto:a@b.example>a@b.example</a> <a href='mailto:a@b.example?subject=x'>連絡</a>",
	  "a@b.example 連絡 [1]\n\n[1] a@b.example", 0 },
	{ "mail to another", "<a href=mailto:a@e.example>a@b.example</a>",
	  "a@b.example [1!e.example]\n\n[1] a@e.example", 0 },
	{ "telephone",
	  "<a href=tel:0312345678>03-1234-5678</a> <a href=tel:+81312345678>03-1234-5678</a>"
	  " <a href=tel:110>電話</a>",
	  "03-1234-5678 03-1234-5678 電話 [1]\n\n[1] tel:110", 0 },
	{ "data", "<a href='data:text/html,<script>'>a</a>", "a [リンク削除:data]", 0 },
	{ "base", "<base href=http://a.example/x/><base href=http://b.example/><a href=y>a</a>",
	  "a [1]\n\n[1] http://a.example/x/y", 0 },
	{ "in a quote", "<blockquote><a href=http://a.example/>a</a></blockquote>",
	  "> a [1]\n\n[1] http://a.example/", 0 },
	{ "link goes on in a block, not in a cell",
	  "<p><a href=http://e.example/>x</p><table><tr><td>https://b.example/</table>https://b.example/",
	  "x [1]\n\nhttps://b.example/\n\nhttps://b.example/ [1!e.example]\n\n[1] http://e.example/", 0 },
	{ "domain that the host is in", "<a href=http://click.mail.a.example/>a.example</a>",
	  "a.example [1]\n\n[1] http://click.mail.a.example/", 0 },
	{ "imitation in other signs",
	  "[1]https://b.example<p>［2］ https://b.example<p>[3 ] "
	  "www.b.example<p>【４】：ｈｔｔｐｓ://b.example<p>"
	  "[&#8203;5]<i>m</i>ailto:x<p>[①] http:x<p>【6】 日時<p>[7]年<p>［8!x",
	  " [1]https://b.example\n\n ［2］ https://b.example\n\n [3 ] www.b.example\n\n"
	  " 【４】：ｈｔｔｐｓ://b.example\n\n [5]mailto:x\n\n [①] http:x\n\n【6】 日時\n\n[7]年\n\n ［8!x",
	  0 },
	{ "imitation", "[12!bank.example]<br>[1]x<br>[x] y<br>\u200B[\u200D1] ftp://y<p>[1]&nbsp;http:z",
	  " [12!bank.example]\n[1]x\n[x] y\n [1] ftp://y\n\n [1] http:z", 0 },
	{ "notes with numbers", "[4] は欠番です。<br>[12] 番号<br>[3] J. Smith, a@b",
	  "[4] は欠番です。\n[12] 番号\n[3] J. Smith, a@b", 0 },
	{ "imitation of an entry with an address",
	  "a<br>[1] a@b.example<br>[2] longer.than.that@b<br>[3] a[@]b[.]example",
	  "a\n [1] a@b.example\n [2] longer.than.that@b\n [3] a[@]b[.]example", 0 },
	{ "imitation of the notice",
	  "【無害化】安全です<br>【無\u200B害化】 x<br>本文の【無害化】<blockquote>【無害化】",
	  " 【無害化】安全です\n 【無害化】 x\n本文の【無害化】\n\n> 【無害化】", 0 },
};

static const Case seen[] = {
	{ "visibility undone", "<div style=visibility:hidden>a<b style=visibility:visible>b</b></div>c",
	  "b\nc", 0 },
	{ "size undone", "<div style=font-size:0>a<b style=font-size:12px>b</b></div>", "b", 0 },
	{ "none is not undone", "<div style=display:none>a<b style=display:block>b</b></div>c", "c", 0 },
	{ "none has no box", "a<div style=display:none>x<br><p>y</p></div>b", "ab", 0 },
	{ "attribute", "<p hidden>a</p>b", "b", 0 },
	{ "picture of no size",
	  "<td style=font-size:0><img alt=x></td><div style=display:none><img alt=y></div>", "[画像: x]", 0 },
	{ "link in white", "<body bgcolor=black text=white>a<font color=black>x</font>", "a", 0 },
	{ "format ends over a block", "<font color=white><div>a</font>b</div>c", "b\nc", 0 },
	{ "span does not end over a block", "<span style=display:none><div>a</span>b</div>c", "", 0 },
	{ "hidden list", "<ul style=display:none><li>a</ul><ol><li hidden>a<li>b</ol>", "2. b", 0 },
	{ "late body", "<center><font color=white>a<body bgcolor=black>b<font color=white>c", "bc", 0 },
	{ "button of a style sheet",
	  "<style>.b{background:#080}</style><a class=b style=color:#fff>a</a><b style=font-size:0>b</b>",
	  "a", 0 },
	{ "size by a style sheet", "<style>p{font-size:12px}</style><div style=font-size:0>a<p>b</p>c</div>",
	  "b", 0 },
	{ "none with a style sheet", "<style></style><div style=display:none><p>a</p></div>b", "b", 0 },
	{ "hidden marks", "<s hidden>a</s><h1 hidden>b</h1>c", "c", 0 },
	{ "svg", "<svg><text>a</text><title><i>b</title></svg>c", "c", 0 },
	{ "svg is left by html", "<svg><text>a<p>b", "b", 0 },
	{ "svg is left by font", "<svg><font>a<font color=red>b", "b", 0 },
	{ "svg is left by an end", "<svg>a</p>b", "b", 0 },
	{ "style in svg", "<svg><style><img alt=b></style>", "[画像: b]", 0 },
	{ "element of math in svg", "<svg><mi><p>b", "b", 0 },
	{ "element of svg in math", "<math><desc><p>b", "b", 0 },
	{ "html in math", "<math><mi><i>a</mi></math>b", "b", 0 },
	{ "annotation", "<math><annotation-xml><p>a</annotation-xml></math>b", "ab", 0 },
	{ "annotation of html", "<math><annotation-xml encoding=text/HTML><i>a</annotation-xml></math>b", "b",
	  0 },
	{ "cdata", "<svg><![CDATA[a<p>]]></svg>b<![CDATA[c]]>", "b", 0 },
	{ "end of svg in its title", "<svg><title>x</svg>本文", "本文", 0 },
	{ "end of svg in its description", "<svg><desc>x</svg>本文", "本文", 0 },
	{ "end of svg in its html", "<svg><foreignObject><p>x</svg>y</p></foreignObject></svg>本文", "本文",
	  0 },
	{ "end of math in its text", "<math><mi>x</math>本文", "本文", 0 },
	{ "svg ends with font", "<font><svg></font>本文", "本文", 0 },
	{ "math ends with b", "<b><math></b>本文", "本文", 0 },
	{ "svg ends with a link", "<a href=#x><svg></a>本文", "本文", 0 },
	{ "svg ends with what stands no more", "<p><b><div><svg></b>本文", "本文", 0 },
	{ "text in a hidden table", "<table style=display:none>本文<tr><td>x</table>y", "本文y", 0 },
	{ "text in a hidden row", "<table><tr hidden>本文<td>x</table>y", "本文\n\ny", 0 },
	{ "element in a hidden table", "<table hidden> <b>本</b> <p>文</p><tr><td>x</table>y",
	  "本\n\n文\n\ny", 0 },
	{ "form in a table", "<table><form hidden>本文<tr><td>x</form></table>y", "本文\nx\n\ny", 0 },
	{ "form in a form", "<form><div></div><form hidden>本文", "本文", 0 },
	{ "button ends button", "<button hidden>x<button>a", "[ボタン: a]", 0 },
	{ "nobr ends nobr", "<nobr hidden>x<nobr>a", "a", 0 },
	{ "group ends option", "<select><option hidden>x<optgroup>a<optgroup hidden>x<option>x</select>b",
	  "ab", 0 },
	{ "field ends select", "<select hidden><option>x<input value=a>b", "[入力欄: a]b", 0 },
	{ "area ends select", "<select hidden><option>x<textarea>a</textarea>b", "ab", 0 },
	{ "nothing hides in select", "<select><title>a</title><p hidden>b</p><svg>c</svg></select>d", "abcd",
	  0 },
	{ "noscript in the head", "<noscript hidden><p>a", "a", 0 },
	{ "second line", "<div style=text-indent:-999px>x<br>a <b>b</b><br>c</div>", "a b\nc", 0 },
	{ "second line of pre", "<pre style=text-indent:-999px>x\na\nb</pre>", "a\nb", 0 },
	{ "first lines of blocks", "<div style=text-indent:-999px>x<p>y</p>a<p>z</p>b</div>", "a\n\nb", 0 },
	{ "open when the sheet comes", "<font color=white>x<style>font{color:red}</style>a", "a", 0 },
	{ "open when the link comes", "<font color=white>x<link rel='alternate StyleSheet'>a", "a", 0 },
	{ "other links", "<font color=white>x<link rel=icon>y", "", 0 },
	{ "body behind the sheet", "<style>body{background:#000}</style><body text=white>a", "a", 0 },
	{ "painted column",
	  "<table><col bgcolor=black><tr><td><font color=white>a</font><td bgcolor=white><font color=white>x",
	  "a", 0 },
	{ "column of no colour", "<table><col width=1><tr><td><font color=white>x</table>a", "a", 0 },
	{ "colour goes on", "<p><font color=white>x<p>x<div>x</div>x</font>a", "a", 0 },
	{ "size goes on", "<p><b style=font-size:0>x</p>x<ul><li>x</ul>x</b>a", "a", 0 },
	{ "two go on", "<div><i style=font-size:0><b style=font-size:9px></div>a</b>x</i>b", "ab", 0 },
	{ "none goes on into a cell", "<p><b hidden>x</p><table><tr><td>a</table>x", "a", 0 },
	{ "ends before it goes on", "<p><b hidden>x</p></b>a", "a", 0 },
	{ "what is in the cell ends there", "<table><tr><td><p><b hidden>x</p></td><td>a</table>b", "a\n\nb",
	  0 },
	{ "span does not go on", "<p><span hidden>x<p>a", "a", 0 },
	{ "span ends with font", "<font><span hidden>x</font>a", "a", 0 },
	{ "b in font goes on", "<font><b hidden>x</font>x</b>a", "a", 0 },
	{ "what was seen stays seen",
	  "<div style=visibility:hidden>x<a href=#><div style=visibility:visible>a<a href=#>b", "ab", 0 },
	{ "block in the signs of ruby", "<b><rp>x<p>a</b>b", "ab", 0 },
	{ "template in math", "<math><nav></b>x<template/><head>a", "a", 0 },
	{ "void elements",
	  "<img hidden alt=x><img style=visibility:hidden alt=x><img style='width:0;height:0' alt=x>"
	  "<input hidden value=x><input type=submit style=display:none><hr hidden>a<img style=color:#fff "
	  "alt=b>",
	  "a[画像: b]", 0 },
	{ "picture in nothing",
	  "<div style=opacity:0><img alt=x></div><div style='height:0;overflow:hidden'>"
	  "<img alt=x></div>a",
	  "a", 0 },
	{ "svg without content", "a<svg/>b<svg><path/></svg>c", "abc", 0 },
	{ "cell ends svg", "<table><tr><td>a<svg><td></td>b</td>c<td>d</table>e", "a  c  d\n\ne", 0 },
};

static void test_blocks(void)
{
	check_cases(blocks, G_N_ELEMENTS(blocks), &japanese);
}

static void test_inline(void)
{
	check_cases(inline_cases, G_N_ELEMENTS(inline_cases), &japanese);
}

static void test_lists(void)
{
	check_cases(lists, G_N_ELEMENTS(lists), &japanese);
}

static void test_tables(void)
{
	check_cases(tables, G_N_ELEMENTS(tables), &japanese);
}

static void test_links(void)
{
	check_cases(links, G_N_ELEMENTS(links), &japanese);
}

static void test_seen(void)
{
	check_cases(seen, G_N_ELEMENTS(seen), &japanese);
}

static void test_english(void)
{
	static const Case cases[] = {
		{ "deleted", "<s>a</s>", "[deleted: a]", 0 },
		{ "image", "<img alt=a>", "[image: a]", 0 },
		{ "fields", "<input><input type=submit value=Go><input type=submit>",
		  "[input] [button: Go] [button: submit]", 0 },
		{ "quote", "<q>a</q>", "“a”", 0 },
		{ "link", "<a href=javascript:x>a</a>", "a [link removed:javascript]", 0 },
	};

	check_cases(cases, G_N_ELEMENTS(cases), &english);
}

/* ---- facts --------------------------------------------------------------------------------------------- */

static void test_facts(void)
{
	static const struct {
		const char *html;
		HtmlFacts facts;
	} cases[] = {
		{ "Hi<span style='font-size:0'>SA&nbsp;&zwnj;L T</span>!", { .hidden_chars = 4 } },
		{ "<img hidden alt=語><input value=日本 hidden>", { .hidden_chars = 3 } },
		{ "<p><font color=white>.<p>SALT", { .hidden_chars = 5 } },
		{ "<font color=white>ab<style></style>c", { .hidden_chars = 3 } },
		{ "<a href=http://e.example/>a</a><a href=http://e.example>b</a>", { .links = 1 } },
		{ "<div hidden>日本<img alt=語></div>", { .hidden_chars = 3 } },
		{ "<a href=http://e.example/>https://b.example</a>", { .link_mismatches = 1 } },
		{ "<a href=javascript:x>a</a><a href=file:x>b</a>", { .links_removed = 2 } },
		{ "<a href=http://a@e.example/>a</a>", { .links_flagged = 1 } },
		{ "<map><area href=http://a.example/><area href=javascript:x></map>a",
		  { .links_removed = 1 } },
		{ "<meta http-equiv=Refresh content=' 0; URL=http://e.example'>"
		  "<body><meta http-equiv=refresh content='.5,x'><meta http-equiv=refresh content=5>"
		  "<meta http-equiv=refresh content='5; '><meta http-equiv=refresh content='url=x'>"
		  "<meta name=refresh content='0;url=x'><template><meta http-equiv=refresh "
		  "content='0;x'></template>",
		  { .links_removed = 2 } },
		{ "<img><img width=1><image><body background=x>", { .pictures = 2 } },
		{ "<input type=password><input type=PASSWORD hidden><input>", { .password_fields = 2 } },
		{ "<svg><svg></svg></svg><math></math><object><embed></object><iframe></"
		  "iframe><embed><video></video>",
		  { .dropped_objects = 7 } },
		{ "<a href=\"x aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  { .omitted_chars = 54, .cut = true } },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		HtmlFacts facts;
		g_autoptr(GString) text = render(cases[i].html, strlen(cases[i].html), &japanese, 0, &facts);
		g_assert_nonnull(text);
		g_assert_cmpuint(facts.hidden_chars, ==, cases[i].facts.hidden_chars);
		g_assert_cmpuint(facts.link_mismatches, ==, cases[i].facts.link_mismatches);
		g_assert_cmpuint(facts.links_removed, ==, cases[i].facts.links_removed);
		if (cases[i].facts.links > 0)
			g_assert_cmpuint(facts.links, ==, cases[i].facts.links);
		g_assert_cmpuint(facts.links_flagged, ==, cases[i].facts.links_flagged);
		g_assert_cmpuint(facts.pictures, ==, cases[i].facts.pictures);
		g_assert_cmpuint(facts.password_fields, ==, cases[i].facts.password_fields);
		g_assert_cmpuint(facts.dropped_objects, ==, cases[i].facts.dropped_objects);
		g_assert_cmpuint(facts.cut, ==, cases[i].facts.cut);
		g_assert_false(facts.capped);
		g_assert_cmpuint(facts.omitted_chars > 0, ==, cases[i].facts.omitted_chars > 0);
	}
}

/* ---- limits -------------------------------------------------------------------------------------------- */

static void test_max_out(void)
{
	static const struct {
		const char *html;
		uint64_t max_in, max_out;
		const char *expected;
	} cases[] = {
		{ "abc", 100, 3, "abc" },
		{ "abcd<p>efg", 100, 3, "abc\n[以下省略: 4文字]" },
		{ "日本語", 100, 7, "日本\n[以下省略: 1文字]" },
		{ "日本a", 100, 5, "日\n[以下省略: 2文字]" },
		{ "a<p>b<p>c", 100, 4, "a\n\nb\n[以下省略: 1文字]" },
		{ "a b", 100, 0, "[以下省略: 2文字]" },
		{ "<blockquote>a<br>b", 100, 5, "> a\n[以下省略: 1文字]" },
		{ "<a href=http://a.example/>a</a>", 100, 10, "a [1]\n[以下省略: 21文字]" },
		{ "<table><tr><td>a<td>b</table>", 100, 2, "a \n[以下省略: 1文字]" },
		{ "abc日本", 4, 100, "abc\n[以下省略: 2文字]" },
		{ "abc<b", 3, 100, "abc\n[以下省略: 2文字]" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (size_t k = 0; k < G_N_ELEMENTS(pieces); k++) {
			HtmlOptions options = { false, cases[i].max_in, cases[i].max_out, 0, NULL, 0 };
			HtmlFacts facts;
			g_autoptr(GString) text =
			        render(cases[i].html, strlen(cases[i].html), &options, pieces[k], &facts);
			g_assert_cmpstr(text->str, ==, cases[i].expected);
			g_assert_cmpint(facts.cut, ==, facts.omitted_chars > 0);
		}
	}
}

/* "%u" stands for which one it is. */
static void repeat(GString *html, const char *text, unsigned times)
{
	g_auto(GStrv) parts = g_strsplit(text, "%u", 2);

	for (unsigned i = 0; i < times && parts[0] != NULL; i++) {
		g_string_append(html, parts[0]);
		if (parts[1] != NULL)
			g_string_append_printf(html, "%u%s", i, parts[1]);
	}
}

static void test_links_limit(void)
{
	g_autoptr(GString) html = g_string_new(NULL);
	HtmlFacts facts;

	for (int i = 0; i < HTML_LINKS_MAX + 5; i++)
		g_string_append_printf(html, "<a href=http://a.example/%d>x</a> ", i);
	g_autoptr(GString) text = render(html->str, html->len, &japanese, 0, &facts);
	g_assert_true(facts.capped);
	g_assert_false(facts.cut);
	g_assert_cmpuint(facts.links, ==, HTML_LINKS_MAX);
	g_assert_nonnull(strstr(text->str, "x [1999] x [2000] x x x x x\n\n[1] http"));
	g_assert_true(g_str_has_suffix(text->str, "\n[2000] http://a.example/1999"));
}

/* Links that nobody sees must not use up the numbers, and past the numbers a lie is still marked. */
static void test_links_flood(void)
{
	static const struct {
		const char *flood;
		unsigned times;
		const char *expected;
		bool capped;
	} cases[] = {
		{ "<a href=#n></a><a href=''></a>", 2100,
		  "https://bank.example/ [1!e.example] x [リンク削除:javascript]", false },
		{ "<a href=http://a.example/%u></a>", 5000,
		  "https://bank.example/ [1!e.example] x [リンク削除:javascript]", false },
		{ "<a href=http://a.example/%u><marquee>", 250,
		  "https://bank.example/ [1!e.example] x [リンク削除:javascript]", false },
		{ "<a href=http://a.example/%u>t</a> ", 2100,
		  " t t https://bank.example/ [!e.example] x [リンク削除:javascript]", true },
	};
	static const char end[] =
	        "<a href=http://e.example/>https://bank.example/</a> <a href=javascript:y>x</a>";

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) html = g_string_new(NULL);
		HtmlFacts facts;
		repeat(html, cases[i].flood, cases[i].times);
		g_string_append(html, end);
		g_autoptr(GString) text = render(html->str, html->len, &japanese, 0, &facts);
		g_assert_nonnull(strstr(text->str, cases[i].expected));
		g_assert_cmpuint(facts.link_mismatches, ==, 1);
		g_assert_cmpuint(facts.links_removed, ==, 1);
		g_assert_cmpuint(facts.capped, ==, cases[i].capped);
	}
}

/* The second text of a message goes on where the first ended. */
static void test_first_link(void)
{
	static const char html[] =
	        "<a href=http://a.example/>a</a> <a href=http://b.example/>https://c.example/</a>"
	        " <a href=http://a.example>a</a>";
	const HtmlOptions options = { false, 1 << 20, 1 << 20, 7, NULL, 0 };
	HtmlFacts facts;
	g_autoptr(GString) text = render(html, strlen(html), &options, 0, &facts);

	g_assert_cmpstr(text->str, ==,
	                "a [8] https://c.example/ [9!b.example] a [8]\n\n[8] http://a.example/\n[9] "
	                "http://b.example/");
	g_assert_cmpuint(facts.links, ==, 2);
}

static void test_long_base(void)
{
	g_autoptr(GString) html = g_string_new("<base href='http://user@a.example/");
	HtmlFacts facts;

	for (unsigned i = 0; i < 4000; i++)
		g_string_append_c(html, 'x');
	g_string_append(html, "/'><a href=y>z</a>");
	g_autoptr(GString) text = render(html->str, html->len, &japanese, 0, &facts);
	g_assert_cmpstr(text->str, ==, "z [1!a.example]\n\n[1] http://a.example/y");
	g_assert_cmpuint(facts.links_flagged, ==, 1);
}

/* What is deeper than the stack: nothing lost, and end tags match as if it had room. */
static void test_depth(void)
{
	static const struct {
		const char *start, *inner, *end, *expected;
		unsigned times;
	} cases[] = {
		{ "<b>", "a", "</b>", "a", 2000 },
		{ "<div>", "<a href=http://e.example/><b>https://bank.example/</b></a>", "</div>",
		  "https://bank.example/ [1!e.example]\n\n[1] http://e.example/", 600 },
		{ "<table><tr><td>", "a", "</table>", "a", 300 },
		{ "<table><tr><td>", "a<td>b", "</table>", "a\nb", 300 },
		{ "<ul><li>", "a", "</ul>", NULL, 400 },
		{ "<div>", "<script>x</script><style>y</style>a", "</div>", "a", 511 },
		{ "<font color=red>", "a", "", "a", 2000 },
		{ "<svg>", "a", "</svg>", "", 600 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) html = g_string_new("<p hidden>");
		HtmlFacts facts;
		repeat(html, cases[i].start, cases[i].times);
		g_string_append(html, cases[i].inner);
		repeat(html, cases[i].end, cases[i].times);
		g_autoptr(GString) text = render(html->str + 10, html->len - 10, &japanese, 0, &facts);
		g_assert_true(facts.capped);
		g_assert_false(facts.cut);
		if (cases[i].expected != NULL)
			g_assert_cmpstr(text->str, ==, cases[i].expected);
		else
			g_assert_true(g_str_has_suffix(text->str, "a"));
	}
}

static void test_depth_ends(void)
{
	g_autoptr(GString) html = g_string_new("<div hidden>");
	HtmlFacts facts;

	repeat(html, "<div>", 600);
	repeat(html, "x</div>", 600);
	g_string_append(html, "still hidden</div>seen");
	g_autoptr(GString) text = render(html->str, html->len, &japanese, 0, &facts);
	g_assert_cmpstr(text->str, ==, "seen");
}

/* A minute for what takes a second when it is linear: a square would take hours. */
static void test_linear(void)
{
	static const struct {
		const char *once, *start, *end;
	} cases[] = {
		{ "", "<b>", "</i>" },
		{ "", "<blockquote>", "x<br>" },
		{ "", "<ul>", "<li>x" },
		{ "", "<p><font color=red>", "x" },
		{ "", "<a href=http://a.example/>", "x" },
		{ "", "<p><a href=x:>", "<div>" },
		{ "", "<table>", "<td>" },
		{ "", "<table><tr><td>x", "</table>" },
		{ "<select>", "<option>x", "" },
		{ "", "<svg><g>", "</x>" },
		{ "", "<s><div>", "</s>" },
		{ "", "<i><div>", "</i>x" },
		{ "", "&nbsp;&zwnj;", "x" },
		{ "<pre>", "\n", "x" },
		{ "<a href=http://a.example/>", "<p>", "x" },
		{ "", "<dl><dt><p>", "<li>" },
		{ "<p>", "<font color=#%u style=x>", "<p>x" },
		{ "<p>", "<font color=#%u>x</p>", "</p>x" },
		{ "", "<table><tr><td><p><a href=http://a.example/>", "<p>x" },
		{ "<div style=text-indent:-999px>", "<b>", "<br>x" },
		{ "<div style=text-indent:-999px>", "<p>", "x</p>" },
		{ "", "<div>", "<body a>" },
		{ "<table>", "<b>", "<col bgcolor=x>" },
		{ "", "<select><option>", "</div>x" },
		{ "<rp>", "<span>", "<br>x" },
		{ "", "<form><div>", "</form>x" },
		{ "", "<template><object>", "</template>x" },
		{ "", "<canvas><i id=%u>", "</canvas>x" },
		{ "<ruby>", "<rt><p>", "<rb>x" },
		{ "<svg>", "<desc><select>", "</select>x" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) html = g_string_new(cases[i].once);
		HtmlFacts facts;
		repeat(html, cases[i].start, 100000);
		repeat(html, cases[i].end, 100000);
		gint64 begin = g_get_monotonic_time();
		g_autoptr(GString) text = render(html->str, html->len, &japanese, 0, &facts);
		g_assert_cmpint(g_get_monotonic_time() - begin, <, 60 * G_USEC_PER_SEC);
		g_assert_cmpuint(text->len, <=, (1 << 20) + 100);
	}
}

/* ---- trees: what a browser's tree makes of tags that do not match, WHATWG HTML 13.2.6 -------------------
 */

/* What the parser ends too late is never seen where a browser shows it: most cases end in an element that is
 * not shown. */
static const Case trees[] = {
	{ "template ends over a scope", "<template><object></template>a</object>b", "ab", 0 },
	{ "template ends over a button", "<template><button><p></template>a", "a", 0 },
	{ "template in template", "<template>x<template>y</template>z</template>a", "a", 0 },
	{ "end of template in foreign html", "<template><svg><desc><p></template>a", "a", 0 },
	{ "template of svg", "<svg><template><desc><p>x</template>y</p></desc></template></svg>a", "a", 0 },
	{ "table ends not from a template", "<table><tr><td><template></table>x</template>a</table>b",
	  "a\n\nb", 0 },
	{ "template in select", "<select><template>x</select>y</template><option>a</select>b", "ab", 0 },
	{ "template in a table", "<table><template><td>x</template><tr><td>a</table>", "a", 0 },
	{ "form in template", "<form>a<template><form>x</form></template>b<form>c", "abc", 0 },
	{ "form ends, not what is in it", "<form><div><canvas></form>x</div>a", "a", 0 },
	{ "form goes on in a button", "<form><button></form><canvas></button>a", "[ボタン: 送信]a", 0 },
	{ "item ends over a form that ended", "<dd><form hidden><canvas></form><dd>a", "  a", 0 },
	{ "span ends over a form that ended", "<span hidden><form><canvas></form></span>a", "a", 0 },
	{ "item ends with the form", "<q hidden><form><dt></form></q>a", "a", 0 },
	{ "goes on hidden out of what is not shown", "<canvas><tt hidden></canvas>x</tt>a", "a", 0 },
	{ "struck form", "<form style=text-decoration:line-through>a<div>b</form>c</div>d",
	  "[取消: a\nb]\nc\nd", 0 },
	{ "form in canvas", "<canvas><form></canvas>x</form></canvas>a", "a", 0 },
	{ "noscript bounds", "<p><canvas><noscript></canvas>x</noscript></canvas>a", "a", 0 },
	{ "noscript in the head ends at text", "<noscript>a<svg></noscript>x</svg>b", "ab", 0 },
	{ "noscript in the head ends at a tag", "<head><noscript><meta><link><p>a<svg></noscript>x", "a", 0 },
	{ "noscript in the head ends before a title", "<noscript><title>x</title><canvas></noscript>y", "",
	  0 },
	{ "noscript in noscript in the head", "<noscript><noscript><style></style></noscript>a", "a", 0 },
	{ "noscript after the head", "</head><noscript>a<canvas></noscript>b", "ab", 0 },
	{ "hidden noscript in the body", "<p><noscript hidden>x</noscript>a", "a", 0 },
	{ "white space in the head", " <title>x</title> <noscript> </noscript> a", "a", 0 },
	{ "ruby without rt", "<ruby>漢<rb>字<rt>じ</ruby>a", "漢字(じ)a", 0 },
	{ "rt without ruby", "<rt>a<rt>b</rt>c</rt>d", "(a(b)c)d", 0 },
	{ "rp ends with rb", "<ruby>a<rp>x<rb>b<rp>y<rtc>c</ruby>d", "abcd", 0 },
	{ "rp ends with its end tag", "<rp><rtc><datalist>x</rp>a", "a", 0 },
	{ "rp in rb without ruby", "<rb>a<rp>x</rb>b", "ab", 0 },
	{ "words in rp", "<rp>x<p>a</p>b</rp>c", "a\n\nbc", 0 },
	{ "end of item in a list in it", "<ul><li><canvas>x<ul></li>y</canvas>z</ul></canvas>a", "・a", 0 },
	{ "groups outside of select", "<optgroup><optgroup></optgroup><canvas>x</optgroup>a", "a", 0 },
	{ "end of keygen in select", "<select></keygen><canvas>a", "a", 0 },
	{ "keygen ends select", "<canvas><select><keygen></canvas>a", "a", 0 },
	{ "div in select in what is not shown", "<canvas><select><div></canvas>x</select></canvas>a", "a",
	  0 },
	{ "select in math", "<var><math><select></var>a", "a", 0 },
	{ "font in svg goes not on", "<var><svg><font></var><canvas></font>x", "", 0 },
	{ "svg in select", "<select><svg>a</select>b", "ab", 0 },
	{ "formatting goes on after what is not shown", "<canvas><i></canvas><canvas>x</i>a", "a", 0 },
	{ "formatting goes on into what is not shown", "<canvas><b><i></b></canvas><canvas>x</i>a", "a", 0 },
	{ "formatting goes on as it was opened",
	  "<datalist><em><big hidden><em hidden></big></datalist></em>a", "a", 0 },
	{ "formatting goes on as it was opened: the end tag", "<div><b hidden><i><b></i></div></b>x</b>a",
	  "a", 0 },
	{ "formatting that is the same", "<code><big><big></code></big>a<canvas>x</big>b", "ab", 0 },
	{ "formatting ends not out of a table", "<b><canvas><table></b>x", "", 0 },
	{ "formatting ends out of a cell", "<b><table><tr><td><canvas>x</b>y</td></table>a", "a", 0 },
	{ "link ends out of a table", "<a><table><a>a", "a", 0 },
	{ "glyph in math", "<math><mo><malignmark></math>a", "a", 0 },
	{ "glyph in html", "<mglyph>a<malignmark>b", "ab", 0 },
	{ "annotation bounds", "<mo><math><annotation-xml></mo>x", "", 0 },
	{ "annotation with html", "<math><annotation-xml encoding=text/HTML><p>x</math>y</p></math>a", "a",
	  0 },
	{ "svg in annotation", "<math><annotation-xml><svg><p>a", "a", 0 },
	{ "end of svg title in its html", "<svg><title><i>x</title></svg>a", "a", 0 },
	{ "end of foreign object in its html", "<svg><foreignObject><i>x</foreignObject></svg>a", "a", 0 },
	{ "cdata in svg title", "<svg><title><![CDATA[x><svg>]]></title></svg>a", "a", 0 },
	{ "cdata in html in svg", "<svg><desc><p><![CDATA[x></p></desc></svg>a", "a", 0 },
	{ "svg by itself", "<svg/>a<math/>b", "ab", 0 },
	{ "break out of math", "<math><mi>x</mi><img>a", "a", 0 },
	{ "font breaks out", "<svg><g><font face=x>a", "a", 0 },
	{ "foreign end tag in upper case", "<SVG><G></SVG>a", "a", 0 },
	{ "p in a button", "<p><button><p>a</button>b", "[ボタン: a]\n\nb", 0 },
	{ "marquee bounds", "<b><marquee></b><canvas>x</marquee>a", "a", 0 },
	{ "object bounds", "<p><object><canvas>x</p>y</object>a", "a", 0 },
	{ "applet bounds", "<i><applet><canvas>x</i>y</applet>a", "a", 0 },
	{ "any other end tag stops at a block", "<span><div><canvas>x</span>y</div>a", "a", 0 },
	{ "heading ends heading", "<h1><canvas>x</h3>a", "a", 0 },
	{ "body ends nothing", "<canvas>x</body>y</html>z</canvas>a", "a", 0 },
	{ "caption", "<table><caption><canvas>x<tr><td>a</table>b", "a\n\nb", 0 },
	{ "cell without row", "<table><canvas>x<td>a</table>", "a", 0 },
	{ "end of row closes the cell", "<table><tr><td><canvas>x</tr><tr><td>a</table>", "a", 0 },
	{ "stray parts of a table", "<td><canvas>x</td>y</table></tr>z</canvas>a", "a", 0 },
	{ "select in a cell", "<table><tr><td><select><option>a<td>b</table>", "a  b", 0 },
	{ "input in a table", "<table><input type=hidden value=x><tr><td>a</table>", "a", 0 },
	{ "end of br in svg", "<svg></br>a", "a", 0 },
	{ "text after raw text", "<p><xmp><canvas></xmp>a", "<canvas>\n\na", 0 },
	{ "iframe in noembed", "<p><noembed><iframe></noembed>a</iframe>b", "ab", 0 },
	{ "title in the body", "<p>a<title><p>x</title>b", "ab", 0 },
	{ "plaintext ends p", "<p>a<plaintext></plaintext></p>", "a\n\n</plaintext></p>", 0 },
};

static void test_trees(void)
{
	check_cases(trees, G_N_ELEMENTS(trees), &japanese);
}

/* ---- the stack of the thread ----------------------------------------------------------------------------
 */

enum { SMALL_STACK = 256 << 10, DEEP = 200000 };

static const char *const deep[] = {
	"<div>",
	"<table><tr><td>",
	"<blockquote>",
	"<ul><li>",
	"<a href=http://a.example/>",
	"<b><p>",
	"<select>",
	"<svg><desc>",
	"<math><mi>",
	"<template>",
	"<rp>",
	"<p><font color=red>",
	"<![CDATA[",
	"<!--<!--",
	"<title>",
	"&",
	"<object><form>",
	"<q><s>",
};

static void *render_deep(void *user)
{
	const char *unit = user;
	g_autoptr(GString) html = g_string_new(NULL);
	HtmlFacts facts;

	for (unsigned i = 0; i < DEEP; i++)
		g_string_append(html, unit);
	g_string_append(html, "x");
	g_autoptr(GString) text = render(html->str, html->len, &japanese, 0, &facts);
	return GSIZE_TO_POINTER(text->len + 1);
}

/* In a thread which dies when it needs more. */
static void test_small_stack(void)
{
	pthread_attr_t attributes;

	g_assert_cmpint(pthread_attr_init(&attributes), ==, 0);
	g_assert_cmpint(pthread_attr_setstacksize(&attributes, SMALL_STACK), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(deep); i++) {
		pthread_t thread;
		void *done = NULL;
		g_test_message("%s", deep[i]);
		g_assert_cmpint(pthread_create(&thread, &attributes, render_deep, (void *)deep[i]), ==, 0);
		g_assert_cmpint(pthread_join(thread, &done), ==, 0);
		g_assert_nonnull(done);
	}
	pthread_attr_destroy(&attributes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/html-text/golden", test_golden);
	g_test_add_func("/html-text/golden-depth", test_golden_depth);
	g_test_add_func("/html-text/blocks", test_blocks);
	g_test_add_func("/html-text/inline", test_inline);
	g_test_add_func("/html-text/lists", test_lists);
	g_test_add_func("/html-text/tables", test_tables);
	g_test_add_func("/html-text/links", test_links);
	g_test_add_func("/html-text/seen", test_seen);
	g_test_add_func("/html-text/english", test_english);
	g_test_add_func("/html-text/facts", test_facts);
	g_test_add_func("/html-text/max-out", test_max_out);
	g_test_add_func("/html-text/links-limit", test_links_limit);
	g_test_add_func("/html-text/links-flood", test_links_flood);
	g_test_add_func("/html-text/first-link", test_first_link);
	g_test_add_func("/html-text/long-base", test_long_base);
	g_test_add_func("/html-text/depth", test_depth);
	g_test_add_func("/html-text/depth-ends", test_depth_ends);
	g_test_add_func("/html-text/linear", test_linear);
	g_test_add_func("/html-text/trees", test_trees);
	g_test_add_func("/html-text/small-stack", test_small_stack);
	return g_test_run();
}
