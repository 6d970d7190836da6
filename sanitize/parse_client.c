/* What the jailed parser says, record by record. Every record was decoded and checked as plain before
 * it comes here; here its meaning is checked: is that slot known, may it come now and again, is the
 * number in its range. Anything else ends the answer as a protocol error of that child. */
#include "parse_client_priv.h"

#include "defang_priv.h"

#include <string.h>

enum {
	PARSE_ARENA_SLACK = 64 * 1024,
	PARSE_RECORDS_BASE = 16 * 1024,
	PARSE_TEXT_BASE = 16 * 1024 * 1024,
	PARSE_TEXT_PIECE_MIN = 4096, /* pieces are cut at PLAIN_TEXT_MAX; far smaller ones are no answer */
	PARSE_LIST_MAX = 5000,       /* addresses or references of one list */
};

static const int64_t EPOCH_1900 = INT64_C(2208988800); /* seconds from 1900 to 1970 */

typedef enum { PARSE_STATE_HEADER = 1 << 0, PARSE_STATE_BODY = 1 << 1 } ParseState;

typedef struct {
	ParseResult *result;
	ParseState state;
	uint32_t strings_seen;  /* bit per slot */
	uint64_t counters_seen; /* bit per id */
	GString *body;
	uint64_t body_max;
	GArray *ranges;          /* of ParseRange, one for each part */
	const GPtrArray *wanted; /* of char *: names of header fields that the policy asks for */
	guint8 fields_seen[POLICY_FIELDS_MAX]; /* of each wanted name */
	bool auth;                             /* results of authentication were asked for */
} ParseReader;

typedef struct {
	uint64_t offset;
	uint64_t length;
} ParseRange;

static bool refuse(GError **error, const char *what)
{
	g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "jailed parser: %s", what);
	return false;
}

void parse_result_free(ParseResult *result)
{
	if (result == NULL)
		return;
	message_free(result->message);
	g_clear_pointer(&result->unread, g_ptr_array_unref);
	g_free(result);
}

/* ---- strings ------------------------------------------------------------------------------------ */

static bool take_text(char **place, const char *text)
{
	g_free(*place);
	*place = g_strdup(text);
	return true;
}

static bool take_into_list(GPtrArray *list, const char *text)
{
	if (list->len >= PARSE_LIST_MAX)
		return false;
	g_ptr_array_add(list, g_strdup(text));
	return true;
}

/* Only names that the policy asked for, each a few times. */
static bool take_field(ParseReader *reader, const PlainRecord *record, GError **error)
{
	uint16_t index = record->string.index;
	if (reader->wanted == NULL || index >= reader->wanted->len || index >= POLICY_FIELDS_MAX)
		return refuse(error, "a header field that nobody asked for");
	guint8 *seen = &reader->fields_seen[index];
	if (*seen >= PARSE_FIELDS_PER_NAME)
		return refuse(error, "too many header fields of one name");
	(*seen)++;
	MessageField *field = g_new0(MessageField, 1);
	field->name = g_strdup(g_ptr_array_index(reader->wanted, index));
	field->value = g_strdup(record->string.text);
	g_ptr_array_add(reader->result->message->fields, field);
	return true;
}

static bool on_string(ParseReader *reader, const PlainRecord *record, GError **error)
{
	Message *m = reader->result->message;
	char **const places[PARSE_STRING_SLOTS] = {
		[PARSE_STRING_SUBJECT] = &m->subject,
		[PARSE_STRING_MESSAGE_ID] = &m->message_id,
		[PARSE_STRING_LIST_ID] = &m->list_id,
		[PARSE_STRING_LIST_NAME] = &m->list_name,
		[PARSE_STRING_CHARSET_DECLARED] = &m->charset_declared,
		[PARSE_STRING_CHARSET_USED] = &m->charset_used,
	};
	uint16_t slot = record->string.slot;
	if (slot == PARSE_STRING_FIELD)
		return take_field(reader, record, error);
	if (slot == PARSE_STRING_IN_REPLY_TO)
		return take_into_list(m->in_reply_to, record->string.text) || refuse(error, "too many ids");
	if (slot == PARSE_STRING_REFERENCE)
		return take_into_list(m->references, record->string.text) || refuse(error, "too many ids");
	if (slot >= PARSE_STRING_SLOTS || places[slot] == NULL)
		return refuse(error, "an unknown string");
	if ((reader->strings_seen & (1U << slot)) != 0)
		return refuse(error, "a string that came before");
	reader->strings_seen |= 1U << slot;
	return take_text(places[slot], record->string.text);
}

static bool on_address(ParseReader *reader, const PlainRecord *record, GError **error)
{
	const Message *m = reader->result->message;
	GPtrArray *const lists[PARSE_ADDRESS_SLOTS] = {
		[PARSE_ADDRESS_FROM] = m->from,
		[PARSE_ADDRESS_SENDER] = m->sender,
		[PARSE_ADDRESS_REPLY_TO] = m->reply_to,
		[PARSE_ADDRESS_TO] = m->to,
		[PARSE_ADDRESS_CC] = m->cc,
	};
	uint16_t slot = record->address.slot;
	if (slot >= PARSE_ADDRESS_SLOTS || lists[slot] == NULL)
		return refuse(error, "an unknown address list");
	if (record->address.index != lists[slot]->len || lists[slot]->len >= PARSE_LIST_MAX)
		return refuse(error, "an address out of its order");
	MailAddress *address = g_new0(MailAddress, 1);
	address->name = g_strdup(record->address.name);
	address->local = g_strdup(record->address.local);
	address->domain = g_strdup(record->address.domain);
	g_ptr_array_add(lists[slot], address);
	return true;
}

/* ---- counters ------------------------------------------------------------------------------------- */

/* Where a count goes that is nothing but a number. */
static uint64_t *count_place(Message *m, ParseCounter id)
{
	uint64_t *const places[PARSE_COUNTER_IDS] = {
		[PARSE_COUNTER_REPLACED] = &m->replaced,
		[PARSE_COUNTER_TEXT_REMOVED] = &m->text_removed,
		[PARSE_COUNTER_HIDDEN_CHARS] = &m->hidden_chars,
		[PARSE_COUNTER_LINK_MISMATCHES] = &m->link_mismatches,
		[PARSE_COUNTER_LINKS_REMOVED] = &m->links_removed,
		[PARSE_COUNTER_LINKS_FLAGGED] = &m->links_flagged,
		[PARSE_COUNTER_PICTURES] = &m->pictures,
		[PARSE_COUNTER_PASSWORD_FIELDS] = &m->password_fields,
		[PARSE_COUNTER_NESTED_MESSAGES] = &m->nested_messages,
		[PARSE_COUNTER_OUTSIDE_BYTES] = &m->outside_bytes,
		[PARSE_COUNTER_OBJECTS] = &m->objects,
		[PARSE_COUNTER_MARKS_REMOVED] = &m->marks_removed,
		[PARSE_COUNTER_BIDI_REMOVED] = &m->bidi_removed,
		[PARSE_COUNTER_PRIVATE_USE] = &m->private_use,
		[PARSE_COUNTER_HEADER_REMOVED] = &m->header_removed,
		[PARSE_COUNTER_HEADER_REPLACED] = &m->header_replaced,
	};
	return places[id];
}

static void set_other(Message *m, ParseCounter id, uint64_t value)
{
	switch ((int)id) {
	case PARSE_COUNTER_DATE:
		m->has_date = true;
		m->date = (int64_t)value - EPOCH_1900;
		break;
	case PARSE_COUNTER_DATE_ZONE:
		m->date_zone = (int)value - 720;
		break;
	case PARSE_COUNTER_AUTO_SUBMITTED:
		m->auto_submitted = (AutoSubmitted)value;
		break;
	case PARSE_COUNTER_IMPORTANCE:
		m->importance = (Importance)value;
		break;
	case PARSE_COUNTER_RECEIVED:
		m->received = (uint32_t)value;
		break;
	case PARSE_COUNTER_HOPS:
		m->hops = (uint32_t)value;
		break;
	case PARSE_COUNTER_LIMITS:
		m->limits = (uint32_t)value;
		break;
	case PARSE_COUNTER_BODY_SOURCE:
		m->body_source = (BodySource)value;
		break;
	case PARSE_COUNTER_CHARSET_REPAIRED:
		m->charset_repaired = value != 0;
		break;
	case PARSE_COUNTER_HEADER_REPAIRED:
		m->header_repaired = value != 0;
		break;
	case PARSE_COUNTER_UNDISCLOSED:
		m->undisclosed = value != 0;
		break;
	case PARSE_COUNTER_DATE_ZONELESS:
		m->date_zoneless = value != 0;
		break;
	case PARSE_COUNTER_ALTERNATIVE_DIFFERS:
		m->alternative_differs = value != 0;
		break;
	case PARSE_COUNTER_AUTH_SPF:
	case PARSE_COUNTER_AUTH_DKIM:
	case PARSE_COUNTER_AUTH_DMARC:
		m->auth[id - PARSE_COUNTER_AUTH_SPF] = (AuthResult)value;
		break;
	default:
		g_assert_not_reached(); /* on_counter knows its range, count_place the rest */
	}
}

static bool is_sign(unsigned id)
{
	return id >= PARSE_COUNTER_SIGN_FIRST && id <= PARSE_COUNTER_SIGN_LAST;
}

static void set_counter(Message *m, ParseCounter id, uint64_t value)
{
	uint64_t *place = count_place(m, id);
	if (place != NULL)
		*place = value;
	else if (is_sign(id))
		m->signs[id - PARSE_COUNTER_SIGN_FIRST] = (uint32_t)value;
	else
		set_other(m, id, value);
}

static bool on_counter(ParseReader *reader, const PlainRecord *record, GError **error)
{
	static const uint64_t maximum[PARSE_COUNTER_IDS] = {
		[PARSE_COUNTER_DATE] = UINT64_C(255611289600), /* 9999-12-31 and a day */
		[PARSE_COUNTER_DATE_ZONE] = 720 + 840,
		[PARSE_COUNTER_AUTO_SUBMITTED] = AUTO_SUBMITTED_COUNT - 1,
		[PARSE_COUNTER_IMPORTANCE] = IMPORTANCE_COUNT - 1,
		[PARSE_COUNTER_RECEIVED] = 1000 * 1000,
		[PARSE_COUNTER_HOPS] = 1000 * 1000,
		[PARSE_COUNTER_BODY_SOURCE] = BODY_SOURCE_COUNT - 1,
		[PARSE_COUNTER_REPLACED] = UINT32_MAX,
		[PARSE_COUNTER_TEXT_REMOVED] = UINT32_MAX,
		[PARSE_COUNTER_LIMITS] = UINT32_MAX, /* its bits are checked below */
		[PARSE_COUNTER_CHARSET_REPAIRED] = 1,
		[PARSE_COUNTER_ALTERNATIVE_DIFFERS] = 1,
		[PARSE_COUNTER_HIDDEN_CHARS] = UINT32_MAX,
		[PARSE_COUNTER_LINK_MISMATCHES] = UINT32_MAX,
		[PARSE_COUNTER_LINKS_REMOVED] = UINT32_MAX,
		[PARSE_COUNTER_LINKS_FLAGGED] = UINT32_MAX,
		[PARSE_COUNTER_PICTURES] = UINT32_MAX,
		[PARSE_COUNTER_PASSWORD_FIELDS] = UINT32_MAX,
		[PARSE_COUNTER_NESTED_MESSAGES] = 1000 * 1000,
		[PARSE_COUNTER_OUTSIDE_BYTES] = UINT32_MAX,
		[PARSE_COUNTER_OBJECTS] = UINT32_MAX,
		[PARSE_COUNTER_AUTH_SPF] = AUTH_RESULT_COUNT - 1,
		[PARSE_COUNTER_AUTH_DKIM] = AUTH_RESULT_COUNT - 1,
		[PARSE_COUNTER_AUTH_DMARC] = AUTH_RESULT_COUNT - 1,
		[PARSE_COUNTER_MARKS_REMOVED] = UINT32_MAX,
		[PARSE_COUNTER_BIDI_REMOVED] = UINT32_MAX,
		[PARSE_COUNTER_PRIVATE_USE] = UINT32_MAX,
		[PARSE_COUNTER_HEADER_REMOVED] = UINT32_MAX,
		[PARSE_COUNTER_HEADER_REPLACED] = UINT32_MAX,
		[PARSE_COUNTER_HEADER_REPAIRED] = 1,
		[PARSE_COUNTER_UNDISCLOSED] = 1,
		[PARSE_COUNTER_DATE_ZONELESS] = 1,
	};
	G_STATIC_ASSERT(PARSE_COUNTER_SIGN_LAST - PARSE_COUNTER_SIGN_FIRST + 1 == (int)MESSAGE_SIGNS);
	G_STATIC_ASSERT(PARSE_COUNTER_IDS <= 64);
	static const uint64_t sign_maximum = 1000 * 1000;
	uint16_t id = record->counter.id;
	if (id == 0 || id >= PARSE_COUNTER_IDS)
		return refuse(error, "an unknown counter");
	if ((reader->counters_seen & (UINT64_C(1) << id)) != 0)
		return refuse(error, "a counter that came before");
	if (record->counter.value > (is_sign(id) ? sign_maximum : maximum[id]))
		return refuse(error, "a counter out of its range");
	if (id >= PARSE_COUNTER_AUTH_SPF && id <= PARSE_COUNTER_AUTH_DMARC && !reader->auth)
		return refuse(error, "a result of authentication that nobody asked for");
	if (id == PARSE_COUNTER_LIMITS && (record->counter.value & ~(uint64_t)MESSAGE_LIMIT_ALL) != 0)
		return refuse(error, "a limit that only the trusted side may say");
	reader->counters_seen |= UINT64_C(1) << id;
	set_counter(reader->result->message, (ParseCounter)id, record->counter.value);
	return true;
}

/* ---- parts and text --------------------------------------------------------------------------------- */

static char *number_text(const PlainRecord *record)
{
	GString *text = g_string_new(NULL);
	for (unsigned i = 0; i < record->part.depth; i++)
		g_string_append_printf(text, "%s%u", i > 0 ? "." : "", record->part.number[i]);
	return g_string_free(text, FALSE);
}

static bool on_part(ParseReader *reader, const PlainRecord *record, GError **error)
{
	static const uint32_t known_flags = MESSAGE_PART_INLINE | MESSAGE_PART_BODY_ALTERNATIVE |
	                                    MESSAGE_PART_NAME_REPAIRED | MESSAGE_PART_NAME_DISGUISED;
	if (record->part.reason >= PART_REASON_JAILED || (record->part.flags & ~known_flags) != 0)
		return refuse(error, "a part with an unknown reason or flag");
	MessagePart *part = g_new0(MessagePart, 1);
	part->number = number_text(record);
	part->name = g_strdup(record->part.name);
	part->declared_type = g_strdup(record->part.declared_type);
	part->true_type = g_strdup(record->part.true_type);
	part->bytes = record->part.bytes;
	part->flags = record->part.flags;
	part->reason = (PartReason)record->part.reason;
	for (unsigned i = 0; i < sizeof record->part.sha256; i++)
		g_snprintf(part->sha256 + 2 * i, 3, "%02x", record->part.sha256[i]);
	g_ptr_array_add(reader->result->message->parts, part);
	const ParseRange range = { record->part.offset, record->part.length };
	g_array_append_val(reader->ranges, range);
	reader->state = PARSE_STATE_BODY;
	return true;
}

static bool on_text(ParseReader *reader, const PlainRecord *record, GError **error)
{
	if (record->text.stream != PARSE_TEXT_BODY)
		return refuse(error, "an unknown text");
	if (record->text.bytes > reader->body_max - reader->body->len)
		return refuse(error, "more text than was asked for");
	g_string_append_len(reader->body, record->text.text, (gssize)record->text.bytes);
	reader->state = PARSE_STATE_BODY;
	return true;
}

static bool on_end(ParseReader *reader, const PlainRecord *record, GError **error)
{
	if (record->end.status >= PARSE_STATUSES)
		return refuse(error, "an unknown end");
	reader->result->is_mail = record->end.status == PARSE_STATUS_COMPLETE;
	return true;
}

static const struct {
	PlainType type;
	unsigned states;
	bool (*handler)(ParseReader *, const PlainRecord *, GError **);
} handlers[] = {
	{ PLAIN_COUNTER, PARSE_STATE_HEADER, on_counter },
	{ PLAIN_STRING, PARSE_STATE_HEADER, on_string },
	{ PLAIN_ADDRESS, PARSE_STATE_HEADER, on_address },
	{ PLAIN_PART, PARSE_STATE_HEADER | PARSE_STATE_BODY, on_part },
	{ PLAIN_TEXT, PARSE_STATE_HEADER | PARSE_STATE_BODY, on_text },
	{ PLAIN_END, PARSE_STATE_HEADER | PARSE_STATE_BODY, on_end },
};

static bool take_record(void *user, const PlainRecord *record, GError **error)
{
	ParseReader *reader = user;
	for (size_t i = 0; i < G_N_ELEMENTS(handlers); i++) {
		if (handlers[i].type != record->type)
			continue;
		if ((handlers[i].states & reader->state) == 0)
			return refuse(error, "a record out of its order");
		return handlers[i].handler(reader, record, error);
	}
	return refuse(error, "a record of a type that has no place here");
}

/* ---- the run --------------------------------------------------------------------------------------------
 */

/* What one run asks for. */
typedef struct {
	ParseRequest request;
	const Unread *input;
	uint64_t arena;   /* bytes for decoded parts */
	const char *text; /* of the job; ours or the administrator's, never a mail's */
	bool auth;        /* it names an authserv-id */
	unsigned kind;    /* ParseTextKind */
	unsigned width;   /* of its lines, 0: not wrapped */
	PolicyDefang defang;
	ConfLimits limits;
} ParseAsk;

static DefangMode defang_mode_of(PolicyDefang defang)
{
	static const DefangMode modes[] = {
		[POLICY_DEFANG_NEVER] = DEFANG_NEVER,
		[POLICY_DEFANG_FLAGGED] = DEFANG_FLAGGED,
		[POLICY_DEFANG_ALL] = DEFANG_ALL,
	};

	return modes[defang];
}

static ChildJob job_of(const ParseContext *context, const ParseAsk *ask, Arena *arena)
{
	const ConfLimits *limits = &ask->limits;
	const ConfSettings *settings = context->settings;
	return (ChildJob) {
		.request = (uint16_t)ask->request,
		.number = {
			[PARSE_NUMBER_HEADER_BLOCK] = limits->header_block,
			[PARSE_NUMBER_HEADER_FIELD] = limits->header_field,
			[PARSE_NUMBER_HEADER_FIELDS] = limits->header_fields,
			[PARSE_NUMBER_MIME_DEPTH] = limits->mime_depth,
			[PARSE_NUMBER_MIME_PARTS] = limits->mime_parts,
			[PARSE_NUMBER_TEXT_OUT] = limits->text_out,
			[PARSE_NUMBER_ENGLISH] = settings->language == CONF_LANGUAGE_EN,
			[PARSE_NUMBER_PREFER_PLAIN] = settings->text_prefer == CONF_TEXT_PLAIN,
			[PARSE_NUMBER_TEXT_KIND] = ask->kind,
			[PARSE_NUMBER_TEXT_WIDTH] = ask->width,
			[PARSE_NUMBER_DEFANG] = defang_mode_of(ask->defang),
			[PARSE_NUMBER_ONE_HOP] = settings->topology == CONF_ONE_HOP,
		},
		.text = ask->text,
		.input = { ask->input },
		.arena = arena,
		.caps = {
			.types = 1U << PLAIN_STRING | 1U << PLAIN_ADDRESS | 1U << PLAIN_TEXT |
			         1U << PLAIN_PART | 1U << PLAIN_COUNTER,
			.max_records = (uint32_t)(PARSE_RECORDS_BASE + limits->mime_parts +
			                          limits->text_out / PARSE_TEXT_PIECE_MIN),
			.max_text_bytes = limits->text_out + PARSE_TEXT_BASE,
			.max_parts = (uint32_t)limits->mime_parts,
			.max_part_depth = PLAIN_DEPTH_MAX,
		},
	};
}

static const char *kind_of(const ParseContext *context, const ParseAsk *ask)
{
	if (ask->request != PARSE_REQUEST_TEXT)
		return "parse";
	return context->text_kind != NULL ? context->text_kind : "text";
}

static Child *open_child(const ParseContext *context, const ParseAsk *ask, uint64_t arena, GError **error)
{
	const ConfLimits *limits = &ask->limits;
	const ChildRequest request = {
		.kind = kind_of(context, ask),
		.memory = limits->parse_memory + unread_length(ask->input),
		.memfds = arena,
		.cpu_ms = (uint32_t)limits->parse_cpu,
		.wall_ms = (uint32_t)MIN(limits->parse_wall, context->wall_ms),
		.wait_ms = (uint32_t)MIN(context->settings->work_wait, context->wall_ms),
		.progress = context->progress,
		.progress_user = context->progress_user,
		.slow = context->slow,
		.slow_cpu_ms = context->slow_cpu_ms,
	};
	return supervisor_child(context->supervisor, &request, error);
}

static bool take_ranges(const ParseReader *reader, Arena *arena, GError **error)
{
	for (guint i = 0; i < reader->ranges->len; i++) {
		const ParseRange *range = &g_array_index(reader->ranges, ParseRange, i);
		Unread *unread = NULL;
		if (range->length > 0) {
			unread = unread_new(arena, range->offset, range->length, error);
			if (unread == NULL)
				return false;
		}
		g_ptr_array_add(reader->result->unread, unread);
	}
	return true;
}

static void unref_unread(void *unread)
{
	unread_unref(unread);
}

static bool run_child(ParseReader *reader, const ParseContext *context, const ParseAsk *ask, GError **error)
{
	g_autoptr(Arena) arena = arena_new("mugai-parts", ask->arena, error);
	if (arena == NULL)
		return false;
	const ChildJob job = job_of(context, ask, arena);
	g_autoptr(Child) child = open_child(context, ask, arena_size(arena), error);
	if (child == NULL || !child_start(child, &job, error) || 
	    !child_read(child, take_record, reader, &reader->result->usage, error))
		return false;
	return take_ranges(reader, arena, error);
}

/* Where the records of an answer come from: a child that is asked, or a list. */
typedef struct {
	const ParseContext *context;
	const ParseAsk *ask;
	const GPtrArray *records; /* of PlainRecord */
} ParseSource;

static bool read_records(ParseReader *reader, const GPtrArray *records, GError **error)
{
	for (guint i = 0; i < records->len; i++)
		if (!take_record(reader, g_ptr_array_index(records, i), error))
			return false;
	return true;
}

/* wanted: names of header fields, may be NULL. */
static ParseResult *read_source(const ParseSource *source, uint64_t text_max, const GPtrArray *wanted,
                                GError **error)
{
	g_autoptr(ParseResult) result = g_new0(ParseResult, 1);
	result->message = message_new();
	result->unread = g_ptr_array_new_with_free_func(unref_unread);
	g_autoptr(GString) body = g_string_new(NULL);
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(ParseRange));
	ParseReader reader = { .result = result,
		               .state = PARSE_STATE_HEADER,
		               .body = body,
		               .body_max = text_max,
		               .ranges = ranges,
		               .wanted = wanted };
	/* A list answers everything that can be asked. */
	reader.auth = source->ask == NULL || source->ask->auth;
	bool good = source->records != NULL ? read_records(&reader, source->records, error)
	                                    : run_child(&reader, source->context, source->ask, error);
	if (!good)
		return NULL;
	g_free(result->message->body);
	result->message->body = g_string_free(g_steal_pointer(&body), FALSE);
	return g_steal_pointer(&result);
}

ParseResult *parse_result_of_records(const GPtrArray *records, uint64_t text_max, const GPtrArray *wanted,
                                     GError **error)
{
	const ParseSource source = { .records = records };
	return read_source(&source, text_max, wanted, error);
}

static ParseResult *run(const ParseContext *context, const ParseAsk *ask, const GPtrArray *wanted,
                        GError **error)
{
	const ParseSource source = { .context = context, .ask = ask };
	return read_source(&source, ask->limits.text_out, wanted, error);
}

/* What is wanted of the header: ParseRequest has its form. */
static char *header_text(const ParseContext *context, const char *fields)
{
	G_STATIC_ASSERT(POLICY_FIELDS_BYTES + 1 + CONF_DOMAIN_BYTES < JOB_TEXT_MAX);
	return g_strconcat(fields, "\n", context->settings->authserv_id, NULL);
}

static bool wants_auth(const ParseContext *context)
{
	return *context->settings->authserv_id != '\0';
}

ParseResult *parse_run(const ParseContext *context, Sealed *original, GError **error)
{
	g_autoptr(Unread) input = unread_of_sealed(original);
	const Policy *policy = context->policy;
	g_autofree char *text = header_text(context, policy != NULL ? policy_fields_text(policy) : "");
	const ParseAsk ask = { .request = PARSE_REQUEST_MESSAGE,
		               .input = input,
		               .arena = sealed_length(original) + PARSE_ARENA_SLACK,
		               .text = text,
		               .auth = wants_auth(context),
		               .defang = policy != NULL ? policy_defang(policy) : POLICY_DEFANG_FLAGGED,
		               .limits = context->settings->limits };
	return run(context, &ask, policy != NULL ? policy_fields(policy) : NULL, error);
}

ParseResult *parse_run_headers(const ParseContext *context, Sealed *original, uint64_t bytes, GError **error)
{
	g_autoptr(Unread) input = unread_beginning(original, MIN(bytes, PARSE_HEADERS_BYTES), error);
	if (input == NULL)
		return NULL;
	g_autofree char *text = header_text(context, "");
	ParseAsk ask = { .request = PARSE_REQUEST_HEADERS,
		         .input = input,
		         .text = text,
		         .auth = wants_auth(context),
		         .limits = context->settings->limits };
	ask.limits.header_block = MIN(ask.limits.header_block, PARSE_HEADERS_BYTES);
	ask.limits.header_fields = MIN(ask.limits.header_fields, PARSE_HEADERS_FIELDS);
	ask.limits.parse_cpu = MIN(ask.limits.parse_cpu, PARSE_HEADERS_CPU_MS);
	ask.limits.parse_memory = MIN(ask.limits.parse_memory, PARSE_HEADERS_MEMORY);
	return run(context, &ask, NULL, error);
}

ParseResult *parse_run_text(const ParseContext *context, const Unread *body, const SanitizeTextOptions *options,
                            GError **error)
{
	const ParseAsk ask = { .request = PARSE_REQUEST_TEXT,
		               .input = body,
		               .text = options->charset,
		               .kind = options->kind,
		               .width = options->width,
		               .defang = options->defang,
		               .limits = context->settings->limits };
	return run(context, &ask, NULL, error);
}
