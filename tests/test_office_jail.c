/* mugai-office in its jail, as it waits for a document: that it starts at all, also under the systemd unit (check_unit), and that nothing in its memory
 * can be both written and run. Option: --program PATH. Where LibreOffice is not installed there is nothing to look at. */
#include "office_priv.h"

#include <string.h>
#include <unistd.h>

static const char *program = BIN_DIR "/mugai-office";

static Supervisor *start(void)
{
	const SupervisorKind kind = { .name = OFFICE_KIND, .executable = program, .spare = 1, .maximum = 2 };
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1, .once = true };
	g_autoptr(GError) error = NULL;
	Supervisor *supervisor = supervisor_start(&options, &error);
	g_assert_no_error(error);
	return supervisor;
}

static Child *open_child(Supervisor *supervisor)
{
	const ChildRequest request = { .kind = OFFICE_KIND,
		                       .memory = UINT64_C(4) << 30,
		                       .memfds = 1 << 20,
		                       .cpu_ms = 60000,
		                       .wall_ms = 120000,
		                       .wait_ms = 60000 };
	g_autoptr(GError) error = NULL;
	Child *child = supervisor_child(supervisor, &request, &error);
	if (child != NULL)
		return child;
	if (access("/usr/lib/libreoffice/program/libmergedlo.so", R_OK) == 0)
		g_error("LibreOffice is there: %s", error->message);
	g_test_skip(error->message);
	return NULL;
}

/* What its jail has come to, as the kernel says; it is whole when the filter is on. */
static bool is_locked(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", pid);
	g_autofree char *text = NULL;
	return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, "\nSeccomp:\t2\n") != NULL;
}

static void await_lock(pid_t pid)
{
	gint64 until = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;
	while (!is_locked(pid) && g_get_monotonic_time() < until)
		g_usleep(10000);
	g_assert_true(is_locked(pid));
}

static void test_memory(void)
{
	g_autoptr(Supervisor) supervisor = start();
	g_autoptr(Child) child = open_child(supervisor);
	unsigned code = 0, both = 0;
	if (child == NULL)
		return;
	if (geteuid() != 0) {
		g_test_skip("only root may look into it");
		return;
	}
	await_lock(child_pid(child));
	g_autofree char *path = g_strdup_printf("/proc/%d/maps", child_pid(child));
	g_autofree char *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (unsigned i = 0; lines[i] != NULL; i++) {
		const char *rights = strchr(lines[i], ' ');
		code += rights != NULL && rights[3] == 'x' ? 1 : 0;
		both += rights != NULL && rights[3] == 'x' && rights[2] == 'w' ? 1 : 0;
	}
	g_test_message("%u mappings with code, %u of them writable", code, both);
	g_assert_cmpuint(code, >, 3);
	g_assert_cmpuint(both, ==, 0);
}

/* What is no Office document ends as that. */
static void test_answer(void)
{
	g_autoptr(Supervisor) supervisor = start();
	g_autoptr(Child) child = open_child(supervisor);
	g_autoptr(GError) error = NULL;
	if (child == NULL)
		return;
	g_autoptr(Arena) source = arena_new("test", 4096, &error);
	g_autoptr(Arena) arena = arena_new("test", 4096, &error);
	g_assert_true(arena_seal(source, &error));
	g_autoptr(Unread) document = unread_new(source, 0, 4096, &error);
	const ChildJob job = { .request = OFFICE_REQUEST_CONVERT,
		               .number = { [OFFICE_NUMBER_WANTED] = OFFICE_WANT_PDF, [OFFICE_NUMBER_PAGES] = 1 },
		               .input = { document },
		               .arena = arena,
		               .caps = { .types = 1U << PLAIN_COUNTER, .max_records = 100 } };
	g_assert_true(child_start(child, &job, &error));
	g_autoptr(PlainRecord) end = child_next(child, &error);
	g_assert_no_error(error);
	g_assert_cmpint(end->type, ==, PLAIN_END);
	g_assert_cmpint(end->end.status, ==, RENDER_STATUS_UNSUPPORTED);
	g_assert_true(child_finish(child, NULL, &error));
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "--program") == 0) {
		program = argv[2];
		argv[2] = argv[0];
		argv += 2;
		argc -= 2;
	}
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/office-jail/memory", test_memory);
	g_test_add_func("/office-jail/answer", test_answer);
	return g_test_run();
}
