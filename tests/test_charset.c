/* charset: labels and decoders, the fallback of labels, the character set of HTML. */
#include "charset_priv.h"

#include <string.h>

typedef struct {
	const char *name;
	const char *label;
	const char *bytes;
	size_t length;
	const char *text;
	const char *used;
	uint64_t replaced;
} DecodeCase;

#define BYTES(s) (s), sizeof(s) - 1
#define FFFD "\xef\xbf\xbd"

static const DecodeCase decode_cases[] = {
	/* ISO-2022-JP */
	{ "golden 35", "iso-2022-jp", BYTES("\x1b$B-!-j\x1b(B\x1b(I5]W2\x1b(B"), "①㈱ｵﾝﾗｲ", "iso-2022-jp",
	  0 },
	{ "gaiji of windows in jis", "cp50220", BYTES("\x1b$B\x7f!F|\x92~\x1b(B"),
	  "\xee\x80\x80"
	  "日"
	  "\xee\x9d\x97",
	  "iso-2022-jp", 0 },
	{ "free rows of jis", "iso-2022-jp", BYTES("\x1b$Bu!~~\x1b(B"), "\xee\x80\x80\xee\x8e\xab",
	  "iso-2022-jp", 0 },
	{ "no gaiji: a row between", "iso-2022-jp", BYTES("\x1b$B/!F|\x1b(B"), FFFD "日", "iso-2022-jp", 1 },
	{ "no gaiji: no trail", "iso-2022-jp", BYTES("\x1b$B\x7f<\x1b(B<"), "\xee\x80\x9b<", "iso-2022-jp",
	  0 },
	{ "jis under a utf-7 label", "utf-7", BYTES("\x1b$BF|K\\\x1b(B+AGE-"), "日本+AGE-", "iso-2022-jp",
	  0 },
	{ "sjis under a korean label", "euc-kr",
	  BYTES("\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x81\x81\x5b\x83\x8b\x82\xc5\x82\xb7"),
	  "日本語のメールです", "shift_jis", 0 },
	{ "sjis under a latin label with the euro", "iso-8859-15",
	  BYTES("\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x81\x81\x5b\x83\x8b"), "日本語のメール", "shift_jis",
	  0 },
	{ "latin with the euro", "iso-8859-15", BYTES("\xa4 \xbduvre"), "€ œuvre", "iso-8859-15", 0 },
	{ "korean with a flaw", "euc-kr", BYTES("\xc7\xd1\xb1\xdb\xff"), "한글" FFFD, "euc-kr", 1 },
	{ "golden 36", "ISO-2022-JP", BYTES("\x1b$BF|K\\\r\nabc"), "日本\r\nabc", "iso-2022-jp", 0 },
	{ "ibm rows", "iso-2022-jp", BYTES("\x1b$B|b\x1b(B"), "髙", "iso-2022-jp", 0 },
	{ "windows mapping", "iso-2022-jp", BYTES("\x1b$B!A!]!B!q!r\"L\x1b(B"), "～－∥￠￡￢", "iso-2022-jp",
	  0 },
	{ "old kanji set", "iso-2022-jp", BYTES("\x1b$@F|\x1b(J\\~"), "日\\~", "iso-2022-jp", 0 },
	{ "announcer", "iso-2022-jp", BYTES("\x1b&@\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	{ "so si kana", "iso-2022-jp",
	  BYTES("\x0e"
	        "5]\x0f"
	        "a"),
	  "ｵﾝa", "iso-2022-jp", 0 },
	{ "8-bit kana", "iso-2022-jp", BYTES("\x1b$BF|\x1b(B\xb5\xdd"), "日ｵﾝ", "iso-2022-jp", 0 },
	{ "x 0212", "iso-2022-jp-1", BYTES("\x1b$(D0!\x1b(B"), "丂", "iso-2022-jp", 0 },
	{ "korean set", "iso-2022-jp-2", BYTES("\x1b$(C0!GQ\x1b(Bok"), "가한ok", "iso-2022-jp", 0 },
	{ "chinese set", "iso-2022-jp-2", BYTES("\x1b$AVPND\x1b(Bok"), "中文ok", "iso-2022-jp", 0 },
	{ "latin set", "iso-2022-jp-2", BYTES("\x1b.Acaf\x1bNi\x1b.F\x1bNa\n\x1bNa"),
	  "café\xce\xb1\n" FFFD "Na", "iso-2022-jp", 1 },
	{ "x 0213 plane 1", "iso-2022-jp-2004", BYTES("\x1b$(Q.\"$w!A\x1b$(O|b\x1b(B"),
	  "𠀋か\xe3\x82\x9a～郄", "iso-2022-jp", 0 },
	{ "x 0213 plane 2", "iso-2022-jp-3", BYTES("\x1b$(P!!\x1b$(P\"!\x1b(B"), "𠂉" FFFD, "iso-2022-jp",
	  1 },
	{ "kana between kanji", "iso-2022-jp", BYTES("\x1b$BF|\xb5\xddK\\\x1b(B"), "日ｵﾝ本", "iso-2022-jp",
	  0 },
	{ "so si kana with its designator", "iso-2022-jp", BYTES("\x1b)I\x0e\x35]\x0f"), "ｵﾝ", "iso-2022-jp",
	  0 },
	{ "unknown escape", "iso-2022-jp", BYTES("\x1b[31mred"), FFFD "[31mred", "iso-2022-jp", 1 },
	{ "cut pair", "iso-2022-jp", BYTES("\x1b$BF|K"), "日" FFFD, "iso-2022-jp", 1 },
	{ "pair broken by an escape", "iso-2022-jp", BYTES("\x1b$BF\x1b(B<b>"), FFFD "<b>", "iso-2022-jp",
	  1 },
	{ "sjis under a jis label", "iso-2022-jp", BYTES("\x93\xfa\x96\x7b"), "日本", "shift_jis", 0 },
	{ "markup in kanji", "iso-2022-jp", BYTES("\x1b$B<script>\x1b(B<p>"), "首竰蜷" FFFD "<p>",
	  "iso-2022-jp", 1 },
	{ "utf-8 under a jis label", "iso-2022-jp", BYTES("日本"), "日本", "utf-8", 0 },
	/* Shift_JIS */
	{ "golden 38", "shift_jis", BYTES("\x82\x3c\x62\x3e"), FFFD "<b>", "shift_jis", 1 },
	{ "golden 39 sjis", "x-sjis", BYTES("\xfb\xfc\xee\xe0"), "髙髙", "shift_jis", 0 },
	{ "nec row", "Shift_JIS", BYTES("\x87\x40\x87\x8a"), "①㈱", "shift_jis", 0 },
	{ "sjis kana and ascii", "cp932", BYTES("\xb5\xdd\\~"), "ｵﾝ\\~", "shift_jis", 0 },
	{ "windows mapping sjis", "cp932", BYTES("\x81\x60\x81\x7c\x81\x61"), "～－∥", "shift_jis", 0 },
	{ "lead at the end", "shift_jis", BYTES("a\x82"), "a" FFFD, "shift_jis", 1 },
	{ "unassigned pair", "shift_jis", BYTES("\x85\x80<"), FFFD "<", "shift_jis", 1 },
	{ "unassigned pair with an ascii trail", "shift_jis", BYTES("\x85\x40x"), FFFD "@x", "shift_jis", 1 },
	{ "gaiji stay private", "shift_jis", BYTES("\xf0\x40"), "\xee\x80\x80", "shift_jis", 0 },
	{ "utf-8 under a sjis label", "shift_jis", BYTES("日本"), "日本", "utf-8", 0 },
	{ "euc under a sjis label", "shift_jis", BYTES("\xc6\xfc\xcb\xdc"), "日本", "euc-jp", 0 },
	{ "euc that fits a sjis label", "shift_jis", BYTES("\xa4\xac\xb8\xab"), "が見", "euc-jp", 0 },
	{ "sjis kana under its label", "shift_jis", BYTES("\xc3\xbd\xc4\xd2\xb0\xd9\xa4\xb6\xde"),
	  "ﾃｽﾄﾒｰﾙ､ｶﾞ", "shift_jis", 0 },
	{ "jis under a sjis label", "shift_jis", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	/* EUC-JP */
	{ "golden 39 euc", "euc-jp", BYTES("\xfc\xe2"), "髙", "euc-jp", 0 },
	{ "euc rows", "cp51932", BYTES("\xc6\xfc\xcb\xdc\xad\xa1\xad\xea"), "日本①㈱", "euc-jp", 0 },
	{ "euc kana", "EUC-JP", BYTES("\x8e\xb5\x8e\xdd"), "ｵﾝ", "euc-jp", 0 },
	{ "euc x 0212", "euc-jp", BYTES("\x8f\xb0\xa1"), "丂", "euc-jp", 0 },
	{ "windows mapping euc", "euc-jp", BYTES("\xa1\xc1\xa1\xdd\xa1\xc2"), "～－∥", "euc-jp", 0 },
	{ "sjis under an euc label", "euc-jp", BYTES("\x93\xfa\x96\x7b"), "日本", "shift_jis", 0 },
	{ "utf-8 under an euc label", "euc-jp", BYTES("日本"), "日本", "utf-8", 0 },
	{ "jis under an euc label", "euc-jp", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	{ "euc lead before ascii", "euc-jp", BYTES("\xc6<b>"), FFFD "<b>", "euc-jp", 1 },
	/* JIS X 0213, by label */
	{ "euc of 2004", "euc-jis-2004", BYTES("\xc6\xfc\xa4\xf7\xa1\xc1\x8f\xa1\xa1"),
	  "日か\xe3\x82\x9a～𠂉", "euc-jis-2004", 0 },
	{ "shift_jis of 2004", "shift_jisx0213", BYTES("\x93\xfa\x82\xf5\xf0\x40\xb5"), "日か\xe3\x82\x9a𠂉ｵ",
	  "shift_jis-2004", 0 },
	{ "shift_jis of 2004 before a tag", "shift_jis-2004", BYTES("\x82<b>\x80\x93\xfa"),
	  FFFD "<b>" FFFD "日", "shift_jis-2004", 2 },
	{ "sjis under a label of 2004", "euc-jis-2004", BYTES("\x93\xfa\x96\x7b"), "日本", "shift_jis", 0 },
	{ "utf-8 under a label of 2004", "euc-jis-2004", BYTES("日本"), "日本", "utf-8", 0 },
	/* UTF-8 */
	{ "utf-8", "utf-8", BYTES("日本語"), "日本語", "utf-8", 0 },
	{ "golden 37", "utf-8", BYTES("\x93\xfa\x96\x7b"), "日本", "shift_jis", 0 },
	{ "euc under a utf-8 label", "utf-8", BYTES("\xc6\xfc\xcb\xdc"), "日本", "euc-jp", 0 },
	{ "utf-8 with one flaw", "utf-8", BYTES("日本\xff語の件名"), "日本" FFFD "語の件名", "utf-8", 1 },
	{ "utf-8 mark", "us-ascii", BYTES("\xef\xbb\xbf日本"), "日本", "utf-8", 0 },
	{ "overlong", "utf-8", BYTES("\xc0\xaf\xe0\x80\xaf"), FFFD FFFD FFFD FFFD FFFD, "utf-8", 5 },
	{ "surrogate", "utf-8", BYTES("\xed\xa0\x80"), FFFD FFFD FFFD, "utf-8", 3 },
	{ "over 10ffff", "utf-8", BYTES("\xf4\x90\x80\x80"), FFFD FFFD FFFD FFFD, "utf-8", 4 },
	{ "overlong markup", "utf-8", BYTES("\xc0\xbcscript\xc0\xbe x"), FFFD FFFD "script" FFFD FFFD " x",
	  "utf-8", 4 },
	{ "five bytes", "utf-8", BYTES("\xf8\x88\x80\x80\x80"), FFFD FFFD FFFD FFFD FFFD, "utf-8", 5 },
	{ "maximal subpart", "utf-8", BYTES("\xe6\x97<\xf0\x9f\x98"), FFFD "<" FFFD, "utf-8", 2 },
	{ "jis under a utf-8 label", "utf-8", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	/* ASCII and Latin */
	{ "no label", "", BYTES("plain"), "plain", "us-ascii", 0 },
	{ "ascii with utf-8", "us-ascii", BYTES("日"), "日", "utf-8", 0 },
	{ "ascii with jis", "us-ascii", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	{ "ascii with rubbish", "us-ascii", BYTES("a\x81\xff<"), "a" FFFD "ÿ<", "windows-1252", 1 },
	{ "no label, sjis", "", BYTES("\x93\xfa\x96\x7b"), "日本", "shift_jis", 0 },
	{ "no label, euc", "8bit", BYTES("\xc6\xfc\xcb\xdc\xb8\xec"), "日本語", "euc-jp", 0 },
	{ "no label, latin", "", BYTES("caf\xe9 \x93na\xefve\x94"), "café “naïve”", "windows-1252", 0 },
	{ "no label, utf-8 cut", "", BYTES("日本\xe8\xaa"), "日本" FFFD, "utf-8", 1 },
	{ "no label, utf-7", "", BYTES("+ADw-script+AD4-"), "+ADw-script+AD4-", "us-ascii", 0 },
	{ "no label, utf-16", "", BYTES("<\0b\0>\0"), "<", "us-ascii", 0 },
	{ "escape that is no designator", "us-ascii", BYTES("\x1b[31m\x1b(B"), "\x1b[31m\x1b(B", "us-ascii",
	  0 },
	{ "latin", "iso-8859-1", BYTES("caf\xe9 \x80\x81"), "café €" FFFD, "windows-1252", 1 },
	{ "utf-8 under a latin label", "windows-1252", BYTES("日本"), "日本", "utf-8", 0 },
	{ "sjis under a latin label", "iso-8859-1", BYTES("\x93\xfa\x96\x7b\x8c\xea"), "日本語", "shift_jis",
	  0 },
	{ "two pairs are not enough", "iso-8859-1", BYTES("\x93\xfa\x96\x7b"), "“ú–{", "windows-1252", 0 },
	{ "jis under a latin label", "iso-8859-1", BYTES("\x1b$BF|\x1b(B"), "日", "iso-2022-jp", 0 },
	{ "latin that is valid utf-8", "iso-8859-1", BYTES("\xc3\xa9"), "Ã©", "windows-1252", 0 },
	/* UTF-16 */
	{ "utf-16le", "utf-16le", BYTES("\xe5\x65\x2c\x67<\0"), "日本<", "utf-16le", 0 },
	{ "utf-16be", "utf-16be", BYTES("\x65\xe5\x67\x2c\0<"), "日本<", "utf-16be", 0 },
	{ "utf-16 with a mark", "utf-16", BYTES("\xfe\xff\x65\xe5"), "日", "utf-16be", 0 },
	{ "the mark beats the label", "utf-16be", BYTES("\xff\xfe\xe5\x65"), "日", "utf-16le", 0 },
	{ "utf-16 without a mark", "utf-16", BYTES("\0a\0b\x30\x42"), "abあ", "utf-16be", 0 },
	{ "utf-16 surrogates", "utf-16le", BYTES("\x3d\xd8\x00\xde\x3d\xd8!\0\x00\xde"), "😀" FFFD "!" FFFD,
	  "utf-16le", 2 },
	{ "utf-16 odd", "utf-16le", BYTES("a\0b\0c"), "ab" FFFD, "utf-16le", 1 },
	{ "utf-16 without a unit of ASCII", "utf-16be", BYTES("\x4f\x1a\x01\x11"), "会đ", "utf-16be", 0 },
	{ "utf-16 of kanji alone", "utf-16", BYTES("\x4e\x0a\x96\x50"), "上限", "utf-16be", 0 },
	{ "utf-16 with a DEL", "utf-16be", BYTES("\x4f\x4d\x7f\x6e"), "位置", "utf-16be", 0 },
	{ "ascii under a utf-16 label", "utf-16", BYTES("<p>plain text</p>"), "<p>plain text</p>", "utf-8",
	  0 },
	/* UTF-7 */
	{ "utf-7", "utf-7", BYTES("+ADw-script+AD4-a+-b+ZeVnLA-c"), "<script>a+b日本c", "utf-7", 0 },
	{ "utf-7 unclosed", "UTF-7", BYTES("+ZeU x+2D3eAA+"), "日 x😀" FFFD, "utf-7", 1 },
	{ "utf-7 lone surrogate", "utf-7", BYTES("+2D0-<+2D0AYQ-"), FFFD "<" FFFD "a", "utf-7", 2 },
	{ "utf-7 bits left over", "utf-7", BYTES("+AGEAf-b"), "a" FFFD "b", "utf-7", 1 },
	/* UTF-32 */
	{ "utf-32le", "utf-32le", BYTES("<\0\0\0\xe5\x65\0\0\x00\xf6\x01\0"), "<日😀", "utf-32le", 0 },
	{ "utf-32be", "utf-32be", BYTES("\0\0\0<\0\0\x65\xe5"), "<日", "utf-32be", 0 },
	{ "utf-32 mark", "utf-32", BYTES("\xff\xfe\0\0\xe5\x65\0\0"), "日", "utf-32le", 0 },
	{ "utf-32 mark beats the label", "utf-32le", BYTES("\0\0\xfe\xff\0\0\x65\xe5"), "日", "utf-32be", 0 },
	{ "utf-32 without a mark", "utf-32", BYTES("a\0\0\0\x42\x30\0\0"), "aあ", "utf-32le", 0 },
	{ "utf-32 without a mark, big", "utf-32", BYTES("\0\0\0a\0\0\x30\x42"), "aあ", "utf-32be", 0 },
	{ "utf-32 surrogate", "utf-32le", BYTES("\0\xd8\0\0<\0\0\0"), FFFD "<", "utf-32le", 1 },
	{ "utf-32 over 10ffff", "utf-32le", BYTES("\0\0\x11\0\0\0\0\xff<\0\0\0"), FFFD FFFD "<", "utf-32le",
	  2 },
	{ "utf-32 cut", "utf-32be", BYTES("\0\0\0a\0\0"), "a" FFFD, "utf-32be", 1 },
	{ "ascii under a utf-32 label", "utf-32", BYTES("<p>plain</p>"), "<p>plain</p>", "utf-8", 0 },
	/* HZ */
	{ "hz", "hz-gb-2312", BYTES("a~{VPND~}b~~c"), "a中文b~c", "hz-gb-2312", 0 },
	{ "hz joins lines", "hz", BYTES("a~\nb\nc"), "ab\nc", "hz-gb-2312", 0 },
	{ "hz forgets at a line end", "hz", BYTES("~{VP\n<b>"), "中\n<b>", "hz-gb-2312", 0 },
	{ "hz markup in a pair", "hz", BYTES("~{<script>~}<p>"), "俭泸轲艟<p>", "hz-gb-2312", 0 },
	{ "hz broken pair", "hz", BYTES("~{V ~}<"), FFFD " <", "hz-gb-2312", 1 },
	{ "hz unknown tilde", "hz", BYTES("~x~{~{"), FFFD "x" FFFD FFFD, "hz-gb-2312", 3 },
	{ "gb2312 under a hz label", "hz", BYTES("\xd6\xd0\xce\xc4"), "中文", "gb18030", 0 },
	{ "hz without its label", "us-ascii", BYTES("~{VPND~}"), "~{VPND~}", "us-ascii", 0 },
	/* ISO-2022-KR */
	{ "iso-2022-kr", "iso-2022-kr", BYTES("\x1b$)C\nab \x0eGQ1[\x0f<"), "\nab 한글<", "iso-2022-kr", 0 },
	{ "iso-2022-kr forgets at a line end", "iso-2022-kr", BYTES("\x1b$)C\x0eGQ\n<b>"), "한\n<b>",
	  "iso-2022-kr", 0 },
	{ "iso-2022-kr broken pair", "iso-2022-kr", BYTES("\x1b$)C\x0eG\x0f<"), FFFD "<", "iso-2022-kr", 1 },
	{ "iso-2022-kr other escape", "iso-2022-kr", BYTES("\x1b$Bx"), FFFD "$Bx", "iso-2022-kr", 1 },
	{ "euc-kr under its label", "iso-2022-kr", BYTES("\xc7\xd1\xb1\xdb"), "한글", "euc-kr", 0 },
	/* EBCDIC */
	{ "ebcdic", "cp037", BYTES("\xc8\x85\x93\x93\x96\x15\x4c\x82\x6e\x25\xf1"), "Hello\n<b>\n1", "ibm037",
	  0 },
	{ "ebcdic brackets", "cp500", BYTES("\x4a\x81\x5a"), "[a]", "ibm500", 0 },
	{ "ebcdic of open systems", "ibm-1047", BYTES("\xad\x81\xbd"), "[a]", "ibm1047", 0 },
	{ "ebcdic euro", "cp01140", BYTES("\x9f\x81"), "€a", "ibm1140", 0 },
	{ "ascii under an ebcdic label", "cp037", BYTES("<p>plain"), "<p>plain", "utf-8", 0 },
	{ "utf-8 under an ebcdic label", "cp037", BYTES("日本"), "日本", "utf-8", 0 },
	{ "utf-7 label over 8 bits", "utf-7", BYTES("日本+ADw-"), "日本+ADw-", "utf-8", 0 },
	/* neighbours */
	{ "gb2312", "gb2312", BYTES("\xd6\xd0\xce\xc4"), "中文", "gb18030", 0 },
	{ "gbk trail in ascii", "gbk", BYTES("\x81\x40<"), "丂<", "gb18030", 0 },
	{ "gb18030 of four", "gb18030", BYTES("\x81\x30\x81\x30\x94\x39\xda\x33"), "\xc2\x80💩", "gb18030",
	  0 },
	{ "gb18030 broken four", "gb18030", BYTES("\xfe\x39\xfe\x39<\x81\x30<"), FFFD "9" FFFD "9<" FFFD "0<",
	  "gb18030", 3 },
	{ "big5", "big5", BYTES("\xa4\xa4\xa4\xe5"), "中文", "big5", 0 },
	{ "big5-hkscs", "big5-hkscs", BYTES("\x88\x62\x9d\x4e"), "\xc3\x8a\xcc\x84𨦸", "big5", 0 },
	{ "big5 lines", "big5", BYTES("\xa1\x5a\xa1\xc5"), "╴ˍ", "big5", 0 },
	{ "big5 lead before a tag", "big5", BYTES("\xa4<b>"), FFFD "<b>", "big5", 1 },
	{ "euc-kr", "ks_c_5601-1987", BYTES("\xc7\xd1\xb1\xdb"), "한글", "euc-kr", 0 },
	{ "uhc", "euc-kr", BYTES("\x8c\x63"), "똠", "euc-kr", 0 },
	{ "utf-8 under a chinese label", "gb2312", BYTES("日本"), "日本", "utf-8", 0 },
	/* one byte a character */
	{ "latin-2", "iso-8859-2", BYTES("\xb1\xe6\xea"), "ąćę", "iso-8859-2", 0 },
	{ "latin-9", "ISO-8859-15", BYTES("\xa4"), "€", "iso-8859-15", 0 },
	{ "latin-5", "iso-8859-9", BYTES("\xfe\x80"), "ş€", "windows-1254", 0 },
	{ "cyrillic", "windows-1251", BYTES("\xcf\xf0"), "Пр", "windows-1251", 0 },
	{ "koi8-r", "koi8-r", BYTES("\xf0\xd2"), "Пр", "koi8-r", 0 },
	{ "hebrew", "windows-1255", BYTES("\xe0\xc8"), "א\xd6\xb8", "windows-1255", 0 },
	{ "vietnamese", "windows-1258", BYTES("a\xcc"), "a\xcc\x80", "windows-1258", 0 },
	{ "thai", "tis-620", BYTES("\xa1\xdb"), "ก" FFFD, "windows-874", 1 },
	{ "mac", "macintosh", BYTES("\x8a"), "ä", "macintosh", 0 },
	{ "utf-8 under a single label", "iso-8859-2", BYTES("日本"), "日本", "utf-8", 0 },
};

static void test_decode(gconstpointer data)
{
	const DecodeCase *c = data;
	g_autoptr(GString) out = g_string_new(NULL);
	uint64_t replaced = 0;
	Charset used = charset_decode(charset_from_label(c->label, strlen(c->label)),
	                              (const uint8_t *)c->bytes, c->length, out, &replaced);

	g_assert_cmpstr(out->str, ==, c->text);
	g_assert_true(out->len == strlen(c->text) || memchr(out->str, '\0', out->len) != NULL);
	g_assert_cmpstr(charset_name(used), ==, c->used);
	g_assert_cmpuint(replaced, ==, c->replaced);
}

typedef struct {
	const char *name;
	const char *label;
	const char *bytes;
	size_t length;
	const char *text;
	uint64_t mended;
	uint64_t replaced;
} LinesCase;

#define SJIS_LINE "\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x8d\x73\x82\xc5\x82\xb7\r\n"
#define EUC_LINE "\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xb9\xd4\xa4\xc7\xa4\xb9\n"
#define TEXT_LINE "日本語の行です"

/* A footer, a quotation or an answer in another character set than the text it stands in. */
static const LinesCase lines_cases[] = {
	{ "one", "utf-8", BYTES("本文\r\nab\r\n"), "本文\r\nab\r\n", 0, 0 },
	{ "sjis in utf-8", "utf-8", BYTES("本文です\r\n" SJIS_LINE "本文です"),
	  "本文です\r\n" TEXT_LINE "\r\n本文です", 1, 0 },
	{ "euc in utf-8", "utf-8",
	  BYTES(EUC_LINE EUC_LINE "本文です。ここからも本文です\n本文です。ここまで本文です"),
	  TEXT_LINE "\n" TEXT_LINE "\n本文です。ここからも本文です\n本文です。ここまで本文です", 2, 0 },
	{ "jis in utf-8", "utf-8", BYTES("本文\n\x1b$BF|K\\\x1b(B\nend"), "本文\n日本\nend", 1, 0 },
	{ "sjis in jis", "iso-2022-jp", BYTES("\x1b$BF|K\\\n" SJIS_LINE "\x1b$BF|K\\\x1b(B"),
	  "日本\n" TEXT_LINE "\r\n日本", 1, 0 },
	{ "utf-8 in jis", "iso-2022-jp", BYTES("\x1b$BF|K\\\x1b(B\n" TEXT_LINE), "日本\n" TEXT_LINE, 1, 0 },
	{ "8-bit kana in jis", "iso-2022-jp", BYTES("\x1b$BF|K\\\x1b(B\n\xb5\xdd\n"), "日本\nｵﾝ\n", 0, 0 },
	{ "utf-8 in sjis", "shift_jis", BYTES(SJIS_LINE SJIS_LINE TEXT_LINE "。\n"),
	  TEXT_LINE "\r\n" TEXT_LINE "\r\n" TEXT_LINE "。\n", 1, 0 },
	{ "damaged line", "utf-8", BYTES("本文\xe6\x97\nab\n" TEXT_LINE), "本文" FFFD "\nab\n" TEXT_LINE, 0,
	  1 },
	{ "rubbish", "utf-8", BYTES(TEXT_LINE "\n\xff<\xff>\n"), TEXT_LINE "\n" FFFD "<" FFFD ">\n", 0, 2 },
	{ "latin", "windows-1252", BYTES("caf\xe9\n" TEXT_LINE "\n"), NULL, 0, 3 },
};

/* In one, and in pieces of a few bytes. */
static void test_lines(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(lines_cases); i++) {
		const LinesCase *c = &lines_cases[i];
		g_autofree uint8_t *bytes = g_memdup2(c->bytes, c->length);
		g_test_message("%s", c->name);
		for (size_t piece = 1; piece < 10000; piece = piece * 3 + 1) {
			CharsetReader reader = charset_reader(charset_from_label(c->label, strlen(c->label)),
			                                      bytes, c->length);
			g_autoptr(GString) out = g_string_new(NULL);
			charset_reader_by_lines(&reader);
			while (charset_read(&reader, out, out->len + piece))
				continue;
			if (c->text != NULL)
				g_assert_cmpstr(out->str, ==, c->text);
			g_assert_cmpuint(reader.mended, ==, c->mended);
			g_assert_cmpuint(reader.replaced, ==, c->replaced);
		}
	}
}

/* Of hostile lines only some are looked at, and each is read. */
static void test_many_lines(void)
{
	enum { LINES = 100000 };
	g_autoptr(GString) text = g_string_new("本文です。\n");
	g_autoptr(GString) out = g_string_new(NULL);

	for (unsigned i = 0; i < LINES; i++)
		g_string_append(text, "\xff\n");
	CharsetReader reader = charset_reader(CHARSET_UTF_8, (const uint8_t *)text->str, text->len);
	charset_reader_by_lines(&reader);
	while (charset_read(&reader, out, SIZE_MAX))
		continue;
	g_assert_cmpuint(reader.replaced, ==, LINES);
	g_assert_cmpuint(reader.looked_at, <, LINES);
	g_assert_cmpuint(out->len, ==, strlen("本文です。\n") + LINES * strlen(FFFD "\n"));
}

/* Read in pieces of any size, the text is the same, and no piece is much more than was asked for. */
static void test_pieces(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(decode_cases) * 7; i++) {
		const DecodeCase *c = &decode_cases[i / 7];
		g_autoptr(GString) out = g_string_new(NULL);
		CharsetReader reader = charset_reader(charset_from_label(c->label, strlen(c->label)),
		                                      (const uint8_t *)c->bytes, c->length);
		for (bool more = true; more;) {
			size_t max = out->len + 1 + i % 7;
			more = charset_read(&reader, out, max);
			g_assert_cmpuint(out->len, <=, max + 8);
		}
		g_assert_cmpstr(out->str, ==, c->text);
		g_assert_cmpuint(reader.replaced, ==, c->replaced);
		g_assert_cmpstr(charset_name(reader.used), ==, c->used);
	}
}

typedef struct {
	const char *label;
	const char *name;
} LabelCase;

static void test_labels(void)
{
	static const LabelCase cases[] = {
		{ " \"UTF-8\"; ", "utf-8" },
		{ "utf-8*ja", "utf-8" },
		{ "Windows-31J", "shift_jis" },
		{ "x-sjis", "shift_jis" },
		{ "cp932", "shift_jis" },
		{ "MS932", "shift_jis" },
		{ "MS_Kanji", "shift_jis" },
		{ "sjis-win", "shift_jis" },
		{ "CP50220", "iso-2022-jp" },
		{ "cp50221", "iso-2022-jp" },
		{ "cp50222", "iso-2022-jp" },
		{ "ISO-2022-JP-1", "iso-2022-jp" },
		{ "iso-2022-jp-2", "iso-2022-jp" },
		{ "iso-2022-jp-3", "iso-2022-jp" },
		{ "iso-2022-jp-2004", "iso-2022-jp" },
		{ "iso-2022-jp-ms", "iso-2022-jp" },
		{ "x-euc-jp", "euc-jp" },
		{ "eucJP-ms", "euc-jp" },
		{ "cp51932", "euc-jp" },
		{ "cp65001", "utf-8" },
		{ "eucJP-win", "euc-jp" },
		{ "8bit", "us-ascii" },
		{ "", "us-ascii" },
		{ "x-user-defined", "us-ascii" },
		{ "'latin1'", "windows-1252" },
		{ "utf-7", "utf-7" },
		{ "utf-16", "utf-16" },
		{ "iso-8859-15", "iso-8859-15" },
		{ "ISO-8859-8-I", "iso-8859-8" },
		{ "iso_8859-9:1989", "windows-1254" },
		{ "tis-620", "windows-874" },
		{ "866", "ibm866" },
		{ "x-mac-ukrainian", "x-mac-cyrillic" },
		{ "ksc_5601", "euc-kr" },
		{ "x-x-big5", "big5" },
		{ "gb_2312-80", "gb18030" },
		{ "HZ-GB-2312", "hz-gb-2312" },
		{ "hz", "hz-gb-2312" },
		{ "csISO2022KR", "iso-2022-kr" },
		{ "UTF-32", "utf-32" },
		{ "utf-32le", "utf-32le" },
		{ "UCS-4", "utf-32" },
		{ "cp037", "ibm037" },
		{ "IBM-1047", "ibm1047" },
		{ "cp500", "ibm500" },
		{ "IBM01140", "ibm1140" },
		{ "Shift_JISX0213", "shift_jis-2004" },
		{ "EUC-JISX0213", "euc-jis-2004" },
		/* not ours: listed, not shown */
		{ "iso-2022-cn", "unknown" },
		{ "ibm930", "unknown" },
		{ "utf-8x", "unknown" },
		{ "utf-", "unknown" },
		{ "utf-8 utf8", "unknown" },
		{ "8859-1", "unknown" },
		{ "../../evil", "unknown" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Charset charset = charset_from_label(cases[i].label, strlen(cases[i].label));
		g_assert_cmpstr(charset_name(charset), ==, cases[i].name);
	}
	g_assert_cmpint(charset_from_label("utf-8\0x", 7), ==, CHARSET_UNKNOWN);
}

/* Every name of ours is a label, and means itself. */
static void test_names(void)
{
	for (Charset charset = CHARSET_US_ASCII; charset < CHARSET_COUNT; charset++) {
		const char *name = charset_name(charset);
		g_assert_cmpint(charset_from_label(name, strlen(name)), ==, charset);
	}
	g_assert_cmpstr(charset_name(CHARSET_COUNT), ==, "unknown");
}

/* Every single-byte table was filled, and ASCII stays ASCII in all. */
static void test_singles(void)
{
	for (Charset charset = CHARSET_SINGLE_FIRST; charset < CHARSET_COUNT; charset++) {
		const uint8_t bytes[] = { 'a', 0xe2, '<' };
		g_autoptr(GString) out = g_string_new(NULL);
		CharsetReader reader = charset_reader(charset, bytes, sizeof bytes);
		charset_read(&reader, out, SIZE_MAX);
		g_assert_cmpint(reader.used, ==, charset);
		g_assert_cmpuint(reader.replaced, ==, 0);
		g_assert_true(g_str_has_prefix(out->str, "a") && g_str_has_suffix(out->str, "<"));
	}
}

typedef struct {
	const char *name;
	const char *label; /* NULL = none */
	const char *bytes;
	size_t length;
	const char *charset;
	bool repaired;
} HtmlCase;

static const HtmlCase html_cases[] = {
	{ "nothing", NULL, BYTES("<p>a"), "us-ascii", false },
	{ "meta", NULL, BYTES("<meta charset=Shift_JIS><p>\x93\xfa"), "shift_jis", true },
	{ "pragma", NULL,
	  BYTES("<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=euc-jp'>\xc6\xfc"), "euc-jp",
	  true },
	{ "pragma, other order", NULL,
	  BYTES("<meta content=\"text/html;charset = 'utf-8' \" http-equiv=content-type>"), "utf-8", true },
	{ "content without pragma", NULL, BYTES("<meta content='text/html; charset=euc-jp'>"), "us-ascii",
	  false },
	{ "in a comment", NULL, BYTES("<!-- <meta charset=euc-jp> -->"), "us-ascii", false },
	{ "after a comment", NULL, BYTES("<!--><meta charset=euc-jp>"), "euc-jp", true },
	{ "in an attribute", NULL, BYTES("<p title='<meta charset=euc-jp>'>"), "us-ascii", false },
	{ "in a declaration", NULL, BYTES("<!doctype <meta charset=euc-jp>"), "us-ascii", false },
	{ "utf-16 in meta", NULL, BYTES("<meta charset=utf-16le>"), "utf-8", true },
	{ "x-user-defined", NULL, BYTES("<meta charset=x-user-defined>"), "windows-1252", true },
	{ "utf-7 in meta", NULL, BYTES("<meta charset=utf-7>+ADw-"), "us-ascii", false },
	{ "unknown, then known", NULL, BYTES("<meta charset=hz><meta charset=big5>"), "big5", true },
	{ "hz in meta", NULL, BYTES("<meta charset=hz-gb-2312>"), "us-ascii", false },
	{ "ebcdic in meta", NULL, BYTES("<meta charset=cp037>"), "us-ascii", false },
	{ "utf-32 in meta", NULL, BYTES("<meta charset=utf-32>"), "utf-8", true },
	{ "utf-32 label and mark", "utf-32", BYTES("\xff\xfe\0\0<\0\0\0"), "utf-32", false },
	{ "metadata is no meta", NULL, BYTES("<metadata charset=big5>"), "us-ascii", false },
	{ "the first of two", NULL, BYTES("<meta charset=big5 charset=euc-kr>"), "big5", true },
	{ "never closed", NULL, BYTES("<meta charset='big5"), "big5", true },
	{ "label beats meta", "utf-8", BYTES("<meta charset=shift_jis>日本"), "utf-8", false },
	{ "meta repairs the label", "utf-8", BYTES("<meta charset=koi8-r>\xf0\xd2\xc9\xd7\xc5\xd4"), "koi8-r",
	  true },
	{ "meta that fails, too", "utf-8", BYTES("<meta charset=euc-jp>\xf0 \xd2"), "utf-8", false },
	{ "mark beats label", "euc-jp", BYTES("\xef\xbb\xbf<meta charset=shift_jis>"), "utf-8", true },
	{ "utf-16 mark", NULL, BYTES("\xff\xfe<\0p\0>\0"), "utf-16le", true },
	{ "utf-16 label and mark", "utf-16", BYTES("\xff\xfe<\0p\0>\0"), "utf-16le", false },
	{ "mark before ascii", NULL, BYTES("\xff\xfe<p>plain</p>"), "us-ascii", false },
};

static void test_html(gconstpointer data)
{
	const HtmlCase *c = data;
	bool labelled = c->label != NULL, repaired = !c->repaired;
	Charset declared = labelled ? charset_from_label(c->label, strlen(c->label)) : CHARSET_US_ASCII;
	Charset charset =
	        charset_for_html(declared, labelled, (const uint8_t *)c->bytes, c->length, &repaired);

	g_assert_cmpstr(charset_name(charset), ==, c->charset);
	g_assert_cmpint(repaired, ==, c->repaired);
}

/* Beyond the first 1024 bytes <meta> is too late, as in browsers. */
static void test_html_late(void)
{
	g_autoptr(GString) html = g_string_new("<p>");
	bool repaired;

	for (unsigned i = 0; i < 1024; i++)
		g_string_append_c(html, 'x');
	g_string_append(html, "<meta charset=big5>");
	Charset charset =
	        charset_for_html(CHARSET_US_ASCII, false, (const uint8_t *)html->str, html->len, &repaired);
	g_assert_cmpint(charset, ==, CHARSET_US_ASCII);
	g_assert_cmpint(charset_for_html(CHARSET_UTF_8, true, NULL, 0, &repaired), ==, CHARSET_UTF_8);
}

/* A UTF-16 mark under another label: the letters behind it stay letters in a name, and in plain ASCII. */
static void test_marks(void)
{
	static const uint8_t name[] = { 0xff, 0xfe, 'a', '.', 'e', 'x', 'e', '!' };
	static const uint8_t body[] = { 0xff, 0xfe, 0xe5, 0x65, '\n', 0 };
	g_autoptr(GString) out = g_string_new(NULL);

	g_assert_cmpint(charset_decode(CHARSET_US_ASCII, body, sizeof body, out, NULL), ==,
	                CHARSET_WINDOWS_1252);
	g_assert_cmpint(charset_reader(CHARSET_UTF_8, body, sizeof body).used, ==, CHARSET_UTF_16LE);
	g_assert_cmpint(charset_reader(CHARSET_US_ASCII, name, sizeof name).used, ==, CHARSET_WINDOWS_1252);
}

/* Whatever the bytes, the result is UTF-8 and no ASCII byte of the input is lost outside JIS pairs. */
static void test_always_utf8(void)
{
	uint8_t bytes[64];

	g_test_message("seeded by the test framework");
	for (unsigned round = 0; round < 20000; round++) {
		size_t length = (size_t)g_test_rand_int_range(0, sizeof bytes);
		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)g_test_rand_int_range(0, 256);
		g_autoptr(GString) out = g_string_new(NULL);
		charset_decode((Charset)(round % CHARSET_COUNT), bytes, length, out, NULL);
		g_assert_cmpuint(out->len, <=, 3 * length);
		g_assert_true(g_utf8_validate_len(out->str, out->len, NULL) ||
		              memchr(out->str, '\0', out->len) != NULL);
	}
}

/* Every `<` and `"` that follows a broken lead survives, for every lead and every set that holds ASCII. */
static void test_ascii_survives(void)
{
	for (Charset charset = CHARSET_UNKNOWN; charset < CHARSET_COUNT; charset++) {
		bool ascii = charset < CHARSET_UTF_16 || charset >= CHARSET_GB18030 ||
		             charset == CHARSET_HZ || charset == CHARSET_ISO_2022_KR;
		for (unsigned lead = 0x80; ascii && lead < 0x100; lead++) {
			const uint8_t bytes[] = { (uint8_t)lead, '<', '"' };
			g_autoptr(GString) out = g_string_new(NULL);
			charset_decode(charset, bytes, sizeof bytes, out, NULL);
			g_assert_true(g_str_has_suffix(out->str, "<\""));
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(decode_cases); i++) {
		g_autofree char *path = g_strdup_printf("/charset/decode/%s", decode_cases[i].name);
		g_test_add_data_func(path, &decode_cases[i], test_decode);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(html_cases); i++) {
		g_autofree char *path = g_strdup_printf("/charset/html/%s", html_cases[i].name);
		g_test_add_data_func(path, &html_cases[i], test_html);
	}
	g_test_add_func("/charset/lines", test_lines);
	g_test_add_func("/charset/many-lines", test_many_lines);
	g_test_add_func("/charset/pieces", test_pieces);
	g_test_add_func("/charset/labels", test_labels);
	g_test_add_func("/charset/names", test_names);
	g_test_add_func("/charset/singles", test_singles);
	g_test_add_func("/charset/marks", test_marks);
	g_test_add_func("/charset/html-late", test_html_late);
	g_test_add_func("/charset/always-utf8", test_always_utf8);
	g_test_add_func("/charset/ascii-survives", test_ascii_survives);
	return g_test_run();
}
