/* policy_conditions: inside conf/ only. The `when` of a rule: how it is read, and when one of two rules leaves nothing
 * for the other. */
#ifndef MUGAI_CONF_POLICY_CONDITIONS_PRIV_H
#define MUGAI_CONF_POLICY_CONDITIONS_PRIV_H

#include "conf_schema_priv.h"

/* Reads a `when`. path: of it, for messages. n_patterns: of the whole policy, counted on. Every error goes to errors.
 * False: there was one, and the conditions are not those that were meant. */
bool policy_conditions_read(PolicyConditions *when, const ConfYaml *node, const char *path, unsigned *n_patterns,
                            ConfErrors *errors);
void policy_conditions_clear(PolicyConditions *when);
/* No condition at all. */
bool policy_conditions_none(const PolicyConditions *when);
bool policy_conditions_want_authentication(const PolicyConditions *when);
/* Some of its results of authentication may be missing altogether. */
bool policy_conditions_take_unknown(const PolicyConditions *when);
/* True when whatever the narrow ones match, the wide ones surely match as well. False when that cannot be told from the
 * texts, such as where it takes two patterns of the wide ones to match all that one of the narrow ones does. */
bool policy_conditions_cover(const PolicyConditions *wide, const PolicyConditions *narrow);

/* Whatever the narrow one matches, the wide one surely matches as well. In policy_glob.c. */
bool policy_glob_covers(const PolicyGlob *wide, const PolicyGlob *narrow);

#endif
