/* notify: see notify_priv.h. */
#include "notify_priv.h"

#include "log.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool manager_address(struct sockaddr_un *address, socklen_t *ret_length)
{
	const char *path = g_getenv("NOTIFY_SOCKET");
	if (path == NULL || strlen(path) < 2 || strlen(path) >= sizeof address->sun_path)
		return false;
	*address = (struct sockaddr_un) { .sun_family = AF_UNIX };
	g_strlcpy(address->sun_path, path, sizeof address->sun_path);
	if (path[0] == '@') /* an abstract name begins with NUL and ends with its length */
		address->sun_path[0] = '\0';
	*ret_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	return true;
}

/* Never waits: a manager that does not read must not hang the gateway. */
static void tell(const char *text)
{
	struct sockaddr_un address;
	socklen_t length = 0;
	if (!manager_address(&address, &length))
		return;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
	                     (const struct sockaddr *)&address, length) < 0)
		log_warning("the service manager was not told \"%s\": %s", text, g_strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* A line end would begin an assignment of its own. */
static void append_line(GString *state, const char *key, const char *text)
{
	if (state->len > 0)
		g_string_append_c(state, '\n');
	g_string_append(state, key);
	for (const char *p = text; *p != '\0'; p++)
		g_string_append_c(state, g_ascii_iscntrl(*p) ? '?' : *p);
}

void notify_state(const char *word, const char *status)
{
	g_autoptr(GString) state = g_string_new(NULL);
	if (word != NULL)
		append_line(state, "", word);
	if (status != NULL)
		append_line(state, "STATUS=", status);
	tell(state->str);
}

void notify_reloading(void)
{
	g_autofree char *state = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT
	                                         "\nSTATUS=reloading settings and policy",
	                                         g_get_monotonic_time());
	tell(state);
}

static bool read_number(const char *name, guint64 *ret_number)
{
	const char *text = g_getenv(name);
	return text != NULL && g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, ret_number, NULL);
}

int64_t notify_watchdog_ms(void)
{
	guint64 interval = 0, pid = 0;
	if (!read_number("WATCHDOG_USEC", &interval))
		return 0;
	/* The variable may have been meant for a parent of ours. */
	if (g_getenv("WATCHDOG_PID") != NULL &&
	    (!read_number("WATCHDOG_PID", &pid) || pid != (guint64)getpid()))
		return 0;
	return (int64_t)MAX(interval / 1000, 1);
}
