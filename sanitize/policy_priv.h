/* policy: facts -> decision. Pure: no clock, no files, no state; any thread. */
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
	bool exhausted;         /* not all rules could be tried within the bound, so that the strictest holds */
} PolicyDecision;

/* First match wins, for each recipient by itself; of what is so found for them the strictest holds for the one copy that
 * all of them get: neither may a rule made for one reach another by a second RCPT, nor may a second RCPT switch a rule off.
 * Addresses are compared in their canonical form. A rule that would not deliver and asks for parts (or for header fields)
 * holds for the message as well when a cap kept some of them from being read. Sets action, conversion, reason and rule of each part
 * of message. Of parts the strictest action is remove, then text (letters alone), image-pdf, image-pdf+text; and of how they are
 * converted the strictest of each (PolicyConversion). What was not scanned clean is removed, or only not scanned and the
 * policy allows that; so is what the parser could not read whole, and another form of the text. What the topology makes impossible is
 * turned into the nearest stricter thing: reject behind edge acts as hold (a 5xx would bounce to a forged
 * sender), hold without an originals store is notice-only. Facts of a jail (header, types, names, part sizes) are
 * claims: the worst that a lie reaches is the mildest action that the policy holds.
 * Bounded, far below a second: past 20 million steps of comparing the message is rejected (notice-only behind edge), all
 * parts are removed, and the rule told is the last one. */
PolicyDecision policy_decide(const Policy *policy, const PolicyFacts *facts, Message *message);

/* Why: lines of English for `mugai explain`, one per rule that was looked at until the decision, for
 * the message and for each part: the rule's name and line, and the first condition that did not hold, or that
 * all held, and for which recipients where they differ. Strings of the mail inside are quoted, cut, and hold no control characters. Newly allocated, LF. */
char *policy_explain(const Policy *policy, const PolicyFacts *facts, const Message *message);

#endif
