/* What the writer of image PDFs writes is what the checker accepts, whatever the jail says: pages of every
 * kind of pixels, and runs of every kind of text in any box, many documents of them. The two share no code;
 * this is the only place where they meet.
 */
#include "clean_text.h"
#include "image_pdf.h"
#include "verify_priv.h"

#include <string.h>

#define ID "00112233445566778899aabbccddeeff"
#define BOUNDARY "--=_mugai_" ID
#define PART "Content-Transfer-Encoding: base64\n"
#define BEGIN                                                                                                \
	"Date: Fri, 20 Nov 2026 10:00:00 +0900\nFrom: a@example.com\nMessage-ID: <1@example.com>\n"          \
	"X-Mugai-Id: " ID "\nX-Mugai-Hops: 1\nX-Mugai-Policy: a; version=0123456789abcdef\n"                 \
	"X-Mugai-Result: deliver; parts=1; removed=0; converted=1\nMIME-Version: 1.0\n"                      \
	"Content-Type: multipart/mixed;\n boundary=\"=_mugai_" ID "\"\n\n" BOUNDARY "\n"                     \
	"Content-Type: text/plain; charset=UTF-8\n" PART "\n"
#define FOOT "【無害化】----- 1 -----\r\n【無害化】f\r\n"

static void add_base64(GString *out, const void *data, size_t size)
{
	g_autofree char *all = g_base64_encode(data, size);
	size_t length = strlen(all);
	for (size_t i = 0; i < length; i += 76) {
		g_string_append_len(out, all + i, (gssize)MIN(76, length - i));
		g_string_append_c(out, '\n');
	}
}

static void assert_accepted(GBytes *pdf)
{
	g_autoptr(GString) message = g_string_new(BEGIN);
	struct verify_error error;
	gsize size;
	const void *data = g_bytes_get_data(pdf, &size);
	add_base64(message, FOOT, strlen(FOOT));
	g_string_append(message, BOUNDARY "\nContent-Type: application/pdf\n" PART
	                                  "Content-Disposition: attachment;\n filename*=UTF-8''a.pdf\n\n");
	add_base64(message, data, size);
	g_string_append(message, BOUNDARY "--\n");
	if (!verify_message((const uint8_t *)message->str, message->len, &error))
		g_error("section %s: %s", error.section, error.what);
}

/* -- pixels -- */

typedef uint32_t (*Pattern)(GRand *random, uint32_t x, uint32_t y);

static uint32_t white(GRand *random, uint32_t x, uint32_t y)
{
	(void)random;
	(void)x;
	(void)y;
	return 0xFFFFFF;
}

static uint32_t checkers(GRand *random, uint32_t x, uint32_t y)
{
	(void)random;
	return (x / 3 + y / 3) % 2 ? 0xFFFFFF : 0xFF000000;
}

static uint32_t grays(GRand *random, uint32_t x, uint32_t y)
{
	(void)random;
	return (x * 7 + y * 3) % 256 * 0x010101;
}

static uint32_t few_grays(GRand *random, uint32_t x, uint32_t y)
{
	(void)random;
	return (x / 2 + y) % 5 * 0x333333;
}

static uint32_t few_colours(GRand *random, uint32_t x, uint32_t y)
{
	static const uint32_t colours[] = { 0xFFFFFF, 0xC00000, 0x00C000, 0x0000C0, 0 };
	(void)random;
	return colours[(x / 4 + y / 5) % G_N_ELEMENTS(colours)];
}

static uint32_t many_colours(GRand *random, uint32_t x, uint32_t y)
{
	(void)random;
	return ((x / 4 + y / 5) % 100) * 0x020305;
}

static uint32_t noise(GRand *random, uint32_t x, uint32_t y)
{
	(void)x;
	(void)y;
	return g_rand_int(random);
}

static uint32_t photo(GRand *random, uint32_t x, uint32_t y)
{
	uint32_t shake = (uint32_t)g_rand_int_range(random, 0, 6);
	return ((x + shake) & 0xFF) << 16 | ((y + shake) & 0xFF) << 8 | ((x + y + shake) & 0xFF);
}

static uint32_t photo_on_white(GRand *random, uint32_t x, uint32_t y)
{
	return x % 100 < 60 ? 0xFFFFFF : photo(random, x, y);
}

static const Pattern patterns[] = { white,        checkers, grays, few_grays,     few_colours,
	                            many_colours, noise,    photo, photo_on_white };

/* -- text -- */

static const char *const words[] = {
	"議事録",
	"abc",
	"http",
	"://",
	":",
	"/",
	"//",
	"www",
	".",
	"www.",
	"@",
	"[@]",
	"a@b.jp",
	"mailto:",
	"tel",
	"JAVASCRIPT",
	"javascript:",
	"data:",
	"\\",
	"\\\\",
	"か\u3099",
	"\u3099",
	"\u0301",
	"a\u0301\u0301\u0301\u0301",
	"\U0001F468\u200D\U0001F469",
	"\u200D",
	"\u200B",
	"\u202E",
	"\u2066x\u2069",
	"\uFEFF",
	"\uE000",
	"\uFFFE",
	"葛\U000E0100",
	"\U000E0100",
	"𠮷",
	"\x01",
	"\x7F",
	"\xC2\x85",
	"\u00A0",
	" ",
	"\u3000",
	"a b",
	"\t",
	"\n",
	"",
	"\u05D0\u05D1",
	"\u200F",
	"0\uFE0F",
	"\uFE0F",
	"file:",
	"sms",
	"news:",
	"sip:x",
	"[",
	"]",
	"[@",
	"ftp.",
	"f",
	"t",
	"p",
	"w",
};

static void add_word(GRand *random, ImagePdf *pdf, const ImagePdfPage *page, const char *text)
{
	g_autoptr(GError) error = NULL;
	int32_t width = (int32_t)page->width * 64, height = (int32_t)page->height * 64;
	int32_t x = g_rand_int_range(random, -100, width + 100),
	        y = g_rand_int_range(random, -100, height + 100);
	int32_t w = g_rand_int_range(random, -10, width + 100),
	        h = g_rand_int_range(random, -10, height + 100);
	bool small = g_rand_boolean(random);
	if (!image_pdf_run(pdf, x, y, small ? MIN(w, 900) : w, small ? MIN(h, 900) : h,
	                   g_rand_boolean(random), text, &error))
		g_error("run: %s", error->message);
}

static void add_words(GRand *random, ImagePdf *pdf, const ImagePdfPage *page)
{
	guint count = (guint)g_rand_int_range(random, 0, 200);
	for (guint i = 0; i < count; i++)
		add_word(random, pdf, page, words[g_rand_int_range(random, 0, G_N_ELEMENTS(words))]);
}

static char *clean(const char *text, void *user)
{
	(void)user;
	return clean_line(text, strlen(text), 0, NULL);
}

/* -- documents -- */

/* Its size is the largest that a page of this shape may have, or the smallest, or any. */
static uint32_t box_side(GRand *random)
{
	static const uint32_t some[] = { 1, 999, 1000, 595276, 841890, RENDER_BOX_MAX };
	uint32_t i = (uint32_t)g_rand_int_range(random, 0, G_N_ELEMENTS(some) + 2);
	return i < G_N_ELEMENTS(some) ? some[i] : (uint32_t)g_rand_int_range(random, 1, 1000000);
}

static void add_page(GRand *random, ImagePdf *pdf, Pattern pattern)
{
	g_autoptr(GError) error = NULL;
	ImagePdfPage page = { .width = (uint32_t)g_rand_int_range(random, 1, 200),
		              .height = (uint32_t)g_rand_int_range(random, 1, 200),
		              .box_width = box_side(random),
		              .box_height = box_side(random) };
	g_autofree uint32_t *pixels = g_new(uint32_t, (gsize)page.width * page.height);
	for (uint32_t y = 0; y < page.height; y++) {
		for (uint32_t x = 0; x < page.width; x++)
			pixels[(gsize)y * page.width + x] = pattern(random, x, y);
	}
	page.pixels = pixels;
	if (!image_pdf_page_begin(pdf, &page, &error))
		g_error("page: %s", error->message);
	add_words(random, pdf, &page);
	if (!image_pdf_page_end(pdf, &error))
		g_error("page: %s", error->message);
}

static GBytes *write_document(uint32_t seed)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);
	g_autoptr(GError) error = NULL;
	ImagePdfOptions options = { .max_bytes = 30000000,
		                    .colour = seed % 3 == 0 ? RENDER_GRAY : RENDER_COLOUR,
		                    .clean = clean };
	g_autoptr(ImagePdf) pdf = image_pdf_new(&options);
	gint32 pages = g_rand_int_range(random, 1, 6);
	for (gint32 i = 0; i < pages; i++)
		add_page(random, pdf, patterns[g_rand_int_range(random, 0, G_N_ELEMENTS(patterns))]);
	GBytes *bytes = image_pdf_finish(pdf, &error);
	if (!bytes)
		g_error("finish: %s", error->message);
	return bytes;
}

static bool holds(GBytes *bytes, const char *what)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	return memmem(data, size, what, strlen(what)) != NULL;
}

#define DOCUMENTS 1000u

/* Enough documents that every form occurs. */
static void test_documents(void)
{
	static const char *const forms[] = {
		"/DeviceGray/BitsPerComponent 1/",
		"/DeviceGray/BitsPerComponent 4/",
		"/DeviceGray/BitsPerComponent 8/",
		">]/BitsPerComponent 4/",
		">]/BitsPerComponent 8/",
		"/DeviceRGB/BitsPerComponent 8/",
		"/DCTDecode/",
		"/ToUnicode ",
		" Tz 0 -1 1 0 ",
	};
	guint seen[G_N_ELEMENTS(forms)] = { 0 };
	for (uint32_t seed = 0; seed < DOCUMENTS; seed++) {
		g_autoptr(GBytes) bytes = write_document(seed);
		assert_accepted(bytes);
		for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
			seen[i] += holds(bytes, forms[i]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_test_message("%s: in %u documents", forms[i], seen[i]);
		g_assert_cmpuint(seen[i], >, 0);
	}
}

/* A full page of text, over many runs, and a run that is longer than one may be. */
static void test_full_page(void)
{
	g_autoptr(GError) error = NULL;
	ImagePdfOptions options = { .max_bytes = 30000000, .colour = RENDER_COLOUR, .clean = clean };
	g_autoptr(ImagePdf) pdf = image_pdf_new(&options);
	static uint32_t pixels[100 * 100];
	for (uint32_t i = 0; i < G_N_ELEMENTS(pixels); i++)
		pixels[i] = checkers(NULL, i % 100, i / 100);
	ImagePdfPage page = { pixels, 100, 100, 595276, 841890, NULL };
	g_autoptr(GString) long_run = g_string_new(NULL);
	for (guint i = 0; i < 3500; i++)
		g_string_append_unichar(long_run, i % 1000 == 0 && i > 0 ? 0x0301 : 0x4E00 + i % 3000);
	g_assert_true(image_pdf_page_begin(pdf, &page, &error));
	for (guint i = 0; i < 40; i++)
		g_assert_true(image_pdf_run(pdf, 0, 0, 6400, 6400, false, long_run->str, &error));
	g_assert_true(image_pdf_page_end(pdf, &error));
	g_assert_cmpuint(image_pdf_cut(pdf), >, 0);
	g_autoptr(GBytes) bytes = image_pdf_finish(pdf, &error);
	g_assert_no_error(error);
	assert_accepted(bytes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/verify-written/documents", test_documents);
	g_test_add_func("/verify-written/full-page", test_full_page);
	return g_test_run();
}
