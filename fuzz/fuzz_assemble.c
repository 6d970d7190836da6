/* fuzz_assemble: any values -> the assembler -> the result obeys the basics of the grammar.
 *
 * The first bytes choose numbers; the rest are the strings of a message, each ended by a NUL
 * byte, in the order of fill(). What is missing is empty.
 */
#include "assemble_priv.h"
#include "conversion_priv.h"
#include "message_rules.h"
#include "pdf_sample.h"
#include "verify_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
	const uint8_t *at, *end;
} Feed;

static uint8_t feed_byte(Feed *feed)
{
	return feed->at < feed->end ? *feed->at++ : 0;
}

static uint64_t feed_number(Feed *feed)
{
	uint64_t number = 0;
	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | feed_byte(feed);
	return number;
}

/* The wire lets only valid UTF-8 through, so this is all that can arrive. */
static char *feed_string(Feed *feed)
{
	const uint8_t *stop =
	        feed->at == feed->end ? feed->end : memchr(feed->at, 0, (size_t)(feed->end - feed->at));
	const uint8_t *end = stop != NULL ? stop : feed->end;
	char *text = g_utf8_make_valid((const char *)feed->at, end - feed->at);
	feed->at = end < feed->end ? end + 1 : feed->end;
	return text;
}

static void feed_into(Feed *feed, char **slot)
{
	g_free(*slot);
	*slot = feed_string(feed);
}

static void feed_address(Feed *feed, GPtrArray *list)
{
	MailAddress *address = g_new0(MailAddress, 1);
	address->name = feed_string(feed);
	address->local = feed_string(feed);
	address->domain = feed_string(feed);
	g_ptr_array_add(list, address);
}

static void feed_part(Feed *feed, Message *message)
{
	MessagePart *part = g_new0(MessagePart, 1);
	uint8_t choice = feed_byte(feed);
	part->action = choice % PART_ACTION_COUNT;
	part->reason = choice % (PART_REASON_COUNT + 2);
	part->flags = choice >> 5;
	part->bytes = feed_number(feed);
	part->number = feed_string(feed);
	part->name = feed_string(feed);
	part->declared_type = feed_string(feed);
	part->true_type = feed_string(feed);
	g_ptr_array_add(message->parts, part);
}

/* A jail that draws may say any number. */
static void fill_conversions(Feed *feed, const Message *message)
{
	const PolicyConversion how = { .dpi = 150, .pages = 500 };
	for (guint i = 0; i < message->parts->len; i++) {
		MessagePart *part = g_ptr_array_index(message->parts, i);
		uint8_t choice = feed_byte(feed);
		if (part->action == PART_ACTION_REMOVE && choice % 2 == 0)
			continue;
		PartConversion *conversion = conversion_new(MAX(part->action, PART_ACTION_TEXT), &how);
		conversion->done = true;
		conversion->status = choice % (RENDER_STATUS_COUNT + 2);
		conversion->format = choice / 2 % (RENDER_FORMAT_COUNT + 2);
		conversion->pages_found = (uint32_t)feed_number(feed);
		conversion->pages = conversion->pages_failed = feed_byte(feed);
		conversion->text_cut = conversion->hidden_chars = feed_number(feed);
		conversion->lost[choice % RENDER_LOST_COUNT] = feed_byte(feed);
		conversion->hidden[choice % RENDER_HIDDEN_COUNT] = feed_byte(feed);
		conversion->beside[choice % RENDER_BESIDE_COUNT] = feed_byte(feed);
		conversion->missing_glyphs = feed_byte(feed);
		conversion->more_pages = choice % 3 == 0;
		part->conversion = conversion;
	}
}

/* Image PDFs themselves are for the checker's own fuzzer. */
static GPtrArray *pdfs_of(const Message *message, GBytes *pdf)
{
	GPtrArray *pdfs = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < message->parts->len; i++) {
		PdfAttachment *attachment = g_new0(PdfAttachment, 1);
		*attachment = (PdfAttachment) { i, pdf };
		g_ptr_array_add(pdfs, attachment);
	}
	return pdfs;
}

static GPtrArray *texts_of(const Message *message)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < message->parts->len; i++) {
		TextAttachment *text = g_new0(TextAttachment, 1);
		*text = (TextAttachment) { i, message->body };
		g_ptr_array_add(texts, text);
	}
	return texts;
}

static void fill_numbers(Feed *feed, Message *message)
{
	message->has_date = feed_byte(feed) & 1;
	message->date = (int64_t)feed_number(feed) >> (feed_byte(feed) % 64);
	message->date_zone = (int)feed_number(feed) % 2000;
	message->limits = (uint32_t)feed_number(feed);
	message->auto_submitted = feed_byte(feed) % 8;
	message->importance = feed_byte(feed) % 8;
	message->body_source = feed_byte(feed) % 5;
	message->replaced = feed_byte(feed);
	message->text_removed = feed_number(feed);
}

/* Last, so that older inputs still say what they said. */
static void fill_claims(Feed *feed, Message *message)
{
	uint64_t *const counts[] = { &message->hidden_chars,    &message->link_mismatches,
		                     &message->links_removed,   &message->links_flagged,
		                     &message->pictures,        &message->password_fields,
		                     &message->nested_messages, &message->outside_bytes };
	uint8_t flags = feed_byte(feed);
	message->charset_repaired = flags & 1;
	message->alternative_differs = flags >> 1 & 1;
	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
		*counts[i] = (uint64_t)feed_byte(feed) << (flags >> 2);
	for (size_t i = 0; i < AUTH_METHODS; i++)
		message->auth[i] = feed_byte(feed) % AUTH_RESULT_COUNT;
	for (size_t i = 0; i < MESSAGE_SIGNS; i++)
		message->signs[i] = feed_byte(feed);
	message->private_use = feed_byte(feed);
	message->header_removed = feed_byte(feed);
	message->header_replaced = feed_byte(feed);
	message->undisclosed = feed_byte(feed) & 1;
	message->date_zoneless = feed_byte(feed) & 1;
}

static void fill(Feed *feed, Message *message)
{
	feed_into(feed, &message->body);
	feed_into(feed, &message->subject);
	feed_into(feed, &message->message_id);
	feed_into(feed, &message->list_id);
	feed_into(feed, &message->list_name);
	feed_into(feed, &message->charset_declared);
	GPtrArray *lists[] = { message->from, message->sender, message->reply_to, message->to, message->cc };
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		feed_address(feed, lists[i]);
	g_ptr_array_add(message->in_reply_to, feed_string(feed));
	g_ptr_array_add(message->references, feed_string(feed));
	while (feed->at < feed->end && message->parts->len < 4)
		feed_part(feed, message);
	fill_claims(feed, message);
	fill_conversions(feed, message);
	while (feed->at < feed->end && message->to->len < 50)
		feed_address(feed, message->to);
}

enum { SMALL = 64000, LARGE = 45000000 };

static void fail(const char *rule, const char *bytes)
{
	fprintf(stderr, "broken: %s\n%s\n", rule, bytes);
	abort();
}

static void run(const AssembleInput *input)
{
	g_autoptr(CleanMessage) clean = assemble_message(input, NULL);
	/* A text can be too large for its cap; the message that is only a notice never is. */
	if (clean == NULL && input->decision == DECISION_DELIVER && input->max_bytes < LARGE)
		return;
	if (clean == NULL)
		fail("no message", "");
	g_autoptr(GBytes) bytes = clean_message_bytes(clean, true);
	g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	if (strlen(text) > input->max_bytes)
		fail("larger than its cap", text);
	const char *broken = message_rules(text, strlen(text));
	if (broken != NULL)
		fail(broken, text);
	/* And what the checker itself says: written from the grammar by another hand. */
	struct verify_error refused;
	if (!verify_message(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &refused))
		fail("mugai-verify refuses it", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Notices *notices[2];
	if (notices[0] == NULL) {
		notices[CONF_LANGUAGE_JA] = notices_builtin(CONF_LANGUAGE_JA);
		notices[CONF_LANGUAGE_EN] = notices_builtin(CONF_LANGUAGE_EN);
	}
	Feed feed = { data, data + size };
	g_autoptr(Message) message = message_new();
	uint8_t choice = feed_byte(&feed);
	fill_numbers(&feed, message);
	fill(&feed, message);
	g_autoptr(GBytes) pdf = pdf_sample();
	g_autoptr(GPtrArray) texts = texts_of(message), pdfs = pdfs_of(message, pdf);
	AssembleInput input = {
		.message = message,
		.decision = choice % 3,
		.envelope_sender = message->subject,
		.envelope_recipient = "",
		.arrival = 1774998300,
		.arrival_zone = 540,
		.original_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.id = "00112233445566778899aabbccddeeff",
		.hops = 1,
		.policy_name = "strict",
		.policy_version = "0123456789abcdef",
		.notices = notices[choice >> 2 & 1],
		.gateway_address = "mugai@gateway.invalid",
		.original_elsewhere = choice >> 3 & 1,
		.tell_auth = choice >> 5 & 1,
		.texts = texts,
		.pdfs = pdfs,
		.max_image_pdf = choice & 1 ? LARGE : g_bytes_get_size(pdf) * 2,
		.max_bytes = choice >> 4 & 1 ? SMALL : LARGE,
	};
	run(&input);
	return 0;
}
