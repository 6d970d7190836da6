/* policy_match: does a rule hold for this mail, or for this part of it? Inside policy*.c only. Trusted; one thread.
 *
 * Texts are brought into the form in which they are compared once, and all work on one mail has one bound: whoever sends a
 * thousand parts with long names must not hold a work slot of the gateway with them. */
#ifndef MUGAI_SANITIZE_POLICY_MATCH_PRIV_H
#define MUGAI_SANITIZE_POLICY_MATCH_PRIV_H

#include "policy_priv.h"

typedef struct PolicyMatch PolicyMatch;

enum { POLICY_THE_MESSAGE = -1 }; /* in place of the index of a part */

/* All three are borrowed, and must live and stay as long as the result. */
PolicyMatch *policy_match_new(const Policy *policy, const PolicyFacts *facts, const Message *message);
void policy_match_free(PolicyMatch *match);

/* The work that one mail may cost is spent: no answer counts any more. */
bool policy_match_exhausted(const PolicyMatch *match);

/* The first condition, those on the recipient aside, that does not hold; NULL when all do. Static words.
 * rule: index. *ret_unread: a cap kept what the condition asks for from being read, so that it is taken to hold:
 * for the decision on the message alone, where the rule is stricter than to deliver. */
const char *policy_match_refusal(PolicyMatch *match, guint rule, int part, bool *ret_unread);

/* At least 1: nobody is somebody whom no condition on recipients knows. */
guint policy_match_recipients(const PolicyMatch *match);
bool policy_match_recipient(PolicyMatch *match, guint rule, guint recipient);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyMatch, policy_match_free)

#endif
