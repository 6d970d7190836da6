/* charset: bytes under a claimed label -> UTF-8. Jailed code; the label only selects a row of a fixed
 * list and never reaches iconv, which is used in charset_warm_up() alone, to build our tables.
 *
 * The Windows mapping (U+FF5E, U+FF0D, U+2225) is used for JIS, Shift_JIS and EUC alike, so that one
 * text has one form. Every undecodable place becomes one U+FFFD and is counted; an ASCII byte that
 * follows a broken lead byte is never swallowed, since it may be a `<` or a `"`.
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
	CHARSET_US_ASCII,    /* also: no label at all */
	CHARSET_UTF_8,
	CHARSET_ISO_2022_JP,
	CHARSET_SHIFT_JIS,
	CHARSET_EUC_JP,
	CHARSET_WINDOWS_1252,
	CHARSET_COUNT
} Charset;

/* Builds the tables from glibc's CP932 and EUC-JP-MS. Before the jail; idempotent. */
bool charset_warm_up(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Cleans the label (case, quotes, blanks, `;`, `*lang`) and looks it up. Empty = US_ASCII. */
Charset charset_from_label(const char *label, size_t bytes);
/* Our own name for it; static. */
const char *charset_name(Charset charset);

/* Appends UTF-8 to out. ret_replaced (may be NULL) is increased by the number of U+FFFD written.
 * Returns the character set that was used: bytes that cannot be what the label says are
 * read as UTF-8 or ISO-2022-JP when they are exactly that. UNKNOWN counts as US_ASCII. */
Charset charset_decode(Charset declared, const uint8_t *bytes, size_t length, GString *out,
                       uint64_t *ret_replaced);

/* The same in bounded pieces, for a text whose UTF-8 may be three times as large as the input. The whole
 * input stays visible, so that no piece ends inside a character. */
typedef struct {
	const uint8_t *bytes; /* the caller's */
	size_t length;
	size_t at;         /* consumed so far */
	Charset used;      /* chosen from the whole input */
	uint64_t replaced; /* U+FFFD written so far */
	unsigned jis_set;  /* of charset_jis.c: carried from piece to piece */
	bool jis_shifted;
} CharsetReader;

CharsetReader charset_reader(Charset declared, const uint8_t *bytes, size_t length);
/* Appends whole code points to out until it holds max bytes (a few more at most) or the input ends.
 * False: nothing is left to read. */
bool charset_read(CharsetReader *reader, GString *out, size_t max);

/* ---- between charset.c and charset_jis.c ----------------------------------------------------------- */

/* JIS X 0208 with NEC row 13 and IBM rows 89-92, rows and cells 1 .. 94. 0 = not assigned. */
uint16_t charset_kuten(unsigned row, unsigned cell);
/* JIS X 0212. */
uint16_t charset_kuten_0212(unsigned row, unsigned cell);
/* Appends one code point, or U+FFFD and a count when c is 0. */
void charset_put(GString *out, gunichar c, uint64_t *replaced);

/* The ISO-2022-JP family with everything that Japanese mailers put into it. */
void charset_jis_read(CharsetReader *reader, GString *out, size_t max);

G_END_DECLS

#endif
