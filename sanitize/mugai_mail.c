/* mugai-mail: those subcommands of mugai that read whole mails; mugai starts it. */
#include "cmd_priv.h"

const CmdEntry cmd_entries[] = {
	{ "sanitize", cmd_sanitize, cmd_sanitize_help, NULL },
	{ "render", cmd_render, cmd_render_help, NULL },
	{ "explain", cmd_explain, cmd_explain_help, NULL },
	{ "help", cmd_help, cmd_help_help, NULL },
	{ NULL, NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	return cmd_main(argc, argv);
}
