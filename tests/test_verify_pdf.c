/* The checker's image PDF (grammar 6): a document built here from the page alone, and then tables of
 * single steps away from it, each of which must be refused for the right rule, in the right object. */
#include "verify_pdf_priv.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <zlib.h>
/* after stdio.h and stddef.h */
#include <jpeglib.h>

#define ID "00112233445566778899aabbccddeeff"
#define BOUNDARY "--=_mugai_" ID "\n"
#define SINGLE "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n"
#define BEGIN                                                                                                \
	"Date: Fri, 20 Nov 2026 10:00:00 +0900\nFrom: a@example.com\nMessage-ID: <1@example.com>\n"          \
	"X-Mugai-Id: " ID "\nX-Mugai-Hops: 1\nX-Mugai-Policy: a; version=0123456789abcdef\n"                 \
	"X-Mugai-Result: deliver; parts=1; removed=0; converted=1\nMIME-Version: 1.0\n"                      \
	"Content-Type: multipart/mixed;\n boundary=\"=_mugai_" ID "\"\n\n" BOUNDARY SINGLE "\n"
#define PART                                                                                                 \
	BOUNDARY "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n"                        \
	         "Content-Disposition: attachment;\n filename*=UTF-8''"
#define CLOSE "--=_mugai_" ID "--\n"
#define FOOT "【無害化】----- 1 -----\r\n【無害化】f\r\n"

static GString *font; /* the glyphless one of grammar 6.9 */

/* -- building a document -- */

/* A body; each @ in the head is the stream's length. */
typedef struct {
	char *head;
	GString *stream; /* NULL: none */
} Object;

typedef struct {
	const char *width, *height,
	        *runs;       /* runs: texts separated by |, a vertical one begins with ^; NULL: none */
	const char *picture; /* head of its dictionary, without what all have */
	GString *data;       /* owned by the document */
} Page;

static void object_free(gpointer data)
{
	Object *object = data;
	g_free(object->head);
	if (object->stream)
		g_string_free(object->stream, TRUE);
	g_free(object);
}

static void add(GPtrArray *objects, char *head, GString *stream)
{
	Object *object = g_new0(Object, 1);
	object->head = head;
	object->stream = stream;
	g_ptr_array_add(objects, object);
}

/* The code of a character, given out in the order of first use. */
static guint code_of(GArray *codes, gunichar cp)
{
	for (guint i = 0; i < codes->len; i++) {
		if (g_array_index(codes, gunichar, i) == cp)
			return i + 1;
	}
	g_array_append_val(codes, cp);
	return codes->len;
}

static GString *content(const Page *page, GArray *codes)
{
	GString *out = g_string_new(NULL);
	g_string_append_printf(out, "q %s 0 0 %s 0 0 cm /P Do Q\n", page->width, page->height);
	if (!page->runs)
		return out;
	g_auto(GStrv) runs = g_strsplit(page->runs, "|", -1);
	g_string_append(out, "BT\n3 Tr\n");
	for (guint i = 0; runs[i]; i++) {
		bool vertical = runs[i][0] == '^';
		g_string_append_printf(out, "/F 10.5 Tf 100 Tz %s 7%u 20.25 Tm <",
		                       vertical ? "0 -1 1 0" : "1 0 0 1", i % 10);
		for (const char *c = runs[i] + vertical; *c; c = g_utf8_next_char(c))
			g_string_append_printf(out, "%04x", code_of(codes, g_utf8_get_char(c)));
		g_string_append(out, "> Tj\n");
	}
	return g_string_append(out, "ET\n");
}

static GString *to_unicode(const GArray *codes)
{
	GString *out = g_string_new(
	        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
	        "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/MugaiText def\n"
	        "/CMapType 2 def\n1 begincodespacerange\n<0000><ffff>\nendcodespacerange\n");
	for (guint i = 0; i < codes->len; i++) {
		gunichar cp = g_array_index(codes, gunichar, i);
		if (i % 100 == 0)
			g_string_append_printf(out, "%u beginbfchar\n", MIN(100, codes->len - i));
		if (cp < 0x10000)
			g_string_append_printf(out, "<%04x><%04x>\n", i + 1, cp);
		else
			g_string_append_printf(out, "<%04x><%04x%04x>\n", i + 1, 0xD7C0 + (cp >> 10),
			                       0xDC00 + (cp & 0x3FF));
		if (i % 100 == 99 || i + 1 == codes->len)
			g_string_append(out, "endbfchar\n");
	}
	return g_string_append(out, "endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend");
}

static GString *glyphs(guint codes)
{
	GString *out = g_string_new_len("\0\0", 2);
	for (guint i = 0; i < codes; i++)
		g_string_append_len(out, "\0\1", 2);
	return out;
}

static void add_font(GPtrArray *objects, const GArray *codes)
{
	guint f = objects->len + 1;
	add(objects,
	    g_strdup_printf("<</Type/Font/Subtype/Type0/BaseFont/MugaiText/Encoding/Identity-H/"
	                    "DescendantFonts[%u 0 R]"
	                    "/ToUnicode %u 0 R>>",
	                    f + 1, f + 4),
	    NULL);
	add(objects,
	    g_strdup_printf(
	            "<</Type/Font/Subtype/CIDFontType2/BaseFont/MugaiText/CIDSystemInfo<</Registry(Adobe)"
	            "/Ordering(Identity)/Supplement 0>>/FontDescriptor %u 0 R/DW 500/CIDToGIDMap %u 0 R>>",
	            f + 2, f + 5),
	    NULL);
	add(objects,
	    g_strdup_printf(
	            "<</Type/FontDescriptor/FontName/MugaiText/Flags 4/FontBBox[0 0 500 1000]/ItalicAngle 0"
	            "/Ascent 1000/Descent -1/CapHeight 1000/StemV 80/FontFile2 %u 0 R>>",
	            f + 3),
	    NULL);
	add(objects, g_strdup("<</Length @/Length1 @>>"), g_string_new_len(font->str, (gssize)font->len));
	add(objects, g_strdup("<</Length @>>"), to_unicode(codes));
	add(objects, g_strdup("<</Length @>>"), glyphs(codes->len));
}

static GPtrArray *document(const Page *pages, guint count)
{
	GPtrArray *objects = g_ptr_array_new_with_free_func(object_free);
	g_autoptr(GArray) codes = g_array_new(FALSE, FALSE, sizeof(gunichar));
	g_autoptr(GString) kids = g_string_new(NULL);
	for (guint i = 0; i < count; i++)
		g_string_append_printf(kids, "%s%u 0 R", i > 0 ? " " : "", 3 + 3 * i);
	add(objects, g_strdup("<</Type/Catalog/Pages 2 0 R>>"), NULL);
	add(objects, g_strdup_printf("<</Type/Pages/Count %u/Kids[%s]>>", count, kids->str), NULL);
	for (guint i = 0; i < count; i++) {
		const Page *page = &pages[i];
		guint n = 3 + 3 * i;
		g_autofree char *f = g_strdup_printf("/Font<</F %u 0 R>>", 3 + 3 * count);
		add(objects,
		    g_strdup_printf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s %s]/Resources<</XObject<</P "
		                    "%u 0 R>>%s>>"
		                    "/Contents %u 0 R>>",
		                    page->width, page->height, n + 2, page->runs ? f : "", n + 1),
		    NULL);
		add(objects, g_strdup("<</Length @>>"), content(page, codes));
		add(objects, g_strdup_printf("<</Type/XObject/Subtype/Image/%s/Length @>>", page->picture),
		    g_string_new_len(page->data->str, (gssize)page->data->len));
	}
	if (codes->len > 0)
		add_font(objects, codes);
	return objects;
}

static GString *file_of(const GPtrArray *objects)
{
	GString *out = g_string_new("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
	g_autoptr(GString) xref = g_string_new(NULL);
	g_string_append_printf(xref, "xref\n0 %u\n0000000000 65535 f \n", objects->len + 1);
	for (guint i = 0; i < objects->len; i++) {
		const Object *object = g_ptr_array_index(objects, i);
		g_autoptr(GString) head = g_string_new(object->head);
		g_autofree char *length = g_strdup_printf("%zu", object->stream ? object->stream->len : 0);
		g_string_replace(head, "@", length, 0);
		g_string_append_printf(xref, "%010zu 00000 n \n", out->len);
		g_string_append_printf(out, "%u 0 obj\n%s", i + 1, head->str);
		if (object->stream) {
			g_string_append(out, "\nstream\n");
			g_string_append_len(out, object->stream->str, (gssize)object->stream->len);
			g_string_append(out, "\nendstream");
		}
		g_string_append(out, "\nendobj\n");
	}
	g_string_append_printf(xref, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n",
	                       objects->len + 1, out->len);
	return g_string_append_len(out, xref->str, (gssize)xref->len);
}

/* -- pictures -- */

static GString *deflated_with(const char *bytes, size_t length, int level, int window)
{
	z_stream z = { 0 };
	GString *out = g_string_sized_new(length + length / 100 + 100);
	g_assert_cmpint(deflateInit2(&z, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
	z.next_in = (Bytef *)(gpointer)bytes;
	z.avail_in = (uInt)length;
	z.next_out = (Bytef *)out->str;
	z.avail_out = (uInt)out->allocated_len;
	g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
	g_string_set_size(out, z.total_out);
	deflateEnd(&z);
	return out;
}

static GString *deflated(const char *bytes, size_t length)
{
	return deflated_with(bytes, length, 6, 15);
}

/* How libjpeg is to write a picture. */
typedef struct {
	guint width, height, components;
	int quality, h, v, restart;
	bool progressive, optimize, adobe, jfif;
	int extra_marker;
} Jpeg;

static GString *jpeg(const Jpeg *how)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long length = 0;
	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &bytes, &length);
	c.image_width = how->width;
	c.image_height = how->height;
	c.input_components = (int)how->components;
	c.in_color_space = how->components == 3 ? JCS_RGB : JCS_GRAYSCALE;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, how->quality, TRUE);
	c.comp_info[0].h_samp_factor = how->h;
	c.comp_info[0].v_samp_factor = how->v;
	c.restart_interval = (unsigned)how->restart;
	c.optimize_coding = how->optimize;
	c.write_Adobe_marker = how->adobe;
	c.write_JFIF_header = how->jfif;
	if (how->progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	if (how->extra_marker)
		jpeg_write_marker(&c, how->extra_marker, (const JOCTET *)"x", 1);
	g_autofree JSAMPLE *row = g_malloc((gsize)how->width * how->components);
	g_autoptr(GRand) random = g_rand_new_with_seed(how->width);
	for (guint y = 0; y < how->height; y++) {
		for (guint x = 0; x < how->width * how->components; x++)
			row[x] = (JSAMPLE)((x * 3 + y * 5 + (guint)g_rand_int_range(random, 0, 60)) & 0xFF);
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	GString *out = g_string_new_len((const char *)bytes, (gssize)length);
	free(bytes);
	return out;
}

static GString *good_jpeg(void)
{
	return jpeg(&(Jpeg) { 40, 30, 3, 75, 2, 2, 0, false, true, false, true, 0 });
}
#define JPEG_40X30 "Width 40/Height 30/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"

/* -- the good document: a bitmap with text, a palette without, a JPEG with text in two directions -- */

#define GOOD_PAGES 3u
enum { FONT = 3 + 3 * GOOD_PAGES };

/* Rows without unused bits: with them, a picture may be wider by as much. */
static GPtrArray *good_objects(void)
{
	g_autoptr(GString) bitmap = deflated("\xAA\x81\x55\x41\xFF\xC1", 6);
	g_autoptr(GString) palette = deflated("\x01\x22\x10\x11", 4);
	g_autoptr(GString) photo = good_jpeg();
	const Page pages[GOOD_PAGES] = {
		{ "595.28", "842", "議事録|abc|議会",
		  "Width 16/Height 3/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/FlateDecode", bitmap },
		{ "0.5", "14400", NULL,
		  "Width 4/Height 2/ColorSpace [/Indexed/DeviceRGB 2<000000ff00ffffffff>]/BitsPerComponent 4"
		  "/Filter/FlateDecode",
		  palette },
		{ "100", "100", "^縦書𠮷|議a", JPEG_40X30, photo },
	};
	return document(pages, GOOD_PAGES);
}

/* -- judging -- */

static void add_base64(GString *out, const char *data, size_t size)
{
	g_autofree char *all = g_base64_encode((const guchar *)data, size);
	size_t length = strlen(all);
	for (size_t i = 0; i < length; i += 76) {
		g_string_append_len(out, all + i, (gssize)MIN(76, length - i));
		g_string_append_c(out, '\n');
	}
}

static GString *message_of(const char *name, const GString *pdf)
{
	GString *out = g_string_new(BEGIN);
	add_base64(out, FOOT, strlen(FOOT));
	g_string_append_printf(out, PART "%s\n\n", name);
	add_base64(out, pdf->str, pdf->len);
	return g_string_append(out, CLOSE);
}

/* The section that refuses it; NULL: accepted. */
static const char *verdict(const GString *message, struct verify_error *error)
{
	g_autofree uint8_t *copy = g_memdup2(message->str, message->len);
	if (verify_message(copy, message->len, error))
		return NULL;
	g_assert_false(error->internal);
	for (const char *c = error->what; *c; c++)
		g_assert_true(g_ascii_isprint(*c));
	return error->section;
}

/* object -1: whichever. `said`: what must stand in the reason, or NULL. */
static bool expect(const GString *pdf, const char *section, int object, const char *said, const char *label)
{
	struct verify_error error;
	g_autoptr(GString) message = message_of("a.pdf", pdf);
	const char *got = verdict(message, &error);
	g_autofree char *place = g_strdup_printf("attachment 1: object %d, byte ", object);
	bool right = g_strcmp0(got, section) == 0;
	if (right && got && object >= 0)
		right = g_str_has_prefix(error.what, place);
	if (right && got && said)
		right = strstr(error.what, said) != NULL;
	if (!right)
		g_printerr("%s: expected %s object %d (%s), got %s: %s\n", label, section ? section : "ok",
		           object, said ? said : "", got ? got : "ok", got ? error.what : "");
	return right;
}

static void replace(GString *text, const char *from, const char *to)
{
	const char *at = memmem(text->str, text->len, from, strlen(from));
	if (!at)
		g_error("the document does not hold \"%s\"", from);
	gssize place = at - text->str;
	g_string_erase(text, place, (gssize)strlen(from));
	g_string_insert(text, place, to);
}

/* -- the tables of text -- */

typedef enum {
	HEAD,   /* the object's dictionary: from -> to */
	STREAM, /* its stream, whose length then fits: from -> to */
	WHOLE,  /* the file: from -> to */
} Kind;

typedef struct {
	Kind kind;
	int object; /* that is changed */
	const char *from, *to, *section;
	int told; /* object that the refusal names, where it is another one; -1: none */
} Row;

static GString *build(const Row *row)
{
	g_autoptr(GPtrArray) objects = good_objects();
	Object *object = row->kind == WHOLE ? NULL : g_ptr_array_index(objects, (guint)row->object - 1);
	if (row->kind == HEAD) {
		g_autoptr(GString) head = g_string_new(object->head);
		replace(head, row->from, row->to);
		g_free(object->head);
		object->head = g_strdup(head->str);
	}
	if (row->kind == STREAM)
		replace(object->stream, row->from, row->to);
	GString *pdf = file_of(objects);
	if (row->kind == WHOLE)
		replace(pdf, row->from, row->to);
	return pdf;
}

static void run_rows(const Row *rows, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		g_autoptr(GString) pdf = build(&rows[i]);
		g_autofree char *label =
		        g_strdup_printf("row %zu (\"%.50s\" -> \"%.50s\")", i, rows[i].from, rows[i].to);
		int told = rows[i].told ? rows[i].told : rows[i].object;
		wrong += !expect(pdf, rows[i].section,
		                 told > 0                ? told
		                 : rows[i].kind == WHOLE ? -1
		                                         : 0,
		                 NULL, label);
	}
	if (wrong > 0)
		g_test_fail();
}
#define RUN(rows) run_rows(rows, G_N_ELEMENTS(rows))

static void test_good(void)
{
	g_autoptr(GPtrArray) objects = good_objects();
	g_autoptr(GString) pdf = file_of(objects);
	g_assert_true(expect(pdf, NULL, -1, NULL, "good"));
	struct verify_error error;
	g_autoptr(GString) message = message_of("a.pdf", pdf);
	g_string_replace(message, "\n", "\r\n", 0);
	g_assert_cmpstr(verdict(message, &error), ==, NULL);
	/* the same line of the message, whichever its ends are */
	pdf->str[pdf->len - 2] = 'f';
	g_autoptr(GString) lf = message_of("a.pdf", pdf);
	g_assert_cmpstr(verdict(lf, &error), ==, "6.7");
	size_t line = error.line;
	g_string_replace(lf, "\n", "\r\n", 0);
	g_assert_cmpstr(verdict(lf, &error), ==, "6.7");
	g_assert_cmpuint(error.line, ==, line);
}

static void test_file(void)
{
	static const Row rows[] = {
		/* 6.1 */
		{ WHOLE, 0, "%PDF-1.7", "%PDF-1.6", "6.1", 0 },
		{ WHOLE, 0, "%PDF-1.7", " %PDF-1.7", "6.1", 0 },
		{ WHOLE, 0, "\xE2\xE3\xCF\xD3", "\xE2\xE3\xCF\xD2", "6.1", 0 },
		{ WHOLE, 0, "\xD3\n", "\xD3\r\n", "6.1", 0 },
		{ WHOLE, 0, "%PDF-1.7\n", "%PDF-1.7\n% a comment\n", "6.1", 0 },
		/* 6.2: between objects, and their frame */
		{ WHOLE, 0, "1 0 obj", "% c\n1 0 obj", "6.2", 1 },
		{ WHOLE, 0, "1 0 obj", " 1 0 obj", "6.2", 1 },
		{ WHOLE, 0, "1 0 obj", "01 0 obj", "6.2", 1 },
		{ WHOLE, 0, "1 0 obj", "1 1 obj", "6.2", 1 },
		{ WHOLE, 0, "1 0 obj\n", "1 0 obj ", "6.2", 1 },
		{ WHOLE, 0, "1 0 obj\n", "1 0 obj\n\n", "6.2", 1 },
		{ WHOLE, 0, "\nendobj\n", "\nendobj\n\n", "6.2", 2 },
		{ WHOLE, 0, "\nendobj\n", " endobj\n", "6.2", 1 },
		{ WHOLE, 0, "\nendobj\n", "\n%x\nendobj\n", "6.2", 1 },
		{ WHOLE, 0, "\n2 0 obj", "\n3 0 obj", "6.2", 2 },
		{ WHOLE, 0, "\n2 0 obj", "\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj", "6.2",
		  2 },
		{ WHOLE, 0, "\n5 0 obj", "\n18 0 obj\n<</JS(app.alert(1))>>\nendobj\n5 0 obj", "6.2", 5 },
		/* what a file may hold behind its objects */
		{ WHOLE, 0, "xref\n", "18 0 obj\n<</S/JavaScript/JS(x)>>\nendobj\nxref\n", "6.7", 0 },
		{ WHOLE, 0, "xref\n0 18", "xref\n0 19", "6.7", 0 },
		{ WHOLE, 0, "xref\n0 18", "xref\n1 17", "6.7", 0 },
		{ WHOLE, 0, "xref\n", "xref \n", "6.7", 0 },
		{ WHOLE, 0, "0000000000 65535 f \n", "0000000000 65535 f\r\n", "6.7", 0 },
		{ WHOLE, 0, "0000000000 65535 f \n", "0000000001 65535 f \n", "6.7", 0 },
		{ WHOLE, 0, "0000000015 00000 n ", "0000000016 00000 n ", "6.7", 0 },
		{ WHOLE, 0, "0000000015 00000 n ", "0000000015 00001 n ", "6.7", 0 },
		{ WHOLE, 0, "0000000015 00000 n ", "0000000015 00000 f ", "6.7", 0 },
		{ WHOLE, 0, "0000000015 00000 n \n", "0000000015 00000 n\r\n", "6.7", 0 },
		{ WHOLE, 0, "0000000015 00000 n \n", "", "6.7", 0 },
		{ WHOLE, 0, "trailer\n", "trailer\n\n", "6.7", 0 },
		{ WHOLE, 0, "/Size 18", "/Size 17", "6.7", 0 },
		{ WHOLE, 0, "/Root 1 0 R>>", "/Root 2 0 R>>", "6.7", 0 },
		{ WHOLE, 0, "/Root 1 0 R>>", "/Root 1 0 R/Info 3 0 R>>", "6.7", 0 },
		{ WHOLE, 0, "/Root 1 0 R>>", "/Root 1 0 R/Prev 15>>", "6.7", 0 },
		{ WHOLE, 0, "/Root 1 0 R>>", "/Root 1 0 R/Encrypt 1 0 R>>", "6.7", 0 },
		{ WHOLE, 0, "/Root 1 0 R>>", "/Root 1 0 R/ID[<00><00>]>>", "6.7", 0 },
		{ WHOLE, 0, "/Root 1 0 R>>", "/Root 1 0 R/XRefStm 15>>", "6.7", 0 },
		{ WHOLE, 0, "startxref\n", "startxref\n0", "6.7", 0 },
		{ WHOLE, 0, "startxref\n", "startxref\n1", "6.7", 0 },
		{ WHOLE, 0, "%%EOF\n", "%%EOF", "6.7", 0 },
		{ WHOLE, 0, "%%EOF\n", "%%EOF\r\n", "6.7", 0 },
		{ WHOLE, 0, "%%EOF\n", "%%EOF\n\n", "6.7", 0 },
		{ WHOLE, 0, "%%EOF\n", "%%EOF\n%%EOF\n", "6.7", 0 },
		{ WHOLE, 0, "%%EOF\n",
		  "%%EOF\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/OpenAction 9 0 R>>\nendobj\nxref\n1 1\n"
		  "0000000000 00000 n \ntrailer\n<</Size 18/Root 1 0 R/Prev 15>>\nstartxref\n9\n%%EOF\n",
		  "6.7", 0 },
	};
	RUN(rows);
}

static void test_objects(void)
{
	static const Row rows[] = {
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 3 0 R", "6.2", 0 },
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 2 0 R/OpenAction 3 0 R", "6.2", 0 },
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 2 0 R/AA<</WC 3 0 R>>", "6.2", 0 },
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 2 0 R/Names<</JavaScript 3 0 R>>", "6.2", 0 },
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 2 0 R/AcroForm<<>>", "6.2", 0 },
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 2 0 R/URI<</Base(http://a)>>", "6.2", 0 },
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 2 0 R/Metadata 3 0 R", "6.2", 0 },
		{ HEAD, 1, "/Pages 2 0 R", "/Pages 2 0 R/Pages 2 0 R", "6.2", 0 },
		{ HEAD, 1, "/Type/Catalog", "/Type /Catalog", "6.2", 0 },
		{ HEAD, 1, "/Type/Catalog", "/Type/C#61talog", "6.2", 0 },
		{ HEAD, 1, "<</Type/Catalog/Pages 2 0 R>>", "<</Pages 2 0 R/Type/Catalog>>", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 2", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 4", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 03", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count +3", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 3.0", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 0", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 501", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 4294967299", "6.2", 0 },
		{ HEAD, 2, "/Count 3", "/Count 18446744073709551619", "6.2", 0 },
		{ HEAD, 2, "[3 0 R 6", "[6 0 R 3", "6.2", 0 },
		{ HEAD, 2, "[3 0 R 6", "[3 0 R  6", "6.2", 0 },
		{ HEAD, 2, "[3 0 R 6", "[ 3 0 R 6", "6.2", 0 },
		{ HEAD, 2, "]>>", "]/Rotate 90>>", "6.2", 0 },
		{ HEAD, 2, "]>>", "]/MediaBox[0 0 9 9]>>", "6.2", 0 },
		{ HEAD, 3, "/Parent 2 0 R", "/Parent 1 0 R", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.280 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.28 0]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 0 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.28 842.0]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.28 842.]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.28 14400.001]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.28 14401]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.28 99999999999]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.2801 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 0595.28 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 +595.28 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 -595.28 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 5e2 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[-0 0 595.28 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0.0 0 595.28 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[1 0 595.28 842]", "6.2", 0 },
		{ HEAD, 3, "[0 0 595.28 842]", "[0 0 595.28 841]", "6.2", 4 }, /* the content has another */
		{ HEAD, 3, "/P 5 0 R", "/P 8 0 R", "6.2", 0 },
		{ HEAD, 3, "/P 5 0 R", "/P 5 0 R/Q 5 0 R", "6.2", 0 },
		{ HEAD, 3, "/F 12 0 R", "/F 13 0 R", "6.2", 0 },
		{ HEAD, 3, "/Font<</F 12 0 R>>", "/Font<</F 12 0 R>>/Font<</F 12 0 R>>", "6.2", 0 },
		{ HEAD, 3, "/Font<</F 12 0 R>>", "", "6.2", 4 },                           /* it has text */
		{ HEAD, 6, ">>>>/Contents", ">>/Font<</F 12 0 R>>>>/Contents", "6.2", 7 }, /* it has none */
		{ HEAD, 3, "/Contents 4 0 R", "/Contents 7 0 R", "6.2", 0 },
		{ HEAD, 3, "/Contents 4 0 R", "/Contents[4 0 R]", "6.2", 0 },
		{ HEAD, 3, "/Contents 4 0 R", "/Contents 4 0 R/Annots[5 0 R]", "6.2", 0 },
		{ HEAD, 3, "/Contents 4 0 R", "/Contents 4 0 R/AA<</O 5 0 R>>", "6.2", 0 },
		{ HEAD, 3, "/Contents 4 0 R", "/Contents 4 0 R/Group<<>>", "6.2", 0 },
		{ HEAD, 3, "/Contents 4 0 R", "/Contents 4 0 R/Rotate 90", "6.2", 0 },
		/* the page's content */
		{ STREAM, 4, "q 595.28", "q 595.29", "6.2", 0 },
		{ STREAM, 4, "q 595.28", "q  595.28", "6.2", 0 },
		{ STREAM, 4, "q 595.28", " q 595.28", "6.2", 0 },
		{ STREAM, 4, "0 0 842", "0 0 842.0", "6.2", 0 },
		{ STREAM, 4, "/P Do", "/P Do /P Do", "6.2", 0 },
		{ STREAM, 4, "/P Do Q\n", "/P Do Q \n", "6.2", 0 },
		{ STREAM, 4, "/P Do Q\n", "/P Do Q\n%c\n", "6.2", 0 },
		{ STREAM, 4, "/P Do Q\n", "/P Do Q\n1 0 0 rg 0 0 9 9 re f\n", "6.2", 0 },
		{ STREAM, 4, "3 Tr", "0 Tr", "6.2", 0 },
		{ STREAM, 4, "3 Tr", "7 Tr", "6.2", 0 },
		{ STREAM, 4, "ET\n", "ET\nET\n", "6.2", 0 },
		{ STREAM, 4, "ET\n", "ET\n\n", "6.2", 0 },
		{ STREAM, 4, "ET\n", "ET", "6.2", 0 },
		{ STREAM, 7, "Q\n", "Q", "6.2", 0 },
		{ STREAM, 7, "Q\n", "Q\nBI /W 1/H 1/BPC 1 ID 0 EI\n", "6.2", 0 },
		{ STREAM, 7, "Q\n", "Q\nBT\n3 Tr\nET\n", "6.2", 0 },
		/* 6.3 */
		{ HEAD, 4, "<</Length @>>", "<</Length 0@>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length @0>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length 9>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length 0>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length 31999999>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length 4294967296>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length 9 0 R>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length @/Filter/FlateDecode>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length @/Length @>>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length @ >>", "6.3", 0 },
		{ HEAD, 4, "<</Length @>>", "<</Length @/F(x)>>", "6.3", 0 },
		{ WHOLE, 0, "\nstream\n", "\nstream\r\n", "6.3", 4 },
		{ WHOLE, 0, "\nstream\n", "\n\nstream\n", "6.3", 4 },
		{ WHOLE, 0, "\nendstream", "\n\nendstream", "6.3", 4 },
		{ WHOLE, 0, "\nendstream", "endstream", "6.3", 4 },
	};
	RUN(rows);
}

static void test_runs(void)
{
	static const Row rows[] = {
		{ STREAM, 4, "/F 10.5 Tf", "/F 14400 Tf", NULL, 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F 14400.001 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F 0.001 Tf", NULL, 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F 0 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F 0.0 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F 10.50 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F .5 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F 010.5 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F -10.5 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F +10.5 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F 1.0 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/G 10.5 Tf", "6.5", 0 },
		{ STREAM, 4, "/F 10.5 Tf", "/F  10.5 Tf", "6.5", 0 },
		{ STREAM, 4, "100 Tz", "1 Tz", NULL, 0 },
		{ STREAM, 4, "100 Tz", "10000 Tz", NULL, 0 },
		{ STREAM, 4, "100 Tz", "0.999 Tz", "6.5", 0 },
		{ STREAM, 4, "100 Tz", "10000.1 Tz", "6.5", 0 },
		{ STREAM, 4, "100 Tz", "99999999999999999999 Tz", "6.5", 0 },
		{ STREAM, 4, "1 0 0 1 70", "1 0 0 -1 70", "6.5", 0 },
		{ STREAM, 4, "1 0 0 1 70", "2 0 0 1 70", "6.5", 0 },
		{ STREAM, 4, "1 0 0 1 70", "0 1 -1 0 70", "6.5", 0 },
		{ STREAM, 4, "1 0 0 1 70", "0 -1 1 0 70", NULL, 0 },
		{ STREAM, 4, "1 0 0 1 70", "1 0 0 1 595.28", NULL, 0 },
		{ STREAM, 4, "1 0 0 1 70", "1 0 0 1 595.281", "6.5", 0 },
		{ STREAM, 4, "1 0 0 1 70", "1 0 0 1 0", NULL, 0 },
		{ STREAM, 4, "1 0 0 1 70", "1 0 0 1 -0", "6.5", 0 },
		{ STREAM, 4, "1 0 0 1 70", "1 0 0 1 -1", "6.5", 0 },
		{ STREAM, 4, "70 20.25", "70 842", NULL, 0 },
		{ STREAM, 4, "70 20.25", "70 842.001", "6.5", 0 },
		{ STREAM, 4, "<00010002", "< 00010002", "6.5", 0 },
		{ STREAM, 4, "<00010002", "<0001\n0002", "6.5", 0 },
		{ STREAM, 4, "<000100020003>", "<>", "6.5", 0 },
		{ STREAM, 4, "<000100020003>", "<00010002000>", "6.5", 0 },
		{ STREAM, 4, "<000100020003>", "(a)", "6.5", 0 },
		{ STREAM, 4, "<000100020003>", "<000000020003>", "6.5", 0 },
		{ STREAM, 4, "<000100020003>", "<000200010003>", "6.5", 0 },
		{ STREAM, 4, "<000100020003>", "<00010002ffff>", "6.5", 0 },
		{ STREAM, 4, "<000100020003>", "<000100020001>", "6.5", 0 },
		{ STREAM, 4, "<000400050006>", "<00040005000F>", "6.5", 0 },
		{ STREAM, 4, " Tj\n", " Tj \n", "6.5", 0 },
		{ STREAM, 4, " Tj\n", " TJ\n", "6.5", 0 },
		{ STREAM, 4, " Tj\n", " Tj\n0 0 Td\n", "6.5", 0 },
		{ STREAM, 4, "> Tj\nET", "> Tj\n/Span<</ActualText(x)>>BDC\nET", "6.5", 0 },
	};
	RUN(rows);
}

static void test_font(void)
{
	static const Row rows[] = {
		{ HEAD, FONT, "/Type0", "/Type1", "6.6", 0 },
		{ HEAD, FONT, "[13 0 R]", "[14 0 R]", "6.6", 0 },
		{ HEAD, FONT, "/ToUnicode 16 0 R", "", "6.6", 0 },
		{ HEAD, FONT, "/ToUnicode 16 0 R", "/ToUnicode 17 0 R", "6.6", 0 },
		{ HEAD, FONT, "/Identity-H", "/Identity-V", "6.6", 0 },
		{ HEAD, FONT + 1, "/DW 500", "/DW 1000", "6.6", 0 },
		{ HEAD, FONT + 1, "/DW 500", "/DW 500/W[1[9]]", "6.6", 0 },
		{ HEAD, FONT + 1, "/CIDToGIDMap 17 0 R", "/CIDToGIDMap/Identity", "6.6", 0 },
		{ HEAD, FONT + 1, "(Adobe)", "(Ad\\157be)", "6.6", 0 },
		{ HEAD, FONT + 2, "/Flags 4", "/Flags 5", "6.6", 0 },
		{ HEAD, FONT + 2, "/FontFile2", "/FontFile3", "6.6", 0 },
		{ HEAD, FONT + 2, "/StemV 80", "/StemV 80/FontFamily(x)", "6.6", 0 },
		{ HEAD, FONT + 3, "/Length1 @", "", "6.6", 0 },
		{ HEAD, FONT + 3, "/Length1 @", "/Length1 9", "6.6", 0 },
		{ HEAD, FONT + 3, "/Length @", "/Length 9", "6.6", 0 },
		{ STREAM, FONT + 3, "glyf", "glyg", "6.9", 0 },
		{ STREAM, FONT + 3, "glyf", "glyf ", "6.9", 0 },
		{ STREAM, FONT + 4, "<ffff>", "<00ff>", "6.6", 0 },
		{ STREAM, FONT + 4, "12 dict", "13 dict", "6.6", 0 },
		{ STREAM, FONT + 4, "10 beginbfchar", "9 beginbfchar", "6.6", 0 },
		{ STREAM, FONT + 4, "10 beginbfchar", "11 beginbfchar", "6.6", 0 },
		{ STREAM, FONT + 4, "10 beginbfchar", "010 beginbfchar", "6.6", 0 },
		{ STREAM, FONT + 4, "10 beginbfchar\n<0001><8b70>\n",
		  "1 beginbfchar\n<0001><8b70>\nendbfchar\n9 beginbfchar\n", "6.6", 0 },
		{ STREAM, FONT + 4, "<0001><8b70>\n<0002><4e8b>\n", "<0002><4e8b>\n<0001><8b70>\n", "6.6",
		  0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0001><4e8b>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><8b70>", "6.6", 0 }, /* a CP twice */
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><4E8B>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002> <4e8b>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><4e8b4e8c>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><d842>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><dfb7>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><dfb7d842>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><d842d842>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><00004e8b>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><>", "6.6", 0 },
		{ STREAM, FONT + 4, "<0002><4e8b>", "<0002><4e8c>", NULL, 0 },
		{ STREAM, FONT + 4, "endcmap\n", "/UseCMap(x)\nendcmap\n", "6.6", 0 },
		{ STREAM, FONT + 4, "\nend\nend", "\nend\nend\n", "6.6", 0 },
		/* one code more than the runs use */
		{ STREAM, FONT + 4, "endbfchar\n", "<000b><0041>\nendbfchar\n", "6.6", 0 },
	};
	RUN(rows);
}

/* A code whose last use goes: the map then has one too many. */
static void test_unused_code(void)
{
	static const Row rows[] = {
		{ STREAM, 10, "000a", "0001", "6.6", FONT + 4 },
	};
	RUN(rows);
}

static void test_glyphs(void)
{
	static const struct {
		guint at;
		char value;
	} rows[] = { { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 0 }, { 3, 2 }, { 21, 0 } };
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GPtrArray) objects = good_objects();
		Object *map = g_ptr_array_index(objects, FONT + 5 - 1);
		map->stream->str[rows[i].at] = rows[i].value;
		g_autoptr(GString) pdf = file_of(objects);
		g_assert_true(expect(pdf, "6.6", FONT + 5, NULL, "glyphs"));
	}
}

/* -- 6.8: the text -- */

#define R5(s) s s s s s

static void test_text(void)
{
	static const struct {
		const char *runs, *section;
	} rows[] = {
		{ "議事録", NULL },
		{ "example.jp/a", NULL },
		{ "a[@]b", NULL },
		{ "a[|@|]b", NULL },
		{ "http:/|x/", NULL },
		{ "tel|e:", NULL },
		{ "か\u3099", NULL },
		{ "か|\u3099", NULL },
		{ "葛\U000E0100", NULL },
		{ "\U0001F468\u200D\U0001F469", NULL },
		{ "𠮷野家", NULL },
		{ "a b", "6.8" },
		{ "a\u3000b", "6.8" },
		{ "a\tb", "6.8" },
		{ "a\nb", "6.8" },
		{ "a\x7F", "6.8" },
		{ "a\xC2\x85", "6.8" },
		{ "a\u00A0b", "6.8" },
		{ "a\u2028b", "6.8" },
		{ "a\u202Eb", "6.8" },
		{ "\u05D0\u200F", "6.8" },
		{ "a\u2066b\u2069", "6.8" },
		{ "a\u200Bb", "6.8" },
		{ "a\u200Db", "6.8" },
		{ "a\uFEFF", "6.8" },
		{ "a\uFE0F", "6.8" },
		{ "a\U000E0041", "6.8" },
		{ "a\uE000", "6.8" },
		{ "a\U000F0000", "6.8" },
		{ "a\uFFFE", "6.8" },
		{ "a\uFDD0", "6.8" },
		{ "\u0301a", "6.8" },
		{ "a" R5("\u0301"), "6.8" },
		{ "a\u0301\u0301|\u0301\u0301\u0301", "6.8" },
		{ "http://a", "6.8" },
		{ "HTTP://A", "6.8" },
		{ "x://y", "6.8" },
		{ "http|://|a", "6.8" },
		{ "http:|/|/a", "6.8" },
		{ "^h|^:|^/|^/", "6.8" },
		{ "\\\\\\\\server", "6.8" },
		{ "\\|\\server", "6.8" },
		{ "www.a", "6.8" },
		{ "WwW.a", "6.8" },
		{ "w|w|w|.", "6.8" },
		{ "awww.a", "6.8" },
		{ "ftp.a", "6.8" },
		{ "mailto:a", "6.8" },
		{ "mail|to|:", "6.8" },
		{ "tel:1", "6.8" },
		{ "sip:1", "6.8" },
		{ "SMS:1", "6.8" },
		{ "news:a", "6.8" },
		{ "file:a", "6.8" },
		{ "data:a", "6.8" },
		{ "javascript:a", "6.8" },
		{ "java|script|:a", "6.8" },
		{ "a@b", "6.8" },
		{ "@", "6.8" },
		{ "[@", "6.8" },
		{ "@]", "6.8" },
		{ "a|@|b", "6.8" },
		{ "[@|b", "6.8" },
		{ "[|x@]", "6.8" },
	};
	size_t wrong = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) data = deflated("\0", 1);
		const Page page = {
			"100", "100", rows[i].runs,
			"Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/FlateDecode", data
		};
		g_autoptr(GPtrArray) objects = document(&page, 1);
		g_autoptr(GString) pdf = file_of(objects);
		wrong += !expect(pdf, rows[i].section, 4, NULL, rows[i].runs);
	}
	g_assert_cmpuint(wrong, ==, 0);
}

/* The line text is that of one page: nothing goes on over its end. */
static void test_text_pages(void)
{
	g_autoptr(GString) data = deflated("\0", 1);
	Page pages[2];
	for (guint i = 0; i < 2; i++)
		pages[i] = (Page) {
			"100", "100", i == 0 ? "http:/" : "/a",
			"Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/FlateDecode", data
		};
	g_autoptr(GPtrArray) objects = document(pages, 2);
	g_autoptr(GString) pdf = file_of(objects);
	g_assert_true(expect(pdf, NULL, 0, NULL, "two pages"));
	pages[1].runs = "a@";
	g_autoptr(GPtrArray) bad = document(pages, 2);
	g_autoptr(GString) bad_pdf = file_of(bad);
	g_assert_true(expect(bad_pdf, "6.8", 7, "[@]", "the second page"));
}

/* Where the refusal says it is: the character's own code. */
static void test_place(void)
{
	g_autoptr(GString) data = deflated("\0", 1);
	const Page page = { "100", "100", "ab|c\u200Bd",
		            "Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/FlateDecode",
		            data };
	g_autoptr(GPtrArray) objects = document(&page, 1);
	g_autoptr(GString) pdf = file_of(objects);
	const char *code = strstr(pdf->str + 20, "<000300040005>") + 5;
	g_autofree char *place =
	        g_strdup_printf("byte %zu: an invisible character: \"00040005", (size_t)(code - pdf->str));
	g_assert_true(expect(pdf, "6.8", 4, place, "place"));
	struct verify_error error;
	g_autoptr(GString) message = message_of("a.pdf", pdf);
	g_assert_cmpstr(verdict(message, &error), ==, "6.8");
	g_autofree char *head =
	        g_strndup(message->str, (gsize)(strstr(message->str, "a.pdf\n\n") + 7 - message->str));
	g_auto(GStrv) lines = g_strsplit(head, "\n", -1);
	g_assert_cmpuint(error.line, ==, g_strv_length(lines) + (size_t)(code - pdf->str) / 57);
}

/* -- 6.2 and 6.4: pictures -- */

/* A document of one page without text. */
static GString *one_picture(const char *picture, GString *data)
{
	const Page page = { "100", "100", NULL, picture, data };
	g_autoptr(GPtrArray) objects = document(&page, 1);
	return file_of(objects);
}

static bool expect_picture(const char *picture, GString *data, const char *section, const char *said)
{
	g_autoptr(GString) pdf = one_picture(picture, data);
	return expect(pdf, section, 5, said, picture);
}

#define FLATE "/Filter/FlateDecode"
#define GRAY(b) "Width 10/Height 3/ColorSpace /DeviceGray/BitsPerComponent " b FLATE
#define PALETTE(k, hex, b)                                                                                   \
	"Width 3/Height 2/ColorSpace [/Indexed/DeviceRGB " k "<" hex ">]/BitsPerComponent " b FLATE
#define HEX6 "0123ab"
#define HEX48 HEX6 HEX6 HEX6 HEX6 HEX6 HEX6 HEX6 HEX6
#define HEX16 HEX48 HEX48

static void test_samples(void)
{
	static const struct {
		const char *picture;
		const char *rows;
		size_t length;
		const char *section, *said;
	} rows[] = {
		{ GRAY("1"), "\xAA\x80\x55\x40\xFF\xC0", 6, NULL, NULL },
		{ GRAY("1"), "\xAA\x80\x55\x60\xFF\xC0", 6, "6.4", "unused bit is set at a row's end" },
		{ GRAY("1"), "\xAA\x80\x55\x40\xFF\xC1", 6, "6.4", "unused bit is set at a row's end" },
		{ GRAY("1"), "\xAA\x80\x55\x40\xFF", 5, "6.4", "less than the picture" },
		{ GRAY("1"), "\xAA\x80\x55\x40\xFF\xC0\x00", 7, "6.4", "more than the picture" },
		{ GRAY("1"), "", 0, "6.4", "less than the picture" },
		{ GRAY("4"), "123451234512345", 15, NULL, NULL },
		{ GRAY("8"), "123456789012345678901234567890", 30, NULL, NULL },
		{ GRAY("8"), "123456789012345", 15, "6.4", "less than" },
		{ GRAY("2"), "12312312", 9, "6.4", "do not go with" },
		{ GRAY("16"), "12312312", 9, "6.4", "bits" },
		{ GRAY("08"), "123456789012345678901234567890", 30, "6.4", "bits" },
		{ "Width 10/Height 1/ColorSpace /DeviceRGB/BitsPerComponent 8" FLATE,
		  "123456789012345678901234567890", 30, NULL, NULL },
		{ "Width 10/Height 2/ColorSpace /DeviceRGB/BitsPerComponent 4" FLATE,
		  "123456789012345678901234567890", 30, "6.4", "do not go with" },
		{ "Width 10/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8" FLATE,
		  "123456789012345678901234567890", 30, "6.2", "colour space" },
		{ "Width 10/Height 1/ColorSpace /DeviceCMYK/BitsPerComponent 8" FLATE, "1", 1, "6.4",
		  "colour space" },
		{ "Width 10/Height 1/ColorSpace [/ICCBased 9 0 R]/BitsPerComponent 8" FLATE, "1", 1, "6.4",
		  "colour" },
		{ "Width 10/Height 1/ImageMask true/BitsPerComponent 1" FLATE, "12", 2, "6.2",
		  "colour space" },
		{ "Width 10/Height 3/ColorSpace /DeviceGray/BitsPerComponent 1/Decode[1 0]" FLATE, "123456",
		  6, "6.4", "filter" },
		{ "Width 10/Height 3/ColorSpace /DeviceGray/BitsPerComponent 1/Filter[/FlateDecode]",
		  "123456", 6, "6.4", "filter" },
		{ "Width 10/Height 3/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/LZWDecode", "123456", 6,
		  "6.4", "filter" },
		{ "Width 10/Height 3/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", "123456",
		  6, "6.4", "filter" },
		{ "Width 10/Height 3/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/JPXDecode", "123456", 6,
		  "6.4", "filter" },
		{ GRAY("1") "/DecodeParms<</Predictor 15>>", "123456", 6, "6.2",
		  "end of a picture's dictionary" },
		{ GRAY("1") "/SMask 4 0 R", "123456", 6, "6.2", "end of a picture's dictionary" },
		{ GRAY("1") "/Length 9", "123456", 6, "6.2", NULL },
		/* palettes */
		{ PALETTE("2", HEX6 HEX6 HEX6, "4"), "\x01\x20\x10\x10", 4, NULL, NULL },
		{ PALETTE("2", HEX6 HEX6 HEX6, "4"), "\x01\x30\x10\x10", 4, "6.4", "over the last colour" },
		{ PALETTE("2", HEX6 HEX6 HEX6, "4"), "\x03\x20\x10\x10", 4, "6.4", "over the last colour" },
		{ PALETTE("2", HEX6 HEX6 HEX6, "4"), "\x30\x20\x10\x10", 4, "6.4", "over the last colour" },
		{ PALETTE("2", HEX6 HEX6 HEX6, "4"), "\x01\x20\x10\xF0", 4, "6.4", "over the last colour" },
		{ PALETTE("2", HEX6 HEX6 HEX6, "4"), "\x01\x21\x10\x10", 4, "6.4", "unused bit" },
		{ PALETTE("15", HEX16, "4"), "\xFF\xF0\x10\x10", 4, NULL, NULL },
		{ PALETTE("16", HEX16 HEX6, "4"), "\xFF\xF0\x10\x10", 4, "6.4", "do not go with" },
		{ PALETTE("16", HEX16 HEX6, "8"), "\x10\x00\x01\x02\x03\x04", 6, NULL, NULL },
		{ PALETTE("16", HEX16 HEX6, "8"), "\x11\x00\x01\x02\x03\x04", 6, "6.4",
		  "over the last colour" },
		{ PALETTE("16", HEX16 HEX6, "8"), "\x10\x00\x01\x02\x03\xFF", 6, "6.4",
		  "over the last colour" },
		{ PALETTE("15", HEX16, "8"), "\x0F\x00\x01\x02\x03\x04", 6, "6.4", "do not go with" },
		{ PALETTE("2", HEX6 HEX6 HEX6, "1"), "\x00\x00", 2, "6.4", "do not go with" },
		{ PALETTE("0", HEX6, "4"), "\x00\x00\x00\x00", 4, "6.4", "last index" },
		{ PALETTE("256", HEX6, "8"), "\x00\x00\x00\x00", 4, "6.4", "last index" },
		{ PALETTE("02", HEX6 HEX6 HEX6, "4"), "\x01\x20\x10\x10", 4, "6.4", "last index" },
		{ PALETTE("2", HEX6 HEX6, "4"), "\x01\x20\x10\x10", 4, "6.4", "hex" },
		{ PALETTE("2", HEX6 HEX6 HEX6 "00", "4"), "\x01\x20\x10\x10", 4, "6.4", "end of a palette" },
		{ PALETTE("2", HEX6 HEX6 "0123AB", "4"), "\x01\x20\x10\x10", 4, "6.4", "hex" },
		{ PALETTE("2 ", HEX6 HEX6 HEX6, "4"), "\x01\x20\x10\x10", 4, "6.4", "palette" },
		{ "Width 3/Height 2/ColorSpace [/Indexed/DeviceGray 2<000102>]/BitsPerComponent 4" FLATE,
		  "1234", 4, "6.4", "colour space" },
		{ "Width 3/Height 2/ColorSpace [/Indexed/DeviceRGB 2(abcdefghi)]/BitsPerComponent 4" FLATE,
		  "1234", 4, "6.4", "palette" },
		/* sizes */
		{ "Width 0/Height 3/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2", "side" },
		{ "Width 3/Height 0/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2", "side" },
		{ "Width 10001/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2",
		  "side" },
		{ "Width 1/Height 10001/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2",
		  "side" },
		{ "Width 01/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2",
		  "side" },
		{ "Width 1.0/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2",
		  "picture" },
		{ "Width 4294967297/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2",
		  "side" },
		{ "Width 10000/Height 4001/ColorSpace /DeviceGray/BitsPerComponent 1" FLATE, "1", 1, "6.2",
		  "40000000" },
		{ "Height 1/Width 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, "1", 1, "6.2",
		  "picture" },
	};
	size_t wrong = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) data = deflated(rows[i].rows, rows[i].length);
		wrong += !expect_picture(rows[i].picture, data, rows[i].section, rows[i].said);
	}
	g_assert_cmpuint(wrong, ==, 0);
}

/* -- zlib -- */

#define PIXELS 4000u
static const char picture_4000[] = "Width 100/Height 40/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE;

static char *noise(size_t length)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	char *bytes = g_malloc(length);
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)g_rand_int_range(random, 0, 20);
	return bytes;
}

static GString *with_dictionary(const char *bytes)
{
	z_stream z = { 0 };
	GString *out = g_string_sized_new(2 * PIXELS);
	g_assert_cmpint(deflateInit(&z, 6), ==, Z_OK);
	g_assert_cmpint(deflateSetDictionary(&z, (const Bytef *)bytes, 1000), ==, Z_OK);
	z.next_in = (Bytef *)(gpointer)bytes;
	z.avail_in = PIXELS;
	z.next_out = (Bytef *)out->str;
	z.avail_out = (uInt)out->allocated_len;
	g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
	g_string_set_size(out, z.total_out);
	deflateEnd(&z);
	return out;
}

/* Blocks ended by Z_FULL_FLUSH: empty stored ones between others. */
static GString *flushed(const char *bytes)
{
	z_stream z = { 0 };
	GString *out = g_string_sized_new(2 * PIXELS);
	g_assert_cmpint(deflateInit(&z, 6), ==, Z_OK);
	z.next_in = (Bytef *)(gpointer)bytes;
	z.next_out = (Bytef *)out->str;
	z.avail_out = (uInt)out->allocated_len;
	for (guint done = 0; done < PIXELS; done += 400) {
		z.avail_in = 400;
		deflate(&z, Z_FULL_FLUSH);
	}
	g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
	g_string_set_size(out, z.total_out);
	deflateEnd(&z);
	return out;
}

/* Stored from `stored` on: that block begins at any bit of a byte. */
static GString *then_stored(const char *bytes, guint stored)
{
	z_stream z = { 0 };
	GString *out = g_string_sized_new(2 * PIXELS);
	g_assert_cmpint(deflateInit(&z, 6), ==, Z_OK);
	z.next_in = (Bytef *)(gpointer)bytes;
	z.avail_in = stored;
	z.next_out = (Bytef *)out->str;
	z.avail_out = (uInt)out->allocated_len;
	g_assert_cmpint(deflate(&z, Z_NO_FLUSH), ==, Z_OK);
	g_assert_cmpint(deflateParams(&z, 0, Z_DEFAULT_STRATEGY), ==, Z_OK);
	z.avail_in = PIXELS - stored;
	g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
	g_string_set_size(out, z.total_out);
	deflateEnd(&z);
	return out;
}

static void test_zlib_stored(void)
{
	g_autofree char *bytes = noise(PIXELS);
	for (guint stored = 1; stored < 100; stored++) {
		g_autoptr(GString) data = then_stored(bytes, stored);
		g_assert_true(expect_picture(picture_4000, data, NULL, NULL));
	}
}

static void test_zlib(void)
{
	g_autofree char *bytes = noise(PIXELS);
	for (int level = 0; level <= 9; level++) {
		g_autoptr(GString) data = deflated_with(bytes, PIXELS, level, 15);
		g_assert_true(expect_picture(picture_4000, data, NULL, NULL));
	}
	g_autoptr(GString) blocks = flushed(bytes);
	g_assert_true(expect_picture(picture_4000, blocks, NULL, NULL));
	g_autoptr(GString) dictionary = with_dictionary(bytes);
	g_assert_true(expect_picture(picture_4000, dictionary, "6.4", "preset dictionary"));
	g_autoptr(GString) small = deflated_with(bytes, PIXELS, 6, 10);
	g_assert_true(expect_picture(picture_4000, small, "6.4", "window"));
	g_autoptr(GString) raw = deflated_with(bytes, PIXELS, 6, -15);
	g_assert_true(expect_picture(picture_4000, raw, "6.4", "window"));
	g_autoptr(GString) gzip = deflated_with(bytes, PIXELS, 6, 31);
	g_assert_true(expect_picture(picture_4000, gzip, "6.4", "window"));
	g_autoptr(GString) good = deflated(bytes, PIXELS);
	for (gsize cut = 1; cut < good->len; cut++) {
		g_autoptr(GString) data = g_string_new_len(good->str, (gssize)(good->len - cut));
		g_assert_true(expect_picture(picture_4000, data, "6.4", "does not end"));
	}
	g_autoptr(GString) longer = g_string_new_len(good->str, (gssize)good->len);
	g_string_append_c(longer, '\0');
	g_assert_true(expect_picture(picture_4000, longer, "6.4", "bytes after the zlib stream"));
	g_string_truncate(longer, good->len);
	g_string_append_len(longer, good->str, (gssize)good->len);
	g_assert_true(expect_picture(picture_4000, longer, "6.4", "bytes after the zlib stream"));
	for (gsize i = 1; i <= 4; i++) {
		good->str[good->len - i] ^= 1;
		g_assert_true(expect_picture(picture_4000, good, "6.4", "not a zlib stream"));
		good->str[good->len - i] ^= 1;
	}
	g_assert_true(expect_picture(picture_4000, good, NULL, NULL));
}

/* It is refused in any case; is it with this reason? */
static bool refusal_holds(const GString *pdf, const char *said)
{
	struct verify_error error;
	g_autoptr(GString) message = message_of("a.pdf", pdf);
	g_assert_cmpstr(verdict(message, &error), ==, "6.4");
	return strstr(error.what, said);
}

/* Bits that zlib skips: before a stored block's length, and behind the last block. */
static void test_zlib_idle_bits(void)
{
	static const char idle[] = "an unused bit is set in a zlib stream";
	g_autofree char *bytes = noise(PIXELS);
	g_autoptr(GString) stored = deflated_with(bytes, PIXELS, 0, 15);
	for (unsigned bit = 3; bit < 8; bit++) {
		stored->str[2] = (char)(stored->str[2] ^ 1 << bit);
		g_assert_true(expect_picture(picture_4000, stored, "6.4", idle));
		stored->str[2] = (char)(stored->str[2] ^ 1 << bit);
	}
	/* an empty stored block after another: 00 00 FF FF, and the idle bits in the byte before */
	g_autoptr(GString) blocks = flushed(bytes);
	unsigned found = 0;
	for (gsize i = 3; i + 8 < blocks->len; i++) {
		if (memcmp(blocks->str + i, "\x00\x00\xFF\xFF", 4) != 0)
			continue;
		blocks->str[i - 1] ^= '\x80';
		g_autoptr(GString) pdf = one_picture(picture_4000, blocks);
		found += refusal_holds(pdf, idle);
		blocks->str[i - 1] ^= '\x80';
	}
	g_assert_cmpuint(found, >=, PIXELS / 400 / 2); /* the others have no idle bit there */
	/* of pictures of all sizes up to 40 rows, some end with idle bits */
	unsigned ended = 0;
	for (unsigned rows = 1; rows <= 40; rows++) {
		g_autofree char *picture = g_strdup_printf(
		        "Width 100/Height %u/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, rows);
		g_autoptr(GString) data = deflated(bytes, (size_t)rows * 100);
		data->str[data->len - 5] ^= '\x80';
		g_autoptr(GString) pdf = one_picture(picture, data);
		ended += refusal_holds(pdf, idle);
	}
	g_assert_cmpuint(ended, >, 20);
}

/* -- JPEG -- */

static char *jpeg_picture(guint width, guint height, guint components)
{
	return g_strdup_printf("Width %u/Height %u/ColorSpace /Device%s/BitsPerComponent 8/Filter/DCTDecode",
	                       width, height, components == 3 ? "RGB" : "Gray");
}

static void test_jpeg_written(void)
{
	static const struct {
		Jpeg how;
		const char *section, *said;
	} rows[] = {
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 40, 30, 3, 75, 2, 2, 0, false, false, false, true, 0 }, NULL, NULL },
		{ { 40, 30, 3, 75, 1, 1, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 40, 30, 1, 75, 1, 1, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 1, 1, 3, 75, 2, 2, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 1, 1, 1, 1, 1, 1, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 16, 16, 3, 100, 2, 2, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 17, 17, 3, 100, 2, 2, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 1000, 700, 3, 95, 1, 1, 0, false, true, false, true, 0 }, NULL, NULL },
		{ { 1000, 700, 3, 30, 2, 2, 0, false, false, false, true, 0 }, NULL, NULL },
		{ { 999, 701, 1, 100, 1, 1, 0, false, false, false, true, 0 }, NULL, NULL },
		{ { 40, 30, 3, 75, 2, 1, 0, false, true, false, true, 0 }, "6.4", "SOF0" },
		{ { 40, 30, 3, 75, 1, 2, 0, false, true, false, true, 0 }, "6.4", "SOF0" },
		{ { 40, 30, 3, 75, 4, 1, 0, false, true, false, true, 0 }, "6.4", "SOF0" },
		{ { 40, 30, 1, 75, 2, 2, 0, false, true, false, true, 0 }, "6.4", "SOF0" },
		{ { 40, 30, 3, 75, 2, 2, 2, false, true, false, true, 0 }, "6.4", "SOS" }, /* DRI */
		{ { 40, 30, 3, 75, 2, 2, 0, true, true, false, true, 0 }, "6.4", "SOF0" },
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, true, true, 0 }, "6.4", "no DQT" }, /* Adobe */
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, false, false, 0 }, "6.4", "APP0" },
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, true, false, 0 }, "6.4", "APP0" },
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, false, true, JPEG_COM }, "6.4", "no DQT" },
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, false, true, JPEG_APP0 }, "6.4", "no DQT" },
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, false, true, JPEG_APP0 + 1 }, "6.4", "no DQT" },
		{ { 40, 30, 3, 75, 2, 2, 0, false, true, false, true, JPEG_APP0 + 2 }, "6.4", "no DQT" },
	};
	size_t wrong = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *picture =
		        jpeg_picture(rows[i].how.width, rows[i].how.height, rows[i].how.components);
		g_autoptr(GString) data = jpeg(&rows[i].how);
		wrong += !expect_picture(picture, data, rows[i].section, rows[i].said);
	}
	g_assert_cmpuint(wrong, ==, 0);
}

/* Another size, or other colours, than the dictionary says. */
static void test_jpeg_dictionary(void)
{
	static const char *const pictures[] = {
		"Width 39/Height 30/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter/DCTDecode",
		"Width 40/Height 31/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter/DCTDecode",
		"Width 30/Height 40/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter/DCTDecode",
		"Width 40/Height 30/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/DCTDecode",
		"Width 40/Height 30/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/DCTDecode",
		"Width 40/Height 30/ColorSpace [/Indexed/DeviceRGB 1<000000ffffff>]/BitsPerComponent "
		"8/Filter/DCTDecode",
		"Width 40/Height 30/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter/FlateDecode",
		"Width 40/Height 30/ColorSpace /DeviceRGB/BitsPerComponent "
		"8/Filter/DCTDecode/DecodeParms<<>>",
		"Width 40/Height 30/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter[/FlateDecode/DCTDecode]",
	};
	g_autoptr(GString) data = good_jpeg();
	g_assert_true(expect_picture(JPEG_40X30, data, NULL, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
		bool parms = strstr(pictures[i], "Parms");
		g_assert_true(expect_picture(pictures[i], data, parms ? "6.2" : "6.4", NULL));
	}
}

/* A gray JPEG, which no palette and no other number of bits goes with. */
static void test_jpeg_gray_dictionary(void)
{
	static const struct {
		const char *picture, *section;
	} rows[] = {
		{ "Width 40/Height 30/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/DCTDecode", NULL },
		{ "Width 40/Height 30/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/DCTDecode", "6.4" },
		{ "Width 40/Height 30/ColorSpace /DeviceGray/BitsPerComponent 4/Filter/DCTDecode", "6.4" },
		{ "Width 40/Height 30/ColorSpace /DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", "6.4" },
		{ "Width 40/Height 30/ColorSpace [/Indexed/DeviceRGB 1<000000ffffff>]/BitsPerComponent "
		  "4/Filter/DCTDecode",
		  "6.4" },
		{ "Width 40/Height 30/ColorSpace [/Indexed/DeviceRGB 16<" HEX16 HEX6
		  ">]/BitsPerComponent 8/Filter/DCTDecode",
		  "6.4" },
	};
	g_autoptr(GString) data = jpeg(&(Jpeg) { 40, 30, 1, 75, 1, 1, 0, false, true, false, true, 0 });
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_true(expect_picture(rows[i].picture, data, rows[i].section, NULL));
}

/* Where the n-th segment of a kind begins. */
static gsize segment(const GString *data, guint8 marker, guint n)
{
	for (gsize at = 2; at + 4 < data->len;) {
		const guint8 *s = (const guint8 *)data->str + at;
		g_assert_cmpuint(s[0], ==, 0xFF);
		if (s[1] == marker && n-- == 0)
			return at;
		at += 2 + ((gsize)s[2] << 8 | s[3]);
	}
	g_assert_not_reached();
}

static void erase_segment(GString *data, guint8 marker, guint n)
{
	gsize at = segment(data, marker, n);
	const guint8 *s = (const guint8 *)data->str + at;
	g_string_erase(data, (gssize)at, 2 + (s[2] << 8 | s[3]));
}

/* A segment again, behind itself. */
static void repeat_segment(GString *data, guint8 marker, guint n)
{
	gsize at = segment(data, marker, n);
	const guint8 *s = (const guint8 *)data->str + at;
	gsize length = 2 + ((gsize)s[2] << 8 | s[3]);
	g_autofree char *copy = g_memdup2(s, length);
	g_string_insert_len(data, (gssize)(at + length), copy, (gssize)length);
}

enum { SOI = 0xD8, EOI = 0xD9, APP0 = 0xE0, DQT = 0xDB, SOF0 = 0xC0, DHT = 0xC4, SOS = 0xDA };

/* libjpeg's own order: APP0, DQT 0, DQT 1, SOF0, DHT DC 0, AC 0, DC 1, AC 1, SOS. */
static void test_jpeg_bytes(void)
{
	static const struct {
		int marker;
		guint n, at; /* byte of the segment, FF being 0 */
		int value;
		const char *said;
	} rows[] = {
		{ APP0, 0, 0, 0xFE, "APP0" },
		{ APP0, 0, 1, 0xE1, "APP0" },
		{ APP0, 0, 3, 15, "APP0" },
		{ APP0, 0, 4, 'j', "JFIF" },
		{ APP0, 0, 8, 1, "JFIF" },
		{ APP0, 0, 9, 2, "JFIF" },
		{ APP0, 0, 10, 2, "JFIF" },
		{ APP0, 0, 11, 2, "densities" },
		{ APP0, 0, 13, 0, "densities" },
		{ APP0, 0, 15, 0, "densities" },
		{ APP0, 0, 16, 1, "thumbnail" },
		{ APP0, 0, 17, 1, "thumbnail" },
		{ DQT, 0, 3, 68, "must be next" },
		{ DQT, 0, 3, 66, "quantization" },
		{ DQT, 0, 2, 0xFF, "longer than the picture" },
		{ DQT, 0, 4, 0x10, "must be next" },
		{ DQT, 0, 4, 1, "must be next" },
		{ DQT, 1, 4, 2, "must be next" },
		{ DQT, 1, 4, 0, "must be next" },
		{ DQT, 0, 5, 0, "value of 0" },
		{ DQT, 1, 68, 0, "value of 0" },
		{ SOF0, 0, 1, 0xC1, "SOF0" },
		{ SOF0, 0, 1, 0xC2, "SOF0" },
		{ SOF0, 0, 1, 0xC3, "SOF0" },
		{ SOF0, 0, 1, 0xC9, "SOF0" },
		{ SOF0, 0, 3, 18, "SOF0" },
		{ SOF0, 0, 4, 12, "SOF0" },
		{ SOF0, 0, 6, 31, "SOF0" },
		{ SOF0, 0, 8, 41, "SOF0" },
		{ SOF0, 0, 9, 4, "SOF0" },
		{ SOF0, 0, 10, 0, "SOF0" },
		{ SOF0, 0, 11, 0x21, "SOF0" },
		{ SOF0, 0, 11, 0x12, "SOF0" },
		{ SOF0, 0, 11, 0x00, "SOF0" },
		{ SOF0, 0, 12, 1, "SOF0" },
		{ SOF0, 0, 13, 'G', "SOF0" },
		{ SOF0, 0, 14, 0x22, "SOF0" },
		{ SOF0, 0, 15, 2, "SOF0" },
		{ SOF0, 0, 18, 0, "SOF0" },
		{ DHT, 0, 4, 0x10, "must be next" },
		{ DHT, 0, 4, 0x01, "must be next" },
		{ DHT, 1, 4, 0x11, "must be next" },
		{ DHT, 3, 4, 0x12, "must be next" },
		{ DHT, 3, 4, 0x20, "must be next" },
		{ DHT, 0, 3, 12, "not whole" },
		{ DHT, 0, 5, 2, "as many values|fit in its bits" },
		{ DHT, 0, 20, 1, "as many values" },
		{ DHT, 0, 20, 255, "as many values" },
		{ DHT, 0, 21, 12, "baseline JPEG does not have" },
		{ DHT, 0, 21, 0xFF, "baseline JPEG does not have" },
		{ DHT, 1, 21, 0x0B, "baseline JPEG does not have" },
		{ DHT, 1, 21, 0x10, "baseline JPEG does not have" },
		{ DHT, 1, 21, 0xE0, "baseline JPEG does not have" },
		{ SOS, 0, 1, 0xD0, "SOS" },
		{ SOS, 0, 3, 13, "SOS" },
		{ SOS, 0, 4, 1, "SOS" },
		{ SOS, 0, 5, 2, "SOS" },
		{ SOS, 0, 6, 0x11, "SOS" },
		{ SOS, 0, 8, 0x00, "SOS" },
		{ SOS, 0, 11, 1, "SOS" },
		{ SOS, 0, 12, 62, "SOS" },
		{ SOS, 0, 13, 0x10, "SOS" },
		{ SOS, 0, 13, 1, "SOS" },
	};
	size_t wrong = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) data = good_jpeg();
		gsize at = segment(data, (guint8)rows[i].marker, rows[i].n) + rows[i].at;
		g_assert_cmpint((guint8)data->str[at], !=, rows[i].value);
		data->str[at] = (char)rows[i].value;
		g_auto(GStrv) said = g_strsplit(rows[i].said, "|", 2);
		g_autoptr(GString) pdf = one_picture(JPEG_40X30, data);
		bool right = refusal_holds(pdf, said[0]) || (said[1] && refusal_holds(pdf, said[1]));
		if (!right)
			g_printerr("JPEG byte, row %zu\n", i);
		wrong += !right;
	}
	g_assert_cmpuint(wrong, ==, 0);
}

static void drop_dht(GString *data)
{
	erase_segment(data, DHT, 3);
}

static void drop_dqt(GString *data)
{
	erase_segment(data, DQT, 1);
}

static void twice_dht(GString *data)
{
	repeat_segment(data, DHT, 3);
}

static void twice_dqt(GString *data)
{
	repeat_segment(data, DQT, 1);
}

static void twice_sof(GString *data)
{
	repeat_segment(data, SOF0, 0);
}

static void twice_app0(GString *data)
{
	repeat_segment(data, APP0, 0);
}

static void drop_app0(GString *data)
{
	erase_segment(data, APP0, 0);
}

static void drop_sos(GString *data)
{
	erase_segment(data, SOS, 0);
}

static void swap_dht(GString *data)
{
	repeat_segment(data, DHT, 0);
	erase_segment(data, DHT, 0);
	gsize at = segment(data, DHT, 0);
	repeat_segment(data, DHT, 1);
	g_string_insert_len(data, (gssize)at, "\xFF\xC4\x00\x02", 4);
}

static void drop_soi(GString *data)
{
	g_string_erase(data, 0, 2);
}

static void twice_soi(GString *data)
{
	g_string_insert_len(data, 0, "\xFF\xD8", 2);
}

static void wrong_soi(GString *data)
{
	data->str[1] = '\xD9';
}

static void wrong_eoi(GString *data)
{
	data->str[data->len - 1] = '\xD8';
}

static void drop_eoi(GString *data)
{
	g_string_truncate(data, data->len - 2);
}

static void twice_eoi(GString *data)
{
	g_string_append_len(data, "\xFF\xD9", 2);
}

static void byte_after_eoi(GString *data)
{
	g_string_append_c(data, '\0');
}

static void file_after_eoi(GString *data)
{
	g_string_append(data, "%PDF-1.7\n");
}

static void insert_before_eoi(GString *data, const char *bytes, gssize length)
{
	g_string_insert_len(data, (gssize)data->len - 2, bytes, length);
}

static void data_too_long(GString *data)
{
	insert_before_eoi(data, "\x55", 1);
}

static void restart_at_end(GString *data)
{
	insert_before_eoi(data, "\xFF\xD0", 2);
}

static void fill_at_end(GString *data)
{
	insert_before_eoi(data, "\xFF", 1);
}

static void dnl_at_end(GString *data)
{
	insert_before_eoi(data, "\xFF\xDC\x00\x04\x00\x1E", 6);
}

static void scan_at_end(GString *data)
{
	insert_before_eoi(data, "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x55", 11);
}

static void data_too_short(GString *data)
{
	g_string_erase(data, (gssize)data->len - 4, 2);
}

static void restart_inside(GString *data)
{
	g_string_insert_len(data, (gssize)data->len - 40, "\xFF\xD0", 2);
}

static void fill_inside(GString *data)
{
	g_string_insert_len(data, (gssize)data->len - 40, "\xFF", 1);
}

static void no_data(GString *data)
{
	gsize at = segment(data, SOS, 0) + 14;
	g_string_truncate(data, at);
	g_string_append_len(data, "\xFF\xD9", 2);
}

static void only_soi(GString *data)
{
	g_string_truncate(data, 2);
}

static void test_jpeg_structure(void)
{
	static void (*const changes[])(GString *) = {
		drop_dht,   drop_dqt,       twice_dht,      twice_dqt,      twice_sof,      twice_app0,
		drop_app0,  drop_sos,       swap_dht,       drop_soi,       twice_soi,      drop_eoi,
		twice_eoi,  byte_after_eoi, file_after_eoi, data_too_long,  restart_at_end, fill_at_end,
		dnl_at_end, scan_at_end,    data_too_short, restart_inside, fill_inside,    no_data,
		only_soi,   wrong_soi,      wrong_eoi
	};
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		g_autoptr(GString) data = good_jpeg();
		changes[i](data);
		g_assert_true(expect_picture(JPEG_40X30, data, "6.4", NULL));
	}
	g_autoptr(GString) three = good_jpeg();
	drop_dht(three);
	g_assert_true(expect_picture(JPEG_40X30, three, "6.4", "fewer Huffman tables"));
	g_autoptr(GString) whole = good_jpeg();
	whole->str[segment(whole, APP0, 0) + 11] = 1; /* densities in inches */
	g_assert_true(expect_picture(JPEG_40X30, whole, NULL, NULL));
	/* cut anywhere */
	for (gsize length = 1; length < whole->len; length++) {
		g_autoptr(GString) data = g_string_new_len(whole->str, (gssize)length);
		g_assert_true(expect_picture(JPEG_40X30, data, "6.4", NULL));
	}
}

/* One table of each kind, whose codes all have `bits` bits, and the data as text of 0 and 1, to which
 * ones are added to fill the last byte: a gray picture. */
typedef struct {
	guint width, height;
	const char *dc, *ac; /* values, as hex */
	guint bits;
	const char *data;
	const char *section, *said;
} Handmade;

static void add_table(GString *out, char kind, const char *hex, guint bits)
{
	gsize count = strlen(hex) / 2;
	g_string_append_len(out, "\xFF\xC4\x00", 3);
	g_string_append_c(out, (char)(19 + count));
	g_string_append_c(out, kind);
	for (guint i = 1; i <= 16; i++)
		g_string_append_c(out, i == bits ? (char)count : '\0');
	for (gsize i = 0; i < count; i++) {
		const char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		g_string_append_c(out, (char)strtoul(two, NULL, 16));
	}
}

static void add_bits(GString *out, const char *bits)
{
	while (*bits) {
		guint byte = 0;
		for (guint i = 0; i < 8; i++)
			byte = byte << 1 | (*bits ? *bits++ == '1' : 1);
		g_string_append_c(out, (char)byte);
		if (byte == 0xFF)
			g_string_append_c(out, '\0');
	}
}

static GString *handmade(const Handmade *how)
{
	GString *out =
	        g_string_new_len("\xFF\xD8\xFF\xE0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0\xFF\xDB\x00\x43\x00", 25);
	for (guint i = 0; i < 64; i++)
		g_string_append_c(out, 1);
	g_string_append_len(out, "\xFF\xC0\x00\x0B\x08\x00", 6);
	g_string_append_c(out, (char)how->height);
	g_string_append_c(out, '\0');
	g_string_append_c(out, (char)how->width);
	g_string_append_len(out, "\x01\x01\x11\x00", 4);
	add_table(out, 0x00, how->dc, how->bits);
	add_table(out, 0x10, how->ac, how->bits);
	g_string_append_len(out, "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00", 10);
	add_bits(out, how->data);
	return g_string_append_len(out, "\xFF\xD9", 2);
}

#define R8(s) s s s s s s s s
#define SIXTY_ONE(s) R8(s s s s s s s) s s s s s

static void test_jpeg_blocks(void)
{
	/* codes of two bits: 00, 01, 10 */
	static const Handmade rows[] = {
		/* DC 0, EOB */
		{ 8, 8, "00", "00", 2, "0000", NULL, NULL },
		{ 8, 8, "00", "00", 2, "000011", NULL, NULL },
		{ 8, 8, "00", "00", 2, "00001101", "6.4", "not ones" },
		{ 8, 8, "00", "00", 2, "00000111", "6.4", "not ones" },
		{ 8, 8, "00", "00", 2,
		  "00001111"
		  "11111111",
		  "6.4", "behind the last block" },
		{ 8, 8, "00", "00", 2,
		  "0000"
		  "0000",
		  "6.4", "not ones" },
		{ 16, 8, "00", "00", 2, "00000000", NULL, NULL },
		{ 9, 9, "00", "00", 2, "0000000000000000", NULL, NULL },
		{ 9, 9, "00", "00", 2, "000000000000", "6.4", "before the last block" },
		{ 9, 8, "00", "00", 2, "0000", "6.4", "before the last block" },
		{ 8, 8, "00", "00", 2, "01", "6.4", "no meaning" },
		{ 8, 8, "00", "00", 2, "0001", "6.4", "no meaning" },
		/* 63 coefficients of run 0, size 1, and one more */
		{ 8, 8, "00", "0001", 2, "00" SIXTY_ONE("010") "010010", NULL, NULL },
		{ 8, 8, "00", "0001", 2,
		  "00" SIXTY_ONE("010") "010"
		                        "00",
		  NULL, NULL },
		{ 8, 8, "00", "0001", 2,
		  "00" SIXTY_ONE("010") "010010"
		                        "00",
		  "6.4", "behind the last block" },
		/* runs of sixteen: three of them and fifteen zeros lead to the last coefficient; a fourth
		   leads nowhere */
		{ 8, 8, "00", "F0E1", 2,
		  "00000000"
		  "010",
		  NULL, NULL },
		{ 8, 8, "00", "F0F1", 2,
		  "00000000"
		  "010",
		  "6.4", "beyond its block" },
		{ 8, 8, "00", "F001", 2,
		  "00000000"
		  "00",
		  "6.4", "beyond its block" },
		{ 8, 8, "00", "F000", 2,
		  "000000"
		  "01",
		  NULL, NULL },
		/* DC of 11 bits: +1023, -1024, and beyond */
		{ 8, 8, "0A", "00", 2,
		  "00"
		  "1111111111"
		  "00",
		  NULL, NULL },
		{ 8, 8, "0B", "00", 2,
		  "00"
		  "10000000000"
		  "00",
		  "6.4", "over its range" },
		{ 8, 8, "0B", "00", 2,
		  "00"
		  "01111111111"
		  "00",
		  NULL, NULL },
		{ 8, 8, "0B", "00", 2,
		  "00"
		  "01111111110"
		  "00",
		  "6.4", "over its range" },
		{ 16, 8, "0A", "00", 2,
		  "00"
		  "1111111111"
		  "00"
		  "00"
		  "1000000000"
		  "00",
		  "6.4", "over its range" },
		/* the data ends in a code, in its value; seven unused bits */
		{ 16, 8, "00", "00", 4, "00000000", "6.4", "before the last block" },
		{ 8, 8, "0A", "00", 2, "00111111", "6.4", "before the last block" },
		{ 8, 8, "05", "00", 2, "001000000", NULL, NULL },
		/* long codes: beyond the first eight bits, and all sixteen */
		{ 8, 8, "0003", "0001", 12,
		  "000000000001111"
		  "000000000000",
		  NULL, NULL },
		{ 8, 8, "0003", "0001", 16,
		  "0000000000000001111"
		  "0000000000000000",
		  NULL, NULL },
		{ 8, 8, "0003", "0001", 16,
		  "0000000000000010111"
		  "0000000000000000",
		  "6.4", "no meaning" },
		/* tables: an empty one, a value twice, all ones, too many */
		{ 8, 8, "", "00", 2, "0000", "6.4", "as many values" },
		{ 8, 8, "0000", "00", 2, "0000", "6.4", "two Huffman codes" },
		{ 8, 8, "00", "00", 1, "00", NULL, NULL },
		{ 8, 8, "0001", "00", 1, "00", "6.4", "fit in its bits" },
		{ 8, 8, "000102", "00", 2, "0000", NULL, NULL },
		{ 8, 8, "00010203", "00", 2, "0000", "6.4", "fit in its bits" },
		{ 8, 8, "0001020304", "00", 2, "0000", "6.4", "fit in its bits" },
		{ 8, 8, "0C", "00", 2, "0000", "6.4", "baseline" },
		{ 8, 8, "00", "0B", 2, "0000", "6.4", "baseline" },
		{ 8, 8, "00", "10", 2, "0000", "6.4", "baseline" },
	};
	size_t wrong = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *picture = jpeg_picture(rows[i].width, rows[i].height, 1);
		g_autoptr(GString) data = handmade(&rows[i]);
		bool good = expect_picture(picture, data, rows[i].section, rows[i].said);
		if (!good)
			g_printerr("handmade row %zu\n", i);
		wrong += !good;
	}
	g_assert_cmpuint(wrong, ==, 0);
}

/* -- counts and sizes -- */

static void test_pages(void)
{
	g_autoptr(GString) data = deflated("\0", 1);
	g_autofree Page *pages = g_new(Page, PDF_PAGES_MAX + 1);
	for (guint i = 0; i <= PDF_PAGES_MAX; i++)
		pages[i] =
		        (Page) { "100", "100", "a",
			         "Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, data };
	for (guint over = 0; over <= 1; over++) {
		g_autoptr(GPtrArray) objects = document(pages, PDF_PAGES_MAX + over);
		g_autoptr(GString) pdf = file_of(objects);
		g_assert_true(expect(pdf, over ? "6.2" : NULL, 2, "1 to 500", "pages"));
	}
}

/* 100 pictures of 40,000,000 white pixels are the most; a page more is one too many. */
static void test_pixels(void)
{
	g_autofree char *white = g_malloc0(10000 / 8 * 4000);
	g_autoptr(GString) data = deflated_with(white, 10000 / 8 * 4000, 9, 15);
	g_autofree Page *pages = g_new(Page, 101);
	for (guint i = 0; i < 101; i++)
		pages[i] = (Page) { "100", "100", NULL,
			            "Width 10000/Height 4000/ColorSpace /DeviceGray/BitsPerComponent 1" FLATE,
			            data };
	for (guint over = 0; over <= 1; over++) {
		g_autoptr(GPtrArray) objects = document(pages, 100 + over);
		g_autoptr(GString) pdf = file_of(objects);
		g_assert_true(expect(pdf, over ? "6.2" : NULL, 3 + 300 + 2, "4000000000", "pixels"));
	}
}

static char *letters(guint count)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < count; i++)
		g_string_append(out, i % 1000 == 0 && i > 0 ? "|a" : "a");
	return g_string_free(out, FALSE);
}

static void test_letters(void)
{
	g_autofree char *page_full = letters(PDF_PAGE_TEXT_MAX);
	g_autofree char *page_over = g_strconcat(page_full, "|a", NULL);
	g_autofree char *run_over = g_strconcat("|a", page_full, "a", NULL);
	g_autoptr(GString) data = deflated("\0", 1);
	const struct {
		guint pages;
		const char *runs, *section, *said;
	} rows[] = {
		{ 50, page_full, NULL, NULL },
		{ 51, page_full, "6.5", "5000000 characters" },
		{ 1, page_over, "6.5", "100000 characters" },
		{ 1, strrchr(run_over, '|') + 1, "6.5", "1000 characters" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Page pages[51];
		for (guint k = 0; k < rows[i].pages; k++)
			pages[k] =
			        (Page) { "100", "100", rows[i].runs,
				         "Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE,
				         data };
		g_autoptr(GPtrArray) objects = document(pages, rows[i].pages);
		g_autoptr(GString) pdf = file_of(objects);
		g_assert_true(expect(pdf, rows[i].section, -1, rows[i].said, "letters"));
	}
}

/* More than 100 codes: blocks of 100 in the map; and all that there can be. */
static void test_codes(void)
{
	g_autoptr(GString) data = deflated("\0", 1);
	static const guint counts[] = { 99, 100, 101, 200, 20000 };
	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		g_autoptr(GString) runs = g_string_new(NULL);
		for (guint k = 0; k < counts[i]; k++) {
			if (k > 0 && k % 1000 == 0)
				g_string_append_c(runs, '|');
			g_string_append_unichar(runs, 0x4E00 + k);
		}
		const Page page = { "100", "100", runs->str,
			            "Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE,
			            data };
		g_autoptr(GPtrArray) objects = document(&page, 1);
		g_autoptr(GString) pdf = file_of(objects);
		g_assert_true(expect(pdf, NULL, 0, NULL, "codes"));
	}
}

static void test_size(void)
{
	for (guint over = 0; over <= 1; over++) {
		/* stored blocks of 10000 x 1066 RGB, and a second page for what is missing */
		size_t length = 30000 * 1066;
		g_autofree char *bytes = g_malloc0(length);
		g_autoptr(GString) data = deflated_with(bytes, length, 0, 15);
		const Page page = { "100", "100", NULL,
			            "Width 10000/Height 1066/ColorSpace /DeviceRGB/BitsPerComponent 8" FLATE,
			            data };
		g_autoptr(GPtrArray) objects = document(&page, 1);
		g_autoptr(GString) pdf = file_of(objects);
		g_assert_cmpuint(pdf->len, <, PDF_SIZE_MAX);
		if (over)
			g_string_set_size(pdf, PDF_SIZE_MAX + 1);
		g_assert_true(expect(pdf, over ? "6.7" : NULL, 0, "32000000", "size"));
	}
}

/* -- the attachment -- */

static void test_attachment(void)
{
	static const struct {
		const char *from, *to, *section;
	} rows[] = {
		{ "application/pdf", "application/PDF", "4.2" },
		{ "application/pdf", "application/x-pdf", "4.2" },
		{ "application/pdf", "application/pdf; name=a.pdf", "4.2" },
		{ "application/pdf", "text/plain; charset=UTF-8", "4.4" },
		{ "''a.pdf", "''a.txt", "4.4" },
		{ "''a.pdf", "''a.PDF", "4.4" },
		{ "''a.pdf", "''a.pdf.pdf", "4.4" },
		{ "''a.pdf", "''a.exe.pdf", "4.4" },
		{ "''a.pdf", "''a", "4.4" },
		{ "''a.pdf", "''.pdf", "4.4" },
		{ "''a.pdf", "''apdf", "4.4" },
		{ "''a.pdf", "''%E8%AD%B0.pdf", NULL },
		{ "attachment;", "inline;", "4.3" },
		{ BOUNDARY SINGLE,
		  BOUNDARY "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n", "4.2" },
	};
	g_autoptr(GPtrArray) objects = good_objects();
	g_autoptr(GString) pdf = file_of(objects);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct verify_error error;
		g_autoptr(GString) message = message_of("a.pdf", pdf);
		replace(message, rows[i].from, rows[i].to);
		g_assert_cmpstr(verdict(message, &error), ==, rows[i].section);
	}
}

/* A text is no PDF, a PDF no text; of two attachments the second is named. */
static void test_attachments(void)
{
	g_autoptr(GPtrArray) objects = good_objects();
	g_autoptr(GString) pdf = file_of(objects);
	g_autoptr(GString) message = message_of("a.pdf", pdf);
	g_autoptr(GString) text = g_string_new("a\r\n");
	struct verify_error error;
	g_string_truncate(message, message->len - strlen(CLOSE));
	g_autoptr(GString) both = g_string_new(message->str);
	g_string_append(both, PART "b.pdf\n\n");
	add_base64(both, pdf->str, pdf->len);
	g_string_append(both, CLOSE);
	g_assert_cmpstr(verdict(both, &error), ==, NULL);
	replace(both, "''b.pdf", "''A.pdf");
	g_assert_cmpstr(verdict(both, &error), ==, "4.4");
	g_string_append(message, PART "b.pdf\n\n");
	add_base64(message, text->str, text->len);
	g_string_append(message, CLOSE);
	g_assert_cmpstr(verdict(message, &error), ==, "6.1");
	g_assert_true(g_str_has_prefix(error.what, "attachment 2: object 0, byte 0: "));
}

/* -- any byte -- */

/* The bytes of the good document that may hold something else: what it says and shows. Of each, all
 * else is refused. */
static void allow(bool *may, const GString *pdf, gsize from, gsize to)
{
	g_assert_cmpuint(to, <=, pdf->len);
	for (gsize i = from; i < to; i++)
		may[i] = true;
}

static gsize find(const GString *pdf, gsize from, const char *what, gsize length)
{
	const char *at = memmem(pdf->str + from, pdf->len - from, what, length);
	g_assert_nonnull(at);
	return (gsize)(at - pdf->str);
}

/* Densities, values of tables, and the coded coefficients. */
static void allow_jpeg(bool *may, const GString *pdf)
{
	gsize at = find(pdf, 0, "\xFF\xD8\xFF\xE0", 4) + 2;
	gsize end = find(pdf, at, "\xFF\xD9\nendstream", 12);
	for (;;) {
		const guint8 *s = (const guint8 *)pdf->str + at;
		gsize length = 2 + ((gsize)s[2] << 8 | s[3]);
		if (s[1] == APP0)
			allow(may, pdf, at + 11, at + 16);
		if (s[1] == DQT || s[1] == DHT)
			allow(may, pdf, at + 5, at + length);
		at += length;
		if (s[1] == SOS)
			break;
	}
	allow(may, pdf, at, end);
}

static void allow_runs(bool *may, const GString *pdf)
{
	for (gsize at = 0; at + 3 < pdf->len; at++) {
		if (memcmp(pdf->str + at, "/F 1", 4) == 0 && strchr(pdf->str + at, 'T')[1] == 'f')
			allow(may, pdf, at + 3, find(pdf, at, ">", 1));
	}
	for (gsize at = find(pdf, 0, "beginbfchar\n", 12); at < find(pdf, 0, "endbfchar", 9); at++)
		may[at] = may[at] || pdf->str[at - 1] == '<' || may[at - 1];
}

static void test_any_byte(void)
{
	g_autoptr(GPtrArray) objects = good_objects();
	g_autoptr(GString) pdf = file_of(objects);
	g_autofree bool *may = g_new0(bool, pdf->len);
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	size_t accepted = 0, unexplained = 0, tried = 0;
	allow_jpeg(may, pdf);
	allow_runs(may, pdf);
	allow(may, pdf, find(pdf, 0, "2<", 2) + 2, find(pdf, 0, ">]/Bits", 7));
	for (gsize at = 0; at + 1 < pdf->len; at++)
		may[at + 1] = may[at + 1] || memcmp(pdf->str + at, "\x78\x9C", 2) == 0; /* the level */
	for (gsize at = 0; at < pdf->len; at++) {
		char was = pdf->str[at];
		for (guint i = 0; i < 16; i++) {
			pdf->str[at] = i < 8 ? (char)(was ^ 1 << i) : (char)g_rand_int_range(random, 0, 256);
			struct verify_error error;
			g_autoptr(GString) message = message_of("a.pdf", pdf);
			if (pdf->str[at] == was)
				continue;
			tried++;
			if (verdict(message, &error))
				continue;
			accepted++;
			if (!may[at])
				g_printerr("byte %zu (%.30s): %02X -> %02X is accepted\n", at, pdf->str + at,
				           (guint8)was, (guint8)pdf->str[at]);
			unexplained += !may[at];
		}
		pdf->str[at] = was;
	}
	g_test_message("%zu of %zu single-byte changes accepted", accepted, tried);
	g_assert_cmpuint(unexplained, ==, 0);
	g_assert_cmpuint(accepted, >, 0);
}

/* -- a JPEG that is accepted is one of which libjpeg has nothing to say -- */

static void count_message(j_common_ptr c, int level)
{
	c->err->num_warnings += level < 0;
}

static void die(j_common_ptr c)
{
	char text[JMSG_LENGTH_MAX];
	c->err->format_message(c, text);
	g_error("libjpeg refuses what the checker accepts: %s", text);
}

static long warnings_of(const GString *data)
{
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	JSAMPLE row[3 * 64], *rows = row;
	d.err = jpeg_std_error(&errors);
	errors.emit_message = count_message;
	errors.error_exit = die;
	jpeg_create_decompress(&d);
	jpeg_mem_src(&d, (const unsigned char *)data->str, data->len);
	jpeg_read_header(&d, TRUE);
	jpeg_start_decompress(&d);
	g_assert_cmpuint(d.output_width, ==, 40);
	g_assert_cmpuint(d.output_height, ==, 30);
	while (d.output_scanline < d.output_height)
		jpeg_read_scanlines(&d, &rows, 1);
	jpeg_finish_decompress(&d);
	g_assert_cmpuint(d.src->bytes_in_buffer, ==, 0);
	jpeg_destroy_decompress(&d);
	return errors.num_warnings;
}

static void test_jpeg_decoded(void)
{
	g_autoptr(GString) data = good_jpeg();
	g_autoptr(GRand) random = g_rand_new_with_seed(2);
	guint accepted = 0;
	for (guint i = 0; i < 20000; i++) {
		gsize at = (gsize)g_rand_int_range(random, 0, (gint32)data->len);
		char was = data->str[at];
		struct verify_error error;
		data->str[at] = (char)(was ^ 1 << g_rand_int_range(random, 0, 8));
		g_autoptr(GString) pdf = one_picture(JPEG_40X30, data);
		g_autoptr(GString) message = message_of("a.pdf", pdf);
		if (!verdict(message, &error)) {
			g_assert_cmpint(warnings_of(data), ==, 0);
			accepted++;
		}
		data->str[at] = was;
	}
	g_test_message("%u changed JPEGs accepted", accepted);
	g_assert_cmpuint(accepted, >, 100);
}

/* A byte less, a byte more, anywhere. */
static void test_any_length(void)
{
	g_autoptr(GPtrArray) objects = good_objects();
	g_autoptr(GString) pdf = file_of(objects);
	struct verify_error error;
	for (gsize at = 0; at < pdf->len; at++) {
		g_autoptr(GString) less = g_string_new_len(pdf->str, (gssize)pdf->len);
		g_string_erase(less, (gssize)at, 1);
		g_autoptr(GString) message = message_of("a.pdf", less);
		g_assert_nonnull(verdict(message, &error));
		g_autoptr(GString) more = g_string_new_len(pdf->str, (gssize)pdf->len);
		g_string_insert_c(more, (gssize)at, pdf->str[at]);
		g_autoptr(GString) longer = message_of("a.pdf", more);
		g_assert_nonnull(verdict(longer, &error));
		g_autoptr(GString) cut = g_string_new_len(pdf->str, (gssize)at);
		if (at == 0)
			continue;
		g_autoptr(GString) shorter = message_of("a.pdf", cut);
		g_assert_nonnull(verdict(shorter, &error));
	}
}

/* -- time -- */

#define HOSTILE_SECONDS 20

static void expect_soon(const char *what, const GString *pdf, const char *section)
{
	gint64 start = g_get_monotonic_time();
	g_assert_true(expect(pdf, section, -1, NULL, what));
	double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	g_test_message("%s: %zu bytes of PDF in %.2f s", what, pdf->len, seconds);
	g_assert_cmpfloat(seconds, <, HOSTILE_SECONDS);
}

/* 500 pages of 2 Mpx in a colour: three billion bytes of samples out of three million. */
static void test_bomb(void)
{
	g_autofree char *white = g_malloc0((gsize)2000 * 1000 * 3);
	g_autoptr(GString) data = deflated_with(white, (size_t)2000 * 1000 * 3, 9, 15);
	g_autofree Page *pages = g_new(Page, PDF_PAGES_MAX);
	for (guint i = 0; i < PDF_PAGES_MAX; i++)
		pages[i] = (Page) { "100", "100", NULL,
			            "Width 2000/Height 1000/ColorSpace /DeviceRGB/BitsPerComponent 8" FLATE,
			            data };
	g_autoptr(GPtrArray) objects = document(pages, PDF_PAGES_MAX);
	g_autoptr(GString) pdf = file_of(objects);
	expect_soon("Flate, 1 Gpx", pdf, NULL);
}

static void test_many_blocks(void)
{
	/* empty stored blocks, and the last one */
	g_autoptr(GString) data = g_string_new("\x78\x9C");
	while (data->len < 30000000)
		g_string_append_len(data, "\x00\x00\x00\xFF\xFF", 5);
	g_string_append_len(data, "\x01\x01\x00\xFE\xFF\x00\x00\x01\x00\x01", 10);
	g_autoptr(GString) pdf =
	        one_picture("Width 1/Height 1/ColorSpace /DeviceGray/BitsPerComponent 8" FLATE, data);
	expect_soon("zlib, empty blocks", pdf, NULL);
}

static void test_jpeg_time(void)
{
	/* blocks of two bits each, as many as 40 Mpx have, on fifty pages */
	g_autoptr(GString) data = g_string_new(NULL);
	const Handmade how = { 8, 8, "00", "00", 1, "", NULL, NULL };
	g_autoptr(GString) head = handmade(&how);
	g_string_append_len(data, head->str, (gssize)head->len - 2);
	gsize sof = segment(head, SOF0, 0);
	data->str[sof + 5] = (char)(4000 >> 8);
	data->str[sof + 6] = (char)(4000 & 0xFF);
	data->str[sof + 7] = (char)(10000 >> 8);
	data->str[sof + 8] = (char)(10000 & 0xFF);
	for (guint i = 0; i < 2 * 1250 * 500 / 8; i++)
		g_string_append_c(data, '\0');
	g_string_append_len(data, "\xFF\xD9", 2);
	g_autofree Page *pages = g_new(Page, 50);
	for (guint i = 0; i < 50; i++)
		pages[i] = (Page) {
			"100", "100", NULL,
			"Width 10000/Height 4000/ColorSpace /DeviceGray/BitsPerComponent 8/Filter/DCTDecode",
			data
		};
	g_autoptr(GPtrArray) objects = document(pages, 50);
	g_autoptr(GString) pdf = file_of(objects);
	expect_soon("JPEG, 31 million blocks", pdf, NULL);
}

/* -- the program, lock and all -- */

static void expect_program(const GString *pdf, int status, const char *err)
{
	g_autofree char *directory = g_dir_make_tmp("verify-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "a.eml", NULL);
	g_autofree char *program = g_build_filename(BIN_DIR, "mugai-verify", NULL);
	g_autofree char *said = NULL;
	char *argv[] = { program, (char *)"--quiet", path, NULL };
	g_autoptr(GString) message = message_of("a.pdf", pdf);
	int wait_status;
	g_assert_true(g_file_set_contents(path, message->str, (gssize)message->len, NULL));
	g_assert_true(
	        g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &said, &wait_status, NULL));
	g_unlink(path);
	g_rmdir(directory);
	g_assert_true(WIFEXITED(wait_status));
	g_assert_cmpint(WEXITSTATUS(wait_status), ==, status);
	if (!strstr(said, err))
		g_error("expected \"%s\" in \"%s\"", err, said);
}

/* The good document, Flate at the largest size, a JPEG, a refusal. */
static void test_program(void)
{
	g_autoptr(GPtrArray) objects = good_objects();
	g_autoptr(GString) good = file_of(objects);
	expect_program(good, 0, "");
	size_t length = 30000 * 1066;
	g_autofree char *bytes = noise(length);
	g_autoptr(GString) data = deflated_with(bytes, length, 0, 15);
	g_autoptr(GString) large =
	        one_picture("Width 10000/Height 1066/ColorSpace /DeviceRGB/BitsPerComponent 8" FLATE, data);
	expect_program(large, 0, "");
	g_autoptr(GString) photo = good_jpeg();
	g_autoptr(GString) small = one_picture(JPEG_40X30, photo);
	expect_program(small, 0, "");
	photo->str[photo->len - 1] = 'x';
	g_autoptr(GString) bad = one_picture(JPEG_40X30, photo);
	expect_program(bad, 65, ": section 6.4: attachment 1: object 5, byte ");
}

/* -- SHA-256: the vectors of FIPS 180-4's examples, and lengths around a block's end -- */

static void test_sha256(void)
{
	static const struct {
		const char *text;
		const char *digest;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlm"
		  "nopqrs"
		  "mnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		uint8_t digest[32];
		g_autoptr(GString) hex = g_string_new(NULL);
		verify_sha256((struct verify_span) { (const uint8_t *)rows[i].text, strlen(rows[i].text) },
		              digest);
		for (size_t k = 0; k < sizeof(digest); k++)
			g_string_append_printf(hex, "%02x", digest[k]);
		g_assert_cmpstr(hex->str, ==, rows[i].digest);
	}
	g_autofree char *bytes = noise(300);
	for (size_t length = 0; length <= 300; length++) {
		uint8_t digest[32], wanted[32];
		gsize size = sizeof(wanted);
		g_autoptr(GChecksum) other = g_checksum_new(G_CHECKSUM_SHA256);
		g_checksum_update(other, (const guchar *)bytes, (gssize)length);
		g_checksum_get_digest(other, wanted, &size);
		verify_sha256((struct verify_span) { (const uint8_t *)bytes, length }, digest);
		g_assert_cmpmem(digest, 32, wanted, 32);
	}
}

static void load_font(void)
{
	g_autofree char *path = g_build_filename(TESTS_DIR, "verify", "glyphless.ttf", NULL);
	g_autofree char *bytes = NULL;
	gsize length;
	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	font = g_string_new_len(bytes, (gssize)length);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	load_font();
	g_test_add_func("/verify-pdf/good", test_good);
	g_test_add_func("/verify-pdf/file", test_file);
	g_test_add_func("/verify-pdf/objects", test_objects);
	g_test_add_func("/verify-pdf/runs", test_runs);
	g_test_add_func("/verify-pdf/font", test_font);
	g_test_add_func("/verify-pdf/unused-code", test_unused_code);
	g_test_add_func("/verify-pdf/glyphs", test_glyphs);
	g_test_add_func("/verify-pdf/text", test_text);
	g_test_add_func("/verify-pdf/text-pages", test_text_pages);
	g_test_add_func("/verify-pdf/place", test_place);
	g_test_add_func("/verify-pdf/samples", test_samples);
	g_test_add_func("/verify-pdf/zlib", test_zlib);
	g_test_add_func("/verify-pdf/zlib-stored", test_zlib_stored);
	g_test_add_func("/verify-pdf/zlib-idle-bits", test_zlib_idle_bits);
	g_test_add_func("/verify-pdf/jpeg-written", test_jpeg_written);
	g_test_add_func("/verify-pdf/jpeg-dictionary", test_jpeg_dictionary);
	g_test_add_func("/verify-pdf/jpeg-gray-dictionary", test_jpeg_gray_dictionary);
	g_test_add_func("/verify-pdf/jpeg-bytes", test_jpeg_bytes);
	g_test_add_func("/verify-pdf/jpeg-structure", test_jpeg_structure);
	g_test_add_func("/verify-pdf/jpeg-blocks", test_jpeg_blocks);
	g_test_add_func("/verify-pdf/pages", test_pages);
	g_test_add_func("/verify-pdf/pixels", test_pixels);
	g_test_add_func("/verify-pdf/letters", test_letters);
	g_test_add_func("/verify-pdf/codes", test_codes);
	g_test_add_func("/verify-pdf/size", test_size);
	g_test_add_func("/verify-pdf/attachment", test_attachment);
	g_test_add_func("/verify-pdf/attachments", test_attachments);
	g_test_add_func("/verify-pdf/any-byte", test_any_byte);
	g_test_add_func("/verify-pdf/jpeg-decoded", test_jpeg_decoded);
	g_test_add_func("/verify-pdf/any-length", test_any_length);
	g_test_add_func("/verify-pdf/bomb", test_bomb);
	g_test_add_func("/verify-pdf/many-blocks", test_many_blocks);
	g_test_add_func("/verify-pdf/jpeg-time", test_jpeg_time);
	g_test_add_func("/verify-pdf/program", test_program);
	g_test_add_func("/verify-pdf/sha256", test_sha256);
	int status = g_test_run();
	g_string_free(font, TRUE);
	return status;
}
