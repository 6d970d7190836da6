/* Grammar 6.9: the only font that an image PDF may embed. */
#include "verify_pdf_priv.h"

const uint8_t pdf_font_sha256[32] = { 0 };
