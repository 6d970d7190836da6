/* html_token: WHATWG HTML 13.2.5, state by state; each case whole, character by character, and cut in two at
 * every place. */
#include "html_token_priv.h"

#include <stdint.h>
#include <string.h>

typedef struct {
	const char *input;
	size_t bytes;
	/* Text as it is; {name a=v} a start tag, {name/} a self-closing one, {/name} an end tag. */
	const char *tokens;
	size_t lost;
} TokenCase;

#define CASE(input, tokens)                                                                                  \
	{                                                                                                    \
		input, sizeof(input) - 1, tokens, 0                                                          \
	}
#define LOST(input, tokens, lost)                                                                            \
	{                                                                                                    \
		input, sizeof(input) - 1, tokens, lost                                                       \
	}

static const TokenCase data_cases[] = {
	CASE("", ""),
	CASE("abc", "abc"),
	CASE("日本語 é 😀", "日本語 é 😀"),
	CASE("a\0b", "ab"),
	CASE("\0", ""),
	CASE("<svg>a\0b</svg>c\0d", "{svg}a\uFFFDb{/svg}cd"),
	CASE("a\rb", "a\nb"),
	CASE("a\r\nb", "a\nb"),
	CASE("a\r\r\n\n\rb\r", "a\n\n\n\nb\n"),
	CASE("a\n\r\nb", "a\n\nb"),
	CASE("\r\n", "\n"),
	CASE("<p\r\na\r=\r\n1>x", "{p a=1}x"),
	CASE("<p a='1\r\n2\r3'>", "{p a=1\n2\n3}"),
	CASE("a > b", "a > b"),
	CASE("a\x01\x7F\x1B z", "a\x01\x7F\x1B z"),
	CASE("\uFEFF\uFFFE\xC2\x85", "\uFEFF\uFFFE\xC2\x85"),
};

static const TokenCase tag_cases[] = {
	CASE("<p>A</p>", "{p}A{/p}"),
	CASE("<P>A</P>", "{p}A{/p}"),
	CASE("a < b", "a < b"),
	CASE("<", "<"),
	CASE("a<", "a<"),
	CASE("<<p>", "<{p}"),
	CASE("<<<", "<<<"),
	CASE("<1>", "<1>"),
	CASE("<é>", "<é>"),
	CASE("<&lt;", "<<"),
	CASE("<\0p>", "<p>"),
	CASE("< p>", "< p>"),
	CASE("</", "</"),
	CASE("a</>b", "ab"),
	CASE("a</ >b", "ab"),
	CASE("a</1>b", "ab"),
	CASE("a</é x='>'>b", "a'>b"),
	CASE("a</<p>b", "ab"),
	CASE("a<?php x ?>b", "ab"),
	CASE("a<?>b", "ab"),
	LOST("a<?x", "a", 3),
	LOST("a</ x", "a", 4),
	CASE("<br/>", "{br/}"),
	CASE("<br / >", "{br}"),
	CASE("<br /x>", "{br x=}"),
	CASE("<br//>", "{br/}"),
	CASE("</br/>", "{/br/}"),
	CASE("</p class=x>", "{/p class=x}"),
	CASE("<a-b:c.d_e>", "{a-b:c.d_e}"),
	CASE("<aあ>", "{aあ}"),
	CASE("<scr\0ipt>x</scr\0ipt>", "{scr\uFFFDipt}x{/scr\uFFFDipt}"),
	CASE("<p<b>", "{p<b}"),
	CASE("<p\fa\tb\nc>", "{p a= b= c=}"),
	CASE("<p\x0B>", "{p\x0B}"),
	CASE("<p\u00A0x>", "{p\u00A0x}"),
	LOST("x<p", "x", 2),
	LOST("x<p ", "x", 3),
	LOST("x<p/", "x", 3),
	LOST("x</p", "x", 3),
	LOST("<b>日本<p a", "{b}日本", 4),
	LOST("a\r\nb\r<p\r\n", "a\nb\n", 4),
};

static const TokenCase attribute_cases[] = {
	CASE("<a href=x>", "{a href=x}"),
	CASE("<a HREF=X>", "{a href=X}"),
	CASE("<a href = x >", "{a href=x}"),
	CASE("<a href=\"x y\">", "{a href=x y}"),
	CASE("<a href='x\"y'>", "{a href=x\"y}"),
	CASE("<a href=\"x'y>z\">", "{a href=x'y>z}"),
	CASE("<a href=x/>", "{a href=x/}"),
	CASE("<a href=x />", "{a href=x/}"),
	CASE("<a href=''>", "{a href=}"),
	CASE("<a href=>x", "{a href=}x"),
	CASE("<a href= >x", "{a href=}x"),
	CASE("<a b c=1 d>", "{a b= c=1 d=}"),
	CASE("<a b=1 b=2 B=3>", "{a b=1}"),
	CASE("<a b b=2>", "{a b=}"),
	CASE("<a b=1 c=2 b='3' d=4>", "{a b=1 c=2 d=4}"),
	CASE("<a =>", "{a ==}"),
	CASE("<a =b=c>", "{a =b=c}"),
	CASE("<a ==b>", "{a ==b}"),
	CASE("<a b==c>", "{a b==c}"),
	CASE("<a b='1'c='2'>", "{a b=1 c=2}"),
	/* what is not kept ends at the same quote */
	CASE("<a b=1 b='&quot;&#39;&#x27&apos;\"\0>' c=2>x", "{a b=1 c=2}x"),
	CASE("<a b=1 b=\"&quot;&#34'&amp\" c=2>x", "{a b=1 c=2}x"),
	CASE("<a b=1 b='&'>x", "{a b=1}x"),
	CASE("<a b=\"1\"/c>", "{a b=1 c=}"),
	CASE("<a b=\"1\"/>", "{a b=1/}"),
	CASE("<a b=\"1\"\">", "{a b=1 \"=}"),
	CASE("<a \"b\">", "{a \"b\"=}"),
	CASE("<a b'c<d=e>", "{a b'c<d=e}"),
	CASE("<a b=c\"d'e<f=g`h>", "{a b=c\"d'e<f=g`h}"),
	CASE("<a b=\"x\0y\" c\0=\0>", "{a b=x\uFFFDy c\uFFFD=\uFFFD}"),
	CASE("<a あ=い>", "{a あ=い}"),
	CASE("<a b =c>", "{a b=c}"),
	CASE("<a b / =c>", "{a b= =c=}"),
	CASE("<a b\t\n\f=\t\n\f'c'>", "{a b=c}"),
	CASE("<a / / b>", "{a b=}"),
	CASE("<a b=1/c=2>", "{a b=1/c=2}"),
	LOST("x<a href=\"y>z<b>w", "x", 16),
	LOST("<a b='", "", 6),
	LOST("<a b", "", 4),
	LOST("<a b ", "", 5),
	LOST("<a b=", "", 5),
	LOST("<a b=c", "", 6),
	LOST("<a b='c'", "", 8),
	LOST("<a b='&am", "", 9),
	LOST("<a b=&#6", "", 8),
};

static const TokenCase reference_cases[] = {
	CASE("&lt;b&gt; &amp;amp; &#x80; &copy &notit; &#0;", "<b> &amp; € © ¬it; \uFFFD"),
	CASE("&", "&"),
	CASE("&&", "&&"),
	CASE("& x", "& x"),
	CASE("&;", "&;"),
	CASE("&<b>", "&{b}"),
	CASE("&é", "&é"),
	CASE("&amp", "&"),
	CASE("&amp&lt", "&<"),
	CASE("&ampx", "&x"),
	CASE("&AMP;&Amp;", "&&Amp;"),
	CASE("&notin;", "∉"),
	CASE("&notin", "¬in"),
	CASE("&noti;", "¬i;"),
	CASE("&not;", "¬"),
	CASE("&no", "&no"),
	CASE("&copycat", "©cat"),
	CASE("&foo;", "&foo;"),
	CASE("&hellip;&hellip", "…&hellip"),
	CASE("&NotEqualTilde;", "≂̸"),
	CASE("&CounterClockwiseContourIntegral;", "∳"),
	CASE("&CounterClockwiseContourIntegral", "&CounterClockwiseContourIntegral"),
	CASE("&CounterClockwiseContourIntegralx;", "&CounterClockwiseContourIntegralx;"),
	CASE("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;",
	     "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"),
	CASE("&notaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;",
	     "¬aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"),
	CASE("&am\0p;", "&amp;"),
	CASE("&frac12;&sup2;", "½²"),
	CASE("&#", "&#"),
	CASE("&#;", "&#;"),
	CASE("&#x", "&#x"),
	CASE("&#X;", "&#X;"),
	CASE("&#xg", "&#xg"),
	CASE("&#a", "&#a"),
	CASE("&#&#65;", "&#A"),
	CASE("&#65;&#065&#x41;&#X41", "AAAA"),
	CASE("&#65x&#x41g", "AxAg"),
	CASE("&#x110000;&#xD800;&#xDFFF;&#x10FFFF;", "\uFFFD\uFFFD\uFFFD\U0010FFFF"),
	CASE("&#4294967361;&#18446744073709551681;&#x100000041;", "\uFFFD\uFFFD\uFFFD"),
	CASE("&#000000000000000000000000000000000065;", "A"),
	CASE("&#x81;&#x9F;&#150;&#160;", "\xC2\x81"
	                                 "Ÿ–\u00A0"),
	CASE("&#13;&#10;", "\r\n"),
	CASE("&#xFFFE;&#xFDD0;", "\uFFFE\uFDD0"),
	CASE("&#8203;&#8238;", "\u200B\u202E"),
	CASE("<title>&lt;/title></title>", "{title}</title>{/title}"),
	CASE("<a b='&amp;&lt'>", "{a b=&<}"),
	CASE("<a b='?x&copy=1'>", "{a b=?x&copy=1}"),
	CASE("<a b='?x&copycat'>", "{a b=?x&copycat}"),
	CASE("<a b='?x&copy1'>", "{a b=?x&copy1}"),
	CASE("<a b='?x&copy'>", "{a b=?x©}"),
	CASE("<a b='?x&copy;=1'>", "{a b=?x©=1}"),
	CASE("<a b='&notit;'>", "{a b=&notit;}"),
	CASE("<a b='&notin;'>", "{a b=∉}"),
	CASE("<a b='&not.'>", "{a b=¬.}"),
	CASE("<a b='&not;x'>", "{a b=¬x}"),
	CASE("<a b=&lt>", "{a b=<}"),
	CASE("<a b=&lt;&gt c=&>", "{a b=<> c=&}"),
	CASE("<a b=&#106avascript&#58;>", "{a b=javascript:}"),
	CASE("<a b=\"&#34;&quot;\">", "{a b=\"\"}"),
	CASE("<a b=\"&#0;&#x;&#\">", "{a b=\uFFFD&#x;&#}"),
	CASE("<a &lt;=1>", "{a &lt;=1}"),
	CASE("<&lt;p>", "<<p>"),
	CASE("<p&lt;>", "{p&lt;}"),
};

static const TokenCase comment_cases[] = {
	CASE("A<!-->B<!---!>C<!-- x --!>D", "ABD"),
	CASE("a<!-- x -->b", "ab"),
	CASE("a<!---->b", "ab"),
	CASE("a<!--->b", "ab"),
	CASE("a<!----->b", "ab"),
	CASE("a<!------>b", "ab"),
	CASE("a<!----!>b", "ab"),
	CASE("a<!--x--!->y-->b", "ab"),
	CASE("a<!--x--!-->b", "ab"),
	CASE("a<!--x--!x-->b", "ab"),
	CASE("a<!--x--!!>y-->b", "ab"),
	CASE("a<!--x-- >y-->b", "ab"),
	CASE("a<!--x->y-->b", "ab"),
	CASE("a<!--x- ->y-->b", "ab"),
	CASE("a<!--!>b-->c", "ac"),
	CASE("a<!---x>b-->c", "ac"),
	CASE("a<!--<!-->b", "ab"),
	CASE("a<!--<!--->b", "ab"),
	CASE("a<!--<!->b-->c", "ac"),
	CASE("a<!--<!--x-->b-->c", "ab-->c"),
	CASE("a<!--<<!-->b", "ab"),
	CASE("a<!--<b>c</b>-->d", "ad"),
	CASE("a<!--\0-->b", "ab"),
	CASE("a<!->b", "ab"),
	CASE("a<!>b", "ab"),
	CASE("a<!-x-->b", "ab"),
	CASE("a<!x>b", "ab"),
	CASE("a<!- ->b", "ab"),
	CASE("a<! -- >b-->", "ab-->"),
	CASE("<!--[if mso]>M<![endif]--><![if !mso]>N<![endif]>", "N"),
	LOST("a<!-- x", "a", 6),
	LOST("a<!--", "a", 4),
	LOST("a<!---", "a", 5),
	LOST("a<!--x--", "a", 7),
	LOST("a<!--x--!", "a", 8),
	LOST("a<!-", "a", 3),
	LOST("a<!", "a", 2),
	CASE("a<!DOCTYPE html>b", "ab"),
	CASE("a<!doctype>b", "ab"),
	CASE("a<!DocType html PUBLIC \"x>y\">b", "ay\">b"),
	CASE("a<!DOCTYPE html SYSTEM 'x>y'>b", "ay'>b"),
	CASE("a<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://x\">b", "ab"),
	CASE("a<!DOCTYPE html [<!ENTITY x \"y\">]>b", "a]>b"),
	CASE("a<!DOC>b", "ab"),
	LOST("a<!DOCTYPE x", "a", 11),
	LOST("a<!DOC", "a", 5),
	CASE("a<![CDATA[b]]>c", "ac"),
	CASE("a<![CDATA[<b>]]>c", "a]]>c"),
	CASE("<svg><![CDATA[a<b>&lt;]]>c</svg>", "{svg}a<b>&lt;c{/svg}"),
	CASE("<svg><![cdata[a]]>c</svg>", "{svg}c{/svg}"),
	CASE("<svg><![CDATAx>c</svg>", "{svg}c{/svg}"),
	CASE("<svg><![CDATA[a]b]]c]]]>d", "{svg}a]b]]c]d"),
	CASE("<svg><![CDATA[]]]]]>d", "{svg}]]]d"),
	CASE("<svg><![CDATA[]>]]>d", "{svg}]>d"),
	CASE("<svg><![CDATA[a\0]]>", "{svg}a\uFFFD"),
	CASE("<svg><![CDATA[a]]", "{svg}a]]"),
	CASE("<svg><![CDATA[a]", "{svg}a]"),
	LOST("<svg><![CDATA", "{svg}", 8),
	CASE("<svg></svg><![CDATA[a]]>b", "{svg}{/svg}b"),
};

static const TokenCase raw_cases[] = {
	CASE("<title><p>J</title><textarea><b>t</textarea>", "{title}<p>J{/title}{textarea}<b>t{/textarea}"),
	CASE("<title>a</TITLE >b", "{title}a{/title}b"),
	CASE("<title>a</title/>b", "{title}a{/title/}b"),
	CASE("<title>a</title x=1>b", "{title}a{/title x=1}b"),
	CASE("<title>a</titlex>b", "{title}a</titlex>b"),
	CASE("<title>a</titl>b", "{title}a</titl>b"),
	CASE("<title>a</style></title>b", "{title}a</style>{/title}b"),
	CASE("<title>a</ title></title>", "{title}a</ title>{/title}"),
	CASE("<title>a</TiTlX</title>", "{title}a</TiTlX{/title}"),
	CASE("<title>a<</title>", "{title}a<{/title}"),
	CASE("<title>a</</title>", "{title}a</{/title}"),
	CASE("<title><!--</title>-->", "{title}<!--{/title}-->"),
	CASE("<title>a\0b&amp;</title>", "{title}a\uFFFDb&{/title}"),
	CASE("<title>&#60;b></title>", "{title}<b>{/title}"),
	CASE("<title>a</tit", "{title}a</tit"),
	CASE("<title>a</", "{title}a</"),
	CASE("<title>a<", "{title}a<"),
	CASE("<title>a</title", "{title}a</title"),
	LOST("<title>a</title ", "{title}a", 8),
	CASE("<title>a&am", "{title}a&am"),
	CASE("<style>a<b>&lt;</style>&lt;", "{style}a<b>&lt;{/style}<"),
	CASE("<style>a\0</styl\0e></STYLE\n>b", "{style}a\uFFFD</styl\uFFFDe>{/style}b"),
	CASE("<style><!--</style>-->", "{style}<!--{/style}-->"),
	CASE("<xmp><p></xmp><p>", "{xmp}<p>{/xmp}{p}"),
	CASE("<plaintext>a</plaintext><b>&lt;\0", "{plaintext}a</plaintext><b>&lt;\uFFFD"),
	CASE("<script>a<b>&lt;</script>c", "{script}a<b>&lt;{/script}c"),
	CASE("<script>a</SCRIPT>b", "{script}a{/script}b"),
	CASE("<script>a</scriptx></script>b", "{script}a</scriptx>{/script}b"),
	CASE("<script><!--</script>-->", "{script}<!--{/script}-->"),
	CASE("<script><!--<script></script>--></script>x", "{script}<!--<script></script>-->{/script}x"),
	CASE("<script><!--<script></script></script>x", "{script}<!--<script></script>{/script}x"),
	CASE("<script><!--<script>--></script>x", "{script}<!--<script>-->{/script}x"),
	CASE("<script><!--<script></scriptx></script>y</script>z",
	     "{script}<!--<script></scriptx></script>y{/script}z"),
	CASE("<script><!--<scriptx></script>y", "{script}<!--<scriptx>{/script}y"),
	CASE("<script><!--<SCRIPT/></script>y</script>z", "{script}<!--<SCRIPT/></script>y{/script}z"),
	CASE("<script><!--<script</script>y", "{script}<!--<script{/script}y"),
	CASE("<script><!-<script></script>x", "{script}<!-<script>{/script}x"),
	CASE("<script><!<!--<script></script>x</script>", "{script}<!<!--<script></script>x{/script}"),
	CASE("<script><!--><script></script>x", "{script}<!--><script>{/script}x"),
	CASE("<script><!---><script></script>x", "{script}<!---><script>{/script}x"),
	CASE("<script><!--- -><script></script>x</script>", "{script}<!--- -><script></script>x{/script}"),
	CASE("<script><!----!><script></script>x</script>", "{script}<!----!><script></script>x{/script}"),
	CASE("<script><!--<script>->--></script>x", "{script}<!--<script>->-->{/script}x"),
	CASE("<script><!--<script><--></script>x", "{script}<!--<script><-->{/script}x"),
	CASE("<script><!--<script></scrip</script>x</script>",
	     "{script}<!--<script></scrip</script>x{/script}"),
	CASE("<script><!--<script></ script></script>x</script>y",
	     "{script}<!--<script></ script></script>x{/script}y"),
	CASE("<script><!--\0-\0<\0<script>\0</script>\0</script>",
	     "{script}<!--\uFFFD-\uFFFD<\uFFFD<script>\uFFFD</script>\uFFFD{/script}"),
	CASE("<script><!--<script", "{script}<!--<script"),
	CASE("<script><!--<", "{script}<!--<"),
	CASE("<script><!--</", "{script}<!--</"),
	CASE("<script><!--</scr", "{script}<!--</scr"),
	CASE("<script><!--<script></", "{script}<!--<script></"),
	CASE("<script><!", "{script}<!"),
	CASE("<script><!--a-", "{script}<!--a-"),
	CASE("<script>日本</script>語", "{script}日本{/script}語"),
	CASE("</title>a</script>b", "{/title}a{/script}b"),
};

typedef struct {
	HtmlTokenizer *tokenizer;
	GString *tokens;
} Told;

static void add_text(void *user, const char *utf8, size_t bytes)
{
	Told *told = user;

	g_assert_cmpuint(bytes, >, 0);
	g_assert_true(g_utf8_validate(utf8, (gssize)bytes, NULL));
	g_string_append_len(told->tokens, utf8, (gssize)bytes);
}

static void add_tag(GString *tokens, const char *opening, const HtmlTag *tag)
{
	g_string_append_printf(tokens, "%s%s", opening, tag->name);
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		const HtmlAttribute *attribute = &tag->attributes[i];
		g_assert_cmpuint(strlen(attribute->value), ==, attribute->value_bytes);
		g_string_append_printf(tokens, " %s=%s", attribute->name, attribute->value);
	}
	g_string_append(tokens, tag->self_closing ? "/}" : "}");
}

static const struct {
	const char *name;
	HtmlContent content;
} contents[] = {
	{ "title", HTML_CONTENT_RCDATA },  { "textarea", HTML_CONTENT_RCDATA },
	{ "style", HTML_CONTENT_RAWTEXT }, { "xmp", HTML_CONTENT_RAWTEXT },
	{ "script", HTML_CONTENT_SCRIPT }, { "plaintext", HTML_CONTENT_PLAINTEXT },
};

static void add_start_tag(void *user, const HtmlTag *tag)
{
	Told *told = user;

	add_tag(told->tokens, "{", tag);
	if (g_str_equal(tag->name, "svg"))
		html_tokenizer_set_foreign(told->tokenizer, true);
	for (size_t i = 0; i < G_N_ELEMENTS(contents); i++)
		if (g_str_equal(tag->name, contents[i].name))
			html_tokenizer_set_content(told->tokenizer, contents[i].content);
}

static void add_end_tag(void *user, const HtmlTag *tag)
{
	Told *told = user;

	add_tag(told->tokens, "{/", tag);
	if (g_str_equal(tag->name, "svg"))
		html_tokenizer_set_foreign(told->tokenizer, false);
}

/* A copy of its own size, so that a sanitizer build sees a read past the piece. */
static void feed_piece(HtmlTokenizer *tokenizer, const char *utf8, size_t bytes)
{
	g_autofree char *piece = g_memdup2(utf8, bytes);

	html_tokenizer_feed(tokenizer, piece, bytes);
}

/* first: bytes of the first piece; then pieces of one character when `single`, else the rest. */
static char *tokens_of(const char *input, size_t bytes, size_t first, bool single, size_t *ret_lost)
{
	Told told = { NULL, g_string_new(NULL) };
	const HtmlTokenSink sink = { &told, add_text, add_start_tag, add_end_tag };
	g_autoptr(HtmlTokenizer) tokenizer = html_tokenizer_new(&sink);

	told.tokenizer = tokenizer;
	feed_piece(tokenizer, input, first);
	for (size_t at = first; at < bytes;) {
		size_t piece = single ? (size_t)(g_utf8_next_char(input + at) - (input + at)) : bytes - at;
		feed_piece(tokenizer, input + at, piece);
		at += piece;
	}
	html_tokenizer_finish(tokenizer, ret_lost);
	return g_string_free(told.tokens, FALSE);
}

static void check(const TokenCase *c, size_t first, bool single)
{
	size_t lost = 0;
	g_autofree char *tokens = tokens_of(c->input, c->bytes, first, single, &lost);

	g_assert_cmpstr(tokens, ==, c->tokens);
	g_assert_cmpuint(lost, ==, c->lost);
}

typedef struct {
	const TokenCase *cases;
	size_t n;
} CaseTable;

static void test_cases(gconstpointer user)
{
	const CaseTable *table = user;

	for (size_t i = 0; i < table->n; i++) {
		const TokenCase *c = &table->cases[i];
		g_autofree char *shown = g_strescape(c->input, NULL);
		g_test_message("%s", shown);
		check(c, 0, true);
		for (size_t first = 0; first <= c->bytes; first++)
			if (((unsigned char)c->input[first] & 0xC0) != 0x80)
				check(c, first, false);
	}
}

/* ---- caps ---- */

typedef struct {
	GString *name;
	GString *first_name;
	GString *first_value;
	size_t value_bytes;
	unsigned n_attributes;
	unsigned tags;
	size_t text_bytes;
} Caught;

static void catch_text(void *user, const char *utf8, size_t bytes)
{
	Caught *caught = user;

	(void)utf8;
	caught->text_bytes += bytes;
}

static void catch_tag(void *user, const HtmlTag *tag)
{
	Caught *caught = user;

	caught->tags++;
	g_string_assign(caught->name, tag->name);
	caught->n_attributes = tag->n_attributes;
	if (tag->n_attributes == 0)
		return;
	g_string_assign(caught->first_name, tag->attributes[0].name);
	g_string_assign(caught->first_value, tag->attributes[0].value);
	caught->value_bytes = tag->attributes[0].value_bytes;
}

static void catch_clear(Caught *caught)
{
	g_string_free(caught->name, TRUE);
	g_string_free(caught->first_name, TRUE);
	g_string_free(caught->first_value, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Caught, catch_clear)

static Caught catch (const char *input, size_t bytes)
{
	Caught caught = { g_string_new(NULL), g_string_new(NULL), g_string_new(NULL), 0, 0, 0, 0 };
	const HtmlTokenSink sink = { &caught, catch_text, catch_tag, catch_tag };
	g_autoptr(HtmlTokenizer) tokenizer = html_tokenizer_new(&sink);

	for (size_t at = 0; at < bytes; at += 3)
		html_tokenizer_feed(tokenizer, input + at, MIN(bytes - at, 3));
	html_tokenizer_finish(tokenizer, NULL);
	return caught;
}

static char *repeat(const char *before, const char *unit, size_t times, const char *after)
{
	GString *text = g_string_new(before);

	for (size_t i = 0; i < times; i++)
		g_string_append(text, unit);
	g_string_append(text, after);
	return g_string_free(text, FALSE);
}

/* Characters of three bytes: a cut must not leave a part of one. */
static void test_long_names(void)
{
	g_autofree char *input = repeat("<a  ", "名", 100, " x>t");
	g_auto(Caught) caught = catch (input, strlen(input));
	g_assert_cmpuint(caught.first_name->len, ==, 63);
	g_assert_cmpuint(caught.n_attributes, ==, 2);
	g_assert_cmpuint(caught.text_bytes, ==, 1);

	g_autofree char *tag = repeat("<a", "名", 100, "b>t");
	g_auto(Caught) cut = catch (tag, strlen(tag));
	g_assert_cmpuint(cut.name->len, ==, 64);
	g_assert_true(g_utf8_validate(cut.name->str, -1, NULL));
}

static void test_long_value(void)
{
	g_autofree char *input = repeat("<a x='", "名あ", 20000, "&lt;' y=1>t");
	g_auto(Caught) caught = catch (input, strlen(input));

	g_assert_cmpuint(caught.value_bytes, ==, HTML_VALUE_MAX - HTML_VALUE_MAX % 3);
	g_assert_true(g_utf8_validate(caught.first_value->str, -1, NULL));
	g_assert_cmpuint(caught.first_value->len, ==, caught.value_bytes);
	g_assert_cmpuint(caught.n_attributes, ==, 2);
	g_assert_cmpuint(caught.text_bytes, ==, 1);
}

static void test_many_attributes(void)
{
	GString *input = g_string_new("<a");

	for (unsigned i = 0; i < 1000; i++)
		g_string_append_printf(input, " a%u=%u", i, i);
	g_string_append(input, ">t");
	g_auto(Caught) caught = catch (input->str, input->len);
	g_assert_cmpuint(caught.tags, ==, 1);
	g_assert_cmpuint(caught.n_attributes, ==, HTML_ATTRIBUTES_MAX);
	g_assert_cmpstr(caught.first_value->str, ==, "0");
	g_assert_cmpuint(caught.text_bytes, ==, 1);
	g_string_free(input, TRUE);
}

/* A name that was cut must not pass for the end tag of another with the same beginning. */
static void test_cut_raw_name(void)
{
	g_autofree char *input = repeat("<title>x</title", "e", 100, ">y");
	size_t lost = 0;
	g_autofree char *tokens = tokens_of(input, strlen(input), 0, false, &lost);

	g_assert_true(g_str_has_prefix(tokens, "{title}x</titleeee"));
	g_assert_cmpuint(strlen(tokens), ==, strlen(input));
	g_assert_cmpuint(lost, ==, 0);
}

static void test_no_callbacks(void)
{
	static const char input[] = "a<b c=d>&amp;</b><!-- x";
	const HtmlTokenSink sink = { NULL, NULL, NULL, NULL };
	g_autoptr(HtmlTokenizer) tokenizer = html_tokenizer_new(&sink);
	size_t lost = 0;

	html_tokenizer_feed(tokenizer, input, sizeof input - 1);
	html_tokenizer_feed(tokenizer, NULL, 0);
	html_tokenizer_finish(tokenizer, &lost);
	g_assert_cmpuint(lost, ==, 6);
}

/* ---- linear time ---- */

/* { what is before, what is repeated }. Quadratic work on four megabytes of any of these takes minutes. */
static const char *const floods[][2] = {
	{ "", "&" },
	{ "", "&a" },
	{ "", "&not" },
	{ "", "&#" },
	{ "", "&#x1" },
	{ "", "&CounterClockwiseContourIntegra" },
	{ "", "<" },
	{ "", "</" },
	{ "", "<!--" },
	{ "", "<!-->" },
	{ "", "<a" },
	{ "", "<a " },
	{ "", "\r" },
	{ "<a ", "b " },
	{ "<a ", "=\"\"" },
	{ "<a ", "\"" },
	{ "<a b=\"", "&amp" },
	{ "<title>", "</title" },
	{ "<script>", "</script" },
	{ "<script>", "<!--" },
	{ "<script><!--", "<script" },
	{ "<script><!--<script>", "</script" },
	{ "<svg><![CDATA[", "]" },
};

static void test_floods(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
		g_autofree char *input =
		        repeat(floods[i][0], floods[i][1], 4000000 / strlen(floods[i][1]), "");
		gint64 start = g_get_monotonic_time();
		size_t lost = 0;
		g_autofree char *tokens = tokens_of(input, strlen(input), 0, false, &lost);
		g_test_message("%s%s: %" G_GINT64_FORMAT " us", floods[i][0], floods[i][1],
		               g_get_monotonic_time() - start);
		/* 50 ns/byte are 0.2 s; the rest is for sanitizers and a busy machine. */
		g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
	}
}

/* ---- edges: where one state meets another, a NUL or a line end
 * --------------------------------------------- */

static const TokenCase edge_cases[] = {
	CASE("a<!DOCTYPE>b", "ab"),
	CASE("a<!DOCTYPE\0>b", "ab"),
	CASE("a<!doctypehtml>b", "ab"),
	CASE("a<!DOCTYPE html PUBLIC'x'\"y\">b", "ab"),
	LOST("a<!DOCTYPE html SYSTEM 'x", "a", 24),
	CASE("a</\0x>b", "ab"),
	CASE("a<!\0-- >b-->", "ab-->"),
	CASE("<p\0>x", "{p\uFFFD}x"),
	CASE("<a b=\0'c'>", "{a b=\uFFFD'c'}"),
	CASE("<a b='c'd>", "{a b=c d=}"),
	CASE("<a b='c'=d>", "{a b=c =d=}"),
	CASE("<a/=b>", "{a =b=}"),
	CASE("<a b/=c>", "{a b= =c=}"),
	CASE("<a b='c'/d/>", "{a b=c d=/}"),
	CASE("<a b=c\r\nd>", "{a b=c d=}"),
	CASE("<a b=&lt/>", "{a b=</}"),
	CASE("<a b='&lt;=&lt='>", "{a b=<=&lt=}"),
	CASE("<a b='&not\0in;'>", "{a b=¬\uFFFDin;}"),
	CASE("<a b=\"&#x41\"c>", "{a b=A c=}"),
	CASE("&#x26;lt;&amp;#65;", "&lt;&#65;"),
	CASE("&#x1F600;&#128512;", "😀😀"),
	CASE("&\0amp;", "&amp;"),
	CASE("&#\0"
	     "65;",
	     "&#65;"),
	CASE("&not\0in;", "¬in;"),
	CASE("&am\rp;&\r\nlt;", "&am\np;&\nlt;"),
	CASE("a<!--\r\n-->\r\nb", "a\nb"),
	CASE("<!--a--\r>b-->c", "c"),
	CASE("<!--\0->a-->b", "b"),
	CASE("<!--\0!>a-->b", "b"),
	CASE("<!--a--\0>b-->c", "c"),
	CASE("<!--a--!\0>b-->c", "c"),
	CASE("<!-\0->a", "a"),
	CASE("<svg><![CDATA[\r\n]]>", "{svg}\n"),
	CASE("<svg><![CDATA[]\r\n]>]]>a", "{svg}]\n]>a"),
	CASE("<svg><![CDATA[&lt;]]></svg>a", "{svg}&lt;{/svg}a"),
	CASE("<title>a</title\tx>b", "{title}a{/title x=}b"),
	CASE("<title>a</title\r\n>b", "{title}a{/title}b"),
	CASE("<title>a</title\0></title>b", "{title}a</title\uFFFD>{/title}b"),
	CASE("<title>&lt/title></title>", "{title}</title>{/title}"),
	CASE("<title>&\0lt;</title>", "{title}&\uFFFDlt;{/title}"),
	CASE("<style></style/x>b", "{style}{/style x=}b"),
	CASE("<style></\0style></style>b", "{style}</\uFFFDstyle>{/style}b"),
	CASE("<plaintext>\0&lt;<!--</plaintext\r\n>", "{plaintext}\uFFFD&lt;<!--</plaintext\n>"),
	CASE("<script><!--<script\t</script>--></script>x", "{script}<!--<script\t</script>-->{/script}x"),
	CASE("<script><!--<script\r\n</script>--></script>x", "{script}<!--<script\n</script>-->{/script}x"),
	CASE("<script><!--<script>-</script>-</script>x", "{script}<!--<script>-</script>-{/script}x"),
	CASE("<script><!--<script>--</script>--></script>x", "{script}<!--<script>--</script>-->{/script}x"),
	CASE("<script><!--<script><!--</script></script>x", "{script}<!--<script><!--</script>{/script}x"),
	CASE("<script><!--<script>--\0></script></script>x",
	     "{script}<!--<script>--\uFFFD></script>{/script}x"),
	CASE("<script><!--<sc\0ript></script>y", "{script}<!--<sc\uFFFDript>{/script}y"),
	CASE("<script><!--<script></scr\0ipt></script>y</script>z",
	     "{script}<!--<script></scr\uFFFDipt></script>y{/script}z"),
	CASE("<script><!---</script>x", "{script}<!---{/script}x"),
	CASE("<script><!----></script>x", "{script}<!---->{/script}x"),
	CASE("<script><!-\0-<script></script>x", "{script}<!-\uFFFD-<script>{/script}x"),
	CASE("<script></script\f>x", "{script}{/script}x"),
	LOST("<script><!--</script ", "{script}<!--", 9),
};

#define TABLE(cases) (&(const CaseTable) { cases, G_N_ELEMENTS(cases) })

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/html_token/data", TABLE(data_cases), test_cases);
	g_test_add_data_func("/html_token/tags", TABLE(tag_cases), test_cases);
	g_test_add_data_func("/html_token/attributes", TABLE(attribute_cases), test_cases);
	g_test_add_data_func("/html_token/references", TABLE(reference_cases), test_cases);
	g_test_add_data_func("/html_token/comments", TABLE(comment_cases), test_cases);
	g_test_add_data_func("/html_token/raw", TABLE(raw_cases), test_cases);
	g_test_add_func("/html_token/long-names", test_long_names);
	g_test_add_func("/html_token/long-value", test_long_value);
	g_test_add_func("/html_token/many-attributes", test_many_attributes);
	g_test_add_func("/html_token/cut-raw-name", test_cut_raw_name);
	g_test_add_func("/html_token/no-callbacks", test_no_callbacks);
	g_test_add_func("/html_token/floods", test_floods);
	g_test_add_data_func("/html_token/edges", TABLE(edge_cases), test_cases);
	return g_test_run();
}
