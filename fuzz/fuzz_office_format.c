/* Any bytes as an Office document: one of the formats, what it is made of counted inside the input's own size, and the second time the same. */
#include "office_format_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool good)
{
	if (!good)
		abort();
}

static void check(OfficeFormat format, const OfficeFacts *facts, size_t length)
{
	static const OfficeFacts nothing;
	require((unsigned)format < OFFICE_FORMAT_COUNT);
	const OfficeKind *kind = office_kind(format);
	bool known = format > OFFICE_FORMAT_PACKAGE;
	require((kind->filter != NULL) == known && (kind->extension != NULL) == known);
	require((kind->family < OFFICE_FAMILY_COUNT) == known && (kind->format != RENDER_FORMAT_UNKNOWN) == known);
	if (format == OFFICE_FORMAT_PACKAGE)
		require(facts->encrypted || facts->damaged);
	if (format == OFFICE_FORMAT_NONE)
		require(memcmp(facts, &nothing, sizeof nothing) == 0);
	for (unsigned i = 0; i < RENDER_LOST_COUNT; i++) {
		bool counted = i == RENDER_LOST_MACROS || i == RENDER_LOST_FILES || i == RENDER_LOST_SIGNATURES ||
		               i == RENDER_LOST_REFERENCES;
		/* A relation, in a member that is inflated a thousand times, is the cheapest of them. */
		require(counted ? facts->lost[i] <= (uint64_t)length * 1000 : facts->lost[i] == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	OfficeFacts first, second;
	/* Behind the input is not ours. */
	g_autofree uint8_t *own = g_memdup2(bytes, length);
	OfficeFormat format = office_format(own, length, &first);
	require(format == office_format(own, length, &second));
	require(memcmp(first.lost, second.lost, sizeof first.lost) == 0 && first.encrypted == second.encrypted &&
	        first.damaged == second.damaged);
	check(format, &first, length);
	return 0;
}
