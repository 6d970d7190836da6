/* parse_blocks: files inside texts. Every result is judged by text_rules.h as well. */
#include "parse_blocks_priv.h"
#include "text_rules.h"

#include <string.h>

#define EICAR "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
#define UU                                                                                                   \
	"M6#5/"                                                                                              \
	"(5`E0$%06S1<4%I8-30H4%XI-T-#*3=])$5)0T%2+5-404Y$05)$+4%.\n75$E625)54RU415-4+49)3$4A)$@K2\"H`\n"
#define UU_QUOTED                                                                                            \
	"> M6#5/(5`E0$%06S1<4%I8-30H4%XI-T-#*3=])$5)0T%2+5-404Y$05)$+4%.\n> "                                \
	"75$E625)54RU415-4+49)3$4A)$@K2\"H`\n"
#define XX                                                                                                   \
	"hK1JD6J+ZE23EKnFQI3dMBHEcI3sdBoB18HRx72J7Eo3G9JBIEIt2EJ729I3C\nLJ2ZKGJ7JImpIFJBI9IN7H2IV72UfG0c+\n"
#define B64_1 "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNU"
#define B64_2 "LUZJTEUhJEgrSCo="
#define B64 B64_1 "\n" B64_2 "\n"
#define HQX                                                                                                  \
	"(This file must be converted with BinHex 4.0)\n\n"                                                  \
	":#@9TBf&b,Q0[E3\"#58j\"4%p6@!!!!!!!4!!!!!#(9eJe6b&3*8\"\"8&XdA&\"D@$8\n"                            \
	"d+&\"H+6G$3bNhI54&580\"8Le69%&14%&54#e\"6P4*9NP599-Y9%969#e'58a&)54\n)+dJUV9B!!!:\n"
#define YENC_DATA                                                                                            \
	"\202_yKzOjkz\205^\206z\204\202_^Rz\210SammSa\247Nosmk|W}~kxnk|nWkx~s\200s|\177}W~o}~WpsvoKNrUrT"

typedef struct {
	const char *name;
	const char *text;
	const char *left; /* `@` for the line that takes a block's place */
	unsigned blocks;
	ParseBlockKind kind; /* of the last one, as the rest */
	const char *file;
	const char *bytes;
	bool damaged;
} BlockCase;

static const BlockCase block_cases[] = {
	{ "uuencode", "see\n\nbegin 644 eicar.com\n" UU "`\nend\nbye\n", "see\n\n@\nbye\n", 1,
	  PARSE_BLOCK_UUENCODE, "eicar.com", EICAR, false },
	{ "uu quoted", "> begin 644 eicar.com\n" UU_QUOTED "> `\n> end\n> bye\n", "@\n> bye\n", 1,
	  PARSE_BLOCK_UUENCODE, "eicar.com", EICAR, false },
	{ "uu without end", "begin 644 eicar.com\n" UU "`\n", "@\n", 1, PARSE_BLOCK_UUENCODE, "eicar.com",
	  EICAR, true },
	{ "uu without end, then text", "begin 644 eicar.com\n" UU "Kind regards,\nTaro\n",
	  "@\nKind regards,\nTaro\n", 1, PARSE_BLOCK_UUENCODE, "eicar.com", EICAR, true },
	{ "uu odd mode", "begin  0100755  eicar.com\n" UU "`\nend\n", "@\n", 1, PARSE_BLOCK_UUENCODE,
	  "eicar.com", EICAR, false },
	{ "uu without mode", "begin  eicar.com\n" UU "`\nend\n", "@\n", 1, PARSE_BLOCK_UUENCODE, "eicar.com",
	  EICAR, false },
	{ "uu without name", "BEGIN 644\n" UU "`\nEnd\n", "@\n", 1, PARSE_BLOCK_UUENCODE, "", EICAR, false },
	{ "uu two files", "begin 644 a.txt\n(:&%R;6QE<W,`\n`\nend\nbegin 644 eicar.com\n" UU "`\nend\n",
	  "@\n@\n", 2, PARSE_BLOCK_UUENCODE, "eicar.com", EICAR, false },
	{ "uu after a fake", "begin 644 is a good start\n\nbegin 644 eicar.com\n" UU "`\nend\n",
	  "begin　644 is a good start\n\n@\n", 1, PARSE_BLOCK_UUENCODE, "eicar.com", EICAR, false },
	{ "prose begin", "begin 644 is a good start\nand this goes on\n",
	  "begin　644 is a good start\nand this goes on\n", 0, 0, NULL, NULL, false },
	{ "prose begin, a rule of hyphens", "begin 644 x\n--\nTaro\n", "begin　644 x\n--\nTaro\n", 0, 0, NULL,
	  NULL, false },
	{ "prose begin, two blanks", "begin  the day well\n", "begin　the day well\n", 0, 0, NULL, NULL,
	  false },
	{ "begin as a word", "begin the day\nbeginning 644 x\n", "begin the day\nbeginning 644 x\n", 0, 0,
	  NULL, NULL, false },
	{ "xxencode", "begin 644 eicar.com\n" XX "+\nend\n", "@\n", 1, PARSE_BLOCK_UUENCODE, "eicar.com",
	  EICAR, false },
	{ "begin-base64", "begin-base64 644 eicar.com\n" B64 "====\nx\n", "@\nx\n", 1, PARSE_BLOCK_BASE64,
	  "eicar.com", EICAR, false },
	{ "begin-base64, no end", "begin-base64 644 eicar.com\n" B64, "@\n", 1, PARSE_BLOCK_BASE64,
	  "eicar.com", EICAR, true },
	{ "begin-base64 as prose", "begin-base64 644 x\nHello\nyou\n", "begin-base64　644 x\nHello\nyou\n", 0,
	  0, NULL, NULL, false },
	{ "binhex", HQX "x\n", "@\nx\n", 1, PARSE_BLOCK_BINHEX, "eicar.com", EICAR, false },
	{ "binhex as prose", "It must be converted with BinHex.\nBye\n",
	  "It must　be converted with BinHex.\nBye\n", 0, 0, NULL, NULL, false },
	{ "pgp message",
	  "-----BEGIN PGP MESSAGE-----\nVersion: 1\n\n" B64 "=abcd\n-----END PGP MESSAGE-----\nx\n", "@\nx\n",
	  1, PARSE_BLOCK_PGP, "", EICAR, false },
	{ "pgp as prose", "-----BEGIN PGP MESSAGE is how it starts\nHello, you\n",
	  "-----BEGIN　PGP MESSAGE is how it starts\nHello, you\n", 0, 0, NULL, NULL, false },
	{ "pgp signed", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nHello\n",
	  "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nHello\n", 0, 0, NULL, NULL, false },
	{ "pgp public key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" B64_1 "\n" B64_2 "\n-----END PGP\n",
	  "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n@\n-----END PGP\n", 1, PARSE_BLOCK_BASE64, "", EICAR,
	  false },
	{ "base64 run", "a " B64_1 B64_2 " b\n", "a @ b\n", 1, PARSE_BLOCK_BASE64, "", EICAR, false },
	{ "base64 run over quoted lines", "> " B64_1 "\n>> " B64_2 "\nbye\n", "> @\nbye\n", 1,
	  PARSE_BLOCK_BASE64, "", EICAR, false },
	{ "base64 with pads at line ends",
	  "V0RWUElWQWxRRUZRV3pSY1VGcFlOVFFvVUY0cE4wTkQ=\nS1RkOUpFVkpRMEZTTFZOVVFVNUVRVkpFTFVGT1ZFbFc=\n",
	  "@\n", 1, PARSE_BLOCK_BASE64, "",
	  "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElW", false },
	{ "base64 in groups of four",
	  "WDVP.IVAl.QEFQ.WzRc.UFpY.NTQo.UF4p.N0ND.KTd9.JEVJ.Q0FS.LVNU.QU5E.QVJE.LUFO.VElW.\n", "@.\n", 1,
	  PARSE_BLOCK_BASE64, "", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIV", false },
	{ "data url", "see data:text/html;base64," B64_1 B64_2 " now\n", "see @ now\n", 1, PARSE_BLOCK_BASE64,
	  "", EICAR, false },
	{ "data url over lines", "DATA:;base64," B64_1 "\n" B64_2 "\nnow\n", "@\nnow\n", 1,
	  PARSE_BLOCK_BASE64, "", EICAR, false },
	{ "data url with escapes", "data:text/html,%3Cscript%3Ex\n", "@\n", 1, PARSE_BLOCK_BASE64, "",
	  "<script>x", false },
	{ "data as a word", "data: a/b, c\nmetadata:text/x,y\n", "data: a/b, c\nmetadata:text/x,y\n", 0, 0,
	  NULL, NULL, false },
	{ "hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
	  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n", 0, 0, NULL, NULL, false },
	{ "url", "http://a.example/" B64_1 "\n", "http://a.example/" B64_1 "\n", 0, 0, NULL, NULL, false },
	{ "words in lines",
	  "Aomori1\nIwate2\nMiyagi3\nAkita4\nYamagata5\nFukushima6\nIbaraki7\nTochigi8\nGunma9\nSaitama\n",
	  "Aomori1\nIwate2\nMiyagi3\nAkita4\nYamagata5\nFukushima6\nIbaraki7\nTochigi8\nGunma9\nSaitama\n", 0,
	  0, NULL, NULL, false },
};

static char *expected(const char *left, const char *given)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *found = given;

	for (; *left != '\0'; left++) {
		if (*left != '@') {
			g_string_append_c(out, *left);
			continue;
		}
		found = strstr(found, "（符号化されたデータ ");
		const char *end = found != NULL ? strstr(found, "）") : NULL;
		g_assert_nonnull(end);
		g_string_append_len(out, found, end + strlen("）") - found);
		found = end;
	}
	return g_strdup(out->str);
}

static void judge(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *crlf = g_strjoinv("\r\n", lines);
	g_autofree char *whole = g_strconcat(crlf, g_str_has_suffix(crlf, "\r\n") ? "" : "\r\n", NULL);

	g_assert_cmpstr(rule_text(whole), ==, NULL);
}

static void check(const BlockCase *c, const char *text, GPtrArray *blocks)
{
	g_autofree char *want = expected(c->left, text);

	g_assert_cmpstr(text, ==, want);
	judge(text);
	g_assert_cmpuint(blocks->len, ==, c->blocks);
	if (blocks->len == 0)
		return;
	const ParseBlock *block = g_ptr_array_index(blocks, blocks->len - 1);
	g_assert_cmpint(block->kind, ==, c->kind);
	g_assert_cmpstr(block->name, ==, c->file);
	g_assert_cmpmem(block->bytes->data, block->bytes->len, c->bytes, strlen(c->bytes));
	g_assert_cmpint(block->damaged, ==, c->damaged);
}

static void test_text(gconstpointer data)
{
	const BlockCase *c = data;
	g_autoptr(GString) text = g_string_new(c->text);
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);

	parse_blocks_text(text, false, blocks);
	check(c, text->str, blocks);
}

/* Bytes first, CRLF line ends, as parse_text does it. */
static void test_raw(gconstpointer data)
{
	const BlockCase *c = data;
	g_auto(GStrv) lines = g_strsplit(c->text, "\n", -1);
	g_autofree char *crlf = g_strjoinv("\r\n", lines);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);

	g_byte_array_append(bytes, (const guint8 *)crlf, (guint)strlen(crlf));
	parse_blocks_raw(bytes, false, blocks);
	g_autoptr(GString) text = g_string_new_len((const char *)bytes->data, bytes->len);
	g_string_replace(text, "\r\n", "\n", 0);
	parse_blocks_unmark(text, false);
	parse_blocks_text(text, false, blocks);
	check(c, text->str, blocks);
}

typedef struct {
	const char *name, *text;
	const char *left;
	unsigned blocks;
	bool damaged;
} YencCase;

static const YencCase yenc_cases[] = {
	{ "whole", "a\r\n=ybegin line=128 size=68 name=eicar.com\r\n" YENC_DATA "\r\n=yend size=68\r\nb\r\n",
	  "a\r\n@\r\nb\r\n", 1, false },
	{ "no end", "=ybegin line=128 size=68 name=eicar.com\n" YENC_DATA "\nsome text of the letter\n",
	  "@\nsome text of the letter\n", 1, true },
	{ "part",
	  "=ybegin part=1 line=128 size=136 name=eicar.com\n=ypart begin=1 end=68\n" YENC_DATA
	  "\n=yend size=68\n",
	  "@\n", 1, true },
	{ "prose", "=ybegin is how it starts\nand it goes on\n", "=ybegin is how it starts\nand it goes on\n",
	  0, false },
};

static void test_yenc(gconstpointer data)
{
	const YencCase *c = data;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);

	g_byte_array_append(bytes, (const guint8 *)c->text, (guint)strlen(c->text));
	parse_blocks_raw(bytes, false, blocks);
	g_autoptr(GString) text = g_string_new_len((const char *)bytes->data, bytes->len);
	parse_blocks_unmark(text, false);
	g_autofree char *want = expected(c->left, text->str);
	g_assert_cmpstr(text->str, ==, want);
	g_assert_cmpuint(blocks->len, ==, c->blocks);
	if (blocks->len == 0)
		return;
	const ParseBlock *block = g_ptr_array_index(blocks, 0);
	g_assert_cmpstr(block->name, ==, "eicar.com");
	g_assert_cmpint(block->damaged, ==, c->damaged);
	g_assert_cmpmem(block->bytes->data, block->bytes->len, EICAR, strlen(EICAR));
}

/* Each costs a second pass for every piece if a search is repeated. */
static void test_floods(void)
{
	static const char *const pieces[] = {
		"begin 644 a\n",
		"=ybegin line=1 size=9 name=x\n",
		"must be converted with binhex\n",
		"-----BEGIN PGP MESSAGE\nabc\n",
		"data:a/b;base64,A ",
		"aB3d.",
		"begin 644 a\n#ABCD\n",
		"http://",
		"\n",
		"> ",
		"data:",
		"aaaaaaaaaaaaaaaaaaaa\n",
	};

	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 2000000)
			g_string_append(text, pieces[p]);
		gint64 start = g_get_monotonic_time();
		parse_blocks_text(text, true, blocks);
		g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
		g_assert_cmpuint(blocks->len, <=, PARSE_BLOCKS_MAX);
	}
}

/* A BinHex repeat makes 255 bytes of three characters; the cap holds. */
static void test_cap(void)
{
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
	g_autoptr(GString) text = g_string_new(NULL);

	for (size_t i = 0; i < 4; i++) {
		g_string_append(text, "begin 644 a\n" UU);
		for (size_t k = 0; k < 700000; k++)
			g_string_append(text, "M\n");
		g_string_append(text, "`\nend\n");
	}
	parse_blocks_text(text, false, blocks);
	size_t total = 0;
	for (guint i = 0; i < blocks->len; i++)
		total += ((const ParseBlock *)g_ptr_array_index(blocks, i))->bytes->len;
	g_assert_cmpuint(total, <=, PARSE_BLOCKS_BYTES);
	g_assert_true(((const ParseBlock *)g_ptr_array_index(blocks, 3))->damaged);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(block_cases); i++) {
		g_autofree char *text = g_strdup_printf("/text/%s", block_cases[i].name);
		g_autofree char *raw = g_strdup_printf("/raw/%s", block_cases[i].name);
		g_test_add_data_func(text, &block_cases[i], test_text);
		g_test_add_data_func(raw, &block_cases[i], test_raw);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(yenc_cases); i++) {
		g_autofree char *path = g_strdup_printf("/yenc/%s", yenc_cases[i].name);
		g_test_add_data_func(path, &yenc_cases[i], test_yenc);
	}
	g_test_add_func("/blocks/floods", test_floods);
	g_test_add_func("/blocks/cap", test_cap);
	return g_test_run();
}
