/* jail, inside cell/: one file for each mechanism. */
#ifndef MUGAI_CELL_JAIL_PRIV_H
#define MUGAI_CELL_JAIL_PRIV_H

#include "jail.h"
#include "supervisor.h"

/* Sets CELL_ERROR_JAIL with errno's text and returns false. */
bool jail_fail(GError **error, const char *what);

/* Child: a file system of its own at JAIL_PRIVATE, which becomes its working directory. Needs the capabilities of the zygote's namespace. */
bool jail_private(const JailProfile *profile, GError **error);

/* Denies every path (but to read those of the profile, and to write below JAIL_PRIVATE where it has one), TCP port, abstract socket and outside signal that this kernel's
 * Landlock can deny, then proves it by trying. */
bool jail_landlock(const JailProfile *profile, GError **error);

/* jail_seccomp_prepare compiles (zygote); jail_seccomp loads what was compiled (child). */
bool jail_seccomp_prepare(const JailProfile *profile, GError **error);
bool jail_seccomp(const JailProfile *profile, GError **error);

#endif
