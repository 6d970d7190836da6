/* office_kit: LibreOffice in this process, by LibreOfficeKit. Jailed half only. One document in the life of a process.
 *
 * LibreOffice has threads of its own; these functions are called by one thread of ours.
 */
#ifndef MUGAI_RENDER_OFFICE_KIT_PRIV_H
#define MUGAI_RENDER_OFFICE_KIT_PRIV_H

#include "office.h"

/* Loads the libraries that every document needs, and nothing more: no code of LibreOffice runs but its constructors. In the
 * zygote: what they weigh is then shared by all children. CELL_ERROR_UNAVAILABLE: not installed. */
bool office_kit_preload(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Starts it in a home (office_home.h). Starts threads. */
bool office_kit_start(const char *home, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* True if it can load and save documents of the family at all: its package is installed. */
bool office_kit_has(OfficeFamily family);

/* Loads the file, whose name must end as its format is to be read ("document.xlsx"). RENDER_STATUS_COMPLETE; _DAMAGED: it cannot be read,
 * or turns out to be of another family; _ENCRYPTED: a password was asked for. */
RenderStatus office_kit_load(const char *path, OfficeFamily family) G_GNUC_WARN_UNUSED_RESULT;

/* Forgets the document that is loaded. */
void office_kit_close(void);

/* Of a spreadsheet: removes what is past so many rows of each sheet. Returns of how many sheets something was. */
unsigned office_kit_cut_sheets(unsigned rows);

/* Of a text document: tracked changes as they are marked, or as if all were accepted. */
void office_kit_show_changes(bool shown);

/* Of a spreadsheet: comments of cells, of all sheets. */
unsigned office_kit_count_comments(void);

/* Of a spreadsheet: the boxes of the comments, on its first sheets. A comment without a box is not saved; a
 * shown one is printed. */
void office_kit_show_comments(bool shown);

typedef struct {
	unsigned pages; /* the first ones */
	bool notes;     /* of slides: a page each, after the slides */
} OfficeKitPdf;

/* RENDER_STATUS_COMPLETE; _DAMAGED: LibreOffice loaded the document and cannot save it. A document without pages gives no error, and
 * no file. */
RenderStatus office_kit_save_pdf(const char *path, const OfficeKitPdf *options) G_GNUC_WARN_UNUSED_RESULT;

/* As flat ODF, with all that it holds. */
RenderStatus office_kit_save_flat(const char *path) G_GNUC_WARN_UNUSED_RESULT;

/* The end of the file names that it is saved under ("fods"), by what is loaded. Static. */
const char *office_kit_flat_name(void);

#endif
