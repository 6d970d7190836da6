/* charset: bytes under a claimed label -> UTF-8. Jailed code; the label only selects a row of a fixed
 * list and never reaches iconv, which is used when this is built, to make our tables: no byte of a mail is
 * ever given to it. Everything here works on constant tables (any thread), makes no system call but for
 * memory, and is linear.
 *
 * The Windows mapping (U+FF5E, U+FF0D, U+2225) is used for JIS, Shift_JIS and EUC alike, so that one
 * text has one form. Every undecodable place becomes one U+FFFD and is counted; an ASCII byte that
 * follows a broken lead byte is never swallowed, since it may be a `<` or a `"`. Private use characters
 * stay what they are: clean_text makes them 〓. A byte makes at most three bytes of UTF-8.
 */
#ifndef MUGAI_SANITIZE_CHARSET_PRIV_H
#define MUGAI_SANITIZE_CHARSET_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum {
	CHARSET_UNKNOWN = 0, /* a label that we cannot read: the part is listed, not shown */
	CHARSET_US_ASCII,    /* also: no label at all, or one that says nothing (8bit, x-unknown) */
	CHARSET_UTF_8,
	CHARSET_ISO_2022_JP,
	CHARSET_SHIFT_JIS,
	CHARSET_EUC_JP,
	CHARSET_WINDOWS_1252, /* also: ISO-8859-1 */
	CHARSET_UTF_16,       /* a label only: a text is read as one of the next two */
	CHARSET_UTF_16LE,
	CHARSET_UTF_16BE,
	CHARSET_UTF_32, /* a label only, like UTF_16 */
	CHARSET_UTF_32LE,
	CHARSET_UTF_32BE,
	/* From here to IBM1140 by an explicit label of the mail only: they make `<` of other signs. */
	CHARSET_UTF_7,
	CHARSET_HZ,
	CHARSET_ISO_2022_KR,
	CHARSET_IBM037, /* EBCDIC */
	CHARSET_IBM500,
	CHARSET_IBM1047,
	CHARSET_IBM1140,
	CHARSET_GB18030,
	CHARSET_BIG5,
	CHARSET_EUC_KR,
	CHARSET_SHIFT_JIS_2004, /* with JIS X 0213 where the other two have the kanji of NEC and IBM: by label
	                         */
	CHARSET_EUC_JIS_2004,
	CHARSET_SINGLE_FIRST, /* from here: one table of 128 each, see charset_table.c */
	CHARSET_ISO_8859_2 = CHARSET_SINGLE_FIRST,
	CHARSET_ISO_8859_3,
	CHARSET_ISO_8859_4,
	CHARSET_ISO_8859_5,
	CHARSET_ISO_8859_6,
	CHARSET_ISO_8859_7,
	CHARSET_ISO_8859_8,
	CHARSET_ISO_8859_10,
	CHARSET_ISO_8859_13,
	CHARSET_ISO_8859_14,
	CHARSET_ISO_8859_15,
	CHARSET_ISO_8859_16,
	CHARSET_WINDOWS_874,
	CHARSET_WINDOWS_1250,
	CHARSET_WINDOWS_1251,
	CHARSET_WINDOWS_1253,
	CHARSET_WINDOWS_1254,
	CHARSET_WINDOWS_1255,
	CHARSET_WINDOWS_1256,
	CHARSET_WINDOWS_1257,
	CHARSET_WINDOWS_1258,
	CHARSET_KOI8_R,
	CHARSET_KOI8_U,
	CHARSET_MACINTOSH,
	CHARSET_MAC_CYRILLIC,
	CHARSET_IBM866,
	CHARSET_COUNT
} Charset;

/* Cleans the label (case, quotes, blanks, `;`, `*lang`) and looks it up: the labels of the WHATWG Encoding
 * Standard 4.2, with its reading of them (ISO-8859-9 is windows-1254), and what Japanese mailers write.
 * Empty = US_ASCII. Not in the list, and so UNKNOWN: ISO-2022-CN, EBCDIC but for four Latin pages, ... */
Charset charset_from_label(const char *label, size_t bytes);
/* Our own name for it, lower case; static. */
const char *charset_name(Charset charset);

/* For header words, names and parameters. Appends UTF-8 to out. ret_replaced (may be NULL) is increased
 * by the number of U+FFFD written. Returns the character set that was used: bytes that
 * contradict the label are read as what they are, see charset_reader_with(). UNKNOWN counts as US_ASCII.
 * A UTF-16 byte order mark means nothing here unless the label says UTF-16 (of UTF-32 likewise): it would
 * hide the end of a file name. */
Charset charset_decode(Charset declared, const uint8_t *bytes, size_t length, GString *out,
                       uint64_t *ret_replaced);
/* The same with a hint, as charset_reader_with() has it: for raw bytes in a header. */
Charset charset_decode_with(Charset declared, bool labelled, Charset hint, const uint8_t *bytes,
                            size_t length, GString *out, uint64_t *ret_replaced);

/* The text of an HTML part: byte order mark, then label, then <meta> (WHATWG HTML 13.2.3.2, first 1024
 * bytes). <meta> counts when the mail says nothing, or when its label fails and <meta> decodes
 * without a flaw. Returns the character set to read it as, to be given on to charset_reader_with() with
 * labelled true; *ret_repaired: it is not the declared one. */
Charset charset_for_html(Charset declared, bool labelled, const uint8_t *bytes, size_t length,
                         bool *ret_repaired);

/* The same in bounded pieces, for a text whose UTF-8 may be three times as large as the input. The whole
 * input stays visible, so that no piece ends inside a character. */
typedef struct {
	const uint8_t *bytes; /* the caller's */
	size_t length;
	size_t at;         /* consumed so far */
	Charset used;      /* chosen before the first piece */
	uint64_t replaced; /* U+FFFD written so far */
	unsigned jis_set;  /* of charset_jis.c: carried from piece to piece */
	unsigned jis_high;
	bool jis_shifted;
	bool shifted;      /* of charset_shift.c */
	bool utf7_shifted; /* of charset_utf.c */
	unsigned utf7_held;
	uint32_t utf7_bits;
	uint16_t utf7_high;
	/* of charset_reader_by_lines() */
	bool by_lines;
	size_t lines_end;   /* what is read as line_used ends here */
	Charset line_used;
	Charset line_hint;  /* of the last line that was in another character set */
	unsigned looked_at; /* lines */
	uint64_t mended;    /* lines read in another character set */
} CharsetReader;

/* charset_reader_with() for a text that is labelled unless declared is US_ASCII, without a hint. */
CharsetReader charset_reader(Charset declared, const uint8_t *bytes, size_t length);
/* labelled: the mail says declared by itself; without it declared does not count. hint: the character set of
 * the rest of the mail, which decides where the bytes alone do not; CHARSET_UNKNOWN = none. reader.used is
 * never UNKNOWN, UTF_16 or UTF_32. A label that the bytes contradict is repaired:
 *
 *   any but UTF-16, UTF-32, HZ, ISO-2022-KR: 7-bit with a Japanese designator: ISO-2022-JP
 *   ISO-2022-JP             8-bit without ESC: UTF-8, Shift_JIS, EUC-JP
 *   Shift_JIS, EUC-JP       where they do not fit: UTF-8, the other one
 *   Shift_JIS-2004, EUC-JIS-2004   where they do not fit: as Shift_JIS, EUC-JP
 *   UTF-8                   where it does not fit: Shift_JIS, EUC-JP
 *   US_ASCII, none          UTF-8, Shift_JIS, EUC-JP, the hint, windows-1252
 *   windows-1252, ISO-8859-15   UTF-8 with kana or kanji in it; Shift_JIS, EUC-JP if that is quite sure
 *   UTF-16                  without a mark and plain ASCII or UTF-8: UTF-8
 *   UTF-32                  the same; its mark counts under such a label only
 *   UTF-7                   8-bit: as US_ASCII
 *   HZ, ISO-2022-KR         8-bit: UTF-8, GB18030, EUC-KR
 *   EBCDIC                  7-bit with letters of ASCII (it has none there), UTF-8 with kana or kanji: UTF-8
 *   Chinese, Korean         where they do not fit: UTF-8, Shift_JIS
 *   one byte a character    UTF-8 with kana or kanji in it */
CharsetReader charset_reader_with(Charset declared, bool labelled, Charset hint, const uint8_t *bytes,
                                  size_t length);
/* For a text of several lines: some of them may be in another character set, as footers of mailing lists and
 * quotations are. A line that does not fit is looked at as if it stood alone under the same label; at most
 * some thousands are. Before the first charset_read(). */
void charset_reader_by_lines(CharsetReader *reader);
/* Appends whole code points to out until it holds max bytes (at most 8 more) or the input ends.
 * False: nothing is left to read. */
bool charset_read(CharsetReader *reader, GString *out, size_t max);

/* ---- between the charset_*.c files --------------------------------------------------------------------- */

/* Where a decoder writes to; behind end there is room for 8 bytes more. */
typedef struct {
	uint8_t *at;
	uint8_t *end;
	uint64_t replaced;
} CharsetWriter;

/* Writes one code point, or U+FFFD and a count when c is 0. */
static inline void charset_put(CharsetWriter *writer, uint32_t c)
{
	uint8_t *at = writer->at;

	if (c == 0) {
		c = 0xfffd;
		writer->replaced++;
	}
	if (c < 0x80) {
		*at++ = (uint8_t)c;
	} else if (c < 0x800) {
		*at++ = (uint8_t)(0xc0 | c >> 6);
		*at++ = (uint8_t)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*at++ = (uint8_t)(0xe0 | c >> 12);
		*at++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*at++ = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		*at++ = (uint8_t)(0xf0 | c >> 18);
		*at++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		*at++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*at++ = (uint8_t)(0x80 | (c & 0x3f));
	}
	writer->at = at;
}

/* charset_put() of one code point, or of two of 16 bits which are stored as one number above U+10FFFF. */
static inline void charset_put_pair(CharsetWriter *writer, uint32_t c)
{
	if (c > 0x10ffff)
		charset_put(writer, c >> 16);
	charset_put(writer, c > 0x10ffff ? c & 0xffff : c);
}

/* Decodes until writer is full or the input ends: at most one code point at a time past end. */
typedef void (*CharsetDecoder)(CharsetReader *reader, CharsetWriter *writer);

/* charset.c. Is used what the label says, or one of the two forms of the UTF-16 or UTF-32 which it says? */
bool charset_same(Charset declared, Charset used);
/* Bytes below 80 at the front of bytes. */
size_t charset_ascii_run(const uint8_t *bytes, size_t length);
/* How many U+FFFD it would give, counted no further than enough. */
uint64_t charset_flaws(Charset charset, const uint8_t *bytes, size_t length, uint64_t enough);

/* charset_jis.c: the ISO-2022-JP family with everything that Japanese mailers put into it. */
void charset_jis_read(CharsetReader *reader, CharsetWriter *writer);
/* bytes are 7-bit. Does it switch to a Japanese set? Nothing else looks like that. */
bool charset_jis_like(const uint8_t *bytes, size_t length);

/* charset_table.c */
/* JIS X 0208 with NEC row 13 and IBM rows 89-92, rows and cells 1 .. 94. 0 = not assigned. */
uint16_t charset_kuten(unsigned row, unsigned cell);
/* JIS X 0212. */
uint16_t charset_kuten_0212(unsigned row, unsigned cell);
/* JIS X 0213:2004 by plane (1, 2), with the signs of Windows where JIS X 0208 has them; may be two code
 * points, as charset_put_pair() takes them. */
uint32_t charset_kuten_0213(unsigned plane, unsigned row, unsigned cell);
/* CP932, with its private use rows. */
uint16_t charset_sjis_pair(uint8_t lead, uint8_t trail);
/* GB18030 and UHC, codes of two bytes. */
uint16_t charset_gb_pair(uint8_t lead, uint8_t trail);
uint16_t charset_korean_pair(uint8_t lead, uint8_t trail);
/* A set of one byte a character, byte 80 or above. */
uint16_t charset_single(Charset charset, uint8_t byte);
void charset_sjis_read(CharsetReader *reader, CharsetWriter *writer);
void charset_euc_read(CharsetReader *reader, CharsetWriter *writer);
void charset_sjis_2004_read(CharsetReader *reader, CharsetWriter *writer);
void charset_euc_2004_read(CharsetReader *reader, CharsetWriter *writer);
void charset_gb18030_read(CharsetReader *reader, CharsetWriter *writer);
void charset_big5_read(CharsetReader *reader, CharsetWriter *writer);
void charset_korean_read(CharsetReader *reader, CharsetWriter *writer);
/* windows-1252 and all from CHARSET_SINGLE_FIRST on, by reader->used. */
void charset_single_read(CharsetReader *reader, CharsetWriter *writer);

/* EBCDIC, by reader->used. */
void charset_ebcdic_read(CharsetReader *reader, CharsetWriter *writer);

/* charset_shift.c */
void charset_hz_read(CharsetReader *reader, CharsetWriter *writer);
void charset_iso_2022_kr_read(CharsetReader *reader, CharsetWriter *writer);

/* charset_utf.c */
typedef struct {
	size_t multi;    /* characters of more than one byte */
	size_t east;     /* among them U+3040 .. U+D7FF: kana, kanji, Hangul */
	size_t japanese; /* among them U+3040 .. U+9FFF */
	size_t flaws;    /* places that are not UTF-8 */
	bool cut;        /* the last flaw is a character that the end of the text cuts off */
} CharsetUtf8;

CharsetUtf8 charset_utf8_look(const uint8_t *bytes, size_t length);
void charset_utf8_read(CharsetReader *reader, CharsetWriter *writer);
void charset_utf16_read(CharsetReader *reader, CharsetWriter *writer);
void charset_utf32_read(CharsetReader *reader, CharsetWriter *writer);
void charset_utf7_read(CharsetReader *reader, CharsetWriter *writer);
/* UTF_8, UTF_16LE or UTF_16BE by the mark at the front, else UNKNOWN; *ret_length: bytes of the mark. */
Charset charset_mark(const uint8_t *bytes, size_t length, size_t *ret_length);
/* charset_mark(), but not UTF-16 when all behind the mark is printable ASCII: the mark would make signs of
 * letters. */
Charset charset_mark_sane(const uint8_t *bytes, size_t length);
/* For a text under a UTF-16 label: which of the two, or UTF_8. */
Charset charset_utf16_choose(Charset declared, const uint8_t *bytes, size_t length);
/* The same for a UTF-32 label, with a mark of its own; *ret_mark: bytes of the mark, 0 for none. */
Charset charset_utf32_choose(Charset declared, const uint8_t *bytes, size_t length, size_t *ret_mark);
bool charset_is_utf16(Charset charset);
bool charset_is_utf32(Charset charset);

/* charset_score.c */
typedef struct {
	Charset charset; /* SHIFT_JIS, EUC_JP; UNKNOWN: neither */
	int64_t score;
	size_t pairs; /* double-byte characters */
	size_t kana;  /* hiragana and katakana among them */
} CharsetGuess;

/* Is this 8-bit text Japanese, and in which of the two? It must fit but for one flaw in 50 pairs, and a pair
 * that the end of a longer text cuts apart; the first 1024 bytes that are not ASCII decide. hint: as in
 * charset_reader_with(). */
CharsetGuess charset_guess(const uint8_t *bytes, size_t length, Charset hint);

/* charset_meta.c. What <meta> says, UNKNOWN if nothing that we would follow. */
Charset charset_meta(const uint8_t *bytes, size_t length);

G_END_DECLS

#endif
