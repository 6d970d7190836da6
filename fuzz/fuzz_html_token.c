/* The HTML tokenizer. The first two bytes choose where the rest is cut: the tokens must not depend on it, all
 * text is valid UTF-8, and no token holds a NUL. */
#include "html_token_priv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

typedef struct {
	HtmlTokenizer *tokenizer;
	GString *tokens;
} Told;

static void require(bool good)
{
	if (!good)
		abort();
}

static void require_text(const char *utf8, size_t bytes)
{
	require(g_utf8_validate(utf8, (gssize)bytes, NULL)); /* which refuses a NUL, too */
}

static void add_text(void *user, const char *utf8, size_t bytes)
{
	Told *told = user;

	require(bytes > 0);
	require_text(utf8, bytes);
	g_string_append_len(told->tokens, utf8, (gssize)bytes);
}

static void require_name(const char *name)
{
	require(name[0] != '\0' && strlen(name) <= HTML_NAME_MAX);
	require_text(name, strlen(name));
	for (; *name != '\0'; name++)
		require(!g_ascii_isupper(*name));
}

static void require_new_name(const HtmlTag *tag, unsigned last)
{
	for (unsigned i = 0; i < last; i++)
		require(strcmp(tag->attributes[i].name, tag->attributes[last].name) != 0);
}

/* \001 to \004 keep the tokens apart well enough: they stand in both of the compared strings. */
static void add_tag(Told *told, const char *opening, const HtmlTag *tag)
{
	require(g_ascii_isalpha(tag->name[0]) && tag->n_attributes <= HTML_ATTRIBUTES_MAX);
	require_name(tag->name);
	g_string_append_printf(told->tokens, "%s%s", opening, tag->name);
	for (unsigned i = 0; i < tag->n_attributes; i++) {
		const HtmlAttribute *attribute = &tag->attributes[i];
		require_name(attribute->name);
		require_new_name(tag, i);
		require(attribute->value_bytes <= HTML_VALUE_MAX &&
		        attribute->value[attribute->value_bytes] == '\0');
		require_text(attribute->value, attribute->value_bytes);
		g_string_append_printf(told->tokens, "\003%s=%s", attribute->name, attribute->value);
	}
	g_string_append(told->tokens, tag->self_closing ? "\004/" : "\004");
}

static HtmlContent content_of(const char *name)
{
	static const char *const names[] = { "", "title", "style", "script", "plaintext" };

	for (unsigned i = 1; i < G_N_ELEMENTS(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (HtmlContent)i;
	return HTML_CONTENT_DATA;
}

static void add_start_tag(void *user, const HtmlTag *tag)
{
	Told *told = user;

	add_tag(told, "\001", tag);
	if (strcmp(tag->name, "svg") == 0)
		html_tokenizer_set_foreign(told->tokenizer, true);
	html_tokenizer_set_content(told->tokenizer, content_of(tag->name));
}

static void add_end_tag(void *user, const HtmlTag *tag)
{
	Told *told = user;

	add_tag(told, "\002", tag);
	if (strcmp(tag->name, "svg") == 0)
		html_tokenizer_set_foreign(told->tokenizer, false);
}

static void feed(HtmlTokenizer *tokenizer, const char *utf8, size_t bytes)
{
	g_autofree char *piece = g_memdup2(utf8, bytes);

	html_tokenizer_feed(tokenizer, piece, bytes);
}

static char *tokens_of(const char *utf8, size_t bytes, size_t cut, size_t *ret_lost)
{
	Told told = { NULL, g_string_new(NULL) };
	const HtmlTokenSink sink = { &told, add_text, add_start_tag, add_end_tag };
	g_autoptr(HtmlTokenizer) tokenizer = html_tokenizer_new(&sink);

	told.tokenizer = tokenizer;
	feed(tokenizer, utf8, cut);
	feed(tokenizer, utf8 + cut, bytes - cut);
	html_tokenizer_finish(tokenizer, ret_lost);
	return g_string_free(told.tokens, FALSE);
}

/* The tokenizer takes valid UTF-8, which may hold NUL: what is not valid becomes one. */
static void make_valid(char *text, size_t length)
{
	const char *bad = text;

	while (!g_utf8_validate(bad, (gssize)(length - (size_t)(bad - text)), &bad))
		text[bad++ - text] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length < 2)
		return 0;
	g_autofree char *text = g_malloc(length - 1);
	size_t n = length - 2;
	size_t cut = n == 0 ? 0 : (bytes[0] * 256u + bytes[1]) % (n + 1);
	size_t lost_whole = 0;
	size_t lost_pieces = 0;

	memcpy(text, bytes + 2, n);
	text[n] = '\0';
	make_valid(text, n);
	while (((unsigned char)text[cut] & 0xC0) == 0x80)
		cut--;
	g_autofree char *whole = tokens_of(text, n, 0, &lost_whole);
	g_autofree char *pieces = tokens_of(text, n, cut, &lost_pieces);
	require(strcmp(whole, pieces) == 0);
	require(lost_whole == lost_pieces && lost_whole <= n);
	return 0;
}
