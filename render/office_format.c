#include "office_format_priv.h"

#include <expat.h>
#include <string.h>

enum { LEADING_BLANKS = 64, XML_PIECE = 1 << 16 };

static const char office_namespace[] = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";

const OfficeKind *office_kind(OfficeFormat format)
{
	static const OfficeKind kinds[OFFICE_FORMAT_COUNT] = {
		[OFFICE_FORMAT_NONE] = { RENDER_FORMAT_UNKNOWN, OFFICE_FAMILY_COUNT, NULL, NULL },
		[OFFICE_FORMAT_PACKAGE] = { RENDER_FORMAT_UNKNOWN, OFFICE_FAMILY_COUNT, NULL, NULL },
		[OFFICE_FORMAT_DOC] = { RENDER_FORMAT_DOC, OFFICE_FAMILY_WRITER, "MS Word 97", "doc" },
		[OFFICE_FORMAT_DOC_95] = { RENDER_FORMAT_DOC, OFFICE_FAMILY_WRITER, "MS Word 95", "doc" },
		[OFFICE_FORMAT_DOC_6] = { RENDER_FORMAT_DOC, OFFICE_FAMILY_WRITER, "MS WinWord 6", "doc" },
		[OFFICE_FORMAT_XLS] = { RENDER_FORMAT_XLS, OFFICE_FAMILY_CALC, "MS Excel 97", "xls" },
		[OFFICE_FORMAT_XLS_95] = { RENDER_FORMAT_XLS, OFFICE_FAMILY_CALC, "MS Excel 95", "xls" },
		[OFFICE_FORMAT_XLS_4] = { RENDER_FORMAT_XLS, OFFICE_FAMILY_CALC, "MS Excel 4.0", "xls" },
		[OFFICE_FORMAT_PPT] = { RENDER_FORMAT_PPT, OFFICE_FAMILY_IMPRESS, "MS PowerPoint 97", "ppt" },
		[OFFICE_FORMAT_DOCX] = { RENDER_FORMAT_DOCX, OFFICE_FAMILY_WRITER, "MS Word 2007 XML", "docx" },
		[OFFICE_FORMAT_XLSX] = { RENDER_FORMAT_XLSX, OFFICE_FAMILY_CALC, "Calc MS Excel 2007 XML", "xlsx" },
		[OFFICE_FORMAT_XLSB] = { RENDER_FORMAT_XLSB, OFFICE_FAMILY_CALC, "Calc MS Excel 2007 Binary", "xlsb" },
		[OFFICE_FORMAT_PPTX] = { RENDER_FORMAT_PPTX, OFFICE_FAMILY_IMPRESS, "Impress MS PowerPoint 2007 XML", "pptx" },
		[OFFICE_FORMAT_ODT] = { RENDER_FORMAT_ODT, OFFICE_FAMILY_WRITER, "writer8", "odt" },
		[OFFICE_FORMAT_ODS] = { RENDER_FORMAT_ODS, OFFICE_FAMILY_CALC, "calc8", "ods" },
		[OFFICE_FORMAT_ODP] = { RENDER_FORMAT_ODP, OFFICE_FAMILY_IMPRESS, "impress8", "odp" },
		[OFFICE_FORMAT_ODG] = { RENDER_FORMAT_ODG, OFFICE_FAMILY_IMPRESS, "draw8", "odg" },
		[OFFICE_FORMAT_FODT] = { RENDER_FORMAT_ODT, OFFICE_FAMILY_WRITER, "OpenDocument Text Flat XML", "fodt" },
		[OFFICE_FORMAT_FODS] = { RENDER_FORMAT_ODS, OFFICE_FAMILY_CALC, "OpenDocument Spreadsheet Flat XML", "fods" },
		[OFFICE_FORMAT_FODP] = { RENDER_FORMAT_ODP, OFFICE_FAMILY_IMPRESS, "OpenDocument Presentation Flat XML", "fodp" },
		[OFFICE_FORMAT_FODG] = { RENDER_FORMAT_ODG, OFFICE_FAMILY_IMPRESS, "OpenDocument Drawing Flat XML", "fodg" },
		[OFFICE_FORMAT_RTF] = { RENDER_FORMAT_RTF, OFFICE_FAMILY_WRITER, "Rich Text Format", "rtf" },
	};
	return &kinds[format];
}

OfficeFormat office_odf_format(const char *type, size_t length)
{
	static const char prefix[] = "application/vnd.oasis.opendocument.";
	static const struct {
		const char *name;
		OfficeFormat format;
	} kinds[] = {
		{ "text", OFFICE_FORMAT_ODT },         { "text-template", OFFICE_FORMAT_ODT },
		{ "spreadsheet", OFFICE_FORMAT_ODS },  { "spreadsheet-template", OFFICE_FORMAT_ODS },
		{ "presentation", OFFICE_FORMAT_ODP }, { "presentation-template", OFFICE_FORMAT_ODP },
		{ "graphics", OFFICE_FORMAT_ODG },     { "graphics-template", OFFICE_FORMAT_ODG },
	};
	const size_t lead = sizeof prefix - 1;
	while (length > 0 && g_ascii_isspace(type[length - 1]))
		length--;
	if (length <= lead || memcmp(type, prefix, lead) != 0)
		return OFFICE_FORMAT_NONE;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (length - lead == strlen(kinds[i].name) && memcmp(type + lead, kinds[i].name, length - lead) == 0)
			return kinds[i].format;
	return OFFICE_FORMAT_NONE;
}

/* ---- flat ODF ---------------------------------------------------------------------------------------------------- */

typedef struct {
	XML_Parser parser;
	OfficeFormat format;
	bool rooted;
	OfficeFacts *facts;
} Flat;

static OfficeFormat flat_of(OfficeFormat packed)
{
	return packed == OFFICE_FORMAT_NONE ? packed : packed - OFFICE_FORMAT_ODT + OFFICE_FORMAT_FODT;
}

static bool in_office(const char *name, const char *local)
{
	size_t lead = sizeof office_namespace - 1;
	return strncmp(name, office_namespace, lead) == 0 && name[lead] == ' ' && strcmp(name + lead + 1, local) == 0;
}

static void on_root(Flat *flat, const char *name, const char **attribute)
{
	flat->rooted = true;
	for (; in_office(name, "document") && *attribute != NULL; attribute += 2)
		if (in_office(attribute[0], "mimetype"))
			flat->format = flat_of(office_odf_format(attribute[1], strlen(attribute[1])));
	if (flat->format == OFFICE_FORMAT_NONE)
		XML_StopParser(flat->parser, XML_FALSE);
}

static void on_flat_element(void *user, const char *name, const char **attribute)
{
	Flat *flat = user;
	if (!flat->rooted) {
		on_root(flat, name, attribute);
		return;
	}
	const char *local = strrchr(name, ' ');
	local = local == NULL ? name : local + 1;
	if (strcmp(local, "module") == 0)
		flat->facts->lost[RENDER_LOST_MACROS]++;
	else if (strcmp(local, "object") == 0 || strcmp(local, "object-ole") == 0)
		flat->facts->lost[RENDER_LOST_FILES]++;
}

/* An entity of the document's own is nothing that an Office program writes; it is how small files become large ones. */
static void on_entity(void *user, const XML_Char *name, int parameter, const XML_Char *value, int length,
                      const XML_Char *base, const XML_Char *system, const XML_Char *public, const XML_Char *notation)
{
	Flat *flat = user;
	(void)name, (void)parameter, (void)value, (void)length, (void)base, (void)system, (void)public, (void)notation;
	XML_StopParser(flat->parser, XML_FALSE);
}

static OfficeFormat flat_format(const uint8_t *bytes, size_t length, OfficeFacts *facts)
{
	Flat flat = { .parser = XML_ParserCreateNS(NULL, ' '), .facts = facts };
	enum XML_Status status = flat.parser == NULL ? XML_STATUS_ERROR : XML_STATUS_OK;
	if (flat.parser == NULL)
		return OFFICE_FORMAT_NONE;
	XML_SetUserData(flat.parser, &flat);
	XML_SetStartElementHandler(flat.parser, on_flat_element);
	XML_SetEntityDeclHandler(flat.parser, on_entity);
	for (size_t at = 0; at < length && status == XML_STATUS_OK; at += XML_PIECE) {
		size_t piece = MIN(length - at, (size_t)XML_PIECE);
		status = XML_Parse(flat.parser, (const char *)bytes + at, (int)piece, at + piece == length);
		/* What has no element by then is no document. */
		if (!flat.rooted)
			break;
	}
	facts->damaged = status != XML_STATUS_OK;
	XML_ParserFree(flat.parser);
	return flat.format;
}

/* ---- RTF --------------------------------------------------------------------------------------------------------- */

/* A control word, whole: "\objdata" is none of "\objdatax". */
static bool is_word(const uint8_t *at, size_t left, const char *word)
{
	size_t length = strlen(word);
	return left > length && memcmp(at, word, length) == 0 && !g_ascii_isalpha(at[length]);
}

static void rtf_facts(const uint8_t *bytes, size_t length, OfficeFacts *facts)
{
	static const struct {
		const char *word;
		RenderLost lost;
	} words[] = {
		{ "objdata", RENDER_LOST_FILES },         { "objlink", RENDER_LOST_REFERENCES },
		{ "objautlink", RENDER_LOST_REFERENCES }, { "objsub", RENDER_LOST_REFERENCES },
		{ "template", RENDER_LOST_REFERENCES },   { "INCLUDEPICTURE", RENDER_LOST_REFERENCES },
		{ "INCLUDETEXT", RENDER_LOST_REFERENCES }, { "DDEAUTO", RENDER_LOST_REFERENCES },
		{ "DDE", RENDER_LOST_REFERENCES },        { "LINK", RENDER_LOST_REFERENCES },
	};
	for (size_t i = 1; i < length; i++) {
		bool control = bytes[i - 1] == '\\';
		/* The instructions of fields are words of the text, behind a blank or a brace. */
		bool field = bytes[i - 1] == ' ' || bytes[i - 1] == '{';
		if (!control && !(field && g_ascii_isupper(bytes[i])))
			continue;
		for (size_t k = 0; k < G_N_ELEMENTS(words); k++)
			if (g_ascii_isupper(words[k].word[0]) == field && is_word(bytes + i, length - i, words[k].word))
				facts->lost[words[k].lost]++;
	}
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static bool begins(const uint8_t *bytes, size_t length, const char *with, size_t n)
{
	return length >= n && memcmp(bytes, with, n) == 0;
}

/* BOF of BIFF 2, 3 and 4, with its length and the type of a sheet, a chart, a macro sheet or a workspace. */
static bool is_biff(const uint8_t *bytes, size_t length)
{
	static const uint8_t versions[] = { 0x00, 0x02, 0x04 };
	if (length < 8 || bytes[0] != 0x09 || memchr(versions, bytes[1], sizeof versions) == NULL || bytes[3] != 0)
		return false;
	bool type = (bytes[6] == 0x10 || bytes[6] == 0x20 || bytes[6] == 0x40) && bytes[7] == 0;
	return type && (bytes[1] == 0 ? bytes[2] == 4 : bytes[2] == 6);
}

static OfficeFormat tell(const uint8_t *bytes, size_t length, OfficeFacts *facts)
{
	if (begins(bytes, length, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8))
		return office_ole_format(bytes, length, facts);
	if (begins(bytes, length, "PK\003\004", 4))
		return office_zip_format(bytes, length, facts);
	if (is_biff(bytes, length))
		return OFFICE_FORMAT_XLS_4;
	size_t blanks = 0;
	while (blanks < MIN(length, (size_t)LEADING_BLANKS) && g_ascii_isspace(bytes[blanks]))
		blanks++;
	if (!begins(bytes + blanks, length - blanks, "{\\rtf", 5))
		return flat_format(bytes, length, facts);
	rtf_facts(bytes, length, facts);
	return OFFICE_FORMAT_RTF;
}

OfficeFormat office_format(const uint8_t *bytes, size_t length, OfficeFacts *ret_facts)
{
	*ret_facts = (OfficeFacts) { 0 };
	if (length == 0) /* and then there may be no bytes at all */
		return OFFICE_FORMAT_NONE;
	OfficeFormat format = tell(bytes, length, ret_facts);
	/* Of what is none of them, nothing is said. */
	if (format == OFFICE_FORMAT_NONE)
		*ret_facts = (OfficeFacts) { 0 };
	return format;
}
