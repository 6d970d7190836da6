/* A whole answer: byte 0 holds flags, then frames, each behind its length (u16, little-endian).
 * Flag 1: magic, version, sequence and length of each frame are put right first, and the
 * count of an END, so that mutation reaches the rules behind them.
 *
 * What the checker lets through is judged again here, by plain code of another make (GLib's
 * Unicode tables, loops in place of trees). */
#include "plain.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const PlainCaps caps = {
	.types = 1u << PLAIN_STRING | 1u << PLAIN_ADDRESS | 1u << PLAIN_TEXT | 1u << PLAIN_PART |
	         1u << PLAIN_PICTURE | 1u << PLAIN_RUN,
	.max_records = 24,
	.max_text_bytes = 512,
	.max_parts = 5,
	.max_part_depth = 4,
	.max_pictures = 4,
	.max_picture_pixels = 10000,
	.arena_size = 10000,
	.pixel_arena_size = 40000,
};

/* Sums and products that cannot wrap. */
__extension__ typedef unsigned __int128 Wide;

/* What the accepted records came to. */
typedef struct {
	uint32_t records;
	uint64_t text_bytes;
	PlainRecord *part[8], *picture[8];
	unsigned parts, pictures;
	bool refused, ended;
} Seen;

static bool is_bidi(gunichar c)
{
	return c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static bool is_noncharacter(gunichar c)
{
	return (c >= 0xFDD0 && c <= 0xFDEF) || c % 0x10000 == 0xFFFE || c % 0x10000 == 0xFFFF;
}

static void judge_text(Seen *seen, const char *text, bool line)
{
	g_assert_nonnull(text);
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		GUnicodeType type = g_unichar_type(c);
		g_assert_false(is_noncharacter(c));
		g_assert_true(type != G_UNICODE_CONTROL || (!line && c == '\n'));
		if (line)
			g_assert_false(is_bidi(c) || type == G_UNICODE_LINE_SEPARATOR ||
			               type == G_UNICODE_PARAGRAPH_SEPARATOR);
	}
	seen->text_bytes += strlen(text);
}

static void judge_name(Seen *seen, const char *text)
{
	judge_text(seen, text, true);
	g_assert_cmpuint(strlen(text), <=, PLAIN_NAME_MAX);
}

static bool same_number(const PlainRecord *a, const PlainRecord *b)
{
	if (a->part.depth != b->part.depth)
		return false;
	for (unsigned i = 0; i < a->part.depth; i++)
		if (a->part.number[i] != b->part.number[i])
			return false;
	return true;
}

static void judge_part(Seen *seen, PlainRecord *record)
{
	g_assert_cmpuint(record->part.depth, >, 0);
	g_assert_cmpuint(record->part.depth, <=, caps.max_part_depth);
	for (unsigned i = 0; i < record->part.depth; i++)
		g_assert_cmpuint(record->part.number[i], >, 0);
	for (unsigned i = 0; i < seen->parts; i++)
		g_assert_false(same_number(seen->part[i], record));
	g_assert_true((Wide)record->part.offset + record->part.length <= caps.arena_size);
	g_assert_cmpuint(record->part.length, <=, record->part.bytes);
	judge_name(seen, record->part.name);
	judge_name(seen, record->part.declared_type);
	judge_name(seen, record->part.true_type);
	g_assert_cmpuint(seen->parts, <, caps.max_parts);
	seen->part[seen->parts++] = record;
}

static void judge_picture(Seen *seen, PlainRecord *record)
{
	Wide pixels = (Wide)record->picture.width * record->picture.height;
	unsigned each = record->picture.format == PLAIN_XRGB32 ? 4 : 1;

	g_assert_true(pixels > 0 && pixels <= caps.max_picture_pixels);
	g_assert_true(record->picture.format == PLAIN_XRGB32 || record->picture.format == PLAIN_GRAY8);
	g_assert_true(record->picture.length == pixels * each);
	g_assert_true((Wide)record->picture.offset + record->picture.length <= caps.pixel_arena_size);
	g_assert_cmpuint(record->picture.dpi, >, 0);
	g_assert_true(record->picture.box_width >= 1 && record->picture.box_width <= PLAIN_PICTURE_BOX_MAX);
	g_assert_true(record->picture.box_height >= 1 && record->picture.box_height <= PLAIN_PICTURE_BOX_MAX);
	for (unsigned i = 0; i < seen->pictures; i++)
		g_assert_cmpuint(seen->picture[i]->picture.page, <, record->picture.page);
	g_assert_cmpuint(seen->pictures, <, caps.max_pictures);
	seen->picture[seen->pictures++] = record;
}

static void judge_run(Seen *seen, const PlainRecord *record)
{
	bool found = false;

	for (unsigned i = 0; i < seen->pictures; i++)
		found |= seen->picture[i]->picture.page == record->run.page;
	g_assert_true(found);
	g_assert_true(record->run.w >= 0 && record->run.h >= 0 && record->run.vertical <= 1);
	judge_text(seen, record->run.text, true);
}

/* An accepted record against all that plain.h promises. */
static void judge(Seen *seen, PlainRecord *record)
{
	g_assert_false(seen->refused || seen->ended);
	g_assert_cmpuint(record->sequence, ==, seen->records);
	g_assert_true((record->type == PLAIN_READY) == (seen->records == 0));
	if (record->type == PLAIN_STRING)
		judge_text(seen, record->string.text, true);
	if (record->type == PLAIN_TEXT) {
		judge_text(seen, record->text.text, false);
		g_assert_cmpuint(record->text.bytes, ==, strlen(record->text.text));
	}
	if (record->type == PLAIN_ADDRESS) {
		judge_name(seen, record->address.name);
		judge_name(seen, record->address.local);
		judge_name(seen, record->address.domain);
	}
	if (record->type == PLAIN_PART)
		judge_part(seen, record);
	if (record->type == PLAIN_PICTURE)
		judge_picture(seen, record);
	if (record->type == PLAIN_RUN)
		judge_run(seen, record);
	if (record->type == PLAIN_END)
		g_assert_cmpuint(record->end.records, ==, seen->records);
	g_assert_cmpuint(record->type, !=, PLAIN_COUNTER); /* not in the caps */
	seen->ended = record->type == PLAIN_END;
	seen->records++;
	g_assert_cmpuint(seen->records, <=, caps.max_records);
	g_assert_cmpuint(seen->text_bytes, <=, caps.max_text_bytes);
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void repair(uint8_t *frame, size_t size, uint32_t sequence)
{
	if (size < PLAIN_HEADER_SIZE)
		return;
	memcpy(frame, "MGP1\1\0", 6);
	put_u32(frame + 8, sequence);
	put_u32(frame + 12, (uint32_t)size - PLAIN_HEADER_SIZE);
	put_u32(frame + 16, 0);
	if (frame[6] == PLAIN_END && frame[7] == 0 && size == PLAIN_HEADER_SIZE + 6)
		put_u32(frame + PLAIN_HEADER_SIZE + 2, sequence);
}

static PlainRecord *decode_copy(const uint8_t *frame, size_t size, bool repaired, uint32_t sequence)
{
	g_autofree uint8_t *copy = g_malloc(MAX(size, 1));

	for (size_t i = 0; i < size; i++)
		copy[i] = frame[i];
	if (repaired)
		repair(copy, size, sequence);
	return plain_decode(copy, size, NULL);
}

static void check_one(PlainChecker *checker, Seen *seen, PlainRecord *record)
{
	g_autoptr(GError) error = NULL;
	bool accepted = plain_check(checker, record, &error);

	g_assert_true(accepted == (error == NULL));
	if (accepted)
		judge(seen, record);
	else
		seen->refused = true;
	g_assert_true(plain_checker_ended(checker) == (seen->ended && !seen->refused));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(PlainChecker) checker = plain_checker_new(&caps);
	g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)plain_record_free);
	Seen seen = { 0 };
	bool repaired = size > 0 && (data[0] & 1);

	for (size_t at = 1; at + 2 <= size && records->len < 64;) {
		size_t length = MIN((size_t)(data[at] | data[at + 1] << 8), size - at - 2);
		PlainRecord *record = decode_copy(data + at + 2, length, repaired, seen.records);
		if (record != NULL) {
			g_ptr_array_add(records, record);
			check_one(checker, &seen, record);
		}
		at += 2 + length;
	}
	return 0;
}
