#include "original_priv.h"

#include <openssl/evp.h>

struct Original {
	MemfdWriter *writer;
	EVP_MD_CTX *digest;
	char hash[ORIGINAL_HASH_SIZE];
	uint64_t length;  /* bytes that came */
	uint64_t headers; /* bytes of the header block that are stored */
	bool cut;
};

G_DEFINE_QUARK(mugai - sanitize - error, sanitize_error)

Original *original_new_unhashed(uint64_t cap, GError **error)
{
	g_autoptr(MemfdWriter) writer = memfd_writer_new("mugai-original", cap, error);
	if (writer == NULL)
		return NULL;
	Original *original = g_new0(Original, 1);
	original->writer = g_steal_pointer(&writer);
	return original;
}

Original *original_new(uint64_t cap, GError **error)
{
	Original *original = original_new_unhashed(cap, error);
	if (original == NULL)
		return NULL;
	original->digest = EVP_MD_CTX_new();
	if (original->digest != NULL && EVP_DigestInit_ex(original->digest, EVP_sha256(), NULL) == 1)
		return original;
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "SHA-256 is not available");
	original_free(original);
	return NULL;
}

/* Also of what is not stored: two large messages with the same beginning are two messages. */
static void count(Original *original, const void *bytes, size_t length)
{
	if (original->digest != NULL)
		EVP_DigestUpdate(original->digest, bytes, length);
	original->length += length;
}

bool original_append(Original *original, const void *bytes, size_t length, GError **error)
{
	g_autoptr(GError) failed = NULL;
	if (!original->cut && memfd_writer_append(original->writer, bytes, length, &failed)) {
		count(original, bytes, length);
		return true;
	}
	if (original->cut || g_error_matches(failed, CELL_ERROR, CELL_ERROR_LIMIT)) {
		original->cut = true;
		count(original, bytes, length);
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_TOO_LARGE,
		            "the message is larger than limits.message");
		return false;
	}
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s", failed->message);
	return false;
}

uint64_t original_length(const Original *original)
{
	return original->length;
}

void original_end_of_headers(Original *original)
{
	original->headers = memfd_writer_length(original->writer);
}

uint64_t original_headers(const Original *original)
{
	return original->headers;
}

Sealed *original_seal(Original *original, GError **error)
{
	uint8_t digest[32];
	unsigned size = 0;
	if (original->digest != NULL)
		EVP_DigestFinal_ex(original->digest, digest, &size);
	for (unsigned i = 0; i < size; i++)
		g_snprintf(original->hash + 2 * i, 3, "%02x", digest[i]);
	return memfd_writer_seal(original->writer, error);
}

const char *original_hash(const Original *original)
{
	return original->hash;
}

bool original_is_cut(const Original *original)
{
	return original->cut;
}

void original_free(Original *original)
{
	if (original == NULL)
		return;
	memfd_writer_free(original->writer);
	EVP_MD_CTX_free(original->digest);
	g_free(original);
}
