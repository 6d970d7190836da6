#include "html_rules_priv.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUCKETS = 1024,
	WORDS = HTML_BEGINNINGS_MAX / 64,
	NOTHING = -1,
	/* steps of a few ns each */
	CREDIT = 1000 * 1000,
	CREDIT_TAG = 32,
	CREDIT_BYTE = 4,
};

/* A compound of a selector, in a chain of those that need the same id, class or name. */
typedef struct {
	HtmlCompound compound;
	uint32_t hash;
	int next;      /* in the bucket */
	int before;    /* bit of the beginning that it continues, or NOTHING */
	int beginning; /* its own bit, or NOTHING: it is the end of a selector */
	guint rule;
	uint64_t rank;
} Node;

/* Of one open element: beginnings that it completes itself, and those that it or something around it does. */
typedef struct {
	uint64_t *self, *self_maybe;
	uint64_t *seen, *seen_maybe;
} Level;

struct HtmlRules {
	GArray *nodes; /* of Node */
	int buckets[BUCKETS];
	int any; /* nodes that need neither id nor class nor name */
	HtmlSelectorStore store;
	GPtrArray *rules;     /* of HtmlRule */
	GArray *declarations; /* of HtmlDeclaration: of the rule at hand */
	guint n_beginnings;
	uint64_t ever[WORDS]; /* beginnings that any element completed */
	uint64_t *bits;       /* of all levels, four rows each; NULL while there is no beginning */
	guint words;          /* of a row */
	HtmlClasses classes;
	GArray *matches; /* of HtmlMatch */
	GArray *merged;  /* the same, while they are sorted */
	uint64_t work, credit;
	guint last_sheet; /* nodes before it are of earlier sheets */
	bool overrun;
};

static void rule_free(void *data)
{
	HtmlRule *rule = data;

	g_free((HtmlDeclaration *)rule->declarations);
	g_free(rule);
}

HtmlRules *html_rules_new(void)
{
	HtmlRules *rules = g_new0(HtmlRules, 1);

	for (size_t i = 0; i < BUCKETS; i++)
		rules->buckets[i] = NOTHING;
	rules->any = NOTHING;
	rules->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
	rules->store.simples = g_array_new(FALSE, FALSE, sizeof(HtmlSimple));
	rules->store.strings = g_string_chunk_new(4096);
	rules->rules = g_ptr_array_new_with_free_func(rule_free);
	rules->declarations = g_array_new(FALSE, FALSE, sizeof(HtmlDeclaration));
	rules->matches = g_array_new(FALSE, FALSE, sizeof(HtmlMatch));
	rules->merged = g_array_new(FALSE, FALSE, sizeof(HtmlMatch));
	html_classes_init(&rules->classes);
	rules->credit = CREDIT;
	return rules;
}

void html_rules_free(HtmlRules *rules)
{
	if (rules == NULL)
		return;
	g_array_free(rules->nodes, TRUE);
	g_array_free(rules->store.simples, TRUE);
	g_string_chunk_free(rules->store.strings);
	g_ptr_array_free(rules->rules, TRUE);
	g_array_free(rules->declarations, TRUE);
	g_array_free(rules->matches, TRUE);
	g_array_free(rules->merged, TRUE);
	html_classes_clear(&rules->classes);
	g_free(rules->bits);
	g_free(rules);
}

/* ---- rules ------------------------------------------------------------------------------------------------
 */

static const HtmlSimple *simples_of(const HtmlRules *rules)
{
	return (const HtmlSimple *)(const void *)rules->store.simples->data;
}

static void keep(void *user, const char *name, const char *value, bool important)
{
	HtmlRules *rules = user;
	const HtmlProperty *property = html_said_property(name);

	if (property == NULL)
		return;
	const char *kept = g_string_chunk_insert(rules->store.strings, value);
	g_array_append_val(rules->declarations, ((HtmlDeclaration) { property, kept, important }));
}

/* False: too deep. */
static bool read_block(HtmlRules *rules, const char *block, size_t bytes)
{
	bool important = false;

	g_array_set_size(rules->declarations, 0);
	if (!html_css_each(block, bytes, keep, rules))
		return false;
	guint n = rules->declarations->len;
	if (n == 0)
		return true;
	for (guint i = 0; i < n; i++)
		important |= g_array_index(rules->declarations, HtmlDeclaration, i).important;
	HtmlRule *rule = g_new(HtmlRule, 1);
	*rule = (HtmlRule) { .declarations =
		                     g_memdup2(rules->declarations->data, n * sizeof(HtmlDeclaration)),
		             .n = n,
		             .important = important };
	g_ptr_array_add(rules->rules, rule);
	return true;
}

/* What the compound cannot do without, the rarest first. */
static const HtmlSimple *key_of(const HtmlRules *rules, const HtmlCompound *compound)
{
	static const HtmlSimpleKind order[] = { HTML_SIMPLE_ID, HTML_SIMPLE_CLASS, HTML_SIMPLE_TYPE };
	const HtmlSimple *simples = simples_of(rules);

	for (size_t k = 0; k < G_N_ELEMENTS(order); k++) {
		for (guint i = 0; i < compound->n; i++) {
			if (simples[compound->first + i].kind == order[k])
				return &simples[compound->first + i];
		}
	}
	return NULL;
}

/* An id, a class and a name of the same letters are kept apart. */
static uint32_t key_hash(HtmlSimpleKind kind, uint32_t hash)
{
	return hash * 4 + (uint32_t)kind;
}

static void add_node(HtmlRules *rules, Node node)
{
	const HtmlSimple *key = key_of(rules, &node.compound);
	int *head = &rules->any;

	if (key != NULL) {
		node.hash = key_hash(key->kind, key->hash);
		head = &rules->buckets[node.hash % BUCKETS];
	}
	node.next = *head;
	*head = (int)rules->nodes->len;
	g_array_append_val(rules->nodes, node);
}

static guint used_words(const HtmlRules *rules)
{
	return (rules->n_beginnings + 63) / 64;
}

/* Few mails need more than a word. */
static void make_room(HtmlRules *rules)
{
	guint words = rules->words;

	if (used_words(rules) <= words)
		return;
	for (words = MAX(words, 1U); words < used_words(rules); words *= 2)
		;
	uint64_t *bits = g_new0(uint64_t, 4 * (size_t)words * HTML_RULE_LEVELS);
	for (size_t row = 0; row < (size_t)4 * HTML_RULE_LEVELS && rules->words > 0; row++)
		memcpy(bits + row * words, rules->bits + row * rules->words, rules->words * sizeof(uint64_t));
	g_free(rules->bits);
	rules->bits = bits;
	rules->words = words;
}

static Level level_of(const HtmlRules *rules, unsigned at)
{
	uint64_t *rows = rules->bits + (size_t)4 * at * rules->words;

	return (Level) { rows, rows + rules->words, rows + 2 * (size_t)rules->words,
		         rows + 3 * (size_t)rules->words };
}

/* Too many beginnings: the end of the selector alone is kept, as a maybe. */
static void add_selector(HtmlRules *rules, const HtmlSelector *selector, uint64_t rank, bool maybe)
{
	Node node = { .before = NOTHING, .rank = rank, .rule = rules->rules->len - 1 };
	bool room = rules->n_beginnings + selector->n - 1 <= HTML_BEGINNINGS_MAX;

	for (unsigned i = room ? 0 : selector->n - 1; i < selector->n; i++) {
		bool end = i + 1 == selector->n;
		node.compound = selector->compounds[i];
		node.compound.maybe |= end && (maybe || !room);
		node.beginning = end ? NOTHING : (int)rules->n_beginnings++;
		add_node(rules, node);
		node.before = node.beginning;
	}
	make_room(rules);
}

/* rank: the least, with the place of the rule in its low half. False: one was not understood. */
static bool add_selectors(HtmlRules *rules, const char *at, const char *end, uint64_t rank, bool maybe)
{
	HtmlSelector selector;
	bool all = at < end && end[-1] != ',';

	while (at < end && !rules->overrun) {
		bool good = html_selector_next(&at, end, &rules->store, &selector);
		rules->overrun |= rules->nodes->len + selector.n > HTML_COMPOUNDS_ALL;
		if (good && !selector.never)
			add_selector(rules, &selector, (uint64_t)selector.specificity << 32 | rank, maybe);
		all &= good;
	}
	return all;
}

/* A selector that is not understood spoils all of the rule, unless it is newer than we are. */
static void doubt_from(HtmlRules *rules, guint from)
{
	for (guint i = from; i < rules->nodes->len; i++)
		g_array_index(rules->nodes, Node, i).compound.maybe = true;
}

bool html_rules_add(HtmlRules *rules, const char *selectors, size_t selectors_bytes, const char *block,
                    size_t block_bytes, bool maybe, bool strong)
{
	const char *end = selectors + selectors_bytes;
	guint before = rules->rules->len;
	uint64_t strongest = strong ? UINT64_C(0xffffff) << 32 : 0;

	if (rules->overrun || before == HTML_RULES_MAX) {
		rules->overrun = true;
		return false;
	}
	if (!read_block(rules, block, block_bytes))
		return false;
	if (rules->rules->len == before)
		return true;
	guint first = rules->nodes->len;
	if (!add_selectors(rules, selectors, end, strongest | before, maybe))
		doubt_from(rules, first);
	return true;
}

bool html_rules_any(const HtmlRules *rules)
{
	return rules->nodes->len > 0 && !rules->overrun;
}

bool html_rules_overrun(const HtmlRules *rules)
{
	return rules->overrun;
}

void html_rules_begin_sheet(HtmlRules *rules)
{
	rules->last_sheet = rules->nodes->len;
}

bool html_rules_said_more(const HtmlRules *rules)
{
	return rules->overrun || rules->nodes->len > rules->last_sheet;
}

/* ---- matching ---------------------------------------------------------------------------------------------
 */

static bool has_bit(const uint64_t *bits, int bit)
{
	return bits[bit / 64] >> (bit % 64) & 1;
}

static void set_bit(uint64_t *bits, int bit)
{
	bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static HtmlMatching test_before(const HtmlRules *rules, const Node *node, unsigned parent)
{
	const Level level = level_of(rules, parent);
	HtmlMatching maybe = HTML_MATCH_NO;

	switch (node->compound.combinator) {
	case HTML_COMBINE_SIBLING:
		return has_bit(rules->ever, node->before) ? HTML_MATCH_MAYBE : HTML_MATCH_NO;
	case HTML_COMBINE_CHILD:
		maybe = has_bit(level.self_maybe, node->before) ? HTML_MATCH_MAYBE : HTML_MATCH_NO;
		return has_bit(level.self, node->before) ? HTML_MATCH_YES : maybe;
	default:
		maybe = has_bit(level.seen_maybe, node->before) ? HTML_MATCH_MAYBE : HTML_MATCH_NO;
		return has_bit(level.seen, node->before) ? HTML_MATCH_YES : maybe;
	}
}

static void begin(HtmlRules *rules, unsigned at, int bit, HtmlMatching matching)
{
	const Level level = level_of(rules, at);

	set_bit(matching == HTML_MATCH_YES ? level.self : level.self_maybe, bit);
	set_bit(matching == HTML_MATCH_YES ? level.seen : level.seen_maybe, bit);
	set_bit(rules->ever, bit);
}

/* Where the new element stands. */
typedef struct {
	const HtmlTag *tag;
	unsigned level, parent;
} Place;

static void try_node(HtmlRules *rules, const Node *node, const Place *place)
{
	HtmlMatching all = HTML_MATCH_YES;

	if (node->before != NOTHING)
		all = test_before(rules, node, place->parent);
	if (all != HTML_MATCH_NO)
		all = MIN(all, html_selector_test(&node->compound, simples_of(rules), place->tag,
		                                  &rules->classes, &rules->work));
	if (all == HTML_MATCH_NO)
		return;
	if (node->beginning != NOTHING) {
		begin(rules, place->level, node->beginning, all);
		return;
	}
	const HtmlRule *rule = rules->rules->pdata[node->rule];
	g_array_append_val(rules->matches, ((HtmlMatch) { node->rank, rule, all == HTML_MATCH_MAYBE }));
	rules->work += 8 + 4 * (uint64_t)rule->n;
}

static void try_any(HtmlRules *rules, const Place *place)
{
	const Node *nodes = (const Node *)(const void *)rules->nodes->data;

	for (int i = rules->any; i != NOTHING; i = nodes[i].next) {
		rules->work++;
		try_node(rules, &nodes[i], place);
	}
}

static void try_key(HtmlRules *rules, HtmlSimpleKind kind, uint32_t hash, const Place *place)
{
	const Node *nodes = (const Node *)(const void *)rules->nodes->data;
	uint32_t wanted = key_hash(kind, hash);

	for (int i = rules->buckets[wanted % BUCKETS]; i != NOTHING; i = nodes[i].next) {
		rules->work++;
		if (nodes[i].hash == wanted)
			try_node(rules, &nodes[i], place);
	}
}

static const HtmlAttribute *find_attribute(const HtmlTag *tag, const char *name)
{
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		if (strcmp(tag->attributes[i].name, name) == 0)
			return &tag->attributes[i];
	}
	return NULL;
}

static void try_keys(HtmlRules *rules, const Place *place)
{
	const HtmlAttribute *id = find_attribute(place->tag, "id"),
	                    *class = find_attribute(place->tag, "class");
	const char *name = place->tag->name;

	html_classes_read(&rules->classes, class != NULL ? class->value : "",
	                  class != NULL ? class->value_bytes : 0);
	rules->work += class != NULL ? class->value_bytes / 2 : 0;
	try_any(rules, place);
	try_key(rules, HTML_SIMPLE_TYPE, html_selector_hash(name, strlen(name)), place);
	if (id != NULL)
		try_key(rules, HTML_SIMPLE_ID, html_selector_hash(id->value, id->value_bytes), place);
	for (guint i = 0; i < rules->classes.list->len && rules->work < rules->credit; i++) {
		const HtmlClass *one = &g_array_index(rules->classes.list, HtmlClass, i);
		try_key(rules, HTML_SIMPLE_CLASS, one->hash, place);
	}
	rules->work += rules->classes.work;
	rules->classes.work = 0;
}

static void inherit_level(HtmlRules *rules, unsigned at, unsigned from)
{
	size_t bytes = used_words(rules) * sizeof(uint64_t);

	if (bytes == 0)
		return;
	const Level level = level_of(rules, at), parent = level_of(rules, from);
	memset(level.self, 0, bytes);
	memset(level.self_maybe, 0, bytes);
	if (at == from) { /* nothing is around it */
		memset(level.seen, 0, bytes);
		memset(level.seen_maybe, 0, bytes);
		return;
	}
	memcpy(level.seen, parent.seen, bytes);
	memcpy(level.seen_maybe, parent.seen_maybe, bytes);
	rules->work += bytes / 16;
}

static bool is_sorted(const GArray *matches)
{
	const HtmlMatch *list = (const HtmlMatch *)(void *)matches->data;

	for (guint i = 1; i < matches->len; i++) {
		if (list[i - 1].rank > list[i].rank)
			return false;
	}
	return true;
}

/* list[low..middle) and list[middle..high) into one. */
static void merge(const HtmlMatch *list, guint low, guint middle, guint high, GArray *merged)
{
	guint left = low, right = middle;

	while (left < middle && right < high) {
		const HtmlMatch *next = list[right].rank < list[left].rank ? &list[right++] : &list[left++];
		g_array_append_val(merged, *next);
	}
	g_array_append_vals(merged, list + left, middle - left);
	g_array_append_vals(merged, list + right, high - right);
}

/* Merged by hand: past 1 KB the qsort() of glibc asks how much memory there is, and who asks that in the jail
 * is killed. */
static void sort_matches(HtmlRules *rules)
{
	guint n = rules->matches->len;

	for (guint width = 1; width < n && !is_sorted(rules->matches); width *= 2) {
		const HtmlMatch *list = (const HtmlMatch *)(void *)rules->matches->data;
		g_array_set_size(rules->merged, 0);
		for (guint low = 0; low < n; low += 2 * width)
			merge(list, low, MIN(low + width, n), MIN(low + 2 * width, n), rules->merged);
		GArray *merged = rules->merged;
		rules->merged = rules->matches;
		rules->matches = merged;
	}
}

void html_rules_pay(HtmlRules *rules, const HtmlTag *tag)
{
	rules->credit += CREDIT_TAG;
	for (unsigned i = 0; i < tag->n_attributes; i++)
		rules->credit += CREDIT_BYTE * tag->attributes[i].value_bytes;
}

HtmlMatches html_rules_open(HtmlRules *rules, unsigned level, unsigned parent, const HtmlTag *tag)
{
	const Place place = { tag, level, parent };

	if (!html_rules_any(rules))
		return (HtmlMatches) { NULL, 0 };
	inherit_level(rules, level, parent);
	g_array_set_size(rules->matches, 0);
	try_keys(rules, &place);
	rules->overrun |= rules->work > rules->credit;
	sort_matches(rules);
	return (HtmlMatches) { (const HtmlMatch *)(void *)rules->matches->data, rules->matches->len };
}

/* ---- elements of which little is known
 * ---------------------------------------------------------------------- */

static bool may_answer(const HtmlRules *rules, const Node *node, HtmlSketch sketch)
{
	const HtmlSimple *simples = simples_of(rules);

	for (guint i = 0; i < node->compound.n; i++) {
		const HtmlSimple *simple = &simples[node->compound.first + i];
		bool named = simple->kind == HTML_SIMPLE_ID || simple->kind == HTML_SIMPLE_CLASS;
		if ((named && !sketch.named) || (simple->kind == HTML_SIMPLE_ATTRIBUTE && !sketch.attributes))
			return false;
		if (simple->kind == HTML_SIMPLE_TYPE && *sketch.name != '\0' &&
		    strcmp(simple->name, sketch.name) != 0)
			return false;
	}
	return true;
}

static bool try_sketch(HtmlRules *rules, guint from, unsigned level, unsigned parent, HtmlSketch sketch)
{
	bool obeys = false;

	for (guint i = from; i < rules->nodes->len; i++) {
		const Node *node = &g_array_index(rules->nodes, Node, i);
		rules->work++;
		if (node->before != NOTHING && test_before(rules, node, parent) == HTML_MATCH_NO)
			continue;
		if (!may_answer(rules, node, sketch))
			continue;
		if (node->beginning != NOTHING)
			begin(rules, level, node->beginning, HTML_MATCH_MAYBE);
		else
			obeys = true;
	}
	rules->overrun |= rules->work > rules->credit;
	return obeys;
}

void html_rules_reopen(HtmlRules *rules, unsigned level, unsigned parent, HtmlSketch sketch)
{
	if (!html_rules_any(rules))
		return;
	inherit_level(rules, level, parent);
	if (rules->n_beginnings > 0)
		(void)try_sketch(rules, 0, level, parent, sketch);
}

bool html_rules_late(HtmlRules *rules, unsigned level, unsigned parent, HtmlSketch sketch)
{
	if (!html_rules_any(rules))
		return false;
	if (rules->n_beginnings > 0 && level != parent) {
		const Level own = level_of(rules, level), around = level_of(rules, parent);
		for (guint i = 0; i < used_words(rules); i++) {
			own.seen[i] |= around.seen[i];
			own.seen_maybe[i] |= around.seen_maybe[i];
		}
	}
	return try_sketch(rules, rules->last_sheet, level, parent, sketch);
}
