/* office: the wire between office_client.c (trusted) and office_worker.c (jailed, mugai-office). Numbers and names only.
 *
 * An answer: READY; COUNTERs, each at most once, the format first; the text in TEXT pieces, where wanted; one PART of number 1 whose range is the
 * PDF in the arena, where wanted and made; END with a RenderStatus below RENDER_STATUS_JAILED, or RENDER_STATUS_UNAVAILABLE.
 */
#ifndef MUGAI_RENDER_OFFICE_PRIV_H
#define MUGAI_RENDER_OFFICE_PRIV_H

#include "office.h"

G_BEGIN_DECLS

enum { OFFICE_REQUEST_CONVERT = 1 };

/* ChildJob.number */
enum {
	OFFICE_NUMBER_WANTED = 0, /* OFFICE_WANT_* bits */
	OFFICE_NUMBER_PAGES,
	OFFICE_NUMBER_MAX_TEXT,   /* bytes; the rest is cut, and counted */
	OFFICE_NUMBER_FAMILIES,   /* as in OfficeOptions */
};

enum {
	OFFICE_WANT_PDF = 1 << 0,
	OFFICE_WANT_TEXT = 1 << 1,
	OFFICE_WANT_BESIDE_FIRST = 1 << 8, /* << RenderBeside */
};

enum { OFFICE_TEXT_DOCUMENT = 1 };

/* Bytes of the files that a child may have of its own (the jail's private_size): they are memory, too. */
#define OFFICE_PRIVATE_SIZE (UINT64_C(512) << 20)

typedef enum {
	OFFICE_COUNTER_FORMAT = 1, /* RenderFormat */
	OFFICE_COUNTER_TEXT_CUT,
	OFFICE_COUNTER_MISSING_GLYPHS,
	OFFICE_COUNTER_LOST_FIRST = 32,    /* + RenderLost */
	OFFICE_COUNTER_HIDDEN_FIRST = 64,  /* + RenderHidden */
	OFFICE_COUNTER_BESIDE_FIRST = 80,  /* + RenderBeside */
	OFFICE_COUNTER_IDS = 96,
} OfficeCounter;

G_END_DECLS

#endif
