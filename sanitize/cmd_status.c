#include "cmd_priv.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 256 * 1024, PATIENCE_S = 5, DEPTH_MAX = 4 };

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

/* ---- reading the object: members become "supervisor.pid", "errors.0.text"
 * ---------------------------------- */

typedef struct {
	const char *at;
	GHashTable *members; /* path -> text */
} Reader;

static bool read_value(Reader *r, const char *path, unsigned depth);

static bool take(Reader *r, char c)
{
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static bool read_escape(Reader *r, GString *text)
{
	char c = *r->at++;
	if (c == '"' || c == '\\' || c == '/') {
		g_string_append_c(text, c);
		return true;
	}
	if (c != 'u')
		return false;
	for (int i = 0; i < 4; i++)
		if (!g_ascii_isxdigit(*r->at++))
			return false;
	/* Only controls are written so: none of them belongs on a terminal. */
	g_string_append_c(text, '?');
	return true;
}

static bool read_string(Reader *r, GString *text)
{
	if (!take(r, '"'))
		return false;
	while (*r->at != '"') {
		if (*r->at == '\0')
			return false;
		if (!take(r, '\\'))
			g_string_append_c(text, *r->at++);
		else if (!read_escape(r, text))
			return false;
	}
	return take(r, '"');
}

static bool read_object(Reader *r, const char *path, unsigned depth)
{
	while (!take(r, '}')) {
		g_autoptr(GString) key = g_string_new(path);
		if (*path != '\0')
			g_string_append_c(key, '.');
		if (!read_string(r, key) || !take(r, ':') || !read_value(r, key->str, depth))
			return false;
		if (!take(r, ',') && *r->at != '}')
			return false;
	}
	return true;
}

static bool read_array(Reader *r, const char *path, unsigned depth)
{
	for (unsigned i = 0; !take(r, ']'); i++) {
		g_autofree char *key = g_strdup_printf("%s.%u", path, i);
		if (!read_value(r, key, depth) || (!take(r, ',') && *r->at != ']'))
			return false;
	}
	return true;
}

static bool read_plain(Reader *r, const char *path)
{
	g_autoptr(GString) text = g_string_new(NULL);
	if (*r->at == '"') {
		if (!read_string(r, text))
			return false;
	} else {
		size_t length = strspn(r->at, "0123456789abcdefghijklmnopqrstuvwxyz.-");
		if (length == 0)
			return false;
		g_string_append_len(text, r->at, (gssize)length);
		r->at += length;
	}
	g_hash_table_insert(r->members, g_strdup(path), g_strdup(text->str));
	return true;
}

static bool read_value(Reader *r, const char *path, unsigned depth)
{
	if (depth == 0)
		return false;
	if (take(r, '{'))
		return read_object(r, path, depth - 1);
	if (take(r, '['))
		return read_array(r, path, depth - 1);
	return read_plain(r, path);
}

/* NULL when it is not what the daemon of this version writes. */
static GHashTable *read_members(const char *answer)
{
	g_autoptr(GHashTable) members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	Reader reader = { .at = answer, .members = members };
	if (!g_utf8_validate(answer, -1, NULL) || !read_value(&reader, "", DEPTH_MAX) ||
	    strcmp(reader.at, "\n") != 0)
		return NULL;
	return g_steal_pointer(&members);
}

/* ---- showing
 * -------------------------------------------------------------------------------------------------- */

static const struct {
	const char *path;
	const char *english;
	const char *japanese;
} rows[] = {
	/* clang-format off */
	{ "version", "version", "版" },
	{ "pid", "process", "プロセス" },
	{ "uptime_s", "running for (s)", "稼働時間（秒）" },
	{ "topology", "topology", "設置の形" },
	{ "policy.name", "policy", "規則" },
	{ "policy.version", "policy version", "規則の版" },
	{ "messages.delivered", "delivered", "配送 (delivered)" },
	{ "messages.notice_only", "notice only", "通知のみ" },
	{ "messages.held", "held", "保留" },
	{ "messages.refused", "refused", "拒否" },
	{ "messages.discarded", "discarded (loops)", "破棄（ループ）" },
	{ "messages.failed_content", "failed by content", "内容による失敗" },
	{ "messages.failed_environment", "failed by environment", "環境による失敗" },
	{ "messages.in_work", "in work", "処理中" },
	{ "messages.waiting", "waiting", "待ち" },
	{ "alarms.count", "undeliverable", "届かなかったメール" },
	{ "alarms.last.0.time", "the last one", "その最後" },
	{ "alarms.last.0.queue", "in the queue", "待ち行列" },
	{ "alarms.last.0.status", "status", "状態コード" },
	{ "originals_held", "originals in reception (bytes)", "受信中の原本（バイト）" },
	{ "reachable", "milter socket in place", "受付口（ソケット）の有無" },
	{ "accepting", "mail is taken there", "受付の応答" },
	{ "supervisor.pid", "supervisor process", "監視プロセス" },
	{ "supervisor.error", "supervisor", "監視プロセスの異常" },
	{ "supervisor.running", "jails in use", "使用中の隔離" },
	{ "supervisor.spare", "jails ready", "待機中の隔離" },
	{ "supervisor.waiting", "requests for a jail", "隔離待ち" },
	{ "supervisor.memory_used", "memory in use (bytes)", "使用メモリ（バイト）" },
	{ "supervisor.memory_budget", "memory allowed (bytes)", "メモリの上限（バイト）" },
	{ "supervisor.started", "jails used so far", "使った隔離の数" },
	{ "supervisor.crashed", "jails crashed", "異常終了した隔離" },
	{ "supervisor.timed_out", "jails timed out", "時間切れの隔離" },
	{ "supervisor.zygote_restarts", "zygote restarts", "親プロセスの再起動" },
	{ "reload.count", "reloads", "再読み込みの回数" },
	{ "reload.time", "last reload", "最後の再読み込み" },
	{ "reload.result", "its result", "その結果" },
	{ "reload.text", "said", "その内容" },
	/* clang-format on */
};

/* The daemon's texts may quote a settings file: what steers a terminal is not passed on. */
static void print_safe(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		char bytes[8] = "?";
		if (g_unichar_isprint(c))
			bytes[g_unichar_to_utf8(c, bytes)] = '\0';
		fputs(bytes, stdout);
	}
}

static void print_row(const char *label, const char *text)
{
	printf("%s: ", label);
	print_safe(text);
	putchar('\n');
}

static void print_list(GHashTable *members, const char *label, const char *format_path)
{
	for (unsigned i = 0;; i++) {
		g_autofree char *path = g_strdup_printf("%s.%u", format_path, i);
		g_autofree char *time_path = g_strconcat(path, ".time", NULL);
		g_autofree char *text_path = g_strconcat(path, ".text", NULL);
		const char *plain = g_hash_table_lookup(members, path);
		const char *time = g_hash_table_lookup(members, time_path);
		const char *text = g_hash_table_lookup(members, text_path);
		if (plain == NULL && (time == NULL || text == NULL))
			return;
		g_autofree char *joined =
		        plain != NULL ? g_strdup(plain) : g_strdup_printf("%s %s", time, text);
		print_row(label, joined);
	}
}

static void print_members(GHashTable *members)
{
	const char *language = g_getenv("LC_ALL");
	if (language == NULL || *language == '\0')
		language = g_getenv("LANG");
	bool japanese = language != NULL && g_str_has_prefix(language, "ja");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *text = g_hash_table_lookup(members, rows[i].path);
		if (text != NULL)
			print_row(japanese ? rows[i].japanese : rows[i].english, text);
	}
	print_list(members, japanese ? "隔離の壁" : "jail wall", "supervisor.walls");
	print_list(members, japanese ? "最近の異常" : "error", "errors");
}

static int show(const char *answer, bool json)
{
	g_autoptr(GHashTable) members = read_members(answer);
	if (members == NULL) {
		log_error("status: the daemon's answer cannot be read");
		return EX_UNAVAILABLE;
	}
	if (json)
		fputs(answer, stdout);
	else
		print_members(members);
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
	if (code != EX_OK)
		return code;
	g_autoptr(GString) answer = g_string_new(NULL);
	code = ask(conf_settings(conf)->status_socket, answer);
	return code != EX_OK ? code : show(answer->str, json);
}
