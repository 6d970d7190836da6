/* What one jailed child costs, fork to reap: a job that answers with END at once, and for scale a plain
 * fork + exit of this small process. Prints one JSON line. Arguments: path of mugai-probe, rounds. */
#include "../jail/probe_priv.h"
#include "supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof *values, compare);
	return values[n / 2];
}

static double now_ms(void)
{
	return (double)g_get_monotonic_time() / 1000.0;
}

static bool run_once(Supervisor *supervisor, bool wait_for_pool)
{
	/* With an empty pool the next child must be forked while we wait; with a full one it is ready. */
	SupervisorStatus status = { 0 };
	while (wait_for_pool && supervisor_status(supervisor, &status, NULL) && status.spare == 0)
		g_usleep(200);
	const ChildRequest request = { .kind = "probe",
		                       .memory = 64 << 20,
		                       .memfds = 1 << 20,
		                       .cpu_ms = 1000,
		                       .wall_ms = 5000,
		                       .wait_ms = 5000 };
	const ChildJob job = { .request = PROBE_REQUEST_NOTHING,
		               .caps = { .types = 0, .max_records = 10, .max_text_bytes = 1 } };
	g_autoptr(Child) child = supervisor_child(supervisor, &request, NULL);
	if (child == NULL || !child_start(child, &job, NULL))
		return false;
	g_autoptr(PlainRecord) record = child_next(child, NULL);
	return record != NULL && child_finish(child, NULL, NULL);
}

static bool measure(Supervisor *supervisor, bool wait_for_pool, double *times, unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		double start = now_ms();
		if (!run_once(supervisor, wait_for_pool))
			return false;
		times[i] = now_ms() - start;
	}
	return true;
}

static double fork_and_exit(unsigned rounds)
{
	g_autofree double *times = g_new(double, rounds);
	for (unsigned i = 0; i < rounds; i++) {
		double start = now_ms();
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
		times[i] = now_ms() - start;
	}
	return median(times, rounds);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 64;
	unsigned rounds = (unsigned)atoi(argv[2]);
	g_autofree double *times = g_new0(double, MAX(rounds, 1));
	double plain_fork = fork_and_exit(rounds);
	const SupervisorKind kind = { .name = "probe", .executable = argv[1], .spare = 4, .maximum = 20 };
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Supervisor) supervisor = supervisor_start(&options, &error);
	if (supervisor == NULL) {
		fprintf(stderr, "bench_child: %s\n", error->message);
		return 69;
	}
	if (!measure(supervisor, false, times, rounds))
		return 70;
	double saturated = median(times, rounds);
	if (!measure(supervisor, true, times, rounds))
		return 70;
	/* What all of it cost in CPU: supervisor, zygote and children are this process's descendants. */
	double with_pool = median(times, rounds);
	supervisor_stop(g_steal_pointer(&supervisor));
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000.0 +
	             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000.0;
	printf("{\"rounds\": %u, \"fork_exit_ms\": %.3f, \"child_saturated_ms\": %.3f, \"child_ms\": %.3f, "
	       "\"cpu_ms_per_child\": %.3f}\n",
	       rounds, plain_fork, saturated, with_pool, cpu / (2.0 * rounds));
	return 0;
}
