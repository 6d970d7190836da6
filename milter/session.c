#include "session_priv.h"

#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK(mugai - session - error, session_error)

/* ---- what all connections share -------------------------------------------------------------- */

static uint64_t hold_max(const Conf *conf)
{
	uint64_t memory = conf_settings(conf)->work_memory;
	if (memory != 0)
		return memory / 2;
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 4;
}

void session_host_init(SessionHost *host, Conf *conf, Sanitizer *sanitizer)
{
	*host = (SessionHost) { .conf = conf_ref(conf), .sanitizer = sanitizer, .hold_max = hold_max(conf) };
	g_mutex_init(&host->lock);
	g_cond_init(&host->idle);
	g_cond_init(&host->heavy_done);
}

void session_host_clear(SessionHost *host)
{
	g_clear_pointer(&host->conf, conf_unref);
	g_mutex_clear(&host->lock);
	g_cond_clear(&host->idle);
	g_cond_clear(&host->heavy_done);
}

Conf *session_host_conf(SessionHost *host)
{
	g_mutex_lock(&host->lock);
	Conf *conf = conf_ref(host->conf);
	g_mutex_unlock(&host->lock);
	return conf;
}

void session_host_set_conf(SessionHost *host, Conf *conf)
{
	g_mutex_lock(&host->lock);
	Conf *old = host->conf;
	host->conf = conf_ref(conf);
	g_mutex_unlock(&host->lock);
	conf_unref(old);
}

void session_host_close(SessionHost *host)
{
	g_mutex_lock(&host->lock);
	host->closing = true;
	g_mutex_unlock(&host->lock);
}

void session_host_cancel(SessionHost *host)
{
	g_mutex_lock(&host->lock);
	host->cancelled = true;
	g_mutex_unlock(&host->lock);
}

bool session_host_cancelled(SessionHost *host)
{
	g_mutex_lock(&host->lock);
	bool cancelled = host->cancelled;
	g_mutex_unlock(&host->lock);
	return cancelled;
}

uint64_t session_host_held(SessionHost *host)
{
	return atomic_load(&host->held);
}

/* One message of the largest size always has room, however small work.memory is. */
static bool hold(Session *session, uint64_t bytes)
{
	SessionHost *host = session->host;
	uint64_t most = MAX(host->hold_max, conf_settings(session->conf)->limits.message);
	uint64_t held = atomic_load(&host->held);
	do {
		if (held > most || bytes > most - held)
			return false;
	} while (!atomic_compare_exchange_weak(&host->held, &held, held + bytes));
	session->held += bytes;
	return true;
}

static void give_back(Session *session, uint64_t bytes)
{
	atomic_fetch_sub(&session->host->held, bytes);
	session->held -= bytes;
}

bool session_host_wait(SessionHost *host, unsigned milliseconds)
{
	int64_t until = g_get_monotonic_time() + milliseconds * G_TIME_SPAN_MILLISECOND;
	g_mutex_lock(&host->lock);
	while (host->work.length > 0 && g_cond_wait_until(&host->idle, &host->lock, until))
		;
	bool idle = host->work.length == 0;
	g_mutex_unlock(&host->lock);
	return idle;
}

/* Once closing is set and nothing is in work, no thread of libmilter uses the sanitizer or the supervisor
 * any more: both may be freed while those threads still wait for their clients. */
bool session_host_enter(SessionHost *host, SessionWork *work)
{
	*work = (SessionWork) { .since = g_get_monotonic_time() };
	work->link.data = work;
	g_mutex_lock(&host->lock);
	bool open = !host->closing;
	if (open)
		g_queue_push_tail_link(&host->work, &work->link);
	g_mutex_unlock(&host->lock);
	return open;
}

void session_host_leave(SessionHost *host, SessionWork *work)
{
	g_mutex_lock(&host->lock);
	g_queue_unlink(&host->work, &work->link);
	g_cond_broadcast(&host->idle);
	g_mutex_unlock(&host->lock);
}

int64_t session_host_oldest_ms(SessionHost *host)
{
	g_mutex_lock(&host->lock);
	const SessionWork *oldest = g_queue_peek_head(&host->work);
	int64_t since = oldest != NULL ? oldest->since : g_get_monotonic_time();
	g_mutex_unlock(&host->lock);
	return (g_get_monotonic_time() - since) / 1000;
}

/* ---- one connection ---------------------------------------------------------------------------- */

static void field_free(void *data)
{
	SessionField *field = data;
	g_free(field->name);
	g_free(field);
}

Session *session_new(SessionHost *host)
{
	Session *session = g_new0(Session, 1);
	session->host = host;
	session->client = g_strdup("");
	session->recipients = g_ptr_array_new_with_free_func(g_free);
	session->fields = g_ptr_array_new_with_free_func(field_free);
	session->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return session;
}

static void drop_original(Session *session)
{
	g_clear_pointer(&session->original, original_free);
	give_back(session, session->held);
}

void session_reset(Session *session)
{
	g_clear_pointer(&session->conf, conf_unref);
	drop_original(session);
	g_clear_pointer(&session->sender, g_free);
	g_ptr_array_set_size(session->recipients, 0);
	session->n_recipients = 0;
	session->arrival = 0;
	g_hash_table_remove_all(session->by_name);
	g_ptr_array_set_size(session->fields, 0);
	session->n_fields = 0;
	session->submit = false;
	session->submitted = false;
	session->name_bytes = 0;
	g_clear_error(&session->trouble);
}

/* A turn that has run out is anybody's. */
static bool take_turn(Session *session)
{
	SessionHost *host = session->host;
	int64_t now = g_get_monotonic_time();
	if (now < host->heavy_until)
		return false;
	session->heavy_until = now + SESSION_HEAVY_S * G_TIME_SPAN_SECOND;
	host->heavy_until = session->heavy_until;
	return true;
}

/* Under the host's lock. */
static bool await_turn(Session *session, ProgressFunc progress, void *progress_user)
{
	SessionHost *host = session->host;
	int64_t until = g_get_monotonic_time() + SESSION_HEAVY_WAIT_S * G_TIME_SPAN_SECOND;
	bool wanted = true, taken = false;
	while (!(taken = take_turn(session)) && wanted && g_get_monotonic_time() < until) {
		int64_t slice = g_get_monotonic_time() + G_TIME_SPAN_SECOND;
		if (g_cond_wait_until(&host->heavy_done, &host->lock, slice))
			continue;
		g_mutex_unlock(&host->lock);
		wanted = progress(progress_user);
		g_mutex_lock(&host->lock);
	}
	return taken;
}

bool session_heavy_enter(Session *session, ProgressFunc progress, void *progress_user, GError **error)
{
	SessionHost *host = session->host;
	bool taken = false;
	if (session->n_fields <= SESSION_FIELDS_HEAVY || session->submit || session->trouble != NULL)
		return true;
	g_mutex_lock(&host->lock);
	if (host->heavy_waiters < SESSION_HEAVY_WAITERS) {
		host->heavy_waiters++;
		taken = await_turn(session, progress, progress_user);
		host->heavy_waiters--;
	}
	g_mutex_unlock(&host->lock);
	if (!taken)
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT,
		            "too many messages with more than %d header fields", SESSION_FIELDS_HEAVY);
	return taken;
}

void session_heavy_leave(Session *session)
{
	SessionHost *host = session->host;
	if (session->heavy_until == 0)
		return;
	g_mutex_lock(&host->lock);
	if (host->heavy_until == session->heavy_until)
		host->heavy_until = 0;
	session->heavy_until = 0;
	g_cond_signal(&host->heavy_done);
	g_mutex_unlock(&host->lock);
}

bool session_loop_notice_due(const Session *session)
{
	SessionHost *host = session->host;
	g_mutex_lock(&host->lock);
	bool due = g_get_monotonic_time() >= host->loop_notice_at;
	g_mutex_unlock(&host->lock);
	return due;
}

void session_loop_notice_sent(const Session *session)
{
	SessionHost *host = session->host;
	g_mutex_lock(&host->lock);
	host->loop_notice_at = g_get_monotonic_time() + SESSION_LOOP_NOTICE_S * G_TIME_SPAN_SECOND;
	g_mutex_unlock(&host->lock);
}

void session_free(Session *session)
{
	if (session == NULL)
		return;
	session_heavy_leave(session);
	session_reset(session);
	g_hash_table_unref(session->by_name);
	g_ptr_array_unref(session->fields);
	g_ptr_array_unref(session->recipients);
	g_free(session->client);
	g_free(session);
}

void session_set_client(Session *session, const char *address)
{
	g_free(session->client);
	session->client = g_strdup(address);
}

/* The first trouble is the cause of the later ones. Takes the error. Nobody will read the original: its
 * memory is for messages that can still arrive. */
static void remember(Session *session, GError *error)
{
	drop_original(session);
	if (session->trouble == NULL)
		session->trouble = error;
	else
		g_error_free(error);
}

static char *without_brackets(const char *address)
{
	size_t length = strnlen(address, SESSION_ADDRESS_MAX);
	bool bracketed = length >= 2 && address[0] == '<' && address[length - 1] == '>';
	return bracketed ? g_strndup(address + 1, length - 2) : g_strndup(address, length);
}

void session_begin(Session *session, const char *sender)
{
	session_heavy_leave(session);
	session_reset(session);
	session->conf = session_host_conf(session->host);
	session->sender = without_brackets(sender);
	session->arrival = g_get_real_time() / G_USEC_PER_SEC;
	GError *error = NULL;
	session->original = original_new(conf_settings(session->conf)->limits.message, &error);
	if (session->original == NULL)
		remember(session, error);
	else if (session->host->sanitizer != NULL && sanitizer_converts(session->host->sanitizer))
		(void)original_keep_key(session->original);
}

void session_recipient(Session *session, const char *recipient)
{
	session->n_recipients++;
	if (session->recipients->len < SESSION_RECIPIENTS_MAX)
		g_ptr_array_add(session->recipients, without_brackets(recipient));
	else
		remember(session, g_error_new(SESSION_ERROR, SESSION_ERROR_RECIPIENTS,
		                              "more than %d recipients", SESSION_RECIPIENTS_MAX));
}

/* An original over limits.message remembers that by itself, and sanitize_message decides. */
static void append_as(Session *session, const void *bytes, size_t length, bool trace)
{
	GError *error = NULL;
	if (session->original == NULL || session->trouble != NULL)
		return;
	if (!hold(session, length)) {
		remember(session, g_error_new(SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT,
		                              "messages in reception hold all the memory that they may"));
		return;
	}
	if (trace ? original_append_trace(session->original, bytes, length, &error)
	          : original_append(session->original, bytes, length, &error))
		return;
	give_back(session, length);
	if (g_error_matches(error, SANITIZE_ERROR, SANITIZE_ERROR_TOO_LARGE))
		g_error_free(error);
	else
		remember(session, error);
}

static void append(Session *session, const void *bytes, size_t length)
{
	append_as(session, bytes, length, false);
}

static GError *too_many_fields(void)
{
	return g_error_new(SESSION_ERROR, SESSION_ERROR_FIELDS, "more than %d header fields",
	                   SESSION_FIELDS_MAX);
}

static GError *too_many_names(void)
{
	return g_error_new(SESSION_ERROR, SESSION_ERROR_FIELDS,
	                   "the names of the header fields have more than %d bytes", SESSION_NAMES_BYTES_MAX);
}

/* From now on no field is deleted, so that none needs to be known. */
static bool turn_to_submission(Session *session)
{
	session->submit = session->submit || *conf_settings(session->conf)->submission_socket != '\0';
	return session->submit;
}

/* Every name must be known, or a field of the original would stay in the message: past what can be
 * kept the message is submitted anew, or not passed on at all. */
static void count_field(Session *session, const char *name)
{
	g_autofree char *key = g_ascii_strdown(name, -1);
	SessionField *field = g_hash_table_lookup(session->by_name, key);
	bool many_names = field == NULL && session->name_bytes + strlen(key) > SESSION_NAMES_BYTES_MAX;
	if ((session->n_fields >= SESSION_FIELDS_HEAVY || many_names) && turn_to_submission(session)) {
		session->n_fields++;
		return;
	}
	if (session->n_fields >= SESSION_FIELDS_MAX) {
		remember(session, too_many_fields());
		return;
	}
	if (many_names) {
		remember(session, too_many_names());
		return;
	}
	session->n_fields++;
	if (field == NULL) {
		field = g_new0(SessionField, 1);
		field->name = g_strdup(name);
		g_ptr_array_add(session->fields, field);
		session->name_bytes += strlen(key);
		g_hash_table_insert(session->by_name, g_steal_pointer(&key), field);
	}
	field->count++;
}

/* The bytes as they were on the wire: libmilter shows a folded value with LF alone. */
static void append_field(Session *session, const char *name, const char *value)
{
	g_autoptr(GString) line = g_string_sized_new(strlen(name) + strlen(value) + 16);
	g_string_append(line, name);
	g_string_append_c(line, ':');
	for (const char *p = value; *p != '\0';) {
		size_t run = strcspn(p, "\n");
		g_string_append_len(line, p, (gssize)run);
		p += run;
		if (*p != '\n')
			continue;
		g_string_append(line, run > 0 && p[-1] == '\r' ? "\n" : "\r\n");
		p++;
	}
	g_string_append(line, "\r\n");
	/* The first Received is edge's own: it holds the time and the recipient of this copy. */
	bool first = session->original != NULL && original_length(session->original) == 0;
	append_as(session, line->str, line->len, first && g_ascii_strcasecmp(name, "Received") == 0);
}

void session_header(Session *session, const char *name, const char *value)
{
	if (session->trouble != NULL)
		return;
	count_field(session, name);
	append_field(session, name, value);
}

void session_end_of_headers(Session *session)
{
	append(session, "\r\n", 2);
	if (session->original != NULL)
		original_end_of_headers(session->original);
}

void session_body(Session *session, const void *bytes, size_t length)
{
	append(session, bytes, length);
}

/* ---- end of data ----------------------------------------------------------------------------------- */

static SanitizeEnvelope envelope_of(const Session *session, const char *queue_id, GPtrArray *recipients)
{
	for (guint i = 0; i < session->recipients->len; i++)
		g_ptr_array_add(recipients, g_ptr_array_index(session->recipients, i));
	g_ptr_array_add(recipients, NULL);
	return (SanitizeEnvelope) {
		.sender = session->sender,
		.recipients = (const char *const *)recipients->pdata,
		.client = session->client,
		.queue_id = queue_id != NULL ? queue_id : "",
		.arrival = session->arrival,
		.must_answer = true,
	};
}

SanitizeResult *session_sanitize(Session *session, const char *queue_id, ProgressFunc progress,
                                 void *progress_user, GError **error)
{
	if (session->conf == NULL || session->recipients->len == 0) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_ORDER, "end of data without a message");
		return NULL;
	}
	if (session->trouble != NULL) {
		g_propagate_error(error, g_steal_pointer(&session->trouble));
		return NULL;
	}
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	const SanitizeEnvelope envelope = envelope_of(session, queue_id, recipients);
	return sanitize_message(session->host->sanitizer, session->original, &envelope, progress,
	                        progress_user, error);
}

char *session_message_id(const Session *session)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	if (session->original == NULL || session->sender == NULL)
		return NULL;
	const SanitizeEnvelope envelope = envelope_of(session, NULL, recipients);
	return sanitize_message_id(session->original, &envelope);
}

bool session_must_note(const GError *failed)
{
	return g_error_matches(failed, SESSION_ERROR, SESSION_ERROR_FIELDS) ||
	       g_error_matches(failed, SESSION_ERROR, SESSION_ERROR_RECIPIENTS);
}

bool session_note_failure(Session *session, const char *queue_id, const char *why, GError **error)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	const SanitizeEnvelope envelope = envelope_of(session, queue_id, recipients);
	return sanitize_note_failure(session->host->sanitizer, &envelope, why, error);
}

bool session_note_not_taken(Session *session, const char *queue_id, const SanitizeResult *result, const char *why,
                            GError **error)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	const SanitizeEnvelope envelope = envelope_of(session, queue_id, recipients);
	return sanitize_note_not_taken(session->host->sanitizer, &envelope, result, why, error);
}
