/* parse_blocks_runs: base64 without a begin line, in cleaned text (grammar 5.4), and data: URLs.
 *
 * Only the run itself goes, and our words take its place. They hold characters that end a run and that no run
 * goes on over, so neither the line they stand in nor its neighbours can become a new one: a run within one
 * line leaves that line's start and end as they were, and of a run over several lines the quote marks of the
 * first are left, and what followed it in the last, which begins with a character that ended it. So one pass
 * is enough.
 */
#include "parse_blocks_priv.h"

#include <string.h>

enum {
	RUN = 64,        /* characters, of upper and lower case and digits, are base64 */
	DATA_LINE = 16,  /* a run goes on over the end of lines of nothing but that many and more: words of a
	                  * list, each in its line, must not add up */
	SURE_LINE = 40,  /* no word is that long: past such a line a pad, an empty line and the URL alphabet
	                    count too */
	SURE_DENSE = 38, /* percent of changes; words with hyphens have 30 */
	GROUPS = 16,     /* groups of four with one and the same character between them */
	URL_MAX = 2000,
	DATA_URL_HEAD = 200, /* type and parameters of a data: URL */
};

typedef struct {
	bool upper, lower, digit;
} Mixture;

static void mixture_add(Mixture *mixture, uint8_t c)
{
	mixture->upper |= c >= 'A' && c <= 'Z';
	mixture->lower |= c >= 'a' && c <= 'z';
	mixture->digit |= c >= '0' && c <= '9';
}

static bool mixture_is_base64(Mixture mixture)
{
	return mixture.upper && mixture.lower && mixture.digit;
}

static bool is_alphabet(uint8_t c)
{
	return g_ascii_isalnum((char)c) || c == '+' || c == '/';
}

/* Offset of the line end. */
static size_t line_end(ParseRange text, size_t at)
{
	const uint8_t *end = memchr(text.bytes + at, '\n', text.length - at);

	return end != NULL ? (size_t)(end - text.bytes) : text.length;
}

static ParseRange range_of(ParseRange text, size_t start, size_t end)
{
	return (ParseRange) { text.bytes + start, end - start };
}

/* Without the blanks at its end. */
static size_t trimmed_end(ParseRange text, size_t start, size_t end)
{
	for (;;) {
		if (end > start && text.bytes[end - 1] == ' ')
			end--;
		else if (end - start >= 3 && memcmp(text.bytes + end - 3, "\xe3\x80\x80", 3) == 0)
			end -= 3;
		else
			return end;
	}
}

/* The padding, and a variation selector whose digit or sign goes, go with the run. */
static size_t run_tail(ParseRange text, size_t at)
{
	for (unsigned pads = 0; at < text.length;) {
		bool selector = text.length - at >= 3 && memcmp(text.bytes + at, "\xef\xb8", 2) == 0 &&
		                (text.bytes[at + 2] == 0x8e || text.bytes[at + 2] == 0x8f);
		if (text.bytes[at] == '=' && pads++ < 2)
			at++;
		else if (selector)
			at += 3;
		else
			break;
	}
	return at;
}

static void cut_base64(BlockScan *scan, size_t start, size_t stop)
{
	bool damaged = false;
	GByteArray *bytes = parse_blocks_base64(scan, range_of(scan->text, start, stop), &damaged);

	parse_blocks_add(scan, PARSE_BLOCK_BASE64, (ParseRange) { NULL, 0 }, bytes, damaged);
	parse_blocks_cut(scan, start, run_tail(scan->text, stop), CUT_BLOCK);
}

/* ---- URLs
 * ---------------------------------------------------------------------------------------------------------
 */

/* "://", "[:]//", ... */
static bool is_scheme_end(ParseRange at)
{
	static const char *const ends[] = { "://", "[://", ":]//", "[:]//" };

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		if (parse_blocks_begins(at, ends[i]))
			return true;
	}
	return false;
}

static bool is_url_char(uint8_t c)
{
	return c > ' ' && c <= '~' && c != '<' && c != '>' && c != '"';
}

/* Length of the URL that begins here, or 0. */
static size_t url_length(ParseRange text)
{
	static const char *const schemes[] = { "http", "https", "ftp", "hxxp", "hxxps" };
	size_t at = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(schemes) && at == 0; i++) {
		size_t length = strlen(schemes[i]);
		if (parse_blocks_begins(text, schemes[i]) &&
		    is_scheme_end(range_of(text, length, text.length)))
			at = length;
	}
	while (at > 0 && at < MIN(text.length, (size_t)URL_MAX) && is_url_char(text.bytes[at]))
		at++;
	return at;
}

/* Asked at every character, so the first two letters are looked at before the schemes are compared. */
static inline size_t url_at(ParseRange text, size_t at)
{
	uint8_t first = text.bytes[at] | 0x20;
	uint8_t second = at + 1 < text.length ? text.bytes[at + 1] | 0x20 : 0;
	bool may = (first == 'h' && (second == 't' || second == 'x')) || (first == 'f' && second == 't');

	return may ? url_length(range_of(text, at, text.length)) : 0;
}

/* ---- runs
 * ----------------------------------------------------------------------------------------------------------
 */

typedef struct {
	BlockScan *scan;
	size_t start, stop, length; /* of the run; length: of its characters */
	Mixture mixture;
} Run;

static void run_end(Run *run)
{
	if (run->length >= RUN && mixture_is_base64(run->mixture))
		cut_base64(run->scan, run->start, run->stop);
	run->length = 0;
	run->mixture = (Mixture) { false, false, false };
}

static void run_add(Run *run, size_t at)
{
	if (run->length++ == 0)
		run->start = at;
	run->stop = at + 1;
	mixture_add(&run->mixture, run->scan->text.bytes[at]);
}

static void run_line(Run *run, size_t at, size_t end)
{
	const ParseRange text = range_of(run->scan->text, 0, end);

	while (at < end) {
		size_t url = url_at(text, at);
		if (url > 0)
			run_end(run);
		else if (is_alphabet(text.bytes[at]))
			run_add(run, at);
		else if (run->length > 0)
			run_end(run);
		at += MAX(url, (size_t)1);
	}
}

/* The end of the characters of a line that is nothing but base64, and enough of it; else its start. */
static size_t data_end(ParseRange text, size_t start, size_t end)
{
	size_t at = start;

	while (at < end && is_alphabet(text.bytes[at]))
		at++;
	return at - start >= DATA_LINE && at == trimmed_end(text, start, end) ? at : start;
}

static void find_runs_line(Run *run, size_t at, size_t end)
{
	const ParseRange text = run->scan->text;
	size_t start = at + parse_blocks_quote(range_of(text, at, end));

	if (start == end && at < end)
		return;
	size_t data = data_end(text, start, end);
	run_line(run, start, data > start ? data : end);
	if (data == start)
		run_end(run);
}

void parse_blocks_runs(BlockScan *scan)
{
	Run run = { .scan = scan };

	for (size_t at = 0; at < scan->text.length;) {
		size_t end = line_end(scan->text, at);
		find_runs_line(&run, at, end);
		at = end + 1;
	}
	run_end(&run);
}

/* ---- disguised
 * -------------------------------------------------------------------------------------------------------
 * What a lenient decoder still takes, though grammar 5.4 does not call it a run.
 */

typedef struct {
	size_t start, stop;
	size_t lines;
	BlockShape shape; /* a path, or words with hyphens, is no base64 */
} SureBlock;

/* A long line of nothing but base64 of one of its two alphabets. A path with hyphens is of both. */
static bool is_sure_line(ParseRange text, size_t start, size_t end, BlockShape *shape)
{
	Mixture mixture = { false, false, false };
	bool plus = false, minus = false;
	size_t at = start, stop = trimmed_end(text, start, end);

	for (; at < stop; at++) {
		uint8_t c = text.bytes[at];
		bool url = c == '-' || c == '_';
		if (!url && !is_alphabet(c))
			break;
		plus |= c == '+' || c == '/';
		minus |= url;
		mixture_add(&mixture, c);
		parse_blocks_shape_add(shape, c);
	}
	parse_blocks_shape_end_word(shape);
	size_t length = at - start;
	while (at < stop && text.bytes[at] == '=')
		at++;
	return at == stop && length >= SURE_LINE && !(plus && minus) && mixture_is_base64(mixture);
}

static GByteArray *decode_sure(const BlockScan *scan, const SureBlock *block, bool *damaged)
{
	const ParseRange data = range_of(scan->text, block->start, block->stop);
	g_autofree uint8_t *standard = g_memdup2(data.bytes, data.length);

	for (size_t i = 0; i < data.length; i++) {
		if (standard[i] == '-' || standard[i] == '_')
			standard[i] = standard[i] == '-' ? '+' : '/';
	}
	return parse_blocks_base64(scan, (ParseRange) { standard, data.length }, damaged);
}

static void sure_end(BlockScan *scan, SureBlock *block)
{
	bool damaged = false;

	if (block->lines >= 2 && parse_blocks_shape_is_dense(&block->shape, SURE_DENSE)) {
		GByteArray *bytes = decode_sure(scan, block, &damaged);
		parse_blocks_add(scan, PARSE_BLOCK_BASE64, (ParseRange) { NULL, 0 }, bytes, damaged);
		parse_blocks_cut(scan, block->start, block->stop, CUT_BLOCK);
	}
	*block = (SureBlock) { .lines = 0 };
}

/* Two such lines and more, with a pad at their ends or an empty line between them. */
void parse_blocks_sure_lines(BlockScan *scan)
{
	SureBlock block = { .lines = 0 };
	bool empty = false;

	for (size_t at = 0; at < scan->text.length;) {
		size_t end = line_end(scan->text, at);
		size_t start = at + parse_blocks_quote(range_of(scan->text, at, end));
		bool was_empty = empty;
		empty = start == end;
		BlockShape shape = block.shape;
		if (!empty && is_sure_line(scan->text, start, end, &shape)) {
			block.shape = shape;
			block.start = block.lines == 0 ? start : block.start;
			block.stop = trimmed_end(scan->text, start, end);
			block.lines++;
		} else if (!empty || was_empty) {
			sure_end(scan, &block);
		}
		at = end + 1;
	}
	sure_end(scan, &block);
}

/* Length of the groups of four that begin here, all with the same sign between them. */
static size_t groups_length(ParseRange line, size_t at, BlockShape *shape, size_t *count)
{
	size_t start = at, stop = at;
	uint8_t sign = 0;

	for (*count = 0;; (*count)++) {
		size_t n = 0;
		while (n < 5 && at + n < line.length && is_alphabet(line.bytes[at + n]))
			n++;
		if (n != 4)
			return stop - start;
		for (size_t i = 0; i < n; i++)
			parse_blocks_shape_add(shape, line.bytes[at + i]);
		parse_blocks_shape_end_word(shape);
		stop = at + 4;
		if (stop >= line.length || (*count > 0 && line.bytes[stop] != sign)) {
			(*count)++;
			return stop - start;
		}
		sign = line.bytes[stop];
		at = stop + 1;
	}
}

/* "This.That.Them" are words, and "Ver1.Mod2" is no base64 either. */
static bool groups_are_base64(const BlockShape *shape, size_t count)
{
	return count >= GROUPS && shape->upper && shape->lower && shape->digit &&
	       shape->odd_words * 4 >= shape->words;
}

/* WDVP.IVAl.QEFQ... */
void parse_blocks_groups(BlockScan *scan)
{
	for (size_t at = 0; at < scan->text.length;) {
		BlockShape shape = { .last = 0 };
		size_t count = 0;
		if (!is_alphabet(scan->text.bytes[at])) {
			at++;
			continue;
		}
		size_t length = groups_length(scan->text, at, &shape, &count);
		if (groups_are_base64(&shape, count))
			cut_base64(scan, at, at + length);
		at += MAX(length, (size_t)1);
		while (at < scan->text.length && is_alphabet(scan->text.bytes[at]))
			at++;
	}
}

/* ---- data: URLs
 * ----------------------------------------------------------------------------------------------------------
 */

typedef struct {
	size_t payload; /* offset, 0: this is no data: URL */
	bool base64;
} DataUrl;

/* A type or ";base64" and a comma must follow; "data: a, b" is a sentence. */
static DataUrl data_url_at(ParseRange text, size_t at)
{
	const ParseRange rest = range_of(text, at, text.length);
	size_t start = at + strlen("data:"), comma = start;
	bool slash = false;

	if (!parse_blocks_begins(rest, "data:") || (at > 0 && g_ascii_isalnum((char)text.bytes[at - 1])))
		return (DataUrl) { 0, false };
	for (; comma < text.length && comma - start < DATA_URL_HEAD && is_url_char(text.bytes[comma]);
	     comma++) {
		if (text.bytes[comma] == ',')
			break;
		slash |= text.bytes[comma] == '/';
	}
	bool ended = comma < text.length && text.bytes[comma] == ',';
	bool base64 = comma - start >= 7 && parse_blocks_begins(range_of(text, comma - 7, comma), ";base64");
	if (!ended || (!slash && !base64) || comma + 1 == text.length || !is_url_char(text.bytes[comma + 1]))
		return (DataUrl) { 0, false };
	return (DataUrl) { comma + 1, base64 };
}

/* The lines of base64 that follow the one in which the payload begins. */
static size_t payload_lines(ParseRange text, size_t stop)
{
	for (;;) {
		/* not by a search for the line's end: a line may hold many such URLs */
		size_t end = stop;
		while (end < text.length && text.bytes[end] == ' ')
			end++;
		if (end >= text.length || text.bytes[end] != '\n')
			return stop;
		size_t next_end = line_end(text, end + 1);
		size_t start = end + 1 + parse_blocks_quote(range_of(text, end + 1, next_end));
		size_t at = start;
		while (at < next_end && is_alphabet(text.bytes[at]))
			at++;
		size_t pads = at;
		while (at < next_end && text.bytes[at] == '=')
			at++;
		bool enough =
		        pads - start >= DATA_LINE || (at > pads && (at - start) % 4 == 0 && pads > start);
		if (!enough || at != trimmed_end(text, start, next_end))
			return stop;
		stop = at;
	}
}

static GByteArray *percent_decode(const BlockScan *scan, ParseRange data, bool *damaged)
{
	GByteArray *bytes = g_byte_array_new();

	*damaged |= data.length > scan->room;
	for (size_t i = 0; i < MIN(data.length, scan->room); i++) {
		guint8 c = data.bytes[i];
		if (c == '%' && i + 2 < data.length && g_ascii_isxdigit((char)data.bytes[i + 1]) &&
		    g_ascii_isxdigit((char)data.bytes[i + 2])) {
			c = (guint8)(g_ascii_xdigit_value((char)data.bytes[i + 1]) << 4 |
			             g_ascii_xdigit_value((char)data.bytes[i + 2]));
			i += 2;
		}
		g_byte_array_append(bytes, &c, 1);
	}
	return bytes;
}

static size_t take_data_url(BlockScan *scan, size_t at, DataUrl url)
{
	bool damaged = false;
	size_t stop = url.payload;

	while (stop < scan->text.length && is_url_char(scan->text.bytes[stop]))
		stop++;
	if (url.base64)
		stop = payload_lines(scan->text, stop);
	GByteArray *bytes = percent_decode(scan, range_of(scan->text, url.payload, stop), &damaged);
	if (url.base64) {
		GByteArray *coded = bytes;
		bytes = parse_blocks_base64(scan, (ParseRange) { coded->data, coded->len }, &damaged);
		g_byte_array_unref(coded);
	}
	parse_blocks_add(scan, PARSE_BLOCK_BASE64, (ParseRange) { NULL, 0 }, bytes, damaged);
	stop = run_tail(scan->text, stop);
	parse_blocks_cut_joined(scan, at, stop);
	return stop;
}

void parse_blocks_data_urls(BlockScan *scan)
{
	const ParseRange text = scan->text;

	for (size_t at = 0; at < text.length;) {
		size_t other = url_at(text, at);
		DataUrl url = { 0, false };
		if (other == 0 && (text.bytes[at] | 0x20) == 'd')
			url = data_url_at(text, at);
		at = url.payload > 0 ? take_data_url(scan, at, url) : at + MAX(other, (size_t)1);
	}
}
