/* slots: who gets a place, in which order, and who is turned away. Waiters are threads that stand in a queue
 * until the test gives a place back; each step waits until the queue looks as it must. */
#include "slots_priv.h"

#include <string.h>

enum { PLACES = 4 };

typedef struct {
	Slots *slots;
	const char *sender;
	GThread *thread;
	GString *order; /* shared; under order_lock */
	int64_t until;
	bool gives;
	Slot slot;
	SlotsOutcome outcome;
} Guest;

static GMutex order_lock;

static SlotsWait wait_of(int64_t until)
{
	return (SlotsWait) { .places = PLACES, .until = until };
}

static int64_t in_ms(int64_t ms)
{
	return g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;
}

static SlotsStatus now(Slots *slots)
{
	SlotsStatus status;
	slots_status(slots, &status);
	return status;
}

static void await_waiting(Slots *slots, unsigned quick)
{
	int64_t until = in_ms(20000);
	while (now(slots).quick_waiting != quick && g_get_monotonic_time() < until)
		g_usleep(500);
	g_assert_cmpuint(now(slots).quick_waiting, ==, quick);
}

static void *guest_main(void *data)
{
	Guest *guest = data;
	const SlotsWait wait = wait_of(guest->until);
	guest->outcome = slots_take(guest->slots, &guest->slot, guest->sender, &wait);
	g_mutex_lock(&order_lock);
	if (guest->outcome == SLOTS_TAKEN)
		g_string_append(guest->order, guest->sender);
	g_mutex_unlock(&order_lock);
	if (guest->gives || guest->outcome != SLOTS_TAKEN)
		slots_give(guest->slots, &guest->slot);
	return NULL;
}

static void guest_start(Guest *guest, Slots *slots, const char *sender, GString *order, bool gives)
{
	*guest = (Guest) {
		.slots = slots, .sender = sender, .order = order, .until = in_ms(20000), .gives = gives
	};
	guest->thread = g_thread_new("guest", guest_main, guest);
}

static void take_now(Slots *slots, Slot *slot, const char *sender)
{
	const SlotsWait wait = wait_of(0);
	g_assert_cmpint(slots_take(slots, slot, sender, &wait), ==, SLOTS_TAKEN);
}

/* ---- places -------------------------------------------------------------------------------------------- */

static void test_places(void)
{
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES], late;
	const SlotsWait wait = wait_of(in_ms(30));
	for (unsigned i = 0; i < PLACES; i++)
		take_now(slots, &taken[i], "a");
	g_assert_cmpint(slots_take(slots, &late, "b", &wait), ==, SLOTS_LATE);
	slots_give(slots, &late);
	g_assert_cmpuint(now(slots).turned_away, ==, 1);
	slots_give(slots, &taken[0]);
	slots_give(slots, &taken[0]);
	g_assert_cmpuint(now(slots).quick, ==, PLACES - 1);
	take_now(slots, &taken[0], "b");
	for (unsigned i = 0; i < PLACES; i++)
		slots_give(slots, &taken[i]);
	g_assert_cmpuint(now(slots).quick, ==, 0);
	slots_free(slots);
}

static bool refuse(void *user)
{
	unsigned *calls = user;
	return ++*calls < 1;
}

static void test_unwanted(void)
{
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES], other;
	unsigned calls = 0;
	SlotsWait wait = wait_of(in_ms(20000));
	wait.progress = refuse;
	wait.progress_user = &calls;
	for (unsigned i = 0; i < PLACES; i++)
		take_now(slots, &taken[i], "a");
	g_assert_cmpint(slots_take(slots, &other, "b", &wait), ==, SLOTS_UNWANTED);
	g_assert_cmpuint(calls, ==, 1);
	slots_give(slots, &other);
	for (unsigned i = 0; i < PLACES; i++)
		slots_give(slots, &taken[i]);
	slots_free(slots);
}

/* ---- fairness ------------------------------------------------------------------------------------------ */

typedef struct {
	const char *name;
	const char *held;  /* senders in work, one letter each; all PLACES of them */
	const char *queue; /* senders that wait, PLACES of them, in order of arrival */
	const char *order; /* in which they get a place, when those of held are given back one by one */
} FairCase;

static const FairCase fair_cases[] = {
	{ "first come first served", "abcd", "efgh", "efgh" },
	{ "one sender in order", "aaaa", "aaaa", "aaaa" },
	{ "the flood waits", "aaaa", "aaab", "baaa" },
	{ "fewest in work", "aaab", "bcaa", "cbaa" },
	{ "upper case is no other sender", "AAAA", "aaba", "baaa" },
	{ "each in turn", "abcd", "aabc", "abca" },
};

static void test_fair(gconstpointer data)
{
	const FairCase *c = data;
	static const char *const senders[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES];
	Guest guests[PLACES];
	GString *order = g_string_new(NULL);
	const unsigned n = PLACES;
	g_assert_cmpuint(strlen(c->queue), ==, n);
	for (unsigned i = 0; i < PLACES; i++) {
		const char sender[] = { c->held[i], '\0' };
		take_now(slots, &taken[i], sender);
	}
	for (unsigned i = 0; i < n; i++) {
		guest_start(&guests[i], slots, senders[c->queue[i] - 'a'], order, false);
		await_waiting(slots, i + 1);
	}
	for (unsigned i = 0; i < n; i++) {
		slots_give(slots, &taken[i]);
		await_waiting(slots, n - i - 1);
		/* The order is written by the guest itself. */
		int64_t until = in_ms(20000);
		size_t written = 0;
		while (written <= i && g_get_monotonic_time() < until) {
			g_mutex_lock(&order_lock);
			written = order->len;
			g_mutex_unlock(&order_lock);
		}
	}
	g_assert_cmpstr(order->str, ==, c->order);
	for (unsigned i = 0; i < n; i++) {
		g_thread_join(guests[i].thread);
		slots_give(slots, &guests[i].slot);
	}
	g_assert_cmpuint(now(slots).quick, ==, 0);
	g_string_free(order, TRUE);
	slots_free(slots);
}

/* Whose address a long message bears, or a forged one, and who has a place by that, must get in all the same
 * while ever new senders come. */
static void test_oldest_gets_in(void)
{
	static const char *const names[SLOTS_OLDEST_EVERY] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES], *place = &taken[PLACES - 1];
	Guest victim, others[SLOTS_OLDEST_EVERY];
	GString *order = g_string_new(NULL);
	for (unsigned i = 0; i < PLACES; i++)
		take_now(slots, &taken[i], i == 0 ? "v" : "x");
	g_assert_true(slots_to_slow(slots, &taken[0], PLACES));
	guest_start(&victim, slots, "v", order, false);
	await_waiting(slots, 1);
	for (unsigned i = 0; i < SLOTS_OLDEST_EVERY; i++) {
		guest_start(&others[i], slots, names[i], order, false);
		await_waiting(slots, 2);
		slots_give(slots, place);
		await_waiting(slots, 1);
		if (i == SLOTS_OLDEST_EVERY - 1)
			break;
		g_thread_join(others[i].thread);
		place = &others[i].slot;
	}
	g_thread_join(victim.thread);
	g_assert_cmpint(victim.outcome, ==, SLOTS_TAKEN);
	g_assert_cmpstr(order->str, ==, "abcdefgv");
	slots_give(slots, &victim.slot);
	g_thread_join(others[SLOTS_OLDEST_EVERY - 1].thread);
	slots_give(slots, &others[SLOTS_OLDEST_EVERY - 1].slot);
	for (unsigned i = 0; i < PLACES - 1; i++)
		slots_give(slots, &taken[i]);
	g_assert_cmpuint(now(slots).quick + now(slots).slow, ==, 0);
	g_string_free(order, TRUE);
	slots_free(slots);
}

/* A full queue: a flood is told at once; who is not of it takes the place of its newest. */
static void test_full(void)
{
	enum { QUEUE = PLACES * SLOTS_QUEUE_FACTOR };
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES], more;
	Guest flood[QUEUE], honest;
	GString *order = g_string_new(NULL);
	for (unsigned i = 0; i < PLACES; i++)
		take_now(slots, &taken[i], "a");
	for (unsigned i = 0; i < QUEUE; i++) {
		guest_start(&flood[i], slots, "a", order, true);
		await_waiting(slots, i + 1);
	}
	const SlotsWait wait = wait_of(in_ms(20000));
	int64_t start = g_get_monotonic_time();
	g_assert_cmpint(slots_take(slots, &more, "a", &wait), ==, SLOTS_FULL);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_TIME_SPAN_SECOND);
	slots_give(slots, &more);

	guest_start(&honest, slots, "b", order, true);
	g_thread_join(flood[QUEUE - 1].thread); /* displaced */
	g_assert_cmpint(flood[QUEUE - 1].outcome, ==, SLOTS_FULL);
	await_waiting(slots, QUEUE);
	for (unsigned i = 0; i < PLACES; i++)
		slots_give(slots, &taken[i]);
	g_thread_join(honest.thread);
	g_assert_cmpint(honest.outcome, ==, SLOTS_TAKEN);
	for (unsigned i = 0; i < QUEUE - 1; i++) {
		g_thread_join(flood[i].thread);
		g_assert_cmpint(flood[i].outcome, ==, SLOTS_TAKEN);
	}
	g_assert_cmpuint(now(slots).turned_away, ==, 2);
	g_string_free(order, TRUE);
	slots_free(slots);
}

/* ---- the slow lane --------------------------------------------------------------------------------------
 */

static void test_slow_holds_half(void)
{
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES], quick[PLACES / 2];
	for (unsigned i = 0; i < PLACES; i++)
		take_now(slots, &taken[i], "a");
	for (unsigned i = 0; i < PLACES; i++)
		g_assert_cmpint(slots_to_slow(slots, &taken[i], PLACES), ==, i < PLACES / 2);
	g_assert_cmpuint(now(slots).slow, ==, PLACES / 2);
	g_assert_cmpuint(now(slots).slowed, ==, PLACES);

	/* The others have to wait, without a place: quick ones get in. */
	const SlotsWait wait = wait_of(in_ms(30));
	for (unsigned i = PLACES / 2; i < PLACES; i++) {
		g_assert_cmpint(slots_take_slow(slots, &taken[i], &wait), ==, SLOTS_LATE);
		g_assert_cmpint(taken[i].lane, ==, SLOT_NONE);
	}
	for (unsigned i = 0; i < PLACES / 2; i++)
		take_now(slots, &quick[i], "b");
	/* A slow one that ends lets the next one in, even when the quick half is full. */
	slots_give(slots, &taken[0]);
	g_assert_cmpint(slots_take_slow(slots, &taken[PLACES - 1], &wait), ==, SLOTS_TAKEN);
	g_assert_cmpint(taken[PLACES - 1].lane, ==, SLOT_SLOW);
	for (unsigned i = 0; i < PLACES; i++)
		slots_give(slots, &taken[i]);
	for (unsigned i = 0; i < PLACES / 2; i++)
		slots_give(slots, &quick[i]);
	g_assert_cmpuint(now(slots).quick + now(slots).slow, ==, 0);
	slots_free(slots);
}

static void *turned_slow_main(void *data)
{
	Guest *guest = data;
	const SlotsWait wait = wait_of(guest->until);
	guest->outcome = slots_take_slow(guest->slots, &guest->slot, &wait);
	return NULL;
}

static void await_slow_waiting(Slots *slots, unsigned slow)
{
	int64_t until = in_ms(20000);
	while (now(slots).slow_waiting != slow && g_get_monotonic_time() < until)
		g_usleep(500);
	g_assert_cmpuint(now(slots).slow_waiting, ==, slow);
}

/* Ordinary mail in such numbers that some of it always waits must not keep the long ones out for ever: their
 * half is theirs. */
static void test_slow_beside_a_flood(void)
{
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES];
	Guest flood[PLACES], turned = { .slots = slots, .until = in_ms(20000) };
	GString *order = g_string_new(NULL);
	for (unsigned i = 0; i < PLACES; i++)
		take_now(slots, &taken[i], "a");
	for (unsigned i = 0; i < PLACES / 2; i++)
		g_assert_true(slots_to_slow(slots, &taken[i], PLACES));
	for (unsigned i = 0; i < PLACES; i++) {
		guest_start(&flood[i], slots, "b", order, false);
		await_waiting(slots, i + 1);
	}
	/* This one turns slow where there is no room for it: its quick place goes to the flood. */
	turned.slot = taken[PLACES - 1];
	g_assert_false(slots_to_slow(slots, &turned.slot, PLACES));
	turned.thread = g_thread_new("turned", turned_slow_main, &turned);
	await_slow_waiting(slots, 1);
	await_waiting(slots, PLACES - 1);

	slots_give(slots, &taken[0]);
	await_slow_waiting(slots, 0);
	g_thread_join(turned.thread);
	g_assert_cmpint(turned.outcome, ==, SLOTS_TAKEN);
	g_assert_cmpuint(now(slots).slow, ==, PLACES / 2);
	g_assert_cmpuint(now(slots).quick_waiting, ==, PLACES - 1);

	slots_give(slots, &turned.slot);
	for (unsigned i = 1; i < PLACES - 1; i++)
		slots_give(slots, &taken[i]);
	for (unsigned i = 0; i < PLACES; i++) {
		g_thread_join(flood[i].thread);
		slots_give(slots, &flood[i].slot);
	}
	g_string_free(order, TRUE);
	slots_free(slots);
}

/* Fewer processors than places: the lane is as narrow as they ask for. */
static void test_slow_by_processors(void)
{
	Slots *slots = slots_new(1);
	Slot taken[2];
	for (unsigned i = 0; i < 2; i++)
		take_now(slots, &taken[i], "a");
	g_assert_true(slots_to_slow(slots, &taken[0], PLACES));
	g_assert_false(slots_to_slow(slots, &taken[1], PLACES));
	for (unsigned i = 0; i < 2; i++)
		slots_give(slots, &taken[i]);
	slots_free(slots);
	slots = slots_new(0); /* one processor: half of it is none, and yet a long message must be able to end */
	take_now(slots, &taken[0], "a");
	g_assert_true(slots_to_slow(slots, &taken[0], PLACES));
	slots_give(slots, &taken[0]);
	slots_free(slots);
}

/* One place in all: a slow message must still be able to end. */
static void test_one_place(void)
{
	Slots *slots = slots_new(PLACES);
	Slot slot;
	const SlotsWait wait = { .places = 1, .until = 0 };
	g_assert_cmpint(slots_take(slots, &slot, "a", &wait), ==, SLOTS_TAKEN);
	g_assert_true(slots_to_slow(slots, &slot, 1));
	slots_give(slots, &slot);
	g_assert_cmpint(slots_take(slots, &slot, "a", &wait), ==, SLOTS_TAKEN);
	slots_give(slots, &slot);
	slots_free(slots);
}

/* A reload gives more places: who waits gets one when the next message comes. */
static void test_more_places(void)
{
	Slots *slots = slots_new(PLACES);
	Slot taken[PLACES], other;
	Guest guest;
	GString *order = g_string_new(NULL);
	for (unsigned i = 0; i < PLACES; i++)
		take_now(slots, &taken[i], "a");
	guest_start(&guest, slots, "b", order, true);
	await_waiting(slots, 1);
	const SlotsWait wider = { .places = PLACES + 2, .until = 0 };
	g_assert_cmpint(slots_take(slots, &other, "c", &wider), ==, SLOTS_TAKEN);
	g_thread_join(guest.thread);
	g_assert_cmpint(guest.outcome, ==, SLOTS_TAKEN);
	slots_give(slots, &other);
	for (unsigned i = 0; i < PLACES; i++)
		slots_give(slots, &taken[i]);
	g_string_free(order, TRUE);
	slots_free(slots);
}

static void test_heavy(void)
{
	Slots *slots = slots_new(PLACES);
	SlotsWait wait = wait_of(in_ms(30));
	g_assert_true(slots_heavy_enter(slots, &wait));
	g_assert_false(slots_heavy_enter(slots, &wait));
	slots_heavy_leave(slots);
	wait.until = in_ms(30);
	g_assert_true(slots_heavy_enter(slots, &wait));
	slots_heavy_leave(slots);
	slots_free(slots);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/slots/places", test_places);
	g_test_add_func("/slots/unwanted", test_unwanted);
	for (size_t i = 0; i < G_N_ELEMENTS(fair_cases); i++) {
		g_autofree char *path = g_strconcat("/slots/fair/", fair_cases[i].name, NULL);
		g_test_add_data_func(path, &fair_cases[i], test_fair);
	}
	g_test_add_func("/slots/oldest-gets-in", test_oldest_gets_in);
	g_test_add_func("/slots/full", test_full);
	g_test_add_func("/slots/slow-holds-half", test_slow_holds_half);
	g_test_add_func("/slots/slow-beside-a-flood", test_slow_beside_a_flood);
	g_test_add_func("/slots/slow-by-processors", test_slow_by_processors);
	g_test_add_func("/slots/one-place", test_one_place);
	g_test_add_func("/slots/more-places", test_more_places);
	g_test_add_func("/slots/heavy", test_heavy);
	return g_test_run();
}
