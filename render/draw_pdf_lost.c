/* draw_pdf_lost: what a document had and a picture of it has not. Counted for the reader, decides nothing.
 * Linear in what poppler has read already to draw the pages; nothing is followed, opened or validated. */
#include "draw_pdf_priv.h"

enum {
	SCAN_PAGES = RENDER_PAGES_MAX
}; /* of a document that claims more, scripts outside of the drawn pages are not looked for */

/* True for an action that does more than show another place. */
static bool action_loses(PopplerActionType type, RenderLost *ret_lost)
{
	switch (type) {
	case POPPLER_ACTION_NONE:
	case POPPLER_ACTION_GOTO_DEST:
	case POPPLER_ACTION_GOTO_REMOTE:
	case POPPLER_ACTION_URI:
	case POPPLER_ACTION_NAMED:
		return false;
	case POPPLER_ACTION_MOVIE:
	case POPPLER_ACTION_RENDITION:
		*ret_lost = RENDER_LOST_MEDIA;
		return true;
	default: /* launch, JavaScript, layers, forms that send themselves, and what poppler does not know */
		*ret_lost = RENDER_LOST_SCRIPTS;
		return true;
	}
}

static void count_action(const PopplerAction *action, uint64_t lost[RENDER_LOST_COUNT])
{
	RenderLost which;

	if (action != NULL && action_loses(action->type, &which))
		lost[which]++;
}

static void count_links(PopplerPage *page, uint64_t lost[RENDER_LOST_COUNT])
{
	GList *links = poppler_page_get_link_mapping(page);

	for (const GList *at = links; at != NULL; at = at->next) {
		const PopplerLinkMapping *mapping = at->data;
		lost[RENDER_LOST_LINKS]++;
		count_action(mapping->action, lost);
	}
	poppler_page_free_link_mapping(links);
}

static void count_field(PopplerFormField *field, uint64_t lost[RENDER_LOST_COUNT])
{
	bool signature = poppler_form_field_get_field_type(field) == POPPLER_FORM_FIELD_SIGNATURE;

	lost[signature ? RENDER_LOST_SIGNATURES : RENDER_LOST_FORMS]++;
	count_action(poppler_form_field_get_action(field), lost);
	for (int when = POPPLER_ADDITIONAL_ACTION_FIELD_MODIFIED;
	     when <= POPPLER_ADDITIONAL_ACTION_CALCULATE_FIELD; when++)
		count_action(
		        poppler_form_field_get_additional_action(field, (PopplerAdditionalActionType)when),
		        lost);
}

static void count_fields(PopplerPage *page, uint64_t lost[RENDER_LOST_COUNT])
{
	GList *fields = poppler_page_get_form_field_mapping(page);

	for (const GList *at = fields; at != NULL; at = at->next)
		count_field(((const PopplerFormFieldMapping *)at->data)->field, lost);
	poppler_page_free_form_field_mapping(fields);
}

/* A highlight or a stamp is drawn; what was written to it is not. */
static bool has_comment(PopplerAnnot *annot)
{
	g_autofree char *contents = poppler_annot_get_contents(annot);

	return contents != NULL && *contents != '\0';
}

static void count_annotation(PopplerAnnot *annot, uint64_t lost[RENDER_LOST_COUNT])
{
	switch (poppler_annot_get_annot_type(annot)) {
	case POPPLER_ANNOT_LINK:
	case POPPLER_ANNOT_WIDGET:
	case POPPLER_ANNOT_POPUP:     /* the window of another one */
	case POPPLER_ANNOT_FREE_TEXT: /* drawn with its text */
		return;
	case POPPLER_ANNOT_FILE_ATTACHMENT:
		lost[RENDER_LOST_FILES]++;
		return;
	case POPPLER_ANNOT_SOUND:
	case POPPLER_ANNOT_MOVIE:
	case POPPLER_ANNOT_SCREEN:
	case POPPLER_ANNOT_3D:
		lost[RENDER_LOST_MEDIA]++;
		return;
	default:
		if (has_comment(annot))
			lost[RENDER_LOST_COMMENTS]++;
	}
}

static void count_annotations(PopplerPage *page, uint64_t lost[RENDER_LOST_COUNT])
{
	GList *annotations = poppler_page_get_annot_mapping(page);

	for (const GList *at = annotations; at != NULL; at = at->next)
		count_annotation(((const PopplerAnnotMapping *)at->data)->annot, lost);
	poppler_page_free_annot_mapping(annotations);
}

void pdf_lost_of_page(PopplerPage *page, uint64_t lost[RENDER_LOST_COUNT])
{
	count_links(page, lost);
	count_fields(page, lost);
	count_annotations(page, lost);
}

void pdf_lost_of_document(PopplerDocument *document, uint64_t lost[RENDER_LOST_COUNT])
{
	lost[RENDER_LOST_FILES] += poppler_document_get_n_attachments(document);
	/* poppler walks all pages for this one, also those that are not there. */
	if (lost[RENDER_LOST_SCRIPTS] == 0 && poppler_document_get_n_pages(document) <= SCAN_PAGES &&
	    poppler_document_has_javascript(document))
		lost[RENDER_LOST_SCRIPTS] = 1;
}
