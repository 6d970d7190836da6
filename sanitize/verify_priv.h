/* verify: what the files of the checker share. The checker is a program of its own; it is written
 * from doc/output-grammar.md and nothing else, shares no code with the assembler, and links only libc and
 * zlib. Messages that it reads may be hostile: no length in them is believed, there is no recursion, and
 * every pass is linear in the size of the message.
 */
#ifndef MUGAI_SANITIZE_VERIFY_PRIV_H
#define MUGAI_SANITIZE_VERIFY_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERIFY_MESSAGE_MAX 45000000u /* bytes; grammar 1.3 */
#define VERIFY_HEADER_MAX 262144u    /* bytes with the empty line; grammar 1.3 */
#define VERIFY_PARTS_MAX 1001u       /* grammar 4.2 */
#define VERIFY_NAME_MAX 480u         /* bytes: 120 code points of four */

/* Why a message was refused. */
struct verify_error {
	bool internal;       /* no verdict, our own fault (out of memory); only `what` is set */
	size_t line;         /* of the message, from 1 */
	const char *section; /* of doc/output-grammar.md, such as "3.2"; static */
	char what[200];      /* printable ASCII; bytes of the message only quoted, 40 characters at most */
};

/* Does the message obey doc/output-grammar.md? Pure: no I/O, no state between calls; needs about
 * length + 2 MB of memory. On false, error (required) says why. May be called from any thread. */
bool verify_message(const uint8_t *message, size_t length, struct verify_error *error);

/* -- verify_lock.c -- */

/* Locks the process down for good: only 0 (read), 1 and 2 (write) stay usable; a process of root
 * becomes user and group 65534 without other groups, and no capability stays. To be called after the
 * message is opened and before its first byte is read. NULL, or what could not be had (static text):
 * then the caller must exit without reading. Only for a process with one thread. */
const char *verify_lock(void);

/* -- below: the core -- */

struct verify_span {
	const uint8_t *at;
	size_t length;
};

struct verify_name {
	size_t length;
	uint8_t bytes[VERIFY_NAME_MAX];
};

/* One message in work. */
struct verify_check {
	struct verify_span message;
	size_t line_end;      /* 1: LF, 2: CRLF */
	const uint8_t *where; /* inside the message: what a refusal is about */
	struct verify_error *error;
	bool multipart;           /* from here on: what the header said */
	uint8_t id[32];           /* X-Mugai-Id */
	struct verify_span value; /* the unfolded value of the field in work, in value_bytes */
	size_t decoded_length;    /* of the encoded words in work, in decoded_bytes */
	size_t names;             /* attachments so far */
	uint8_t value_bytes[VERIFY_HEADER_MAX];
	uint8_t decoded_bytes[VERIFY_HEADER_MAX];
	struct verify_name name[VERIFY_PARTS_MAX];
	uint8_t text[]; /* a decoded part; as large as the message */
};

/* Fills the error, with line and quoted evidence (may be empty). Always false, so that a check can
 * end in `return verify_refuse(...)`. */
bool verify_refuse(struct verify_check *check, const char *section, const char *what,
                   struct verify_span evidence);

/* No verdict: our own fault. Always false. */
bool verify_internal(struct verify_check *check, const char *what);

/* The line that begins at `at`, without its line end; *next is behind it. `at` must be inside the
 * message, whose line ends have been checked. */
struct verify_span verify_line(const struct verify_check *check, const uint8_t *at, const uint8_t **next);

bool verify_span_is(struct verify_span span, const char *text);
bool verify_span_begins(struct verify_span span, const char *text);
bool verify_span_contains(struct verify_span span, const char *text);

/* Grammar 1.3 to 1.6, 2 and 3. *body is behind the empty line. */
bool verify_header(struct verify_check *check, const uint8_t **body);

/* Canonical base64, without line ends; padding only at the end, and only if `last`. out needs 3/4 of
 * the length. False when it is not canonical. */
bool verify_base64(struct verify_span in, bool last, uint8_t *out, size_t *out_length);

/* Next code point of strictly valid UTF-8; its length in bytes, 0 when there is none or it is invalid. */
size_t verify_utf8(const uint8_t *at, const uint8_t *end, uint32_t *cp);

/* Grammar 5.2 (header) or 5.2 and 5.3 (body) for one line without its end. NULL, or what is wrong;
 * then *bad is the code point, and *section the clause. */
const char *verify_characters(struct verify_span line, bool body, const char **section,
                              struct verify_span *bad);

/* Code points of valid UTF-8. */
size_t verify_count(struct verify_span utf8);

/* SP or U+3000 at the beginning or the end. */
bool verify_blank_at_end(struct verify_span utf8);

/* Grammar 5 for check->text[0..length), decoded from the base64 that begins at `base64`. */
bool verify_text(struct verify_check *check, size_t length, bool with_notice, const uint8_t *base64);

/* Grammar 6 for check->text[0..length), decoded from the base64 that begins at `base64`, the content
 * of attachment check->names; needs 1 MB of memory more. */
bool verify_pdf(struct verify_check *check, size_t length, const uint8_t *base64);

/* -- verify_unicode.c, generated -- */
bool verify_is_mark(uint32_t cp); /* general category Mn or Me */
bool verify_is_wide(uint32_t cp); /* East Asian width W or F */

#endif
