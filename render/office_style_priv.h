/* office_style: how a text looks, so far as that says whether anybody could see it. Jailed code.
 *
 * Styles come before what uses them in a flat ODF file, but a style may come before its parent: each is resolved when it is
 * first used. At most OFFICE_STYLE_ANCESTORS parents count; a ring of parents ends there.
 */
#ifndef MUGAI_RENDER_OFFICE_STYLE_PRIV_H
#define MUGAI_RENDER_OFFICE_STYLE_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { OFFICE_STYLE_ANCESTORS = 64 };

/* 0: nothing is said. */
typedef enum { OFFICE_UNSAID = 0, OFFICE_YES, OFFICE_NO } OfficeSaid;

/* Colours are 0xRRGGBB, or: */
enum {
	OFFICE_COLOUR_UNSAID = -1,
	OFFICE_COLOUR_UNKNOWN = -2, /* automatic, or a picture or gradient: cannot be compared */
	OFFICE_COLOUR_CLEAR = -3,   /* transparent: what is behind */
};

typedef struct {
	OfficeSaid hidden;     /* text:display, presentation:visibility, table:display, as the family has it */
	OfficeSaid invisible;  /* without opacity */
	OfficeSaid footer, header; /* of a slide: are shown */
	int32_t colour, ground;
	uint32_t size, size_asian; /* 1/1000 pt; 0 = unsaid */
	uint32_t percent, percent_asian; /* ... or of the parent's size; 0 = unsaid */
	uint32_t scale;            /* percent, of a text set high or low; 0 = unsaid */
	const char *master;        /* page style that begins here, or NULL; belongs to the styles */
} OfficeLook;

/* Nothing said. */
OfficeLook office_look_plain(void);
/* What `over` says counts, then what `under` says. */
OfficeLook office_look_over(const OfficeLook *under, const OfficeLook *over);

typedef struct OfficeStyles OfficeStyles;

OfficeStyles *office_styles_new(void);
void office_styles_free(OfficeStyles *styles);

/* Begins a style; the properties that follow are its. name NULL: the default of the family. The first of a name counts. */
void office_styles_begin(OfficeStyles *styles, const char *family, const char *name, const char *parent, const char *master);
/* Attributes of one element of properties: name, value, ..., NULL. */
void office_styles_properties(OfficeStyles *styles, const char *const *attributes);
void office_styles_end(OfficeStyles *styles);

/* All that a style and its parents say; the family's default too, where there is no style. Valid until the styles are freed. */
const OfficeLook *office_styles_find(OfficeStyles *styles, const char *family, const char *name);

/* "10.5pt", "-2cm" in 1/1000 pt. */
bool office_length(const char *value, int64_t *ret_length);
/* Nearly the same, as eyes go. */
bool office_colour_near(int32_t a, int32_t b);

G_END_DECLS

#endif
