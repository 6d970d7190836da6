/* parse_mime: which parts are the body, and what becomes of the others.
 *
 * The structure is read first (parse_structure.c). Every text that a mail reader would show is converted;
 * then the best form of each multipart/alternative is chosen; then all is said in the order of the message:
 * texts are joined, attached mails stand indented under a heading, and every other leaf is a part.
 */
#include "clean_text.h"
#include "parse_structure_priv.h"
#include "parse_text_priv.h"

#include <string.h>

/* A leaf as a text. */
typedef struct {
	bool text;         /* it was converted */
	bool dropped;      /* it belongs to what is shown, and is not shown itself ... */
	bool other_form;   /* ... since it says the same in another form */
	PartReason reason; /* why it cannot be shown */
	ParseTextKind kind;
	char *label; /* the character set that was declared, "" if none */
	ParseTextResult result;
} Piece;

typedef struct {
	const ParseJob *job;
	ParsePlain *plain;
	const ParseStructure *structure;
	Piece *piece; /* one for each node */
	guint count;
	uint64_t text_left; /* bytes of text that all pieces may still make */
	unsigned links;     /* listed by the pieces so far: their numbers run through the message */
	Charset hint;       /* the character set of what was read so far */
	ParseParts parts;
	GString *body;
	bool any;              /* there is a text that holds something */
	bool said;             /* where the text comes from was said */
	const Piece *labelled; /* whose character set is told: the first that was not read as labelled, else
	                          the first */
} Mime;

static const ParseNode *node_at(const Mime *mime, guint index)
{
	return parse_structure_node(mime->structure, index);
}

static bool piece_has_text(const Piece *piece)
{
	return piece->text && !piece->dropped && !piece->result.blank;
}

/* ---- which leaves are texts
 * --------------------------------------------------------------------------------- */

typedef struct {
	const char *type;
	ParseTextKind kind;
	bool report; /* only inside a multipart/report */
} TextType;

static const TextType text_types[] = {
	{ "text/plain", PARSE_TEXT_PLAIN, false },
	{ "text/html", PARSE_TEXT_HTML, false },
	{ "text/enriched", PARSE_TEXT_ENRICHED, false },
	{ "text/richtext", PARSE_TEXT_ENRICHED, false },
	{ "text/x-amp-html", PARSE_TEXT_AMP, false },
	{ "message/delivery-status", PARSE_TEXT_PLAIN, true },
	{ "message/global-delivery-status", PARSE_TEXT_PLAIN, true },
	{ "message/disposition-notification", PARSE_TEXT_PLAIN, true },
	{ "message/global-disposition-notification", PARSE_TEXT_PLAIN, true },
	{ "message/feedback-report", PARSE_TEXT_PLAIN, true },
	{ "text/rfc822-headers", PARSE_TEXT_PLAIN, true },
	{ "message/global-headers", PARSE_TEXT_PLAIN, true },
};

static bool type_is_text(const char *type, bool report, ParseTextKind *ret_kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(text_types); i++) {
		if (strcmp(type, text_types[i].type) != 0 || (text_types[i].report && !report))
			continue;
		*ret_kind = text_types[i].kind;
		return true;
	}
	return false;
}

static bool in_report(const Mime *mime, const ParseNode *node)
{
	return strcmp(node_at(mime, node->parent)->type, "multipart/report") == 0;
}

/* By the type that counts, else by any that a reader may take. */
static bool node_is_text(const Mime *mime, const ParseNode *node, ParseTextKind *ret_kind)
{
	const ParseValues *types = &node->fields.kind[PARSE_FIELD_TYPE];
	ParseRange value = parse_fields_value(&node->fields, PARSE_FIELD_TYPE);
	bool report = in_report(mime, node);

	if (type_is_text(node->type, report, ret_kind))
		return true;
	*ret_kind = PARSE_TEXT_PLAIN;
	if (parse_structure_type_is_unclear(node->type, value) || strncmp(node->type, "multipart/", 10) == 0)
		return true;
	for (unsigned i = 0; node->type_ambiguous && i < types->count; i++) {
		g_autofree char *type = parse_type_declared(types->value[i]);
		if (type != NULL && type_is_text(type, report, ret_kind))
			return true;
	}
	return false;
}

/* ---- conversion
 * --------------------------------------------------------------------------------------------- */

static bool parameter_is(ParseRange value, const char *name, const char *wanted)
{
	g_autofree char *text = parse_type_parameter(value, name);

	return text != NULL && g_ascii_strcasecmp(text, wanted) == 0;
}

static ParseTextJob text_job(const Mime *mime, const ParseNode *node, const Piece *piece, ParseRange bytes)
{
	ParseRange type = parse_fields_value(&node->fields, PARSE_FIELD_TYPE);
	Charset declared = charset_from_label(piece->label, strlen(piece->label));
	bool known = declared != CHARSET_UNKNOWN;

	return (ParseTextJob) {
		.bytes = bytes,
		.kind = piece->kind,
		.declared = known ? declared : CHARSET_US_ASCII,
		.labelled = known && piece->label[0] != '\0',
		.hint = mime->hint,
		.flowed = piece->kind == PARSE_TEXT_PLAIN && parameter_is(type, "format", "flowed"),
		.delsp = parameter_is(type, "delsp", "yes"),
		.english = mime->job->english,
		.max_out = mime->text_left,
		.max_in = PARSE_HTML_IN,
		.first_link = mime->links,
		.defang = (DefangMode)mime->job->defang,
	};
}

/* A label that is none, and bytes that only guessing could read. Where most of it is ASCII, the words are
 * worth more than the few letters that may be wrong. */
static bool charset_is_lost(const Piece *piece, ParseRange bytes)
{
	size_t high = 0;

	if (charset_from_label(piece->label, strlen(piece->label)) != CHARSET_UNKNOWN)
		return false;
	for (size_t i = 0; i < bytes.length; i++)
		high += bytes.bytes[i] >= 0x80;
	bool guessed = piece->result.used == CHARSET_WINDOWS_1252 || piece->result.replaced > 0;
	return guessed && high > bytes.length / 4;
}

/* A label that is none, and more than one way to read the bytes. */
static bool is_guessed(const Piece *piece)
{
	bool unknown = charset_from_label(piece->label, strlen(piece->label)) == CHARSET_UNKNOWN;

	return unknown && piece->result.used != CHARSET_US_ASCII && piece->result.used != CHARSET_UTF_8;
}

static PartReason piece_convert(Mime *mime, const ParseNode *node, Piece *piece)
{
	g_auto(ParseDecoded) decoded = { NULL, node->content };
	PartReason reason = parse_reading_text(&node->fields, node->content, &decoded);

	if (reason != PART_REASON_NONE)
		return reason;
	if (node->type_ambiguous && decoded.bytes.length > 0 && !parse_reading_is_prose(decoded.bytes))
		return PART_REASON_AMBIGUOUS;
	const ParseTextJob job = text_job(mime, node, piece, decoded.bytes);
	parse_text(&job, &piece->result);
	piece->text = true;
	piece->result.repaired |= is_guessed(piece);
	if (piece->result.binary)
		return PART_REASON_BINARY_TEXT;
	if (charset_is_lost(piece, decoded.bytes))
		return PART_REASON_CHARSET;
	parse_printable_cut(&piece->result, mime->job->english);
	parse_nested_disguise(piece->result.text);
	mime->links += piece->result.html.links;
	mime->text_left -= MIN(mime->text_left, piece->result.text->len);
	if (mime->hint == CHARSET_UNKNOWN && piece->result.used != CHARSET_US_ASCII)
		mime->hint = piece->result.used;
	return PART_REASON_NONE;
}

static void piece_clear(Piece *piece)
{
	if (piece->text)
		parse_text_clear(&piece->result);
	g_free(piece->label);
}

static void piece_read(Mime *mime, guint index, ParseTextKind kind)
{
	const ParseNode *node = node_at(mime, index);
	Piece *piece = &mime->piece[index];
	ParseRange type = parse_fields_value(&node->fields, PARSE_FIELD_TYPE);
	char *label = parse_type_parameter(type, "charset");

	piece->kind = kind;
	piece->label = label != NULL ? label : g_strdup("");
	piece->reason = piece_convert(mime, node, piece);
	if (piece->reason != PART_REASON_NONE && piece->text) {
		parse_text_clear(&piece->result);
		piece->text = false;
	}
}

static void read_pieces(Mime *mime)
{
	for (guint i = 0; i < mime->count; i++) {
		const ParseNode *node = node_at(mime, i);
		ParseTextKind kind;
		bool leaf = node->kind == PARSE_NODE_LEAF && node->reason == PART_REASON_NONE;
		if (leaf && !parse_structure_is_file(node) && node_is_text(mime, node, &kind))
			piece_read(mime, i, kind);
	}
}

/* ---- multipart/related: the root is shown
 * --------------------------------------------------------------------- */

/* The branch of the container in which the node stands; the node itself if it is a child. 0: it is not
 * inside, or in an attached mail, whose forms are its own. */
static guint branch_of(const Mime *mime, guint index, guint container)
{
	while (index > container) {
		const ParseNode *node = node_at(mime, index);
		if (node->parent == container)
			return index;
		if (node_at(mime, node->parent)->kind == PARSE_NODE_MESSAGE)
			return 0;
		index = node->parent;
	}
	return 0;
}

static bool id_is(const ParseFields *fields, const char *id)
{
	ParseRange value = parse_fields_value(fields, PARSE_FIELD_ID);

	if (value.bytes == NULL)
		return false;
	g_autofree char *text = g_strndup((const char *)value.bytes, value.length);

	return strcmp(g_strstrip(text), id) == 0;
}

/* The branch whose Content-ID the start parameter names; 0 if there is none. */
static guint related_start(const Mime *mime, guint container)
{
	ParseRange type = parse_fields_value(&node_at(mime, container)->fields, PARSE_FIELD_TYPE);
	g_autofree char *id = parse_type_parameter(type, "start");

	for (guint i = container + 1; id != NULL && i < mime->count; i++) {
		const ParseNode *node = node_at(mime, i);
		if (node->parent == container && id_is(&node->fields, id))
			return i;
	}
	return 0;
}

/* The first branch with a text, unless the one that start names has one. */
static guint related_root(const Mime *mime, guint container)
{
	guint start = related_start(mime, container), first = 0;

	for (guint i = container + 1; i < mime->count; i++) {
		guint branch = piece_has_text(&mime->piece[i]) ? branch_of(mime, i, container) : 0;
		if (branch != 0 && branch == start)
			return branch;
		first = first == 0 ? branch : first;
	}
	return first;
}

/* A text that the root refers to is a piece of its page, and no text of the mail; another one was put there
 * by a program that knew no better. */
static void related_choose(Mime *mime, guint container)
{
	guint root = related_root(mime, container);

	for (guint i = container + 1; root != 0 && i < mime->count; i++) {
		guint branch = mime->piece[i].text ? branch_of(mime, i, container) : 0;
		if (branch == 0 || branch == root)
			continue;
		const ParseFields *fields = &node_at(mime, branch)->fields;
		bool referred =
		        fields->kind[PARSE_FIELD_ID].count + fields->kind[PARSE_FIELD_LOCATION].count > 0;
		mime->piece[i].dropped |= referred;
	}
}

/* ---- multipart/alternative: the best form is shown
 * ------------------------------------------------------------ */

static const Piece *first_of_kind(const Mime *mime, guint container, ParseTextKind kind)
{
	for (guint i = container + 1; i < mime->count; i++) {
		const Piece *piece = &mime->piece[i];
		if (piece_has_text(piece) && piece->kind == kind && branch_of(mime, i, container) != 0)
			return piece;
	}
	return NULL;
}

static void compare_forms(Mime *mime, const Piece *plain, const Piece *html)
{
	if (plain == NULL || html == NULL)
		return;
	if (parse_texts_differ(plain->result.text->str, html->result.text->str))
		parse_plain_counter(mime->plain, PARSE_COUNTER_ALTERNATIVE_DIFFERS, 1);
}

/* In this order, by what there is. */
static ParseTextKind best_kind(const Mime *mime, guint container)
{
	static const ParseTextKind orders[2][4] = {
		{ PARSE_TEXT_HTML, PARSE_TEXT_PLAIN, PARSE_TEXT_ENRICHED, PARSE_TEXT_AMP },
		{ PARSE_TEXT_PLAIN, PARSE_TEXT_HTML, PARSE_TEXT_ENRICHED, PARSE_TEXT_AMP },
	};
	const ParseTextKind *order = orders[mime->job->prefer_plain ? 1 : 0];

	for (size_t i = 0; i < G_N_ELEMENTS(orders[0]); i++) {
		if (first_of_kind(mime, container, order[i]) != NULL)
			return order[i];
	}
	return PARSE_TEXT_DETECT;
}

/* Branches without the best kind are dropped: all others stay, for two forms of one kind may differ. */
static void alternative_choose(Mime *mime, guint container)
{
	ParseTextKind best = best_kind(mime, container);
	g_autofree bool *keep = g_new0(bool, mime->count);

	if (best == PARSE_TEXT_DETECT)
		return;
	compare_forms(mime, first_of_kind(mime, container, PARSE_TEXT_PLAIN),
	              first_of_kind(mime, container, PARSE_TEXT_HTML));
	for (guint i = container + 1; i < mime->count; i++) {
		const Piece *piece = &mime->piece[i];
		if (piece_has_text(piece) && piece->kind == best)
			keep[branch_of(mime, i, container)] = true;
	}
	for (guint i = container + 1; i < mime->count; i++) {
		guint branch = mime->piece[i].text ? branch_of(mime, i, container) : 0;
		if (branch == 0 || keep[branch])
			continue;
		mime->piece[i].dropped = true;
		mime->piece[i].other_form = true;
	}
}

static void choose_forms(Mime *mime)
{
	/* inner containers first: their best is what the outer one chooses from */
	for (guint i = mime->count; i-- > 0;) {
		const ParseNode *node = node_at(mime, i);
		if (node->kind != PARSE_NODE_MULTIPART)
			continue;
		if (strcmp(node->type, "multipart/alternative") == 0)
			alternative_choose(mime, i);
		else if (strcmp(node->type, "multipart/related") == 0)
			related_choose(mime, i);
	}
}

/* ---- a mail whose only text has a file name, or is a report
 * ---------------------------------------------------- */

static bool any_text(const Mime *mime)
{
	for (guint i = 0; i < mime->count; i++) {
		if (piece_has_text(&mime->piece[i]))
			return true;
	}
	return false;
}

static bool may_be_named_body(const ParseNode *node, ParseTextKind *ret_kind)
{
	ParseRange disposition = parse_fields_value(&node->fields, PARSE_FIELD_DISPOSITION);
	g_autofree char *word = parse_type_token(disposition);
	ParseNameFacts facts = { 0 };
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };
	bool shown = strcmp(word, "") == 0 || strcmp(word, "inline") == 0;

	if (node->kind != PARSE_NODE_LEAF || node->reason != PART_REASON_NONE || node->type_ambiguous ||
	    !shown)
		return false;
	if (!type_is_text(node->type, true, ret_kind))
		return false;
	g_autofree char *name = parse_parts_name(&node->fields, &charsets, &facts);
	return !facts.repaired && (!parse_parts_name_is_dangerous(name) || *ret_kind == PARSE_TEXT_HTML);
}

static void read_named_body(Mime *mime)
{
	ParseTextKind kind;

	for (guint i = 0; i < mime->count && !any_text(mime); i++) {
		if (mime->piece[i].label == NULL && may_be_named_body(node_at(mime, i), &kind))
			piece_read(mime, i, kind);
	}
}

/* ---- saying it
 * ------------------------------------------------------------------------------------------------- */

static bool body_is_full(const Mime *mime)
{
	return mime->body->len >= mime->job->limits.text_out;
}

static void body_indent(Mime *mime, unsigned indent)
{
	for (unsigned i = 0; i < indent; i++)
		g_string_append_len(mime->body, "  ", 2);
}

static void body_add_indented(Mime *mime, const char *text, unsigned indent)
{
	while (*text != '\0' && !body_is_full(mime)) {
		size_t line = strcspn(text, "\n");
		if (line > 0)
			body_indent(mime, indent);
		line += text[line] == '\n';
		g_string_append_len(mime->body, text, (gssize)line);
		text += line;
	}
	if (*text != '\0')
		mime->plain->limits |= MESSAGE_LIMIT_TEXT;
}

static void body_add(Mime *mime, const char *text, unsigned indent)
{
	if (indent > 0)
		body_add_indented(mime, text, indent);
	else
		g_string_append(mime->body, text);
}

/* An empty line between what stands there and what comes. */
static void body_separate(Mime *mime)
{
	while (mime->body->len > 0 && mime->body->str[mime->body->len - 1] == '\n')
		g_string_truncate(mime->body, mime->body->len - 1);
	if (mime->body->len > 0)
		g_string_append(mime->body, "\n\n");
}

static void say_facts(ParsePlain *plain, const ParseTextResult *result)
{
	const HtmlFacts *html = &result->html;

	parse_plain_count(plain, PARSE_COUNTER_REPLACED, result->replaced + result->counts.bad);
	parse_plain_count(plain, PARSE_COUNTER_TEXT_REMOVED, result->counts.removed);
	parse_plain_count(plain, PARSE_COUNTER_MARKS_REMOVED, result->counts.marks);
	parse_plain_count(plain, PARSE_COUNTER_BIDI_REMOVED, result->counts.bidi);
	parse_plain_count(plain, PARSE_COUNTER_PRIVATE_USE, result->counts.private_use);
	parse_plain_count(plain, PARSE_COUNTER_HIDDEN_CHARS, html->hidden_chars);
	parse_plain_count(plain, PARSE_COUNTER_LINK_MISMATCHES, html->link_mismatches);
	parse_plain_count(plain, PARSE_COUNTER_LINKS_REMOVED, html->links_removed);
	parse_plain_count(plain, PARSE_COUNTER_LINKS_FLAGGED, html->links_flagged);
	parse_plain_count(plain, PARSE_COUNTER_PICTURES, html->pictures);
	parse_plain_count(plain, PARSE_COUNTER_PASSWORD_FIELDS, html->password_fields);
	parse_plain_count(plain, PARSE_COUNTER_OBJECTS, html->dropped_objects);
	if (result->repaired && !result->blank)
		parse_plain_counter(plain, PARSE_COUNTER_CHARSET_REPAIRED, 1);
	plain->limits |= result->cut ? MESSAGE_LIMIT_TEXT : 0;
	plain->limits |= html->cut || html->capped ? MESSAGE_LIMIT_HTML : 0;
}

/* Of the first piece that holds anything. */
static void say_source(ParsePlain *plain, const Piece *piece)
{
	static const BodySource sources[PARSE_TEXT_KINDS] = {
		[PARSE_TEXT_PLAIN] = BODY_PLAIN,
		[PARSE_TEXT_HTML] = BODY_HTML,
		[PARSE_TEXT_ENRICHED] = BODY_ENRICHED,
		[PARSE_TEXT_AMP] = BODY_HTML,
	};

	parse_plain_counter(plain, PARSE_COUNTER_BODY_SOURCE, sources[piece->result.kind]);
}

static void say_charset(ParsePlain *plain, const Piece *piece)
{
	parse_plain_string(plain, PARSE_STRING_CHARSET_DECLARED, 0,
	                   clean_line(piece->label, strlen(piece->label), PARSE_TYPE_CHARS, NULL));
	parse_plain_string(plain, PARSE_STRING_CHARSET_USED, 0, g_strdup(charset_name(piece->result.used)));
}

static void say_blocks(Mime *mime, guint index, const GPtrArray *blocks)
{
	for (guint i = 0; i < blocks->len; i++) {
		const ParseBlock *block = g_ptr_array_index(blocks, i);
		const ParseRange bytes = { block->bytes->data, block->bytes->len };
		parse_parts_add_inner(&mime->parts, index, (uint16_t)MIN(i + 1, (guint)UINT16_MAX),
		                      block->name, bytes);
	}
}

static void say_piece(Mime *mime, guint index)
{
	const Piece *piece = &mime->piece[index];

	say_facts(mime->plain, &piece->result);
	say_blocks(mime, index, piece->result.blocks);
	if (piece->result.blank && (mime->any || mime->said))
		return;
	if (!mime->said)
		say_source(mime->plain, piece);
	mime->said = true;
	if (mime->labelled == NULL || (piece->result.repaired && !mime->labelled->result.repaired))
		mime->labelled = piece;
	body_separate(mime);
	body_add(mime, piece->result.text->str, node_at(mime, index)->messages);
}

static char *path_text(const ParseStructure *structure, guint index)
{
	uint16_t path[PLAIN_DEPTH_MAX];
	uint16_t depth = parse_structure_path(structure, index, path);
	GString *out = g_string_new(NULL);

	for (uint16_t d = 0; d < depth; d++)
		g_string_append_printf(out, d > 0 ? ".%u" : "%u", path[d]);
	return g_string_free(out, FALSE);
}

static void say_message(Mime *mime, guint index)
{
	const ParseNode *node = node_at(mime, index);
	g_autofree char *number = path_text(mime->structure, index);
	g_autofree char *heading = parse_nested_heading(number, mime->job->english);
	g_autoptr(GString) fields =
	        parse_nested_fields(node->head, &mime->plain->charsets, mime->job->english);

	parse_plain_count(mime->plain, PARSE_COUNTER_NESTED_MESSAGES, 1);
	body_separate(mime);
	body_add(mime, heading, node->messages);
	body_add(mime, "\n", 0);
	body_add(mime, fields->str, node->messages + 1u);
}

/* A text without a single character needs no word, unless it has a name. */
static bool is_nothing(const ParseNode *node, const Piece *piece)
{
	return piece->text && piece->result.blank && piece->result.blocks->len == 0 && !piece->result.cut &&
	       !parse_structure_is_file(node);
}

static void say_leaf(Mime *mime, guint index)
{
	const ParseNode *node = node_at(mime, index);
	const Piece *piece = &mime->piece[index];
	PartReason reason = node->reason != PART_REASON_NONE ? node->reason : piece->reason;
	bool empty = strncmp(node->type, "multipart/", 10) == 0 && reason == PART_REASON_NONE;

	if (is_nothing(node, piece) && (piece->dropped || mime->any))
		return;
	if (piece->text && !piece->dropped) {
		say_piece(mime, index);
		return;
	}
	parse_parts_add(&mime->parts, index, empty ? PART_REASON_EMPTY_CONTAINER : reason,
	                piece->other_form ? MESSAGE_PART_BODY_ALTERNATIVE : 0);
}

static void say_nodes(Mime *mime)
{
	for (guint i = 0; i < mime->count; i++) {
		ParseNodeKind kind = node_at(mime, i)->kind;
		if (kind == PARSE_NODE_MESSAGE)
			say_message(mime, i);
		else if (kind == PARSE_NODE_LEAF)
			say_leaf(mime, i);
	}
}

static void say_body(Mime *mime)
{
	ParsePlain *plain = mime->plain;

	if (mime->body->len > mime->job->limits.text_out) {
		parse_cut_bytes(mime->body->str, mime->job->limits.text_out);
		plain->limits |= MESSAGE_LIMIT_TEXT;
	}
	plain->body_bytes = strlen(mime->body->str);
	plain->body = g_string_free(g_steal_pointer(&mime->body), FALSE);
}

void parse_mime(const ParseJob *job, const ParseHead *head, ParsePlain *plain)
{
	g_autoptr(ParseStructure) structure = parse_structure_read(job->input, head, &job->limits);
	guint nodes = structure->nodes->len;
	g_autofree Piece *pieces = g_new0(Piece, nodes);
	Mime mime = {
		.job = job,
		.plain = plain,
		.structure = structure,
		.piece = pieces,
		.count = nodes,
		.text_left = job->limits.text_out,
		.parts = { job, plain, structure, 0, PARSE_MAGIC_TOTAL },
		.body = g_string_new(NULL),
	};

	read_pieces(&mime);
	choose_forms(&mime);
	read_named_body(&mime);
	mime.any = any_text(&mime);
	plain->charsets.hint = mime.hint;
	plain->limits |= structure->limits;
	parse_plain_count(plain, PARSE_COUNTER_OUTSIDE_BYTES, structure->outside_bytes);
	say_nodes(&mime);
	if (mime.labelled != NULL)
		say_charset(plain, mime.labelled);
	say_body(&mime);
	for (guint i = 0; i < nodes; i++)
		piece_clear(&pieces[i]);
}
