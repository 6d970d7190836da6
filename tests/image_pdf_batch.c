/* image_pdf_batch [-o DIRECTORY] [-p PAGES] [-g] FILE...: draws each PDF without a jail, in a process of its
 * own with the limits of one, writes its pages as image PDF, checks that against image_pdf_rules.h, and
 * prints a line for it.
 *
 * -o writes DIRECTORY/NAME.image.pdf and NAME.runs (what was drawn as text, a line for each page); -g: gray.
 * Exits 1 if a process died or a rule was broken. */
#include "clean_text.h"
#include "draw_pages.h"
#include "image_pdf.h"
#include "image_pdf_message.h"
#include "image_pdf_rules.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CPU_SECONDS = 60, MAX_BYTES = 30000000 };
static const rlim_t MEMORY = (rlim_t)1200 * 1000 * 1000;

typedef struct {
	const char *directory; /* NULL: nothing is written */
	DrawLimits limits;
	RenderColour colour;
} Batch;

typedef struct {
	const Batch *batch;
	ImagePdf *pdf;
	GString *runs;
	GError *error;
	double encode_ms, compare_ms;
	uint64_t rgb_bytes;
} Document;

static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static char *clean(const char *text, void *user)
{
	(void)user;
	return clean_line(text, strlen(text), 0, NULL);
}

static bool write_page(Document *document, const DrawnPage *page)
{
	ImagePdfPage arguments = { page->pixels, page->width, page->height, page->box_width,
		                   page->box_height, NULL };

	if (!image_pdf_page_begin(document->pdf, &arguments, &document->error))
		return false;
	for (size_t i = 0; i < page->n_runs; i++) {
		const DrawRun *run = &page->runs[i];
		if (!image_pdf_run(document->pdf, run->x, run->y, run->w, run->h, run->vertical, run->text,
		                   &document->error))
			return false;
		g_string_append_printf(document->runs, "%s ", run->text);
	}
	g_string_append_c(document->runs, '\n');
	return image_pdf_page_end(document->pdf, &document->error);
}

/* The size of the page as others write it: three bytes a pixel, zlib's level 6. */
static uint64_t rgb_bytes(const DrawnPage *page)
{
	size_t pixels = (size_t)page->width * page->height;
	g_autofree uint8_t *rgb = g_malloc(3 * pixels);
	uLongf length = compressBound(3 * pixels);
	g_autofree uint8_t *out = g_malloc(length);

	for (size_t i = 0; i < pixels; i++) {
		rgb[3 * i] = (uint8_t)(page->pixels[i] >> 16);
		rgb[3 * i + 1] = (uint8_t)(page->pixels[i] >> 8);
		rgb[3 * i + 2] = (uint8_t)page->pixels[i];
	}
	g_assert_cmpint(compress2(out, &length, rgb, 3 * pixels, 6), ==, Z_OK);
	return length;
}

static bool see_page(void *user, const DrawnPage *page)
{
	Document *document = user;
	double start = cpu_ms();
	bool good = write_page(document, page);

	document->encode_ms += cpu_ms() - start;
	start = cpu_ms();
	document->rgb_bytes += rgb_bytes(page);
	document->compare_ms += cpu_ms() - start;
	return good;
}

static void write_files(const Document *document, const char *name, GBytes *pdf)
{
	g_autofree char *path = g_strdup_printf("%s/%s.image.pdf", document->batch->directory, name);
	g_autofree char *runs = g_strdup_printf("%s/%s.runs", document->batch->directory, name);
	gsize length = 0;
	const char *bytes = g_bytes_get_data(pdf, &length);

	if (!g_file_set_contents(path, bytes, (gssize)length, NULL) ||
	    !g_file_set_contents(runs, document->runs->str, (gssize)document->runs->len, NULL))
		g_error("cannot write %s", path);
}

static const char *form_of(const ReadPage *page)
{
	if (page->jpeg)
		return page->components == 1 ? "gray jpeg" : "jpeg";
	if (page->components == 3)
		return "rgb";
	if (page->colours != 0)
		return page->bits == 4 ? "indexed 4" : "indexed 8";
	return page->bits == 1 ? "gray 1" : page->bits == 4 ? "gray 4" : "gray 8";
}

/* Exit status: 0, or 1 when a rule is broken. */
static int tell(const Document *document, const char *name, size_t source, double draw_ms, GBytes *pdf)
{
	gsize length = 0;
	const char *bytes = g_bytes_get_data(pdf, &length);
	g_autoptr(ReadPdf) read = image_pdf_rules(bytes, length);
	struct verify_error refused = { .section = "", .what = "" };
	bool accepted = image_pdf_accepted(bytes, length, &refused);

	printf("%s\tpages=%u\tsource=%zu\tbytes=%zu\trgb=%" G_GUINT64_FORMAT
	       "\tdraw_ms=%.1f\tencode_ms=%.1f\thidden=%" G_GUINT64_FORMAT "\tcut=%" G_GUINT64_FORMAT
	       "\tforms=",
	       name, image_pdf_pages(document->pdf), source, length, document->rgb_bytes, draw_ms,
	       document->encode_ms, image_pdf_hidden(document->pdf), image_pdf_cut(document->pdf));
	for (unsigned i = 0; i < read->pages->len; i++)
		printf("%s%s", i > 0 ? "," : "", form_of(g_ptr_array_index(read->pages, i)));
	if (read->broken != NULL)
		printf("\tBROKEN %s", read->broken);
	if (!accepted)
		printf("\tREFUSED %s %s", refused.section, refused.what);
	printf("\n");
	return read->broken != NULL || !accepted;
}

static int convert(const Batch *batch, const char *path, const char *name)
{
	g_autofree char *bytes = NULL;
	gsize length;
	if (!g_file_get_contents(path, &bytes, &length, NULL))
		g_error("cannot read %s", path);
	ImagePdfOptions options = { .max_bytes = MAX_BYTES, .colour = batch->colour, .clean = clean };
	Document document = { .batch = batch, .pdf = image_pdf_new(&options), .runs = g_string_new(NULL) };
	DrawInput input = { (const uint8_t *)bytes, length };
	DrawFacts facts = { 0 };
	DrawnPages drawn;
	DrawSink sink = drawn_pages_sink(&drawn);
	drawn.each = see_page;
	drawn.user = &document;
	double start = cpu_ms();
	int status = draw_pdf(&input, &batch->limits, &sink, &facts, NULL);
	double draw_ms = cpu_ms() - start - document.encode_ms - document.compare_ms;
	g_autoptr(GBytes) pdf = NULL;

	start = cpu_ms();
	if (status == RENDER_STATUS_COMPLETE)
		pdf = image_pdf_finish(document.pdf, &document.error);
	document.encode_ms += cpu_ms() - start;
	int broken = 0;
	if (pdf == NULL)
		printf("%s\tno pdf: status %d, %s\n", name, status,
		       document.error != NULL ? document.error->message : "by its content");
	else
		broken = tell(&document, name, length, draw_ms, pdf);
	if (pdf != NULL && batch->directory != NULL)
		write_files(&document, name, pdf);
	g_clear_error(&document.error);
	g_string_free(document.runs, TRUE);
	image_pdf_free(document.pdf);
	drawn_pages_clear(&drawn);
	return broken;
}

static bool convert_apart(const Batch *batch, const char *path)
{
	const char *name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	int status;

	fflush(stdout);
	pid_t child = fork();
	g_assert_cmpint(child, >=, 0);
	if (child == 0) {
		setrlimit(RLIMIT_CPU, &(struct rlimit) { CPU_SECONDS, CPU_SECONDS });
		setrlimit(RLIMIT_AS, &(struct rlimit) { MEMORY, MEMORY });
		int broken = convert(batch, path, name);
		fflush(stdout);
		_exit(broken);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	if (WIFSIGNALED(status))
		printf("%s\tdied: signal %d\n", name, WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	Batch batch = { .limits = draw_limits_default() };
	g_autoptr(GError) error = NULL;
	bool all = true;
	int option;

	while ((option = getopt(argc, argv, "o:p:g")) != -1)
		switch (option) {
		case 'o':
			batch.directory = optarg;
			break;
		case 'p':
			batch.limits.pages = (unsigned)CLAMP(atoi(optarg), 1, RENDER_PAGES_MAX);
			break;
		case 'g':
			batch.colour = RENDER_GRAY;
			break;
		default:
			return 64;
		}
	if (!draw_pdf_warm_up(&error))
		g_error("warm-up: %s", error->message);
	for (int i = optind; i < argc; i++)
		all = convert_apart(&batch, argv[i]) && all;
	return all ? 0 : 1;
}
