#include "html_open_priv.h"

#include "html_append_priv.h"
#include "html_css_priv.h"

#include <stdlib.h>
#include <string.h>

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
	if (!open->second_line)
		return html_style_hides(&open->style);
	HtmlStyle style = open->style;
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

	while (n < bytes &&
	       (utf8[n] == ' ' || utf8[n] == '\n' || utf8[n] == '\t' || utf8[n] == '\r' || utf8[n] == '\f'))
		n++;
	return n;
}

/* White space between the parts of a table is nothing; text there is seen before it. */
static size_t put_foster(HtmlText *html, unsigned table, const char *utf8, size_t bytes)
{
	size_t blank = white_space(utf8, bytes);

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
	unsigned table;

	if (html_stack_top(stack)->dropped) {
		html_cascade_sheet_text(html, utf8, bytes);
		return;
	}
	if (!html->body_begun && white_space(utf8, bytes) < bytes)
		html_open_begin_body(html);
	table = html_stack_foster(stack);
	if (table > 0) {
		size_t blank = put_foster(html, table, utf8, bytes);
		utf8 += blank;
		bytes -= blank;
	}
	if (bytes == 0)
		return;
	if (html->n_later > html->later_floor && !is_raw(html_stack_top(stack))) {
		html_open_resume(html);
		table = html_stack_foster(stack);
	}
	unsigned at = table > 0 ? table - 1 : stack->top;
	size_t line = first_line(&stack->open[at], utf8, bytes);
	put_text(html, &stack->open[at], utf8, line);
	if (line == bytes)
		return;
	end_line_at(html, at);
	put_text(html, &stack->open[at], utf8 + line, bytes - line);
}

/* ---- what a start does --------------------------------------------------------------------------------- */

bool html_open_has_class(const HtmlTag *tag, const char *name)
{
	const HtmlAttribute *class = html_tag_attribute(tag, "class");
	HtmlCssWord word;

	if (class == NULL)
		return false;
	for (const char *at = class->value, *end = at + class->value_bytes;
	     html_css_word(&at, end, " \t\n\f\r", &word);) {
		if (word.bytes == strlen(name) && g_ascii_strncasecmp(word.text, name, word.bytes) == 0)
			return true;
	}
	return false;
}

/* A line and no paragraph: Outlook writes one <p> for every line and takes its margins away. */
static bool is_tight(const HtmlOpen *open, const HtmlTag *tag)
{
	return (open->styled && open->style.tight) || (tag != NULL && html_open_has_class(tag, "MsoNormal"));
}

static void set_margins(HtmlOpen *open, const HtmlElement *element, HtmlKey key, const HtmlTag *tag)
{
	if ((element->flags & (HTML_IS_LINE | HTML_IS_BLANK)) == 0) {
		open->line = open->style.display == HTML_DISPLAY_BLOCK;
		return;
	}
	bool nested = element->start == HTML_START_LIST && open[-1].list != 0;
	bool plain = (element->start == HTML_START_PUSH || element->start == HTML_START_HEADING) &&
	             !(element->flags & HTML_EATS_LINE);

	open->line = true;
	open->blank = (element->flags & HTML_IS_BLANK) && !nested;
	if (key == HTML_KEY_P)
		open->blank = !is_tight(open, tag);
	if (open->style.display == HTML_DISPLAY_BLOCK)
		open->line = true;
	if (open->style.display == HTML_DISPLAY_INLINE && plain)
		open->line = open->blank = false;
}

/* What a rule of a style sheet may say otherwise about a child: it counts as visible. */
static void doubt(HtmlStyle *style)
{
	style->font_px = html_style_root().font_px;
	style->colour.known = style->background.known = style->fill.known = false;
	style->visibility_hidden = false;
	style->indent = 0;
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
	uint64_t order; /* 0 = a new one */
} Source;

/* Nothing says anything of the element: it looks like its parent. */
static bool is_unstyled(const HtmlText *html, const HtmlElement *element, const Source *source)
{
	const HtmlTag *tag = source->tag;

	return html->rules == NULL && !html->sheets && source->own == NULL &&
	       (tag == NULL || (tag->n_attributes == 0 && !(element->flags & HTML_HAS_STYLE)));
}

/* It may go on elsewhere. */
static void keep_own(HtmlOpen *open, const HtmlElement *element, const Source *source, HtmlMatches matches)
{
	const HtmlTag *tag = source->tag;
	bool says = (tag != NULL && tag->n_attributes > 0) || matches.n > 0;

	if ((element->flags & HTML_IS_FORMAT) && says)
		open->own = html_style_own_new(tag, matches);
	else
		open->own = html_style_own_ref(source->own);
}

static void set_style(HtmlText *html, HtmlOpen *open, const HtmlElement *element, const Source *source,
                      unsigned around)
{
	const HtmlTag bare = { .name = element->name }, *tag = source->tag;
	HtmlMatches matches = html_cascade_open(html, open, around, tag);
	bool says = (tag != NULL && tag->n_attributes > 0) || matches.n > 0;
	bool asked = source->own != NULL || says || (tag != NULL && (element->flags & HTML_HAS_STYLE));
	open->named = tag != NULL && (html_tag_attribute(tag, "class") || html_tag_attribute(tag, "id"));
	bool doubted = html->sheets && (asked || open->hidden);

	if (!asked && !doubted)
		return;
	/* open->style is still the parent's, whichever element that is */
	if (doubted)
		doubt(&open->style);
	keep_own(open, element, source, matches);
	if (open->own != NULL)
		html_style_enter_own(&open->style, open->own);
	else if (asked)
		html_style_enter(&open->style, tag != NULL ? tag : &bare, matches);
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

	if ((element->flags & (HTML_RCDATA | HTML_RAWTEXT | HTML_SCRIPT | HTML_PLAINTEXT)) == 0)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(contents); i++) {
		if (element->flags & contents[i].flag)
			html_tokenizer_set_content(html->tokenizer, contents[i].content);
	}
}

static void set_foreign(HtmlText *html, bool foreign)
{
	if (foreign != html->foreign)
		html_tokenizer_set_foreign(html->tokenizer, foreign);
	html->foreign = foreign;
}

static void tell_foreign(HtmlText *html)
{
	/* not by what the element holds: a CDATA section may stand in <svg><title> */
	set_foreign(html, html_stack_top(&html->stack)->html != html->stack.top);
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

/* Of a full stack: true when room is made for one more: the deepest becomes a sibling of what comes. A link
 * keeps what is in it. */
static bool make_room(HtmlText *html, const HtmlElement *element, HtmlKey key)
{
	HtmlOpen *top = html_stack_top(&html->stack);

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
	            element->start == HTML_START_CELL || element->start == HTML_START_CAPTION;

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

/* A table with this in a cell is no data table: what has lines of its own shape, besides quotes and rules,
 * which tell the sink themselves. */
static bool is_no_cell(const HtmlElement *element, HtmlKey key)
{
	switch (element->start) {
	case HTML_START_HEADING:
	case HTML_START_ITEM:
	case HTML_START_LI:
	case HTML_START_LIST:
	case HTML_START_TABLE:
		return true;
	default:
		return key == HTML_KEY_DL || key == HTML_KEY_PRE || key == HTML_KEY_LISTING ||
		       key == HTML_KEY_XMP || key == HTML_KEY_PLAINTEXT;
	}
}

/* How what is in it is read. */
static void set_inside(HtmlText *html, HtmlOpen *open, const HtmlElement *element, HtmlKey key,
                       const HtmlTag *tag)
{
	set_content(html, element);
	set_floor(html, open, element);
	if (key == HTML_KEY_STYLE && !open->dropped)
		html_cascade_begin_sheet(html, tag);
	html->facts.dropped_objects += !open->dropped && (element->flags & HTML_IS_OBJECT);
	open->dropped |= (element->flags & HTML_IS_DROPPED) != 0;
	if (element->flags & HTML_IS_FOREIGN)
		open->space = key == HTML_KEY_SVG ? HTML_SPACE_SVG : HTML_SPACE_MATH;
}

/* Of formatting elements a mail may open a dozen with each word, again and again: they have nothing but a
 * place and a style. */
static HtmlOpen *push(HtmlText *html, const HtmlElement *element, HtmlKey key, const Source *source)
{
	bool formats = (element->flags & HTML_IS_FORMAT) != 0;

	if (html_stack_full(&html->stack) && !make_room(html, element, key))
		return NULL;
	unsigned table = html_stack_foster(&html->stack);
	HtmlOpen *open = html_stack_push(&html->stack, element, key);
	open->html = (element->flags & HTML_IS_FOREIGN) ? open->html : (uint16_t)html->stack.top;
	html->eat_line = (element->flags & HTML_EATS_LINE) != 0;
	if (formats)
		open->order = source->order > 0 ? source->order : ++html->n_formats;
	else
		set_inside(html, open, element, key, source->tag);
	set_foreign(html, (element->flags & HTML_IS_FOREIGN) != 0);
	if (open->dropped) {
		keep_own(open, element, source, (HtmlMatches) { .n = 0 });
		return open;
	}
	unsigned around = set_foster(html, open, element, table);
	if (!is_unstyled(html, element, source))
		set_style(html, open, element, source, around);
	set_margins(open, element, key, source->tag);
	set_line(open);
	if (!formats && !open->quiet && is_no_cell(element, key))
		html_sink_flatten(html->sink);
	bound(html, open);
	set_marks(html, open, element);
	return open;
}

HtmlOpen *html_open_push(HtmlText *html, const HtmlElement *element, HtmlKey key, const HtmlTag *tag)
{
	const Source source = { tag, NULL, 0 };

	return push(html, element, key, &source);
}

void html_open_push_foreign(HtmlText *html, const HtmlTag *tag)
{
	static const HtmlElement integration = { "", HTML_IS_SPECIAL | HTML_IS_BARRIER | HTML_IS_MARKER,
		                                 HTML_START_PUSH, HTML_END_ORDINARY, NULL };
	const HtmlOpen *parent = html_stack_top(&html->stack);
	/* <mglyph> in <mi> and its like is of math, though what else is there is not */
	HtmlNamespace space = parent->space == HTML_SPACE_HTML ? HTML_SPACE_MATH : parent->space;
	bool holds = html_element_holds_html(tag, space == HTML_SPACE_MATH);
	unsigned parent_key = parent->key;
	HtmlKey key, annotation;

	html_element_find("annotation-xml", &annotation);
	html_element_of_tag(tag, &key);
	if (key == HTML_KEY_STYLE)
		html_open_sheet(html);
	if (tag->self_closing)
		return;
	if (html_stack_full(&html->stack) && !make_room(html, &html_element_unknown, key))
		return;
	bool bounds = holds || (space == HTML_SPACE_MATH && key == annotation);
	HtmlOpen *open = html_stack_push(&html->stack, bounds ? &integration : &html_element_unknown, key);
	open->math_text = holds && space == HTML_SPACE_MATH && key != annotation;
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
	if (html->n_links > html->n_shown) {
		html->n_shown = html->n_links;
		open->shown = g_string_new(NULL);
		open->lead = g_string_new(NULL);
	}
	html_clear(open->shown);
	html_clear(open->lead);
	open->link = html_link_ref(link);
	open->picture = false;
	top->link = true;
	html_sink_capture(html->sink, open->shown, open->lead);
}

/* ---- what an end does ---------------------------------------------------------------------------------- */

static void end_link(HtmlText *html)
{
	HtmlOpenLink *open = &html->open_links[--html->n_links];
	g_autoptr(HtmlLink) link = g_steal_pointer(&open->link);

	html_sink_capture(html->sink, html->n_links > 0 ? open[-1].shown : NULL,
	                  html->n_links > 0 ? open[-1].lead : NULL);
	if (open->shown->len == 0 && !open->picture)
		return;
	bool picture = open->shown->len == 0;
	if (picture && link->number > 0 && link->number == html->picture &&
	    html_sink_seen(html->sink) == html->picture_end)
		return; /* in slices: one of them will do */
	if (picture)
		html_inline_picture(html);
	const char *mark = html_links_mark(html->links, link, open->lead->str, open->shown->str);
	html_sink_attach(html->sink, mark);
	html->picture = picture ? link->number : 0;
	html->picture_end = html_sink_seen(html->sink);
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

/* Of a table, or of what it is made of. */
static void end_part(HtmlText *html, const HtmlOpen *open, HtmlStart start)
{
	uint32_t table = html->stack.open[open->table].row;

	if (start == HTML_START_ROW)
		html_sink_row_close(html->sink, open->row);
	else if (start == HTML_START_CELL)
		html_sink_cell_close(html->sink, open->row);
	else if (start == HTML_START_CAPTION)
		html_sink_caption_close(html->sink, table);
	else if (start == HTML_START_SECTION)
		html_sink_section(html->sink, table, false);
	else if (start == HTML_START_TABLE)
		html_sink_table_close(html->sink, open->row);
}

static void end_effects(HtmlText *html, HtmlOpen *open)
{
	const HtmlElement *element = html_element_of(open->key);

	if (open->link)
		end_link(html);
	bool written = open->mark == 0 || html_sink_mark_close(html->sink, open->mark, open->mark_close);
	if (!written && open->key == HTML_KEY_BUTTON && !html_style_hides_box(&open->style))
		html_inline_button(html, open->type);
	open->link = false;
	open->mark = 0;
	html_style_own_unref(g_steal_pointer(&open->own));
	end_marks(html, open);
	if (open->key == HTML_KEY_STYLE)
		html_cascade_end_sheet(html);
	if (open->dropped || open->quiet)
		return;
	if (element->end == HTML_END_TABLE)
		end_part(html, open, element->start);
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

	return formats && open->marker < at;
}

/* One that is written again just like one that waits already adds nothing: paragraphs after paragraphs, each
 * with a <font> that nobody closes. */
static bool waits(const HtmlLater *later, unsigned n, const HtmlLater *one)
{
	unsigned same = 0;

	for (unsigned i = 0; i < n; i++)
		same += later[i].key == one->key && later[i].sign == one->sign;
	return same >= HTML_SAME_MAX && one->link == NULL;
}

/* one: taken. first: of those that may say the same. Of too many the last ones are left out: they are shown
 * as if they were not there. A link never is; there is one at most in each cell. */
static void wait_in(HtmlLater *later, unsigned first, unsigned *n, HtmlLater *one)
{
	unsigned most = one->link != NULL ? HTML_LATERS : HTML_LATER_MAX;

	if (*n >= most || waits(later + first, *n - first, one))
		clear_later(one);
	else
		later[(*n)++] = *one;
}

/* The last one that waits goes to its place. */
static void put_in_order(HtmlText *html)
{
	for (unsigned i = html->n_later; i > html->later_floor + 1; i--) {
		HtmlLater *one = &html->later[i - 1];
		if (one[-1].order <= one->order)
			return;
		HtmlLater before = one[-1];
		one[-1] = *one;
		*one = before;
	}
}

static void close_with_contents(HtmlText *html, unsigned at, bool reopen)
{
	HtmlLater later[HTML_LATERS];
	unsigned n = 0, link = html->n_links;

	for (unsigned i = html->stack.top; reopen && i > at; i--)
		link -= html->stack.open[i].link;
	for (unsigned i = at + 1; reopen && i <= html->stack.top; i++) {
		HtmlOpen *open = &html->stack.open[i];
		HtmlLink *own = open->link ? html->open_links[link++].link : NULL;
		if (open->html != i || !goes_on(open, at)) /* no <a> of svg */
			continue;
		HtmlLater one = { (HtmlKey)open->key, open->order, html_style_own_sign(open->own),
			          g_steal_pointer(&open->own), html_link_ref(own) };
		wait_in(later, 0, &n, &one);
	}
	html_open_close_above(html, at - 1);
	bool alone = html->n_later == html->later_floor; /* and these were compared with each other */
	for (unsigned i = 0; i < n; i++) {
		wait_in(html->later, alone ? html->n_later : html->later_floor, &html->n_later, &later[i]);
		put_in_order(html);
	}
}

void html_open_close_to(HtmlText *html, unsigned at, bool reopen)
{
	if (at == 0 || html->stack.top < at)
		return;
	if (at == html->stack.top)
		html_open_close_top(html);
	else
		close_with_contents(html, at, reopen);
}

/* ---- formatting elements that go on -------------------------------------------------------------------- */

static void resume(HtmlText *html, const HtmlLater *later)
{
	const HtmlElement *element = html_element_of(later->key);
	const Source source = { NULL, later->own, later->order };

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

bool html_open_end_later(HtmlText *html, HtmlKey key, uint64_t after)
{
	for (unsigned i = html->n_later; i > html->later_floor; i--) {
		HtmlLater *later = &html->later[i - 1];
		if (later->key != key || later->order <= after)
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
	for (unsigned i = 0; i < html->n_shown; i++) {
		g_string_free(html->open_links[i].shown, TRUE);
		g_string_free(html->open_links[i].lead, TRUE);
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

void html_open_close_implied(HtmlText *html, bool rtc)
{
	static const HtmlKey keys[] = { HTML_KEY_RTC,      HTML_KEY_DD,     HTML_KEY_DT, HTML_KEY_LI,
		                        HTML_KEY_OPTGROUP, HTML_KEY_OPTION, HTML_KEY_P,  HTML_KEY_RB,
		                        HTML_KEY_RP,       HTML_KEY_RT };
	const HtmlStack *stack = &html->stack;
	unsigned open = 0, skipped = rtc ? 0 : 1;

	while ((open = html_stack_find_any(stack, keys + skipped, G_N_ELEMENTS(keys) - skipped, stack->top)) >
	       0)
		html_open_close_to(html, open, true);
}

void html_open_forget(HtmlText *html, unsigned at)
{
	HtmlOpen *open = &html->stack.open[at];

	if (at == html->stack.top) {
		html_open_close_top(html);
		return;
	}
	if (open->mark != 0)
		html_sink_mark_close(html->sink, open->mark, open->mark_close);
	bound(html, open);
	html_stack_forget(&html->stack, at);
}

/* 13.2.6.4.5: <noscript> of the head ends there. */
void html_open_begin_body(HtmlText *html)
{
	html->body_begun = true;
	html_open_close_to(html, html_stack_find(&html->stack, HTML_KEY_NOSCRIPT, 1), true);
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

	if (select == 0 || html->stack.open[select].html != select) /* none, or one of svg or math */
		return false;
	bool part = html_element_of(key)->end == HTML_END_TABLE && top->table != 0;

	if (is_for_select(key))
		return false;
	if (end && part && html_stack_find(&html->stack, key, top->table) == 0)
		return true;
	if (!part && (end || key != HTML_KEY_KEYGEN))
		return true;
	html_open_close_to(html, select, true);
	return false;
}
