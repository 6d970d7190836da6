#include "supervisor_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef union {
	char space[CMSG_SPACE(sizeof(int) * WIRE_DESCRIPTORS_MAX)];
	struct cmsghdr align;
} WireControl;

/* What a child can really take: its memfds filled, then unmapped, and their address space used once more. */
uint64_t supervisor_charge(uint64_t memory, uint64_t memfds)
{
	bool fits = memfds <= UINT64_MAX / 2 && memory <= UINT64_MAX - 2 * memfds;
	return fits ? memory + 2 * memfds : UINT64_MAX;
}

bool wire_send(int socket, const void *record, size_t size, const int *fds, unsigned n)
{
	struct iovec data = { .iov_base = (void *)(uintptr_t)record, .iov_len = size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	WireControl control = { 0 };

	g_assert(n <= WIRE_DESCRIPTORS_MAX);
	if (n > 0) {
		message.msg_control = control.space;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * n);
	}
	ssize_t sent;
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)size;
}

static void close_all(const int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

/* Collects what SCM_RIGHTS brought; more than max are closed and reported by the count. */
static unsigned collect_descriptors(struct msghdr *message, int *fds, unsigned max)
{
	unsigned n = 0;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h != NULL; h = CMSG_NXTHDR(message, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		unsigned count = (unsigned)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		for (unsigned i = 0; i < count; i++, n++) {
			int fd;
			memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
			if (n < max)
				fds[n] = fd;
			else
				close(fd);
		}
	}
	return n;
}

int wire_receive(int socket, void *record, size_t size, int *fds, unsigned max, unsigned *ret_n, int flags)
{
	struct iovec data = { .iov_base = record, .iov_len = size };
	WireControl control = { 0 };
	struct msghdr message = { .msg_iov = &data,
		                  .msg_iovlen = 1,
		                  .msg_control = control.space,
		                  .msg_controllen = sizeof control.space };
	ssize_t got;
	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	unsigned n = collect_descriptors(&message, fds, max);
	if (got == 0 && n == 0)
		return 0;
	bool whole = got == (ssize_t)size && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
	if (!whole || n > max) {
		close_all(fds, MIN(n, max));
		errno = EPROTO;
		return -1;
	}
	if (ret_n != NULL)
		*ret_n = n;
	return 1;
}

int64_t wire_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

G_DEFINE_QUARK(mugai - cell - error, cell_error)
