/* Tags and attributes, 13.2.5.6-8 and 13.2.5.32-40. */
#include "html_token_state_priv.h"

/* How much of a run fits into room: whole code points. */
static size_t fitting(const char *utf8, size_t bytes, size_t room)
{
	size_t fits = bytes;

	if (bytes <= room)
		return bytes;
	for (fits = room; fits > 0 && ((unsigned char)utf8[fits] & 0xC0) == 0x80;)
		fits--;
	return fits;
}

static void clear_name(HtmlTokenName *name)
{
	name->bytes = 0;
	name->text[0] = '\0';
	name->cut = false;
}

/* g_ascii_tolower() is a call for each byte of each name. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static void add_name(HtmlTokenName *name, const char *utf8, size_t bytes)
{
	size_t fits = 0;

	if (name->cut)
		return;
	fits = fitting(utf8, bytes, HTML_NAME_MAX - name->bytes);
	for (size_t i = 0; i < fits; i++)
		name->text[name->bytes++] = lower(utf8[i]);
	name->text[name->bytes] = '\0';
	name->cut = fits < bytes;
}

/* A run of name characters up to the next of stops, U+FFFD for each NUL. */
static const char *name_run(HtmlTokenName *name, const char *at, const char *end, unsigned stops)
{
	for (;;) {
		const char *stop = html_token_scan(at, end, stops);
		add_name(name, at, (size_t)(stop - at));
		if (stop == end || *stop != '\0')
			return stop;
		add_name(name, HTML_REPLACEMENT, HTML_REPLACEMENT_BYTES);
		at = stop + 1;
	}
}

void html_token_begin_tag(HtmlTokenizer *t, bool end_tag)
{
	html_token_drop(t);
	clear_name(&t->tag);
	t->end_tag = end_tag;
	t->self_closing = false;
	t->n_slots = 0;
	t->keep_value = false;
	g_string_truncate(t->store, 0);
}

static void gather_attributes(HtmlTokenizer *t)
{
	g_string_append_c(t->store, '\0');
	for (unsigned i = 0; i < t->n_slots; i++) {
		const HtmlTokenSlot *slot = &t->slots[i];
		t->attributes[i] = (HtmlAttribute) { t->store->str + slot->name, t->store->str + slot->value,
			                             slot->value_bytes };
	}
}

static void emit_tag(HtmlTokenizer *t)
{
	const HtmlTag tag = { t->tag.text, t->attributes, t->n_slots, t->self_closing };
	void (*tell)(void *, const HtmlTag *) = t->end_tag ? t->sink.end_tag : t->sink.start_tag;

	gather_attributes(t);
	t->state = HTML_STATE_DATA; /* before the call, which may set another */
	if (tell != NULL)
		tell(t->sink.user, &tag);
}

static const char *emit(HtmlTokenizer *t, const char *at)
{
	emit_tag(t);
	return at + 1;
}

static const char *markup_open(HtmlTokenizer *t, const char *at, HtmlTokenState next)
{
	html_token_drop(t);
	return html_token_go(t, at, next);
}

const char *html_token_tag_open(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (g_ascii_isalpha(*at)) {
		html_token_begin_tag(t, false);
		return html_token_go(t, at, HTML_STATE_TAG_NAME);
	}
	if (*at == '/') {
		html_token_hold(t, '/');
		return html_token_go(t, at + 1, HTML_STATE_END_TAG_OPEN);
	}
	if (*at == '!')
		return markup_open(t, at + 1, HTML_STATE_DECLARATION_OPEN);
	if (*at == '?')
		return markup_open(t, at, HTML_STATE_BOGUS_COMMENT);
	html_token_release(t);
	return html_token_go(t, at, HTML_STATE_DATA);
}

const char *html_token_end_tag_open(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (g_ascii_isalpha(*at)) {
		html_token_begin_tag(t, true);
		return html_token_go(t, at, HTML_STATE_TAG_NAME);
	}
	if (*at == '>')
		return markup_open(t, at + 1, HTML_STATE_DATA);
	return markup_open(t, at, HTML_STATE_BOGUS_COMMENT);
}

const char *html_token_tag_name(HtmlTokenizer *t, const char *at, const char *end)
{
	at = name_run(&t->tag, at, end, HTML_STOP_TAG_NAME);
	if (at == end)
		return end;
	if (*at == '>')
		return emit(t, at);
	return html_token_go(t, at + 1,
	                     *at == '/' ? HTML_STATE_SELF_CLOSING : HTML_STATE_BEFORE_ATTRIBUTE_NAME);
}

const char *html_token_before_attribute_name(HtmlTokenizer *t, const char *at, const char *end)
{
	at = html_token_skip_space(at, end);
	if (at == end)
		return end;
	if (*at == '/' || *at == '>')
		return html_token_go(t, at, HTML_STATE_AFTER_ATTRIBUTE_NAME);
	clear_name(&t->attribute);
	t->state = HTML_STATE_ATTRIBUTE_NAME;
	if (*at != '=')
		return at;
	add_name(&t->attribute, at, 1);
	return at + 1;
}

static bool is_known(const HtmlTokenizer *t, uint32_t hash)
{
	for (unsigned i = 0; i < t->n_slots; i++)
		if (t->slots[i].hash == hash &&
		    g_str_equal(t->store->str + t->slots[i].name, t->attribute.text))
			return true;
	return false;
}

/* The name at hand is complete: it gets a slot, unless there is none left, or it had one before. */
static void add_attribute(HtmlTokenizer *t)
{
	uint32_t hash = 0;

	t->keep_value = false;
	if (t->n_slots == HTML_ATTRIBUTES_MAX)
		return;
	hash = g_str_hash(t->attribute.text);
	if (is_known(t, hash))
		return;
	g_string_append_c(t->store, '\0'); /* the end of the value before */
	t->slots[t->n_slots++] =
	        (HtmlTokenSlot) { hash, t->store->len, t->store->len + t->attribute.bytes + 1, 0 };
	g_string_append_len(t->store, t->attribute.text, (gssize)t->attribute.bytes + 1);
	t->keep_value = true;
}

const char *html_token_attribute_name(HtmlTokenizer *t, const char *at, const char *end)
{
	at = name_run(&t->attribute, at, end, HTML_STOP_ATTRIBUTE);
	if (at == end)
		return end;
	add_attribute(t);
	if (*at == '=')
		return html_token_go(t, at + 1, HTML_STATE_BEFORE_ATTRIBUTE_VALUE);
	return html_token_go(t, at, HTML_STATE_AFTER_ATTRIBUTE_NAME);
}

const char *html_token_after_attribute_name(HtmlTokenizer *t, const char *at, const char *end)
{
	at = html_token_skip_space(at, end);
	if (at == end)
		return end;
	if (*at == '>')
		return emit(t, at);
	if (*at == '/')
		return html_token_go(t, at + 1, HTML_STATE_SELF_CLOSING);
	if (*at == '=')
		return html_token_go(t, at + 1, HTML_STATE_BEFORE_ATTRIBUTE_VALUE);
	clear_name(&t->attribute);
	return html_token_go(t, at, HTML_STATE_ATTRIBUTE_NAME);
}

const char *html_token_before_value(HtmlTokenizer *t, const char *at, const char *end)
{
	at = html_token_skip_space(at, end);
	if (at == end)
		return end;
	if (*at == '"')
		return html_token_go(t, at + 1, HTML_STATE_VALUE_DOUBLE_QUOTED);
	if (*at == '\'')
		return html_token_go(t, at + 1, HTML_STATE_VALUE_SINGLE_QUOTED);
	if (*at == '>')
		return emit(t, at);
	return html_token_go(t, at, HTML_STATE_VALUE_UNQUOTED);
}

void html_token_add_value(HtmlTokenizer *t, const char *utf8, size_t bytes)
{
	HtmlTokenSlot *slot = NULL;
	size_t fits = 0;

	if (!t->keep_value)
		return;
	slot = &t->slots[t->n_slots - 1];
	fits = fitting(utf8, bytes, HTML_VALUE_MAX - slot->value_bytes);
	g_string_append_len(t->store, utf8, (gssize)fits);
	slot->value_bytes += fits;
	t->keep_value = fits == bytes;
}

/* A run of a value up to the next of stops, U+FFFD for each NUL, references resolved by way of their states.
 */
static const char *value_run(HtmlTokenizer *t, const char *at, const char *end, unsigned stops)
{
	const char *stop = html_token_scan(at, end, stops);

	html_token_add_value(t, at, (size_t)(stop - at));
	if (stop == end)
		return end;
	if (*stop == '&')
		return html_token_refer(t, stop);
	if (*stop != '\0')
		return stop;
	html_token_add_value(t, HTML_REPLACEMENT, HTML_REPLACEMENT_BYTES);
	return stop + 1;
}

const char *html_token_value_double_quoted(HtmlTokenizer *t, const char *at, const char *end)
{
	if (*at == '"')
		return html_token_go(t, at + 1, HTML_STATE_AFTER_VALUE_QUOTED);
	return value_run(t, at, end, HTML_STOP_DOUBLE_QUOTED);
}

const char *html_token_value_single_quoted(HtmlTokenizer *t, const char *at, const char *end)
{
	if (*at == '\'')
		return html_token_go(t, at + 1, HTML_STATE_AFTER_VALUE_QUOTED);
	return value_run(t, at, end, HTML_STOP_SINGLE_QUOTED);
}

const char *html_token_value_unquoted(HtmlTokenizer *t, const char *at, const char *end)
{
	if (html_token_is(*at, HTML_SPACE))
		return html_token_go(t, at + 1, HTML_STATE_BEFORE_ATTRIBUTE_NAME);
	if (*at == '>')
		return emit(t, at);
	return value_run(t, at, end, HTML_STOP_UNQUOTED);
}

const char *html_token_after_value_quoted(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at == '>')
		return emit(t, at);
	if (*at == '/')
		return html_token_go(t, at + 1, HTML_STATE_SELF_CLOSING);
	return html_token_go(t, at, HTML_STATE_BEFORE_ATTRIBUTE_NAME);
}

const char *html_token_self_closing(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at != '>')
		return html_token_go(t, at, HTML_STATE_BEFORE_ATTRIBUTE_NAME);
	t->self_closing = true;
	return emit(t, at);
}
