#include "reply_priv.h"

#include "log.h"
#include "submit_priv.h"

#include <stdarg.h>
#include <string.h>

enum {
	PROGRESS_EVERY_S = 10, /* Postfix waits 300 s for the end of data, anew with each sign of life */
	SUBMIT_S = 30,         /* for a submission, whatever is left of limits.total: at most 570 s of edge's 600 s */
};

typedef struct {
	const char *code; /* NULL: no reply text */
	const char *extended;
	const char *text; /* ours alone: nothing of a mail is ever said to a client */
	sfsistat status;
} Answer;

/* libmilter takes char * for what it only copies. */
static char *unconst(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* A reply that cannot be set still has its status: Postfix then uses a text of its own. */
static sfsistat answer(SMFICTX *ctx, const Answer *what, const char *id)
{
	if (what->code == NULL)
		return what->status;
	g_autofree char *text =
	        id != NULL && *id != '\0' ? g_strdup_printf("%s (%s)", what->text, id) : g_strdup(what->text);
	smfi_setreply(ctx, unconst(what->code), unconst(what->extended), text);
	return what->status;
}

/* ---- errors --------------------------------------------------------------------------------------- */

static const struct {
	GQuark (*domain)(void);
	int code;
	Answer answer;
} errors[] = {
	/* clang-format off */
	{ sanitize_error_quark, SANITIZE_ERROR_CONTENT,
	  { "451", "4.7.1", "Message could not be made safe, try again later", SMFIS_TEMPFAIL } },
	{ sanitize_error_quark, SANITIZE_ERROR_ENVIRONMENT,
	  { "451", "4.3.0", "Gateway is short of resources, try again later", SMFIS_TEMPFAIL } },
	{ session_error_quark, SESSION_ERROR_FIELDS,
	  { "451", "4.7.1", "Too many header fields", SMFIS_TEMPFAIL } },
	{ session_error_quark, SESSION_ERROR_RECIPIENTS,
	  { "451", "4.5.3", "Too many recipients", SMFIS_TEMPFAIL } },
	/* clang-format on */
};

static const Answer stopping = { "451", "4.3.2", "Gateway is stopping, try again later", SMFIS_TEMPFAIL };
static const Answer unknown_error = { "451", "4.3.0",
	                              "Gateway could not process the message, try again later",
	                              SMFIS_TEMPFAIL };

sfsistat reply_error(SMFICTX *ctx, const GError *failed, const char *id)
{
	for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
		if (g_error_matches(failed, errors[i].domain(), errors[i].code))
			return answer(ctx, &errors[i].answer, id);
	return answer(ctx, &unknown_error, id);
}

/* ---- signs of life ---------------------------------------------------------------------------------- */

typedef struct {
	SMFICTX *ctx;
	SessionHost *host;
	int64_t started, told; /* monotonic, microseconds */
} Progress;

/* False ends the work: the daemon stops, or Postfix is gone. */
static bool progress_tell(void *user)
{
	Progress *progress = user;
	if (session_host_cancelled(progress->host))
		return false;
	int64_t now = g_get_monotonic_time();
	if (now - progress->told < PROGRESS_EVERY_S * G_USEC_PER_SEC)
		return true;
	progress->told = now;
	return smfi_progress(progress->ctx) == MI_SUCCESS;
}

/* ---- results --------------------------------------------------------------------------------------- */

/* Every field of the original goes, whatever it is. Within one name the index counts what is still
 * there, so the last one goes first. */
static bool delete_fields(SMFICTX *ctx, const Session *session)
{
	for (guint i = 0; i < session->fields->len; i++) {
		const SessionField *field = g_ptr_array_index(session->fields, i);
		for (unsigned index = field->count; index > 0; index--)
			if (smfi_chgheader(ctx, field->name, (int)index, NULL) != MI_SUCCESS)
				return false;
	}
	return true;
}

static bool add_fields(SMFICTX *ctx, const GPtrArray *headers)
{
	for (guint i = 0; i < headers->len; i++) {
		const SanitizeHeader *header = g_ptr_array_index(headers, i);
		/* SMFIP_HDR_LEADSPC: the blank after the colon is ours to give. */
		g_autofree char *value = g_strconcat(" ", header->value, NULL);
		if (smfi_addheader(ctx, unconst(header->name), value) != MI_SUCCESS)
			return false;
	}
	return true;
}

static bool replace_body(SMFICTX *ctx, GBytes *body)
{
	gsize length = 0;
	const void *bytes = g_bytes_get_data(body, &length);
	if (length > INT_MAX)
		return false;
	/* An empty body must replace the old one too; libmilter wants a pointer even then. */
	return smfi_replacebody(ctx, (unsigned char *)(uintptr_t)(length > 0 ? bytes : ""), (int)length) ==
	       MI_SUCCESS;
}

/* All or nothing: Postfix drops what was changed when the answer is "come again". */
static bool replace_message(SMFICTX *ctx, const Session *session, const SanitizeResult *result)
{
	return result->headers != NULL && result->headers->len > 0 && result->body != NULL &&
	       delete_fields(ctx, session) && add_fields(ctx, result->headers) &&
	       replace_body(ctx, result->body);
}

static const Answer not_replaced = { "451", "4.3.0", "Message could not be replaced, try again later",
	                             SMFIS_TEMPFAIL };

/* In one hop the sender's own server hears, and tells its user, what can be mended. */
static const Answer refusals[] = {
	[SANITIZE_CAUSE_POLICY] = { "550", "5.7.1", "Message refused by policy", SMFIS_REJECT },
	[SANITIZE_CAUSE_UNREADABLE] = { "550", "5.6.0", "Message could not be made safe", SMFIS_REJECT },
	[SANITIZE_CAUSE_SIZE] = { "552", "5.3.4", "Message is too large to be made safe", SMFIS_REJECT },
	[SANITIZE_CAUSE_NO_MAIL] = { "550", "5.6.0", "Message has not the form of a mail", SMFIS_REJECT },
};

/* Behind edge no 5xx exists: edge would bounce to a forged sender. */
static const struct {
	SanitizeOutcome outcome;
	ConfTopology topology;
	Answer answer;
} outcomes[] = {
	/* clang-format off */
	{ SANITIZE_REFUSE, CONF_BEHIND_EDGE,
	  { "451", "4.3.0", "Gateway could not process the message, try again later", SMFIS_TEMPFAIL } },
	{ SANITIZE_DISCARD, CONF_ONE_HOP,
	  { "554", "5.4.6", "Mail loop", SMFIS_REJECT } },
	{ SANITIZE_DISCARD, CONF_BEHIND_EDGE,
	  { NULL, NULL, NULL, SMFIS_DISCARD } },
	/* clang-format on */
};

sfsistat reply_result(SMFICTX *ctx, const Session *session, const SanitizeResult *result)
{
	/* Postfix has it already (submit_result): nothing of the original goes on. */
	if (result->outcome == SANITIZE_CLEAN && session->submitted)
		return SMFIS_DISCARD;
	if (result->outcome == SANITIZE_CLEAN) {
		/* Of a message to be submitted not all fields are known: some would stay. */
		if (!session->submit && replace_message(ctx, session, result))
			return SMFIS_ACCEPT;
		return answer(ctx, &not_replaced, result->id);
	}
	ConfTopology topology = conf_settings(session->conf)->topology;
	if (result->outcome == SANITIZE_REFUSE && topology == CONF_ONE_HOP &&
	    result->cause < G_N_ELEMENTS(refusals))
		return answer(ctx, &refusals[result->cause], result->id);
	for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++)
		if (outcomes[i].outcome == result->outcome && outcomes[i].topology == topology)
			return answer(ctx, &outcomes[i].answer, result->id);
	return answer(ctx, &unknown_error, result->id);
}

/* ---- one message ------------------------------------------------------------------------------------- */

/* "deliver; parts=2; removed=1; converted=0": our own field, not a claim of the mail. */
static const char *result_summary(const SanitizeResult *result)
{
	static const char *const others[] = {
		[SANITIZE_REFUSE] = "refused", [SANITIZE_DISCARD] = "discarded"
	};
	if (result->outcome != SANITIZE_CLEAN)
		return others[result->outcome];
	for (guint i = 0; result->headers != NULL && i < result->headers->len; i++) {
		const SanitizeHeader *header = g_ptr_array_index(result->headers, i);
		if (strcmp(header->name, "X-Mugai-Result") == 0)
			return header->value;
	}
	return "clean";
}

/* Who asks for one message finds all of its lines by the one id, which audit event, clean message and reply
 * have, too. Until the original is complete there is none, and the line says so: Postfix's queue id is what
 * it has then. */
typedef struct {
	const char *queue_id; /* NULL: Postfix gave none */
	const char *id;       /* NULL: not known yet */
} MessageNames;

static const char *best_name(const MessageNames *names)
{
	return names->id != NULL ? names->id : names->queue_id;
}

static void log_message(LogSeverity severity, const MessageNames *names, const char *format, ...)
        G_GNUC_PRINTF(3, 4);
static void log_message(LogSeverity severity, const MessageNames *names, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	log_line(severity, names->id, "queue=%s; %s%s", names->queue_id != NULL ? names->queue_id : "-", text,
	         names->id != NULL ? "" : "; no id yet");
}

static void log_failure(const MessageNames *names, StatusBoard *board, const char *text)
{
	log_message(LOG_SEVERITY_ERROR, names, "%s; the client is told to come again", text);
	status_board_error(board, best_name(names), text);
}

/* An error of the session never reached the pipeline, which writes the event of every other message. */
static void note_failure(Session *session, const MessageNames *names, StatusBoard *board, const char *why)
{
	g_autoptr(GError) failed = NULL;
	if (session_note_failure(session, names->queue_id, why, &failed))
		return;
	log_message(LOG_SEVERITY_ERROR, names, "no audit event: %s", failed->message);
	status_board_error(board, best_name(names), failed->message);
}

/* The pipeline has told and counted it as done. */
static void note_not_taken(Session *session, const SanitizeResult *result, const MessageNames *names,
                           StatusBoard *board, const char *why)
{
	g_autoptr(GError) failed = NULL;
	if (session_note_not_taken(session, names->queue_id, result, why, &failed))
		return;
	log_message(LOG_SEVERITY_ERROR, names, "no audit event: %s", failed->message);
	status_board_error(board, best_name(names), failed->message);
}

static void log_unusual(const Session *session, const SanitizeResult *result, const MessageNames *names,
                        sfsistat status, StatusBoard *board)
{
	bool taken = status == SMFIS_ACCEPT || (session->submitted && status == SMFIS_DISCARD);
	bool expected = result->outcome == SANITIZE_CLEAN ? taken : status != SMFIS_TEMPFAIL;
	if (!expected)
		log_failure(names, board,
		            result->outcome == SANITIZE_CLEAN
		                    ? "Postfix did not take the clean message"
		                    : "a message was refused behind edge, which must not be");
	if (result->cause == SANITIZE_CAUSE_UNREADABLE)
		log_message(LOG_SEVERITY_WARNING, names,
		            "its content broke the parser too often: only its header was read");
	if (result->outcome == SANITIZE_DISCARD) {
		log_message(LOG_SEVERITY_ERROR, names, "mail loop: the message is not sent on");
		status_board_error(board, result->id, "mail loop: a message was not sent on");
	}
}

static void warn_of_recipients(const Session *session, const MessageNames *names)
{
	if (session->n_recipients > 1 && conf_settings(session->conf)->topology == CONF_BEHIND_EDGE)
		log_message(
		        LOG_SEVERITY_WARNING, names,
		        "%u recipients in one message: edge must send one copy each; the strictest of their "
		        "decisions counts for all",
		        session->n_recipients);
}

/* A count that cannot be written must not bring the loop back to life. */
static void count_loop(const Session *session, const MessageNames *names, StatusBoard *board)
{
	g_autoptr(GError) failed = NULL;
	if (sanitize_alarm_loop(session->conf, names->queue_id, names->id, &failed))
		return;
	log_message(LOG_SEVERITY_ERROR, names, "the alarm of a mail loop is not counted: %s", failed->message);
	status_board_error(board, names->id, failed->message);
}

/* For a loop only while its notice is due. What is refused has a clean message at times, which nobody may get. */
static bool must_submit(const Session *session, const SanitizeResult *result)
{
	if (result->outcome == SANITIZE_DISCARD)
		return result->headers != NULL && session_loop_notice_due(session);
	return result->outcome == SANITIZE_CLEAN && session->submit;
}

/* The clean message of an original with very many fields, to whom that was sent; or of a loop the notice, to the
 * administrator. Before anything is answered: what Postfix did not take comes again. */
static bool submit_result(Session *session, const SanitizeResult *result, const MessageNames *names,
                          Progress *progress, GError **error)
{
	const ConfSettings *settings = conf_settings(session->conf);
	bool loop = result->outcome == SANITIZE_DISCARD;
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	for (guint i = 0; !loop && i < session->recipients->len; i++)
		g_ptr_array_add(recipients, g_ptr_array_index(session->recipients, i));
	if (loop)
		g_ptr_array_add(recipients, settings->administrator);
	g_ptr_array_add(recipients, NULL);
	const Submission submission = {
		.socket = settings->submission_socket,
		.sender = loop ? "" : session->sender,
		.recipients = (const char *const *)recipients->pdata,
		.headers = result->headers,
		.body = result->body,
		.deadline = MAX(progress->started + (int64_t)settings->limits.total * 1000,
		                g_get_monotonic_time() + SUBMIT_S * G_TIME_SPAN_SECOND),
	};
	char queue_id[SUBMIT_QUEUE_ID_MAX + 1] = "";
	if (!submit_message(&submission, progress_tell, progress, queue_id, error))
		return false;
	if (loop)
		session_loop_notice_sent(session);
	else
		session->submitted = true;
	log_message(LOG_SEVERITY_INFO, names, "submitted anew as %s: %s", *queue_id != '\0' ? queue_id : "?",
	            loop ? "a notice of a mail loop, to the administrator" : "it has very many header fields");
	return true;
}

static sfsistat give_error(SMFICTX *ctx, Session *session, const char *queue_id, StatusBoard *board,
                           const GError *failed)
{
	g_autofree char *id = session_message_id(session);
	const MessageNames names = { .queue_id = queue_id, .id = id };
	log_failure(&names, board, failed->message);
	if (session_must_note(failed))
		note_failure(session, &names, board, failed->message);
	return reply_error(ctx, failed, best_name(&names));
}

static sfsistat give_result(SMFICTX *ctx, Session *session, const char *queue_id, StatusBoard *board,
                            const SanitizeResult *result, Progress *progress)
{
	const MessageNames names = { .queue_id = queue_id, .id = result->id };
	g_autoptr(GError) failed = NULL;
	warn_of_recipients(session, &names);
	if (must_submit(session, result) && !submit_result(session, result, &names, progress, &failed)) {
		note_not_taken(session, result, &names, board, failed->message);
		return give_error(ctx, session, queue_id, board, failed);
	}
	if (result->outcome == SANITIZE_DISCARD)
		count_loop(session, &names, board);
	sfsistat status = reply_result(ctx, session, result);
	if (result->outcome == SANITIZE_CLEAN && status == SMFIS_TEMPFAIL)
		note_not_taken(session, result, &names, board, "Postfix did not take the clean message");
	log_unusual(session, result, &names, status, board);
	log_message(LOG_SEVERITY_INFO, &names, "%s; fields=%u; bytes=%" G_GUINT64_FORMAT "; ms=%d",
	            result_summary(result), session->n_fields, original_length(session->original),
	            (int)((g_get_monotonic_time() - progress->started) / 1000));
	return status;
}

/* What the pipeline never saw it did not count, either. The errors of a session itself are not the
 * environment's.
 */
static void count_unseen(const Session *session, const GError *failed)
{
	if (failed->domain != SESSION_ERROR)
		sanitize_count_environment(session->host->sanitizer);
}

static sfsistat reply_in_work(SMFICTX *ctx, Session *session, const char *queue_id, StatusBoard *board)
{
	int64_t started = g_get_monotonic_time();
	Progress progress = { .ctx = ctx, .host = session->host, .started = started, .told = started };
	g_autoptr(GError) failed = NULL;
	g_autoptr(SanitizeResult) result = NULL;
	bool seen =
	        session->trouble == NULL && session_heavy_enter(session, progress_tell, &progress, &failed);
	if (failed == NULL)
		result = session_sanitize(session, queue_id, progress_tell, &progress, &failed);
	if (!seen)
		count_unseen(session, failed);
	return result != NULL ? give_result(ctx, session, queue_id, board, result, &progress)
	                      : give_error(ctx, session, queue_id, board, failed);
}

enum { QUEUE_ID_MAX = 32 };

/* Whoever reaches the socket chooses this macro: what is not of a queue id could imitate a log line or a
 * reply. "" when nothing is left. */
static void keep_queue_id(char *ret_id, const char *macro)
{
	size_t length = 0;
	for (const char *p = macro != NULL ? macro : ""; *p != '\0' && length < QUEUE_ID_MAX; p++)
		if (g_ascii_isalnum(*p))
			ret_id[length++] = *p;
	ret_id[length] = '\0';
}

sfsistat reply_message(SMFICTX *ctx, Session *session, StatusBoard *board)
{
	char kept[QUEUE_ID_MAX + 1];
	keep_queue_id(kept, smfi_getsymval(ctx, unconst("i")));
	const char *queue_id = *kept != '\0' ? kept : NULL;
	SessionWork work;
	if (!session_host_enter(session->host, &work))
		return answer(ctx, &stopping, queue_id);
	sfsistat status = reply_in_work(ctx, session, queue_id, board);
	session_host_leave(session->host, &work);
	return status;
}
