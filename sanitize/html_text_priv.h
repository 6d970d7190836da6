/* html_text: HTML to text in one pass (facts/text.md 6), jailed code.
 *
 * Tokens come in, lines go out: no tree, a stack of open elements of fixed depth (deeper ones become
 * siblings, nothing is dropped), and a sink that nests, so that a cell can be buffered and a hidden text
 * dropped. Linear in the input, memory at most input + 2 x output + 4 MB, stack below 256 KB. Threads: one
 * HtmlText belongs to one thread; no global state.
 */
#ifndef MUGAI_SANITIZE_HTML_TEXT_PRIV_H
#define MUGAI_SANITIZE_HTML_TEXT_PRIV_H

#include "clean_text.h"
#include "defang_priv.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
	HTML_DEPTH_MAX = 512,
	HTML_LINKS_MAX = 2000, /* listed; the others are judged all the same */
	HTML_QUOTE_MAX = 9,    /* "> " levels shown */
};

typedef struct {
	bool english;        /* words of ours inside the text: [image: x] instead of [画像: x] */
	uint64_t max_in;     /* bytes of UTF-8 read; the rest is skipped and told */
	uint64_t max_out;    /* bytes of text; the rest is counted and told in a last line */
	unsigned first_link; /* links that this message has listed before: numbers go on from there */
	Defang *defang;      /* flagged links are defanged in marks and list, and their texts are told to it; the text
	                      * itself is not: defang_text comes after. NULL = never; outlives the text */
	unsigned width;      /* columns at which lines are wrapped, TEXT_WRAP_MIN and more; 0 = not */
} HtmlOptions;

/* Counts of what the reader of the text should know; names as in Message. */
typedef struct {
	uint64_t hidden_chars;
	uint64_t link_mismatches;
	uint64_t links_removed; /* of <meta refresh> too */
	uint64_t links_flagged;
	uint64_t pictures; /* <img> that a reader would have seen: no spacers, no tracking pixels */
	uint64_t password_fields;
	uint64_t dropped_objects; /* svg, math, iframe, embed, video and their like; of object and applet the
	                           * text that stands for them is shown */
	uint64_t omitted_chars;   /* past max_out, of the source past max_in, and in a tag that never ends */
	unsigned links;           /* listed */
	CleanCounts thinned;      /* of a long text: what clean_body_text() would have removed, gone already */
	bool cut;                 /* text is missing: omitted_chars > 0 */
	bool capped; /* all text is there, but depth, the number of links or the style sheets were over their
	                cap */
} HtmlFacts;

typedef struct HtmlText HtmlText;

HtmlText *html_text_new(const HtmlOptions *options);
void html_text_free(HtmlText *html);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlText, html_text_free)
/* Valid UTF-8 in whole code points, in any pieces; the result does not depend on where they are cut. */
void html_text_feed(HtmlText *html, const char *utf8, size_t bytes);
/* The text: UTF-8, LF line ends, the list of links at its end, no blank lines at either end, "" when there is
 * nothing to see; the characters are not cleaned yet (clean_body_text comes after). Once only; the caller
 * owns it. */
GString *html_text_finish(HtmlText *html, HtmlFacts *ret_facts);

G_END_DECLS

#endif
