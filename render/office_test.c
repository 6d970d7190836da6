/* The self-test of Office: does each family convert here, and does it leave macros alone? See office.h. */
#include "office.h"

#include <string.h>

/* What the documents show, and what they would show if their macro ran. Its source does not hold the word in one piece. */
#define SHOWN "self-test: 無害化の自己診断"
#define SHOWN_BY_MACRO "macro ran"

/* Some are only posted by Impress, and may come after the document was saved. */
#define EVENT(name)                                                                                                       \
	"<script:event-listener script:language=\"ooo:script\" script:event-name=\"" name "\""                             \
	" xlink:href=\"vnd.sun.star.script:Standard.Module1.Go?language=Basic&amp;location=document\" xlink:type=\"simple\"/>"

/* A flat ODF document whose macro runs when it is loaded, in a program that lets it. */
#define DOCUMENT(mime, macro, body)                                                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                                    \
	"<office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\""                              \
	" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\""                                                  \
	" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\""                                                \
	" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\""                                               \
	" xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\""                                         \
	" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\""                                                \
	" xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\""                                       \
	" xmlns:script=\"urn:oasis:names:tc:opendocument:xmlns:script:1.0\""                                              \
	" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:dom=\"http://www.w3.org/2001/xml-events\""                   \
	" xmlns:ooo=\"http://openoffice.org/2004/office\" office:version=\"1.2\" office:mimetype=\"" mime "\">"           \
	"<office:scripts><office:script script:language=\"ooo:Basic\"><ooo:libraries"                                     \
	" xmlns:ooo=\"http://openoffice.org/2004/office\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"                  \
	"<ooo:library-embedded ooo:name=\"Standard\"><ooo:module ooo:name=\"Module1\"><ooo:source-code>Sub Go\n" macro     \
	"\nEnd Sub\n</ooo:source-code></ooo:module></ooo:library-embedded></ooo:libraries></office:script>"               \
	"<office:event-listeners>" EVENT("dom:load") EVENT("office:load-finished") EVENT("office:view-created")           \
	"</office:event-listeners></office:scripts>" body "</office:document>\n"

static const char writer[] =
        DOCUMENT("application/vnd.oasis.opendocument.text", "ThisComponent.getText().setString(\"macro \" &amp; \"ran\")",
                 "<office:body><office:text><text:p>" SHOWN "</text:p></office:text></office:body>");

static const char calc[] = DOCUMENT(
        "application/vnd.oasis.opendocument.spreadsheet",
        "ThisComponent.getSheets().getByIndex(0).getCellByPosition(0, 0).setString(\"macro \" &amp; \"ran\")",
        "<office:body><office:spreadsheet><table:table table:name=\"Sheet1\"><table:table-row><table:table-cell"
        " office:value-type=\"string\"><text:p>" SHOWN
        "</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>");

static const char impress[] = DOCUMENT(
        "application/vnd.oasis.opendocument.presentation",
        "ThisComponent.getDrawPages().getByIndex(0).getByIndex(0).setString(\"macro \" &amp; \"ran\")",
        "<office:automatic-styles><style:page-layout style:name=\"P\"><style:page-layout-properties"
        " fo:page-width=\"28cm\" fo:page-height=\"21cm\"/></style:page-layout></office:automatic-styles>"
        "<office:master-styles><style:master-page style:name=\"M\" style:page-layout-name=\"P\"/></office:master-styles>"
        "<office:body><office:presentation><draw:page draw:name=\"page1\" draw:master-page-name=\"M\"><draw:frame"
        " svg:x=\"1cm\" svg:y=\"1cm\" svg:width=\"20cm\" svg:height=\"3cm\"><draw:text-box><text:p>" SHOWN
        "</text:p></draw:text-box></draw:frame></draw:page></office:presentation></office:body>");

static const char *const documents[] = {
	[OFFICE_FAMILY_WRITER] = writer,
	[OFFICE_FAMILY_CALC] = calc,
	[OFFICE_FAMILY_IMPRESS] = impress,
};
G_STATIC_ASSERT(G_N_ELEMENTS(documents) == OFFICE_FAMILY_COUNT);

enum { SELF_TEST_TEXT = 64 * 1024 };

static void say(OfficeTest *test, const char *why)
{
	test->works = *why == '\0';
	g_strlcpy(test->why, why, sizeof test->why);
}

static const char *judge(const OfficeResult *result, OfficeFamily family)
{
	if (result->status != RENDER_STATUS_COMPLETE)
		return render_status_name(result->status);
	if (strstr(result->text, SHOWN_BY_MACRO) != NULL)
		return "its macro ran";
	if (strstr(result->text, SHOWN) == NULL)
		return "its text did not come back";
	return office_family_of(result->format) == family ? "" : "taken for another format";
}

static void test_family(const RenderContext *context, OfficeFamily family, OfficeTest *test)
{
	const OfficeOptions options = {
		.pages = 1, .pdf = true, .text = true, .max_text = SELF_TEST_TEXT, .families = 1U << family
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(Unread) document = unread_of_bytes(documents[family], strlen(documents[family]), &error);
	g_autoptr(OfficeResult) result =
	        document != NULL ? office_convert(context, &options, document, &error) : NULL;
	say(test, result != NULL ? judge(result, family) : error->message);
	/* What cannot be built here will not be there later; the rest may. */
	test->unknown = result == NULL && !g_error_matches(error, CELL_ERROR, CELL_ERROR_JAIL);
}

void office_self_test(const RenderContext *context, OfficeTest ret_tests[OFFICE_FAMILY_COUNT])
{
	memset(ret_tests, 0, OFFICE_FAMILY_COUNT * sizeof *ret_tests);
	for (OfficeFamily family = 0; family < OFFICE_FAMILY_COUNT; family++) {
		/* Each would wait as long for the same. */
		if (family > 0 && ret_tests[family - 1].unknown)
			ret_tests[family] = ret_tests[family - 1];
		else
			test_family(context, family, &ret_tests[family]);
	}
}
