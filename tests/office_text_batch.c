/* office_text_batch [--beside] [--quiet] FILE...: reads flat ODF files, prints the text of each and what was
 * counted, and the slowest. No test. */
#include "office_text_priv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const lost_names[RENDER_LOST_COUNT] = { "links",      "scripts",  "forms", "files",
	                                                   "signatures", "comments", "media", "frames",
	                                                   "references", "macros" };
static const char *const hidden_names[RENDER_HIDDEN_COUNT] = { "sheets", "rows", "columns", "slides",
	                                                       "texts" };
static const char *const beside_names[RENDER_BESIDE_COUNT] = { "changes", "comments", "notes" };

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void print_counts(const char *kind, const char *const *names, const uint32_t *counts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (counts[i] > 0)
			printf(" %s-%s=%u", kind, names[i], counts[i]);
}

int main(int argc, char **argv)
{
	OfficeTextOptions options = { .text = true, .max_text = 4 << 20 };
	bool quiet = false;
	double slowest = 0, worst = 0;
	const char *slowest_name = "", *worst_name = "";
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--beside") == 0) {
			options.beside[0] = options.beside[1] = options.beside[2] = true;
			continue;
		}
		if (strcmp(argv[i], "--quiet") == 0) {
			quiet = true;
			continue;
		}
		g_autofree char *bytes = NULL;
		gsize length = 0;
		g_auto(OfficeText) text = { .bytes = 0 };
		if (!g_file_get_contents(argv[i], &bytes, &length, NULL))
			continue;
		double begin = now();
		RenderStatus status = office_text_read((const uint8_t *)bytes, length, &options, &text);
		double seconds = now() - begin, ratio = length > 0 ? seconds * 1e9 / (double)length : 0;
		if (seconds > slowest) {
			slowest = seconds;
			slowest_name = argv[i];
		}
		if (ratio > worst) {
			worst = ratio;
			worst_name = argv[i];
		}
		printf("=== %s: status %d, %zu -> %zu bytes, %.1f ms, cut %llu", argv[i], (int)status,
		       (size_t)length, text.bytes, seconds * 1e3, (unsigned long long)text.text_cut);
		print_counts("lost", lost_names, text.lost, RENDER_LOST_COUNT);
		print_counts("hidden", hidden_names, text.hidden, RENDER_HIDDEN_COUNT);
		print_counts("beside", beside_names, text.beside, RENDER_BESIDE_COUNT);
		printf("\n");
		if (!quiet)
			printf("%s\n", text.text);
	}
	printf("slowest: %.1f ms %s; most per byte: %.0f ns %s\n", slowest * 1e3, slowest_name, worst,
	       worst_name);
	return 0;
}
