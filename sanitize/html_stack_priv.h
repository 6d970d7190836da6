/* html_stack: the open elements (WHATWG HTML 13.2.4.2), jailed code.
 *
 * Of fixed depth. Every question ("is a <p> in scope?") is answered in constant time: the open elements of
 * one name are linked, and each one knows the nearest element below it that bounds a scope. So a million
 * unclosed <b> before a million </i> cost what they weigh.
 *
 * Elements deeper than HTML_DEPTH_MAX become siblings: the deepest is closed for the next one, and counted by
 * name, so that the end tags of all of them still match.
 */
#ifndef MUGAI_SANITIZE_HTML_STACK_PRIV_H
#define MUGAI_SANITIZE_HTML_STACK_PRIV_H

#include "html_element_priv.h"
#include "html_style_priv.h"
#include "html_text_priv.h"

G_BEGIN_DECLS

typedef enum { HTML_SPACE_HTML = 0, HTML_SPACE_SVG, HTML_SPACE_MATH } HtmlNamespace;

typedef struct {
	HtmlStyle style;
	HtmlStyleOwn *own; /* of a formatting element: what it says of itself; a reference, NULL = nothing */
	uint64_t order;    /* of a formatting element, as they were opened first */
	uint16_t key;      /* HTML_KEY_NONE: ended, but what is in it is not */
	uint16_t previous; /* the next lower element of this key, 0 = none */
	/* Nearest elements at or below this one; 0 = none, the root bounds all. */
	uint16_t barrier;        /* of scopes: table, td, object, ... */
	uint16_t button_barrier; /* ... or button */
	uint16_t list_barrier;   /* ... or ul, ol */
	uint16_t marker;         /* formatting elements end there */
	uint16_t special;
	uint16_t item_barrier; /* special, but for address, div, p */
	uint16_t table;
	uint16_t template;
	uint16_t list; /* ol, ul, menu, dir in the same cell */
	uint16_t html; /* not of svg or math */
	bool dropped;  /* nothing in it is shown */
	bool hidden;   /* text in it is not seen */
	bool quiet;    /* it has no box: not even a line ends with it */
	bool styled;   /* by attributes or rules */
	bool named;    /* it has an id or a class */
	bool struck;
	bool second_line; /* text-indent is over */
	bool undropped;   /* it is shown though its element never is */
	bool form;        /* the one that is open, see HtmlText */
	bool marks;       /* bounds the formatting elements that wait; the bound before: */
	uint16_t later_floor;
	bool line, blank;    /* boundaries at both ends */
	bool prefix;         /* owns one of the sink's */
	bool link;           /* owns the innermost open link */
	HtmlNamespace space; /* of what is in it */
	bool math_text;      /* mi, mo, mn, ms, mtext of math */
	uint32_t mark;       /* of the sink, 0 = none */
	const char *mark_close;
	uint32_t row; /* of the sink; of a tr, a cell, a table */
	int number;   /* of a list: its next item; of a select: options so far */
	int step;
	char type; /* of a list: as in its type attribute, "*" = no numbers; of a button: its first letter */
} HtmlOpen;

typedef struct {
	HtmlOpen open[HTML_DEPTH_MAX]; /* [0] is the root */
	unsigned top;
	uint16_t last[HTML_KEYS];   /* the topmost element of each key, 0 = none */
	uint32_t closed[HTML_KEYS]; /* deeper than the stack, closed before their time */
	uint64_t n_closed;
} HtmlStack;

void html_stack_init(HtmlStack *stack);
static inline HtmlOpen *html_stack_top(HtmlStack *stack)
{
	return &stack->open[stack->top];
}
static inline bool html_stack_full(const HtmlStack *stack)
{
	return stack->top == HTML_DEPTH_MAX - 1;
}

/* Only when not full. The new element has its parent's style and bounds, and is otherwise empty. */
HtmlOpen *html_stack_push(HtmlStack *stack, const HtmlElement *element, HtmlKey key);
/* The element is gone; its end must have been told before. */
void html_stack_pop(HtmlStack *stack);
/* Of a full stack: the top is popped, and its end tag is remembered. */
void html_stack_pop_early(HtmlStack *stack);
/* An element deeper than the stack is opened without being kept. */
void html_stack_count_early(HtmlStack *stack, HtmlKey key);
/* True when an end tag belongs to an element that was closed before its time; it is used up. */
bool html_stack_was_early(HtmlStack *stack, HtmlKey key);
/* No tag finds the element any more, the last of its key, which bounds no scope; it goes with the one in it.
 */
void html_stack_forget(HtmlStack *stack, unsigned at);
/* What is in the element from now on is shown. */
void html_stack_undrop(HtmlStack *stack, unsigned at);
/* An element in the middle ends, while those in it stay: they lose what they have from it. */
void html_stack_end_middle(HtmlStack *stack, unsigned at);

/* The table of which this element is a part in which no text can be: what comes there is seen before the
 * table
 * ("foster parenting", 13.2.6.1); 0 = none. */
unsigned html_stack_foster(const HtmlStack *stack);

/* The topmost element of the key if it is not below the bound; 0 = none. */
static inline unsigned html_stack_find(const HtmlStack *stack, HtmlKey key, unsigned bound)
{
	return stack->last[key] >= bound ? stack->last[key] : 0;
}
unsigned html_stack_find_any(const HtmlStack *stack, const HtmlKey *keys, size_t n_keys, unsigned bound);

G_END_DECLS

#endif
