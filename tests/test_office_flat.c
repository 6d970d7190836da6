/* office_flat: what is changed of a flat ODF, and what is not. */
#include "office_flat_priv.h"

#include <string.h>

/* A sheet of one row: its page layout, its columns, its cells. */
#define SHEET(layout, columns, cells)                                                                                  \
	"<style:style style:name=\"c\" style:family=\"table-column\"><style:table-column-properties "                 \
	"style:column-width=\"5cm\"/></style:style>"                                                                  \
	"<style:style style:name=\"t\" style:family=\"table\" style:master-page-name=\"m\"/>"                         \
	"<style:page-layout style:name=\"p\"><style:page-layout-properties " layout "/></style:page-layout>"          \
	"<style:master-page style:name=\"m\" style:page-layout-name=\"p\"/>"                                          \
	"<table:table table:name=\"x\" table:style-name=\"t\">" columns "<table:table-row>" cells                     \
	"</table:table-row></table:table>"
#define WHOLE "style:scale-to=\"100%\""
#define FITTED "style:scale-to-X=\"1\" style:scale-to-Y=\"0\""
#define COLUMNS(n) "<table:table-column table:style-name=\"c\" table:number-columns-repeated=\"" n "\"/>"
#define CELLS(n) "<table:table-cell table:number-columns-repeated=\"" n "\"><text:p>x</text:p></table:table-cell>"

typedef struct {
	const char *name;
	bool fit, comments;
	const char *from;
	const char *to; /* NULL: nothing changes */
} Case;

static const Case cases[] = {
	{ "wide", true, false, SHEET(WHOLE, COLUMNS("9"), CELLS("5")), SHEET(FITTED, COLUMNS("9"), CELLS("5")) },
	{ "narrow", true, false, SHEET(WHOLE, COLUMNS("9"), CELLS("3")), NULL },
	{ "wide, margins count", true, false, SHEET(WHOLE " fo:margin-left=\"2cm\"", COLUMNS("9"), CELLS("4")),
	  SHEET(FITTED " fo:margin-left=\"2cm\"", COLUMNS("9"), CELLS("4")) },
	{ "narrow margins count", true, false, SHEET(WHOLE " fo:margin-left=\"1cm\"", COLUMNS("9"), CELLS("4")), NULL },
	{ "paper was chosen", true, false, SHEET("fo:page-width=\"21cm\" " WHOLE, COLUMNS("9"), CELLS("5")), NULL },
	{ "no scale, as in ODF", true, false, SHEET("x=\"\"", COLUMNS("9"), CELLS("5")), SHEET(FITTED " x=\"\"", COLUMNS("9"), CELLS("5")) },
	{ "no scale, paper as it is by itself", true, false,
	  SHEET("fo:page-width=\"21.001cm\" fo:margin-left=\"1cm\"", COLUMNS("9"), CELLS("5")),
	  SHEET(FITTED " fo:page-width=\"21.001cm\" fo:margin-left=\"1cm\"", COLUMNS("9"), CELLS("5")) },
	{ "no scale, paper was chosen", true, false, SHEET("fo:page-width=\"29.7cm\"", COLUMNS("9"), CELLS("5")), NULL },
	{ "no scale, no margins: those of LibreOffice", true, false, SHEET("x=\"\"", COLUMNS("9"), CELLS("4")),
	  SHEET(FITTED " x=\"\"", COLUMNS("9"), CELLS("4")) },
	{ "fitted to pages", true, false, SHEET("style:scale-to-pages=\"2\"", COLUMNS("9"), CELLS("5")), NULL },
	{ "fitted to a width", true, false, SHEET("style:scale-to-X=\"2\"", COLUMNS("9"), CELLS("5")), NULL },
	{ "fitted to a height", true, false, SHEET("style:scale-to-Y=\"2\"", COLUMNS("9"), CELLS("5")), NULL },
	{ "a page begins at a column", true, false,
	  "<style:style style:name=\"b\"><style:table-column-properties fo:break-before=\"page\"/></style:style>" SHEET(
	          WHOLE, COLUMNS("9") "<table:table-column table:style-name=\"b\"/>", CELLS("5")),
	  NULL },
	{ "a scale of its own", true, false, SHEET("style:scale-to=\"90%\"", COLUMNS("9"), CELLS("5")), NULL },
	{ "print ranges", true, false,
	  SHEET(WHOLE, COLUMNS("9"), CELLS("1")) "<table:table table:style-name=\"t\" table:print-ranges=\"a\">" COLUMNS("9")
	          "<table:table-row>" CELLS("5") "</table:table-row></table:table>",
	  NULL },
	{ "hidden columns have no width", true, false,
	  SHEET(WHOLE,
	        COLUMNS("2") "<table:table-column table:style-name=\"c\" table:number-columns-repeated=\"3\" "
	                     "table:visibility=\"collapse\"/>",
	        CELLS("5")),
	  NULL },
	{ "empty to the edge", true, false, SHEET(WHOLE, COLUMNS("16384"), "<table:table-cell table:number-columns-repeated=\"16384\"/>"), NULL },
	{ "merged cells", true, false,
	  SHEET(WHOLE, COLUMNS("9"), "<table:table-cell table:number-columns-spanned=\"5\"><text:p>x</text:p></table:table-cell>"),
	  SHEET(FITTED, COLUMNS("9"), "<table:table-cell table:number-columns-spanned=\"5\"><text:p>x</text:p></table:table-cell>") },
	{ "a chart", true, false, SHEET(WHOLE, COLUMNS("9"), "<draw:frame table:end-cell-address=\"x.E9\"/>"),
	  SHEET(FITTED, COLUMNS("9"), "<draw:frame table:end-cell-address=\"x.E9\"/>") },
	{ "not asked for", false, true, SHEET(WHOLE, COLUMNS("9"), CELLS("5")), NULL },
	{ "more columns than there are", true, false, SHEET(WHOLE, COLUMNS("99999999999"), CELLS("-5")), NULL },
	{ "comments of sheets", true, true, SHEET(WHOLE " style:print=\"grid\"", "", ""), SHEET(WHOLE " style:print=\"annotations grid\"", "", "") },
	{ "comments of sheets, no word about what is printed", true, true, SHEET(WHOLE, "", ""),
	  SHEET("style:print=\"annotations charts drawings objects zero-values\" " WHOLE, "", "") },
	{ "comment of a text", false, true,
	  "a<office:annotation><dc:creator>b</dc:creator><text:p>c</text:p></office:annotation>d",
	  "a<text:note text:id=\"mugai1\" text:note-class=\"endnote\"><text:note-citation text:label=\"[1]\">[1]</text:note-citation>"
	  "<text:note-body><text:p>c</text:p></text:note-body></text:note>d" },
	{ "comment that says nothing", false, true, "a<office:annotation><dc:date>b</dc:date></office:annotation>", NULL },
	{ "comment without an end", false, true, "a<office:annotation><dc:date>", NULL },
	{ "end without a beginning of a tag", true, true, "<style:page-layout style:name=\"p", NULL },
	{ "attributes in attributes", true, true,
	  "<style:page-layout style:name=\"p\"><style:page-layout-properties x=' style:print=\" style:scale-to=\"100%\"' />",
	  "<style:page-layout style:name=\"p\"><style:page-layout-properties x=' style:print=\"annotations  style:scale-to=\"100%\"' />" },
};

/* The input ends where it ends: a copy without a byte behind it, so that a sanitizer sees who reads on. */
static void test_changes(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Case *c = &cases[i];
		const OfficeFlatChanges wanted = { .fit = c->fit, .comments = c->comments };
		g_autofree uint8_t *bytes = g_memdup2(c->from, strlen(c->from));
		g_autoptr(GByteArray) changed = office_flat_change(bytes, strlen(c->from), &wanted);
		g_autofree char *text = changed != NULL ? g_strndup((const char *)changed->data, changed->len) : NULL;
		g_test_message("%s", c->name);
		g_assert_cmpstr(text, ==, c->to);
	}
}

/* Cut anywhere, none of it is read past its end. */
static void test_cut(void)
{
	const OfficeFlatChanges wanted = { .fit = true, .comments = true };
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t length = 0; length < strlen(cases[i].from); length++) {
			g_autofree uint8_t *bytes = g_memdup2(cases[i].from, length);
			g_autoptr(GByteArray) changed = office_flat_change(bytes, length, &wanted);
			g_assert_true(changed == NULL || changed->len > 0);
		}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/office/flat/changes", test_changes);
	g_test_add_func("/office/flat/cut", test_cut);
	return g_test_run();
}
