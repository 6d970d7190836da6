/* policy_match: see policy_match_priv.h. */
#include "policy_match_priv.h"

#include "clean_text.h"
#include "policy_address_priv.h"

#include <string.h>

enum {
	/* Well below a second; 100 parts and 10,000 patterns take two million. */
	STEPS_MAX = 20 * 1000 * 1000,
	STEPS_PER_BYTE = 4, /* to clean and to fold it */
};

/* Caps past which there is more than the conditions can see. */
enum {
	HEADER_UNREAD = MESSAGE_LIMIT_FIELDS | MESSAGE_LIMIT_HEADER_BLOCK,
	PARTS_UNREAD = MESSAGE_LIMIT_PARTS | MESSAGE_LIMIT_BLOCKS | MESSAGE_LIMIT_STRUCTURE |
	               MESSAGE_LIMIT_DEPTH | MESSAGE_LIMIT_NESTED,
};

typedef struct {
	char *text; /* NULL: not asked for yet */
	size_t bytes;
} Folded;

/* What does not depend on the part is found out once. */
typedef struct {
	bool known;
	const char *refusal;
	bool header;      /* the conditions on header fields hold */
	bool signs;       /* that on signs holds */
	char *recipients; /* NULL, or of each: 0 = not known yet, 'y', 'n' */
} Rule;

struct PolicyMatch {
	const GPtrArray *rules;
	const PolicyFacts *facts;
	const Message *message;
	PolicyMailbox *sender;
	GPtrArray *recipients; /* of PolicyMailbox */
	Folded *names;         /* of the parts */
	Folded *values;        /* of the header fields */
	Rule *states;          /* of the rules */
	uint64_t steps;        /* left */
};

/* ---- its life ---------------------------------------------------------------------------------------------
 */

static void free_mailbox(void *data)
{
	policy_mailbox_free(data);
}

PolicyMatch *policy_match_new(const Policy *policy, const PolicyFacts *facts, const Message *message)
{
	PolicyMatch *match = g_new0(PolicyMatch, 1);
	match->rules = policy_rules(policy);
	match->facts = facts;
	match->message = message;
	match->sender = policy_mailbox_new(facts->sender);
	match->recipients = g_ptr_array_new_with_free_func(free_mailbox);
	for (const char *const *r = facts->recipients; r != NULL && *r != NULL; r++)
		g_ptr_array_add(match->recipients, policy_mailbox_new(*r));
	match->names = g_new0(Folded, message->parts->len);
	match->values = g_new0(Folded, message->fields->len);
	match->states = g_new0(Rule, match->rules->len);
	match->steps = STEPS_MAX;
	return match;
}

static void free_folded(Folded *texts, guint count)
{
	for (guint i = 0; i < count; i++)
		g_free(texts[i].text);
	g_free(texts);
}

void policy_match_free(PolicyMatch *match)
{
	if (match == NULL)
		return;
	policy_mailbox_free(match->sender);
	g_ptr_array_unref(match->recipients);
	for (guint i = 0; i < match->rules->len; i++)
		g_free(match->states[i].recipients);
	free_folded(match->names, match->message->parts->len);
	free_folded(match->values, match->message->fields->len);
	g_free(match->states);
	g_free(match);
}

bool policy_match_exhausted(const PolicyMatch *match)
{
	return match->steps == 0;
}

static void spend(PolicyMatch *match, uint64_t steps)
{
	match->steps -= MIN(match->steps, steps);
}

/* ---- one condition ----------------------------------------------------------------------------------------
 */

static bool some_address(PolicyMatch *match, const GPtrArray *patterns, const PolicyMailbox *mailbox)
{
	for (guint i = 0; i < patterns->len && match->steps > 0; i++) {
		spend(match, 1);
		if (policy_mailbox_matches(mailbox, g_ptr_array_index(patterns, i)))
			return true;
	}
	return false;
}

/* Cleaned first: to fold a thousand accents on one letter, which only a jail that lies sends, takes their
 * square. */
static const Folded *fold(PolicyMatch *match, Folded *place, const char *text)
{
	if (place->text != NULL)
		return place;
	size_t bytes = strlen(text);
	spend(match, bytes * STEPS_PER_BYTE);
	g_autofree char *clean = clean_line(text, bytes, 0, NULL);
	place->text = policy_fold(clean);
	place->bytes = strlen(place->text);
	return place;
}

static bool some_glob(PolicyMatch *match, const GPtrArray *patterns, const Folded *text)
{
	for (guint i = 0; i < patterns->len && match->steps > 0; i++)
		if (policy_glob_matches(g_ptr_array_index(patterns, i), text->text, text->bytes,
		                        &match->steps))
			return true;
	return false;
}

static bool header_matches(PolicyMatch *match, const PolicyHeader *wanted)
{
	const GPtrArray *fields = match->message->fields;
	for (guint i = 0; i < fields->len && match->steps > 0; i++) {
		const MessageField *field = g_ptr_array_index(fields, i);
		if (g_ascii_strcasecmp(field->name, wanted->name) == 0 &&
		    some_glob(match, wanted->patterns, fold(match, &match->values[i], field->value)))
			return true;
	}
	return false;
}

static bool every_header(PolicyMatch *match, const GPtrArray *wanted)
{
	for (guint i = 0; wanted != NULL && i < wanted->len; i++)
		if (!header_matches(match, g_ptr_array_index(wanted, i)))
			return false;
	return true;
}

/* The two halves know the same words. */
G_STATIC_ASSERT((int)AUTH_UNKNOWN == (int)POLICY_AUTH_UNKNOWN && (int)AUTH_NONE == (int)POLICY_AUTH_NONE);
G_STATIC_ASSERT((int)AUTH_PASS == (int)POLICY_AUTH_PASS && (int)AUTH_FAIL == (int)POLICY_AUTH_FAIL);
G_STATIC_ASSERT((int)AUTH_SOFTFAIL == (int)POLICY_AUTH_SOFTFAIL &&
                (int)AUTH_NEUTRAL == (int)POLICY_AUTH_NEUTRAL);
G_STATIC_ASSERT((int)AUTH_POLICY == (int)POLICY_AUTH_POLICY &&
                (int)AUTH_TEMPERROR == (int)POLICY_AUTH_TEMPERROR);
G_STATIC_ASSERT((int)AUTH_PERMERROR == (int)POLICY_AUTH_PERMERROR);
G_STATIC_ASSERT((int)AUTH_SPF == (int)POLICY_SPF && (int)AUTH_DKIM == (int)POLICY_DKIM);
G_STATIC_ASSERT((int)AUTH_DMARC == (int)POLICY_DMARC && (int)AUTH_METHODS == (int)POLICY_AUTH_METHODS);

/* The first method whose result is none of those wanted; NULL: none. What is unknown is no other result,
 * neither good nor bad. */
static const char *authentication_refusal(const Message *message, const unsigned *wanted)
{
	static const char *const names[AUTH_METHODS] = {
		[AUTH_SPF] = "authentication.spf",
		[AUTH_DKIM] = "authentication.dkim",
		[AUTH_DMARC] = "authentication.dmarc",
	};
	for (size_t i = 0; i < AUTH_METHODS; i++)
		if (wanted[i] != 0 && (wanted[i] & 1U << message->auth[i]) == 0)
			return names[i];
	return NULL;
}

G_STATIC_ASSERT((int)MESSAGE_SIGNS == (int)POLICY_SIGNS);
G_STATIC_ASSERT((int)MESSAGE_SIGN_SHOWN_ADDRESS == (int)POLICY_SIGN_SHOWN_ADDRESS &&
                (int)MESSAGE_SIGN_LOOK_ALIKE == (int)POLICY_SIGN_LOOK_ALIKE);
G_STATIC_ASSERT((int)MESSAGE_SIGN_SEVERAL_FROM == (int)POLICY_SIGN_SEVERAL_FROM &&
                (int)MESSAGE_SIGN_REPLY_ELSEWHERE == (int)POLICY_SIGN_REPLY_ELSEWHERE);
G_STATIC_ASSERT((int)MESSAGE_SIGN_REPLY_TO_LIST == (int)POLICY_SIGN_REPLY_TO_LIST &&
                (int)MESSAGE_SIGN_SENDER_ELSEWHERE == (int)POLICY_SIGN_SENDER_ELSEWHERE);
G_STATIC_ASSERT((int)MESSAGE_SIGN_DISGUISED_NAME == (int)POLICY_SIGN_DISGUISED_NAME);

static bool signs_match(const Message *message, unsigned wanted)
{
	for (size_t i = 0; i < MESSAGE_SIGNS; i++)
		if ((wanted & 1U << i) != 0 && message->signs[i] > 0)
			return true;
	return wanted == 0;
}

/* Where a sign may stand that was not read. */
static uint32_t signs_unread(unsigned wanted)
{
	bool names = (wanted & 1U << POLICY_SIGN_DISGUISED_NAME) != 0;
	return HEADER_UNREAD | MESSAGE_LIMIT_ADDRESSES | (names ? PARTS_UNREAD : 0);
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
static bool some_type(PolicyMatch *match, const GPtrArray *patterns, const char *type)
{
	for (guint i = 0; i < patterns->len && match->steps > 0; i++) {
		spend(match, 1);
		if (type_matches(g_ptr_array_index(patterns, i), *type != '\0' ? type : "unknown"))
			return true;
	}
	return false;
}

/* ---- all conditions of a rule -----------------------------------------------------------------------------
 */

static const Rule *look_at_message(PolicyMatch *match, guint index)
{
	Rule *rule = &match->states[index];
	const PolicyConditions *when = &((const PolicyRule *)g_ptr_array_index(match->rules, index))->when;
	if (rule->known)
		return rule;
	rule->known = true;
	spend(match, 1);
	if (when->sender != NULL && !some_address(match, when->sender, match->sender))
		rule->refusal = "sender";
	else if (!size_matches(&when->size, match->facts->size))
		rule->refusal = "size";
	else
		rule->refusal = authentication_refusal(match->message, when->authentication);
	if (rule->refusal == NULL)
		rule->header = every_header(match, when->header);
	rule->signs = signs_match(match->message, when->signs);
	return rule;
}

G_STATIC_ASSERT((int)PART_SCAN_NOT_SCANNED == (int)POLICY_SCAN_NOT_SCANNED &&
                (int)PART_SCAN_CLEAN == (int)POLICY_SCAN_CLEAN);
G_STATIC_ASSERT((int)PART_SCAN_INFECTED == (int)POLICY_SCAN_INFECTED &&
                (int)PART_SCAN_SUSPICIOUS == (int)POLICY_SCAN_SUSPICIOUS);
G_STATIC_ASSERT((int)PART_SCAN_UNSCANNABLE == (int)POLICY_SCAN_UNSCANNABLE &&
                (int)PART_SCAN_COUNT == (int)POLICY_SCANS);

static const char *part_refusal(PolicyMatch *match, const PolicyConditions *when, guint index)
{
	const MessagePart *part = g_ptr_array_index(match->message->parts, index);
	spend(match, 1);
	if (when->declared_type != NULL && !some_type(match, when->declared_type, part->declared_type))
		return "part.declared-type";
	if (when->true_type != NULL && !some_type(match, when->true_type, part->true_type))
		return "part.true-type";
	if (!size_matches(&when->part_size, part->bytes))
		return "part.size";
	if (when->part_scan != 0 && (when->part_scan & 1U << part->scan) == 0)
		return "part.scan";
	bool is_inline = (part->flags & MESSAGE_PART_INLINE) != 0;
	if (when->part_inline != POLICY_INLINE_ANY && is_inline != (when->part_inline == POLICY_INLINE_YES))
		return "part.inline";
	if (when->part_name != NULL &&
	    !some_glob(match, when->part_name, fold(match, &match->names[index], part->name)))
		return "part.name";
	return NULL;
}

static bool wants_part(const PolicyConditions *when)
{
	return when->declared_type != NULL || when->true_type != NULL || when->part_name != NULL ||
	       when->part_size.has_over || when->part_size.has_under || when->part_scan != 0 ||
	       when->part_inline != POLICY_INLINE_ANY;
}

/* For the message: some part meets all that is asked of parts. */
static bool some_part(PolicyMatch *match, const PolicyConditions *when)
{
	if (!wants_part(when))
		return true;
	for (guint i = 0; i < match->message->parts->len && match->steps > 0; i++)
		if (part_refusal(match, when, i) == NULL)
			return true;
	return false;
}

/* Else whoever puts his program behind a thousand empty parts would choose the mildest rule. */
static bool is_unread(const PolicyMatch *match, const PolicyRule *rule, uint32_t limits)
{
	return rule->message != POLICY_DELIVER && (match->message->limits & limits) != 0;
}

const char *policy_match_refusal(PolicyMatch *match, guint index, int part, bool *ret_unread)
{
	const PolicyRule *rule = g_ptr_array_index(match->rules, index);
	const Rule *state = look_at_message(match, index);
	bool whole = part == POLICY_THE_MESSAGE;
	*ret_unread = false;
	if (state->refusal != NULL)
		return state->refusal;
	if (!state->header && !(whole && is_unread(match, rule, HEADER_UNREAD)))
		return "header";
	if (!state->signs && !(whole && is_unread(match, rule, signs_unread(rule->when.signs))))
		return "signs";
	*ret_unread = !state->header || !state->signs;
	if (!whole)
		return part_refusal(match, &rule->when, (guint)part);
	if (some_part(match, &rule->when))
		return NULL;
	*ret_unread = is_unread(match, rule, PARTS_UNREAD);
	return *ret_unread ? NULL : "part";
}

guint policy_match_recipients(const PolicyMatch *match)
{
	return MAX(match->recipients->len, 1);
}

bool policy_match_recipient(PolicyMatch *match, guint index, guint recipient)
{
	const PolicyRule *rule = g_ptr_array_index(match->rules, index);
	Rule *state = &match->states[index];
	spend(match, 1);
	if (rule->when.recipient == NULL)
		return true;
	if (recipient >= match->recipients->len)
		return false;
	if (state->recipients == NULL)
		state->recipients = g_malloc0(match->recipients->len);
	char *known = &state->recipients[recipient];
	if (*known == 0)
		*known = some_address(match, rule->when.recipient,
		                      g_ptr_array_index(match->recipients, recipient))
		                 ? 'y'
		                 : 'n';
	return *known == 'y';
}
