#include "cmd_priv.h"

const char cmd_verify_help[] =
        "usage: mugai verify [FILE]\n"
        "\n"
        "Says whether a message obeys the output grammar of clean messages. Line ends may be LF or CRLF.\n"
        "無害化済みメールの書式に合っているかを確かめます（終了コード 0 は合格、65 は不合格）。\n"
        "\n"
        "  mugai verify clean.eml\n"
        "  mugai sanitize mail.eml | mugai verify\n";

/* The message may be hostile: another program reads it, which locks itself down first. */
int cmd_verify(const CmdCommon *common, int argc, char **argv)
{
	(void)common;
	(void)argc;
	return cmd_pass("verify", "mugai-verify", argv);
}
