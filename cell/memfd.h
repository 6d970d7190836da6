/* memfd: message bytes that trusted code carries but does not read.
 *
 * Sealed: bytes written once, then sealed (F_SEAL_WRITE|GROW|SHRINK|SEAL) and handed to
 * jails. Arena: an empty, pre-sized, sparse memfd handed INTO a jail, which stores decoded
 * parts there; after the jail is dead it is write-sealed, and ranges of it become Unread
 * handles. Nothing here maps or reads the content, and there is no function that turns an
 * Unread into bytes: no writer of output can take one, since its type does not fit.
 *
 * Pixels: likewise handed into a jail, which draws into it. Pixels are the one kind of bytes that trusted code does
 * read, and only as copies.
 *
 * Trusted side. All of them are immutable after construction (but for the seals) and
 * reference counted atomically: they may be shared between threads.
 */
#ifndef MUGAI_CELL_MEMFD_H
#define MUGAI_CELL_MEMFD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

/* ---- bytes written once ------------------------------------------------------------- */

typedef struct MemfdWriter MemfdWriter;
typedef struct Sealed Sealed;

/* cap: bytes; an append that would pass it fails with CELL_ERROR_LIMIT and writes nothing. */
MemfdWriter *memfd_writer_new(const char *name, uint64_t cap, GError **error);
bool memfd_writer_append(MemfdWriter *writer, const void *bytes, size_t length,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
uint64_t memfd_writer_length(const MemfdWriter *writer);
/* Seals and checks the seals. The writer is spent (free it still). */
Sealed *memfd_writer_seal(MemfdWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void memfd_writer_free(MemfdWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MemfdWriter, memfd_writer_free)

Sealed *sealed_ref(Sealed *sealed);
void sealed_unref(Sealed *sealed);
uint64_t sealed_length(const Sealed *sealed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sealed, sealed_unref)

/* ---- bytes that a jail wrote and nobody on this side reads ---------------------------- */

typedef struct Arena Arena;
typedef struct Unread Unread;

/* size: bytes, rounded up to a page; sparse: costs memory only where the jail writes. */
Arena *arena_new(const char *name, uint64_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
Arena *arena_ref(Arena *arena);
void arena_unref(Arena *arena);
uint64_t arena_size(const Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_unref)

/* Ends all writing for good. Call after the jail's death was seen: while one writable
 * mapping lives the kernel answers EBUSY, and this fails. Idempotent. */
bool arena_seal(Arena *arena, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- pixels that a jail draws --------------------------------------------------------- */

typedef struct Pixels Pixels;

/* size: bytes, rounded up to a page; sparse. Belongs to one child: what one jail drew, no other may see. */
Pixels *pixels_new(const char *name, uint64_t size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
Pixels *pixels_ref(Pixels *pixels);
void pixels_unref(Pixels *pixels);
uint64_t pixels_size(const Pixels *pixels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pixels, pixels_unref)

/* Copies a range into memory of the caller. While the child lives it can change the bytes at any moment, under a reader's
 * eyes: so there is this one copy and no mapping. Memory that the child never touched reads as white (all bits
 * set) and costs nothing: most of a page of text. False for a range outside (checked without overflow), or where the host
 * fails. */
bool pixels_copy(const Pixels *pixels, uint64_t offset, uint64_t length, void *out,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As arena_seal. */
bool pixels_seal(Pixels *pixels, GError **error);

/* ---- ranges of an arena ------------------------------------------------------------------ */

/* A range of a write-sealed arena, checked against its size (no overflow). Keeps the arena
 * alive. Fails before arena_seal. */
Unread *unread_new(Arena *arena, uint64_t offset, uint64_t length,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The whole of a sealed original as an Unread (for scanning it). */
Unread *unread_of_sealed(Sealed *sealed);
/* Its first bytes alone, copied inside the kernel: a jail that may see the beginning gets nothing else. length is at
 * most that of sealed. */
Unread *unread_beginning(Sealed *sealed, uint64_t length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same bytes alone in a sealed memfd of their own, copied inside the kernel
 * (sendfile): for a jail that may see this part and not its neighbours. */
Unread *unread_isolate(const Unread *unread, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Bytes that trusted code has anyway, as an input for a jail. */
Unread *unread_of_bytes(const void *bytes, size_t length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
Unread *unread_ref(Unread *unread);
void unread_unref(Unread *unread);
uint64_t unread_length(const Unread *unread);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unread, unread_unref)

G_END_DECLS

#endif
