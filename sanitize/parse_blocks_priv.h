/* parse_blocks: between parse_blocks.c (where a block begins, and what is left in its place),
 * parse_blocks_decode.c (what is in it and where it ends), parse_blocks_runs.c (base64 without a begin line),
 * parse_blocks_rows.c (the same in many short lines), parse_blocks_signs.c (ascii85, btoa, UTF-7) and
 * parse_blocks_drawing.c.
 */
#ifndef MUGAI_SANITIZE_PARSE_BLOCKS_PRIV_H
#define MUGAI_SANITIZE_PARSE_BLOCKS_PRIV_H

#include "parse_text_priv.h"

G_BEGIN_DECLS

enum {
	PARSE_BLOCKS_MAX = 1000,               /* of one text; further ones are taken out and not returned */
	PARSE_BLOCKS_BYTES = 64 * 1024 * 1024, /* decoded, in all */
};

/* Of a ParseBlock; NULL is fine. */
void parse_block_free(gpointer block);

/* Appends the line that takes a block's place. */
void parse_blocks_line(GString *out, bool english, uint64_t characters);
/* parse_blocks_raw cannot write the line that takes a block's place, since it does not know the character
 * set: it leaves a mark of ASCII, which this turns into the line. A mark that the sender wrote becomes such a
 * line as well, which he could have written out. */
void parse_blocks_unmark(GString *text, bool english);
bool parse_blocks_is_mark(const char *line, size_t length);

/* ---- cuts
 * --------------------------------------------------------------------------------------------------- */

typedef enum {
	CUT_BLOCK, /* the line of ours takes its place */
	CUT_BLANK, /* U+3000 does: no mail reader knows a begin line by it, and the words stay */
	CUT_SPACE, /* a SPACE does; start = end */
} CutKind;

typedef struct {
	size_t start, end;   /* of the text */
	uint64_t characters; /* to be named in the line of ours */
	CutKind kind;
} Cut;

/* What all searches through one text share. */
typedef struct {
	ParseRange text;
	GPtrArray *blocks; /* of ParseBlock, the caller's */
	size_t room;       /* bytes that may still be decoded */
	GArray *cuts;      /* of Cut, in order */
	size_t last_yend;  /* offset of the last =yend line, SIZE_MAX: not looked for yet; 0: none */
	size_t max_out;    /* bytes that the text may have in the end */
	int64_t grown;     /* bytes, at least, that the cuts make it longer */
} BlockScan;

/* Takes bytes (may be NULL). Past PARSE_BLOCKS_MAX it is dropped. */
void parse_blocks_add(BlockScan *scan, ParseBlockKind kind, ParseRange name, GByteArray *bytes, bool damaged);
/* In order, and none within another. One that could only stand past max_out is dropped. */
void parse_blocks_cut(BlockScan *scan, size_t start, size_t end, CutKind kind);
/* A CUT_BLOCK; where nothing but layout stands between it and the one before, one line names both: a line of
 * ours for every ten characters makes a text of data: URLs six times as long. */
void parse_blocks_cut_joined(BlockScan *scan, size_t start, size_t end);
/* Decodes base64 with anything in between as far as there is room; *damaged is set when there is none. */
GByteArray *parse_blocks_base64(const BlockScan *scan, ParseRange data, bool *damaged);

/* ---- lines
 * --------------------------------------------------------------------------------------------------- */

/* Bytes of the leading blanks (SP, TAB, U+3000) and quote marks (`>`, `|`). */
size_t parse_blocks_quote(ParseRange line);
/* ASCII case apart. */
bool parse_blocks_begins(ParseRange line, const char *word);

/* The lines behind a begin line. */
typedef struct {
	ParseRange text;
	size_t at;        /* first byte that was not taken */
	size_t end;       /* of the last line taken, without its line end */
	ParseRange quote; /* what stood before the begin line, and may before these */
} BlockLines;

/* The next line without its marks; false at the end. */
bool parse_blocks_peek(const BlockLines *lines, ParseRange *ret_line);
void parse_blocks_take(BlockLines *lines);

/* ---- parse_blocks_decode.c
 * -------------------------------------------------------------------------------------- */

/* begin: the begin line without its marks. Takes the lines of the block and adds it; false (and nothing was
 * added) when no data follows: then the line is a text. */
typedef bool (*BlockDecoder)(BlockScan *scan, ParseRange begin, BlockLines *lines);

bool parse_blocks_uuencode(BlockScan *scan, ParseRange begin, BlockLines *lines);
bool parse_blocks_begin_base64(BlockScan *scan, ParseRange begin, BlockLines *lines);
bool parse_blocks_yenc(BlockScan *scan, ParseRange begin, BlockLines *lines);
bool parse_blocks_binhex(BlockScan *scan, ParseRange begin, BlockLines *lines);
/* begin: the first line of the data itself. */
bool parse_blocks_bare_binhex(BlockScan *scan, ParseRange begin, BlockLines *lines);
bool parse_blocks_pgp(BlockScan *scan, ParseRange begin, BlockLines *lines);

/* As parse_blocks_text; and the result is at most max_out bytes long. True: it was cut for that, and its last
 * line is to be cleaned once more. */
bool parse_blocks_text_max(GString *text, bool english, uint64_t max_out, GPtrArray *blocks);

/* ---- parse_blocks_runs.c
 * ------------------------------------------------------------------------------------------ */

/* Each adds blocks and cuts; the text is cleaned UTF-8. */
void parse_blocks_data_urls(BlockScan *scan);
void parse_blocks_sure_lines(BlockScan *scan);
void parse_blocks_groups(BlockScan *scan);
void parse_blocks_runs(BlockScan *scan);

/* ---- parse_blocks_rows.c
 * ------------------------------------------------------------------------------------------ */

/* What tells base64 from words that are of its alphabet by chance. Zero is an empty one. */
typedef struct {
	bool upper, lower, digit, sign;
	size_t pairs, changes;   /* neighbours in a word that differ, and those of different classes */
	size_t words, odd_words; /* odd: a capital behind a small letter, a digit between letters, `+` or `/` */
	/* of the word that has not ended */
	bool odd, letter;
	uint8_t last;
} BlockShape;

void parse_blocks_shape_add(BlockShape *shape, uint8_t c);
void parse_blocks_shape_end_word(BlockShape *shape);
/* Of 100 neighbours that differ, at least so many are of different classes. In base64 of a program it is 64, of
 * capitals 40; in a name in CamelCase 40, in words 20. */
bool parse_blocks_shape_is_dense(const BlockShape *shape, unsigned percent);

/* As those above. */
void parse_blocks_rows(BlockScan *scan);
void parse_blocks_uneven_rows(BlockScan *scan);

/* ---- parse_blocks_signs.c
 * ----------------------------------------------------------------------------------------- */

bool parse_blocks_btoa(BlockScan *scan, ParseRange begin, BlockLines *lines); /* a BlockDecoder */
/* As those above. */
void parse_blocks_ascii85(BlockScan *scan);
/* Adds cuts alone. */
void parse_blocks_utf7(BlockScan *scan);

/* ---- parse_blocks_drawing.c
 * --------------------------------------------------------------------------------------- */

void parse_blocks_drawings(BlockScan *scan);

G_END_DECLS

#endif
