/* office_document: one document through LibreOffice: bytes in, a PDF and a text out. Jailed half only. */
#ifndef MUGAI_RENDER_OFFICE_DOCUMENT_PRIV_H
#define MUGAI_RENDER_OFFICE_DOCUMENT_PRIV_H

#include "office_format_priv.h"
#include "office_text_priv.h"

typedef struct {
	const uint8_t *bytes;
	size_t length;
	const OfficeKind *kind; /* as its bytes say */
	bool pdf;            /* is wanted */
	bool text;           /* is wanted */
	unsigned pages;      /* of the PDF, at most */
	uint64_t max_text;   /* bytes */
	bool beside[RENDER_BESIDE_COUNT]; /* is to be shown */
} OfficeDocument;

typedef struct {
	OfficeText text;       /* with all that is counted, wanted or not */
	uint32_t missing_glyphs;
	unsigned sheets_cut;   /* of which not all rows were looked at; in text.text_cut too */
	unsigned comments;     /* of a spreadsheet's cells; in text.beside too */
	GMappedFile *pdf;      /* complete and wanted, else NULL */
} OfficeConverted;

/* Frees what it holds, not itself. */
void office_converted_clear(OfficeConverted *converted);

/* Makes the home in the empty directory and starts LibreOffice in it; office_fonts_warm_up() came before. Starts threads. */
bool office_document_settle(const char *home, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Once in a process. RENDER_STATUS_COMPLETE, _ENCRYPTED, _DAMAGED, _NO_PAGES, _LIMIT (what LibreOffice made of it is larger than
 * is read here), _UNAVAILABLE (its family is not installed). Files of its own in the home: the document, at most two copies of it in flat
 * ODF, the PDF. False with an error: there was no room for them. */
bool office_document_convert(const OfficeDocument *document, OfficeConverted *ret_converted, RenderStatus *ret_status,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
