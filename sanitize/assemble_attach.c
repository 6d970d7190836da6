/* assemble_attach: what converters made of the parts: image PDFs and texts, attached, or short texts after
 * the mail's own.
 *
 * What does not fit is left out part by part, the largest first, and those parts become removed with that
 * reason: a mail with one huge attachment is still a mail. All is decided before anything is written, so that
 * the notice is true. */
#include "assemble_parts_priv.h"
#include "conversion_priv.h"

#include <string.h>

enum {
	INSIDE_CHARS = 4000, /* a longer text is attached */
	INSIDE_TOTAL_CHARS =
	        20000, /* of all that stand after the mail's text: else nobody finds the notice */
	PART_BOUND =
	        2500, /* of the fields of one attachment: a name takes at most 120 * 4 bytes, each as %XX */
};

/* One attachment, or one text that stands inside. */
typedef struct {
	guint part;
	GBytes *pdf;   /* borrowed; NULL: a text */
	GString *text; /* CRLF; owned */
	bool inside;
	uint64_t escaped, blocks, block_chars, removed;
} Piece;

struct Attachments {
	const AssembleInput *input;
	GPtrArray *pieces; /* of Piece, in the order of the parts, a part's PDF before its text */
};

/* ---- what goes with what ---------------------------------------------------------------------------------
 */

static MessagePart *part_at(const AssembleInput *input, guint index)
{
	return g_ptr_array_index(input->message->parts, index);
}

static bool wants_pdf(const MessagePart *part)
{
	return part->action == PART_ACTION_IMAGE_PDF || part->action == PART_ACTION_IMAGE_PDF_TEXT;
}

static bool wants_text(const MessagePart *part)
{
	return part->action == PART_ACTION_TEXT || part->action == PART_ACTION_IMAGE_PDF_TEXT;
}

/* By part; NULL where there is none. False: one that no part can have made, or a second one. */
static bool sort_out(const AssembleInput *input, const TextAttachment **texts, const PdfAttachment **pdfs)
{
	guint n_parts = input->message->parts->len;
	for (guint i = 0; input->texts != NULL && i < input->texts->len; i++) {
		const TextAttachment *text = g_ptr_array_index(input->texts, i);
		if (text->part >= n_parts || text->text == NULL || texts[text->part] != NULL)
			return false;
		texts[text->part] = text;
	}
	for (guint i = 0; input->pdfs != NULL && i < input->pdfs->len; i++) {
		const PdfAttachment *pdf = g_ptr_array_index(input->pdfs, i);
		if (pdf->part >= n_parts || pdf->pdf == NULL || pdfs[pdf->part] != NULL)
			return false;
		pdfs[pdf->part] = pdf;
	}
	return true;
}

/* A part that says it was converted and has nothing to show would be lost without a word. */
bool attachments_ok(const AssembleInput *input)
{
	guint n_parts = input->message->parts->len;
	g_autofree const TextAttachment **texts = g_new0(const TextAttachment *, n_parts);
	g_autofree const PdfAttachment **pdfs = g_new0(const PdfAttachment *, n_parts);
	if (!sort_out(input, texts, pdfs))
		return false;
	for (guint i = 0; i < n_parts; i++) {
		const MessagePart *part = part_at(input, i);
		bool all = (!wants_pdf(part) || pdfs[i] != NULL) && (!wants_text(part) || texts[i] != NULL);
		if (part->action >= PART_ACTION_COUNT ||
		    (part->action != PART_ACTION_REMOVE && (part->conversion == NULL || !all)))
			return false;
	}
	return true;
}

/* ---- what fits -------------------------------------------------------------------------------------------
 */

typedef struct {
	guint part;
	uint64_t bytes;
} Load;

/* The largest first; of equal ones the last. */
static gint by_size(gconstpointer a, gconstpointer b)
{
	const Load *left = a, *right = b;
	if (left->bytes != right->bytes)
		return left->bytes > right->bytes ? -1 : 1;
	return left->part > right->part ? -1 : 1;
}

static void refuse_part(const AssembleInput *input, guint index)
{
	part_at(input, index)->action = PART_ACTION_REMOVE;
	part_at(input, index)->reason = PART_REASON_SIZE;
}

/* bytes: of each part. */
static void refuse_largest(const AssembleInput *input, const uint64_t *bytes, uint64_t room)
{
	guint n_parts = input->message->parts->len;
	g_autoptr(GArray) loads = g_array_new(FALSE, FALSE, sizeof(Load));
	uint64_t total = 0;
	for (guint i = 0; i < n_parts; i++) {
		Load load = { i, bytes[i] };
		total += bytes[i];
		g_array_append_val(loads, load);
	}
	if (total > room)
		g_array_sort(loads, by_size);
	for (guint i = 0; total > room && i < loads->len; i++) {
		const Load *load = &g_array_index(loads, Load, i);
		refuse_part(input, load->part);
		total -= load->bytes;
	}
}

static uint64_t pdf_bytes(const MessagePart *part, const PdfAttachment *pdf)
{
	return wants_pdf(part) ? g_bytes_get_size(pdf->pdf) : 0;
}

/* Before any of it is cleaned or copied: cleaning seldom makes a text shorter. room: bytes of the message for
 * all of it. */
static void refuse_raw(const AssembleInput *input, const TextAttachment *const *texts,
                       const PdfAttachment *const *pdfs, uint64_t room)
{
	guint n_parts = input->message->parts->len;
	g_autofree uint64_t *bytes = g_new0(uint64_t, n_parts);
	for (guint i = 0; i < n_parts; i++)
		bytes[i] = pdf_bytes(part_at(input, i), pdfs[i]);
	refuse_largest(input, bytes, input->max_image_pdf);
	for (guint i = 0; i < n_parts; i++) {
		const MessagePart *part = part_at(input, i);
		bytes[i] = mime_base64_size(pdf_bytes(part, pdfs[i]));
		bytes[i] += wants_text(part) ? strlen(texts[i]->text) : 0;
	}
	refuse_largest(input, bytes, room);
}

static Piece *piece_at(const Attachments *attachments, guint index)
{
	return g_ptr_array_index(attachments->pieces, index);
}

static void free_piece(gpointer data)
{
	Piece *piece = data;
	if (piece != NULL && piece->text != NULL)
		g_string_free(piece->text, TRUE);
	g_free(piece);
}

/* Pieces of parts that were refused since. */
static void drop_refused(Attachments *attachments)
{
	GPtrArray *all = attachments->pieces, *kept = g_ptr_array_new_with_free_func(free_piece);
	for (guint i = 0; i < all->len; i++) {
		Piece *piece = g_ptr_array_index(all, i);
		if (part_at(attachments->input, piece->part)->action == PART_ACTION_REMOVE)
			continue;
		g_ptr_array_add(kept, piece);
		g_ptr_array_index(all, i) = NULL;
	}
	g_ptr_array_unref(all);
	attachments->pieces = kept;
}

/* The last ones go. */
static void refuse_too_many(Attachments *attachments)
{
	unsigned count = attachments_count(attachments);
	for (guint i = attachments->pieces->len; count > ASSEMBLE_ATTACHMENTS_MAX; i--) {
		const Piece *piece = piece_at(attachments, i - 1);
		if (piece->inside)
			continue;
		refuse_part(attachments->input, piece->part);
		count--;
	}
	drop_refused(attachments);
}

static uint64_t piece_bound(const Piece *piece)
{
	if (piece->inside)
		return 0; /* counted with the text */
	size_t bytes = piece->pdf != NULL ? g_bytes_get_size(piece->pdf) : piece->text->len;
	return mime_base64_size(bytes) + PART_BOUND;
}

void attachments_shrink(Attachments *attachments, uint64_t room)
{
	const AssembleInput *input = attachments->input;
	g_autofree uint64_t *bytes = g_new0(uint64_t, input->message->parts->len);
	for (guint i = 0; i < attachments->pieces->len; i++)
		bytes[piece_at(attachments, i)->part] += piece_bound(piece_at(attachments, i));
	refuse_largest(input, bytes, room);
	drop_refused(attachments);
}

/* ---- their making ----------------------------------------------------------------------------------------
 */

static void add_pdf(Attachments *attachments, guint part, GBytes *pdf)
{
	Piece *piece = g_new0(Piece, 1);
	piece->part = part;
	piece->pdf = pdf;
	g_ptr_array_add(attachments->pieces, piece);
}

/* chars (in, out): of all texts that stand inside. */
static void add_text(Attachments *attachments, guint part, const char *text, uint64_t *chars)
{
	const Notices *notices = attachments->input->notices;
	g_auto(CleanText) clean = { 0 };
	clean_text_prepare(&clean, text, notices);
	uint64_t length = (uint64_t)g_utf8_strlen(clean.text, -1);
	Piece *piece = g_new0(Piece, 1);
	*piece = (Piece) { .part = part,
		           .inside = length <= INSIDE_CHARS && *chars + length <= INSIDE_TOTAL_CHARS,
		           .text = g_string_sized_new(clean.bytes + clean.bytes / 16 + 64),
		           .blocks = clean.blocks,
		           .block_chars = clean.block_chars,
		           .removed = clean.removed };
	*chars += piece->inside ? length : 0;
	piece->escaped = clean_text_write(&clean, notices_text(notices, SAY_EMPTY_TEXT), piece->text);
	part_at(attachments->input, part)->conversion->text_inside = piece->inside;
	g_ptr_array_add(attachments->pieces, piece);
}

static void add_pieces(Attachments *attachments, const TextAttachment *const *texts,
                       const PdfAttachment *const *pdfs)
{
	uint64_t chars = 0;
	for (guint i = 0; i < attachments->input->message->parts->len; i++) {
		const MessagePart *part = part_at(attachments->input, i);
		if (wants_pdf(part))
			add_pdf(attachments, i, pdfs[i]->pdf);
		if (wants_text(part))
			add_text(attachments, i, texts[i]->text, &chars);
	}
}

Attachments *attachments_new(const AssembleInput *input, bool delivered, uint64_t room)
{
	Attachments *attachments = g_new0(Attachments, 1);
	guint n_parts = input->message->parts->len;
	g_autofree const TextAttachment **texts = g_new0(const TextAttachment *, n_parts);
	g_autofree const PdfAttachment **pdfs = g_new0(const PdfAttachment *, n_parts);
	attachments->input = input;
	attachments->pieces = g_ptr_array_new_with_free_func(free_piece);
	if (!delivered || !sort_out(input, texts, pdfs))
		return attachments;
	refuse_raw(input, texts, pdfs, room);
	add_pieces(attachments, texts, pdfs);
	refuse_too_many(attachments);
	return attachments;
}

void attachments_free(Attachments *attachments)
{
	if (attachments == NULL)
		return;
	g_ptr_array_unref(attachments->pieces);
	g_free(attachments);
}

/* ---- what they are ---------------------------------------------------------------------------------------
 */

unsigned attachments_count(const Attachments *attachments)
{
	unsigned count = 0;
	for (guint i = 0; i < attachments->pieces->len; i++)
		count += !piece_at(attachments, i)->inside;
	return count;
}

AttachmentSums attachments_sums(const Attachments *attachments)
{
	AttachmentSums sums = { 0 };
	for (guint i = 0; i < attachments->pieces->len; i++) {
		const Piece *piece = piece_at(attachments, i);
		const PartConversion *conversion = part_at(attachments->input, piece->part)->conversion;
		sums.parts += i == 0 || piece_at(attachments, i - 1)->part != piece->part;
		sums.cut |= conversion->pages_found > conversion->pages || conversion->pages_failed > 0 ||
		            conversion->pages_partial > 0 || conversion->text_cut > 0;
		sums.escaped += piece->escaped;
		sums.blocks += piece->blocks;
		sums.block_chars += piece->block_chars;
		sums.removed += piece->removed;
	}
	return sums;
}

uint64_t attachments_bound(const Attachments *attachments)
{
	uint64_t bytes = 0;
	for (guint i = 0; i < attachments->pieces->len; i++)
		bytes += piece_bound(piece_at(attachments, i));
	return bytes > 0 ? bytes + PART_BOUND : 0; /* the fields of the text, and the last boundary */
}

/* ---- written ---------------------------------------------------------------------------------------------
 */

/* The title is a line of the text: the name in it may look like a notice, or hold what a reader would decode.
 */
static void write_title(const Attachments *attachments, guint part, GString *text)
{
	const Notices *notices = attachments->input->notices;
	g_autofree char *title = notice_text_title(notices, part_at(attachments->input, part));
	g_auto(CleanText) clean = { 0 };
	clean_text_prepare(&clean, title, notices);
	clean_text_write(&clean, notices_text(notices, SAY_EMPTY_TEXT), text);
}

void attachments_write_inside(const Attachments *attachments, GString *text)
{
	for (guint i = 0; i < attachments->pieces->len; i++) {
		const Piece *piece = piece_at(attachments, i);
		if (!piece->inside)
			continue;
		g_string_append(text, "\r\n");
		write_title(attachments, piece->part, text);
		g_string_append_len(text, piece->text->str, (gssize)piece->text->len);
	}
}

static void write_piece(const Attachments *attachments, const Piece *piece, const char *boundary,
                        MimeNames *names, GString *body)
{
	bool pdf = piece->pdf != NULL;
	const char *type = pdf ? "application/pdf" : ASSEMBLE_TEXT_TYPE;
	const MessagePart *part = part_at(attachments->input, piece->part);
	g_autofree char *name = mime_names_make(names, part->name, pdf ? "pdf" : "txt");
	g_autofree char *disposition = mime_disposition(name);
	g_string_append_printf(body,
	                       "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
	                       "Content-Disposition: %s\r\n\r\n",
	                       boundary, type, disposition);
	gsize length = pdf ? g_bytes_get_size(piece->pdf) : piece->text->len;
	mime_base64(body, pdf ? g_bytes_get_data(piece->pdf, NULL) : piece->text->str, length);
}

void attachments_write(const Attachments *attachments, const char *boundary, GString *body)
{
	g_autoptr(MimeNames) names = mime_names_new();
	for (guint i = 0; i < attachments->pieces->len; i++)
		if (!piece_at(attachments, i)->inside)
			write_piece(attachments, piece_at(attachments, i), boundary, names, body);
}
