/* notify: what the service manager is told, sd_notify(3) in short. Without one ($NOTIFY_SOCKET) every call does
 * nothing. Any thread.
 */
#ifndef MUGAI_MILTER_NOTIFY_PRIV_H
#define MUGAI_MILTER_NOTIFY_PRIV_H

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* word: "READY=1" and its like, NULL for none. status: one line for "systemctl status", NULL for none; what could end
 * the line in it comes out as "?". A failure is logged. */
void notify_state(const char *word, const char *status);
/* "RELOADING=1" with the time, which must be told before the reload begins. */
void notify_reloading(void);

/* Milliseconds within which the manager wants its next "WATCHDOG=1"; 0: it does not watch this process. */
int64_t notify_watchdog_ms(void);

G_END_DECLS

#endif
