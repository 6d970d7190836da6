/* audit: one JSON object per line, appended, each chained to the one before by hash.
 *
 * A line is {"time":"...","previous":"<SHA-256 of the previous line>","event":{...}}. Whoever takes a line
 * out or changes one breaks the chain from there on. A file that is renamed (rotation) or removed is noticed at the next event: the
 * new file's first line carries the hash of the old one's last line, which a small file beside it (PATH.last) keeps for
 * whatever process comes first. Any thread; several processes may append to one file. */
#ifndef MUGAI_SANITIZE_AUDIT_PRIV_H
#define MUGAI_SANITIZE_AUDIT_PRIV_H

#include <glib.h>
#include <stdbool.h>

typedef struct Audit Audit;

/* path "" : no file (the command without settings); every write then succeeds and does nothing. owner: the user whom a file
 * that root makes is given to, where there is such a user; not thread-safe when root calls it. SANITIZE_ERROR_PERMISSION
 * when the file may not be opened, else SANITIZE_ERROR_ENVIRONMENT. */
Audit *audit_open(const char *path, const char *owner, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for a reload: the new handle goes on with the old one's last hash, should its file be empty. */
void audit_continue(Audit *audit, const Audit *before);
Audit *audit_ref(Audit *audit);
void audit_unref(Audit *audit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Audit, audit_unref)

/* Whether an event could be written now. A usual one's room is taken for the file, which does not grow by that. */
bool audit_check(Audit *audit, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* event: a JSON object without line ends. False (SANITIZE_ERROR_ENVIRONMENT) when not all of the line
 * reached the file: the message must then be tried again. A partial line is ended, never left open. Waits some seconds
 * at most for another process that writes. */
bool audit_write(Audit *audit, const char *event, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
