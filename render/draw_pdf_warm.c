/* draw_pdf_warm: what every document would otherwise read anew. A page of ours with text in Japanese and
 * Latin fonts that are not embedded makes fontconfig read its cache and poppler its list of fonts, its CMaps
 * and its tables of characters: 50 ms and more. */
#include "draw_pdf_priv.h"

#include <cairo.h>
#include <string.h>

/* One line of text for each way in which text is encoded: in ASCII, by Shift_JIS, by Unicode (also
 * downwards), by the numbers of glyphs. */
static const char content[] =
        "BT /L 20 Tf 10 10 Td (A) Tj /J 20 Tf 0 30 Td <82A0> Tj /U 20 Tf 0 30 Td <3044> Tj "
        "/I 20 Tf 0 30 Td <034F> Tj /V 20 Tf 40 70 Td <30483048> Tj ET";
static const char *const expected[] = { "A", "あ", "い", "う", "ええ" };

enum { FONT_DESCRIPTOR = 10, PAGE_PIXELS = 250000 };

static void object(GString *pdf, GArray *offsets, const char *body)
{
	gsize offset = pdf->len;

	g_array_append_val(offsets, offset);
	g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", offsets->len, body);
}

static void font(GString *pdf, GArray *offsets, const char *encoding)
{
	g_autofree char *body = g_strdup_printf("<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/"
	                                        "%s/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
	                                        "/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/"
	                                        "Ordering(Japan1)/Supplement 2>>/FontDescriptor %d 0 R>>]>>",
	                                        encoding, FONT_DESCRIPTOR);

	object(pdf, offsets, body);
}

static void finish(GString *pdf, const GArray *offsets)
{
	gsize start = pdf->len;

	g_string_append_printf(pdf, "xref\n0 %u\n0000000000 65535 f \n", offsets->len + 1);
	for (guint i = 0; i < offsets->len; i++)
		g_string_append_printf(pdf, "%010" G_GSIZE_FORMAT " 00000 n \n",
		                       g_array_index(offsets, gsize, i));
	g_string_append_printf(pdf,
	                       "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n",
	                       offsets->len + 1, start);
}

static GBytes *small_pdf(void)
{
	g_autoptr(GArray) offsets = g_array_new(FALSE, FALSE, sizeof(gsize));
	GString *pdf = g_string_new("%PDF-1.4\n");
	g_autofree char *stream =
	        g_strdup_printf("<</Length %zu>>\nstream\n%s\nendstream", strlen(content), content);

	object(pdf, offsets, "<</Type/Catalog/Pages 2 0 R>>");
	object(pdf, offsets, "<</Type/Pages/Count 1/Kids[3 0 R]>>");
	object(pdf, offsets,
	       "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"
	       "/Resources<</Font<</L 5 0 R/J 6 0 R/U 7 0 R/V 8 0 R/I 9 0 R>>>>>>");
	object(pdf, offsets, stream);
	object(pdf, offsets, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
	font(pdf, offsets, "90ms-RKSJ-H");
	font(pdf, offsets, "UniJIS-UCS2-H");
	font(pdf, offsets, "UniJIS-UCS2-V");
	font(pdf, offsets, "Identity-H");
	object(pdf, offsets,
	       "<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 4/FontBBox[-170 -331 1024 "
	       "903]/ItalicAngle 0"
	       "/Ascent 723/Descent -241/CapHeight 709/StemV 69>>");
	finish(pdf, offsets);
	return g_string_free_to_bytes(pdf);
}

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

/* poppler frees its tables with the last document: this one stays open. */
static PopplerDocument *kept;

bool draw_pdf_warm_up(GError **error)
{
	DrawLimits limits = { .dpi = 72,
		              .pages = 1,
		              .page_pixels = PAGE_PIXELS,
		              .total_pixels = PAGE_PIXELS,
		              .page_chars = 100,
		              .total_chars = 100,
		              .pictures = true,
		              .text = true };
	DrawFacts facts = { 0 };

	g_autoptr(GBytes) pdf = small_pdf();
	kept = poppler_document_new_from_bytes(pdf, NULL, error);
	if (kept == NULL)
		return false;
	g_autofree uint32_t *pixels = g_new(uint32_t, PAGE_PIXELS);
	DrawSink sink = { pixels, give_pixels, check_page };
	DrawInput input = { g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf) };
	if (draw_pdf(&input, &limits, &sink, &facts, error) != RENDER_STATUS_COMPLETE)
		return false;
	draw_failed_page(pixels, 100, 100);
	return true;
}
