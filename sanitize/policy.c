#include "policy_priv.h"

static const Decision decisions[] = {
	[POLICY_DELIVER] = DECISION_DELIVER,
	[POLICY_NOTICE_ONLY] = DECISION_NOTICE_ONLY,
	[POLICY_HOLD] = DECISION_HOLD,
	[POLICY_REJECT] = DECISION_REJECT,
};

static Decision fit_to_topology(Decision wanted, const PolicyFacts *facts)
{
	if (wanted == DECISION_DELIVER && !facts->body_readable)
		return DECISION_NOTICE_ONLY;
	if (facts->topology == CONF_BEHIND_EDGE && wanted == DECISION_REJECT)
		wanted = DECISION_HOLD;
	/* The original is in the internet-zone mailbox, or nowhere: no store yet. */
	return wanted == DECISION_HOLD ? DECISION_NOTICE_ONLY : wanted;
}

static void decide_part(MessagePart *part, const PolicyRule *rule)
{
	(void)rule; /* every rule removes parts until converters exist */
	part->action = PART_ACTION_REMOVE;
	if (part->reason == PART_REASON_NONE)
		part->reason = PART_REASON_POLICY;
}

PolicyDecision policy_decide(const Policy *policy, const PolicyFacts *facts, Message *message)
{
	const PolicyRule *rule = g_ptr_array_index(policy_rules(policy), 0);
	for (guint i = 0; i < message->parts->len; i++)
		decide_part(g_ptr_array_index(message->parts, i), rule);
	return (PolicyDecision) { .message = fit_to_topology(decisions[rule->message], facts), .rule = rule };
}
