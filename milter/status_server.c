/* status_server: see status_server_priv.h. */
#include "status_server_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WRITE_TIMEOUT_S = 2 }; /* a peer that does not read loses its answer, and nobody else waits */

struct StatusServer {
	int socket;
	int stop; /* eventfd */
	StatusBoard *board;
	Supervisor *supervisor;
	Sanitizer *sanitizer;
	GThread *thread;
	int reserve; /* a descriptor to give up when there is no other for a peer */
};

static void write_all(int peer, const char *bytes, size_t length)
{
	const struct timeval patience = { .tv_sec = WRITE_TIMEOUT_S };
	setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	int64_t until = g_get_monotonic_time() + WRITE_TIMEOUT_S * G_TIME_SPAN_SECOND;
	while (length > 0 && g_get_monotonic_time() < until) {
		ssize_t n = send(peer, bytes, length, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
}

static int open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* When all descriptors are used up is when somebody wants to know. */
static int accept_peer(StatusServer *server)
{
	int peer = accept4(server->socket, NULL, NULL, SOCK_CLOEXEC);
	if (peer >= 0 || errno != EMFILE || server->reserve < 0)
		return peer;
	close(server->reserve);
	server->reserve = -1;
	return accept4(server->socket, NULL, NULL, SOCK_CLOEXEC);
}

static void serve_one(StatusServer *server)
{
	int peer = accept_peer(server);
	if (peer < 0) {
		/* No descriptors left: the connection stays readable, so do not spin on it. */
		if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED)
			g_usleep(100 * 1000);
		return;
	}
	g_autofree char *json = status_json(server->board, server->supervisor, server->sanitizer);
	write_all(peer, json, strlen(json));
	close(peer);
	if (server->reserve < 0)
		server->reserve = open_reserve();
}

static void *server_main(void *data)
{
	StatusServer *server = data;
	struct pollfd polls[] = { { .fd = server->stop, .events = POLLIN },
		                  { .fd = server->socket, .events = POLLIN } };
	for (;;) {
		if (poll(polls, G_N_ELEMENTS(polls), -1) < 0 && errno != EINTR)
			return NULL;
		if (polls[0].revents != 0)
			return NULL;
		if (polls[1].revents != 0)
			serve_one(server);
	}
}

StatusServer *status_server_start(int socket, StatusBoard *board, Supervisor *supervisor,
                                  Sanitizer *sanitizer)
{
	int stop = eventfd(0, EFD_CLOEXEC);
	if (stop < 0)
		return NULL;
	StatusServer *server = g_new0(StatusServer, 1);
	server->socket = socket;
	server->stop = stop;
	server->reserve = open_reserve();
	server->board = board;
	server->supervisor = supervisor;
	server->sanitizer = sanitizer;
	server->thread = g_thread_new("mugai-status", server_main, server);
	return server;
}

void status_server_stop(StatusServer *server)
{
	if (server == NULL)
		return;
	eventfd_write(server->stop, 1);
	g_thread_join(server->thread);
	close(server->stop);
	close(server->socket);
	if (server->reserve >= 0)
		close(server->reserve);
	g_free(server);
}
