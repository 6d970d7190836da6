/* render_profile: the jail in which documents are drawn. Jailed half only. */
#ifndef MUGAI_RENDER_RENDER_PROFILE_PRIV_H
#define MUGAI_RENDER_RENDER_PROFILE_PRIV_H

#include "jail.h"

/* Fonts, their configuration and the CMaps of Japanese PDFs can be read. No other file, and nothing can be written. */
extern const JailProfile render_profile;

#endif
