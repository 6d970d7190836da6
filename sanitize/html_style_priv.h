/* html_style: what decides if a text can be seen (facts/text.md 3), jailed code.
 *
 * One value per open element, computed from its parent's and its tag, as a browser would; only what matters
 * for visibility and layout of plain text. What cannot be decided (var(), calc(), unknown units) counts as
 * visible: a text too many is a nuisance, a text too few is a lie.
 * Pure functions; no state; any thread.
 */
#ifndef MUGAI_SANITIZE_HTML_STYLE_PRIV_H
#define MUGAI_SANITIZE_HTML_STYLE_PRIV_H

#include "html_token_priv.h"

#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
	uint8_t red, green, blue, alpha; /* alpha 0 = transparent */
	bool known;                      /* false: cannot be decided (a picture, var()) */
} HtmlColour;

typedef enum {
	HTML_DISPLAY_DEFAULT = 0,
	HTML_DISPLAY_BLOCK,
	HTML_DISPLAY_INLINE,
	HTML_DISPLAY_NONE
} HtmlDisplay;
typedef enum { HTML_SPACE_NORMAL = 0, HTML_SPACE_PRE, HTML_SPACE_PRE_LINE, HTML_SPACE_NOWRAP } HtmlWhiteSpace;

/* Computed values of one element. Copied from the parent, then changed by the element. */
typedef struct {
	bool subtree_hidden;    /* display:none, the hidden attribute, clip, scale(0): nothing inside can undo
	                         * it.    What is hidden otherwise (a zero box, far off-screen, opacity, size,
	                         * colour)    is known to html_style_hides() only, as a child may come out of it
	                         */
	bool visibility_hidden; /* inherited; a child may say visible */
	float font_px;          /* inherited; 16 at the root; a child may say a size of its own */
	float opacity;          /* product of all */
	HtmlColour colour;      /* inherited */
	HtmlColour background;  /* the one behind the text: the nearest painted ancestor's */
	HtmlWhiteSpace white_space; /* inherited */
	HtmlDisplay display;        /* of the element itself, not inherited */
	bool struck;                /* line-through in CSS (not of <s> or <del>), inherited by all inside */
	bool quote_indent; /* of a blockquote: margin-left in its style, as Outlook indents without quoting */
	bool tight;        /* of the element itself: no margin above nor below is said for it */
	/* For html_style_hides() and the children alone; all inherited. */
	HtmlColour fill; /* -webkit-text-fill-color, where fill_set: paints the letters instead of colour */
	bool fill_set;
	bool outlined;   /* a shadow or stroke shows the letters whatever their colour */
	bool enlarged;   /* zoom, scale(): a small font may be large on the screen */
	uint8_t clipped; /* in a zero box: 1 = an absolutely positioned child leaves it, 2 = a fixed one */
	float indent;    /* px of text-indent */
	float shift_x, shift_y; /* px that positioned ancestors moved it: a child may move back */
} HtmlStyle;

/* A property that matters here: for what is seen, or for the layout of plain text (html_said). */
typedef struct HtmlProperty HtmlProperty;

typedef struct {
	const HtmlProperty *property;
	const char *value;
	bool important;
} HtmlDeclaration;

typedef struct {
	const HtmlDeclaration *declarations;
	unsigned n;
	bool important; /* some are */
} HtmlRule;

/* A rule that an element has to obey, or maybe has to: then it can show a text, not hide one. */
typedef struct {
	uint64_t rank; /* the greater one wins; of each rule its own */
	const HtmlRule *rule;
	bool maybe;
} HtmlMatch;

/* In ascending rank. {0}: none. */
typedef struct {
	const HtmlMatch *list;
	unsigned n;
} HtmlMatches;

HtmlStyle html_style_root(void);
/* parent: computed style of the parent. Result: the element's. Reads the tag's style attribute, the
 * attributes that HTML maps to style (hidden, bgcolor, color, size of font, background) and the rules, and
 * cascades them (CSS Cascade 6.1). */
HtmlStyle html_style_element(const HtmlStyle *parent, const HtmlTag *tag, HtmlMatches matches);
/* The same, where the parent's stands: it becomes the element's. */
void html_style_enter(HtmlStyle *style, const HtmlTag *tag, HtmlMatches matches);

/* What an element says of itself, kept so that it can go on under another parent without being read again:
 * formatting elements do. One allocation of fixed size. */
typedef struct HtmlStyleOwn HtmlStyleOwn;
/* NULL when neither the tag nor a rule says anything. The caller has one reference. The rules stay those of
 * where it was opened. */
HtmlStyleOwn *html_style_own_new(const HtmlTag *tag, HtmlMatches matches);
HtmlStyleOwn *html_style_own_ref(HtmlStyleOwn *own); /* NULL is NULL */
void html_style_own_unref(HtmlStyleOwn *own);
/* The same of two that were written letter for letter alike (or, very rarely, just look so); 0 of NULL. */
uint64_t html_style_own_sign(const HtmlStyleOwn *own);
/* As html_style_enter() of the tag. */
void html_style_enter_own(HtmlStyle *style, const HtmlStyleOwn *own);

/* True when text with this style cannot be seen: subtree hidden, visibility, font of 1 px or less, opacity of
 * 0.05 or less, a colour within 16/255 of the background on every channel, transparent, in a box of no size
 * that cuts what is in it, 900 px or more to the left or above. */
bool html_style_hides(const HtmlStyle *style);
/* The same of a picture or a field, which needs neither size nor colour of a text. */
bool html_style_hides_box(const HtmlStyle *style);
/* Moved out to the left by text-indent: that is so for the first line of a block alone. */
bool html_style_indents_away(const HtmlStyle *style);

/* #rgb, #rrggbb(aa), rgb(), rgba(), hsl(), names, and the legacy form of HTML 2.3.4 for attributes. False:
 * unknown. */
bool html_colour_parse(const char *text, size_t bytes, bool legacy, HtmlColour *ret_colour);

G_END_DECLS

#endif
