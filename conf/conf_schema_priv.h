/* conf_schema: inside conf/ only. Tables of typed keys, and the one walk that brings a YAML mapping into
 * the struct which its table describes. Settings, policies and their rules are all read by it.
 */
#ifndef MUGAI_CONF_SCHEMA_PRIV_H
#define MUGAI_CONF_SCHEMA_PRIV_H

#include "conf.h"
#include "conf_yaml_priv.h"

/* A boolean would be a CONF_TYPE_CHOICE of true and false: nothing else is then taken for one. */
typedef enum {
	CONF_TYPE_COUNT,   /* uint64_t: decimal digits */
	CONF_TYPE_SIZE,    /* uint64_t, bytes: digits and B, KB, MB or GB (powers of 1024) */
	CONF_TYPE_TIME,    /* uint64_t, milliseconds: digits and ms, s, m, h or d */
	CONF_TYPE_CHOICE,  /* an enum: one of the words in choices, exactly */
	CONF_TYPE_PATH,    /* char *: absolute, in its shortest form, at most maximum bytes */
	CONF_TYPE_USER,    /* char *: a user or group name, at most maximum bytes */
	CONF_TYPE_TOKEN,   /* char *: A-Z a-z 0-9 . _ -, at most maximum bytes */
	CONF_TYPE_ADDRESS, /* char *: dot-atom@domain, at most maximum bytes */
	CONF_TYPE_DOMAIN,  /* char *: labels of A-Z a-z 0-9 -, at most maximum bytes */
	CONF_TYPE_NODE,    /* of any form, read by whoever owns the schema; the walk only finds it */
} ConfType;

typedef struct {
	const char *word;
	int value;
} ConfChoice;

typedef struct {
	const char *path; /* "limits.message": at most one dot */
	ConfType type;
	size_t offset;             /* in the struct that is filled */
	const char *standard;      /* the default as it would be written; NULL = there is none, and ... */
	bool optional;             /* ... the key may still be missing: the struct then stays as it was */
	uint64_t minimum;          /* COUNT, SIZE, TIME: in the unit of the struct */
	uint64_t maximum;          /* the same; strings: bytes */
	const ConfChoice *choices; /* CHOICE: ends with a NULL word */
	const char *empty;         /* strings: what "" means; NULL = "" is refused */
	const char *doc;           /* one line */
} ConfKey;

enum { CONF_KEYS_MAX = 64 };

typedef struct {
	const ConfKey *keys;
	unsigned n_keys; /* at most CONF_KEYS_MAX */
} ConfSchema;

/* The settings file, over ConfSettings. */
extern const ConfSchema conf_schema_settings;

/* What a walk has found: the line of each key of the schema, 0 where the default stands. */
typedef struct {
	int line[CONF_KEYS_MAX];
	const ConfYaml *node[CONF_KEYS_MAX]; /* borrowed from the tree */
	bool failed[CONF_KEYS_MAX];          /* the value was refused; the struct holds the default */
} ConfFound;

/* Fills the struct at base (all zero) with defaults and then with what the mapping says. prefix: "" or the
 * path of the mapping itself, for messages. Every error goes to errors; base is then not to be used, but
 * must still be freed by conf_schema_clear. In conf_load.c. */
void conf_schema_read(const ConfSchema *schema, const ConfYaml *mapping, const char *prefix, void *base,
                      ConfFound *ret_found, ConfErrors *errors);

/* Brings one value into the struct at base. NULL, or what is wrong (free with g_free). */
char *conf_schema_set(const ConfKey *key, const ConfYaml *node, void *base) G_GNUC_WARN_UNUSED_RESULT;

/* The same with the default. The key must have one. */
void conf_schema_set_default(const ConfKey *key, void *base);

/* Frees the strings of a struct. */
void conf_schema_clear(const ConfSchema *schema, void *base);

/* Index of a key in its table, where it must be. */
unsigned conf_schema_index(const ConfSchema *schema, const char *path);

/* The number or string of a key in a struct. */
uint64_t conf_schema_number(const ConfKey *key, const void *base);
const char *conf_schema_string(const ConfKey *key, const void *base);

#endif
