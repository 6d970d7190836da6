/* cmd_status_read: the daemon's object, as the daemon of this version writes it: members become
 * "supervisor.pid", "errors.0.text". No JSON library, since nothing else of the trusted programs needs one.
 */
#include "cmd_status_priv.h"

#include <string.h>

enum { DEPTH_MAX = 6 };

typedef struct {
	const char *at;
	GHashTable *members; /* path -> text */
} Reader;

static bool read_value(Reader *r, const char *path, unsigned depth);

static bool take(Reader *r, char c)
{
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static bool read_escape(Reader *r, GString *text)
{
	char c = *r->at++;
	if (c == '"' || c == '\\' || c == '/') {
		g_string_append_c(text, c);
		return true;
	}
	if (c != 'u')
		return false;
	for (int i = 0; i < 4; i++)
		if (!g_ascii_isxdigit(*r->at++))
			return false;
	/* Only controls are written so: none of them belongs on a terminal. */
	g_string_append_c(text, '?');
	return true;
}

static bool read_string(Reader *r, GString *text)
{
	if (!take(r, '"'))
		return false;
	while (*r->at != '"') {
		if (*r->at == '\0')
			return false;
		if (!take(r, '\\'))
			g_string_append_c(text, *r->at++);
		else if (!read_escape(r, text))
			return false;
	}
	return take(r, '"');
}

static bool read_object(Reader *r, const char *path, unsigned depth)
{
	while (!take(r, '}')) {
		g_autoptr(GString) key = g_string_new(path);
		if (*path != '\0')
			g_string_append_c(key, '.');
		if (!read_string(r, key) || !take(r, ':') || !read_value(r, key->str, depth))
			return false;
		if (!take(r, ',') && *r->at != '}')
			return false;
	}
	return true;
}

static bool read_array(Reader *r, const char *path, unsigned depth)
{
	for (unsigned i = 0; !take(r, ']'); i++) {
		g_autofree char *key = g_strdup_printf("%s.%u", path, i);
		if (!read_value(r, key, depth) || (!take(r, ',') && *r->at != ']'))
			return false;
	}
	return true;
}

static bool read_plain(Reader *r, const char *path)
{
	g_autoptr(GString) text = g_string_new(NULL);
	if (*r->at == '"') {
		if (!read_string(r, text))
			return false;
	} else {
		size_t length = strspn(r->at, "0123456789abcdefghijklmnopqrstuvwxyz.-");
		if (length == 0)
			return false;
		g_string_append_len(text, r->at, (gssize)length);
		r->at += length;
	}
	g_hash_table_insert(r->members, g_strdup(path), g_strdup(text->str));
	return true;
}

static bool read_value(Reader *r, const char *path, unsigned depth)
{
	if (depth == 0)
		return false;
	if (take(r, '{'))
		return read_object(r, path, depth - 1);
	if (take(r, '['))
		return read_array(r, path, depth - 1);
	return read_plain(r, path);
}

GHashTable *status_read(const char *answer)
{
	g_autoptr(GHashTable) members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	Reader reader = { .at = answer, .members = members };
	if (!g_utf8_validate(answer, -1, NULL) || !read_value(&reader, "", DEPTH_MAX) ||
	    strcmp(reader.at, "\n") != 0)
		return NULL;
	return g_steal_pointer(&members);
}
