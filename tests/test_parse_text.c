/* parse_text: bytes under a claimed type and character set -> clean text. */
#include "parse_blocks_priv.h"

#include <string.h>

#define BYTES(s)                                                                                             \
	{                                                                                                    \
		(const uint8_t *)(s), sizeof(s) - 1                                                          \
	}
#define BLOCK "（符号化されたデータ "

typedef struct {
	const char *name;
	ParseTextJob job; /* limits: 0 = large */
	const char *text; /* NULL: binary */
	ParseTextKind kind;
} TextCase;

static const TextCase text_cases[] = {
	{ "plain", { .bytes = BYTES("a\r\nb\tc\r\n") }, "a\nb       c\n", PARSE_TEXT_PLAIN },
	{ "empty", { .bytes = { NULL, 0 } }, "", PARSE_TEXT_PLAIN },
	{ "utf-8",
	  { .bytes = BYTES("日本\x1b[31m語\n"), .declared = CHARSET_UTF_8, .labelled = true },
	  "日本[31m語\n",
	  PARSE_TEXT_PLAIN },
	{ "jis",
	  { .bytes = BYTES("\x1b$BF|K\\\x1b(B\n"), .declared = CHARSET_ISO_2022_JP, .labelled = true },
	  "日本\n",
	  PARSE_TEXT_PLAIN },
	{ "binary",
	  { .bytes = BYTES("\x7f"
	                   "ELF\0\0\0\1\1\1\0\0\0\0\0") },
	  NULL,
	  PARSE_TEXT_PLAIN },
	{ "utf-32",
	  { .bytes = BYTES("\xe5\x65\0\0<\0\0\0"), .declared = CHARSET_UTF_32, .labelled = true },
	  "日<",
	  PARSE_TEXT_PLAIN },
	{ "utf-32 html",
	  { .bytes = BYTES("<\0\0\0b\0\0\0>\0\0\0\xe5\x65\0\0"),
	    .kind = PARSE_TEXT_HTML,
	    .declared = CHARSET_UTF_32LE,
	    .labelled = true },
	  "日",
	  PARSE_TEXT_HTML },
	{ "ebcdic",
	  { .bytes = BYTES("\xc8\x15\x15\x25\x89\x05"), .declared = CHARSET_IBM037, .labelled = true },
	  "H\n\n\ni       ",
	  PARSE_TEXT_PLAIN },
	{ "one nul",
	  { .bytes = BYTES("a text with\0 one of them\n") },
	  "a text with one of them\n",
	  PARSE_TEXT_PLAIN },
	{ "cut",
	  { .bytes = BYTES("日本語\n"), .declared = CHARSET_UTF_8, .labelled = true, .max_out = 7 },
	  "日本",
	  PARSE_TEXT_PLAIN },
	/* format=flowed */
	{ "flowed",
	  { .bytes = BYTES("one \r\ntwo\r\nthree\r\n"), .flowed = true },
	  "one two\nthree",
	  PARSE_TEXT_PLAIN },
	{ "flowed delsp",
	  { .bytes = BYTES("VISIBLE flo \r\nws on\r\n"), .flowed = true, .delsp = true },
	  "VISIBLE flows on",
	  PARSE_TEXT_PLAIN },
	{ "flowed stuffed",
	  { .bytes = BYTES(" From me\r\n > no quote\r\n"), .flowed = true },
	  "From me\n> no quote",
	  PARSE_TEXT_PLAIN },
	{ "flowed quotes",
	  { .bytes = BYTES(">> a \r\n>> b\r\n> c \r\nd\r\n>\r\n"), .flowed = true },
	  "> > a b\n> c \nd\n>",
	  PARSE_TEXT_PLAIN },
	{ "flowed signature",
	  { .bytes = BYTES("bye \r\n-- \r\nTaro\r\n"), .flowed = true },
	  "bye \n-- \nTaro",
	  PARSE_TEXT_PLAIN },
	{ "flowed quoted signature",
	  { .bytes = BYTES("> bye \r\n> -- \r\n> Taro \r\n> Town\r\n"), .flowed = true },
	  "> bye \n> -- \n> Taro Town",
	  PARSE_TEXT_PLAIN },
	{ "flowed delsp japanese",
	  { .bytes = BYTES("> 市役 \r\n> 所の \r\n>\r\n 日 \r\n本\r\n"),
	    .flowed = true,
	    .delsp = true,
	    .declared = CHARSET_UTF_8,
	    .labelled = true },
	  "> 市役所の\n日本",
	  PARSE_TEXT_PLAIN },
	{ "fixed", { .bytes = BYTES("one \r\ntwo\r\n") }, "one \ntwo\n", PARSE_TEXT_PLAIN },
	/* enriched */
	{ "enriched",
	  { .bytes = BYTES("<bold>VISIBLE</bold><param>x</param>\r\nb\r\n\r\nc"),
	    .kind = PARSE_TEXT_ENRICHED },
	  "VISIBLE b\nc",
	  PARSE_TEXT_ENRICHED },
	{ "enriched less",
	  { .bytes = BYTES("a << b < c <x y>"), .kind = PARSE_TEXT_ENRICHED },
	  "a < b < c <x y>",
	  PARSE_TEXT_ENRICHED },
	{ "enriched nofill",
	  { .bytes = BYTES("<nofill>a\nb</nofill>\nc"), .kind = PARSE_TEXT_ENRICHED },
	  "a\nb c",
	  PARSE_TEXT_ENRICHED },
	{ "richtext",
	  { .bytes = BYTES("a<nl>b <lt> c<np>d<paragraph>e</paragraph><comment>f</comment>"),
	    .kind = PARSE_TEXT_ENRICHED },
	  "a\nb < c\n\nd\ne\nf",
	  PARSE_TEXT_ENRICHED },
	{ "enriched unclosed param",
	  { .bytes = BYTES("<param>shown"), .kind = PARSE_TEXT_ENRICHED },
	  "shown",
	  PARSE_TEXT_ENRICHED },
	{ "enriched japanese",
	  { .bytes = BYTES("日\n本"),
	    .kind = PARSE_TEXT_ENRICHED,
	    .declared = CHARSET_UTF_8,
	    .labelled = true },
	  "日本",
	  PARSE_TEXT_ENRICHED },
	/* by content */
	{ "looks like html in plain",
	  { .bytes = BYTES("<html><b>x</b>"), .kind = PARSE_TEXT_PLAIN },
	  "<html><b>x</b>",
	  PARSE_TEXT_PLAIN },
	{ "an address",
	  { .bytes = BYTES("<peter@example.jp> wrote") },
	  "<peter@example.jp> wrote",
	  PARSE_TEXT_PLAIN },
	{ "html", { .bytes = BYTES(" \r\n<!DOCTYPE html><p>x</p>") }, "x", PARSE_TEXT_HTML },
	{ "html div", { .bytes = BYTES("\xef\xbb\xbf<DIV class=a>x</DIV>") }, "x", PARSE_TEXT_HTML },
	{ "html comment", { .bytes = BYTES("<!--c--><b>x</b>") }, "x", PARSE_TEXT_HTML },
};

static void run(const ParseTextJob *given, ParseTextResult *result)
{
	ParseTextJob job = *given;
	/* a copy without a NUL, so that the sanitizers see a read past the end */
	g_autofree uint8_t *bytes = g_memdup2(job.bytes.bytes, job.bytes.length);

	job.bytes.bytes = bytes;
	if (job.declared == CHARSET_UNKNOWN)
		job.declared = CHARSET_US_ASCII;
	job.max_out = job.max_out > 0 ? job.max_out : 1 << 24;
	job.max_in = job.max_in > 0 ? job.max_in : 20 << 20;
	parse_text(&job, result);
}

static void test_text(gconstpointer data)
{
	const TextCase *c = data;
	g_auto(ParseTextResult) result;

	run(&c->job, &result);
	g_assert_cmpint(result.kind, ==, c->kind);
	g_assert_cmpint(result.binary, ==, c->text == NULL);
	g_assert_cmpstr(result.text->str, ==, c->text != NULL ? c->text : "");
	g_assert_cmpint(result.cut, ==, c->job.max_out > 0);
}

static void test_facts(void)
{
	g_auto(ParseTextResult) blank, wrong;
	const ParseTextJob blank_job = { .bytes = BYTES(" \r\n\xe3\x80\x80\r\n") };
	const ParseTextJob wrong_job = { .bytes = BYTES("日本語の文\n"),
		                         .declared = CHARSET_WINDOWS_1252,
		                         .labelled = true };

	run(&blank_job, &blank);
	g_assert_true(blank.blank);
	static const Charset wide[] = { CHARSET_UTF_16, CHARSET_UTF_32 };
	for (size_t i = 0; i < G_N_ELEMENTS(wide); i++) {
		g_auto(ParseTextResult) form;
		const ParseTextJob job = { .bytes = BYTES("\xff\xfe\0\0\xe5\x65\0\0"),
			                   .declared = wide[i],
			                   .labelled = true };
		run(&job, &form);
		g_assert_false(form.repaired);
		g_assert_cmpint(form.used, ==, wide[i] + 1);
	}
	run(&wrong_job, &wrong);
	g_assert_false(wrong.blank);
	g_assert_true(wrong.repaired);
	g_assert_cmpint(wrong.used, ==, CHARSET_UTF_8);
}

/* The line in a block's place is in the text's language, whatever its character set is. */
static void test_block(void)
{
	static const Charset charsets[] = { CHARSET_US_ASCII,  CHARSET_UTF_8,  CHARSET_ISO_2022_JP,
		                            CHARSET_SHIFT_JIS, CHARSET_EUC_JP, CHARSET_WINDOWS_1252 };

	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
		g_auto(ParseTextResult) result;
		const ParseTextJob job = { .bytes = BYTES("a \nbegin 644 a.txt\n(:&%R;6QE<W,`\n`\nend\nb\n"),
			                   .declared = charsets[i],
			                   .labelled = true,
			                   .flowed = i == 0 };
		run(&job, &result);
		g_assert_true(
		        g_str_has_prefix(result.text->str, "a \n" BLOCK "35 文字を取り除きました）\nb"));
		g_assert_cmpuint(result.blocks->len, ==, 1);
		const ParseBlock *block = g_ptr_array_index(result.blocks, 0);
		g_assert_cmpmem(block->bytes->data, block->bytes->len, "harmless", 8);
	}
}

/* Pieces: the text is longer than one, with and without line ends. */
static void test_long(void)
{
	static const char *const pieces[] = { "日本語の文\n", "日本語の文", "a\r", "x \r\n", "\t", "\xff" };

	for (size_t p = 0; p < G_N_ELEMENTS(pieces) * 2; p++) {
		g_auto(ParseTextResult) result;
		g_autoptr(GString) input = g_string_new(NULL);
		while (input->len < 1500000)
			g_string_append(input, pieces[p / 2]);
		const ParseTextJob job = { .bytes = { (const uint8_t *)input->str, input->len },
			                   .declared = CHARSET_UTF_8,
			                   .labelled = true,
			                   .flowed = p % 2 == 1,
			                   .max_out = 1000000 };
		run(&job, &result);
		g_assert_true(g_utf8_validate(result.text->str, -1, NULL));
		g_assert_cmpuint(result.text->len, <=, 1000000);
		g_assert_cmpuint(result.text->len, >, 700000);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(text_cases); i++) {
		g_autofree char *path = g_strdup_printf("/text/%s", text_cases[i].name);
		g_test_add_data_func(path, &text_cases[i], test_text);
	}
	g_test_add_func("/text/facts", test_facts);
	g_test_add_func("/text/block", test_block);
	g_test_add_func("/text/long", test_long);
	return g_test_run();
}
