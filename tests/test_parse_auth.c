/* Authentication-Results: whose they are, where they stand, what they say, and what somebody who writes into
 * them gains. */
#include "parse_code_priv.h"

#include <string.h>

#define AR "Authentication-Results: "
#define ID "edge.city.example"
#define TRACE "Received: from a by edge.city.example (Postfix); Fri, 20 Nov 2026 09:00:00 +0900\r\n"
#define FROM "From: a@b.example\r\n"

typedef struct {
	const char *name;
	const char *value; /* of the one field that stands above the edge's Received */
	const char *expected;
} Case;

static const Case cases[] = {
	/* As Debian's programs write them. */
	{ "opendkim",
	  ID ";\r\n\tdkim=pass (2048-bit key; unprotected) header.d=b.example header.i=@b.example "
	     "header.a=rsa-sha256 "
	     "header.s=s1 header.b=\"q+/x=\";\r\n\tdkim-atps=neutral",
	  "dkim=pass" },
	{ "opendmarc", ID "; dmarc=fail (p=reject dis=none) header.from=b.example", "dmarc=fail" },
	{ "opendkim-unsigned", ID "; dkim=none;\r\n\tdkim-atps=neutral", "dkim=none" },
	{ "opendkim-broken",
	  ID ";\r\n\tdkim=fail reason=\"signature verification failed\" (2048-bit key; unprotected) "
	     "header.d=b.example "
	     "header.b=PLKTTSDV;\r\n\tdkim-atps=neutral",
	  "dkim=fail" },
	{ "opendkim-no-from", ID "; dkim=permerror (bad message/signature format)", "dkim=permerror" },
	{ "opendmarc-spf", ID "; spf=none smtp.mailfrom=a@b.example", "spf=none" },
	{ "pyspf",
	  ID "; spf=Softfail (domain owner discourages use of this host) smtp.mailfrom=b.example "
	     "(client-ip=192.0.2.1; helo=mx.b.example; envelope-from=a@b.example; receiver=<UNKNOWN>)",
	  "spf=softfail" },
	{ "pyspf-folded",
	  ID "; spf=pass (sender SPF \r\n   authorized) smtp.mailfrom=sender.example (client-ip=192.0.2.10; "
	     "\r\n   "
	     "helo=mail.sender.example; envelope-from=citizen@sender.example; \r\n   receiver=<UNKNOWN>)",
	  "spf=pass" },
	{ "pyspf-nothing-checked", ID "; none (SPF check N/A for local connections - client-ip=127.0.0.1)",
	  "" },
	{ "all-in-one",
	  ID "; spf=pass smtp.mailfrom=a@b.example; dkim=pass header.d=b.example; dmarc=pass "
	     "header.from=b.example",
	  "spf=pass dkim=pass dmarc=pass" },
	/* The grammar. */
	{ "none", ID "; none", "" },
	{ "version", ID " 1; spf=pass", "spf=pass" },
	{ "version-with-comments", ID "(x) 1 (y) ; spf=pass", "spf=pass" },
	{ "another-version", ID " 2; spf=fail", "" },
	{ "method-version", ID "; spf/1=pass", "spf=pass" },
	{ "another-method-version", ID "; spf/2=pass", "" },
	{ "blanks-everywhere", ID " ; spf (a) = (b) pass (c) smtp . mailfrom (d) = (e) x", "spf=pass" },
	{ "folded", "\r\n " ID ";\r\n\tspf=pass\r\n\tsmtp.mailfrom=x;\r\n dmarc=none",
	  "spf=pass dmarc=none" },
	{ "nested-comment", ID "; spf=pass (a (b; dkim=pass) \\) c); dkim=neutral", "spf=pass dkim=neutral" },
	{ "reason", ID "; dkim=policy reason=\"too; dmarc=pass\" header.d=x", "dkim=policy" },
	{ "quoted-value", ID "; spf=fail smtp.mailfrom=\"a; dkim=pass \\\" x\"@b.example", "spf=fail" },
	{ "upper-case", "EDGE.City.Example; SPF=PASS; DKIM=Temperror; Dmarc=PermError",
	  "spf=pass dkim=temperror dmarc=permerror" },
	{ "last-semicolon", ID "; spf=pass;", "spf=pass" },
	{ "other-methods", ID "; iprev=pass policy.iprev=192.0.2.1; x-foo=fail; spf=neutral", "spf=neutral" },
	{ "method-is-a-prefix", ID "; spfx=pass; dkim-adsp=fail; xdmarc=pass", "" },
	{ "word-of-another-method", ID "; dmarc=softfail; spf=quarantine; dkim=softfail", "" },
	{ "hardfail", ID "; spf=hardfail", "spf=fail" },
	/* Whose. */
	{ "another-id", "mx.b.example; spf=pass", "" },
	{ "id-is-a-prefix", ID ".evil.example; spf=pass", "" },
	{ "id-is-an-end", "x." ID "; spf=pass", "" },
	{ "id-with-a-dot", ID ".; spf=pass", "" },
	{ "id-in-quotes", "\"" ID "\"; spf=pass", "" },
	{ "id-in-comment", "(" ID "); spf=pass", "" },
	{ "id-after-comment", "(x) " ID "; spf=pass", "" },
	{ "id-split-by-comment", "edge.(x)city.example; spf=pass", "" },
	{ "id-split-by-blank", "edge. city.example; spf=pass", "" },
	{ "id-goes-on", ID "@b.example; spf=pass", "" },
	{ "id-slash", ID "/x; spf=pass", "" },
	{ "no-id", "; spf=pass", "" },
	{ "no-id-but-results", "spf=pass; " ID "; dkim=pass", "" },
	{ "empty", "", "" },
	{ "id-alone", ID, "" },
	/* Two results: the worse one, but of signatures. */
	{ "spf-twice", ID "; spf=pass; spf=fail", "spf=fail" },
	{ "spf-twice-turned", ID "; spf=fail; spf=pass", "spf=fail" },
	{ "dmarc-twice", ID "; dmarc=pass; dmarc=none", "dmarc=none" },
	{ "dkim-twice", ID "; dkim=fail header.d=x; dkim=pass header.d=y", "dkim=pass" },
	{ "dkim-twice-turned", ID "; dkim=pass header.d=y; dkim=fail header.d=x", "dkim=pass" },
	{ "dkim-none-passes", ID "; dkim=none; dkim=fail; dkim=temperror", "dkim=fail" },
	/* Damage takes a pass away, never a failure. */
	{ "no-semicolon", ID "; dkim=fail dkim=pass", "dkim=fail" },
	{ "result-missing", ID "; spf=fail; dkim=", "spf=fail" },
	{ "pass-and-damage", ID "; spf=pass; dkim", "" },
	{ "comment-open", ID "; dmarc=fail; dkim=pass (x", "dmarc=fail" },
	{ "comment-ends-twice", ID "; dkim=pass (x))", "" },
	{ "comment-ends-in-backslash", ID "; dkim=pass (x\\", "" },
	{ "quote-open", ID "; dkim=pass header.i=\"x", "" },
	{ "quote-ends-in-backslash", ID "; dkim=pass header.i=\"x\\", "" },
	{ "control", ID "; dkim=pass header.i=a\001b", "" },
	{ "8-bit", ID "; dkim=pass header.i=\xE3\x81\x82 (\xFF)", "dkim=pass" },
	{ "property-without-value", ID "; spf=pass smtp.mailfrom", "" },
	/* HELO and sender stand in a comment of the SPF filter as they came. */
	{ "helo-breaks-out",
	  ID "; spf=fail (x) smtp.mailfrom=b.example (client-ip=192.0.2.1; helo=x) ; dkim=pass ; "
	     "dmarc=pass ; spf=pass (; envelope-from=a@b.example; receiver=<UNKNOWN>)",
	  "spf=fail" },
	{ "sender-breaks-out", ID "; none (SPF check N/A - envelope-from=\"a) ; dkim=pass (b\"@c.example)",
	  "" },
	{ "sender-breaks-out-and-fails", ID "; none (x HELO=a); dmarc=fail (b)", "" },
	{ "explanation-breaks-out",
	  ID "; spf=fail (see http://c.example) ; dkim=pass ; dmarc=pass (x) smtp.mailfrom=c", "spf=fail" },
	{ "error-breaks-out", ID "; spf=permerror (Unknown mechanism: x) ; dkim=pass (y)", "spf=permerror" },
	{ "comment-of-a-pass",
	  ID "; spf=pass (sender SPF authorized); dkim=pass (2048-bit key); dmarc=pass (p=none)",
	  "spf=pass dkim=pass dmarc=pass" },
	{ "explanation-of-a-failure-only", ID "; dkim=fail (x); spf=pass; dmarc=pass",
	  "spf=pass dkim=fail dmarc=pass" },
	/* opendmarc writes the HELO as it came. */
	{ "helo-of-opendmarc", ID "; spf=fail smtp.helo=x; dkim=pass; dmarc=pass; spf=pass", "spf=fail" },
	{ "helo-is-not-the-sender", ID "; spf=pass smtp.helo=mx.b.example", "" },
	{ "helo-and-a-sender-in-it", ID "; spf=pass SMTP . Helo=x smtp.mailfrom=y", "" },
	{ "helo-behind-the-sender", ID "; spf=pass smtp.mailfrom=y smtp.helo=x; dkim=pass", "spf=pass" },
	{ "helo-that-fails", ID "; spf=softfail smtp.helo=mx.b.example", "spf=softfail" },
	{ "own-result-before-it", ID "; spf=pass (x) smtp.mailfrom=b.example (helo=y); dkim=fail",
	  "spf=pass dkim=fail" },
};

static char *results_of(const char *mail, size_t bytes, const char *authserv_id, bool one_hop)
{
	static const ParseLimits limits = { 262144, 59000, 1000, PARSE_DEPTH_MAX, 1000, 65536 };
	g_autoptr(ParseHead) head = parse_limits_head((ParseRange) { (const uint8_t *)mail, bytes }, &limits);
	g_autoptr(ParsePlain) plain = parse_plain_new();
	static const char *const methods[] = { "spf", "dkim", "dmarc" };
	static const char *const results[AUTH_RESULT_COUNT] = {
		"unknown", "none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror",
	};
	GString *text = g_string_new(NULL);

	parse_auth(head, authserv_id, one_hop, plain);
	for (unsigned i = 0; i < AUTH_METHODS; i++) {
		uint64_t value = plain->counter[PARSE_COUNTER_AUTH_SPF + i];
		if ((plain->has_counter & 1U << (PARSE_COUNTER_AUTH_SPF + i)) == 0)
			continue;
		g_assert_cmpuint(value, <, AUTH_RESULT_COUNT);
		g_string_append_printf(text, "%s%s=%s", text->len > 0 ? " " : "", methods[i], results[value]);
	}
	return g_string_free(text, FALSE);
}

static void assert_results(const char *mail, bool one_hop, const char *expected)
{
	g_autofree char *found = results_of(mail, strlen(mail), ID, one_hop);
	g_assert_cmpstr(found, ==, expected);
}

static void test_case(gconstpointer data)
{
	const Case *c = data;
	g_autofree char *mail = g_strconcat(AR, c->value, "\r\n", TRACE, FROM, "\r\n", NULL);
	g_autofree char *below = g_strconcat(TRACE, AR, c->value, "\r\n", FROM, "\r\n", NULL);

	assert_results(mail, false, c->expected);
	assert_results(below, false, "");
	assert_results(below, true, "");
}

static const struct {
	const char *name;
	const char *mail;
	const char *behind_edge;
	const char *one_hop;
} places[] = {
	/* Seen behind Postfix 3.7 with opendkim and opendmarc of Debian 12, below it a field of the sender.
	 */
	{ "debian",
	  AR ID "; dmarc=fail (p=reject dis=none) header.from=sender.example\r\n" AR ID
	        "; spf=pass smtp.mailfrom=attacker.example\r\n" AR ID
	        ";\r\n\tdkim=none;\r\n\tdkim-atps=neutral\r\n" TRACE FROM AR ID "; dmarc=pass; dkim=pass\r\n",
	  "spf=pass dkim=none dmarc=fail", "spf=pass dkim=none dmarc=fail" },
	{ "debian-no-from",
	  "Authentication-Results:" ID "; dkim=permerror (bad message/signature format)\r\n" TRACE,
	  "dkim=permerror", "dkim=permerror" },
	{ "three-fields", AR ID "; spf=pass\r\n" AR ID "; dmarc=fail\r\n" AR ID "; dkim=pass\r\n" TRACE FROM,
	  "spf=pass dkim=pass dmarc=fail", "spf=pass dkim=pass dmarc=fail" },
	{ "worse-in-another-field", AR ID "; dmarc=pass\r\n" AR ID "; dmarc=fail\r\n" TRACE FROM,
	  "dmarc=fail", "dmarc=fail" },
	/* A filter writes all signatures into one field. */
	{ "dkim-in-another-field", AR ID "; dkim=pass\r\n" AR ID "; dkim=none\r\n" TRACE FROM, "dkim=none",
	  "dkim=none" },
	{ "other-fields-between",
	  "Return-Path: <a@b.example>\r\n" AR ID "; spf=pass\r\nX-A: b\r\n" AR
	  "x.example; dkim=pass\r\n" TRACE FROM,
	  "spf=pass", "spf=pass" },
	{ "below-the-trace", TRACE AR ID "; dmarc=pass\r\n" FROM, "", "" },
	{ "above-and-below", AR ID "; spf=fail\r\n" TRACE AR ID "; spf=pass; dkim=pass\r\n" FROM, "spf=fail",
	  "spf=fail" },
	{ "trace-with-a-blank", "Received : x\r\n" AR ID "; dmarc=pass\r\n" TRACE FROM, "", "" },
	{ "trace-in-small-letters", "received: x\r\n" AR ID "; dmarc=pass\r\n" TRACE FROM, "", "" },
	{ "trace-of-another-name", "Received-SPF: pass\r\n" AR ID "; dmarc=pass\r\n" TRACE FROM, "dmarc=pass",
	  "dmarc=pass" },
	/* Behind an edge there always is one: without it the mail came another way. */
	{ "no-trace", AR ID "; dmarc=pass\r\n" FROM, "", "dmarc=pass" },
	{ "name-is-longer",
	  "X-" AR ID "; spf=pass\r\nAuthentication-Results-X: " ID "; dkim=pass\r\n" TRACE FROM, "", "" },
	{ "name-in-capitals", "AUTHENTICATION-RESULTS:" ID ";spf=pass\r\n" TRACE FROM, "spf=pass",
	  "spf=pass" },
	{ "arc", "ARC-" AR "i=1; " ID "; spf=pass\r\n" TRACE FROM, "", "" },
	{ "in-the-body", TRACE FROM "\r\n" AR ID "; dmarc=pass\r\n", "", "" },
	{ "nothing", "", "", "" },
};

static void test_places(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_test_message("%s", places[i].name);
		assert_results(places[i].mail, false, places[i].behind_edge);
		assert_results(places[i].mail, true, places[i].one_hop);
	}
}

/* Without a setting nobody is believed, however the field is written. */
static void test_nobody(void)
{
	static const char mail[] = AR ID "; spf=pass\r\n" AR "; dkim=pass\r\n" AR "\r\n" TRACE FROM;
	g_autofree char *found = results_of(mail, sizeof mail - 1, "", false);
	g_assert_cmpstr(found, ==, "");
}

static char *repeat(const char *text, unsigned times)
{
	GString *out = g_string_new(NULL);
	for (unsigned i = 0; i < times; i++)
		g_string_append(out, text);
	return g_string_free(out, FALSE);
}

/* A field that a cap has cut must not seem whole. */
static void test_huge(void)
{
	g_autofree char *filler = repeat("header.d=x ", 6000);
	g_autofree char *mail =
	        g_strconcat(AR ID "; spf=pass; dmarc=fail; dkim=pass ", filler, "\r\n" TRACE FROM, NULL);
	assert_results(mail, false, "dmarc=fail");
	g_autofree char *comments = repeat("(", 50000);
	g_autofree char *deep =
	        g_strconcat(AR ID "; dmarc=fail; spf=pass ", comments, "\r\n" TRACE FROM, NULL);
	assert_results(deep, false, "dmarc=fail");
}

static void test_many(void)
{
	g_autofree char *same = repeat(AR ID "; spf=pass\r\n", 999);
	g_autofree char *mail = g_strconcat(same, TRACE, FROM, NULL);
	assert_results(mail, false, "spf=pass");
	g_autofree char *more = g_strconcat(same, same, TRACE, FROM, NULL);
	/* The trace is past the cap on fields: whose they are cannot be told. */
	assert_results(more, false, "");
	g_autofree char *results = repeat(" ;dkim=fail", 5000);
	g_autofree char *long_field = g_strconcat(AR ID, results, "; dkim=pass\r\n" TRACE FROM, NULL);
	assert_results(long_field, false, "dkim=pass");
}

/* Every beginning of a field is a field: none may say better things than the whole of it. */
static void test_cut_anywhere(void)
{
	static const char field[] =
	        AR ID " 1; spf=fail (a (b) c) smtp.mailfrom=\"x y\"@z; dmarc=fail reason=\"q\"";
	for (size_t n = 0; n < sizeof field; n++) {
		g_autofree char *cut = g_strndup(field, n);
		g_autofree char *mail = g_strconcat(cut, "\r\n" TRACE FROM, NULL);
		g_autofree char *found = results_of(mail, strlen(mail), ID, false);
		g_assert_null(strstr(found, "pass"));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strconcat("/parse-auth/case/", cases[i].name, NULL);
		g_test_add_data_func(path, &cases[i], test_case);
	}
	g_test_add_func("/parse-auth/places", test_places);
	g_test_add_func("/parse-auth/nobody", test_nobody);
	g_test_add_func("/parse-auth/huge", test_huge);
	g_test_add_func("/parse-auth/many", test_many);
	g_test_add_func("/parse-auth/cut-anywhere", test_cut_anywhere);
	return g_test_run();
}
