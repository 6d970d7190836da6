/* memfd, inside cell/ only: the descriptors behind the handles. No header outside this folder may
 * show them: a function that could take one could copy an original into an output. */
#ifndef MUGAI_CELL_MEMFD_PRIV_H
#define MUGAI_CELL_MEMFD_PRIV_H

#include "memfd.h"

/* Borrowed descriptors. */
int arena_descriptor(const Arena *arena);
int pixels_descriptor(const Pixels *pixels);
int unread_descriptor(const Unread *unread);
uint64_t unread_offset(const Unread *unread);

#endif
