/* plain_wire: one record to one frame and back.
 *
 *   magic "MGP1" | u16 version | u16 type | u32 sequence | u32 payload length | u32 zero
 *   payload: the fields of the record's shape (plain.c), in that order
 *
 * Every integer is put together byte by byte: no struct is ever laid over a frame, so there
 * is no alignment, padding or byte order to get wrong. A frame has exactly one form: what
 * decodes encodes to the same bytes again, so nothing can hide in slack.
 */
#include "plain_priv.h"

#include <string.h>

/* ---- writing ---------------------------------------------------------------------- */

static void put_number(GByteArray *out, uint64_t value, size_t width)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	g_byte_array_append(out, bytes, (guint)width);
}

/* The frame's cap is asked before the copy: a length past 32 bits must not wrap in glib. */
static bool put_bytes(GByteArray *out, const void *bytes, size_t length)
{
	if (length > PLAIN_FRAME_MAX || out->len + length > PLAIN_FRAME_MAX)
		return false;
	g_byte_array_append(out, bytes, (guint)length);
	return true;
}

static const void *const_member(const PlainRecord *record, const PlainField *field)
{
	return (const uint8_t *)record + field->offset;
}

static bool put_u16(GByteArray *out, const PlainRecord *record, const PlainField *field)
{
	put_number(out, *(const uint16_t *)const_member(record, field), 2);
	return true;
}

/* int32_t too: the same four bytes, two's complement. */
static bool put_u32(GByteArray *out, const PlainRecord *record, const PlainField *field)
{
	put_number(out, *(const uint32_t *)const_member(record, field), 4);
	return true;
}

static bool put_u64(GByteArray *out, const PlainRecord *record, const PlainField *field)
{
	put_number(out, *(const uint64_t *)const_member(record, field), 8);
	return true;
}

static bool put_string(GByteArray *out, const PlainRecord *record, const PlainField *field)
{
	size_t bytes;
	const char *text = plain_member_string(record, field, &bytes);

	put_number(out, bytes, 4);
	return put_bytes(out, text, bytes);
}

static bool put_path(GByteArray *out, const PlainRecord *record, const PlainField *field)
{
	const uint16_t *number = const_member(record, field);

	if (record->part.depth > PLAIN_DEPTH_MAX)
		return false;
	put_number(out, record->part.depth, 2);
	for (size_t i = 0; i < record->part.depth; i++)
		put_number(out, number[i], 2);
	return true;
}

static bool put_hash(GByteArray *out, const PlainRecord *record, const PlainField *field)
{
	return put_bytes(out, const_member(record, field), PLAIN_HASH_SIZE);
}

/* ---- reading ---------------------------------------------------------------------- */

/* What is left of the frame. */
typedef struct {
	const uint8_t *at;
	size_t left;
} Reader;

static const char is_short[] = "is cut short";

static bool get_number(Reader *reader, size_t width, uint64_t *ret)
{
	uint64_t value = 0;

	if (reader->left < width)
		return false;
	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)reader->at[i] << (8 * i);
	reader->at += width;
	reader->left -= width;
	*ret = value;
	return true;
}

/* Each reader of a field: NULL, or what is wrong. */
static const char *get_u16(Reader *reader, PlainRecord *record, const PlainField *field)
{
	uint64_t value;

	if (!get_number(reader, 2, &value))
		return is_short;
	*(uint16_t *)plain_member(record, field) = (uint16_t)value;
	return NULL;
}

static const char *get_u32(Reader *reader, PlainRecord *record, const PlainField *field)
{
	uint64_t value;

	if (!get_number(reader, 4, &value))
		return is_short;
	*(uint32_t *)plain_member(record, field) = (uint32_t)value;
	return NULL;
}

static const char *get_u64(Reader *reader, PlainRecord *record, const PlainField *field)
{
	uint64_t value;

	if (!get_number(reader, 8, &value))
		return is_short;
	*(uint64_t *)plain_member(record, field) = value;
	return NULL;
}

static const char *get_string(Reader *reader, PlainRecord *record, const PlainField *field)
{
	uint64_t untrusted_bytes;

	if (!get_number(reader, 4, &untrusted_bytes))
		return is_short;
	if (untrusted_bytes > reader->left)
		return "is longer than its frame";
	size_t bytes = (size_t)untrusted_bytes;
	/* A NUL inside would make the string shorter for C than it was for the checks. */
	PlainCharResult result = plain_chars((const char *)reader->at, bytes, PLAIN_CHARS_UTF8);
	if (result != PLAIN_CHARS_OK)
		return result == PLAIN_CHARS_FORBIDDEN ? "holds a NUL" : "is not valid UTF-8";
	*(char **)plain_member(record, field) = g_strndup((const char *)reader->at, bytes);
	if (field->kind == PLAIN_FIELD_TEXT)
		record->text.bytes = bytes;
	reader->at += bytes;
	reader->left -= bytes;
	return NULL;
}

static const char *get_path(Reader *reader, PlainRecord *record, const PlainField *field)
{
	uint16_t *number = plain_member(record, field);
	uint64_t untrusted_depth, value;

	if (!get_number(reader, 2, &untrusted_depth))
		return is_short;
	if (untrusted_depth > PLAIN_DEPTH_MAX)
		return "has too many numbers";
	for (size_t i = 0; i < untrusted_depth; i++) {
		if (!get_number(reader, 2, &value))
			return is_short;
		number[i] = (uint16_t)value;
	}
	record->part.depth = (uint16_t)untrusted_depth;
	return NULL;
}

static const char *get_hash(Reader *reader, PlainRecord *record, const PlainField *field)
{
	if (reader->left < PLAIN_HASH_SIZE)
		return is_short;
	memcpy(plain_member(record, field), reader->at, PLAIN_HASH_SIZE);
	reader->at += PLAIN_HASH_SIZE;
	reader->left -= PLAIN_HASH_SIZE;
	return NULL;
}

/* ---- both ------------------------------------------------------------------------- */

static const struct {
	bool (*put)(GByteArray *out, const PlainRecord *record, const PlainField *field);
	const char *(*get)(Reader *reader, PlainRecord *record, const PlainField *field);
} codecs[PLAIN_FIELD_KINDS] = {
	[PLAIN_FIELD_U16] = { put_u16, get_u16 },        [PLAIN_FIELD_U32] = { put_u32, get_u32 },
	[PLAIN_FIELD_I32] = { put_u32, get_u32 },        [PLAIN_FIELD_U64] = { put_u64, get_u64 },
	[PLAIN_FIELD_LINE] = { put_string, get_string }, [PLAIN_FIELD_TEXT] = { put_string, get_string },
	[PLAIN_FIELD_PATH] = { put_path, get_path },     [PLAIN_FIELD_HASH] = { put_hash, get_hash },
};

enum { LENGTH_AT = 12 };

static void put_header(GByteArray *out, PlainType type, uint32_t sequence)
{
	g_byte_array_append(out, (const uint8_t *)PLAIN_MAGIC, PLAIN_MAGIC_SIZE);
	put_number(out, PLAIN_VERSION, 2);
	put_number(out, (uint64_t)type, 2);
	put_number(out, sequence, 4);
	put_number(out, 0, 4);
	put_number(out, 0, 4);
}

static void set_length(GByteArray *out)
{
	uint32_t length = out->len - PLAIN_HEADER_SIZE;

	for (size_t i = 0; i < 4; i++)
		out->data[LENGTH_AT + i] = (uint8_t)(length >> (8 * i));
}

GByteArray *plain_encode(const PlainRecord *record, uint32_t sequence)
{
	const PlainShape *shape = plain_shape(record->type);

	if (shape == NULL)
		return NULL;
	g_autoptr(GByteArray) out = g_byte_array_new();
	put_header(out, record->type, sequence);
	for (size_t i = 0; i < shape->n_fields; i++)
		if (!codecs[shape->fields[i].kind].put(out, record, &shape->fields[i]))
			return NULL;
	if (out->len > PLAIN_FRAME_MAX)
		return NULL;
	set_length(out);
	return g_steal_pointer(&out);
}

static bool get_header(Reader *reader, PlainRecord *record, GError **error)
{
	uint64_t version, type, sequence, length, reserved;

	if (reader->left < PLAIN_HEADER_SIZE || reader->left > PLAIN_FRAME_MAX)
		return plain_throw(error, PLAIN_ERROR_FRAME, "frame of %zu bytes", reader->left);
	if (memcmp(reader->at, PLAIN_MAGIC, PLAIN_MAGIC_SIZE) != 0)
		return plain_throw(error, PLAIN_ERROR_FRAME, "frame has a wrong magic");
	reader->at += PLAIN_MAGIC_SIZE;
	reader->left -= PLAIN_MAGIC_SIZE;
	if (!get_number(reader, 2, &version) || !get_number(reader, 2, &type) ||
	    !get_number(reader, 4, &sequence) || !get_number(reader, 4, &length) ||
	    !get_number(reader, 4, &reserved))
		return plain_throw(error, PLAIN_ERROR_FRAME, "frame has a short header");
	if (version != PLAIN_VERSION || reserved != 0)
		return plain_throw(error, PLAIN_ERROR_FRAME, "frame has an unknown version");
	if (plain_shape((PlainType)type) == NULL)
		return plain_throw(error, PLAIN_ERROR_FRAME, "frame has an unknown type");
	if (length != reader->left)
		return plain_throw(error, PLAIN_ERROR_FRAME, "frame is not as long as it says");
	record->type = (PlainType)type;
	record->sequence = (uint32_t)sequence;
	return true;
}

PlainRecord *plain_decode(const uint8_t *frame, size_t length, GError **error)
{
	Reader reader = { frame, length };
	g_autoptr(PlainRecord) record = g_new0(PlainRecord, 1);

	if (!get_header(&reader, record, error))
		return NULL;
	const PlainShape *shape = plain_shape(record->type);
	for (size_t i = 0; i < shape->n_fields; i++) {
		const PlainField *field = &shape->fields[i];
		const char *wrong = codecs[field->kind].get(&reader, record, field);
		if (wrong != NULL) {
			plain_throw(error, PLAIN_ERROR_FIELD, "\"%s\" %s", field->name, wrong);
			return NULL;
		}
	}
	if (reader.left > 0) {
		plain_throw(error, PLAIN_ERROR_FIELD, "\"%s\" has bytes after its last field", shape->name);
		return NULL;
	}
	return g_steal_pointer(&record);
}
