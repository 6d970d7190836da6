/* Grammar 1.3 to 1.6, 2 and 3: the header block. Each field is checked line by line, unfolded, and
 * its value handed to the function that the table `fields` names for it.
 */
#include "verify_priv.h"

#include <string.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define NOTHING ((struct verify_span) { 0 })

/* What is still unread of a value. */
struct cursor {
	const uint8_t *at, *end;
};

static struct verify_span rest_of(const struct cursor *c)
{
	return (struct verify_span) { c->at, (size_t)(c->end - c->at) };
}

static bool at_end(const struct cursor *c)
{
	return c->at == c->end;
}

static bool take(struct cursor *c, const char *text)
{
	if (!verify_span_begins(rest_of(c), text))
		return false;
	c->at += strlen(text);
	return true;
}

/* -- letters and numbers -- */

static bool is_digit(uint8_t b)
{
	return b >= '0' && b <= '9';
}

static bool is_alnum(uint8_t b)
{
	return is_digit(b) || ((b | 0x20) >= 'a' && (b | 0x20) <= 'z');
}

static bool is_hex(uint8_t b)
{
	return is_digit(b) || ((b | 0x20) >= 'a' && (b | 0x20) <= 'f');
}

static bool is_lower_hex(uint8_t b)
{
	return is_digit(b) || (b >= 'a' && b <= 'f');
}

static bool is_atext(uint8_t b)
{
	return is_alnum(b) || (b != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", b));
}

static bool is_label(uint8_t b)
{
	return is_alnum(b) || b == '-' || b == '_';
}

static bool is_ipv6(uint8_t b)
{
	return is_hex(b) || b == ':' || b == '.';
}

static bool is_policy_name(uint8_t b)
{
	return is_alnum(b) || b == '.' || b == '_' || b == '-';
}

static size_t take_while(struct cursor *c, bool (*wanted)(uint8_t))
{
	const uint8_t *start = c->at;
	while (c->at < c->end && wanted(*c->at))
		c->at++;
	return (size_t)(c->at - start);
}

/* A number of exactly `digits` digits. */
static bool take_fixed(struct cursor *c, size_t digits, unsigned *value)
{
	*value = 0;
	for (size_t i = 0; i < digits; i++, c->at++) {
		if (at_end(c) || !is_digit(*c->at))
			return false;
		*value = *value * 10 + (*c->at - '0');
	}
	return true;
}

/* A number without leading zeros, at most `max` (below 1,000,000). */
static bool take_number(struct cursor *c, unsigned max, unsigned *value)
{
	struct cursor start = *c;
	size_t digits = take_while(c, is_digit);
	if (digits == 0 || digits > 6 || (digits > 1 && *start.at == '0'))
		return false;
	return take_fixed(&start, digits, value) && *value <= max;
}

/* One of a NULL-ended list of three-letter names; its place in the list, or -1. */
static int take_name(struct cursor *c, const char *const *names)
{
	for (int i = 0; names[i]; i++) {
		if (take(c, names[i]))
			return i;
	}
	return -1;
}

/* -- Date -- */

static const char *const day_names[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", NULL };
static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
	                                   "Aug", "Sep", "Oct", "Nov", "Dec", NULL };

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_length(unsigned year, unsigned month)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return lengths[month] + (month == 1 && is_leap(year));
}

/* 0 = Sunday; 1 January 1900 was a Monday. */
static unsigned weekday(unsigned year, unsigned month, unsigned day)
{
	unsigned before = year - 1;
	unsigned days = (year - 1900) * 365 + (before / 4 - before / 100 + before / 400) - 460 + day;
	for (unsigned m = 0; m < month; m++)
		days += month_length(year, m);
	return days % 7;
}

static const char *date_fault(struct cursor *c)
{
	unsigned day, year;
	int named = take_name(c, day_names);
	if (named < 0 || !take(c, ", "))
		return "no day of the week";
	if (!take_number(c, 31, &day) || day == 0 || !take(c, " "))
		return "no day of the month";
	int month = take_name(c, month_names);
	if (month < 0 || !take(c, " "))
		return "no month";
	if (!take_fixed(c, 4, &year) || year < 1900 || !take(c, " "))
		return "no year from 1900 to 9999";
	if (day > month_length(year, (unsigned)month))
		return "a day that the month does not have";
	return weekday(year, (unsigned)month, day) != (unsigned)named ? "the wrong day of the week" : NULL;
}

static const char *time_fault(struct cursor *c)
{
	unsigned hour, minute, second, zone_hour, zone_minute;
	if (!take_fixed(c, 2, &hour) || hour > 23 || !take(c, ":") || !take_fixed(c, 2, &minute) ||
	    minute > 59 || !take(c, ":") || !take_fixed(c, 2, &second) || second > 59 || !take(c, " "))
		return "no time of the day";
	bool west = take(c, "-");
	if ((!west && !take(c, "+")) || !take_fixed(c, 2, &zone_hour) || !take_fixed(c, 2, &zone_minute) ||
	    zone_minute > 59 || zone_hour * 60 + zone_minute > (west ? 12 * 60 : 14 * 60))
		return "no time zone from -1200 to +1400";
	return at_end(c) ? NULL : "something after the date";
}

static bool check_date(struct verify_check *check, struct cursor c)
{
	const char *fault = date_fault(&c);
	if (!fault)
		fault = time_fault(&c);
	return fault ? verify_refuse(check, "3", fault, check->value) : true;
}

/* -- 3.2: text, encoded or not -- */

static bool decoded_add(struct verify_check *check, struct verify_span base64)
{
	uint8_t *out = check->decoded_bytes + check->decoded_length;
	size_t length;
	if (base64.length == 0 || !verify_base64(base64, true, out, &length))
		return verify_refuse(check, "3.2", "an encoded word without canonical base64", base64);
	uint32_t cp;
	for (size_t i = 0, step; i < length; i += step) {
		step = verify_utf8(out + i, out + length, &cp);
		if (step == 0)
			return verify_refuse(check, "3.2", "an encoded word that is not whole UTF-8", base64);
	}
	check->decoded_length += length;
	return true;
}

static bool take_word(struct verify_check *check, struct cursor *c)
{
	const uint8_t *start = c->at;
	if (!take(c, "=?UTF-8?B?"))
		return verify_refuse(check, "3.2", "no encoded word of UTF-8 and base64", rest_of(c));
	const uint8_t *close = memchr(c->at, '?', (size_t)(c->end - c->at));
	struct verify_span base64 = { c->at, close ? (size_t)(close - c->at) : 0 };
	if (close)
		c->at = close;
	if (!take(c, "?="))
		return verify_refuse(check, "3.2", "an encoded word without its end", rest_of(c));
	if (c->at - start > 75)
		return verify_refuse(check, "3.2", "an encoded word of more than 75 bytes", base64);
	return decoded_add(check, base64);
}

/* Words, up to the end of the value or up to SP and '<'. */
static bool take_words(struct verify_check *check, struct cursor *c)
{
	check->decoded_length = 0;
	for (;;) {
		if (!take_word(check, c))
			return false;
		if (at_end(c) || verify_span_begins(rest_of(c), " <"))
			return true;
		if (!take(c, " "))
			return verify_refuse(check, "3.2", "encoded words not separated by one SP",
			                     rest_of(c));
	}
}

static struct verify_span decoded(const struct verify_check *check)
{
	return (struct verify_span) { check->decoded_bytes, check->decoded_length };
}

/* The decoded text: 5.2, its length, no blank at either end. */
static bool check_decoded(struct verify_check *check, size_t max, const char *section)
{
	struct verify_span text = decoded(check), bad;
	const char *clause;
	const char *fault = verify_characters(text, false, &clause, &bad);
	if (fault)
		return verify_refuse(check, clause, fault, bad);
	if (verify_blank_at_end(text))
		return verify_refuse(check, "3.2", "a blank at the beginning or end of encoded text",
		                     NOTHING);
	if (verify_count(text) > max)
		return verify_refuse(check, section, "too many characters in", text);
	return true;
}

/* Can 1.4 and 1.5 hold this text unencoded? Folds stand only at single SPs; what lies between two of
 * them must fit in a line: 78 bytes, or 998 if it is one token. */
static bool folds_plain(struct verify_span text, size_t prefix)
{
	size_t start = 0;
	bool token = true;
	for (size_t i = 0; i <= text.length; i++) {
		if (i < text.length && text.at[i] != ' ')
			continue;
		bool single = i == text.length || (text.at[i - 1] != ' ' && text.at[i + 1] != ' ');
		token = token && single;
		if (!single)
			continue;
		if (prefix + (i - start) > (token ? 998u : 78u))
			return false;
		start = i + 1;
		prefix = 1;
		token = true;
	}
	return true;
}

static bool is_plain_text(struct verify_span text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < 0x20 || text.at[i] > 0x7E)
			return false;
	}
	return !verify_blank_at_end(text) && !verify_span_contains(text, "=?");
}

static bool check_subject(struct verify_check *check, struct cursor c)
{
	if (is_plain_text(check->value)) {
		if (check->value.length > 2000)
			return verify_refuse(check, "3", "too many characters in", check->value);
		return true;
	}
	if (!take_words(check, &c))
		return false;
	if (!at_end(&c))
		return verify_refuse(check, "3.2", "something after the encoded words", rest_of(&c));
	if (!check_decoded(check, 2000, "3"))
		return false;
	if (is_plain_text(decoded(check)) && folds_plain(decoded(check), sizeof("Subject: ") - 1))
		return verify_refuse(check, "3.2", "encoded although it could be plain", decoded(check));
	return true;
}

/* -- 3.3: phrases -- */

/* Atoms, one SP between them; true when that is all of the text. */
static bool is_plain_phrase(struct verify_span text)
{
	struct cursor c = { text.at, text.at + text.length };
	do {
		if (take_while(&c, is_atext) == 0)
			return false;
	} while (take(&c, " "));
	return at_end(&c) && !verify_span_contains(text, "=?");
}

/* A phrase and the SP behind it; the cursor is left at '<'. */
static bool take_phrase(struct verify_check *check, struct cursor *c)
{
	struct verify_span text = rest_of(c);
	if (verify_span_begins(text, "=?")) {
		if (!take_words(check, c) || !check_decoded(check, 500, "3.3"))
			return false;
		if (is_plain_phrase(decoded(check)))
			return verify_refuse(check, "3.3", "encoded although it could be plain",
			                     decoded(check));
	} else {
		while (take_while(c, is_atext) > 0 && !verify_span_begins(rest_of(c), " <"))
			take(c, " ");
		text.length -= rest_of(c).length;
		if (!is_plain_phrase(text) || text.length > 500)
			return verify_refuse(check, "3.3", "not a phrase", text);
	}
	if (!take(c, " ") || !verify_span_begins(rest_of(c), "<"))
		return verify_refuse(check, "3.3", "no SP and '<' after a phrase", rest_of(c));
	return true;
}

/* -- 3.1 and 3.4: addresses and message ids -- */

static bool take_dot_atom(struct cursor *c)
{
	do {
		if (take_while(c, is_atext) == 0)
			return false;
	} while (take(c, "."));
	return true;
}

static bool is_dot_atom(const uint8_t *at, size_t length)
{
	struct cursor c = { at, at + length };
	return take_dot_atom(&c) && at_end(&c);
}

/* 64 bytes are counted as written, escapes included. */
static bool take_quoted(struct cursor *c)
{
	if (!take(c, "\""))
		return false;
	uint8_t plain[64];
	size_t length = 0;
	const uint8_t *start = c->at;
	while (!at_end(c) && *c->at != '"') {
		bool escaped = take(c, "\\");
		if (at_end(c) || c->at - start >= 64 || (escaped && *c->at != '"' && *c->at != '\\'))
			return false;
		plain[length++] = *c->at++;
	}
	return length > 0 && take(c, "\"") && !is_dot_atom(plain, length);
}

static bool take_ipv4(struct cursor *c)
{
	for (int i = 0; i < 4; i++) {
		unsigned byte;
		if ((i > 0 && !take(c, ".")) || !take_number(c, 255, &byte))
			return false;
	}
	return true;
}

static bool take_domain_literal(struct cursor *c)
{
	if (!take(c, "["))
		return false;
	bool good = take(c, "IPv6:") ? take_while(c, is_ipv6) > 0 : take_ipv4(c);
	return good && take(c, "]");
}

static bool take_domain(struct cursor *c)
{
	if (verify_span_begins(rest_of(c), "["))
		return take_domain_literal(c);
	const uint8_t *start = c->at;
	do {
		const uint8_t *label = c->at;
		size_t length = take_while(c, is_label);
		if (length == 0 || length > 63 || label[0] == '-' || label[length - 1] == '-')
			return false;
	} while (take(c, "."));
	return c->at - start <= 255;
}

/* An encoded word in an address is decoded by readers although RFC 2047, 5 forbids it: no "=?". */
static bool take_addr_spec(struct verify_check *check, struct cursor *c)
{
	struct verify_span all = rest_of(c);
	bool local = verify_span_begins(all, "\"") ? take_quoted(c) : take_dot_atom(c);
	if (!local || !take(c, "@") || !take_domain(c))
		return verify_refuse(check, "3.1", "not an address", all);
	all.length -= rest_of(c).length;
	if (all.length > 320)
		return verify_refuse(check, "3.1", "an address of more than 320 bytes", all);
	if (verify_span_contains(all, "=?"))
		return verify_refuse(check, "3.1", "an encoded word in an address", all);
	return true;
}

static bool begins_as_addr_spec(struct cursor c)
{
	if (verify_span_begins(rest_of(&c), "\""))
		return true;
	take_while(&c, is_atext);
	return verify_span_begins(rest_of(&c), "@") || verify_span_begins(rest_of(&c), ".");
}

static bool take_mailbox(struct verify_check *check, struct cursor *c)
{
	if (begins_as_addr_spec(*c))
		return take_addr_spec(check, c);
	if (!take_phrase(check, c))
		return false;
	take(c, "<");
	if (!take_addr_spec(check, c))
		return false;
	return take(c, ">") || verify_refuse(check, "3.1", "no '>' after an address", rest_of(c));
}

static bool check_address_list(struct verify_check *check, struct cursor c, size_t max)
{
	size_t count = 0;
	do {
		if (++count > max)
			return verify_refuse(check, "3", "too many mailboxes", rest_of(&c));
		if (!take_mailbox(check, &c))
			return false;
	} while (take(&c, ", "));
	return at_end(&c) || verify_refuse(check, "3.1", "something after a mailbox", rest_of(&c));
}

static bool check_from(struct verify_check *check, struct cursor c)
{
	return check_address_list(check, c, 20);
}

static bool check_sender(struct verify_check *check, struct cursor c)
{
	return check_address_list(check, c, 1);
}

static bool check_reply_to(struct verify_check *check, struct cursor c)
{
	return check_address_list(check, c, 1000);
}

static bool check_recipients(struct verify_check *check, struct cursor c)
{
	return verify_span_is(check->value, "undisclosed-recipients:;") || check_address_list(check, c, 1000);
}

static bool take_message_id(struct cursor *c)
{
	const uint8_t *start = c->at;
	if (!take(c, "<") || !take_dot_atom(c) || !take(c, "@"))
		return false;
	bool right = verify_span_begins(rest_of(c), "[") ? take_domain_literal(c) : take_dot_atom(c);
	return right && take(c, ">") && c->at - start <= 250;
}

static bool check_ids(struct verify_check *check, struct cursor c, size_t max)
{
	size_t count = 0;
	do {
		if (++count > max)
			return verify_refuse(check, "3", "too many message ids", rest_of(&c));
		struct verify_span id = rest_of(&c);
		if (!take_message_id(&c))
			return verify_refuse(check, "3.4", "not a message id", id);
	} while (take(&c, " "));
	return at_end(&c) || verify_refuse(check, "3.4", "something after a message id", rest_of(&c));
}

static bool check_message_id(struct verify_check *check, struct cursor c)
{
	return check_ids(check, c, 1);
}

static bool check_references(struct verify_check *check, struct cursor c)
{
	return check_ids(check, c, 100);
}

static bool check_list_id(struct verify_check *check, struct cursor c)
{
	if (!verify_span_begins(rest_of(&c), "<") && !take_phrase(check, &c))
		return false;
	struct verify_span id = rest_of(&c);
	if (!take(&c, "<") || !take_dot_atom(&c) || !take(&c, ">") || !at_end(&c) || id.length > 255 ||
	    verify_span_contains(id, "=?"))
		return verify_refuse(check, "3", "not a list id", id);
	return true;
}

/* -- the remaining fields -- */

static bool check_one_of(struct verify_check *check, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		if (verify_span_is(check->value, words[i]))
			return true;
	}
	return verify_refuse(check, "3", "a value that the field cannot have", check->value);
}

static bool check_auto_submitted(struct verify_check *check, struct cursor c)
{
	(void)c;
	return check_one_of(
	        check, (const char *[]) { "no", "auto-generated", "auto-replied", "auto-notified", NULL });
}

static bool check_importance(struct verify_check *check, struct cursor c)
{
	(void)c;
	return check_one_of(check, (const char *[]) { "high", "normal", "low", NULL });
}

static bool check_mime_version(struct verify_check *check, struct cursor c)
{
	(void)c;
	return check_one_of(check, (const char *[]) { "1.0", NULL });
}

static bool check_encoding(struct verify_check *check, struct cursor c)
{
	(void)c;
	if (check->multipart)
		return verify_refuse(check, "3", "a Content-Transfer-Encoding of a multipart", check->value);
	return check_one_of(check, (const char *[]) { "base64", NULL });
}

static bool check_id(struct verify_check *check, struct cursor c)
{
	if (take_while(&c, is_lower_hex) != 32 || !at_end(&c))
		return verify_refuse(check, "3", "not 32 lower case hex digits", check->value);
	memcpy(check->id, check->value_bytes, sizeof(check->id));
	return true;
}

static bool check_hops(struct verify_check *check, struct cursor c)
{
	unsigned hops;
	if (!take_number(&c, 100, &hops) || hops == 0 || !at_end(&c))
		return verify_refuse(check, "3", "not a number from 1 to 100", check->value);
	return true;
}

static bool check_policy(struct verify_check *check, struct cursor c)
{
	size_t name = take_while(&c, is_policy_name);
	if (name == 0 || name > 64 || !take(&c, "; version=") || take_while(&c, is_lower_hex) != 16 ||
	    !at_end(&c))
		return verify_refuse(check, "3", "not a policy's name and version", check->value);
	return true;
}

static bool check_result(struct verify_check *check, struct cursor c)
{
	unsigned parts, removed, converted;
	bool decision = take(&c, "deliver") || take(&c, "notice-only") || take(&c, "hold");
	if (!decision || !take(&c, "; parts=") || !take_number(&c, 99999, &parts) ||
	    !take(&c, "; removed=") || !take_number(&c, 99999, &removed) || !take(&c, "; converted=") ||
	    !take_number(&c, 99999, &converted) || !at_end(&c))
		return verify_refuse(check, "3", "not a result", check->value);
	if (removed > parts || converted > parts)
		return verify_refuse(check, "3", "fewer parts than were removed or converted", check->value);
	return true;
}

static bool check_seal(struct verify_check *check, struct cursor c)
{
	(void)c;
	return verify_refuse(check, "3", "seals are not defined yet", NOTHING);
}

static bool check_content_type(struct verify_check *check, struct cursor c)
{
	if (verify_span_is(check->value, "text/plain; charset=UTF-8"))
		return true;
	struct verify_span id = { check->id, sizeof(check->id) };
	check->multipart = take(&c, "multipart/mixed; boundary=\"=_mugai_");
	if (!check->multipart)
		return verify_refuse(check, "3", "not a type that we write", check->value);
	struct verify_span boundary = rest_of(&c);
	if (boundary.length != id.length + 1 || memcmp(boundary.at, id.at, id.length) != 0 ||
	    boundary.at[id.length] != '"')
		return verify_refuse(check, "3", "a boundary that is not the X-Mugai-Id", boundary);
	return true;
}

struct own_field {
	const char *name;
	bool required;
	bool (*check)(struct verify_check *check, struct cursor value);
};

/* In the order in which they must stand. */
static const struct own_field fields[] = {
	{ "Date", true, check_date },
	{ "From", true, check_from },
	{ "Sender", false, check_sender },
	{ "Reply-To", false, check_reply_to },
	{ "To", false, check_recipients },
	{ "Cc", false, check_recipients },
	{ "Subject", false, check_subject },
	{ "Message-ID", true, check_message_id },
	{ "In-Reply-To", false, check_references },
	{ "References", false, check_references },
	{ "Auto-Submitted", false, check_auto_submitted },
	{ "List-Id", false, check_list_id },
	{ "Importance", false, check_importance },
	{ "X-Mugai-Id", true, check_id },
	{ "X-Mugai-Hops", true, check_hops },
	{ "X-Mugai-Policy", true, check_policy },
	{ "X-Mugai-Result", true, check_result },
	{ "X-Mugai-Seal", false, check_seal },
	{ "MIME-Version", true, check_mime_version },
	{ "Content-Type", true, check_content_type },
	{ "Content-Transfer-Encoding", false, check_encoding },
};

static const char *const trace_fields[] = { "Received", "Return-Path", "Delivered-To", "X-Original-To" };

/* -- fields and their lines -- */

/* One field as it stands: its lines with their ends, and its name. */
struct field {
	struct verify_span lines, name;
};

struct header {
	size_t fields, traces;
	size_t next; /* the first own field that may still come */
};

static bool same_any_case(struct verify_span name, const char *wanted)
{
	size_t length = strlen(wanted);
	if (name.length != length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if ((name.at[i] | 0x20) != (wanted[i] | 0x20))
			return false;
	}
	return true;
}

static bool is_trace(struct verify_span name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(trace_fields); i++) {
		if (same_any_case(name, trace_fields[i]))
			return true;
	}
	return false;
}

static bool ends_in_blank(struct verify_span line)
{
	return line.length > 0 && (line.at[line.length - 1] == ' ' || line.at[line.length - 1] == '\t');
}

static bool trace_line(struct verify_check *check, struct verify_span line)
{
	if (line.length > 998)
		return verify_refuse(check, "2", "a line of more than 998 bytes", line);
	if (ends_in_blank(line))
		return verify_refuse(check, "1.4", "a line that ends in a blank", line);
	return true;
}

static bool check_trace(struct verify_check *check, const struct field *field, struct header *header)
{
	if (header->next > 0)
		return verify_refuse(check, "2", "a trace field after a field of ours", field->name);
	if (++header->traces > 200)
		return verify_refuse(check, "2", "more than 200 trace fields", field->name);
	if (field->lines.length > 8192)
		return verify_refuse(check, "2", "a trace field of more than 8192 bytes", field->name);
	const uint8_t *end = field->lines.at + field->lines.length, *next;
	for (const uint8_t *at = field->lines.at; at < end; at = next) {
		struct verify_span line = verify_line(check, at, &next);
		check->where = at;
		if (!trace_line(check, line))
			return false;
	}
	return true;
}

/* 1.1, 1.4 and 1.5 for one line; `prefix` is what stands before the text. */
static bool own_line(struct verify_check *check, struct verify_span line, size_t prefix)
{
	struct verify_span text = { line.at + prefix, line.length - prefix };
	if (memchr(line.at, '\t', line.length))
		return verify_refuse(check, "1.1", "TAB outside a trace field", line);
	if (text.length == 0 || text.at[0] == ' ' || ends_in_blank(line))
		return verify_refuse(check, "1.4", "blanks where text should be", line);
	bool token = !memchr(text.at, ' ', text.length);
	if (line.length > (token ? 998u : 78u))
		return verify_refuse(check, "1.5", "a line that is too long", line);
	return true;
}

/* Checks the lines and unfolds them into check->value. */
static bool unfold(struct verify_check *check, const struct field *field)
{
	const uint8_t *end = field->lines.at + field->lines.length, *next;
	size_t prefix = field->name.length + 2, skip = prefix;
	check->value = (struct verify_span) { check->value_bytes, 0 };
	for (const uint8_t *at = field->lines.at; at < end; at = next) {
		struct verify_span line = verify_line(check, at, &next);
		check->where = at;
		if (!own_line(check, line, prefix))
			return false;
		memcpy(check->value_bytes + check->value.length, line.at + skip, line.length - skip);
		check->value.length += line.length - skip;
		prefix = 1;
		skip = 0;
	}
	check->where = field->lines.at;
	return true;
}

static size_t own_field_index(struct verify_span name)
{
	size_t i = 0;
	while (i < ARRAY_LENGTH(fields) && !verify_span_is(name, fields[i].name))
		i++;
	return i;
}

/* Every required field from header->next up to (not with) index. */
static bool check_none_missing(struct verify_check *check, const struct header *header, size_t index)
{
	for (size_t i = header->next; i < index; i++) {
		struct verify_span name = { (const uint8_t *)fields[i].name, strlen(fields[i].name) };
		if (fields[i].required)
			return verify_refuse(check, "3", "a required field is missing here", name);
	}
	return true;
}

static bool check_own(struct verify_check *check, const struct field *field, struct header *header)
{
	size_t index = own_field_index(field->name);
	if (index == ARRAY_LENGTH(fields))
		return verify_refuse(check, "3", "not a field that we write", field->name);
	if (index < header->next)
		return verify_refuse(check, "3", "a field twice or out of order", field->name);
	if (!check_none_missing(check, header, index))
		return false;
	header->next = index + 1;
	if (!unfold(check, field))
		return false;
	struct cursor value = { check->value.at, check->value.at + check->value.length };
	return fields[index].check(check, value);
}

/* The field that begins at `at`, with its continuation lines. */
static bool take_field(struct verify_check *check, const uint8_t *at, struct field *field)
{
	const uint8_t *next;
	struct verify_span line = verify_line(check, at, &next);
	const uint8_t *colon = memchr(line.at, ':', line.length);
	check->where = at;
	if (!colon || colon == at)
		return verify_refuse(check, "1.4", "a line that is no field", line);
	field->name = (struct verify_span) { at, (size_t)(colon - at) };
	if (field->name.length + 1 == line.length || colon[1] != ' ')
		return verify_refuse(check, "1.4", "no SP after the colon", line);
	const uint8_t *end = check->message.at + check->message.length;
	while (next < end && (*next == ' ' || *next == '\t'))
		verify_line(check, next, &next);
	field->lines = (struct verify_span) { at, (size_t)(next - at) };
	return true;
}

/* 1.3 and 1.6: finds the empty line, at most VERIFY_HEADER_MAX bytes on. */
static bool find_body(struct verify_check *check, const uint8_t **body)
{
	const uint8_t *end = check->message.at + check->message.length, *next;
	for (const uint8_t *at = check->message.at; at < end; at = next) {
		struct verify_span line = verify_line(check, at, &next);
		check->where = at;
		if ((size_t)(next - check->message.at) > VERIFY_HEADER_MAX)
			return verify_refuse(check, "1.3", "a header block of more than 262144 bytes",
			                     NOTHING);
		*body = next;
		if (line.length == 0)
			return true;
	}
	return verify_refuse(check, "1.6", "no empty line after the header", NOTHING);
}

static bool check_field(struct verify_check *check, const struct field *field, struct header *header)
{
	if (++header->fields > 1200)
		return verify_refuse(check, "1.3", "more than 1200 fields", NOTHING);
	return is_trace(field->name) ? check_trace(check, field, header) : check_own(check, field, header);
}

bool verify_header(struct verify_check *check, const uint8_t **body)
{
	struct header header = { 0 };
	struct field field = { 0 };
	if (!find_body(check, body))
		return false;
	const uint8_t *empty_line = *body - check->line_end;
	for (const uint8_t *at = check->message.at; at < empty_line; at += field.lines.length) {
		if (!take_field(check, at, &field) || !check_field(check, &field, &header))
			return false;
	}
	check->where = empty_line;
	size_t encoding = ARRAY_LENGTH(fields) - 1;
	if (!check_none_missing(check, &header, encoding))
		return false;
	if (!check->multipart && header.next <= encoding)
		return verify_refuse(check, "3", "no Content-Transfer-Encoding", NOTHING);
	return true;
}
