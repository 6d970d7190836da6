/* Office, the trusted half: before a LibreOffice that lies in every way there is. */
#include "office.h"

#include <string.h>

enum { PAGES = 7, MAX_TEXT = 1000 };

static Supervisor *liar;

static RenderContext context_of(void)
{
	return (RenderContext) { .supervisor = liar, .cpu_ms = 60000, .wall_ms = 400000, .wait_ms = 60000 };
}

static OfficeOptions options_of_both(void)
{
	return (OfficeOptions) {
		.pages = PAGES, .pdf = true, .text = true, .max_text = MAX_TEXT, .families = (1U << OFFICE_FAMILY_COUNT) - 1
	};
}

static OfficeResult *convert(const RenderContext *context, const OfficeOptions *options, const char *document, GError **error)
{
	g_autoptr(Unread) input = unread_of_bytes(document, strlen(document), error);
	g_assert_nonnull(input);
	return office_convert(context, options, input, error);
}

/* The order is that of the table in jail/office_liar.c. */
static const struct {
	const char *name;
	RenderStatus status;
	uint32_t cpu_ms;  /* 0: enough */
	bool environment; /* no result: nobody can say that the document did this */
} lies[] = {
	{ .name = "honest" },
	{ .name = "outside the arena", .status = RENDER_STATUS_CRASH },
	{ .name = "range that wraps", .status = RENDER_STATUS_CRASH },
	{ .name = "PDF of nothing", .status = RENDER_STATUS_CRASH },
	{ .name = "part of another number", .status = RENDER_STATUS_CRASH },
	{ .name = "part inside", .status = RENDER_STATUS_CRASH },
	{ .name = "two PDFs", .status = RENDER_STATUS_CRASH },
	{ .name = "no PDF", .status = RENDER_STATUS_CRASH },
	{ .name = "unknown text", .status = RENDER_STATUS_CRASH },
	{ .name = "text past the cap", .status = RENDER_STATUS_CRASH },
	{ .name = "text with control", .status = RENDER_STATUS_CRASH },
	{ .name = "unknown counter", .status = RENDER_STATUS_CRASH },
	{ .name = "counter between", .status = RENDER_STATUS_CRASH },
	{ .name = "counter past all", .status = RENDER_STATUS_CRASH },
	{ .name = "counter too large", .status = RENDER_STATUS_CRASH },
	{ .name = "format twice", .status = RENDER_STATUS_CRASH },
	{ .name = "format of picture", .status = RENDER_STATUS_CRASH },
	{ .name = "format past all", .status = RENDER_STATUS_CRASH },
	{ .name = "no format", .status = RENDER_STATUS_CRASH },
	{ .name = "picture unasked", .status = RENDER_STATUS_CRASH },
	{ .name = "end of the trusted side", .status = RENDER_STATUS_CRASH },
	{ .name = "end past all", .status = RENDER_STATUS_CRASH },
	{ .name = "encrypted with PDF", .status = RENDER_STATUS_ENCRYPTED },
	{ .name = "unavailable", .status = RENDER_STATUS_UNAVAILABLE },
	{ .name = "record after the end", .status = RENDER_STATUS_CRASH },
	{ .name = "dies midway", .status = RENDER_STATUS_CRASH },
	{ .name = "leaves midway", .status = RENDER_STATUS_CRASH },
	{ .name = "spins", .status = RENDER_STATUS_TIME, .cpu_ms = 1000 },
	{ .name = "eats memory", .status = RENDER_STATUS_MEMORY },
	{ .name = "waits", .environment = true },
};

static void test_lie(gconstpointer data)
{
	unsigned i = GPOINTER_TO_UINT(data);
	RenderContext context = context_of();
	const OfficeOptions options = options_of_both();
	context.cpu_ms = lies[i].cpu_ms != 0 ? lies[i].cpu_ms : context.cpu_ms;
	context.wall_ms = lies[i].environment ? 500 : context.wall_ms;
	g_autofree char *document = g_strdup_printf("LIE %u", i);
	g_autoptr(GError) error = NULL;
	g_autoptr(OfficeResult) result = convert(&context, &options, document, &error);
	if (lies[i].environment) {
		g_assert_null(result);
		g_assert_nonnull(error);
		g_assert_false(cell_error_blames_content(error));
		return;
	}
	g_assert_no_error(error);
	g_assert_cmpint(result->status, ==, lies[i].status);
	bool complete = result->status == RENDER_STATUS_COMPLETE;
	g_assert_cmpint(result->pdf != NULL, ==, complete);
	g_assert_cmpint(result->text != NULL, ==, complete);
}

static void test_honest(void)
{
	const RenderContext context = context_of();
	const OfficeOptions options = options_of_both();
	g_autoptr(GError) error = NULL;
	g_autoptr(OfficeResult) result = convert(&context, &options, "LIE 0", &error);
	g_assert_no_error(error);
	g_assert_cmpint(result->format, ==, RENDER_FORMAT_DOCX);
	g_assert_cmpstr(result->text, ==, "shown\n");
	g_assert_cmpuint(unread_length(result->pdf), ==, strlen("%PDF-1.4\n% unread"));
	for (unsigned i = 0; i < RENDER_HIDDEN_COUNT; i++)
		g_assert_cmpuint(result->hidden[i], ==, i == RENDER_HIDDEN_ROWS ? 3 : 0);
	for (unsigned i = 0; i < RENDER_BESIDE_COUNT; i++)
		g_assert_cmpuint(result->beside[i], ==, i == RENDER_BESIDE_NOTES ? 2 : 0);
	for (unsigned i = 0; i < RENDER_LOST_COUNT; i++)
		g_assert_cmpuint(result->lost[i], ==, i == RENDER_LOST_MACROS ? 1 : 0);
	g_assert_cmpuint(result->missing_glyphs, ==, 4);
	g_assert_cmpuint(result->text_cut, ==, UINT32_MAX);
	g_assert_cmpuint(result->peak_memory, >, 0);
}

/* What was asked for comes to the jail, and what was not asked for may not come out of it. */
static void test_options(void)
{
	const RenderContext context = context_of();
	OfficeOptions options = { .pages = PAGES, .text = true, .max_text = MAX_TEXT, .families = 1U << OFFICE_FAMILY_CALC };
	options.beside[RENDER_BESIDE_COMMENTS] = true;
	g_autoptr(GError) error = NULL;
	g_autoptr(OfficeResult) text = convert(&context, &options, "ECHO", &error);
	g_assert_no_error(error);
	/* 1 << 1: text; 1 << 9: comments */
	g_assert_cmpstr(text->text, ==, "514 7 1000 2 arena 0");
	g_assert_null(text->pdf);
	options.text = false;
	options.pdf = true;
	g_autoptr(OfficeResult) pdf = convert(&context, &options, "LIE 0", &error);
	g_assert_no_error(error);
	g_assert_cmpint(pdf->status, ==, RENDER_STATUS_CRASH);
}

static void test_late(void)
{
	RenderContext context = context_of();
	const OfficeOptions options = options_of_both();
	g_autoptr(GError) error = NULL;
	context.wall_ms = 0;
	g_autoptr(OfficeResult) result = convert(&context, &options, "LIE 0", &error);
	g_assert_cmpint(result->status, ==, RENDER_STATUS_DEADLINE);
}

/* The liar lets the macro of the table run, and cannot read the slides. */
static void test_self_test(void)
{
	const RenderContext context = context_of();
	OfficeTest tests[OFFICE_FAMILY_COUNT];
	office_self_test(&context, tests);
	g_assert_true(tests[OFFICE_FAMILY_WRITER].works);
	g_assert_cmpstr(tests[OFFICE_FAMILY_WRITER].why, ==, "");
	g_assert_false(tests[OFFICE_FAMILY_CALC].works);
	g_assert_cmpstr(tests[OFFICE_FAMILY_CALC].why, ==, "its macro ran");
	g_assert_false(tests[OFFICE_FAMILY_IMPRESS].works);
	g_assert_cmpstr(tests[OFFICE_FAMILY_IMPRESS].why, ==, "damaged");
	for (unsigned i = 0; i < OFFICE_FAMILY_COUNT; i++)
		g_assert_false(tests[i].unknown);
}

static bool says_no(void *user)
{
	(void)user;
	return false;
}

/* No child can be had: nobody knows, then. */
static void test_self_test_without_child(void)
{
	RenderContext context = context_of();
	OfficeTest tests[OFFICE_FAMILY_COUNT];
	context.progress = says_no;
	context.cpu_ms = 1000;
	const SupervisorKind kind = { .name = "other", .executable = LIAR_PATH, .spare = 1, .maximum = 1 };
	const SupervisorOptions none = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	context.supervisor = supervisor_start(&none, &error);
	g_assert_no_error(error);
	office_self_test(&context, tests);
	for (unsigned i = 0; i < OFFICE_FAMILY_COUNT; i++) {
		g_assert_false(tests[i].works);
		g_assert_true(tests[i].unknown);
		g_assert_cmpstr(tests[i].why, !=, "");
	}
	supervisor_stop(context.supervisor);
}

/* However many ask: two have a document, and the third waits for one of them. */
static void *spin(void *data)
{
	const OfficeOptions options = options_of_both();
	RenderContext context = context_of();
	context.cpu_ms = 1000;
	g_autoptr(GError) error = NULL;
	g_autoptr(OfficeResult) result = convert(&context, &options, "LIE 27", &error);
	g_assert_cmpint(result->status, ==, RENDER_STATUS_TIME);
	return data;
}

static void test_two_at_once(void)
{
	GThread *threads[4];
	SupervisorStatus now;
	uint32_t most = 0;
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("spin", spin, NULL);
	for (unsigned looks = 0; looks < 100; looks++) {
		g_usleep(20 * 1000);
		g_assert_true(supervisor_status(liar, &now, NULL));
		most = MAX(most, now.kinds[0].running);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	g_assert_cmpuint(most, ==, 2);
}

static void test_names(void)
{
	for (unsigned i = 0; i < OFFICE_FAMILY_COUNT; i++)
		g_assert_cmpstr(office_family_name((OfficeFamily)i), !=, NULL);
	for (unsigned i = 0; i < RENDER_FORMAT_COUNT; i++)
		g_assert_cmpint(office_family_of((RenderFormat)i) != OFFICE_FAMILY_COUNT, ==, i >= RENDER_FORMAT_DOC);
	for (unsigned i = 0; i < RENDER_HIDDEN_COUNT; i++)
		g_assert_cmpstr(render_hidden_name((RenderHidden)i), !=, NULL);
	for (unsigned i = 0; i < RENDER_BESIDE_COUNT; i++)
		g_assert_cmpstr(render_beside_name((RenderBeside)i), !=, NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	const SupervisorKind kind = {
		.name = OFFICE_KIND, .executable = LIAR_PATH, .spare = 2, .maximum = 4, .at_once = 2
	};
	const SupervisorOptions options = {
		.kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1, .memory_budget = UINT64_C(16) << 30
	};
	g_autoptr(GError) error = NULL;
	liar = supervisor_start(&options, &error);
	g_assert_no_error(error);
	for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
		g_autofree char *path = g_strconcat("/office/lie/", lies[i].name, NULL);
		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_lie);
	}
	g_test_add_func("/office/honest", test_honest);
	g_test_add_func("/office/options", test_options);
	g_test_add_func("/office/late", test_late);
	g_test_add_func("/office/self-test", test_self_test);
	g_test_add_func("/office/self-test-without-child", test_self_test_without_child);
	g_test_add_func("/office/two-at-once", test_two_at_once);
	g_test_add_func("/office/names", test_names);
	int failed = g_test_run();
	supervisor_stop(liar);
	return failed;
}
