/* parse_parts: the records of parts that are not shown, and their decoded bytes in the arena.
 */
#include "clean_text.h"
#include "parse_structure_priv.h"

#include <string.h>

/* ---- names -----------------------------------------------------------------------------------------------
 */

/* Programs, scripts, shortcuts and what hands its target to one. */
static const char *const dangerous[] = {
	"com",        "exe",          "scr",         "pif",       "bat",       "cmd",
	"js",         "jse",          "vbs",         "vbe",       "wsf",       "wsh",
	"hta",        "lnk",          "url",         "msi",       "msp",       "dll",
	"cpl",        "jar",          "ps1",         "reg",       "inf",       "iso",
	"img",        "vhd",          "vhdx",        "chm",       "hlp",       "one",
	"iqy",        "rdp",          "scf",         "mht",       "svg",       "xll",
	"html",       "htm",          "sct",         "docm",      "xlsm",      "pptm",
	"library-ms", "vb",           "ws",          "wsc",       "msc",       "psm1",
	"py",         "pyw",          "sh",          "gadget",    "jnlp",      "wll",
	"ade",        "adp",          "mde",         "slk",       "xlam",      "dotm",
	"xltm",       "potm",         "ppam",        "ppsm",      "sldm",      "mhtml",
	"xhtml",      "xht",          "shtml",       "svgz",      "appx",      "msix",
	"msixbundle", "appinstaller", "application", "appref-ms", "search-ms", "settingcontent-ms",
	"diagcab",
};

/* The last dot that has an ending behind it, NULL if there is none. *ret_length: of that ending. */
static const char *last_dot(const char *name, size_t *ret_length)
{
	size_t length = strlen(name);

	/* Windows drops dots and blanks at the end */
	while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '.'))
		length--;
	const char *dot = length > 0 ? memrchr(name, '.', length) : NULL;
	*ret_length = dot != NULL ? length - (size_t)(dot + 1 - name) : 0;
	return dot;
}

bool parse_parts_name_is_dangerous(const char *name)
{
	size_t length;
	const char *dot = last_dot(name, &length);

	for (size_t i = 0; dot != NULL && i < G_N_ELEMENTS(dangerous); i++) {
		if (strlen(dangerous[i]) == length && g_ascii_strncasecmp(dot + 1, dangerous[i], length) == 0)
			return true;
	}
	return false;
}

/* ---- names that hide what they end in ---------------------------------------------------------------------
 */

enum { NAME_BLANKS_MIN = 5 }; /* in a row: enough to push an ending out of a narrow list of files */

/* Kinds of files that people open without a second thought. */
static const char *const trusted[] = {
	"pdf",  "doc",  "docx", "xls", "xlsx", "ppt",  "pptx", "txt", "rtf", "csv",
	"odt",  "ods",  "jtd",  "xdw", "jpg",  "jpeg", "png",  "gif", "bmp", "tif",
	"tiff", "heic", "mp3",  "mp4", "mov",  "avi",  "zip",  "lzh", "eml",
};

/* Does what stands before end, a place in name, end like one of these? */
static bool is_trusted_end(const char *name, const char *end)
{
	for (size_t i = 0; i < G_N_ELEMENTS(trusted); i++) {
		size_t length = strlen(trusted[i]);
		if ((size_t)(end - name) > length && end[-1 - (gssize)length] == '.' &&
		    g_ascii_strncasecmp(end - length, trusted[i], length) == 0)
			return true;
	}
	return false;
}

/* Does name, up to its last dot, end like one of these? "report.pdf  .exe" does. */
static bool hides_end(const char *name)
{
	size_t length;
	const char *end = last_dot(name, &length);

	while (end > name && (end[-1] == ' ' || end[-1] == '.' || end[-1] == '_'))
		end--;
	return is_trusted_end(name, end);
}

/* A program that is called a picture or a document. */
static bool is_program_called_otherwise(const char *name, const char *true_type)
{
	static const char *const programs[] = { "application/x-dosexec", "application/x-msdownload",
		                                "application/vnd.microsoft.portable-executable",
		                                "application/x-executable", "application/x-pie-executable" };

	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
		if (strcmp(true_type, programs[i]) == 0)
			return is_trusted_end(name, name + strlen(name));
	return false;
}

static bool holds_blanks(const char *raw)
{
	unsigned run = 0;

	for (const char *at = raw; *at != '\0' && run < NAME_BLANKS_MIN; at = g_utf8_next_char(at))
		run = g_unichar_isspace(g_utf8_get_char(at)) ? run + 1 : 0;
	return run == NAME_BLANKS_MIN;
}

/* raw: valid UTF-8, as the mail has it; clean: the same, cleaned; counts: of what that changed. */
static bool is_disguised(const char *raw, const char *clean, const CleanCounts *counts)
{
	if (!parse_parts_name_is_dangerous(clean))
		return false;
	/* U+202E turns what follows: "fdp.exe" is seen as "exe.pdf" */
	return counts->bidi > 0 || holds_blanks(raw) || hides_end(clean);
}

/* ---- the one that counts ----------------------------------------------------------------------------------
 */

typedef struct {
	char *best;
	bool dangerous;
	bool harmless; /* there is one that is not dangerous */
} NameChoice;

static void name_offer(NameChoice *choice, char *name)
{
	bool danger = name != NULL && parse_parts_name_is_dangerous(name);

	choice->harmless |= name != NULL && name[0] != '\0' && !danger;
	if (name == NULL || name[0] == '\0' || (choice->best != NULL && (choice->dangerous || !danger))) {
		g_free(name);
		return;
	}
	g_free(choice->best);
	choice->best = name;
	choice->dangerous = danger;
}

static void name_offer_all(NameChoice *choice, const ParseValues *values, const char *parameter,
                           ParseCharsets *charsets)
{
	for (unsigned i = 0; i < values->count; i++) {
		g_autoptr(GPtrArray) all = parse_type_parameter_all(values->value[i], parameter, charsets);
		for (guint n = 0; n < all->len; n++)
			name_offer(choice, g_strdup(g_ptr_array_index(all, n)));
	}
}

char *parse_parts_name(const ParseFields *fields, ParseCharsets *charsets, ParseNameFacts *ret_facts)
{
	NameChoice choice = { .best = NULL };
	CleanCounts counts = { 0 };

	name_offer_all(&choice, &fields->kind[PARSE_FIELD_DISPOSITION], "filename", charsets);
	name_offer_all(&choice, &fields->kind[PARSE_FIELD_DISPOSITION], "name", charsets);
	name_offer_all(&choice, &fields->kind[PARSE_FIELD_TYPE], "name", charsets);
	name_offer_all(&choice, &fields->kind[PARSE_FIELD_TYPE], "filename", charsets);
	if (choice.best == NULL)
		return g_strdup("");
	g_autofree char *raw = choice.best;
	char *name = clean_line_counted(raw, strlen(raw), 0, &counts);
	ret_facts->removed = counts.removed;
	ret_facts->repaired = counts.removed > 0 || strstr(name, "\xef\xbf\xbd") != NULL;
	/* of two names each reader shows the one that it likes */
	ret_facts->disguised = is_disguised(raw, name, &counts) || (choice.dangerous && choice.harmless);
	return name;
}

/* Its end stays: that is what a system goes by, and conditions too. */
static void cut_name(ParseParts *parts, char *name)
{
	if (parse_cut_middle(name, PARSE_NAME_BYTES, PARSE_NAME_END))
		parts->plain->limits |= MESSAGE_LIMIT_CONDITIONS;
}

/* record: its name and true type are known. */
static uint32_t name_flags(ParseParts *parts, const ParseNameFacts *facts, const PlainRecord *record)
{
	bool disguised =
	        facts->disguised || is_program_called_otherwise(record->part.name, record->part.true_type);

	parse_plain_count(parts->plain, PARSE_COUNTER_HEADER_REMOVED, facts->removed);
	parse_plain_count(parts->plain,
	                  (ParseCounter)(PARSE_COUNTER_SIGN_FIRST + (int)MESSAGE_SIGN_DISGUISED_NAME),
	                  disguised);
	return (facts->repaired ? MESSAGE_PART_NAME_REPAIRED : 0) |
	       (disguised ? MESSAGE_PART_NAME_DISGUISED : 0);
}

static uint32_t inline_flags(const ParseFields *fields)
{
	ParseRange value = parse_fields_value(fields, PARSE_FIELD_DISPOSITION);
	g_autofree char *disposition = parse_type_token(value);
	bool inside = strcmp(disposition, "inline") == 0 && fields->kind[PARSE_FIELD_ID].count > 0;

	return inside ? MESSAGE_PART_INLINE : 0;
}

/* ---- the arena -------------------------------------------------------------------------------------------
 */

static uint8_t *arena_room(const ParseParts *parts, size_t *ret_capacity)
{
	const ParseJob *job = parts->job;

	*ret_capacity = job->arena != NULL ? job->arena_size - parts->arena_used : 0;
	return job->arena != NULL ? job->arena + parts->arena_used : NULL;
}

/* Decodes behind what is there already. False: it did not fit, and nothing of it counts. */
static bool arena_decode(ParseParts *parts, const ParseNode *node, ParseRange *ret_bytes)
{
	size_t capacity = 0, length = 0;
	uint8_t *room = arena_room(parts, &capacity);
	ParseEncoding encoding = parse_reading_likeliest(&node->fields, node->content);

	*ret_bytes = (ParseRange) { NULL, 0 };
	if (!parse_decode(encoding, node->content, room, capacity, &length))
		return false;
	if (length == 0)
		return true;
	*ret_bytes = (ParseRange) { room, length };
	parts->arena_used += length;
	return true;
}

static bool arena_copy(ParseParts *parts, ParseRange bytes)
{
	size_t capacity = 0;
	uint8_t *room = arena_room(parts, &capacity);

	if (bytes.length == 0 || capacity < bytes.length)
		return false;
	memcpy(room, bytes.bytes, bytes.length);
	parts->arena_used += bytes.length;
	return true;
}

/* ---- records ---------------------------------------------------------------------------------------------
 */

static bool list_is_full(ParseParts *parts, uint32_t limit)
{
	if (parts->plain->parts->len < parts->job->limits.mime_parts)
		return false;
	parts->plain->limits |= limit;
	return true;
}

/* The other form of a body was read as a text by ourselves, and libmagic would take longer over it than all
 * the rest of the mail: its true type stays unknown, which no condition takes for harmless. */
static void record_facts(ParseParts *parts, PlainRecord *record, ParseRange bytes)
{
	bool other_form = (record->part.flags & MESSAGE_PART_BODY_ALTERNATIVE) != 0;

	record->part.bytes = bytes.length;
	record->part.true_type = other_form ? g_strdup("") : parse_type_true(bytes, &parts->magic_left);
	parse_hash(bytes, record->part.sha256);
}

void parse_parts_add(ParseParts *parts, guint index, PartReason reason, uint32_t flags)
{
	const ParseNode *node = parse_structure_node(parts->structure, index);
	PlainRecord record = { .type = PLAIN_PART };
	uint64_t offset = parts->arena_used;
	ParseNameFacts facts = { 0 };
	ParseRange bytes;

	if (list_is_full(parts, MESSAGE_LIMIT_PARTS))
		return;
	if (!arena_decode(parts, node, &bytes))
		reason = PART_REASON_DAMAGED;
	record.part.depth = parse_structure_path(parts->structure, index, record.part.number);
	record.part.reason = (uint16_t)reason;
	record.part.name = parse_parts_name(&node->fields, &parts->plain->charsets, &facts);
	cut_name(parts, record.part.name);
	record.part.flags = flags | inline_flags(&node->fields);
	record.part.declared_type = clean_line(node->type, strlen(node->type), PARSE_TYPE_CHARS, NULL);
	record.part.offset = bytes.length > 0 ? offset : 0;
	record.part.length = bytes.length;
	record_facts(parts, &record, bytes);
	record.part.flags |= name_flags(parts, &facts, &record);
	g_array_append_val(parts->plain->parts, record);
}

static char *inner_name(const char *raw, ParseNameFacts *ret_facts)
{
	CleanCounts counts = { 0 };
	char *name = clean_line_counted(raw, strlen(raw), 0, &counts);

	*ret_facts =
	        (ParseNameFacts) { counts.removed, counts.removed > 0, is_disguised(raw, name, &counts) };
	return name;
}

void parse_parts_add_inner(ParseParts *parts, guint index, uint16_t n, const char *name, ParseRange bytes)
{
	static const char type[] = "application/octet-stream";
	PlainRecord record = { .type = PLAIN_PART };
	uint64_t offset = parts->arena_used;
	ParseNameFacts facts = { 0 };

	if (list_is_full(parts, MESSAGE_LIMIT_BLOCKS))
		return;
	bool stored = arena_copy(parts, bytes);
	record.part.depth = parse_structure_path(parts->structure, index, record.part.number);
	record.part.number[record.part.depth++] = n;
	record.part.reason = PART_REASON_ENCODED_IN_TEXT;
	record.part.name = inner_name(name, &facts);
	cut_name(parts, record.part.name);
	record.part.declared_type = g_strdup(type);
	record.part.offset = stored ? offset : 0;
	record.part.length = stored ? bytes.length : 0;
	record_facts(parts, &record, bytes);
	record.part.flags = name_flags(parts, &facts, &record);
	g_array_append_val(parts->plain->parts, record);
}
