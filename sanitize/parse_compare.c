/* parse_compare: do the two forms of one body say different things?
 *
 * A filter reads one form and the reader sees the other, so a sender can put a harmless letter into the
 * first. Layout, links, quote marks and our own words differ in every honest mail; what is compared are
 * words, and for scripts without blanks pairs of neighbouring characters (two English texts share nearly all
 * pairs of letters, so pairs would find them alike). Their order does not count. Small lies are sought where
 * they hurt: numbers (accounts, telephones) and hosts.
 *
 * Sets are tables of bits as large as the text asks for, so memory is bounded and time linear; a collision
 * makes two texts more alike.
 */
#include "html_host_priv.h"
#include "parse_text_priv.h"

#include <string.h>

enum {
	SET_BITS_MIN = 1 << 17, /* of a set; a power of two */
	SET_BITS_MAX = 1 << 22,
	SET_BITS_A_BYTE = 8,        /* of text; a unit is two bytes and more, most are six */
	TEXT_MAX = 4 * 1024 * 1024, /* bytes of each form that are read */
	NOTABLE_PERCENT = 30,       /* characters of a form that the other has not */
	NOTABLE_CHARS = 20,
	SHORT_PERCENT = 40,
	SHORT_CHARS = 6,
	NUMBER_DIGITS = 4, /* shorter ones are dates and counts */
	MARK_MAX = 600,    /* bytes of [1!host] */
	HOST_MAX = 253,
	BRACKET_MAX = 600, /* bytes of words of ours in brackets */
	DECOMPOSED = 18,   /* longest compatibility decomposition (U+FDFA) */
};

typedef struct {
	uint8_t *bits;
	uint32_t mask;
	size_t count;
} Set;

/* Not the largest for all: each page of memory touched for the first time costs more than a page of text. */
static uint32_t set_bits(const char *text)
{
	size_t bytes = strnlen(text, TEXT_MAX);
	uint32_t bits = SET_BITS_MIN;

	while (bits < SET_BITS_MAX && bits / SET_BITS_A_BYTE < bytes)
		bits *= 2;
	return bits;
}

static bool set_has(const Set *set, uint32_t hash)
{
	uint32_t bit = hash & set->mask;

	return (set->bits[bit / 8] >> (bit % 8) & 1) != 0;
}

static void set_add(Set *set, uint32_t hash)
{
	uint32_t bit = hash & set->mask;

	set->bits[bit / 8] |= (uint8_t)(1 << (bit % 8));
	set->count++;
}

/* FNV-1a over code points, with a last mix since only the low bits choose. */
static const uint32_t hash_start = 0x811c9dc5u;

static uint32_t hash_char(uint32_t hash, gunichar c)
{
	return (hash ^ c) * 0x01000193u;
}

static uint32_t hash_end(uint32_t hash)
{
	hash ^= hash >> 15;
	return hash * 0x2c1b3c6du ^ hash >> 12;
}

/* ---- units
 * ---------------------------------------------------------------------------------------------------- */

typedef enum { UNIT_WORD, UNIT_NUMBER, UNIT_HOST, UNIT_KINDS } UnitKind;

typedef struct Reading Reading;
typedef void (*Visit)(Reading *reading, UnitKind kind, uint32_t hash, size_t chars);

struct Reading {
	Visit visit;
	Set *own;                   /* of UNIT_KINDS, when they are collected */
	const Set *other;           /* when they are compared */
	size_t chars;               /* of words */
	size_t foreign[UNIT_KINDS]; /* not in other; of words: characters */
	/* the word that is being read */
	uint32_t hash;
	size_t length;
	bool digits;
	gunichar wide; /* the character before, of a script without blanks */
};

static void collect(Reading *reading, UnitKind kind, uint32_t hash, size_t chars)
{
	(void)chars;
	set_add(&reading->own[kind], hash);
}

static void compare(Reading *reading, UnitKind kind, uint32_t hash, size_t chars)
{
	reading->chars += kind == UNIT_WORD ? chars : 0;
	if (!set_has(&reading->other[kind], hash))
		reading->foreign[kind] += chars;
}

static void word_end(Reading *reading)
{
	uint32_t hash = hash_end(reading->hash);

	if (reading->length > 0)
		reading->visit(reading, UNIT_WORD, hash, reading->length);
	if (reading->length >= NUMBER_DIGITS && reading->digits)
		reading->visit(reading, UNIT_NUMBER, hash, 1);
	reading->hash = hash_start;
	reading->length = 0;
	reading->digits = true;
}

/* Han, kana, Hangul and what stands among them. */
static bool is_unspaced(gunichar c)
{
	return (c >= 0x1100 && c <= 0x11ff) || (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
}

static void read_letter(Reading *reading, gunichar c)
{
	if (is_unspaced(c)) {
		word_end(reading);
		if (reading->wide != 0)
			reading->visit(reading, UNIT_WORD,
			               hash_end(hash_char(hash_char(hash_start, reading->wide), c)), 1);
		reading->wide = c;
		return;
	}
	c = c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : g_unichar_tolower(c);
	reading->hash = hash_char(reading->hash, c);
	reading->digits &= c >= '0' && c <= '9';
	reading->length++;
}

/* Full width, half width and circled forms are the same letter. */
static void read_char(Reading *reading, gunichar c)
{
	gunichar parts[DECOMPOSED];

	if (c < 0x80 ? g_ascii_isalnum((char)c) : c >= 0x4e00 && c <= 0x9fff) {
		read_letter(reading, c);
		return;
	}
	if (c < 0x80) {
		word_end(reading);
		return;
	}
	size_t count = g_unichar_fully_decompose(c, TRUE, parts, DECOMPOSED);
	for (size_t i = 0; i < MIN(count, (size_t)DECOMPOSED); i++) {
		if (g_unichar_isalnum(parts[i]))
			read_letter(reading, parts[i]);
		else if (!g_unichar_ismark(parts[i]))
			word_end(reading);
	}
}

/* ---- what is no word of the sender
 * --------------------------------------------------------------------------------- */

static bool begins(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(end - at) >= length && g_ascii_strncasecmp(at, word, length) == 0;
}

/* "[.]", as defanged hosts have it */
static bool is_defanged_dot(const char *at, const char *end)
{
	return end - at >= 3 && at[0] == '[' && at[1] == '.' && at[2] == ']';
}

/* [1], [1!host.example], [1!host[.]example]: length, or 0. *ret_host: after the `!`, NULL if there is none. */
static size_t link_mark(const char *at, const char *end, const char **ret_host)
{
	const char *p = at + 1;

	*ret_host = NULL;
	/* "[1![1![1!": each must not be searched to the end of the text */
	if (end - at > MARK_MAX)
		end = at + MARK_MAX;
	while (p < end && g_ascii_isdigit(*p))
		p++;
	if (p == at + 1 || p == end)
		return 0;
	if (*p == '!') {
		*ret_host = p + 1;
		while (p < end && *p != ']' && *p != '\n')
			p += is_defanged_dot(p, end) ? 3 : 1;
	}
	return p < end && *p == ']' ? (size_t)(p + 1 - at) : 0;
}

/* Words of ours in the rendering of HTML: length up to the bracket's end, or 0. The words of a picture may
 * stand in the plain form, and need not: they are collected, but not compared. */
static size_t own_words(const Reading *reading, const char *at, const char *end)
{
	static const char *const words[] = {
		"[画像",   "[image",  "[リンク削除", "[link removed", "[ボタン",
		"[button", "[入力欄", "[input",      "[以下省略",     "[omitted"
	};
	enum { PICTURES = 2 };

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (!begins(at, end, words[i]))
			continue;
		size_t most = MIN((size_t)(end - at), (size_t)BRACKET_MAX);
		const char *close = memchr(at, ']', most);
		if (close == NULL)
			return 0;
		return i < PICTURES && reading->own != NULL ? strlen(words[i]) : (size_t)(close + 1 - at);
	}
	return 0;
}

/* Length of the part of a URL before its host, or 0. */
static size_t scheme_length(const char *at, const char *end)
{
	static const char *const schemes[] = { "http://",    "https://",  "ftp://",     "hxxp://",
		                               "hxxps://",   "hxxp[:]//", "hxxps[:]//", "http[:]//",
		                               "https[:]//", "ftp[:]//", "www.",     "www[.]" };

	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		if (begins(at, end, schemes[i]))
			return strlen(schemes[i]);
	}
	return 0;
}

static size_t url_length(const char *at, const char *end)
{
	const char *p = at;

	while (p<end && * p> ' ' && *p <= '~' && *p != '<' && *p != '>' && *p != '"')
		p++;
	return (size_t)(p - at);
}

/* Counted by who owns it: click.bank.co.jp is of the same as www.bank.co.jp. */
static void read_host(Reading *reading, const char *from, const char *end)
{
	char host[HOST_MAX + 1];
	size_t length = 0;
	uint32_t hash = hash_start;

	while (from < end && length < HOST_MAX) {
		bool dot = is_defanged_dot(from, end);
		if (!dot && !g_ascii_isalnum(*from) && *from != '-' && *from != '.')
			break;
		host[length++] = dot ? '.' : g_ascii_tolower(*from);
		from += dot ? 3 : 1;
	}
	while (length > 0 && host[length - 1] == '.')
		length--;
	host[length] = '\0';
	if (strchr(host, '.') == NULL)
		return;
	for (const char *p = html_host_owner(host); *p != '\0'; p++)
		hash = hash_char(hash, (gunichar)*p);
	reading->visit(reading, UNIT_HOST, hash_end(hash), 1);
}

/* Length of what stands here and is left out, or 0. */
static size_t read_foreign(Reading *reading, const char *at, const char *end)
{
	const char *host = NULL;
	size_t length = 0;

	if (*at == '[') {
		length = link_mark(at, end, &host);
		if (host != NULL && length > 0)
			read_host(reading, host, at + length);
		return length > 0 ? length : own_words(reading, at, end);
	}
	size_t scheme = reading->length == 0 && strchr("hHfFwW", *at) != NULL ? scheme_length(at, end) : 0;
	if (scheme == 0)
		return 0;
	length = url_length(at, end);
	read_host(reading, at + scheme, at + length);
	return length;
}

/* 2,000 and 2000 are one number. */
static bool is_thousands_comma(const Reading *reading, const char *at, const char *end)
{
	return *at == ',' && reading->length > 0 && reading->digits && at + 1 < end && g_ascii_isdigit(at[1]);
}

static void read_text(Reading *reading, const char *text)
{
	const char *end = text + strnlen(text, TEXT_MAX);

	reading->hash = hash_start;
	reading->length = 0;
	reading->digits = true;
	while (text < end) {
		size_t left_out = (uint8_t)*text < 0x80 ? read_foreign(reading, text, end) : 0;
		if (left_out > 0) {
			word_end(reading);
			text += left_out;
			continue;
		}
		if (!is_thousands_comma(reading, text, end))
			read_char(reading, (uint8_t)*text < 0x80 ? (gunichar)*text : g_utf8_get_char(text));
		text = g_utf8_next_char(text);
	}
	word_end(reading);
}

/* ---- the two forms
 * --------------------------------------------------------------------------------------------------- */

static bool is_notable(const Reading *reading)
{
	size_t foreign = reading->foreign[UNIT_WORD];

	/* of a very short text nearly half, since "pay nothing" and "pay at ..." is all that two forms may
	 * say */
	if (foreign < NOTABLE_CHARS)
		return foreign >= SHORT_CHARS && foreign * 100 > reading->chars * SHORT_PERCENT;
	return foreign * 100 > reading->chars * NOTABLE_PERCENT;
}

/* Both name hosts, and none is the same. */
static bool hosts_differ(const Set *plain, const Reading *plain_reading, const Set *html,
                         const Reading *html_reading)
{
	return plain->count > 0 && html->count > 0 && plain_reading->foreign[UNIT_HOST] == plain->count &&
	       html_reading->foreign[UNIT_HOST] == html->count;
}

static bool sets_differ(const char *plain, const char *html, Set sets[2][UNIT_KINDS])
{
	Reading readings[2] = { { .visit = collect, .own = sets[0] }, { .visit = collect, .own = sets[1] } };
	const char *texts[2] = { plain, html };

	for (size_t i = 0; i < 2; i++)
		read_text(&readings[i], texts[i]);
	for (size_t i = 0; i < 2; i++) {
		readings[i] = (Reading) { .visit = compare, .other = sets[1 - i] };
		read_text(&readings[i], texts[i]);
	}
	if (is_notable(&readings[0]) || is_notable(&readings[1]))
		return true;
	/* In the place of one number another one: one that is merely left out is no lie. */
	if (readings[0].foreign[UNIT_NUMBER] > 0 && readings[1].foreign[UNIT_NUMBER] > 0)
		return true;
	return hosts_differ(&sets[0][UNIT_HOST], &readings[0], &sets[1][UNIT_HOST], &readings[1]);
}

bool parse_texts_differ(const char *plain, const char *html)
{
	const char *texts[2] = { plain, html };
	Set sets[2][UNIT_KINDS];

	for (size_t i = 0; i < 2; i++) {
		uint32_t bits = set_bits(texts[i]);
		for (size_t k = 0; k < UNIT_KINDS; k++)
			sets[i][k] = (Set) { g_malloc0(bits / 8), bits - 1, 0 };
	}
	bool differ = sets_differ(plain, html, sets);
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < UNIT_KINDS; k++)
			g_free(sets[i][k].bits);
	}
	return differ;
}
