/* json: see json_priv.h. */
#include "json_priv.h"

/* Separates members by looking at what is there already. */
static void json_key(GString *json, const char *key)
{
	char last = json->str[json->len - 1];
	if (last != '{' && last != '[')
		g_string_append_c(json, ',');
	if (key != NULL)
		g_string_append_printf(json, "\"%s\":", key);
}

void json_text(GString *json, const char *key, const char *text)
{
	json_key(json, key);
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_string_append_c(json, '"');
	for (const char *p = valid; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		if (c < 0x20 || c == 0x7F)
			g_string_append_printf(json, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			g_string_append_printf(json, "\\%c", c);
		else
			g_string_append_c(json, *p);
	}
	g_string_append_c(json, '"');
}

void json_number(GString *json, const char *key, uint64_t number)
{
	json_key(json, key);
	g_string_append_printf(json, "%" G_GUINT64_FORMAT, number);
}

void json_time(GString *json, const char *key, int64_t when)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(when);
	g_autofree char *text = time != NULL ? g_date_time_format_iso8601(time) : g_strdup("");
	json_text(json, key, text);
}

void json_bool(GString *json, const char *key, bool value)
{
	json_key(json, key);
	g_string_append(json, value ? "true" : "false");
}

void json_open(GString *json, const char *key, char bracket)
{
	json_key(json, key);
	g_string_append_c(json, bracket);
}
