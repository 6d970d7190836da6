#include "office_fonts_priv.h"

#include "supervisor.h"

#include <fontconfig/fontconfig.h>

/* Fonts of Windows, Office and macOS, and what is nearest in width: as wide as the other, a line breaks where it broke for its
 * sender. "Mono" Japanese fonts have Latin letters of half an em; the "P" ones have proportional letters and kana. A font that is
 * installed stands for itself. */
static const struct {
	const char *stand_in[3]; /* the first that is installed */
	const char *names[24];
} aliases[] = {
	{ { "IPAMincho", "Noto Serif CJK JP" },
	  { "ＭＳ 明朝", "MS 明朝", "MS Mincho", "@ＭＳ 明朝", "HG明朝B", "HG明朝E", "HGS明朝B", "HGS明朝E", "HGMinchoB", "HGMinchoE",
	    "HG教科書体", "HGS教科書体", "HGKyokashotai", "HG正楷書体-PRO", "HG行書体", "HGS行書体", "BIZ UD明朝", "BIZ UD明朝 Medium",
	    "BIZ UDMincho", "BIZ UDMincho Medium", "UD デジタル 教科書体 N-R", "UD Digi Kyokasho N-R", "IPAex明朝" } },
	{ { "IPAPMincho", "Noto Serif CJK JP" },
	  { "ＭＳ Ｐ明朝", "MS P明朝", "MS PMincho", "@ＭＳ Ｐ明朝", "HGP明朝B", "HGP明朝E", "HGPMinchoB", "HGPMinchoE", "HGP教科書体",
	    "HGPKyokashotai", "HGP行書体", "BIZ UDP明朝", "BIZ UDP明朝 Medium", "BIZ UDPMincho", "BIZ UDPMincho Medium",
	    "UD デジタル 教科書体 NP-R", "UD Digi Kyokasho NP-R", "IPAexMincho" } },
	{ { "IPAGothic", "Noto Sans CJK JP" },
	  { "ＭＳ ゴシック", "MS ゴシック", "MS Gothic", "@ＭＳ ゴシック", "HGゴシックM", "HGSゴシックM", "HGGothicM", "HGゴシックE",
	    "HGSゴシックE", "HGGothicE", "HG丸ｺﾞｼｯｸM-PRO", "HGMaruGothicMPRO", "HG創英角ｺﾞｼｯｸUB", "HGS創英角ｺﾞｼｯｸUB",
	    "HG創英角ﾎﾟｯﾌﾟ体", "HGSoeiKakugothicUB", "BIZ UDゴシック", "BIZ UDGothic", "UD デジタル 教科書体 N-B", "Osaka−等幅",
	    "Osaka-Mono", "IPAexゴシック" } },
	{ { "IPAPGothic", "Noto Sans CJK JP" },
	  { "ＭＳ Ｐゴシック", "MS Pゴシック", "MS PGothic", "@ＭＳ Ｐゴシック", "MS UI Gothic", "HGPゴシックM", "HGPGothicM",
	    "HGPゴシックE", "HGPGothicE", "HGP創英角ｺﾞｼｯｸUB", "HGPSoeiKakugothicUB", "HGP創英角ﾎﾟｯﾌﾟ体", "BIZ UDPゴシック",
	    "BIZ UDPGothic", "UD デジタル 教科書体 NP-B", "Osaka", "IPAexGothic" } },
	{ { "Noto Serif CJK JP", "IPAPMincho" },
	  { "游明朝", "游明朝 Light", "游明朝 Demibold", "游明朝体", "Yu Mincho", "Yu Mincho Light", "Yu Mincho Demibold", "YuMincho",
	    "ヒラギノ明朝 ProN", "ヒラギノ明朝 Pro", "ヒラギノ明朝 ProN W3", "Hiragino Mincho ProN", "Hiragino Mincho Pro", "源ノ明朝",
	    "Source Han Serif JP" } },
	{ { "Noto Sans CJK JP", "IPAPGothic" },
	  { "游ゴシック", "游ゴシック Light", "游ゴシック Medium", "游ゴシック体", "Yu Gothic", "Yu Gothic Light", "Yu Gothic Medium",
	    "Yu Gothic UI", "YuGothic", "メイリオ", "Meiryo", "Meiryo UI", "ヒラギノ角ゴ ProN", "ヒラギノ角ゴ Pro", "ヒラギノ角ゴシック",
	    "Hiragino Kaku Gothic ProN", "Hiragino Kaku Gothic Pro", "Hiragino Sans", "源ノ角ゴシック", "Source Han Sans JP" } },
	{ { "Carlito", "Liberation Sans" }, { "Calibri", "Calibri Light", "Aptos", "Aptos Display", "Segoe UI" } },
	{ { "Caladea", "Liberation Serif" }, { "Cambria", "Cambria Math" } },
	{ { "Liberation Serif", "DejaVu Serif" },
	  { "Times New Roman", "Times", "Century", "Century Schoolbook", "Georgia", "Garamond", "Palatino Linotype",
	    "Book Antiqua" } },
	{ { "Liberation Sans", "DejaVu Sans" },
	  { "Arial", "Helvetica", "Helvetica Neue", "Tahoma", "Trebuchet MS", "Arial Unicode MS", "Franklin Gothic Medium" } },
	{ { "Liberation Mono", "DejaVu Sans Mono" }, { "Courier New", "Courier", "Consolas", "Lucida Console" } },
	{ { "DejaVu Sans", "Liberation Sans" }, { "Verdana" } },
};

/* Every character of every font. The zygote's; children share its memory. */
static FcCharSet *covered;

static char *configuration(void)
{
	GString *xml = g_string_new("<?xml version=\"1.0\"?><fontconfig>");
	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++) {
		for (const char *const *name = aliases[i].names; *name != NULL; name++) {
			g_string_append_printf(xml, "<alias binding=\"same\"><family>%s</family><accept>", *name);
			for (const char *const *font = aliases[i].stand_in; *font != NULL; font++)
				g_string_append_printf(xml, "<family>%s</family>", *font);
			g_string_append(xml, "</accept></alias>");
		}
	}
	g_string_append(xml, "<include>/etc/fonts/fonts.conf</include></fontconfig>");
	return g_string_free(xml, FALSE);
}

static FcConfig *load(void)
{
	g_autofree char *xml = configuration();
	FcConfig *config = FcConfigCreate();
	if (config == NULL)
		return NULL;
	if (FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)xml, FcTrue) && FcConfigBuildFonts(config) &&
	    FcConfigSetCurrent(config))
		return config;
	FcConfigDestroy(config);
	return NULL;
}

static FcCharSet *all_characters(FcConfig *config)
{
	FcCharSet *all = FcCharSetCreate();
	FcPattern *any = FcPatternCreate();
	FcObjectSet *wanted = FcObjectSetBuild(FC_CHARSET, (char *)NULL);
	FcFontSet *fonts = FcFontList(config, any, wanted);
	for (int i = 0; fonts != NULL && i < fonts->nfont; i++) {
		FcCharSet *one = NULL;
		if (FcPatternGetCharSet(fonts->fonts[i], FC_CHARSET, 0, &one) == FcResultMatch)
			FcCharSetMerge(all, one, NULL);
	}
	if (fonts != NULL)
		FcFontSetDestroy(fonts);
	FcObjectSetDestroy(wanted);
	FcPatternDestroy(any);
	return all;
}

bool office_fonts_warm_up(GError **error)
{
	FcConfig *config = load();
	if (config != NULL)
		covered = all_characters(config);
	if (covered != NULL && FcCharSetCount(covered) > 0)
		return true;
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "fontconfig finds no font");
	return false;
}

/* Blanks, and what is never drawn by itself, need no shape. */
static bool needs_shape(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_UNASSIGNED:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_SPACE_SEPARATOR:
		return false;
	default:
		return !(c >= 0xFE00 && c <= 0xFE0F) && !(c >= 0xE0100 && c <= 0xE01EF); /* variation selectors */
	}
}

uint32_t office_fonts_missing(const OfficeText *text)
{
	uint32_t missing = 0;
	for (gunichar c = office_text_next_char(text, G_MAXUINT32); c != G_MAXUINT32; c = office_text_next_char(text, c))
		missing += needs_shape(c) && !FcCharSetHasChar(covered, c) ? 1 : 0;
	return missing;
}
