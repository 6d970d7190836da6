/* alarm: see alarm_priv.h. The record: one audit event, and a small file that mugai status shows. */
#include "alarm_priv.h"

#include "audit_priv.h"
#include "report_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- the file: always of the same size, however many alarms come ------------------------------------ */

enum { FILE_BYTES = 1024 };

#define FILE_HEAD "mugai-alarms 1 "

/* Count in the first line, then the last alarms, the newest first. A damaged file counts as none. */
static void decode(const char *text, SanitizeAlarms *ret_alarms)
{
	SanitizeAlarms alarms = { 0 };
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	*ret_alarms = (SanitizeAlarms) { 0 };
	if (sscanf(lines[0] != NULL ? lines[0] : "", FILE_HEAD "%" G_GUINT64_FORMAT, &alarms.count) != 1)
		return;
	for (char **line = lines + 1; *line != NULL && alarms.n < SANITIZE_ALARMS_KEPT; line++) {
		SanitizeAlarm *alarm = &alarms.last[alarms.n];
		if (sscanf(*line, "%" G_GINT64_FORMAT " %32s %32s %16s %32s", &alarm->when, alarm->queue,
		           alarm->queue_id, alarm->status, alarm->id) == 5)
			alarms.n++;
	}
	*ret_alarms = alarms;
}

static void encode(const SanitizeAlarms *alarms, char *ret_text)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_printf(text, FILE_HEAD "%" G_GUINT64_FORMAT "\n", alarms->count);
	for (unsigned i = 0; i < alarms->n; i++) {
		const SanitizeAlarm *alarm = &alarms->last[i];
		g_string_append_printf(text, "%" G_GINT64_FORMAT " %s %s %s %s\n", alarm->when, alarm->queue,
		                       alarm->queue_id, alarm->status, alarm->id);
	}
	g_assert(text->len <= FILE_BYTES);
	memset(ret_text, '\n', FILE_BYTES);
	memcpy(ret_text, text->str, text->len);
}

static char *file_of(const char *directory)
{
	return g_build_filename(directory, "alarms", NULL);
}

static void read_file(int fd, char *ret_text)
{
	ssize_t n = pread(fd, ret_text, FILE_BYTES, 0);
	ret_text[MAX(n, 0)] = '\0';
}

void sanitize_alarms(const char *state_directory, SanitizeAlarms *ret_alarms)
{
	char text[FILE_BYTES + 1] = "";
	g_autofree char *path = file_of(state_directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		read_file(fd, text);
		close(fd);
	}
	decode(text, ret_alarms);
}

static void add(SanitizeAlarms *alarms, const SanitizeAlarm *alarm)
{
	memmove(&alarms->last[1], &alarms->last[0], (SANITIZE_ALARMS_KEPT - 1) * sizeof alarms->last[0]);
	alarms->last[0] = *alarm;
	alarms->n = MIN(alarms->n + 1, SANITIZE_ALARMS_KEPT);
	alarms->count++;
}

static bool fail(GError **error, const char *what)
{
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s: %s", what, g_strerror(errno));
	return false;
}

static bool write_file(int fd, const char *text)
{
	ssize_t n = pwrite(fd, text, FILE_BYTES, 0);
	if (n >= 0 && n != FILE_BYTES)
		errno = ENOSPC;
	return n == FILE_BYTES;
}

/* In the file first, since writing anew what has its place on the disk does not fail for want of space; taken
 * back when the event cannot be written, so that the next try counts once. */
static bool record_locked(int fd, const SanitizeAlarm *alarm, Audit *audit, const char *event, GError **error)
{
	char before[FILE_BYTES + 1] = "", after[FILE_BYTES];
	SanitizeAlarms alarms;
	read_file(fd, before);
	decode(before, &alarms);
	add(&alarms, alarm);
	encode(&alarms, after);
	if (!write_file(fd, after))
		return fail(error, "state.directory: alarms");
	if (event == NULL || audit_write(audit, event, error))
		return true;
	(void)!write_file(fd, before);
	return false;
}

/* event: NULL when it is written already. */
static bool record(const ConfSettings *settings, const SanitizeAlarm *alarm, const char *event,
                   GError **error)
{
	g_autofree char *path = file_of(settings->state_directory);
	g_autoptr(Audit) audit = NULL;
	if (event != NULL && (audit = audit_open(settings->audit_file, settings->work_user, error)) == NULL)
		return false;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		fail(error, path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	bool good = record_locked(fd, alarm, audit, event, error);
	close(fd);
	return good;
}

/* ---- the event --------------------------------------------------------------------------------------- */

static void key(GString *json, const char *name)
{
	char last = json->str[json->len - 1];
	g_string_append_printf(json, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", name);
}

static void text(GString *json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	key(json, name);
	report_json_string(json, value);
}

static void append_recipient(GString *json, const AlarmRecipient *recipient)
{
	g_string_append(json, json->str[json->len - 1] == '[' ? "{" : ",{");
	text(json, "recipient", recipient->recipient);
	text(json, "original_recipient", recipient->original_recipient);
	text(json, "action", recipient->action);
	text(json, "status", recipient->status);
	text(json, "diagnostic", recipient->diagnostic);
	text(json, "remote", recipient->remote);
	g_string_append_c(json, '}');
}

static void append_claims(GString *json, const AlarmClaims *claims)
{
	key(json, "claimed");
	g_string_append_c(json, '{');
	text(json, "reporter", claims->reporter);
	text(json, "queue_id", claims->queue_id);
	text(json, "sender", claims->sender);
	text(json, "arrival", claims->arrival);
	text(json, "message_id", claims->message_id);
	text(json, "id", claims->mugai_id);
	key(json, "recipients");
	g_string_append_c(json, '[');
	for (guint i = 0; i < claims->recipients->len; i++)
		append_recipient(json, g_ptr_array_index(claims->recipients, i));
	g_string_append_printf(json, "],\"recipients_count\":%u}", claims->n_recipients);
}

static char *make_event(const SanitizeBounce *bounce, const AlarmClaims *claims)
{
	GString *json = g_string_new("{\"kind\":\"undeliverable\"");
	text(json, "queue", bounce->queue);
	g_string_append_printf(json, ",\"bounce_bytes\":%" G_GUINT64_FORMAT, bounce->length);
	text(json, "bounce_sha256", bounce->sha256);
	g_string_append_printf(json, ",\"readable\":%s", claims != NULL ? "true" : "false");
	if (claims != NULL)
		append_claims(json, claims);
	g_string_append_c(json, '}');
	return g_string_free(json, FALSE);
}

/* ---- the whole --------------------------------------------------------------------------------------- */

/* The beginning of the bounce as text. NULL with the environment's error, or without one: it cannot be read.
 */
static char *read_beginning(Supervisor *supervisor, Conf *conf, const SanitizeBounce *bounce, size_t length,
                            GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Original) original = original_new(length, error);
	if (original == NULL || !original_append(original, bounce->head, length, error))
		return NULL;
	/* Postfix writes a report in UTF-8 at most. To look for another character set would ask the mail that
	 * is quoted. */
	const SanitizeTextOptions options = { .kind = SANITIZE_TEXT_PLAIN,
		                              .charset = "utf-8",
		                              .defang = POLICY_DEFANG_NEVER };
	char *beginning = sanitize_text(supervisor, conf, original, &options, &cause);
	bool environment = g_error_matches(cause, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
	if (environment)
		g_propagate_error(error, g_steal_pointer(&cause));
	return beginning;
}

/* A mail that breaks the parser, or is none but bytes, must not hide which mail it was: the report stands
 * before it, so that less and less of the bounce is tried, each time in a child of its own. */
static bool read_claims(Supervisor *supervisor, Conf *conf, const SanitizeBounce *bounce,
                        AlarmClaims **ret_claims, GError **error)
{
	static const size_t lengths[] = { SANITIZE_BOUNCE_HEAD, 8192, 2048 };
	for (size_t i = 0; i < G_N_ELEMENTS(lengths) && bounce->head_length > 0; i++) {
		size_t length = MIN(lengths[i], bounce->head_length);
		g_autoptr(GError) failed = NULL;
		g_autofree char *beginning = read_beginning(supervisor, conf, bounce, length, &failed);
		if (failed != NULL) {
			g_propagate_error(error, g_steal_pointer(&failed));
			return false;
		}
		if (beginning != NULL) {
			*ret_claims = alarm_claims_read(beginning);
			return true;
		}
	}
	return true;
}

/* Of a claim, what may stand as a word in the file; "-" when nothing is left. */
static void keep_word(char *ret_word, size_t size, const char *claim)
{
	size_t length = 0;
	for (const char *p = claim != NULL ? claim : ""; *p != '\0' && length + 1 < size; p++)
		if (g_ascii_isalnum(*p) || strchr(".-_", *p) != NULL)
			ret_word[length++] = *p;
	g_strlcpy(ret_word + length, length == 0 ? "-" : "", size - length);
}

static SanitizeAlarm summary_of(const SanitizeBounce *bounce, const AlarmClaims *claims)
{
	SanitizeAlarm alarm = { .when = g_get_real_time() / G_USEC_PER_SEC };
	const AlarmRecipient *first = claims != NULL && claims->recipients->len > 0
	                                      ? g_ptr_array_index(claims->recipients, 0)
	                                      : NULL;
	keep_word(alarm.queue, sizeof alarm.queue, bounce->queue);
	keep_word(alarm.queue_id, sizeof alarm.queue_id, claims != NULL ? claims->queue_id : NULL);
	keep_word(alarm.status, sizeof alarm.status, first != NULL ? first->status : NULL);
	keep_word(alarm.id, sizeof alarm.id, claims != NULL ? claims->mugai_id : NULL);
	return alarm;
}

bool sanitize_alarm(Supervisor *supervisor, Conf *conf, const SanitizeBounce *bounce, GError **error)
{
	g_autoptr(AlarmClaims) claims = NULL;
	if (!read_claims(supervisor, conf, bounce, &claims, error))
		return false;
	const SanitizeAlarm alarm = summary_of(bounce, claims);
	g_autofree char *event = make_event(bounce, claims);
	return record(conf_settings(conf), &alarm, event, error);
}

bool sanitize_alarm_loop(Conf *conf, const char *queue_id, const char *id, GError **error)
{
	SanitizeAlarm alarm = {
		.when = g_get_real_time() / G_USEC_PER_SEC,
		.queue = "mugaid",
		.status = "5.4.6", /* RFC 3463: routing loop detected */
	};
	keep_word(alarm.queue_id, sizeof alarm.queue_id, queue_id);
	keep_word(alarm.id, sizeof alarm.id, id);
	return record(conf_settings(conf), &alarm, NULL, error);
}
