/* image_pdf_message: what mugai-verify's acceptor says of an image PDF, in the smallest message that holds
 * one. For tests and fuzz programs. */
#ifndef MUGAI_TESTS_IMAGE_PDF_MESSAGE_H
#define MUGAI_TESTS_IMAGE_PDF_MESSAGE_H

#include "verify_priv.h"

#include <glib.h>
#include <string.h>

static inline void image_pdf_message_base64(GString *out, const char *data, size_t size)
{
	g_autofree char *all = g_base64_encode((const guchar *)data, size);
	size_t length = strlen(all);

	for (size_t i = 0; i < length; i += 76) {
		g_string_append_len(out, all + i, (gssize)MIN(76, length - i));
		g_string_append_c(out, '\n');
	}
}

/* True when it accepts the PDF; else why not. */
static inline bool image_pdf_accepted(const char *pdf, size_t length, struct verify_error *error)
{
	static const char boundary[] = "--=_mugai_00112233445566778899aabbccddeeff";
	static const char text[] = "【無害化】----- 1 -----\r\n【無害化】f\r\n";
	g_autoptr(GString) out = g_string_new(
	        "Date: Fri, 20 Nov 2026 10:00:00 +0900\nFrom: a@example.com\nMessage-ID: <1@example.com>\n"
	        "X-Mugai-Id: 00112233445566778899aabbccddeeff\nX-Mugai-Hops: 1\n"
	        "X-Mugai-Policy: a; version=0123456789abcdef\n"
	        "X-Mugai-Result: deliver; parts=1; removed=0; converted=1\nMIME-Version: 1.0\n"
	        "Content-Type: multipart/mixed;\n boundary=\"=_mugai_00112233445566778899aabbccddeeff\"\n\n");

	g_string_append_printf(
	        out, "%s\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n",
	        boundary);
	image_pdf_message_base64(out, text, strlen(text));
	g_string_append_printf(out,
	                       "%s\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
	                       "Content-Disposition: attachment;\n filename*=UTF-8''a.pdf\n\n",
	                       boundary);
	image_pdf_message_base64(out, pdf, length);
	g_string_append_printf(out, "%s--\n", boundary);
	return verify_message((const uint8_t *)out->str, out->len, error);
}

#endif
