/* message: what a mail is once it is plain. Trusted side; plain values, no raw bytes.
 *
 * parse_client builds a Message from the records of a jail; policy reads it and sets the
 * actions; the assembler writes it anew. No member can hold message bytes: unread parts
 * travel in ParseResult (parse_priv.h), beside this and never inside it.
 * One thread at a time. All strings are valid UTF-8; all were cleaned in the jail and
 * checked by plain_check, and are cleaned AGAIN where they are written, since a jail may lie.
 */
#ifndef MUGAI_SANITIZE_MESSAGE_PRIV_H
#define MUGAI_SANITIZE_MESSAGE_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
	char *name;   /* display name, "" if none */
	char *local;  /* unquoted */
	char *domain; /* Unicode or ASCII as claimed; "" if there was none */
} MailAddress;

void mail_address_free(MailAddress *address);

/* Why a part is not in the clean message as it was. Texts: notice.c. */
typedef enum {
	PART_REASON_NONE = 0,
	PART_REASON_POLICY,         /* the policy removes such parts */
	PART_REASON_DEPTH,          /* nested deeper than the cap: not looked into */
	PART_REASON_DAMAGED,        /* its encoding could not be read to the end */
	PART_REASON_CHARSET,        /* a text whose character set cannot be read */
	PART_REASON_BINARY_TEXT,    /* called text, but holds binary data */
	PART_REASON_ENCODED_IN_TEXT,/* uuencode, yEnc, BinHex, base64 found inside a text */
	PART_REASON_CONVERSION,     /* a converter failed; its conversion says how */
	PART_REASON_SCAN,           /* infected, suspicious or unscannable */
	PART_REASON_AMBIGUOUS,      /* its type, encoding or border can be read in two ways, so that readers differ */
	PART_REASON_EMPTY_CONTAINER,/* a multipart in which no part could be found */
	PART_REASON_JAILED,         /* how many a jail may say */
	PART_REASON_NOT_SCANNED = PART_REASON_JAILED, /* the policy converts only what was scanned, and it was not */
	PART_REASON_PAGES,          /* it has more pages than the policy takes */
	PART_REASON_FAILED_PAGE,    /* a page cannot be drawn, and the policy takes none such */
	PART_REASON_NO_TEXT,        /* its text was wanted, and it has none */
	PART_REASON_SIZE,           /* what was made of it does not fit into the clean message */
	PART_REASON_COUNT
} PartReason;

typedef enum { PART_ACTION_REMOVE = 0, PART_ACTION_TEXT, PART_ACTION_IMAGE_PDF, PART_ACTION_IMAGE_PDF_TEXT,
	       PART_ACTION_COUNT } PartAction;

/* "image-pdf". Static; also what a policy calls it. */
const char *part_action_name(PartAction action);

/* What the virus scan says. */
typedef enum { PART_SCAN_NOT_SCANNED = 0, PART_SCAN_CLEAN, PART_SCAN_INFECTED, PART_SCAN_SUSPICIOUS, PART_SCAN_UNSCANNABLE,
	       PART_SCAN_COUNT } PartScan;

/* "not-scanned". Static; also what a policy calls it. */
const char *part_scan_name(PartScan scan);

typedef struct PartConversion PartConversion; /* conversion_priv.h */

enum {
	MESSAGE_PART_INLINE = 1 << 0,       /* shown inside the HTML of the original */
	MESSAGE_PART_BODY_ALTERNATIVE = 1 << 1, /* another form of the body that is shown: told in one line */
	MESSAGE_PART_NAME_REPAIRED = 1 << 2,
	MESSAGE_PART_NAME_DISGUISED = 1 << 3,   /* the name hides that a system would run the file */
};

typedef struct {
	char *number;        /* "2.1" */
	char *name;          /* claimed file name, "" if none */
	char *declared_type; /* "application/pdf" */
	char *true_type;     /* by libmagic, "" if unknown */
	uint64_t bytes;      /* decoded size */
	char sha256[65];     /* claimed; lower case hex */
	uint32_t flags;      /* MESSAGE_PART_* */
	PartReason reason;
	PartScan scan;       /* set by the scan */
	PartAction action;   /* set by policy; becomes remove when a conversion comes to nothing */
	PartConversion *conversion; /* set by policy; NULL: nothing was to be converted */
	const char *rule;    /* set by policy: the name of the rule that decided; owned by the policy, NULL before */
} MessagePart;

void message_part_free(MessagePart *part);

typedef enum { AUTO_SUBMITTED_ABSENT = 0, AUTO_SUBMITTED_NO, AUTO_SUBMITTED_GENERATED,
	       AUTO_SUBMITTED_REPLIED, AUTO_SUBMITTED_NOTIFIED, AUTO_SUBMITTED_COUNT } AutoSubmitted;
typedef enum { IMPORTANCE_ABSENT = 0, IMPORTANCE_HIGH, IMPORTANCE_NORMAL, IMPORTANCE_LOW,
	       IMPORTANCE_COUNT } Importance;

/* What the edge found out about where the mail came from, in the words of RFC 8601. Claimed by a jail, as all here. */
typedef enum { AUTH_SPF = 0, AUTH_DKIM, AUTH_DMARC, AUTH_METHODS } AuthMethod;
typedef enum { AUTH_UNKNOWN = 0, /* nobody whom we trust has said anything */
	       AUTH_NONE, AUTH_PASS, AUTH_FAIL, AUTH_SOFTFAIL, AUTH_NEUTRAL, AUTH_POLICY, AUTH_TEMPERROR,
	       AUTH_PERMERROR, AUTH_RESULT_COUNT } AuthResult;

/* "spf"; "pass". Static. */
const char *auth_method_name(AuthMethod method);
const char *auth_result_name(AuthResult result);

/* What looks odd about who wrote, or what a file is called. A claim of a jail: good for a warning, and no more. */
typedef enum {
	MESSAGE_SIGN_SHOWN_ADDRESS = 0, /* the name before an address of From is or holds another party's address or host */
	MESSAGE_SIGN_LOOK_ALIKE,        /* a domain of From, Sender or Reply-To mixes scripts (UTS 39), or imitates Latin letters */
	MESSAGE_SIGN_SEVERAL_FROM,      /* From holds several addresses: their number */
	MESSAGE_SIGN_REPLY_ELSEWHERE,   /* answers go to another organisation than From's ... */
	MESSAGE_SIGN_REPLY_TO_LIST,     /* ... which is the mailing list that the mail names in List-Id */
	MESSAGE_SIGN_SENDER_ELSEWHERE,  /* Sender is of another organisation than From; not told where List-Id is */
	MESSAGE_SIGN_DISGUISED_NAME,    /* files whose name hides that a system would run them: their number */
	MESSAGE_SIGNS
} MessageSign;

/* "shown-address". Static; also what a policy calls it. */
const char *message_sign_name(MessageSign sign);

/* Caps that were hit; each is told to the reader and the audit event. */
typedef enum {
	MESSAGE_LIMIT_FIELDS = 1 << 0,       /* more header fields than the cap: the rest unread */
	MESSAGE_LIMIT_HEADER_BLOCK = 1 << 1, /* header block larger than the cap */
	MESSAGE_LIMIT_FIELD = 1 << 2,        /* one field larger than the cap */
	MESSAGE_LIMIT_ADDRESSES = 1 << 3,    /* addresses cut at 1000, or an address field too odd to read */
	MESSAGE_LIMIT_DEPTH = 1 << 4,        /* MIME nesting */
	MESSAGE_LIMIT_PARTS = 1 << 5,        /* number of parts */
	MESSAGE_LIMIT_STRUCTURE = 1 << 6,    /* structure not read at all because of such a cap */
	MESSAGE_LIMIT_TEXT = 1 << 7,         /* body text cut */
	MESSAGE_LIMIT_REFERENCES = 1 << 8,   /* References or In-Reply-To cut at 100 */
	MESSAGE_LIMIT_SUBJECT = 1 << 9,      /* Subject cut at 2000 */
	MESSAGE_LIMIT_HTML = 1 << 12,   /* an HTML text larger than its cap, or nested deeper, was not read to its end */
	MESSAGE_LIMIT_NESTED = 1 << 13, /* attached mails nested deeper than the cap: listed, not shown */
	MESSAGE_LIMIT_BLOCKS = 1 << 14, /* more files inside texts than the cap on parts: removed, not all listed */
	MESSAGE_LIMIT_CONDITIONS = 1 << 16, /* what conditions are compared with (names, wanted fields) lost its middle: reports only */
	MESSAGE_LIMIT_ALL = ((1 << 10) - 1) | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 16, /* what a jail may say */
	/* Said by the trusted side alone, when nothing was parsed: */
	MESSAGE_LIMIT_SIZE = 1 << 10,   /* larger than limits.message, or than a clean message may be */
	MESSAGE_LIMIT_UNREADABLE = 1 << 15, /* its content broke the parser three times: only its header was read */
	MESSAGE_LIMIT_POLICY = 1 << 17, /* too much work for the policy, which took the strictest outcome: reports only */
	MESSAGE_LIMIT_NO_MAIL = 1 << 11, /* no header field before the first empty line, or no bytes at all */
} MessageLimit;

/* Where the text comes from; of a body in several pieces, its first one that holds anything. */
typedef enum { BODY_NONE = 0, BODY_PLAIN, BODY_HTML, BODY_ENRICHED, BODY_SOURCE_COUNT } BodySource;

/* A header field of the original that a condition of the policy asks for. Claimed, decoded, cleaned, one line. */
typedef struct {
	char *name;  /* as the policy spells it */
	char *value; /* of a long one the beginning and the end, with "…" between */
} MessageField;

void message_field_free(MessageField *field);

typedef struct {
	bool has_date;
	int64_t date;            /* seconds since 1970-01-01 UTC */
	int date_zone;           /* minutes east of UTC, -720 .. 840 */
	bool date_zoneless;      /* it said no zone that we know, and was read as UTC */
	GPtrArray *from;         /* of MailAddress, may be empty; so all lists */
	GPtrArray *sender;
	GPtrArray *reply_to;
	GPtrArray *to;
	GPtrArray *cc;
	bool undisclosed;        /* To or Cc is there, and names nobody on purpose: an empty group */
	char *subject;           /* "" if none */
	char *message_id;        /* without <>; "" if none or unusable */
	GPtrArray *in_reply_to;  /* of char *, without <> */
	GPtrArray *references;
	AutoSubmitted auto_submitted;
	char *list_id;           /* dot-atom without <>, "" if none */
	char *list_name;
	Importance importance;
	AuthResult auth[AUTH_METHODS];
	/* 0 = not so; else a number, or 1 + the place of the first address that is meant: in From, in Reply-To, in Sender,
	 * of LOOK_ALIKE in these three one after the other */
	uint32_t signs[MESSAGE_SIGNS];

	BodySource body_source;
	char *body;              /* UTF-8, LF line ends, "" if none */
	char *charset_declared;  /* claimed, "" if none */
	char *charset_used;      /* ours, from a fixed list */
	uint64_t replaced;       /* undecodable places in the body */
	uint64_t text_removed;   /* characters cleaned away (controls, bidi, invisible); of these ... */
	uint64_t marks_removed;  /* ... combining marks past the fourth on one base ... */
	uint64_t bidi_removed;   /* ... and bidi controls */
	uint64_t private_use;    /* characters of private use, for which 〓 stands */
	uint64_t header_removed; /* characters cleaned away from subject, addresses and file names */
	uint64_t header_replaced; /* undecodable places there */
	bool header_repaired;     /* ... where a label of a character set was missing or wrong, too */
	/* Claims of the jail about the text; counts of what a reader should know. */
	bool charset_repaired;     /* the label was missing or wrong, and another character set was used */
	bool alternative_differs;  /* the plain and the HTML form say different things */
	uint64_t hidden_chars;     /* of HTML, hidden from the reader of the original, left out */
	uint64_t link_mismatches;  /* links whose text shows another host than the one they lead to */
	uint64_t links_removed;    /* links of a dangerous or unknown scheme */
	uint64_t links_flagged;    /* userinfo, backslashes, look-alike hosts */
	uint64_t pictures;         /* pictures that the HTML shows, attached or remote; never fetched */
	uint64_t objects;          /* moving pictures, drawings and their like, for which no text stands */
	uint64_t password_fields;  /* forms that ask for a password or a file */
	uint64_t nested_messages;  /* attached mails shown inside the text */
	uint64_t outside_bytes;    /* text outside of all parts (preamble, epilogue) that was left out */

	GPtrArray *fields;       /* of MessageField, those the policy asked for */
	GPtrArray *parts;        /* of MessagePart, in the order of the original */
	uint32_t received;       /* Received fields of the original */
	uint32_t hops;           /* X-Mugai-Hops of the original, 0 if none */
	uint32_t limits;         /* MessageLimit bits */
	bool header_unread;      /* said by the trusted side alone: nothing of the header was read, so nothing of it is missing */
} Message;

Message *message_new(void);
void message_free(Message *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailAddress, mail_address_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MessagePart, message_part_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MessageField, message_field_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)

G_END_DECLS

#endif
