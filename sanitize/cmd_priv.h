/* cmd: what the subcommands of mugai share. Top-level code: it prints, and returns exit codes.
 *
 * Every line to stderr goes through log_line without log_open: "mugai: ...", one line, no priority
 * prefix, and no control or bidi character of a file name or a mail reaches a terminal.
 */
#ifndef MUGAI_SANITIZE_CMD_PRIV_H
#define MUGAI_SANITIZE_CMD_PRIV_H

#include "conf.h"
#include "log.h"

#include <glib.h>
#include <stdbool.h>
#include <sysexits.h>

G_BEGIN_DECLS

#define CMD_DEFAULT_CONFIG "/etc/mugai/mugai.yaml"

/* What stands before or after the subcommand. Borrowed from argv. */
typedef struct {
	const char *config; /* NULL: not named */
	const char *policy;
	char **argv; /* all words */
} CmdCommon;

typedef struct {
	const char *name;
	int (*run)(const CmdCommon *common, int argc, char **argv);
	const char *help;
	const char *program; /* the one that has this subcommand; NULL: this one */
} CmdEntry;

/* The program's subcommands; a NULL name ends them. */
extern const CmdEntry cmd_entries[];
/* The whole of main(). */
int cmd_main(int argc, char **argv);
/* Becomes the program of that name beside this one. Returns, with an exit code, only when it cannot. */
int cmd_pass(const char *command, const char *name, char **argv);

/* Settings alone. Returns EX_OK, or an exit code after saying every error. A file that was named must be
 * there; the one at the default path may be missing, and the built-in settings are used then. */
int cmd_load_conf(const CmdCommon *common, Conf **ret_conf);
/* Settings and policy, and whether they fit together. */
int cmd_load(const CmdCommon *common, Conf **ret_conf, Policy **ret_policy);

/* getopt_long found an option it does not know, or one without its value: EX_USAGE. */
int cmd_bad_option(const char *command, char **argv);
/* The exit code that errno deserves when a file cannot be read. */
int cmd_read_failed(const char *path, int error);

/* argv[0] is the subcommand. They return exit codes. */
int cmd_sanitize(const CmdCommon *common, int argc, char **argv);
int cmd_verify(const CmdCommon *common, int argc, char **argv);
int cmd_check(const CmdCommon *common, int argc, char **argv);
int cmd_status(const CmdCommon *common, int argc, char **argv);
int cmd_alarm(const CmdCommon *common, int argc, char **argv);
int cmd_text(const CmdCommon *common, int argc, char **argv);
int cmd_render(const CmdCommon *common, int argc, char **argv);
int cmd_explain(const CmdCommon *common, int argc, char **argv);
int cmd_help(const CmdCommon *common, int argc, char **argv);
int cmd_version(const CmdCommon *common, int argc, char **argv);

/* Their help texts. */
extern const char cmd_sanitize_help[], cmd_verify_help[], cmd_check_help[], cmd_status_help[],
        cmd_alarm_help[], cmd_text_help[], cmd_render_help[], cmd_explain_help[], cmd_help_help[], cmd_version_help[];

G_END_DECLS

#endif
