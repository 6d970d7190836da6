/* charset_score: is an 8-bit text without a believable label Japanese, and is it Shift_JIS or EUC-JP?
 *
 * Both readings are tried. One that does not fit strictly is out. Each character of the other counts by
 * the row of the JIS table that it comes from (kana and common kanji for, rare kanji and private use
 * against), characters in a row count more, and half-width kana count by the rules of kana writing.
 *
 * The guard: European text in Latin-1 fits Shift_JIS more often than not, each accented letter making a
 * pair with the ASCII letter after it. Such pairs stand alone between ASCII letters, and
 * are rare kanji; that is what the negative weights are for.
 */
#include "charset_priv.h"

#include <string.h>

enum {
	RUN_BONUS = 2,      /* a character right after another of the same kind */
	LETTER_BESIDE = -2, /* an ASCII letter on one side of a lone character */
	LETTER_INSIDE = -2, /* ... and the character's second byte is one, too */
	BOTH_LETTERS = -2,  /* ... or both of its bytes are, of Latin-2: Polish ending in EUC-JP's kanji */
	KANA_ALONE = -6,
	KANA_TWO = -1,    /* two half-width kana are less likely than the one kanji of EUC-JP */
	QUOTE_WEIGHT = 1, /* a pair that is more likely a curly quote and what stands after it: no bonus */
	HINT_BONUS = 4,
	CUT_PAIRS = 3, /* so many pairs make a lead byte at the very end a cut character */
	FLAW = -20,
	FLAW_PAIRS = 50, /* so many for each flaw, or it is no such text */
	FLAWS_MIN = 16,  /* and no further look after so many which have not */
	LOOK = 1024,     /* bytes that are not ASCII decide: the rest only costs time */
};

typedef enum { ITEM_OTHER, ITEM_PAIR, ITEM_KANA } ItemKind;

typedef struct {
	ItemKind kind;
	size_t length; /* 0: does not fit */
	int weight;
	bool kana;         /* hiragana or katakana, of full width */
	bool trail_letter; /* the second byte is an ASCII letter */
	bool both_letters; /* each byte is a letter of Latin-2 */
	bool no_latin;     /* the first byte is not assigned in windows-1252 */
	uint8_t half;      /* of ITEM_KANA: A1 .. DF */
} Item;

/* ---- weights ----------------------------------------------------------------------------------------- */

typedef struct {
	uint8_t first, last; /* rows */
	int8_t weight;
} RowWeight;

static const RowWeight row_weights[] = {
	{ 1, 1, 3 },      /* 、。ー「」 */
	{ 2, 2, 1 },      /* other signs */
	{ 3, 3, 4 },      /* full-width letters and digits */
	{ 4, 4, 6 },      /* hiragana */
	{ 5, 5, 5 },      /* katakana */
	{ 6, 8, 0 },      /* Greek, Cyrillic, lines */
	{ 13, 13, 1 },    /* ①㈱ */
	{ 16, 47, 3 },    /* common kanji */
	{ 48, 84, -2 },   /* rare kanji */
	{ 89, 92, -3 },   /* IBM's */
	{ 95, 114, -6 },  /* private use */
	{ 115, 120, -3 }, /* IBM's, in Shift_JIS */
};

static int row_weight(unsigned row)
{
	for (size_t i = 0; i < G_N_ELEMENTS(row_weights); i++) {
		if (row <= row_weights[i].last)
			return row >= row_weights[i].first ? row_weights[i].weight : -6;
	}
	return -6;
}

static bool half_takes_mark(uint8_t c)
{
	return c == 0xb3 || (c >= 0xb6 && c <= 0xc4) || (c >= 0xca && c <= 0xce);
}

/* previous: the half-width kana right before, 0 if none. */
static int half_weight(uint8_t c, uint8_t previous)
{
	if (c == 0xde) /* ﾞ */
		return half_takes_mark(previous) ? 4 : -8;
	if (c == 0xdf) /* ﾟ */
		return previous >= 0xca && previous <= 0xce ? 4 : -8;
	if (c == 0xb0) /* ｰ */
		return previous >= 0xa6 ? 2 : -8;
	if (c >= 0xa7 && c <= 0xaf) /* small ones */
		return previous >= 0xb1 ? 2 : -8;
	return c <= 0xa5 ? -1 : 2;
}

/* ---- the two readings -------------------------------------------------------------------------------- */

typedef Item (*Reading)(const uint8_t *bytes, size_t left);

static Item pair_item(unsigned row, size_t length, const uint8_t *bytes)
{
	uint8_t trail = bytes[length - 1];

	return (Item) { .kind = ITEM_PAIR,
		        .length = length,
		        .weight = row_weight(row),
		        .kana = row == 4 || row == 5,
		        .trail_letter = g_ascii_isalpha((char)trail),
		        .both_letters = bytes[0] > 0xa0 && trail > 0xa0 };
}

static unsigned sjis_row(uint8_t lead, uint8_t trail)
{
	unsigned base = lead < 0xa0 ? (lead - 0x81u) * 2 : (lead - 0xe0u) * 2 + 62;

	return base + (trail >= 0x9f ? 2 : 1);
}

static Item sjis_item(const uint8_t *bytes, size_t left)
{
	if (bytes[0] >= 0xa1 && bytes[0] <= 0xdf)
		return (Item) { .kind = ITEM_KANA, .length = 1, .half = bytes[0] };
	if (left < 2 || charset_sjis_pair(bytes[0], bytes[1]) == 0)
		return (Item) { .length = 0 };
	Item item = pair_item(sjis_row(bytes[0], bytes[1]), 2, bytes);
	/* curly quotes and dashes of windows-1252 make common kanji with a letter or a hard space after them
	 */
	if ((item.trail_letter || bytes[1] == 0xa0) && bytes[0] >= 0x91 && bytes[0] <= 0x97)
		item.weight = QUOTE_WEIGHT;
	item.no_latin = memchr("\x81\x8d\x8f\x90\x9d", bytes[0], 5) != NULL;
	/* half-width kana in EUC make kanji that all begin with 8E */
	if (left > 3 && bytes[0] == 0x8e && bytes[2] == 0x8e && bytes[1] >= 0xa1 && bytes[1] <= 0xdf)
		item.weight = -RUN_BONUS;
	return item;
}

static bool is_gr(const uint8_t *bytes, size_t left, size_t index)
{
	return index < left && bytes[index] >= 0xa1 && bytes[index] <= 0xfe;
}

static Item euc_item(const uint8_t *bytes, size_t left)
{
	if (bytes[0] == 0x8e && is_gr(bytes, left, 1) && bytes[1] <= 0xdf)
		return (Item) { .kind = ITEM_KANA, .length = 2, .half = bytes[1] };
	if (bytes[0] == 0x8f && is_gr(bytes, left, 1) && is_gr(bytes, left, 2) &&
	    charset_kuten_0212(bytes[1] - 0xa0u, bytes[2] - 0xa0u) != 0)
		return (Item) { .kind = ITEM_PAIR, .length = 3, .weight = -3 };
	if (!is_gr(bytes, left, 0) || !is_gr(bytes, left, 1))
		return (Item) { .length = 0 };
	if (charset_kuten(bytes[0] - 0xa0u, bytes[1] - 0xa0u) == 0)
		return (Item) { .length = 0 };
	return pair_item(bytes[0] - 0xa0u, 2, bytes);
}

/* ---- scoring ----------------------------------------------------------------------------------------- */

/* Characters without ASCII between them. */
typedef struct {
	int64_t score;
	size_t n;
	uint8_t half; /* the last one, if it was half-width */
	ItemKind kind;
	bool trail_letter;
	bool both_letters;
	bool no_latin;
	bool letter_before;
} Run;

typedef struct {
	bool fits;
	int64_t score;
	size_t pairs, kana;
	size_t flaws;
} Score;

static void run_add(Run *run, const Item *item)
{
	int weight = item->kind == ITEM_KANA ? half_weight(item->half, run->half) : item->weight;

	run->score += weight;
	if (item->kind == ITEM_PAIR && run->kind == ITEM_PAIR && weight != QUOTE_WEIGHT)
		run->score += RUN_BONUS;
	run->trail_letter = item->trail_letter;
	run->both_letters = item->both_letters;
	run->no_latin = run->no_latin || item->no_latin;
	run->half = item->half;
	run->kind = item->kind;
	run->n++;
}

/* What speaks for Latin-1 in the letters around a run. */
static int64_t run_letters(const Run *run, bool letter_after)
{
	bool lone = run->n == 1, kana = run->kind == ITEM_KANA;
	int64_t beside = kana ? 2 * LETTER_BESIDE : LETTER_BESIDE;
	int64_t score = 0;

	if (run->no_latin)
		return 0;
	if (run->letter_before && (lone || kana))
		score += beside;
	if (letter_after && (lone || kana || run->trail_letter))
		score += beside;
	if (lone && run->trail_letter && (run->letter_before || letter_after))
		score += LETTER_INSIDE;
	if (lone && run->both_letters && (run->letter_before || letter_after))
		score += BOTH_LETTERS;
	return score;
}

static int64_t run_end(const Run *run, bool letter_after)
{
	if (run->n == 0)
		return 0;
	/* one half-width kana by itself: a capital of Latin-1 */
	int64_t alone = run->n == 1 && run->kind == ITEM_KANA ? KANA_ALONE : 0;
	alone += run->n == 2 && run->kind == ITEM_KANA ? KANA_TWO : 0;
	return run->score + alone + run_letters(run, letter_after);
}

/* One byte that was damaged on the way must not turn a long text into rubbish. */
static bool flaws_are_few(const Score *score)
{
	return score->flaws * FLAW_PAIRS <= score->pairs;
}

static bool score_is_hopeless(const Score *score)
{
	return score->flaws >= FLAWS_MIN && !flaws_are_few(score);
}

static size_t score_item(Score *score, Run *run, const Item *item, bool last)
{
	if (item->length > 0) {
		run_add(run, item);
		score->pairs += item->kind == ITEM_PAIR;
		score->kana += item->kana;
		return item->length;
	}
	if (!last || score->pairs < CUT_PAIRS) {
		score->score += FLAW;
		score->flaws++;
	}
	return 1;
}

static size_t score_ascii(Score *score, Run *run, const uint8_t *bytes, size_t length)
{
	size_t n = charset_ascii_run(bytes, length);

	score->score += run_end(run, g_ascii_isalpha((char)bytes[0]));
	*run = (Run) { .letter_before = g_ascii_isalpha((char)bytes[n - 1]) };
	return n;
}

static Score score_reading(Reading reading, const uint8_t *bytes, size_t length)
{
	Score score = { .fits = false };
	Run run = { .n = 0 };

	for (size_t at = 0; at < length && !score_is_hopeless(&score);) {
		if (bytes[at] < 0x80) {
			at += score_ascii(&score, &run, bytes + at, length - at);
			continue;
		}
		Item item = reading(bytes + at, length - at);
		at += score_item(&score, &run, &item, at + 1 == length);
	}
	score.score += run_end(&run, false);
	score.fits = flaws_are_few(&score);
	return score;
}

/* The characters that decide; all of a short text. */
static size_t look_length(const uint8_t *bytes, size_t length)
{
	size_t high = 0;

	for (size_t at = 0; at < length; at++) {
		if (bytes[at] < 0x80)
			at += charset_ascii_run(bytes + at, length - at);
		if (at < length && ++high == LOOK)
			return at + 1;
	}
	return length;
}

CharsetGuess charset_guess(const uint8_t *bytes, size_t length, Charset hint)
{
	length = look_length(bytes, length);
	Score sjis = score_reading(sjis_item, bytes, length);
	Score euc = score_reading(euc_item, bytes, length);

	if (hint == CHARSET_SHIFT_JIS || hint == CHARSET_SHIFT_JIS_2004 || hint == CHARSET_ISO_2022_JP)
		sjis.score += HINT_BONUS;
	if (hint == CHARSET_EUC_JP || hint == CHARSET_EUC_JIS_2004 || hint == CHARSET_ISO_2022_JP)
		euc.score += HINT_BONUS;
	/* a draw goes to kanji: half-width kana seldom come without anything else */
	bool draw = euc.score == sjis.score && sjis.pairs == 0;
	bool euc_wins = euc.fits && (!sjis.fits || euc.score > sjis.score || draw);
	const Score *best = euc_wins ? &euc : &sjis;
	bool found = best->fits && best->score > 0;
	return (CharsetGuess) {
		.charset = !found     ? CHARSET_UNKNOWN
		           : euc_wins ? CHARSET_EUC_JP
		                      : CHARSET_SHIFT_JIS,
		.score = best->score,
		.pairs = best->pairs,
		.kana = best->kana,
	};
}
