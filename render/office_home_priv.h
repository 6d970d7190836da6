/* office_home: the directory in which one LibreOffice lives: its locked registry, its profile, the document. Jailed half only.
 *
 * All of it is compiled in and written anew for each process: there is nothing to install, and nothing an administrator can lose.
 */
#ifndef MUGAI_RENDER_OFFICE_HOME_PRIV_H
#define MUGAI_RENDER_OFFICE_HOME_PRIV_H

#include <glib.h>
#include <stdbool.h>

/* Where Debian installs LibreOffice. */
#define OFFICE_INSTALLATION "/usr/lib/libreoffice"

/* Fills the empty directory (an absolute path of letters, digits and /._-) and points this process's environment to it. Before
 * LibreOffice is loaded; single-threaded. Some 200 links and 5 small files. CELL_ERROR_UNAVAILABLE: LibreOffice is not installed, or
 * the directory cannot be written. */
bool office_home_make(const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "file:///private/profile", what lok_init is told. New string. */
char *office_home_profile_url(const char *directory);

#endif
