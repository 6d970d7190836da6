/* conf: what a settings file may say, and the exact words for everything that it may not. */
#include "conf.h"
#include "conf_schema_priv.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define T "topology: one-hop\n"

/* The errors of a text, joined by line ends; NULL when it is accepted. */
static char *errors_of(const char *text, size_t bytes)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = conf_parse("f", text, bytes, errors);
	g_assert_true((conf == NULL) == (errors->len > 0));
	if (conf != NULL)
		return NULL;
	g_ptr_array_add(errors, NULL);
	return g_strjoinv("\n", (char **)errors->pdata);
}

static Conf *accept(const char *text)
{
	g_autofree char *errors = errors_of(text, strlen(text));
	g_assert_cmpstr(errors, ==, NULL);
	return conf_parse("f", text, strlen(text), NULL);
}

typedef struct {
	const char *name;
	const char *text;
	const char *errors; /* all of them */
} Refusal;

#define SIZE "a whole number with its unit: B, KB, MB or GB, such as 50MB"
#define TIME "a whole number with its unit: ms, s, m, h or d, such as 30s"
#define COUNT "a whole number in decimal digits, without a unit"
#define SHORTEST "must be a path in its shortest form, without empty, . or .. parts"
#define DOMAIN "must be a name such as edge.city.example.jp"
#define ADDRESS "must be a mail address such as name@example.jp"

static const Refusal shape[] = {
	{ "no bytes", "", "f:1: the file is empty or holds only comments" },
	{ "only comments", "# topology: one-hop\n\n", "f:1: the file is empty or holds only comments" },
	{ "empty document", "---\n", "f:1: the file is empty or holds only comments" },
	{ "one word", "topology\n", "f:1: expected a mapping, found a single value" },
	{ "list", "- topology\n", "f:1: expected a mapping, found a list" },
	{ "required key missing", "milter: {group: a}\n", "f:1: topology: required, but missing" },
	{ "two unknown keys and two wrong values, all told in the order of lines",
	  "topolgy: one-hop\nwork:\n  slots: 0\n  slot: 4\nlimits:\n  mime_depth: 31\n",
	  "f:1: topolgy: unknown key, \"topology\" may be meant\n"
	  "f:1: topology: required, but missing\n"
	  "f:3: work.slots: 0 is below the minimum 1\n"
	  "f:4: work.slot: unknown key, \"slots\" may be meant\n"
	  "f:6: limits.mime_depth: 31 is above the maximum 30" },
	{ "key far from any", T "frobnicate: 1\n", "f:2: frobnicate: unknown key" },
	{ "key in other case", T "Policy: /a\n", "f:2: Policy: unknown key, \"policy\" may be meant" },
	{ "section with a typo", T "limit: {message: 1MB}\n",
	  "f:2: limit: unknown key, \"limits\" may be meant" },
	{ "dotted key", T "limits.message: 1MB\n", "f:2: limits.message: unknown key" },
	{ "key with a control character", T "\"a\\e[2Jb\": 1\n",
	  "f:2: the value holds a control or invisible character" },
	{ "duplicate at the top", T "topology: behind-edge\n",
	  "f:2: duplicate key \"topology\", first on line 1" },
	{ "duplicate in quotes", T "\"topology\": one-hop\n",
	  "f:2: duplicate key \"topology\", first on line 1" },
	{ "duplicate in a section", T "work:\n  slots: 1\n  user: a\n  slots: 2\n",
	  "f:5: work: duplicate key \"slots\", first on line 3" },
	{ "duplicate section", T "work: {slots: 1}\nwork: {slots: 2}\n",
	  "f:3: duplicate key \"work\", first on line 2" },
	{ "duplicate in an unknown mapping", T "other: {a: {b: 1, b: 2}}\n",
	  "f:2: other.a: duplicate key \"b\", first on line 2\nf:2: other: unknown key" },
	{ "mapping for a value", "topology:\n  one-hop: 1\n",
	  "f:2: topology: expected a single value, found a mapping" },
	{ "list for a value", T "work:\n  slots: [1]\n",
	  "f:3: work.slots: expected a single value, found a list" },
	{ "value for a mapping", T "limits: 5\n", "f:2: limits: expected a mapping, found a single value" },
	{ "nothing for a mapping", T "limits:\n", "f:2: limits: expected a mapping, found a single value" },
	{ "list for a mapping", T "limits: []\n", "f:2: limits: expected a mapping, found a list" },
	{ "mapping for a key", T "? {a: b}\n: c\n", "f:2: a key must be a single word" },
	{ "value over two lines", T "policy: /a\n  b\n", "f:2: policy: a value must stand on one line" },
	{ "literal block", T "policy: |\n  /a\n", "f:2: policy: a value must stand on one line" },
	{ "folded block", T "policy: >-\n  /a\n", "f:2: policy: a value must stand on one line" },
	{ "quotes over two lines", T "policy: \"/a\n  b\"\n", "f:2: policy: a value must stand on one line" },
};

static const Refusal indirection[] = {
	{ "anchor on a value", "topology: &a one-hop\n", "f:1: topology: anchors (&) are not allowed" },
	{ "anchor on a mapping", T "work: &a\n  slots: 1\n", "f:2: work: anchors (&) are not allowed" },
	{ "anchor on a list", T "policy: &a []\n",
	  "f:2: policy: anchors (&) are not allowed\n"
	  "f:2: policy: expected a single value, found a list" },
	{ "anchor on a key", "&a topology: one-hop\n", "f:1: anchors (&) are not allowed" },
	{ "alias", T "milter: {group: &g x}\nwork:\n  user: *g\n",
	  "f:2: milter.group: anchors (&) are not allowed\nf:4: work.user: aliases (*) are not allowed" },
	{ "alias for a key", "*a : one-hop\n" T, "f:1: aliases (*) are not allowed" },
	{ "alias to itself", "topology: one-hop\nwork: &w {slots: *w}\n",
	  "f:2: work: anchors (&) are not allowed\nf:2: work.slots: aliases (*) are not allowed" },
	{ "merge key", T "work:\n  <<: {slots: 64}\n", "f:3: work: merge keys (<<) are not allowed" },
	{ "merge key with an alias", T "work: {<<: *a}\n",
	  "f:2: work: merge keys (<<) are not allowed\nf:2: work.<<: aliases (*) are not allowed" },
	{ "tag of a string", "topology: !!str one-hop\n", "f:1: topology: tags (!) are not allowed" },
	{ "tag of our own", "topology: !x one-hop\n", "f:1: topology: tags (!) are not allowed" },
	{ "verbatim tag", "topology: !<tag:yaml.org,2002:str> one-hop\n",
	  "f:1: topology: tags (!) are not allowed" },
	{ "lone tag, which libyaml drops", "topology: ! one-hop\n",
	  "f:1: topology: tags (!) are not allowed" },
	{ "lone tag before quotes", "topology: ! \"one-hop\"\n", "f:1: topology: tags (!) are not allowed" },
	{ "lone tag before a mapping", T "work: ! {slots: 1}\n", "f:2: work: tags (!) are not allowed" },
	{ "tag on a mapping", T "work: !!map {slots: 1}\n", "f:2: work: tags (!) are not allowed" },
	{ "tag on a key", "!!str topology: one-hop\n", "f:1: tags (!) are not allowed" },
	{ "tag on a list", T "policy: !!seq []\n",
	  "f:2: policy: tags (!) are not allowed\n"
	  "f:2: policy: expected a single value, found a list" },
	{ "second document", T "---\nwork: {slots: 64}\n", "f:2: a second document is not allowed" },
	{ "second document that is empty", T "---\n", "f:2: a second document is not allowed" },
	{ "second document, and an error in the first", "work: {slots: 0}\n---\n" T,
	  "f:1: work.slots: 0 is below the minimum 1\nf:1: topology: required, but missing\n"
	  "f:2: a second document is not allowed" },
	{ "version directive", "%YAML 1.1\n---\n" T, "f:1: directives (%) are not allowed" },
	{ "tag directive", "%TAG ! x:\n---\n" T, "f:1: directives (%) are not allowed" },
};

static const Refusal bytes[] = {
	{ "tab before a key", T "work:\n\tslots: 1\n",
	  "f:3: found character that cannot start any token (while scanning for the next token)" },
	{ "no YAML", T "work: {slots: 1\n",
	  "f:3: did not find expected ',' or '}' (while parsing a flow mapping)" },
	{ "wrong indentation", T "work:\n  slots: 1\n user: x\n",
	  "f:4: did not find expected key (while parsing a block mapping)" },
	{ "invalid UTF-8", T "work:\n  user: \xff\n", "f:3: invalid UTF-8" },
	{ "overlong UTF-8", T "policy: \xc0\xaf\n", "f:2: invalid UTF-8" },
	{ "cut UTF-8", T "#\xe3\x81", "f:2: invalid UTF-8" },
	{ "surrogate", T "# \xed\xa0\x80\n", "f:2: invalid UTF-8" },
	{ "control character", T "# \x1b[2J\n", "f:2: a control character is not allowed" },
	{ "byte order mark", "\xef\xbb\xbf" T, "f:1: a byte order mark is not allowed" },
	{ "lone carriage return that ends a comment", "# note\rtopology: one-hop\n",
	  "f:1: a carriage return without a line feed is not allowed" },
	{ "U+2028 that ends a comment", "# note\xe2\x80\xa8topology: one-hop\n",
	  "f:1: a line end that editors do not show is not allowed" },
	{ "U+0085 that ends a comment", "# note\xc2\x85topology: one-hop\n",
	  "f:1: a line end that editors do not show is not allowed" },
	{ "bidi override in a comment", T "# \xe2\x80\xae hold\n# \xe2\x80\x8b\n",
	  "f:2: an invisible or bidirectional format character is not allowed\n"
	  "f:3: an invisible or bidirectional format character is not allowed" },
	{ "NUL by an escape", T "policy: \"/a\\0b\"\n",
	  "f:2: policy: the value holds a NUL or invalid UTF-8" },
	{ "control by an escape", T "policy: \"/a\\nb\"\n",
	  "f:2: policy: the value holds a control or invisible character" },
	{ "bidi override by an escape", T "policy: \"/a\\u202eb\"\n",
	  "f:2: policy: the value holds a control or invisible character" },
};

static const Refusal numbers[] = {
	{ "no unit", T "limits:\n  message: 50\n",
	  "f:3: limits.message: \"50\" has no unit: expected " SIZE },
	{ "zero without a unit", T "work: {memory: 0}\n",
	  "f:2: work.memory: \"0\" has no unit: expected " SIZE },
	{ "unit of a time for a size", T "limits: {message: 50s}\n",
	  "f:2: limits.message: \"50s\" is not " SIZE },
	{ "unit of a size for a time", T "limits: {total: 50MB}\n",
	  "f:2: limits.total: \"50MB\" is not " TIME },
	{ "no unit for a time", T "limits: {total: 300}\n",
	  "f:2: limits.total: \"300\" has no unit: expected " TIME },
	{ "unit for a count, which atoi would drop", T "work: {slots: 8MB}\n",
	  "f:2: work.slots: \"8MB\" is not " COUNT },
	{ "unit in other case", T "limits: {message: 50mb}\n", "f:2: limits.message: \"50mb\" is not " SIZE },
	{ "binary unit", T "limits: {message: 50MiB}\n", "f:2: limits.message: \"50MiB\" is not " SIZE },
	{ "blank before the unit", T "limits: {message: 50 MB}\n",
	  "f:2: limits.message: \"50 MB\" is not " SIZE },
	{ "unit alone", T "limits: {message: MB}\n", "f:2: limits.message: \"MB\" is not " SIZE },
	{ "octal", T "work: {slots: 010}\n", "f:2: work.slots: \"010\" has leading zeros" },
	{ "leading zero with a unit", T "limits: {message: 050MB}\n",
	  "f:2: limits.message: \"050MB\" has leading zeros" },
	{ "hex", T "work: {slots: 0x10}\n", "f:2: work.slots: \"0x10\" is not " COUNT },
	{ "hex with a unit", T "limits: {message: 0x10MB}\n",
	  "f:2: limits.message: \"0x10MB\" is not " SIZE },
	{ "exponent", T "limits: {header_fields: 1e3}\n",
	  "f:2: limits.header_fields: \"1e3\" is not " COUNT },
	{ "float", T "limits: {message: 1.5MB}\n", "f:2: limits.message: \"1.5MB\" is not " SIZE },
	{ "plus sign", T "work: {slots: +8}\n", "f:2: work.slots: \"+8\" is not " COUNT },
	{ "minus sign", T "work: {slots: -1}\n", "f:2: work.slots: \"-1\" is not " COUNT },
	{ "underscore", T "limits: {header_fields: 1_000}\n",
	  "f:2: limits.header_fields: \"1_000\" is not " COUNT },
	{ "full-width digit", T "work: {slots: ８}\n", "f:2: work.slots: \"８\" is not " COUNT },
	{ "sexagesimal", T "work: {slots: 1:30}\n", "f:2: work.slots: \"1:30\" is not " COUNT },
	{ "quotes", T "work: {slots: \"8\"}\n", "f:2: work.slots: expected " COUNT ", and no quotes" },
	{ "a word", T "work: {slots: many}\n", "f:2: work.slots: \"many\" is not " COUNT },
	{ "2^32, which a cast would make 0", T "limits: {header_fields: 4294967296}\n",
	  "f:2: limits.header_fields: 4294967296 is above the maximum 4000" },
	{ "2^64", T "limits: {header_fields: 18446744073709551616}\n",
	  "f:2: limits.header_fields: \"18446744073709551616\" is too large" },
	{ "2^64 by its unit", T "limits: {message: 17179869184GB}\n",
	  "f:2: limits.message: \"17179869184GB\" is too large" },
	{ "2^64 plus 50 MB by its unit", T "limits: {message: 17592186044466MB}\n",
	  "f:2: limits.message: \"17592186044466MB\" is too large" },
	{ "below the minimum", T "limits: {message: 4095B}\n",
	  "f:2: limits.message: 4095B is below the minimum 4KB" },
	{ "above the maximum", T "limits: {clean_message: 45000001B}\n",
	  "f:2: limits.clean_message: 45000001B is above the maximum 45000000B" },
	{ "45MB is more than 45,000,000 bytes", T "limits: {clean_message: 45MB}\n",
	  "f:2: limits.clean_message: 45MB is above the maximum 45000000B" },
	{ "time above the maximum", T "limits: {total: 1d}\n",
	  "f:2: limits.total: 1d is above the maximum 9m" },
	{ "nothing", T "work:\n  slots:\n  user: a\n", "f:3: work.slots: has no value" },
	{ "tilde", T "work: {slots: ~}\n", "f:2: work.slots: \"~\" is not " COUNT },
};

static const Refusal strings[] = {
	{ "enum in other case", "topology: One-Hop\n",
	  "f:1: topology: \"One-Hop\" is not one of: behind-edge, one-hop" },
	{ "enum by its number", "topology: 1\n", "f:1: topology: \"1\" is not one of: behind-edge, one-hop" },
	{ "enum empty", "topology:\n", "f:1: topology: has no value" },
	{ "enum empty in quotes", "topology: ''\n",
	  "f:1: topology: \"\" is not one of: behind-edge, one-hop" },
	{ "enum with a blank", "topology: \"one-hop \"\n",
	  "f:1: topology: \"one-hop \" is not one of: behind-edge, one-hop" },
	{ "misspelt word for a truth", T "notices: {language: flase}\n",
	  "f:2: notices.language: \"flase\" is not one of: ja, en" },
	{ "a truth for an enum", T "notices: {language: true}\n",
	  "f:2: notices.language: \"true\" is not one of: ja, en" },
	{ "empty string", T "policy:\n", "f:2: policy: has no value: write \"\" if that is meant" },
	{ "empty string in a flow mapping", T "milter: {group}\n",
	  "f:2: milter.group: has no value: write \"\" if that is meant" },
	{ "empty where that means nothing", T "state: {directory: \"\"}\n",
	  "f:2: state.directory: must not be empty" },
	{ "tilde", T "policy: ~\n",
	  "f:2: policy: \"~\" is a word of YAML: put it in quotes if it is a name" },
	{ "null", T "milter: {group: null}\n",
	  "f:2: milter.group: \"null\" is a word of YAML: put it in quotes if it is a name" },
	{ "NULL", T "milter: {group: NULL}\n",
	  "f:2: milter.group: \"NULL\" is a word of YAML: put it in quotes if it is a name" },
	{ "no", T "milter: {group: no}\n",
	  "f:2: milter.group: \"no\" is a word of YAML: put it in quotes if it is a name" },
	{ "relative path", T "policy: policy.yaml\n",
	  "f:2: policy: \"policy.yaml\": must be an absolute path" },
	{ "home", T "audit: {file: ~/a}\n", "f:2: audit.file: \"~/a\": must be an absolute path" },
	{ "path with ..", T "policy: /etc/../x\n", "f:2: policy: \"/etc/../x\": " SHORTEST },
	{ "path with //", T "policy: /etc//x\n", "f:2: policy: \"/etc//x\": " SHORTEST },
	{ "path with .", T "policy: /etc/./x\n", "f:2: policy: \"/etc/./x\": " SHORTEST },
	{ "path that ends in /", T "policy: /etc/\n", "f:2: policy: \"/etc/\": " SHORTEST },
	{ "root directory", T "state: {directory: /}\n", "f:2: state.directory: \"/\": " SHORTEST },
	{ "user by number", T "work: {user: 0}\n",
	  "f:2: work.user: \"0\": must be a name of a-z 0-9 _ -, not a number" },
	{ "user with a blank", T "work: {user: a b}\n",
	  "f:2: work.user: \"a b\": must be a name of a-z 0-9 _ -, not a number" },
	{ "user too long", T "work: {user: abcdefghijklmnopqrstuvwxyzabcdefg}\n",
	  "f:2: work.user: is longer than 32 bytes" },
	{ "root", T "work: {user: root}\n", "f:2: work.user: jails must not run as root" },
	{ "address without @", T "notices: {from: mugai}\n", "f:2: notices.from: \"mugai\": " ADDRESS },
	{ "address that reads as an encoded word", T "notices: {from: '=?utf-8?Q?a?=@example.jp'}\n",
	  "f:2: notices.from: \"=?utf-8?Q?a?=@example.jp\": " ADDRESS },
	{ "address with two @", T "notices: {from: a@b@c}\n", "f:2: notices.from: \"a@b@c\": " ADDRESS },
	{ "address with a quoted local part", T "notices: {from: '\"a b\"@example.jp'}\n",
	  "f:2: notices.from: \"\"a b\"@example.jp\": " ADDRESS },
	{ "address with a name", T "notices: {from: A <a@example.jp>}\n",
	  "f:2: notices.from: \"A <a@example.jp>\": " ADDRESS },
	{ "local part ends in a dot", T "notices: {from: a.@example.jp}\n",
	  "f:2: notices.from: \"a.@example.jp\": " ADDRESS },
	{ "no local part", T "notices: {from: '@example.jp'}\n",
	  "f:2: notices.from: \"@example.jp\": " ADDRESS },
	{ "domain in Japanese", T "notices: {from: a@例え.jp}\n",
	  "f:2: notices.from: \"a@例え.jp\": " ADDRESS },
	{ "domain literal", T "notices: {from: 'a@[192.0.2.1]'}\n",
	  "f:2: notices.from: \"a@[192.0.2.1]\": " ADDRESS },
	{ "label begins with a hyphen", T "notices: {from: a@-b.jp}\n",
	  "f:2: notices.from: \"a@-b.jp\": " ADDRESS },
	{ "domain ends in a dot", T "notices: {from: a@b.jp.}\n",
	  "f:2: notices.from: \"a@b.jp.\": " ADDRESS },
	{ "no domain", T "notices: {from: a@}\n", "f:2: notices.from: \"a@\": " ADDRESS },
	{ "authserv-id with a dot at its end", T "authentication: {authserv_id: edge.example.}\n",
	  "f:2: authentication.authserv_id: \"edge.example.\": " DOMAIN },
	{ "authserv-id with more than a name", T "authentication: {authserv_id: edge.example 1}\n",
	  "f:2: authentication.authserv_id: \"edge.example 1\": " DOMAIN },
	{ "authserv-id with a comment", T "authentication: {authserv_id: edge.example(x)}\n",
	  "f:2: authentication.authserv_id: \"edge.example(x)\": " DOMAIN },
	{ "authserv-id in Japanese", T "authentication: {authserv_id: 市.example}\n",
	  "f:2: authentication.authserv_id: \"市.example\": " DOMAIN },
	{ "authserv-id missing", T "authentication: {authserv_id: }\n",
	  "f:2: authentication.authserv_id: has no value: write \"\" if that is meant" },
	{ "authserv-id a list", T "authentication: {authserv_id: [a.example]}\n",
	  "f:2: authentication.authserv_id: expected a single value, found a list" },
	{ "authserv-id misspelt", T "authentication: {authserver_id: a.example}\n",
	  "f:2: authentication.authserver_id: unknown key, \"authserv_id\" may be meant" },
};

static const Refusal together[] = {
	{ "field larger than the block", T "limits:\n  header_field: 50KB\n  header_block: 32KB\n",
	  "f:4: limits.header_field: is more than limits.header_block" },
	{ "block below the default of a field", T "limits:\n  header_block: 32KB\n",
	  "f:3: limits.header_field: is more than limits.header_block" },
	{ "block larger than the message", T "limits: {message: 128KB}\n",
	  "f:2: limits.header_block: is more than limits.message" },
	{ "message larger than the parser's memory", T "limits: {message: 64MB, parse_memory: 32MB}\n",
	  "f:2: limits.message: is more than limits.parse_memory" },
	{ "CPU longer than the wall", T "limits: {parse_cpu: 61s}\n",
	  "f:2: limits.parse_cpu: is more than limits.parse_wall" },
	{ "a document's CPU longer than its wall", T "limits: {document_wall: 59s}\n",
	  "f:2: limits.document_cpu: is more than limits.document_wall" },
	{ "wall longer than everything", T "limits:\n  total: 59s\nwork: {wait: 59s}\n",
	  "f:3: limits.parse_wall: is more than limits.total" },
	{ "wait longer than everything", T "work: {wait: 5m}\nlimits: {total: 200s}\n",
	  "f:3: work.wait: is more than limits.total" },
	{ "budget below one jail", T "work: {memory: 511MB}\n",
	  "f:2: work.memory: is less than limits.parse_memory, so that no message could be parsed" },
	{ "one socket for two", T "milter: {socket: /run/a}\nstatus: {socket: /run/a}\n",
	  "f:3: status.socket: is the same path as milter.socket" },
	{ "socket is the default of the other", T "status: {socket: /run/mugai/milter.sock}\n",
	  "f:2: status.socket: is the same path as milter.socket" },
	{ "audit over the policy", T "policy: /etc/p\naudit: {file: /etc/p}\n",
	  "f:3: audit.file: is the same path as policy" },
	{ "no second error about a refused value, but one about others",
	  T "limits:\n  header_block: 1\n  header_field: 50KB\n  parse_cpu: 70s\n",
	  "f:3: limits.header_block: \"1\" has no unit: expected " SIZE "\n"
	  "f:5: limits.parse_cpu: is more than limits.parse_wall" },
};

typedef struct {
	const Refusal *rows;
	size_t n;
} RefusalTable;

static void test_refusals(const void *data)
{
	const RefusalTable *table = data;
	for (size_t i = 0; i < table->n; i++) {
		const Refusal *row = &table->rows[i];
		g_test_message("%s", row->name);
		g_autofree char *errors = errors_of(row->text, strlen(row->text));
		g_assert_cmpstr(errors, ==, row->errors);
	}
}

static const RefusalTable tables[] = {
	{ shape, G_N_ELEMENTS(shape) },     { indirection, G_N_ELEMENTS(indirection) },
	{ bytes, G_N_ELEMENTS(bytes) },     { numbers, G_N_ELEMENTS(numbers) },
	{ strings, G_N_ELEMENTS(strings) }, { together, G_N_ELEMENTS(together) },
};

static void test_nul(void)
{
	static const char text[] = T "policy: /a\0b\n";
	g_autofree char *errors = errors_of(text, sizeof text - 1);
	g_assert_cmpstr(errors, ==, "f:2: a NUL byte is not allowed");
	g_autofree char *none = errors_of(NULL, 0);
	g_assert_cmpstr(none, ==, "f:1: the file is empty or holds only comments");
}

static void test_file_size(void)
{
	GString *text = g_string_new(T);
	while (text->len < CONF_YAML_FILE_MAX)
		g_string_append(text, "# 0123456789abcdef\n");
	g_string_truncate(text, CONF_YAML_FILE_MAX);
	g_autofree char *fits = errors_of(text->str, text->len);
	g_assert_cmpstr(fits, ==, NULL);
	g_string_append_c(text, '#');
	g_autofree char *errors = errors_of(text->str, text->len);
	g_assert_cmpstr(errors, ==, "f: larger than 1048576 bytes");
	g_string_free(text, TRUE);
}

static void test_socket_length(void)
{
	for (size_t length = 107; length <= 108; length++) {
		g_autofree char *name = g_strnfill(length - 1, 'x');
		g_autofree char *text = g_strdup_printf(T "milter: {socket: /%s}\n", name);
		g_autofree char *errors = errors_of(text, strlen(text));
		g_assert_cmpstr(errors, ==,
		                length == 107 ? NULL : "f:2: milter.socket: is longer than 107 bytes");
	}
}

/* Depth, breadth and number of errors are bounded, and bombs cost nothing. */
static void test_bombs(void)
{
	g_autofree char *open = g_strnfill(100 * 1024, '[');
	g_autofree char *deep = g_strconcat(T "x: ", open, NULL);
	g_autofree char *deep_errors = errors_of(deep, strlen(deep));
	g_assert_cmpstr(deep_errors, ==, "f:2: nested deeper than 16 levels");

	GString *wide = g_string_new(T "x: [");
	for (int i = 0; i < 100 * 1000; i++)
		g_string_append(wide, "a,");
	g_string_append(wide, "]\n");
	g_autofree char *wide_errors = errors_of(wide->str, wide->len);
	g_assert_cmpstr(wide_errors, ==, "f:2: more than 10000 values");
	g_string_free(wide, TRUE);

	GString *laughs = g_string_new(T "a0: &a0 [x]\n");
	for (int i = 1; i < 30; i++)
		g_string_append_printf(laughs, "a%d: &a%d [*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1);
	g_autofree char *laughs_errors = errors_of(laughs->str, laughs->len);
	g_auto(GStrv) lines = g_strsplit(laughs_errors, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), <=, CONF_ERRORS_MAX + 1);
	g_assert_cmpstr(lines[0], ==, "f:2: a0: anchors (&) are not allowed");
	g_string_free(laughs, TRUE);
}

static void test_error_cap(void)
{
	GString *text = g_string_new(T);
	for (int i = 0; i < 150; i++)
		g_string_append_printf(text, "unknown-%d: 1\n", i);
	g_autofree char *errors = errors_of(text->str, text->len);
	g_auto(GStrv) lines = g_strsplit(errors, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 101);
	g_assert_cmpstr(lines[0], ==, "f:2: unknown-0: unknown key");
	g_assert_cmpstr(lines[99], ==, "f:101: unknown-99: unknown key");
	g_assert_cmpstr(lines[100], ==, "f:151: too many errors: only the first 100 are shown");
	g_string_free(text, TRUE);
}

/* The name of the file is shown, but it gives no orders to a terminal. */
static void test_name_in_messages(void)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_assert_null(conf_parse("a\x1b[2Jb\n%s", "", 0, errors));
	g_assert_cmpuint(errors->len, ==, 1);
	g_assert_cmpstr(errors->pdata[0], ==, "a?[2Jb?%s:1: the file is empty or holds only comments");
}

typedef struct {
	const char *name;
	const char *text;
	const char *path; /* of the key to look at */
	uint64_t number;
	const char *string; /* NULL: the number counts */
} Acceptance;

static const Acceptance acceptances[] = {
	{ "bytes", T "limits: {message: 65536000B}\n", "limits.message", 65536000, NULL },
	{ "KB is 1024", T "limits: {header_block: 300KB}\n", "limits.header_block", 307200, NULL },
	{ "MB is 1024 KB", T "limits: {message: 60MB}\n", "limits.message", 62914560, NULL },
	{ "GB is 1024 MB", T "limits: {parse_memory: 1GB}\n", "limits.parse_memory", 1073741824, NULL },
	{ "milliseconds", T "limits: {total: 65001ms}\n", "limits.total", 65001, NULL },
	{ "minutes", T "limits: {total: 9m}\n", "limits.total", 540000, NULL },
	{ "count at its minimum", T "work: {slots: 1}\n", "work.slots", 1, NULL },
	{ "count at its maximum", T "work: {slots: 64}\n", "work.slots", 64, NULL },
	{ "zero with its unit", T "work: {memory: 0B}\n", "work.memory", 0, NULL },
	{ "CRLF", "topology: one-hop\r\nwork:\r\n  slots: 9\r\n", "work.slots", 9, NULL },
	{ "document marks", "---\n" T "work: {slots: 9}\n...\n", "work.slots", 9, NULL },
	{ "comments in Japanese", "# 設定\n" T "work: {slots: 9} # 数\n", "work.slots", 9, NULL },
	{ "empty in quotes", T "milter: {group: \"\"}\n", "milter.group", 0, "" },
	{ "no audit", T "audit: {file: ''}\n", "audit.file", 0, "" },
	{ "path in quotes", T "policy: '/etc/a b'\n", "policy", 0, "/etc/a b" },
	{ "path in Japanese", T "policy: /etc/規則.yaml\n", "policy", 0, "/etc/規則.yaml" },
	{ "YAML word in quotes", T "milter: {group: \"no\"}\n", "milter.group", 0, "no" },
	{ "address", T "notices: {from: a.b+c@mail-1.city.example.jp}\n", "notices.from", 0,
	  "a.b+c@mail-1.city.example.jp" },
};

static void test_acceptances(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(acceptances); i++) {
		const Acceptance *row = &acceptances[i];
		g_test_message("%s", row->name);
		g_autoptr(Conf) conf = accept(row->text);
		unsigned index = conf_schema_index(&conf_schema_settings, row->path);
		const ConfKey *key = &conf_schema_settings.keys[index];
		if (row->string != NULL)
			g_assert_cmpstr(conf_schema_string(key, conf_settings(conf)), ==, row->string);
		else
			g_assert_cmpuint(conf_schema_number(key, conf_settings(conf)), ==, row->number);
		g_assert_cmpint(conf_settings(conf)->topology, ==, CONF_ONE_HOP);
	}
}

/* Design 7, by value and not by the table that is under test. */
static void test_defaults(void)
{
	g_autoptr(Conf) conf = accept("topology: behind-edge\n");
	const ConfSettings *s = conf_settings(conf);
	g_assert_cmpint(s->topology, ==, CONF_BEHIND_EDGE);
	g_assert_cmpstr(s->state_directory, ==, "/var/lib/mugai");
	g_assert_cmpstr(s->milter_socket, ==, "/run/mugai/milter.sock");
	g_assert_cmpstr(s->milter_group, ==, "postfix");
	g_assert_cmpstr(s->status_socket, ==, "/run/mugai/status.sock");
	g_assert_cmpstr(s->policy_file, ==, "");
	g_assert_cmpint(s->language, ==, CONF_LANGUAGE_JA);
	g_assert_cmpstr(s->gateway_address, ==, "mugai@gateway.invalid");
	g_assert_cmpstr(s->audit_file, ==, "/var/log/mugai/audit.jsonl");
	g_assert_cmpstr(s->log_socket, ==, "");
	g_assert_cmpuint(s->work_slots, ==, 8);
	g_assert_cmpuint(s->work_memory, ==, 0);
	g_assert_cmpuint(s->work_wait, ==, 60000);
	g_assert_cmpstr(s->work_user, ==, "mugai");
	g_assert_cmpuint(s->limits.message, ==, 52428800);
	g_assert_cmpuint(s->limits.header_block, ==, 262144);
	g_assert_cmpuint(s->limits.header_field, ==, 59000);
	g_assert_cmpuint(s->limits.header_fields, ==, 1000);
	g_assert_cmpuint(s->limits.mime_depth, ==, 30);
	g_assert_cmpuint(s->limits.mime_parts, ==, 1000);
	g_assert_cmpuint(s->limits.text_out, ==, 31457280);
	g_assert_cmpuint(s->limits.clean_message, ==, 45000000);
	g_assert_cmpuint(s->limits.parse_cpu, ==, 5000);
	g_assert_cmpuint(s->limits.parse_wall, ==, 60000);
	g_assert_cmpuint(s->limits.parse_memory, ==, 536870912);
	g_assert_cmpuint(s->limits.total, ==, 300000);
}

static bool is_number(const ConfKey *key)
{
	return key->type == CONF_TYPE_COUNT || key->type == CONF_TYPE_SIZE || key->type == CONF_TYPE_TIME;
}

/* Every key of two settings is equal, but for one (may be NULL). */
static void assert_equal(const ConfSettings *a, const ConfSettings *b, const char *except)
{
	for (unsigned i = 0; i < conf_schema_settings.n_keys; i++) {
		const ConfKey *key = &conf_schema_settings.keys[i];
		if (g_strcmp0(key->path, except) == 0)
			continue;
		g_test_message("%s", key->path);
		if (is_number(key))
			g_assert_cmpuint(conf_schema_number(key, a), ==, conf_schema_number(key, b));
		else if (key->type != CONF_TYPE_CHOICE)
			g_assert_cmpstr(conf_schema_string(key, a), ==, conf_schema_string(key, b));
	}
	g_assert_cmpint(a->topology, ==, b->topology);
	g_assert_cmpint(a->language, ==, b->language);
}

static void test_builtin(void)
{
	g_autoptr(Conf) builtin = conf_builtin();
	g_autoptr(Conf) defaults = accept("topology: behind-edge\n");
	assert_equal(conf_settings(builtin), conf_settings(defaults), "audit.file");
	g_assert_cmpstr(conf_settings(builtin)->audit_file, ==, "");
}

/* Every key by its own line, so that a key which is added to the table is added here too. */
static void assert_mentions_every_key(const char *text)
{
	for (unsigned i = 0; i < conf_schema_settings.n_keys; i++) {
		const char *path = conf_schema_settings.keys[i].path;
		const char *dot = strchr(path, '.');
		g_autofree char *line =
		        g_strdup_printf("\n%s%s:", dot != NULL ? "  " : "", dot != NULL ? dot + 1 : path);
		g_test_message("%s", path);
		g_assert_nonnull(strstr(text, line));
	}
}

static void test_shipped_sample(void)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = conf_load(TESTS_DIR "/../conf/mugai.yaml", errors);
	for (guint i = 0; i < errors->len; i++)
		g_test_message("%s", (char *)errors->pdata[i]);
	g_assert_nonnull(conf);
	g_autoptr(Conf) defaults = accept("topology: behind-edge\n");
	assert_equal(conf_settings(conf), conf_settings(defaults), "policy");
	g_assert_cmpstr(conf_settings(conf)->policy_file, ==, "/etc/mugai/policy.yaml");
	g_autofree char *text = NULL;
	g_assert_true(g_file_get_contents(TESTS_DIR "/../conf/mugai.yaml", &text, NULL, NULL));
	assert_mentions_every_key(text);
}

static char *reference(void)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	conf_print_reference(out);
	fclose(out);
	return text;
}

static void test_reference(void)
{
	char *text = reference();
	g_autofree char *alone = errors_of(text, strlen(text));
	g_assert_nonnull(strstr(alone, "topology: required, but missing"));
	g_autofree char *whole = g_strconcat(text, "topology: behind-edge\n", NULL);
	g_autofree char *with_key = g_strconcat("\n", text, "\ntopology:", NULL);
	assert_mentions_every_key(with_key);
	g_assert_nonnull(strstr(text, "  # messages in work at once\n  # 1 to 64\n  slots: 8\n"));
	g_assert_nonnull(strstr(text, "  clean_message: 45000000B\n"));
	g_autoptr(Conf) conf = accept(whole);
	g_autoptr(Conf) defaults = accept("topology: behind-edge\n");
	assert_equal(conf_settings(conf), conf_settings(defaults), NULL);
	free(text);
}

/* ---- files ------------------------------------------------------------------------------------- */

static void assert_load_error(const char *path, const char *what)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *expected = g_strdup_printf("%s: %s", path, what);
	g_assert_null(conf_load(path, errors));
	g_assert_cmpuint(errors->len, ==, 1);
	g_assert_cmpstr(errors->pdata[0], ==, expected);
}

static void test_files(void)
{
	g_autofree char *directory = g_dir_make_tmp("conf-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "a.yaml", NULL);
	assert_load_error(path, "cannot be opened: No such file or directory");
	assert_load_error(directory, "is a directory");
	assert_load_error("/dev/null", "is not a regular file");

	g_assert_cmpint(mkfifo(path, 0600), ==, 0);
	assert_load_error(path, "is not a regular file");
	g_assert_cmpint(g_unlink(path), ==, 0);

	g_assert_true(g_file_set_contents(path, "", 0, NULL));
	g_autofree char *empty = g_strconcat(path, ":1", NULL);
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_assert_null(conf_load(path, errors));
	g_assert_true(g_str_has_prefix(errors->pdata[0], empty));

	g_assert_true(g_file_set_contents(path, T "work: {slots: 3}\n", -1, NULL));
	g_autoptr(Conf) conf = conf_load(path, NULL);
	g_assert_cmpuint(conf_settings(conf)->work_slots, ==, 3);

	g_assert_cmpint(g_chmod(path, 0), ==, 0);
	if (geteuid() != 0)
		assert_load_error(path, "cannot be opened: Permission denied");
	g_assert_cmpint(g_unlink(path), ==, 0);

	g_autofree char *large = g_strnfill(CONF_YAML_FILE_MAX + 1, '#');
	g_assert_true(g_file_set_contents(path, large, -1, NULL));
	assert_load_error(path, "larger than 1048576 bytes");
	g_unlink(path);
	g_rmdir(directory);
}

static void test_references(void)
{
	Conf *conf = conf_builtin();
	Conf *second = conf_ref(conf);
	g_assert_true(second == conf);
	conf_unref(conf);
	g_assert_cmpstr(conf_settings(second)->work_user, ==, "mugai");
	conf_unref(second);
	conf_unref(NULL);
}

int main(int argc, char **argv)
{
	static const char *const names[] = {
		"shape", "indirection", "bytes", "numbers", "strings", "together"
	};
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_autofree char *path = g_strconcat("/conf/refused/", names[i], NULL);
		g_test_add_data_func(path, &tables[i], test_refusals);
	}
	g_test_add_func("/conf/refused/nul", test_nul);
	g_test_add_func("/conf/refused/file-size", test_file_size);
	g_test_add_func("/conf/refused/socket-length", test_socket_length);
	g_test_add_func("/conf/refused/bombs", test_bombs);
	g_test_add_func("/conf/errors/cap", test_error_cap);
	g_test_add_func("/conf/errors/name", test_name_in_messages);
	g_test_add_func("/conf/accepted", test_acceptances);
	g_test_add_func("/conf/defaults", test_defaults);
	g_test_add_func("/conf/builtin", test_builtin);
	g_test_add_func("/conf/sample", test_shipped_sample);
	g_test_add_func("/conf/reference", test_reference);
	g_test_add_func("/conf/files", test_files);
	g_test_add_func("/conf/refs", test_references);
	return g_test_run();
}
