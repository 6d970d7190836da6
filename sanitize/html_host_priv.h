/* html_host: hosts as browsers read them (WHATWG URL 3.5), and scripts that imitate others (UTS 39), jailed
 * code. Pure functions, any thread, time linear in a text that is capped.
 */
#ifndef MUGAI_SANITIZE_HTML_HOST_PRIV_H
#define MUGAI_SANITIZE_HTML_HOST_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { HTML_HOST_BYTES = 600 }; /* of a host as written; a longer one is no host, and shown cut */

/* text: the host as it stands in an authority (valid UTF-8). Result: printable ASCII, newly allocated; what a
 * browser would refuse comes back %-escaped. ret_flags: HTML_URL_ODD, _IDN, _LOOKALIKE are set. ret_unicode
 * (may be NULL): newly allocated, NULL unless the host is international and may be shown. */
char *html_host_parse(const char *text, size_t bytes, uint32_t *ret_flags, char **ret_unicode);

/* Where the part begins that the owner registered: "bank.co.jp" in "www.bank.co.jp", by the public suffix list. The
 * host itself when it is an address, a suffix or one label. host: as html_host_parse gives it, without a final dot.
 */
const char *html_host_owner(const char *host);

/* The ASCII letter that a letter of another script looks like, else 0. */
char html_host_skeleton(gunichar c);

/* A copy of bytes with %XX resolved; ret_found: there was one. The result is valid UTF-8 without NUL. */
char *html_host_unescape(const char *text, size_t bytes, bool *ret_found);

G_END_DECLS

#endif
