/* draw_pdf_warm: what every document would otherwise read anew. A page of ours with text in Japanese and
 * Latin fonts that are not embedded makes fontconfig read its cache and poppler its list of fonts, its CMaps
 * and its tables of characters: 50 ms and more. */
#include "draw_pdf_priv.h"

#include <string.h>

/* clang-format off */
#define JAPANESE(number, encoding)                                                                           \
	number " 0 obj\n<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/" encoding                 \
	"/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/Ryumin-Light/FontDescriptor 10 0 R"     \
	"/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>]>>\nendobj\n"

/* One line of text for each way in which it is encoded: in ASCII, by Shift_JIS, by Unicode, by the numbers of
 * glyphs, and downwards. Without a cross-reference table: poppler finds the objects without. */
static const char pdf[] =
	"%PDF-1.4\n"
	"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
	"2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
	"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"
	"/Resources<</Font<</L 5 0 R/J 6 0 R/U 7 0 R/I 8 0 R/V 9 0 R>>>>>>\nendobj\n"
	"4 0 obj\n<</Length 160>>\nstream\n"
	"BT /L 20 Tf 10 10 Td (A) Tj /J 20 Tf 0 30 Td <82A0> Tj /U 20 Tf 0 30 Td <3044> Tj\n"
	"/I 20 Tf 0 30 Td <034F> Tj /V 20 Tf 40 70 Td <30483048> Tj ET                \n"
	"endstream\nendobj\n"
	"5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"
	JAPANESE("6", "90ms-RKSJ-H")
	JAPANESE("7", "UniJIS-UCS2-H")
	JAPANESE("8", "Identity-H")
	JAPANESE("9", "UniJIS-UCS2-V")
	"10 0 obj\n<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 4/FontBBox[-170 -331 1024 903]/ItalicAngle 0"
	"/Ascent 723/Descent -241/CapHeight 709/StemV 69>>\nendobj\n"
	"trailer\n<</Root 1 0 R/Size 11>>\n";
/* clang-format on */
static const char *const expected[] = { "A", "あ", "い", "う", "ええ" };

enum { PAGE_PIXELS = 200 * 200 };

static uint32_t *give_pixels(void *user, uint32_t width, uint32_t height, GError **error)
{
	(void)error;
	memset(user, 0xFF, (size_t)width * height * sizeof(uint32_t));
	return user;
}

static bool check_page(void *user, const DrawPage *page, GError **error)
{
	(void)user;
	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
		if (strstr(page->text, expected[i]) == NULL) {
			g_set_error(error, POPPLER_ERROR, POPPLER_ERROR_INVALID,
			            "\"%s\" cannot be drawn: are fonts and poppler-data installed?",
			            expected[i]);
			return false;
		}
	return true;
}

static bool draw_ours(GError **error)
{
	DrawLimits limits = { .dpi = 72,
		              .pages = 1,
		              .page_pixels = PAGE_PIXELS,
		              .total_pixels = PAGE_PIXELS,
		              .page_chars = 100,
		              .total_chars = 100,
		              .pictures = true,
		              .text = true };
	DrawInput input = { (const uint8_t *)pdf, strlen(pdf) };
	DrawFacts facts = { 0 };

	g_autofree uint32_t *pixels = g_new(uint32_t, PAGE_PIXELS);
	DrawSink sink = { pixels, give_pixels, check_page };
	int status = draw_pdf(&input, &limits, &sink, &facts, error);
	if (status == RENDER_STATUS_COMPLETE)
		draw_failed_page(pixels, 200, 200);
	else if (status != DRAW_ABORTED)
		g_set_error(error, POPPLER_ERROR, POPPLER_ERROR_INVALID,
		            "the library refuses a page of ours: status %d", status);
	return status == RENDER_STATUS_COMPLETE;
}

bool draw_pdf_warm_up(GError **error)
{
	/* poppler frees its tables with the last document: this one stays open. */
	static PopplerDocument *kept;

	if (kept == NULL) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(pdf, strlen(pdf));
		kept = poppler_document_new_from_bytes(bytes, NULL, error);
	}
	return kept != NULL && draw_ours(error);
}
