/* text: one body that is no mail, through the same jail as a mail's. */
#include "clean_text.h"
#include "original_priv.h"
#include "parse_client_priv.h"

#include <string.h>

enum { TEXT_MAXIMUM = 1 }; /* no child that waits for a second text */

const SupervisorKind *sanitize_text_kinds(const char *directory, unsigned *ret_count)
{
	static SupervisorKind kinds[1];
	static char *program;
	g_free(program);
	program = g_build_filename(directory, "mugai-text", NULL);
	kinds[0] = (SupervisorKind) {
		.name = "text", .executable = program, .spare = 1, .maximum = TEXT_MAXIMUM
	};
	*ret_count = G_N_ELEMENTS(kinds);
	return kinds;
}

static bool fail(GError **error, int code, const char *why)
{
	g_set_error(error, SANITIZE_ERROR, code, "%s", why);
	return false;
}

static ParseResult *run(Supervisor *supervisor, Conf *conf, Sealed *sealed,
                        const SanitizeTextOptions *options, GError **error)
{
	const ConfSettings *settings = conf_settings(conf);
	const ParseContext context = { .supervisor = supervisor,
		                       .settings = settings,
		                       .wall_ms = (uint32_t)settings->limits.total };
	g_autoptr(GError) cause = NULL;
	g_autoptr(Unread) body = unread_of_sealed(sealed);
	ParseResult *result = parse_run_text(&context, body, options, &cause);
	if (result == NULL)
		fail(error,
		     cell_error_blames_content(cause) ? SANITIZE_ERROR_CONTENT : SANITIZE_ERROR_ENVIRONMENT,
		     cause->message);
	return result;
}

char *sanitize_text(Supervisor *supervisor, Conf *conf, Original *body, const SanitizeTextOptions *options,
                    GError **error)
{
	if (!original_is_whole(body, error))
		return NULL;
	g_autoptr(Sealed) sealed = original_seal(body, error);
	if (sealed == NULL)
		return NULL;
	g_autoptr(ParseResult) result = run(supervisor, conf, sealed, options, error);
	if (result == NULL)
		return NULL;
	if (!result->is_mail) {
		fail(error, SANITIZE_ERROR_CHARSET, "no character set is called so");
		return NULL;
	}
	if (result->message->body_source == BODY_NONE) {
		fail(error, SANITIZE_ERROR_NOT_TEXT, "it is binary, not text");
		return NULL;
	}
	/* Cleaned in the jail, and again, since a jail may lie. */
	return clean_body_text(result->message->body, strlen(result->message->body), NULL);
}
