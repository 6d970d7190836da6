/* Preloaded into mugaid alone: the time of day as CLOCK_SHIM_FILE says, seconds to add in decimal, read at
 * each call. The monotonic clock stays as it is, as when an administrator or a time server sets the clock.
 * Programs that mugaid starts do not inherit the preload: zygotes get an environment of their own. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t offset(void)
{
	const char *path = getenv("CLOCK_SHIM_FILE");
	char text[32] = "";
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	ssize_t bytes = read(fd, text, sizeof text - 1);
	close(fd);
	return bytes > 0 ? (time_t)strtoll(text, NULL, 10) : 0;
}

static int real_clock(clockid_t clock, struct timespec *now)
{
	return (int)syscall(SYS_clock_gettime, clock, now);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = real_clock(clock, now);
	if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += offset();
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;
	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return -1;
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *ret_now)
{
	struct timespec precise;
	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return (time_t)-1;
	if (ret_now != NULL)
		*ret_now = precise.tv_sec;
	return precise.tv_sec;
}
