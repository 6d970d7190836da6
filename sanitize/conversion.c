/* conversion: see conversion_priv.h. */
#include "conversion_priv.h"

#include <string.h>

/* The halves know the same bounds. */
G_STATIC_ASSERT((int)POLICY_DPI_MIN == (int)RENDER_DPI_MIN && (int)POLICY_DPI_MAX == (int)RENDER_DPI_MAX);
G_STATIC_ASSERT((int)POLICY_PAGES_MAX == (int)RENDER_PAGES_MAX);

PartConversion *conversion_new(PartAction wanted, const PolicyConversion *how)
{
	PartConversion *conversion = g_new0(PartConversion, 1);
	conversion->wanted = wanted;
	conversion->how = *how;
	return conversion;
}

void conversion_options(const PartConversion *conversion, RenderOptions *options)
{
	bool picture = conversion->wanted == PART_ACTION_IMAGE_PDF ||
	               conversion->wanted == PART_ACTION_IMAGE_PDF_TEXT;
	options->dpi = (unsigned)conversion->how.dpi;
	options->pages = (unsigned)conversion->how.pages;
	options->colour = conversion->how.colour == POLICY_GRAY ? RENDER_GRAY : RENDER_COLOUR;
	options->picture = picture;
	options->searchable = picture && conversion->how.searchable == POLICY_YES;
	options->beside[RENDER_BESIDE_CHANGES] = conversion->how.changes == POLICY_YES;
	options->beside[RENDER_BESIDE_COMMENTS] = conversion->how.comments == POLICY_YES;
	options->beside[RENDER_BESIDE_NOTES] = conversion->how.notes == POLICY_YES;
	G_STATIC_ASSERT(RENDER_BESIDE_COUNT == 3);
	options->text =
	        conversion->wanted == PART_ACTION_TEXT || conversion->wanted == PART_ACTION_IMAGE_PDF_TEXT;
}

static void refuse(MessagePart *part, PartReason reason)
{
	part->action = PART_ACTION_REMOVE;
	part->reason = reason;
}

/* What was wanted has to be there: a result that says complete and holds nothing is none. */
static bool holds_all(const PartConversion *conversion, const RenderResult *result)
{
	RenderOptions wanted = { 0 };
	conversion_options(conversion, &wanted);
	return (!wanted.picture || result->pdf != NULL) && (!wanted.text || result->text != NULL);
}

static bool is_blank(const char *text)
{
	while (*text != '\0' && g_unichar_isspace(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	return *text == '\0';
}

/* A picture has no text, and many a scanned document: who was to get that alone gets nothing, and must know
 * it. */
static void drop_blank_text(MessagePart *part, const char *text)
{
	if (part->action == PART_ACTION_TEXT && is_blank(text))
		refuse(part, PART_REASON_NO_TEXT);
	else if (part->action == PART_ACTION_IMAGE_PDF_TEXT && is_blank(text))
		part->action = PART_ACTION_IMAGE_PDF;
}

static void note(PartConversion *conversion, const RenderResult *result)
{
	conversion->done = true;
	conversion->status = result->status;
	conversion->format = result->format;
	conversion->pages_found = result->pages_found;
	conversion->more_pages = result->more_pages;
	conversion->pages = result->pages;
	conversion->pages_failed = result->pages_failed;
	conversion->pages_partial = result->pages_partial;
	conversion->lower_dpi = result->lower_dpi;
	conversion->hidden_chars = result->hidden_chars;
	conversion->text_cut = result->text_cut;
	memcpy(conversion->lost, result->lost, sizeof conversion->lost);
	memcpy(conversion->hidden, result->hidden, sizeof conversion->hidden);
	memcpy(conversion->beside, result->beside, sizeof conversion->beside);
	conversion->missing_glyphs = result->missing_glyphs;
	conversion->pdf_bytes = result->pdf != NULL ? g_bytes_get_size(result->pdf) : 0;
	conversion->cpu_ms = result->cpu_ms;
	conversion->wall_ms = result->wall_ms;
}

bool conversion_take(MessagePart *part, const RenderResult *result)
{
	PartConversion *conversion = part->conversion;
	note(conversion, result);
	if (result->status != RENDER_STATUS_COMPLETE || !holds_all(conversion, result))
		refuse(part, PART_REASON_CONVERSION);
	else if (conversion->how.over_limit == POLICY_NO && result->pages_found > conversion->how.pages)
		refuse(part, PART_REASON_PAGES);
	else if (conversion->how.failed_page == POLICY_NO && result->pages_failed > 0)
		refuse(part, PART_REASON_FAILED_PAGE);
	else
		drop_blank_text(part, result->text);
	return part->action != PART_ACTION_REMOVE;
}

void conversion_fail(MessagePart *part, RenderStatus status)
{
	const RenderResult nothing = { .status = status };
	note(part->conversion, &nothing);
	refuse(part, PART_REASON_CONVERSION);
}
