/* Links and styles: first byte even: a URL, a base and a text, apart by LF LF, and all of it as a text that is defanged;
 * odd: a style attribute. */
#include "clean_text.h"
#include "defang_priv.h"
#include "html_style_priv.h"
#include "html_url_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text >= 0x7f)
			return false;
	}
	return true;
}

static void check_url(const HtmlUrl *url)
{
	bool cut = (url->flags & HTML_URL_CUT) != 0;

	require(is_printable(url->scheme) && is_printable(url->host) && (cut || is_printable(url->url)));
	require(g_utf8_validate(url->url, -1, NULL) && g_utf8_validate(url->unicode_host, -1, NULL));
	require(g_utf8_strlen(url->url, -1) <= HTML_URL_CHARS);
	require(cut == g_str_has_suffix(url->url, "…"));
	if (url->kind == HTML_URL_REFUSED || url->kind == HTML_URL_NONE)
		require(*url->url == '\0' && *url->host == '\0' &&
		        strlen(url->scheme) <= HTML_URL_SCHEME_CHARS);
	if (url->kind != HTML_URL_WEB)
		return;
	const char *host = strstr(url->url, "://");
	require(host != NULL && g_str_has_prefix(host + 3, url->host) && *url->host != '\0');
	require(strpbrk(url->host, "/\\?#@ ") == NULL);
	require(*url->unicode_host == '\0' ||
	        (url->flags & (HTML_URL_IDN | HTML_URL_LOOKALIKE)) == HTML_URL_IDN);
}

/* What we write leads where we said. */
static void check_again(const HtmlUrl *url)
{
	g_auto(HtmlUrl) again = { .kind = HTML_URL_NONE };

	if (url->kind != HTML_URL_WEB || (url->flags & (HTML_URL_CUT | HTML_URL_ODD)) != 0)
		return;
	html_url_parse(url->url, NULL, &again);
	require(again.kind == HTML_URL_WEB && strcmp(again.host, url->host) == 0);
	require(strcmp(again.url, url->url) == 0);
}

static void run_url(const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "\n\n", 3);
	g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE };
	const char *base = parts[0] != NULL && parts[1] != NULL ? parts[1] : NULL;
	const char *seen = base != NULL && parts[2] != NULL ? parts[2] : text;
	bool exact;

	html_url_parse(parts[0] != NULL ? parts[0] : "", base, &url);
	check_url(&url);
	check_again(&url);
	html_url_shown(seen, &url, &exact);
	/* signs at either end of a word are taken for the sentence's */
	if (url.kind == HTML_URL_WEB && (url.flags & (HTML_URL_ODD | HTML_URL_CUT)) == 0 &&
	    g_ascii_isalnum(url.host[0]) && g_ascii_isalnum(url.host[strlen(url.host) - 1]))
		require(html_url_shown(url.host, &url, NULL) != HTML_SHOWN_OTHER);
}

/* What a text says, defanged or not. */
static char *said(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *at = text; *at != '\0'; at++) {
		bool bracketed = *at == '[' && at[1] != '\0' && strchr(".:@\\", at[1]) != NULL && at[2] == ']';
		at += bracketed;
		g_string_append_c(out, g_ascii_tolower(*at));
		at += bracketed;
	}
	for (char *at = out->str; (at = strstr(at, "hxxp")) != NULL; at++)
		memcpy(at, "http", 4);
	return g_strdup(out->str);
}

/* A scheme that a mail reader makes a link of. */
static bool is_live(const char *text)
{
	static const char *const schemes[] = { "http:", "https:", "ftp:", "file:" };

	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		for (const char *at = text; (at = strcasestr(at, schemes[i])) != NULL; at++) {
			const char *slash = at + strlen(schemes[i]);
			if (strchr("/\\", slash[0]) != NULL && slash[0] != '\0' && slash[1] != '\0' &&
			    strchr("/\\", slash[1]) != NULL)
				return true;
		}
	}
	return false;
}

static void run_defang(const char *text, const char *shown)
{
	g_autofree char *clean = clean_body_text(text, strlen(text), NULL), *before = said(clean);

	for (DefangMode mode = DEFANG_NEVER; mode < DEFANG_MODES; mode++) {
		g_autoptr(Defang) defang = defang_new(mode);
		defang_add_shown(defang, shown);
		g_autoptr(GString) out = defang_text(defang, g_string_new(clean));
		g_autofree char *after = said(out->str), *again = clean_body_text(out->str, out->len, NULL);
		require(strcmp(before, after) == 0 && strcmp(out->str, again) == 0);
		require(mode != DEFANG_NEVER || strcmp(out->str, clean) == 0);
		require(mode != DEFANG_ALL || !is_live(out->str));
		require(strstr(out->str, "[[.]]") == NULL || strstr(clean, "[.]") != NULL);
	}
}

static void check_style(const HtmlStyle *style)
{
	require(isfinite(style->font_px) && isfinite(style->opacity) && isfinite(style->shift_x));
	require(style->font_px >= 0 && style->opacity >= 0 && style->opacity <= 1 && style->clipped <= 2);
	(void)html_style_hides(style);
}

static void run_style(const char *text)
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	g_autofree char *text = g_utf8_make_valid((const char *)bytes + 1, (gssize)length - 1);
	if (bytes[0] % 2 == 0) {
		const char *shown = strstr(text, "\n\n");
		run_url(text);
		run_defang(text, shown != NULL ? shown : "");
	} else {
		run_style(text);
	}
	return 0;
}
