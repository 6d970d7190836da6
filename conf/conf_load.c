/* conf_load: a YAML tree into the struct of a table, then what no single key can tell: which values do not
 * go together. Every error is told; one is enough for no settings at all. */
#include "conf_schema_priv.h"

#include <string.h>

/* ---- unknown keys -------------------------------------------------------------------------- */

enum { KEY_LENGTH_MAX = 40, NEAR = 2 };

/* Levenshtein distance; both at most KEY_LENGTH_MAX bytes. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[KEY_LENGTH_MAX + 1];
	size_t length = strlen(b);
	for (size_t j = 0; j <= length; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= length; j++) {
			unsigned above = row[j];
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);
			row[j] = MIN(change, MIN(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[length];
}

/* The part of a key's path that is a name in the mapping at section ("" or "limits"): "message", or
 * "limits" for its section. NULL when the key is not below it. */
static char *name_within(const ConfKey *key, const char *section)
{
	const char *rest = key->path;
	size_t length = strlen(section);
	if (length > 0) {
		if (strncmp(rest, section, length) != 0 || rest[length] != '.')
			return NULL;
		rest += length + 1;
	}
	return g_strndup(rest, strcspn(rest, "."));
}

/* The known name nearest to one that is not; NULL when none is near. */
static char *nearest_name(const ConfSchema *schema, const char *section, const char *unknown)
{
	if (strlen(unknown) > KEY_LENGTH_MAX)
		return NULL;
	g_autofree char *lower = g_ascii_strdown(unknown, -1);
	g_autofree char *best = NULL;
	unsigned best_distance = NEAR + 1;
	for (unsigned i = 0; i < schema->n_keys; i++) {
		g_autofree char *name = name_within(&schema->keys[i], section);
		unsigned d = name != NULL ? distance(lower, name) : NEAR + 1;
		if (d >= best_distance)
			continue;
		best_distance = d;
		g_free(best);
		best = g_steal_pointer(&name);
	}
	return g_steal_pointer(&best);
}

/* ---- the walk -------------------------------------------------------------------------------- */

typedef struct {
	const ConfSchema *schema;
	const char *prefix;
	void *base;
	ConfFound *found;
	ConfErrors *errors;
} Walk;

static char *join(const char *a, const char *b)
{
	return g_strconcat(a, *a != '\0' && *b != '\0' ? "." : "", b, NULL);
}

/* What a message calls the key: a name out of the file must not reach a terminal as it is. */
static char *shown_path(const Walk *walk, const char *section, const char *name)
{
	g_autofree char *quoted = conf_quote(name);
	quoted[strlen(quoted) - 1] = '\0';
	g_autofree char *inner = join(section, quoted + 1);
	return join(walk->prefix, inner);
}

static void tell_unknown(const Walk *walk, const char *section, const ConfYaml *key)
{
	g_autofree char *path = shown_path(walk, section, key->text);
	g_autofree char *nearest = nearest_name(walk->schema, section, key->text);
	if (nearest != NULL)
		conf_errors_add(walk->errors, key->line, path, "unknown key, \"%s\" may be meant", nearest);
	else
		conf_errors_add(walk->errors, key->line, path, "unknown key");
}

static bool is_section(const ConfSchema *schema, const char *name)
{
	for (unsigned i = 0; i < schema->n_keys; i++) {
		g_autofree char *inner = name_within(&schema->keys[i], name);
		if (inner != NULL)
			return true;
	}
	return false;
}

static const ConfKey *find_key(const ConfSchema *schema, const char *path)
{
	for (unsigned i = 0; i < schema->n_keys; i++) {
		if (strcmp(schema->keys[i].path, path) == 0)
			return &schema->keys[i];
	}
	return NULL;
}

static void take_value(const Walk *walk, const ConfKey *key, const ConfYaml *name, const ConfYaml *value)
{
	size_t index = (size_t)(key - walk->schema->keys);
	walk->found->line[index] = name->line;
	walk->found->node[index] = value;
	walk->found->failed[index] = value->kind == CONF_YAML_REFUSED;
	if (value->kind == CONF_YAML_REFUSED || key->type == CONF_TYPE_NODE)
		return;
	g_autofree char *problem = conf_schema_set(key, value, walk->base);
	if (problem == NULL)
		return;
	walk->found->failed[index] = true;
	g_autofree char *path = join(walk->prefix, key->path);
	conf_errors_add(walk->errors, value->line, path, "%s", problem);
}

static void walk_section(const Walk *walk, const ConfYaml *mapping, const char *section);

static void walk_pair(const Walk *walk, const char *section, const ConfYaml *name, const ConfYaml *value)
{
	if (name->kind != CONF_YAML_SCALAR)
		return; /* told already */
	/* A dot within one word is not the way into a section: "limits.message: 1MB" is unknown. */
	g_autofree char *path = join(section, name->text);
	const ConfKey *key = strchr(name->text, '.') == NULL ? find_key(walk->schema, path) : NULL;
	if (key != NULL)
		take_value(walk, key, name, value);
	else if (*section == '\0' && is_section(walk->schema, name->text))
		walk_section(walk, value, name->text);
	else
		tell_unknown(walk, section, name);
}

static void walk_section(const Walk *walk, const ConfYaml *mapping, const char *section)
{
	if (mapping->kind == CONF_YAML_REFUSED)
		return;
	if (mapping->kind != CONF_YAML_MAPPING) {
		g_autofree char *path = join(walk->prefix, section);
		conf_errors_add(walk->errors, mapping->line, path, "expected a mapping, found %s",
		                conf_yaml_kind_name(mapping));
		return;
	}
	for (guint i = 0; i < mapping->keys->len; i++)
		walk_pair(walk, section, g_ptr_array_index(mapping->keys, i),
		          g_ptr_array_index(mapping->items, i));
}

void conf_schema_read(const ConfSchema *schema, const ConfYaml *mapping, const char *prefix, void *base,
                      ConfFound *ret_found, ConfErrors *errors)
{
	*ret_found = (ConfFound) { 0 };
	for (unsigned i = 0; i < schema->n_keys; i++) {
		if (schema->keys[i].standard != NULL)
			conf_schema_set_default(&schema->keys[i], base);
	}
	Walk walk = { schema, prefix, base, ret_found, errors };
	walk_section(&walk, mapping, "");
	for (unsigned i = 0; mapping->kind == CONF_YAML_MAPPING && i < schema->n_keys; i++) {
		if (schema->keys[i].standard != NULL || schema->keys[i].optional || ret_found->line[i] > 0)
			continue;
		g_autofree char *path = join(prefix, schema->keys[i].path);
		conf_errors_add(errors, mapping->line, path, "required, but missing");
	}
}

/* ---- values that do not go together ------------------------------------------------------------- */

typedef struct {
	const ConfSettings *settings;
	const ConfFound *found;
	ConfErrors *errors;
} Check;

/* A value that was refused alone left its default behind: to compare that would tell of something which
 * nobody wrote. */
static bool comparable(const Check *check, unsigned a, unsigned b)
{
	return !check->found->failed[a] && !check->found->failed[b];
}

/* The line of the later of two keys. */
static int later_line(const Check *check, unsigned a, unsigned b)
{
	return MAX(check->found->line[a], check->found->line[b]);
}

/* The first must not be more than the second. */
typedef struct {
	const char *small;
	const char *large;
} Order;

static const Order orders[] = {
	{ "limits.header_field", "limits.header_block" },  { "limits.header_block", "limits.message" },
	{ "limits.message", "limits.parse_memory" }, /* the jail maps the whole original */
	{ "limits.parse_cpu", "limits.parse_wall" }, /* else no message could ever reach its CPU limit */
	{ "limits.parse_wall", "limits.total" },           { "work.wait", "limits.total" },
	{ "limits.document_cpu", "limits.document_wall" },
};

static void check_orders(const Check *check)
{
	const ConfKey *keys = conf_schema_settings.keys;
	for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
		unsigned small = conf_schema_index(&conf_schema_settings, orders[i].small);
		unsigned large = conf_schema_index(&conf_schema_settings, orders[i].large);
		if (!comparable(check, small, large) ||
		    conf_schema_number(&keys[small], check->settings) <=
		            conf_schema_number(&keys[large], check->settings))
			continue;
		conf_errors_add(check->errors, later_line(check, small, large), orders[i].small,
		                "is more than %s", orders[i].large);
	}
}

static void check_path_pair(const Check *check, unsigned a, unsigned b)
{
	const ConfKey *keys = conf_schema_settings.keys;
	if (keys[a].type != CONF_TYPE_PATH || keys[b].type != CONF_TYPE_PATH || !comparable(check, a, b))
		return;
	const char *path = conf_schema_string(&keys[a], check->settings);
	if (*path == '\0' || strcmp(path, conf_schema_string(&keys[b], check->settings)) != 0)
		return;
	conf_errors_add(check->errors, later_line(check, a, b), keys[a].path, "is the same path as %s",
	                keys[b].path);
}

/* No two keys may name the same file: a socket in the place of the audit file would delete it. */
static void check_paths(const Check *check)
{
	for (unsigned i = 0; i < conf_schema_settings.n_keys; i++) {
		for (unsigned j = 0; j < i; j++)
			check_path_pair(check, i, j);
	}
}

static void check_memory(const Check *check)
{
	unsigned memory = conf_schema_index(&conf_schema_settings, "work.memory");
	unsigned share = conf_schema_index(&conf_schema_settings, "limits.parse_memory");
	uint64_t budget = check->settings->work_memory;
	bool enough = budget == 0 || budget >= check->settings->limits.parse_memory;
	if (comparable(check, memory, share) && !enough)
		conf_errors_add(check->errors, later_line(check, memory, share), "work.memory",
		                "is less than limits.parse_memory, so that no message could be parsed");
}

static void check_user(const Check *check)
{
	unsigned user = conf_schema_index(&conf_schema_settings, "work.user");
	if (comparable(check, user, user) && strcmp(check->settings->work_user, "root") == 0)
		conf_errors_add(check->errors, later_line(check, user, user), "work.user",
		                "jails must not run as root");
}

/* ---- Conf -------------------------------------------------------------------------------------- */

struct Conf {
	ConfSettings settings;
	Notices *notices; /* NULL: the built-in ones */
};

static void clear_conf(void *data)
{
	Conf *conf = data;
	conf_schema_clear(&conf_schema_settings, &conf->settings);
	notices_unref(conf->notices);
}

void conf_unref(Conf *conf)
{
	if (conf != NULL)
		g_atomic_rc_box_release_full(conf, clear_conf);
}

Conf *conf_ref(Conf *conf)
{
	return g_atomic_rc_box_acquire(conf);
}

const ConfSettings *conf_settings(const Conf *conf)
{
	return &conf->settings;
}

/* Read when first asked for, since what tells a reader nothing (mugai text) should not wait for them. */
static const Notices *builtin(ConfLanguage language)
{
	static const Notices *shared[CONF_LANGUAGE_EN + 1];

	if (g_once_init_enter(&shared[language]))
		g_once_init_leave(&shared[language], (const Notices *)notices_builtin(language));
	return shared[language];
}

const Notices *conf_notices(const Conf *conf)
{
	return conf->notices != NULL ? conf->notices : builtin(conf->settings.language);
}

/* False: they cannot be read. Not where a setting was refused: its default names a file which nobody wrote. */
static bool fill_notices(Conf *conf, const ConfFound *found, GPtrArray *ret_errors)
{
	unsigned directory = conf_schema_index(&conf_schema_settings, "notices.directory");
	unsigned language = conf_schema_index(&conf_schema_settings, "notices.language");
	if (found->failed[directory] || found->failed[language])
		return false;
	const ConfSettings *settings = &conf->settings;
	if (*settings->notices_directory == '\0')
		return true;
	conf->notices = notices_load(settings->notices_directory, settings->language, ret_errors);
	return conf->notices != NULL;
}

static bool fill(Conf *conf, const ConfYaml *tree, ConfErrors *errors, GPtrArray *ret_notices_errors)
{
	ConfFound found;
	conf_schema_read(&conf_schema_settings, tree, "", &conf->settings, &found, errors);
	Check check = { &conf->settings, &found, errors };
	check_orders(&check);
	check_paths(&check);
	check_memory(&check);
	check_user(&check);
	return fill_notices(conf, &found, ret_notices_errors);
}

/* Errors of the settings go to errors, those of the sentences that they name to ret_notices_errors. */
static Conf *parse(const char *text, size_t bytes, ConfErrors *errors, GPtrArray *ret_notices_errors)
{
	g_autoptr(ConfYaml) tree = conf_yaml_parse(text, bytes, errors);
	if (tree == NULL)
		return NULL;
	g_autoptr(Conf) conf = g_atomic_rc_box_new0(Conf);
	bool good = fill(conf, tree, errors, ret_notices_errors) && !conf_errors_any(errors);
	return good ? g_steal_pointer(&conf) : NULL;
}

/* The settings' own errors first. */
static void report(const ConfErrors *found, const GPtrArray *notices_errors, GPtrArray *errors)
{
	conf_errors_report(found, errors);
	for (guint i = 0; errors != NULL && i < notices_errors->len; i++)
		g_ptr_array_add(errors, g_strdup(g_ptr_array_index(notices_errors, i)));
}

Conf *conf_parse(const char *name, const char *text, size_t bytes, GPtrArray *errors)
{
	g_autoptr(ConfErrors) found = conf_errors_new(name);
	g_autoptr(GPtrArray) notices_errors = g_ptr_array_new_with_free_func(g_free);
	Conf *conf = parse(text, bytes, found, notices_errors);
	report(found, notices_errors, errors);
	return conf;
}

Conf *conf_load(const char *path, GPtrArray *errors)
{
	g_autoptr(ConfErrors) found = conf_errors_new(path);
	g_autoptr(GBytes) content = conf_yaml_read(path, found);
	g_autoptr(GPtrArray) notices_errors = g_ptr_array_new_with_free_func(g_free);
	Conf *conf = NULL;
	if (content != NULL)
		conf = parse(g_bytes_get_data(content, NULL), g_bytes_get_size(content), found,
		             notices_errors);
	report(found, notices_errors, errors);
	return conf;
}

Conf *conf_builtin(void)
{
	static const char text[] = "topology: behind-edge\naudit: {file: \"\"}\n";
	Conf *conf = conf_parse("built-in settings", text, sizeof text - 1, NULL);
	g_assert(conf != NULL);
	return conf;
}
