/* parse_signs and the names of files: what looks odd about a mail, and what must not. */
#include "parse_code_priv.h"
#include "parse_structure_priv.h"

#include <string.h>

static const ParseLimits limits = { 262144, 59000, 1000, PARSE_DEPTH_MAX, 1000, 65536 };

typedef struct {
	const char *name;
	const char *head;
	const char *expected; /* "sign=number", in the order of MessageSign */
} SignCase;

#define FROM(text) "From: " text "\r\n"
#define TARO "\"taro@city.example.lg.jp\""

static const SignCase sign_cases[] = {
	/* nothing odd */
	{ "plain", FROM("=?UTF-8?B?5bGx55Sw?= <yamada@example.jp>"), "" },
	{ "own address as the name", FROM("\"a@Example.JP\" <A@example.jp>"), "" },
	{ "same party", FROM("\"info@shop.example.co.jp\" <news@mail.example.co.jp>"), "" },
	{ "own host as the name", FROM("Booking.com <noreply@mailer.booking.com>"), "" },
	{ "own URL as the name", FROM("\"https://www.example.jp/\" <a@example.jp>"), "" },
	{ "names with dots",
	  FROM("\"Dr.Smith (Node.js, Co.Ltd, Vol.12, No.1, 3.5GB) J.R.R. Tolkien\" <a@example.jp>"), "" },
	{ "name like a country's host", FROM("\"Mr.It\" <a@example.jp>"), "" },
	{ "at alone", FROM("\"taro @ city\" <a@example.jp>"), "" },
	{ "twitter", FROM("\"@taro via list\" <a@example.jp>"), "" },
	{ "same organisation answers", FROM("news@mail.example.co.jp") "Reply-To: info@example.co.jp\r\n",
	  "" },
	{ "two From of which one answers", FROM("a@one.example") "Reply-To: b@one.example, a@one.example\r\n",
	  "" },
	{ "own sender", FROM("a@one.example") "Sender: system@mail.one.example\r\n", "" },
	{ "list's sender",
	  FROM("a@one.example") "Sender: l-bounces@two.example\r\nList-Id: <l.two.example>\r\n", "" },
	{ "Japanese domain", FROM("a@xn--wgv71a119e.example.jp") "Reply-To: a@日本語.example.jp\r\n", "" },
	{ "no From", "Reply-To: a@one.example\r\nSender: b@two.example\r\n", "" },
	{ "no address in From", FROM(TARO) "Reply-To: a@one.example\r\n", "" },
	/* names */
	{ "address as the name", FROM(TARO " <evil@evil.example>"), "shown-address=1" },
	{ "address within the name",
	  FROM("=?UTF-8?B?5biC6ZW3?= taro@city.example.lg.jpです <e@evil.example>"), "shown-address=1" },
	{ "address in brackets", FROM("\"Taro <taro@city.example.lg.jp>\" <evil@evil.example>"),
	  "shown-address=1" },
	{ "full width", FROM("\"taro＠city．example．lg．jp\" <e@evil.example>"), "shown-address=1" },
	{ "full width letters", FROM("\"ｔ@ｃity.example.jp\" <e@evil.example>"), "shown-address=1" },
	{ "Japanese dots", FROM("\"taro@city。example｡jp\" <e@evil.example>"), "shown-address=1" },
	{ "other scripts' letters", FROM("\"tаro@city.exаmple.jp\" <e@evil.example>"), "shown-address=1" },
	{ "comment", FROM("evil@evil.example (taro@city.example.lg.jp)"), "shown-address=1" },
	{ "encoded word", FROM("=?utf-8?q?taro=40city.example.lg.jp?= <evil@evil.example>"),
	  "shown-address=1" },
	{ "invisible inside", FROM("\"taro@city\xe2\x80\x8b.example.lg.jp\" <evil@evil.example>"),
	  "shown-address=1" },
	{ "blanks around the @", FROM("\"taro  @ city.example.lg.jp\" <evil@evil.example>"),
	  "shown-address=1" },
	{ "wide blanks around the @", FROM("\"taro\u3000＠\u3000city.example.lg.jp\" <evil@evil.example>"),
	  "shown-address=1" },
	{ "at a place", FROM("\"Taro @ Tokyo office\" <taro@one.example>"), "" },
	{ "host", FROM("\"Amazon.co.jp\" <evil@evil.example>"), "shown-address=1" },
	{ "host before Japanese", FROM("\"Amazon.co.jpカスタマー\" <e@evil.example>"), "shown-address=1" },
	{ "www", FROM("\"www.bank.tokyo\" <evil@evil.example>"), "shown-address=1" },
	{ "URL", FROM("\"https://bank.test/login\" <evil@evil.example>"), "shown-address=1" },
	{ "subdomain that starts alike", FROM("\"bank.co.jp\" <a@bank.co.jp.evil.example>"),
	  "shown-address=1" },
	{ "quoted local part", FROM("\"taro@city.example.lg.jp\"@evil.example"), "shown-address=1" },
	{ "second address", FROM("a@one.example, \"x@two.example\" <b@one.example>"),
	  "shown-address=2 several-from=2" },
	/* several */
	{ "several", FROM("a@one.example, b@one.example, A@one.example"), "several-from=2" },
	{ "several fields", FROM("a@one.example") FROM("b@two.example"), "several-from=2" },
	{ "the same twice", FROM("a@one.example") FROM("A <a@One.example>"), "" },
	/* elsewhere */
	{ "answers elsewhere", FROM("a@one.example") "Reply-To: a@one.example, b@two.example\r\n",
	  "reply-elsewhere=2" },
	{ "other town below one suffix", FROM("a@city.one.lg.jp") "Reply-To: a@city.two.lg.jp\r\n",
	  "reply-elsewhere=1" },
	{ "answers to the list",
	  FROM("a@one.example") "Reply-To: l@lists.two.example\r\nList-Id: L <l.two.example>\r\n",
	  "reply-to-list=1" },
	{ "answers past the list",
	  FROM("a@one.example") "Reply-To: x@evil.example\r\nList-Id: <l.two.example>\r\n",
	  "reply-elsewhere=1" },
	{ "sender elsewhere", FROM("a@one.example") "Sender: b@two.example\r\n", "sender-elsewhere=1" },
	/* scripts */
	{ "mixed scripts", FROM("a@аpple.com"), "look-alike-domain=1" },
	{ "mixed scripts in punycode", FROM("a@xn--pple-43d.com"), "look-alike-domain=1" },
	{ "all Cyrillic like Latin", FROM("a@аррӏе.com"), "look-alike-domain=1" },
	{ "mixed scripts in answers", FROM("a@one.example, b@one.example") "Reply-To: a@xn--pple-43d.com\r\n",
	  "look-alike-domain=3 several-from=2 reply-elsewhere=1" },
};

static char *signs_of(const ParsePlain *plain)
{
	GString *text = g_string_new(NULL);

	for (unsigned s = 0; s < MESSAGE_SIGNS; s++) {
		uint64_t value = plain->counter[PARSE_COUNTER_SIGN_FIRST + (int)s];
		if (value > 0)
			g_string_append_printf(text, "%s%s=%u", text->len > 0 ? " " : "",
			                       message_sign_name((MessageSign)s), (unsigned)value);
	}
	return g_string_free(text, FALSE);
}

static void test_signs(gconstpointer data)
{
	const SignCase *c = data;
	g_autofree char *mail = g_strconcat(c->head, "\r\n", NULL);
	g_autoptr(ParseHead) head =
	        parse_limits_head((ParseRange) { (const uint8_t *)mail, strlen(mail) }, &limits);
	g_autoptr(ParsePlain) plain = parse_plain_new();

	parse_headers(head, plain);
	parse_signs(head, plain);
	g_autofree char *found = signs_of(plain);
	g_assert_cmpstr(found, ==, c->expected);
}

typedef struct {
	const char *name;
	const char *parameters; /* of a Content-Disposition */
	bool disguised;
	const char *content; /* base64; NULL: a letter */
} NameCase;

/* The head of a Windows program that does nothing. */
static const char program[] = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                              "AAAAQAAAAFBFAABMAQMAAAAAAAAAAAAAAAAA4AACAQsBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                              "AAAAAAAAAAAAAAAAAA==";

static const NameCase name_cases[] = {
	{ "document", "filename=a.pdf", false, NULL },
	{ "program", "filename=setup.exe", false, NULL },
	{ "script", "filename=jquery.min.js", false, NULL },
	{ "version", "filename=tool-1.2.exe", false, NULL },
	{ "two endings", "filename=a.tar.gz", false, NULL },
	{ "double", "filename=invoice.pdf.exe", true, NULL },
	{ "double, capitals", "filename=INVOICE.PDF.EXE", true, NULL },
	{ "double, Japanese", "filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf.exe", true, NULL },
	{ "double, blank", "filename=\"invoice.pdf .exe\"", true, NULL },
	{ "double, shortcut", "filename=invoice.xlsx.lnk", true, NULL },
	{ "override", "filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8%E2%80%AEfdp.exe", true, NULL },
	{ "override of a document", "filename*=UTF-8''a%E2%80%AEexe.pdf", false, NULL },
	{ "blanks", "filename=\"invoice                    .exe\"", true, NULL },
	{ "wide blanks", "filename*=UTF-8''a%E3%80%80%E3%80%80%E3%80%80%E3%80%80%E3%80%80.scr", true, NULL },
	{ "blanks of a document", "filename=\"my         file.pdf\"", false, NULL },
	{ "few blanks", "filename=\"my  set up.exe\"", false, NULL },
	{ "two names", "filename=a.pdf; filename*=UTF-8''b.exe", true, NULL },
	{ "two names, a package", "filename=a.pdf; filename*=UTF-8''b.msix", true, NULL },
	{ "two names, macros", "filename*=UTF-8''a.dotm; filename=b.docx", true, NULL },
	{ "two names, a long ending", "filename=a.pdf; filename*=UTF-8''b.settingcontent-ms", true, NULL },
	{ "a NUL behind the program", "filename*=UTF-8''a.exe%00.pdf", true, NULL },
	{ "no semicolon before the program", "filename=a.pdf; x=y\r\nContent-Type: a/b name=b.exe", true,
	  NULL },
	{ "two names, both programs", "filename=a.exe; filename*=UTF-8''b.exe", false, NULL },
	{ "dots at the end", "filename=\"invoice.pdf.exe. . \"", true, NULL },
	{ "program called a picture", "filename=photo.jpg", true, program },
	{ "program called a program", "filename=setup.exe", false, program },
	{ "program without an ending", "filename=setup", false, program },
};

static void test_name(gconstpointer data)
{
	const NameCase *c = data;
	g_autofree char *mail = g_strconcat(
	        "From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
	        "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; ",
	        c->parameters, "\r\nContent-Transfer-Encoding: base64\r\n\r\n",
	        c->content != NULL ? c->content : "TQ==", "\r\n--b--\r\n", NULL);
	uint8_t arena[1024];
	const ParseJob job = { .request = PARSE_REQUEST_MESSAGE,
		               .arena = arena,
		               .arena_size = sizeof arena,
		               .input = { (const uint8_t *)mail, strlen(mail) },
		               .limits = limits };
	g_autoptr(ParseHead) head = parse_limits_head(job.input, &limits);
	g_autoptr(ParsePlain) plain = parse_plain_new();

	parse_mime(&job, head, plain);
	g_assert_cmpuint(plain->parts->len, ==, 1);
	uint32_t flags = g_array_index(plain->parts, PlainRecord, 0).part.flags;
	g_assert_cmpint((flags & MESSAGE_PART_NAME_DISGUISED) != 0, ==, c->disguised);
	g_autofree char *found = signs_of(plain);
	g_assert_cmpstr(found, ==, c->disguised ? "disguised-name=1" : "");
}

/* 59,000 bytes of anything in From and Reply-To: no check may take longer than the limit of a mail's parser
 * allows. */
static void test_floods(void)
{
	static const char *const pieces[] = { "a@b.com,", "\"x.com y.org z.jp\" <a@b.com>,",
		                              ".",        "@",
		                              "a.",       "\"a@b.com\"@c.org,",
		                              "a@а.com,", "://a",
		                              "。",       "a@a.a.a.a.a.a.a.a.a.jp," };

	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		g_autoptr(GString) mail = g_string_new("From: ");
		while (mail->len < 58000)
			g_string_append(mail, pieces[p]);
		g_autofree char *from = g_strdup(mail->str + strlen("From: "));
		g_string_append_printf(mail, "\r\nReply-To: %s\r\nSender: %s\r\n\r\n", from, from);
		gint64 start = g_get_monotonic_time();
		g_autoptr(ParseHead) head =
		        parse_limits_head((ParseRange) { (const uint8_t *)mail->str, mail->len }, &limits);
		g_autoptr(ParsePlain) plain = parse_plain_new();
		parse_headers(head, plain);
		gint64 parsed = g_get_monotonic_time();
		parse_signs(head, plain);
		g_test_message("%s: %d us, signs %d us", pieces[p], (int)(parsed - start),
		               (int)(g_get_monotonic_time() - parsed));
		g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(sign_cases); i++) {
		g_autofree char *path = g_strdup_printf("/signs/%s", sign_cases[i].name);
		g_test_add_data_func(path, &sign_cases[i], test_signs);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(name_cases); i++) {
		g_autofree char *path = g_strdup_printf("/names/%s", name_cases[i].name);
		g_test_add_data_func(path, &name_cases[i], test_name);
	}
	g_test_add_func("/signs/floods", test_floods);
	return g_test_run();
}
