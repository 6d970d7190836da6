/* bench_render SECONDS PAGES RENDERER DIRECTORY FILE...: documents through the jail (render_document) and through the same code in this process
 * (draw_document, image_pdf), by turns, each at least SECONDS long; once all of them, once those of one page. One object of
 * JSON on stdout; the image PDFs in DIRECTORY, named 0.pdf and so on as the list "sizes" has them.
 *
 * CPU times are of everything that works for them: this process, the supervisor, the zygote, the children. */
#include "render.h"
#include "render_direct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_OUTPUT = 1 << 30, FLATE_LEVEL = 6 };

typedef struct {
	char *name;
	char *bytes;
	gsize length;
	Unread *unread;
	GBytes *pdf; /* what comes of it without a jail */
	unsigned pages;
	uint64_t flate_bytes; /* its pages as RGB and Flate */
} Document;

typedef struct {
	double cpu_ms, wall_ms;
	unsigned rounds;
} Cost;

static unsigned page_limit;
static Supervisor *supervisor;
static uint64_t flate_bytes;

static double milliseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- CPU of the jails ------------------------------------------------------------------------------------------ */

/* Of a process and of all its children that are gone. */
static double process_ms(unsigned pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%u/stat", pid);
	g_autofree char *text = NULL;
	unsigned long used[4] = { 0 };
	if (pid == 0 || !g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	const char *after = strrchr(text, ')');
	if (after == NULL || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu", &used[0],
	                            &used[1], &used[2], &used[3]) != 4)
		g_error("cannot read %s", path);
	return (double)(used[0] + used[1] + used[2] + used[3]) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

static double all_cpu_ms(void)
{
	SupervisorStatus status;
	g_autoptr(GError) error = NULL;
	if (!supervisor_status(supervisor, &status, &error))
		g_error("%s", error->message);
	return milliseconds(CLOCK_PROCESS_CPUTIME_ID) + process_ms(status.pid) + process_ms(status.kinds[0].zygote);
}

/* ---- the two ways ------------------------------------------------------------------------------------------------ */

static GBytes *draw_directly(const Document *document, DirectPageFunc see)
{
	const DirectOptions options = { .dpi = RENDER_DPI, .pages = page_limit, .max_output = MAX_OUTPUT, .see = see };
	const DrawInput input = { (const uint8_t *)document->bytes, document->length };
	DrawFacts facts = { 0 };
	int status;
	return render_directly(&input, &options, &status, &facts);
}

static GBytes *draw_jailed(const Document *document, unsigned *ret_pages)
{
	const RenderContext context = { .supervisor = supervisor, .cpu_ms = 60000, .wall_ms = 120000, .wait_ms = 10000 };
	const RenderOptions options = { .dpi = RENDER_DPI, .pages = page_limit, .picture = true, .searchable = true,
		                        .max_output = MAX_OUTPUT };
	g_autoptr(GError) error = NULL;
	g_autoptr(RenderResult) result = render_document(&context, &options, document->unread, &error);
	if (result == NULL)
		g_error("%s: %s", document->name, error->message);
	*ret_pages = result->pages;
	return result->pdf != NULL ? g_bytes_ref(result->pdf) : NULL;
}

static void pass_directly(const GPtrArray *documents)
{
	for (guint i = 0; i < documents->len; i++)
		g_bytes_unref(draw_directly(g_ptr_array_index(documents, i), NULL));
}

static void pass_jailed(const GPtrArray *documents)
{
	unsigned pages;
	for (guint i = 0; i < documents->len; i++)
		g_bytes_unref(draw_jailed(g_ptr_array_index(documents, i), &pages));
}

static void measure(Cost *cost, void (*pass)(const GPtrArray *), const GPtrArray *documents)
{
	double cpu = all_cpu_ms(), wall = milliseconds(CLOCK_MONOTONIC);
	pass(documents);
	cost->wall_ms += milliseconds(CLOCK_MONOTONIC) - wall;
	cost->cpu_ms += all_cpu_ms() - cpu;
	cost->rounds++;
}

static void print_cost(const char *name, const Cost *cost, const char *end)
{
	printf("\"%s\": {\"cpu_ms\": %.3f, \"wall_ms\": %.3f, \"rounds\": %u}%s", name, cost->cpu_ms / MAX(cost->rounds, 1),
	       cost->wall_ms / MAX(cost->rounds, 1), cost->rounds, end);
}

static void compare(const char *name, const GPtrArray *documents, double seconds)
{
	Cost direct = { 0 }, jailed = { 0 };
	while (documents->len > 0 && (MIN(direct.wall_ms, jailed.wall_ms) < seconds * 1e3 || direct.rounds < 3)) {
		measure(&direct, pass_directly, documents);
		measure(&jailed, pass_jailed, documents);
	}
	printf("\"%s\": {\"documents\": %u, ", name, documents->len);
	print_cost("direct", &direct, ", ");
	print_cost("jailed", &jailed, "}, ");
}

/* ---- the set ----------------------------------------------------------------------------------------------------- */

/* What a page takes as RGB and Flate without a predictor. */
static void add_flate(const uint32_t *pixels, const DrawPage *page, void *user)
{
	size_t n = (size_t)page->width * page->height;
	g_autofree uint8_t *rgb = g_malloc(n * 3);
	uLongf size = compressBound(n * 3);
	g_autofree uint8_t *out = g_malloc(size);
	(void)user;
	for (size_t i = 0; i < n; i++)
		for (unsigned channel = 0; channel < 3; channel++)
			rgb[3 * i + channel] = (uint8_t)(pixels[i] >> (16 - 8 * channel));
	if (compress2(out, &size, rgb, n * 3, FLATE_LEVEL) != Z_OK)
		g_error("deflate");
	flate_bytes += size;
}

static Unread *unread_of(const Document *document)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MemfdWriter) writer = memfd_writer_new("document", document->length, &error);
	if (writer == NULL || !memfd_writer_append(writer, document->bytes, document->length, &error))
		g_error("%s", error->message);
	g_autoptr(Sealed) sealed = memfd_writer_seal(writer, &error);
	return unread_of_sealed(sealed);
}

/* NULL: none that can be drawn. ret_differs: the jail draws another one. */
static Document *open_document(const char *name, bool *ret_differs)
{
	Document *document = g_new0(Document, 1);
	document->name = g_strdup(name);
	if (!g_file_get_contents(name, &document->bytes, &document->length, NULL))
		g_error("cannot read %s", name);
	document->unread = unread_of(document);
	uint64_t before = flate_bytes;
	document->pdf = draw_directly(document, add_flate);
	document->flate_bytes = flate_bytes - before;
	g_autoptr(GBytes) jailed = draw_jailed(document, &document->pages);
	*ret_differs = document->pdf == NULL || jailed == NULL ? document->pdf != jailed
	                                                       : !g_bytes_equal(document->pdf, jailed);
	return document;
}

static void keep(const Document *document, const char *directory, guint i)
{
	g_autofree char *name = g_strdup_printf("%s/%u.pdf", directory, i);
	g_autoptr(GError) error = NULL;
	gsize length;
	const char *bytes = g_bytes_get_data(document->pdf, &length);
	if (!g_file_set_contents(name, bytes, (gssize)length, &error))
		g_error("%s", error->message);
}

static void print_sizes(const GPtrArray *documents, const char *directory)
{
	printf("\"sizes\": [");
	for (guint i = 0; i < documents->len; i++) {
		const Document *document = g_ptr_array_index(documents, i);
		keep(document, directory, i);
		printf("%s{\"pages\": %u, \"source\": %zu, \"flate\": %" G_GUINT64_FORMAT "}", i == 0 ? "" : ", ",
		       document->pages, (size_t)document->length, document->flate_bytes);
	}
	printf("], ");
}

static bool start(const char *renderer)
{
	const SupervisorKind kind = { .name = "render", .executable = renderer, .spare = 1, .maximum = 4 };
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	supervisor = supervisor_start(&options, &error);
	bool good = supervisor != NULL && draw_pdf_warm_up(&error);
	if (!good)
		fprintf(stderr, "bench_render: %s\n", error->message);
	return good;
}

int main(int argc, char **argv)
{
	if (argc < 6 || !start(argv[3]))
		return 69;
	page_limit = (unsigned)atoi(argv[2]);
	g_autoptr(GPtrArray) all = g_ptr_array_new(), single = g_ptr_array_new();
	unsigned differ = 0, refused = 0;
	for (int i = 5; i < argc; i++) {
		bool differs;
		Document *document = open_document(argv[i], &differs);
		if (differs)
			fprintf(stderr, "differs in the jail: %s\n", argv[i]);
		differ += differs;
		if (document->pdf == NULL || document->pages == 0) {
			refused++;
			continue;
		}
		g_ptr_array_add(all, document);
		if (document->pages == 1)
			g_ptr_array_add(single, document);
	}
	printf("{\"refused\": %u, \"differ\": %u, ", refused, differ);
	print_sizes(all, argv[4]);
	compare("all", all, atof(argv[1]));
	compare("single", single, atof(argv[1]));
	printf("\"dpi\": %d}\n", RENDER_DPI);
	supervisor_stop(supervisor);
	return 0;
}
