/* html_token_state: the tokenizer's inside, shared by its files (html_token*.c) alone.
 *
 * One function per state of 13.2.5, or per few states that differ in a counter only. Each is called with at <
 * end, eats what it can, sets the next state, and returns where it stopped; at itself where the standard says
 * "reconsume". Input may end after any call: what is not decided yet is in `pending`, never in the input.
 */
#ifndef MUGAI_SANITIZE_HTML_TOKEN_STATE_PRIV_H
#define MUGAI_SANITIZE_HTML_TOKEN_STATE_PRIV_H

#include "html_token_priv.h"

#include <stdint.h>

typedef enum {
	/* What is pending in these is text when the input ends. */
	HTML_STATE_DATA,
	HTML_STATE_RCDATA,
	HTML_STATE_RAWTEXT,
	HTML_STATE_SCRIPT,
	HTML_STATE_SCRIPT_ESCAPE_START,
	HTML_STATE_SCRIPT_ESCAPED,
	HTML_STATE_SCRIPT_DOUBLE_ESCAPE_START,
	HTML_STATE_SCRIPT_DOUBLE_ESCAPED,
	HTML_STATE_SCRIPT_DOUBLE_ESCAPED_OPEN,
	HTML_STATE_SCRIPT_DOUBLE_ESCAPE_END,
	HTML_STATE_PLAINTEXT,
	HTML_STATE_RAW_OPEN,
	HTML_STATE_RAW_END_OPEN,
	HTML_STATE_RAW_END_NAME,
	HTML_STATE_TAG_OPEN,
	HTML_STATE_END_TAG_OPEN,
	HTML_STATE_CDATA,
	HTML_STATE_CDATA_END,
	/* References: they end in return_state. */
	HTML_STATE_REFERENCE,
	HTML_STATE_REFERENCE_NAME,
	HTML_STATE_REFERENCE_NUMBER,
	HTML_STATE_REFERENCE_HEX_START,
	HTML_STATE_REFERENCE_HEX,
	HTML_STATE_REFERENCE_DECIMAL_START,
	HTML_STATE_REFERENCE_DECIMAL,
	/* Markup: what is open here when the input ends is lost. */
	HTML_STATE_TAG_NAME,
	HTML_STATE_BEFORE_ATTRIBUTE_NAME,
	HTML_STATE_ATTRIBUTE_NAME,
	HTML_STATE_AFTER_ATTRIBUTE_NAME,
	HTML_STATE_BEFORE_ATTRIBUTE_VALUE,
	HTML_STATE_VALUE_DOUBLE_QUOTED,
	HTML_STATE_VALUE_SINGLE_QUOTED,
	HTML_STATE_VALUE_UNQUOTED,
	HTML_STATE_AFTER_VALUE_QUOTED,
	HTML_STATE_SELF_CLOSING,
	HTML_STATE_DECLARATION_OPEN,
	HTML_STATE_BOGUS_COMMENT,
	HTML_STATE_COMMENT_START,
	HTML_STATE_COMMENT,
	HTML_N_STATES,
} HtmlTokenState;

typedef struct {
	char text[HTML_NAME_MAX + 1];
	size_t bytes;
	bool cut; /* longer than this: it is no name that we know */
} HtmlTokenName;

typedef struct {
	uint32_t hash;
	size_t name; /* offsets in `store` */
	size_t value;
	size_t value_bytes;
} HtmlTokenSlot;

struct HtmlTokenizer {
	HtmlTokenSink sink;
	HtmlTokenState state;
	bool foreign;
	bool after_cr;

	uint64_t position;     /* of `segment` in the input */
	const char *segment;   /* what is being read, valid during a feed only */
	uint64_t markup_start; /* where the last "<" was */

	/* Eaten, and not yet known to be text or not. At most "</" and a name, or "&" and the longest
	 * entity's. */
	char pending[HTML_NAME_MAX + 8];
	size_t n_pending;

	HtmlTokenState raw_state; /* where a "<" in RCDATA, RAWTEXT or script goes back to */
	HtmlTokenName raw_name;   /* of the start tag that began it */
	size_t matched;           /* letters of raw_name, or of "script", seen so far */
	unsigned dashes;          /* "-" in a row, in comments and scripts */

	HtmlTokenState return_state;
	uint64_t number;

	HtmlTokenName tag;
	bool end_tag;
	bool self_closing;
	HtmlTokenName attribute;
	bool keep_value; /* of the attribute at hand */
	unsigned n_slots;
	GString *store; /* names and values, each with a NUL after it */

	/* Set up to n_slots. */
	HtmlTokenSlot slots[HTML_ATTRIBUTES_MAX];
	HtmlAttribute attributes[HTML_ATTRIBUTES_MAX];
};

/* ---- html_token.c: text ---- */

#define HTML_REPLACEMENT "\xEF\xBF\xBD"
#define HTML_REPLACEMENT_BYTES 3

/* Sets of bytes where a run of ordinary characters ends. */
enum {
	HTML_STOP_DATA = 1 << 0,          /* < & NUL */
	HTML_STOP_RAW = 1 << 1,           /* < NUL */
	HTML_STOP_ESCAPED = 1 << 2,       /* - < NUL */
	HTML_STOP_CDATA = 1 << 3,         /* ] NUL */
	HTML_STOP_NUL = 1 << 4,           /* NUL */
	HTML_STOP_TAG_NAME = 1 << 5,      /* space / > NUL */
	HTML_STOP_ATTRIBUTE = 1 << 6,     /* space / > = NUL */
	HTML_STOP_DOUBLE_QUOTED = 1 << 7, /* " & NUL */
	HTML_STOP_SINGLE_QUOTED = 1 << 8, /* ' & NUL */
	HTML_STOP_UNQUOTED = 1 << 9,      /* space & > NUL */
	HTML_SPACE = 1 << 10,             /* TAB LF FF SPACE */
};
extern const uint16_t html_token_bytes[256];

static inline bool html_token_is(char byte, unsigned set)
{
	return (html_token_bytes[(unsigned char)byte] & set) != 0;
}

static inline const char *html_token_scan(const char *at, const char *end, unsigned stops)
{
	while (at < end && !html_token_is(*at, stops))
		at++;
	return at;
}

#define HTML_TOKEN_ONES UINT64_C(0x0101010101010101)

/* The lowest bit that is set is that of a byte that is 0; above it there may be others. */
static inline uint64_t html_token_zeros(uint64_t word)
{
	return (word - HTML_TOKEN_ONES) & ~word & HTML_TOKEN_ONES * 0x80;
}

/* As html_token_scan() for sets whose members are these two, NUL, and no others: eight bytes at a time. */
static inline const char *html_token_scan_for(const char *at, const char *end, char one, char other,
                                              unsigned stops)
{
	const uint64_t ones = HTML_TOKEN_ONES * (unsigned char)one;
	const uint64_t others = HTML_TOKEN_ONES * (unsigned char)other;

	while (end - at >= 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		word = GUINT64_FROM_LE(word);
		uint64_t found = html_token_zeros(word) | html_token_zeros(word ^ ones) |
		                 html_token_zeros(word ^ others);
		if (found != 0)
			return at + __builtin_ctzll(found) / 8;
		at += 8;
	}
	return html_token_scan(at, end, stops);
}

/* For HTML_STOP_DATA. */
static inline const char *html_token_scan_data(const char *at, const char *end)
{
	return html_token_scan_for(at, end, '<', '&', HTML_STOP_DATA);
}

static inline const char *html_token_skip_space(const char *at, const char *end)
{
	while (at < end && html_token_is(*at, HTML_SPACE))
		at++;
	return at;
}

/* at, when the state is changed: what a step returns. */
static inline const char *html_token_go(HtmlTokenizer *t, const char *at, HtmlTokenState next)
{
	t->state = next;
	return at;
}

void html_token_text(HtmlTokenizer *t, const char *utf8, size_t bytes);
/* Text up to the next of stops, U+FFFD for each NUL; returns that place, or end. */
const char *html_token_text_run(HtmlTokenizer *t, const char *at, const char *end, unsigned stops);
void html_token_hold(HtmlTokenizer *t, char byte);
/* What was held is text after all. */
void html_token_release(HtmlTokenizer *t);
static inline void html_token_drop(HtmlTokenizer *t)
{
	t->n_pending = 0;
}
/* At a "<": holds it, and notes the place. */
const char *html_token_open(HtmlTokenizer *t, const char *at, HtmlTokenState next);
/* At a "&": holds it. */
const char *html_token_refer(HtmlTokenizer *t, const char *at);

typedef const char *HtmlTokenStep(HtmlTokenizer *t, const char *at, const char *end);

/* ---- html_token_tag.c: tags and attributes ---- */

void html_token_begin_tag(HtmlTokenizer *t, bool end_tag);
/* To the attribute at hand, up to HTML_VALUE_MAX; nothing where it has no slot. */
void html_token_add_value(HtmlTokenizer *t, const char *utf8, size_t bytes);

/* From the byte after "<" to the ">". */
HtmlTokenStep html_token_tag;

/* ---- html_token_reference.c ---- */

/* The input ends within a reference: resolves it as far as it goes. */
void html_token_finish_reference(HtmlTokenizer *t);

HtmlTokenStep html_token_reference, html_token_reference_name, html_token_reference_number;
HtmlTokenStep html_token_reference_hex_start, html_token_reference_hex;
HtmlTokenStep html_token_reference_decimal_start, html_token_reference_decimal;

/* ---- html_token_raw.c: RCDATA, RAWTEXT, script, plaintext ---- */

HtmlTokenStep html_token_rcdata, html_token_rawtext, html_token_plaintext;
HtmlTokenStep html_token_raw_open, html_token_raw_end_open, html_token_raw_end_name;
HtmlTokenStep html_token_script_escape_start, html_token_script_escaped;
HtmlTokenStep html_token_script_double_escape_start, html_token_script_double_escaped;
HtmlTokenStep html_token_script_double_escaped_open, html_token_script_double_escape_end;

/* ---- html_token_markup.c: declarations, comments, CDATA ---- */

HtmlTokenStep html_token_declaration_open, html_token_bogus_comment, html_token_comment_start;
HtmlTokenStep html_token_comment, html_token_cdata, html_token_cdata_end;

#endif
