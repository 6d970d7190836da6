/* The smallest image PDF of doc/output-grammar.md 6, by another hand than the writer's: one page of one gray
 * pixel, in a stored block. Always the same bytes. */
#ifndef MUGAI_TESTS_PDF_SAMPLE_H
#define MUGAI_TESTS_PDF_SAMPLE_H

#include <glib.h>

static inline GBytes *pdf_sample(void)
{
	static const char stream[] = "\x78\x01\x01\x01\x00\xfe\xff\x80\x00\x81\x00\x81";
	GString *pdf = g_string_new("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
	const char *const objects[] = {
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1 1]/Resources<</XObject<</P 5 0 R>>>>/Contents 4 0 "
		"R>>",
		"<</Length 25>>\nstream\nq 1 0 0 1 0 0 cm /P Do Q\n\nendstream",
		NULL,
	};
	size_t offsets[G_N_ELEMENTS(objects)];
	for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
		offsets[i] = pdf->len;
		g_string_append_printf(pdf, "%zu 0 obj\n", i + 1);
		if (objects[i] != NULL) {
			g_string_append(pdf, objects[i]);
		} else {
			g_string_append_printf(
			        pdf,
			        "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace /DeviceGray"
			        "/BitsPerComponent 8/Filter/FlateDecode/Length %zu>>\nstream\n",
			        sizeof stream - 1);
			g_string_append_len(pdf, stream, sizeof stream - 1);
			g_string_append(pdf, "\nendstream");
		}
		g_string_append(pdf, "\nendobj\n");
	}
	size_t xref = pdf->len;
	g_string_append(pdf, "xref\n0 6\n0000000000 65535 f \n");
	for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
		g_string_append_printf(pdf, "%010zu 00000 n \n", offsets[i]);
	g_string_append_printf(pdf, "trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
	return g_string_free_to_bytes(pdf);
}

#endif
