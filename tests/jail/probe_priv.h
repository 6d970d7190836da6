/* The wire between the jail tests and their worker. */
#ifndef MUGAI_TESTS_PROBE_PRIV_H
#define MUGAI_TESTS_PROBE_PRIV_H

/* The prisoner's numbers in the jail of mugai-office, which are smaller than LibreOffice's. */
enum { PROBE_PRIVATE_SIZE = 32 << 20, PROBE_FILE_SIZE = 12 << 20, PROBE_THREADS = 8 };

/* Where the jail of mugai-office has something; the first can be written. */
static const char *const probe_directories[] = { ".", "/", "/usr/lib", "/usr/share", "/etc/fonts", "/etc/libreoffice", "/tmp" };

typedef enum {
	PROBE_REQUEST_TRY = 1, /* number[0]: which probe. Answer: COUNTER 1 = errno, END */
	PROBE_REQUEST_HASH,    /* input 0. Answer: COUNTER 2 = length, STRING 1 = SHA-256, END */
	PROBE_REQUEST_STORE,   /* number[0] bytes of a pattern into the arena, described as PART 1 */
	PROBE_REQUEST_DESCRIPTORS, /* Answer: COUNTER 3 = bit mask of the open descriptors 0 .. 63 */
	PROBE_REQUEST_SPIN,    /* uses CPU for ever */
	PROBE_REQUEST_HANG,    /* uses nothing for ever */
	PROBE_REQUEST_EAT,     /* memory: COUNTER 4 = MiB it could get before it was refused (number[0] at most) */
	PROBE_REQUEST_OVERFLOW, /* the stack */
	PROBE_REQUEST_GARBAGE, /* number[0]: which of the spoilt answers */
	PROBE_REQUEST_STEP,    /* after number[0] records of an answer of PROBE_STEPS: number[1], a ProbeAct */
	PROBE_REQUEST_LINGER,  /* a whole answer and END, then it does not end */
	PROBE_REQUEST_NOTHING, /* END at once: what one child costs */
	PROBE_REQUEST_WRITE_FILE, /* write(2) to the arena's descriptor: RLIMIT_FSIZE */
	PROBE_REQUEST_FAIL,    /* run() says no */
	PROBE_REQUEST_BEHIND_END, /* a whole answer, then number[1], a ProbeAct */
	PROBE_REQUEST_DRIP,    /* a valid record every 300 ms, for ever */
	PROBE_REQUEST_DRAW,    /* number[0] pictures of one pixel, by turns in the two halves of the pixels, each half only when it
	                          is released; the pixel is the page's number. number[1]: pages it does not wait for at the end */
	PROBE_REQUEST_TRY_THREAD, /* as TRY, by a thread that is older than the filter (office alone) */
	PROBE_REQUEST_PRIVATE, /* COUNTER 5 = entries of the working directory; leaves a file there; number[0] != 0: hangs */
	PROBE_REQUEST_FILL,    /* the working directory, by files of number[0] bytes: COUNTER 6 = bytes, 7 = whole files, 8 = errno at the end */
	PROBE_REQUEST_THREADS, /* COUNTER 9 = threads it could start beside those it has; number[0] != 0: hangs with them */
	PROBE_REQUEST_CODE,    /* COUNTER 11 = errno of writing to a page that a library made executable before (office alone) */
	PROBE_REQUEST_CREATE,  /* a file in the directory number[0] of probe_directories: COUNTER 10 = errno */
	PROBE_REQUEST_ABORT,   /* abort(), number[0] != 0: after all memory was taken */
} ProbeRequest;

enum { PROBE_STEPS = 5 };

typedef enum {
	PROBE_ACT_CRASH = 0, /* SIGSEGV */
	PROBE_ACT_HANG,
	PROBE_ACT_GARBAGE,   /* bytes that are no frame, and on with the answer */
	PROBE_ACT_EMPTY,     /* a datagram of no bytes, and on */
	PROBE_ACT_CLOSE,     /* closes its socket and lives on */
	PROBE_ACT_LEAVE,     /* exit code 0 */
	PROBE_ACT_CLAIM_JAIL, /* the exit code that means "no jail here" */
	PROBE_ACTS
} ProbeAct;

typedef enum {
	PROBE_GARBAGE_BYTES = 0,  /* not a frame */
	PROBE_GARBAGE_EMPTY,      /* a datagram of no bytes */
	PROBE_GARBAGE_OVERSIZED,  /* a datagram above PLAIN_FRAME_MAX */
	PROBE_GARBAGE_SHORT,      /* a frame cut by a byte */
	PROBE_GARBAGE_LONG,       /* a frame with a byte too many */
	PROBE_GARBAGE_SEQUENCE,   /* a record whose number was used */
	PROBE_GARBAGE_CONTROL,    /* a string with an ESC */
	PROBE_GARBAGE_TYPE,       /* a type that was not asked for */
	PROBE_GARBAGE_RANGE,      /* a part outside the arena */
	PROBE_GARBAGE_EXTRA,      /* a record after END */
	PROBE_GARBAGE_NO_END,     /* exit 0 without END */
	PROBE_GARBAGE_COUNT_LIE,  /* END with a wrong count */
	PROBE_GARBAGE_FLOOD,      /* records without end */
	PROBE_GARBAGE_KINDS
} ProbeGarbage;

#endif
