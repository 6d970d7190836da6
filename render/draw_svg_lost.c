/* What an SVG's raw text says of links, scripts and other files, for the notice. Nothing depends on it:
 * nothing of these is ever followed. */
#include "draw_image_priv.h"

#include <string.h>

typedef struct {
	const char *at, *end;
	DrawFacts *facts;
} Scan;

typedef struct {
	const char *text;
	size_t length;
} Piece;

static bool is_piece(Piece piece, const char *word)
{
	return piece.length == strlen(word) && g_ascii_strncasecmp(piece.text, word, piece.length) == 0;
}

static bool begins_with(Piece piece, const char *word)
{
	return piece.length >= strlen(word) && g_ascii_strncasecmp(piece.text, word, strlen(word)) == 0;
}

static Piece without_prefix(Piece name)
{
	const char *colon = memchr(name.text, ':', name.length);

	if (colon == NULL)
		return name;
	return (Piece) { colon + 1, name.length - (size_t)(colon + 1 - name.text) };
}

static Piece trimmed(Piece piece)
{
	while (piece.length > 0 &&
	       (g_ascii_isspace(*piece.text) || *piece.text == '"' || *piece.text == '\'')) {
		piece.text++;
		piece.length--;
	}
	return piece;
}

/* Pictures of other formats in an SVG are not drawn: gdk-pixbuf has no decoder for them, or one that it
 * cannot load in the jail. */
static bool is_lost_data(Piece address)
{
	static const char *const drawn[] = { "data:image/png", "data:image/jpeg", "data:image/jpg",
		                             "data:image/gif" };

	for (size_t i = 0; i < G_N_ELEMENTS(drawn); i++)
		if (begins_with(address, drawn[i]))
			return false;
	return begins_with(address, "data:image/");
}

/* Neither inside the file itself nor written out in it. */
static bool is_external(Piece address)
{
	address = trimmed(address);
	if (address.length == 0 || address.text[0] == '#' || address.text[0] == ')')
		return false;
	return !begins_with(address, "data:") || is_lost_data(address);
}

static Piece after(Piece piece, const char *found, size_t length)
{
	size_t gone = (size_t)(found - piece.text) + length;

	return (Piece) { piece.text + gone, piece.length - gone };
}

/* url(...) and @import of style sheets, in an attribute or in a style element. */
static void scan_style(DrawFacts *facts, Piece piece)
{
	for (const char *found; (found = memmem(piece.text, piece.length, "url(", 4)) != NULL;) {
		piece = after(piece, found, 4);
		facts->lost[RENDER_LOST_REFERENCES] += is_external(piece);
	}
}

static void scan_imports(DrawFacts *facts, Piece piece)
{
	for (const char *found; (found = memmem(piece.text, piece.length, "@import", 7)) != NULL;) {
		piece = after(piece, found, 7);
		/* With url() it is counted as such. */
		facts->lost[RENDER_LOST_REFERENCES] += !begins_with(trimmed(piece), "url(");
	}
}

static Piece take_name(Scan *scan)
{
	const char *begin = scan->at;

	while (scan->at < scan->end && !g_ascii_isspace(*scan->at) && strchr("=></", *scan->at) == NULL)
		scan->at++;
	return (Piece) { begin, (size_t)(scan->at - begin) };
}

static void skip_blanks(Scan *scan)
{
	while (scan->at < scan->end && g_ascii_isspace(*scan->at))
		scan->at++;
}

static Piece take_value(Scan *scan)
{
	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != '=')
		return (Piece) { scan->at, 0 };
	scan->at++;
	skip_blanks(scan);
	if (scan->at == scan->end || (*scan->at != '"' && *scan->at != '\''))
		return take_name(scan);
	char quote = *scan->at++;
	const char *begin = scan->at;
	const char *end = memchr(begin, quote, (size_t)(scan->end - begin));
	scan->at = end == NULL ? scan->end : end + 1;
	return (Piece) { begin, (size_t)((end == NULL ? scan->end : end) - begin) };
}

static void count_attribute(DrawFacts *facts, Piece element, Piece name, Piece value)
{
	if (is_piece(name, "href") || is_piece(name, "src")) {
		if (is_external(value))
			facts->lost[is_piece(element, "a") ? RENDER_LOST_LINKS : RENDER_LOST_REFERENCES]++;
	} else if (begins_with(name, "on") && name.length > 2) {
		facts->lost[RENDER_LOST_SCRIPTS]++;
	} else {
		scan_style(facts, value);
	}
}

static void scan_attributes(Scan *scan, Piece element)
{
	while (scan->at < scan->end && *scan->at != '>') {
		Piece name = take_name(scan);
		if (name.length == 0) {
			scan->at++; /* a blank, or a stray character */
			continue;
		}
		Piece value = take_value(scan);
		count_attribute(scan->facts, element, without_prefix(name), value);
	}
}

/* <!ENTITY name SYSTEM "file">: an entity that is another file. */
static void scan_declaration(Scan *scan)
{
	const char *begin = scan->at;

	/* Also to the next markup: a file of nothing but beginnings is read once. */
	while (scan->at < scan->end && *scan->at != '>' && *scan->at != '<')
		scan->at++;
	Piece piece = { begin, (size_t)(scan->at - begin) };
	if (begins_with(piece, "!ENTITY") && (memmem(piece.text, piece.length, " SYSTEM ", 8) != NULL ||
	                                      memmem(piece.text, piece.length, " PUBLIC ", 8) != NULL))
		scan->facts->lost[RENDER_LOST_REFERENCES]++;
}

static void skip_comment(Scan *scan)
{
	const char *end = memmem(scan->at, (size_t)(scan->end - scan->at), "-->", 3);

	scan->at = end == NULL ? scan->end : end;
}

static void scan_markup(Scan *scan)
{
	Piece rest = { scan->at, (size_t)(scan->end - scan->at) };

	if (begins_with(rest, "!--")) {
		skip_comment(scan);
		return;
	}
	if (begins_with(rest, "!DOCTYPE") || begins_with(rest, "/"))
		return;
	if (begins_with(rest, "!")) {
		scan_declaration(scan);
		return;
	}
	Piece element = without_prefix(take_name(scan));
	scan->facts->lost[RENDER_LOST_SCRIPTS] += is_piece(element, "script");
	scan_attributes(scan, element);
}

void image_svg_count_lost(const DrawInput *input, DrawFacts *facts)
{
	Scan scan = { (const char *)input->bytes, (const char *)input->bytes + input->length, facts };

	while (scan.at < scan.end) {
		const char *begin = scan.at;
		const char *markup = memchr(begin, '<', (size_t)(scan.end - begin));
		Piece text = { begin, (size_t)((markup == NULL ? scan.end : markup) - begin) };
		scan_style(facts, text);
		scan_imports(facts, text);
		if (markup == NULL)
			return;
		scan.at = markup + 1;
		scan_markup(&scan);
	}
}
