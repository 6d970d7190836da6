/* session: what a connection keeps of a message. No milter, no jail: the events are plain calls. */
#include "session_priv.h"

#include "original_priv.h"

#include <string.h>
#include <unistd.h>

typedef struct {
	SessionHost host;
	Session *session;
} Fixture;

static void set_up(Fixture *f, const char *settings)
{
	g_autoptr(Conf) conf = conf_parse("test", settings, strlen(settings), NULL);
	g_assert_nonnull(conf);
	session_host_init(&f->host, conf, NULL);
	f->session = session_new(&f->host);
}

static void tear_down(Fixture *f)
{
	session_free(f->session);
	session_host_clear(&f->host);
}

static const char SETTINGS[] = "topology: behind-edge\n";

static void assert_original(Fixture *f, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, expected, -1);
	g_autoptr(Sealed) sealed = original_seal(f->session->original, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(sealed_length(sealed), ==, strlen(expected));
	g_assert_cmpstr(original_hash(f->session->original), ==, hash);
}

typedef struct {
	const char *name;
	const char *fields[8]; /* name, value, name, value, ... */
	const char *body;
	const char *original;
} OriginalCase;

static const OriginalCase originals[] = {
	{ "plain",
	  { "From", " a@b", "Subject", " x" },
	  "text\r\n",
	  "From: a@b\r\nSubject: x\r\n\r\ntext\r\n" },
	{ "no blank", { "From", "a@b" }, "t", "From:a@b\r\n\r\nt" },
	{ "blanks kept", { "Subject", "\t two  " }, "", "Subject:\t two  \r\n\r\n" },
	{ "folded", { "To", " a,\n b,\n\tc" }, "", "To: a,\r\n b,\r\n\tc\r\n\r\n" },
	{ "folded with CRLF", { "To", " a,\r\n b" }, "", "To: a,\r\n b\r\n\r\n" },
	{ "lone CR kept", { "To", " a\r b" }, "", "To: a\r b\r\n\r\n" },
	{ "first value begins with LF", { "To", "\n a" }, "", "To:\r\n a\r\n\r\n" },
	{ "8 bit", { "Subject", " \x8d\x82" }, "\xff\r\n", "Subject: \x8d\x82\r\n\r\n\xff\r\n" },
	{ "empty value", { "X", "" }, "", "X:\r\n\r\n" },
	{ "no fields", { NULL }, "text\r\n", "\r\ntext\r\n" },
	{ "order", { "B", " 1", "A", " 2", "b", " 3" }, "", "B: 1\r\nA: 2\r\nb: 3\r\n\r\n" },
};

static void test_original(gconstpointer data)
{
	const OriginalCase *c = data;
	Fixture f;
	set_up(&f, SETTINGS);
	session_begin(f.session, "<a@b>");
	for (size_t i = 0; c->fields[i] != NULL; i += 2)
		session_header(f.session, c->fields[i], c->fields[i + 1]);
	session_end_of_headers(f.session);
	g_assert_cmpuint(original_headers(f.session->original), ==, strlen(c->original) - strlen(c->body));
	/* In two chunks, as a large body comes. */
	size_t half = strlen(c->body) / 2;
	session_body(f.session, c->body, half);
	session_body(f.session, c->body + half, strlen(c->body) - half);
	g_assert_null(f.session->trouble);
	assert_original(&f, c->original);
	tear_down(&f);
}

static const struct {
	const char *given, *kept;
} addresses[] = {
	{ "<a@b.example>", "a@b.example" },
	{ "a@b.example", "a@b.example" },
	{ "<>", "" },
	{ "", "" },
	{ "<", "<" },
	{ "<a", "<a" },
	{ "<\"a>b\"@c>", "\"a>b\"@c" },
};

static void test_envelope(void)
{
	Fixture f;
	set_up(&f, SETTINGS);
	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		session_begin(f.session, addresses[i].given);
		session_recipient(f.session, addresses[i].given);
		g_assert_cmpstr(f.session->sender, ==, addresses[i].kept);
		g_assert_cmpuint(f.session->recipients->len, ==, 1);
		g_assert_cmpstr(g_ptr_array_index(f.session->recipients, 0), ==, addresses[i].kept);
	}
	g_autofree char *endless = g_strnfill(100000, 'a');
	session_begin(f.session, endless);
	g_assert_cmpuint(strlen(f.session->sender), ==, SESSION_ADDRESS_MAX);
	tear_down(&f);
}

/* The one that is not kept would not be asked for its policy: nobody gets the message then. */
static void test_too_many_recipients(void)
{
	Fixture f;
	g_autoptr(GError) error = NULL;
	set_up(&f, SETTINGS);
	session_begin(f.session, "a@b");
	for (unsigned i = 0; i < SESSION_RECIPIENTS_MAX; i++)
		session_recipient(f.session, "a@b");
	g_assert_null(f.session->trouble);
	for (unsigned i = 0; i < 5; i++)
		session_recipient(f.session, "a@b");
	g_assert_cmpuint(f.session->recipients->len, ==, SESSION_RECIPIENTS_MAX);
	g_assert_cmpuint(f.session->n_recipients, ==, SESSION_RECIPIENTS_MAX + 5);
	g_assert_null(session_sanitize(f.session, NULL, NULL, NULL, &error));
	g_assert_error(error, SESSION_ERROR, SESSION_ERROR_RECIPIENTS);
	g_assert_true(session_must_note(error));
	tear_down(&f);
}

/* What all sessions hold is bounded: the one that would pass it fails as the environment does, its bytes are
 * free at once, and each way to end a message gives back what it held. */
static void test_held(void)
{
	enum { MOST = 64 * 1024, PIECE = 20 * 1024 };
	Fixture f;
	g_autoptr(GError) error = NULL;
	g_autofree char *piece = g_strnfill(PIECE, 'p');
	set_up(&f, "topology: behind-edge\nlimits: {message: 30KB, header_block: 2KB, header_field: 1KB}\n");
	f.host.hold_max = MOST;
	Session *all[4] = { f.session };
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		all[i] = i > 0 ? session_new(&f.host) : f.session;
		session_begin(all[i], "a@b");
		session_recipient(all[i], "c@d");
		session_body(all[i], piece, PIECE);
	}
	g_assert_cmpuint(session_host_held(&f.host), ==, 3 * PIECE);
	g_assert_null(session_sanitize(all[3], NULL, NULL, NULL, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
	g_assert_false(session_must_note(error));
	/* Over limits.message: not stored, so not held. */
	session_reset(all[2]);
	session_body(all[0], piece, PIECE);
	g_assert_true(original_is_cut(all[0]->original));
	g_assert_cmpuint(session_host_held(&f.host), ==, 2 * PIECE);
	session_begin(all[1], "again@b");
	g_assert_cmpuint(session_host_held(&f.host), ==, PIECE);
	for (size_t i = 1; i < G_N_ELEMENTS(all); i++)
		session_free(all[i]);
	session_reset(f.session);
	g_assert_cmpuint(session_host_held(&f.host), ==, 0);
	tear_down(&f);
}

/* However small work.memory is, one message of the largest size can come, alone. */
static void test_held_alone(void)
{
	enum { LARGEST = 30 * 1024 };
	Fixture f;
	g_autofree char *piece = g_strnfill(LARGEST, 'p');
	set_up(&f, "topology: behind-edge\nlimits: {message: 30KB, header_block: 2KB, header_field: 1KB}\n");
	f.host.hold_max = 1;
	session_begin(f.session, "a@b");
	session_body(f.session, piece, LARGEST);
	g_assert_null(f.session->trouble);
	g_autoptr(Session) second = session_new(&f.host);
	session_begin(second, "a@b");
	session_body(second, "x", 1);
	g_assert_error(second->trouble, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
	tear_down(&f);
}

static void test_hold_max(void)
{
	Fixture f;
	set_up(&f, "topology: behind-edge\nwork: {memory: 4GB}\n");
	g_assert_cmpuint(f.host.hold_max, ==, UINT64_C(2) << 30);
	tear_down(&f);
	set_up(&f, SETTINGS);
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	g_assert_cmpuint(f.host.hold_max, ==, memory / 4);
	tear_down(&f);
}

static unsigned count_of(const Session *session, const char *name)
{
	for (guint i = 0; i < session->fields->len; i++) {
		const SessionField *field = g_ptr_array_index(session->fields, i);
		if (strcmp(field->name, name) == 0)
			return field->count;
	}
	return 0;
}

/* One name in three spellings is one name to Postfix's index too. */
static void test_field_names(void)
{
	static const char *const names[] = {
		"Received", "From", "RECEIVED", "Subject", "received", "X-\xe3"
	};
	Fixture f;
	set_up(&f, SETTINGS);
	session_begin(f.session, "a@b");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		session_header(f.session, names[i], " v");
	g_assert_cmpuint(f.session->fields->len, ==, 4);
	g_assert_cmpuint(f.session->n_fields, ==, G_N_ELEMENTS(names));
	g_assert_cmpuint(count_of(f.session, "Received"), ==, 3);
	g_assert_cmpuint(count_of(f.session, "X-\xe3"), ==, 1);
	tear_down(&f);
}

/* A second MAIL on one connection must find nothing of the first message. */
static void test_reset(void)
{
	Fixture f;
	set_up(&f, SETTINGS);
	session_begin(f.session, "first@b");
	session_recipient(f.session, "r@b");
	session_header(f.session, "X-Secret", " 1");
	session_begin(f.session, "second@b");
	g_assert_cmpuint(f.session->fields->len, ==, 0);
	g_assert_cmpuint(f.session->n_fields, ==, 0);
	g_assert_cmpuint(f.session->recipients->len, ==, 0);
	g_assert_cmpstr(f.session->sender, ==, "second@b");
	session_end_of_headers(f.session);
	assert_original(&f, "\r\n");
	session_reset(f.session);
	g_assert_null(f.session->original);
	tear_down(&f);
}

static void test_too_many_fields(void)
{
	Fixture f;
	g_autoptr(GError) error = NULL;
	set_up(&f, SETTINGS);
	session_begin(f.session, "a@b");
	session_recipient(f.session, "c@d");
	for (unsigned i = 0; i < SESSION_FIELDS_MAX; i++)
		session_header(f.session, "X", "");
	g_assert_null(f.session->trouble);
	session_header(f.session, "X", "");
	session_header(f.session, "Y", "");
	g_assert_cmpuint(f.session->n_fields, ==, SESSION_FIELDS_MAX);
	g_assert_null(session_sanitize(f.session, NULL, NULL, NULL, &error));
	g_assert_error(error, SESSION_ERROR, SESSION_ERROR_FIELDS);
	g_assert_cmpstr(error->message, ==, "more than 4000 header fields");
	g_assert_true(session_must_note(error));
	tear_down(&f);
}

static void test_too_many_names(void)
{
	Fixture f;
	set_up(&f, SETTINGS);
	session_begin(f.session, "a@b");
	for (unsigned i = 0; i < SESSION_NAMES_BYTES_MAX / 59000 + 2; i++) {
		g_autofree char *filler = g_strnfill(59000, 'a');
		g_autofree char *name = g_strdup_printf("%s%u", filler, i);
		session_header(f.session, name, "");
	}
	g_assert_error(f.session->trouble, SESSION_ERROR, SESSION_ERROR_FIELDS);
	g_assert_nonnull(strstr(f.session->trouble->message, "names"));
	g_assert_nonnull(strstr(f.session->trouble->message, "8388608 bytes"));
	tear_down(&f);
}

/* What is over the limit is counted for deletion, and the end decides. */
static void test_over_the_limit(void)
{
	Fixture f;
	set_up(&f, "topology: behind-edge\nlimits: {message: 4KB, header_block: 2KB, header_field: 1KB}\n");
	session_begin(f.session, "a@b");
	g_autofree char *large = g_strnfill(3000, 'v');
	session_header(f.session, "A", large);
	session_header(f.session, "B", large);
	session_header(f.session, "C", " small");
	session_end_of_headers(f.session);
	session_body(f.session, large, 3000);
	g_assert_null(f.session->trouble);
	g_assert_cmpuint(f.session->n_fields, ==, 3);
	g_assert_true(original_is_cut(f.session->original));
	g_assert_cmpuint(f.session->held, <=, 4096);
	/* The hash and the length are those of all that came, and the header block is what is kept of it. */
	g_assert_cmpuint(original_headers(f.session->original), ==, strlen("A:\r\n") + 3000);
	g_autofree char *all = g_strdup_printf("A:%s\r\nB:%s\r\nC: small\r\n\r\n%s", large, large, large);
	g_assert_cmpuint(original_length(f.session->original), ==, strlen(all));
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
	g_autoptr(Sealed) sealed = original_seal(f.session->original, NULL);
	g_assert_cmpuint(sealed_length(sealed), <=, 4096);
	g_assert_cmpstr(original_hash(f.session->original), ==, hash);
	tear_down(&f);
}

static void test_without_message(void)
{
	Fixture f;
	g_autoptr(GError) error = NULL;
	set_up(&f, SETTINGS);
	session_header(f.session, "A", " b");
	session_body(f.session, "x", 1);
	g_assert_null(session_sanitize(f.session, NULL, NULL, NULL, &error));
	g_assert_error(error, SESSION_ERROR, SESSION_ERROR_ORDER);
	tear_down(&f);
}

/* A message keeps the settings it began with. */
static void test_new_settings(void)
{
	static const char hop[] = "topology: one-hop\n";
	Fixture f;
	set_up(&f, SETTINGS);
	session_begin(f.session, "a@b");
	g_autoptr(Conf) conf = conf_parse("test", hop, strlen(hop), NULL);
	session_host_set_conf(&f.host, conf);
	g_assert_cmpint(conf_settings(f.session->conf)->topology, ==, CONF_BEHIND_EDGE);
	session_begin(f.session, "a@b");
	g_assert_cmpint(conf_settings(f.session->conf)->topology, ==, CONF_ONE_HOP);
	tear_down(&f);
}

typedef struct {
	SessionHost *host;
	SessionWork work;
} Leaver;

static void *leave_later(void *data)
{
	Leaver *leaver = data;
	g_usleep(50000);
	session_host_leave(leaver->host, &leaver->work);
	return NULL;
}

static void test_oldest(void)
{
	Fixture f;
	SessionWork works[3];
	set_up(&f, SETTINGS);
	g_assert_cmpint(session_host_oldest_ms(&f.host), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(works); i++) {
		g_assert_true(session_host_enter(&f.host, &works[i]));
		works[i].since -= (int64_t)(3 - i) * 100 * G_TIME_SPAN_SECOND;
	}
	static const size_t leave[] = { 1, 0, 2 };
	static const int64_t oldest[] = { 300, 100, 0 };
	for (size_t i = 0; i < G_N_ELEMENTS(leave); i++) {
		session_host_leave(&f.host, &works[leave[i]]);
		g_assert_cmpint(session_host_oldest_ms(&f.host) / 1000, ==, oldest[i]);
	}
	tear_down(&f);
}

static void test_closing(void)
{
	Fixture f;
	set_up(&f, SETTINGS);
	g_assert_true(session_host_wait(&f.host, 0));
	Leaver leaver = { .host = &f.host };
	SessionWork late;
	g_assert_true(session_host_enter(&f.host, &leaver.work));
	session_host_close(&f.host);
	g_assert_false(session_host_enter(&f.host, &late));
	g_assert_false(session_host_wait(&f.host, 10));
	g_assert_false(session_host_cancelled(&f.host));
	session_host_cancel(&f.host);
	g_assert_true(session_host_cancelled(&f.host));
	GThread *thread = g_thread_new("leave", leave_later, &leaver);
	g_assert_true(session_host_wait(&f.host, 10000));
	g_thread_join(thread);
	tear_down(&f);
}

static void many_fields(Session *session, unsigned n)
{
	session_begin(session, "a@b");
	for (unsigned i = 0; i < n; i++)
		session_header(session, "X", " y");
}

static bool no_more(void *user)
{
	++*(unsigned *)user;
	return false;
}

/* Of the messages with very many fields one at a time is worked on; the others never wait for it. */
static void test_heavy(void)
{
	Fixture f;
	unsigned calls = 0;
	g_autoptr(GError) error = NULL;
	set_up(&f, SETTINGS);
	Session *second = session_new(&f.host), *small = session_new(&f.host);
	many_fields(f.session, SESSION_FIELDS_HEAVY + 1);
	many_fields(second, SESSION_FIELDS_HEAVY + 1);
	many_fields(small, SESSION_FIELDS_HEAVY);
	g_assert_true(session_heavy_enter(f.session, no_more, &calls, &error));
	g_assert_true(session_heavy_enter(small, no_more, &calls, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(calls, ==, 0);
	g_assert_false(session_heavy_enter(second, no_more, &calls, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
	g_assert_cmpuint(calls, ==, 1);
	/* Done with the message, but Postfix may be still at it: the turn ends with the next event. */
	session_reset(f.session);
	g_assert_false(session_heavy_enter(second, no_more, &calls, NULL));
	session_begin(f.session, "a@b");
	g_assert_true(session_heavy_enter(second, no_more, &calls, NULL));
	/* One that is closed. */
	session_free(second);
	many_fields(f.session, SESSION_FIELDS_HEAVY + 1);
	g_assert_true(session_heavy_enter(f.session, no_more, &calls, NULL));
	session_free(small);
	tear_down(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(originals); i++) {
		g_autofree char *path = g_strconcat("/session/original/", originals[i].name, NULL);
		g_test_add_data_func(path, &originals[i], test_original);
	}
	g_test_add_func("/session/envelope", test_envelope);
	g_test_add_func("/session/too-many-recipients", test_too_many_recipients);
	g_test_add_func("/session/held", test_held);
	g_test_add_func("/session/held-alone", test_held_alone);
	g_test_add_func("/session/hold-max", test_hold_max);
	g_test_add_func("/session/field-names", test_field_names);
	g_test_add_func("/session/reset", test_reset);
	g_test_add_func("/session/too-many-fields", test_too_many_fields);
	g_test_add_func("/session/too-many-names", test_too_many_names);
	g_test_add_func("/session/over-the-limit", test_over_the_limit);
	g_test_add_func("/session/without-message", test_without_message);
	g_test_add_func("/session/new-settings", test_new_settings);
	g_test_add_func("/session/oldest", test_oldest);
	g_test_add_func("/session/closing", test_closing);
	g_test_add_func("/session/heavy", test_heavy);
	return g_test_run();
}
