/* mugai status: asks the daemon, and shows its answer. */
#include "cmd_status_priv.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 256 * 1024, PATIENCE_S = 5 };

const char cmd_status_help[] =
        "usage: mugai status [--config FILE] [--json]\n"
        "\n"
        "Shows what the daemon is doing. Exit code 0: it is well; 69: it does not answer, or is not well.\n"
        "常駐プログラムの稼働状況を表示します（LANG が ja で始まれば日本語で表示します）。\n"
        "\n"
        "  --json   print what the daemon says, as it is: one JSON object\n"
        "\n"
        "  mugai status\n"
        "  mugai status --json\n";

/* ---- asking ----------------------------------------------------------------------------------------------
 */

static int cannot_ask(const char *path, int error)
{
	log_error("status: %s: %s", path,
	          error == ENOENT || error == ECONNREFUSED ? "nothing answers" : g_strerror(error));
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Until the end of file. False with errno. */
static bool read_answer(int fd, GString *answer)
{
	char buffer[4096];
	while (answer->len <= ANSWER_MAX) {
		ssize_t n = recv(fd, buffer, sizeof buffer, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		g_string_append_len(answer, buffer, n);
	}
	errno = EMSGSIZE;
	return false;
}

static int ask(const char *path, GString *answer)
{
	int fd = connect_to(path);
	if (fd < 0)
		return cannot_ask(path, errno);
	bool good = read_answer(fd, answer);
	int error = errno;
	close(fd);
	return good ? EX_OK : cannot_ask(path, error);
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static int show(const char *answer, bool json)
{
	g_autoptr(GHashTable) members = status_read(answer);
	if (members == NULL) {
		log_error("status: the daemon's answer cannot be read");
		return EX_UNAVAILABLE;
	}
	if (json)
		fputs(answer, stdout);
	else
		status_show(members);
	const char *well = g_hash_table_lookup(members, "well");
	return well != NULL && strcmp(well, "true") == 0 ? EX_OK : EX_UNAVAILABLE;
}

int cmd_status(const CmdCommon *common, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	bool json = false;
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option != 'j')
			return cmd_bad_option("status", argv + optind - 1);
		json = true;
	}
	if (optind < argc)
		return cmd_bad_option("status", argv + optind);
	g_autoptr(Conf) conf = NULL;
	int code = cmd_load_conf(common, &conf);
	if (code == EX_CONFIG) {
		/* A file that was refused at a reload is just when one wants to know how the daemon is. */
		conf = conf_builtin();
		log_warning("status: the settings are wrong; asking at the standard socket %s",
		            conf_settings(conf)->status_socket);
	} else if (code != EX_OK)
		return code;
	g_autoptr(GString) answer = g_string_new(NULL);
	code = ask(conf_settings(conf)->status_socket, answer);
	return code != EX_OK ? code : show(answer->str, json);
}
