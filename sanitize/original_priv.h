/* original: the message as it came, as one sealed byte string with its hash. Trusted; never read back. */
#ifndef MUGAI_SANITIZE_ORIGINAL_PRIV_H
#define MUGAI_SANITIZE_ORIGINAL_PRIV_H

#include "sanitize.h"

enum { ORIGINAL_DIGEST_BYTES = 32, ORIGINAL_HASH_SIZE = 65 /* lower case hex and NUL */ };

/* How SHA-256 is made. begin: NULL when it is not available. */
typedef struct {
	void *(*begin)(void);
	void (*add)(void *digest, const void *bytes, size_t length);
	bool (*end)(void *digest, uint8_t ret[ORIGINAL_DIGEST_BYTES]);
	void (*free)(void *digest);
} OriginalHash;

/* As original_new(). hashing is borrowed for the life of the original. */
Original *original_new_hashed(uint64_t cap, const OriginalHash *hashing, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the writing. May be called once. The caller owns the result. */
Sealed *original_seal(Original *original, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SHA-256 of all that came, stored or not; valid after original_seal, "" where it is unhashed. Owned by the original. */
const char *original_hash(const Original *original);

/* SHA-256 of all that came but the trace; valid after original_seal, "" where no key was kept. Owned by the original. */
const char *original_key(const Original *original);

/* Bytes of the header block as far as it is stored, 0 when nobody said. */
uint64_t original_headers(const Original *original);

/* Of what is no mail: false with SANITIZE_ERROR_TOO_LARGE where it is cut, with SANITIZE_ERROR_EMPTY where it has no byte. */
bool original_is_whole(const Original *original, GError **error);

/* More came than the cap: what is stored is only the beginning, of which no more than the header block may
 * be parsed. */
bool original_is_cut(const Original *original);

#endif
