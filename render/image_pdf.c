/* image_pdf: the objects of an image PDF, in the order and the form of doc/output-grammar.md section 6. */
#include "image_pdf_priv.h"
#include "picture_priv.h"

G_DEFINE_QUARK(mugai - image - pdf - error - quark, image_pdf_error)

enum {
	FILE_MAX = 32000000, /* bytes, by the form */
	PAGE_OBJECTS = 3,
	FONT_OBJECTS = 6,
	FIRST_PAGE = 3,   /* its object's number */
	PAGE_BYTES = 512, /* of a page besides its content and picture, about */
};

typedef struct {
	uint32_t box_width, box_height;
	uint32_t width, height;
	bool text;
	GString *content;
	PictureCoded picture;
} Page;

struct ImagePdf {
	ImagePdfOptions options;
	ImagePdfCodes *codes;
	ImagePdfLayer *layer;
	GPtrArray *pages; /* Page */
	ImagePdfPage page;
	bool open;       /* between page_begin and page_end */
	bool failed;     /* a page is missing: nothing may come out */
	uint64_t bytes;  /* so far */
	uint64_t pixels; /* so far */
};

static void free_string(GString *string)
{
	g_string_free(string, TRUE);
}

static void page_free(void *data)
{
	Page *page = data;
	g_clear_pointer(&page->content, free_string);
	g_clear_pointer(&page->picture.data, g_byte_array_unref);
	g_free(page);
}

ImagePdf *image_pdf_new(const ImagePdfOptions *options)
{
	ImagePdf *pdf = g_new0(ImagePdf, 1);
	pdf->options = *options;
	pdf->options.max_bytes = MIN(options->max_bytes, FILE_MAX);
	pdf->codes = image_pdf_codes_new();
	pdf->layer = image_pdf_layer_new(options, pdf->codes);
	pdf->pages = g_ptr_array_new_with_free_func(page_free);
	return pdf;
}

void image_pdf_free(ImagePdf *pdf)
{
	if (pdf == NULL)
		return;
	image_pdf_layer_free(pdf->layer);
	image_pdf_codes_free(pdf->codes);
	g_ptr_array_unref(pdf->pages);
	g_free(pdf);
}

static bool fail(ImagePdf *pdf, ImagePdfError code, const char *why, GError **error)
{
	pdf->failed = true;
	g_set_error_literal(error, IMAGE_PDF_ERROR, (int)code, why);
	return false;
}

static bool is_page(const ImagePdfPage *page)
{
	return (page->pixels == NULL) != (page->levels == NULL) && page->width >= 1 && page->width <= RENDER_SIDE_MAX && page->height >= 1 &&
	       page->height <= RENDER_SIDE_MAX &&
	       (uint64_t)page->width * page->height <= RENDER_PAGE_PIXELS && page->box_width >= 1 &&
	       page->box_width <= RENDER_BOX_MAX && page->box_height >= 1 &&
	       page->box_height <= RENDER_BOX_MAX;
}

bool image_pdf_page_begin(ImagePdf *pdf, const ImagePdfPage *page, GError **error)
{
	if (pdf->failed || pdf->open)
		return fail(pdf, IMAGE_PDF_ERROR_VALUE, "a page begins where none may", error);
	if (pdf->pages->len == RENDER_PAGES_MAX)
		return fail(pdf, IMAGE_PDF_ERROR_VALUE, "too many pages", error);
	if (!is_page(page))
		return fail(pdf, IMAGE_PDF_ERROR_VALUE, "a page's size is out of range", error);
	pdf->pixels += (uint64_t)page->width * page->height;
	if (pdf->pixels > RENDER_TOTAL_PIXELS)
		return fail(pdf, IMAGE_PDF_ERROR_VALUE, "all pages together have too many pixels", error);
	pdf->page = *page;
	pdf->open = true;
	image_pdf_layer_begin(pdf->layer, page);
	return true;
}

bool image_pdf_run(ImagePdf *pdf, int32_t x, int32_t y, int32_t w, int32_t h, bool vertical, const char *text,
                   GError **error)
{
	ImagePdfBox box = { x, y, w, h, vertical };

	if (pdf->failed || !pdf->open)
		return fail(pdf, IMAGE_PDF_ERROR_VALUE, "text outside a page", error);
	if (!g_utf8_validate(text, -1, NULL) || !image_pdf_layer_add(pdf->layer, &box, text))
		return fail(pdf, IMAGE_PDF_ERROR_VALUE, "text that is not UTF-8", error);
	return true;
}

static GString *content_of(ImagePdf *pdf, bool *ret_text)
{
	GString *content = g_string_new("q ");
	image_pdf_put_milli(content, pdf->page.box_width);
	g_string_append(content, " 0 0 ");
	image_pdf_put_milli(content, pdf->page.box_height);
	g_string_append(content, " 0 0 cm /P Do Q\n");
	*ret_text = image_pdf_layer_write(pdf->layer, content);
	return content;
}

static bool over(const ImagePdf *pdf)
{
	return pdf->bytes > pdf->options.max_bytes;
}

bool image_pdf_page_end(ImagePdf *pdf, GError **error)
{
	if (pdf->failed || !pdf->open)
		return fail(pdf, IMAGE_PDF_ERROR_VALUE, "no page to end", error);
	pdf->open = false;
	Page *page = g_new0(Page, 1);
	g_ptr_array_add(pdf->pages, page);
	page->box_width = pdf->page.box_width;
	page->box_height = pdf->page.box_height;
	page->width = pdf->page.width;
	page->height = pdf->page.height;
	page->content = content_of(pdf, &page->text);
	pdf->bytes += page->content->len + PAGE_BYTES;
	if (over(pdf))
		return fail(pdf, IMAGE_PDF_ERROR_SIZE, "the image PDF is over its cap", error);
	if (!picture_encode(&pdf->page, pdf->options.colour, pdf->options.max_bytes - pdf->bytes,
	                    &page->picture, error)) {
		pdf->failed = true;
		return false;
	}
	pdf->bytes += page->picture.data->len;
	return true;
}

uint64_t image_pdf_hidden(const ImagePdf *pdf)
{
	return image_pdf_layer_hidden(pdf->layer);
}

uint64_t image_pdf_cut(const ImagePdf *pdf)
{
	return image_pdf_layer_cut(pdf->layer);
}

unsigned image_pdf_pages(const ImagePdf *pdf)
{
	return pdf->pages->len;
}

/* ---- the file ------------------------------------------------------------------------ */

typedef struct {
	GString *out;
	GArray *offsets; /* uint64_t, of each object */
} File;

static void object_begin(File *file)
{
	uint64_t offset = file->out->len;
	g_array_append_val(file->offsets, offset);
	g_string_append_printf(file->out, "%u 0 obj\n", file->offsets->len);
}

static void object_end(File *file)
{
	g_string_append(file->out, "\nendobj\n");
}

static void G_GNUC_PRINTF(2, 3) put_object(File *file, const char *format, ...)
{
	va_list arguments;
	object_begin(file);
	va_start(arguments, format);
	g_string_append_vprintf(file->out, format, arguments);
	va_end(arguments);
	object_end(file);
}

static void put_stream(File *file, const char *bytes, size_t length)
{
	object_begin(file);
	g_string_append_printf(file->out, "<</Length %zu>>\nstream\n", length);
	g_string_append_len(file->out, bytes, (gssize)length);
	g_string_append(file->out, "\nendstream");
	object_end(file);
}

static void put_tree(File *file, unsigned pages)
{
	object_begin(file);
	g_string_append_printf(file->out, "<</Type/Pages/Count %u/Kids[", pages);
	for (unsigned i = 0; i < pages; i++)
		g_string_append_printf(file->out, "%s%u 0 R", i == 0 ? "" : " ",
		                       FIRST_PAGE + PAGE_OBJECTS * i);
	g_string_append(file->out, "]>>");
	object_end(file);
}

static void put_page(File *file, const Page *page, unsigned font)
{
	object_begin(file);
	unsigned number = file->offsets->len;
	g_string_append(file->out, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 ");
	image_pdf_put_milli(file->out, page->box_width);
	g_string_append_c(file->out, ' ');
	image_pdf_put_milli(file->out, page->box_height);
	g_string_append_printf(file->out, "]/Resources<</XObject<</P %u 0 R>>", number + 2);
	if (page->text)
		g_string_append_printf(file->out, "/Font<</F %u 0 R>>", font);
	g_string_append_printf(file->out, ">>/Contents %u 0 R>>", number + 1);
	object_end(file);
}

static void put_colour_space(File *file, const PictureCoded *picture)
{
	switch (picture->form) {
	case PICTURE_GRAY_1:
	case PICTURE_GRAY_4:
	case PICTURE_GRAY_8:
	case PICTURE_JPEG_GRAY:
		g_string_append(file->out, "/DeviceGray");
		return;
	case PICTURE_INDEXED_4:
	case PICTURE_INDEXED_8:
		g_string_append_printf(file->out, "[/Indexed/DeviceRGB %u<", picture->colours - 1);
		for (unsigned i = 0; i < picture->colours; i++)
			g_string_append_printf(file->out, "%06x", picture->palette[i]);
		g_string_append(file->out, ">]");
		return;
	default:
		g_string_append(file->out, "/DeviceRGB");
	}
}

static void put_picture(File *file, const Page *page)
{
	static const unsigned bits[PICTURE_FORMS] = { 1, 4, 8, 4, 8, 8, 8, 8 };
	const PictureCoded *picture = &page->picture;
	bool jpeg = picture->form == PICTURE_JPEG_GRAY || picture->form == PICTURE_JPEG_RGB;

	object_begin(file);
	g_string_append_printf(file->out, "<</Type/XObject/Subtype/Image/Width %u/Height %u/ColorSpace ",
	                       page->width, page->height);
	put_colour_space(file, picture);
	g_string_append_printf(file->out, "/BitsPerComponent %u/Filter/%s/Length %u>>\nstream\n",
	                       bits[picture->form], jpeg ? "DCTDecode" : "FlateDecode", picture->data->len);
	g_string_append_len(file->out, (const char *)picture->data->data, picture->data->len);
	g_string_append(file->out, "\nendstream");
	object_end(file);
}

/* Six objects, the first has the number font. */
static void put_font(File *file, unsigned font, const ImagePdfCodes *codes)
{
	put_object(file,
	           "<</Type/Font/Subtype/Type0/BaseFont/MugaiText/Encoding/Identity-H/DescendantFonts[%u 0 R]"
	           "/ToUnicode %u 0 R>>",
	           font + 1, font + 4);
	put_object(file,
	           "<</Type/Font/Subtype/CIDFontType2/BaseFont/MugaiText"
	           "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
	           "/FontDescriptor %u 0 R/DW 500/CIDToGIDMap %u 0 R>>",
	           font + 2, font + 5);
	put_object(file,
	           "<</Type/FontDescriptor/FontName/MugaiText/Flags 4/FontBBox[0 0 500 1000]/ItalicAngle "
	           "0/Ascent 1000"
	           "/Descent -1/CapHeight 1000/StemV 80/FontFile2 %u 0 R>>",
	           font + 3);
	object_begin(file);
	g_string_append_printf(file->out, "<</Length %d/Length1 %d>>\nstream\n", IMAGE_PDF_FONT_BYTES,
	                       IMAGE_PDF_FONT_BYTES);
	g_string_append_len(file->out, (const char *)image_pdf_font, IMAGE_PDF_FONT_BYTES);
	g_string_append(file->out, "\nendstream");
	object_end(file);
	g_autoptr(GString) cmap = image_pdf_codes_cmap(codes);
	put_stream(file, cmap->str, cmap->len);
	g_autoptr(GString) glyphs = image_pdf_codes_glyphs(codes);
	put_stream(file, glyphs->str, glyphs->len);
}

static void put_end(File *file)
{
	size_t start = file->out->len;
	unsigned count = file->offsets->len;

	g_string_append_printf(file->out, "xref\n0 %u\n0000000000 65535 f \n", count + 1);
	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(file->out, "%010" G_GUINT64_FORMAT " 00000 n \n",
		                       g_array_index(file->offsets, uint64_t, i));
	g_string_append_printf(file->out, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n",
	                       count + 1, start);
}

/* Pages are freed as they are written, so that a large document is not in memory twice. */
static void put_pages(ImagePdf *pdf, File *file)
{
	unsigned font = FIRST_PAGE + PAGE_OBJECTS * pdf->pages->len;

	for (unsigned i = 0; i < pdf->pages->len; i++) {
		Page *page = g_ptr_array_index(pdf->pages, i);
		put_page(file, page, font);
		put_stream(file, page->content->str, page->content->len);
		put_picture(file, page);
		g_clear_pointer(&page->content, free_string);
		g_clear_pointer(&page->picture.data, g_byte_array_unref);
	}
	if (image_pdf_codes_count(pdf->codes) > 0)
		put_font(file, font, pdf->codes);
}

GBytes *image_pdf_finish(ImagePdf *pdf, GError **error)
{
	if (pdf->failed || pdf->open || pdf->pages->len == 0) {
		(void)fail(pdf, IMAGE_PDF_ERROR_VALUE, "no complete pages", error);
		return NULL;
	}
	pdf->failed = true; /* spent */
	g_autoptr(GArray) offsets = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	g_autoptr(GString) out = g_string_sized_new(pdf->bytes + 4096);
	File file = { out, offsets };

	g_string_append(out, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
	put_object(&file, "<</Type/Catalog/Pages 2 0 R>>");
	put_tree(&file, pdf->pages->len);
	put_pages(pdf, &file);
	put_end(&file);
	if (out->len > pdf->options.max_bytes) {
		g_set_error_literal(error, IMAGE_PDF_ERROR, IMAGE_PDF_ERROR_SIZE,
		                    "the image PDF is over its cap");
		return NULL;
	}
	return g_string_free_to_bytes(g_steal_pointer(&out));
}
