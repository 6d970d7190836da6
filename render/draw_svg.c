/* SVG by librsvg, from memory and without a base: it then loads no other file, whatever the picture says. */
#include "draw_image_priv.h"

#include <cairo.h>
#include <iconv.h>
#include <librsvg/rsvg.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum {
	PROLOG_BYTES = 65536,
	CSS_PPI = 96,
	DEFAULT_WIDTH = 300, /* CSS pixels of a picture that says nothing of its size */
	DEFAULT_HEIGHT = 150,
};

/* ---- whether it is one -------------------------------------------------------------------------------- */

typedef struct {
	const char *at, *end;
} Text;

static bool begins_with(const Text *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return (size_t)(text->end - text->at) >= length && memcmp(text->at, prefix, length) == 0;
}

static bool skip_past(Text *text, const char *what)
{
	const char *found = memmem(text->at, (size_t)(text->end - text->at), what, strlen(what));

	if (found == NULL)
		return false;
	text->at = found + strlen(what);
	return true;
}

static void skip_blanks(Text *text)
{
	while (text->at < text->end && g_ascii_isspace(*text->at))
		text->at++;
}

/* A document type, whose own declarations stand in brackets. */
static bool skip_doctype(Text *text)
{
	unsigned depth = 0;

	for (; text->at < text->end; text->at++) {
		depth += *text->at == '<';
		if (*text->at == '>' && --depth == 0) {
			text->at++;
			return true;
		}
	}
	return false;
}

/* Goes past what may stand before the first element. */
static bool skip_prolog(Text *text)
{
	for (;;) {
		skip_blanks(text);
		bool good = begins_with(text, "<?")     ? skip_past(text, "?>")
		            : begins_with(text, "<!--") ? skip_past(text, "-->")
		            : begins_with(text, "<!")   ? skip_doctype(text)
		                                        : true;
		if (!good)
			return false;
		if (!begins_with(text, "<!") && !begins_with(text, "<?"))
			skip_blanks(text);
		if (!begins_with(text, "<!") && !begins_with(text, "<?"))
			return begins_with(text, "<");
	}
}

bool image_is_svg(const DrawInput *input)
{
	const char *bytes = (const char *)input->bytes;
	if (input->length == 0)
		return false;
	Text text = { bytes, bytes + MIN(input->length, PROLOG_BYTES) };
	if (begins_with(&text, "\xEF\xBB\xBF"))
		text.at += 3;
	if (!skip_prolog(&text))
		return false;
	text.at++;
	const char *name = text.at;
	while (text.at < text.end && !g_ascii_isspace(*text.at) && *text.at != '>' && *text.at != '/') {
		if (*text.at == ':')
			name = text.at + 1;
		text.at++;
	}
	return text.at - name == 3 && memcmp(name, "svg", 3) == 0;
}

/* ---- drawing ------------------------------------------------------------------------------------------ */

static bool is_size(double width, double height)
{
	return isfinite(width) && isfinite(height) && width > 0 && height > 0;
}

/* In CSS pixels: what the picture says, else the sides of its viewBox, else what a browser takes. */
static void read_size(RsvgHandle *handle, double *ret_width, double *ret_height)
{
	gboolean has_box = FALSE;
	RsvgRectangle box = { 0, 0, 0, 0 };

	if (rsvg_handle_get_intrinsic_size_in_pixels(handle, ret_width, ret_height) &&
	    is_size(*ret_width, *ret_height))
		return;
	rsvg_handle_get_intrinsic_dimensions(handle, NULL, NULL, NULL, NULL, &has_box, &box);
	bool good = has_box && is_size(box.width, box.height);
	*ret_width = good ? box.width : DEFAULT_WIDTH;
	*ret_height = good ? box.height : DEFAULT_HEIGHT;
}

static uint32_t side_of(double inches, unsigned dpi)
{
	return (uint32_t)CLAMP(lround(inches * dpi), 1, RENDER_SIDE_MAX);
}

/* It has no pixels of its own: it gets the resolution that is asked for. */
static ImageInfo header_of(RsvgHandle *handle, unsigned dpi)
{
	double width = 0;
	double height = 0;

	read_size(handle, &width, &height);
	width = CLAMP(width, 1, 1e6) / CSS_PPI;
	height = CLAMP(height, 1, 1e6) / CSS_PPI;
	double fit = image_fit(width, height);
	return (ImageInfo) { side_of(width * fit, dpi), side_of(height * fit, dpi), 1, dpi, dpi };
}

static bool draw_on(RsvgHandle *handle, uint32_t *pixels, const DrawPage *page)
{
	const RsvgRectangle viewport = { 0, 0, page->width, page->height };
	cairo_surface_t *surface = cairo_image_surface_create_for_data(
	        (unsigned char *)pixels, CAIRO_FORMAT_RGB24, (int)page->width, (int)page->height,
	        (int)page->width * 4);
	cairo_t *cairo = cairo_create(surface);

	bool whole = rsvg_handle_render_document(handle, cairo, &viewport, NULL) &&
	             cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
	cairo_destroy(cairo);
	cairo_surface_finish(surface);
	cairo_surface_destroy(surface);
	return whole;
}

static void clear_top_bytes(uint32_t *pixels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pixels[i] &= 0xFFFFFF;
}

static int draw_handle(ImageJob *job, RsvgHandle *handle)
{
	ImageInfo info = header_of(handle, job->limits->dpi);
	int status = image_begin(job, &info, IMAGE_STREAM_PIXELS);

	if (status != RENDER_STATUS_COMPLETE)
		return status;
	/* Smaller where a page may have fewer pixels: there is nothing to be scaled down from. */
	image_rows_scaled(job, job->target_width, job->target_height);
	uint32_t *pixels = image_page(job);
	if (pixels == NULL)
		return image_finish(job, true);
	bool whole = draw_on(handle, pixels, &job->page);
	clear_top_bytes(pixels, (size_t)job->page.width * job->page.height);
	return image_finish(job, whole);
}

static RsvgHandle *open_svg(const DrawInput *input)
{
	g_autoptr(GBytes) bytes = image_svg_without_threads(input);
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(bytes);
	RsvgHandle *handle =
	        rsvg_handle_new_from_stream_sync(stream, NULL, RSVG_HANDLE_FLAGS_NONE, NULL, NULL);

	if (handle != NULL)
		rsvg_handle_set_dpi(handle, CSS_PPI);
	return handle;
}

int image_draw_svg(ImageJob *job)
{
	RsvgHandle *handle = open_svg(job->input);

	if (handle == NULL)
		return RENDER_STATUS_DAMAGED;
	image_svg_count_lost(job->input, job->facts);
	int status = draw_handle(job, handle);
	g_object_unref(handle);
	return status;
}

/* ---- warm-up ------------------------------------------------------------------------------------------ */

/* Everything that librsvg, pango and gdk-pixbuf open at first use, they open for this. */
static const char warm_picture[] =
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='64' "
        "height='64'>"
        "<style>text { font-family: serif; }</style>"
        "<text x='1' y='12' font-size='9'>Aa 漢字かな</text>"
        "<text x='1' y='24' font-size='9' font-family='sans-serif' font-weight='bold' font-style='italic'>Aa "
        "漢字かな</text>"
        "<text x='1' y='36' font-size='9' font-family='monospace'>Aa 漢字かな</text>"
        "<image width='2' height='2' xlink:href='data:image/png;base64,"
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='/>"
        "<image y='4' width='2' height='2' xlink:href='data:image/gif;base64,"
        "R0lGODdhAQABAIAAAAAAAAAAACwAAAAAAQABAAACAkQBADs='/>"
        "</svg>";

/* Charsets that an XML declaration may name: libxml2 asks iconv, which loads a module for each. What is open
 * stays loaded: they are never closed. */
static const char *const charsets[] = { "SHIFT_JIS", "CP932", "EUC-JP", "ISO-2022-JP" };
static iconv_t open_charsets[G_N_ELEMENTS(charsets)];

static bool load_charsets(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
		open_charsets[i] = iconv_open("UTF-8", charsets[i]);
		if (open_charsets[i] == (iconv_t)-1)
			return false;
	}
	return true;
}

static unsigned threads_of_process(void)
{
	g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
	unsigned threads = 0;

	while (tasks != NULL && g_dir_read_name(tasks) != NULL)
		threads++;
	return threads;
}

/* pango's one thread of the warm-up says that it is ready a moment before it ends; a fork must not meet it.
 */
static bool await_single_thread(unsigned threads_before)
{
	enum { STEP_US = 1000, STEPS = 10000 };

	for (unsigned i = 0; i < STEPS; i++) {
		if (threads_of_process() <= threads_before)
			return true;
		g_usleep(STEP_US);
	}
	return false;
}

static bool warm_up_fails(GError **error, const char *what)
{
	g_set_error_literal(error, image_warm_up_quark(), 0, what);
	return false;
}

bool image_svg_warm_up(GError **error)
{
	uint32_t pixels[64 * 64];
	const DrawInput input = { (const uint8_t *)warm_picture, sizeof warm_picture - 1 };
	const DrawPage page = { .width = 64, .height = 64 };
	unsigned threads = threads_of_process();
	unsigned avoided = image_threads_avoided();
	RsvgHandle *handle = open_svg(&input);

	bool drawn = handle != NULL && draw_on(handle, pixels, &page);
	g_clear_object(&handle);
	if (!drawn)
		return warm_up_fails(error, "librsvg cannot draw");
	if (image_threads_avoided() == avoided)
		return warm_up_fails(error, "pango does not start its threads through us");
	if (!await_single_thread(threads))
		return warm_up_fails(error, "librsvg leaves a thread");
	return load_charsets() || warm_up_fails(error, "iconv lacks a charset of Japanese");
}
