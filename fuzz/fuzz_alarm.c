/* The text of a bounce, as it comes out of a jail: whatever it says, the claims are bounded, one line each,
 * and an id is an id. */
#include "alarm_priv.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void check_value(const char *value)
{
	if (value == NULL)
		return;
	demand(g_utf8_validate(value, -1, NULL));
	demand(g_utf8_strlen(value, -1) <= ALARM_VALUE_MAX && strchr(value, '\n') == NULL);
}

static void check_recipient(const AlarmRecipient *recipient)
{
	check_value(recipient->recipient);
	check_value(recipient->original_recipient);
	check_value(recipient->action);
	check_value(recipient->status);
	check_value(recipient->diagnostic);
	check_value(recipient->remote);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_utf8_make_valid((const char *)data, (gssize)size);
	g_autoptr(AlarmClaims) claims = alarm_claims_read(text);
	check_value(claims->reporter);
	check_value(claims->queue_id);
	check_value(claims->sender);
	check_value(claims->arrival);
	check_value(claims->message_id);
	demand(claims->mugai_id == NULL || strspn(claims->mugai_id, "0123456789abcdef") == 32);
	demand(claims->mugai_id == NULL || strlen(claims->mugai_id) == 32);
	demand(claims->recipients->len == MIN(claims->n_recipients, ALARM_RECIPIENTS_MAX));
	for (guint i = 0; i < claims->recipients->len; i++)
		check_recipient(g_ptr_array_index(claims->recipients, i));
	return 0;
}
