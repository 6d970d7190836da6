/* office_health: see office_health_priv.h. */
#include "office_health_priv.h"

#include "programs.h"

#include <string.h>
#include <unistd.h>

enum {
	SLICE_US = 1000 * 1000,
	TEST_CPU_MS = 30 * 1000,
	TEST_WALL_MS = 60 * 1000,
	TEST_WAIT_MS = 60 * 1000,
};

#define PROGRAM "mugai-office"

/* Without these mugai-office opens nothing of the family. What is missing beyond that, its jail says for itself. */
static const char *const libraries[] = {
	[OFFICE_FAMILY_WRITER] = "/usr/lib/libreoffice/program/libswlo.so",
	[OFFICE_FAMILY_CALC] = "/usr/lib/libreoffice/program/libsclo.so",
	[OFFICE_FAMILY_IMPRESS] = "/usr/lib/libreoffice/program/libsdlo.so",
};
G_STATIC_ASSERT(G_N_ELEMENTS(libraries) == OFFICE_FAMILY_COUNT);

struct OfficeHealth {
	Supervisor *supervisor;
	GMutex lock;
	GCond changed;
	OfficeHealthState state;
	int64_t when;
	OfficeTest tests[OFFICE_FAMILY_COUNT];
	bool program; /* mugai-office was there when the kinds of jails were told */
	bool asked;  /* for a test that has not begun */
	bool ending;
	GThread *thread;
	void (*told)(void *user);
	void *told_user;
};

bool office_kind(const char *directory, unsigned spare, char **program, SupervisorKind *ret_kind)
{
	g_free(*program);
	*program = g_build_filename(directory, PROGRAM, NULL);
	*ret_kind = (SupervisorKind) { .name = OFFICE_KIND,
		                       .executable = *program,
		                       .spare = spare,
		                       .on_demand = true,
		                       .at_once = OFFICE_AT_ONCE,
		                       .maximum = OFFICE_AT_ONCE + spare };
	return access(*program, X_OK) == 0;
}

/* ---- what is installed ------------------------------------------------------------------------------------ */

static bool has_program(void)
{
	g_autofree char *program = programs_path(PROGRAM);
	return program != NULL && access(program, X_OK) == 0;
}

/* NULL: nothing that can be seen from here. */
static const char *what_is_missing(const OfficeHealth *health, OfficeFamily family)
{
	if (!health->program)
		return PROGRAM " is not installed";
	return access(libraries[family], R_OK) == 0 ? NULL : "not installed";
}

/* What is not there need not be tested. True: something is there. */
static bool look(const OfficeHealth *health, OfficeTest tests[OFFICE_FAMILY_COUNT])
{
	bool any = false;
	for (OfficeFamily family = 0; family < OFFICE_FAMILY_COUNT; family++) {
		const char *missing = what_is_missing(health, family);
		tests[family] = (OfficeTest) { .works = missing == NULL };
		g_strlcpy(tests[family].why, missing != NULL ? missing : "", sizeof tests[family].why);
		any = any || missing == NULL;
	}
	return any;
}

OfficeHealth *office_health_new(Supervisor *supervisor)
{
	OfficeHealth *health = g_new0(OfficeHealth, 1);
	health->supervisor = supervisor;
	health->program = has_program();
	look(health, health->tests);
	g_mutex_init(&health->lock);
	g_cond_init(&health->changed);
	return health;
}

void office_health_free(OfficeHealth *health)
{
	if (health == NULL)
		return;
	g_mutex_lock(&health->lock);
	health->ending = true;
	g_cond_broadcast(&health->changed);
	g_mutex_unlock(&health->lock);
	if (health->thread != NULL)
		g_thread_join(health->thread);
	g_mutex_clear(&health->lock);
	g_cond_clear(&health->changed);
	g_free(health);
}

/* ---- the test ------------------------------------------------------------------------------------------------ */

static bool goes_on(void *user)
{
	OfficeHealth *health = user;
	g_mutex_lock(&health->lock);
	bool on = !health->ending;
	g_mutex_unlock(&health->lock);
	return on;
}

static bool any_unknown(const OfficeTest tests[OFFICE_FAMILY_COUNT])
{
	for (size_t i = 0; i < OFFICE_FAMILY_COUNT; i++)
		if (tests[i].unknown)
			return true;
	return false;
}

static bool all_work(const OfficeTest tests[OFFICE_FAMILY_COUNT])
{
	for (size_t i = 0; i < OFFICE_FAMILY_COUNT; i++)
		if (!tests[i].works)
			return false;
	return true;
}

/* Under the lock. False: it is to end. */
static bool pause_for(OfficeHealth *health, int64_t seconds)
{
	int64_t until = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
	while (!health->ending && !health->asked && g_cond_wait_until(&health->changed, &health->lock, until))
		;
	return !health->ending;
}

/* Under the lock, which is let go meanwhile. */
static void run_test(OfficeHealth *health, OfficeTest tests[OFFICE_FAMILY_COUNT])
{
	const RenderContext context = { .supervisor = health->supervisor,
		                        .cpu_ms = TEST_CPU_MS,
		                        .wall_ms = TEST_WALL_MS,
		                        .wait_ms = TEST_WAIT_MS,
		                        .progress = goes_on,
		                        .progress_user = health };
	health->asked = false;
	g_mutex_unlock(&health->lock);
	OfficeTest found[OFFICE_FAMILY_COUNT];
	bool any = look(health, tests);
	if (any)
		office_self_test(&context, found);
	for (size_t i = 0; any && i < OFFICE_FAMILY_COUNT; i++)
		tests[i] = tests[i].works ? found[i] : tests[i];
	g_mutex_lock(&health->lock);
}

/* A host that is short of something now has not lost what worked before. */
static bool take(OfficeHealth *health, const OfficeTest tests[OFFICE_FAMILY_COUNT])
{
	bool changed = health->state != OFFICE_TESTED;
	for (size_t i = 0; i < OFFICE_FAMILY_COUNT; i++) {
		if (tests[i].unknown && health->state == OFFICE_TESTED && health->tests[i].works)
			continue;
		changed |= tests[i].works != health->tests[i].works || strcmp(tests[i].why, health->tests[i].why) != 0;
		health->tests[i] = tests[i];
	}
	health->state = OFFICE_TESTED;
	health->when = g_get_real_time() / G_USEC_PER_SEC;
	g_cond_broadcast(&health->changed);
	return changed;
}

static void test_once(OfficeHealth *health)
{
	OfficeTest tests[OFFICE_FAMILY_COUNT];
	run_test(health, tests);
	for (unsigned tries = 1; tries < OFFICE_TRIES && any_unknown(tests); tries++)
		if (pause_for(health, OFFICE_TRY_AGAIN_S))
			run_test(health, tests);
	if (health->ending || !take(health, tests) || health->told == NULL)
		return;
	g_mutex_unlock(&health->lock);
	health->told(health->told_user);
	g_mutex_lock(&health->lock);
}

static void *thread_main(void *user)
{
	OfficeHealth *health = user;
	g_mutex_lock(&health->lock);
	while (!health->ending) {
		test_once(health);
		while (!health->ending && !health->asked && all_work(health->tests))
			g_cond_wait(&health->changed, &health->lock);
		pause_for(health, OFFICE_AGAIN_S);
	}
	g_mutex_unlock(&health->lock);
	return NULL;
}

void office_health_test(OfficeHealth *health, void (*told)(void *user), void *told_user)
{
	g_mutex_lock(&health->lock);
	health->asked = true;
	if (health->thread == NULL) {
		health->state = OFFICE_TESTING;
		health->told = told;
		health->told_user = told_user;
		health->thread = g_thread_new("office-test", thread_main, health);
	}
	g_cond_broadcast(&health->changed);
	g_mutex_unlock(&health->lock);
}

/* ---- who asks -------------------------------------------------------------------------------------------------- */

static bool is_wanted(const ConvertBudget *budget)
{
	return g_get_monotonic_time() < budget->until &&
	       (budget->wanted == NULL || budget->wanted(budget->wanted_user));
}

bool office_health_families(OfficeHealth *health, const ConvertBudget *budget, uint32_t *ret_families, GError **error)
{
	*ret_families = 0;
	g_mutex_lock(&health->lock);
	while (health->state == OFFICE_TESTING) {
		g_mutex_unlock(&health->lock);
		bool wanted = is_wanted(budget);
		g_mutex_lock(&health->lock);
		if (!wanted)
			break;
		if (health->state == OFFICE_TESTING)
			g_cond_wait_until(&health->changed, &health->lock, g_get_monotonic_time() + SLICE_US);
	}
	bool known = health->state != OFFICE_TESTING;
	for (unsigned i = 0; i < OFFICE_FAMILY_COUNT; i++)
		*ret_families |= health->tests[i].works ? 1U << i : 0;
	g_mutex_unlock(&health->lock);
	if (!known)
		g_set_error(error, CELL_ERROR, CELL_ERROR_BUSY, "Office has not been tested yet");
	return known;
}

OfficeHealthState office_health_status(OfficeHealth *health, int64_t *ret_when, OfficeTest ret_tests[OFFICE_FAMILY_COUNT])
{
	g_mutex_lock(&health->lock);
	OfficeHealthState state = health->state;
	*ret_when = health->when;
	memcpy(ret_tests, health->tests, sizeof health->tests);
	g_mutex_unlock(&health->lock);
	return state;
}
