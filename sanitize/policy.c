/* policy: see policy_priv.h. */
#include "policy_priv.h"

#include "clean_text.h"

#include <string.h>

enum { EXPLAIN_CHARS = 80, EXPLAIN_PARTS = 200 };

/* ---- one condition ---------------------------------------------------------------------------------------
 */

static bool address_matches(const PolicyAddress *pattern, const char *address)
{
	const char *at = strrchr(address, '@');
	const char *host = at != NULL ? at + 1 : "";
	size_t length = strlen(host), suffix = strlen(pattern->text);
	switch (pattern->kind) {
	case POLICY_ADDRESS_NULL:
		return *address == '\0';
	case POLICY_ADDRESS_EXACT:
		return g_ascii_strcasecmp(address, pattern->text) == 0;
	case POLICY_ADDRESS_DOMAIN:
		return g_ascii_strcasecmp(host, pattern->text) == 0;
	case POLICY_ADDRESS_SUBDOMAIN:
		return length > suffix && host[length - suffix - 1] == '.' &&
		       g_ascii_strcasecmp(host + length - suffix, pattern->text) == 0;
	}
	return false;
}

static bool some_address(const GPtrArray *patterns, const char *address)
{
	for (guint i = 0; i < patterns->len; i++)
		if (address_matches(g_ptr_array_index(patterns, i), address))
			return true;
	return false;
}

/* All of them: a rule made for one recipient must not reach another by a second RCPT. */
static bool every_recipient(const GPtrArray *patterns, const char *const *recipients)
{
	for (const char *const *r = recipients; r != NULL && *r != NULL; r++)
		if (!some_address(patterns, *r))
			return false;
	return recipients != NULL && *recipients != NULL;
}

static bool some_glob(const GPtrArray *patterns, const char *text)
{
	g_autofree char *folded = policy_fold(text);
	for (guint i = 0; i < patterns->len; i++)
		if (policy_glob_matches(g_ptr_array_index(patterns, i), folded))
			return true;
	return false;
}

static bool header_matches(const PolicyHeader *wanted, const Message *message)
{
	for (guint i = 0; i < message->fields->len; i++) {
		const MessageField *field = g_ptr_array_index(message->fields, i);
		if (g_ascii_strcasecmp(field->name, wanted->name) == 0 &&
		    some_glob(wanted->patterns, field->value))
			return true;
	}
	return false;
}

static bool every_header(const GPtrArray *wanted, const Message *message)
{
	for (guint i = 0; i < wanted->len; i++)
		if (!header_matches(g_ptr_array_index(wanted, i), message))
			return false;
	return true;
}

static bool size_matches(const PolicySize *size, uint64_t bytes)
{
	return (!size->has_over || bytes > size->over) && (!size->has_under || bytes < size->under);
}

static bool type_matches(const char *pattern, const char *type)
{
	size_t major = strlen(pattern) - 1;
	if (pattern[major] == '*')
		return g_ascii_strncasecmp(pattern, type, major) == 0;
	return g_ascii_strcasecmp(pattern, type) == 0;
}

/* What libmagic could not tell is "unknown", which no type matches: not to know is no sign of harmlessness.
 */
static bool some_type(const GPtrArray *patterns, const char *type)
{
	for (guint i = 0; i < patterns->len; i++)
		if (type_matches(g_ptr_array_index(patterns, i), *type != '\0' ? type : "unknown"))
			return true;
	return false;
}

/* ---- all conditions of a rule
 * ------------------------------------------------------------------------------- */

/* The first that does not hold, NULL when all do. Static words. */
static const char *message_refusal(const PolicyConditions *when, const PolicyFacts *facts,
                                   const Message *message)
{
	if (when->sender != NULL && !some_address(when->sender, facts->sender))
		return "sender";
	if (when->recipient != NULL && !every_recipient(when->recipient, facts->recipients))
		return "recipient";
	if (!size_matches(&when->size, facts->size))
		return "size";
	if (when->header != NULL && !every_header(when->header, message))
		return "header";
	return NULL;
}

static const char *part_refusal(const PolicyConditions *when, const MessagePart *part)
{
	if (when->declared_type != NULL && !some_type(when->declared_type, part->declared_type))
		return "part.declared-type";
	if (when->true_type != NULL && !some_type(when->true_type, part->true_type))
		return "part.true-type";
	if (when->part_name != NULL && !some_glob(when->part_name, part->name))
		return "part.name";
	if (!size_matches(&when->part_size, part->bytes))
		return "part.size";
	return NULL;
}

static bool wants_part(const PolicyConditions *when)
{
	return when->declared_type != NULL || when->true_type != NULL || when->part_name != NULL ||
	       when->part_size.has_over || when->part_size.has_under;
}

/* For the message: some part meets all that is asked of parts. */
static const char *some_part_refusal(const PolicyConditions *when, const Message *message)
{
	if (!wants_part(when))
		return NULL;
	const char *refusal = "part";
	for (guint i = 0; i < message->parts->len && refusal != NULL; i++)
		refusal = part_refusal(when, g_ptr_array_index(message->parts, i)) != NULL ? "part" : NULL;
	return refusal;
}

/* part NULL: the message itself is to be decided. */
static const char *rule_refusal(const PolicyRule *rule, const PolicyFacts *facts, const Message *message,
                                const MessagePart *part)
{
	const char *refusal = message_refusal(&rule->when, facts, message);
	if (refusal != NULL)
		return refusal;
	return part != NULL ? part_refusal(&rule->when, part) : some_part_refusal(&rule->when, message);
}

static bool rule_decides(const PolicyRule *rule, const MessagePart *part)
{
	return part != NULL ? rule->decides_parts : rule->decides_message;
}

/* The last rule of a policy is for everything, so there always is one. */
static const PolicyRule *find_rule(const Policy *policy, const PolicyFacts *facts, const Message *message,
                                   const MessagePart *part)
{
	const GPtrArray *rules = policy_rules(policy);
	for (guint i = 0; i < rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(rules, i);
		if (rule_decides(rule, part) && rule_refusal(rule, facts, message, part) == NULL)
			return rule;
	}
	g_assert_not_reached();
}

/* ---- the decision
 * ---------------------------------------------------------------------------------------------- */

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
	part->rule = rule->name;
	part->action = PART_ACTION_REMOVE; /* every rule removes parts until converters exist */
	if (part->reason == PART_REASON_NONE)
		part->reason = PART_REASON_POLICY;
}

PolicyDecision policy_decide(const Policy *policy, const PolicyFacts *facts, Message *message)
{
	for (guint i = 0; i < message->parts->len; i++) {
		MessagePart *part = g_ptr_array_index(message->parts, i);
		decide_part(part, find_rule(policy, facts, message, part));
	}
	const PolicyRule *rule = find_rule(policy, facts, message, NULL);
	return (PolicyDecision) { .message = fit_to_topology(decisions[rule->message], facts), .rule = rule };
}

/* ---- why
 * -----------------------------------------------------------------------------------------------------------
 */

static const char *const decision_names[] = {
	[DECISION_DELIVER] = "deliver",
	[DECISION_NOTICE_ONLY] = "notice-only",
	[DECISION_HOLD] = "hold",
	[DECISION_REJECT] = "reject",
};

static const char *const action_names[] = {
	[POLICY_DELIVER] = "deliver",
	[POLICY_NOTICE_ONLY] = "notice-only",
	[POLICY_HOLD] = "hold",
	[POLICY_REJECT] = "reject",
};

/* It goes to a terminal. */
static void quote(GString *out, const char *text)
{
	g_autofree char *clean = clean_line(text, strlen(text), EXPLAIN_CHARS, NULL);
	g_string_append_printf(out, "\"%s\"", clean);
}

static void explain_rules(GString *out, const Policy *policy, const PolicyFacts *facts,
                          const Message *message, const MessagePart *part)
{
	const GPtrArray *rules = policy_rules(policy);
	for (guint i = 0; i < rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(rules, i);
		if (!rule_decides(rule, part))
			continue;
		const char *refusal = rule_refusal(rule, facts, message, part);
		if (refusal == NULL) {
			g_string_append_printf(out, "    rule %s (line %d): matches, and decides\n",
			                       rule->name, rule->line);
			return;
		}
		g_string_append_printf(out, "    rule %s (line %d): no, because of \"%s\"\n", rule->name,
		                       rule->line, refusal);
	}
}

static void explain_message(GString *out, const Policy *policy, const PolicyFacts *facts,
                            const Message *message)
{
	const PolicyRule *rule = find_rule(policy, facts, message, NULL);
	Decision decision = fit_to_topology(decisions[rule->message], facts);
	g_string_append_printf(out, "message: %s, by rule %s\n", decision_names[decision], rule->name);
	explain_rules(out, policy, facts, message, NULL);
	if (!facts->body_readable)
		g_string_append(out, "    its content cannot be read, so that only a notice is left\n");
	else if (decision != decisions[rule->message])
		g_string_append_printf(out, "    the rule says %s, which acts as %s in this topology\n",
		                       action_names[rule->message], decision_names[decision]);
}

static void explain_part(GString *out, const Policy *policy, const PolicyFacts *facts, const Message *message,
                         const MessagePart *part)
{
	const PolicyRule *rule = find_rule(policy, facts, message, part);
	g_string_append_printf(out, "part %s: remove, by rule %s\n    name ", part->number, rule->name);
	quote(out, part->name);
	g_string_append(out, ", declared type ");
	quote(out, part->declared_type);
	g_string_append(out, ", true type ");
	quote(out, *part->true_type != '\0' ? part->true_type : "unknown");
	g_string_append_printf(out, ", %" G_GUINT64_FORMAT " bytes\n", (guint64)part->bytes);
	explain_rules(out, policy, facts, message, part);
}

char *policy_explain(const Policy *policy, const PolicyFacts *facts, const Message *message)
{
	GString *out = g_string_new(NULL);
	g_string_append_printf(out, "policy %s, version %s\n", policy_name(policy), policy_version(policy));
	explain_message(out, policy, facts, message);
	guint shown = MIN(message->parts->len, EXPLAIN_PARTS);
	for (guint i = 0; i < shown; i++)
		explain_part(out, policy, facts, message, g_ptr_array_index(message->parts, i));
	if (shown < message->parts->len)
		g_string_append_printf(out, "and %u parts more\n", message->parts->len - shown);
	if (message->parts->len == 0)
		g_string_append(out, "no parts besides the text\n");
	return g_string_free(out, FALSE);
}
