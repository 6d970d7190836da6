/* office_flow: lines of text, flow by flow. */
#include "office_flow_priv.h"

#include "office_grid_priv.h"

#include <string.h>

enum { TAB_COLUMNS = 8, BLANKS_MAX = 80, FLOW_KEPT = 1 << 16, LINE_MAX_BYTES = 4 * OFFICE_GRID_WIDTH };

typedef struct {
	GString *lines;     /* finished, each with its LF */
	GString *paragraph; /* the open one; its lines parted by LF */
	GString *after;     /* lines that stand behind it */
	GString *label;
	GString *owed; /* a remark that stands behind the next paragraph */
	OfficeParagraph form;
	bool open, hidden, no_blank, space, want_blank;
	unsigned nested; /* paragraphs in the open one */
} Flow;

struct OfficeSink {
	bool keep;
	uint64_t max, kept, cut, shown;
	uint8_t *chars;
	uint32_t n_hidden;
	bool in_hidden;
	Flow flow[OFFICE_FLOWS];
	unsigned n;
};

/* ---- characters ---------------------------------------------------------------------------------------- */

static bool is_noncharacter(gunichar c)
{
	return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

static bool is_control(gunichar c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/* What stands for it outside; 0: nothing. */
static gunichar clean_char(gunichar c)
{
	if (is_control(c))
		return 0;
	return is_noncharacter(c) ? 0xFFFD : c;
}

/* LibreOffice has a font, and a size, for these of their own. */
static bool is_asian(gunichar c)
{
	return c >= 0x1100 && g_unichar_iswide_cjk(c);
}

char *office_clean_line(const char *text, size_t max_chars)
{
	GString *line = g_string_new(NULL);
	bool space = false;
	size_t n = 0;
	for (const char *p = text; *p != '\0' && n < max_chars; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		bool blank = strchr(" \t\r\n", (int)MIN(c, 0x7F)) != NULL || c == 0x2028 || c == 0x2029;
		if (blank) {
			space = line->len > 0;
			continue;
		}
		if (clean_char(c) == 0)
			continue;
		if (space)
			g_string_append_c(line, ' ');
		space = false;
		g_string_append_unichar(line, clean_char(c));
		n++;
	}
	return g_string_free(line, FALSE);
}

/* ---- flows --------------------------------------------------------------------------------------------- */

OfficeSink *office_sink_new(bool keep, uint64_t max_text, uint8_t *chars)
{
	OfficeSink *sink = g_new0(OfficeSink, 1);
	sink->keep = keep;
	sink->max = max_text;
	sink->chars = chars;
	office_sink_push(sink);
	return sink;
}

void office_sink_free(OfficeSink *sink)
{
	if (sink == NULL)
		return;
	for (unsigned i = 0; i < OFFICE_FLOWS && sink->flow[i].lines != NULL; i++) {
		g_string_free(sink->flow[i].lines, TRUE);
		g_string_free(sink->flow[i].paragraph, TRUE);
		g_string_free(sink->flow[i].after, TRUE);
		g_string_free(sink->flow[i].label, TRUE);
		g_string_free(sink->flow[i].owed, TRUE);
	}
	g_free(sink);
}

static Flow *top(OfficeSink *sink)
{
	return &sink->flow[sink->n - 1];
}

/* Room that a long text took is not kept for short ones. */
static void clear_string(GString **string)
{
	if (*string != NULL && (*string)->allocated_len <= FLOW_KEPT) {
		g_string_truncate(*string, 0);
		return;
	}
	if (*string != NULL)
		g_string_free(*string, TRUE);
	*string = g_string_new(NULL);
}

bool office_sink_push(OfficeSink *sink)
{
	if (sink->n == OFFICE_FLOWS)
		return false;
	Flow *flow = &sink->flow[sink->n++];
	clear_string(&flow->lines);
	clear_string(&flow->paragraph);
	clear_string(&flow->after);
	clear_string(&flow->label);
	clear_string(&flow->owed);
	flow->open = flow->want_blank = false;
	return true;
}

static void say_owed(OfficeSink *sink)
{
	Flow *flow = top(sink);
	if (flow->owed->len == 0)
		return;
	flow->space = flow->paragraph->len > 0;
	office_sink_say(sink, flow->owed->str);
	clear_string(&flow->owed);
}

static const GString *finish(OfficeSink *sink)
{
	Flow *flow = top(sink);
	if (flow->owed->len > 0)
		office_sink_begin(sink, &(OfficeParagraph) { .indent = 0 });
	while (flow->open)
		office_sink_end(sink);
	while (flow->lines->len > 0 && flow->lines->str[flow->lines->len - 1] == '\n')
		g_string_truncate(flow->lines, flow->lines->len - 1);
	return flow->lines;
}

const GString *office_sink_pop(OfficeSink *sink)
{
	const GString *lines = finish(sink);
	if (sink->n > 1)
		sink->n--;
	return lines;
}

unsigned office_sink_depth(const OfficeSink *sink)
{
	return sink->n;
}

const GString *office_sink_text(OfficeSink *sink)
{
	while (sink->n > 1)
		office_sink_pop(sink);
	return finish(sink);
}

/* ---- lines --------------------------------------------------------------------------------------------- */

static bool has_room(OfficeSink *sink, const GString *place, size_t bytes)
{
	return sink->keep && place->len < sink->max && bytes <= sink->max - place->len;
}

static void append_line(OfficeSink *sink, unsigned indent, const char *label, const char *line, size_t bytes)
{
	Flow *flow = top(sink);
	while (bytes > 0 && line[bytes - 1] == ' ')
		bytes--;
	if (bytes == 0) {
		flow->want_blank = true;
		return;
	}
	size_t more = indent + strlen(label) + bytes + 2;
	if (!has_room(sink, flow->lines, more)) {
		sink->cut += (uint64_t)g_utf8_strlen(line, (gssize)bytes);
		return;
	}
	if (flow->want_blank && flow->lines->len > 0)
		g_string_append_c(flow->lines, '\n');
	flow->want_blank = false;
	g_string_append_printf(flow->lines, "%*s%s", (int)indent, "", label);
	g_string_append_len(flow->lines, line, (gssize)bytes);
	g_string_append_c(flow->lines, '\n');
}

void office_sink_line(OfficeSink *sink, const char *line, size_t bytes)
{
	append_line(sink, 0, "", line, bytes);
}

static void append_lines(OfficeSink *sink, const char *lines, size_t bytes)
{
	const char *end = lines + bytes;
	for (const char *next; lines < end; lines = next + 1) {
		next = memchr(lines, '\n', (size_t)(end - lines));
		if (next == NULL)
			next = end;
		append_line(sink, 0, "", lines, (size_t)(next - lines));
	}
}

void office_sink_block(OfficeSink *sink, const char *lines, size_t bytes)
{
	Flow *flow = top(sink);
	if (bytes == 0)
		return;
	if (!flow->open) {
		append_lines(sink, lines, bytes);
		return;
	}
	if (!has_room(sink, flow->after, bytes + 1)) {
		sink->cut += (uint64_t)g_utf8_strlen(lines, (gssize)bytes);
		return;
	}
	g_string_append_len(flow->after, lines, (gssize)bytes);
	g_string_append_c(flow->after, '\n');
}

void office_sink_want_blank(OfficeSink *sink)
{
	top(sink)->want_blank = true;
}

/* ---- paragraphs ---------------------------------------------------------------------------------------- */

bool office_sink_is_open(const OfficeSink *sink)
{
	return sink->flow[sink->n - 1].open;
}

void office_sink_begin(OfficeSink *sink, const OfficeParagraph *paragraph)
{
	Flow *flow = top(sink);
	sink->in_hidden = false;
	if (flow->open) {
		flow->nested++;
		office_sink_break(sink);
		return;
	}
	flow->form = *paragraph;
	g_string_assign(flow->label, paragraph->label != NULL ? paragraph->label : "");
	g_string_truncate(flow->paragraph, 0);
	flow->open = true;
	flow->hidden = flow->no_blank = flow->space = false;
	flow->nested = 0;
	flow->want_blank |= paragraph->blank;
}

static void write_paragraph(OfficeSink *sink)
{
	Flow *flow = top(sink);
	const char *line = flow->paragraph->str, *end = line + flow->paragraph->len;
	unsigned indent = flow->form.indent;
	const char *label = flow->label->str;
	for (const char *next; line <= end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (next == NULL)
			next = end;
		append_line(sink, indent, label, line, (size_t)(next - line));
		indent = flow->form.hanging;
		label = "";
	}
}

void office_sink_end(OfficeSink *sink)
{
	Flow *flow = top(sink);
	if (!flow->open)
		return;
	if (flow->nested > 0) {
		flow->nested--;
		office_sink_break(sink);
		return;
	}
	say_owed(sink);
	flow->open = false;
	sink->in_hidden = false;
	if (!flow->hidden && (flow->paragraph->len > 0 || !flow->no_blank))
		write_paragraph(sink);
	if (flow->after->len > 0 && !flow->hidden)
		append_lines(sink, flow->after->str, flow->after->len - 1);
	clear_string(&flow->after);
	clear_string(&flow->paragraph);
}

void office_sink_hide_paragraph(OfficeSink *sink)
{
	Flow *flow = top(sink);
	if (!flow->open || flow->hidden)
		return;
	flow->hidden = true;
	sink->n_hidden++;
}

void office_sink_no_blank(OfficeSink *sink)
{
	top(sink)->no_blank = true;
}

/* ---- text ---------------------------------------------------------------------------------------------- */

/* Keeps a character, or counts it as cut. */
static void keep(OfficeSink *sink, gunichar c)
{
	char bytes[6];
	int n = g_unichar_to_utf8(c, bytes);
	if (!sink->keep)
		return;
	if (sink->kept + (unsigned)n > sink->max) {
		sink->cut++;
		return;
	}
	sink->kept += (unsigned)n;
	g_string_append_len(top(sink)->paragraph, bytes, n);
}

static void settle_space(OfficeSink *sink)
{
	Flow *flow = top(sink);
	if (flow->space)
		keep(sink, ' ');
	flow->space = false;
}

static void put_char(OfficeSink *sink, gunichar c, OfficeUnseen unseen)
{
	Flow *flow = top(sink);
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		if (!(unseen.latin && unseen.asian))
			flow->space = flow->paragraph->len > 0 || !sink->keep;
		return;
	}
	if (is_asian(c) ? unseen.asian : unseen.latin) {
		sink->n_hidden += !sink->in_hidden;
		sink->in_hidden = flow->no_blank = true; /* what is hidden leaves no line behind */
		return;
	}
	if (flow->hidden)
		return;
	if (c == 0x2028 || c == 0x2029) {
		office_sink_break(sink);
		return;
	}
	c = clean_char(c);
	if (c == 0)
		return;
	sink->in_hidden = false;
	settle_space(sink);
	keep(sink, c);
	sink->shown++;
	sink->chars[c / 8] |= (uint8_t)(1 << c % 8);
}

void office_sink_put(OfficeSink *sink, const char *text, size_t bytes, OfficeUnseen unseen)
{
	if (!top(sink)->open)
		return;
	for (const char *p = text; p < text + bytes; p = g_utf8_next_char(p))
		put_char(sink, g_utf8_get_char(p), unseen);
}

void office_sink_say(OfficeSink *sink, const char *text)
{
	Flow *flow = top(sink);
	if (!flow->open || flow->hidden)
		return;
	settle_space(sink);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		keep(sink, g_utf8_get_char(p));
}

void office_sink_remark(OfficeSink *sink, const char *before, const char *text, const char *after)
{
	bool own = !top(sink)->open;
	if (own)
		office_sink_begin(sink, &(OfficeParagraph) { .indent = 0 });
	office_sink_say(sink, before);
	office_sink_say(sink, text);
	office_sink_say(sink, after);
	if (own)
		office_sink_end(sink);
}

void office_sink_owe(OfficeSink *sink, const char *text)
{
	Flow *flow = top(sink);
	if (!has_room(sink, flow->owed, strlen(text) + 1)) {
		sink->cut += (uint64_t)g_utf8_strlen(text, -1);
		return;
	}
	if (flow->owed->len > 0)
		g_string_append_c(flow->owed, ' ');
	g_string_append(flow->owed, text);
}

void office_sink_blanks(OfficeSink *sink, unsigned n)
{
	Flow *flow = top(sink);
	if (!flow->open || flow->hidden)
		return;
	settle_space(sink);
	for (n = MIN(n, BLANKS_MAX); n > 0; n--)
		keep(sink, ' ');
}

void office_sink_tab(OfficeSink *sink)
{
	Flow *flow = top(sink);
	const char *end = flow->paragraph->str + flow->paragraph->len;
	/* In a long line nobody sees the column, and counting it for each tab would take quadratic time. */
	size_t back = MIN(flow->paragraph->len, LINE_MAX_BYTES);
	const char *line = memrchr(end - back, '\n', back);
	line = line != NULL ? line + 1 : flow->paragraph->str;
	unsigned column =
	        (size_t)(end - line) <= LINE_MAX_BYTES ? office_columns(line, (size_t)(end - line)) : 0;
	office_sink_blanks(sink, TAB_COLUMNS - column % TAB_COLUMNS);
}

void office_sink_break(OfficeSink *sink)
{
	Flow *flow = top(sink);
	if (!flow->open || flow->hidden)
		return;
	flow->space = false;
	if (flow->paragraph->len > 0 || !sink->keep)
		keep(sink, '\n');
}

/* ---- counts -------------------------------------------------------------------------------------------- */

bool office_sink_charge(OfficeSink *sink, uint64_t bytes)
{
	if (!sink->keep || bytes > sink->max - MIN(sink->max, sink->kept))
		return false;
	sink->kept += bytes;
	return true;
}

void office_sink_cut(OfficeSink *sink, uint64_t characters)
{
	sink->cut = characters > UINT64_MAX - sink->cut ? UINT64_MAX : sink->cut + characters;
}

uint64_t office_sink_get_cut(const OfficeSink *sink)
{
	return sink->cut;
}

uint32_t office_sink_hidden(const OfficeSink *sink)
{
	return sink->n_hidden;
}

uint64_t office_sink_shown(const OfficeSink *sink)
{
	return sink->shown;
}
