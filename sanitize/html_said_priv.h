/* html_said: what an element says of itself, by the declarations that apply to it; jailed code.
 *
 * One value per element: declarations are applied to it in the order of the cascade, and the later one wins.
 * Pure functions; any thread.
 */
#ifndef MUGAI_SANITIZE_HTML_SAID_PRIV_H
#define MUGAI_SANITIZE_HTML_SAID_PRIV_H

#include "html_css_priv.h"
#include "html_style_priv.h"

G_BEGIN_DECLS

typedef enum { HTML_VISIBILITY_KEEP = 0, HTML_VISIBILITY_SHOWN, HTML_VISIBILITY_HIDDEN } HtmlVisibility;
typedef enum {
	HTML_POSITION_STATIC = 0,
	HTML_POSITION_RELATIVE,
	HTML_POSITION_ABSOLUTE,
	HTML_POSITION_FIXED,
	HTML_POSITION_UNDECIDED
} HtmlPosition;
typedef enum { HTML_SIZE_KEEP = 0, HTML_SIZE_NUMBER, HTML_SIZE_UNKNOWN } HtmlSizeKind;

/* What the element itself says. Zero means: nothing said. */
typedef struct {
	bool boxed; /* more than colours, a size of letters and white space */
	HtmlDisplay display;
	bool display_said;
	bool display_box;
	HtmlVisibility visibility;
	HtmlSizeKind size_kind;
	HtmlCssNumber size;
	HtmlCssNumber opacity, filter; /* NONE: 1 */
	bool colour_said, fill_said, fill_keeps;
	HtmlColour colour, fill;
	HtmlColour background; /* alpha 0: nothing painted */
	bool picture, clip_text;
	HtmlCssNumber width, height, max_width, max_height, min_width, min_height; /* NONE: auto */
	bool cut_x, cut_y;
	bool padded;
	bool indent_said;
	HtmlCssNumber indent;
	HtmlPosition position;
	HtmlCssNumber left, top, right, margin_left, margin_top, margin_bottom;
	bool margin_left_said, floated, bordered;
	bool clip, clip_path;
	bool space_said;
	HtmlWhiteSpace space;
	bool struck, shadow, stroke;
	bool vanished, larger;         /* transform */
	bool scale_none, scale_larger; /* scale */
	HtmlCssNumber zoom, moved_x, moved_y;
} HtmlSaid;

/* name: in lower case. NULL for all others. */
const HtmlProperty *html_said_property(const char *name);
/* value: as html_css_declarations() tells it. A value that is none of the property's changes nothing; one
 * that cannot be decided (var(), calc()) stands for one that shows the text. */
void html_said_apply(HtmlSaid *said, const HtmlProperty *property, const char *value);
/* The property may or may not be said otherwise: by a rule of which nobody can tell if it applies. */
void html_said_doubt(HtmlSaid *said, const HtmlProperty *property);
/* So may any property be. */
void html_said_doubt_all(HtmlSaid *said);
/* False: no size of a font. */
bool html_said_set_size(HtmlSaid *said, HtmlCssNumber number);
/* An HtmlCssDeclare; user: the HtmlSaid. */
void html_said_declare(void *user, const char *name, const char *value);

G_END_DECLS

#endif
