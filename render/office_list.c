/* office_list: numbers of lists and headings. */
#include "office_list_priv.h"

#include <string.h>

enum { NUMBER_MAX = 99999, AFFIX_MAX = 64 /* bytes */ };

typedef struct {
	bool bullet, set;
	char *format, *prefix, *suffix, *pattern; /* never NULL where set, but for the pattern */
	unsigned shown;                           /* levels */
	uint32_t start;
} Level;

typedef struct {
	Level level[OFFICE_LIST_LEVELS];
} ListStyle;

struct OfficeCounters {
	uint32_t value[OFFICE_LIST_LEVELS];
	bool begun[OFFICE_LIST_LEVELS];
};

struct OfficeLists {
	GHashTable *styles;   /* name -> ListStyle; "": of headings */
	GHashTable *by_id;    /* -> OfficeCounters, borrowed */
	GHashTable *by_style; /* the last list's, borrowed */
	GPtrArray *counters;
	OfficeCounters outline;
	ListStyle *open;
	GString *label;
};

static void list_style_free(void *data)
{
	ListStyle *style = data;
	for (unsigned i = 0; i < OFFICE_LIST_LEVELS; i++) {
		g_free(style->level[i].format);
		g_free(style->level[i].prefix);
		g_free(style->level[i].suffix);
		g_free(style->level[i].pattern);
	}
	g_free(style);
}

OfficeLists *office_lists_new(void)
{
	OfficeLists *lists = g_new0(OfficeLists, 1);
	lists->styles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, list_style_free);
	lists->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	lists->by_style = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	lists->counters = g_ptr_array_new_with_free_func(g_free);
	lists->label = g_string_new(NULL);
	return lists;
}

void office_lists_free(OfficeLists *lists)
{
	if (lists == NULL)
		return;
	g_hash_table_unref(lists->styles);
	g_hash_table_unref(lists->by_id);
	g_hash_table_unref(lists->by_style);
	g_ptr_array_unref(lists->counters);
	g_string_free(lists->label, TRUE);
	g_free(lists);
}

/* ---- styles -------------------------------------------------------------------------------------------- */

void office_lists_style(OfficeLists *lists, const char *name)
{
	lists->open = NULL;
	if (g_hash_table_contains(lists->styles, name != NULL ? name : ""))
		return;
	lists->open = g_new0(ListStyle, 1);
	g_hash_table_insert(lists->styles, g_strdup(name != NULL ? name : ""), lists->open);
}

static uint32_t read_count(const char *value, uint32_t most)
{
	uint64_t number = 0;
	if (!g_ascii_string_to_unsigned(value, 10, 0, most, &number, NULL))
		return value[0] == '-' ? 0 : most;
	return (uint32_t)number;
}

/* Longer ones are no label but a text. */
static char *keep_affix(const char *value)
{
	return g_strndup(value, strlen(value) <= AFFIX_MAX ? AFFIX_MAX : 0);
}

static void set_string(char **place, const char *value)
{
	g_free(*place);
	*place = keep_affix(value);
}

static void read_level(Level *level, const char *name, const char *value)
{
	if (strcmp(name, "style:num-format") == 0)
		set_string(&level->format, value);
	else if (strcmp(name, "style:num-prefix") == 0)
		set_string(&level->prefix, value);
	else if (strcmp(name, "style:num-suffix") == 0)
		set_string(&level->suffix, value);
	else if (strcmp(name, "loext:num-list-format") == 0)
		set_string(&level->pattern, value);
	else if (strcmp(name, "text:display-levels") == 0)
		level->shown = read_count(value, OFFICE_LIST_LEVELS);
	else if (strcmp(name, "text:start-value") == 0)
		level->start = read_count(value, NUMBER_MAX);
}

static unsigned level_of(const char *const *attributes)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(attributes[0], "text:level") == 0)
			return read_count(attributes[1], OFFICE_LIST_LEVELS + 1);
	return 0;
}

void office_lists_level(OfficeLists *lists, const char *const *attributes, bool number)
{
	unsigned n = level_of(attributes);
	if (lists->open == NULL || n == 0 || n > OFFICE_LIST_LEVELS || lists->open->level[n - 1].set)
		return;
	Level *level = &lists->open->level[n - 1];
	*level = (Level) { .bullet = !number,
		           .set = true,
		           .format = g_strdup(""),
		           .prefix = g_strdup(""),
		           .suffix = g_strdup(""),
		           .shown = 1,
		           .start = 1 };
	for (; attributes[0] != NULL; attributes += 2)
		read_level(level, attributes[0], attributes[1]);
}

/* ---- numbers ------------------------------------------------------------------------------------------- */

static void append_letters(GString *out, uint32_t number, char first)
{
	char letters[8];
	unsigned n = 0;
	for (; number > 0 && n < sizeof letters; number = (number - 1) / 26)
		letters[n++] = (char)(first + (number - 1) % 26);
	while (n > 0)
		g_string_append_c(out, letters[--n]);
}

static void append_roman(GString *out, uint32_t number, bool upper)
{
	static const struct {
		unsigned value;
		const char *upper, *lower;
	} signs[] = { { 1000, "M", "m" }, { 900, "CM", "cm" }, { 500, "D", "d" }, { 400, "CD", "cd" },
		      { 100, "C", "c" },  { 90, "XC", "xc" },  { 50, "L", "l" },  { 40, "XL", "xl" },
		      { 10, "X", "x" },   { 9, "IX", "ix" },   { 5, "V", "v" },   { 4, "IV", "iv" },
		      { 1, "I", "i" } };
	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
		for (; number >= signs[i].value; number -= signs[i].value)
			g_string_append(out, upper ? signs[i].upper : signs[i].lower);
}

/* 一 十 二十三 百五 */
static void append_kanji(GString *out, uint32_t number, const char *digits, const char *units)
{
	unsigned place = 10000;
	for (unsigned unit = 0; place > 0; place /= 10, unit++) {
		unsigned digit = number / place % 10;
		if (digit == 0)
			continue;
		bool bare = digit == 1 && place > 1 && place < 10000;
		if (!bare)
			g_string_append_unichar(out,
			                        g_utf8_get_char(g_utf8_offset_to_pointer(digits, digit - 1)));
		if (place > 1)
			g_string_append_unichar(out, g_utf8_get_char(g_utf8_offset_to_pointer(units, unit)));
	}
}

static bool append_listed(GString *out, const char *signs, uint32_t number)
{
	if (number > (uint32_t)g_utf8_strlen(signs, -1))
		return false;
	g_string_append_unichar(out, g_utf8_get_char(g_utf8_offset_to_pointer(signs, (glong)number - 1)));
	return true;
}

/* Signs that are counted through; after the last one plain digits follow. */
static const struct {
	const char *format, *signs;
} listed[] = {
	{ "①, ②, ③, ...", "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳" },
	{ "ア, イ, ウ, ...",
	  "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン" },
	{ "ｱ, ｲ, ｳ, ...", "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ" },
	{ "イ, ロ, ハ, ...",
	  "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス" },
	{ "ｲ, ﾛ, ﾊ, ...", "ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳ" },
	{ "甲, 乙, 丙, ...", "甲乙丙丁戊己庚辛壬癸" },
	{ "子, 丑, 寅, ...", "子丑寅卯辰巳午未申酉戌亥" },
};

static void append_full_width(GString *out, uint32_t number)
{
	char digits[16];
	g_snprintf(digits, sizeof digits, "%u", number);
	for (const char *p = digits; *p != '\0'; p++)
		g_string_append_unichar(out, 0xFF10 + (gunichar)(*p - '0'));
}

static void append_number(GString *out, const char *format, uint32_t number)
{
	if (number == 0 || number > NUMBER_MAX)
		g_string_append_printf(out, "%u", number);
	else if (strcmp(format, "a") == 0 || strcmp(format, "A") == 0)
		append_letters(out, number, format[0]);
	else if ((strcmp(format, "i") == 0 || strcmp(format, "I") == 0) && number < 4000)
		append_roman(out, number, format[0] == 'I');
	else if (strcmp(format, "一, 二, 三, ...") == 0)
		append_kanji(out, number, "一二三四五六七八九", "万千百十");
	else if (strcmp(format, "壱, 弐, 参, ...") == 0 || strcmp(format, "壹, 貳, 參, ...") == 0)
		append_kanji(out, number, "壱弐参四五六七八九", "万千百拾");
	else if (strcmp(format, "１, ２, ３, ...") == 0)
		append_full_width(out, number);
	else {
		for (size_t i = 0; i < G_N_ELEMENTS(listed); i++)
			if (strcmp(format, listed[i].format) == 0 &&
			    append_listed(out, listed[i].signs, number))
				return;
		g_string_append_printf(out, "%u", number);
	}
}

/* ---- lists --------------------------------------------------------------------------------------------- */

static OfficeCounters *counters_new(OfficeLists *lists)
{
	OfficeCounters *counters = g_new0(OfficeCounters, 1);
	g_ptr_array_add(lists->counters, counters);
	return counters;
}

OfficeCounters *office_lists_open(OfficeLists *lists, const char *id, const char *style,
                                  const char *continued, bool goes_on)
{
	OfficeCounters *counters = continued != NULL ? g_hash_table_lookup(lists->by_id, continued) : NULL;
	if (counters == NULL && goes_on && style != NULL)
		counters = g_hash_table_lookup(lists->by_style, style);
	if (counters == NULL)
		counters = counters_new(lists);
	if (id != NULL)
		g_hash_table_replace(lists->by_id, g_strdup(id), counters);
	if (style != NULL)
		g_hash_table_replace(lists->by_style, g_strdup(style), counters);
	return counters;
}

OfficeCounters *office_lists_outline(OfficeLists *lists)
{
	return &lists->outline;
}

static void append_level(GString *out, const ListStyle *style, const OfficeCounters *counters, unsigned n)
{
	const Level *level = &style->level[n];
	if (level->set && !level->bullet && level->format[0] != '\0')
		append_number(out, level->format, counters->begun[n] ? counters->value[n] : level->start);
}

/* "%1%.%2%)" */
static void append_pattern(GString *out, const ListStyle *style, const OfficeCounters *counters,
                           const char *pattern)
{
	while (*pattern != '\0') {
		const char *end = *pattern == '%' ? strchr(pattern + 1, '%') : NULL;
		guint64 n = 0;
		g_autofree char *name =
		        end != NULL ? g_strndup(pattern + 1, (gsize)(end - pattern - 1)) : NULL;
		if (name != NULL && g_ascii_string_to_unsigned(name, 10, 1, OFFICE_LIST_LEVELS, &n, NULL)) {
			append_level(out, style, counters, (unsigned)n - 1);
			pattern = end + 1;
		} else {
			g_string_append_c(out, *pattern++);
		}
	}
}

static void append_label(GString *out, const ListStyle *style, const OfficeCounters *counters, unsigned n)
{
	const Level *level = &style->level[n];
	if (level->pattern != NULL) {
		append_pattern(out, style, counters, level->pattern);
		return;
	}
	g_string_append(out, level->prefix);
	for (unsigned i = n + 1 - CLAMP(level->shown, 1, n + 1); i <= n; i++) {
		gsize before = out->len;
		append_level(out, style, counters, i);
		if (i < n && out->len > before)
			g_string_append_c(out, '.');
	}
	g_string_append(out, level->suffix);
}

static void count(OfficeCounters *counters, const Level *level, unsigned n, int64_t start)
{
	if (start >= 0)
		counters->value[n] = (uint32_t)MIN(start, NUMBER_MAX);
	else if (counters->begun[n])
		counters->value[n] = MIN(counters->value[n] + 1, NUMBER_MAX);
	else
		counters->value[n] = level->start;
	counters->begun[n] = true;
	for (unsigned i = n + 1; i < OFFICE_LIST_LEVELS; i++)
		counters->begun[i] = false;
}

const char *office_lists_next(OfficeLists *lists, OfficeCounters *counters, const char *style, unsigned level,
                              int64_t start)
{
	const ListStyle *found = g_hash_table_lookup(lists->styles, style != NULL ? style : "");
	unsigned n = MIN(level, OFFICE_LIST_LEVELS - 1);
	g_string_truncate(lists->label, 0);
	if (found == NULL || !found->level[n].set)
		return lists->label->str;
	const Level *own = &found->level[n];
	if (own->bullet)
		return "・";
	count(counters, own, n, start);
	if (own->format[0] == '\0' && own->prefix[0] == '\0' && own->suffix[0] == '\0' &&
	    own->pattern == NULL)
		return lists->label->str;
	append_label(lists->label, found, counters, n);
	if (lists->label->len > 0)
		g_string_append_c(lists->label, ' ');
	return lists->label->str;
}
