/* policy_address: an envelope address in the one form in which conditions compare it. SMTP lets a sender spell one mailbox
 * in many ways (RFC 5321 4.1.2): each that a rule did not know would walk past it. Trusted; pure; any thread. */
#ifndef MUGAI_SANITIZE_POLICY_ADDRESS_PRIV_H
#define MUGAI_SANITIZE_POLICY_ADDRESS_PRIV_H

#include "conf.h"

typedef struct {
	char *text;       /* local@host, ASCII lower case, unquoted; "" = the null sender */
	const char *host; /* in text, "" when there is none */
	size_t host_bytes;
} PolicyMailbox;

/* address: as SMTP gave it, any bytes. Drops brackets, source routes, comments, blanks, quotes, backslashes and the
 * dots behind the host; a host of other characters becomes its xn-- form. Never NULL. */
PolicyMailbox *policy_mailbox_new(const char *address);
void policy_mailbox_free(PolicyMailbox *mailbox);
bool policy_mailbox_matches(const PolicyMailbox *mailbox, const PolicyAddress *pattern);

#endif
