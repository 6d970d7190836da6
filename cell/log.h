/* log: one line per event, to stderr (a service manager's journal reads it) with syslog's
 * <N> priority prefix when stderr is not a terminal. The only file that knows where logs go.
 *
 * Only top-level code logs (mugaid, the supervisor process, main functions); libraries return errors.
 * Lines are one line: control characters, line ends and bidi controls in the arguments come out as "?". Any thread.
 */
#ifndef MUGAI_CELL_LOG_H
#define MUGAI_CELL_LOG_H

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum { LOG_SEVERITY_ERROR = 3, LOG_SEVERITY_WARNING = 4, LOG_SEVERITY_INFO = 6 } LogSeverity;

/* Every line goes to this socket of a syslog(3) daemon, too, as facility mail: on a host where nobody reads standard error. ""
 * or NULL: not. Before any thread exists; inherited by fork. A line that nobody takes is lost. */
void log_syslog(const char *socket);
/* program: "mugaid", "mugai-supervisor"; a static string. */
void log_open(const char *program);
/* id: the message's id or queue id, or NULL. At most 1000 bytes of text are written. */
void log_line(LogSeverity severity, const char *id, const char *format, ...) G_GNUC_PRINTF(3, 4);

#define log_error(...) log_line(LOG_SEVERITY_ERROR, NULL, __VA_ARGS__)
#define log_warning(...) log_line(LOG_SEVERITY_WARNING, NULL, __VA_ARGS__)
#define log_info(...) log_line(LOG_SEVERITY_INFO, NULL, __VA_ARGS__)

G_END_DECLS

#endif
