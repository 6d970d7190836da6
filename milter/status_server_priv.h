/* status_server: the daemon's window. A read-only Unix socket: who connects gets one JSON object
 * and the end of file; not one byte is ever read from a peer.
 */
#ifndef MUGAI_MILTER_STATUS_SERVER_PRIV_H
#define MUGAI_MILTER_STATUS_SERVER_PRIV_H

#include "probe_priv.h"
#include "session_priv.h"
#include "totals_priv.h"

G_BEGIN_DECLS

/* ---- what happened lately; any thread -------------------------------------------------------- */

typedef struct StatusBoard StatusBoard;

/* host: borrowed. */
StatusBoard *status_board_new(Conf *conf, Policy *policy, SessionHost *host);
void status_board_free(StatusBoard *board);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatusBoard, status_board_free)

/* Keeps the last five. id: of the message, or its queue id; NULL if there is none. */
void status_board_error(StatusBoard *board, const char *id, const char *text);
/* A good reload: conf and policy from now on. A bad one: NULL and NULL. text: what came of it. */
void status_board_reload(StatusBoard *board, Conf *conf, Policy *policy, const char *text);

/* The milter's socket as it is now, to be looked at from now on. False and errno: it is not there. */
bool status_board_watch(StatusBoard *board, const char *socket);
/* Whether that socket is still at its path. Without it Postfix reaches nobody, or somebody else. True before
 * status_board_watch. */
bool status_board_reachable(StatusBoard *board);

/* Whether libmilter answers there is asked of it from now on. Borrowed. */
void status_board_probe(StatusBoard *board, const Probe *probe);

/* What was counted before the start is asked of it from now on. Borrowed. */
void status_board_totals(StatusBoard *board, const Totals *totals);
/* A message is in work for longer than any can be: its thread hangs, and one of the work slots with it. */
bool status_board_stuck(StatusBoard *board);

/* ---- the server ---------------------------------------------------------------------------------- */

typedef struct StatusServer StatusServer;

/* socket: a listening descriptor, taken. The rest is borrowed. NULL and errno: no descriptors. */
StatusServer *status_server_start(int socket, StatusBoard *board, Supervisor *supervisor,
                                  Sanitizer *sanitizer);
/* Waits for its thread. NULL is fine. */
void status_server_stop(StatusServer *server);

/* The object that it writes; for tests. supervisor and sanitizer may be NULL. */
char *status_json(StatusBoard *board, Supervisor *supervisor, Sanitizer *sanitizer);

G_END_DECLS

#endif
