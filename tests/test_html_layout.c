/* Layout of HTML as text: tables, wrapped lines, and what they may cost (doc/html-text.md 2-4, 7, 14-21, 27).
 */
#include "clean_text.h"
#include "html_text_priv.h"
#include "text_wrap_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

typedef struct {
	const char *name, *html, *expected;
} Case;

static const size_t pieces[] = { 0, 1, 5 };

static GString *render(const char *html, size_t bytes, unsigned width, size_t piece)
{
	const HtmlOptions options = { .max_in = 20 << 20, .max_out = 1 << 20, .width = width };
	g_autoptr(HtmlText) text = html_text_new(&options);
	HtmlFacts facts;

	for (size_t at = 0, end = 0; at < bytes; at = end) {
		end = piece == 0 ? bytes : MIN(bytes, at + piece);
		while (end < bytes && ((unsigned char)html[end] & 0xC0) == 0x80)
			end++;
		html_text_feed(text, html + at, end - at);
	}
	return html_text_finish(text, &facts);
}

static void check_case(const Case *one, unsigned width)
{
	for (size_t k = 0; k < G_N_ELEMENTS(pieces); k++) {
		g_autoptr(GString) text = render(one->html, strlen(one->html), width, pieces[k]);
		g_autofree char *clean = clean_body_text(text->str, text->len, NULL);
		if (strcmp(clean, one->expected) == 0)
			continue;
		fprintf(stderr, "%s, pieces of %zu: got\n%s\ninstead of\n%s\n", one->name, pieces[k], clean,
		        one->expected);
		g_test_fail();
	}
}

/* ---- data tables --------------------------------------------------------------------------------------- */

#define WIDE "幅の広い列なのでとても長い文が入っている欄です、"

static const Case data_tables[] = {
	{ "golden 22", "<table><tr><th>品名<th>数量<tr><td>ボールペン<td>10</table>",
	  "品名       | 数量\n-----------+-----\nボールペン | 10" },
	{ "golden 24", "<table border=1><tr><td rowspan=2>A<td>1<tr><td>2</table>", "A | 1\n  | 2" },
	{ "border without a number", "<table border><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d" },
	{ "border of nothing", "<table border=0><tr><td>a<td>b<tr><td>c<td>d</table>", "a  b\nc  d" },
	{ "caption alone makes it one", "<table><caption>表<tr><td>a<td>b<tr><td>c<td>d</table>",
	  "表\na | b\nc | d" },
	{ "caption of two lines behind a row",
	  "<table><tr><td>a<td>b</tr><caption>甲<br>乙</caption><tr><td>c<td>d</table>",
	  "甲\n乙\na | b\nc | d" },
	{ "thead alone makes it one", "<table><thead><tr><td>a<td>b<tbody><tr><td>c<td>d</table>",
	  "a | b\n--+--\nc | d" },
	{ "thead of two rows", "<table><thead><tr><td>a<td>b<tr><td>c<td>d<tbody><tr><td>e<td>f</table>",
	  "a | b\nc | d\n--+--\ne | f" },
	{ "th beside td is no header", "<table><tr><th>a<td>b<tr><th>c<td>d</table>", "a | b\nc | d" },
	{ "second row of th is no header", "<table><tr><th>a<th>b<tr><th>c<th>d</table>",
	  "a | b\n--+--\nc | d" },
	{ "thead and a row of th", "<table><thead><tr><td>a<td>b<tbody><tr><th>c<th>d</table>",
	  "a | b\n--+--\nc | d" },
	{ "one row", "<table border=1><tr><th>a<th>b</table>", "a  b" },
	{ "one column", "<table border=1><tr><th>a<tr><td>b</table>", "a\nb" },
	{ "one row with text", "<table border=1><tr><th>a<th>b<tr><td><td></table>", "a  b" },
	{ "presentation", "<table border=1 role=Presentation><tr><th>a<th>b<tr><td>c<td>d</table>",
	  "a  b\nc  d" },
	{ "role none", "<table border=1 role=none><tr><th>a<th>b<tr><td>c<td>d</table>", "a  b\nc  d" },
	{ "another role", "<table border=1 role=table><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d" },
	{ "list in a cell", "<table border=1><tr><td>a<td>b<tr><td>c<td><ul><li>d</ul></table>",
	  "a  b\nc\n\n・d" },
	{ "heading in a cell", "<table border=1><tr><td>a<td>b<tr><td>c<td><h4>d</h4></table>",
	  "a  b\nc\n\nd" },
	{ "definition in a cell", "<table border=1><tr><td>a<td>b<tr><td>c<td><dl><dt>d</dl></table>",
	  "a  b\nc  d" },
	{ "quote in a cell", "<table border=1><tr><td>a<td>b<tr><td>c<td><blockquote>d</blockquote></table>",
	  "a  b\nc\n\n> d" },
	{ "pre in a cell", "<table border=1><tr><td>a<td>b<tr><td>c<td><pre>d</pre></table>",
	  "a  b\n\nc  d" },
	{ "rule in a cell", "<table border=1><tr><td>a<td>b<tr><td>c<td>d<hr></table>",
	  "a  b\nc\nd\n--------------------" },
	{ "table in a cell", "<table border=1><tr><td>a<td>b<tr><td>c<td><table><tr><td>d</table></table>",
	  "a  b\n\nc  d" },
	{ "data table in a layout table",
	  "<table><tr><td>x<td><table border=1><tr><td>a<td>b<tr><td>c<td>d</table><td>y</table>",
	  "x\n\na | b\nc | d\n\ny" },
	{ "data table in a quote",
	  "<blockquote>x<table border=1><tr><td>a<td>b<tr><td>c<td>d</table></blockquote>",
	  "> x\n>\n> a | b\n> c | d" },
	{ "data table in an item", "<ul><li>x<table border=1><tr><td>a<td>b<tr><td>c<td>d</table></ul>",
	  "・x\n\n  a | b\n  c | d" },
	{ "text beside cells", "<table border=1>x<tr><td>a<td>b<tr>y<td>c<td>d</table>", "x\na  b\ny  c  d" },
	{ "paragraphs in cells", "<table border=1><tr><td><p>a</p><p>bb</p><td>1<tr><td>c<td>2<br>3</table>",
	  "a  | 1\nbb |\nc  | 2\n   | 3" },
	{ "blank line by breaks", "<table border=1><tr><td>a<br><br>b<td>1<tr><td>c<td>2</table>",
	  "a | 1\n  |\nb |\nc | 2" },
	{ "rows and columns without text",
	  "<table border=1><tr><td>a<td>&nbsp;<td>b<tr><td><td><td><tr><td>c<td><td>d</table>",
	  "a | b\nc | d" },
	{ "last cell without text", "<table border=1><tr><td>a<td>b<tr><td>c<td></table>", "a | b\nc |" },
	{ "rowspan zero, to the end of the section",
	  "<table border=1><tbody><tr><td rowspan=0>a<td>b<tr><td>c<tbody><tr><td>d<td>e</table>",
	  "a | b\n  | c\nd | e" },
	{ "rowspan past the end", "<table border=1><tr><td rowspan=9>a<td>b<tr><td>c</table>",
	  "a | b\n  | c" },
	{ "rowspan does not leave its section",
	  "<table><thead><tr><th rowspan=9>a<th>b<tbody><tr><td>c<td>d</table>", "a | b\n--+--\nc | d" },
	{ "huge spans",
	  "<table border=1><tr><td colspan=99999999999>a<tr><td rowspan=99999999999>b<td>c<tr><td>d</table>",
	  "a\nb | c\n  | d" },
	{ "odd spans", "<table border=1><tr><td colspan=0>a<td colspan=-1>b<tr><td rowspan=-1>c<td>d</table>",
	  "a | b\nc | d" },
	{ "cells that overlap",
	  "<table border=1><tr><td>a<td rowspan=2>b<td>c<tr><td colspan=3>d<tr><td>e<td>f<td>g</table>",
	  "a | b | c\nd\ne | f | g" },
	{ "colspan joins columns", "<table border=1><tr><td colspan=2>合計<td>1<tr><td>aa<td>bb<td>2</table>",
	  "合計    | 1\naa | bb | 2" },
	{ "colspan makes the last column wider",
	  "<table border=1><tr><td colspan=2>あいうえおか<td>1<tr><td>a<td>b<td>2</table>",
	  "あいうえおか | 1\na | b        | 2" },
	{ "widths", "<table border=1><tr><td>ｱｲ①<td>x<tr><td>か\u3099e\u0301…<td>y<tr><td>αβ<td>z</table>",
	  "ｱｲ①  | x\nか\u3099e\u0301… | y\nαβ  | z" },
	{ "struck cell", "<table border=1><tr><td><s>a</s><td>b<tr><td>c<td>d</table>",
	  "[取消: a] | b\nc         | d" },
	{ "link in a cell",
	  "<table border=1><tr><td><a href=http://a.example/>a</a><td>b<tr><td>c<td>d</table>",
	  "a [1] | b\nc     | d\n\n[1] http://a.example/" },
	{ "link around it",
	  "<a href=http://a.example/><table border=1><tr><td>a<td>b<tr><td>c<td>d</table></a>",
	  "a | b\nc | d [1]\n\n[1] http://a.example/" },
	{ "hidden cells and rows",
	  "<table border=1><tr><td>a<td hidden>x<td>b<tr hidden><td>y<tr><td>c<td>d</table>",
	  "a | b\nc | d" },
	{ "cell without a row", "<table border=1><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d" },
	{ "tab in a cell", "<table border=1><tr><td style=white-space:pre>a\tb<td>1<tr><td>c<td>2</table>",
	  "a b | 1\nc   | 2" },
	{ "entry of our list", "<table border=1><tr><td>[1]<td>http://x.example<tr><td>a<td>b</table>",
	  " [1] | http://x.example\na   | b" },
	{ "between paragraphs", "<p>x<table border=1><tr><td>a<td>b<tr><td>c<td>d</table>y",
	  "x\n\na | b\nc | d\n\ny" },
	{ "never ended", "<table border=1><tr><td>a<td>b<tr><td>c<td>d", "a | b\nc | d" },
	/* 76 columns are not too wide, 77 are */
	{ "76 columns",
	  "<table border=1><tr><td>0123456789012345678901234567890123456789<td>"
	  "012345678901234567890123456789012<tr><td>a<td>b</table>",
	  "0123456789012345678901234567890123456789 | 012345678901234567890123456789012\n"
	  "a                                        | b" },
	{ "77 columns",
	  "<table border=1><tr><td>0123456789012345678901234567890123456789<td>"
	  "0123456789012345678901234567890123<tr><td>a<td>b</table>",
	  "0123456789012345678901234567890123456789: 0123456789012345678901234567890123\na: b" },
	{ "records",
	  "<table><caption>表<tr><th>件名<th>説明<th><tr><td>甲<td>" WIDE WIDE
	  "<td>備考<tr><td><td>短い<br>\n文<td>"
	  "</table>",
	  "表\n件名: 甲\n説明: " WIDE WIDE "\n備考\n\n説明: 短い文" },
	{ "records with a heading of two rows",
	  "<table><thead><tr><th rowspan=2>甲<th colspan=2>乙<tr><th>丙<th></thead><tr><td>1<td>2<td>" WIDE
	  "<br>" WIDE WIDE "</table>",
	  "甲: 1\n丙: 2\n乙: " WIDE WIDE WIDE },
	{ "records joined by a blank",
	  "<table><tr><th>a<br>b<th>c<tr><td>d<br><br>e<td>" WIDE WIDE "</table>",
	  "a b: d e\nc: " WIDE WIDE },
	{ "wide and without a header",
	  "<table border=1><tr><td>a<td>b<td>" WIDE WIDE "<tr><td>c<td>d<td>e</table>",
	  "a\nb\n" WIDE WIDE "\nc  d  e" },
	{ "wide pairs", "<table border=1><tr><td>a<td>" WIDE WIDE "<tr><td><td>b<tr><td>c<td></table>",
	  "a: " WIDE WIDE "\nb\nc" },
	{ "a header and nothing else", "<table><thead><tr><th>a<th>" WIDE WIDE "<tr><th>b<th>c</table>",
	  "a\n" WIDE WIDE "\nb  c" },
};

static void test_data_tables(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(data_tables); i++)
		check_case(&data_tables[i], 0);
}

static void repeat(GString *html, const char *text, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		g_string_append(html, text);
}

/* More columns or rows than a table may have: it is laid out, and nothing is lost. */
static void test_caps(void)
{
	static const struct {
		unsigned columns, rows;
		bool data;
	} cases[] = { { 19, 2, true }, { 65, 2, false }, { 3, 1000, true }, { 3, 1001, false } };

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) html = g_string_new("<table border=1>");
		for (unsigned row = 0; row < cases[i].rows; row++) {
			g_string_append(html, "<tr>");
			repeat(html, "<td>x", cases[i].columns);
		}
		g_autoptr(GString) text = render(html->str, html->len, 0, 0);
		unsigned found = 0;
		for (const char *x = strchr(text->str, 'x'); x != NULL; x = strchr(x + 1, 'x'))
			found++;
		g_assert_cmpuint(found, ==, cases[i].columns * cases[i].rows);
		g_assert_cmpint(strstr(text->str, " | ") != NULL, ==, cases[i].data);
	}
}

/* Padding and headings that are repeated must not make much of little: then it is laid out, nothing is cut.
 */
static void test_growth(void)
{
	g_autoptr(GString) html = g_string_new("<table border=1><tr><td>");

	repeat(html, "x<br>", 100000);
	g_string_append(html,
	                "<td>01234567890123456789012345678901234567890123456789<tr><td>a<td>b</table>end");
	g_autoptr(GString) text = render(html->str, html->len, 0, 0);
	g_assert_null(strstr(text->str, " | "));
	g_assert_true(g_str_has_suffix(text->str, "a  b\n\nend"));

	g_autoptr(GString) heading = g_string_new("<table><tr><th>a<th>");
	repeat(heading, "long ", 2000);
	repeat(heading, "<tr><td>x<td>y", 999);
	g_string_append(heading, "</table>end");
	g_autoptr(GString) records = render(heading->str, heading->len, 0, 0);
	g_assert_cmpuint(records->len, <, heading->len);
	g_assert_true(g_str_has_suffix(records->str, "x  y\n\nend"));
}

/* ---- other layout -------------------------------------------------------------------------------------- */

static const Case others[] = {
	{ "margins with units",
	  "<p style='margin:1em 0'>a<p style='margin:0 0 1em'>b<p style=margin:0>c<p "
	  "style='margin:.0001pt 1em'>d",
	  "a\n\nb\n\nc\nd" },
	{ "one margin alone", "<p style=margin-top:0>a<p style=margin-bottom:0>b", "a\n\nb" },
	{ "MsoNormal among classes", "<p class='x msonormal'>a<p class='MsoNormal y'>b", "a\nb" },
	{ "other classes of Word", "<p class=MsoTitle>a<p class=MsoNormal2>b", "a\n\nb" },
	{ "quote that says so",
	  "<blockquote type=CITE style=margin-left:40px>a</blockquote><blockquote class='x gmail_quote' "
	  "style='margin:0 0 0 40px'>b</blockquote><blockquote style='margin:0 0 0 40px'>c</blockquote>",
	  "> a\n\n> b\n\nc" },
	{ "picture that is a link has no blank", "a<a href=http://a.example/><img></a>b",
	  "a[画像] [1]b\n\n[1] http://a.example/" },
	{ "pictures in slices of cells",
	  "<table><tr><td><a href=http://a.example/><img></a><td><a href=http://a.example/><img></a></table>",
	  "[画像] [1]\n\n[1] http://a.example/" },
	{ "pictures apart",
	  "<a href=http://a.example/><img></a>x<a href=http://a.example/><img></a><a "
	  "href=http://b.example/><img></a>",
	  "[画像] [1]x[画像] [1][画像] [2]\n\n[1] http://a.example/\n[2] http://b.example/" },
	{ "picture behind a text of its link",
	  "<a href=http://a.example/>x</a> <a href=http://a.example/><img></a>",
	  "x [1] [画像] [1]\n\n[1] http://a.example/" },
	{ "button in a line", "押す<button>送信</button>と", "押す [ボタン: 送信]と" },
	{ "row of paragraphs", "<table><tr><td>x<td>y<tr><td><p>a</p><td>b<tr><td>c<td>d</table>",
	  "x  y\n\na  b\n\nc  d" },
	{ "spacers are no blank lines", "<table><tr><td>x<tr><td><p>&nbsp;</p><td><p></p><tr><td>c</table>",
	  "x\nc" },
	{ "two blank paragraphs", "<p>a<p>&nbsp;</p><p>&nbsp;</p><p>b", "a\n\nb" },
	{ "two lines of breaks", "<div>a</div><div><br></div><div><br></div><div>b</div>", "a\n\n\nb" },
	{ "legend", "<fieldset><legend>a</legend>b</fieldset>", "a\nb" },
	{ "tabs", "<pre>a\tb\n　\tc\t\td\n\t\te</pre><blockquote><pre>あ\tx</pre></blockquote>",
	  "a       b\n　      c               d\n                e\n\n> あ      x" },
	{ "spot of a picture",
	  "<map><area href=http://a.example/ alt=''><area href=http://b.example/><area "
	  "alt=x><area href=http://c.example/ alt=y></map>",
	  "[画像: y] [1]\n\n[1] http://c.example/" },
	{ "rows that do not fit keep the blank lines of their paragraphs",
	  "<table><tr><td><p>a</p><td>b<td>01234567890123456789x</table>", "a\n\nb\n01234567890123456789x" },
};

static void test_others(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		check_case(&others[i], 0);
}

/* ---- wrapping ------------------------------------------------------------------------------------------ */

static const Case wrapped[] = {
	{ "golden 26", "日本語の長い文章です。折り返し", "日本語の長い文章で\nす。折り返し" },
	{ "words", "The quick brown fox jumps over", "The quick brown fox\njumps over" },
	{ "blanks at the break", "0123456789 123456789 <b> 0123456789</b>",
	  "0123456789 123456789\n0123456789" },
	{ "opening bracket", "日本語の長い文章で「す」と", "日本語の長い文章で\n「す」と" },
	{ "small kana", "日本語の長い文章ですッ", "日本語の長い文章で\nすッ" },
	{ "latin in japanese", "日本語のABCDEFGHIJKLM文", "日本語の\nABCDEFGHIJKLM文" },
	{ "too long a word", "a 012345678901234567890123", "a\n01234567890123456789\n0123" },
	{ "a URL is not broken", "見よ https://a.example/0123456789/0123456789 を",
	  "見よ\nhttps://a.example/0123456789/0123456789\nを" },
	{ "a URL behind a bracket", "「https://a.example/0123456789/0123456789」",
	  "「https://a.example/0123456789/0123456789\n」" },
	{ "mark of a link", "<a href=http://a.example/>012345678901234567</a> x",
	  "012345678901234567\n[1] x\n\n[1] http://a.example/" },
	{ "mark of a link stays beside its word", "<a href=http://a.example/>0123456789 01234567</a> x",
	  "0123456789\n01234567 [1] x\n\n[1] http://a.example/" },
	{ "entry of our list", "日本語の長い文章です ［１］http://e.jp",
	  "日本語の長い文章です\n ［１］http://e.jp" },
	{ "quote", "<blockquote>日本語の長い文章です。折り返し</blockquote>",
	  "> 日本語の長い文章で\n> す。折り返し" },
	{ "item", "<ol><li>日本語の長い文章です。折り返し<br>次</ol>",
	  "1. 日本語の長い文章で\n  す。折り返し\n  次" },
	{ "pre", "<pre>0123456789 0123456789 0123456789</pre>", "0123456789 0123456789 0123456789" },
	{ "data table", "<table border=1><tr><td>0123456789<td>0123456789<tr><td>a<td>b</table>",
	  "0123456789 | 0123456789\na          | b" },
	{ "row of a layout table", "<table><tr><td>0123456789<td>0123456789</table>",
	  "0123456789  0123456789" },
	{ "cell of a layout table", "<table><tr><td>0123456789 0123456789</table>",
	  "0123456789\n0123456789" },
	{ "check box", "<input type=checkbox>日本語の長い文章です。", "[ ]日本語の長い文章\nです。" },
	{ "marks of no width",
	  "か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099",
	  "か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099か\u3099\nか\u3099" },
};

static void test_wrapped(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(wrapped); i++) {
		unsigned width = TEXT_WRAP_MIN;
		bool signs = g_str_has_prefix(wrapped[i].expected, ">") || wrapped[i].expected[0] == '1';
		check_case(&wrapped[i], signs ? width + 2 : width);
	}
}

static void test_wrapped_plain(void)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "\n\n", "\n\n" },
		{ ">\n> \n", ">\n> \n" },
		{ "a\n  b  c\n", "a\n  b  c\n" },
		{ "日本語の長い文章です。折り返し\nb", "日本語の長い文章で\nす。折り返し\nb" },
		{ "> > 日本語の長い文章です。折り返し\n", "> > 日本語の長い文章で\n> > す。折り返し\n" },
		{ ">>日本語の長い文章です。折り返し\n", ">>日本語の長い文章で\n>>す。折り返し\n" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) text = g_string_new(cases[i].text);
		g_autoptr(GString) out = text_wrap_lines(text, TEXT_WRAP_MIN);
		g_assert_cmpstr(out->str, ==, cases[i].expected);
	}
}

/* Nothing is lost and nothing added but line ends and blanks. */
static void test_wrapped_keeps(void)
{
	static const char *const texts[] = { "。", "（",     "https://", "x",       "か",
		                             " ",  "\u0301", "[1",       "あ。（x " };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GString) line = g_string_new("あ");
		repeat(line, texts[i], 3000);
		g_autoptr(GString) out = text_wrap_lines(line, TEXT_WRAP_MIN);
		g_auto(GStrv) before = g_strsplit_set(line->str, " \n", -1),
		              after = g_strsplit_set(out->str, " \n", -1);
		g_autofree char *a = g_strjoinv("", before), *b = g_strjoinv("", after);
		g_assert_cmpstr(a, ==, b);
	}
}

/* ---- time ---------------------------------------------------------------------------------------------- */

static double user_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

/* A minute for what takes a second when it is linear: a square would take hours. */
static void test_linear(void)
{
	static const struct {
		const char *once, *start, *end;
	} cases[] = {
		{ "", "<table border=1><tr><td>a<td>", "</table>" },
		{ "", "<table border=1><tr><td>a<td>b<tr><td>c<td>", "x</table>" },
		{ "<table border=1>", "<tr><td>a<td>b", "" },
		{ "<table border=1>", "<tr><td colspan=1000 rowspan=65534>", "<td>a" },
		{ "<table border=1><tr>", "<td rowspan=0>", "<td>a" },
		{ "<table border=1><tr>", "<td>a<br>", "<br>b" },
		{ "", "<table border=1><tr><td>a<td>b<tr><td>c<td>d</table>", "" },
		{ "<table>", "<thead><tr><td>a", "<tbody><tr>" },
		{ "<table>", "<caption>a", "<caption>" },
		{ "<table border=1><tr><td>", "a b ", "<td>a" },
		{ "", "<table border=1><tr><td>a<ul>", "" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (unsigned width = 0; width <= TEXT_WRAP_MIN; width += TEXT_WRAP_MIN) {
			g_autoptr(GString) html = g_string_new(cases[i].once);
			repeat(html, cases[i].start, 100000);
			repeat(html, cases[i].end, 100000);
			double begin = user_seconds();
			g_autoptr(GString) text = render(html->str, html->len, width, 0);
			g_assert_cmpfloat(user_seconds() - begin, <, 60);
			g_test_message("%zu, width %u: %.3f s, %zu bytes to %zu", i, width,
			               user_seconds() - begin, html->len, text->len);
			g_assert_cmpuint(text->len, <=, (1 << 20) + 100);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/html-layout/data-tables", test_data_tables);
	g_test_add_func("/html-layout/caps", test_caps);
	g_test_add_func("/html-layout/growth", test_growth);
	g_test_add_func("/html-layout/others", test_others);
	g_test_add_func("/html-layout/wrapped", test_wrapped);
	g_test_add_func("/html-layout/wrapped-plain", test_wrapped_plain);
	g_test_add_func("/html-layout/wrapped-keeps", test_wrapped_keeps);
	g_test_add_func("/html-layout/linear", test_linear);
	return g_test_run();
}
