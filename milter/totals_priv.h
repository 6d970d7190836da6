/* totals: how many messages there were in all, across restarts. A small file in state.directory, written anew and
 * renamed, so that it is the old one or the new one after a kill at any moment: what was counted since is lost then.
 *
 * The main thread alone calls all but totals_now.
 */
#ifndef MUGAI_MILTER_TOTALS_PRIV_H
#define MUGAI_MILTER_TOTALS_PRIV_H

#include "sanitize.h"

G_BEGIN_DECLS

enum { TOTALS_EVERY_MS = 2000 };

typedef struct Totals Totals;

/* Reads the file. One that is missing or damaged: from 0 on; the log says so. */
Totals *totals_open(const char *state_directory);

/* since_start: the counters of this process. Writes when they have changed. False: it could not be written, which the log
 * says once until it works again. */
bool totals_write(Totals *totals, const SanitizeStatus *since_start);

/* In all. Any thread. *ret_since: when counting began, seconds since 1970. */
SanitizeStatus totals_now(const Totals *totals, const SanitizeStatus *since_start, int64_t *ret_since);

G_END_DECLS

#endif
