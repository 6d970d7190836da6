/* status_board: what the daemon knows of itself, and how it is written down. See status_server_priv.h. */
#include "status_server_priv.h"

#include "json_priv.h"
#include "machine_priv.h"
#include "submit_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ERRORS_KEPT = 5,
	TEXT_MAX = 400, /* bytes of one error or reload text */
	/* The largest limits.total that there can be, and what it takes to hand the message over to Postfix:
	 * a message that is older was forgotten by its thread. */
	STUCK_MS = (9 * 60 + 300) * 1000,
};

typedef struct {
	int64_t when; /* seconds since 1970 */
	char *id;     /* of the message, "" if none */
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
	const Totals *totals;
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

static void event_clear(Event *event)
{
	g_clear_pointer(&event->id, g_free);
	g_clear_pointer(&event->text, g_free);
}

void status_board_free(StatusBoard *board)
{
	if (board == NULL)
		return;
	for (size_t i = 0; i < ERRORS_KEPT; i++)
		event_clear(&board->errors[i]);
	event_clear(&board->reload);
	g_free(board->socket);
	conf_unref(board->conf);
	policy_unref(board->policy);
	g_mutex_clear(&board->lock);
	g_free(board);
}

static void event_set(Event *event, const char *id, const char *text)
{
	event_clear(event);
	event->id = g_strndup(id != NULL ? id : "", TEXT_MAX);
	event->text = g_strndup(text, TEXT_MAX);
	event->when = g_get_real_time() / G_USEC_PER_SEC;
}

void status_board_error(StatusBoard *board, const char *id, const char *text)
{
	g_mutex_lock(&board->lock);
	event_set(&board->errors[board->n_errors % ERRORS_KEPT], id, text);
	board->n_errors++;
	g_mutex_unlock(&board->lock);
}

void status_board_reload(StatusBoard *board, Conf *conf, Policy *policy, const char *text)
{
	g_mutex_lock(&board->lock);
	event_set(&board->reload, NULL, text);
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

void status_board_totals(StatusBoard *board, const Totals *totals)
{
	g_mutex_lock(&board->lock);
	board->totals = totals;
	g_mutex_unlock(&board->lock);
}

bool status_board_stuck(StatusBoard *board)
{
	return session_host_oldest_ms(board->host) > STUCK_MS;
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
		json_text(json, "id", event->id);
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

/* What is found while the object is written. */
typedef struct {
	GString *json;
	GPtrArray *reasons;  /* of static strings: it is not well */
	GPtrArray *warnings; /* it soon may be not */
} Writer;

static void judge(GPtrArray *list, bool is_so, const char *code)
{
	if (is_so)
		g_ptr_array_add(list, (gpointer)(uintptr_t)code);
}

static void write_codes(Writer *w, const char *key, const GPtrArray *codes)
{
	json_open(w->json, key, '[');
	for (guint i = 0; i < codes->len; i++)
		json_text(w->json, NULL, g_ptr_array_index(codes, i));
	g_string_append_c(w->json, ']');
}

static void write_kind(Writer *w, const SupervisorKindStatus *kind)
{
	GString *json = w->json;
	json_open(json, NULL, '{');
	json_text(json, "name", kind->name);
	json_number(json, "zygote", kind->zygote);
	json_number(json, "spare", kind->spare);
	json_number(json, "running", kind->running);
	json_number(json, "maximum", kind->maximum);
	json_number(json, "started", kind->started);
	json_number(json, "crashed", kind->crashed);
	json_number(json, "timed_out", kind->timed_out);
	json_number(json, "zygote_restarts", kind->restarts);
	g_string_append_c(json, '}');
	judge(w->warnings, kind->zygote == 0 && kind->wanted != 0, "zygote");
}

static void write_supervisor_figures(Writer *w, const SupervisorStatus *now)
{
	GString *json = w->json;
	json_number(json, "pid", now->pid);
	json_walls(json, now->walls);
	json_number(json, "running", now->running);
	json_number(json, "spare", now->spare);
	json_number(json, "waiting", now->waiting);
	json_number(json, "memory_budget", now->memory_budget);
	json_number(json, "memory_used", now->memory_used);
	json_number(json, "started", now->started);
	json_number(json, "crashed", now->crashed);
	json_number(json, "timed_out", now->timed_out);
	json_number(json, "zygote_restarts", now->zygote_restarts);
	json_number(json, "lowered", now->lowered);
	json_open(json, "kinds", '[');
	for (uint32_t i = 0; i < MIN(now->n_kinds, SUPERVISOR_KINDS_MAX); i++)
		write_kind(w, &now->kinds[i]);
	g_string_append_c(json, ']');
}

static void write_supervisor(Writer *w, Supervisor *supervisor)
{
	SupervisorStatus now = { 0 };
	g_autoptr(GError) error = NULL;
	json_open(w->json, "supervisor", '{');
	bool answers = supervisor != NULL && supervisor_status(supervisor, &now, &error);
	if (answers)
		write_supervisor_figures(w, &now);
	else
		json_text(w->json, "error", error != NULL ? error->message : "there is none");
	g_string_append_c(w->json, '}');
	judge(w->reasons, !answers, "supervisor");
}

static void write_counters(GString *json, const SanitizeStatus *now)
{
	json_number(json, "delivered", now->delivered);
	json_number(json, "notice_only", now->notice_only);
	json_number(json, "held", now->held);
	json_number(json, "refused", now->refused);
	json_number(json, "discarded", now->discarded);
	json_number(json, "failed_content", now->failed_content);
	json_number(json, "failed_environment", now->failed_environment);
}

static void write_documents(GString *json, const SanitizeStatus *now)
{
	json_open(json, "documents", '{');
	json_number(json, "in_work", now->documents);
	json_number(json, "waiting", now->documents_waiting);
	json_number(json, "drawn", now->documents_drawn);
	json_number(json, "shared", now->documents_shared);
	g_string_append_c(json, '}');
}

/* In one line, what does not work and why. */
static char *office_text(const SanitizeOffice *now)
{
	GString *text = g_string_new(NULL);
	for (size_t i = 0; i < SANITIZE_OFFICE_FAMILIES; i++)
		if (!now->families[i].works)
			g_string_append_printf(text, "%s%s: %s", text->len > 0 ? "; " : "", now->families[i].name,
			                       now->families[i].why);
	return g_string_free(text, FALSE);
}

static void write_office(Writer *w, Sanitizer *sanitizer)
{
	SanitizeOffice now;
	if (sanitizer == NULL)
		return;
	sanitizer_office(sanitizer, &now);
	g_autofree char *text = office_text(&now);
	json_open(w->json, "office", '{');
	json_text(w->json, "state", now.state);
	if (now.when > 0)
		json_time(w->json, "time", now.when);
	json_open(w->json, "families", '[');
	for (size_t i = 0; i < SANITIZE_OFFICE_FAMILIES; i++) {
		json_open(w->json, NULL, '{');
		json_text(w->json, "name", now.families[i].name);
		json_bool(w->json, "works", now.families[i].works);
		json_text(w->json, "why", now.families[i].why);
		g_string_append_c(w->json, '}');
	}
	g_string_append_c(w->json, ']');
	json_text(w->json, "text", text);
	g_string_append_c(w->json, '}');
	/* Who converts nothing does not miss it. */
	judge(w->warnings, sanitizer_converts(sanitizer) && *text != '\0', "office");
}

static void write_messages(Writer *w, Sanitizer *sanitizer, const Totals *totals, SessionHost *host)
{
	GString *json = w->json;
	SanitizeStatus now = { 0 };
	if (sanitizer != NULL)
		sanitizer_status(sanitizer, &now);
	json_open(json, "messages", '{');
	write_counters(json, &now);
	json_number(json, "in_work", now.in_work);
	json_number(json, "waiting", now.waiting);
	json_number(json, "slow", now.slow);
	json_number(json, "slow_waiting", now.slow_waiting);
	json_number(json, "slowed", now.slowed);
	json_number(json, "turned_away", now.turned_away);
	json_number(json, "oldest_ms", (uint64_t)session_host_oldest_ms(host));
	g_string_append_c(json, '}');
	write_documents(json, &now);
	if (totals == NULL)
		return;
	int64_t since = 0;
	const SanitizeStatus all = totals_now(totals, &now, &since);
	json_open(json, "totals", '{');
	json_time(json, "since", since);
	write_counters(json, &all);
	g_string_append_c(json, '}');
}

static void write_alarms(GString *json, const char *state_directory)
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

static void write_failures(GString *json, const char *state_directory)
{
	SanitizeFailures now;
	sanitize_failures(state_directory, &now);
	json_open(json, "failures", '{');
	json_number(json, "count", now.count);
	json_number(json, "final", now.final);
	if (now.count > 0)
		json_time(json, "oldest", now.oldest);
	g_string_append_c(json, '}');
}

/* ---- the host -------------------------------------------------------------------------------------- */

static void write_disk(Writer *w, const char *key, const char *directory, const char *warning)
{
	MachineDisk now = { 0 };
	json_open(w->json, key, '{');
	json_text(w->json, "directory", directory);
	if (machine_disk(directory, &now)) {
		json_number(w->json, "free_bytes", now.free_bytes);
		if (now.counts_inodes)
			json_number(w->json, "free_inodes", now.free_inodes);
	} else {
		json_text(w->json, "error", g_strerror(errno));
	}
	json_bool(w->json, "writable", now.writable);
	g_string_append_c(w->json, '}');
	judge(w->warnings, now.low, warning);
	judge(w->reasons, !now.writable && strcmp(key, "state") == 0, "state");
}

static void write_audit(Writer *w, Sanitizer *sanitizer, const char *file)
{
	g_autoptr(GError) error = NULL;
	bool writable = sanitizer == NULL || sanitizer_check_audit(sanitizer, &error);
	json_open(w->json, "audit", '{');
	json_text(w->json, "file", file);
	json_bool(w->json, "writable", writable);
	if (!writable)
		json_text(w->json, "error", error->message);
	g_string_append_c(w->json, '}');
	judge(w->reasons, !writable, "audit");
}

static void write_disks(Writer *w, Sanitizer *sanitizer, const ConfSettings *settings)
{
	write_audit(w, sanitizer, settings->audit_file);
	json_open(w->json, "disk", '{');
	write_disk(w, "state", settings->state_directory, "disk-state");
	if (*settings->audit_file != '\0') {
		g_autofree char *directory = g_path_get_dirname(settings->audit_file);
		write_disk(w, "audit", directory, "disk-audit");
	}
	g_string_append_c(w->json, '}');
}

static void write_machine(Writer *w)
{
	static const char *const clocks[] = { [MACHINE_CLOCK_UNKNOWN] = "unknown",
		                              [MACHINE_CLOCK_SYNCHRONISED] = "synchronised",
		                              [MACHINE_CLOCK_FREE] = "not-synchronised" };
	const MachineDescriptors descriptors = machine_descriptors();
	MachineClock clock = machine_clock();
	json_number(w->json, "memory_resident", machine_resident_bytes());
	json_open(w->json, "descriptors", '{');
	json_number(w->json, "used", descriptors.used);
	json_number(w->json, "limit", descriptors.limit);
	g_string_append_c(w->json, '}');
	json_text(w->json, "clock", clocks[clock]);
	judge(w->warnings, descriptors.low, "descriptors");
	judge(w->warnings, clock == MACHINE_CLOCK_FREE, "clock");
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static void write_liveness(Writer *w, StatusBoard *board)
{
	bool ours = status_board_reachable(board);
	bool accepts = accepting(board);
	json_bool(w->json, "reachable", ours);
	json_bool(w->json, "accepting", accepts);
	judge(w->reasons, !ours, "socket");
	judge(w->reasons, !accepts, "not-accepting");
	judge(w->reasons, status_board_stuck(board), "stuck");
}

/* Told before a mail needs it: who set the group wrong would learn it only then. */
static bool submission_barred(const ConfSettings *settings)
{
	return *settings->submission_socket != '\0' && submit_reachable(settings->submission_socket) != 0;
}

static void write_all_of(Writer *w, StatusBoard *board, Supervisor *supervisor, Sanitizer *sanitizer)
{
	json_text(w->json, "version", MUGAI_VERSION);
	json_number(w->json, "pid", (uint64_t)getpid());
	g_mutex_lock(&board->lock);
	json_board(w->json, board);
	judge(w->warnings, board->n_reloads > 0 && !board->reload_good, "reload");
	g_autoptr(Conf) conf = conf_ref(board->conf);
	const Totals *totals = board->totals;
	g_mutex_unlock(&board->lock);
	const ConfSettings *settings = conf_settings(conf);
	json_number(w->json, "originals_held", session_host_held(board->host));
	write_messages(w, sanitizer, totals, board->host);
	write_office(w, sanitizer);
	write_alarms(w->json, settings->state_directory);
	write_failures(w->json, settings->state_directory);
	write_supervisor(w, supervisor);
	write_liveness(w, board);
	write_disks(w, sanitizer, settings);
	judge(w->warnings, submission_barred(settings), "submission");
	write_machine(w);
}

char *status_json(StatusBoard *board, Supervisor *supervisor, Sanitizer *sanitizer)
{
	g_autoptr(GPtrArray) reasons = g_ptr_array_new();
	g_autoptr(GPtrArray) warnings = g_ptr_array_new();
	Writer w = { .json = g_string_new("{"), .reasons = reasons, .warnings = warnings };
	write_all_of(&w, board, supervisor, sanitizer);
	json_bool(w.json, "well", reasons->len == 0);
	write_codes(&w, "reasons", reasons);
	write_codes(&w, "warnings", warnings);
	g_string_append(w.json, "}\n");
	return g_string_free(w.json, FALSE);
}
