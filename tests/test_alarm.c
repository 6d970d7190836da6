/* What is read from the text of a bounce, and that a flood of alarms fills nothing. */
#include "alarm_priv.h"

#include <glib/gstdio.h>
#include <string.h>

#define ID "0123456789abcdef0123456789abcdef"
#define OTHER_ID "fedcba9876543210fedcba9876543210"
#define HEAD "Content-Type: multipart/report\n\nStatus: 9.9.9\nX-Postfix-Queue-ID: FORGED\n\n--b\n"
#define REPORT HEAD "Content-Type: message/delivery-status\n\n"
#define MAIL "\n--b\nContent-Description: Undelivered Message\nContent-Type: message/rfc822\n\n"

static const struct {
	const char *name;
	const char *text;
	const char *queue_id, *sender, *message_id, *id;
	unsigned recipients;
	const char *recipient, *status, *diagnostic;
} cases[] = {
	/* clang-format off */
	{ "nothing", "", NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL },
	{ "no report", HEAD "text\n" MAIL "Message-ID: <a@b>\n", NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL },
	{ "Postfix's", REPORT "Reporting-MTA: dns; san\nX-Postfix-Queue-ID: ABC\nX-Postfix-Sender: rfc822; a@b.example\n\n"
	  "Final-Recipient: rfc822; c@d.example\nOriginal-Recipient: rfc822;e@f\nAction: failed\nStatus: 5.2.2\n"
	  "Diagnostic-Code: smtp; 552 5.2.2 Mailbox\n    full\n" MAIL
	  "X-Mugai-Id: " ID "\nMessage-ID: <m@x>\n\nMessage-ID: <body@x>\n",
	  "ABC", "a@b.example", "<m@x>", ID, 1, "c@d.example", "5.2.2", "552 5.2.2 Mailbox full" },
	{ "two recipients", REPORT "X-Postfix-Queue-ID: ABC\n\nFinal-Recipient: rfc822; a\nStatus: 4.0.0\n\n"
	  "Final-Recipient: rfc822; b\nStatus: 5.0.0\n", "ABC", NULL, NULL, NULL, 2, "a", "4.0.0", NULL },
	{ "the first of a field counts", REPORT "X-Postfix-Queue-ID: ABC\nX-Postfix-Queue-ID: DEF\n\n"
	  "Final-Recipient: rfc822; a\nStatus: 4.0.0\nStatus: 5.0.0\nX-Postfix-Queue-ID: GHI\n" MAIL
	  "Message-Id: <1@x>\nMessage-Id: <2@x>\n", "ABC", NULL, "<1@x>", NULL, 1, "a", "4.0.0", NULL },
	{ "a mail that imitates a report", REPORT "X-Postfix-Queue-ID: ABC\n\nFinal-Recipient: rfc822; a\n" MAIL
	  "Subject: x\nX-Postfix-Queue-ID: EVIL\nFinal-Recipient: rfc822; evil\n\n--b\n"
	  "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; evil\n",
	  "ABC", NULL, NULL, NULL, 1, "a", NULL, NULL },
	{ "the id of our answer, not the mail's", REPORT "\nFinal-Recipient: rfc822; a\n"
	  "Diagnostic-Code: smtp; 451 4.7.1 not safe (" ID ")\n" MAIL "X-Mugai-Id: " OTHER_ID "\n",
	  NULL, NULL, NULL, ID, 1, "a", NULL, "451 4.7.1 not safe (" ID ")" },
	{ "no id of ours", REPORT "\nFinal-Recipient: rfc822; a\nDiagnostic-Code: x; (4X1)\n" MAIL "X-Mugai-Id: " ID "0\n",
	  NULL, NULL, NULL, NULL, 1, "a", NULL, "(4X1)" },
	{ "headers alone", REPORT "\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <m@x>\n",
	  NULL, NULL, "<m@x>", NULL, 0, NULL, NULL, NULL },
	{ "global", HEAD "content-type: message/global-delivery-status\n\nFinal-Recipient: utf-8; \u4F50\u85E4@x\n",
	  NULL, NULL, NULL, NULL, 1, "\u4F50\u85E4@x", NULL, NULL },
	{ "cut in a field", REPORT "X-Postfix-Queue-ID: AB", "AB", NULL, NULL, NULL, 0, NULL, NULL, NULL },
	/* clang-format on */
};

static void test_claims(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_autoptr(AlarmClaims) claims = alarm_claims_read(cases[i].text);
		g_assert_cmpstr(claims->queue_id, ==, cases[i].queue_id);
		g_assert_cmpstr(claims->sender, ==, cases[i].sender);
		g_assert_cmpstr(claims->message_id, ==, cases[i].message_id);
		g_assert_cmpstr(claims->mugai_id, ==, cases[i].id);
		g_assert_cmpuint(claims->n_recipients, ==, cases[i].recipients);
		if (cases[i].recipients == 0)
			continue;
		const AlarmRecipient *recipient = g_ptr_array_index(claims->recipients, 0);
		g_assert_cmpstr(recipient->recipient, ==, cases[i].recipient);
		g_assert_cmpstr(recipient->status, ==, cases[i].status);
		g_assert_cmpstr(recipient->diagnostic, ==, cases[i].diagnostic);
	}
}

static void test_claims_are_bounded(void)
{
	g_autoptr(GString) text = g_string_new(REPORT);
	g_string_append(text, "\n");
	for (unsigned i = 0; i < 1000; i++)
		g_string_append_printf(text, "Final-Recipient: rfc822; %0500u\n\n", i);
	g_autoptr(AlarmClaims) claims = alarm_claims_read(text->str);
	g_assert_cmpuint(claims->n_recipients, ==, 1000);
	g_assert_cmpuint(claims->recipients->len, ==, ALARM_RECIPIENTS_MAX);
	const AlarmRecipient *recipient = g_ptr_array_index(claims->recipients, 0);
	g_assert_cmpuint(strlen(recipient->recipient), ==, ALARM_VALUE_MAX);
}

/* A state file that is missing, empty, cut or somebody else's. */
static void test_damaged_file(void)
{
	static const char *const texts[] = { "", "\n\n", "mugai-alarms 2 7\n", "mugai-alarms 1 x\n", "\xFF\xFE" };
	g_autofree char *directory = g_dir_make_tmp("test_alarm.XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "alarms", NULL);
	SanitizeAlarms alarms;
	sanitize_alarms(directory, &alarms);
	g_assert_cmpuint(alarms.count + alarms.n, ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_assert_true(g_file_set_contents(path, texts[i], -1, NULL));
		sanitize_alarms(directory, &alarms);
		g_assert_cmpuint(alarms.count + alarms.n, ==, 0);
	}
	g_assert_true(g_file_set_contents(path, "mugai-alarms 1 9\n5 san ABC 5.2.2 -\nnonsense\n", -1, NULL));
	sanitize_alarms(directory, &alarms);
	g_assert_cmpuint(alarms.count, ==, 9);
	g_assert_cmpuint(alarms.n, ==, 1);
	g_assert_cmpstr(alarms.last[0].queue, ==, "san");
	g_unlink(path);
	g_rmdir(directory);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/alarm/claims", test_claims);
	g_test_add_func("/alarm/claims-are-bounded", test_claims_are_bounded);
	g_test_add_func("/alarm/damaged-file", test_damaged_file);
	return g_test_run();
}
