/* html_shown: does the text of a link name the host that it leads to? */
#include "html_host_priv.h"
#include "html_url_priv.h"

#include <string.h>

enum { TEXT_BYTES = 256 * 1024, LABEL_BYTES = 64 };

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

static bool is_host_char(gunichar c)
{
	return c < 0x80 ? g_ascii_isalnum((char)c) || c == '-' || c == '.' || c == '_'
	                : g_unichar_isalnum(c) || g_unichar_ismark(c);
}

static bool is_cjk(gunichar c)
{
	GUnicodeScript script = g_unichar_get_script(c);

	return script == G_UNICODE_SCRIPT_HAN || script == G_UNICODE_SCRIPT_HIRAGANA ||
	       script == G_UNICODE_SCRIPT_KATAKANA || script == G_UNICODE_SCRIPT_HANGUL || c == 0x30fc;
}

/* ---- is it a host? ---------------------------------------------------------------------------------------
 */

typedef struct {
	const char *from;
	const char *end;
} Run;

static size_t run_bytes(Run run)
{
	return (size_t)(run.end - run.from);
}

static Run trim_run(Run run)
{
	while (run.from < run.end && strchr(".-_", *run.from) != NULL)
		run.from++;
	while (run.end > run.from && strchr(".-_", run.end[-1]) != NULL)
		run.end--;
	return run;
}

/* Japanese has no blanks: "詳しくはwww.bank.exampleへ". What stands before or after ASCII may be the
 * sentence. */
static Run without_sentence_before(Run run)
{
	const char *at = run.from;

	while (at < run.end && is_cjk(g_utf8_get_char(at)))
		at = g_utf8_next_char(at);
	return at < run.end && g_ascii_isalnum(*at) ? (Run) { at, run.end } : run;
}

static Run without_sentence_after(Run run)
{
	const char *at = run.end;

	while (at > run.from) {
		const char *before = g_utf8_find_prev_char(run.from, at);
		if (before == NULL || !is_cjk(g_utf8_get_char(before)))
			break;
		at = before;
	}
	return at > run.from && g_ascii_isalnum(at[-1]) ? (Run) { run.from, at } : run;
}

/* The last label in letters as they look; "" when it cannot be a top-level domain. */
static void look_of_end(Run run, char look[LABEL_BYTES])
{
	const char *dot = memrchr(run.from, '.', run_bytes(run));
	size_t n = 0;

	look[0] = '\0';
	if (dot == NULL)
		return;
	for (const char *at = dot + 1; at < run.end && n < LABEL_BYTES - 1; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		look[n] = c < 0x80 ? (char)c : html_host_skeleton(c);
		if (look[n] == '\0')
			break;
		n++;
	}
	look[n] = '\0';
}

/* What ends names of files and programs, and is no country's domain that mail often names. */
static bool is_file_end(const char *end)
{
	static const char *const list[] = {
		"md",  "txt", "pdf",  "doc",  "docx", "docm", "xls",  "xlsx", "xlsm", "ppt", "pptx", "pptm",
		"csv", "tsv", "zip",  "gz",   "tar",  "tgz",  "bz2",  "xz",   "rar",  "lzh", "exe",  "msi",
		"dll", "bat", "cmd",  "ps1",  "vbs",  "js",   "mjs",  "ts",   "jsx",  "tsx", "css",  "json",
		"xml", "xsl", "htm",  "html", "php",  "asp",  "aspx", "jsp",  "cgi",  "png", "jpg",  "jpeg",
		"gif", "bmp", "svg",  "tif",  "tiff", "webp", "heic", "psd",  "mov",  "avi", "mpg",  "mpeg",
		"wmv", "wav", "webm", "eml",  "msg",  "log",  "ini",  "cfg",  "conf", "sh",  "py",   "rb",
		"rs",  "cpp", "java", "sql",  "db",   "bak",  "tmp",  "dat",  "bin",  "iso", "img",  "dmg",
		"apk", "deb", "rpm",  "pkg",  "rtf",  "odt",  "ods",  "odp",  "jtd",  "ics", "vcf",  "pem",
		"crt", "cer", "key",  "yaml", "yml",  "toml", "epub", "xdw",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(list); i++) {
		if (strcmp(list[i], end) == 0)
			return true;
	}
	return false;
}

/* Top-level domains in letters of their own, as Japanese, Chinese and Korean texts would show them. */
static bool is_own_end(Run run)
{
	static const char *const list[] = {
		"コム",     "みんな", "ストア", "クラウド", "ファッション", "グーグル", "セール", "ポイント",
		"アマゾン", "世界",   "中国",   "中國",     "公司",         "网络",     "網路",   "网址",
		"网站",     "在线",   "商城",   "商店",     "商标",         "企业",     "机构",   "政府",
		"公益",     "中文网", "香港",   "台湾",     "台灣",         "澳門",     "新加坡", "我爱你",
		"移动",     "信息",   "集团",   "手机",     "游戏",         "娱乐",     "购物",   "网店",
		"食品",     "餐厅",   "广东",   "佛山",     "谷歌",         "大拿",     "家電",   "書籍",
		"八卦",     "健康",   "닷컴",   "닷넷",     "한국",         "삼성",
	};
	const char *dot = memrchr(run.from, '.', run_bytes(run));

	for (size_t i = 0; dot != NULL && i < G_N_ELEMENTS(list); i++) {
		size_t bytes = strlen(list[i]);
		if ((size_t)(run.end - dot - 1) == bytes && memcmp(dot + 1, list[i], bytes) == 0)
			return true;
	}
	return false;
}

/* "192.0.2.1": a number of four parts of which each fits, as that of a version seldom is. */
static bool is_address(Run run)
{
	unsigned parts = 0;

	for (const char *at = run.from; at < run.end; at++) {
		unsigned value = 0, digits = 0;
		for (; at < run.end && g_ascii_isdigit(*at) && digits < 4; at++, digits++)
			value = value * 10 + (unsigned)(*at - '0');
		parts++;
		if (digits == 0 || digits > 3 || value > 255 || (at < run.end && *at != '.'))
			return false;
	}
	return parts == 4 && run.end[-1] != '.';
}

/* Names of people and of programs: "Mr.Smith", "System.Net.Http", "ASP.NET". cased: as it was written. Who
 * wants a host to be read writes it in small letters, or all in capitals, or it ends as hosts do. */
static bool is_name(Run cased)
{
	static const char *const ends[] = {
		"com", "net", "org", "info", "biz", "edu", "gov", "example", NULL
	};
	static const char *const products[] = { "asp.net", "ado.net", "vb.net", "ml.net", NULL };
	g_autofree char *whole = g_ascii_strdown(cased.from, (gssize)run_bytes(cased));
	const char *dot = memrchr(cased.from, '.', run_bytes(cased));

	if (g_strv_contains(products, whole))
		return true;
	if (dot == NULL || cased.end - dot < 4 || !g_ascii_isupper(dot[1]) || !g_ascii_islower(dot[2]))
		return false;
	return !g_strv_contains(ends, whole + (dot + 1 - cased.from));
}

static bool has_dot_inside(Run run)
{
	const char *dot = memchr(run.from, '.', run_bytes(run));

	return dot != NULL && dot > run.from && dot + 1 < run.end;
}

typedef enum { BARE, BEFORE_SLASH, INTRODUCED } Setting;

/* Two labels or more, the last in letters, none empty: "Ver.2.0", "3.14", "A.B" and "wait...what" are none. A
 * slash behind it makes a host of "bank.zip", a "www." before it or an `@` of anything with a dot. */
static bool is_plausible(Run run, Setting setting)
{
	char look[LABEL_BYTES];
	Run bare = without_sentence_after(run);

	if (!has_dot_inside(bare) || run_bytes(bare) > HTML_HOST_BYTES ||
	    memmem(bare.from, run_bytes(bare), "..", 2) != NULL)
		return false;
	if (is_own_end(bare) || is_address(bare))
		return true;
	look_of_end(bare, look);
	size_t letters = strspn(look, "abcdefghijklmnopqrstuvwxyz");
	if (setting == INTRODUCED || g_str_has_prefix(look, "xn--"))
		return true;
	return letters >= 2 && letters == strlen(look) && (setting == BEFORE_SLASH || !is_file_end(look));
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

/* host is below the domain: "click.mail.bank.example" is of "bank.example". */
static bool is_below(const char *host, const char *domain)
{
	size_t n = strlen(host), m = strlen(domain);

	return strchr(domain, '.') != NULL && n > m && host[n - m - 1] == '.' &&
	       strcmp(host + n - m, domain) == 0;
}

static bool names_host(Run run, const char *target, bool below)
{
	uint32_t flags = 0;
	g_autofree char *host = html_host_parse(run.from, run_bytes(run), &flags, NULL);
	g_autofree char *bare = comparable(host, strlen(host));
	const char *named = alias_of(bare);

	return strcmp(bare, target) == 0 || strcmp(named, target) == 0 || (below && is_below(target, named));
}

/* With or without the sentence that may stick to it. below: a domain that the target is in will do. */
static bool may_name_host(Run run, const char *target, bool below)
{
	Run before = without_sentence_before(run), after = without_sentence_after(run);
	Run both = without_sentence_after(before);
	const Run readings[] = { run, before, after, both };

	if (run_bytes(run) > HTML_HOST_BYTES)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(readings); i++) {
		bool again = i > 0 && run_bytes(readings[i]) == run_bytes(readings[0]);
		if (!again && names_host(trim_run(readings[i]), target, below))
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
static void judge_address(Search *search, Run run)
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

static void judge_host(Search *search, Run run)
{
	bool same = may_name_host(run, search->host, true);

	search->same |= same;
	search->other |= !same;
}

static Run as_written(const Search *search, Run run)
{
	return (Run) { search->cased + (run.from - search->text), search->cased + (run.end - search->text) };
}

/* "://", also with the slashes the wrong way round */
static bool follows_scheme(const Search *search, const char *at)
{
	if (at - search->text < 4 || (at[-1] != '/' && at[-1] != '\\') || (at[-2] != '/' && at[-2] != '\\'))
		return false;
	return at[-3] == ':' && g_ascii_isalpha(at[-4]);
}

/* Path and query of an address: hosts in them are not where it leads. */
static const char *skip_path(const char *at)
{
	if (*at == ':') {
		const char *digit = at + 1;
		while (g_ascii_isdigit(*digit))
			digit++;
		at = digit > at + 1 ? digit : at;
	}
	if (*at != '/' && *at != '?' && *at != '#' && *at != '\\')
		return at;
	while (*at > ' ' && *at < 0x7f && strchr("<>\"", *at) == NULL)
		at++;
	return at;
}

static Run next_run(const char *at)
{
	while (*at != '\0' && !is_host_char(g_utf8_get_char(at)))
		at = g_utf8_next_char(at);
	const char *end = at;
	while (*end != '\0' && is_host_char(g_utf8_get_char(end)))
		end = g_utf8_next_char(end);
	return (Run) { at, end };
}

/* Returns where to read on. */
static const char *judge_run(Search *search, Run whole)
{
	Run run = trim_run(whole);
	bool scheme = follows_scheme(search, whole.from);
	Run bare = without_sentence_before(run);
	Setting setting = g_str_has_prefix(bare.from, "www.") ? INTRODUCED
	                  : *whole.end == '/'                 ? BEFORE_SLASH
	                                                      : BARE;

	if (run_bytes(run) == 0)
		return whole.end;
	if (*whole.end == '@') {
		/* "https://bank.example@evil.example" shows a bank to the reader, whoever it leads to */
		search->other |= scheme;
		return whole.end;
	}
	if (whole.from > search->text && whole.from[-1] == '@') {
		if (is_plausible(run, INTRODUCED))
			judge_address(search, run);
		return whole.end;
	}
	if (!scheme && !is_plausible(run, setting))
		return whole.end;
	if (!scheme && setting == BARE && is_name(as_written(search, run)))
		return whole.end;
	judge_host(search, run);
	return skip_path(whole.end);
}

static void search_text(Search *search)
{
	for (Run run = next_run(search->text); *run.from != '\0' && !search->other;)
		run = next_run(judge_run(search, run));
}

static const char *without_slash(const char *text, size_t *ret_bytes)
{
	*ret_bytes = strlen(text);
	if (*ret_bytes > 0 && text[*ret_bytes - 1] == '/')
		--*ret_bytes;
	return text;
}

static bool equal_but_slash(const char *a, const char *b)
{
	size_t n, m;

	a = without_slash(a, &n);
	b = without_slash(b, &m);
	return n == m && memcmp(a, b, n) == 0;
}

/* Strictly as normalised: where the two differ in a letter, the reader is to see both. */
static bool is_exact(const char *text, const HtmlUrl *url)
{
	g_autofree char *bare = g_strstrip(g_strdup(text));
	const char *behind = strstr(url->url, "://");

	if (url->kind == HTML_URL_NONE || url->kind == HTML_URL_REFUSED || *url->url == '\0')
		return false;
	if (url->kind == HTML_URL_MAIL && g_str_has_prefix(bare, "mailto:"))
		return strcmp(bare + 7, url->url) == 0;
	if (equal_but_slash(bare, url->url))
		return true;
	return behind != NULL && equal_but_slash(bare, behind + 3);
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
