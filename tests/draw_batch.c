/* draw_batch [-o DIRECTORY] [-d DPI] [-p PAGES] [-t] [-c|-s] FILE...: draws each file in a process of its own,
 * without a jail but with the limits of one, and prints a line for it. DRAW and DRAW_WARM_UP are the
 * functions that do it (see render.cmake).
 *
 * -o writes each page as DIRECTORY/NAME-PAGE.png; -t prints the text; -c and -s: they are CSV, TSV. Exits 1 if a process died. */
#include "draw_pages.h"

#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CPU_SECONDS = 60 };
static const rlim_t MEMORY = (rlim_t)1200 * 1000 * 1000;

static const char *const statuses[] = {
	[RENDER_STATUS_COMPLETE] = "complete",   [RENDER_STATUS_UNSUPPORTED] = "unsupported",
	[RENDER_STATUS_ENCRYPTED] = "encrypted", [RENDER_STATUS_DAMAGED] = "damaged",
	[RENDER_STATUS_TOO_LARGE] = "too-large", [RENDER_STATUS_NO_PAGES] = "no-pages",
	[RENDER_STATUS_LIMIT] = "limit",
};

typedef struct {
	const char *directory; /* NULL: no PNG */
	bool text;
	DrawLimits limits;
	const char *name; /* of the file in work */
	unsigned page;
	uint64_t runs, chars, vertical;
	double spent_ms; /* on looking at pages, which is no part of drawing */
} Batch;

static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void write_png(const Batch *batch, const DrawnPage *page)
{
	g_autofree char *path = g_strdup_printf("%s/%s-%03u.png", batch->directory, batch->name, batch->page);

	cairo_surface_t *surface = cairo_image_surface_create_for_data(
	        (unsigned char *)page->pixels, CAIRO_FORMAT_RGB24, (int)page->width, (int)page->height,
	        (int)(page->width * sizeof *page->pixels));
	if (cairo_surface_write_to_png(surface, path) != CAIRO_STATUS_SUCCESS)
		g_error("cannot write %s", path);
	cairo_surface_destroy(surface);
}

static bool see_page(void *user, const DrawnPage *page)
{
	Batch *batch = user;
	double start = cpu_ms();

	batch->page++;
	batch->runs += page->n_runs;
	for (size_t i = 0; i < page->n_runs; i++) {
		batch->chars += (uint64_t)g_utf8_strlen(page->runs[i].text, -1);
		batch->vertical += page->runs[i].vertical;
	}
	if (batch->directory != NULL)
		write_png(batch, page);
	if (batch->text && page->text != NULL)
		printf("%s\f", page->text);
	batch->spent_ms += cpu_ms() - start;
	return true;
}

static void print_line(const Batch *batch, int status, const DrawFacts *facts, double ms)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("%-40s %-11s format=%d pages=%u/%" G_GUINT64_FORMAT " failed=%" G_GUINT64_FORMAT
	       " partial=%" G_GUINT64_FORMAT " lower=%" G_GUINT64_FORMAT " ms=%.1f mb=%ld runs=%" G_GUINT64_FORMAT
	       " vertical=%" G_GUINT64_FORMAT " chars=%" G_GUINT64_FORMAT " hidden=%" G_GUINT64_FORMAT
	       " cut=%" G_GUINT64_FORMAT " lost=",
	       batch->name, statuses[status], (int)facts->format, batch->page, facts->pages_found,
	       facts->pages_failed, facts->pages_partial, facts->lower_dpi, ms, usage.ru_maxrss / 1024, batch->runs,
	       batch->vertical, batch->chars, facts->hidden_chars, facts->text_cut);
	for (int i = 0; i < RENDER_LOST_COUNT; i++)
		printf("%s%" G_GUINT64_FORMAT, i > 0 ? "," : "", facts->lost[i]);
	printf("\n");
}

static void draw_file(Batch *batch, const char *path)
{
	g_autofree char *bytes = NULL;
	gsize length;
	DrawnPages drawn;
	DrawFacts facts = { 0 };

	if (!g_file_get_contents(path, &bytes, &length, NULL))
		g_error("cannot read %s", path);
	DrawInput input = { (const uint8_t *)bytes, length };
	DrawSink sink = drawn_pages_sink(&drawn);
	drawn.each = see_page;
	drawn.user = batch;
	double start = cpu_ms();
	int status = DRAW(&input, &batch->limits, &sink, &facts, NULL);
	print_line(batch, status, &facts, cpu_ms() - start - batch->spent_ms);
	drawn_pages_clear(&drawn);
}

static bool draw_apart(Batch *batch, const char *path)
{
	int status;

	batch->name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	fflush(stdout);
	pid_t child = fork();
	g_assert_cmpint(child, >=, 0);
	if (child == 0) {
		setrlimit(RLIMIT_CPU, &(struct rlimit) { CPU_SECONDS, CPU_SECONDS });
		setrlimit(RLIMIT_AS, &(struct rlimit) { MEMORY, MEMORY });
		draw_file(batch, path);
		fflush(stdout);
		_exit(0);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	if (WIFSIGNALED(status))
		printf("%-40s died: signal %d\n", batch->name, WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	Batch batch = { .limits = draw_limits_default() };
	g_autoptr(GError) error = NULL;
	bool all = true;
	int option;

	while ((option = getopt(argc, argv, "o:d:p:tcs")) != -1)
		switch (option) {
		case 'o':
			batch.directory = optarg;
			break;
		case 'd':
			batch.limits.dpi = (unsigned)CLAMP(atoi(optarg), RENDER_DPI_MIN, RENDER_DPI_MAX);
			break;
		case 'p':
			batch.limits.pages = (unsigned)CLAMP(atoi(optarg), 1, RENDER_PAGES_MAX);
			break;
		case 't':
			batch.text = true;
			break;
		case 'c':
			batch.limits.table = RENDER_TABLE_CSV;
			break;
		case 's':
			batch.limits.table = RENDER_TABLE_TSV;
			break;
		default:
			return 64;
		}
	if (!DRAW_WARM_UP(&error))
		g_error("warm-up: %s", error->message);
	for (int i = optind; i < argc; i++)
		all = draw_apart(&batch, argv[i]) && all;
	return all ? 0 : 1;
}
