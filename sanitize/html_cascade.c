/* html_cascade: style sheets as they come, and the rules for each element; what <html> and <body> look like.
 */
#include "html_open_priv.h"
#include "html_sheet_priv.h"

#include <string.h>

enum { ROOT_TAG_BYTES = 16 * 1024 };

/* ---- <html> and <body>
 * ------------------------------------------------------------------------------------- */

static void clear_root_tag(HtmlRootTag *root)
{
	for (unsigned i = 0; i < root->tag.n_attributes; i++) {
		g_free((char *)root->attributes[i].name);
		g_free((char *)root->attributes[i].value);
	}
	g_free(root->attributes);
	*root = (HtmlRootTag) { .attributes = NULL };
}

static size_t tag_bytes(const HtmlTag *tag)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < tag->n_attributes; i++)
		bytes += tag->attributes[i].value_bytes;
	return bytes;
}

/* False when it is too long to be kept. */
static bool keep_root_tag(HtmlRootTag *root, const HtmlTag *tag)
{
	if (tag_bytes(tag) > ROOT_TAG_BYTES)
		return false;
	root->attributes = g_new0(HtmlAttribute, tag->n_attributes);
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		const HtmlAttribute *from = &tag->attributes[i];
		root->attributes[i] =
		        (HtmlAttribute) { g_strdup(from->name), g_strndup(from->value, from->value_bytes),
			                  from->value_bytes };
	}
	root->tag = (HtmlTag) { .attributes = root->attributes, .n_attributes = tag->n_attributes };
	return true;
}

static HtmlMatches rules_for(HtmlText *html, unsigned level, unsigned parent, const HtmlTag *tag)
{
	if (html->rules == NULL || !html_rules_any(html->rules))
		return (HtmlMatches) { NULL, 0 };
	HtmlMatches matches = html_rules_open(html->rules, level, parent, tag);
	if (!html_rules_overrun(html->rules))
		return matches;
	html->facts.capped = true;
	html_open_sheet(html);
	return (HtmlMatches) { NULL, 0 };
}

/* Both are there whether they were written or not. */
static void style_root(HtmlText *html)
{
	HtmlOpen *root = &html->stack.open[0];
	HtmlStyle style = html_style_root();
	HtmlTag outer = html->roots[0].tag, inner = html->roots[1].tag;

	outer.name = "html";
	inner.name = "body";
	style = html_style_element(&style, &outer,
	                           rules_for(html, HTML_LEVEL_BETWEEN, HTML_LEVEL_BETWEEN, &outer));
	style = html_style_element(&style, &inner, rules_for(html, 0, HTML_LEVEL_BETWEEN, &inner));
	style.display = HTML_DISPLAY_DEFAULT;
	root->style = style;
	root->hidden = html_style_hides(&style);
	if (html->doubted)
		root->style.background.known = root->style.colour.known = false;
}

void html_cascade_root(HtmlText *html, HtmlKey key, const HtmlTag *tag)
{
	HtmlRootTag *root = &html->roots[key == HTML_KEY_BODY];

	if (tag->n_attributes == 0)
		return;
	if (root->attributes != NULL || html->stack.top > 0) { /* it may still paint what is behind all */
		html_open_doubt_colours(html);
		return;
	}
	if (!keep_root_tag(root, tag)) {
		html->facts.capped = true;
		html_open_doubt_colours(html);
		return;
	}
	style_root(html);
}

/* ---- sheets
 * ------------------------------------------------------------------------------------------------- */

static bool is_css(const HtmlTag *tag)
{
	const HtmlAttribute *type = html_tag_attribute(tag, "type");

	return type == NULL || type->value_bytes == 0 || g_ascii_strcasecmp(type->value, "text/css") == 0;
}

void html_cascade_begin_sheet(HtmlText *html, const HtmlTag *tag)
{
	const HtmlAttribute *media = html_tag_attribute(tag, "media");
	HtmlMatching applies = HTML_MATCH_YES;

	if (media != NULL)
		applies = html_sheet_media(media->value, media->value_bytes);
	if (applies == HTML_MATCH_NO || !is_css(tag))
		return;
	html->sheet = g_string_new(NULL);
	html->sheet_maybe = applies == HTML_MATCH_MAYBE;
}

void html_cascade_sheet_text(HtmlText *html, const char *utf8, size_t bytes)
{
	size_t room = HTML_SHEETS_BYTES - html->sheet_bytes;

	if (html->sheet == NULL)
		return;
	html->sheet_cut |= bytes > room;
	html->sheet_bytes += MIN(bytes, room);
	g_string_append_len(html->sheet, utf8, (gssize)MIN(bytes, room));
}

static HtmlSketch sketch_of(const HtmlOpen *open)
{
	bool ended = open->key == HTML_KEY_NONE;

	return (HtmlSketch) { html_element_of((HtmlKey)open->key)->name, open->styled || ended,
		              open->named || ended };
}

/* What is open already was styled without this sheet, and its tag is gone. */
static bool obeyed_late(HtmlText *html)
{
	bool obeys = false;

	for (unsigned i = 1; i < html->stack.top; i++)
		obeys |= html_rules_late(html->rules, i, i - 1, sketch_of(&html->stack.open[i]));
	return obeys;
}

static bool same_colour(HtmlColour a, HtmlColour b)
{
	return a.red == b.red && a.green == b.green && a.blue == b.blue && a.alpha == b.alpha &&
	       a.known == b.known;
}

static void read_sheet(HtmlText *html, const GString *sheet)
{
	const HtmlStyle before = html->stack.open[0].style;

	if (html->rules == NULL)
		html->rules = html_rules_new();
	html_rules_begin_sheet(html->rules);
	bool known = html_sheet_read(html->rules, sheet->str, sheet->len, html->sheet_maybe);
	if (known && !html->sheet_cut && !html_rules_said_more(html->rules))
		return;
	style_root(html);
	const HtmlStyle *after = &html->stack.open[0].style;
	bool repainted = html->stack.top > 1 && (!same_colour(before.colour, after->colour) ||
	                                         !same_colour(before.background, after->background));
	html->facts.capped |= html->sheet_cut || html_rules_overrun(html->rules);
	if (!known || html->sheet_cut || html_rules_overrun(html->rules))
		html_open_sheet(html);
	else if (obeyed_late(html) || repainted)
		html_open_doubt_colours(html);
}

void html_cascade_end_sheet(HtmlText *html)
{
	g_autoptr(GString) sheet = g_steal_pointer(&html->sheet);

	if (sheet != NULL)
		read_sheet(html, sheet);
}

void html_cascade_clear(HtmlText *html)
{
	clear_root_tag(&html->roots[0]);
	clear_root_tag(&html->roots[1]);
	html_rules_free(html->rules);
	if (html->sheet != NULL)
		g_string_free(html->sheet, TRUE);
}

/* ---- elements
 * ----------------------------------------------------------------------------------------------- */

/* HTML puts a tbody around a row that has none. */
static unsigned open_between(HtmlText *html, HtmlOpen *open, unsigned parent)
{
	static const HtmlTag tbody = { .name = "tbody" };

	if (open->key != HTML_KEY_TR || html->stack.open[parent].key != HTML_KEY_TABLE)
		return parent;
	HtmlMatches matches = rules_for(html, HTML_LEVEL_BETWEEN, parent, &tbody);
	if (matches.n == 0)
		return HTML_LEVEL_BETWEEN;
	open->style = html_style_element(&open->style, &tbody, matches);
	open->style.display = HTML_DISPLAY_DEFAULT;
	open->styled = true;
	open->hidden = html_style_hides(&open->style);
	open->quiet |= open->style.subtree_hidden;
	return HTML_LEVEL_BETWEEN;
}

HtmlMatches html_cascade_open(HtmlText *html, HtmlOpen *open, unsigned parent, const HtmlTag *tag)
{
	unsigned level = (unsigned)(open - html->stack.open);
	const char *name = html_element_of((HtmlKey)open->key)->name;

	if (html->rules == NULL || !html_rules_any(html->rules))
		return (HtmlMatches) { NULL, 0 };
	parent = open_between(html, open, parent);
	if (tag != NULL)
		return rules_for(html, level, parent, tag);
	if (open->key == HTML_KEY_TR)
		return rules_for(html, level, parent, &(HtmlTag) { .name = name });
	html_rules_reopen(html->rules, level, parent, (HtmlSketch) { name, true, true });
	return (HtmlMatches) { NULL, 0 };
}

HtmlMatches html_cascade_void(HtmlText *html, unsigned parent, const HtmlTag *tag)
{
	return rules_for(html, HTML_LEVEL_VOID, parent, tag);
}
