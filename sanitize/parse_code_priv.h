/* parse_code: the jailed parser's own parts. Everything here reads hostile bytes, so it is linked only
 * into mugai-parse, mugai-text and into tests and fuzzers, never into a trusted program.
 *
 * A message goes in as bytes; typed plain values come out through a ParseSink. The order of work: parse_limits.c
 * (the header and its caps), parse_headers.c, parse_structure.c (where the parts are), parse_mime.c. One message
 * per process, one thread; the only global state is what parse_warm_up() opened.
 */
#ifndef MUGAI_SANITIZE_PARSE_CODE_PRIV_H
#define MUGAI_SANITIZE_PARSE_CODE_PRIV_H

#include "charset_priv.h"
#include "message_priv.h"
#include "parse_priv.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define PARSE_CODE_ERROR (parse_code_error_quark())
GQuark parse_code_error_quark(void);
typedef enum {
	PARSE_CODE_ERROR_WARM_UP, /* a table, the magic database or the digest is missing here */
	PARSE_CODE_ERROR_REQUEST, /* the job makes no sense: a bug of the trusted side */
} ParseCodeError;

/* Caps of the parser itself; those which an administrator may set are in ParseLimits. */
enum {
	PARSE_COLONS_MAX = 1000,    /* in one address field */
	PARSE_ADDRESSES_MAX = 1000, /* in one list */
	PARSE_SUBJECT_CHARS = 2000,
	PARSE_PHRASE_CHARS = 500, /* display name, list name */
	PARSE_IDS_MAX = 100,      /* References, In-Reply-To */
	PARSE_ID_BYTES = 998,     /* a message id without its brackets: a line of RFC 5322 */
	PARSE_HOPS_MAX = 1000,
	PARSE_NAME_BYTES = 1000, /* file names and address components; the wire takes 2048 */
	PARSE_NAME_END = 60,     /* characters at the end of a file name that stay when it is cut */
	PARSE_TYPE_CHARS = 100,
	PARSE_MAGIC_BYTES = 8 * 1024,   /* of a part, shown to libmagic */
	PARSE_MAGIC_TOTAL = 768 * 1024, /* of a message, by the price of parse_type_true() */
	PARSE_MAGIC_CALL = 1024,
	PARSE_HTML_IN = 20 * 1024 * 1024, /* of one HTML text */
	PARSE_DEPTH_MAX = 30,          /* of MIME; limits may only lower it */
};

/* Bytes that somebody else owns. */
typedef struct {
	const uint8_t *bytes;
	size_t length;
} ParseRange;

typedef struct {
	uint64_t header_block; /* bytes */
	uint64_t header_field; /* bytes, name and line ends included */
	uint64_t header_fields;
	uint64_t mime_depth;
	uint64_t mime_parts;
	uint64_t text_out; /* bytes */
} ParseLimits;

/* How the bytes of a header field are read whose character set nobody says, or which is said wrongly. */
typedef struct {
	Charset hint;  /* in: of the text of the mail, for where the bytes alone do not tell; UNKNOWN = none */
	bool repaired; /* out, never cleared: a label that the bytes contradict, or raw bytes that are no UTF-8 */
} ParseCharsets;

/* ---- what comes out --------------------------------------------------------------------- */

/* Where plain values go: the wire in the worker, a recorder in tests. Each call may fail; the parser
 * then stops and hands the error on. */
typedef struct {
	void *user;
	bool (*counter)(void *user, uint16_t id, uint64_t value, GError **error);
	bool (*string)(void *user, uint16_t slot, uint16_t index, const char *text, GError **error);
	bool (*address)(void *user, uint16_t slot, uint16_t index, const MailAddress *address,
	                GError **error);
	bool (*part)(void *user, const PlainRecord *part, GError **error);
	bool (*text)(void *user, uint16_t stream, const char *text, size_t bytes, GError **error);
	bool (*end)(void *user, uint16_t status, GError **error);
} ParseSink;

typedef struct {
	uint16_t slot;
	uint16_t index;
	char *text;
} ParseLine;

typedef struct {
	uint16_t slot;
	uint16_t index;
	MailAddress *address;
} ParseAddressLine;

/* All that will be said of one message, collected first, because the wire wants numbers and strings
 * before parts and text. */
typedef struct {
	uint64_t counter[PARSE_COUNTER_IDS];
	uint64_t has_counter; /* bit per id */
	uint32_t limits;      /* MessageLimit bits */
	GArray *strings;      /* of ParseLine */
	GArray *addresses;    /* of ParseAddressLine */
	GArray *parts;        /* of PlainRecord; owns name, declared_type and true_type */
	char *body;           /* UTF-8, may be NULL */
	size_t body_bytes;
	ParseCharsets charsets; /* of the header, and of file names */
} ParsePlain;

ParsePlain *parse_plain_new(void);
void parse_plain_free(ParsePlain *plain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ParsePlain, parse_plain_free)
void parse_plain_counter(ParsePlain *plain, ParseCounter id, uint64_t value);
/* Adds to it; more 0 leaves it as it is. */
void parse_plain_count(ParsePlain *plain, ParseCounter id, uint64_t more);
/* Takes text. An empty one is dropped: missing means none. */
void parse_plain_string(ParsePlain *plain, ParseString slot, size_t index, char *text);
/* All of it, END included. False when the sink failed. */
bool parse_plain_say(ParsePlain *plain, const ParseSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- the whole -------------------------------------------------------------------------- */

typedef struct {
	ParseRequest request;
	ParseRange input;
	ParseLimits limits;
	uint8_t *arena; /* where decoded parts go, may be NULL */
	uint64_t arena_size;
	const char *text;  /* as ParseRequest has it. NULL = "" */
	bool english;      /* PARSE_NUMBER_ENGLISH */
	bool prefer_plain; /* PARSE_NUMBER_PREFER_PLAIN */
	bool one_hop;      /* PARSE_NUMBER_ONE_HOP */
	unsigned text_kind; /* ParseTextKind, of PARSE_REQUEST_TEXT */
	unsigned defang;   /* DefangMode */
	unsigned width;    /* PARSE_NUMBER_TEXT_WIDTH */
} ParseJob;

/* Fills tables, opens the magic database and the digest, and parses a mail of our own through the
 * whole path, so that nothing is left to be opened in the jail. Idempotent. */
bool parse_warm_up(GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All that PARSE_REQUEST_TEXT alone needs: tables. */
bool parse_text_warm_up(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the message and says what it is through the sink, END included. False only when the job is
 * impossible or the sink failed: no message content is an error. */
bool parse_message(const ParseJob *job, const ParseSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* PARSE_REQUEST_TEXT alone. */
bool parse_body(const ParseJob *job, const ParseSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef bool ParseFunc(const ParseJob *job, const ParseSink *sink, GError **error);
/* A job that the trusted side can have meant. */
bool parse_job_is_sane(const ParseJob *job, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- parse_limits.c: our own line scanner ------------------------------------------------- */

typedef struct {
	ParseRange name;
	ParseRange value; /* raw: folds, blanks and all, without the last line end */
	bool cut;         /* its end is missing, by a cap */
} ParseField;

typedef struct {
	GArray *fields;  /* of ParseField */
	size_t start;    /* offset of the first line: a byte order mark, an empty line and an mbox line are passed over */
	size_t body;     /* offset of the first byte after the empty line */
	uint32_t limits; /* MessageLimit bits */
	bool is_mail;    /* at least one header field stands before the first empty line */
} ParseHead;

ParseHead *parse_limits_head(ParseRange input, const ParseLimits *limits);
void parse_head_free(ParseHead *head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ParseHead, parse_head_free)

/* The value of the first field of that name; bytes NULL when there is none. */
ParseRange parse_head_find(const ParseHead *head, const char *name);
bool parse_field_is(const ParseField *field, const char *name);

/* Offset of the line after the one at `at` (CRLF, CR CR LF, LF, bare CR; constant look-ahead).
 * ret_end (may be NULL): end of the line without its line end. */
size_t parse_next_line(ParseRange input, size_t at, size_t *ret_end);

/* ---- parse_headers.c ------------------------------------------------------------------------ */

void parse_headers(const ParseHead *head, ParsePlain *plain);
/* PARSE_STRING_FIELD: the values of the fields in names ("A,B"), each decoded and cleaned. Of too many of one name the first
 * and the last stay, and of a long value its beginning and its end: MESSAGE_LIMIT_CONDITIONS. */
void parse_headers_wanted(const ParseHead *head, const char *names, ParsePlain *plain);

/* ---- parse_signs.c: who the mail pretends to be from ------------------------------------------------ */

/* The counters of MessageSign but that of file names. plain holds the addresses and the List-Id already. */
void parse_signs(const ParseHead *head, ParsePlain *plain);

/* ---- parse_auth.c: RFC 8601 --------------------------------------------------------------------- */

/* The counters of what Authentication-Results say that authserv_id wrote ("" = nobody) and that stand above every line of
 * the sender. */
void parse_auth(const ParseHead *head, const char *authserv_id, bool one_hop, ParsePlain *plain);

/* ---- parse_words.c: RFC 2047 ------------------------------------------------------------------ */

/* Length of the encoded word at the start of the range, 0 when there is none. */
size_t parse_word_length(ParseRange range);
/* Unstructured field, phrase or parameter -> UTF-8 (not cleaned yet), line ends of folds removed. */
char *parse_words_decode(ParseRange value);
char *parse_words_decode_with(ParseRange value, ParseCharsets *charsets);
/* The same, cleaned by clean_line and cut. ret_cut, ret_removed may be NULL. */
char *parse_words_line(ParseRange value, size_t max_chars, bool *ret_cut, uint64_t *ret_removed);
char *parse_words_line_with(ParseRange value, size_t max_chars, ParseCharsets *charsets, bool *ret_cut,
                            uint64_t *ret_removed);
/* Bytes under one label -> UTF-8, appended to out. labelled: as charset_reader_with() has it. */
void parse_words_charset(Charset charset, bool labelled, ParseRange bytes, ParseCharsets *charsets,
                         GString *out);
/* Takes text; without its NUL characters: an encoded NUL must not hide what follows it from C strings. */
char *parse_words_without_nul(GString *text);
/* Cuts a UTF-8 string in place at a code point boundary. */
void parse_cut_bytes(char *text, size_t max_bytes);
/* Cuts a longer one in place to its beginning, "…" and its last characters, of which each may have 4 of the bytes: what
 * is looked for often stands at the end (".exe"), and must not be pushed out of sight. True: it was cut. */
bool parse_cut_middle(char *text, size_t max_bytes, size_t last_chars);

/* ---- parse_raw.c: raw text in which bytes look like syntax ------------------------------------------ */

/* What the raw bytes of a field are read as, UNKNOWN when it is ASCII. */
Charset parse_raw_charset(ParseRange value, Charset hint);
/* Bytes at `at` that are text and no syntax: a run of ISO-2022-JP, or one character of charset that ends in a byte
 * of ASCII. 0: the byte is what it looks like. */
size_t parse_raw_length(ParseRange in, size_t at, Charset charset);

/* ---- parse_address.c --------------------------------------------------------------------------- */

/* Appends MailAddress pointers to list, at most up to max in all; false when more were there. Iterative:
 * depth of comments and groups costs no stack. */
bool parse_addresses(ParseRange value, GPtrArray *list, size_t max);
bool parse_addresses_with(ParseRange value, ParseCharsets *charsets, GPtrArray *list, size_t max);

/* The jailed half has its own: message.c belongs to the trusted one. NULL is fine. */
void parse_address_free(MailAddress *address);

/* ---- parse_date.c -------------------------------------------------------------------------------- */

typedef struct {
	int64_t seconds; /* since 1970 UTC */
	int zone;        /* minutes east, -720 .. 840 */
	bool zoned;      /* false: it says no zone that we know, and is read as UTC */
} ParseDate;

/* RFC 5322 3.3 and 4.3. False: unreadable or outside the years 1900 .. 9999. */
bool parse_date(ParseRange value, ParseDate *ret);

/* ---- parse_type.c: declared types, parameters, libmagic --------------------------------------- */

/* "text/plain", lower case, ASCII, cut; newly allocated. NULL: the field is absent or empty.
 * "application/octet-stream" when it cannot be read. */
char *parse_type_declared(ParseRange value);
/* First token of a field in lower case ("base64", "attachment"), "" if none. Newly allocated. */
char *parse_type_token(ParseRange value);
/* The parameter as UTF-8, not cleaned (RFC 2231, then RFC 2047); NULL when absent. */
char *parse_type_parameter(ParseRange value, const char *name);
/* Every value that some reader may take it to have, of char *, the likeliest first: the extended and the plain form, the
 * first and the last of several, pieces up to a gap and beyond it, in their order and as they stand, quotes taken
 * literally, up to a NUL, percent signs of the plain form read; also of what stands before the first `;`. */
GPtrArray *parse_type_parameter_all(ParseRange value, const char *name, ParseCharsets *charsets);
bool parse_type_warm_up(GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* libmagic's opinion of the first PARSE_MAGIC_BYTES, newly allocated, "" if it has none, or only that it does not know. It may only ever
 * restrict. budget (in, out): what may still be spent on it; "" when the price is more than that. A byte
 * costs 1, a blank 4, a call PARSE_MAGIC_CALL: libmagic is slow on blanks, and a thousand parts of them
 * would spend the CPU limit of this process in it. */
char *parse_type_true(ParseRange bytes, size_t *budget);

/* ---- parse_decode.c: transfer encodings and hashes ------------------------------------------ */

typedef enum {
	PARSE_ENCODING_IDENTITY = 0,
	PARSE_ENCODING_BASE64,
	PARSE_ENCODING_QUOTED_PRINTABLE,
	PARSE_ENCODING_UUENCODE,
	PARSE_ENCODING_UNKNOWN, /* x-yencode, binhex, a typing error: nobody undoes it in the same way */
} ParseEncoding;

/* The encoding that the whole value names, UNKNOWN if it is anything else than one known word. */
ParseEncoding parse_encoding_exact(ParseRange value);
/* UNKNOWN is copied as it is. Decodes into room (capacity bytes). False: it did not fit; *ret_length is then what did. */
bool parse_decode(ParseEncoding encoding, ParseRange input, uint8_t *room, size_t capacity,
                  size_t *ret_length);
/* Appends what a base64 or Q encoded word holds. */
void parse_decode_base64_append(GByteArray *out, ParseRange input);
/* The tables of parse_decode.c. */
void parse_base64_warm_up(void);

/* ---- parse_hash.c ------------------------------------------------------------------------------ */

bool parse_hash_warm_up(GError **error) G_GNUC_WARN_UNUSED_RESULT;
void parse_hash(ParseRange bytes, uint8_t ret_sha256[32]);

/* ---- parse_mime.c ------------------------------------------------------------------------------ */

/* Chooses the body, lists and stores every other part. plain->charsets then knows the character set of the text. */
void parse_mime(const ParseJob *job, const ParseHead *head, ParsePlain *plain);

G_END_DECLS

#endif
