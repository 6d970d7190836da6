#include "html_links_priv.h"

#include <string.h>

enum {
	KEY_BYTES = 4096, /* a longer href is not looked up again, it is read again */
};

struct HtmlLinks {
	bool english;
	HtmlFacts *facts;
	char *base;
	GPtrArray *all;        /* of HtmlLink */
	GHashTable *by_href;   /* -> HtmlLink of all */
	GHashTable *by_target; /* what the list says -> HtmlLink of listed */
	GPtrArray *listed;     /* of HtmlLink of all, in the order of numbers */
};

static void free_link(void *data)
{
	HtmlLink *link = data;

	html_url_clear(&link->url);
	g_free(link);
}

HtmlLinks *html_links_new(bool english, HtmlFacts *facts)
{
	HtmlLinks *links = g_new0(HtmlLinks, 1);

	links->english = english;
	links->facts = facts;
	links->all = g_ptr_array_new_with_free_func(free_link);
	links->by_href = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	links->by_target = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	links->listed = g_ptr_array_new();
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
	g_ptr_array_unref(links->all);
	g_free(links);
}

void html_links_set_base(HtmlLinks *links, const char *href)
{
	if (links->base == NULL)
		links->base = g_strdup(href);
}

HtmlLink *html_links_find(HtmlLinks *links, const char *href)
{
	bool kept = strlen(href) <= KEY_BYTES;
	HtmlLink *link = kept ? g_hash_table_lookup(links->by_href, href) : NULL;

	if (link == NULL && links->all->len >= HTML_LINKS_MAX) {
		links->facts->cut = true;
		return NULL;
	}
	if (link == NULL) {
		link = g_new0(HtmlLink, 1);
		html_url_parse(href, links->base, &link->url);
		g_ptr_array_add(links->all, link);
		if (kept)
			g_hash_table_insert(links->by_href, g_strdup(href), link);
	}
	return link->url.kind != HTML_URL_NONE ? link : NULL;
}

/* ---- marks --------------------------------------------------------------------------------------------- */

static char *target_of(const HtmlUrl *url)
{
	return g_strconcat(url->kind == HTML_URL_TEL ? "tel:" : "", url->url, NULL);
}

static unsigned number_of(HtmlLinks *links, HtmlLink *link)
{
	if (link->number > 0)
		return link->number;
	g_autofree char *target = target_of(&link->url);
	const HtmlLink *same = g_hash_table_lookup(links->by_target, target);
	if (same != NULL) {
		link->number = same->number;
		return link->number;
	}
	g_ptr_array_add(links->listed, link);
	link->number = links->listed->len;
	g_hash_table_insert(links->by_target, g_steal_pointer(&target), link);
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

static bool says_all(const char *shown, const HtmlUrl *url, HtmlShown judged, bool exact)
{
	if (url->flags & HTML_URL_FLAGGED)
		return false;
	if (url->kind == HTML_URL_TEL)
		return says_number(shown, url->url);
	if (url->kind == HTML_URL_MAIL)
		return exact || g_ascii_strcasecmp(shown, url->url) == 0;
	return exact && judged != HTML_SHOWN_OTHER;
}

static const char *host_of(const HtmlUrl *url)
{
	const char *at = strrchr(url->url, '@');

	if (*url->host != '\0' || at == NULL)
		return url->host;
	return at + 1;
}

static char *refused_mark(HtmlLinks *links, const HtmlUrl *url)
{
	links->facts->links_removed++;
	return g_strdup_printf(links->english ? " [link removed:%s]" : " [リンク削除:%s]", url->scheme);
}

char *html_links_mark(HtmlLinks *links, HtmlLink *link, const char *shown)
{
	const HtmlUrl *url = &link->url;
	bool exact = false;

	if (url->kind == HTML_URL_REFUSED)
		return refused_mark(links, url);
	HtmlShown judged = html_url_shown(shown, url, &exact);
	bool flagged = (url->flags & HTML_URL_FLAGGED) != 0;
	links->facts->link_mismatches += judged == HTML_SHOWN_OTHER;
	links->facts->links_flagged += flagged;
	if (says_all(shown, url, judged, exact))
		return g_strdup("");
	unsigned number = number_of(links, link);
	if ((judged == HTML_SHOWN_OTHER || flagged) && *host_of(url) != '\0')
		return g_strdup_printf(" [%u!%s]", number, host_of(url));
	return g_strdup_printf(" [%u]", number);
}

/* ---- the list ------------------------------------------------------------------------------------------ */

static void append_entry(const HtmlLink *link, GString *text)
{
	g_autofree char *target = target_of(&link->url);

	g_string_append_printf(text, "[%u] %s", link->number, target);
	if (*link->url.unicode_host != '\0')
		g_string_append_printf(text, " (%s)", link->url.unicode_host);
}

uint64_t html_links_list(const HtmlLinks *links, GString *text, uint64_t max_out)
{
	uint64_t omitted = 0;

	for (guint i = 0; i < links->listed->len; i++) {
		g_autoptr(GString) entry = g_string_new(NULL);
		append_entry(g_ptr_array_index(links->listed, i), entry);
		if (omitted > 0 || text->len + entry->len + 2 > max_out) {
			omitted += (uint64_t)g_utf8_strlen(entry->str, (gssize)entry->len);
			continue;
		}
		if (text->len > 0)
			g_string_append(text, i == 0 ? "\n\n" : "\n");
		g_string_append_len(text, entry->str, (gssize)entry->len);
	}
	return omitted;
}
