/* Any bytes to plain_decode. What decodes has one form only: it encodes to the same bytes. */
#include "plain.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(PlainRecord) record = plain_decode(data, size, &error);

	if (record == NULL) {
		g_assert_true(error != NULL && error->domain == PLAIN_ERROR);
		return 0;
	}
	g_assert_no_error(error);
	GByteArray *again = plain_encode(record, record->sequence);
	g_assert_nonnull(again);
	g_assert_cmpmem(again->data, again->len, data, size);
	g_byte_array_unref(again);
	return 0;
}
