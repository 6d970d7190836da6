/* html_style: what a browser hides is hidden, what it shows is shown, and what cannot be decided is shown. */
#include "html_style_priv.h"

#include <locale.h>
#include <string.h>

enum { ATTRIBUTES = 4 };

typedef struct {
	HtmlTag tag;
	HtmlAttribute attributes[ATTRIBUTES];
	char **parts;
} TestTag;

/* "name|attribute=value|attribute=value" */
static void tag_init(TestTag *t, const char *text)
{
	*t = (TestTag) { .parts = g_strsplit(text, "|", -1) };
	for (unsigned i = 1; t->parts[i] != NULL; i++) {
		char *equals = strchr(t->parts[i], '=');
		g_assert_cmpuint(i, <=, ATTRIBUTES);
		g_assert_nonnull(equals);
		*equals = '\0';
		t->attributes[i - 1] = (HtmlAttribute) { t->parts[i], equals + 1, strlen(equals + 1) };
		t->tag.n_attributes = i;
	}
	t->tag.name = t->parts[0];
	t->tag.attributes = t->attributes;
}

static HtmlStyle computed(const char *const *path)
{
	HtmlStyle style = html_style_root();

	for (; *path != NULL; path++) {
		TestTag t;
		tag_init(&t, *path);
		style = html_style_element(&style, &t.tag, (HtmlMatches) { NULL, 0 });
		g_strfreev(t.parts);
	}
	return style;
}

typedef struct {
	const char *name;
	const char *path[5];
	bool hidden;
} StyleCase;

#define S(text)                                                                                              \
	{                                                                                                    \
		"div|style=" text                                                                            \
	}
#define SPAN(text)                                                                                           \
	{                                                                                                    \
		"span|style=" text                                                                           \
	}

static const StyleCase cases[] = {
	{ "nothing", { "p" }, false },
	{ "golden 12", SPAN("font-size:0"), true },
	{ "golden 13", S("display:none;max-height:0"), true },
	{ "golden 15", { "td|bgcolor=#ffffff", "font|color=white" }, true },
	{ "golden 15, ok", { "td|bgcolor=#ffffff" }, false },
	/* syntax */
	{ "upper case", S("DISPLAY : NONE"), true },
	{ "important", S("display:none!important"), true },
	{ "important with blanks", S("display:none ! important ;"), true },
	{ "important stays", S("display:none !important;display:block"), true },
	{ "important later", S("display:block !important;display:none"), false },
	{ "bad mark", S("display:none !wichtig"), false },
	{ "later wins", S("display:none;display:block"), false },
	{ "invalid does not win", S("display:none;display:blok"), true },
	{ "escape in the name", S("\\64 isplay:none"), true },
	{ "six digits", S("\\000064isplay:none"), true },
	{ "escape in the value", S("display:n\\6fne"), true },
	{ "escaped letter", S("display:n\\one"), true },
	{ "escaped digit is no number", S("font-size:\\30 px"), false },
	{ "escaped exponent", S("font-size:20\\65-9"), false },
	{ "comment before", S("/*x*/display:none"), true },
	{ "comment cuts a word", S("dis/**/play:none"), false },
	{ "comment in a value", S("display:/*;*/none/*x*/"), true },
	{ "open comment", S("color:red;/*display:none"), false },
	{ "semicolon in a string", S("font-family:';display:none'"), false },
	{ "after a string", S("font-family:\"a;b\";display:none"), true },
	{ "escaped quote", S("font-family:'a\\';display:none"), false },
	{ "bad string ends with its line", S("x:'a\n;display:none"), true },
	{ "semicolon in url()", S("background:url(a;display:none;x)"), false },
	{ "comment sign in url()", S("background:url(/*);display:none"), true },
	{ "quote in url()", S("background-image:url(a'b);display:none"), true },
	{ "brackets keep semicolons", S("x:(a;display:none;b)"), false },
	{ "foreign closer", S("x:(a];display:none"), false },
	{ "block of an at-rule", S("@media x{a:b}display:none"), true },
	{ "block without a name", S("{a:b};display:none"), true },
	{ "no colon", S("display none;display:none"), true },
	{ "name with a blank", S("a display:none"), false },
	{ "empty value", S("display:none;display:"), true },
	{ "all of it", S("display:none;all:unset"), false },
	{ "var()", S("display:none;display:var(--x)"), false },
	/* display, visibility, hidden */
	{ "inside display none", { "div|style=display:none", "p|style=display:block" }, true },
	{ "two words", S("display:inline flow-root"), false },
	{ "visibility", S("visibility:hidden"), true },
	{ "visibility collapse", S("visibility:collapse"), true },
	{ "visible child", { "div|style=visibility:hidden", "p|style=visibility:visible" }, false },
	{ "inheriting child", { "div|style=visibility:hidden", "p|style=visibility:unset" }, true },
	{ "hidden attribute", { "p|hidden=" }, true },
	{ "until found", { "p|hidden=until-found" }, true },
	{ "hidden, but displayed", { "p|hidden=|style=display:block" }, false },
	{ "mso-hide alone", S("mso-hide:all"), false },
	/* font size */
	{ "1px", S("font-size:1px"), true },
	{ "0.1em", S("font-size:.1em"), false },
	{ "half a point", S("font-size:.5pt"), true },
	{ "1.5px", S("font-size:1.5px"), false },
	{ "exponent", S("font-size:1e-3px"), true },
	{ "rem", S("font-size:0.01rem"), true },
	{ "em of 0", { "div|style=font-size:0", "p|style=font-size:5em" }, true },
	{ "percent of 0", { "div|style=font-size:0", "p|style=font-size:900%" }, true },
	{ "larger of 0", { "div|style=font-size:0", "p|style=font-size:larger" }, true },
	{ "own size in 0", { "div|style=font-size:0", "p|style=font-size:14px" }, false },
	{ "keyword in 0", { "div|style=font-size:0", "p|style=font-size:medium" }, false },
	{ "font tag in 0", { "div|style=font-size:0", "font|size=2" }, false },
	{ "font tag without a number", { "div|style=font-size:0", "font|size=x" }, true },
	{ "shorthand", S("font:0/0 a"), true },
	{ "shorthand with weight", S("font:italic 700 1px/20px 'x', serif"), true },
	{ "shorthand without a family", S("font:0"), false },
	{ "shorthand shows", { "div|style=font-size:0", "p|style=font:12px x" }, false },
	{ "unit of quirks", { "div|style=font-size:0", "p|style=font-size:14" }, false },
	{ "shorthand of the window", { "div|style=font-size:0", "p|style=font:5vw x" }, false },
	{ "shorthand with an angle", S("font:oblique 10deg 0 x"), true },
	{ "calc", S("font-size:0;font-size:calc(1px + 1em)"), false },
	{ "negative", S("font-size:-1px"), false },
	{ "quirks table", { "div|style=font-size:0", "table" }, false },
	{ "magnified", S("font-size:1px;transform:scale(20)"), false },
	{ "zoom of old browsers", S("font-size:1px;zoom:1"), true },
	{ "1pt", S("font-size:1pt"), false },
	{ ".2mm", S("font-size:.2mm"), true },
	{ "percent", S("font-size:5%"), true },
	{ "percent, seen", S("font-size:50%"), false },
	{ "smallest keyword", S("font-size:xx-small"), false },
	{ "ex", S("font-size:.1ex"), true },
	{ "window", S("font-size:0vw"), true },
	{ "some of the window", S("font-size:1vw"), false },
	{ "min()", S("font-size:min(0px,1px)"), false },
	/* opacity */
	{ "opacity", S("opacity:0"), true },
	{ "opacity percent", S("opacity:4%"), true },
	{ "opacity 0.1", S("opacity:.1"), false },
	{ "product", { "div|style=opacity:.2", "p|style=opacity:.2" }, true },
	{ "child cannot undo it", { "div|style=opacity:0", "p|style=opacity:1" }, true },
	{ "filter", S("filter:blur(1px) opacity(0)"), true },
	{ "filter percent", S("filter:opacity(50%)"), false },
	/* colours */
	{ "white", SPAN("color:#fff"), true },
	{ "nearly white", SPAN("color:#f0f0f0"), true },
	{ "one channel away", SPAN("color:#ffffee"), false },
	{ "transparent", SPAN("color:transparent"), true },
	{ "alpha 0 on a picture", S("background:url(x);color:rgba(0,0,0,0)"), true },
	{ "blended", SPAN("color:rgba(0,0,0,.06)"), true },
	{ "blended, seen", SPAN("color:rgb(0 0 0 / 10%)"), false },
	{ "hsl", SPAN("color:hsl(0,0%,100%)"), true },
	{ "white on a picture", { "td|background=a.png", "font|color=white" }, false },
	{ "white on a gradient", S("background:linear-gradient(red,blue);color:#fff"), false },
	{ "white on navy", { "td|bgcolor=navy", "font|color=white" }, false },
	{ "navy on navy", { "td|bgcolor=navy", "span|style=color:#000080" }, true },
	{ "black on black", S("background:#000"), true },
	{ "half black over white", { "div|style=background:rgba(0,0,0,.5);color:#808080" }, true },
	{ "colour in background", S("background:no-repeat #000 left top;color:#010101"), true },
	{ "background reset", { "div|style=background-color:#000;background:none;color:#fff" }, true },
	{ "var", SPAN("color:white;color:var(--x)"), false },
	{ "unknown background", S("background:var(--x);color:white"), false },
	{ "bgcolor of a div is nothing", { "div|bgcolor=black", "font|color=white" }, true },
	{ "body", { "body|bgcolor=black|text=white" }, false },
	{ "body, same", { "body|bgcolor=black|text=#000" }, true },
	{ "legacy colour", { "td|bgcolor=chucknorris", "font|color=#c00000" }, true },
	{ "link has a colour of its own", { "div|style=color:#fff", "a|href=x" }, false },
	{ "link that says white", { "a|href=x|style=color:#fff" }, true },
	{ "mark", { "mark|style=color:yellow" }, true },
	{ "mark in black", { "div|style=background:#000;color:#fff", "mark" }, false },
	{ "fill", SPAN("-webkit-text-fill-color:transparent"), true },
	{ "fill shows", { "div|style=-webkit-text-fill-color:black", "b|style=color:white" }, false },
	{ "gradient text",
	  SPAN("background:linear-gradient(red,blue);-webkit-background-clip:text;"
	       "-webkit-text-fill-color:transparent"),
	  false },
	{ "shadow", SPAN("color:white;text-shadow:1px 1px black"), false },
	{ "absolute lies above anything", S("position:absolute;color:white"), false },
	{ "hsla", SPAN("color:hsla(0,0%,100%,1)"), true },
	{ "eight digits", SPAN("color:#00000000"), true },
	{ "four digits", SPAN("color:#0000"), true },
	{ "currentcolor", { "div|style=color:#fff", "p|style=color:currentColor" }, true },
	{ "system colour", SPAN("color:Canvas"), false },
	{ "newer colour", SPAN("color:oklch(100% 0 0)"), false },
	{ "background of ink", S("color:#123;background:currentcolor"), false },
	{ "image-set", S("background:-webkit-image-set(url(x) 1x);color:#fff"), false },
	{ "no picture", S("background-image:none;color:#fff"), true },
	/* boxes */
	{ "zero height", S("max-height:0;overflow:hidden"), true },
	{ "zero height in px", S("height:0px;overflow:hidden"), true },
	{ "zero width", S("width:0;overflow-x:hidden"), true },
	{ "zero, not cut", S("height:0;max-height:0"), false },
	{ "inline knows no height", SPAN("height:0;overflow:hidden"), false },
	{ "inline block does", SPAN("display:inline-block;height:0;overflow:hidden"), true },
	{ "cell grows", { "td|style=height:0;overflow:hidden" }, false },
	{ "attributes alone", { "td|width=0|height=0" }, false },
	{ "minimum", S("max-height:0;min-height:10px;overflow:hidden"), false },
	{ "padding", S("height:0;padding-bottom:50%;overflow:hidden"), false },
	{ "absolute child leaves",
	  { "div|style=height:0;overflow:hidden", "div|style=position:absolute" },
	  false },
	{ "absolute child in a relative box",
	  { "div|style=position:relative;height:0;overflow:hidden", "div|style=position:absolute" },
	  true },
	{ "absolute like its parent leaves",
	  { "div|style=height:0;overflow:hidden", "div|style=position:inherit" },
	  false },
	{ "line of no height", S("line-height:0;overflow:hidden"), false },
	{ "cut by clip", S("height:0;overflow:clip"), true },
	{ "scrolled", S("height:0;overflow:auto"), true },
	{ "zero in percent", S("max-height:0%;overflow:hidden"), true },
	{ "nothing in em", S("max-width:0em;overflow:hidden"), true },
	{ "one pixel", S("height:1px;width:1px;overflow:hidden"), true },
	{ "one pixel high", S("max-height:1px;overflow:hidden"), true },
	{ "two pixels", S("height:2px;overflow:hidden"), false },
	{ "calc height", S("height:0;height:calc(1px*3);overflow:hidden"), false },
	{ "some height of undecided minimum", S("height:0;min-height:var(--x);overflow:hidden"), false },
	/* places */
	{ "indent", S("text-indent:-9999px"), true },
	{ "indent in em", S("text-indent:-999em"), true },
	{ "small indent", S("text-indent:-2em"), false },
	{ "indent of an inline", SPAN("text-indent:-9999px"), false },
	{ "left", S("position:absolute;left:-9999px"), true },
	{ "left, static", S("left:-9999px"), false },
	{ "top", S("position:fixed;top:-1000px"), true },
	{ "margin", S("position:absolute;margin:0 0 0 -999px"), true },
	{ "child moves back",
	  { "div|style=position:absolute;left:-9999px", "div|style=position:absolute;left:9999px" },
	  false },
	{ "clip", S("position:absolute;clip:rect(0,0,0,0)"), true },
	{ "clip in px", S("position:absolute;clip:rect(1px 1px 1px 1px)"), true },
	{ "clip, new form", S("position:absolute;clip:rect(0 0 0 0)"), true },
	{ "clip of auto", S("position:absolute;clip:rect(auto,auto,auto,auto)"), false },
	{ "inset of all", S("clip-path:inset(100%)"), true },
	{ "clip-path of a picture", S("clip-path:url(#x)"), false },
	{ "left in em", S("position:absolute;left:-999em"), true },
	{ "left in the window", S("position:absolute;left:-100vw"), false },
	{ "margin alone makes it wider", S("margin-left:-9999px"), false },
	{ "margin of a width", S("margin-left:-9999px;width:100px"), true },
	{ "margin of a float", SPAN("margin:0 0 0 -9999px;float:left"), true },
	{ "margin up takes the rest along", S("margin-top:-5000px"), false },
	{ "margin of an inline does too", SPAN("margin-left:-9999px"), false },
	{ "margin up of an inline is nothing", SPAN("margin-top:-9999px"), false },
	{ "margin moved back",
	  { "div|style=margin-left:-1000px;width:9px", "p|style=margin-left:1000px;width:9px" },
	  false },
	{ "right", S("position:absolute;right:-9999px"), true },
	{ "right edge far to the left", S("position:absolute;right:9999px"), true },
	{ "right edge, but left is said", S("position:absolute;right:9999px;left:0"), false },
	{ "right edge on the screen", S("position:absolute;right:999px"), false },
	{ "right edge of what is relative", S("position:relative;right:99px"), false },
	{ "column", S("display:table-column"), true },
	{ "bottom", S("position:fixed;bottom:-9999px"), false },
	{ "inset shorthand", S("position:absolute;inset:0 0 0 -9999px"), true },
	{ "inset shorthand, undecided", S("position:absolute;left:-9999px;inset:auto"), false },
	{ "translate property", S("translate:-9999px"), true },
	{ "translate property up", S("translate:0 -9999px"), true },
	{ "clip of a static box", S("clip:rect(0,0,0,0)"), false },
	{ "clip, some left", S("position:absolute;clip:rect(0,100px,20px,0)"), false },
	{ "inset", S("clip-path:inset(50%)"), true },
	{ "inset, some left", S("clip-path:inset(10% 50%)"), true },
	{ "inset, half", S("clip-path:inset(40%)"), false },
	{ "circle", S("clip-path:circle(0 at 50% 50%)"), true },
	{ "circle, large", S("clip-path:circle(40px)"), false },
	{ "scale", S("transform:rotate(3deg) scale(0)"), true },
	{ "scale of an inline", SPAN("transform:scale(0)"), false },
	{ "translate", S("transform:translateX(-9999px)"), true },
	/* numbers */
	{ "huge number", S("font-size:1e999999px"), false },
	{ "tiny number", S("font-size:1e-999999px"), true },
	{ "many digits", S("font-size:00000000000000000000000000000000000012px"), false },
	{ "many decimals", S("opacity:0.00000000000000000000000000000000000000000000000000000000000000001"),
	  true },
	{ "huge times huge", { "div|style=font-size:1e9em", "p|style=font-size:1e9em" }, false },
};

static void test_case(gconstpointer data)
{
	const StyleCase *c = data;
	HtmlStyle style = computed(c->path);

	g_assert_cmpint(html_style_hides(&style), ==, c->hidden);
}

typedef struct {
	const char *text;
	bool legacy;
	uint32_t rgba; /* 0 with known false: refused */
	bool known;
} ColourCase;

static const ColourCase colours[] = {
	{ "#fff", false, 0xffffffff, true },
	{ " #F0a ", false, 0xff00aaff, true },
	{ "#12345678", false, 0x12345678, true },
	{ "#1234", false, 0x11223344, true },
	{ "#12345", false, 0, false },
	{ "#ggg", false, 0, false },
	{ "rgb(255,0,10)", false, 0xff000aff, true },
	{ "rgb(100% 0% 50%)", false, 0xff0080ff, true },
	{ "RGBA(1,2,3,.5)", false, 0x01020380, true },
	{ "rgb(300,-5,0)", false, 0xff0000ff, true },
	{ "rgb(1,2)", false, 0, false },
	{ "rgb(var(--x))", false, 0, false },
	{ "hsl(120,100%,25%)", false, 0x008000ff, true },
	{ "hsl(-240 100% 25%)", false, 0x008000ff, true },
	{ "hsl(120deg 100% 25%)", false, 0x008000ff, true },
	{ "hsla(.5turn,100%,50%,50%)", false, 0x00ffff80, true },
	{ "hsl(1px 100% 25%)", false, 0, false },
	{ "rgb(1deg,2,3)", false, 0, false },
	{ "RebeccaPurple", false, 0x663399ff, true },
	{ "transparent", false, 0, true },
	{ "transparent", true, 0, false },
	{ "currentcolor", false, 0, false },
	{ "", true, 0, false },
	{ "red", true, 0xff0000ff, true },
	{ "#abc", true, 0xaabbccff, true },
	{ "abc", true, 0x0a0b0cff, true },
	{ "f", true, 0x0f0000ff, true },
	{ "chucknorris", true, 0xc00000ff, true },
	{ "ffffff", true, 0xffffffff, true },
	{ "#00000000f", true, 0x00000fff, true },
};

static void test_colours(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(colours); i++) {
		const ColourCase *c = &colours[i];
		HtmlColour got = { 0 };
		bool known = html_colour_parse(c->text, strlen(c->text), c->legacy, &got);
		uint32_t rgba = (uint32_t)got.red << 24 | (uint32_t)got.green << 16 |
		                (uint32_t)got.blue << 8 | got.alpha;
		g_test_message("%s", c->text);
		g_assert_cmpint(known, ==, c->known);
		g_assert_cmphex(rgba, ==, c->rgba);
	}
}

static void test_layout(void)
{
	static const char *const pre[] = { "pre", NULL }, *const wrap[] = { "p|style=white-space:pre-line",
		                                                            NULL };
	static const char *const cell[] = { "td|nowrap=", NULL }, *const keep[] = { "pre", "b", NULL };
	static const char *const struck[] = { "p|style=text-decoration:underline line-through", "b", NULL };
	static const char *const plain[] = { "p|style=text-decoration:line-through none;display:flex", NULL };
	static const char *const outlook[] = { "blockquote|style=margin-left:40px", NULL };
	static const char *const gmail[] = {
		"blockquote|style=margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex", NULL
	};

	g_assert_cmpint(computed(pre).white_space, ==, HTML_SPACE_PRE);
	g_assert_cmpint(computed(keep).white_space, ==, HTML_SPACE_PRE);
	g_assert_cmpint(computed(wrap).white_space, ==, HTML_SPACE_PRE_LINE);
	g_assert_cmpint(computed(cell).white_space, ==, HTML_SPACE_NOWRAP);
	g_assert_true(computed(struck).struck);
	g_assert_cmpint(computed(struck).display, ==, HTML_DISPLAY_DEFAULT);
	g_assert_cmpint(computed(plain).display, ==, HTML_DISPLAY_BLOCK);
	g_assert_true(computed(outlook).quote_indent);
	g_assert_false(computed(gmail).quote_indent);
}

/* A comma as decimal point must change nothing. */
static void test_locale(void)
{
	static const char *const half[] = { "p|style=font-size:1.5px", NULL };

	if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL)
		g_test_message("no such locale here");
	g_assert_cmpfloat_with_epsilon(computed(half).font_px, 1.5, 0.001);
	setlocale(LC_NUMERIC, "C");
}

static void test_floods(void)
{
	static const char *const pieces[] = { "(",
		                              "a:(",
		                              "\\",
		                              "/*",
		                              "'",
		                              "url(",
		                              "display:none;",
		                              "@a{}",
		                              ";",
		                              "background:red ",
		                              "a:1!important;",
		                              "font:1 ",
		                              "{",
		                              "}",
		                              "1" };

	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		g_autoptr(GString) flood = g_string_new("display:none;font:");
		while (flood->len < HTML_VALUE_MAX - 32)
			g_string_append(flood, pieces[p]);
		HtmlAttribute attribute = { "style", flood->str, flood->len };
		HtmlTag tag = { .name = "p", .attributes = &attribute, .n_attributes = 1 };
		HtmlStyle root = html_style_root(), style;
		gint64 start = g_get_monotonic_time();
		for (unsigned i = 0; i < 10; i++)
			style = html_style_element(&root, &tag, (HtmlMatches) { NULL, 0 });
		g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
		/* too deep a style counts as none; all others say display:none first */
		bool deep = strchr("({", pieces[p][strlen(pieces[p]) - 1]) != NULL &&
		            strstr(pieces[p], "url") == NULL;
		g_assert_cmpint(html_style_hides(&style), ==, !deep);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strdup_printf("/html_style/%s", cases[i].name);
		g_test_add_data_func(path, &cases[i], test_case);
	}
	g_test_add_func("/html_colour", test_colours);
	g_test_add_func("/html_style/layout of text", test_layout);
	g_test_add_func("/html_style/locale", test_locale);
	g_test_add_func("/html_style/floods", test_floods);
	return g_test_run();
}
