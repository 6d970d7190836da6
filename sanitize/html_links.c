#include "html_links_priv.h"

#include "html_append_priv.h"

#include <string.h>

enum {
	KEY_BYTES = 4096,  /* a longer href is not looked up again, it is read again */
	SHOWN_BYTES = 256, /* the same of a shown text */
	CACHED_MAX = 2000, /* hrefs that are looked up */
};

struct HtmlLinks {
	const HtmlOptions *options;
	HtmlFacts *facts;
	char *base;
	GHashTable *by_href;   /* -> HtmlLink, referenced */
	GHashTable *by_target; /* what the list says -> HtmlLink of listed */
	GPtrArray *listed;     /* of HtmlLink, referenced, in the order of numbers */
	GString *mark;         /* the last one */
};

static void clear_link(void *data)
{
	HtmlLink *link = data;

	html_url_clear(&link->url);
	g_free(link->shown);
}

HtmlLink *html_link_ref(HtmlLink *link)
{
	return link != NULL ? g_rc_box_acquire(link) : NULL;
}

void html_link_unref(HtmlLink *link)
{
	if (link != NULL)
		g_rc_box_release_full(link, clear_link);
}

static void unref_link(void *data)
{
	html_link_unref(data);
}

HtmlLinks *html_links_new(const HtmlOptions *options, HtmlFacts *facts)
{
	HtmlLinks *links = g_new0(HtmlLinks, 1);

	links->options = options;
	links->facts = facts;
	links->by_href = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_link);
	links->by_target = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	links->listed = g_ptr_array_new_with_free_func(unref_link);
	links->mark = g_string_sized_new(64);
	return links;
}

void html_links_free(HtmlLinks *links)
{
	if (links == NULL)
		return;
	g_free(links->base);
	g_hash_table_unref(links->by_href);
	g_hash_table_unref(links->by_target);
	g_ptr_array_unref(links->listed);
	g_string_free(links->mark, TRUE);
	g_free(links);
}

/* The base is read again for every link that needs it: of a very long one only the host is kept, and that
 * there was a user's name before it. */
static char *shorten_base(const char *href)
{
	g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE };

	html_url_parse(href, NULL, &url);
	if (url.kind != HTML_URL_WEB)
		return g_strdup("");
	return g_strdup_printf("%s://%s%s/", url.scheme, url.flags & HTML_URL_FLAGGED ? "x@" : "", url.host);
}

void html_links_set_base(HtmlLinks *links, const char *href)
{
	if (links->base == NULL)
		links->base = strlen(href) > HTML_URL_CHARS ? shorten_base(href) : g_strdup(href);
}

HtmlLink *html_links_find(HtmlLinks *links, const char *href)
{
	bool kept = strlen(href) <= KEY_BYTES;
	HtmlLink *link = kept ? g_hash_table_lookup(links->by_href, href) : NULL;

	if (link != NULL)
		return html_link_ref(link);
	if (*href == '#' || *href == '\0')
		return NULL;
	link = g_rc_box_new0(HtmlLink);
	html_url_parse(href, links->base, &link->url);
	if (link->url.kind == HTML_URL_NONE) {
		html_link_unref(link);
		return NULL;
	}
	link->kept = kept && g_hash_table_size(links->by_href) < CACHED_MAX;
	if (link->kept)
		g_hash_table_insert(links->by_href, g_strdup(href), html_link_ref(link));
	return link;
}

/* ---- marks --------------------------------------------------------------------------------------------- */

static char *target_of(const HtmlUrl *url)
{
	return g_strconcat(url->kind == HTML_URL_TEL ? "tel:" : "", url->url, NULL);
}

/* 0: there are too many. */
static unsigned number_of(HtmlLinks *links, HtmlLink *link)
{
	if (link->number > 0)
		return link->number;
	g_autofree char *target = NULL;
	const char *key = link->url.url; /* as it stands in the list */
	if (link->url.kind == HTML_URL_TEL)
		key = target = target_of(&link->url);
	const HtmlLink *same = g_hash_table_lookup(links->by_target, key);
	if (same != NULL) {
		link->number = same->number;
		return link->number;
	}
	if (links->listed->len >= HTML_LINKS_MAX) {
		links->facts->capped = true;
		return 0;
	}
	g_ptr_array_add(links->listed, html_link_ref(link));
	links->facts->links = links->listed->len;
	link->number = links->options->first_link + links->listed->len;
	g_hash_table_insert(links->by_target, g_strdup(key), link);
	return link->number;
}

static char *only_digits(const char *text)
{
	GString *digits = g_string_new(NULL);

	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		int digit = g_unichar_digit_value(g_utf8_get_char(text));
		if (digit >= 0)
			g_string_append_c(digits, (char)('0' + digit));
	}
	return g_string_free(digits, FALSE);
}

/* "03-1234-5678" says tel:0312345678 and tel:+81-3-1234-5678. */
static bool says_number(const char *shown, const char *number)
{
	g_autofree char *a = only_digits(shown), *b = only_digits(number);
	bool home = g_str_has_prefix(b, "81") && a[0] == '0' && strcmp(a + 1, b + 2) == 0;

	return *a != '\0' && (strcmp(a, b) == 0 || home);
}

/* Of a link that is not flagged. */
static bool says_all(const char *shown, const HtmlUrl *url, bool exact)
{
	if (url->kind == HTML_URL_TEL)
		return says_number(shown, url->url);
	if (url->kind == HTML_URL_MAIL)
		return exact || g_ascii_strcasecmp(shown, url->url) == 0;
	return exact;
}

static const char *host_of(const HtmlUrl *url)
{
	const char *at = strrchr(url->url, '@');

	if (*url->host != '\0' || at == NULL)
		return url->host;
	return at + 1;
}

static void write_refused(HtmlLinks *links, const HtmlUrl *url)
{
	links->facts->links_removed++;
	g_string_append(links->mark, links->options->english ? " [link removed:" : " [リンク削除:");
	g_string_append(links->mark, url->scheme);
	g_string_append_c(links->mark, ']');
}

/* Newsletters say the same of the same link again and again. */
static void judge(HtmlLink *link, const char *shown)
{
	if (link->shown != NULL && strcmp(link->shown, shown) == 0)
		return;
	link->judged = html_url_shown(shown, &link->url, &link->exact);
	g_clear_pointer(&link->shown, g_free);
	if (link->kept && strlen(shown) <= SHOWN_BYTES)
		link->shown = g_strdup(shown);
}

static void write_mark(HtmlLinks *links, unsigned number, const char *host)
{
	GString *mark = links->mark;
	bool lie = *host != '\0';

	if (number == 0 && !lie)
		return;
	html_append(mark, " [", 2);
	if (number > 0)
		html_append_number(mark, number);
	if (lie)
		html_append(mark, "!", 1);
	html_append(mark, host, strlen(host));
	html_append(mark, "]", 1);
}

static void flag_listed(HtmlLinks *links, unsigned number)
{
	if (number == 0)
		return;
	HtmlLink *listed = g_ptr_array_index(links->listed, number - links->options->first_link - 1);
	listed->flagged = true;
}

static void write_flagged(HtmlLinks *links, HtmlLink *link, const char *lead, const char *shown)
{
	unsigned number = number_of(links, link);

	flag_listed(links, number);
	if (defang_mode(links->options->defang) == DEFANG_NEVER) {
		write_mark(links, number, host_of(&link->url));
		return;
	}
	g_autofree char *whole = g_strconcat(lead, shown, NULL);
	g_autoptr(GString) host = g_string_new(NULL);
	defang_append_host(host, host_of(&link->url));
	defang_add_shown(links->options->defang, whole);
	write_mark(links, number, host->str);
}

/* A URL that begins before its link, or a host that goes on in it. "e.g." and "No." before a word are
 * neither. */
static bool goes_on(const char *lead, const char *shown)
{
	if (*lead == '\0' || *shown == '\0')
		return false;
	bool url = strstr(lead, "://") != NULL || strstr(lead, "www.") != NULL || strchr(lead, '@') != NULL;
	return strchr("./:@", *shown) != NULL || (url && (g_ascii_isalnum(*shown) || *shown == '-'));
}

/* Where a reader takes what stands before the link for a part of it, both together must not lie either. */
static bool lies(HtmlLink *link, const char *lead, const char *shown)
{
	judge(link, shown);
	if (link->judged == HTML_SHOWN_OTHER || !goes_on(lead, shown))
		return link->judged == HTML_SHOWN_OTHER;
	g_autofree char *whole = g_strconcat(lead, shown, NULL);
	return html_url_shown(whole, &link->url, NULL) == HTML_SHOWN_OTHER;
}

const char *html_links_mark(HtmlLinks *links, HtmlLink *link, const char *lead, const char *shown)
{
	const HtmlUrl *url = &link->url;

	html_clear(links->mark);
	if (url->kind == HTML_URL_REFUSED) {
		write_refused(links, url);
		return links->mark->str;
	}
	bool flagged = (url->flags & HTML_URL_FLAGGED) != 0, lie = lies(link, lead, shown);
	links->facts->link_mismatches += lie;
	links->facts->links_flagged += flagged;
	if (lie || flagged)
		write_flagged(links, link, lead, shown);
	else if (!says_all(shown, url, link->exact))
		write_mark(links, number_of(links, link), "");
	return links->mark->str;
}

/* ---- the list ------------------------------------------------------------------------------------------ */

static void append_entry(const HtmlLinks *links, const HtmlLink *link, GString *text)
{
	g_autofree char *target = target_of(&link->url);
	bool safe = link->flagged && defang_mode(links->options->defang) != DEFANG_NEVER;

	g_string_append_c(text, '[');
	html_append_number(text, link->number);
	g_string_append(text, "] ");
	if (safe)
		defang_append_target(text, target);
	else
		g_string_append(text, target);
	if (*link->url.unicode_host == '\0')
		return;
	g_string_append(text, " (");
	if (safe)
		defang_append_host(text, link->url.unicode_host);
	else
		g_string_append(text, link->url.unicode_host);
	g_string_append_c(text, ')');
}

uint64_t html_links_list(const HtmlLinks *links, GString *text, uint64_t max_out)
{
	uint64_t omitted = 0;

	g_autoptr(GString) entry = g_string_new(NULL);

	for (guint i = 0; i < links->listed->len; i++) {
		html_clear(entry);
		append_entry(links, g_ptr_array_index(links->listed, i), entry);
		if (omitted > 0 || text->len + entry->len + 2 > max_out) {
			omitted += (uint64_t)g_utf8_strlen(entry->str, (gssize)entry->len);
			continue;
		}
		if (text->len > 0)
			g_string_append(text, i == 0 ? "\n\n" : "\n");
		html_append(text, entry->str, entry->len);
	}
	return omitted;
}
