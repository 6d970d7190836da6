/* office_registry: what LibreOffice may not do, as a file of its registry. Jailed half only. */
#ifndef MUGAI_RENDER_OFFICE_REGISTRY_PRIV_H
#define MUGAI_RENDER_OFFICE_REGISTRY_PRIV_H

#include <glib.h>

/* One layer of LibreOffice's registry (.xcd), above those of the installation and below the user's. Every property is finalized: neither the
 * user's layer nor LibreOfficeKit, which sets some at every load, can change it. version: of the installation ("7.4"). New string. */
char *office_registry_lock(const char *version);

#endif
