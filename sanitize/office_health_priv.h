/* office_health: which families of Office documents this host converts. Trusted.
 *
 * LibreOffice may be missing, or there and unable: then Office documents are removed with that reason, and everything else goes
 * on. So before the first of them a document of our own goes through the same jail (office_self_test); what comes in the meantime waits.
 * A command has no time for that: it takes whatever is installed for well.
 *
 * Threads: any.
 */
#ifndef MUGAI_SANITIZE_OFFICE_HEALTH_PRIV_H
#define MUGAI_SANITIZE_OFFICE_HEALTH_PRIV_H

#include "convert_pool_priv.h"
#include "office.h"

G_BEGIN_DECLS

enum {
	OFFICE_AT_ONCE = CONVERT_OFFICE_MAX, /* children with a document (design 2), whoever asks */
	OFFICE_SPARE = 2,         /* children that wait for one */
	OFFICE_AGAIN_S = 600,     /* after a test that failed */
	OFFICE_TRIES = 3,         /* until what the environment keeps from being tested counts as not there */
	OFFICE_TRY_AGAIN_S = 5,
};

/* The kind of jail for it. spare: children kept ready. False: mugai-office is not in the directory. program: where its path goes,
 * g_free'd before; it lives as long as the kind. */
bool office_kind(const char *directory, unsigned spare, char **program, SupervisorKind *ret_kind);

typedef struct OfficeHealth OfficeHealth;

/* Only looks whether there is anything to convert with. */
OfficeHealth *office_health_new(Supervisor *supervisor);
/* Ends a test that runs. Nobody waits any more. NULL is fine. */
void office_health_free(OfficeHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OfficeHealth, office_health_free)

/* From now on a thread tests: now, at each further call, and every OFFICE_AGAIN_S after a failure. told: called by that thread after
 * each test that changed something; may be NULL. Both from the first call. */
void office_health_test(OfficeHealth *health, void (*told)(void *user), void *told_user);

/* Bit (1 << OfficeFamily) for each family that works. Waits for the first test, should there be one, as long as the budget says.
 * False: it is not known yet (CELL_ERROR_BUSY). */
bool office_health_families(OfficeHealth *health, const ConvertBudget *budget, uint32_t *ret_families,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
	OFFICE_UNTESTED = 0, /* nobody has asked for a test */
	OFFICE_TESTING,      /* the first one */
	OFFICE_TESTED,
} OfficeHealthState;

/* The state, when that came (seconds since 1970), and what is known of each family. */
OfficeHealthState office_health_status(OfficeHealth *health, int64_t *ret_when, OfficeTest ret_tests[OFFICE_FAMILY_COUNT]);

G_END_DECLS

#endif
