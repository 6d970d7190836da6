#include "html_open_priv.h"

#include <string.h>

enum {
	LOST_MIN = 40, /* bytes of a tag that never ends: a "<" or two at the end are not worth a word */
};

static void take_text(void *user, const char *utf8, size_t bytes)
{
	HtmlText *html = user;
	bool eat = html->eat_line && *utf8 == '\n';

	html->eat_line = false;
	if (bytes > eat)
		html_open_text(html, utf8 + eat, bytes - eat);
}

static void take_start_tag(void *user, const HtmlTag *tag)
{
	html_start_tag(user, tag);
}

static void take_end_tag(void *user, const HtmlTag *tag)
{
	html_end_tag(user, tag);
}

HtmlText *html_text_new(const HtmlOptions *options)
{
	HtmlText *html = g_new(HtmlText, 1);
	HtmlTokenSink tokens = { html, take_text, take_start_tag, take_end_tag };

	memset(html, 0, offsetof(HtmlText, open_links));
	html->options = *options;
	html->tokenizer = html_tokenizer_new(&tokens);
	html->sink = html_sink_new(&html->options);
	html->links = html_links_new(&html->options, &html->facts);
	html_stack_init(&html->stack);
	html->later_credit = HTML_LATER_CREDIT;
	return html;
}

void html_text_free(HtmlText *html)
{
	if (html == NULL)
		return;
	html_tokenizer_free(html->tokenizer);
	html_sink_free(html->sink);
	html_open_clear(html);
	html_cascade_clear(html);
	html_links_free(html->links);
	g_free(html);
}

void html_text_feed(HtmlText *html, const char *utf8, size_t bytes)
{
	uint64_t room = html->options.max_in - html->in;
	size_t taken = (size_t)MIN(room, bytes);

	while (taken > 0 && taken < bytes && ((unsigned char)utf8[taken] & 0xC0) == 0x80)
		taken--;
	if (taken > 0)
		html_tokenizer_feed(html->tokenizer, utf8, taken);
	html->in += taken;
	if (taken == bytes)
		return;
	html->in = html->options.max_in;
	html->facts.omitted_chars += (uint64_t)g_utf8_strlen(utf8 + taken, (gssize)(bytes - taken));
}

static void tell_omitted(const HtmlText *html, GString *text)
{
	uint64_t n = html->facts.omitted_chars;

	if (text->len > 0)
		g_string_append_c(text, '\n');
	if (html->options.english)
		g_string_append_printf(text, "[omitted: %" G_GUINT64_FORMAT " characters]", n);
	else
		g_string_append_printf(text, "[以下省略: %" G_GUINT64_FORMAT "文字]", n);
}

GString *html_text_finish(HtmlText *html, HtmlFacts *ret_facts)
{
	HtmlFacts *facts = &html->facts;
	size_t lost = 0;
	uint64_t omitted = 0;

	html_tokenizer_finish(html->tokenizer, &lost);
	html_open_close_above(html, 0);
	GString *text = html_sink_finish(html->sink, &omitted, &facts->thinned);
	facts->omitted_chars += omitted + html_links_list(html->links, text, html->options.max_out);
	facts->omitted_chars += lost > LOST_MIN ? lost : 0;
	if (facts->omitted_chars > 0) {
		facts->cut = true;
		tell_omitted(html, text);
	}
	*ret_facts = *facts;
	return text;
}
