/* conf_schema: every key of the settings file, what a value of each type looks like, and the reference
 * that is printed from the same table. The walk over a mapping stands in conf_load.c. */
#include "conf_schema_priv.h"

#include <string.h>

/* ---- the settings ------------------------------------------------------------------------ */

#define KB ((uint64_t)1024)
#define MB (1024 * KB)
#define GB (1024 * MB)
#define SECOND ((uint64_t)1000)
#define MINUTE (60 * SECOND)

enum {
	SOCKET_PATH_MAX = 107, /* sun_path is 108 with its NUL */
	FILE_PATH_MAX = 4095,
	USER_MAX = 32,
	ADDRESS_MAX = 254,
};

static const ConfChoice topologies[] = {
	{ "behind-edge", CONF_BEHIND_EDGE },
	{ "one-hop", CONF_ONE_HOP },
	{ NULL, 0 },
};

static const ConfChoice text_forms[] = {
	{ "html", CONF_TEXT_HTML },
	{ "plain", CONF_TEXT_PLAIN },
	{ NULL, 0 },
};

static const ConfChoice languages[] = {
	{ "ja", CONF_LANGUAGE_JA },
	{ "en", CONF_LANGUAGE_EN },
	{ NULL, 0 },
};

#define AT(member) offsetof(ConfSettings, member)

/* clang-format off */
static const ConfKey settings[] = {
	{ .path = "topology", .type = CONF_TYPE_CHOICE, .offset = AT(topology), .choices = topologies,
	  .doc = "behind-edge: the original is delivered elsewhere first; one-hop: this is the only copy" },

	{ .path = "state.directory", .type = CONF_TYPE_PATH, .offset = AT(state_directory),
	  .standard = "/var/lib/mugai", .maximum = FILE_PATH_MAX,
	  .doc = "what must survive a restart" },

	{ .path = "milter.socket", .type = CONF_TYPE_PATH, .offset = AT(milter_socket),
	  .standard = "/run/mugai/milter.sock", .maximum = SOCKET_PATH_MAX,
	  .doc = "the Unix socket that Postfix connects to" },
	{ .path = "milter.group", .type = CONF_TYPE_USER, .offset = AT(milter_group),
	  .standard = "postfix", .maximum = USER_MAX, .empty = "leave the group as it is",
	  .doc = "the group that may connect to it" },

	{ .path = "status.socket", .type = CONF_TYPE_PATH, .offset = AT(status_socket),
	  .standard = "/run/mugai/status.sock", .maximum = SOCKET_PATH_MAX,
	  .doc = "the Unix socket of mugai status, read-only" },

	{ .path = "submission.socket", .type = CONF_TYPE_PATH, .offset = AT(submission_socket),
	  .standard = "", .maximum = SOCKET_PATH_MAX,
	  .empty = "none: mails with over 4000 header fields wait, and loops are told by mugai status alone",
	  .doc = "the Unix socket where Postfix takes messages that Mugai wrote" },
	{ .path = "submission.group", .type = CONF_TYPE_USER, .offset = AT(submission_group),
	  .standard = "postdrop", .maximum = USER_MAX, .empty = "none",
	  .doc = "the group that the way to it is open for: the daemon, when started by root, keeps it" },
	{ .path = "submission.administrator", .type = CONF_TYPE_ADDRESS, .offset = AT(administrator),
	  .standard = "", .maximum = ADDRESS_MAX, .empty = "nobody",
	  .doc = "who gets a notice of a mail loop" },

	{ .path = "policy", .type = CONF_TYPE_PATH, .offset = AT(policy_file),
	  .standard = "", .maximum = FILE_PATH_MAX, .empty = "the built-in policy, the strictest",
	  .doc = "the policy file" },

	{ .path = "notices.language", .type = CONF_TYPE_CHOICE, .offset = AT(language),
	  .standard = "ja", .choices = languages,
	  .doc = "the language of the notices in clean messages" },
	{ .path = "notices.directory", .type = CONF_TYPE_PATH, .offset = AT(notices_directory),
	  .standard = "", .maximum = FILE_PATH_MAX, .empty = "the built-in sentences",
	  .doc = "where ja.yaml and en.yaml with the sentences of the notices are" },
	{ .path = "notices.from", .type = CONF_TYPE_ADDRESS, .offset = AT(gateway_address),
	  .standard = "mugai@gateway.invalid", .maximum = ADDRESS_MAX,
	  .doc = "From of a clean message whose original has none that can be written" },

	{ .path = "text.prefer", .type = CONF_TYPE_CHOICE, .offset = AT(text_prefer),
	  .standard = "html", .choices = text_forms,
	  .doc = "which form of a body is shown when a mail has both" },

	{ .path = "authentication.authserv_id", .type = CONF_TYPE_DOMAIN, .offset = AT(authserv_id),
	  .standard = "", .maximum = CONF_DOMAIN_BYTES, .empty = "nobody's, and readers are told nothing",
	  .doc = "whose Authentication-Results (SPF, DKIM, DMARC) are believed: the name that the edge writes there" },

	{ .path = "audit.file", .type = CONF_TYPE_PATH, .offset = AT(audit_file),
	  .standard = "/var/log/mugai/audit.jsonl", .maximum = FILE_PATH_MAX,
	  .empty = "no audit, for the command only",
	  .doc = "one JSON object per message, append only" },

	{ .path = "log.syslog", .type = CONF_TYPE_PATH, .offset = AT(log_socket),
	  .standard = "", .maximum = SOCKET_PATH_MAX, .empty = "standard error alone",
	  .doc = "a syslog socket for the daemon's log, besides standard error" },

	{ .path = "work.slots", .type = CONF_TYPE_COUNT, .offset = AT(work_slots),
	  .standard = "8", .minimum = 1, .maximum = 64,
	  .doc = "messages in work at once" },
	{ .path = "work.memory", .type = CONF_TYPE_SIZE, .offset = AT(work_memory),
	  .standard = "0B", .minimum = 0, .maximum = 1024 * GB,
	  .doc = "memory of all jails together, 1.4 GB to draw a document; 0B is half of the machine's" },
	{ .path = "work.wait", .type = CONF_TYPE_TIME, .offset = AT(work_wait),
	  .standard = "60s", .minimum = 1 * SECOND, .maximum = 5 * MINUTE,
	  .doc = "how long a message waits for a slot before Postfix is told to come again" },
	{ .path = "work.user", .type = CONF_TYPE_USER, .offset = AT(work_user),
	  .standard = "mugai", .maximum = USER_MAX,
	  .doc = "who the jails run as when started by root" },

	{ .path = "limits.message", .type = CONF_TYPE_SIZE, .offset = AT(limits.message),
	  .standard = "50MB", .minimum = 4 * KB, .maximum = 512 * MB,
	  .doc = "one original" },
	{ .path = "limits.header_block", .type = CONF_TYPE_SIZE, .offset = AT(limits.header_block),
	  .standard = "256KB", .minimum = 1 * KB, .maximum = 4 * MB,
	  .doc = "all header fields of a message or part" },
	/* Postfix cuts a field at 60000 bytes without a sign: above 59000 nothing could be told. */
	{ .path = "limits.header_field", .type = CONF_TYPE_SIZE, .offset = AT(limits.header_field),
	  .standard = "59000B", .minimum = 1 * KB, .maximum = 59000,
	  .doc = "one header field" },
	{ .path = "limits.header_fields", .type = CONF_TYPE_COUNT, .offset = AT(limits.header_fields),
	  .standard = "1000", .minimum = 10, .maximum = 4000,
	  .doc = "header fields of a message or part" },
	{ .path = "limits.mime_depth", .type = CONF_TYPE_COUNT, .offset = AT(limits.mime_depth),
	  .standard = "30", .minimum = 1, .maximum = 30,
	  .doc = "parts within parts" },
	{ .path = "limits.mime_parts", .type = CONF_TYPE_COUNT, .offset = AT(limits.mime_parts),
	  .standard = "1000", .minimum = 1, .maximum = 5000,
	  .doc = "parts of a message" },
	{ .path = "limits.text_out", .type = CONF_TYPE_SIZE, .offset = AT(limits.text_out),
	  .standard = "30MB", .minimum = 4 * KB, .maximum = 256 * MB,
	  .doc = "text that is taken from one message" },
	/* Below Postfix's message_size_limit of 50 MB, which counts for the result too. The minimum holds what a
	 * notice-only message may need at most: all address lists, references and 200 part lines. */
	{ .path = "limits.clean_message", .type = CONF_TYPE_SIZE, .offset = AT(limits.clean_message),
	  .standard = "45000000B", .minimum = 1 * MB, .maximum = 45000000,
	  .doc = "one clean message" },
	{ .path = "limits.parse_cpu", .type = CONF_TYPE_TIME, .offset = AT(limits.parse_cpu),
	  .standard = "5s", .minimum = 1 * SECOND, .maximum = 5 * MINUTE,
	  .doc = "processor time to parse one message" },
	{ .path = "limits.parse_wall", .type = CONF_TYPE_TIME, .offset = AT(limits.parse_wall),
	  .standard = "60s", .minimum = 1 * SECOND, .maximum = 9 * MINUTE,
	  .doc = "time to parse one message, by the clock" },
	{ .path = "limits.parse_memory", .type = CONF_TYPE_SIZE, .offset = AT(limits.parse_memory),
	  .standard = "512MB", .minimum = 16 * MB, .maximum = 16 * GB,
	  .doc = "address space to parse one message" },
	/* Below the 600 s that the edge waits: past them it would send the mail again. */
	{ .path = "limits.total", .type = CONF_TYPE_TIME, .offset = AT(limits.total),
	  .standard = "300s", .minimum = 1 * SECOND, .maximum = 9 * MINUTE,
	  .doc = "everything for one message, from its end of data" },
	{ .path = "limits.document_cpu", .type = CONF_TYPE_TIME, .offset = AT(limits.document_cpu),
	  .standard = "60s", .minimum = 1 * SECOND, .maximum = 5 * MINUTE,
	  .doc = "processor time to draw one document" },
	{ .path = "limits.document_wall", .type = CONF_TYPE_TIME, .offset = AT(limits.document_wall),
	  .standard = "120s", .minimum = 1 * SECOND, .maximum = 9 * MINUTE,
	  .doc = "time to draw one document, by the clock" },
	/* One image PDF has at most 32,000,000 bytes (doc/output-grammar.md 6.7), and base64 adds a third. */
	{ .path = "limits.image_pdf", .type = CONF_TYPE_SIZE, .offset = AT(limits.image_pdf),
	  .standard = "30MB", .minimum = 64 * KB, .maximum = 32000000,
	  .doc = "all image PDFs of one message together" },
};
/* clang-format on */

G_STATIC_ASSERT(G_N_ELEMENTS(settings) <= CONF_KEYS_MAX);

const ConfSchema conf_schema_settings = { settings, G_N_ELEMENTS(settings) };

/* ---- numbers ------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	uint64_t factor;
} Unit;

/* From small to large. */
static const Unit size_units[] = { { "B", 1 }, { "KB", KB }, { "MB", MB }, { "GB", GB }, { NULL, 0 } };
static const Unit time_units[] = {
	{ "ms", 1 },          { "s", SECOND },        { "m", MINUTE },
	{ "h", 60 * MINUTE }, { "d", 1440 * MINUTE }, { NULL, 0 },
};
static const Unit no_units[] = { { "", 1 }, { NULL, 0 } };

static const Unit *units_of(ConfType type)
{
	if (type == CONF_TYPE_SIZE)
		return size_units;
	return type == CONF_TYPE_TIME ? time_units : no_units;
}

/* What a number of this type is called in a message. */
static const char *wanted_number(ConfType type)
{
	if (type == CONF_TYPE_SIZE)
		return "a whole number with its unit: B, KB, MB or GB, such as 50MB";
	if (type == CONF_TYPE_TIME)
		return "a whole number with its unit: ms, s, m, h or d, such as 30s";
	return "a whole number in decimal digits, without a unit";
}

static const Unit *find_unit(const Unit *units, const char *name)
{
	for (; units->name != NULL; units++) {
		if (strcmp(units->name, name) == 0)
			return units;
	}
	return NULL;
}

/* False: larger than 64 bits. */
static bool read_digits(const char *text, size_t digits, uint64_t factor, uint64_t *ret)
{
	guint64 value = 0;
	for (size_t i = 0; i < digits; i++) {
		if (!g_uint64_checked_mul(&value, value, 10) ||
		    !g_uint64_checked_add(&value, value, (guint64)(text[i] - '0')))
			return false;
	}
	if (!g_uint64_checked_mul(&value, value, factor))
		return false;
	*ret = value;
	return true;
}

/* In the largest unit that holds it exactly: 50MB, not 52428800B. */
static char *format_number(ConfType type, uint64_t value)
{
	const Unit *units = units_of(type);
	const Unit *best = units;
	for (; units->name != NULL; units++) {
		if (value != 0 && value % units->factor == 0)
			best = units;
	}
	return g_strdup_printf("%" G_GUINT64_FORMAT "%s", (guint64)(value / best->factor), best->name);
}

static char *check_range(const ConfKey *key, const char *text, uint64_t value)
{
	bool below = value < key->minimum;
	if (!below && value <= key->maximum)
		return NULL;
	g_autofree char *bound = format_number(key->type, below ? key->minimum : key->maximum);
	return g_strdup_printf("%s is %s %s", text, below ? "below the minimum" : "above the maximum", bound);
}

static char *set_number(const ConfKey *key, const ConfYaml *node, void *member)
{
	const char *text = node->text;
	g_autofree char *quoted = conf_quote(text);
	if (!node->plain)
		return g_strdup_printf("expected %s, and no quotes", wanted_number(key->type));
	size_t digits = strspn(text, "0123456789");
	const Unit *unit = find_unit(units_of(key->type), text + digits);
	if (digits > 0 && text[digits] == '\0' && unit == NULL)
		return g_strdup_printf("%s has no unit: expected %s", quoted, wanted_number(key->type));
	if (digits == 0 || unit == NULL)
		return g_strdup_printf("%s is not %s", quoted, wanted_number(key->type));
	if (digits > 1 && text[0] == '0')
		return g_strdup_printf("%s has leading zeros", quoted);
	uint64_t value;
	if (!read_digits(text, digits, unit->factor, &value))
		return g_strdup_printf("%s is too large", quoted);
	char *problem = check_range(key, text, value);
	if (problem == NULL)
		*(uint64_t *)member = value;
	return problem;
}

/* ---- words and strings ----------------------------------------------------------------------- */

static char *set_choice(const ConfKey *key, const ConfYaml *node, void *member)
{
	GString *words = g_string_new(NULL);
	for (const ConfChoice *choice = key->choices; choice->word != NULL; choice++) {
		if (strcmp(choice->word, node->text) == 0) {
			*(int *)member = choice->value; /* every enum of ours is an int */
			g_string_free(words, TRUE);
			return NULL;
		}
		g_string_append_printf(words, "%s%s", words->len > 0 ? ", " : "", choice->word);
	}
	g_autofree char *list = g_string_free(words, FALSE);
	g_autofree char *quoted = conf_quote(node->text);
	return g_strdup_printf("%s is not one of: %s", quoted, list);
}

/* One name for one file: "/run/a//b" and "/run/./a/b" would slip past every comparison. */
static const char *judge_path(const char *text)
{
	if (text[0] != '/')
		return "must be an absolute path";
	g_auto(GStrv) names = g_strsplit(text, "/", -1); /* the first is the nothing before the root */
	for (char **name = names + 1; *name != NULL; name++) {
		if (**name == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
			return "must be a path in its shortest form, without empty, . or .. parts";
	}
	return NULL;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool only(const char *text, const char *allowed)
{
	return text[strspn(text, allowed)] == '\0';
}

static const char *judge_user(const char *text)
{
	bool starts = text[0] != '\0' && strchr(LOWER "_", text[0]) != NULL;
	return starts && only(text, LOWER DIGITS "_-") ? NULL : "must be a name of a-z 0-9 _ -, not a number";
}

static const char *judge_token(const char *text)
{
	return only(text, LOWER UPPER DIGITS "._-") ? NULL : "must be of A-Z a-z 0-9 . _ - only";
}

static bool is_dot_atom(const char *local)
{
	g_auto(GStrv) atoms = g_strsplit(local, ".", -1);
	if (atoms[0] == NULL || strlen(local) > 64)
		return false;
	for (char **atom = atoms; *atom != NULL; atom++) {
		if (**atom == '\0' || !only(*atom, LOWER UPPER DIGITS "!#$%&'*+-/=?^_`{|}~"))
			return false;
	}
	return true;
}

static bool is_domain(const char *domain)
{
	g_auto(GStrv) labels = g_strsplit(domain, ".", -1);
	if (labels[0] == NULL || strlen(domain) > 253)
		return false;
	for (char **label = labels; *label != NULL; label++) {
		size_t length = strlen(*label);
		if (length == 0 || length > 63 || !only(*label, LOWER UPPER DIGITS "-"))
			return false;
		if ((*label)[0] == '-' || (*label)[length - 1] == '-')
			return false;
	}
	return true;
}

static const char *judge_domain(const char *text)
{
	return is_domain(text) ? NULL : "must be a name such as edge.city.example.jp";
}

/* It is written into From as it stands, so it must need no quoting at all, and not read as an encoded word. */
static const char *judge_address(const char *text)
{
	g_auto(GStrv) halves = g_strsplit(text, "@", -1);
	bool good = g_strv_length(halves) == 2 && strstr(text, "=?") == NULL && is_dot_atom(halves[0]) && is_domain(halves[1]);
	return good ? NULL : "must be a mail address such as name@example.jp";
}

/* YAML readers take these words, unquoted, for nothing or for a truth: whoever writes "group: no" does not
 * mean a group of that name. */
static bool is_yaml_word(const char *text)
{
	static const char *const words[] = { "~", "null", "true", "false", "yes", "no", "on", "off" };
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strcasecmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

typedef const char *(*Judge)(const char *text);

static const Judge judges[] = {
	[CONF_TYPE_PATH] = judge_path,     [CONF_TYPE_USER] = judge_user,
	[CONF_TYPE_TOKEN] = judge_token,   [CONF_TYPE_ADDRESS] = judge_address,
	[CONF_TYPE_DOMAIN] = judge_domain,
};

static char *set_string(const ConfKey *key, const ConfYaml *node, void *member)
{
	const char *text = node->text;
	g_autofree char *quoted = conf_quote(text);
	if (node->plain && is_yaml_word(text))
		return g_strdup_printf("%s is a word of YAML: put it in quotes if it is a name", quoted);
	if (*text == '\0' && key->empty == NULL)
		return g_strdup("must not be empty");
	if (strlen(text) > key->maximum)
		return g_strdup_printf("is longer than %" G_GUINT64_FORMAT " bytes", (guint64)key->maximum);
	const char *problem = *text == '\0' ? NULL : judges[key->type](text);
	if (problem != NULL)
		return g_strdup_printf("%s: %s", quoted, problem);
	g_free(*(char **)member);
	*(char **)member = g_strdup(text);
	return NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

typedef char *(*Setter)(const ConfKey *key, const ConfYaml *node, void *member);

static const Setter setters[] = {
	[CONF_TYPE_COUNT] = set_number,  [CONF_TYPE_SIZE] = set_number,    [CONF_TYPE_TIME] = set_number,
	[CONF_TYPE_CHOICE] = set_choice, [CONF_TYPE_PATH] = set_string,    [CONF_TYPE_USER] = set_string,
	[CONF_TYPE_TOKEN] = set_string,  [CONF_TYPE_ADDRESS] = set_string, [CONF_TYPE_DOMAIN] = set_string,
};

static bool is_string(const ConfKey *key)
{
	return key->type < G_N_ELEMENTS(setters) && setters[key->type] == set_string;
}

char *conf_schema_set(const ConfKey *key, const ConfYaml *node, void *base)
{
	if (node->kind != CONF_YAML_SCALAR)
		return g_strdup_printf("expected a single value, found %s", conf_yaml_kind_name(node));
	if (node->plain && *node->text == '\0')
		return g_strdup(key->empty != NULL ? "has no value: write \"\" if that is meant"
		                                   : "has no value");
	return setters[key->type](key, node, (char *)base + key->offset);
}

void conf_schema_set_default(const ConfKey *key, void *base)
{
	ConfYaml node = { .kind = CONF_YAML_SCALAR, .text = g_strdup(key->standard) };
	node.plain = *node.text != '\0';
	g_autofree char *problem = conf_schema_set(key, &node, base);
	g_free(node.text);
	g_assert(problem == NULL);
}

void conf_schema_clear(const ConfSchema *schema, void *base)
{
	for (unsigned i = 0; i < schema->n_keys; i++) {
		if (is_string(&schema->keys[i]))
			g_clear_pointer((char **)((char *)base + schema->keys[i].offset), g_free);
	}
}

unsigned conf_schema_index(const ConfSchema *schema, const char *path)
{
	for (unsigned i = 0; i < schema->n_keys; i++) {
		if (strcmp(schema->keys[i].path, path) == 0)
			return i;
	}
	g_assert_not_reached();
}

uint64_t conf_schema_number(const ConfKey *key, const void *base)
{
	return *(const uint64_t *)((const char *)base + key->offset);
}

const char *conf_schema_string(const ConfKey *key, const void *base)
{
	return *(char *const *)((const char *)base + key->offset);
}

/* ---- the reference --------------------------------------------------------------------------- */

static char *describe_choices(const ConfKey *key)
{
	GString *text = g_string_new(NULL);
	for (const ConfChoice *choice = key->choices; choice->word != NULL; choice++)
		g_string_append_printf(text, "%s%s", text->len > 0 ? " | " : "", choice->word);
	return g_string_free(text, FALSE);
}

static char *describe_number(const ConfKey *key)
{
	g_autofree char *minimum = format_number(key->type, key->minimum);
	g_autofree char *maximum = format_number(key->type, key->maximum);
	return g_strdup_printf("%s to %s", minimum, maximum);
}

static char *describe_string(const ConfKey *key)
{
	static const char *const names[] = {
		[CONF_TYPE_PATH] = "absolute path", [CONF_TYPE_USER] = "name",
		[CONF_TYPE_TOKEN] = "word",         [CONF_TYPE_ADDRESS] = "mail address",
		[CONF_TYPE_DOMAIN] = "host name",
	};
	return g_strdup_printf("%s, at most %" G_GUINT64_FORMAT " bytes%s%s", names[key->type],
	                       (guint64)key->maximum, key->empty != NULL ? "; \"\": " : "",
	                       key->empty != NULL ? key->empty : "");
}

static char *describe(const ConfKey *key)
{
	if (is_string(key))
		return describe_string(key);
	return key->type == CONF_TYPE_CHOICE ? describe_choices(key) : describe_number(key);
}

static void print_key(FILE *out, const ConfKey *key, const char *name, const char *indent)
{
	g_autofree char *values = describe(key);
	fprintf(out, "%s# %s\n%s# %s\n", indent, key->doc, indent, values);
	if (key->standard == NULL)
		fprintf(out, "# required, so there is no default\n#%s: %s\n", name, key->choices[0].word);
	else
		fprintf(out, "%s%s: %s\n", indent, name, *key->standard != '\0' ? key->standard : "\"\"");
}

void conf_print_reference(FILE *out)
{
	const char *section = "";
	size_t section_length = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		const ConfKey *key = &settings[i];
		const char *dot = strchr(key->path, '.');
		if (dot == NULL) {
			print_key(out, key, key->path, "");
			continue;
		}
		size_t length = (size_t)(dot - key->path) + 1;
		if (length != section_length || strncmp(section, key->path, length) != 0)
			fprintf(out, "%.*s:\n", (int)length - 1, key->path);
		section = key->path;
		section_length = length;
		print_key(out, key, dot + 1, "  ");
	}
}
