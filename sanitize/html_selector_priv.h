/* html_selector: the grammar of selectors (Selectors 4) and the test of one compound against one element;
 * jailed code.
 *
 * An answer has three values. What depends on what is not known here (which child it is, where the mouse is,
 * if letter case counts in this document) is "maybe", and a rule that may be meant can only show text.
 * Pure functions, linear time; any thread.
 */
#ifndef MUGAI_SANITIZE_HTML_SELECTOR_PRIV_H
#define MUGAI_SANITIZE_HTML_SELECTOR_PRIV_H

#include "html_token_priv.h"

#include <stdint.h>

G_BEGIN_DECLS

enum { HTML_COMPOUNDS_MAX = 16 }; /* of one selector; of a longer one only the end is kept, as a maybe */

typedef enum { HTML_MATCH_NO = 0, HTML_MATCH_MAYBE, HTML_MATCH_YES } HtmlMatching;

typedef enum { HTML_SIMPLE_TYPE, HTML_SIMPLE_ID, HTML_SIMPLE_CLASS, HTML_SIMPLE_ATTRIBUTE } HtmlSimpleKind;

typedef struct {
	HtmlSimpleKind kind;
	char operator; /* of an attribute: 0 = it is there; else the sign before `=`, or `=` itself */
	bool any_case; /* `i` before the bracket */
	uint32_t hash; /* html_selector_hash() of the name */
	const char *name;
	const char *value;
} HtmlSimple;

typedef enum {
	HTML_COMBINE_NONE = 0, /* the first of its selector */
	HTML_COMBINE_DESCENDANT,
	HTML_COMBINE_CHILD,
	HTML_COMBINE_SIBLING,
} HtmlCombinator;

typedef struct {
	guint first, n;            /* simple selectors, in the array given; none: any element */
	HtmlCombinator combinator; /* to the compound before it */
	bool maybe;
} HtmlCompound;

/* One selector: compounds from left to right. */
typedef struct {
	HtmlCompound compounds[HTML_COMPOUNDS_MAX];
	unsigned n;
	bool never;           /* of something that is no text of an element: ::before, ::-webkit-... */
	uint32_t specificity; /* ids, classes, types: a byte each */
} HtmlSelector;

typedef struct {
	GArray *simples; /* of HtmlSimple; grows */
	GStringChunk *strings;
} HtmlSelectorStore;

/* The next of a list of selectors, up to its comma. *cursor moves behind it. False: not a selector; it moves
 * all the same. text: valid UTF-8, comments are \1. */
bool html_selector_next(const char **cursor, const char *end, HtmlSelectorStore *store, HtmlSelector *ret);

/* Regardless of ASCII letter case. */
uint32_t html_selector_hash(const char *name, size_t bytes);

/* The classes of one element, without duplicates; filled anew for each, memory kept. */
typedef struct {
	const char *name;
	size_t bytes;
	uint32_t hash;
} HtmlClass;

typedef struct {
	GArray *list;  /* of HtmlClass */
	GArray *slots; /* of guint32: index + 1 */
	uint64_t work; /* steps taken, ever */
} HtmlClasses;

void html_classes_init(HtmlClasses *classes);
void html_classes_clear(HtmlClasses *classes);
/* Borrows from value until the next one. */
void html_classes_read(HtmlClasses *classes, const char *value, size_t bytes);
const HtmlClass *html_classes_find(HtmlClasses *classes, const char *name, uint32_t hash);

/* Does the element answer to the compound alone? work: steps are added. */
HtmlMatching html_selector_test(const HtmlCompound *compound, const HtmlSimple *simples, const HtmlTag *tag,
                                HtmlClasses *classes, uint64_t *work);

G_END_DECLS

#endif
