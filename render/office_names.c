/* office_names: the families of Office documents. For both sides of the wire; see office.h. */
#include "office.h"

const char *office_family_name(OfficeFamily family)
{
	static const char *const names[] = {
		[OFFICE_FAMILY_WRITER] = "writer",
		[OFFICE_FAMILY_CALC] = "calc",
		[OFFICE_FAMILY_IMPRESS] = "impress",
	};
	G_STATIC_ASSERT(G_N_ELEMENTS(names) == OFFICE_FAMILY_COUNT);
	return names[family];
}

OfficeFamily office_family_of(RenderFormat format)
{
	switch (format) {
	case RENDER_FORMAT_DOC:
	case RENDER_FORMAT_DOCX:
	case RENDER_FORMAT_ODT:
	case RENDER_FORMAT_RTF:
		return OFFICE_FAMILY_WRITER;
	case RENDER_FORMAT_XLS:
	case RENDER_FORMAT_XLSX:
	case RENDER_FORMAT_XLSB:
	case RENDER_FORMAT_ODS:
		return OFFICE_FAMILY_CALC;
	case RENDER_FORMAT_PPT:
	case RENDER_FORMAT_PPTX:
	case RENDER_FORMAT_ODP:
	case RENDER_FORMAT_ODG:
		return OFFICE_FAMILY_IMPRESS;
	default:
		return OFFICE_FAMILY_COUNT;
	}
}
