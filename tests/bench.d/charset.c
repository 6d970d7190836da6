/* charset: decoding and detecting against the C library, for tests/bench --charset.
 *
 * decode  the whole way of a text through the reader (which character set, strict checks, conversion),
 * against iconv(3) from the same bytes to UTF-8, both in pieces of 64 KiB. Bound: at least 0.8 times as fast.
 * detect  which character set an unlabelled text is in, against the time that a strict check of UTF-8 takes
 * for as many bytes: of the same ones where they are UTF-8, of the same text in UTF-8 where not, since the
 * check would end at the first byte. Bound: at most twice as long.
 *
 * Whoever has run for less time is next, until each has run for SECONDS. Exit code 1: a bound is broken.
 */
#include "charset_priv.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECONDS = 2, DECODE_SIZE = 2 << 20, DETECT_SIZE = 16 * 1024, PIECE = 64 * 1024 };

static const double DECODE_MIN = 0.8, DETECT_MAX = 2.0;

static const char paragraph[] =
        "総務課　佐藤様\r\n"
        "\r\n"
        "いつもお世話になっております。株式会社サンプルの高橋です。\r\n"
        "先日ご依頼いただきました御見積書（第２回）を、添付ファイルにてお送りいたします。ご確認のほど、よろし"
        "く\r\n"
        "お願い申し上げます。詳しくは https://www.example.co.jp/mitsumori?id=1&lang=ja をご覧ください。\r\n"
        "品名：表示装置、数量：10、金額：1,234,567円、納期：2026年1月31日（土）\r\n"
        "────────────────\r\n"
        "TEL 03-0000-0000 FAX 03-0000-0001 info@example.co.jp\r\n";

typedef struct {
	const char *converter; /* of iconv */
	const char *label;
	GBytes *bytes;
	GBytes *utf8; /* the same text */
} Sample;

typedef void (*Work)(const Sample *sample);

static GString *room;

static void work_iconv(const Sample *sample)
{
	gsize left;
	char *in = (char *)(uintptr_t)g_bytes_get_data(sample->bytes, &left);
	iconv_t handle = iconv_open("UTF-8", sample->converter);

	while (left > 0) {
		char *out = room->str;
		size_t out_left = PIECE;
		iconv(handle, &in, &left, &out, &out_left);
		g_assert_cmpuint(out_left, <, PIECE);
	}
	iconv_close(handle);
}

static void work_decode(const Sample *sample)
{
	gsize length;
	const uint8_t *bytes = g_bytes_get_data(sample->bytes, &length);
	CharsetReader reader =
	        charset_reader(charset_from_label(sample->label, strlen(sample->label)), bytes, length);

	for (bool more = true; more;) {
		g_string_truncate(room, 0);
		more = charset_read(&reader, room, PIECE);
	}
	g_assert_cmpuint(reader.replaced, ==, 0);
}

static void work_check(const Sample *sample)
{
	gsize length;
	const char *text = g_bytes_get_data(sample->utf8, &length);

	g_assert_true(g_utf8_validate_len(text, length, NULL));
}

static void work_detect(const Sample *sample)
{
	gsize length;
	const uint8_t *bytes = g_bytes_get_data(sample->bytes, &length);
	CharsetReader reader = charset_reader_with(CHARSET_US_ASCII, false, CHARSET_UNKNOWN, bytes, length);

	g_assert_cmpint(reader.used, ==, charset_from_label(sample->label, strlen(sample->label)));
}

typedef struct {
	double seconds; /* of the processor, since others may work beside us */
	double bytes;
} Side;

/* As often as the clock needs to be exact. */
static void side_run(Side *side, Work work, const Sample *sample, size_t bytes)
{
	size_t times = DECODE_SIZE / g_bytes_get_size(sample->utf8) + 1;
	clock_t start = clock();

	for (size_t i = 0; i < times; i++)
		work(sample);
	side->seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
	side->bytes += (double)(bytes * times);
}

/* How many bytes a second ours reads, against theirs. */
static double compare(const Sample *sample, Work ours, Work theirs, size_t their_bytes)
{
	Side our_side = { 0, 0 }, their_side = { 0, 0 };
	Side warm = { 0, 0 };

	side_run(&warm, ours, sample, 0);
	side_run(&warm, theirs, sample, 0);
	while (our_side.seconds < SECONDS || their_side.seconds < SECONDS) {
		if (our_side.seconds <= their_side.seconds)
			side_run(&our_side, ours, sample, g_bytes_get_size(sample->bytes));
		else
			side_run(&their_side, theirs, sample, their_bytes);
	}
	double our_speed = our_side.bytes / our_side.seconds,
	       their_speed = their_side.bytes / their_side.seconds;
	printf("%7.0f %7.0f MB/s", our_speed / 1e6, their_speed / 1e6);
	return our_speed / their_speed;
}

static bool decode_holds(const Sample *sample)
{
	printf("decode %-12s", sample->label);
	double ratio = compare(sample, work_decode, work_iconv, g_bytes_get_size(sample->bytes));
	printf("  %5.2f times as fast as iconv (at least %.1f)\n", ratio, DECODE_MIN);
	return ratio >= DECODE_MIN;
}

static bool detect_holds(const Sample *sample)
{
	printf("detect %-12s", sample->label);
	double ratio = 1 / compare(sample, work_detect, work_check, g_bytes_get_size(sample->utf8));
	printf("  %5.2f times as long as a check of UTF-8 (at most %.1f)\n", ratio, DETECT_MAX);
	return ratio <= DETECT_MAX;
}

static GBytes *encode(GBytes *utf8, const char *converter)
{
	gsize left, size = g_bytes_get_size(utf8) * 2;
	char *in = (char *)(uintptr_t)g_bytes_get_data(utf8, &left);
	char *encoded = g_malloc(size), *out = encoded;
	size_t out_left = size;
	iconv_t handle = iconv_open(converter, "UTF-8");

	g_assert_true(handle != (iconv_t)-1);
	g_assert_cmpuint(iconv(handle, &in, &left, &out, &out_left), ==, 0);
	iconv_close(handle);
	return g_bytes_new_take(encoded, size - out_left);
}

static GBytes *text_of(size_t size)
{
	GString *text = g_string_new(NULL);

	while (text->len < size)
		g_string_append(text, paragraph);
	return g_string_free_to_bytes(text);
}

static bool holds(const char *converter, const char *label, size_t size, bool (*check)(const Sample *))
{
	g_autoptr(GBytes) utf8 = text_of(size);
	g_autoptr(GBytes) bytes = encode(utf8, converter);
	const Sample sample = { converter, label, bytes, utf8 };

	return check(&sample);
}

int main(void)
{
	static const struct {
		const char *converter, *label;
	} sets[] = {
		{ "ISO-2022-JP", "iso-2022-jp" },
		{ "CP932", "shift_jis" },
		{ "EUC-JP", "euc-jp" },
		{ "UTF-8", "utf-8" },
	};
	bool all = true;

	room = g_string_sized_new(2 * PIECE);
	for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
		all = holds(sets[i].converter, sets[i].label, DECODE_SIZE, decode_holds) && all;
		all = holds(sets[i].converter, sets[i].label, DETECT_SIZE, detect_holds) && all;
	}
	g_string_free(room, TRUE);
	return all ? 0 : 1;
}
