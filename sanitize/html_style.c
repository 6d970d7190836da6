#include "html_element_priv.h"
#include "html_said_priv.h"
#include "html_style_priv.h"

#include <stdlib.h>
#include <string.h>

enum { CHANNEL_NEAR = 16, ALPHA_UNSEEN = 12, ROOT_FONT_PX = 16 };
static const double FAR_PX = -900, WIDER_THAN_SCREENS_PX = 8000;
static const float OPACITY_UNSEEN = 0.05F;

/* ---- elements ---------------------------------------------------------------------------------------- */

enum {
	BLOCK = 1 << 0,
	CELL = 1 << 1,
	TABLE = 1 << 2,
	PAINTED = 1 << 3,
	CONTROL = 1 << 4,
	KEEPS_SPACE = 1 << 5,
	NO_WRAP = 1 << 6,
	LINK = 1 << 7,
	MARK = 1 << 8,
	FONT = 1 << 9,
	BODY = 1 << 10,
	QUOTE = 1 << 11,
};

/* What is not named here is inline and has nothing of its own. */
static const uint16_t traits_by_key[HTML_KEYS] = {
	[HTML_KEY_A] = LINK,
	[HTML_KEY_ADDRESS] = BLOCK,
	[HTML_KEY_ARTICLE] = BLOCK,
	[HTML_KEY_ASIDE] = BLOCK,
	[HTML_KEY_BLOCKQUOTE] = BLOCK | QUOTE,
	[HTML_KEY_BODY] = BLOCK | PAINTED | BODY,
	[HTML_KEY_BUTTON] = CONTROL,
	[HTML_KEY_CENTER] = BLOCK,
	[HTML_KEY_DD] = BLOCK,
	[HTML_KEY_DETAILS] = BLOCK,
	[HTML_KEY_DIR] = BLOCK,
	[HTML_KEY_DIV] = BLOCK,
	[HTML_KEY_DL] = BLOCK,
	[HTML_KEY_DT] = BLOCK,
	[HTML_KEY_FIELDSET] = BLOCK,
	[HTML_KEY_FIGCAPTION] = BLOCK,
	[HTML_KEY_FIGURE] = BLOCK,
	[HTML_KEY_FONT] = FONT,
	[HTML_KEY_FOOTER] = BLOCK,
	[HTML_KEY_FORM] = BLOCK,
	[HTML_KEY_H1] = BLOCK,
	[HTML_KEY_H2] = BLOCK,
	[HTML_KEY_H3] = BLOCK,
	[HTML_KEY_H4] = BLOCK,
	[HTML_KEY_H5] = BLOCK,
	[HTML_KEY_H6] = BLOCK,
	[HTML_KEY_HEADER] = BLOCK,
	[HTML_KEY_HGROUP] = BLOCK,
	[HTML_KEY_HTML] = BLOCK,
	[HTML_KEY_INPUT] = CONTROL,
	[HTML_KEY_LI] = BLOCK,
	[HTML_KEY_LISTING] = BLOCK | KEEPS_SPACE,
	[HTML_KEY_MAIN] = BLOCK,
	[HTML_KEY_MARK] = MARK,
	[HTML_KEY_MARQUEE] = PAINTED,
	[HTML_KEY_MENU] = BLOCK,
	[HTML_KEY_NAV] = BLOCK,
	[HTML_KEY_NOBR] = NO_WRAP,
	[HTML_KEY_OL] = BLOCK,
	[HTML_KEY_OPTION] = CONTROL,
	[HTML_KEY_P] = BLOCK,
	[HTML_KEY_PLAINTEXT] = BLOCK | KEEPS_SPACE,
	[HTML_KEY_PRE] = BLOCK | KEEPS_SPACE,
	[HTML_KEY_SEARCH] = BLOCK,
	[HTML_KEY_SECTION] = BLOCK,
	[HTML_KEY_SELECT] = CONTROL,
	[HTML_KEY_SUMMARY] = BLOCK,
	[HTML_KEY_TABLE] = TABLE | PAINTED,
	[HTML_KEY_TBODY] = PAINTED,
	[HTML_KEY_TD] = CELL | PAINTED,
	[HTML_KEY_TEXTAREA] = CONTROL | KEEPS_SPACE,
	[HTML_KEY_TFOOT] = PAINTED,
	[HTML_KEY_TH] = CELL | PAINTED,
	[HTML_KEY_THEAD] = PAINTED,
	[HTML_KEY_TR] = PAINTED,
	[HTML_KEY_UL] = BLOCK,
	[HTML_KEY_XMP] = BLOCK | KEEPS_SPACE,
};

static unsigned traits_of(const HtmlTag *tag)
{
	HtmlKey key;

	html_element_of_tag(tag, &key);
	return traits_by_key[key];
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

/* <font size>: HTML 15.3.4, "rules for parsing a legacy font size". */
static void hint_font_size(HtmlSaid *said, const HtmlAttribute *size)
{
	static const int px[] = { 0, 10, 13, 16, 18, 24, 32, 48 };
	const char *at = size->value, *end = size->value + size->value_bytes;
	int number = 0, sign = 0;

	while (at < end && g_ascii_isspace(*at))
		at++;
	if (at < end && (*at == '+' || *at == '-'))
		sign = *at++ == '+' ? 1 : -1;
	if (at == end || !g_ascii_isdigit(*at))
		return;
	for (; at < end && g_ascii_isdigit(*at); at++)
		number = MIN(number * 10 + (*at - '0'), 100);
	number = sign != 0 ? 3 + sign * number : number;
	(void)html_said_set_size(said, (HtmlCssNumber) { HTML_CSS_PX, px[CLAMP(number, 1, 7)] });
}

static void hint_colour(HtmlSaid *said, const HtmlAttribute *attribute)
{
	if (attribute != NULL &&
	    html_colour_parse(attribute->value, attribute->value_bytes, true, &said->colour))
		said->colour_said = true;
}

static void hint_background(HtmlSaid *said, const HtmlTag *tag)
{
	const HtmlAttribute *colour = html_tag_attribute(tag, "bgcolor");
	const HtmlAttribute *picture = html_tag_attribute(tag, "background");

	if (colour != NULL)
		(void)html_colour_parse(colour->value, colour->value_bytes, true, &said->background);
	said->picture = picture != NULL && picture->value_bytes > 0;
}

/* Colours of the browser's own: of links, which a mail may change for all at once, and of controls. */
static void hint_own_colours(HtmlSaid *said, const HtmlTag *tag, unsigned traits)
{
	if ((traits & LINK) != 0 && html_tag_attribute(tag, "href") != NULL)
		said->colour_said = true;
	if ((traits & MARK) != 0) {
		said->colour_said = true;
		said->colour = (HtmlColour) { 0, 0, 0, 255, true };
		said->background = (HtmlColour) { 255, 255, 0, 255, true };
	}
	if ((traits & CONTROL) == 0)
		return;
	said->colour_said = true;
	said->picture = true;
	(void)html_said_set_size(said, (HtmlCssNumber) { HTML_CSS_PX, 13 });
}

static void hint_space(HtmlSaid *said, const HtmlTag *tag, unsigned traits)
{
	if ((traits & KEEPS_SPACE) != 0)
		said->space = HTML_SPACE_PRE;
	else if ((traits & NO_WRAP) != 0 ||
	         ((traits & CELL) != 0 && html_tag_attribute(tag, "nowrap") != NULL))
		said->space = HTML_SPACE_NOWRAP;
	else
		return;
	said->space_said = true;
}

static void hint_font(HtmlSaid *said, const HtmlTag *tag)
{
	const HtmlAttribute *size = html_tag_attribute(tag, "size");

	hint_colour(said, html_tag_attribute(tag, "color"));
	if (size != NULL)
		hint_font_size(said, size);
}

static void read_hints(HtmlSaid *said, const HtmlTag *tag, unsigned traits)
{
	if (html_tag_attribute(tag, "hidden") != NULL) {
		said->boxed = said->display_said = true;
		said->display = HTML_DISPLAY_NONE;
	}
	hint_own_colours(said, tag, traits);
	hint_space(said, tag, traits);
	if ((traits & PAINTED) != 0)
		hint_background(said, tag);
	if ((traits & BODY) != 0)
		hint_colour(said, html_tag_attribute(tag, "text"));
	if ((traits & FONT) != 0)
		hint_font(said, tag);
}

/* ---- computed values ----------------------------------------------------------------------------------- */

static double clamp_px(double px)
{
	return CLAMP(px, -1e6, 1e6);
}

/* 0 for what is not known in pixels. */
static double to_px(HtmlCssNumber number, double font_px)
{
	if (number.unit == HTML_CSS_PX)
		return clamp_px(number.value);
	return number.unit == HTML_CSS_EM ? clamp_px(number.value * font_px) : 0;
}

static void compute_font(HtmlStyle *style, const HtmlSaid *said, unsigned traits)
{
	double parent = style->font_px;

	/* quirks mode: a table does not take over the size; which mode holds is not known here */
	if ((traits & TABLE) != 0 && parent <= 1)
		parent = style->font_px = ROOT_FONT_PX;
	if (said->size_kind == HTML_SIZE_UNKNOWN)
		style->font_px = ROOT_FONT_PX;
	if (said->size_kind != HTML_SIZE_NUMBER)
		return;
	if (said->size.unit == HTML_CSS_PERCENT)
		style->font_px = (float)clamp_px(parent * said->size.value / 100);
	else
		style->font_px = (float)to_px(said->size, parent);
}

static uint8_t mix(uint8_t over, uint8_t under, uint8_t alpha)
{
	return (uint8_t)((over * alpha + under * (255 - alpha) + 127) / 255);
}

static HtmlColour blend(HtmlColour over, HtmlColour under)
{
	if (!over.known || over.alpha == 255)
		return over;
	if (over.alpha == 0 || !under.known)
		return under;
	return (HtmlColour) { mix(over.red, under.red, over.alpha), mix(over.green, under.green, over.alpha),
		              mix(over.blue, under.blue, over.alpha), 255, true };
}

static bool is_lifted(const HtmlSaid *said)
{
	return said->position == HTML_POSITION_ABSOLUTE || said->position == HTML_POSITION_FIXED;
}

static void compute_colours(HtmlStyle *style, const HtmlSaid *said, unsigned traits)
{
	bool lifted = is_lifted(said) || said->position == HTML_POSITION_UNDECIDED;

	if (said->colour_said)
		style->colour = said->colour;
	else if ((traits & TABLE) != 0 && (style->colour.red | style->colour.green | style->colour.blue) != 0)
		style->colour.known = false; /* quirks mode again: it takes the colour of body */
	if (said->fill_said || said->fill_keeps)
		style->fill = said->fill_said ? said->fill : style->fill;
	style->fill_set |= said->fill_said;
	if (said->clip_text) { /* the picture behind paints the letters */
		style->colour.known = style->fill.known = false;
		return;
	}
	if (lifted) /* it may lie above anything */
		style->background.known = false;
	if (said->background.alpha > 0)
		style->background = blend(said->background, style->background);
	if (said->picture)
		style->background.known = false;
}

static bool is_zero(HtmlCssNumber number)
{
	return number.unit != HTML_CSS_NONE && number.value <= 0;
}

/* No line of text is seen through it. */
static bool is_slit(HtmlCssNumber number)
{
	return is_zero(number) || (number.unit == HTML_CSS_PX && number.value <= 1);
}

static bool is_some(HtmlCssNumber number)
{
	return number.unit != HTML_CSS_NONE && number.value > 0;
}

/* Sizes and indents are nothing to an inline element, and cells grow with what is in them. */
static bool is_block(const HtmlSaid *said, unsigned traits)
{
	if (said->floated || is_lifted(said))
		return true;
	return said->display_said ? said->display_box : (traits & BLOCK) != 0;
}

/* A box of no size that cuts: what positions itself absolutely gets out, unless the box or one between is
 * positioned too. */
static void compute_clip(HtmlStyle *style, const HtmlSaid *said, bool block)
{
	bool flat = (is_slit(said->height) || is_slit(said->max_height)) && !is_some(said->min_height);
	bool thin = (is_slit(said->width) || is_slit(said->max_width)) && !is_some(said->min_width);
	bool cut = said->cut_x || said->cut_y;

	if ((said->position == HTML_POSITION_ABSOLUTE && style->clipped == 1) ||
	    said->position == HTML_POSITION_FIXED || said->position == HTML_POSITION_UNDECIDED)
		style->clipped = 0;
	if (style->clipped == 1 && said->position != HTML_POSITION_STATIC)
		style->clipped = 2;
	if (style->clipped == 0 && block && cut && !said->padded && (flat || thin))
		style->clipped = said->position == HTML_POSITION_STATIC ? 1 : 2;
}

static void compute_place(HtmlStyle *style, const HtmlSaid *said, bool block)
{
	double font = style->font_px;

	if (said->indent_said && block)
		style->indent = (float)to_px(said->indent, font);
	if (said->position == HTML_POSITION_FIXED || said->position == HTML_POSITION_UNDECIDED)
		style->shift_x = style->shift_y = 0;
	if (is_lifted(said) || said->position == HTML_POSITION_RELATIVE) {
		style->shift_x = (float)clamp_px(style->shift_x + to_px(said->left, font) +
		                                 to_px(said->margin_left, font));
		style->shift_y = (float)clamp_px(style->shift_y + to_px(said->top, font) +
		                                 to_px(said->margin_top, font));
		double right = to_px(said->right, font);
		style->subtree_hidden |= right <= FAR_PX;
		/* its right edge so far from the right one of what holds it; `left` weighs more */
		style->subtree_hidden |=
		        is_lifted(said) && right >= WIDER_THAN_SCREENS_PX && said->left.unit == HTML_CSS_NONE;
	}
	if (!block)
		return;
	if (said->position == HTML_POSITION_STATIC && (said->floated || said->width.unit != HTML_CSS_NONE))
		style->shift_x = (float)clamp_px(style->shift_x + to_px(said->margin_left, font));
	style->shift_x = (float)clamp_px(style->shift_x + to_px(said->moved_x, font));
	style->shift_y = (float)clamp_px(style->shift_y + to_px(said->moved_y, font));
}

static float share(HtmlCssNumber number)
{
	return number.unit == HTML_CSS_NUMBER ? (float)CLAMP(number.value, 0.0, 1.0) : 1.0F;
}

/* Outlook and others indent with a bare blockquote; a quote has a line at its left. */
static bool is_indent(const HtmlSaid *said, unsigned traits)
{
	return (traits & QUOTE) != 0 && said->margin_left_said && is_some(said->margin_left) &&
	       !said->bordered;
}

/* What nothing inside can undo. */
static bool ends_subtree(const HtmlSaid *said, bool transformed)
{
	return said->display == HTML_DISPLAY_NONE || (said->clip && is_lifted(said)) || said->clip_path ||
	       ((said->vanished || said->scale_none) && transformed);
}

/* Word writes .0001pt for nothing. */
static bool is_no_margin(HtmlCssNumber margin)
{
	return margin.unit != HTML_CSS_NONE && margin.value < 0.1;
}

static void compute_box(HtmlStyle *style, const HtmlSaid *said, unsigned traits)
{
	bool block = is_block(said, traits), cell = (traits & CELL) != 0;

	style->display = said->display;
	style->quote_indent = is_indent(said, traits);
	style->tight = is_no_margin(said->margin_top) && is_no_margin(said->margin_bottom);
	if (said->visibility != HTML_VISIBILITY_KEEP)
		style->visibility_hidden = said->visibility == HTML_VISIBILITY_HIDDEN;
	compute_clip(style, said, block);
	compute_place(style, said, block || cell);
	style->opacity *= share(said->opacity) * share(said->filter);
	style->enlarged |= said->larger || said->scale_larger || said->zoom.value > 1;
	style->outlined |= said->shadow || said->stroke;
	style->struck |= said->struck;
	style->subtree_hidden |= ends_subtree(said, block || cell || (traits & TABLE) != 0);
}

static void compute(HtmlStyle *style, const HtmlSaid *said, unsigned traits)
{
	style->display = HTML_DISPLAY_DEFAULT;
	style->quote_indent = style->tight = false;
	compute_font(style, said, traits);
	compute_colours(style, said, traits);
	if (said->space_said)
		style->white_space = said->space;
	if (said->boxed)
		compute_box(style, said, traits);
}

HtmlStyle html_style_root(void)
{
	return (HtmlStyle) { .font_px = ROOT_FONT_PX,
		             .opacity = 1,
		             .colour = { 0, 0, 0, 255, true },
		             .background = { 255, 255, 255, 255, true } };
}

static void obey_rule(HtmlSaid *said, const HtmlMatch *match, bool important)
{
	for (unsigned i = 0; i < match->rule->n; i++) {
		const HtmlDeclaration *one = &match->rule->declarations[i];
		if (one->important != important)
			continue;
		if (match->maybe)
			html_said_doubt(said, one->property);
		else
			html_said_apply(said, one->property, one->value);
	}
}

static void obey(HtmlSaid *said, HtmlMatches matches, bool important)
{
	for (unsigned i = 0; i < matches.n; i++) {
		const HtmlMatch *match = &matches.list[i];
		bool again = i > 0 && match[-1].rule == match->rule; /* by another of its selectors */
		if ((match->rule->important || !important) && !(again && match->maybe))
			obey_rule(said, match, important);
	}
}

/* The tokenizer left something out, which may have said anything. */
static bool is_cut(const HtmlTag *tag, const HtmlAttribute *style)
{
	return tag->n_attributes == HTML_ATTRIBUTES_MAX ||
	       (style != NULL && style->value_bytes > HTML_VALUE_MAX - 4);
}

static void read_said(HtmlSaid *said, const HtmlTag *tag, unsigned traits, HtmlMatches matches)
{
	const HtmlAttribute *own = html_tag_attribute(tag, "style");
	bool known = !is_cut(tag, own);

	read_hints(said, tag, traits);
	obey(said, matches, false);
	if (own != NULL)
		known &= html_css_normal(own->value, own->value_bytes, html_said_declare, said);
	obey(said, matches, true);
	if (own != NULL)
		html_css_important(own->value, own->value_bytes, html_said_declare, said);
	if (!known)
		html_said_doubt_all(said);
}

/* Names of attributes that read_said() asks for, besides those of what paints, of body and of cells. */
static bool is_read(const char *name)
{
	switch (*name) {
	case 'c':
		return html_name_order(name, "color") == 0;
	case 'h':
		return html_name_order(name, "hidden") == 0 || html_name_order(name, "href") == 0;
	case 's':
		return html_name_order(name, "style") == 0 || html_name_order(name, "size") == 0;
	default:
		return false;
	}
}

/* Neither the tag nor a rule says anything, nor does the element by itself. */
static bool says_nothing(const HtmlTag *tag, unsigned traits, HtmlMatches matches)
{
	unsigned by_itself = MARK | CONTROL | KEEPS_SPACE | NO_WRAP, others = PAINTED | BODY | CELL;

	if (matches.n > 0 || (traits & by_itself) != 0 || is_cut(tag, NULL))
		return false;
	if (tag->n_attributes > 0 && (traits & others) != 0)
		return false;
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		if (is_read(tag->attributes[i].name))
			return false;
	}
	return true;
}

void html_style_enter(HtmlStyle *style, const HtmlTag *tag, HtmlMatches matches)
{
	static const HtmlSaid nothing = { .display = HTML_DISPLAY_DEFAULT };
	unsigned traits = traits_of(tag);

	if (says_nothing(tag, traits, matches)) {
		compute(style, &nothing, traits);
		return;
	}
	HtmlSaid said = nothing;
	read_said(&said, tag, traits, matches);
	compute(style, &said, traits);
}

HtmlStyle html_style_element(const HtmlStyle *parent, const HtmlTag *tag, HtmlMatches matches)
{
	HtmlStyle style = *parent;

	html_style_enter(&style, tag, matches);
	return style;
}

/* ---- kept ---------------------------------------------------------------------------------------------- */

struct HtmlStyleOwn {
	HtmlSaid said;
	unsigned traits;
	uint64_t hash; /* of what was written */
	unsigned references;
};

static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
	for (; length >= 8; bytes += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, bytes, sizeof word);
		hash = (hash ^ word) * UINT64_C(1099511628211);
		hash ^= hash >> 32;
	}
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

HtmlStyleOwn *html_style_own_new(const HtmlTag *tag, HtmlMatches matches)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	bool says = matches.n > 0;

	for (unsigned i = 0; i < tag->n_attributes; i++) {
		const HtmlAttribute *attribute = &tag->attributes[i];
		if (!is_read(attribute->name))
			continue;
		says = true;
		hash = hash_bytes(hash, attribute->name, strlen(attribute->name) + 1);
		hash = hash_bytes(hash, attribute->value, attribute->value_bytes);
	}
	for (unsigned i = 0; i < matches.n; i++)
		hash = (hash ^ matches.list[i].rank * 2 ^ matches.list[i].maybe) * UINT64_C(1099511628211);
	if (!says)
		return NULL;
	HtmlStyleOwn *own = g_new(HtmlStyleOwn, 1);
	own->said = (HtmlSaid) { .display = HTML_DISPLAY_DEFAULT };
	own->references = 1;
	own->traits = traits_of(tag);
	own->hash = hash;
	read_said(&own->said, tag, own->traits, matches);
	return own;
}

HtmlStyleOwn *html_style_own_ref(HtmlStyleOwn *own)
{
	if (own != NULL)
		own->references++;
	return own;
}

void html_style_own_unref(HtmlStyleOwn *own)
{
	if (own != NULL && --own->references == 0)
		g_free(own);
}

uint64_t html_style_own_sign(const HtmlStyleOwn *own)
{
	return own != NULL ? own->hash : 0;
}

void html_style_enter_own(HtmlStyle *style, const HtmlStyleOwn *own)
{
	compute(style, &own->said, own->traits);
}

/* ---- the verdict --------------------------------------------------------------------------------------- */

static bool near(uint8_t a, uint8_t b)
{
	return ABS((int)a - (int)b) <= CHANNEL_NEAR;
}

static bool are_near(const HtmlColour *a, const HtmlColour *b)
{
	return near(a->red, b->red) && near(a->green, b->green) && near(a->blue, b->blue);
}

static bool colour_hides(const HtmlStyle *style)
{
	const HtmlColour *ink = style->fill_set ? &style->fill : &style->colour, *paper = &style->background;

	if (!ink->known || style->outlined)
		return false;
	if (ink->alpha <= ALPHA_UNSEEN)
		return true;
	if (!paper->known)
		return false;
	if (ink->alpha == 255)
		return are_near(ink, paper);
	HtmlColour seen = blend(*ink, *paper);
	return are_near(&seen, paper);
}

static bool size_hides(const HtmlStyle *style)
{
	return style->font_px <= 0 || (style->font_px <= 1 && !style->enlarged);
}

bool html_style_indents_away(const HtmlStyle *style)
{
	return style->indent <= FAR_PX;
}

bool html_style_hides_box(const HtmlStyle *style)
{
	return style->subtree_hidden || style->visibility_hidden || style->clipped != 0 ||
	       style->opacity <= OPACITY_UNSEEN || style->shift_x <= FAR_PX || style->shift_y <= FAR_PX;
}

bool html_style_hides(const HtmlStyle *style)
{
	return html_style_hides_box(style) || html_style_indents_away(style) || size_hides(style) ||
	       colour_hides(style);
}
