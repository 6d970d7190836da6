/* parse_limits: the header of a message, line by line, and its caps.
 *
 * One pass without recursion or allocation per line. What is too much is dropped and told; the fields that
 * say what the body is are kept past the caps, so that a flood in the header cannot hide the text.
 */
#include "parse_code_priv.h"

#include <string.h>

/* ---- lines ------------------------------------------------------------------------------------------- */

/* Length of the line end at `at`. CR CR LF is one, of a broken gateway; CR CR alone is two. No look-ahead
 * past that: a scan of the whole run of CRs at each of them would make a megabyte of CRs quadratic. */
static size_t line_end(ParseRange input, size_t at)
{
	size_t left = input.length - at;

	if (left == 0)
		return 0;
	/* not before: an empty range may have no bytes to point at */
	const uint8_t *p = input.bytes + at;
	if (p[0] == '\n' || left == 1)
		return 1;
	if (p[1] == '\n')
		return 2;
	return p[1] == '\r' && left > 2 && p[2] == '\n' ? 3 : 1;
}

size_t parse_next_line(ParseRange input, size_t at, size_t *ret_end)
{
	/* byte by byte: a search for LF alone would cost a pass over the rest for every bare CR */
	while (at < input.length &&
	       (input.bytes[at] > '\r' || (input.bytes[at] != '\n' && input.bytes[at] != '\r')))
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
	size_t junk;           /* first line after the last field that is none; SIZE_MAX: there is none */
	unsigned content_left; /* Content- fields that may still be taken past the caps */
	bool open;             /* the last line was a field: a continuation belongs to it */
} HeadScan;

enum { CONTENT_PAST_CAP = 20 };

static size_t head_skip_bom(ParseRange input)
{
	return input.length >= 3 && memcmp(input.bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* One empty line in front of everything is a slip of the sender's program; mail readers pass over it. */
static size_t head_skip_empty(ParseRange input, size_t at)
{
	size_t end = at;
	size_t next = at < input.length ? parse_next_line(input, at, &end) : at;

	return end == at && next < input.length ? next : at;
}

/* `From : x@y` is a header field, not an mbox line: without it the reader would not learn who claims to
 * have written. */
static size_t head_skip_mbox(ParseRange input, size_t at)
{
	size_t colon = 0, end = 0;
	size_t next = parse_next_line(input, at, &end);
	const uint8_t *line = input.bytes + at;

	if (end - at < 5 || memcmp(line, "From ", 5) != 0 || field_name(line, end - at, &colon) > 0)
		return at;
	return next;
}

static void head_continue(HeadScan *scan, size_t end)
{
	if (!scan->open)
		return;
	ParseField *field = &g_array_index(scan->head->fields, ParseField, scan->head->fields->len - 1);
	field->value.length = (size_t)(scan->input.bytes + end - field->value.bytes);
}

static bool name_is_content(const uint8_t *name, size_t length)
{
	return length > 8 && g_ascii_strncasecmp((const char *)name, "content-", 8) == 0;
}

/* Past a cap only the fields that say what the body is. */
static bool head_has_room(HeadScan *scan, const uint8_t *name, size_t length)
{
	bool many = scan->head->fields->len >= scan->limits->header_fields;
	bool large = (scan->head->limits & MESSAGE_LIMIT_HEADER_BLOCK) != 0;

	scan->head->limits |= many ? MESSAGE_LIMIT_FIELDS : 0;
	if (!many && !large)
		return true;
	if (!name_is_content(name, length) || scan->content_left == 0)
		return false;
	scan->content_left--;
	return true;
}

static void head_field(HeadScan *scan, size_t at, size_t end)
{
	const uint8_t *line = scan->input.bytes + at;
	size_t colon = 0;
	size_t name = field_name(line, end - at, &colon);

	scan->open = false;
	scan->junk = name > 0 ? SIZE_MAX : MIN(scan->junk, at);
	if (name == 0 || !head_has_room(scan, line, name))
		return;
	const ParseField field = {
		.name = { line, name },
		.value = { line + colon + 1, end - at - colon - 1 },
	};
	scan->open = true;
	g_array_append_val(scan->head->fields, field);
}

/* A long field is kept up to its cap, so that a reader still sees who wrote. */
static void head_cap_size(HeadScan *scan, ParseField *field)
{
	size_t prefix = (size_t)(field->value.bytes - field->name.bytes);
	uint64_t size = (uint64_t)prefix + field->value.length;

	if (size <= scan->limits->header_field)
		return;
	scan->head->limits |= MESSAGE_LIMIT_FIELD;
	field->cut = true;
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

/* The delimiter of a part inside the header: readers that stop there see parts where others see a header. */
static bool head_ends_here(const HeadScan *scan, size_t line, size_t end, size_t next)
{
	if (end - line < 3 || memcmp(scan->input.bytes + line, "--", 2) != 0 || scan->head->fields->len == 0)
		return false;
	size_t colon = 0;
	size_t length = 0;
	if (next < scan->input.length)
		parse_next_line(scan->input, next, &length);
	length = length > next ? length - next : 0;
	size_t name = field_name(scan->input.bytes + next, length, &colon);
	return field_name(scan->input.bytes + line, end - line, &colon) == 0 &&
	       name_is_content(scan->input.bytes + next, name);
}

/* Lines of it may be among those that are past the cap. */
static void head_cut_last(HeadScan *scan)
{
	GArray *fields = scan->head->fields;

	if (fields->len > 0)
		g_array_index(fields, ParseField, fields->len - 1).cut = true;
}

/* One line of the header; false at its end. */
static bool head_line(HeadScan *scan, size_t *at)
{
	size_t line = *at, end = 0, start = scan->head->start;
	uint64_t cap = scan->limits->header_block;

	if (line >= scan->input.length)
		return false;
	size_t next = parse_next_line(scan->input, line, &end);
	if (end > line && head_ends_here(scan, line, end, next))
		return false;
	*at = next;
	if (end == line)
		return false;
	if (end - start > cap && (scan->head->limits & MESSAGE_LIMIT_HEADER_BLOCK) == 0) {
		if (line - start < cap)
			head_take(scan, line, start + cap);
		scan->head->limits |= MESSAGE_LIMIT_HEADER_BLOCK;
		scan->open = false;
		head_cut_last(scan);
		if (line - start < cap)
			return true;
	}
	head_take(scan, line, end);
	return true;
}

ParseHead *parse_limits_head(ParseRange input, const ParseLimits *limits)
{
	/* an empty range may have no bytes to point at, and NULL must not be reckoned with */
	if (input.length == 0)
		input.bytes = (const uint8_t *)"";
	ParseHead *head = g_new0(ParseHead, 1);
	HeadScan scan = { .input = input,
		          .limits = limits,
		          .head = head,
		          .junk = SIZE_MAX,
		          .content_left = CONTENT_PAST_CAP };
	size_t at = head_skip_bom(input);

	at = head_skip_empty(input, at);
	at = head_skip_mbox(input, at);
	head->fields = g_array_new(FALSE, FALSE, sizeof(ParseField));
	head->start = at;
	while (head_line(&scan, &at))
		continue;
	for (guint i = 0; i < head->fields->len; i++) {
		head_cap_size(&scan, &g_array_index(head->fields, ParseField, i));
		head_cap_colons(&scan, &g_array_index(head->fields, ParseField, i));
	}
	/* without an empty line the text would be lost as a header that cannot be read */
	head->body = head->fields->len > 0 ? MIN(at, scan.junk) : at;
	head->is_mail = head->fields->len > 0;
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
