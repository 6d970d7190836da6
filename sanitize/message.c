/* message: see message_priv.h. */
#include "message_priv.h"

const char *auth_method_name(AuthMethod method)
{
	static const char *const names[AUTH_METHODS] = { "spf", "dkim", "dmarc" };
	return names[method];
}

const char *auth_result_name(AuthResult result)
{
	static const char *const names[AUTH_RESULT_COUNT] = {
		[AUTH_UNKNOWN] = "unknown", [AUTH_NONE] = "none",           [AUTH_PASS] = "pass",
		[AUTH_FAIL] = "fail",       [AUTH_SOFTFAIL] = "softfail",   [AUTH_NEUTRAL] = "neutral",
		[AUTH_POLICY] = "policy",   [AUTH_TEMPERROR] = "temperror", [AUTH_PERMERROR] = "permerror",
	};
	return names[result];
}

const char *message_sign_name(MessageSign sign)
{
	static const char *const names[MESSAGE_SIGNS] = {
		[MESSAGE_SIGN_SHOWN_ADDRESS] = "shown-address",
		[MESSAGE_SIGN_LOOK_ALIKE] = "look-alike-domain",
		[MESSAGE_SIGN_SEVERAL_FROM] = "several-from",
		[MESSAGE_SIGN_REPLY_ELSEWHERE] = "reply-elsewhere",
		[MESSAGE_SIGN_REPLY_TO_LIST] = "reply-to-list",
		[MESSAGE_SIGN_SENDER_ELSEWHERE] = "sender-elsewhere",
		[MESSAGE_SIGN_DISGUISED_NAME] = "disguised-name",
	};
	return names[sign];
}

const char *part_action_name(PartAction action)
{
	static const char *const names[PART_ACTION_COUNT] = {
		[PART_ACTION_REMOVE] = "remove",
		[PART_ACTION_TEXT] = "text",
		[PART_ACTION_IMAGE_PDF] = "image-pdf",
		[PART_ACTION_IMAGE_PDF_TEXT] = "image-pdf+text",
	};
	return names[action];
}

const char *part_scan_name(PartScan scan)
{
	static const char *const names[PART_SCAN_COUNT] = {
		[PART_SCAN_NOT_SCANNED] = "not-scanned", [PART_SCAN_CLEAN] = "clean",
		[PART_SCAN_INFECTED] = "infected",       [PART_SCAN_SUSPICIOUS] = "suspicious",
		[PART_SCAN_UNSCANNABLE] = "unscannable",
	};
	return names[scan];
}

void mail_address_free(MailAddress *address)
{
	if (address == NULL)
		return;
	g_free(address->name);
	g_free(address->local);
	g_free(address->domain);
	g_free(address);
}

void message_part_free(MessagePart *part)
{
	if (part == NULL)
		return;
	g_free(part->number);
	g_free(part->name);
	g_free(part->declared_type);
	g_free(part->true_type);
	g_free(part->conversion);
	g_free(part);
}

void message_field_free(MessageField *field)
{
	if (field == NULL)
		return;
	g_free(field->name);
	g_free(field->value);
	g_free(field);
}

static GPtrArray *address_list_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)mail_address_free);
}

Message *message_new(void)
{
	Message *message = g_new0(Message, 1);
	GPtrArray **addresses[] = { &message->from, &message->sender, &message->reply_to, &message->to,
		                    &message->cc };
	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++)
		*addresses[i] = address_list_new();
	char **strings[] = { &message->subject,     &message->message_id, &message->list_id,
		             &message->list_name,   &message->body,       &message->charset_declared,
		             &message->charset_used };
	for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
		*strings[i] = g_strdup("");
	message->in_reply_to = g_ptr_array_new_with_free_func(g_free);
	message->references = g_ptr_array_new_with_free_func(g_free);
	message->fields = g_ptr_array_new_with_free_func((GDestroyNotify)message_field_free);
	message->parts = g_ptr_array_new_with_free_func((GDestroyNotify)message_part_free);
	return message;
}

void message_free(Message *message)
{
	if (message == NULL)
		return;
	GPtrArray *lists[] = { message->from,       message->sender, message->reply_to,
		               message->to,         message->cc,     message->in_reply_to,
		               message->references, message->fields, message->parts };
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		g_clear_pointer(&lists[i], g_ptr_array_unref);
	g_free(message->subject);
	g_free(message->message_id);
	g_free(message->list_id);
	g_free(message->list_name);
	g_free(message->body);
	g_free(message->charset_declared);
	g_free(message->charset_used);
	g_free(message);
}
