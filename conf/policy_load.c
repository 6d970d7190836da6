/* policy_load: a policy file into rules, by the same tables and the same walk as the settings. But for
 * defang a policy has no defaults: what it does not say, nobody has decided. */
#include "policy_conditions_priv.h"

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
	{ "text", POLICY_PART_TEXT },
	{ "image-pdf", POLICY_PART_IMAGE_PDF },
	{ "image-pdf+text", POLICY_PART_IMAGE_PDF_TEXT },
	{ NULL, 0 },
};

static const ConfChoice colours[] = { { "colour", POLICY_COLOUR }, { "gray", POLICY_GRAY }, { NULL, 0 } };
static const ConfChoice yes_or_no[] = { { "yes", POLICY_YES }, { "no", POLICY_NO }, { NULL, 0 } };
static const ConfChoice not_scanned[] = { { "allow", POLICY_YES }, { "remove", POLICY_NO }, { NULL, 0 } };
static const ConfChoice over_limit[] = { { "cut", POLICY_YES }, { "remove", POLICY_NO }, { NULL, 0 } };
static const ConfChoice failed_page[] = { { "mark", POLICY_YES }, { "remove", POLICY_NO }, { NULL, 0 } };
static const ConfChoice on_failure[] = { { "remove", POLICY_FAILURE_REMOVE }, { NULL, 0 } };

static const ConfChoice defang_modes[] = {
	{ "never", POLICY_DEFANG_NEVER },
	{ "flagged", POLICY_DEFANG_FLAGGED },
	{ "all", POLICY_DEFANG_ALL },
	{ NULL, 0 },
};

struct Policy {
	char *source; /* how messages call the file */
	char *name;
	char version[VERSION_DIGITS + 1];
	PolicyDefang defang;
	GPtrArray *rules;  /* of PolicyRule */
	GPtrArray *fields; /* of char * */
	char *fields_text; /* joined by commas */
	unsigned n_patterns;
	GPtrArray *readable; /* of PolicyRule, borrowed: those whose conditions could be read, so that they
	                        shadow */
	bool message_for_all, parts_for_all; /* some rule without `when` says it */
};

/* clang-format off */
static const ConfKey policy_keys[] = {
	{ .path = "name", .type = CONF_TYPE_TOKEN, .offset = offsetof(Policy, name), .maximum = TOKEN_MAX,
	  .doc = "what the audit and the reports call this policy" },
	{ .path = "rules", .type = CONF_TYPE_NODE,
	  .doc = "a list; the first rule that matches decides" },
	{ .path = "defang", .type = CONF_TYPE_CHOICE, .offset = offsetof(Policy, defang), .choices = defang_modes,
	  .standard = "flagged", .doc = "which URLs of the text no mail reader is to make a link of" },
};

static const ConfKey rule_keys[] = {
	{ .path = "name", .type = CONF_TYPE_TOKEN, .offset = offsetof(PolicyRule, name), .maximum = TOKEN_MAX,
	  .doc = "what the audit and the reports call this rule" },
	{ .path = "when", .type = CONF_TYPE_NODE, .optional = true,
	  .doc = "the conditions; without them the rule is for everything" },
	{ .path = "message", .type = CONF_TYPE_CHOICE, .offset = offsetof(PolicyRule, message),
	  .choices = message_actions, .optional = true, .doc = "what happens to the message" },
	{ .path = "parts", .type = CONF_TYPE_NODE, .optional = true,
	  .doc = "what happens to each of its parts: an action, or a mapping" },
};

#define IN_CONVERSION(member) offsetof(PolicyRule, conversion.member)
enum { PARTS_ACTION, PARTS_DPI, PARTS_COLOUR, PARTS_SEARCHABLE, PARTS_PAGES };
static const ConfKey parts_keys[] = {
	[PARTS_ACTION] = { .path = "action", .type = CONF_TYPE_CHOICE, .offset = offsetof(PolicyRule, parts),
	  .choices = part_actions, .doc = "what becomes of a part" },
	[PARTS_DPI] = { .path = "dpi", .type = CONF_TYPE_COUNT, .offset = IN_CONVERSION(dpi), .standard = "150",
	  .minimum = POLICY_DPI_MIN, .maximum = POLICY_DPI_MAX, .doc = "pixels an inch" },
	[PARTS_COLOUR] = { .path = "colour", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(colour),
	  .standard = "colour", .choices = colours, .doc = "colours, or gray" },
	[PARTS_SEARCHABLE] = { .path = "searchable", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(searchable),
	  .standard = "yes", .choices = yes_or_no, .doc = "the text lies invisible over the pictures" },
	[PARTS_PAGES] = { .path = "pages", .type = CONF_TYPE_COUNT, .offset = IN_CONVERSION(pages), .standard = "500",
	  .minimum = 1, .maximum = POLICY_PAGES_MAX, .doc = "how many of a document" },
	{ .path = "notes", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(notes), .standard = "no",
	  .choices = yes_or_no, .doc = "of an Office document: the notes of slides are shown" },
	{ .path = "comments", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(comments), .standard = "no",
	  .choices = yes_or_no, .doc = "of an Office document: comments are shown" },
	{ .path = "changes", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(changes), .standard = "no",
	  .choices = yes_or_no, .doc = "of an Office document: tracked changes are shown as such" },
	{ .path = "failed-page", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(failed_page),
	  .standard = "mark", .choices = failed_page, .doc = "what becomes of a page that cannot be drawn" },
	{ .path = "over-limit", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(over_limit), .standard = "cut",
	  .choices = over_limit, .doc = "what becomes of a document with more pages" },
	{ .path = "not-scanned", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(not_scanned), .standard = "remove",
	  .choices = not_scanned, .doc = "what becomes of a part that no virus scan has seen" },
	{ .path = "on-failure", .type = CONF_TYPE_CHOICE, .offset = IN_CONVERSION(on_failure), .standard = "remove",
	  .choices = on_failure, .doc = "what becomes of a part that cannot be converted" },
};
/* clang-format on */

enum { POLICY_RULES = 1 };                                /* its index in policy_keys */
enum { RULE_WHEN = 1, RULE_MESSAGE = 2, RULE_PARTS = 3 }; /* in rule_keys */

static const ConfSchema policy_schema = { policy_keys, G_N_ELEMENTS(policy_keys) };
static const ConfSchema rule_schema = { rule_keys, G_N_ELEMENTS(rule_keys) };
static const ConfSchema parts_schema = { parts_keys, G_N_ELEMENTS(parts_keys) };

/* ---- rules --------------------------------------------------------------------------------------- */

static void free_rule(void *data)
{
	PolicyRule *rule = data;
	policy_conditions_clear(&rule->when);
	conf_schema_clear(&rule_schema, rule);
	g_free(rule);
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

/* The first rule before this one that decides the same and leaves nothing for it. */
static const PolicyRule *find_shadow(const Policy *policy, const PolicyRule *rule, size_t decides)
{
	for (guint i = 0; i < policy->readable->len; i++) {
		const PolicyRule *earlier = g_ptr_array_index(policy->readable, i);
		bool same = *(const bool *)((const char *)earlier + decides) &&
		            *(const bool *)((const char *)rule + decides);
		if (same && policy_conditions_cover(&earlier->when, &rule->when))
			return earlier;
	}
	return NULL;
}

static void tell_shadow(const PolicyRule *shadow, const PolicyRule *rule, const char *path,
                        ConfErrors *errors)
{
	if (policy_conditions_none(&shadow->when))
		conf_errors_add(errors, rule->line, path,
		                "can never be reached: the rule on line %d has no conditions, so it matches "
		                "everything",
		                shadow->line);
	else
		conf_errors_add(errors, rule->line, path,
		                "can never be reached: the rule on line %d has the same or wider conditions",
		                shadow->line);
}

static void check_reach(const Policy *policy, const PolicyRule *rule, const char *path, ConfErrors *errors)
{
	const PolicyRule *message = find_shadow(policy, rule, offsetof(PolicyRule, decides_message));
	const PolicyRule *parts = find_shadow(policy, rule, offsetof(PolicyRule, decides_parts));
	g_autofree char *message_path = g_strconcat(path, ".message", NULL);
	g_autofree char *parts_path = g_strconcat(path, ".parts", NULL);
	bool whole = (message != NULL || !rule->decides_message) && (parts != NULL || !rule->decides_parts);
	if (whole && (message != NULL || parts != NULL)) {
		tell_shadow(message != NULL ? message : parts, rule, path, errors);
		return;
	}
	if (message != NULL)
		tell_shadow(message, rule, message_path, errors);
	if (parts != NULL)
		tell_shadow(parts, rule, parts_path, errors);
}

static void check_name(const Policy *policy, const PolicyRule *rule, const char *path, ConfErrors *errors)
{
	const PolicyRule *twin = find_rule(policy->rules, rule->name);
	if (twin != NULL)
		conf_errors_add(errors, rule->line, path, "duplicate rule name \"%s\", first on line %d",
		                rule->name, twin->line);
}

/* A `when` that was read with errors is not the one that was meant: it must not seem to leave nothing for the
 * rules after it. */
static bool read_when(Policy *policy, PolicyRule *rule, const ConfYaml *node, const char *path,
                      ConfErrors *errors)
{
	g_autofree char *when = g_strconcat(path, ".when", NULL);
	return node == NULL || policy_conditions_read(&rule->when, node, when, &policy->n_patterns, errors);
}

/* A key that changes nothing is one that somebody counts on in vain. Those before PARTS_PAGES are for
 * pictures alone. */
static void check_useless(const PolicyRule *rule, const ConfFound *found, const char *path,
                          ConfErrors *errors)
{
	if (found->line[PARTS_ACTION] == 0 || found->failed[PARTS_ACTION])
		return; /* told already */
	for (unsigned i = PARTS_ACTION + 1; i < parts_schema.n_keys; i++) {
		g_autofree char *inner = g_strconcat(path, ".", parts_keys[i].path, NULL);
		bool useful = rule->parts >= (i < PARTS_PAGES ? POLICY_PART_IMAGE_PDF : POLICY_PART_TEXT);
		if (found->line[i] > 0 && !useful)
			conf_errors_add(errors, found->line[i], inner, "means nothing for the action %s",
			                part_actions[rule->parts].word);
	}
}

static void read_action(PolicyRule *rule, const ConfYaml *node, const char *path, ConfErrors *errors)
{
	g_autofree char *problem = conf_schema_set(&parts_keys[PARTS_ACTION], node, rule);
	if (problem != NULL)
		conf_errors_add(errors, node->line, path, "%s", problem);
	for (unsigned i = PARTS_ACTION + 1; i < parts_schema.n_keys; i++)
		conf_schema_set_default(&parts_keys[i], rule);
}

/* An action alone, or a mapping of it and how. */
static void read_parts(PolicyRule *rule, const ConfYaml *node, const char *rule_path, ConfErrors *errors)
{
	g_autofree char *path = g_strconcat(rule_path, ".parts", NULL);
	ConfFound found;
	if (node == NULL || node->kind == CONF_YAML_REFUSED)
		return;
	if (node->kind != CONF_YAML_MAPPING) {
		read_action(rule, node, path, errors);
		return;
	}
	conf_schema_read(&parts_schema, node, path, rule, &found, errors);
	check_useless(rule, &found, path, errors);
}

/* What a scan must say, or not have said, for a part to be converted. */
static unsigned convertible(const PolicyRule *rule)
{
	bool unscanned = rule->conversion.not_scanned == POLICY_YES;
	return 1U << POLICY_SCAN_CLEAN | (unscanned ? 1U << POLICY_SCAN_NOT_SCANNED : 0);
}

/* A rule that seems to open a way for infected parts, and does not. */
static void check_scan(const PolicyRule *rule, const char *path, ConfErrors *errors)
{
	unsigned scan = rule->when.part_scan;
	g_autofree char *when = g_strconcat(path, ".when.part.scan", NULL);
	if (rule->parts != POLICY_PART_REMOVE && scan != 0 && (scan & convertible(rule)) == 0)
		conf_errors_add(errors, rule->line, when,
		                "names nothing that is converted: that is what was scanned clean, and with "
		                "not-scanned: allow what was not scanned");
}

/* Of what is no rule at all nobody knows what it would have decided. */
static void note_for_all(Policy *policy, const PolicyRule *rule, bool is_rule, bool has_when)
{
	policy->message_for_all |= !is_rule || (!has_when && rule->decides_message);
	policy->parts_for_all |= !is_rule || (!has_when && rule->decides_parts);
}

/* A result that is missing must not open what its presence opens: whoever gets the check out of the way would
 * decide. */
static void check_unknown(const PolicyRule *rule, const char *path, ConfErrors *errors)
{
	g_autofree char *when = g_strconcat(path, ".when.authentication", NULL);
	if (rule->decides_message && rule->message == POLICY_DELIVER &&
	    policy_conditions_take_unknown(&rule->when))
		conf_errors_add(
		        errors, rule->line, when,
		        "unknown is not for a rule that delivers: a missing check must not open anything");
}

/* number: 1-based, for messages. */
static void read_rule(Policy *policy, const ConfYaml *node, guint number, ConfErrors *errors)
{
	if (node->kind == CONF_YAML_REFUSED)
		return; /* told already */
	g_autofree char *path = g_strdup_printf("rules[%u]", number);
	PolicyRule *rule = g_new0(PolicyRule, 1);
	bool is_rule = node->kind == CONF_YAML_MAPPING;
	rule->line = node->line;
	ConfFound found;
	conf_schema_read(&rule_schema, node, path, rule, &found, errors);
	rule->decides_message = found.line[RULE_MESSAGE] > 0;
	rule->decides_parts = found.line[RULE_PARTS] > 0;
	note_for_all(policy, rule, is_rule, found.node[RULE_WHEN] != NULL);
	read_parts(rule, found.node[RULE_PARTS], path, errors);
	bool readable = read_when(policy, rule, found.node[RULE_WHEN], path, errors);
	if (is_rule && !rule->decides_message && !rule->decides_parts)
		conf_errors_add(errors, node->line, path,
		                "decides nothing: message, parts or both are missing");
	check_name(policy, rule, path, errors);
	check_unknown(rule, path, errors);
	if (readable) {
		check_scan(rule, path, errors);
		check_reach(policy, rule, path, errors);
		g_ptr_array_add(policy->readable, rule);
	}
	g_ptr_array_add(policy->rules, rule);
}

/* What no rule decides would be decided by nobody. */
static void check_last(const Policy *policy, ConfErrors *errors)
{
	const PolicyRule *last = g_ptr_array_index(policy->rules, policy->rules->len - 1);
	g_autofree char *path = g_strdup_printf("rules[%u]", policy->rules->len);
	const char *missing = "message and parts";
	if (policy->message_for_all && policy->parts_for_all)
		return;
	if (policy->message_for_all || policy->parts_for_all)
		missing = policy->message_for_all ? "parts" : "message";
	conf_errors_add(errors, last->line, path,
	                "the last rule must be for everything: no rule without when says %s", missing);
}

static void collect_field(Policy *policy, const PolicyRule *rule, const char *name, ConfErrors *errors)
{
	for (guint i = 0; i < policy->fields->len; i++)
		if (g_ascii_strcasecmp(g_ptr_array_index(policy->fields, i), name) == 0)
			return;
	g_ptr_array_add(policy->fields, g_strdup(name));
	g_autofree char *before = g_steal_pointer(&policy->fields_text);
	policy->fields_text = g_strconcat(before, *before != '\0' ? "," : "", name, NULL);
	if (policy->fields->len == POLICY_FIELDS_MAX + 1)
		conf_errors_add(errors, rule->line, "rules",
		                "conditions on more than %d different header fields", POLICY_FIELDS_MAX);
	else if (strlen(policy->fields_text) > POLICY_FIELDS_BYTES && strlen(before) <= POLICY_FIELDS_BYTES)
		conf_errors_add(errors, rule->line, "rules",
		                "the names of all header fields in conditions have more than %d bytes",
		                POLICY_FIELDS_BYTES);
}

static void collect_fields(Policy *policy, ConfErrors *errors)
{
	for (guint i = 0; i < policy->rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(policy->rules, i);
		for (guint j = 0; rule->when.header != NULL && j < rule->when.header->len; j++) {
			const PolicyHeader *header = g_ptr_array_index(rule->when.header, j);
			if (header->name != NULL)
				collect_field(policy, rule, header->name, errors);
		}
	}
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
	if (list->items->len > POLICY_RULES_MAX) {
		conf_errors_add(errors, list->line, "rules", "more than %d rules", POLICY_RULES_MAX);
		return;
	}
	for (guint i = 0; i < list->items->len && !conf_errors_full(errors); i++)
		read_rule(policy, g_ptr_array_index(list->items, i), i + 1, errors);
	collect_fields(policy, errors);
	if (policy->rules->len > 0)
		check_last(policy, errors);
}

/* ---- policies -------------------------------------------------------------------------------------- */

static void clear_policy(void *data)
{
	Policy *policy = data;
	conf_schema_clear(&policy_schema, policy);
	g_free(policy->source);
	g_ptr_array_unref(policy->rules);
	g_ptr_array_unref(policy->readable);
	g_ptr_array_unref(policy->fields);
	g_free(policy->fields_text);
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
	policy->readable = g_ptr_array_new();
	policy->fields = g_ptr_array_new_with_free_func(g_free);
	policy->fields_text = g_strdup("");
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
	                           "defang: flagged\n"
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

bool policy_converts(const Policy *policy)
{
	const GPtrArray *rules = policy_rules(policy);
	for (guint i = 0; i < rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(rules, i);
		if (rule->decides_parts && rule->parts != POLICY_PART_REMOVE)
			return true;
	}
	return false;
}

PolicyDefang policy_defang(const Policy *policy)
{
	return policy->defang;
}

const GPtrArray *policy_fields(const Policy *policy)
{
	return policy->fields;
}

const char *policy_fields_text(const Policy *policy)
{
	return policy->fields_text;
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

/* key: of the rule. */
static char *describe_mismatch(const Policy *policy, guint index, const char *key, const char *why)
{
	const PolicyRule *rule = g_ptr_array_index(policy->rules, index);
	g_autoptr(ConfErrors) errors = conf_errors_new(policy->source);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = g_strdup_printf("rules[%u].%s", index + 1, key);
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
			if (!rule->decides_message || mismatch->topology != topology ||
			    mismatch->message != rule->message)
				continue;
			g_ptr_array_add(mismatch->impossible ? errors : warnings,
			                describe_mismatch(policy, i, "message", mismatch->why));
		}
	}
}

/* ---- authentication --------------------------------------------------------------------------------- */

void policy_check_authentication(const Policy *policy, const ConfSettings *settings, GPtrArray *errors,
                                 GPtrArray *warnings)
{
	bool believed = *settings->authserv_id != '\0';
	if (believed && settings->topology == CONF_ONE_HOP)
		g_ptr_array_add(
		        warnings,
		        g_strdup("authentication.authserv_id in one-hop: Postfix must remove what comes from "
		                 "outside with this name, or a sender can forge the results"));
	for (guint i = 0; i < policy->rules->len && !believed; i++) {
		const PolicyRule *rule = g_ptr_array_index(policy->rules, i);
		if (policy_conditions_want_authentication(&rule->when))
			g_ptr_array_add(errors, describe_mismatch(
			                                policy, i, "when.authentication",
			                                "nobody's results are believed: the settings have no "
			                                "authentication.authserv_id"));
	}
}

/* ---- conversion ------------------------------------------------------------------------------------- */

void policy_check_conversion(const Policy *policy, GPtrArray *warnings)
{
	for (guint i = 0; i < policy->rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(policy->rules, i);
		if (rule->parts != POLICY_PART_REMOVE && rule->conversion.not_scanned == POLICY_YES)
			g_ptr_array_add(
			        warnings,
			        describe_mismatch(policy, i, "parts.not-scanned",
			                          "allow converts what no virus scan has found clean "
			                          "/ ウイルス検査で安全と確かめていない添付も変換します"));
	}
}
