/* html_append: the end of a GString, without the two calls that glib takes for each. Most pieces of a text, a tag
 * and a link are a few bytes long. */
#ifndef MUGAI_SANITIZE_HTML_APPEND_PRIV_H
#define MUGAI_SANITIZE_HTML_APPEND_PRIV_H

#include <glib.h>
#include <string.h>

/* As g_string_append_len(); bytes do not lie in string. */
static inline void html_append(GString *string, const char *bytes, size_t length)
{
	if (length >= string->allocated_len - string->len) {
		g_string_append_len(string, bytes, (gssize)length);
		return;
	}
	char *to = string->str + string->len;
	switch (length) {
	case 3:
		to[2] = bytes[2];
		G_GNUC_FALLTHROUGH;
	case 2:
		to[1] = bytes[1];
		G_GNUC_FALLTHROUGH;
	case 1:
		to[0] = bytes[0];
		G_GNUC_FALLTHROUGH;
	case 0:
		break;
	default:
		memcpy(to, bytes, length);
	}
	to[length] = '\0';
	string->len += length;
}

/* The same character n times. */
static inline void html_append_same(GString *string, char c, size_t n)
{
	size_t before = string->len;

	if (n >= string->allocated_len - string->len)
		g_string_set_size(string, before + n);
	memset(string->str + before, c, n);
	string->len = before + n;
	string->str[string->len] = '\0';
}

static inline void html_append_number(GString *string, unsigned number)
{
	char digits[sizeof("4294967295")];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	html_append(string, digits + at, sizeof digits - at);
}

/* bytes: at most what there is. */
static inline void html_truncate(GString *string, size_t bytes)
{
	string->len = bytes;
	string->str[bytes] = '\0';
}

static inline void html_clear(GString *string)
{
	string->len = 0;
	string->str[0] = '\0';
}

#endif
