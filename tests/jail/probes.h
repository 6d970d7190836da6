/* probes: one small attempt each at something that a jailed child must not be able to do. The same
 * functions run inside the jail (probe_worker.c), where they must fail, and outside (test_cell.c), where they
 * must succeed: a probe that can never succeed proves nothing. */
#ifndef MUGAI_TESTS_PROBES_H
#define MUGAI_TESTS_PROBES_H

#include <stdbool.h>

typedef enum { PROBE_KILLED, PROBE_DENIED, PROBE_WORKS } ProbeExpectation;

enum { PROBE_DEATH = -1 };

typedef struct {
	const char *name;
	int (*attempt)(int fd); /* 0 = it worked, else errno. fd: a socket, where one is needed */
	ProbeExpectation inside; /* a jail without files */
	ProbeExpectation render; /* the jail of mugai-render, which reads fonts */
	int office; /* the jail of mugai-office: its errno, or PROBE_DEATH */
	bool root_only; /* outside */
	bool asks_only; /* about a file, which Landlock does not cover: works in there without a mount namespace */
} Probe;

/* Whose memory is asked for: 1, the child itself in its namespace; outside, the test sets its own. No probe may make a
 * call beside the one that it is about: another forbidden call would answer in its place. */
extern int probe_pid;

extern const Probe probes[];
extern const unsigned n_probes;

#endif
