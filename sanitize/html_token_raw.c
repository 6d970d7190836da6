/* Text that is not parsed: RCDATA, RAWTEXT, script with its escaped states, PLAINTEXT, 13.2.5.2-5 and 9-31.
 */
#include "html_token_state_priv.h"

/* One character of text. */
static const char *say(HtmlTokenizer *t, const char *at, HtmlTokenState next)
{
	html_token_text(t, at, 1);
	return html_token_go(t, at + 1, next);
}

/* A "<" with this behind it begins no end tag, nor does it change the state: it is text like any other. */
static bool is_bare(const HtmlTokenizer *t, const char *at, const char *end)
{
	return *at == '<' && at + 1 < end && at[1] != '/' && (at[1] != '!' || t->state != HTML_STATE_SCRIPT);
}

/* As html_token_text_run(), up to one of the stops that is not bare. */
static const char *raw_run(HtmlTokenizer *t, const char *at, const char *end, unsigned stops)
{
	for (const char *from = at;;) {
		at = stops == HTML_STOP_DATA ? html_token_scan_data(at, end)
		                             : html_token_scan_for(at, end, '<', '<', HTML_STOP_RAW);
		if (at < end && is_bare(t, at, end)) {
			at++;
			continue;
		}
		html_token_text(t, from, (size_t)(at - from));
		if (at == end || *at != '\0')
			return at;
		html_token_text(t, HTML_REPLACEMENT, HTML_REPLACEMENT_BYTES);
		from = ++at;
	}
}

static const char *raw_less_than(HtmlTokenizer *t, const char *at)
{
	t->raw_state = t->state;
	return html_token_open(t, at, HTML_STATE_RAW_OPEN);
}

const char *html_token_rcdata(HtmlTokenizer *t, const char *at, const char *end)
{
	at = raw_run(t, at, end, HTML_STOP_DATA);
	if (at == end)
		return end;
	return *at == '&' ? html_token_refer(t, at) : raw_less_than(t, at);
}

const char *html_token_rawtext(HtmlTokenizer *t, const char *at, const char *end)
{
	at = raw_run(t, at, end, HTML_STOP_RAW);
	return at == end ? end : raw_less_than(t, at);
}

const char *html_token_plaintext(HtmlTokenizer *t, const char *at, const char *end)
{
	return html_token_text_run(t, at, end, HTML_STOP_NUL);
}

/* After "<": the three kinds of raw text differ in what else but "/" means something. */
const char *html_token_raw_open(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at == '/') {
		html_token_hold(t, '/');
		return html_token_go(t, at + 1, HTML_STATE_RAW_END_OPEN);
	}
	html_token_release(t);
	if (*at == '!' && t->raw_state == HTML_STATE_SCRIPT) {
		t->dashes = 0;
		return say(t, at, HTML_STATE_SCRIPT_ESCAPE_START);
	}
	if (g_ascii_isalpha(*at) && t->raw_state == HTML_STATE_SCRIPT_ESCAPED) {
		t->matched = 0;
		return html_token_go(t, at, HTML_STATE_SCRIPT_DOUBLE_ESCAPE_START);
	}
	return html_token_go(t, at, t->raw_state);
}

/* After "</". What follows is compared as it comes, so that at most the wanted name is ever held. */
const char *html_token_raw_end_open(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (g_ascii_isalpha(*at)) {
		t->matched = 0;
		return html_token_go(t, at, HTML_STATE_RAW_END_NAME);
	}
	html_token_release(t);
	return html_token_go(t, at, t->raw_state);
}

static const char *raw_end_tag(HtmlTokenizer *t, const char *at)
{
	html_token_begin_tag(t, true);
	t->tag = t->raw_name;
	return html_token_go(t, at, HTML_STATE_TAG_NAME);
}

/* Only the "appropriate end tag" ends raw text: a name of letters, that of the start tag, and nothing after
 * it. */
const char *html_token_raw_end_name(HtmlTokenizer *t, const char *at, const char *end)
{
	const HtmlTokenName *name = &t->raw_name;

	while (at < end && t->matched < name->bytes && g_ascii_isalpha(*at) &&
	       g_ascii_tolower(*at) == name->text[t->matched]) {
		html_token_hold(t, *at++);
		t->matched++;
	}
	if (at == end)
		return end;
	if (t->matched == name->bytes && !name->cut &&
	    (html_token_is(*at, HTML_SPACE) || *at == '/' || *at == '>'))
		return raw_end_tag(t, at);
	html_token_release(t);
	return html_token_go(t, at, t->raw_state);
}

/* "<!" was seen: two dashes more, and the script is escaped. */
const char *html_token_script_escape_start(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at != '-')
		return html_token_go(t, at, HTML_STATE_SCRIPT);
	t->dashes++;
	return say(t, at, t->dashes == 2 ? HTML_STATE_SCRIPT_ESCAPED : HTML_STATE_SCRIPT_ESCAPE_START);
}

/* Both escaped states: text up to a "<", which is left to the caller; "-->" goes back to the script state. */
static const char *escaped_run(HtmlTokenizer *t, const char *at, const char *end)
{
	if (*at == '-') {
		t->dashes = MIN(t->dashes + 1, 2);
		return say(t, at, t->state);
	}
	if (*at == '>' && t->dashes == 2)
		return say(t, at, HTML_STATE_SCRIPT);
	t->dashes = 0;
	return html_token_text_run(t, at, end, HTML_STOP_ESCAPED);
}

const char *html_token_script_escaped(HtmlTokenizer *t, const char *at, const char *end)
{
	if (*at != '<')
		return escaped_run(t, at, end);
	t->dashes = 0;
	return raw_less_than(t, at);
}

const char *html_token_script_double_escaped(HtmlTokenizer *t, const char *at, const char *end)
{
	if (*at != '<')
		return escaped_run(t, at, end);
	t->dashes = 0;
	return say(t, at, HTML_STATE_SCRIPT_DOUBLE_ESCAPED_OPEN);
}

const char *html_token_script_double_escaped_open(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at != '/')
		return html_token_go(t, at, HTML_STATE_SCRIPT_DOUBLE_ESCAPED);
	t->matched = 0;
	return say(t, at, HTML_STATE_SCRIPT_DOUBLE_ESCAPE_END);
}

/* A name which is text in any case: on to `match` if it is "script", else to `other`. */
static const char *double_escape(HtmlTokenizer *t, const char *at, const char *end, HtmlTokenState match,
                                 HtmlTokenState other, HtmlTokenState no_name)
{
	static const char script[] = "script";
	enum { SCRIPT = sizeof script - 1 };
	const char *start = at;

	for (; at < end && g_ascii_isalpha(*at); at++) {
		bool same = t->matched < SCRIPT && g_ascii_tolower(*at) == script[t->matched];
		t->matched = same ? t->matched + 1 : SCRIPT + 1;
	}
	html_token_text(t, start, (size_t)(at - start));
	if (at == end)
		return end;
	if (!html_token_is(*at, HTML_SPACE) && *at != '/' && *at != '>')
		return html_token_go(t, at, no_name);
	return say(t, at, t->matched == SCRIPT ? match : other);
}

const char *html_token_script_double_escape_start(HtmlTokenizer *t, const char *at, const char *end)
{
	return double_escape(t, at, end, HTML_STATE_SCRIPT_DOUBLE_ESCAPED, HTML_STATE_SCRIPT_ESCAPED,
	                     HTML_STATE_SCRIPT_ESCAPED);
}

const char *html_token_script_double_escape_end(HtmlTokenizer *t, const char *at, const char *end)
{
	return double_escape(t, at, end, HTML_STATE_SCRIPT_ESCAPED, HTML_STATE_SCRIPT_DOUBLE_ESCAPED,
	                     HTML_STATE_SCRIPT_DOUBLE_ESCAPED);
}
