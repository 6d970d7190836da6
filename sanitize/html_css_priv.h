/* html_css: the grammar of a style attribute (CSS Syntax 3, CSS Values 4), jailed code.
 *
 * Only what html_style needs: declarations with comments, escapes, strings and brackets resolved the way a
 * browser does, and numbers that do not ask the locale. Pure functions, linear time, any thread.
 */
#ifndef MUGAI_SANITIZE_HTML_CSS_PRIV_H
#define MUGAI_SANITIZE_HTML_CSS_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

enum { HTML_CSS_DEPTH_MAX = 32 }; /* brackets in brackets; a deeper style counts as empty */

/* name and value: ASCII lower case, trimmed, valid until the callback returns. In the value a string is one
 * `"`, an unquoted url is "url()", runs of blanks are kept, and a character that was escaped so as not to
 * mean itself is \1. */
typedef void (*HtmlCssDeclare)(void *user, const char *name, const char *value);

/* Tells every declaration, the !important ones after all others: who simply lets the later one win has the
 * cascade of one attribute right (CSS Cascade 6.1). style: valid UTF-8; need not end in NUL. */
void html_css_declarations(const char *style, size_t bytes, HtmlCssDeclare declare, void *user);
typedef void (*HtmlCssEach)(void *user, const char *name, const char *value, bool important);
/* In their order. False: too deep, nothing was told. */
bool html_css_each(const char *style, size_t bytes, HtmlCssEach each, void *user);
/* Only those that are !important, or only the others: rules of a style sheet come in between. False: too
 * deep, nothing was told. */
bool html_css_normal(const char *style, size_t bytes, HtmlCssDeclare declare, void *user);
void html_css_important(const char *style, size_t bytes, HtmlCssDeclare declare, void *user);

typedef struct {
	const char *text;
	size_t bytes;
} HtmlCssWord;

/* The next word of *cursor, which moves past it; words end at the separators outside brackets. False at the
 * end. */
bool html_css_word(const char **cursor, const char *end, const char *separators, HtmlCssWord *ret_word);
bool html_css_is(HtmlCssWord word, const char *keyword);
/* "name(" ... ")": what is between. */
bool html_css_function(HtmlCssWord word, const char *name, HtmlCssWord *ret_inside);

typedef enum {
	HTML_CSS_NONE = 0, /* no number at all */
	HTML_CSS_NUMBER,
	HTML_CSS_PX, /* all absolute units, and rem */
	HTML_CSS_EM, /* all units of the element's own font */
	HTML_CSS_PERCENT,
	HTML_CSS_TURN,  /* all angles */
	HTML_CSS_OTHER, /* a unit that depends on the window, or one that is not known */
} HtmlCssUnit;

typedef struct {
	HtmlCssUnit unit;
	double value; /* finite, at most 1e9 either way */
} HtmlCssNumber;

/* False unless the whole word is one number with at most one unit. */
bool html_css_number(HtmlCssWord word, HtmlCssNumber *ret_number);

G_END_DECLS

#endif
