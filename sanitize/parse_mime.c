/* parse_mime: the structure of the message, its body, and every other part.
 *
 * GMime finds where parts begin and end, and nothing else: what they are called and how they are encoded is
 * read from their raw header fields by our own code. GMime never sees the message's own header but for
 * its Content-Type, since it parses addresses as it goes and recurses once per group; and it is not run at
 * all for a message that is no multipart, or that parse_limits_body() finds too much.
 *
 * The walk has a fixed stack: depth is a loop count, not a recursion.
 */
#include "charset_priv.h"
#include "clean_text.h"
#include "gmime_auto_priv.h"
#include "parse_code_priv.h"

#include <string.h>

/* One leaf before anything is decided about it. */
typedef struct {
	uint16_t number[PLAIN_DEPTH_MAX];
	uint16_t depth;
	const char *type;        /* never NULL */
	ParseRange content_type; /* raw fields; bytes NULL when absent */
	ParseRange encoding;
	ParseRange disposition;
	ParseRange content_id;
	ParseRange content;    /* still encoded */
	bool body_place;       /* all containers around it may hold a body */
	uint32_t alternatives; /* bit d: the container at depth d is a multipart/alternative */
	PartReason reason;
} Leaf;

/* The text which is the body unless a better one comes: said only when the walk is over. */
typedef struct {
	bool found;
	bool blank;  /* nothing to be seen in it: the first text that has something takes its place */
	bool cut;    /* at the cap */
	Leaf leaf;   /* type is text/plain */
	char *label; /* the charset that was declared */
	Charset used;
	GString *text; /* UTF-8, cleaned */
	uint64_t replaced;
	uint64_t removed;
	guint index; /* in the list of parts, where it would have stood */
} Body;

typedef struct {
	const ParseJob *job;
	ParsePlain *plain;
	uint64_t arena_used;
	size_t magic_left;  /* bytes that libmagic may still be shown */
	uint64_t text_left; /* bytes of text that all candidates for the body may still make */
	Body body;
} Mime;

/* ---- names
 * ------------------------------------------------------------------------------------------------- */

static char *leaf_name(const Leaf *leaf, uint32_t *flags)
{
	g_autofree char *raw = parse_type_parameter(leaf->disposition, "filename");
	uint64_t removed = 0;

	if (raw == NULL || raw[0] == '\0') {
		g_free(raw);
		raw = parse_type_parameter(leaf->content_type, "name");
	}
	if (raw == NULL)
		return g_strdup("");
	char *name = clean_line(raw, strlen(raw), 0, &removed);
	parse_cut_bytes(name, PARSE_NAME_BYTES);
	if (removed > 0 || strstr(name, "\xef\xbf\xbd") != NULL)
		*flags |= MESSAGE_PART_NAME_REPAIRED;
	return name;
}

static uint32_t leaf_flags(const Leaf *leaf)
{
	g_autofree char *disposition = parse_type_token(leaf->disposition);

	return strcmp(disposition, "inline") == 0 && leaf->content_id.bytes != NULL ? MESSAGE_PART_INLINE : 0;
}

/* ---- a part: into the arena
 * ---------------------------------------------------------------------------------- */

/* Decodes behind what is there already. False: it did not fit, and nothing of it counts. */
static bool arena_store(Mime *mime, const Leaf *leaf, ParseRange *ret_bytes)
{
	uint8_t *room = mime->job->arena != NULL ? mime->job->arena + mime->arena_used : NULL;
	size_t capacity = room != NULL ? mime->job->arena_size - mime->arena_used : 0;
	size_t length = 0;

	*ret_bytes = (ParseRange) { NULL, 0 };
	if (!parse_decode(parse_encoding(leaf->encoding), leaf->content, room, capacity, &length))
		return false;
	if (length == 0)
		return true;
	*ret_bytes = (ParseRange) { room, length };
	mime->arena_used += length;
	return true;
}

static void part_insert(Mime *mime, const Leaf *leaf, PartReason reason, guint index)
{
	PlainRecord record = { .type = PLAIN_PART };
	uint64_t offset = mime->arena_used;
	ParseRange bytes;

	if (!arena_store(mime, leaf, &bytes))
		reason = PART_REASON_DAMAGED;
	memcpy(record.part.number, leaf->number, sizeof record.part.number);
	record.part.depth = leaf->depth;
	record.part.reason = (uint16_t)reason;
	record.part.flags = leaf_flags(leaf);
	record.part.name = leaf_name(leaf, &record.part.flags);
	record.part.declared_type = clean_line(leaf->type, strlen(leaf->type), PARSE_TYPE_CHARS, NULL);
	record.part.true_type = parse_type_true(bytes, &mime->magic_left);
	record.part.bytes = bytes.length;
	record.part.offset = bytes.length > 0 ? offset : 0;
	record.part.length = bytes.length;
	parse_hash(bytes, record.part.sha256);
	/* where it stands; judged once the body is known */
	record.sequence = leaf->alternatives;
	g_array_insert_val(mime->plain->parts, index, record);
}

/* ---- the body
 * --------------------------------------------------------------------------------------------------- */

static bool is_odd_control(uint8_t c)
{
	/* ESC, SO and SI belong to JIS; FF and the DOS end-of-file are harmless remains */
	return (c < 0x20 && memchr("\t\n\r\f\x1b\x0e\x0f\x1a", c, 8) == NULL) || c == 0x7f;
}

static bool is_binary(ParseRange bytes)
{
	size_t odd = 0;

	if (bytes.length == 0)
		return false;
	/* One stray NUL makes no binary: it is stripped, and the reader keeps the text. */
	for (size_t i = 0; i < bytes.length; i++)
		odd += is_odd_control(bytes.bytes[i]);
	return odd > bytes.length / 10;
}

static bool text_is_blank(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (!g_unichar_isspace(g_utf8_get_char(p)))
			return false;
	}
	return true;
}

static bool body_candidate(const Mime *mime, const Leaf *leaf)
{
	g_autofree char *disposition = parse_type_token(leaf->disposition);
	bool wanted = !mime->body.found || (mime->body.blank && mime->text_left > 0);

	return wanted && leaf->body_place && leaf->reason == PART_REASON_NONE &&
	       strcmp(leaf->type, "text/plain") == 0 && strcmp(disposition, "attachment") != 0;
}

/* How much of a piece of decoded text may be cleaned by itself: whole lines, if it holds any; else all of
 * it, but never a CR without the LF which may follow. */
static size_t piece_length(const GString *piece)
{
	const char *lf = memrchr(piece->str, '\n', piece->len);
	const char *cr = lf == NULL ? memrchr(piece->str, '\r', piece->len - 1) : NULL;
	const char *last = lf != NULL ? lf : cr;

	if (last != NULL)
		return (size_t)(last - piece->str) + 1;
	return piece->len - (piece->str[piece->len - 1] == '\r' ? 1 : 0);
}

static void body_append(Body *body, const char *text, size_t bytes)
{
	uint64_t removed = 0;
	g_autofree char *clean = clean_body_text(text, bytes, &removed);

	g_string_append(body->text, clean);
	body->removed += removed;
}

/* Decodes and cleans piece by piece and stops at max: a tab becomes eight bytes and a byte that is not
 * UTF-8 three, so that the whole of a large mail would not fit into the memory of this process. */
static void body_read(Body *body, CharsetReader *reader, size_t max)
{
	g_autoptr(GString) piece = g_string_sized_new(PARSE_TEXT_PIECE + 8);
	bool more = true;

	while (more && body->text->len <= max) {
		more = charset_read(reader, piece, PARSE_TEXT_PIECE);
		if (piece->len == 0)
			break;
		size_t take = more ? piece_length(piece) : piece->len;
		body_append(body, piece->str, take);
		g_string_erase(piece, 0, (gssize)take);
	}
	body->cut = more || body->text->len > max;
	if (body->text->len > max) {
		parse_cut_bytes(body->text->str, max);
		g_string_truncate(body->text, strlen(body->text->str));
	}
	body->replaced = reader->replaced;
}

static void body_clear(Body *body)
{
	if (body->text != NULL)
		g_string_free(body->text, TRUE);
	g_free(body->label);
	*body = (Body) { .found = false };
}

/* A blank text that lost its place was nothing, unless it has a name or was not read to its end. */
static void body_give_up(Mime *mime)
{
	Body *body = &mime->body;
	uint32_t flags = 0;
	g_autofree char *name = leaf_name(&body->leaf, &flags);
	bool room = mime->plain->parts->len < mime->job->limits.mime_parts;

	if (body->cut || name[0] != '\0') {
		if (room)
			part_insert(mime, &body->leaf, PART_REASON_NONE, body->index);
		else
			mime->plain->limits |= MESSAGE_LIMIT_PARTS;
	}
	body_clear(body);
}

/* False: it stays an ordinary part, since it is no better than the body that is there. */
static bool body_offer(Mime *mime, const Leaf *leaf, CharsetReader *reader, const char *label)
{
	Body body = { .found = true, .leaf = *leaf, .text = g_string_new(NULL) };

	body_read(&body, reader, mime->text_left);
	mime->text_left -= body.text->len;
	body.leaf.type = "text/plain";
	body.label = g_strdup(label);
	body.used = reader->used;
	body.blank = text_is_blank(body.text->str);
	body.index = mime->plain->parts->len;
	if (mime->body.found && body.blank) {
		body_clear(&body);
		return false;
	}
	if (mime->body.found)
		body_give_up(mime);
	mime->body = body;
	return true;
}

/* The decoded bytes: the message's own when nothing is to be decoded, else in *room, which the caller
 * frees. False: damaged. */
static bool body_bytes(const Leaf *leaf, uint8_t **room, ParseRange *ret_bytes)
{
	ParseEncoding encoding = parse_encoding(leaf->encoding);
	size_t length = 0;

	*ret_bytes = leaf->content;
	if (encoding == PARSE_ENCODING_IDENTITY)
		return true;
	*room = g_malloc(leaf->content.length + 1);
	if (!parse_decode(encoding, leaf->content, *room, leaf->content.length, &length))
		return false;
	*ret_bytes = (ParseRange) { *room, length };
	return true;
}

/* Why the leaf cannot be shown, PART_REASON_NONE if it can; *ret_taken: it is the body now. */
static PartReason body_try(Mime *mime, const Leaf *leaf, bool *ret_taken)
{
	g_autofree char *label = parse_type_parameter(leaf->content_type, "charset");
	g_autofree uint8_t *room = NULL;
	Charset declared = label != NULL ? charset_from_label(label, strlen(label)) : CHARSET_US_ASCII;
	ParseRange bytes;

	if (declared == CHARSET_UNKNOWN)
		return PART_REASON_CHARSET;
	if (!body_bytes(leaf, &room, &bytes))
		return PART_REASON_DAMAGED;
	if (is_binary(bytes))
		return PART_REASON_BINARY_TEXT;
	CharsetReader reader = charset_reader(declared, bytes.bytes, bytes.length);
	*ret_taken = body_offer(mime, leaf, &reader, label != NULL ? label : "");
	return PART_REASON_NONE;
}

static void body_say(Mime *mime)
{
	ParsePlain *plain = mime->plain;
	Body *body = &mime->body;

	if (!body->found)
		return;
	if (body->cut)
		plain->limits |= MESSAGE_LIMIT_TEXT;
	parse_plain_counter(plain, PARSE_COUNTER_BODY_SOURCE, BODY_PLAIN);
	parse_plain_counter(plain, PARSE_COUNTER_REPLACED, body->replaced);
	parse_plain_counter(plain, PARSE_COUNTER_TEXT_REMOVED, body->removed);
	parse_plain_string(plain, PARSE_STRING_CHARSET_DECLARED, 0,
	                   clean_line(body->label, strlen(body->label), PARSE_TYPE_CHARS, NULL));
	parse_plain_string(plain, PARSE_STRING_CHARSET_USED, 0, g_strdup(charset_name(body->used)));
	plain->body_bytes = body->text->len;
	plain->body = g_string_free(g_steal_pointer(&body->text), FALSE);
	body_clear(body);
}

static void leaf_take(Mime *mime, const Leaf *leaf)
{
	PartReason reason = leaf->reason;
	bool taken = false;

	if (body_candidate(mime, leaf))
		reason = body_try(mime, leaf, &taken);
	if (taken)
		return;
	if (mime->plain->parts->len >= mime->job->limits.mime_parts)
		mime->plain->limits |= MESSAGE_LIMIT_PARTS;
	else
		part_insert(mime, leaf, reason, mime->plain->parts->len);
}

/* True when the part and the body are different branches of one multipart/alternative. */
static bool is_alternative_of(const PlainRecord *record, const Leaf *body)
{
	for (uint16_t d = 0; d < MIN(record->part.depth, body->depth); d++) {
		if (record->part.number[d] != body->number[d])
			return (record->sequence & UINT32_C(1) << d) != 0;
	}
	return false;
}

static void mark_alternatives(Mime *mime)
{
	for (guint i = 0; i < mime->plain->parts->len; i++) {
		PlainRecord *record = &g_array_index(mime->plain->parts, PlainRecord, i);
		bool html = strcmp(record->part.declared_type, "text/html") == 0;
		/* Beside an empty text the HTML is the message, and its loss must be told. */
		if (html && mime->body.found && !mime->body.blank &&
		    is_alternative_of(record, &mime->body.leaf))
			record->part.flags |= MESSAGE_PART_BODY_ALTERNATIVE;
		record->sequence = 0;
	}
}

/* ---- a message that is no multipart
 * ------------------------------------------------------------------------- */

static void single_leaf(Mime *mime, const ParseHead *head, char *type, ParseRange content, PartReason reason)
{
	const Leaf leaf = {
		.number = { 1 },
		.depth = 1,
		.type = type,
		.content_type = parse_head_find(head, "Content-Type"),
		.encoding = parse_head_find(head, "Content-Transfer-Encoding"),
		.disposition = parse_head_find(head, "Content-Disposition"),
		.content = content,
		.body_place = true,
		.reason = reason,
	};

	leaf_take(mime, &leaf);
}

/* ---- the walk over GMime's tree
 * ------------------------------------------------------------------------------ */

typedef struct {
	GMimeMultipart *multipart; /* borrowed from the tree */
	int next;                  /* child */
	bool body_place;
	bool alternative;
	bool digest;
} Level;

typedef struct {
	Mime *mime;
	ParseRange buffer; /* what GMime parsed; contents are ranges of it */
	Level level[PARSE_DEPTH_MAX];
	uint16_t depth; /* levels in use */
} Walk;

static GMimeHeader *object_header(GMimeObject *object, const char *name)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int count = g_mime_header_list_get_count(list);

	for (int i = 0; i < count; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		if (g_ascii_strcasecmp(g_mime_header_get_name(header), name) == 0)
			return header;
	}
	return NULL;
}

/* The raw value as it stands in the message: GMime's decoded form has been through iconv. */
static ParseRange object_field(GMimeObject *object, const char *name)
{
	GMimeHeader *header = object_header(object, name);
	const char *raw = header != NULL ? g_mime_header_get_raw_value(header) : NULL;

	if (raw == NULL)
		return (ParseRange) { NULL, 0 };
	size_t length = strlen(raw);
	while (length > 0 && (raw[length - 1] == '\n' || raw[length - 1] == '\r'))
		length--;
	return (ParseRange) { (const uint8_t *)raw, length };
}

static ParseRange buffer_range(const Walk *walk, gint64 start, gint64 end)
{
	gint64 length = (gint64)walk->buffer.length;

	if (start < 0 || start > length)
		return (ParseRange) { NULL, 0 };
	if (end < start || end > length)
		end = length;
	return (ParseRange) { walk->buffer.bytes + start, (size_t)(end - start) };
}

/* True when the line is a boundary of one of the open multiparts. */
static bool is_open_boundary(const Walk *walk, const uint8_t *line, size_t length)
{
	if (length < 3 || line[0] != '-' || line[1] != '-')
		return false;
	for (uint16_t d = 0; d < walk->depth; d++) {
		const char *boundary = g_mime_multipart_get_boundary(walk->level[d].multipart);
		size_t n = boundary != NULL ? strlen(boundary) : 0;
		if (n > 0 && length >= n + 2 && memcmp(line + 2, boundary, n) == 0)
			return true;
	}
	return false;
}

/* An attached message up to the boundary that ends it: GMime has parsed it apart and keeps no range. */
static ParseRange attached_range(const Walk *walk, size_t start)
{
	ParseRange rest = buffer_range(walk, (gint64)start, -1);

	for (size_t at = 0; at < rest.length;) {
		const uint8_t *line = rest.bytes + at;
		const uint8_t *lf = memchr(line, '\n', rest.length - at);
		size_t length = lf != NULL ? (size_t)(lf - line) : rest.length - at;
		if (!is_open_boundary(walk, line, length)) {
			at += length + 1;
			continue;
		}
		/* the line end before a boundary belongs to the boundary (RFC 2046 5.1.1) */
		size_t end = at > 0 ? at - 1 : 0;
		end -= end > 0 && rest.bytes[end - 1] == '\r' ? 1 : 0;
		return (ParseRange) { rest.bytes, end };
	}
	return rest;
}

static ParseRange attached_message(const Walk *walk, GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
	bool own = g_mime_header_list_get_count(list) > 0;

	if (!own && message == NULL)
		return (ParseRange) { NULL, 0 };
	if (!own)
		list = g_mime_object_get_header_list(GMIME_OBJECT(message));
	if (g_mime_header_list_get_count(list) == 0)
		return (ParseRange) { NULL, 0 };
	gint64 offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(list, 0));
	if (offset < 0 || (size_t)offset >= walk->buffer.length)
		return (ParseRange) { NULL, 0 };
	size_t at = (size_t)offset, end = 0, line = SIZE_MAX;
	/* over the part's own header and its empty line */
	while (own && at < walk->buffer.length && line != end) {
		line = at;
		at = parse_next_line(walk->buffer, at, &end);
	}
	return attached_range(walk, at);
}

static ParseRange object_content(const Walk *walk, GMimeObject *object)
{
	if (GMIME_IS_MESSAGE_PART(object))
		return attached_message(walk, object);
	if (!GMIME_IS_PART(object))
		return (ParseRange) { NULL, 0 };
	GMimeDataWrapper *wrapper = g_mime_part_get_content(GMIME_PART(object));
	GMimeStream *stream = wrapper != NULL ? g_mime_data_wrapper_get_stream(wrapper) : NULL;
	if (stream == NULL)
		return (ParseRange) { NULL, 0 };
	return buffer_range(walk, stream->bound_start, stream->bound_end);
}

static void walk_leaf(Walk *walk, GMimeObject *object, uint16_t number, PartReason reason)
{
	const Level *parent = &walk->level[walk->depth - 1];
	Leaf leaf = {
		.depth = walk->depth,
		.content_type = object_field(object, "Content-Type"),
		.encoding = object_field(object, "Content-Transfer-Encoding"),
		.disposition = object_field(object, "Content-Disposition"),
		.content_id = object_field(object, "Content-ID"),
		.content = object_content(walk, object),
		.body_place = parent->body_place,
		.reason = reason,
	};
	g_autofree char *type = parse_type_declared(leaf.content_type);

	if (type == NULL)
		type = g_strdup(parent->digest ? "message/rfc822" : "text/plain");
	leaf.type = type;
	for (uint16_t d = 0; d < walk->depth; d++) {
		leaf.number[d] = (uint16_t)walk->level[d].next;
		leaf.alternatives |= walk->level[d].alternative ? UINT32_C(1) << d : 0;
	}
	leaf.number[walk->depth - 1] = number;
	leaf_take(walk->mime, &leaf);
}

static void walk_enter(Walk *walk, GMimeObject *object, bool body_place)
{
	g_autofree char *type = parse_type_declared(object_field(object, "Content-Type"));
	const char *sub = type != NULL && strncmp(type, "multipart/", 10) == 0 ? type + 10 : "mixed";
	bool digest = strcmp(sub, "digest") == 0;

	/* RFC 2046 5.1.3: an unknown subtype is mixed. What is encrypted or a digest holds no body of this
	 * mail. */
	walk->level[walk->depth++] = (Level) {
		.multipart = GMIME_MULTIPART(object),
		.body_place = body_place && !digest && strcmp(sub, "encrypted") != 0,
		.alternative = strcmp(sub, "alternative") == 0,
		.digest = digest,
	};
}

static void walk_child(Walk *walk, GMimeObject *child, uint16_t number)
{
	bool container = GMIME_IS_MULTIPART(child);
	uint64_t deepest = walk->mime->job->limits.mime_depth;

	if (container && walk->depth >= deepest) {
		walk->mime->plain->limits |= MESSAGE_LIMIT_DEPTH;
		walk_leaf(walk, child, number, PART_REASON_DEPTH);
	} else if (container && g_mime_multipart_get_count(GMIME_MULTIPART(child)) > 0) {
		walk_enter(walk, child, walk->level[walk->depth - 1].body_place);
	} else {
		/* a multipart in which no part could be found is told as a damaged one */
		walk_leaf(walk, child, number, container ? PART_REASON_DAMAGED : PART_REASON_NONE);
	}
}

static bool walk_is_full(const Walk *walk)
{
	return (walk->mime->plain->limits & MESSAGE_LIMIT_PARTS) != 0;
}

static void walk_tree(Walk *walk, GMimeObject *root)
{
	walk_enter(walk, root, true);
	while (walk->depth > 0 && !walk_is_full(walk)) {
		Level *level = &walk->level[walk->depth - 1];
		if (level->next >= g_mime_multipart_get_count(level->multipart)) {
			walk->depth--;
			continue;
		}
		GMimeObject *child = g_mime_multipart_get_part(level->multipart, level->next++);
		walk_child(walk, child, (uint16_t)level->next);
	}
}

/* ---- GMime
 * ------------------------------------------------------------------------------------------------------- */

/* The Content-Type of our own reading, an empty line, and the body: so GMime and we cannot disagree about
 * where the header ends or which of two Content-Types counts. */
static GByteArray *gmime_input(const ParseHead *head, ParseRange body)
{
	static const char name[] = "Content-Type:";
	ParseRange type = parse_head_find(head, "Content-Type");
	GByteArray *input = g_byte_array_sized_new((guint)(type.length + body.length + 32));

	g_byte_array_append(input, (const guint8 *)name, sizeof name - 1);
	for (size_t i = 0; i < type.length; i++) {
		uint8_t c = type.bytes[i];
		/* unfolded: a bare CR or an odd line end must not end the field for GMime */
		const guint8 byte = memchr("\r\n", c, 2) != NULL || c == '\0' ? ' ' : c;
		g_byte_array_append(input, &byte, 1);
	}
	g_byte_array_append(input, (const guint8 *)"\n\n", 2);
	g_byte_array_append(input, body.bytes, (guint)body.length);
	return input;
}

static void multipart_message(Mime *mime, const ParseHead *head, ParseRange body, char *type)
{
	g_autoptr(GByteArray) input = gmime_input(head, body);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), input);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE); /* contents stay ranges of input */
	g_autoptr(GMimeObject) root = g_mime_parser_construct_part(parser, NULL);
	Walk walk = { .mime = mime, .buffer = { input->data, input->len } };

	if (root != NULL && GMIME_IS_MULTIPART(root) && g_mime_multipart_get_count(GMIME_MULTIPART(root)) > 0)
		walk_tree(&walk, root);
	else
		single_leaf(mime, head, type, body, PART_REASON_DAMAGED);
}

void parse_mime(const ParseJob *job, const ParseHead *head, ParsePlain *plain)
{
	Mime mime = {
		.job = job, .plain = plain, .magic_left = PARSE_MAGIC_TOTAL, .text_left = job->limits.text_out
	};
	g_autofree char *type = parse_type_declared(parse_head_find(head, "Content-Type"));
	const ParseRange body = { job->input.bytes + head->body, job->input.length - head->body };

	if (!head->structure) {
		plain->limits |= MESSAGE_LIMIT_STRUCTURE;
		return;
	}
	if (type == NULL)
		type = g_strdup("text/plain");
	if (strncmp(type, "multipart/", 10) != 0) {
		single_leaf(&mime, head, type, body, PART_REASON_NONE);
		body_say(&mime);
		return;
	}
	if (!parse_limits_body(body, &job->limits)) {
		plain->limits |= MESSAGE_LIMIT_STRUCTURE;
		return;
	}
	multipart_message(&mime, head, body, type);
	mark_alternatives(&mime);
	body_say(&mime);
}
