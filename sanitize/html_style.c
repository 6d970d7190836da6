#include "html_css_priv.h"
#include "html_style_priv.h"

#include <stdlib.h>
#include <string.h>

enum { CHANNEL_NEAR = 16, ALPHA_UNSEEN = 12, ROOT_FONT_PX = 16 };
static const double FAR_PX = -900;
static const float OPACITY_UNSEEN = 0.05F;

typedef enum { KEEP = 0, SHOWN, HIDDEN } Visibility;
typedef enum { STATIC = 0, RELATIVE, ABSOLUTE, FIXED } Position;
typedef enum { SIZE_KEEP = 0, SIZE_NUMBER, SIZE_UNKNOWN } SizeKind;
typedef enum { SPACE_KEEP = 0, SPACE_SET } SpaceKind;

/* What the element itself says. Zero means: nothing said. */
typedef struct {
	HtmlDisplay display;
	bool display_said;
	bool display_box;
	Visibility visibility;
	SizeKind size_kind;
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
	Position position;
	HtmlCssNumber left, top, right, margin_left, margin_top;
	bool margin_left_said, floated, bordered;
	bool clip, clip_path;
	SpaceKind space_kind;
	HtmlWhiteSpace space;
	bool struck, shadow, stroke;
	bool vanished, larger;         /* transform */
	bool scale_none, scale_larger; /* scale */
	HtmlCssNumber zoom, moved_x, moved_y;
} Said;

/* field: where the row's offset points. False: not a value of this property, the declaration does not count.
 */
typedef bool (*Apply)(Said *said, void *field, HtmlCssWord value);

typedef struct {
	const char *word;
	int meaning;
} Keyword;

#define FIND(table, word) find_keyword(table, G_N_ELEMENTS(table), word)

static const Keyword *find_keyword(const Keyword *table, size_t rows, HtmlCssWord word)
{
	for (size_t i = 0; i < rows; i++) {
		if (html_css_is(word, table[i].word))
			return &table[i];
	}
	return NULL;
}

static bool next_word(HtmlCssWord *value, const char *separators, HtmlCssWord *ret_word)
{
	const char *cursor = value->text, *end = value->text + value->bytes;
	bool found = html_css_word(&cursor, end, separators, ret_word);

	*value = (HtmlCssWord) { cursor, (size_t)(end - cursor) };
	return found;
}

static bool has_function(HtmlCssWord value)
{
	return memchr(value.text, '(', value.bytes) != NULL;
}

/* ---- properties ---------------------------------------------------------------------------------------- */

enum { IS_BOX = 1 << 8, DISPLAY_MASK = 0xff };

static bool apply_display(Said *said, void *field, HtmlCssWord value)
{
	static const Keyword keywords[] = {
		{ "none", HTML_DISPLAY_NONE },
		{ "block", HTML_DISPLAY_BLOCK | IS_BOX },
		{ "inline", HTML_DISPLAY_INLINE },
		{ "inline-block", HTML_DISPLAY_INLINE | IS_BOX },
		{ "flex", HTML_DISPLAY_BLOCK | IS_BOX },
		{ "inline-flex", HTML_DISPLAY_INLINE | IS_BOX },
		{ "grid", HTML_DISPLAY_BLOCK | IS_BOX },
		{ "inline-grid", HTML_DISPLAY_INLINE | IS_BOX },
		{ "-webkit-box", HTML_DISPLAY_BLOCK | IS_BOX },
		{ "-webkit-inline-box", HTML_DISPLAY_INLINE | IS_BOX },
		{ "flow-root", HTML_DISPLAY_BLOCK | IS_BOX },
		{ "list-item", HTML_DISPLAY_BLOCK | IS_BOX },
		{ "flow", HTML_DISPLAY_DEFAULT },
		{ "contents", HTML_DISPLAY_INLINE },
		{ "ruby", HTML_DISPLAY_INLINE },
		{ "table", HTML_DISPLAY_BLOCK },
		{ "inline-table", HTML_DISPLAY_INLINE },
		{ "table-row", HTML_DISPLAY_DEFAULT },
		{ "table-cell", HTML_DISPLAY_DEFAULT },
		{ "table-row-group", HTML_DISPLAY_DEFAULT },
		{ "table-header-group", HTML_DISPLAY_DEFAULT },
		{ "table-footer-group", HTML_DISPLAY_DEFAULT },
		{ "table-column", HTML_DISPLAY_DEFAULT },
		{ "table-column-group", HTML_DISPLAY_DEFAULT },
		{ "table-caption", HTML_DISPLAY_DEFAULT },
	};
	HtmlCssWord word;
	int meaning = 0;

	(void)field;
	for (unsigned n = 0; next_word(&value, "", &word); n++) {
		const Keyword *keyword = FIND(keywords, word);
		if (keyword == NULL || (keyword->meaning == HTML_DISPLAY_NONE && (n > 0 || value.bytes > 0)))
			return false;
		meaning = n == 0 ? keyword->meaning : meaning | (keyword->meaning & IS_BOX);
	}
	said->display = (HtmlDisplay)(meaning & DISPLAY_MASK);
	said->display_box = (meaning & IS_BOX) != 0;
	said->display_said = true;
	return true;
}

static bool apply_visibility(Said *said, void *field, HtmlCssWord value)
{
	static const Keyword keywords[] = {
		{ "inherit", KEEP }, { "visible", SHOWN }, { "hidden", HIDDEN }, { "collapse", HIDDEN }
	};
	const Keyword *keyword = FIND(keywords, value);

	(void)field;
	if (keyword != NULL)
		said->visibility = (Visibility)keyword->meaning;
	return keyword != NULL;
}

/* What quirks mode makes of a size without a unit differs from the standard, and which one holds we do not
 * know: it counts where it shows more. */
static bool set_size(Said *said, HtmlCssNumber number)
{
	if (number.value < 0 || (number.unit == HTML_CSS_NUMBER && number.value > 0 && number.value <= 1))
		return false;
	if (number.unit == HTML_CSS_NUMBER)
		number.unit = HTML_CSS_PX;
	said->size_kind = number.unit == HTML_CSS_OTHER && number.value > 0 ? SIZE_UNKNOWN : SIZE_NUMBER;
	said->size = number;
	return true;
}

static bool apply_size(Said *said, void *field, HtmlCssWord value)
{
	static const Keyword keywords[] = { /* px, or percent below zero */
		                            { "medium", 16 },   { "small", 13 },    { "large", 18 },
		                            { "x-small", 10 },  { "x-large", 24 },  { "xx-small", 9 },
		                            { "xx-large", 32 }, { "smaller", -83 }, { "larger", -120 },
		                            { "xxx-large", 48 }
	};
	const Keyword *keyword = FIND(keywords, value);
	HtmlCssNumber number;

	(void)field;
	if (html_css_is(value, "inherit")) {
		said->size_kind = SIZE_KEEP;
		return true;
	}
	if (keyword != NULL) {
		number.unit = keyword->meaning < 0 ? HTML_CSS_PERCENT : HTML_CSS_PX;
		number.value = ABS(keyword->meaning);
		return set_size(said, number);
	}
	return html_css_number(value, &number) && set_size(said, number);
}

static bool before_size(HtmlCssWord word)
{
	static const Keyword keywords[] = { { "normal", 0 },          { "bold", 0 },
		                            { "italic", 0 },          { "bolder", 0 },
		                            { "lighter", 0 },         { "oblique", 0 },
		                            { "small-caps", 0 },      { "condensed", 0 },
		                            { "expanded", 0 },        { "semi-condensed", 0 },
		                            { "extra-condensed", 0 }, { "ultra-condensed", 0 },
		                            { "semi-expanded", 0 },   { "extra-expanded", 0 },
		                            { "ultra-expanded", 0 } };
	HtmlCssNumber number;

	if (FIND(keywords, word) != NULL)
		return true;
	return html_css_number(word, &number) &&
	       ((number.unit == HTML_CSS_NUMBER && number.value >= 1) || number.unit == HTML_CSS_OTHER);
}

/* font: [style weight stretch] size[/line-height] family, or the name of a system font. */
static bool apply_font(Said *said, void *field, HtmlCssWord value)
{
	static const Keyword system[] = { { "caption", 0 },     { "icon", 0 },          { "menu", 0 },
		                          { "message-box", 0 }, { "small-caption", 0 }, { "status-bar", 0 } };
	HtmlCssWord word, family;

	if (FIND(system, value) != NULL)
		return apply_size(said, field, (HtmlCssWord) { "small", 5 });
	if (html_css_is(value, "inherit"))
		return apply_size(said, field, value);
	while (next_word(&value, "", &word) && before_size(word))
		;
	const char *slash = memchr(word.text, '/', word.bytes);
	HtmlCssWord size = { word.text, slash != NULL ? (size_t)(slash - word.text) : word.bytes };
	if (!next_word(&value, "", &family) || html_css_is(size, "inherit"))
		return false;
	return apply_size(said, field, size);
}

static bool apply_share(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber number;

	(void)said;
	if (!html_css_number(value, &number))
		return false;
	if (number.unit == HTML_CSS_PERCENT)
		number = (HtmlCssNumber) { HTML_CSS_NUMBER, number.value / 100 };
	if (number.unit == HTML_CSS_NUMBER)
		*(HtmlCssNumber *)field = number;
	return number.unit == HTML_CSS_NUMBER;
}

static bool apply_filter(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssWord word, inside;
	HtmlCssNumber all = { HTML_CSS_NUMBER, 1 }, one;

	while (next_word(&value, "", &word)) {
		if (!html_css_function(word, "opacity", &inside))
			continue;
		if (!apply_share(said, &one, inside))
			return false;
		all.value *= CLAMP(one.value, 0.0, 1.0);
	}
	*(HtmlCssNumber *)field = all;
	return true;
}

/* A colour that cannot be decided is one: system colours, light-dark(), what only newer browsers know. */
static bool read_colour(HtmlCssWord value, HtmlColour *ret_colour)
{
	HtmlCssNumber number;

	if (html_colour_parse(value.text, value.bytes, false, ret_colour))
		return true;
	*ret_colour = (HtmlColour) { .alpha = 255 };
	return value.bytes > 0 && value.text[0] != '#' &&
	       (g_ascii_isalpha(value.text[0]) || value.text[0] == '-' || html_css_number(value, &number));
}

static bool apply_colour(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	if (html_css_is(value, "inherit") || html_css_is(value, "currentcolor")) {
		said->colour_said = false;
		return true;
	}
	HtmlColour colour;
	if (!read_colour(value, &colour))
		return false;
	said->colour = colour;
	return said->colour_said = true;
}

static bool apply_fill(Said *said, void *field, HtmlCssWord value)
{
	HtmlColour colour;

	(void)field;
	said->fill_keeps = html_css_is(value, "inherit");
	if (said->fill_keeps || html_css_is(value, "currentcolor")) {
		said->fill_said = !said->fill_keeps;
		said->fill = (HtmlColour) { .known = false };
		return true;
	}
	if (!read_colour(value, &colour))
		return false;
	said->fill = colour;
	return said->fill_said = true;
}

static bool apply_background_colour(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	HtmlColour colour;
	if (!read_colour(value, &colour))
		return false;
	said->background = colour;
	return true;
}

static bool apply_picture(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->picture = !html_css_is(value, "none");
	return true;
}

/* background: a colour anywhere, the words of place and repeat, and pictures; it resets what it does not
 * name. */
static bool apply_background(Said *said, void *field, HtmlCssWord value)
{
	static const Keyword places[] = { { "none", 0 },       { "repeat", 0 },     { "no-repeat", 0 },
		                          { "repeat-x", 0 },   { "repeat-y", 0 },   { "left", 0 },
		                          { "right", 0 },      { "top", 0 },        { "bottom", 0 },
		                          { "center", 0 },     { "scroll", 0 },     { "fixed", 0 },
		                          { "local", 0 },      { "cover", 0 },      { "contain", 0 },
		                          { "auto", 0 },       { "border-box", 0 }, { "padding-box", 0 },
		                          { "content-box", 0 } };
	HtmlColour painted = { .known = true }, colour;
	bool picture = false, clip_text = false;
	HtmlCssNumber number;
	HtmlCssWord word;

	(void)field;
	while (next_word(&value, ",/", &word)) {
		if (FIND(places, word) != NULL || html_css_number(word, &number))
			continue;
		if (html_css_is(word, "text"))
			clip_text = true;
		else if (html_colour_parse(word.text, word.bytes, false, &colour))
			painted = colour;
		else if (has_function(word) || read_colour(word, &colour))
			picture = true; /* not decided, as with a picture */
		else
			return false;
	}
	said->background = painted;
	said->picture = picture;
	said->clip_text = clip_text;
	return true;
}

static bool apply_clip_text(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->clip_text = html_css_is(value, "text");
	return true;
}

/* Lengths: a keyword means auto, none or the like. */
static bool apply_length(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber number = { .unit = HTML_CSS_NONE };

	(void)said;
	if (value.bytes == 0 || (!g_ascii_isalpha(value.text[0]) && !html_css_number(value, &number)))
		return false;
	*(HtmlCssNumber *)field = number;
	return true;
}

static bool apply_indent(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssWord word;

	if (html_css_is(value, "inherit")) {
		said->indent_said = false;
		return true;
	}
	if (!next_word(&value, "", &word) || !apply_length(said, field, word))
		return false;
	return said->indent_said = true;
}

static bool apply_margin_left(Said *said, void *field, HtmlCssWord value)
{
	if (!apply_length(said, field, value))
		return false;
	return said->margin_left_said = true;
}

/* margin: top, right, bottom, left, as many as differ. */
static bool apply_margin(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber sides[4];
	HtmlCssWord word;
	unsigned n = 0;

	(void)field;
	for (; next_word(&value, "", &word); n++) {
		if (n == 4 || !apply_length(said, &sides[n], word))
			return false;
	}
	if (n == 0)
		return false;
	said->margin_top = sides[0];
	said->margin_left = sides[n == 4 ? 3 : n == 1 ? 0 : 1];
	said->margin_left_said = n == 4;
	return true;
}

static bool apply_padding(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssWord word;
	HtmlCssNumber number;

	(void)field;
	while (next_word(&value, "", &word)) {
		if (!html_css_number(word, &number))
			return false;
		said->padded |= number.value > 0;
	}
	return true;
}

static bool apply_border(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->bordered =
	        !html_css_is(value, "none") && !html_css_is(value, "0") && !html_css_is(value, "0px");
	return true;
}

static bool read_overflow(HtmlCssWord word, bool *ret_cut)
{
	static const Keyword keywords[] = { { "visible", 0 }, { "hidden", 1 }, { "clip", 1 },
		                            { "auto", 1 },    { "scroll", 1 }, { "overlay", 1 } };
	const Keyword *keyword = FIND(keywords, word);

	if (keyword != NULL)
		*ret_cut = keyword->meaning != 0;
	return keyword != NULL;
}

static bool apply_overflow(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssWord first, second;
	bool x, y;

	(void)field;
	if (!next_word(&value, "", &first) || !read_overflow(first, &x))
		return false;
	y = x;
	if (next_word(&value, "", &second) && (!read_overflow(second, &y) || value.bytes > 0))
		return false;
	said->cut_x = x;
	said->cut_y = y;
	return true;
}

static bool apply_overflow_axis(Said *said, void *field, HtmlCssWord value)
{
	(void)said;
	return read_overflow(value, field);
}

static bool apply_position(Said *said, void *field, HtmlCssWord value)
{
	static const Keyword keywords[] = { { "static", STATIC },     { "relative", RELATIVE },
		                            { "absolute", ABSOLUTE }, { "fixed", FIXED },
		                            { "sticky", STATIC },     { "-webkit-sticky", STATIC } };
	const Keyword *keyword = FIND(keywords, value);

	(void)field;
	if (keyword != NULL)
		said->position = (Position)keyword->meaning;
	return keyword != NULL;
}

static bool apply_float(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->floated = html_css_is(value, "left") || html_css_is(value, "right");
	return true;
}

/* clip: rect(top, right, bottom, left): nothing is left when two edges meet (or are a pixel apart). */
static bool apply_clip(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber sides[4];
	HtmlCssWord inside, word;
	unsigned n = 0;

	(void)field;
	said->clip = false;
	if (!html_css_function(value, "rect", &inside))
		return html_css_is(value, "auto");
	for (; next_word(&inside, ",", &word); n++) {
		if (n == 4 || !apply_length(said, &sides[n], word))
			return false;
	}
	if (n != 4)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		const HtmlCssNumber *high = &sides[i == 0 ? 2 : 1], *low = &sides[i == 0 ? 0 : 3];
		bool decided = (high->unit == HTML_CSS_PX || high->unit == HTML_CSS_NUMBER) &&
		               (low->unit == HTML_CSS_PX || low->unit == HTML_CSS_NUMBER);
		said->clip |= decided && high->value - low->value <= 1;
	}
	return true;
}

/* inset(): two opposite sides that meet. Percent alone is compared, the size of the box is not known. */
static bool inset_meets(HtmlCssWord inside)
{
	double percent[4];
	HtmlCssWord word;
	HtmlCssNumber number;
	unsigned n = 0;

	while (n < 4 && next_word(&inside, "", &word) && html_css_number(word, &number))
		percent[n++] = number.unit == HTML_CSS_PERCENT ? number.value : 0;
	if (n == 0)
		return false;
	double right = n > 1 ? percent[1] : percent[0];
	double bottom = n > 2 ? percent[2] : percent[0], left = n > 3 ? percent[3] : right;
	return percent[0] + bottom >= 100 || left + right >= 100;
}

static bool first_is_zero(HtmlCssWord inside)
{
	HtmlCssWord word;
	HtmlCssNumber number;

	return next_word(&inside, "", &word) && html_css_number(word, &number) && number.value <= 0;
}

static bool all_are_zero(HtmlCssWord inside)
{
	HtmlCssWord word;
	HtmlCssNumber number;

	while (next_word(&inside, ",", &word)) {
		if (!html_css_number(word, &number) || number.value != 0)
			return false;
	}
	return true;
}

static bool apply_clip_path(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssWord inside;

	(void)field;
	if (html_css_function(value, "inset", &inside))
		said->clip_path = inset_meets(inside);
	else if (html_css_function(value, "circle", &inside) || html_css_function(value, "ellipse", &inside))
		said->clip_path = first_is_zero(inside);
	else if (html_css_function(value, "polygon", &inside))
		said->clip_path = inside.bytes > 0 && all_are_zero(inside);
	else
		said->clip_path = false;
	return true;
}

static bool apply_white_space(Said *said, void *field, HtmlCssWord value)
{
	static const Keyword keywords[] = {
		{ "normal", HTML_SPACE_NORMAL },     { "nowrap", HTML_SPACE_NOWRAP },
		{ "pre", HTML_SPACE_PRE },           { "pre-wrap", HTML_SPACE_PRE },
		{ "pre-line", HTML_SPACE_PRE_LINE }, { "break-spaces", HTML_SPACE_PRE },
		{ "-moz-pre-wrap", HTML_SPACE_PRE }
	};
	const Keyword *keyword = FIND(keywords, value);

	(void)field;
	if (html_css_is(value, "inherit")) {
		said->space_kind = SPACE_KEEP;
		return true;
	}
	if (keyword == NULL)
		return false;
	said->space_kind = SPACE_SET;
	said->space = (HtmlWhiteSpace)keyword->meaning;
	return true;
}

static bool apply_decoration(Said *said, void *field, HtmlCssWord value)
{
	HtmlCssWord word;

	(void)field;
	said->struck = false;
	while (next_word(&value, "", &word))
		said->struck |= html_css_is(word, "line-through");
	return true;
}

/* text-shadow, -webkit-text-stroke: anything but none and a width of 0 */
static bool apply_outline(Said *said, void *field, HtmlCssWord value)
{
	(void)said;
	*(bool *)field = !html_css_is(value, "none") && !all_are_zero(value);
	return true;
}

/* Factors of scale(): a zero leaves nothing; what may enlarge is believed to. */
static void read_factors(HtmlCssWord inside, bool *none, bool *larger)
{
	HtmlCssWord word;
	HtmlCssNumber number;

	while (next_word(&inside, ",", &word)) {
		bool decided = html_css_number(word, &number);
		double whole = decided && number.unit == HTML_CSS_PERCENT ? 100 : 1;
		*none |= decided && number.value == 0;
		*larger |= !decided || ABS(number.value) > whole;
	}
}

static void read_move(Said *said, HtmlCssWord word)
{
	HtmlCssWord inside, x, y;

	if (html_css_function(word, "translatey", &inside)) {
		(void)apply_length(said, &said->moved_y, inside);
		return;
	}
	if (!html_css_function(word, "translate", &inside) &&
	    !html_css_function(word, "translatex", &inside) &&
	    !html_css_function(word, "translate3d", &inside))
		return;
	if (next_word(&inside, ",", &x))
		(void)apply_length(said, &said->moved_x, x);
	if (next_word(&inside, ",", &y))
		(void)apply_length(said, &said->moved_y, y);
}

static bool apply_transform(Said *said, void *field, HtmlCssWord value)
{
	static const char *const scales[] = { "scale", "scalex", "scaley", "scale3d" };
	HtmlCssWord word, inside;

	(void)field;
	said->vanished = said->larger = false;
	said->moved_x = said->moved_y = (HtmlCssNumber) { .unit = HTML_CSS_NONE };
	while (next_word(&value, "", &word)) {
		for (size_t i = 0; i < G_N_ELEMENTS(scales); i++) {
			if (html_css_function(word, scales[i], &inside))
				read_factors(inside, &said->vanished, &said->larger);
		}
		said->larger |= g_str_has_prefix(word.text, "matrix") || g_str_has_prefix(word.text, "var");
		read_move(said, word);
	}
	return true;
}

static bool apply_scale(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->scale_none = said->scale_larger = false;
	if (!html_css_is(value, "none"))
		read_factors(value, &said->scale_none, &said->scale_larger);
	return true;
}

static bool apply_all(Said *said, void *field, HtmlCssWord value);

/* ---- the table of properties -----------------------------------------------------------------------------
 */

typedef struct {
	const char *name;
	Apply apply;
	size_t offset;
	const char *initial; /* also what stands for a value that we cannot decide: it shows the text */
	bool inherited;
} Property;

#define AT(member) offsetof(Said, member)

/* In the order of strcmp. */
static const Property properties[] = {
	{ "-moz-transform", apply_transform, 0, "none", false },
	{ "-ms-transform", apply_transform, 0, "none", false },
	{ "-webkit-background-clip", apply_clip_text, 0, "border-box", false },
	{ "-webkit-clip-path", apply_clip_path, 0, "none", false },
	{ "-webkit-filter", apply_filter, AT(filter), "none", false },
	{ "-webkit-text-fill-color", apply_fill, 0, "currentcolor", true },
	{ "-webkit-text-stroke", apply_outline, AT(stroke), "0", false },
	{ "-webkit-text-stroke-width", apply_outline, AT(stroke), "0", false },
	{ "-webkit-transform", apply_transform, 0, "none", false },
	{ "all", apply_all, 0, "initial", true },
	{ "background", apply_background, 0, "none", false },
	{ "background-clip", apply_clip_text, 0, "border-box", false },
	{ "background-color", apply_background_colour, 0, "transparent", false },
	{ "background-image", apply_picture, 0, "none", false },
	{ "border", apply_border, 0, "none", false },
	{ "border-left", apply_border, 0, "none", false },
	{ "clip", apply_clip, 0, "auto", false },
	{ "clip-path", apply_clip_path, 0, "none", false },
	{ "color", apply_colour, 0, "black", true },
	{ "display", apply_display, 0, "inline", false },
	{ "filter", apply_filter, AT(filter), "none", false },
	{ "float", apply_float, 0, "none", false },
	{ "font", apply_font, 0, "16px x", true },
	{ "font-size", apply_size, 0, "medium", true },
	{ "height", apply_length, AT(height), "auto", false },
	{ "left", apply_length, AT(left), "auto", false },
	{ "margin", apply_margin, 0, "0", false },
	{ "margin-left", apply_margin_left, AT(margin_left), "0", false },
	{ "margin-top", apply_length, AT(margin_top), "0", false },
	{ "max-height", apply_length, AT(max_height), "none", false },
	{ "max-width", apply_length, AT(max_width), "none", false },
	{ "min-height", apply_length, AT(min_height), "0", false },
	{ "min-width", apply_length, AT(min_width), "0", false },
	{ "opacity", apply_share, AT(opacity), "1", false },
	{ "overflow", apply_overflow, 0, "visible", false },
	{ "overflow-x", apply_overflow_axis, AT(cut_x), "visible", false },
	{ "overflow-y", apply_overflow_axis, AT(cut_y), "visible", false },
	{ "padding", apply_padding, 0, "1px", false },
	{ "padding-bottom", apply_padding, 0, "1px", false },
	{ "padding-left", apply_padding, 0, "1px", false },
	{ "padding-right", apply_padding, 0, "1px", false },
	{ "padding-top", apply_padding, 0, "1px", false },
	{ "position", apply_position, 0, "static", false },
	{ "right", apply_length, AT(right), "auto", false },
	{ "scale", apply_scale, 0, "none", false },
	{ "text-decoration", apply_decoration, 0, "none", false },
	{ "text-decoration-line", apply_decoration, 0, "none", false },
	{ "text-indent", apply_indent, AT(indent), "0", true },
	{ "text-shadow", apply_outline, AT(shadow), "none", false },
	{ "top", apply_length, AT(top), "auto", false },
	{ "transform", apply_transform, 0, "none", false },
	{ "visibility", apply_visibility, 0, "visible", true },
	{ "white-space", apply_white_space, 0, "normal", true },
	{ "width", apply_length, AT(width), "auto", false },
	{ "zoom", apply_share, AT(zoom), "2", false },
};

static bool is_global(HtmlCssWord value)
{
	static const Keyword keywords[] = {
		{ "inherit", 0 }, { "initial", 0 }, { "unset", 0 }, { "revert", 0 }, { "revert-layer", 0 }
	};

	return FIND(keywords, value) != NULL;
}

/* all: forgets all before it, the hints of attributes too; initial cuts off what would be inherited. */
static bool apply_all(Said *said, void *field, HtmlCssWord value)
{
	(void)field;
	*said = (Said) { .display_said = true };
	if (!html_css_is(value, "initial"))
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(properties); i++) {
		const Property *property = &properties[i];
		HtmlCssWord initial = { property->initial, strlen(property->initial) };
		if (property->inherited && property->apply != apply_all)
			(void)property->apply(said, (char *)said + property->offset, initial);
	}
	return true;
}

static int compare_property(const void *name, const void *row)
{
	return strcmp(name, ((const Property *)row)->name);
}

static const Property *find_property(const char *name)
{
	return bsearch(name, properties, G_N_ELEMENTS(properties), sizeof(properties[0]), compare_property);
}

static void declare(void *user, const char *name, const char *text)
{
	Said *said = user;
	const Property *property = find_property(name);
	HtmlCssWord value = { text, strlen(text) };

	if (property == NULL)
		return;
	void *field = (char *)said + property->offset;
	HtmlCssWord initial = { property->initial, strlen(property->initial) };
	if (is_global(value)) {
		bool keep = property->inherited && !html_css_is(value, "initial");
		bool all = property->apply == apply_all;
		(void)property->apply(said, field,
		                      all    ? value
		                      : keep ? (HtmlCssWord) { "inherit", 7 }
		                             : initial);
		return;
	}
	if (property->apply == apply_all)
		return;
	bool known = property->apply(said, field, value);
	if (!known && has_function(value)) /* var(), calc() */
		(void)property->apply(said, field, initial);
}

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

typedef struct {
	const char *name;
	unsigned traits;
} Element;

/* In the order of strcmp; what is not named here is inline and has nothing of its own. */
static const Element elements[] = {
	{ "a", LINK },
	{ "address", BLOCK },
	{ "article", BLOCK },
	{ "aside", BLOCK },
	{ "blockquote", BLOCK | QUOTE },
	{ "body", BLOCK | PAINTED | BODY },
	{ "button", CONTROL },
	{ "center", BLOCK },
	{ "dd", BLOCK },
	{ "details", BLOCK },
	{ "dir", BLOCK },
	{ "div", BLOCK },
	{ "dl", BLOCK },
	{ "dt", BLOCK },
	{ "fieldset", BLOCK },
	{ "figcaption", BLOCK },
	{ "figure", BLOCK },
	{ "font", FONT },
	{ "footer", BLOCK },
	{ "form", BLOCK },
	{ "h1", BLOCK },
	{ "h2", BLOCK },
	{ "h3", BLOCK },
	{ "h4", BLOCK },
	{ "h5", BLOCK },
	{ "h6", BLOCK },
	{ "header", BLOCK },
	{ "hgroup", BLOCK },
	{ "html", BLOCK },
	{ "input", CONTROL },
	{ "li", BLOCK },
	{ "listing", BLOCK | KEEPS_SPACE },
	{ "main", BLOCK },
	{ "mark", MARK },
	{ "marquee", PAINTED },
	{ "menu", BLOCK },
	{ "nav", BLOCK },
	{ "nobr", NO_WRAP },
	{ "ol", BLOCK },
	{ "option", CONTROL },
	{ "p", BLOCK },
	{ "plaintext", BLOCK | KEEPS_SPACE },
	{ "pre", BLOCK | KEEPS_SPACE },
	{ "search", BLOCK },
	{ "section", BLOCK },
	{ "select", CONTROL },
	{ "summary", BLOCK },
	{ "table", TABLE | PAINTED },
	{ "tbody", PAINTED },
	{ "td", CELL | PAINTED },
	{ "textarea", CONTROL | KEEPS_SPACE },
	{ "tfoot", PAINTED },
	{ "th", CELL | PAINTED },
	{ "thead", PAINTED },
	{ "tr", PAINTED },
	{ "ul", BLOCK },
	{ "xmp", BLOCK | KEEPS_SPACE },
};

static int compare_element(const void *name, const void *row)
{
	return strcmp(name, ((const Element *)row)->name);
}

static unsigned traits_of(const HtmlTag *tag)
{
	const Element *element =
	        bsearch(tag->name, elements, G_N_ELEMENTS(elements), sizeof(elements[0]), compare_element);

	return element != NULL ? element->traits : 0;
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

static const HtmlAttribute *find_attribute(const HtmlTag *tag, const char *name)
{
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		if (strcmp(tag->attributes[i].name, name) == 0)
			return &tag->attributes[i];
	}
	return NULL;
}

/* <font size>: HTML 15.3.4, "rules for parsing a legacy font size". */
static void hint_font_size(Said *said, const HtmlAttribute *size)
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
	(void)set_size(said, (HtmlCssNumber) { HTML_CSS_PX, px[CLAMP(number, 1, 7)] });
}

static void hint_colour(Said *said, const HtmlAttribute *attribute)
{
	if (attribute != NULL &&
	    html_colour_parse(attribute->value, attribute->value_bytes, true, &said->colour))
		said->colour_said = true;
}

static void hint_background(Said *said, const HtmlTag *tag)
{
	const HtmlAttribute *colour = find_attribute(tag, "bgcolor");
	const HtmlAttribute *picture = find_attribute(tag, "background");

	if (colour != NULL)
		(void)html_colour_parse(colour->value, colour->value_bytes, true, &said->background);
	said->picture = picture != NULL && picture->value_bytes > 0;
}

/* Colours of the browser's own: of links, which a mail may change for all at once, and of controls. */
static void hint_own_colours(Said *said, const HtmlTag *tag, unsigned traits)
{
	if ((traits & LINK) != 0 && find_attribute(tag, "href") != NULL)
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
	(void)set_size(said, (HtmlCssNumber) { HTML_CSS_PX, 13 });
}

static void hint_space(Said *said, const HtmlTag *tag, unsigned traits)
{
	if ((traits & KEEPS_SPACE) != 0)
		said->space = HTML_SPACE_PRE;
	else if ((traits & NO_WRAP) != 0 || ((traits & CELL) != 0 && find_attribute(tag, "nowrap") != NULL))
		said->space = HTML_SPACE_NOWRAP;
	else
		return;
	said->space_kind = SPACE_SET;
}

static void hint_font(Said *said, const HtmlTag *tag)
{
	const HtmlAttribute *size = find_attribute(tag, "size");

	hint_colour(said, find_attribute(tag, "color"));
	if (size != NULL)
		hint_font_size(said, size);
}

static void read_hints(Said *said, const HtmlTag *tag, unsigned traits)
{
	if (find_attribute(tag, "hidden") != NULL) {
		said->display_said = true;
		said->display = HTML_DISPLAY_NONE;
	}
	hint_own_colours(said, tag, traits);
	hint_space(said, tag, traits);
	if ((traits & PAINTED) != 0)
		hint_background(said, tag);
	if ((traits & BODY) != 0)
		hint_colour(said, find_attribute(tag, "text"));
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

static void compute_font(HtmlStyle *style, const Said *said, unsigned traits)
{
	double parent = style->font_px;

	/* quirks mode: a table does not take over the size; which mode holds is not known here */
	if ((traits & TABLE) != 0 && parent <= 1)
		parent = style->font_px = ROOT_FONT_PX;
	if (said->size_kind == SIZE_UNKNOWN)
		style->font_px = ROOT_FONT_PX;
	if (said->size_kind != SIZE_NUMBER)
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

static void compute_colours(HtmlStyle *style, const Said *said, unsigned traits)
{
	bool lifted = said->position == ABSOLUTE || said->position == FIXED;

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

static bool is_some(HtmlCssNumber number)
{
	return number.unit != HTML_CSS_NONE && number.value > 0;
}

/* Sizes and indents are nothing to an inline element, and cells grow with what is in them. */
static bool is_block(const Said *said, unsigned traits)
{
	if (said->floated || said->position == ABSOLUTE || said->position == FIXED)
		return true;
	return said->display_said ? said->display_box : (traits & BLOCK) != 0;
}

/* A box of no size that cuts: what positions itself absolutely gets out, unless the box or one between is
 * positioned too. */
static void compute_clip(HtmlStyle *style, const Said *said, bool block)
{
	bool flat = (is_zero(said->height) || is_zero(said->max_height)) && !is_some(said->min_height);
	bool thin = (is_zero(said->width) || is_zero(said->max_width)) && !is_some(said->min_width);
	bool cut = said->cut_x || said->cut_y;

	if ((said->position == ABSOLUTE && style->clipped == 1) || said->position == FIXED)
		style->clipped = 0;
	if (style->clipped == 1 && said->position != STATIC)
		style->clipped = 2;
	if (style->clipped == 0 && block && cut && !said->padded && (flat || thin))
		style->clipped = said->position == STATIC ? 1 : 2;
}

static void compute_place(HtmlStyle *style, const Said *said, bool block)
{
	double font = style->font_px;

	if (said->indent_said && block)
		style->indent = (float)to_px(said->indent, font);
	if (said->position == FIXED)
		style->shift_x = style->shift_y = 0;
	if (said->position != STATIC) {
		style->shift_x = (float)clamp_px(style->shift_x + to_px(said->left, font) +
		                                 to_px(said->margin_left, font));
		style->shift_y = (float)clamp_px(style->shift_y + to_px(said->top, font) +
		                                 to_px(said->margin_top, font));
		style->subtree_hidden |= to_px(said->right, font) <= FAR_PX;
	}
	if (!block)
		return;
	style->shift_x = (float)clamp_px(style->shift_x + to_px(said->moved_x, font));
	style->shift_y = (float)clamp_px(style->shift_y + to_px(said->moved_y, font));
}

static float share(HtmlCssNumber number)
{
	return number.unit == HTML_CSS_NUMBER ? (float)CLAMP(number.value, 0.0, 1.0) : 1.0F;
}

/* Outlook and others indent with a bare blockquote; a quote has a line at its left. */
static bool is_indent(const Said *said, unsigned traits)
{
	return (traits & QUOTE) != 0 && said->margin_left_said && is_some(said->margin_left) &&
	       !said->bordered;
}

/* What nothing inside can undo. */
static bool ends_subtree(const Said *said, bool transformed)
{
	bool lifted = said->position == ABSOLUTE || said->position == FIXED;

	return said->display == HTML_DISPLAY_NONE || (said->clip && lifted) || said->clip_path ||
	       ((said->vanished || said->scale_none) && transformed);
}

static void compute(HtmlStyle *style, const Said *said, unsigned traits)
{
	bool block = is_block(said, traits), cell = (traits & CELL) != 0;

	style->display = said->display;
	style->quote_indent = is_indent(said, traits);
	if (said->visibility != KEEP)
		style->visibility_hidden = said->visibility == HIDDEN;
	compute_font(style, said, traits);
	compute_colours(style, said, traits);
	compute_clip(style, said, block);
	compute_place(style, said, block || cell);
	style->opacity *= share(said->opacity) * share(said->filter);
	style->enlarged |= said->larger || said->scale_larger || said->zoom.value > 1;
	style->outlined |= said->shadow || said->stroke;
	style->struck |= said->struck;
	if (said->space_kind == SPACE_SET)
		style->white_space = said->space;
	style->subtree_hidden |= ends_subtree(said, block || cell || (traits & TABLE) != 0);
}

HtmlStyle html_style_root(void)
{
	return (HtmlStyle) { .font_px = ROOT_FONT_PX,
		             .opacity = 1,
		             .colour = { 0, 0, 0, 255, true },
		             .background = { 255, 255, 255, 255, true } };
}

static void read_said(Said *said, const HtmlTag *tag, unsigned traits)
{
	const HtmlAttribute *own = find_attribute(tag, "style");

	read_hints(said, tag, traits);
	if (own != NULL)
		html_css_declarations(own->value, own->value_bytes, declare, said);
}

HtmlStyle html_style_element(const HtmlStyle *parent, const HtmlTag *tag)
{
	HtmlStyle style = *parent;
	Said said = { .display = HTML_DISPLAY_DEFAULT };
	unsigned traits = traits_of(tag);

	read_said(&said, tag, traits);
	compute(&style, &said, traits);
	return style;
}

/* ---- kept ---------------------------------------------------------------------------------------------- */

struct HtmlStyleOwn {
	Said said;
	unsigned traits;
	uint64_t hash; /* of what was written */
};

static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

/* Names of attributes that read_said() asks for on a formatting element. */
static bool is_read(const char *name)
{
	static const char *const names[] = { "style", "color", "size", "hidden", "href", NULL };

	return g_strv_contains(names, name);
}

HtmlStyleOwn *html_style_own_new(const HtmlTag *tag)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	bool says = false;

	for (unsigned i = 0; i < tag->n_attributes; i++) {
		const HtmlAttribute *attribute = &tag->attributes[i];
		if (!is_read(attribute->name))
			continue;
		says = true;
		hash = hash_bytes(hash, attribute->name, strlen(attribute->name) + 1);
		hash = hash_bytes(hash, attribute->value, attribute->value_bytes);
	}
	if (!says)
		return NULL;
	HtmlStyleOwn *own = g_rc_box_new0(HtmlStyleOwn);
	own->traits = traits_of(tag);
	own->hash = hash;
	read_said(&own->said, tag, own->traits);
	return own;
}

HtmlStyleOwn *html_style_own_ref(HtmlStyleOwn *own)
{
	return own != NULL ? g_rc_box_acquire(own) : NULL;
}

void html_style_own_unref(HtmlStyleOwn *own)
{
	if (own != NULL)
		g_rc_box_release(own);
}

bool html_style_own_same(const HtmlStyleOwn *a, const HtmlStyleOwn *b)
{
	return a == b || (a != NULL && b != NULL && a->hash == b->hash);
}

HtmlStyle html_style_of(const HtmlStyle *parent, const HtmlStyleOwn *own)
{
	HtmlStyle style = *parent;

	compute(&style, &own->said, own->traits);
	return style;
}

/* ---- the verdict --------------------------------------------------------------------------------------- */

static bool near(uint8_t a, uint8_t b)
{
	return ABS((int)a - (int)b) <= CHANNEL_NEAR;
}

static bool colour_hides(const HtmlStyle *style)
{
	HtmlColour ink = style->fill_set ? style->fill : style->colour, paper = style->background;

	if (!ink.known || style->outlined)
		return false;
	if (ink.alpha <= ALPHA_UNSEEN)
		return true;
	if (!paper.known)
		return false;
	HtmlColour seen = blend(ink, paper);
	return near(seen.red, paper.red) && near(seen.green, paper.green) && near(seen.blue, paper.blue);
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
