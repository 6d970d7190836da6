/* html_names: what in a text is the name of a host. */
#include "html_names_priv.h"

#include "html_host_priv.h"

#include <string.h>

enum { LABEL_BYTES = 64 };

bool html_is_host_char(gunichar c)
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

size_t html_run_bytes(HtmlRun run)
{
	return (size_t)(run.end - run.from);
}

HtmlRun html_run_trim(HtmlRun run)
{
	while (run.from < run.end && strchr(".-_", *run.from) != NULL)
		run.from++;
	while (run.end > run.from && strchr(".-_", run.end[-1]) != NULL)
		run.end--;
	return run;
}

HtmlRun html_run_without_before(HtmlRun run)
{
	const char *at = run.from;

	while (at < run.end && is_cjk(g_utf8_get_char(at)))
		at = g_utf8_next_char(at);
	return at < run.end && g_ascii_isalnum(*at) ? (HtmlRun) { at, run.end } : run;
}

HtmlRun html_run_without_after(HtmlRun run)
{
	const char *at = run.end;

	while (at > run.from) {
		const char *before = g_utf8_find_prev_char(run.from, at);
		if (before == NULL || !is_cjk(g_utf8_get_char(before)))
			break;
		at = before;
	}
	return at > run.from && g_ascii_isalnum(at[-1]) ? (HtmlRun) { run.from, at } : run;
}

/* The last label in letters as they look; "" when it cannot be a top-level domain. */
static void look_of_end(HtmlRun run, char look[LABEL_BYTES])
{
	const char *dot = memrchr(run.from, '.', html_run_bytes(run));
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
static bool is_own_end(HtmlRun run)
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
	const char *dot = memrchr(run.from, '.', html_run_bytes(run));

	for (size_t i = 0; dot != NULL && i < G_N_ELEMENTS(list); i++) {
		size_t bytes = strlen(list[i]);
		if ((size_t)(run.end - dot - 1) == bytes && memcmp(dot + 1, list[i], bytes) == 0)
			return true;
	}
	return false;
}

/* "192.0.2.1": a number of four parts of which each fits, as that of a version seldom is. */
static bool is_address(HtmlRun run)
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

/* Who
 * wants a host to be read writes it in small letters, or all in capitals, or it ends as hosts do. */
bool html_run_is_name(HtmlRun cased)
{
	static const char *const ends[] = {
		"com", "net", "org", "info", "biz", "edu", "gov", "example", NULL
	};
	static const char *const products[] = { "asp.net", "ado.net", "vb.net", "ml.net", NULL };
	g_autofree char *whole = g_ascii_strdown(cased.from, (gssize)html_run_bytes(cased));
	const char *dot = memrchr(cased.from, '.', html_run_bytes(cased));

	if (g_strv_contains(products, whole))
		return true;
	if (dot == NULL || cased.end - dot < 4 || !g_ascii_isupper(dot[1]) || !g_ascii_islower(dot[2]))
		return false;
	return !g_strv_contains(ends, whole + (dot + 1 - cased.from));
}

static bool has_dot_inside(HtmlRun run)
{
	const char *dot = memchr(run.from, '.', html_run_bytes(run));

	return dot != NULL && dot > run.from && dot + 1 < run.end;
}

bool html_run_is_host(HtmlRun run, HtmlSetting setting)
{
	char look[LABEL_BYTES];
	HtmlRun bare = html_run_without_after(run);

	if (!has_dot_inside(bare) || html_run_bytes(bare) > HTML_HOST_BYTES ||
	    memmem(bare.from, html_run_bytes(bare), "..", 2) != NULL)
		return false;
	if (is_own_end(bare) || is_address(bare))
		return true;
	look_of_end(bare, look);
	size_t letters = strspn(look, "abcdefghijklmnopqrstuvwxyz");
	if (setting == HTML_SETTING_INTRODUCED || g_str_has_prefix(look, "xn--"))
		return true;
	return letters >= 2 && letters == strlen(look) &&
	       (setting == HTML_SETTING_BEFORE_SLASH || !is_file_end(look));
}

HtmlRun html_run_next(const char *at)
{
	while (*at != '\0' && !html_is_host_char(g_utf8_get_char(at)))
		at = g_utf8_next_char(at);
	const char *end = at;
	while (*end != '\0' && html_is_host_char(g_utf8_get_char(end)))
		end = g_utf8_next_char(end);
	return (HtmlRun) { at, end };
}

const char *html_run_skip_path(const char *at)
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
