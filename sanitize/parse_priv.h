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
	PARSE_REQUEST_MESSAGE = 1, /* input 0: the original; arena: for decoded parts */
	PARSE_REQUEST_HEADERS = 2, /* input 0: the header block alone (for a notice-only message) */
} ParseRequest;

/* ChildJob.number[]: the limits of design 7 that the jail needs. */
typedef enum {
	PARSE_NUMBER_HEADER_BLOCK = 0, /* bytes */
	PARSE_NUMBER_HEADER_FIELD,     /* bytes */
	PARSE_NUMBER_HEADER_FIELDS,
	PARSE_NUMBER_MIME_DEPTH,
	PARSE_NUMBER_MIME_PARTS,
	PARSE_NUMBER_TEXT_OUT,         /* bytes of body text that may come back */
} ParseNumber;

/* PLAIN_STRING slots. Each at most once, but IN_REPLY_TO and REFERENCE (index = n-th). */
typedef enum {
	PARSE_STRING_SUBJECT = 1,
	PARSE_STRING_MESSAGE_ID,       /* without <> */
	PARSE_STRING_IN_REPLY_TO,
	PARSE_STRING_REFERENCE,
	PARSE_STRING_LIST_ID,
	PARSE_STRING_LIST_NAME,
	PARSE_STRING_CHARSET_DECLARED,
	PARSE_STRING_CHARSET_USED,
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
	PARSE_COUNTER_IDS
} ParseCounter;

/* PLAIN_TEXT streams. */
typedef enum { PARSE_TEXT_BODY = 1, PARSE_TEXT_STREAMS } ParseText;

/* PLAIN_PART: reason is a PartReason, flags are MESSAGE_PART_*. A part whose path is n
 * numbers deep has the number of MIME parts counted from 1 at each level; a message that is
 * not multipart is part "1". */

/* PLAIN_END status. */
typedef enum {
	PARSE_STATUS_COMPLETE = 0,
	PARSE_STATUS_NOT_MAIL, /* no line before the first empty line is a header field */
	PARSE_STATUSES
} ParseStatus;

G_END_DECLS

#endif
