/* The checker's image PDF (grammar 6): a document built here from the page alone, and then tables of
 * single steps away from it, each of which must be refused for the right rule, in the right object. The
 * font is a stand-in: the checker's other files are linked without verify_pdf_font.c.
 */
#include "verify_pdf_priv.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
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

static const char font[] = "stands in for the glyphless font";
/* what sha256sum says of it */
const uint8_t pdf_font_sha256[32] = { 0x6A, 0x81, 0xB5, 0x13, 0x9F, 0xFC, 0x23, 0x22, 0xE8, 0x1F, 0xCB,
	                              0x91, 0x7D, 0x5A, 0x8B, 0x36, 0xDD, 0xD4, 0x4D, 0x8A, 0x07, 0x30,
	                              0x56, 0x50, 0xB8, 0x01, 0x50, 0xF6, 0xA7, 0x4E, 0xE6, 0x7D };

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
	            "/Ascent 1000/Descent 0/CapHeight 1000/StemV 80/FontFile2 %u 0 R>>",
	            f + 3),
	    NULL);
	add(objects, g_strdup("<</Length @/Length1 @>>"), g_string_new(font));
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

static GPtrArray *good_objects(void)
{
	g_autoptr(GString) bitmap = deflated("\xAA\x80\x55\x40\xFF\xC0", 6);
	g_autoptr(GString) palette = deflated("\x01\x20\x10\x10", 4);
	g_autoptr(GString) photo = good_jpeg();
	const Page pages[GOOD_PAGES] = {
		{ "595.28", "842", "議事録|abc|議会",
		  "Width 10/Height 3/ColorSpace /DeviceGray/BitsPerComponent 1/Filter/FlateDecode", bitmap },
		{ "0.5", "14400", NULL,
		  "Width 3/Height 2/ColorSpace [/Indexed/DeviceRGB 2<000000ff00ffffffff>]/BitsPerComponent 4"
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
		{ STREAM, FONT + 3, "glyphless", "glyphful", "6.9", 0 },
		{ STREAM, FONT + 3, "font", "font ", "6.9", 0 },
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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
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
	return g_test_run();
}
