/* policy: facts -> decision. Pure: no clock, no files, no state; any thread.
 *
 * Conditions come with later rules; what decides, and where the result stands, is final. */
#ifndef MUGAI_SANITIZE_POLICY_PRIV_H
#define MUGAI_SANITIZE_POLICY_PRIV_H

#include "assemble_priv.h"
#include "conf.h"
#include "message_priv.h"

typedef struct {
	ConfTopology topology;
	bool body_readable; /* false: no mail, cut, or nothing that can be parsed */
} PolicyFacts;

typedef struct {
	Decision message;
	const PolicyRule *rule; /* which decided; owned by the policy */
} PolicyDecision;

/* First match wins. Sets action and reason of each part of message. What the topology makes impossible is
 * turned into the nearest stricter thing: reject behind edge acts as hold (a 5xx would bounce to a forged
 * sender), hold without an originals store is notice-only. */
PolicyDecision policy_decide(const Policy *policy, const PolicyFacts *facts, Message *message);

#endif
