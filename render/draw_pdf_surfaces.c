/* poppler leaves a picture out without a word where cairo gives no surface for it: one that is more than 32767
 * pixels wide or high, or too large for the memory; the page of a scan is blank then. That this happened only cairo
 * knows. Therefore its function stands in the executable, where the dynamic linker finds it before the
 * library's own, and counts. */
#include "draw_pdf_priv.h"

#include <cairo.h>
#include <dlfcn.h>

static uint64_t refused;

uint64_t pdf_surfaces_refused(void)
{
	return refused;
}

typedef cairo_surface_t *(*NewSurface)(cairo_format_t format, int width, int height);

cairo_surface_t *cairo_image_surface_create(cairo_format_t format, int width, int height)
{
	static NewSurface new_surface;

	if (new_surface == NULL)
		*(void **)&new_surface = dlsym(RTLD_NEXT, "cairo_image_surface_create");
	cairo_surface_t *surface = new_surface(format, width, height);
	refused += cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS;
	return surface;
}
