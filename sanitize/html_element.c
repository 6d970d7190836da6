#include "html_element_priv.h"

#include <string.h>

static const HtmlMarks heading_marks = { { "■ ", "■ " }, { "", "" } };
static const HtmlMarks sup_marks = { { "^", "^" }, { "", "" } };
static const HtmlMarks quote_marks = { { "「", "“" }, { "」", "”" } };
static const HtmlMarks button_marks = { { "[ボタン: ", "[button: " }, { "]", "]" } };
static const HtmlMarks ruby_marks = { { "(", "(" }, { ")", ")" } };

const HtmlElement html_element_unknown = { "", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL };

/* In the order of names. */
static const HtmlElement elements[HTML_KEY_NAMED] = {
	[HTML_KEY_A] = { "a", HTML_IS_FORMAT, HTML_START_A, HTML_END_FORMATTING, NULL },
	[HTML_KEY_ABBR] = { "abbr", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_ADDRESS] = { "address", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                       HTML_END_SCOPED, NULL },
	[HTML_KEY_APPLET] = { "applet",
	                      HTML_IS_SPECIAL | HTML_RESUMES | HTML_IS_BARRIER | HTML_IS_MARKER |
	                              HTML_IS_LINE,
	                      HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_AREA] = { "area", HTML_IS_SPECIAL | HTML_RESUMES, HTML_START_AREA, HTML_END_SKIP, NULL },
	[HTML_KEY_ARTICLE] = { "article", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                       HTML_END_SCOPED, NULL },
	[HTML_KEY_ASIDE] = { "aside", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                     HTML_END_SCOPED, NULL },
	[HTML_KEY_AUDIO] = { "audio", HTML_IS_DROPPED | HTML_IS_OBJECT, HTML_START_PUSH, HTML_END_ORDINARY,
	                     NULL },
	[HTML_KEY_B] = { "b", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING, NULL },
	[HTML_KEY_BASE] = { "base", HTML_IS_SPECIAL | HTML_IS_HEAD, HTML_START_BASE, HTML_END_SKIP, NULL },
	[HTML_KEY_BASEFONT] = { "basefont", HTML_IS_SPECIAL | HTML_IS_HEAD, HTML_START_SKIP, HTML_END_SKIP,
	                        NULL },
	[HTML_KEY_BDI] = { "bdi", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_BDO] = { "bdo", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_BGSOUND] = { "bgsound", HTML_IS_SPECIAL | HTML_IS_HEAD, HTML_START_SKIP, HTML_END_SKIP,
	                       NULL },
	[HTML_KEY_BIG] = { "big", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING,
	                   NULL },
	[HTML_KEY_BLOCKQUOTE] = { "blockquote",
	                          HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                          HTML_START_QUOTE, HTML_END_SCOPED, NULL },
	[HTML_KEY_BODY] = { "body", HTML_IS_SPECIAL | HTML_BREAKS_OUT, HTML_START_ROOT, HTML_END_ROOT, NULL },
	[HTML_KEY_BR] = { "br", HTML_IS_SPECIAL | HTML_RESUMES | HTML_BREAKS_OUT, HTML_START_BR, HTML_END_BR,
	                  NULL },
	[HTML_KEY_BUTTON] = { "button", HTML_IS_SPECIAL | HTML_RESUMES | HTML_HAS_STYLE, HTML_START_BUTTON,
	                      HTML_END_SCOPED, &button_marks },
	[HTML_KEY_CANVAS] = { "canvas", HTML_IS_DROPPED | HTML_IS_OBJECT, HTML_START_PUSH, HTML_END_ORDINARY,
	                      NULL },
	[HTML_KEY_CAPTION] = { "caption", HTML_IS_SPECIAL | HTML_IS_BARRIER | HTML_IS_MARKER | HTML_IS_LINE,
	                       HTML_START_CAPTION, HTML_END_TABLE, NULL },
	[HTML_KEY_CENTER] = { "center", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE | HTML_BREAKS_OUT,
	                      HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_CITE] = { "cite", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_CODE] = { "code", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING,
	                    NULL },
	[HTML_KEY_COL] = { "col", HTML_IS_SPECIAL, HTML_START_COLUMN, HTML_END_SKIP, NULL },
	[HTML_KEY_COLGROUP] = { "colgroup", HTML_IS_SPECIAL, HTML_START_COLUMN, HTML_END_SKIP, NULL },
	[HTML_KEY_DATA] = { "data", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_DATALIST] = { "datalist", HTML_IS_DROPPED, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_DD] = { "dd", HTML_IS_SPECIAL | HTML_IS_LINE | HTML_BREAKS_OUT, HTML_START_ITEM,
	                  HTML_END_SCOPED, NULL },
	[HTML_KEY_DEL] = { "del", HTML_IS_STRUCK, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_DETAILS] = { "details", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                       HTML_END_SCOPED, NULL },
	[HTML_KEY_DFN] = { "dfn", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_DIALOG] = { "dialog", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                      HTML_END_SCOPED, NULL },
	[HTML_KEY_DIR] = { "dir", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK, HTML_START_LIST,
	                   HTML_END_SCOPED, NULL },
	[HTML_KEY_DIV] = { "div", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE | HTML_BREAKS_OUT,
	                   HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_DL] = { "dl", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE | HTML_BREAKS_OUT,
	                  HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_DT] = { "dt", HTML_IS_SPECIAL | HTML_IS_LINE | HTML_BREAKS_OUT, HTML_START_ITEM,
	                  HTML_END_SCOPED, NULL },
	[HTML_KEY_EM] = { "em", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING,
	                  NULL },
	[HTML_KEY_EMBED] = { "embed", HTML_IS_SPECIAL | HTML_RESUMES | HTML_BREAKS_OUT, HTML_START_EMBED,
	                     HTML_END_SKIP, NULL },
	[HTML_KEY_FIELDSET] = { "fieldset", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                        HTML_END_SCOPED, NULL },
	[HTML_KEY_FIGCAPTION] = { "figcaption", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE,
	                          HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_FIGURE] = { "figure", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                      HTML_END_SCOPED, NULL },
	[HTML_KEY_FONT] = { "font", HTML_IS_FORMAT | HTML_HAS_STYLE, HTML_START_PUSH, HTML_END_FORMATTING,
	                    NULL },
	[HTML_KEY_FOOTER] = { "footer", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                      HTML_END_SCOPED, NULL },
	[HTML_KEY_FORM] = { "form", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_FORM,
	                    HTML_END_FORM, NULL },
	[HTML_KEY_FRAME] = { "frame", HTML_IS_SPECIAL, HTML_START_SKIP, HTML_END_SKIP, NULL },
	[HTML_KEY_FRAMESET] = { "frameset", HTML_IS_SPECIAL, HTML_START_SKIP, HTML_END_SKIP, NULL },
	[HTML_KEY_H1] = { "h1", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_HEADING, HTML_END_HEADING, &heading_marks },
	[HTML_KEY_H2] = { "h2", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_HEADING, HTML_END_HEADING, &heading_marks },
	[HTML_KEY_H3] = { "h3", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_HEADING, HTML_END_HEADING, &heading_marks },
	[HTML_KEY_H4] = { "h4", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_HEADING, HTML_END_HEADING, NULL },
	[HTML_KEY_H5] = { "h5", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_HEADING, HTML_END_HEADING, NULL },
	[HTML_KEY_H6] = { "h6", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_HEADING, HTML_END_HEADING, NULL },
	[HTML_KEY_HEAD] = { "head", HTML_IS_SPECIAL | HTML_IS_HEAD | HTML_BREAKS_OUT, HTML_START_SKIP,
	                    HTML_END_ROOT, NULL },
	[HTML_KEY_HEADER] = { "header", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                      HTML_END_SCOPED, NULL },
	[HTML_KEY_HGROUP] = { "hgroup", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                      HTML_END_SCOPED, NULL },
	[HTML_KEY_HR] = { "hr", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_BREAKS_OUT, HTML_START_HR,
	                  HTML_END_SKIP, NULL },
	[HTML_KEY_HTML] = { "html", HTML_IS_SPECIAL | HTML_IS_HEAD, HTML_START_ROOT, HTML_END_ROOT, NULL },
	[HTML_KEY_I] = { "i", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING, NULL },
	[HTML_KEY_IFRAME] = { "iframe", HTML_IS_SPECIAL | HTML_IS_DROPPED | HTML_IS_OBJECT | HTML_RAWTEXT,
	                      HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_IMAGE] = { "image", HTML_IS_SPECIAL | HTML_RESUMES, HTML_START_IMG, HTML_END_SKIP, NULL },
	[HTML_KEY_IMG] = { "img", HTML_IS_SPECIAL | HTML_RESUMES | HTML_BREAKS_OUT, HTML_START_IMG,
	                   HTML_END_SKIP, NULL },
	[HTML_KEY_INPUT] = { "input", HTML_IS_SPECIAL | HTML_RESUMES, HTML_START_INPUT, HTML_END_SKIP, NULL },
	[HTML_KEY_INS] = { "ins", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_KBD] = { "kbd", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_KEYGEN] = { "keygen", HTML_IS_SPECIAL, HTML_START_SKIP, HTML_END_SKIP, NULL },
	[HTML_KEY_LABEL] = { "label", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_LEGEND] = { "legend", HTML_IS_LINE, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_LI] = { "li", HTML_IS_SPECIAL | HTML_IS_LINE | HTML_BREAKS_OUT, HTML_START_LI, HTML_END_LI,
	                  NULL },
	[HTML_KEY_LINK] = { "link", HTML_IS_SPECIAL | HTML_IS_HEAD, HTML_START_LINK, HTML_END_SKIP, NULL },
	[HTML_KEY_LISTING] = { "listing",
	                       HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_EATS_LINE |
	                               HTML_HAS_STYLE | HTML_BREAKS_OUT,
	                       HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_MAIN] = { "main", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                    HTML_END_SCOPED, NULL },
	[HTML_KEY_MAP] = { "map", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_MARK] = { "mark", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_MARQUEE] = { "marquee",
	                       HTML_IS_SPECIAL | HTML_RESUMES | HTML_IS_BARRIER | HTML_IS_MARKER |
	                               HTML_IS_LINE,
	                       HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_MATH] = { "math", HTML_IS_DROPPED | HTML_IS_OBJECT | HTML_IS_FOREIGN, HTML_START_PUSH,
	                    HTML_END_ORDINARY, NULL },
	[HTML_KEY_MENU] = { "menu", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                    HTML_START_LIST, HTML_END_SCOPED, NULL },
	[HTML_KEY_META] = { "meta", HTML_IS_SPECIAL | HTML_IS_HEAD | HTML_BREAKS_OUT, HTML_START_META,
	                    HTML_END_SKIP, NULL },
	[HTML_KEY_METER] = { "meter", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_NAV] = { "nav", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                   HTML_END_SCOPED, NULL },
	[HTML_KEY_NOBR] = { "nobr", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_NOBR, HTML_END_FORMATTING,
	                    NULL },
	[HTML_KEY_NOEMBED] = { "noembed", HTML_IS_SPECIAL | HTML_IS_DROPPED | HTML_IS_OBJECT | HTML_RAWTEXT,
	                       HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_NOFRAMES] = { "noframes",
	                        HTML_IS_SPECIAL | HTML_IS_HEAD | HTML_IS_DROPPED | HTML_IS_OBJECT |
	                                HTML_RAWTEXT,
	                        HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_NOSCRIPT] = { "noscript", HTML_IS_SPECIAL | HTML_RESUMES | HTML_IS_HEAD,
	                        HTML_START_NOSCRIPT, HTML_END_ORDINARY, NULL },
	[HTML_KEY_OBJECT] = { "object",
	                      HTML_IS_SPECIAL | HTML_RESUMES | HTML_IS_BARRIER | HTML_IS_MARKER |
	                              HTML_IS_OBJECT,
	                      HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_OL] = { "ol",
	                  HTML_IS_SPECIAL | HTML_IS_LIST | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_LIST, HTML_END_SCOPED, NULL },
	[HTML_KEY_OPTGROUP] = { "optgroup", 0, HTML_START_OPTGROUP, HTML_END_ORDINARY, NULL },
	[HTML_KEY_OPTION] = { "option", HTML_HAS_STYLE, HTML_START_OPTION, HTML_END_ORDINARY, NULL },
	[HTML_KEY_OUTPUT] = { "output", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_P] = { "p", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                 HTML_START_PUSH, HTML_END_P, NULL },
	[HTML_KEY_PARAM] = { "param", HTML_IS_SPECIAL, HTML_START_SKIP, HTML_END_SKIP, NULL },
	[HTML_KEY_PICTURE] = { "picture", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_PLAINTEXT] = { "plaintext",
	                         HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_PLAINTEXT |
	                                 HTML_HAS_STYLE,
	                         HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_PRE] = { "pre",
	                   HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_BLANK | HTML_EATS_LINE | HTML_HAS_STYLE |
	                           HTML_BREAKS_OUT,
	                   HTML_START_PUSH, HTML_END_SCOPED, NULL },
	[HTML_KEY_PROGRESS] = { "progress", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_Q] = { "q", 0, HTML_START_PUSH, HTML_END_ORDINARY, &quote_marks },
	[HTML_KEY_RB] = { "rb", 0, HTML_START_RUBY, HTML_END_ORDINARY, NULL },
	[HTML_KEY_RP] = { "rp", HTML_IS_DROPPED, HTML_START_RUBY, HTML_END_ORDINARY, NULL },
	[HTML_KEY_RT] = { "rt", 0, HTML_START_RUBY, HTML_END_ORDINARY, &ruby_marks },
	[HTML_KEY_RTC] = { "rtc", 0, HTML_START_RUBY, HTML_END_ORDINARY, NULL },
	[HTML_KEY_RUBY] = { "ruby", HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_S] = { "s", HTML_IS_FORMAT | HTML_IS_STRUCK | HTML_BREAKS_OUT, HTML_START_PUSH,
	                 HTML_END_FORMATTING, NULL },
	[HTML_KEY_SAMP] = { "samp", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_SCRIPT] = { "script", HTML_IS_SPECIAL | HTML_IS_HEAD | HTML_IS_DROPPED | HTML_SCRIPT,
	                      HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_SEARCH] = { "search", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                      HTML_END_SCOPED, NULL },
	[HTML_KEY_SECTION] = { "section", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                       HTML_END_SCOPED, NULL },
	[HTML_KEY_SELECT] = { "select", HTML_IS_SPECIAL | HTML_RESUMES | HTML_HAS_STYLE, HTML_START_SELECT,
	                      HTML_END_SCOPED, NULL },
	[HTML_KEY_SMALL] = { "small", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING,
	                     NULL },
	[HTML_KEY_SOURCE] = { "source", HTML_IS_SPECIAL, HTML_START_SKIP, HTML_END_SKIP, NULL },
	[HTML_KEY_SPAN] = { "span", HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_STRIKE] = { "strike", HTML_IS_FORMAT | HTML_IS_STRUCK | HTML_BREAKS_OUT, HTML_START_PUSH,
	                      HTML_END_FORMATTING, NULL },
	[HTML_KEY_STRONG] = { "strong", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH,
	                      HTML_END_FORMATTING, NULL },
	[HTML_KEY_STYLE] = { "style", HTML_IS_SPECIAL | HTML_IS_HEAD | HTML_IS_DROPPED | HTML_RAWTEXT,
	                     HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_SUB] = { "sub", HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_SUMMARY] = { "summary", HTML_IS_SPECIAL | HTML_CLOSES_P | HTML_IS_LINE, HTML_START_PUSH,
	                       HTML_END_SCOPED, NULL },
	[HTML_KEY_SUP] = { "sup", HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_ORDINARY, &sup_marks },
	[HTML_KEY_SVG] = { "svg", HTML_IS_DROPPED | HTML_IS_OBJECT | HTML_IS_FOREIGN, HTML_START_PUSH,
	                   HTML_END_ORDINARY, NULL },
	[HTML_KEY_TABLE] = { "table",
	                     HTML_IS_SPECIAL | HTML_IS_BARRIER | HTML_CLOSES_P | HTML_IS_BLANK |
	                             HTML_HAS_STYLE | HTML_BREAKS_OUT,
	                     HTML_START_TABLE, HTML_END_TABLE, NULL },
	[HTML_KEY_TBODY] = { "tbody", HTML_IS_SPECIAL, HTML_START_SECTION, HTML_END_TABLE, NULL },
	[HTML_KEY_TD] = { "td", HTML_IS_SPECIAL | HTML_IS_BARRIER | HTML_IS_MARKER, HTML_START_CELL,
	                  HTML_END_TABLE, NULL },
	[HTML_KEY_TEMPLATE] = { "template",
	                        HTML_IS_SPECIAL | HTML_IS_HEAD | HTML_IS_BARRIER | HTML_IS_MARKER |
	                                HTML_IS_DROPPED,
	                        HTML_START_PUSH, HTML_END_TEMPLATE, NULL },
	[HTML_KEY_TEXTAREA] = { "textarea", HTML_IS_SPECIAL | HTML_RCDATA | HTML_EATS_LINE | HTML_HAS_STYLE,
	                        HTML_START_TEXTAREA, HTML_END_ORDINARY, NULL },
	[HTML_KEY_TFOOT] = { "tfoot", HTML_IS_SPECIAL, HTML_START_SECTION, HTML_END_TABLE, NULL },
	[HTML_KEY_TH] = { "th", HTML_IS_SPECIAL | HTML_IS_BARRIER | HTML_IS_MARKER, HTML_START_CELL,
	                  HTML_END_TABLE, NULL },
	[HTML_KEY_THEAD] = { "thead", HTML_IS_SPECIAL, HTML_START_SECTION, HTML_END_TABLE, NULL },
	[HTML_KEY_TIME] = { "time", 0, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_TITLE] = { "title", HTML_IS_SPECIAL | HTML_IS_HEAD | HTML_IS_DROPPED | HTML_RCDATA,
	                     HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_TR] = { "tr", HTML_IS_SPECIAL, HTML_START_ROW, HTML_END_TABLE, NULL },
	[HTML_KEY_TRACK] = { "track", HTML_IS_SPECIAL, HTML_START_SKIP, HTML_END_SKIP, NULL },
	[HTML_KEY_TT] = { "tt", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING,
	                  NULL },
	[HTML_KEY_U] = { "u", HTML_IS_FORMAT | HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_FORMATTING, NULL },
	[HTML_KEY_UL] = { "ul",
	                  HTML_IS_SPECIAL | HTML_IS_LIST | HTML_CLOSES_P | HTML_IS_BLANK | HTML_BREAKS_OUT,
	                  HTML_START_LIST, HTML_END_SCOPED, NULL },
	[HTML_KEY_VAR] = { "var", HTML_BREAKS_OUT, HTML_START_PUSH, HTML_END_ORDINARY, NULL },
	[HTML_KEY_VIDEO] = { "video", HTML_IS_DROPPED | HTML_IS_OBJECT, HTML_START_PUSH, HTML_END_ORDINARY,
	                     NULL },
	[HTML_KEY_WBR] = { "wbr", HTML_IS_SPECIAL | HTML_RESUMES, HTML_START_SKIP, HTML_END_SKIP, NULL },
	[HTML_KEY_XMP] = { "xmp",
	                   HTML_IS_SPECIAL | HTML_RESUMES | HTML_CLOSES_P | HTML_IS_BLANK | HTML_RAWTEXT |
	                           HTML_HAS_STYLE,
	                   HTML_START_PUSH, HTML_END_SCOPED, NULL },
};

static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261U;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash;
}

/* The first name of each letter, or behind it. */
static const uint16_t firsts[] = {
	HTML_KEY_A,     HTML_KEY_B,     HTML_KEY_CANVAS, HTML_KEY_DATA, HTML_KEY_EM,  HTML_KEY_FIELDSET,
	HTML_KEY_H1,    HTML_KEY_H1,    HTML_KEY_I,      HTML_KEY_KBD,  HTML_KEY_KBD, HTML_KEY_LABEL,
	HTML_KEY_MAIN,  HTML_KEY_NAV,   HTML_KEY_OBJECT, HTML_KEY_P,    HTML_KEY_Q,   HTML_KEY_RB,
	HTML_KEY_S,     HTML_KEY_TABLE, HTML_KEY_U,      HTML_KEY_VAR,  HTML_KEY_WBR, HTML_KEY_XMP,
	HTML_KEY_NAMED, HTML_KEY_NAMED, HTML_KEY_NAMED,
};

/* As strcmp(): names are so short that a call takes longer. */
static int order_of(const char *a, const char *b)
{
	while (*a == *b && *a != '\0')
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

const HtmlElement *html_element_find(const char *name, HtmlKey *ret_key)
{
	bool letter = g_ascii_islower(*name);
	unsigned low = letter ? firsts[*name - 'a'] : HTML_KEY_NAMED;
	unsigned high = letter ? firsts[*name - 'a' + 1] : HTML_KEY_NAMED;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		int order = order_of(name, elements[middle].name);
		if (order == 0) {
			*ret_key = (HtmlKey)middle;
			return &elements[middle];
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*ret_key = (HtmlKey)(HTML_KEY_NAMED + hash_name(name) % (HTML_KEYS - HTML_KEY_NAMED));
	return &html_element_unknown;
}

const HtmlElement *html_element_of(HtmlKey key)
{
	return key > HTML_KEY_NONE && key < HTML_KEY_NAMED ? &elements[key] : &html_element_unknown;
}

static bool holds_by_encoding(const HtmlTag *tag)
{
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		const HtmlAttribute *attribute = &tag->attributes[i];
		if (strcmp(attribute->name, "encoding") == 0)
			return g_ascii_strcasecmp(attribute->value, "text/html") == 0 ||
			       g_ascii_strcasecmp(attribute->value, "application/xhtml+xml") == 0;
	}
	return false;
}

bool html_element_holds_html(const HtmlTag *tag, bool math)
{
	static const char *const of_svg[] = { "desc", "foreignobject", "title", NULL };
	static const char *const of_math[] = { "mi", "mn", "mo", "ms", "mtext", NULL };

	if (math && strcmp(tag->name, "annotation-xml") == 0)
		return holds_by_encoding(tag);
	return g_strv_contains(math ? of_math : of_svg, tag->name);
}
