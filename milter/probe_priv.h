/* probe: does libmilter still take mail? A thread of its own does at the milter's socket what Postfix does first:
 * it connects and negotiates. The answer comes from libmilter's accept loop and from one of its workers, so that it
 * says more than a socket that stands there, whose queue takes connections for a hung process too. A session without
 * a message is counted nowhere. In an overload it waits its turn like Postfix.
 */
#ifndef MUGAI_MILTER_PROBE_PRIV_H
#define MUGAI_MILTER_PROBE_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* One try of at most patience_ms for each of its two steps. False and errno. */
bool probe_once(const char *socket, int64_t patience_ms) G_GNUC_WARN_UNUSED_RESULT;

typedef struct Probe Probe;

/* Tries again and again, with a pause of every_ms, as long as the process lives. */
Probe *probe_start(const char *socket, int64_t every_ms);
/* Since the last good answer, or since the start. Any thread. */
int64_t probe_silence_ms(const Probe *probe);
/* Longer than this without a good answer is not the usual course of things. */
int64_t probe_usual_ms(const Probe *probe);

G_END_DECLS

#endif
