/* Grammar 1.1 to 1.3 and 4: bytes and lines, the body and its parts. Also verify_message(), which
 * shows the order of all checks.
 */
#include "verify_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define NOTHING ((struct verify_span) { 0 })

/* -- spans -- */

bool verify_span_is(struct verify_span span, const char *text)
{
	return span.length == strlen(text) && verify_span_begins(span, text);
}

bool verify_span_begins(struct verify_span span, const char *text)
{
	size_t length = strlen(text);
	return span.length >= length && memcmp(span.at, text, length) == 0;
}

bool verify_span_contains(struct verify_span span, const char *text)
{
	return span.length > 0 && memmem(span.at, span.length, text, strlen(text));
}

struct verify_span verify_line(const struct verify_check *check, const uint8_t *at, const uint8_t **next)
{
	const uint8_t *end = check->message.at + check->message.length;
	const uint8_t *lf = memchr(at, '\n', (size_t)(end - at));
	*next = lf + 1;
	return (struct verify_span) { at, (size_t)(*next - at) - check->line_end };
}

/* -- refusals -- */

#define EVIDENCE_MAX 40

/* Quotes bytes so that nothing of the message acts on a terminal. */
static void quote(struct verify_span bytes, char out[EVIDENCE_MAX + 1])
{
	size_t used = 0;
	for (size_t i = 0; i < bytes.length; i++) {
		uint8_t b = bytes.at[i];
		bool printable = b >= 0x20 && b <= 0x7E && b != '"' && b != '\\';
		size_t needed = printable ? 1 : 4;
		if (used + needed > EVIDENCE_MAX)
			break;
		snprintf(out + used, EVIDENCE_MAX + 1 - used, printable ? "%c" : "\\x%02X", b);
		used += needed;
	}
	out[used] = '\0';
}

static size_t line_number(const struct verify_check *check)
{
	size_t number = 1;
	for (const uint8_t *at = check->message.at; at < check->where; at++)
		number += *at == '\n';
	return number;
}

bool verify_refuse(struct verify_check *check, const char *section, const char *what,
                   struct verify_span evidence)
{
	struct verify_error *error = check->error;
	char quoted[EVIDENCE_MAX + 1];
	error->line = line_number(check);
	error->section = section;
	quote(evidence, quoted);
	if (evidence.length == 0)
		snprintf(error->what, sizeof(error->what), "%s", what);
	else
		snprintf(error->what, sizeof(error->what), "%s: \"%s\"", what, quoted);
	return false;
}

bool verify_internal(struct verify_check *check, const char *what)
{
	check->error->internal = true;
	snprintf(check->error->what, sizeof(check->error->what), "%s", what);
	return false;
}

/* -- 1.1 to 1.3: bytes and lines -- */

static bool refuse_byte(struct verify_check *check, const uint8_t *at, const char *section, const char *what)
{
	check->where = at;
	return verify_refuse(check, section, what, (struct verify_span) { at, 1 });
}

/* Every LF has a CR before it, or none has; every CR has an LF behind it. TAB is seen to later. */
static bool check_byte(struct verify_check *check, const uint8_t *at)
{
	const uint8_t *end = check->message.at + check->message.length;
	bool after_cr = at > check->message.at && at[-1] == '\r';
	if (*at == '\n' && after_cr != (check->line_end == 2))
		return refuse_byte(check, at, "1.2", "line ends that differ");
	if (*at == '\r' && (at + 1 == end || at[1] != '\n'))
		return refuse_byte(check, at, "1.2", "CR without LF");
	if (*at > 0x7E || (*at < 0x20 && *at != '\n' && *at != '\r' && *at != '\t'))
		return refuse_byte(check, at, "1.1", "a byte that is not printable ASCII");
	return true;
}

static bool check_bytes(struct verify_check *check)
{
	const uint8_t *at = check->message.at, *end = at + check->message.length;
	const uint8_t *lf = memchr(at, '\n', check->message.length);
	check->line_end = lf && lf > at && lf[-1] == '\r' ? 2 : 1;
	for (; at < end; at++) {
		if ((*at < 0x20 || *at > 0x7E) && !check_byte(check, at))
			return false;
	}
	if (check->message.length == 0 || end[-1] != '\n') {
		check->where = end;
		return verify_refuse(check, "1.2", "the last line has no end", NOTHING);
	}
	return true;
}

static bool check_no_tab(struct verify_check *check, const uint8_t *body)
{
	const uint8_t *end = check->message.at + check->message.length;
	const uint8_t *tab = memchr(body, '\t', (size_t)(end - body));
	return tab ? refuse_byte(check, tab, "1.1", "TAB outside a trace field") : true;
}

/* -- 4.1: base64 -- */

static int sextet(uint8_t b)
{
	if (b >= 'A' && b <= 'Z')
		return b - 'A';
	if (b >= 'a' && b <= 'z')
		return b - 'a' + 26;
	if (b >= '0' && b <= '9')
		return b - '0' + 52;
	return b == '+' ? 62 : b == '/' ? 63 : -1;
}

/* Four characters, of which the last `padding` are '='. The bits that encode nothing must be zero:
 * otherwise they are a channel that no reader sees. */
static bool decode_quantum(const uint8_t *in, size_t padding, uint8_t *out)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? sextet(in[i]) : 0;
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
	}
	for (size_t i = 0; i < 3 - padding; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return padding == 0 || (bits & (padding == 1 ? 0xFFu : 0xFFFFu)) == 0;
}

static size_t padding_of(const uint8_t *quantum)
{
	if (quantum[3] != '=')
		return 0;
	return quantum[2] == '=' ? 2 : 1;
}

bool verify_base64(struct verify_span in, bool last, uint8_t *out, size_t *out_length)
{
	*out_length = 0;
	if (in.length % 4 != 0)
		return false;
	for (size_t i = 0; i < in.length; i += 4) {
		size_t padding = last && i + 4 == in.length ? padding_of(in.at + i) : 0;
		if (!decode_quantum(in.at + i, padding, out + *out_length))
			return false;
		*out_length += 3 - padding;
	}
	return true;
}

static const char *base64_line_fault(struct verify_check *check, struct verify_span line, bool last,
                                     size_t *length)
{
	size_t decoded;
	if (line.length == 0)
		return "an empty line in base64";
	if (line.length > 76 || (line.length != 76 && !last))
		return "a base64 line that does not have 76 characters";
	if (!verify_base64(line, last, check->text + *length, &decoded))
		return "not canonical base64";
	*length += decoded;
	return NULL;
}

/* Decodes the lines from *at to the end of the message or a line that begins with "--", into
 * check->text; *at is left there. */
static bool take_base64(struct verify_check *check, const uint8_t **at, size_t *length)
{
	const uint8_t *end = check->message.at + check->message.length;
	bool last = false;
	*length = 0;
	while (*at < end && !verify_span_begins((struct verify_span) { *at, (size_t)(end - *at) }, "--")) {
		const uint8_t *next;
		struct verify_span line = verify_line(check, *at, &next);
		check->where = *at;
		if (last)
			return verify_refuse(check, "4.1", "something after the end of the base64", line);
		last = next == end || *next == '-' || line.length < 76 || line.at[75] == '=';
		const char *fault = base64_line_fault(check, line, last, length);
		if (fault)
			return verify_refuse(check, "4.1", fault, line);
		*at = next;
	}
	check->where = *at;
	return *length > 0 || verify_refuse(check, "4.1", "no base64", NOTHING);
}

/* -- 4.3 and 4.4: names of attachments -- */

static bool stays(uint8_t b)
{
	return (b >= '0' && b <= '9') || ((b | 0x20) >= 'a' && (b | 0x20) <= 'z') || b == '.' || b == '_' ||
	       b == '-';
}

static int upper_hex(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	return b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
}

/* One byte of the name, percent-encoded or not; the bytes it takes, 0 when it is not canonical. */
static size_t percent_byte(struct verify_span in, uint8_t *byte)
{
	*byte = in.at[0];
	if (stays(in.at[0]))
		return 1;
	if (in.at[0] != '%' || in.length < 3 || upper_hex(in.at[1]) < 0 || upper_hex(in.at[2]) < 0)
		return 0;
	*byte = (uint8_t)(upper_hex(in.at[1]) << 4 | upper_hex(in.at[2]));
	return stays(*byte) ? 0 : 3;
}

/* Adds a piece to the name. */
static bool name_add(struct verify_check *check, struct verify_name *name, struct verify_span piece)
{
	while (piece.length > 0) {
		uint8_t byte;
		size_t taken = percent_byte(piece, &byte);
		if (taken == 0)
			return verify_refuse(check, "4.3", "not canonical percent-encoding", piece);
		if (name->length == VERIFY_NAME_MAX)
			return verify_refuse(check, "4.4", "a name of more than 120 characters", piece);
		name->bytes[name->length++] = byte;
		piece.at += taken;
		piece.length -= taken;
	}
	return true;
}

/* A line " filename...=" begins with; *text is what follows. */
static bool name_line(struct verify_span line, const char *begin, struct verify_span *text)
{
	size_t length = strlen(begin);
	if (!verify_span_begins(line, begin))
		return false;
	*text = (struct verify_span) { line.at + length, line.length - length };
	return true;
}

static bool take_whole_name(struct verify_check *check, struct verify_span text, struct verify_name *name)
{
	if (text.length == 0 || text.length > 60)
		return verify_refuse(check, "4.3", "an unsplit name that is empty or over 60 bytes", text);
	return name_add(check, name, text);
}

/* The pieces from *at on. *total counts encoded bytes. */
static bool take_piece(struct verify_check *check, const uint8_t **at, size_t number, bool *more,
                       struct verify_name *name, size_t *total)
{
	char begin[40];
	struct verify_span text;
	check->where = *at;
	struct verify_span line = verify_line(check, *at, at);
	snprintf(begin, sizeof(begin), " filename*%zu*=%s", number, number == 0 ? "UTF-8''" : "");
	if (!name_line(line, begin, &text))
		return verify_refuse(check, "4.3", "no piece of a name where one must be", line);
	*more = text.length > 0 && text.at[text.length - 1] == ';';
	text.length -= *more;
	if (text.length > 60 || text.length < (*more ? 40 : 1))
		return verify_refuse(check, "4.3", "a piece of a name that is too short or too long", text);
	*total += text.length;
	return name_add(check, name, text);
}

static bool take_name(struct verify_check *check, const uint8_t **at, struct verify_name *name)
{
	const uint8_t *end = check->message.at + check->message.length, *next;
	struct verify_span text;
	bool more = true;
	size_t total = 0;
	name->length = 0;
	check->where = *at;
	if (name_line(verify_line(check, *at, &next), " filename*=UTF-8''", &text)) {
		*at = next;
		return take_whole_name(check, text, name);
	}
	for (size_t number = 0; more; number++) {
		if (*at == end)
			return verify_refuse(check, "4.3", "a name that does not end", NOTHING);
		if (!take_piece(check, at, number, &more, name, &total))
			return false;
	}
	return total > 60 || verify_refuse(check, "4.3", "a name in pieces that needs none", NOTHING);
}

/* What a file system or a shell would read into a name. */
static bool is_forbidden_in_names(uint8_t b)
{
	return b != '\0' && strchr("/\\:*?\"<>|", b);
}

/* A base and a combining character that NFC would have put together. */
static bool is_decomposed(uint32_t before, uint32_t cp)
{
	if (cp >= 0x300 && cp <= 0x36F)
		return true;
	return (cp == 0x3099 || cp == 0x309A) && before >= 0x3040 && before <= 0x30FF;
}

/* An attachment: its type, the only extension that its name may have, and its content. */
struct type {
	const char *field, *extension, *no_extension;
	bool is_pdf;
};

static const struct type types[] = {
	{ "Content-Type: text/plain; charset=UTF-8", ".txt", "a name without exactly one extension, .txt",
	  false },
	{ "Content-Type: application/pdf", ".pdf", "a name without exactly one extension, .pdf", true },
};

static bool ends_in(struct verify_span name, const char *extension)
{
	size_t length = strlen(extension);
	return name.length > length && memcmp(name.at + name.length - length, extension, length) == 0;
}

static const char *name_fault(struct verify_span name, const struct type *type)
{
	uint32_t before = 0, cp = 0;
	size_t dots = 0;
	for (size_t i = 0; i < name.length; before = cp) {
		i += verify_utf8(name.at + i, name.at + name.length, &cp);
		dots += cp == '.';
		if (cp < 0x80 && is_forbidden_in_names((uint8_t)cp))
			return "a character that names do not have";
		if (is_decomposed(before, cp))
			return "a name that is not NFC";
	}
	if (verify_count(name) > 120)
		return "a name of more than 120 characters";
	if (name.at[0] == '.' || name.at[0] == ' ' || verify_span_begins(name, "\u3000"))
		return "a name that begins with a dot or a blank";
	return dots != 1 || !ends_in(name, type->extension) ? type->no_extension : NULL;
}

static bool same_name(const struct verify_name *a, const struct verify_name *b)
{
	if (a->length != b->length)
		return false;
	for (size_t i = 0; i < a->length; i++) {
		uint8_t x = a->bytes[i], y = b->bytes[i];
		x = x >= 'A' && x <= 'Z' ? x | 0x20 : x;
		y = y >= 'A' && y <= 'Z' ? y | 0x20 : y;
		if (x != y)
			return false;
	}
	return true;
}

/* At most 1000 names are compared with each other: a constant, however large the message. */
static bool is_taken(const struct verify_check *check, const struct verify_name *name)
{
	for (size_t i = 0; i < check->names; i++) {
		if (same_name(&check->name[i], name))
			return true;
	}
	return false;
}

static bool check_name(struct verify_check *check, const struct verify_name *name, const struct type *type)
{
	struct verify_span text = { name->bytes, name->length }, bad;
	const char *section;
	const char *fault = verify_characters(text, false, &section, &bad);
	if (fault)
		return verify_refuse(check, strcmp(section, "5.1") == 0 ? "4.4" : section, fault, bad);
	fault = name_fault(text, type);
	if (!fault && is_taken(check, name))
		fault = "a name that another attachment has";
	return fault ? verify_refuse(check, "4.4", fault, text) : true;
}

/* -- 4.2: parts -- */

#define TEXT_ENCODING "Content-Transfer-Encoding: base64"
#define DISPOSITION "Content-Disposition: attachment;"

static bool take_exactly(struct verify_check *check, const uint8_t **at, const char *wanted,
                         const char *section, const char *fault)
{
	const uint8_t *end = check->message.at + check->message.length;
	check->where = *at;
	if (*at == end)
		return verify_refuse(check, section, "the message ends too early", NOTHING);
	struct verify_span line = verify_line(check, *at, at);
	return verify_span_is(line, wanted) || verify_refuse(check, section, fault, line);
}

/* The first part is text. */
static bool take_type(struct verify_check *check, const uint8_t **at, bool first, const struct type **type)
{
	const uint8_t *end = check->message.at + check->message.length;
	size_t count = first ? 1 : ARRAY_LENGTH(types);
	check->where = *at;
	if (*at == end)
		return verify_refuse(check, "4.2", "the message ends too early", NOTHING);
	struct verify_span line = verify_line(check, *at, at);
	for (size_t i = 0; i < count; i++) {
		if (verify_span_is(line, types[i].field)) {
			*type = &types[i];
			return true;
		}
	}
	return verify_refuse(check, "4.2", "not a part's Content-Type", line);
}

static bool take_disposition(struct verify_check *check, const uint8_t **at, const struct type *type)
{
	struct verify_name *name = &check->name[check->names];
	if (!take_exactly(check, at, DISPOSITION, "4.3", "not the Content-Disposition that we write"))
		return false;
	if (*at == check->message.at + check->message.length)
		return verify_refuse(check, "4.3", "the message ends too early", NOTHING);
	if (!take_name(check, at, name) || !check_name(check, name, type))
		return false;
	check->names++;
	return true;
}

/* One part, behind its boundary line. */
static bool take_part(struct verify_check *check, const uint8_t **at, bool first)
{
	const struct type *type = NULL;
	size_t length;
	if (!take_type(check, at, first, &type) ||
	    !take_exactly(check, at, TEXT_ENCODING, "4.2", "not a part's Content-Transfer-Encoding") ||
	    (!first && !take_disposition(check, at, type)) ||
	    !take_exactly(check, at, "", "4.2", "no empty line after a part's fields"))
		return false;
	const uint8_t *base64 = *at;
	if (!take_base64(check, at, &length))
		return false;
	return type->is_pdf ? verify_pdf(check, length, base64) : verify_text(check, length, first, base64);
}

/* After the last part, *at is behind the close. */
static bool take_boundary(struct verify_check *check, const uint8_t **at, bool *close)
{
	char boundary[60];
	snprintf(boundary, sizeof(boundary), "--=_mugai_%.32s--", (const char *)check->id);
	struct verify_span whole = { (const uint8_t *)boundary, strlen(boundary) };
	check->where = *at;
	if (*at == check->message.at + check->message.length)
		return verify_refuse(check, "4.2", "no boundary where one must be", NOTHING);
	struct verify_span line = verify_line(check, *at, at);
	*close = verify_span_is(line, boundary);
	boundary[whole.length - 2] = '\0';
	return *close || verify_span_is(line, boundary) ||
	       verify_refuse(check, "4.2", "no boundary where one must be", line);
}

static bool check_multipart(struct verify_check *check, const uint8_t *at)
{
	size_t parts = 0;
	bool close = false;
	for (;;) {
		if (!take_boundary(check, &at, &close))
			return false;
		if (close)
			break;
		if (++parts > VERIFY_PARTS_MAX)
			return verify_refuse(check, "4.2", "more than 1001 parts", NOTHING);
		if (!take_part(check, &at, parts == 1))
			return false;
	}
	if (parts < 2)
		return verify_refuse(check, "4.2", "a multipart with fewer than two parts", NOTHING);
	check->where = at;
	return at == check->message.at + check->message.length ||
	       verify_refuse(check, "4.2", "something after the close", NOTHING);
}

static bool check_single(struct verify_check *check, const uint8_t *at)
{
	const uint8_t *base64 = at;
	size_t length;
	if (!take_base64(check, &at, &length))
		return false;
	if (at != check->message.at + check->message.length)
		return verify_refuse(check, "4.1", "something after the end of the base64", NOTHING);
	return verify_text(check, length, true, base64);
}

/* -- the message -- */

static bool check_message(struct verify_check *check)
{
	const uint8_t *body;
	if (check->message.length > VERIFY_MESSAGE_MAX)
		return verify_refuse(check, "1.3", "a message of more than 45000000 bytes", NOTHING);
	if (!check_bytes(check) || !verify_header(check, &body) || !check_no_tab(check, body))
		return false;
	return check->multipart ? check_multipart(check, body) : check_single(check, body);
}

bool verify_message(const uint8_t *message, size_t length, struct verify_error *error)
{
	*error = (struct verify_error) { 0 };
	size_t room = length > VERIFY_MESSAGE_MAX ? 0 : length;
	struct verify_check *check = malloc(sizeof(*check) + room);
	if (!check) {
		error->internal = true;
		snprintf(error->what, sizeof(error->what), "out of memory");
		return false;
	}
	memset(check, 0, offsetof(struct verify_check, value_bytes));
	check->message = (struct verify_span) { length > 0 ? message : (const uint8_t *)"", length };
	check->where = check->message.at;
	check->error = error;
	bool good = check_message(check);
	free(check);
	return good;
}
