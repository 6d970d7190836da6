/* parse_address: RFC 5322 address lists with the obsolete and the broken forms of real mail.
 *
 * One loop over the bytes with a small state, no recursion: the parsers which recurse die of a field of
 * 50,000 groups or brackets. A mailbox ends at a comma, a semicolon, or the colon of a group.
 */
#include "charset_priv.h"
#include "clean_text.h"
#include "parse_code_priv.h"

#include <string.h>

typedef struct {
	ParseRange in;
	size_t at;
	GString *phrase;  /* raw bytes outside <>: display name, or the whole addr-spec */
	GString *address; /* raw bytes inside <> */
	GString *comment; /* raw bytes of the last comment: the name in the old style */
	size_t phrase_at; /* offset + 1 of the last `@` outside quotes, 0 = none */
	size_t address_at;
	bool in_angle;
	bool had_angle;
	bool quoted; /* the phrase holds a quoted string */
	GPtrArray *list;
	size_t max;
} Addresses;

static GString *address_target(Addresses *a)
{
	return a->in_angle ? a->address : a->phrase;
}

/* ---- one mailbox is complete -----------------------------------------------------------------------------
 */

static char *component(const char *bytes, size_t length)
{
	g_autoptr(GString) text = g_string_sized_new(length + 1);

	charset_decode(CHARSET_US_ASCII, (const uint8_t *)bytes, length, text, NULL);
	char *clean = clean_line(text->str, text->len, 0, NULL);
	parse_cut_bytes(clean, PARSE_NAME_BYTES);
	return clean;
}

static char *display_name(const GString *raw)
{
	char *name = parse_words_line((ParseRange) { (const uint8_t *)raw->str, raw->len },
	                              PARSE_PHRASE_CHARS, NULL, NULL);

	parse_cut_bytes(name, PARSE_NAME_BYTES);
	return name;
}

/* Blanks around the dots and the `@` of an obsolete addr-spec mean nothing. */
static size_t trim(const char **bytes, size_t length)
{
	while (length > 0 && g_ascii_isspace((*bytes)[0])) {
		(*bytes)++;
		length--;
	}
	while (length > 0 && g_ascii_isspace((*bytes)[length - 1]))
		length--;
	return length;
}

static void split_spec(MailAddress *address, const GString *spec, size_t at)
{
	const char *local = spec->str;
	size_t local_length = trim(&local, at > 0 ? at - 1 : spec->len);

	address->local = component(local, local_length);
	if (at == 0) {
		address->domain = g_strdup("");
		return;
	}
	const char *domain = spec->str + at;
	size_t domain_length = trim(&domain, spec->len - at);
	address->domain = component(domain, domain_length);
}

static bool has_inner_blank(const GString *raw)
{
	const char *bytes = raw->str;
	size_t length = trim(&bytes, raw->len);

	for (size_t i = 0; i < length; i++) {
		if (g_ascii_isspace(bytes[i]))
			return true;
	}
	return false;
}

static MailAddress *mailbox(Addresses *a)
{
	MailAddress *address = g_new0(MailAddress, 1);

	if (a->had_angle) {
		split_spec(address, a->address, a->address_at);
		address->name = display_name(a->phrase->len > 0 ? a->phrase : a->comment);
	} else if (a->phrase_at > 0) {
		split_spec(address, a->phrase, a->phrase_at);
		address->name = display_name(a->comment);
	} else if (a->quoted || has_inner_blank(a->phrase)) {
		address->name = display_name(a->phrase);
		address->local = g_strdup("");
		address->domain = g_strdup("");
	} else {
		split_spec(address, a->phrase, 0);
		address->name = display_name(a->comment);
	}
	return address;
}

static void reset(Addresses *a)
{
	g_string_truncate(a->phrase, 0);
	g_string_truncate(a->address, 0);
	g_string_truncate(a->comment, 0);
	a->phrase_at = a->address_at = 0;
	a->in_angle = a->had_angle = a->quoted = false;
}

static void finish(Addresses *a)
{
	MailAddress *address = mailbox(a);

	reset(a);
	if (address->name[0] == '\0' && address->local[0] == '\0' && address->domain[0] == '\0')
		parse_address_free(address);
	else
		g_ptr_array_add(a->list, address);
}

/* ---- the pieces ------------------------------------------------------------------------------------------
 */

static void take_quoted(Addresses *a)
{
	GString *target = address_target(a);

	a->quoted |= !a->in_angle;
	for (a->at++; a->at < a->in.length && a->in.bytes[a->at] != '"'; a->at++) {
		if (a->in.bytes[a->at] == '\\' && a->at + 1 < a->in.length)
			a->at++;
		g_string_append_c(target, (char)a->in.bytes[a->at]);
	}
	a->at++;
}

static void take_comment(Addresses *a)
{
	size_t depth = 0;

	g_string_truncate(a->comment, 0);
	for (; a->at < a->in.length; a->at++) {
		uint8_t c = a->in.bytes[a->at];
		if (c == ')' && --depth == 0)
			break;
		if (c == '(' && ++depth == 1)
			continue;
		if (c == '\\' && a->at + 1 < a->in.length)
			c = a->in.bytes[++a->at];
		g_string_append_c(a->comment, (char)c);
	}
	a->at++;
}

static void take_literal(Addresses *a)
{
	GString *target = address_target(a);
	const uint8_t *start = a->in.bytes + a->at;
	const uint8_t *close = memchr(start, ']', MIN(a->in.length - a->at, (size_t)256));
	size_t length = close != NULL ? (size_t)(close - start) + 1 : 1;

	g_string_append_len(target, (const char *)start, (gssize)length);
	a->at += length;
}

/* An encoded word is one token even when a broken mailer left a comma or a bracket in it. */
static bool take_word(Addresses *a)
{
	size_t length = parse_word_length((ParseRange) { a->in.bytes + a->at, a->in.length - a->at });

	if (length == 0)
		return false;
	g_string_append_len(address_target(a), (const char *)a->in.bytes + a->at, (gssize)length);
	a->at += length;
	return true;
}

/* The bytes of raw JIS kanji look like `<`, `"` and commas: copied up to the escape that ends them. */
static bool take_jis(Addresses *a)
{
	const uint8_t *p = a->in.bytes + a->at;
	size_t left = a->in.length - a->at, n = 1;

	if (left < 2 || p[1] != '$')
		return false;
	while (n < left && p[n] != 0x1b && p[n] != '\r' && p[n] != '\n')
		n++;
	if (left - n >= 3 && p[n] == 0x1b)
		n += 3;
	g_string_append_len(address_target(a), (const char *)p, (gssize)n);
	a->at += n;
	return true;
}

static void take_at(Addresses *a)
{
	GString *target = address_target(a);

	g_string_append_c(target, '@');
	*(a->in_angle ? &a->address_at : &a->phrase_at) = target->len;
	a->at++;
}

/* `<@a,@b:c@d>`: what stands before the colon is an obsolete route. */
static bool in_route(const Addresses *a)
{
	return a->in_angle && a->address->len > 0 && a->address->str[0] == '@';
}

static void take_colon(Addresses *a)
{
	if (in_route(a)) {
		g_string_truncate(a->address, 0);
		a->address_at = 0;
	} else if (a->in_angle) {
		g_string_append_c(a->address, ':');
	} else {
		reset(a); /* the name of a group */
	}
	a->at++;
}

static void take_separator(Addresses *a)
{
	if (!in_route(a))
		finish(a);
	a->at++;
}

static void take_open(Addresses *a)
{
	/* a second `<` in one mailbox: the last address is where a reply would go */
	g_string_truncate(a->address, 0);
	a->address_at = 0;
	a->in_angle = a->had_angle = true;
	a->at++;
}

static void take_close(Addresses *a)
{
	a->in_angle = false;
	a->at++;
}

typedef struct {
	uint8_t byte;
	void (*take)(Addresses *a);
} AddressToken;

static const AddressToken tokens[] = {
	{ '"', take_quoted },    { '(', take_comment }, { '[', take_literal },
	{ '@', take_at },        { ':', take_colon },   { ',', take_separator },
	{ ';', take_separator }, { '<', take_open },    { '>', take_close },
};

static bool take_token(Addresses *a, uint8_t byte)
{
	for (size_t i = 0; i < G_N_ELEMENTS(tokens); i++) {
		if (tokens[i].byte != byte)
			continue;
		tokens[i].take(a);
		return true;
	}
	return false;
}

static void take_one(Addresses *a)
{
	uint8_t byte = a->in.bytes[a->at];

	if (byte == '=' && take_word(a))
		return;
	if (byte == 0x1b && take_jis(a))
		return;
	if (take_token(a, byte))
		return;
	g_string_append_c(address_target(a), (char)byte);
	a->at++;
}

bool parse_addresses(ParseRange value, GPtrArray *list, size_t max)
{
	g_autoptr(GString) phrase = g_string_new(NULL);
	g_autoptr(GString) address = g_string_new(NULL);
	g_autoptr(GString) comment = g_string_new(NULL);
	Addresses a = { .in = value,
		        .phrase = phrase,
		        .address = address,
		        .comment = comment,
		        .list = list,
		        .max = max };

	while (a.at < value.length && list->len < max)
		take_one(&a);
	if (a.at < value.length)
		return false;
	if (list->len < max)
		finish(&a);
	return true;
}

void parse_address_free(MailAddress *address)
{
	if (address == NULL)
		return;
	g_free(address->name);
	g_free(address->local);
	g_free(address->domain);
	g_free(address);
}
