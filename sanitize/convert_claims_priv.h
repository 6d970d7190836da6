/* convert_claims: what is said of a document chooses the ways in which it is tried, and their order. Claims of a mail, of a jail
 * or of the command line: where they are wrong, the document's first bytes decide in the end, since each way takes
 * only what it knows by those. */
#ifndef MUGAI_SANITIZE_CONVERT_CLAIMS_PRIV_H
#define MUGAI_SANITIZE_CONVERT_CLAIMS_PRIV_H

#include "render.h"

G_BEGIN_DECLS

typedef struct {
	const char *declared_type; /* "text/csv"; "" */
	const char *true_type;
	const char *name;
} ConvertClaims;

typedef enum { CONVERT_BYTES, CONVERT_TEXT, CONVERT_OFFICE, CONVERT_WAYS } ConvertWay;

/* The ways, in their order. How many; at least 1. */
unsigned convert_ways(const ConvertClaims *claims, ConvertWay ret_ways[CONVERT_WAYS]);

/* Whether one of the ways is CONVERT_OFFICE; and whether something says so, rather than nothing says anything. */
bool convert_may_be_office(const ConvertClaims *claims);
bool convert_claims_office(const ConvertClaims *claims);

/* How the lines of a text are to be read. */
RenderTable convert_table(const ConvertClaims *claims);
bool convert_is_html(const ConvertClaims *claims);

G_END_DECLS

#endif
