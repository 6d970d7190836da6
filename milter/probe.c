/* probe: see probe_priv.h. */
#include "probe_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { PROBE_PATIENCE_MS = 5000 };

struct Probe {
	char *socket;
	int64_t every_ms;
	_Atomic int64_t last; /* good answer; monotonic, milliseconds */
};

/* length, command, and three numbers: version, actions, steps. All in network order. */
typedef struct {
	uint32_t length;
	char command;
	uint32_t number[3];
} __attribute__((packed)) Negotiation;

static void set_patience(int fd, int64_t patience_ms)
{
	const struct timeval patience = { .tv_sec = patience_ms / 1000,
		                          .tv_usec = patience_ms % 1000 * 1000 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	/* Also how long connect(2) waits for a place in a full queue. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static bool connect_to(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

/* The first packet of every milter session, with all that a current Postfix offers. */
static bool negotiate(int fd)
{
	const Negotiation offer = { .length = htonl(sizeof offer - sizeof offer.length),
		                    .command = SMFIC_OPTNEG,
		                    .number = { htonl(SMFI_PROT_VERSION), htonl(SMFI_CURR_ACTS),
		                                htonl(SMFI_CURR_PROT) } };
	Negotiation reply = { 0 };
	if (send(fd, &offer, sizeof offer, MSG_NOSIGNAL) != (ssize_t)sizeof offer)
		return false;
	ssize_t n = recv(fd, &reply, sizeof reply, MSG_WAITALL);
	if (n < 0)
		return false;
	errno = EPROTO;
	return n == (ssize_t)sizeof reply && reply.command == SMFIC_OPTNEG;
}

/* Without it libmilter would log a client that went away. */
static void quit(int fd)
{
	static const char packet[] = { 0, 0, 0, 1, SMFIC_QUIT };
	(void)!send(fd, packet, sizeof packet, MSG_NOSIGNAL);
}

bool probe_once(const char *socket_path, int64_t patience_ms)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	set_patience(fd, patience_ms);
	bool good = connect_to(fd, socket_path) && negotiate(fd);
	int error = errno;
	if (good)
		quit(fd);
	close(fd);
	errno = error;
	return good;
}

static int64_t now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

static void *probe_main(void *data)
{
	Probe *probe = data;
	for (;;) {
		if (probe_once(probe->socket, PROBE_PATIENCE_MS))
			atomic_store(&probe->last, now_ms());
		g_usleep((gulong)probe->every_ms * 1000);
	}
	return NULL;
}

Probe *probe_start(const char *socket_path, int64_t every_ms)
{
	Probe *probe = g_new0(Probe, 1);
	probe->socket = g_strdup(socket_path);
	probe->every_ms = every_ms;
	atomic_init(&probe->last, now_ms());
	g_thread_unref(g_thread_new("mugai-probe", probe_main, probe));
	return probe;
}

int64_t probe_silence_ms(const Probe *probe)
{
	return now_ms() - atomic_load(&probe->last);
}

int64_t probe_usual_ms(const Probe *probe)
{
	return probe->every_ms + PROBE_PATIENCE_MS;
}
