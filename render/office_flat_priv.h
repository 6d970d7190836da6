/* office_flat: a document as LibreOffice saved it in flat ODF, changed where LibreOfficeKit has no option. Jailed half only.
 *
 * As hostile as the document. What is written here is read by nobody but LibreOffice in the same process, which the document had already.
 * Linear; memory: a copy of the file, 8 bytes a column, the names of its styles.
 */
#ifndef MUGAI_RENDER_OFFICE_FLAT_PRIV_H
#define MUGAI_RENDER_OFFICE_FLAT_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	bool fit; /* sheets that have no page setup of their own, nor a place where a page begins, and are
	             wider than a page: to the width of one */
	bool comments; /* of a text: as endnotes; of a spreadsheet: listed after each sheet. Not those of slides */
} OfficeFlatChanges;

/* The changed file; NULL: nothing is to be changed. */
GByteArray *office_flat_change(const uint8_t *bytes, size_t length, const OfficeFlatChanges *wanted);

#endif
