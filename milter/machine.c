/* machine: see machine_priv.h. */
#include "machine_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

bool machine_disk(const char *directory, MachineDisk *ret_disk)
{
	struct statvfs now;
	if (statvfs(directory, &now) != 0)
		return false;
	*ret_disk = (MachineDisk) {
		.free_bytes = (uint64_t)now.f_bavail * now.f_frsize,
		.free_inodes = now.f_favail,
		.counts_inodes = now.f_files > 0,
		.writable = access(directory, W_OK | X_OK) == 0,
	};
	ret_disk->low = ret_disk->free_bytes < (uint64_t)MACHINE_DISK_LOW_MB << 20 ||
	                (ret_disk->counts_inodes && ret_disk->free_inodes < MACHINE_INODES_LOW);
	return true;
}

/* The second number of statm, in pages. */
uint64_t machine_resident_bytes(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%*u %llu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint32_t count_open(void)
{
	static GMutex lock;
	static DIR *open_now;
	uint32_t count = 0;
	g_mutex_lock(&lock);
	if (open_now == NULL)
		open_now = opendir("/proc/self/fd");
	if (open_now != NULL) {
		rewinddir(open_now);
		for (const struct dirent *entry; (entry = readdir(open_now)) != NULL;)
			count += entry->d_name[0] != '.' ? 1 : 0;
	}
	g_mutex_unlock(&lock);
	return count;
}

MachineDescriptors machine_descriptors(void)
{
	struct rlimit limit = { 0 };
	getrlimit(RLIMIT_NOFILE, &limit);
	MachineDescriptors now = { .used = count_open(), .limit = (uint32_t)MIN(limit.rlim_cur, UINT32_MAX) };
	now.low = (uint64_t)now.used * 100 >= (uint64_t)now.limit * MACHINE_DESCRIPTORS_LOW_PCT;
	return now;
}

MachineClock machine_clock(void)
{
	struct timex now = { .modes = 0 };
	int state = adjtimex(&now);
	if (state < 0)
		return MACHINE_CLOCK_UNKNOWN;
	return state != TIME_ERROR && (now.status & STA_UNSYNC) == 0 ? MACHINE_CLOCK_SYNCHRONISED
	                                                             : MACHINE_CLOCK_FREE;
}
