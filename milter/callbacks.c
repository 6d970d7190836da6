#include "callbacks_priv.h"

#include "reply_priv.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const unsigned long ACTIONS = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY;

/* No answer to any event but the last: over the Unix socket that saves a round trip for each. Over TCP
 * it would cost 40 ms a message, but the settings know no TCP socket. */
static const unsigned long NO_REPLIES =
        SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;
static const unsigned long NOT_WANTED = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN;

static SessionHost *callbacks_host;
static StatusBoard *callbacks_board;

/* NULL where a client skipped the negotiation, which libmilter allows. Such a connection gets no message
 * through: there is no session to keep it in, and nothing was promised about replies. */
static Session *session_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx);
}

static sfsistat go_on(const Session *session, unsigned long no_reply)
{
	return (session->offered & no_reply) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
                             unsigned long f3, unsigned long *ret_actions, unsigned long *ret_steps,
                             unsigned long *ret_f2, unsigned long *ret_f3)
{
	(void)f2;
	(void)f3;
	/* Without these the message could not be replaced, or its bytes would not be as received: the
	 * session fails, and Postfix answers with its default action, tempfail. */
	if ((actions & ACTIONS) != ACTIONS || (steps & SMFIP_HDR_LEADSPC) == 0)
		return SMFIS_REJECT;
	Session *session = session_new(callbacks_host);
	session->offered = steps & (NO_REPLIES | NOT_WANTED | SMFIP_HDR_LEADSPC);
	if (smfi_setpriv(ctx, session) != MI_SUCCESS) {
		session_free(session);
		return SMFIS_REJECT;
	}
	*ret_actions = ACTIONS;
	*ret_steps = session->offered;
	*ret_f2 = 0;
	*ret_f3 = 0;
	return SMFIS_CONTINUE;
}

static const void *address_bytes(const _SOCK_ADDR *address)
{
	if (address->sa_family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	if (address->sa_family == AF_INET6)
		return &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	return NULL;
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	(void)name;
	char text[INET6_ADDRSTRLEN] = "";
	Session *session = session_of(ctx);
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	const void *bytes = address != NULL ? address_bytes(address) : NULL;
	if (bytes != NULL)
		inet_ntop(address->sa_family, bytes, text, sizeof text);
	session_set_client(session, text);
	return go_on(session, SMFIP_NR_CONN);
}

static sfsistat on_mail(SMFICTX *ctx, char **arguments)
{
	Session *session = session_of(ctx);
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	session_begin(session, arguments[0]);
	return go_on(session, SMFIP_NR_MAIL);
}

static sfsistat on_recipient(SMFICTX *ctx, char **arguments)
{
	Session *session = session_of(ctx);
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	session_recipient(session, arguments[0]);
	return go_on(session, SMFIP_NR_RCPT);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	Session *session = session_of(ctx);
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	session_header(session, name, value);
	return go_on(session, SMFIP_NR_HDR);
}

static sfsistat on_end_of_headers(SMFICTX *ctx)
{
	Session *session = session_of(ctx);
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	session_end_of_headers(session);
	return go_on(session, SMFIP_NR_EOH);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t length)
{
	Session *session = session_of(ctx);
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	session_body(session, bytes, length);
	return go_on(session, SMFIP_NR_BODY);
}

static sfsistat on_end_of_message(SMFICTX *ctx)
{
	Session *session = session_of(ctx);
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	sfsistat status = reply_message(ctx, session, callbacks_board);
	session_reset(session);
	return status;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	Session *session = session_of(ctx);
	if (session != NULL) {
		session_heavy_leave(session);
		session_reset(session);
	}
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	session_free(session_of(ctx));
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

bool callbacks_register(SessionHost *host, StatusBoard *board)
{
	static char name[] = "mugaid";
	const struct smfiDesc table = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS,
		.xxfi_negotiate = on_negotiate,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_recipient,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_of_headers,
		.xxfi_body = on_body,
		.xxfi_eom = on_end_of_message,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
	};
	callbacks_host = host;
	callbacks_board = board;
	return smfi_register(table) == MI_SUCCESS;
}
