/* What HTML costs in process, beside two other parsers. Prints one JSON line on each call:
 *
 *   bench_html set SECONDS DIRECTORY       every file of DIRECTORY, each engine for SECONDS
 *   bench_html shape SECONDS DIRECTORY SMALL LARGE
 *                                          one hostile file and one of twice its size, beside the set
 *   bench_html look SECONDS DIRECTORY SMALL LARGE
 *                                          the same without "whole" and "read"
 *
 * Engines: "render" is HTML to text with all rules: tokens, style, links, layout, cleaning. "whole" is
 * parse_text(), all that a part of a mail goes through: its character set before, and after it the search for
 * files that ride along in the text. "read" does nothing but look at every byte: what memory takes. "gumbo"
 * and "libxml2" only build their trees and free them. All get the same bytes of UTF-8, one after the other,
 * and all of ours runs in a thread with a stack of 256 KB. Times are CPU times of the thread, per byte of
 * input.
 */
#include "clean_text.h"
#include "html_text_priv.h"
#include "parse_text_priv.h"

#include <gumbo.h>
#include <libxml/HTMLparser.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	STACK = 256 * 1024,
	PIECE = 256 * 1024,
	OUT_MIN = 1 << 20,
	IN_MAX = 20 * 1000 * 1000,
	TURNS_MIN = 3,
	TURNS_MAX = 100000,
	KEPT_MAX = 1 << 30,
};

typedef struct {
	char *bytes;
	gsize length;
} File;

typedef size_t Engine(const File *file);

/* ---- the engines ---------------------------------------------------------------------------------------- */

static uint64_t max_out(const File *file)
{
	return MAX((uint64_t)OUT_MIN, 4 * (uint64_t)file->length);
}

static size_t clean(const char *text, size_t bytes)
{
	size_t total = 0;

	for (size_t at = 0, take = 0; at < bytes; at += take) {
		take = MIN(bytes - at, (size_t)PIECE);
		const char *lf = at + take < bytes ? memrchr(text + at, '\n', take) : NULL;
		take = lf != NULL ? (size_t)(lf - text - at) + 1 : bytes - at;
		g_autofree char *cleaned = clean_body_text(text + at, take, NULL);
		total += strlen(cleaned);
	}
	return total;
}

/* In pieces, as parse_text() does. */
static void feed(HtmlText *html, const File *file)
{
	for (size_t at = 0, take = 0; at < file->length; at += take) {
		take = MIN(file->length - at, (size_t)PIECE);
		while (at + take < file->length && ((unsigned char)file->bytes[at + take] & 0xC0) == 0x80)
			take--;
		html_text_feed(html, file->bytes + at, take);
	}
}

static size_t render(const File *file)
{
	const HtmlOptions options = { .max_in = IN_MAX, .max_out = max_out(file) };
	g_autoptr(HtmlText) html = html_text_new(&options);
	HtmlFacts facts;

	feed(html, file);
	GString *text = html_text_finish(html, &facts);
	size_t total = clean(text->str, text->len);
	g_string_free(text, TRUE);
	return total;
}

static size_t whole(const File *file)
{
	const ParseTextJob job = {
		.bytes = { (const uint8_t *)file->bytes, file->length },
		.kind = PARSE_TEXT_HTML,
		.declared = CHARSET_UTF_8,
		.labelled = true,
		.hint = CHARSET_UNKNOWN,
		.max_out = max_out(file),
		.max_in = IN_MAX,
	};
	g_auto(ParseTextResult) result = { .text = NULL };

	parse_text(&job, &result);
	return result.text->len;
}

static size_t read_bytes(const File *file)
{
	uint64_t seen = 0, word;

	for (size_t at = 0; at + sizeof word <= file->length; at += sizeof word) {
		memcpy(&word, file->bytes + at, sizeof word);
		seen |= word;
	}
	return (size_t)seen;
}

static size_t gumbo(const File *file)
{
	GumboOutput *tree = gumbo_parse_with_options(&kGumboDefaultOptions, file->bytes, file->length);

	gumbo_destroy_output(&kGumboDefaultOptions, tree);
	return 0;
}

static size_t libxml2(const File *file)
{
	const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;

	xmlFreeDoc(htmlReadMemory(file->bytes, (int)file->length, NULL, "UTF-8", options));
	return 0;
}

static const struct {
	const char *name;
	Engine *run;
} engines[] = { { "render", render }, { "whole", whole }, { "gumbo", gumbo }, { "libxml2", libxml2 } };

/* ---- time ----------------------------------------------------------------------------------------------- */

typedef struct {
	const File *files;
	size_t n;
	Engine *run;
	double seconds;
	double turn; /* at least, of passes that are measured together */
	/* results */
	unsigned turns, passes;
	double total, best; /* CPU seconds: of all passes; of one, on average of the fastest turn */
	size_t out;         /* bytes of text of one pass */
} Run;

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run_pass(Run *run)
{
	run->out = 0;
	for (size_t i = 0; i < run->n; i++)
		run->out += run->run(&run->files[i]);
}

static void run_turn(Run *run)
{
	double start = cpu_seconds(), took = 0;
	unsigned passes = 0;

	do {
		run_pass(run);
		passes++;
		took = cpu_seconds() - start;
	} while (took < run->turn);
	run->best = run->turns == 0 ? took / passes : MIN(run->best, took / passes);
	run->total += took;
	run->passes += passes;
	run->turns++;
}

static void *run_until(void *user)
{
	Run *run = user;

	do
		run_turn(run);
	while (run->total < run->seconds && run->turns < TURNS_MAX);
	return NULL;
}

static void in_small_thread(void *(*function)(void *), void *user)
{
	pthread_attr_t attributes;
	pthread_t thread;

	if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstacksize(&attributes, STACK) != 0 ||
	    pthread_create(&thread, &attributes, function, user) != 0 || pthread_join(thread, NULL) != 0) {
		fputs("bench_html: no thread\n", stderr);
		exit(71);
	}
	pthread_attr_destroy(&attributes);
}

static size_t bytes_of(const Run *run)
{
	size_t bytes = 0;

	for (size_t i = 0; i < run->n; i++)
		bytes += run->files[i].length;
	return bytes;
}

static double ns_per_byte(const Run *run)
{
	return run->best * 1e9 / (double)bytes_of(run);
}

/* ---- memory --------------------------------------------------------------------------------------------- */

static size_t status_kib(const char *name)
{
	g_autofree char *status = NULL;

	if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL))
		return 0;
	const char *line = strstr(status, name);
	return line != NULL ? (size_t)strtoul(line + strlen(name), NULL, 10) : 0;
}

static void *run_once(void *user)
{
	run_turn(user);
	return NULL;
}

/* How much larger a process becomes that renders the file; in a child, whose heap is as small as before any. KiB.
 */
static size_t peak_kib(const File *file, Engine *engine)
{
	int ends[2];
	size_t kib = 0;

	if (pipe(ends) != 0)
		return SIZE_MAX;
	pid_t pid = fork();
	if (pid == 0) {
		Run run = { .files = file, .n = 1, .run = engine };
		g_file_set_contents_full("/proc/self/clear_refs", "5", 1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
		size_t before = status_kib("VmRSS:");
		in_small_thread(run_once, &run);
		kib = status_kib("VmHWM:") - before;
		_exit(write(ends[1], &kib, sizeof kib) == (ssize_t)sizeof kib ? 0 : 1);
	}
	close(ends[1]);
	int end = 1;
	bool told = read(ends[0], &kib, sizeof kib) == (ssize_t)sizeof kib;
	close(ends[0]);
	waitpid(pid, &end, 0);
	return told && end == 0 ? kib : SIZE_MAX;
}

/* ---- files ---------------------------------------------------------------------------------------------- */

static File read_file(const char *path)
{
	File file = { NULL, 0 };
	g_autoptr(GError) error = NULL;

	if (g_file_get_contents(path, &file.bytes, &file.length, &error))
		return file;
	fprintf(stderr, "bench_html: %s\n", error->message);
	exit(66);
}

static GArray *read_directory(const char *path)
{
	GArray *files = g_array_new(FALSE, FALSE, sizeof(File));
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);

	for (const char *name; directory != NULL && (name = g_dir_read_name(directory)) != NULL;) {
		g_autofree char *whole_path = g_build_filename(path, name, NULL);
		File file = read_file(whole_path);
		g_array_append_val(files, file);
	}
	if (files->len > 0)
		return files;
	fprintf(stderr, "bench_html: no file in %s\n", path);
	exit(66);
}

/* ---- the two calls -------------------------------------------------------------------------------------- */

static void print_run(const char *name, const Run *run, const char *end)
{
	printf("\"%s\": {\"bytes\": %zu, \"files\": %zu, \"ns_per_byte\": %.4f, \"passes\": %u, \"seconds\": %.3f, "
	       "\"out\": %zu}%s",
	       name, bytes_of(run), run->n, ns_per_byte(run), run->passes, run->total, run->out, end);
}

/* In a process of its own: what one engine does to the heap changes the others' times by a third and more. */
static bool bench_engine(const GArray *files, double seconds, size_t i)
{
	Run run = {
		.files = (const File *)(const void *)files->data,
		.n = files->len,
		.run = engines[i].run,
		.seconds = seconds,
	};
	bool ours = run.run == render || run.run == whole;
	int end = 1;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (ours)
			in_small_thread(run_until, &run);
		else
			run_until(&run);
		print_run(engines[i].name, &run, i + 1 < G_N_ELEMENTS(engines) ? ", " : "}\n");
		_exit(fflush(stdout) == 0 ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &end, 0) == pid && end == 0;
}

static bool bench_set(const GArray *files, double seconds)
{
	bool done = true;

	printf("{");
	for (size_t i = 0; done && i < G_N_ELEMENTS(engines); i++)
		done = bench_engine(files, seconds, i);
	return done;
}

static bool goes_on(const Run *run)
{
	return run->turns < TURNS_MIN || (run->total < run->seconds && run->turns < TURNS_MAX);
}

static void print_whole(const File *file)
{
	Run run = { .files = file, .n = 1, .run = whole };

	printf("\"whole_kib\": %zu, ", peak_kib(file, whole));
	in_small_thread(run_once, &run);
	print_run("whole", &run, ", ");
}

static void set_turns(Run *const runs[], size_t n, double seconds)
{
	double longest = 0;

	for (size_t i = 0; i < n; i++) {
		in_small_thread(run_once, runs[i]); /* and the heap has grown */
		longest = MAX(longest, runs[i]->best);
	}
	for (size_t i = 0; i < n; i++) {
		runs[i]->seconds = seconds;
		runs[i]->turn = longest;
		runs[i]->turns = runs[i]->passes = 0;
		runs[i]->total = 0;
	}
}

/* all: as a part of a mail, too, and how long the bytes themselves take. */
static void bench_shape(const GArray *set, double seconds, const char *const paths[2], bool all)
{
	static const char *const names[4] = { "small", "large", "read_small", "read_large" };
	File files[2] = { read_file(paths[0]), read_file(paths[1]) };
	Run ordinary = { .files = (const File *)(const void *)set->data, .n = set->len, .run = render };
	Run runs[4] = { { .files = &files[0], .n = 1, .run = render },
		        { .files = &files[1], .n = 1, .run = render },
		        { .files = &files[0], .n = 1, .run = read_bytes },
		        { .files = &files[1], .n = 1, .run = read_bytes } };
	size_t n = all ? 4 : 2;

	printf("{\"small_kib\": %zu, \"large_kib\": %zu, ", peak_kib(&files[0], render),
	       peak_kib(&files[1], render));
	/* What is freed stays with the process: malloc moves its thresholds with what it has seen, and gives blocks of 32
	 * MB back whatever they are set to, so that one size would get new pages in each pass, and the other not. */
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, KEPT_MAX);
	/* In turn, so that what else the machine does hits all of them, and all for as long as the longest
	 * takes: short ones would more often find it idle. */
	Run *const turns[] = { &ordinary, &runs[0], &runs[1], &runs[2], &runs[3] };
	set_turns(turns, n + 1, seconds);
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i <= n; i++) {
			in_small_thread(run_once, turns[i]);
			more |= goes_on(turns[i]);
		}
	}
	for (size_t i = 0; i < n; i++)
		print_run(names[i], &runs[i], ", ");
	if (all)
		print_whole(&files[1]);
	print_run("set", &ordinary, "}\n");
}

int main(int argc, char **argv)
{
	bool set = argc == 4 && strcmp(argv[1], "set") == 0;
	bool shape = argc == 6 && strcmp(argv[1], "shape") == 0;
	bool look = argc == 6 && strcmp(argv[1], "look") == 0;

	if (!set && !shape && !look) {
		fputs("usage: bench_html set SECONDS DIRECTORY | shape|look SECONDS DIRECTORY SMALL LARGE\n", stderr);
		return 64;
	}
	mallopt(M_ARENA_MAX, 1); /* as in a jail, which has one thread */
	double seconds = g_ascii_strtod(argv[2], NULL);
	const GArray *files = read_directory(argv[3]);
	if (set && !bench_set(files, seconds))
		return 70;
	if (shape || look)
		bench_shape(files, seconds, (const char *const[]) { argv[4], argv[5] }, shape);
	return 0;
}
