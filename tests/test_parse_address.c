/* parse_address: lists as real and hostile mail writes them. */
#include "parse_code_priv.h"

#include <string.h>

typedef struct {
	const char *name;
	const char *value;
	const char *expected; /* "name|local|domain" joined by newlines */
} AddressCase;

static const AddressCase cases[] = {
	{ "bare", " a@example.jp", "|a|example.jp" },
	{ "angle", "Taro Yamada <a@example.jp>", "Taro Yamada|a|example.jp" },
	{ "quoted name", "\"Yamada, Taro\" <a@b>", "Yamada, Taro|a|b" },
	{ "escaped quote", "\"a \\\"b\\\" c\" <a@b>", "a \"b\" c|a|b" },
	{ "two", "a@b, c@d", "|a|b\n|c|d" },
	{ "empty items", ",, a@b ,;, c@d,", "|a|b\n|c|d" },
	{ "word", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= <a@b>", "日本|a|b" },
	{ "word in quotes", "\"=?utf-8?B?5pel?=\" <a@b>", "日|a|b" },
	{ "comma in a word", "=?utf-8?Q?Yamada,_<x@y>?= <a@b>", "Yamada, <x@y>|a|b" },
	{ "raw utf-8", "日本 <a@b>", "日本|a|b" },
	{ "raw jis with specials", "\x1b$B!<,,K\\\x1b(B <a@b>", NULL },
	{ "comment name", "a@b (Taro)", "Taro|a|b" },
	{ "nested comment", "a@b (x (y) z)", "x (y) z|a|b" },
	{ "comment inside", "Taro (office) <a@b>", "Taro|a|b" },
	{ "group", "friends: a@b, Taro <c@d>;", "|a|b\nTaro|c|d" },
	{ "empty group", "undisclosed-recipients:;", "" },
	{ "route", "Taro <@x,@y:a@b>", "Taro|a|b" },
	{ "quoted local", "<\"a b\"@c>", "|a b|c" },
	{ "at in a quoted local", "\"a@b\"@c", "|a@b|c" },
	{ "last at", "a@b@evil.example", "|a@b|evil.example" },
	{ "address as name", "\"boss@example.jp\" <x@evil.example>", "boss@example.jp|x|evil.example" },
	{ "second angle", "<a@b> <c@d>", "|a|b\n|c|d" },
	{ "forgotten commas", "Taro <a@b> Jiro Y. <c@d>\r\n Saburo <e@f> (office)",
	  "Taro|a|b\nJiro Y.|c|d\nSaburo|e|f" },
	{ "angle in an angle", "Taro <<a@b>>", "Taro|a|b" },
	{ "name behind the angle", "<a@b> Taro Yamada", "Taro Yamada|a|b" },
	{ "apostrophes", "'a@b.jp'; <'c@d.jp'>, 'Taro' <e@f>", "|a|b.jp\n|c|d.jp\n'Taro'|e|f" },
	{ "one apostrophe", "o'neil@b.jp, 'a@b.jp", "|o'neil|b.jp\n|'a|b.jp" },
	{ "address in a word", "=?utf-8?Q?Taro_=3Ca=40b=2Ejp=3E?=", "Taro <a@b.jp>||" },
	{ "literal", "a@[192.0.2.1], b@[IPv6:2001:db8::1]", "|a|[192.0.2.1]\n|b|[IPv6:2001:db8::1]" },
	{ "no domain", "root", "|root|" },
	{ "phrase alone", "Taro Yamada", "Taro Yamada||" },
	{ "null", "<>", "" },
	{ "unclosed angle", "Taro <a@b", "Taro|a|b" },
	{ "unclosed angle, next", "Taro <a@b, c@d", "Taro|a|b\n|c|d" },
	{ "unclosed quote", "\"Taro <a@b>", "Taro|a|b" },
	{ "unclosed quote, escaped ones", "\"Ta\\\"ro <a@b>, \\\"c@d", "Ta\\ro|a|b\n|\\c|d" },
	{ "quote in the middle of a name", "Taro \"Yamada <a@b>, Jiro <c@d>", "Taro Yamada|a|b\nJiro|c|d" },
	{ "unclosed comment", "Taro (office <a@b>", "Taro (office|a|b" },
	{ "unclosed comment in a comment", "Taro ((x) <a@b>", "Taro ((x)|a|b" },
	{ "closed before unclosed", "a@b (Taro), c@d (Jiro", "Taro|a|b\n(Jiro|c|d" },
	{ "name and bare address", "Taro Yamada a@b", "Taro Yamada|a|b" },
	{ "quoted name and bare address", "\"Yamada Y.\" a@b", "Yamada Y.|a|b" },
	{ "initial and bare address", "Taro Y. a@b.jp", "Taro Y.|a|b.jp" },
	{ "word and bare address", "=?utf-8?B?5pel?= a@b", "日|a|b" },
	{ "bare address and name", "a@b Taro", "Taro|a|b" },
	{ "bare address among words", "Taro a@b.jp (office) desk", "Taro desk|a|b.jp" },
	{ "two bare addresses, no comma", "a@b c@d", "a@b|c|d" },
	{ "blanks in a bare address", "a . b @ c . jp", "|a.b|c.jp" },
	{ "blanks in an angle", "Taro <a . b @ c\r\n . jp>, <\"a . b\"@c . jp>",
	  "Taro|a.b|c.jp\n|a . b|c.jp" },
	{ "at among words", "Taro @ Tokyo office", "Taro @ Tokyo office||" },
	{ "folded quoted local", "<\"a\r\n b\"@c>", "|a b|c" },
	{ "quoted local behind a name", "Taro \"a b\"@c", "Taro|a b|c" },
	{ "mailto", "<mailto:a@b>, MAILTO:c@d", "|a|b\n|c|d" },
	{ "mailto with a control character in it", "<m\001ailto:a@b>", "|a|b" },
	{ "mailto twice", "<mailto:MailTo:a@b>", "|a|b" },
	{ "comment for an empty name", " (Taro) <a@b>", "Taro|a|b" },
	{ "two dots", "abc..def.@docomo.example", "|abc..def.|docomo.example" },
	{ "idn", "<a@日本語.jp>", "|a|日本語.jp" },
	{ "group of a group", "a: b: c@d;, e@f;", "|c|d\n|e|f" },
	{ "undisclosed, with blanks", " undisclosed-recipients: ;", "" },
	{ "raw sjis", "\x95\x5c\x81\x40\x94\x5c\x97\xcd\x82\xcc\x83\x81\x81\x5b\x83\x8b <a@b>",
	  "表　能力のメール|a|b" },
	{ "raw sjis in quotes", "\"\x93\xfa\x96\x7b\x82\xcc\x95\x5c\" <a@b>, \"\x83\x5c\" <c@d>",
	  "日本の表|a|b\nソ|c|d" },
	{ "raw sjis in a comment", "a@b (\x93\xfa\x96\x7b\x82\xcc\x95\x5c)", "日本の表|a|b" },
	{ "raw sjis, literals", "\x93\xfa\x96\x7b\x82\xcc\x83\x81\x81\x5b <a@b>, \x83\x5d\x82\xcc <c@d>",
	  "日本のメー|a|b\nゾの|c|d" },
	{ "raw euc", "\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce <a@b>", "日本語の|a|b" },
	{ "raw gbk by a word", "=?gb2312?B?xOM=?= \x83\x5c\x81\x40 <a@b>", NULL },
	{ "raw jis in quotes", "\"\x1b$B!\"F|\x1b(B\" <a@b>", "、日|a|b" },
	{ "raw jis kana", "\x1b(I,\"<\x1b(B <a@b>", "ｬ｢ｼ|a|b" },
	{ "raw jis, two sets", "\x1b$BF|\x1b$(D0\"\x1b$B\"(\x1b(B <a@b>", NULL },
	{ "raw jis without its end", "\x1b$BF|K\\\r\n <a@b>", "日本|a|b" },
	{ "escape that is none", "\x1b(\"x\" <a@b>", NULL },
	{ "fold", "Taro\r\n Yamada\r\n\t<a@b>", "Taro Yamada|a|b" },
	{ "blanks in the address", "< a @ b >", "|a|b" },
	{ "line end in a word", "=?utf-8?Q?x=0D=0ABcc:_y?= <a@b>", "x Bcc: y|a|b" },
};

static char *render(const GPtrArray *list)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		const MailAddress *a = g_ptr_array_index(list, i);
		g_string_append_printf(out, "%s%s|%s|%s", i > 0 ? "\n" : "", a->name, a->local, a->domain);
	}
	return g_string_free(out, FALSE);
}

static GPtrArray *parse(const char *value, size_t length, size_t max, bool *ret_whole)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)parse_address_free);
	g_autofree uint8_t *bytes = g_memdup2(value, length);

	*ret_whole = parse_addresses((ParseRange) { bytes, length }, list, max);
	return list;
}

static void test_case(gconstpointer data)
{
	const AddressCase *c = data;
	bool whole = false;
	g_autoptr(GPtrArray) list = parse(c->value, strlen(c->value), 1000, &whole);
	g_autofree char *text = render(list);

	g_assert_true(whole);
	if (c->expected != NULL) {
		g_assert_cmpstr(text, ==, c->expected);
		return;
	}
	/* kanji bytes that look like `<` and `,`: one mailbox, and its address is right */
	g_assert_cmpuint(list->len, ==, 1);
	g_assert_true(g_str_has_suffix(text, "|a|b"));
}

static void test_cap(void)
{
	g_autoptr(GString) many = g_string_new(NULL);
	bool whole = true;

	for (unsigned i = 0; i < 1001; i++)
		g_string_append_printf(many, "%su%u@b", i > 0 ? ", " : "", i);
	g_autoptr(GPtrArray) cut = parse(many->str, many->len, 1000, &whole);
	g_assert_false(whole);
	g_assert_cmpuint(cut->len, ==, 1000);
	g_autoptr(GPtrArray) all = parse(many->str, many->len, 1001, &whole);
	g_assert_true(whole);
	g_assert_cmpuint(all->len, ==, 1001);
}

static void test_floods(void)
{
	static const char *const pieces[] = { "a:", "(", "\"", "<",     "@",          "[",
		                              "<@", ";", ",",  "\x1b$", "=?utf-8?q?", "\\" };

	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		g_autoptr(GString) flood = g_string_new(NULL);
		while (flood->len < 1000000)
			g_string_append(flood, pieces[p]);
		bool whole = false;
		gint64 start = g_get_monotonic_time();
		g_autoptr(GPtrArray) list = parse(flood->str, flood->len, 1000, &whole);
		g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
		g_assert_cmpuint(list->len, <=, 1000);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strdup_printf("/address/%s", cases[i].name);
		g_test_add_data_func(path, &cases[i], test_case);
	}
	g_test_add_func("/address/cap", test_cap);
	g_test_add_func("/address/floods", test_floods);
	return g_test_run();
}
