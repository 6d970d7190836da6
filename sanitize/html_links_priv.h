/* html_links: the links of a text: their numbers, the marks at their places, the list at the end
 * (facts/text.md 6, R4); jailed code. One per text and thread.
 */
#ifndef MUGAI_SANITIZE_HTML_LINKS_PRIV_H
#define MUGAI_SANITIZE_HTML_LINKS_PRIV_H

#include "html_text_priv.h"
#include "html_url_priv.h"

G_BEGIN_DECLS

typedef struct {
	HtmlUrl url;
	unsigned number; /* in the list, 0 = not there yet */
	char *shown;     /* the text that was judged last, NULL = none; what was found: */
	HtmlShown judged;
	bool exact;
	bool kept;    /* the same href finds it again */
	bool flagged; /* of a listed one: some link with its number was flagged or lied */
} HtmlLink;

/* Links are counted references: the caller of html_links_find() has one. */
HtmlLink *html_link_ref(HtmlLink *link); /* NULL is NULL */
void html_link_unref(HtmlLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlLink, html_link_unref)

typedef struct HtmlLinks HtmlLinks;

/* options, facts (counted into): outlive the links. */
HtmlLinks *html_links_new(const HtmlOptions *options, HtmlFacts *facts);
void html_links_free(HtmlLinks *links);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlLinks, html_links_free)

/* <base href>: only the first counts. */
void html_links_set_base(HtmlLinks *links, const char *href);
/* The link of a href; NULL when it leads nowhere. */
HtmlLink *html_links_find(HtmlLinks *links, const char *href);
/* lead: what stands before the shown text without a blank, "" = nothing. What stands after the text: " [1]", " [1!evil.example]", " [リンク削除:javascript]"; "" when the text
 * says it all. Gives the link its number and counts. Past HTML_LINKS_MAX, which sets facts->capped, there is
 * no number, but a lie is marked as one: " [!evil.example]". Borrowed until the next call. */
const char *html_links_mark(HtmlLinks *links, HtmlLink *link, const char *lead, const char *shown);
/* Appends the list, with an empty line before it if there is text, up to max_out bytes of text. Result: code
 * points left out. */
uint64_t html_links_list(const HtmlLinks *links, GString *text, uint64_t max_out);

G_END_DECLS

#endif
