/* plain: the table of records, and the characters that may cross. */
#include "plain_priv.h"

#include <stdarg.h>
#include <string.h>

G_DEFINE_QUARK(mugai - plain - error - quark, plain_error)

#define FIELD(kind_, member_)                                                                                \
	{                                                                                                    \
#member_, PLAIN_FIELD_##kind_, offsetof(PlainRecord, member_), 0                             \
	}
#define LINE(member_, max_)                                                                                  \
	{                                                                                                    \
#member_, PLAIN_FIELD_LINE, offsetof(PlainRecord, member_), max_                             \
	}

static const PlainField ready_fields[] = {
	FIELD(U32, ready.walls),
};

static const PlainField string_fields[] = {
	FIELD(U16, string.slot),
	FIELD(U16, string.index),
	LINE(string.text, PLAIN_STRING_MAX),
};

static const PlainField address_fields[] = {
	FIELD(U16, address.slot),
	FIELD(U16, address.index),
	LINE(address.name, PLAIN_NAME_MAX),
	LINE(address.local, PLAIN_NAME_MAX),
	LINE(address.domain, PLAIN_NAME_MAX),
};

static const PlainField text_fields[] = {
	FIELD(U16, text.stream),
	{ "text.text", PLAIN_FIELD_TEXT, offsetof(PlainRecord, text.text), PLAIN_TEXT_MAX },
};

static const PlainField part_fields[] = {
	FIELD(PATH, part.number),
	FIELD(U16, part.reason),
	FIELD(U32, part.flags),
	LINE(part.name, PLAIN_NAME_MAX),
	LINE(part.declared_type, PLAIN_NAME_MAX),
	LINE(part.true_type, PLAIN_NAME_MAX),
	FIELD(U64, part.bytes),
	FIELD(U64, part.offset),
	FIELD(U64, part.length),
	FIELD(HASH, part.sha256),
};

static const PlainField counter_fields[] = {
	FIELD(U16, counter.id),
	FIELD(U64, counter.value),
};

static const PlainField picture_fields[] = {
	FIELD(U32, picture.page),      FIELD(U32, picture.width),      FIELD(U32, picture.height),
	FIELD(U16, picture.format),    FIELD(U16, picture.dpi),        FIELD(U32, picture.box_width),
	FIELD(U32, picture.box_height), FIELD(U64, picture.offset),    FIELD(U64, picture.length),
};

static const PlainField run_fields[] = {
	FIELD(U32, run.page),
	FIELD(I32, run.x),
	FIELD(I32, run.y),
	FIELD(I32, run.w),
	FIELD(I32, run.h),
	FIELD(U16, run.vertical),
	LINE(run.text, PLAIN_STRING_MAX),
};

static const PlainField end_fields[] = {
	FIELD(U16, end.status),
	FIELD(U32, end.records),
};

#define SHAPE(name_)                                                                                         \
	{                                                                                                    \
#name_, name_##_fields, G_N_ELEMENTS(name_##_fields)                                         \
	}

static const PlainShape shapes[PLAIN_TYPE_COUNT] = {
	[PLAIN_READY] = SHAPE(ready),     [PLAIN_STRING] = SHAPE(string), [PLAIN_ADDRESS] = SHAPE(address),
	[PLAIN_TEXT] = SHAPE(text),       [PLAIN_PART] = SHAPE(part),     [PLAIN_COUNTER] = SHAPE(counter),
	[PLAIN_PICTURE] = SHAPE(picture), [PLAIN_RUN] = SHAPE(run),       [PLAIN_END] = SHAPE(end),
};

const PlainShape *plain_shape(PlainType type)
{
	if ((unsigned)type >= PLAIN_TYPE_COUNT || shapes[type].name == NULL)
		return NULL;
	return &shapes[type];
}

const char *plain_type_name(PlainType type)
{
	const PlainShape *shape = plain_shape(type);

	return shape != NULL ? shape->name : "?";
}

void *plain_member(PlainRecord *record, const PlainField *field)
{
	return (uint8_t *)record + field->offset;
}

const char *plain_member_string(const PlainRecord *record, const PlainField *field, size_t *ret_bytes)
{
	const char *const *member = (const void *)((const uint8_t *)record + field->offset);
	const char *text = *member != NULL ? *member : "";

	if (field->kind == PLAIN_FIELD_TEXT)
		*ret_bytes = *member != NULL ? record->text.bytes : 0;
	else
		*ret_bytes = strlen(text);
	return text;
}

static bool is_string(const PlainField *field)
{
	return field->kind == PLAIN_FIELD_LINE || field->kind == PLAIN_FIELD_TEXT;
}

void plain_record_free(PlainRecord *record)
{
	if (record == NULL)
		return;
	const PlainShape *shape = plain_shape(record->type);
	for (size_t i = 0; shape != NULL && i < shape->n_fields; i++)
		if (is_string(&shape->fields[i]))
			g_free(*(char **)plain_member(record, &shape->fields[i]));
	g_free(record);
}

bool plain_throw(GError **error, PlainError code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	GError *thrown = g_error_new_valist(PLAIN_ERROR, (int)code, format, args);
	va_end(args);
	g_propagate_error(error, thrown);
	return false;
}

/* What may not cross, in order. line: forbidden in one line only.
 * Controls break out of a line, a header or a terminal; U+2028/9 are line breaks that a
 * check for LF does not see; bidi controls make a name read backwards (gpj.exe). */
static const struct {
	uint32_t first, last;
	bool line;
} forbidden[] = {
	{ 0x0000, 0x0009, false }, /* C0 */
	{ 0x000A, 0x000A, true },  /* LF */
	{ 0x000B, 0x001F, false }, /* C0 */
	{ 0x007F, 0x009F, false }, /* DEL, C1 */
	{ 0x061C, 0x061C, true },  /* Arabic letter mark */
	{ 0x200E, 0x200F, true },  /* left-to-right and right-to-left mark */
	{ 0x2028, 0x2029, true },  /* line and paragraph separator */
	{ 0x202A, 0x202E, true },  /* embeddings and overrides */
	{ 0x2066, 0x2069, true },  /* isolates */
	{ 0xFDD0, 0xFDEF, false }, /* noncharacters */
};

static bool is_forbidden(uint32_t c, PlainCharRule rule)
{
	if (rule == PLAIN_CHARS_UTF8)
		return c == 0;
	if ((c & 0xFFFE) == 0xFFFE)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(forbidden) && c >= forbidden[i].first; i++)
		if (c <= forbidden[i].last)
			return rule == PLAIN_CHARS_LINE || !forbidden[i].line;
	return false;
}

/* Bytes at the start, in whole words, that are printable ASCII, allowed by every rule. */
static size_t printable_ascii(const uint8_t *at, size_t left)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t done = 0;

	while (left - done >= sizeof(uint64_t)) {
		uint64_t word;
		memcpy(&word, at + done, sizeof word);
		/* The top bit of some byte is set when one is 0x80 and above; or 0x7F (+ 1); or
		 * below 0x20 (- 0x20). A carry or borrow only ever comes from such a byte. */
		if ((word | (word + ones) | (word - ones * 0x20)) & (ones * 0x80))
			break;
		done += sizeof word;
	}
	return done;
}

static bool is_tail(uint8_t byte)
{
	return (byte & 0xC0) == 0x80;
}

/* Bytes at the start that every rule allows, as far as a glance tells: printable ASCII, and
 * one character of U+3000..U+CFFF (kana, kanji, hangul), where nothing is malformed or
 * forbidden once both tails are there. Most of a Japanese body takes this way; 0 when the
 * next character needs a closer look. */
static size_t surely_allowed(const uint8_t *at, size_t left)
{
	if (left >= 3 && at[0] >= 0xE3 && at[0] <= 0xEC && is_tail(at[1]) && is_tail(at[2]))
		return 3;
	if (at[0] < 0x20 || at[0] >= 0x7F)
		return 0;
	size_t words = printable_ascii(at, left);
	return words > 0 ? words : 1;
}

/* C0, C1 and F5..FF begin nothing. */
static size_t length_by_lead(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Length of the character at the start, 0 when it is malformed: overlong (which hides a
 * control from a later check), a surrogate, past U+10FFFF, or cut. */
static size_t decode_char(const uint8_t *at, size_t left, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = length_by_lead(at[0]);

	if (length == 0 || length > left)
		return 0;
	uint32_t c = length == 1 ? at[0] : at[0] & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (!is_tail(at[i]))
			return 0;
		c = c << 6 | (at[i] & 0x3Fu);
	}
	if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*ret = c;
	return length;
}

PlainCharResult plain_chars(const char *text, size_t bytes, PlainCharRule rule)
{
	const uint8_t *at = (const uint8_t *)text;
	const uint8_t *end = at + bytes;

	while (at < end) {
		size_t length = surely_allowed(at, (size_t)(end - at));
		if (length > 0) {
			at += length;
			continue;
		}
		uint32_t c;
		length = decode_char(at, (size_t)(end - at), &c);
		if (length == 0)
			return PLAIN_CHARS_NOT_UTF8;
		if (is_forbidden(c, rule))
			return PLAIN_CHARS_FORBIDDEN;
		at += length;
	}
	return PLAIN_CHARS_OK;
}
