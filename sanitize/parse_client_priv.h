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
	uint32_t wall_ms; /* what is left of the message's time */
	ProgressFunc progress;
	void *progress_user;
} ParseContext;

/* CELL_ERROR or PLAIN_ERROR on failure; cell_error_blames_content() tells whose fault. */
ParseResult *parse_run(const ParseContext *context, Sealed *original, ParseRequest request,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
