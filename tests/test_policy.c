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
	part->number = g_strdup("1");
	part->name = g_strdup("");
	part->declared_type = g_strdup("");
	part->true_type = g_strdup("");
	part->reason = reason;
	part->action = PART_ACTION_TEXT; /* the policy must set it */
	g_ptr_array_add(message->parts, part);
}

static MessagePart *describe_part(Message *message, const char *number, const char *name,
                                  const char *declared, const char *real, uint64_t bytes)
{
	MessagePart *part = g_new0(MessagePart, 1);
	part->number = g_strdup(number);
	part->name = g_strdup(name);
	part->declared_type = g_strdup(declared);
	part->true_type = g_strdup(real);
	part->bytes = bytes;
	g_ptr_array_add(message->parts, part);
	return part;
}

static void test_case(gconstpointer data)
{
	const Case *c = data;
	g_autoptr(Policy) policy = policy_with(c->message);
	g_autoptr(Message) message = message_new();
	add_part(message, PART_REASON_NONE);
	add_part(message, PART_REASON_DAMAGED);
	const PolicyFacts facts = { .topology = c->topology,
		                    .body_readable = c->body_readable,
		                    .sender = "" };

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

/* ---- conditions: one rule named "it" with them, and one for all the rest
 * ------------------------------------ */

typedef struct {
	const char *name;
	const char *when; /* YAML in flow form */
	const char *sender;
	const char *recipient; /* two when joined by a blank */
	const char *field;     /* value of X-Flag; NULL = the mail has none */
	uint64_t size;
	bool message; /* the rule decides the message */
	bool first;  /* ... the first part: "Rechnung.PDF.exe", application/pdf, really application/x-dosexec,
	                5000 */
	bool second; /* ... the second: "写真.jpg", image/jpeg, not known, 100 */
} Condition;

static const Condition conditions[] = {
	{ "sender", "{sender: a@b.example}", "A@B.example", "r@x", NULL, 1, true, true, true },
	{ "sender-other", "{sender: a@b.example}", "a@b.example.com", "r@x", NULL, 1, false, false, false },
	{ "sender-list", "{sender: [x.example, b.example]}", "a@b.example", "r@x", NULL, 1, true, true,
	  true },
	{ "domain-is-not-below", "{sender: b.example}", "a@c.b.example", "r@x", NULL, 1, false, false,
	  false },
	{ "below", "{sender: '*.b.example'}", "a@d.c.B.example", "r@x", NULL, 1, true, true, true },
	{ "below-is-not-at", "{sender: '*.b.example'}", "a@b.example", "r@x", NULL, 1, false, false, false },
	{ "below-needs-a-dot", "{sender: '*.b.example'}", "a@evilb.example", "r@x", NULL, 1, false, false,
	  false },
	{ "null-sender", "{sender: '<>'}", "", "r@x", NULL, 1, true, true, true },
	{ "null-sender-other", "{sender: '<>'}", "a@b.example", "r@x", NULL, 1, false, false, false },
	{ "domain-of-quoted-local", "{sender: b.example}", "\"x@y\"@b.example", "r@x", NULL, 1, true, true,
	  true },
	{ "recipient", "{recipient: x.example}", "", "r@x.example", NULL, 1, true, true, true },
	/* A second recipient must not come under a rule that was made for the first. */
	{ "recipient-second", "{recipient: x.example}", "", "r@x.example r@y.example", NULL, 1, false, false,
	  false },
	{ "recipient-both", "{recipient: [x.example, y.example]}", "", "r@x.example r@y.example", NULL, 1,
	  true, true, true },
	{ "header", "{header: {name: x-flag, value: 'yes*'}}", "", "r@x", "YES, spam", 1, true, true, true },
	{ "header-full-width", "{header: {name: X-Flag, value: yes}}", "", "r@x", "ＹＥＳ", 1, true, true,
	  true },
	{ "header-value", "{header: {name: X-Flag, value: 'yes*'}}", "", "r@x", "no", 1, false, false,
	  false },
	{ "header-missing", "{header: {name: X-Flag, value: '*'}}", "", "r@x", NULL, 1, false, false, false },
	{ "header-both", "{header: [{name: X-Flag, value: a}, {name: X-Flag, value: b}]}", "", "r@x", "a", 1,
	  false, false, false },
	{ "size-over", "{size: {over: 10KB}}", "", "r@x", NULL, 10241, true, true, true },
	{ "size-not-over", "{size: {over: 10KB}}", "", "r@x", NULL, 10240, false, false, false },
	{ "size-under", "{size: {under: 10KB}}", "", "r@x", NULL, 10239, true, true, true },
	{ "size-between", "{size: {over: 1KB, under: 10KB}}", "", "r@x", NULL, 500, false, false, false },
	{ "declared", "{part: {declared-type: application/PDF}}", "", "r@x", NULL, 1, true, true, false },
	{ "declared-any-image", "{part: {declared-type: 'image/*'}}", "", "r@x", NULL, 1, true, false, true },
	{ "true", "{part: {true-type: application/x-dosexec}}", "", "r@x", NULL, 1, true, true, false },
	{ "true-unknown", "{part: {true-type: unknown}}", "", "r@x", NULL, 1, true, false, true },
	{ "true-image-is-not-unknown", "{part: {true-type: 'image/*'}}", "", "r@x", NULL, 1, false, false,
	  false },
	{ "name", "{part: {name: '*.EXE'}}", "", "r@x", NULL, 1, true, true, false },
	{ "name-japanese", "{part: {name: '写?.*'}}", "", "r@x", NULL, 1, true, false, true },
	{ "part-size", "{part: {size: {over: 1KB}}}", "", "r@x", NULL, 1, true, true, false },
	/* One part must meet all: the name of one and the type of another make no match. */
	{ "one-part-meets-all", "{part: {name: '*.exe', declared-type: image/jpeg}}", "", "r@x", NULL, 1,
	  false, false, false },
	{ "all-conditions", "{sender: b.example, part: {name: '*.exe'}}", "a@c.example", "r@x", NULL, 1,
	  false, false, false },
};

static void test_condition(gconstpointer data)
{
	const Condition *c = data;
	g_autofree char *text =
	        g_strdup_printf("name: t\nrules:\n- {name: it, when: %s, message: hold, parts: remove}\n"
	                        "- {name: rest, message: deliver, parts: remove}\n",
	                        c->when);
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Policy) policy = policy_parse("test", text, strlen(text), errors);
	for (guint i = 0; i < errors->len; i++)
		g_test_message("%s", (char *)g_ptr_array_index(errors, i));
	g_assert_nonnull(policy);
	g_auto(GStrv) recipients = g_strsplit(c->recipient, " ", -1);
	const PolicyFacts facts = { .body_readable = true,
		                    .sender = c->sender,
		                    .recipients = (const char *const *)recipients,
		                    .size = c->size };
	g_autoptr(Message) message = message_new();
	const MessagePart *first = describe_part(message, "2", "Rechnung.PDF.exe", "application/pdf",
	                                         "application/x-dosexec", 5000);
	const MessagePart *second = describe_part(message, "3", "写真.jpg", "image/jpeg", "", 100);
	if (c->field != NULL) {
		MessageField *field = g_new0(MessageField, 1);
		field->name = g_strdup("X-Flag");
		field->value = g_strdup(c->field);
		g_ptr_array_add(message->fields, field);
	}

	PolicyDecision decision = policy_decide(policy, &facts, message);
	g_assert_cmpstr(decision.rule->name, ==, c->message ? "it" : "rest");
	g_assert_cmpint(decision.message, ==, c->message ? DECISION_NOTICE_ONLY : DECISION_DELIVER);
	g_assert_cmpstr(first->rule, ==, c->first ? "it" : "rest");
	g_assert_cmpstr(second->rule, ==, c->second ? "it" : "rest");

	g_autofree char *why = policy_explain(policy, &facts, message);
	g_autofree char *by =
	        g_strdup_printf("message: %s, by rule %s\n", c->message ? "notice-only" : "deliver",
	                        c->message ? "it" : "rest");
	g_autofree char *part = g_strdup_printf("part 2: remove, by rule %s\n", c->first ? "it" : "rest");
	g_assert_nonnull(strstr(why, by));
	g_assert_nonnull(strstr(why, part));
	g_assert_true((strstr(why, "rule it (line 3): no, because of \"") != NULL) ==
	              !(c->message && c->first && c->second));
}

/* A rule may decide one thing and leave the other to a later one. */
static void test_halves(void)
{
	static const char text[] =
	        "name: t\nrules:\n- {name: m, message: notice-only, when: {sender: b.example}}\n"
	        "- {name: p, parts: remove, when: {part: {name: '*.exe'}}}\n"
	        "- {name: rest, message: deliver, parts: remove}\n";
	g_autoptr(Policy) policy = policy_parse("test", text, sizeof text - 1, NULL);
	g_autoptr(Message) message = message_new();
	const MessagePart *exe = describe_part(message, "2", "a.exe", "a/b", "", 1);
	const MessagePart *txt = describe_part(message, "3", "a.txt\033[31m", "a/b", "", 1);
	const char *const recipients[] = { "r@x", NULL };
	const PolicyFacts facts = { .body_readable = true,
		                    .sender = "a@b.example",
		                    .recipients = recipients };
	g_assert_cmpstr(policy_decide(policy, &facts, message).rule->name, ==, "m");
	g_assert_cmpstr(exe->rule, ==, "p");
	g_assert_cmpstr(txt->rule, ==, "rest");
	g_autofree char *why = policy_explain(policy, &facts, message);
	g_assert_null(strchr(why, '\033'));
}

static void test_globs(void)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} globs[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "abc", true },
		{ "?", "", false },
		{ "?", "あ", true },
		{ "??", "あ", false },
		{ "a*c", "abbc", true },
		{ "a*c", "abbd", false },
		{ "*.exe", "a.exe.txt", false },
		{ "*.exe*", "a.exe.txt", true },
		{ "*a*b*c*", "xxaxxbxxcxx", true },
		{ "*a*b*c*", "xxaxxcxxbxx", false },
		{ "a**b", "ab", true },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(globs); i++) {
		g_test_message("%s over %s", globs[i].pattern, globs[i].text);
		g_assert_true(policy_glob_matches(globs[i].pattern, globs[i].text) == globs[i].matches);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strconcat("/policy/", cases[i].name, NULL);
		g_test_add_data_func(path, &cases[i], test_case);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(conditions); i++) {
		g_autofree char *path = g_strconcat("/policy/when/", conditions[i].name, NULL);
		g_test_add_data_func(path, &conditions[i], test_condition);
	}
	g_test_add_func("/policy/halves", test_halves);
	g_test_add_func("/policy/globs", test_globs);
	return g_test_run();
}
