/* plain, inside: the one table that says which fields a record has (plain.c), and the rules
 * that both halves apply to a single record.
 *
 * Encoding, decoding, freeing and the checks of strings all walk the same table, so that a
 * field cannot be written in one order and read in another, or be read and never judged.
 */
#ifndef MUGAI_CELL_PLAIN_PRIV_H
#define MUGAI_CELL_PLAIN_PRIV_H

#include "plain.h"

G_BEGIN_DECLS

#define PLAIN_MAGIC "MGP1"
enum { PLAIN_VERSION = 1, PLAIN_MAGIC_SIZE = 4, PLAIN_HASH_SIZE = 32 };

/* How a member of PlainRecord stands on the wire. Integers are little-endian and of fixed
 * width; strings are a u32 length and that many bytes; a path is a u16 count and that many
 * u16. */
typedef enum {
	PLAIN_FIELD_U16,
	PLAIN_FIELD_U32,
	PLAIN_FIELD_I32,
	PLAIN_FIELD_U64,
	PLAIN_FIELD_LINE, /* char *: one line */
	PLAIN_FIELD_TEXT, /* text.text and text.bytes */
	PLAIN_FIELD_PATH, /* part.depth and part.number */
	PLAIN_FIELD_HASH, /* 32 bytes */
	PLAIN_FIELD_KINDS
} PlainFieldKind;

typedef struct {
	const char *name; /* for messages */
	PlainFieldKind kind;
	size_t offset; /* of the member in PlainRecord */
	size_t max;    /* strings: the cap in bytes; else 0 */
} PlainField;

typedef struct {
	const char *name;
	const PlainField *fields; /* in the order of the wire */
	size_t n_fields;
} PlainShape;

/* NULL for a type that does not exist. */
const PlainShape *plain_shape(PlainType type);

/* The member of record that field describes. */
void *plain_member(PlainRecord *record, const PlainField *field);

/* A string member (LINE or TEXT): never NULL; ret_bytes may come from text.bytes. */
const char *plain_member_string(const PlainRecord *record, const PlainField *field, size_t *ret_bytes);

/* Sets error; false, so that a caller can return it. Messages never quote what a jail sent. */
bool plain_throw(GError **error, PlainError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

typedef enum {
	PLAIN_CHARS_UTF8, /* strict UTF-8 without NUL: what the decoder asks */
	PLAIN_CHARS_TEXT, /* ... and what running text may hold */
	PLAIN_CHARS_LINE, /* ... and what one line may hold */
} PlainCharRule;

typedef enum { PLAIN_CHARS_OK, PLAIN_CHARS_NOT_UTF8, PLAIN_CHARS_FORBIDDEN } PlainCharResult;

/* Judges bytes of text in one pass (RFC 3629; Unicode 15, table 3-7). Needs no NUL at the
 * end and takes any bytes. */
PlainCharResult plain_chars(const char *text, size_t bytes, PlainCharRule rule);

/* Everything that can be said of one record without its answer: caps of lengths, characters,
 * numbers in range. The checker and the writer both call it, so that an honest jail learns
 * of its own mistake. ret_text_bytes: bytes of all its strings; untouched on failure. */
bool plain_check_record(const PlainRecord *record, uint64_t *ret_text_bytes,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
