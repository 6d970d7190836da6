/* office_odf_text: paragraphs, lists, and what stands in a paragraph. */
#include "office_odf_priv.h"

#include <string.h>

enum { INDENT = 2, MARKED_HEADINGS = 3, BLANKS_MAX = 80, LABEL_CHARS = 60 };

/* ---- lists --------------------------------------------------------------------------------------------- */

static OdfList *list_top(OdfReader *reader)
{
	GArray *stack = reader->list_stack;
	return stack->len > reader->list_base ? &g_array_index(stack, OdfList, stack->len - 1) : NULL;
}

static unsigned list_level(const OdfReader *reader)
{
	return reader->list_stack->len - reader->list_base - 1;
}

static void start_list(OdfReader *reader, const char *const *attributes)
{
	OdfList *around = list_top(reader);
	const char *style = odf_value(attributes, "text:style-name");
	OdfList list = { .number = -1 };

	if (style == NULL && around != NULL)
		style = around->style;
	list.counters = around != NULL
	                        ? around->counters
	                        : office_lists_open(reader->lists, odf_value(attributes, "xml:id"), style,
	                                            odf_value(attributes, "text:continue-list"),
	                                            odf_is(attributes, "text:continue-numbering", "true"));
	list.style = g_strdup(style);
	g_array_append_val(reader->list_stack, list);
	odf_frame(reader)->open = true;
}

static void end_list(OdfReader *reader, OdfFrame *frame)
{
	if (frame->open && list_top(reader) != NULL)
		g_array_set_size(reader->list_stack, reader->list_stack->len - 1);
}

static void start_item(OdfReader *reader, const char *const *attributes)
{
	OdfList *list = list_top(reader);
	if (list == NULL)
		return;
	list->label = true;
	list->header = false;
	list->number = odf_value(attributes, "text:start-value") != NULL
	                       ? (int64_t)odf_count(attributes, "text:start-value", 0, G_MAXINT)
	                       : -1;
}

static void start_list_header(OdfReader *reader, const char *const *attributes)
{
	OdfList *list = list_top(reader);
	(void)attributes;
	if (list == NULL)
		return;
	list->label = false;
	list->header = true;
}

/* The label of the next paragraph, and where it stands. */
static const char *list_form(OdfReader *reader, OfficeParagraph *form)
{
	OdfList *list = list_top(reader);
	if (list == NULL)
		return "";
	unsigned level = list_level(reader);
	form->indent = MIN(level * INDENT, OFFICE_INDENT_MAX);
	form->hanging = MIN(form->indent + INDENT, OFFICE_INDENT_MAX);
	if (list->header)
		form->hanging = form->indent;
	if (!list->label) {
		form->indent = form->hanging;
		return "";
	}
	list->label = false;
	return office_lists_next(reader->lists, list->counters, list->style, level, list->number);
}

/* ---- paragraphs ---------------------------------------------------------------------------------------- */

static const char *outline_label(OdfReader *reader, const char *const *attributes, unsigned level)
{
	if (odf_is(attributes, "text:is-list-header", "true"))
		return "";
	int64_t number = odf_is(attributes, "text:restart-numbering", "true")
	                         ? (int64_t)odf_count(attributes, "text:start-value", 1, G_MAXINT)
	                         : -1;
	return office_lists_next(reader->lists, office_lists_outline(reader->lists), NULL, level - 1, number);
}

/* A label holds what the document says, too. */
static char *clean_label(const char *sign, const char *label)
{
	g_autofree char *clean = office_clean_line(label, LABEL_CHARS);
	bool sign_only = strcmp(label, "・") == 0;
	return g_strconcat(sign, clean, clean[0] != '\0' && !sign_only ? " " : "", NULL);
}

static void paragraph_look(OdfReader *reader, const char *const *attributes)
{
	odf_look(reader, "paragraph", odf_value(attributes, "text:style-name"));
	const OfficeLook *look = &odf_frame(reader)->view.look;
	if (!reader->body_begun || look->master != NULL)
		odf_master_used(reader, look->master);
}

/* Inside an open one of the same flow, it is a line of that. */
static void start_any_paragraph(OdfReader *reader, const char *const *attributes, unsigned heading)
{
	OfficeParagraph form = { .indent = 0 };
	OdfFrame *frame = odf_frame(reader);

	paragraph_look(reader, attributes);
	if (frame->view.mute)
		return;
	bool listed = list_top(reader) != NULL;
	const char *label = list_form(reader, &form);
	if (heading > 0 && !listed)
		label = outline_label(reader, attributes, heading);
	if (heading > 0)
		form = (OfficeParagraph) { .blank = true };
	g_autofree char *whole = clean_label(heading > 0 && heading <= MARKED_HEADINGS ? "■ " : "", label);
	form.label = whole;
	office_sink_begin(reader->sink, &form);
	frame->open = true;
}

static void start_paragraph(OdfReader *reader, const char *const *attributes)
{
	start_any_paragraph(reader, attributes, 0);
}

static void start_heading(OdfReader *reader, const char *const *attributes)
{
	start_any_paragraph(reader, attributes,
	                    MAX(odf_count(attributes, "text:outline-level", 1, OFFICE_LIST_LEVELS), 1));
}

static void end_paragraph(OdfReader *reader, OdfFrame *frame)
{
	if (!frame->open)
		return;
	if (reader->deleted > 0)
		office_sink_no_blank(reader->sink);
	office_sink_end(reader->sink);
}

static void start_section(OdfReader *reader, const char *const *attributes)
{
	odf_look(reader, "section", odf_value(attributes, "text:style-name"));
	if (odf_is(attributes, "text:display", "none") || odf_is(attributes, "text:is-hidden", "true"))
		odf_hide(reader, RENDER_HIDDEN_TEXTS, 1);
}

/* ---- pieces of a paragraph ----------------------------------------------------------------------------- */

static void start_span(OdfReader *reader, const char *const *attributes)
{
	odf_look(reader, "text", odf_value(attributes, "text:style-name"));
}

static bool is_shown(OdfReader *reader)
{
	const OdfView *view = &odf_frame(reader)->view;
	return !view->mute && reader->deleted == 0 && !(view->unseen.latin && view->unseen.asian);
}

static void start_blanks(OdfReader *reader, const char *const *attributes)
{
	if (is_shown(reader))
		office_sink_blanks(reader->sink, odf_count(attributes, "text:c", 1, BLANKS_MAX));
}

static void start_tab(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (is_shown(reader))
		office_sink_tab(reader->sink);
}

static void start_break(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (is_shown(reader))
		office_sink_break(reader->sink);
}

static void start_hidden_text(OdfReader *reader, const char *const *attributes)
{
	if (!odf_is(attributes, "text:is-hidden", "true"))
		return;
	odf_hide(reader, RENDER_HIDDEN_TEXTS, 1);
	odf_skip(reader);
}

static void start_hidden_paragraph(OdfReader *reader, const char *const *attributes)
{
	if (odf_is(attributes, "text:is-hidden", "true") && !odf_frame(reader)->view.mute)
		office_sink_hide_paragraph(reader->sink);
}

/* A variable that is set and not shown. */
static void start_variable(OdfReader *reader, const char *const *attributes)
{
	if (odf_is(attributes, "text:display", "none"))
		odf_skip(reader);
}

static void start_reading(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (is_shown(reader))
		office_sink_say(reader->sink, "(");
}

static void end_reading(OdfReader *reader, OdfFrame *frame)
{
	(void)frame;
	if (is_shown(reader))
		office_sink_say(reader->sink, ")");
}

/* Only fields that are filled in: the same marks stand around indexes and references. */
static void start_field_mark(OdfReader *reader, const char *const *attributes)
{
	const char *type = odf_value(attributes, "field:type");
	if (type != NULL && strstr(type, "FORM") != NULL)
		odf_lost(reader, RENDER_LOST_FORMS, 1);
}

static void start_content_control(OdfReader *reader, const char *const *attributes)
{
	if (odf_is(attributes, "loext:checkbox", "true") || odf_is(attributes, "loext:dropdown", "true") ||
	    odf_is(attributes, "loext:date", "true"))
		odf_lost(reader, RENDER_LOST_FORMS, 1);
}

/* ---- formulas ------------------------------------------------------------------------------------------ */

static void start_math(OdfReader *reader, const char *const *attributes)
{
	OdfFrame *frame = odf_frame(reader);
	(void)attributes;
	if (!is_shown(reader) || office_sink_is_open(reader->sink) || reader->embedded > 0)
		return;
	office_sink_begin(reader->sink, &(OfficeParagraph) { .indent = 0 });
	frame->open = true;
}

static void end_math(OdfReader *reader, OdfFrame *frame)
{
	if (frame->open)
		office_sink_end(reader->sink);
}

/* ---- notes --------------------------------------------------------------------------------------------- */

static void start_note(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (!is_shown(reader)) {
		odf_frame(reader)->view.mute = true;
		return;
	}
	g_autofree char *mark = g_strdup_printf("[注%u]", reader->n_notes + 1);
	office_sink_say(reader->sink, mark);
}

static void start_note_body(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (odf_frame(reader)->view.mute)
		return;
	reader->n_notes++;
	odf_frame(reader)->value = reader->n_notes;
	odf_look_anew(reader);
	odf_push(reader);
}

static void end_note_body(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	if (text == NULL || text->len == 0)
		return;
	g_string_append_printf(reader->notes, "[注%u] ", frame->value);
	g_string_append_len(reader->notes, text->str, (gssize)text->len);
	g_string_append_c(reader->notes, '\n');
}

/* ---- comments ------------------------------------------------------------------------------------------ */

static GString *join_lines(const GString *lines)
{
	GString *joined = g_string_sized_new(lines->len + 1);
	bool between = false;
	for (gsize i = 0; i < lines->len; i++) {
		if (lines->str[i] == '\n') {
			between = true;
			continue;
		}
		if (between)
			g_string_append(joined, " / ");
		between = false;
		g_string_append_c(joined, lines->str[i]);
	}
	return joined;
}

void odf_remark_lines(OdfReader *reader, const char *before, const GString *lines, const char *after)
{
	g_autoptr(GString) joined = join_lines(lines);
	office_sink_remark(reader->sink, before, joined->str, after);
}

static void start_annotation(OdfReader *reader, const char *const *attributes)
{
	bool shown = reader->options->beside[RENDER_BESIDE_COMMENTS];
	(void)attributes;
	if (reader->embedded == 0)
		reader->out->beside[RENDER_BESIDE_COMMENTS]++;
	g_clear_pointer(&reader->author, g_free);
	if (!shown || !is_shown(reader) || !odf_push(reader))
		odf_skip(reader);
	else
		odf_look_anew(reader);
}

static void end_annotation(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	if (text == NULL)
		return;
	g_autofree char *who = g_strconcat("[コメント: ", reader->author != NULL ? reader->author : "",
	                                   reader->author != NULL && text->len > 0 ? ": " : "", NULL);
	if (office_sink_is_open(reader->sink)) {
		odf_remark_lines(reader, who, text, "]");
		return;
	}
	g_autoptr(GString) joined = join_lines(text);
	g_autofree char *whole = g_strconcat(who, joined->str, "]", NULL);
	office_sink_owe(reader->sink, whole); /* of a sheet's cell: its text comes behind it in the file */
}

static void start_author(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	const OdfFrame *around = odf_frame_above(reader, 1);
	if (odf_frame_is(around, "office:annotation") || odf_frame_is(around, "officeooo:annotation"))
		odf_capture(reader);
	else
		odf_skip(reader);
}

static void end_author(OdfReader *reader, OdfFrame *frame)
{
	(void)frame;
	reader->capturing = false;
	g_autofree char *author = office_clean_line(reader->capture->str, ODF_NAME_CHARS);
	g_free(reader->author);
	reader->author = author[0] != '\0' ? g_steal_pointer(&author) : NULL;
}

/* ---- tracked changes ----------------------------------------------------------------------------------- */

typedef enum { CHANGE_OTHER = 0, CHANGE_INSERTION, CHANGE_DELETION } ChangeKind;

typedef struct {
	ChangeKind kind;
	char *text; /* of a deletion, where it stands apart from the text; or NULL */
} Change;

static void change_free(void *data)
{
	Change *change = data;
	g_free(change->text);
	g_free(change);
}

void odf_changes_free(OdfReader *reader)
{
	if (reader->changes != NULL)
		g_hash_table_unref(reader->changes);
	g_free(reader->key);
}

static void start_region(OdfReader *reader, const char *const *attributes)
{
	const char *id = odf_value(attributes, "text:id");
	if (id == NULL)
		id = odf_value(attributes, "xml:id");
	if (reader->embedded > 0 || id == NULL) {
		odf_skip(reader);
		return;
	}
	reader->out->beside[RENDER_BESIDE_CHANGES]++;
	g_free(reader->key);
	reader->key = g_strdup(id);
}

static Change *change_open(OdfReader *reader, ChangeKind kind)
{
	if (reader->changes == NULL)
		reader->changes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, change_free);
	if (reader->key == NULL || g_hash_table_contains(reader->changes, reader->key))
		return NULL;
	Change *change = g_new0(Change, 1);
	change->kind = kind;
	g_hash_table_insert(reader->changes, g_strdup(reader->key), change);
	return change;
}

static void start_insertion(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	change_open(reader, CHANGE_INSERTION);
	odf_skip(reader);
}

static void start_deletion(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	Change *change = change_open(reader, CHANGE_DELETION);
	if (change == NULL || !reader->options->beside[RENDER_BESIDE_CHANGES] || !odf_push(reader))
		odf_skip(reader);
}

static void end_deletion(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	Change *change = reader->key != NULL ? g_hash_table_lookup(reader->changes, reader->key) : NULL;
	if (change == NULL || text == NULL || text->len == 0 || change->text != NULL)
		return;
	g_autoptr(GString) joined = join_lines(text);
	change->text = g_strdup(joined->str);
}

static Change *change_of(OdfReader *reader, const char *const *attributes)
{
	const char *id = odf_value(attributes, "text:change-id");
	return id != NULL && reader->changes != NULL ? g_hash_table_lookup(reader->changes, id) : NULL;
}

static ChangeKind change_kind(OdfReader *reader, const char *const *attributes)
{
	const Change *change = change_of(reader, attributes);
	return change != NULL ? change->kind : CHANGE_OTHER;
}

static void start_change_point(OdfReader *reader, const char *const *attributes)
{
	Change *change = change_of(reader, attributes);
	if (change == NULL || change->text == NULL || !is_shown(reader))
		return;
	office_sink_remark(reader->sink, "[削除: ", change->text, "]");
	g_clear_pointer(&change->text, g_free); /* a file may point there as often as it likes */
}

static void start_change_start(OdfReader *reader, const char *const *attributes)
{
	ChangeKind kind = change_kind(reader, attributes);
	bool shown = reader->options->beside[RENDER_BESIDE_CHANGES];
	if (kind == CHANGE_DELETION && !shown)
		reader->deleted++;
	else if (kind != CHANGE_OTHER && shown && is_shown(reader))
		office_sink_say(reader->sink, kind == CHANGE_DELETION ? "[削除: " : "[追加: ");
}

static void start_change_end(OdfReader *reader, const char *const *attributes)
{
	ChangeKind kind = change_kind(reader, attributes);
	bool shown = reader->options->beside[RENDER_BESIDE_CHANGES];
	if (kind == CHANGE_DELETION && !shown)
		reader->deleted -= reader->deleted > 0;
	else if (kind != CHANGE_OTHER && shown && is_shown(reader))
		office_sink_say(reader->sink, "]");
}

const OdfElement odf_text_elements[] = {
	{ "text:list", start_list, end_list },
	{ "text:list-item", start_item, NULL },
	{ "text:list-header", start_list_header, NULL },
	{ "text:p", start_paragraph, end_paragraph },
	{ "text:h", start_heading, end_paragraph },
	{ "text:section", start_section, NULL },
	{ "text:span", start_span, NULL },
	{ "text:a", start_span, NULL },
	{ "text:s", start_blanks, NULL },
	{ "text:tab", start_tab, NULL },
	{ "text:line-break", start_break, NULL },
	{ "text:hidden-text", start_hidden_text, NULL },
	{ "text:hidden-paragraph", start_hidden_paragraph, NULL },
	{ "text:variable-set", start_variable, NULL },
	{ "text:variable-input", start_variable, NULL },
	{ "text:user-field-get", start_variable, NULL },
	{ "text:user-field-input", start_variable, NULL },
	{ "text:ruby-text", start_reading, end_reading },
	{ "field:fieldmark-start", start_field_mark, NULL },
	{ "field:fieldmark", start_field_mark, NULL },
	{ "loext:content-control", start_content_control, NULL },
	{ "math:math", start_math, end_math },
	{ "math:annotation", NULL, NULL },
	{ "math", start_math, end_math },
	{ "annotation", NULL, NULL },
	{ "text:number", NULL, NULL }, /* of a list or heading: counted here */
	{ "text:note", start_note, NULL },
	{ "text:note-citation", NULL, NULL },
	{ "text:note-body", start_note_body, end_note_body },
	{ "office:annotation", start_annotation, end_annotation },
	{ "officeooo:annotation", start_annotation, end_annotation }, /* of a slide */
	{ "dc:creator", start_author, end_author },
	{ "dc:date", NULL, NULL },
	{ "meta:creator-initials", NULL, NULL },
	{ "text:changed-region", start_region, NULL },
	{ "text:insertion", start_insertion, NULL },
	{ "text:deletion", start_deletion, end_deletion },
	{ "text:format-change", NULL, NULL },
	{ "office:change-info", NULL, NULL },
	{ "text:change", start_change_point, NULL },
	{ "text:change-start", start_change_start, NULL },
	{ "text:change-end", start_change_end, NULL },
	/* What an index is made with is no text of it. */
	{ "text:table-of-content-source", NULL, NULL },
	{ "text:alphabetical-index-source", NULL, NULL },
	{ "text:illustration-index-source", NULL, NULL },
	{ "text:object-index-source", NULL, NULL },
	{ "text:table-index-source", NULL, NULL },
	{ "text:user-index-source", NULL, NULL },
	{ "text:bibliography-source", NULL, NULL },
	{ NULL, NULL, NULL },
};
