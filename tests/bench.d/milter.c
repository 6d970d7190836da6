/* milter: the two ends between which a sanitizing milter must lie, for tests/bench.
 *
 *   milter nop SOCKET      asks for every event and changes nothing: the floor of any milter
 *   milter replace SOCKET  deletes every header field, adds as many of the same size, and
 *                          replaces the body by one of equal size: the floor of one that
 *                          writes a whole new message
 *
 * SOCKET: unix:/path. A measuring stick and a test peer, never installed.
 */
#include <glib.h>
#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { HEADERS_MAX = 1000, BODY_MAX = 64 * 1024 * 1024 };

typedef struct {
	GPtrArray *names;
	GArray *value_sizes; /* of size_t */
	GByteArray *body;
} Mail;

static bool replacing;

static void mail_free(Mail *mail)
{
	g_ptr_array_unref(mail->names);
	g_array_unref(mail->value_sizes);
	g_byte_array_unref(mail->body);
	g_free(mail);
}

static void mail_drop(SMFICTX *ctx)
{
	Mail *mail = smfi_getpriv(ctx);

	if (!mail)
		return;
	mail_free(mail);
	smfi_setpriv(ctx, NULL);
}

static sfsistat on_from(SMFICTX *ctx, char **argv)
{
	(void)argv;
	mail_drop(ctx);
	Mail *mail = g_new0(Mail, 1);
	mail->names = g_ptr_array_new_with_free_func(g_free);
	mail->value_sizes = g_array_new(FALSE, FALSE, sizeof(size_t));
	mail->body = g_byte_array_new();
	if (smfi_setpriv(ctx, mail) == MI_SUCCESS)
		return SMFIS_CONTINUE;
	mail_free(mail);
	return SMFIS_TEMPFAIL;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	Mail *mail = smfi_getpriv(ctx);

	if (!replacing)
		return SMFIS_CONTINUE;
	if (!mail || mail->names->len >= HEADERS_MAX)
		return SMFIS_TEMPFAIL;
	size_t size = strlen(value);
	g_ptr_array_add(mail->names, g_strdup(name));
	g_array_append_val(mail->value_sizes, size);
	return SMFIS_CONTINUE;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t size)
{
	Mail *mail = smfi_getpriv(ctx);

	if (!replacing)
		return SMFIS_CONTINUE;
	if (!mail || mail->body->len + size > BODY_MAX)
		return SMFIS_TEMPFAIL;
	g_byte_array_append(mail->body, bytes, (guint)size);
	return SMFIS_CONTINUE;
}

/* The index counts within one name, so all fields of a name go when the last goes first. */
static bool delete_headers(SMFICTX *ctx, const Mail *mail)
{
	for (guint i = mail->names->len; i-- > 0;) {
		char *name = g_ptr_array_index(mail->names, i);
		int index = 1;
		for (guint j = 0; j < i; j++)
			index += g_ascii_strcasecmp(g_ptr_array_index(mail->names, j), name) == 0;
		if (smfi_chgheader(ctx, name, index, NULL) != MI_SUCCESS)
			return false;
	}
	return true;
}

static bool add_headers(SMFICTX *ctx, const Mail *mail)
{
	for (guint i = 0; i < mail->names->len; i++) {
		size_t size = g_array_index(mail->value_sizes, size_t, i);
		g_autofree char *name = g_strdup_printf("X-Replaced-%u", i);
		g_autofree char *value = g_strnfill(MIN(size, 900), 'x');
		if (smfi_addheader(ctx, name, value) != MI_SUCCESS)
			return false;
	}
	return true;
}

static bool replace_body(SMFICTX *ctx, const Mail *mail)
{
	enum { LINE = 76 };
	g_autofree char *line = g_strnfill(LINE, 'x');
	g_autoptr(GByteArray) body = g_byte_array_new();

	do {
		g_byte_array_append(body, (const guint8 *)line, LINE);
		g_byte_array_append(body, (const guint8 *)"\r\n", 2);
	} while (body->len + LINE < mail->body->len);
	return smfi_replacebody(ctx, body->data, (int)body->len) == MI_SUCCESS;
}

static sfsistat on_eom(SMFICTX *ctx)
{
	const Mail *mail = smfi_getpriv(ctx);

	if (!replacing)
		return SMFIS_CONTINUE;
	if (mail && delete_headers(ctx, mail) && add_headers(ctx, mail) && replace_body(ctx, mail))
		return SMFIS_CONTINUE;
	return SMFIS_TEMPFAIL;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	mail_drop(ctx);
	return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
	static char name[] = "bench";
	struct smfiDesc filter = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY,
		.xxfi_envfrom = on_from,
		.xxfi_header = on_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_abort,
	};

	if (argc != 3 || (strcmp(argv[1], "nop") != 0 && strcmp(argv[1], "replace") != 0)) {
		fprintf(stderr, "usage: %s nop|replace SOCKET\n", argv[0]);
		return 64;
	}
	replacing = strcmp(argv[1], "replace") == 0;
	if (smfi_setconn(argv[2]) != MI_SUCCESS || smfi_register(filter) != MI_SUCCESS)
		return 70;
	return smfi_main() == MI_SUCCESS ? 0 : 69;
}
