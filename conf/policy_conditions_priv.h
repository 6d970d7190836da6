/* policy_conditions: inside conf/ only. The `when` of a rule: how it is read, and when one of two rules leaves nothing
 * for the other. */
#ifndef MUGAI_CONF_POLICY_CONDITIONS_PRIV_H
#define MUGAI_CONF_POLICY_CONDITIONS_PRIV_H

#include "conf_schema_priv.h"

/* Reads a `when`. path: of it, for messages. n_patterns: of the whole policy, counted on. Every error goes to errors. */
void policy_conditions_read(PolicyConditions *when, const ConfYaml *node, const char *path, unsigned *n_patterns,
                            ConfErrors *errors);
void policy_conditions_clear(PolicyConditions *when);
/* No condition at all. */
bool policy_conditions_none(const PolicyConditions *when);
/* True when whatever the narrow ones match, the wide ones surely match as well: the same or wider literal
 * conditions. False when that cannot be told from the texts. */
bool policy_conditions_cover(const PolicyConditions *wide, const PolicyConditions *narrow);

#endif
