/* plain: the wire, the checker and the writer. With --write-seeds DIR it writes the seeds of
 * fuzz_plain_decode and fuzz_plain_check instead (DIR is fuzz/seeds). */
#include "plain.h"
#include "plain_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A literal as a member of a record (records own their strings, but the checks only read). */
#define S(literal) ((char *)(literal))

#define STRING(text_)                                                                                        \
	{                                                                                                    \
		.type = PLAIN_STRING, .string = { 1, 0, S(text_) }                                           \
	}
#define TEXT(text_)                                                                                          \
	{                                                                                                    \
		.type = PLAIN_TEXT, .text = { 1, S(text_), sizeof(text_) - 1 }                               \
	}
#define ADDRESS(name_, local_, domain_)                                                                      \
	{                                                                                                    \
		.type = PLAIN_ADDRESS, .address = { 1, 0, S(name_), S(local_), S(domain_) }                  \
	}
#define COUNTER(id_, value_)                                                                                 \
	{                                                                                                    \
		.type = PLAIN_COUNTER, .counter = { id_, value_ }                                            \
	}
#define NUMBER(...) { __VA_ARGS__ }, .depth = sizeof((uint16_t[]) { __VA_ARGS__ }) / sizeof(uint16_t)
#define PART(...)                                                                                            \
	{                                                                                                    \
		.type = PLAIN_PART, .part = {.number = __VA_ARGS__, .bytes = 10, .offset = 0, .length = 10 } \
	}
#define PICTURE(page_, w_, h_, format_, dpi_, offset_, length_)                                              \
	{                                                                                                    \
		.type = PLAIN_PICTURE,                                                                       \
		.picture = { page_, w_, h_, format_, dpi_, 595000, 842000, offset_, length_ }                \
	}
#define BOX(w_, h_)                                                                                          \
	{                                                                                                    \
		.type = PLAIN_PICTURE, .picture = { 1, 1, 1, PLAIN_GRAY8, 1, w_, h_, 0, 1 }                  \
	}
#define RUN(page_, w_, h_, vertical_, text_)                                                                 \
	{                                                                                                    \
		.type = PLAIN_RUN, .run = { page_, 1, 2, w_, h_, vertical_, S(text_) }                       \
	}
#define END(records_)                                                                                        \
	{                                                                                                    \
		.type = PLAIN_END, .end = { 0, records_ }                                                    \
	}

static const PlainRecord ready = { .type = PLAIN_READY, .ready = { PLAIN_WALL_ALL } };

/* One of each, with every field set to something of its own. */
static const PlainRecord samples[] = {
	{ .type = PLAIN_READY, .ready = { PLAIN_WALL_LANDLOCK | PLAIN_WALL_SECCOMP } },
	{ .type = PLAIN_STRING, .string = { 3, 0x0102, S("健康診断のお知らせ ①㈱髙") } },
	{ .type = PLAIN_ADDRESS, .address = { 4, 5, S("総務課"), S("somu"), S("city.example.jp") } },
	{ .type = PLAIN_TEXT, .text = { 1, S("一行目\nline 2 \xE2\x80\x8F"), 9 + 1 + 7 + 3 } },
	{ .type = PLAIN_PART,
	  .part = { .number = { 2, 1, 65535 },
	            .depth = 3,
	            .reason = 7,
	            .flags = 0xA1B2C3D4,
	            .name = S("見積書.xlsx"),
	            .declared_type = S("application/octet-stream"),
	            .true_type = S("application/zip"),
	            .bytes = 5000,
	            .offset = 4096,
	            .length = 4000,
	            .sha256 = { 1, 2, 3, [31] = 0xFF } } },
	{ .type = PLAIN_COUNTER, .counter = { 7, UINT64_MAX - 1 } },
	{ .type = PLAIN_PICTURE, .picture = { 3, 10, 20, PLAIN_XRGB32, 150, 612000, 792001, 4096, 800 } },
	{ .type = PLAIN_RUN, .run = { 3, -5, INT32_MIN, 7, INT32_MAX, 1, S("縦書き") } },
	{ .type = PLAIN_END, .end = { 2, 8 } },
	{ .type = PLAIN_STRING, .string = { 0, 0, S("") } },
	{ .type = PLAIN_TEXT, .text = { 0, S(""), 0 } },
	{ .type = PLAIN_PART,
	  .part = { .depth = 0, .name = S(""), .declared_type = S(""), .true_type = S("") } },
};

static const PlainCaps wide = {
	.types = (1u << PLAIN_TYPE_COUNT) - 1,
	.max_records = 1000,
	.max_text_bytes = 1 << 20,
	.max_parts = 100,
	.max_part_depth = PLAIN_DEPTH_MAX,
	.max_pictures = 100,
	.max_picture_pixels = UINT64_MAX,
	.arena_size = 10000,
	.pixel_arena_size = UINT64_MAX,
};

static PlainRecord *decode_array(const GByteArray *frame, GError **error)
{
	return plain_decode(frame->data, frame->len, error);
}

/* ---- the wire --------------------------------------------------------------------- */

/* The bytes themselves: a change here is a change of the protocol. */
static void test_golden_frame(void)
{
	static const uint8_t golden[] = {
		'M', 'G', 'P', '1', 1, 0, 2,    0,    4, 3, 2, 1, 0x0B, 0,    0,    0,
		0,   0,   0,   0,   3, 0, 0x02, 0x01, 3, 0, 0, 0, 0xE5, 0x81, 0xA5,
	};
	PlainRecord record = { .type = PLAIN_STRING, .string = { 3, 0x0102, S("健") } };
	GByteArray *frame = plain_encode(&record, 0x01020304);

	g_assert_nonnull(frame);
	g_assert_cmpmem(frame->data, frame->len, golden, sizeof golden);
	g_byte_array_unref(frame);
}

static void test_round_trip(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(GError) error = NULL;
		GByteArray *frame = plain_encode(&samples[i], 77);
		g_assert_nonnull(frame);
		g_autoptr(PlainRecord) record = decode_array(frame, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(record->type, ==, samples[i].type);
		g_assert_cmpuint(record->sequence, ==, 77);
		GByteArray *again = plain_encode(record, 77);
		g_assert_cmpmem(again->data, again->len, frame->data, frame->len);
		g_byte_array_unref(again);
		g_byte_array_unref(frame);
	}
}

static PlainRecord *through_wire(const PlainRecord *record)
{
	g_autoptr(GError) error = NULL;
	GByteArray *frame = plain_encode(record, 0);
	PlainRecord *decoded = decode_array(frame, &error);

	g_assert_no_error(error);
	g_byte_array_unref(frame);
	return decoded;
}

/* Field by field, so that two fields swapped in both directions would show. */
static void test_fields(void)
{
	g_autoptr(PlainRecord) r = through_wire(&samples[0]);
	g_assert_cmpuint(r->ready.walls, ==, 3);
	g_autoptr(PlainRecord) s = through_wire(&samples[1]);
	g_assert_cmpuint(s->string.slot, ==, 3);
	g_assert_cmpuint(s->string.index, ==, 0x0102);
	g_assert_cmpstr(s->string.text, ==, samples[1].string.text);
	g_autoptr(PlainRecord) a = through_wire(&samples[2]);
	g_assert_cmpuint(a->address.slot, ==, 4);
	g_assert_cmpuint(a->address.index, ==, 5);
	g_assert_cmpstr(a->address.name, ==, "総務課");
	g_assert_cmpstr(a->address.local, ==, "somu");
	g_assert_cmpstr(a->address.domain, ==, "city.example.jp");
	g_autoptr(PlainRecord) t = through_wire(&samples[3]);
	g_assert_cmpuint(t->text.stream, ==, 1);
	g_assert_cmpuint(t->text.bytes, ==, strlen(samples[3].text.text));
	g_assert_cmpstr(t->text.text, ==, samples[3].text.text);
	g_autoptr(PlainRecord) c = through_wire(&samples[5]);
	g_assert_cmpuint(c->counter.id, ==, 7);
	g_assert_cmpuint(c->counter.value, ==, UINT64_MAX - 1);
	g_autoptr(PlainRecord) e = through_wire(&samples[8]);
	g_assert_cmpuint(e->end.status, ==, 2);
	g_assert_cmpuint(e->end.records, ==, 8);
}

static void test_fields_of_part(void)
{
	g_autoptr(PlainRecord) p = through_wire(&samples[4]);

	g_assert_cmpuint(p->part.depth, ==, 3);
	g_assert_cmpuint(p->part.number[0], ==, 2);
	g_assert_cmpuint(p->part.number[1], ==, 1);
	g_assert_cmpuint(p->part.number[2], ==, 65535);
	g_assert_cmpuint(p->part.number[3], ==, 0);
	g_assert_cmpuint(p->part.reason, ==, 7);
	g_assert_cmpuint(p->part.flags, ==, 0xA1B2C3D4);
	g_assert_cmpstr(p->part.name, ==, "見積書.xlsx");
	g_assert_cmpstr(p->part.declared_type, ==, "application/octet-stream");
	g_assert_cmpstr(p->part.true_type, ==, "application/zip");
	g_assert_cmpuint(p->part.bytes, ==, 5000);
	g_assert_cmpuint(p->part.offset, ==, 4096);
	g_assert_cmpuint(p->part.length, ==, 4000);
	g_assert_cmpmem(p->part.sha256, 32, samples[4].part.sha256, 32);
}

static void test_fields_of_pictures(void)
{
	g_autoptr(PlainRecord) p = through_wire(&samples[6]);
	g_assert_cmpuint(p->picture.page, ==, 3);
	g_assert_cmpuint(p->picture.width, ==, 10);
	g_assert_cmpuint(p->picture.height, ==, 20);
	g_assert_cmpuint(p->picture.format, ==, PLAIN_XRGB32);
	g_assert_cmpuint(p->picture.dpi, ==, 150);
	g_assert_cmpuint(p->picture.offset, ==, 4096);
	g_assert_cmpuint(p->picture.box_width, ==, 612000);
	g_assert_cmpuint(p->picture.box_height, ==, 792001);
	g_assert_cmpuint(p->picture.length, ==, 800);
	g_autoptr(PlainRecord) r = through_wire(&samples[7]);
	g_assert_cmpuint(r->run.page, ==, 3);
	g_assert_cmpint(r->run.x, ==, -5);
	g_assert_cmpint(r->run.y, ==, INT32_MIN);
	g_assert_cmpint(r->run.w, ==, 7);
	g_assert_cmpint(r->run.h, ==, INT32_MAX);
	g_assert_cmpuint(r->run.vertical, ==, 1);
	g_assert_cmpstr(r->run.text, ==, "縦書き");
}

/* Cut anywhere, or one byte longer: refused. Each piece in a buffer of its own size, so
 * that a sanitizer sees a read past it. */
static void test_truncation(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		GByteArray *frame = plain_encode(&samples[i], 0);
		for (guint cut = 0; cut < frame->len; cut++) {
			g_autoptr(GError) error = NULL;
			g_autofree uint8_t *copy = g_memdup2(frame->data, cut);
			g_assert_null(plain_decode(copy, cut, &error));
			g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_FRAME);
		}
		g_byte_array_append(frame, (const uint8_t *)"", 1);
		g_assert_null(plain_decode(frame->data, frame->len, NULL));
		g_byte_array_unref(frame);
	}
}

static void write_length(GByteArray *frame)
{
	guint length = frame->len - PLAIN_HEADER_SIZE;

	for (guint i = 0; i < 4; i++)
		frame->data[12 + i] = (uint8_t)(length >> (8 * i));
}

/* The same with a header that tells the truth about the cut: now the fields must notice. */
static void test_truncated_fields(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		GByteArray *frame = plain_encode(&samples[i], 0);
		while (frame->len > PLAIN_HEADER_SIZE) {
			g_autoptr(GError) error = NULL;
			g_byte_array_set_size(frame, frame->len - 1);
			write_length(frame);
			g_autofree uint8_t *copy = g_memdup2(frame->data, frame->len);
			g_assert_null(plain_decode(copy, frame->len, &error));
			g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_FIELD);
		}
		g_byte_array_unref(frame);
	}
}

/* One bit of a header: refused, or another sequence number (which the checker refuses), or
 * another type whose form the payload happens to have, and then in its only form. */
static void check_flipped(const GByteArray *frame, guint bit)
{
	g_autoptr(PlainRecord) record = decode_array(frame, NULL);
	g_autoptr(PlainChecker) checker = plain_checker_new(&wide);
	bool in_sequence = bit / 8 >= 8 && bit / 8 < 12;

	g_assert_true(in_sequence == (record != NULL) || (record != NULL && bit / 8 / 2 == 3));
	if (record == NULL)
		return;
	GByteArray *again = plain_encode(record, record->sequence);
	g_assert_cmpmem(again->data, again->len, frame->data, frame->len);
	g_byte_array_unref(again);
	if (in_sequence)
		g_assert_false(plain_check(checker, record, NULL));
}

static void test_header_bits(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		GByteArray *frame = plain_encode(&samples[i], 0);
		for (guint bit = 0; bit < PLAIN_HEADER_SIZE * 8; bit++) {
			frame->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			check_flipped(frame, bit);
			frame->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		}
		g_byte_array_unref(frame);
	}
}

/* A good frame with bytes put over it. */
static const struct {
	const char *name;
	size_t sample;
	size_t at;
	const char *bytes;
	size_t length;
	PlainError error;
} decode_cases[] = {
	{ "magic", 1, 0, "MGP2", 4, PLAIN_ERROR_FRAME },
	{ "version 0", 1, 4, "\0\0", 2, PLAIN_ERROR_FRAME },
	{ "version 2", 1, 4, "\2\0", 2, PLAIN_ERROR_FRAME },
	{ "type 0", 1, 6, "\0\0", 2, PLAIN_ERROR_FRAME },
	{ "type past the last", 1, 6, "\x0A\0", 2, PLAIN_ERROR_FRAME },
	{ "type of two bytes", 1, 6, "\2\1", 2, PLAIN_ERROR_FRAME },
	{ "length below", 1, 12, "\1\0\0\0", 4, PLAIN_ERROR_FRAME },
	{ "length far above", 1, 12, "\xFF\xFF\xFF\xFF", 4, PLAIN_ERROR_FRAME },
	{ "reserved bytes", 1, 16, "\1", 1, PLAIN_ERROR_FRAME },
	{ "string longer than the frame", 1, 24, "\xFF\xFF\0\0", 4, PLAIN_ERROR_FIELD },
	{ "string of 4 GB", 1, 24, "\xFF\xFF\xFF\xFF", 4, PLAIN_ERROR_FIELD },
	{ "string shorter, slack behind", 1, 24, "\3\0\0\0", 4, PLAIN_ERROR_FIELD },
	{ "NUL inside", 2, 37, "\0", 1, PLAIN_ERROR_FIELD },
	{ "lone tail", 2, 37, "\x80", 1, PLAIN_ERROR_FIELD },
	{ "lead without tail", 2, 37, "\xE3", 1, PLAIN_ERROR_FIELD },
	{ "Latin-1", 2, 37, "\xFF", 1, PLAIN_ERROR_FIELD },
	{ "path of 33 numbers", 4, 20, "\x21\0", 2, PLAIN_ERROR_FIELD },
	{ "path of 65535 numbers", 4, 20, "\xFF\xFF", 2, PLAIN_ERROR_FIELD },
	{ "shorter path, all else shifts", 4, 20, "\2\0", 2, PLAIN_ERROR_FIELD },
};

static void test_decode_refusals(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(decode_cases); i++) {
		g_autoptr(GError) error = NULL;
		GByteArray *frame = plain_encode(&samples[decode_cases[i].sample], 0);
		g_test_message("%s", decode_cases[i].name);
		memcpy(frame->data + decode_cases[i].at, decode_cases[i].bytes, decode_cases[i].length);
		g_assert_null(decode_array(frame, &error));
		g_assert_error(error, PLAIN_ERROR, (int)decode_cases[i].error);
		g_byte_array_unref(frame);
	}
}

static char *repeat(const char *text, size_t bytes)
{
	char *all = g_malloc(bytes + 1);

	for (size_t i = 0; i < bytes; i++)
		all[i] = text[i % strlen(text)];
	all[bytes] = '\0';
	return all;
}

/* The longest frame there may be; one byte more has no encoding and no decoding. */
static void test_frame_max(void)
{
	size_t most = PLAIN_FRAME_MAX - PLAIN_HEADER_SIZE - 2 - 2 - 4;
	g_autofree char *text = repeat("a", most + 1);
	PlainRecord record = { .type = PLAIN_STRING, .string = { 1, 1, text } };

	g_assert_null(plain_encode(&record, 0));
	text[most] = '\0';
	GByteArray *frame = plain_encode(&record, 0);
	g_assert_cmpuint(frame->len, ==, PLAIN_FRAME_MAX);
	g_autoptr(PlainRecord) decoded = decode_array(frame, NULL);
	g_assert_nonnull(decoded);
	g_byte_array_append(frame, (const uint8_t *)"a", 1);
	write_length(frame);
	frame->data[24]++;
	g_autoptr(GError) error = NULL;
	g_assert_null(decode_array(frame, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_FRAME);
	g_byte_array_unref(frame);
}

static void test_encode_refusals(void)
{
	PlainRecord none = { .type = 0 }, past = { .type = PLAIN_TYPE_COUNT };
	PlainRecord deep = PART(NUMBER(1));
	PlainRecord huge = { .type = PLAIN_TEXT, .text = { 1, S("x"), SIZE_MAX } };

	deep.part.depth = PLAIN_DEPTH_MAX + 1;
	g_assert_null(plain_encode(&none, 0));
	g_assert_null(plain_encode(&past, 0));
	g_assert_null(plain_encode(&deep, 0));
	g_assert_null(plain_encode(&huge, 0));
}

/* ---- characters ------------------------------------------------------------------- */

static bool glib_forbids(gunichar c, bool line)
{
	GUnicodeType type = g_unichar_type(c);

	if (type == G_UNICODE_CONTROL)
		return line || c != '\n';
	if ((c >= 0xFDD0 && c <= 0xFDEF) || c % 0x10000 >= 0xFFFE)
		return true;
	return line &&
	       (type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR || c == 0x061C ||
	        c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069));
}

/* Every code point under both rules, at every offset of a word, beside ASCII and kanji. */
static void test_every_character(void)
{
	char buffer[32] = "01234567";

	for (gunichar c = 0; c <= 0x10FFFF; c++) {
		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		size_t before = c % 9;
		size_t bytes = before + (size_t)g_unichar_to_utf8(c, buffer + before);
		memcpy(buffer + bytes, "abcdefgh髙", 11);
		for (int line = 0; line < 2; line++) {
			bool allowed =
			        plain_chars(buffer, bytes + 11, line ? PLAIN_CHARS_LINE : PLAIN_CHARS_TEXT) ==
			        PLAIN_CHARS_OK;
			if (allowed == glib_forbids(c, line))
				g_error("U+%04X in a %s is judged wrongly", c, line ? "line" : "text");
		}
		memcpy(buffer, "01234567", 8);
	}
}

/* Two and three bytes of all values, four of many, against GLib's validator. */
static void test_every_utf8(void)
{
	static const uint8_t edges[] = { 0x01, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
		                         0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xFF };

	for (unsigned n = 0; n < 1u << 24; n++) {
		uint8_t b[4] = { (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, edges[n % 12] };
		size_t length = 3 + (b[0] >= 0xF0);
		if ((b[0] < 0xC0 && n % 61 != 0) || (b[0] >= 0xF0 && n % 7 > 4))
			continue;
		bool valid = plain_chars((char *)b, length, PLAIN_CHARS_UTF8) == PLAIN_CHARS_OK;
		if (valid != g_utf8_validate_len((char *)b, length, NULL))
			g_error("%02x %02x %02x %02x, %zu bytes, are judged wrongly", b[0], b[1], b[2], b[3],
			        length);
	}
}

/* ---- the checker ------------------------------------------------------------------ */

enum { FINE = -1 };

/* READY, then first (if it has a type), then record: this one is accepted, or refused with
 * that error. */
static const struct {
	const char *name;
	PlainRecord first;
	PlainRecord record;
	int error;
} check_cases[] = {
	{ "line", { 0 }, STRING("健康診断"), FINE },
	{ "line: empty", { 0 }, STRING(""), FINE },
	{ "line: LF", { 0 }, STRING("a\nb"), PLAIN_ERROR_TEXT },
	{ "line: CR", { 0 }, STRING("a\rb"), PLAIN_ERROR_TEXT },
	{ "line: TAB", { 0 }, STRING("a\tb"), PLAIN_ERROR_TEXT },
	{ "line: ESC", { 0 }, STRING("\x1B[2J"), PLAIN_ERROR_TEXT },
	{ "line: DEL", { 0 }, STRING("a\x7F"), PLAIN_ERROR_TEXT },
	{ "line: NEL", { 0 }, STRING("a\xC2\x85"), PLAIN_ERROR_TEXT },
	{ "line: no-break space", { 0 }, STRING("a\xC2\xA0"), FINE },
	{ "line: U+2028", { 0 }, STRING("a\xE2\x80\xA8"), PLAIN_ERROR_TEXT },
	{ "line: U+2029", { 0 }, STRING("a\xE2\x80\xA9"), PLAIN_ERROR_TEXT },
	{ "line: right-to-left override", { 0 }, STRING("\xE2\x80\xAEgpj.exe"), PLAIN_ERROR_TEXT },
	{ "line: isolate", { 0 }, STRING("\xE2\x81\xA6"), PLAIN_ERROR_TEXT },
	{ "line: Arabic letter mark", { 0 }, STRING("\xD8\x9C"), PLAIN_ERROR_TEXT },
	{ "line: U+FFFF", { 0 }, STRING("\xEF\xBF\xBF"), PLAIN_ERROR_TEXT },
	{ "line: U+FDD0", { 0 }, STRING("\xEF\xB7\x90"), PLAIN_ERROR_TEXT },
	{ "line: U+10FFFE", { 0 }, STRING("\xF4\x8F\xBF\xBE"), PLAIN_ERROR_TEXT },
	{ "line: not UTF-8", { 0 }, STRING("\xC0\x8A"), PLAIN_ERROR_FIELD },
	{ "text: LF", { 0 }, TEXT("a\nb\n"), FINE },
	{ "text: CR", { 0 }, TEXT("a\r\nb"), PLAIN_ERROR_TEXT },
	{ "text: TAB", { 0 }, TEXT("a\tb"), PLAIN_ERROR_TEXT },
	{ "text: NUL", { 0 }, TEXT("a\0b"), PLAIN_ERROR_TEXT },
	{ "text: C1", { 0 }, TEXT("a\xC2\x9F"), PLAIN_ERROR_TEXT },
	{ "text: noncharacter", { 0 }, TEXT("a\xEF\xBF\xBE"), PLAIN_ERROR_TEXT },
	{ "text: bidi control", { 0 }, TEXT("\xE2\x80\xAE"), FINE },
	{ "address", { 0 }, ADDRESS("", "somu", ""), FINE },
	{ "address: LF in name", { 0 }, ADDRESS("a\nb", "l", "d"), PLAIN_ERROR_TEXT },
	{ "address: LF in local part", { 0 }, ADDRESS("n", "a\nb", "d"), PLAIN_ERROR_TEXT },
	{ "address: LF in domain", { 0 }, ADDRESS("n", "l", "a\nb"), PLAIN_ERROR_TEXT },
	{ "ready: second", { 0 }, { .type = PLAIN_READY, .ready = { 3 } }, PLAIN_ERROR_ORDER },
	{ "type that does not exist", { 0 }, { .type = PLAIN_TYPE_COUNT }, PLAIN_ERROR_FRAME },
	{ "end", { 0 }, END(1), FINE },
	{ "end: count below", { 0 }, END(0), PLAIN_ERROR_FIELD },
	{ "end: count above", { 0 }, END(2), PLAIN_ERROR_FIELD },
	{ "string after end", END(1), STRING("a"), PLAIN_ERROR_ORDER },
	{ "end after end", END(1), END(2), PLAIN_ERROR_ORDER },
	{ "part", { 0 }, PART(NUMBER(2, 1)), FINE },
	{ "part: no number", { 0 }, { .type = PLAIN_PART, .part = { .depth = 0 } }, PLAIN_ERROR_FIELD },
	{ "part: 0 first", { 0 }, PART(NUMBER(0, 1)), PLAIN_ERROR_FIELD },
	{ "part: 0 last", { 0 }, PART(NUMBER(1, 0)), PLAIN_ERROR_FIELD },
	{ "part: path over the array",
	  { 0 },
	  { .type = PLAIN_PART, .part = { .depth = 33 } },
	  PLAIN_ERROR_LIMIT },
	{ "part: same number", PART(NUMBER(2, 1)), PART(NUMBER(2, 1)), PLAIN_ERROR_FIELD },
	{ "part: other number", PART(NUMBER(2, 1)), PART(NUMBER(2, 2)), FINE },
	{ "part: child number", PART(NUMBER(2)), PART(NUMBER(2, 1)), FINE },
	{ "part: bytes swapped in number", PART(NUMBER(0x0102)), PART(NUMBER(0x0201)), FINE },
	{ "part: length over bytes",
	  { 0 },
	  { .type = PLAIN_PART, .part = { .number = NUMBER(1), .bytes = 5, .length = 6 } },
	  PLAIN_ERROR_FIELD },
	{ "part: to the arena's end",
	  { 0 },
	  { .type = PLAIN_PART, .part = { .number = NUMBER(1), .bytes = 10, .offset = 9990, .length = 10 } },
	  FINE },
	{ "part: past the arena's end",
	  { 0 },
	  { .type = PLAIN_PART, .part = { .number = NUMBER(1), .bytes = 10, .offset = 9991, .length = 10 } },
	  PLAIN_ERROR_FIELD },
	{ "part: range that wraps",
	  { 0 },
	  { .type = PLAIN_PART,
	    .part = { .number = NUMBER(1), .bytes = UINT64_MAX, .offset = 16, .length = UINT64_MAX - 8 } },
	  PLAIN_ERROR_FIELD },
	{ "part: offset that wraps",
	  { 0 },
	  { .type = PLAIN_PART,
	    .part = { .number = NUMBER(1), .bytes = 16, .offset = UINT64_MAX - 7, .length = 16 } },
	  PLAIN_ERROR_FIELD },
	{ "part: line break in name",
	  { 0 },
	  { .type = PLAIN_PART, .part = { .number = NUMBER(1), .name = S("a\nb") } },
	  PLAIN_ERROR_TEXT },
	{ "part: override in declared type",
	  { 0 },
	  { .type = PLAIN_PART, .part = { .number = NUMBER(1), .declared_type = S("\xE2\x80\xAE") } },
	  PLAIN_ERROR_TEXT },
	{ "part: ESC in true type",
	  { 0 },
	  { .type = PLAIN_PART, .part = { .number = NUMBER(1), .true_type = S("\x1B") } },
	  PLAIN_ERROR_TEXT },
	{ "picture: XRGB", { 0 }, PICTURE(1, 10, 20, PLAIN_XRGB32, 150, 0, 800), FINE },
	{ "picture: gray", { 0 }, PICTURE(9, 10, 20, PLAIN_GRAY8, 150, 7, 200), FINE },
	{ "picture: page 0", { 0 }, PICTURE(0, 10, 20, PLAIN_GRAY8, 150, 0, 200), PLAIN_ERROR_FIELD },
	{ "picture: width 0", { 0 }, PICTURE(1, 0, 20, PLAIN_GRAY8, 150, 0, 0), PLAIN_ERROR_FIELD },
	{ "picture: height 0", { 0 }, PICTURE(1, 10, 0, PLAIN_GRAY8, 150, 0, 0), PLAIN_ERROR_FIELD },
	{ "picture: dpi 0", { 0 }, PICTURE(1, 10, 20, PLAIN_GRAY8, 0, 0, 200), PLAIN_ERROR_FIELD },
	{ "picture: format 0", { 0 }, PICTURE(1, 10, 20, 0, 150, 0, 0), PLAIN_ERROR_FIELD },
	{ "picture: format 3", { 0 }, PICTURE(1, 10, 20, 3, 150, 0, 800), PLAIN_ERROR_FIELD },
	{ "picture: length below", { 0 }, PICTURE(1, 10, 20, PLAIN_GRAY8, 150, 0, 199), PLAIN_ERROR_FIELD },
	{ "picture: length above", { 0 }, PICTURE(1, 10, 20, PLAIN_XRGB32, 150, 0, 801), PLAIN_ERROR_FIELD },
	{ "picture: product that wraps 32 bits",
	  { 0 },
	  PICTURE(1, 65536, 65536, PLAIN_GRAY8, 150, 0, 0),
	  PLAIN_ERROR_LIMIT },
	{ "picture: largest box", { 0 }, BOX(14400000, 14400000), FINE },
	{ "picture: smallest box", { 0 }, BOX(1, 1), FINE },
	{ "picture: box width 0", { 0 }, BOX(0, 1), PLAIN_ERROR_FIELD },
	{ "picture: box height 0", { 0 }, BOX(1, 0), PLAIN_ERROR_FIELD },
	{ "picture: box too wide", { 0 }, BOX(14400001, 1), PLAIN_ERROR_LIMIT },
	{ "picture: box too high", { 0 }, BOX(1, UINT32_MAX), PLAIN_ERROR_LIMIT },
	{ "picture: widest", { 0 }, PICTURE(1, 65535, 1, PLAIN_GRAY8, 1, 0, 65535), FINE },
	{ "picture: too wide", { 0 }, PICTURE(1, 65536, 1, PLAIN_GRAY8, 1, 0, 65536), PLAIN_ERROR_LIMIT },
	{ "picture: too high", { 0 }, PICTURE(1, 1, 65536, PLAIN_GRAY8, 1, 0, 65536), PLAIN_ERROR_LIMIT },
	{ "picture: largest", { 0 }, PICTURE(1, 65535, 65535, PLAIN_XRGB32, 1, 0, 17179344900), FINE },
	{ "picture: range that wraps",
	  { 0 },
	  PICTURE(1, 10, 20, PLAIN_GRAY8, 150, UINT64_MAX - 100, 200),
	  PLAIN_ERROR_FIELD },
	{ "picture: same page", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1),
	  PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 1, 1), PLAIN_ERROR_ORDER },
	{ "picture: earlier page", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1),
	  PICTURE(1, 1, 1, PLAIN_GRAY8, 1, 1, 1), PLAIN_ERROR_ORDER },
	{ "picture: page left out", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1),
	  PICTURE(9, 1, 1, PLAIN_GRAY8, 1, 1, 1), FINE },
	{ "run", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(2, 0, 0, 1, "縦"), FINE },
	{ "run: no picture", { 0 }, RUN(1, 1, 1, 0, "a"), PLAIN_ERROR_ORDER },
	{ "run: page 0", { 0 }, RUN(0, 1, 1, 0, "a"), PLAIN_ERROR_ORDER },
	{ "run: earlier page", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(1, 1, 1, 0, "a"),
	  PLAIN_ERROR_ORDER },
	{ "run: later page", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(3, 1, 1, 0, "a"),
	  PLAIN_ERROR_ORDER },
	{ "run: negative w", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(2, -1, 1, 0, "a"),
	  PLAIN_ERROR_FIELD },
	{ "run: negative h", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(2, 1, -1, 0, "a"),
	  PLAIN_ERROR_FIELD },
	{ "run: vertical 2", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(2, 1, 1, 2, "a"),
	  PLAIN_ERROR_FIELD },
	{ "run: LF", PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(2, 1, 1, 0, "a\n"), PLAIN_ERROR_TEXT },
};

static bool check_next(PlainChecker *checker, const PlainRecord *record, uint32_t sequence, GError **error)
{
	PlainRecord numbered = *record;

	numbered.sequence = sequence;
	return plain_check(checker, &numbered, error);
}

/* Refused; and so is the best of records afterwards. */
static void assert_refused(PlainChecker *checker, const PlainRecord *record, uint32_t sequence, int code)
{
	g_autoptr(GError) error = NULL;
	PlainRecord good = COUNTER(1, 1), end = END(sequence);

	g_assert_false(check_next(checker, record, sequence, &error));
	g_assert_error(error, PLAIN_ERROR, code);
	for (uint32_t next = sequence; next < sequence + 2; next++) {
		g_assert_false(check_next(checker, &good, next, NULL));
		g_assert_false(check_next(checker, &end, next, NULL));
	}
	g_assert_false(plain_checker_ended(checker));
}

static void assert_accepted(PlainChecker *checker, const PlainRecord *record, uint32_t sequence)
{
	g_autoptr(GError) error = NULL;
	bool accepted = check_next(checker, record, sequence, &error);

	g_assert_no_error(error);
	g_assert_true(accepted);
}

static void test_check_cases(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(check_cases); i++) {
		g_autoptr(PlainChecker) checker = plain_checker_new(&wide);
		uint32_t next = 0;

		g_test_message("%s", check_cases[i].name);
		assert_accepted(checker, &ready, next++);
		if (check_cases[i].first.type != 0)
			assert_accepted(checker, &check_cases[i].first, next++);
		if (check_cases[i].error == FINE)
			assert_accepted(checker, &check_cases[i].record, next);
		else
			assert_refused(checker, &check_cases[i].record, next, check_cases[i].error);
	}
}

static void test_check_first(void)
{
	for (size_t i = 1; i < 9; i++) {
		g_autoptr(PlainChecker) checker = plain_checker_new(&wide);
		assert_refused(checker, &samples[i], 0, PLAIN_ERROR_ORDER);
	}
	PlainRecord odd = { .type = PLAIN_READY, .ready = { PLAIN_WALL_ALL + 1 } };
	g_autoptr(PlainChecker) checker = plain_checker_new(&wide);
	assert_refused(checker, &odd, 0, PLAIN_ERROR_FIELD);
}

static void test_check_sequence(void)
{
	static const uint32_t wrong[] = { 0, 2, 3, UINT32_MAX };
	PlainRecord record = COUNTER(1, 1);

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(PlainChecker) checker = plain_checker_new(&wide);
		assert_accepted(checker, &ready, 0);
		assert_refused(checker, &record, wrong[i], PLAIN_ERROR_FRAME);
	}
	g_autoptr(PlainChecker) late = plain_checker_new(&wide);
	g_assert_false(check_next(late, &ready, 1, NULL));
}

static void test_check_types(void)
{
	for (size_t i = 1; i < 8; i++) {
		PlainCaps caps = wide;
		caps.types &= ~(1u << samples[i].type);
		g_autoptr(PlainChecker) checker = plain_checker_new(&caps);
		assert_accepted(checker, &ready, 0);
		assert_refused(checker, &samples[i], 1, PLAIN_ERROR_ORDER);
	}
	PlainCaps none = wide;
	none.types = 0;
	g_autoptr(PlainChecker) checker = plain_checker_new(&none);
	PlainRecord end = END(1);
	assert_accepted(checker, &ready, 0);
	g_assert_false(plain_checker_ended(checker));
	assert_accepted(checker, &end, 1);
	g_assert_true(plain_checker_ended(checker));
}

/* Lengths: the most is accepted, one byte more is refused. */
static void test_check_lengths(void)
{
	g_autofree char *name = repeat("n", PLAIN_NAME_MAX + 1);
	g_autofree char *text = repeat("t", PLAIN_STRING_MAX + 1);
	const PlainRecord edge[] = {
		{ .type = PLAIN_STRING, .string = { .text = text } },
		{ .type = PLAIN_RUN, .run = { .page = 1, .text = text } },
		{ .type = PLAIN_ADDRESS, .address = { .name = name } },
		{ .type = PLAIN_ADDRESS, .address = { .local = name } },
		{ .type = PLAIN_ADDRESS, .address = { .domain = name } },
		{ .type = PLAIN_PART, .part = { .number = NUMBER(1), .name = name } },
		{ .type = PLAIN_PART, .part = { .number = NUMBER(1), .declared_type = name } },
		{ .type = PLAIN_PART, .part = { .number = NUMBER(1), .true_type = name } },
		{ .type = PLAIN_TEXT, .text = { .text = text, .bytes = PLAIN_TEXT_MAX } },
	};
	PlainRecord picture = PICTURE(1, 1, 1, PLAIN_GRAY8, 1, 0, 1);

	for (size_t i = 0; i < G_N_ELEMENTS(edge); i++) {
		g_autoptr(PlainChecker) checker = plain_checker_new(&wide), over = plain_checker_new(&wide);
		PlainRecord longer = edge[i];
		longer.text.bytes += longer.type == PLAIN_TEXT;
		assert_accepted(checker, &ready, 0);
		assert_accepted(checker, &picture, 1);
		assert_accepted(over, &ready, 0);
		assert_accepted(over, &picture, 1);
		assert_refused(over, &longer, 2, PLAIN_ERROR_LIMIT);
		name[PLAIN_NAME_MAX] = text[PLAIN_STRING_MAX] = '\0';
		assert_accepted(checker, &edge[i], 2);
		name[PLAIN_NAME_MAX] = text[PLAIN_STRING_MAX] = 'x';
	}
}

/* Caps of one answer: what fills them is accepted, then the last record is refused. */
static const struct {
	const char *name;
	PlainCaps caps; /* members of 0: as in wide */
	PlainRecord fill[3];
	PlainRecord over;
	int error;
} cap_cases[] = {
	{ "records",
	  { .max_records = 3 },
	  { COUNTER(1, 1), COUNTER(2, 2) },
	  COUNTER(3, 3),
	  PLAIN_ERROR_LIMIT },
	{ "records: END counts", { .max_records = 2 }, { COUNTER(1, 1) }, END(2), PLAIN_ERROR_LIMIT },
	{ "text", { .max_text_bytes = 6 }, { TEXT("abc"), TEXT("def") }, TEXT("g"), PLAIN_ERROR_LIMIT },
	{ "text: in strings",
	  { .max_text_bytes = 6 },
	  { STRING("髙"), STRING("abc") },
	  STRING("a"),
	  PLAIN_ERROR_LIMIT },
	{ "text: in addresses",
	  { .max_text_bytes = 6 },
	  { ADDRESS("ab", "cd", "ef") },
	  ADDRESS("", "", "a"),
	  PLAIN_ERROR_LIMIT },
	{ "text: in names of parts",
	  { .max_text_bytes = 6 },
	  { { .type = PLAIN_PART,
	      .part = { .number = NUMBER(1),
	                .name = S("ab"),
	                .declared_type = S("cd"),
	                .true_type = S("ef") } } },
	  { .type = PLAIN_PART, .part = { .number = NUMBER(2), .true_type = S("e") } },
	  PLAIN_ERROR_LIMIT },
	{ "text: in runs",
	  { .max_text_bytes = 6 },
	  { PICTURE(1, 1, 1, PLAIN_GRAY8, 1, 0, 1), RUN(1, 1, 1, 0, "abcdef") },
	  RUN(1, 1, 1, 0, "a"),
	  PLAIN_ERROR_LIMIT },
	{ "text: one far over",
	  { .max_text_bytes = 6 },
	  { TEXT("abcde") },
	  TEXT("abcdefg"),
	  PLAIN_ERROR_LIMIT },
	{ "parts",
	  { .max_parts = 2 },
	  { PART(NUMBER(1)), PART(NUMBER(2)) },
	  PART(NUMBER(3)),
	  PLAIN_ERROR_LIMIT },
	{ "depth",
	  { .max_part_depth = 2 },
	  { PART(NUMBER(1, 1)), PART(NUMBER(1, 2)) },
	  PART(NUMBER(1, 1, 1)),
	  PLAIN_ERROR_LIMIT },
	{ "pictures",
	  { .max_pictures = 1 },
	  { PICTURE(1, 1, 1, PLAIN_GRAY8, 1, 0, 1) },
	  PICTURE(2, 1, 1, PLAIN_GRAY8, 1, 0, 1),
	  PLAIN_ERROR_LIMIT },
	{ "pixels",
	  { .max_picture_pixels = 6 },
	  { PICTURE(1, 2, 3, PLAIN_XRGB32, 1, 0, 24) },
	  PICTURE(2, 7, 1, PLAIN_GRAY8, 1, 0, 7),
	  PLAIN_ERROR_LIMIT },
	{ "pixel arena",
	  { .pixel_arena_size = 26 },
	  { PICTURE(1, 2, 3, PLAIN_XRGB32, 1, 2, 24) },
	  PICTURE(2, 2, 3, PLAIN_XRGB32, 1, 3, 24),
	  PLAIN_ERROR_FIELD },
};

static PlainCaps merged_caps(const PlainCaps *low)
{
	PlainCaps caps = wide;

	caps.max_records = low->max_records ? low->max_records : caps.max_records;
	caps.max_text_bytes = low->max_text_bytes ? low->max_text_bytes : caps.max_text_bytes;
	caps.max_parts = low->max_parts ? low->max_parts : caps.max_parts;
	caps.max_part_depth = low->max_part_depth ? low->max_part_depth : caps.max_part_depth;
	caps.max_pictures = low->max_pictures ? low->max_pictures : caps.max_pictures;
	caps.max_picture_pixels = low->max_picture_pixels ? low->max_picture_pixels : caps.max_picture_pixels;
	caps.pixel_arena_size = low->pixel_arena_size ? low->pixel_arena_size : caps.pixel_arena_size;
	return caps;
}

static void test_check_caps(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cap_cases); i++) {
		PlainCaps caps = merged_caps(&cap_cases[i].caps);
		g_autoptr(PlainChecker) checker = plain_checker_new(&caps);
		uint32_t next = 0;

		g_test_message("%s", cap_cases[i].name);
		assert_accepted(checker, &ready, next++);
		for (size_t j = 0; j < 3 && cap_cases[i].fill[j].type != 0; j++)
			assert_accepted(checker, &cap_cases[i].fill[j], next++);
		assert_refused(checker, &cap_cases[i].over, next, cap_cases[i].error);
	}
}

/* A jail that names 200 000 parts must not cost more than their bytes. */
static void test_check_many_parts(void)
{
	PlainCaps caps = wide;
	PlainRecord record = PART(NUMBER(1, 1, 1));

	caps.max_records = caps.max_parts = 200001;
	g_autoptr(PlainChecker) checker = plain_checker_new(&caps);
	assert_accepted(checker, &ready, 0);
	int64_t start = g_get_monotonic_time();
	for (uint32_t i = 1; i <= 200000; i++) {
		record.part.number[1] = (uint16_t)(1 + i / 1000);
		record.part.number[2] = (uint16_t)(1 + i % 1000);
		g_assert_true(check_next(checker, &record, i, NULL));
	}
	g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
	assert_refused(checker, &record, 200001, PLAIN_ERROR_LIMIT);
}

static void test_check_no_parts(void)
{
	PlainCaps caps = wide;
	PlainRecord record = PART(NUMBER(1));

	caps.max_parts = 0;
	g_autoptr(PlainChecker) checker = plain_checker_new(&caps);
	assert_accepted(checker, &ready, 0);
	assert_refused(checker, &record, 1, PLAIN_ERROR_LIMIT);
}

/* ---- the writer ------------------------------------------------------------------- */

typedef struct {
	int jail, trusted;
	PlainWriter *writer;
} Pair;

static Pair pair_new(uint32_t max_records, uint64_t max_bytes)
{
	int fds[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
	return (Pair) { fds[0], fds[1], plain_writer_new(fds[0], max_records, max_bytes) };
}

static void pair_free(Pair *pair)
{
	plain_writer_free(pair->writer);
	close(pair->jail);
	close(pair->trusted);
}

/* NULL when there is nothing more. */
static PlainRecord *receive(const Pair *pair)
{
	static uint8_t frame[PLAIN_FRAME_MAX + 1];
	ssize_t length = recv(pair->trusted, frame, sizeof frame, 0);
	g_autoptr(GError) error = NULL;

	if (length <= 0)
		return NULL;
	PlainRecord *record = plain_decode(frame, (size_t)length, &error);
	g_assert_no_error(error);
	return record;
}

static void drop(const Pair *pair)
{
	PlainRecord *record = receive(pair);

	g_assert_nonnull(record);
	plain_record_free(record);
}

static bool write_sample(PlainWriter *w, const PlainRecord *r, GError **error)
{
	switch (r->type) {
	case PLAIN_READY:
		return plain_write_ready(w, r->ready.walls, error);
	case PLAIN_STRING:
		return plain_write_string(w, r->string.slot, r->string.index, r->string.text, error);
	case PLAIN_ADDRESS:
		return plain_write_address(w, r->address.slot, r->address.index, r->address.name,
		                           r->address.local, r->address.domain, error);
	case PLAIN_TEXT:
		return plain_write_text(w, r->text.stream, r->text.text, r->text.bytes, error);
	case PLAIN_PART:
		return plain_write_part(w, r, error);
	case PLAIN_COUNTER:
		return plain_write_counter(w, r->counter.id, r->counter.value, error);
	case PLAIN_PICTURE:
		return plain_write_picture(w, r, error);
	case PLAIN_RUN:
		return plain_write_run(w, r, error);
	default:
		return plain_write_end(w, r->end.status, error);
	}
}

/* What the writer lets out, the checker lets in, and it is the same record. */
static void test_writer_to_checker(void)
{
	Pair pair = pair_new(100, 1 << 20);
	g_autoptr(PlainChecker) checker = plain_checker_new(&wide);

	for (uint32_t i = 0; i < 9; i++) {
		g_autoptr(GError) error = NULL;
		g_assert_true(write_sample(pair.writer, &samples[i], &error));
		g_assert_no_error(error);
		g_autoptr(PlainRecord) record = receive(&pair);
		g_assert_true(plain_check(checker, record, &error));
		g_assert_no_error(error);
		GByteArray *sent = plain_encode(&samples[i], i), *got = plain_encode(record, i);
		g_assert_cmpmem(sent->data, sent->len, got->data, got->len);
		g_byte_array_unref(sent);
		g_byte_array_unref(got);
	}
	g_assert_true(plain_checker_ended(checker));
	pair_free(&pair);
}

/* The checker's cases of one record are refused by the writer too, and nothing is sent. */
static void test_writer_refuses_what_the_checker_refuses(void)
{
	unsigned n_refused = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(check_cases); i++) {
		const PlainRecord *record = &check_cases[i].record;
		uint64_t bytes;
		if (plain_check_record(record, &bytes, NULL) || plain_shape(record->type) == NULL)
			continue;
		g_autoptr(GError) error = NULL;
		Pair pair = pair_new(100, 1 << 20);
		g_test_message("%s", check_cases[i].name);
		g_assert_true(plain_write_ready(pair.writer, 3, NULL));
		drop(&pair);
		g_assert_false(write_sample(pair.writer, record, &error));
		g_assert_error(error, PLAIN_ERROR, check_cases[i].error);
		g_assert_null(receive(&pair));
		g_assert_false(plain_write_counter(pair.writer, 1, 1, NULL));
		g_assert_null(receive(&pair));
		pair_free(&pair);
		n_refused++;
	}
	g_assert_cmpuint(n_refused, >=, 45);
}

static void assert_pieces_join(const char *text, size_t bytes, unsigned n_pieces)
{
	Pair pair = pair_new(100, 1 << 20);
	g_autoptr(GString) joined = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(plain_write_ready(pair.writer, 3, NULL));
	g_assert_true(plain_write_text(pair.writer, 9, text, bytes, &error));
	g_assert_no_error(error);
	drop(&pair);
	for (unsigned i = 0; i < n_pieces; i++) {
		g_autoptr(PlainRecord) piece = receive(&pair);
		g_assert_nonnull(piece);
		g_assert_cmpuint(piece->text.stream, ==, 9);
		g_assert_cmpuint(piece->text.bytes, <=, PLAIN_TEXT_MAX);
		g_string_append_len(joined, piece->text.text, (gssize)piece->text.bytes);
	}
	g_assert_null(receive(&pair));
	g_assert_cmpmem(joined->str, joined->len, text, bytes);
	pair_free(&pair);
}

/* Characters of 2, 3 and 4 bytes with the seam in every place of one. */
static void test_writer_seams(void)
{
	static const char *const units[] = { "é", "髙", "\xF0\x9F\x98\x80" };

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		size_t bytes = 2 * PLAIN_TEXT_MAX - 12;
		g_autofree char *text = repeat(units[i], bytes);
		for (size_t shift = 0; shift < 4; shift++) {
			g_autofree char *shifted = g_strconcat(&"xxxx"[shift], text, NULL);
			assert_pieces_join(shifted, bytes + 4 - shift, 2);
		}
	}
}

static void test_writer_pieces(void)
{
	g_autofree char *text = repeat("line\n", 2 * PLAIN_TEXT_MAX + 1);

	assert_pieces_join(text, 0, 0);
	assert_pieces_join(text, PLAIN_TEXT_MAX, 1);
	assert_pieces_join(text, PLAIN_TEXT_MAX + 1, 2);
	assert_pieces_join(text, 2 * PLAIN_TEXT_MAX, 2);
	assert_pieces_join(text, 2 * PLAIN_TEXT_MAX + 1, 3);
}

/* The text is wrong only in its last piece, or too long by one byte: nothing is sent. */
static void test_writer_text_is_all_or_nothing(void)
{
	size_t bytes = 2 * PLAIN_TEXT_MAX;
	g_autofree char *good = repeat("x", bytes);
	g_autofree char *bad = repeat("x", bytes);
	uint64_t just = 24 + bytes + 2 * 26; /* READY, two frames */
	const struct {
		const char *text;
		uint32_t max_records;
		uint64_t max_bytes;
		int error;
	} cases[] = {
		{ good, 3, just, FINE },
		{ good, 2, just, PLAIN_ERROR_LIMIT },
		{ good, 3, just - 1, PLAIN_ERROR_LIMIT },
		{ bad, 3, just, PLAIN_ERROR_TEXT },
	};

	bad[bytes - 1] = '\x1B';
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		Pair pair = pair_new(cases[i].max_records, cases[i].max_bytes);
		g_assert_true(plain_write_ready(pair.writer, 3, NULL));
		drop(&pair);
		bool done = plain_write_text(pair.writer, 1, cases[i].text, bytes, &error);
		g_autoptr(PlainRecord) second = receive(&pair);
		g_assert_true(done == (cases[i].error == FINE) && done == (second != NULL));
		if (!done)
			g_assert_error(error, PLAIN_ERROR, cases[i].error);
		g_assert_false(!done && plain_write_counter(pair.writer, 1, 1, NULL));
		pair_free(&pair);
	}
}

static void test_writer_order(void)
{
	g_autoptr(GError) error = NULL;
	Pair early = pair_new(10, 1000), twice = pair_new(10, 1000), late = pair_new(10, 1000);

	g_assert_false(plain_write_counter(early.writer, 1, 1, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_ORDER);
	g_clear_error(&error);
	g_assert_true(plain_write_ready(twice.writer, 3, NULL));
	g_assert_false(plain_write_ready(twice.writer, 3, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_ORDER);
	g_clear_error(&error);
	g_assert_true(plain_write_ready(late.writer, 3, NULL));
	g_assert_true(plain_write_end(late.writer, 0, NULL));
	g_assert_false(plain_write_text(late.writer, 1, "", 0, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_ORDER);
	pair_free(&early);
	pair_free(&twice);
	pair_free(&late);
}

static void test_writer_caps(void)
{
	g_autoptr(GError) error = NULL;
	Pair records = pair_new(2, 1000), bytes = pair_new(10, 24 + 30);

	g_assert_true(plain_write_ready(records.writer, 3, NULL));
	g_assert_true(plain_write_counter(records.writer, 1, 1, NULL));
	g_assert_false(plain_write_end(records.writer, 0, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_LIMIT);
	g_clear_error(&error);
	g_assert_true(plain_write_ready(bytes.writer, 3, NULL));
	g_assert_true(plain_write_counter(bytes.writer, 1, 1, NULL));
	g_assert_false(plain_write_end(bytes.writer, 0, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_LIMIT);
	pair_free(&records);
	pair_free(&bytes);
}

static void test_writer_peer_gone(void)
{
	g_autoptr(GError) error = NULL;
	Pair pair = pair_new(10, 1000);

	signal(SIGPIPE, SIG_IGN);
	close(pair.trusted);
	g_assert_false(plain_write_ready(pair.writer, 3, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_IO);
	g_assert_false(plain_write_ready(pair.writer, 3, NULL));
	pair.trusted = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pair_free(&pair);
}

/* A pipe that has room for a part of the frame only. */
static void test_writer_short_write(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = repeat("x", 20000);
	int fds[2];

	g_assert_cmpint(pipe2(fds, O_NONBLOCK | O_CLOEXEC), ==, 0);
	g_assert_cmpint(fcntl(fds[1], F_SETPIPE_SZ, 8192), ==, 8192);
	g_autoptr(PlainWriter) writer = plain_writer_new(fds[1], 10, 1 << 20);
	g_assert_true(plain_write_ready(writer, 3, NULL));
	g_assert_false(plain_write_string(writer, 1, 1, text, &error));
	g_assert_error(error, PLAIN_ERROR, PLAIN_ERROR_IO);
	g_assert_false(plain_write_counter(writer, 1, 1, NULL));
	close(fds[0]);
	close(fds[1]);
}

/* ---- the rest --------------------------------------------------------------------- */

static void test_names(void)
{
	g_assert_cmpstr(plain_type_name(PLAIN_READY), ==, "ready");
	g_assert_cmpstr(plain_type_name(PLAIN_STRING), ==, "string");
	g_assert_cmpstr(plain_type_name(PLAIN_END), ==, "end");
	g_assert_cmpstr(plain_type_name(0), ==, "?");
	g_assert_cmpstr(plain_type_name(PLAIN_TYPE_COUNT), ==, "?");
	g_assert_cmpstr(plain_type_name((PlainType)-1), ==, "?");
	plain_record_free(NULL);
	plain_checker_free(NULL);
	plain_writer_free(NULL);
}

static double megabytes_per_second(const char *unit)
{
	g_autofree char *text = repeat(unit, PLAIN_TEXT_MAX / strlen(unit) * strlen(unit));
	PlainCaps caps = wide;
	PlainRecord sample = { .type = PLAIN_TEXT, .text = { 1, text, strlen(text) } };
	uint32_t pieces = 4000;

	caps.max_records = pieces + 1;
	caps.max_text_bytes = UINT64_MAX;
	GByteArray *frame = plain_encode(&sample, 0);
	g_autoptr(PlainChecker) checker = plain_checker_new(&caps);
	assert_accepted(checker, &ready, 0);
	int64_t start = g_get_monotonic_time();
	for (uint32_t i = 1; i <= pieces; i++) {
		g_autoptr(PlainRecord) record = decode_array(frame, NULL);
		g_assert_true(check_next(checker, record, i, NULL));
	}
	double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	g_byte_array_unref(frame);
	return pieces * (double)strlen(text) / 1e6 / seconds;
}

/* Only with -m perf: a figure says nothing on a busy machine. */
static void test_speed(void)
{
	if (!g_test_perf()) {
		g_test_skip("only with -m perf");
		return;
	}
	static const struct {
		const char *name, *unit;
	} texts[] = {
		{ "ASCII prose",
		  "The quick brown fox jumps over the lazy dog, again and again and again.\n" },
		{ "Japanese", "市民課からのお知らせです。窓口の受付時間が変わります。\n" },
		{ "mixed", "令和8年4月1日(水) 9:00-17:00 TEL 03-1234-5678\n" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		g_test_message("%s: decode and check at %.0f MB/s", texts[i].name,
		               megabytes_per_second(texts[i].unit));
}

/* ---- seeds of the fuzzers --------------------------------------------------------- */

static void write_seed(const char *folder, const char *target, const char *name, const GByteArray *bytes)
{
	g_autofree char *path = g_build_filename(folder, target, name, NULL);
	g_autoptr(GError) error = NULL;

	if (!g_file_set_contents(path, (const char *)bytes->data, (gssize)bytes->len, &error))
		g_error("%s", error->message);
}

static void append_frame(GByteArray *answer, const PlainRecord *record, uint32_t sequence)
{
	GByteArray *frame = plain_encode(record, sequence);
	uint8_t length[2] = { (uint8_t)frame->len, (uint8_t)(frame->len >> 8) };

	g_byte_array_append(answer, length, sizeof length);
	g_byte_array_append(answer, frame->data, frame->len);
	g_byte_array_unref(frame);
}

static void write_answer(const char *folder, const char *name, uint8_t flags, size_t first, size_t last)
{
	GByteArray *answer = g_byte_array_new();
	uint32_t next = 0;

	g_byte_array_append(answer, &flags, 1);
	append_frame(answer, &ready, next++);
	for (size_t i = first; i <= last; i++)
		if (samples[i].type != PLAIN_COUNTER)
			append_frame(answer, &samples[i], next++);
	PlainRecord end = END(next);
	append_frame(answer, &end, next);
	write_seed(folder, "plain_check", name, answer);
	g_byte_array_unref(answer);
}

static int write_seeds(const char *folder)
{
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *name = g_strdup_printf("%02zu-%s", i, plain_type_name(samples[i].type));
		GByteArray *frame = plain_encode(&samples[i], 0);
		write_seed(folder, "plain_decode", name, frame);
		g_byte_array_unref(frame);
	}
	write_answer(folder, "all", 0, 1, 7);
	write_answer(folder, "all-repaired", 1, 1, 7);
	write_answer(folder, "strings-repaired", 1, 1, 3);
	write_answer(folder, "pictures-repaired", 1, 6, 7);
	write_answer(folder, "second-part-repaired", 1, 4, 4);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--write-seeds") == 0)
		return write_seeds(argv[2]);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plain/wire/golden", test_golden_frame);
	g_test_add_func("/plain/wire/round-trip", test_round_trip);
	g_test_add_func("/plain/wire/fields", test_fields);
	g_test_add_func("/plain/wire/fields-of-part", test_fields_of_part);
	g_test_add_func("/plain/wire/fields-of-pictures", test_fields_of_pictures);
	g_test_add_func("/plain/wire/truncation", test_truncation);
	g_test_add_func("/plain/wire/truncated-fields", test_truncated_fields);
	g_test_add_func("/plain/wire/header-bits", test_header_bits);
	g_test_add_func("/plain/wire/decode-refusals", test_decode_refusals);
	g_test_add_func("/plain/wire/frame-max", test_frame_max);
	g_test_add_func("/plain/wire/encode-refusals", test_encode_refusals);
	g_test_add_func("/plain/characters/all", test_every_character);
	g_test_add_func("/plain/characters/utf8", test_every_utf8);
	g_test_add_func("/plain/check/cases", test_check_cases);
	g_test_add_func("/plain/check/first", test_check_first);
	g_test_add_func("/plain/check/sequence", test_check_sequence);
	g_test_add_func("/plain/check/types", test_check_types);
	g_test_add_func("/plain/check/lengths", test_check_lengths);
	g_test_add_func("/plain/check/caps", test_check_caps);
	g_test_add_func("/plain/check/no-parts", test_check_no_parts);
	g_test_add_func("/plain/check/many-parts", test_check_many_parts);
	g_test_add_func("/plain/write/to-checker", test_writer_to_checker);
	g_test_add_func("/plain/write/refusals", test_writer_refuses_what_the_checker_refuses);
	g_test_add_func("/plain/write/pieces", test_writer_pieces);
	g_test_add_func("/plain/write/seams", test_writer_seams);
	g_test_add_func("/plain/write/all-or-nothing", test_writer_text_is_all_or_nothing);
	g_test_add_func("/plain/write/order", test_writer_order);
	g_test_add_func("/plain/write/caps", test_writer_caps);
	g_test_add_func("/plain/write/peer-gone", test_writer_peer_gone);
	g_test_add_func("/plain/write/short-write", test_writer_short_write);
	g_test_add_func("/plain/names", test_names);
	g_test_add_func("/plain/speed", test_speed);
	return g_test_run();
}
