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
	const char *text;
	char *copy;        /* NULL: there was nothing to take out */
	size_t removed_at; /* where the first TAB, CR or LF was taken out; SIZE_MAX: none */
} Clean;

static void clean_clear(Clean *clean)
{
	g_free(clean->copy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Clean, clean_clear)

static Clean clean(const char *href)
{
	Clean result = { href, NULL, SIZE_MAX };
	size_t n = 0;

	while (*href != '\0' && (unsigned char)*href <= ' ')
		href++;
	size_t bytes = strlen(href), written = bytes;
	while (bytes > 0 && (unsigned char)href[bytes - 1] <= ' ')
		bytes--;
	result.text = href;
	if (bytes == written && strpbrk(href, "\t\r\n") == NULL)
		return result;
	result.text = result.copy = g_malloc(bytes + 1);
	for (size_t i = 0; i < bytes; i++) {
		if (href[i] != '\t' && href[i] != '\r' && href[i] != '\n')
			result.copy[n++] = href[i];
		else
			result.removed_at = MIN(result.removed_at, n);
	}
	result.copy[n] = '\0';
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
	GString *tail;  /* from "/" on, escaped and without dot segments */
	size_t rest_at; /* in it: query and fragment */
	const char *written; /* the tail as it stands in the URL, where nothing is to be changed in it; else
	                        NULL */
} Web;

static void web_clear(Web *web)
{
	g_free(web->host);
	g_free(web->unicode_host);
	if (web->tail != NULL)
		g_string_free(web->tail, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Web, web_clear)

static void append_escape(GString *out, unsigned char c)
{
	const char escape[] = { '%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15] };

	g_string_append_len(out, escape, sizeof(escape));
}

static bool is_escaped(unsigned char c)
{
	return c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' || c == '`' || c == '{' || c == '}';
}

static void append_escaped(GString *out, const char *text, size_t bytes)
{
	size_t done = 0;

	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];
		if (!is_escaped(c))
			continue;
		g_string_append_len(out, text + done, (gssize)(i - done));
		append_escape(out, c);
		done = i + 1;
	}
	g_string_append_len(out, text + done, (gssize)(bytes - done));
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
	size_t path = strcspn(text, "?#"), skip = path > 0 && is_slash(text[0]) ? 1 : 0;

	if (path > 0 || text[path] == '?')
		g_string_truncate(web->tail, web->rest_at);
	if (path > 0) { /* without a slash, beside the document of the base */
		const char *slash = skip > 0 ? NULL : strrchr(web->tail->str, '/');
		g_string_truncate(web->tail, slash != NULL ? (gsize)(slash - web->tail->str) + 1 : 0);
		if (web->tail->len == 0)
			g_string_append_c(web->tail, '/');
		append_segments(web->tail, text + skip, path - skip);
		web->rest_at = web->tail->len;
	}
	append_rest(web->tail, text + path);
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

static void web_set_root(Web *web)
{
	if (web->tail == NULL)
		web->tail = g_string_sized_new(64);
	g_string_assign(web->tail, "/");
	web->rest_at = 1;
}

/* "/", and no character that is escaped, no backslash, no segment that may be one of dots. */
static bool is_settled_path(const char *path)
{
	if (*path != '/')
		return false;
	for (; *path != '\0'; path++) {
		bool dots = *path == '/' && (path[1] == '.' || path[1] == '%');
		if (dots || *path == '\\' || *path == '\'' || is_escaped((unsigned char)*path))
			return false;
	}
	return true;
}

/* Everything; false without a host. href->text is the whole, at the part after the scheme. to_change: the
 * tail is wanted for other paths. */
static bool web_absolute(Web *web, const Clean *href, const char *at, bool to_change)
{
	const char *path = web_set_authority(web, skip_slashes(web, at, 2));

	if (path == NULL)
		return false;
	if (href->removed_at < (size_t)(path - href->text))
		web->flags |= HTML_URL_ODD;
	web->written = to_change || !is_settled_path(path) ? NULL : path;
	if (web->written != NULL)
		return true;
	web_set_root(web);
	web_set_path(web, path);
	return true;
}

static bool web_base(Web *web, const char *base)
{
	g_auto(Clean) href = clean(base);
	size_t n = scheme_bytes(href.text);

	web->scheme = n > 0 ? find_scheme(href.text, n - 1) : NULL;
	if (web->scheme == NULL || web->scheme->kind != HTML_URL_WEB)
		return false;
	if (!web_absolute(web, &href, href.text + n, true))
		return false;
	/* the fragment of a base never counts */
	g_string_truncate(web->tail, web->rest_at + strcspn(web->tail->str + web->rest_at, "#"));
	return true;
}

/* What is told of a URL: scheme, host and its Unicode form, and the parts of the whole. */
enum { TOLD_URL = 3, TOLD = TOLD_URL + 5 };

static char *put(char *at, const char *text, size_t bytes)
{
	memcpy(at, text, bytes);
	at[bytes] = '\0';
	return at + bytes;
}

/* All in one block. Of a URL so long that it does not fit, the end goes: the host stands at the start. */
static void tell(HtmlUrl *url, HtmlUrlKind kind, uint32_t flags, const char *const told[TOLD])
{
	const char *placed[TOLD];
	size_t bytes[TOLD], whole = 0, all = TOLD + sizeof("…");

	for (size_t i = 0; i < TOLD; i++) {
		bytes[i] = strlen(told[i]);
		whole += i >= TOLD_URL ? bytes[i] : 0;
	}
	bool cut = whole > HTML_URL_CHARS;
	for (size_t i = TOLD_URL, room = HTML_URL_CHARS - 1; cut && i < TOLD; i++) {
		bytes[i] = MIN(bytes[i], room);
		room -= bytes[i];
	}
	for (size_t i = 0; i < TOLD; i++)
		all += bytes[i];
	char *at = url->block = g_malloc(all);
	for (size_t i = 0; i < TOLD; i++) {
		placed[i] = at;
		at = put(at, told[i], bytes[i]) + (i < TOLD_URL);
	}
	if (cut)
		put(at, "…", strlen("…"));
	*url = (HtmlUrl) { .kind = kind,
		           .flags = flags | (cut ? HTML_URL_CUT : 0),
		           .scheme = placed[0],
		           .host = placed[1],
		           .unicode_host = placed[2],
		           .url = placed[TOLD_URL],
		           .block = url->block };
}

static void web_result(Web *web, HtmlUrl *ret_url)
{
	const char *unicode = web->unicode_host != NULL ? web->unicode_host : "";
	char port[sizeof(":65535")] = "";

	if (web->port != NO_PORT)
		g_snprintf(port, sizeof(port), ":%u", web->port);
	const char *const told[TOLD] = { web->scheme->name,
		                         web->host,
		                         unicode,
		                         web->scheme->name,
		                         "://",
		                         web->host,
		                         port,
		                         web->written != NULL ? web->written : web->tail->str };
	tell(ret_url, HTML_URL_WEB, web->flags, told);
}

/* scheme: NULL for a relative reference. at: behind the scheme. */
static void parse_web(const Scheme *scheme, const Clean *href, const char *at, const char *base,
                      HtmlUrl *ret_url)
{
	g_auto(Web) web = { .port = NO_PORT };
	bool has_base = base != NULL && web_base(&web, base);
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
	if (web_absolute(&web, href, at, false))
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
	g_autofree char *lower = g_ascii_strdown(scheme, (gssize)MIN(bytes, HTML_URL_SCHEME_CHARS));
	const char *const told[TOLD] = { lower, "", "", "", "", "", "", "" };

	tell(ret_url, HTML_URL_REFUSED, 0, told);
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
	const char *const told[TOLD] = { "mailto", "", "", address, "", "", "", "" };
	tell(ret_url, HTML_URL_MAIL, flags, told);
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
	const char *const told[TOLD] = { "tel", "", "", number->str, "", "", "", "" };
	tell(ret_url, HTML_URL_TEL, 0, told);
}

static void set_none(HtmlUrl *url)
{
	*url = (HtmlUrl) { .kind = HTML_URL_NONE, .scheme = "", .host = "", .url = "", .unicode_host = "" };
}

void html_url_parse(const char *href, const char *base, HtmlUrl *ret_url)
{
	g_auto(Clean) cleaned = clean(href);
	const char *text = cleaned.text;
	size_t n = scheme_bytes(text);
	const Scheme *scheme = n > 0 ? find_scheme(text, n - 1) : NULL;

	set_none(ret_url);
	if (n > 0 && scheme == NULL)
		refuse(text, n - 1, ret_url);
	else if (scheme == NULL || scheme->kind == HTML_URL_WEB)
		parse_web(scheme, &cleaned, text + n, base, ret_url);
	else if (scheme->kind == HTML_URL_MAIL)
		parse_mail(text + n, ret_url);
	else
		parse_tel(text + n, ret_url);
}

void html_url_clear(HtmlUrl *url)
{
	g_free(url->block);
	set_none(url);
}
