/* plain_write: the jailed half: records out through a socket, one write(2) each.
 *
 * SIGPIPE: write(2) has no MSG_NOSIGNAL, and the jail allows write but not send. The
 * worker ignores SIGPIPE before the jail is on; a vanished peer is then PLAIN_ERROR_IO.
 */
#include "plain_priv.h"

#include <errno.h>
#include <unistd.h>

struct PlainWriter {
	int fd;
	uint32_t max_records;
	uint64_t max_bytes;
	uint32_t records;
	uint64_t bytes;
	bool ended;
	bool failed;
};

PlainWriter *plain_writer_new(int fd, uint32_t max_records, uint64_t max_bytes)
{
	PlainWriter *writer = g_new0(PlainWriter, 1);

	writer->fd = fd;
	writer->max_records = max_records;
	writer->max_bytes = max_bytes;
	return writer;
}

void plain_writer_free(PlainWriter *writer)
{
	g_free(writer);
}

/* The error number and not its text: strerror may open message catalogues, which the jail
 * kills for. */
static bool write_frame(int fd, const GByteArray *frame, GError **error)
{
	ssize_t written;

	do
		written = write(fd, frame->data, frame->len);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return plain_throw(error, PLAIN_ERROR_IO, "write failed, errno %d", errno);
	if ((size_t)written != frame->len)
		return plain_throw(error, PLAIN_ERROR_IO, "short write, %zd of %u bytes", written,
		                   frame->len);
	return true;
}

static bool check_order(const PlainWriter *writer, PlainType type, GError **error)
{
	if (writer->failed)
		return plain_throw(error, PLAIN_ERROR_ORDER, "write after a failed one");
	if (writer->ended)
		return plain_throw(error, PLAIN_ERROR_ORDER, "\"%s\" after the end", plain_type_name(type));
	if ((type == PLAIN_READY) != (writer->records == 0))
		return plain_throw(error, PLAIN_ERROR_ORDER, "\"%s\" as record %u", plain_type_name(type),
		                   writer->records);
	return true;
}

static bool check_room(const PlainWriter *writer, uint64_t records, uint64_t bytes, GError **error)
{
	if (records > writer->max_records - writer->records)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "more than %u records", writer->max_records);
	if (bytes > writer->max_bytes - writer->bytes)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes",
		                   writer->max_bytes);
	return true;
}

static bool try_record(PlainWriter *writer, const PlainRecord *record, GError **error)
{
	uint64_t text_bytes;

	if (!check_order(writer, record->type, error) || !plain_check_record(record, &text_bytes, error))
		return false;
	g_autoptr(GByteArray) frame = plain_encode(record, writer->records);
	if (frame == NULL)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "frame over %d bytes", PLAIN_FRAME_MAX);
	if (!check_room(writer, 1, frame->len, error) || !write_frame(writer->fd, frame, error))
		return false;
	writer->records++;
	writer->bytes += frame->len;
	writer->ended = record->type == PLAIN_END;
	return true;
}

static bool write_record(PlainWriter *writer, const PlainRecord *record, GError **error)
{
	if (try_record(writer, record, error))
		return true;
	writer->failed = true;
	return false;
}

/* The caller's record with the type set; its strings stay borrowed. */
static bool write_as(PlainWriter *writer, PlainType type, const PlainRecord *record, GError **error)
{
	PlainRecord typed = *record;

	typed.type = type;
	return write_record(writer, &typed, error);
}

bool plain_write_ready(PlainWriter *w, uint32_t walls, GError **error)
{
	PlainRecord record = { .type = PLAIN_READY, .ready = { .walls = walls } };

	return write_record(w, &record, error);
}

bool plain_write_string(PlainWriter *w, uint16_t slot, uint16_t index, const char *text, GError **error)
{
	PlainRecord record = { .type = PLAIN_STRING,
		               .string = { .slot = slot, .index = index, .text = (char *)text } };

	return write_record(w, &record, error);
}

bool plain_write_address(PlainWriter *w, uint16_t slot, uint16_t index, const char *name, const char *local,
                         const char *domain, GError **error)
{
	PlainRecord record = { .type = PLAIN_ADDRESS,
		               .address = { .slot = slot,
		                            .index = index,
		                            .name = (char *)name,
		                            .local = (char *)local,
		                            .domain = (char *)domain } };

	return write_record(w, &record, error);
}

/* Length of the first piece of text: whole code points. Text that is not UTF-8 is refused
 * by its check; backing over at most three bytes keeps every piece above zero even so. */
static size_t first_piece(const char *text, size_t bytes)
{
	size_t end = MIN(bytes, (size_t)PLAIN_TEXT_MAX);

	for (int back = 0; back < 3 && end < bytes && ((uint8_t)text[end] & 0xC0) == 0x80; back++)
		end--;
	return end;
}

static PlainRecord text_record(uint16_t stream, const char *text, size_t bytes)
{
	return (PlainRecord) { .type = PLAIN_TEXT,
		               .text = { .stream = stream, .text = (char *)text, .bytes = bytes } };
}

/* Bytes that every frame of a text needs beside the text: header, stream, length. */
enum { TEXT_FRAME_EXTRA = PLAIN_HEADER_SIZE + 2 + 4 };

/* All pieces are judged before the first is sent: a call that would send too much, or
 * something wrong, sends nothing. */
static bool check_pieces(const PlainWriter *writer, const char *text, size_t bytes, GError **error)
{
	uint64_t pieces = 0;
	uint64_t ignored;

	for (size_t at = 0; at < bytes; pieces++) {
		PlainRecord record = text_record(0, text + at, first_piece(text + at, bytes - at));
		if (!plain_check_record(&record, &ignored, error))
			return false;
		at += record.text.bytes;
	}
	return check_room(writer, pieces, bytes + pieces * TEXT_FRAME_EXTRA, error);
}

bool plain_write_text(PlainWriter *w, uint16_t stream, const char *text, size_t bytes, GError **error)
{
	if (!check_order(w, PLAIN_TEXT, error) || !check_pieces(w, text, bytes, error)) {
		w->failed = true;
		return false;
	}
	for (size_t at = 0; at < bytes;) {
		PlainRecord record = text_record(stream, text + at, first_piece(text + at, bytes - at));
		if (!write_record(w, &record, error))
			return false;
		at += record.text.bytes;
	}
	return true;
}

bool plain_write_part(PlainWriter *w, const PlainRecord *record, GError **error)
{
	return write_as(w, PLAIN_PART, record, error);
}

bool plain_write_counter(PlainWriter *w, uint16_t id, uint64_t value, GError **error)
{
	PlainRecord record = { .type = PLAIN_COUNTER, .counter = { .id = id, .value = value } };

	return write_record(w, &record, error);
}

bool plain_write_picture(PlainWriter *w, const PlainRecord *record, GError **error)
{
	return write_as(w, PLAIN_PICTURE, record, error);
}

bool plain_write_run(PlainWriter *w, const PlainRecord *record, GError **error)
{
	return write_as(w, PLAIN_RUN, record, error);
}

bool plain_write_end(PlainWriter *w, uint16_t status, GError **error)
{
	PlainRecord record = { .type = PLAIN_END, .end = { .status = status, .records = w->records } };

	return write_record(w, &record, error);
}
