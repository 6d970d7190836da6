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

/* Where a name stands: by its first, second and last letter, and its bytes. No two of the table stand in one
 * place, or the compiler says so. */
#define PLACE(first, second, last, bytes) (((first) + (second)*716U + (last)*332U + (bytes)*993U) % 1024U)

static const uint8_t places[1024] = {
	[PLACE('a', '\0', 'a', 1)] = HTML_KEY_A,
	[PLACE('a', 'b', 'r', 4)] = HTML_KEY_ABBR,
	[PLACE('a', 'd', 's', 7)] = HTML_KEY_ADDRESS,
	[PLACE('a', 'p', 't', 6)] = HTML_KEY_APPLET,
	[PLACE('a', 'r', 'a', 4)] = HTML_KEY_AREA,
	[PLACE('a', 'r', 'e', 7)] = HTML_KEY_ARTICLE,
	[PLACE('a', 's', 'e', 5)] = HTML_KEY_ASIDE,
	[PLACE('a', 'u', 'o', 5)] = HTML_KEY_AUDIO,
	[PLACE('b', '\0', 'b', 1)] = HTML_KEY_B,
	[PLACE('b', 'a', 'e', 4)] = HTML_KEY_BASE,
	[PLACE('b', 'a', 't', 8)] = HTML_KEY_BASEFONT,
	[PLACE('b', 'd', 'i', 3)] = HTML_KEY_BDI,
	[PLACE('b', 'd', 'o', 3)] = HTML_KEY_BDO,
	[PLACE('b', 'g', 'd', 7)] = HTML_KEY_BGSOUND,
	[PLACE('b', 'i', 'g', 3)] = HTML_KEY_BIG,
	[PLACE('b', 'l', 'e', 10)] = HTML_KEY_BLOCKQUOTE,
	[PLACE('b', 'o', 'y', 4)] = HTML_KEY_BODY,
	[PLACE('b', 'r', 'r', 2)] = HTML_KEY_BR,
	[PLACE('b', 'u', 'n', 6)] = HTML_KEY_BUTTON,
	[PLACE('c', 'a', 's', 6)] = HTML_KEY_CANVAS,
	[PLACE('c', 'a', 'n', 7)] = HTML_KEY_CAPTION,
	[PLACE('c', 'e', 'r', 6)] = HTML_KEY_CENTER,
	[PLACE('c', 'i', 'e', 4)] = HTML_KEY_CITE,
	[PLACE('c', 'o', 'e', 4)] = HTML_KEY_CODE,
	[PLACE('c', 'o', 'l', 3)] = HTML_KEY_COL,
	[PLACE('c', 'o', 'p', 8)] = HTML_KEY_COLGROUP,
	[PLACE('d', 'a', 'a', 4)] = HTML_KEY_DATA,
	[PLACE('d', 'a', 't', 8)] = HTML_KEY_DATALIST,
	[PLACE('d', 'd', 'd', 2)] = HTML_KEY_DD,
	[PLACE('d', 'e', 'l', 3)] = HTML_KEY_DEL,
	[PLACE('d', 'e', 's', 7)] = HTML_KEY_DETAILS,
	[PLACE('d', 'f', 'n', 3)] = HTML_KEY_DFN,
	[PLACE('d', 'i', 'g', 6)] = HTML_KEY_DIALOG,
	[PLACE('d', 'i', 'r', 3)] = HTML_KEY_DIR,
	[PLACE('d', 'i', 'v', 3)] = HTML_KEY_DIV,
	[PLACE('d', 'l', 'l', 2)] = HTML_KEY_DL,
	[PLACE('d', 't', 't', 2)] = HTML_KEY_DT,
	[PLACE('e', 'm', 'm', 2)] = HTML_KEY_EM,
	[PLACE('e', 'm', 'd', 5)] = HTML_KEY_EMBED,
	[PLACE('f', 'i', 't', 8)] = HTML_KEY_FIELDSET,
	[PLACE('f', 'i', 'n', 10)] = HTML_KEY_FIGCAPTION,
	[PLACE('f', 'i', 'e', 6)] = HTML_KEY_FIGURE,
	[PLACE('f', 'o', 't', 4)] = HTML_KEY_FONT,
	[PLACE('f', 'o', 'r', 6)] = HTML_KEY_FOOTER,
	[PLACE('f', 'o', 'm', 4)] = HTML_KEY_FORM,
	[PLACE('f', 'r', 'e', 5)] = HTML_KEY_FRAME,
	[PLACE('f', 'r', 't', 8)] = HTML_KEY_FRAMESET,
	[PLACE('h', '1', '1', 2)] = HTML_KEY_H1,
	[PLACE('h', '2', '2', 2)] = HTML_KEY_H2,
	[PLACE('h', '3', '3', 2)] = HTML_KEY_H3,
	[PLACE('h', '4', '4', 2)] = HTML_KEY_H4,
	[PLACE('h', '5', '5', 2)] = HTML_KEY_H5,
	[PLACE('h', '6', '6', 2)] = HTML_KEY_H6,
	[PLACE('h', 'e', 'd', 4)] = HTML_KEY_HEAD,
	[PLACE('h', 'e', 'r', 6)] = HTML_KEY_HEADER,
	[PLACE('h', 'g', 'p', 6)] = HTML_KEY_HGROUP,
	[PLACE('h', 'r', 'r', 2)] = HTML_KEY_HR,
	[PLACE('h', 't', 'l', 4)] = HTML_KEY_HTML,
	[PLACE('i', '\0', 'i', 1)] = HTML_KEY_I,
	[PLACE('i', 'f', 'e', 6)] = HTML_KEY_IFRAME,
	[PLACE('i', 'm', 'e', 5)] = HTML_KEY_IMAGE,
	[PLACE('i', 'm', 'g', 3)] = HTML_KEY_IMG,
	[PLACE('i', 'n', 't', 5)] = HTML_KEY_INPUT,
	[PLACE('i', 'n', 's', 3)] = HTML_KEY_INS,
	[PLACE('k', 'b', 'd', 3)] = HTML_KEY_KBD,
	[PLACE('k', 'e', 'n', 6)] = HTML_KEY_KEYGEN,
	[PLACE('l', 'a', 'l', 5)] = HTML_KEY_LABEL,
	[PLACE('l', 'e', 'd', 6)] = HTML_KEY_LEGEND,
	[PLACE('l', 'i', 'i', 2)] = HTML_KEY_LI,
	[PLACE('l', 'i', 'k', 4)] = HTML_KEY_LINK,
	[PLACE('l', 'i', 'g', 7)] = HTML_KEY_LISTING,
	[PLACE('m', 'a', 'n', 4)] = HTML_KEY_MAIN,
	[PLACE('m', 'a', 'p', 3)] = HTML_KEY_MAP,
	[PLACE('m', 'a', 'k', 4)] = HTML_KEY_MARK,
	[PLACE('m', 'a', 'e', 7)] = HTML_KEY_MARQUEE,
	[PLACE('m', 'a', 'h', 4)] = HTML_KEY_MATH,
	[PLACE('m', 'e', 'u', 4)] = HTML_KEY_MENU,
	[PLACE('m', 'e', 'a', 4)] = HTML_KEY_META,
	[PLACE('m', 'e', 'r', 5)] = HTML_KEY_METER,
	[PLACE('n', 'a', 'v', 3)] = HTML_KEY_NAV,
	[PLACE('n', 'o', 'r', 4)] = HTML_KEY_NOBR,
	[PLACE('n', 'o', 'd', 7)] = HTML_KEY_NOEMBED,
	[PLACE('n', 'o', 's', 8)] = HTML_KEY_NOFRAMES,
	[PLACE('n', 'o', 't', 8)] = HTML_KEY_NOSCRIPT,
	[PLACE('o', 'b', 't', 6)] = HTML_KEY_OBJECT,
	[PLACE('o', 'l', 'l', 2)] = HTML_KEY_OL,
	[PLACE('o', 'p', 'p', 8)] = HTML_KEY_OPTGROUP,
	[PLACE('o', 'p', 'n', 6)] = HTML_KEY_OPTION,
	[PLACE('o', 'u', 't', 6)] = HTML_KEY_OUTPUT,
	[PLACE('p', '\0', 'p', 1)] = HTML_KEY_P,
	[PLACE('p', 'a', 'm', 5)] = HTML_KEY_PARAM,
	[PLACE('p', 'i', 'e', 7)] = HTML_KEY_PICTURE,
	[PLACE('p', 'l', 't', 9)] = HTML_KEY_PLAINTEXT,
	[PLACE('p', 'r', 'e', 3)] = HTML_KEY_PRE,
	[PLACE('p', 'r', 's', 8)] = HTML_KEY_PROGRESS,
	[PLACE('q', '\0', 'q', 1)] = HTML_KEY_Q,
	[PLACE('r', 'b', 'b', 2)] = HTML_KEY_RB,
	[PLACE('r', 'p', 'p', 2)] = HTML_KEY_RP,
	[PLACE('r', 't', 't', 2)] = HTML_KEY_RT,
	[PLACE('r', 't', 'c', 3)] = HTML_KEY_RTC,
	[PLACE('r', 'u', 'y', 4)] = HTML_KEY_RUBY,
	[PLACE('s', '\0', 's', 1)] = HTML_KEY_S,
	[PLACE('s', 'a', 'p', 4)] = HTML_KEY_SAMP,
	[PLACE('s', 'c', 't', 6)] = HTML_KEY_SCRIPT,
	[PLACE('s', 'e', 'h', 6)] = HTML_KEY_SEARCH,
	[PLACE('s', 'e', 'n', 7)] = HTML_KEY_SECTION,
	[PLACE('s', 'e', 't', 6)] = HTML_KEY_SELECT,
	[PLACE('s', 'm', 'l', 5)] = HTML_KEY_SMALL,
	[PLACE('s', 'o', 'e', 6)] = HTML_KEY_SOURCE,
	[PLACE('s', 'p', 'n', 4)] = HTML_KEY_SPAN,
	[PLACE('s', 't', 'e', 6)] = HTML_KEY_STRIKE,
	[PLACE('s', 't', 'g', 6)] = HTML_KEY_STRONG,
	[PLACE('s', 't', 'e', 5)] = HTML_KEY_STYLE,
	[PLACE('s', 'u', 'b', 3)] = HTML_KEY_SUB,
	[PLACE('s', 'u', 'y', 7)] = HTML_KEY_SUMMARY,
	[PLACE('s', 'u', 'p', 3)] = HTML_KEY_SUP,
	[PLACE('s', 'v', 'g', 3)] = HTML_KEY_SVG,
	[PLACE('t', 'a', 'e', 5)] = HTML_KEY_TABLE,
	[PLACE('t', 'b', 'y', 5)] = HTML_KEY_TBODY,
	[PLACE('t', 'd', 'd', 2)] = HTML_KEY_TD,
	[PLACE('t', 'e', 'e', 8)] = HTML_KEY_TEMPLATE,
	[PLACE('t', 'e', 'a', 8)] = HTML_KEY_TEXTAREA,
	[PLACE('t', 'f', 't', 5)] = HTML_KEY_TFOOT,
	[PLACE('t', 'h', 'h', 2)] = HTML_KEY_TH,
	[PLACE('t', 'h', 'd', 5)] = HTML_KEY_THEAD,
	[PLACE('t', 'i', 'e', 4)] = HTML_KEY_TIME,
	[PLACE('t', 'i', 'e', 5)] = HTML_KEY_TITLE,
	[PLACE('t', 'r', 'r', 2)] = HTML_KEY_TR,
	[PLACE('t', 'r', 'k', 5)] = HTML_KEY_TRACK,
	[PLACE('t', 't', 't', 2)] = HTML_KEY_TT,
	[PLACE('u', '\0', 'u', 1)] = HTML_KEY_U,
	[PLACE('u', 'l', 'l', 2)] = HTML_KEY_UL,
	[PLACE('v', 'a', 'r', 3)] = HTML_KEY_VAR,
	[PLACE('v', 'i', 'o', 5)] = HTML_KEY_VIDEO,
	[PLACE('w', 'b', 'r', 3)] = HTML_KEY_WBR,
	[PLACE('x', 'm', 'p', 3)] = HTML_KEY_XMP,
};
G_STATIC_ASSERT(HTML_KEY_NAMED <= UINT8_MAX);

static const HtmlElement *find(const char *name, unsigned bytes, HtmlKey *ret_key)
{
	HtmlKey key = HTML_KEY_NONE;

	if (bytes > 0)
		key = (HtmlKey)places[PLACE((unsigned char)name[0], (unsigned char)name[1],
		                            (unsigned char)name[bytes - 1], bytes)];
	if (key != HTML_KEY_NONE && html_name_order(name, elements[key].name) == 0) {
		*ret_key = key;
		return &elements[key];
	}
	*ret_key = (HtmlKey)(HTML_KEY_NAMED + hash_name(name) % (HTML_KEYS - HTML_KEY_NAMED));
	return &html_element_unknown;
}

const HtmlElement *html_element_find(const char *name, HtmlKey *ret_key)
{
	return find(name, (unsigned)strlen(name), ret_key);
}

const HtmlElement *html_element_of_tag(const HtmlTag *tag, HtmlKey *ret_key)
{
	return find(tag->name, (unsigned)(tag->name_bytes > 0 ? tag->name_bytes : strlen(tag->name)), ret_key);
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
