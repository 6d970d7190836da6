/* parse_limits: our own scanner over the raw lines, before any library sees a byte.
 *
 * GMime recurses once per address group, keeps 500 bytes per header field, and loses parts below depth
 * 1024 without a word (facts/sandbox 4). So what is too much is found here, in one pass without
 * recursion or allocation per line, and is told instead of being half read.
 */
#include "parse_code_priv.h"

#include <string.h>

/* ---- lines ------------------------------------------------------------------------------------------- */

/* Length of the line end at `at`. CR CR LF is one, of a broken gateway; CR CR alone is two. No look-ahead
 * past that: a scan of the whole run of CRs at each of them would make a megabyte of CRs quadratic. */
static size_t line_end(ParseRange input, size_t at)
{
	static const char *const ends[] = { "\r\r\n", "\r\n", "\r", "\n" };

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		size_t n = strlen(ends[i]);
		if (input.length - at >= n && memcmp(input.bytes + at, ends[i], n) == 0)
			return n;
	}
	return 0;
}

size_t parse_next_line(ParseRange input, size_t at, size_t *ret_end)
{
	/* byte by byte: a search for LF alone would cost a pass over the rest for every bare CR */
	while (at < input.length && input.bytes[at] != '\n' && input.bytes[at] != '\r')
		at++;
	if (ret_end != NULL)
		*ret_end = at;
	return at + line_end(input, at);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Length of the field name at the start of a line, 0 when the line is no header field.
 * ret_colon: offset of the colon; blanks before it are tolerated, as mail readers do. */
static size_t field_name(const uint8_t *line, size_t length, size_t *ret_colon)
{
	size_t n = 0;

	while (n < length && line[n] > 0x20 && line[n] < 0x7f && line[n] != ':')
		n++;
	size_t colon = n;
	while (colon < length && is_blank(line[colon]))
		colon++;
	if (n == 0 || colon == length || line[colon] != ':')
		return 0;
	*ret_colon = colon;
	return n;
}

static bool name_is(const uint8_t *bytes, size_t length, const char *name)
{
	return strlen(name) == length && g_ascii_strncasecmp((const char *)bytes, name, length) == 0;
}

static const char *const address_fields[] = {
	"To",
	"Cc",
	"Bcc",
	"From",
	"Sender",
	"Reply-To",
	"Resent-To",
	"Resent-Cc",
	"Resent-Bcc",
	"Resent-From",
	"Resent-Sender",
	"Resent-Reply-To",
	"Disposition-Notification-To",
};

static bool name_holds_addresses(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < G_N_ELEMENTS(address_fields); i++) {
		if (name_is(bytes, length, address_fields[i]))
			return true;
	}
	return false;
}

/* ---- the header of the message ------------------------------------------------------------------------ */

typedef struct {
	ParseRange input;
	const ParseLimits *limits;
	ParseHead *head;
	size_t start; /* of the header block */
	size_t lines; /* fields and lines that are none */
	bool open;    /* the last line was a field: a continuation belongs to it */
} HeadScan;

static void head_cut(HeadScan *scan, uint32_t limit)
{
	scan->head->limits |= limit;
	scan->head->structure = false;
}

/* `From : x@y` is a header field, not an mbox line: without it the reader would not learn who claims to
 * have written. */
static size_t head_skip_mbox(ParseRange input)
{
	size_t colon = 0, end = 0;
	size_t next = parse_next_line(input, 0, &end);

	if (end < 5 || memcmp(input.bytes, "From ", 5) != 0 || field_name(input.bytes, end, &colon) > 0)
		return 0;
	return next;
}

static void head_continue(HeadScan *scan, size_t end)
{
	if (!scan->open)
		return;
	ParseField *field = &g_array_index(scan->head->fields, ParseField, scan->head->fields->len - 1);
	field->value.length = (size_t)(scan->input.bytes + end - field->value.bytes);
}

static void head_field(HeadScan *scan, size_t at, size_t end)
{
	const uint8_t *line = scan->input.bytes + at;
	size_t colon = 0;
	size_t name = field_name(line, end - at, &colon);

	scan->lines++;
	scan->open = name > 0;
	if (name == 0)
		return;
	const ParseField field = {
		.name = { line, name },
		.value = { line + colon + 1, end - at - colon - 1 },
	};
	g_array_append_val(scan->head->fields, field);
}

static bool field_is_content(const ParseField *field)
{
	return field->name.length > 8 &&
	       g_ascii_strncasecmp((const char *)field->name.bytes, "content-", 8) == 0;
}

/* A long field is kept up to its cap, so that a reader still sees who wrote. */
static void head_cap_size(HeadScan *scan, ParseField *field)
{
	size_t prefix = (size_t)(field->value.bytes - field->name.bytes);
	uint64_t size = (uint64_t)prefix + field->value.length;

	if (size <= scan->limits->header_field)
		return;
	scan->head->limits |= MESSAGE_LIMIT_FIELD;
	if (field_is_content(field))
		scan->head->structure = false;
	field->value.length =
	        prefix < scan->limits->header_field ? (size_t)(scan->limits->header_field - prefix) : 0;
}

static void head_cap_colons(HeadScan *scan, ParseField *field)
{
	if (!name_holds_addresses(field->name.bytes, field->name.length))
		return;
	size_t colons = 0;
	for (size_t i = 0; i < field->value.length; i++) {
		if (field->value.bytes[i] != ':' || ++colons <= PARSE_COLONS_MAX)
			continue;
		field->value.length = i;
		scan->head->limits |= MESSAGE_LIMIT_ADDRESSES;
	}
}

static void head_take(HeadScan *scan, size_t line, size_t end)
{
	if (is_blank(scan->input.bytes[line]))
		head_continue(scan, end);
	else
		head_field(scan, line, end);
}

/* One line of the header; false at its end. */
static bool head_line(HeadScan *scan, size_t *at)
{
	size_t line = *at, end = 0;

	if (line >= scan->input.length)
		return false;
	*at = parse_next_line(scan->input, line, &end);
	if (end == line)
		return false;
	if (!is_blank(scan->input.bytes[line]) && scan->lines >= scan->limits->header_fields) {
		head_cut(scan, MESSAGE_LIMIT_FIELDS);
		return false;
	}
	if (end - scan->start > scan->limits->header_block) {
		head_cut(scan, MESSAGE_LIMIT_HEADER_BLOCK);
		if (line - scan->start < scan->limits->header_block)
			head_take(scan, line, scan->start + scan->limits->header_block);
		return false;
	}
	head_take(scan, line, end);
	return true;
}

ParseHead *parse_limits_head(ParseRange input, const ParseLimits *limits)
{
	ParseHead *head = g_new0(ParseHead, 1);
	HeadScan scan = { .input = input, .limits = limits, .head = head };
	size_t at = head_skip_mbox(input);

	head->fields = g_array_new(FALSE, FALSE, sizeof(ParseField));
	head->structure = true;
	scan.start = at;
	while (head_line(&scan, &at))
		continue;
	for (guint i = 0; i < head->fields->len; i++) {
		head_cap_size(&scan, &g_array_index(head->fields, ParseField, i));
		head_cap_colons(&scan, &g_array_index(head->fields, ParseField, i));
	}
	head->body = at;
	head->is_mail = head->fields->len > 0 || (head->limits & MESSAGE_LIMIT_FIELDS) != 0;
	return head;
}

void parse_head_free(ParseHead *head)
{
	if (head == NULL)
		return;
	g_array_unref(head->fields);
	g_free(head);
}

bool parse_field_is(const ParseField *field, const char *name)
{
	return name_is(field->name.bytes, field->name.length, name);
}

ParseRange parse_head_find(const ParseHead *head, const char *name)
{
	for (guint i = 0; i < head->fields->len; i++) {
		const ParseField *field = &g_array_index(head->fields, ParseField, i);
		if (parse_field_is(field, name))
			return field->value;
	}
	return (ParseRange) { NULL, 0 };
}

/* ---- the headers of the parts ----------------------------------------------------------------------------
 */

/* In a header after a line that may be a boundary, and after the header of an attached message. What GMime
 * takes for a header is a subset of that, so the counts err on the safe side. */
typedef struct {
	const ParseLimits *limits;
	bool in_header;
	bool attached; /* this header announces a message: another header follows it */
	bool digest;   /* a multipart/digest exists: any part may be a message */
	uint64_t boundaries;
	uint64_t all_fields;
	uint64_t fields; /* of this header */
	uint64_t field_size;
	uint64_t block_size;
	size_t colons;
	bool addresses; /* this field holds addresses */
	bool content_type;
} BodyScan;

static bool line_holds(const uint8_t *line, size_t length, const char *needle)
{
	size_t n = strlen(needle);

	for (size_t i = 0; i + n <= length; i++) {
		if (g_ascii_strncasecmp((const char *)line + i, needle, n) == 0)
			return true;
	}
	return false;
}

static void body_enter_header(BodyScan *scan)
{
	scan->in_header = true;
	scan->attached = false;
	scan->fields = 0;
	scan->field_size = 0;
	scan->block_size = 0;
	scan->colons = 0;
	scan->addresses = false;
	scan->content_type = false;
}

static void body_header_start(BodyScan *scan, const uint8_t *line, size_t length)
{
	size_t colon = 0;
	size_t name = field_name(line, length, &colon);

	scan->fields++;
	scan->all_fields++;
	scan->field_size = 0;
	scan->colons = 0;
	scan->addresses = name_holds_addresses(line, name);
	scan->content_type = name_is(line, name, "Content-Type");
}

static void body_header_line(BodyScan *scan, const uint8_t *line, size_t length)
{
	if (!is_blank(line[0]))
		body_header_start(scan, line, length);
	scan->field_size += length + 1;
	scan->block_size += length + 1;
	for (size_t i = 0; scan->addresses && i < length; i++)
		scan->colons += line[i] == ':';
	if (!scan->content_type)
		return;
	scan->attached |= line_holds(line, length, "message/");
	scan->digest |= line_holds(line, length, "digest");
}

static void body_header_end(BodyScan *scan)
{
	bool again = scan->attached || (scan->digest && scan->fields == 0);

	if (again)
		body_enter_header(scan);
	else
		scan->in_header = false;
}

static bool body_within(const BodyScan *scan)
{
	const ParseLimits *limits = scan->limits;
	uint64_t most = MAX(limits->mime_parts, limits->header_fields);

	return scan->boundaries <= PARSE_LINES_PER_PART * limits->mime_parts &&
	       scan->all_fields <= PARSE_LINES_PER_PART * most && scan->fields <= limits->header_fields &&
	       scan->field_size <= limits->header_field && scan->block_size <= limits->header_block &&
	       scan->colons <= PARSE_COLONS_MAX;
}

static void body_line(BodyScan *scan, const uint8_t *line, size_t length)
{
	if (length >= 2 && line[0] == '-' && line[1] == '-') {
		scan->boundaries++;
		body_enter_header(scan);
	} else if (!scan->in_header) {
		return;
	} else if (length == 0) {
		body_header_end(scan);
	} else {
		body_header_line(scan, line, length);
	}
}

/* Empty lines outside of headers mean nothing, and a mail may be 45 MB of them. */
static size_t body_skip_empty(const BodyScan *scan, ParseRange body, size_t at)
{
	while (!scan->in_header && at < body.length && body.bytes[at] == '\n')
		at++;
	return at;
}

bool parse_limits_body(ParseRange body, const ParseLimits *limits)
{
	BodyScan scan = { .limits = limits };

	/* GMime ends lines at LF only, so that is what counts here. */
	for (size_t at = 0; at < body.length;) {
		const uint8_t *line = body.bytes + at;
		const uint8_t *lf = memchr(line, '\n', body.length - at);
		size_t length = lf != NULL ? (size_t)(lf - line) : body.length - at;
		at += length + 1;
		if (length > 0 && line[length - 1] == '\r')
			length--;
		body_line(&scan, line, length);
		if (!body_within(&scan))
			return false;
		at = body_skip_empty(&scan, body, at);
	}
	return true;
}
