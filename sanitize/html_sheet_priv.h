/* html_sheet: the grammar of style sheets (CSS Syntax 3) and of media queries; jailed code.
 *
 * Bodies of @media, @supports and the like hold rules of which nobody here knows if they apply: maybes. Those
 * for small screens, paper and dark rooms do not: the text is that of a desktop. Linear time, no recursion.
 */
#ifndef MUGAI_SANITIZE_HTML_SHEET_PRIV_H
#define MUGAI_SANITIZE_HTML_SHEET_PRIV_H

#include "html_rules_priv.h"

G_BEGIN_DECLS

enum { HTML_SHEET_DEPTH_MAX = 8 }; /* blocks of rules in blocks of rules */

/* NO: never where a mail is read on a desktop; YES: always there. text: of a media attribute or behind
 * @media. */
HtmlMatching html_sheet_media(const char *text, size_t bytes);

/* css: valid UTF-8. maybe: of all its rules. Result: false when something in it is not known and may say
 * anything: it imports, or is too deep. */
bool html_sheet_read(HtmlRules *rules, const char *css, size_t bytes, bool maybe);

G_END_DECLS

#endif
