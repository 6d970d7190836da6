/* office_zip: the directory of a zip, and of its members the few small ones that tell what it is and what it refers to. Members are inflated in
 * pieces and never held; how much of one is looked at is bounded, and so are all together. */
#include "office_format_priv.h"

#include <expat.h>
#include <string.h>
#include <zlib.h>

enum {
	END_RECORD = 22,
	COMMENT_MAX = 65535,
	MEMBERS_MAX = 200 * 1000,
	NAME_MAX_BYTES = 1024, /* a longer one is none that is looked for */
	PIECE = 1 << 14,
	MEMBER_MAX = 8 << 20,  /* inflated: of one member */
	ALL_MAX = 64 << 20,    /* of all that are looked at */
	TYPE_MAX = 256,
};

typedef struct {
	char *name; /* NUL-terminated; bytes as they are */
	uint16_t flags, method;
	uint64_t packed, offset;
} Member;

typedef struct {
	const uint8_t *bytes;
	size_t length;
	GArray *members; /* of Member */
	uint64_t looked_at;
	OfficeFacts *facts;
} Zip;

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) | (uint32_t)get16(at + 2) << 16;
}

static uint64_t get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static void clear_member(void *data)
{
	g_free(((Member *)data)->name);
}

/* ---- the directory ------------------------------------------------------------------------------------------------- */

/* Of the whole file: where the last record of the directory stands; length: nowhere. */
static size_t find_end(const Zip *zip)
{
	size_t lowest = zip->length > END_RECORD + COMMENT_MAX ? zip->length - END_RECORD - COMMENT_MAX : 0;
	for (size_t at = zip->length; at >= lowest + END_RECORD; at--)
		if (memcmp(zip->bytes + at - END_RECORD, "PK\005\006", 4) == 0)
			return at - END_RECORD;
	return zip->length;
}

/* Where the directory begins; length: nowhere. */
static uint64_t find_directory(const Zip *zip)
{
	enum { LOCATOR = 20, END_64 = 56 };
	size_t end = find_end(zip);
	if (end == zip->length)
		return end;
	uint64_t offset = get32(zip->bytes + end + 16);
	if (offset != UINT32_MAX || end < LOCATOR || memcmp(zip->bytes + end - LOCATOR, "PK\006\007", 4) != 0)
		return MIN(offset, zip->length);
	uint64_t end_64 = get64(zip->bytes + end - LOCATOR + 8);
	if (zip->length < END_64 || end_64 > zip->length - END_64 || memcmp(zip->bytes + end_64, "PK\006\006", 4) != 0)
		return zip->length;
	return MIN(get64(zip->bytes + end_64 + 48), zip->length);
}

/* Sizes and places that do not fit their fields stand in a field of their own, in this order, each only where it does not fit. */
static void widen(Member *member, uint32_t size, const uint8_t *extra, size_t length)
{
	while (length >= 4 && get16(extra) != 1 && length - 4 >= get16(extra + 2)) {
		size_t skip = 4 + (size_t)get16(extra + 2);
		extra += skip;
		length -= skip;
	}
	if (length < 4 || get16(extra) != 1)
		return;
	size_t left = MIN(length - 4, get16(extra + 2)), at = size == UINT32_MAX ? 8 : 0;
	if (member->packed == UINT32_MAX && left >= at + 8) {
		member->packed = get64(extra + 4 + at);
		at += 8;
	}
	if (member->offset == UINT32_MAX && left >= at + 8)
		member->offset = get64(extra + 4 + at);
}

/* The length of the entry; 0: it is none, or does not end in the file. */
static size_t read_member(Zip *zip, const uint8_t *at, size_t left)
{
	enum { ENTRY = 46 };
	if (left < ENTRY || memcmp(at, "PK\001\002", 4) != 0)
		return 0;
	size_t name = get16(at + 28), extra = get16(at + 30), length = ENTRY + name + extra + get16(at + 32);
	if (length > left)
		return 0;
	Member member = { .flags = get16(at + 8), .method = get16(at + 10), .packed = get32(at + 20), .offset = get32(at + 42) };
	widen(&member, get32(at + 24), at + ENTRY + name, extra);
	member.name = g_strndup((const char *)at + ENTRY, MIN(name, NAME_MAX_BYTES));
	/* A path is one, whichever way its dashes lean. */
	for (char *c = member.name; *c != '\0'; c++)
		*c = *c == '\\' ? '/' : *c;
	g_array_append_val(zip->members, member);
	return length;
}

static bool read_directory(Zip *zip)
{
	uint64_t at = find_directory(zip);
	while (zip->members->len < MEMBERS_MAX && at < zip->length) {
		size_t length = read_member(zip, zip->bytes + at, zip->length - (size_t)at);
		if (length == 0)
			break;
		at += length;
	}
	return zip->members->len > 0;
}

/* Names in a package differ in more than case, or they are one. Of two members the last is meant, as for LibreOffice. */
static const Member *find(const Zip *zip, const char *name)
{
	for (guint i = zip->members->len; i > 0; i--) {
		const Member *member = &g_array_index(zip->members, Member, i - 1);
		if (g_ascii_strcasecmp(member->name, name) == 0)
			return member;
	}
	return NULL;
}

/* ---- what is in a member ------------------------------------------------------------------------------------------- */

/* False: no more is wanted. */
typedef bool (*Taker)(void *user, const uint8_t *bytes, size_t length);

static bool take(Zip *zip, Taker taker, void *user, const uint8_t *bytes, size_t length)
{
	zip->looked_at += length;
	return zip->looked_at <= ALL_MAX && taker(user, bytes, length);
}

static bool take_stored(Zip *zip, const uint8_t *bytes, size_t length, Taker taker, void *user)
{
	length = MIN(length, MEMBER_MAX);
	for (size_t at = 0; at < length; at += PIECE)
		if (!take(zip, taker, user, bytes + at, MIN((size_t)PIECE, length - at)))
			return true;
	return true;
}

static bool take_deflated(Zip *zip, const uint8_t *bytes, size_t length, Taker taker, void *user)
{
	uint8_t piece[PIECE];
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)MIN(length, UINT_MAX) };
	int status = inflateInit2(&stream, -MAX_WBITS);
	bool wanted = status == Z_OK;
	for (size_t all = 0; wanted && status == Z_OK && all < MEMBER_MAX;) {
		stream.next_out = piece;
		stream.avail_out = sizeof piece;
		status = inflate(&stream, Z_NO_FLUSH);
		size_t made = sizeof piece - stream.avail_out;
		all += made;
		wanted = take(zip, taker, user, piece, made) && (made > 0 || status == Z_STREAM_END);
	}
	inflateEnd(&stream);
	return status == Z_OK || status == Z_STREAM_END;
}

/* False: it is broken, or there is none. */
static bool read_whole(Zip *zip, const Member *member, Taker taker, void *user)
{
	enum { LOCAL = 30, ENCRYPTED = 1, STORED = 0, DEFLATED = 8 };
	if (member == NULL || zip->length < LOCAL || member->offset > zip->length - LOCAL)
		return false;
	const uint8_t *local = zip->bytes + member->offset;
	uint64_t from = member->offset + LOCAL + get16(local + 26) + get16(local + 28);
	if (memcmp(local, "PK\003\004", 4) != 0 || from > zip->length || (member->flags & ENCRYPTED) != 0)
		return false;
	size_t length = (size_t)MIN(member->packed, zip->length - from);
	if (member->method == STORED)
		return take_stored(zip, zip->bytes + from, length, taker, user);
	return member->method == DEFLATED && take_deflated(zip, zip->bytes + from, length, taker, user);
}

/* ---- XML in a member ----------------------------------------------------------------------------------------------- */

typedef struct {
	XML_Parser parser;
	const char *relation; /* what is looked for: see on_type() */
	char *found, *fallback, *by_extension;
	OfficeFacts *facts;
} Xml;

/* In whichever namespace. */
static const char *local_name(const char *name)
{
	const char *blank = strrchr(name, ' ');
	return blank == NULL ? name : blank + 1;
}

static const char *attribute(const char **attributes, const char *name)
{
	for (; *attributes != NULL; attributes += 2)
		if (strcmp(local_name(attributes[0]), name) == 0)
			return attributes[1];
	return "";
}

static bool take_xml(void *user, const uint8_t *bytes, size_t length)
{
	Xml *xml = user;
	return XML_Parse(xml->parser, (const char *)bytes, (int)length, XML_FALSE) == XML_STATUS_OK;
}

/* An entity of its own, and no more of it is read. */
static void on_entity(void *user, const XML_Char *name, int parameter, const XML_Char *value, int length,
                      const XML_Char *base, const XML_Char *system, const XML_Char *public, const XML_Char *notation)
{
	Xml *xml = user;
	(void)name, (void)parameter, (void)value, (void)length, (void)base, (void)system, (void)public, (void)notation;
	XML_StopParser(xml->parser, XML_FALSE);
}

static bool read_xml(Zip *zip, const Member *member, Xml *xml, XML_StartElementHandler on_element)
{
	xml->parser = XML_ParserCreateNS(NULL, ' ');
	if (xml->parser == NULL)
		return false;
	XML_SetUserData(xml->parser, xml);
	XML_SetStartElementHandler(xml->parser, on_element);
	XML_SetEntityDeclHandler(xml->parser, on_entity);
	bool read = read_whole(zip, member, take_xml, xml) && XML_GetErrorCode(xml->parser) == XML_ERROR_NONE;
	XML_ParserFree(xml->parser);
	return read;
}

static void keep(char **place, const char *text)
{
	if (*place == NULL)
		*place = g_strdup(text);
}

/* ---- OOXML --------------------------------------------------------------------------------------------------------- */

static OfficeFormat ooxml_format(const char *type)
{
	static const struct {
		const char *type;
		OfficeFormat format;
	} types[] = {
		{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", OFFICE_FORMAT_DOCX },
		{ "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml", OFFICE_FORMAT_DOCX },
		{ "application/vnd.ms-word.document.macroEnabled.main+xml", OFFICE_FORMAT_DOCX },
		{ "application/vnd.ms-word.template.macroEnabledTemplate.main+xml", OFFICE_FORMAT_DOCX },
		{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", OFFICE_FORMAT_XLSX },
		{ "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", OFFICE_FORMAT_XLSX },
		{ "application/vnd.ms-excel.sheet.macroEnabled.main+xml", OFFICE_FORMAT_XLSX },
		{ "application/vnd.ms-excel.template.macroEnabled.main+xml", OFFICE_FORMAT_XLSX },
		{ "application/vnd.ms-excel.addin.macroEnabled.main+xml", OFFICE_FORMAT_XLSX },
		{ "application/vnd.ms-excel.sheet.binary.macroEnabled.main", OFFICE_FORMAT_XLSB },
		{ "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", OFFICE_FORMAT_PPTX },
		{ "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml", OFFICE_FORMAT_PPTX },
		{ "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml", OFFICE_FORMAT_PPTX },
		{ "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", OFFICE_FORMAT_PPTX },
		{ "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", OFFICE_FORMAT_PPTX },
		{ "application/vnd.ms-powerpoint.template.macroEnabled.main+xml", OFFICE_FORMAT_PPTX },
	};
	for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(types); i++)
		if (g_ascii_strcasecmp(type, types[i].type) == 0)
			return types[i].format;
	return OFFICE_FORMAT_NONE;
}

static void on_type(void *user, const char *name, const char **attributes)
{
	Xml *xml = user;
	const char *type = attribute(attributes, "ContentType"), *part = attribute(attributes, "PartName");
	bool override = strcmp(local_name(name), "Override") == 0;
	if (override && *part == '/' && xml->relation != NULL && g_ascii_strcasecmp(part + 1, xml->relation) == 0)
		keep(&xml->found, type);
	else if (override && ooxml_format(type) != OFFICE_FORMAT_NONE)
		keep(&xml->fallback, type);
	else if (strcmp(local_name(name), "Default") == 0 && xml->relation != NULL &&
	         g_str_has_suffix(xml->relation, attribute(attributes, "Extension")))
		keep(&xml->by_extension, type);
}

static bool is_external(const char **attributes)
{
	return g_ascii_strcasecmp(attribute(attributes, "TargetMode"), "External") == 0;
}

/* The package's own relations: which part is the document. */
static void on_root_relation(void *user, const char *name, const char **attributes)
{
	Xml *xml = user;
	if (strcmp(local_name(name), "Relationship") != 0 || is_external(attributes))
		return;
	const char *target = attribute(attributes, "Target");
	if (g_str_has_suffix(attribute(attributes, "Type"), "/officeDocument"))
		keep(&xml->found, *target == '/' ? target + 1 : target);
}

/* What is fetched when the document is opened; a link that somebody has to click is not. */
static void on_relation(void *user, const char *name, const char **attributes)
{
	Xml *xml = user;
	if (strcmp(local_name(name), "Relationship") == 0 && is_external(attributes) &&
	    !g_str_has_suffix(attribute(attributes, "Type"), "/hyperlink"))
		xml->facts->lost[RENDER_LOST_REFERENCES]++;
}

static bool is_below(const char *name, const char *folder, const char *end)
{
	const char *found = g_strstr_len(name, -1, folder);
	return found != NULL && (found == name || found[-1] == '/') && g_str_has_suffix(name, end) && !g_str_has_suffix(name, "/");
}

static void count_part(Zip *zip, const Member *member)
{
	g_autofree char *name = g_ascii_strdown(member->name, -1);
	uint32_t *lost = zip->facts->lost;
	if (g_str_has_suffix(name, "/vbaproject.bin") || is_below(name, "macrosheets/", ".xml") ||
	    is_below(name, "macrosheets/", ".bin"))
		lost[RENDER_LOST_MACROS]++;
	else if (is_below(name, "embeddings/", "") && !is_below(name, "_rels/", ""))
		lost[RENDER_LOST_FILES]++;
	else if (is_below(name, "_xmlsignatures/", ".xml"))
		lost[RENDER_LOST_SIGNATURES]++;
	/* Of another workbook or a DDE server: the part itself, which has a relation for the one and none for the other. */
	else if (is_below(name, "externallinks/", ".xml") || (is_below(name, "externallinks/", ".bin")))
		lost[RENDER_LOST_REFERENCES]++;
	else if (g_str_has_suffix(name, ".rels") && g_strstr_len(name, -1, "externallinks/") == NULL) {
		Xml xml = { .facts = zip->facts };
		read_xml(zip, member, &xml, on_relation);
	}
}

static OfficeFormat read_ooxml(Zip *zip)
{
	Xml root = { 0 }, types = { 0 };
	read_xml(zip, find(zip, "_rels/.rels"), &root, on_root_relation);
	types.relation = root.found;
	bool read = read_xml(zip, find(zip, "[Content_Types].xml"), &types, on_type);
	OfficeFormat format = ooxml_format(types.found != NULL ? types.found : types.by_extension);
	if (format == OFFICE_FORMAT_NONE)
		format = ooxml_format(types.fallback);
	if (format == OFFICE_FORMAT_NONE && !read) {
		zip->facts->damaged = true;
		format = OFFICE_FORMAT_PACKAGE;
	}
	g_free(root.found);
	g_free(types.found);
	g_free(types.fallback);
	g_free(types.by_extension);
	for (guint i = 0; format > OFFICE_FORMAT_PACKAGE && i < zip->members->len; i++)
		count_part(zip, &g_array_index(zip->members, Member, i));
	return format;
}

/* ---- ODF ----------------------------------------------------------------------------------------------------------- */

typedef struct {
	char text[TYPE_MAX];
	size_t length;
} Type;

static bool take_type(void *user, const uint8_t *bytes, size_t length)
{
	Type *type = user;
	size_t more = MIN(length, sizeof type->text - type->length);
	memcpy(type->text + type->length, bytes, more);
	type->length += more;
	return more == length;
}

static void on_manifest(void *user, const char *name, const char **attributes)
{
	Xml *xml = user;
	const char *local = local_name(name);
	if (strcmp(local, "encryption-data") == 0 || strcmp(local, "encrypted-key") == 0)
		xml->facts->encrypted = true;
	else if (strcmp(local, "file-entry") == 0 && strcmp(attribute(attributes, "full-path"), "/") == 0)
		keep(&xml->found, attribute(attributes, "media-type"));
}

static void count_odf_part(const Zip *zip, const char *name)
{
	uint32_t *lost = zip->facts->lost;
	if ((g_str_has_prefix(name, "Basic/") || g_str_has_prefix(name, "Scripts/") || g_str_has_prefix(name, "Dialogs/")) &&
	    !g_str_has_suffix(name, "/") && strstr(name, "script-l") == NULL && strstr(name, "dialog-l") == NULL)
		lost[RENDER_LOST_MACROS]++;
	else if (g_str_has_prefix(name, "Object ") && strchr(name, '/') == NULL)
		lost[RENDER_LOST_FILES]++;
	else if (g_str_has_prefix(name, "Object ") && g_str_has_suffix(name, "/content.xml"))
		lost[RENDER_LOST_FILES]++;
	else if (g_str_has_prefix(name, "META-INF/") && strstr(name, "signatures") != NULL)
		lost[RENDER_LOST_SIGNATURES]++;
}

static OfficeFormat read_odf(Zip *zip)
{
	Type type = { .length = 0 };
	Xml manifest = { .facts = zip->facts };
	read_whole(zip, find(zip, "mimetype"), take_type, &type);
	bool read = read_xml(zip, find(zip, "META-INF/manifest.xml"), &manifest, on_manifest);
	OfficeFormat format = office_odf_format(type.text, type.length);
	if (format == OFFICE_FORMAT_NONE && manifest.found != NULL)
		format = office_odf_format(manifest.found, strlen(manifest.found));
	g_free(manifest.found);
	for (guint i = 0; format != OFFICE_FORMAT_NONE && i < zip->members->len; i++)
		count_odf_part(zip, g_array_index(zip->members, Member, i).name);
	zip->facts->damaged = format != OFFICE_FORMAT_NONE && !read;
	return format;
}

/* A zip without its end: its first member tells what it was, for Office programs write this one first. */
static OfficeFormat cut_format(const Zip *zip)
{
	static const char *const first[] = { "mimetypeapplication/vnd.oasis.opendocument.", "[Content_Types].xml", "_rels/.rels" };
	enum { LOCAL = 30 };
	for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
		if (zip->length - LOCAL >= strlen(first[i]) && memcmp(zip->bytes + LOCAL, first[i], strlen(first[i])) == 0) {
			zip->facts->damaged = true;
			return OFFICE_FORMAT_PACKAGE;
		}
	return OFFICE_FORMAT_NONE;
}

OfficeFormat office_zip_format(const uint8_t *bytes, size_t length, OfficeFacts *facts)
{
	g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(Member));
	Zip zip = { .bytes = bytes, .length = length, .members = members, .facts = facts };
	g_array_set_clear_func(members, clear_member);
	if (length < END_RECORD + 30)
		return OFFICE_FORMAT_NONE;
	if (!read_directory(&zip))
		return cut_format(&zip);
	return find(&zip, "[Content_Types].xml") != NULL ? read_ooxml(&zip) : read_odf(&zip);
}
