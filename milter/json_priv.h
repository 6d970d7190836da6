/* json: a writer of one object, for the status. Members are separated by themselves; g_string_append_c(json, '}')
 * or ']' ends what json_open began. key NULL: an element of an array.
 */
#ifndef MUGAI_MILTER_JSON_PRIV_H
#define MUGAI_MILTER_JSON_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

void json_open(GString *json, const char *key, char bracket);
/* Whatever bytes it has. */
void json_text(GString *json, const char *key, const char *text);
void json_number(GString *json, const char *key, uint64_t number);
void json_bool(GString *json, const char *key, bool value);
/* Seconds since 1970, as ISO 8601 in local time. */
void json_time(GString *json, const char *key, int64_t when);

G_END_DECLS

#endif
