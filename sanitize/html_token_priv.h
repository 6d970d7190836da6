/* html_token: the HTML tokenizer (WHATWG HTML 13.2.5), jailed code.
 *
 * Characters in, tokens out, by callbacks, as they come: a token never waits for more input than it needs, and
 * nothing is kept but the tag at hand. No tree, no recursion, linear time, bounded memory: a text of a
 * million unclosed tags costs what it weighs. Every state that decides what is text is here,
 * since a place where we and a browser disagree is a place to hide words (facts/text.md 1).
 *
 * Threads: one tokenizer belongs to one thread; no global state.
 */
#ifndef MUGAI_SANITIZE_HTML_TOKEN_PRIV_H
#define MUGAI_SANITIZE_HTML_TOKEN_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

G_BEGIN_DECLS

enum {
	HTML_NAME_MAX = 64,         /* bytes of a tag or attribute name; longer ones are cut */
	HTML_ATTRIBUTES_MAX = 64,   /* of one tag; the rest is read over */
	HTML_VALUE_MAX = 64 * 1024, /* bytes of one attribute value; the rest is read over */
};

/* 13.2.5.1-5: what the text after a start tag is. */
typedef enum {
	HTML_CONTENT_DATA = 0,
	HTML_CONTENT_RCDATA,   /* title, textarea */
	HTML_CONTENT_RAWTEXT,  /* style, xmp, iframe, noembed, noframes */
	HTML_CONTENT_SCRIPT,   /* script: with its escaped states */
	HTML_CONTENT_PLAINTEXT,
} HtmlContent;

/* Valid UTF-8 without NUL (U+FFFD in its place); names in ASCII lower case; references in values resolved.
 * Of two attributes of one name the first counts. */
typedef struct {
	const char *name;
	const char *value;
	size_t value_bytes;
} HtmlAttribute;

typedef struct {
	const char *name;
	const HtmlAttribute *attributes;
	unsigned n_attributes;
	bool self_closing;
	size_t name_bytes; /* 0 = not counted */
} HtmlTag;

/* As strcmp(): names are so short that a call takes longer. */
static inline int html_name_order(const char *a, const char *b)
{
	while (*a == *b && *a != '\0')
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

/* NULL when it is not there. */
static inline const HtmlAttribute *html_tag_attribute(const HtmlTag *tag, const char *name)
{
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		if (html_name_order(tag->attributes[i].name, name) == 0)
			return &tag->attributes[i];
	}
	return NULL;
}

/* What is borrowed lives until the callback returns. text: any pieces, whole code points, never empty; references are
 * resolved; NUL is dropped in data and becomes U+FFFD elsewhere, as 13.2.5 and 13.2.6 together have it.
 * Comments and doctypes are not told. Each may be NULL. */
typedef struct {
	void *user;
	void (*text)(void *user, const char *utf8, size_t bytes);
	void (*start_tag)(void *user, const HtmlTag *tag);
	void (*end_tag)(void *user, const HtmlTag *tag);
} HtmlTokenSink;

typedef struct HtmlTokenizer HtmlTokenizer;

/* sink is copied. */
HtmlTokenizer *html_tokenizer_new(const HtmlTokenSink *sink);
void html_tokenizer_free(HtmlTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlTokenizer, html_tokenizer_free)

/* utf8: valid UTF-8 in whole code points, may hold NUL; CR and CR LF count as LF (13.2.3.5). */
void html_tokenizer_feed(HtmlTokenizer *tokenizer, const char *utf8, size_t bytes);
/* The end of the input: what is open is told as 13.2.5 says (EOF in ...). An unclosed tag or comment is lost there as
 * in a browser, and ret_lost (may be NULL) says how many bytes of the input, from its "<". */
void html_tokenizer_finish(HtmlTokenizer *tokenizer, size_t *ret_lost);

/* For the start_tag callback: how to read on until the matching end tag ("appropriate end tag", 13.2.5). */
void html_tokenizer_set_content(HtmlTokenizer *tokenizer, HtmlContent content);
/* True while the parser is inside svg or math: CDATA sections exist only there (13.2.5.42). */
void html_tokenizer_set_foreign(HtmlTokenizer *tokenizer, bool foreign);

/* ---- html_entities.c: named character references (13.5) ---------------------------------------------------- */

enum { HTML_ENTITY_NAME_MAX = 33 }; /* "CounterClockwiseContourIntegral;" and one more */

/* The longest name at the start of text (without its "&"); 0 when none. *ret_utf8: static, 1 or 2 code points.
 * text need not end in NUL. */
size_t html_entity_find(const char *text, size_t bytes, const char **ret_utf8);
/* 13.2.5.80: what a numeric reference means; windows-1252 for 80-9F, U+FFFD for what cannot be. */
gunichar html_entity_number(guint64 number);

G_END_DECLS

#endif
