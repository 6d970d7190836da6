/* parse_hash: the SHA-256 of a decoded part. */
#include "parse_code_priv.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

static EVP_MD *digest;
static EVP_MD_CTX *digest_context;

bool parse_hash_warm_up(GError **error)
{
	if (digest != NULL)
		return true;
	parse_base64_warm_up();
	/* no configuration file: it could name providers that are then loaded */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest_context = EVP_MD_CTX_new();
	if (digest != NULL && digest_context != NULL)
		return true;
	g_set_error_literal(error, PARSE_CODE_ERROR, PARSE_CODE_ERROR_WARM_UP,
	                    "the crypto library has no SHA-256");
	return false;
}

void parse_hash(ParseRange bytes, uint8_t ret_sha256[32])
{
	bool ok = EVP_DigestInit_ex2(digest_context, digest, NULL) == 1;

	if (ok && bytes.length > 0)
		ok = EVP_DigestUpdate(digest_context, bytes.bytes, bytes.length) == 1;
	if (!ok || EVP_DigestFinal_ex(digest_context, ret_sha256, NULL) != 1)
		memset(ret_sha256, 0, 32);
}
