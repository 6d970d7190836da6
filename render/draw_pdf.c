/* draw_pdf: PDF by poppler and cairo.
 *
 * A page is drawn as for a screen, not as for a printer: then poppler collects its text in the same pass,
 * annotations and filled-in fields are drawn where a viewer shows them (a printer leaves out those without
 * the print flag, and stamps only on demand), and what a viewer hides stays hidden. Optional content follows
 * the document's default either way.
 */
#include "draw_pdf_priv.h"

#include <cairo.h>
#include <errno.h>
#include <float.h>
#include <string.h>

enum { HEADER_WITHIN = 1024 };                             /* bytes: where readers look for %PDF */
static const double A4_WIDTH = 595276, A4_HEIGHT = 841890; /* 1/1000 pt: a page of which nothing is known */

typedef struct {
	DrawLimits limits;
	const DrawSink *sink;
	DrawFacts *facts;
	PopplerDocument *document;
	PdfText *text;
	uint32_t *scratch; /* pixels of the page where no pictures are wanted */
} Drawing;

bool draw_is_pdf(const DrawInput *input)
{
	return input->length > 0 &&
	       memmem(input->bytes, MIN(input->length, HEADER_WITHIN), "%PDF", 4) != NULL;
}

/* ---- opening --------------------------------------------------------------------- */

/* Faults of the document that poppler told of so far. No function says whether a page was drawn whole: a
 * picture that cannot be decoded is left out, and the page of a scan is blank then. */
static uint64_t faults;

/* poppler has a message for each fault of a document, and a document can have millions. Only those count that
 * cost something of a page: a warning does not. */
static void count_fault(const char *domain, GLogLevelFlags level, const char *message, void *user)
{
	(void)domain, (void)level, (void)user;
	if (g_str_has_prefix(message, "Syntax error") || g_str_has_prefix(message, "Unimplemented feature"))
		faults++;
}

static void silence_poppler(void)
{
	static guint handler;

	if (handler == 0)
		handler = g_log_set_handler("Poppler", G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION, count_fault,
		                            NULL);
}

static PopplerDocument *open_document(const void *bytes, size_t length, int *ret_status)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) borrowed = g_bytes_new_static(bytes, length);

	PopplerDocument *document = poppler_document_new_from_bytes(borrowed, NULL, &error);
	if (document != NULL)
		return document;
	*ret_status = g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED) ? RENDER_STATUS_ENCRYPTED
	                                                                             : RENDER_STATUS_DAMAGED;
	return NULL;
}

/* ---- one page -------------------------------------------------------------------- */

static uint32_t *page_pixels(Drawing *drawing, const DrawPage *drawn, GError **error)
{
	if (drawing->limits.pictures)
		return drawing->sink->page_begin(drawing->sink->user, drawn->width, drawn->height, error);
	/* Without pictures, the page is drawn for its ink alone. */
	size_t bytes = (size_t)drawn->width * drawn->height * sizeof *drawing->scratch;
	drawing->scratch = g_realloc(drawing->scratch, bytes);
	memset(drawing->scratch, 0xFF, bytes);
	return drawing->scratch;
}

/* page may be NULL. Returns whether the dpi had to be lowered. */
static bool size_of(const DrawLimits *limits, PopplerPage *page, DrawPage *drawn)
{
	double width = A4_WIDTH, height = A4_HEIGHT;

	if (page != NULL) {
		poppler_page_get_size(page, &width, &height);
		width *= 1000;
		height *= 1000;
	}
	return draw_page_size(limits, width, height, drawn);
}

static bool paint(PopplerPage *page, uint32_t *pixels, const DrawPage *drawn)
{
	double width, height;

	cairo_surface_t *surface = cairo_image_surface_create_for_data(
	        (unsigned char *)pixels, CAIRO_FORMAT_RGB24, (int)drawn->width, (int)drawn->height,
	        (int)(drawn->width * sizeof *pixels));
	cairo_t *cairo = cairo_create(surface);
	poppler_page_get_size(page, &width, &height);
	cairo_scale(cairo, drawn->width / MAX(width, DBL_MIN), drawn->height / MAX(height, DBL_MIN));
	/* A picture for which there is no memory is left out in silence, and the page of a scan is blank
	 * then. */
	errno = 0;
	poppler_page_render(page, cairo);
	bool memory = errno != ENOMEM;
	cairo_status_t status = cairo_status(cairo);
	cairo_destroy(cairo);
	cairo_surface_flush(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	return memory && status == CAIRO_STATUS_SUCCESS;
}

/* False: the sink failed. */
static bool draw_one(Drawing *drawing, unsigned index, GError **error)
{
	DrawPage drawn = { 0 };

	g_autoptr(PdfPage) page = poppler_document_get_page(drawing->document, (int)index);
	if (size_of(&drawing->limits, page, &drawn))
		drawing->facts->lower_dpi++;
	uint32_t *pixels = page_pixels(drawing, &drawn, error);
	if (pixels == NULL)
		return false;
	/* First, since a damaged form, which a page can do without, is read when it is first asked for. */
	if (page != NULL)
		pdf_lost_of_page(page, drawing->facts->lost);
	uint64_t faults_before = faults + pdf_surfaces_refused();
	if (page != NULL && paint(page, pixels, &drawn)) {
		drawing->facts->pages_partial += faults + pdf_surfaces_refused() > faults_before;
		pdf_text_read(drawing->text, page, pixels, &drawn);
	} else {
		draw_failed_page(pixels, drawn.width, drawn.height);
		drawn.text = drawing->limits.text ? "" : NULL;
		drawing->facts->pages_failed++;
	}
	return drawing->sink->page_end(drawing->sink->user, &drawn, error);
}

/* ---- all pages ------------------------------------------------------------------- */

/* How many pages are to be drawn, and the pixels of each. A document may claim more than it has: of those missing
 * at its end one is drawn, which says so. 0: it has none at all. */
static unsigned pages_to_draw(const Drawing *drawing, GArray *sizes)
{
	uint64_t claimed = MIN(drawing->facts->pages_found, drawing->limits.pages);
	unsigned end = 0;

	for (unsigned i = 0; i < claimed; i++) {
		DrawPage drawn;
		g_autoptr(PdfPage) page = poppler_document_get_page(drawing->document, (int)i);
		size_of(&drawing->limits, page, &drawn);
		uint64_t pixels = (uint64_t)drawn.width * drawn.height;
		g_array_append_val(sizes, pixels);
		if (page != NULL)
			end = i + 1;
	}
	unsigned pages = end == 0 ? 0 : (unsigned)MIN(end + 1, claimed);
	g_array_set_size(sizes, pages);
	return pages;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* What a page may have so that all fit together: the large ones give way, those below their share stay as they are. */
static uint64_t fair_size(GArray *sizes, uint64_t total, uint64_t most)
{
	g_array_sort(sizes, by_size);
	for (unsigned i = 0; i < sizes->len; i++) {
		uint64_t size = g_array_index(sizes, uint64_t, i), share = total / (sizes->len - i);
		if (size > share)
			return share;
		total -= size;
	}
	return most;
}

static int draw_all(Drawing *drawing, GError **error)
{
	g_autoptr(GArray) sizes = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	unsigned pages = pages_to_draw(drawing, sizes);
	if (pages == 0)
		return drawing->facts->pages_found == 0 ? RENDER_STATUS_NO_PAGES : RENDER_STATUS_DAMAGED;
	/* Before the first is drawn, and not after the last that fits. */
	drawing->limits.page_pixels =
	        fair_size(sizes, drawing->limits.total_pixels, drawing->limits.page_pixels);
	for (unsigned i = 0; i < pages; i++)
		if (!draw_one(drawing, i, error))
			return DRAW_ABORTED;
	pdf_lost_of_document(drawing->document, drawing->facts->lost);
	return RENDER_STATUS_COMPLETE;
}

int draw_pdf(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts,
             GError **error)
{
	int status = RENDER_STATUS_UNSUPPORTED;

	if (!draw_is_pdf(input))
		return status;
	facts->format = RENDER_FORMAT_PDF;
	silence_poppler();
	g_autoptr(PdfDocument) document = open_document(input->bytes, input->length, &status);
	if (document == NULL)
		return status;
	facts->pages_found = (uint64_t)MAX(poppler_document_get_n_pages(document), 0);
	g_autoptr(PdfText) text = pdf_text_new(limits, facts);
	Drawing drawing = { *limits, sink, facts, document, text, NULL };
	status = draw_all(&drawing, error);
	g_free(drawing.scratch);
	return status;
}
