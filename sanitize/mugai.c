/* mugai: the command. What reads whole mails is in mugai-mail: this program needs no crypto library, and so starts
 * sooner. */
#include "cmd_priv.h"

const CmdEntry cmd_entries[] = {
	{ "sanitize", NULL, NULL, "mugai-mail" },
	{ "text", cmd_text, cmd_text_help, NULL },
	{ "render", NULL, NULL, "mugai-mail" },
	{ "verify", cmd_verify, cmd_verify_help, NULL },
	{ "check", cmd_check, cmd_check_help, NULL },
	{ "explain", NULL, NULL, "mugai-mail" },
	{ "status", cmd_status, cmd_status_help, NULL },
	{ "alarm", cmd_alarm, cmd_alarm_help, NULL },
	{ "help", cmd_help, cmd_help_help, NULL },
	{ "--help", cmd_help, cmd_help_help, NULL },
	{ "version", cmd_version, cmd_version_help, NULL },
	{ "--version", cmd_version, cmd_version_help, NULL },
	{ NULL, NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	return cmd_main(argc, argv);
}
