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

	return !top->dropped && !html_style_hides_box(&top->style);
}

bool html_open_shows_tag(HtmlText *html, const HtmlTag *tag)
{
	const HtmlOpen *top = &html->stack.open[html->stack.top];
	unsigned table = html_stack_foster(&html->stack), at = table > 0 ? table - 1 : html->stack.top;
	const HtmlOpen *parent = &html->stack.open[at];

	if (top->dropped)
		return false;
	HtmlMatches matches = html_cascade_void(html, at, tag);
	if (tag->n_attributes == 0 && matches.n == 0)
		return !html_style_hides_box(&parent->style);
	HtmlStyle style = html_style_element(&parent->style, tag, matches);
	return !html_style_hides_box(&style);
}

/* ---- text ---------------------------------------------------------------------------------------------- */

static bool hides(const HtmlOpen *open)
{
	HtmlStyle style = open->style;

	if (open->second_line)
		style.indent = 0;
	return html_style_hides(&style);
}

static void end_line_at(HtmlText *html, unsigned at)
{
	for (HtmlOpen *open = &html->stack.open[at];; open--) {
		if (open->second_line || !html_style_indents_away(&open->style))
			return;
		open->second_line = true;
		open->hidden = hides(open);
		if (open->line || open == html->stack.open)
			return;
	}
}

void html_open_end_line(HtmlText *html)
{
	end_line_at(html, html->stack.top);
}

static void put_text(HtmlText *html, const HtmlOpen *open, const char *utf8, size_t bytes)
{
	if (open->hidden)
		html->facts.hidden_chars += html_sink_count(utf8, bytes);
	else
		html_sink_text(html->sink, utf8, bytes, open->style.white_space);
}

/* Of a text whose first line is moved away, in <pre>: that line; all of it when it goes on. */
static size_t first_line(const HtmlOpen *open, const char *utf8, size_t bytes)
{
	bool lines =
	        open->style.white_space == HTML_SPACE_PRE || open->style.white_space == HTML_SPACE_PRE_LINE;
	bool away = open->hidden && !open->second_line && html_style_indents_away(&open->style);
	const char *end = lines && away ? memchr(utf8, '\n', bytes) : NULL;

	return end != NULL ? (size_t)(end - utf8) : bytes;
}

static size_t white_space(const char *utf8, size_t bytes)
{
	size_t n = 0;

	while (n < bytes && strchr(" \t\n\f\r", utf8[n]) != NULL && utf8[n] != '\0')
		n++;
	return n;
}

/* White space between the parts of a table is nothing; text there is seen before it. */
static size_t put_foster(HtmlText *html, const char *utf8, size_t bytes)
{
	unsigned table = html_stack_foster(&html->stack);
	size_t blank = table > 0 ? white_space(utf8, bytes) : 0;

	if (blank > 0)
		put_text(html, &html->stack.open[table - 1], utf8, blank);
	return blank;
}

/* Text of <textarea> and the like is in the element itself, whatever waits. */
static bool is_raw(const HtmlOpen *open)
{
	return (html_element_of((HtmlKey)open->key)->flags & (HTML_RCDATA | HTML_RAWTEXT | HTML_SCRIPT)) != 0;
}

void html_open_text(HtmlText *html, const char *utf8, size_t bytes)
{
	HtmlStack *stack = &html->stack;

	if (html_stack_top(stack)->dropped) {
		html_cascade_sheet_text(html, utf8, bytes);
		return;
	}
	size_t blank = put_foster(html, utf8, bytes);
	if (blank == bytes)
		return;
	if (!is_raw(html_stack_top(stack)))
		html_open_resume(html);
	utf8 += blank;
	bytes -= blank;
	unsigned table = html_stack_foster(stack), at = table > 0 ? table - 1 : stack->top;
	size_t line = first_line(&stack->open[at], utf8, bytes);
	put_text(html, &stack->open[at], utf8, line);
	if (line == bytes)
		return;
	end_line_at(html, at);
	put_text(html, &stack->open[at], utf8 + line, bytes - line);
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
	if (key == HTML_KEY_P && open->styled && open->style.tight)
		open->blank = false;
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

void html_open_doubt_colours(HtmlText *html)
{
	HtmlStack *stack = &html->stack;

	if (html->doubted)
		return;
	html->doubted = true;
	for (unsigned i = 0; i <= stack->top; i++) {
		HtmlOpen *open = &stack->open[i];
		open->style.background.known = open->style.colour.known = false;
		open->hidden = hides(open);
	}
}

void html_open_sheet(HtmlText *html)
{
	html->sheets = true;
	html_open_doubt_colours(html);
}

/* What is to be opened: from a tag, or once more from what one said. */
typedef struct {
	const HtmlTag *tag; /* NULL: implied */
	HtmlStyleOwn *own;
} Source;

static void set_style(HtmlText *html, HtmlOpen *open, const HtmlElement *element, const Source *source,
                      unsigned around)
{
	const HtmlTag bare = { .name = element->name }, *tag = source->tag;
	HtmlMatches matches = html_cascade_open(html, open, around, tag);
	bool says = (tag != NULL && tag->n_attributes > 0) || matches.n > 0;
	bool asked = source->own != NULL || says || (tag != NULL && (element->flags & HTML_HAS_STYLE));
	open->named = tag != NULL && (html_open_attribute(tag, "class") || html_open_attribute(tag, "id"));
	bool doubted = html->sheets && (asked || open->hidden);

	if (!asked && !doubted)
		return;
	/* open->style is still the parent's, whichever element that is */
	HtmlStyle parent = doubted ? doubtful(&open->style) : open->style;
	if ((element->flags & HTML_IS_FORMAT) && says)
		open->own = html_style_own_new(tag, matches);
	else
		open->own = html_style_own_ref(source->own);
	if (open->own != NULL)
		open->style = html_style_of(&parent, open->own);
	else
		open->style = asked ? html_style_element(&parent, tag != NULL ? tag : &bare, matches) : parent;
	open->styled = open->own != NULL || says;
	open->hidden = hides(open);
	open->quiet |= open->style.display == HTML_DISPLAY_NONE;
}

/* A block has a first line of its own. */
static void set_line(HtmlOpen *open)
{
	if (!open->second_line || !open->line)
		return;
	open->second_line = false;
	open->hidden = hides(open);
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
	html->facts.capped = true;
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

/* In a table there may be parts of it and what is not seen; all else is seen before the table. Result: which
 * element it is in. */
static unsigned set_foster(HtmlText *html, HtmlOpen *open, const HtmlElement *element, unsigned table)
{
	const HtmlOpen *parent = table > 0 ? &html->stack.open[table - 1] : NULL;
	bool part = element->start == HTML_START_SECTION || element->start == HTML_START_ROW ||
	            element->start == HTML_START_CELL;

	if (parent == NULL || part)
		return html->stack.top - 1;
	open->style = parent->style;
	open->style.display = HTML_DISPLAY_DEFAULT;
	open->style.quote_indent = false;
	open->hidden = parent->hidden;
	open->quiet = parent->style.subtree_hidden;
	open->second_line = parent->second_line;
	return table - 1;
}

static void set_floor(HtmlText *html, HtmlOpen *open, const HtmlElement *element)
{
	if (!(element->flags & HTML_IS_MARKER))
		return;
	open->marks = true;
	open->later_floor = (uint16_t)html->later_floor;
	html->later_floor = html->n_later;
}

static HtmlOpen *push(HtmlText *html, const HtmlElement *element, HtmlKey key, const Source *source)
{
	if (!make_room(html, element, key))
		return NULL;
	unsigned table = html_stack_foster(&html->stack);
	HtmlOpen *open = html_stack_push(&html->stack, element, key);
	open->html = (element->flags & HTML_IS_FOREIGN) ? open->html : (uint16_t)html->stack.top;
	set_content(html, element);
	set_floor(html, open, element);
	if (key == HTML_KEY_STYLE && !open->dropped)
		html_cascade_begin_sheet(html, source->tag);
	html->facts.dropped_objects += !open->dropped && (element->flags & HTML_IS_OBJECT);
	open->dropped |= (element->flags & HTML_IS_DROPPED) != 0;
	if (element->flags & HTML_IS_FOREIGN)
		open->space = key == HTML_KEY_SVG ? HTML_SPACE_SVG : HTML_SPACE_MATH;
	tell_foreign(html);
	if (open->dropped)
		return open;
	unsigned around = set_foster(html, open, element, table);
	set_style(html, open, element, source, around);
	set_margins(open, element, key, source->tag);
	set_line(open);
	bound(html, open);
	set_marks(html, open, element);
	return open;
}

HtmlOpen *html_open_push(HtmlText *html, const HtmlElement *element, HtmlKey key, const HtmlTag *tag)
{
	const Source source = { tag, NULL };

	return push(html, element, key, &source);
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
	if (key == HTML_KEY_STYLE)
		html_open_sheet(html);
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

	if (html->n_links == HTML_LINKS_NESTED) /* never: each has an element of the stack */
		return;
	HtmlOpenLink *open = &html->open_links[html->n_links++];
	if (open->shown == NULL)
		open->shown = g_string_new(NULL);
	g_string_truncate(open->shown, 0);
	open->link = html_link_ref(link);
	open->picture = false;
	top->link = true;
	html_sink_capture(html->sink, open->shown);
}

/* ---- what an end does ---------------------------------------------------------------------------------- */

static void end_link(HtmlText *html)
{
	HtmlOpenLink *open = &html->open_links[--html->n_links];
	g_autoptr(HtmlLink) link = g_steal_pointer(&open->link);

	html_sink_capture(html->sink, html->n_links > 0 ? open[-1].shown : NULL);
	if (open->shown->len == 0 && !open->picture)
		return;
	if (open->shown->len == 0 && link->number > 0)
		return; /* a picture in slices: one of them will do */
	if (open->shown->len == 0)
		html_inline_picture(html);
	g_autofree char *mark = html_links_mark(html->links, link, open->shown->str);
	html_sink_attach(html->sink, mark);
}

static void clear_later(HtmlLater *later)
{
	html_style_own_unref(later->own);
	html_link_unref(later->link);
	*later = (HtmlLater) { .key = HTML_KEY_NONE };
}

static void end_marks(HtmlText *html, HtmlOpen *open)
{
	if (!open->marks)
		return;
	while (html->n_later > html->later_floor)
		clear_later(&html->later[--html->n_later]);
	html->later_floor = open->later_floor;
	open->marks = false;
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
	html_style_own_unref(g_steal_pointer(&open->own));
	end_marks(html, open);
	if (open->key == HTML_KEY_STYLE)
		html_cascade_end_sheet(html);
	if (open->dropped || open->quiet)
		return;
	if (start == HTML_START_ROW)
		html_sink_row_close(html->sink, open->row);
	if (start == HTML_START_CELL)
		html_sink_cell(html->sink, open->row);
	if (open->prefix)
		html_sink_pop(html->sink);
	bound(html, open);
	if (open->line)
		end_line_at(html, (unsigned)(open - html->stack.open) - 1);
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

/* Those without a style too: whether an end tag is theirs decides what else it ends. */
static bool goes_on(const HtmlOpen *open, unsigned at)
{
	bool formats = (html_element_of((HtmlKey)open->key)->flags & HTML_IS_FORMAT) != 0;

	return formats && open->marker < at && !open->dropped;
}

/* One that is written again just like one that waits already adds nothing: paragraphs after paragraphs, each
 * with a <font> that nobody closes. */
static bool waits(const HtmlLater *later, unsigned n, const HtmlLater *one)
{
	for (unsigned i = 0; i < n; i++) {
		if (one->link == NULL && later[i].key == one->key &&
		    html_style_own_same(later[i].own, one->own))
			return true;
	}
	return false;
}

/* Of too many the last ones are left out: they are shown as if they were not there. A link never is; there is
 * one at most in each cell. */
static void wait_in(HtmlLater *later, unsigned floor, unsigned *n, HtmlLater one)
{
	unsigned most = one.link != NULL ? HTML_LATERS : HTML_LATER_MAX;

	if (*n >= most || waits(later + floor, *n - floor, &one))
		clear_later(&one);
	else
		later[(*n)++] = one;
}

void html_open_close_to(HtmlText *html, unsigned at, bool reopen)
{
	HtmlLater later[HTML_LATERS];
	unsigned n = 0, link = html->n_links;

	if (at == 0 || html->stack.top < at)
		return;
	for (unsigned i = html->stack.top; reopen && i > at; i--)
		link -= html->stack.open[i].link;
	for (unsigned i = at + 1; reopen && i <= html->stack.top; i++) {
		const HtmlOpen *open = &html->stack.open[i];
		HtmlLink *own = open->link ? html->open_links[link++].link : NULL;
		if (goes_on(open, at))
			wait_in(later, 0, &n,
			        (HtmlLater) { (HtmlKey)open->key, html_style_own_ref(open->own),
			                      html_link_ref(own) });
	}
	html_open_close_above(html, at - 1);
	for (unsigned i = 0; i < n; i++)
		wait_in(html->later, html->later_floor, &html->n_later, later[i]);
}

/* ---- formatting elements that go on -------------------------------------------------------------------- */

static void resume(HtmlText *html, const HtmlLater *later)
{
	const HtmlElement *element = html_element_of(later->key);
	const Source source = { NULL, later->own };

	if (later->link == NULL && (html->later_credit == 0 || html_stack_full(&html->stack)))
		return;
	html->later_credit -= html->later_credit > 0;
	if (push(html, element, later->key, &source) != NULL && later->link != NULL)
		html_open_link(html, later->link);
}

void html_open_resume(HtmlText *html)
{
	HtmlLater later[HTML_LATERS];
	unsigned n = html->n_later - html->later_floor;

	if (n == 0)
		return;
	memcpy(later, html->later + html->later_floor, n * sizeof(later[0]));
	html->n_later = html->later_floor;
	for (unsigned i = 0; i < n; i++) {
		resume(html, &later[i]);
		clear_later(&later[i]);
	}
}

bool html_open_end_later(HtmlText *html, HtmlKey key)
{
	for (unsigned i = html->n_later; i > html->later_floor; i--) {
		HtmlLater *later = &html->later[i - 1];
		if (later->key != key)
			continue;
		clear_later(later);
		memmove(later, later + 1, (html->n_later - i) * sizeof(*later));
		html->n_later--;
		return true;
	}
	return false;
}

void html_open_clear(HtmlText *html)
{
	for (unsigned i = 0; i <= html->stack.top; i++)
		html_style_own_unref(html->stack.open[i].own);
	for (unsigned i = 0; i < html->n_later; i++)
		clear_later(&html->later[i]);
	for (unsigned i = 0; i < html->n_links; i++)
		html_link_unref(html->open_links[i].link);
	for (unsigned i = 0; i < HTML_LINKS_NESTED; i++) {
		if (html->open_links[i].shown != NULL)
			g_string_free(html->open_links[i].shown, TRUE);
	}
}

/* ---- ends ---------------------------------------------------------------------------------------------- */

static void end_middle(HtmlText *html, unsigned at)
{
	HtmlOpen *open = &html->stack.open[at];

	if (open->link)
		end_link(html);
	if (open->mark != 0)
		html_sink_mark_close(html->sink, open->mark, open->mark_close);
	html_style_own_unref(g_steal_pointer(&open->own));
	open->link = false;
	open->mark = 0;
	html_stack_end_middle(&html->stack, at);
}

static bool outlives(const HtmlOpen *open)
{
	return open->key == HTML_KEY_NONE ||
	       (html_element_of((HtmlKey)open->key)->flags & (HTML_IS_SPECIAL | HTML_IS_FORMAT));
}

/* The outcome of the "adoption agency", 13.2.6.4.7: of what is in the element, blocks and other formatting
 * elements outlive it. */
void html_open_end_formatting(HtmlText *html, unsigned at)
{
	unsigned block = html_stack_top(&html->stack)->special;

	if (block < at || html->stack.top - at > HTML_MIDDLE_MAX) {
		html_open_close_to(html, at, true);
		return;
	}
	if (html->stack.top > block)
		html_open_close_to(html, block + 1, true);
	for (unsigned i = block - 1; i >= at; i--) {
		if (i == at || !outlives(&html->stack.open[i]))
			end_middle(html, i);
	}
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

/* What a list to choose from lets in. All else is nothing to most readers, and its text is seen (the newest
 * let it in: then less of it may be seen, never more). */
static bool is_for_select(HtmlKey key)
{
	static const HtmlKey keys[] = { HTML_KEY_A,      HTML_KEY_BR,       HTML_KEY_HR,      HTML_KEY_IMG,
		                        HTML_KEY_INPUT,  HTML_KEY_OPTGROUP, HTML_KEY_OPTION,  HTML_KEY_SCRIPT,
		                        HTML_KEY_SELECT, HTML_KEY_TEMPLATE, HTML_KEY_TEXTAREA };

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (key == keys[i])
			return true;
	}
	return false;
}

bool html_open_lost_in_select(HtmlText *html, HtmlKey key, bool end)
{
	const HtmlOpen *top = html_stack_top(&html->stack);
	unsigned select = html_stack_find(&html->stack, HTML_KEY_SELECT, top->barrier);

	if (select == 0)
		return false;
	bool part = html_element_of(key)->end == HTML_END_TABLE && top->table != 0;

	if (top->dropped || is_for_select(key))
		return false;
	if (end && part && html_stack_find(&html->stack, key, top->table) == 0)
		return true;
	if (!part && key != HTML_KEY_KEYGEN)
		return true;
	html_open_close_to(html, select, true);
	return false;
}
