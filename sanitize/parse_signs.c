/* parse_signs: who a mail pretends to be from.
 *
 * A reader sees the name before an address and not the address, and answers to Reply-To without seeing that
 * either. Addresses are of one party when their registrable domains (the list of public suffixes) are equal,
 * so that news@mail.shop.example with answers to info@shop.example says nothing. Each check is linear in
 * texts that are capped already.
 */
#include "charset_priv.h"
#include "html_host_priv.h"
#include "html_url_priv.h"
#include "parse_code_priv.h"

#include <libpsl.h>
#include <string.h>

/* ---- parties
 * ----------------------------------------------------------------------------------------------- */

/* The registrable part in its xn-- form, newly allocated; of a host without one, the host. "" if domain is.
 */
static char *party_of(const char *domain)
{
	uint32_t flags = 0;

	if (domain[0] == '\0')
		return g_strdup("");
	g_autofree char *host = html_host_parse(domain, strlen(domain), &flags, NULL);
	size_t length = strlen(host);
	if (length > 1 && host[length - 1] == '.')
		host[length - 1] = '\0';
	return g_strdup(html_host_owner(host));
}

static bool is_party(const char *domain, const char *party)
{
	g_autofree char *other = party_of(domain);

	return strcmp(other, party) == 0;
}

/* ---- what a name shows
 * ------------------------------------------------------------------------------------- */

static bool is_token(gunichar c)
{
	return c < 0x80 && (g_ascii_isalnum((char)c) || strchr(".-_+@", (int)c) != NULL) && c != '\0';
}

/* A blank beside an @, or in a short run of them: "support @ bank.example" is read as an address. */
static bool is_beside_at(const GString *seen, const char *blank)
{
	for (unsigned i = 0; i < 4 && *blank == ' '; i++)
		blank++;
	return *blank == '@' || (seen->len > 0 && seen->str[seen->len - 1] == '@');
}

/* As the eye reads it: full width as ASCII, other scripts' a, e, o as Latin ones, the dots of Japanese
 * between ASCII. */
static char *as_seen(const char *text)
{
	g_autofree char *wide = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
	GString *seen = g_string_new(NULL);

	for (const char *at = wide != NULL ? wide : ""; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at), next = g_utf8_get_char(g_utf8_next_char(at));
		char latin = html_host_skeleton(g_unichar_tolower(c));
		bool between = seen->len > 0 && is_token((guchar)seen->str[seen->len - 1]) && is_token(next);
		if (c == ' ' && is_beside_at(seen, at))
			continue;
		if (latin != '\0')
			g_string_append_c(seen, latin);
		else if (c == 0x3002 && between)
			g_string_append_c(seen, '.');
		else
			g_string_append_unichar(seen, c);
	}
	return g_string_free(seen, FALSE);
}

/* "Mr.Smith", "Node.js" and "Co.Ltd" are no hosts: the last label must be one of those that everybody knows,
 * or a country's, and not be written like a name. */
static bool is_known_end(const char *label)
{
	static const char *const known[] = { "com", "net", "org", "info", "biz", "edu", "gov", "mil", "int" };
	size_t length = strlen(label);
	bool name = g_ascii_isupper(label[0]) && g_ascii_islower(label[length - 1]);
	g_autofree char *lower = g_ascii_strdown(label, -1);

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (strcmp(lower, known[i]) == 0)
			return !name;
	}
	return length == 2 && !name && g_ascii_isalpha(lower[0]) &&
	       psl_is_public_suffix2(psl_builtin(), lower, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

static bool has_host_form(const char *host)
{
	const char *last = strrchr(host, '.');

	if (last == NULL || last == host || strstr(host, "..") != NULL || strpbrk(host, "_+@") != NULL)
		return false;
	return strlen(last + 1) >= 2 && strspn(last + 1, "0123456789-") != strlen(last + 1);
}

typedef struct {
	const char *party; /* whose address it really is */
	bool url;          /* the token follows "://" */
} Shown;

/* token: a run of the characters that addresses are made of. */
static bool token_is_other(const Shown *shown, const char *token)
{
	const char *at = strrchr(token, '@');
	const char *host = at != NULL ? at + 1 : token;
	bool www = g_ascii_strncasecmp(token, "www.", 4) == 0;

	if (at == token || !has_host_form(host))
		return false;
	if (at == NULL && !shown->url && !www && !is_known_end(strrchr(host, '.') + 1))
		return false;
	return !is_party(host, shown->party);
}

/* Does text hold an address or a host of somebody else? */
static bool shows_other(const char *text, const char *party)
{
	g_autofree char *seen = as_seen(text);

	for (const char *at = seen; *at != '\0';) {
		size_t length = 0;
		while (is_token((guchar)at[length]))
			length++;
		const Shown shown = { party, at - seen >= 3 && memcmp(at - 3, "://", 3) == 0 };
		const char *start = at, *end = at + length;
		while (start < end && strchr(".-_+@", *start) != NULL)
			start++;
		while (end > start && strchr(".-_+@", end[-1]) != NULL)
			end--;
		g_autofree char *token = g_strndup(start, (gsize)(end - start));
		if (token_is_other(&shown, token))
			return true;
		at += length > 0 ? length : 1;
	}
	return false;
}

/* ---- the signs
 * --------------------------------------------------------------------------------------------- */

typedef struct {
	ParsePlain *plain;
	GPtrArray *list[PARSE_ADDRESS_SLOTS]; /* of MailAddress that plain owns */
} Signs;

static void sign(const Signs *signs, MessageSign which, uint64_t value)
{
	parse_plain_counter(signs->plain, (ParseCounter)(PARSE_COUNTER_SIGN_FIRST + (int)which), value);
}

static const MailAddress *address_at(const GPtrArray *list, guint i)
{
	return g_ptr_array_index(list, i);
}

static bool names_other(const MailAddress *address)
{
	g_autofree char *party = party_of(address->domain);

	if (party[0] == '\0')
		return false; /* a From without an address is not written, and that is told */
	if (shows_other(address->name, party))
		return true;
	/* "boss@city.example"@evil.example */
	return strchr(address->local, '@') != NULL && shows_other(address->local, party);
}

static void judge_names(const Signs *signs)
{
	const GPtrArray *from = signs->list[PARSE_ADDRESS_FROM];

	for (guint i = 0; i < from->len; i++) {
		if (!names_other(address_at(from, i)))
			continue;
		sign(signs, MESSAGE_SIGN_SHOWN_ADDRESS, i + 1);
		return;
	}
}

static bool looks_alike(const MailAddress *address)
{
	uint32_t flags = 0;

	if (address->domain[0] != '\0')
		g_free(html_host_parse(address->domain, strlen(address->domain), &flags, NULL));
	return (flags & HTML_URL_LOOKALIKE) != 0;
}

static void judge_scripts(const Signs *signs)
{
	static const ParseAddress slots[] = { PARSE_ADDRESS_FROM, PARSE_ADDRESS_REPLY_TO,
		                              PARSE_ADDRESS_SENDER };
	guint before = 0;

	for (size_t s = 0; s < G_N_ELEMENTS(slots); s++) {
		const GPtrArray *list = signs->list[slots[s]];
		for (guint i = 0; i < list->len; i++) {
			if (!looks_alike(address_at(list, i)))
				continue;
			sign(signs, MESSAGE_SIGN_LOOK_ALIKE, before + i + 1);
			return;
		}
		before += list->len;
	}
}

/* Of all From fields: a second one is shown by some readers. */
static void judge_several(const Signs *signs, const ParseHead *head)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)parse_address_free);
	g_autoptr(GHashTable) different = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < head->fields->len; i++) {
		const ParseField *field = &g_array_index(head->fields, ParseField, i);
		if (parse_field_is(field, "From"))
			parse_addresses(field->value, all, PARSE_ADDRESSES_MAX);
	}
	for (guint i = 0; i < all->len; i++) {
		const MailAddress *address = address_at(all, i);
		g_autofree char *text = g_strconcat(address->local, "@", address->domain, NULL);
		if (address->domain[0] != '\0')
			g_hash_table_add(different, g_utf8_casefold(text, -1));
	}
	if (g_hash_table_size(different) > 1)
		sign(signs, MESSAGE_SIGN_SEVERAL_FROM, g_hash_table_size(different));
}

/* parties: a set of those of From. 0, or 1 + the place of the first address of another one. */
static guint first_elsewhere(const GPtrArray *list, GHashTable *parties)
{
	for (guint i = 0; i < list->len; i++) {
		g_autofree char *party = party_of(address_at(list, i)->domain);
		if (party[0] != '\0' && !g_hash_table_contains(parties, party))
			return i + 1;
	}
	return 0;
}

static const char *list_id_of(const ParsePlain *plain)
{
	for (guint i = 0; i < plain->strings->len; i++) {
		const ParseLine *line = &g_array_index(plain->strings, ParseLine, i);
		if (line->slot == PARSE_STRING_LIST_ID)
			return line->text;
	}
	return "";
}

/* Anybody can write a List-Id, so it turns the warning into a remark that names the address all the same. */
static void judge_replies(const Signs *signs, GHashTable *parties)
{
	const GPtrArray *reply_to = signs->list[PARSE_ADDRESS_REPLY_TO];
	const char *list = list_id_of(signs->plain);
	guint place = first_elsewhere(reply_to, parties);

	if (place == 0)
		return;
	g_autofree char *party = party_of(list);
	bool to_list = party[0] != '\0' && is_party(address_at(reply_to, place - 1)->domain, party);
	sign(signs, to_list ? MESSAGE_SIGN_REPLY_TO_LIST : MESSAGE_SIGN_REPLY_ELSEWHERE, place);
}

static void judge_others(const Signs *signs)
{
	const GPtrArray *from = signs->list[PARSE_ADDRESS_FROM];
	g_autoptr(GHashTable) parties = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < from->len; i++) {
		char *party = party_of(address_at(from, i)->domain);
		if (party[0] != '\0')
			g_hash_table_add(parties, party);
		else
			g_free(party);
	}
	if (g_hash_table_size(parties) == 0)
		return;
	judge_replies(signs, parties);
	guint sender = first_elsewhere(signs->list[PARSE_ADDRESS_SENDER], parties);
	if (sender > 0 && list_id_of(signs->plain)[0] == '\0')
		sign(signs, MESSAGE_SIGN_SENDER_ELSEWHERE, sender);
}

void parse_signs(const ParseHead *head, ParsePlain *plain)
{
	Signs signs = { .plain = plain };

	for (size_t slot = 0; slot < PARSE_ADDRESS_SLOTS; slot++)
		signs.list[slot] = g_ptr_array_new();
	for (guint i = 0; i < plain->addresses->len; i++) {
		const ParseAddressLine *line = &g_array_index(plain->addresses, ParseAddressLine, i);
		g_ptr_array_add(signs.list[line->slot], line->address);
	}
	judge_names(&signs);
	judge_scripts(&signs);
	judge_several(&signs, head);
	judge_others(&signs);
	for (size_t slot = 0; slot < PARSE_ADDRESS_SLOTS; slot++)
		g_ptr_array_unref(signs.list[slot]);
}
