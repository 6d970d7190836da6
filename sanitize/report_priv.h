/* report: what was done to one message, as one line of JSON (design 5, stable keys). It is the body of the
 * audit event and of `--report`. Trusted; a writer only. */
#ifndef MUGAI_SANITIZE_REPORT_PRIV_H
#define MUGAI_SANITIZE_REPORT_PRIV_H

#include "assemble_priv.h"
#include "sanitize.h"

typedef struct {
	const char *id;
	const char *decision; /* "deliver", "notice-only", "hold", "reject", as finally taken; NULL: none was */
	const char *outcome;  /* "clean", "refuse", "discard", "failed" */
	const char *error;    /* NULL, or why it failed: text of ours */
	bool blames_content;  /* of the failure */
	const SanitizeEnvelope *envelope;
	const char *tenant;
	const char *original_sha256;
	uint64_t original_bytes;
	const Message *message; /* NULL when there is none */
	unsigned hops;
	const char *policy_name;
	const char *policy_version;
	const char *rule; /* NULL when none decided: also where no rule, but what cannot be read did */
	uint64_t clean_bytes;
	unsigned wait_ms, parse_ms, parse_cpu_ms, render_ms, assemble_ms, total_ms;
	uint64_t parse_peak_memory;
	unsigned failures; /* times that this content broke its parser, this one included; 0 = it did not */
} Report;

/* One line without a line end; ASCII letters, other characters as UTF-8, all controls, bidi and invisible
 * ones as \uXXXX (a terminal may show it). Addresses of the envelope may hold any byte: in them one that is not UTF-8, and
 * the backslash itself, are told as \xNN (so the JSON has \\xNN), so that no two addresses read alike. Newly allocated. */
char *report_json(const Report *report);

/* Appends text as a JSON string (RFC 8259 section 7) with its quotes. */
void report_json_string(GString *json, const char *text);

#endif
