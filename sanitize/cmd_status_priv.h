/* cmd_status: the parts of mugai status. */
#ifndef MUGAI_SANITIZE_CMD_STATUS_PRIV_H
#define MUGAI_SANITIZE_CMD_STATUS_PRIV_H

#include "cmd_priv.h"

G_BEGIN_DECLS

/* The daemon's answer as paths and texts (of char *). NULL when it is not what the daemon of this version writes. */
GHashTable *status_read(const char *answer);

/* For people, in the language of the environment: what is wrong first. */
void status_show(GHashTable *members);

G_END_DECLS

#endif
