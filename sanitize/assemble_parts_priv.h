/* assemble_parts: what the files of the assembler share. Nobody else includes this.
 *
 * assemble.c (the whole), assemble_headers.c, assemble_text.c (body), assemble_attach.c (what converters made),
 * assemble_mime.c (base64, multipart, names) and notice.c (what the reader is told). Every value may come
 * from a jail that lies: whoever writes it cleans it and checks its form again.
 */
#ifndef MUGAI_SANITIZE_ASSEMBLE_PARTS_PRIV_H
#define MUGAI_SANITIZE_ASSEMBLE_PARTS_PRIV_H

#include "assemble_priv.h"

G_BEGIN_DECLS

enum {
	ASSEMBLE_PARTS_LISTED_MAX = 200,
	ASSEMBLE_ATTACHMENTS_MAX = 1000,
	ASSEMBLE_COUNT_MAX = 99999,        /* of X-Mugai-Result */
	ASSEMBLE_BYTES_MAX = 45000000,     /* of any clean message (output-grammar 1.3) */
	ASSEMBLE_LIST_BYTES_MAX = 50000,   /* one address list: a milter can not send a field over 59000 */
	ASSEMBLE_LISTS_BYTES_MAX = 150000, /* all of them: the header block may have 262144 */
	/* A brief notice-only message, below: all that is left of it stays under 64000 bytes. */
	ASSEMBLE_LIST_BYTES_BRIEF = 6000,
};

#define ASSEMBLE_TEXT_TYPE "text/plain; charset=UTF-8"

/* ---- notice.c: the gateway's voice ----------------------------------------------------- */

typedef struct Notice Notice;

/* What fills a sentence (conf/notices.h). outside: from the mail, any UTF-8; quoted as grammar 5.6 asks.
 * ours: a word of the notices; auth: three of them, for {s}, {k} and {d}. */
typedef struct {
	uint64_t n, m;
	const char *outside;
	const char *ours;
	const char *auth[AUTH_METHODS];
} SayingFill;

/* notices: borrowed. */
Notice *notice_new(const Notices *notices);
void notice_free(Notice *notice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notice, notice_free)

/* One more line. NULL fill: none needed. */
void notice_head(Notice *notice, Saying saying, const SayingFill *fill);
void notice_foot(Notice *notice, Saying saying, const SayingFill *fill);
/* A part that is not there as it was. delivered: false when the whole message is only a notice. */
void notice_part(Notice *notice, const MessagePart *part, bool delivered);

unsigned notice_foot_lines(const Notice *notice);
/* Appends all of other's foot lines. */
void notice_join(Notice *notice, const Notice *other);

/* Appends the head and one empty line; nothing when there is no head. CRLF. */
void notice_write_head(const Notice *notice, GString *text);
/* Appends one empty line when text holds a line already, then the foot. CRLF. */
void notice_write_foot(const Notice *notice, GString *text);

/* Appends 「outside string」 as grammar 5.6 has it. */
void notice_quote(GString *line, const char *outside);

/* Words that live as long as notices. */
const char *notice_field_name(const Notices *notices, const char *field);
/* "（符号化されたデータ 123 文字を取り除きました）", for a text from which a block was taken. */
char *notice_block_line(const Notices *notices, uint64_t characters);
/* "――― 「資料.pdf」 の文字 ―――", before the text of that part. New string, not yet fit to be written. */
char *notice_text_title(const Notices *notices, const MessagePart *part);

/* ---- assemble_text.c: a text that obeys grammar 5 ---------------------------------------- */

typedef struct {
	char *text; /* cleaned, LF, without decodable blocks; lines that imitate a notice still in */
	size_t bytes;
	uint64_t removed;             /* characters cleaned away */
	uint64_t blocks, block_chars; /* decodable blocks taken out */
} CleanText;

/* text: any bytes. Linear. */
void clean_text_prepare(CleanText *clean, const char *text, const Notices *notices);
void clean_text_clear(CleanText *clean);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CleanText, clean_text_clear)
/* line (a name, a subject) opens like a notice, or holds the gateway's own name. */
bool clean_text_imitates(const char *line, const char *gateway);

/* Appends the lines with CRLF, those that imitate a notice escaped; empty_line when there is
 * nothing to show. Result: lines escaped. */
uint64_t clean_text_write(const CleanText *clean, const char *empty_line, GString *out);

/* ---- assemble_headers.c ------------------------------------------------------------------ */

void clean_header_free(CleanHeader *header);

/* All own fields down to MIME-Version (the rest depends on the body). Says in notice what it
 * could not write. converted: parts. brief: without To, Cc, In-Reply-To and References,
 * which it does not tell, and with short lists of the other addresses. */
GPtrArray *headers_build(const AssembleInput *input, unsigned converted, bool brief, Notice *notice);
/* One field, folded. value: printable ASCII, no two SP in a row. */
void headers_add(GPtrArray *headers, const char *name, const char *value);
/* Is it an address of the form that grammar 3.1 has? For the trusted side's own address. */
bool headers_address_ok(const char *address);
/* "local@domain" with the domain in its xn-- form, or as it was claimed where that cannot be written. New string. */
char *headers_address_text(const MailAddress *address);
bool headers_time_ok(int64_t time, int zone);
/* The value of a Date field, of a time that is ok. New string. */
char *headers_date(int64_t time, int zone);
/* When it was sent, by the clocks of Japan and of the sender. NULL: they agree, or no good time is known. New string. */
char *headers_time_japan(const Message *message);

/* ---- assemble_attach.c ------------------------------------------------------------------- */

typedef struct Attachments Attachments;

/* Does each part that was converted have what its action names, and nothing twice? */
bool attachments_ok(const AssembleInput *input);
/* Takes what fits (room: bytes of the message for all of it); other parts become removed. input is borrowed, and must be ok; of one that is
 * not delivered nothing is taken. */
Attachments *attachments_new(const AssembleInput *input, bool delivered, uint64_t room);
void attachments_free(Attachments *attachments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Attachments, attachments_free)
/* Lets go of the largest until attachments_bound() is at most room. */
void attachments_shrink(Attachments *attachments, uint64_t room);

/* Attached, which not all of them are. */
unsigned attachments_count(const Attachments *attachments);

typedef struct {
	unsigned parts; /* that were converted */
	bool cut;       /* pages or characters of some are missing */
	uint64_t escaped, blocks, block_chars, removed; /* of their texts, as of CleanText */
} AttachmentSums;

AttachmentSums attachments_sums(const Attachments *attachments);
/* Not less than what they add to the body, the texts inside apart. */
uint64_t attachments_bound(const Attachments *attachments);
/* Appends the texts that stand inside, each after an empty line and its title. CRLF. */
void attachments_write_inside(const Attachments *attachments, GString *text);
/* Appends the others as MIME parts. */
void attachments_write(const Attachments *attachments, const char *boundary, GString *body);

/* ---- assemble_mime.c --------------------------------------------------------------------- */

/* Appends base64 in lines of 76 with CRLF. */
void mime_base64(GString *out, const char *bytes, size_t length);
size_t mime_base64_size(size_t length);

/* Safe names of attachments, different from each other. */
typedef struct MimeNames MimeNames;
MimeNames *mime_names_new(void);
void mime_names_free(MimeNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeNames, mime_names_free)
/* outside: the claimed name, any UTF-8. extension: "txt". Result: new string. */
char *mime_names_make(MimeNames *names, const char *outside, const char *extension);
/* "attachment;" and the name as RFC 2231, CRLF folded, no line end at the end. */
char *mime_disposition(const char *safe_name);

G_END_DECLS

#endif
