/* Settings and policy files: no bytes may crash, and every text is either a value or told why not, in
 * lines that a terminal can show. */
#include "conf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

static void check_outcome(bool value, const GPtrArray *errors)
{
	demand(value == (errors->len == 0));
	demand(errors->len <= 101);
	for (guint i = 0; i < errors->len; i++) {
		const char *text = g_ptr_array_index(errors, i);
		/* Or a file of sentences that the settings name, which is not there. */
		demand(g_str_has_prefix(text, "fuzz:") || text[0] == '/');
		demand(g_utf8_validate(text, -1, NULL) && !has_control(text));
	}
}

static void check_settings(const ConfSettings *settings)
{
	demand(settings->milter_socket[0] == '/' && strlen(settings->milter_socket) <= 107);
	demand(settings->work_slots >= 1 && settings->work_slots <= 64);
	demand(settings->limits.mime_depth >= 1 && settings->limits.mime_depth <= 30);
	demand(settings->limits.header_block <= settings->limits.message);
	demand(settings->limits.clean_message <= 45000000);
}

static void check_policy(const Policy *policy)
{
	demand(policy_rules(policy)->len >= 1 && policy_rules(policy)->len <= POLICY_RULES_MAX);
	demand(strlen(policy_version(policy)) == 16 && *policy_name(policy) != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = conf_parse("fuzz", (const char *)data, size, errors);
	check_outcome(conf != NULL, errors);
	if (conf != NULL)
		check_settings(conf_settings(conf));

	g_ptr_array_set_size(errors, 0);
	g_autoptr(Policy) policy = policy_parse("fuzz", (const char *)data, size, errors);
	check_outcome(policy != NULL, errors);
	if (policy != NULL)
		check_policy(policy);
	return 0;
}
