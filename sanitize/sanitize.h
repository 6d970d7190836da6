/* sanitize: one message in, one clean message out. Trusted library behind mugaid and mugai.
 *
 * sanitize.c is the page to read: a message's whole life. Library code returns errors and
 * never logs; audit.c writes the one event per message.
 *
 * Threads: a Sanitizer may be used from any number of threads at once. An Original and a
 * SanitizeResult belong to one thread at a time.
 */
#ifndef MUGAI_SANITIZE_H
#define MUGAI_SANITIZE_H

#include "conf.h"
#include "memfd.h"
#include "render.h"
#include "supervisor.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define SANITIZE_ERROR (sanitize_error_quark())
GQuark sanitize_error_quark(void);
typedef enum {
	SANITIZE_ERROR_NOT_MAIL,    /* no header field before the first empty line */
	SANITIZE_ERROR_EMPTY,       /* no bytes at all */
	SANITIZE_ERROR_TOO_LARGE,   /* over limits.message */
	SANITIZE_ERROR_CONTENT,     /* the content broke its jail's rules: counted, then notice-only */
	SANITIZE_ERROR_ENVIRONMENT, /* no slot, child, memory, disk, audit: try again, never counted */
	SANITIZE_ERROR_CHARSET,     /* sanitize_text: no character set is called so */
	SANITIZE_ERROR_INTERNAL,    /* our own output did not verify or could not be written: try again */
	SANITIZE_ERROR_PERMISSION,  /* sanitizer_new: the audit file may not be opened by this user */
	SANITIZE_ERROR_NOT_TEXT,    /* sanitize_text: the bytes are no text */
} SanitizeError;

/* ---- the original: bytes in, never read back ------------------------------------------ */

typedef struct Original Original;

/* cap: bytes (limits.message). Hashes while it stores. */
Original *original_new(uint64_t cap, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For sanitize_text() alone, which keeps no hash: to find the digest takes a command longer than to read a text. */
Original *original_new_unhashed(uint64_t cap, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Past the cap: SANITIZE_ERROR_TOO_LARGE, nothing more is stored, and the original remembers it, so that
 * a caller may go on and let sanitize_message decide; hash and length go on with what a caller still appends. Other
 * errors are the environment's. */
bool original_append(Original *original, const void *bytes, size_t length,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Before the first byte: copies of one message for several recipients are to be known as the same, so that its
 * documents are drawn once. Costs a second hash. False: not available; then each copy is a message of its own. */
bool original_keep_key(Original *original);
/* As original_append(), for the line by which the last mail server says for whom this copy is: the copies differ in it
 * alone. */
bool original_append_trace(Original *original, const void *bytes, size_t length,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Bytes that came, stored or not. */
uint64_t original_length(const Original *original);
/* What was appended so far is the header block: only this is shown to the parser when the content breaks it, or is
 * too large. Without the call nothing is. */
void original_end_of_headers(Original *original);
void original_free(Original *original);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Original, original_free)

/* ---- the machine ----------------------------------------------------------------------- */

/* A municipality of a shared gateway. One default tenant until more exist. */
typedef struct Tenant Tenant;
const Tenant *tenant_default(void);
const char *tenant_name(const Tenant *tenant);

typedef struct Sanitizer Sanitizer;

/* conf, policy: references are taken. supervisor: borrowed, must outlive. tenant: borrowed. Opens the audit file; one that
 * root makes belongs to work.user, as whom the daemon writes to it. SANITIZE_ERROR_PERMISSION or
 * SANITIZE_ERROR_ENVIRONMENT when it cannot be opened. */
Sanitizer *sanitizer_new(Conf *conf, Policy *policy, Supervisor *supervisor,
                         const Tenant *tenant, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for sanitize_explain alone: it opens and writes no file. */
Sanitizer *sanitizer_new_for_explain(Conf *conf, Policy *policy, Supervisor *supervisor,
                                     const Tenant *tenant) G_GNUC_WARN_UNUSED_RESULT;
void sanitizer_free(Sanitizer *sanitizer);
/* New settings for messages that start from now on (SIGHUP). References are taken. False: the
 * new audit file cannot be opened, or the policy converts and what draws does not start (found out within 10 s); the
 * old settings stay. */
bool sanitizer_reload(Sanitizer *sanitizer, Conf *conf, Policy *policy,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether some rule of the policy converts parts: then copies of one message are worth being known as the same. */
bool sanitizer_converts(Sanitizer *sanitizer);
/* Bytes of the supervisor's memory budget without which no part can become an image PDF: each is removed, then. */
uint64_t sanitize_document_memory(void);
/* Has Office documents of our own converted, in a thread: now, at each further call, and every ten minutes after a failure. Office
 * documents of mails wait for the first end of it. told: called by that thread after a test that changed something; may be NULL; both
 * from the first call. Without a call everything that is installed is taken for well. */
void sanitizer_test_office(Sanitizer *sanitizer, void (*told)(void *user), void *told_user);

enum { SANITIZE_OFFICE_FAMILIES = 3 };

/* Which Office documents are converted here. Strings are static. */
typedef struct {
	const char *state; /* "not-tested", "testing", "tested" */
	int64_t when;      /* of the last test, seconds since 1970; 0: none yet */
	struct {
		const char *name; /* "writer" */
		bool works;
		char why[128];    /* where it does not: one line */
	} families[SANITIZE_OFFICE_FAMILIES];
} SanitizeOffice;
void sanitizer_office(Sanitizer *sanitizer, SanitizeOffice *ret_office);

/* Whether an event could be written now: the file is there or can be made, and has room. Nothing is written. */
bool sanitizer_check_audit(Sanitizer *sanitizer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sanitizer, sanitizer_free)

/* Kinds and limits of the jails that the pipeline needs, for supervisor_start(); what draws is started on demand.
 * directory: where the jailed executables are. Strings live as long as the process. */
const SupervisorKind *sanitize_kinds(const char *directory, unsigned *ret_count);
/* The same for sanitize_text() alone: sooner ready. */
const SupervisorKind *sanitize_text_kinds(const char *directory, unsigned *ret_count);

/* The same for sanitize_render() alone. */
const SupervisorKind *sanitize_render_kinds(const char *directory, unsigned *ret_count);

/* Envelope facts: from SMTP or the command line, never from a jail. Strings borrowed. */
typedef struct {
	const char *sender;     /* "" = null sender */
	const char *const *recipients; /* NULL-terminated; >= 1 */
	const char *client;     /* address of the SMTP client, "" if none */
	const char *queue_id;   /* "" if none */
	int64_t arrival;        /* seconds since 1970 UTC; a recorded fact */
	/* The daemon: somebody waits for this message, so what is no mail, empty or too large becomes a
	 * notice-only message instead of an error. */
	bool must_answer;
} SanitizeEnvelope;

typedef enum {
	SANITIZE_CLEAN,   /* result has a clean message */
	SANITIZE_REFUSE,  /* one-hop: 5xx; no original exists elsewhere */
	SANITIZE_DISCARD, /* a loop: behind edge 250 and discard, in one hop 554 */
} SanitizeOutcome;

/* Why no more than a notice is left, or not even that. */
typedef enum {
	SANITIZE_CAUSE_POLICY = 0, /* a rule says so, or the message is whole */
	SANITIZE_CAUSE_UNREADABLE, /* its content broke the parser too often */
	SANITIZE_CAUSE_SIZE,       /* larger than limits.message, or than a clean message may be */
	SANITIZE_CAUSE_NO_MAIL,
} SanitizeCause;

typedef struct {
	SanitizeOutcome outcome;
	SanitizeCause cause;
	bool whole;            /* CLEAN: it is delivered in full, not as a notice */
	char *id;              /* X-Mugai-Id, and the id in logs and audit */
	GPtrArray *headers;    /* of SanitizeHeader, when CLEAN; when DISCARD a notice for submission.administrator, or NULL */
	GBytes *body;          /* CRLF line ends, with headers */
	char *report;          /* JSON, one line (design 5); always there */
} SanitizeResult;

typedef struct {
	const char *name;
	const char *value; /* folded with LF + SP */
} SanitizeHeader;

void sanitize_result_free(SanitizeResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SanitizeResult, sanitize_result_free)

/* The life of a message. Bounded by limits.total from the call on; waits for a work slot
 * and a child at most work.wait. progress as in supervisor.h, may be NULL. The audit event
 * is written (it survives our death, not a power cut) before a result is returned. An
 * Original is used up by the call, whatever comes out; free it still. */
SanitizeResult *sanitize_message(Sanitizer *sanitizer, Original *original,
                                 const SanitizeEnvelope *envelope, ProgressFunc progress,
                                 void *progress_user,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The id of a message that sanitize_message had, also where it returned an error: the one of its audit event. NULL: it
 * never came so far that it had one. */
char *sanitize_message_id(const Original *original, const SanitizeEnvelope *envelope);

/* What the policy would decide for this message, and why, and what would come of it: text for a terminal (cleaned), of
 * several lines. Nothing is delivered, audited or counted. Errors as sanitize_message; an Original is used up. */
char *sanitize_explain(Sanitizer *sanitizer, Original *original, const SanitizeEnvelope *envelope,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A message that never reached sanitize_message, since SMTP's side already knew that it cannot be answered: leaves
 * the audit event that every message leaves, and counts it. why: text of ours. The environment's error if
 * the event cannot be written. */
bool sanitize_note_failure(Sanitizer *sanitizer, const SanitizeEnvelope *envelope, const char *why,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What came of a message did not reach Postfix, so that the client comes again: takes back its count, counts a failure of the
 * environment, and leaves an event that says so after the first one. why, errors: as before. */
bool sanitize_note_not_taken(Sanitizer *sanitizer, const SanitizeEnvelope *envelope, const SanitizeResult *result,
                             const char *why, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For one that only the environment kept from sanitize_message: it is counted, with no event, since it has no id. */
void sanitize_count_environment(Sanitizer *sanitizer);

/* One body that is no mail, as `mugai text` reads it. */
typedef enum {
	SANITIZE_TEXT_DETECT = 0,
	SANITIZE_TEXT_PLAIN,
	SANITIZE_TEXT_HTML,
	SANITIZE_TEXT_TABBED = 5, /* plain, with columns that TABs part: U+2409 stands for each */
} SanitizeTextKind;

enum { SANITIZE_TEXT_WIDTH_MIN = 20, SANITIZE_TEXT_WIDTH_MAX = 1000 };

typedef struct {
	SanitizeTextKind kind;
	const char *charset; /* a label, "" = find out */
	unsigned width;      /* columns at which lines are wrapped, SANITIZE_TEXT_WIDTH_MIN to _MAX; 0 = not */
	PolicyDefang defang;
} SanitizeTextOptions;

/* The body in a jail, as text: UTF-8, LF line ends, cleaned. Errors as sanitize_message, SANITIZE_ERROR_CHARSET and
 * SANITIZE_ERROR_NOT_TEXT. An Original is used up. Any thread. */
char *sanitize_text(Supervisor *supervisor, Conf *conf, Original *body, const SanitizeTextOptions *options,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One document that is no mail, as `mugai render` draws it. options: without clean. name: of the file, chooses between ways to read a
 * text. A result whatever the content is. Errors as sanitize_text. An Original is used up. Any thread. */
RenderResult *sanitize_render(Supervisor *supervisor, Conf *conf, Original *document, const RenderOptions *options,
                              const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Messages whose content broke its parser, and that are remembered. */
typedef struct {
	uint32_t count;
	uint32_t final; /* of them, those that arrive as a notice alone from now on */
	int64_t oldest; /* its first failure, seconds since 1970; 0: none */
} SanitizeFailures;
void sanitize_failures(const char *state_directory, SanitizeFailures *ret_failures);

/* ---- alarms: what Postfix could not deliver ---------------------------------------------- */

enum { SANITIZE_BOUNCE_HEAD = 64 * 1024, SANITIZE_ALARMS_KEPT = 5 };

/* A message that Postfix made about a mail which expired or was refused. Borrowed. */
typedef struct {
	const char *queue; /* which Postfix: the administrator's word */
	const void *head;  /* its first bytes, at most SANITIZE_BOUNCE_HEAD: hostile, read in a jail alone */
	size_t head_length;
	uint64_t length;   /* of the whole */
	const char *sha256; /* of the whole, hex */
} SanitizeBounce;

/* A mail loop ended: one more in that count. Its audit event stands already. id: of the message. */
bool sanitize_alarm_loop(Conf *conf, const char *queue_id, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Records it: one audit event, and the count that sanitize_alarms shows. What cannot be read is recorded without what it
 * claims. False, with the environment's or the audit's error: not recorded. */
bool sanitize_alarm(Supervisor *supervisor, Conf *conf, const SanitizeBounce *bounce,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* All but the first two are claims; "-" where there is none. */
typedef struct {
	int64_t when; /* seconds since 1970 */
	char queue[33];
	char queue_id[33];
	char status[17]; /* "5.2.2" */
	char id[33];     /* of the mail, as in logs and audit */
} SanitizeAlarm;

typedef struct {
	uint64_t count; /* ever */
	unsigned n;
	SanitizeAlarm last[SANITIZE_ALARMS_KEPT]; /* the newest first */
} SanitizeAlarms;

/* Of a missing or damaged file: none. */
void sanitize_alarms(const char *state_directory, SanitizeAlarms *ret_alarms);

/* The whole clean message, CRLF or LF. */
GBytes *sanitize_result_bytes(const SanitizeResult *result, bool crlf);

/* Counters of this process for status. */
typedef struct {
	uint64_t delivered, notice_only, held, refused, discarded;
	uint64_t failed_content, failed_environment;
	uint32_t in_work, waiting;
	uint32_t slow, slow_waiting; /* of these, with the messages that take long */
	uint64_t turned_away;        /* told to come again since too many were there; also in failed_environment */
	uint64_t slowed;             /* messages that took long */
	uint32_t documents, documents_waiting; /* that are drawn now, that wait for it */
	uint64_t documents_drawn;    /* ever */
	uint64_t documents_shared;   /* asked for when they were drawn, or in work, already */
} SanitizeStatus;
void sanitizer_status(Sanitizer *sanitizer, SanitizeStatus *ret_status);

G_END_DECLS

#endif
