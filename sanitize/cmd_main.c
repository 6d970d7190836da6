/* cmd_main: takes the two options that all subcommands have from wherever they stand, and hands the rest to one of
 * them. */
#include "cmd_priv.h"

#include "programs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- settings and policy ------------------------------------------------------------------------------ */

static int say_errors(const GPtrArray *errors)
{
	for (guint i = 0; i < errors->len; i++)
		log_error("%s", (const char *)g_ptr_array_index(errors, i));
	return errors->len > 0 ? EX_CONFIG : EX_OK;
}

int cmd_read_failed(const char *path, int error)
{
	log_error("%s: %s", path, g_strerror(error));
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_NOINPUT;
}

int cmd_load_conf(const CmdCommon *common, Conf **ret_conf)
{
	const char *path = common->config != NULL ? common->config : CMD_DEFAULT_CONFIG;
	if (access(path, R_OK) != 0) {
		if (common->config != NULL || (errno != ENOENT && errno != ENOTDIR))
			return cmd_read_failed(path, errno);
		*ret_conf = conf_builtin();
		return EX_OK;
	}
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	*ret_conf = conf_load(path, errors);
	return say_errors(errors);
}

/* common->policy was checked to be readable. */
static Policy *load_policy(const CmdCommon *common, const Conf *conf, GPtrArray *errors)
{
	const char *named = common->policy;
	if (named == NULL && conf != NULL)
		named = conf_settings(conf)->policy_file;
	if (named == NULL || *named == '\0')
		return policy_builtin();
	return policy_load(named, errors);
}

/* 0, or an exit code after saying why: a policy that may not be read is no error in a file. */
static int check_policy_access(const CmdCommon *common, const Conf *conf)
{
	const char *named = common->policy == NULL && conf != NULL ? conf_settings(conf)->policy_file : "";
	if (*named == '\0' || access(named, R_OK) == 0 || (errno != EACCES && errno != EPERM))
		return EX_OK;
	return cmd_read_failed(named, errno);
}

static int check_pair(const Conf *conf, const Policy *policy, GPtrArray *errors)
{
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	policy_check_topology(policy, conf_settings(conf)->topology, errors, warnings);
	policy_check_authentication(policy, conf_settings(conf), errors, warnings);
	policy_check_conversion(policy, warnings);
	for (guint i = 0; i < warnings->len; i++)
		log_warning("%s", (const char *)g_ptr_array_index(warnings, i));
	return say_errors(errors);
}

int cmd_load(const CmdCommon *common, Conf **ret_conf, Policy **ret_policy)
{
	if (common->policy != NULL && access(common->policy, R_OK) != 0)
		return cmd_read_failed(common->policy, errno);
	g_autoptr(Conf) conf = NULL;
	int code = cmd_load_conf(common, &conf);
	if (code != EX_OK && code != EX_CONFIG)
		return code;
	int denied = check_policy_access(common, conf);
	if (denied != EX_OK)
		return denied;
	/* The errors of both files are said, also when the first has some. */
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Policy) policy = load_policy(common, conf, errors);
	if (conf == NULL || policy == NULL) {
		say_errors(errors);
		return EX_CONFIG;
	}
	code = check_pair(conf, policy, errors);
	if (code != EX_OK)
		return code;
	*ret_conf = g_steal_pointer(&conf);
	*ret_policy = g_steal_pointer(&policy);
	return EX_OK;
}

int cmd_bad_option(const char *command, char **argv)
{
	log_error("%s: \"%s\" is no option, or lacks its value; see \"mugai help %s\"", command, argv[0],
	          command);
	return EX_USAGE;
}

int cmd_pass(const char *command, const char *name, char **argv)
{
	g_autofree char *program = programs_path(name);
	if (program == NULL) {
		log_error("%s: %s is neither beside this program nor in its place", command, name);
		return EX_UNAVAILABLE;
	}
	g_autofree char *self = g_strdup(name);
	argv[0] = self;
	execv(program, argv);
	log_error("%s: %s: %s", command, program, g_strerror(errno));
	return EX_UNAVAILABLE;
}

/* ---- subcommands ----------------------------------------------------------------------------------------
 */

const char cmd_help_help[] =
        "usage: mugai [--config FILE] [--policy FILE] SUBCOMMAND ...\n"
        "\n"
        "Makes email harmless: reads it in a jail and writes a new message of text alone.\n"
        "メールを隔離した環境で読み、文字だけから新しいメールを作り直します。\n"
        "\n"
        "  sanitize   one message in, the clean message out      1 通を無害化する\n"
        "  text       one HTML or text body in, plain text out   本文 1 つを文字だけにする\n"
        "  render     one document in, a PDF of pictures out      文書 1 つを画像 PDF にする\n"
        "  verify     is this a clean message?                   無害化済みか確かめる\n"
        "  check      validate settings and policy               設定と規則を調べる\n"
        "  explain    which rule decides for a mail, and why     どの規則が働くかを見る\n"
        "  status     is the daemon well?                        稼働状況を見る\n"
        "  alarm      record what Postfix could not deliver      届かなかったメールを記録する\n"
        "  help       this text, or \"help SUBCOMMAND\"            使い方\n"
        "  version    the version                                版\n"
        "\n"
        "  --config FILE   settings (default " CMD_DEFAULT_CONFIG "; built-in ones without it)\n"
        "  --policy FILE   policy (default: the one that the settings name)\n"
        "\n"
        "Exit codes: 0 done, 64 usage, 65 refused, 66 cannot read, 69 service missing, 70 own fault,\n"
        "73 cannot write, 75 try again, 77 no permission, 78 settings or policy wrong.\n";

const char cmd_version_help[] = "usage: mugai version\n";

int cmd_version(const CmdCommon *common, int argc, char **argv)
{
	(void)common;
	(void)argc;
	(void)argv;
	puts("mugai " MUGAI_VERSION);
	return EX_OK;
}

static const CmdEntry *find_entry(const char *name)
{
	for (const CmdEntry *entry = cmd_entries; entry->name != NULL; entry++)
		if (strcmp(entry->name, name) == 0)
			return entry;
	log_error("\"%s\" is no subcommand; see \"mugai help\"", name);
	return NULL;
}

/* The same words mean the same there. */
static int pass_on(const CmdCommon *common, const CmdEntry *entry)
{
	return cmd_pass(entry->name, entry->program, common->argv);
}

int cmd_help(const CmdCommon *common, int argc, char **argv)
{
	const CmdEntry *entry = find_entry(argc > 1 ? argv[1] : "help");
	if (entry == NULL)
		return EX_USAGE;
	if (entry->program != NULL)
		return pass_on(common, entry);
	fputs(entry->help, stdout);
	return EX_OK;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static int run_command(const CmdCommon *common, int argc, char **argv)
{
	const CmdEntry *entry = find_entry(argv[0]);
	if (entry == NULL)
		return EX_USAGE;
	if (entry->program != NULL)
		return pass_on(common, entry);
	if (!wants_help(argc, argv))
		return entry->run(common, argc, argv);
	fputs(entry->help, stdout);
	return EX_OK;
}

/* ---- common options ---------------------------------------------------------------------------------------
 */

/* How many words of argv "--NAME VALUE" or "--NAME=VALUE" takes at i; 0: it is another; -1: no value. */
static int take_option(const char *name, int argc, char **argv, int i, const char **ret_value)
{
	size_t length = strlen(name);
	if (strncmp(argv[i], name, length) != 0)
		return 0;
	if (argv[i][length] == '=') {
		*ret_value = argv[i] + length + 1;
		return 1;
	}
	if (argv[i][length] != '\0')
		return 0;
	if (i + 1 >= argc)
		return -1;
	*ret_value = argv[i + 1];
	return 2;
}

/* Moves the other words to the front of rest, which has room for all; returns how many, -1 for an error. */
static int take_common(int argc, char **argv, CmdCommon *common, char **rest)
{
	int kept = 0;
	for (int i = 1; i < argc;) {
		if (strcmp(argv[i], "--") == 0) {
			while (i < argc)
				rest[kept++] = argv[i++];
			break;
		}
		int taken = take_option("--config", argc, argv, i, &common->config);
		if (taken == 0)
			taken = take_option("--policy", argc, argv, i, &common->policy);
		if (taken < 0) {
			log_error("%s: a file name is missing", argv[i]);
			return -1;
		}
		if (taken == 0)
			rest[kept++] = argv[i++];
		i += taken;
	}
	rest[kept] = NULL;
	return kept;
}

int cmd_main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	CmdCommon common = { .argv = argv };
	g_autofree char **rest = g_new0(char *, (gsize)argc + 1);
	int kept = take_common(argc, argv, &common, rest);
	if (kept < 0)
		return EX_USAGE;
	if (kept == 0) {
		fputs(cmd_help_help, stderr);
		return EX_USAGE;
	}
	int code = run_command(&common, kept, rest);
	if (fflush(stdout) != 0 && code == EX_OK) {
		log_error("standard output: %s", g_strerror(errno));
		return EX_CANTCREAT;
	}
	return code;
}
