/* verify_pdf: what the files share that check an image PDF (grammar 6). The form allows one way to
 * write each thing, so nothing is searched, followed or believed: the file is walked once from its
 * first byte to its last, and the runs' text a second time, when the last object has said what the
 * codes mean. No picture is held: Flate is inflated in pieces, JPEG decoded block by block.
 */
#ifndef MUGAI_SANITIZE_VERIFY_PDF_PRIV_H
#define MUGAI_SANITIZE_VERIFY_PDF_PRIV_H

#include "verify_priv.h"

#define PDF_SIZE_MAX 32000000u    /* bytes; 6.7 */
#define PDF_PAGES_MAX 500u        /* 6.2 */
#define PDF_SIDE_MAX 10000u       /* pixels; 6.2 */
#define PDF_PIXELS_MAX 40000000u  /* of a picture; 6.2 */
#define PDF_TOTAL_MAX 4000000000u /* pixels of all pictures; 6.2 */
#define PDF_BOX_MAX 14400u        /* points; 6.2 */
#define PDF_RUN_MAX 1000u         /* characters; 6.5 */
#define PDF_PAGE_TEXT_MAX 100000u /* 6.5 */
#define PDF_ALL_TEXT_MAX 5000000u /* 6.5 */
#define PDF_CODES_MAX 65535u      /* 6.6 */
#define PDF_FONT_OBJECTS 6u       /* 6.6 */
#define PDF_OBJECTS_MAX (2 + 3 * PDF_PAGES_MAX + PDF_FONT_OBJECTS)

struct pdf_page {
	uint32_t width, height; /* of the page, 1/1000 pt */
	bool has_text;
	struct verify_span runs;
};

/* One PDF in work. */
struct pdf {
	struct verify_check *check;
	const uint8_t *base64;   /* of the message: where the PDF begins in it */
	struct verify_span file; /* decoded */
	const uint8_t *at;       /* next byte; what a refusal is about */
	unsigned object;         /* in work; 0 outside of objects */
	unsigned objects;        /* so far */
	unsigned pages;
	bool has_text;
	uint64_t pixels;  /* of all pictures so far */
	uint32_t codes;   /* highest so far */
	uint32_t letters; /* characters of all runs so far */
	uint32_t offset[PDF_OBJECTS_MAX + 1];
	struct pdf_page page[PDF_PAGES_MAX];
	uint8_t taken[0x110000 / 8];    /* from here on not set at first: a bit for each CP that has a code */
	uint32_t cp[PDF_CODES_MAX + 1]; /* of each code */
	uint8_t piece[1 << 18];         /* of a picture, inflated */
	uint8_t line[4 * PDF_PAGE_TEXT_MAX]; /* a page's line text in UTF-8 */
};

/* -- verify_pdf.c: the reader -- */

/* Fills the error: attachment, object, byte, and the bytes at pdf->at. Always false. */
bool pdf_refuse(struct pdf *pdf, const char *section, const char *what);
/* No verdict: our own fault. Always false. */
bool pdf_internal(struct pdf *pdf, const char *what);

/* Exactly this text must come next; `what` is what it is. */
bool pdf_take(struct pdf *pdf, const char *section, const char *text, const char *what);
/* It may: true and behind it, or false. */
bool pdf_skip(struct pdf *pdf, const char *text);
/* INT, least to most. */
bool pdf_int(struct pdf *pdf, const char *section, uint32_t least, uint32_t most, const char *what,
             uint32_t *value);
/* NUM, 0 to most; *value and `most` in thousandths. */
bool pdf_num(struct pdf *pdf, const char *section, uint32_t most, const char *what, uint32_t *value);
/* `digits` (at most 8) lower case hex digits. */
bool pdf_hex(struct pdf *pdf, const char *section, unsigned digits, uint32_t *value);
/* The INT of a stream's dictionary, behind "/Length ". */
bool pdf_length(struct pdf *pdf, const char *section, uint32_t *length);
/* From the end of the dictionary: so many bytes of stream, *data, are inside the file and end as streams
 * do; left at the first of them. */
bool pdf_stream(struct pdf *pdf, const char *section, uint32_t length, struct verify_span *data);
/* The two with the dictionary of a stream without filter (6.3). */
bool pdf_plain_stream(struct pdf *pdf, struct verify_span *data);
/* Behind the data. */
bool pdf_stream_end(struct pdf *pdf, const char *section);
/* Before and behind the body of the object whose turn it is. */
bool pdf_object(struct pdf *pdf);
bool pdf_object_end(struct pdf *pdf);

/* -- the objects -- */

/* 6.2 and 6.4, verify_pdf_picture.c: the body of the object. */
bool pdf_picture(struct pdf *pdf);
/* 6.4, verify_pdf_jpeg.c: `data`, at pdf->at, is a JPEG of width x height with 1 or 3 components; left behind
 * it. */
bool pdf_jpeg(struct pdf *pdf, struct verify_span data, uint32_t width, uint32_t height, unsigned components);
/* 6.5, verify_pdf_text.c: the runs in a content stream that ends at `end`. */
bool pdf_runs(struct pdf *pdf, struct pdf_page *page, const uint8_t *end);
/* 6.6 and 6.9: its objects. */
bool pdf_font(struct pdf *pdf);
/* 6.8: what the runs of all pages say. */
bool pdf_text(struct pdf *pdf);

/* -- verify_sha256.c -- */

/* FIPS 180-4. */
void verify_sha256(struct verify_span data, uint8_t digest[32]);

/* The font that every image PDF embeds (6.9): verify_pdf_font.c. */
extern const uint8_t pdf_font_sha256[32];

#endif
