#include "html_sink_state_priv.h"

#include "html_append_priv.h"

#include <string.h>

/* ---- rows ---------------------------------------------------------------------------------------------- */

/* A text that was very long is not kept for a short one. */
static void clear_text(GString **text)
{
	enum { KEPT = 64 * 1024 };

	html_clear(*text);
	if ((*text)->allocated_len <= KEPT)
		return;
	g_string_free(*text, TRUE);
	*text = g_string_new(NULL);
}

static void clear_cell(HtmlFrame *frame)
{
	clear_text(&frame->text);
	frame->columns = frame->hard_blanks = 0;
	frame->open = frame->blank = frame->lead = false;
}

static void clear_row(HtmlFrame *frame)
{
	clear_cell(frame);
	html_clear(frame->cells);
	frame->n_cells = 0;
	frame->row_lead = frame->row_blank = false;
	frame->row = 0;
}

static bool is_top_row(const HtmlSink *sink, uint32_t row)
{
	return row != 0 && !html_sink_is_kept(sink) && sink->top > 0 && sink->frames[sink->top].row == row;
}

static void push_row(HtmlSink *sink, uint32_t row)
{
	html_sink_end_line(html_sink_top(sink));
	if (sink->top == HTML_ROWS_NESTED)
		return;
	html_sink_set_top(sink, sink->top + 1);
	HtmlFrame *frame = html_sink_top(sink);
	html_sink_frame_init(frame);
	clear_row(frame);
	frame->row = row;
}

/* The blank lines which stand before a line of the text, and in *at the line. */
static void take_blanks(HtmlSink *sink, HtmlGridText *at)
{
	for (; at->bytes > 0; at->text++, at->bytes--) {
		HtmlFrame *frame = html_sink_top(sink);
		if (*at->text == HTML_GRID_WANTED)
			frame->blank = true;
		else if (*at->text == HTML_GRID_BLANK)
			frame->hard_blanks += frame->text->len > 0;
		else
			return;
	}
}

/* Finished lines, with what is between them; the last one is open still when no end is behind it. */
static void put_lines(HtmlSink *sink, HtmlGridText at)
{
	for (take_blanks(sink, &at); at.bytes > 0; take_blanks(sink, &at)) {
		const char *end = memchr(at.text, HTML_GRID_LINE_END, at.bytes);
		size_t bytes = end != NULL ? (size_t)(end - at.text) : at.bytes;
		html_sink_put_line(sink, at.text, bytes);
		if (end == NULL)
			return;
		html_sink_end_line(html_sink_top(sink));
		at.text += bytes + 1;
		at.bytes -= bytes + 1;
	}
}

void html_sink_spill(HtmlSink *sink)
{
	HtmlFrame *root = &sink->frames[0];

	html_sink_flatten(sink);
	unsigned top = sink->top;
	html_sink_set_top(sink, 0);
	for (unsigned i = 1; i <= top; i++) {
		HtmlFrame *frame = &sink->frames[i];
		html_sink_end_line(root);
		put_lines(sink, (HtmlGridText) { frame->cells->str, frame->cells->len });
		root->blank |= frame->lead;
		if (frame->text->len > 0)
			html_sink_put_line(sink, frame->text->str, frame->text->len);
		if (!frame->open)
			html_sink_end_line(root);
		root->blank |= frame->blank;
		root->hard_blanks = MAX(root->hard_blanks, frame->hard_blanks);
		clear_row(frame);
	}
}

/* A cell ends, or one begins: what is in the line so far is one. */
static void next_cell(HtmlSink *sink, uint32_t row)
{
	HtmlFrame *frame = html_sink_top(sink);

	if (is_top_row(sink, row) && frame->n_cells == HTML_ROW_CELLS)
		html_sink_spill(sink);
	if (!is_top_row(sink, row)) {
		html_sink_end_line(html_sink_top(sink));
		return;
	}
	if (frame->text->len > 0) {
		if (frame->lead)
			g_string_append_c(frame->cells, HTML_GRID_WANTED);
		html_append(frame->cells, frame->text->str, frame->text->len);
		g_string_append_c(frame->cells, HTML_GRID_LINE_END);
		if (frame->blank)
			g_string_append_c(frame->cells, HTML_GRID_WANTED);
		frame->row_lead |= frame->lead;
		frame->row_blank |= frame->blank;
		frame->n_cells++;
	}
	clear_cell(frame);
}

static void join_cells(const HtmlFrame *frame, GString *line)
{
	const char *at = frame->cells->str, *end = at + frame->cells->len;
	bool between = false;

	while (at < end) {
		const char *from = at;
		while (at < end && *at != HTML_GRID_LINE_END && *at != HTML_GRID_WANTED)
			at++;
		if (at > from) {
			html_append(line, "  ", between ? 2 : 0);
			html_append(line, from, (size_t)(at - from));
			between = false;
			continue;
		}
		between |= *at == HTML_GRID_LINE_END;
		at++;
	}
}

static void pop_row(HtmlSink *sink, uint32_t row)
{
	next_cell(sink, row);
	if (!is_top_row(sink, row))
		return;
	HtmlFrame *frame = html_sink_top(sink);
	clear_text(&sink->joined);
	join_cells(frame, sink->joined);
	const GString *line = sink->joined;
	unsigned n_cells = frame->n_cells;
	bool lead = frame->row_lead, blank = frame->row_blank;
	clear_row(frame);
	html_sink_set_top(sink, sink->top - 1);
	if (line->len == 0)
		return;
	html_sink_top(sink)->blank |= lead;
	html_sink_put_line(sink, line->str, line->len);
	sink->line_fixed |= n_cells > 1 && sink->top == 0;
	html_sink_end_line(html_sink_top(sink));
	html_sink_top(sink)->blank |= blank;
}

/* ---- tables -------------------------------------------------------------------------------------------- */

uint32_t html_sink_table_open(HtmlSink *sink, bool data)
{
	html_sink_flatten(sink);
	if (sink->grid == NULL)
		sink->grid = html_grid_new();
	html_grid_begin(sink->grid, data);
	html_sink_frame_init(&sink->kept);
	clear_cell(&sink->kept);
	sink->part = HTML_PART_NONE;
	sink->kept_row = 0;
	sink->table = ++sink->rows;
	sink->at = &sink->kept;
	return sink->table;
}

/* Row by row, as if it had never been kept. whole: no row is open any more. */
static void replay(HtmlSink *sink, bool whole)
{
	const HtmlGrid *grid = sink->grid;
	unsigned rows = html_grid_rows(grid), first = 0;
	bool open = !whole && sink->kept_row != 0, has_text = open && html_grid_row_has_text(grid);

	put_lines(sink, html_grid_get_caption(grid));
	html_sink_end_line(html_sink_top(sink));
	for (unsigned i = 0; i < rows; i++) {
		bool last = has_text && i + 1 == rows;
		uint32_t row = last ? sink->kept_row : ++sink->rows;
		unsigned end = html_grid_cells(grid, i, &first);
		push_row(sink, row);
		for (unsigned cell = first; cell < end; cell++) {
			put_lines(sink, html_grid_get_cell(grid, cell));
			next_cell(sink, row);
		}
		if (!last)
			pop_row(sink, row);
	}
	if (open && !has_text)
		push_row(sink, sink->kept_row);
}

void html_sink_flatten(HtmlSink *sink)
{
	HtmlFrame *kept = &sink->kept;

	if (!html_sink_is_kept(sink))
		return;
	sink->table = 0;
	html_sink_set_top(sink, sink->top);
	replay(sink, false);
	sink->kept_row = 0;
	put_lines(sink, (HtmlGridText) { kept->text->str, kept->text->len });
	HtmlFrame *frame = html_sink_top(sink);
	if (!kept->open)
		html_sink_end_line(frame);
	frame->blank |= kept->blank;
	frame->hard_blanks = MAX(frame->hard_blanks, kept->hard_blanks);
	clear_cell(kept);
	html_grid_begin(sink->grid, false);
}

static void write_data_line(void *user, const char *line, size_t bytes, unsigned kind)
{
	HtmlSink *sink = user;

	html_sink_spill(sink); /* no cell of a row */
	html_sink_top(sink)->blank |= (kind & HTML_GRID_AFTER_BLANK) != 0;
	html_sink_put_line(sink, line, bytes);
	sink->line_fixed |= (kind & HTML_GRID_ALIGNED) != 0;
	html_sink_end_line(html_sink_top(sink));
}

void html_sink_table_close(HtmlSink *sink, uint32_t table)
{
	uint64_t used = sink->frames[0].text->len;

	if (table == 0 || sink->table != table)
		return;
	sink->table = 0;
	html_sink_set_top(sink, sink->top);
	html_sink_forget_owed(sink);
	html_sink_end_line(html_sink_top(sink));
	size_t room = (size_t)(sink->max_out - MIN(sink->max_out, used)) / 2;
	if (!html_grid_write(sink->grid, sink->defang, room, write_data_line, sink))
		replay(sink, true);
	html_grid_begin(sink->grid, false);
}

void html_sink_section(HtmlSink *sink, uint32_t table, bool head)
{
	if (table != 0 && sink->table == table)
		html_grid_section(sink->grid, head);
}

static void begin_part(HtmlSink *sink, HtmlPart part)
{
	clear_cell(&sink->kept);
	sink->part = part;
}

/* The text of the part, with a blank line that is wanted behind it. */
static HtmlGridText end_part(HtmlSink *sink)
{
	HtmlFrame *kept = &sink->kept;

	sink->part = HTML_PART_NONE;
	html_sink_end_line(kept);
	if (kept->text->len > 0)
		g_string_append_c(kept->text, HTML_GRID_LINE_END);
	if (kept->text->len > 0 && kept->blank)
		g_string_append_c(kept->text, HTML_GRID_WANTED);
	return (HtmlGridText) { kept->text->str, kept->text->len };
}

void html_sink_caption_open(HtmlSink *sink, uint32_t table)
{
	if (table == 0 || sink->table != table)
		return;
	html_grid_caption(sink->grid, "", 0);
	begin_part(sink, HTML_PART_CAPTION);
}

void html_sink_caption_close(HtmlSink *sink, uint32_t table)
{
	if (table == 0 || sink->table != table || sink->part != HTML_PART_CAPTION)
		return;
	html_sink_forget_owed(sink);
	HtmlGridText text = end_part(sink);
	html_grid_caption(sink->grid, text.text, text.bytes);
	clear_cell(&sink->kept);
}

uint32_t html_sink_row_open(HtmlSink *sink, uint32_t table)
{
	html_sink_block(sink, false);
	if (table != 0 && sink->table == table) {
		html_grid_row(sink->grid);
		sink->kept_row = ++sink->rows;
		return sink->kept_row;
	}
	if (sink->top == HTML_ROWS_NESTED)
		return 0;
	push_row(sink, ++sink->rows);
	return sink->rows;
}

void html_sink_cell_open(HtmlSink *sink, uint32_t row, HtmlSpan span)
{
	html_sink_forget_owed(sink); /* a spacer, not a blank line */
	if (!html_sink_is_kept(sink) || sink->kept_row != row) {
		next_cell(sink, row);
		return;
	}
	begin_part(sink, HTML_PART_CELL);
	sink->span = span;
}

void html_sink_cell_close(HtmlSink *sink, uint32_t row)
{
	html_sink_forget_owed(sink);
	if (!html_sink_is_kept(sink) || sink->kept_row != row || sink->part != HTML_PART_CELL) {
		next_cell(sink, row);
		return;
	}
	HtmlGridText text = end_part(sink);
	bool kept = html_grid_cell(sink->grid, text.text, text.bytes, sink->span);
	clear_cell(&sink->kept);
	if (!kept)
		html_sink_flatten(sink);
}

void html_sink_row_close(HtmlSink *sink, uint32_t row)
{
	html_sink_forget_owed(sink);
	if (html_sink_is_kept(sink) && sink->kept_row == row)
		sink->kept_row = 0;
	else
		pop_row(sink, row);
}
