/* convert_pool: see convert_pool_priv.h. */
#include "convert_pool_priv.h"

#include <string.h>
#include <sys/resource.h>

enum { SLICE_US = 1000 * 1000 };

struct Converted {
	gatomicrefcount references;
	RenderResult *result;
};

typedef enum { TASK_WAITING, TASK_RUNNING, TASK_DONE } TaskState;

/* One document. Referenced by the queue or its thread, by the store, and by each ticket; all under the pool's lock. */
typedef struct {
	ConvertPool *pool;
	unsigned references;
	char *key; /* NULL: not to be found */
	char *sender;
	ConvertJob job;
	TaskState state;
	unsigned askers;
	int64_t until; /* the latest of its askers' */
	Converted *converted;
	GError *error;
	GCond done;
	int64_t kept_since;
	uint64_t kept_bytes;
} Task;

struct ConvertPool {
	GMutex lock;
	GCond work;          /* there is some, or the end */
	GHashTable *by_key;  /* key -> Task, of those that wait, run or are kept */
	GHashTable *in_work; /* sender -> number, as a pointer */
	GHashTable *stalls;  /* key -> number, likewise: how often its jail stood still */
	GQueue waiting;      /* of Task */
	GQueue kept;         /* of Task, the oldest first */
	GThread *threads[CONVERT_THREADS];
	unsigned n_threads, idle;
	unsigned served; /* wraps */
	unsigned office; /* documents in work that may need LibreOffice */
	bool ending;
	ConvertStatus status;
};

struct ConvertTicket {
	Task *task;
	int64_t until;
};

/* ---- results ------------------------------------------------------------------------------------------ */

static Converted *converted_new(RenderResult *result)
{
	Converted *converted = g_new0(Converted, 1);
	g_atomic_ref_count_init(&converted->references);
	converted->result = result;
	return converted;
}

static Converted *converted_failed(RenderStatus status)
{
	RenderResult *result = g_new0(RenderResult, 1);
	result->status = status;
	return converted_new(result);
}

const RenderResult *converted_result(const Converted *converted)
{
	return converted->result;
}

static Converted *converted_ref(Converted *converted)
{
	g_atomic_ref_count_inc(&converted->references);
	return converted;
}

void converted_unref(Converted *converted)
{
	if (converted == NULL || !g_atomic_ref_count_dec(&converted->references))
		return;
	render_result_free(converted->result);
	g_free(converted);
}

/* ---- tasks (under the lock) --------------------------------------------------------------------------- */

static void task_free_data(Task *task)
{
	if (task->job.free_data != NULL && task->job.data != NULL)
		task->job.free_data(task->job.data);
	task->job.data = NULL;
}

static Task *task_ref(Task *task)
{
	task->references++;
	return task;
}

static void task_unref(Task *task)
{
	if (--task->references > 0)
		return;
	task_free_data(task);
	converted_unref(task->converted);
	g_clear_error(&task->error);
	g_cond_clear(&task->done);
	g_free(task->key);
	g_free(task->sender);
	g_free(task);
}

static Task *task_new(ConvertPool *pool, const ConvertJob *job)
{
	Task *task = g_new0(Task, 1);
	task->pool = pool;
	task->references = 1;
	task->key = g_strdup(job->key);
	task->sender = g_ascii_strdown(job->sender, -1);
	task->job = *job;
	task->job.key = NULL;
	task->job.sender = NULL;
	g_cond_init(&task->done);
	return task;
}

/* ---- what is kept ------------------------------------------------------------------------------------- */

static void forget_key(ConvertPool *pool, const Task *task)
{
	if (task->key != NULL && g_hash_table_lookup(pool->by_key, task->key) == task)
		g_hash_table_remove(pool->by_key, task->key);
}

static void drop_oldest(ConvertPool *pool)
{
	Task *task = g_queue_pop_head(&pool->kept);
	pool->status.kept_bytes -= task->kept_bytes;
	forget_key(pool, task);
	task_unref(task);
}

static void drop_old(ConvertPool *pool)
{
	int64_t limit = g_get_monotonic_time() - (int64_t)CONVERT_KEPT_SECONDS * G_USEC_PER_SEC;
	for (const Task *task; (task = g_queue_peek_head(&pool->kept)) != NULL;) {
		if (task->kept_since >= limit && pool->status.kept_bytes <= CONVERT_KEPT_BYTES &&
		    pool->kept.length <= CONVERT_KEPT_MAX)
			return;
		drop_oldest(pool);
	}
}

static uint64_t size_of(const RenderResult *result)
{
	uint64_t pdf = result->pdf != NULL ? g_bytes_get_size(result->pdf) : 0;
	return pdf + (result->text != NULL ? strlen(result->text) : 0) + sizeof *result;
}

/* What the clock of one message ended may go well for the next one. What cannot be converted here costs nothing to find out, and
 * soon may be. */
static bool is_worth_keeping(const Task *task)
{
	return task->key != NULL && task->converted != NULL &&
	       task->converted->result->status != RENDER_STATUS_DEADLINE &&
	       task->converted->result->status != RENDER_STATUS_UNAVAILABLE;
}

static void keep(ConvertPool *pool, Task *task)
{
	if (!is_worth_keeping(task)) {
		forget_key(pool, task);
		return;
	}
	task->kept_since = g_get_monotonic_time();
	task->kept_bytes = size_of(task->converted->result);
	pool->status.kept_bytes += task->kept_bytes;
	g_queue_push_tail(&pool->kept, task_ref(task));
	drop_old(pool);
}

/* ---- the threads -------------------------------------------------------------------------------------- */

static unsigned share_of(const ConvertPool *pool, const char *sender)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(pool->in_work, sender));
}

static void set_share(ConvertPool *pool, const char *sender, unsigned n)
{
	if (n == 0)
		g_hash_table_remove(pool->in_work, sender);
	else
		g_hash_table_replace(pool->in_work, g_strdup(sender), GUINT_TO_POINTER(n));
}

static GList *next_of(ConvertPool *pool)
{
	bool oldest = pool->served % CONVERT_OLDEST_EVERY == CONVERT_OLDEST_EVERY - 1;
	unsigned least = CONVERT_PER_SENDER;
	GList *best = NULL;
	for (GList *link = pool->waiting.head; link != NULL; link = link->next) {
		const Task *task = link->data;
		unsigned share = share_of(pool, task->sender);
		if (share >= least || (task->job.office && pool->office >= CONVERT_OFFICE_MAX))
			continue;
		if (oldest)
			return link;
		least = share;
		best = link;
	}
	return best;
}

static Task *take_next(ConvertPool *pool)
{
	GList *link = next_of(pool);
	if (link == NULL)
		return NULL;
	Task *task = link->data;
	g_queue_delete_link(&pool->waiting, link);
	pool->served++;
	task->state = TASK_RUNNING;
	set_share(pool, task->sender, share_of(pool, task->sender) + 1);
	pool->office += task->job.office ? 1 : 0;
	return task;
}

static bool is_wanted(void *user)
{
	const Task *task = user;
	g_mutex_lock(&task->pool->lock);
	bool wanted = task->askers > 0 && !task->pool->ending;
	g_mutex_unlock(&task->pool->lock);
	return wanted;
}

/* What the clock of its message ended is neither the document's fault nor the host's: to come again would not
 * help. */
static bool is_late(const RenderResult *result, int64_t until)
{
	return g_get_monotonic_time() >= until && (result == NULL || result->status == RENDER_STATUS_TIME);
}

/* Without the lock. */
static void run_task(Task *task, int64_t until)
{
	const ConvertBudget budget = { .until = until, .wanted = is_wanted, .wanted_user = task };
	g_autoptr(GError) error = NULL;
	RenderResult *result = NULL;

	if (until > g_get_monotonic_time())
		result = task->job.run(task->job.data, &budget, &error);
	if (is_late(result, until)) {
		render_result_free(result);
		task->converted = converted_failed(RENDER_STATUS_DEADLINE);
	} else if (result != NULL) {
		task->converted = converted_new(result);
	} else {
		task->error = g_steal_pointer(&error);
	}
}

/* The clock that ended it was that of who asked first; who asked while it ran has more time, and gets a try of its
 * own. */
static bool goes_again(ConvertPool *pool, Task *task, int64_t until)
{
	bool late = task->converted != NULL && task->converted->result->status == RENDER_STATUS_DEADLINE;
	if (!late || task->until <= until || task->askers == 0 || pool->ending)
		return false;
	g_clear_pointer(&task->converted, converted_unref);
	return true;
}

/* One that stands still looks like a host that does, and comes again. Without an end to that its mail would
 * come, and hold a thread for document_wall each time, until it expires. */
static void count_stall(ConvertPool *pool, Task *task)
{
	if (task->key == NULL || task->askers == 0 ||
	    !g_error_matches(task->error, CELL_ERROR, CELL_ERROR_STALLED))
		return;
	unsigned stalls = GPOINTER_TO_UINT(g_hash_table_lookup(pool->stalls, task->key)) + 1;
	if (stalls == CONVERT_STALLS_MAX) {
		g_hash_table_remove(pool->stalls, task->key);
		g_clear_error(&task->error);
		task->converted = converted_failed(RENDER_STATUS_TIME);
		return;
	}
	if (g_hash_table_size(pool->stalls) >= CONVERT_KEPT_MAX)
		g_hash_table_remove_all(pool->stalls);
	g_hash_table_replace(pool->stalls, g_strdup(task->key), GUINT_TO_POINTER(stalls));
}

static void work_on(ConvertPool *pool, Task *task)
{
	int64_t until;
	pool->status.in_work++;
	do {
		until = task->until;
		g_mutex_unlock(&pool->lock);
		run_task(task, until);
		g_mutex_lock(&pool->lock);
	} while (goes_again(pool, task, until));
	task_free_data(task);
	pool->status.in_work--;
	pool->status.drawn++;
	task->state = TASK_DONE;
	set_share(pool, task->sender, share_of(pool, task->sender) - 1);
	pool->office -= task->job.office ? 1 : 0;
	count_stall(pool, task);
	keep(pool, task);
	g_cond_broadcast(&task->done);
	task_unref(task);
	/* The sender's share has become smaller: what waited for that may be another thread's. */
	g_cond_broadcast(&pool->work);
}

static void *thread_main(void *user)
{
	ConvertPool *pool = user;
	/* Of this thread alone (Linux has a priority for each): a milter's thread could not take its own back. */
	(void)setpriority(PRIO_PROCESS, 0, CONVERT_NICE);
	g_mutex_lock(&pool->lock);
	while (!pool->ending) {
		Task *task = take_next(pool);
		if (task != NULL) {
			work_on(pool, task);
			continue;
		}
		pool->idle++;
		g_cond_wait(&pool->work, &pool->lock);
		pool->idle--;
	}
	g_mutex_unlock(&pool->lock);
	return NULL;
}

static void wake_a_thread(ConvertPool *pool)
{
	g_cond_broadcast(&pool->work);
	if (pool->idle >= pool->waiting.length || pool->n_threads >= CONVERT_THREADS)
		return;
	GThread *thread = g_thread_try_new("convert", thread_main, pool, NULL);
	if (thread != NULL)
		pool->threads[pool->n_threads++] = thread;
}

/* ---- the pool ----------------------------------------------------------------------------------------- */

ConvertPool *convert_pool_new(void)
{
	ConvertPool *pool = g_new0(ConvertPool, 1);
	g_mutex_init(&pool->lock);
	g_cond_init(&pool->work);
	pool->by_key = g_hash_table_new(g_str_hash, g_str_equal);
	pool->in_work = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	pool->stalls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return pool;
}

void convert_pool_free(ConvertPool *pool)
{
	if (pool == NULL)
		return;
	g_mutex_lock(&pool->lock);
	pool->ending = true;
	g_cond_broadcast(&pool->work);
	g_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->n_threads; i++)
		g_thread_join(pool->threads[i]);
	while (pool->kept.length > 0)
		drop_oldest(pool);
	while (pool->waiting.length > 0)
		task_unref(g_queue_pop_head(&pool->waiting));
	g_hash_table_unref(pool->by_key);
	g_hash_table_unref(pool->in_work);
	g_hash_table_unref(pool->stalls);
	g_mutex_clear(&pool->lock);
	g_cond_clear(&pool->work);
	g_free(pool);
}

void convert_pool_status(ConvertPool *pool, ConvertStatus *ret_status)
{
	g_mutex_lock(&pool->lock);
	drop_old(pool);
	*ret_status = pool->status;
	ret_status->waiting = pool->waiting.length;
	ret_status->kept = pool->kept.length;
	g_mutex_unlock(&pool->lock);
}

/* ---- asking ------------------------------------------------------------------------------------------- */

/* What nobody waits for any more while it runs will be ended, and what failed for the environment's sake is no answer. */
static Task *find_task(ConvertPool *pool, const char *key)
{
	Task *task = key != NULL ? g_hash_table_lookup(pool->by_key, key) : NULL;
	bool abandoned = task != NULL && task->state == TASK_RUNNING && task->askers == 0;
	return abandoned ? NULL : task;
}

static Task *queue_task(ConvertPool *pool, const ConvertJob *job, GError **error)
{
	if (pool->waiting.length >= CONVERT_WAITING_MAX) {
		pool->status.turned_away++;
		g_set_error(error, CELL_ERROR, CELL_ERROR_BUSY, "too many documents wait to be drawn");
		return NULL;
	}
	Task *task = task_new(pool, job);
	if (task->key != NULL)
		g_hash_table_replace(pool->by_key, task->key, task);
	g_queue_push_tail(&pool->waiting, task);
	return task;
}

static void refuse_data(const ConvertJob *job)
{
	if (job->free_data != NULL && job->data != NULL)
		job->free_data(job->data);
}

ConvertTicket *convert_pool_ask(ConvertPool *pool, const ConvertJob *job, int64_t until, GError **error)
{
	ConvertTicket *ticket = NULL;
	g_mutex_lock(&pool->lock);
	drop_old(pool);
	Task *task = find_task(pool, job->key);
	bool known = task != NULL;
	if (!known)
		task = queue_task(pool, job, error);
	if (task != NULL) {
		ticket = g_new0(ConvertTicket, 1);
		ticket->task = task_ref(task);
		ticket->until = until;
		task->askers++;
		task->until = MAX(task->until, until);
		pool->status.shared += known ? 1 : 0;
	}
	if (ticket != NULL && !known)
		wake_a_thread(pool);
	g_mutex_unlock(&pool->lock);
	if (known || task == NULL)
		refuse_data(job);
	return ticket;
}

/* Under the lock, which is let go meanwhile. False: progress said no. */
static bool wait_slice(ConvertTicket *ticket, ProgressFunc progress, void *user)
{
	Task *task = ticket->task;
	ConvertPool *pool = task->pool;
	g_mutex_unlock(&pool->lock);
	bool wanted = progress == NULL || progress(user);
	g_mutex_lock(&pool->lock);
	if (wanted && task->state != TASK_DONE)
		g_cond_wait_until(&task->done, &pool->lock,
		                  MIN(ticket->until, g_get_monotonic_time() + SLICE_US));
	return wanted;
}

static Converted *outcome_of(const Task *task, bool wanted, GError **error)
{
	if (task->state != TASK_DONE && !wanted) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_BUSY, "the wait for a document was given up");
		return NULL;
	}
	if (task->state != TASK_DONE)
		return converted_failed(RENDER_STATUS_DEADLINE);
	if (task->converted != NULL)
		return converted_ref(task->converted);
	g_propagate_error(error, g_error_copy(task->error));
	return NULL;
}

Converted *convert_ticket_wait(ConvertTicket *ticket, ProgressFunc progress, void *progress_user, GError **error)
{
	Task *task = ticket->task;
	bool wanted = true;
	g_mutex_lock(&task->pool->lock);
	while (task->state != TASK_DONE && wanted && g_get_monotonic_time() < ticket->until)
		wanted = wait_slice(ticket, progress, progress_user);
	Converted *converted = outcome_of(task, wanted, error);
	g_mutex_unlock(&task->pool->lock);
	return converted;
}

static void leave_queue(ConvertPool *pool, Task *task)
{
	if (!g_queue_remove(&pool->waiting, task))
		return;
	forget_key(pool, task);
	task_unref(task);
}

void convert_ticket_free(ConvertTicket *ticket)
{
	if (ticket == NULL)
		return;
	Task *task = ticket->task;
	ConvertPool *pool = task->pool;
	g_mutex_lock(&pool->lock);
	task->askers--;
	if (task->askers == 0 && task->state == TASK_WAITING)
		leave_queue(pool, task);
	task_unref(task);
	g_mutex_unlock(&pool->lock);
	g_free(ticket);
}
