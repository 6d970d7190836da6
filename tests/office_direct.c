/* office_direct - one Office document through LibreOffice as mugai-office does it, without a jail: for looking at what it makes.
 *
 *   office_direct [--notes] [--comments] [--changes] [--pages N] [--no-text] [--no-pdf] [--measure] FILE OUT
 *   office_direct --home DIRECTORY       only makes the home of one LibreOffice there
 *
 * Writes OUT.pdf and OUT.txt, and says on standard output what it came to, one "name value" a line. Never for a document that is not
 * one's own: a macro that gets past the lock runs here with all rights of whoever calls this. */
#include "office_document_priv.h"
#include "office_fonts_priv.h"
#include "office_home_priv.h"
#include "office_kit_priv.h"
#include "worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

static gboolean notes, comments, changes, no_text, no_pdf, measured;
static int pages = RENDER_PAGES_MAX + 1;
static char *home_only;

static const GOptionEntry option_entries[] = {
	{ "notes", 0, 0, G_OPTION_ARG_NONE, &notes, NULL, NULL },
	{ "comments", 0, 0, G_OPTION_ARG_NONE, &comments, NULL, NULL },
	{ "changes", 0, 0, G_OPTION_ARG_NONE, &changes, NULL, NULL },
	{ "no-text", 0, 0, G_OPTION_ARG_NONE, &no_text, NULL, NULL },
	{ "no-pdf", 0, 0, G_OPTION_ARG_NONE, &no_pdf, NULL, NULL },
	{ "measure", 0, 0, G_OPTION_ARG_NONE, &measured, NULL, NULL },
	{ "pages", 0, 0, G_OPTION_ARG_INT, &pages, NULL, NULL },
	{ "home", 0, 0, G_OPTION_ARG_FILENAME, &home_only, NULL, NULL },
	{ 0 },
};

static void fail(const GError *error)
{
	fprintf(stderr, "office_direct: %s\n", error->message);
	exit(EX_UNAVAILABLE);
}

/* Wall and CPU time since the last call, and the most memory so far. */
static void lap(const char *what)
{
	static double wall_before, cpu_before;
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double wall = (double)g_get_monotonic_time() / 1000;
	double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
	if (measured)
		printf("%s_wall_ms %.0f\n%s_cpu_ms %.0f\n%s_rss_mb %ld\n", what, wall - wall_before, what,
		       cpu - cpu_before, what, usage.ru_maxrss / 1024);
	wall_before = wall;
	cpu_before = cpu;
}

static void print_counted(const char *kind, const char *(*name)(unsigned), const uint32_t *counted,
                          unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (counted[i] > 0)
			printf("%s %s %u\n", kind, name(i), counted[i]);
}

static const char *number_name(unsigned i)
{
	static char name[16];
	g_snprintf(name, sizeof name, "%u", i);
	return name;
}

static void print(const OfficeConverted *converted, RenderStatus status)
{
	const OfficeText *text = &converted->text;
	printf("status %d\nmissing-glyphs %u\ntext-cut %" PRIu64 "\n", status, converted->missing_glyphs,
	       text->text_cut);
	print_counted("lost", number_name, text->lost, RENDER_LOST_COUNT);
	print_counted("hidden", number_name, text->hidden, RENDER_HIDDEN_COUNT);
	print_counted("beside", number_name, text->beside, RENDER_BESIDE_COUNT);
}

static void write_file(const char *base, const char *end, const char *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_strconcat(base, end, NULL);
	if (!g_file_set_contents(path, bytes, (gssize)length, &error))
		fail(error);
}

static void make_home_only(void)
{
	g_autoptr(GError) error = NULL;
	if (!office_home_make(home_only, &error))
		fail(error);
}

/* Its files are removed by a process that was started before there were threads. */
static void remove_later(const char *home)
{
	int ends[2];
	if (pipe(ends) != 0 || fork() != 0) {
		close(ends[0]);
		return;
	}
	close(ends[1]);
	(void)setsid(); /* whoever ends a hanging LibreOffice must not end this one */
	char nothing;
	while (read(ends[0], &nothing, 1) > 0)
		;
	execl("/bin/rm", "rm", "-rf", "--", home, (char *)NULL);
	_exit(EX_OSERR);
}

static void convert(const char *path, const char *out)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &error);
	g_autofree char *home = g_strdup("/tmp/office-direct-XXXXXX");
	lap("start");
	if (file == NULL || !office_fonts_warm_up(&error) || !office_kit_preload(&error))
		fail(error);
	lap("warm");
	if (g_mkdtemp(home) == NULL)
		exit(EX_CANTCREAT);
	remove_later(home);
	if (!office_document_settle(home, &error))
		fail(error);
	lap("settle");
	OfficeFacts facts = { 0 };
	const uint8_t *bytes = (const uint8_t *)g_mapped_file_get_contents(file);
	OfficeFormat format = office_format(bytes, g_mapped_file_get_length(file), &facts);
	const OfficeDocument document = {
		.bytes = bytes,
		.length = g_mapped_file_get_length(file),
		.kind = office_kind(format),
		.pdf = !no_pdf,
		.text = !no_text,
		.pages = (unsigned)pages,
		.max_text = 5000000,
		.beside = { [RENDER_BESIDE_NOTES] = notes,
		            [RENDER_BESIDE_COMMENTS] = comments,
		            [RENDER_BESIDE_CHANGES] = changes },
	};
	OfficeConverted converted = { 0 };
	RenderStatus status = facts.encrypted                   ? RENDER_STATUS_ENCRYPTED
	                      : format == OFFICE_FORMAT_PACKAGE ? RENDER_STATUS_DAMAGED
	                                                        : RENDER_STATUS_UNSUPPORTED;
	if (!facts.encrypted && document.kind->filter != NULL &&
	    !office_document_convert(&document, &converted, &status, &error))
		fail(error);
	lap("job");
	print(&converted, status);
	if (converted.pdf != NULL)
		write_file(out, ".pdf", g_mapped_file_get_contents(converted.pdf),
		           g_mapped_file_get_length(converted.pdf));
	if (converted.text.text != NULL)
		write_file(out, ".txt", converted.text.text, converted.text.bytes);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GOptionContext) context = g_option_context_new("FILE OUT");
	g_option_context_add_main_entries(context, option_entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		fail(error);
	if (home_only != NULL)
		make_home_only();
	else if (argc == 3)
		convert(argv[1], argv[2]);
	else
		return EX_USAGE;
	fflush(stdout);
	_exit(EX_OK); /* LibreOffice's threads do not like to be ended in order */
}
