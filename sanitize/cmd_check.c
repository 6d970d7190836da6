#include "cmd_priv.h"

#include <getopt.h>
#include <stdio.h>

const char cmd_check_help[] =
        "usage: mugai check [--config FILE] [--policy FILE] [--defaults]\n"
        "\n"
        "Validates settings and policy, and whether they fit together. Says every error with file and line.\n"
        "設定と規則の誤りを、ファイル名と行番号を付けてすべて表示します（誤りがあれば終了コード 78）。\n"
        "\n"
        "  --defaults   print every setting with its default and meaning, as a settings file\n"
        "\n"
        "  mugai check\n"
        "  mugai check --config new.yaml --policy new-policy.yaml\n"
        "  mugai check --defaults\n";

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
