/* charset_label: what senders call a character set. The labels of the WHATWG Encoding Standard 4.2 for all
 * encodings that we read, and those that Japanese mailers write besides. */
#include "charset_priv.h"

#include <string.h>

/* One row a character set, its labels divided by blanks: a label has none inside. */
typedef struct {
	Charset charset;
	const char *labels;
} LabelRow;

static const LabelRow label_rows[] = {
	{ CHARSET_UTF_8,
	  "utf-8 utf8 utf_8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 cp65001" },
	{ CHARSET_ISO_2022_JP, "iso-2022-jp csiso2022jp iso2022jp iso-2022-jp-1 iso-2022-jp-2 csiso2022jp2 "
	                       "iso-2022-jp-3 iso-2022-jp-2004 iso-2022-jp-ms cp50220 cp50221 cp50222 jis" },
	{ CHARSET_SHIFT_JIS, "shift_jis shift-jis x-sjis sjis sjis-win cp932 ms932 ms_kanji windows-31j "
	                     "csshiftjis cswindows31j windows-932 x-ms-cp932" },
	{ CHARSET_EUC_JP, "euc-jp x-euc-jp eucjp euc_jp x-eucjp eucjp-ms euc-jp-ms eucjp-win cp51932 "
	                  "cseucpkdfmtjapanese ujis" },
	/* x-user-defined: what Outlook Express in Japan wrote over any of the above. */
	{ CHARSET_US_ASCII,
	  "us-ascii ascii ansi_x3.4-1968 iso646-us iso_646.irv:1991 iso-ir-6 cp367 ibm367 us "
	  "csascii x-unknown unknown unknown-8bit x-user-defined 7bit 8bit binary" },
	{ CHARSET_WINDOWS_1252,
	  "iso-8859-1 iso8859-1 iso_8859-1 iso_8859-1:1987 iso88591 iso-ir-100 csisolatin1 "
	  "latin1 l1 cp819 ibm819 windows-1252 cp1252 x-cp1252 x-ansi" },
	{ CHARSET_UTF_16, "utf-16 utf16 unicode csunicode iso-10646-ucs-2 ucs-2" },
	{ CHARSET_UTF_16LE, "utf-16le unicodefeff" },
	{ CHARSET_UTF_16BE, "utf-16be unicodefffe" },
	{ CHARSET_UTF_32, "utf-32 utf32 csutf32 ucs-4 iso-10646-ucs-4 csucs4" },
	{ CHARSET_UTF_32LE, "utf-32le csutf32le ucs-4le" },
	{ CHARSET_UTF_32BE, "utf-32be csutf32be ucs-4be" },
	{ CHARSET_HZ, "hz-gb-2312 hz hz-gb2312" },
	{ CHARSET_ISO_2022_KR, "iso-2022-kr csiso2022kr iso2022kr" },
	{ CHARSET_IBM037, "ibm037 cp037 ibm-037 ibm-37 csibm037 ebcdic-cp-us ebcdic-cp-ca ebcdic-cp-wt "
	                  "ebcdic-cp-nl ebcdic" },
	{ CHARSET_IBM500, "ibm500 cp500 ibm-500 csibm500 ebcdic-cp-be ebcdic-cp-ch ebcdic-international" },
	{ CHARSET_IBM1047, "ibm1047 ibm-1047 cp1047" },
	{ CHARSET_IBM1140, "ibm01140 ibm1140 ibm-1140 cp01140 cp1140 ccsid01140 ebcdic-us-37+euro" },
	{ CHARSET_UTF_7, "utf-7 utf7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 csunicode11utf7 cp65000" },
	{ CHARSET_GB18030, "gb18030 gbk x-gbk gb2312 gb_2312 gb_2312-80 chinese csgb2312 csiso58gb231280 "
	                   "iso-ir-58 cp936 ms936 windows-936 euc-cn x-euc-cn" },
	{ CHARSET_BIG5, "big5 big5-hkscs cn-big5 csbig5 x-x-big5 x-big5 cp950 windows-950" },
	{ CHARSET_EUC_KR,
	  "euc-kr cseuckr ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 ksc5601 ksc_5601 csksc56011987 "
	  "iso-ir-149 korean windows-949 cp949 uhc" },
	{ CHARSET_SHIFT_JIS_2004, "shift_jis-2004 shift_jis_2004 shift_jisx0213 sjis-2004" },
	{ CHARSET_EUC_JIS_2004, "euc-jis-2004 euc_jis_2004 euc-jisx0213 euc_jisx0213" },
	{ CHARSET_ISO_8859_2,
	  "iso-8859-2 iso8859-2 iso_8859-2 iso_8859-2:1987 iso88592 iso-ir-101 csisolatin2 "
	  "latin2 l2" },
	{ CHARSET_ISO_8859_3,
	  "iso-8859-3 iso8859-3 iso_8859-3 iso_8859-3:1988 iso88593 iso-ir-109 csisolatin3 "
	  "latin3 l3" },
	{ CHARSET_ISO_8859_4,
	  "iso-8859-4 iso8859-4 iso_8859-4 iso_8859-4:1988 iso88594 iso-ir-110 csisolatin4 "
	  "latin4 l4" },
	{ CHARSET_ISO_8859_5, "iso-8859-5 iso8859-5 iso_8859-5 iso_8859-5:1988 iso88595 iso-ir-144 "
	                      "csisolatincyrillic cyrillic" },
	{ CHARSET_ISO_8859_6, "iso-8859-6 iso8859-6 iso_8859-6 iso_8859-6:1987 iso88596 iso-ir-127 "
	                      "csisolatinarabic arabic asmo-708 ecma-114 iso-8859-6-e iso-8859-6-i "
	                      "csiso88596e csiso88596i" },
	{ CHARSET_ISO_8859_7, "iso-8859-7 iso8859-7 iso_8859-7 iso_8859-7:1987 iso88597 iso-ir-126 "
	                      "csisolatingreek greek greek8 ecma-118 elot_928 sun_eu_greek" },
	{ CHARSET_ISO_8859_8, "iso-8859-8 iso8859-8 iso_8859-8 iso_8859-8:1988 iso88598 iso-ir-138 "
	                      "csisolatinhebrew hebrew iso-8859-8-e csiso88598e visual iso-8859-8-i "
	                      "csiso88598i logical" },
	{ CHARSET_ISO_8859_10, "iso-8859-10 iso8859-10 iso885910 iso-ir-157 csisolatin6 latin6 l6" },
	{ CHARSET_ISO_8859_13, "iso-8859-13 iso8859-13 iso885913" },
	{ CHARSET_ISO_8859_14, "iso-8859-14 iso8859-14 iso885914" },
	{ CHARSET_ISO_8859_15, "iso-8859-15 iso8859-15 iso_8859-15 iso885915 csisolatin9 latin9 latin-9 l9" },
	{ CHARSET_ISO_8859_16, "iso-8859-16 iso8859-16 iso885916" },
	{ CHARSET_WINDOWS_874, "windows-874 cp874 dos-874 tis-620 iso-8859-11 iso8859-11 iso885911" },
	{ CHARSET_WINDOWS_1250, "windows-1250 cp1250 x-cp1250" },
	{ CHARSET_WINDOWS_1251, "windows-1251 cp1251 x-cp1251" },
	{ CHARSET_WINDOWS_1253, "windows-1253 cp1253 x-cp1253" },
	{ CHARSET_WINDOWS_1254,
	  "windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 iso_8859-9 iso_8859-9:1989 "
	  "iso88599 iso-ir-148 csisolatin5 latin5 l5" },
	{ CHARSET_WINDOWS_1255, "windows-1255 cp1255 x-cp1255" },
	{ CHARSET_WINDOWS_1256, "windows-1256 cp1256 x-cp1256" },
	{ CHARSET_WINDOWS_1257, "windows-1257 cp1257 x-cp1257" },
	{ CHARSET_WINDOWS_1258, "windows-1258 cp1258 x-cp1258" },
	{ CHARSET_KOI8_R, "koi8-r koi8_r koi8 koi cskoi8r" },
	{ CHARSET_KOI8_U, "koi8-u koi8-ru" },
	{ CHARSET_MACINTOSH, "macintosh mac x-mac-roman csmacintosh" },
	{ CHARSET_MAC_CYRILLIC, "x-mac-cyrillic x-mac-ukrainian" },
	{ CHARSET_IBM866, "ibm866 cp866 866 csibm866" },
};

static const char *const names[CHARSET_COUNT] = {
	[CHARSET_UNKNOWN] = "unknown",
	[CHARSET_US_ASCII] = "us-ascii",
	[CHARSET_UTF_8] = "utf-8",
	[CHARSET_ISO_2022_JP] = "iso-2022-jp",
	[CHARSET_SHIFT_JIS] = "shift_jis",
	[CHARSET_EUC_JP] = "euc-jp",
	[CHARSET_WINDOWS_1252] = "windows-1252",
	[CHARSET_UTF_16] = "utf-16",
	[CHARSET_UTF_16LE] = "utf-16le",
	[CHARSET_UTF_16BE] = "utf-16be",
	[CHARSET_UTF_32] = "utf-32",
	[CHARSET_UTF_32LE] = "utf-32le",
	[CHARSET_UTF_32BE] = "utf-32be",
	[CHARSET_HZ] = "hz-gb-2312",
	[CHARSET_ISO_2022_KR] = "iso-2022-kr",
	[CHARSET_IBM037] = "ibm037",
	[CHARSET_IBM500] = "ibm500",
	[CHARSET_IBM1047] = "ibm1047",
	[CHARSET_IBM1140] = "ibm1140",
	[CHARSET_UTF_7] = "utf-7",
	[CHARSET_GB18030] = "gb18030",
	[CHARSET_BIG5] = "big5",
	[CHARSET_EUC_KR] = "euc-kr",
	[CHARSET_SHIFT_JIS_2004] = "shift_jis-2004",
	[CHARSET_EUC_JIS_2004] = "euc-jis-2004",
	[CHARSET_ISO_8859_2] = "iso-8859-2",
	[CHARSET_ISO_8859_3] = "iso-8859-3",
	[CHARSET_ISO_8859_4] = "iso-8859-4",
	[CHARSET_ISO_8859_5] = "iso-8859-5",
	[CHARSET_ISO_8859_6] = "iso-8859-6",
	[CHARSET_ISO_8859_7] = "iso-8859-7",
	[CHARSET_ISO_8859_8] = "iso-8859-8",
	[CHARSET_ISO_8859_10] = "iso-8859-10",
	[CHARSET_ISO_8859_13] = "iso-8859-13",
	[CHARSET_ISO_8859_14] = "iso-8859-14",
	[CHARSET_ISO_8859_15] = "iso-8859-15",
	[CHARSET_ISO_8859_16] = "iso-8859-16",
	[CHARSET_WINDOWS_874] = "windows-874",
	[CHARSET_WINDOWS_1250] = "windows-1250",
	[CHARSET_WINDOWS_1251] = "windows-1251",
	[CHARSET_WINDOWS_1253] = "windows-1253",
	[CHARSET_WINDOWS_1254] = "windows-1254",
	[CHARSET_WINDOWS_1255] = "windows-1255",
	[CHARSET_WINDOWS_1256] = "windows-1256",
	[CHARSET_WINDOWS_1257] = "windows-1257",
	[CHARSET_WINDOWS_1258] = "windows-1258",
	[CHARSET_KOI8_R] = "koi8-r",
	[CHARSET_KOI8_U] = "koi8-u",
	[CHARSET_MACINTOSH] = "macintosh",
	[CHARSET_MAC_CYRILLIC] = "x-mac-cyrillic",
	[CHARSET_IBM866] = "ibm866",
};

enum { LABEL_MAX = 32 };

static bool label_is_noise(char c)
{
	return c != '\0' && strchr(" \t\r\n\f\v\"';", c) != NULL;
}

/* Is word, of length bytes, among the words of row? */
static bool row_has(const char *row, const char *word, size_t length)
{
	for (const char *at = row; (at = strstr(at, word)) != NULL; at += length) {
		bool begins = at == row || at[-1] == ' ';
		if (begins && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* word: lower case, with an end. */
static Charset label_find(const char *word, size_t length)
{
	for (size_t i = 0; i < G_N_ELEMENTS(label_rows); i++) {
		if (row_has(label_rows[i].labels, word, length))
			return label_rows[i].charset;
	}
	return CHARSET_UNKNOWN;
}

Charset charset_from_label(const char *label, size_t bytes)
{
	char word[LABEL_MAX + 1] = "";

	while (bytes > 0 && label_is_noise(label[0])) {
		label++;
		bytes--;
	}
	const char *star = bytes > 0 ? memchr(label, '*', bytes) : NULL;
	if (star != NULL)
		bytes = (size_t)(star - label);
	while (bytes > 0 && label_is_noise(label[bytes - 1]))
		bytes--;
	if (bytes == 0)
		return CHARSET_US_ASCII;
	if (bytes > LABEL_MAX)
		return CHARSET_UNKNOWN;
	for (size_t i = 0; i < bytes; i++) {
		/* a blank or NUL inside would match across, or short of, a word of the table */
		if (label[i] <= ' ' || label[i] > '~')
			return CHARSET_UNKNOWN;
		word[i] = g_ascii_tolower(label[i]);
	}
	return label_find(word, bytes);
}

const char *charset_name(Charset charset)
{
	return charset < CHARSET_COUNT ? names[charset] : names[CHARSET_UNKNOWN];
}
