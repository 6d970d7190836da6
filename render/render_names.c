/* render_names: what statuses, formats and losses are called, and which failures are a document's. Trusted; see render.h.
 *
 * An enumeration that grew stops the build here: each of these tables ends with the last name of its own. */
#include "render_priv.h"

const char *render_status_name(RenderStatus status)
{
	static const char *const names[] = {
		[RENDER_STATUS_COMPLETE] = "complete",   [RENDER_STATUS_UNSUPPORTED] = "unsupported",
		[RENDER_STATUS_ENCRYPTED] = "encrypted", [RENDER_STATUS_DAMAGED] = "damaged",
		[RENDER_STATUS_TOO_LARGE] = "too-large", [RENDER_STATUS_NO_PAGES] = "no-pages",
		[RENDER_STATUS_LIMIT] = "limit",         [RENDER_STATUS_JAILED] = "jailed",
		[RENDER_STATUS_TIME] = "time",           [RENDER_STATUS_MEMORY] = "memory",
		[RENDER_STATUS_CRASH] = "crash",         [RENDER_STATUS_OUTPUT] = "output-size",
		[RENDER_STATUS_DEADLINE] = "deadline",   [RENDER_STATUS_UNAVAILABLE] = "unavailable",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(names) == RENDER_STATUS_COUNT);
	return names[status];
}

const char *render_format_name(RenderFormat format)
{
	static const char *const names[] = {
		[RENDER_FORMAT_UNKNOWN] = "unknown", [RENDER_FORMAT_PDF] = "PDF",   [RENDER_FORMAT_PNG] = "PNG",
		[RENDER_FORMAT_JPEG] = "JPEG",       [RENDER_FORMAT_GIF] = "GIF",   [RENDER_FORMAT_BMP] = "BMP",
		[RENDER_FORMAT_TIFF] = "TIFF",       [RENDER_FORMAT_WEBP] = "WebP", [RENDER_FORMAT_HEIF] = "HEIF",
		[RENDER_FORMAT_AVIF] = "AVIF",       [RENDER_FORMAT_JP2] = "JPEG 2000", [RENDER_FORMAT_SVG] = "SVG",
		[RENDER_FORMAT_TEXT] = "text",       [RENDER_FORMAT_CSV] = "CSV",   [RENDER_FORMAT_TSV] = "TSV",
		[RENDER_FORMAT_DOC] = "Word",        [RENDER_FORMAT_DOCX] = "Word (OOXML)",
		[RENDER_FORMAT_ODT] = "ODF text",    [RENDER_FORMAT_RTF] = "RTF",
		[RENDER_FORMAT_XLS] = "Excel",       [RENDER_FORMAT_XLSX] = "Excel (OOXML)",
		[RENDER_FORMAT_XLSB] = "Excel (binary)", [RENDER_FORMAT_ODS] = "ODF spreadsheet",
		[RENDER_FORMAT_PPT] = "PowerPoint",  [RENDER_FORMAT_PPTX] = "PowerPoint (OOXML)",
		[RENDER_FORMAT_ODP] = "ODF presentation", [RENDER_FORMAT_ODG] = "ODF drawing",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(names) == RENDER_FORMAT_COUNT);
	return names[format];
}

const char *render_lost_name(RenderLost lost)
{
	static const char *const names[] = {
		[RENDER_LOST_LINKS] = "links",           [RENDER_LOST_SCRIPTS] = "scripts",
		[RENDER_LOST_FORMS] = "forms",           [RENDER_LOST_FILES] = "files",
		[RENDER_LOST_SIGNATURES] = "signatures", [RENDER_LOST_COMMENTS] = "comments",
		[RENDER_LOST_MEDIA] = "media",           [RENDER_LOST_FRAMES] = "frames",
		[RENDER_LOST_REFERENCES] = "references", [RENDER_LOST_MACROS] = "macros",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(names) == RENDER_LOST_COUNT);
	return names[lost];
}

const char *render_hidden_name(RenderHidden hidden)
{
	static const char *const names[] = {
		[RENDER_HIDDEN_SHEETS] = "sheets",   [RENDER_HIDDEN_ROWS] = "rows",   [RENDER_HIDDEN_COLUMNS] = "columns",
		[RENDER_HIDDEN_SLIDES] = "slides",   [RENDER_HIDDEN_TEXTS] = "texts",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(names) == RENDER_HIDDEN_COUNT);
	return names[hidden];
}

const char *render_beside_name(RenderBeside beside)
{
	static const char *const names[] = {
		[RENDER_BESIDE_CHANGES] = "changes",
		[RENDER_BESIDE_COMMENTS] = "comments",
		[RENDER_BESIDE_NOTES] = "notes",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(names) == RENDER_BESIDE_COUNT);
	return names[beside];
}

RenderStatus render_status_of_error(const GError *error)
{
	/* Not tried again where the host can never have room for it: its mail would wait until it expires. */
	if (g_error_matches(error, CELL_ERROR, CELL_ERROR_MEMORY) || g_error_matches(error, CELL_ERROR, CELL_ERROR_BUDGET))
		return RENDER_STATUS_MEMORY;
	if (g_error_matches(error, CELL_ERROR, CELL_ERROR_LIMIT) || g_error_matches(error, CELL_ERROR, CELL_ERROR_TIMEOUT))
		return RENDER_STATUS_TIME;
	return cell_error_blames_content(error) ? RENDER_STATUS_CRASH : RENDER_STATUS_COMPLETE;
}
