/* assemble: typed values -> the clean message. Trusted; a writer only, it parses nothing.
 *
 * Writes exactly doc/output-grammar.md. Its arguments cannot hold unread bytes. The same
 * arguments give the same bytes: no clock, no random, no locale. Any thread; no state.
 */
#ifndef MUGAI_SANITIZE_ASSEMBLE_PRIV_H
#define MUGAI_SANITIZE_ASSEMBLE_PRIV_H

#include "message_priv.h"
#include "notices.h"

G_BEGIN_DECLS

#define ASSEMBLE_ERROR (assemble_error_quark())
GQuark assemble_error_quark(void);
typedef enum {
	ASSEMBLE_ERROR_LIMIT, /* the clean message would be larger than its cap */
	ASSEMBLE_ERROR_VALUE, /* an argument of the trusted side is not what it must be: our bug */
} AssembleError;

typedef enum { DECISION_DELIVER = 0, DECISION_NOTICE_ONLY, DECISION_HOLD, DECISION_REJECT } Decision;

/* What converters made of a part whose action is text, image-pdf or both: each of such parts has what its action names, once.
 * The assembler makes a safe name of the part's, with our extension. */
typedef struct {
	guint part; /* index in message->parts */
	char *text; /* UTF-8, LF line ends; a short one stands after the mail's own, a longer one is attached */
} TextAttachment;

typedef struct {
	guint part;
	GBytes *pdf; /* an image PDF by image_pdf.h */
} PdfAttachment;

typedef struct {
	/* Parts whose attachments do not fit become removed, PART_REASON_SIZE, the largest first. */
	Message *message;
	Decision decision;         /* notice-only: nothing of the body is written */
	/* envelope facts, from the front */
	const char *envelope_sender; /* "" = null sender; may hold anything SMTP allows */
	const char *envelope_recipient;
	int64_t arrival;           /* seconds since 1970 UTC */
	int arrival_zone;          /* minutes east of UTC for dates that we make ourselves */
	const char *original_sha256; /* 64 hex digits */
	const char *id;            /* 32 hex digits: X-Mugai-Id */
	unsigned hops;             /* X-Mugai-Hops to write, 1 .. 100 */
	bool loop;                 /* a notice-only message that tells an administrator of a mail loop */
	const char *policy_name;
	const char *policy_version; /* 16 hex digits */
	const Notices *notices;    /* the sentences, in the language of the reader */
	const char *gateway_address; /* From when the original has none that can be written,
				      * e.g. "mugai@gateway.invalid" */
	bool original_elsewhere;   /* behind edge: the original is in the internet-zone mailbox */
	bool defanged;             /* links that mislead are written so that no mail reader opens them */
	bool tell_auth;            /* the reader is told message->auth: somebody's results are believed */
	GPtrArray *texts;          /* of TextAttachment, may be NULL */
	GPtrArray *pdfs;           /* of PdfAttachment, may be NULL */
	uint64_t max_image_pdf;    /* bytes of all pdfs together (design 7: 30 MB) */
	uint64_t max_bytes;        /* of the clean message (design 7: 45 MB) */
} AssembleInput;

typedef struct {
	char *name;
	char *value; /* folded with LF + SP, ready for libmilter; no leading SP */
} CleanHeader;

typedef struct {
	GPtrArray *headers; /* of CleanHeader, in order */
	GBytes *body;       /* CRLF line ends */
} CleanMessage;

void clean_message_free(CleanMessage *clean);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CleanMessage, clean_message_free)

CleanMessage *assemble_message(const AssembleInput *input,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole message as bytes, with CRLF or LF line ends. */
GBytes *clean_message_bytes(const CleanMessage *clean, bool crlf);

/* The sentence for a reader; lives as long as notices. */
const char *notice_part_reason(PartReason reason, const Notices *notices);

G_END_DECLS

#endif
