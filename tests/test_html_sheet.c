/* html_sheet, html_selector, html_rules, html_cascade: what a style sheet hides is hidden, and what it may
 * show is shown. */
#include "html_text_priv.h"

#include <string.h>
#include <time.h>

typedef struct {
	const char *name;
	const char *css;
	const char *body;
	const char *text;
} SheetCase;

#define NONE "{display:none}"

static const SheetCase cases[] = {
	{ "golden 14", ".x{display:none}@media(max-width:480px){.y{display:none}}",
	  "<p class=x>a<p class=y>b", "b" },
	{ "no rules", "", "<p class=x>a", "a" },
	/* selectors */
	{ "type", "i" NONE, "<i>x</i><b>a</b>", "a" },
	{ "type in capitals", "I" NONE, "<i>x</i>a", "a" },
	{ "class among others", ".x" NONE, "<b class='u x\tv'>x</b><b class=xx>a</b>", "a" },
	{ "letter case of a class may count", ".X" NONE, "<b class=x>a</b>", "a" },
	{ "id", "#x" NONE, "<b id=x>x</b><b id=y>a</b>", "a" },
	{ "all of a compound", "b.x.y#z" NONE, "<b class='y x' id=z>x</b><b class=x id=z>a</b>", "a" },
	{ "td.x", "td.x" NONE, "<table><tr><td class=x>x<td>a</table>", "a" },
	{ "group", "i, .x ,#y" NONE, "<i>x</i><b class=x>x</b><b id=y>x</b><u>a</u>", "a" },
	{ "any", "#q *" NONE, "<div id=q><p><b>x</b></p></div>a", "a" },
	{ "descendant", ".p .x" NONE, "<div class=p><i><b class=x>x</b></i></div><b class=x>a</b>", "a" },
	{ "sibling of the ancestor", ".p .x" NONE, "<div class=p></div><b class=x>a</b>", "a" },
	{ "three deep", ".a .b .c" NONE,
	  "<div class=a><div class=b><b class=c>x</b></div></div><div class=b><b class=c>a</b></div>", "a" },
	{ "one element is not two", ".a .b" NONE, "<b class='a b'>a</b>", "a" },
	{ "child", ".p>.x" NONE, "<div class=p><b class=x>x</b><i><b class=x>a</b></i></div>", "a" },
	{ "child of body", "body > p" NONE, "<p>x</p><div><p>a</p></div>", "a" },
	{ "html body", "html > body .x" NONE, "<b class=x>x</b>a", "a" },
	{ "table without tbody", "table > tr" NONE, "<table><tr><td>a</table>", "a" },
	{ "tbody is implied", "table > tbody > tr.x" NONE, "<table><tr class=x><td>x<tr><td>a</table>", "a" },
	{ "tbody itself", "tbody" NONE, "<table><tr><td>x</table>a", "a" },
	{ "implied row", "tr" NONE, "<table><td>x</table>a", "a" },
	{ "sibling is a maybe", "i + b" NONE, "<i>a</i><b>b</b>", "ab" },
	{ "sibling shows", "b" NONE "i ~ b{display:inline}", "<i>a</i><b>b</b>", "ab" },
	{ "no such sibling was ever there", "b" NONE "u + b{display:inline}", "<i>a</i><b>x</b>", "a" },
	{ "attribute", "[title]" NONE, "<b title=''>x</b><b>a</b>", "a" },
	{ "attribute is", "b[title=\"x\"]" NONE, "<b title=x>x</b><b title=y>a</b>", "a" },
	{ "attribute word", "[class~=x]" NONE, "<b class='a x'>x</b><b class=ax>a</b>", "a" },
	{ "attribute begins", "[class^=x]" NONE, "<b class=xy>x</b><b class=yx>a</b>", "a" },
	{ "attribute ends", "[class$=x]" NONE, "<b class=yx>x</b><b class=xy>a</b>", "a" },
	{ "attribute holds", "[style*='color: red']" NONE, "<b style='color: red'>x</b><b style=x>a</b>",
	  "a" },
	{ "attribute language", "[lang|=ja]" NONE, "<b lang=ja-JP>x</b><b lang=jam>a</b>", "a" },
	{ "attribute in any case", "[title=X i]" NONE, "<b title=x>x</b>a", "a" },
	{ "attribute in other case is a maybe", "[type=X]" NONE, "<b type=x>a</b>", "a" },
	{ "empty part holds nowhere", "[title*='']" NONE, "<b title=x>a</b>", "a" },
	{ "pseudo class is a maybe", "b:hover" NONE, "<b>a</b>", "a" },
	{ "pseudo class shows", ".x" NONE ".p:hover .x{display:block}", "<div class=p><b class=x>a</b></div>",
	  "a" },
	{ "check box", "#m" NONE "#t:checked ~ #m{display:block}",
	  "<input type=checkbox id=t><div id=m>a</div>", "[ ]\na" },
	{ "pseudo element is none", "b::before" NONE ".x" NONE ".x::after{display:block}",
	  "<b>a</b><i class=x>x</i>", "a" },
	{ "old pseudo element", ".x" NONE ".x:before{display:block}", "<b class=x>x</b>a", "a" },
	{ "first line", "b{color:#fff}b::first-line{color:#000}", "<b>a</b>", "a" },
	{ "link", "a:link" NONE, "<a name=x>a</a><a href=http://e.example/>x</a>", "a" },
	{ "not", "b:not(.y)" NONE, "<b>a</b>", "a" },
	{ "not shows, however weak it looks", "#x" NONE "b:not(#y,#z){display:inline}", "<b id=x>a</b>",
	  "a" },
	{ "escaped class", ".\\78 \\:y" NONE, "<b class=x:y>x</b>a", "a" },
	{ "class of digits", ".\\31 0" NONE, "<b class=10>x</b>a", "a" },
	{ "class may not begin with a digit", ".1x" NONE, "<b class=1x>a</b>", "a" },
	{ "Japanese class", ".隠す" NONE, "<b class=隠す>x</b>a", "a" },
	{ "one bad selector spoils the rule", ".x, ..y" NONE, "<b class=x>a</b>", "a" },
	{ "a bad one may be newer", ".x" NONE ".x, ..y{display:block}", "<b class=x>a</b>", "a" },
	{ "ends with a comma", ".x," NONE, "<b class=x>a</b>", "a" },
	{ "nothing before the brace", NONE ".x" NONE, "<b class=x>x</b>a", "a" },
	{ "comment joins a compound", "b/**/.x" NONE, "<b class=x>x</b>a", "a" },
	{ "comment parts names", "b/**/r" NONE, "<b>a</b>", "a" },
	{ "very long chain", "a b c d e f g h i j k l m n o p q .x" NONE, "<b class=x>a</b>", "a" },
	/* cascade */
	{ "later wins", ".x" NONE ".x{display:block}", "<b class=x>a</b>", "a" },
	{ "later hides", ".x{display:block}.x" NONE, "<b class=x>x</b>a", "a" },
	{ "class over type", ".x" NONE "b{display:block}", "<b class=x>x</b>a", "a" },
	{ "id over classes", "#x" NONE ".a.b.c.d{display:block}", "<b id=x class='a b c d'>x</b>a", "a" },
	{ "two types over one", "div b" NONE "b{display:block}", "<div><b>x</b></div>a", "a" },
	{ "attribute weighs like a class", "[id]" NONE "b{display:block}", "<b id=x>x</b>a", "a" },
	{ "style attribute over rules", "#x" NONE, "<b id=x style=display:block>a</b>", "a" },
	{ "important rule over the attribute", ".x{display:none!important}",
	  "<b class=x style=display:block>x</b>a", "a" },
	{ "important attribute over all", "#x{display:none!important}",
	  "<b id=x style='display:block!important'>a</b>", "a" },
	{ "shown again by an important rule", ".x{display:block!important}",
	  "<b class=x style=display:none>a</b>", "a" },
	{ "important before later", ".x{display:none!important}.x{display:block}", "<b class=x>x</b>a", "a" },
	{ "important by specificity", "#x{display:block!important}.x{display:none!important}",
	  "<b id=x class=x>a</b>", "a" },
	{ "rule over hidden attribute", "b{display:inline}", "<b hidden>a</b>", "a" },
	{ "rule over color attribute", "font{color:#000}", "<font color=white>a</font>", "a" },
	{ "rule over bgcolor", "td{background:#fff}",
	  "<table><tr><td bgcolor=black><font color=white>x</font>a</table>", "a" },
	{ "inherit", ".p{visibility:hidden}b{visibility:inherit}", "<p class=p><b>x</b></p>a", "a" },
	{ "visible child", ".p{visibility:hidden}b{visibility:visible}", "<p class=p>x<b>a</b></p>", "a" },
	{ "size of the child", ".p{font-size:0}.c{font-size:12px}", "<p class=p>x<b class=c>a</b></p>", "a" },
	{ "colour of the body", "body{color:#fff;background:#000}", "a<b style=color:#000>x</b>", "a" },
	{ "colour of html", "html{background:#000}", "<font color=white>a</font>", "a" },
	{ "class of the body", "body.d{background:#000}", "<body class=d><font color=white>a</font>", "a" },
	{ "hidden body", "body" NONE, "x", "" },
	{ "white on white", ".s{color:#fff}", "<b class=s>x</b>a", "a" },
	{ "white button", ".b{background:#080;color:#fff}", "<a class=b href=#>a</a>", "a" },
	{ "two sheets", ".x" NONE "</style><style>.x{display:block}", "<b class=x>a</b>", "a" },
	{ "list item", "li.x" NONE, "<ol><li class=x>x<li>a</ol>", "2. a" },
	{ "picture", ".x" NONE, "<img class=x alt=x>a", "a" },
	{ "field", "input" NONE, "<input value=x>a", "a" },
	{ "goes on", ".x" NONE, "<p><b class=x>x<p>x</b>a", "a" },
	{ "goes on as an ancestor", "u" NONE ".s u{display:inline}", "<p><b class=s>a<p><u>b</u></b>",
	  "a\n\nb" },
	{ "column", ".c{background:#000}", "<table><col class=c><tr><td><font color=white>a</font></table>",
	  "a" },
	{ "paragraphs without margins", "p{margin-top:0;margin-bottom:0}", "<p>a<p>b", "a\nb" },
	{ "margins given back", "p{margin:0}.m{margin:1em 0}", "<p>a<p class=m>b<p style='margin:9px 0'>c",
	  "a\n\nb\n\nc" },
	{ "margins that may be are not none", "@media screen{p{margin:1em 0}}", "<p>a<p>b", "a\n\nb" },
	{ "what is in a tight one is not", ".t{margin:0}", "<div class=t><p>a<p>b</div>", "a\n\nb" },
	{ "block of a rule", "b{display:block}", "a<b>b</b>c", "a\nb\nc" },
	{ "struck by a rule", ".o{text-decoration:line-through}", "<b class=o>a</b>", "[取消: a]" },
	{ "pre by a rule", "div{white-space:pre}", "<div>a  b</div>", "a  b" },
	/* grammar of sheets */
	{ "comment signs of old", "<!-- .x" NONE " -->", "<b class=x>x</b>a", "a" },
	{ "comment", "/* .y{ */ .x /*{*/ { /* } */ display /**/ : none }", "<b class=x>x</b>a", "a" },
	{ "open block", ".x{display:none", "<b class=x>x</b>a", "a" },
	{ "open string", ".y{font-family:'a\n}.x" NONE, "<b class=x>x</b>a", "a" },
	{ "brace in a string", ".y{font-family:'}'}.x" NONE, "<b class=x>x</b>a", "a" },
	{ "brace in url()", ".y{background:url(a}b)}.x" NONE, "<b class=x>x</b>a", "a" },
	{ "quote in url()", ".y{background:url(a'b)}.x" NONE, "<b class=x>x</b>a", "a" },
	{ "quoted url()", ".y{background:url( 'a)b' )}.x" NONE, "<b class=x>x</b>a", "a" },
	{ "brace in brackets", ".y[a='{']" NONE ".x" NONE, "<b class=x>x</b>a", "a" },
	{ "closed too often", ".y{color:red}} .x" NONE, "<b class=x>a</b>", "a" },
	{ "semicolon between rules", ".y{color:red};.x" NONE, "<b class=x>a</b>", "a" },
	{ "escape in a property", ".x{\\64 isplay:none}", "<b class=x>x</b>a", "a" },
	{ "charset, namespace", "@charset 'utf-8';@namespace url(x);.x" NONE, "<b class=x>x</b>a", "a" },
	{ "font-face, page, keyframes",
	  "@font-face{font-family:x;src:url(y)}@page{margin:0}@keyframes "
	  "k{from{opacity:0}to{opacity:1}}.x" NONE,
	  "<b class=x>x</b>a", "a" },
	{ "unknown at-rule", "@foo x{.y" NONE "}.x" NONE, "<b class=x>x</b><b class=y>a</b>", "a" },
	{ "at-rule without an end", "@foo x;.x" NONE, "<b class=x>x</b>a", "a" },
	{ "import is in doubt", "@import 'x.css';", "<font color=white>a</font>", "a" },
	{ "import for paper", "@import url(x.css) print;", "<font color=white>x</font>a", "a" },
	{ "nested rule shows", ".x{display:none;&.y{display:block}}", "<b class='x y'>a</b>", "a" },
	{ "nested rule hides nothing", ".x{color:red;.y" NONE "}", "<b class=x>a<b class=y>b</b></b>", "ab" },
	{ "nested media shows", ".x{display:none;@media screen{display:block}}", "<b class=x>a</b>", "a" },
	{ "declarations behind a nested rule", ".x{&:hover{color:red}}.y" NONE, "<b class=y>x</b>a", "a" },
	/* media */
	{ "telephone hides", "@media only screen and (max-width: 600px){.x" NONE "}", "<b class=x>a</b>",
	  "a" },
	{ "telephone shows", ".x" NONE "@media screen and (max-width:37.5em){.x{display:block!important}}",
	  "<b class=x>x</b>a", "a" },
	{ "telephone, newer form", ".x" NONE "@media (width <= 480px){.x{display:block!important}}",
	  "<b class=x>x</b>a", "a" },
	{ "desktop shows", ".x" NONE "@media screen and (min-width:600px){.x{display:block}}",
	  "<b class=x>a</b>", "a" },
	{ "screen hides nothing", "@media screen{.x" NONE "}", "<b class=x>a</b>", "a" },
	{ "screen shows", ".x" NONE "@media screen{.x{display:block}}", "<b class=x>a</b>", "a" },
	{ "print", ".x" NONE "@media print{.x{display:block}}", "<b class=x>x</b>a", "a" },
	{ "one of two media", ".x" NONE "@media print, screen{.x{display:block}}", "<b class=x>a</b>", "a" },
	{ "not print", ".x" NONE "@media not print{.x{display:block}}", "<b class=x>a</b>", "a" },
	{ "dark", ".x" NONE "@media (prefers-color-scheme:dark){.x{display:block}}", "<b class=x>x</b>a",
	  "a" },
	{ "dark colours do not count", "@media (prefers-color-scheme:dark){*{color:#fff;background:#000}}",
	  "<font color=white>x</font>a", "a" },
	{ "supports", "@supports (display:grid){.x" NONE "}", "<b class=x>a</b>", "a" },
	{ "supports shows", ".x" NONE "@supports (display:grid){.x{display:grid}}", "<b class=x>a</b>", "a" },
	{ "media in supports", ".x" NONE "@supports(a:b){@media print{.x{display:block}}}",
	  "<b class=x>x</b>a", "a" },
	{ "behind the media", "@media screen{.y{color:red}}.x" NONE, "<b class=x>x</b>a", "a" },
	{ "open media", "@media print{.x" NONE, "<b class=x>a</b>", "a" },
	{ "layer", ".x{display:none!important}@layer l{.x{display:block!important}}", "<b class=x>a</b>",
	  "a" },
	{ "maybe does not outweigh a later rule", "@media screen{.x{display:block}}.x" NONE,
	  "<b class=x>x</b>a", "a" },
	{ "sure and maybe by one rule", "a,a:visited{color:#fff}", "<a href=#>x</a>a", "a" },
	/* what cannot be decided */
	{ "var", ".x" NONE ".x{display:var(--d)}", "<b class=x>a</b>", "a" },
	{ "var of a colour", ".x{color:#fff}.x{color:var(--c)}", "<b class=x>a</b>", "a" },
	{ "content is no text", ".x::before{content:'x'}", "<b class=x>a</b>", "a" },
};

static char *to_text(const char *html, size_t bytes, HtmlFacts *ret_facts)
{
	const HtmlOptions options = { .max_in = 64 << 20, .max_out = 64 << 20 };
	g_autoptr(HtmlText) text = html_text_new(&options);

	html_text_feed(text, html, bytes);
	return g_string_free(html_text_finish(text, ret_facts), FALSE);
}

static void test_case(gconstpointer data)
{
	const SheetCase *c = data;
	g_autofree char *html = g_strdup_printf("<html><head><style>%s</style></head>%s", c->css, c->body);
	HtmlFacts facts;
	g_autofree char *text = to_text(html, strlen(html), &facts);

	g_assert_cmpstr(text, ==, c->text);
	g_assert_false(facts.capped);
}

typedef struct {
	const char *name;
	const char *html;
	const char *text;
} PageCase;

static const PageCase pages[] = {
	{ "for paper", "<style media=print>b" NONE "</style><b>a</b>", "a" },
	{ "for paper shows nothing",
	  "<style>b" NONE "</style><style media=print>b{display:inline}</style><b>x</b>a", "a" },
	{ "for the screen", "<style media=' Screen '>b" NONE "</style><b>x</b>a", "a" },
	{ "for all", "<style media=all>b" NONE "</style><b>x</b>a", "a" },
	{ "for telephones", "<style media='(max-width:600px)'>b" NONE "</style><b>a</b>", "a" },
	{ "for some", "<style media='(min-width:100px)'>b" NONE "</style><b>a</b>", "a" },
	{ "of type css", "<style type=Text/CSS>b" NONE "</style><b>x</b>a", "a" },
	{ "of no known type", "<style type=text/x>b" NONE "</style><b>a</b>", "a" },
	{ "in a comment", "<!--<style>b" NONE "</style>--><b>a</b>", "a" },
	{ "in a template", "<template><style>b" NONE "</style></template><b>a</b>", "a" },
	{ "in svg", "<svg><style>b" NONE "</style></svg><b>a</b>", "a" },
	{ "in noscript", "<noscript><style>b" NONE "</style></noscript><b>x</b>a", "a" },
	{ "in a string of a script", "<script>'<style>b" NONE "</style>'</script><b>a</b>", "a" },
	{ "in the body", "<div class=o><style>.x" NONE "</style><b class=x>x</b>a", "a" },
	{ "in the body, of what is open", "<div class=o><style>.o .x" NONE "</style><b class=x>a</b>", "a" },
	{ "in the body, of what is not open",
	  "<div><style>.o .x{display:block}.x" NONE "</style><b class=x>x</b>a", "a" },
	{ "never ends", "<b>a</b><style>b" NONE, "a" },
	{ "colour of an open element",
	  "<div style=background:#fff><font color=white>x<style>div{background:#000}"
	  "</style>a",
	  "a" },
	{ "nothing for the open ones", "<div><font color=white>x<style>.y{background:#000}</style>x</font>a",
	  "a" },
	{ "late body", "<style>.d{background:#000}</style><body class=d><font color=white>a", "a" },
	{ "body before the sheet", "<body bgcolor=black><style>p{color:#fff}</style><p>a", "a" },
};

static void test_page(gconstpointer data)
{
	const PageCase *c = data;
	HtmlFacts facts;
	g_autofree char *text = to_text(c->html, strlen(c->html), &facts);

	g_assert_cmpstr(text, ==, c->text);
}

static void test_counted(void)
{
	static const char html[] = "<style>.x{display:none}</style><p class=x>隠し 文字</p>a";
	HtmlFacts facts;
	g_autofree char *text = to_text(html, strlen(html), &facts);

	g_assert_cmpstr(text, ==, "a");
	g_assert_cmpuint(facts.hidden_chars, ==, 4);
}

/* What is over a cap may have said anything: all is shown, and told. */
static void test_caps(void)
{
	static const struct {
		const char *piece;
		unsigned times;
	} floods[] = { { ".y{color:red}", 2001 },
		       { "a,b,c,d,e,f,g,h,i,j{color:red}", 1999 },
		       { "/*................................................................*/", 20000 } };

	for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
		g_autoptr(GString) html = g_string_new("<style>");
		for (unsigned n = 0; n < floods[i].times; n++)
			g_string_append(html, floods[i].piece);
		g_string_append(html, "</style><font color=white>a</font>");
		HtmlFacts facts;
		g_autofree char *text = to_text(html->str, html->len, &facts);
		g_assert_cmpstr(text, ==, "a");
		g_assert_true(facts.capped);
	}
}

/* Beginnings over their cap: the end of the selector is a maybe. */
static void test_beginnings(void)
{
	g_autoptr(GString) html = g_string_new("<style>");
	HtmlFacts facts;

	for (unsigned n = 0; n < 300; n++)
		g_string_append(html, ".a .b .c .d .e .f .g .h .y{color:red}");
	g_string_append(
	        html, ".p .x{display:none}.z{display:none}</style><div class=p><b class=x>a</b><b class=z>x");
	g_autofree char *text = to_text(html->str, html->len, &facts);
	g_assert_cmpstr(text, ==, "a");
}

typedef struct {
	const char *name;
	const char *css; /* as often as times */
	unsigned times;
	const char *piece; /* of the body, again and again */
} Flood;

static const Flood floods[] = {
	{ "one type", "b{color:red}", 1900, "<b>" },
	{ "any", "*{color:red}", 1900, "<b>" },
	{ "descendants", ".a .a .a .a .a .a .a .a{color:red}", 280, "<b class=a>" },
	{ "descendants of any", "* * * * * * * *{color:red}", 280, "<b>" },
	{ "children", "b>b>b>b>b>b{color:red}", 380, "<b>" },
	{ "attributes", "[class*=z]{color:red}", 1900,
	  "<b class=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa>" },
	{ "many classes", ".a.z{color:red}", 1900,
	  "<b class='a b c d e f g h i j k l m n o p q r s t u v'>" },
	{ "siblings", "b+b{color:red}", 900, "<b>x</b>" },
	{ "paragraphs go on", "b b{color:red}.x{color:red}", 900, "<p><b class=x>" },
	{ "sheets", "", 0, "<style>b{color:red}</style>" },
	{ "sheets in open elements", "", 0, "<div><style>b{}</style>" },
	{ "media", "", 0, "<style>@media screen{@media screen{@media screen{</style>" },
	{ "nested", "", 0, "<style>a{b{c{d{e{f{g{</style>" },
};

static double seconds_of(const Flood *flood, size_t bytes)
{
	g_autoptr(GString) html = g_string_new("<style>");
	HtmlFacts facts;

	for (unsigned n = 0; n < flood->times; n++)
		g_string_append(html, flood->css);
	g_string_append(html, "</style>");
	for (size_t end = html->len + bytes; html->len < end;)
		g_string_append(html, flood->piece);
	clock_t start = clock();
	g_autofree char *text = to_text(html->str, html->len, &facts);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* Doubling the input costs at most 2.2 times as much; a machine that does other things too has its say as
 * well. */
static void test_flood(gconstpointer data)
{
	const Flood *flood = data;
	double once = seconds_of(flood, 1 << 20), four = seconds_of(flood, 4 << 20);

	g_test_message("%s: %.1f ns/byte, then %.1f", flood->name, once * 1e9 / (1 << 20),
	               four * 1e9 / (4 << 20));
	g_assert_cmpfloat(four, <, 1.5 * 2.2 * 2.2 * MAX(once, 0.02));
}

/* 50,000 classes on one element, and one attribute of a megabyte. */
static void test_long_attributes(void)
{
	g_autoptr(GString) html = g_string_new("<style>.c77{display:none}</style><b class='");
	HtmlFacts facts;

	for (unsigned n = 0; n < 50000; n++)
		g_string_append_printf(html, "c%u ", n);
	g_string_append(html, "'>x</b>a<b style='");
	while (html->len < 2 << 20)
		g_string_append(html, "display:none;");
	g_string_append(html, "display:inline'>b</b>");
	g_autofree char *text = to_text(html->str, html->len, &facts);
	g_assert_cmpstr(text, ==, "ab");
}

/* Of many rules for one element the greatest rank wins, however they are mixed: ids first, then classes, then
 * types, of each the last. */
static void test_many_matches(void)
{
	static const struct {
		const char *last;
		const char *text;
	} rows[] = { { "#x{display:inline}", "a" },
		     { "#x{display:none}", "" },
		     { ".c{display:none}", "a" },
		     { "b{display:none}", "a" } };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) html = g_string_new("<style>");
		HtmlFacts facts;
		for (unsigned n = 0; n < 100; n++)
			g_string_append(html, "#x{display:inline}*{color:red}.c{display:none}b{display:none}"
			                      "#x.c{color:red}[id]{display:none}");
		g_string_append_printf(html, "%s</style><b id=x class=c>a</b>", rows[i].last);
		g_autofree char *text = to_text(html->str, html->len, &facts);
		g_assert_cmpstr(text, ==, rows[i].text);
		g_assert_false(facts.capped);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strdup_printf("/html_sheet/%s", cases[i].name);
		g_test_add_data_func(path, &cases[i], test_case);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		g_autofree char *path = g_strdup_printf("/html_sheet/page: %s", pages[i].name);
		g_test_add_data_func(path, &pages[i], test_page);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
		g_autofree char *path = g_strdup_printf("/html_sheet/flood: %s", floods[i].name);
		g_test_add_data_func(path, &floods[i], test_flood);
	}
	g_test_add_func("/html_sheet/counted", test_counted);
	g_test_add_func("/html_sheet/caps", test_caps);
	g_test_add_func("/html_sheet/beginnings", test_beginnings);
	g_test_add_func("/html_sheet/long attributes", test_long_attributes);
	g_test_add_func("/html_sheet/many matches", test_many_matches);
	return g_test_run();
}
