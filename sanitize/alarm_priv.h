/* alarm: a mail that Postfix could not deliver. What its bounce says, and the record of it.
 *
 * The bounce quotes the mail, at edge even the original, so its bytes are read in a jail (sanitize_text). What comes
 * out is Unicode text, in which trusted code looks for the fields of the report: claims, since the mail that is quoted
 * or a server's answer may imitate them. Nothing but a record is ever made of them.
 */
#ifndef MUGAI_SANITIZE_ALARM_PRIV_H
#define MUGAI_SANITIZE_ALARM_PRIV_H

#include "sanitize.h"

G_BEGIN_DECLS

enum {
	ALARM_RECIPIENTS_MAX = 20, /* told one by one; the others are counted */
	ALARM_VALUE_MAX = 200,     /* characters of one claim */
};

/* Of one recipient; NULL where it is not said. */
typedef struct {
	char *recipient;
	char *original_recipient;
	char *action;
	char *status; /* "5.2.2" */
	char *diagnostic;
	char *remote;
} AlarmRecipient;

typedef struct {
	/* of the report: */
	char *reporter;
	char *queue_id;
	char *sender;
	char *arrival;
	GPtrArray *recipients; /* of AlarmRecipient */
	unsigned n_recipients; /* all of them */
	/* of the mail, as far as it is quoted: */
	char *message_id;
	char *mugai_id; /* 32 hexadecimal digits, from the mail or from an answer of ours; NULL if neither has one */
} AlarmClaims;

/* text: UTF-8 with LF line ends, the beginning of a bounce. Never NULL: what is not there stays empty. */
AlarmClaims *alarm_claims_read(const char *text);
void alarm_claims_free(AlarmClaims *claims);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AlarmClaims, alarm_claims_free)

G_END_DECLS

#endif
