/* parse: the wire between the trusted pipeline (parse_client.c) and the jailed parser
 * (parse_worker.c): what each record of plain means here.
 *
 * Order: READY, then records in any order but: counters and strings of the header before
 * the first TEXT or PART; END last. Missing strings mean "none".
 */
#ifndef MUGAI_SANITIZE_PARSE_PRIV_H
#define MUGAI_SANITIZE_PARSE_PRIV_H

#include "plain.h"

G_BEGIN_DECLS

/* ChildJob.request */
typedef enum {
	/* input 0: the original; arena: for decoded parts; text: names of header fields that the policy's
	 * conditions want, joined with commas ("" = none), by which PARSE_STRING_FIELD is indexed; then a line end
	 * and the authserv-id whose Authentication-Results are believed ("" = nobody's) */
	PARSE_REQUEST_MESSAGE = 1,
	/* input 0: the header block alone (for a notice-only message); text: as above, no names */
	PARSE_REQUEST_HEADERS = 2,
	/* input 0: one body, no mail; text: label of its character set, "" = find out. Answer: counters, the
	 * CHARSET_USED string, TEXT, END; no parts. */
	PARSE_REQUEST_TEXT = 3,
} ParseRequest;

/* ChildJob.number[]: the limits of design 7 that the jail needs. */
typedef enum {
	PARSE_NUMBER_HEADER_BLOCK = 0, /* bytes */
	PARSE_NUMBER_HEADER_FIELD,     /* bytes */
	PARSE_NUMBER_HEADER_FIELDS,
	PARSE_NUMBER_MIME_DEPTH,
	PARSE_NUMBER_MIME_PARTS,
	PARSE_NUMBER_TEXT_OUT,         /* bytes of body text that may come back */
	PARSE_NUMBER_ENGLISH,          /* 1: the words inside texts ([image: x]) are English, 0: Japanese */
	PARSE_NUMBER_PREFER_PLAIN,     /* 1: of two alternatives the plain form is shown, 0: the HTML form */
	PARSE_NUMBER_TEXT_KIND,        /* of PARSE_REQUEST_TEXT: ParseTextKind of parse_text_priv.h */
	PARSE_NUMBER_TEXT_WIDTH,       /* of PARSE_REQUEST_TEXT: columns of a line, 0: not wrapped */
	PARSE_NUMBER_DEFANG,           /* DefangMode of defang_priv.h */
	PARSE_NUMBER_ONE_HOP,          /* 1: the trace of our own Postfix is not in the message; 0: an edge's is */
} ParseNumber;

/* PLAIN_STRING slots. Each at most once, but IN_REPLY_TO, REFERENCE (index = n-th) and FIELD. */
typedef enum {
	PARSE_STRING_SUBJECT = 1,
	PARSE_STRING_MESSAGE_ID,       /* without <> */
	PARSE_STRING_IN_REPLY_TO,
	PARSE_STRING_REFERENCE,
	PARSE_STRING_LIST_ID,
	PARSE_STRING_LIST_NAME,
	PARSE_STRING_CHARSET_DECLARED,
	PARSE_STRING_CHARSET_USED,
	PARSE_STRING_FIELD,            /* index = n-th wanted name from 0; any number of each */
	PARSE_STRING_SLOTS
} ParseString;

/* PLAIN_ADDRESS slots; index counts from 0 within a slot. */
typedef enum {
	PARSE_ADDRESS_FROM = 1,
	PARSE_ADDRESS_SENDER,
	PARSE_ADDRESS_REPLY_TO,
	PARSE_ADDRESS_TO,
	PARSE_ADDRESS_CC,
	PARSE_ADDRESS_SLOTS
} ParseAddress;

/* PLAIN_COUNTER ids. Each at most once. */
typedef enum {
	PARSE_COUNTER_DATE = 1,    /* seconds since 1900-01-01 UTC (always positive) */
	PARSE_COUNTER_DATE_ZONE,   /* minutes east of UTC, plus 720 */
	PARSE_COUNTER_AUTO_SUBMITTED, /* AutoSubmitted of message_priv.h */
	PARSE_COUNTER_IMPORTANCE,  /* Importance */
	PARSE_COUNTER_RECEIVED,
	PARSE_COUNTER_HOPS,
	PARSE_COUNTER_LIMITS,      /* MessageLimit bits */
	PARSE_COUNTER_BODY_SOURCE, /* BodySource */
	PARSE_COUNTER_REPLACED,
	PARSE_COUNTER_TEXT_REMOVED,
	/* of the text; the members of Message with these names */
	PARSE_COUNTER_CHARSET_REPAIRED, /* 0 or 1 */
	PARSE_COUNTER_ALTERNATIVE_DIFFERS, /* 0 or 1 */
	PARSE_COUNTER_HIDDEN_CHARS,
	PARSE_COUNTER_LINK_MISMATCHES,
	PARSE_COUNTER_LINKS_REMOVED,
	PARSE_COUNTER_LINKS_FLAGGED,
	PARSE_COUNTER_PICTURES,
	PARSE_COUNTER_PASSWORD_FIELDS,
	PARSE_COUNTER_NESTED_MESSAGES,
	PARSE_COUNTER_OUTSIDE_BYTES,
	PARSE_COUNTER_OBJECTS,
	/* AuthResult of each method, where known; in the order of AuthMethod. Only with an authserv-id. */
	PARSE_COUNTER_AUTH_SPF,
	PARSE_COUNTER_AUTH_DKIM,
	PARSE_COUNTER_AUTH_DMARC,
	/* characters of the text; the members of Message with these names */
	PARSE_COUNTER_MARKS_REMOVED,
	PARSE_COUNTER_BIDI_REMOVED,
	PARSE_COUNTER_PRIVATE_USE,
	PARSE_COUNTER_HEADER_REMOVED,
	PARSE_COUNTER_HEADER_REPLACED,
	PARSE_COUNTER_HEADER_REPAIRED, /* 0 or 1 */
	PARSE_COUNTER_UNDISCLOSED,     /* 0 or 1 */
	PARSE_COUNTER_DATE_ZONELESS,   /* 0 or 1 */
	/* Message.signs, in the order of MessageSign */
	PARSE_COUNTER_SIGN_FIRST,
	PARSE_COUNTER_SIGN_LAST = PARSE_COUNTER_SIGN_FIRST + 6,
	PARSE_COUNTER_IDS
} ParseCounter;

/* PLAIN_TEXT streams. */
typedef enum { PARSE_TEXT_BODY = 1, PARSE_TEXT_STREAMS } ParseText;

enum { PARSE_FIELDS_PER_NAME = 20 }; /* PARSE_STRING_FIELD records of one name: the first and the last ten */

/* PLAIN_PART: a file found inside a text stands below the number of that text ("2.1" in text "2").
 * reason is a PartReason, flags are MESSAGE_PART_*. A part whose path is n
 * numbers deep has the number of MIME parts counted from 1 at each level; a message that is
 * not multipart is part "1". */

/* PLAIN_END status. */
typedef enum {
	PARSE_STATUS_COMPLETE = 0,
	PARSE_STATUS_NOT_MAIL, /* no line before the first empty line is a header field */
	PARSE_STATUS_NO_CHARSET, /* PARSE_REQUEST_TEXT: the label is none that we know */
	PARSE_STATUSES
} ParseStatus;

G_END_DECLS

#endif
