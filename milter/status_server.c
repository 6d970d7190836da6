#include "status_server_priv.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum {
	ERRORS_KEPT = 5,
	TEXT_MAX = 400,      /* bytes of one error or reload text */
	WRITE_TIMEOUT_S = 2, /* a peer that does not read loses its answer, and nobody else waits */
};

typedef struct {
	int64_t when; /* seconds since 1970 */
	char *text;
} Event;

struct StatusBoard {
	GMutex lock;
	Conf *conf;
	Policy *policy;
	int64_t started; /* monotonic, microseconds */
	Event errors[ERRORS_KEPT];
	unsigned n_errors; /* ever */
	Event reload;
	bool reload_good;
	unsigned n_reloads;
	SessionHost *host;
	char *socket; /* path; NULL: not watched yet */
	struct stat identity;
	const Probe *probe; /* NULL: none yet */
};

/* ---- what happened lately -------------------------------------------------------------------------- */

StatusBoard *status_board_new(Conf *conf, Policy *policy, SessionHost *host)
{
	StatusBoard *board = g_new0(StatusBoard, 1);
	g_mutex_init(&board->lock);
	board->conf = conf_ref(conf);
	board->policy = policy_ref(policy);
	board->host = host;
	board->started = g_get_monotonic_time();
	return board;
}

void status_board_free(StatusBoard *board)
{
	if (board == NULL)
		return;
	for (size_t i = 0; i < ERRORS_KEPT; i++)
		g_free(board->errors[i].text);
	g_free(board->reload.text);
	g_free(board->socket);
	conf_unref(board->conf);
	policy_unref(board->policy);
	g_mutex_clear(&board->lock);
	g_free(board);
}

static void event_set(Event *event, const char *text)
{
	g_free(event->text);
	event->text = g_strndup(text, TEXT_MAX);
	event->when = g_get_real_time() / G_USEC_PER_SEC;
}

void status_board_error(StatusBoard *board, const char *text)
{
	g_mutex_lock(&board->lock);
	event_set(&board->errors[board->n_errors % ERRORS_KEPT], text);
	board->n_errors++;
	g_mutex_unlock(&board->lock);
}

void status_board_reload(StatusBoard *board, Conf *conf, Policy *policy, const char *text)
{
	g_mutex_lock(&board->lock);
	event_set(&board->reload, text);
	board->n_reloads++;
	board->reload_good = conf != NULL;
	if (conf != NULL) {
		conf_unref(board->conf);
		policy_unref(board->policy);
		board->conf = conf_ref(conf);
		board->policy = policy_ref(policy);
	}
	g_mutex_unlock(&board->lock);
}

bool status_board_watch(StatusBoard *board, const char *socket)
{
	struct stat identity;
	if (lstat(socket, &identity) != 0)
		return false;
	g_mutex_lock(&board->lock);
	g_free(board->socket);
	board->socket = g_strdup(socket);
	board->identity = identity;
	g_mutex_unlock(&board->lock);
	return true;
}

/* A bound socket keeps its inode in use: no other file can have the number while the daemon lives. */
static bool reachable(const StatusBoard *board)
{
	struct stat now;
	return board->socket == NULL ||
	       (lstat(board->socket, &now) == 0 && now.st_dev == board->identity.st_dev &&
	        now.st_ino == board->identity.st_ino);
}

bool status_board_reachable(StatusBoard *board)
{
	g_mutex_lock(&board->lock);
	bool ours = reachable(board);
	g_mutex_unlock(&board->lock);
	return ours;
}

void status_board_probe(StatusBoard *board, const Probe *probe)
{
	g_mutex_lock(&board->lock);
	board->probe = probe;
	g_mutex_unlock(&board->lock);
}

/* Before there is a probe nobody can know otherwise. */
static bool accepting(StatusBoard *board)
{
	g_mutex_lock(&board->lock);
	const Probe *probe = board->probe;
	g_mutex_unlock(&board->lock);
	return probe == NULL || probe_silence_ms(probe) <= probe_usual_ms(probe);
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

/* Separates members by looking at what is there already. */
static void json_key(GString *json, const char *key)
{
	char last = json->str[json->len - 1];
	if (last != '{' && last != '[')
		g_string_append_c(json, ',');
	if (key != NULL)
		g_string_append_printf(json, "\"%s\":", key);
}

static void json_text(GString *json, const char *key, const char *text)
{
	json_key(json, key);
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_string_append_c(json, '"');
	for (const char *p = valid; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		if (c < 0x20 || c == 0x7F)
			g_string_append_printf(json, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			g_string_append_printf(json, "\\%c", c);
		else
			g_string_append_c(json, *p);
	}
	g_string_append_c(json, '"');
}

static void json_number(GString *json, const char *key, uint64_t number)
{
	json_key(json, key);
	g_string_append_printf(json, "%" G_GUINT64_FORMAT, number);
}

static void json_time(GString *json, const char *key, int64_t when)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(when);
	g_autofree char *text = time != NULL ? g_date_time_format_iso8601(time) : g_strdup("");
	json_text(json, key, text);
}

static void json_bool(GString *json, const char *key, bool value)
{
	json_key(json, key);
	g_string_append(json, value ? "true" : "false");
}

static void json_open(GString *json, const char *key, char bracket)
{
	json_key(json, key);
	g_string_append_c(json, bracket);
}

static const char *const topology_names[] = {
	[CONF_BEHIND_EDGE] = "behind-edge", [CONF_ONE_HOP] = "one-hop"
};

static void json_board(GString *json, const StatusBoard *board)
{
	json_number(json, "uptime_s",
	            (uint64_t)((g_get_monotonic_time() - board->started) / G_TIME_SPAN_SECOND));
	json_text(json, "topology", topology_names[conf_settings(board->conf)->topology]);
	json_open(json, "policy", '{');
	json_text(json, "name", policy_name(board->policy));
	json_text(json, "version", policy_version(board->policy));
	g_string_append_c(json, '}');

	json_open(json, "reload", '{');
	json_number(json, "count", board->n_reloads);
	if (board->n_reloads > 0) {
		json_time(json, "time", board->reload.when);
		json_text(json, "result", board->reload_good ? "done" : "refused");
		json_text(json, "text", board->reload.text);
	}
	g_string_append_c(json, '}');

	json_open(json, "errors", '[');
	unsigned first = board->n_errors > ERRORS_KEPT ? board->n_errors - ERRORS_KEPT : 0;
	for (unsigned i = first; i < board->n_errors; i++) {
		const Event *event = &board->errors[i % ERRORS_KEPT];
		json_open(json, NULL, '{');
		json_time(json, "time", event->when);
		json_text(json, "text", event->text);
		g_string_append_c(json, '}');
	}
	g_string_append_c(json, ']');
}

static const struct {
	uint32_t wall;
	const char *name;
} walls[] = {
	{ PLAIN_WALL_LANDLOCK, "landlock" },       { PLAIN_WALL_SECCOMP, "seccomp" },
	{ PLAIN_WALL_NET_NAMESPACE, "network" },   { PLAIN_WALL_MOUNT_NAMESPACE, "mounts" },
	{ PLAIN_WALL_PID_NAMESPACE, "processes" }, { PLAIN_WALL_MDWE, "mdwe" },
};

static void json_walls(GString *json, uint32_t standing)
{
	json_open(json, "walls", '[');
	for (size_t i = 0; i < G_N_ELEMENTS(walls); i++)
		if ((standing & walls[i].wall) != 0)
			json_text(json, NULL, walls[i].name);
	g_string_append_c(json, ']');
}

static bool json_supervisor(GString *json, Supervisor *supervisor)
{
	SupervisorStatus now = { 0 };
	g_autoptr(GError) error = NULL;
	json_open(json, "supervisor", '{');
	bool answers = supervisor != NULL && supervisor_status(supervisor, &now, &error);
	if (answers) {
		json_number(json, "pid", now.pid);
		json_walls(json, now.walls);
		json_number(json, "running", now.running);
		json_number(json, "spare", now.spare);
		json_number(json, "waiting", now.waiting);
		json_number(json, "memory_budget", now.memory_budget);
		json_number(json, "memory_used", now.memory_used);
		json_number(json, "started", now.started);
		json_number(json, "crashed", now.crashed);
		json_number(json, "timed_out", now.timed_out);
		json_number(json, "zygote_restarts", now.zygote_restarts);
	} else {
		json_text(json, "error", error != NULL ? error->message : "there is none");
	}
	g_string_append_c(json, '}');
	return answers;
}

static void json_messages(GString *json, Sanitizer *sanitizer)
{
	SanitizeStatus now = { 0 };
	if (sanitizer != NULL)
		sanitizer_status(sanitizer, &now);
	json_open(json, "messages", '{');
	json_number(json, "delivered", now.delivered);
	json_number(json, "notice_only", now.notice_only);
	json_number(json, "held", now.held);
	json_number(json, "refused", now.refused);
	json_number(json, "discarded", now.discarded);
	json_number(json, "failed_content", now.failed_content);
	json_number(json, "failed_environment", now.failed_environment);
	json_number(json, "in_work", now.in_work);
	json_number(json, "waiting", now.waiting);
	g_string_append_c(json, '}');
}

static void json_alarms(GString *json, const char *state_directory)
{
	SanitizeAlarms now;
	sanitize_alarms(state_directory, &now);
	json_open(json, "alarms", '{');
	json_number(json, "count", now.count);
	json_open(json, "last", '[');
	for (unsigned i = 0; i < now.n; i++) {
		json_open(json, NULL, '{');
		json_time(json, "time", now.last[i].when);
		json_text(json, "queue", now.last[i].queue);
		json_text(json, "queue_id", now.last[i].queue_id);
		json_text(json, "status", now.last[i].status);
		json_text(json, "id", now.last[i].id);
		g_string_append_c(json, '}');
	}
	g_string_append(json, "]}");
}

char *status_json(StatusBoard *board, Supervisor *supervisor, Sanitizer *sanitizer)
{
	GString *json = g_string_new("{");
	json_text(json, "version", MUGAI_VERSION);
	json_number(json, "pid", (uint64_t)getpid());
	g_mutex_lock(&board->lock);
	json_board(json, board);
	g_autofree char *state_directory = g_strdup(conf_settings(board->conf)->state_directory);
	g_mutex_unlock(&board->lock);
	json_number(json, "originals_held", session_host_held(board->host));
	json_messages(json, sanitizer);
	json_alarms(json, state_directory);
	bool answers = json_supervisor(json, supervisor);
	bool ours = status_board_reachable(board);
	json_bool(json, "reachable", ours);
	bool accepts = accepting(board);
	json_bool(json, "accepting", accepts);
	json_bool(json, "well", answers && ours && accepts);
	g_string_append(json, "}\n");
	return g_string_free(json, FALSE);
}

/* ---- the server ---------------------------------------------------------------------------------------- */

struct StatusServer {
	int socket;
	int stop; /* eventfd */
	StatusBoard *board;
	Supervisor *supervisor;
	Sanitizer *sanitizer;
	GThread *thread;
};

static void write_all(int peer, const char *bytes, size_t length)
{
	const struct timeval patience = { .tv_sec = WRITE_TIMEOUT_S };
	setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	int64_t until = g_get_monotonic_time() + WRITE_TIMEOUT_S * G_TIME_SPAN_SECOND;
	while (length > 0 && g_get_monotonic_time() < until) {
		ssize_t n = send(peer, bytes, length, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
}

static void serve_one(StatusServer *server)
{
	int peer = accept4(server->socket, NULL, NULL, SOCK_CLOEXEC);
	if (peer < 0) {
		/* No descriptors left: the connection stays readable, so do not spin on it. */
		if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED)
			g_usleep(100 * 1000);
		return;
	}
	g_autofree char *json = status_json(server->board, server->supervisor, server->sanitizer);
	write_all(peer, json, strlen(json));
	close(peer);
}

static void *server_main(void *data)
{
	StatusServer *server = data;
	struct pollfd polls[] = { { .fd = server->stop, .events = POLLIN },
		                  { .fd = server->socket, .events = POLLIN } };
	for (;;) {
		if (poll(polls, G_N_ELEMENTS(polls), -1) < 0 && errno != EINTR)
			return NULL;
		if (polls[0].revents != 0)
			return NULL;
		if (polls[1].revents != 0)
			serve_one(server);
	}
}

StatusServer *status_server_start(int socket, StatusBoard *board, Supervisor *supervisor,
                                  Sanitizer *sanitizer)
{
	int stop = eventfd(0, EFD_CLOEXEC);
	if (stop < 0)
		return NULL;
	StatusServer *server = g_new0(StatusServer, 1);
	server->socket = socket;
	server->stop = stop;
	server->board = board;
	server->supervisor = supervisor;
	server->sanitizer = sanitizer;
	server->thread = g_thread_new("mugai-status", server_main, server);
	return server;
}

void status_server_stop(StatusServer *server)
{
	if (server == NULL)
		return;
	eventfd_write(server->stop, 1);
	g_thread_join(server->thread);
	close(server->stop);
	close(server->socket);
	g_free(server);
}
