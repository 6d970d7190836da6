/* notice: what the reader is told. The sentences themselves stand in conf/notices; here is what fills them
 * and which of them a value of the mail calls for.
 *
 * A sentence of ours never holds 「 or 」: those quote strings of the mail, so that a file
 * named like a sentence does not read as the gateway's voice.
 */
#include "assemble_parts_priv.h"
#include "clean_text.h"
#include "conversion_priv.h"

#include <string.h>

enum {
	QUOTE_CHARS_MAX = 240,
	QUOTE_COLUMNS_MAX = 80,
	/* Shorter than "must be converted with binhex" and than a base64 block of 64. */
	QUOTE_COLUMNS_BLOCK = 28,
	BASE64_BLOCK = 64,
};

#define MARK "【無害化】"

struct Notice {
	const Notices *notices;
	GString *head, *foot;
	unsigned foot_lines;
};

/* An enumeration that grew stops the build at its table: the missing entry would be another sentence. */
static const Saying part_reasons[] = {
	[PART_REASON_NONE] = SAY_REASON_NONE,
	[PART_REASON_POLICY] = SAY_REASON_POLICY,
	[PART_REASON_DEPTH] = SAY_REASON_DEPTH,
	[PART_REASON_DAMAGED] = SAY_REASON_DAMAGED,
	[PART_REASON_CHARSET] = SAY_REASON_CHARSET,
	[PART_REASON_BINARY_TEXT] = SAY_REASON_BINARY_TEXT,
	[PART_REASON_ENCODED_IN_TEXT] = SAY_REASON_ENCODED_IN_TEXT,
	[PART_REASON_CONVERSION] = SAY_REASON_CONVERSION,
	[PART_REASON_SCAN] = SAY_REASON_SCAN,
	[PART_REASON_AMBIGUOUS] = SAY_REASON_AMBIGUOUS,
	[PART_REASON_EMPTY_CONTAINER] = SAY_REASON_EMPTY_CONTAINER,
	[PART_REASON_NOT_SCANNED] = SAY_REASON_NOT_SCANNED,
	[PART_REASON_PAGES] = SAY_REASON_PAGES,
	[PART_REASON_FAILED_PAGE] = SAY_REASON_FAILED_PAGE,
	[PART_REASON_NO_TEXT] = SAY_REASON_NO_TEXT,
	[PART_REASON_SIZE] = SAY_REASON_SIZE,
};
G_STATIC_ASSERT(G_N_ELEMENTS(part_reasons) == PART_REASON_COUNT);

/* Why a conversion failed. */
static const Saying conversion_reasons[] = {
	[RENDER_STATUS_COMPLETE] = SAY_REASON_CONVERSION,
	[RENDER_STATUS_UNSUPPORTED] = SAY_REASON_UNSUPPORTED,
	[RENDER_STATUS_ENCRYPTED] = SAY_REASON_ENCRYPTED,
	[RENDER_STATUS_DAMAGED] = SAY_REASON_BROKEN,
	[RENDER_STATUS_TOO_LARGE] = SAY_REASON_TOO_LARGE,
	[RENDER_STATUS_NO_PAGES] = SAY_REASON_NO_PAGES,
	[RENDER_STATUS_LIMIT] = SAY_REASON_LIMIT,
	[RENDER_STATUS_JAILED] = SAY_REASON_CONVERSION,
	[RENDER_STATUS_TIME] = SAY_REASON_TIME,
	[RENDER_STATUS_MEMORY] = SAY_REASON_MEMORY,
	[RENDER_STATUS_CRASH] = SAY_REASON_CRASH,
	[RENDER_STATUS_OUTPUT] = SAY_REASON_OUTPUT,
	[RENDER_STATUS_DEADLINE] = SAY_REASON_DEADLINE,
	[RENDER_STATUS_UNAVAILABLE] = SAY_REASON_UNAVAILABLE,
};
G_STATIC_ASSERT(G_N_ELEMENTS(conversion_reasons) == RENDER_STATUS_COUNT);

static const Saying lost_things[] = {
	[RENDER_LOST_LINKS] = SAY_LOST_LINKS,           [RENDER_LOST_SCRIPTS] = SAY_LOST_SCRIPTS,
	[RENDER_LOST_FORMS] = SAY_LOST_FORMS,           [RENDER_LOST_FILES] = SAY_LOST_FILES,
	[RENDER_LOST_SIGNATURES] = SAY_LOST_SIGNATURES, [RENDER_LOST_COMMENTS] = SAY_LOST_COMMENTS,
	[RENDER_LOST_MEDIA] = SAY_LOST_MEDIA,           [RENDER_LOST_FRAMES] = SAY_LOST_FRAMES,
	[RENDER_LOST_REFERENCES] = SAY_LOST_REFERENCES, [RENDER_LOST_MACROS] = SAY_MACROS_REMOVED,
};
G_STATIC_ASSERT(G_N_ELEMENTS(lost_things) == RENDER_LOST_COUNT);

static const Saying hidden_things[] = {
	[RENDER_HIDDEN_SHEETS] = SAY_HIDDEN_SHEETS,   [RENDER_HIDDEN_ROWS] = SAY_HIDDEN_ROWS,
	[RENDER_HIDDEN_COLUMNS] = SAY_HIDDEN_COLUMNS, [RENDER_HIDDEN_SLIDES] = SAY_HIDDEN_SLIDES,
	[RENDER_HIDDEN_TEXTS] = SAY_HIDDEN_TEXTS,
};
G_STATIC_ASSERT(G_N_ELEMENTS(hidden_things) == RENDER_HIDDEN_COUNT);

static const struct {
	Saying shown, left_out;
} beside_things[] = {
	[RENDER_BESIDE_CHANGES] = { SAY_CHANGES_SHOWN, SAY_CHANGES_LEFT_OUT },
	[RENDER_BESIDE_COMMENTS] = { SAY_COMMENTS_SHOWN, SAY_COMMENTS_LEFT_OUT },
	[RENDER_BESIDE_NOTES] = { SAY_NOTES_SHOWN, SAY_NOTES_LEFT_OUT },
};
G_STATIC_ASSERT(G_N_ELEMENTS(beside_things) == RENDER_BESIDE_COUNT);

static const struct {
	const char *field;
	Saying name;
} field_names[] = {
	{ "From", SAY_FIELD_FROM }, { "Sender", SAY_FIELD_SENDER }, { "Reply-To", SAY_FIELD_REPLY_TO },
	{ "To", SAY_FIELD_TO },     { "Cc", SAY_FIELD_CC },
};

const char *notice_field_name(const Notices *notices, const char *field)
{
	for (size_t i = 0; i < G_N_ELEMENTS(field_names); i++)
		if (strcmp(field_names[i].field, field) == 0)
			return notices_text(notices, field_names[i].name);
	return field;
}

const char *notice_part_reason(PartReason reason, const Notices *notices)
{
	return notices_text(notices, part_reasons[reason < PART_REASON_COUNT ? reason : PART_REASON_NONE]);
}

/* ---- outside strings --------------------------------------------------------------------- */

static bool ends_with(const GString *text, const char *word)
{
	size_t length = strlen(word);
	return text->len >= length && g_ascii_strncasecmp(text->str + text->len - length, word, length) == 0;
}

static bool ends_with_any(const GString *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (ends_with(text, *list))
			return true;
	return false;
}

/* at: a dot. "host.example/path": readers make a link of it without any scheme. */
static bool dot_before_slash(const char *at)
{
	return at[strcspn(at, " /")] == '/';
}

/* Readers turn what looks like an address into a link, also inside a file name. start .. at:
 * what stands before. */
static bool wants_defang(const GString *before, const char *start, const char *at)
{
	static const char *const hosts[] = { "www", "ftp", NULL };
	static const char *const schemes[] = { "mailto", "tel",  "sip",        "sms", "news",
		                               "file",   "data", "javascript", NULL };
	char previous = '\0';
	if (at > start)
		previous = at[-1];
	bool bracketed = previous == '[' && at[1] == ']';
	if (*at == '@')
		return !bracketed;
	if (*at == '.')
		return ends_with_any(before, hosts) || (!bracketed && dot_before_slash(at));
	if (*at == '\\')
		return previous == '\\' || at[1] == '\\';
	return *at == ':' && (g_str_has_prefix(at, "://") || ends_with_any(before, schemes));
}

static GString *defang(const char *line)
{
	GString *safe = g_string_sized_new(strlen(line) + 16);
	for (const char *at = line; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (wants_defang(safe, line, at))
			g_string_append_printf(safe, "[%c]", *at);
		else if (c == 0x300C || c == 0x300D)
			g_string_append_unichar(safe, c == 0x300C ? 0xFF62 : 0xFF63);
		else
			g_string_append_unichar(safe, c);
	}
	return safe;
}

/* A file name can hold a block that a reader would decode, even there. */
static bool holds_block(const char *text)
{
	size_t run = 0;
	for (const char *at = text; *at != '\0'; at++) {
		if (g_ascii_strncasecmp(at, "must be converted", strlen("must be converted")) == 0)
			return true;
		run = g_ascii_isalnum(*at) || *at == '+' || *at == '/' ? run + 1 : 0;
		if (run >= BASE64_BLOCK)
			return true;
	}
	return false;
}

/* As the checker counts, every code point at least one; 2 where tables of Unicode may differ. */
static unsigned quote_columns(gunichar c)
{
	return g_unichar_iswide(c) || g_unichar_type(c) == G_UNICODE_UNASSIGNED ? 2 : 1;
}

static size_t chars_that_fit(const char *text, unsigned columns)
{
	size_t chars = 0;
	unsigned used = 0;
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at), chars++) {
		used += quote_columns(g_utf8_get_char(at));
		if (used > columns)
			return chars;
	}
	return chars;
}

/* At most chars, "…" included. Of what defang() wrote only "[@]" says something else when its
 * end is missing: it goes whole. */
static char *cut_quote(const GString *safe, size_t chars)
{
	char *cut = clean_line(safe->str, safe->len, MAX(chars, 1), NULL);
	while (chars > 2 && g_str_has_suffix(cut, "@…")) {
		chars -= 2;
		g_free(cut);
		cut = clean_line(safe->str, safe->len, chars, NULL);
	}
	return cut;
}

void notice_quote(GString *line, const char *outside)
{
	g_autofree char *cleaned = clean_line(outside, strlen(outside), QUOTE_CHARS_MAX, NULL);
	g_autoptr(GString) safe = defang(cleaned);
	unsigned columns = holds_block(safe->str) ? QUOTE_COLUMNS_BLOCK : QUOTE_COLUMNS_MAX;
	size_t fit = chars_that_fit(safe->str, columns);
	bool whole = fit == (size_t)g_utf8_strlen(safe->str, -1);
	/* Two columns are kept for the "…": some fonts draw it wide. */
	g_autofree char *cut = cut_quote(safe, whole ? fit : chars_that_fit(safe->str, columns - 2) + 1);
	g_string_append_printf(line, "「%s」", cut);
}

/* ---- lines --------------------------------------------------------------------------------- */

Notice *notice_new(const Notices *notices)
{
	Notice *notice = g_new0(Notice, 1);
	notice->notices = notices;
	notice->head = g_string_new(NULL);
	notice->foot = g_string_new(NULL);
	return notice;
}

void notice_free(Notice *notice)
{
	if (notice == NULL)
		return;
	g_string_free(notice->head, TRUE);
	g_string_free(notice->foot, TRUE);
	g_free(notice);
}

static void append_filled(GString *line, char key, const SayingFill *fill)
{
	static const char methods[] = "skd"; /* in the order of AuthMethod */
	const char *method = strchr(methods, key);
	if (key == 'n' || key == 'm')
		g_string_append_printf(line, "%" G_GUINT64_FORMAT, key == 'n' ? fill->n : fill->m);
	else if (key == 'o')
		notice_quote(line, fill->outside != NULL ? fill->outside : "");
	else
		g_string_append(line, method != NULL ? fill->auth[method - methods] : fill->ours);
}

static void append_saying(GString *line, const char *template, const SayingFill *fill)
{
	for (const char *open = strchr(template, '{'); open != NULL; open = strchr(template, '{')) {
		g_string_append_len(line, template, open - template);
		append_filled(line, open[1], fill);
		template = open + strlen("{n}");
	}
	g_string_append(line, template);
}

char *notice_block_line(const Notices *notices, uint64_t characters)
{
	GString *line = g_string_new(NULL);
	append_saying(line, notices_text(notices, SAY_BLOCK_LINE), &(SayingFill) { .n = characters });
	return g_string_free(line, FALSE);
}

char *notice_text_title(const Notices *notices, const MessagePart *part)
{
	GString *line = g_string_new(NULL);
	const SayingFill fill = { .outside = *part->name != '\0' ? part->name : part->number };
	append_saying(line, notices_text(notices, SAY_TEXT_TITLE), &fill);
	return g_string_free(line, FALSE);
}

static void append_line(const Notice *notice, GString *lines, Saying saying, const SayingFill *fill)
{
	g_string_append(lines, MARK);
	append_saying(lines, notices_text(notice->notices, saying), fill);
	g_string_append(lines, "\r\n");
}

void notice_head(Notice *notice, Saying saying, const SayingFill *fill)
{
	append_line(notice, notice->head, saying, fill);
}

void notice_foot(Notice *notice, Saying saying, const SayingFill *fill)
{
	append_line(notice, notice->foot, saying, fill);
	notice->foot_lines++;
}

unsigned notice_foot_lines(const Notice *notice)
{
	return notice->foot_lines;
}

void notice_join(Notice *notice, const Notice *other)
{
	g_string_append_len(notice->foot, other->foot->str, (gssize)other->foot->len);
	notice->foot_lines += other->foot_lines;
}

static bool number_is_plain(const char *number)
{
	size_t length = strlen(number);
	return length > 0 && length <= 63 && strspn(number, "0123456789.") == length;
}

static void append_word(const Notice *notice, GString *line, Saying word)
{
	g_string_append(line, notices_text(notice->notices, word));
}

static void append_number(GString *line, const char *number)
{
	if (number_is_plain(number))
		g_string_append(line, number);
	else
		notice_quote(line, number);
}

static void append_name(const Notice *notice, GString *line, const MessagePart *part)
{
	append_word(notice, line, SAY_WORD_NUMBER);
	g_string_append_c(line, ' ');
	append_number(line, part->number);
	g_string_append(line, ": ");
	if (*part->name != '\0')
		notice_quote(line, part->name);
	else
		append_word(notice, line, SAY_WORD_NO_NAME);
	if ((part->flags & MESSAGE_PART_NAME_DISGUISED) != 0)
		append_word(notice, line, SAY_WORD_DISGUISED);
}

/* ---- types ---------------------------------------------------------------------------------- */

enum { TYPE_CHARS_MAX = 40 };

/* Names that say nothing to a reader, or take up a line of their own. Up to their end, or to a *. */
static const struct {
	const char *type, *name;
} type_names[] = {
	{ "application/vnd.openxmlformats-officedocument.wordprocessingml.*", "Word" },
	{ "application/vnd.openxmlformats-officedocument.spreadsheetml.*", "Excel" },
	{ "application/vnd.openxmlformats-officedocument.presentationml.*", "PowerPoint" },
	{ "application/msword", "Word" },
	{ "application/vnd.ms-word*", "Word" },
	{ "application/msexcel", "Excel" },
	{ "application/vnd.ms-excel*", "Excel" },
	{ "application/mspowerpoint", "PowerPoint" },
	{ "application/vnd.ms-powerpoint*", "PowerPoint" },
	{ "application/vnd.oasis.opendocument.*", "OpenDocument" },
	{ "application/rtf", "RTF" },
	{ "text/rtf", "RTF" },
};

static bool begins_as(const char *pattern, const char *type)
{
	size_t length = strlen(pattern);
	if (pattern[length - 1] != '*')
		return g_ascii_strcasecmp(pattern, type) == 0;
	return g_ascii_strncasecmp(pattern, type, length - 1) == 0;
}

/* NULL: none. */
static const char *type_name(const char *type)
{
	for (size_t i = 0; i < G_N_ELEMENTS(type_names); i++)
		if (begins_as(type_names[i].type, type))
			return type_names[i].name;
	return NULL;
}

static void append_type(GString *line, const char *type)
{
	const char *name = type_name(type);
	if (name != NULL) {
		g_string_append(line, name);
		return;
	}
	g_autofree char *cut = clean_line(type, strlen(type), TYPE_CHARS_MAX, NULL);
	notice_quote(line, cut);
}

/* Types that libmagic calls by another name, or by that of the form which they are made in: no lie. */
static const struct {
	const char *declared, *truly; /* declared: up to its end, or to a * */
} same_types[] = {
	{ "text/*", "text/plain" },
	{ "application/msword", "application/rtf" },
	{ "application/vnd.openxmlformats-officedocument.*", "application/zip" },
	{ "application/vnd.oasis.opendocument.*", "application/zip" },
	{ "application/msword", "application/cdfv2" },
	{ "application/vnd.ms-*", "application/cdfv2" },
	{ "application/vnd.ms-*", "application/x-ole-storage" },
	{ "application/x-zip-compressed", "application/zip" },
	{ "image/jpg", "image/jpeg" },
	{ "image/pjpeg", "image/jpeg" },
	{ "image/heic", "image/heif" },
	{ "image/x-ms-bmp", "image/bmp" },
	{ "image/jpx", "image/jp2" },
	{ "text/xml", "application/xml" },
	{ "application/xml", "text/xml" },
	{ "message/*", "message/rfc822" },
	{ "message/*", "text/plain" },
	{ "application/pgp-signature", "text/plain" },
	{ "application/json", "text/plain" },
};

/* "vnd." and "x-" stand before names that were not registered, or are now. */
static const char *bare_subtype(const char *type)
{
	const char *slash = strchr(type, '/'), *name = slash != NULL ? slash + 1 : type;
	if (g_ascii_strncasecmp(name, "vnd.", 4) == 0)
		return name + 4;
	return g_ascii_strncasecmp(name, "x-", 2) == 0 ? name + 2 : name;
}

static bool same_major(const char *a, const char *b)
{
	size_t length = strcspn(a, "/");
	return strcspn(b, "/") == length && g_ascii_strncasecmp(a, b, length) == 0;
}

static bool is_same_type(const char *declared, const char *truly)
{
	if (same_major(declared, truly) &&
	    g_ascii_strcasecmp(bare_subtype(declared), bare_subtype(truly)) == 0)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(same_types); i++)
		if (begins_as(same_types[i].declared, declared) &&
		    g_ascii_strcasecmp(same_types[i].truly, truly) == 0)
			return true;
	return false;
}

/* Texts and tables differ in nothing but their commas. */
static const char *const format_types[] = {
	[RENDER_FORMAT_UNKNOWN] = "",        [RENDER_FORMAT_PDF] = "application/pdf",
	[RENDER_FORMAT_PNG] = "image/png",   [RENDER_FORMAT_JPEG] = "image/jpeg",
	[RENDER_FORMAT_GIF] = "image/gif",   [RENDER_FORMAT_BMP] = "image/bmp",
	[RENDER_FORMAT_TIFF] = "image/tiff", [RENDER_FORMAT_WEBP] = "image/webp",
	[RENDER_FORMAT_HEIF] = "image/heif", [RENDER_FORMAT_AVIF] = "image/avif",
	[RENDER_FORMAT_JP2] = "image/jp2",   [RENDER_FORMAT_SVG] = "image/svg+xml",
	[RENDER_FORMAT_TEXT] = "text/plain", [RENDER_FORMAT_CSV] = "text/plain",
	[RENDER_FORMAT_TSV] = "text/plain",
	[RENDER_FORMAT_DOC] = "application/msword",
	[RENDER_FORMAT_DOCX] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	[RENDER_FORMAT_ODT] = "application/vnd.oasis.opendocument.text",
	[RENDER_FORMAT_RTF] = "application/rtf",
	[RENDER_FORMAT_XLS] = "application/vnd.ms-excel",
	[RENDER_FORMAT_XLSX] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	[RENDER_FORMAT_XLSB] = "application/vnd.ms-excel.sheet.binary.macroenabled.12",
	[RENDER_FORMAT_ODS] = "application/vnd.oasis.opendocument.spreadsheet",
	[RENDER_FORMAT_PPT] = "application/vnd.ms-powerpoint",
	[RENDER_FORMAT_PPTX] = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	[RENDER_FORMAT_ODP] = "application/vnd.oasis.opendocument.presentation",
	[RENDER_FORMAT_ODG] = "application/vnd.oasis.opendocument.graphics",
};
G_STATIC_ASSERT(G_N_ELEMENTS(format_types) == RENDER_FORMAT_COUNT);

/* What a reader calls it. */
static const char *format_name(const Notice *notice, RenderFormat format)
{
	const char *name = type_name(format_types[format]);
	if (format == RENDER_FORMAT_TEXT)
		return notices_text(notice->notices, SAY_WORD_TEXT);
	return name != NULL ? name : render_format_name(format);
}

/* As the renderer found it. */
static void append_format(const Notice *notice, GString *line, RenderFormat format, const char *declared)
{
	const char *name = format_name(notice, format);
	if (*declared == '\0' || is_same_type(declared, format_types[format]) ||
	    g_strcmp0(type_name(declared), name) == 0) {
		g_string_append(line, name);
		return;
	}
	append_type(line, declared);
	append_saying(line, notices_text(notice->notices, SAY_WORD_REALLY),
	              &(SayingFill) { .outside = name });
}

static RenderFormat format_of(const MessagePart *part)
{
	const PartConversion *conversion = part->conversion;
	return conversion != NULL && conversion->format < RENDER_FORMAT_COUNT ? conversion->format
	                                                                      : RENDER_FORMAT_UNKNOWN;
}

static void append_types(const Notice *notice, GString *line, const MessagePart *part)
{
	RenderFormat format = format_of(part);
	static const char some_bytes[] = "application/octet-stream";
	const char *declared = part->declared_type, *truly = part->true_type;
	if (g_ascii_strcasecmp(declared, some_bytes) == 0)
		declared = "";
	if (*declared == '\0' && *truly == '\0' && format == RENDER_FORMAT_UNKNOWN)
		return;
	append_word(notice, line, SAY_WORD_NEXT);
	append_word(notice, line, SAY_WORD_TYPE);
	g_string_append_c(line, ' ');
	if (format != RENDER_FORMAT_UNKNOWN) {
		append_format(notice, line, format, declared);
		return;
	}
	append_type(line, *declared != '\0' ? declared : truly);
	if (*declared == '\0' || *truly == '\0' || is_same_type(declared, truly))
		return;
	g_autofree char *cut = clean_line(truly, strlen(truly), TYPE_CHARS_MAX, NULL);
	append_saying(line, notices_text(notice->notices, SAY_WORD_REALLY), &(SayingFill) { .outside = cut });
}

static void append_size(const Notice *notice, GString *line, uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB" };
	append_word(notice, line, SAY_WORD_NEXT);
	if (bytes < 1024) {
		g_string_append_printf(line, "%u ", (unsigned)bytes);
		append_word(notice, line, SAY_WORD_BYTES);
		return;
	}
	unsigned unit = 0;
	uint64_t tenths = bytes > UINT64_MAX / 10 ? UINT64_MAX / 1024 : bytes * 10 / 1024;
	for (; tenths >= 10240 && unit + 1 < G_N_ELEMENTS(units); unit++)
		tenths /= 1024;
	if (tenths < 100)
		g_string_append_printf(line, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
		                       units[unit]);
	else
		g_string_append_printf(line, "%" G_GUINT64_FORMAT " %s", tenths / 10, units[unit]);
}

static void append_piece(const Notice *notice, GString *line, Saying saying, uint64_t n)
{
	if (n == 0)
		return;
	append_word(notice, line, SAY_WORD_NEXT);
	append_saying(line, notices_text(notice->notices, saying), &(SayingFill) { .n = n });
}

/* Things of one kind, each with its number, after a word that says what became of them all. */
static void append_list(const Notice *notice, GString *line, Saying title, const Saying *things, const uint32_t *counts,
                        size_t n)
{
	bool first = true;
	for (size_t i = 0; i < n; i++) {
		if (counts[i] == 0)
			continue;
		append_word(notice, line, SAY_WORD_NEXT);
		if (first)
			append_word(notice, line, title);
		append_saying(line, notices_text(notice->notices, things[i]), &(SayingFill) { .n = counts[i] });
		first = false;
	}
}

/* But for macros, of which more is said than that they are gone. */
static void append_lost(const Notice *notice, GString *line, const PartConversion *conversion)
{
	uint32_t lost[RENDER_LOST_COUNT];
	memcpy(lost, conversion->lost, sizeof lost);
	append_piece(notice, line, lost_things[RENDER_LOST_MACROS], lost[RENDER_LOST_MACROS]);
	lost[RENDER_LOST_MACROS] = 0;
	append_list(notice, line, SAY_WORD_HIDDEN, hidden_things, conversion->hidden, RENDER_HIDDEN_COUNT);
	append_list(notice, line, SAY_WORD_LOST, lost_things, lost, RENDER_LOST_COUNT);
}

static void append_beside(const Notice *notice, GString *line, const PartConversion *conversion)
{
	RenderOptions options = { 0 };
	conversion_options(conversion, &options);
	for (size_t i = 0; i < RENDER_BESIDE_COUNT; i++)
		append_piece(notice, line, options.beside[i] ? beside_things[i].shown : beside_things[i].left_out,
		             conversion->beside[i]);
}

static uint64_t pages_cut(const PartConversion *conversion)
{
	bool known = !conversion->more_pages && conversion->pages_found > conversion->pages;
	return known ? conversion->pages_found - conversion->pages : 0;
}

static void append_kept(const Notice *notice, GString *line, const MessagePart *part)
{
	const PartConversion *conversion = part->conversion;
	const SayingFill pages = { .n = conversion->pages, .m = conversion->pages_found };
	if (part->action != PART_ACTION_TEXT)
		append_saying(line,
		              notices_text(notice->notices,
		                           conversion->more_pages ? SAY_KEPT_IMAGE_PDF_MORE : SAY_KEPT_IMAGE_PDF),
		              &pages);
	if (part->action == PART_ACTION_IMAGE_PDF_TEXT)
		append_word(notice, line, SAY_WORD_NEXT);
	if (part->action != PART_ACTION_IMAGE_PDF)
		append_word(notice, line, conversion->text_inside ? SAY_KEPT_TEXT_INSIDE : SAY_KEPT_TEXT);
	append_piece(notice, line, SAY_PAGES_CUT, pages_cut(conversion));
	append_piece(notice, line, SAY_PAGES_FAILED, conversion->pages_failed);
	append_piece(notice, line, SAY_PAGES_PARTIAL, conversion->pages_partial);
	append_piece(notice, line, SAY_PAGES_COARSE, conversion->lower_dpi);
	append_piece(notice, line, SAY_HIDDEN_LEFT_OUT, conversion->hidden_chars);
	append_piece(notice, line, SAY_CONVERSION_CUT, conversion->text_cut);
	append_piece(notice, line, SAY_MISSING_GLYPHS, conversion->missing_glyphs);
	append_beside(notice, line, conversion);
	append_lost(notice, line, conversion);
}

static const char *reason_of(const Notice *notice, const MessagePart *part)
{
	const PartConversion *conversion = part->conversion;
	if (part->reason != PART_REASON_CONVERSION || conversion == NULL ||
	    conversion->status >= RENDER_STATUS_COUNT)
		return notice_part_reason(part->reason, notice->notices);
	return notices_text(notice->notices, conversion_reasons[conversion->status]);
}

static void append_outcome(const Notice *notice, GString *line, const MessagePart *part, bool delivered)
{
	append_word(notice, line, SAY_WORD_NEXT);
	if (part->action != PART_ACTION_REMOVE && delivered) {
		append_kept(notice, line, part);
		return;
	}
	append_word(notice, line, SAY_WORD_REASON);
	g_string_append_c(line, ' ');
	if (part->action == PART_ACTION_REMOVE)
		g_string_append(line, reason_of(notice, part));
	else
		append_word(notice, line, SAY_REASON_WHOLE_MESSAGE);
}

/* The rule of the policy that decided is not told: it is the administrator's business. */
void notice_part(Notice *notice, const MessagePart *part, bool delivered)
{
	GString *line = notice->foot;
	g_string_append(line, MARK);
	append_name(notice, line, part);
	append_types(notice, line, part);
	append_size(notice, line, part->bytes);
	append_outcome(notice, line, part, delivered);
	g_string_append(line, "\r\n");
	notice->foot_lines++;
}

void notice_write_head(const Notice *notice, GString *text)
{
	if (notice->head->len == 0)
		return;
	g_string_append_len(text, notice->head->str, (gssize)notice->head->len);
	g_string_append(text, "\r\n");
}

void notice_write_foot(const Notice *notice, GString *text)
{
	if (text->len > 0)
		g_string_append(text, "\r\n");
	g_string_append_printf(text, MARK "----- %u -----\r\n", notice->foot_lines);
	g_string_append_len(text, notice->foot->str, (gssize)notice->foot->len);
}
