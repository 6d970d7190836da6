/* parse_client: the trusted half of the parser. Hands the sealed original to a jailed child, takes
 * plain records, builds the typed message. */
#ifndef MUGAI_SANITIZE_PARSE_CLIENT_PRIV_H
#define MUGAI_SANITIZE_PARSE_CLIENT_PRIV_H

#include "message_priv.h"
#include "parse_priv.h"
#include "sanitize.h"

typedef struct {
	Message *message;
	GPtrArray *unread; /* of Unread or NULL, one for each of message->parts: for other jails only */
	bool is_mail;      /* false: no header field before the first empty line */
	ChildUsage usage;
} ParseResult;

void parse_result_free(ParseResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ParseResult, parse_result_free)

typedef struct {
	Supervisor *supervisor;
	const ConfSettings *settings;
	const Policy *policy; /* whose header fields are wanted, and that says what is defanged; NULL = none */
	uint32_t wall_ms; /* what is left of the message's time */
	ProgressFunc progress;
	ProgressFunc slow; /* as in ChildRequest, after slow_cpu_ms; NULL: it is never slow */
	uint32_t slow_cpu_ms;
	void *progress_user;
	const char *text_kind; /* whose children read texts that are no mail; NULL: those of mugai-text */
} ParseContext;

/* The whole message. CELL_ERROR or PLAIN_ERROR on failure; cell_error_blames_content() tells whose fault. */
ParseResult *parse_run(const ParseContext *context, Sealed *original,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

enum {
	PARSE_HEADERS_BYTES = 64 * 1024, /* of a header block that is read alone, ... */
	PARSE_HEADERS_FIELDS = 200,
	PARSE_HEADERS_CPU_MS = 1000,     /* ... by a child of its own with tighter caps */
	PARSE_HEADERS_MEMORY = 128 << 20,
};

/* The header block alone, its first bytes: for a message whose content broke the parser. The result has
 * addresses, Subject, Date and the like, no text and no parts. Errors as parse_run. */
ParseResult *parse_run_headers(const ParseContext *context, Sealed *original, uint64_t bytes,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What this half makes of the records of one answer, END last, already checked as plain: what a run does, without a
 * jail. For fuzzers. */
ParseResult *parse_result_of_records(const GPtrArray *records, uint64_t text_max, const GPtrArray *wanted,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One body that is no mail (`mugai text`). is_mail of the result is false when the label is none that is known. */
ParseResult *parse_run_text(const ParseContext *context, const Unread *body, const SanitizeTextOptions *options,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
