/* callbacks: the table that libmilter calls. Each hands on and decides nothing. */
#ifndef MUGAI_MILTER_CALLBACKS_PRIV_H
#define MUGAI_MILTER_CALLBACKS_PRIV_H

#include "session_priv.h"
#include "status_server_priv.h"

/* Once, before smfi_opensocket. Both are borrowed for the life of the process: libmilter hands no
 * pointer of ours to a new connection. False: libmilter does not take the table. */
bool callbacks_register(SessionHost *host, StatusBoard *board);

#endif
