/* draw_text_line: where a line of a text ends on paper. */
#include "draw_text_priv.h"

#include <string.h>

/* JIS X 4051, in short: what must not begin a line, and what must not end one. */
static const char no_start[] = "、。，．・：；？！）」』】〕〉》｝］”’ー々ゝゞヽヾ～…‥％ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
                               ",.:;?!)]}%｡､｣ｰﾞﾟｧｨｩｪｫｬｭｮｯ";
static const char no_end[] = "（「『【〔〈《｛［“‘([{｢￥＄";

static bool is_in(const char *set, gunichar c)
{
	return g_utf8_strchr(set, -1, c) != NULL;
}

gunichar draw_text_char(const DrawText *text, size_t at, size_t *ret_bytes)
{
	gunichar c = g_utf8_get_char_validated(text->bytes + at, (gssize)(text->length - at));
	bool valid = c != (gunichar)-1 && c != (gunichar)-2 && c != 0;
	*ret_bytes = valid ? (size_t)(g_utf8_next_char(text->bytes + at) - (text->bytes + at)) : 1;
	return valid ? c : 0xFFFD;
}

static bool is_blank(gunichar c)
{
	return c == ' ' || c == '\t' || c == 0x3000;
}

static unsigned cells_of(gunichar c)
{
	if (c == ' ' || c == '\t')
		return 1;
	return draw_fonts_glyph(c)->cells;
}

/* Written without blanks: half-width kana, too. */
static bool is_loose(gunichar c)
{
	return g_unichar_iswide(c) || (c >= 0xFF61 && c <= 0xFF9F);
}

/* Between Latin letters of a word, and before what belongs to the character before it, a line does not end. */
static bool may_break(gunichar before, gunichar after)
{
	if (is_blank(after) || cells_of(after) == 0)
		return false;
	if (is_blank(before))
		return true;
	if (is_in(no_start, after) || is_in(no_end, before))
		return false;
	return is_loose(before) || is_loose(after);
}

static size_t skip_blanks(const DrawText *text, size_t at)
{
	size_t bytes = 1;
	while (at < text->length && is_blank(draw_text_char(text, at, &bytes)))
		at += bytes;
	return at;
}

typedef struct {
	size_t end;     /* of what is not blank */
	size_t next;    /* where the following line begins */
	unsigned cells; /* up to the end */
} Break;

size_t draw_text_break(const DrawText *text, size_t at, unsigned width, DrawLine *ret_line)
{
	Break here = { at, at, 0 }, best = { at, at, 0 };
	unsigned cells = 0;
	gunichar before = 0;

	while (here.next < text->length) {
		size_t bytes;
		gunichar c = draw_text_char(text, here.next, &bytes);
		if (here.next > at && may_break(before, c))
			best = here;
		unsigned more = cells_of(c);
		/* blanks may stand over the edge: they are not seen there */
		if (cells + more > width && !is_blank(c) && here.next > at)
			break;
		cells += more;
		here.next += bytes;
		if (!is_blank(c)) {
			here.end = here.next;
			here.cells = cells;
		}
		before = c;
	}
	bool whole = here.next >= text->length;
	const Break *chosen = whole || best.next == at ? &here : &best;
	*ret_line = (DrawLine) { .start = at, .length = chosen->end - at, .cells = chosen->cells };
	return whole ? text->length : skip_blanks(text, chosen->next);
}
