/* clean_text: the characters that may leave (doc/output-grammar.md 5.2, 5.3).
 *
 * Pure functions over UTF-8, no state, any thread, linked into the jailed parser (so that
 * the report is honest) and into the assembler (so that a jail that lies gains nothing).
 * mugai-verify has code of its own for the same rules.
 */
#ifndef MUGAI_SANITIZE_CLEAN_TEXT_H
#define MUGAI_SANITIZE_CLEAN_TEXT_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* text: any bytes; what is not UTF-8 becomes U+FFFD, one per maximal subpart (Unicode 3.9).
 * Result: new string; line ends LF (CRLF, CR, U+2028, U+2029 become LF; a final LF is
 * kept as it is); TAB becomes SPACEs up to the next column that is a multiple of 8 (East
 * Asian width counted); U+00A0 a SPACE; private use 〓; noncharacters U+FFFD; controls,
 * invisible characters, bidi controls beyond rule 5.3 and combining marks past the fourth
 * are removed. ret_removed (may be NULL): characters removed. */
char *clean_body_text(const char *text, size_t bytes, uint64_t *ret_removed);

/* What was changed in a text, in characters. */
typedef struct {
	uint64_t removed;     /* all that are gone, those of the next two included */
	uint64_t marks;       /* combining marks past the fourth on one base */
	uint64_t bidi;        /* bidi controls */
	uint64_t private_use; /* now 〓 */
	uint64_t bad;         /* noncharacters, now U+FFFD */
} CleanCounts;

void clean_counts_add(CleanCounts *counts, const CleanCounts *more);

/* clean_body_text() and clean_line(), which add what they changed to counts. */
char *clean_body_counted(const char *text, size_t bytes, CleanCounts *counts);
char *clean_line_counted(const char *text, size_t bytes, size_t max_chars, CleanCounts *counts);

/* The same for one line: runs of CR, LF, TAB become one SPACE, no bidi control at all, blanks at both
 * ends stripped. max_chars > 0: cut after that many code points (never inside a
 * combining sequence), with "…" as the last one when cut. */
char *clean_line(const char *text, size_t bytes, size_t max_chars, uint64_t *ret_removed);

/* A text that is still being written, to be cleaned as a body when it is whole: what the cleaning removes wherever it
 * stands, or for what stands before it, is not appended. So 10 MB of such characters take no memory. Lines end
 * in LF. */
typedef struct CleanThin CleanThin;
CleanThin *clean_thin_new(void);
void clean_thin_free(CleanThin *thin);
/* utf8: valid, whole code points. text: always the same; to be appended to otherwise only by what is never removed. */
void clean_thin_append(CleanThin *thin, GString *text, const char *utf8, size_t bytes);
/* What was left out. */
CleanCounts clean_thin_counts(const CleanThin *thin);

/* East Asian width of a code point: 2 for wide and full width, 0 for combining, else 1. */
unsigned clean_width(gunichar c);

G_END_DECLS

#endif
