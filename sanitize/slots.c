/* slots: see slots_priv.h. */
#include "slots_priv.h"

#include <string.h>

enum { SLICE_US = 1000 * 1000 };

typedef struct {
	Slot *slot;
	GCond settled;
	bool granted;
	bool displaced;
} Waiter;

struct Slots {
	GMutex lock;
	GHashTable *in_work; /* sender -> how many of its messages, as a pointer */
	GQueue waiting[3];   /* of Waiter, by lane */
	unsigned held[3];
	unsigned served[3]; /* waiters that got a place; wraps */
	unsigned places;    /* as it was said last */
	unsigned slow_max;
	GCond heavy_free;
	bool heavy;
	uint64_t turned_away;
	uint64_t slowed;
};

Slots *slots_new(unsigned slow_max)
{
	Slots *slots = g_new0(Slots, 1);
	g_mutex_init(&slots->lock);
	g_cond_init(&slots->heavy_free);
	slots->slow_max = MAX(slow_max, 1);
	slots->in_work = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return slots;
}

void slots_free(Slots *slots)
{
	if (slots == NULL)
		return;
	g_hash_table_unref(slots->in_work);
	g_mutex_clear(&slots->lock);
	g_cond_clear(&slots->heavy_free);
	g_free(slots);
}

/* ---- shares ------------------------------------------------------------------------------------------- */

static unsigned share_of(const Slots *slots, const char *sender)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(slots->in_work, sender));
}

/* A sender is remembered only while it has something in work: the table cannot grow past the places. */
static void set_share(Slots *slots, const char *sender, unsigned n)
{
	if (n == 0)
		g_hash_table_remove(slots->in_work, sender);
	else
		g_hash_table_replace(slots->in_work, g_strdup(sender), GUINT_TO_POINTER(n));
}

/* ---- places ------------------------------------------------------------------------------------------- */

static bool slow_has_room(const Slots *slots)
{
	return slots->held[SLOT_SLOW] < MIN(MAX(slots->places / 2, 1), slots->slow_max);
}

static bool has_room(const Slots *slots, int lane)
{
	if (slots->held[SLOT_QUICK] + slots->held[SLOT_SLOW] >= slots->places)
		return false;
	return lane == SLOT_QUICK || slow_has_room(slots);
}

static void hold(Slots *slots, Slot *slot, int lane)
{
	slot->lane = lane;
	slots->held[lane]++;
	set_share(slots, slot->sender, share_of(slots, slot->sender) + 1);
}

static void release(Slots *slots, Slot *slot)
{
	if (slot->lane == SLOT_NONE)
		return;
	slots->held[slot->lane]--;
	set_share(slots, slot->sender, share_of(slots, slot->sender) - 1);
	slot->lane = SLOT_NONE;
}

static GList *next_of(const Slots *slots, int lane)
{
	GList *best = NULL;
	if (slots->served[lane] % SLOTS_OLDEST_EVERY == SLOTS_OLDEST_EVERY - 1)
		return slots->waiting[lane].head;
	unsigned least = UINT_MAX;
	for (GList *link = slots->waiting[lane].head; link != NULL; link = link->next) {
		unsigned share = share_of(slots, ((const Waiter *)link->data)->slot->sender);
		if (share >= least)
			continue;
		least = share;
		best = link;
	}
	return best;
}

/* The slow lane first, up to its half: the other half is the quick one's in any case, and where ordinary mail
 * always waits, the slow one would never get a place again. */
static void serve(Slots *slots)
{
	static const int lanes[] = { SLOT_SLOW, SLOT_QUICK };
	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		GList *next;
		while (has_room(slots, lanes[i]) && (next = next_of(slots, lanes[i])) != NULL) {
			Waiter *waiter = next->data;
			g_queue_delete_link(&slots->waiting[lanes[i]], next);
			hold(slots, waiter->slot, lanes[i]);
			slots->served[lanes[i]]++;
			waiter->granted = true;
			g_cond_signal(&waiter->settled);
		}
	}
}

static unsigned queue_max(const Slots *slots, int lane)
{
	return slots->places * (lane == SLOT_QUICK ? SLOTS_QUEUE_FACTOR : SLOTS_SLOW_FACTOR);
}

/* The newest waiter of the sender who has the most, should that be more than the newcomer would then have: a
 * flood from one sender must not take the places in the queue from all others. NULL: the newcomer has no
 * better claim. */
static GList *to_displace(Slots *slots, int lane, const char *newcomer)
{
	g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
	unsigned most = 0;
	GList *found = NULL;
	for (GList *link = slots->waiting[lane].head; link != NULL; link = link->next) {
		char *sender = ((Waiter *)link->data)->slot->sender;
		unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, sender)) + 1;
		g_hash_table_replace(counts, sender, GUINT_TO_POINTER(n));
		if (n < most)
			continue;
		most = n;
		found = link;
	}
	return most > GPOINTER_TO_UINT(g_hash_table_lookup(counts, newcomer)) + 1 ? found : NULL;
}

static bool make_room(Slots *slots, int lane, const char *newcomer)
{
	if (slots->waiting[lane].length < queue_max(slots, lane))
		return true;
	GList *link = to_displace(slots, lane, newcomer);
	if (link == NULL)
		return false;
	Waiter *waiter = link->data;
	g_queue_delete_link(&slots->waiting[lane], link);
	waiter->displaced = true;
	g_cond_signal(&waiter->settled);
	return true;
}

/* ---- waiting ------------------------------------------------------------------------------------------ */

/* Under the lock, which is let go meanwhile. False: progress said no. */
static bool wait_slice(Slots *slots, GCond *cond, const SlotsWait *wait)
{
	int64_t slice = MIN(wait->until, g_get_monotonic_time() + SLICE_US);
	if (g_cond_wait_until(cond, &slots->lock, slice) || wait->progress == NULL)
		return true;
	g_mutex_unlock(&slots->lock);
	bool wanted = wait->progress(wait->progress_user);
	g_mutex_lock(&slots->lock);
	return wanted;
}

static SlotsOutcome wait_in_queue(Slots *slots, Slot *slot, int lane, const SlotsWait *wait)
{
	Waiter waiter = { .slot = slot };
	bool wanted = true;
	g_cond_init(&waiter.settled);
	g_queue_push_tail(&slots->waiting[lane], &waiter);
	while (!waiter.granted && !waiter.displaced && wanted && g_get_monotonic_time() < wait->until)
		wanted = wait_slice(slots, &waiter.settled, wait);
	if (!waiter.granted)
		g_queue_remove(&slots->waiting[lane], &waiter);
	g_cond_clear(&waiter.settled);
	if (waiter.granted)
		return SLOTS_TAKEN;
	if (waiter.displaced)
		return SLOTS_FULL;
	return wanted ? SLOTS_LATE : SLOTS_UNWANTED;
}

static SlotsOutcome enter(Slots *slots, Slot *slot, int lane, const SlotsWait *wait)
{
	SlotsOutcome outcome = SLOTS_FULL;
	slots->places = wait->places;
	serve(slots); /* more places than before, after a reload */
	if (slots->waiting[lane].length == 0 && has_room(slots, lane)) {
		hold(slots, slot, lane);
		return SLOTS_TAKEN;
	}
	if (make_room(slots, lane, slot->sender))
		outcome = wait_in_queue(slots, slot, lane, wait);
	slots->turned_away += outcome == SLOTS_FULL || outcome == SLOTS_LATE ? 1 : 0;
	return outcome;
}

SlotsOutcome slots_take(Slots *slots, Slot *slot, const char *sender, const SlotsWait *wait)
{
	/* Upper and lower case of one address are no two senders. */
	*slot = (Slot) { .sender = g_ascii_strdown(sender, -1) };
	g_mutex_lock(&slots->lock);
	SlotsOutcome outcome = enter(slots, slot, SLOT_QUICK, wait);
	g_mutex_unlock(&slots->lock);
	return outcome;
}

bool slots_to_slow(Slots *slots, Slot *slot, unsigned places)
{
	g_mutex_lock(&slots->lock);
	slots->slowed++;
	slots->places = places;
	bool room = slots->waiting[SLOT_SLOW].length == 0 && slow_has_room(slots);
	if (room) {
		slots->held[slot->lane]--;
		slots->held[SLOT_SLOW]++;
		slot->lane = SLOT_SLOW;
	}
	g_mutex_unlock(&slots->lock);
	return room;
}

SlotsOutcome slots_take_slow(Slots *slots, Slot *slot, const SlotsWait *wait)
{
	g_mutex_lock(&slots->lock);
	release(slots, slot);
	serve(slots);
	SlotsOutcome outcome = enter(slots, slot, SLOT_SLOW, wait);
	g_mutex_unlock(&slots->lock);
	return outcome;
}

void slots_give(Slots *slots, Slot *slot)
{
	g_mutex_lock(&slots->lock);
	if (slot->lane != SLOT_NONE) {
		release(slots, slot);
		serve(slots);
	}
	g_mutex_unlock(&slots->lock);
	g_clear_pointer(&slot->sender, g_free);
}

/* ---- heavy work --------------------------------------------------------------------------------------- */

bool slots_heavy_enter(Slots *slots, const SlotsWait *wait)
{
	bool wanted = true;
	g_mutex_lock(&slots->lock);
	while (slots->heavy && wanted && g_get_monotonic_time() < wait->until)
		wanted = wait_slice(slots, &slots->heavy_free, wait);
	bool entered = !slots->heavy && wanted;
	slots->heavy = slots->heavy || entered;
	g_mutex_unlock(&slots->lock);
	return entered;
}

void slots_heavy_leave(Slots *slots)
{
	g_mutex_lock(&slots->lock);
	slots->heavy = false;
	g_cond_signal(&slots->heavy_free);
	g_mutex_unlock(&slots->lock);
}

void slots_status(Slots *slots, SlotsStatus *ret_status)
{
	g_mutex_lock(&slots->lock);
	*ret_status = (SlotsStatus) { .quick = slots->held[SLOT_QUICK],
		                      .slow = slots->held[SLOT_SLOW],
		                      .quick_waiting = slots->waiting[SLOT_QUICK].length,
		                      .slow_waiting = slots->waiting[SLOT_SLOW].length,
		                      .turned_away = slots->turned_away,
		                      .slowed = slots->slowed };
	g_mutex_unlock(&slots->lock);
}
