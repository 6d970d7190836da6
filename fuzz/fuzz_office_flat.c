/* Any bytes as flat ODF: what is changed is longer or shorter by what was inserted and left out, and the second time the same. */
#include "office_flat_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	enum { INSERTED_MAX = 256 }; /* for each "<" */
	size_t tags = 0;
	for (size_t i = 0; i < length; i++)
		tags += bytes[i] == '<' ? 1 : 0;
	g_autofree uint8_t *own = g_memdup2(bytes, length);
	for (unsigned i = 0; i < 4; i++) {
		const OfficeFlatChanges wanted = { .fit = (i & 1) != 0, .comments = (i & 2) != 0 };
		g_autoptr(GByteArray) first = office_flat_change(own, length, &wanted);
		g_autoptr(GByteArray) second = office_flat_change(own, length, &wanted);
		if ((first == NULL) != (second == NULL))
			abort();
		if (first == NULL)
			continue;
		if (first->len > length + tags * INSERTED_MAX || first->len != second->len ||
		    memcmp(first->data, second->data, first->len) != 0)
			abort();
	}
	return 0;
}
