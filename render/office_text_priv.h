/* office_text: a document as LibreOffice saved it in flat ODF -> text that a reader can use, and what is counted. Jailed code.
 *
 * LibreOffice wrote the file, of a hostile document and perhaps under its control: it is believed no more than the document.
 * One pass over the bytes by libexpat; no document type, no entities, no recursion. Linear in the bytes, whatever the
 * file says is repeated. Memory: max_text, 16 bytes for each cell of a table, the styles, and 140 KB.
 *
 * Text as in a mail's body (doc/html-text.md) so far as that goes; doc/office-text.md says the rest.
 */
#ifndef MUGAI_RENDER_OFFICE_TEXT_PRIV_H
#define MUGAI_RENDER_OFFICE_TEXT_PRIV_H

#include "render.h"

G_BEGIN_DECLS

/* The filters of LibreOffice that save what is read here: fodt, fods, fodp, fodg. */
#define OFFICE_TEXT_FILTER_WRITER "OpenDocument Text Flat XML"
#define OFFICE_TEXT_FILTER_CALC "OpenDocument Spreadsheet Flat XML"
#define OFFICE_TEXT_FILTER_IMPRESS "OpenDocument Presentation Flat XML"
#define OFFICE_TEXT_FILTER_DRAW "OpenDocument Drawing Flat XML"

enum { OFFICE_TEXT_INPUT_MAX = 1 << 30 }; /* bytes of a file */

typedef struct {
	bool text; /* is wanted; else there are facts and characters only, and `text` stays NULL */
	uint64_t max_text;                /* bytes of the text: the rest is cut */
	bool beside[RENDER_BESIDE_COUNT]; /* is to be shown; counted in either case */
} OfficeTextOptions;

typedef struct {
	char *text;        /* UTF-8, LF line ends and no other control, no noncharacters; NUL-terminated, no blank line at either end */
	size_t bytes;
	uint64_t text_cut; /* characters past max_text */
	uint32_t lost[RENDER_LOST_COUNT]; /* links, scripts, forms, files, media, references, macros */
	uint32_t hidden[RENDER_HIDDEN_COUNT];
	uint32_t beside[RENDER_BESIDE_COUNT];
	uint8_t *chars; /* a bit for each code point that the document shows, cut or not */
} OfficeText;

/* Frees what it holds, not itself; a zeroed one is fine. */
void office_text_clear(OfficeText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OfficeText, office_text_clear)

/* Reads a whole file (mapped or read into memory). RENDER_STATUS_COMPLETE; _UNSUPPORTED: no flat ODF; _DAMAGED: not well-formed, cut off,
 * or with a document type; _LIMIT: larger or deeper nested than LibreOffice writes. ret_text is what there is so far, in each
 * case; the caller clears it. Blocks for some 20 ms a megabyte, for 130 ms at worst. No threads, no system calls but memory and getrandom. */
RenderStatus office_text_read(const uint8_t *bytes, size_t length, const OfficeTextOptions *options,
                              OfficeText *ret_text) G_GNUC_WARN_UNUSED_RESULT;

/* The next code point that is shown, above `after` (G_MAXUINT32: from the first); G_MAXUINT32: no more. */
gunichar office_text_next_char(const OfficeText *text, gunichar after);

G_END_DECLS

#endif
