/* supervisor: the control records between front, supervisor and zygotes, and the job record. All
 * of them go between trusted programs of one build, which have not read a message byte: fixed-size
 * structs with a magic, exact length demanded. */
#ifndef MUGAI_CELL_SUPERVISOR_PRIV_H
#define MUGAI_CELL_SUPERVISOR_PRIV_H

#include "supervisor.h"

enum {
	CONTROL_MAGIC = 0x4d474331,
	CONTROL_KINDS_MAX = SUPERVISOR_KINDS_MAX,
	WORKER_FD = 3,          /* the one descriptor a zygote or child talks through */
	WORKER_EXIT_ANSWERED = 0,
	WORKER_EXIT_NO_ANSWER = 41, /* run() said no: the child could not make an answer */
	WORKER_EXIT_JAIL = 42,  /* a required wall cannot be built */
	WORKER_EXIT_JOB = 43,   /* the job record was not what it must be */
	WORKER_EXIT_MEMORY = 44, /* no answer, since there was no more memory */
	WORKER_EXIT_UNSETTLED = 45, /* settle() said no: a library does not work here */
	CONTROL_WHY_MAX = 128,
};

/* front -> supervisor */
typedef enum { CONTROL_ACQUIRE = 1, CONTROL_RELEASE, CONTROL_STATUS, CONTROL_LOWER } ControlOperation;

typedef struct {
	uint32_t magic;
	uint32_t operation;
	uint64_t id; /* of the lease; chosen by the front, never used twice */
	uint32_t kind;
	uint32_t cpu_ms;
	uint32_t wall_ms;
	uint32_t wait_ms;
	uint64_t memory;
	uint64_t data;
	uint64_t memfds;
} ControlRequest;

/* supervisor -> front */
typedef enum {
	CONTROL_STARTED = 1, /* every zygote is ready */
	CONTROL_FAILED,      /* no start; reason */
	CONTROL_GRANTED,     /* with the child's socket */
	CONTROL_DENIED,      /* reason */
	CONTROL_EXITED,      /* exactly one for each GRANTED */
	CONTROL_STATUS_IS,
} ControlAnswer;

typedef enum { CONTROL_KILL_NONE = 0, CONTROL_KILL_DEADLINE, CONTROL_KILL_RELEASE } ControlKill;

typedef struct {
	uint32_t magic;
	uint32_t answer;
	uint64_t id;
	uint32_t reason;  /* FAILED, DENIED: a CellError */
	uint32_t pid;     /* GRANTED */
	uint32_t killed;  /* EXITED: ControlKill */
	int32_t code;     /* EXITED: si_code */
	int32_t status;   /* EXITED: si_status */
	uint32_t cpu_ms;  /* EXITED */
	uint32_t wall_ms; /* EXITED */
	uint32_t kind;    /* FAILED: which */
	uint64_t peak_memory; /* EXITED: bytes */
	SupervisorStatus state; /* STARTED, STATUS_IS */
	char why[CONTROL_WHY_MAX]; /* DENIED: "", or what the zygote said when it did not start */
} ControlReply;

/* supervisor -> zygote: one byte, with the child's end of its socket. zygote -> supervisor: */
enum { ZYGOTE_FORK = 'F' };
typedef enum { ZYGOTE_READY = 1, ZYGOTE_FAILED, ZYGOTE_FORKED, ZYGOTE_NO_FORK } ZygoteAnswer;

typedef struct {
	uint32_t magic;
	uint32_t answer;
	uint32_t walls;  /* READY; FAILED: 1 if a wall cannot be built, 0 for anything else */
	uint32_t pid;    /* FORKED, with a pidfd */
	uint64_t memory; /* READY: its own address space in bytes */
	char why[CONTROL_WHY_MAX]; /* FAILED: one line; cut */
} ZygoteReply;

/* front -> child, once, with n_inputs + (arena) + (pixels) descriptors in that order. */
typedef struct {
	uint32_t magic;
	uint16_t request;
	uint16_t n_inputs;
	uint64_t number[JOB_NUMBERS];
	struct {
		uint64_t offset;
		uint64_t length;
	} input[JOB_INPUTS];
	uint64_t arena_size;  /* 0: none */
	uint64_t pixels_size; /* 0: none */
	char text[JOB_TEXT_MAX];
} JobRecord;

enum { WIRE_DESCRIPTORS_MAX = JOB_INPUTS + 2 };

/* Sends one record, whole, with n descriptors (borrowed). False with errno otherwise. */
bool wire_send(int socket, const void *record, size_t size, const int *fds, unsigned n);

/* Receives exactly one record of this size and at most max descriptors (close-on-exec, owned by the
 * caller). Returns 1; 0 at end of file; -1 with errno (EPROTO: other size, truncated, too many
 * descriptors: all of them are closed). */
int wire_receive(int socket, void *record, size_t size, int *fds, unsigned max, unsigned *ret_n,
                 int flags);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t wire_now_ms(void);

/* The life of the supervisor process. Never returns. control: its end of the socket to the front;
 * executables: O_PATH descriptors of the zygotes' programs. */
void supervisor_run(const SupervisorOptions *options, int control,
                    const int *executables) G_GNUC_NORETURN;

#endif
