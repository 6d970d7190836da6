/* parse_auth: what our own edge found out about the sender (Authentication-Results, RFC 8601) -> one small
 * number for each of SPF, DKIM and DMARC.
 *
 * Anybody can write such a field. Only those are read that stand above every line of the sender and bear the
 * authserv-id of the edge. Even those hold words of the sender, not always quoted: Debian's filters write
 * HELO, sender, and why SPF did not pass (which may be a text from the sender's own DNS) as they came, "x) ;
 * dkim=pass (" and all. So: of two results for one method the worse one counts; what stands behind such
 * words, or in a field that can not be read to its end, may only make it worse.
 */
#include "parse_code_priv.h"

#include <string.h>

typedef struct {
	ParseRange in;
	size_t at;
	bool explains; /* a comment now may say why SPF did not pass */
	bool foreign;  /* words of the sender came, in a comment */
} Cursor;

/* ---- words ------------------------------------------------------------------------------------------------
 */

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool at_end(const Cursor *c)
{
	return c->at >= c->in.length;
}

static bool at_byte(const Cursor *c, uint8_t byte)
{
	return !at_end(c) && c->in.bytes[c->at] == byte;
}

static bool take_byte(Cursor *c, uint8_t byte)
{
	if (!at_byte(c, byte))
		return false;
	c->at++;
	return true;
}

static void skip_blanks(Cursor *c)
{
	while (!at_end(c) && is_blank(c->in.bytes[c->at]))
		c->at++;
}

static bool starts(const Cursor *c, const char *word)
{
	size_t length = strlen(word);

	return c->in.length - c->at >= length &&
	       g_ascii_strncasecmp((const char *)c->in.bytes + c->at, word, length) == 0;
}

/* False: it is not closed. */
static bool skip_comment(Cursor *c)
{
	size_t depth = 0;

	c->foreign |= c->explains;
	for (; !at_end(c); c->at++) {
		uint8_t byte = c->in.bytes[c->at];
		c->foreign = c->foreign || starts(c, "helo=") || starts(c, "envelope-from=");
		if (byte == '\\')
			c->at++;
		else if (byte == '(')
			depth++;
		else if (byte == ')' && --depth == 0)
			return take_byte(c, ')');
	}
	return false;
}

static bool skip_gap(Cursor *c)
{
	for (skip_blanks(c); at_byte(c, '('); skip_blanks(c))
		if (!skip_comment(c))
			return false;
	return true;
}

/* RFC 2045. Empty when there is none. */
static ParseRange take_token(Cursor *c)
{
	size_t start = c->at;

	while (!at_end(c) && c->in.bytes[c->at] > 0x20 && c->in.bytes[c->at] < 0x7f &&
	       strchr("()<>@,;:\\\"/[]?=", c->in.bytes[c->at]) == NULL)
		c->at++;
	return (ParseRange) { c->in.bytes + start, c->at - start };
}

static bool token_is(ParseRange token, const char *word)
{
	return token.length == strlen(word) &&
	       g_ascii_strncasecmp((const char *)token.bytes, word, token.length) == 0;
}

static bool skip_quoted(Cursor *c)
{
	for (c->at++; !at_end(c); c->at++) {
		if (take_byte(c, '"'))
			return true;
		if (at_byte(c, '\\'))
			c->at++;
	}
	return false;
}

/* Of a property: more than the grammar has, since addresses and keys come in all forms. */
static bool skip_value(Cursor *c)
{
	while (!at_end(c)) {
		uint8_t byte = c->in.bytes[c->at];
		if (is_blank(byte) || byte == ';' || byte == '(')
			return true;
		if (byte < 0x20 || byte == 0x7f || byte == ')')
			return false;
		if (byte != '"')
			c->at++;
		else if (!skip_quoted(c))
			return false;
	}
	return true;
}

/* ---- what a field says ------------------------------------------------------------------------------------
 */

/* Of one field. */
typedef struct {
	bool pass[AUTH_METHODS];
	AuthResult other[AUTH_METHODS]; /* the worst of what is no pass */
} Said;

/* How far from what a reader would wish. */
static AuthResult worse(AuthResult a, AuthResult b)
{
	static const uint8_t badness[AUTH_RESULT_COUNT] = {
		[AUTH_UNKNOWN] = 0,  [AUTH_PASS] = 1,      [AUTH_NONE] = 2,
		[AUTH_NEUTRAL] = 3,  [AUTH_TEMPERROR] = 4, [AUTH_PERMERROR] = 5,
		[AUTH_SOFTFAIL] = 6, [AUTH_POLICY] = 7,    [AUTH_FAIL] = 8,
	};

	return badness[a] >= badness[b] ? a : b;
}

static AuthMethod find_method(ParseRange token)
{
	static const char *const names[AUTH_METHODS] = { "spf", "dkim", "dmarc" };
	AuthMethod method = AUTH_SPF;

	while (method < AUTH_METHODS && !token_is(token, names[method]))
		method++;
	return method;
}

enum { OF_SPF = 1 << AUTH_SPF, OF_DKIM = 1 << AUTH_DKIM, OF_ALL = OF_SPF | OF_DKIM | 1 << AUTH_DMARC };

/* Words that RFC 8601 has not for a method say nothing; "hardfail" is of RFC 5451. */
static AuthResult find_result(AuthMethod method, ParseRange token)
{
	static const struct {
		const char *word;
		AuthResult result;
		unsigned methods;
	} words[] = {
		{ "none", AUTH_NONE, OF_ALL },
		{ "pass", AUTH_PASS, OF_ALL },
		{ "fail", AUTH_FAIL, OF_ALL },
		{ "hardfail", AUTH_FAIL, OF_ALL },
		{ "softfail", AUTH_SOFTFAIL, OF_SPF },
		{ "neutral", AUTH_NEUTRAL, OF_SPF | OF_DKIM },
		{ "policy", AUTH_POLICY, OF_SPF | OF_DKIM },
		{ "temperror", AUTH_TEMPERROR, OF_ALL },
		{ "permerror", AUTH_PERMERROR, OF_ALL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (method < AUTH_METHODS && (words[i].methods & 1U << method) != 0 &&
		    token_is(token, words[i].word))
			return words[i].result;
	return AUTH_UNKNOWN;
}

/* ---- its grammar ------------------------------------------------------------------------------------------
 */

/* As the edge's programs write it: bare and first. A comment or quotes before it would pass by a
 * header_checks of the edge that removes the sender's. */
static bool take_authserv_id(Cursor *c, const char *authserv_id)
{
	skip_blanks(c);
	ParseRange token = take_token(c);
	return token_is(token, authserv_id) &&
	       (at_end(c) || is_blank(c->in.bytes[c->at]) || at_byte(c, '(') || at_byte(c, ';'));
}

/* No version is version 1; of another one nobody knows what it means. */
static bool take_version(Cursor *c)
{
	if (!skip_gap(c))
		return false;
	ParseRange version = take_token(c);
	return (version.length == 0 || token_is(version, "1")) && skip_gap(c);
}

/* Longer names are cut: they are none that we know. */
typedef struct {
	char text[24];
} PropertyName;

/* `header.d`: more than one token where blanks stand around the dot. The `=` behind it is taken, too. */
static bool take_property_name(Cursor *c, PropertyName *name)
{
	name->text[0] = '\0';
	while (!at_byte(c, '=')) {
		ParseRange token = take_token(c);
		if (token.length == 0 || !skip_gap(c))
			return false;
		g_autofree char *text = g_ascii_strdown((const char *)token.bytes, (gssize)token.length);
		g_strlcat(name->text, text, sizeof name->text);
	}
	return take_byte(c, '=') && skip_gap(c);
}

/* Where an SPF filter names the client, opendmarc writes it as it came; without a sender before it, it is the
 * HELO that was judged, not he. */
static void note_helo(Cursor *c, const char *property, bool *mailfrom, bool *ret_of_helo)
{
	*mailfrom |= strcmp(property, "smtp.mailfrom") == 0;
	if (strcmp(property, "smtp.helo") != 0)
		return;
	c->foreign = true;
	*ret_of_helo |= !*mailfrom;
}

/* `reason="x"`, `header.d=example.jp`, all up to the next result. */
static bool skip_properties(Cursor *c, bool *ret_of_helo)
{
	bool mailfrom = false;

	*ret_of_helo = false;
	for (;;) {
		PropertyName name;
		if (!skip_gap(c))
			return false;
		if (at_end(c) || at_byte(c, ';'))
			return true;
		if (!take_property_name(c, &name) || !skip_value(c))
			return false;
		note_helo(c, name.text, &mailfrom, ret_of_helo);
	}
}

/* What is no pass counts even if the rest can not be read. */
static bool note_result(Cursor *c, Said *said, AuthMethod method, AuthResult result, bool foreign)
{
	bool of_helo = false;

	c->explains = method == AUTH_SPF && result != AUTH_PASS;
	if (method < AUTH_METHODS && result != AUTH_PASS)
		said->other[method] = worse(said->other[method], result);
	if (!skip_properties(c, &of_helo))
		return false;
	if (method < AUTH_METHODS && result == AUTH_PASS)
		said->pass[method] |= !foreign && !of_helo;
	return true;
}

/* `dkim/1 = pass (comment) header.d=example.jp`, or `none`. */
static bool take_resinfo(Cursor *c, Said *said)
{
	bool foreign = c->foreign;
	c->explains = false;
	ParseRange name = take_token(c);
	if (!skip_gap(c))
		return false;
	if (token_is(name, "none") && at_end(c))
		return true;
	if (take_byte(c, '/') && (!skip_gap(c) || !token_is(take_token(c), "1") || !skip_gap(c)))
		return false;
	if (name.length == 0 || !take_byte(c, '=') || !skip_gap(c))
		return false;
	ParseRange word = take_token(c);
	if (word.length == 0)
		return false;
	AuthMethod method = find_method(name);
	return note_result(c, said, method, find_result(method, word), foreign);
}

/* False: not all of it can be read. */
static bool take_resinfos(Cursor *c, Said *said)
{
	while (take_byte(c, ';')) {
		if (!skip_gap(c))
			return false;
		/* some write a last `;` */
		if (at_end(c))
			return true;
		if (!take_resinfo(c, said))
			return false;
	}
	return at_end(c);
}

/* ---- fields -----------------------------------------------------------------------------------------------
 */

/* DKIM: who breaks a signature, or adds a bad one, must not spoil a good one (RFC 6376 6.1), so that one pass
 * is enough. That it is of the domain in From is what DMARC says. But all of them stand in one field: none in
 * another makes it good. */
static AuthResult result_of(const Said *said, AuthMethod method, bool readable)
{
	bool pass = said->pass[method] && readable;

	if (pass && (method == AUTH_DKIM || said->other[method] == AUTH_UNKNOWN))
		return AUTH_PASS;
	return said->other[method];
}

static void take_field(const ParseField *field, const char *authserv_id, AuthResult *results)
{
	Cursor c = { .in = field->value };
	Said said = { .other = { AUTH_UNKNOWN } };

	if (!take_authserv_id(&c, authserv_id) || !take_version(&c))
		return;
	bool readable = take_resinfos(&c, &said) && !field->cut;
	for (AuthMethod method = 0; method < AUTH_METHODS; method++)
		results[method] = worse(results[method], result_of(&said, method, readable));
}

/* Index of the first field that a sender can have written. What a server has written stands above its
 * Received; below the first one, the edge's, all is the sender's. In one hop that first one is not shown to
 * us: above the sender's own first Received stand fields of both, and Postfix must have removed the sender's.
 */
static guint trusted_fields(const ParseHead *head, bool one_hop)
{
	for (guint i = 0; i < head->fields->len; i++)
		if (parse_field_is(&g_array_index(head->fields, ParseField, i), "Received"))
			return i;
	return one_hop ? head->fields->len : 0;
}

void parse_auth(const ParseHead *head, const char *authserv_id, bool one_hop, ParsePlain *plain)
{
	AuthResult results[AUTH_METHODS] = { AUTH_UNKNOWN };
	guint trusted = *authserv_id != '\0' ? trusted_fields(head, one_hop) : 0;

	for (guint i = 0; i < trusted; i++) {
		const ParseField *field = &g_array_index(head->fields, ParseField, i);
		if (parse_field_is(field, "Authentication-Results"))
			take_field(field, authserv_id, results);
	}
	for (unsigned method = 0; method < AUTH_METHODS; method++)
		if (results[method] != AUTH_UNKNOWN)
			parse_plain_counter(plain, PARSE_COUNTER_AUTH_SPF + method, results[method]);
}
