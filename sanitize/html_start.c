#include "html_open_priv.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	const HtmlElement *element;
	HtmlKey key;
	const HtmlTag *tag;
} Start;

static const HtmlKey headings[] = { HTML_KEY_H1, HTML_KEY_H2, HTML_KEY_H3,
	                            HTML_KEY_H4, HTML_KEY_H5, HTML_KEY_H6 };
static const HtmlKey items[] = { HTML_KEY_DD, HTML_KEY_DT };
static const HtmlKey cells[] = { HTML_KEY_TD, HTML_KEY_TH, HTML_KEY_CAPTION };
static const HtmlKey sections[] = { HTML_KEY_TBODY, HTML_KEY_THEAD, HTML_KEY_TFOOT, HTML_KEY_CAPTION };

#define FIND_ANY(stack, keys, bound) html_stack_find_any((stack), (keys), G_N_ELEMENTS(keys), (bound))

static HtmlOpen *top_of(HtmlText *html)
{
	return html_stack_top(&html->stack);
}

static bool has_box(const HtmlOpen *open)
{
	return open != NULL && !open->dropped && !open->quiet;
}

static HtmlOpen *push(HtmlText *html, const Start *start)
{
	return html_open_push(html, start->element, start->key, start->tag);
}

static void start_push(HtmlText *html, const Start *start)
{
	if (start->element->flags & HTML_IS_FOREIGN && start->tag->self_closing)
		html->facts.dropped_objects++;
	else
		push(html, start);
}

static void start_form(HtmlText *html, const Start *start)
{
	bool counts = top_of(html)->template == 0;

	if (html->form && counts)
		return;
	html->form |= counts;
	unsigned table = top_of(html)->table;
	if (table != 0 && FIND_ANY(&html->stack, cells, table) == 0)
		return; /* it ends where it begins */
	HtmlOpen *open = push(html, start);
	if (open != NULL)
		open->form = counts;
}

/* In <head> it ends before what is no part of a head, so its style may not be that of what is in it. */
static void start_noscript(HtmlText *html, const Start *start)
{
	html_open_push(html, start->element, start->key, html->body_begun ? start->tag : NULL);
}

static void start_skip(HtmlText *html, const Start *start)
{
	(void)html, (void)start;
}

static void start_root(HtmlText *html, const Start *start)
{
	html_cascade_root(html, start->key, start->tag);
}

static void start_base(HtmlText *html, const Start *start)
{
	const HtmlAttribute *href = html_tag_attribute(start->tag, "href");

	if (href != NULL && !top_of(html)->dropped)
		html_links_set_base(html->links, href->value);
}

static void start_a(HtmlText *html, const Start *start)
{
	const HtmlAttribute *href = html_tag_attribute(start->tag, "href");
	unsigned open = html_stack_find(&html->stack, HTML_KEY_A, top_of(html)->marker + 1U);

	if (open > 0)
		html_open_end_formatting(html, open);
	(void)html_open_end_later(html, HTML_KEY_A, 0);
	html_open_resume(html);
	bool selects = html_stack_find(&html->stack, HTML_KEY_SELECT, top_of(html)->barrier) > 0;
	const HtmlOpen *a = html_open_push(html, start->element, start->key, selects ? NULL : start->tag);
	if (href == NULL || a == NULL || a->dropped)
		return;
	g_autoptr(HtmlLink) link = html_links_find(html->links, href->value);
	if (link != NULL)
		html_open_link(html, link);
}

static void start_area(HtmlText *html, const Start *start)
{
	html_inline_area(html, start->tag);
}

static void start_br(HtmlText *html, const Start *start)
{
	(void)start;
	html_open_end_line(html);
	if (!top_of(html)->dropped && !top_of(html)->style.subtree_hidden)
		html_sink_break(html->sink, HTML_BREAKS_MAX);
}

static void start_button(HtmlText *html, const Start *start)
{
	html_open_close_to(html, html_stack_find(&html->stack, HTML_KEY_BUTTON, top_of(html)->barrier), true);
	HtmlOpen *open = push(html, start);
	if (!has_box(open))
		return;
	html_sink_space(html->sink);
	const HtmlAttribute *type = html_tag_attribute(start->tag, "type");
	open->type = type != NULL ? g_ascii_tolower(type->value[0]) : 's';
}

static void start_nobr(HtmlText *html, const Start *start)
{
	unsigned open = html_stack_find(&html->stack, HTML_KEY_NOBR, top_of(html)->marker + 1U);

	if (open > 0)
		html_open_end_formatting(html, open);
	push(html, start);
}

/* A sheet from elsewhere is never fetched here; a mail reader may. */
static void start_link(HtmlText *html, const Start *start)
{
	const HtmlAttribute *rel = html_tag_attribute(start->tag, "rel");

	if (rel == NULL || top_of(html)->dropped)
		return;
	g_autofree char *lower = g_ascii_strdown(rel->value, -1);
	if (strstr(lower, "stylesheet") != NULL)
		html_open_sheet(html);
}

static bool is_html_space(char c)
{
	return c != '\0' && strchr("\t\n\f\r ", c) != NULL;
}

/* "5; url=https://evil.example/", "0,evil": 4.2.5.3 "shared declarative refresh steps", up to the target. */
static bool refresh_leads_away(const char *content)
{
	while (is_html_space(*content))
		content++;
	if (!g_ascii_isdigit(*content) && *content != '.')
		return false;
	content += strspn(content, "0123456789.");
	while (is_html_space(*content) || *content == ';' || *content == ',')
		content++;
	return *content != '\0';
}

/* A page that goes elsewhere by itself: a link that nobody has to click on, and of which no text stands here. */
static void start_meta(HtmlText *html, const Start *start)
{
	const HtmlAttribute *kind = html_tag_attribute(start->tag, "http-equiv"),
	                    *content = html_tag_attribute(start->tag, "content");

	if (kind == NULL || content == NULL || top_of(html)->dropped)
		return;
	html->facts.links_removed +=
	        g_ascii_strcasecmp(kind->value, "refresh") == 0 && refresh_leads_away(content->value);
}

static void start_embed(HtmlText *html, const Start *start)
{
	(void)start;
	html->facts.dropped_objects += !top_of(html)->dropped;
}

static void start_hr(HtmlText *html, const Start *start)
{
	const HtmlStack *stack = &html->stack;

	if (html_stack_find(stack, HTML_KEY_SELECT, top_of(html)->barrier) > 0) {
		html_open_close_to(html, html_stack_find(stack, HTML_KEY_OPTION, stack->top), true);
		html_open_close_to(html, html_stack_find(stack, HTML_KEY_OPTGROUP, stack->top), true);
	}
	html_inline_hr(html, start->tag);
}

static void start_img(HtmlText *html, const Start *start)
{
	html_inline_img(html, start->tag);
}

/* A field is no part of a list to choose from. */
static void close_select(HtmlText *html)
{
	html_open_close_to(html, html_stack_find(&html->stack, HTML_KEY_SELECT, top_of(html)->barrier), true);
}

static void start_input(HtmlText *html, const Start *start)
{
	close_select(html);
	html_inline_input(html, start->tag);
}

static void start_textarea(HtmlText *html, const Start *start)
{
	close_select(html);
	push(html, start);
}

static void start_heading(HtmlText *html, const Start *start)
{
	unsigned open = FIND_ANY(&html->stack, headings, html->stack.top);

	html_open_close_to(html, open, true);
	if (has_box(push(html, start)))
		html_sink_spill(html->sink); /* a heading is no cell of a row */
}

/* A program that quotes says so, whatever the margins are. */
static bool is_quote(const HtmlTag *tag)
{
	const HtmlAttribute *type = html_tag_attribute(tag, "type");

	return (type != NULL && g_ascii_strcasecmp(type->value, "cite") == 0) ||
	       html_open_has_class(tag, "gmail_quote");
}

static void start_quote(HtmlText *html, const Start *start)
{
	HtmlOpen *open = push(html, start);

	if (!has_box(open) || (open->style.quote_indent && !is_quote(start->tag)))
		return;
	open->prefix = true;
	html_sink_push_quote(html->sink);
}

/* Signs around <rt> are not shown, but no more than signs. */
static void show_words(HtmlText *html, unsigned rp)
{
	if (rp > 0 && !html->stack.open[rp].undropped)
		html_stack_undrop(&html->stack, rp);
}

/* 13.2.6.4.7: only within <ruby>; elsewhere a browser lets the one be in the other. */
static void start_ruby(HtmlText *html, const Start *start)
{
	HtmlStack *stack = &html->stack;
	bool in_ruby = html_stack_find(stack, HTML_KEY_RUBY, top_of(html)->barrier) > 0;
	bool ends_rtc = start->key == HTML_KEY_RB || start->key == HTML_KEY_RTC;

	if (in_ruby)
		html_open_close_implied(html, ends_rtc);
	if (start->key != HTML_KEY_RP)
		show_words(html, html_stack_find(stack, HTML_KEY_RP, stack->top));
	push(html, start);
}

static void start_select(HtmlText *html, const Start *start)
{
	unsigned open = html_stack_find(&html->stack, HTML_KEY_SELECT, top_of(html)->barrier);

	if (open > 0)
		html_open_close_to(html, open, true);
	else
		push(html, start);
}

static void start_optgroup(HtmlText *html, const Start *start)
{
	const HtmlStack *stack = &html->stack;

	html_open_close_to(html, html_stack_find(stack, HTML_KEY_OPTION, stack->top), true);
	if (html_stack_find(stack, HTML_KEY_SELECT, top_of(html)->barrier) > 0)
		html_open_close_to(html, html_stack_find(stack, HTML_KEY_OPTGROUP, stack->top), true);
	push(html, start);
}

static void start_option(HtmlText *html, const Start *start)
{
	html_open_close_to(html, html_stack_find(&html->stack, HTML_KEY_OPTION, html->stack.top), true);
	unsigned select = html_stack_find(&html->stack, HTML_KEY_SELECT, top_of(html)->barrier);
	HtmlOpen *open = push(html, start);

	if (select == 0 || !has_box(open) || html->stack.open[select].number++ == 0)
		return;
	html_sink_space(html->sink);
	open->mark = html_sink_mark_open(html->sink, "/ ");
	open->mark_close = "";
}

/* ---- lists --------------------------------------------------------------------------------------------- */

static bool read_number(const HtmlTag *tag, const char *name, int *ret_number)
{
	const HtmlAttribute *attribute = html_tag_attribute(tag, name);
	char *end = NULL;

	if (attribute == NULL)
		return false;
	errno = 0;
	long number = strtol(attribute->value, &end, 10);
	if (end == attribute->value)
		return false;
	*ret_number = (int)CLAMP(number, -999999999L, 999999999L);
	return true;
}

static char list_type(const HtmlTag *tag, bool ordered)
{
	const HtmlAttribute *type = html_tag_attribute(tag, "type");

	if (!ordered)
		return '*';
	if (type != NULL && strlen(type->value) == 1 && strchr("aAiI", type->value[0]) != NULL)
		return type->value[0];
	return '1';
}

static void start_list(HtmlText *html, const Start *start)
{
	bool inside_item = html->stack.last[HTML_KEY_LI] > top_of(html)->list,
	     nested = top_of(html)->list != 0;
	bool reversed = html_tag_attribute(start->tag, "reversed") != NULL;
	HtmlOpen *open = push(html, start);

	if (open == NULL)
		return;
	open->number = 1;
	open->step = reversed ? -1 : 1;
	open->type = list_type(start->tag, start->key == HTML_KEY_OL);
	if (!read_number(start->tag, "start", &open->number) && reversed)
		open->type = '*'; /* it begins with how many there are, which is not known yet */
	if (!has_box(open) || !nested || inside_item)
		return;
	open->prefix = true;
	html_sink_push_indent(html->sink, "");
}

static void write_roman(int number, char *out)
{
	static const struct {
		int value;
		const char *text;
	} digits[] = { { 1000, "m" }, { 900, "cm" }, { 500, "d" }, { 400, "cd" }, { 100, "c" },
		       { 90, "xc" },  { 50, "l" },   { 40, "xl" }, { 10, "x" },   { 9, "ix" },
		       { 5, "v" },    { 4, "iv" },   { 1, "i" } };

	for (size_t i = 0; i < G_N_ELEMENTS(digits);) {
		if (number < digits[i].value) {
			i++;
			continue;
		}
		number -= digits[i].value;
		out = g_stpcpy(out, digits[i].text);
	}
}

static void write_letters(int number, char *out)
{
	char reversed[8];
	unsigned n = 0;

	for (; number > 0 && n < sizeof(reversed); number = (number - 1) / 26)
		reversed[n++] = (char)('a' + (number - 1) % 26);
	while (n > 0)
		*out++ = reversed[--n];
	*out = '\0';
}

static void write_marker(int number, char type, char marker[HTML_MARKER_MAX])
{
	char text[HTML_MARKER_MAX - 2] = "";

	if (type == '*') {
		g_strlcpy(marker, "・", HTML_MARKER_MAX);
		return;
	}
	if (number > 0 && number < 4000 && g_ascii_tolower(type) == 'i')
		write_roman(number, text);
	else if (number > 0 && g_ascii_tolower(type) == 'a')
		write_letters(number, text);
	else
		g_snprintf(text, sizeof(text), "%d", number);
	if (g_ascii_isupper(type)) {
		for (char *c = text; *c != '\0'; c++)
			*c = g_ascii_toupper(*c);
	}
	g_snprintf(marker, HTML_MARKER_MAX, "%s. ", text);
}

static void number_item(HtmlOpen *list, const HtmlTag *tag, char marker[HTML_MARKER_MAX])
{
	char type = list->type;

	if (read_number(tag, "value", &list->number) && type == '*' && list->key == HTML_KEY_OL)
		type = list->type = '1';
	write_marker(list->number, type, marker);
	list->number += list->step;
}

static void start_li(HtmlText *html, const Start *start)
{
	HtmlStack *stack = &html->stack;
	char marker[HTML_MARKER_MAX] = "・";

	html_open_close_to(html, html_stack_find(stack, HTML_KEY_LI, top_of(html)->item_barrier), true);
	html_open_close_p(html);
	unsigned list = top_of(html)->list;
	if (list > 0)
		number_item(&stack->open[list], start->tag, marker);
	HtmlOpen *open = push(html, start);
	if (!has_box(open))
		return;
	open->prefix = true;
	html_sink_push_indent(html->sink, marker);
}

static void start_item(HtmlText *html, const Start *start)
{
	html_open_close_to(html, FIND_ANY(&html->stack, items, top_of(html)->item_barrier), true);
	html_open_close_p(html);
	HtmlOpen *open = push(html, start);
	if (start->key != HTML_KEY_DD || !has_box(open))
		return;
	open->prefix = true;
	html_sink_push_indent(html->sink, "");
}

/* ---- tables -------------------------------------------------------------------------------------------- */

/* A part without its table is nothing to a browser. Where the table was too deep, at least its words are not
 * glued. */
static bool is_stray(HtmlText *html)
{
	if (top_of(html)->table != 0)
		return false;
	if (html->stack.n_closed > 0)
		html_sink_block(html->sink, false);
	return true;
}

/* As browsers read it: one without a number is a border. */
static bool has_border(const HtmlTag *tag)
{
	const HtmlAttribute *border = html_tag_attribute(tag, "border");
	char *end = NULL;

	if (border == NULL)
		return false;
	long width = strtol(border->value, &end, 10);
	return end == border->value || width >= 1;
}

static bool is_presentation(const HtmlTag *tag)
{
	const HtmlAttribute *role = html_tag_attribute(tag, "role");

	return role != NULL && (g_ascii_strcasecmp(role->value, "presentation") == 0 ||
	                        g_ascii_strcasecmp(role->value, "none") == 0);
}

static void start_table(HtmlText *html, const Start *start)
{
	unsigned table = top_of(html)->table;

	if (table != 0 && FIND_ANY(&html->stack, cells, table) == 0)
		html_open_close_to(html, table, false);
	HtmlOpen *open = push(html, start);
	if (has_box(open) && !is_presentation(start->tag))
		open->row = html_sink_table_open(html->sink, has_border(start->tag));
}

/* The number of the table at hand, 0 = it is not kept. */
static uint32_t table_number(HtmlText *html)
{
	return html->stack.open[top_of(html)->table].row;
}

/* Closes the cell and the row that are open in the table, and what hangs about in it. */
static void clear_to_section(HtmlText *html)
{
	unsigned table = top_of(html)->table;
	unsigned caption = html_stack_find(&html->stack, HTML_KEY_CAPTION, table);

	html_open_close_to(html, caption, false);
	html_open_close_above(html, MAX(table, FIND_ANY(&html->stack, sections, table)));
}

static void start_section(HtmlText *html, const Start *start)
{
	if (is_stray(html))
		return;
	html_open_close_above(html, top_of(html)->table);
	if (has_box(push(html, start)))
		html_sink_section(html->sink, table_number(html), start->key == HTML_KEY_THEAD);
}

static void start_caption(HtmlText *html, const Start *start)
{
	if (is_stray(html))
		return;
	html_open_close_above(html, top_of(html)->table);
	if (has_box(push(html, start)))
		html_sink_caption_open(html->sink, table_number(html));
}

/* A column may paint what is behind its cells: which, is not reckoned. */
static void start_column(HtmlText *html, const Start *start)
{
	bool paints = html_tag_attribute(start->tag, "bgcolor") != NULL ||
	              html_tag_attribute(start->tag, "style") != NULL ||
	              html_tag_attribute(start->tag, "background") != NULL;

	if (is_stray(html))
		return;
	html_open_close_above(html, top_of(html)->table);
	if (paints || html_cascade_void(html, html->stack.top, start->tag).n > 0)
		top_of(html)->style.background.known = false;
}

static void open_row(HtmlText *html, const HtmlTag *tag)
{
	HtmlOpen *row = html_open_push(html, html_element_of(HTML_KEY_TR), HTML_KEY_TR, tag);

	if (has_box(row))
		row->row = html_sink_row_open(html->sink, table_number(html));
}

static void start_row(HtmlText *html, const Start *start)
{
	if (is_stray(html))
		return;
	clear_to_section(html);
	open_row(html, start->tag);
}

/* HTML 4.9.11: 0 rows are all that follow in the section, 0 columns are one. */
static HtmlSpan span_of(const Start *start)
{
	HtmlSpan span = { .columns = 1, .rows = 1, .header = start->key == HTML_KEY_TH };
	int columns, rows;

	if (start->tag->n_attributes == 0)
		return span;
	if (read_number(start->tag, "colspan", &columns) && columns > 0)
		span.columns = (unsigned)MIN(columns, (int)HTML_COLSPAN_MAX);
	if (read_number(start->tag, "rowspan", &rows) && rows >= 0)
		span.rows = (unsigned)MIN(rows, (int)HTML_ROWSPAN_MAX);
	return span;
}

static void start_cell(HtmlText *html, const Start *start)
{
	HtmlStack *stack = &html->stack;

	if (is_stray(html))
		return;
	unsigned row = html_stack_find(stack, HTML_KEY_TR, top_of(html)->table);
	if (row == 0) {
		clear_to_section(html);
		open_row(html, NULL);
	} else {
		html_open_close_above(html, row);
	}
	uint32_t number = top_of(html)->row;
	HtmlOpen *cell = push(html, start);
	if (!has_box(cell))
		return;
	cell->row = number;
	html_sink_cell_open(html->sink, number, span_of(start));
}

/* ---- any start tag ------------------------------------------------------------------------------------- */

typedef void (*StartHandler)(HtmlText *html, const Start *start);

static const StartHandler handlers[HTML_STARTS] = {
	[HTML_START_PUSH] = start_push,
	[HTML_START_SKIP] = start_skip,
	[HTML_START_ROOT] = start_root,
	[HTML_START_BASE] = start_base,
	[HTML_START_A] = start_a,
	[HTML_START_AREA] = start_area,
	[HTML_START_BR] = start_br,
	[HTML_START_BUTTON] = start_button,
	[HTML_START_CAPTION] = start_caption,
	[HTML_START_CELL] = start_cell,
	[HTML_START_COLUMN] = start_column,
	[HTML_START_EMBED] = start_embed,
	[HTML_START_FORM] = start_form,
	[HTML_START_HEADING] = start_heading,
	[HTML_START_HR] = start_hr,
	[HTML_START_IMG] = start_img,
	[HTML_START_INPUT] = start_input,
	[HTML_START_ITEM] = start_item,
	[HTML_START_LI] = start_li,
	[HTML_START_LINK] = start_link,
	[HTML_START_LIST] = start_list,
	[HTML_START_META] = start_meta,
	[HTML_START_NOBR] = start_nobr,
	[HTML_START_NOSCRIPT] = start_noscript,
	[HTML_START_OPTGROUP] = start_optgroup,
	[HTML_START_OPTION] = start_option,
	[HTML_START_QUOTE] = start_quote,
	[HTML_START_ROW] = start_row,
	[HTML_START_RUBY] = start_ruby,
	[HTML_START_SECTION] = start_section,
	[HTML_START_SELECT] = start_select,
	[HTML_START_TABLE] = start_table,
	[HTML_START_TEXTAREA] = start_textarea,
};

/* 13.2.6: start tags in <mi> and its like are HTML, but for these. */
static bool is_glyph(const HtmlOpen *open, const HtmlTag *tag)
{
	return open->math_text && (strcmp(tag->name, "mglyph") == 0 || strcmp(tag->name, "malignmark") == 0);
}

static bool breaks_out(const Start *start)
{
	if (start->key == HTML_KEY_FONT)
		return html_tag_attribute(start->tag, "color") != NULL ||
		       html_tag_attribute(start->tag, "face") != NULL ||
		       html_tag_attribute(start->tag, "size") != NULL;
	return (start->element->flags & HTML_BREAKS_OUT) != 0;
}

/* True when the tag is nothing where it stands, in the head. */
static bool lost_in_head(HtmlText *html, const Start *start)
{
	unsigned noscript = html_stack_find(&html->stack, HTML_KEY_NOSCRIPT, 1);
	bool leaves_noscript = start->key == HTML_KEY_BASE || start->key == HTML_KEY_SCRIPT ||
	                       start->key == HTML_KEY_TEMPLATE || start->key == HTML_KEY_TITLE;

	if (start->key == HTML_KEY_NOSCRIPT && noscript > 0)
		return true;
	if (!(start->element->flags & HTML_IS_HEAD) || (start->key == HTML_KEY_NOSCRIPT && html->head_ended))
		html_open_begin_body(html);
	else if (leaves_noscript)
		html_open_close_to(html, noscript, true);
	return false;
}

static bool resumes(const Start *start)
{
	if (start->key == HTML_KEY_A || start->element->start == HTML_START_RUBY)
		return false;
	return !(start->element->flags & HTML_IS_SPECIAL) || (start->element->flags & HTML_RESUMES);
}

void html_start_tag(HtmlText *html, const HtmlTag *tag)
{
	Start start = { .tag = tag };

	start.element = html_element_of_tag(tag, &start.key);
	if (html->rules != NULL)
		html_rules_pay(html->rules, tag);
	html->eat_line = false;
	if (top_of(html)->space != HTML_SPACE_HTML) {
		if (!breaks_out(&start)) {
			html_open_push_foreign(html, tag);
			return;
		}
		html_open_break_out(html);
	}
	if (is_glyph(top_of(html), tag)) {
		html_open_push_foreign(html, tag);
		return;
	}
	if (!html->body_begun && !top_of(html)->dropped && lost_in_head(html, &start))
		return;
	if (html_open_lost_in_select(html, start.key, false))
		return;
	if (start.element->flags & HTML_IS_SPECIAL)
		show_words(html, html_stack_find(&html->stack, HTML_KEY_RP, top_of(html)->special));
	if (start.element->flags & HTML_CLOSES_P)
		html_open_close_p(html);
	html->later_credit += 2;
	if (html->n_later > html->later_floor && resumes(&start))
		html_open_resume(html);
	handlers[start.element->start](html, &start);
}
