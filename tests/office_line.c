/* office_line [--pages N] [--text] [--spare N]: Office documents on their whole way, one supervisor for all: mugai-office, then
 * mugai-render. No test: tests/bench --office, tests/office_corpus and tests/office_row talk to it. A command is a line on stdin:
 *
 *   convert FILE [PDF]  the document; with a second name, which a tabulator parts from the first, its image PDF is kept there
 *   spend               takes a child of mugai-office out of the pool and gives it nothing to do
 *   settle              waits until each kind has its spares, and nothing runs
 *
 * and its answer a line of JSON on stdout: of convert, what came of it, and what it took in either jail. Exit code 1: the
 * environment failed, or something died that is trusted. */
#include "clean_text.h"
#include "office.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CPU_MS = 60000, WALL_MS = 120000, WAIT_MS = 60000, MAX_OUTPUT = 30 << 20, MAX_TEXT = 1 << 20 }; /* as mugaid's */
enum { AT_ONCE = 2, SETTLE_MS = 60000, LOOK_US = 5000, ALL_FAMILIES = (1 << OFFICE_FAMILY_COUNT) - 1 };

typedef struct {
	Supervisor *supervisor;
	RenderContext context;
	unsigned spares, pages;
	bool text;
} Line;

static int64_t now_us(void)
{
	return g_get_monotonic_time();
}

/* ---- convert --------------------------------------------------------------------------------- */

static Unread *read_document(const char *path, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, error);
	if (file == NULL)
		return NULL;
	g_autoptr(MemfdWriter) writer = memfd_writer_new("document", g_mapped_file_get_length(file), error);
	if (writer == NULL ||
	    !memfd_writer_append(writer, g_mapped_file_get_contents(file), g_mapped_file_get_length(file), error))
		return NULL;
	g_autoptr(Sealed) sealed = memfd_writer_seal(writer, error);
	return sealed != NULL ? unread_of_sealed(sealed) : NULL;
}

static OfficeResult *convert(const Line *line, const Unread *document, GError **error)
{
	const OfficeOptions options = { .pages = line->pages, .pdf = true, .text = line->text, .max_text = MAX_TEXT,
		                        .families = ALL_FAMILIES };
	return office_convert(&line->context, &options, document, error);
}

static char *clean_run(const char *text, void *user)
{
	(void)user;
	return clean_line(text, strlen(text), 0, NULL);
}

static RenderResult *draw(const Line *line, const OfficeResult *office, GError **error)
{
	const RenderOptions options = { .dpi = RENDER_DPI, .pages = line->pages, .picture = true, .searchable = true,
		                        .max_output = MAX_OUTPUT, .max_text = MAX_TEXT, .clean = clean_run };
	return render_document(&line->context, &options, office->pdf, error);
}

static bool keep(const char *path, const RenderResult *render, GError **error)
{
	return path == NULL || render == NULL || render->pdf == NULL ||
	       g_file_set_contents(path, g_bytes_get_data(render->pdf, NULL), (gssize)g_bytes_get_size(render->pdf), error);
}

static void print_result(const OfficeResult *office, const RenderResult *render, int64_t wall_us)
{
	printf("{\"status\": \"%s\", \"format\": \"%s\", \"wall_ms\": %.3f, \"office\": {\"status\": \"%s\", \"wall_ms\": %u, "
	       "\"cpu_ms\": %u, \"memory\": %" PRIu64 ", \"bytes\": %" PRIu64 "}",
	       render_status_name(render != NULL ? render->status : office->status), render_format_name(office->format),
	       (double)wall_us / 1e3, render_status_name(office->status), office->wall_ms, office->cpu_ms, office->peak_memory,
	       office->pdf != NULL ? unread_length(office->pdf) : 0);
	if (render != NULL)
		printf(", \"render\": {\"status\": \"%s\", \"wall_ms\": %u, \"cpu_ms\": %u, \"pages\": %u, \"found\": %u, "
		       "\"bytes\": %zu}",
		       render_status_name(render->status), render->wall_ms, render->cpu_ms, render->pages, render->pages_found,
		       render->pdf != NULL ? g_bytes_get_size(render->pdf) : 0);
	printf("}\n");
}

static bool on_convert(const Line *line, const char *path, const char *kept, GError **error)
{
	int64_t begin = now_us();
	g_autoptr(Unread) document = read_document(path, error);
	g_autoptr(OfficeResult) office = document != NULL ? convert(line, document, error) : NULL;
	if (office == NULL)
		return false;
	bool made = office->status == RENDER_STATUS_COMPLETE;
	g_autoptr(RenderResult) render = made ? draw(line, office, error) : NULL;
	if (made && render == NULL)
		return false;
	print_result(office, render, now_us() - begin);
	return keep(kept, render, error);
}

/* ---- the pool -------------------------------------------------------------------------------- */

static bool on_spend(const Line *line, GError **error)
{
	const ChildRequest request = { .kind = OFFICE_KIND, .memory = 1 << 30, .data = 1 << 30, .cpu_ms = CPU_MS, .wall_ms = WALL_MS,
		                       .wait_ms = WAIT_MS };
	g_autoptr(Child) child = supervisor_child(line->supervisor, &request, error);
	if (child != NULL)
		printf("{}\n");
	return child != NULL;
}

static bool is_settled(const Line *line, const SupervisorStatus *status)
{
	for (unsigned i = 0; i < status->n_kinds; i++)
		if (status->kinds[i].running > 0 || status->kinds[i].spare < line->spares)
			return false;
	return true;
}

static bool on_settle(const Line *line, GError **error)
{
	SupervisorStatus status;
	int64_t begin = now_us();
	do {
		if (!supervisor_status(line->supervisor, &status, error))
			return false;
		if (is_settled(line, &status)) {
			printf("{\"waited_ms\": %.3f, \"supervisor\": %u, \"render\": %u, \"office\": %u, \"restarts\": %" PRIu64 "}\n",
			       (double)(now_us() - begin) / 1e3, status.pid, status.kinds[0].zygote, status.kinds[1].zygote,
			       status.zygote_restarts);
			return true;
		}
		g_usleep(LOOK_US);
	} while (now_us() - begin < SETTLE_MS * INT64_C(1000));
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "no spares: %u render, %u office", status.kinds[0].spare,
	            status.kinds[1].spare);
	return false;
}

/* ---- commands -------------------------------------------------------------------------------- */

static bool do_command(const Line *line, char *command, GError **error)
{
	if (strcmp(command, "spend") == 0)
		return on_spend(line, error);
	if (strcmp(command, "settle") == 0)
		return on_settle(line, error);
	if (g_str_has_prefix(command, "convert ")) {
		g_auto(GStrv) words = g_strsplit(command + strlen("convert "), "\t", 2);
		return on_convert(line, words[0], words[1], error);
	}
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "no command: %s", command);
	return false;
}

static void take_options(Line *line, int argc, char **argv)
{
	for (int at = 1; at < argc; at++) {
		if (strcmp(argv[at], "--text") == 0)
			line->text = true;
		else if (at + 1 < argc && strcmp(argv[at], "--pages") == 0)
			line->pages = (unsigned)atoi(argv[++at]);
		else if (at + 1 < argc && strcmp(argv[at], "--spare") == 0)
			line->spares = (unsigned)atoi(argv[++at]);
	}
}

static int serve(const Line *line)
{
	g_autofree char *command = NULL;
	size_t size = 0;
	int failed = 0;
	for (ssize_t n = getline(&command, &size, stdin); n > 0; n = getline(&command, &size, stdin)) {
		g_autoptr(GError) error = NULL;
		command[strcspn(command, "\n")] = '\0';
		if (!do_command(line, command, &error)) {
			fprintf(stderr, "office_line: %s\n", error->message);
			printf("{\"status\": \"failed\"}\n");
			failed = 1;
		}
		fflush(stdout);
	}
	return failed;
}

int main(int argc, char **argv)
{
	Line line = { .spares = 1, .pages = RENDER_PAGES_MAX };
	take_options(&line, argc, argv);
	const SupervisorKind kinds[] = {
		{ .name = "render", .executable = BIN_DIR "/mugai-render", .spare = line.spares, .maximum = AT_ONCE + line.spares },
		{ .name = OFFICE_KIND, .executable = BIN_DIR "/mugai-office", .spare = line.spares, .maximum = AT_ONCE + line.spares,
		  .at_once = AT_ONCE },
	};
	const SupervisorOptions options = { .kinds = kinds, .n_kinds = G_N_ELEMENTS(kinds), .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Supervisor) supervisor = supervisor_start(&options, &error);
	if (supervisor == NULL) {
		fprintf(stderr, "office_line: %s\n", error->message);
		return 1;
	}
	line.supervisor = supervisor;
	line.context = (RenderContext) { .supervisor = supervisor, .cpu_ms = CPU_MS, .wall_ms = WALL_MS, .wait_ms = WAIT_MS };
	return serve(&line);
}
