/* parse_nested: the heading under which an attached mail stands in the text.
 */
#include "clean_text.h"
#include "parse_blocks_priv.h"
#include "parse_structure_priv.h"

#include <string.h>

enum { ADDRESSES_SHOWN = 10 };

typedef struct {
	const char *field;
	const char *japanese;
	const char *english;
} Label;

char *parse_nested_heading(const char *number, bool english)
{
	return g_strdup_printf(english ? "■ Attached message (part %s)" : "■ 添付されたメール（番号 %s）",
	                       number);
}

static void append_line(GString *out, const Label *label, bool english, const char *value)
{
	if (value[0] != '\0')
		g_string_append_printf(out, "%s: %s\n", english ? label->english : label->japanese, value);
}

/* ---- addresses -------------------------------------------------------------------------------------------
 */

static void append_address(GString *out, const MailAddress *address)
{
	if (out->len > 0)
		g_string_append(out, ", ");
	if (address->name[0] != '\0')
		g_string_append_printf(out, "%s ", address->name);
	if (address->local[0] != '\0' || address->domain[0] != '\0')
		g_string_append_printf(out, address->domain[0] != '\0' ? "<%s@%s>" : "<%s%s>", address->local,
		                       address->domain);
}

static char *address_list(ParseRange value)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)parse_address_free);
	g_autoptr(GString) out = g_string_new(NULL);
	bool all = parse_addresses(value, list, ADDRESSES_SHOWN);

	for (guint i = 0; i < list->len; i++)
		append_address(out, g_ptr_array_index(list, i));
	if (!all)
		g_string_append(out, ", …");
	return clean_line(out->str, out->len, PARSE_SUBJECT_CHARS, NULL);
}

/* ---- the date --------------------------------------------------------------------------------------------
 */

/* Days since 1970-01-01 to a date of the Gregorian calendar; libc's way would open time zone files. */
static void date_of_days(int64_t days, int64_t *year, int *month, int *day)
{
	/* March is the first month, so that a leap day ends the year; eras of 400 years */
	int64_t shifted = days + 719468;
	int64_t era = shifted / 146097;
	int64_t of_era = shifted % 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

static char *date_text(ParseRange value)
{
	int64_t seconds = 0, year = 0;
	int zone = 0, month = 0, day = 0;

	if (value.bytes == NULL || !parse_date(value, &seconds, &zone))
		return g_strdup("");
	/* never negative: years 1900 .. 9999, counted from 1600 */
	int64_t local = seconds + zone * INT64_C(60);
	int64_t days = (local + INT64_C(135140) * 86400) / 86400 - 135140;
	int64_t clock = local - days * 86400;
	date_of_days(days, &year, &month, &day);
	return g_strdup_printf("%04d-%02d-%02d %02d:%02d:%02d %c%02d%02d", (int)year, month, day,
	                       (int)(clock / 3600), (int)(clock / 60 % 60), (int)(clock % 60),
	                       zone < 0 ? '-' : '+', ABS(zone) / 60, ABS(zone) % 60);
}

GString *parse_nested_fields(const ParseHead *head, bool english)
{
	static const Label subject = { "Subject", "件名", "Subject" };
	static const Label people[] = { { "From", "差出人", "From" }, { "To", "宛先", "To" } };
	static const Label date = { "Date", "日付", "Date" };
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
	GString *out = g_string_new(NULL);
	ParseRange value = parse_head_find(head, subject.field);

	if (value.bytes != NULL) {
		g_autofree char *line = parse_words_line(value, PARSE_SUBJECT_CHARS, NULL, NULL);
		append_line(out, &subject, english, line);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(people); i++) {
		g_autofree char *line = address_list(parse_head_find(head, people[i].field));
		append_line(out, &people[i], english, line);
	}
	g_autofree char *when = date_text(parse_head_find(head, date.field));
	append_line(out, &date, english, when);
	/* a Subject may be a file in base64 */
	parse_blocks_text(out, english, blocks);
	return out;
}
