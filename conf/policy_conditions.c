/* policy_conditions: see policy_conditions_priv.h. */
#include "policy_conditions_priv.h"

#include <string.h>

/* ---- one pattern ------------------------------------------------------------------------------------------
 */

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool only(const char *text, const char *allowed)
{
	return *text != '\0' && text[strspn(text, allowed)] == '\0';
}

static bool is_host(const char *text)
{
	g_auto(GStrv) labels = g_strsplit(text, ".", -1);
	for (char **label = labels; *label != NULL; label++)
		if (!only(*label, LETTERS DIGITS "-_") || strlen(*label) > 63)
			return false;
	return labels[0] != NULL;
}

static bool is_local(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isgraph(text[i]) || strchr("*?<>()[],;:\\\"", text[i]) != NULL)
			return false;
	return length > 0;
}

/* NULL, or what is wrong. ret: the pattern's place in its list. */
typedef const char *(*PatternReader)(const char *text, void **ret);

/* One label alone is a forgotten "user@" or a typing error; no mail comes from there. */
static bool is_domain(const char *host)
{
	return is_host(host) && (strchr(host, '.') != NULL || g_ascii_strcasecmp(host, "localhost") == 0);
}

static const char *read_address(const char *text, void **ret)
{
	static const char problem[] =
	        "is not an address (user@example.jp), a domain (example.jp), all below one "
	        "(*.example.jp) or the null sender (<>); a Japanese domain is written in its xn-- form";
	const char *at = strrchr(text, '@');
	PolicyAddressKind kind = POLICY_ADDRESS_DOMAIN;
	if (strcmp(text, "<>") == 0)
		kind = POLICY_ADDRESS_NULL;
	else if (at != NULL)
		kind = POLICY_ADDRESS_EXACT;
	else if (g_str_has_prefix(text, "*."))
		kind = POLICY_ADDRESS_SUBDOMAIN;
	const char *host = kind == POLICY_ADDRESS_EXACT ? at + 1 : text;
	host += kind == POLICY_ADDRESS_SUBDOMAIN ? 2 : 0;
	if (kind != POLICY_ADDRESS_NULL && !is_host(host))
		return problem;
	if (kind == POLICY_ADDRESS_DOMAIN && !is_domain(host))
		return "is a domain without a dot: an address is written user@host";
	if (kind == POLICY_ADDRESS_EXACT && !is_local(text, (size_t)(at - text)))
		return problem;
	PolicyAddress *address = g_new0(PolicyAddress, 1);
	address->kind = kind;
	address->text = g_ascii_strdown(kind == POLICY_ADDRESS_EXACT ? text : host, -1);
	*ret = address;
	return NULL;
}

static const char *read_type(const char *text, void **ret)
{
	static const char problem[] = "is not a type such as application/pdf or image/*";
	const char *slash = strchr(text, '/');
	if (slash == NULL)
		return problem;
	g_autofree char *major = g_strndup(text, (gsize)(slash - text));
	if (!only(major, LETTERS DIGITS "-_.+") ||
	    !(strcmp(slash, "/*") == 0 || only(slash + 1, LETTERS DIGITS "-_.+")))
		return problem;
	*ret = g_ascii_strdown(text, -1);
	return NULL;
}

static const char *read_true_type(const char *text, void **ret)
{
	if (strcmp(text, "unknown") != 0)
		return read_type(text, ret);
	*ret = g_strdup(text);
	return NULL;
}

static const char *read_glob(const char *text, void **ret)
{
	*ret = policy_glob_new(text);
	return NULL;
}

static void free_glob(void *data)
{
	policy_glob_free(data);
}

static void free_address(void *data)
{
	PolicyAddress *address = data;
	g_free(address->text);
	g_free(address);
}

/* ---- lists of patterns
 * ---------------------------------------------------------------------------------------- */

typedef struct {
	unsigned *n_patterns;
	ConfErrors *errors;
} Reader;

static void read_pattern(Reader *reader, const ConfYaml *node, const char *path, PatternReader read,
                         GPtrArray *list)
{
	if (node->kind == CONF_YAML_REFUSED)
		return; /* told already */
	if (node->kind != CONF_YAML_SCALAR || *node->text == '\0') {
		conf_errors_add(reader->errors, node->line, path, "expected a pattern, found %s",
		                node->kind == CONF_YAML_SCALAR ? "nothing" : conf_yaml_kind_name(node));
		return;
	}
	g_autofree char *quoted = conf_quote(node->text);
	if (strlen(node->text) > POLICY_PATTERN_BYTES) {
		conf_errors_add(reader->errors, node->line, path, "%s is longer than %d bytes", quoted,
		                POLICY_PATTERN_BYTES);
		return;
	}
	if (++*reader->n_patterns == POLICY_PATTERNS_MAX + 1)
		conf_errors_add(reader->errors, node->line, path, "more than %d patterns in one policy",
		                POLICY_PATTERNS_MAX);
	void *pattern = NULL;
	const char *problem = read(node->text, &pattern);
	if (problem != NULL)
		conf_errors_add(reader->errors, node->line, path, "%s %s", quoted, problem);
	else
		g_ptr_array_add(list, pattern);
}

/* One pattern, or a list of them. node NULL: no such condition. */
static GPtrArray *read_patterns(Reader *reader, const ConfYaml *node, const char *path, PatternReader read,
                                GDestroyNotify free_one)
{
	if (node == NULL || node->kind == CONF_YAML_REFUSED)
		return NULL;
	GPtrArray *list = g_ptr_array_new_with_free_func(free_one);
	if (node->kind != CONF_YAML_LIST) {
		read_pattern(reader, node, path, read, list);
		return list;
	}
	if (node->items->len == 0)
		conf_errors_add(reader->errors, node->line, path, "an empty list would match nothing");
	for (guint i = 0; i < node->items->len && !conf_errors_full(reader->errors); i++)
		read_pattern(reader, g_ptr_array_index(node->items, i), path, read, list);
	return list;
}

/* ---- results of authentication
 * ---------------------------------------------------------------------------------- */

enum {
	OF_SPF = 1 << POLICY_SPF,
	OF_DKIM = 1 << POLICY_DKIM,
	OF_ALL = OF_SPF | OF_DKIM | 1 << POLICY_DMARC,
};

/* By PolicyAuth. */
static const char *const auth_words[] = {
	"unknown", "none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror",
};

/* Those which RFC 8601 has for each method; others could never hold. */
static const unsigned auth_methods[] = {
	[POLICY_AUTH_UNKNOWN] = OF_ALL,
	[POLICY_AUTH_NONE] = OF_ALL,
	[POLICY_AUTH_PASS] = OF_ALL,
	[POLICY_AUTH_FAIL] = OF_ALL,
	[POLICY_AUTH_SOFTFAIL] = OF_SPF,
	[POLICY_AUTH_NEUTRAL] = OF_SPF | OF_DKIM,
	[POLICY_AUTH_POLICY] = OF_SPF | OF_DKIM,
	[POLICY_AUTH_TEMPERROR] = OF_ALL,
	[POLICY_AUTH_PERMERROR] = OF_ALL,
};

static unsigned every_result(PolicyAuthMethod method)
{
	unsigned set = 0;
	for (unsigned i = 0; i < G_N_ELEMENTS(auth_methods); i++)
		set |= (auth_methods[i] & 1U << method) != 0 ? 1U << i : 0;
	return set;
}

/* ---- sets of words
 * ---------------------------------------------------------------------------------------------- */

/* By PolicySign. */
static const char *const sign_words[POLICY_SIGNS] = {
	"shown-address", "look-alike-domain", "several-from",   "reply-elsewhere",
	"reply-to-list", "sender-elsewhere",  "disguised-name",
};

typedef struct {
	const char *const *words;
	unsigned count;
	unsigned possible; /* bits of those that may be said */
	const char *expected;
} Words;

static char *list_words(const Words *words)
{
	GString *text = g_string_new(NULL);
	for (unsigned i = 0; i < words->count; i++)
		if ((words->possible & 1U << i) != 0)
			g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", words->words[i]);
	return g_string_free(text, FALSE);
}

static unsigned find_word(const Words *words, const char *word)
{
	for (unsigned i = 0; i < words->count; i++)
		if (strcmp(words->words[i], word) == 0)
			return words->possible & 1U << i;
	return 0;
}

static void read_word(Reader *reader, const ConfYaml *node, const char *path, const Words *words,
                      unsigned *set)
{
	if (node->kind == CONF_YAML_REFUSED)
		return; /* told already */
	if (node->kind != CONF_YAML_SCALAR || *node->text == '\0') {
		conf_errors_add(reader->errors, node->line, path, "expected %s, found %s", words->expected,
		                node->kind == CONF_YAML_SCALAR ? "nothing" : conf_yaml_kind_name(node));
		return;
	}
	unsigned bit = find_word(words, node->text);
	if (bit == 0) {
		g_autofree char *quoted = conf_quote(node->text);
		g_autofree char *list = list_words(words);
		conf_errors_add(reader->errors, node->line, path, "%s is not one of: %s", quoted, list);
	}
	*set |= bit;
}

/* One word, or a list of them; 0 where there is no such condition. */
static unsigned read_words(Reader *reader, const ConfYaml *node, const char *path, const Words *words)
{
	unsigned set = 0;
	if (node == NULL || node->kind == CONF_YAML_REFUSED)
		return 0;
	if (node->kind != CONF_YAML_LIST) {
		read_word(reader, node, path, words, &set);
		return set;
	}
	if (node->items->len == 0)
		conf_errors_add(reader->errors, node->line, path, "an empty list would match nothing");
	for (guint i = 0; i < node->items->len && !conf_errors_full(reader->errors); i++)
		read_word(reader, g_ptr_array_index(node->items, i), path, words, &set);
	return set;
}

static unsigned read_results(Reader *reader, const ConfYaml *node, const char *path, PolicyAuthMethod method)
{
	const Words words = { auth_words, G_N_ELEMENTS(auth_words), every_result(method), "a result" };
	return read_words(reader, node, path, &words);
}

static unsigned read_signs(Reader *reader, const ConfYaml *node, const char *path)
{
	static const Words words = { sign_words, POLICY_SIGNS, (1U << POLICY_SIGNS) - 1, "a sign" };
	return read_words(reader, node, path, &words);
}

static unsigned every_scan(void)
{
	return (1U << POLICY_SCANS) - 1;
}

static unsigned read_scan(Reader *reader, const ConfYaml *node, const char *path)
{
	/* By PolicyScan. */
	static const char *const scan_words[POLICY_SCANS] = { "not-scanned", "clean", "infected",
		                                              "suspicious", "unscannable" };
	const Words words = { scan_words, POLICY_SCANS, every_scan(), "a verdict" };
	return read_words(reader, node, path, &words);
}

/* ---- sizes and header fields
 * ------------------------------------------------------------------------------------ */

/* clang-format off */
static const ConfKey size_keys[] = {
	{ .path = "over", .type = CONF_TYPE_SIZE, .offset = offsetof(PolicySize, over), .optional = true,
	  .maximum = UINT64_C(1) << 40, .doc = "larger than this" },
	{ .path = "under", .type = CONF_TYPE_SIZE, .offset = offsetof(PolicySize, under), .optional = true,
	  .minimum = 1, .maximum = UINT64_C(1) << 40, .doc = "smaller than this" },
};

static const ConfKey header_keys[] = {
	{ .path = "name", .type = CONF_TYPE_TOKEN, .offset = 0, .maximum = 64, .doc = "a header field" },
	{ .path = "value", .type = CONF_TYPE_NODE, .doc = "a pattern, or a list of them" },
};
/* clang-format on */

static const ConfSchema size_schema = { size_keys, G_N_ELEMENTS(size_keys) };
static const ConfSchema header_schema = { header_keys, G_N_ELEMENTS(header_keys) };

/* least: bytes that each of them has. */
static void read_size(Reader *reader, const ConfYaml *node, const char *path, uint64_t least,
                      PolicySize *size)
{
	if (node == NULL || node->kind == CONF_YAML_REFUSED)
		return;
	ConfFound found;
	conf_schema_read(&size_schema, node, path, size, &found, reader->errors);
	size->has_over = found.line[0] > 0;
	size->has_under = found.line[1] > 0;
	bool both = size->has_over && size->has_under && !found.failed[0] && !found.failed[1];
	if (node->kind == CONF_YAML_MAPPING && !size->has_over && !size->has_under)
		conf_errors_add(reader->errors, node->line, path,
		                "needs over, under or both, such as {over: 10MB}");
	else if (both && size->under <= size->over + 1)
		conf_errors_add(reader->errors, node->line, path,
		                "no size is both over the one and under the other");
	else if (size->has_under && !found.failed[1] && size->under <= least)
		conf_errors_add(reader->errors, node->line, path, "no message is that small");
}

static void free_header(void *data)
{
	PolicyHeader *header = data;
	g_free(header->name);
	g_clear_pointer(&header->patterns, g_ptr_array_unref);
	g_free(header);
}

static void read_header(Reader *reader, const ConfYaml *node, const char *path, GPtrArray *list)
{
	if (node->kind == CONF_YAML_REFUSED)
		return;
	PolicyHeader *header = g_new0(PolicyHeader, 1);
	ConfFound found;
	conf_schema_read(&header_schema, node, path, &header->name, &found, reader->errors);
	g_autofree char *value = g_strconcat(path, ".value", NULL);
	header->patterns = read_patterns(reader, found.node[1], value, read_glob, free_glob);
	g_ptr_array_add(list, header);
}

static GPtrArray *read_headers(Reader *reader, const ConfYaml *node, const char *path)
{
	if (node == NULL || node->kind == CONF_YAML_REFUSED)
		return NULL;
	GPtrArray *list = g_ptr_array_new_with_free_func(free_header);
	if (node->kind != CONF_YAML_LIST) {
		read_header(reader, node, path, list);
		return list;
	}
	if (node->items->len == 0)
		conf_errors_add(reader->errors, node->line, path, "an empty list says nothing");
	for (guint i = 0; i < node->items->len && !conf_errors_full(reader->errors); i++)
		read_header(reader, g_ptr_array_index(node->items, i), path, list);
	return list;
}

/* ---- the whole
 * ---------------------------------------------------------------------------------------------------- */

enum {
	WHEN_SENDER,
	WHEN_RECIPIENT,
	WHEN_HEADER,
	WHEN_SPF,
	WHEN_DKIM,
	WHEN_DMARC,
	WHEN_SIGNS,
	WHEN_SIZE,
	WHEN_DECLARED,
	WHEN_TRUE,
	WHEN_NAME,
	WHEN_PART_SIZE,
	WHEN_PART_SCAN,
	WHEN_PART_INLINE
};

static const ConfChoice inline_choices[] = { { "yes", POLICY_INLINE_YES },
	                                     { "no", POLICY_INLINE_NO },
	                                     { NULL, 0 } };

/* clang-format off */
static const ConfKey when_keys[] = {
	[WHEN_SENDER] = { .path = "sender", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_RECIPIENT] = { .path = "recipient", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_HEADER] = { .path = "header", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_SPF] = { .path = "authentication.spf", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_DKIM] = { .path = "authentication.dkim", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_DMARC] = { .path = "authentication.dmarc", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_SIGNS] = { .path = "signs", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_SIZE] = { .path = "size", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_DECLARED] = { .path = "part.declared-type", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_TRUE] = { .path = "part.true-type", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_NAME] = { .path = "part.name", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_PART_SIZE] = { .path = "part.size", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_PART_SCAN] = { .path = "part.scan", .type = CONF_TYPE_NODE, .optional = true },
	[WHEN_PART_INLINE] = { .path = "part.inline", .type = CONF_TYPE_CHOICE, .choices = inline_choices,
	  .offset = offsetof(PolicyConditions, part_inline), .optional = true },
};
/* clang-format on */

static const ConfSchema when_schema = { when_keys, G_N_ELEMENTS(when_keys) };

static bool found_any(const ConfFound *found)
{
	for (size_t i = 0; i < G_N_ELEMENTS(when_keys); i++)
		if (found->line[i] > 0)
			return true;
	return false;
}

static const struct {
	unsigned key;
	size_t offset;
	PatternReader read;
	GDestroyNotify free_one;
} lists[] = {
	{ WHEN_SENDER, offsetof(PolicyConditions, sender), read_address, free_address },
	{ WHEN_RECIPIENT, offsetof(PolicyConditions, recipient), read_address, free_address },
	{ WHEN_DECLARED, offsetof(PolicyConditions, declared_type), read_type, g_free },
	{ WHEN_TRUE, offsetof(PolicyConditions, true_type), read_true_type, g_free },
	{ WHEN_NAME, offsetof(PolicyConditions, part_name), read_glob, free_glob },
};

bool policy_conditions_read(PolicyConditions *when, const ConfYaml *node, const char *path,
                            unsigned *n_patterns, ConfErrors *errors)
{
	Reader reader = { n_patterns, errors };
	ConfFound found;
	guint before = conf_errors_count(errors);
	conf_schema_read(&when_schema, node, path, when, &found, errors);
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autofree char *inner = g_strconcat(path, ".", when_keys[lists[i].key].path, NULL);
		GPtrArray **place = (GPtrArray **)((char *)when + lists[i].offset);
		*place = read_patterns(&reader, found.node[lists[i].key], inner, lists[i].read,
		                       lists[i].free_one);
	}
	for (unsigned method = 0; method < POLICY_AUTH_METHODS; method++) {
		g_autofree char *inner = g_strconcat(path, ".", when_keys[WHEN_SPF + method].path, NULL);
		when->authentication[method] =
		        read_results(&reader, found.node[WHEN_SPF + method], inner, (PolicyAuthMethod)method);
	}
	g_autofree char *header = g_strconcat(path, ".header", NULL);
	g_autofree char *signs = g_strconcat(path, ".signs", NULL);
	g_autofree char *size = g_strconcat(path, ".size", NULL);
	g_autofree char *part_size = g_strconcat(path, ".part.size", NULL);
	g_autofree char *part_scan = g_strconcat(path, ".part.scan", NULL);
	when->header = read_headers(&reader, found.node[WHEN_HEADER], header);
	when->signs = read_signs(&reader, found.node[WHEN_SIGNS], signs);
	read_size(&reader, found.node[WHEN_SIZE], size, 1, &when->size);
	read_size(&reader, found.node[WHEN_PART_SIZE], part_size, 0, &when->part_size);
	when->part_scan = read_scan(&reader, found.node[WHEN_PART_SCAN], part_scan);
	if (node->kind == CONF_YAML_MAPPING && !found_any(&found) && conf_errors_count(errors) == before)
		conf_errors_add(errors, node->line, path,
		                "holds no condition: leave it out if the rule is for everything");
	return conf_errors_count(errors) == before && node->kind == CONF_YAML_MAPPING;
}

void policy_conditions_clear(PolicyConditions *when)
{
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		g_clear_pointer((GPtrArray **)((char *)when + lists[i].offset), g_ptr_array_unref);
	g_clear_pointer(&when->header, g_ptr_array_unref);
}

bool policy_conditions_want_authentication(const PolicyConditions *when)
{
	for (size_t i = 0; i < POLICY_AUTH_METHODS; i++)
		if (when->authentication[i] != 0)
			return true;
	return false;
}

bool policy_conditions_take_unknown(const PolicyConditions *when)
{
	for (size_t i = 0; i < POLICY_AUTH_METHODS; i++)
		if ((when->authentication[i] & 1U << POLICY_AUTH_UNKNOWN) != 0)
			return true;
	return false;
}

static bool size_none(const PolicySize *size)
{
	return !size->has_over && !size->has_under;
}

bool policy_conditions_none(const PolicyConditions *when)
{
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		if (*(GPtrArray *const *)((const char *)when + lists[i].offset) != NULL)
			return false;
	return when->header == NULL && when->signs == 0 && when->part_scan == 0 && when->part_inline == POLICY_INLINE_ANY &&
	       !policy_conditions_want_authentication(when) && size_none(&when->size) &&
	       size_none(&when->part_size);
}

/* ---- what one leaves for another
 * ------------------------------------------------------------------------------------- */

typedef bool (*Covers)(const void *wide, const void *narrow);

/* Is host the same as, or below, domain? */
static bool host_below(const char *host, const char *domain, bool itself)
{
	size_t length = strlen(host), suffix = strlen(domain);
	if (length == suffix)
		return itself && strcmp(host, domain) == 0;
	return length > suffix && host[length - suffix - 1] == '.' &&
	       strcmp(host + length - suffix, domain) == 0;
}

static bool address_covers(const void *a, const void *b)
{
	const PolicyAddress *wide = a, *narrow = b;
	const char *host =
	        narrow->kind == POLICY_ADDRESS_EXACT ? strrchr(narrow->text, '@') + 1 : narrow->text;
	if (wide->kind == narrow->kind && strcmp(wide->text, narrow->text) == 0)
		return true;
	if (narrow->kind == POLICY_ADDRESS_NULL)
		return false;
	if (wide->kind == POLICY_ADDRESS_DOMAIN)
		return narrow->kind == POLICY_ADDRESS_EXACT && strcmp(host, wide->text) == 0;
	return wide->kind == POLICY_ADDRESS_SUBDOMAIN &&
	       host_below(host, wide->text, narrow->kind == POLICY_ADDRESS_SUBDOMAIN);
}

static bool type_covers(const void *a, const void *b)
{
	const char *wide = a, *narrow = b;
	size_t major = strlen(wide) - 1;
	return strcmp(wide, narrow) == 0 ||
	       (g_str_has_suffix(wide, "/*") && strncmp(wide, narrow, major) == 0);
}

static bool glob_covers(const void *a, const void *b)
{
	return policy_glob_covers(a, b);
}

static bool some_covers(const GPtrArray *wide, const void *narrow, Covers covers)
{
	for (guint i = 0; i < wide->len; i++)
		if (covers(g_ptr_array_index(wide, i), narrow))
			return true;
	return false;
}

static bool list_covers(const GPtrArray *wide, const GPtrArray *narrow, Covers covers)
{
	if (wide == NULL)
		return true;
	for (guint i = 0; narrow != NULL && i < narrow->len; i++)
		if (!some_covers(wide, g_ptr_array_index(narrow, i), covers))
			return false;
	return narrow != NULL && narrow->len > 0;
}

static bool header_covers(const void *a, const void *b)
{
	const PolicyHeader *narrow = a, *wide = b;
	if (narrow->name == NULL || wide->name == NULL || g_ascii_strcasecmp(wide->name, narrow->name) != 0)
		return false;
	return list_covers(wide->patterns, narrow->patterns, glob_covers);
}

/* Headers are all wanted, not one of them: each of the wide rule's must follow from one of the narrow one's.
 */
static bool headers_cover(const GPtrArray *wide, const GPtrArray *narrow)
{
	for (guint i = 0; wide != NULL && i < wide->len; i++)
		if (narrow == NULL || !some_covers(narrow, g_ptr_array_index(wide, i), header_covers))
			return false;
	return true;
}

static bool size_covers(const PolicySize *wide, const PolicySize *narrow)
{
	bool over = !wide->has_over || (narrow->has_over && narrow->over >= wide->over);
	bool under = !wide->has_under || (narrow->has_under && narrow->under <= wide->under);
	return over && under;
}

/* No condition is the same as all results. */
static bool authentication_covers(const unsigned *wide, const unsigned *narrow)
{
	for (unsigned method = 0; method < POLICY_AUTH_METHODS; method++) {
		unsigned every = every_result((PolicyAuthMethod)method);
		unsigned wider = wide[method] != 0 ? wide[method] : every;
		unsigned narrower = narrow[method] != 0 ? narrow[method] : every;
		if ((narrower & ~wider) != 0)
			return false;
	}
	return true;
}

/* No condition is the same as all verdicts. */
static bool scan_covers(unsigned wide, unsigned narrow)
{
	return ((narrow != 0 ? narrow : every_scan()) & ~(wide != 0 ? wide : every_scan())) == 0;
}

/* One of them is enough: fewer signs match less. */
static bool signs_cover(unsigned wide, unsigned narrow)
{
	return wide == 0 || (narrow != 0 && (narrow & ~wide) == 0);
}

bool policy_conditions_cover(const PolicyConditions *wide, const PolicyConditions *narrow)
{
	return list_covers(wide->sender, narrow->sender, address_covers) &&
	       list_covers(wide->recipient, narrow->recipient, address_covers) &&
	       headers_cover(wide->header, narrow->header) &&
	       authentication_covers(wide->authentication, narrow->authentication) &&
	       signs_cover(wide->signs, narrow->signs) && size_covers(&wide->size, &narrow->size) &&
	       list_covers(wide->declared_type, narrow->declared_type, type_covers) &&
	       list_covers(wide->true_type, narrow->true_type, type_covers) &&
	       list_covers(wide->part_name, narrow->part_name, glob_covers) &&
	       size_covers(&wide->part_size, &narrow->part_size) &&
	       scan_covers(wide->part_scan, narrow->part_scan) &&
	       (wide->part_inline == POLICY_INLINE_ANY || wide->part_inline == narrow->part_inline);
}
