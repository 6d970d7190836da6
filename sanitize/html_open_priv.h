/* html_open: elements open and close, and what that does to the text; jailed code. The state of html_text. */
#ifndef MUGAI_SANITIZE_HTML_OPEN_PRIV_H
#define MUGAI_SANITIZE_HTML_OPEN_PRIV_H

#include "html_links_priv.h"
#include "html_rules_priv.h"
#include "html_sink_priv.h"
#include "html_stack_priv.h"
#include "html_text_priv.h"

G_BEGIN_DECLS

enum {
	HTML_LINKS_NESTED = HTML_DEPTH_MAX, /* a link in a cell in a link ... */
	HTML_MIDDLE_MAX = 32,               /* elements that outlive the formatting element they are in */
	HTML_LATER_MAX = 32,                /* formatting elements that wait, besides links */
	HTML_SAME_MAX = 3,                  /* of them that say the same, 13.2.4.3 */
	HTML_LATERS = HTML_LATER_MAX + HTML_LINKS_NESTED,
	HTML_LATER_CREDIT = 64, /* formatting elements that go on, besides two for each start tag */
};

/* A formatting element that was cut by the end of another: it goes on at the next text (13.2.4.3,
 * "reconstruct the active formatting elements"). */
typedef struct {
	HtmlKey key;
	uint64_t order;    /* they wait in this order, whichever was cut first */
	uint64_t sign;     /* html_style_own_sign() of: */
	HtmlStyleOwn *own; /* references, NULL = none */
	HtmlLink *link;
} HtmlLater;

typedef struct {
	HtmlLink *link; /* a reference */
	GString *shown; /* its visible text so far */
	GString *lead;  /* what stands right before it, without a blank */
	bool picture;   /* it holds a picture without a text */
} HtmlOpenLink;

/* A copy of <html> or <body>: a sheet may come behind it. */
typedef struct {
	HtmlTag tag; /* without a name */
	HtmlAttribute *attributes;
} HtmlRootTag;

struct HtmlText {
	HtmlOptions options;
	HtmlFacts facts;
	HtmlTokenizer *tokenizer;
	HtmlSink *sink;
	HtmlLinks *links;
	unsigned n_links, n_shown; /* of open_links: open, and those which have a string */
	uint64_t in;          /* bytes read */
	bool foreign;         /* as the tokenizer was told */
	bool eat_line;        /* a line end that comes next is markup */
	unsigned picture;     /* number of the link that was shown last, if it was a picture without words */
	uint64_t picture_end; /* html_sink_seen() behind it */
	HtmlRootTag roots[2]; /* html, body */
	bool form;            /* one is open: another does not begin */
	bool head_ended;      /* by its end tag; some elements may still come to it */
	bool body_begun;
	HtmlRules *rules;     /* NULL while there was no sheet */
	GString *sheet;       /* the text of a <style> that is open */
	bool sheet_maybe;     /* its media are not known */
	size_t sheet_bytes;   /* of all of them */
	bool sheet_cut;       /* and they were too many */
	bool sheets;          /* a sheet came which is not read: it may undo what is inherited */
	bool doubted;
	unsigned n_later, later_floor; /* those below the floor wait for the end of a cell or the like */
	uint64_t n_formats;            /* opened so far */
	uint64_t later_credit;         /* or `<p>` 500 times after 500 <font> would cost their product */

	/* Not cleared for each mail, as they are larger than most mails: what is in use is set. */
	HtmlOpenLink open_links[HTML_LINKS_NESTED];
	HtmlLater later[HTML_LATERS];
	HtmlStack stack;
};

/* The words of its class attribute, in any case. */
bool html_open_has_class(const HtmlTag *tag, const char *name);
/* Can a picture, a field or a line end be seen here? Only text needs a size and a colour. */
bool html_open_shows(const HtmlText *html);
/* The same of a void element here, which has a style of its own. */
bool html_open_shows_tag(HtmlText *html, const HtmlTag *tag);
/* Text of the mail, or of ours, at this place: shown, or counted as hidden. */
void html_open_text(HtmlText *html, const char *utf8, size_t bytes);

/* Opens an element. tag: NULL for one that HTML implies. Result: NULL when it is too deep to be kept. */
HtmlOpen *html_open_push(HtmlText *html, const HtmlElement *element, HtmlKey key, const HtmlTag *tag);
/* An element in svg or math. */
void html_open_push_foreign(HtmlText *html, const HtmlTag *tag);
/* The innermost element becomes a link. link: one more reference is taken. */
void html_open_link(HtmlText *html, HtmlLink *link);

void html_open_close_top(HtmlText *html);
/* Closes all down to `at`, which too; 0 = nothing. reopen: formatting elements which are cut by that go on
 * at the next text. */
void html_open_close_to(HtmlText *html, unsigned at, bool reopen);
/* Closes all above `at`. */
void html_open_close_above(HtmlText *html, unsigned at);
/* A formatting element ends; blocks inside it stay open. */
void html_open_end_formatting(HtmlText *html, unsigned at);
/* 13.2.6.3 "generate implied end tags"; rtc: its too. */
void html_open_close_implied(HtmlText *html, bool rtc);
/* An element ends for the parser, while what is in it stays in it. */
void html_open_forget(HtmlText *html, unsigned at);
/* Something came that is no part of a head. */
void html_open_begin_body(HtmlText *html);
/* Formatting elements that wait go on here. */
void html_open_resume(HtmlText *html);
/* The last one of the key that waits ends, if it was opened after that one; false when there is none. */
bool html_open_end_later(HtmlText *html, HtmlKey key, uint64_t after);
/* A line ends in the innermost block: what text-indent moved away is over. */
void html_open_end_line(HtmlText *html);
/* What is behind all, or its colour, may be other than what was seen so far: nobody knows any more what
 * cannot be seen by its colour. */
void html_open_doubt_colours(HtmlText *html);
/* There is a style sheet which is not read, or not all of it. */
void html_open_sheet(HtmlText *html);
/* Frees what the state holds. */
void html_open_clear(HtmlText *html);
/* True when a tag of this name is nothing where it stands, within a <select>. A part of a table ends that. */
bool html_open_lost_in_select(HtmlText *html, HtmlKey key, bool end);
/* 13.2.6.4.7 "close a p element", if there is one. */
void html_open_close_p(HtmlText *html);
/* Leaves svg and math. */
void html_open_break_out(HtmlText *html);

/* html_cascade.c: style sheets. */
void html_cascade_root(HtmlText *html, HtmlKey key, const HtmlTag *tag); /* <html>, <body> */
void html_cascade_begin_sheet(HtmlText *html, const HtmlTag *tag);       /* <style> */
void html_cascade_sheet_text(HtmlText *html, const char *utf8, size_t bytes);
void html_cascade_end_sheet(HtmlText *html);
/* The rules for an element that opens in the one at `parent`; borrowed until the next call. tag: NULL for one
 * that is implied or goes on. open->style is the parent's, and becomes that of an element implied between. */
HtmlMatches html_cascade_open(HtmlText *html, HtmlOpen *open, unsigned parent, const HtmlTag *tag);
/* The same for one without contents. */
HtmlMatches html_cascade_void(HtmlText *html, unsigned parent, const HtmlTag *tag);
void html_cascade_clear(HtmlText *html);

/* html_start.c, html_end.c: the tokens. */
void html_start_tag(HtmlText *html, const HtmlTag *tag);
void html_end_tag(HtmlText *html, const HtmlTag *tag);

/* html_inline.c: what is replaced by words of ours. */
void html_inline_img(HtmlText *html, const HtmlTag *tag);
void html_inline_area(HtmlText *html, const HtmlTag *tag);
void html_inline_input(HtmlText *html, const HtmlTag *tag);
/* A <button> without a text. type: the first letter of its own. */
void html_inline_button(HtmlText *html, char type);
void html_inline_hr(HtmlText *html, const HtmlTag *tag);
/* The words that stand for a picture which has none but is a link. */
void html_inline_picture(HtmlText *html);

G_END_DECLS

#endif
