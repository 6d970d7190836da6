/* html_rules: the style sheets of one mail, and which of their rules an element has to obey; jailed code.
 *
 * A selector is a chain of compounds, read from left to right while elements open: for every open element it
 * is known which beginnings of chains it or something around it completes, so that a new element asks its
 * parent only, however deep it stands. Compounds are found by the id, class or name that they need. A rule
 * that may or may not be meant (a media query, :hover, a sibling) is a maybe: it can show text, never hide
 * it.
 *
 * Time: linear in the input. The work is counted against what the input brought; when that is used up no rule
 * is looked at any more, and all that could be said by one is in doubt. Threads: one HtmlRules belongs to one
 * thread.
 */
#ifndef MUGAI_SANITIZE_HTML_RULES_PRIV_H
#define MUGAI_SANITIZE_HTML_RULES_PRIV_H

#include "html_said_priv.h"
#include "html_selector_priv.h"

G_BEGIN_DECLS

enum {
	HTML_RULES_MAX = 2000,
	HTML_COMPOUNDS_ALL = 16 * 1024,  /* of all selectors */
	HTML_BEGINNINGS_MAX = 2048,      /* compounds that others come behind */
	HTML_SHEETS_BYTES = 1024 * 1024, /* of all style sheets of a mail */
	HTML_RULE_LEVELS = 512 + 2,      /* open elements, and two that never stay */
	HTML_LEVEL_VOID = 512,           /* an element without contents */
	HTML_LEVEL_BETWEEN = 512 + 1,    /* one that HTML implies around another: tbody; html around body */
};

typedef struct HtmlRules HtmlRules;

HtmlRules *html_rules_new(void);
void html_rules_free(HtmlRules *rules);

/* ---- filled by html_sheet --------------------------------------------------------------------------------
 */

/* A rule: the selectors (comments as \1) and the block behind its "{". maybe: its media query and the like.
 * strong: its rank may be higher than it looks. */
/* False: what it says is not known. */
bool html_rules_add(HtmlRules *rules, const char *selectors, size_t selectors_bytes, const char *block,
                    size_t block_bytes, bool maybe, bool strong);

/* ---- asked by html_open ----------------------------------------------------------------------------------
 */

/* False while no sheet says anything. */
bool html_rules_any(const HtmlRules *rules);
/* True once something was left out, which may have said anything: too many rules, too much work. */
bool html_rules_overrun(const HtmlRules *rules);
/* What the input brought pays for the work. */
void html_rules_pay(HtmlRules *rules, const HtmlTag *tag);
/* An element opens at `level` within the one at `parent`; both the same: within none. Result: borrowed until the next call. */
HtmlMatches html_rules_open(HtmlRules *rules, unsigned level, unsigned parent, const HtmlTag *tag);

/* An element of which only the name is known, and if it has attributes, stands at `level`: it may complete
 * any beginning that needs no more. name: "" = any. */
typedef struct {
	const char *name;
	bool attributes;
	bool named; /* an id or a class */
} HtmlSketch;

void html_rules_reopen(HtmlRules *rules, unsigned level, unsigned parent, HtmlSketch sketch);
/* The same for one that was open before the last sheet came, whose rules alone count. Result: it may have to
 * obey one of them. */
bool html_rules_late(HtmlRules *rules, unsigned level, unsigned parent, HtmlSketch sketch);
/* Marks what comes from now on as the last sheet. */
void html_rules_begin_sheet(HtmlRules *rules);
/* It said something. */
bool html_rules_said_more(const HtmlRules *rules);

G_END_DECLS

#endif
