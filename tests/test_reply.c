/* reply: which calls of libmilter a result becomes. libmilter is played by this file: it keeps a message as
 * Postfix does, and fails at the call that a test names. */
#include "reply_priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
	GPtrArray *names; /* of char *: the fields of the message as Postfix has it */
	GPtrArray *values;
	GString *body;
	char *code, *extended, *text;
	unsigned calls;
	unsigned fail_at; /* 0: never */
	char *queue_id;
} Postfix;

static Postfix postfix;

static bool fails(void)
{
	return ++postfix.calls == postfix.fail_at;
}

int smfi_chgheader(SMFICTX *ctx, char *name, int index, char *value)
{
	(void)ctx;
	g_assert_null(value);
	if (fails())
		return MI_FAILURE;
	for (guint i = 0; i < postfix.names->len; i++) {
		if (g_ascii_strcasecmp(g_ptr_array_index(postfix.names, i), name) != 0 || --index > 0)
			continue;
		g_ptr_array_remove_index(postfix.names, i);
		g_ptr_array_remove_index(postfix.values, i);
		return MI_SUCCESS;
	}
	g_assert_not_reached();
}

int smfi_addheader(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	if (fails())
		return MI_FAILURE;
	g_ptr_array_add(postfix.names, g_strdup(name));
	g_ptr_array_add(postfix.values, g_strdup(value));
	return MI_SUCCESS;
}

int smfi_replacebody(SMFICTX *ctx, unsigned char *bytes, int length)
{
	(void)ctx;
	if (fails())
		return MI_FAILURE;
	g_assert_nonnull(bytes);
	g_string_truncate(postfix.body, 0);
	g_string_append_len(postfix.body, (const char *)bytes, length);
	return MI_SUCCESS;
}

int smfi_setreply(SMFICTX *ctx, char *code, char *extended, char *text)
{
	(void)ctx;
	g_assert_null(postfix.code);
	postfix.code = g_strdup(code);
	postfix.extended = g_strdup(extended);
	postfix.text = g_strdup(text);
	return MI_SUCCESS;
}

int smfi_progress(SMFICTX *ctx)
{
	(void)ctx;
	return MI_SUCCESS;
}

char *smfi_getsymval(SMFICTX *ctx, char *name)
{
	(void)ctx;
	return strcmp(name, "i") == 0 ? postfix.queue_id : NULL;
}

/* ---- a message under way ------------------------------------------------------------------------------ */

typedef struct {
	SessionHost host;
	Session *session;
} Fixture;

static const char *const fields[] = { "Received", "From", "received",  "Subject",
	                              "RECEIVED", "To",   "X-Mugai-Id" };

static void set_up(Fixture *f, const char *topology, unsigned fail_at)
{
	postfix = (Postfix) { .names = g_ptr_array_new_with_free_func(g_free),
		              .values = g_ptr_array_new_with_free_func(g_free),
		              .body = g_string_new("the original"),
		              .fail_at = fail_at };
	g_autofree char *settings = g_strdup_printf("topology: %s\n", topology);
	g_autoptr(Conf) conf = conf_parse("test", settings, strlen(settings), NULL);
	session_host_init(&f->host, conf, NULL);
	f->session = session_new(&f->host);
	session_begin(f->session, "a@b");
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		session_header(f->session, fields[i], " original");
		g_ptr_array_add(postfix.names, g_strdup(fields[i]));
		g_ptr_array_add(postfix.values, g_strdup(" original"));
	}
}

static void tear_down(Fixture *f)
{
	session_free(f->session);
	session_host_clear(&f->host);
	g_ptr_array_unref(postfix.names);
	g_ptr_array_unref(postfix.values);
	g_string_free(postfix.body, TRUE);
	g_free(postfix.code);
	g_free(postfix.extended);
	g_free(postfix.text);
}

static SanitizeHeader clean_fields[] = { { "From", "x@y" }, { "Subject", "one\n two" }, { "To", "z@y" } };

static void make_clean(SanitizeResult *result, const char *body)
{
	static char id[] = "0123456789abcdef0123456789abcdef";
	*result = (SanitizeResult) { .outcome = SANITIZE_CLEAN, .id = id, .headers = g_ptr_array_new() };
	for (size_t i = 0; i < G_N_ELEMENTS(clean_fields); i++)
		g_ptr_array_add(result->headers, &clean_fields[i]);
	result->body = g_bytes_new(body, strlen(body));
}

static void drop_clean(SanitizeResult *result)
{
	g_ptr_array_unref(result->headers);
	g_bytes_unref(result->body);
}

/* Nothing of the original is left, and ours stands in order. */
static void test_clean(void)
{
	static const char *const bodies[] = { "clean\r\n", "" };
	for (size_t b = 0; b < G_N_ELEMENTS(bodies); b++) {
		Fixture f;
		SanitizeResult result;
		set_up(&f, "behind-edge", 0);
		make_clean(&result, bodies[b]);
		g_assert_cmpint(reply_result(NULL, f.session, &result), ==, SMFIS_ACCEPT);
		g_assert_cmpuint(postfix.names->len, ==, G_N_ELEMENTS(clean_fields));
		for (guint i = 0; i < postfix.names->len; i++) {
			const char *value = g_ptr_array_index(postfix.values, i);
			g_assert_cmpstr(g_ptr_array_index(postfix.names, i), ==, clean_fields[i].name);
			g_assert_cmpint(value[0], ==, ' ');
			g_assert_cmpstr(value + 1, ==, clean_fields[i].value);
		}
		g_assert_cmpstr(postfix.body->str, ==, bodies[b]);
		g_assert_null(postfix.code);
		drop_clean(&result);
		tear_down(&f);
	}
}

/* Whichever call fails, Postfix is told to drop what was done. */
static void test_each_call_fails(void)
{
	unsigned all = G_N_ELEMENTS(fields) + G_N_ELEMENTS(clean_fields) + 1;
	for (unsigned n = 1; n <= all; n++) {
		Fixture f;
		SanitizeResult result;
		set_up(&f, "behind-edge", n);
		make_clean(&result, "clean\r\n");
		g_assert_cmpint(reply_result(NULL, f.session, &result), ==, SMFIS_TEMPFAIL);
		g_assert_cmpuint(postfix.calls, ==, n);
		g_assert_cmpstr(postfix.code, ==, "451");
		drop_clean(&result);
		tear_down(&f);
	}
}

/* A clean message without its parts is no clean message. */
static void test_incomplete(void)
{
	for (int missing = 0; missing < 3; missing++) {
		Fixture f;
		SanitizeResult result;
		set_up(&f, "behind-edge", 0);
		make_clean(&result, "clean\r\n");
		SanitizeResult broken = result;
		g_autoptr(GPtrArray) none = g_ptr_array_new();
		if (missing == 0)
			broken.headers = NULL;
		else if (missing == 1)
			broken.headers = none;
		else
			broken.body = NULL;
		g_assert_cmpint(reply_result(NULL, f.session, &broken), ==, SMFIS_TEMPFAIL);
		g_assert_cmpuint(postfix.calls, ==, 0);
		drop_clean(&result);
		tear_down(&f);
	}
}

static const struct {
	SanitizeOutcome outcome;
	const char *topology;
	sfsistat status;
	const char *code, *extended;
} outcomes[] = {
	{ SANITIZE_REFUSE, "one-hop", SMFIS_REJECT, "550", "5.7.1" },
	{ SANITIZE_REFUSE, "behind-edge", SMFIS_TEMPFAIL, "451", "4.3.0" },
	{ SANITIZE_DISCARD, "one-hop", SMFIS_REJECT, "554", "5.4.6" },
	{ SANITIZE_DISCARD, "behind-edge", SMFIS_DISCARD, NULL, NULL },
	{ (SanitizeOutcome)77, "one-hop", SMFIS_TEMPFAIL, "451", "4.3.0" },
	{ (SanitizeOutcome)77, "behind-edge", SMFIS_TEMPFAIL, "451", "4.3.0" },
};

static const struct {
	SanitizeCause cause;
	const char *code, *extended, *word;
} refusals[] = {
	{ SANITIZE_CAUSE_POLICY, "550", "5.7.1", "policy" },
	{ SANITIZE_CAUSE_UNREADABLE, "550", "5.6.0", "safe" },
	{ SANITIZE_CAUSE_SIZE, "552", "5.3.4", "large" },
	{ SANITIZE_CAUSE_NO_MAIL, "550", "5.6.0", "form of a mail" },
};

/* Of a message with too many fields not all are known: it is neither replaced nor dropped before Postfix has the clean one. */
static void test_submission(void)
{
	for (int submitted = 0; submitted <= 1; submitted++) {
		Fixture f;
		SanitizeResult result;
		set_up(&f, "behind-edge", 0);
		make_clean(&result, "clean");
		f.session->submit = true;
		f.session->submitted = submitted != 0;
		g_assert_cmpint(reply_result(NULL, f.session, &result), ==, submitted ? SMFIS_DISCARD : SMFIS_TEMPFAIL);
		g_assert_cmpuint(postfix.calls, ==, 0);
		drop_clean(&result);
		tear_down(&f);
	}
}

/* In one hop the sender learns what it was: not a policy, where no rule refused it. */
static void test_refusals(void)
{
	static char id[] = "0123456789abcdef0123456789abcdef";
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
		Fixture f;
		const SanitizeResult result = { .outcome = SANITIZE_REFUSE,
			                        .cause = refusals[i].cause,
			                        .id = id };
		set_up(&f, "one-hop", 0);
		g_assert_cmpint(reply_result(NULL, f.session, &result), ==, SMFIS_REJECT);
		g_assert_cmpstr(postfix.code, ==, refusals[i].code);
		g_assert_cmpstr(postfix.extended, ==, refusals[i].extended);
		g_assert_nonnull(strstr(postfix.text, refusals[i].word));
		tear_down(&f);
	}
}

static void test_outcomes(void)
{
	static char id[] = "0123456789abcdef0123456789abcdef";
	for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		Fixture f;
		const SanitizeResult result = { .outcome = outcomes[i].outcome, .id = id };
		set_up(&f, outcomes[i].topology, 0);
		g_assert_cmpint(reply_result(NULL, f.session, &result), ==, outcomes[i].status);
		g_assert_cmpstr(postfix.code, ==, outcomes[i].code);
		g_assert_cmpstr(postfix.extended, ==, outcomes[i].extended);
		g_assert_true(postfix.text == NULL || strstr(postfix.text, id) != NULL);
		g_assert_cmpuint(postfix.calls, ==, 0);
		tear_down(&f);
	}
}

/* Every error is a 4xx, and its text is never the error's own, which could quote the mail. */
static void test_errors(void)
{
	for (int code = 0; code < 12; code++) {
		const GQuark domains[] = { SANITIZE_ERROR, SESSION_ERROR, CELL_ERROR };
		for (size_t d = 0; d < G_N_ELEMENTS(domains); d++) {
			Fixture f;
			g_autoptr(GError) error = g_error_new_literal(domains[d], code, "SECRET\r\n250 ok");
			set_up(&f, "one-hop", 0);
			g_assert_cmpint(reply_error(NULL, error, "4XyZ"), ==, SMFIS_TEMPFAIL);
			g_assert_cmpstr(postfix.code, ==, "451");
			g_assert_cmpint(postfix.extended[0], ==, '4');
			g_assert_null(strstr(postfix.text, "SECRET"));
			g_assert_null(strpbrk(postfix.text, "\r\n%"));
			tear_down(&f);
		}
	}
}

static void test_stopping(void)
{
	Fixture f;
	set_up(&f, "behind-edge", 0);
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(StatusBoard) board = status_board_new(f.host.conf, policy, &f.host);
	session_host_close(&f.host);
	g_assert_cmpint(reply_message(NULL, f.session, board), ==, SMFIS_TEMPFAIL);
	g_assert_cmpstr(postfix.extended, ==, "4.3.2");
	tear_down(&f);
}

static const struct {
	char given[64];
	const char *said;
} queue_ids[] = {
	{ "4XyZ12abc", "(4XyZ12abc)" },
	{ "4X\r\n250 ok\x1b[31m", "(4X250ok31m)" },
	{ "%s%n)\xe2\x80\xae", "(sn)" },
	{ "0123456789012345678901234567890123456789", "(01234567890123456789012345678901)" },
	{ "-- //", "later" },
};

/* Of the macro only what a queue id has reaches a reply or a log line. */
static void test_queue_id(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(queue_ids); i++) {
		Fixture f;
		char macro[64];
		set_up(&f, "behind-edge", 0);
		g_strlcpy(macro, queue_ids[i].given, sizeof macro);
		postfix.queue_id = macro;
		g_autoptr(Policy) policy = policy_builtin();
		g_autoptr(StatusBoard) board = status_board_new(f.host.conf, policy, &f.host);
		session_host_close(&f.host);
		g_assert_cmpint(reply_message(NULL, f.session, board), ==, SMFIS_TEMPFAIL);
		g_assert_true(g_str_has_suffix(postfix.text, queue_ids[i].said));
		tear_down(&f);
	}
}

/* A socket that was removed, or replaced by another's, is not well. */
static void test_reachable(void)
{
	Fixture f;
	set_up(&f, "behind-edge", 0);
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("test-reply-XXXXXX", &error);
	g_assert_no_error(error);
	g_autofree char *path = g_build_filename(directory, "socket", NULL);
	g_autofree char *away = g_build_filename(directory, "away", NULL);
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(StatusBoard) board = status_board_new(f.host.conf, policy, &f.host);
	g_assert_true(status_board_reachable(board));
	g_assert_false(status_board_watch(board, path));
	g_assert_true(g_file_set_contents(path, "", 0, NULL));
	g_assert_true(status_board_watch(board, path));
	g_assert_true(status_board_reachable(board));
	g_assert_cmpint(rename(path, away), ==, 0);
	g_assert_false(status_board_reachable(board));
	g_assert_true(g_file_set_contents(path, "", 0, NULL));
	g_assert_false(status_board_reachable(board));
	g_autofree char *json = status_json(board, NULL, NULL);
	g_assert_nonnull(strstr(json, "\"reachable\":false"));
	g_assert_cmpint(rename(away, path), ==, 0);
	g_assert_true(status_board_reachable(board));
	unlink(path);
	rmdir(directory);
	tear_down(&f);
}

/* The status object holds only the last errors, whatever bytes they have. */
static void test_status(void)
{
	Fixture f;
	set_up(&f, "behind-edge", 0);
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(StatusBoard) board = status_board_new(f.host.conf, policy, &f.host);
	for (int i = 0; i < 7; i++) {
		g_autofree char *text = g_strdup_printf("error-%d \"\\\n\x1b\xff", i);
		status_board_error(board, "4X", text);
	}
	status_board_reload(board, NULL, NULL, "no");
	g_autofree char *json = status_json(board, NULL, NULL);
	g_assert_null(strstr(json, "error-1"));
	g_assert_nonnull(strstr(json, "error-2 \\\"\\\\\\u000a\\u001b\xef\xbf\xbd"));
	g_assert_nonnull(strstr(json, "error-6"));
	g_assert_nonnull(strstr(json, "\"reload\":{\"count\":1"));
	g_assert_nonnull(strstr(json, "\"result\":\"refused\""));
	g_assert_nonnull(strstr(json, "\"topology\":\"behind-edge\""));
	g_autofree char *held = g_strdup_printf("\"originals_held\":%" G_GUINT64_FORMAT,
	                                        original_length(f.session->original));
	g_assert_nonnull(strstr(json, held));
	g_assert_nonnull(strstr(json, "\"well\":false,\"reasons\":[\"supervisor\""));
	g_assert_true(strchr(json, '\n') == json + strlen(json) - 1);
	tear_down(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/reply/clean", test_clean);
	g_test_add_func("/reply/each-call-fails", test_each_call_fails);
	g_test_add_func("/reply/incomplete", test_incomplete);
	g_test_add_func("/reply/outcomes", test_outcomes);
	g_test_add_func("/reply/refusals", test_refusals);
	g_test_add_func("/reply/submission", test_submission);
	g_test_add_func("/reply/errors", test_errors);
	g_test_add_func("/reply/stopping", test_stopping);
	g_test_add_func("/reply/queue-id", test_queue_id);
	g_test_add_func("/reply/reachable", test_reachable);
	g_test_add_func("/reply/status", test_status);
	return g_test_run();
}
