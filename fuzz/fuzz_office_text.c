/* Any bytes, behind the start of a flat ODF file of each kind or alone: text that may leave the jail, within
 * its cap, and nothing of what is marked as hidden. First byte: which kind, what is shown. What is planted at
 * the end stands in hidden elements only. */
#include "office_text_priv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { MAX_TEXT = 3000, WHOLE = 0x80, BESIDE = 0x40, FACTS = 0x20 };

#define SECRET "HIDDENMARK"

static const char start[] = "<office:document xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\" "
                            "xmlns:style=\"s\" xmlns:fo=\"f\" xmlns:draw=\"d\" "
                            "xmlns:svg=\"v\" xmlns:xlink=\"x\" xmlns:dc=\"c\" xmlns:loext=\"l\" "
                            "xmlns:presentation=\"p\" xmlns:form=\"m\" "
                            "xmlns:chart=\"h\" xmlns:math=\"a\" xmlns:field=\"e\" "
                            "office:mimetype=\"application/vnd.oasis.opendocument.";
/* Styles of the planted text come first, so that none of the input has their names. */
static const char styles[] =
        "\"><office:automatic-styles><style:style style:name=\"zT\" "
        "style:family=\"text\"><style:text-properties "
        "text:display=\"none\"/></style:style><style:style style:name=\"zS\" "
        "style:family=\"table\"><style:table-properties "
        "table:display=\"false\"/></style:style><style:style style:name=\"zP\" style:family=\"drawing-page\">"
        "<style:drawing-page-properties presentation:visibility=\"hidden\"/></style:style>";
static const char hidden[] =
        "<text:p>a<text:span text:style-name=\"zT\">" SECRET
        "</text:span><text:hidden-text text:is-hidden=\"true\">" SECRET
        "</text:hidden-text></text:p><text:p><text:hidden-paragraph text:is-hidden=\"true\"/>" SECRET
        "</text:p><text:section "
        "text:display=\"none\"><text:p>" SECRET
        "</text:p><table:table><table:table-row><table:table-cell><text:p>" SECRET
        "</text:p></table:table-cell></table:table-row></table:table></text:section><table:table "
        "table:name=\"x\"><table:table-row "
        "table:visibility=\"collapse\"><table:table-cell><text:p>" SECRET
        "</text:p></table:table-cell></table:table-row>"
        "</table:table><draw:rect draw:display=\"none\"><text:p>" SECRET "</text:p></draw:rect>";
static const char hidden_sheet[] =
        "<table:table table:name=\"" SECRET
        "\" table:style-name=\"zS\"><table:table-row><table:table-cell><text:p>" SECRET
        "</text:p></table:table-cell></table:table-row></table:table>";
static const char hidden_page[] =
        "<draw:page draw:style-name=\"zP\"><draw:rect><text:p>" SECRET "</text:p></draw:rect></draw:page>";

static void require(bool good)
{
	if (!good)
		abort();
}

static void check_text(const OfficeText *text)
{
	require(strlen(text->text) == text->bytes && text->bytes <= MAX_TEXT);
	require(g_utf8_validate(text->text, (gssize)text->bytes, NULL));
	for (const char *p = text->text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		require(c == '\n' || (c >= 0x20 && !(c >= 0x7F && c < 0xA0)));
		require((c & 0xFFFE) != 0xFFFE && !(c >= 0xFDD0 && c <= 0xFDEF) && c != 0x2028 &&
		        c != 0x2029);
	}
	require(text->bytes == 0 || (text->text[0] != '\n' && text->text[text->bytes - 1] != '\n'));
	require(strstr(text->text, "\n\n\n") == NULL);
}

/* The input is the body of a document; the planted text comes behind it. */
static char *wrap(uint8_t kind, const uint8_t *bytes, size_t length)
{
	static const struct {
		const char *type, *body, *end;
	} kinds[] = { { "text", "text", "" },
		      { "spreadsheet", "spreadsheet", hidden_sheet },
		      { "presentation", "presentation", hidden_page } };
	unsigned n = (kind & 0x1F) % G_N_ELEMENTS(kinds);
	GString *xml = g_string_new(start);
	g_string_append(xml, kinds[n].type);
	g_string_append(xml, styles);
	/* Up to the first form feed, which is in no XML: styles. */
	const uint8_t *body = memchr(bytes, '\f', length);
	if (body != NULL) {
		g_string_append_len(xml, (const char *)bytes, body - bytes);
		length -= (size_t)(body + 1 - bytes);
		bytes = body + 1;
	}
	g_string_append_printf(xml,
	                       "</office:automatic-styles><office:master-styles/><office:body><office:%s>",
	                       kinds[n].body);
	g_string_append_len(xml, (const char *)bytes, (gssize)length);
	g_string_append_printf(xml, "%s%s</office:%s></office:body></office:document>", hidden, kinds[n].end,
	                       kinds[n].body);
	return g_string_free(xml, FALSE);
}

static bool holds(const uint8_t *bytes, size_t length, const char *needle)
{
	return memmem(bytes, length, needle, strlen(needle)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	uint8_t what = bytes[0];
	bool shown = what & BESIDE, whole = what & WHOLE;
	const OfficeTextOptions options = { .text = !(what & FACTS),
		                            .max_text = MAX_TEXT,
		                            .beside = { shown, shown, shown } };
	g_autofree char *xml =
	        whole || memchr(bytes, '\0', length) != NULL ? NULL : wrap(what, bytes + 1, length - 1);
	g_auto(OfficeText) text = { .bytes = 0 };
	RenderStatus status = xml != NULL
	                              ? office_text_read((const uint8_t *)xml, strlen(xml), &options, &text)
	                              : office_text_read(bytes + 1, length - 1, &options, &text);
	require(status == RENDER_STATUS_COMPLETE || status == RENDER_STATUS_UNSUPPORTED ||
	        status == RENDER_STATUS_DAMAGED || status == RENDER_STATUS_LIMIT);
	require((text.text != NULL) == options.text);
	if (text.text == NULL)
		return 0;
	check_text(&text);
	/* An input that closes the body itself, or opens what has another meaning around the end, may show
	 * it. */
	if (xml != NULL && !holds(bytes, length, "HIDDEN") && !holds(bytes, length, "zT") &&
	    !holds(bytes, length, "zS") && !holds(bytes, length, "zP"))
		require(strstr(text.text, SECRET) == NULL);
	return 0;
}
