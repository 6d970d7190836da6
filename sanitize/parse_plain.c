/* parse_plain: what will be said of a message or a text, collected, and then said in the order that the wire wants. */
#include "parse_code_priv.h"

GQuark parse_code_error_quark(void)
{
	return g_quark_from_static_string("mugai-parse-code-error");
}

/* ---- what will be said -----------------------------------------------------------------------------------
 */

static void line_clear(gpointer data)
{
	g_free(((ParseLine *)data)->text);
}

static void address_line_clear(gpointer data)
{
	parse_address_free(((ParseAddressLine *)data)->address);
}

static void part_clear(gpointer data)
{
	PlainRecord *record = data;

	g_free(record->part.name);
	g_free(record->part.declared_type);
	g_free(record->part.true_type);
}

ParsePlain *parse_plain_new(void)
{
	ParsePlain *plain = g_new0(ParsePlain, 1);

	plain->strings = g_array_new(FALSE, FALSE, sizeof(ParseLine));
	g_array_set_clear_func(plain->strings, line_clear);
	plain->addresses = g_array_new(FALSE, FALSE, sizeof(ParseAddressLine));
	g_array_set_clear_func(plain->addresses, address_line_clear);
	plain->parts = g_array_new(FALSE, FALSE, sizeof(PlainRecord));
	g_array_set_clear_func(plain->parts, part_clear);
	return plain;
}

void parse_plain_free(ParsePlain *plain)
{
	if (plain == NULL)
		return;
	g_array_unref(plain->strings);
	g_array_unref(plain->addresses);
	g_array_unref(plain->parts);
	g_free(plain->body);
	g_free(plain);
}

void parse_plain_counter(ParsePlain *plain, ParseCounter id, uint64_t value)
{
	plain->counter[id] = value;
	plain->has_counter |= UINT64_C(1) << id;
}

void parse_plain_count(ParsePlain *plain, ParseCounter id, uint64_t more)
{
	if (more > 0)
		parse_plain_counter(plain, id, plain->counter[id] + more);
}

void parse_plain_string(ParsePlain *plain, ParseString slot, size_t index, char *text)
{
	const ParseLine line = { slot, (uint16_t)index, text };

	if (text[0] == '\0') {
		g_free(text);
		return;
	}
	g_array_append_val(plain->strings, line);
}

/* ---- saying it
 * ----------------------------------------------------------------------------------------------- */

static bool say_counters(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (uint16_t id = 1; id < PARSE_COUNTER_IDS; id++) {
		if ((plain->has_counter & UINT64_C(1) << id) == 0)
			continue;
		if (!sink->counter(sink->user, id, plain->counter[id], error))
			return false;
	}
	return true;
}

static bool say_strings(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (guint i = 0; i < plain->strings->len; i++) {
		const ParseLine *line = &g_array_index(plain->strings, ParseLine, i);
		if (!sink->string(sink->user, line->slot, line->index, line->text, error))
			return false;
	}
	return true;
}

static bool say_addresses(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (guint i = 0; i < plain->addresses->len; i++) {
		const ParseAddressLine *line = &g_array_index(plain->addresses, ParseAddressLine, i);
		if (!sink->address(sink->user, line->slot, line->index, line->address, error))
			return false;
	}
	return true;
}

static bool say_parts(const ParsePlain *plain, const ParseSink *sink, GError **error)
{
	for (guint i = 0; i < plain->parts->len; i++) {
		if (!sink->part(sink->user, &g_array_index(plain->parts, PlainRecord, i), error))
			return false;
	}
	return true;
}

bool parse_plain_say(ParsePlain *plain, const ParseSink *sink, GError **error)
{
	parse_plain_counter(plain, PARSE_COUNTER_LIMITS, plain->limits);
	if (!say_counters(plain, sink, error) || !say_strings(plain, sink, error))
		return false;
	if (!say_addresses(plain, sink, error) || !say_parts(plain, sink, error))
		return false;
	if (plain->body_bytes > 0 &&
	    !sink->text(sink->user, PARSE_TEXT_BODY, plain->body, plain->body_bytes, error))
		return false;
	return sink->end(sink->user, PARSE_STATUS_COMPLETE, error);
}
