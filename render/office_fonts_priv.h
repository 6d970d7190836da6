/* office_fonts: which installed font stands for which that documents name, and what characters no font has. Jailed half only. */
#ifndef MUGAI_RENDER_OFFICE_FONTS_PRIV_H
#define MUGAI_RENDER_OFFICE_FONTS_PRIV_H

#include "office_text_priv.h"

/* In the zygote, once: reads the host's configuration of fonts with ours on top, and makes it the one that LibreOffice finds in the
 * process. CELL_ERROR_UNAVAILABLE: there are no fonts at all. */
bool office_fonts_warm_up(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many different characters of the text no font has: they are shown as boxes. */
uint32_t office_fonts_missing(const OfficeText *text);

#endif
