/* conf: settings and policy files -> typed, immutable values. Trusted; knows nothing of mail.
 *
 * YAML is read through libyaml; every key stands in one table (conf_schema.c)
 * with name, type, unit, default, range and documentation. Loading collects EVERY error
 * (unknown key, wrong type or unit, out of range, duplicate key, anchor, alias, tag, second document,
 * empty file) with file and line before it gives up: a typo must never widen what passes.
 * KB, MB and GB are powers of 1024. A text that is no YAML, or holds characters that an editor does not
 * show, is not judged further. Files are at most 1 MB; at most 100 errors are kept, and then one more that
 * says so.
 *
 * Conf and Policy are immutable and reference counted atomically: any thread may read them.
 */
#ifndef MUGAI_CONF_H
#define MUGAI_CONF_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef enum { CONF_BEHIND_EDGE, CONF_ONE_HOP } ConfTopology;
typedef enum { CONF_LANGUAGE_JA, CONF_LANGUAGE_EN } ConfLanguage;
typedef enum { CONF_TEXT_HTML, CONF_TEXT_PLAIN } ConfTextForm;

/* Design 7. Sizes in bytes, times in milliseconds. */
typedef struct {
	uint64_t message;         /* limits.message           50MB */
	uint64_t header_block;    /* limits.header_block      256KB */
	uint64_t header_field;    /* limits.header_field      59000B */
	uint64_t header_fields;   /* limits.header_fields     1000 */
	uint64_t mime_depth;      /* limits.mime_depth        30 (at most 30: the wire's paths) */
	uint64_t mime_parts;      /* limits.mime_parts        1000 */
	uint64_t text_out;        /* limits.text_out          30MB: body text of one message; fits a clean message */
	uint64_t clean_message;   /* limits.clean_message     45000000B, 1MB .. 45,000,000 */
	uint64_t parse_cpu;       /* limits.parse_cpu         5s */
	uint64_t parse_wall;      /* limits.parse_wall        60s */
	uint64_t parse_memory;    /* limits.parse_memory      512MB */
	uint64_t total;           /* limits.total             300s */
	uint64_t document_cpu;    /* limits.document_cpu      60s: to draw one document */
	uint64_t document_wall;   /* limits.document_wall     120s */
	uint64_t image_pdf;       /* limits.image_pdf         30MB: all image PDFs of one message */
} ConfLimits;

enum { CONF_DOMAIN_BYTES = 253 };

typedef struct {
	/* topology: behind-edge | one-hop (required) */
	ConfTopology topology;
	char *state_directory;    /* state.directory     /var/lib/mugai */
	char *milter_socket;      /* milter.socket       /run/mugai/milter.sock */
	char *milter_group;       /* milter.group        "postfix"; "" = leave */
	char *status_socket;      /* status.socket       /run/mugai/status.sock */
	char *submission_socket;  /* submission.socket    "" = none */
	char *submission_group;   /* submission.group     "postdrop"; "" = none */
	char *administrator;      /* submission.administrator "" = nobody */
	char *policy_file;        /* policy              "" = built-in strictest */
	ConfLanguage language;    /* notices.language    ja */
	char *notices_directory;  /* notices.directory   "" = built-in sentences */
	ConfTextForm text_prefer; /* text.prefer         html: what the reader of the original sees */
	char *gateway_address;    /* notices.from        mugai@gateway.invalid */
	char *authserv_id;        /* authentication.authserv_id  "": nobody's results are believed */
	char *audit_file;         /* audit.file          /var/log/mugai/audit.jsonl; "" = none (command only) */
	char *log_socket;         /* log.syslog          "" = standard error alone */
	uint64_t work_slots;      /* work.slots          8, 1..64 */
	uint64_t work_memory;     /* work.memory         0 = half of RAM */
	uint64_t work_wait;       /* work.wait           60s: for a slot, then 451 */
	char *work_user;          /* work.user           mugai: who the jails run as when started by root */
	ConfLimits limits;
} ConfSettings;

typedef struct Conf Conf;

/* path: a regular file. When NULL is returned every error has been appended to errors, as a char * for
 * g_free, in the order of lines, ready to print: "FILE:LINE: key: what is wrong" (no line when the file
 * cannot be read). Otherwise errors is as it was. errors may be NULL. Any thread. The file of notices.directory is
 * loaded with it, and its errors follow, with its own name. */
Conf *conf_load(const char *path, GPtrArray *errors);
/* The same from memory; name is used in messages. text is borrowed, need not end in NUL, and may be NULL
 * when bytes is 0. */
Conf *conf_parse(const char *name, const char *text, size_t bytes, GPtrArray *errors);
/* Built-in settings: behind-edge, strictest, no audit file. */
Conf *conf_builtin(void);
Conf *conf_ref(Conf *conf);
void conf_unref(Conf *conf);
const ConfSettings *conf_settings(const Conf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conf, conf_unref)

/* ---- notices: what a reader is told (names of the sentences: notices.h) ------------------- */

/* Immutable and reference counted atomically: any thread may read them. */
typedef struct Notices Notices;

/* directory: absolute; its file ja.yaml or en.yaml is read. Every key must be there, once, and be a line that may
 * stand in a clean message (conf_notices.c lists what may not). NULL: every error has been appended to errors, as for
 * conf_load. errors may be NULL. Any thread. */
Notices *notices_load(const char *directory, ConfLanguage language, GPtrArray *errors);
/* The shipped file of that language, built in. Never NULL. The caller owns it. */
Notices *notices_builtin(ConfLanguage language);
void notices_unref(Notices *notices);
/* Those that notices.directory and notices.language name, loaded with conf; they live as long as conf. Any thread. */
const Notices *conf_notices(const Conf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notices, notices_unref)

/* Every key with type, default, range and one line of documentation: for --help, man page
 * and `mugai check --defaults`. As commented YAML. */
void conf_print_reference(FILE *out);

/* ---- policy ---------------------------------------------------------------------------- */

typedef enum { POLICY_DELIVER, POLICY_NOTICE_ONLY, POLICY_HOLD, POLICY_REJECT } PolicyMessageAction;
/* From strict to mild: nothing of the part is left, its letters, its pages as pictures, both. */
typedef enum { POLICY_PART_REMOVE, POLICY_PART_TEXT, POLICY_PART_IMAGE_PDF, POLICY_PART_IMAGE_PDF_TEXT } PolicyPartAction;
/* Which URLs of the text are written so that no mail reader makes a link of them. */
typedef enum { POLICY_DEFANG_NEVER, POLICY_DEFANG_FLAGGED, POLICY_DEFANG_ALL } PolicyDefang;

enum {
	POLICY_DPI_MIN = 50,
	POLICY_DPI_MAX = 300,
	POLICY_PAGES_MAX = 500,
};

typedef enum { POLICY_GRAY, POLICY_COLOUR } PolicyColour;
typedef enum { POLICY_NO, POLICY_YES } PolicyAnswer;
typedef enum { POLICY_FAILURE_REMOVE } PolicyFailure; /* the only choice so far */

/* How a part is converted. Of each member the smaller value is the stricter one, so that of two policies the smaller holds. */
typedef struct {
	uint64_t dpi;             /* POLICY_DPI_MIN .. POLICY_DPI_MAX */
	uint64_t pages;           /* 1 .. POLICY_PAGES_MAX */
	PolicyColour colour;
	PolicyAnswer searchable;  /* the text lies invisible over the pictures */
	PolicyAnswer not_scanned; /* YES: also what no virus scan has found clean; NO: it is removed */
	PolicyAnswer over_limit;  /* of a document with more pages. YES: the first ones; NO: it is removed */
	PolicyAnswer failed_page; /* one that cannot be drawn. YES: a page says so; NO: the document is removed */
	PolicyFailure on_failure;
	/* Of an Office document, shown or only counted: */
	PolicyAnswer notes;       /* of slides */
	PolicyAnswer comments;
	PolicyAnswer changes;     /* tracked changes; NO: the text as it is with all of them accepted */
} PolicyConversion;

enum {
	POLICY_FIELDS_MAX = 8,       /* different header fields that the conditions of a policy may name */
	POLICY_FIELDS_BYTES = 255,   /* ... and their names together, with a comma between two */
	POLICY_PATTERNS_MAX = 10000, /* patterns of a policy */
	POLICY_PATTERN_BYTES = 255,
	POLICY_RULES_MAX = 500,
};

/* One pattern of an address condition. Compared without ASCII case, with the canonical form of the address. */
typedef enum {
	POLICY_ADDRESS_NULL,      /* "<>": the null sender */
	POLICY_ADDRESS_EXACT,     /* user@host */
	POLICY_ADDRESS_DOMAIN,    /* host: every address there */
	POLICY_ADDRESS_SUBDOMAIN, /* *.host: every address below it, not at it */
} PolicyAddressKind;

typedef struct {
	PolicyAddressKind kind;
	char *text; /* lower case; without the "*." */
} PolicyAddress;

/* A pattern for texts. `*` stands for any run, `?` for any one character, all else for itself; folded, but the
 * wildcards are those of ASCII alone. */
typedef struct PolicyGlob PolicyGlob;

/* A header field: some occurrence of it matches some of the patterns. */
typedef struct {
	char *name;
	GPtrArray *patterns; /* of PolicyGlob */
} PolicyHeader;

typedef struct {
	uint64_t over;  /* bytes: more than this; has_over */
	uint64_t under; /* less than this */
	bool has_over, has_under;
} PolicySize;

/* What the edge says of the sender, in the words of RFC 8601. Bits of a set: 1 << it. */
typedef enum { POLICY_AUTH_UNKNOWN, POLICY_AUTH_NONE, POLICY_AUTH_PASS, POLICY_AUTH_FAIL, POLICY_AUTH_SOFTFAIL,
	       POLICY_AUTH_NEUTRAL, POLICY_AUTH_POLICY, POLICY_AUTH_TEMPERROR, POLICY_AUTH_PERMERROR } PolicyAuth;
typedef enum { POLICY_SPF, POLICY_DKIM, POLICY_DMARC, POLICY_AUTH_METHODS } PolicyAuthMethod;

/* What looks odd about who wrote, or about the name of a file: MessageSign of sanitize/. Bits of a set: 1 << it. */
typedef enum { POLICY_SIGN_SHOWN_ADDRESS, POLICY_SIGN_LOOK_ALIKE, POLICY_SIGN_SEVERAL_FROM, POLICY_SIGN_REPLY_ELSEWHERE,
	       POLICY_SIGN_REPLY_TO_LIST, POLICY_SIGN_SENDER_ELSEWHERE, POLICY_SIGN_DISGUISED_NAME, POLICY_SIGNS } PolicySign;

/* What the virus scan says of a part: PartScan of sanitize/. Bits of a set: 1 << it. */
typedef enum { POLICY_SCAN_NOT_SCANNED, POLICY_SCAN_CLEAN, POLICY_SCAN_INFECTED, POLICY_SCAN_SUSPICIOUS,
	       POLICY_SCAN_UNSCANNABLE, POLICY_SCANS } PolicyScan;

/* Whether the HTML of the mail itself shows it: a logo, say. */
typedef enum { POLICY_INLINE_ANY = 0, POLICY_INLINE_NO, POLICY_INLINE_YES } PolicyInline;

/* All that are set must hold; in a list one pattern is enough. NULL = no such condition. */
typedef struct {
	GPtrArray *sender;    /* of PolicyAddress; envelope */
	GPtrArray *recipient; /* of PolicyAddress; envelope; asked for each recipient of the copy */
	GPtrArray *header;    /* of PolicyHeader; claimed; each of them must match */
	unsigned authentication[POLICY_AUTH_METHODS]; /* sets of PolicyAuth; claimed; 0 = no such condition */
	unsigned signs;       /* set of PolicySign, of which one is enough; claimed; 0 = no such condition */
	PolicySize size;      /* of the original; envelope */
	/* of one part; in a rule that decides the message: some part of it matches all of these */
	GPtrArray *declared_type; /* of char *: "type/subtype", or a type with "*" for every subtype */
	GPtrArray *true_type;     /* the same; "unknown" = libmagic said nothing */
	GPtrArray *part_name;     /* of PolicyGlob */
	PolicySize part_size;
	unsigned part_scan;       /* set of PolicyScan; 0 = no such condition */
	PolicyInline part_inline;
} PolicyConditions;

/* Rules in order. The message's decision is that of the first rule with `message` whose conditions hold; each part's that of the
 * first rule with `parts` whose conditions hold for it. Some rule without conditions says `message`, and some `parts`: the
 * last of each. */
typedef struct {
	char *name;
	PolicyConditions when;
	bool decides_message;
	PolicyMessageAction message;
	bool decides_parts;
	PolicyPartAction parts;
	PolicyConversion conversion; /* unless parts is POLICY_PART_REMOVE */
	int line;
} PolicyRule;

typedef struct Policy Policy;

/* YAML: `name: TOKEN` (A-Za-z0-9._- up to 64), `defang: never | flagged | all`, `rules:` a list of {name, message,
 * parts}; nothing of it has a default but defang, which is flagged, and how parts are converted. Arguments, errors and ownership as for conf_load and conf_parse; messages count rules from 1. */
Policy *policy_load(const char *path, GPtrArray *errors);
Policy *policy_parse(const char *name, const char *text, size_t bytes, GPtrArray *errors);
Policy *policy_builtin(void); /* strictest: deliver the text, remove every part */
Policy *policy_ref(Policy *policy);
void policy_unref(Policy *policy);
const char *policy_name(const Policy *policy);
/* First 16 hex digits of the SHA-256 of the file's bytes ("strictest" built-in: of its text). */
const char *policy_version(const Policy *policy);
const GPtrArray *policy_rules(const Policy *policy); /* of PolicyRule */
PolicyDefang policy_defang(const Policy *policy);
/* Some rule converts parts. */
bool policy_converts(const Policy *policy);
/* The form in which file names and header values are compared: NFKC, case folded, newly allocated. */
char *policy_fold(const char *text);
/* pattern: UTF-8, not folded. Never NULL. The caller owns it. */
PolicyGlob *policy_glob_new(const char *pattern);
void policy_glob_free(PolicyGlob *glob); /* NULL is fine */
/* folded: bytes of a text by policy_fold. steps (in, out): what may still be spent, where one step is some ten
 * nanoseconds; a match costs at least one. False as well when they have run out: *steps is then 0. Any thread. */
bool policy_glob_matches(const PolicyGlob *glob, const char *folded, size_t bytes, uint64_t *steps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyGlob, policy_glob_free)
/* Names of the header fields that the conditions look at, each once; at most POLICY_FIELDS_MAX. Of char *. */
const GPtrArray *policy_fields(const Policy *policy);
/* The same joined by commas, for the job of a jail. */
const char *policy_fields_text(const Policy *policy);
/* Rules that the topology makes impossible (hold in one-hop) or turns into something else (reject or hold
 * behind edge, notice-only in one-hop): appended to errors / warnings, as a char * for g_free each. */
void policy_check_topology(const Policy *policy, ConfTopology topology, GPtrArray *errors,
                           GPtrArray *warnings);
/* The same for conditions on authentication: an error where nobody's results are believed, so that they would wait for
 * nothing. Also warns of what one-hop asks of Postfix. */
void policy_check_authentication(const Policy *policy, const ConfSettings *settings, GPtrArray *errors,
                                 GPtrArray *warnings);
/* Warns of each rule that converts what no virus scan has found clean; English and Japanese. */
void policy_check_conversion(const Policy *policy, GPtrArray *warnings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Policy, policy_unref)

G_END_DECLS

#endif
