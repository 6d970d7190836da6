#include "cmd_work_priv.h"

#include "programs.h"
#include "supervisor.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

const char cmd_check_help[] =
        "usage: mugai check [--config FILE] [--policy FILE] [--defaults]\n"
        "\n"
        "Validates settings and policy, and whether they fit together. Says every error with file and\n"
        "line, and warns when the daemon could not write to its directories on this machine.\n"
        "設定と規則の誤りを、ファイル名と行番号を付けてすべて表示します（誤りがあれば終了コード 78）。\n"
        "\n"
        "  --defaults   print every setting with its default and meaning, as a settings file\n"
        "\n"
        "  mugai check\n"
        "  mugai check --config new.yaml --policy new-policy.yaml\n"
        "  mugai check --defaults\n";

static void warn_unless_writable(const char *key, const char *path)
{
	if (access(path, W_OK | X_OK) == 0)
		return;
	int error = errno;
	const struct passwd *user = getpwuid(geteuid());
	log_warning("%s: \"%s\": %s: mugaid does not start here as \"%s\"", key, path, g_strerror(error),
	            user != NULL ? user->pw_name : "?");
}

/* conf/sysctl/mugai.conf says why. A kernel without it is well. */
static void warn_of_scheduler(void)
{
	g_autofree char *text = NULL;
	if (g_file_get_contents("/proc/sys/kernel/sched_autogroup_enabled", &text, NULL, NULL) && text[0] == '1')
		log_warning("kernel.sched_autogroup_enabled is 1: beside mails that take long, ordinary ones become "
		            "slower than they must (sysctl.d/50-mugai.conf sets it to 0)");
}

/* mugaid would not start, nor take the policy at a reload. */
static void warn_of_renderer(const ConfSettings *settings, const Policy *policy)
{
	const char *directory = programs_directory();
	g_autoptr(GError) error = NULL;
	if (!policy_converts(policy) || directory == NULL)
		return;
	g_autofree char *program = g_build_filename(directory, "mugai-render", NULL);
	const SupervisorKind kind = { .name = "render", .executable = program, .spare = 1, .maximum = 1 };
	const SupervisorOptions options = { .kinds = &kind,
		                            .n_kinds = 1,
		                            .memory_budget = settings->work_memory,
		                            .uid = (uid_t)-1,
		                            .gid = (gid_t)-1 };
	g_autoptr(Supervisor) supervisor = supervisor_start(&options, &error);
	if (supervisor == NULL)
		log_warning("the policy converts parts, but what draws them does not start here: %s", error->message);
}

/* A warning only: files may be made on another machine than the gateway. */
static void warn_of_machine(const ConfSettings *settings, const Policy *policy)
{
	const char *why = cmd_become(settings->work_user);
	if (why != NULL) {
		log_warning("work.user: \"%s\" %s: mugaid does not start here", settings->work_user, why);
		return;
	}
	warn_of_scheduler();
	warn_of_renderer(settings, policy);
	warn_unless_writable("state.directory", settings->state_directory);
	if (*settings->audit_file == '\0' || access(settings->audit_file, W_OK) == 0)
		return;
	g_autofree char *directory = g_path_get_dirname(settings->audit_file);
	warn_unless_writable("audit.file", directory);
}

static int check_files(const CmdCommon *common)
{
	g_autoptr(Conf) conf = NULL;
	g_autoptr(Policy) policy = NULL;
	int code = cmd_load(common, &conf, &policy);
	if (code != EX_OK)
		return code;
	printf("settings and policy are well; policy %s %s\n", policy_name(policy), policy_version(policy));
	if (common->policy == NULL && *conf_settings(conf)->policy_file == '\0')
		log_warning(
		        "no policy file is named: this command uses the built-in one, but mugaid does not "
		        "start without a file");
	if (common->config != NULL || access(CMD_DEFAULT_CONFIG, F_OK) == 0)
		warn_of_machine(conf_settings(conf), policy);
	return EX_OK;
}

int cmd_check(const CmdCommon *common, int argc, char **argv)
{
	static const struct option options[] = {
		{ "defaults", no_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	bool defaults = false;
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option != 'd')
			return cmd_bad_option("check", argv + optind - 1);
		defaults = true;
	}
	if (optind < argc)
		return cmd_bad_option("check", argv + optind);
	if (!defaults)
		return check_files(common);
	conf_print_reference(stdout);
	return EX_OK;
}
