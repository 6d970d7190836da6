/* text_wrap: where a line of text is broken so that it fits a width (doc/html-text.md 27), jailed code.
 *
 * Between wide characters, at blanks, and between the two kinds; by the Japanese rules of what may begin and
 * end a line. A Latin word is broken only when it alone is too long, a URL never: in two pieces it leads
 * nowhere. Pure functions, linear over a whole line, any thread.
 */
#ifndef MUGAI_SANITIZE_TEXT_WRAP_PRIV_H
#define MUGAI_SANITIZE_TEXT_WRAP_PRIV_H

#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

enum {
	TEXT_WRAP_MIN = 20, /* columns: narrower is not asked for; and what is left beside signs of quotes and
	                       lists */
	TEXT_WRAP_MAX = 1000,
};

/* Bytes of the line (valid UTF-8, no line end) that fit into the columns, all if it needs no more; at least
 * one character. Blanks at the break are not left out: they are at the end of the piece. */
size_t text_wrap(const char *line, size_t bytes, unsigned columns);
unsigned text_wrap_columns(const char *text, size_t bytes);

/* Lines of plain text, each wrapped by itself; signs of a quote (`> `) stand before every piece. The result
 * is the caller's. */
GString *text_wrap_lines(const GString *text, unsigned columns);

G_END_DECLS

#endif
