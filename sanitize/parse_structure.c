/* parse_structure: the tree of parts.
 *
 * A container is split at lines that match any value which some reader may take for its boundary. Where no
 * such line exists, and around the parts, a border is also what merely looks like one: a line of dashes and a
 * word with Content- fields under it. The same holds inside a text, because a reader that knows another
 * boundary than we do would begin a new part there, and what we show as text would be a file to it.
 *
 * An outer container is split before an inner one, so an outer border ends inner parts. The walk keeps its
 * own stack.
 */
#include "parse_structure_priv.h"

#include <string.h>

enum {
	NODES_PER_PART = 2,
	NODES_MORE = 64,
	WORK_MAX = 64 * 1000 * 1000, /* comparisons; a mail of dashes must not cost seconds */
	WORK_FOLLOW = 16,            /* price of a look at the lines that follow */
	WORK_BYTES = 4,              /* bytes of a search in a line, for the price of one */
	BOILERPLATE_BYTES = 200,
	DECODED_MORE = 1024 * 1024, /* decoded attached mails may hold this more than the input */
};

typedef struct {
	bool found;
	bool close;  /* the last one, says the sender */
	size_t end;  /* of what stands before it */
	size_t next; /* line after it */
} Border;

typedef struct {
	guint node;
	ParseRange range;
	GPtrArray *boundaries; /* of GBytes */
	Border border;         /* the last one found */
	bool started, done;
	bool tolerant;    /* no border stands where a strict reader would see one */
	bool text_around; /* a text that was split: what stands around the parts is text, too */
	bool known_only;  /* a border is only what looks like one of a container around */
	uint16_t children;
} Frame;

typedef struct {
	ParseStructure *structure;
	const ParseLimits *limits;
	Frame frame[PARSE_DEPTH_MAX + 2];
	unsigned depth;
	uint64_t work;
	uint64_t decoded_left;
	bool stopped; /* a cap was hit: nothing more is read */
} Walk;

/* What is known of a part before it is opened. */
typedef struct {
	ParseNode *node;
	const char *default_type;
	bool root;  /* the body of a message, which shares its path */
	bool whole; /* its borders were already looked for */
} Entity;

/* ---- nodes -----------------------------------------------------------------------------------------------
 */

static void node_free(gpointer data)
{
	ParseNode *node = data;

	parse_head_free(node->head);
	g_free(node->type);
	g_free(node);
}

const ParseNode *parse_structure_node(const ParseStructure *structure, guint index)
{
	return g_ptr_array_index(structure->nodes, index);
}

uint16_t parse_structure_path(const ParseStructure *structure, guint index,
                              uint16_t ret_path[PLAIN_DEPTH_MAX])
{
	const ParseNode *node = parse_structure_node(structure, index);
	uint16_t depth = node->depth, left = node->depth;

	while (left > 0) {
		if (node->number > 0)
			ret_path[--left] = node->number;
		node = parse_structure_node(structure, node->parent);
	}
	return depth;
}

static ParseRange range_cut(ParseRange range, size_t from, size_t to)
{
	from = MIN(from, range.length);
	to = CLAMP(to, from, range.length);
	return (ParseRange) { range.bytes + from, to - from };
}

/* The node belongs to the structure from now on. */
static guint node_add(Walk *walk, ParseNode *node)
{
	GPtrArray *nodes = walk->structure->nodes;

	g_ptr_array_add(nodes, node);
	if (nodes->len >= NODES_PER_PART * walk->limits->mime_parts + NODES_MORE) {
		walk->structure->limits |= MESSAGE_LIMIT_PARTS;
		walk->stopped = true;
	}
	return nodes->len - 1;
}

static void leaf_add(Walk *walk, Entity *entity, PartReason reason)
{
	ParseNode *node = g_steal_pointer(&entity->node);

	node->kind = PARSE_NODE_LEAF;
	node->reason = reason;
	if (entity->root) {
		node->number = 1;
		node->depth++;
	}
	node_add(walk, node);
}

/* ---- types -----------------------------------------------------------------------------------------------
 */

static bool range_has(ParseRange range, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= range.length; i++) {
		if (g_ascii_strncasecmp((const char *)range.bytes + i, word, n) == 0)
			return true;
	}
	return false;
}

static bool value_says(ParseRange value, const char *word)
{
	if (range_has(value, word))
		return true;
	if (!range_has(value, "=?"))
		return false;
	g_autofree char *decoded = parse_words_decode(value);
	return range_has((ParseRange) { (const uint8_t *)decoded, strlen(decoded) }, word);
}

static bool fields_say(const ParseFields *fields, ParseFieldKind kind, const char *word)
{
	for (unsigned i = 0; i < fields->kind[kind].count; i++) {
		if (value_says(fields->kind[kind].value[i], word))
			return true;
	}
	return false;
}

/* "application/octet-stream" as our reading of a value that does not say so. */
bool parse_structure_type_is_unclear(const char *type, ParseRange value)
{
	return strcmp(type, "application/octet-stream") == 0 && !range_has(value, "octet-stream");
}

/* A main type that nobody knows: `ultipart/mixed` is one slip away from a container. */
static bool type_is_foreign(const char *type)
{
	static const char *const known[] = { "text/",  "image/",   "audio/",     "video/", "application/",
		                             "model/", "message/", "multipart/", "font/",  "chemical/" };

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (g_str_has_prefix(type, known[i]))
			return false;
	}
	return true;
}

/* Before the parameters: a file may be called multipart.pdf. */
static bool types_say_multipart(const ParseFields *fields)
{
	const ParseValues *types = &fields->kind[PARSE_FIELD_TYPE];

	for (unsigned i = 0; i < types->count; i++) {
		ParseRange value = types->value[i];
		const uint8_t *end = value.length > 0 ? memchr(value.bytes, ';', value.length) : NULL;
		if (end != NULL)
			value.length = (size_t)(end - value.bytes);
		if (value_says(value, "multipart"))
			return true;
	}
	return false;
}

static void node_type(ParseNode *node, const char *default_type)
{
	const ParseValues *values = &node->fields.kind[PARSE_FIELD_TYPE];
	ParseRange value = parse_fields_value(&node->fields, PARSE_FIELD_TYPE);

	node->type = parse_type_declared(value);
	if (node->type == NULL)
		node->type = g_strdup(default_type);
	node->type_ambiguous = values->odd || parse_structure_type_is_unclear(node->type, value);
	for (unsigned i = 0; i < values->count; i++) {
		g_autofree char *other = parse_type_declared(values->value[i]);
		node->type_ambiguous |= other == NULL || strcmp(other, node->type) != 0;
	}
}

static bool type_is_multipart(const char *type)
{
	return strncmp(type, "multipart/", 10) == 0;
}

static bool type_is_message(const char *type)
{
	return strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0 ||
	       strcmp(type, "message/news") == 0;
}

bool parse_structure_is_file(const ParseNode *node)
{
	return fields_say(&node->fields, PARSE_FIELD_DISPOSITION, "attachment") ||
	       fields_say(&node->fields, PARSE_FIELD_DISPOSITION, "name") ||
	       fields_say(&node->fields, PARSE_FIELD_TYPE, "name");
}

/* What some reader may show as text, and another may take apart. */
static bool node_may_be_text(const ParseNode *node)
{
	ParseRange value = parse_fields_value(&node->fields, PARSE_FIELD_TYPE);

	return strncmp(node->type, "text/", 5) == 0 || type_is_foreign(node->type) ||
	       parse_structure_type_is_unclear(node->type, value);
}

/* Of several types the one that makes it a container. */
static void node_become_multipart(ParseNode *node)
{
	const ParseValues *values = &node->fields.kind[PARSE_FIELD_TYPE];

	for (unsigned i = 0; i < values->count && !type_is_multipart(node->type); i++) {
		char *type = parse_type_declared(values->value[i]);
		if (type != NULL) {
			g_free(node->type);
			node->type = type;
		}
	}
	if (type_is_multipart(node->type))
		return;
	g_free(node->type);
	node->type = g_strdup("multipart/mixed");
}

/* ---- borders ---------------------------------------------------------------------------------------------
 */

static bool is_line_end(uint8_t c)
{
	return c == '\n' || c == '\r';
}

static bool is_filler(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\0';
}

static bool work_spend(Walk *walk, uint64_t amount)
{
	walk->work += amount;
	if (walk->work <= WORK_MAX)
		return true;
	walk->structure->limits |= MESSAGE_LIMIT_STRUCTURE;
	walk->stopped = true;
	return false;
}

/* The line end before a border belongs to the border (RFC 2046 5.1.1). */
static size_t before_line_end(ParseRange range, size_t from, size_t at)
{
	size_t crs = at > from && range.bytes[at - 1] == '\n' ? 2 : 1;

	at -= at > from && range.bytes[at - 1] == '\n' ? 1 : 0;
	for (; crs > 0 && at > from && range.bytes[at - 1] == '\r'; crs--)
		at--;
	return at;
}

typedef enum { MATCH_NONE, MATCH_CLOSE, MATCH_OPEN } Match;

/* text: what follows the first two dashes of a line, up to its end. */
static Match match_one(ParseRange text, GBytes *boundary)
{
	gsize n = 0;
	const uint8_t *bytes = g_bytes_get_data(boundary, &n);

	if (text.length < n || memcmp(text.bytes, bytes, n) != 0)
		return MATCH_NONE;
	size_t rest = text.length;
	while (rest > n && is_filler(text.bytes[rest - 1]))
		rest--;
	if (rest == n)
		return MATCH_OPEN;
	return rest == n + 2 && memcmp(text.bytes + n, "--", 2) == 0 ? MATCH_CLOSE : MATCH_NONE;
}

static Match match_any(ParseRange text, const GPtrArray *boundaries)
{
	Match best = MATCH_NONE;

	for (guint i = 0; boundaries != NULL && i < boundaries->len && best != MATCH_OPEN; i++)
		best = MAX(best, match_one(text, g_ptr_array_index(boundaries, i)));
	return best;
}

static bool starts_line(ParseRange range, size_t from, size_t at)
{
	return at == from || is_line_end(range.bytes[at - 1]);
}

/* Could the line's boundary begin with this byte? Spares the search for its end. */
static bool first_byte_fits(const GPtrArray *boundaries, uint8_t c)
{
	for (guint i = 0; i < boundaries->len; i++) {
		const uint8_t *bytes = g_bytes_get_data(g_ptr_array_index(boundaries, i), NULL);
		if (bytes[0] == c)
			return true;
	}
	return false;
}

/* Only what a strict reader may take for a border. One memchr over what holds no dash, as base64. */
static Border find_exact(Walk *walk, const Frame *frame, size_t from)
{
	ParseRange range = frame->range;

	for (size_t at = from; at < range.length && work_spend(walk, 1); at++) {
		const uint8_t *dash = memchr(range.bytes + at, '-', range.length - at);
		if (dash == NULL)
			break;
		at = (size_t)(dash - range.bytes);
		size_t line = at;
		while (at + 1 < range.length && range.bytes[at + 1] == '-')
			at++;
		if (at == line || line + 2 >= range.length || !starts_line(range, from, line))
			continue;
		if (!first_byte_fits(frame->boundaries, range.bytes[line + 2]) ||
		    !work_spend(walk, frame->boundaries->len))
			continue;
		size_t end = 0, next = parse_next_line(range, line, &end);
		Match match = match_any(range_cut(range, line + 2, end), frame->boundaries);
		if (match != MATCH_NONE)
			return (Border) { true, match == MATCH_CLOSE, before_line_end(range, from, line),
				          next };
		at = MAX(at, end > 0 ? end - 1 : 0);
	}
	return (Border) { .end = range.length, .next = range.length };
}

typedef struct {
	size_t start, end, next;
} Line;

/* A known boundary at the end of a line that began as something else. */
static bool match_inside(const Walk *walk, ParseRange range, const Line *line, size_t *ret_end)
{
	size_t end = line->end;

	while (end > line->start && is_filler(range.bytes[end - 1]))
		end--;
	for (unsigned d = 0; d < walk->depth; d++) {
		const GPtrArray *boundaries = walk->frame[d].boundaries;
		for (guint i = 0; i < boundaries->len; i++) {
			gsize n = 0;
			const uint8_t *bytes = g_bytes_get_data(g_ptr_array_index(boundaries, i), &n);
			const uint8_t *tail = range.bytes + end - n;
			if (end - line->start < n + 2 || memcmp(tail, bytes, n) != 0 ||
			    memcmp(tail - 2, "--", 2) != 0)
				continue;
			*ret_end = end - n - 2;
			return true;
		}
	}
	return false;
}

/* Does the line hold a boundary of a container around, in whatever way it is written? */
static bool line_mentions_known(Walk *walk, ParseRange range, const Line *line)
{
	size_t length = line->end - line->start;
	g_autofree char *words = g_ascii_strdown((const char *)range.bytes + line->start, (gssize)length);

	for (unsigned d = 0; d < walk->depth; d++) {
		const GPtrArray *boundaries = walk->frame[d].boundaries;
		for (guint i = 0; i < boundaries->len; i++) {
			gsize n = 0;
			const char *bytes = g_bytes_get_data(g_ptr_array_index(boundaries, i), &n);
			if (!work_spend(walk, (n + length) / WORK_BYTES))
				return false;
			g_autofree char *boundary = g_ascii_strdown(bytes, (gssize)n);
			if (memmem(words, length, boundary, n) != NULL)
				return true;
		}
	}
	return false;
}

/* Is the line a border to a reader that knows its boundary? frame learns the boundary. inner: those of a
 * container inside, whose own borders these are. */
static bool line_is_border(Walk *walk, Frame *frame, const GPtrArray *inner, const Line *line, Border *ret)
{
	ParseRange range = frame->range;
	size_t at = line->start;

	while (at < line->end && is_filler(range.bytes[at]))
		at++;
	size_t dashes = 0;
	while (at + dashes < line->end && range.bytes[at + dashes] == '-')
		dashes++;
	ParseRange text = range_cut(range, at + MIN(dashes, (size_t)2), line->end);
	if (dashes >= 2 && match_any(text, inner) != MATCH_NONE)
		return false;
	Match match = dashes >= 2 ? match_any(text, frame->boundaries) : MATCH_NONE;
	*ret = (Border) { true, match == MATCH_CLOSE, before_line_end(range, 0, line->start), line->next };
	if (match != MATCH_NONE)
		return true;
	if (!work_spend(walk, WORK_FOLLOW) || !parse_fields_follow(range, line->next))
		return false;
	if (frame->known_only && !line_mentions_known(walk, range, line))
		return false;
	if (dashes == 0)
		return match_inside(walk, range, line, &ret->end);
	if (dashes == 1 && text.length == 0)
		return false;
	while (text.length > 0 && is_filler(text.bytes[text.length - 1]))
		text.length--;
	if (dashes >= 2 && text.length > 2 && memcmp(text.bytes + text.length - 2, "--", 2) == 0)
		text.length -= 2;
	if (dashes >= 2)
		parse_boundary_add(frame->boundaries, text.bytes, text.length);
	return true;
}

static Line line_around(ParseRange range, size_t from, size_t at)
{
	Line line = { .start = at };

	while (line.start > from && !is_line_end(range.bytes[line.start - 1]))
		line.start--;
	line.next = parse_next_line(range, at, &line.end);
	return line;
}

/* Also what is a border only to a careless reader. */
static Border find_tolerant(Walk *walk, Frame *frame, size_t from, const GPtrArray *inner)
{
	ParseRange range = frame->range;
	Border border;

	for (size_t at = from; at < range.length;) {
		const uint8_t *dash = memchr(range.bytes + at, '-', range.length - at);
		if (dash == NULL || !work_spend(walk, 1 + frame->boundaries->len))
			break;
		Line line = line_around(range, at, (size_t)(dash - range.bytes));
		at = line.next;
		if (line_is_border(walk, frame, inner, &line, &border)) {
			border.end = MAX(border.end, from);
			return border;
		}
	}
	return (Border) { .end = range.length, .next = range.length };
}

/* ---- containers -------------------------------------------------------------------------------------------
 */

static void frame_clear(Frame *frame)
{
	g_clear_pointer(&frame->boundaries, g_ptr_array_unref);
}

static GPtrArray *boundaries_of(const ParseFields *fields)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	const ParseValues *types = &fields->kind[PARSE_FIELD_TYPE];

	for (unsigned i = 0; i < types->count; i++)
		parse_boundary_collect(types->value[i], list);
	return list;
}

static size_t skip_blank(ParseRange range)
{
	size_t at = 0;

	while (at < range.length && (is_filler(range.bytes[at]) || is_line_end(range.bytes[at])))
		at++;
	return at;
}

/* "This is a multi-part message in MIME format." and its kin. */
static bool is_boilerplate(ParseRange region)
{
	if (region.length > BOILERPLATE_BYTES || !range_has(region, "mime"))
		return false;
	for (size_t i = 0; i < region.length; i++) {
		if (region.bytes[i] >= 0x80)
			return false;
	}
	return true;
}

/* Where the first part may begin, if any reader sees one. */
static bool frame_find(Walk *walk, Frame *frame, bool multipart)
{
	frame->tolerant = frame->boundaries->len == 0 || !find_exact(walk, frame, 0).found;
	if (!frame->tolerant)
		return true;
	if (find_tolerant(walk, frame, 0, NULL).found)
		return true;
	/* no border at all, but the header of a part */
	size_t start = skip_blank(frame->range);
	return multipart && start < frame->range.length && parse_fields_follow(frame->range, start);
}

/* A transfer encoding on a multipart is forbidden (RFC 2045 6.4); readers that undo it see parts. */
static bool node_decode(Walk *walk, ParseNode *node)
{
	ParseEncoding encoding = parse_reading_likeliest(&node->fields, node->content);
	size_t length = 0;

	if (encoding == PARSE_ENCODING_IDENTITY || encoding == PARSE_ENCODING_UNKNOWN ||
	    node->content.length > walk->decoded_left)
		return false;
	GByteArray *buffer = g_byte_array_sized_new((guint)node->content.length);
	g_byte_array_set_size(buffer, (guint)node->content.length);
	parse_decode(encoding, node->content, buffer->data, buffer->len, &length);
	g_byte_array_set_size(buffer, (guint)length);
	g_ptr_array_add(walk->structure->buffers, buffer);
	walk->decoded_left -= MIN(walk->decoded_left, node->content.length);
	node->content = (ParseRange) { buffer->data, length };
	return true;
}

/* It begins where the parts of a container would: its header may have been lost. */
static bool begins_like_parts(ParseRange content)
{
	size_t at = skip_blank(content);

	return content.length - at >= 2 && memcmp(content.bytes + at, "--", 2) == 0;
}

/* One type that all readers know, and no boundary beside it. */
static bool type_is_clear(const ParseNode *node, const GPtrArray *boundaries)
{
	unsigned types = node->fields.kind[PARSE_FIELD_TYPE].count;
	bool said = types == 1 || (types == 0 && !begins_like_parts(node->content));

	return said && !node->type_ambiguous && strncmp(node->type, "text/", 5) == 0 && boundaries->len == 0;
}

/* Its parts end where all readers see them end. */
static bool frame_is_clear(const Walk *walk, const Frame *frame)
{
	const ParseNode *node = parse_structure_node(walk->structure, frame->node);

	return !frame->tolerant && !node->type_ambiguous && frame->boundaries->len == 1;
}

/* No reader can know another boundary than those of the containers around: what looks like a border of its
 * own are words about mail, or a mail that was forwarded by hand. */
static bool text_is_clear(const Walk *walk, const ParseNode *node, const GPtrArray *boundaries)
{
	bool clear = type_is_clear(node, boundaries);

	for (unsigned d = 0; clear && d < walk->depth; d++)
		clear = frame_is_clear(walk, &walk->frame[d]);
	return clear;
}

/* False: it is none. Else its frame is on the stack, or it was too deep and is a leaf. */
static bool multipart_open(Walk *walk, Entity *entity)
{
	ParseNode *node = entity->node;
	bool multipart = types_say_multipart(&node->fields) || type_is_multipart(node->type);
	bool text = !multipart && node_may_be_text(node) && !parse_structure_is_file(node) && !entity->whole;

	if (!multipart && !text)
		return false;
	Frame frame = { .range = node->content,
		        .boundaries = boundaries_of(&node->fields),
		        .text_around = text };
	frame.known_only = text && text_is_clear(walk, node, frame.boundaries);
	bool impossible = frame.known_only && walk->depth == 0;
	bool found = !impossible && frame_find(walk, &frame, multipart);
	if (!found && multipart && node_decode(walk, node)) {
		frame.range = node->content;
		found = frame_find(walk, &frame, true);
	}
	if (found && (node->depth >= walk->limits->mime_depth || walk->depth >= G_N_ELEMENTS(walk->frame))) {
		walk->structure->limits |= MESSAGE_LIMIT_DEPTH;
		leaf_add(walk, entity, PART_REASON_DEPTH);
		found = true;
	} else if (found) {
		if (multipart)
			node_become_multipart(node);
		node->kind = PARSE_NODE_MULTIPART;
		node->repaired = frame.tolerant;
		frame.node = node_add(walk, g_steal_pointer(&entity->node));
		walk->frame[walk->depth++] = frame;
		return true;
	}
	frame_clear(&frame);
	return found;
}

/* ---- attached mails
 * ---------------------------------------------------------------------------------------- */

static ParseHead *mail_head(Walk *walk, ParseRange content)
{
	g_autoptr(ParseHead) head = parse_limits_head(content, walk->limits);

	return head->is_mail ? g_steal_pointer(&head) : NULL;
}

/* The head of the mail in the node, whose content is decoded when that is needed; NULL: there is no mail. */
static ParseHead *message_head(Walk *walk, ParseNode *node)
{
	ParseHead *head = mail_head(walk, node->content);

	if (head != NULL || !node_decode(walk, node))
		return head;
	return mail_head(walk, node->content);
}

/* The body of the mail as the next entity in *entity. False: it was no mail, or too deep. */
static bool message_open(Walk *walk, Entity *entity)
{
	ParseNode *node = entity->node;

	if (node->depth + (entity->root ? 1u : 0u) >= walk->limits->mime_depth) {
		walk->structure->limits |= MESSAGE_LIMIT_NESTED;
		leaf_add(walk, entity, PART_REASON_DEPTH);
		return false;
	}
	node->head = message_head(walk, node);
	if (node->head == NULL && node->fields.kind[PARSE_FIELD_TYPE].count == 0) {
		/* a piece of a digest that is no mail */
		g_free(node->type);
		node->type = g_strdup("text/plain");
	}
	if (node->head == NULL) {
		leaf_add(walk, entity, PART_REASON_NONE);
		return false;
	}
	ParseNode *body = g_new0(ParseNode, 1);
	const ParseHead *head = node->head;
	if (entity->root) {
		node->number = 1;
		node->depth++;
	}
	node->kind = PARSE_NODE_MESSAGE;
	parse_fields_head(range_cut(node->content, head->start, head->body), &body->fields);
	body->content = range_cut(node->content, head->body, node->content.length);
	body->depth = node->depth;
	body->messages = (uint16_t)(node->messages + 1);
	walk->structure->limits |= head->limits;
	body->parent = node_add(walk, node);
	*entity = (Entity) { .node = body, .default_type = "text/plain", .root = true };
	return true;
}

/* ---- the walk
 * ------------------------------------------------------------------------------------------------ */

static void entity_take(Walk *walk, Entity entity)
{
	for (;;) {
		node_type(entity.node, entity.default_type);
		if (type_is_message(entity.node->type)) {
			if (message_open(walk, &entity) && !walk->stopped)
				continue;
			break;
		}
		if (!multipart_open(walk, &entity))
			leaf_add(walk, &entity, walk->stopped ? PART_REASON_DAMAGED : PART_REASON_NONE);
		break;
	}
	if (entity.node != NULL)
		node_free(entity.node);
}

static ParseNode *child_new(const Walk *walk, Frame *frame)
{
	const ParseNode *parent = parse_structure_node(walk->structure, frame->node);
	ParseNode *node = g_new0(ParseNode, 1);

	node->parent = frame->node;
	node->number = ++frame->children;
	node->depth = (uint16_t)(parent->depth + 1);
	node->messages = parent->messages;
	return node;
}

static void take_part(Walk *walk, Frame *frame, ParseRange region, bool repaired)
{
	const ParseNode *parent = parse_structure_node(walk->structure, frame->node);
	bool digest = strcmp(parent->type, "multipart/digest") == 0;
	ParseNode *node = child_new(walk, frame);
	size_t content = parse_fields_part(region, 0, &node->fields);

	node->content = range_cut(region, content, region.length);
	node->repaired = repaired;
	entity_take(walk, (Entity) { .node = node,
	                             .default_type = digest ? "message/rfc822" : "text/plain",
	                             .whole = frame->tolerant });
}

/* A piece of a text that was split: under the header of the whole. */
static void take_text(Walk *walk, Frame *frame, ParseRange region)
{
	const ParseNode *parent = parse_structure_node(walk->structure, frame->node);
	ParseNode *node = child_new(walk, frame);

	node->fields = parent->fields;
	node->content = region;
	node->repaired = true;
	entity_take(walk, (Entity) { .node = node, .default_type = "text/plain", .whole = true });
}

static void take_outside(Walk *walk, Frame *frame, ParseRange region)
{
	size_t start = skip_blank(region);

	if (start == region.length || (!frame->text_around && is_boilerplate(region)))
		return;
	if (frame->text_around)
		take_text(walk, frame, region);
	else if (parse_fields_follow(region, start))
		take_part(walk, frame, range_cut(region, start, region.length), true);
	else
		walk->structure->outside_bytes += region.length - start;
}

/* In a container whose borders are guessed, a container inside may have borders of its own. */
static GPtrArray *inner_boundaries(const Frame *frame, size_t at)
{
	ParseFields fields;

	parse_fields_part(frame->range, at, &fields);
	return boundaries_of(&fields);
}

static Border next_border(Walk *walk, Frame *frame, size_t from, bool outside)
{
	if (!frame->tolerant && !outside)
		return find_exact(walk, frame, from);
	g_autoptr(GPtrArray) inner = frame->tolerant && !outside ? inner_boundaries(frame, from) : NULL;
	return find_tolerant(walk, frame, from, inner);
}

static void frame_step(Walk *walk, Frame *frame)
{
	size_t from = frame->started ? frame->border.next : 0;
	bool outside = !frame->started || frame->border.close;
	Border border = next_border(walk, frame, from, outside);
	ParseRange region = range_cut(frame->range, from, border.end);

	frame->started = true;
	frame->border = border;
	frame->done = !border.found;
	if (outside)
		take_outside(walk, frame, region);
	else
		take_part(walk, frame, region, frame->tolerant);
}

static void walk_run(Walk *walk)
{
	while (walk->depth > 0 && !walk->stopped) {
		Frame *frame = &walk->frame[walk->depth - 1];
		if (!frame->done) {
			frame_step(walk, frame);
			continue;
		}
		frame_clear(frame);
		walk->depth--;
	}
	while (walk->depth > 0)
		frame_clear(&walk->frame[--walk->depth]);
}

static void buffer_free(gpointer data)
{
	g_byte_array_unref(data);
}

ParseStructure *parse_structure_read(ParseRange input, const ParseHead *head, const ParseLimits *limits)
{
	ParseStructure *structure = g_new0(ParseStructure, 1);
	g_autofree Walk *walk = g_new0(Walk, 1);
	ParseNode *body = g_new0(ParseNode, 1);

	structure->nodes = g_ptr_array_new_with_free_func(node_free);
	structure->buffers = g_ptr_array_new_with_free_func(buffer_free);
	*walk = (Walk) { .structure = structure,
		         .limits = limits,
		         .decoded_left = input.length + DECODED_MORE };
	parse_fields_head(range_cut(input, head->start, head->body), &body->fields);
	body->content = range_cut(input, head->body, input.length);
	entity_take(walk, (Entity) { .node = body, .default_type = "text/plain", .root = true });
	walk_run(walk);
	return structure;
}

void parse_structure_free(ParseStructure *structure)
{
	if (structure == NULL)
		return;
	g_ptr_array_unref(structure->nodes);
	g_ptr_array_unref(structure->buffers);
	g_free(structure);
}
