#include "html_open_priv.h"

#include "html_css_priv.h"

#include <stdlib.h>
#include <string.h>

const HtmlAttribute *html_open_attribute(const HtmlTag *tag, const char *name)
{
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		if (strcmp(tag->attributes[i].name, name) == 0)
			return &tag->attributes[i];
	}
	return NULL;
}

bool html_open_shows(const HtmlText *html)
{
	const HtmlOpen *top = &html->stack.open[html->stack.top];

	return !top->dropped && !top->style.subtree_hidden && !top->style.visibility_hidden;
}

void html_open_text(HtmlText *html, const char *utf8, size_t bytes)
{
	const HtmlOpen *top = html_stack_top(&html->stack);

	if (top->dropped)
		return;
	if (top->hidden)
		html->facts.hidden_chars += html_sink_count(utf8, bytes);
	else
		html_sink_text(html->sink, utf8, bytes, top->style.white_space);
}

/* ---- what a start does --------------------------------------------------------------------------------- */

static void declare_margin(void *user, const char *name, const char *value)
{
	double *margins = user;
	const char *bottom = value;

	if (strcmp(name, "margin-top") == 0)
		margins[0] = strtod(value, NULL);
	if (strcmp(name, "margin-bottom") == 0)
		margins[1] = strtod(value, NULL);
	if (strcmp(name, "margin") != 0)
		return;
	for (unsigned i = 0; i < 2 && bottom != NULL; i++) {
		bottom = strchr(bottom, ' ');
		bottom = bottom != NULL ? bottom + 1 : NULL;
	}
	margins[0] = strtod(value, NULL);
	margins[1] = strtod(bottom != NULL ? bottom : value, NULL);
}

/* A line and no paragraph: Outlook writes one <p> for every line and takes its margins away. */
static bool is_tight(const HtmlTag *tag)
{
	const HtmlAttribute *class = html_open_attribute(tag, "class"),
	                    *style = html_open_attribute(tag, "style");
	double margins[2] = { 16, 16 };

	if (style != NULL)
		html_css_declarations(style->value, style->value_bytes, declare_margin, margins);
	if (margins[0] != 16 || margins[1] != 16)
		return margins[0] < 2 && margins[1] < 2;
	return class != NULL && g_str_has_prefix(class->value, "Mso");
}

static void set_margins(HtmlOpen *open, const HtmlElement *element, HtmlKey key, const HtmlTag *tag)
{
	bool nested = element->start == HTML_START_LIST && open[-1].list != 0;
	bool plain = (element->start == HTML_START_PUSH || element->start == HTML_START_HEADING) &&
	             !(element->flags & HTML_EATS_LINE);

	open->line = (element->flags & (HTML_IS_LINE | HTML_IS_BLANK)) != 0;
	open->blank = (element->flags & HTML_IS_BLANK) && !nested;
	if (open->blank && key == HTML_KEY_P && tag != NULL && tag->n_attributes > 0)
		open->blank = !is_tight(tag);
	if (open->style.display == HTML_DISPLAY_BLOCK)
		open->line = true;
	if (open->style.display == HTML_DISPLAY_INLINE && plain)
		open->line = open->blank = false;
}

/* What a rule of a style sheet may say otherwise about a child: it counts as visible. */
static HtmlStyle doubtful(const HtmlStyle *parent)
{
	HtmlStyle style = *parent;

	style.font_px = html_style_root().font_px;
	style.colour.known = style.background.known = style.fill.known = false;
	style.visibility_hidden = false;
	style.indent = 0;
	return style;
}

static void set_style(HtmlText *html, HtmlOpen *open, const HtmlElement *element, const HtmlTag *tag)
{
	bool asked = tag != NULL && (tag->n_attributes > 0 || (element->flags & HTML_HAS_STYLE));
	bool doubted = html->sheets && (asked || open->hidden);

	if (!asked && !doubted)
		return;
	HtmlStyle parent = doubted ? doubtful(&open[-1].style) : open[-1].style;
	if (asked)
		open->style = html_style_element(&parent, tag);
	else
		open->style = parent;
	open->styled = asked && tag->n_attributes > 0;
	open->hidden = html_style_hides(&open->style);
	open->quiet |= open->style.display == HTML_DISPLAY_NONE;
}

static void set_marks(HtmlText *html, HtmlOpen *open, const HtmlElement *element)
{
	static const HtmlMarks struck = { { "[取消: ", "[deleted: " }, { "]", "]" } };
	bool strikes = !open->struck && ((element->flags & HTML_IS_STRUCK) || open->style.struck);
	const HtmlMarks *marks = strikes ? &struck : element->marks;

	open->struck |= strikes;
	if (marks == NULL)
		return;
	open->mark = html_sink_mark_open(html->sink, marks->open[html->options.english]);
	open->mark_close = marks->close[html->options.english];
}

static void set_content(HtmlText *html, const HtmlElement *element)
{
	static const struct {
		uint32_t flag;
		HtmlContent content;
	} contents[] = { { HTML_RCDATA, HTML_CONTENT_RCDATA },
		         { HTML_RAWTEXT, HTML_CONTENT_RAWTEXT },
		         { HTML_SCRIPT, HTML_CONTENT_SCRIPT },
		         { HTML_PLAINTEXT, HTML_CONTENT_PLAINTEXT } };

	for (size_t i = 0; i < G_N_ELEMENTS(contents); i++) {
		if (element->flags & contents[i].flag)
			html_tokenizer_set_content(html->tokenizer, contents[i].content);
	}
	html->eat_line = (element->flags & HTML_EATS_LINE) != 0;
}

static void tell_foreign(HtmlText *html)
{
	bool foreign = html_stack_top(&html->stack)->space != HTML_SPACE_HTML;

	if (foreign != html->foreign)
		html_tokenizer_set_foreign(html->tokenizer, foreign);
	html->foreign = foreign;
}

static void bound(HtmlText *html, const HtmlOpen *open)
{
	bool inlined = open->style.display == HTML_DISPLAY_INLINE &&
	               (html_element_of(open->key)->flags & HTML_IS_LINE);

	if (open->quiet || open->dropped)
		return;
	if (open->line)
		html_sink_block(html->sink, open->blank);
	else if (inlined) /* may be a column of its own: not to be glued to the one before */
		html_sink_space(html->sink);
}

static void end_effects(HtmlText *html, HtmlOpen *open);

/* True when there is room for one more, or made: the deepest becomes a sibling of what comes. A link keeps
 * what is in it. */
static bool make_room(HtmlText *html, const HtmlElement *element, HtmlKey key)
{
	HtmlOpen *top = html_stack_top(&html->stack);

	if (!html_stack_full(&html->stack))
		return true;
	html->facts.cut = true;
	if (top->link && key != HTML_KEY_A && !(element->flags & HTML_IS_DROPPED)) {
		html_stack_count_early(&html->stack, key);
		if (element->flags & (HTML_IS_LINE | HTML_IS_BLANK))
			html_sink_block(html->sink, false);
		return false;
	}
	end_effects(html, top);
	html_stack_pop_early(&html->stack);
	return true;
}

static void drop(HtmlText *html, HtmlOpen *open, const HtmlElement *element)
{
	html->facts.dropped_objects += !open->dropped && (element->flags & HTML_IS_OBJECT);
	open->dropped = true;
}

HtmlOpen *html_open_push(HtmlText *html, const HtmlElement *element, HtmlKey key, const HtmlTag *tag)
{
	if (!make_room(html, element, key))
		return NULL;
	HtmlOpen *open = html_stack_push(&html->stack, element, key);
	open->html = (element->flags & HTML_IS_FOREIGN) ? open->html : (uint16_t)html->stack.top;
	set_content(html, element);
	html->sheets |= key == HTML_KEY_STYLE && !open->dropped;
	if (element->flags & HTML_IS_DROPPED)
		drop(html, open, element);
	if (element->flags & HTML_IS_FOREIGN)
		open->space = key == HTML_KEY_SVG ? HTML_SPACE_SVG : HTML_SPACE_MATH;
	tell_foreign(html);
	if (open->dropped)
		return open;
	set_style(html, open, element, tag);
	set_margins(open, element, key, tag);
	bound(html, open);
	set_marks(html, open, element);
	return open;
}

void html_open_push_foreign(HtmlText *html, const HtmlTag *tag)
{
	static const HtmlElement integration = { "", HTML_IS_SPECIAL | HTML_IS_BARRIER | HTML_IS_MARKER,
		                                 HTML_START_PUSH, HTML_END_ORDINARY, NULL };
	const HtmlOpen *parent = html_stack_top(&html->stack);
	bool holds = html_element_holds_html(tag, parent->space == HTML_SPACE_MATH);
	HtmlNamespace space = parent->space;
	unsigned parent_key = parent->key;
	HtmlKey key, annotation;

	html_element_find("annotation-xml", &annotation);
	html_element_find(tag->name, &key);
	html->sheets |= key == HTML_KEY_STYLE;
	if (tag->self_closing || !make_room(html, &html_element_unknown, key))
		return;
	HtmlOpen *open = html_stack_push(&html->stack, holds ? &integration : &html_element_unknown, key);
	if (key == HTML_KEY_SVG && parent_key == annotation)
		space = HTML_SPACE_SVG;
	open->space = holds ? HTML_SPACE_HTML : space;
	tell_foreign(html);
}

void html_open_link(HtmlText *html, HtmlLink *link)
{
	HtmlOpen *top = html_stack_top(&html->stack);

	if (html->n_links == HTML_LINKS_NESTED) {
		html->facts.cut = true;
		return;
	}
	HtmlOpenLink *open = &html->open_links[html->n_links++];
	if (open->shown == NULL)
		open->shown = g_string_new(NULL);
	g_string_truncate(open->shown, 0);
	open->link = link;
	open->picture = false;
	top->link = true;
	html_sink_capture(html->sink, open->shown);
}

/* ---- what an end does ---------------------------------------------------------------------------------- */

static void end_link(HtmlText *html)
{
	HtmlOpenLink *open = &html->open_links[--html->n_links];

	html_sink_capture(html->sink, html->n_links > 0 ? open[-1].shown : NULL);
	if (open->shown->len == 0 && !open->picture)
		return;
	if (open->shown->len == 0 && open->link->number > 0)
		return; /* a picture in slices: one of them will do */
	if (open->shown->len == 0)
		html_inline_picture(html);
	g_autofree char *mark = html_links_mark(html->links, open->link, open->shown->str);
	html_sink_attach(html->sink, mark);
}

static void end_effects(HtmlText *html, HtmlOpen *open)
{
	HtmlStart start = html_element_of(open->key)->start;

	if (open->link)
		end_link(html);
	if (open->mark != 0)
		html_sink_mark_close(html->sink, open->mark, open->mark_close);
	open->link = false;
	open->mark = 0;
	if (open->dropped || open->quiet)
		return;
	if (start == HTML_START_ROW)
		html_sink_row_close(html->sink, open->row);
	if (start == HTML_START_CELL)
		html_sink_cell(html->sink, open->row);
	if (open->prefix)
		html_sink_pop(html->sink);
	bound(html, open);
}

void html_open_close_top(HtmlText *html)
{
	end_effects(html, html_stack_top(&html->stack));
	html_stack_pop(&html->stack);
	tell_foreign(html);
}

void html_open_close_above(HtmlText *html, unsigned at)
{
	while (html->stack.top > at)
		html_open_close_top(html);
}

void html_open_close_to(HtmlText *html, unsigned at, bool reopen)
{
	HtmlLink *link = NULL;
	HtmlKey struck = HTML_KEY_NONE;

	for (; at > 0 && html->stack.top >= at; html_open_close_top(html)) {
		const HtmlOpen *top = html_stack_top(&html->stack);
		if (!reopen || html->stack.top == at || top->dropped)
			continue;
		if (top->link)
			link = html->open_links[html->n_links - 1].link;
		if (top->mark != 0 && (top->key == HTML_KEY_S || top->key == HTML_KEY_STRIKE))
			struck = (HtmlKey)top->key;
	}
	if (struck != HTML_KEY_NONE)
		html_open_push(html, html_element_of(struck), struck, NULL);
	if (link != NULL && html_open_push(html, html_element_of(HTML_KEY_A), HTML_KEY_A, NULL) != NULL)
		html_open_link(html, link);
}

void html_open_end_formatting(HtmlText *html, unsigned at)
{
	HtmlOpen *open = &html->stack.open[at];

	if (at == html->stack.top || html->stack.top - at > HTML_MIDDLE_MAX) {
		html_open_close_to(html, at, false);
		return;
	}
	if (open->link)
		end_link(html);
	if (open->mark != 0)
		html_sink_mark_close(html->sink, open->mark, open->mark_close);
	html_stack_end_middle(&html->stack, at);
}

void html_open_close_p(HtmlText *html)
{
	HtmlStack *stack = &html->stack;

	html_open_close_to(html, html_stack_find(stack, HTML_KEY_P, html_stack_top(stack)->button_barrier),
	                   true);
}

void html_open_break_out(HtmlText *html)
{
	while (html_stack_top(&html->stack)->space != HTML_SPACE_HTML)
		html_open_close_top(html);
}
