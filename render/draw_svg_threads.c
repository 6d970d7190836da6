/* librsvg starts as many threads as there are processors for a blur and for lighting, which in the jail is
 * the end of the child. So a picture is drawn without these effects: each is renamed before librsvg sees it,
 * an element to one that hands its input on (feOffset), a function of CSS to one that does not exist. Only
 * where markup or style stands: text that is shown stays as it is. What hides from this (an entity, an
 * escape) dies in the jail, and is told as such. */
#include "draw_image_priv.h"

#include <string.h>

static const char *const elements[] = { "feGaussianBlur", "feDropShadow", "feDiffuseLighting",
	                                "feSpecularLighting" };
static const char *const functions[] = { "blur(", "drop-shadow(" };

typedef struct {
	const char *at, *end;
	GString *out;
} Copy;

static bool is_name_byte(char byte)
{
	return g_ascii_isalnum(byte) || strchr("_-.:", byte) != NULL || (byte & 0x80) != 0;
}

static bool begins_with(const Copy *copy, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(copy->end - copy->at) >= length && g_ascii_strncasecmp(copy->at, word, length) == 0;
}

static void copy_bytes(Copy *copy, size_t n)
{
	size_t some = MIN(n, (size_t)(copy->end - copy->at));

	g_string_append_len(copy->out, copy->at, (gssize)some);
	copy->at += some;
}

/* As far as that byte, or all of it. */
static void copy_until(Copy *copy, char byte)
{
	const char *found = memchr(copy->at, byte, (size_t)(copy->end - copy->at));

	copy_bytes(copy, (size_t)((found == NULL ? copy->end : found) - copy->at));
}

static bool is_renamed(const char *name, size_t length)
{
	for (size_t i = 0; i < G_N_ELEMENTS(elements); i++)
		if (strlen(elements[i]) == length && memcmp(name, elements[i], length) == 0)
			return true;
	return false;
}

/* The name of an element, whose prefix stays. True: it is a style sheet. */
static bool copy_name(Copy *copy)
{
	const char *begin = copy->at;

	for (const char *at = begin; at < copy->end && is_name_byte(*at); at++)
		if (*at == ':')
			begin = at + 1;
	copy_bytes(copy, (size_t)(begin - copy->at));
	while (copy->at < copy->end && is_name_byte(*copy->at))
		copy->at++;
	size_t length = (size_t)(copy->at - begin);
	if (is_renamed(begin, length))
		g_string_append(copy->out, "feOffset");
	else
		g_string_append_len(copy->out, begin, (gssize)length);
	return length == 5 && memcmp(begin, "style", 5) == 0;
}

/* One byte of markup or style, or a function of CSS under another name. */
static void copy_style_byte(Copy *copy)
{
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
		if (begins_with(copy, functions[i])) {
			g_string_append(copy->out, "none-of-");
			copy_bytes(copy, strlen(functions[i]));
			return;
		}
	copy_bytes(copy, 1);
}

static void copy_style_until(Copy *copy, char byte)
{
	while (copy->at < copy->end && *copy->at != byte)
		copy_style_byte(copy);
}

/* Attributes, as far as the end of the tag, which may stand in quotes as well. */
static void copy_attributes(Copy *copy)
{
	while (copy->at < copy->end && *copy->at != '>' && *copy->at != '<') {
		char quote = *copy->at;
		copy_style_byte(copy);
		if (quote != '"' && quote != '\'')
			continue;
		copy_style_until(copy, quote);
		copy_bytes(copy, 1);
	}
}

static void copy_markup(Copy *copy)
{
	copy_bytes(copy, 1);
	bool closing = copy->at < copy->end && *copy->at == '/';
	if (closing)
		copy_bytes(copy, 1);
	bool style = copy_name(copy);
	copy_attributes(copy);
	bool empty = copy->out->len > 0 && copy->out->str[copy->out->len - 1] == '/';
	if (style && !closing && !empty)
		copy_style_until(copy, '<');
}

GBytes *image_svg_without_threads(const DrawInput *input)
{
	Copy copy = { (const char *)input->bytes, (const char *)input->bytes + input->length,
		      g_string_sized_new(input->length + 64) };

	while (copy.at < copy.end) {
		copy_until(&copy, '<');
		if (copy.at < copy.end)
			copy_markup(&copy);
	}
	return g_string_free_to_bytes(copy.out);
}
