/* convert_pool: which documents are drawn now, which comes next, and what was drawn already.
 *
 * A few threads of our own with a low priority (drawing is the jail's work, encoding pages is theirs) take documents out of
 * one bounded queue. The next one is, of those whose sender has fewer than CONVERT_PER_SENDER in work, the one whose sender
 * has the fewest; among equals the one that came first; now and then it is who waits longest. So neither a flood of documents
 * nor one sender's can hold up the text mails, which never come here, or all others' documents.
 *
 * Documents of one key are one: who asks for what is waited for or drawn already waits for that, and what was drawn is kept for
 * a while, so that one mail to a hundred recipients (a hundred copies, by edge) is drawn once. Keys come from
 * the trusted side alone: a hash that a jail claims would let one mail choose the attachment of another.
 *
 * Threads: any. A ConvertTicket belongs to one.
 */
#ifndef MUGAI_SANITIZE_CONVERT_POOL_PRIV_H
#define MUGAI_SANITIZE_CONVERT_POOL_PRIV_H

#include "render.h"

G_BEGIN_DECLS

enum {
	CONVERT_THREADS = 4,       /* documents in work at once (design 2) */
	CONVERT_PER_SENDER = 2,    /* of them, by one envelope sender */
	CONVERT_OFFICE_MAX = 2,    /* of them, that may be for LibreOffice: the others go on beside them */
	CONVERT_WAITING_MAX = 256, /* documents that wait; whoever comes then is told to come again */
	CONVERT_OLDEST_EVERY = 8,  /* of so many that get a thread one is who waits longest, whatever its sender has */
	CONVERT_KEPT_SECONDS = 600,
	CONVERT_KEPT_MAX = 1000,
	CONVERT_NICE = 10,
	CONVERT_STALLS_MAX = 3,    /* a document whose jail stood still so often is to blame itself */
};
#define CONVERT_KEPT_BYTES (UINT64_C(128) << 20)

typedef struct ConvertPool ConvertPool;

/* Starts no thread before there is work. */
ConvertPool *convert_pool_new(void);
/* Ends what runs and waits for the threads. Nobody holds a ticket any more. NULL is fine. */
void convert_pool_free(ConvertPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConvertPool, convert_pool_free)

/* What came of a document: shared, immutable. */
typedef struct Converted Converted;
const RenderResult *converted_result(const Converted *converted);
void converted_unref(Converted *converted);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Converted, converted_unref)

/* Given to the work: how long it may go on. */
typedef struct {
	int64_t until;       /* monotonic, microseconds */
	ProgressFunc wanted; /* false: nobody waits for it any more */
	void *wanted_user;
} ConvertBudget;

typedef struct {
	const char *key;    /* NULL: like nobody else's */
	const char *sender; /* envelope */
	bool office;        /* it may need LibreOffice */
	/* Runs in a thread of the pool; once more where its time was over, and somebody has more. NULL and an error of the
	 * environment: not kept; whoever waits gets the error. */
	RenderResult *(*run)(void *data, const ConvertBudget *budget, GError **error);
	void *data; /* the pool's from the call on, whatever comes of it */
	GDestroyNotify free_data;
} ConvertJob;

typedef struct ConvertTicket ConvertTicket;

/* Gets in line. until: how long the asker will wait (monotonic, microseconds). NULL with CELL_ERROR_BUSY: the queue is full. */
ConvertTicket *convert_pool_ask(ConvertPool *pool, const ConvertJob *job, int64_t until, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it is drawn. Past `until` the result is one of RENDER_STATUS_DEADLINE. progress as in supervisor.h, but called before each second of
 * waiting, also the first; may be NULL. When it says no: CELL_ERROR_BUSY. The caller owns the result. */
Converted *convert_ticket_wait(ConvertTicket *ticket, ProgressFunc progress, void *progress_user,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Work that nobody waits for any more is ended. NULL is fine. */
void convert_ticket_free(ConvertTicket *ticket);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConvertTicket, convert_ticket_free)

typedef struct {
	unsigned in_work, waiting, kept;
	uint64_t kept_bytes;
	uint64_t drawn;       /* ever */
	uint64_t shared;      /* asked for, and already there or in work */
	uint64_t turned_away;
} ConvertStatus;
void convert_pool_status(ConvertPool *pool, ConvertStatus *ret_status);

G_END_DECLS

#endif
