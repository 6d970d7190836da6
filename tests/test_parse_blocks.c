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
#define HQX_1 ":#@9TBf&b,Q0[E3\"#58j\"4%p6@!!!!!!!4!!!!!#(9eJe6b&3*8\"\"8&XdA&\"D@$8"
#define HQX_2 "d+&\"H+6G$3bNhI54&580\"8Le69%&14%&54#e\"6P4*9NP599-Y9%969#e'58a&)54"
#define HQX_3 ")+dJUV9B!!!:"
#define HQX_DATA HQX_1 "\n" HQX_2 "\n" HQX_3 "\n"
#define HQX "(This file must be converted with BinHex 4.0)\n\n" HQX_DATA
#define YENC_DATA                                                                                            \
	"\202_yKzOjkz\205^\206z\204\202_^Rz\210SammSa\247Nosmk|W}~kxnk|nWkx~s\200s|\177}W~o}~WpsvoKNrUrT"

#define A85_1 "=>`kt:aJ@m:g5b]:g-sY1al1,.5sU].5uZ#77fj4;CtgH"
#define A85_2 "5u'g6;FE*&:/jec8Q&Pe/Q>/;<%UR29LU*M81R4\\"
#define QR_1 "█▀▄ █▀▄ █▀▄ █\n"
#define QR_2 "▄█▄█▄█▄█▄█▄█▄\n"
#define QR_PAIR QR_1 QR_2
#define QR QR_PAIR QR_PAIR QR_PAIR QR_PAIR QR_PAIR
#define HASH_PAIR "##  ####  ##\n    ##  ##  ##\n"
#define HASHES HASH_PAIR HASH_PAIR HASH_PAIR HASH_PAIR HASH_PAIR
#define TEN(line) line line line line line line line line line line

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
	{ "binhex, two blanks in its words",
	  "(This file must be  converted with BinHex 4.0)\n\n" HQX_DATA "x\n", "@\nx\n", 1,
	  PARSE_BLOCK_BINHEX, "eicar.com", EICAR, false },
	{ "binhex without its words", "x\n\n" HQX_DATA "y\n", "x\n\n@\ny\n", 1, PARSE_BLOCK_BINHEX,
	  "eicar.com", EICAR, false },
	{ "binhex, its words over two lines", "This must be\nconverted with BinHex\n\n" HQX_DATA,
	  "This must be\nconverted with BinHex\n\n@\n", 1, PARSE_BLOCK_BINHEX, "eicar.com", EICAR, false },
	{ "binhex, other words", "> (Convert with BinHex 4.0)\n> " HQX_1 "\n> " HQX_2 "\n> " HQX_3 "\n",
	  "> (Convert with BinHex 4.0)\n@\n", 1, PARSE_BLOCK_BINHEX, "eicar.com", EICAR, false },
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
	{ "ascii85", "see <~" A85_1 A85_2 "~> now\n", "see @ now\n", 1, PARSE_BLOCK_ASCII85, "", EICAR,
	  false },
	{ "ascii85 over quoted lines", "> <~" A85_1 "\n> " A85_2 "~\n> >\n> x\n", "> @\n> x\n", 1,
	  PARSE_BLOCK_ASCII85, "", EICAR, false },
	{ "ascii85 behind a false one", "<~ no, {this}\n<~<~" A85_1 A85_2 "~>\n", "<~ no, {this}\n<~@\n", 1,
	  PARSE_BLOCK_ASCII85, "", EICAR, false },
	{ "ascii85 with zeros", "<~zzzzzzzzzzzzzzzzzzz5sdq~>\n<~!!!!!!!!!!!!!!!!!!5sdp~>\n", "@\n@\n", 2,
	  PARSE_BLOCK_ASCII85, "", NULL, false },
	{ "ascii85, too short", "<~5sdq,77Kd<8P2WL9~>\n", "<~5sdq,77Kd<8P2WL9~>\n", 0, 0, NULL, NULL, false },
	{ "ascii85 brackets as decoration", "<~~~ good news ~~~>\n<~ and {more} of it ~>\n",
	  "<~~~ good news ~~~>\n<~ and {more} of it ~>\n", 0, 0, NULL, NULL, false },
	{ "btoa", "a\nxbtoa Begin\n" A85_1 "\n" A85_2 "\nxbtoa End 68 44 E 1 S 2 R 3\nb\n", "a\n@\nb\n", 1,
	  PARSE_BLOCK_ASCII85, "", EICAR, false },
	{ "btoa quoted", "> xbtoa Begin\n> " A85_1 A85_2 "\n> xbtoa End 68 44\n", "@\n", 1,
	  PARSE_BLOCK_ASCII85, "", EICAR, false },
	{ "btoa without end", "xbtoa begin\n" A85_1 A85_2 "\nKind regards,\n", "@\nKind regards,\n", 1,
	  PARSE_BLOCK_ASCII85, "", EICAR, true },
	{ "btoa as prose", "xbtoa Begin\nand so on\nGood\n", "xbtoa Begin\nand so on\nGood\n", 0, 0, NULL,
	  NULL, false },
	{ "drawn code", "a\n" QR "b\n", "a\n@\nb\n", 1, PARSE_BLOCK_DRAWING, "", NULL, false },
	{ "drawn code, quoted",
	  "> " QR_1 "> " QR_2 "> " QR_1 "> " QR_2 "> " QR_1 "> " QR_2 "> " QR_1 "> " QR_2 "> " QR_1 "> " QR_2
	  "b\n",
	  "> @\nb\n", 1, PARSE_BLOCK_DRAWING, "", NULL, false },
	{ "drawn code, empty and short lines",
	  QR_PAIR "\n\n" QR_PAIR QR_PAIR "█▄\n" QR_PAIR "\n" QR_PAIR "\nb\n", "@\n\nb\n", 1,
	  PARSE_BLOCK_DRAWING, "", NULL, false },
	{ "drawn code, words beside it", TEN("█▀▄ █▀▄ █▀▄ █ scan this code now\n"), "@\n", 1,
	  PARSE_BLOCK_DRAWING, "", NULL, false },
	{ "drawn code, gaps hide it", TEN("█                                          █\n") QR, "@\n", 1,
	  PARSE_BLOCK_DRAWING, "", NULL, false },
	{ "drawn code of squares", TEN("⬛⬜⬛⬛⬜⬜⬛\n"), "@\n", 1, PARSE_BLOCK_DRAWING, "", NULL, false },
	{ "drawn code of hashes", "a\n" HASHES "b\n", "a\n@\nb\n", 1, PARSE_BLOCK_DRAWING, "", NULL, false },
	{ "nine lines of a code", QR_PAIR QR_PAIR QR_PAIR QR_PAIR QR_1 "b\n",
	  QR_PAIR QR_PAIR QR_PAIR QR_PAIR QR_1 "b\n", 0, 0, NULL, NULL, false },
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
	if (c->bytes != NULL)
		g_assert_cmpmem(block->bytes->data, block->bytes->len, c->bytes, strlen(c->bytes));
	else
		g_assert_cmpuint(block->bytes->len, >, 0);
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

/* What looks a little like a drawing, or like UTF-7, and is none: it stays to the letter. */
static const char *const plain_texts[] = {
	"■■■■■■■■■■■■\nお知らせ\n▀▀▀▀▀▀▀▀▀▀▀▀\n",
	TEN("■ 防災のお知らせ\n"),
	TEN("□ 参加　□ 不参加\n"),
	TEN("████████████\n"),
	TEN("2024 ████████░░░░ 66%\n"),
	TEN("□□□□□□□□□□□□\n"),
	TEN("│ a │ b │ c │\n├───┼───┼───┤\n"),
	TEN("====================\n--------------------\n"),
	TEN("## heading ##\n############\n"),
	TEN("#####  # ###\n#   #  # #\n"),
	TEN("\n"),
	"<~" A85_1 "\n",
	"C++, +81-3-5253-2111, a+b-c, 1+1=2, ++i, x+y/z, +819012345678\n",
	"q=disaster+prevention+Tokyo https://a.example/?q=a+b+C1\n",
	"sha256+WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0ND\n",
};

static void test_plain(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(plain_texts); i++) {
		g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
		g_autoptr(GString) text = g_string_new(plain_texts[i]);
		parse_blocks_text(text, false, blocks);
		g_assert_cmpstr(text->str, ==, plain_texts[i]);
		g_assert_cmpuint(blocks->len, ==, 0);
	}
}

typedef struct {
	const char *text, *left;
} Utf7Case;

/* What markup makes of one file: each piece in a line of its own, between what `before` and `after` say. */
typedef struct {
	const char *name;
	size_t width, other; /* of the pieces; other: of every second one */
	const char *before;  /* `#`: a number */
	const char *after;
	bool url;
} SplitCase;

static const SplitCase split_cases[] = {
	{ "paragraphs of 36", 36, 36, "", "\n\n", false },
	{ "paragraphs of 24", 24, 24, "", "\n\n", false },
	{ "paragraphs of 20", 20, 20, "", "\n\n", false },
	{ "rows of 15", 15, 15, "", "\n", false },
	{ "rows of 12", 12, 12, "", "\n", false },
	{ "rows of 8", 8, 8, "", "\n", false },
	{ "rows of 4", 4, 4, "", "\n", false },
	{ "quoted", 15, 15, "> ", "\n", false },
	{ "numbered", 60, 60, "# ", "\n", false },
	{ "numbered with colons", 20, 20, "#: ", "\n", false },
	{ "list items", 24, 24, "・ ", "\n", false },
	{ "blanks at the ends", 20, 20, "", "  \n", false },
	{ "of two widths", 30, 31, "", "\n\n", false },
	{ "URL alphabet", 32, 32, "", "\n", true },
	{ "three lines between", 40, 40, "", "\n\n\n\n", false },
};

static void split_append(GString *text, const SplitCase *c, size_t number, const char *piece, size_t length)
{
	for (const char *p = c->before; *p != '\0'; p++) {
		if (*p == '#')
			g_string_append_printf(text, "%zu", number);
		else
			g_string_append_c(text, *p);
	}
	g_string_append_len(text, piece, (gssize)length);
	g_string_append(text, c->after);
}

/* Bytes without a pattern, as of a packed program. */
static void fill_packed(uint8_t *bytes, size_t length)
{
	uint32_t state = 1;

	for (size_t i = 0; i < length; i++) {
		state = state * 1103515245 + 12345;
		bytes[i] = (uint8_t)(state >> 16);
	}
}

static void test_split(gconstpointer data)
{
	const SplitCase *c = data;
	uint8_t bytes[420];
	fill_packed(bytes, sizeof(bytes));
	g_autofree char *coded = g_base64_encode(bytes, sizeof(bytes));
	g_autoptr(GString) text = g_string_new("Hello\n\n");
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);

	if (c->url)
		g_strdelimit(g_strdelimit(coded, "+", '-'), "/", '_');
	for (size_t at = 0, n = 1, length = strlen(coded); at < length; n++) {
		size_t width = MIN(n % 2 == 0 ? c->other : c->width, length - at);
		split_append(text, c, n, coded + at, width);
		at += width;
	}
	g_string_append(text, "Thanks\n");
	parse_blocks_text(text, false, blocks);
	judge(text->str);
	g_assert_true(g_str_has_prefix(text->str, "Hello\n\n"));
	g_assert_true(g_str_has_suffix(text->str, "Thanks\n"));
	g_assert_cmpuint(blocks->len, ==, 1);
	const ParseBlock *block = g_ptr_array_index(blocks, 0);
	g_assert_cmpint(block->kind, ==, PARSE_BLOCK_BASE64);
	g_assert_cmpmem(block->bytes->data, MIN(block->bytes->len, 390u), bytes, 390);
}

/* Lists of an office, each line of one word and most of the same length: not a character of them may go. */
static const char *const lists[] = {
	"Tanaka\nSuzuki\nYamada\nInoue1\nKimura\nMatsui\nSasaki\nIshida\nNakano\nMiyata\nKojima\nMurata\nArai"
	"22\n",
	"ABC12345\nABC12346\nXYZ00417\nQRS55501\nABC12347\nTUV90210\nABC12348\nABC12349\nABC12350\nABC12351\n"
	"ABC12352\nABC12353\nABC12354\n",
	"1008111\n1500002\n5300001\n0600042\n9800811\n8100001\n7300013\n4600008\n6008216\n6508570\n2310017\n"
	"2608722\n3309301\n",
	"0352532111\n0663721111\n0522111111\n0112111111\n0222111111\n0927114111\n0822452111\n0453712111\n"
	"0758211111\n0783318181\n0432451111\n0488291111\n",
	"20261120\n20261121\n20261124\n20261125\n20261126\n20261127\n20261130\n20261201\n20261202\n20261203\n"
	"20261204\n20261207\n20261208\n",
	"9f86d081\n884c7d65\n9a2feaa0\nc55ad015\na3bf4f1b\n2b0b822c\nd15d6c15\nb0f00a08\n60303ae2\n2b998861\n"
	"bce3b28f\n33eec1be\n758a213c\n",
	"Hikari501\nNozomi201\nHikari503\nNozomi203\nKodama701\nHikari505\nNozomi205\nKodama703\nHikari507\n"
	"Nozomi207\nKodama705\nHikari509\n",
	"Srv01TokyoDcA\nSrv02TokyoDcA\nSrv03TokyoDcA\nSrv04OsakaDcB\nSrv05OsakaDcB\nSrv06OsakaDcB\nSrv07Kyoto"
	"DcC\n"
	"Srv08KyotoDcC\nSrv09KyotoDcC\nSrv10ChibaDcD\nSrv11ChibaDcD\nSrv12ChibaDcD\n",
	"Windows2019Server01\n\nWindows2019Server02\n\nWindows2019Server03\n\nWindows2022Server04\n\nWindows2"
	"022Serve"
	"r05\n"
	"Windows2022Server06\n\nWindows2022Server07\n\nWindows2022Server08\n\n",
	"1 Tanaka\n2 Suzuki\n3 Yamada\n4 Kimura\n5 Matsui\n6 Sasaki\n7 Ishida\n8 Nakano\n9 Miyata\n10 "
	"Kojima\n"
	"11 Murata\n12 Kaneko\n13 Aoyama\n",
	"Aomori1\n\nIwate22\n\nMiyagi3\n\nAkita44\n\nNiigata\n\nIbaraki\n\nTochigi\n\nSaitama\n\nOkinawa\n\nF"
	"ukuoka\n\n"
	"Hiroshima\n\nYamaguchi\n\n",
	"Room101A\nRoom102A\nRoom103B\nRoom104B\nHall201A\nHall202A\nHall203C\nRoom301A\nRoom302A\nRoom303B\n"
	"Room304B\nHall401A\nHall402A\n",
	"PowerEdgeR740\nThinkPadX1\niPhone15Pro\nMacBookAir13\nSurfacePro9\nGalaxyS24\nXperia1V\nPixel8Pro\n"
	"LaserJetM404\nScanSnapIX1600\nPlayStation5\nOfficeJet9010\n",
	"01-Nov-26\n02-Nov-26\n03-Nov-26\n10-Nov-26\n11-Nov-26\n20-Nov-26\n21-Nov-26\n22-Nov-26\n30-Nov-26\n"
	"01-Dec-26\n02-Dec-26\n03-Dec-26\n",
	"0712\n0722\n0730\n0738\n0745\n0752\n0800\n0807\n0815\n0822\n0830\n0838\n0845\n0852\n0900\n0910\n0920"
	"\n",
	"ABCD1-EFGH2-IJKL3-MNOP4-QRST5\nABCD1-EFGH2-IJKL3-MNOP4-QRST6\nABCD1-EFGH2-IJKL3-MNOP4-QRST7\n"
	"BBCD1-EFGH2-IJKL3-MNOP4-QRST5\nCBCD1-EFGH2-IJKL3-MNOP4-QRST5\nDBCD1-EFGH2-IJKL3-MNOP4-QRST5\n",
	"This.That.Them.Some.many.word.four.long.like.this.text.goes.with.dots.A1b2.more\n",
	"A1B2-C3D4-E5F6-G7H8-J9K1-L2M3-N4P5-Q6R7-S8T9-U1V2-W3X4-Y5Z6-A7B8-C9D1-E2F3-G4H5\n",
	"municipal-website-2024-Registration-Service-Form\n\nmunicipal-website-2025-Registration-Service-"
	"Form\n",
	":----------------------------------------------------------------:\n: a :\n:----:\n",
	":-)\n(-:\n:A:\nSchedule:\n:10:\n:20:\n",
	"Regards:\n:\n:\n",
};

static void test_lists(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
		g_autoptr(GString) text = g_string_new(lists[i]);
		parse_blocks_text(text, false, blocks);
		g_assert_cmpstr(text->str, ==, lists[i]);
		g_assert_cmpuint(blocks->len, ==, 0);
	}
}

/* A line of ours for each would make the text six times as long. */
static void test_joined(void)
{
	static const char *const between[] = { " ", "\n", "\n> ", " x " };

	for (size_t i = 0; i < G_N_ELEMENTS(between); i++) {
		g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 100000)
			g_string_append_printf(text, "data:a/b,c%s", between[i]);
		bool cut = parse_blocks_text_max(text, true, 120000, blocks);
		g_assert_cmpuint(text->len, <=, i == 3 ? 120000 : 100);
		g_assert_cmpint(cut, ==, i == 3);
		g_assert_null(strstr(text->str, "data:"));
		judge(text->str);
	}
}

/* Nothing but a blank is put in, and a second look finds no more. */
static void test_utf7(void)
{
	static const Utf7Case cases[] = {
		{ "a +ADw-script+AD4- b\n", "a + ADw-script+ AD4- b\n" },
		{ "+ACI-x+ACc-y+ACY-\n", "+ACI-x+ACc-y+ACY-\n" },
		{ "+ADwAcwBjAHIAaQBwAHQAPg\n", "+ ADwAcwBjAHIAaQBwAHQAPg\n" },
		{ "+ADwAcyAL-\n", "+ ADwAcyAL-\n" },
		{ "+AD4AYQBi\n", "+ AD4AYQBi\n" },
		{ "+ADwwQjBE\n", "+ADwwQjBE\n" },
		{ "+ADw+AGEAPA-\n", "+ ADw+ AGEAPA-\n" },
		{ "+ADwords\n", "+ADwords\n" },
		{ "http://a.example/?t=x+ADwKJ38uW\n", "http://a.example/?t=x+ADwKJ38uW\n" },
		{ "+ADw\n", "+ ADw\n" },
		{ "+AD\nw\n", "+AD\nw\n" },
		{ "second +AGEAPA-\n", "second + AGEAPA-\n" },
		{ "third +AGEAYQA8-\n", "third + AGEAYQA8-\n" },
		{ "fourth +AGEAYQBhADw-\n", "fourth + AGEAYQBhADw-\n" },
		{ "shifted +AGE+ADw-\n", "shifted +AGE+ ADw-\n" },
		{ "++ADw-\n", "++ ADw-\n" },
		{ "letters +AGEAYg-\n", "letters +AGEAYg-\n" },
		{ "http://a.example/+ADw-x\n", "http://a.example/+ ADw-x\n" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases) * 2; i++) {
		g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
		g_autoptr(GString) text = g_string_new(i % 2 == 0 ? cases[i / 2].text : cases[i / 2].left);
		parse_blocks_text(text, false, blocks);
		g_assert_cmpstr(text->str, ==, cases[i / 2].left);
		g_assert_cmpuint(blocks->len, ==, 0);
	}
}

/* The blank ends the URL, and what had been a part of it is a run then. */
static void test_utf7_url(void)
{
	g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(parse_block_free);
	g_autoptr(GString) text = g_string_new("http://a.example/+ADw-/" B64_1 B64_2 "\n");

	parse_blocks_text(text, false, blocks);
	judge(text->str);
	g_assert_null(strstr(text->str, B64_1));
	g_assert_cmpuint(blocks->len, ==, 1);
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
		":\n",
		":!!!!\n!!!!\n",
		"aB3d\n",
		"1 aB3dE9xQaB3dE9xQaa\n\n",
		"data:a/b,c x",
		"aaaaaaaaaaaaaaaaaaaa\n",
		"<~",
		"<~ a\n",
		"xbtoa Begin\nabc\n",
		"+",
		"+A",
		"+ADw",
		"█ ",
		"█▀▄ █▀▄ █▀▄\n",
		"## ",
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
	for (size_t i = 0; i < G_N_ELEMENTS(split_cases); i++) {
		g_autofree char *path = g_strdup_printf("/split/%s", split_cases[i].name);
		g_test_add_data_func(path, &split_cases[i], test_split);
	}
	g_test_add_func("/blocks/plain", test_plain);
	g_test_add_func("/blocks/lists", test_lists);
	g_test_add_func("/blocks/joined", test_joined);
	g_test_add_func("/blocks/utf7", test_utf7);
	g_test_add_func("/blocks/utf7-url", test_utf7_url);
	g_test_add_func("/blocks/floods", test_floods);
	g_test_add_func("/blocks/cap", test_cap);
	return g_test_run();
}
