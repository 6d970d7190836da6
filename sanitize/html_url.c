#include "html_host_priv.h"
#include "html_url_priv.h"

#include <string.h>

enum { ADDRESS_CHARS = 320, NUMBER_CHARS = 40, NO_PORT = 65536 };

typedef struct {
	const char *name;
	HtmlUrlKind kind;
	unsigned port; /* the one that goes without saying */
} Scheme;

static const Scheme schemes[] = {
	{ "https", HTML_URL_WEB, 443 }, { "http", HTML_URL_WEB, 80 }, { "ftp", HTML_URL_WEB, 21 },
	{ "mailto", HTML_URL_MAIL, 0 }, { "tel", HTML_URL_TEL, 0 },
};

/* The href without what a browser takes out of it first. */
typedef struct {
	GString *text;
	size_t removed_at; /* where the first TAB, CR or LF was taken out; SIZE_MAX: none */
} Clean;

static Clean clean(const char *href)
{
	size_t bytes = strlen(href);
	Clean result = { g_string_sized_new(bytes), SIZE_MAX };

	for (; bytes > 0 && (unsigned char)href[0] <= ' '; href++)
		bytes--;
	while (bytes > 0 && (unsigned char)href[bytes - 1] <= ' ')
		bytes--;
	for (size_t i = 0; i < bytes; i++) {
		if (href[i] != '\t' && href[i] != '\r' && href[i] != '\n')
			g_string_append_c(result.text, href[i]);
		else
			result.removed_at = MIN(result.removed_at, result.text->len);
	}
	return result;
}

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* Bytes of "scheme:", 0 when there is none. */
static size_t scheme_bytes(const char *text)
{
	size_t n = 0;

	if (!g_ascii_isalpha(text[0]))
		return 0;
	while (g_ascii_isalnum(text[n]) || text[n] == '+' || text[n] == '-' || text[n] == '.')
		n++;
	return text[n] == ':' ? n + 1 : 0;
}

static const Scheme *find_scheme(const char *text, size_t bytes)
{
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		if (strlen(schemes[i].name) == bytes &&
		    g_ascii_strncasecmp(schemes[i].name, text, bytes) == 0)
			return &schemes[i];
	}
	return NULL;
}

/* ---- web addresses ---------------------------------------------------------------------------------------
 */

typedef struct {
	const Scheme *scheme;
	uint32_t flags;
	char *host;
	char *unicode_host;
	unsigned port; /* NO_PORT: the scheme's own */
	GString *path; /* from "/" on, escaped and without dot segments */
	GString *rest; /* query and fragment, escaped */
} Web;

static void web_clear(Web *web)
{
	g_free(web->host);
	g_free(web->unicode_host);
	if (web->path != NULL)
		g_string_free(web->path, TRUE);
	if (web->rest != NULL)
		g_string_free(web->rest, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Web, web_clear)

static void append_escaped(GString *out, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c <= ' ' || c >= 0x7f || strchr("<>\"`{}", c) != NULL)
			g_string_append_printf(out, "%%%02X", c);
		else
			g_string_append_c(out, (char)c);
	}
}

/* 1 for ".", 2 for "..", in their escaped forms too. */
static unsigned dots_of(const char *segment, size_t bytes)
{
	unsigned dots = 0;

	for (size_t i = 0; i < bytes; dots++) {
		if (segment[i] == '.')
			i++;
		else if (bytes - i >= 3 && g_ascii_strncasecmp(segment + i, "%2e", 3) == 0)
			i += 3;
		else
			return 0;
	}
	return dots <= 2 ? dots : 0;
}

/* out: begins with "/" and ends in the folder that the segments start from. Each truncation is paid for
 * by what it takes away: linear. */
static void append_segments(GString *out, const char *text, size_t bytes)
{
	for (size_t at = 0; at < bytes;) {
		size_t n = 0;
		while (at + n < bytes && !is_slash(text[at + n]))
			n++;
		bool last = at + n == bytes;
		unsigned dots = dots_of(text + at, n);
		if (dots == 2 && out->len > 1) {
			g_string_truncate(out, out->len - 1);
			const char *slash = memrchr(out->str, '/', out->len);
			g_string_truncate(out, (gsize)(slash - out->str) + 1);
		} else if (dots == 0) {
			append_escaped(out, text + at, n);
			if (!last)
				g_string_append_c(out, '/');
		}
		at += n + 1;
	}
}

/* from `?` or `#` on */
static void append_rest(GString *out, const char *text)
{
	size_t query = strcspn(text, "#");

	for (size_t i = 0; i < query; i++) {
		if (text[i] == '\'')
			g_string_append(out, "%27");
		else
			append_escaped(out, text + i, 1);
	}
	append_escaped(out, text + query, strlen(text + query));
}

static void web_set_path(Web *web, const char *text)
{
	size_t path = strcspn(text, "?#");

	if (path > 0 && is_slash(text[0]))
		g_string_assign(web->path, "/");
	else if (path > 0) { /* beside the document of the base */
		char *slash = strrchr(web->path->str, '/');
		g_string_truncate(web->path, slash != NULL ? (gsize)(slash - web->path->str) + 1 : 0);
		if (web->path->len == 0)
			g_string_assign(web->path, "/");
	}
	size_t skip = path > 0 && is_slash(text[0]) ? 1 : 0;
	append_segments(web->path, text + skip, path - skip);
	if (path > 0 || text[path] == '?')
		g_string_truncate(web->rest, 0);
	append_rest(web->rest, text + path);
}

/* port: after the colon. What is no port makes browsers refuse the whole URL; the host still is what matters.
 */
static void web_set_port(Web *web, const char *port, size_t bytes)
{
	unsigned value = 0;

	if (bytes == 0)
		return;
	for (size_t i = 0; i < bytes; i++) {
		if (!g_ascii_isdigit(port[i]) || value > 65535) {
			web->flags |= HTML_URL_ODD;
			return;
		}
		value = value * 10 + (unsigned)(port[i] - '0');
	}
	if (value > 65535)
		web->flags |= HTML_URL_ODD;
	else if (value != web->scheme->port)
		web->port = value;
}

/* The user's name ends at the last `@`: "https://bank.example@evil.example/" goes to evil.example. */
static const char *skip_userinfo(Web *web, const char *from, const char *end)
{
	const char *at = memrchr(from, '@', (size_t)(end - from));

	if (at == NULL)
		return from;
	web->flags |= HTML_URL_USERINFO;
	return at + 1;
}

/* from: past the slashes. Returns where the path begins; NULL when there is no host. */
static const char *web_set_authority(Web *web, const char *from)
{
	const char *end = from + strcspn(from, "/\\?#");

	if (*end == '\\')
		web->flags |= HTML_URL_ODD;
	from = skip_userinfo(web, from, end);
	const char *bracket = *from == '[' ? memchr(from, ']', (size_t)(end - from)) : NULL;
	const char *port_from = bracket != NULL ? bracket : from;
	const char *colon = memchr(port_from, ':', (size_t)(end - port_from));
	const char *host_end = colon != NULL ? colon : end;
	if (host_end == from)
		return NULL;
	if (colon != NULL)
		web_set_port(web, colon + 1, (size_t)(end - colon - 1));
	g_free(web->host);
	g_free(web->unicode_host);
	web->host = html_host_parse(from, (size_t)(host_end - from), &web->flags, &web->unicode_host);
	return end;
}

static const char *skip_slashes(Web *web, const char *at, size_t usual)
{
	const char *from = at;

	for (; is_slash(*at); at++) {
		if (*at == '\\')
			web->flags |= HTML_URL_ODD;
	}
	if ((size_t)(at - from) != usual)
		web->flags |= HTML_URL_ODD;
	return at;
}

/* Everything before the path; false without a host. href->text is the whole, at the part after the scheme. */
static bool web_absolute(Web *web, const Clean *href, const char *at)
{
	const char *path = web_set_authority(web, skip_slashes(web, at, 2));

	if (path == NULL)
		return false;
	if (href->removed_at < (size_t)(path - href->text->str))
		web->flags |= HTML_URL_ODD;
	g_string_assign(web->path, "/");
	g_string_truncate(web->rest, 0);
	web_set_path(web, path);
	return true;
}

static bool web_base(Web *web, const char *base)
{
	Clean href = clean(base);
	g_autoptr(GString) text = href.text;
	size_t n = scheme_bytes(text->str);

	web->path = g_string_new("/");
	web->rest = g_string_new(NULL);
	web->scheme = n > 0 ? find_scheme(text->str, n - 1) : NULL;
	if (web->scheme == NULL || web->scheme->kind != HTML_URL_WEB)
		return false;
	if (!web_absolute(web, &href, text->str + n))
		return false;
	/* the fragment of a base never counts */
	g_string_truncate(web->rest, strcspn(web->rest->str, "#"));
	return true;
}

/* Of text so long that it does not fit, the end goes: the host stands at the start. */
static char *cut_url(GString *url, uint32_t *flags)
{
	if (url->len > HTML_URL_CHARS) {
		g_string_truncate(url, HTML_URL_CHARS - 1);
		g_string_append(url, "…");
		*flags |= HTML_URL_CUT;
	}
	return g_string_free(url, FALSE);
}

static void set(char **field, char *value)
{
	g_free(*field);
	*field = value;
}

static void web_result(Web *web, HtmlUrl *ret_url)
{
	GString *url = g_string_new(NULL);

	g_string_append_printf(url, "%s://%s", web->scheme->name, web->host);
	if (web->port != NO_PORT)
		g_string_append_printf(url, ":%u", web->port);
	g_string_append(url, web->path->str);
	g_string_append(url, web->rest->str);
	ret_url->kind = HTML_URL_WEB;
	ret_url->flags = web->flags;
	set(&ret_url->url, cut_url(url, &ret_url->flags));
	set(&ret_url->scheme, g_strdup(web->scheme->name));
	set(&ret_url->host, g_steal_pointer(&web->host));
	set(&ret_url->unicode_host, g_steal_pointer(&web->unicode_host));
}

/* scheme: NULL for a relative reference. at: behind the scheme. */
static void parse_web(const Scheme *scheme, const Clean *href, const char *at, const char *base,
                      HtmlUrl *ret_url)
{
	g_auto(Web) web = { .port = NO_PORT };
	bool has_base = web_base(&web, base != NULL ? base : "");
	bool authority = is_slash(at[0]) && is_slash(at[1]);

	if (has_base && !authority && (scheme == NULL || scheme == web.scheme)) {
		if (*at == '\0' || *at == '#')
			return;
		web_set_path(&web, at);
		web_result(&web, ret_url);
		return;
	}
	if (scheme == NULL && !authority)
		return;
	/* "//host" takes the scheme of a document that a mail has not */
	web.flags = scheme == NULL && !has_base ? HTML_URL_ODD : 0;
	web.port = NO_PORT;
	web.scheme = scheme != NULL ? scheme : has_base ? web.scheme : &schemes[0];
	if (web_absolute(&web, href, at))
		web_result(&web, ret_url);
}

/* ---- addresses and numbers -------------------------------------------------------------------------------
 */

static bool is_address_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("<>\"(),:;\\[]", c) == NULL;
}

/* local@domain in printable ASCII, the domain mapped as a host; NULL when it cannot be. */
static char *rebuild_address(const char *address, uint32_t *flags)
{
	const char *at = strrchr(address, '@');
	size_t local = at != NULL ? (size_t)(at - address) : strlen(address);

	for (size_t i = 0; i < local; i++) {
		if (!is_address_char(address[i]) || address[i] == '@')
			return NULL;
	}
	if (at == NULL)
		return local > 0 && local <= ADDRESS_CHARS ? g_strdup(address) : NULL;
	if (local == 0 || at[1] == '\0')
		return NULL;
	g_autofree char *domain = html_host_parse(at + 1, strlen(at + 1), flags, NULL);
	if (strchr(domain, '%') != NULL || local + strlen(domain) > ADDRESS_CHARS)
		return NULL;
	return g_strdup_printf("%.*s@%s", (int)local, address, domain);
}

static void refuse(const char *scheme, size_t bytes, HtmlUrl *ret_url)
{
	ret_url->kind = HTML_URL_REFUSED;
	set(&ret_url->scheme, g_ascii_strdown(scheme, (gssize)MIN(bytes, HTML_URL_SCHEME_CHARS)));
}

/* Only who gets the mail: fields behind `?` could add Bcc, a body, a file. */
static void parse_mail(const char *at, HtmlUrl *ret_url)
{
	bool escaped;
	g_autofree char *text = html_host_unescape(at, strcspn(at, "?#"), &escaped);
	char *first = text, *open = strchr(text, '<');
	uint32_t flags = 0;

	if (open != NULL && strchr(open, '>') != NULL) {
		first = open + 1;
		*strchr(first, '>') = '\0';
	}
	first[strcspn(first, ",;")] = '\0';
	g_strstrip(first);
	if (*first == '\0')
		return;
	g_autofree char *address = rebuild_address(first, &flags);
	if (address == NULL) {
		refuse("mailto", 6, ret_url);
		return;
	}
	ret_url->kind = HTML_URL_MAIL;
	ret_url->flags = flags;
	set(&ret_url->scheme, g_strdup("mailto"));
	set(&ret_url->url, g_steal_pointer(&address));
}

static void parse_tel(const char *at, HtmlUrl *ret_url)
{
	bool escaped;
	g_autofree char *text = html_host_unescape(at, strcspn(at, ";?#"), &escaped);
	g_autoptr(GString) number = g_string_new(NULL);

	for (const char *c = text; *c != '\0' && number->len < NUMBER_CHARS; c++) {
		if (strchr("0123456789+-()", *c) != NULL)
			g_string_append_c(number, *c);
	}
	if (strpbrk(number->str, "0123456789") == NULL)
		return;
	ret_url->kind = HTML_URL_TEL;
	set(&ret_url->scheme, g_strdup("tel"));
	set(&ret_url->url, g_strdup(number->str));
}

void html_url_parse(const char *href, const char *base, HtmlUrl *ret_url)
{
	Clean cleaned = clean(href);
	g_autoptr(GString) text = cleaned.text;
	size_t n = scheme_bytes(text->str);
	const Scheme *scheme = n > 0 ? find_scheme(text->str, n - 1) : NULL;

	*ret_url = (HtmlUrl) { HTML_URL_NONE, 0, g_strdup(""), g_strdup(""), g_strdup(""), g_strdup("") };
	if (n > 0 && scheme == NULL)
		refuse(text->str, n - 1, ret_url);
	else if (scheme == NULL || scheme->kind == HTML_URL_WEB)
		parse_web(scheme, &cleaned, text->str + n, base, ret_url);
	else if (scheme->kind == HTML_URL_MAIL)
		parse_mail(text->str + n, ret_url);
	else
		parse_tel(text->str + n, ret_url);
}

void html_url_clear(HtmlUrl *url)
{
	g_free(url->scheme);
	g_free(url->host);
	g_free(url->url);
	g_free(url->unicode_host);
	*url = (HtmlUrl) { .kind = HTML_URL_NONE };
}
