/* office: one Office document in; a PDF that nobody here has read, its text, and small numbers out. Trusted library.
 *
 * The document is read in a jailed child of mugai-office alone, which is LibreOffice with its registry locked. The PDF that it makes is as
 * hostile as the document: it goes, unread, to render_document(). Library code returns errors and never logs.
 *
 * Threads: any number at once; an OfficeResult belongs to one.
 */
#ifndef MUGAI_RENDER_OFFICE_H
#define MUGAI_RENDER_OFFICE_H

#include "render.h"

G_BEGIN_DECLS

/* The supervisor's kind that is asked for. */
#define OFFICE_KIND "office"

typedef enum {
	OFFICE_FAMILY_WRITER = 0, /* doc, docx, odt, rtf */
	OFFICE_FAMILY_CALC,       /* xls, xlsx, xlsb, ods */
	OFFICE_FAMILY_IMPRESS,    /* ppt, pptx, odp, odg */
	OFFICE_FAMILY_COUNT
} OfficeFamily;

/* "writer". Static. */
const char *office_family_name(OfficeFamily family);

/* OFFICE_FAMILY_COUNT for a format that is none of Office. */
OfficeFamily office_family_of(RenderFormat format);

typedef struct {
	unsigned pages; /* 1 .. RENDER_PAGES_MAX: of the PDF, and one more that says that there are more */
	bool pdf;       /* is wanted */
	bool text;      /* is wanted */
	bool beside[RENDER_BESIDE_COUNT]; /* is to be shown, in both */
	uint64_t max_text; /* bytes of the text: the rest is cut */
	uint32_t families; /* bit (1 << OfficeFamily) for each that works here: others end as RENDER_STATUS_UNAVAILABLE */
} OfficeOptions;

typedef struct {
	RenderStatus status;
	RenderFormat format; /* by its first bytes; a claim */
	Unread *pdf;         /* complete and pdf: hostile */
	char *text;          /* complete and text: UTF-8, LF line ends, not yet cleaned; tables with their columns aligned */
	uint64_t text_cut;   /* characters past max_text */
	uint32_t lost[RENDER_LOST_COUNT];
	uint32_t hidden[RENDER_HIDDEN_COUNT];
	uint32_t beside[RENDER_BESIDE_COUNT];
	uint32_t missing_glyphs;
	uint32_t cpu_ms, wall_ms;
	uint64_t peak_memory; /* bytes, resident */
} OfficeResult;

void office_result_free(OfficeResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OfficeResult, office_result_free)

/* Converts one document. A result whatever the content is (see status). NULL with CELL_ERROR BUSY, UNAVAILABLE, STALLED, KILLED or JAIL: the
 * environment's fault. context: as for render_document(). */
OfficeResult *office_convert(const RenderContext *context, const OfficeOptions *options, const Unread *document,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a family's own small document came to: it holds a macro that would change its text on loading. */
typedef struct {
	bool works;
	bool unknown;  /* it does not, but only since this host had no child, memory or time for it: try again */
	char why[128]; /* one line, where it does not: "not installed", "its macro ran", "timeout" */
} OfficeTest;

/* Converts one document of our own for each family, in the same jail as all others. Takes seconds. */
void office_self_test(const RenderContext *context, OfficeTest ret_tests[OFFICE_FAMILY_COUNT]);

G_END_DECLS

#endif
