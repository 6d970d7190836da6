/* office_profile: the jail in which LibreOffice reads one document. Jailed half only. */
#ifndef MUGAI_RENDER_OFFICE_PROFILE_PRIV_H
#define MUGAI_RENDER_OFFICE_PROFILE_PRIV_H

#include "jail.h"

/* LibreOffice, its libraries and fonts can be read, and written is in memory of the child's own. No network, no other process. */
extern const JailProfile office_profile;

#endif
