/* html_element: what is known of each HTML element, by name; jailed code.
 *
 * Every name has a key: elements of the table one of their own, unknown ones one of HTML_KEYS - HTML_ELEMENTS
 * by hash, so that end tags find their start tag in constant time. Two unknown names of one key can close
 * each other, which shows more text, never less. Pure data; any thread.
 */
#ifndef MUGAI_SANITIZE_HTML_ELEMENT_PRIV_H
#define MUGAI_SANITIZE_HTML_ELEMENT_PRIV_H

#include "html_token_priv.h"

#include <stdint.h>

G_BEGIN_DECLS

/* In the order of names. */
typedef enum {
	HTML_KEY_NONE = 0,
	HTML_KEY_A,
	HTML_KEY_ABBR,
	HTML_KEY_ADDRESS,
	HTML_KEY_APPLET,
	HTML_KEY_AREA,
	HTML_KEY_ARTICLE,
	HTML_KEY_ASIDE,
	HTML_KEY_AUDIO,
	HTML_KEY_B,
	HTML_KEY_BASE,
	HTML_KEY_BASEFONT,
	HTML_KEY_BDI,
	HTML_KEY_BDO,
	HTML_KEY_BGSOUND,
	HTML_KEY_BIG,
	HTML_KEY_BLOCKQUOTE,
	HTML_KEY_BODY,
	HTML_KEY_BR,
	HTML_KEY_BUTTON,
	HTML_KEY_CANVAS,
	HTML_KEY_CAPTION,
	HTML_KEY_CENTER,
	HTML_KEY_CITE,
	HTML_KEY_CODE,
	HTML_KEY_COL,
	HTML_KEY_COLGROUP,
	HTML_KEY_DATA,
	HTML_KEY_DATALIST,
	HTML_KEY_DD,
	HTML_KEY_DEL,
	HTML_KEY_DETAILS,
	HTML_KEY_DFN,
	HTML_KEY_DIALOG,
	HTML_KEY_DIR,
	HTML_KEY_DIV,
	HTML_KEY_DL,
	HTML_KEY_DT,
	HTML_KEY_EM,
	HTML_KEY_EMBED,
	HTML_KEY_FIELDSET,
	HTML_KEY_FIGCAPTION,
	HTML_KEY_FIGURE,
	HTML_KEY_FONT,
	HTML_KEY_FOOTER,
	HTML_KEY_FORM,
	HTML_KEY_FRAME,
	HTML_KEY_FRAMESET,
	HTML_KEY_H1,
	HTML_KEY_H2,
	HTML_KEY_H3,
	HTML_KEY_H4,
	HTML_KEY_H5,
	HTML_KEY_H6,
	HTML_KEY_HEAD,
	HTML_KEY_HEADER,
	HTML_KEY_HGROUP,
	HTML_KEY_HR,
	HTML_KEY_HTML,
	HTML_KEY_I,
	HTML_KEY_IFRAME,
	HTML_KEY_IMAGE,
	HTML_KEY_IMG,
	HTML_KEY_INPUT,
	HTML_KEY_INS,
	HTML_KEY_KBD,
	HTML_KEY_KEYGEN,
	HTML_KEY_LABEL,
	HTML_KEY_LEGEND,
	HTML_KEY_LI,
	HTML_KEY_LINK,
	HTML_KEY_LISTING,
	HTML_KEY_MAIN,
	HTML_KEY_MAP,
	HTML_KEY_MARK,
	HTML_KEY_MARQUEE,
	HTML_KEY_MATH,
	HTML_KEY_MENU,
	HTML_KEY_META,
	HTML_KEY_METER,
	HTML_KEY_NAV,
	HTML_KEY_NOBR,
	HTML_KEY_NOEMBED,
	HTML_KEY_NOFRAMES,
	HTML_KEY_NOSCRIPT,
	HTML_KEY_OBJECT,
	HTML_KEY_OL,
	HTML_KEY_OPTGROUP,
	HTML_KEY_OPTION,
	HTML_KEY_OUTPUT,
	HTML_KEY_P,
	HTML_KEY_PARAM,
	HTML_KEY_PICTURE,
	HTML_KEY_PLAINTEXT,
	HTML_KEY_PRE,
	HTML_KEY_PROGRESS,
	HTML_KEY_Q,
	HTML_KEY_RB,
	HTML_KEY_RP,
	HTML_KEY_RT,
	HTML_KEY_RTC,
	HTML_KEY_RUBY,
	HTML_KEY_S,
	HTML_KEY_SAMP,
	HTML_KEY_SCRIPT,
	HTML_KEY_SEARCH,
	HTML_KEY_SECTION,
	HTML_KEY_SELECT,
	HTML_KEY_SMALL,
	HTML_KEY_SOURCE,
	HTML_KEY_SPAN,
	HTML_KEY_STRIKE,
	HTML_KEY_STRONG,
	HTML_KEY_STYLE,
	HTML_KEY_SUB,
	HTML_KEY_SUMMARY,
	HTML_KEY_SUP,
	HTML_KEY_SVG,
	HTML_KEY_TABLE,
	HTML_KEY_TBODY,
	HTML_KEY_TD,
	HTML_KEY_TEMPLATE,
	HTML_KEY_TEXTAREA,
	HTML_KEY_TFOOT,
	HTML_KEY_TH,
	HTML_KEY_THEAD,
	HTML_KEY_TIME,
	HTML_KEY_TITLE,
	HTML_KEY_TR,
	HTML_KEY_TRACK,
	HTML_KEY_TT,
	HTML_KEY_U,
	HTML_KEY_UL,
	HTML_KEY_VAR,
	HTML_KEY_VIDEO,
	HTML_KEY_WBR,
	HTML_KEY_XMP,
	HTML_KEY_NAMED,
	HTML_KEYS = 1280
} HtmlKey;

/* How a start tag is taken, and an end tag. */
typedef enum {
	HTML_START_PUSH = 0, /* opens; the flags say the rest */
	HTML_START_SKIP,     /* nothing at all */
	HTML_START_ROOT,     /* html, body: style of the root */
	HTML_START_BASE,
	HTML_START_A,
	HTML_START_AREA,
	HTML_START_BR,
	HTML_START_BUTTON,
	HTML_START_CAPTION,
	HTML_START_CELL,
	HTML_START_COLUMN, /* col, colgroup */
	HTML_START_EMBED,
	HTML_START_FORM,
	HTML_START_HEADING,
	HTML_START_HR,
	HTML_START_IMG,
	HTML_START_INPUT,
	HTML_START_ITEM, /* dd, dt */
	HTML_START_LI,
	HTML_START_LINK,
	HTML_START_LIST,
	HTML_START_META,
	HTML_START_NOBR,
	HTML_START_NOSCRIPT,
	HTML_START_OPTGROUP,
	HTML_START_OPTION,
	HTML_START_QUOTE,
	HTML_START_ROW,
	HTML_START_RUBY, /* rt, rp, rb */
	HTML_START_SECTION,
	HTML_START_SELECT,
	HTML_START_TABLE,
	HTML_START_TEXTAREA,
	HTML_STARTS
} HtmlStart;

typedef enum {
	HTML_END_ORDINARY = 0, /* 13.2.6.4.7 "any other end tag": a special element in between stops it */
	HTML_END_SCOPED,       /* closes all in between, up to a barrier */
	HTML_END_FORMATTING,   /* the same, but blocks in between stay open */
	HTML_END_P,            /* one without a start is an empty paragraph */
	HTML_END_BR,
	HTML_END_FORM,
	HTML_END_ROOT, /* html, head, body */
	HTML_END_HEADING,
	HTML_END_LI,
	HTML_END_TABLE,    /* the parts too: only within the table at hand */
	HTML_END_TEMPLATE, /* whatever is in it */
	HTML_END_SKIP,
	HTML_ENDS
} HtmlEnd;

enum {
	HTML_IS_SPECIAL = 1 << 0, /* 13.2.4.2 */
	HTML_IS_BARRIER = 1 << 1, /* of scopes */
	HTML_IS_MARKER = 1 << 2,  /* formatting elements end with it */
	HTML_IS_LIST = 1 << 3,    /* bounds "list item scope" too */
	HTML_IS_FORMAT = 1 << 4,  /* a formatting element */
	HTML_CLOSES_P = 1 << 5,
	HTML_IS_LINE = 1 << 6,     /* a block */
	HTML_IS_BLANK = 1 << 7,    /* a block that wants a blank line before and after */
	HTML_IS_DROPPED = 1 << 8,  /* with all that is in it */
	HTML_IS_OBJECT = 1 << 9,   /* something that a text cannot show: counted */
	HTML_IS_FOREIGN = 1 << 10, /* svg, math */
	HTML_BREAKS_OUT = 1 << 11, /* of foreign content, 13.2.6.5 */
	HTML_EATS_LINE = 1 << 12,  /* the first line end inside is markup */
	HTML_HAS_STYLE = 1 << 13,  /* even without attributes */
	HTML_IS_STRUCK = 1 << 14,
	HTML_RCDATA = 1 << 15,
	HTML_RAWTEXT = 1 << 16,
	HTML_SCRIPT = 1 << 17,
	HTML_PLAINTEXT = 1 << 18,
	HTML_RESUMES = 1 << 19, /* formatting elements that wait go on before it, though it is special */
	HTML_IS_HEAD = 1 << 20, /* stands in the head; any other begins the body */
};

/* Marks around what is seen of an element, [0] Japanese, [1] English; NULL = none. */
typedef struct {
	const char *open[2];
	const char *close[2];
} HtmlMarks;

typedef struct {
	const char *name;
	uint32_t flags;
	HtmlStart start;
	HtmlEnd end;
	const HtmlMarks *marks;
} HtmlElement;

/* The one of unknown names; also for the insides of svg and math. */
extern const HtmlElement html_element_unknown;

/* name: in lower case. *ret_key: never HTML_KEY_NONE. */
const HtmlElement *html_element_find(const char *name, HtmlKey *ret_key);
const HtmlElement *html_element_of_tag(const HtmlTag *tag, HtmlKey *ret_key);
const HtmlElement *html_element_of(HtmlKey key);

/* 13.2.6.5: HTML may stand inside this element of svg, or of math, without breaking out. A name of the other
 * one must not count: what breaks out is seen in a browser. */
bool html_element_holds_html(const HtmlTag *tag, bool math);

G_END_DECLS

#endif
