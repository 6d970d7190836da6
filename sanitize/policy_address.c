/* policy_address: see policy_address_priv.h. */
#include "policy_address_priv.h"

#include <string.h>

enum { HOST_BYTES_MAX = 255 }; /* of one that is brought to its xn-- form */

typedef struct {
	GString *out;
	unsigned comments; /* open */
	bool quoted, route, literal;
} Scan;

/* One character outside of quotes and comments. False: the address is at its end. */
static bool take(Scan *scan, char c)
{
	switch (c) {
	case '<':
		g_string_truncate(scan->out, 0);
		scan->route = false;
		return true;
	case '>':
		return false;
	case '@':
		scan->route |= scan->out->len == 0;
		break;
	case '[':
	case ']':
		scan->literal = c == '[';
		break;
	case ':': /* the end of a source route: "@relay,@relay:user@host" */
		if (!scan->route || scan->literal)
			break;
		g_string_truncate(scan->out, 0);
		scan->route = false;
		return true;
	default:
		break;
	}
	if ((unsigned char)c > ' ')
		g_string_append_c(scan->out, c);
	return true;
}

/* Postfix reads an address of SMTP as it reads one of a header field, so that comments are left out. */
static bool skip_comment(Scan *scan, char c)
{
	if (scan->quoted || (c != '(' && scan->comments == 0))
		return false;
	if (c == '(')
		scan->comments++;
	else if (c == ')')
		scan->comments--;
	return true;
}

static GString *without_spelling(const char *address)
{
	Scan scan = { .out = g_string_new(NULL) };
	for (const char *p = address; *p != '\0'; p++) {
		bool escaped = *p == '\\' && p[1] != '\0';
		p += escaped ? 1 : 0;
		if (escaped && scan.comments == 0)
			g_string_append_c(scan.out, *p);
		else if (escaped || skip_comment(&scan, *p))
			continue;
		else if (*p == '"')
			scan.quoted = !scan.quoted;
		else if (scan.quoted)
			g_string_append_c(scan.out, *p);
		else if (!take(&scan, *p))
			break;
	}
	return scan.out;
}

static void write_host(GString *text, size_t at)
{
	while (text->len > at && text->str[text->len - 1] == '.')
		g_string_truncate(text, text->len - 1);
	const char *host = text->str + at;
	if (g_str_is_ascii(host) || text->len - at > HOST_BYTES_MAX || !g_utf8_validate(host, -1, NULL))
		return;
	g_autofree char *ascii = g_hostname_to_ascii(host);
	if (ascii == NULL)
		return;
	g_string_truncate(text, at);
	g_string_append(text, ascii);
}

PolicyMailbox *policy_mailbox_new(const char *address)
{
	PolicyMailbox *mailbox = g_new0(PolicyMailbox, 1);
	GString *text = without_spelling(address);
	const char *at = strrchr(text->str, '@');
	size_t host = at != NULL ? (size_t)(at - text->str) + 1 : text->len;
	if (at != NULL)
		write_host(text, host);
	g_string_ascii_down(text);
	host = MIN(host, text->len);
	mailbox->host_bytes = text->len - host;
	mailbox->text = g_string_free(text, FALSE);
	mailbox->host = mailbox->text + host;
	return mailbox;
}

void policy_mailbox_free(PolicyMailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	g_free(mailbox->text);
	g_free(mailbox);
}

bool policy_mailbox_matches(const PolicyMailbox *mailbox, const PolicyAddress *pattern)
{
	size_t suffix = strlen(pattern->text);
	const char *behind = mailbox->host + mailbox->host_bytes;
	switch (pattern->kind) {
	case POLICY_ADDRESS_NULL:
		return *mailbox->text == '\0';
	case POLICY_ADDRESS_EXACT:
		return strcmp(mailbox->text, pattern->text) == 0;
	case POLICY_ADDRESS_DOMAIN:
		return strcmp(mailbox->host, pattern->text) == 0;
	case POLICY_ADDRESS_SUBDOMAIN:
		return mailbox->host_bytes > suffix && behind[-(ptrdiff_t)suffix - 1] == '.' &&
		       strcmp(behind - suffix, pattern->text) == 0;
	}
	return false;
}
