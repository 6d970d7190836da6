/* submit: hands a message that Mugai wrote to Postfix, by SMTP over a Unix socket (RFC 5321).
 *
 * For what a milter cannot answer well: Postfix deletes the header fields of an original in quadratic time, so a
 * message with very many of them is submitted anew and the original discarded; and a notice to the administrator
 * has no original at all. Only clean messages come here. Whoever reaches that socket can send mail into the closed
 * zone, so that Postfix keeps it in a directory of its own group.
 */
#ifndef MUGAI_MILTER_SUBMIT_PRIV_H
#define MUGAI_MILTER_SUBMIT_PRIV_H

#include "sanitize.h"

G_BEGIN_DECLS

enum { SUBMIT_QUEUE_ID_MAX = 32 };

/* Everything is borrowed. */
typedef struct {
	const char *socket;            /* path */
	const char *sender;            /* "": the null sender */
	const char *const *recipients; /* NULL-terminated, >= 1 */
	const GPtrArray *headers;      /* of SanitizeHeader */
	GBytes *body;                  /* CRLF line ends */
	int64_t deadline;              /* monotonic, microseconds: past it nobody waits any more */
} Submission;

/* True: Postfix has taken the message for all recipients, and answers for it from now on. ret_queue_id: letters and digits of
 * the queue id that it told, "" if none. False, SANITIZE_ERROR_ENVIRONMENT: it did not, or one recipient was
 * refused; nothing was sent, unless the answer to the end of data got lost (then it arrives twice at worst, as with every
 * SMTP client). progress as in supervisor.h, may be NULL. Any thread. */
bool submit_message(const Submission *submission, ProgressFunc progress, void *progress_user,
                    char ret_queue_id[SUBMIT_QUEUE_ID_MAX + 1],
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* 0, or the errno that keeps this process from that socket; whether anybody listens there is not asked. Any thread. */
int submit_reachable(const char *socket);

G_END_DECLS

#endif
