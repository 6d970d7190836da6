/* Transfer encodings: what real mailers and attackers write, in rooms of every size. */
#include "parse_structure_priv.h"

#include <string.h>

typedef struct {
	const char *name;
	ParseEncoding encoding;
	const char *input;
	const char *output;
} DecodeCase;

#define B64 PARSE_ENCODING_BASE64
#define QP PARSE_ENCODING_QUOTED_PRINTABLE
#define UU PARSE_ENCODING_UUENCODE

static const DecodeCase decode_cases[] = {
	{ "empty", B64, "", "" },
	{ "one", B64, "YQ==", "a" },
	{ "two", B64, "YWI=", "ab" },
	{ "three", B64, "YWJj", "abc" },
	{ "lines", B64, "YWJj\r\nZGVm\nZ2hp\r", "abcdefghi" },
	{ "one character per line", B64, "Y\r\nW\r\nJ\r\nj\r\n", "abc" },
	{ "a long line", B64, "YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj", "abcabcabcabcabcabcabcabcabcabc" },
	{ "padding left out", B64, "YWI", "ab" },
	{ "padding goes on", B64, "YQ==YWJj", "aabc" },
	{ "padding first", B64, "====YWJj", "abc" },
	{ "padding after one", B64, "Y=YWJj", "abc" },
	{ "junk", B64, "Y.W#J\xff*j", "abc" },
	{ "NUL would end a string", B64, "AA==", "" },
	{ "codes", QP, "=61=62=63", "abc" },
	{ "lower case", QP, "=e6=97=a5", "\xe6\x97\xa5" },
	{ "soft break", QP, "a=\r\nb=\nc=\rd", "abcd" },
	{ "soft break with blanks", QP, "a= \t\r\nb", "ab" },
	{ "soft break at the end", QP, "a=", "a" },
	{ "soft break of three bytes", QP, "a=\r\r\nb", "ab" },
	{ "lone equals", QP, "a=b=zz=4", "a=b=zz=4" },
	{ "two equals", QP, "a==\r\nb", "a=b" },
	{ "blanks at the end of a line", QP, "a \t\r\nb c", "a\r\nb c" },
	{ "blanks at the end", QP, "a  ", "a" },
	{ "encoded blank at the end", QP, "a=20\r\n", "a \r\n" },
	{ "raw bytes stay", QP, "\x93\xfa", "\x93\xfa" },
	{ "underscore is no blank", QP, "a_b", "a_b" },
	{ "uuencode", UU, "begin 644 a\n#0V%T\n`\nend\nrest", "Cat" },
	{ "uuencode without end", UU, "junk\nbegin 644 a\n#0V%T\n", "Cat" },
	{ "as it is", PARSE_ENCODING_IDENTITY, "a=62 \n", "a=62 \n" },
	{ "unknown stays as it is", PARSE_ENCODING_UNKNOWN, "YWJj", "YWJj" },
};

/* The result does not depend on the room, and nothing is written behind it. */
static void test_decode(gconstpointer data)
{
	const DecodeCase *c = data;
	const ParseRange input = { (const uint8_t *)c->input, strlen(c->input) };
	/* "AA==" is one NUL */
	size_t expected = MAX(strlen(c->output), (size_t)(strcmp(c->input, "AA==") == 0));

	for (size_t room = 0; room <= expected + 8; room++) {
		g_autofree uint8_t *bytes = g_malloc(room + 1);
		size_t length = 99;
		bytes[room] = 0xa5;
		bool fits = parse_decode(c->encoding, input, bytes, room, &length);
		g_assert_true(fits == (room >= expected));
		g_assert_cmpuint(length, <=, room);
		g_assert_cmpuint(bytes[room], ==, 0xa5);
		g_assert_cmpmem(bytes, MIN(length, expected), c->output, MIN(length, expected));
		if (fits)
			g_assert_cmpuint(length, ==, expected);
	}
}

/* Against glib's own, with line ends at every place and the room just large enough. */
static void test_base64_long(void)
{
	for (size_t n = 0; n < 300; n++) {
		g_autofree uint8_t *bytes = g_malloc(n + 1);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(i * 151 + n);
		g_autofree char *text = g_base64_encode(bytes, n);
		g_autoptr(GString) lines = g_string_new(text);
		for (size_t at = n % 79 + 1; at < lines->len; at += n % 79 + 3)
			g_string_insert(lines, (gssize)at, "\r\n");
		g_autofree uint8_t *room = g_malloc(n + 1);
		size_t length = 0;
		const ParseRange input = { (const uint8_t *)lines->str, lines->len };
		g_assert_true(parse_decode(B64, input, room, n, &length));
		g_assert_cmpmem(room, length, bytes, n);
	}
}

/* ---- the fields that name the encoding -------------------------------------------------------------------
 */

#define BIT(encoding) (UINT32_C(1) << (encoding))
#define ID BIT(PARSE_ENCODING_IDENTITY)
#define UNKNOWN BIT(PARSE_ENCODING_UNKNOWN)

typedef struct {
	const char *name;
	const char *header;
	uint32_t mask;
	bool clean;
} FieldCase;

#define CTE "Content-Transfer-Encoding"

static const FieldCase field_cases[] = {
	{ "none", "Content-Type: a/b\n", 0, true },
	{ "one", CTE ": base64\n", BIT(B64), true },
	{ "case", "CONTENT-transfer-ENCODING:\tBaSe64 \n", BIT(B64), true },
	{ "folded", CTE ":\n base64\n", BIT(B64), true },
	{ "twice the same", CTE ": base64\n" CTE ": base64\n", BIT(B64), true },
	{ "twice, in another case", CTE ": base64\n" CTE ": BASE64\n", BIT(B64), true },
	{ "two", CTE ": 7bit\n" CTE ": base64\n", ID | BIT(B64), false },
	{ "list", CTE ": 7bit, base64\n", ID | BIT(B64), false },
	{ "comment", CTE ": (x) base64\n", BIT(B64), false },
	{ "comment inside", CTE ": base(x)64\n", BIT(B64), false },
	{ "quoted", CTE ": \"base64\"\n", BIT(B64), false },
	{ "fold inside", CTE ": base\n 64\n", BIT(B64), false },
	{ "suffix", CTE ": base64-\n", BIT(B64), false },
	{ "encoded word", CTE ": =?utf-8?q?b=61se64?=\n", BIT(B64), false },
	{ "unknown", CTE ": x-yencode\n", UNKNOWN, false },
	{ "empty", CTE ":\n", UNKNOWN, false },
	{ "blank before the colon", CTE " : base64\n", ID | BIT(B64), false },
	{ "underscore", "Content_Transfer_Encoding: base64\n", ID | BIT(B64), false },
	{ "look-alike letter", "C\xd0\xbentent-Transfer-Encoding: base64\n", ID | BIT(B64), false },
	{ "typing error in the name", "Content-Transfer-Encodin: base64\n", 0, true },
	{ "behind a junk line", "junk\n" CTE ": base64\n", ID | BIT(B64), false },
	{ "behind an empty line", "Content-Type: a/b\n\n" CTE ": base64\n", ID | BIT(B64), false },
	{ "in the content of an attached mail", "Content-Type: message/rfc822\n\n" CTE ": base64\n", 0,
	  true },
};

static void test_field(gconstpointer data)
{
	const FieldCase *c = data;
	const ParseRange range = { (const uint8_t *)c->header, strlen(c->header) };
	ParseFields fields;

	parse_fields_part(range, 0, &fields);
	ParseEncodings found = parse_fields_encodings(&fields);
	g_assert_cmphex(found.mask, ==, c->mask);
	g_assert_true(found.clean == c->clean);
}

/* ---- prose ------------------------------------------------------------------------------------------------
 */

typedef struct {
	const char *name;
	const char *text;
	bool prose;
} ProseCase;

static const ProseCase prose_cases[] = {
	{ "words", "This text is harmless and may be shown.", true },
	{ "japanese", "本文です。", true },
	{ "jis", "\x1b$B$3$l$OK\\J8$G$9!#$3$N%F%-%9%H$OL53$$G$9!#\x1b(B", true },
	{ "a url", "https://www.example.co.jp/path/to/Some/Page0?id=1234567890abcdefABCDEF", true },
	{ "a long word", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", true },
	{ "base64 of words", "VGhpcyBpcyBhIHRleHQgdGhhdCBub2JvZHkgZGVjbGFyZWQu", false },
	{ "in short lines", "VGhpc\nyBpcy\nBhIHR\nleHQg\ndGhhd\nCBub2\nJvZHk\ngZGVj\nbGFyZ\nWQu", false },
	{ "with junk between", "VGhp.cyBp.cyBh.IHRl.eHQg.dGhh.dCBu.b2Jv.ZHkg.ZGVj.bGFy.ZWQu", false },
	{ "quoted-printable is a text", "=E6=9C=AC=E6=96=87=E3=81=A7=E3=81=99", true },
	{ "one word", "Thanks4everythingThatYouDidForMeAndForAllOfUs2026", true },
	{ "a number to confirm", "ABCD1234efgh5678IJKL9012mnop3456QRST7890", true },
	{ "a list of names", "Windows2019Server00\nWindows2019Server01\nWindows2019Server02\n", true },
	{ "letters of a program, no program", "TV program of today: quiz, news, weather, music", true },
	{ "a program", "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAA", false },
	{ "noise", "\x01\x02\x83\xff\xfe\x05\x93\x10\x11\x12", false },
};

static void test_prose(gconstpointer data)
{
	const ProseCase *c = data;

	g_assert_true(parse_reading_is_prose((ParseRange) { (const uint8_t *)c->text, strlen(c->text) }) ==
	              c->prose);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_hash_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(decode_cases); i++) {
		g_autofree char *path = g_strdup_printf("/decode/%s", decode_cases[i].name);
		g_test_add_data_func(path, &decode_cases[i], test_decode);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(field_cases); i++) {
		g_autofree char *path = g_strdup_printf("/decode/field/%s", field_cases[i].name);
		g_test_add_data_func(path, &field_cases[i], test_field);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(prose_cases); i++) {
		g_autofree char *path = g_strdup_printf("/decode/prose/%s", prose_cases[i].name);
		g_test_add_data_func(path, &prose_cases[i], test_prose);
	}
	g_test_add_func("/decode/base64-long", test_base64_long);
	return g_test_run();
}
