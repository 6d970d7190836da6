/* render: one document in, one image PDF (and its text) out. Trusted library.
 *
 * The document is read in a jailed child of mugai-render alone. Out of it come pixels, text runs and small numbers; the PDF is
 * written anew from those (image_pdf.h). Library code returns errors and never logs.
 *
 * Threads: any number at once; a RenderResult belongs to one.
 */
#ifndef MUGAI_RENDER_RENDER_H
#define MUGAI_RENDER_RENDER_H

#include "supervisor.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum {
	RENDER_DPI_MIN = 50,
	RENDER_DPI_MAX = 300,
	RENDER_DPI = 150,
	RENDER_PAGES_MAX = 500,
	RENDER_SIDE_MAX = 10000,       /* pixels */
	RENDER_PAGE_PIXELS = 40000000,
	RENDER_BOX_MAX = 14400000,     /* 1/1000 pt: 200 inches, the most that PDF readers take */
	RENDER_PAGE_CHARS = 100000,    /* of the searchable layer */
	RENDER_TOTAL_CHARS = 5000000,
};
#define RENDER_TOTAL_PIXELS UINT64_C(4000000000)

/* What came of a document. Those before RENDER_STATUS_JAILED a jail may say, and they are a claim. */
typedef enum {
	RENDER_STATUS_COMPLETE = 0,
	RENDER_STATUS_UNSUPPORTED, /* no format that we draw, by its first bytes */
	RENDER_STATUS_ENCRYPTED,   /* a password is needed */
	RENDER_STATUS_DAMAGED,     /* cannot be read */
	RENDER_STATUS_TOO_LARGE,   /* a picture of more pixels than can be decoded */
	RENDER_STATUS_NO_PAGES,    /* it has none */
	RENDER_STATUS_LIMIT,       /* all pages together have too many pixels */
	RENDER_STATUS_JAILED,      /* how many a jail may say */
	RENDER_STATUS_TIME,        /* CPU or wall-clock limit of one document */
	RENDER_STATUS_MEMORY,
	RENDER_STATUS_CRASH,       /* the child died, or answered against the rules */
	RENDER_STATUS_OUTPUT,      /* the image PDF would be larger than allowed */
	RENDER_STATUS_DEADLINE,    /* the message's own time was over before */
	RENDER_STATUS_UNAVAILABLE, /* this host has nothing that converts documents of its kind */
	RENDER_STATUS_COUNT
} RenderStatus;

/* "encrypted". Static; for reports, audit, the command. */
const char *render_status_name(RenderStatus status);

typedef enum {
	RENDER_FORMAT_UNKNOWN = 0, RENDER_FORMAT_PDF, RENDER_FORMAT_PNG, RENDER_FORMAT_JPEG, RENDER_FORMAT_GIF,
	RENDER_FORMAT_BMP, RENDER_FORMAT_TIFF, RENDER_FORMAT_WEBP, RENDER_FORMAT_HEIF, RENDER_FORMAT_AVIF,
	RENDER_FORMAT_JP2, RENDER_FORMAT_SVG, RENDER_FORMAT_TEXT, RENDER_FORMAT_CSV, RENDER_FORMAT_TSV,
	/* Office documents; templates and those with macros too */
	RENDER_FORMAT_DOC, RENDER_FORMAT_DOCX, RENDER_FORMAT_ODT, RENDER_FORMAT_RTF, RENDER_FORMAT_XLS, RENDER_FORMAT_XLSX,
	RENDER_FORMAT_XLSB, RENDER_FORMAT_ODS, RENDER_FORMAT_PPT, RENDER_FORMAT_PPTX, RENDER_FORMAT_ODP, RENDER_FORMAT_ODG,
	RENDER_FORMAT_COUNT
} RenderFormat;

/* "PDF", "JPEG 2000". Static. */
const char *render_format_name(RenderFormat format);

/* What a document had and the image PDF has not. */
typedef enum {
	RENDER_LOST_LINKS = 0,   /* link annotations */
	RENDER_LOST_SCRIPTS,     /* JavaScript, launch and other actions */
	RENDER_LOST_FORMS,       /* fields that could be filled in */
	RENDER_LOST_FILES,       /* embedded files */
	RENDER_LOST_SIGNATURES,
	RENDER_LOST_COMMENTS,    /* notes and other annotations that are not drawn */
	RENDER_LOST_MEDIA,       /* sound, film, 3D */
	RENDER_LOST_FRAMES,      /* of an animation, past the first */
	RENDER_LOST_REFERENCES,  /* external files that it wants: pictures, templates, other documents' cells */
	RENDER_LOST_MACROS,      /* of an Office document: never run */
	RENDER_LOST_COUNT
} RenderLost;

/* "links". Static. */
const char *render_lost_name(RenderLost lost);

/* What an Office document hides from who looks at it, and which is so left out. */
typedef enum {
	RENDER_HIDDEN_SHEETS = 0,
	RENDER_HIDDEN_ROWS,
	RENDER_HIDDEN_COLUMNS,
	RENDER_HIDDEN_SLIDES,
	RENDER_HIDDEN_TEXTS, /* paragraphs and pieces of them */
	RENDER_HIDDEN_COUNT
} RenderHidden;

/* "sheets". Static. */
const char *render_hidden_name(RenderHidden hidden);

/* What an Office document has beside its text, shown or left out as was asked. */
typedef enum {
	RENDER_BESIDE_CHANGES = 0, /* tracked changes */
	RENDER_BESIDE_COMMENTS,
	RENDER_BESIDE_NOTES,       /* of slides */
	RENDER_BESIDE_COUNT
} RenderBeside;

/* "changes". Static. */
const char *render_beside_name(RenderBeside beside);

/* How a text's lines are to be read. */
typedef enum { RENDER_TABLE_NONE = 0, RENDER_TABLE_CSV, RENDER_TABLE_TSV } RenderTable;

typedef enum { RENDER_COLOUR = 0, RENDER_GRAY } RenderColour;

typedef struct {
	unsigned dpi;        /* RENDER_DPI_MIN .. RENDER_DPI_MAX */
	unsigned pages;      /* 1 .. RENDER_PAGES_MAX: of a longer document the first ones */
	RenderColour colour;
	bool picture;        /* an image PDF is wanted */
	bool searchable;     /* ... with its text, invisible */
	bool text;           /* the text alone is wanted */
	bool beside[RENDER_BESIDE_COUNT]; /* of an Office document: is to be shown */
	uint64_t max_output; /* bytes of the image PDF */
	uint64_t max_text;   /* bytes of the text: the rest is cut */
	/* Text that leaves the jail, one line of the layer, becomes one that may be shown: new string, "" = nothing of it. */
	char *(*clean)(const char *text, void *user);
	void *clean_user;
} RenderOptions;

typedef struct {
	Supervisor *supervisor;
	uint32_t cpu_ms;       /* of one document */
	uint32_t wall_ms;      /* of one document, or what is left of the message's time, whichever is less */
	uint32_t wait_ms;      /* for a child */
	ProgressFunc progress; /* may be NULL */
	void *progress_user;
	ProgressFunc slow; /* these two as in ChildRequest; NULL: a child keeps its priority */
	uint32_t slow_cpu_ms;
} RenderContext;

typedef struct {
	RenderStatus status;
	GBytes *pdf;           /* complete and picture: the image PDF */
	char *text;            /* complete and text: UTF-8, LF line ends, not yet cleaned; pages parted by an empty line */
	RenderFormat format;
	uint32_t pages_found;
	bool more_pages;       /* ... at least: an Office document of more than were asked for, which is not laid out to its end */
	uint32_t pages;        /* that were made */
	uint32_t pages_failed; /* of them, those that only say that they cannot be shown */
	uint32_t pages_partial; /* of them, those that are drawn as far as the data goes */
	uint32_t lower_dpi;
	uint64_t hidden_chars; /* text without ink, left out of the layer */
	uint64_t text_cut;     /* characters past the caps */
	uint32_t lost[RENDER_LOST_COUNT];
	uint32_t hidden[RENDER_HIDDEN_COUNT];
	uint32_t beside[RENDER_BESIDE_COUNT]; /* how many there are, shown or not */
	uint32_t missing_glyphs; /* different characters that no font of this host has */
	uint32_t cpu_ms, wall_ms;
} RenderResult;

void render_result_free(RenderResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RenderResult, render_result_free)

/* Bytes of the supervisor's memory budget that the smallest document takes, where it becomes an image PDF: with a smaller
 * budget each ends as RENDER_STATUS_MEMORY. */
uint64_t render_memory(void);

/* Draws one document. A result whatever the content is (see status). NULL with CELL_ERROR BUSY, UNAVAILABLE, STALLED, KILLED or JAIL: the
 * environment's fault, try again. Takes memory for two uncompressed pages here, beside what the supervisor counts. */
RenderResult *render_document(const RenderContext *context, const RenderOptions *options, const Unread *document,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a text that is plain already: UTF-8, LF line ends. */
RenderResult *render_text(const RenderContext *context, const RenderOptions *options, const char *text, RenderTable table,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
