/* parse_nested: the heading under which an attached mail stands in the text, and what a sender writes to look
 * like one.
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

static const char *const heading_words[] = { "添付されたメール", "Attached message" };

char *parse_nested_heading(const char *number, bool english)
{
	return g_strdup_printf(english ? "■ %s (part %s)" : "■ %s（番号 %s）", heading_words[english],
	                       number);
}

static const Label subject_label = { "Subject", "件名", "Subject" };
static const Label people_labels[] = { { "From", "差出人", "From" }, { "To", "宛先", "To" } };
static const Label date_label = { "Date", "日付", "Date" };

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

static char *address_list(ParseRange value, ParseCharsets *charsets)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)parse_address_free);
	g_autoptr(GString) out = g_string_new(NULL);
	bool all = parse_addresses_with(value, charsets, list, ADDRESSES_SHOWN);

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

static char *time_text(int64_t seconds, int zone)
{
	int64_t year = 0;
	int month = 0, day = 0;

	/* never negative: years 1900 .. 9999, counted from 1600 */
	int64_t local = seconds + zone * INT64_C(60);
	int64_t days = (local + INT64_C(135140) * 86400) / 86400 - 135140;
	int64_t clock = local - days * 86400;
	date_of_days(days, &year, &month, &day);
	return g_strdup_printf("%04d-%02d-%02d %02d:%02d:%02d %c%02d%02d", (int)year, month, day,
	                       (int)(clock / 3600), (int)(clock / 60 % 60), (int)(clock % 60),
	                       zone < 0 ? '-' : '+', ABS(zone) / 60, ABS(zone) % 60);
}

/* The time of Japan, and in brackets what the sender's clock showed. */
static char *date_text(ParseRange value)
{
	static const int japan = 540;
	ParseDate date = { .seconds = 0 };

	if (value.bytes == NULL || !parse_date(value, &date))
		return g_strdup("");
	g_autofree char *here = time_text(date.seconds, japan);
	if (date.zone == japan)
		return g_steal_pointer(&here);
	g_autofree char *there = time_text(date.seconds, date.zone);
	/* the clock of a place that is not said */
	if (!date.zoned)
		there[strlen(there) - strlen(" +0000")] = '\0';
	return g_strdup_printf("%s (%s)", here, there);
}

/* ---- imitations
 * ------------------------------------------------------------------------------------------------ */

static const char *skip_blanks(const char *text)
{
	while (*text != '\n' && g_unichar_isspace(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	return text;
}

/* Words of ours at the start of the text, in any case of letters; NULL: others stand there. */
static const char *skip_words(const char *text, const char *words)
{
	size_t length = strlen(words);

	return g_ascii_strncasecmp(text, words, length) == 0 ? text + length : NULL;
}

static bool is_heading(const char *line)
{
	const char *words = skip_words(line, "■");

	for (size_t i = 0; words != NULL && i < G_N_ELEMENTS(heading_words); i++) {
		if (skip_words(skip_blanks(words), heading_words[i]) != NULL)
			return true;
	}
	return false;
}

static bool is_labelled(const char *line, const Label *label)
{
	const char *words[] = { label->japanese, label->english };

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		const char *rest = skip_words(line, words[i]);
		rest = rest != NULL ? skip_blanks(rest) : "";
		if (*rest == ':' || g_str_has_prefix(rest, "："))
			return true;
	}
	return false;
}

static bool is_field(const char *line)
{
	bool people = is_labelled(line, &people_labels[0]) || is_labelled(line, &people_labels[1]);

	return people || is_labelled(line, &subject_label) || is_labelled(line, &date_label);
}

static bool has_heading_words(const GString *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(heading_words); i++) {
		if (strcasestr(text->str, heading_words[i]) != NULL)
			return true;
	}
	return false;
}

/* One blank, whatever stood there: no heading of ours stands behind an odd number of them, nor does a field.
 */
void parse_nested_disguise(GString *text)
{
	bool below = false;

	if (!has_heading_words(text))
		return;
	GString *out = g_string_sized_new(text->len + 16);
	for (const char *line = text->str; *line != '\0';) {
		size_t length = strcspn(line, "\n");
		length += line[length] == '\n';
		const char *words = skip_blanks(line);
		bool empty = *words == '\n' || *words == '\0';
		bool imitates = !empty && (is_heading(words) || (below && is_field(words)));
		if (imitates)
			g_string_append_c(out, ' ');
		const char *from = imitates ? words : line;
		g_string_append_len(out, from, line + length - from);
		below = imitates || (below && empty);
		line += length;
	}
	const GString before = *text;
	*text = *out;
	*out = before;
	g_string_free(out, TRUE);
}

/* ---- the fields
 * ------------------------------------------------------------------------------------------------ */

GString *parse_nested_fields(const ParseHead *head, ParseCharsets *charsets, bool english)
{
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
	GString *out = g_string_new(NULL);
	ParseRange value = parse_head_find(head, subject_label.field);

	if (value.bytes != NULL) {
		g_autofree char *line =
		        parse_words_line_with(value, PARSE_SUBJECT_CHARS, charsets, NULL, NULL);
		append_line(out, &subject_label, english, line);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(people_labels); i++) {
		g_autofree char *line = address_list(parse_head_find(head, people_labels[i].field), charsets);
		append_line(out, &people_labels[i], english, line);
	}
	g_autofree char *when = date_text(parse_head_find(head, date_label.field));
	append_line(out, &date_label, english, when);
	/* a Subject may be a file in base64, or a program */
	parse_blocks_text(out, english, blocks);
	ParseTextResult lines = { .text = out, .blocks = blocks };
	parse_printable_cut(&lines, english);
	return lines.text;
}
