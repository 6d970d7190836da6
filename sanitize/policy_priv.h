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
	/* envelope */
	const char *sender;            /* "" = null sender */
	const char *const *recipients; /* NULL-terminated */
	uint64_t size;                 /* bytes of the original */
} PolicyFacts;

typedef struct {
	Decision message;
	const PolicyRule *rule; /* which decided the message; owned by the policy */
} PolicyDecision;

/* First match wins. Sets action, reason and rule of each part of message. What the topology makes impossible is
 * turned into the nearest stricter thing: reject behind edge acts as hold (a 5xx would bounce to a forged
 * sender), hold without an originals store is notice-only. Facts of a jail (header, types, names, part sizes) are
 * claims: the worst that a lie reaches is the mildest action that the policy holds. */
PolicyDecision policy_decide(const Policy *policy, const PolicyFacts *facts, Message *message);

/* Why: lines of English and Japanese for `mugai explain`, one per rule that was looked at until the decision, for
 * the message and for each part: the rule's name and line, and the first condition that did not hold, or that
 * all held. Strings of the mail inside are quoted, cut, and hold no control characters. Newly allocated, LF. */
char *policy_explain(const Policy *policy, const PolicyFacts *facts, const Message *message);

#endif
