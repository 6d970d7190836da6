/* machine: what the daemon needs of its host, as figures for the status. Any thread.
 */
#ifndef MUGAI_MILTER_MACHINE_PRIV_H
#define MUGAI_MILTER_MACHINE_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
	MACHINE_DISK_LOW_MB = 512,        /* less than this free is told */
	MACHINE_INODES_LOW = 10000,       /* where the file system counts them */
	MACHINE_DESCRIPTORS_LOW_PCT = 80, /* of the limit in use is told */
};

typedef struct {
	uint64_t free_bytes;  /* for this user */
	uint64_t free_inodes;
	bool counts_inodes; /* false: free_inodes says nothing */
	bool writable;      /* the directory, by its rights */
	bool low;
} MachineDisk;

/* False and errno: there is no such directory. */
bool machine_disk(const char *directory, MachineDisk *ret_disk);

/* Of this process. */
uint64_t machine_resident_bytes(void);

typedef struct {
	uint32_t used;
	uint32_t limit;
	bool low;
} MachineDescriptors;

/* Needs a descriptor only for the first call, and so also works when none is left. */
MachineDescriptors machine_descriptors(void);

typedef enum { MACHINE_CLOCK_UNKNOWN = 0, MACHINE_CLOCK_SYNCHRONISED, MACHINE_CLOCK_FREE } MachineClock;

/* What the kernel says: whether something (chrony, systemd-timesyncd) keeps its clock. */
MachineClock machine_clock(void);

G_END_DECLS

#endif
