/* office_text: flat ODF to text, hidden things left out and counted, hostile files within limits. */
#include "office_text_priv.h"
#include "office_grid_priv.h"

#include <string.h>
#include <time.h>

/* ---- documents ----------------------------------------------------------------------------------------- */

static const char head[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\" "
	"xmlns:style=\"s\" xmlns:fo=\"f\" xmlns:draw=\"d\" xmlns:svg=\"v\" xmlns:xlink=\"x\" xmlns:dc=\"c\" xmlns:loext=\"l\" "
	"xmlns:presentation=\"p\" xmlns:form=\"m\" xmlns:chart=\"h\" xmlns:math=\"a\" xmlns:ooo=\"q\" xmlns:script=\"r\" "
	"xmlns:calcext=\"k\" xmlns:officeooo=\"w\" xmlns:field=\"e\" xmlns:meta=\"n\" office:mimetype=\"application/vnd.oasis.opendocument.";

typedef enum { TEXT = 0, SHEET, SLIDES } Kind;

static char *document(Kind kind, const char *styles, const char *masters, const char *body)
{
	static const struct {
		const char *type, *body;
	} kinds[] = { { "text", "text" }, { "spreadsheet", "spreadsheet" }, { "presentation", "presentation" } };
	return g_strdup_printf("%s%s\"><office:automatic-styles>%s</office:automatic-styles><office:master-styles>%s"
	                       "</office:master-styles><office:body><office:%s>%s</office:%s></office:body></office:document>",
	                       head, kinds[kind].type, styles, masters, kinds[kind].body, body, kinds[kind].body);
}

static RenderStatus read_document(const char *xml, size_t length, const OfficeTextOptions *options, OfficeText *ret_text)
{
	RenderStatus status = office_text_read((const uint8_t *)xml, length, options, ret_text);
	if (ret_text->text != NULL) {
		g_assert_true(g_utf8_validate(ret_text->text, (gssize)ret_text->bytes, NULL));
		g_assert_cmpuint(strlen(ret_text->text), ==, ret_text->bytes);
		g_assert_cmpuint(ret_text->bytes, <=, options->max_text);
	}
	return status;
}

static const OfficeTextOptions plain = { .text = true, .max_text = 1 << 20 };
static const OfficeTextOptions beside = { .text = true, .max_text = 1 << 20, .beside = { true, true, true } };

/* "hidden-texts=2 lost-links=1", what is not zero. */
static char *counts_of(const OfficeText *text)
{
	static const char *const lost[] = { "links", "scripts", "forms", "files", "signatures",
		                            "comments", "media", "frames", "references", "macros" };
	static const char *const hidden[] = { "sheets", "rows", "columns", "slides", "texts" };
	static const char *const besides[] = { "changes", "comments", "notes" };
	GString *counts = g_string_new(NULL);
	G_STATIC_ASSERT(G_N_ELEMENTS(lost) == RENDER_LOST_COUNT && G_N_ELEMENTS(hidden) == RENDER_HIDDEN_COUNT &&
	                G_N_ELEMENTS(besides) == RENDER_BESIDE_COUNT);
	for (unsigned i = 0; i < G_N_ELEMENTS(hidden); i++)
		if (text->hidden[i] > 0)
			g_string_append_printf(counts, " hidden-%s=%u", hidden[i], text->hidden[i]);
	for (unsigned i = 0; i < G_N_ELEMENTS(besides); i++)
		if (text->beside[i] > 0)
			g_string_append_printf(counts, " beside-%s=%u", besides[i], text->beside[i]);
	for (unsigned i = 0; i < G_N_ELEMENTS(lost); i++)
		if (text->lost[i] > 0)
			g_string_append_printf(counts, " lost-%s=%u", lost[i], text->lost[i]);
	if (counts->len > 0)
		g_string_erase(counts, 0, 1);
	return g_string_free(counts, FALSE);
}

typedef struct {
	const char *name;
	Kind kind;
	const char *styles, *body, *text, *counts;
	const OfficeTextOptions *options;
	const char *masters;
} Case;

static void check_case(const Case *c)
{
	g_autofree char *xml = document(c->kind, c->styles, c->masters != NULL ? c->masters : "", c->body);
	g_auto(OfficeText) text = { .bytes = 0 };
	RenderStatus status = read_document(xml, strlen(xml), c->options != NULL ? c->options : &plain, &text);
	g_autofree char *counts = counts_of(&text);
	if (status != RENDER_STATUS_COMPLETE || strcmp(text.text, c->text) != 0 || strcmp(counts, c->counts) != 0)
		g_error("%s: status %d\n%s\n%s\nnot\n%s\n%s", c->name, (int)status, text.text, counts, c->text, c->counts);
}

#define CHECK_ALL(cases) \
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) \
	check_case(&(cases)[i])

/* ---- paragraphs ---------------------------------------------------------------------------------------- */

#define LEVEL(n, format, more) \
	"<text:list-level-style-number text:level=\"" n "\" style:num-format=\"" format "\" " more "/>"
#define LISTS \
	"<text:list-style style:name=\"L\">" LEVEL("1", "1", "style:num-suffix=\".\"") LEVEL( \
		"2", "一, 二, 三, ...", \
		"style:num-prefix=\"（\" style:num-suffix=\"）\"") LEVEL("3", "1", "loext:num-list-format=\"%1%-%3%\"") \
		LEVEL("4", "1", "text:display-levels=\"4\"") "</text:list-style>" \
		"<text:list-style style:name=\"B\"><text:list-level-style-bullet text:level=\"1\" text:bullet-char=\"*\"/>" \
		"</text:list-style>"
#define ITEM(inside) "<text:list-item>" inside "</text:list-item>"
#define P(inside) "<text:p>" inside "</text:p>"

static void test_paragraphs(void)
{
	static const Case cases[] = {
		{ "two", TEXT, "", P("一") P("二"), "一\n二", "", NULL, NULL },
		{ "white space", TEXT, "", P("  a \n b<text:s text:c=\"2\"/>c ") " \n " P("d"), "a b  c\nd", "", NULL, NULL },
		{ "empty ones are one blank line", TEXT, "", P("a") P("") P("") P("") P("b"), "a\n\nb", "", NULL, NULL },
		{ "none around", TEXT, "", P("") P("a") P(""), "a", "", NULL, NULL },
		{ "blanks have an end", TEXT, "", P("a<text:s text:c=\"999999999\"/>"), "a", "", NULL, NULL },
		{ "tabs", TEXT, "", P("日時<text:tab/>六月") P("123456789<text:tab/>x"), "日時    六月\n123456789       x", "", NULL,
		  NULL },
		{ "line break", TEXT, "", P("a<text:line-break/>b"), "a\nb", "", NULL, NULL },
		{ "heading", TEXT, "", P("a") "<text:h text:outline-level=\"1\">章</text:h>" P("b"), "a\n\n■ 章\nb", "", NULL, NULL },
		{ "low heading", TEXT, "", "<text:h text:outline-level=\"4\">章</text:h>", "章", "", NULL, NULL },
		{ "numbered headings", TEXT,
		  "<text:outline-style><text:outline-level-style text:level=\"1\" style:num-format=\"1\" style:num-prefix=\"第\" "
		  "style:num-suffix=\"章\"/><text:outline-level-style text:level=\"2\" style:num-format=\"1\" "
		  "text:display-levels=\"2\"/></text:outline-style>",
		  "<text:h text:outline-level=\"1\">あ</text:h><text:h text:outline-level=\"2\">い</text:h><text:h "
		  "text:outline-level=\"1\">う</text:h><text:h text:outline-level=\"2\">え</text:h>",
		  "■ 第1章 あ\n\n■ 1.1 い\n\n■ 第2章 う\n\n■ 2.1 え", "", NULL, NULL },
		{ "ruby", TEXT, "",
		  P("<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>かん</text:ruby-text></text:ruby>字"), "漢(かん)字", "",
		  NULL, NULL },
		{ "list", TEXT, LISTS,
		  "<text:list text:style-name=\"L\">" ITEM(P("a") P("more") "<text:list>" ITEM(P("b")) ITEM(P("c")) "</text:list>")
			  ITEM(P("d")) "</text:list>",
		  "1. a\n  more\n  （一） b\n  （二） c\n2. d", "", NULL, NULL },
		{ "labels of several levels", TEXT, LISTS,
		  "<text:list text:style-name=\"L\">" ITEM(P("a") "<text:list>" ITEM("<text:list>" ITEM(
			  P("b") "<text:list>" ITEM(P("c")) "</text:list>") "</text:list>") "</text:list>") "</text:list>",
		  "1. a\n    1-1 b\n      1.一.1.1 c", "", NULL, NULL },
		{ "bullets", TEXT, LISTS, "<text:list text:style-name=\"B\">" ITEM(P("a")) ITEM(P("")) ITEM(P("b")) "</text:list>",
		  "・a\n\n・b", "", NULL, NULL },
		{ "list goes on", TEXT, LISTS,
		  "<text:list xml:id=\"x\" text:style-name=\"L\">" ITEM(P("a")) "</text:list>" P("-") "<text:list "
		  "text:style-name=\"L\">" ITEM(P("b")) "</text:list><text:list text:continue-list=\"x\" text:style-name=\"L\">" ITEM(
			  P("c")) "</text:list>",
		  "1. a\n-\n1. b\n2. c", "", NULL, NULL },
		{ "number of its own", TEXT, LISTS,
		  "<text:list text:style-name=\"L\"><text:list-item text:start-value=\"7\">" P("a") "</text:list-item>" ITEM(
			  P("b")) "</text:list>",
		  "7. a\n8. b", "", NULL, NULL },
		{ "note", TEXT, "",
		  P("a<text:note text:note-class=\"footnote\"><text:note-citation>*</text:note-citation><text:note-body>" P(
			  "下") "</text:note-body></text:note>b") P("c"),
		  "a[注1]b\nc\n\n[注1] 下", "", NULL, NULL },
		{ "box", TEXT, "",
		  P("a<draw:frame><draw:text-box>" P("箱") P("中") "</draw:text-box></draw:frame>b") P("c"), "ab\n箱\n中\nc", "", NULL,
		  NULL },
		{ "shape", TEXT, "", P("a<draw:custom-shape>" P("図") "</draw:custom-shape>"), "a\n図", "", NULL, NULL },
		{ "picture", TEXT, "",
		  P("a<draw:frame><draw:image><office:binary-data>AAAA</office:binary-data></draw:image><svg:title>絵</svg:title>"
		    "<svg:desc>x</svg:desc></draw:frame>b"),
		  "a[画像: 絵]b", "", NULL, NULL },
		{ "diagram", TEXT, "",
		  P("a<draw:frame><draw:object><office:document office:mimetype=\"application/vnd.oasis.opendocument.chart\">"
		    "<office:body><office:chart><chart:chart xlink:href=\"..\"><chart:title>" P("推移") "</chart:title><table:table>"
		    "<table:table-row><table:table-cell>" P("1") "</table:table-cell></table:table-row></table:table></chart:chart>"
		    "</office:chart></office:body></office:document></draw:object></draw:frame>"),
		  "a[グラフ: 推移]", "", NULL, NULL },
		{ "document inside", TEXT, "",
		  P("a<draw:frame><draw:object><office:document office:mimetype=\"application/vnd.oasis.opendocument.text\">"
		    "<office:body><office:text>" P("中") "</office:text></office:body></office:document></draw:object></draw:frame>"),
		  "a", "lost-files=1", NULL, NULL },
		{ "formula", TEXT, "",
		  P("a<draw:frame><draw:object><math:math><math:semantics><math:mrow><math:mi>x</math:mi><math:mo>=</math:mo>"
		    "<math:mn>1</math:mn></math:mrow><math:annotation>x = 1</math:annotation></math:semantics></math:math>"
		    "</draw:object></draw:frame>"),
		  "ax=1", "", NULL, NULL },
		{ "characters that may not leave", TEXT, "", P("a&#x7F;b&#x85;c\xF0\x9F\xBF\xBE" "d&#x2028;e"), "abc\xEF\xBF\xBD" "d\ne", "",
		  NULL, NULL },
		{ "header and footer", TEXT, "<style:style style:name=\"S\" style:family=\"paragraph\" style:master-page-name=\"M\"/>",
		  "<text:p text:style-name=\"S\">a</text:p>", "[ヘッダー: 総務課]\n\na\n\n[フッター: 取扱注意]", "", NULL,
		  "<style:master-page style:name=\"Standard\"><style:header>" P("使わない") "</style:header></style:master-page>"
		  "<style:master-page style:name=\"M\" style:next-style-name=\"N\"><style:header>" P("総務課") "</style:header>"
		  "<style:footer>" P("- <text:page-number>1</text:page-number> -") "</style:footer></style:master-page>"
		  "<style:master-page style:name=\"N\" style:next-style-name=\"M\"><style:header>" P("総務課") "</style:header>"
		  "<style:header-left style:display=\"false\">" P("左") "</style:header-left><style:footer>" P("取扱注意")
		  "</style:footer></style:master-page>" },
	};
	CHECK_ALL(cases);
}

/* ---- what is hidden ------------------------------------------------------------------------------------ */

#define STYLE(name, family, parent, properties) \
	"<style:style style:name=\"" name "\" style:family=\"" family "\" style:parent-style-name=\"" parent "\">" properties \
	"</style:style>"
#define TEXT_STYLE(name, properties) STYLE(name, "text", "", "<style:text-properties " properties "/>")
#define SPAN(style, inside) "<text:span text:style-name=\"" style "\">" inside "</text:span>"
#define HID "text:display=\"none\""

#define PLACE(x, y) "svg:x=\"" x "\" svg:y=\"" y "\" svg:width=\"5cm\" svg:height=\"2cm\""

static void test_hidden(void)
{
	static const Case cases[] = {
		{ "span", TEXT, TEXT_STYLE("H", HID), P("a" SPAN("H", "隠") "b"), "ab", "hidden-texts=1", NULL, NULL },
		{ "of its parent's", TEXT, STYLE("C", "text", "H", "") TEXT_STYLE("H", HID), P("a" SPAN("C", "隠")), "a",
		  "hidden-texts=1", NULL, NULL },
		{ "taken back", TEXT, TEXT_STYLE("H", HID) STYLE("C", "text", "H", "<style:text-properties text:display=\"true\"/>"),
		  P("a" SPAN("C", "見")), "a見", "", NULL, NULL },
		{ "ring of parents", TEXT, STYLE("A", "text", "B", "") STYLE("B", "text", "A", ""), P(SPAN("A", "x")), "x", "", NULL,
		  NULL },
		{ "paragraph", TEXT, STYLE("H", "paragraph", "", "<style:text-properties " HID "/>"),
		  P("a") "<text:p text:style-name=\"H\">隠</text:p>" P("b"), "a\nb", "hidden-texts=1", NULL, NULL },
		{ "two pieces", TEXT, TEXT_STYLE("H", HID), P(SPAN("H", "隠") SPAN("H", "し") "a" SPAN("H", "隠")), "a",
		  "hidden-texts=2", NULL, NULL },
		{ "blanks are no text", TEXT, TEXT_STYLE("H", HID), P("a" SPAN("H", "<text:s/><text:tab/> ") "b"), "ab", "", NULL,
		  NULL },
		{ "field", TEXT, "", P("a<text:hidden-text text:is-hidden=\"true\" text:string-value=\"秘\">密</text:hidden-text>"),
		  "a", "hidden-texts=1", NULL, NULL },
		{ "field that is shown", TEXT, "", P("a<text:hidden-text text:is-hidden=\"false\">密</text:hidden-text>"), "a密", "",
		  NULL, NULL },
		{ "paragraph by field", TEXT, "",
		  P("a") P("隠<text:hidden-paragraph text:is-hidden=\"true\"/>れ") P("b"), "a\nb", "hidden-texts=1", NULL, NULL },
		{ "section", TEXT, "", "<text:section text:display=\"none\">" P("隠") P("れ") "</text:section>" P("a"), "a",
		  "hidden-texts=1", NULL, NULL },
		{ "section by condition", TEXT, "",
		  "<text:section text:display=\"condition\" text:is-hidden=\"true\">" P("隠") "</text:section><text:section "
		  "text:display=\"condition\" text:is-hidden=\"false\">" P("見") "</text:section>",
		  "見", "hidden-texts=1", NULL, NULL },
		{ "white on the paper", TEXT, TEXT_STYLE("W", "fo:color=\"#ffffff\""), P("a" SPAN("W", "白")), "a", "hidden-texts=1",
		  NULL, NULL },
		{ "nearly white", TEXT, TEXT_STYLE("W", "fo:color=\"#fdfdfd\""), P("a" SPAN("W", "白")), "a", "hidden-texts=1", NULL,
		  NULL },
		{ "grey", TEXT, TEXT_STYLE("W", "fo:color=\"#cccccc\""), P("a" SPAN("W", "灰")), "a灰", "", NULL, NULL },
		{ "white on black", TEXT, TEXT_STYLE("W", "fo:color=\"#ffffff\" fo:background-color=\"#000000\""),
		  P("a" SPAN("W", "白")), "a白", "", NULL, NULL },
		{ "red on red", TEXT, TEXT_STYLE("W", "fo:color=\"#ff0000\" fo:background-color=\"#ff0000\""), P("a" SPAN("W", "赤")),
		  "a", "hidden-texts=1", NULL, NULL },
		{ "a box is not of the colour around", TEXT,
		  STYLE("W", "paragraph", "",
		        "<style:paragraph-properties fo:background-color=\"#0000ff\"/><style:text-properties fo:color=\"#ffffff\"/>")
			  STYLE("G", "graphic", "", "<style:graphic-properties fo:background-color=\"#ffffff\"/>"),
		  "<text:p text:style-name=\"W\">a<draw:frame draw:style-name=\"G\"><draw:text-box>" P("箱") "</draw:text-box></draw:frame>"
		  "<text:note><text:note-body>" P("注") "</text:note-body></text:note></text:p>",
		  "a[注1]\n箱\n\n[注1] 注", "", NULL, NULL },
		{ "a box in a hidden paragraph", TEXT, "",
		  P("a<draw:rect>" P("箱") "</draw:rect><text:hidden-paragraph text:is-hidden=\"true\"/>") P("b"), "b", "hidden-texts=1",
		  NULL, NULL },
		{ "white where something is drawn", TEXT, TEXT_STYLE("W", "fo:color=\"#ffffff\""),
		  P("a" SPAN("W", "白") "<draw:custom-shape/>"), "a白", "", NULL, NULL },
		{ "white where a picture stands in the line", TEXT, TEXT_STYLE("W", "fo:color=\"#ffffff\""),
		  P("a" SPAN("W", "白") "<draw:frame text:anchor-type=\"as-char\"><draw:image/></draw:frame>"), "a", "hidden-texts=1",
		  NULL, NULL },
		{ "white on a sheet", SHEET, STYLE("W", "table-cell", "", "<style:text-properties fo:color=\"#ffffff\"/>"),
		  "<table:table table:name=\"表\"><table:shapes><draw:rect/></table:shapes><table:table-row><table:table-cell "
		  "table:style-name=\"W\">" P("白") "</table:table-cell></table:table-row></table:table>",
		  "■ 表", "hidden-texts=1", NULL, NULL },
		{ "white on a sheet, perhaps coloured", SHEET, STYLE("W", "table-cell", "", "<style:text-properties fo:color=\"#ffffff\"/>"),
		  "<table:table table:name=\"表\"><table:table-row><table:table-cell table:style-name=\"W\">" P("白") "</table:table-cell>"
		  "</table:table-row><calcext:conditional-formats><calcext:conditional-format/></calcext:conditional-formats></table:table>",
		  "■ 表\n\n白", "", NULL, NULL },
		{ "white on a paragraph's ground", TEXT,
		  TEXT_STYLE("W", "fo:color=\"#ffffff\"")
			  STYLE("G", "paragraph", "", "<style:paragraph-properties fo:background-color=\"#0000ff\"/>"),
		  "<text:p text:style-name=\"G\">a" SPAN("W", "白") "</text:p>", "a白", "", NULL, NULL },
		{ "white on white in a coloured cell", TEXT,
		  TEXT_STYLE("W", "fo:color=\"#ffffff\"")
			  STYLE("C", "table-cell", "", "<style:table-cell-properties fo:background-color=\"#123456\"/>"),
		  "<table:table><table:table-row><table:table-cell table:style-name=\"C\">" P(SPAN("W", "見")) "</table:table-cell>"
		  "<table:table-cell>" P(SPAN("W", "隠")) "</table:table-cell></table:table-row></table:table>",
		  "見", "hidden-texts=1", NULL, NULL },
		{ "automatic colour", TEXT,
		  TEXT_STYLE("W", "fo:color=\"#ffffff\" style:use-window-font-color=\"true\" loext:opacity=\"0%\""),
		  P("a" SPAN("W", "黒")), "a黒", "", NULL, NULL },
		{ "no opacity", TEXT, TEXT_STYLE("W", "fo:color=\"#000000\" loext:opacity=\"0%\""), P("a" SPAN("W", "透")), "a",
		  "hidden-texts=1", NULL, NULL },
		{ "tiny", TEXT, TEXT_STYLE("S", "fo:font-size=\"1pt\" style:font-size-asian=\"1pt\""), P("a" SPAN("S", "小x")), "a",
		  "hidden-texts=1", NULL, NULL },
		{ "tiny in one script", TEXT, TEXT_STYLE("S", "fo:font-size=\"12pt\" style:font-size-asian=\"0.5pt\""),
		  P("a" SPAN("S", "x小y")), "axy", "hidden-texts=1", NULL, NULL },
		{ "tiny by percent", TEXT,
		  STYLE("P", "paragraph", "", "<style:text-properties fo:font-size=\"10pt\" style:font-size-asian=\"10pt\"/>")
			  TEXT_STYLE("S", "fo:font-size=\"5%\" style:font-size-asian=\"5%\""),
		  "<text:p text:style-name=\"P\">a" SPAN("S", "小x") "</text:p>", "a", "hidden-texts=1", NULL, NULL },
		{ "tiny by position", TEXT,
		  TEXT_STYLE("S", "fo:font-size=\"10pt\" style:font-size-asian=\"10pt\" style:text-position=\"super 1%\""),
		  P("a" SPAN("S", "小x")), "a", "hidden-texts=1", NULL, NULL },
		{ "shape that is not drawn", TEXT, "", P("a<draw:custom-shape draw:display=\"none\">" P("図") "</draw:custom-shape>"),
		  "a", "hidden-texts=1", NULL, NULL },
		{ "slide", SLIDES,
		  STYLE("H", "drawing-page", "", "<style:drawing-page-properties presentation:visibility=\"hidden\"/>"),
		  "<draw:page><draw:rect>" P("一") "</draw:rect></draw:page><draw:page draw:style-name=\"H\"><draw:rect>" P("隠")
		  "</draw:rect></draw:page><draw:page><draw:rect>" P("三") "</draw:rect></draw:page>",
		  "■ スライド 1\n一\n\n■ スライド 3\n三", "hidden-slides=1", NULL, NULL },
		{ "beside the slide", SLIDES,
		  "<style:page-layout style:name=\"L\"><style:page-layout-properties fo:page-width=\"28cm\" "
		  "fo:page-height=\"21cm\"/></style:page-layout>",
		  "<draw:page draw:master-page-name=\"M\"><draw:rect " PLACE("-6cm", "1cm") ">" P("左") "</draw:rect><draw:rect " PLACE(
			  "-4cm", "1cm") ">" P("端") "</draw:rect><draw:rect " PLACE("1cm", "21.5cm") ">" P("下") "</draw:rect><draw:rect "
		  "draw:transform=\"x\" " PLACE("99cm", "1cm") ">" P("斜") "</draw:rect></draw:page>",
		  "■ スライド 1\n端\n斜", "hidden-texts=2", NULL, "<style:master-page style:name=\"M\" style:page-layout-name=\"L\"/>" },
		{ "shape's own colour", SLIDES,
		  STYLE("G", "graphic", "", "<style:graphic-properties draw:fill=\"solid\" draw:fill-color=\"#ffff00\"/>")
			  TEXT_STYLE("Y", "fo:color=\"#ffff00\""),
		  "<draw:page><draw:rect draw:style-name=\"G\">" P("a" SPAN("Y", "黄")) "</draw:rect><draw:rect>" P(SPAN("Y", "b"))
		  "</draw:rect></draw:page>",
		  "■ スライド 1\na\nb", "hidden-texts=1", NULL, NULL },
	};
	CHECK_ALL(cases);
}

/* ---- beside, lost -------------------------------------------------------------------------------------- */

#define CHANGES \
	"<text:tracked-changes><text:changed-region text:id=\"i\"><text:insertion><office:change-info/></text:insertion>" \
	"</text:changed-region><text:changed-region text:id=\"d\"><text:deletion/></text:changed-region><text:changed-region " \
	"text:id=\"e\"><text:deletion>" P("昔") P("話") "</text:deletion></text:changed-region></text:tracked-changes>"
#define CHANGED \
	CHANGES P("a<text:change-start text:change-id=\"i\"/>足<text:change-end text:change-id=\"i\"/><text:change-start " \
		  "text:change-id=\"d\"/>消") P("し<text:change-end text:change-id=\"d\"/>b<text:change text:change-id=\"e\"/>")
#define COMMENTED \
	P("a<office:annotation><dc:creator>鈴木</dc:creator><dc:date>2026</dc:date>" P("確認") P("二") "</office:annotation>b")
#define NOTED \
	"<draw:page><presentation:notes><draw:frame presentation:class=\"notes\"><draw:text-box>" P("話す") P("こと") \
	"</draw:text-box></draw:frame><draw:frame presentation:class=\"page-number\"><draw:text-box>" P("9") \
	"</draw:text-box></draw:frame></presentation:notes></draw:page><draw:page><presentation:notes><draw:frame " \
	"presentation:class=\"notes\"><draw:text-box/></draw:frame></presentation:notes></draw:page>"

static void test_beside(void)
{
	static const Case cases[] = {
		{ "final text", TEXT, "", CHANGED, "a足\nb", "beside-changes=3", &plain, NULL },
		{ "changes shown", TEXT, "", CHANGED, "a[追加: 足][削除: 消\nし]b[削除: 昔 / 話]", "beside-changes=3", &beside, NULL },
		{ "comment", TEXT, "", COMMENTED, "ab", "beside-comments=1", &plain, NULL },
		{ "comment shown", TEXT, "", COMMENTED, "a[コメント: 鈴木: 確認 / 二]b", "beside-comments=1", &beside, NULL },
		{ "notes", SLIDES, "", NOTED, "■ スライド 1\n\n■ スライド 2", "beside-notes=1", &plain, NULL },
		{ "notes shown", SLIDES, "", NOTED, "■ スライド 1\n\n[ノート]\n話す\nこと\n\n■ スライド 2", "beside-notes=1", &beside, NULL },
		{ "comment of a slide", SLIDES, "",
		  "<draw:page><officeooo:annotation><dc:creator>佐藤</dc:creator>" P("要") "</officeooo:annotation></draw:page>",
		  "■ スライド 1\n[コメント: 佐藤: 要]", "beside-comments=1", &beside, NULL },
		{ "comment of a cell", SHEET, "",
		  "<table:table table:name=\"表\"><table:table-row><table:table-cell><office:annotation>" P("注") "</office:annotation>" P(
			  "1") "</table:table-cell></table:table-row></table:table>",
		  "■ 表\n\n1 [コメント: 注]", "beside-comments=1", &beside, NULL },
		{ "links", TEXT, "", P("<text:a xlink:href=\"http://a.example/\">b</text:a>"), "b", "lost-links=1", NULL, NULL },
		{ "files elsewhere", TEXT, "",
		  "<text:section><text:section-source xlink:href=\"file:///x\"/>" P("a<draw:frame><draw:image xlink:href=\"http://b/\"/>"
		                                                                   "</draw:frame>") "</text:section>",
		  "a", "lost-references=2", NULL, NULL },
		{ "forms", TEXT, "",
		  "<office:forms><form:form><form:text><form:properties/></form:text><form:checkbox/></form:form></office:forms>" P(
			  "<field:fieldmark-start field:type=\"vnd.oasis.opendocument.field.FORMTEXT\"/>a"),
		  "a", "lost-forms=3", NULL, NULL },
		{ "objects, media", TEXT, "",
		  P("a<draw:frame><draw:object-ole><office:binary-data>AA</office:binary-data></draw:object-ole></draw:frame><draw:frame>"
		    "<draw:plugin xlink:href=\"x.mp4\"/></draw:frame>"),
		  "a", "lost-files=1 lost-media=1 lost-references=1", NULL, NULL },
		{ "formulas that fetch", SHEET, "",
		  "<table:table table:name=\"表\"><table:table-row><table:table-cell table:formula=\"of:=WEBSERVICE(1)\">" P("1")
		  "</table:table-cell><table:table-cell table:formula=\"of:=[.A1]\">" P("2") "</table:table-cell><table:table-cell "
		  "table:formula=\"of:=['file:///x.xls'#$A.A1]\">" P("3") "</table:table-cell></table:table-row></table:table>",
		  "■ 表\n\n1 | 2 | 3", "lost-references=2", NULL, NULL },
	};
	CHECK_ALL(cases);
}

/* ---- tables -------------------------------------------------------------------------------------------- */

#define CELL(inside) "<table:table-cell>" P(inside) "</table:table-cell>"
#define NUMBER(inside) "<table:table-cell office:value-type=\"float\">" P(inside) "</table:table-cell>"
#define ROW(inside) "<table:table-row>" inside "</table:table-row>"
#define TABLE(inside) "<table:table>" inside "</table:table>"
#define SHEET_OF(inside) "<table:table table:name=\"表\">" inside "</table:table>"
#define EMPTY "<table:table-cell/>"
#define LONG "あいうえおかきくけこさしすせそたちつてとなにぬねの"

static void test_tables(void)
{
	static const Case cases[] = {
		{ "aligned", TEXT, "", P("前") TABLE(ROW(CELL("品名") CELL("数")) ROW(CELL("ab") CELL("12"))) P("後"),
		  "前\n\n品名 | 数\nab   | 12\n\n後", "", NULL, NULL },
		{ "heading", TEXT, "",
		  TABLE("<table:table-header-rows>" ROW(CELL("品名") CELL("数量")) "</table:table-header-rows>" ROW(
			  CELL("a") CELL("1"))),
		  "品名 | 数量\n-----+-----\na    | 1", "", NULL, NULL },
		{ "lines in cells", TEXT, "",
		  TABLE(ROW("<table:table-cell>" P("a") P("bc") "</table:table-cell>" CELL("d")) ROW(CELL("e") CELL("f"))),
		  "a  | d\nbc |\ne  | f", "", NULL, NULL },
		{ "spans", TEXT, "",
		  TABLE(ROW("<table:table-cell table:number-columns-spanned=\"2\">" P("abcdef") "</table:table-cell>"
		            "<table:covered-table-cell/>" CELL("x")) ROW(CELL("a") CELL("b") CELL("y"))),
		  "abcdef | x\na | b  | y", "", NULL, NULL },
		{ "under a span nobody sees", TEXT, "",
		  TABLE(ROW("<table:table-cell table:number-columns-spanned=\"2\">" P("a") "</table:table-cell>"
		            "<table:covered-table-cell>" P("隠") "</table:covered-table-cell>" CELL("x"))),
		  "a | x", "hidden-texts=1", NULL, NULL },
		{ "empty rows and columns", TEXT, "",
		  TABLE(ROW(EMPTY EMPTY EMPTY) ROW(CELL("a") EMPTY CELL("b")) ROW(EMPTY EMPTY EMPTY) ROW(CELL("c") EMPTY CELL("d"))),
		  "a | b\nc | d", "", NULL, NULL },
		{ "empty first cell", TEXT, "", TABLE(ROW(CELL("a") CELL("b")) ROW(EMPTY CELL("c"))), "a | b\n  | c", "", NULL, NULL },
		{ "table in a cell", TEXT, "",
		  TABLE(ROW("<table:table-cell>" TABLE(ROW(CELL("a") CELL("b")) ROW(CELL("cc") CELL("d"))) "</table:table-cell>" CELL(
			  "x"))),
		  "a  | b | x\ncc | d |", "", NULL, NULL },
		{ "records", TEXT, "",
		  TABLE("<table:table-header-rows>" ROW(CELL("名") CELL("説明") CELL("数")) "</table:table-header-rows>" ROW(
			  CELL(LONG) CELL(LONG) CELL("1")) ROW(CELL("b") EMPTY CELL("2"))),
		  "名: " LONG "\n説明: " LONG "\n数: 1\n\n名: b\n数: 2", "", NULL, NULL },
		{ "pairs", TEXT, "",
		  TABLE(ROW(CELL("件名") CELL(LONG LONG)) ROW(CELL("内容") "<table:table-cell>" P("a") P("b") "</table:table-cell>")),
		  "件名: " LONG LONG "\n内容:\n  a\n  b", "", NULL, NULL },
		{ "wide without headings", TEXT, "",
		  TABLE(ROW(CELL("a") CELL("b") CELL("c")) ROW(CELL(LONG) CELL(LONG) CELL("d"))), "a | b | c\n\n" LONG "\n" LONG "\nd",
		  "", NULL, NULL },
		{ "one row that is too long", TEXT, "",
		  TABLE(ROW(CELL("a") CELL("b")) ROW(CELL("c") CELL("d")) ROW(CELL("備考") CELL(LONG LONG)) ROW(CELL("e") CELL("f"))),
		  "a    | b\nc    | d\n備考: " LONG LONG "\ne    | f", "", NULL, NULL },
		{ "sheet", SHEET, "",
		  SHEET_OF(ROW(CELL("令和八年度一覧")) ROW(CELL("品名") CELL("数量") CELL("金額"))
		                   ROW(CELL("机") NUMBER("3") NUMBER("30,000")) ROW(EMPTY) ROW(CELL("以上"))),
		  "■ 表\n\n令和八年度一覧\n品名 | 数量 | 金額\n机   |    3 | 30,000\n\n以上", "", NULL, NULL },
		{ "text over empty cells", SHEET, "",
		  SHEET_OF(ROW(CELL("長い題がここにある") EMPTY EMPTY CELL("x")) ROW(CELL("a") CELL("b") CELL("c") CELL("d"))),
		  "■ 表\n\n長い題がここにある | x\na | b | c          | d", "", NULL, NULL },
		{ "hidden rows", SHEET, "",
		  SHEET_OF(ROW(CELL("a")) "<table:table-row table:visibility=\"collapse\" table:number-rows-repeated=\"2\">" CELL(
			  "隠") "</table:table-row><table:table-row table:visibility=\"filter\">" CELL("隠") "</table:table-row>"
		           "<table:table-row table:visibility=\"collapse\" table:number-rows-repeated=\"1000000\">" EMPTY
		           "</table:table-row>"),
		  "■ 表\n\na", "hidden-rows=3", NULL, NULL },
		{ "hidden columns", SHEET, "",
		  SHEET_OF("<table:table-column/><table:table-column table:visibility=\"collapse\"/><table:table-column/>"
		           "<table:table-column table:visibility=\"collapse\" table:number-columns-repeated=\"1000\"/>" ROW(
				   CELL("a") CELL("隠") CELL("b")) ROW(CELL("c") CELL("隠") CELL("d"))),
		  "■ 表\n\na | b\nc | d", "hidden-columns=1", NULL, NULL },
		{ "hidden sheet", SHEET, STYLE("H", "table", "", "<style:table-properties table:display=\"false\"/>"),
		  "<table:table table:name=\"秘\" table:style-name=\"H\">" ROW(CELL("隠")) "</table:table>" SHEET_OF(ROW(CELL("a"))),
		  "■ 表\n\na", "hidden-sheets=1", NULL, NULL },
		{ "what it keeps of others' sheets", SHEET, "",
		  "<table:table table:name=\"'file:///x.ods'#A\"><table:table-source xlink:href=\"file:///x.ods\"/>" ROW(CELL("1"))
		  "</table:table>" SHEET_OF(ROW(CELL("a"))),
		  "■ 表\n\na", "lost-references=1", NULL, NULL },
		{ "repeated", SHEET, "",
		  SHEET_OF("<table:table-row table:number-rows-repeated=\"2\"><table:table-cell "
		           "table:number-columns-repeated=\"3\">" P("x") "</table:table-cell></table:table-row>"),
		  "■ 表\n\nx | x | x\nx | x | x", "", NULL, NULL },
		{ "style of the column", SHEET,
		  STYLE("R", "table-cell", "",
		        "<style:table-cell-properties fo:background-color=\"#ff0000\"/><style:text-properties fo:color=\"#ff0000\"/>"),
		  SHEET_OF("<table:table-column/><table:table-column table:default-cell-style-name=\"R\"/>" ROW(CELL("a") CELL("赤"))),
		  "■ 表\n\na", "hidden-texts=1", NULL, NULL },
		{ "shapes behind the cells", SHEET, "",
		  SHEET_OF("<table:shapes><draw:custom-shape>" P("図") "</draw:custom-shape></table:shapes>" ROW(CELL("a"))),
		  "■ 表\n\na\n\n図", "", NULL, NULL },
		{ "help is no text", SHEET, "",
		  "<table:content-validations><table:content-validation><table:help-message>" P("x") "</table:help-message>"
		  "</table:content-validation></table:content-validations>" SHEET_OF(ROW(CELL("a"))),
		  "■ 表\n\na", "", NULL, NULL },
	};
	CHECK_ALL(cases);
}

/* ---- limits -------------------------------------------------------------------------------------------- */

static void test_refused(void)
{
	static const struct {
		const char *name, *xml;
		RenderStatus status;
	} cases[] = {
		{ "empty", "", RENDER_STATUS_DAMAGED },
		{ "no XML", "PK\x03\x04", RENDER_STATUS_DAMAGED },
		{ "other XML", "<html/>", RENDER_STATUS_UNSUPPORTED },
		{ "other document", "<office:document office:mimetype=\"x\"/>", RENDER_STATUS_UNSUPPORTED },
		{ "document type", "<!DOCTYPE x [<!ENTITY a \"b\">]><office:document/>", RENDER_STATUS_DAMAGED },
		{ "document type elsewhere", "<!DOCTYPE x SYSTEM \"http://127.0.0.1/\"><office:document/>", RENDER_STATUS_DAMAGED },
		{ "entity", "<office:document office:mimetype=\"application/vnd.oasis.opendocument.text\">&a;</office:document>",
		  RENDER_STATUS_DAMAGED },
		{ "cut off", "<office:document office:mimetype=\"application/vnd.oasis.opendocument.text\"><office:body>",
		  RENDER_STATUS_DAMAGED },
		{ "no UTF-8", "<office:document office:mimetype=\"application/vnd.oasis.opendocument.text\">\xFF</office:document>",
		  RENDER_STATUS_DAMAGED },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(OfficeText) text = { .bytes = 0 };
		RenderStatus status = read_document(cases[i].xml, strlen(cases[i].xml), &plain, &text);
		if (status != cases[i].status)
			g_error("%s: status %d, not %d", cases[i].name, (int)status, (int)cases[i].status);
	}
}

/* What stands before a cut is text. */
static void test_cut_off(void)
{
	g_autofree char *xml = document(TEXT, "", "", P("一") P("二"));
	char *at = strstr(xml, "二");
	g_auto(OfficeText) text = { .bytes = 0 };
	g_assert_cmpint(read_document(xml, (size_t)(at - xml), &plain, &text), ==, RENDER_STATUS_DAMAGED);
	g_assert_cmpstr(text.text, ==, "一");
}

static char *repeated(const char *piece, unsigned n)
{
	GString *all = g_string_new(NULL);
	for (; n > 0; n--)
		g_string_append(all, piece);
	return g_string_free(all, FALSE);
}

/* The same thing in itself, n times. */
static char *nested(Kind kind, const char *open, const char *inside, const char *close, unsigned n)
{
	g_autofree char *opens = repeated(open, n), *closes = repeated(close, n);
	g_autofree char *body = g_strconcat(opens, inside, closes, NULL);
	return document(kind, LISTS, "", body);
}

static void test_depth(void)
{
	static const struct {
		const char *name;
		Kind kind;
		const char *open, *inside, *close;
		unsigned n;
		RenderStatus status;
	} cases[] = {
		{ "sections", TEXT, "<text:section>", P("底"), "</text:section>", 3000, RENDER_STATUS_COMPLETE },
		{ "too many", TEXT, "<text:section>", P("底"), "</text:section>", 5000, RENDER_STATUS_LIMIT },
		{ "far too many", TEXT, "<x>", "", "</x>", 1000000, RENDER_STATUS_LIMIT },
		{ "tables", TEXT, "<table:table><table:table-row><table:table-cell>", P("底"),
		  "</table:table-cell></table:table-row></table:table>", 1000, RENDER_STATUS_COMPLETE },
		{ "lists", TEXT, "<text:list text:style-name=\"L\"><text:list-item>", P("底"), "</text:list-item></text:list>", 1000,
		  RENDER_STATUS_COMPLETE },
		{ "boxes", TEXT, "<text:p>x<draw:frame><draw:text-box>", P("底"), "</draw:text-box></draw:frame></text:p>", 1000,
		  RENDER_STATUS_COMPLETE },
		{ "notes", TEXT, "<text:p>x<text:note><text:note-body>", P("底"), "</text:note-body></text:note></text:p>", 1000,
		  RENDER_STATUS_COMPLETE },
		{ "paragraphs", TEXT, "<text:p>", "底", "</text:p>", 3000, RENDER_STATUS_COMPLETE },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *xml = nested(cases[i].kind, cases[i].open, cases[i].inside, cases[i].close, cases[i].n);
		g_auto(OfficeText) text = { .bytes = 0 };
		RenderStatus status = read_document(xml, strlen(xml), &plain, &text);
		bool found = strstr(text.text, "底") != NULL;
		if (status != cases[i].status || found != (status == RENDER_STATUS_COMPLETE))
			g_error("%s: status %d, text %s", cases[i].name, (int)status, found ? "there" : "lost");
	}
}

static double cpu_seconds(void)
{
	struct timespec now;
	g_assert_cmpint(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void check_crowd(const char *body)
{
	g_autofree char *xml = document(SHEET, "", "", body);
	g_auto(OfficeText) text = { .bytes = 0 };
	g_assert_cmpint(read_document(xml, strlen(xml), &plain, &text), ==, RENDER_STATUS_COMPLETE);
	unsigned n = 0;
	for (const char *p = text.text; (p = strchr(p, 'x')) != NULL; p++)
		n++;
	g_assert_cmpuint(n, ==, 3001); /* the sheet's name, too */
}

/* Small files that ask for much: done soon, and what is cut is said. */
static void test_amplification(void)
{
	static const struct {
		const char *name;
		Kind kind;
		const char *body;
		uint64_t cut; /* at least */
	} cases[] = {
		{ "rows", SHEET,
		  SHEET_OF("<table:table-row table:number-rows-repeated=\"1048576\">" CELL("abcdefgh") "</table:table-row>"), 100000 },
		{ "columns", SHEET,
		  SHEET_OF("<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell "
		           "table:number-columns-repeated=\"16384\">" P("abcdefgh") "</table:table-cell></table:table-row>"),
		  100000 },
		{ "absurd numbers", SHEET,
		  SHEET_OF("<table:table-column table:number-columns-repeated=\"99999999999999999999\"/><table:table-row "
		           "table:number-rows-repeated=\"99999999999999999999\"><table:table-cell table:number-columns-repeated=\""
		           "99999999999999999999\" table:number-columns-spanned=\"99999999999999999999\">" P("abcdefgh")
		           "</table:table-cell></table:table-row>"),
		  100000 },
		{ "empty rows", SHEET,
		  SHEET_OF("<table:table-row table:number-rows-repeated=\"1048576\">" EMPTY "</table:table-row>" ROW(CELL("a"))), 0 },
	};
	/* Behind the last column all cells are in one place; a row has room for no more than its columns. */
	g_autofree char *crowd = repeated(CELL("x"), 3000);
	g_autofree char *crowded = g_strconcat("<table:table table:name=\"x\"><table:table-row><table:table-cell "
	                                       "table:number-columns-repeated=\"16384\"/>",
	                                       crowd, "</table:table-row></table:table>", NULL);
	check_crowd(crowded);
	const OfficeTextOptions small = { .text = true, .max_text = 50000 };
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *xml = document(cases[i].kind, "", "", cases[i].body);
		g_auto(OfficeText) text = { .bytes = 0 };
		double begin = cpu_seconds();
		g_assert_cmpint(read_document(xml, strlen(xml), &small, &text), ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpfloat(cpu_seconds() - begin, <, 5);
		if (text.text_cut < cases[i].cut || (cases[i].cut == 0 && text.text_cut != 0))
			g_error("%s: %" G_GUINT64_FORMAT " characters cut", cases[i].name, (guint64)text.text_cut);
	}
}

/* Eight times as much would take 64 times as long where something goes with the square. */
static void test_linear(void)
{
	static const struct {
		const char *name;
		Kind kind;
		const char *before, *piece, *after;
	} cases[] = {
		{ "tabs", TEXT, "<text:p>", "<text:tab/>x", "</text:p>" },
		{ "spans", TEXT, "<text:p>", "<text:span text:style-name=\"x\">x</text:span>", "</text:p>" },
		{ "paragraphs", TEXT, "", "<text:p>x</text:p>", "" },
		{ "lists", TEXT, "", "<text:list text:style-name=\"L\">" ITEM(P("x")) "</text:list>", "" },
		{ "rows", SHEET, "<table:table table:name=\"x\">", ROW(CELL("x") CELL("y")), "</table:table>" },
		{ "cells", SHEET, "<table:table table:name=\"x\"><table:table-row>", CELL("x"), "</table:table-row></table:table>" },
		{ "columns", SHEET, "<table:table table:name=\"x\">",
		  "<table:table-column/><table:table-column table:visibility=\"collapse\"/>", ROW(CELL("x")) "</table:table>" },
		{ "notes", TEXT, "<text:p>", "<text:note><text:note-body>" P("x") "</text:note-body></text:note>", "</text:p>" },
		{ "boxes", TEXT, "<text:p>", "<draw:rect>" P("x") "</draw:rect>", "</text:p>" },
		{ "slides", SLIDES, "", "<draw:page><draw:rect>" P("x") "</draw:rect></draw:page>", "" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		double seconds[2] = { G_MAXDOUBLE, G_MAXDOUBLE };
		for (unsigned run = 0; run < 4; run++) {
			g_autofree char *pieces = repeated(cases[i].piece, run % 2 == 0 ? 5000 : 40000);
			g_autofree char *body = g_strconcat(cases[i].before, pieces, cases[i].after, NULL);
			g_autofree char *xml = document(cases[i].kind, LISTS, "", body);
			g_auto(OfficeText) text = { .bytes = 0 };
			double begin = cpu_seconds();
			g_assert_cmpint(read_document(xml, strlen(xml), &plain, &text), ==, RENDER_STATUS_COMPLETE);
			seconds[run % 2] = MIN(seconds[run % 2], cpu_seconds() - begin);
		}
		if (seconds[1] > 30 * seconds[0] + 0.1)
			g_error("%s: 8 times as much takes %.1f times as long", cases[i].name, seconds[1] / seconds[0]);
	}
}

/* ---- options ------------------------------------------------------------------------------------------- */

static void test_max_text(void)
{
	g_autofree char *xml = document(TEXT, "", "", P("漢字かな") P("二行目"));
	for (uint64_t max = 0; max < 40; max++) {
		const OfficeTextOptions options = { .text = true, .max_text = max };
		g_auto(OfficeText) text = { .bytes = 0 };
		g_assert_cmpint(read_document(xml, strlen(xml), &options, &text), ==, RENDER_STATUS_COMPLETE);
		g_assert_cmpuint(text.bytes, <=, max);
		uint64_t kept = (uint64_t)g_utf8_strlen(text.text, -1) - (strchr(text.text, '\n') != NULL);
		g_assert_true(kept + text.text_cut >= 7); /* none is lost without being counted */
		g_assert_true(max < 30 ? text.text_cut > 0 || max >= 22 : text.text_cut == 0);
	}
}

static void test_facts_alone(void)
{
	const OfficeTextOptions options = { .text = false };
	g_autofree char *xml = document(TEXT, TEXT_STYLE("H", HID), "", CHANGED P("あ" SPAN("H", "い") "う") P("z"));
	g_auto(OfficeText) text = { .bytes = 0 };
	g_assert_cmpint(read_document(xml, strlen(xml), &options, &text), ==, RENDER_STATUS_COMPLETE);
	g_autofree char *counts = counts_of(&text);
	g_assert_null(text.text);
	g_assert_cmpuint(text.text_cut, ==, 0);
	g_assert_cmpstr(counts, ==, "hidden-texts=1 beside-changes=3");
	static const gunichar shown[] = { 'a', 'b', 'z', 0x3042, 0x3046, 0x8DB3 };
	gunichar c = G_MAXUINT32;
	for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
		c = office_text_next_char(&text, c);
		g_assert_cmphex(c, ==, shown[i]);
	}
	g_assert_cmphex(office_text_next_char(&text, c), ==, G_MAXUINT32);
}

/* ---- what LibreOffice wrote ---------------------------------------------------------------------------- */

/* golden_office/NAME.fod? with all shown is NAME.txt. */
static void test_golden(void)
{
	g_autoptr(GDir) dir = g_dir_open(TESTS_DIR "/golden_office", 0, NULL);
	unsigned n = 0;
	g_assert_nonnull(dir);
	for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
		if (g_str_has_suffix(name, ".txt"))
			continue;
		g_autofree char *path = g_build_filename(TESTS_DIR, "golden_office", name, NULL);
		g_autofree char *want_path = g_strconcat(path, ".txt", NULL);
		g_autofree char *xml = NULL, *want = NULL;
		gsize length;
		g_assert_true(g_file_get_contents(path, &xml, &length, NULL));
		g_assert_true(g_file_get_contents(want_path, &want, NULL, NULL));
		g_auto(OfficeText) text = { .bytes = 0 };
		g_assert_cmpint(read_document(xml, length, &beside, &text), ==, RENDER_STATUS_COMPLETE);
		g_autofree char *counts = counts_of(&text);
		g_autofree char *got = g_strdup_printf("%s\n---\n%s\n", text.text, counts);
		if (strcmp(got, want) != 0)
			g_error("%s:\n%s\nnot\n%s", name, got, want);
		n++;
	}
	g_assert_cmpuint(n, >=, 5);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/office-text/paragraphs", test_paragraphs);
	g_test_add_func("/office-text/hidden", test_hidden);
	g_test_add_func("/office-text/beside", test_beside);
	g_test_add_func("/office-text/tables", test_tables);
	g_test_add_func("/office-text/refused", test_refused);
	g_test_add_func("/office-text/cut-off", test_cut_off);
	g_test_add_func("/office-text/depth", test_depth);
	g_test_add_func("/office-text/amplification", test_amplification);
	g_test_add_func("/office-text/linear", test_linear);
	g_test_add_func("/office-text/max-text", test_max_text);
	g_test_add_func("/office-text/facts-alone", test_facts_alone);
	g_test_add_func("/office-text/golden", test_golden);
	return g_test_run();
}
