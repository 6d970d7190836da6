/* policy_decide is pure: a table of what it is given and what it says. */
#include "policy_priv.h"

#include <string.h>

typedef struct {
	const char *name;
	const char *message; /* the rule's action */
	ConfTopology topology;
	bool body_readable;
	Decision expected;
} Case;

static const Case cases[] = {
	{ "deliver", "deliver", CONF_BEHIND_EDGE, true, DECISION_DELIVER },
	{ "deliver-one-hop", "deliver", CONF_ONE_HOP, true, DECISION_DELIVER },
	{ "nothing-to-read", "deliver", CONF_BEHIND_EDGE, false, DECISION_NOTICE_ONLY },
	{ "nothing-to-read-one-hop", "deliver", CONF_ONE_HOP, false, DECISION_NOTICE_ONLY },
	{ "notice-only", "notice-only", CONF_BEHIND_EDGE, true, DECISION_NOTICE_ONLY },
	/* A 5xx behind edge would bounce to a forged sender. */
	{ "reject-behind-edge", "reject", CONF_BEHIND_EDGE, true, DECISION_NOTICE_ONLY },
	{ "reject-one-hop", "reject", CONF_ONE_HOP, true, DECISION_REJECT },
	{ "hold-without-a-store", "hold", CONF_BEHIND_EDGE, true, DECISION_NOTICE_ONLY },
};

static Policy *policy_with(const char *message)
{
	g_autofree char *text = g_strdup_printf(
	        "name: test\nrules:\n  - name: all\n    message: %s\n    parts: remove\n", message);
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	Policy *policy = policy_parse("test", text, strlen(text), errors);
	g_assert_nonnull(policy);
	return policy;
}

static void add_part(Message *message, PartReason reason)
{
	MessagePart *part = g_new0(MessagePart, 1);
	part->reason = reason;
	part->action = PART_ACTION_TEXT; /* the policy must set it */
	g_ptr_array_add(message->parts, part);
}

static void test_case(gconstpointer data)
{
	const Case *c = data;
	g_autoptr(Policy) policy = policy_with(c->message);
	g_autoptr(Message) message = message_new();
	add_part(message, PART_REASON_NONE);
	add_part(message, PART_REASON_DAMAGED);
	const PolicyFacts facts = { .topology = c->topology, .body_readable = c->body_readable };

	PolicyDecision decision = policy_decide(policy, &facts, message);
	g_assert_cmpint(decision.message, ==, c->expected);
	g_assert_cmpstr(decision.rule->name, ==, "all");
	const MessagePart *first = g_ptr_array_index(message->parts, 0);
	const MessagePart *second = g_ptr_array_index(message->parts, 1);
	g_assert_cmpint(first->action, ==, PART_ACTION_REMOVE);
	g_assert_cmpint(first->reason, ==, PART_REASON_POLICY);
	g_assert_cmpint(second->action, ==, PART_ACTION_REMOVE);
	/* Why the jail could not read it says more than that the policy removes it. */
	g_assert_cmpint(second->reason, ==, PART_REASON_DAMAGED);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strconcat("/policy/", cases[i].name, NULL);
		g_test_add_data_func(path, &cases[i], test_case);
	}
	return g_test_run();
}
