/* policy_load: a policy file into rules, by the same tables and the same walk as the settings. A policy has
 * no defaults: what it does not say, nobody has decided. */
#include "conf_schema_priv.h"

#include <string.h>

enum { TOKEN_MAX = 64, VERSION_DIGITS = 16 };

static const ConfChoice message_actions[] = {
	{ "deliver", POLICY_DELIVER },
	{ "notice-only", POLICY_NOTICE_ONLY },
	{ "hold", POLICY_HOLD },
	{ "reject", POLICY_REJECT },
	{ NULL, 0 },
};

static const ConfChoice part_actions[] = {
	{ "remove", POLICY_PART_REMOVE },
	{ NULL, 0 },
};

struct Policy {
	char *source; /* how messages call the file */
	char *name;
	char version[VERSION_DIGITS + 1];
	GPtrArray *rules; /* of PolicyRule */
};

/* clang-format off */
static const ConfKey policy_keys[] = {
	{ .path = "name", .type = CONF_TYPE_TOKEN, .offset = offsetof(Policy, name), .maximum = TOKEN_MAX,
	  .doc = "what the audit and the reports call this policy" },
	{ .path = "rules", .type = CONF_TYPE_RULES,
	  .doc = "a list; the first rule that matches decides" },
};

static const ConfKey rule_keys[] = {
	{ .path = "name", .type = CONF_TYPE_TOKEN, .offset = offsetof(PolicyRule, name), .maximum = TOKEN_MAX,
	  .doc = "what the audit and the reports call this rule" },
	{ .path = "message", .type = CONF_TYPE_CHOICE, .offset = offsetof(PolicyRule, message),
	  .choices = message_actions, .doc = "what happens to the message" },
	{ .path = "parts", .type = CONF_TYPE_CHOICE, .offset = offsetof(PolicyRule, parts),
	  .choices = part_actions, .doc = "what happens to each of its parts" },
};
/* clang-format on */

enum { POLICY_RULES = 1 }; /* its index in policy_keys */

static const ConfSchema policy_schema = { policy_keys, G_N_ELEMENTS(policy_keys) };
static const ConfSchema rule_schema = { rule_keys, G_N_ELEMENTS(rule_keys) };

/* ---- rules --------------------------------------------------------------------------------------- */

static void free_rule(void *data)
{
	conf_schema_clear(&rule_schema, data);
	g_free(data);
}

static const PolicyRule *find_rule(const GPtrArray *rules, const char *name)
{
	for (guint i = 0; name != NULL && i < rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(rules, i);
		if (g_strcmp0(rule->name, name) == 0)
			return rule;
	}
	return NULL;
}

static void check_rule(const Policy *policy, const PolicyRule *rule, const char *path, ConfErrors *errors)
{
	const PolicyRule *twin = find_rule(policy->rules, rule->name);
	if (twin != NULL)
		conf_errors_add(errors, rule->line, path, "duplicate rule name \"%s\", first on line %d",
		                rule->name, twin->line);
	if (policy->rules->len == 0)
		return;
	const PolicyRule *first = g_ptr_array_index(policy->rules, 0);
	conf_errors_add(
	        errors, rule->line, path,
	        "can never be reached: the rule on line %d has no conditions, so it matches everything",
	        first->line);
}

/* number: 1-based, for messages. */
static void read_rule(Policy *policy, const ConfYaml *node, guint number, ConfErrors *errors)
{
	if (node->kind == CONF_YAML_REFUSED)
		return; /* told already */
	g_autofree char *path = g_strdup_printf("rules[%u]", number);
	PolicyRule *rule = g_new0(PolicyRule, 1);
	rule->line = node->line;
	ConfFound found;
	conf_schema_read(&rule_schema, node, path, rule, &found, errors);
	check_rule(policy, rule, path, errors);
	g_ptr_array_add(policy->rules, rule);
}

static void read_rules(Policy *policy, const ConfFound *found, ConfErrors *errors)
{
	const ConfYaml *list = found->node[POLICY_RULES];
	if (list == NULL || list->kind == CONF_YAML_REFUSED)
		return; /* told already */
	if (list->kind != CONF_YAML_LIST) {
		conf_errors_add(errors, list->line, "rules", "expected a list of rules, found %s",
		                conf_yaml_kind_name(list));
		return;
	}
	if (list->items->len == 0)
		conf_errors_add(errors, list->line, "rules", "no rule, so that nothing would be decided");
	for (guint i = 0; i < list->items->len && !conf_errors_full(errors); i++)
		read_rule(policy, g_ptr_array_index(list->items, i), i + 1, errors);
}

/* ---- policies -------------------------------------------------------------------------------------- */

static void clear_policy(void *data)
{
	Policy *policy = data;
	conf_schema_clear(&policy_schema, policy);
	g_free(policy->source);
	g_ptr_array_unref(policy->rules);
}

void policy_unref(Policy *policy)
{
	if (policy != NULL)
		g_atomic_rc_box_release_full(policy, clear_policy);
}

Policy *policy_ref(Policy *policy)
{
	return g_atomic_rc_box_acquire(policy);
}

static Policy *new_policy(const char *name, const char *text, size_t bytes)
{
	Policy *policy = g_atomic_rc_box_new0(Policy);
	policy->source = g_strdup(name);
	policy->rules = g_ptr_array_new_with_free_func(free_rule);
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, bytes);
	g_strlcpy(policy->version, digest, sizeof policy->version);
	return policy;
}

static Policy *parse(const char *name, const char *text, size_t bytes, ConfErrors *errors)
{
	g_autoptr(ConfYaml) tree = conf_yaml_parse(text, bytes, errors);
	if (tree == NULL)
		return NULL;
	g_autoptr(Policy) policy = new_policy(name, text, bytes);
	ConfFound found;
	conf_schema_read(&policy_schema, tree, "", policy, &found, errors);
	read_rules(policy, &found, errors);
	return conf_errors_any(errors) ? NULL : g_steal_pointer(&policy);
}

Policy *policy_parse(const char *name, const char *text, size_t bytes, GPtrArray *errors)
{
	g_autoptr(ConfErrors) found = conf_errors_new(name);
	Policy *policy = parse(name, text, bytes, found);
	conf_errors_report(found, errors);
	return policy;
}

Policy *policy_load(const char *path, GPtrArray *errors)
{
	g_autoptr(ConfErrors) found = conf_errors_new(path);
	g_autoptr(GBytes) content = conf_yaml_read(path, found);
	Policy *policy = NULL;
	if (content != NULL)
		policy = parse(path, g_bytes_get_data(content, NULL), g_bytes_get_size(content), found);
	conf_errors_report(found, errors);
	return policy;
}

/* The same rules as conf/policy.yaml; a test compares them. */
Policy *policy_builtin(void)
{
	static const char text[] = "name: strictest\n"
	                           "rules:\n"
	                           "  - name: everything\n"
	                           "    message: deliver\n"
	                           "    parts: remove\n";
	Policy *policy = policy_parse("built-in policy", text, sizeof text - 1, NULL);
	g_assert(policy != NULL);
	return policy;
}

const char *policy_name(const Policy *policy)
{
	return policy->name;
}

const char *policy_version(const Policy *policy)
{
	return policy->version;
}

const GPtrArray *policy_rules(const Policy *policy)
{
	return policy->rules;
}

/* ---- topology ---------------------------------------------------------------------------------------- */

/* What a message action means where it cannot be done as it says. */
typedef struct {
	ConfTopology topology;
	PolicyMessageAction message;
	bool impossible; /* an error; else a warning */
	const char *why;
} Mismatch;

static const Mismatch mismatches[] = {
	{ CONF_ONE_HOP, POLICY_HOLD, true,
	  "hold is impossible in one-hop: there is no store for originals, so the mail would be lost" },
	{ CONF_ONE_HOP, POLICY_NOTICE_ONLY, false,
	  "notice-only in one-hop refuses the mail (5xx): no original is kept that the notice could name" },
	{ CONF_BEHIND_EDGE, POLICY_REJECT, false,
	  "reject behind an edge acts as hold: a 5xx there would bounce to a forged sender" },
	{ CONF_BEHIND_EDGE, POLICY_HOLD, false,
	  "hold acts as notice-only: there is no store for originals, the edge keeps them" },
};

static char *describe_mismatch(const Policy *policy, guint index, const char *why)
{
	const PolicyRule *rule = g_ptr_array_index(policy->rules, index);
	g_autoptr(ConfErrors) errors = conf_errors_new(policy->source);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = g_strdup_printf("rules[%u].message", index + 1);
	conf_errors_add(errors, rule->line, path, "%s", why);
	conf_errors_report(errors, texts);
	return g_strdup(g_ptr_array_index(texts, 0));
}

void policy_check_topology(const Policy *policy, ConfTopology topology, GPtrArray *errors,
                           GPtrArray *warnings)
{
	for (guint i = 0; i < policy->rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(policy->rules, i);
		for (size_t j = 0; j < G_N_ELEMENTS(mismatches); j++) {
			const Mismatch *mismatch = &mismatches[j];
			if (mismatch->topology != topology || mismatch->message != rule->message)
				continue;
			g_ptr_array_add(mismatch->impossible ? errors : warnings,
			                describe_mismatch(policy, i, mismatch->why));
		}
	}
}
