/* replay_main: runs a fuzz target over the files and folders given, once each, in an
 * ordinary build: so seeds and past findings are tests like all others. A folder that does
 * not exist is empty; a file that cannot be read is an error. */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static unsigned n_run;

/* In a buffer of exactly its size, so that a sanitizer or valgrind sees a read past it. */
static void replay_file(const char *path)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	size_t size;

	if (!g_file_get_contents(path, &text, &size, &error)) {
		fprintf(stderr, "replay: %s\n", error->message);
		exit(EXIT_FAILURE);
	}
	uint8_t *data = malloc(MAX(size, 1));
	if (data == NULL)
		abort();
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)text[i];
	fprintf(stderr, "replay: %s\n", path); /* before: a crash names its file */
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	n_run++;
}

static void replay_folder(const char *path)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		if (!g_file_test(file, G_FILE_TEST_IS_DIR))
			replay_file(file);
	}
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		if (g_file_test(argv[i], G_FILE_TEST_IS_REGULAR))
			replay_file(argv[i]);
		else
			replay_folder(argv[i]);
	}
	printf("replay: %u inputs, all fine\n", n_run);
	return EXIT_SUCCESS;
}
