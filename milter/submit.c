/* submit: see submit_priv.h. One command, one answer; no pipelining, no extension: Postfix is on the same machine. */
#include "submit_priv.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BYE_S = 2,
	LINE_MAX_BYTES = 512,  /* of a reply, RFC 5321 4.5.3.1.5 */
	LINES_MAX = 64,        /* of one reply */
	OUT_BYTES = 32 * 1024, /* what is written at once */
	SLICE_MS = 1000,
};

typedef struct {
	int fd;
	int64_t deadline; /* monotonic, microseconds */
	ProgressFunc progress;
	void *progress_user;
	char in[LINE_MAX_BYTES + 1];
	size_t in_length;
	char line[LINE_MAX_BYTES + 1]; /* the last one of the last reply */
} Link;

static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool fail(GError **error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "submission: %s", why);
	return false;
}

/* ---- bytes ------------------------------------------------------------------------------------------- */

/* False: the time is over, or whoever waits for us gave up. Looked at before each wait: a Postfix that takes almost a second
 * for each of many recipients never lets one run out. */
static bool wait_for(const Link *link, short events, GError **error)
{
	for (;;) {
		struct pollfd ready = { .fd = link->fd, .events = events };
		if (g_get_monotonic_time() > link->deadline)
			return fail(error, "Postfix did not answer in time");
		if (link->progress != NULL && !link->progress(link->progress_user))
			return fail(error, "given up");
		int n = poll(&ready, 1, SLICE_MS);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return fail(error, "%s", g_strerror(errno));
	}
}

static bool send_bytes(const Link *link, const char *bytes, size_t length, GError **error)
{
	while (length > 0) {
		ssize_t n = send(link->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			bytes += n;
			length -= (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return fail(error, "%s", g_strerror(errno));
		if (!wait_for(link, POLLOUT, error))
			return false;
	}
	return true;
}

static bool receive_more(Link *link, GError **error)
{
	if (!wait_for(link, POLLIN, error))
		return false;
	ssize_t n = recv(link->fd, link->in + link->in_length, LINE_MAX_BYTES - link->in_length, MSG_DONTWAIT);
	if (n == 0)
		return fail(error, "Postfix closed the connection");
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? true : fail(error, "%s", g_strerror(errno));
	link->in_length += (size_t)n;
	return true;
}

/* The next line into link->line, without its end; what is not printable ASCII becomes "?", since it goes into the log. */
static bool receive_line(Link *link, GError **error)
{
	const char *end;
	while ((end = memchr(link->in, '\n', link->in_length)) == NULL) {
		if (link->in_length == LINE_MAX_BYTES)
			return fail(error, "Postfix answered with a line that is too long");
		if (!receive_more(link, error))
			return false;
	}
	size_t length = (size_t)(end - link->in);
	size_t shown = length > 0 && end[-1] == '\r' ? length - 1 : length;
	for (size_t i = 0; i < shown; i++)
		link->line[i] = g_ascii_isprint(link->in[i]) ? link->in[i] : '?';
	link->line[shown] = '\0';
	link->in_length -= length + 1;
	memmove(link->in, end + 1, link->in_length);
	return true;
}

/* ---- commands ------------------------------------------------------------------------------------------ */

static bool is_reply(const char *line)
{
	return g_ascii_isdigit(line[0]) && g_ascii_isdigit(line[1]) && g_ascii_isdigit(line[2]) &&
	       (line[3] == '-' || line[3] == ' ' || line[3] == '\0');
}

/* first: the digit that the reply must begin with. */
static bool expect_reply(Link *link, char first, const char *step, GError **error)
{
	for (unsigned lines = 0; lines < LINES_MAX; lines++) {
		if (!receive_line(link, error))
			return false;
		if (!is_reply(link->line))
			return fail(error, "%s: no SMTP reply: %s", step, link->line);
		if (link->line[3] == '-')
			continue;
		return link->line[0] == first ? true : fail(error, "%s: %s", step, link->line);
	}
	return fail(error, "%s: a reply without an end", step);
}

static bool command(Link *link, char first, const char *text, const char *step, GError **error)
{
	g_autofree char *line = g_strconcat(text, "\r\n", NULL);
	return send_bytes(link, line, strlen(line), error) && expect_reply(link, first, step, error);
}

/* An address came by SMTP, so it holds no line end; one that does would add a command of the sender's. */
static bool command_path(Link *link, const char *verb, const char *address, GError **error)
{
	for (const char *p = address; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p))
			return fail(error, "%s: an address with a control character", verb);
	g_autofree char *text = g_strdup_printf("%s:<%s>", verb, address);
	return command(link, '2', text, verb, error);
}

static bool envelope(Link *link, const Submission *submission, GError **error)
{
	if (!expect_reply(link, '2', "greeting", error) || !command(link, '2', "HELO mugai", "HELO", error) ||
	    !command_path(link, "MAIL FROM", submission->sender, error))
		return false;
	for (const char *const *recipient = submission->recipients; *recipient != NULL; recipient++)
		if (!command_path(link, "RCPT TO", *recipient, error))
			return false;
	return command(link, '3', "DATA", "DATA", error);
}

/* ---- data ------------------------------------------------------------------------------------------------ */

/* RFC 5321 4.5.2: a line that begins with a dot gets another one; else a lone one would end the message, and what
 * follows it would be commands. LF alone becomes CR LF. Lines may come in pieces. */
typedef struct {
	Link *link;
	GString *out;
	bool line_begins;
} Data;

static bool data_flush(Data *data, GError **error)
{
	bool sent = send_bytes(data->link, data->out->str, data->out->len, error);
	g_string_truncate(data->out, 0);
	return sent;
}

static bool data_bytes(Data *data, const char *bytes, size_t length, GError **error)
{
	for (const char *end = bytes + length; bytes < end;) {
		const char *lf = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t run = (size_t)((lf != NULL ? lf : end) - bytes);
		if (data->line_begins && *bytes == '.')
			g_string_append_c(data->out, '.');
		g_string_append_len(data->out, bytes, (gssize)run);
		data->line_begins = lf != NULL;
		bytes += run;
		if (lf != NULL) {
			bool crlf = run > 0 && bytes[-1] == '\r';
			g_string_append(data->out, crlf ? "\n" : "\r\n");
			bytes++;
		}
		if (data->out->len >= OUT_BYTES && !data_flush(data, error))
			return false;
	}
	return true;
}

static bool send_data(Link *link, const Submission *submission, GError **error)
{
	g_autoptr(GString) out = g_string_sized_new(2 * OUT_BYTES);
	Data data = { .link = link, .out = out, .line_begins = true };
	gsize length = 0;
	const char *body = g_bytes_get_data(submission->body, &length);
	for (guint i = 0; i < submission->headers->len; i++) {
		const SanitizeHeader *header = g_ptr_array_index(submission->headers, i);
		g_autofree char *field = g_strdup_printf("%s: %s\n", header->name, header->value);
		if (!data_bytes(&data, field, strlen(field), error))
			return false;
	}
	return data_bytes(&data, "\n", 1, error) && data_bytes(&data, body, length, error) &&
	       (data.line_begins || data_bytes(&data, "\n", 1, error)) && data_flush(&data, error) &&
	       command(link, '2', ".", "end of data", error);
}

/* "250 2.0.0 Ok: queued as 4A1B2C": the word behind "as ". */
static void keep_queue_id(const char *line, char *ret_queue_id)
{
	const char *as = strstr(line, "queued as ");
	size_t length = 0;
	for (const char *p = as != NULL ? as + strlen("queued as ") : ""; g_ascii_isalnum(*p); p++)
		if (length < SUBMIT_QUEUE_ID_MAX)
			ret_queue_id[length++] = *p;
	ret_queue_id[length] = '\0';
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

int submit_reachable(const char *socket)
{
	return access(socket, W_OK) == 0 ? 0 : errno;
}

static bool connect_to(Link *link, const char *path, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
		return fail(error, "%s: the path is too long", path);
	if (connect(link->fd, (const struct sockaddr *)&address, sizeof address) != 0)
		return fail(error, "%s: %s", path, g_strerror(errno));
	return true;
}

bool submit_message(const Submission *submission, ProgressFunc progress, void *progress_user,
                    char ret_queue_id[SUBMIT_QUEUE_ID_MAX + 1], GError **error)
{
	Link link = {
		/* Not to wait for a Postfix that does not accept. */
		.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
		.deadline = submission->deadline,
		.progress = progress,
		.progress_user = progress_user,
	};
	if (link.fd < 0)
		return fail(error, "%s", g_strerror(errno));
	bool taken = connect_to(&link, submission->socket, error) && envelope(&link, submission, error) &&
	             send_data(&link, submission, error);
	if (taken) {
		keep_queue_id(link.line, ret_queue_id);
		/* It has the message: whether it hears a good-bye changes nothing, and nobody may give up any more. */
		link.progress = NULL;
		link.deadline = g_get_monotonic_time() + BYE_S * G_TIME_SPAN_SECOND;
		(void)!command(&link, '2', "QUIT", "QUIT", NULL);
	}
	close(link.fd);
	return taken;
}
