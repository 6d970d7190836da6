#include "html_stack_priv.h"

#include <string.h>

void html_stack_init(HtmlStack *stack)
{
	memset(stack, 0, offsetof(HtmlStack, closed));
	stack->open[0] = (HtmlOpen) { .style = html_style_root() };
}

static void set_bounds(HtmlOpen *open, const HtmlElement *element, HtmlKey key, uint16_t at)
{
	bool loose = key == HTML_KEY_ADDRESS || key == HTML_KEY_DIV || key == HTML_KEY_P;
	bool barrier = (element->flags & HTML_IS_BARRIER) != 0;

	/* in svg names mean nothing */
	if (element == &html_element_unknown || (element->flags & HTML_IS_FORMAT))
		return;
	if (barrier)
		open->barrier = open->button_barrier = open->list_barrier = at;
	if (key == HTML_KEY_BUTTON)
		open->button_barrier = at;
	if (element->flags & HTML_IS_LIST)
		open->list_barrier = at;
	if (element->flags & HTML_IS_MARKER)
		open->marker = at;
	if (element->flags & HTML_IS_SPECIAL)
		open->special = at;
	if ((element->flags & HTML_IS_SPECIAL) && !loose)
		open->item_barrier = at;
	if (key == HTML_KEY_TABLE || key == HTML_KEY_TEMPLATE)
		open->table = key == HTML_KEY_TABLE ? at : 0;
	if (key == HTML_KEY_TEMPLATE)
		open->template = at;
	if (element->start == HTML_START_LIST)
		open->list = at;
	else if (barrier)
		open->list = 0;
}

enum { OWN = offsetof(HtmlOpen, own) }; /* where what is inherited ends */

HtmlOpen *html_stack_push(HtmlStack *stack, const HtmlElement *element, HtmlKey key)
{
	const HtmlOpen *parent = &stack->open[stack->top];
	HtmlOpen *open = &stack->open[++stack->top];

	memcpy(open, parent, OWN);
	memset((char *)open + OWN, 0, sizeof(*open) - OWN);
	open->key = (uint16_t)key;
	open->previous = stack->last[key];
	open->quiet = parent->style.subtree_hidden;
	open->style.display = HTML_DISPLAY_DEFAULT;
	open->style.quote_indent = false;
	stack->last[key] = (uint16_t)stack->top;
	set_bounds(open, element, key, (uint16_t)stack->top);
	return open;
}

static void forget_early(HtmlStack *stack)
{
	if (stack->n_closed > 0)
		stack->closed_set = false;
	stack->n_closed = 0;
}

static void pop(HtmlStack *stack)
{
	const HtmlOpen *open = &stack->open[stack->top];

	if (open->key != HTML_KEY_NONE)
		stack->last[open->key] = open->previous;
	stack->top--;
	while (stack->top > 0 && stack->open[stack->top].key == HTML_KEY_NONE)
		stack->top--;
}

void html_stack_pop(HtmlStack *stack)
{
	if (!html_stack_full(stack)) /* what was deeper was in it */
		forget_early(stack);
	pop(stack);
}

void html_stack_pop_early(HtmlStack *stack)
{
	html_stack_count_early(stack, html_stack_top(stack)->key);
	pop(stack);
}

void html_stack_count_early(HtmlStack *stack, HtmlKey key)
{
	if (!stack->closed_set)
		memset(stack->closed, 0, sizeof(stack->closed));
	stack->closed_set = true;
	stack->closed[key]++;
	stack->n_closed++;
}

bool html_stack_was_early(HtmlStack *stack, HtmlKey key)
{
	if (stack->n_closed == 0 || stack->closed[key] == 0)
		return false;
	if (html_stack_full(stack) && html_stack_top(stack)->key == key)
		return false; /* the deepest comes first */
	stack->closed[key]--;
	stack->n_closed--;
	return true;
}

void html_stack_forget(HtmlStack *stack, unsigned at)
{
	HtmlOpen *open = &stack->open[at];

	stack->last[open->key] = open->previous;
	open->key = HTML_KEY_NONE;
	for (unsigned i = at; i <= stack->top; i++) {
		if (stack->open[i].special == at)
			stack->open[i].special = open[-1].special;
		if (stack->open[i].item_barrier == at)
			stack->open[i].item_barrier = open[-1].item_barrier;
	}
}

static bool drops(const HtmlOpen *open)
{
	return !open->undropped && (html_element_of((HtmlKey)open->key)->flags & HTML_IS_DROPPED) != 0;
}

void html_stack_undrop(HtmlStack *stack, unsigned at)
{
	stack->open[at].undropped = true;
	for (unsigned i = at; i <= stack->top; i++)
		stack->open[i].dropped = stack->open[i - 1].dropped || drops(&stack->open[i]);
}

/* What is in it may have its colour or size from it, and those are not told apart any more: it counts as
 * visible. */
void html_stack_end_middle(HtmlStack *stack, unsigned at)
{
	HtmlOpen *ended = &stack->open[at];
	const HtmlOpen *parent = ended - 1;

	stack->last[ended->key] = ended->previous;
	ended->key = HTML_KEY_NONE;
	for (unsigned i = at; i <= stack->top; i++) {
		HtmlOpen *open = &stack->open[i];
		open->struck = parent->struck;
		open->dropped = i == at ? parent->dropped : open[-1].dropped || drops(open);
		if (!ended->styled)
			continue;
		if (!open->hidden) { /* it may say itself why, and not only in colours */
			open->style.colour.known = false;
			continue;
		}
		HtmlStyle own = open->style;
		open->style = parent->style;
		open->style.white_space = own.white_space;
		open->style.display = own.display;
		open->hidden = parent->hidden;
		open->quiet = parent->style.subtree_hidden;
	}
}

unsigned html_stack_find_any(const HtmlStack *stack, const HtmlKey *keys, size_t n_keys, unsigned bound)
{
	unsigned found = 0;

	for (size_t i = 0; i < n_keys; i++)
		found = MAX(found, html_stack_find(stack, keys[i], bound));
	return found;
}
