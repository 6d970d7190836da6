/* The tokenizer's drive: pieces of input, the data state, the end. */
#include "html_token_state_priv.h"

#include <string.h>

#define SPACE_STOPS (HTML_SPACE | HTML_STOP_TAG_NAME | HTML_STOP_ATTRIBUTE | HTML_STOP_UNQUOTED)

const uint16_t html_token_bytes[256] = {
	['\0'] = HTML_STOP_DATA | HTML_STOP_RAW | HTML_STOP_ESCAPED | HTML_STOP_CDATA | HTML_STOP_NUL |
	         HTML_STOP_TAG_NAME | HTML_STOP_ATTRIBUTE | HTML_STOP_DOUBLE_QUOTED |
	         HTML_STOP_SINGLE_QUOTED | HTML_STOP_UNQUOTED,
	['\t'] = SPACE_STOPS,
	['\n'] = SPACE_STOPS,
	['\f'] = SPACE_STOPS,
	[' '] = SPACE_STOPS,
	['"'] = HTML_STOP_DOUBLE_QUOTED,
	['&'] = HTML_STOP_DATA | HTML_STOP_DOUBLE_QUOTED | HTML_STOP_SINGLE_QUOTED | HTML_STOP_UNQUOTED,
	['\''] = HTML_STOP_SINGLE_QUOTED,
	['-'] = HTML_STOP_ESCAPED,
	['/'] = HTML_STOP_TAG_NAME | HTML_STOP_ATTRIBUTE,
	['<'] = HTML_STOP_DATA | HTML_STOP_RAW | HTML_STOP_ESCAPED,
	['='] = HTML_STOP_ATTRIBUTE,
	['>'] = HTML_STOP_TAG_NAME | HTML_STOP_ATTRIBUTE | HTML_STOP_UNQUOTED,
	[']'] = HTML_STOP_CDATA,
};

void html_token_text(HtmlTokenizer *t, const char *utf8, size_t bytes)
{
	if (bytes > 0 && t->sink.text != NULL)
		t->sink.text(t->sink.user, utf8, bytes);
}

const char *html_token_text_run(HtmlTokenizer *t, const char *at, const char *end, unsigned stops)
{
	for (;;) {
		const char *stop = html_token_scan(at, end, stops);
		html_token_text(t, at, (size_t)(stop - at));
		if (stop == end || *stop != '\0')
			return stop;
		html_token_text(t, HTML_REPLACEMENT, HTML_REPLACEMENT_BYTES);
		at = stop + 1;
	}
}

void html_token_hold(HtmlTokenizer *t, char byte)
{
	g_assert(t->n_pending < sizeof t->pending);
	t->pending[t->n_pending++] = byte;
}

void html_token_release(HtmlTokenizer *t)
{
	html_token_text(t, t->pending, t->n_pending);
	t->n_pending = 0;
}

const char *html_token_open(HtmlTokenizer *t, const char *at, HtmlTokenState next)
{
	t->markup_start = t->position + (uint64_t)(at - t->segment);
	html_token_hold(t, '<');
	t->state = next;
	return at + 1;
}

const char *html_token_refer(HtmlTokenizer *t, const char *at)
{
	html_token_hold(t, '&');
	t->return_state = t->state;
	t->state = HTML_STATE_REFERENCE;
	return at + 1;
}

/* With this behind it a "&" begins no reference, 13.2.5.72, nor a "<" any markup, 13.2.5.6: they are text like
 * any other. */
static bool is_bare(const char *stop, const char *end)
{
	if (stop + 1 >= end || *stop == '\0')
		return false;
	if (*stop == '&')
		return stop[1] != '#' && !g_ascii_isalnum(stop[1]);
	return stop[1] != '/' && stop[1] != '!' && stop[1] != '?' && !g_ascii_isalpha(stop[1]);
}

static const char *open_markup(HtmlTokenizer *t, const char *at, const char *end)
{
	bool ends = at + 1 < end && at[1] == '/';
	const char *name = at + 1 + ends;

	if (name == end || !g_ascii_isalpha(*name))
		return html_token_open(t, at, HTML_STATE_TAG_OPEN);
	/* Nearly all are tags: the states between are left out. */
	t->markup_start = t->position + (uint64_t)(at - t->segment);
	html_token_begin_tag(t, ends);
	t->state = HTML_STATE_TAG_NAME;
	return html_token_tag(t, name, end);
}

static const char *data(HtmlTokenizer *t, const char *at, const char *end)
{
	const char *stop = html_token_scan_data(at, end);

	while (stop < end && is_bare(stop, end))
		stop = html_token_scan_data(stop + 1, end);

	html_token_text(t, at, (size_t)(stop - at));
	if (stop == end)
		return end;
	if (*stop == '<')
		return open_markup(t, stop, end);
	if (*stop == '&')
		return html_token_refer(t, stop);
	/* 13.2.6.4.7 ignores a NUL, 13.2.6.5 replaces it. */
	if (t->foreign)
		html_token_text(t, HTML_REPLACEMENT, HTML_REPLACEMENT_BYTES);
	return stop + 1;
}

static HtmlTokenStep *const steps[HTML_N_STATES] = {
	[HTML_STATE_DATA] = data,
	[HTML_STATE_RCDATA] = html_token_rcdata,
	[HTML_STATE_RAWTEXT] = html_token_rawtext,
	[HTML_STATE_SCRIPT] = html_token_rawtext,
	[HTML_STATE_SCRIPT_ESCAPE_START] = html_token_script_escape_start,
	[HTML_STATE_SCRIPT_ESCAPED] = html_token_script_escaped,
	[HTML_STATE_SCRIPT_DOUBLE_ESCAPE_START] = html_token_script_double_escape_start,
	[HTML_STATE_SCRIPT_DOUBLE_ESCAPED] = html_token_script_double_escaped,
	[HTML_STATE_SCRIPT_DOUBLE_ESCAPED_OPEN] = html_token_script_double_escaped_open,
	[HTML_STATE_SCRIPT_DOUBLE_ESCAPE_END] = html_token_script_double_escape_end,
	[HTML_STATE_PLAINTEXT] = html_token_plaintext,
	[HTML_STATE_RAW_OPEN] = html_token_raw_open,
	[HTML_STATE_RAW_END_OPEN] = html_token_raw_end_open,
	[HTML_STATE_RAW_END_NAME] = html_token_raw_end_name,
	[HTML_STATE_TAG_OPEN] = html_token_tag,
	[HTML_STATE_END_TAG_OPEN] = html_token_tag,
	[HTML_STATE_CDATA] = html_token_cdata,
	[HTML_STATE_CDATA_END] = html_token_cdata_end,
	[HTML_STATE_REFERENCE] = html_token_reference,
	[HTML_STATE_REFERENCE_NAME] = html_token_reference_name,
	[HTML_STATE_REFERENCE_NUMBER] = html_token_reference_number,
	[HTML_STATE_REFERENCE_HEX_START] = html_token_reference_hex_start,
	[HTML_STATE_REFERENCE_HEX] = html_token_reference_hex,
	[HTML_STATE_REFERENCE_DECIMAL_START] = html_token_reference_decimal_start,
	[HTML_STATE_REFERENCE_DECIMAL] = html_token_reference_decimal,
	[HTML_STATE_TAG_NAME] = html_token_tag,
	[HTML_STATE_BEFORE_ATTRIBUTE_NAME] = html_token_tag,
	[HTML_STATE_ATTRIBUTE_NAME] = html_token_tag,
	[HTML_STATE_AFTER_ATTRIBUTE_NAME] = html_token_tag,
	[HTML_STATE_BEFORE_ATTRIBUTE_VALUE] = html_token_tag,
	[HTML_STATE_VALUE_DOUBLE_QUOTED] = html_token_tag,
	[HTML_STATE_VALUE_SINGLE_QUOTED] = html_token_tag,
	[HTML_STATE_VALUE_UNQUOTED] = html_token_tag,
	[HTML_STATE_AFTER_VALUE_QUOTED] = html_token_tag,
	[HTML_STATE_SELF_CLOSING] = html_token_tag,
	[HTML_STATE_DECLARATION_OPEN] = html_token_declaration_open,
	[HTML_STATE_BOGUS_COMMENT] = html_token_bogus_comment,
	[HTML_STATE_COMMENT_START] = html_token_comment_start,
	[HTML_STATE_COMMENT] = html_token_comment,
};

HtmlTokenizer *html_tokenizer_new(const HtmlTokenSink *sink)
{
	HtmlTokenizer *t = g_new(HtmlTokenizer, 1);

	memset(t, 0, offsetof(HtmlTokenizer, slots));
	t->sink = *sink;
	t->store = g_string_new(NULL);
	return t;
}

void html_tokenizer_free(HtmlTokenizer *tokenizer)
{
	if (tokenizer == NULL)
		return;
	g_string_free(tokenizer->store, TRUE);
	g_free(tokenizer);
}

/* A stretch of the input without CR, which stands for `bytes` of it. */
static void read_segment(HtmlTokenizer *t, const char *at, const char *end)
{
	t->segment = at;
	while (at < end)
		at = steps[t->state](t, at, end);
	t->position += (uint64_t)(end - t->segment);
}

/* 13.2.3.5. A CR before LF is skipped, so that the LF stays in its run of text; a lone one is read as "\n".
 */
static const char *read_cr(HtmlTokenizer *t, const char *cr, const char *end)
{
	static const char line_feed[] = "\n";

	if (cr + 1 < end && cr[1] == '\n') {
		t->position++;
		return cr + 1;
	}
	read_segment(t, line_feed, line_feed + 1);
	t->after_cr = true;
	return cr + 1;
}

void html_tokenizer_feed(HtmlTokenizer *tokenizer, const char *utf8, size_t bytes)
{
	const char *at = utf8;
	const char *end = bytes > 0 ? utf8 + bytes : utf8; /* an empty piece may be NULL */

	while (at < end) {
		if (tokenizer->after_cr && *at == '\n') {
			tokenizer->position++;
			at++;
		}
		tokenizer->after_cr = false;
		const char *cr = at < end ? memchr(at, '\r', (size_t)(end - at)) : NULL;
		read_segment(tokenizer, at, cr != NULL ? cr : end);
		at = cr != NULL ? read_cr(tokenizer, cr, end) : end;
	}
}

void html_tokenizer_finish(HtmlTokenizer *tokenizer, size_t *ret_lost)
{
	HtmlTokenizer *t = tokenizer;
	bool in_markup = false;

	if (t->state >= HTML_STATE_REFERENCE && t->state <= HTML_STATE_REFERENCE_DECIMAL)
		html_token_finish_reference(t);
	in_markup = t->state >= HTML_STATE_TAG_NAME;
	if (!in_markup)
		html_token_release(t);
	html_token_drop(t);
	t->state = HTML_STATE_DATA;
	if (ret_lost != NULL)
		*ret_lost = in_markup ? (size_t)(t->position - t->markup_start) : 0;
}

/* By HtmlContent. */
static const HtmlTokenState content_states[] = { HTML_STATE_DATA, HTML_STATE_RCDATA, HTML_STATE_RAWTEXT,
	                                         HTML_STATE_SCRIPT, HTML_STATE_PLAINTEXT };

void html_tokenizer_set_content(HtmlTokenizer *tokenizer, HtmlContent content)
{
	tokenizer->state = content_states[content];
	tokenizer->raw_name = tokenizer->tag;
}

void html_tokenizer_set_foreign(HtmlTokenizer *tokenizer, bool foreign)
{
	tokenizer->foreign = foreign;
}
