/* office_odf: the reader of flat ODF, what its files share; nobody else includes this. Jailed code.
 *
 * Each element that matters has a row in a table: what happens where it begins, what where it ends. Elements without a row are seen through: their text counts as that of
 * the element around. office_odf.c: the table and the stack; _text.c: paragraphs and what stands in them; _table.c: tables and sheets;
 * _page.c: page styles, slides, shapes.
 */
#ifndef MUGAI_RENDER_OFFICE_ODF_PRIV_H
#define MUGAI_RENDER_OFFICE_ODF_PRIV_H

#include "office_flow_priv.h"
#include "office_grid_priv.h"
#include "office_list_priv.h"
#include "office_style_priv.h"
#include "office_text_priv.h"

G_BEGIN_DECLS

enum {
	ODF_DEPTH_MAX = 4096,  /* elements in one another: LibreOffice itself has a few dozen */
	ODF_TABLES_MAX = 12,   /* tables in one another; deeper ones are read cell after cell */
	ODF_SHEET_COLUMNS = 16384,
	ODF_CAPTURE_MAX = 2000, /* characters: of a name, an alternative text */
	ODF_ALT_CHARS = 200,
	ODF_NAME_CHARS = 100,
};

typedef enum { ODF_TEXT, ODF_SHEET, ODF_SLIDES, ODF_DRAWING } OdfFamily;

typedef struct OdfReader OdfReader;
typedef struct OdfElement OdfElement;

/* How text in an element looks; handed down to what is in it. */
typedef struct {
	OfficeLook look;
	OfficeUnseen unseen; /* of look */
	bool mute;           /* nothing of it is shown, and it was counted as a whole */
} OdfView;

typedef struct {
	const OdfElement *element;
	OdfView view;
	bool flow;      /* it has one of its own */
	bool open;      /* it did at its start what its end has to undo */
	unsigned value; /* of its handlers */
	uint64_t mark;  /* likewise */
} OdfFrame;

struct OdfElement {
	const char *name;
	void (*start)(OdfReader *reader, const char *const *attributes); /* NULL: it and all in it are left out */
	void (*end)(OdfReader *reader, OdfFrame *frame);                 /* may be NULL */
};

typedef struct {
	OfficeCounters *counters;
	char *style;
	bool label;     /* the next paragraph is an item's first */
	bool header;    /* not an item: stands without a label */
	int64_t number; /* of the item, or negative */
} OdfList;

typedef struct {
	unsigned end; /* below this column */
	bool hidden, used;
	char *style;
} OdfColumns;

typedef struct {
	OfficeGrid *grid;
	GArray *columns; /* of OdfColumns, ascending */
	GString *boxes;  /* text of shapes on a sheet */
	unsigned column; /* of the next cell */
	unsigned repeat; /* of the row */
	uint64_t row_bytes, row_chars;
	char *row_style; /* of its cells */
	bool row_hidden, row_muted, heading, sheet;
} OdfTable;

/* Its size, 1/1000 pt; 0: not known. */
typedef struct {
	int64_t width, height;
} OdfPaper;

/* A page style. */
typedef struct {
	char *name, *next;
	GString *header, *footer, *shapes; /* their text */
	bool used, shapes_shown;
	OdfPaper paper;
} OdfMaster;

struct OdfReader {
	const OfficeTextOptions *options;
	OfficeText *out;
	OdfFamily family;
	GHashTable *elements; /* name -> OdfElement */
	GArray *frames;       /* of OdfFrame */
	unsigned skip;        /* elements inside of one that is left out, itself too */
	OfficeStyles *styles;
	OfficeLists *lists;
	OfficeSink *sink;
	bool decidable;  /* what is behind a text is what the styles say: nothing is drawn below it */
	bool text_decidable, sheet_decidable; /* the same, if it is a document of that family */
	int32_t paper;   /* colour */

	GArray *list_stack; /* of OdfList */
	guint list_base;    /* those of the flow */
	OdfTable tables[ODF_TABLES_MAX];
	unsigned n_tables, deep_tables;

	bool muted_text; /* text that is not shown was seen */
	unsigned deleted; /* tracked deletions that are open */
	GHashTable *changes; /* id -> OdfChange */
	char *key; /* of the change, or the footer, that is read */
	GString *capture; /* what the text goes to, instead */
	bool capturing;
	char *author;

	GString *notes; /* footnotes and endnotes */
	unsigned n_notes;
	GPtrArray *masters; /* of OdfMaster */
	GHashTable *masters_by_name; /* the same */
	OdfMaster *master;  /* being read */
	GHashTable *papers; /* name of a page layout -> OdfPaper */
	char *layout;       /* being read */
	OdfPaper page;      /* of the slide */
	bool body_begun;
	unsigned n_pages;
	GHashTable *footers; /* name -> text */
	GString *page_footers;
	char *alt; /* of the frame at depth alt_depth */
	guint alt_depth;
	unsigned embedded; /* documents in this one */
	bool embedded_mute;
	RenderStatus status;
};

/* ---- office_odf.c -------------------------------------------------------------------------------------- */

const char *odf_value(const char *const *attributes, const char *name);
bool odf_is(const char *const *attributes, const char *name, const char *value);
/* A count; `otherwise` where there is none, most where it is more. */
unsigned odf_count(const char *const *attributes, const char *name, unsigned otherwise, unsigned most);
OdfFrame *odf_frame(OdfReader *reader);
/* n levels out; NULL: there is none. */
OdfFrame *odf_frame_above(OdfReader *reader, unsigned n);
bool odf_frame_is(const OdfFrame *frame, const char *name);
/* This element and all in it are left out. */
void odf_skip(OdfReader *reader);
void odf_lost(OdfReader *reader, RenderLost lost, unsigned n);
/* It is hidden, counted so. */
void odf_hide(OdfReader *reader, RenderHidden hidden, unsigned n);
/* The same number, of what is hidden by something else. */
void odf_count_hidden(OdfReader *reader, RenderHidden hidden, unsigned n);
/* A box, a note: what the text around looks like says nothing of it, and what is behind it is not known. */
void odf_look_anew(OdfReader *reader);
/* The look of a style on top of that of the element around. */
void odf_look(OdfReader *reader, const char *family, const char *name);
/* A flow of its own for this element. */
bool odf_push(OdfReader *reader);
/* Its text, when the element that pushed it ends; NULL: it pushed none. Valid until the next push. */
const GString *odf_pop(OdfReader *reader, OdfFrame *frame);
/* Text goes to reader->capture until the element ends. */
void odf_capture(OdfReader *reader);

void odf_see_through(OdfReader *reader, const char *const *attributes);

/* ---- tables of elements -------------------------------------------------------------------------------- */

extern const OdfElement odf_text_elements[], odf_table_elements[], odf_page_elements[]; /* ended by a name of NULL */

/* ---- office_odf_text.c --------------------------------------------------------------------------------- */

void odf_changes_free(OdfReader *reader);
/* "[before text after]" of several lines: joined by " / ". */
void odf_remark_lines(OdfReader *reader, const char *before, const GString *lines, const char *after);

/* ---- office_odf_table.c -------------------------------------------------------------------------------- */

void odf_tables_free(OdfReader *reader);

/* ---- office_odf_page.c --------------------------------------------------------------------------------- */

/* The page layout that is read has this size. */
void odf_paper(OdfReader *reader, const char *const *attributes);
/* A paragraph, table or page that is of this page style, NULL: of none that is said. */
void odf_master_used(OdfReader *reader, const char *name);
/* Headers of the page styles in use, then the text, then footers and notes. */
void odf_pages_finish(OdfReader *reader, GString *out);
void odf_masters_free(OdfReader *reader);

G_END_DECLS

#endif
