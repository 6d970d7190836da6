/* session: one SMTP connection as the milter sees it, with the one message that is under way.
 *
 * Nothing here knows libmilter: events come in as plain calls, so that a test can make them. A
 * Session belongs to one callback at a time, on changing threads; a SessionHost to all of them.
 */
#ifndef MUGAI_MILTER_SESSION_PRIV_H
#define MUGAI_MILTER_SESSION_PRIV_H

#include "sanitize.h"

#include <stdatomic.h>

G_BEGIN_DECLS

#define SESSION_ERROR (session_error_quark())
GQuark session_error_quark(void);
typedef enum {
	SESSION_ERROR_FIELDS,     /* more header fields, or bytes of their names, than can be deleted */
	SESSION_ERROR_RECIPIENTS, /* more than are kept: the others would not be asked for their policy */
	SESSION_ERROR_ORDER,      /* an event without a message */
} SessionError;

enum {
	/* Without submission.socket: */
	SESSION_FIELDS_MAX = 4000,         /* Postfix deletes them in quadratic time: these take it 2 s of CPU, ... */
	SESSION_FIELDS_HEAVY = 1000,       /* ... and more than these are deleted for one message at a time, ... */
	SESSION_HEAVY_S = 60,              /* ... which has so long, should its client not go on or away before, ... */
	SESSION_HEAVY_WAIT_S = 20,         /* ... the next ones wait so long, ... */
	SESSION_HEAVY_WAITERS = 2,         /* ... and more than these are told to come again at once */
	SESSION_NAMES_BYTES_MAX = 8 << 20, /* different names of one message */
	SESSION_RECIPIENTS_MAX = 1000,
	SESSION_ADDRESS_MAX = 2048, /* bytes kept of an envelope address */
	SESSION_LOOP_NOTICE_S = 600, /* between two notices of mail loops */
};

/* ---- what all connections share ------------------------------------------------------------ */

typedef struct {
	GList link;
	int64_t since; /* monotonic, microseconds */
} SessionWork;

typedef struct {
	GMutex lock;
	GCond idle;
	Conf *conf;           /* for messages that start now */
	Sanitizer *sanitizer; /* borrowed */
	GQueue work; /* of SessionWork, the oldest first */
	bool closing;
	bool cancelled;
	int64_t heavy_until; /* monotonic, microseconds; 0: no message with very many fields is being replaced */
	unsigned heavy_waiters;
	GCond heavy_done;
	int64_t loop_notice_at; /* monotonic, microseconds: from when on the administrator may be told of a mail loop again */
	_Atomic uint64_t held; /* bytes of the originals of all sessions */
	uint64_t hold_max;     /* of them */
} SessionHost;

/* A reference to conf is taken. Originals may hold half of work.memory, or a quarter of RAM where that is
 * 0, but never less than one message of limits.message: what comes past it is told to come again, so that
 * many slow clients cannot fill the memory. */
void session_host_init(SessionHost *host, Conf *conf, Sanitizer *sanitizer);
void session_host_clear(SessionHost *host);
Conf *session_host_conf(SessionHost *host);
void session_host_set_conf(SessionHost *host, Conf *conf);

/* A message comes to work, until its last answer is given; work is the caller's, and stays where it is so long. False:
 * the daemon stops. */
bool session_host_enter(SessionHost *host, SessionWork *work) G_GNUC_WARN_UNUSED_RESULT;
void session_host_leave(SessionHost *host, SessionWork *work);
/* For how long the oldest message is in work; 0: none is. */
int64_t session_host_oldest_ms(SessionHost *host);

/* No message gets to work from now on. */
void session_host_close(SessionHost *host);
/* Those in work give up: their clients are told to come again. */
void session_host_cancel(SessionHost *host);
bool session_host_cancelled(SessionHost *host);
/* Bytes that the originals of all sessions hold now. */
uint64_t session_host_held(SessionHost *host);
/* After session_host_close: waits until no message is in work. False: not in time. */
bool session_host_wait(SessionHost *host, unsigned milliseconds);

/* ---- one connection -------------------------------------------------------------------------- */

typedef struct {
	char *name; /* as it came first */
	unsigned count;
} SessionField;

typedef struct {
	SessionHost *host;     /* borrowed */
	unsigned long offered; /* what was negotiated; for the callbacks */
	char *client;          /* address, "" if none */

	/* one message; NULL or empty between two */
	Conf *conf; /* as it was when the message began */
	Original *original;
	uint64_t held; /* bytes of it, as counted by the host */
	char *sender;
	GPtrArray *recipients; /* of char * */
	unsigned n_recipients;
	int64_t arrival;
	GPtrArray *fields;   /* of SessionField, each name once */
	GHashTable *by_name; /* lower case name -> its SessionField */
	unsigned n_fields;
	bool submit;         /* the clean message is to be submitted anew: the fields are too many to be deleted */
	bool submitted;      /* and Postfix has it */
	size_t name_bytes;
	GError *trouble; /* the first; the message can not be sanitized */
	int64_t heavy_until; /* its turn of session_heavy_enter, 0: none; outlives the message */
} Session;

Session *session_new(SessionHost *host);
void session_free(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

void session_set_client(Session *session, const char *address);
/* MAIL, RCPT: the address with or without <>. What fails is remembered and told by session_sanitize,
 * since Postfix was promised that no event but the last gets an answer. */
void session_begin(Session *session, const char *sender);
void session_recipient(Session *session, const char *recipient);
/* value: verbatim, leading blanks included; LF inside a folded one. */
void session_header(Session *session, const char *name, const char *value);
void session_end_of_headers(Session *session);
void session_body(Session *session, const void *bytes, size_t length);
/* Before a message is worked on. Postfix deletes header fields in quadratic time, after our calls have long returned: of the
 * messages with more than SESSION_FIELDS_HEAVY one at a time gets its turn, so that a flood of them keeps one CPU busy and no
 * more. The turn ends with the connection's next event, which Postfix sends when it is done. False and
 * SANITIZE_ERROR_ENVIRONMENT: no turn in time, or progress said no; other messages get true at once. */
bool session_heavy_enter(Session *session, ProgressFunc progress, void *progress_user,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* At each event of the connection after that. */
void session_heavy_leave(Session *session);
/* Whether a notice of a mail loop may go to the administrator now: one in SESSION_LOOP_NOTICE_S. Who forwards his notices
 * to an address behind this gateway gets them back, over the limit again, and anybody outside can write X-Mugai-Hops: without
 * this the former would go on for ever, and the latter would fill his mailbox. */
bool session_loop_notice_due(const Session *session);
void session_loop_notice_sent(const Session *session);
/* Forgets the message: MAIL again, abort, done. */
void session_reset(Session *session);

/* End of data, between session_host_enter and _leave. queue_id may be NULL. Errors of SANITIZE_ERROR and
 * SESSION_ERROR. */
SanitizeResult *session_sanitize(Session *session, const char *queue_id, ProgressFunc progress,
                                 void *progress_user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After session_sanitize, whatever came of it: the id that the message has in audit and result; NULL if it has none. */
char *session_message_id(const Session *session);

/* True: session_sanitize failed with what no retry mends and the pipeline never saw, so that the audit event
 * has to be written by session_note_failure. */
bool session_must_note(const GError *failed);
/* The audit event of such a message. why: text of ours. Errors of the environment. */
bool session_note_failure(Session *session, const char *queue_id, const char *why,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The audit event, and the count, of one whose result Postfix did not take. why: text of ours. Errors of the environment. */
bool session_note_not_taken(Session *session, const char *queue_id, const SanitizeResult *result, const char *why,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
