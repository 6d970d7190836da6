#include "original_priv.h"

struct Original {
	MemfdWriter *writer;
	const OriginalHash *hashing; /* NULL: unhashed */
	void *digest;
	char hash[ORIGINAL_HASH_SIZE];
	void *key_digest; /* NULL: none is kept */
	char key[ORIGINAL_HASH_SIZE];
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

Original *original_new_hashed(uint64_t cap, const OriginalHash *hashing, GError **error)
{
	Original *original = original_new_unhashed(cap, error);
	if (original == NULL)
		return NULL;
	original->hashing = hashing;
	original->digest = hashing->begin();
	if (original->digest != NULL)
		return original;
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "SHA-256 is not available");
	original_free(original);
	return NULL;
}

bool original_keep_key(Original *original)
{
	original->key_digest = original->hashing != NULL ? original->hashing->begin() : NULL;
	return original->key_digest != NULL;
}

/* Also of what is not stored: two large messages with the same beginning are two messages. */
static void count(Original *original, const void *bytes, size_t length, bool trace)
{
	if (original->digest != NULL)
		original->hashing->add(original->digest, bytes, length);
	if (original->key_digest != NULL && !trace)
		original->hashing->add(original->key_digest, bytes, length);
	original->length += length;
}

static bool append(Original *original, const void *bytes, size_t length, bool trace, GError **error)
{
	g_autoptr(GError) failed = NULL;
	if (!original->cut && memfd_writer_append(original->writer, bytes, length, &failed)) {
		count(original, bytes, length, trace);
		return true;
	}
	if (original->cut || g_error_matches(failed, CELL_ERROR, CELL_ERROR_LIMIT)) {
		original->cut = true;
		count(original, bytes, length, trace);
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_TOO_LARGE,
		            "the message is larger than limits.message");
		return false;
	}
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s", failed->message);
	return false;
}

bool original_append(Original *original, const void *bytes, size_t length, GError **error)
{
	return append(original, bytes, length, false, error);
}

bool original_append_trace(Original *original, const void *bytes, size_t length, GError **error)
{
	return append(original, bytes, length, true, error);
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

static void end_hash(const Original *original, void *digest, char ret_hex[ORIGINAL_HASH_SIZE])
{
	uint8_t bytes[ORIGINAL_DIGEST_BYTES];
	bool hashed = digest != NULL && original->hashing->end(digest, bytes);
	for (unsigned i = 0; hashed && i < sizeof bytes; i++)
		g_snprintf(ret_hex + 2 * i, 3, "%02x", bytes[i]);
}

Sealed *original_seal(Original *original, GError **error)
{
	end_hash(original, original->digest, original->hash);
	end_hash(original, original->key_digest, original->key);
	return memfd_writer_seal(original->writer, error);
}

const char *original_key(const Original *original)
{
	return original->key;
}

const char *original_hash(const Original *original)
{
	return original->hash;
}

bool original_is_cut(const Original *original)
{
	return original->cut;
}

bool original_is_whole(const Original *original, GError **error)
{
	if (original->cut)
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_TOO_LARGE, "it is larger than limits.message");
	else if (original->length == 0)
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_EMPTY, "it is empty");
	return !original->cut && original->length > 0;
}

void original_free(Original *original)
{
	if (original == NULL)
		return;
	memfd_writer_free(original->writer);
	if (original->digest != NULL)
		original->hashing->free(original->digest);
	if (original->key_digest != NULL)
		original->hashing->free(original->key_digest);
	g_free(original);
}
