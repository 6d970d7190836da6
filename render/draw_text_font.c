/* draw_text_font: which font draws which character. */
#include "draw_text_priv.h"

#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>

enum {
	FONTS_MAX = 64,
	GLYPHS_MAX = 65536, /* remembered; then all are forgotten */
};

static const double WIDE = 0.75; /* an advance of more em takes two cells */

static struct {
	cairo_font_face_t *face[FONTS_MAX];
	cairo_scaled_font_t *measured[FONTS_MAX]; /* at a size of 1000: units of 1/1000 em; NULL before it is asked for */
	FcCharSet *characters[FONTS_MAX];
	unsigned n;
	GHashTable *glyphs; /* character -> DrawGlyph */
} fonts;

static bool is_usable(FcPattern *pattern)
{
	FcBool scalable = FcFalse, colour = FcFalse;
	FcPatternGetBool(pattern, FC_SCALABLE, 0, &scalable);
	FcPatternGetBool(pattern, FC_COLOR, 0, &colour);
	return scalable && !colour;
}

static void add_font(FcPattern *wanted, FcPattern *found)
{
	FcCharSet *characters = NULL;
	if (fonts.n >= FONTS_MAX || !is_usable(found) ||
	    FcPatternGetCharSet(found, FC_CHARSET, 0, &characters) != FcResultMatch)
		return;
	FcPattern *font = FcFontRenderPrepare(NULL, wanted, found);
	if (font == NULL)
		return;
	fonts.face[fonts.n] = cairo_ft_font_face_create_for_pattern(font);
	fonts.characters[fonts.n] = FcCharSetCopy(characters);
	fonts.n++;
	FcPatternDestroy(font);
}

static void find_fonts(void)
{
	FcResult result;
	FcPattern *wanted = FcPatternBuild(NULL, FC_FAMILY, FcTypeString, "IPAGothic", FC_FAMILY, FcTypeString,
	                                   "Noto Sans Mono CJK JP", FC_FAMILY, FcTypeString, "monospace", FC_LANG,
	                                   FcTypeString, "ja", NULL);
	FcConfigSubstitute(NULL, wanted, FcMatchPattern);
	FcDefaultSubstitute(wanted);
	FcFontSet *sorted = FcFontSort(NULL, wanted, FcTrue, NULL, &result);
	for (int i = 0; sorted != NULL && i < sorted->nfont; i++)
		add_font(wanted, sorted->fonts[i]);
	if (sorted != NULL)
		FcFontSetDestroy(sorted);
	FcPatternDestroy(wanted);
}

bool draw_fonts_prepare(GError **error)
{
	if (fonts.n == 0)
		find_fonts();
	if (fonts.glyphs == NULL)
		fonts.glyphs = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	if (fonts.n > 0)
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no font is installed");
	return false;
}

cairo_font_face_t *draw_fonts_face(unsigned font)
{
	return fonts.face[font];
}

/* ---- one character ------------------------------------------------------------------------------------ */

static cairo_scaled_font_t *measured(unsigned font)
{
	cairo_matrix_t em, identity;
	if (fonts.measured[font] != NULL)
		return fonts.measured[font];
	cairo_matrix_init_scale(&em, 1000, 1000);
	cairo_matrix_init_identity(&identity);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	fonts.measured[font] = cairo_scaled_font_create(fonts.face[font], &em, &identity, options);
	cairo_font_options_destroy(options);
	return fonts.measured[font];
}

static bool glyph_in(unsigned font, gunichar c, DrawGlyph *glyph)
{
	char utf8[6];
	int n_glyphs = 1;
	cairo_glyph_t found, *glyphs = &found;
	cairo_text_extents_t extents;

	if (!FcCharSetHasChar(fonts.characters[font], c))
		return false;
	cairo_scaled_font_t *scaled = measured(font);
	cairo_status_t status = cairo_scaled_font_text_to_glyphs(scaled, 0, 0, utf8, g_unichar_to_utf8(c, utf8), &glyphs,
	                                                         &n_glyphs, NULL, NULL, NULL);
	if (status != CAIRO_STATUS_SUCCESS || n_glyphs < 1)
		return false;
	cairo_scaled_font_glyph_extents(scaled, glyphs, 1, &extents);
	double advance = extents.x_advance / 1000;
	*glyph = (DrawGlyph) { .font = font, .index = glyphs[0].index, .squeeze = 1 };
	if (glyphs != &found)
		cairo_glyph_free(glyphs);
	glyph->cells = g_unichar_iszerowidth(c) ? 0 : advance > WIDE ? 2 : 1;
	if (glyph->cells > 0 && advance * 2 > glyph->cells)
		glyph->squeeze = glyph->cells / (advance * 2);
	return true;
}

/* Fonts for Japanese have Greek and Cyrillic letters that are as wide as a kanji: no way to write a text in these. */
static bool wants_narrow(gunichar c)
{
	return c >= 0x80 && c < 0x530 && g_unichar_isalpha(c);
}

static DrawGlyph find_glyph(gunichar c)
{
	DrawGlyph glyph;
	for (unsigned font = 0; wants_narrow(c) && font < fonts.n; font++)
		if (glyph_in(font, c, &glyph) && glyph.cells < 2)
			return glyph;
	for (unsigned font = 0; font < fonts.n; font++)
		if (glyph_in(font, c, &glyph))
			return glyph;
	return (DrawGlyph) { .font = DRAW_FONT_NONE,
		             .cells = g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1,
		             .squeeze = 1 };
}

const DrawGlyph *draw_fonts_glyph(gunichar c)
{
	DrawGlyph *glyph = g_hash_table_lookup(fonts.glyphs, GUINT_TO_POINTER(c));
	if (glyph != NULL)
		return glyph;
	if (g_hash_table_size(fonts.glyphs) >= GLYPHS_MAX)
		g_hash_table_remove_all(fonts.glyphs);
	const DrawGlyph found = find_glyph(c);
	glyph = g_memdup2(&found, sizeof found);
	g_hash_table_insert(fonts.glyphs, GUINT_TO_POINTER(c), glyph);
	return glyph;
}
