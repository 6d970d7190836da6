/* render_batch [--out DIRECTORY] [--dpi N] [--pages N] [--text] FILE...: each file through the jailed renderer, one line for each:
 * status, format, pages made, pages found, milliseconds of CPU in the jail and of the clock, bytes in and out, name. With a
 * directory the image PDFs are kept there. Exit code 1: the environment failed, or something died that is trusted. */
#include "render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	RenderContext context;
	RenderOptions options;
	const char *out;
} Batch;

static Unread *read_document(const char *path, GError **error)
{
	g_autofree char *bytes = NULL;
	gsize length;
	if (!g_file_get_contents(path, &bytes, &length, error))
		return NULL;
	g_autoptr(MemfdWriter) writer = memfd_writer_new("document", length, error);
	if (writer == NULL || !memfd_writer_append(writer, bytes, length, error))
		return NULL;
	g_autoptr(Sealed) sealed = memfd_writer_seal(writer, error);
	return sealed != NULL ? unread_of_sealed(sealed) : NULL;
}

static bool keep(const Batch *batch, const char *path, const RenderResult *result, GError **error)
{
	if (batch->out == NULL || result->pdf == NULL)
		return true;
	g_autofree char *base = g_path_get_basename(path);
	g_autofree char *kept = g_strdup_printf("%s/%s.pdf", batch->out, base);
	return g_file_set_contents(kept, g_bytes_get_data(result->pdf, NULL),
	                           (gssize)g_bytes_get_size(result->pdf), error);
}

static bool render_one(const Batch *batch, const char *path, GError **error)
{
	g_autoptr(Unread) document = read_document(path, error);
	if (document == NULL)
		return false;
	g_autoptr(RenderResult) result = render_document(&batch->context, &batch->options, document, error);
	if (result == NULL)
		return false;
	printf("%-12s %-8s %4u %4u %6u ms %6u ms %9" G_GUINT64_FORMAT " %9zu %s\n", render_status_name(result->status),
	       render_format_name(result->format), result->pages, result->pages_found, result->cpu_ms, result->wall_ms,
	       unread_length(document), result->pdf != NULL ? g_bytes_get_size(result->pdf) : 0, path);
	if (result->text != NULL)
		printf("%s", result->text);
	return keep(batch, path, result, error);
}

/* Returns how many words were options. */
static int take_options(Batch *batch, int argc, char **argv)
{
	int at = 1;
	for (; at < argc && g_str_has_prefix(argv[at], "--"); at++) {
		if (strcmp(argv[at], "--text") == 0)
			batch->options.text = true;
		else if (at + 1 < argc && strcmp(argv[at], "--out") == 0)
			batch->out = argv[++at];
		else if (at + 1 < argc && strcmp(argv[at], "--dpi") == 0)
			batch->options.dpi = (unsigned)atoi(argv[++at]);
		else if (at + 1 < argc && strcmp(argv[at], "--pages") == 0)
			batch->options.pages = (unsigned)atoi(argv[++at]);
	}
	return at;
}

int main(int argc, char **argv)
{
	const SupervisorKind kind = { .name = "render", .executable = BIN_DIR "/mugai-render", .spare = 1, .maximum = 4 };
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Supervisor) supervisor = supervisor_start(&options, &error);
	if (supervisor == NULL) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	Batch batch = { .context = { .supervisor = supervisor, .cpu_ms = 60000, .wall_ms = 120000, .wait_ms = 10000 },
		        .options = { .dpi = RENDER_DPI, .pages = RENDER_PAGES_MAX, .picture = true, .searchable = true,
		                     .max_output = 30 << 20, .max_text = 1 << 20 } };
	int failed = 0;
	for (int i = take_options(&batch, argc, argv); i < argc; i++) {
		if (!render_one(&batch, argv[i], &error)) {
			printf("FAILED %s: %s\n", argv[i], error->message);
			g_clear_error(&error);
			failed = 1;
		}
		fflush(stdout);
	}
	return failed;
}
