/* policy_glob: `*` and `?` patterns, cut at the stars when they are read. What stands at the beginning and at
 * the end of the text is compared in place, and each piece between is looked for once, so that a pattern
 * costs no more than one walk over the text. */
#include "policy_conditions_priv.h"

#include <string.h>

/* Bytes that no UTF-8 text holds. */
#define ANY_ONE ((char)0xFF)
#define ANY_RUN ((char)0xFE)

enum { SCANNED_PER_STEP = 64 };

/* What stands between two stars. */
typedef struct {
	size_t at, bytes; /* in the text of the glob */
	size_t chars;
	bool literal; /* holds no ANY_ONE */
} Piece;

struct PolicyGlob {
	GString *text;  /* folded, with ANY_ONE and ANY_RUN */
	GArray *pieces; /* of Piece, at least one; with one alone there is no star */
};

char *policy_fold(const char *text)
{
	g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
	return g_utf8_casefold(normal != NULL ? normal : "", -1);
}

/* ---- reading ----------------------------------------------------------------------------------------------
 */

/* A run of wildcards in one form, "?" before "*", so that patterns which mean the same are the same. */
static const char *append_wildcards(GString *out, const char *at)
{
	bool star = false;
	for (; *at == '*' || *at == '?'; at++) {
		star |= *at == '*';
		if (*at == '?')
			g_string_append_c(out, ANY_ONE);
	}
	if (star)
		g_string_append_c(out, ANY_RUN);
	return at;
}

/* Each literal by itself: to fold the whole would make wildcards of the full-width ＊ and ？. */
static GString *encode(const char *pattern)
{
	GString *out = g_string_new(NULL);
	while (*pattern != '\0') {
		size_t length = strcspn(pattern, "*?");
		g_autofree char *literal = g_strndup(pattern, length);
		g_autofree char *folded = policy_fold(literal);
		g_string_append(out, folded);
		pattern = append_wildcards(out, pattern + length);
	}
	return out;
}

static void add_piece(PolicyGlob *glob, size_t at, size_t end)
{
	const char *text = glob->text->str;
	Piece piece = { .at = at, .bytes = end - at, .literal = true };
	for (const char *p = text + at; p < text + end; p = g_utf8_next_char(p)) {
		piece.chars++;
		piece.literal &= *p != ANY_ONE;
	}
	g_array_append_val(glob->pieces, piece);
}

PolicyGlob *policy_glob_new(const char *pattern)
{
	PolicyGlob *glob = g_new0(PolicyGlob, 1);
	size_t start = 0;
	glob->text = encode(pattern);
	glob->pieces = g_array_new(false, false, sizeof(Piece));
	for (size_t i = 0; i < glob->text->len; i++) {
		if (glob->text->str[i] != ANY_RUN)
			continue;
		add_piece(glob, start, i);
		start = i + 1;
	}
	add_piece(glob, start, glob->text->len);
	return glob;
}

void policy_glob_free(PolicyGlob *glob)
{
	if (glob == NULL)
		return;
	g_string_free(glob->text, true);
	g_array_unref(glob->pieces);
	g_free(glob);
}

/* ---- matching ---------------------------------------------------------------------------------------------
 */

typedef struct {
	const char *at, *end; /* what is left of the text */
	uint64_t *steps;
} Text;

static void spend(Text *text, uint64_t steps)
{
	*text->steps -= MIN(*text->steps, steps);
}

/* Behind the piece, when it stands at this place; else NULL. */
static const char *piece_at(const PolicyGlob *glob, const Piece *piece, Text *text, const char *at)
{
	const char *p = glob->text->str + piece->at, *end = p + piece->bytes;
	size_t left = (size_t)(text->end - at);
	if (piece->literal)
		return piece->bytes <= left && memcmp(p, at, piece->bytes) == 0 ? at + piece->bytes : NULL;
	for (; p < end; p = g_utf8_next_char(p), spend(text, 1)) {
		if (at >= text->end || *at == ANY_RUN)
			return NULL;
		if (*p != ANY_ONE && (*at == ANY_ONE || g_utf8_get_char(p) != g_utf8_get_char(at)))
			return NULL;
		at = g_utf8_next_char(at);
	}
	return at;
}

static bool take_first(const PolicyGlob *glob, const Piece *piece, Text *text)
{
	const char *behind = piece_at(glob, piece, text, text->at);
	if (behind != NULL)
		text->at = behind;
	return behind != NULL;
}

static bool take_last(const PolicyGlob *glob, const Piece *piece, Text *text)
{
	const char *at = text->end;
	if (piece->literal && piece->bytes > (size_t)(at - text->at))
		return false;
	if (piece->literal)
		at -= piece->bytes;
	for (size_t i = 0; !piece->literal && i < piece->chars; i++) {
		if (at <= text->at)
			return false;
		at = g_utf8_prev_char(at);
	}
	if (piece_at(glob, piece, text, at) != text->end)
		return false;
	text->end = at;
	return true;
}

/* The leftmost place: any other leaves less for the pieces after it. */
static bool take_next(const PolicyGlob *glob, const Piece *piece, Text *text)
{
	size_t left = (size_t)(text->end - text->at);
	if (piece->literal) {
		const char *found = memmem(text->at, left, glob->text->str + piece->at, piece->bytes);
		spend(text, 2 + (found != NULL ? (size_t)(found - text->at) : left) / SCANNED_PER_STEP);
		text->at = found != NULL ? found + piece->bytes : text->at;
		return found != NULL;
	}
	for (const char *at = text->at; at<text->end && * text->steps> 0; at = g_utf8_next_char(at)) {
		spend(text, 1);
		const char *behind = piece_at(glob, piece, text, at);
		if (behind == NULL)
			continue;
		text->at = behind;
		return true;
	}
	return false;
}

bool policy_glob_matches(const PolicyGlob *glob, const char *folded, size_t bytes, uint64_t *steps)
{
	Text text = { .at = folded, .end = folded + bytes, .steps = steps };
	const Piece *pieces = (const Piece *)(void *)glob->pieces->data;
	guint last = glob->pieces->len - 1;
	spend(&text, 1);
	if (*steps == 0)
		return false;
	if (last == 0)
		return take_first(glob, pieces, &text) && text.at == text.end;
	if (!take_first(glob, pieces, &text) || !take_last(glob, &pieces[last], &text))
		return false;
	for (guint i = 1; i < last; i++)
		if (!take_next(glob, &pieces[i], &text))
			return false;
	return *steps > 0;
}

/* The narrow one is read as a text in which its own wildcards are characters: its run is only met by a run.
 */
bool policy_glob_covers(const PolicyGlob *wide, const PolicyGlob *narrow)
{
	uint64_t steps = UINT64_MAX;
	return policy_glob_matches(wide, narrow->text->str, narrow->text->len, &steps);
}
