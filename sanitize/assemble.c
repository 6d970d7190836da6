/* assemble: see assemble_priv.h. The clean message from top to bottom. */
#include "assemble_parts_priv.h"

#include <string.h>

G_DEFINE_QUARK(mugai_assemble_error, assemble_error)

typedef struct {
	const AssembleInput *input;
	bool delivered; /* the body is shown */
	bool brief;     /* without what can make a message large that shows no body */
	Notice *header_notes;
	CleanText body;
	Attachments *attachments;
	AttachmentSums sums; /* of them */
	uint64_t max_bytes;
} Assembly;

void clean_message_free(CleanMessage *clean)
{
	if (clean == NULL)
		return;
	g_clear_pointer(&clean->headers, g_ptr_array_unref);
	g_clear_pointer(&clean->body, g_bytes_unref);
	g_free(clean);
}

/* ---- arguments of the trusted side --------------------------------------------------------- */

static bool is_hex(const char *text, size_t length)
{
	return text != NULL && strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

static bool is_policy_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	return name != NULL && *name != '\0' && strlen(name) <= 64 && strspn(name, allowed) == strlen(name);
}

static const char *wrong_argument(const AssembleInput *input)
{
	const struct {
		const char *name;
		bool ok;
	} checks[] = {
		{ "message", input->message != NULL },
		{ "decision", input->decision <= DECISION_HOLD },
		{ "arrival", headers_time_ok(input->arrival, input->arrival_zone) },
		{ "original_sha256", is_hex(input->original_sha256, 64) },
		{ "id", is_hex(input->id, 32) },
		{ "hops", input->hops >= 1 && input->hops <= 100 },
		{ "policy_name", is_policy_name(input->policy_name) },
		{ "policy_version", is_hex(input->policy_version, 16) },
		{ "notices", input->notices != NULL },
		{ "gateway_address",
		  input->gateway_address != NULL && headers_address_ok(input->gateway_address) },
		{ "attachments",
		  input->message == NULL || input->decision != DECISION_DELIVER || attachments_ok(input) },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
		if (!checks[i].ok)
			return checks[i].name;
	return NULL;
}

static bool check_arguments(const AssembleInput *input, GError **error)
{
	const char *wrong = wrong_argument(input);
	if (wrong == NULL)
		return true;
	g_set_error(error, ASSEMBLE_ERROR, ASSEMBLE_ERROR_VALUE, "argument '%s' is not what it must be",
	            wrong);
	return false;
}

static bool check_size(const Assembly *assembly, uint64_t bytes, GError **error)
{
	if (bytes <= assembly->max_bytes)
		return true;
	g_set_error(error, ASSEMBLE_ERROR, ASSEMBLE_ERROR_LIMIT,
	            "clean message would have more than %" G_GUINT64_FORMAT " bytes", assembly->max_bytes);
	return false;
}

/* Bytes of the body as it came. base64 adds a third; cleaning seldom takes that. */
static uint64_t body_bytes(const Assembly *assembly)
{
	return assembly->delivered ? strlen(assembly->input->message->body) : 0;
}

/* ---- what the reader is told ----------------------------------------------------------------- */

/* Another form of the body that is shown is not lost: it is told apart from the others. */
static bool part_is_alternative(const Assembly *assembly, const MessagePart *part)
{
	return assembly->delivered && part->action == PART_ACTION_REMOVE &&
	       (part->flags & MESSAGE_PART_BODY_ALTERNATIVE) != 0;
}

static bool part_is_lost(const Assembly *assembly, const MessagePart *part)
{
	bool gone = !assembly->delivered || part->action == PART_ACTION_REMOVE;
	return gone && !part_is_alternative(assembly, part);
}

/* An empty multipart held nothing that could be lost: it is listed, and no more. */
static bool part_counts(const MessagePart *part)
{
	return part->reason != PART_REASON_EMPTY_CONTAINER;
}

/* By both types: a program that calls itself a picture is told as an attachment. */
static bool part_is_picture(const MessagePart *part)
{
	static const char image[] = "image/";
	bool truly =
	        *part->true_type == '\0' || g_ascii_strncasecmp(part->true_type, image, strlen(image)) == 0;
	return (part->flags & MESSAGE_PART_INLINE) != 0 && truly &&
	       g_ascii_strncasecmp(part->declared_type, image, strlen(image)) == 0;
}

typedef struct {
	unsigned attachments, pictures;
} Lost;

static Lost count_lost(const Assembly *assembly)
{
	const GPtrArray *parts = assembly->input->message->parts;
	Lost lost = { 0 };
	for (guint i = 0; i < parts->len; i++) {
		const MessagePart *part = g_ptr_array_index(parts, i);
		if (!part_is_lost(assembly, part) || !part_counts(part))
			continue;
		if (part_is_picture(part))
			lost.pictures++;
		else
			lost.attachments++;
	}
	return lost;
}

/* A greeting and the names of pictures are not what such a mail says. */
static bool is_all_pictures(const Assembly *assembly)
{
	enum { TEXT_CHARS_MIN = 40 };
	const Message *message = assembly->input->message;
	unsigned seen = 0;
	for (const char *at = assembly->body.text; *at != '\0' && seen < TEXT_CHARS_MIN;
	     at = g_utf8_next_char(at))
		seen += !g_unichar_isspace(g_utf8_get_char(at));
	return assembly->delivered && message->pictures > 0 && seen < TEXT_CHARS_MIN;
}

/* More than one in 20 characters of what is not ASCII; one odd sign in an English letter is no reason to
 * warn. */
static bool is_much_replaced(const Assembly *assembly)
{
	enum { SHARE = 20, PLACES_MIN = 3 };
	uint64_t replaced = assembly->input->message->replaced, others = 0;
	if (!assembly->delivered || replaced < PLACES_MIN)
		return false;
	for (const char *at = assembly->body.text; *at != '\0'; at++)
		others += ((unsigned char)*at & 0xC0) == 0xC0;
	return replaced > others / SHARE;
}

static void say_n(Notice *notice, Saying saying, uint64_t n)
{
	if (n > 0)
		notice_foot(notice, saying, &(SayingFill) { .n = n });
}

/* Always there, always first in the foot. */
static void tell_auth(const Assembly *assembly, Notice *notice)
{
	static const Saying words[AUTH_RESULT_COUNT] = {
		[AUTH_UNKNOWN] = SAY_WORD_AUTH_UNKNOWN,   [AUTH_NONE] = SAY_WORD_AUTH_NONE,
		[AUTH_PASS] = SAY_WORD_AUTH_PASS,         [AUTH_FAIL] = SAY_WORD_AUTH_FAIL,
		[AUTH_SOFTFAIL] = SAY_WORD_AUTH_SOFTFAIL, [AUTH_NEUTRAL] = SAY_WORD_AUTH_NEUTRAL,
		[AUTH_POLICY] = SAY_WORD_AUTH_POLICY,     [AUTH_TEMPERROR] = SAY_WORD_AUTH_ERROR,
		[AUTH_PERMERROR] = SAY_WORD_AUTH_ERROR,
	};
	const AuthResult *auth = assembly->input->message->auth;
	SayingFill fill = { 0 };
	bool known = false;
	/* SPF of the null sender checks a name that no reader sees. */
	bool bounce = *assembly->input->envelope_sender == '\0' && auth[AUTH_SPF] == AUTH_UNKNOWN;
	if (!assembly->input->tell_auth)
		return;
	for (size_t i = 0; i < AUTH_METHODS; i++) {
		known |= auth[i] != AUTH_UNKNOWN;
		fill.auth[i] =
		        notices_text(assembly->input->notices, words[MIN(auth[i], AUTH_RESULT_COUNT - 1)]);
	}
	notice_foot(notice, !known ? SAY_AUTH_UNKNOWN : bounce ? SAY_AUTH_BOUNCE : SAY_AUTH, &fill);
}

/* What the clerk must know before he believes who wrote. DMARC judges the address that he sees. Where the
 * sender's domain has no DMARC, SPF and DKIM are all there is, and SPF also fails where a mail was forwarded.
 */
static void warn_auth(const Assembly *assembly, Notice *notice)
{
	const AuthResult *auth = assembly->input->message->auth;
	bool judged = auth[AUTH_DMARC] == AUTH_PASS || auth[AUTH_DKIM] == AUTH_PASS;
	if (!assembly->input->tell_auth)
		return;
	if (auth[AUTH_DMARC] == AUTH_FAIL)
		notice_foot(notice, SAY_WARN_DMARC, NULL);
	else if (auth[AUTH_SPF] == AUTH_FAIL && !judged)
		notice_foot(notice, SAY_WARN_SPF, NULL);
}

/* place: from 1. NULL: a jail has lied. */
static const MailAddress *address_at(const GPtrArray *const *lists, size_t count, uint32_t place)
{
	for (size_t i = 0; i < count && place > 0; i++) {
		if (place <= lists[i]->len)
			return g_ptr_array_index(lists[i], place - 1);
		place -= lists[i]->len;
	}
	return NULL;
}

/* The line that names the address which a sign of the parser means. */
static void say_sign(const Assembly *assembly, Notice *notice, MessageSign sign, Saying saying)
{
	const Message *message = assembly->input->message;
	const GPtrArray *const all[] = { message->from, message->reply_to, message->sender };
	static const struct {
		unsigned first, count;
	} where[MESSAGE_SIGNS] = {
		[MESSAGE_SIGN_SHOWN_ADDRESS] = { 0, 1 },    [MESSAGE_SIGN_LOOK_ALIKE] = { 0, 3 },
		[MESSAGE_SIGN_REPLY_ELSEWHERE] = { 1, 1 },  [MESSAGE_SIGN_REPLY_TO_LIST] = { 1, 1 },
		[MESSAGE_SIGN_SENDER_ELSEWHERE] = { 2, 1 },
	};
	const MailAddress *address =
	        address_at(all + where[sign].first, where[sign].count, message->signs[sign]);
	if (address == NULL)
		return;
	g_autofree char *text = headers_address_text(address);
	notice_foot(notice, saying, &(SayingFill) { .outside = text });
}

/* A reader who knows our notices believes what is called one. */
static bool poses_as_gateway(const Assembly *assembly)
{
	const Message *message = assembly->input->message;
	const GPtrArray *const lists[] = { message->from, message->sender, message->reply_to };
	const char *gateway = notices_text(assembly->input->notices, SAY_GATEWAY);
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		for (guint n = 0; n < lists[i]->len; n++) {
			const MailAddress *address = g_ptr_array_index(lists[i], n);
			if (clean_text_imitates(address->name, gateway))
				return true;
		}
	}
	return clean_text_imitates(message->subject, gateway);
}

static void warn_signs(const Assembly *assembly, Notice *notice)
{
	const uint32_t *signs = assembly->input->message->signs;
	say_sign(assembly, notice, MESSAGE_SIGN_SHOWN_ADDRESS, SAY_WARN_SHOWN_ADDRESS);
	say_sign(assembly, notice, MESSAGE_SIGN_LOOK_ALIKE, SAY_WARN_LOOK_ALIKE);
	if (poses_as_gateway(assembly))
		notice_foot(notice, SAY_WARN_AS_GATEWAY, NULL);
	say_n(notice, SAY_WARN_SEVERAL_FROM, signs[MESSAGE_SIGN_SEVERAL_FROM]);
	say_sign(assembly, notice, MESSAGE_SIGN_REPLY_ELSEWHERE, SAY_WARN_REPLY_ELSEWHERE);
	say_n(notice, SAY_WARN_DISGUISED_NAME, signs[MESSAGE_SIGN_DISGUISED_NAME]);
}

/* No warnings: so are many a newsletter and every mailing list sent. */
static void tell_signs(const Assembly *assembly, Notice *notice)
{
	say_sign(assembly, notice, MESSAGE_SIGN_REPLY_TO_LIST, SAY_REPLY_TO_LIST);
	say_sign(assembly, notice, MESSAGE_SIGN_SENDER_ELSEWHERE, SAY_SENDER_ELSEWHERE);
}

/* First of all, since the reader may act on what stands above. */
static void tell_warnings(const Assembly *assembly, Notice *notice)
{
	const Message *message = assembly->input->message;
	warn_auth(assembly, notice);
	warn_signs(assembly, notice);
	if (!assembly->delivered)
		return;
	say_n(notice, SAY_WARN_LINKS, message->link_mismatches);
	say_n(notice, SAY_WARN_FLAGGED, message->links_flagged);
	if (assembly->input->defanged && message->link_mismatches + message->links_flagged > 0)
		notice_foot(notice, SAY_DEFANGED, NULL);
	say_n(notice, SAY_WARN_PASSWORD, message->password_fields);
	SayingFill fill = { .n = message->replaced, .outside = message->charset_declared };
	if (is_much_replaced(assembly))
		notice_foot(notice, *fill.outside != '\0' ? SAY_WARN_UNREADABLE : SAY_WARN_UNREADABLE_UNKNOWN,
		            &fill);
}

/* Why there is no more than a notice. MESSAGE_LIMIT_UNREADABLE before the rest: it weighs most. */
static const struct {
	uint32_t limit;
	Saying saying;
} causes[] = {
	{ MESSAGE_LIMIT_UNREADABLE, SAY_CAUSE_UNREADABLE },
	{ MESSAGE_LIMIT_SIZE, SAY_CAUSE_SIZE },
	{ MESSAGE_LIMIT_NO_MAIL, SAY_CAUSE_NO_MAIL },
};

static void tell_causes(const Assembly *assembly, Notice *notice)
{
	bool told = false;
	for (size_t i = 0; i < G_N_ELEMENTS(causes); i++) {
		if ((assembly->input->message->limits & causes[i].limit) == 0)
			continue;
		notice_foot(notice, causes[i].saying, NULL);
		told = true;
	}
	if (assembly->delivered)
		return;
	if (assembly->input->loop) {
		notice_foot(notice, SAY_CAUSE_LOOP,
		            &(SayingFill) { .outside = assembly->input->envelope_recipient });
		return;
	}
	if (assembly->input->decision == DECISION_HOLD) {
		notice_foot(notice, SAY_HOLD, NULL);
		return;
	}
	if (!told)
		notice_foot(notice, SAY_CAUSE_POLICY, NULL);
	notice_foot(notice, SAY_NOTICE_ONLY, NULL);
}

/* No warning: the plain form of many a newsletter is a stub, and the one that is shown is what the reader of
 * the original sees. */
static void tell_differs(const Assembly *assembly, Notice *notice)
{
	const Message *message = assembly->input->message;
	Saying form = message->body_source == BODY_HTML ? SAY_WORD_HTML : SAY_WORD_PLAIN;
	if (assembly->delivered && message->alternative_differs)
		notice_foot(notice, SAY_DIFFERS,
		            &(SayingFill) { .ours = notices_text(assembly->input->notices, form) });
}

static void tell_body(const Assembly *assembly, Notice *notice)
{
	static const Saying by_source[BODY_SOURCE_COUNT] = {
		[BODY_NONE] = SAY_NO_BODY,
		[BODY_PLAIN] = SAY_REWRITTEN_PLAIN,
		[BODY_HTML] = SAY_REWRITTEN_HTML,
		[BODY_ENRICHED] = SAY_REWRITTEN_PLAIN,
	};
	const Message *message = assembly->input->message;
	if (!assembly->delivered)
		return;
	BodySource source = message->body_source < BODY_SOURCE_COUNT ? message->body_source : BODY_PLAIN;
	notice_foot(notice,
	            *message->body != '\0' && source == BODY_NONE ? SAY_REWRITTEN_PLAIN : by_source[source],
	            NULL);
	if (is_all_pictures(assembly))
		say_n(notice, SAY_PICTURES_ONLY, message->pictures);
}

static void list_parts(const Assembly *assembly, Notice *notice)
{
	const GPtrArray *parts = assembly->input->message->parts;
	unsigned told = 0, alternatives = 0;
	for (guint i = 0; i < parts->len; i++) {
		const MessagePart *part = g_ptr_array_index(parts, i);
		if (part_is_alternative(assembly, part))
			alternatives++;
		else if (told++ < ASSEMBLE_PARTS_LISTED_MAX)
			notice_part(notice, part, assembly->delivered);
	}
	say_n(notice, SAY_MORE_PARTS,
	      told > ASSEMBLE_PARTS_LISTED_MAX ? told - ASSEMBLE_PARTS_LISTED_MAX : 0);
	/* The one which says something else was told before. */
	bool differs = assembly->input->message->alternative_differs && alternatives > 0;
	say_n(notice, SAY_ALTERNATIVES, alternatives - differs);
}

static void tell_parts(const Assembly *assembly, Notice *notice)
{
	if (assembly->brief)
		notice_foot(notice, SAY_BRIEF, &(SayingFill) { .n = assembly->input->message->parts->len });
	else
		list_parts(assembly, notice);
}

static void tell_blocks(Notice *notice, Saying saying, uint64_t blocks, uint64_t characters)
{
	if (blocks > 0)
		notice_foot(notice, saying, &(SayingFill) { .n = blocks, .m = characters });
}

static uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void tell_charset(const Assembly *assembly, Notice *notice)
{
	const Message *message = assembly->input->message;
	bool labelled = *message->charset_declared != '\0';
	SayingFill fill = { .n = message->replaced, .outside = message->charset_declared };
	if (message->charset_repaired)
		notice_foot(notice, labelled ? SAY_CHARSET_REPAIRED : SAY_CHARSET_GUESSED, &fill);
	if (message->replaced > 0 && !is_much_replaced(assembly))
		notice_foot(notice, labelled ? SAY_REPLACED : SAY_REPLACED_UNKNOWN, &fill);
}

static unsigned pictures_attached(const Assembly *assembly)
{
	const GPtrArray *parts = assembly->input->message->parts;
	unsigned attached = 0;
	for (guint i = 0; i < parts->len; i++) {
		const MessagePart *part = g_ptr_array_index(parts, i);
		attached += part_is_picture(part) && !part_is_alternative(assembly, part);
	}
	return attached;
}

/* Attached ones are listed as parts. */
static uint64_t pictures_elsewhere(const Assembly *assembly)
{
	uint64_t pictures = assembly->input->message->pictures, attached = pictures_attached(assembly);
	return is_all_pictures(assembly) || pictures < attached ? 0 : pictures - attached;
}

/* What the text had and has not now. */
static void tell_left_out(const Assembly *assembly, Notice *notice)
{
	enum {
		HIDDEN_TOLD_MIN = 40,   /* a preheader of a few words is not worth a line */
		OUTSIDE_TOLD_MIN = 200, /* nor is "This message is in MIME format", which no reader shows */
	};
	const Message *message = assembly->input->message;
	say_n(notice, SAY_NESTED, message->nested_messages);
	say_n(notice, SAY_HIDDEN, message->hidden_chars > HIDDEN_TOLD_MIN ? message->hidden_chars : 0);
	say_n(notice, SAY_PICTURES, pictures_elsewhere(assembly));
	say_n(notice, SAY_OBJECTS, message->objects);
	say_n(notice, SAY_LINKS_REMOVED, message->links_removed);
	say_n(notice, SAY_OUTSIDE, message->outside_bytes >= OUTSIDE_TOLD_MIN ? message->outside_bytes : 0);
}

static void tell_text(const Assembly *assembly, Notice *notice, uint64_t escaped)
{
	const Message *message = assembly->input->message;
	if (!assembly->delivered)
		return;
	tell_left_out(assembly, notice);
	tell_blocks(notice, SAY_BLOCKS, assembly->body.blocks, assembly->body.block_chars);
	tell_blocks(notice, SAY_TEXT_BLOCKS, assembly->sums.blocks, assembly->sums.block_chars);
	tell_charset(assembly, notice);
	uint64_t removed = add_capped(message->text_removed, assembly->body.removed);
	say_n(notice, SAY_PRIVATE_USE, message->private_use);
	say_n(notice, SAY_INVISIBLE, add_capped(removed, assembly->sums.removed));
	say_n(notice, SAY_ESCAPED, escaped + assembly->sums.escaped);
}

/* MESSAGE_LIMIT_SUBJECT is told with the subject, and the causes above. */
static const struct {
	uint32_t limit;
	Saying saying;
	bool content; /* something the reader would have seen is missing */
} limit_sayings[] = {
	{ MESSAGE_LIMIT_FIELDS, SAY_LIMIT_FIELDS, true },
	{ MESSAGE_LIMIT_HEADER_BLOCK, SAY_LIMIT_HEADER_BLOCK, true },
	{ MESSAGE_LIMIT_FIELD, SAY_LIMIT_FIELD, true },
	{ MESSAGE_LIMIT_ADDRESSES, SAY_LIMIT_ADDRESSES, false },
	{ MESSAGE_LIMIT_DEPTH, SAY_LIMIT_DEPTH, true },
	{ MESSAGE_LIMIT_PARTS, SAY_LIMIT_PARTS, true },
	{ MESSAGE_LIMIT_STRUCTURE, SAY_LIMIT_STRUCTURE, true },
	{ MESSAGE_LIMIT_TEXT, SAY_LIMIT_TEXT, true },
	{ MESSAGE_LIMIT_REFERENCES, SAY_LIMIT_REFERENCES, false },
	{ MESSAGE_LIMIT_HTML, SAY_LIMIT_HTML, true },
	{ MESSAGE_LIMIT_NESTED, SAY_LIMIT_NESTED, true },
	{ MESSAGE_LIMIT_BLOCKS, SAY_LIMIT_BLOCKS, true },
};

static void tell_limits(const Assembly *assembly, Notice *notice)
{
	for (size_t i = 0; i < G_N_ELEMENTS(limit_sayings); i++)
		if ((assembly->input->message->limits & limit_sayings[i].limit) != 0)
			notice_foot(notice, limit_sayings[i].saying, NULL);
}

static bool content_is_cut(const Assembly *assembly)
{
	for (size_t i = 0; i < G_N_ELEMENTS(limit_sayings); i++)
		if (limit_sayings[i].content &&
		    (assembly->input->message->limits & limit_sayings[i].limit) != 0)
			return true;
	return assembly->body.blocks > 0 || assembly->sums.blocks > 0 || assembly->sums.cut ||
	       is_all_pictures(assembly);
}

static void tell_head_lost(const Assembly *assembly, Notice *notice)
{
	Lost lost = count_lost(assembly);
	const SayingFill fill = { .n = lost.attachments, .m = lost.pictures };
	if (lost.attachments > 0 && lost.pictures > 0)
		notice_head(notice, SAY_HEAD_REMOVED_PICTURES, &fill);
	else if (lost.attachments > 0)
		notice_head(notice, SAY_HEAD_REMOVED, &fill);
	else if (lost.pictures > 0)
		notice_head(notice, SAY_HEAD_PICTURES, &fill);
	else if (content_is_cut(assembly))
		notice_head(notice, SAY_HEAD_MISSING, NULL);
}

static void tell_head(const Assembly *assembly, Notice *notice, bool warned)
{
	if (warned)
		notice_head(notice, SAY_HEAD_WARNING, NULL);
	if (assembly->delivered) {
		tell_head_lost(assembly, notice);
		if (assembly->sums.parts > 0)
			notice_head(notice, SAY_HEAD_CONVERTED, &(SayingFill) { .n = assembly->sums.parts });
		return;
	}
	notice_head(notice, SAY_HEAD_NOTICE_ONLY, NULL);
	if (assembly->input->original_elsewhere)
		notice_head(notice, SAY_HEAD_ORIGINAL, NULL);
}

/* Clocks go wrong by minutes; a mail dated later than this stays above all others in a mailbox. */
static bool is_of_tomorrow(const AssembleInput *input)
{
	static const int64_t day = 86400;
	const Message *message = input->message;

	return message->has_date && headers_time_ok(message->date, message->date_zone) &&
	       headers_time_ok(input->arrival, input->arrival_zone) && message->date - input->arrival > day;
}

static void tell_time(const Assembly *assembly, Notice *notice)
{
	const Message *message = assembly->input->message;
	g_autofree char *time = headers_time_japan(message);
	if (time != NULL)
		notice_foot(notice, SAY_DATE_JAPAN, &(SayingFill) { .ours = time });
	if (time != NULL && message->date_zoneless)
		notice_foot(notice, SAY_DATE_ZONELESS, NULL);
	if (is_of_tomorrow(assembly->input))
		notice_foot(notice, SAY_DATE_FUTURE, NULL);
}

/* After the warnings; warned: there were some. */
static void tell_foot(const Assembly *assembly, Notice *notice, bool warned, uint64_t escaped)
{
	tell_causes(assembly, notice);
	tell_signs(assembly, notice);
	tell_body(assembly, notice);
	tell_differs(assembly, notice);
	tell_time(assembly, notice);
	unsigned before = notice_foot_lines(notice);
	tell_limits(assembly, notice);
	tell_parts(assembly, notice);
	tell_text(assembly, notice, escaped);
	notice_join(notice, assembly->header_notes);
	say_n(notice, SAY_HEADER_REPLACED, assembly->input->message->header_replaced);
	say_n(notice, SAY_HEADER_INVISIBLE, assembly->input->message->header_removed);
	if (warned || notice_foot_lines(notice) > before || !assembly->delivered || content_is_cut(assembly))
		notice_foot(notice, assembly->input->original_elsewhere ? SAY_ORIGINAL : SAY_NO_ORIGINAL,
		            NULL);
}

/* ---- text and body ---------------------------------------------------------------------------- */

static GString *write_text(const Assembly *assembly)
{
	const Notices *notices = assembly->input->notices;
	g_autoptr(Notice) notice = notice_new(notices);
	GString *text = g_string_sized_new(assembly->body.bytes + assembly->body.bytes / 16 + 1024);
	uint64_t escaped = 0;
	tell_auth(assembly, notice);
	unsigned before = notice_foot_lines(notice);
	tell_warnings(assembly, notice);
	bool warned = notice_foot_lines(notice) > before;
	tell_head(assembly, notice, warned);
	notice_write_head(notice, text);
	/* A line of ours in place of no body, so that head and foot never touch. */
	if (assembly->delivered)
		escaped = clean_text_write(&assembly->body, notices_text(notices, SAY_EMPTY_BODY), text);
	else
		g_string_append_printf(text, "%s\r\n", notices_text(notices, SAY_HIDDEN_BODY));
	attachments_write_inside(assembly->attachments, text);
	tell_foot(assembly, notice, warned, escaped);
	notice_write_foot(notice, text);
	return text;
}

static char *boundary_of(const Assembly *assembly)
{
	return g_strconcat("=_mugai_", assembly->input->id, NULL);
}

static GString *write_body(const Assembly *assembly, const GString *text, size_t bytes)
{
	GString *body = g_string_sized_new(bytes);
	if (attachments_count(assembly->attachments) == 0) {
		mime_base64(body, text->str, text->len);
		return body;
	}
	g_autofree char *boundary = boundary_of(assembly);
	g_string_append_printf(body,
	                       "--%s\r\nContent-Type: " ASSEMBLE_TEXT_TYPE
	                       "\r\nContent-Transfer-Encoding: base64\r\n\r\n",
	                       boundary);
	mime_base64(body, text->str, text->len);
	attachments_write(assembly->attachments, boundary, body);
	g_string_append_printf(body, "--%s--\r\n", boundary);
	return body;
}

static void add_content_fields(const Assembly *assembly, GPtrArray *headers)
{
	if (attachments_count(assembly->attachments) == 0) {
		headers_add(headers, "Content-Type", ASSEMBLE_TEXT_TYPE);
		headers_add(headers, "Content-Transfer-Encoding", "base64");
		return;
	}
	g_autofree char *boundary = boundary_of(assembly);
	g_autofree char *type = g_strdup_printf("multipart/mixed; boundary=\"%s\"", boundary);
	headers_add(headers, "Content-Type", type);
}

/* In bytes with CRLF: each LF of a folded value becomes two. */
static size_t headers_size(const GPtrArray *headers)
{
	size_t bytes = 2;
	for (guint i = 0; i < headers->len; i++) {
		const CleanHeader *header = g_ptr_array_index(headers, i);
		bytes += strlen(header->name) + strlen(header->value) + 4;
		for (const char *at = strchr(header->value, '\n'); at != NULL; at = strchr(at + 1, '\n'))
			bytes++;
	}
	return bytes;
}

static void clear_text(GString **text)
{
	if (*text != NULL)
		g_string_free(*text, TRUE);
	*text = NULL;
}

/* All but the attachments. Anew after each change of them, since they decide what the notice says. */
static void write_all_but(Assembly *assembly, CleanMessage *clean, GString **text)
{
	notice_free(assembly->header_notes);
	clear_text(text);
	g_clear_pointer(&clean->headers, g_ptr_array_unref);
	assembly->header_notes = notice_new(assembly->input->notices);
	assembly->sums = attachments_sums(assembly->attachments);
	clean->headers =
	        headers_build(assembly->input, assembly->sums.parts, assembly->brief, assembly->header_notes);
	add_content_fields(assembly, clean->headers);
	*text = write_text(assembly);
}

/* Not less than the message has without its attachments. */
static uint64_t own_bytes(const CleanMessage *clean, const GString *text)
{
	return mime_base64_size(text->len) + headers_size(clean->headers);
}

/* Lets go of attachments until the rest fits, with what the notice then says more. */
static void make_fit(Assembly *assembly, CleanMessage *clean, GString **text)
{
	enum { NOTICE_LINE_BOUND = 1000 };
	uint64_t parts = assembly->sums.parts;
	uint64_t own = own_bytes(clean, *text) + parts * NOTICE_LINE_BOUND;
	if (parts == 0 ||
	    own_bytes(clean, *text) + attachments_bound(assembly->attachments) <= assembly->max_bytes)
		return;
	attachments_shrink(assembly->attachments, assembly->max_bytes > own ? assembly->max_bytes - own : 0);
	write_all_but(assembly, clean, text);
}

static CleanMessage *assemble_all(Assembly *assembly, GString **text, GError **error)
{
	/* Before anything of that size is allocated. */
	uint64_t bytes = body_bytes(assembly);
	if (!check_size(assembly, bytes, error))
		return NULL;
	assembly->attachments =
	        attachments_new(assembly->input, assembly->delivered, assembly->max_bytes - bytes);
	clean_text_prepare(&assembly->body, assembly->delivered ? assembly->input->message->body : "",
	                   assembly->input->notices);
	g_autoptr(CleanMessage) clean = g_new0(CleanMessage, 1);
	write_all_but(assembly, clean, text);
	make_fit(assembly, clean, text);
	uint64_t bound = own_bytes(clean, *text) + attachments_bound(assembly->attachments);
	if (!check_size(assembly, bound, error))
		return NULL;
	clean->body = g_string_free_to_bytes(write_body(assembly, *text, bound + 1));
	return g_steal_pointer(&clean);
}

static void assembly_clear(Assembly *assembly)
{
	clean_text_clear(&assembly->body);
	notice_free(assembly->header_notes);
	attachments_free(assembly->attachments);
}

static CleanMessage *assemble_once(const AssembleInput *input, bool brief, GError **error)
{
	Assembly assembly = {
		.input = input,
		.delivered = input->decision == DECISION_DELIVER,
		.brief = brief,
		.max_bytes = MIN(input->max_bytes, (uint64_t)ASSEMBLE_BYTES_MAX),
	};
	GString *text = NULL;
	CleanMessage *clean = assemble_all(&assembly, &text, error);
	clear_text(&text);
	assembly_clear(&assembly);
	return clean;
}

CleanMessage *assemble_message(const AssembleInput *input, GError **error)
{
	if (!check_arguments(input, error))
		return NULL;
	g_autoptr(GError) cause = NULL;
	CleanMessage *clean = assemble_once(input, false, &cause);
	/* The last resort of every mail: lists that a sender fills must not be able to stop it. */
	if (clean == NULL && input->decision != DECISION_DELIVER) {
		g_clear_error(&cause);
		clean = assemble_once(input, true, &cause);
	}
	if (clean == NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	return clean;
}

/* ---- bytes -------------------------------------------------------------------------------------- */

/* text has one kind of line end; the result has CRLF or LF. */
static void append_lines(GString *out, const char *text, size_t bytes, bool crlf)
{
	for (const char *at = text, *end = text + bytes; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = stop != NULL ? stop : end;
		size_t length = (size_t)(line_end - at);
		length -= length > 0 && at[length - 1] == '\r';
		g_string_append_len(out, at, (gssize)length);
		if (stop != NULL)
			g_string_append(out, crlf ? "\r\n" : "\n");
		at = stop != NULL ? stop + 1 : end;
	}
}

GBytes *clean_message_bytes(const CleanMessage *clean, bool crlf)
{
	gsize bytes;
	const char *body = g_bytes_get_data(clean->body, &bytes);
	const char *line_end = crlf ? "\r\n" : "\n";
	GString *out = g_string_sized_new(bytes + headers_size(clean->headers) + 1);
	for (guint i = 0; i < clean->headers->len; i++) {
		const CleanHeader *header = g_ptr_array_index(clean->headers, i);
		g_string_append_printf(out, "%s: ", header->name);
		append_lines(out, header->value, strlen(header->value), crlf);
		g_string_append(out, line_end);
	}
	g_string_append(out, line_end);
	append_lines(out, body, bytes, crlf);
	return g_string_free_to_bytes(out);
}
