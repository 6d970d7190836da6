/* programs: where the jailed executables and the checker are: beside the running program in a build
 * tree, else in libexec. Never from the environment or the settings: whoever can choose them
 * owns the gateway.
 */
#ifndef MUGAI_SANITIZE_PROGRAMS_H
#define MUGAI_SANITIZE_PROGRAMS_H

/* The directory that holds mugai-parse; owned by the library, lives as long as the process. NULL when
 * it is in neither place. */
const char *programs_directory(void);
/* DIRECTORY/name; newly allocated. NULL when there is no directory. */
char *programs_path(const char *name);

#endif
