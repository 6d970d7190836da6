#include "memfd_priv.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

enum {
	SEALS_READ_ONLY = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL,
	SEALS_FIXED_SIZE = F_SEAL_GROW | F_SEAL_SHRINK,
};

struct MemfdWriter {
	int fd;
	uint64_t length;
	uint64_t cap;
};

struct Sealed {
	gatomicrefcount references;
	int fd;
	uint64_t length;
};

struct Arena {
	gatomicrefcount references;
	int fd;
	uint64_t size;
	gint sealed; /* atomic */
};

struct Pixels {
	gatomicrefcount references;
	int fd;
	uint64_t size;
	gint sealed; /* atomic */
};

/* Either of the two owners; the descriptor is theirs. */
struct Unread {
	gatomicrefcount references;
	Arena *arena;
	Sealed *sealed;
	uint64_t offset;
	uint64_t length;
};

static bool fail_errno(GError **error, const char *what)
{
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "%s: %s", what, g_strerror(errno));
	return false;
}

static int memfd_open(const char *name, GError **error)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		fail_errno(error, "memfd_create");
	return fd;
}

/* A seal that the kernel did not take is a wall that is not there: look, never assume. */
static bool memfd_seal(int fd, int seals, GError **error)
{
	if (fcntl(fd, F_ADD_SEALS, seals) != 0)
		return fail_errno(error, "seal a memfd");
	int got = fcntl(fd, F_GET_SEALS);
	if (got < 0 || (got & seals) != seals) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "a memfd kept no seals");
		return false;
	}
	return true;
}

/* ---- bytes written once ------------------------------------------------------------- */

MemfdWriter *memfd_writer_new(const char *name, uint64_t cap, GError **error)
{
	int fd = memfd_open(name, error);
	if (fd < 0)
		return NULL;
	MemfdWriter *writer = g_new0(MemfdWriter, 1);
	writer->fd = fd;
	writer->cap = cap;
	return writer;
}

static bool write_all(int fd, const uint8_t *bytes, size_t length, GError **error)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail_errno(error, "write to a memfd");
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

bool memfd_writer_append(MemfdWriter *writer, const void *bytes, size_t length, GError **error)
{
	if (length > writer->cap - writer->length) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes",
		            writer->cap);
		return false;
	}
	if (!write_all(writer->fd, bytes, length, error))
		return false;
	writer->length += length;
	return true;
}

uint64_t memfd_writer_length(const MemfdWriter *writer)
{
	return writer->length;
}

static Sealed *sealed_new(int fd, uint64_t length)
{
	Sealed *sealed = g_new0(Sealed, 1);
	g_atomic_ref_count_init(&sealed->references);
	sealed->fd = fd;
	sealed->length = length;
	return sealed;
}

Sealed *memfd_writer_seal(MemfdWriter *writer, GError **error)
{
	g_return_val_if_fail(writer->fd >= 0, NULL);
	if (!memfd_seal(writer->fd, SEALS_READ_ONLY, error))
		return NULL;
	return sealed_new(g_steal_fd(&writer->fd), writer->length);
}

void memfd_writer_free(MemfdWriter *writer)
{
	if (writer == NULL)
		return;
	if (writer->fd >= 0)
		close(writer->fd);
	g_free(writer);
}

Sealed *sealed_ref(Sealed *sealed)
{
	g_atomic_ref_count_inc(&sealed->references);
	return sealed;
}

void sealed_unref(Sealed *sealed)
{
	if (sealed == NULL || !g_atomic_ref_count_dec(&sealed->references))
		return;
	close(sealed->fd);
	g_free(sealed);
}

uint64_t sealed_length(const Sealed *sealed)
{
	return sealed->length;
}

/* ---- arena ---------------------------------------------------------------------------- */

static uint64_t round_to_page(uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	return size == 0 ? page : (size + page - 1) / page * page;
}

/* An empty memfd of size bytes, rounded up; -1 with error. */
static int memfd_of_size(const char *name, uint64_t *size, GError **error)
{
	if (*size > (uint64_t)INT64_MAX / 2) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_LIMIT, "an arena of that size cannot be");
		return -1;
	}
	int fd = memfd_open(name, error);
	if (fd < 0)
		return -1;
	*size = round_to_page(*size);
	/* Without these seals a jail could truncate the file and make its reader die of SIGBUS. */
	bool ready = ftruncate(fd, (off_t)*size) == 0 ? memfd_seal(fd, SEALS_FIXED_SIZE, error)
	                                              : fail_errno(error, "size an arena");
	if (ready)
		return fd;
	close(fd);
	return -1;
}

Arena *arena_new(const char *name, uint64_t size, GError **error)
{
	int fd = memfd_of_size(name, &size, error);
	if (fd < 0)
		return NULL;
	Arena *arena = g_new0(Arena, 1);
	g_atomic_ref_count_init(&arena->references);
	arena->fd = fd;
	arena->size = size;
	return arena;
}

Arena *arena_ref(Arena *arena)
{
	g_atomic_ref_count_inc(&arena->references);
	return arena;
}

void arena_unref(Arena *arena)
{
	if (arena == NULL || !g_atomic_ref_count_dec(&arena->references))
		return;
	close(arena->fd);
	g_free(arena);
}

uint64_t arena_size(const Arena *arena)
{
	return arena->size;
}

static bool seal_once(int fd, gint *sealed, GError **error)
{
	if (g_atomic_int_get(sealed))
		return true;
	if (!memfd_seal(fd, SEALS_READ_ONLY, error))
		return false;
	g_atomic_int_set(sealed, 1);
	return true;
}

bool arena_seal(Arena *arena, GError **error)
{
	return seal_once(arena->fd, &arena->sealed, error);
}

/* Offset and length come from a jail: compare without adding, which could wrap. */
static bool range_inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

/* ---- pixels ---------------------------------------------------------------------------- */

Pixels *pixels_new(const char *name, uint64_t size, GError **error)
{
	int fd = memfd_of_size(name, &size, error);
	if (fd < 0)
		return NULL;
	Pixels *pixels = g_new0(Pixels, 1);
	g_atomic_ref_count_init(&pixels->references);
	pixels->fd = fd;
	pixels->size = size;
	return pixels;
}

Pixels *pixels_ref(Pixels *pixels)
{
	g_atomic_ref_count_inc(&pixels->references);
	return pixels;
}

void pixels_unref(Pixels *pixels)
{
	if (pixels == NULL || !g_atomic_ref_count_dec(&pixels->references))
		return;
	close(pixels->fd);
	g_free(pixels);
}

uint64_t pixels_size(const Pixels *pixels)
{
	return pixels->size;
}

static bool read_all(int fd, uint64_t offset, uint64_t length, uint8_t *out, GError **error)
{
	while (length > 0) {
		ssize_t n = pread(fd, out, MIN(length, 1U << 30), (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail_errno(error, "read pixels");
		out += n;
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	return true;
}

/* Of [at, end): where memory begins that was touched, and where it ends; both are end where there is no more. */
static bool find_touched(int fd, uint64_t at, uint64_t end, uint64_t *ret_from, uint64_t *ret_to, GError **error)
{
	*ret_from = *ret_to = end;
	off_t from = lseek(fd, (off_t)at, SEEK_DATA);
	if (from < 0)
		return errno == ENXIO || fail_errno(error, "look for pixels");
	if ((uint64_t)from >= end)
		return true;
	off_t to = lseek(fd, from, SEEK_HOLE);
	if (to < 0)
		return fail_errno(error, "look for pixels");
	/* The child may give memory back meanwhile: go on all the same. */
	*ret_from = (uint64_t)from;
	*ret_to = MIN(MAX((uint64_t)to, (uint64_t)from + 1), end);
	return true;
}

bool pixels_copy(const Pixels *pixels, uint64_t offset, uint64_t length, void *out, GError **error)
{
	if (!range_inside(offset, length, pixels->size)) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "a range outside the pixels");
		return false;
	}
	uint8_t *to = out;
	uint64_t at = offset, end = offset + length;
	while (at < end) {
		uint64_t touched, untouched;
		if (!find_touched(pixels->fd, at, end, &touched, &untouched, error))
			return false;
		memset(to + (at - offset), 0xFF, touched - at);
		if (!read_all(pixels->fd, touched, untouched - touched, to + (touched - offset), error))
			return false;
		at = untouched;
	}
	return true;
}

bool pixels_seal(Pixels *pixels, GError **error)
{
	return seal_once(pixels->fd, &pixels->sealed, error);
}

/* ---- unread --------------------------------------------------------------------------- */

static Unread *unread_alloc(uint64_t offset, uint64_t length)
{
	Unread *unread = g_new0(Unread, 1);
	g_atomic_ref_count_init(&unread->references);
	unread->offset = offset;
	unread->length = length;
	return unread;
}

Unread *unread_new(Arena *arena, uint64_t offset, uint64_t length, GError **error)
{
	if (!g_atomic_int_get(&arena->sealed)) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "the arena can still be written");
		return NULL;
	}
	if (!range_inside(offset, length, arena->size)) {
		g_set_error(error, CELL_ERROR, CELL_ERROR_PROTOCOL, "a range outside the arena");
		return NULL;
	}
	Unread *unread = unread_alloc(offset, length);
	unread->arena = arena_ref(arena);
	return unread;
}

Unread *unread_of_sealed(Sealed *sealed)
{
	Unread *unread = unread_alloc(0, sealed->length);
	unread->sealed = sealed_ref(sealed);
	return unread;
}

static bool copy_in_kernel(int to, const Unread *unread, GError **error)
{
	off_t position = (off_t)unread->offset;
	uint64_t left = unread->length;
	while (left > 0) {
		ssize_t n = sendfile(to, unread_descriptor(unread), &position, MIN(left, 1U << 30));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail_errno(error, "copy a part in the kernel");
		left -= (uint64_t)n;
	}
	return true;
}

Unread *unread_isolate(const Unread *unread, GError **error)
{
	int fd = memfd_open("mugai-part", error);
	if (fd < 0)
		return NULL;
	if (!copy_in_kernel(fd, unread, error) || !memfd_seal(fd, SEALS_READ_ONLY, error)) {
		close(fd);
		return NULL;
	}
	g_autoptr(Sealed) alone = sealed_new(fd, unread->length);
	return unread_of_sealed(alone);
}

Unread *unread_beginning(Sealed *sealed, uint64_t length, GError **error)
{
	g_autoptr(Unread) range = unread_alloc(0, MIN(length, sealed->length));
	range->sealed = sealed_ref(sealed);
	return unread_isolate(range, error);
}

Unread *unread_of_bytes(const void *bytes, size_t length, GError **error)
{
	g_autoptr(MemfdWriter) writer = memfd_writer_new("mugai-text", length, error);
	if (writer == NULL || !memfd_writer_append(writer, bytes, length, error))
		return NULL;
	g_autoptr(Sealed) sealed = memfd_writer_seal(writer, error);
	return sealed != NULL ? unread_of_sealed(sealed) : NULL;
}

Unread *unread_ref(Unread *unread)
{
	g_atomic_ref_count_inc(&unread->references);
	return unread;
}

void unread_unref(Unread *unread)
{
	if (unread == NULL || !g_atomic_ref_count_dec(&unread->references))
		return;
	arena_unref(unread->arena);
	sealed_unref(unread->sealed);
	g_free(unread);
}

uint64_t unread_length(const Unread *unread)
{
	return unread->length;
}

int arena_descriptor(const Arena *arena)
{
	return arena->fd;
}

int pixels_descriptor(const Pixels *pixels)
{
	return pixels->fd;
}

int unread_descriptor(const Unread *unread)
{
	return unread->arena != NULL ? unread->arena->fd : unread->sealed->fd;
}

uint64_t unread_offset(const Unread *unread)
{
	return unread->offset;
}
