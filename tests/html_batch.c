/* html_batch: HTML pages in, texts out, each ended by NUL: for tests that compare thousands of them. */
#include "html_text_priv.h"

#include <stdio.h>

static void write_text(const GString *page)
{
	const HtmlOptions options = { .max_in = 1 << 24, .max_out = 1 << 24 };
	g_autoptr(HtmlText) html = html_text_new(&options);
	HtmlFacts facts;

	html_text_feed(html, page->str, page->len);
	GString *text = html_text_finish(html, &facts);
	fwrite(text->str, 1, text->len + 1, stdout);
	g_string_free(text, TRUE);
}

int main(void)
{
	g_autoptr(GString) page = g_string_new(NULL);

	for (int c = getchar(); c != EOF; c = getchar()) {
		if (c != '\0') {
			g_string_append_c(page, (char)c);
			continue;
		}
		write_text(page);
		g_string_truncate(page, 0);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
