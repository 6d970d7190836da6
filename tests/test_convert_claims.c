/* What is said of a document chooses the ways in which it is tried. */
#include "convert_claims_priv.h"

#include <string.h>

#define OOXML "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

/* ways: B its bytes as they are, T a text, O LibreOffice. */
static const struct {
	const char *declared, *truly, *name, *ways;
} cases[] = {
	/* Office, by what libmagic says */
	{ OOXML, OOXML, "a.docx", "OB" },
	{ "application/octet-stream", OOXML, "a", "OB" },
	{ "application/octet-stream", "application/msword", "", "OB" },
	{ "", "application/vnd.ms-excel", "", "OB" },
	{ "", "application/vnd.oasis.opendocument.presentation", "", "OB" },
	{ "", "text/rtf", "", "OBT" },
	/* ... of what it does not look into */
	{ "", "application/CDFV2", "a.bin", "OB" },
	{ "", "application/encrypted", "a.bin", "OB" },
	{ "application/octet-stream", "application/octet-stream", "a.XLSX", "OB" },
	{ OOXML, "application/zip", "a", "OB" },
	{ "", "text/xml", "a.fods", "OBT" },
	/* what only claims to be one: its bytes first */
	{ OOXML, "application/pdf", "a.docx", "BO" },
	{ "application/vnd.ms-excel", "image/png", "a", "BO" },
	/* ... and what is a text whatever it is called: tables of some programs */
	{ "application/vnd.ms-excel", "text/html", "a.xls", "TBO" },
	{ "application/vnd.ms-excel", "text/plain", "a.xls", "TBO" },
	/* but not the source of a document */
	{ "", "text/plain", "a.rtf", "BOT" },
	{ "application/rtf", "text/plain", "a", "BOT" },
	{ "", "text/plain", "a.fodt", "BOT" },
	{ "application/pdf", "text/plain", "a.pdf", "BT" },
	/* no Office */
	{ "text/csv", "text/csv", "a.csv", "TB" },
	{ "application/vnd.ms-excel", "text/csv", "a.csv", "TBO" },
	{ "text/csv", "application/octet-stream", "a.csv", "BT" },
	{ "application/pdf", "application/pdf", "a.pdf", "B" },
	{ "image/png", "image/png", "a.png", "B" },
	{ "application/zip", "application/zip", "a.zip", "B" },
	{ "application/vnd.ms-outlook", "application/vnd.ms-outlook", "a.msg", "B" },
	{ "application/vnd.ms-cab-compressed", "application/octet-stream", "a.cab", "B" },
	{ "", "application/x-dosexec", "docx", "B" },
	/* nothing is said */
	{ "", "", "", "BO" },
	{ "text/plain", "", "", "BOT" },
	{ "text/plain", "", "notes.txt", "BT" },
	{ "text/plain", "", "letter.docx", "OBT" },
};

static void test_ways(void)
{
	static const char letters[CONVERT_WAYS] = { [CONVERT_BYTES] = 'B', [CONVERT_TEXT] = 'T', [CONVERT_OFFICE] = 'O' };
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const ConvertClaims claims = { cases[i].declared, cases[i].truly, cases[i].name };
		ConvertWay ways[CONVERT_WAYS];
		unsigned n = convert_ways(&claims, ways);
		char got[CONVERT_WAYS + 1] = "";
		for (unsigned w = 0; w < n; w++)
			got[w] = letters[ways[w]];
		g_test_message("%s, %s, \"%s\"", cases[i].declared, cases[i].truly, cases[i].name);
		g_assert_cmpstr(got, ==, cases[i].ways);
		/* Who takes one of LibreOffice's places is known before. */
		g_assert_cmpint(convert_may_be_office(&claims), ==, strchr(got, 'O') != NULL);
	}
}

static void test_tables(void)
{
	static const struct {
		const char *declared, *truly, *name;
		RenderTable table;
	} rows[] = {
		{ "text/csv", "", "", RENDER_TABLE_CSV },
		{ "", "text/csv", "a.txt", RENDER_TABLE_CSV },
		{ "", "", "a.CSV", RENDER_TABLE_CSV },
		{ "text/tab-separated-values", "", "", RENDER_TABLE_TSV },
		{ "", "", "a.tsv", RENDER_TABLE_TSV },
		{ "text/plain", "text/plain", "csv", RENDER_TABLE_NONE },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const ConvertClaims claims = { rows[i].declared, rows[i].truly, rows[i].name };
		g_assert_cmpint(convert_table(&claims), ==, rows[i].table);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/convert-claims/ways", test_ways);
	g_test_add_func("/convert-claims/tables", test_tables);
	return g_test_run();
}
