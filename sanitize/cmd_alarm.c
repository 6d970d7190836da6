/* mugai alarm: called by Postfix's pipe(8) for each bounce, where a mail expired in a queue or was refused by
 * the LGWAN server. Whatever goes wrong, the exit code is 75: Postfix would answer every other one with a
 * bounce of the bounce, and throw that away. */
#include "cmd_work_priv.h"

#include "supervisor.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

const char cmd_alarm_help[] =
        "usage: mugai alarm --queue NAME\n"
        "\n"
        "Reads a bounce that Postfix made for its administrator, and records that a mail could not be\n"
        "delivered: one audit event, and the count that mugai status shows. For Postfix's pipe(8).\n"
        "期限切れや拒否で届かなかったメールの知らせ（Postfix のエラーメール）を標準入力から読み、\n"
        "監査記録と mugai status に残します。\n"
        "\n"
        "  --queue NAME   which Postfix it comes from, such as edge or san\n"
        "\n"
        "Exit code 0: recorded; 75: not recorded, try again (also when the command line is wrong, since\n"
        "Postfix would lose the bounce on any other code).\n"
        "\n"
        "  mugai-alarm unix - n n - 4 pipe flags= user=mugai argv=/usr/bin/mugai alarm --queue san\n";

enum { QUEUE_MAX = 32, CHUNK = 64 * 1024 };

static const char queue_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";

/* ---- command line ---------------------------------------------------------------------------------- */

/* NULL after saying why. */
static const char *parse_words(int argc, char **argv)
{
	static const struct option options[] = {
		{ "queue", required_argument, NULL, 'q' },
		{ NULL, 0, NULL, 0 },
	};
	const char *queue = "";
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option != 'q') {
			cmd_bad_option("alarm", argv + optind - 1);
			return NULL;
		}
		queue = optarg;
	}
	if (optind < argc) {
		cmd_bad_option("alarm", argv + optind);
		return NULL;
	}
	size_t length = strlen(queue);
	if (length > 0 && length <= QUEUE_MAX && strspn(queue, queue_characters) == length)
		return queue;
	log_error("alarm: --queue NAME is needed: at most %d letters, digits, \".\", \"-\" and \"_\"",
	          QUEUE_MAX);
	return NULL;
}

/* ---- settings and rights --------------------------------------------------------------------------- */

/* Without the file nobody knows where the audit is: the built-in settings of the other commands have none. */
static bool load(const CmdCommon *common, Conf **ret_conf)
{
	if (common->config == NULL && access(CMD_DEFAULT_CONFIG, R_OK) != 0) {
		log_error("alarm: %s: %s", CMD_DEFAULT_CONFIG, g_strerror(errno));
		return false;
	}
	return cmd_load_conf(common, ret_conf) == EX_OK;
}

/* What it writes belongs to the daemon's user, who writes there, too. */
static bool drop_rights(const ConfSettings *settings)
{
	const char *why = cmd_become(settings->work_user);
	if (why != NULL)
		log_error("alarm: work.user: \"%s\" %s", settings->work_user, why);
	return why == NULL;
}

/* ---- input ------------------------------------------------------------------------------------------- */

/* To its end, however long: pipe(8) must not find a reader that left. */
static bool read_bounce(SanitizeBounce *bounce, guint8 *head, GChecksum *checksum)
{
	guint8 buffer[CHUNK];
	for (;;) {
		ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			log_error("alarm: standard input: %s", g_strerror(errno));
			return false;
		}
		if (n == 0)
			break;
		size_t kept = MIN((size_t)n, SANITIZE_BOUNCE_HEAD - bounce->head_length);
		memcpy(head + bounce->head_length, buffer, kept);
		bounce->head_length += kept;
		bounce->length += (uint64_t)n;
		g_checksum_update(checksum, buffer, n);
	}
	bounce->head = head;
	bounce->sha256 = g_checksum_get_string(checksum);
	return true;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

static bool record(Conf *conf, const SanitizeBounce *bounce)
{
	g_autoptr(Supervisor) supervisor = NULL;
	g_autoptr(GError) error = NULL;
	if (cmd_supervisor_start("alarm", sanitize_text_kinds, conf_settings(conf), &supervisor) != EX_OK)
		return false;
	if (sanitize_alarm(supervisor, conf, bounce, &error))
		return true;
	log_error("alarm: not recorded: %s", error->message);
	return false;
}

int cmd_alarm(const CmdCommon *common, int argc, char **argv)
{
	g_autoptr(Conf) conf = NULL;
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree guint8 *head = g_malloc(SANITIZE_BOUNCE_HEAD);
	SanitizeBounce bounce = { .queue = parse_words(argc, argv) };
	/* A mail is in this memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	bool recorded = bounce.queue != NULL && load(common, &conf) && drop_rights(conf_settings(conf)) &&
	                read_bounce(&bounce, head, checksum) && record(conf, &bounce);
	return recorded ? EX_OK : EX_TEMPFAIL;
}
