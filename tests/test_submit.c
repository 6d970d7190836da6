/* submit: what is said to Postfix, and what becomes of its answers. Postfix is played by a thread on a socket of our own. */
#include "submit_priv.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The server's answers in order: the greeting, then one for each command. NULL: it closes the connection. */
typedef struct {
	const char *name;
	const char *answers[9];
	const char *error; /* NULL: taken */
	const char *queue_id;
} Case;

static const Case cases[] = {
	{ "taken",
	  { "220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n",
	    "250 2.0.0 Ok: queued as 4A1B2C\r\n", "221 bye\r\n" },
	  NULL, "4A1B2C" },
	{ "answers of several lines, and LF alone",
	  { "220-x\r\n220 y\n", "250-x\r\n250-y\r\n250 z\r\n", "250 ok\r\n", "250 ok\r\n", "250\r\n", "354 go\r\n", "250 ok\r\n" },
	  NULL, "" },
	{ "an id that imitates a log line",
	  { "220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 queued as A;B\r\n" },
	  NULL, "A" },
	{ "busy", { "421 4.3.2 busy\r\n" }, "submission: greeting: 421 4.3.2 busy", "" },
	{ "sender refused", { "220 x\r\n", "250 x\r\n", "550 no\r\n" }, "submission: MAIL FROM: 550 no", "" },
	{ "second recipient refused",
	  { "220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "450 later\r\n" },
	  "submission: RCPT TO: 450 later", "" },
	{ "disk full at the end",
	  { "220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "452 full\x1b[2J\r\n" },
	  "submission: end of data: 452 full?[2J", "" },
	{ "closed at the end",
	  { "220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", NULL },
	  "submission: Postfix closed the connection", "" },
	{ "no SMTP", { "HTTP/1.1 200 OK\r\n" }, "submission: greeting: no SMTP reply: HTTP/1.1 200 OK", "" },
};

static const char wanted[] = "HELO mugai\r\n"
                             "MAIL FROM:<a@b.example>\r\n"
                             "RCPT TO:<x@y.example>\r\n"
                             "RCPT TO:<\"a>b\"@y.example>\r\n"
                             "DATA\r\n"
                             "Subject: one\r\n two\r\n"
                             "X-Dot: y\r\n"
                             "\r\n"
                             "..\r\n...dot\r\nlast\r\n"
                             ".\r\n"
                             "QUIT\r\n";

typedef struct {
	int listener;
	const Case *played;
	GString *heard;
} Server;

static bool ends(const GString *heard, const char *tail)
{
	size_t length = strlen(tail);
	return heard->len >= length && memcmp(heard->str + heard->len - length, tail, length) == 0;
}

/* One command, or all of the data. */
static bool hear(int fd, GString *heard, bool data)
{
	char c;
	do {
		if (read(fd, &c, 1) != 1)
			return false;
		g_string_append_c(heard, c);
	} while (!ends(heard, data ? "\r\n.\r\n" : "\r\n"));
	return true;
}

/* False: the client is gone already. */
static bool say(int fd, const char *answer)
{
	return send(fd, answer, strlen(answer), MSG_NOSIGNAL) == (ssize_t)strlen(answer);
}

static gpointer serve(gpointer user)
{
	Server *server = user;
	int fd = accept(server->listener, NULL, NULL);
	g_assert_cmpint(fd, >=, 0);
	for (const char *const *answer = server->played->answers; *answer != NULL; answer++) {
		if (!say(fd, *answer) || !hear(fd, server->heard, g_str_has_prefix(*answer, "354")))
			break;
	}
	close(fd);
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	g_assert_cmpint(bind(fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
	g_assert_cmpint(listen(fd, 1), ==, 0);
	return fd;
}

static const char *const recipients[] = { "x@y.example", "\"a>b\"@y.example", NULL };

typedef struct {
	unsigned patience_s;
	ProgressFunc progress;
	void *progress_user;
} Wait;

static const Wait patient = { .patience_s = 60 };

static bool submit_to(const char *path, const char *sender, const Wait *wait, char *queue_id, GError **error)
{
	static const SanitizeHeader subject = { "Subject", "one\n two" }, dot = { "X-Dot", "y" };
	g_autoptr(GPtrArray) headers = g_ptr_array_new();
	g_autoptr(GBytes) body = g_bytes_new_static(".\r\n..dot\nlast", 13);
	g_ptr_array_add(headers, (gpointer)(uintptr_t)&subject);
	g_ptr_array_add(headers, (gpointer)(uintptr_t)&dot);
	const Submission submission = { path, sender, recipients, headers, body,
		                        g_get_monotonic_time() + wait->patience_s * G_TIME_SPAN_SECOND };
	return submit_message(&submission, wait->progress, wait->progress_user, queue_id, error);
}

typedef struct {
	char *directory, *path;
} Place;

static Place place_make(void)
{
	char *directory = g_dir_make_tmp("submit-XXXXXX", NULL);
	g_assert_nonnull(directory);
	return (Place) { directory, g_build_filename(directory, "s", NULL) };
}

static void place_clear(Place *place)
{
	g_unlink(place->path);
	g_assert_cmpint(g_rmdir(place->directory), ==, 0);
	g_free(place->path);
	g_free(place->directory);
}

static void test_answers(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Place place = place_make();
		g_autoptr(GString) heard = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		Server server = { listen_at(place.path), &cases[i], heard };
		GThread *thread = g_thread_new("server", serve, &server);
		char queue_id[SUBMIT_QUEUE_ID_MAX + 1] = "";
		bool taken = submit_to(place.path, "a@b.example", &patient, queue_id, &error);
		g_thread_join(thread);
		close(server.listener);
		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(taken ? NULL : error->message, ==, cases[i].error);
		g_assert_cmpstr(queue_id, ==, cases[i].queue_id);
		if (taken)
			g_assert_cmpstr(heard->str, ==, wanted);
		else
			g_assert_true(g_error_matches(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT));
		place_clear(&place);
	}
}

static bool give_up(void *user)
{
	unsigned *calls = user;
	return (*calls)-- > 0;
}

/* Nobody answers: whoever waits may give up. */
static void test_silence(void)
{
	Place place = place_make();
	g_autoptr(GError) error = NULL;
	int listener = listen_at(place.path);
	char queue_id[SUBMIT_QUEUE_ID_MAX + 1];
	unsigned calls = 0;
	const Wait wait = { 60, give_up, &calls };
	g_assert_false(submit_to(place.path, "", &wait, queue_id, &error));
	g_assert_cmpstr(error->message, ==, "submission: given up");
	close(listener);
	place_clear(&place);
}

static const struct {
	unsigned patience_s, calls;
	const char *error, *heard;
} hurries[] = {
	{ 0, 99, "submission: Postfix did not answer in time", "" },
	{ 60, 2, "submission: given up", "HELO mugai\r\nMAIL FROM:<a@b.example>\r\n" },
};

/* A server that answers each command in less than the longest wait does not hide that the time is over in all. */
static void test_hurry(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(hurries); i++) {
		Place place = place_make();
		g_autoptr(GString) heard = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		Server server = { listen_at(place.path), &cases[0], heard };
		GThread *thread = g_thread_new("server", serve, &server);
		char queue_id[SUBMIT_QUEUE_ID_MAX + 1];
		unsigned calls = hurries[i].calls;
		const Wait wait = { hurries[i].patience_s, give_up, &calls };
		g_assert_false(submit_to(place.path, "a@b.example", &wait, queue_id, &error));
		g_thread_join(thread);
		close(server.listener);
		g_assert_cmpstr(error->message, ==, hurries[i].error);
		g_assert_cmpstr(heard->str, ==, hurries[i].heard);
		place_clear(&place);
	}
}

static void test_nobody(void)
{
	g_autoptr(GError) error = NULL;
	char queue_id[SUBMIT_QUEUE_ID_MAX + 1];
	g_assert_false(submit_to("/nonexistent/s", "", &patient, queue_id, &error));
	g_assert_cmpstr(error->message, ==, "submission: /nonexistent/s: No such file or directory");
}

/* A line end in an address would let the sender speak SMTP to san. */
static void test_address(void)
{
	Place place = place_make();
	g_autoptr(GString) heard = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	Server server = { listen_at(place.path), &cases[0], heard };
	GThread *thread = g_thread_new("server", serve, &server);
	char queue_id[SUBMIT_QUEUE_ID_MAX + 1];
	g_assert_false(submit_to(place.path, "a@b.example>\r\nRCPT TO:<z@z", &patient, queue_id, &error));
	g_thread_join(thread);
	close(server.listener);
	g_assert_cmpstr(error->message, ==, "submission: MAIL FROM: an address with a control character");
	g_assert_cmpstr(heard->str, ==, "HELO mugai\r\n");
	place_clear(&place);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/submit/answers", test_answers);
	g_test_add_func("/submit/silence", test_silence);
	g_test_add_func("/submit/hurry", test_hurry);
	g_test_add_func("/submit/nobody", test_nobody);
	g_test_add_func("/submit/address", test_address);
	return g_test_run();
}
