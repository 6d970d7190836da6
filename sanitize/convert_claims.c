/* convert_claims: see convert_claims_priv.h. */
#include "convert_claims_priv.h"

#include <string.h>

static bool is_type(const ConvertClaims *claims, const char *type)
{
	return g_ascii_strcasecmp(claims->declared_type, type) == 0 ||
	       g_ascii_strcasecmp(claims->true_type, type) == 0;
}

static bool has_extension(const ConvertClaims *claims, const char *extension)
{
	size_t name = strlen(claims->name), length = strlen(extension);
	return name > length && g_ascii_strcasecmp(claims->name + name - length, extension) == 0;
}

static bool has_any_extension(const ConvertClaims *claims, const char *const *extensions)
{
	for (; *extensions != NULL; extensions++)
		if (has_extension(claims, *extensions))
			return true;
	return false;
}

/* prefixes: NULL-terminated. */
static bool begins_with_any(const char *type, const char *const *prefixes)
{
	for (; *prefixes != NULL; prefixes++)
		if (g_ascii_strncasecmp(type, *prefixes, strlen(*prefixes)) == 0)
			return true;
	return false;
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

RenderTable convert_table(const ConvertClaims *claims)
{
	if (is_type(claims, "text/csv") || has_extension(claims, ".csv"))
		return RENDER_TABLE_CSV;
	bool tabs = is_type(claims, "text/tab-separated-values") || has_extension(claims, ".tsv");
	return tabs ? RENDER_TABLE_TSV : RENDER_TABLE_NONE;
}

bool convert_is_html(const ConvertClaims *claims)
{
	return is_type(claims, "text/html") || is_type(claims, "application/xhtml+xml");
}

/* Whether it is worth trying as a text. What is none is found out where it is read. */
static bool may_be_text(const ConvertClaims *claims)
{
	return g_ascii_strncasecmp(claims->declared_type, "text/", 5) == 0 ||
	       g_ascii_strncasecmp(claims->true_type, "text/", 5) == 0 || has_extension(claims, ".txt") ||
	       convert_table(claims) != RENDER_TABLE_NONE;
}

/* Formats that libmagic may take for text: a PDF need not begin at the first byte (scanners and printers put their own
 * commands before it), a drawing is XML, and so is flat ODF. Read as a text, the reader would get its source. */
static bool claims_to_be_no_text(const ConvertClaims *claims)
{
	static const char *const extensions[] = { ".pdf", ".svg", ".rtf", ".fodt", ".fods", ".fodp", ".fodg", NULL };
	return is_type(claims, "application/pdf") || is_type(claims, "image/svg+xml") || is_type(claims, "text/rtf") ||
	       is_type(claims, "application/rtf") || has_any_extension(claims, extensions);
}

/* What libmagic takes for ordinary text. A jail's claim: where it is wrong, the other ways are tried next. */
static bool looks_like_text(const ConvertClaims *claims)
{
	static const char *const types[] = { "text/plain", "text/csv", "text/html" };
	if (claims_to_be_no_text(claims))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_ascii_strcasecmp(claims->true_type, types[i]) == 0)
			return true;
	return false;
}

/* ---- Office ------------------------------------------------------------------------------------------------------ */

static const char *const office_types[] = {
	"application/msword",
	"application/msexcel",
	"application/mspowerpoint",
	"application/vnd.ms-word",
	"application/vnd.ms-excel",
	"application/vnd.ms-powerpoint",
	"application/vnd.openxmlformats-officedocument.",
	"application/vnd.oasis.opendocument.",
	"application/rtf",
	"text/rtf",
	NULL,
};

static const char *const office_extensions[] = {
	".doc",  ".dot",  ".docx", ".docm", ".dotx", ".dotm", ".xls",  ".xlt",  ".xla",  ".xlsx", ".xlsm", ".xltx",
	".xltm", ".xlsb", ".ppt",  ".pps",  ".pot",  ".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm", ".odt",
	".ott",  ".fodt", ".ods",  ".ots",  ".fods", ".odp",  ".otp",  ".fodp", ".odg",  ".otg",  ".fodg", ".rtf",
	NULL,
};

/* What libmagic says of a container that it does not look into, or of nothing that it knows. */
static bool is_some_container(const char *type)
{
	static const char *const types[] = { "",
		                             "application/octet-stream",
		                             "application/zip",
		                             "application/cdfv2",
		                             "application/x-ole-storage",
		                             "application/encrypted",
		                             "application/xml",
		                             "text/xml" };
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_ascii_strcasecmp(type, types[i]) == 0)
			return true;
	return false;
}

/* The old formats, and new ones with a password. What else is made so (mails of Outlook) libmagic mostly knows by name. */
static bool is_compound_file(const char *type)
{
	return g_ascii_strcasecmp(type, "application/cdfv2") == 0 ||
	       g_ascii_strcasecmp(type, "application/x-ole-storage") == 0 ||
	       g_ascii_strcasecmp(type, "application/encrypted") == 0;
}

static bool is_called_office(const ConvertClaims *claims)
{
	return begins_with_any(claims->declared_type, office_types) || has_any_extension(claims, office_extensions);
}

static bool looks_like_office(const ConvertClaims *claims)
{
	return begins_with_any(claims->true_type, office_types) || is_compound_file(claims->true_type) ||
	       (is_some_container(claims->true_type) && is_called_office(claims));
}

static bool says_nothing(const ConvertClaims *claims)
{
	return *claims->true_type == '\0' && strrchr(claims->name, '.') == NULL;
}

bool convert_claims_office(const ConvertClaims *claims)
{
	return looks_like_office(claims) || is_called_office(claims);
}

bool convert_may_be_office(const ConvertClaims *claims)
{
	return convert_claims_office(claims) || says_nothing(claims);
}

/* ---- the ways ------------------------------------------------------------------------------------------------------ */

static ConvertWay first_way(const ConvertClaims *claims)
{
	if (looks_like_text(claims))
		return CONVERT_TEXT;
	return looks_like_office(claims) ? CONVERT_OFFICE : CONVERT_BYTES;
}

unsigned convert_ways(const ConvertClaims *claims, ConvertWay ret_ways[CONVERT_WAYS])
{
	/* The quick ones first; a text last, since so much can be read as one. */
	const struct {
		ConvertWay way;
		bool possible;
	} others[] = { { CONVERT_BYTES, true },
		       { CONVERT_OFFICE, convert_may_be_office(claims) },
		       { CONVERT_TEXT, may_be_text(claims) } };
	unsigned n = 0;
	ret_ways[n++] = first_way(claims);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (others[i].possible && others[i].way != ret_ways[0])
			ret_ways[n++] = others[i].way;
	return n;
}
