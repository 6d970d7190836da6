/* parse_address: RFC 5322 address lists with the obsolete and the broken forms of real mail.
 *
 * What a reply needs comes first: a quote or a comment that is never closed is none, so that the address
 * behind it is not lost in it, and of a name and an address without brackets each is told from the other. One
 * loop over the bytes with a small state, no recursion: the parsers which recurse die of a field of 50,000
 * groups or brackets. A mailbox ends at a comma, a semicolon, or the colon of a group.
 */
#include "clean_text.h"
#include "parse_code_priv.h"

#include <string.h>

typedef struct {
	ParseRange in;
	size_t at;
	Charset raw; /* of bytes without a label: parse_raw_length() */
	ParseCharsets charsets;
	GString *phrase;  /* raw bytes outside <>: display name, or the whole addr-spec */
	GString *address; /* raw bytes inside <> */
	GString *comment; /* raw bytes of the last comment: the name in the old style */
	size_t phrase_at; /* offset + 1 of the last `@` outside quotes, 0 = none */
	size_t address_at;
	size_t word;       /* offset in the phrase of the word that is read */
	size_t spec_start; /* of the word that holds phrase_at */
	size_t spec_end;   /* 0: it is still read */
	bool word_spaced;  /* blanks outside quotes are in it ... */
	bool spec_spaced;  /* ... and in that of the `@` */
	bool blank;        /* the phrase ends in a blank outside quotes */
	bool held;         /* ... before which something stands that goes on behind it */
	size_t closed;     /* length of the phrase at the last `>` */
	bool in_angle;
	bool had_angle;
	bool quoted;            /* the phrase holds a quoted string */
	bool angle_quoted;      /* the address inside <> does */
	bool quotes_unclosed;   /* from here on to the end of the field `"` is an ordinary character ... */
	bool comments_unclosed; /* ... and `(` is */
	GPtrArray *list;
	size_t max;
} Addresses;

static GString *address_target(Addresses *a)
{
	return a->in_angle ? a->address : a->phrase;
}

/* ---- one mailbox is complete -----------------------------------------------------------------------------
 */

static void unfold(GString *text)
{
	gsize kept = 0;

	for (gsize i = 0; i < text->len; i++) {
		if (text->str[i] != '\r' && text->str[i] != '\n')
			text->str[kept++] = text->str[i];
	}
	g_string_truncate(text, kept);
}

static char *component(Addresses *a, const char *bytes, size_t length)
{
	g_autoptr(GString) text = g_string_sized_new(length + 1);

	parse_words_charset(CHARSET_US_ASCII, false, (ParseRange) { (const uint8_t *)bytes, length },
	                    &a->charsets, text);
	unfold(text);
	char *clean = clean_line(text->str, text->len, 0, NULL);
	parse_cut_bytes(clean, PARSE_NAME_BYTES);
	return clean;
}

static char *display_name(Addresses *a, const GString *raw)
{
	char *name = parse_words_line_with((ParseRange) { (const uint8_t *)raw->str, raw->len },
	                                   PARSE_PHRASE_CHARS, &a->charsets, NULL, NULL);

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

/* A link pasted in place of an address. Looked for in the cleaned text, each time that it stands there: what shows only when
 * a control character within it is gone, or when one is taken away, would read as another address the next time. */
static char *without_scheme(char *local)
{
	static const char scheme[] = "mailto:";
	const char *bare = local;

	while (g_ascii_strncasecmp(bare, scheme, sizeof scheme - 1) == 0 && bare[sizeof scheme - 1] != '\0') {
		bare += sizeof scheme - 1;
		bare += strspn(bare, " ");
	}
	char *rest = g_strdup(bare);
	g_free(local);
	return rest;
}

/* text: cleaned, so that all its blanks are spaces. */
static char *without_blanks_at_dots(char *text)
{
	size_t kept = 0;

	for (const char *p = text; *p != '\0';) {
		size_t blanks = strspn(p, " ");
		p += blanks;
		if (blanks > 0 && *p != '.' && (kept == 0 || text[kept - 1] != '.')) {
			memset(text + kept, ' ', blanks);
			kept += blanks;
		}
		if (*p != '\0')
			text[kept++] = *p++;
	}
	text[kept] = '\0';
	return text;
}

/* 'a@b' is how Outlook writes an address that has no name. */
static void remove_apostrophes(const char **local, size_t *local_length, const char *domain,
                               size_t *domain_length)
{
	if (*local_length < 2 || (*local)[0] != '\'' || *domain_length < 2 ||
	    domain[*domain_length - 1] != '\'')
		return;
	(*local)++;
	(*local_length)--;
	(*domain_length)--;
}

/* at: offset + 1 of the `@`, 0 = none. quoted: blanks in the local part may belong to it. */
static void split_spec(Addresses *a, MailAddress *address, const GString *spec, size_t at, bool quoted)
{
	const char *local = spec->str;
	size_t local_length = trim(&local, at > 0 ? at - 1 : spec->len);
	const char *domain = spec->str + at;
	size_t domain_length = at > 0 ? trim(&domain, spec->len - at) : 0;
	remove_apostrophes(&local, &local_length, domain, &domain_length);
	address->local = component(a, local, local_length);
	address->domain = without_blanks_at_dots(component(a, domain, domain_length));
	if (!quoted)
		without_blanks_at_dots(address->local);
	address->local = without_scheme(address->local);
}

static bool is_blank(const GString *raw)
{
	const char *bytes = raw->str;

	return trim(&bytes, raw->len) == 0;
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

static bool has_word(const GString *raw)
{
	const uint8_t *bytes = (const uint8_t *)raw->str;

	for (size_t at = 0; at < raw->len; at++) {
		const uint8_t *next = memmem(bytes + at, raw->len - at, "=?", 2);
		if (next == NULL)
			return false;
		at = (size_t)(next - bytes);
		if (parse_word_length((ParseRange) { next, raw->len - at }) > 0)
			return true;
	}
	return false;
}

static void name_alone(Addresses *a, MailAddress *address)
{
	address->name = display_name(a, a->phrase);
	address->local = g_strdup("");
	address->domain = g_strdup("");
}

/* An address without brackets, and what stands before and behind it. */
static void bare_mailbox(Addresses *a, MailAddress *address)
{
	size_t end = a->spec_end > 0 ? a->spec_end : a->phrase->len;
	g_autoptr(GString) spec =
	        g_string_new_len(a->phrase->str + a->spec_start, (gssize)(end - a->spec_start));
	g_autoptr(GString) name = g_string_new_len(a->phrase->str, (gssize)a->spec_start);

	g_string_append_len(name, a->phrase->str + end, (gssize)(a->phrase->len - end));
	bool named = !is_blank(name);
	/* "at" with blanks around it among words: nobody's address */
	if (named && a->spec_spaced) {
		name_alone(a, address);
		return;
	}
	split_spec(a, address, spec, a->phrase_at - a->spec_start, a->quoted);
	address->name = display_name(a, named ? name : a->comment);
}

static MailAddress *mailbox(Addresses *a)
{
	MailAddress *address = g_new0(MailAddress, 1);

	if (a->had_angle) {
		split_spec(a, address, a->address, a->address_at, a->angle_quoted);
		address->name = display_name(a, is_blank(a->phrase) ? a->comment : a->phrase);
	} else if (a->phrase_at > 0) {
		bare_mailbox(a, address);
	} else if (a->quoted || has_inner_blank(a->phrase) || has_word(a->phrase)) {
		/* an address inside a word is none to answer to, but the reader is told what it says */
		name_alone(a, address);
	} else {
		split_spec(a, address, a->phrase, 0, false);
		address->name = display_name(a, a->comment);
	}
	return address;
}

static void reset(Addresses *a)
{
	g_string_truncate(a->phrase, 0);
	g_string_truncate(a->address, 0);
	g_string_truncate(a->comment, 0);
	a->phrase_at = a->address_at = a->word = a->spec_start = a->spec_end = 0;
	a->blank = a->held = a->word_spaced = a->spec_spaced = a->in_angle = a->had_angle = a->quoted = false;
	a->angle_quoted = false;
	a->closed = 0;
}

static void finish(Addresses *a)
{
	/* a field of commas is to cost no more than another */
	if (!a->had_angle && a->phrase->len + a->comment->len == 0)
		return;
	MailAddress *address = mailbox(a);

	reset(a);
	if (address->name[0] == '\0' && address->local[0] == '\0' && address->domain[0] == '\0')
		parse_address_free(address);
	else
		g_ptr_array_add(a->list, address);
}

/* ---- the pieces ------------------------------------------------------------------------------------------
 */

/* What begins with first follows in the phrase: another word, or more of the last one? An `@` holds words
 * together, and so does a dot with blanks on both sides, but not that of an initial. */
static void begin_word(Addresses *a, char first)
{
	bool holds = first == '@' || (first == '.' && a->blank);
	bool spec_open = a->phrase_at > 0 && a->spec_end == 0;

	if (a->blank && (holds || a->held)) {
		a->word_spaced = true;
		a->spec_spaced |= spec_open;
	} else if (a->blank) {
		a->word = a->phrase->len;
		a->word_spaced = false;
		a->spec_end = spec_open ? a->phrase->len : a->spec_end;
	}
	a->blank = false;
	a->held = holds;
}

static void append(Addresses *a, const uint8_t *bytes, size_t length)
{
	if (!a->in_angle)
		begin_word(a, (char)bytes[0]);
	g_string_append_len(address_target(a), (const char *)bytes, (gssize)length);
}

static void append_one(Addresses *a)
{
	append(a, a->in.bytes + a->at, 1);
	a->at++;
}

/* One character of a quoted string or a comment. */
static void take_character(Addresses *a, GString *target)
{
	const uint8_t *p = a->in.bytes + a->at;
	size_t length = parse_raw_length(a->in, a->at, a->raw);
	bool escape = length == 0 && p[0] == '\\' && a->at + 1 < a->in.length;

	length = MAX(length, (size_t)1);
	g_string_append_len(target, (const char *)p + (escape ? 1 : 0), (gssize)length);
	a->at += length + (escape ? 1 : 0);
}

static void take_quoted(Addresses *a)
{
	GString *target = address_target(a);
	size_t start = a->at;

	if (!a->in_angle)
		begin_word(a, '"');
	size_t length = target->len;
	for (a->at++; !a->quotes_unclosed && a->at < a->in.length && a->in.bytes[a->at] != '"';)
		take_character(a, target);
	if (!a->quotes_unclosed && a->at < a->in.length) {
		a->quoted |= !a->in_angle;
		a->angle_quoted |= a->in_angle;
		a->at++;
		return;
	}
	g_string_truncate(target, length);
	a->quotes_unclosed = true;
	a->at = start + 1;
}

/* Of the text between the outer brackets; false when they do not close. */
static bool read_comment(Addresses *a)
{
	for (size_t depth = 1; a->at < a->in.length;) {
		uint8_t c = a->in.bytes[a->at];
		depth += c == '(';
		depth -= c == ')';
		if (depth == 0)
			return true;
		take_character(a, a->comment);
	}
	return false;
}

static void take_comment(Addresses *a)
{
	size_t start = a->at++;

	if (!a->comments_unclosed) {
		g_string_truncate(a->comment, 0);
		if (read_comment(a)) {
			a->at++;
			return;
		}
		g_string_truncate(a->comment, 0);
	}
	a->comments_unclosed = true;
	a->at = start;
	append_one(a);
}

static void take_literal(Addresses *a)
{
	const uint8_t *start = a->in.bytes + a->at;
	const uint8_t *close = memchr(start, ']', MIN(a->in.length - a->at, (size_t)256));
	size_t length = close != NULL ? (size_t)(close - start) + 1 : 1;

	append(a, start, length);
	a->at += length;
}

/* An encoded word is one token even when a broken mailer left a comma or a bracket in it. */
static bool take_word(Addresses *a)
{
	size_t length = parse_word_length((ParseRange) { a->in.bytes + a->at, a->in.length - a->at });

	if (length == 0)
		return false;
	append(a, a->in.bytes + a->at, length);
	a->at += length;
	return true;
}

static bool take_raw(Addresses *a)
{
	size_t length = parse_raw_length(a->in, a->at, a->raw);

	if (length == 0)
		return false;
	append(a, a->in.bytes + a->at, length);
	a->at += length;
	return true;
}

static void take_at(Addresses *a)
{
	append_one(a);
	if (a->in_angle) {
		a->address_at = a->address->len;
		return;
	}
	a->phrase_at = a->phrase->len;
	a->spec_start = a->word;
	a->spec_spaced = a->word_spaced;
	a->spec_end = 0;
}

static void take_blank(Addresses *a)
{
	g_string_append_c(address_target(a), (char)a->in.bytes[a->at]);
	a->blank |= !a->in_angle;
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

/* "A <a@b> B <c@d>": somebody forgot the comma, and both are to get the answer. */
static void finish_before_open(Addresses *a)
{
	g_autoptr(GString) rest =
	        g_string_new_len(a->phrase->str + a->closed, (gssize)(a->phrase->len - a->closed));

	g_string_truncate(a->phrase, a->closed);
	finish(a);
	g_string_append_len(a->phrase, rest->str, (gssize)rest->len);
}

static void take_open(Addresses *a)
{
	if (a->had_angle && !a->in_angle && a->address_at > 0)
		finish_before_open(a);
	g_string_truncate(a->address, 0);
	a->address_at = 0;
	a->in_angle = a->had_angle = true;
	a->at++;
}

static void take_close(Addresses *a)
{
	if (a->in_angle)
		a->closed = a->phrase->len;
	a->in_angle = false;
	a->at++;
}

typedef struct {
	uint8_t byte;
	void (*take)(Addresses *a);
} AddressToken;

static const AddressToken tokens[] = {
	{ '"', take_quoted }, { '(', take_comment },   { '[', take_literal },   { '@', take_at },
	{ ':', take_colon },  { ',', take_separator }, { ';', take_separator }, { '<', take_open },
	{ '>', take_close },  { ' ', take_blank },     { '\t', take_blank },    { '\r', take_blank },
	{ '\n', take_blank },
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
	if (take_raw(a) || take_token(a, byte))
		return;
	append_one(a);
}

bool parse_addresses(ParseRange value, GPtrArray *list, size_t max)
{
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };

	return parse_addresses_with(value, &charsets, list, max);
}

bool parse_addresses_with(ParseRange value, ParseCharsets *charsets, GPtrArray *list, size_t max)
{
	Charset raw = parse_raw_charset(value, charsets->hint);
	g_autoptr(GString) phrase = g_string_new(NULL);
	g_autoptr(GString) address = g_string_new(NULL);
	g_autoptr(GString) comment = g_string_new(NULL);
	Addresses a = {
		.in = value,
		.raw = raw,
		/* a short name is likely in the character set of the others */
		.charsets = { raw > CHARSET_UTF_8 ? raw : charsets->hint, false },
		.phrase = phrase,
		.address = address,
		.comment = comment,
		.list = list,
		.max = max,
	};

	while (a.at < value.length && list->len < max)
		take_one(&a);
	bool whole = a.at >= value.length;
	if (whole && list->len < max)
		finish(&a);
	charsets->repaired |= a.charsets.repaired;
	return whole;
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
