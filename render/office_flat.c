#include "office_flat_priv.h"

#include <stdlib.h>
#include <string.h>

enum {
	COLUMNS_MAX = 16384,
	STYLED_MAX = 256,    /* columns of cells without content that are still thought to be part of what is
	                        printed */
	PAGE_WIDTH = 21000,  /* 1/1000 cm: A4, where a document says nothing */
	PAGE_MARGINS = 4000, /* left and right together, likewise */
	CENTIMETRE = 1000,
	PLACE_MAX = 7, /* letters and digits of a cell's place that are looked at */
};

typedef struct {
	const char *at;
	size_t length;
} Span;

typedef struct {
	Span deleted;
	char *inserted; /* owned */
} Edit;

/* A page layout of a sheet. */
typedef struct {
	Span scale;    /* where its scale stands, of 100 % or none; at NULL: it has one of its own */
	uint32_t room; /* 1/1000 cm */
	bool own;      /* somebody chose the paper */
	bool wide;     /* a sheet that uses it is wider */
} Layout;

typedef struct {
	const OfficeFlatChanges *wanted;
	GArray *edits;        /* Edit */
	GHashTable *layouts;  /* name -> Layout, owned */
	GHashTable *masters;  /* name -> name of a layout */
	GHashTable *tables;   /* name of a table's style -> name of a master */
	GHashTable *columns;  /* name of a column's style -> width */
	GHashTable *breaks;   /* names of styles of columns that begin a page */
	char *style;          /* the style that is being read */
	char *layout;         /* likewise the layout */
	Layout *table_layout; /* of the sheet that is being read; NULL: it is not looked at */
	uint32_t width[COLUMNS_MAX];
	uint32_t n_columns, used, column;
	uint32_t n_comments;
	const char *comment; /* what the head of the comment that is being read ends before; NULL: none */
} Change;

/* ---- tags ----------------------------------------------------------------------------------- */

static bool is(Span tag, const char *name)
{
	size_t length = strlen(name);
	return tag.length > length && memcmp(tag.at, name, length) == 0 &&
	       (tag.at[length] == ' ' || tag.at[length] == '>' || tag.at[length] == '/');
}

static bool is_empty(Span tag)
{
	return tag.at[tag.length - 2] == '/';
}

/* The next tag, "<" to ">". A ">" in an attribute does not end it. */
static bool next_tag(const char **at, const char *end, Span *ret_tag)
{
	const char *begin = memchr(*at, '<', (size_t)(end - *at));
	if (begin == NULL)
		return false;
	char quote = '\0';
	const char *c = begin + 1;
	for (; c < end && (quote != '\0' || *c != '>'); c++) {
		if (quote != '\0')
			quote = *c == quote ? '\0' : quote;
		else if (*c == '"' || *c == '\'')
			quote = *c;
	}
	if (c >= end)
		return false;
	*ret_tag = (Span) { begin, (size_t)(c + 1 - begin) };
	*at = c + 1;
	return true;
}

/* As LibreOffice writes it: one blank, the name, double quotes. */
static bool attribute(Span tag, const char *name, Span *ret_value)
{
	g_autofree char *start = g_strconcat(" ", name, "=\"", NULL);
	const char *found = memmem(tag.at, tag.length, start, strlen(start));
	if (found == NULL)
		return false;
	const char *value = found + strlen(start);
	const char *end = memchr(value, '"', (size_t)(tag.at + tag.length - value));
	if (end == NULL)
		return false;
	*ret_value = (Span) { value, (size_t)(end - value) };
	return true;
}

static bool attribute_is(Span tag, const char *name, const char *wanted)
{
	Span value;
	return attribute(tag, name, &value) && value.length == strlen(wanted) &&
	       memcmp(value.at, wanted, value.length) == 0;
}

static char *attribute_text(Span tag, const char *name)
{
	Span value;
	return attribute(tag, name, &value) ? g_strndup(value.at, value.length) : g_strdup("");
}

static uint32_t attribute_number(Span tag, const char *name, uint32_t otherwise)
{
	g_autofree char *text = attribute_text(tag, name);
	return *text == '\0' ? otherwise : (uint32_t)CLAMP(g_ascii_strtoll(text, NULL, 10), 0, COLUMNS_MAX);
}

/* 1/1000 cm. */
static uint32_t attribute_width(Span tag, const char *name)
{
	static const struct {
		const char *unit;
		double factor;
	} units[] = { { "cm", 1 }, { "mm", 0.1 }, { "in", 2.54 }, { "pt", 2.54 / 72 } };
	g_autofree char *text = attribute_text(tag, name);
	char *unit = NULL;
	double value = g_ascii_strtod(text, &unit);
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (strcmp(unit, units[i].unit) == 0 && value > 0)
			return (uint32_t)MIN(value * units[i].factor * CENTIMETRE,
			                     (double)(COLUMNS_MAX * CENTIMETRE));
	return 0;
}

static void edit(Change *change, Span deleted, char *inserted)
{
	const Edit one = { deleted, inserted };
	g_array_append_val(change->edits, one);
}

/* ---- sheets --------------------------------------------------------------------------------- */

/* Where an attribute can be added. */
static Span behind_name(Span tag)
{
	return (Span) { tag.at + strcspn(tag.at, " />"), 0 };
}

/* Written only where it is not as LibreOffice has it by itself: a layout of ODF says no scale where one of
 * Excel says 100 %. */
static Span replaceable_scale(Span tag)
{
	static const char *const scales[] = { "style:scale-to", "style:scale-to-pages", "style:scale-to-X",
		                              "style:scale-to-Y" };
	Span value;
	if (attribute_is(tag, scales[0], "100%") && attribute(tag, scales[0], &value))
		return (Span) { value.at - strlen(" style:scale-to=\""),
			        value.length + strlen(" style:scale-to=\"\"") };
	for (size_t i = 0; i < G_N_ELEMENTS(scales); i++)
		if (attribute(tag, scales[i], &value))
			return (Span) { NULL, 0 };
	return behind_name(tag);
}

/* A4, upright, without a word about the scale, is what LibreOffice writes where nobody chose; Excel's files
 * say a scale of 100 % beside a paper that somebody chose. */
static bool is_own_paper(Span tag)
{
	enum { NEAR = 10 };
	Span value;
	if (!attribute(tag, "fo:page-width", &value))
		return false;
	uint32_t width = attribute_width(tag, "fo:page-width");
	return attribute(tag, "style:scale-to", &value) || width + NEAR < PAGE_WIDTH ||
	       width > PAGE_WIDTH + NEAR;
}

static void print_comments(Change *change, Span tag)
{
	Span value;
	if (attribute(tag, "style:print", &value))
		edit(change, (Span) { value.at, 0 }, g_strdup("annotations "));
	else
		edit(change, behind_name(tag),
		     g_strdup(" style:print=\"annotations charts drawings objects zero-values\""));
}

static void read_layout(Change *change, Span tag)
{
	Layout *layout = g_new0(Layout, 1);
	Span value;
	bool margins = attribute(tag, "fo:margin-left", &value) || attribute(tag, "fo:margin-right", &value);
	uint32_t width =
	        margins ? attribute_width(tag, "fo:margin-left") + attribute_width(tag, "fo:margin-right")
	                : PAGE_MARGINS;
	layout->own = is_own_paper(tag);
	layout->room = PAGE_WIDTH - MIN(width, PAGE_WIDTH);
	layout->scale = replaceable_scale(tag);
	g_hash_table_replace(change->layouts, g_strdup(change->layout), layout);
	if (change->wanted->comments)
		print_comments(change, tag);
}

static void begin_table(Change *change, Span tag)
{
	g_autofree char *style = attribute_text(tag, "table:style-name");
	const char *master = g_hash_table_lookup(change->tables, style);
	const char *name = master != NULL ? g_hash_table_lookup(change->masters, master) : NULL;
	Layout *layout = name != NULL ? g_hash_table_lookup(change->layouts, name) : NULL;
	Span ranges;
	bool own = layout == NULL || layout->own || layout->scale.at == NULL ||
	           attribute(tag, "table:print-ranges", &ranges);
	change->table_layout = own ? NULL : layout;
	change->n_columns = change->used = change->column = 0;
}

static void read_columns(Change *change, Span tag)
{
	g_autofree char *style = attribute_text(tag, "table:style-name");
	if (g_hash_table_contains(change->breaks, style)) {
		change->table_layout = NULL; /* somebody said where its pages end */
		return;
	}
	uint32_t width = GPOINTER_TO_UINT(g_hash_table_lookup(change->columns, style));
	if (attribute_is(tag, "table:visibility", "collapse") ||
	    attribute_is(tag, "table:visibility", "filter"))
		width = 0;
	for (uint32_t n = attribute_number(tag, "table:number-columns-repeated", 1);
	     n > 0 && change->n_columns < COLUMNS_MAX; n--)
		change->width[change->n_columns++] = width;
}

static void read_cell(Change *change, Span tag)
{
	uint32_t repeated = attribute_number(tag, "table:number-columns-repeated", 1);
	uint32_t spanned = attribute_number(tag, "table:number-columns-spanned", 1);
	Span style;
	bool counts =
	        !is_empty(tag) || (repeated <= STYLED_MAX && attribute(tag, "table:style-name", &style));
	change->column = MIN(change->column + repeated, COLUMNS_MAX);
	if (counts)
		change->used =
		        MAX(change->used, MIN(change->column + spanned - MIN(spanned, 1), COLUMNS_MAX));
}

/* ".K20", "Sheet.K20": where a picture or a chart ends. */
static void read_object(Change *change, Span tag)
{
	Span place;
	if (!attribute(tag, "table:end-cell-address", &place))
		return;
	const char *dot = memrchr(place.at, '.', place.length);
	uint32_t column = 0;
	for (const char *c = dot;
	     c != NULL && ++c < place.at + place.length && *c >= 'A' && *c <= 'Z' && c - dot <= PLACE_MAX;)
		column = MIN(column * 26 + (uint32_t)(*c - 'A') + 1, COLUMNS_MAX);
	change->used = MAX(change->used, column);
}

static void end_table(Change *change)
{
	uint64_t width = 0;
	for (uint32_t i = 0; i < MIN(change->used, change->n_columns); i++)
		width += change->width[i];
	if (change->table_layout != NULL && width > change->table_layout->room)
		change->table_layout->wide = true;
	change->table_layout = NULL;
}

static void read_sheet_tag(Change *change, Span tag)
{
	if (is(tag, "<table:table-cell") || is(tag, "<table:covered-table-cell"))
		read_cell(change, tag);
	else if (is(tag, "<table:table-row"))
		change->column = 0;
	else if (is(tag, "<table:table-column"))
		read_columns(change, tag);
	else if (is(tag, "</table:table"))
		end_table(change);
	else if (tag.at[1] == 'd')
		read_object(change, tag);
}

static void read_style_tag(Change *change, Span tag)
{
	if (is(tag, "<style:style")) {
		g_free(change->style);
		change->style = attribute_text(tag, "style:name");
		char *master = attribute_text(tag, "style:master-page-name");
		g_hash_table_replace(change->tables, g_strdup(change->style), master);
	} else if (is(tag, "<style:table-column-properties") && change->style != NULL) {
		uint32_t width = attribute_width(tag, "style:column-width");
		g_hash_table_replace(change->columns, g_strdup(change->style), GUINT_TO_POINTER(width));
		if (attribute_is(tag, "fo:break-before", "page"))
			g_hash_table_add(change->breaks, g_strdup(change->style));
	} else if (is(tag, "<style:page-layout")) {
		g_free(change->layout);
		change->layout = attribute_text(tag, "style:name");
	} else if (is(tag, "<style:page-layout-properties") && change->layout != NULL) {
		read_layout(change, tag);
	} else if (is(tag, "<style:master-page")) {
		g_hash_table_replace(change->masters, attribute_text(tag, "style:name"),
		                     attribute_text(tag, "style:page-layout-name"));
	}
}

/* ---- comments of a text ----------------------------------------------------------------------- */

/* A note has a number in place of an author and a date: everything before the first paragraph or list. */
static void read_comment_tag(Change *change, Span tag)
{
	if (is(tag, "<office:annotation") && !is_empty(tag)) {
		change->comment = tag.at;
	} else if (change->comment != NULL && (is(tag, "<text:p") || is(tag, "<text:list"))) {
		change->n_comments++;
		char *head = g_strdup_printf(
		        "<text:note text:id=\"mugai%u\" text:note-class=\"endnote\"><text:note-citation "
		        "text:label=\"[%u]\">[%u]</text:note-citation><text:note-body>",
		        change->n_comments, change->n_comments, change->n_comments);
		edit(change, (Span) { change->comment, (size_t)(tag.at - change->comment) }, head);
		change->comment = NULL;
	} else if (is(tag, "</office:annotation")) {
		/* One without a paragraph says nothing, and stays as it is. */
		if (change->comment == NULL)
			edit(change, tag, g_strdup("</text:note-body></text:note>"));
		change->comment = NULL;
	}
}

/* ---- all of it -------------------------------------------------------------------------------- */

static void read_tag(Change *change, Span tag, bool sheets)
{
	if (sheets && is(tag, "<table:table"))
		begin_table(change, tag);
	else if (sheets && change->table_layout != NULL)
		read_sheet_tag(change, tag);
	else if (sheets)
		read_style_tag(change, tag);
	else if (change->wanted->comments)
		read_comment_tag(change, tag);
}

static void fit_wide_layouts(Change *change)
{
	GHashTableIter iterator;
	gpointer value;
	g_hash_table_iter_init(&iterator, change->layouts);
	while (g_hash_table_iter_next(&iterator, NULL, &value)) {
		const Layout *layout = value;
		if (change->wanted->fit && layout->wide)
			edit(change, layout->scale,
			     g_strdup(" style:scale-to-X=\"1\" style:scale-to-Y=\"0\""));
	}
}

static int by_place(const void *a, const void *b)
{
	const char *x = ((const Edit *)a)->deleted.at, *y = ((const Edit *)b)->deleted.at;
	return (x > y) - (x < y);
}

static GByteArray *apply(GArray *edits, const char *at, const char *end)
{
	GByteArray *out = g_byte_array_new();
	qsort(edits->data, edits->len, sizeof(Edit), by_place);
	for (guint i = 0; i < edits->len; i++) {
		const Edit *one = &g_array_index(edits, Edit, i);
		if (one->deleted.at < at)
			continue; /* inside another one: LibreOffice writes no such thing */
		g_byte_array_append(out, (const guint8 *)at, (guint)(one->deleted.at - at));
		g_byte_array_append(out, (const guint8 *)one->inserted, (guint)strlen(one->inserted));
		at = one->deleted.at + one->deleted.length;
	}
	g_byte_array_append(out, (const guint8 *)at, (guint)(end - at));
	return out;
}

static void edit_clear(void *one)
{
	g_free(((Edit *)one)->inserted);
}

GByteArray *office_flat_change(const uint8_t *bytes, size_t length, const OfficeFlatChanges *wanted)
{
	if (length == 0 || (!wanted->fit && !wanted->comments))
		return NULL; /* without bytes there is no address to reckon from */
	static Change change; /* its columns are too many for a stack */
	change = (Change) { .wanted = wanted };
	change.edits = g_array_new(FALSE, FALSE, sizeof(Edit));
	g_array_set_clear_func(change.edits, edit_clear);
	change.layouts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	change.masters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	change.tables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	change.columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	change.breaks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	const char *at = (const char *)bytes, *end = at + length;
	Span tag;
	while (next_tag(&at, end, &tag))
		read_tag(&change, tag, wanted->fit);
	fit_wide_layouts(&change);
	GByteArray *out = change.edits->len > 0 ? apply(change.edits, (const char *)bytes, end) : NULL;

	g_array_unref(change.edits);
	g_hash_table_unref(change.layouts);
	g_hash_table_unref(change.masters);
	g_hash_table_unref(change.tables);
	g_hash_table_unref(change.columns);
	g_hash_table_unref(change.breaks);
	g_free(change.style);
	g_free(change.layout);
	return out;
}
