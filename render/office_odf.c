/* office_odf: expat's events, the stack of elements, what a text looks like. */
#include "office_odf_priv.h"

#include <expat.h>
#include <string.h>

/* Text of at most this size counts as none: 1/1000 pt. */
enum { TINY = 1000, WHITE = 0xFFFFFF };

/* ---- attributes ---------------------------------------------------------------------------------------- */

const char *odf_value(const char *const *attributes, const char *name)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}

bool odf_is(const char *const *attributes, const char *name, const char *value)
{
	const char *found = odf_value(attributes, name);
	return found != NULL && strcmp(found, value) == 0;
}

unsigned odf_count(const char *const *attributes, const char *name, unsigned otherwise, unsigned most)
{
	const char *value = odf_value(attributes, name);
	if (value == NULL || !g_ascii_isdigit(value[0]))
		return otherwise;
	guint64 number = g_ascii_strtoull(value, NULL, 10);
	return (unsigned)MIN(number, most);
}

/* ---- the stack ----------------------------------------------------------------------------------------- */

OdfFrame *odf_frame_above(OdfReader *reader, unsigned n)
{
	return n < reader->frames->len ? &g_array_index(reader->frames, OdfFrame, reader->frames->len - 1 - n)
	                               : NULL;
}

OdfFrame *odf_frame(OdfReader *reader)
{
	return odf_frame_above(reader, 0);
}

bool odf_frame_is(const OdfFrame *frame, const char *name)
{
	return frame != NULL && frame->element != NULL && strcmp(frame->element->name, name) == 0;
}

void odf_skip(OdfReader *reader)
{
	reader->skip = 1;
}

void odf_lost(OdfReader *reader, RenderLost lost, unsigned n)
{
	uint32_t *count = &reader->out->lost[lost];
	*count = n > G_MAXUINT32 - *count ? G_MAXUINT32 : *count + n;
}

void odf_count_hidden(OdfReader *reader, RenderHidden hidden, unsigned n)
{
	uint32_t *count = &reader->out->hidden[hidden];
	*count = n > G_MAXUINT32 - *count ? G_MAXUINT32 : *count + n;
}

void odf_hide(OdfReader *reader, RenderHidden hidden, unsigned n)
{
	OdfView *view = &odf_frame(reader)->view;
	if (!view->mute)
		odf_count_hidden(reader, hidden, n);
	view->mute = true;
}

bool odf_push(OdfReader *reader)
{
	OdfFrame *frame = odf_frame(reader);
	if (frame->view.mute || !office_sink_push(reader->sink))
		return false;
	frame->flow = true;
	frame->mark = reader->list_base;
	reader->list_base = reader->list_stack->len;
	return true;
}

const GString *odf_pop(OdfReader *reader, OdfFrame *frame)
{
	if (!frame->flow)
		return NULL;
	frame->flow = false;
	reader->list_base = (guint)frame->mark;
	return office_sink_pop(reader->sink);
}

void odf_capture(OdfReader *reader)
{
	g_string_truncate(reader->capture, 0);
	reader->capturing = true;
}

void odf_see_through(OdfReader *reader, const char *const *attributes)
{
	(void)reader, (void)attributes;
}

/* ---- looks --------------------------------------------------------------------------------------------- */

static bool is_tiny(const OfficeLook *look, uint32_t size)
{
	uint64_t shown = look->scale != 0 ? (uint64_t)size * look->scale / 100 : size;
	return size != 0 && shown <= TINY;
}

/* Its colour is that of what is behind it. Where that cannot be known it is shown. */
static bool is_lost_in_ground(const OdfReader *reader, const OfficeLook *look)
{
	if (look->ground != OFFICE_COLOUR_UNSAID)
		return office_colour_near(look->colour, look->ground);
	return reader->decidable && office_colour_near(look->colour, reader->paper);
}

static OfficeUnseen unseen_of(const OdfReader *reader, const OfficeLook *look)
{
	bool whole = look->hidden == OFFICE_YES || look->invisible == OFFICE_YES ||
	             is_lost_in_ground(reader, look);
	return (OfficeUnseen) { whole || is_tiny(look, look->size),
		                whole || is_tiny(look, look->size_asian) };
}

void odf_look(OdfReader *reader, const char *family, const char *name)
{
	OdfView *view = &odf_frame(reader)->view;
	if (reader->embedded > 0)
		return; /* its names are of styles of its own, which are not read */
	const OfficeLook *own = office_styles_find(reader->styles, family, name);
	view->look = office_look_over(&view->look, own);
	view->unseen = unseen_of(reader, &view->look);
}

void odf_look_anew(OdfReader *reader)
{
	OdfView *view = &odf_frame(reader)->view;
	OfficeSaid hidden = view->look.hidden;
	view->look = office_look_plain();
	view->look.hidden = hidden;
	view->look.ground = OFFICE_COLOUR_UNKNOWN;
	view->unseen = unseen_of(reader, &view->look);
}

/* ---- references ---------------------------------------------------------------------------------------- */

/* Links that a reader may follow, not files that the document wants. */
static bool is_link(const char *element)
{
	return strcmp(element, "text:a") == 0 || strcmp(element, "draw:a") == 0 ||
	       strcmp(element, "draw:area-rectangle") == 0 || strcmp(element, "draw:area-circle") == 0 ||
	       strcmp(element, "draw:area-polygon") == 0;
}

static bool is_listener(const char *element)
{
	return strcmp(element, "script:event-listener") == 0 ||
	       strcmp(element, "presentation:event-listener") == 0;
}

/* A flat file holds its parts itself: what has an address is elsewhere. */
static bool is_external(const char *address)
{
	return address[0] != '\0' && address[0] != '#' && !g_str_has_prefix(address, "./");
}

static void count_address(OdfReader *reader, const char *element, const char *address)
{
	if (is_listener(element))
		odf_lost(reader, RENDER_LOST_MACROS,
		         g_str_has_prefix(address, "vnd.sun.star.script:") ||
		                 g_str_has_prefix(address, "macro:"));
	else if (is_link(element))
		odf_lost(reader, RENDER_LOST_LINKS, 1);
	else if (is_external(address) && strcmp(element, "chart:chart") != 0) /* ".." */
		odf_lost(reader, RENDER_LOST_REFERENCES, 1);
}

/* ---- expat --------------------------------------------------------------------------------------------- */

static void give_up(OdfReader *reader, XML_Parser parser, RenderStatus status)
{
	reader->status = status;
	XML_StopParser(parser, XML_FALSE);
}

typedef struct {
	OdfReader *reader;
	XML_Parser parser;
} Events;

static OdfView view_around(OdfReader *reader)
{
	OdfFrame *frame = odf_frame(reader);
	if (frame != NULL)
		return frame->view;
	return (OdfView) { .look = office_look_plain() };
}

static void start_element(void *user, const XML_Char *name, const XML_Char **attributes)
{
	Events *events = user;
	OdfReader *reader = events->reader;
	const char *const *values = (const char *const *)attributes;

	if (reader->status != RENDER_STATUS_COMPLETE)
		return;
	if (reader->skip > 0) {
		reader->skip++;
		return;
	}
	if (reader->frames->len == ODF_DEPTH_MAX) {
		give_up(reader, events->parser, RENDER_STATUS_LIMIT);
		return;
	}
	if (reader->frames->len == 0 && strcmp(name, "office:document") != 0) {
		give_up(reader, events->parser, RENDER_STATUS_UNSUPPORTED);
		return;
	}
	const OdfElement *element = g_hash_table_lookup(reader->elements, name);
	OdfFrame frame = { .element = element, .view = view_around(reader) };
	g_array_append_val(reader->frames, frame);
	const char *address = odf_value(values, "xlink:href");
	if (address != NULL)
		count_address(reader, name, address);
	if (element != NULL && element->start == NULL)
		odf_skip(reader);
	else if (element != NULL)
		element->start(reader, values);
	if (reader->status != RENDER_STATUS_COMPLETE)
		give_up(reader, events->parser, reader->status);
}

static void end_element(void *user, const XML_Char *name)
{
	Events *events = user;
	OdfReader *reader = events->reader;
	bool skipped = reader->skip > 0;

	(void)name;
	/* Of an empty element expat tells the end, too, after it was stopped at the start. */
	if (reader->status != RENDER_STATUS_COMPLETE || (skipped && --reader->skip > 0))
		return;
	OdfFrame frame = *odf_frame(reader); /* handlers may make it move */
	if (!skipped && frame.element != NULL && frame.element->end != NULL)
		frame.element->end(reader, &frame);
	if (frame.flow)
		odf_pop(reader, &frame);
	g_array_set_size(reader->frames, reader->frames->len - 1);
}

static bool has_ink(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (!g_ascii_isspace(text[i]))
			return true;
	return false;
}

static void characters(void *user, const XML_Char *text, int bytes)
{
	OdfReader *reader = ((Events *)user)->reader;
	size_t n = (size_t)bytes;

	if (reader->skip > 0 || reader->frames->len == 0)
		return;
	const OdfView *view = &odf_frame(reader)->view;
	if (reader->capturing) {
		if (reader->capture->len + n <= ODF_CAPTURE_MAX)
			g_string_append_len(reader->capture, text, (gssize)n);
	} else if (view->mute) {
		reader->muted_text = reader->muted_text || has_ink(text, n);
	} else if (reader->deleted == 0) {
		office_sink_put(reader->sink, text, n, view->unseen);
	}
}

/* LibreOffice writes none; what has one wants entities, of itself or of elsewhere. */
static void doctype(void *user, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                    int internal)
{
	Events *events = user;
	(void)name, (void)system_id, (void)public_id, (void)internal;
	give_up(events->reader, events->parser, RENDER_STATUS_DAMAGED);
}

static RenderStatus parse(OdfReader *reader, const uint8_t *bytes, size_t length)
{
	XML_Parser parser = XML_ParserCreate("UTF-8");
	if (parser == NULL)
		return RENDER_STATUS_MEMORY;
	Events events = { reader, parser };
	XML_SetUserData(parser, &events);
	XML_SetElementHandler(parser, start_element, end_element);
	XML_SetCharacterDataHandler(parser, characters);
	XML_SetStartDoctypeDeclHandler(parser, doctype);
	/* All at once: parts of a long attribute would be read again for each piece of the file. */
	enum XML_Status parsed = XML_Parse(parser, (const char *)bytes, (int)length, XML_TRUE);
	XML_ParserFree(parser);
	if (reader->status != RENDER_STATUS_COMPLETE)
		return reader->status;
	return parsed == XML_STATUS_OK ? RENDER_STATUS_COMPLETE : RENDER_STATUS_DAMAGED;
}

/* ---- the document -------------------------------------------------------------------------------------- */

static void set_family(OdfReader *reader, const char *const *attributes)
{
	static const struct {
		const char *type;
		OdfFamily family;
	} types[] = {
		{ "application/vnd.oasis.opendocument.text", ODF_TEXT },
		{ "application/vnd.oasis.opendocument.text-master", ODF_TEXT },
		{ "application/vnd.oasis.opendocument.text-web", ODF_TEXT },
		{ "application/vnd.oasis.opendocument.text-template", ODF_TEXT },
		{ "application/vnd.oasis.opendocument.spreadsheet", ODF_SHEET },
		{ "application/vnd.oasis.opendocument.spreadsheet-template", ODF_SHEET },
		{ "application/vnd.oasis.opendocument.presentation", ODF_SLIDES },
		{ "application/vnd.oasis.opendocument.presentation-template", ODF_SLIDES },
		{ "application/vnd.oasis.opendocument.graphics", ODF_DRAWING },
		{ "application/vnd.oasis.opendocument.graphics-template", ODF_DRAWING },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (odf_is(attributes, "office:mimetype", types[i].type)) {
			reader->family = types[i].family;
			reader->decidable = (types[i].family == ODF_TEXT && reader->text_decidable) ||
			                    (types[i].family == ODF_SHEET && reader->sheet_decidable);
			return;
		}
	reader->status = RENDER_STATUS_UNSUPPORTED;
}

/* A document in this one: of a diagram the title is shown, of others a picture would be. */
static void start_embedded(OdfReader *reader, const char *const *attributes)
{
	OdfFrame *frame = odf_frame(reader);
	frame->open = true;
	if (reader->embedded++ == 0)
		reader->embedded_mute = frame->view.mute;
	frame->value = odf_is(attributes, "office:mimetype", "application/vnd.oasis.opendocument.chart");
	if (frame->value == 0)
		odf_lost(reader, RENDER_LOST_FILES, 1);
	frame->view.mute = true;
}

static void start_document(OdfReader *reader, const char *const *attributes)
{
	if (reader->frames->len > 1)
		start_embedded(reader, attributes);
	else
		set_family(reader, attributes);
}

static void end_document(OdfReader *reader, OdfFrame *frame)
{
	if (frame->open)
		reader->embedded--;
}

static void start_chart_title(OdfReader *reader, const char *const *attributes)
{
	OdfFrame *frame = odf_frame(reader);
	(void)attributes;
	if (reader->embedded != 1 || !odf_frame_is(odf_frame_above(reader, 1), "chart:chart"))
		return;
	frame->view.mute = reader->embedded_mute;
	odf_push(reader);
}

static void end_chart_title(OdfReader *reader, OdfFrame *frame)
{
	const GString *text = odf_pop(reader, frame);
	if (text != NULL && text->len > 0)
		odf_remark_lines(reader, "[グラフ: ", text, "]");
}

/* ---- styles -------------------------------------------------------------------------------------------- */

/* Those of a document in this one, too, have names that mean something else here. */
static void start_own_only(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	if (reader->embedded > 0)
		odf_skip(reader);
}

static void start_style(OdfReader *reader, const char *const *attributes)
{
	const char *family = odf_value(attributes, "style:family");
	bool is_default = odf_frame_is(odf_frame(reader), "style:default-style");
	const char *name = is_default ? NULL : odf_value(attributes, "style:name");
	if (family == NULL || (!is_default && name == NULL)) {
		odf_skip(reader);
		return;
	}
	office_styles_begin(reader->styles, family, name, odf_value(attributes, "style:parent-style-name"),
	                    odf_value(attributes, "style:master-page-name"));
}

static void end_style(OdfReader *reader, OdfFrame *frame)
{
	(void)frame;
	office_styles_end(reader->styles);
}

static void start_properties(OdfReader *reader, const char *const *attributes)
{
	office_styles_properties(reader->styles, attributes);
}

static void start_page_layout(OdfReader *reader, const char *const *attributes)
{
	g_free(reader->layout);
	reader->layout = g_strdup(odf_value(attributes, "style:name"));
}

/* A sheet of paper of any other kind than plain white makes the colour behind a text unknown. */
static void start_page_properties(OdfReader *reader, const char *const *attributes)
{
	const char *ground = odf_value(attributes, "fo:background-color");
	const char *fill = odf_value(attributes, "draw:fill");
	bool plain = ground == NULL || strcmp(ground, "transparent") == 0 ||
	             g_ascii_strcasecmp(ground, "#ffffff") == 0;
	if (!plain || (fill != NULL && strcmp(fill, "none") != 0 && strcmp(fill, "solid") != 0))
		reader->decidable = false;
	odf_paper(reader, attributes);
}

static void start_list_style(OdfReader *reader, const char *const *attributes)
{
	bool outline = odf_frame_is(odf_frame(reader), "text:outline-style");
	const char *name = odf_value(attributes, "style:name");
	if (!outline && name == NULL)
		odf_skip(reader);
	else
		office_lists_style(reader->lists, outline ? NULL : name);
}

static void start_level_number(OdfReader *reader, const char *const *attributes)
{
	office_lists_level(reader->lists, attributes, true);
}

static void start_level_sign(OdfReader *reader, const char *const *attributes)
{
	office_lists_level(reader->lists, attributes, false);
}

/* ---- what is lost -------------------------------------------------------------------------------------- */

static void start_module(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_lost(reader, RENDER_LOST_MACROS, 1);
	odf_skip(reader);
}

static void start_macro_field(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_lost(reader, RENDER_LOST_MACROS, 1);
}

static void start_media(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_lost(reader, RENDER_LOST_MEDIA, 1);
	odf_skip(reader);
}

static void start_ole(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_lost(reader, RENDER_LOST_FILES, 1);
	odf_skip(reader);
}

static void start_reference(OdfReader *reader, const char *const *attributes)
{
	if (odf_value(attributes, "xlink:href") == NULL)
		odf_lost(reader, RENDER_LOST_REFERENCES, 1);
}

static void start_dde(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_lost(reader, RENDER_LOST_REFERENCES, 1);
	odf_skip(reader);
}

static void start_forms(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_frame(reader)->view.mute = true;
}

static void start_control(OdfReader *reader, const char *const *attributes)
{
	(void)attributes;
	odf_lost(reader, RENDER_LOST_FORMS, 1);
}

/* Of rows without a start: they and what is in them are left out. */
static const OdfElement elements[] = {
	{ "office:document", start_document, end_document },
	{ "office:text", odf_see_through, NULL },
	{ "office:spreadsheet", odf_see_through, NULL },
	{ "chart:chart", odf_see_through, NULL },
	{ "office:settings", NULL, NULL },
	{ "office:font-face-decls", NULL, NULL },
	{ "office:binary-data", NULL, NULL },
	{ "office:styles", start_own_only, NULL },
	{ "office:automatic-styles", start_own_only, NULL },
	{ "office:master-styles", start_own_only, NULL },
	{ "office:meta", start_own_only, NULL },
	{ "meta:user-defined", NULL, NULL },
	{ "style:style", start_style, end_style },
	{ "style:default-style", start_style, end_style },
	{ "style:text-properties", start_properties, NULL },
	{ "style:paragraph-properties", start_properties, NULL },
	{ "style:table-properties", start_properties, NULL },
	{ "style:table-row-properties", start_properties, NULL },
	{ "style:table-cell-properties", start_properties, NULL },
	{ "style:section-properties", start_properties, NULL },
	{ "style:graphic-properties", start_properties, NULL },
	{ "style:drawing-page-properties", start_properties, NULL },
	{ "style:page-layout", start_page_layout, NULL },
	{ "style:page-layout-properties", start_page_properties, NULL },
	{ "text:list-style", start_list_style, NULL },
	{ "text:outline-style", start_list_style, NULL },
	{ "text:list-level-style-number", start_level_number, NULL },
	{ "text:outline-level-style", start_level_number, NULL },
	{ "text:list-level-style-bullet", start_level_sign, NULL },
	{ "text:list-level-style-image", start_level_sign, NULL },
	{ "chart:title", start_chart_title, end_chart_title },
	{ "ooo:module", start_module, NULL },
	{ "text:script", start_module, NULL },
	{ "text:execute-macro", start_macro_field, NULL },
	{ "draw:plugin", start_media, NULL },
	{ "presentation:sound", start_media, NULL },
	{ "draw:applet", start_ole, NULL },
	{ "draw:object-ole", start_ole, NULL },
	{ "draw:floating-frame", start_reference, NULL },
	{ "text:database-display", start_reference, NULL },
	{ "text:dde-connection-decl", start_dde, NULL },
	{ "office:dde-source", start_dde, NULL },
	{ "table:dde-link", start_dde, NULL },
	{ "office:forms", start_forms, NULL },
	{ "form:text", start_control, NULL },
	{ "form:textarea", start_control, NULL },
	{ "form:password", start_control, NULL },
	{ "form:file", start_control, NULL },
	{ "form:formatted-text", start_control, NULL },
	{ "form:number", start_control, NULL },
	{ "form:date", start_control, NULL },
	{ "form:time", start_control, NULL },
	{ "form:combobox", start_control, NULL },
	{ "form:listbox", start_control, NULL },
	{ "form:button", start_control, NULL },
	{ "form:image", start_control, NULL },
	{ "form:image-frame", start_control, NULL },
	{ "form:checkbox", start_control, NULL },
	{ "form:radio", start_control, NULL },
	{ "form:hidden", start_control, NULL },
	{ "form:grid", start_control, NULL },
	{ "form:value-range", start_control, NULL },
	{ "form:generic-control", start_control, NULL },
	{ "text:drop-down", start_control, NULL },
	{ "text:text-input", start_control, NULL },
	{ NULL, NULL, NULL },
};

/* ---- reading ------------------------------------------------------------------------------------------- */

static void add_elements(OdfReader *reader, const OdfElement *table)
{
	for (; table->name != NULL; table++)
		g_hash_table_insert(reader->elements, (void *)table->name, (void *)table);
}

static const uint8_t *find(const uint8_t *at, const uint8_t *end, const char *needle)
{
	return memmem(at, (size_t)(end - at), needle, strlen(needle));
}

/* Parts of a drawing, which stands around them. */
static bool is_drawn_inside(const uint8_t *name, const uint8_t *end)
{
	static const char *const parts[] = { "draw:image",      "draw:text-box",
		                             "draw:object",     "draw:enhanced-geometry",
		                             "draw:equation",   "draw:handle",
		                             "draw:glue-point", "draw:a " };
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		if ((size_t)(end - name) >= strlen(parts[i]) && memcmp(name, parts[i], strlen(parts[i])) == 0)
			return true;
	return false;
}

/* Something is drawn that does not stand in a line as a letter does: text may be above it. */
static bool has_floating(const uint8_t *at, const uint8_t *end)
{
	while ((at = find(at, end, "<draw:")) != NULL) {
		const uint8_t *close = memchr(at, '>', (size_t)(end - at));
		if (close == NULL)
			return true;
		if (!is_drawn_inside(at + 1, close) &&
		    find(at, close, "text:anchor-type=\"as-char\"") == NULL)
			return true;
		at = close;
	}
	return false;
}

/* Whether the colour behind a text is what the styles say and else white. Otherwise white text without a
 * ground of its own is shown: something may be drawn below it, or a condition may colour it. */
static void look_ahead(OdfReader *reader, const uint8_t *bytes, size_t length)
{
	const uint8_t *end = bytes + length, *at = find(bytes, end, "<office:master-styles");
	if (at == NULL)
		at = bytes;
	bool conditions = find(at, end, "<calcext:conditional-format") != NULL;
	reader->text_decidable = !conditions && !has_floating(at, end);
	reader->sheet_decidable = !conditions && find(at, end, "table:table-background=\"true\"") == NULL;
}

static void list_clear(void *list)
{
	g_free(((OdfList *)list)->style);
}

static void reader_init(OdfReader *reader, const OfficeTextOptions *options, OfficeText *out)
{
	*reader = (OdfReader) { .options = options, .out = out, .paper = WHITE };
	out->chars = g_malloc0(0x110000 / 8);
	reader->elements = g_hash_table_new(g_str_hash, g_str_equal);
	add_elements(reader, elements);
	add_elements(reader, odf_text_elements);
	add_elements(reader, odf_table_elements);
	add_elements(reader, odf_page_elements);
	reader->frames = g_array_new(FALSE, FALSE, sizeof(OdfFrame));
	reader->list_stack = g_array_new(FALSE, FALSE, sizeof(OdfList));
	g_array_set_clear_func(reader->list_stack, list_clear);
	reader->styles = office_styles_new();
	reader->lists = office_lists_new();
	reader->sink = office_sink_new(options->text, options->max_text, out->chars);
	reader->capture = g_string_new(NULL);
	reader->notes = g_string_new(NULL);
	reader->page_footers = g_string_new(NULL);
	reader->masters = g_ptr_array_new();
	reader->masters_by_name = g_hash_table_new(g_str_hash, g_str_equal);
	reader->papers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	reader->footers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void reader_clear(OdfReader *reader)
{
	odf_tables_free(reader);
	odf_changes_free(reader);
	odf_masters_free(reader);
	g_hash_table_unref(reader->elements);
	g_hash_table_unref(reader->footers);
	g_hash_table_unref(reader->papers);
	g_free(reader->layout);
	g_array_unref(reader->frames);
	g_array_unref(reader->list_stack);
	office_styles_free(reader->styles);
	office_lists_free(reader->lists);
	office_sink_free(reader->sink);
	g_string_free(reader->capture, TRUE);
	g_string_free(reader->notes, TRUE);
	g_string_free(reader->page_footers, TRUE);
	g_free(reader->author);
	g_free(reader->alt);
}

/* Cuts at a character. */
static void keep_text(OfficeText *out, GString *text, uint64_t max)
{
	const char *end = text->str + MIN(text->len, max);
	if ((uint64_t)text->len > max) {
		while (end > text->str && (*end & 0xC0) == 0x80)
			end--;
		out->text_cut += (uint64_t)g_utf8_strlen(end, (gssize)(text->str + text->len - end));
	}
	g_string_truncate(text, (gsize)(end - text->str));
	while (text->len > 0 && text->str[text->len - 1] == '\n')
		g_string_truncate(text, text->len - 1);
	out->bytes = text->len;
	out->text = g_string_free(text, FALSE);
}

RenderStatus office_text_read(const uint8_t *bytes, size_t length, const OfficeTextOptions *options,
                              OfficeText *ret_text)
{
	OdfReader reader;
	*ret_text = (OfficeText) { .bytes = 0 };
	if (length > OFFICE_TEXT_INPUT_MAX)
		return RENDER_STATUS_LIMIT;
	reader_init(&reader, options, ret_text);
	look_ahead(&reader, bytes, length);
	RenderStatus status = parse(&reader, bytes, length);
	if (options->text) {
		GString *text = g_string_new(NULL);
		odf_pages_finish(&reader, text);
		ret_text->text_cut = office_sink_get_cut(reader.sink);
		keep_text(ret_text, text, options->max_text);
	}
	odf_count_hidden(&reader, RENDER_HIDDEN_TEXTS, office_sink_hidden(reader.sink));
	reader_clear(&reader);
	return status;
}

void office_text_clear(OfficeText *text)
{
	g_free(text->text);
	g_free(text->chars);
	*text = (OfficeText) { .bytes = 0 };
}

gunichar office_text_next_char(const OfficeText *text, gunichar after)
{
	for (gunichar c = after == G_MAXUINT32 ? 0 : after + 1; c < 0x110000 && text->chars != NULL; c++)
		if (text->chars[c / 8] & 1 << c % 8)
			return c;
	return G_MAXUINT32;
}
