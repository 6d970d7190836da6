/* parse_structure: where the parts of a message begin and end, by our own reading; jailed code.
 *
 * Mail readers disagree about broken MIME, and attackers live on that. So this reader does not look for the
 * one right structure: whatever ANY reader may take for a border is a border here, so that no text is shown
 * together with what another reader takes for a file. What is wrong is repaired and marked, never silently
 * believed.
 *
 * Nothing is copied but transfer-encoded messages: contents are ranges of the original. Line ends are CRLF,
 * LF, bare CR and CR CR LF in any mixture. No recursion; all work is linear in the input for each level of
 * depth. Sources: RFC 2045, 2046, 2047, 2231, 5322; published work on ambiguous MIME.
 */
#ifndef MUGAI_SANITIZE_PARSE_STRUCTURE_PRIV_H
#define MUGAI_SANITIZE_PARSE_STRUCTURE_PRIV_H

#include "parse_code_priv.h"
#include "parse_text_priv.h"

G_BEGIN_DECLS

/* ---- parse_fields.c: the Content-* fields of one part -----------------------------------------------------
 */

enum { PARSE_READINGS_MAX = 8 }; /* different values of one field that are kept */

typedef enum {
	PARSE_FIELD_TYPE = 0,
	PARSE_FIELD_ENCODING,
	PARSE_FIELD_DISPOSITION,
	PARSE_FIELD_ID,
	PARSE_FIELD_LOCATION,
	PARSE_FIELD_DESCRIPTION,
	PARSE_FIELD_KINDS
} ParseFieldKind;

typedef struct {
	ParseRange value[PARSE_READINGS_MAX]; /* raw; an identical repetition stands here once */
	unsigned count;
	unsigned strict; /* index of the first one that a strict reader takes; count if there is none */
	bool odd;        /* one of them has a name or a place that not every reader accepts */
} ParseValues;

typedef struct {
	ParseValues kind[PARSE_FIELD_KINDS];
} ParseFields;

/* Fields of a part that starts at `at` (after its delimiter line) and ends with the range; returns the offset
 * of its content. Junk lines and stray empty lines are passed over when more Content- fields follow them. */
size_t parse_fields_part(ParseRange range, size_t at, ParseFields *ret_fields);
/* The same for a header whose end is known (that of a message). */
void parse_fields_head(ParseRange header, ParseFields *ret_fields);
/* The value that counts: the first strict one, else the first; bytes NULL when there is none. */
ParseRange parse_fields_value(const ParseFields *fields, ParseFieldKind kind);
/* Do the lines at `at` look like the header of a part: a Content- field, perhaps after some others and at
 * most one empty line? Looks at a bounded number of lines. */
bool parse_fields_follow(ParseRange range, size_t at);

/* Every transfer encoding that some reader may take the field to name. */
typedef struct {
	uint32_t mask; /* bit per ParseEncoding; 0 = no field at all */
	bool clean;    /* one field, one known token, nothing else: all readers agree */
} ParseEncodings;

ParseEncodings parse_fields_encodings(const ParseFields *fields);

/* ---- parse_boundary.c: what may be the boundary
 * ------------------------------------------------------------- */

enum { PARSE_BOUNDARIES_MAX = 64 };

/* Appends GBytes to list, without repetitions: every value that some reader may take for the boundary
 * parameter. */
void parse_boundary_collect(ParseRange content_type, GPtrArray *list);
void parse_boundary_add(GPtrArray *list, const uint8_t *bytes, size_t length);

/* ---- parse_structure.c: the tree
 * ------------------------------------------------------------------------------ */

typedef enum {
	PARSE_NODE_LEAF = 0,
	PARSE_NODE_MULTIPART, /* in which parts were found */
	PARSE_NODE_MESSAGE,   /* an attached mail; its only child is its body */
} ParseNodeKind;

typedef struct {
	ParseNodeKind kind;
	guint parent;        /* index; the root: 0 */
	uint16_t number;     /* the last number of its path; 0: its path is that of its parent */
	uint16_t depth;      /* numbers in its path */
	uint16_t messages;   /* attached mails around it */
	char *type;          /* lower case, never NULL; "text/plain" when there is none */
	bool type_ambiguous; /* several types, or one that readers read in different ways */
	bool repaired;       /* its border or its header was found where a strict reader would find none */
	ParseFields fields;
	ParseRange content; /* still encoded; of a multipart: all of it */
	ParseHead *head;    /* of a message */
	PartReason reason;  /* why it was not opened */
} ParseNode;

typedef struct {
	GPtrArray *nodes; /* of ParseNode, in the order of the message; 0 is the message's own body */
	GPtrArray
	        *buffers; /* of GByteArray: attached mails that had to be decoded; contents point into them */
	uint64_t outside_bytes; /* of text before, after and between parts */
	uint32_t limits;        /* MessageLimit bits */
} ParseStructure;

/* Never NULL, and always at least one node. input must outlive the result. Fields of the head decide what the
 * body is. */
ParseStructure *parse_structure_read(ParseRange input, const ParseHead *head, const ParseLimits *limits);
void parse_structure_free(ParseStructure *structure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ParseStructure, parse_structure_free)

/* It has a file name or is called an attachment: listed and removed as a whole, whatever is in it. */
bool parse_structure_is_file(const ParseNode *node);
/* "application/octet-stream" is only our reading of a value that does not say so; most readers take it for
 * text. */
bool parse_structure_type_is_unclear(const char *type, ParseRange value);
const ParseNode *parse_structure_node(const ParseStructure *structure, guint index);
/* Writes the path of the node, returns its length. */
uint16_t parse_structure_path(const ParseStructure *structure, guint index,
                              uint16_t ret_path[PLAIN_DEPTH_MAX]);

/* ---- parse_reading.c: which transfer encoding a part is in
 * ------------------------------------------------------ */

/* Bytes of a part with the transfer encoding undone; room is NULL when they are the original's own. */
typedef struct {
	uint8_t *room;
	ParseRange bytes;
} ParseDecoded;

void parse_decoded_clear(ParseDecoded *decoded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ParseDecoded, parse_decoded_clear)

/* For a part that is removed anyhow: size and hash want the likeliest reading. */
ParseEncoding parse_reading_likeliest(const ParseFields *fields, ParseRange content);
/* For a text that would be shown. NONE: all readers see this. AMBIGUOUS: readers may see different things,
 * one of which may be a file. A header that is clear and whose reading is possible is believed. */
PartReason parse_reading_text(const ParseFields *fields, ParseRange content, ParseDecoded *ret_decoded);
/* Is it prose and no base64 of something else? */
bool parse_reading_is_prose(ParseRange bytes);

/* ---- parse_printable.c
 * ---------------------------------------------------------------------------------------- */

/* Takes programs in printable characters, and quoted-printable, out of the text and appends them to its blocks; a
 * line of ours takes their place. Linear. */
void parse_printable_cut(ParseTextResult *result, bool english);

/* ---- parse_parts.c: what is not shown
 * ---------------------------------------------------------------------------- */

typedef struct {
	const ParseJob *job;
	ParsePlain *plain;
	const ParseStructure *structure;
	uint64_t arena_used;
	size_t magic_left; /* bytes that libmagic may still be shown */
} ParseParts;

/* Lists and stores the leaf; MESSAGE_LIMIT_PARTS when the list is full. flags: MESSAGE_PART_*. */
void parse_parts_add(ParseParts *parts, guint index, PartReason reason, uint32_t flags);
/* A file that was found inside the text of the leaf, the n-th from 1. MESSAGE_LIMIT_BLOCKS when the list is
 * full. */
void parse_parts_add_inner(ParseParts *parts, guint index, uint16_t n, const char *name, ParseRange bytes);
typedef struct {
	uint64_t removed; /* characters */
	bool repaired;    /* ... or some that could not be read */
	bool disguised;   /* it hides that a system would run the file: "x.pdf.exe", blanks or U+202E before the end */
} ParseNameFacts;
/* The file name that counts: of several the one that a system would run. "" if none. */
char *parse_parts_name(const ParseFields *fields, ParseCharsets *charsets, ParseNameFacts *ret_facts);
/* Does the name end like something that a system runs or follows by itself? */
bool parse_parts_name_is_dangerous(const char *name);

/* ---- parse_nested.c: the heading of an attached mail
 * --------------------------------------------------------------- */

/* One line that names it, newly allocated. */
char *parse_nested_heading(const char *number, bool english);
/* Lines of a body that begin like the heading of an attached mail, and those of fields under them, get one leading
 * blank. Linear. */
void parse_nested_disguise(GString *text);
/* Subject, From, To, Date as lines; "" when there are none. At most addresses of the cap are written. */
GString *parse_nested_fields(const ParseHead *head, ParseCharsets *charsets, bool english);

G_END_DECLS

#endif
