/* mugaid: the milter daemon.
 *
 * The main thread starts everything in an order that must not change: the supervisor is forked
 * before the first thread exists, the milter's socket is opened before rights are dropped, and
 * READY is said when Postfix can connect. Then it waits for signals, for the supervisor's death and
 * for the end of libmilter, which runs in a thread of its own. */
#include "callbacks_priv.h"
#include "log.h"
#include "notify_priv.h"
#include "office.h"
#include "probe_priv.h"
#include "programs.h"
#include "session_priv.h"
#include "status_server_priv.h"
#include "submit_priv.h"
#include "totals_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <libmilter/mfapi.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

/* Linux 6.3; Debian 12's headers do not have them. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

#define DEFAULT_CONFIG "/etc/mugai/mugai.yaml"

enum {
	FINISH_MS = 10000,       /* at SIGTERM: messages in work may end in peace */
	GIVE_UP_MS = 5000,       /* then they are told to give up */
	LAST_ANSWER_US = 100000, /* for the last answer to reach Postfix */
	BACKLOG = 100,
	LOOK_EVERY_MS = 10000, /* at the supervisor, the milter's socket and libmilter */
	LOOKS_PER_WATCHDOG =
	        4,        /* a look takes a second at most: the word comes within half of the interval */
	SILENT_LOOKS = 3, /* of a supervisor in a row, until it is given up */
	PROBE_GIVE_UP_MS = 60000, /* without an answer of libmilter */
	LOOK_PATIENCE_S = 10,     /* one look takes at most a second, unless something hangs */
	END_PATIENCE_S = 28,      /* above all that end() waits for; below systemd's TimeoutStopSec */
};

typedef struct {
	const char *config;
	const char *policy; /* NULL: the one that the settings name */
	bool check;
} Options;

typedef struct {
	const Options *options;
	Conf *conf; /* as it was at the start: what needs a restart is compared with it */
	Policy *policy;
	uid_t uid; /* (uid_t)-1: not started by root */
	gid_t gid;
	gid_t milter_group;     /* (gid_t)-1: leave */
	gid_t submission_group; /* (gid_t)-1: none */
	Supervisor *supervisor;
	pid_t supervisor_pid; /* our child, so that nobody else can have the number; 0: not known */
	uint64_t memory_budget; /* the supervisor's */
	unsigned silent;      /* looks in a row without an answer of the supervisor */
	Sanitizer *sanitizer;
	SessionHost host;
	StatusBoard *board;
	bool milter_open; /* its socket is ours to remove */
	StatusServer *status;
	Probe *probe;
	Totals *totals;
	int64_t look_every_ms;
	bool watched; /* by the service manager */
	int lock;     /* held until the process is gone */
	int signals;
	int milter_ended; /* eventfd */
} Daemon;

/* ---- settings and policy ------------------------------------------------------------------------------ */

static const char *policy_file(const Options *options, const Conf *conf)
{
	return options->policy != NULL ? options->policy : conf_settings(conf)->policy_file;
}

static Policy *load_policy(const Options *options, const Conf *conf, GPtrArray *errors, GPtrArray *warnings)
{
	const char *path = policy_file(options, conf);
	if (*path == '\0') {
		g_ptr_array_add(errors, g_strdup_printf("%s: policy: the daemon needs a policy file",
		                                        options->config));
		return NULL;
	}
	Policy *policy = policy_load(path, errors);
	if (policy == NULL)
		return NULL;
	policy_check_topology(policy, conf_settings(conf)->topology, errors, warnings);
	policy_check_authentication(policy, conf_settings(conf), errors, warnings);
	policy_check_conversion(policy, warnings);
	return policy;
}

/* All errors of both files at once. False when there is one; nothing is returned then. */
static bool load(const Options *options, Conf **ret_conf, Policy **ret_policy, GPtrArray *errors,
                 GPtrArray *warnings)
{
	g_autoptr(Conf) conf = conf_load(options->config, errors);
	g_autoptr(Policy) policy = NULL;
	if (conf != NULL)
		policy = load_policy(options, conf, errors, warnings);
	else if (options->policy != NULL)
		policy = policy_load(options->policy, errors);
	if (errors->len > 0 || conf == NULL || policy == NULL)
		return false;
	*ret_conf = g_steal_pointer(&conf);
	*ret_policy = g_steal_pointer(&policy);
	return true;
}

static void log_all(LogSeverity severity, const GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++)
		log_line(severity, NULL, "%s", (const char *)g_ptr_array_index(lines, i));
}

static int load_first(Daemon *d)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	bool good = load(d->options, &d->conf, &d->policy, errors, warnings);
	if (good)
		log_syslog(conf_settings(d->conf)->log_socket);
	log_all(LOG_SEVERITY_WARNING, warnings);
	log_all(LOG_SEVERITY_ERROR, errors);
	return good ? EX_OK : EX_CONFIG;
}

/* ---- who we are ------------------------------------------------------------------------------------------
 */

static int find_user(Daemon *d)
{
	const ConfSettings *settings = conf_settings(d->conf);
	d->uid = (uid_t)-1;
	d->gid = (gid_t)-1;
	if (geteuid() != 0)
		return EX_OK;
	const struct passwd *user = getpwnam(settings->work_user);
	if (user == NULL || user->pw_uid == 0) {
		log_error("work.user: \"%s\" %s", settings->work_user,
		          user == NULL ? "does not exist" : "has the rights of root");
		return EX_CONFIG;
	}
	d->uid = user->pw_uid;
	d->gid = user->pw_gid;
	return EX_OK;
}

static int find_group(const char *key, const char *name, gid_t *ret_group)
{
	*ret_group = (gid_t)-1;
	if (*name == '\0')
		return EX_OK;
	const struct group *group = getgrnam(name);
	if (group == NULL) {
		log_error("%s: \"%s\" does not exist", key, name);
		return EX_CONFIG;
	}
	*ret_group = group->gr_gid;
	return EX_OK;
}

static int find_groups(Daemon *d)
{
	const ConfSettings *settings = conf_settings(d->conf);
	bool submits = *settings->submission_socket != '\0';
	int code = find_group("milter.group", settings->milter_group, &d->milter_group);
	if (code != EX_OK)
		return code;
	return find_group("submission.group", submits ? settings->submission_group : "", &d->submission_group);
}

static int set_groups(const Daemon *d)
{
	gid_t groups[2];
	size_t n = 0;
	if (d->milter_group != (gid_t)-1)
		groups[n++] = d->milter_group;
	if (d->submission_group != (gid_t)-1)
		groups[n++] = d->submission_group;
	return setgroups(n, groups);
}

/* The milter's group stays: the directory of the socket may belong to it. So does the one of the socket where Postfix
 * takes what we wrote. Where root starts us, jails have neither (cell/supervisor.c); under systemd they keep both, like
 * their user, and may open no socket. */
static int drop_rights(Daemon *d)
{
	if (d->uid != (uid_t)-1) {
		if (set_groups(d) != 0 || setresgid(d->gid, d->gid, d->gid) != 0 ||
		    setresuid(d->uid, d->uid, d->uid) != 0) {
			log_error("become \"%s\": %s", conf_settings(d->conf)->work_user, g_strerror(errno));
			return EX_OSERR;
		}
	}
	/* Messages are in this memory: no core file, and no debugger of the same user. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
		return EX_OK;
	log_error("PR_SET_DUMPABLE: %s", g_strerror(errno));
	return EX_OSERR;
}

static int cannot_write(const char *path, int error)
{
	log_error("%s: %s", path, g_strerror(error));
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_CANTCREAT;
}

static int check_directory(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return cannot_write(path, errno);
	if (!S_ISDIR(status.st_mode))
		return cannot_write(path, ENOTDIR);
	return access(path, W_OK | X_OK) == 0 ? EX_OK : cannot_write(path, errno);
}

/* With the rights that will write there. */
static int check_directories(Daemon *d)
{
	const ConfSettings *settings = conf_settings(d->conf);
	int code = check_directory(settings->state_directory);
	if (code != EX_OK || *settings->audit_file == '\0')
		return code;
	g_autofree char *directory = g_path_get_dirname(settings->audit_file);
	return access(settings->audit_file, W_OK) == 0 ? EX_OK : check_directory(directory);
}

/* No error: Postfix may not have been started yet. */
static int check_submission(Daemon *d)
{
	const char *path = conf_settings(d->conf)->submission_socket;
	int error = *path != '\0' ? submit_reachable(path) : 0;
	if (error != 0)
		log_warning("submission.socket: %s: %s", path, g_strerror(error));
	return EX_OK;
}

/* ---- one daemon for one state directory
 * ---------------------------------------------------------------------- */

/* With the rights of the user that owns the directory, who could else have root open a file elsewhere by a
 * link. No thread exists yet, so that a step aside and back concerns nobody else. */
static int open_lock(const Daemon *d, const char *path)
{
	bool root = d->uid != (uid_t)-1;
	if (root && (setegid(d->gid) != 0 || seteuid(d->uid) != 0))
		return -1;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	int error = errno;
	if (root && (seteuid(0) != 0 || setegid(0) != 0))
		return -1; /* and the start ends here */
	errno = error;
	return fd;
}

static int take_lock(Daemon *d)
{
	const char *directory = conf_settings(d->conf)->state_directory;
	g_autofree char *path = g_build_filename(directory, "mugaid.lock", NULL);
	d->lock = open_lock(d, path);
	if (d->lock < 0)
		return cannot_write(path, errno);
	if (flock(d->lock, LOCK_EX | LOCK_NB) == 0)
		return EX_OK;
	if (errno != EWOULDBLOCK)
		return cannot_write(path, errno);
	log_error("state.directory: \"%s\" is taken by a running daemon", directory);
	return EX_UNAVAILABLE;
}

/* ---- sockets
 * ------------------------------------------------------------------------------------------------ */

static struct sockaddr_un unix_address(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	return address;
}

static int new_socket(int type)
{
	return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
}

/* 0, or why nobody answers. */
static int try_connect(const char *path)
{
	const struct sockaddr_un address = unix_address(path);
	int fd = new_socket(SOCK_STREAM | SOCK_NONBLOCK);
	if (fd < 0)
		return errno;
	int error = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
	close(fd);
	return error;
}

static int remove_stale(const char *path)
{
	return unlink(path) == 0 || errno == ENOENT ? EX_OK : cannot_write(path, errno);
}

/* A socket that nobody listens on is what a killed daemon leaves; anything else is not ours to remove. That
 * nobody listens, only ECONNREFUSED says: all other errors leave it open, and a running daemon that loses its
 * socket is one that no mail reaches. */
static int make_room(const char *key, const char *path)
{
	struct stat status;
	if (lstat(path, &status) != 0)
		return errno == ENOENT ? EX_OK : cannot_write(path, errno);
	if (!S_ISSOCK(status.st_mode)) {
		log_error("%s: \"%s\" is there and is no socket", key, path);
		return EX_CANTCREAT;
	}
	int error = try_connect(path);
	if (error == ECONNREFUSED || error == ENOENT)
		return remove_stale(path);
	/* EAGAIN: its queue is full, so somebody has it. */
	if (error == 0 || error == EAGAIN) {
		log_error("%s: \"%s\" is taken by a running daemon", key, path);
		return EX_UNAVAILABLE;
	}
	log_error("%s: \"%s\" is there, and whether a daemon has it cannot be told: %s", key, path,
	          g_strerror(error));
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

static int check_sockets(Daemon *d)
{
	const ConfSettings *settings = conf_settings(d->conf);
	int code = make_room("milter.socket", settings->milter_socket);
	return code != EX_OK ? code : make_room("status.socket", settings->status_socket);
}

/* Made under a closed umask: nobody else can connect before the group is set. The daemon itself connects to
 * it as the user that it becomes. */
static int share_socket(const Daemon *d, const char *path)
{
	if (lchown(path, d->uid, d->milter_group) != 0)
		return cannot_write(path, errno);
	return chmod(path, 0660) == 0 ? EX_OK : cannot_write(path, errno);
}

static int open_milter_socket(Daemon *d)
{
	const char *path = conf_settings(d->conf)->milter_socket;
	g_autofree char *connection = g_strconcat("unix:", path, NULL);
	session_host_init(&d->host, d->conf, NULL);
	d->board = status_board_new(d->conf, d->policy, &d->host);
	if (!callbacks_register(&d->host, d->board) || smfi_setconn(connection) != MI_SUCCESS) {
		log_error("libmilter does not start");
		return EX_SOFTWARE;
	}
	smfi_setbacklog(BACKLOG);
	errno = 0;
	mode_t old = umask(0177);
	int opened = smfi_opensocket(false);
	int error = errno;
	umask(old);
	if (opened != MI_SUCCESS)
		return cannot_write(path, error != 0 ? error : EACCES);
	if (!status_board_watch(d->board, path))
		return cannot_write(path, errno);
	d->milter_open = true;
	return share_socket(d, path);
}

static int listen_for_status(const char *path)
{
	const struct sockaddr_un address = unix_address(path);
	int fd = new_socket(SOCK_STREAM | SOCK_NONBLOCK);
	mode_t old = umask(0177);
	bool good = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	            listen(fd, BACKLOG) == 0;
	int error = errno;
	umask(old);
	if (good)
		return fd;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

static int open_status_socket(Daemon *d)
{
	const char *path = conf_settings(d->conf)->status_socket;
	int fd = listen_for_status(path);
	if (fd < 0)
		return cannot_write(path, errno);
	int code = share_socket(d, path);
	if (code == EX_OK)
		d->status = status_server_start(fd, d->board, d->supervisor, d->sanitizer);
	if (d->status != NULL)
		return EX_OK;
	close(fd);
	return code != EX_OK ? code : EX_OSERR;
}

/* ---- start
 * ----------------------------------------------------------------------------------------------------- */

/* Blocked before any thread exists, so that all of them have it so. */
static int take_signals(Daemon *d)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	d->milter_ended = eventfd(0, EFD_CLOEXEC);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals >= 0 && d->milter_ended >= 0)
		return EX_OK;
	log_error("signalfd: %s", g_strerror(errno));
	return EX_OSERR;
}

/* Such a host is a wrong choice, but no reason to stop its mail: without this word every document would be
 * taken out, and nobody would know why. */
static void warn_of_memory(const Policy *policy, uint64_t budget)
{
	uint64_t least = sanitize_document_memory();
	if (policy_converts(policy) && budget < least)
		log_warning("work.memory: %" G_GUINT64_FORMAT
		            " MB for all jails; to draw a document one needs at least %" G_GUINT64_FORMAT
		            " MB: what the policy converts to image PDF is removed",
		            budget >> 20, least >> 20);
}

static int start_supervisor(Daemon *d)
{
	const char *directory = programs_directory();
	if (directory == NULL) {
		log_error("mugai-parse is neither beside this program nor in its place");
		return EX_UNAVAILABLE;
	}
	g_autoptr(GError) error = NULL;
	SupervisorOptions options = { .memory_budget = conf_settings(d->conf)->work_memory,
		                      .uid = d->uid,
		                      .gid = d->gid };
	SupervisorKind kinds[SUPERVISOR_KINDS_MAX];
	const SupervisorKind *all = sanitize_kinds(directory, &options.n_kinds);
	memcpy(kinds, all, options.n_kinds * sizeof *all);
	/* What the policy will need is to show now that it works, and not when the first document comes. But for LibreOffice: a host
	 * without it only lacks what it would convert. */
	for (unsigned i = 0; i < options.n_kinds && policy_converts(d->policy); i++)
		kinds[i].on_demand = strcmp(kinds[i].name, OFFICE_KIND) == 0;
	options.kinds = kinds;
	/* No program that is started from here on gains rights by its file. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	d->supervisor = supervisor_start(&options, &error);
	/* Not before: the supervisor's programs would inherit it, and LibreOffice makes code as it starts. */
	prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
	SupervisorStatus status;
	if (d->supervisor != NULL && supervisor_status(d->supervisor, &status, &error)) {
		d->supervisor_pid = (pid_t)status.pid;
		d->memory_budget = status.memory_budget;
		warn_of_memory(d->policy, d->memory_budget);
		return EX_OK;
	}
	log_error("%s", error->message);
	return EX_UNAVAILABLE;
}

static int start_sanitizer(Daemon *d)
{
	g_autoptr(GError) error = NULL;
	d->sanitizer = sanitizer_new(d->conf, d->policy, d->supervisor, tenant_default(), &error);
	if (d->sanitizer == NULL) {
		log_error("%s", error->message);
		return g_error_matches(error, SANITIZE_ERROR, SANITIZE_ERROR_PERMISSION) ? EX_NOPERM
		                                                                         : EX_CANTCREAT;
	}
	d->host.sanitizer = d->sanitizer;
	return EX_OK;
}

/* With the rights that will write there, and before anything is counted. */
static int open_totals(Daemon *d)
{
	d->totals = totals_open(conf_settings(d->conf)->state_directory);
	status_board_totals(d->board, d->totals);
	return EX_OK;
}

static void write_totals(const Daemon *d)
{
	SanitizeStatus now;
	sanitizer_status(d->sanitizer, &now);
	totals_write(d->totals, &now);
}

/* By the thread that tests. */
static void say_office(void *user)
{
	const Daemon *d = user;
	SanitizeOffice now;
	sanitizer_office(d->sanitizer, &now);
	for (size_t i = 0; i < SANITIZE_OFFICE_FAMILIES; i++) {
		if (now.families[i].works)
			log_info("Office: %s works", now.families[i].name);
		else
			log_warning("Office: %s does not work (%s): its documents are removed",
			            now.families[i].name, now.families[i].why);
	}
}

/* In a thread of its own: no mail waits for it but those with Office documents. */
static int test_office(Daemon *d)
{
	if (sanitizer_converts(d->sanitizer))
		sanitizer_test_office(d->sanitizer, say_office, d);
	return EX_OK;
}

static void *milter_main(void *data)
{
	Daemon *d = data;
	if (smfi_main() != MI_SUCCESS)
		log_error("libmilter failed");
	eventfd_write(d->milter_ended, 1);
	return NULL;
}

/* For "systemctl status". */
static void notify_serving(const Daemon *d, const char *word)
{
	SanitizeStatus now;
	sanitizer_status(d->sanitizer, &now);
	g_autofree char *status =
	        g_strdup_printf("serving; in work %u, waiting %u; delivered %" G_GUINT64_FORMAT
	                        ", notice only %" G_GUINT64_FORMAT ", failed %" G_GUINT64_FORMAT,
	                        now.in_work, now.waiting, now.delivered, now.notice_only,
	                        now.failed_content + now.failed_environment);
	notify_state(word, status);
}

static int start_milter(Daemon *d)
{
	g_thread_unref(g_thread_new("mugai-milter", milter_main, d));
	int64_t watchdog_ms = notify_watchdog_ms();
	d->watched = watchdog_ms > 0;
	d->look_every_ms =
	        d->watched ? CLAMP(watchdog_ms / LOOKS_PER_WATCHDOG, 1, LOOK_EVERY_MS) : LOOK_EVERY_MS;
	d->probe = probe_start(conf_settings(d->conf)->milter_socket, d->look_every_ms);
	status_board_probe(d->board, d->probe);
	notify_serving(d, "READY=1");
	log_info("version %s listens on %s; policy %s %s", MUGAI_VERSION,
	         conf_settings(d->conf)->milter_socket, policy_name(d->policy), policy_version(d->policy));
	return EX_OK;
}

/* In this order; each returns an exit code and has logged why. */
static int (*const start_steps[])(Daemon *) = {
	load_first,      find_user,        find_groups,        take_lock,    check_sockets,
	take_signals,    start_supervisor, open_milter_socket, drop_rights,  check_directories,
	start_sanitizer, open_totals,      open_status_socket, test_office,  start_milter,
};

static int start(Daemon *d)
{
	umask(0027);
	for (size_t i = 0; i < G_N_ELEMENTS(start_steps); i++) {
		int code = start_steps[i](d);
		if (code != EX_OK)
			return code;
	}
	return EX_OK;
}

/* ---- reload
 * -------------------------------------------------------------------------------------------------- */

#define AT(member) offsetof(ConfSettings, member)

static const struct {
	const char *key;
	size_t offset;
	bool text;
} fixed_settings[] = {
	{ "milter.socket", AT(milter_socket), true }, { "milter.group", AT(milter_group), true },
	{ "submission.group", AT(submission_group), true },
	{ "status.socket", AT(status_socket), true }, { "state.directory", AT(state_directory), true },
	{ "log.syslog", AT(log_socket), true },       { "work.memory", AT(work_memory), false },
	{ "work.user", AT(work_user), true },
};

static bool setting_same(const ConfSettings *a, const ConfSettings *b, size_t offset, bool text)
{
	const char *in_a = (const char *)a + offset;
	const char *in_b = (const char *)b + offset;
	if (!text)
		return memcmp(in_a, in_b, sizeof(uint64_t)) == 0;
	return strcmp(*(char *const *)(const void *)in_a, *(char *const *)(const void *)in_b) == 0;
}

static void warn_of_fixed(const Conf *running, const Conf *wanted)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fixed_settings); i++)
		if (!setting_same(conf_settings(running), conf_settings(wanted), fixed_settings[i].offset,
		                  fixed_settings[i].text))
			log_warning("reload: %s needs a restart to change", fixed_settings[i].key);
}

static void reload_refused(Daemon *d, const char *why)
{
	log_error("reload: refused, the old settings and policy stay");
	status_board_reload(d->board, NULL, NULL, why);
}

static void reload(Daemon *d)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = NULL;
	g_autoptr(Policy) policy = NULL;
	g_autoptr(GError) error = NULL;
	bool good = load(d->options, &conf, &policy, errors, warnings);
	log_all(LOG_SEVERITY_WARNING, warnings);
	log_all(LOG_SEVERITY_ERROR, errors);
	if (!good) {
		reload_refused(d,
		               errors->len > 0 ? g_ptr_array_index(errors, 0) : "the files cannot be read");
		return;
	}
	if (!sanitizer_reload(d->sanitizer, conf, policy, &error)) {
		log_error("reload: %s", error->message);
		reload_refused(d, error->message);
		return;
	}
	session_host_set_conf(&d->host, conf);
	test_office(d);
	warn_of_fixed(d->conf, conf);
	warn_of_memory(policy, d->memory_budget);
	/* Also where a daemon that root started had none, and is not in its group. */
	check_submission(&(Daemon) { .conf = conf });
	status_board_reload(d->board, conf, policy, "settings and policy are in use");
	log_info("reload: done; policy %s %s", policy_name(policy), policy_version(policy));
}

/* ---- run and end
 * --------------------------------------------------------------------------------------------- */

/* True: go on. */
static bool on_signal(Daemon *d, int *ret_code)
{
	struct signalfd_siginfo signal;
	if (read(d->signals, &signal, sizeof signal) != (ssize_t)sizeof signal)
		return true;
	if (signal.ssi_signo == SIGHUP) {
		notify_reloading();
		reload(d);
		notify_serving(d, "READY=1");
		return true;
	}
	log_info("stopping");
	*ret_code = EX_OK;
	return false;
}

/* A wait that has no end of its own, in a library or in the kernel, must not keep a gateway that no mail
 * passes: its service manager starts a new one. Only what a signal handler may call. */
static void give_up(int signal)
{
	static const char text[] = "<3>mugaid: something hangs: ending at once\n";
	(void)signal;
	ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
	(void)written;
	_exit(EX_TEMPFAIL);
}

static void kill_supervisor(const Daemon *d)
{
	if (d->supervisor_pid > 0)
		kill(d->supervisor_pid, SIGKILL);
}

static bool supervisor_answers(Daemon *d, bool *ret_go_on)
{
	SupervisorStatus status;
	bool answers = supervisor_status(d->supervisor, &status, NULL);
	d->silent = answers ? 0 : d->silent + 1;
	if (d->silent < SILENT_LOOKS)
		return answers;
	log_error("the supervisor hangs: ending, to be started anew");
	/* It would not see that it has to end, either. */
	kill_supervisor(d);
	*ret_go_on = false;
	return false;
}

static bool socket_stands(Daemon *d, bool *ret_go_on)
{
	*ret_go_on = status_board_reachable(d->board);
	if (!*ret_go_on)
		log_error("milter.socket: \"%s\" is gone or no longer ours: ending, to be started anew",
		          conf_settings(d->conf)->milter_socket);
	return *ret_go_on;
}

static bool libmilter_answers(Daemon *d, bool *ret_go_on)
{
	int64_t silence = probe_silence_ms(d->probe);
	*ret_go_on = silence < PROBE_GIVE_UP_MS;
	if (!*ret_go_on)
		log_error("milter.socket: nobody has answered at \"%s\" for %d s: ending, to be started anew",
		          conf_settings(d->conf)->milter_socket, PROBE_GIVE_UP_MS / 1000);
	return silence <= probe_usual_ms(d->probe);
}

static bool messages_end(Daemon *d, bool *ret_go_on)
{
	*ret_go_on = !status_board_stuck(d->board);
	if (!*ret_go_on)
		log_error("a message has been in work for %" G_GINT64_FORMAT " s: ending, to be started anew",
		          session_host_oldest_ms(&d->host) / 1000);
	return *ret_go_on;
}

/* Each is false when it did not find what it looked for now, and *ret_go_on is false when it never will. */
static const struct {
	bool (*finds_well)(Daemon *d, bool *ret_go_on);
	const char *trouble;
} looks[] = {
	{ socket_stands, "not well: the milter socket is not ours" },
	{ libmilter_answers, "not well: nobody answers at the milter socket" },
	{ supervisor_answers, "not well: the supervisor does not answer" },
	{ messages_end, "not well: a message does not end" },
};

/* Looks after what fails without an event. The service manager hears that all is well only when it was found
 * so now. False: the daemon must end. */
static bool look(Daemon *d)
{
	bool go_on = true;
	const char *trouble = NULL;
	/* Also over the locks that messages hold: who waits here for ever does not serve, either. */
	alarm(LOOK_PATIENCE_S);
	for (size_t i = 0; i < G_N_ELEMENTS(looks) && trouble == NULL; i++)
		trouble = looks[i].finds_well(d, &go_on) ? NULL : looks[i].trouble;
	if (trouble != NULL)
		notify_state(NULL, trouble);
	else
		notify_serving(d, d->watched ? "WATCHDOG=1" : NULL);
	alarm(0);
	return go_on;
}

/* True: all is well, or it is not yet time. */
static bool look_in_time(Daemon *d, int64_t *next)
{
	int64_t now = g_get_monotonic_time();
	if (now < *next)
		return true;
	*next = now + d->look_every_ms * G_TIME_SPAN_MILLISECOND;
	return look(d);
}

static int until(int64_t next)
{
	int64_t left = (next - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND + 1;
	return (int)CLAMP(left, 0, TOTALS_EVERY_MS);
}

static void write_totals_in_time(const Daemon *d, int64_t *next)
{
	int64_t now = g_get_monotonic_time();
	if (now < *next)
		return;
	*next = now + TOTALS_EVERY_MS * G_TIME_SPAN_MILLISECOND;
	write_totals(d);
}

/* Until something ends us; returns the exit code. */
static int run(Daemon *d)
{
	struct pollfd polls[] = { { .fd = d->signals, .events = POLLIN },
		                  { .fd = supervisor_death_fd(d->supervisor), .events = POLLIN },
		                  { .fd = d->milter_ended, .events = POLLIN } };
	int code = EX_OK;
	int64_t next = g_get_monotonic_time() + d->look_every_ms * G_TIME_SPAN_MILLISECOND;
	int64_t next_totals = next;
	signal(SIGALRM, give_up);
	for (;;) {
		if (poll(polls, G_N_ELEMENTS(polls), until(next)) < 0)
			continue;
		if (polls[1].revents != 0) {
			log_error("the supervisor is gone: ending, to be started anew");
			return EX_TEMPFAIL;
		}
		if (polls[2].revents != 0)
			return EX_SOFTWARE;
		if (polls[0].revents != 0 && !on_signal(d, &code))
			return code;
		write_totals_in_time(d, &next_totals);
		if (!look_in_time(d, &next))
			return EX_TEMPFAIL;
	}
}

/* What stands there by now may be another daemon's. */
static void remove_milter_socket(const Daemon *d)
{
	if (d->milter_open && status_board_reachable(d->board))
		unlink(conf_settings(d->conf)->milter_socket);
}

/* New connections find no socket; messages that come on old ones are told to come again. */
static bool finish_messages(Daemon *d, int code)
{
	session_host_close(&d->host);
	remove_milter_socket(d);
	if (code == EX_OK && session_host_wait(&d->host, FINISH_MS))
		return true;
	session_host_cancel(&d->host);
	return session_host_wait(&d->host, GIVE_UP_MS);
}

/* The threads of libmilter cannot be waited for: some sit in a read for an idle Postfix. So what they may
 * still touch (sessions, board) stays, and the process ends without running destructors under them. */
static void end(Daemon *d, int code) G_GNUC_NORETURN;
static void end(Daemon *d, int code)
{
	notify_state("STOPPING=1", "stopping");
	alarm(END_PATIENCE_S);
	bool idle = finish_messages(d, code);
	g_usleep(LAST_ANSWER_US);
	write_totals(d);
	status_server_stop(d->status);
	unlink(conf_settings(d->conf)->status_socket);
	if (idle) {
		sanitizer_free(d->sanitizer);
		supervisor_stop(d->supervisor);
	} else {
		/* Threads still use it, so it cannot be taken down in order; its children die with it. */
		log_warning("messages in work did not end in time");
		kill_supervisor(d);
	}
	log_info("stopped");
	_exit(code);
}

/* Nothing was accepted yet. */
static int abandon(Daemon *d, int code)
{
	remove_milter_socket(d);
	sanitizer_free(d->sanitizer);
	supervisor_stop(d->supervisor);
	return code;
}

/* ---- the command line
 * ------------------------------------------------------------------------------------------ */

static const char usage[] =
        "usage: mugaid [--config FILE] [--policy FILE] [--check]\n"
        "\n"
        "The milter daemon of Mugai, the email sanitization gateway. Stays in the foreground.\n"
        "メール無害化ゲートウェイ Mugai の常駐プログラムです（Postfix の milter として働きます）。\n"
        "\n"
        "  --config FILE   settings (default " DEFAULT_CONFIG ")\n"
        "  --policy FILE   policy (default: the one that the settings name)\n"
        "  --check         validate both, say all errors, and look whether the daemon could write:\n"
        "                  exit 0, 73, 77 or 78\n"
        "  --help          this text\n"
        "  --version       the version\n"
        "\n"
        "SIGHUP loads settings and policy anew; SIGTERM ends the daemon.\n";

static void print_all(const GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++)
		fprintf(stderr, "mugaid: %s\n", (const char *)g_ptr_array_index(lines, i));
}

/* With the rights that the daemon would have, which this process keeps. */
static int check_machine(Conf *conf)
{
	Daemon d = { .conf = conf };
	log_open("mugaid");
	int (*const steps[])(Daemon *) = { find_user, find_groups, drop_rights, check_directories, check_submission };
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		int code = steps[i](&d);
		if (code != EX_OK)
			return code;
	}
	return EX_OK;
}

static int check(const Options *options)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = NULL;
	g_autoptr(Policy) policy = NULL;
	bool good = load(options, &conf, &policy, errors, warnings);
	print_all(warnings);
	print_all(errors);
	if (!good)
		return EX_CONFIG;
	int code = check_machine(conf);
	if (code != EX_OK)
		return code;
	puts("settings and policy are well");
	return EX_OK;
}

static int serve(const Options *options)
{
	/* Threads of libmilter use it until the very end of the process. */
	static Daemon d = { .lock = -1, .signals = -1, .milter_ended = -1 };
	d.options = options;
	log_open("mugaid");
	int code = start(&d);
	if (code != EX_OK)
		return abandon(&d, code);
	end(&d, run(&d));
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "policy", required_argument, NULL, 'p' },
		{ "check", no_argument, NULL, 'k' },        { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },      { NULL, 0, NULL, 0 },
	};
	Options wanted = { .config = DEFAULT_CONFIG };
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (option) {
		case 'c':
			wanted.config = optarg;
			break;
		case 'p':
			wanted.policy = optarg;
			break;
		case 'k':
			wanted.check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		case 'v':
			puts("mugaid " MUGAI_VERSION);
			return EX_OK;
		default:
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "mugaid: unexpected argument \"%s\"\n", argv[optind]);
		return EX_USAGE;
	}
	return wanted.check ? check(&wanted) : serve(&wanted);
}
