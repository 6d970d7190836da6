/* office_odf_page: page styles with their headers, slides, shapes. */
#include "office_odf_priv.h"

#include <string.h>

#define HEADER_MARK "[ヘッダー: "
#define FOOTER_MARK "[フッター: "

enum { IS_IMAGE = 1 };

/* ---- page styles --------------------------------------------------------------------------------------- */

static void master_free(OdfMaster *master)
{
	g_free(master->name);
	g_free(master->next);
	g_string_free(master->header, TRUE);
	g_string_free(master->footer, TRUE);
	g_string_free(master->shapes, TRUE);
	g_free(master);
}

void odf_masters_free(OdfReader *reader)
{
	for (guint i = 0; i < reader->masters->len; i++)
		master_free(g_ptr_array_index(reader->masters, i));
	g_ptr_array_unref(reader->masters);
	g_hash_table_unref(reader->masters_by_name);
}

static OdfMaster *master_named(OdfReader *reader, const char *name)
{
	return name != NULL ? g_hash_table_lookup(reader->masters_by_name, name) : NULL;
}

void odf_master_used(OdfReader *reader, const char *name)
{
	if (reader->master != NULL || odf_frame(reader)->view.mute)
		return;
	reader->body_begun = true;
	OdfMaster *master = master_named(reader, name);
	if (master == NULL && name == NULL && reader->masters->len > 0)
		master = g_ptr_array_index(reader->masters, 0); /* the default comes first */
	if (master != NULL)
		master->used = true;
}

static int64_t length_of(const char *const *attributes, const char *name)
{
	const char *value = odf_value(attributes, name);
	int64_t length = 0;
	return value != NULL && office_length(value, &length) ? length : 0;
}

void odf_paper(OdfReader *reader, const char *const *attributes)
{
	OdfPaper paper = { length_of(attributes, "fo:page-width"), length_of(attributes, "fo:page-height") };
	if (reader->layout == NULL || paper.width <= 0 || paper.height <= 0)
		return;
	g_hash_table_replace(reader->papers, g_strdup(reader->layout), g_memdup2(&paper, sizeof paper));
}

static OdfPaper paper_named(OdfReader *reader, const char *name)
{
	const OdfPaper *paper = name != NULL ? g_hash_table_lookup(reader->papers, name) : NULL;
	return paper != NULL ? *paper : (OdfPaper) { 0, 0 };
}

static void start_master(OdfReader *reader, const char *const *attributes)
{
	const char *name = odf_value(attributes, "style:name");
	if (reader->master != NULL || name == NULL || master_named(reader, name) != NULL) {
		odf_skip(reader);
		return;
	}
	OdfMaster *master = g_new0(OdfMaster, 1);
	master->name = g_strdup(name);
	master->next = g_strdup(odf_value(attributes, "style:next-style-name"));
	master->paper = paper_named(reader, odf_value(attributes, "style:page-layout-name"));
	master->header = g_string_new(NULL);
	master->footer = g_string_new(NULL);
	master->shapes = g_string_new(NULL);
	g_ptr_array_add(reader->masters, master);
	g_hash_table_insert(reader->masters_by_name, master->name, master);
	reader->master = master;
	odf_push(reader);
}

static void end_master(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	if (text != NULL)
		g_string_append_len(reader->master->shapes, text->str, (gssize)text->len);
	reader->master = NULL;
}

/* A header or a footer. */
static void start_margin(OdfReader *reader, const char *const *attributes)
{
	if (reader->master == NULL || odf_is(attributes, "style:display", "false"))
		odf_skip(reader);
	else
		odf_push(reader);
}

static void end_header(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	if (text != NULL && text->len > 0 && reader->master != NULL)
		g_string_append_printf(reader->master->header, "%s\n", text->str);
}

static void end_footer(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	if (text != NULL && text->len > 0 && reader->master != NULL)
		g_string_append_printf(reader->master->footer, "%s\n", text->str);
}

/* In a header, what is another on each page is no text of it. */
static void start_page_field(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (reader->master != NULL)
		odf_skip(reader);
}

/* ---- slides -------------------------------------------------------------------------------------------- */

static void say_shapes(OdfReader *reader, OdfMaster *master)
{
	if (master == NULL || master->shapes_shown || master->shapes->len == 0)
		return;
	master->shapes_shown = true;
	odf_remark_lines(reader, "[背景: ", master->shapes, "]");
}

static void add_page_footer(OdfReader *reader, const char *const *attributes, const char *use,
                            const char *mark)
{
	const char *name = odf_value(attributes, use);
	g_autofree char *key = name != NULL ? g_strconcat(mark, name, NULL) : NULL;
	const char *text = key != NULL ? g_hash_table_lookup(reader->footers, key) : NULL;
	if (text == NULL || text[0] == '\0')
		return;
	g_string_append_printf(reader->page_footers, "%s%s\n", mark, text);
	g_hash_table_replace(reader->footers, g_strdup(key), g_strdup("")); /* once */
}

static void start_slide(OdfReader *reader, const char *const *attributes)
{
	const OfficeLook *style =
	        office_styles_find(reader->styles, "drawing-page", odf_value(attributes, "draw:style-name"));
	OdfFrame *frame = odf_frame(reader);
	if (reader->family != ODF_SLIDES && reader->family != ODF_DRAWING)
		return;
	reader->n_pages++;
	if (style->hidden == OFFICE_YES)
		odf_hide(reader, RENDER_HIDDEN_SLIDES, 1);
	if (frame->view.mute)
		return;
	g_autofree char *title = g_strdup_printf(
	        "%s%u", reader->family == ODF_SLIDES ? "スライド " : "ページ ", reader->n_pages);
	office_sink_want_blank(reader->sink);
	office_sink_remark(reader->sink, "■ ", title, "");
	OdfMaster *master = master_named(reader, odf_value(attributes, "draw:master-page-name"));
	reader->page = master != NULL ? master->paper : (OdfPaper) { 0, 0 };
	say_shapes(reader, master);
	if (style->header != OFFICE_NO)
		add_page_footer(reader, attributes, "presentation:use-header-name", HEADER_MARK);
	if (style->footer != OFFICE_NO)
		add_page_footer(reader, attributes, "presentation:use-footer-name", FOOTER_MARK);
}

static void start_footer_text(OdfReader *reader, const char *const *attributes)
{
	const char *name = odf_value(attributes, "presentation:name");
	bool footer = odf_frame_is(odf_frame(reader), "presentation:footer-decl");
	g_free(reader->key);
	reader->key = name != NULL ? g_strconcat(footer ? FOOTER_MARK : HEADER_MARK, name, NULL) : NULL;
	odf_capture(reader);
}

static void end_footer_text(OdfReader *reader, OdfFrame *frame)
{
	(void)frame;
	reader->capturing = false;
	if (reader->key != NULL)
		g_hash_table_replace(reader->footers, g_steal_pointer(&reader->key),
		                     office_clean_line(reader->capture->str, ODF_CAPTURE_MAX));
}

/* Notes of a slide: whether there are any is seen with or without them. */
static void start_notes(OdfReader *reader, const char *const *attributes)
{
	OdfFrame *frame = odf_frame(reader);
	(void)attributes;
	if (reader->master != NULL || frame->view.mute) {
		odf_skip(reader);
		return;
	}
	frame->open = true;
	reader->page =
	        (OdfPaper) { 0, 0 }; /* they stand on paper of their own, behind all else of the slide */
	reader->muted_text = false;
	if (!reader->options->beside[RENDER_BESIDE_NOTES] || !odf_push(reader))
		frame->view.mute = true;
	frame->value = (unsigned)office_sink_shown(reader->sink);
}

static void end_notes(OdfReader *reader, OdfFrame *frame)
{
	if (!frame->open)
		return;
	bool shown = frame->value != (unsigned)office_sink_shown(reader->sink);
	reader->out->beside[RENDER_BESIDE_NOTES] += shown || reader->muted_text;
	const GString *text = odf_pop(reader, frame);
	if (text == NULL || text->len == 0)
		return;
	office_sink_want_blank(reader->sink);
	g_autofree char *lines = g_strdup(text->str);
	office_sink_remark(reader->sink, "[ノート]", "", "");
	office_sink_block(reader->sink, lines, strlen(lines));
}

/* ---- shapes -------------------------------------------------------------------------------------------- */

/* Where nobody sees it who looks at the slide. One that is turned is taken for visible. */
static bool is_off_page(const OdfReader *reader, const char *const *attributes)
{
	bool placed = odf_value(attributes, "svg:x") != NULL && odf_value(attributes, "svg:y") != NULL &&
	              odf_value(attributes, "draw:transform") == NULL;
	if (!placed || reader->page.width == 0)
		return false;
	int64_t x = length_of(attributes, "svg:x"), y = length_of(attributes, "svg:y");
	return x >= reader->page.width || y >= reader->page.height ||
	       x + length_of(attributes, "svg:width") < 0 || y + length_of(attributes, "svg:height") < 0;
}

static void shape_look(OdfReader *reader, const char *const *attributes)
{
	const char *style = odf_value(attributes, "presentation:style-name");
	odf_look_anew(reader);
	if (style != NULL)
		odf_look(reader, "presentation", style);
	else
		odf_look(reader, "graphic", odf_value(attributes, "draw:style-name"));
	if (odf_is(attributes, "draw:display", "none") || is_off_page(reader, attributes))
		odf_hide(reader, RENDER_HIDDEN_TEXTS, 1);
}

static bool is_in_notes(OdfReader *reader)
{
	return odf_frame_is(odf_frame_above(reader, 1), "presentation:notes");
}

/* Places for a title, a number, a date: filled by the program, or waiting for a text. */
static bool is_filler(OdfReader *reader, const char *const *attributes)
{
	const char *class = odf_value(attributes, "presentation:class");
	if (class == NULL)
		return is_in_notes(reader);
	if (is_in_notes(reader))
		return strcmp(class, "notes") != 0;
	if (reader->master != NULL)
		return strcmp(class, "footer") != 0 && strcmp(class, "header") != 0;
	return odf_is(attributes, "presentation:placeholder", "true") || strcmp(class, "page-number") == 0;
}

static void start_shape(OdfReader *reader, const char *const *attributes)
{
	shape_look(reader, attributes);
	if (is_filler(reader, attributes))
		odf_skip(reader);
	else
		odf_push(reader);
}

static bool is_on_sheet(const OdfReader *reader)
{
	return reader->n_tables == 1 && reader->tables[0].sheet;
}

/* Text of a box: behind the paragraph that it hangs at, or behind the sheet. */
static void end_shape(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	if (text == NULL || text->len == 0)
		return;
	if (!is_on_sheet(reader)) {
		office_sink_block(reader->sink, text->str, text->len);
		return;
	}
	g_string_append_len(reader->tables[0].boxes, text->str, (gssize)text->len);
	g_string_append_c(reader->tables[0].boxes, '\n');
}

static void start_frame(OdfReader *reader, const char *const *attributes)
{
	shape_look(reader, attributes);
	if (is_filler(reader, attributes))
		odf_skip(reader);
	else if (is_on_sheet(reader))
		odf_push(reader); /* its rows come behind it in the file */
}

static void start_text_box(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_push(reader);
}

/* A picture without a name says nothing. */
static void say_alt(OdfReader *reader, const OdfFrame *frame)
{
	if (reader->alt == NULL || reader->alt_depth != reader->frames->len)
		return;
	bool seen = frame->value == IS_IMAGE && !frame->view.mute && reader->deleted == 0 &&
	            reader->master == NULL;
	if (seen && reader->alt[0] != '\0')
		office_sink_remark(reader->sink, "[画像: ", reader->alt, "]");
	g_clear_pointer(&reader->alt, g_free);
}

static void end_frame(OdfReader *reader, OdfFrame *frame)
{
	say_alt(reader, frame);
	if (frame->flow)
		end_shape(reader, frame);
}

static void start_image(OdfReader *reader, const char *const *attributes)
{
	OdfFrame *frame = odf_frame_above(reader, 1);
	(void)attributes;
	if (odf_frame_is(frame, "draw:frame"))
		frame->value = IS_IMAGE;
	odf_skip(reader);
}

/* What a frame shows is its object; the picture beside it stands for that. */
static void end_object(OdfReader *reader, OdfFrame *frame)
{
	OdfFrame *around = odf_frame_above(reader, 1);
	(void)frame;
	if (odf_frame_is(around, "draw:frame"))
		around->value = 0;
}

static void start_alt(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (odf_frame_is(odf_frame_above(reader, 1), "draw:frame"))
		odf_capture(reader);
	else
		odf_skip(reader);
}

static void end_alt(OdfReader *reader, OdfFrame *frame)
{
	(void)frame;
	reader->capturing = false;
	guint depth = reader->frames->len - 1;
	if (reader->alt != NULL && reader->alt_depth == depth && reader->alt[0] != '\0')
		return; /* its title, which comes before its description */
	g_free(reader->alt);
	reader->alt = office_clean_line(reader->capture->str, ODF_ALT_CHARS);
	reader->alt_depth = depth;
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

/* Page styles that follow on one in use. */
static void use_next(OdfReader *reader)
{
	for (guint i = 0; i < reader->masters->len; i++) {
		const OdfMaster *master = g_ptr_array_index(reader->masters, i);
		OdfMaster *next = master->used ? master_named(reader, master->next) : NULL;
		for (; next != NULL && !next->used; next = master_named(reader, next->next))
			next->used = true;
	}
}

/* "Page 3 of 7", "- 3 -", without its numbers. */
static bool says_something(const char *line)
{
	static const char *const nothing[] = { "page", "of", "ページ", "頁" };
	g_autofree char *small = g_utf8_casefold(line, -1);
	for (size_t i = 0; i < G_N_ELEMENTS(nothing); i++)
		for (char *at = strstr(small, nothing[i]); at != NULL; at = strstr(at, nothing[i]))
			memset(at, ' ', strlen(nothing[i]));
	for (const char *p = small; *p != '\0'; p = g_utf8_next_char(p))
		if (g_unichar_isalnum(g_utf8_get_char(p)))
			return true;
	return false;
}

/* Each line once, marked; the same on several page styles once in all. */
static void say_margins(GString *out, const GString *lines, const char *mark, GHashTable *said)
{
	g_auto(GStrv) each = g_strsplit(lines->str, "\n", -1);
	for (char **line = each; *line != NULL; line++) {
		g_strchomp(*line);
		if (!says_something(*line) || g_hash_table_contains(said, *line))
			continue;
		g_hash_table_add(said, g_strdup(*line));
		g_string_append_printf(out, "%s%s]\n", mark, *line);
	}
}

static void say_all_margins(OdfReader *reader, GString *out, bool header)
{
	g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < reader->masters->len; i++) {
		const OdfMaster *master = g_ptr_array_index(reader->masters, i);
		if (master->used)
			say_margins(out, header ? master->header : master->footer,
			            header ? HEADER_MARK : FOOTER_MARK, said);
	}
}

static void part(GString *out)
{
	if (out->len > 0)
		g_string_append_c(out, '\n');
}

void odf_pages_finish(OdfReader *reader, GString *out)
{
	use_next(reader);
	say_all_margins(reader, out, true);
	const GString *text = office_sink_text(reader->sink);
	if (text->len > 0) {
		part(out);
		g_string_append_len(out, text->str, (gssize)text->len);
		g_string_append_c(out, '\n');
	}
	g_autoptr(GString) end = g_string_new(NULL);
	say_all_margins(reader, end, false);
	g_auto(GStrv) footers = g_strsplit(reader->page_footers->str, "\n", -1);
	for (char **line = footers; *line != NULL; line++)
		if (**line != '\0')
			g_string_append_printf(end, "%s]\n", *line);
	if (reader->notes->len > 0) {
		part(out);
		g_string_append_len(out, reader->notes->str, (gssize)reader->notes->len);
	}
	if (end->len > 0) {
		part(out);
		g_string_append_len(out, end->str, (gssize)end->len);
	}
}

const OdfElement odf_page_elements[] = {
	{ "style:master-page", start_master, end_master },
	{ "style:header", start_margin, end_header },
	{ "style:header-left", start_margin, end_header },
	{ "style:header-first", start_margin, end_header },
	{ "loext:header-first", start_margin, end_header },
	{ "style:footer", start_margin, end_footer },
	{ "style:footer-left", start_margin, end_footer },
	{ "style:footer-first", start_margin, end_footer },
	{ "loext:footer-first", start_margin, end_footer },
	{ "text:page-number", start_page_field, NULL },
	{ "text:page-count", start_page_field, NULL },
	{ "text:sheet-name", start_page_field, NULL },
	{ "text:date", start_page_field, NULL },
	{ "text:time", start_page_field, NULL },
	{ "text:file-name", start_page_field, NULL },
	{ "presentation:footer", NULL, NULL },
	{ "presentation:header", NULL, NULL },
	{ "presentation:date-time", NULL, NULL },
	{ "draw:page", start_slide, NULL },
	{ "presentation:footer-decl", start_footer_text, end_footer_text },
	{ "presentation:header-decl", start_footer_text, end_footer_text },
	{ "presentation:date-time-decl", NULL, NULL },
	{ "presentation:notes", start_notes, end_notes },
	{ "style:handout-master", NULL, NULL },
	{ "presentation:animations", NULL, NULL },
	{ "anim:par", NULL, NULL },
	{ "draw:frame", start_frame, end_frame },
	{ "draw:text-box", start_text_box, end_shape },
	{ "draw:custom-shape", start_shape, end_shape },
	{ "draw:rect", start_shape, end_shape },
	{ "draw:ellipse", start_shape, end_shape },
	{ "draw:circle", start_shape, end_shape },
	{ "draw:line", start_shape, end_shape },
	{ "draw:polyline", start_shape, end_shape },
	{ "draw:polygon", start_shape, end_shape },
	{ "draw:regular-polygon", start_shape, end_shape },
	{ "draw:path", start_shape, end_shape },
	{ "draw:connector", start_shape, end_shape },
	{ "draw:caption", start_shape, end_shape },
	{ "draw:measure", start_shape, end_shape },
	{ "draw:enhanced-geometry", NULL, NULL },
	{ "draw:image-map", NULL, NULL },
	{ "draw:glue-point", NULL, NULL },
	{ "draw:image", start_image, NULL },
	{ "draw:object", odf_see_through, end_object },
	{ "svg:title", start_alt, end_alt },
	{ "svg:desc", start_alt, end_alt },
	{ NULL, NULL, NULL },
};
