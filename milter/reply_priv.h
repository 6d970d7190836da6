/* reply: what came of a message -> calls of libmilter. The only place where an answer to Postfix is
 * chosen; everything it does not know is "come again".
 */
#ifndef MUGAI_MILTER_REPLY_PRIV_H
#define MUGAI_MILTER_REPLY_PRIV_H

#include "session_priv.h"
#include "status_server_priv.h"

#include <libmilter/mfapi.h>

G_BEGIN_DECLS

/* End of data: sanitizes, replaces the message, logs one line. Any thread. */
sfsistat reply_message(SMFICTX *ctx, Session *session, StatusBoard *board);

/* The two halves, for tests. */
sfsistat reply_result(SMFICTX *ctx, const Session *session, const SanitizeResult *result);
sfsistat reply_error(SMFICTX *ctx, const GError *failed, const char *id);

G_END_DECLS

#endif
