/* draw_failed: the page in place of one that cannot be drawn. */
#include "draw_priv.h"

#include <cairo-ft.h>
#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <string.h>

static const char saying[] = "このページは表示できません";
enum { ACROSS = 20 }; /* characters of the saying's size that the width holds: it has 13 */

static cairo_font_face_t *japanese_face(void)
{
	FcResult result;
	FcPattern *wanted = FcPatternBuild(NULL, FC_FAMILY, FcTypeString, "sans-serif", FC_LANG, FcTypeString,
	                                   "ja", NULL);

	FcConfigSubstitute(NULL, wanted, FcMatchPattern);
	FcDefaultSubstitute(wanted);
	FcPattern *match = FcFontMatch(NULL, wanted, &result);
	FcPatternDestroy(wanted);
	if (match == NULL)
		return NULL; /* no font at all: the box alone must do */
	cairo_font_face_t *face = cairo_ft_font_face_create_for_pattern(match);
	FcPatternDestroy(match);
	return face;
}

static void write_saying(cairo_t *cairo, double width, double height)
{
	cairo_text_extents_t extents;
	cairo_font_face_t *face = japanese_face();

	if (face == NULL)
		return;
	cairo_set_font_face(cairo, face);
	cairo_set_font_size(cairo, MIN(width / ACROSS, height / 2));
	cairo_text_extents(cairo, saying, &extents);
	cairo_move_to(cairo, (width - extents.width) / 2 - extents.x_bearing,
	              (height - extents.height) / 2 - extents.y_bearing);
	cairo_show_text(cairo, saying);
	cairo_font_face_destroy(face);
}

static void draw_box(cairo_t *cairo, double width, double height)
{
	double margin = MIN(width, height) / 16;

	cairo_set_line_width(cairo, MAX(margin / 16, 1));
	cairo_rectangle(cairo, margin, margin, width - 2 * margin, height - 2 * margin);
	cairo_stroke(cairo);
}

void draw_failed_page(uint32_t *pixels, uint32_t width, uint32_t height)
{
	/* What was drawn before the failure could be taken for the whole. */
	memset(pixels, 0xFF, (size_t)width * height * sizeof *pixels);
	cairo_surface_t *surface =
	        cairo_image_surface_create_for_data((unsigned char *)pixels, CAIRO_FORMAT_RGB24, (int)width,
	                                            (int)height, (int)(width * sizeof *pixels));
	cairo_t *cairo = cairo_create(surface);
	cairo_set_source_rgb(cairo, 0, 0, 0);
	draw_box(cairo, width, height);
	write_saying(cairo, width, height);
	cairo_destroy(cairo);
	cairo_surface_destroy(surface);
}
