/* policy: see policy_priv.h. */
#include "clean_text.h"
#include "conversion_priv.h"
#include "policy_match_priv.h"

#include <string.h>

enum { EXPLAIN_CHARS = 80, EXPLAIN_PARTS = 200, EXPLAIN_RECIPIENTS = 10 };

/* ---- which rule -------------------------------------------------------------------------------------------
 */

/* One way through the rules, for the message or for one part. */
typedef struct {
	const Policy *policy;
	const PolicyFacts *facts;
	PolicyMatch *match;
	int part;
	bool *decided; /* of each recipient: a rule was found */
	bool *by_this; /* ... and it is the one at hand */
	guint n_recipients, n_left, n_by_this;
	GString *why; /* NULL: nobody asks */
	/* of a part: what all rules that decide take */
	PolicyPartAction action;
	PolicyConversion how; /* of those that convert */
} Walk;

static bool rule_decides(const PolicyRule *rule, int part)
{
	return part != POLICY_THE_MESSAGE ? rule->decides_parts : rule->decides_message;
}

static bool is_stricter(const PolicyRule *rule, const PolicyRule *other, int part)
{
	if (other == NULL)
		return true;
	return part == POLICY_THE_MESSAGE ? rule->message > other->message : rule->parts < other->parts;
}

/* Each member by itself: one rule's low resolution and another's gray make both. */
static void take_stricter(PolicyConversion *how, const PolicyConversion *other)
{
	how->dpi = MIN(how->dpi, other->dpi);
	how->pages = MIN(how->pages, other->pages);
	how->colour = MIN(how->colour, other->colour);
	how->searchable = MIN(how->searchable, other->searchable);
	how->not_scanned = MIN(how->not_scanned, other->not_scanned);
	how->over_limit = MIN(how->over_limit, other->over_limit);
	how->notes = MIN(how->notes, other->notes);
	how->comments = MIN(how->comments, other->comments);
	how->changes = MIN(how->changes, other->changes);
	how->failed_page = MIN(how->failed_page, other->failed_page);
	how->on_failure = MIN(how->on_failure, other->on_failure);
}

static void take_conversion(Walk *walk, const PolicyRule *rule, bool first)
{
	if (first)
		walk->how = rule->conversion;
	else
		take_stricter(&walk->how, &rule->conversion);
	walk->action = first ? rule->parts : MIN(walk->action, rule->parts);
}

static void take_recipients(Walk *walk, guint rule)
{
	walk->n_by_this = 0;
	for (guint i = 0; i < walk->n_recipients; i++) {
		walk->by_this[i] = !walk->decided[i] && policy_match_recipient(walk->match, rule, i);
		walk->decided[i] |= walk->by_this[i];
		walk->n_by_this += walk->by_this[i] ? 1 : 0;
	}
	walk->n_left -= walk->n_by_this;
}

/* It goes to a terminal. */
static void quote(GString *out, const char *text)
{
	g_autofree char *clean = clean_line(text, strlen(text), EXPLAIN_CHARS, NULL);
	g_string_append_printf(out, "\"%s\"", clean);
}

static void explain_recipients(const Walk *walk)
{
	guint told = 0;
	for (guint i = 0; i < walk->n_recipients && told < EXPLAIN_RECIPIENTS; i++) {
		if (!walk->by_this[i])
			continue;
		g_string_append(walk->why, told++ > 0 ? ", " : "for ");
		quote(walk->why, walk->facts->recipients[i]);
	}
	if (told < walk->n_by_this)
		g_string_append_printf(walk->why, " and %u more", walk->n_by_this - told);
}

static void explain_rule(const Walk *walk, const PolicyRule *rule, const char *refusal, bool unread)
{
	if (walk->why == NULL)
		return;
	g_string_append_printf(walk->why, "    rule %s (line %d): ", rule->name, rule->line);
	if (refusal != NULL)
		g_string_append_printf(walk->why, "no, because of \"%s\"", refusal);
	else if (unread)
		g_string_append(walk->why,
		                "not all that it asks for was read (a limit was hit), so that it is "
		                "taken to match, and decides");
	else
		g_string_append(walk->why, "matches, and decides");
	if (refusal == NULL && walk->n_by_this < walk->n_recipients) {
		g_string_append_c(walk->why, ' ');
		explain_recipients(walk);
	}
	g_string_append_c(walk->why, '\n');
}

static const PolicyRule *look_at_rules(Walk *walk)
{
	const GPtrArray *rules = policy_rules(walk->policy);
	const PolicyRule *strictest = NULL;
	for (guint i = 0; i < rules->len && walk->n_left > 0; i++) {
		const PolicyRule *rule = g_ptr_array_index(rules, i);
		bool unread = false;
		if (!rule_decides(rule, walk->part))
			continue;
		const char *refusal = policy_match_refusal(walk->match, i, walk->part, &unread);
		if (refusal == NULL)
			take_recipients(walk, i);
		if (policy_match_exhausted(walk->match))
			return NULL;
		if (refusal == NULL && walk->n_by_this == 0)
			refusal = "recipient";
		explain_rule(walk, rule, refusal, unread);
		if (refusal == NULL)
			take_conversion(walk, rule, strictest == NULL);
		if (refusal == NULL && is_stricter(rule, strictest, walk->part))
			strictest = rule;
	}
	return strictest;
}

/* What is decided of one part. */
typedef struct {
	const PolicyRule *rule;
	PolicyPartAction action;
	PolicyConversion how;
} Choice;

/* The strictest of those which are the first to hold for some recipient; rule NULL: the bound was reached
 * before. A policy has rules for everything, so there always is one. why: may be NULL. */
static Choice find_rule(const Policy *policy, const PolicyFacts *facts, PolicyMatch *match, int part,
                        GString *why)
{
	guint n = policy_match_recipients(match);
	g_autofree bool *decided = g_new0(bool, n);
	g_autofree bool *by_this = g_new0(bool, n);
	Walk walk = { .policy = policy,
		      .facts = facts,
		      .match = match,
		      .part = part,
		      .decided = decided,
		      .by_this = by_this,
		      .n_recipients = n,
		      .n_left = n,
		      .why = why };
	const PolicyRule *rule = look_at_rules(&walk);
	return (Choice) { rule, walk.action, walk.how };
}

static const PolicyRule *last_rule(const Policy *policy, int part)
{
	const GPtrArray *rules = policy_rules(policy);
	for (guint i = rules->len; i > 0; i--) {
		const PolicyRule *rule = g_ptr_array_index(rules, i - 1);
		if (rule_decides(rule, part))
			return rule;
	}
	g_assert_not_reached();
}

/* ---- the decision -----------------------------------------------------------------------------------------
 */

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

/* What decides: of the message, and of each part. */
typedef struct {
	PolicyDecision decision;
	GArray *of_parts; /* of Choice */
} Found;

static bool find_rules(const Policy *policy, const PolicyFacts *facts, const Message *message, Found *found)
{
	g_autoptr(PolicyMatch) match = policy_match_new(policy, facts, message);
	const PolicyRule *rule = find_rule(policy, facts, match, POLICY_THE_MESSAGE, NULL).rule;
	if (rule == NULL)
		return false;
	found->decision.rule = rule;
	found->decision.message = fit_to_topology(decisions[rule->message], facts);
	for (guint i = 0; i < message->parts->len; i++) {
		Choice choice = find_rule(policy, facts, match, (int)i, NULL);
		if (choice.rule == NULL)
			return false;
		g_array_append_val(found->of_parts, choice);
	}
	return true;
}

/* What could not be judged is treated as the worst. */
static void give_up(const Policy *policy, const PolicyFacts *facts, const Message *message, Found *found)
{
	const Choice removed = { .rule = last_rule(policy, 0), .action = POLICY_PART_REMOVE };
	found->decision = (PolicyDecision) { .message = fit_to_topology(DECISION_REJECT, facts),
		                             .rule = last_rule(policy, POLICY_THE_MESSAGE),
		                             .exhausted = true };
	g_array_set_size(found->of_parts, 0);
	for (guint i = 0; i < message->parts->len; i++)
		g_array_append_val(found->of_parts, removed);
}

static Found find(const Policy *policy, const PolicyFacts *facts, const Message *message)
{
	Found found = { .of_parts = g_array_new(FALSE, FALSE, sizeof(Choice)) };
	if (!find_rules(policy, facts, message, &found))
		give_up(policy, facts, message, &found);
	return found;
}

G_STATIC_ASSERT((int)POLICY_PART_REMOVE == (int)PART_ACTION_REMOVE &&
                (int)POLICY_PART_TEXT == (int)PART_ACTION_TEXT);
G_STATIC_ASSERT((int)POLICY_PART_IMAGE_PDF == (int)PART_ACTION_IMAGE_PDF &&
                (int)POLICY_PART_IMAGE_PDF_TEXT == (int)PART_ACTION_IMAGE_PDF_TEXT);

/* What no rule can convert, since the parser did not get it whole or nobody can tell what it is, and a second
 * form of the text, which the reader has already. */
static bool is_fit(const MessagePart *part)
{
	static const char text[] = "text/";
	static const bool unfit[PART_REASON_COUNT] = {
		[PART_REASON_DEPTH] = true,           [PART_REASON_DAMAGED] = true,
		[PART_REASON_CHARSET] = true,         [PART_REASON_AMBIGUOUS] = true,
		[PART_REASON_EMPTY_CONTAINER] = true,
	};
	bool alternative = (part->flags & MESSAGE_PART_BODY_ALTERNATIVE) != 0 &&
	                   g_ascii_strncasecmp(part->declared_type, text, strlen(text)) == 0;
	return !alternative && !unfit[part->reason];
}

/* The law: what is converted was scanned before. PART_REASON_NONE: it may be. */
static PartReason scan_reason(const MessagePart *part, const PolicyConversion *how)
{
	if (part->scan == PART_SCAN_CLEAN)
		return PART_REASON_NONE;
	if (part->scan != PART_SCAN_NOT_SCANNED)
		return PART_REASON_SCAN;
	return how->not_scanned == POLICY_YES ? PART_REASON_NONE : PART_REASON_NOT_SCANNED;
}

static PartReason removal_reason(const MessagePart *part, const Choice *choice)
{
	if (choice->action == POLICY_PART_REMOVE || !is_fit(part))
		return PART_REASON_POLICY;
	return scan_reason(part, &choice->how);
}

static void decide_part(MessagePart *part, const Choice *choice)
{
	PartReason reason = removal_reason(part, choice);
	part->rule = choice->rule->name;
	part->action = reason == PART_REASON_NONE ? (PartAction)choice->action : PART_ACTION_REMOVE;
	g_clear_pointer(&part->conversion, g_free);
	if (part->action != PART_ACTION_REMOVE) {
		part->conversion = conversion_new(part->action, &choice->how);
		part->reason = PART_REASON_NONE;
	} else if (part->reason == PART_REASON_NONE) {
		part->reason = reason;
	}
}

PolicyDecision policy_decide(const Policy *policy, const PolicyFacts *facts, Message *message)
{
	Found found = find(policy, facts, message);
	for (guint i = 0; i < message->parts->len; i++)
		decide_part(g_ptr_array_index(message->parts, i), &g_array_index(found.of_parts, Choice, i));
	g_array_unref(found.of_parts);
	return found.decision;
}

/* ---- why --------------------------------------------------------------------------------------------------
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

typedef struct {
	GString *out;
	const Policy *policy;
	const PolicyFacts *facts;
	const Message *message;
	PolicyMatch *match;
	const Found *found;
} Explanation;

static void explain_message(const Explanation *e)
{
	const PolicyRule *rule = e->found->decision.rule;
	Decision decision = e->found->decision.message;
	g_string_append_printf(e->out, "message: %s, by rule %s\n", decision_names[decision], rule->name);
	if (e->found->decision.exhausted) {
		g_string_append(
		        e->out,
		        "    not all rules could be tried: the mail has too many parts and names for so "
		        "many patterns, so that the strictest outcome holds\n");
		return;
	}
	find_rule(e->policy, e->facts, e->match, POLICY_THE_MESSAGE, e->out);
	if (policy_match_recipients(e->match) > 1)
		g_string_append(
		        e->out,
		        "    of the rules that decide for its recipients the strictest holds for all\n");
	if (!e->facts->body_readable)
		g_string_append(e->out, "    its content cannot be read, so that only a notice is left\n");
	else if (decision != decisions[rule->message])
		g_string_append_printf(e->out, "    the rule says %s, which acts as %s in this topology\n",
		                       action_names[rule->message], decision_names[decision]);
}

/* Why a part that a rule would convert is removed all the same; NULL: it is not. */
static const char *explain_removal(const MessagePart *part, const Choice *choice)
{
	if (choice->action == POLICY_PART_REMOVE)
		return NULL;
	if (!is_fit(part))
		return "could not be read whole, or repeats the text";
	switch (scan_reason(part, &choice->how)) {
	case PART_REASON_NOT_SCANNED:
		return "was not scanned for viruses, and the rule does not say not-scanned: allow";
	case PART_REASON_SCAN:
		return "was not found clean";
	default:
		return NULL;
	}
}

static void explain_pictures(GString *out, const PolicyConversion *how)
{
	g_string_append_printf(out, ", %u dpi, %s, %s", (unsigned)how->dpi,
	                       how->colour == POLICY_GRAY ? "gray" : "colour",
	                       how->searchable == POLICY_YES ? "searchable" : "not searchable");
}

/* Of Office documents. */
static void explain_beside(GString *out, const PolicyConversion *how)
{
	const struct {
		PolicyAnswer shown;
		const char *what;
	} things[] = { { how->notes, "notes" }, { how->comments, "comments" }, { how->changes, "tracked changes" } };
	for (size_t i = 0; i < G_N_ELEMENTS(things); i++)
		g_string_append_printf(out, "%s%s %s", i == 0 ? "    in Office documents " : ", ", things[i].what,
		                       things[i].shown == POLICY_YES ? "shown" : "left out");
	g_string_append_c(out, '\n');
}

static void explain_conversion(const Explanation *e, const Choice *choice, const char *removal)
{
	const PolicyConversion *how = &choice->how;
	if (choice->action == POLICY_PART_REMOVE)
		return;
	if (removal != NULL) {
		g_string_append_printf(e->out, "    the rule says %s, but the part %s\n",
		                       part_action_name((PartAction)choice->action), removal);
		return;
	}
	g_string_append_printf(e->out, "    at most %u pages (%s)", (unsigned)how->pages,
	                       how->over_limit == POLICY_YES ? "of more the first" : "else removed");
	if (choice->action != POLICY_PART_TEXT)
		explain_pictures(e->out, how);
	g_string_append_printf(e->out, ", a page that cannot be drawn %s\n",
	                       how->failed_page == POLICY_YES ? "is marked" : "removes all");
	explain_beside(e->out, how);
}

static void explain_part(const Explanation *e, guint index)
{
	const MessagePart *part = g_ptr_array_index(e->message->parts, index);
	const Choice *choice = &g_array_index(e->found->of_parts, Choice, index);
	const char *removal = explain_removal(part, choice);
	PolicyPartAction action = removal != NULL ? POLICY_PART_REMOVE : choice->action;
	g_string_append_printf(e->out, "part %s: %s, by rule %s\n    name ", part->number,
	                       part_action_name((PartAction)action), choice->rule->name);
	quote(e->out, part->name);
	g_string_append(e->out, ", declared type ");
	quote(e->out, part->declared_type);
	g_string_append(e->out, ", true type ");
	quote(e->out, *part->true_type != '\0' ? part->true_type : "unknown");
	g_string_append_printf(e->out, ", %" G_GUINT64_FORMAT " bytes\n", (guint64)part->bytes);
	explain_conversion(e, choice, removal);
	if (!e->found->decision.exhausted)
		find_rule(e->policy, e->facts, e->match, (int)index, e->out);
}

char *policy_explain(const Policy *policy, const PolicyFacts *facts, const Message *message)
{
	Found found = find(policy, facts, message);
	/* The same walk again, over no more parts than before: it cannot be exhausted where the first was
	 * not. */
	g_autoptr(PolicyMatch) match = policy_match_new(policy, facts, message);
	const Explanation e = { g_string_new(NULL), policy, facts, message, match, &found };
	g_string_append_printf(e.out, "policy %s, version %s\n", policy_name(policy), policy_version(policy));
	explain_message(&e);
	guint shown = MIN(message->parts->len, EXPLAIN_PARTS);
	for (guint i = 0; i < shown; i++)
		explain_part(&e, i);
	if (shown < message->parts->len)
		g_string_append_printf(e.out, "and %u parts more\n", message->parts->len - shown);
	if (message->parts->len == 0)
		g_string_append(e.out, "no parts besides the text\n");
	g_array_unref(found.of_parts);
	return g_string_free(e.out, FALSE);
}
