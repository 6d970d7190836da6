/* parse_words and the parameters of parse_type: RFC 2047 and 2231 over raw bytes. */
#include "charset_priv.h"
#include "parse_code_priv.h"

#include <string.h>

#define BYTES(s) (s), sizeof(s) - 1
#define FFFD "\xef\xbf\xbd"

typedef struct {
	const char *name;
	const char *bytes;
	size_t length;
	const char *text;
} WordCase;

static const WordCase word_cases[] = {
	{ "plain", BYTES(" Hello world"), "Hello world" },
	{ "golden 40 split character", BYTES("=?UTF-8?B?5pel5pw=?= =?UTF-8?B?rOiqng==?="), "日本語" },
	{ "golden 40 line end", BYTES("=?UTF-8?Q?a=0D=0ABcc:_x?="), "a Bcc: x" },
	{ "split jis", BYTES("=?ISO-2022-JP?B?GyRCRnw=?=\r\n =?iso-2022-jp?B?S1wbKEI=?="), "日本" },
	{ "jis nec row", BYTES("=?ISO-2022-JP?B?GyRCLSEtahsoQg==?="), "①㈱" },
	{ "sjis q", BYTES("=?Shift_JIS?Q?=93=FA=96=7B?="), "日本" },
	{ "sjis split in a character", BYTES("=?cp932?Q?=93?= =?cp932?Q?=FA?="), "日" },
	{ "language", BYTES("=?utf-8*ja?B?5pel?="), "日" },
	{ "no space around", BYTES("[a]=?utf-8?B?5pel?=b"), "[a]日b" },
	{ "blank between words goes", BYTES("=?utf-8?Q?a?=  \r\n =?utf-8?Q?b?="), "ab" },
	{ "blank beside text stays", BYTES("x =?utf-8?Q?a?= y =?utf-8?Q?b?= z"), "x a y b z" },
	{ "two charsets", BYTES("=?utf-8?B?5pel?= =?euc-jp?Q?=CB=DC?="), "日本" },
	{ "spaces in q", BYTES("=?utf-8?Q?a b c?="), "a b c" },
	{ "question mark in q", BYTES("=?utf-8?Q?what?\?="), "what?" },
	{ "equals before the end", BYTES("=?utf-8?Q?a=?="), "a=" },
	{ "empty word", BYTES("=?utf-8?Q?\?=x"), "x" },
	{ "inner padding", BYTES("=?utf-8?B?YQ==Yg==?="), "ab" },
	{ "cut by the end of the field", BYTES("=?utf-8?B?5pys?= =?utf-8?B?5pel"), "本日" },
	{ "cut inside a character", BYTES("=?utf-8?B?5pel5p"), "日" FFFD },
	{ "cut in its closer", BYTES("=?utf-8?Q?=E6=97=A5?"), "日" },
	{ "cut before anything", BYTES("=?utf-8?B?"), "=?utf-8?B?" },
	{ "unclosed among words", BYTES("=?utf-8?B?5pel a"), "=?utf-8?B?5pel a" },
	{ "unclosed before a good one", BYTES("=?utf-8?Q?abc =?utf-8?B?5pel?="), "=?utf-8?Q?abc 日" },
	{ "no such encoding", BYTES("=?utf-8?X?abc?="), "=?utf-8?X?abc?=" },
	{ "quoted", BYTES("\"=?utf-8?B?5pel?=\""), "\"日\"" },
	{ "utf-7", BYTES("=?utf-7?Q?+ADw-script+AD4-?="), "<script>" },
	{ "unknown charset", BYTES("=?x-nonsense?Q?abc?="), "abc" },
	{ "unknown charset, utf-8 bytes", BYTES("=?x-nonsense?B?5pel5pys?="), "日本" },
	{ "raw utf-8", BYTES("日本語"), "日本語" },
	{ "raw jis", BYTES("\x1b$BF|K\\\x1b(B\r\n \x1b$B8l\x1b(B"), "日本 語" },
	{ "raw sjis", BYTES("\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x8c\x8f\x96\xbc"), "日本語の件名" },
	{ "raw euc", BYTES("\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xb7\xef\xcc\xbe"), "日本語の件名" },
	{ "raw sjis beside a word of it", BYTES("=?shift_jis?Q?=93=FA?= \x96\x7b"), "日 本" },
	{ "split in an escape sequence", BYTES("=?ISO-2022-JP?B?Gw==?= =?ISO-2022-JP?B?JEJGfEtcGyhC?="),
	  "日本" },
	{ "split in an escape sequence, q", BYTES("=?iso-2022-jp?Q?=1B$?= =?iso-2022-jp?Q?BF|K\\=1B(B?="),
	  "日本" },
	{ "words of one set, two names", BYTES("=?sjis?Q?=93?= =?x-sjis?Q?=FA?="), "日" },
	{ "no space between", BYTES("=?utf-8?B?5pel?==?utf-8?B?5pys?="), "日本" },
	{ "no space before", BYTES("Re:=?utf-8?B?5pel?="), "Re:日" },
	{ "blank and fold in a b word", BYTES("=?utf-8?B?5p el\r\n 5pys?="), "日本" },
	{ "fold in a q word", BYTES("=?utf-8?Q?=E6=97=A5=E6=9C\r\n =AC?="), "日本" },
	{ "fold in a q word, at a blank", BYTES("=?utf-8?Q?a\r\n =41?="), "a A" },
	{ "underscores", BYTES("=?Shift_JIS?q?=93=FA_a__b?="), "日 a  b" },
	{ "bad hex", BYTES("=?utf-8?Q?=E6=97=A5=G1=4?="), "日=G1=4" },
	{ "lower case hex", BYTES("=?utf-8?q?=e6=97=a5?="), "日" },
	{ "unfinished b word", BYTES("=?utf-8?B?5pel5p?="), "日" FFFD },
	{ "wrong label", BYTES("=?iso-2022-jp?B?5pel5pys?="), "日本" },
	{ "wrong label, sjis called utf-8", BYTES("=?utf-8?B?k/qWe4zqgsyMj5a8?="), "日本語の件名" },
	{ "wrong label, jis called ascii", BYTES("=?us-ascii?B?GyRCRnxLXBsoQg==?="), "日本" },
	{ "empty charset", BYTES("=?\?B?5pel?="), "日" },
	{ "empty charset, sjis", BYTES("=?\?Q?=93=FA=96=7B=8C=EA=82=CC?="), "日本語の" },
	{ "raw sjis before a word of it", BYTES("\x95\x5c =?shift_jis?Q?=93=FA?="), "表 日" },
	{ "raw koi8 beside a word of it", BYTES("\xf0\xd2\xc9 =?koi8-r?B?18XU?="), "При вет" },
	{ "raw jis without its end", BYTES("\x1b$BF|K\\\r\n abc"), "日本 abc" },
	{ "raw jis kana in three ways",
	  BYTES("\x1b(I6E\x1b(B \x0e"
	        "6E\x0f \x1b$B%+\x1b(B"),
	  "ｶﾅ ｶﾅ カ" },
	{ "word in a word", BYTES("=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?="), "=?utf-8?Q?a?=" },
	{ "words make a word", BYTES("=?utf-8?Q?=3D=3F?= =?utf-8?Q?utf-8?= =?utf-8?Q?=3FQ=3Fa=3F=3D?="),
	  "=?utf-8?Q?a?=" },
	{ "quoted among text", BYTES("\"x =?utf-8?B?5pel?= y\" =?utf-8*ja-JP?q?=E6=9C=AC?="),
	  "\"x 日 y\" 本" },
	{ "padding in every quad", BYTES("=?utf-8?B?5g==lw==pQ==?="), "日" },
	{ "padding between split words", BYTES("=?utf-8?B?5g==?= =?utf-8?B?l6U=?="), "日" },
	{ "line ends in a b word", BYTES("=?utf-8?B?YQ0KQmNjOiB4?="), "a Bcc: x" },
	{ "line end alone", BYTES("=?utf-8?Q?a=0Ab=0Dc?="), "a b c" },
	{ "fold", BYTES("one\r\n two\n\tthree"), "one two three" },
	{ "nul in a word", BYTES("=?utf-8?Q?a=00b?="), "ab" },
	{ "escape in a word", BYTES("=?utf-8?Q?a=1B[31mb?="), "a[31mb" },
	{ "bidi in a word", BYTES("=?utf-8?Q?a=E2=80=AEb?="), "ab" },
};

static void test_word(gconstpointer data)
{
	const WordCase *c = data;
	/* a copy without a NUL, so that the sanitizers see a read past the end */
	g_autofree uint8_t *bytes = g_memdup2(c->bytes, c->length);
	g_autofree char *text = parse_words_line((ParseRange) { bytes, c->length }, 2000, NULL, NULL);

	g_assert_cmpstr(text, ==, c->text);
}

typedef struct {
	const char *name;
	const char *value;
	const char *parameter;
	const char *text; /* NULL: absent */
} ParameterCase;

static const ParameterCase parameter_cases[] = {
	{ "simple", "attachment; filename=a.txt", "filename", "a.txt" },
	{ "quoted", "attachment; filename=\"a; \\\"b\\\".txt\"", "filename", "a; \"b\".txt" },
	{ "case and blanks", "attachment ;\r\n\tFileName = \"a.txt\" ; x=y", "filename", "a.txt" },
	{ "unquoted blanks", "attachment; filename=a b c.txt; x=1", "filename", "a b c.txt" },
	{ "extended", "a; filename*=UTF-8'ja'%E6%97%A5.txt", "filename", "日.txt" },
	{ "extended jis", "a; filename*=ISO-2022-JP''%1B$BF%7C%1B%28B.txt", "filename", "日.txt" },
	{ "continued inside a character", "a; filename*0*=UTF-8''%E6%97; filename*1*=%A5; filename*2=.txt",
	  "filename", "日.txt" },
	{ "out of order", "a; filename*1=b.txt; filename*0=a", "filename", "ab.txt" },
	{ "read over a gap", "a; filename*0=a; filename*2=c", "filename", "ac" },
	{ "extended wins", "a; filename=a.txt; filename*=UTF-8''b.exe", "filename", "b.exe" },
	{ "words", "a; filename=\"=?UTF-8?B?5pel?=.txt\"", "filename", "日.txt" },
	{ "words unquoted, folded", "a; filename==?UTF-8?B?5pel?=\r\n =?UTF-8?B?5pys?=", "filename", "日本" },
	{ "no quotes in extended", "a; filename*=b%20c.txt", "filename", "b c.txt" },
	{ "nul", "a; filename*=utf-8''a.txt%00.exe", "filename", "a.txt.exe" },
	{ "first of two", "a; filename=x; filename=y", "filename", "x" },
	{ "other name", "a; filename2=x; xfilename=y", "filename", NULL },
	{ "unclosed quote", "a; filename=\"x", "filename", "x" },
	{ "no value", "a; filename", "filename", NULL },
	{ "comment", "text/plain (x; charset=no); charset=utf-8", "charset", "utf-8" },
	{ "semicolon in another value", "a; x=\"; filename=no\"; filename=yes", "filename", "yes" },
	{ "empty", "a; filename*=", "filename", "" },
	{ "empty piece", "a; filename*0*=; filename*1*=utf-8''%61", "filename", "utf-8''a" },
	{ "behind a gap alone", "a; filename*1=x", "filename", NULL },
	{ "percent errors", "a; filename*=utf-8''%E6%97%A5%4%zz%", "filename", "日%4%zz%" },
	{ "empty charset", "a; filename*=''%E6%97%A5.txt", "filename", "日.txt" },
	{ "empty charset, sjis", "a; filename*=''%93%FA%96%7B%8C%EA%82%CC.txt", "filename", "日本語の.txt" },
	{ "unknown charset", "a; filename*=klingon''%E6%97%A5.txt", "filename", "日.txt" },
	{ "wrong charset", "a; filename*=utf-8''%93%FA%96%7B%8C%EA%82%CC.txt", "filename", "日本語の.txt" },
	{ "language", "a; filename*=utf-8'ja-JP'%E6%97%A5.txt", "filename", "日.txt" },
	{ "extended in quotes", "a; filename*=\"utf-8''%E6%97%A5.txt\"", "filename", "日.txt" },
	{ "jis cut in an escape sequence",
	  "a; filename*0*=iso-2022-jp''%1B$B; filename*1*=F%7C%1B; filename*2*=(B.txt", "filename",
	  "日.txt" },
	{ "cut in an escape", "a; filename*0*=utf-8''%E6%9; filename*1*=7%A5%; filename*2*=41.txt",
	  "filename", "日A.txt" },
	{ "no escape over a plain piece", "a; filename*0*=utf-8''a%4; filename*1=1", "filename", "a%41" },
	{ "prefix before each piece",
	  "a; filename*0*=utf-8'ja'%E6%97%A5; filename*1*=utf-8'ja'%E6%9C%AC; filename*2*=utf-8''x",
	  "filename", "日本utf-8''x" },
	{ "one quote", "a; filename*=utf-8'%E6%97%A5.txt", "filename", "日.txt" },
	{ "a quote in a name", "a; filename*=it's.txt", "filename", "it's.txt" },
	{ "a word in the extended form", "a; filename*=utf-8''=?utf-8?B?5pel?=", "filename", "日" },
	{ "a name like a word", "a; filename*=utf-8''%3D%3Futf-8?B?5pel?=", "filename", "=?utf-8?B?5pel?=" },
	{ "percent signs in the plain form", "a; filename=%E6%97%A5.txt", "filename", "日.txt" },
	{ "nothing before the first semicolon", "text/plain charset=x; charset=utf-8", "charset", "utf-8" },
	{ "brackets", "a; filename=(1).txt", "filename", "(1).txt" },
	{ "sjis cut in a character", "a; filename*0*=shift_jis''%93; filename*1*=%FA.txt", "filename",
	  "日.txt" },
	{ "extended and not", "a; filename*0*=utf-8''%E6%97%A5; filename*1=%41.txt", "filename",
	  "日%41.txt" },
	{ "words in pieces", "a; filename*0=\"=?utf-8?B?5pel?=\"; filename*1=\" =?utf-8?B?5pys?=\"",
	  "filename", "日本" },
	{ "words of jis, two in quotes",
	  "a; filename=\"=?iso-2022-jp?B?GyRCRnw=?=\r\n =?iso-2022-jp?B?S1wbKEI=?=.txt\"", "filename",
	  "日本.txt" },
	{ "raw sjis ends in a backslash", "a; filename=\"\x93\xfa\x96\x7b\x82\xcc\x95\x5c\"; size=1",
	  "filename", "日本の表" },
	{ "raw sjis unquoted", "a; filename=\x93\xfa\x96\x7b\x82\xcc\x95\x5c.txt", "filename",
	  "日本の表.txt" },
	{ "raw jis in quotes", "a; filename=\"\x1b$B!\"F|\x1b(B.txt\"", "filename", "、日.txt" },
	{ "raw jis with a semicolon", "a; filename=\x1b$BF|;v\x1b(B.txt; x=y", "filename", "日事.txt" },
	{ "raw utf-8", "a; filename=日本.txt", "filename", "日本.txt" },
	{ "section too large", "a; filename*100=x", "filename", NULL },
};

static void test_parameter(gconstpointer data)
{
	const ParameterCase *c = data;
	size_t length = strlen(c->value);
	g_autofree uint8_t *bytes = g_memdup2(c->value, length);
	g_autofree char *text = parse_type_parameter((ParseRange) { bytes, length }, c->parameter);

	g_assert_cmpstr(text, ==, c->text);
}

typedef struct {
	const char *name;
	const char *value;
	const char *all; /* joined by | */
} AllCase;

/* What one reader or another takes: the most dangerous of these counts (parse_parts.c). */
static const AllCase all_cases[] = {
	{ "one", "a; filename=a.txt", "a.txt" },
	{ "none", "a; name=a.txt", "" },
	{ "extended and plain", "a; filename=a.exe; filename*=utf-8''b.txt", "b.txt|a.exe" },
	{ "pieces and plain", "a; filename=a.exe; filename*0=b; filename*1=.txt", "b.txt|a.exe" },
	{ "twice", "a; filename=a.txt; filename=b.exe", "a.txt|b.exe" },
	{ "three times", "a; filename=a; filename=b; filename=c", "a|c" },
	{ "extended twice", "a; filename*=utf-8''a.txt; filename*=utf-8''b.exe", "a.txt|b.exe" },
	{ "a piece twice", "a; filename*0=a; filename*1=.txt; filename*1=.exe", "a.txt|a.exe" },
	{ "gap", "a; filename*0=a.exe; filename*2=.txt", "a.exe.txt|a.exe" },
	{ "no first piece", "a; filename*1=a.exe", "a.exe" },
	{ "no first piece, extended", "a; filename*1*=utf-8''%61.exe", "a.exe" },
	{ "order", "a; filename*1=.txt; filename*0=a.exe", "a.exe.txt|.txta.exe" },
	{ "unclosed", "a; filename=\"a.exe; x=.txt", "a.exe; x=.txt|a.exe" },
	{ "more behind the quotes", "a; filename=\"a.txt\".exe", "a.txt|a.txt.exe" },
	{ "comment behind the quotes", "a; filename=\"a.txt\" (x); y=z", "a.txt" },
	{ "words", "a; filename==?utf-8?Q?a=2Etxt?=; filename*=b.exe", "b.exe|a.txt" },
	{ "nul", "a; filename*=utf-8''a.exe%00.txt", "a.exe.txt|a.exe" },
	{ "percent signs in the plain form", "a; filename=\"%E6%97%A5.txt\"", "日.txt|%E6%97%A5.txt" },
	{ "percent signs of ascii", "a; filename=\"100%25.txt\"", "100%25.txt" },
	{ "percent signs of nothing", "a; filename=\"%93%FA.txt\"", "%93%FA.txt" },
	{ "nothing but the parameter", "filename=\"a.txt\"", "a.txt" },
	{ "forgotten semicolon", "attachment filename=\"a.txt\"; filename=b.exe", "b.exe|a.txt" },
	{ "comma for a semicolon", "attachment, (x=y) filename=a.txt", "a.txt" },
};

static void test_all(gconstpointer data)
{
	const AllCase *c = data;
	size_t length = strlen(c->value);
	g_autofree uint8_t *bytes = g_memdup2(c->value, length);
	ParseCharsets charsets = { CHARSET_UNKNOWN, false };
	g_autoptr(GPtrArray) all =
	        parse_type_parameter_all((ParseRange) { bytes, length }, "filename", &charsets);
	g_autoptr(GString) joined = g_string_new(NULL);

	for (guint i = 0; i < all->len; i++)
		g_string_append_printf(joined, "%s%s", i > 0 ? "|" : "", (char *)g_ptr_array_index(all, i));
	g_assert_cmpstr(joined->str, ==, c->all);
}

typedef struct {
	const char *name;
	const char *bytes;
	size_t length;
	Charset hint;
	const char *text;
	bool repaired;
} HintCase;

/* The text's character set decides where the bytes alone do not; what was guessed or set right is said. */
static const HintCase hint_cases[] = {
	{ "ascii", BYTES("abc"), CHARSET_SHIFT_JIS, "abc", false },
	{ "utf-8", BYTES("日"), CHARSET_SHIFT_JIS, "日", false },
	{ "sjis by the text", BYTES("\x95\x5c"), CHARSET_SHIFT_JIS, "表", true },
	{ "euc by the text", BYTES("\xc6\xfc"), CHARSET_EUC_JP, "日", true },
	{ "koi8 by the text", BYTES("\xf0\xd2\xc9"), CHARSET_KOI8_R, "При", true },
	{ "the same by nothing", BYTES("\xf0\xd2\xc9"), CHARSET_UNKNOWN, "ðÒÉ", true },
	{ "korean by the text", BYTES("\xc7\xd1"), CHARSET_EUC_KR, "한", true },
	{ "raw jis", BYTES("\x1b$BF|\x1b(B"), CHARSET_UNKNOWN, "日", true },
	{ "good label", BYTES("=?shift_jis?Q?=93=FA?="), CHARSET_UNKNOWN, "日", false },
	{ "good label of utf-16", BYTES("=?utf-16?B?/v9l5Q==?="), CHARSET_UNKNOWN, "日", false },
	{ "wrong label", BYTES("=?iso-2022-jp?B?5pel?="), CHARSET_UNKNOWN, "日", true },
	{ "unknown label", BYTES("=?klingon?Q?=93=FA=96=7B?="), CHARSET_SHIFT_JIS, "日本", true },
};

static void test_hint(gconstpointer data)
{
	const HintCase *c = data;
	g_autofree uint8_t *bytes = g_memdup2(c->bytes, c->length);
	ParseCharsets charsets = { c->hint, false };
	g_autofree char *text =
	        parse_words_line_with((ParseRange) { bytes, c->length }, 2000, &charsets, NULL, NULL);

	g_assert_cmpstr(text, ==, c->text);
	g_assert_true(charsets.repaired == c->repaired);
}

static void test_declared(void)
{
	static const char *const cases[][2] = {
		{ " Text/PLAIN; charset=x", "text/plain" },
		{ "text / html", "text/html" },
		{ "text", "text/plain" },
		{ "html", "application/octet-stream" },
		{ "text/", "application/octet-stream" },
		{ "/x", "application/octet-stream" },
		{ "(comment) application/pdf", "application/pdf" },
		{ "<script>", "application/octet-stream" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *type = parse_type_declared(
		        (ParseRange) { (const uint8_t *)cases[i][0], strlen(cases[i][0]) });
		g_assert_cmpstr(type, ==, cases[i][1]);
	}
	g_autofree char *absent = parse_type_declared((ParseRange) { NULL, 0 });
	g_assert_null(absent);
}

static void test_cut(void)
{
	char text[] = "a日本";
	bool cut = false;

	parse_cut_bytes(text, 5);
	g_assert_cmpstr(text, ==, "a日");
	char name[] = "日本日本日本日本.exe", short_name[] = "日.exe", accent[] = "aaaaaaaaaaaae\xcc\x81.exe";
	g_assert_true(parse_cut_middle(name, 20, 4));
	g_assert_cmpstr(name, ==, "日本日本….exe");
	g_assert_false(parse_cut_middle(short_name, 7, 4));
	g_assert_cmpstr(short_name, ==, "日.exe");
	g_assert_true(parse_cut_middle(accent, 18, 5));
	g_assert_cmpstr(accent, ==, "aaaaaaaaaaa….exe");
	g_autofree char *line =
	        parse_words_line((ParseRange) { (const uint8_t *)"abcdef", 6 }, 3, &cut, NULL);
	g_assert_true(cut);
	g_assert_cmpint(g_utf8_strlen(line, -1), ==, 3);
}

typedef struct {
	const char *name, *head, *names, *strings; /* index=value, one in a line */
} WantedCase;

static const WantedCase wanted_cases[] = {
	{ "two names", "X-A: one\r\nX-B: two\r\nx-a: three\r\n\r\n", "x-a,X-B", "0=one\n0=three\n1=two\n" },
	{ "none wanted", "X-A: one\r\n\r\n", "", "" },
	{ "blanks and holes", "X-A: one\r\nX-C: two\r\n\r\n", " X-A ,,X-C,X-D", "0=one\n2=two\n" },
	{ "decoded", "X-A: =?utf-8?B?5pel?=\r\n =?utf-8?Q?=0D=0Ab?=\r\n\r\n", "X-A", "0=日 b\n" },
};

static void test_wanted(gconstpointer data)
{
	static const ParseLimits limits = { .header_block = 65536,
		                            .header_field = 60000,
		                            .header_fields = 1000 };
	const WantedCase *c = data;
	const ParseRange input = { (const uint8_t *)c->head, strlen(c->head) };
	g_autoptr(ParseHead) head = parse_limits_head(input, &limits);
	g_autoptr(ParsePlain) plain = parse_plain_new();
	g_autoptr(GString) strings = g_string_new(NULL);

	parse_headers_wanted(head, c->names, plain);
	for (guint i = 0; i < plain->strings->len; i++) {
		const ParseLine *line = &g_array_index(plain->strings, ParseLine, i);
		g_assert_cmpint(line->slot, ==, PARSE_STRING_FIELD);
		g_string_append_printf(strings, "%u=%s\n", line->index, line->text);
	}
	g_assert_cmpstr(strings->str, ==, c->strings);
}

static ParsePlain *wanted_of(const char *input)
{
	static const ParseLimits limits = { .header_block = 262144,
		                            .header_field = 60000,
		                            .header_fields = 1000 };
	g_autoptr(ParseHead) head =
	        parse_limits_head((ParseRange) { (const uint8_t *)input, strlen(input) }, &limits);
	ParsePlain *plain = parse_plain_new();
	parse_headers_wanted(head, "X-A", plain);
	return plain;
}

/* Decoys above and below must not push a field out of sight that a server of ours wrote on top or at the end.
 */
static void test_wanted_number(void)
{
	for (unsigned count = 20; count <= 30; count += 10) {
		g_autoptr(GString) input = g_string_new(NULL);
		for (unsigned i = 0; i < count; i++)
			g_string_append_printf(input, "X-A: %u\r\n", i);
		g_string_append(input, "\r\n");
		g_autoptr(ParsePlain) plain = wanted_of(input->str);
		g_assert_cmpuint(plain->strings->len, ==, PARSE_FIELDS_PER_NAME);
		g_assert_cmpuint(plain->limits, ==, count > 20 ? MESSAGE_LIMIT_CONDITIONS : 0);
		for (unsigned i = 0; i < 20; i++) {
			g_autofree char *value = g_strdup_printf("%u", i < 10 ? i : count - 20 + i);
			g_assert_cmpstr(g_array_index(plain->strings, ParseLine, i).text, ==, value);
		}
	}
}

/* Nor may a long value hide its end; a shorter one comes whole. */
static void test_wanted_length(void)
{
	for (unsigned length = 12000; length <= 12001; length++) {
		g_autofree char *middle = g_strnfill(length - 10, 'x');
		g_autofree char *input = g_strdup_printf("X-A: begin%send.x\r\n\r\n", middle);
		g_autoptr(ParsePlain) plain = wanted_of(input);
		const char *text = g_array_index(plain->strings, ParseLine, 0).text;
		g_assert_true(g_str_has_prefix(text, "begin") && g_str_has_suffix(text, "end.x"));
		g_assert_cmpuint(strlen(text), ==, 12000);
		g_assert_true((strstr(text, "…") != NULL) == (length > 12000));
		g_assert_cmpuint(plain->limits, ==, length > 12000 ? MESSAGE_LIMIT_CONDITIONS : 0);
	}
}

/* 80,000 words and 100,000 openers without a closer: one pass each. */
static void test_floods(void)
{
	static const char *const pieces[] = { "=?utf-8?Q?a?= ", "=?utf-8?Q?a", "=?=?", "=?utf-8?B?" };

	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		g_autoptr(GString) flood = g_string_new(NULL);
		while (flood->len < 1000000)
			g_string_append(flood, pieces[p]);
		gint64 start = g_get_monotonic_time();
		g_autofree char *text = parse_words_line((ParseRange) { (uint8_t *)flood->str, flood->len },
		                                         2000, NULL, NULL);
		g_assert_cmpint(g_utf8_strlen(text, -1), <=, 2000);
		g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(word_cases); i++) {
		g_autofree char *path = g_strdup_printf("/words/%s", word_cases[i].name);
		g_test_add_data_func(path, &word_cases[i], test_word);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(parameter_cases); i++) {
		g_autofree char *path = g_strdup_printf("/parameter/%s", parameter_cases[i].name);
		g_test_add_data_func(path, &parameter_cases[i], test_parameter);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(wanted_cases); i++) {
		g_autofree char *path = g_strdup_printf("/wanted/%s", wanted_cases[i].name);
		g_test_add_data_func(path, &wanted_cases[i], test_wanted);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(all_cases); i++) {
		g_autofree char *path = g_strdup_printf("/parameters/%s", all_cases[i].name);
		g_test_add_data_func(path, &all_cases[i], test_all);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(hint_cases); i++) {
		g_autofree char *path = g_strdup_printf("/hint/%s", hint_cases[i].name);
		g_test_add_data_func(path, &hint_cases[i], test_hint);
	}
	g_test_add_func("/wanted/number", test_wanted_number);
	g_test_add_func("/wanted/length", test_wanted_length);
	g_test_add_func("/type/declared", test_declared);
	g_test_add_func("/words/cut", test_cut);
	g_test_add_func("/words/floods", test_floods);
	return g_test_run();
}
