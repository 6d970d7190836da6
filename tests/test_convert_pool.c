/* The queue of documents: who is drawn when, what is shared, and that nobody waits for ever. */
#include "convert_pool_priv.h"

#include <string.h>

/* ---- documents that do what a test says --------------------------------------------------------------- */

typedef struct {
	GMutex lock;
	GCond changed;
	unsigned running, most, runs, freed;
	bool go; /* those that wait may end */
	GString *order;
} Scene;

typedef struct {
	Scene *scene;
	char name;
	bool waits;  /* until scene->go, or nobody wants it */
	bool obeys;  /* and then ends at its budget's end, too */
	bool fails;
	CellError code; /* then, 0: UNAVAILABLE */
	int64_t sleeps; /* microseconds */
	size_t bytes; /* of its PDF */
	bool *ret_unwanted;
	bool office;
	RenderStatus status;
} Document;

static RenderResult *draw(void *data, const ConvertBudget *budget, GError **error)
{
	const Document *document = data;
	Scene *scene = document->scene;
	bool wanted = true;
	g_mutex_lock(&scene->lock);
	scene->runs++;
	scene->running++;
	scene->most = MAX(scene->most, scene->running);
	g_string_append_c(scene->order, document->name);
	g_cond_broadcast(&scene->changed);
	if (document->sleeps > 0) {
		g_mutex_unlock(&scene->lock);
		g_usleep((gulong)document->sleeps);
		g_mutex_lock(&scene->lock);
	}
	while (document->waits && !scene->go && wanted &&
	       !(document->obeys && g_get_monotonic_time() >= budget->until)) {
		g_cond_wait_until(&scene->changed, &scene->lock, g_get_monotonic_time() + 20 * 1000);
		g_mutex_unlock(&scene->lock);
		wanted = budget->wanted(budget->wanted_user);
		g_mutex_lock(&scene->lock);
	}
	scene->running--;
	if (document->ret_unwanted != NULL)
		*document->ret_unwanted = !wanted;
	g_cond_broadcast(&scene->changed);
	g_mutex_unlock(&scene->lock);
	if (document->fails || !wanted) {
		g_set_error(error, CELL_ERROR,
		            document->code != 0 ? (int)document->code : CELL_ERROR_UNAVAILABLE, "no jail");
		return NULL;
	}
	RenderResult *result = g_new0(RenderResult, 1);
	result->status = document->obeys && !document->scene->go ? RENDER_STATUS_TIME : document->status;
	result->pages = 1;
	result->pdf = g_bytes_new_take(g_malloc0(document->bytes), document->bytes);
	return result;
}

static void free_document(void *data)
{
	Document *document = data;
	g_mutex_lock(&document->scene->lock);
	document->scene->freed++;
	g_cond_broadcast(&document->scene->changed);
	g_mutex_unlock(&document->scene->lock);
	g_free(document);
}

static Scene *scene_new(void)
{
	Scene *scene = g_new0(Scene, 1);
	g_mutex_init(&scene->lock);
	g_cond_init(&scene->changed);
	scene->order = g_string_new(NULL);
	return scene;
}

static void scene_free(Scene *scene)
{
	g_mutex_clear(&scene->lock);
	g_cond_clear(&scene->changed);
	g_string_free(scene->order, TRUE);
	g_free(scene);
}

static int64_t in_seconds(unsigned seconds)
{
	return g_get_monotonic_time() + (int64_t)seconds * G_USEC_PER_SEC;
}

static ConvertTicket *ask(ConvertPool *pool, Document what, const char *key, const char *sender, unsigned seconds)
{
	g_autoptr(GError) error = NULL;
	const ConvertJob job = { .key = key,
		                 .sender = sender,
		                 .office = what.office,
		                 .run = draw,
		                 .data = g_memdup2(&what, sizeof what),
		                 .free_data = free_document };
	ConvertTicket *ticket = convert_pool_ask(pool, &job, in_seconds(seconds), &error);
	g_assert_no_error(error);
	return ticket;
}

static RenderStatus status_of(ConvertTicket *ticket)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Converted) converted = convert_ticket_wait(ticket, NULL, NULL, &error);
	g_assert_no_error(error);
	return converted_result(converted)->status;
}

/* Until so many run, or ten seconds. */
static void await_running(Scene *scene, unsigned n)
{
	int64_t until = in_seconds(10);
	g_mutex_lock(&scene->lock);
	while (scene->running < n && g_cond_wait_until(&scene->changed, &scene->lock, until))
		continue;
	g_assert_cmpuint(scene->running, ==, n);
	g_mutex_unlock(&scene->lock);
}

static void let_go(Scene *scene)
{
	g_mutex_lock(&scene->lock);
	scene->go = true;
	g_cond_broadcast(&scene->changed);
	g_mutex_unlock(&scene->lock);
}

/* ---- tests -------------------------------------------------------------------------------------------- */

/* A hundred recipients, one document; those that come while it is drawn and those that come after. */
static void test_one_key(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	ConvertTicket *tickets[100];
	ConvertStatus status;

	for (unsigned i = 0; i < 50; i++)
		tickets[i] = ask(pool, (Document) { .scene = scene, .name = 'a', .waits = true, .bytes = 10 }, "key", "s", 30);
	await_running(scene, 1);
	let_go(scene);
	for (unsigned i = 0; i < 50; i++)
		g_assert_cmpint(status_of(tickets[i]), ==, RENDER_STATUS_COMPLETE);
	for (unsigned i = 50; i < 100; i++) {
		tickets[i] = ask(pool, (Document) { .scene = scene, .name = 'b' }, "key", "other", 30);
		g_assert_cmpint(status_of(tickets[i]), ==, RENDER_STATUS_COMPLETE);
	}
	convert_pool_status(pool, &status);
	g_assert_cmpuint(status.drawn, ==, 1);
	g_assert_cmpuint(status.shared, ==, 99);
	g_assert_cmpuint(status.kept, ==, 1);
	g_assert_cmpstr(scene->order->str, ==, "a");
	for (unsigned i = 0; i < 100; i++)
		convert_ticket_free(tickets[i]);
	convert_pool_free(pool);
	g_assert_cmpuint(scene->freed, ==, 100);
	scene_free(scene);
}

static void test_no_key(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();

	for (unsigned i = 0; i < 3; i++) {
		g_autoptr(ConvertTicket) ticket = ask(pool, (Document) { .scene = scene, .name = 'a' }, NULL, "s", 30);
		g_assert_cmpint(status_of(ticket), ==, RENDER_STATUS_COMPLETE);
	}
	g_assert_cmpuint(scene->runs, ==, 3);
	convert_pool_free(pool);
	scene_free(scene);
}

/* Of one sender two at a time, in all four; and who has none in work comes before who has one. */
static void test_fair(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	ConvertTicket *tickets[12];
	static const char *const senders[] = { "flood", "flood", "flood", "flood", "flood", "flood",
		                               "FLOOD", "flood", "b",     "b",     "c",     "c" };

	for (unsigned i = 0; i < 12; i++)
		tickets[i] = ask(pool, (Document) { scene, (char)('0' + i), .waits = true }, NULL, senders[i], 30);
	await_running(scene, 4);
	g_usleep(100 * 1000);
	await_running(scene, 4);
	/* '8' is b's first; c's first comes before b's second where both wait */
	g_assert_cmpuint(scene->order->len, ==, 4);
	g_assert_nonnull(strchr(scene->order->str, '0'));
	g_assert_nonnull(strchr(scene->order->str, '1'));
	g_assert_nonnull(strchr(scene->order->str, '8'));
	let_go(scene);
	for (unsigned i = 0; i < 12; i++) {
		g_assert_cmpint(status_of(tickets[i]), ==, RENDER_STATUS_COMPLETE);
		convert_ticket_free(tickets[i]);
	}
	g_assert_cmpuint(scene->most, <=, CONVERT_THREADS);
	g_assert_cmpuint(scene->runs, ==, 12);
	convert_pool_free(pool);
	scene_free(scene);
}

/* Office documents of however many senders hold two of the threads: what came after them, and needs no LibreOffice, goes on
 * beside them; and none of them is forgotten. */
static void test_office(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	ConvertTicket *tickets[12];
	for (unsigned i = 0; i < 12; i++) {
		g_autofree char *sender = g_strdup_printf("s%u", i);
		tickets[i] = ask(pool, (Document) { scene, i < 9 ? 'o' : 'p', .waits = true, .office = i < 9 }, NULL, sender, 30);
	}
	await_running(scene, 4);
	g_usleep(100 * 1000);
	g_mutex_lock(&scene->lock);
	g_assert_cmpuint(scene->order->len, ==, 4);
	unsigned office = 0;
	for (gsize i = 0; i < scene->order->len; i++)
		office += scene->order->str[i] == 'o' ? 1 : 0;
	g_assert_cmpuint(office, ==, CONVERT_OFFICE_MAX);
	g_mutex_unlock(&scene->lock);
	let_go(scene);
	for (unsigned i = 0; i < 12; i++) {
		g_assert_cmpint(status_of(tickets[i]), ==, RENDER_STATUS_COMPLETE);
		convert_ticket_free(tickets[i]);
	}
	g_assert_cmpuint(scene->runs, ==, 12);
	convert_pool_free(pool);
	scene_free(scene);
}

/* A host on which LibreOffice works again is not to be told ten minutes later. */
static void test_unavailable(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	g_autoptr(ConvertTicket) without =
	        ask(pool, (Document) { scene, 'a', .office = true, .status = RENDER_STATUS_UNAVAILABLE }, "key", "s", 30);
	g_assert_cmpint(status_of(without), ==, RENDER_STATUS_UNAVAILABLE);
	g_autoptr(ConvertTicket) with = ask(pool, (Document) { scene, 'b', .office = true }, "key", "s", 30);
	g_assert_cmpint(status_of(with), ==, RENDER_STATUS_COMPLETE);
	g_clear_pointer(&without, convert_ticket_free);
	g_clear_pointer(&with, convert_ticket_free);
	convert_pool_free(pool);
	scene_free(scene);
}

static void test_deadline(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	bool unwanted = false;
	int64_t start = g_get_monotonic_time();
	ConvertTicket *ticket =
	        ask(pool, (Document) { .scene = scene, .name = 'a', .waits = true, .ret_unwanted = &unwanted }, "key", "s", 1);

	g_assert_cmpint(status_of(ticket), ==, RENDER_STATUS_DEADLINE);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 8 * G_USEC_PER_SEC);
	convert_ticket_free(ticket);
	/* nobody waits for it any more: it ends, and is not kept */
	g_mutex_lock(&scene->lock);
	while (scene->freed == 0)
		g_cond_wait_until(&scene->changed, &scene->lock, in_seconds(10));
	g_mutex_unlock(&scene->lock);
	g_assert_true(unwanted);
	let_go(scene);
	ticket = ask(pool, (Document) { .scene = scene, .name = 'b' }, "key", "s", 30);
	g_assert_cmpint(status_of(ticket), ==, RENDER_STATUS_COMPLETE);
	g_assert_cmpstr(scene->order->str, ==, "ab");
	convert_ticket_free(ticket);
	convert_pool_free(pool);
	scene_free(scene);
}

static bool never(void *user)
{
	(void)user;
	return false;
}

/* The time of who asked first is over; the other one, who came while it was drawn, has more. */
static void test_own_deadline(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	const Document document = { .scene = scene, .name = 'a', .waits = true, .obeys = true };

	ConvertTicket *first = ask(pool, document, "key", "s", 1);
	await_running(scene, 1);
	ConvertTicket *second = ask(pool, document, "key", "other", 60);
	g_assert_cmpint(status_of(first), ==, RENDER_STATUS_DEADLINE);
	convert_ticket_free(first);
	g_mutex_lock(&scene->lock);
	for (int64_t until = in_seconds(10);
	     scene->runs < 2 && g_cond_wait_until(&scene->changed, &scene->lock, until);)
		continue;
	g_assert_cmpuint(scene->runs, ==, 2);
	g_mutex_unlock(&scene->lock);
	let_go(scene);
	g_assert_cmpint(status_of(second), ==, RENDER_STATUS_COMPLETE);
	convert_ticket_free(second);
	convert_pool_free(pool);
	g_assert_cmpuint(scene->runs, ==, 2);
	g_assert_cmpuint(scene->freed, ==, 2);
	scene_free(scene);
}

static void test_given_up(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	g_autoptr(GError) error = NULL;
	ConvertTicket *ticket = ask(pool, (Document) { .scene = scene, .name = 'a', .waits = true }, "key", "s", 30);

	g_assert_null(convert_ticket_wait(ticket, never, NULL, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_BUSY);
	convert_ticket_free(ticket);
	convert_pool_free(pool);
	scene_free(scene);
}

/* The environment's failures are for those who waited, and nobody else. */
static void test_failure(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	g_autoptr(GError) error = NULL;
	ConvertTicket *ticket = ask(pool, (Document) { .scene = scene, .name = 'a', .fails = true }, "key", "s", 30);

	g_assert_null(convert_ticket_wait(ticket, NULL, NULL, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE);
	convert_ticket_free(ticket);
	ticket = ask(pool, (Document) { .scene = scene, .name = 'b' }, "key", "s", 30);
	g_assert_cmpint(status_of(ticket), ==, RENDER_STATUS_COMPLETE);
	convert_ticket_free(ticket);
	convert_pool_free(pool);
	scene_free(scene);
}

/* A jail that stands still is tried again, but not for ever; where nothing names the document, whoever asks
 * decides. */
static void test_stalls(void)
{
	static const struct {
		const char *key;
		CellError code;
		bool settled; /* by the last try */
	} rows[] = { { "key", CELL_ERROR_STALLED, true },
		     { "other", CELL_ERROR_KILLED, false },
		     { NULL, CELL_ERROR_STALLED, false } };
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const Document document = {
			.scene = scene, .name = 'a', .fails = true, .code = rows[i].code
		};
		for (unsigned n = 1; n <= CONVERT_STALLS_MAX + 1; n++) {
			g_autoptr(GError) error = NULL;
			g_autoptr(ConvertTicket) ticket = ask(pool, document, rows[i].key, "s", 30);
			g_autoptr(Converted) converted = convert_ticket_wait(ticket, NULL, NULL, &error);
			if (!rows[i].settled || n < CONVERT_STALLS_MAX)
				g_assert_error(error, CELL_ERROR, (int)rows[i].code);
			else
				g_assert_cmpint(converted_result(converted)->status, ==, RENDER_STATUS_TIME);
		}
	}
	/* what was settled is kept, all else was tried each time */
	g_assert_cmpuint(scene->runs, ==, CONVERT_STALLS_MAX + 2 * (CONVERT_STALLS_MAX + 1));
	convert_pool_free(pool);
	scene_free(scene);
}

/* The time of its message ends what a jail does with an error of whatever kind: that is no reason for its mail to
 * come again. Another copy, which came later and has more time, gets what its own try says. */
static void test_late_failure(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	const Document slow = { .scene = scene, .name = 'a', .fails = true, .sleeps = 2 * G_USEC_PER_SEC };
	ConvertTicket *first = ask(pool, slow, "key", "s", 1);
	await_running(scene, 1); /* with the time that the first one has */
	ConvertTicket *second = ask(pool, slow, "key", "s", 60);
	g_assert_cmpint(status_of(first), ==, RENDER_STATUS_DEADLINE);
	g_autoptr(GError) error = NULL;
	g_assert_null(convert_ticket_wait(second, NULL, NULL, &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE);
	g_assert_cmpuint(scene->runs, ==, 2);
	convert_ticket_free(first);
	convert_ticket_free(second);
	convert_pool_free(pool);
	scene_free(scene);
}

static void test_full(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	ConvertTicket *tickets[CONVERT_WAITING_MAX + CONVERT_PER_SENDER];
	g_autoptr(GError) error = NULL;

	for (unsigned i = 0; i < CONVERT_PER_SENDER; i++)
		tickets[i] = ask(pool, (Document) { .scene = scene, .name = 'a', .waits = true }, NULL, "s", 60);
	await_running(scene, CONVERT_PER_SENDER);
	for (unsigned i = CONVERT_PER_SENDER; i < G_N_ELEMENTS(tickets); i++)
		tickets[i] = ask(pool, (Document) { .scene = scene, .name = 'b' }, NULL, "s", 60);
	Document document = { .scene = scene, .name = 'c' };
	const ConvertJob job = { .sender = "s", .run = draw, .data = g_memdup2(&document, sizeof document), .free_data = free_document };
	g_assert_null(convert_pool_ask(pool, &job, in_seconds(60), &error));
	g_assert_error(error, CELL_ERROR, CELL_ERROR_BUSY);
	g_assert_cmpuint(scene->freed, ==, 1);
	let_go(scene);
	for (unsigned i = 0; i < G_N_ELEMENTS(tickets); i++) {
		g_assert_cmpint(status_of(tickets[i]), ==, RENDER_STATUS_COMPLETE);
		convert_ticket_free(tickets[i]);
	}
	convert_pool_free(pool);
	scene_free(scene);
}

static void test_kept_bytes(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();
	ConvertStatus status;

	for (unsigned i = 0; i < 10; i++) {
		char key[8];
		g_snprintf(key, sizeof key, "%u", i);
		g_autoptr(ConvertTicket) ticket =
		        ask(pool, (Document) { .scene = scene, .name = 'a', .bytes = CONVERT_KEPT_BYTES / 4 }, key, "s", 30);
		g_assert_cmpint(status_of(ticket), ==, RENDER_STATUS_COMPLETE);
		convert_pool_status(pool, &status);
		g_assert_cmpuint(status.kept_bytes, <=, CONVERT_KEPT_BYTES);
	}
	g_assert_cmpuint(status.kept, ==, 3);
	convert_pool_free(pool);
	scene_free(scene);
}

/* Shutdown while some run and some wait. */
static void test_end(void)
{
	Scene *scene = scene_new();
	ConvertPool *pool = convert_pool_new();

	for (unsigned i = 0; i < 8; i++)
		convert_ticket_free(ask(pool, (Document) { .scene = scene, .name = 'a', .waits = true }, NULL, "s", 30));
	convert_pool_free(pool);
	g_assert_cmpuint(scene->freed, ==, 8);
	scene_free(scene);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/convert-pool/one-key", test_one_key);
	g_test_add_func("/convert-pool/no-key", test_no_key);
	g_test_add_func("/convert-pool/fair", test_fair);
	g_test_add_func("/convert-pool/deadline", test_deadline);
	g_test_add_func("/convert-pool/own-deadline", test_own_deadline);
	g_test_add_func("/convert-pool/office", test_office);
	g_test_add_func("/convert-pool/unavailable", test_unavailable);
	g_test_add_func("/convert-pool/given-up", test_given_up);
	g_test_add_func("/convert-pool/failure", test_failure);
	g_test_add_func("/convert-pool/stalls", test_stalls);
	g_test_add_func("/convert-pool/late-failure", test_late_failure);
	g_test_add_func("/convert-pool/full", test_full);
	g_test_add_func("/convert-pool/kept-bytes", test_kept_bytes);
	g_test_add_func("/convert-pool/end", test_end);
	return g_test_run();
}
