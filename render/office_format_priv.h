/* office_format: which Office document some bytes are, by themselves, and what it brings that will not be run, opened or fetched. Jailed half only.
 *
 * LibreOffice is told the filter that is named here, never to find one: what a sender calls a file, and what LibreOffice would take it for, decide
 * nothing. The readers are our own over the containers (OLE2, zip, RTF), and expat over the few small XML files in a zip; all of them are
 * linear in the input, and take memory for a part of it at most. What they count is a claim: a document can hide things from them.
 */
#ifndef MUGAI_RENDER_OFFICE_FORMAT_PRIV_H
#define MUGAI_RENDER_OFFICE_FORMAT_PRIV_H

#include "office.h"

typedef enum {
	OFFICE_FORMAT_NONE = 0, /* none that is converted here */
	OFFICE_FORMAT_PACKAGE,  /* one of them, but its container cannot be looked into: encrypted or damaged */
	OFFICE_FORMAT_DOC,
	OFFICE_FORMAT_DOC_95,
	OFFICE_FORMAT_DOC_6,
	OFFICE_FORMAT_XLS,
	OFFICE_FORMAT_XLS_95,
	OFFICE_FORMAT_XLS_4, /* and before: a stream of records without a container */
	OFFICE_FORMAT_PPT,
	OFFICE_FORMAT_DOCX,
	OFFICE_FORMAT_XLSX,
	OFFICE_FORMAT_XLSB,
	OFFICE_FORMAT_PPTX,
	OFFICE_FORMAT_ODT,
	OFFICE_FORMAT_ODS,
	OFFICE_FORMAT_ODP,
	OFFICE_FORMAT_ODG,
	OFFICE_FORMAT_FODT,
	OFFICE_FORMAT_FODS,
	OFFICE_FORMAT_FODP,
	OFFICE_FORMAT_FODG,
	OFFICE_FORMAT_RTF,
	OFFICE_FORMAT_COUNT
} OfficeFormat;

typedef struct {
	RenderFormat format;
	OfficeFamily family;   /* OFFICE_FAMILY_COUNT for NONE and PACKAGE */
	const char *filter;    /* LibreOffice's import filter; NULL for NONE and PACKAGE */
	const char *extension; /* "docx"; NULL likewise */
} OfficeKind;

/* Static. */
const OfficeKind *office_kind(OfficeFormat format);

typedef struct {
	bool encrypted; /* a password is needed; for XLS and PACKAGE it may be one that every program knows, and LibreOffice tries */
	bool damaged;   /* the container is cut or broken; LibreOffice may still read it, unless the format is PACKAGE */
	/* Of RenderLost: MACROS (projects, macro sheets), FILES (embedded objects), SIGNATURES, REFERENCES (linked objects,
	 * pictures, templates, other documents). The others stay 0. */
	uint32_t lost[RENDER_LOST_COUNT];
} OfficeFacts;

OfficeFormat office_format(const uint8_t *bytes, size_t length, OfficeFacts *ret_facts);

/* ---- the containers, for office_format() ------------------------------------------------------------------------- */

OfficeFormat office_ole_format(const uint8_t *bytes, size_t length, OfficeFacts *facts);
OfficeFormat office_zip_format(const uint8_t *bytes, size_t length, OfficeFacts *facts);

/* By an ODF media type, which may have more behind it than length; NONE for others. */
OfficeFormat office_odf_format(const char *type, size_t length);

#endif
