/* What libmilter calls, and must not get from the C library as it is. A program's own definition of a
 * function goes before that of a library, and libmilter is the only caller of these here. */
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHORTAGE_PAUSE_US = 100 * 1000 };

/* libmilter starts a thread that waits for SIGHUP, SIGTERM and SIGINT with sigwait(3) and takes each
 * of them as "stop". Two waiters for one signal are a race: now and then a reload would stop the
 * gateway. Its thread sleeps for good, and signals are this program's alone. */
int sigwait(const sigset_t *restrict set, int *restrict sig)
{
	(void)set;
	(void)sig;
	for (;;)
		pause();
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Without a descriptor for a new connection libmilter would try again at once, without end, and write a line
 * to syslog each time. The connection waits in the queue in any case: so does this. */
int accept(int fd, __SOCKADDR_ARG address, socklen_t *restrict length)
{
	bool told = false;
	for (;;) {
		int peer = accept4(fd, address, length, SOCK_CLOEXEC);
		if (peer >= 0 || !is_shortage(errno))
			return peer;
		if (!told)
			log_error("a connection waits: %s", g_strerror(errno));
		told = true;
		g_usleep(SHORTAGE_PAUSE_US);
	}
}
