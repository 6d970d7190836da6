/* conf_yaml: text -> a tree with lines, or every reason why not. See conf_yaml_priv.h. */
#include "conf_yaml_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* ---- errors ---------------------------------------------------------------------------- */

typedef struct {
	int line;
	char *text;
} ConfError;

struct ConfErrors {
	char *name;
	GArray *list; /* of ConfError */
	int dropped_line;
};

enum { QUOTE_MAX = 60 };

static void append_visible(GString *out, const char *text, long limit)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	const char *p = valid;
	for (long n = 0; *p != '\0' && n < limit; n++, p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		g_string_append_unichar(out, conf_text_is_hidden(c) ? '?' : c);
	}
	if (*p != '\0')
		g_string_append(out, "...");
}

char *conf_quote(const char *text)
{
	GString *out = g_string_new("\"");
	append_visible(out, text, QUOTE_MAX);
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}

static void clear_error(void *item)
{
	g_free(((ConfError *)item)->text);
}

ConfErrors *conf_errors_new(const char *name)
{
	ConfErrors *errors = g_new0(ConfErrors, 1);
	GString *visible = g_string_new(NULL);
	append_visible(visible, name, CONF_YAML_FILE_MAX);
	errors->name = g_string_free(visible, FALSE);
	errors->list = g_array_new(FALSE, FALSE, sizeof(ConfError));
	g_array_set_clear_func(errors->list, clear_error);
	return errors;
}

void conf_errors_free(ConfErrors *errors)
{
	if (errors == NULL)
		return;
	g_free(errors->name);
	g_array_unref(errors->list);
	g_free(errors);
}

bool conf_errors_any(const ConfErrors *errors)
{
	return errors->list->len > 0;
}

guint conf_errors_count(const ConfErrors *errors)
{
	return errors->list->len;
}

bool conf_errors_full(const ConfErrors *errors)
{
	return errors->list->len >= CONF_ERRORS_MAX;
}

void conf_errors_add(ConfErrors *errors, int line, const char *path, const char *format, ...)
{
	if (conf_errors_full(errors)) {
		errors->dropped_line = MAX(errors->dropped_line, line);
		return;
	}
	GString *text = g_string_new(errors->name);
	if (line > 0)
		g_string_append_printf(text, ":%d", line);
	g_string_append(text, ": ");
	if (*path != '\0')
		g_string_append_printf(text, "%s: ", path);
	va_list arguments;
	va_start(arguments, format);
	g_string_append_vprintf(text, format, arguments);
	va_end(arguments);
	ConfError error = { line, g_string_free(text, FALSE) };
	g_array_append_val(errors->list, error);
}

static int compare_lines(const void *a, const void *b)
{
	int line_a = ((const ConfError *)a)->line;
	int line_b = ((const ConfError *)b)->line;
	return (line_a > line_b) - (line_a < line_b);
}

void conf_errors_report(const ConfErrors *errors, GPtrArray *out)
{
	if (out == NULL)
		return;
	g_array_sort(errors->list, compare_lines);
	for (guint i = 0; i < errors->list->len; i++)
		g_ptr_array_add(out, g_strdup(g_array_index(errors->list, ConfError, i).text));
	if (errors->dropped_line > 0)
		g_ptr_array_add(out, g_strdup_printf("%s:%d: too many errors: only the first %d are shown",
		                                     errors->name, errors->dropped_line, CONF_ERRORS_MAX));
}

/* ---- characters -------------------------------------------------------------------------- */

bool conf_text_is_hidden(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_SURROGATE:
		return true;
	default:
		return false;
	}
}

/* What an editor shows must be what is read. libyaml takes a lone CR, U+0085, U+2028 and U+2029 for line
 * ends, so that a setting could hide in what looks like the tail of a comment; bidi controls show a line
 * in another order than it has. */
static const char *refused_character(const char *p, const char *end)
{
	gunichar c = g_utf8_get_char(p);
	if (c == '\n' || c == '\t')
		return NULL;
	if (c == '\r')
		return p + 1 < end && p[1] == '\n' ? NULL : "a carriage return without a line feed";
	if (c == 0)
		return "a NUL byte";
	if (c == 0x85 || c == 0x2028 || c == 0x2029)
		return "a line end that editors do not show";
	if (c == 0xfeff)
		return "a byte order mark";
	if (g_unichar_type(c) == G_UNICODE_CONTROL)
		return "a control character";
	return conf_text_is_hidden(c) ? "an invisible or bidirectional format character" : NULL;
}

/* Tells the first bad character of each line. */
static bool check_characters(const char *text, size_t bytes, ConfErrors *errors)
{
	const char *end = text + bytes;
	int line = 1, told = 0;
	for (const char *p = text; p < end;) {
		gunichar c = *p == '\0' ? 0 : g_utf8_get_char_validated(p, end - p);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			conf_errors_add(errors, line, "", "invalid UTF-8");
			return false;
		}
		const char *why = refused_character(p, end);
		if (why != NULL && told != line) {
			conf_errors_add(errors, line, "", "%s is not allowed", why);
			told = line;
		}
		line += c == '\n';
		p += c == 0 ? 1 : g_utf8_next_char(p) - p;
	}
	return told == 0;
}

/* ---- nodes ------------------------------------------------------------------------------- */

void conf_yaml_free(ConfYaml *node)
{
	if (node == NULL)
		return;
	g_free(node->text);
	g_clear_pointer(&node->keys, g_ptr_array_unref);
	g_clear_pointer(&node->items, g_ptr_array_unref);
	g_free(node);
}

static void free_node(void *node)
{
	conf_yaml_free(node);
}

static ConfYaml *node_new(ConfYamlKind kind, const yaml_event_t *event)
{
	ConfYaml *node = g_new0(ConfYaml, 1);
	node->kind = kind;
	node->line = (int)event->start_mark.line + 1;
	if (kind == CONF_YAML_MAPPING)
		node->keys = g_ptr_array_new_with_free_func(free_node);
	if (kind == CONF_YAML_MAPPING || kind == CONF_YAML_LIST)
		node->items = g_ptr_array_new_with_free_func(free_node);
	return node;
}

const char *conf_yaml_kind_name(const ConfYaml *node)
{
	static const char *const names[] = { "a single value", "a list", "a mapping", "an alias" };
	return names[node->kind];
}

/* ---- building ---------------------------------------------------------------------------- */

typedef struct {
	yaml_parser_t parser;
	ConfErrors *errors;
	ConfYaml *root; /* of the first document */
	unsigned documents;
	unsigned nodes;
	ConfYaml *open[CONF_YAML_DEPTH_MAX]; /* lists and mappings that are not closed; root owns them */
	unsigned depth;
} Builder;

static bool awaits_key(const ConfYaml *node)
{
	return node->kind == CONF_YAML_MAPPING && node->keys->len == node->items->len;
}

/* The keys that lead to where the builder stands, for messages. */
static char *current_path(const Builder *b)
{
	GString *path = g_string_new(NULL);
	for (unsigned i = 0; i < b->depth; i++) {
		const ConfYaml *node = b->open[i];
		if (node->kind != CONF_YAML_MAPPING || (i + 1 == b->depth && awaits_key(node)))
			continue;
		const ConfYaml *key = g_ptr_array_index(node->keys, node->keys->len - 1);
		g_string_append(path, path->len > 0 ? "." : "");
		append_visible(path, key->text != NULL ? key->text : "?", QUOTE_MAX);
	}
	return g_string_free(path, FALSE);
}

static void tell(Builder *b, int line, const char *what)
{
	g_autofree char *path = current_path(b);
	conf_errors_add(b->errors, line, path, "%s", what);
}

static const ConfYaml *find_key(const ConfYaml *mapping, const char *text)
{
	for (guint i = 0; i < mapping->keys->len; i++) {
		const ConfYaml *key = g_ptr_array_index(mapping->keys, i);
		if (key->kind == CONF_YAML_SCALAR && strcmp(key->text, text) == 0)
			return key;
	}
	return NULL;
}

/* A key that is refused stays in its place, as REFUSED, so that its value has one too. */
static void judge_key(Builder *b, const ConfYaml *mapping, ConfYaml *key)
{
	if (key->kind == CONF_YAML_LIST || key->kind == CONF_YAML_MAPPING)
		tell(b, key->line, "a key must be a single word");
	if (key->kind != CONF_YAML_SCALAR)
		return;
	const ConfYaml *first = find_key(mapping, key->text);
	if (key->plain && strcmp(key->text, "<<") == 0) {
		tell(b, key->line, "merge keys (<<) are not allowed");
		key->kind = CONF_YAML_REFUSED;
	} else if (first != NULL) {
		g_autofree char *quoted = conf_quote(key->text);
		g_autofree char *path = current_path(b);
		conf_errors_add(b->errors, key->line, path, "duplicate key %s, first on line %d", quoted,
		                first->line);
		key->kind = CONF_YAML_REFUSED;
	}
}

static void attach(Builder *b, ConfYaml *node)
{
	if (b->depth == 0) {
		b->root = node;
		return;
	}
	ConfYaml *parent = b->open[b->depth - 1];
	if (!awaits_key(parent)) {
		g_ptr_array_add(parent->items, node);
		return;
	}
	judge_key(b, parent, node);
	g_ptr_array_add(parent->keys, node);
}

static void refuse_properties(Builder *b, int line, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		tell(b, line, "anchors (&) are not allowed");
	if (tag != NULL)
		tell(b, line, "tags (!) are not allowed");
}

/* libyaml drops the tag "!" without a sign. It shows only by its side effects: a plain text that is
 * longer in the file than in the event, or quotes that count as none. */
static bool has_lone_tag(const yaml_event_t *event)
{
	if (event->data.scalar.tag != NULL || event->data.scalar.anchor != NULL)
		return false;
	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return event->data.scalar.plain_implicit;
	glong characters =
	        g_utf8_strlen((const char *)event->data.scalar.value, (gssize)event->data.scalar.length);
	return (size_t)characters != event->end_mark.index - event->start_mark.index;
}

static const char *refused_scalar(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	if (event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
	    event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE ||
	    event->start_mark.line != event->end_mark.line)
		return "a value must stand on one line";
	if (has_lone_tag(event))
		return "tags (!) are not allowed";
	if (!g_utf8_validate_len(text, length, NULL)) /* says no to NUL too */
		return "the value holds a NUL or invalid UTF-8";
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (conf_text_is_hidden(g_utf8_get_char(p)))
			return "the value holds a control or invisible character";
	}
	return NULL;
}

static bool add_scalar(Builder *b, const yaml_event_t *event)
{
	ConfYaml *node = node_new(CONF_YAML_SCALAR, event);
	refuse_properties(b, node->line, event->data.scalar.anchor, event->data.scalar.tag);
	node->text =
	        g_utf8_make_valid((const char *)event->data.scalar.value, (gssize)event->data.scalar.length);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	const char *why = refused_scalar(event);
	if (why != NULL) {
		tell(b, node->line, why);
		node->kind = CONF_YAML_REFUSED;
	}
	attach(b, node);
	return true;
}

static bool add_alias(Builder *b, const yaml_event_t *event)
{
	tell(b, (int)event->start_mark.line + 1, "aliases (*) are not allowed");
	attach(b, node_new(CONF_YAML_REFUSED, event));
	return true;
}

static bool open_node(Builder *b, ConfYaml *node)
{
	attach(b, node);
	if (b->depth == CONF_YAML_DEPTH_MAX) {
		conf_errors_add(b->errors, node->line, "", "nested deeper than %d levels",
		                CONF_YAML_DEPTH_MAX);
		return false;
	}
	b->open[b->depth++] = node;
	return true;
}

static bool open_list(Builder *b, const yaml_event_t *event)
{
	ConfYaml *node = node_new(CONF_YAML_LIST, event);
	refuse_properties(b, node->line, event->data.sequence_start.anchor, event->data.sequence_start.tag);
	return open_node(b, node);
}

static bool open_mapping(Builder *b, const yaml_event_t *event)
{
	ConfYaml *node = node_new(CONF_YAML_MAPPING, event);
	refuse_properties(b, node->line, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	return open_node(b, node);
}

static bool close_node(Builder *b, const yaml_event_t *event)
{
	(void)event;
	b->depth--;
	return true;
}

/* A second document would be ignored by many a reader: it is refused, and the first one judged. */
static bool start_document(Builder *b, const yaml_event_t *event)
{
	int line = (int)event->start_mark.line + 1;
	if (event->data.document_start.version_directive != NULL ||
	    event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
		conf_errors_add(b->errors, line, "", "directives (%%) are not allowed");
	if (++b->documents == 1)
		return true;
	conf_errors_add(b->errors, line, "", "a second document is not allowed");
	return false;
}

typedef bool (*EventHandler)(Builder *b, const yaml_event_t *event);

/* False ends the reading. Events that are not here need nothing. */
static const EventHandler handlers[] = {
	[YAML_DOCUMENT_START_EVENT] = start_document,
	[YAML_ALIAS_EVENT] = add_alias,
	[YAML_SCALAR_EVENT] = add_scalar,
	[YAML_SEQUENCE_START_EVENT] = open_list,
	[YAML_SEQUENCE_END_EVENT] = close_node,
	[YAML_MAPPING_START_EVENT] = open_mapping,
	[YAML_MAPPING_END_EVENT] = close_node,
};

static bool handle(Builder *b, const yaml_event_t *event)
{
	EventHandler handler = event->type < G_N_ELEMENTS(handlers) ? handlers[event->type] : NULL;
	return handler == NULL || handler(b, event);
}

static bool too_much(Builder *b, const yaml_event_t *event)
{
	if (conf_errors_full(b->errors))
		return true;
	if (++b->nodes <= CONF_YAML_NODES_MAX)
		return false;
	conf_errors_add(b->errors, (int)event->start_mark.line + 1, "", "more than %d values",
	                CONF_YAML_NODES_MAX);
	return true;
}

/* libyaml's own words. Not its problem_mark for a reader's error: that has none. */
static void tell_syntax_error(Builder *b)
{
	const yaml_parser_t *parser = &b->parser;
	const yaml_mark_t *mark = parser->error == YAML_READER_ERROR ? &parser->mark : &parser->problem_mark;
	const char *problem = parser->problem != NULL ? parser->problem : "no memory";
	if (parser->context != NULL)
		conf_errors_add(b->errors, (int)mark->line + 1, "", "%s (%s)", problem, parser->context);
	else
		conf_errors_add(b->errors, (int)mark->line + 1, "", "%s", problem);
}

/* False when the text is no YAML or passes a cap: the tree is then a torso, not to be judged. */
static bool build(Builder *b)
{
	for (;;) {
		yaml_event_t event;
		if (!yaml_parser_parse(&b->parser, &event)) {
			tell_syntax_error(b);
			return false;
		}
		bool end = event.type == YAML_STREAM_END_EVENT;
		bool more = !end && !too_much(b, &event) && handle(b, &event);
		yaml_event_delete(&event);
		if (end || b->documents > 1)
			return true;
		if (!more)
			return false;
	}
}

static bool is_nothing(const ConfYaml *root)
{
	return root->kind == CONF_YAML_SCALAR && root->plain && *root->text == '\0';
}

static ConfYaml *build_tree(const char *text, size_t bytes, ConfErrors *errors)
{
	Builder b = { .errors = errors };
	if (!yaml_parser_initialize(&b.parser)) {
		conf_errors_add(errors, 0, "", "no memory");
		return NULL;
	}
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, bytes);
	bool complete = build(&b);
	yaml_parser_delete(&b.parser);
	if (complete && b.root != NULL && !is_nothing(b.root))
		return b.root;
	if (complete)
		conf_errors_add(errors, 1, "", "the file is empty or holds only comments");
	conf_yaml_free(b.root);
	return NULL;
}

ConfYaml *conf_yaml_parse(const char *text, size_t bytes, ConfErrors *errors)
{
	if (bytes > CONF_YAML_FILE_MAX) {
		conf_errors_add(errors, 0, "", "larger than %d bytes", CONF_YAML_FILE_MAX);
		return NULL;
	}
	if (!check_characters(text, bytes, errors))
		return NULL;
	return build_tree(bytes > 0 ? text : "", bytes, errors);
}

/* ---- files ------------------------------------------------------------------------------- */

static bool read_all(int fd, GByteArray *out)
{
	char chunk[16 * 1024];
	while (out->len <= CONF_YAML_FILE_MAX) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		g_byte_array_append(out, (const guint8 *)chunk, (guint)n);
	}
	return true;
}

static GBytes *read_file(int fd, ConfErrors *errors)
{
	struct stat status;
	if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
		conf_errors_add(errors, 0, "",
		                S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file");
		return NULL;
	}
	g_autoptr(GByteArray) content = g_byte_array_new();
	if (!read_all(fd, content)) {
		conf_errors_add(errors, 0, "", "cannot be read: %s", g_strerror(errno));
		return NULL;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&content));
}

GBytes *conf_yaml_read(const char *path, ConfErrors *errors)
{
	/* Not blocking: a FIFO in the place of the file must not stop the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		conf_errors_add(errors, 0, "", "cannot be opened: %s", g_strerror(errno));
		return NULL;
	}
	GBytes *content = read_file(fd, errors);
	close(fd);
	return content;
}
