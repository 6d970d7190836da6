/* Tags and attributes, 13.2.5.6-8 and 13.2.5.32-40. */
#include "html_token_state_priv.h"

#include "html_append_priv.h"

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

/* As name_run(), up to where it takes more than a look at each byte. */
static const char *short_run(HtmlTokenName *name, const char *at, const char *end, unsigned stops)
{
	char *to = name->text + name->bytes;
	size_t room = HTML_NAME_MAX - name->bytes;

	if (name->cut)
		return at;
	if ((size_t)(end - at) > room)
		end = at + room;
	for (; at < end; at++) {
		bool letter = *at >= 'a' && *at <= 'z';
		if (!letter && (html_token_is(*at, stops | HTML_STOP_NUL) || (unsigned char)*at >= 0x80))
			break;
		*to++ = letter ? *at : lower(*at);
	}
	*to = '\0';
	name->bytes = (size_t)(to - name->text);
	return at;
}

/* A run of name characters up to the next of stops, U+FFFD for each NUL. */
static const char *name_run(HtmlTokenName *name, const char *at, const char *end, unsigned stops)
{
	at = short_run(name, at, end, stops);
	if (at < end && *at != '\0' && html_token_is(*at, stops))
		return at;
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
	html_clear(t->store);
}

static void gather_attributes(HtmlTokenizer *t)
{
	if (t->n_slots == 0)
		return;
	g_string_append_c(t->store, '\0');
	for (unsigned i = 0; i < t->n_slots; i++) {
		const HtmlTokenSlot *slot = &t->slots[i];
		t->attributes[i] = (HtmlAttribute) { t->store->str + slot->name, t->store->str + slot->value,
			                             slot->value_bytes };
	}
}

static void emit_tag(HtmlTokenizer *t)
{
	const HtmlTag tag = { t->tag.text, t->attributes, t->n_slots, t->self_closing, t->tag.bytes };
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

static const char *tag_open(HtmlTokenizer *t, const char *at, const char *end)
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

static const char *end_tag_open(HtmlTokenizer *t, const char *at, const char *end)
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

static const char *tag_name(HtmlTokenizer *t, const char *at, const char *end)
{
	at = name_run(&t->tag, at, end, HTML_STOP_TAG_NAME);
	if (at == end)
		return end;
	if (*at == '>')
		return emit(t, at);
	return html_token_go(t, at + 1,
	                     *at == '/' ? HTML_STATE_SELF_CLOSING : HTML_STATE_BEFORE_ATTRIBUTE_NAME);
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
	uint32_t hash = 5381;

	t->keep_value = false;
	if (t->n_slots == HTML_ATTRIBUTES_MAX)
		return;
	for (size_t i = 0; i < t->attribute.bytes; i++)
		hash = hash * 33 + (unsigned char)t->attribute.text[i];
	if (is_known(t, hash))
		return;
	g_string_append_c(t->store, '\0'); /* the end of the value before */
	t->slots[t->n_slots++] =
	        (HtmlTokenSlot) { hash, t->store->len, t->store->len + t->attribute.bytes + 1, 0 };
	html_append(t->store, t->attribute.text, t->attribute.bytes + 1);
	t->keep_value = true;
}

static const char *attribute_name(HtmlTokenizer *t, const char *at, const char *end)
{
	at = name_run(&t->attribute, at, end, HTML_STOP_ATTRIBUTE);
	if (at == end)
		return end;
	add_attribute(t);
	if (*at != '=')
		return html_token_go(t, at, HTML_STATE_AFTER_ATTRIBUTE_NAME);
	if (at + 1 < end && at[1] == '"') /* most values: the state between is left out */
		return html_token_go(t, at + 2, HTML_STATE_VALUE_DOUBLE_QUOTED);
	return html_token_go(t, at + 1, HTML_STATE_BEFORE_ATTRIBUTE_VALUE);
}

static const char *before_attribute_name(HtmlTokenizer *t, const char *at, const char *end)
{
	at = html_token_skip_space(at, end);
	if (at == end)
		return end;
	if (*at == '/' || *at == '>')
		return html_token_go(t, at, HTML_STATE_AFTER_ATTRIBUTE_NAME);
	clear_name(&t->attribute);
	t->state = HTML_STATE_ATTRIBUTE_NAME;
	if (*at != '=')
		return attribute_name(t, at, end);
	add_name(&t->attribute, at, 1);
	return at + 1;
}

static const char *after_attribute_name(HtmlTokenizer *t, const char *at, const char *end)
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

static const char *before_value(HtmlTokenizer *t, const char *at, const char *end)
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
	html_append(t->store, utf8, fits);
	slot->value_bytes += fits;
	t->keep_value = fits == bytes;
}

/* A run of a value up to a stop, U+FFFD for a NUL, references resolved by way of their states. */
static const char *value_run(HtmlTokenizer *t, const char *at, const char *stop, const char *end)
{
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

static const char *after_value_quoted(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at == '>')
		return emit(t, at);
	if (*at == '/')
		return html_token_go(t, at + 1, HTML_STATE_SELF_CLOSING);
	return html_token_go(t, at, HTML_STATE_BEFORE_ATTRIBUTE_NAME);
}

/* quote: what ends it, also when nothing of it is kept any more: pictures of megabytes stand in a "src". */
static inline const char *value_quoted(HtmlTokenizer *t, const char *at, const char *end, char quote,
                                       unsigned stops)
{
	if (!t->keep_value) {
		const char *last = memchr(at, quote, (size_t)(end - at));
		at = last != NULL ? last : end;
	}
	at = value_run(t, at, html_token_scan_for(at, end, quote, '&', stops), end);
	if (at == end || *at != quote || t->state == HTML_STATE_REFERENCE)
		return at;
	t->state = HTML_STATE_AFTER_VALUE_QUOTED;
	return at + 1 < end ? after_value_quoted(t, at + 1, end) : end;
}

static const char *value_double_quoted(HtmlTokenizer *t, const char *at, const char *end)
{
	return value_quoted(t, at, end, '"', HTML_STOP_DOUBLE_QUOTED);
}

static const char *value_single_quoted(HtmlTokenizer *t, const char *at, const char *end)
{
	return value_quoted(t, at, end, '\'', HTML_STOP_SINGLE_QUOTED);
}

static const char *value_unquoted(HtmlTokenizer *t, const char *at, const char *end)
{
	if (html_token_is(*at, HTML_SPACE))
		return html_token_go(t, at + 1, HTML_STATE_BEFORE_ATTRIBUTE_NAME);
	if (*at == '>')
		return emit(t, at);
	return value_run(t, at, html_token_scan(at, end, HTML_STOP_UNQUOTED), end);
}

static const char *self_closing(HtmlTokenizer *t, const char *at, const char *end)
{
	(void)end;
	if (*at != '>')
		return html_token_go(t, at, HTML_STATE_BEFORE_ATTRIBUTE_NAME);
	t->self_closing = true;
	return emit(t, at);
}

/* All states of a tag in one step: on its way through most tags none of them takes more than a few bytes. */
const char *html_token_tag(HtmlTokenizer *t, const char *at, const char *end)
{
	while (at < end) {
		switch (t->state) {
		case HTML_STATE_TAG_OPEN:
			at = tag_open(t, at, end);
			break;
		case HTML_STATE_END_TAG_OPEN:
			at = end_tag_open(t, at, end);
			break;
		case HTML_STATE_TAG_NAME:
			at = tag_name(t, at, end);
			break;
		case HTML_STATE_BEFORE_ATTRIBUTE_NAME:
			at = before_attribute_name(t, at, end);
			break;
		case HTML_STATE_ATTRIBUTE_NAME:
			at = attribute_name(t, at, end);
			break;
		case HTML_STATE_AFTER_ATTRIBUTE_NAME:
			at = after_attribute_name(t, at, end);
			break;
		case HTML_STATE_BEFORE_ATTRIBUTE_VALUE:
			at = before_value(t, at, end);
			break;
		case HTML_STATE_VALUE_DOUBLE_QUOTED:
			at = value_double_quoted(t, at, end);
			break;
		case HTML_STATE_VALUE_SINGLE_QUOTED:
			at = value_single_quoted(t, at, end);
			break;
		case HTML_STATE_VALUE_UNQUOTED:
			at = value_unquoted(t, at, end);
			break;
		case HTML_STATE_AFTER_VALUE_QUOTED:
			at = after_value_quoted(t, at, end);
			break;
		case HTML_STATE_SELF_CLOSING:
			at = self_closing(t, at, end);
			break;
		default:
			return at;
		}
	}
	return at;
}
