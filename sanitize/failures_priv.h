/* failures: how often the content of a message broke its parser, across restarts (design 2, fail closed).
 *
 * One small file per (original, recipients) in state.directory/failures: its name is a hash, its text a count and the
 * time of the first failure. At FAILURES_MAX the message is delivered notice-only; without this a mail that
 * kills its parser would be tried for as long as Postfix keeps it, and then be lost without a word. A count is not taken back
 * when the message has left: should Postfix not have heard that, the same answer comes at once.
 * A hash that names a file is made from envelope facts, never from what a jail says. Any thread; one process.
 */
#ifndef MUGAI_SANITIZE_FAILURES_PRIV_H
#define MUGAI_SANITIZE_FAILURES_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
	FAILURES_MAX = 3,
	FAILURES_SECONDS = 5 * 86400, /* after the first one a count is forgotten */
	FAILURES_FILES_MAX = 10000,   /* then the oldest go: a flood must not fill the disk */
};

typedef struct Failures Failures;

/* directory: state.directory. Nothing is made until something fails. */
Failures *failures_new(const char *directory);
void failures_free(Failures *failures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Failures, failures_free)

/* key: at most 64 hex digits that name original and recipients. now: seconds since 1970. */
unsigned failures_count(Failures *failures, const char *key, int64_t now);
/* One more; *ret_count with it. The environment's error when it cannot be kept: the message is then tried again. */
bool failures_add(Failures *failures, const char *key, int64_t now, unsigned *ret_count,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
