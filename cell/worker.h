/* worker: the jailed half of the cell. Linked only into jailed executables (mugai-parse,
 * mugai-scan, mugai-render, test probes), never into a trusted program.
 *
 * A jailed executable is a zygote: started by the supervisor, it warms up its libraries,
 * enters empty namespaces where the system allows it, proves that the walls stand, and from
 * then on forks one child per command byte. It never reads a message byte. Each child
 * builds its jail (jail.h) BEFORE it receives its job, does the one job, and exits.
 */
#ifndef MUGAI_CELL_WORKER_H
#define MUGAI_CELL_WORKER_H

#include "jail.h"
#include "plain.h"
#include "supervisor.h" /* JOB_* sizes */

G_BEGIN_DECLS

typedef struct {
	const uint8_t *bytes; /* the input, mapped read-only; NULL when length is 0 */
	uint64_t length;
	int fd;               /* the same input as a descriptor, or -1 where the profile lets code be mapped ... */
	uint64_t offset;      /* ... at this offset, for libraries that want to read(2) */
} WorkerInput;

typedef struct {
	uint16_t request;
	uint64_t number[JOB_NUMBERS];
	char text[JOB_TEXT_MAX]; /* "" when none */
	WorkerInput input[JOB_INPUTS];
	unsigned n_inputs;
	uint8_t *arena;          /* mapped, writable, zero; NULL when none */
	uint64_t arena_size;
	uint8_t *pixels;
	uint64_t pixels_size;
} WorkerJob;

typedef struct {
	const char *name;           /* process name, e.g. "mugai-parse" */
	const JailProfile *profile;
	uint32_t max_records;       /* caps of one answer on this side (see PlainWriter) */
	uint64_t max_bytes;
	/* In the zygote, before any namespace or jail: open what the children will need
	 * (iconv handles, magic database). False ends the zygote: no start. NULL = nothing. */
	bool (*warm_up)(GError **error);
	/* In each child, behind all walls but MDWE and seccomp: what a library has to do before its first hostile byte that those would not let
	 * it do, such as to start threads. False: this child gets no job. In the zygote's self-test, false ends the zygote. NULL = nothing. */
	bool (*settle)(GError **error);
	/* In the jailed child. Writes records and END; true = exit code 0. On false the child
	 * exits with a code that means "no answer", or "no memory" where there is none. */
	bool (*run)(const WorkerJob *job, PlainWriter *out, GError **error);
} WorkerSpec;

/* In run(), where something was sent that is not released yet: waits for one release (child_release). False: nobody will.
 * A child must take every release before its END, else that END is lost: the kernel resets a socket that is closed
 * with something unread. */
bool worker_await_release(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole of main(). Refuses to do anything when not started by a supervisor. */
int worker_main(int argc, char **argv, const WorkerSpec *spec);

G_END_DECLS

#endif
