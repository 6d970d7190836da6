/* defang: URLs, hosts and addresses of a text so that no mail reader makes a link of them: "hxxp://", "[.]",
 * "[@]", and "[:]" of other schemes (doc/html-text.md 26); jailed code. Letters are never lost, and what was
 * written so before stays as it is. Linear. One per text and thread.
 */
#ifndef MUGAI_SANITIZE_DEFANG_PRIV_H
#define MUGAI_SANITIZE_DEFANG_PRIV_H

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Also PARSE_NUMBER_DEFANG. */
typedef enum {
	DEFANG_NEVER = 0,
	DEFANG_FLAGGED, /* what flagged links show and where they lead; URLs that mislead by themselves
	                 * (HTML_URL_FLAGGED) or are of a scheme that no link may have; names of shares */
	DEFANG_ALL,     /* all that a mail reader may make a link of: also other URLs, hosts, addresses, mailto: and
	                 * the like */
	DEFANG_MODES
} DefangMode;

typedef struct Defang Defang;

Defang *defang_new(DefangMode mode);
void defang_free(Defang *defang);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Defang, defang_free)
DefangMode defang_mode(const Defang *defang); /* of NULL: DEFANG_NEVER */

/* shown: text of a link that is flagged (valid UTF-8). What it names is defanged wherever it stands in the
 * same letters: where the link itself stands in the text, nobody knows any more when the text is done. */
void defang_add_shown(Defang *defang, const char *shown);
/* text: cleaned (clean_body_text), whole; taken. Result: the caller's, the same when there was nothing to do.
 * defang: NULL is DEFANG_NEVER. */
GString *defang_text(const Defang *defang, GString *text);

/* A URL or address, without conditions. */
void defang_append_target(GString *out, const char *target);
/* A host: each of its dots. */
void defang_append_host(GString *out, const char *host);

G_END_DECLS

#endif
