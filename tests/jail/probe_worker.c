/* mugai-probe: a jailed executable like mugai-parse, which misbehaves on request. It is the prisoner of
 * the jail tests, and the one real consumer of the arena beside the parser: it hashes a part that another
 * jail stored. */
#include "probe_priv.h"
#include "probes.h"
#ifdef PROBE_RENDER
#include "render_profile_priv.h"
#endif
#ifdef PROBE_OFFICE
#include "office_profile_priv.h"
#endif
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SOCKET = 3 };

#ifdef PROBE_RENDER
static const JailProfile *const probe_profile = &render_profile;
#elif defined PROBE_OFFICE
static JailProfile profile;
static const JailProfile *const probe_profile = &profile;
#else
static const JailProfile profile = { .name = "probe", .stack = 1024 * 1024 };
static const JailProfile *const probe_profile = &profile;
#endif

static bool answer_number(PlainWriter *out, uint16_t id, uint64_t value, GError **error)
{
	return plain_write_counter(out, id, value, error) && plain_write_end(out, 0, error);
}

static bool run_try(const WorkerJob *job, PlainWriter *out, GError **error)
{
	if (job->number[0] >= n_probes)
		return false;
	return answer_number(out, 1, (uint64_t)probes[job->number[0]].attempt(SOCKET), error);
}

static bool run_hash(const WorkerJob *job, PlainWriter *out, GError **error)
{
	if (job->n_inputs != 1)
		return false;
	g_autofree char *hash = g_compute_checksum_for_data(
	        G_CHECKSUM_SHA256, job->input[0].bytes != NULL ? job->input[0].bytes : (const guchar *)"",
	        job->input[0].length);
	return plain_write_counter(out, 2, job->input[0].length, error) &&
	       plain_write_string(out, 1, 0, hash, error) && plain_write_end(out, 0, error);
}

static bool write_part(PlainWriter *out, uint64_t offset, uint64_t length, const uint8_t *bytes,
                       GError **error)
{
	PlainRecord part = { .part = { .number = { 1 },
		                       .depth = 1,
		                       .name = (char *)"pattern.bin",
		                       .declared_type = (char *)"application/octet-stream",
		                       .true_type = (char *)"",
		                       .bytes = length,
		                       .offset = offset,
		                       .length = length } };
	gsize size = sizeof part.part.sha256;
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	if (bytes != NULL)
		g_checksum_update(checksum, bytes, (gssize)length);
	g_checksum_get_digest(checksum, part.part.sha256, &size);
	return plain_write_part(out, &part, error);
}

static bool run_store(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint64_t length = job->number[0], offset = job->number[1];
	if (offset > job->arena_size || length > job->arena_size - offset)
		return false;
	for (uint64_t i = 0; i < length; i++)
		job->arena[offset + i] = (uint8_t)(i * 7 + (i >> 8));
	return write_part(out, offset, length, job->arena + offset, error) && plain_write_end(out, 0, error);
}

static bool run_descriptors(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint64_t open_ones = 0;
	(void)job;
	for (int fd = 0; fd < 64; fd++)
		if (lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF)
			open_ones |= UINT64_C(1) << fd;
	return answer_number(out, 3, open_ones, error);
}

static bool run_spin(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job, (void)out, (void)error;
	volatile uint64_t turns = 0;
	while (turns < UINT64_MAX)
		turns++;
	return false;
}

static bool run_hang(const WorkerJob *job, PlainWriter *out, GError **error)
{
	static int word;
	(void)job, (void)out, (void)error;
	while (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) >= 0 || errno == EINTR)
		;
	return false;
}

static bool run_eat(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint64_t got = 0;
	while (got < job->number[0]) {
		void *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (map == MAP_FAILED)
			break;
		memset(map, 1, 1 << 20);
		got++;
	}
	return answer_number(out, 4, got, error);
}

/* Not a tail call, and nothing that a compiler could unroll away. */
__attribute__((noinline)) static int recurse(volatile char *below)
{
	volatile char here[4096];
	here[0] = below[0];
	return recurse(here) + here[0];
}

static bool run_overflow(const WorkerJob *job, PlainWriter *out, GError **error)
{
	char start = 1;
	(void)job;
	return answer_number(out, 1, (uint64_t)recurse(&start), error);
}

static bool run_linger(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return answer_number(out, 1, 0, error) && run_hang(job, out, error);
}

static bool draw_page(const WorkerJob *job, PlainWriter *out, uint32_t page, GError **error)
{
	uint64_t offset = page % 2 * (job->pixels_size / 2);
	const PlainRecord picture = { .picture = { .page = page,
		                                   .width = 1,
		                                   .height = 1,
		                                   .format = PLAIN_XRGB32,
		                                   .dpi = 72,
		                                   .box_width = 1000,
		                                   .box_height = 1000,
		                                   .offset = offset,
		                                   .length = sizeof page } };
	memcpy(job->pixels + offset, &page, sizeof page);
	return plain_write_picture(out, &picture, error);
}

static bool run_draw(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint32_t taken = 0;
	for (uint32_t page = 1; page <= job->number[0]; page++) {
		if (page > 2 && !worker_await_release(error))
			return false;
		taken += page > 2 ? 1 : 0;
		if (!draw_page(job, out, page, error))
			return false;
	}
	for (; taken + job->number[1] < job->number[0]; taken++)
		if (!worker_await_release(error))
			return false;
	return plain_write_end(out, 0, error);
}

static bool run_abort(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)out, (void)error;
	while (job->number[0] != 0 && malloc(1 << 20) != NULL)
		;
	abort();
}

static bool run_nothing(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return plain_write_end(out, 0, error);
}

static bool run_write_file(const WorkerJob *job, PlainWriter *out, GError **error)
{
	/* The arena is the last descriptor of the job. */
	ssize_t n = write(SOCKET + 1 + (int)job->n_inputs, "x", 1);
	return answer_number(out, 1, n < 0 ? (uint64_t)errno : 0, error);
}

static bool run_fail(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job, (void)out, (void)error;
	return false;
}

/* A valid record now and then, for ever. futex is the only clock that a child may sleep by. */
static bool run_drip(const WorkerJob *job, PlainWriter *out, GError **error)
{
	static int word;
	const struct timespec pause = { .tv_nsec = 300 * 1000 * 1000 };
	(void)job;
	while (plain_write_counter(out, 1, 0, error))
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &pause, NULL, 0);
	return false;
}

/* ---- files and threads of its own (office) ------------------------------------------------------------- */

/* The thread that is older than the filter: does one probe when it is told to. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const Probe *probe;
	int result;
	bool done;
} older = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0, false };

static bool run_try_thread(const WorkerJob *job, PlainWriter *out, GError **error)
{
	if (job->number[0] >= n_probes)
		return false;
	pthread_mutex_lock(&older.lock);
	older.probe = &probes[job->number[0]];
	pthread_cond_broadcast(&older.changed);
	while (!older.done)
		pthread_cond_wait(&older.changed, &older.lock);
	pthread_mutex_unlock(&older.lock);
	return answer_number(out, 1, (uint64_t)older.result, error);
}

static uint64_t count_entries(void)
{
	char entries[4096];
	uint64_t n = 0;
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long got = syscall(SYS_getdents64, fd, entries, sizeof entries);
	for (long at = 0; at < got; n++) {
		unsigned short length;
		memcpy(&length, entries + at + 16, sizeof length);
		at += length;
	}
	close(fd);
	return n;
}

static bool run_private(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint64_t entries = count_entries();
	int fd = open("left", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || !plain_write_counter(out, 5, entries, error))
		return false;
	return job->number[0] != 0 ? run_hang(job, out, error) : plain_write_end(out, 0, error);
}

/* False: it did not become that large. */
static bool fill_file(unsigned number, uint64_t size, uint64_t *all)
{
	static const char block[1 << 16];
	char name[32];
	uint64_t written = 0;
	g_snprintf(name, sizeof name, "file%u", number);
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	for (ssize_t n = fd < 0 ? -1 : 1; n > 0 && written < size; written += n > 0 ? (uint64_t)n : 0)
		n = write(fd, block, MIN(size - written, sizeof block));
	int reason = errno;
	if (fd >= 0)
		close(fd);
	errno = reason;
	*all += written;
	return fd >= 0 && written == size;
}

static bool run_fill(const WorkerJob *job, PlainWriter *out, GError **error)
{
	uint64_t all = 0;
	unsigned files = 0;
	while (files < 100000 && fill_file(files, job->number[0], &all))
		files++;
	int reason = errno;
	return plain_write_counter(out, 6, all, error) && plain_write_counter(out, 7, files, error) &&
	       answer_number(out, 8, (uint64_t)reason, error);
}

static void *wait_for_ever(void *data)
{
	run_hang(NULL, NULL, NULL);
	return data;
}

static bool run_threads(const WorkerJob *job, PlainWriter *out, GError **error)
{
	pthread_t thread;
	uint64_t n = 0;
	while (n < 1000 && pthread_create(&thread, NULL, wait_for_ever, NULL) == 0)
		n++;
	if (!plain_write_counter(out, 9, n, error))
		return false;
	return job->number[0] != 0 ? run_hang(job, out, error) : plain_write_end(out, 0, error);
}

/* As LibreOffice makes its tables of code. */
static uint8_t *code;

static int write_code(void)
{
	return syscall(SYS_getrandom, code, 1, 0) == 1 ? 0 : errno;
}

static bool run_code(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return answer_number(out, 11, (uint64_t)write_code(), error);
}

static bool run_create(const WorkerJob *job, PlainWriter *out, GError **error)
{
	char path[64];
	if (job->number[0] >= G_N_ELEMENTS(probe_directories))
		return false;
	g_snprintf(path, sizeof path, "%s/mugai-probe", probe_directories[job->number[0]]);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return answer_number(out, 10, fd < 0 ? (uint64_t)errno : 0, error);
}

/* ---- spoilt answers -------------------------------------------------------------------------------- */

static void send_bytes(const void *bytes, size_t length)
{
	ssize_t ignored = write(SOCKET, bytes, length);
	(void)ignored;
}

/* READY was record 0: an answer starts with 1. */
static void send_record(PlainRecord *record, uint32_t sequence, int extra)
{
	g_autoptr(GByteArray) frame = plain_encode(record, sequence);
	g_byte_array_set_size(frame, (guint)((int)frame->len + extra));
	send_bytes(frame->data, frame->len);
}

static void send_counter(uint32_t sequence, int extra)
{
	PlainRecord counter = { .type = PLAIN_COUNTER, .counter = { .id = 1, .value = 2 } };
	send_record(&counter, sequence, extra);
}

static void send_end(uint32_t sequence, uint32_t records)
{
	PlainRecord end = { .type = PLAIN_END, .end = { .status = 0, .records = records } };
	send_record(&end, sequence, 0);
}

static void send_control_character(void)
{
	PlainRecord string = { .type = PLAIN_STRING, .string = { .slot = 1, .text = (char *)"a\033[2Jb" } };
	send_record(&string, 1, 0);
}

static void send_unasked_type(void)
{
	PlainRecord picture = { .type = PLAIN_PICTURE,
		                .picture = { .page = 1,
		                             .width = 1,
		                             .height = 1,
		                             .format = PLAIN_GRAY8,
		                             .dpi = 72,
		                             .box_width = 1,
		                             .box_height = 1,
		                             .length = 1 } };
	send_record(&picture, 1, 0);
}

static void send_oversized(void)
{
	static char bytes[PLAIN_FRAME_MAX + 100];
	send_bytes(bytes, sizeof bytes);
}

static bool run_garbage(const WorkerJob *job, PlainWriter *out, GError **error)
{
	switch ((ProbeGarbage)job->number[0]) {
	case PROBE_GARBAGE_BYTES:
		send_bytes("this is not a frame, it is prose", 32);
		break;
	case PROBE_GARBAGE_EMPTY:
		send_bytes("", 0);
		break;
	case PROBE_GARBAGE_OVERSIZED:
		send_oversized();
		break;
	case PROBE_GARBAGE_SHORT:
		send_counter(1, -1);
		break;
	case PROBE_GARBAGE_LONG:
		send_counter(1, 1);
		break;
	case PROBE_GARBAGE_SEQUENCE:
		send_counter(1, 0);
		send_counter(1, 0);
		break;
	case PROBE_GARBAGE_CONTROL:
		send_control_character();
		break;
	case PROBE_GARBAGE_TYPE:
		send_unasked_type();
		break;
	case PROBE_GARBAGE_RANGE:
		return write_part(out, job->arena_size - 1, 2, NULL, error) && plain_write_end(out, 0, error);
	case PROBE_GARBAGE_EXTRA:
		send_end(1, 1);
		send_counter(2, 0);
		break;
	case PROBE_GARBAGE_NO_END:
		send_counter(1, 0);
		break;
	case PROBE_GARBAGE_COUNT_LIE:
		send_end(1, 7);
		break;
	case PROBE_GARBAGE_FLOOD:
		for (uint32_t i = 1;; i++)
			send_counter(i, 0);
	case PROBE_GARBAGE_KINDS:
		break;
	}
	return true;
}

/* False: the child goes no further. */
static bool act_now(ProbeAct act)
{
	switch (act) {
	case PROBE_ACT_CRASH:
		*(volatile int *)16 = 1;
		return true;
	case PROBE_ACT_HANG:
		return run_hang(NULL, NULL, NULL);
	case PROBE_ACT_GARBAGE:
		send_bytes("no frame", 8);
		return true;
	case PROBE_ACT_EMPTY:
		send_bytes("", 0);
		return true;
	case PROBE_ACT_CLOSE:
		close(SOCKET);
		return run_hang(NULL, NULL, NULL);
	case PROBE_ACT_LEAVE:
		_exit(0);
	case PROBE_ACT_CLAIM_JAIL:
		_exit(42);
	case PROBE_ACTS:
		break;
	}
	return false;
}

static bool run_step(const WorkerJob *job, PlainWriter *out, GError **error)
{
	for (uint64_t step = 0; step <= PROBE_STEPS; step++) {
		if (step == job->number[0] && !act_now((ProbeAct)job->number[1]))
			return false;
		if (step < PROBE_STEPS && !plain_write_counter(out, 1, step, error))
			return false;
	}
	return plain_write_end(out, 0, error);
}

/* After the whole answer: what stands behind END. */
static bool run_behind_end(const WorkerJob *job, PlainWriter *out, GError **error)
{
	return plain_write_end(out, 0, error) && act_now((ProbeAct)job->number[1]);
}

static const struct {
	ProbeRequest request;
	bool (*run)(const WorkerJob *, PlainWriter *, GError **);
} requests[] = {
	{ PROBE_REQUEST_TRY, run_try },
	{ PROBE_REQUEST_HASH, run_hash },
	{ PROBE_REQUEST_STORE, run_store },
	{ PROBE_REQUEST_DESCRIPTORS, run_descriptors },
	{ PROBE_REQUEST_SPIN, run_spin },
	{ PROBE_REQUEST_HANG, run_hang },
	{ PROBE_REQUEST_EAT, run_eat },
	{ PROBE_REQUEST_OVERFLOW, run_overflow },
	{ PROBE_REQUEST_GARBAGE, run_garbage },
	{ PROBE_REQUEST_STEP, run_step },
	{ PROBE_REQUEST_BEHIND_END, run_behind_end },
	{ PROBE_REQUEST_DRIP, run_drip },
	{ PROBE_REQUEST_DRAW, run_draw },
	{ PROBE_REQUEST_ABORT, run_abort },
	{ PROBE_REQUEST_LINGER, run_linger },
	{ PROBE_REQUEST_NOTHING, run_nothing },
	{ PROBE_REQUEST_WRITE_FILE, run_write_file },
	{ PROBE_REQUEST_FAIL, run_fail },
	{ PROBE_REQUEST_TRY_THREAD, run_try_thread },
	{ PROBE_REQUEST_PRIVATE, run_private },
	{ PROBE_REQUEST_FILL, run_fill },
	{ PROBE_REQUEST_THREADS, run_threads },
	{ PROBE_REQUEST_CREATE, run_create },
	{ PROBE_REQUEST_CODE, run_code },
};

static bool run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
		if (requests[i].request == job->request)
			return requests[i].run(job, out, error);
	return false;
}

#ifdef PROBE_OFFICE
static void *older_main(void *data)
{
	pthread_mutex_lock(&older.lock);
	while (older.probe == NULL)
		pthread_cond_wait(&older.changed, &older.lock);
	older.result = older.probe->attempt(SOCKET);
	older.done = true;
	pthread_cond_broadcast(&older.changed);
	pthread_mutex_unlock(&older.lock);
	return data;
}

static bool settle(GError **error)
{
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, older_main, NULL);
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* Where the host lets nobody do so, there is nothing to close. */
	(void)mprotect(code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
	if (failed == 0 && write_code() == 0)
		return jail_close_code(error);
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "a thread, or a page: %s", g_strerror(failed));
	return false;
}
#endif

int main(int argc, char **argv)
{
#ifdef PROBE_OFFICE
	profile = office_profile;
	profile.private_size = PROBE_PRIVATE_SIZE;
	profile.file_size = PROBE_FILE_SIZE;
	profile.threads = PROBE_THREADS;
#endif
	const WorkerSpec spec = { .name = "mugai-probe",
		                  .profile = probe_profile,
		                  .max_records = 1000,
		                  .max_bytes = 1 << 20,
#ifdef PROBE_OFFICE
		                  .settle = settle,
#endif
		                  .run = run };
	return worker_main(argc, argv, &spec);
}
