/* assemble_headers: our own header fields, each value cleaned and formed anew.
 *
 * The display name is the sender's free text, and stays as it is: where it shows another address than the
 * real one, the jailed parser says so (MessageSign), and the reader is warned.
 */
#include "assemble_parts_priv.h"
#include "clean_text.h"

#include <string.h>

enum {
	LINE_MAX_BYTES = 78,
	WORD_MAX_BYTES = 75, /* of an encoded word */
	WORD_FRAME = 12,     /* =?UTF-8?B?...?= */
	WORD_MIN_ROOM = 32,
	PHRASE_MAX_CHARS = 500,
	SUBJECT_MAX_CHARS = 2000,
	TOKEN_MAX_BYTES = 900, /* a line may have 998 */
	ADDRESS_MAX_BYTES = 320,
	QUOTED_LOCAL_MAX = 64,
	DOMAIN_MAX_BYTES = 255,
	LABEL_MAX_BYTES = 63,
	CLAIMED_DOMAIN_MAX = 1020, /* before IDNA */
	MESSAGE_ID_MAX_BYTES = 250,
	LIST_ID_MAX_BYTES = 253, /* and its < > */
	IDS_MAX = 100,
	ADDRESSES_TOLD_MAX = 10,
	YEAR_MIN = 1900,
	YEAR_MAX = 9999,
};

typedef struct {
	const AssembleInput *input;
	GPtrArray *headers;
	Notice *notice;
	bool brief;
	size_t list_max, lists_left; /* bytes */
	unsigned addresses_told, addresses_more;
	uint64_t ids_lost;
} HeaderWriter;

void clean_header_free(CleanHeader *header)
{
	if (header == NULL)
		return;
	g_free(header->name);
	g_free(header->value);
	g_free(header);
}

/* ---- folding and encoding --------------------------------------------------------------- */

static char *fold(const char *name, const char *value)
{
	GString *folded = g_string_sized_new(strlen(value) + 16);
	size_t column = strlen(name) + 2;
	for (const char *token = value; *token != '\0';) {
		size_t length = strcspn(token, " ");
		bool first = token == value;
		bool fits = column + 1 + length <= LINE_MAX_BYTES;
		if (!first)
			g_string_append(folded, fits ? " " : "\n ");
		column = first ? column + length : (fits ? column : 0) + 1 + length;
		g_string_append_len(folded, token, (gssize)length);
		token += length;
		token += *token == ' ';
	}
	return g_string_free(folded, FALSE);
}

void headers_add(GPtrArray *headers, const char *name, const char *value)
{
	CleanHeader *header = g_new0(CleanHeader, 1);
	header->name = g_strdup(name);
	header->value = fold(name, value);
	g_ptr_array_add(headers, header);
}

static bool is_printable_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7E)
			return false;
	return true;
}

static bool is_atext(char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* RFC 5322 lets an atom hold "=?", but many readers would decode it, there too: an address
 * that reads as another one. */
static bool holds_encoded_word(const char *text)
{
	return strstr(text, "=?") != NULL;
}

static bool is_plain_text(const char *text)
{
	return is_printable_ascii(text) && !holds_encoded_word(text);
}

static bool is_plain_phrase(const char *text)
{
	if (holds_encoded_word(text))
		return false;
	for (; *text != '\0'; text++)
		if (!is_atext(*text) && *text != ' ')
			return false;
	return true;
}

static bool is_cluster_start(const char *start, const char *at)
{
	if (clean_width(g_utf8_get_char(at)) == 0)
		return false;
	const char *before = g_utf8_find_prev_char(start, at);
	return before == NULL || g_utf8_get_char(before) != 0x200D;
}

/* At most room bytes of whole code points, at least one; a base keeps its marks if it can. */
static size_t word_length(const char *text, size_t room)
{
	if (strlen(text) <= room)
		return strlen(text);
	const char *limit = text + room;
	while (((uint8_t)*limit & 0xC0) == 0x80)
		limit--;
	const char *at = limit;
	while (at > text && !is_cluster_start(text, at))
		at = g_utf8_find_prev_char(text, at);
	return (size_t)((at != NULL && at > text ? at : limit) - text);
}

static size_t word_room(size_t bytes)
{
	return (bytes - WORD_FRAME) / 4 * 3;
}

/* first: bytes that are left in the line for the first word. */
static void append_words(GString *value, const char *text, size_t first)
{
	size_t room = word_room(CLAMP(first, WORD_MIN_ROOM, WORD_MAX_BYTES));
	for (const char *at = text; *at != '\0'; room = word_room(WORD_MAX_BYTES)) {
		size_t length = word_length(at, room);
		g_autofree char *encoded = g_base64_encode((const guchar *)at, length);
		g_string_append_printf(value, "%s=?UTF-8?B?%s?=", at == text ? "" : " ", encoded);
		at += length;
	}
}

static void collapse_spaces(char *text)
{
	char *to = text;
	for (const char *from = text; *from != '\0'; from++)
		if (*from != ' ' || to == text || to[-1] != ' ')
			*to++ = *from;
	*to = '\0';
}

/* One line, clean; runs of SP become one, since a line can only be folded at a single SP. */
static char *header_text(const char *outside, size_t max_chars)
{
	char *text = clean_line(outside, strlen(outside), max_chars, NULL);
	collapse_spaces(text);
	return text;
}

static void append_phrase(GString *value, const char *phrase, size_t first)
{
	if (is_plain_phrase(phrase))
		g_string_append(value, phrase);
	else
		append_words(value, phrase, first);
}

/* ---- forms -------------------------------------------------------------------------------- */

static bool is_dot_atom(const char *text, size_t length)
{
	if (length == 0 || text[0] == '.' || text[length - 1] == '.' || holds_encoded_word(text))
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '.' ? text[i - 1] == '.' : !is_atext(text[i]))
			return false;
	return true;
}

static bool is_label(const char *label, size_t length)
{
	if (length == 0 || length > LABEL_MAX_BYTES || label[0] == '-' || label[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	return true;
}

static bool is_host(const char *domain)
{
	if (strlen(domain) > DOMAIN_MAX_BYTES)
		return false;
	for (;;) {
		size_t length = strcspn(domain, ".");
		if (!is_label(domain, length))
			return false;
		if (domain[length] == '\0')
			return true;
		domain += length + 1;
	}
}

static bool is_ipv4(const char *text)
{
	return strspn(text, "0123456789.") == strlen(text) && g_hostname_is_ip_address(text);
}

static bool is_ipv6(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF:.") == strlen(text) && strchr(text, ':') != NULL &&
	       g_hostname_is_ip_address(text);
}

static bool is_literal(const char *domain)
{
	size_t length = strlen(domain);
	if (length < 3 || length > 64 || domain[0] != '[' || domain[length - 1] != ']')
		return false;
	g_autofree char *inner = g_strndup(domain + 1, length - 2);
	return g_str_has_prefix(inner, "IPv6:") ? is_ipv6(inner + strlen("IPv6:")) : is_ipv4(inner);
}

static bool is_domain(const char *domain)
{
	return is_host(domain) || is_literal(domain);
}

/* GLib follows IDNA2003, for which these are "ss" and an ordinary sigma: since IDNA2008 (RFC 5894 7.2) that
 * can be somebody else's domain, and an answer would go there. */
static bool changed_owner(const char *domain)
{
	return strstr(domain, "\xc3\x9f") != NULL || strstr(domain, "\xe1\xba\x9e") != NULL ||
	       strstr(domain, "\xcf\x82") != NULL;
}

/* As it may be written, or NULL. */
static char *domain_form(const char *claimed)
{
	if (*claimed == '\0' || strlen(claimed) > CLAIMED_DOMAIN_MAX || changed_owner(claimed))
		return NULL;
	g_autofree char *domain = g_str_is_ascii(claimed) ? g_strdup(claimed) : g_hostname_to_ascii(claimed);
	size_t length = domain != NULL ? strlen(domain) : 0;
	if (length > 1 && domain[length - 1] == '.')
		domain[length - 1] = '\0';
	return domain != NULL && is_domain(domain) ? g_steal_pointer(&domain) : NULL;
}

static char *quoted_local(const char *local)
{
	/* Two SP in a row could not be folded and read back the same. */
	if (!is_plain_text(local) || strstr(local, "  ") != NULL || *local == '\0')
		return NULL;
	g_autoptr(GString) quoted = g_string_new("\"");
	for (; *local != '\0'; local++) {
		if (*local == '"' || *local == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *local);
	}
	if (quoted->len - 1 > QUOTED_LOCAL_MAX)
		return NULL;
	g_string_append_c(quoted, '"');
	return g_strdup(quoted->str);
}

static char *local_form(const char *local)
{
	return is_dot_atom(local, strlen(local)) ? g_strdup(local) : quoted_local(local);
}

/* "local@domain", or NULL when it cannot be written. */
static char *address_form(const MailAddress *address)
{
	g_autofree char *local = local_form(address->local), *domain = domain_form(address->domain);
	if (local == NULL || domain == NULL || strlen(local) + 1 + strlen(domain) > ADDRESS_MAX_BYTES)
		return NULL;
	return g_strconcat(local, "@", domain, NULL);
}

bool headers_address_ok(const char *address)
{
	const char *at = strrchr(address, '@');
	return at != NULL && strlen(address) <= ADDRESS_MAX_BYTES &&
	       is_dot_atom(address, (size_t)(at - address)) && is_domain(at + 1);
}

static bool is_message_id(const char *id)
{
	const char *at = strrchr(id, '@');
	if (at == NULL || strlen(id) + 2 > MESSAGE_ID_MAX_BYTES || !is_dot_atom(id, (size_t)(at - id)))
		return false;
	return is_dot_atom(at + 1, strlen(at + 1)) || is_literal(at + 1);
}

/* ---- dates --------------------------------------------------------------------------------- */

typedef struct {
	int64_t year;
	unsigned month, day; /* from 1 */
} Civil;

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_before_year(int64_t year)
{
	int64_t last = year - 1;
	return last * 365 + last / 4 - last / 100 + last / 400;
}

/* day: since 1970-01-01, within the years 1 .. 10000. */
static Civil civil_of(int64_t day)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t since_one = day + days_before_year(1970);
	int64_t year = since_one / 366 + 1;
	while (days_before_year(year + 1) <= since_one)
		year++;
	unsigned left = (unsigned)(since_one - days_before_year(year)), month = 0;
	for (; left >= lengths[month] + (month == 1 && is_leap(year)); month++)
		left -= lengths[month] + (month == 1 && is_leap(year));
	return (Civil) { year, month + 1, left + 1 };
}

bool headers_time_ok(int64_t time, int zone)
{
	static const int64_t day = 86400;
	if (zone < -720 || zone > 840)
		return false;
	int64_t first = (days_before_year(YEAR_MIN) - days_before_year(1970)) * day;
	int64_t past = (days_before_year(YEAR_MAX + 1) - days_before_year(1970)) * day;
	if (time < first - day || time > past + day)
		return false;
	int64_t local = time + (int64_t)zone * 60;
	return local >= first && local < past;
}

/* "2026-11-20 23:05:00 +0900" */
static char *time_form(int64_t time, int zone)
{
	int64_t local = time + (int64_t)zone * 60, day = floor_div(local, 86400);
	unsigned second = (unsigned)(local - day * 86400), away = (unsigned)(zone < 0 ? -zone : zone);
	Civil civil = civil_of(day);
	return g_strdup_printf("%04d-%02u-%02u %02u:%02u:%02u %c%02u%02u", (int)civil.year, civil.month,
	                       civil.day, second / 3600, second / 60 % 60, second % 60, zone < 0 ? '-' : '+',
	                       away / 60, away % 60);
}

char *headers_time_japan(const Message *message)
{
	enum { JAPAN = 540 };
	if (!message->has_date || !headers_time_ok(message->date, message->date_zone) ||
	    message->date_zone == JAPAN)
		return NULL;
	g_autofree char *here = time_form(message->date, JAPAN);
	g_autofree char *there = time_form(message->date, message->date_zone);
	/* the clock of a place that is not said */
	if (message->date_zoneless)
		there[strlen(there) - strlen(" +0000")] = '\0';
	return g_strdup_printf("%s (%s)", here, there);
}

char *headers_date(int64_t time, int zone)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t local = time + (int64_t)zone * 60, day = floor_div(local, 86400);
	unsigned second = (unsigned)(local - day * 86400), away = (unsigned)(zone < 0 ? -zone : zone);
	Civil civil = civil_of(day);
	return g_strdup_printf("%s, %u %s %04d %02u:%02u:%02u %c%02u%02u", days[day - floor_div(day, 7) * 7],
	                       civil.day, months[civil.month - 1], (int)civil.year, second / 3600,
	                       second / 60 % 60, second % 60, zone < 0 ? '-' : '+', away / 60, away % 60);
}

static void write_date(HeaderWriter *writer)
{
	const AssembleInput *input = writer->input;
	const Message *message = input->message;
	bool ok = message->has_date && headers_time_ok(message->date, message->date_zone);
	g_autofree char *date = ok ? headers_date(message->date, message->date_zone)
	                           : headers_date(input->arrival, input->arrival_zone);
	headers_add(writer->headers, "Date", date);
	/* What was not read may have been good. */
	if (message->header_unread)
		notice_foot(writer->notice, SAY_HEADER_UNREAD, NULL);
	else if (!ok)
		notice_foot(writer->notice, SAY_DATE_REPLACED, NULL);
}

/* ---- addresses ------------------------------------------------------------------------------ */

static const char *text_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static char *address_phrase(const MailAddress *address)
{
	return header_text(text_or_empty(address->name), PHRASE_MAX_CHARS);
}

/* "phrase <address>" or the address alone; NULL when it cannot be written. */
static char *mailbox_form(const MailAddress *address, size_t first)
{
	g_autofree char *spec = address_form(address);
	if (spec == NULL)
		return NULL;
	g_autofree char *phrase = address_phrase(address);
	if (*phrase == '\0')
		return g_steal_pointer(&spec);
	g_autoptr(GString) value = g_string_new(NULL);
	append_phrase(value, phrase, first);
	g_string_append_printf(value, " <%s>", spec);
	return g_strdup(value->str);
}

static char *address_as_claimed(const MailAddress *address)
{
	if (*address->local == '\0' && *address->domain == '\0')
		return g_strdup(text_or_empty(address->name));
	const char *at = *address->domain != '\0' ? "@" : "";
	return g_strconcat(address->local, at, address->domain, NULL);
}

char *headers_address_text(const MailAddress *address)
{
	char *form = address_form(address);
	return form != NULL ? form : address_as_claimed(address);
}

static void tell_lost_address(HeaderWriter *writer, const char *field, const MailAddress *address)
{
	if (writer->addresses_told++ >= ADDRESSES_TOLD_MAX) {
		writer->addresses_more++;
		return;
	}
	g_autofree char *claimed = address_as_claimed(address);
	SayingFill fill = { .ours = notice_field_name(writer->input->notices, field), .outside = claimed };
	notice_foot(writer->notice, SAY_ADDRESS_LOST, &fill);
}

static void tell_cut_list(HeaderWriter *writer, const char *field, uint64_t cut)
{
	SayingFill fill = { .ours = notice_field_name(writer->input->notices, field), .n = cut };
	if (cut > 0)
		notice_foot(writer->notice, SAY_LIST_CUT, &fill);
}

typedef struct {
	const char *field;
	const GPtrArray *addresses;
	unsigned max;
} AddressList;

/* False: nothing that can be written. */
static bool write_list(HeaderWriter *writer, const AddressList *list)
{
	g_autoptr(GString) value = g_string_new(NULL);
	size_t room = MIN(writer->lists_left, writer->list_max);
	size_t first = LINE_MAX_BYTES - strlen(list->field) - 2;
	unsigned written = 0;
	uint64_t cut = 0;
	for (guint i = 0; list->addresses != NULL && i < list->addresses->len; i++) {
		const MailAddress *address = g_ptr_array_index(list->addresses, i);
		g_autofree char *mailbox = mailbox_form(address, written == 0 ? first : WORD_MAX_BYTES);
		if (mailbox == NULL) {
			tell_lost_address(writer, list->field, address);
			continue;
		}
		if (written == list->max || value->len + 2 + strlen(mailbox) > room) {
			cut++;
			continue;
		}
		g_string_append_printf(value, "%s%s", written++ > 0 ? ", " : "", mailbox);
	}
	tell_cut_list(writer, list->field, cut);
	writer->lists_left -= MIN(writer->lists_left, value->len);
	if (written > 0)
		headers_add(writer->headers, list->field, value->str);
	return written > 0;
}

static void tell_claimed_senders(HeaderWriter *writer)
{
	const AssembleInput *input = writer->input;
	if (!input->message->header_unread)
		notice_foot(writer->notice, SAY_FROM_REPLACED, NULL);
	const GPtrArray *from = input->message->from;
	for (guint i = 0; i < MIN(from->len, (guint)ADDRESSES_TOLD_MAX); i++) {
		const MailAddress *address = g_ptr_array_index(from, i);
		SayingFill fill = { .outside = address->name };
		if (*text_or_empty(address->name) != '\0')
			notice_foot(writer->notice, SAY_FROM_CLAIMED, &fill);
	}
	SayingFill fill = { .outside = input->envelope_sender };
	if (*text_or_empty(input->envelope_sender) != '\0')
		notice_foot(writer->notice, SAY_ENVELOPE_SENDER, &fill);
}

static void write_gateway_from(HeaderWriter *writer)
{
	g_autoptr(GString) value = g_string_new(NULL);
	append_phrase(value, notices_text(writer->input->notices, SAY_GATEWAY),
	              LINE_MAX_BYTES - strlen("From: "));
	g_string_append_printf(value, " <%s>", writer->input->gateway_address);
	headers_add(writer->headers, "From", value->str);
	tell_claimed_senders(writer);
}

static void write_addresses(HeaderWriter *writer)
{
	const Message *message = writer->input->message;
	const AddressList from = { "From", message->from, 20 };
	const AddressList others[] = {
		{ "Sender", message->sender, 1 },
		{ "Reply-To", message->reply_to, 1000 },
		{ "To", message->to, 1000 },
		{ "Cc", message->cc, 1000 },
	};
	if (!write_list(writer, &from))
		write_gateway_from(writer);
	enum { WITHOUT_RECIPIENTS = 2 };
	for (size_t i = 0; i < (writer->brief ? WITHOUT_RECIPIENTS : G_N_ELEMENTS(others)); i++)
		write_list(writer, &others[i]);
	if (!writer->brief && message->undisclosed && message->to->len + message->cc->len == 0)
		headers_add(writer->headers, "To", "undisclosed-recipients:;");
	SayingFill more = { .n = writer->addresses_more };
	if (more.n > 0)
		notice_foot(writer->notice, SAY_MORE_ADDRESSES, &more);
}

/* ---- the others ------------------------------------------------------------------------------ */

/* A plain text may not be encoded, but a line may have 998 bytes only. */
static char *break_tokens(const char *text)
{
	GString *broken = g_string_new(NULL);
	size_t run = 0;
	for (; *text != '\0'; text++) {
		if (run == TOKEN_MAX_BYTES)
			g_string_append_c(broken, ' ');
		run = *text == ' ' || run == TOKEN_MAX_BYTES ? (*text != ' ') : run + 1;
		g_string_append_c(broken, *text);
	}
	collapse_spaces(broken->str);
	return g_string_free(broken, FALSE);
}

static char *subject_form(const char *claimed, bool *ret_cut)
{
	char *subject = header_text(claimed, 0);
	*ret_cut = g_utf8_strlen(subject, -1) > SUBJECT_MAX_CHARS;
	if (is_plain_text(subject)) {
		char *broken = break_tokens(subject);
		g_free(subject);
		subject = broken;
	}
	char *cut = clean_line(subject, strlen(subject), SUBJECT_MAX_CHARS, NULL);
	g_free(subject);
	return cut;
}

static void write_subject(HeaderWriter *writer)
{
	bool cut;
	g_autofree char *subject = subject_form(writer->input->message->subject, &cut);
	if (cut || (writer->input->message->limits & MESSAGE_LIMIT_SUBJECT) != 0)
		notice_foot(writer->notice, SAY_SUBJECT_CUT, NULL);
	if (*subject == '\0')
		return;
	g_autoptr(GString) value = g_string_new(NULL);
	if (is_plain_text(subject))
		g_string_append(value, subject);
	else
		append_words(value, subject, LINE_MAX_BYTES - strlen("Subject: "));
	headers_add(writer->headers, "Subject", value->str);
}

/* With its < >. One that cannot be written becomes another, and everywhere the same one: so a mail and the
 * answers to it, which name it, stay one thread. */
static char *id_form(const char *claimed)
{
	if (is_message_id(claimed))
		return g_strdup_printf("<%s>", claimed);
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, claimed, -1);
	return g_strdup_printf("<%.32s@mugai.invalid>", hash);
}

static void write_message_id(HeaderWriter *writer)
{
	const char *claimed = writer->input->message->message_id;
	g_autofree char *id =
	        *claimed != '\0' ? id_form(claimed)
	                         : g_strdup_printf("<%.32s@mugai.invalid>", writer->input->original_sha256);
	headers_add(writer->headers, "Message-ID", id);
}

/* Past the cap the first and the last ones stay: the root of a thread and what is answered. */
static void write_ids(HeaderWriter *writer, const char *field, const GPtrArray *claimed)
{
	guint count = claimed != NULL ? claimed->len : 0;
	guint left_out = count > IDS_MAX ? count - IDS_MAX : 0;
	writer->ids_lost += left_out;
	g_autoptr(GString) value = g_string_new(NULL);
	for (guint i = 0; i < count; i += i == 0 ? 1 + left_out : 1) {
		g_autofree char *id = id_form(g_ptr_array_index(claimed, i));
		g_string_append_printf(value, "%s%s", i > 0 ? " " : "", id);
	}
	if (count > 0)
		headers_add(writer->headers, field, value->str);
}

static void write_threading(HeaderWriter *writer)
{
	write_message_id(writer);
	if (writer->brief)
		return;
	write_ids(writer, "In-Reply-To", writer->input->message->in_reply_to);
	write_ids(writer, "References", writer->input->message->references);
	SayingFill fill = { .n = writer->ids_lost };
	if (fill.n > 0)
		notice_foot(writer->notice, SAY_IDS_LOST, &fill);
}

static void write_list_id(HeaderWriter *writer)
{
	const Message *message = writer->input->message;
	if (strlen(message->list_id) > LIST_ID_MAX_BYTES ||
	    !is_dot_atom(message->list_id, strlen(message->list_id)))
		return;
	g_autofree char *phrase = header_text(message->list_name, PHRASE_MAX_CHARS);
	g_autoptr(GString) value = g_string_new(NULL);
	if (*phrase != '\0') {
		append_phrase(value, phrase, LINE_MAX_BYTES - strlen("List-Id: "));
		g_string_append_c(value, ' ');
	}
	g_string_append_printf(value, "<%s>", message->list_id);
	headers_add(writer->headers, "List-Id", value->str);
}

static void write_word(HeaderWriter *writer, const char *field, const char *const *table, unsigned count,
                       unsigned at)
{
	if (at < count && table[at] != NULL)
		headers_add(writer->headers, field, table[at]);
}

static void write_marks(HeaderWriter *writer)
{
	static const char *const submitted[AUTO_SUBMITTED_COUNT] = {
		[AUTO_SUBMITTED_NO] = "no",
		[AUTO_SUBMITTED_GENERATED] = "auto-generated",
		[AUTO_SUBMITTED_REPLIED] = "auto-replied",
		[AUTO_SUBMITTED_NOTIFIED] = "auto-notified",
	};
	static const char *const importance[IMPORTANCE_COUNT] = {
		[IMPORTANCE_HIGH] = "high",
		[IMPORTANCE_NORMAL] = "normal",
		[IMPORTANCE_LOW] = "low",
	};
	const Message *message = writer->input->message;
	write_word(writer, "Auto-Submitted", submitted, AUTO_SUBMITTED_COUNT, message->auto_submitted);
	write_list_id(writer);
	write_word(writer, "Importance", importance, IMPORTANCE_COUNT, message->importance);
}

static unsigned count_removed(const GPtrArray *parts)
{
	unsigned removed = 0;
	for (guint i = 0; i < parts->len; i++)
		removed += ((const MessagePart *)g_ptr_array_index(parts, i))->action == PART_ACTION_REMOVE;
	return removed;
}

static char *result_form(const AssembleInput *input, unsigned converted)
{
	static const char *const decisions[] = {
		[DECISION_DELIVER] = "deliver",
		[DECISION_NOTICE_ONLY] = "notice-only",
		[DECISION_HOLD] = "hold",
	};
	/* The checker wants no more outcomes than parts, whatever we were given. */
	unsigned parts = MIN(MAX(input->message->parts->len, converted), (guint)ASSEMBLE_COUNT_MAX);
	unsigned removed = MIN(count_removed(input->message->parts), parts);
	return g_strdup_printf("%s; parts=%u; removed=%u; converted=%u", decisions[input->decision], parts,
	                       removed, MIN(converted, parts));
}

static void write_own(HeaderWriter *writer, unsigned converted)
{
	const AssembleInput *input = writer->input;
	g_autofree char *hops = g_strdup_printf("%u", input->hops), *result = result_form(input, converted);
	g_autofree char *policy =
	        g_strdup_printf("%s; version=%s", input->policy_name, input->policy_version);
	headers_add(writer->headers, "X-Mugai-Id", input->id);
	headers_add(writer->headers, "X-Mugai-Hops", hops);
	headers_add(writer->headers, "X-Mugai-Policy", policy);
	headers_add(writer->headers, "X-Mugai-Result", result);
	headers_add(writer->headers, "MIME-Version", "1.0");
}

GPtrArray *headers_build(const AssembleInput *input, unsigned converted, bool brief, Notice *notice)
{
	HeaderWriter writer = {
		.input = input,
		.notice = notice,
		.brief = brief,
		.list_max = brief ? ASSEMBLE_LIST_BYTES_BRIEF : ASSEMBLE_LIST_BYTES_MAX,
		.lists_left = ASSEMBLE_LISTS_BYTES_MAX,
	};
	writer.headers = g_ptr_array_new_with_free_func((GDestroyNotify)clean_header_free);
	write_date(&writer);
	write_addresses(&writer);
	write_subject(&writer);
	write_threading(&writer);
	write_marks(&writer);
	write_own(&writer, converted);
	return writer.headers;
}
