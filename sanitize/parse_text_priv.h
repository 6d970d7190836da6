/* parse_text: one text of a mail, in whatever character set and form, into clean text; jailed code.
 *
 * The one way on which a text part, an HTML part and the body that `mugai text` reads become text.
 */
#ifndef MUGAI_SANITIZE_PARSE_TEXT_PRIV_H
#define MUGAI_SANITIZE_PARSE_TEXT_PRIV_H

#include "charset_priv.h"
#include "clean_text.h"
#include "html_text_priv.h"
#include "parse_code_priv.h"

G_BEGIN_DECLS

/* Also PARSE_NUMBER_TEXT_KIND. */
typedef enum {
	PARSE_TEXT_DETECT = 0, /* by content: HTML when it begins like HTML */
	PARSE_TEXT_PLAIN,
	PARSE_TEXT_HTML,
	PARSE_TEXT_ENRICHED, /* RFC 1896: its commands are left out */
	PARSE_TEXT_AMP,      /* HTML for few readers: a form of its own, shown when there is no other */
	PARSE_TEXT_TABBED,   /* plain, and its TABs part columns: U+2409 stands for each */
	PARSE_TEXT_KINDS
} ParseTextKind;

typedef struct {
	ParseRange bytes; /* transfer encoding undone */
	ParseTextKind kind;
	Charset declared; /* CHARSET_US_ASCII and labelled false when there is no label */
	bool labelled;
	Charset hint;     /* of the rest of the mail, CHARSET_UNKNOWN = none */
	bool flowed;      /* format=flowed (RFC 3676): lines are joined ... */
	bool delsp;       /* ... without their last blank */
	bool english;     /* words of ours inside the text */
	uint64_t max_out; /* bytes */
	uint64_t max_in;  /* bytes of HTML (design 7: 20 MB) */
	unsigned first_link; /* links that were listed before this text; those of it are in html.links */
	DefangMode defang;
	unsigned width; /* columns at which lines are wrapped, as HtmlOptions; 0 = not */
} ParseTextJob;

typedef enum {
	PARSE_BLOCK_UUENCODE,
	PARSE_BLOCK_YENC,
	PARSE_BLOCK_BINHEX,
	PARSE_BLOCK_BASE64,
	PARSE_BLOCK_PGP, /* a PGP message: a mail reader opens it by itself */
	PARSE_BLOCK_BINARY, /* bytes that are no text */
	PARSE_BLOCK_ASCII85, /* with `<~` and `~>`, or btoa */
	PARSE_BLOCK_DRAWING, /* a code for a camera, drawn with characters; bytes: its lines in UTF-8 */
} ParseBlockKind;

/* A file that rode along inside the text; it was taken out, and a line of ours stands in its place. */
typedef struct {
	ParseBlockKind kind;
	char *name;        /* from its begin line, cleaned, "" if none */
	GByteArray *bytes; /* decoded as far as that went */
	bool damaged;      /* ... and that was not to its end */
} ParseBlock;

typedef struct {
	GString *text; /* UTF-8, cleaned by clean_body_text, LF line ends */
	ParseTextKind kind; /* never DETECT */
	Charset used;
	bool repaired; /* another character set than the declared one was used, or meta or a BOM overruled it */
	bool cut;      /* at max_out or max_in */
	bool blank;    /* nothing in it to be seen */
	bool binary;   /* the bytes are no text at all: text is empty, and the part is to be removed */
	uint64_t replaced; /* places that could not be decoded */
	CleanCounts counts;
	HtmlFacts html;   /* zero unless HTML or AMP */
	GPtrArray *blocks; /* of ParseBlock */
} ParseTextResult;

/* Linear; memory bounded by the input, max_out and a few MB. */
void parse_text(const ParseTextJob *job, ParseTextResult *ret_result);
void parse_text_clear(ParseTextResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ParseTextResult, parse_text_clear)

/* ---- parse_blocks.c: files inside texts -------------------------------------------------------------------- */

/* Takes uuencode, xxencode, yEnc, BinHex, btoa, begin-base64 and PGP blocks out of raw bytes, before any conversion: yEnc is
 * binary. bytes is changed in place: the language's line needs a character set, so a mark of ASCII is left, which
 * parse_blocks_unmark() of parse_blocks_priv.h turns into the line. Appends to blocks (owner frees each with
 * parse_block_free); at most PARSE_BLOCKS_MAX of them and PARSE_BLOCKS_BYTES in all, what is over is taken out all the same. */
void parse_blocks_raw(GByteArray *bytes, bool english, GPtrArray *blocks);
/* Takes out of cleaned text what doc/output-grammar.md 5.4 forbids: base64 runs and what a lenient decoder takes for
 * such, ascii85, data: URLs, PGP messages, drawn codes, and the blocks of a text whose character set hid them from parse_blocks_raw. A begin line
 * without data stays, with U+3000 for the blank that makes it one; so does what would be markup in UTF-7, with a blank
 * behind its `+`. Appends to blocks. */
void parse_blocks_text(GString *text, bool english, GPtrArray *blocks);

/* ---- parse_compare.c ---------------------------------------------------------------------------------------- */

/* Do two forms of one body say different things? Letters and digits alone are compared, without order between lines,
 * so that layout, links and quote marks do not count; words that only one form has do. Linear. */
bool parse_texts_differ(const char *plain, const char *html);

G_END_DECLS

#endif
