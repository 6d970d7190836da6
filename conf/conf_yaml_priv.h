/* conf_yaml: inside conf/ only. A YAML text becomes a small tree in which every node knows its line,
 * and everything of YAML that makes one text mean another (anchors, aliases, tags, merge keys,
 * directives, further documents) is refused on the way.
 *
 * The tree is built from libyaml's events and not by yaml_parser_load: the loaded document no longer
 * shows an unused anchor or an explicit "!!str", and it resolves aliases, which makes cycles and bombs.
 */
#ifndef MUGAI_CONF_YAML_PRIV_H
#define MUGAI_CONF_YAML_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Caps: a settings file is written by hand. */
enum {
	CONF_YAML_FILE_MAX = 1024 * 1024, /* bytes */
	CONF_YAML_NODES_MAX = 10000,
	CONF_YAML_DEPTH_MAX = 16,
	CONF_ERRORS_MAX = 100, /* after that one line says that there are more */
};

/* ---- the errors of one file ------------------------------------------------------------ */

typedef struct ConfErrors ConfErrors;

/* name: the file as the messages call it; control characters in it come out as "?". */
ConfErrors *conf_errors_new(const char *name);
void conf_errors_free(ConfErrors *errors);
/* line: 1-based, 0 = none. path: the key, "" = the file as a whole. */
void conf_errors_add(ConfErrors *errors, int line, const char *path, const char *format, ...)
        G_GNUC_PRINTF(4, 5);
bool conf_errors_any(const ConfErrors *errors);
/* How many are kept. */
guint conf_errors_count(const ConfErrors *errors);
/* True when no more are kept: whoever works through a long input stops. */
bool conf_errors_full(const ConfErrors *errors);
/* Appends them to out (may be NULL) as "FILE:LINE: key: what is wrong", in the order of their lines. */
void conf_errors_report(const ConfErrors *errors, GPtrArray *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfErrors, conf_errors_free)

/* A text of the file for a message: in double quotes, cut at 60 characters, controls and invisible
 * characters as "?": a message goes to a terminal. */
char *conf_quote(const char *text);

/* True when text holds a character that a file or a value must not: controls, bidi controls, invisible
 * format characters, line separators. text is valid UTF-8. */
bool conf_text_is_hidden(gunichar c);

/* ---- the tree -------------------------------------------------------------------------- */

typedef enum {
	CONF_YAML_SCALAR,
	CONF_YAML_LIST,
	CONF_YAML_MAPPING,
	CONF_YAML_REFUSED, /* an alias, or a text that cannot be: told already */
} ConfYamlKind;

typedef struct ConfYaml ConfYaml;

struct ConfYaml {
	ConfYamlKind kind;
	int line;         /* 1-based */
	char *text;       /* SCALAR: valid UTF-8 on one line, nothing hidden in it */
	bool plain;       /* SCALAR: written without quotes */
	GPtrArray *keys;  /* MAPPING: of ConfYaml, all SCALAR, all different; key n belongs to ... */
	GPtrArray *items; /* ... item n. LIST: the items. Of ConfYaml */
};

/* NULL when there is nothing to judge further; errors then holds why. A tree may come with errors: what
 * can be judged of it should be, so that every error is told at once. */
ConfYaml *conf_yaml_parse(const char *text, size_t bytes, ConfErrors *errors);
void conf_yaml_free(ConfYaml *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConfYaml, conf_yaml_free)

/* "a mapping", "a list", "a value" for messages. */
const char *conf_yaml_kind_name(const ConfYaml *node);

/* The bytes of a regular file; NULL with one error. A directory, a device, a pipe and a file over
 * CONF_YAML_FILE_MAX are refused. */
GBytes *conf_yaml_read(const char *path, ConfErrors *errors);

#endif
