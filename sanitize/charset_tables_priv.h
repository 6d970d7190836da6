/* charset_tables: the tables of character sets, for the program that makes them and for the code that looks
 * into them. 0 = no character.
 */
#ifndef MUGAI_SANITIZE_CHARSET_TABLES_PRIV_H
#define MUGAI_SANITIZE_CHARSET_TABLES_PRIV_H

#include "charset_priv.h"

enum {
	KUTEN = 94,
	LEADS = 126,        /* 81 .. FE */
	TRAILS = 191,       /* 40 .. FE */
	GB_FOUR = 39420,    /* codes of four bytes up to U+FFFF: 81 30 81 30 .. 84 31 A4 39 */
	GB_PLANES = 189000, /* ... and where U+10000 begins: 90 30 81 30 */
	GB_ROW = 1260,
	SINGLES = CHARSET_COUNT - CHARSET_SINGLE_FIRST + 1, /* the last one is windows-1252 */
	EBCDICS = CHARSET_IBM1140 - CHARSET_IBM037 + 1,
};

typedef struct {
	uint16_t sjis[LEADS][TRAILS];
	uint16_t jis0208[KUTEN][KUTEN]; /* the same by row and cell, since most mail comes so */
	uint16_t jis0212[KUTEN][KUTEN];
	uint32_t jis0213_1[KUTEN][KUTEN]; /* by plane; two code points like those of big5 */
	uint32_t jis0213_2[KUTEN][KUTEN];
	uint16_t gb[LEADS][TRAILS];
	uint16_t gb_four[GB_FOUR];
	uint32_t big5[LEADS][TRAILS]; /* two code points of 16 bits where it is above U+10FFFF */
	uint16_t korean[LEADS][TRAILS];
	uint16_t single[SINGLES][128];
	uint16_t ebcdic[EBCDICS][256];
} CharsetTables;

#endif
