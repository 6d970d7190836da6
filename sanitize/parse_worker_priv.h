/* parse_worker: what mugai-parse and mugai-text have in common: the same jail, the same wire, the same code. */
#ifndef MUGAI_SANITIZE_PARSE_WORKER_PRIV_H
#define MUGAI_SANITIZE_PARSE_WORKER_PRIV_H

#include "parse_code_priv.h"

G_BEGIN_DECLS

typedef struct {
	const char *name;
	bool (*warm_up)(GError **error);
	ParseFunc *parse;
} ParseProgram;

/* The whole of main(). */
int parse_worker_main(int argc, char **argv, const ParseProgram *self);

G_END_DECLS

#endif
