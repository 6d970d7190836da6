/* parse_text: the steps from the bytes of one text to the text that may leave.
 *
 *     bytes ─► parse_blocks_raw ─► charset ─► HTML | flowed | enriched | nothing ─► clean ─► defang ─►
 * parse_blocks_text
 *
 * From the character set to the cleaning all goes in pieces: a tab becomes eight bytes and a
 * byte that is no character three, so that the whole of a large mail would not fit into the memory of this
 * process. A piece ends at a line's end, if it holds one.
 */
#include "clean_text.h"
#include "parse_blocks_priv.h"
#include "parse_text_priv.h"
#include "text_wrap_priv.h"

#include <string.h>

enum {
	TEXT_PIECE = 256 * 1024, /* of UTF-8, decoded and cleaned at a time */
	SNIFF_BYTES = 1024,      /* of UTF-8, looked at to tell HTML from plain */
	ENRICHED_NAME = 60,      /* RFC 1896: longest name of a command */
	ENRICHED_PARAM = 300,    /* longest parameter that is left out; a longer one was never closed */
};

/* ---- what the bytes are
 * --------------------------------------------------------------------------------------- */

static bool is_odd_control(uint8_t c)
{
	/* ESC, SO and SI belong to JIS; FF and the DOS end-of-file are harmless remains */
	static const uint32_t fine = 1u << '\t' | 1u << '\n' | 1u << '\r' | 1u << '\f' | 1u << 0x1b |
	                             1u << 0x0e | 1u << 0x0f | 1u << 0x1a;

	return c < 0x20 ? (fine >> c & 1) == 0 : c == 0x7f;
}

static bool is_wide_charset(const ParseTextJob *job)
{
	static const char *const marks[] = { "\xff\xfe", "\xfe\xff" };

	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		if (job->bytes.length >= 2 && memcmp(job->bytes.bytes, marks[i], 2) == 0)
			return true;
	}
	return (job->declared >= CHARSET_UTF_16 && job->declared < CHARSET_UTF_7) ||
	       (job->declared >= CHARSET_IBM037 && job->declared <= CHARSET_IBM1140);
}

/* Stray controls make no binary: they are stripped, and the reader keeps the text. Nor does a line full of
 * them among others that hold none: files have no such lines, as hardly any byte of theirs ends one. */
static bool is_binary(ParseRange bytes)
{
	size_t odd = 0, clean = 0;

	for (size_t at = 0, end = 0; at < bytes.length;) {
		size_t line = at, before = odd;
		at = parse_next_line(bytes, at, &end);
		for (size_t i = line; i < end; i++)
			odd += is_odd_control(bytes.bytes[i]);
		clean += odd == before ? end - line : 0;
	}
	return odd > bytes.length / 10 && 8 * clean < bytes.length;
}

static bool begins_like_html(const char *text)
{
	static const char *const begins[] = { "<!doctype html", "<html", "<head",  "<body", "<table",
		                              "<div",           "<p",    "<!--",   "<meta", "<style",
		                              "<font",          "<span", "<center" };

	if (g_str_has_prefix(text, "\xef\xbb\xbf"))
		text += 3;
	while (g_ascii_isspace(*text))
		text++;
	for (size_t i = 0; i < G_N_ELEMENTS(begins); i++) {
		size_t length = strlen(begins[i]);
		if (g_ascii_strncasecmp(text, begins[i], length) != 0)
			continue;
		/* "<p" begins a word as well: <pre is HTML, <peter@example.jp> is not */
		char next = text[length];
		if (begins[i][length - 1] == '-' || next == '>' || next == '/' || g_ascii_isspace(next))
			return true;
	}
	return false;
}

static ParseTextKind detect_kind(const ParseTextJob *job)
{
	g_autoptr(GString) start = g_string_new(NULL);
	CharsetReader reader = charset_reader_with(job->declared, job->labelled, job->hint, job->bytes.bytes,
	                                           MIN(job->bytes.length, SNIFF_BYTES));

	charset_read(&reader, start, SNIFF_BYTES);
	return begins_like_html(start->str) ? PARSE_TEXT_HTML : PARSE_TEXT_PLAIN;
}

/* ---- pieces
 * --------------------------------------------------------------------------------------------------- */

/* How much of a piece of decoded text may be cleaned by itself: whole lines, if it holds any; else all of
 * it, but never a CR without the LF which may follow. */
static size_t piece_length(const GString *piece)
{
	const char *lf = piece->len > 0 ? memrchr(piece->str, '\n', piece->len) : NULL;
	const char *cr = lf == NULL && piece->len > 0 ? memrchr(piece->str, '\r', piece->len - 1) : NULL;
	const char *last = lf != NULL ? lf : cr;

	if (piece->len == 0 || last != NULL)
		return last != NULL ? (size_t)(last - piece->str) + 1 : 0;
	return piece->len - (piece->str[piece->len - 1] == '\r' ? 1 : 0);
}

static void text_append(ParseTextResult *result, const char *text, size_t bytes)
{
	g_autofree char *clean = clean_body_counted(text, bytes, &result->counts);

	g_string_append(result->text, clean);
}

/* A cut may leave a bidi control open. */
static void text_clean_last_line(GString *text)
{
	const char *lf = text->len > 0 ? memrchr(text->str, '\n', text->len) : NULL;
	size_t line = lf != NULL ? (size_t)(lf - text->str) + 1 : 0;
	g_autofree char *clean = clean_body_text(text->str + line, text->len - line, NULL);

	g_string_truncate(text, line);
	g_string_append(text, clean);
}

static void text_cut(ParseTextResult *result, size_t max)
{
	GString *text = result->text;

	if (text->len <= max)
		return;
	while (max > 0 && ((uint8_t)text->str[max] & 0xc0) == 0x80)
		max--;
	g_string_truncate(text, max);
	text_clean_last_line(text);
	result->cut = true;
}

/* The lines of ours for what is taken out may be longer than that was. */
static void text_without_blocks(const ParseTextJob *job, ParseTextResult *result)
{
	if (!parse_blocks_text_max(result->text, job->english, job->max_out, result->blocks))
		return;
	result->cut = true;
	text_clean_last_line(result->text);
}

/* Not piece by piece: a URL must not be cut in two. */
static void text_defang(const ParseTextJob *job, const Defang *defang, ParseTextResult *result)
{
	result->text = defang_text(defang, result->text);
	text_cut(result, job->max_out);
}

/* ---- format=flowed (RFC 3676)
 * --------------------------------------------------------------------------------- */

typedef struct {
	bool flowed, delsp;
	bool any;     /* a line was written */
	bool open;    /* the last one goes on in the next of the same depth */
	bool middle;  /* a line longer than a piece goes on */
	size_t depth; /* of the last line's quote marks */
	/* enriched */
	unsigned nofill;
	size_t ends;   /* line ends that were read and not yet written */
	gunichar last; /* code point written */
} Form;

typedef struct {
	const char *at;
	size_t length;
} Line;

static bool line_is_signature(Line line)
{
	return line.length == 3 && memcmp(line.at, "-- ", 3) == 0;
}

static void flowed_start(Form *form, size_t depth, bool empty, GString *out)
{
	if (form->any)
		g_string_append_c(out, '\n');
	for (size_t i = 0; i < depth; i++)
		g_string_append(out, i + 1 == depth && empty ? ">" : "> ");
}

static void flowed_line(Form *form, Line line, bool whole, GString *out)
{
	size_t depth = 0;

	while (depth < line.length && line.at[depth] == '>')
		depth++;
	line = (Line) { line.at + depth, line.length - depth };
	if (line.length > 0 && line.at[0] == ' ')
		line = (Line) { line.at + 1, line.length - 1 };
	bool fixed = line_is_signature(line) || parse_blocks_is_mark(line.at, line.length);
	if (!form->open || form->depth != depth || fixed)
		flowed_start(form, depth, line.length == 0, out);
	form->any = true;
	form->depth = depth;
	form->open = whole && !fixed && line.length > 0 && line.at[line.length - 1] == ' ';
	g_string_append_len(out, line.at, (gssize)(line.length - (form->open && form->delsp ? 1 : 0)));
}

/* The line end is written before the next line, when it is known whether there is one. */
static void flowed_append(Form *form, const char *text, size_t bytes, GString *out)
{
	const ParseRange all = { (const uint8_t *)text, bytes };

	for (size_t at = 0, end = 0; at < bytes;) {
		size_t next = parse_next_line(all, at, &end);
		const Line line = { text + at, end - at };
		if (form->middle)
			g_string_append_len(out, line.at, (gssize)line.length);
		else
			flowed_line(form, line, next > end, out);
		form->middle = next == end;
		at = next;
	}
}

/* ---- text/enriched (RFC 1896)
 * ----------------------------------------------------------------------------------- */

/* Length of the command at the start of the line, brackets included; 0 if it is none. */
static size_t enriched_command(Line line, char name[static ENRICHED_NAME + 2])
{
	size_t n = 0;

	for (size_t i = 1; i < line.length && n <= ENRICHED_NAME; i++) {
		char c = line.at[i];
		if (c == '>') {
			name[n] = '\0';
			return n > 0 ? i + 1 : 0;
		}
		if (!g_ascii_isalnum(c) && c != '-' && !(c == '/' && i == 1))
			return 0;
		name[n++] = g_ascii_tolower(c);
	}
	return 0;
}

/* One line end is a blank, between wide characters nothing; each further one is a line end. */
static void enriched_ends(Form *form, gunichar next, GString *out)
{
	bool wide = clean_width(form->last) == 2 && clean_width(next) == 2;

	if (form->ends == 1 && form->any && !wide)
		g_string_append_c(out, ' ');
	for (size_t i = 1; i < form->ends; i++)
		g_string_append_c(out, '\n');
	form->ends = 0;
}

static void enriched_words(Form *form, const char *words, GString *out)
{
	enriched_ends(form, (gunichar)*words, out);
	g_string_append(out, words);
	form->any = true;
	form->last = (gunichar)*words;
}

/* Of its older form, text/richtext (RFC 1341). What stands in a comment is shown: it is hidden by few
 * readers. */
static const char *richtext_words(const char *name)
{
	static const struct {
		const char *name, *words;
	} commands[] = {
		{ "lt", "<" }, { "nl", "\n" }, { "np", "\n\n" }, { "paragraph", "\n" }, { "/paragraph", "\n" }
	};

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].words;
	}
	return "";
}

/* Bytes to leave out for the command: for a parameter up to its end. One that was never closed hides
 * nothing. */
static size_t enriched_obey(Form *form, const char *name, Line line, size_t command, GString *out)
{
	static const char close[] = "</param>";

	if (*richtext_words(name) != '\0')
		enriched_words(form, richtext_words(name), out);
	if (strcmp(name, "nofill") == 0)
		form->nofill++;
	if (strcmp(name, "/nofill") == 0 && form->nofill > 0)
		form->nofill--;
	if (strcmp(name, "param") != 0)
		return command;
	size_t end = MIN(line.length, (size_t)ENRICHED_PARAM);
	for (size_t i = command; i + strlen(close) <= end; i++) {
		if (line.at[i] == '<' && g_ascii_strncasecmp(line.at + i, close, strlen(close)) == 0)
			return i + strlen(close);
	}
	return command;
}

static size_t enriched_char(Form *form, Line line, GString *out)
{
	const char *next = g_utf8_next_char(line.at);
	size_t length = MIN((size_t)(next - line.at), line.length);
	gunichar c = g_utf8_get_char_validated(line.at, (gssize)length);

	enriched_ends(form, c, out);
	g_string_append_len(out, line.at, (gssize)length);
	form->any = true;
	form->last = c;
	return length;
}

static size_t enriched_step(Form *form, Line line, GString *out)
{
	char name[ENRICHED_NAME + 2];

	if (line.at[0] == '\r' || line.at[0] == '\n') {
		bool pair = line.length > 1 && line.at[0] == '\r' && line.at[1] == '\n';
		if (form->nofill > 0)
			g_string_append_c(out, '\n');
		else
			form->ends++;
		return pair ? 2 : 1;
	}
	if (line.at[0] != '<')
		return enriched_char(form, line, out);
	if (line.length > 1 && line.at[1] == '<')
		return 1 + enriched_char(form, (Line) { line.at + 1, line.length - 1 }, out);
	size_t command = enriched_command(line, name);
	return command > 0 ? enriched_obey(form, name, line, command, out) : enriched_char(form, line, out);
}

static void enriched_append(Form *form, const char *text, size_t bytes, GString *out)
{
	for (size_t at = 0; at < bytes;)
		at += enriched_step(form, (Line) { text + at, bytes - at }, out);
}

/* ---- plain
 * -------------------------------------------------------------------------------------------------------- */

typedef struct {
	const ParseTextJob *job;
	ParseTextResult *result;
	Form form;
	GString *formed; /* not cleaned yet */
} Plain;

/* A TAB itself may not leave the jail; blanks in its place would hide where a column ends. */
static void tabbed_append(const char *text, size_t bytes, GString *out)
{
	for (size_t at = 0; at < bytes;) {
		const char *tab = memchr(text + at, '\t', bytes - at);
		size_t length = tab != NULL ? (size_t)(tab - text) - at : bytes - at;
		g_string_append_len(out, text + at, (gssize)length);
		if (tab != NULL)
			g_string_append(out, "\342\220\211");
		at += length + 1;
	}
}

static void plain_form(Plain *plain, const char *text, size_t bytes)
{
	if (plain->result->kind == PARSE_TEXT_ENRICHED)
		enriched_append(&plain->form, text, bytes, plain->formed);
	else if (plain->result->kind == PARSE_TEXT_TABBED)
		tabbed_append(text, bytes, plain->formed);
	else if (plain->form.flowed)
		flowed_append(&plain->form, text, bytes, plain->formed);
	else
		g_string_append_len(plain->formed, text, (gssize)bytes);
}

static void plain_clean(Plain *plain, bool last)
{
	size_t take = last ? plain->formed->len : piece_length(plain->formed);
	g_autoptr(GString) piece = g_string_new_len(plain->formed->str, (gssize)take);

	g_string_erase(plain->formed, 0, (gssize)take);
	parse_blocks_unmark(piece, plain->job->english);
	text_append(plain->result, piece->str, piece->len);
}

static void plain_read(Plain *plain, CharsetReader *reader)
{
	g_autoptr(GString) piece = g_string_sized_new(TEXT_PIECE + 8);
	bool more = true;

	while (more && plain->result->text->len <= plain->job->max_out) {
		more = charset_read(reader, piece, TEXT_PIECE);
		size_t take = more ? piece_length(piece) : piece->len;
		plain_form(plain, piece->str, take);
		g_string_erase(piece, 0, (gssize)take);
		plain_clean(plain, !more);
	}
	plain->result->cut = more;
	text_cut(plain->result, plain->job->max_out);
}

static void read_plain(const ParseTextJob *job, ParseTextResult *result)
{
	g_autoptr(GByteArray) bytes = g_byte_array_sized_new((guint)job->bytes.length);
	g_byte_array_append(bytes, job->bytes.bytes, (guint)job->bytes.length);
	parse_blocks_raw(bytes, job->english, result->blocks);
	CharsetReader reader =
	        charset_reader_with(job->declared, job->labelled, job->hint, bytes->data, bytes->len);
	g_autoptr(GString) formed = g_string_new(NULL);
	Plain plain = { job, result, { .flowed = job->flowed, .delsp = job->delsp }, formed };

	charset_reader_by_lines(&reader);
	result->used = reader.used;
	plain_read(&plain, &reader);
	result->replaced = reader.replaced;
	result->repaired = reader.mended > 0;
}

/* ---- HTML
 * ----------------------------------------------------------------------------------------------------------
 */

static GString *render_html(const ParseTextJob *job, CharsetReader *reader, Defang *defang,
                            HtmlFacts *ret_facts)
{
	const HtmlOptions options = {
		.english = job->english,
		.max_in = job->max_in,
		.max_out = job->max_out,
		.first_link = job->first_link,
		.defang = defang,
		.width = job->width,
	};
	g_autoptr(HtmlText) html = html_text_new(&options);
	g_autoptr(GString) piece = g_string_sized_new(TEXT_PIECE + 8);
	bool more = true;

	for (uint64_t fed = 0; more && fed <= job->max_in; fed += piece->len) {
		g_string_truncate(piece, 0);
		more = charset_read(reader, piece, TEXT_PIECE);
		html_text_feed(html, piece->str, piece->len);
	}
	GString *text = html_text_finish(html, ret_facts);
	ret_facts->cut |= more;
	return text;
}

static void clean_rendered(GString *rendered, ParseTextResult *result)
{
	const char *at = rendered->str, *end = at + rendered->len;

	while (at < end) {
		size_t left = (size_t)(end - at), take = left;
		const char *lf = left > TEXT_PIECE ? memrchr(at, '\n', TEXT_PIECE) : NULL;
		if (lf != NULL)
			take = (size_t)(lf - at) + 1;
		text_append(result, at, take);
		at += take;
	}
}

static void read_html(const ParseTextJob *job, Defang *defang, ParseTextResult *result)
{
	bool overruled = false;
	Charset charset = charset_for_html(job->declared, job->labelled, job->bytes.bytes, job->bytes.length,
	                                   &overruled);
	bool known = job->labelled || charset != job->declared;
	CharsetReader reader =
	        charset_reader_with(charset, known, job->hint, job->bytes.bytes, job->bytes.length);
	charset_reader_by_lines(&reader);
	g_autoptr(GString) rendered = render_html(job, &reader, defang, &result->html);

	result->used = reader.used;
	result->replaced = reader.replaced;
	result->repaired = (overruled && job->labelled) || reader.mended > 0;
	clean_rendered(rendered, result);
	clean_counts_add(&result->counts, &result->html.thinned);
	result->cut = result->html.cut;
	text_cut(result, job->max_out);
}

/* Lines of plain text; those of HTML were, when it was known what they are. */
static void text_wrapped(const ParseTextJob *job, ParseTextResult *result)
{
	GString *text = result->text;

	if (job->width == 0)
		return;
	result->text = text_wrap_lines(text, job->width);
	g_string_free(text, TRUE);
	text_cut(result, job->max_out);
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------------ */

static bool text_is_blank(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (!g_unichar_isspace(c) && c != 0x2800)
			return false;
	}
	return true;
}

void parse_text(const ParseTextJob *job, ParseTextResult *ret_result)
{
	ParseTextJob own = *job;

	*ret_result = (ParseTextResult) { .text = g_string_new(NULL), .kind = job->kind };
	ret_result->blocks = g_ptr_array_new_with_free_func(parse_block_free);
	ret_result->used = job->declared;
	if (own.bytes.length == 0) /* NULL must not be reckoned with */
		own.bytes.bytes = (const uint8_t *)"";
	if (job->kind == PARSE_TEXT_DETECT)
		ret_result->kind = detect_kind(&own);
	ret_result->binary = !is_wide_charset(&own) && is_binary(own.bytes);
	bool html = ret_result->kind == PARSE_TEXT_HTML || ret_result->kind == PARSE_TEXT_AMP;
	g_autoptr(Defang) defang = defang_new(job->defang);
	if (!ret_result->binary && html)
		read_html(&own, defang, ret_result);
	else if (!ret_result->binary)
		read_plain(&own, ret_result);
	text_defang(&own, defang, ret_result);
	ret_result->repaired |= job->labelled && !charset_same(job->declared, ret_result->used);
	text_without_blocks(&own, ret_result);
	if (!html)
		text_wrapped(&own, ret_result);
	ret_result->blank = text_is_blank(ret_result->text->str);
}

void parse_text_clear(ParseTextResult *result)
{
	if (result->text != NULL)
		g_string_free(result->text, TRUE);
	g_clear_pointer(&result->blocks, g_ptr_array_unref);
	*result = (ParseTextResult) { .text = NULL };
}
