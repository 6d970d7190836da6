/* office_flow: lines of text as they come, in a flow of their own for each cell, box and note. Jailed code.
 *
 * White space collapses as ODF says; what a reader may not see is dropped and counted; what may not leave a jail never gets in.
 * Memory: each flow at most max_text, OFFICE_FLOWS of them; all that the document says together, too.
 */
#ifndef MUGAI_RENDER_OFFICE_FLOW_PRIV_H
#define MUGAI_RENDER_OFFICE_FLOW_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { OFFICE_FLOWS = 32, OFFICE_INDENT_MAX = 20 };

typedef struct OfficeSink OfficeSink;

/* keep: text is wanted; else characters are noted and nothing is kept. chars: a bit for each code point that is shown. */
OfficeSink *office_sink_new(bool keep, uint64_t max_text, uint8_t *chars);
void office_sink_free(OfficeSink *sink);

/* ---- flows --------------------------------------------------------------------------------------------- */

/* What follows is apart from what came before. False: too many at once; it goes on in the same flow. */
bool office_sink_push(OfficeSink *sink);
/* Ends the innermost one, not the outermost. Its lines, parted by LF; valid until the next push. */
const GString *office_sink_pop(OfficeSink *sink);
unsigned office_sink_depth(const OfficeSink *sink);
/* Lines of the outermost flow; at the end. */
const GString *office_sink_text(OfficeSink *sink);

/* ---- paragraphs ---------------------------------------------------------------------------------------- */

typedef struct {
	unsigned indent;   /* of its first line */
	unsigned hanging;  /* of the others */
	const char *label; /* before its text, if it has any */
	bool blank;        /* a blank line before */
} OfficeParagraph;

/* Inside an open one: the next line of that. */
void office_sink_begin(OfficeSink *sink, const OfficeParagraph *paragraph);
/* One without text is a blank line. */
void office_sink_end(OfficeSink *sink);
bool office_sink_is_open(const OfficeSink *sink);
/* Drops what the open one has and will have. */
void office_sink_hide_paragraph(OfficeSink *sink);
/* No blank line, if it has no text. */
void office_sink_no_blank(OfficeSink *sink);

/* Who cannot see what. */
typedef struct {
	bool latin, asian; /* letters of these scripts are hidden: dropped, and each run counted */
} OfficeUnseen;

/* Text of the document, valid UTF-8. */
void office_sink_put(OfficeSink *sink, const char *text, size_t bytes, OfficeUnseen unseen);
/* Text of ours, or of the document where it is as good as shown: kept together, no white space in it collapses. */
void office_sink_say(OfficeSink *sink, const char *text);
void office_sink_blanks(OfficeSink *sink, unsigned n);
void office_sink_tab(OfficeSink *sink);
void office_sink_break(OfficeSink *sink);

/* ---- lines --------------------------------------------------------------------------------------------- */

/* A line that is complete, in the innermost flow; empty: a blank one. Text that a flow gave already. */
void office_sink_line(OfficeSink *sink, const char *line, size_t bytes);
/* Lines of a flow that has ended: behind the open paragraph, or here. */
void office_sink_block(OfficeSink *sink, const char *lines, size_t bytes);
/* A line or a piece of a line: in the open paragraph, or as one. */
void office_sink_remark(OfficeSink *sink, const char *before, const char *text, const char *after);
/* A remark behind the next paragraph of this flow, or in a line at its end. */
void office_sink_owe(OfficeSink *sink, const char *text);
void office_sink_want_blank(OfficeSink *sink);

/* ---- counts -------------------------------------------------------------------------------------------- */

/* Room for text that is repeated: false when there is none, and its characters are counted as cut. */
bool office_sink_charge(OfficeSink *sink, uint64_t bytes);
void office_sink_cut(OfficeSink *sink, uint64_t characters);
uint64_t office_sink_get_cut(const OfficeSink *sink);
/* Runs of hidden text. */
uint32_t office_sink_hidden(const OfficeSink *sink);
/* Visible characters so far. */
uint64_t office_sink_shown(const OfficeSink *sink);

/* Valid UTF-8 as it may leave: one line. New string. */
char *office_clean_line(const char *text, size_t max_chars);

G_END_DECLS

#endif
