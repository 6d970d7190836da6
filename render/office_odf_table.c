/* office_odf_table: tables of texts and slides, sheets. */
#include "office_odf_priv.h"

#include <string.h>

enum { REPEAT_MAX = 1 << 20, SHEET_NAME_CHARS = 100 };

static void columns_clear(void *columns)
{
	g_free(((OdfColumns *)columns)->style);
}

static void table_free(OdfTable *table)
{
	office_grid_free(table->grid);
	g_array_unref(table->columns);
	g_string_free(table->boxes, TRUE);
	g_free(table->row_style);
	*table = (OdfTable) { .grid = NULL };
}

void odf_tables_free(OdfReader *reader)
{
	for (unsigned i = 0; i < reader->n_tables; i++)
		table_free(&reader->tables[i]);
}

/* The table whose rows and cells come; NULL: one that is read cell after cell, or none. */
static OdfTable *table_top(OdfReader *reader)
{
	return reader->n_tables > 0 && reader->deep_tables == 0 ? &reader->tables[reader->n_tables - 1]
	                                                        : NULL;
}

/* ---- tables -------------------------------------------------------------------------------------------- */

/* What LibreOffice keeps of another document's sheet, to calculate with: 'file:///...'#Sheet1 */
static bool is_cache(const char *name)
{
	return name[0] == '\'' && strstr(name, "'#") != NULL;
}

static void start_sheet(OdfReader *reader, const char *name, const OfficeLook *style)
{
	OdfView *view = &odf_frame(reader)->view;
	if (is_cache(name)) {
		odf_lost(reader, RENDER_LOST_REFERENCES, 1);
		odf_skip(reader);
		return;
	}
	if (style->hidden == OFFICE_YES)
		odf_hide(reader, RENDER_HIDDEN_SHEETS, 1);
	if (view->mute)
		return;
	odf_master_used(reader, style->master);
	g_autofree char *clean = office_clean_line(name, SHEET_NAME_CHARS);
	office_sink_want_blank(reader->sink);
	office_sink_remark(reader->sink, "■ ", clean, "");
	office_sink_want_blank(reader->sink);
}

static bool is_sheet(OdfReader *reader)
{
	return reader->family == ODF_SHEET && reader->n_tables == 0 && reader->embedded == 0 &&
	       odf_frame_is(odf_frame_above(reader, 1), "office:spreadsheet");
}

static void start_table(OdfReader *reader, const char *const *attributes)
{
	OdfFrame *frame = odf_frame(reader);
	const char *name = odf_value(attributes, "table:name");
	bool sheet = is_sheet(reader);
	const OfficeLook *style =
	        office_styles_find(reader->styles, "table", odf_value(attributes, "table:style-name"));

	if (sheet)
		start_sheet(reader, name != NULL ? name : "", style);
	else if (style->hidden == OFFICE_YES)
		odf_hide(reader, RENDER_HIDDEN_TEXTS, 1);
	else if (reader->embedded == 0 && (style->master != NULL || !reader->body_begun))
		odf_master_used(reader, style->master);
	if (reader->skip > 0)
		return;
	frame->open = true;
	/* In an open paragraph (no file of LibreOffice is so) lines of a table would come before it. */
	if (reader->n_tables == ODF_TABLES_MAX || reader->deep_tables > 0) {
		reader->deep_tables++;
		return;
	}
	if (style->ground != OFFICE_COLOUR_UNSAID && style->ground != OFFICE_COLOUR_CLEAR)
		frame->view.look.ground = style->ground;
	reader->tables[reader->n_tables++] =
	        (OdfTable) { .grid = office_grid_new(sheet),
		             .columns = g_array_new(FALSE, FALSE, sizeof(OdfColumns)),
		             .boxes = g_string_new(NULL),
		             .sheet = sheet };
	g_array_set_clear_func(reader->tables[reader->n_tables - 1].columns, columns_clear);
	if (!sheet && !frame->view.mute && office_sink_depth(reader->sink) == 1)
		office_sink_want_blank(reader->sink);
}

static void write_line(void *user, const char *line, size_t bytes)
{
	office_sink_line(user, line, bytes);
}

static void flush(OdfReader *reader, OdfTable *table)
{
	if (!office_grid_has_text(table->grid))
		return;
	office_grid_write(table->grid, write_line, reader->sink);
	office_sink_want_blank(reader->sink);
}

static void count_hidden_columns(OdfReader *reader, const OdfTable *table)
{
	unsigned before = 0;
	for (guint i = 0; i < table->columns->len; i++) {
		const OdfColumns *columns = &g_array_index(table->columns, OdfColumns, i);
		if (columns->used)
			odf_count_hidden(reader, RENDER_HIDDEN_COLUMNS, columns->end - before);
		before = columns->end;
	}
}

static void end_table(OdfReader *reader, OdfFrame *frame)
{
	if (!frame->open)
		return;
	if (reader->deep_tables > 0) {
		reader->deep_tables--;
		return;
	}
	OdfTable *table = &reader->tables[reader->n_tables - 1];
	flush(reader, table);
	if (table->boxes->len > 0)
		office_sink_block(reader->sink, table->boxes->str, table->boxes->len);
	if (!frame->view.mute)
		count_hidden_columns(reader, table);
	table_free(table);
	reader->n_tables--;
}

/* ---- columns ------------------------------------------------------------------------------------------- */

static bool is_invisible(const char *const *attributes)
{
	return odf_is(attributes, "table:visibility", "collapse") ||
	       odf_is(attributes, "table:visibility", "filter");
}

static void start_column(OdfReader *reader, const char *const *attributes)
{
	OdfTable *table = table_top(reader);
	if (table == NULL)
		return;
	GArray *all = table->columns;
	unsigned before = all->len > 0 ? g_array_index(all, OdfColumns, all->len - 1).end : 0;
	unsigned n = MAX(odf_count(attributes, "table:number-columns-repeated", 1, ODF_SHEET_COLUMNS), 1);
	OdfColumns columns = { .end = before + n, .hidden = is_invisible(attributes) };
	if (before >= ODF_SHEET_COLUMNS)
		return;
	columns.style = g_strdup(odf_value(attributes, "table:default-cell-style-name"));
	g_array_append_val(all, columns);
}

/* NULL: nothing is said of the column. */
static OdfColumns *columns_of(const OdfTable *table, unsigned column)
{
	guint low = 0, high = table->columns->len;
	while (low < high) {
		guint middle = (low + high) / 2;
		if (g_array_index(table->columns, OdfColumns, middle).end <= column)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->columns->len ? &g_array_index(table->columns, OdfColumns, low) : NULL;
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static void start_heading_rows(OdfReader *reader, const char *const *attributes)
{
	OdfTable *table = table_top(reader);
	(void)attributes;
	if (table == NULL)
		return;
	table->heading = true;
	odf_frame(reader)->open = true;
}

static void end_heading_rows(OdfReader *reader, OdfFrame *frame)
{
	OdfTable *table = table_top(reader);
	if (frame->open && table != NULL)
		table->heading = false;
}

static void start_row(OdfReader *reader, const char *const *attributes)
{
	OdfTable *table = table_top(reader);
	OdfFrame *frame = odf_frame(reader);
	if (table == NULL && is_invisible(attributes))
		odf_hide(reader, RENDER_HIDDEN_ROWS, 1); /* of a table that is too deep to be one */
	if (table == NULL)
		return;
	const OfficeLook *style =
	        office_styles_find(reader->styles, "table-row", odf_value(attributes, "table:style-name"));
	if (style->ground != OFFICE_COLOUR_UNSAID && style->ground != OFFICE_COLOUR_CLEAR)
		frame->view.look.ground = style->ground;
	table->column = 0;
	table->row_bytes = table->row_chars = 0;
	table->repeat = MAX(odf_count(attributes, "table:number-rows-repeated", 1, REPEAT_MAX), 1);
	g_free(table->row_style);
	table->row_style = g_strdup(odf_value(attributes, "table:default-cell-style-name"));
	table->row_hidden = is_invisible(attributes) && !frame->view.mute;
	if (table->row_hidden)
		frame->view.mute = true;
	reader->muted_text = false;
	if (!frame->view.mute)
		office_grid_row(table->grid, table->heading);
	frame->open = true;
}

/* As often as there is room for it. */
static void repeat_row(OdfReader *reader, OdfTable *table)
{
	for (unsigned left = table->repeat - 1; left > 0; left--) {
		if (!office_sink_charge(reader->sink, table->row_bytes + 1)) {
			office_sink_cut(reader->sink, left * table->row_chars);
			return;
		}
		office_grid_repeat_row(table->grid);
	}
}

static void end_row(OdfReader *reader, OdfFrame *frame)
{
	OdfTable *table = table_top(reader);
	if (!frame->open || table == NULL)
		return;
	if (table->row_hidden && reader->muted_text)
		odf_count_hidden(reader, RENDER_HIDDEN_ROWS, table->repeat);
	if (frame->view.mute)
		return;
	if (office_grid_row_has_text(table->grid))
		repeat_row(reader, table);
	else if (table->sheet)
		flush(reader, table); /* an empty row parts what has nothing to do with each other */
}

/* ---- cells --------------------------------------------------------------------------------------------- */

static void count_formula(OdfReader *reader, const char *formula)
{
	static const char *const wants[] = { "WEBSERVICE(", "'file:", "'http", "'ftp", "'smb", "DDE(" };
	for (size_t i = 0; i < G_N_ELEMENTS(wants); i++)
		if (strstr(formula, wants[i]) != NULL) {
			odf_lost(reader, RENDER_LOST_REFERENCES, 1);
			return;
		}
}

static void cell_look(OdfReader *reader, const OdfTable *table, const OdfColumns *columns,
                      const char *const *attributes)
{
	const char *style = odf_value(attributes, "table:style-name");
	if (style == NULL)
		style = table->row_style;
	if (style == NULL && columns != NULL)
		style = columns->style;
	odf_look(reader, "table-cell", style);
}

/* A cell: how often it stands there is read at its end, when it is known whether it has text. */
static void start_any_cell(OdfReader *reader, const char *const *attributes, bool covered)
{
	OdfTable *table = table_top(reader);
	OdfFrame *frame = odf_frame(reader);
	if (table == NULL)
		return;
	unsigned repeat =
	        MAX(odf_count(attributes, "table:number-columns-repeated", 1, ODF_SHEET_COLUMNS), 1);
	unsigned span = MAX(odf_count(attributes, "table:number-columns-spanned", 1, ODF_SHEET_COLUMNS), 1);
	const char *type = odf_value(attributes, "office:value-type"),
	           *formula = odf_value(attributes, "table:formula");
	bool number = type != NULL && strcmp(type, "string") != 0 && strcmp(type, "boolean") != 0;
	unsigned column = table->column;

	table->column = MIN(column + repeat, ODF_SHEET_COLUMNS);
	if (formula != NULL)
		count_formula(reader, formula);
	OdfColumns *columns = columns_of(table, column);
	cell_look(reader, table, columns, attributes);
	if (covered) {
		frame->view.look.hidden = OFFICE_YES;
		frame->view.unseen = (OfficeUnseen) { true, true };
	}
	frame->open = true;
	/* 15 bits each: columns are fewer. */
	frame->value = (unsigned)number << 31 | repeat << 15 | MIN(span, 0x7FFF);
	if (columns != NULL && columns->hidden && repeat == 1 && !frame->view.mute) {
		frame->view.mute = true;
		reader->muted_text = false;
	}
	odf_push(reader);
}

static void start_cell(OdfReader *reader, const char *const *attributes)
{
	start_any_cell(reader, attributes, false);
}

/* Below a cell that spans: nobody sees what it holds. */
static void start_covered(OdfReader *reader, const char *const *attributes)
{
	start_any_cell(reader, attributes, true);
}

static void add_cell(OdfReader *reader, OdfTable *table, const OdfFrame *frame, const GString *text)
{
	unsigned repeat = frame->value >> 15 & 0xFFFF, span = frame->value & 0x7FFF;
	unsigned column = table->column - MIN(repeat, table->column);
	uint64_t chars = (uint64_t)g_utf8_strlen(text->str, -1);
	OfficeGridText kept = office_grid_keep(table->grid, text->str, text->len);
	for (unsigned i = 0; i < repeat; i++) {
		OdfColumns *columns = columns_of(table, column + i);
		/* The first was paid for when it was read. */
		if (i > 0 && !office_sink_charge(reader->sink, text->len + 1)) {
			office_sink_cut(reader->sink, (repeat - i) * chars);
			return;
		}
		if (columns != NULL && columns->hidden) {
			columns->used = true;
			continue;
		}
		office_grid_cell(table->grid, kept, column + i, span, frame->value >> 31);
		table->row_bytes += text->len + 1;
		table->row_chars += chars;
	}
}

static void end_cell(OdfReader *reader, OdfFrame *frame)
{
	OdfTable *table = table_top(reader);
	if (!frame->open || table == NULL)
		return;
	OdfColumns *columns = columns_of(table, table->column - MIN(table->column, 1));
	if (frame->view.mute && !table->row_hidden && columns != NULL && columns->hidden)
		columns->used |= reader->muted_text;
	const GString *text = odf_pop(reader, frame);
	if (text != NULL && text->len > 0)
		add_cell(reader, table, frame, text);
}

/* ---- what changed in a sheet --------------------------------------------------------------------------- */

static void start_sheet_change(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (reader->embedded == 0)
		reader->out->beside[RENDER_BESIDE_CHANGES]++;
	odf_skip(reader);
}

const OdfElement odf_table_elements[] = {
	{ "table:table", start_table, end_table },
	{ "table:table-column", start_column, NULL },
	{ "table:table-header-rows", start_heading_rows, end_heading_rows },
	{ "table:table-row", start_row, end_row },
	{ "table:table-cell", start_cell, end_cell },
	{ "table:covered-table-cell", start_covered, end_cell },
	{ "table:cell-content-change", start_sheet_change, NULL },
	{ "table:insertion", start_sheet_change, NULL },
	{ "table:deletion", start_sheet_change, NULL },
	{ "table:movement", start_sheet_change, NULL },
	/* Messages, conditions, and what other programs keep of a sheet. */
	{ "table:content-validations", NULL, NULL },
	{ "table:calculation-settings", NULL, NULL },
	{ "table:named-expressions", NULL, NULL },
	{ "table:database-ranges", NULL, NULL },
	{ "table:data-pilot-tables", NULL, NULL },
	{ "table:consolidation", NULL, NULL },
	{ "table:scenario", NULL, NULL },
	{ "table:detective", NULL, NULL },
	{ "calcext:conditional-formats", NULL, NULL },
	{ NULL, NULL, NULL },
};
