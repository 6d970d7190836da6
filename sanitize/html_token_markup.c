/* Declarations, comments, CDATA: 13.2.5.41-71. Nothing of them is told but the text of CDATA; what counts is
 * where they end, since the words after that place are seen. */
#include "html_token_state_priv.h"

#include <string.h>

typedef struct {
	const char *opening; /* after "<!" */
	bool any_case;
	bool foreign_only;
	HtmlTokenState next;
} Declaration;

/* A doctype is read as a bogus comment: in every one of its states ">" ends it, in quotes too. */
static const Declaration declarations[] = {
	{ "--", false, false, HTML_STATE_COMMENT_START },
	{ "DOCTYPE", true, false, HTML_STATE_BOGUS_COMMENT },
	{ "[CDATA[", false, true, HTML_STATE_CDATA },
};

static const Declaration *find_declaration(const HtmlTokenizer *t)
{
	for (size_t i = 0; i < G_N_ELEMENTS(declarations); i++) {
		const Declaration *d = &declarations[i];
		int difference = d->any_case ? g_ascii_strncasecmp(d->opening, t->pending, t->n_pending)
		                             : strncmp(d->opening, t->pending, t->n_pending);
		if (difference == 0 && (!d->foreign_only || t->foreign))
			return d;
	}
	return NULL;
}

/* No opening holds a ">", so that what was held of a failed one need not be read again. */
const char *html_token_declaration_open(HtmlTokenizer *t, const char *at, const char *end)
{
	const Declaration *declaration = NULL;

	(void)end;
	html_token_hold(t, *at);
	declaration = find_declaration(t);
	if (declaration == NULL) {
		html_token_drop(t);
		return html_token_go(t, at, HTML_STATE_BOGUS_COMMENT);
	}
	if (declaration->opening[t->n_pending] != '\0')
		return at + 1;
	html_token_drop(t);
	t->dashes = 0;
	return html_token_go(t, at + 1, declaration->next);
}

const char *html_token_bogus_comment(HtmlTokenizer *t, const char *at, const char *end)
{
	at = memchr(at, '>', (size_t)(end - at));
	return at == NULL ? end : html_token_go(t, at + 1, HTML_STATE_DATA);
}

/* "<!-->" and "<!--->" are whole comments. */
const char *html_token_comment_start(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at == '>')
		return html_token_go(t, at + 1, HTML_STATE_DATA);
	if (*at != '-') {
		t->dashes = 0;
		return html_token_go(t, at, HTML_STATE_COMMENT);
	}
	t->dashes++;
	return html_token_go(t, at + 1, t->dashes == 2 ? HTML_STATE_COMMENT : HTML_STATE_COMMENT_START);
}

/* dashes: 0 to 2, or 3 for "--!". The states for "<!--" inside are left out: they only find errors. */
const char *html_token_comment(HtmlTokenizer *t, const char *at, const char *end)
{
	static const unsigned after_dash[] = { 1, 2, 2, 1 };

	if (*at == '-') {
		t->dashes = after_dash[t->dashes];
		return at + 1;
	}
	if (*at == '>' && t->dashes >= 2)
		return html_token_go(t, at + 1, HTML_STATE_DATA);
	if (*at == '!' && t->dashes == 2) {
		t->dashes = 3;
		return at + 1;
	}
	t->dashes = 0;
	at = memchr(at, '-', (size_t)(end - at));
	return at == NULL ? end : at;
}

/* 13.2.6.5: a NUL in foreign content is replaced. */
const char *html_token_cdata(HtmlTokenizer *t, const char *at, const char *end)
{
	at = html_token_text_run(t, at, end, HTML_STOP_CDATA);
	if (at == end)
		return end;
	html_token_hold(t, ']');
	return html_token_go(t, at + 1, HTML_STATE_CDATA_END);
}

const char *html_token_cdata_end(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at == ']' && t->n_pending == 1) {
		html_token_hold(t, ']');
		return at + 1;
	}
	if (*at == ']') {
		html_token_text(t, "]", 1);
		return at + 1;
	}
	if (*at == '>' && t->n_pending == 2) {
		html_token_drop(t);
		return html_token_go(t, at + 1, HTML_STATE_DATA);
	}
	html_token_release(t);
	return html_token_go(t, at, HTML_STATE_CDATA);
}
