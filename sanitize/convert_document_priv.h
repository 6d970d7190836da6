/* convert_document: one attachment to an image PDF, a text, or both. Trusted: what reads it are jails.
 *
 * Documents and pictures are drawn from their bytes. A text (also CSV and HTML) is first read by a jailed parser, as a mail's body is: its
 * character set is found, its characters are cleaned; what comes out is drawn in a jail of the other kind. An Office document
 * becomes a PDF in LibreOffice's jail; that PDF, which nobody has read, is drawn like any that a stranger sent.
 */
#ifndef MUGAI_SANITIZE_CONVERT_DOCUMENT_PRIV_H
#define MUGAI_SANITIZE_CONVERT_DOCUMENT_PRIV_H

#include "convert_claims_priv.h"
#include "convert_pool_priv.h"
#include "office_health_priv.h"
#include "sanitize.h"

G_BEGIN_DECLS

typedef struct {
	Supervisor *supervisor;
	OfficeHealth *office;
	const ConfSettings *settings;
	const char *text_kind; /* as in ParseContext */
	PolicyDefang defang;   /* of its text */
	RenderOptions options; /* without clean */
} ConvertContext;

/* A result whatever the content is. NULL: the environment's fault, with CELL_ERROR. Any thread. */
RenderResult *convert_document(const ConvertContext *context, const ConvertClaims *claims, const Unread *document,
                               const ConvertBudget *budget, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
