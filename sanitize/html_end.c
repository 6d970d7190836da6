#include "html_open_priv.h"

typedef void (*EndHandler)(HtmlText *html, HtmlKey key);

static HtmlOpen *top_of(HtmlText *html)
{
	return html_stack_top(&html->stack);
}

/* Also of svg and math from within the HTML in them, where the standard knows elements of HTML only and the
 * rest of the mail is lost in a <svg><title>: other readers than browsers show it, and so is it here. */
static void end_ordinary(HtmlText *html, HtmlKey key)
{
	html_open_close_to(html, html_stack_find(&html->stack, key, top_of(html)->special), true);
}

static void end_scoped(HtmlText *html, HtmlKey key)
{
	html_open_close_to(html, html_stack_find(&html->stack, key, top_of(html)->barrier), true);
}

/* The form is over, but not what is in it (13.2.6.4.7: "remove node from the stack of open elements"). */
static void end_form(HtmlText *html, HtmlKey key)
{
	HtmlStack *stack = &html->stack;
	unsigned open = html_stack_find(stack, key, top_of(html)->barrier);

	if (top_of(html)->template != 0) {
		html_open_close_to(html, open, true);
		return;
	}
	html->form = false;
	if (open == 0 || !stack->open[open].form)
		return;
	html_open_close_implied(html, true);
	html_open_forget(html, open);
}

static void end_formatting(HtmlText *html, HtmlKey key)
{
	unsigned bound = MAX(top_of(html)->marker + 1U, top_of(html)->barrier);
	unsigned open = html_stack_find(&html->stack, key, bound);
	if (html_open_end_later(html, key, open > 0 ? html->stack.open[open].order : 0))
		return;
	if (open == 0)
		return;
	html_open_break_out(html); /* svg and math end with the element that they are in */
	html_open_end_formatting(html, open);
}

static void end_p(HtmlText *html, HtmlKey key)
{
	unsigned open = html_stack_find(&html->stack, key, top_of(html)->button_barrier);

	if (open > 0)
		html_open_close_to(html, open, true);
	else if (html_open_shows(html))
		html_sink_block(html->sink, true);
}

static void end_br(HtmlText *html, HtmlKey key)
{
	(void)key;
	html_open_end_line(html);
	if (!html->body_begun && !top_of(html)->dropped)
		html_open_begin_body(html);
	if (html_open_shows(html))
		html_sink_break(html->sink, HTML_BREAKS_MAX);
}

static void end_heading(HtmlText *html, HtmlKey key)
{
	static const HtmlKey headings[] = { HTML_KEY_H1, HTML_KEY_H2, HTML_KEY_H3,
		                            HTML_KEY_H4, HTML_KEY_H5, HTML_KEY_H6 };
	unsigned open =
	        html_stack_find_any(&html->stack, headings, G_N_ELEMENTS(headings), top_of(html)->barrier);

	(void)key;
	html_open_close_to(html, open, true);
}

static void end_li(HtmlText *html, HtmlKey key)
{
	html_open_close_to(html, html_stack_find(&html->stack, key, top_of(html)->list_barrier), true);
}

static void end_table(HtmlText *html, HtmlKey key)
{
	unsigned table = top_of(html)->table;

	if (table != 0)
		html_open_close_to(html, html_stack_find(&html->stack, key, table), false);
}

/* No scope bounds it: what a <template> holds is never seen, so it must not go on where a browser's ends. */
static void end_template(HtmlText *html, HtmlKey key)
{
	(void)key;
	html_open_close_to(html, top_of(html)->template, false);
}

static void end_root(HtmlText *html, HtmlKey key)
{
	bool noscript = html_stack_find(&html->stack, HTML_KEY_NOSCRIPT, 1) > 0;

	if (html->body_begun || noscript || top_of(html)->dropped)
		return;
	if (key == HTML_KEY_HEAD)
		html->head_ended = true;
	else
		html_open_begin_body(html);
}

static void end_skip(HtmlText *html, HtmlKey key)
{
	(void)html, (void)key;
}

static const EndHandler handlers[HTML_ENDS] = {
	[HTML_END_ORDINARY] = end_ordinary,
	[HTML_END_SCOPED] = end_scoped,
	[HTML_END_FORMATTING] = end_formatting,
	[HTML_END_P] = end_p,
	[HTML_END_ROOT] = end_root,
	[HTML_END_BR] = end_br,
	[HTML_END_FORM] = end_form,
	[HTML_END_HEADING] = end_heading,
	[HTML_END_LI] = end_li,
	[HTML_END_TABLE] = end_table,
	[HTML_END_TEMPLATE] = end_template,
	[HTML_END_SKIP] = end_skip,
};

/* In svg and math names are matched up to the next element of HTML. True when it is done. */
static bool end_foreign(HtmlText *html, HtmlKey key)
{
	unsigned open = html->stack.last[key];

	if (key == HTML_KEY_P || key == HTML_KEY_BR) {
		html_open_break_out(html);
		return false;
	}
	if (open <= top_of(html)->html)
		return false;
	html_open_close_to(html, open, false);
	return true;
}

void html_end_tag(HtmlText *html, const HtmlTag *tag)
{
	HtmlKey key;
	const HtmlElement *element = html_element_of_tag(tag, &key);

	html->eat_line = false;
	if (html_stack_was_early(&html->stack, key)) {
		if (html_stack_full(&html->stack))
			html_open_close_top(html);
		return;
	}
	/* 13.2.6: not by what the element holds but by what it is, so that </svg> closes <svg><title> too */
	if (top_of(html)->html != html->stack.top && end_foreign(html, key))
		return;
	if (!html_open_lost_in_select(html, key, true))
		handlers[element->end](html, key);
}
