/* Styles: a style attribute, or a style sheet and a body, apart by LF LF. A sheet of which nobody knows if it
 * applies must not hide anything, and the pieces in which it comes change nothing. */
#include "html_rules_priv.h"
#include "html_text_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- one element ------------------------------------------------------------------------------------------- */

static void check_style(const HtmlStyle *style)
{
	require(isfinite(style->font_px) && isfinite(style->opacity) && isfinite(style->shift_x));
	require(isfinite(style->shift_y) && isfinite(style->indent));
	require(style->font_px >= 0 && style->opacity >= 0 && style->opacity <= 1 && style->clipped <= 2);
	require(!html_style_hides_box(style) || html_style_hides(style));
}

static void run_attribute(const char *text)
{
	static const char *const names[] = { "div", "span", "td", "font", "table", "a", "blockquote" };
	size_t length = strlen(text);
	HtmlStyle style = html_style_root();
	HtmlColour colour;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const HtmlAttribute attributes[] = { { "style", text, length },
			                             { "bgcolor", text, length },
			                             { "size", text, length },
			                             { "color", text, length },
			                             { "href", text, length } };
		HtmlTag tag = { names[i], attributes, G_N_ELEMENTS(attributes), false, 0 };
		style = html_style_element(&style, &tag, (HtmlMatches) { NULL, 0 });
		check_style(&style);
	}
	(void)html_colour_parse(text, length, false, &colour);
	require(length == 0 || !html_colour_parse(text, length, true, &colour) || colour.known);
}

/* ---- sheets ------------------------------------------------------------------------------------------------ */

static GString *to_text(const char *html, size_t piece, HtmlFacts *ret_facts)
{
	const HtmlOptions options = { .max_in = 1 << 24, .max_out = 1 << 24 };
	g_autoptr(HtmlText) text = html_text_new(&options);
	const char *at = html, *end = html + strlen(html);

	while (at < end) {
		const char *to = MIN(at + piece, end);
		while (to < end && ((unsigned char)*to & 0xc0) == 0x80)
			to++;
		html_text_feed(text, at, (size_t)(to - at));
		at = to;
	}
	return html_text_finish(text, ret_facts);
}

static uint64_t hidden_by(const char *open, const char *css, const char *body)
{
	g_autofree char *html = g_strconcat(open, css, "</style>", body, NULL);
	HtmlFacts facts, again;
	GString *text = to_text(html, strlen(html), &facts), *pieces = to_text(html, 7, &again);

	require(g_utf8_validate(text->str, (gssize)text->len, NULL));
	require(strcmp(text->str, pieces->str) == 0 && facts.hidden_chars == again.hidden_chars);
	g_string_free(text, TRUE);
	g_string_free(pieces, TRUE);
	return facts.hidden_chars;
}

static bool is_closed(const char *css)
{
	g_autofree char *lower = g_ascii_strdown(css, -1);

	return strstr(lower, "</style") == NULL;
}

static void run_sheet(const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "\n\n", 2);

	if (parts[0] == NULL || parts[1] == NULL || !is_closed(parts[0]))
		return;
	uint64_t without = hidden_by("<style>", "", parts[1]);
	uint64_t maybe = hidden_by("<style media='(min-width:1px)'>", parts[0], parts[1]);
	uint64_t never = hidden_by("<style media=print>", parts[0], parts[1]);
	(void)hidden_by("<style>", parts[0], parts[1]);
	require(maybe <= without);
	require(never == without);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	g_autofree char *text = g_utf8_make_valid((const char *)bytes + 1, (gssize)length - 1);
	if (bytes[0] % 2 == 0)
		run_attribute(text);
	else
		run_sheet(text);
	return 0;
}
