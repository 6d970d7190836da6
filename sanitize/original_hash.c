/* The hash of an original. Apart from original.c, so that a program whose originals are unhashed (mugai) need not load
 * the crypto library, which takes longer than "mugai text" otherwise would. */
#include "original_priv.h"

#include <openssl/evp.h>

static void *sha256_begin(void)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	if (digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1)
		return digest;
	EVP_MD_CTX_free(digest);
	return NULL;
}

static void sha256_add(void *digest, const void *bytes, size_t length)
{
	EVP_DigestUpdate(digest, bytes, length);
}

static bool sha256_end(void *digest, uint8_t ret[ORIGINAL_DIGEST_BYTES])
{
	return EVP_DigestFinal_ex(digest, ret, NULL) == 1;
}

static void sha256_free(void *digest)
{
	EVP_MD_CTX_free(digest);
}

Original *original_new(uint64_t cap, GError **error)
{
	static const OriginalHash sha256 = { sha256_begin, sha256_add, sha256_end, sha256_free };
	return original_new_hashed(cap, &sha256, error);
}
