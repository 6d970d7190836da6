/* supervisor: asks for jailed children and talks to them. Trusted side.
 *
 * supervisor_start() forks the supervisor process, which starts one zygote per kind
 * (fork + exec of the jailed executable) and keeps a small pool of one-shot children, each
 * already in its jail and waiting for one job. The trusted program then takes children out
 * of the pool by supervisor_child(). Deadlines, memory budget and the reaping of children
 * belong to the supervisor process; the records of a child come straight to the caller
 * over a socket which the supervisor hands over and never reads.
 *
 * Start it before the first thread exists. Every other function may be called from any
 * thread; one Child belongs to one thread at a time. Library code: returns errors, never
 * logs, except the supervisor process itself, which logs through log.h.
 */
#ifndef MUGAI_CELL_SUPERVISOR_H
#define MUGAI_CELL_SUPERVISOR_H

#include "memfd.h"
#include "plain.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define CELL_ERROR (cell_error_quark())
GQuark cell_error_quark(void);

typedef enum {
	/* The content can have caused these: */
	CELL_ERROR_LIMIT,       /* CPU limit, or a cap of ours */
	CELL_ERROR_MEMORY,      /* the child could get no more memory, as it says itself */
	CELL_ERROR_CRASH,       /* the child died by a signal or with a code that is no answer */
	CELL_ERROR_PROTOCOL,    /* malformed, late, oversized, truncated or extra record */
	CELL_ERROR_TIMEOUT,     /* wall clock, after the child had used half of its CPU limit or more, unhindered */
	/* The environment caused these: */
	CELL_ERROR_STALLED,     /* wall clock, though the child had hardly run */
	CELL_ERROR_BUSY,        /* no child, slot or memory within the wait */
	CELL_ERROR_UNAVAILABLE, /* supervisor or zygote gone, descriptors or memory of this host */
	CELL_ERROR_JAIL,        /* the walls cannot be built here: Landlock or seccomp missing, or what a kind needs besides */
	CELL_ERROR_KILLED,      /* SIGKILL that no limit of ours explains: operator or OOM killer */
	CELL_ERROR_BUDGET,      /* the job would take more than the whole memory budget: no wait and no retry helps */
} CellError;

/* True for the errors that the content of a message can have caused (design 2, Fail
 * closed): they count towards notice-only. PLAIN_ERROR counts too. */
bool cell_error_blames_content(const GError *error);

/* A kind of jailed executable. Strings are copied by supervisor_start. */
typedef struct {
	const char *name;       /* "parse"; also how supervisor_child() asks for it */
	const char *executable; /* path of the zygote, e.g. .../mugai-parse */
	unsigned spare;         /* children kept waiting; >= 1 */
	unsigned maximum;       /* children alive at most, spares included */
	/* Nothing of it is started before the first child is asked for. Where its zygote does not start, who asked is told so at
	 * once (CELL_ERROR_JAIL or UNAVAILABLE, with the reason), and the next who asks has it tried again. */
	bool on_demand;
	unsigned at_once;       /* children with a job at most; 0: no other bound than maximum */
	/* Bytes of the memory budget that the second and further children of this kind leave to the other kinds: long jobs
	 * must not take all of it from short ones. One may always run. */
	uint64_t leaves;
} SupervisorKind;

typedef struct {
	const SupervisorKind *kinds;
	unsigned n_kinds;       /* 1 .. 8 */
	uint64_t memory_budget; /* bytes for all running children and their memfds; 0 = half of RAM */
	uid_t uid;              /* supervisor, zygotes and jails run as these; (uid_t)-1 = the caller's */
	gid_t gid;
	unsigned start_seconds; /* how long the zygotes may take to become ready; 0 = 30 */
	/* For a command that has one job: one child is made ahead, and others only when they are asked for, since
	 * making and ending spares would take longer than the job. */
	bool once; /* and supervisor_start() does not wait */
} SupervisorOptions;

typedef struct Supervisor Supervisor;

/* Forks supervisor and zygotes and waits until each zygote has shown a working jail.
 * CELL_ERROR_JAIL when Landlock or seccomp is missing: the caller must not start. */
Supervisor *supervisor_start(const SupervisorOptions *options,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After a supervisor_start() that did not wait: waits. Until then children can be asked for, and are handed out when
 * their zygote has shown a working jail; without one, asking fails with the same error as this. */
bool supervisor_await(Supervisor *supervisor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the supervisor, its zygotes and all children, and waits for them. NULL is fine. */
void supervisor_stop(Supervisor *supervisor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Supervisor, supervisor_stop)

/* A descriptor that becomes readable (EOF) when the supervisor process is gone: the
 * daemon polls it and ends, so that its service manager starts everything anew. Borrowed. */
int supervisor_death_fd(const Supervisor *supervisor);

enum { SUPERVISOR_KINDS_MAX = 8, SUPERVISOR_NAME_MAX = 16 };

/* One kind of jailed executable; the counts since the start. */
typedef struct {
	char name[SUPERVISOR_NAME_MAX]; /* cut */
	uint32_t zygote;                /* its process; 0: there is none now */
	uint32_t wanted;                /* 0: it is made on demand, and nobody has asked for it yet */
	uint32_t running;               /* children that hold a lease */
	uint32_t spare;                 /* children waiting */
	uint32_t maximum;
	uint64_t started;
	uint64_t crashed;
	uint64_t timed_out;
	uint64_t restarts; /* of the zygote */
} SupervisorKindStatus;

typedef struct {
	uint32_t pid;           /* of the supervisor process */
	uint32_t walls;         /* PLAIN_WALL_* that all kinds have in common which have started */
	uint32_t n_kinds;
	SupervisorKindStatus kinds[SUPERVISOR_KINDS_MAX];
	uint32_t running;       /* children that hold a lease */
	uint32_t spare;         /* children waiting */
	uint32_t waiting;       /* requests that wait for memory or a child */
	uint64_t memory_budget; /* bytes */
	uint64_t memory_used;   /* bytes promised to running children */
	uint64_t started;       /* children handed out since the start */
	uint64_t crashed;       /* ended by a signal, a limit or a bad exit code */
	uint64_t timed_out;
	uint64_t zygote_restarts;
	uint64_t lowered; /* children that were found slow */
} SupervisorStatus;

/* What a job is charged of the memory budget; UINT64_MAX if that is no number. Arguments as in ChildRequest. */
uint64_t supervisor_charge(uint64_t memory, uint64_t memfds);

/* Waits at most a second. */
bool supervisor_status(Supervisor *supervisor, SupervisorStatus *ret_status,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- one child ------------------------------------------------------------------------ */

/* Called while something waits, about every 10 s and at most every second; false ends the
 * wait with CELL_ERROR_BUSY or STALLED (shutdown, client gone). */
typedef bool (*ProgressFunc)(void *user);

typedef struct {
	const char *kind;
	uint64_t memory;    /* bytes of address space above what the zygote has itself */
	/* Bytes of private memory in all (RLIMIT_DATA), which are charged to the budget in place of `memory`: for a program that
	 * maps far more than it fills. 0: no such bound. */
	uint64_t data;
	uint64_t memfds;    /* bytes of memfds (arena) and of files of its own that this job may fill; charged to the budget */
	uint32_t cpu_ms;    /* > 0; rounded up to whole seconds (RLIMIT_CPU) */
	uint32_t wall_ms;   /* > 0; from the hand-over of the child */
	uint32_t wait_ms;   /* how long to wait for a child and its memory */
	ProgressFunc progress; /* may be NULL */
	void *progress_user;
	/* Called once, within about SLOW_LOOK_MS of the moment when the child has used this much CPU: true, and it goes
	 * on with a low priority (10 more of nice); false ends the wait with CELL_ERROR_BUSY. So the long
	 * ones cannot hold up the short ones. NULL: a child is never slow. */
	ProgressFunc slow; /* gets progress_user */
	uint32_t slow_cpu_ms;
} ChildRequest;

/* How a child ended and what it used. */
typedef struct {
	uint32_t cpu_ms;
	uint64_t peak_memory; /* bytes, resident */
	uint32_t wall_ms;
} ChildUsage;

typedef struct Child Child;

/* Takes one jailed child out of the pool. */
Child *supervisor_child(Supervisor *supervisor, const ChildRequest *request,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

enum { JOB_NUMBERS = 16, JOB_INPUTS = 4, JOB_TEXT_MAX = 512 };

/* What the child is to do. Borrowed for the call. */
typedef struct {
	uint16_t request;             /* meaning belongs to the wire */
	uint64_t number[JOB_NUMBERS]; /* likewise */
	const char *text;             /* NULL or one short string from the administrator, never from a mail */
	const Unread *input[JOB_INPUTS]; /* read-only inputs, NULL-terminated unless all are used */
	Arena *arena;                 /* NULL, or where the child may store bytes */
	Pixels *pixels;               /* NULL, or where the child may draw */
	PlainCaps caps;               /* what may come back; arena sizes are filled in */
} ChildJob;

/* Sends the one job. A second call is a bug. */
bool child_start(Child *child, const ChildJob *job, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The next record, decoded and checked; the caller owns it. READY is consumed inside.
 * After PLAIN_END returns, call child_finish. NULL and error for anything else: the
 * answer is spoilt, free the child. When the child died the error says how. */
PlainRecord *child_next(Child *child, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tells the child that something it sent was taken and its place in the pixels is free: one release for each picture,
 * as soon as it was copied. The child may wait for it (worker_await_release). Never waits, and never fails:
 * of a child that is gone, child_next tells. */
void child_release(Child *child);

/* After END: demands end-of-file (an extra record is CELL_ERROR_PROTOCOL), waits for the
 * child's death and exit code 0, seals the job's arena and pixels against writing. */
bool child_finish(Child *child, ChildUsage *ret_usage, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes one record, borrowed. False with an error: the answer is no use. */
typedef bool (*ChildTakeFunc)(void *user, const PlainRecord *record, GError **error);

/* The whole answer: child_next() for each record, END included, to take(), and then child_finish(). */
bool child_read(Child *child, ChildTakeFunc take, void *user, ChildUsage *ret_usage,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a child used that is gone: after child_finish, or after child_next said how it died. All 0 before that. */
ChildUsage child_usage(const Child *child);

/* Kills the child if it lives and waits until it is gone. NULL is fine. */
void child_free(Child *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Child, child_free)

/* For tests: the process ID of the child as the supervisor sees it. */
pid_t child_pid(const Child *child);

G_END_DECLS

#endif
