/* office_batch - Office documents through mugai-office in its jail, one line each: status, format, milliseconds, memory, what was counted.
 * No test: for looking, and for corpora. The PDF is written as it comes out of the jail: never open one that is of a stranger's document.
 *
 *   office_batch [--out DIRECTORY] [--pages N] [--no-pdf] [--no-text] [--notes] [--comments] [--changes] FILE...
 */
#include "memfd_priv.h"
#include "office_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CPU_MS = 60000, WALL_MS = 120000, WAIT_MS = 60000, TEXT_MAX = 5000000, RECORDS_MAX = 10000 };
static const uint64_t document_max = UINT64_C(200) << 20;
static const uint64_t pdf_max = UINT64_C(256) << 20;
static const uint64_t address_space = UINT64_C(4) << 30;

typedef struct {
	Supervisor *supervisor;
	const char *out;
	uint64_t pages;
	uint64_t wanted;
} Batch;

typedef struct {
	uint64_t counter[OFFICE_COUNTER_IDS];
	uint64_t pdf_offset, pdf_length;
	GString *text;
	unsigned status;
	ChildUsage usage;
} Answer;

static const char *status_text(unsigned status)
{
	static const char *const names[RENDER_STATUS_COUNT] = {
		[RENDER_STATUS_COMPLETE] = "complete",       [RENDER_STATUS_UNSUPPORTED] = "unsupported",
		[RENDER_STATUS_ENCRYPTED] = "encrypted",     [RENDER_STATUS_DAMAGED] = "damaged",
		[RENDER_STATUS_NO_PAGES] = "no-pages",       [RENDER_STATUS_LIMIT] = "limit",
		[RENDER_STATUS_UNAVAILABLE] = "unavailable",
	};
	return status < RENDER_STATUS_COUNT && names[status] != NULL ? names[status] : "?";
}

static Sealed *read_file(const char *path, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, error);
	if (file == NULL)
		return NULL;
	MemfdWriter *writer = memfd_writer_new("document", document_max, error);
	Sealed *sealed = NULL;
	if (writer != NULL && memfd_writer_append(writer, g_mapped_file_get_contents(file),
	                                          g_mapped_file_get_length(file), error))
		sealed = memfd_writer_seal(writer, error);
	memfd_writer_free(writer);
	return sealed;
}

static bool take_record(Answer *answer, const PlainRecord *record)
{
	switch (record->type) {
	case PLAIN_COUNTER:
		if (record->counter.id < OFFICE_COUNTER_IDS)
			answer->counter[record->counter.id] = record->counter.value;
		return true;
	case PLAIN_PART:
		answer->pdf_offset = record->part.offset;
		answer->pdf_length = record->part.length;
		return true;
	case PLAIN_TEXT:
		g_string_append_len(answer->text, record->text.text, (gssize)record->text.bytes);
		return true;
	default:
		answer->status = record->end.status;
		return false;
	}
}

static bool read_answer(Child *child, Answer *answer, GError **error)
{
	bool more = true;
	while (more) {
		g_autoptr(PlainRecord) record = child_next(child, error);
		if (record == NULL)
			return false;
		more = take_record(answer, record);
	}
	return child_finish(child, &answer->usage, error);
}

static void write_output(const Batch *batch, const char *path, const Arena *arena, const Answer *answer)
{
	g_autofree char *base = g_path_get_basename(path);
	g_autofree char *pdf = g_strdup_printf("%s/%s.pdf", batch->out, base);
	g_autofree char *text = g_strdup_printf("%s/%s.txt", batch->out, base);
	(void)g_file_set_contents(text, answer->text->str, (gssize)answer->text->len, NULL);
	if (answer->pdf_length == 0)
		return;
	size_t end = (size_t)(answer->pdf_offset + answer->pdf_length);
	const char *map = mmap(NULL, end, PROT_READ, MAP_SHARED, arena_descriptor(arena), 0);
	if (map == MAP_FAILED)
		return;
	(void)g_file_set_contents(pdf, map + answer->pdf_offset, (gssize)answer->pdf_length, NULL);
	munmap((void *)(uintptr_t)map, end);
}

static void print_answer(const char *path, const Answer *answer, int64_t job_ms)
{
	printf("%s %s format=%" PRIu64 " job_ms=%" PRId64 " cpu_ms=%u rss_mb=%" PRIu64 " pdf_kb=%" PRIu64
	       " text=%zu",
	       status_text(answer->status), path, answer->counter[OFFICE_COUNTER_FORMAT], job_ms,
	       answer->usage.cpu_ms, answer->usage.peak_memory >> 20, answer->pdf_length >> 10,
	       answer->text->len);
	for (unsigned i = OFFICE_COUNTER_TEXT_CUT; i < OFFICE_COUNTER_IDS; i++)
		if (answer->counter[i] > 0)
			printf(" %u:%" PRIu64, i, answer->counter[i]);
	printf("\n");
}

static bool convert(const Batch *batch, const char *path, GError **error)
{
	g_autoptr(Sealed) sealed = read_file(path, error);
	if (sealed == NULL)
		return false;
	Unread *document = unread_of_sealed(sealed);
	g_autoptr(Arena) arena = arena_new("pdf", pdf_max, error);
	const ChildRequest request = { .kind = OFFICE_KIND,
		                       .memory = address_space,
		                       .memfds = pdf_max,
		                       .cpu_ms = CPU_MS,
		                       .wall_ms = WALL_MS,
		                       .wait_ms = WAIT_MS };
	const ChildJob job = {
		.request = OFFICE_REQUEST_CONVERT,
		.number = { batch->wanted, batch->pages, TEXT_MAX, (1U << OFFICE_FAMILY_COUNT) - 1 },
		.input = { document },
		.arena = arena,
		.caps = { .types = 1U << PLAIN_COUNTER | 1U << PLAIN_TEXT | 1U << PLAIN_PART,
		          .max_records = RECORDS_MAX,
		          .max_text_bytes = TEXT_MAX + 1,
		          .max_parts = 1,
		          .max_part_depth = 1 },
	};
	Answer answer = { .text = g_string_new(NULL) };
	g_autoptr(Child) child = supervisor_child(batch->supervisor, &request, error);
	int64_t begin = g_get_monotonic_time();
	bool good = child != NULL && child_start(child, &job, error) && read_answer(child, &answer, error);
	if (good)
		print_answer(path, &answer, (g_get_monotonic_time() - begin) / 1000);
	if (good && batch->out != NULL)
		write_output(batch, path, arena, &answer);
	g_string_free(answer.text, TRUE);
	unread_unref(document);
	return good;
}

static int take_options(Batch *batch, int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t set, cleared;
	} flags[] = {
		{ "--no-pdf", 0, OFFICE_WANT_PDF },
		{ "--no-text", 0, OFFICE_WANT_TEXT },
		{ "--notes", OFFICE_WANT_BESIDE_FIRST << RENDER_BESIDE_NOTES, 0 },
		{ "--comments", OFFICE_WANT_BESIDE_FIRST << RENDER_BESIDE_COMMENTS, 0 },
		{ "--changes", OFFICE_WANT_BESIDE_FIRST << RENDER_BESIDE_CHANGES, 0 },
	};
	int at = 1;
	for (; at < argc && g_str_has_prefix(argv[at], "--"); at++) {
		for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
			if (strcmp(argv[at], flags[i].name) == 0)
				batch->wanted = (batch->wanted | flags[i].set) & ~flags[i].cleared;
		if (at + 1 < argc && strcmp(argv[at], "--out") == 0)
			batch->out = argv[++at];
		else if (at + 1 < argc && strcmp(argv[at], "--pages") == 0)
			batch->pages = (uint64_t)atoi(argv[++at]);
	}
	return at;
}

int main(int argc, char **argv)
{
	const SupervisorKind kind = {
		.name = OFFICE_KIND, .executable = BIN_DIR "/mugai-office", .spare = 1, .maximum = 2
	};
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Supervisor) supervisor = supervisor_start(&options, &error);
	if (supervisor == NULL) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	Batch batch = { supervisor, NULL, RENDER_PAGES_MAX + 1, OFFICE_WANT_PDF | OFFICE_WANT_TEXT };
	for (int i = take_options(&batch, argc, argv); i < argc; i++) {
		if (!convert(&batch, argv[i], &error))
			printf("failed %s %s\n", argv[i], error->message);
		g_clear_error(&error);
		fflush(stdout);
	}
	return 0;
}
