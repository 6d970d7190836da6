/* parse_headers: the raw fields -> what the clean message may say of the original's header.
 *
 * Of a repeated field the first counts; To and Cc are joined. Nothing is copied: each value is parsed to
 * Unicode, addresses or numbers.
 */
#include "clean_text.h"
#include "parse_code_priv.h"

#include <string.h>

/* ---- text ------------------------------------------------------------------------------------------------
 */

static void header_subject(const ParseHead *head, ParsePlain *plain)
{
	ParseRange value = parse_head_find(head, "Subject");
	bool cut = false;

	if (value.bytes == NULL)
		return;
	parse_plain_string(plain, PARSE_STRING_SUBJECT, 0,
	                   parse_words_line_with(value, PARSE_SUBJECT_CHARS, &plain->charsets, &cut, NULL));
	if (cut)
		plain->limits |= MESSAGE_LIMIT_SUBJECT;
}

static bool is_dot_atom(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!g_ascii_isalnum(text[i]) && strchr("!#$%&'*+-/=?^_`{|}~.", text[i]) == NULL)
			return false;
		if (text[i] == '.' && (i == 0 || i + 1 == length || text[i - 1] == '.'))
			return false;
	}
	return length > 0;
}

/* "Name of the list" <list.example.jp> */
static void header_list_id(const ParseHead *head, ParsePlain *plain)
{
	ParseRange value = parse_head_find(head, "List-Id");
	const uint8_t *open = value.length > 0 ? memrchr(value.bytes, '<', value.length) : NULL;

	if (open == NULL)
		return;
	const char *id = (const char *)open + 1;
	size_t left = value.length - (size_t)(open + 1 - value.bytes);
	const char *close = memchr(id, '>', left);
	if (close == NULL || close - id > 253 || memchr(id, '\0', (size_t)(close - id)) != NULL)
		return;
	if (!is_dot_atom(id, (size_t)(close - id)))
		return;
	g_autofree char *name =
	        parse_words_line_with((ParseRange) { value.bytes, (size_t)(open - value.bytes) },
	                              PARSE_PHRASE_CHARS, &plain->charsets, NULL, NULL);
	size_t length = strlen(name);
	bool quoted = length >= 2 && name[0] == '"' && name[length - 1] == '"';
	parse_plain_string(plain, PARSE_STRING_LIST_ID, 0, g_strndup(id, (gsize)(close - id)));
	parse_plain_string(plain, PARSE_STRING_LIST_NAME, 0,
	                   quoted ? clean_line(name + 1, length - 2, PARSE_PHRASE_CHARS, NULL)
	                          : g_steal_pointer(&name));
}

/* ---- message ids ------------------------------------------------------------------------------------------
 */

/* The text between < and >, without the blanks of folds; NULL when it cannot be an id. Of its form nothing is
 * asked: the assembler gives one that it cannot write another form. */
static char *id_text(const uint8_t *bytes, size_t length)
{
	g_autoptr(GString) id = g_string_new(NULL);

	for (size_t i = 0; i < length; i++) {
		if (memchr(" \t\r\n", bytes[i], 4) != NULL)
			continue;
		if (bytes[i] <= 0x20 || bytes[i] >= 0x7f || bytes[i] == '<')
			return NULL;
		g_string_append_c(id, (char)bytes[i]);
	}
	return id->len > 0 && id->len <= PARSE_ID_BYTES ? g_strdup(id->str) : NULL;
}

/* Without < and >, as some programs write it: a word with an `@`, among others that are none. */
static void bare_ids(ParseRange value, GPtrArray *ids)
{
	size_t start = 0;

	for (size_t at = 0; at <= value.length; at++) {
		if (at < value.length && memchr(" \t\r\n,", value.bytes[at], 5) == NULL)
			continue;
		bool id = at > start && memchr(value.bytes + start, '@', at - start) != NULL;
		char *text = id ? id_text(value.bytes + start, at - start) : NULL;
		if (text != NULL)
			g_ptr_array_add(ids, text);
		start = at + 1;
	}
}

static GPtrArray *ids_of(ParseRange value)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);

	if (value.length == 0)
		return ids;
	if (memchr(value.bytes, '<', value.length) == NULL)
		bare_ids(value, ids);
	const uint8_t *end = value.bytes + value.length;
	const uint8_t *open = memchr(value.bytes, '<', value.length);

	while (open != NULL) {
		const uint8_t *close = memchr(open, '>', (size_t)(end - open));
		if (close == NULL)
			break;
		char *id = id_text(open + 1, (size_t)(close - open - 1));
		if (id != NULL)
			g_ptr_array_add(ids, id);
		open = memchr(close, '<', (size_t)(end - close));
	}
	return ids;
}

/* Past the cap the first and the newest stay, as RFC 5322 readers thread by these. */
static void header_ids(const ParseHead *head, ParsePlain *plain, const char *field, ParseString slot)
{
	g_autoptr(GPtrArray) ids = ids_of(parse_head_find(head, field));

	if (ids->len > PARSE_IDS_MAX) {
		g_ptr_array_remove_range(ids, 1, ids->len - PARSE_IDS_MAX);
		plain->limits |= MESSAGE_LIMIT_REFERENCES;
	}
	for (guint i = 0; i < ids->len; i++)
		parse_plain_string(plain, slot, i, g_strdup(g_ptr_array_index(ids, i)));
}

static void header_message_id(const ParseHead *head, ParsePlain *plain)
{
	g_autoptr(GPtrArray) ids = ids_of(parse_head_find(head, "Message-ID"));

	if (ids->len > 0)
		parse_plain_string(plain, PARSE_STRING_MESSAGE_ID, 0, g_strdup(g_ptr_array_index(ids, 0)));
}

/* ---- addresses
 * --------------------------------------------------------------------------------------------- */

typedef struct {
	const char *field;
	ParseAddress slot;
	bool joined; /* all occurrences count */
} AddressField;

static const AddressField address_fields[] = {
	{ "From", PARSE_ADDRESS_FROM, false },
	{ "Sender", PARSE_ADDRESS_SENDER, false },
	{ "Reply-To", PARSE_ADDRESS_REPLY_TO, false },
	{ "To", PARSE_ADDRESS_TO, true },
	{ "Cc", PARSE_ADDRESS_CC, true },
};

static void header_addresses(const ParseHead *head, ParsePlain *plain, const AddressField *row)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	bool group = false;

	for (guint i = 0; i < head->fields->len; i++) {
		const ParseField *field = &g_array_index(head->fields, ParseField, i);
		if (!parse_field_is(field, row->field))
			continue;
		group |= field->value.length > 0 &&
		         memmem(field->value.bytes, field->value.length, ":", 1) != NULL;
		if (!parse_addresses_with(field->value, &plain->charsets, list, PARSE_ADDRESSES_MAX))
			plain->limits |= MESSAGE_LIMIT_ADDRESSES;
		if (!row->joined)
			break;
	}
	for (guint i = 0; i < list->len; i++) {
		const ParseAddressLine line = { row->slot, (uint16_t)i, g_ptr_array_index(list, i) };
		g_array_append_val(plain->addresses, line);
	}
	if (row->joined && group && list->len == 0)
		parse_plain_counter(plain, PARSE_COUNTER_UNDISCLOSED, 1);
}

/* ---- numbers
 * ------------------------------------------------------------------------------------------------- */

/* 1900-01-01 to 1970-01-01: 70 years, 17 of them leap years. */
static const int64_t seconds_1900_to_1970 = (70 * INT64_C(365) + 17) * 86400;

static void header_date(const ParseHead *head, ParsePlain *plain)
{
	ParseDate date = { .seconds = 0 };

	if (!parse_date(parse_head_find(head, "Date"), &date))
		return;
	parse_plain_counter(plain, PARSE_COUNTER_DATE, (uint64_t)(date.seconds + seconds_1900_to_1970));
	parse_plain_counter(plain, PARSE_COUNTER_DATE_ZONE, (uint64_t)(date.zone + 720));
	if (!date.zoned)
		parse_plain_counter(plain, PARSE_COUNTER_DATE_ZONELESS, 1);
}

typedef struct {
	const char *word;
	unsigned value;
} Word;

static unsigned word_value(ParseRange value, const Word *words, size_t count)
{
	g_autofree char *token = parse_type_token(value);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(token, words[i].word) == 0)
			return words[i].value;
	}
	return 0;
}

static void header_auto_submitted(const ParseHead *head, ParsePlain *plain)
{
	static const Word words[] = {
		{ "no", AUTO_SUBMITTED_NO },
		{ "auto-generated", AUTO_SUBMITTED_GENERATED },
		{ "auto-replied", AUTO_SUBMITTED_REPLIED },
		{ "auto-notified", AUTO_SUBMITTED_NOTIFIED },
	};
	unsigned found = word_value(parse_head_find(head, "Auto-Submitted"), words, G_N_ELEMENTS(words));

	if (found != AUTO_SUBMITTED_ABSENT)
		parse_plain_counter(plain, PARSE_COUNTER_AUTO_SUBMITTED, found);
}

static void header_importance(const ParseHead *head, ParsePlain *plain)
{
	static const Word importance[] = {
		{ "high", IMPORTANCE_HIGH },
		{ "normal", IMPORTANCE_NORMAL },
		{ "low", IMPORTANCE_LOW },
	};
	static const Word priority[] = {
		{ "1", IMPORTANCE_HIGH }, { "2", IMPORTANCE_HIGH }, { "3", IMPORTANCE_NORMAL },
		{ "4", IMPORTANCE_LOW },  { "5", IMPORTANCE_LOW },
	};
	unsigned found =
	        word_value(parse_head_find(head, "Importance"), importance, G_N_ELEMENTS(importance));

	if (found == IMPORTANCE_ABSENT)
		found = word_value(parse_head_find(head, "X-Priority"), priority, G_N_ELEMENTS(priority));
	if (found != IMPORTANCE_ABSENT)
		parse_plain_counter(plain, PARSE_COUNTER_IMPORTANCE, found);
}

static uint64_t hops_of(ParseRange value)
{
	g_autofree char *token = parse_type_token(value);
	guint64 hops = 0;

	if (!g_ascii_isdigit(token[0]))
		return 0;
	hops = g_ascii_strtoull(token, NULL, 10);
	return MIN(hops, (guint64)PARSE_HOPS_MAX);
}

/* The largest of all X-Mugai-Hops counts, not the first: a small one written above it by whoever made the
 * loop must not keep the loop alive. */
static void header_counts(const ParseHead *head, ParsePlain *plain)
{
	uint64_t received = 0, hops = 0;

	for (guint i = 0; i < head->fields->len; i++) {
		const ParseField *field = &g_array_index(head->fields, ParseField, i);
		received += parse_field_is(field, "Received") ? 1 : 0;
		if (parse_field_is(field, "X-Mugai-Hops"))
			hops = MAX(hops, hops_of(field->value));
	}
	parse_plain_counter(plain, PARSE_COUNTER_RECEIVED, received);
	parse_plain_counter(plain, PARSE_COUNTER_HOPS, hops);
}

/* Of the whole field: which of its addresses are shown does not matter. */
static void header_removed(const ParseHead *head, ParsePlain *plain)
{
	for (guint i = 0; i < head->fields->len; i++) {
		const ParseField *field = &g_array_index(head->fields, ParseField, i);
		uint64_t removed = 0;
		bool shown = parse_field_is(field, "Subject") || parse_field_is(field, "List-Id");
		for (size_t n = 0; n < G_N_ELEMENTS(address_fields) && !shown; n++)
			shown = parse_field_is(field, address_fields[n].field);
		if (!shown)
			continue;
		g_free(parse_words_line(field->value, SIZE_MAX, NULL, &removed));
		parse_plain_count(plain, PARSE_COUNTER_HEADER_REMOVED, removed);
	}
}

/* The text of the mail was not read, or is ASCII: its label is all there is. */
static void header_charset(const ParseHead *head, ParsePlain *plain)
{
	if (plain->charsets.hint != CHARSET_UNKNOWN)
		return;
	g_autofree char *label = parse_type_parameter(parse_head_find(head, "Content-Type"), "charset");
	plain->charsets.hint = label != NULL ? charset_from_label(label, strlen(label)) : CHARSET_UNKNOWN;
}

void parse_headers(const ParseHead *head, ParsePlain *plain)
{
	header_charset(head, plain);
	plain->limits |= head->limits;
	header_date(head, plain);
	header_auto_submitted(head, plain);
	header_importance(head, plain);
	header_counts(head, plain);
	header_subject(head, plain);
	header_message_id(head, plain);
	header_ids(head, plain, "In-Reply-To", PARSE_STRING_IN_REPLY_TO);
	header_ids(head, plain, "References", PARSE_STRING_REFERENCE);
	header_list_id(head, plain);
	for (size_t i = 0; i < G_N_ELEMENTS(address_fields); i++)
		header_addresses(head, plain, &address_fields[i]);
	header_removed(head, plain);
}

/* ---- what the conditions of a policy want to see
 * -------------------------------------------------------------- */

enum {
	WANTED_BYTES = 12000, /* as much at least as is shown of a Subject, and ... */
	WANTED_END = 1000,    /* ... these last characters */
	WANTED_HALF = PARSE_FIELDS_PER_NAME / 2,
};

static unsigned count_fields(const ParseHead *head, const char *name)
{
	unsigned count = 0;

	for (guint i = 0; i < head->fields->len; i++)
		count += parse_field_is(&g_array_index(head->fields, ParseField, i), name) ? 1 : 0;
	return count;
}

static void wanted_value(const ParseField *field, size_t index, ParsePlain *plain)
{
	ParseCharsets charsets = { plain->charsets.hint, false };
	char *value = parse_words_line_with(field->value, SIZE_MAX, &charsets, NULL, NULL);

	if (parse_cut_middle(value, WANTED_BYTES, WANTED_END))
		plain->limits |= MESSAGE_LIMIT_CONDITIONS;
	parse_plain_string(plain, PARSE_STRING_FIELD, index, value);
}

/* The first and the last: a mail server of ours writes its field above or below those of the sender, who can
 * put as many as he likes between. */
static void header_wanted(const ParseHead *head, const char *name, size_t index, ParsePlain *plain)
{
	unsigned count = count_fields(head, name), found = 0;

	if (count > 2 * WANTED_HALF)
		plain->limits |= MESSAGE_LIMIT_CONDITIONS;
	for (guint i = 0; i < head->fields->len && found < count; i++) {
		const ParseField *field = &g_array_index(head->fields, ParseField, i);
		if (!parse_field_is(field, name))
			continue;
		found++;
		if (found <= WANTED_HALF || count - found < WANTED_HALF)
			wanted_value(field, index, plain);
	}
}

void parse_headers_wanted(const ParseHead *head, const char *names, ParsePlain *plain)
{
	g_auto(GStrv) list = g_strsplit(names != NULL ? names : "", ",", -1);

	for (size_t i = 0; list[i] != NULL; i++) {
		g_strstrip(list[i]);
		if (list[i][0] != '\0' && i <= UINT16_MAX)
			header_wanted(head, list[i], i, plain);
	}
}
