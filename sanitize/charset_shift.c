/* charset_shift: HZ-GB-2312 (RFC 1843) and ISO-2022-KR (RFC 1557), 7-bit sets of two modes.
 *
 * In the mode of two bytes a `<` is half of a character, so that a text which is read without its label may
 * hold markup which nobody wrote, and the other way round. A line end leads back to ASCII in both: a
 * forgotten shift must not swallow the rest.
 */
#include "charset_priv.h"

enum { TILDE = 0x7e, SHIFT_OUT = 0x0e, SHIFT_IN = 0x0f, ESCAPE = 0x1b, HIGH = 0x80 };

/* The byte at the reader's place plus n, 0 past the end. */
static uint8_t byte_at(const CharsetReader *reader, size_t n)
{
	return n < reader->length - reader->at ? reader->bytes[reader->at + n] : 0;
}

static void put_flaw(CharsetReader *reader, CharsetWriter *writer)
{
	charset_put(writer, 0);
	reader->at++;
}

static void put_direct(CharsetReader *reader, CharsetWriter *writer)
{
	uint8_t byte = byte_at(reader, 0);

	if (byte >= HIGH) {
		put_flaw(reader, writer);
		return;
	}
	if (byte == '\r' || byte == '\n')
		reader->shifted = false;
	*writer->at++ = byte;
	reader->at++;
}

/* lookup: of the pair with its high bits. The second byte of what is no pair is read again. */
static void put_pair(CharsetReader *reader, CharsetWriter *writer, uint16_t (*lookup)(uint8_t, uint8_t))
{
	uint8_t lead = byte_at(reader, 0), trail = byte_at(reader, 1);

	if (lead <= ' ') {
		put_direct(reader, writer);
	} else if (lead > TILDE || trail <= ' ' || trail > TILDE) {
		put_flaw(reader, writer);
	} else {
		charset_put(writer, lookup(lead | HIGH, trail | HIGH));
		reader->at += 2;
	}
}

/* ---- HZ: `~{` and `~}` shift, `~~` is a tilde, and one at the end of a line joins it with the next
 * --------- */

static void hz_tilde(CharsetReader *reader, CharsetWriter *writer)
{
	uint8_t next = byte_at(reader, 1);

	if (next == (reader->shifted ? '}' : '{')) {
		reader->shifted = !reader->shifted;
		reader->at += 2;
	} else if (next == '\n' && !reader->shifted) {
		reader->at += 2;
	} else if (next == '~' && !reader->shifted) {
		*writer->at++ = '~';
		reader->at += 2;
	} else {
		put_flaw(reader, writer);
	}
}

void charset_hz_read(CharsetReader *reader, CharsetWriter *writer)
{
	while (reader->at < reader->length && writer->at < writer->end) {
		if (byte_at(reader, 0) == TILDE)
			hz_tilde(reader, writer);
		else if (reader->shifted)
			put_pair(reader, writer, charset_gb_pair);
		else
			put_direct(reader, writer);
	}
}

/* ---- ISO-2022-KR: ESC $ ) C announces, SO and SI shift
 * ----------------------------------------------------- */

static bool korean_announces(const CharsetReader *reader)
{
	return byte_at(reader, 1) == '$' && byte_at(reader, 2) == ')' && byte_at(reader, 3) == 'C';
}

static bool korean_control(CharsetReader *reader, CharsetWriter *writer)
{
	uint8_t byte = byte_at(reader, 0);

	if (byte == SHIFT_OUT || byte == SHIFT_IN) {
		reader->shifted = byte == SHIFT_OUT;
		reader->at++;
		return true;
	}
	if (byte != ESCAPE)
		return false;
	if (korean_announces(reader))
		reader->at += 4;
	else
		put_flaw(reader, writer);
	return true;
}

void charset_iso_2022_kr_read(CharsetReader *reader, CharsetWriter *writer)
{
	while (reader->at < reader->length && writer->at < writer->end) {
		if (korean_control(reader, writer))
			continue;
		if (reader->shifted)
			put_pair(reader, writer, charset_korean_pair);
		else
			put_direct(reader, writer);
	}
}
