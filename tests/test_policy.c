/* policy_decide is pure: a table of what it is given and what it says. */
#include "conversion_priv.h"
#include "policy_address_priv.h"
#include "policy_priv.h"

#include <string.h>
#include <time.h>

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
	{ "recipient-other", "{recipient: x.example}", "", "r@y.example", NULL, 1, false, false, false },
	/* A second RCPT must not switch the rule off. */
	{ "recipient-second", "{recipient: x.example}", "", "r@x.example r@y.example", NULL, 1, true, true,
	  true },
	{ "recipient-first", "{recipient: y.example}", "", "r@x.example r@y.example", NULL, 1, true, true,
	  true },
	{ "recipient-both", "{recipient: [x.example, y.example]}", "", "r@x.example r@y.example", NULL, 1,
	  true, true, true },
	{ "header", "{header: {name: x-flag, value: 'yes*'}}", "", "r@x", "YES, spam", 1, true, true, true },
	{ "header-full-width", "{header: {name: X-Flag, value: yes}}", "", "r@x", "ＹＥＳ", 1, true, true,
	  true },
	/* Wildcards are those of ASCII: a full-width one in a title means itself. */
	{ "header-full-width-question", "{header: {name: X-Flag, value: '見積？'}}", "", "r@x", "見積書", 1,
	  false, false, false },
	{ "header-full-width-question-itself", "{header: {name: X-Flag, value: '見積？'}}", "", "r@x",
	  "見積?", 1, true, true, true },
	{ "header-full-width-star", "{header: {name: X-Flag, value: '＊*'}}", "", "r@x", "abc", 1, false,
	  false, false },
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

/* ---- several recipients -----------------------------------------------------------------------------------
 */

static Policy *policy_of(const char *rules)
{
	g_autofree char *text = g_strdup_printf("name: t\nrules:\n%s", rules);
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	Policy *policy = policy_parse("test", text, strlen(text), errors);
	for (guint i = 0; i < errors->len; i++)
		g_test_message("%s", (char *)g_ptr_array_index(errors, i));
	g_assert_nonnull(policy);
	return policy;
}

#define FRIEND "- {name: friend, message: deliver, when: {recipient: friend@x.example}}\n"
#define VIP "- {name: vip, message: notice-only, when: {recipient: vip@x.example}}\n"
#define NEVER "- {name: never, message: reject, when: {recipient: never@x.example}}\n"
#define REST "- {name: rest, message: deliver, parts: remove}\n"
#define REST_HELD "- {name: rest, message: notice-only, parts: remove}\n"

static const struct {
	const char *name, *rules, *recipients, *rule;
	Decision decision; /* in one hop */
	const char *why[3];
} several[] = {
	{ "one", VIP REST, "vip@x.example", "vip", DECISION_NOTICE_ONLY, { "matches, and decides\n" } },
	{ "stricter-first",
	  VIP REST,
	  "vip@x.example a@x.example",
	  "vip",
	  DECISION_NOTICE_ONLY,
	  { "rule vip (line 3): matches, and decides for \"vip@x.example\"\n",
	    "rule rest (line 4): matches, and decides for \"a@x.example\"\n",
	    "the strictest holds for all" } },
	{ "stricter-second", VIP REST, "a@x.example vip@x.example", "vip", DECISION_NOTICE_ONLY, { NULL } },
	/* What is allowed for one must not reach the other. */
	{ "milder-first",
	  FRIEND REST_HELD,
	  "friend@x.example a@x.example",
	  "rest",
	  DECISION_NOTICE_ONLY,
	  { NULL } },
	{ "milder-for-all",
	  FRIEND REST_HELD,
	  "friend@x.example FRIEND@x.example",
	  "friend",
	  DECISION_DELIVER,
	  { "matches, and decides\n" } },
	{ "three",
	  VIP NEVER REST,
	  "a@x.example vip@x.example never@x.example",
	  "never",
	  DECISION_REJECT,
	  { "decides for \"a@x.example\"", "decides for \"vip@x.example\"",
	    "decides for \"never@x.example\"" } },
	{ "nobody",
	  VIP REST,
	  "b@x.example a@x.example",
	  "rest",
	  DECISION_DELIVER,
	  { "because of \"recipient\"" } },
};

static void test_several(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(several); i++) {
		g_test_message("%s", several[i].name);
		g_autoptr(Policy) policy = policy_of(several[i].rules);
		g_auto(GStrv) recipients = g_strsplit(several[i].recipients, " ", -1);
		const PolicyFacts facts = { .topology = CONF_ONE_HOP,
			                    .body_readable = true,
			                    .sender = "",
			                    .recipients = (const char *const *)recipients };
		g_autoptr(Message) message = message_new();
		PolicyDecision decision = policy_decide(policy, &facts, message);
		g_assert_cmpstr(decision.rule->name, ==, several[i].rule);
		g_assert_cmpint(decision.message, ==, several[i].decision);
		g_assert_false(decision.exhausted);
		g_autofree char *why = policy_explain(policy, &facts, message);
		g_test_message("%s", why);
		for (size_t j = 0; j < G_N_ELEMENTS(several[i].why) && several[i].why[j] != NULL; j++)
			g_assert_nonnull(strstr(why, several[i].why[j]));
	}
}

/* ---- who sent it ------------------------------------------------------------------------------------------
 */

static const struct {
	const char *name, *when;
	AuthResult spf, dkim, dmarc;
	const char *refusal; /* NULL: the rule decides */
} authentications[] = {
	{ "fail", "{dmarc: fail}", AUTH_PASS, AUTH_PASS, AUTH_FAIL, NULL },
	{ "of-a-list", "{dmarc: [none, fail]}", AUTH_PASS, AUTH_PASS, AUTH_NONE, NULL },
	{ "another", "{dmarc: [none, fail]}", AUTH_PASS, AUTH_PASS, AUTH_PASS, "authentication.dmarc" },
	/* Not to know is neither good nor bad. */
	{ "unknown-is-no-failure", "{dmarc: [none, fail, temperror, permerror]}", AUTH_FAIL, AUTH_FAIL,
	  AUTH_UNKNOWN, "authentication.dmarc" },
	{ "unknown-is-no-pass", "{dmarc: pass}", AUTH_PASS, AUTH_PASS, AUTH_UNKNOWN, "authentication.dmarc" },
	{ "unknown-said", "{dmarc: [fail, unknown]}", AUTH_PASS, AUTH_PASS, AUTH_UNKNOWN, NULL },
	{ "unknown-said-but-known", "{dmarc: unknown}", AUTH_UNKNOWN, AUTH_UNKNOWN, AUTH_NONE,
	  "authentication.dmarc" },
	{ "methods-are-all-wanted", "{spf: [fail, softfail], dkim: [none, fail]}", AUTH_SOFTFAIL, AUTH_FAIL,
	  AUTH_PASS, NULL },
	{ "one-of-two", "{spf: [fail, softfail], dkim: [none, fail]}", AUTH_SOFTFAIL, AUTH_PASS, AUTH_FAIL,
	  "authentication.dkim" },
	{ "errors", "{spf: temperror, dkim: permerror}", AUTH_TEMPERROR, AUTH_PERMERROR, AUTH_UNKNOWN, NULL },
	{ "neutral-and-policy", "{spf: neutral, dkim: policy}", AUTH_NEUTRAL, AUTH_POLICY, AUTH_UNKNOWN,
	  NULL },
};

static void test_authentications(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(authentications); i++) {
		g_test_message("%s", authentications[i].name);
		g_autofree char *rules = g_strdup_printf("- {name: it, message: notice-only, parts: remove, "
		                                         "when: {authentication: %s}}\n" REST,
		                                         authentications[i].when);
		g_autoptr(Policy) policy = policy_of(rules);
		const PolicyFacts facts = { .body_readable = true, .sender = "" };
		g_autoptr(Message) message = message_new();
		const MessagePart *part = describe_part(message, "2", "a.zip", "application/zip", "", 1);
		message->auth[AUTH_SPF] = authentications[i].spf;
		message->auth[AUTH_DKIM] = authentications[i].dkim;
		message->auth[AUTH_DMARC] = authentications[i].dmarc;
		PolicyDecision decision = policy_decide(policy, &facts, message);
		const char *by = authentications[i].refusal == NULL ? "it" : "rest";
		g_assert_cmpstr(decision.rule->name, ==, by);
		g_assert_cmpstr(part->rule, ==, by);
		g_autofree char *why = policy_explain(policy, &facts, message);
		g_autofree char *because = g_strdup_printf("rule it (line 3): no, because of \"%s\"\n",
		                                           authentications[i].refusal);
		g_assert_cmpint(strstr(why, because) != NULL, ==, authentications[i].refusal != NULL);
	}
}

/* ---- signs
 * -------------------------------------------------------------------------------------------------
 */

static const struct {
	const char *name, *when;
	uint32_t set;    /* bits of MessageSign */
	uint32_t limits; /* MessageLimit bits */
	bool decides;
} signs[] = {
	{ "one", "reply-elsewhere", 1 << MESSAGE_SIGN_REPLY_ELSEWHERE, 0, true },
	{ "of a list", "[shown-address, several-from]", 1 << MESSAGE_SIGN_SEVERAL_FROM, 0, true },
	{ "another", "[shown-address, several-from]", 1 << MESSAGE_SIGN_REPLY_ELSEWHERE, 0, false },
	{ "none", "[shown-address]", 0, 0, false },
	{ "unread header", "[shown-address]", 0, MESSAGE_LIMIT_FIELDS, true },
	{ "unread addresses", "[shown-address]", 0, MESSAGE_LIMIT_ADDRESSES, true },
	{ "unread parts are no header", "[shown-address]", 0, MESSAGE_LIMIT_PARTS, false },
	{ "unread parts", "[disguised-name]", 0, MESSAGE_LIMIT_PARTS, true },
};

static Policy *policy_of_sign(const char *when)
{
	g_autofree char *rules =
	        g_strdup_printf("- {name: it, message: notice-only, when: {signs: %s}}\n" REST, when);
	return policy_of(rules);
}

static void test_signs(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
		g_test_message("%s", signs[i].name);
		g_autoptr(Policy) policy = policy_of_sign(signs[i].when);
		const PolicyFacts facts = { .body_readable = true, .sender = "" };
		g_autoptr(Message) message = message_new();
		message->limits = signs[i].limits;
		for (unsigned sign = 0; sign < MESSAGE_SIGNS; sign++)
			message->signs[sign] = signs[i].set >> sign & 1;
		PolicyDecision decision = policy_decide(policy, &facts, message);
		g_assert_cmpstr(decision.rule->name, ==, signs[i].decides ? "it" : "rest");
		g_autofree char *why = policy_explain(policy, &facts, message);
		g_assert_cmpint(strstr(why, "no, because of \"signs\"") != NULL, ==, !signs[i].decides);
	}
}

/* A policy calls them what reports call them. */
static void test_sign_names(void)
{
	for (unsigned sign = 0; sign < MESSAGE_SIGNS; sign++) {
		g_autoptr(Policy) policy = policy_of_sign(message_sign_name((MessageSign)sign));
		const PolicyRule *rule = g_ptr_array_index(policy_rules(policy), 0);
		g_assert_cmpuint(rule->when.signs, ==, 1U << sign);
	}
}

/* ---- what becomes of parts --------------------------------------------------------------------------------
 */

#define DELIVERED "- {name: rest, message: deliver, parts: remove}\n"

static const struct {
	const char *name, *parts;
	PartScan scan;
	PartReason before; /* the parser's */
	uint32_t flags;
	const char *declared;
	PartAction action;
	PartReason after;
	const char *why;
} outcomes[] = {
	{ "removed", "remove", PART_SCAN_CLEAN, 0, 0, "a/b", PART_ACTION_REMOVE, PART_REASON_POLICY,
	  "part 2: remove, by rule it\n" },
	{ "clean", "image-pdf", PART_SCAN_CLEAN, 0, 0, "a/b", PART_ACTION_IMAGE_PDF, PART_REASON_NONE,
	  "part 2: image-pdf, by rule it\n" },
	{ "text", "text", PART_SCAN_CLEAN, 0, 0, "a/b", PART_ACTION_TEXT, PART_REASON_NONE,
	  "part 2: text, by rule it\n" },
	{ "text-how", "{action: text, pages: 3, over-limit: remove, failed-page: remove}", PART_SCAN_CLEAN, 0,
	  0, "a/b", PART_ACTION_TEXT, PART_REASON_NONE,
	  "    at most 3 pages (else removed), a page that cannot be drawn removes all\n" },
	{ "both", "image-pdf+text", PART_SCAN_CLEAN, 0, 0, "a/b", PART_ACTION_IMAGE_PDF_TEXT,
	  PART_REASON_NONE,
	  "at most 500 pages (of more the first), 150 dpi, colour, searchable, a page that cannot be drawn "
	  "is "
	  "marked\n" },
	/* The law: what is converted was scanned. */
	{ "not-scanned", "image-pdf", PART_SCAN_NOT_SCANNED, 0, 0, "a/b", PART_ACTION_REMOVE,
	  PART_REASON_NOT_SCANNED, "the rule says image-pdf, but the part was not scanned for viruses" },
	{ "not-scanned-allowed", "{action: image-pdf, not-scanned: allow}", PART_SCAN_NOT_SCANNED, 0, 0,
	  "a/b", PART_ACTION_IMAGE_PDF, PART_REASON_NONE, "part 2: image-pdf, by rule it\n" },
	{ "not-scanned-removed", "remove", PART_SCAN_NOT_SCANNED, 0, 0, "a/b", PART_ACTION_REMOVE,
	  PART_REASON_POLICY, "part 2: remove, by rule it\n" },
	{ "infected", "{action: image-pdf, not-scanned: allow}", PART_SCAN_INFECTED, 0, 0, "a/b",
	  PART_ACTION_REMOVE, PART_REASON_SCAN, "the rule says image-pdf, but the part was not found clean" },
	{ "suspicious", "{action: text, not-scanned: allow}", PART_SCAN_SUSPICIOUS, 0, 0, "a/b",
	  PART_ACTION_REMOVE, PART_REASON_SCAN, "the rule says text, but the part was not found clean" },
	{ "unscannable", "{action: text, not-scanned: allow}", PART_SCAN_UNSCANNABLE, 0, 0, "a/b",
	  PART_ACTION_REMOVE, PART_REASON_SCAN, "but the part was not found clean" },
	/* What the parser could not read whole is not what anybody scanned. */
	{ "damaged", "image-pdf", PART_SCAN_CLEAN, PART_REASON_DAMAGED, 0, "a/b", PART_ACTION_REMOVE,
	  PART_REASON_DAMAGED, "but the part could not be read whole" },
	{ "ambiguous", "image-pdf", PART_SCAN_CLEAN, PART_REASON_AMBIGUOUS, 0, "a/b", PART_ACTION_REMOVE,
	  PART_REASON_AMBIGUOUS, "but the part could not be read whole" },
	{ "binary-in-text", "image-pdf", PART_SCAN_CLEAN, PART_REASON_BINARY_TEXT, 0, "text/plain",
	  PART_ACTION_IMAGE_PDF, PART_REASON_NONE, "part 2: image-pdf, by rule it\n" },
	{ "uuencoded", "image-pdf", PART_SCAN_CLEAN, PART_REASON_ENCODED_IN_TEXT, 0, "a/b",
	  PART_ACTION_IMAGE_PDF, PART_REASON_NONE, "part 2: image-pdf, by rule it\n" },
	{ "uuencoded-not-scanned", "image-pdf", PART_SCAN_NOT_SCANNED, PART_REASON_ENCODED_IN_TEXT, 0, "a/b",
	  PART_ACTION_REMOVE, PART_REASON_ENCODED_IN_TEXT, "but the part was not scanned" },
	{ "other-form", "image-pdf", PART_SCAN_CLEAN, 0, MESSAGE_PART_BODY_ALTERNATIVE, "text/plain",
	  PART_ACTION_REMOVE, PART_REASON_POLICY, "or repeats the text" },
	{ "other-form-no-text", "image-pdf", PART_SCAN_CLEAN, 0, MESSAGE_PART_BODY_ALTERNATIVE,
	  "application/pdf", PART_ACTION_IMAGE_PDF, PART_REASON_NONE, "part 2: image-pdf, by rule it\n" },
};

static void test_outcome(gconstpointer data)
{
	size_t i = GPOINTER_TO_SIZE(data);
	g_autofree char *rules = g_strdup_printf(
	        "- {name: it, parts: %s, when: {sender: a.example}}\n" DELIVERED, outcomes[i].parts);
	g_autoptr(Policy) policy = policy_of(rules);
	const PolicyFacts facts = { .body_readable = true, .sender = "x@a.example" };
	g_autoptr(Message) message = message_new();
	MessagePart *part = describe_part(message, "2", "a", outcomes[i].declared, "", 1);
	part->scan = outcomes[i].scan;
	part->reason = outcomes[i].before;
	part->flags = outcomes[i].flags;
	policy_decide(policy, &facts, message);
	g_assert_cmpint(part->action, ==, outcomes[i].action);
	g_assert_cmpint(part->reason, ==, outcomes[i].after);
	g_assert_true((part->conversion != NULL) == (part->action != PART_ACTION_REMOVE));
	g_autofree char *why = policy_explain(policy, &facts, message);
	if (strstr(why, outcomes[i].why) == NULL)
		g_error("\"%s\" is not in:\n%s", outcomes[i].why, why);
}

static const struct {
	const char *when;
	PartScan scan;
	bool part, message;
} verdicts[] = {
	{ "clean", PART_SCAN_CLEAN, true, true },
	{ "clean", PART_SCAN_NOT_SCANNED, false, false },
	{ "[infected, suspicious]", PART_SCAN_SUSPICIOUS, true, true },
	{ "[infected, suspicious]", PART_SCAN_UNSCANNABLE, false, false },
	{ "[not-scanned, unscannable]", PART_SCAN_NOT_SCANNED, true, true },
};

static void test_verdicts(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++) {
		g_autofree char *rules = g_strdup_printf("- {name: it, message: notice-only, parts: remove, "
		                                         "when: {part: {scan: %s}}}\n" DELIVERED,
		                                         verdicts[i].when);
		g_autoptr(Policy) policy = policy_of(rules);
		const PolicyFacts facts = { .body_readable = true, .sender = "" };
		g_autoptr(Message) message = message_new();
		MessagePart *part = describe_part(message, "2", "a", "a/b", "", 1);
		part->scan = verdicts[i].scan;
		PolicyDecision decision = policy_decide(policy, &facts, message);
		g_assert_cmpstr(part->rule, ==, verdicts[i].part ? "it" : "rest");
		g_assert_cmpstr(decision.rule->name, ==, verdicts[i].message ? "it" : "rest");
		g_autofree char *why = policy_explain(policy, &facts, message);
		g_assert_true((strstr(why, "because of \"part.scan\"") != NULL) == !verdicts[i].part);
	}
}

static void test_inline(void)
{
	static const struct {
		const char *when;
		bool is_inline, matches;
	} inlines[] = { { "yes", true, true }, { "yes", false, false }, { "no", true, false }, { "no", false, true } };
	for (size_t i = 0; i < G_N_ELEMENTS(inlines); i++) {
		g_autofree char *rules = g_strdup_printf("- {name: it, message: notice-only, parts: remove, "
		                                         "when: {part: {inline: %s}}}\n" DELIVERED,
		                                         inlines[i].when);
		g_autoptr(Policy) policy = policy_of(rules);
		const PolicyFacts facts = { .body_readable = true, .sender = "" };
		g_autoptr(Message) message = message_new();
		MessagePart *part = describe_part(message, "2", "a", "image/png", "", 1);
		part->flags = inlines[i].is_inline ? MESSAGE_PART_INLINE : 0;
		PolicyDecision decision = policy_decide(policy, &facts, message);
		g_assert_cmpstr(part->rule, ==, inlines[i].matches ? "it" : "rest");
		g_assert_cmpstr(decision.rule->name, ==, inlines[i].matches ? "it" : "rest");
	}
}

/* A policy calls them what reports call them. */
static void test_verdict_names(void)
{
	for (unsigned scan = 0; scan < PART_SCAN_COUNT; scan++) {
		g_autofree char *rules =
		        g_strdup_printf("- {name: it, parts: remove, when: {part: {scan: %s}}}\n" DELIVERED,
		                        part_scan_name((PartScan)scan));
		g_autoptr(Policy) policy = policy_of(rules);
		const PolicyRule *rule = g_ptr_array_index(policy_rules(policy), 0);
		g_assert_cmpuint(rule->when.part_scan, ==, 1U << scan);
	}
	for (unsigned action = 0; action < PART_ACTION_COUNT; action++) {
		g_autofree char *rules = g_strdup_printf("- {name: it, message: deliver, parts: %s}\n",
		                                         part_action_name((PartAction)action));
		g_autoptr(Policy) policy = policy_of(rules);
		const PolicyRule *rule = g_ptr_array_index(policy_rules(policy), 0);
		g_assert_cmpint(rule->parts, ==, action);
	}
}

#define FOR(who, parts) "- {name: " who ", parts: " parts ", when: {recipient: " who "@x.example}}\n"

/* Of one copy for several: the stricter action, and of how it is done the stricter of each. */
static const struct {
	const char *rules, *rule;
	PartAction action;
	PolicyConversion how;
} shared[] = {
	{ FOR("a", "image-pdf") FOR("b", "remove"), "b", PART_ACTION_REMOVE, { 0 } },
	{ FOR("a", "remove") FOR("b", "image-pdf+text"), "a", PART_ACTION_REMOVE, { 0 } },
	{ FOR("a", "image-pdf") FOR("b", "text"),
	  "b",
	  PART_ACTION_TEXT,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 } },
	{ FOR("a", "image-pdf+text") FOR("b", "image-pdf"),
	  "b",
	  PART_ACTION_IMAGE_PDF,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 } },
	{ FOR("a", "{action: image-pdf, dpi: 100, searchable: no, over-limit: remove, not-scanned: allow, "
	                   "notes: yes, comments: yes}")
	          FOR("b", "{action: image-pdf+text, pages: 9, colour: gray, failed-page: remove, "
	                   "not-scanned: allow, comments: yes, changes: yes}"),
	  "a",
	  PART_ACTION_IMAGE_PDF,
	  { 100, 9, POLICY_GRAY, POLICY_NO, POLICY_YES, POLICY_NO, POLICY_NO, 0, POLICY_NO, POLICY_YES, POLICY_NO } },
	{ FOR("b", "{action: image-pdf, dpi: 100, not-scanned: allow}")
	          FOR("a", "{action: image-pdf, dpi: 300}"),
	  "b",
	  PART_ACTION_IMAGE_PDF,
	  { 100, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 } },
};

static void test_shared(void)
{
	static const char *const recipients[] = { "a@x.example", "b@x.example", NULL };
	for (size_t i = 0; i < G_N_ELEMENTS(shared); i++) {
		g_test_message("%s", shared[i].rules);
		g_autofree char *rules = g_strconcat(shared[i].rules, DELIVERED, NULL);
		g_autoptr(Policy) policy = policy_of(rules);
		const PolicyFacts facts = { .body_readable = true, .sender = "", .recipients = recipients };
		g_autoptr(Message) message = message_new();
		MessagePart *part = describe_part(message, "2", "a", "a/b", "", 1);
		part->scan = PART_SCAN_CLEAN;
		policy_decide(policy, &facts, message);
		g_assert_cmpstr(part->rule, ==, shared[i].rule);
		g_assert_cmpint(part->action, ==, shared[i].action);
		if (part->action == PART_ACTION_REMOVE)
			continue;
		const PolicyConversion *got = &part->conversion->how, *want = &shared[i].how;
		g_assert_cmpint(part->conversion->wanted, ==, shared[i].action);
		g_assert_cmpuint(got->dpi, ==, want->dpi);
		g_assert_cmpuint(got->pages, ==, want->pages);
		g_assert_cmpint(got->colour, ==, want->colour);
		g_assert_cmpint(got->searchable, ==, want->searchable);
		g_assert_cmpint(got->not_scanned, ==, want->not_scanned);
		g_assert_cmpint(got->over_limit, ==, want->over_limit);
		g_assert_cmpint(got->failed_page, ==, want->failed_page);
		g_assert_cmpint(got->notes, ==, want->notes);
		g_assert_cmpint(got->comments, ==, want->comments);
		g_assert_cmpint(got->changes, ==, want->changes);
	}
}

/* ---- the shipped policies --------------------------------------------------------------------------------- */

static const struct {
	const char *name, *truly;
	bool text_only_leaves; /* text.yaml removes it */
	bool all_remove;
} shipped_parts[] = {
	{ "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false, false },
	{ "a", "application/vnd.ms-excel", false, false },
	{ "a.bin", "application/CDFV2", false, false },
	{ "a.docx", "application/encrypted", false, false },
	{ "A.XLSX", "application/octet-stream", false, false },
	{ "a.pps", "application/octet-stream", false, false },
	{ "a.odt", "application/zip", false, false },
	{ "a.fods", "text/xml", false, false },
	{ "a.png", "image/png", true, false },
	{ "a.zip", "application/zip", true, true },
	{ "a.doc.exe", "application/x-dosexec", true, true },
	{ "a.docx", "application/x-dosexec", true, true },
	{ "a", "application/octet-stream", true, true },
	{ "a.xml", "text/xml", true, true },
};

static void test_shipped(void)
{
	static const struct {
		const char *file;
		PartAction action;
	} policies[] = { { "images", PART_ACTION_IMAGE_PDF },
		         { "images-strict", PART_ACTION_IMAGE_PDF },
		         { "text", PART_ACTION_TEXT } };
	static const char *const recipients[] = { "a@x.example", NULL };
	const PolicyFacts facts = { .body_readable = true, .sender = "", .recipients = recipients };
	for (size_t p = 0; p < G_N_ELEMENTS(policies); p++) {
		g_autofree char *path = g_strdup_printf("%s/../conf/policies/%s.yaml", TESTS_DIR, policies[p].file);
		g_autoptr(Policy) policy = policy_load(path, NULL);
		g_assert_nonnull(policy);
		for (size_t i = 0; i < G_N_ELEMENTS(shipped_parts); i++) {
			bool text = policies[p].action == PART_ACTION_TEXT;
			bool removed = shipped_parts[i].all_remove || (text && shipped_parts[i].text_only_leaves);
			g_autoptr(Message) message = message_new();
			MessagePart *part = describe_part(message, "2", shipped_parts[i].name, "a/b", shipped_parts[i].truly, 1);
			part->scan = PART_SCAN_CLEAN;
			MessagePart *unscanned = describe_part(message, "3", shipped_parts[i].name, "a/b", shipped_parts[i].truly, 1);
			policy_decide(policy, &facts, message);
			g_test_message("%s: %s, %s", policies[p].file, shipped_parts[i].name, shipped_parts[i].truly);
			g_assert_cmpint(part->action, ==, removed ? PART_ACTION_REMOVE : policies[p].action);
			/* Off by default: nothing that no scan has found clean. */
			g_assert_cmpint(unscanned->action, ==, PART_ACTION_REMOVE);
			g_assert_cmpint(unscanned->reason, ==, removed ? PART_REASON_POLICY : PART_REASON_NOT_SCANNED);
		}
	}
}

/* ---- spellings of an address ------------------------------------------------------------------------------
 */

static const struct {
	const char *address, *canonical, *host;
} spellings[] = {
	{ "vip@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "VIP@City.Example.JP", "vip@city.example.jp", "city.example.jp" },
	{ "\"vip\"@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "\"v\\ip\"@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "v\\ip@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "v\"i\"p@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "vip@city.example.jp.", "vip@city.example.jp", "city.example.jp" },
	{ "@relay.example:vip@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "@relay:vip@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "@[IPv6:::1],@b.example:vip@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ " \tvip@city.example.jp ", "vip@city.example.jp", "city.example.jp" },
	{ "vip @ city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "<vip@city.example.jp>", "vip@city.example.jp", "city.example.jp" },
	{ "Mayor <vip@city.example.jp> x", "vip@city.example.jp", "city.example.jp" },
	{ "vip(the (old\\) one))@city.example.jp", "vip@city.example.jp", "city.example.jp" },
	{ "\"vip@city.example.jp\"", "vip@city.example.jp", "city.example.jp" },
	{ "vip@市役所.example.jp", "vip@xn--7sto6a74d.example.jp", "xn--7sto6a74d.example.jp" },
	/* These are others. */
	{ "\" vip\"@city.example.jp", " vip@city.example.jp", "city.example.jp" },
	{ "\"vip@x\"@city.example.jp", "vip@x@city.example.jp", "city.example.jp" },
	{ "\"(vip)\"@city.example.jp", "(vip)@city.example.jp", "city.example.jp" },
	{ "a:b@city.example.jp", "a:b@city.example.jp", "city.example.jp" },
	{ "vip", "vip", "" },
	{ "", "", "" },
	{ "<>", "", "" },
	{ "@", "@", "" },
	{ "\"", "", "" },
	{ "\\", "\\", "" },
	{ "((((", "", "" },
	{ "vip@\xff\xfe", "vip@\xff\xfe", "\xff\xfe" },
};

static void test_spellings(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
		PolicyMailbox *mailbox = policy_mailbox_new(spellings[i].address);
		g_assert_cmpstr(mailbox->text, ==, spellings[i].canonical);
		g_assert_cmpstr(mailbox->host, ==, spellings[i].host);
		g_assert_cmpuint(mailbox->host_bytes, ==, strlen(spellings[i].host));
		policy_mailbox_free(mailbox);
	}
}

/* The comparison, through a policy. */
static void test_spelt_recipient(void)
{
	static const char *const recipients[] = { "@relay:\"VI\\P\"@X.example.", NULL };
	g_autoptr(Policy) policy = policy_of(VIP REST);
	g_autoptr(Message) message = message_new();
	const PolicyFacts facts = { .body_readable = true, .sender = "", .recipients = recipients };
	g_assert_cmpstr(policy_decide(policy, &facts, message).rule->name, ==, "vip");
}

/* ---- what was not read ------------------------------------------------------------------------------------
 */

static const struct {
	const char *when, *action;
	uint32_t limits;
	bool matches;
} unread[] = {
	{ "{part: {name: '*.exe'}}", "notice-only", 0, false },
	{ "{part: {name: '*.exe'}}", "notice-only", MESSAGE_LIMIT_SUBJECT | MESSAGE_LIMIT_CONDITIONS, false },
	{ "{part: {name: '*.exe'}}", "notice-only", MESSAGE_LIMIT_PARTS, true },
	{ "{part: {name: '*.exe'}}", "reject", MESSAGE_LIMIT_BLOCKS, true },
	{ "{part: {true-type: application/x-dosexec}}", "hold", MESSAGE_LIMIT_STRUCTURE, true },
	{ "{part: {size: {over: 1MB}}}", "hold", MESSAGE_LIMIT_DEPTH, true },
	{ "{part: {size: {over: 1MB}}}", "hold", MESSAGE_LIMIT_NESTED, true },
	{ "{part: {name: '*.exe'}}", "notice-only", MESSAGE_LIMIT_FIELDS, false },
	{ "{header: {name: X-Flag, value: yes}}", "notice-only", MESSAGE_LIMIT_FIELDS, true },
	{ "{header: {name: X-Flag, value: yes}}", "notice-only", MESSAGE_LIMIT_HEADER_BLOCK, true },
	{ "{header: {name: X-Flag, value: yes}}", "notice-only", MESSAGE_LIMIT_PARTS, false },
	{ "{sender: a.example, part: {name: '*.exe'}}", "notice-only", MESSAGE_LIMIT_PARTS, false },
	/* Not to know is no reason to be milder than the rules behind. */
	{ "{part: {name: '*.exe'}}", "deliver", MESSAGE_LIMIT_PARTS, false },
};

static void test_unread(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(unread); i++) {
		g_autofree char *rules =
		        g_strdup_printf("- {name: it, when: %s, message: %s, parts: remove}\n%s",
		                        unread[i].when, unread[i].action, REST);
		g_test_message("%s %x", rules, unread[i].limits);
		g_autoptr(Policy) policy = policy_of(rules);
		g_autoptr(Message) message = message_new();
		const MessagePart *part = describe_part(message, "1", "a.txt", "text/x", "text/x", 1);
		const PolicyFacts facts = { .body_readable = true, .sender = "" };
		message->limits = unread[i].limits;
		g_assert_cmpstr(policy_decide(policy, &facts, message).rule->name, ==,
		                unread[i].matches ? "it" : "rest");
		/* The part itself was read. */
		g_assert_cmpstr(part->rule, ==, "rest");
		g_autofree char *why = policy_explain(policy, &facts, message);
		g_assert_true((strstr(why, "taken to match, and decides") != NULL) == unread[i].matches);
	}
}

/* ---- the bound --------------------------------------------------------------------------------------------
 */

enum { MANY_PARTS = 990, MANY_PATTERNS = 9900, NAME_CHARS = 900 };

static const struct {
	const char *name;
	unsigned rules, patterns; /* in each rule */
	const char *pattern;      /* %u: its number */
	const char *filler;       /* of the names */
	unsigned parts;
	const char *end; /* of the names */
	bool exhausted;
} floods[] = {
	{ "9900-patterns", 1, MANY_PATTERNS, "*.e%u", "invoice", MANY_PARTS, ".exe", true },
	{ "stars", 450, 1, "*invoice*n%ux*.exe", "invoice", MANY_PARTS, ".exe", true },
	{ "question-marks", 1, 1000, "*a?a?a?a?a?a?a?b%u*", "a", MANY_PARTS, ".exe", true },
	{ "ordinary", 40, 200, "*.e%u", "invoice", 50, ".exe", false },
};

static Policy *flood_policy(size_t which)
{
	g_autoptr(GString) rules = g_string_new(NULL);
	for (unsigned i = 0, n = 0; i < floods[which].rules; i++) {
		g_string_append_printf(
		        rules, "- {name: r%u, message: hold, parts: remove, when: {part: {name: [", i);
		for (unsigned j = 0; j < floods[which].patterns; j++) {
			g_autofree char *number = g_strdup_printf("%u", n++);
			g_auto(GStrv) pieces = g_strsplit(floods[which].pattern, "%u", 2);
			g_string_append_printf(rules, "'%s%s%s',", pieces[0], number, pieces[1]);
		}
		g_string_append(rules, "]}}}\n");
	}
	g_string_append(rules, REST);
	return policy_of(rules->str);
}

static int64_t cpu_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* It runs in the front, in a work slot: no mail may hold it for long. */
static void test_bound(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
		g_autoptr(Policy) policy = flood_policy(i);
		g_autoptr(Message) message = message_new();
		g_autoptr(GString) name = g_string_new(NULL);
		while (name->len < NAME_CHARS)
			g_string_append(name, floods[i].filler);
		g_string_append(name, floods[i].end);
		for (unsigned j = 0; j < floods[i].parts; j++)
			describe_part(message, "1", name->str, "a/b", "", 1);
		const PolicyFacts facts = { .body_readable = true, .sender = "" };
		int64_t start = cpu_ms();
		PolicyDecision decision = policy_decide(policy, &facts, message);
		int64_t took = cpu_ms() - start;
		g_test_message("%s: %d ms", floods[i].name, (int)took);
		g_assert_true(decision.exhausted == floods[i].exhausted);
		g_assert_cmpint(decision.message, ==,
		                floods[i].exhausted ? DECISION_NOTICE_ONLY : DECISION_DELIVER);
		g_assert_cmpstr(decision.rule->name, ==, "rest");
		const MessagePart *last = g_ptr_array_index(message->parts, message->parts->len - 1);
		g_assert_cmpstr(last->rule, ==, "rest");
		g_assert_cmpint(last->reason, ==, PART_REASON_POLICY);
		/* Generous: sanitizers are slow. */
		g_assert_cmpint(took, <, 5000);
		g_autofree char *why = policy_explain(policy, &facts, message);
		g_assert_true((strstr(why, "not all rules could be tried") != NULL) == floods[i].exhausted);
	}
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
		{ "a*a", "a", false },
		{ "*ab*b", "ab", false },
		{ "*ab*b", "abab", true },
		{ "?*", "", false },
		{ "*?", "あ", true },
		{ "*?.exe", ".exe", false },
		{ "*?.exe", "あ.exe", true },
		{ "*あ?う*え", "xああいうxえ", true },
		{ "*あ?う*え", "xあうx", false },
		{ "見積?", "見積書", true },
		{ "見積？", "見積書", false },
		{ "ｶﾞｽ＊*", "ガス*x", true },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(globs); i++) {
		g_test_message("%s over %s", globs[i].pattern, globs[i].text);
		g_autoptr(PolicyGlob) glob = policy_glob_new(globs[i].pattern);
		uint64_t steps = 1000, none = 0;
		bool matches = policy_glob_matches(glob, globs[i].text, strlen(globs[i].text), &steps);
		g_assert_true(matches == globs[i].matches);
		g_assert_cmpuint(steps, <, 1000);
		g_assert_false(policy_glob_matches(glob, globs[i].text, strlen(globs[i].text), &none));
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
	g_test_add_func("/policy/several", test_several);
	g_test_add_func("/policy/authentications", test_authentications);
	g_test_add_func("/policy/signs", test_signs);
	g_test_add_func("/policy/sign-names", test_sign_names);
	for (unsigned i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		g_autofree char *path = g_strconcat("/policy/outcome/", outcomes[i].name, NULL);
		g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_outcome);
	}
	g_test_add_func("/policy/verdicts", test_verdicts);
	g_test_add_func("/policy/inline", test_inline);
	g_test_add_func("/policy/verdict-names", test_verdict_names);
	g_test_add_func("/policy/shared", test_shared);
	g_test_add_func("/policy/shipped", test_shipped);
	g_test_add_func("/policy/spellings", test_spellings);
	g_test_add_func("/policy/spelt-recipient", test_spelt_recipient);
	g_test_add_func("/policy/unread", test_unread);
	g_test_add_func("/policy/bound", test_bound);
	g_test_add_func("/policy/halves", test_halves);
	g_test_add_func("/policy/globs", test_globs);
	return g_test_run();
}
