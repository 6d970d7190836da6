/* html_shown: does the text of a link name the host that it leads to? */
#include "html_host_priv.h"
#include "html_names_priv.h"
#include "html_url_priv.h"

#include <string.h>

enum { TEXT_BYTES = 256 * 1024 };

/* ---- the text as the reader sees it ----------------------------------------------------------------------
 */

static bool is_invisible(gunichar c)
{
	return g_unichar_type(c) == G_UNICODE_FORMAT || c == 0x34f || (c >= 0xfe00 && c <= 0xfe0f) ||
	       c == 0x115f || c == 0x1160 || c == 0x3164;
}

/* Full-width letters and dots folded, what cannot be seen taken out, "bank。example" with a dot; blanks are
 * SPACE. Letters beyond ASCII in lower case; those of ASCII keep theirs. */
static char *seen(const char *text)
{
	const char *end = text + strnlen(text, TEXT_BYTES);

	while (end > text && ((unsigned char)*end & 0xc0) == 0x80)
		end--;
	g_autofree char *folded = g_utf8_normalize(text, end - text, G_NORMALIZE_NFKC);
	GString *out = g_string_new(NULL);
	for (const char *at = folded != NULL ? folded : ""; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		bool dot = c == 0x3002 && out->len > 0 && g_ascii_isalnum(out->str[out->len - 1]) &&
		           g_ascii_isalnum(*g_utf8_next_char(at));
		if (c == 0x2024 || dot)
			c = '.';
		if (g_unichar_isspace(c))
			c = ' ';
		if (!is_invisible(c))
			g_string_append_unichar(out, c < 0x80 ? c : g_unichar_tolower(c));
	}
	return g_string_free(out, FALSE);
}

/* ---- is it the same? -------------------------------------------------------------------------------------
 */

static char *comparable(const char *host, size_t bytes)
{
	if (bytes > 4 && memcmp(host, "www.", 4) == 0)
		host += 4, bytes -= 4;
	if (bytes > 1 && host[bytes - 1] == '.')
		bytes--;
	return g_strndup(host, bytes);
}

/* Brands that are written as a host which leads to another. */
static const char *alias_of(const char *host)
{
	return strcmp(host, "xn--1sqt31d.com") == 0 ? "kakaku.com" : host; /* 価格.com */
}

/* rspamd's rule: one owner, whatever is before the name that was registered. "login.bank.co.jp" is of
 * "www.bank.co.jp"; "evil.co.jp" is not. */
static bool same_owner(const char *host, const char *other)
{
	return strcmp(html_host_owner(host), html_host_owner(other)) == 0;
}

static bool names_host(HtmlRun run, const char *target, bool owner)
{
	uint32_t flags = 0;
	g_autofree char *host = html_host_parse(run.from, html_run_bytes(run), &flags, NULL);
	g_autofree char *bare = comparable(host, strlen(host));
	const char *named = alias_of(bare);

	return strcmp(bare, target) == 0 || strcmp(named, target) == 0 || (owner && same_owner(named, target));
}

/* With or without the sentence that may stick to it. owner: another host of the same owner will do. */
static bool may_name_host(HtmlRun run, const char *target, bool owner)
{
	HtmlRun before = html_run_without_before(run), after = html_run_without_after(run);
	HtmlRun both = html_run_without_after(before);
	const HtmlRun readings[] = { run, before, after, both };

	if (html_run_bytes(run) > HTML_HOST_BYTES)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(readings); i++) {
		bool again = i > 0 && html_run_bytes(readings[i]) == html_run_bytes(readings[0]);
		if (!again && names_host(html_run_trim(readings[i]), target, owner))
			return true;
	}
	return false;
}

/* ---- walking through the text ----------------------------------------------------------------------------
 */

typedef struct {
	const HtmlUrl *url;
	const char *text;  /* in lower case */
	const char *cased; /* as it was written, at the same places */
	char *host;        /* where the link leads, comparable */
	char *address;     /* of a mailto:, lower case */
	bool same, other;
} Search;

static bool is_local_char(char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

/* run: the domain, behind an `@`. A web link to the same domain is the same party: only who is asked differs.
 */
static void judge_address(Search *search, HtmlRun run)
{
	const char *at = run.from - 1, *from = at;

	while (from > search->text && is_local_char(from[-1]))
		from--;
	if (from == at)
		return;
	bool mail = search->url->kind == HTML_URL_MAIL;
	bool same = may_name_host(run, search->host, !mail);
	if (same && mail) {
		size_t local = (size_t)(at - from);
		same = strlen(search->address) > local && search->address[local] == '@' &&
		       strncmp(search->address, from, local) == 0;
	}
	search->same |= same;
	search->other |= !same;
}

static void judge_host(Search *search, HtmlRun run)
{
	bool same = may_name_host(run, search->host, true);

	search->same |= same;
	search->other |= !same;
}

static HtmlRun as_written(const Search *search, HtmlRun run)
{
	return (HtmlRun) { search->cased + (run.from - search->text), search->cased + (run.end - search->text) };
}

/* "://", also with the slashes the wrong way round */
static bool follows_scheme(const Search *search, const char *at)
{
	if (at - search->text < 4 || (at[-1] != '/' && at[-1] != '\\') || (at[-2] != '/' && at[-2] != '\\'))
		return false;
	return at[-3] == ':' && g_ascii_isalpha(at[-4]);
}

/* Returns where to read on. */
static const char *judge_run(Search *search, HtmlRun whole)
{
	HtmlRun run = html_run_trim(whole);
	bool scheme = follows_scheme(search, whole.from);
	HtmlRun bare = html_run_without_before(run);
	HtmlSetting setting = g_str_has_prefix(bare.from, "www.") ? HTML_SETTING_INTRODUCED
	                  : *whole.end == '/'                 ? HTML_SETTING_BEFORE_SLASH
	                                                      : HTML_SETTING_BARE;

	if (html_run_bytes(run) == 0)
		return whole.end;
	if (*whole.end == '@') {
		/* "https://bank.example@evil.example" shows a bank to the reader, whoever it leads to */
		search->other |= scheme;
		return whole.end;
	}
	if (whole.from > search->text && whole.from[-1] == '@') {
		if (html_run_is_host(run, HTML_SETTING_INTRODUCED))
			judge_address(search, run);
		return whole.end;
	}
	if (!scheme && !html_run_is_host(run, setting))
		return whole.end;
	if (!scheme && setting == HTML_SETTING_BARE && html_run_is_name(as_written(search, run)))
		return whole.end;
	judge_host(search, run);
	return html_run_skip_path(whole.end);
}

static void search_text(Search *search)
{
	for (HtmlRun run = html_run_next(search->text); *run.from != '\0' && !search->other;)
		run = html_run_next(judge_run(search, run));
}

/* "<a@b.example>" and "mailto:a@b.example" say the same as the address. */
static bool is_address_of(const char *text, size_t bytes, const char *address)
{
	if (bytes > 2 && text[0] == '<' && text[bytes - 1] == '>')
		text++, bytes -= 2;
	else if (g_str_has_prefix(text, "mailto:"))
		text += 7, bytes -= 7;
	return bytes == strlen(address) && memcmp(text, address, bytes) == 0;
}

/* Strictly as normalised, but for the slash of an empty path: where the two differ in a letter, the reader is to
 * see both. */
static bool is_exact(const char *text, const HtmlUrl *url)
{
	g_autofree char *bare = g_strstrip(g_strdup(text));
	size_t bytes = strlen(bare);

	if (url->kind == HTML_URL_NONE || url->kind == HTML_URL_REFUSED || bytes == 0)
		return false;
	if (url->kind == HTML_URL_MAIL)
		return is_address_of(bare, bytes, url->url);
	if (strncmp(bare, url->url, bytes) != 0)
		return false;
	const char *rest = url->url + bytes;
	return *rest == '\0' || (strcmp(rest, "/") == 0 && g_str_has_suffix(bare, url->host));
}

static void set_target(Search *search)
{
	const char *at = search->url->kind == HTML_URL_MAIL ? strrchr(search->url->url, '@') : NULL;

	search->address = g_ascii_strdown(search->url->kind == HTML_URL_MAIL ? search->url->url : "", -1);
	search->host = at != NULL ? comparable(at + 1, strlen(at + 1))
	                          : comparable(search->url->host, strlen(search->url->host));
}

/* A host has a dot, or stands behind the slashes of a scheme. These characters are neither, nor do they
 * become one when folded: most links of a Japanese mail need no closer look. */
static bool cannot_name_host(const char *text)
{
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = (unsigned char)*at < 0x80 ? (gunichar)*at : g_utf8_get_char(at);
		bool plain = c < 0x80 ? c != '.' && c != '/' && c != '\\'
		                      : (c >= 0x3041 && c <= 0x30ff) || (c >= 0x4e00 && c <= 0x9fff);
		if (!plain)
			return false;
	}
	return true;
}

HtmlShown html_url_shown(const char *text, const HtmlUrl *url, bool *ret_exact)
{
	Search search = { .url = url };

	if (ret_exact != NULL)
		*ret_exact = is_exact(text, url);
	if ((url->kind != HTML_URL_WEB && url->kind != HTML_URL_MAIL) || cannot_name_host(text))
		return HTML_SHOWN_TEXT;
	g_autofree char *cased = seen(text);
	g_autofree char *folded = g_ascii_strdown(cased, -1);
	search.text = folded;
	search.cased = cased;
	set_target(&search);
	search_text(&search);
	g_free(search.host);
	g_free(search.address);
	if (search.other)
		return HTML_SHOWN_OTHER;
	return search.same ? HTML_SHOWN_SAME : HTML_SHOWN_TEXT;
}
