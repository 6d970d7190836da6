#include "html_said_priv.h"

#include <stdlib.h>
#include <string.h>

/* field: where the row's offset points. False: not a value of this property, the declaration does not count.
 */
typedef bool (*Apply)(HtmlSaid *said, void *field, HtmlCssWord value);

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

static bool apply_display(HtmlSaid *said, void *field, HtmlCssWord value)
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
		{ "table-column", HTML_DISPLAY_NONE },
		{ "table-column-group", HTML_DISPLAY_NONE },
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

static bool apply_visibility(HtmlSaid *said, void *field, HtmlCssWord value)
{
	static const Keyword keywords[] = { { "inherit", HTML_VISIBILITY_KEEP },
		                            { "visible", HTML_VISIBILITY_SHOWN },
		                            { "hidden", HTML_VISIBILITY_HIDDEN },
		                            { "collapse", HTML_VISIBILITY_HIDDEN } };
	const Keyword *keyword = FIND(keywords, value);

	(void)field;
	if (keyword != NULL)
		said->visibility = (HtmlVisibility)keyword->meaning;
	return keyword != NULL;
}

/* What quirks mode makes of a size without a unit differs from the standard, and which one holds we do not
 * know: it counts where it shows more. */
bool html_said_set_size(HtmlSaid *said, HtmlCssNumber number)
{
	if (number.value < 0 || (number.unit == HTML_CSS_NUMBER && number.value > 0 && number.value <= 1))
		return false;
	if (number.unit == HTML_CSS_NUMBER)
		number.unit = HTML_CSS_PX;
	said->size_kind =
	        number.unit == HTML_CSS_OTHER && number.value > 0 ? HTML_SIZE_UNKNOWN : HTML_SIZE_NUMBER;
	said->size = number;
	return true;
}

static bool apply_size(HtmlSaid *said, void *field, HtmlCssWord value)
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
		said->size_kind = HTML_SIZE_KEEP;
		return true;
	}
	if (keyword != NULL) {
		number.unit = keyword->meaning < 0 ? HTML_CSS_PERCENT : HTML_CSS_PX;
		number.value = ABS(keyword->meaning);
		return html_said_set_size(said, number);
	}
	return html_css_number(value, &number) && html_said_set_size(said, number);
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
	       ((number.unit == HTML_CSS_NUMBER && number.value >= 1) || number.unit == HTML_CSS_TURN);
}

/* font: [style weight stretch] size[/line-height] family, or the name of a system font. */
static bool apply_font(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_share(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_filter(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_colour(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_fill(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_background_colour(HtmlSaid *said, void *field, HtmlCssWord value)
{
	(void)field;
	HtmlColour colour;
	if (!read_colour(value, &colour))
		return false;
	said->background = colour;
	return true;
}

static bool apply_picture(HtmlSaid *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->picture = !html_css_is(value, "none");
	return true;
}

/* background: a colour anywhere, the words of place and repeat, and pictures; it resets what it does not
 * name. */
static bool apply_background(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_clip_text(HtmlSaid *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->clip_text = html_css_is(value, "text");
	return true;
}

/* Lengths: a keyword means auto, none or the like. */
static bool apply_length(HtmlSaid *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber number = { .unit = HTML_CSS_NONE };

	(void)said;
	if (value.bytes == 0 || has_function(value))
		return false;
	if (!g_ascii_isalpha(value.text[0]) && !html_css_number(value, &number))
		return false;
	*(HtmlCssNumber *)field = number;
	return true;
}

static bool apply_indent(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_margin_left(HtmlSaid *said, void *field, HtmlCssWord value)
{
	if (!apply_length(said, field, value))
		return false;
	return said->margin_left_said = true;
}

/* Top, right, bottom, left, as many as differ. Result: how many were said, 0 = not a value. */
static unsigned read_sides(HtmlSaid *said, HtmlCssWord value, HtmlCssNumber sides[4])
{
	HtmlCssWord word;
	unsigned n = 0;

	for (; next_word(&value, "", &word); n++) {
		if (n == 4 || !apply_length(said, &sides[n], word))
			return 0;
	}
	for (unsigned i = n; n > 0 && i < 4; i++)
		sides[i] = sides[i == 3 ? 1 : 0];
	return n;
}

static bool apply_margin(HtmlSaid *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber sides[4];
	unsigned n = read_sides(said, value, sides);

	(void)field;
	if (n == 0)
		return false;
	said->margin_top = sides[0];
	said->margin_bottom = sides[2];
	said->margin_left = sides[3];
	said->margin_left_said = n == 4;
	return true;
}

static bool apply_inset(HtmlSaid *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber sides[4];

	(void)field;
	if (read_sides(said, value, sides) == 0)
		return false;
	said->top = sides[0];
	said->right = sides[1];
	said->left = sides[3];
	return true;
}

static bool apply_padding(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_border(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_overflow(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_overflow_axis(HtmlSaid *said, void *field, HtmlCssWord value)
{
	(void)said;
	return read_overflow(value, field);
}

static bool apply_position(HtmlSaid *said, void *field, HtmlCssWord value)
{
	static const Keyword keywords[] = {
		{ "static", HTML_POSITION_STATIC },     { "relative", HTML_POSITION_RELATIVE },
		{ "absolute", HTML_POSITION_ABSOLUTE }, { "fixed", HTML_POSITION_FIXED },
		{ "sticky", HTML_POSITION_STATIC },     { "-webkit-sticky", HTML_POSITION_STATIC }
	};
	const Keyword *keyword = FIND(keywords, value);

	(void)field;
	if (keyword != NULL)
		said->position = (HtmlPosition)keyword->meaning;
	return keyword != NULL;
}

static bool apply_float(HtmlSaid *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->floated = html_css_is(value, "left") || html_css_is(value, "right");
	return true;
}

/* clip: rect(top, right, bottom, left): nothing is left when two edges meet (or are a pixel apart). */
static bool apply_clip(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_clip_path(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_white_space(HtmlSaid *said, void *field, HtmlCssWord value)
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
		said->space_said = false;
		return true;
	}
	if (keyword == NULL)
		return false;
	said->space_said = true;
	said->space = (HtmlWhiteSpace)keyword->meaning;
	return true;
}

static bool apply_decoration(HtmlSaid *said, void *field, HtmlCssWord value)
{
	HtmlCssWord word;

	(void)field;
	said->struck = false;
	while (next_word(&value, "", &word))
		said->struck |= html_css_is(word, "line-through");
	return true;
}

/* text-shadow, -webkit-text-stroke: anything but none and a width of 0 */
static bool apply_outline(HtmlSaid *said, void *field, HtmlCssWord value)
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

static void read_move(HtmlSaid *said, HtmlCssWord word)
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

static bool apply_transform(HtmlSaid *said, void *field, HtmlCssWord value)
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

static bool apply_translate(HtmlSaid *said, void *field, HtmlCssWord value)
{
	HtmlCssNumber x = { .unit = HTML_CSS_NONE }, y = x;
	HtmlCssWord word;

	(void)field;
	if (next_word(&value, "", &word) && !apply_length(said, &x, word))
		return false;
	if (next_word(&value, "", &word) && !apply_length(said, &y, word))
		return false;
	said->moved_x = x;
	said->moved_y = y;
	return true;
}

static bool apply_scale(HtmlSaid *said, void *field, HtmlCssWord value)
{
	(void)field;
	said->scale_none = said->scale_larger = false;
	if (!html_css_is(value, "none"))
		read_factors(value, &said->scale_none, &said->scale_larger);
	return true;
}

static bool apply_all(HtmlSaid *said, void *field, HtmlCssWord value);

/* ---- the table of properties -----------------------------------------------------------------------------
 */

struct HtmlProperty {
	const char *name;
	Apply apply;
	size_t offset;
	const char *initial;
	const char *undecided; /* shows the text whatever else is said; NULL = it cannot hide any */
	bool inherited;
};

#define AT(member) offsetof(HtmlSaid, member)

/* In the order of strcmp. */
static const HtmlProperty properties[] = {
	{ "-moz-transform", apply_transform, 0, "none", "var()", false },
	{ "-ms-transform", apply_transform, 0, "none", "var()", false },
	{ "-webkit-background-clip", apply_clip_text, 0, "border-box", "text", false },
	{ "-webkit-clip-path", apply_clip_path, 0, "none", "none", false },
	{ "-webkit-filter", apply_filter, AT(filter), "none", "none", false },
	{ "-webkit-text-fill-color", apply_fill, 0, "currentcolor", "var", true },
	{ "-webkit-text-stroke", apply_outline, AT(stroke), "0", "1px", false },
	{ "-webkit-text-stroke-width", apply_outline, AT(stroke), "0", "1px", false },
	{ "-webkit-transform", apply_transform, 0, "none", "var()", false },
	{ "all", apply_all, 0, "initial", "initial", true },
	{ "background", apply_background, 0, "none", "url()", false },
	{ "background-clip", apply_clip_text, 0, "border-box", "text", false },
	{ "background-color", apply_background_colour, 0, "transparent", "var", false },
	{ "background-image", apply_picture, 0, "none", "url()", false },
	{ "border", apply_border, 0, "none", NULL, false },
	{ "border-left", apply_border, 0, "none", NULL, false },
	{ "clip", apply_clip, 0, "auto", "auto", false },
	{ "clip-path", apply_clip_path, 0, "none", "none", false },
	{ "color", apply_colour, 0, "black", "var", true },
	{ "display", apply_display, 0, "inline", "inline", false },
	{ "filter", apply_filter, AT(filter), "none", "none", false },
	{ "float", apply_float, 0, "none", "none", false },
	{ "font", apply_font, 0, "16px x", "1vw x", true },
	{ "font-size", apply_size, 0, "medium", "1vw", true },
	{ "height", apply_length, AT(height), "auto", "auto", false },
	{ "inset", apply_inset, 0, "auto", "auto", false },
	{ "left", apply_length, AT(left), "auto", "auto", false },
	{ "margin", apply_margin, 0, "0", "auto", false },
	{ "margin-bottom", apply_length, AT(margin_bottom), "0", NULL, false },
	{ "margin-left", apply_margin_left, AT(margin_left), "0", "auto", false },
	{ "margin-top", apply_length, AT(margin_top), "0", "auto", false },
	{ "max-height", apply_length, AT(max_height), "none", "none", false },
	{ "max-width", apply_length, AT(max_width), "none", "none", false },
	{ "min-height", apply_length, AT(min_height), "0", "1px", false },
	{ "min-width", apply_length, AT(min_width), "0", "1px", false },
	{ "opacity", apply_share, AT(opacity), "1", "1", false },
	{ "overflow", apply_overflow, 0, "visible", "visible", false },
	{ "overflow-x", apply_overflow_axis, AT(cut_x), "visible", "visible", false },
	{ "overflow-y", apply_overflow_axis, AT(cut_y), "visible", "visible", false },
	{ "padding", apply_padding, 0, "0", "1px", false },
	{ "padding-bottom", apply_padding, 0, "0", "1px", false },
	{ "padding-left", apply_padding, 0, "0", "1px", false },
	{ "padding-right", apply_padding, 0, "0", "1px", false },
	{ "padding-top", apply_padding, 0, "0", "1px", false },
	{ "position", apply_position, 0, "static", "static", false },
	{ "right", apply_length, AT(right), "auto", "auto", false },
	{ "scale", apply_scale, 0, "none", "var", false },
	{ "text-decoration", apply_decoration, 0, "none", NULL, false },
	{ "text-decoration-line", apply_decoration, 0, "none", NULL, false },
	{ "text-indent", apply_indent, AT(indent), "0", "0", true },
	{ "text-shadow", apply_outline, AT(shadow), "none", "1px", false },
	{ "top", apply_length, AT(top), "auto", "auto", false },
	{ "transform", apply_transform, 0, "none", "var()", false },
	{ "translate", apply_translate, 0, "none", "none", false },
	{ "visibility", apply_visibility, 0, "visible", "visible", true },
	{ "white-space", apply_white_space, 0, "normal", NULL, true },
	{ "width", apply_length, AT(width), "auto", "auto", false },
	{ "zoom", apply_share, AT(zoom), "1", "2", false },
};

static bool is_of_letters(const HtmlProperty *property)
{
	return property->apply == apply_colour || property->apply == apply_background_colour ||
	       property->apply == apply_size || property->apply == apply_white_space;
}

static bool apply_text(HtmlSaid *said, const HtmlProperty *property, const char *text)
{
	const HtmlCssWord value = { text, strlen(text) };

	said->boxed |= !is_of_letters(property);
	return property->apply(said, (char *)said + property->offset, value);
}

static bool is_global(HtmlCssWord value)
{
	static const Keyword keywords[] = {
		{ "inherit", 0 }, { "initial", 0 }, { "unset", 0 }, { "revert", 0 }, { "revert-layer", 0 }
	};

	return FIND(keywords, value) != NULL;
}

/* all: forgets all before it, the hints of attributes too; initial cuts off what would be inherited. */
static bool apply_all(HtmlSaid *said, void *field, HtmlCssWord value)
{
	(void)field;
	*said = (HtmlSaid) { .boxed = true, .display_said = true };
	if (!html_css_is(value, "initial"))
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(properties); i++) {
		const HtmlProperty *property = &properties[i];
		if (property->inherited && property->apply != apply_all)
			(void)apply_text(said, property, property->initial);
	}
	return true;
}

const HtmlProperty *html_said_property(const char *name)
{
	size_t low = 0, high = G_N_ELEMENTS(properties);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = html_name_order(name, properties[middle].name);
		if (order == 0)
			return &properties[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void apply_global(HtmlSaid *said, const HtmlProperty *property, HtmlCssWord value)
{
	bool keep = property->inherited && !html_css_is(value, "initial");
	bool paints = property->apply == apply_background || property->apply == apply_background_colour;

	if (property->apply == apply_all)
		(void)apply_all(said, NULL, value);
	else if (html_css_is(value, "inherit") && !property->inherited && !paints)
		html_said_doubt(said, property); /* what the parent said is not kept; its paint is behind */
	else
		(void)apply_text(said, property, keep ? "inherit" : property->initial);
}

void html_said_apply(HtmlSaid *said, const HtmlProperty *property, const char *text)
{
	HtmlCssWord value = { text, strlen(text) };

	if (is_global(value)) {
		apply_global(said, property, value);
		return;
	}
	bool known = property->apply != apply_all && apply_text(said, property, text);
	if (!known && has_function(value)) /* var(), calc() */
		html_said_doubt(said, property);
}

/* Nothing is known of the box any more but that it may be there. */
static void doubt_display(HtmlSaid *said)
{
	if (said->display == HTML_DISPLAY_NONE)
		said->display = HTML_DISPLAY_DEFAULT;
	said->display_said = true;
	said->display_box = false;
}

void html_said_doubt(HtmlSaid *said, const HtmlProperty *property)
{
	said->boxed = true;
	if (property->apply == apply_all)
		html_said_doubt_all(said);
	else if (property->apply == apply_display)
		doubt_display(said);
	else if (property->apply == apply_position)
		said->position = HTML_POSITION_UNDECIDED;
	else if (property->undecided != NULL)
		(void)apply_text(said, property, property->undecided);
}

void html_said_doubt_all(HtmlSaid *said)
{
	for (size_t i = 0; i < G_N_ELEMENTS(properties); i++) {
		if (properties[i].apply != apply_all)
			html_said_doubt(said, &properties[i]);
	}
}

void html_said_declare(void *user, const char *name, const char *value)
{
	const HtmlProperty *property = html_said_property(name);

	if (property != NULL)
		html_said_apply(user, property, value);
}
