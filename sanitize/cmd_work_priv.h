/* cmd_work: what the subcommands that read a mail or a document share: its input, the jails, the output file.
 * Top-level code: every failure is said on standard error, and an exit code comes back. */
#ifndef MUGAI_SANITIZE_CMD_WORK_PRIV_H
#define MUGAI_SANITIZE_CMD_WORK_PRIV_H

#include "cmd_priv.h"
#include "sanitize.h"

#include <sys/types.h>

G_BEGIN_DECLS

/* ---- cmd_input.c ------------------------------------------------------------------------------------------ */

typedef struct {
	const char *command; /* for messages */
	const char *file;    /* NULL: standard input */
	uint64_t limit;      /* bytes kept of a pipe, and one more */
	int fd;              /* -1 until it is open */
	int64_t changed;     /* seconds since 1970: the file's time, or now */
	/* original_new, or its like without a hash */
	Original *(*original)(uint64_t cap, GError **error);
} CmdInput;

/* "--arrival" and its like: seconds since 1970 from ISO 8601 or @SECONDS. False after saying why. */
bool cmd_parse_time(const char *command, const char *text, int64_t *ret_seconds);

/* The words behind the options: at most one, the file's name; none or "-" is standard input. what: "message". False after
 * saying that there are more. */
bool cmd_input_take(CmdInput *input, const char *what, char **words);
int cmd_input_open(CmdInput *input);
void cmd_input_close(CmdInput *input);
/* From the first byte on, again and again. Too large is remembered by the original. */
Original *cmd_input_read(const CmdInput *input, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Says "COMMAND: FILE: why" and returns code. */
int cmd_input_failed(const CmdInput *input, const char *why, int code);

/* ---- cmd_output.c ----------------------------------------------------------------------------------------- */

enum { CMD_MODE_DEFAULT = 0 };

/* False and errno: not all of it was written. */
bool cmd_write_all(int fd, const void *bytes, size_t length);
/* path NULL: standard output. A file is written whole or not at all, with mode (CMD_MODE_DEFAULT: as the umask has
 * it); a device or a pipe is written to. */
int cmd_output_write(const char *command, const char *path, const void *bytes, size_t length, mode_t mode);

/* The same for a text, whose last line gets an end if it has none. */
int cmd_output_text(const char *command, const char *path, const char *text);

/* ---- cmd_work.c ------------------------------------------------------------------------------------------- */

/* Root gives its rights up for those of the daemon's user, for good; anybody else keeps theirs. NULL, or why not. */
const char *cmd_become(const char *name);
/* The jails. Started by root, they get the user of the settings, or else one that owns nothing. */
typedef const SupervisorKind *CmdKinds(const char *directory, unsigned *ret_count);
/* Does not wait until they stand: asking for one does, and cmd_supervisor_code() tells the exit code of a failure. */
int cmd_supervisor_begin(const char *command, CmdKinds *kinds, const ConfSettings *settings,
                         Supervisor **ret_supervisor);
/* code, or EX_UNAVAILABLE if what failed is that no jail can be had at all. */
int cmd_supervisor_code(Supervisor *supervisor, int code);
int cmd_supervisor_start(const char *command, CmdKinds *kinds, const ConfSettings *settings,
                         Supervisor **ret_supervisor);
/* The exit code that an error of the pipeline deserves; *ret_again: another try may help. */
int cmd_code_of(const GError *error, bool *ret_again);
/* The command has no queue to come again from: what may pass by itself is tried twice. once: false after setting the
 * error. Says each error, but not the same one twice; returns an exit code. */
int cmd_try(const CmdInput *input, bool (*once)(void *user, GError **error), void *user);

G_END_DECLS

#endif
