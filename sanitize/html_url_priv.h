/* html_url: where a link leads (facts/text.md 3), jailed code.
 *
 * The parser of the WHATWG URL standard as far as a reader must know the host: TAB, CR and LF stripped,
 * backslashes as slashes, userinfo taken out, hosts percent-decoded, mapped to ASCII (UTS 46) and IPv4
 * numbers normalised. The payload of a dangerous scheme is never given back.
 */
#ifndef MUGAI_SANITIZE_HTML_URL_PRIV_H
#define MUGAI_SANITIZE_HTML_URL_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { HTML_URL_CHARS = 2000, HTML_URL_SCHEME_CHARS = 20 };

typedef enum {
	HTML_URL_NONE = 0, /* empty, a fragment, or relative without a usable base: the text alone is shown */
	HTML_URL_WEB,      /* http, https, ftp */
	HTML_URL_MAIL,     /* mailto: address is the first address */
	HTML_URL_TEL,      /* tel */
	HTML_URL_REFUSED,  /* any other scheme, cid: too; only scheme is set */
} HtmlUrlKind;

enum {
	HTML_URL_USERINFO = 1 << 0, /* user@host */
	HTML_URL_ODD = 1 << 1, /* up to the end of the host: backslashes, too few or many slashes, TAB or line
	                        * ends, %-escapes, full-width or invisible letters, a number in an odd form, a
	                        * bad port, a host that browsers refuse; "//host" without a base. Not: the
	                        * same in path and query, where old mail programs break lines */
	HTML_URL_IDN = 1 << 2, /* the host is international */
	HTML_URL_LOOKALIKE =
	        1 << 3, /* ... and mixes scripts beyond UTS 39 "Highly Restrictive", or has a label whose
	                 * letters all look Latin and are not, or signs of CJK that pass for / - . */
	HTML_URL_CUT = 1 << 4, /* longer than HTML_URL_CHARS: ends in "…" */
	HTML_URL_FLAGGED = HTML_URL_USERINFO | HTML_URL_ODD | HTML_URL_LOOKALIKE,
};

/* Printable ASCII but for "…" of a cut; "" where they do not apply, never NULL. */
typedef struct {
	HtmlUrlKind kind;
	uint32_t flags;
	const char *scheme;       /* lower case; cleaned and cut when refused */
	const char *host;         /* xn-- form; "[::1]" */
	const char *url;          /* the normalised URL without userinfo; of MAIL the address, of TEL the number */
	const char *unicode_host; /* UTF-8, only when UTS 39 allows to show it, else "" */
	char *block;              /* owns them */
} HtmlUrl;

/* href: valid UTF-8, as the attribute has it. base: absolute URL of <base href>, or NULL. */
void html_url_parse(const char *href, const char *base, HtmlUrl *ret_url);
void html_url_clear(HtmlUrl *url);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtmlUrl, html_url_clear)

typedef enum {
	HTML_SHOWN_TEXT = 0, /* the text names no host */
	HTML_SHOWN_SAME,     /* the text is the URL or names its host */
	HTML_SHOWN_OTHER, /* the text is or holds a host (or an address) other than the one the link leads to
	                   */
} HtmlShown;

/* text: valid UTF-8, what the reader sees of the link (its first 256 KB). "bank.example",
 * "https://bank.example/x", "www.bank.example へ" name a host; so does a look-alike of an international one.
 * The same is a host of the same owner (html_host_owner). *ret_exact (may be NULL): text is the URL itself, letter
 * for letter as normalised, but for the slash of an empty path. A host in the path or query of a URL in the text
 * does not count; one before an `@` in a URL does. Without scheme, "www." or slash a word needs a last label of letters that is no
 * well-known file extension and is not written like a name ("Mr.Smith"), or to be an IPv4 address. Addresses:
 * against mailto: the whole address must be equal (without case), against a web link the domain (the same
 * party is reached); a bare host against mailto: must be its domain. Of NONE, TEL and REFUSED always TEXT:
 * they lead to no host. */
HtmlShown html_url_shown(const char *text, const HtmlUrl *url, bool *ret_exact);

G_END_DECLS

#endif
