/* office_style: styles of flat ODF, what they say about being seen. */
#include "office_style_priv.h"

#include <stdlib.h>
#include <string.h>

typedef struct Style {
	OfficeLook look; /* its own words; with its parents' once `settled` */
	char *parent;    /* key, or NULL */
	bool settled;
} Style;

struct OfficeStyles {
	GHashTable *by_key;  /* "family\x1Fname" -> Style; "family\x1F": the default */
	GHashTable *masters; /* names, kept once */
	GString *key;
	Style *open;
};

enum { NEAR = 16, NO_OPACITY = 5 /* percent */ };

OfficeLook office_look_plain(void)
{
	return (OfficeLook) { .colour = OFFICE_COLOUR_UNSAID, .ground = OFFICE_COLOUR_UNSAID };
}

static uint32_t size_over(uint32_t under, uint32_t size, uint32_t percent)
{
	if (size != 0)
		return size;
	if (percent == 0)
		return under;
	return under == 0 ? 0 : MAX(1, (uint32_t)((uint64_t)under * percent / 100));
}

OfficeLook office_look_over(const OfficeLook *under, const OfficeLook *over)
{
	OfficeLook both = *under;
	both.hidden = over->hidden != OFFICE_UNSAID ? over->hidden : under->hidden;
	both.invisible = over->invisible != OFFICE_UNSAID ? over->invisible : under->invisible;
	both.footer = over->footer != OFFICE_UNSAID ? over->footer : under->footer;
	both.header = over->header != OFFICE_UNSAID ? over->header : under->header;
	both.colour = over->colour != OFFICE_COLOUR_UNSAID ? over->colour : under->colour;
	if (over->ground != OFFICE_COLOUR_UNSAID && over->ground != OFFICE_COLOUR_CLEAR)
		both.ground = over->ground;
	both.size = size_over(under->size, over->size, over->percent);
	both.size_asian = size_over(under->size_asian, over->size_asian, over->percent_asian);
	both.percent = under->size == 0 && over->percent != 0 ? over->percent : under->percent;
	both.percent_asian = under->size_asian == 0 && over->percent_asian != 0 ? over->percent_asian
	                                                                        : under->percent_asian;
	both.scale = over->scale != 0 ? over->scale : under->scale;
	both.master = over->master != NULL ? over->master : under->master;
	return both;
}

static void style_free(void *data)
{
	Style *style = data;
	g_free(style->parent);
	g_free(style);
}

OfficeStyles *office_styles_new(void)
{
	OfficeStyles *styles = g_new0(OfficeStyles, 1);
	styles->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, style_free);
	styles->masters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	styles->key = g_string_new(NULL);
	return styles;
}

void office_styles_free(OfficeStyles *styles)
{
	if (styles == NULL)
		return;
	g_hash_table_unref(styles->by_key);
	g_hash_table_unref(styles->masters);
	g_string_free(styles->key, TRUE);
	g_free(styles);
}

/* Valid until the next key. */
static const char *key_of(OfficeStyles *styles, const char *family, const char *name)
{
	g_string_assign(styles->key, family);
	g_string_append_c(styles->key, '\x1F'); /* in no XML */
	g_string_append(styles->key, name != NULL ? name : "");
	return styles->key->str;
}

/* The same string for the same name, as long as the styles live. */
static const char *keep_master(OfficeStyles *styles, const char *name)
{
	void *kept = NULL;
	if (name == NULL || name[0] == '\0')
		return NULL;
	if (!g_hash_table_lookup_extended(styles->masters, name, &kept, NULL)) {
		kept = g_strdup(name);
		g_hash_table_add(styles->masters, kept);
	}
	return kept;
}

void office_styles_begin(OfficeStyles *styles, const char *family, const char *name, const char *parent,
                         const char *master)
{
	styles->open = NULL;
	const char *key = key_of(styles, family, name);
	if (g_hash_table_contains(styles->by_key, key))
		return;
	Style *style = g_new0(Style, 1);
	style->look = office_look_plain();
	style->look.master = keep_master(styles, master);
	g_hash_table_insert(styles->by_key, g_strdup(key), style);
	if (parent != NULL || name != NULL)
		style->parent = g_strdup(key_of(styles, family, parent));
	styles->open = style;
}

void office_styles_end(OfficeStyles *styles)
{
	styles->open = NULL;
}

/* ---- properties ---------------------------------------------------------------------------------------- */

static int32_t read_colour(const char *value)
{
	if (strcmp(value, "transparent") == 0)
		return OFFICE_COLOUR_CLEAR;
	if (value[0] != '#' || strlen(value) != 7 || strspn(value + 1, "0123456789abcdefABCDEF") != 6)
		return OFFICE_COLOUR_UNKNOWN;
	return (int32_t)strtoul(value + 1, NULL, 16);
}

/* "10.5pt" in 1/1000 pt, "80%" in percent. Our own: strtod() asks the locale. */
static uint64_t read_number(const char *value, const char **ret_unit)
{
	uint64_t number = 0, unit = 1000;
	for (; g_ascii_isdigit(*value); value++)
		number = MIN(number * 10 + (uint64_t)(*value - '0'), 1000000);
	number *= 1000;
	if (*value == '.')
		for (value++; g_ascii_isdigit(*value); value++) {
			unit /= 10;
			number += unit * (uint64_t)(*value - '0');
		}
	*ret_unit = value;
	return number;
}

bool office_length(const char *value, int64_t *ret_length)
{
	static const struct {
		const char *unit;
		unsigned thousandths; /* of a point */
	} units[] = { { "pt", 1000 }, { "in", 72000 }, { "cm", 28346 },
		      { "mm", 2835 }, { "pc", 12000 }, { "px", 750 } };
	const char *unit, *digits = value[0] == '-' ? value + 1 : value;
	int64_t number = (int64_t)read_number(digits, &unit);
	for (size_t i = 0; unit != digits && i < G_N_ELEMENTS(units); i++)
		if (strcmp(unit, units[i].unit) == 0) {
			*ret_length = (digits > value ? -number : number) * units[i].thousandths / 1000;
			return true;
		}
	return false;
}

static void read_size(const char *value, uint32_t *size, uint32_t *percent)
{
	const char *unit;
	uint64_t number = read_number(value, &unit);
	int64_t length;
	if (unit != value && strcmp(unit, "%") == 0)
		*percent = (uint32_t)MAX(1, number / 1000);
	else if (office_length(value, &length))
		*size = (uint32_t)CLAMP(length, 1, G_MAXUINT32);
}

/* "super 58%", "33% 58%": the second is the size. */
static uint32_t read_scale(const char *value)
{
	const char *second = strchr(value, ' '), *unit;
	if (second == NULL)
		return 0;
	uint64_t number = read_number(second + 1, &unit) / 1000;
	return unit != second + 1 && *unit == '%' ? (uint32_t)MAX(1, MIN(number, 100)) : 0;
}

static bool is_less_than(const char *value, unsigned percent)
{
	const char *unit;
	uint64_t number = read_number(value, &unit);
	return unit != value && number < (uint64_t)percent * 1000;
}

static void read_fill(OfficeLook *look, const char *value)
{
	if (strcmp(value, "none") == 0)
		look->ground = OFFICE_COLOUR_CLEAR;
	else if (strcmp(value, "solid") != 0)
		look->ground = OFFICE_COLOUR_UNKNOWN;
}

static const char *value_of(const char *const *attributes, const char *name)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}

/* Several attributes together say what is behind a text. */
static void read_ground(OfficeLook *look, const char *const *attributes)
{
	const char *ground = value_of(attributes, "fo:background-color"),
	           *fill = value_of(attributes, "draw:fill");
	const char *colour = value_of(attributes, "draw:fill-color"),
	           *opacity = value_of(attributes, "draw:opacity");
	if (ground != NULL)
		look->ground = read_colour(ground);
	if (colour != NULL && (fill == NULL || strcmp(fill, "solid") == 0))
		look->ground = read_colour(colour);
	if (fill != NULL)
		read_fill(look, fill);
	if (opacity != NULL && is_less_than(opacity, 100))
		look->ground = OFFICE_COLOUR_UNKNOWN;
}

static OfficeSaid said(bool yes)
{
	return yes ? OFFICE_YES : OFFICE_NO;
}

static void read_property(OfficeLook *look, const char *name, const char *value)
{
	if (strcmp(name, "text:display") == 0)
		look->hidden = said(strcmp(value, "none") == 0);
	else if (strcmp(name, "presentation:visibility") == 0)
		look->hidden = said(strcmp(value, "hidden") == 0);
	else if (strcmp(name, "table:display") == 0)
		look->hidden = said(strcmp(value, "false") == 0);
	else if (strcmp(name, "fo:color") == 0)
		look->colour = read_colour(value);
	else if (strcmp(name, "fo:font-size") == 0)
		read_size(value, &look->size, &look->percent);
	else if (strcmp(name, "style:font-size-asian") == 0)
		read_size(value, &look->size_asian, &look->percent_asian);
	else if (strcmp(name, "style:text-position") == 0)
		look->scale = read_scale(value);
	else if (strcmp(name, "loext:opacity") == 0)
		look->invisible = said(is_less_than(value, NO_OPACITY));
	else if (strcmp(name, "presentation:display-footer") == 0)
		look->footer = said(strcmp(value, "true") == 0);
	else if (strcmp(name, "presentation:display-header") == 0)
		look->header = said(strcmp(value, "true") == 0);
}

void office_styles_properties(OfficeStyles *styles, const char *const *attributes)
{
	if (styles->open == NULL)
		return;
	OfficeLook *look = &styles->open->look;
	for (const char *const *at = attributes; at[0] != NULL; at += 2)
		read_property(look, at[0], at[1]);
	read_ground(look, attributes);
	const char *automatic = value_of(attributes, "style:use-window-font-color");
	if (automatic == NULL || strcmp(automatic, "true") != 0)
		return;
	look->colour = OFFICE_COLOUR_UNKNOWN;
	look->invisible = OFFICE_NO; /* LibreOffice writes an opacity of 0 % beside it and means none */
}

/* ---- finding ------------------------------------------------------------------------------------------- */

/* Of one and the same text: transparent takes back what a parent says. */
static OfficeLook own_over(const OfficeLook *parent, const OfficeLook *own)
{
	OfficeLook both = office_look_over(parent, own);
	if (own->ground == OFFICE_COLOUR_CLEAR)
		both.ground = OFFICE_COLOUR_CLEAR;
	return both;
}

static const OfficeLook *settle(OfficeStyles *styles, Style *style)
{
	Style *chain[OFFICE_STYLE_ANCESTORS];
	unsigned n = 0;

	for (Style *at = style; at != NULL && n < OFFICE_STYLE_ANCESTORS; n++) {
		chain[n] = at;
		if (at->settled)
			at = NULL;
		else
			at = at->parent != NULL ? g_hash_table_lookup(styles->by_key, at->parent) : NULL;
	}
	OfficeLook look = office_look_plain();
	for (unsigned i = n; i-- > 0;) {
		if (chain[i]->settled)
			look = chain[i]->look;
		else
			look = own_over(&look, &chain[i]->look);
		chain[i]->look = look;
		chain[i]->settled = true;
	}
	return &style->look;
}

const OfficeLook *office_styles_find(OfficeStyles *styles, const char *family, const char *name)
{
	static const OfficeLook plain = { .colour = OFFICE_COLOUR_UNSAID, .ground = OFFICE_COLOUR_UNSAID };
	Style *style = g_hash_table_lookup(styles->by_key, key_of(styles, family, name));
	if (style == NULL && name != NULL)
		style = g_hash_table_lookup(styles->by_key, key_of(styles, family, NULL));
	return style != NULL ? settle(styles, style) : &plain;
}

bool office_colour_near(int32_t a, int32_t b)
{
	if (a < 0 || b < 0)
		return false;
	for (unsigned shift = 0; shift <= 16; shift += 8)
		if (abs((a >> shift & 0xFF) - (b >> shift & 0xFF)) > NEAR)
			return false;
	return true;
}
