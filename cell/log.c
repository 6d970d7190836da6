#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LOG_TEXT_MAX = 1000, LOG_FACILITY_MAIL = 2 << 3 };

static const char *log_program = "mugai";
static bool log_prefix;               /* the journal strips <N> and keeps it as the priority */
static struct sockaddr_un log_socket; /* no path: no syslog */

void log_syslog(const char *socket_path)
{
	log_socket = (struct sockaddr_un) { .sun_family = AF_UNIX };
	g_strlcpy(log_socket.sun_path, socket_path != NULL ? socket_path : "", sizeof log_socket.sun_path);
}

/* Not syslog(3) itself, which keeps a descriptor that the supervisor process closes, and whose number is then
 * another socket's. Never waits: a log daemon that hangs must not hang the mail. */
static void tell_syslog(LogSeverity severity, const char *line)
{
	char when[32] = "";
	struct tm now;
	time_t seconds = time(NULL);
	if (*log_socket.sun_path == '\0')
		return;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (localtime_r(&seconds, &now) != NULL)
		strftime(when, sizeof when, "%b %e %H:%M:%S", &now);
	g_autofree char *packet = g_strdup_printf("<%d>%s %s[%d]: %s", LOG_FACILITY_MAIL | (int)severity,
	                                          when, log_program, (int)getpid(), line);
	ssize_t ignored = sendto(fd, packet, strlen(packet), MSG_DONTWAIT | MSG_NOSIGNAL,
	                         (const struct sockaddr *)&log_socket, sizeof log_socket);
	(void)ignored;
	close(fd);
}

void log_open(const char *program)
{
	log_program = program;
	log_prefix = isatty(STDERR_FILENO) == 0;
}

static bool may_be_shown(gunichar c)
{
	bool control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
	bool bidi = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	            (c >= 0x2066 && c <= 0x2069);
	return !control && !bidi;
}

/* One line, whatever the arguments hold: a sender's name must not forge a second event. */
static void make_one_line(GString *line)
{
	g_autofree char *valid = g_utf8_make_valid(line->str, (gssize)line->len);
	g_string_truncate(line, 0);
	for (const char *p = valid; *p != '\0' && line->len < LOG_TEXT_MAX; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		g_string_append_unichar(line, may_be_shown(c) ? c : '?');
	}
}

void log_line(LogSeverity severity, const char *id, const char *format, ...)
{
	g_autoptr(GString) line = g_string_new(NULL);
	va_list arguments;
	va_start(arguments, format);
	g_string_append_vprintf(line, format, arguments);
	va_end(arguments);
	make_one_line(line);

	g_autofree char *level = log_prefix ? g_strdup_printf("<%d>", (int)severity) : g_strdup("");
	if (id != NULL) {
		g_string_prepend(line, ": ");
		g_string_prepend(line, id);
	}
	tell_syslog(severity, line->str);
	g_autofree char *whole = g_strdup_printf("%s%s: %s\n", level, log_program, line->str);
	/* One write: lines of several threads and processes do not mix. Nobody can be told of a failure. */
	ssize_t ignored = write(STDERR_FILENO, whole, strlen(whole));
	(void)ignored;
}
