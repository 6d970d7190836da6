#include "html_host_priv.h"
#include "html_url_priv.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <libpsl.h>
#include <string.h>

/* ---- scripts (UTS 39) ------------------------------------------------------------------------------------
 */

typedef struct {
	gunichar c;
	char latin;
} Skeleton;

/* Lower case letters only: UTS 46 has folded the rest. */
static const Skeleton skeletons[] = {
	/* Cyrillic */
	{ 0x430, 'a' },
	{ 0x441, 'c' },
	{ 0x501, 'd' },
	{ 0x435, 'e' },
	{ 0x4bb, 'h' },
	{ 0x456, 'i' },
	{ 0x458, 'j' },
	{ 0x43a, 'k' },
	{ 0x4cf, 'l' },
	{ 0x43c, 'm' },
	{ 0x43e, 'o' },
	{ 0x440, 'p' },
	{ 0x51b, 'q' },
	{ 0x433, 'r' },
	{ 0x455, 's' },
	{ 0x442, 't' },
	{ 0x475, 'v' },
	{ 0x51d, 'w' },
	{ 0x445, 'x' },
	{ 0x443, 'y' },
	{ 0x44c, 'b' },
	{ 0x43f, 'n' },
	/* Greek */
	{ 0x3b1, 'a' },
	{ 0x3b9, 'i' },
	{ 0x3ba, 'k' },
	{ 0x3b7, 'n' },
	{ 0x3bf, 'o' },
	{ 0x3c1, 'p' },
	{ 0x3c4, 't' },
	{ 0x3c5, 'u' },
	{ 0x3bd, 'v' },
	{ 0x3c9, 'w' },
	{ 0x3c7, 'x' },
	{ 0x3b3, 'y' },
	/* Armenian */
	{ 0x566, 'q' },
	{ 0x570, 'h' },
	{ 0x575, 'j' },
	{ 0x578, 'n' },
	{ 0x57d, 'u' },
	{ 0x581, 'g' },
	{ 0x585, 'o' },
};

char html_host_skeleton(gunichar c)
{
	if (c < 0x370 || c > 0x58f) /* Greek, Cyrillic, Armenian */
		return '\0';
	for (size_t i = 0; i < G_N_ELEMENTS(skeletons); i++) {
		if (skeletons[i].c == c)
			return skeletons[i].latin;
	}
	return '\0';
}

enum {
	SCRIPT_LATIN = 1 << 0,
	SCRIPT_HAN = 1 << 1,
	SCRIPT_KANA = 1 << 2,
	SCRIPT_BOPOMOFO = 1 << 3,
	SCRIPT_HANGUL = 1 << 4,
	SCRIPT_OTHER = 1 << 5, /* only by itself */
};

static unsigned script_bit(GUnicodeScript script)
{
	static const struct {
		GUnicodeScript script;
		unsigned bit;
	} bits[] = {
		{ G_UNICODE_SCRIPT_COMMON, 0 },
		{ G_UNICODE_SCRIPT_INHERITED, 0 },
		{ G_UNICODE_SCRIPT_LATIN, SCRIPT_LATIN },
		{ G_UNICODE_SCRIPT_HAN, SCRIPT_HAN },
		{ G_UNICODE_SCRIPT_HIRAGANA, SCRIPT_KANA },
		{ G_UNICODE_SCRIPT_KATAKANA, SCRIPT_KANA },
		{ G_UNICODE_SCRIPT_BOPOMOFO, SCRIPT_BOPOMOFO },
		{ G_UNICODE_SCRIPT_HANGUL, SCRIPT_HANGUL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
		if (bits[i].script == script)
			return bits[i].bit;
	}
	return SCRIPT_OTHER;
}

/* Signs of several scripts, but not of all, which Unicode calls common or inherited (ScriptExtensions.txt): of those
 * that libidn2 lets pass, as the first of theirs. */
static GUnicodeScript script_of(gunichar c)
{
	static const struct {
		gunichar from, to;
		GUnicodeScript script;
	} extensions[] = {
		{ 0x342, 0x342, G_UNICODE_SCRIPT_GREEK },      { 0x64b, 0x655, G_UNICODE_SCRIPT_ARABIC },
		{ 0x670, 0x670, G_UNICODE_SCRIPT_ARABIC },     { 0x3006, 0x3006, G_UNICODE_SCRIPT_HAN },
		{ 0x3099, 0x309a, G_UNICODE_SCRIPT_HIRAGANA }, { 0x30fc, 0x30fc, G_UNICODE_SCRIPT_KATAKANA },
		{ 0x1133b, 0x1133b, G_UNICODE_SCRIPT_TAMIL },
	};

	for (size_t i = 0; c >= extensions[0].from && i < G_N_ELEMENTS(extensions); i++) {
		if (c >= extensions[i].from && c <= extensions[i].to)
			return extensions[i].script;
	}
	return g_unichar_get_script(c);
}

/* In the identifier profile of UTS 39: of the scripts and letters in daily use. Lisu, whose letters are capitals of
 * Latin, is none of them. */
static bool is_in_profile(gunichar c)
{
	static const gunichar ranges[][2] = {
#include "html_host_allowed.h"
	};
	size_t low = 0, high = G_N_ELEMENTS(ranges);

	if (c < 0x80)
		return true;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (c > ranges[middle][1])
			low = middle + 1;
		else
			high = middle;
	}
	return low < G_N_ELEMENTS(ranges) && c >= ranges[low][0];
}

/* Letters of Latin that no language's host needs and that pass for ASCII: phonetic ones, clicks, dotless i.
 */
static bool is_odd_latin(gunichar c)
{
	return (c >= 0x250 && c <= 0x2af) || (c >= 0x1c0 && c <= 0x1c3) || (c >= 0x1d00 && c <= 0x1dbf) ||
	       (c >= 0xa720 && c <= 0xa7ff) || c == 0x131 || c == 0x237;
}

/* CJK that passes for `/`, `-`, `.`, `o` or `|` between Latin letters: "bank.jpノlogin.example". */
static bool is_sign_like(gunichar c)
{
	static const gunichar list[] = { 0x30ce, 0x4e3f, 0x30fc, 0x4e00, 0x30fb, 0x4e28,
		                         0x3007, 0x30ed, 0x53e3, 0x4e36, 0x30fd, 0x3033 };

	for (size_t i = 0; i < G_N_ELEMENTS(list); i++) {
		if (list[i] == c)
			return true;
	}
	return false;
}

typedef struct {
	unsigned scripts;
	GUnicodeScript other;
	bool mixed_other; /* two scripts that are both "other" */
	bool refused; /* a letter that is no part of honest hosts */
	unsigned foreign, imitations,
	        sign_likes; /* letters outside ASCII; of these, with a skeleton; like a sign */
} Label;

static void judge_letter(Label *label, gunichar c)
{
	GUnicodeScript script = script_of(c);
	unsigned bit = script_bit(script);

	label->mixed_other |=
	        bit == SCRIPT_OTHER && (label->scripts & SCRIPT_OTHER) != 0 && label->other != script;
	if (bit == SCRIPT_OTHER)
		label->other = script;
	label->scripts |= bit;
	label->refused |= is_odd_latin(c) || !is_in_profile(c);
	label->foreign += c >= 0x80;
	label->imitations += html_host_skeleton(c) != '\0';
	label->sign_likes += is_sign_like(c);
}

/* UTS 39 5.2 "Highly Restrictive", and not imitating Latin throughout. */
static bool label_is_honest(const Label *label)
{
	static const unsigned sets[] = { SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_KANA,
		                         SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_BOPOMOFO,
		                         SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_HANGUL, SCRIPT_OTHER };
	bool allowed = false;

	for (size_t i = 0; i < G_N_ELEMENTS(sets); i++)
		allowed |= (label->scripts & ~sets[i]) == 0;
	if (!allowed || label->mixed_other || label->refused)
		return false;
	if (label->foreign > 0 && label->foreign == label->imitations)
		return false;
	return !((label->scripts & SCRIPT_LATIN) != 0 && label->foreign > 0 &&
	         label->foreign == label->sign_likes);
}

static bool is_honest(const char *host)
{
	Label label = { .scripts = 0 };

	for (const char *at = host;; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (c != '.' && c != '\0') {
			judge_letter(&label, c);
			continue;
		}
		if (!label_is_honest(&label))
			return false;
		if (c == '\0')
			return true;
		label = (Label) { .scripts = 0 };
	}
}

/* ---- numbers ---------------------------------------------------------------------------------------------
 */

/* WHATWG URL 3.5, "IPv4 number parser". False: no number, or far too large. */
static bool parse_part(const char *text, size_t bytes, uint64_t *ret_value)
{
	unsigned base = 10;
	uint64_t value = 0;

	if (bytes == 0)
		return false;
	if (bytes >= 2 && text[0] == '0' && text[1] == 'x')
		base = 16, text += 2, bytes -= 2;
	else if (bytes >= 2 && text[0] == '0')
		base = 8, text++, bytes--;
	for (size_t i = 0; i < bytes; i++) {
		int digit = g_ascii_xdigit_value(text[i]);
		if (digit < 0 || (unsigned)digit >= base)
			return false;
		value = MIN(value * base + (unsigned)digit, UINT64_C(1) << 40);
	}
	*ret_value = value;
	return true;
}

/* host: ASCII, lower case, without a final dot. */
static bool ends_in_number(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot != NULL ? dot + 1 : host;
	uint64_t value;

	if (*last != '\0' && strspn(last, "0123456789") == strlen(last))
		return true;
	return g_str_has_prefix(last, "0x") && parse_part(last, strlen(last), &value);
}

static char *parse_ipv4(const char *host)
{
	uint64_t parts[4], address = 0;
	size_t n = 0;

	for (const char *at = host;; n++) {
		size_t bytes = strcspn(at, ".");
		if (n == 4 || !parse_part(at, bytes, &parts[n]))
			return NULL;
		at += bytes;
		if (*at++ == '\0')
			break;
	}
	for (size_t i = 0; i < n; i++) {
		if (parts[i] > 255)
			return NULL;
		address |= parts[i] << (8 * (3 - i));
	}
	if (parts[n] >= UINT64_C(1) << (8 * (4 - n)))
		return NULL;
	address |= parts[n];
	return g_strdup_printf("%u.%u.%u.%u", (unsigned)(address >> 24) & 255,
	                       (unsigned)(address >> 16) & 255, (unsigned)(address >> 8) & 255,
	                       (unsigned)address & 255);
}

/* WHATWG URL 3.5, "IPv6 serializer": the first longest run of zeros is shortened, and no part is written in decimal,
 * as inet_ntop() does. */
static char *format_ipv6(const struct in6_addr *address)
{
	GString *text = g_string_new("[");
	unsigned parts[8], zeros = 0, from = 8;

	for (unsigned i = 0; i < 8; i++)
		parts[i] = (unsigned)(address->s6_addr[2 * i] << 8 | address->s6_addr[2 * i + 1]);
	for (unsigned i = 0, run = 0; i < 8; i++) {
		run = parts[i] == 0 ? run + 1 : 0;
		if (run > 1 && run > zeros)
			zeros = run, from = i + 1 - run;
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i == from) {
			g_string_append(text, i == 0 ? "::" : ":");
			i += zeros - 1;
			continue;
		}
		g_string_append_printf(text, i < 7 ? "%x:" : "%x", parts[i]);
	}
	g_string_append_c(text, ']');
	return g_string_free(text, FALSE);
}

/* text: "[...]" */
static char *parse_ipv6(const char *text, size_t bytes)
{
	char inside[INET6_ADDRSTRLEN + 8] = "";
	struct in6_addr address;

	if (bytes < 4 || text[bytes - 1] != ']' || bytes - 2 >= sizeof(inside))
		return NULL;
	memcpy(inside, text + 1, bytes - 2);
	return inet_pton(AF_INET6, inside, &address) == 1 ? format_ipv6(&address) : NULL;
}

/* ---- names -----------------------------------------------------------------------------------------------
 */

char *html_host_unescape(const char *text, size_t bytes, bool *ret_found)
{
	*ret_found = false;
	if (memchr(text, '%', bytes) == NULL && memchr(text, '\0', bytes) == NULL)
		return g_utf8_make_valid(text, (gssize)bytes);
	g_autoptr(GString) out = g_string_sized_new(bytes);
	for (size_t i = 0; i < bytes; i++) {
		bool escape = bytes - i > 2 && text[i] == '%' && g_ascii_isxdigit(text[i + 1]) &&
		              g_ascii_isxdigit(text[i + 2]);
		char c = text[i];
		if (escape) {
			c = (char)(g_ascii_xdigit_value(text[i + 1]) * 16 +
			           g_ascii_xdigit_value(text[i + 2]));
			i += 2;
			*ret_found = true;
		}
		g_string_append_c(out, c != '\0' ? c : '\1');
	}
	return g_utf8_make_valid(out->str, (gssize)out->len);
}

static bool is_name(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static bool is_dns_name(const char *host)
{
	while (is_name(*host) && *host != '~')
		host++;
	return *host == '\0';
}

/* What is no host is shown so that no byte of it reads as anything but an escape. */
static char *escape(const char *text, uint32_t *ret_flags)
{
	GString *out = g_string_new(NULL);
	size_t n = 0;

	*ret_flags |= HTML_URL_ODD;
	for (; text[n] != '\0' && n < HTML_HOST_BYTES; n++) {
		if (is_name(text[n]))
			g_string_append_c(out, g_ascii_tolower(text[n]));
		else
			g_string_append_printf(out, "%%%02X", (unsigned char)text[n]);
	}
	return g_string_free(out, FALSE);
}

/* Characters that WHATWG URL 3.1 allows in a domain. */
static bool is_allowed(const char *host)
{
	for (const char *c = host; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7f || strchr("#/:<>?@[\\]^|%\"`{}", *c) != NULL)
			return false;
	}
	return true;
}

static bool ends_in_dot(const char *host)
{
	static const char *const dots[] = { ".", "\u3002", "\uff0e", "\uff61" };

	for (size_t i = 0; i < G_N_ELEMENTS(dots); i++) {
		if (g_str_has_suffix(host, dots[i]))
			return true;
	}
	return false;
}

/* The final dot, which glib drops, is part of the name for browsers. */
static char *to_ascii_2003(const char *host)
{
	g_autofree char *mapped = g_hostname_to_ascii(host);

	if (mapped == NULL || !g_str_is_ascii(mapped))
		return NULL;
	bool lost = ends_in_dot(host) && !g_str_has_suffix(mapped, ".");
	return g_strconcat(mapped, lost ? "." : "", NULL);
}

/* ---- Japanese names without libidn2 ----------------------------------------------------------------------
 */

enum { LABEL_CHARS = 59, LABEL_BYTES = 63, NAME_BYTES = 253 };

/* Kana and kanji that UTS 46 leaves as they are and IDNA 2008 allows, whatever stands beside them. */
static bool is_settled(gunichar c)
{
	return (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa) || c == 0x30fc || c == 0x3005 ||
	       (c >= 0x4e00 && c <= 0x9fd5);
}

static unsigned punycode_adapt(unsigned delta, unsigned points, bool first)
{
	unsigned k = 0;

	delta /= first ? 700 : 2;
	for (delta += delta / points; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static void append_punycode_number(GString *out, unsigned number, unsigned bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	for (unsigned k = 36;; k += 36) {
		unsigned least = k <= bias ? 1 : MIN(k - bias, 26U);
		if (number < least)
			break;
		g_string_append_c(out, digits[least + (number - least) % (36 - least)]);
		number = (number - least) / (36 - least);
	}
	g_string_append_c(out, digits[number]);
}

/* RFC 3492, 6.3; label: at most LABEL_CHARS, below U+10000. */
static void append_punycode(GString *out, const gunichar *label, unsigned n)
{
	unsigned delta = 0, bias = 72, basic = 0;

	for (unsigned i = 0; i < n; i++) {
		if (label[i] < 0x80) {
			g_string_append_c(out, (char)label[i]);
			basic++;
		}
	}
	if (basic > 0)
		g_string_append_c(out, '-');
	gunichar from = 0x80;
	for (unsigned done = basic; done < n; from++, delta++) {
		gunichar least = G_MAXUINT32;
		for (unsigned i = 0; i < n; i++)
			least = label[i] >= from ? MIN(least, label[i]) : least;
		delta += (least - from) * (done + 1);
		from = least;
		for (unsigned i = 0; i < n; i++) {
			delta += label[i] < from;
			if (label[i] != from)
				continue;
			append_punycode_number(out, delta, bias);
			bias = punycode_adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
}

/* Reads up to the dot. False: too long, or a letter that has to be looked at. */
static bool read_label(const char **at, gunichar label[LABEL_CHARS], unsigned *ret_n)
{
	unsigned n = 0;

	for (; **at != '.' && **at != '\0'; *at = g_utf8_next_char(*at)) {
		gunichar c = g_utf8_get_char(*at);
		bool settled = c < 0x80 ? g_ascii_isalnum((char)c) || c == '-' : is_settled(c);
		if (!settled || n == LABEL_CHARS)
			return false;
		label[n++] = c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : c;
	}
	*ret_n = n;
	/* hyphens at the ends are against the rules, and those of "xn--" say more */
	return n > 0 && label[0] != '-' && label[n - 1] != '-' && (n < 4 || label[2] != '-' || label[3] != '-');
}

static void append_label(GString *out, const gunichar *label, unsigned n)
{
	bool ascii = true;

	for (unsigned i = 0; i < n; i++)
		ascii &= label[i] < 0x80;
	if (!ascii) {
		g_string_append(out, "xn--");
		append_punycode(out, label, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		g_string_append_c(out, (char)label[i]);
}

/* The xn-- form of a host of plain labels and such of settled letters, where libidn2 gives the same and takes fifty
 * times as long. NULL: ask libidn2. host: valid UTF-8. */
static char *settled_to_ascii(const char *host)
{
	g_autoptr(GString) out = g_string_sized_new(64);
	gunichar label[LABEL_CHARS];
	unsigned n;

	for (const char *at = host;; at++) {
		size_t start = out->len;
		if (!read_label(&at, label, &n))
			return NULL;
		append_label(out, label, n);
		if (out->len - start > LABEL_BYTES || out->len > NAME_BYTES)
			return NULL;
		if (*at == '\0')
			return g_string_free(g_steal_pointer(&out), FALSE);
		g_string_append_c(out, '.');
	}
}

/* UTS 46 without the transitional mapping, as browsers do. libidn2 also applies IDNA 2008, which forbids what
 * browsers open (☃.net): there the older mapping of glib gives the name, and the host is odd. NULL: neither.
 */
static char *to_ascii(const char *host, uint32_t *ret_flags)
{
	char *mapped = NULL;

	if (g_str_is_ascii(host))
		return g_ascii_strdown(host, -1);
	if (idn2_lookup_u8((const uint8_t *)host, (uint8_t **)&mapped,
	                   IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK) {
		char *copy = g_ascii_strdown(mapped, -1);
		idn2_free(mapped);
		if (strstr(copy, "xn--") == NULL)
			*ret_flags |= HTML_URL_ODD; /* full width or invisible letters in a plain host */
		return copy;
	}
	*ret_flags |= HTML_URL_ODD;
	return to_ascii_2003(host);
}

static bool is_international(const char *host)
{
	return g_str_has_prefix(host, "xn--") || strstr(host, ".xn--") != NULL;
}

/* The Unicode form, only when it leads back to the very same host: punycode can write anything. */
static char *to_unicode(const char *host)
{
	char *unicode = NULL, *back = NULL;

	if (idn2_to_unicode_8z8z(host, &unicode, IDN2_NONTRANSITIONAL) != IDN2_OK)
		return NULL;
	bool same = g_utf8_validate(unicode, -1, NULL) &&
	            idn2_lookup_u8((const uint8_t *)unicode, (uint8_t **)&back, IDN2_NONTRANSITIONAL) ==
	                    IDN2_OK &&
	            strcmp(back, host) == 0;
	char *copy = same ? g_strdup(unicode) : NULL;
	idn2_free(unicode);
	idn2_free(back);
	return copy;
}

/* known: its Unicode form where that is sure, else NULL; taken. */
static void judge_international(const char *host, char *known, uint32_t *ret_flags, char **ret_unicode)
{
	g_autofree char *unicode = known != NULL ? known : to_unicode(host);

	*ret_flags |= HTML_URL_IDN;
	if (unicode == NULL) {
		*ret_flags |= HTML_URL_ODD;
	} else if (!is_honest(unicode)) {
		*ret_flags |= HTML_URL_LOOKALIKE;
	} else if (ret_unicode != NULL) {
		*ret_unicode = g_steal_pointer(&unicode);
	}
}

static char *parse_number(const char *host, const char *written, size_t bytes, uint32_t *ret_flags)
{
	char *address = parse_ipv4(host);

	if (address == NULL)
		return escape(host, ret_flags);
	if (strlen(address) != bytes || memcmp(address, written, bytes) != 0)
		*ret_flags |= HTML_URL_ODD;
	return address;
}

/* host: ASCII in lower case; taken. written: as it stood in the URL. */
static char *parse_name(char *host, const char *written, size_t bytes, uint32_t *ret_flags, char **ret_unicode)
{
	size_t n = strlen(host);
	bool dot = n > 1 && host[n - 1] == '.';

	host[dot ? n - 1 : n] = '\0';
	if (ends_in_number(host)) {
		g_autofree char *number = host;
		return parse_number(number, written, bytes, ret_flags);
	}
	if (dot)
		host[n - 1] = '.';
	if (is_international(host))
		judge_international(host, NULL, ret_flags, ret_unicode);
	return host;
}

/* Nothing in it is to be decoded, mapped or refused: nearly every host. */
static bool is_plain(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (!is_name(text[i]) || text[i] == '~')
			return false;
	}
	return bytes > 0 && bytes <= HTML_HOST_BYTES;
}

/* As g_ascii_strdown(), which takes a call for each byte. */
static char *lower_copy(const char *text, size_t bytes)
{
	char *copy = g_malloc(bytes + 1);

	for (size_t i = 0; i < bytes; i++)
		copy[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 0x20) : text[i];
	copy[bytes] = '\0';
	return copy;
}

char *html_host_parse(const char *text, size_t bytes, uint32_t *ret_flags, char **ret_unicode)
{
	bool escaped = false;

	if (ret_unicode != NULL)
		*ret_unicode = NULL;
	if (is_plain(text, bytes))
		return parse_name(lower_copy(text, bytes), text, bytes, ret_flags, ret_unicode);
	g_autofree char *decoded = html_host_unescape(text, bytes, &escaped);
	if (escaped)
		*ret_flags |= HTML_URL_ODD;
	if (bytes > 0 && text[0] == '[') {
		char *address = parse_ipv6(text, bytes);
		return address != NULL ? address : escape(decoded, ret_flags);
	}
	if (strlen(decoded) > HTML_HOST_BYTES)
		return escape(decoded, ret_flags);
	g_autofree char *host = settled_to_ascii(decoded);
	if (host != NULL && is_international(host) && !ends_in_number(host)) {
		judge_international(host, g_ascii_strdown(decoded, -1), ret_flags, ret_unicode);
		return g_steal_pointer(&host);
	}
	if (host == NULL)
		host = to_ascii(decoded, ret_flags);
	if (host == NULL || *host == '\0' || !is_allowed(host))
		return escape(decoded, ret_flags);

	if (!is_dns_name(host)) /* browsers look up "bank.example,evil.example" */
		*ret_flags |= HTML_URL_ODD;
	return parse_name(g_steal_pointer(&host), text, bytes, ret_flags, ret_unicode);
}

/* ---- owners ----------------------------------------------------------------------------------------------
 */

/* The list that libpsl was built with: nothing is opened. */
const char *html_host_owner(const char *host)
{
	if (host[0] == '[' || ends_in_number(host))
		return host;
	const char *owner = psl_registrable_domain(psl_builtin(), host);
	return owner != NULL ? owner : host;
}
