#include "html_open_priv.h"

#include "html_css_priv.h"

#include <stdlib.h>
#include <string.h>

static void write_own(HtmlText *html, const char *japanese, const char *english)
{
	const char *text = html->options.english ? english : japanese;

	html_sink_text(html->sink, text, strlen(text), HTML_SPACE_NORMAL);
}

static void count_hidden(HtmlText *html, const HtmlAttribute *text)
{
	if (text != NULL)
		html->facts.hidden_chars += html_sink_count(text->value, text->value_bytes);
}

/* A text of an attribute between marks of ours; nothing when there is nothing to be seen in it. */
static void write_marked(HtmlText *html, const char *japanese, const char *english, const HtmlAttribute *text)
{
	const char *open = html->options.english ? english : japanese;

	uint32_t mark = html_sink_mark_open(html->sink, open);
	html_sink_text(html->sink, text->value, text->value_bytes, HTML_SPACE_NORMAL);
	html_sink_mark_close(html->sink, mark, "]");
}

static bool is_shown(const HtmlAttribute *attribute)
{
	return attribute != NULL && html_sink_count(attribute->value, attribute->value_bytes) > 0;
}

/* ---- pictures ------------------------------------------------------------------------------------------ */

enum { SPACER_PIXELS = 3 };

static bool is_thin(const HtmlTag *tag, const char *name)
{
	const HtmlAttribute *attribute = html_tag_attribute(tag, name);
	char *end = NULL;

	if (attribute == NULL)
		return false;
	long pixels = strtol(attribute->value, &end, 10);
	return end != attribute->value && *end != '%' && pixels <= SPACER_PIXELS;
}

static void declare_size(void *user, const char *name, const char *value)
{
	bool *thin = user, side = strcmp(name, "width") == 0 || strcmp(name, "height") == 0 ||
	                          strcmp(name, "max-width") == 0 || strcmp(name, "max-height") == 0;
	HtmlCssNumber number;

	if (side && html_css_number((HtmlCssWord) { value, strlen(value) }, &number))
		*thin |= (number.unit == HTML_CSS_PX && number.value <= SPACER_PIXELS) || number.value == 0;
}

static bool is_spacer(const HtmlTag *tag)
{
	const HtmlAttribute *style = html_tag_attribute(tag, "style");
	bool thin = is_thin(tag, "width") || is_thin(tag, "height");

	if (style != NULL)
		html_css_declarations(style->value, style->value_bytes, declare_size, &thin);
	return thin;
}

static HtmlOpenLink *innermost_link(HtmlText *html)
{
	return html->n_links > 0 ? &html->open_links[html->n_links - 1] : NULL;
}

void html_inline_img(HtmlText *html, const HtmlTag *tag)
{
	const HtmlAttribute *alt = html_tag_attribute(tag, "alt");

	if (html_stack_top(&html->stack)->dropped)
		return;
	if (is_spacer(tag))
		return;
	if (!html_open_shows_tag(html, tag)) {
		count_hidden(html, alt);
		return;
	}
	html->facts.pictures++;
	if (is_shown(alt))
		write_marked(html, "[画像: ", "[image: ", alt);
	else if (innermost_link(html) != NULL)
		innermost_link(html)->picture = true;
}

void html_inline_picture(HtmlText *html)
{
	write_own(html, "[画像]", "[image]");
}

/* A spot of a picture that is a link; one without a text says nothing to a reader who does not see the
 * picture. */
void html_inline_area(HtmlText *html, const HtmlTag *tag)
{
	const HtmlAttribute *href = html_tag_attribute(tag, "href"), *alt = html_tag_attribute(tag, "alt");

	if (href == NULL || !html_open_shows_tag(html, tag))
		return;
	g_autoptr(HtmlLink) link = html_links_find(html->links, href->value);
	if (link == NULL)
		return;
	if (!is_shown(alt)) {
		html->facts.links_removed += link->url.kind == HTML_URL_REFUSED;
		return;
	}
	html_sink_space(html->sink);
	write_marked(html, "[画像: ", "[image: ", alt);
	const char *mark = html_links_mark(html->links, link, "", alt->value);
	html_sink_attach(html->sink, mark);
}

void html_inline_hr(HtmlText *html, const HtmlTag *tag)
{
	if (!html_open_shows_tag(html, tag))
		return;
	html_sink_block(html->sink, false);
	html_sink_spill(html->sink); /* a rule is no cell of a row */
	write_own(html, "--------------------", "--------------------");
	html_sink_block(html->sink, false);
}

/* ---- fields of forms ----------------------------------------------------------------------------------- */

typedef enum { FIELD_TEXT = 0, FIELD_SECRET, FIELD_BUTTON, FIELD_PICTURE, FIELD_BOX, FIELD_HIDDEN } Field;

typedef struct {
	const char *type;
	Field field;
	const char *label[2]; /* of a button without a text; of a box, [1] when it is ticked */
} FieldType;

static const FieldType field_types[] = {
	{ "hidden", FIELD_HIDDEN, { NULL, NULL } },
	{ "password", FIELD_SECRET, { NULL, NULL } },
	{ "file", FIELD_SECRET, { NULL, NULL } },
	{ "submit", FIELD_BUTTON, { "[ボタン: 送信]", "[button: submit]" } },
	{ "reset", FIELD_BUTTON, { "[ボタン: リセット]", "[button: reset]" } },
	{ "button", FIELD_BUTTON, { "[ボタン]", "[button]" } },
	{ "image", FIELD_PICTURE, { "[ボタン]", "[button]" } },
	{ "checkbox", FIELD_BOX, { "[ ]", "[x]" } },
	{ "radio", FIELD_BOX, { "( )", "(x)" } },
};

static const FieldType *field_of(const HtmlTag *tag)
{
	static const FieldType text = { "text", FIELD_TEXT, { NULL, NULL } };
	const HtmlAttribute *type = html_tag_attribute(tag, "type");

	for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(field_types); i++) {
		if (g_ascii_strcasecmp(type->value, field_types[i].type) == 0)
			return &field_types[i];
	}
	return &text;
}

static void write_field(HtmlText *html, const HtmlTag *tag)
{
	const HtmlAttribute *text = html_tag_attribute(tag, "value");

	if (!is_shown(text))
		text = html_tag_attribute(tag, "placeholder");
	if (is_shown(text))
		write_marked(html, "[入力欄: ", "[input: ", text);
	else
		write_own(html, "[入力欄]", "[input]");
}

static void write_button(HtmlText *html, const FieldType *type, const HtmlAttribute *text)
{
	if (is_shown(text))
		write_marked(html, "[ボタン: ", "[button: ", text);
	else
		write_own(html, type->label[0], type->label[1]);
}

void html_inline_button(HtmlText *html, char type)
{
	const char *name = type == 'r' ? "reset" : type == 'b' ? "button" : "submit";

	for (size_t i = 0; i < G_N_ELEMENTS(field_types); i++) {
		if (html_name_order(field_types[i].type, name) == 0)
			write_own(html, field_types[i].label[0], field_types[i].label[1]);
	}
}

static void write_box(HtmlText *html, const FieldType *type, const HtmlTag *tag)
{
	const char *box = type->label[html_tag_attribute(tag, "checked") != NULL];

	html_sink_word(html->sink, box);
}

void html_inline_input(HtmlText *html, const HtmlTag *tag)
{
	const FieldType *type = field_of(tag);
	const HtmlOpen *top = html_stack_top(&html->stack);

	html->facts.password_fields += !top->dropped && g_strcmp0(type->type, "password") == 0;
	if (type->field == FIELD_HIDDEN || top->dropped)
		return;
	if (!html_open_shows_tag(html, tag)) {
		if (type->field != FIELD_SECRET)
			count_hidden(html, html_tag_attribute(tag, "value"));
		return;
	}
	html_sink_space(html->sink);
	if (type->field == FIELD_TEXT)
		write_field(html, tag);
	else if (type->field == FIELD_SECRET)
		write_own(html, "[入力欄]", "[input]");
	else if (type->field == FIELD_BOX)
		write_box(html, type, tag);
	else
		write_button(html, type,
		             html_tag_attribute(tag, type->field == FIELD_PICTURE ? "alt" : "value"));
}
