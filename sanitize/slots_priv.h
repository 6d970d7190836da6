/* slots: which messages are in work now, and who comes next.
 *
 * Two lanes share the places (work.slots). A message starts in the quick one; when its parser has used SLOTS_QUICK_CPU_MS
 * it goes over to the slow one, which never holds more than half of the places or of the processors, and its child has a low priority.
 * So a flood of mails that take seconds each cannot hold up those that take milliseconds, and
 * nobody has to guess from outside which are which.
 *
 * The next one is, of those who wait, the one whose sender has the fewest messages in work; among equals the one that
 * came first. Now and then it is who waits longest: an address can be forged, and must not be kept out by what others sent
 * in its name. Who finds a queue full is told at once (or takes the place of the newest waiter of whoever has most of
 * them): Postfix has a better queue than we, and a durable one.
 *
 * Threads: any. One Slot belongs to one message, and so to one thread at a time. */
#ifndef MUGAI_SANITIZE_SLOTS_PRIV_H
#define MUGAI_SANITIZE_SLOTS_PRIV_H

#include "supervisor.h"

enum {
	SLOTS_QUICK_CPU_MS = 15, /* ordinary mails take 1 to 10; one with 10 MB of attachments some 50 */
	SLOTS_OLDEST_EVERY = 8,  /* of so many that get a place one is who waits longest, whatever its sender has */
	SLOTS_QUEUE_FACTOR = 8,  /* so many times the places may wait in the quick lane, ... */
	SLOTS_SLOW_FACTOR = 1,   /* ... and in the slow one, where each waiter keeps a connection of Postfix busy */
};

typedef struct Slots Slots;

typedef struct {
	char *sender;   /* the group whose share it counts towards; owned */
	enum { SLOT_NONE = 0, SLOT_QUICK, SLOT_SLOW } lane; /* whose place it holds */
} Slot;

typedef enum {
	SLOTS_TAKEN,
	SLOTS_FULL,     /* told at once */
	SLOTS_LATE,     /* waited in vain */
	SLOTS_UNWANTED, /* progress said no */
} SlotsOutcome;

typedef struct {
	unsigned places; /* work.slots; >= 1 */
	int64_t until;   /* monotonic, microseconds */
	ProgressFunc progress; /* may be NULL; about every second while waiting */
	void *progress_user;
} SlotsWait;

/* slow_max: how many messages the slow lane holds at most, whatever half of the places is; >= 1. Half of this host's
 * processors keeps the other half free at any moment: priorities alone do not, since the scheduler shares its time
 * among sessions and services first. */
Slots *slots_new(unsigned slow_max);
/* Nobody waits or holds a place any more. */
void slots_free(Slots *slots);

/* sender: envelope address, "" is one group like any other. Clear it with slots_give, whatever came out. */
SlotsOutcome slots_take(Slots *slots, Slot *slot, const char *sender, const SlotsWait *wait);

/* The message turned out slow. True: it has changed lanes, at once. False: the slow lane is full; it still holds its
 * quick place. */
bool slots_to_slow(Slots *slots, Slot *slot, unsigned places);
/* Then: gives the quick place back and waits for a slow one. On failure it holds none. */
SlotsOutcome slots_take_slow(Slots *slots, Slot *slot, const SlotsWait *wait);

/* Gives back what it holds; a second call does nothing. */
void slots_give(Slots *slots, Slot *slot);

/* Work that runs in our own threads, where no priority can be lowered and raised again: of slow messages only one at a time
 * does it. False: not until then, or progress said no. */
bool slots_heavy_enter(Slots *slots, const SlotsWait *wait);
void slots_heavy_leave(Slots *slots);

typedef struct {
	unsigned quick, slow;                 /* in work */
	unsigned quick_waiting, slow_waiting;
	uint64_t turned_away; /* SLOTS_FULL and SLOTS_LATE, ever */
	uint64_t slowed;      /* messages that were found slow, ever */
} SlotsStatus;
void slots_status(Slots *slots, SlotsStatus *ret_status);

#endif
