#include "office_document_priv.h"

#include "office_flat_priv.h"
#include "office_fonts_priv.h"
#include "office_home_priv.h"
#include "office_kit_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
	ROWS_MAX =
	        50000, /* of a sheet: 750 pages of rows of usual height; each page takes time in proportion */
	SMALL = 1 << 20, /* bytes: a document of less has fewer rows, packed or not */
};

static char *home;

bool office_document_settle(const char *directory, GError **error)
{
	home = g_strdup(directory);
	return office_home_make(directory, error) && office_kit_start(directory, error);
}

void office_converted_clear(OfficeConverted *converted)
{
	office_text_clear(&converted->text);
	g_clear_pointer(&converted->pdf, g_mapped_file_unref);
}

/* ---- files ---------------------------------------------------------------------------------- */

static char *file_name(const char *name, const char *extension)
{
	return g_strdup_printf("%s/%s.%s", home, name, extension);
}

static bool write_all(int fd, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written <= 0 && errno != EINTR)
			return false;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return true;
}

static bool write_document(const char *path, const uint8_t *bytes, size_t length, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write_all(fd, bytes, length);
	if (!good)
		g_set_error(error, CELL_ERROR, CELL_ERROR_LIMIT, "the document cannot be written: %s",
		            g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

/* ---- the way of a document -------------------------------------------------------------------- */

static RenderStatus load(const OfficeDocument *document, GError **error)
{
	/* LibreOffice looks at the bytes, and at the name where they leave it open. The name is never the sender's. */
	g_autofree char *path = file_name("document", document->kind->extension);
	if (!write_document(path, document->bytes, document->length, error))
		return RENDER_STATUS_COUNT;
	return office_kit_load(path, document->kind->family);
}

/* A sheet can have a million rows in a document of a few megabytes: far more than all pages that may be, and than LibreOffice can save and
 * print in the time that there is. What is cut off is told as text that is cut. */
static void cut_sheets(const OfficeDocument *document, OfficeConverted *converted)
{
	if (document->kind->family == OFFICE_FAMILY_CALC && document->length > SMALL)
		converted->sheets_cut = office_kit_cut_sheets(ROWS_MAX);
}

static bool has_comments_to_show(const OfficeDocument *document, const OfficeConverted *converted)
{
	return document->beside[RENDER_BESIDE_COMMENTS] && converted->comments > 0;
}

/* LibreOfficeKit makes no boxes for comments of cells, and those without one are missing where it saves.
 * Making them takes a millisecond or more each. */
static void look_for_comments(const OfficeDocument *document, OfficeConverted *converted)
{
	if (document->kind->family == OFFICE_FAMILY_CALC)
		converted->comments = office_kit_count_comments();
	if (has_comments_to_show(document, converted))
		office_kit_show_comments(true);
}

/* All that the document holds, as text: what is hidden in it, and what is to be changed before it is printed. */
static RenderStatus save_flat(GMappedFile **ret_flat)
{
	g_autofree char *path = file_name("flat", office_kit_flat_name());
	RenderStatus status = office_kit_save_flat(path);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	*ret_flat = g_mapped_file_new(path, FALSE, NULL);
	return *ret_flat != NULL ? RENDER_STATUS_COMPLETE : RENDER_STATUS_DAMAGED;
}

static RenderStatus read_flat(const OfficeDocument *document, GMappedFile *flat, OfficeConverted *converted)
{
	OfficeTextOptions options = { .text = document->text, .max_text = document->max_text };
	memcpy(options.beside, document->beside, sizeof options.beside);
	RenderStatus status = office_text_read((const uint8_t *)g_mapped_file_get_contents(flat),
	                                       g_mapped_file_get_length(flat), &options, &converted->text);
	converted->text.text_cut += converted->sheets_cut;
	uint32_t *comments = &converted->text.beside[RENDER_BESIDE_COMMENTS];
	*comments = MAX(*comments, converted->comments);
	converted->missing_glyphs = office_fonts_missing(&converted->text);
	/* LibreOffice wrote the file: that it cannot be read is no fault of the format. */
	return status == RENDER_STATUS_UNSUPPORTED ? RENDER_STATUS_DAMAGED : status;
}

/* What LibreOfficeKit has no option for: the document, as flat ODF, is changed and loaded again. */
static RenderStatus reload_changed(const OfficeDocument *document, GMappedFile *flat,
                                   const OfficeConverted *converted, GError **error)
{
	const OfficeFlatChanges wanted = {
		.fit = document->kind->family == OFFICE_FAMILY_CALC,
		.comments = document->beside[RENDER_BESIDE_COMMENTS] &&
		            converted->text.beside[RENDER_BESIDE_COMMENTS] > 0,
	};
	g_autoptr(GByteArray) changed = office_flat_change((const uint8_t *)g_mapped_file_get_contents(flat),
	                                                   g_mapped_file_get_length(flat), &wanted);
	if (changed == NULL)
		return RENDER_STATUS_COMPLETE;
	g_autofree char *path = file_name("changed", office_kit_flat_name());
	if (!write_document(path, changed->data, changed->len, error))
		return RENDER_STATUS_COUNT;
	office_kit_close();
	return office_kit_load(path, document->kind->family);
}

static RenderStatus save_pdf(const OfficeDocument *document, OfficeConverted *converted)
{
	g_autofree char *path = file_name("pages", "pdf");
	const OfficeKitPdf options = { .pages = document->pages,
		                       .notes = document->beside[RENDER_BESIDE_NOTES] };
	RenderStatus status = office_kit_save_pdf(path, &options);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	converted->pdf = g_mapped_file_new(path, FALSE, NULL);
	return converted->pdf != NULL && g_mapped_file_get_length(converted->pdf) > 0
	               ? RENDER_STATUS_COMPLETE
	               : RENDER_STATUS_NO_PAGES;
}

static RenderStatus convert(const OfficeDocument *document, OfficeConverted *converted, GError **error)
{
	g_autoptr(GMappedFile) flat = NULL;
	RenderStatus status = load(document, error);
	if (status == RENDER_STATUS_COMPLETE) {
		cut_sheets(document, converted);
		look_for_comments(document, converted);
		status = save_flat(&flat);
	}
	if (status == RENDER_STATUS_COMPLETE)
		status = read_flat(document, flat, converted);
	if (status != RENDER_STATUS_COMPLETE || !document->pdf)
		return status;
	status = reload_changed(document, flat, converted, error);
	if (status != RENDER_STATUS_COMPLETE)
		return status;
	if (converted->text.beside[RENDER_BESIDE_CHANGES] > 0 &&
	    document->kind->family == OFFICE_FAMILY_WRITER)
		office_kit_show_changes(document->beside[RENDER_BESIDE_CHANGES]);
	if (has_comments_to_show(document, converted))
		office_kit_show_comments(false); /* they are listed; their boxes would hide cells */
	return save_pdf(document, converted);
}

bool office_document_convert(const OfficeDocument *document, OfficeConverted *ret_converted,
                             RenderStatus *ret_status, GError **error)
{
	*ret_status = RENDER_STATUS_UNAVAILABLE;
	if (!office_kit_has(document->kind->family))
		return true;
	*ret_status = convert(document, ret_converted, error);
	return *ret_status != RENDER_STATUS_COUNT;
}
