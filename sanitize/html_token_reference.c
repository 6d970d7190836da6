/* Character references, 13.2.5.72-80. */
#include "html_token_state_priv.h"

#include <string.h>

static bool in_attribute(const HtmlTokenizer *t)
{
	return t->return_state >= HTML_STATE_TAG_NAME;
}

/* 13.2.5: "flush code points consumed as a character reference". */
static void flush(HtmlTokenizer *t, const char *utf8, size_t bytes)
{
	if (in_attribute(t))
		html_token_add_value(t, utf8, bytes);
	else
		html_token_text(t, utf8, bytes);
}

static void end_reference(HtmlTokenizer *t)
{
	html_token_drop(t);
	t->state = t->return_state;
}

/* It is none: what was held is ordinary text. */
static void give_up(HtmlTokenizer *t)
{
	flush(t, t->pending, t->n_pending);
	end_reference(t);
}

const char *html_token_reference(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (g_ascii_isalnum(*at)) {
		t->state = HTML_STATE_REFERENCE_NAME;
		return at;
	}
	if (*at != '#') {
		give_up(t);
		return at;
	}
	html_token_hold(t, '#');
	t->state = HTML_STATE_REFERENCE_NUMBER;
	return at + 1;
}

/* next: the character after what is held, 0 for the end of the input. */
static void resolve_name(HtmlTokenizer *t, char next)
{
	const char *name = t->pending + 1;
	size_t bytes = t->n_pending - 1;
	const char *utf8 = NULL;
	size_t found = html_entity_find(name, bytes, &utf8);

	if (found == 0) {
		give_up(t);
		return;
	}
	if (found < bytes)
		next = name[found];
	/* So that "?a=1&copy=2" stays the address that was written. */
	if (in_attribute(t) && name[found - 1] != ';' && (next == '=' || g_ascii_isalnum(next))) {
		give_up(t);
		return;
	}
	flush(t, utf8, strlen(utf8));
	flush(t, name + found, bytes - found);
	end_reference(t);
}

/* Holds at most the longest name and the character after it: more cannot change what is found. */
const char *html_token_reference_name(HtmlTokenizer *t, const char *at, const char *end)
{
	while (at < end && t->n_pending <= HTML_ENTITY_NAME_MAX && g_ascii_isalnum(*at))
		html_token_hold(t, *at++);
	if (at == end && t->n_pending <= HTML_ENTITY_NAME_MAX)
		return at;
	if (t->n_pending <= HTML_ENTITY_NAME_MAX && *at == ';')
		html_token_hold(t, *at++);
	resolve_name(t, at < end ? *at : '\0');
	return at;
}

const char *html_token_reference_number(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	t->number = 0;
	if (*at != 'x' && *at != 'X') {
		t->state = HTML_STATE_REFERENCE_DECIMAL_START;
		return at;
	}
	html_token_hold(t, *at);
	t->state = HTML_STATE_REFERENCE_HEX_START;
	return at + 1;
}

static const char *start_number(HtmlTokenizer *t, const char *at, bool digit, HtmlTokenState next)
{
	if (digit)
		t->state = next;
	else
		give_up(t);
	return at;
}

const char *html_token_reference_hex_start(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	return start_number(t, at, g_ascii_isxdigit(*at), HTML_STATE_REFERENCE_HEX);
}

const char *html_token_reference_decimal_start(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	return start_number(t, at, g_ascii_isdigit(*at), HTML_STATE_REFERENCE_DECIMAL);
}

static void resolve_number(HtmlTokenizer *t)
{
	char utf8[6];
	int bytes = g_unichar_to_utf8(html_entity_number(t->number), utf8);

	flush(t, utf8, (size_t)bytes);
	end_reference(t);
}

/* Saturates: "&#4294967361;" must not come round to "A". */
static void add_digit(HtmlTokenizer *t, unsigned base, int digit)
{
	t->number = MIN(t->number * base + (unsigned)digit, 0x110000);
}

static const char *end_number(HtmlTokenizer *t, const char *at, const char *end)
{
	if (at == end)
		return at;
	resolve_number(t);
	return *at == ';' ? at + 1 : at;
}

const char *html_token_reference_hex(HtmlTokenizer *t, const char *at, const char *end)
{
	while (at < end && g_ascii_isxdigit(*at))
		add_digit(t, 16, g_ascii_xdigit_value(*at++));
	return end_number(t, at, end);
}

const char *html_token_reference_decimal(HtmlTokenizer *t, const char *at, const char *end)
{
	while (at < end && g_ascii_isdigit(*at))
		add_digit(t, 10, g_ascii_digit_value(*at++));
	return end_number(t, at, end);
}

void html_token_finish_reference(HtmlTokenizer *t)
{
	if (t->state == HTML_STATE_REFERENCE_NAME)
		resolve_name(t, '\0');
	else if (t->state == HTML_STATE_REFERENCE_HEX || t->state == HTML_STATE_REFERENCE_DECIMAL)
		resolve_number(t);
	else
		give_up(t);
}
