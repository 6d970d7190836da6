/* HTML to text: valid UTF-8, within its caps, the same however the input is cut, and no line of the body that
 * looks like the list of links at the end. */
#include "clean_text.h"
#include "html_text_priv.h"
#include "text_wrap_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { LAST_LINE_MAX = 64 };

static GString *render(const char *html, size_t length, const HtmlOptions *options, size_t piece,
                       HtmlFacts *facts)
{
	g_autoptr(HtmlText) text = html_text_new(options);

	for (size_t at = 0; at < length;) {
		size_t end = piece == 0 ? length : MIN(length, at + piece);
		while (end < length && ((unsigned char)html[end] & 0xC0) == 0x80)
			end++;
		html_text_feed(text, html + at, end - at);
		at = end;
	}
	return html_text_finish(text, facts);
}

static bool leads_somewhere(const char *text)
{
	static const char *const schemes[] = { "http://", "https://", "ftp://", "tel:", "mailto:" };

	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		if (g_str_has_prefix(text, schemes[i]))
			return true;
	}
	return false;
}

/* "[12] http://x" or "[12!". */
static bool is_entry(const char *line)
{
	char *end = NULL;

	if (line[0] != '[' || !g_ascii_isdigit(line[1]))
		return false;
	(void)strtoul(line + 1, &end, 10);
	return *end == '!' || (g_str_has_prefix(end, "] ") && leads_somewhere(end + 2));
}

/* The last lines are the list, and one line may say what was left out. */
static void require_one_list(const char *text, unsigned links)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned n = g_strv_length(lines);

	for (unsigned i = 0; i + links + 1 < n; i++) {
		if (is_entry(lines[i]))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	HtmlFacts facts, others;

	if (length < 3)
		return 0;
	HtmlOptions options = { bytes[0] & 1, bytes[0] & 2 ? 64U * bytes[1] : 1 << 20,
		                bytes[0] & 4 ? bytes[1] : 1 << 16, 0, NULL,
		                bytes[0] & 8 ? TEXT_WRAP_MIN + bytes[1] : 0 };
	g_autofree char *html = g_utf8_make_valid((const char *)bytes + 3, (gssize)length - 3);
	g_autoptr(GString) whole = render(html, strlen(html), &options, 0, &facts);
	g_autoptr(GString) cut = render(html, strlen(html), &options, 1U + bytes[2] % 16, &others);
	g_autofree char *clean = clean_body_text(whole->str, whole->len, NULL);

	if (!g_utf8_validate(whole->str, (gssize)whole->len, NULL) ||
	    whole->len > options.max_out + LAST_LINE_MAX)
		abort();
	if (!g_string_equal(whole, cut) || memcmp(&facts, &others, sizeof(facts)) != 0)
		abort();
	require_one_list(clean, facts.links);
	return 0;
}
