/* The checker's image PDF over arbitrary bytes. Byte 0 chooses what they are: 1 and 2 the JPEG of a picture
 * of 40 x 30 in colour and in gray, 3 to 5 the zlib stream of a picture (bitmap, palette of 3, of 17), 6 a
 * PDF whose objects are numbered, measured and listed anew; anything else: a whole PDF as it is. Base64,
 * lengths and offsets would hide the inner rules from mutation, so they are put on here.
 *
 * Held besides memory safety: a refusal names a clause in printable ASCII; libjpeg has nothing to say of an
 * accepted JPEG, and finds its size; zlib gives an accepted picture's bytes exactly; in an accepted PDF no
 * name stands that does anything, and in an accepted text nothing that a viewer makes a link. */
#include "verify_priv.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
/* after stdio.h and stddef.h */
#include <jpeglib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID "00112233445566778899aabbccddeeff"
#define PART "Content-Transfer-Encoding: base64\n"
#define BEGIN                                                                                                \
	"Date: Fri, 20 Nov 2026 10:00:00 +0900\nFrom: a@example.com\nMessage-ID: <1@example.com>\n"          \
	"X-Mugai-Id: " ID "\nX-Mugai-Hops: 1\nX-Mugai-Policy: a; version=0123456789abcdef\n"                 \
	"X-Mugai-Result: deliver; parts=1; removed=0; converted=1\nMIME-Version: 1.0\n"                      \
	"Content-Type: multipart/mixed;\n boundary=\"=_mugai_" ID "\"\n\n--=_mugai_" ID "\n"                 \
	"Content-Type: text/plain; charset=UTF-8\n" PART "\n"
#define FOOT "【無害化】----- 1 -----\r\n【無害化】f\r\n"

typedef struct {
	const char *dictionary;
	guint width, height, row; /* row: bytes of samples, 0 in a JPEG */
} Picture;

static const Picture pictures[] = {
	{ "Width 40/Height 30/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", 40, 30, 0 },
	{ "Width 40/Height 30/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/DCTDecode", 40, 30, 0 },
	{ "Width 10/Height 30/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/FlateDecode", 10, 30, 2 },
	{ "Width 9/Height 30/ColorSpace [/Indexed/DeviceRGB 2<000000ffffffff0000>]/BitsPerComponent "
	  "4/Filter/FlateDecode",
	  9, 30, 5 },
	{ "Width 9/Height 30/ColorSpace [/Indexed/DeviceRGB 16<"
	  "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "0000"
	  ">]/BitsPerComponent 8/Filter/FlateDecode",
	  9, 30, 9 },
};
enum { RENEWED = G_N_ELEMENTS(pictures) + 1 };

static void require(bool held)
{
	if (!held)
		abort();
}

/* -- building -- */

static void add_base64(GString *out, const char *data, size_t size)
{
	g_autofree char *all = g_base64_encode((const guchar *)data, size);
	size_t length = strlen(all);
	for (size_t i = 0; i < length; i += 76) {
		g_string_append_len(out, all + i, (gssize)MIN(76, length - i));
		g_string_append_c(out, '\n');
	}
}

static void begin_pdf(GString *pdf, GString *xref)
{
	g_string_assign(pdf, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
	g_string_assign(xref, "0000000000 65535 f \n");
}

/* Every length in the head is the stream's, whatever stands there. */
static void add_head(GString *pdf, const char *head, size_t length)
{
	for (const char *at; (at = strstr(head, "/Length")); head = at) {
		at += strlen("/Length");
		at += *at == '1';
		g_string_append_len(pdf, head, at - head);
		at += strspn(at, " 0123456789");
		g_string_append_printf(pdf, " %zu", length);
	}
	g_string_append(pdf, head);
}

static void add_object(GString *pdf, GString *xref, const char *head, const char *stream, size_t length)
{
	guint number = (guint)(xref->len / 20);
	g_string_append_printf(xref, "%010zu 00000 n \n", pdf->len);
	g_string_append_printf(pdf, "%u 0 obj\n", number);
	add_head(pdf, head, length);
	if (stream) {
		g_string_append(pdf, "\nstream\n");
		g_string_append_len(pdf, stream, (gssize)length);
		g_string_append(pdf, "\nendstream");
	}
	g_string_append(pdf, "\nendobj\n");
}

static void end_pdf(GString *pdf, const GString *xref)
{
	size_t start = pdf->len, count = xref->len / 20;
	g_string_append_printf(pdf, "xref\n0 %zu\n%s", count, xref->str);
	g_string_append_printf(pdf, "trailer\n<</Size %zu/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", count,
	                       start);
}

static GString *one_picture(const Picture *picture, const uint8_t *data, size_t size)
{
	static const char content[] = "q 30 0 0 40 0 0 cm /P Do Q\n";
	GString *pdf = g_string_new(NULL);
	g_autoptr(GString) xref = g_string_new(NULL);
	g_autofree char *head =
	        g_strdup_printf("<</Type/XObject/Subtype/Image/%s/Length>>", picture->dictionary);
	begin_pdf(pdf, xref);
	add_object(pdf, xref, "<</Type/Catalog/Pages 2 0 R>>", NULL, 0);
	add_object(pdf, xref, "<</Type/Pages/Count 1/Kids[3 0 R]>>", NULL, 0);
	add_object(pdf, xref,
	           "<</Type/Page/Parent 2 0 R/MediaBox[0 0 30 40]/Resources<</XObject<</P 5 0 R>>>>/Contents "
	           "4 0 R>>",
	           NULL, 0);
	add_object(pdf, xref, "<</Length>>", content, strlen(content));
	add_object(pdf, xref, head, (const char *)data, size);
	end_pdf(pdf, xref);
	return pdf;
}

static const char *find(const char *at, const char *end, const char *what)
{
	return at < end ? memmem(at, (size_t)(end - at), what, strlen(what)) : NULL;
}

/* What stands between "obj" and "endobj". */
static void renew_object(GString *pdf, GString *xref, const char *at, const char *end)
{
	const char *stream = find(at, end, "\nstream\n");
	g_autofree char *head = g_strndup(at, (gsize)((stream ? stream : end) - at));
	stream = stream ? stream + strlen("\nstream\n") : NULL;
	const char *stream_end = stream ? find(stream, end, "\nendstream") : NULL;
	stream_end = stream_end ? stream_end : end;
	add_object(pdf, xref, head, stream, stream ? (size_t)(stream_end - stream) : 0);
}

static GString *renewed(const uint8_t *data, size_t size)
{
	GString *pdf = g_string_new(NULL);
	g_autoptr(GString) xref = g_string_new(NULL);
	const char *at = (const char *)data, *end = at + size, *object_end;
	begin_pdf(pdf, xref);
	while ((at = find(at, end, " 0 obj\n"))) {
		at += strlen(" 0 obj\n"); /* its newline is not the one before "endobj" */
		object_end = find(at, end, "\nendobj\n");
		if (!object_end)
			break;
		renew_object(pdf, xref, at, object_end);
		at = object_end;
	}
	end_pdf(pdf, xref);
	return pdf;
}

static GString *build(const uint8_t *data, size_t size)
{
	if (size > 0 && data[0] >= 1 && data[0] < RENEWED)
		return one_picture(&pictures[data[0] - 1], data + 1, size - 1);
	if (size > 0 && data[0] == RENEWED)
		return renewed(data + 1, size - 1);
	return g_string_new_len((const char *)data, (gssize)size);
}

/* -- judging -- */

static bool accepts(const GString *pdf)
{
	struct verify_error error;
	g_autoptr(GString) message = g_string_new(BEGIN);
	add_base64(message, FOOT, strlen(FOOT));
	g_string_append(message, "--=_mugai_" ID "\nContent-Type: application/pdf\n" PART
	                         "Content-Disposition: attachment;\n filename*=UTF-8''a.pdf\n\n");
	add_base64(message, pdf->str, pdf->len);
	g_string_append(message, "--=_mugai_" ID "--\n");
	g_autofree uint8_t *copy = g_memdup2(message->str, message->len); /* so that a read past it is seen */
	if (verify_message(copy, message->len, &error))
		return true;
	require(!error.internal && error.section && error.line > 0 && error.what[0] != '\0');
	for (const char *c = error.what; *c; c++)
		require(g_ascii_isprint(*c));
	return false;
}

static void no_message(j_common_ptr c, int level)
{
	(void)c;
	require(level >= 0); /* below 0: a warning */
}

static void no_error(j_common_ptr c)
{
	(void)c;
	abort();
}

static void check_jpeg(const uint8_t *data, size_t size)
{
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	JSAMPLE row[3 * 64], *rows = row;
	d.err = jpeg_std_error(&errors);
	errors.emit_message = no_message;
	errors.error_exit = no_error;
	jpeg_create_decompress(&d);
	jpeg_mem_src(&d, data, size);
	jpeg_read_header(&d, TRUE);
	jpeg_start_decompress(&d);
	require(d.output_width == 40 && d.output_height == 30);
	while (d.output_scanline < d.output_height)
		jpeg_read_scanlines(&d, &rows, 1);
	jpeg_finish_decompress(&d);
	require(d.src->bytes_in_buffer == 0);
	jpeg_destroy_decompress(&d);
}

static void check_zlib(const Picture *picture, const uint8_t *data, size_t size)
{
	uint8_t samples[1000];
	uLongf got = sizeof(samples);
	uLong used = size;
	require(uncompress2(samples, &got, data, &used) == Z_OK);
	require(got == (uLongf)picture->row * picture->height && used == size);
}

/* The PDF without what stands in its streams. */
static char *bare(const GString *pdf)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *at = pdf->str, *end = at + pdf->len, *length, *stream;
	while ((length = find(at, end, "/Length ")) && (stream = find(at, end, ">>\nstream\n"))) {
		g_string_append_len(out, at, stream - at);
		at = stream + strlen(">>\nstream\n") + strtoul(length + strlen("/Length "), NULL, 10);
		require(find(at, end, "\nendstream") == at);
	}
	g_string_append_len(out, at, end - at);
	require(strlen(out->str) == out->len);
	return g_strdup(out->str);
}

static void check_names(const GString *pdf)
{
	static const char *const never[] = { "/JS",    "/JavaScript", "/AA",       "/OpenAction",
		                             "/URI",   "/Launch",     "/AcroForm", "/Names",
		                             "/Annot", "/Embedded",   "/Encrypt",  "/ObjStm",
		                             "/Info",  "/Metadata",   "#",         "(http" };
	g_autofree char *text = bare(pdf);
	for (size_t i = 0; i < G_N_ELEMENTS(never); i++)
		require(!strstr(text, never[i]));
	require(g_str_has_suffix(text, "\n%%EOF\n") && strstr(text, "%%EOF") == text + strlen(text) - 6);
}

/* The meanings of the codes, from the map's lines. */
static GHashTable *meanings(const GString *pdf)
{
	GHashTable *map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	const char *end = pdf->str + pdf->len, *at = find(pdf->str, end, "endcodespacerange");
	char code[5], utf16[9];
	for (; at && (at = find(at, end, "\n<")); at++) {
		if (sscanf(at, "\n<%4[0-9a-f]><%8[0-9a-f]>", code, utf16) != 2)
			continue;
		guint high = 0, low = 0;
		sscanf(utf16, "%4x%4x", &high, &low);
		gunichar cp = strlen(utf16) == 8 ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : high;
		char utf8[7] = { 0 };
		g_unichar_to_utf8(cp, utf8);
		g_hash_table_insert(map, g_strdup(code), g_ascii_strdown(utf8, -1));
	}
	return map;
}

/* All pages' texts in one, with a blank where a page ends. */
static void check_links(const GString *pdf)
{
	g_autoptr(GHashTable) map = meanings(pdf);
	g_autoptr(GString) text = g_string_new(NULL);
	const char *end = pdf->str + pdf->len, *next, *ends;
	for (const char *at = pdf->str; (next = find(at, end, " Tm <")); at = next) {
		ends = find(at, end, "\nET\n");
		if (ends && ends < next)
			g_string_append_c(text, ' ');
		for (next += strlen(" Tm <"); *next != '>'; next += 4) {
			g_autofree char *code = g_strndup(next, 4);
			const char *letter = g_hash_table_lookup(map, code);
			require(letter != NULL);
			g_string_append(text, letter);
		}
	}
	g_autoptr(GRegex) link =
	        g_regex_new("://|\\\\\\\\|www\\.|ftp\\.|(mailto|tel|sip|sms|news|file|data|javascript):|"
	                    "(^|[^[])@|@([^]]|$)",
	                    0, 0, NULL);
	require(g_utf8_validate(text->str, (gssize)text->len, NULL));
	require(!g_regex_match(link, text->str, 0, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GString) pdf = build(data, size);
	if (!accepts(pdf))
		return 0;
	check_names(pdf);
	if (size == 0 || data[0] == 0 || data[0] >= RENEWED) {
		check_links(pdf);
		return 0;
	}
	const Picture *picture = &pictures[data[0] - 1];
	if (picture->row == 0)
		check_jpeg(data + 1, size - 1);
	else
		check_zlib(picture, data + 1, size - 1);
	return 0;
}
