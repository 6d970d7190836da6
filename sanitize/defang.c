#include "defang_priv.h"

#include "clean_text.h"
#include "html_host_priv.h"
#include "html_names_priv.h"
#include "html_url_priv.h"

#include <string.h>

enum {
	SHOWN_MAX =
	        20000, /* names that flagged links show; with more than these all of the text is defanged */
};

struct Defang {
	DefangMode mode;
	GHashTable *shown; /* set of char *, ASCII letters in lower case: URLs, hosts, "@" and the host of an
	                      address */
};

Defang *defang_new(DefangMode mode)
{
	Defang *defang = g_new0(Defang, 1);

	defang->mode = mode;
	defang->shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return defang;
}

void defang_free(Defang *defang)
{
	if (defang == NULL)
		return;
	g_hash_table_unref(defang->shown);
	g_free(defang);
}

DefangMode defang_mode(const Defang *defang)
{
	return defang != NULL ? defang->mode : DEFANG_NEVER;
}

/* ---- places ---------------------------------------------------------------------------------------------
 */

typedef enum {
	PLACE_URL,     /* scheme://host/path */
	PLACE_HOST,    /* www.bank.example/path, bank.example */
	PLACE_ADDRESS, /* from the `@` on */
	PLACE_SCHEME,  /* mailto: */
	PLACE_SHARE,   /* \\server */
} PlaceKind;

/* What a mail reader may make a link of. */
typedef struct {
	PlaceKind kind;
	const char *from;
	const char *host; /* of a URL the authority */
	const char *host_end;
	const char *end; /* of path and query */
} Place;

/* Where the search is. */
typedef struct {
	const char *at;
	const char *anchors;    /* characters that every place has one of */
	const char *path_until; /* of a URL that is no link any more: what begins inside may be one now */
} Search;

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool is_local_char(char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

static const char *back_while(const char *from, const char *at, bool (*holds)(gunichar c))
{
	while (at > from) {
		const char *before = g_utf8_find_prev_char(from, at);
		if (before == NULL || !holds(g_utf8_get_char(before)))
			return at;
		at = before;
	}
	return at;
}

static bool is_scheme_char(gunichar c)
{
	return c < 0x80 && (g_ascii_isalnum((char)c) || c == '+' || c == '-');
}

/* The dots of other scripts are dots to a browser, but end a Japanese sentence too. */
static bool is_dot_inside(const char *at)
{
	gunichar c = g_utf8_get_char(at);

	return (c == 0x3002 || c == 0xff0e || c == 0xff61) && g_ascii_isalnum(*g_utf8_next_char(at));
}

static const char *authority_end(const char *from)
{
	const char *end = from;

	while ((unsigned char)*end > ' ' && *end != 0x7f && strchr("/\\?#<>\"", *end) == NULL) {
		if ((unsigned char)*end >= 0x80 && !html_is_host_char(g_utf8_get_char(end)) &&
		    !is_dot_inside(end))
			break;
		end = g_utf8_next_char(end);
	}
	return end;
}

/* Without what belongs to the sentence: "(https://bank.example)、", "https://bank.exampleをご覧ください". */
static const char *trim_authority(const char *from, const char *end)
{
	bool brackets = memchr(from, '[', (size_t)(end - from)) != NULL;

	if (end > from && end[-1] == ':' && is_slash(end[0]) && is_slash(end[1]))
		end = back_while(from, end - 1, is_scheme_char); /* "http://a:http://b" */
	if (end > from && strchr("/\\?#", *end) != NULL && *end != '\0')
		return end;
	end = html_run_without_after((HtmlRun) { from, end }).end;
	while (end > from && strchr(".,;:!?)}'*|_~^`", end[-1]) != NULL)
		end--;
	while (!brackets && end > from && end[-1] == ']')
		end--;
	return end;
}

/* Inside a path the end is known: "http://a@b/http://a@b/..." must not be searched to its end for each of
 * them. */
static const char *path_end(const Search *search, const char *from, const char *host_end)
{
	return from < search->path_until ? MAX(host_end, search->path_until) : html_run_skip_path(host_end);
}

/* colon: may be one. "hxxp[:]//" is taken for one as well. */
static bool take_url(Search *search, const char *colon, Place *ret_place)
{
	const char *slashes = colon + 1, *name_end = colon;
	bool bracketed = colon > search->at && colon[-1] == '[' && *slashes == ']';

	if (bracketed)
		slashes++, name_end--;
	if (!is_slash(slashes[0]) || !is_slash(slashes[1]))
		return false;
	const char *name = back_while(search->at, name_end, is_scheme_char);
	while (name < name_end && !g_ascii_isalpha(*name))
		name++;
	if (name == name_end)
		return false;
	while (is_slash(*slashes))
		slashes++;
	const char *end = trim_authority(slashes, authority_end(slashes));
	*ret_place = (Place) { PLACE_URL, name, slashes, end, path_end(search, name, end) };
	return true;
}

static bool take_scheme(const Search *search, const char *colon, Place *ret_place)
{
	static const char *const schemes[] = { "mailto", "tel",   "sip",  "sms", "news",
		                               "callto", "skype", "file", NULL };
	const char *name = back_while(search->at, colon, is_scheme_char);
	g_autofree char *word = g_strndup(name, (gsize)(colon - name));

	if (colon < search->path_until || !g_strv_contains(schemes, word) || !g_ascii_isgraph(colon[1]))
		return false;
	*ret_place = (Place) { PLACE_SCHEME, colon, colon + 1, colon + 1, colon + 1 };
	return true;
}

static bool take_share(const Search *search, const char *slash, Place *ret_place)
{
	bool first = slash == search->at || slash[-1] != '\\';

	if (!first || slash < search->path_until || slash[1] != '\\' ||
	    !g_unichar_isalnum(g_utf8_get_char(slash + 2)))
		return false;
	*ret_place = (Place) { PLACE_SHARE, slash, slash + 1, slash + 1, slash + 1 };
	return true;
}

static bool begins_as_host(HtmlRun lower)
{
	HtmlRun bare = html_run_without_before(lower);

	return g_str_has_prefix(bare.from, "www.") || g_str_has_prefix(bare.from, "ftp.");
}

/* run: as it is written, without signs at its ends. */
static bool is_host(const Search *search, HtmlRun run, HtmlSetting setting)
{
	g_autofree char *text = g_ascii_strdown(run.from, (gssize)html_run_bytes(run));
	const HtmlRun lower = { text, text + strlen(text) };
	bool begins = begins_as_host(lower);

	if (run.from < search->path_until && !begins)
		return false;
	if (begins)
		setting = HTML_SETTING_INTRODUCED;
	if (!html_run_is_host(lower, setting))
		return false;
	return setting != HTML_SETTING_BARE || !html_run_is_name(run);
}

/* "a.http://b": the last label is a scheme. */
static const char *before_scheme(const char *from, const char *end)
{
	const char *colon = g_str_has_prefix(end, "[:]") ? end + 1 : end;
	const char *slashes = colon > end ? colon + 2 : colon + 1;
	const char *dot = memrchr(from, '.', (size_t)(end - from));

	return *colon == ':' && is_slash(slashes[0]) && is_slash(slashes[1]) ? dot + 1 : end;
}

/* dot: one of a host, maybe. False: search->at is behind what is none. */
static bool take_host(Search *search, const char *dot, Place *ret_place)
{
	const char *from = back_while(search->at, dot, html_is_host_char), *end = dot;

	while (*end != '\0' && html_is_host_char(g_utf8_get_char(end)))
		end = g_utf8_next_char(end);
	end = before_scheme(from, end);
	HtmlRun run = html_run_trim((HtmlRun) { from, end });
	bool address = from - search->at > 1 && from[-1] == '@' && is_local_char(from[-2]) &&
	               from > search->path_until;
	HtmlSetting setting = address       ? HTML_SETTING_INTRODUCED
	                      : *end == '/' ? HTML_SETTING_BEFORE_SLASH
	                                    : HTML_SETTING_BARE;
	search->at = end;
	if (*end == '@' || g_str_has_prefix(end, "[@]") || html_run_bytes(run) > HTML_HOST_BYTES ||
	    memchr(run.from, '.', html_run_bytes(run)) == NULL || !is_host(search, run, setting))
		return false;
	if (address)
		*ret_place = (Place) { PLACE_ADDRESS, from - 1, from, run.end, end };
	else
		*ret_place =
		        (Place) { PLACE_HOST, run.from, run.from, run.end, path_end(search, run.from, end) };
	return true;
}

/* The next place from search->at on, which then is behind its host. */
static bool next_place(Search *search, Place *ret_place)
{
	for (;;) {
		bool inside = search->at < search->path_until;
		const char *at = search->at + strcspn(search->at, inside ? ".:" : search->anchors);
		if (inside && at >= search->path_until) {
			search->at = search->path_until;
			continue;
		}
		if (*at == '\0')
			return false;
		if (*at == '.') {
			if (take_host(search, at, ret_place))
				return true;
			if (*search->at == '@' && search->at - at > 1)
				search->at--; /* the domain's search wants to see a character before the `@`
				               */
			continue;
		}
		bool found = *at == '\\'
		                     ? take_share(search, at, ret_place)
		                     : take_url(search, at, ret_place) || take_scheme(search, at, ret_place);
		search->at = found ? ret_place->host_end : at + 1;
		if (found)
			return true;
	}
}

/* ---- what is flagged ------------------------------------------------------------------------------------
 */

static char *lower_of(const char *from, const char *end)
{
	return g_ascii_strdown(from, end - from);
}

/* Signs behind a URL are the sentence's as often as its own. */
static char *url_name(const Place *place)
{
	const char *end = place->end;

	while (end > place->host && strchr(".,;:!?)]}'/", end[-1]) != NULL)
		end--;
	return lower_of(place->from, end);
}

enum { READINGS = 4 };

/* With and without the sentence that may stick to it. */
static void host_names(const Place *place, char *ret_names[READINGS])
{
	const HtmlRun run = { place->host, place->host_end };
	const HtmlRun before = html_run_without_before(run);
	const HtmlRun readings[READINGS] = { run, before, html_run_without_after(run),
		                             html_run_without_after(before) };

	for (size_t i = 0; i < READINGS; i++)
		ret_names[i] = lower_of(readings[i].from, readings[i].end);
}

static void take_name(Defang *defang, char *name)
{
	if (g_hash_table_size(defang->shown) > SHOWN_MAX) {
		defang->mode = DEFANG_ALL;
		g_free(name);
		return;
	}
	g_hash_table_add(defang->shown, name);
}

static void add_place(Defang *defang, const Place *place)
{
	char *names[READINGS];

	if (place->kind == PLACE_URL)
		take_name(defang, url_name(place));
	if (place->kind == PLACE_ADDRESS)
		take_name(defang, lower_of(place->from, place->host_end));
	if (place->kind != PLACE_HOST)
		return;
	host_names(place, names);
	for (size_t i = 0; i < READINGS; i++)
		take_name(defang, names[i]);
}

void defang_add_shown(Defang *defang, const char *shown)
{
	g_autofree char *text = clean_body_text(shown, strlen(shown), NULL);
	Search search = { text, ".:", text };
	Place place;

	while (defang->mode == DEFANG_FLAGGED && next_place(&search, &place))
		add_place(defang, &place);
}

static bool is_shown(const Defang *defang, const Place *place)
{
	char *names[READINGS] = { NULL };
	bool found = false;

	if (g_hash_table_size(defang->shown) == 0)
		return false;
	if (place->kind == PLACE_URL)
		names[0] = url_name(place);
	else if (place->kind == PLACE_ADDRESS)
		names[0] = lower_of(place->from, place->host_end);
	else if (place->kind == PLACE_HOST)
		host_names(place, names);
	for (size_t i = 0; i < READINGS; i++) {
		found |= names[i] != NULL && g_hash_table_contains(defang->shown, names[i]);
		g_free(names[i]);
	}
	return found;
}

static size_t scheme_bytes(const Place *place)
{
	return strcspn(place->from, ":[");
}

static bool scheme_is(const Place *place, const char *scheme)
{
	size_t bytes = scheme_bytes(place);

	return strlen(scheme) == bytes && g_ascii_strncasecmp(place->from, scheme, bytes) == 0;
}

/* As it was before somebody defanged it. */
static char *original_of(const Place *place)
{
	g_autoptr(GString) url = g_string_new(NULL);
	bool done = scheme_is(place, "hxxp") || scheme_is(place, "hxxps");

	for (const char *at = place->from; at < place->host_end; at++) {
		bool bracketed = *at == '[' && place->host_end - at > 2 && at[2] == ']' &&
		                 strchr(".:@", at[1]) != NULL;
		g_string_append_c(url, bracketed ? at[1] : *at);
		at += bracketed ? 2 : 0;
	}
	if (done)
		memcpy(url->str, "http", 4);
	return g_strdup(url->str);
}

static bool misleads(const Place *place)
{
	g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE };
	g_autofree char *written = original_of(place);

	html_url_parse(written, NULL, &url);
	return url.kind == HTML_URL_REFUSED || (url.flags & HTML_URL_FLAGGED) != 0;
}

static bool is_flagged(const Defang *defang, const Search *search, const Place *place)
{
	/* A share is what file: names, without a scheme: who follows it logs in there. */
	if (defang->mode == DEFANG_ALL || place->from < search->path_until || place->kind == PLACE_SHARE)
		return true;
	return is_shown(defang, place) || (place->kind == PLACE_URL && misleads(place));
}

/* ---- writing --------------------------------------------------------------------------------------------
 */

static void append_sign(GString *out, const char *at)
{
	g_string_append_printf(out, "[%c]", *at);
}

/* signs: to be bracketed, unless they are. */
static void append_bracketed(GString *out, const char *from, const char *end, const char *signs)
{
	for (const char *at = from; at < end; at++) {
		bool done = at > from && at[-1] == '[' && at + 1 < end && at[1] == ']';
		if (!done && strchr(signs, *at) != NULL)
			append_sign(out, at);
		else
			g_string_append_c(out, *at);
	}
}

static void append_scheme(GString *out, const Place *place)
{
	const char *rest = place->from + scheme_bytes(place);
	bool web = scheme_is(place, "http") || scheme_is(place, "https");
	bool done = scheme_is(place, "hxxp") || scheme_is(place, "hxxps");

	if (web)
		g_string_append(out, scheme_is(place, "https") ? "hxxps" : "hxxp");
	else
		g_string_append_len(out, place->from, rest - place->from);
	if (!web && !done && *rest == ':')
		append_sign(out, rest++);
	g_string_append_len(out, rest, place->host - rest);
}

static void append_place(GString *out, const Place *place)
{
	switch (place->kind) {
	case PLACE_URL:
		append_scheme(out, place);
		break;
	case PLACE_HOST:
		break;
	case PLACE_ADDRESS:
	case PLACE_SCHEME:
	case PLACE_SHARE:
		append_sign(out, place->from);
		break;
	}
	append_bracketed(out, place->host, place->host_end, ".@");
}

/* NULL: nothing is to be changed. */
static GString *rewrite(const Defang *defang, const char *text)
{
	const char *anchors = defang->mode == DEFANG_ALL             ? ".:\\"
	                      : g_hash_table_size(defang->shown) > 0 ? ".:\\"
	                                                             : ":\\";
	Search search = { text, anchors, text };
	const char *copied = text;
	GString *out = NULL;
	Place place;

	while (next_place(&search, &place)) {
		if (!is_flagged(defang, &search, &place)) {
			search.at = MAX(search.at, place.end);
			continue;
		}
		if (out == NULL)
			out = g_string_sized_new(strlen(text) + 64);
		g_string_append_len(out, copied, place.from - copied);
		append_place(out, &place);
		copied = place.host_end;
		search.at = place.host_end;
		search.path_until = MAX(search.path_until, place.end);
	}
	if (out != NULL)
		g_string_append(out, copied);
	return out;
}

GString *defang_text(const Defang *defang, GString *text)
{
	GString *out = defang_mode(defang) != DEFANG_NEVER ? rewrite(defang, text->str) : NULL;

	if (out == NULL)
		return text;
	g_string_free(text, TRUE);
	return out;
}

void defang_append_target(GString *out, const char *target)
{
	g_autoptr(Defang) all = defang_new(DEFANG_ALL);
	g_autoptr(GString) safe = rewrite(all, target);

	g_string_append(out, safe != NULL ? safe->str : target);
}

void defang_append_host(GString *out, const char *host)
{
	append_bracketed(out, host, host + strlen(host), ".");
}
