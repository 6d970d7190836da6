/* html_text_frames: HTML on standard input, its text on standard output, many in one process. Each is a
 * decimal number of bytes, a line end, and the bytes. For tests/differential, which asks another parser the
 * same. */
#include "html_text_priv.h"

#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 64 << 20 };

static void fail(const char *why)
{
	fprintf(stderr, "html_text_frames: %s\n", why);
	exit(EXIT_FAILURE);
}

/* False at the end of the input. */
static bool read_frame(GString *html)
{
	size_t bytes = 0;

	if (scanf("%zu", &bytes) != 1)
		return false;
	if (getchar() != '\n' || bytes > INPUT_MAX)
		fail("no frame");
	g_string_set_size(html, bytes);
	if (fread(html->str, 1, bytes, stdin) != bytes)
		fail("a frame is cut");
	return true;
}

static void write_frame(const GString *text)
{
	printf("%zu\n", text->len);
	if (fwrite(text->str, 1, text->len, stdout) != text->len)
		fail("cannot write");
}

int main(void)
{
	const HtmlOptions options = { .max_in = INPUT_MAX, .max_out = 4 * (uint64_t)INPUT_MAX };
	g_autoptr(GString) html = g_string_new(NULL);

	while (read_frame(html)) {
		g_autoptr(HtmlText) renderer = html_text_new(&options);
		HtmlFacts facts;
		html_text_feed(renderer, html->str, html->len);
		g_autoptr(GString) text = html_text_finish(renderer, &facts);
		write_frame(text);
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
