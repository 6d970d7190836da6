#include "draw_priv.h"

#include <string.h>

static bool begins_with(const DrawInput *input, const char *magic)
{
	size_t length = strlen(magic);
	return input->length >= length && memcmp(input->bytes, magic, length) == 0;
}

/* A PDF may have something before its header; but what begins as an image is one, wherever it has "%PDF" in it. */
int draw_document(const DrawInput *input, const DrawLimits *limits, const DrawSink *sink, DrawFacts *facts, GError **error)
{
	if (begins_with(input, "%PDF"))
		return draw_pdf(input, limits, sink, facts, error);
	RenderFormat format = RENDER_FORMAT_UNKNOWN;
	if (draw_is_image(input, &format))
		return draw_image(input, limits, sink, facts, error);
	if (draw_is_pdf(input))
		return draw_pdf(input, limits, sink, facts, error);
	return RENDER_STATUS_UNSUPPORTED;
}
