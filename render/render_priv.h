/* render: the wire between render_client.c (trusted) and render_worker.c (jailed, mugai-render). Numbers and names only.
 *
 * An answer: READY; for each page PICTURE (when pictures are wanted; XRGB32 or GRAY8), its RUNs in reading order (likewise), its text in
 * TEXT pieces, with an empty line after the page before; COUNTERs, each at most once; END with a RenderStatus below
 * RENDER_STATUS_JAILED. The format comes as soon as it is known, the other counters at the end.
 */
#ifndef MUGAI_RENDER_RENDER_PRIV_H
#define MUGAI_RENDER_RENDER_PRIV_H

#include "render.h"

G_BEGIN_DECLS

typedef enum {
	RENDER_REQUEST_DOCUMENT = 1, /* bytes of a document: its first bytes say of which format */
	RENDER_REQUEST_TEXT = 2,     /* UTF-8 text, LF line ends */
} RenderRequestKind;

/* ChildJob.number */
enum {
	RENDER_NUMBER_DPI = 0,
	RENDER_NUMBER_PAGES,
	RENDER_NUMBER_PAGE_PIXELS,
	RENDER_NUMBER_TOTAL_PIXELS,
	RENDER_NUMBER_PAGE_CHARS,
	RENDER_NUMBER_TOTAL_CHARS,
	RENDER_NUMBER_WANTED, /* RENDER_WANT_* bits */
	RENDER_NUMBER_TABLE,  /* RenderTable */
	RENDER_NUMBER_MAX_TEXT, /* bytes of the text; the rest is cut, and counted */
};

enum {
	RENDER_WANT_PICTURES = 1 << 0,
	RENDER_WANT_RUNS = 1 << 1,
	RENDER_WANT_TEXT = 1 << 2,
};

enum { RENDER_TEXT_PAGES = 1 };

typedef enum {
	RENDER_COUNTER_FORMAT = 1, /* RenderFormat */
	RENDER_COUNTER_PAGES_FOUND,
	RENDER_COUNTER_PAGES_FAILED,
	RENDER_COUNTER_LOWER_DPI,
	RENDER_COUNTER_HIDDEN_CHARS,
	RENDER_COUNTER_TEXT_CUT,
	RENDER_COUNTER_PAGES_PARTIAL,
	RENDER_COUNTER_LOST_FIRST = 32, /* + RenderLost */
	RENDER_COUNTER_IDS = RENDER_COUNTER_LOST_FIRST + RENDER_LOST_COUNT,
} RenderCounter;

/* Pixels in the memfd of a child: the largest page alone, or two of at most half of it. A page's pixels are used again once
 * they were released. */
enum { RENDER_PIXEL_BYTES = 4, RENDER_PIXELS_SIZE = RENDER_PAGE_PIXELS * RENDER_PIXEL_BYTES };

/* What private memory for a page is aligned to: a page of 8 MB costs 2000 page faults where the host cannot use huge ones. */
enum { RENDER_HUGE_PAGE = 2 * 1024 * 1024 };

/* ---- trusted side ------------------------------------------------------------------------------------------ */

/* What of a jail's failure is the document's fault; RENDER_STATUS_COMPLETE: nothing, the environment's. */
RenderStatus render_status_of_error(const GError *error);

/* A request for a child of that kind, with the context's times and functions; what memory it takes is the caller's to say. */
ChildRequest render_request_in(const RenderContext *context, const char *kind);

G_END_DECLS

#endif
