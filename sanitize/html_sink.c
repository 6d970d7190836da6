#include "html_sink_state_priv.h"

#include "clean_text.h"
#include "html_append_priv.h"
#include "html_text_priv.h"
#include "text_wrap_priv.h"

#include <string.h>

void html_sink_set_top(HtmlSink *sink, unsigned top)
{
	sink->top = top;
	sink->at = &sink->frames[top];
}

void html_sink_frame_init(HtmlFrame *frame)
{
	if (frame->text != NULL)
		return;
	frame->text = g_string_new(NULL);
	frame->cells = g_string_new(NULL);
}

HtmlSink *html_sink_new(const HtmlOptions *options)
{
	HtmlSink *sink = g_new0(HtmlSink, 1);

	sink->max_out = options->max_out;
	sink->width = options->width;
	sink->defang = options->defang;
	sink->joined = g_string_new(NULL);
	sink->line_prefix = g_string_new(NULL);
	sink->owed = g_string_new(NULL);
	sink->prefix = g_string_new(NULL);
	sink->pieces = g_array_new(FALSE, FALSE, sizeof(HtmlPiece));
	sink->due = g_array_new(FALSE, FALSE, sizeof(HtmlMark));
	sink->first_due = G_MAXUINT;
	html_sink_frame_init(&sink->frames[0]);
	html_sink_set_top(sink, 0);
	return sink;
}

static void free_string(GString *string)
{
	if (string != NULL)
		g_string_free(string, TRUE);
}

void html_sink_free(HtmlSink *sink)
{
	if (sink == NULL)
		return;
	for (unsigned i = 0; i < G_N_ELEMENTS(sink->frames); i++) {
		free_string(sink->frames[i].text);
		free_string(sink->frames[i].cells);
	}
	free_string(sink->kept.text);
	free_string(sink->kept.cells);
	html_grid_free(sink->grid);
	free_string(sink->joined);
	free_string(sink->line_prefix);
	free_string(sink->owed);
	free_string(sink->prefix);
	g_array_unref(sink->pieces);
	g_array_unref(sink->due);
	clean_thin_free(sink->thin);
	g_free(sink);
}

/* ---- bytes, under the cap ------------------------------------------------------------------------------ */

/* Of a long text, without what is cleaned away later: it could be 10 MB of nothing else. A line that is wrapped is
 * written twice, and its parts are cleaned one by one. */
static void append_thin(HtmlSink *sink, HtmlFrame *frame, const char *text, size_t bytes)
{
	if (frame != &sink->frames[0] || frame->text->len + bytes < HTML_THIN_FROM || sink->width > 0) {
		html_append(frame->text, text, bytes);
		return;
	}
	if (sink->thin == NULL)
		sink->thin = clean_thin_new();
	clean_thin_append(sink->thin, frame->text, text, bytes);
}

/* Text of the mail: as much as fits, the rest counted. */
static void append_text(HtmlSink *sink, HtmlFrame *frame, const char *text, size_t bytes)
{
	size_t fits = bytes;

	if (frame == &sink->frames[0]) {
		uint64_t room = sink->full ? 0 : sink->max_out - MIN(sink->max_out, frame->text->len);
		fits = (size_t)MIN(room, bytes);
		while (fits > 0 && fits < bytes && ((unsigned char)text[fits] & 0xC0) == 0x80)
			fits--;
	}
	append_thin(sink, frame, text, fits);
	if (fits == bytes)
		return;
	sink->full = true;
	sink->omitted += html_sink_count(text + fits, bytes - fits);
}

/* Layout: whole or not at all. */
static void append_layout(HtmlSink *sink, HtmlFrame *frame, const char *text, size_t bytes)
{
	bool root = frame == &sink->frames[0];

	if (root && (sink->full || frame->text->len + bytes > sink->max_out))
		sink->full = true;
	else
		html_append(frame->text, text, bytes);
}

/* ---- lines --------------------------------------------------------------------------------------------- */

/* Letters and signs of full width as those that they look like. */
static gunichar narrow(gunichar c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		return c - 0xFF01 + '!';
	return c == 0x3000 ? ' ' : c;
}

/* The next character that is seen, narrow; 0 at the end. */
static gunichar next_seen(const char **at)
{
	while (**at != '\0') {
		if (**at >= ' ' && **at < 0x7F)
			return (gunichar)*(*at)++;
		gunichar c = g_utf8_get_char(*at);
		*at = g_utf8_next_char(*at);
		if (!html_sink_is_filler(c))
			return narrow(c);
	}
	return 0;
}

/* A scheme or "www.", after some signs or blanks; or an address of mail, which the list has without a scheme.
 */
static bool leads_to_url(const char *at)
{
	enum { SIGNS = 8, LETTERS = 8, LOCAL = 64 };
	char word[LETTERS + 1] = "";
	gunichar c = next_seen(&at);
	size_t n = 0;

	for (unsigned i = 0; i < SIGNS && c != 0 && !g_unichar_isalnum(c); i++)
		c = next_seen(&at);
	for (; c < 0x80 && g_ascii_isalpha((char)c) && n < LETTERS; c = next_seen(&at))
		word[n++] = g_ascii_tolower((char)c);
	if ((c == ':' && n >= 3) || (c == '.' && strcmp(word, "www") == 0))
		return true;
	for (n = 0; n < LOCAL && c > ' ' && c < 0x7F && c != '@' && c != '['; n++)
		c = next_seen(&at);
	return c == '@' || (c == '[' && next_seen(&at) == '@');
}

static bool is_bracket(gunichar c, bool closes)
{
	static const gunichar pairs[][2] = { { '[', ']' },       { 0x3010, 0x3011 }, { 0x3014, 0x3015 },
		                             { 0x3016, 0x3017 }, { 0x301A, 0x301B }, { 0x27E6, 0x27E7 },
		                             { 0x2772, 0x2773 }, { 0x2045, 0x2046 } };

	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		if (c == pairs[i][closes])
			return true;
	}
	return false;
}

static bool is_blank(gunichar c)
{
	return c == '\t' || (c != 0 && g_unichar_isspace(c));
}

static gunichar next_but_blank(const char **at)
{
	gunichar c = next_seen(at);

	while (is_blank(c))
		c = next_seen(at);
	return c;
}

/* A line that looks like one of the list of links at the end could send the reader anywhere: "[1]
 * https://...". What is removed later must not hide it, nor other brackets, figures and blanks; but mail
 * numbers its headings and its notes so, so that there has to be an address behind them. */
static bool imitates_list(const char *line)
{
	bool digits = false;
	gunichar open = next_seen(&line);
	if (!is_bracket(open, false))
		return false;
	gunichar c = next_but_blank(&line);
	for (; g_unichar_isdigit(c) || g_unichar_type(c) == G_UNICODE_OTHER_NUMBER; c = next_but_blank(&line))
		digits = true;
	if (!digits || (c != '!' && !is_bracket(c, true)))
		return false;
	return c == '!' ? open == '[' : leads_to_url(line);
}

/* Or like our notice. */
static bool imitates_notice(const char *line)
{
	for (const char *mark = "【無害化】"; *mark != '\0'; mark = g_utf8_next_char(mark)) {
		if (next_seen(&line) != g_utf8_get_char(mark))
			return false;
	}
	return true;
}

static bool imitates_us(const char *line)
{
	if (*line > ' ' && *line != '[' && *line < 0x7F) /* nearly all lines */
		return false;
	return imitates_list(line) || imitates_notice(line);
}

static void escape_line(HtmlSink *sink)
{
	GString *text = sink->frames[0].text;

	if (sink->line_bare && text->len > sink->line_start && imitates_us(text->str + sink->line_start))
		g_string_insert_c(text, (gssize)sink->line_start, ' ');
}

static void append_piece(HtmlSink *sink, const char *piece, size_t bytes, bool last)
{
	HtmlFrame *root = &sink->frames[0];

	while (!last && bytes > 0 && piece[bytes - 1] == ' ')
		bytes--;
	append_text(sink, root, piece, bytes);
	escape_line(sink);
	if (last)
		return;
	append_layout(sink, root, "\n", 1);
	sink->line_start = root->text->len;
	append_layout(sink, root, sink->line_prefix->str, sink->line_prefix->len);
}

/* The last line, in as many as it takes. */
static void wrap_line(HtmlSink *sink)
{
	GString *text = sink->frames[0].text;
	unsigned before = text_wrap_columns(sink->line_prefix->str, sink->line_prefix->len);
	unsigned room = MAX(sink->width, before + TEXT_WRAP_MIN) - before;
	size_t start = sink->line_start + sink->line_signs;

	if (sink->full || text->len - start <= room) /* no character has more columns than bytes */
		return;
	g_autoptr(GString) line =
	        defang_text(sink->defang, g_string_new_len(text->str + start, (gssize)(text->len - start)));
	g_string_truncate(text, start);
	for (size_t at = 0, piece = 0; at < line->len; at += piece) {
		piece = text_wrap(line->str + at, line->len - at, room);
		append_piece(sink, line->str + at, piece, at + piece >= line->len);
	}
}

static void finish_line(HtmlSink *sink)
{
	bool open = sink->frames[0].text->len > sink->line_start;

	if (open && sink->width > 0 && !sink->line_fixed)
		wrap_line(sink);
	escape_line(sink);
	sink->line_bare = false;
}

static void append_blank_line(HtmlSink *sink, GString *text)
{
	guint bytes = sink->low;

	while (bytes > 0 && sink->prefix->str[bytes - 1] == ' ')
		bytes--;
	html_append(text, sink->prefix->str, bytes);
	g_string_append_c(text, '\n');
}

static void append_prefix(HtmlSink *sink, GString *text)
{
	guint first = MIN(sink->first_due, sink->pieces->len);
	guint plain = first < sink->pieces->len ? g_array_index(sink->pieces, HtmlPiece, first).offset
	                                        : (guint)sink->prefix->len;

	html_append(text, sink->prefix->str, plain);
	for (guint i = first; i < sink->pieces->len; i++) {
		HtmlPiece *piece = &g_array_index(sink->pieces, HtmlPiece, i);
		guint end = i + 1 < sink->pieces->len ? piece[1].offset : (guint)sink->prefix->len;
		if (piece->due)
			g_string_append(text, piece->marker);
		else
			g_string_append_len(text, sink->prefix->str + piece->offset, end - piece->offset);
		piece->due = false;
	}
	sink->first_due = G_MAXUINT;
	sink->low = (guint)sink->prefix->len;
}

/* A new line of frame 0, with the blank lines before it and all prefixes. */
static void start_line(HtmlSink *sink)
{
	HtmlFrame *root = &sink->frames[0];
	unsigned blanks = MAX(root->hard_blanks, root->blank ? 1U : 0U);

	if (sink->full)
		return;
	finish_line(sink);
	size_t before = root->text->len;
	if (before > 0) {
		g_string_append_c(root->text, '\n');
		for (unsigned i = 0; i < blanks; i++)
			append_blank_line(sink, root->text);
	}
	sink->line_start = root->text->len;
	append_prefix(sink, root->text);
	sink->line_signs = root->text->len - sink->line_start;
	sink->measured = root->text->len;
	sink->columns = 0;
	sink->line_bare = sink->line_signs == 0;
	sink->line_fixed = false;
	if (sink->width > 0)
		g_string_assign(sink->line_prefix, sink->prefix->str);
	if (root->text->len <= sink->max_out)
		return;
	g_string_truncate(root->text, before);
	sink->full = true;
	sink->line_bare = false;
}

/* A cell of the kept table may have many lines. */
static void start_kept_line(HtmlFrame *frame)
{
	if (frame->text->len > 0)
		g_string_append_c(frame->text, HTML_GRID_LINE_END);
	if (frame->blank)
		g_string_append_c(frame->text, HTML_GRID_WANTED);
	for (unsigned i = 0; i < frame->hard_blanks; i++)
		g_string_append_c(frame->text, HTML_GRID_BLANK);
}

/* The frame in which the next visible character goes, its line open. */
static HtmlFrame *open_line(HtmlSink *sink)
{
	if (html_sink_top(sink)->open)
		return html_sink_top(sink);
	if (html_sink_is_kept(sink) && sink->part == HTML_PART_NONE) /* text beside cells */
		html_sink_flatten(sink);
	if (!html_sink_is_kept(sink) && sink->top > 0 && html_sink_top(sink)->text->len > 0)
		html_sink_spill(sink); /* a second line: no cell to be joined */
	HtmlFrame *frame = html_sink_top(sink);
	if (html_sink_is_kept(sink))
		start_kept_line(frame);
	else if (sink->top == 0)
		start_line(sink);
	else
		frame->lead = frame->blank;
	frame->open = true;
	frame->blank = false;
	frame->hard_blanks = 0;
	if (sink->capture != NULL && sink->capture->len > 0)
		g_string_append_c(sink->capture, ' ');
	return frame;
}

void html_sink_forget_owed(HtmlSink *sink)
{
	html_clear(sink->owed);
	sink->owed_run.n = sink->owed_bytes = 0;
	sink->owed_blanks = sink->owed_columns = 0;
	sink->owed_fillers = false;
	sink->soft = HTML_SOFT_NONE;
}

static void pack_run(HtmlSink *sink)
{
	HtmlOwedRun *run = &sink->owed_run;

	for (size_t n = 0; run->n > 0; run->n -= n) {
		n = *run->unit == ' ' ? MIN(run->n, (size_t)HTML_OWED_SPACES_MAX) : 1;
		if (*run->unit == ' ')
			g_string_append_c(sink->owed, (char)(HTML_OWED_SPACES + n));
		else
			g_string_append_len(sink->owed, run->unit, (gssize)run->bytes);
	}
}

/* Cleaned away later behind blanks or at the start of a line, where all that is owed stands: one is as good as
 * another. Bidi controls may have a pair. */
static bool is_lost(const char *character)
{
	gunichar c = g_utf8_get_char(character);
	bool bidi = c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
	            (c >= 0x2066 && c <= 0x2069);

	return !bidi && html_sink_is_filler(c);
}

static bool goes_on(const HtmlOwedRun *run, const char *character, size_t bytes)
{
	if (run->n == 0)
		return false;
	if (bytes == 1 && run->bytes == 1 && *run->unit == *character)
		return true;
	if (run->bytes == bytes && memcmp(run->unit, character, bytes) == 0)
		return true;
	return is_lost(run->unit) && is_lost(character);
}

void html_sink_owe(HtmlSink *sink, const char *character, size_t bytes, size_t n)
{
	HtmlOwedRun *run = &sink->owed_run;

	if (n == 0 || (sink->owed_fillers && sink->owed_blanks > 1)) /* then it is one blank: pay_blanks() */
		return;
	sink->owed_bytes += n * bytes;
	if (!goes_on(run, character, bytes)) {
		pack_run(sink);
		memcpy(run->unit, character, bytes);
		run->bytes = bytes;
	}
	run->n += n;
}

/* Whole or not at all. */
static void append_owed(HtmlSink *sink, HtmlFrame *frame)
{
	const HtmlOwedRun *run = &sink->owed_run;

	if (frame == &sink->frames[0] && (sink->full || frame->text->len + sink->owed_bytes > sink->max_out)) {
		sink->full = true;
		return;
	}
	for (size_t i = 0, n = 0; i < sink->owed->len; i += n) {
		const unsigned char *owed = (const unsigned char *)sink->owed->str + i;
		for (n = 0; i + n < sink->owed->len && owed[n] <= HTML_OWED_SPACES; n++)
			;
		append_thin(sink, frame, (const char *)owed, n);
		if (i + n < sink->owed->len)
			html_append_same(frame->text, ' ', owed[n++] - HTML_OWED_SPACES);
	}
	if (run->bytes == 1) {
		html_append_same(frame->text, *run->unit, run->n);
		return;
	}
	for (size_t i = 0; i < run->n; i++)
		append_thin(sink, frame, run->unit, run->bytes);
}

void html_sink_end_line(HtmlFrame *frame)
{
	frame->open = false;
}

void html_sink_break(HtmlSink *sink, unsigned most)
{
	HtmlFrame *frame = html_sink_top(sink);

	if (!frame->open && frame->text->len > 0 && frame->hard_blanks < most)
		frame->hard_blanks++;
	html_sink_end_line(frame);
	html_sink_forget_owed(sink);
}

void html_sink_block(HtmlSink *sink, bool blank)
{
	HtmlFrame *frame = html_sink_top(sink);
	bool typed = !frame->open && sink->owed_blanks > 0 && !sink->owed_fillers; /* <p>&nbsp;</p> */

	html_sink_end_line(frame);
	frame->blank |= blank || (typed && frame->text->len > 0);
	html_sink_forget_owed(sink);
}

void html_sink_space(HtmlSink *sink)
{
	if (html_sink_top(sink)->open && sink->owed_bytes == 0)
		sink->soft = HTML_SOFT_SPACE;
}

/* ---- what is visible ----------------------------------------------------------------------------------- */

bool html_sink_is_wide(gunichar c)
{
	bool hangul = (c >= 0x1100 && c <= 0x11FF) || (c >= 0x3130 && c <= 0x318F) ||
	              (c >= 0xA960 && c <= 0xA97F) || (c >= 0xAC00 && c <= 0xD7FF) ||
	              (c >= 0xFFA0 && c <= 0xFFDC);

	return !hangul && (g_unichar_iswide(c) || (c >= 0xFF61 && c <= 0xFF9F));
}

static bool ends_wide(const GString *text)
{
	const char *at = text->str + text->len;

	for (unsigned i = 0; i < 4 && at > text->str; i++) {
		at = g_utf8_prev_char(at);
		gunichar c = g_utf8_get_char(at);
		if (clean_width(c) > 0 && !html_sink_is_filler(c))
			return html_sink_is_wide(c);
	}
	return false;
}

/* Padding of preheaders, blanks and joiners in turn, is one blank. */
static void pay_blanks(HtmlSink *sink, HtmlFrame *frame, const char *run)
{
	bool joined = sink->soft == HTML_SOFT_LINE_END && sink->owed_bytes == 0 && ends_wide(frame->text) &&
	              html_sink_is_wide(g_utf8_get_char(run));

	if (sink->capture != NULL && sink->capture->len > 0 && !joined &&
	    (sink->soft || sink->owed_blanks > 0))
		g_string_append_c(sink->capture, ' ');
	if (sink->owed_fillers && sink->owed_blanks > 1)
		append_layout(sink, frame, " ", 1);
	else
		append_owed(sink, frame);
	if (sink->soft != HTML_SOFT_NONE && !joined)
		append_layout(sink, frame, " ", 1);
	html_sink_forget_owed(sink);
}

static void pay_marks(HtmlSink *sink, HtmlFrame *frame)
{
	for (guint i = 0; i < sink->due->len; i++) {
		const HtmlMark *mark = &g_array_index(sink->due, HtmlMark, i);
		append_layout(sink, frame, mark->text, strlen(mark->text));
	}
	g_array_set_size(sink->due, 0);
}

static bool exceeds_cell(unsigned columns, const char *line, size_t bytes)
{
	const char *end = line + bytes;

	for (; line < end && columns <= HTML_CELL_COLUMNS; line = g_utf8_next_char(line))
		columns += html_columns(g_utf8_get_char(line));
	return columns > HTML_CELL_COLUMNS;
}

/* Spills as soon as the cell is too wide for joining, or the table too long to be kept. from: where the new
 * text begins. */
static void measure(HtmlSink *sink, size_t from)
{
	HtmlFrame *frame = html_sink_top(sink);
	const char *at = frame->text->str + from, *end = frame->text->str + frame->text->len;

	if (html_sink_is_kept(sink)) {
		if (frame->text->len + html_grid_bytes(sink->grid) > HTML_GRID_BYTES)
			html_sink_flatten(sink);
		return;
	}
	if (sink->top == 0)
		return;
	for (; at < end && frame->columns <= HTML_CELL_COLUMNS; at = g_utf8_next_char(at)) {
		bool ascii = (unsigned char)*at < 0x7F;
		frame->columns += ascii ? 1 : html_columns(g_utf8_get_char(at));
	}
	if (frame->columns > HTML_CELL_COLUMNS)
		html_sink_spill(sink);
}

/* "https://bank" before a link and ".example" in it are read as one. */
static void take_lead(HtmlSink *sink, const HtmlFrame *frame, size_t end)
{
	size_t from = end;

	for (; from > 0 && end - from < HTML_LEAD_MAX; from--) {
		char c = frame->text->str[from - 1];
		if (!g_ascii_isalnum(c) && (c == '\0' || strchr(".-_/:@", c) == NULL))
			break;
	}
	html_clear(sink->lead);
	html_append(sink->lead, frame->text->str + from, end - from);
}

void html_sink_put(HtmlSink *sink, const char *run, size_t bytes)
{
	HtmlFrame *frame = open_line(sink);
	size_t before = frame->text->len;

	sink->seen++;
	if (sink->soft != HTML_SOFT_NONE || sink->owed_bytes > 0)
		pay_blanks(sink, frame, run);
	if (sink->due->len > 0)
		pay_marks(sink, frame);
	if (sink->capture != NULL && sink->capture->len == 0)
		take_lead(sink, frame, frame->text->len);
	if (sink->capture != NULL && sink->capture->len < HTML_CAPTURE_MAX &&
	    !html_sink_is_filler(g_utf8_get_char(run)))
		html_append(sink->capture, run, MIN(bytes, HTML_CAPTURE_MAX - sink->capture->len));
	append_text(sink, frame, run, bytes);
	if (frame != &sink->frames[0])
		measure(sink, before);
}

/* Each character of a line is measured once, however many tabs are in it. */
unsigned html_sink_columns(HtmlSink *sink)
{
	const HtmlFrame *root = &sink->frames[0], *frame = html_sink_top(sink);

	if (!frame->open)
		return 0;
	if (frame != root)
		return frame->columns;
	sink->columns +=
	        text_wrap_columns(root->text->str + sink->measured, root->text->len - sink->measured);
	sink->measured = root->text->len;
	return sink->columns;
}

uint64_t html_sink_seen(const HtmlSink *sink)
{
	return sink->seen;
}

/* A finished line of a row: nothing of what is owed belongs to it. */
void html_sink_put_line(HtmlSink *sink, const char *line, size_t bytes)
{
	GString *capture = g_steal_pointer(&sink->capture);
	HtmlFrame *frame = open_line(sink);
	if (frame != &sink->frames[0] && frame != &sink->kept && exceeds_cell(frame->columns, line, bytes)) {
		html_sink_spill(sink); /* before, not after: a line of 10 MB would be there twice */
		frame = open_line(sink);
	}
	size_t before = frame->text->len;

	append_text(sink, frame, line, bytes);
	if (frame != &sink->frames[0])
		measure(sink, before);
	sink->capture = capture;
}

void html_sink_attach(HtmlSink *sink, const char *text)
{
	HtmlFrame *frame = html_sink_top(sink);
	size_t before = frame->text->len;

	if (before == 0 && (sink->top > 0 || html_sink_is_kept(sink))) {
		html_sink_spill(sink);
		frame = html_sink_top(sink);
		before = frame->text->len;
	}
	if (frame->text->len == 0)
		return;
	append_layout(sink, frame, text, strlen(text));
	measure(sink, before);
}

uint32_t html_sink_mark_open(HtmlSink *sink, const char *text)
{
	HtmlMark mark = { ++sink->marks, text };

	g_array_append_val(sink->due, mark);
	return mark.id;
}

bool html_sink_mark_close(HtmlSink *sink, uint32_t mark, const char *text)
{
	for (guint i = sink->due->len; i > 0; i--) {
		uint32_t id = g_array_index(sink->due, HtmlMark, i - 1).id;
		if (id == mark)
			g_array_remove_index(sink->due, i - 1);
		if (id == mark)
			return false;
		if (id < mark)
			break;
	}
	html_sink_attach(sink, text);
	return true;
}

void html_sink_capture(HtmlSink *sink, GString *capture, GString *lead)
{
	sink->capture = capture;
	sink->lead = lead;
}

/* ---- prefixes ------------------------------------------------------------------------------------------ */

static HtmlPiece *push_piece(HtmlSink *sink)
{
	HtmlPiece piece = { .offset = (guint)sink->prefix->len };

	html_sink_spill(sink);
	g_array_append_val(sink->pieces, piece);
	return &g_array_index(sink->pieces, HtmlPiece, sink->pieces->len - 1);
}

void html_sink_push_quote(HtmlSink *sink)
{
	push_piece(sink)->quote = true;
	if (sink->quotes++ < HTML_QUOTE_MAX)
		g_string_append(sink->prefix, "> ");
}

void html_sink_push_indent(HtmlSink *sink, const char *marker)
{
	HtmlPiece *piece = push_piece(sink);

	g_strlcpy(piece->marker, marker, sizeof(piece->marker));
	piece->due = *marker != '\0';
	if (piece->due)
		sink->first_due = MIN(sink->first_due, sink->pieces->len - 1);
	sink->indent += 2;
	if (sink->indent <= HTML_INDENT_COLUMNS)
		g_string_append(sink->prefix, "  ");
}

void html_sink_pop(HtmlSink *sink)
{
	const HtmlPiece *piece = &g_array_index(sink->pieces, HtmlPiece, sink->pieces->len - 1);

	html_sink_spill(sink);
	if (piece->quote)
		sink->quotes--;
	else
		sink->indent -= 2;
	html_truncate(sink->prefix, piece->offset);
	sink->low = MIN(sink->low, piece->offset);
	g_array_set_size(sink->pieces, sink->pieces->len - 1);
	if (sink->first_due >= sink->pieces->len)
		sink->first_due = G_MAXUINT;
}

/* ---- the end ------------------------------------------------------------------------------------------- */

GString *html_sink_finish(HtmlSink *sink, uint64_t *ret_omitted, CleanCounts *ret_thinned)
{
	html_sink_spill(sink);
	finish_line(sink);
	*ret_omitted = sink->omitted;
	*ret_thinned = sink->thin != NULL ? clean_thin_counts(sink->thin) : (CleanCounts) { 0 };
	return g_steal_pointer(&sink->frames[0].text);
}
