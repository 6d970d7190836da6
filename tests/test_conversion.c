/* What comes of a conversion: which results the policy takes, and what reports say of them. */
#include "conversion_priv.h"
#include "report_priv.h"

#include <string.h>

static const PolicyConversion mild = { 150,       500,        POLICY_COLOUR, POLICY_YES,
	                               POLICY_NO, POLICY_YES, POLICY_YES,    0, POLICY_NO, POLICY_NO, POLICY_NO };

static MessagePart *part_new(PartAction wanted, const PolicyConversion *how)
{
	MessagePart *part = g_new0(MessagePart, 1);
	part->number = g_strdup("2");
	part->name = g_strdup("a.pdf");
	part->declared_type = g_strdup("application/pdf");
	part->true_type = g_strdup("application/pdf");
	part->action = wanted;
	part->conversion = conversion_new(wanted, how);
	part->rule = "rule";
	return part;
}

/* ---- how -------------------------------------------------------------------------------------------------
 */

static const struct {
	PartAction wanted;
	PolicyAnswer searchable;
	bool picture, layer, text;
} ways[] = {
	{ PART_ACTION_TEXT, POLICY_YES, false, false, true },
	{ PART_ACTION_IMAGE_PDF, POLICY_YES, true, true, false },
	{ PART_ACTION_IMAGE_PDF, POLICY_NO, true, false, false },
	{ PART_ACTION_IMAGE_PDF_TEXT, POLICY_YES, true, true, true },
	{ PART_ACTION_IMAGE_PDF_TEXT, POLICY_NO, true, false, true },
};

static void test_options(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		PolicyConversion how = { .dpi = 72,
			                 .pages = 9,
			                 .colour = i % 2 == 0 ? POLICY_GRAY : POLICY_COLOUR };
		how.searchable = ways[i].searchable;
		g_autofree PartConversion *conversion = conversion_new(ways[i].wanted, &how);
		RenderOptions options = { .max_output = 7, .max_text = 8 };
		conversion_options(conversion, &options);
		g_assert_cmpuint(options.dpi, ==, 72);
		g_assert_cmpuint(options.pages, ==, 9);
		g_assert_cmpint(options.colour, ==, i % 2 == 0 ? RENDER_GRAY : RENDER_COLOUR);
		g_assert_true(options.picture == ways[i].picture);
		g_assert_true(options.searchable == ways[i].layer);
		g_assert_true(options.text == ways[i].text);
		g_assert_cmpuint(options.max_output, ==, 7);
		g_assert_cmpuint(options.max_text, ==, 8);
	}
}

/* ---- what is taken ---------------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	PartAction wanted;
	RenderStatus status;
	bool pdf, text;
	uint32_t pages_found, pages_failed;
	PolicyAnswer over_limit, failed_page; /* of at most 10 pages */
	PartReason reason;                    /* PART_REASON_NONE: it is taken */
} results[] = {
	{ "complete", PART_ACTION_IMAGE_PDF, RENDER_STATUS_COMPLETE, true, false, 10, 0, POLICY_NO, POLICY_NO,
	  PART_REASON_NONE },
	{ "text", PART_ACTION_TEXT, RENDER_STATUS_COMPLETE, false, true, 10, 0, POLICY_NO, POLICY_NO,
	  PART_REASON_NONE },
	{ "both", PART_ACTION_IMAGE_PDF_TEXT, RENDER_STATUS_COMPLETE, true, true, 1, 0, POLICY_NO, POLICY_NO,
	  PART_REASON_NONE },
	{ "cut", PART_ACTION_IMAGE_PDF, RENDER_STATUS_COMPLETE, true, false, 11, 0, POLICY_YES, POLICY_NO,
	  PART_REASON_NONE },
	{ "too-long", PART_ACTION_IMAGE_PDF, RENDER_STATUS_COMPLETE, true, false, 11, 0, POLICY_NO,
	  POLICY_YES, PART_REASON_PAGES },
	{ "too-long-text", PART_ACTION_TEXT, RENDER_STATUS_COMPLETE, false, true, 11, 0, POLICY_NO,
	  POLICY_YES, PART_REASON_PAGES },
	{ "marked", PART_ACTION_IMAGE_PDF, RENDER_STATUS_COMPLETE, true, false, 2, 1, POLICY_NO, POLICY_YES,
	  PART_REASON_NONE },
	{ "not-marked", PART_ACTION_IMAGE_PDF, RENDER_STATUS_COMPLETE, true, false, 2, 1, POLICY_YES,
	  POLICY_NO, PART_REASON_FAILED_PAGE },
	{ "encrypted", PART_ACTION_IMAGE_PDF, RENDER_STATUS_ENCRYPTED, false, false, 0, 0, POLICY_YES,
	  POLICY_YES, PART_REASON_CONVERSION },
	{ "crash", PART_ACTION_TEXT, RENDER_STATUS_CRASH, false, false, 11, 1, POLICY_NO, POLICY_NO,
	  PART_REASON_CONVERSION },
	{ "no-text", PART_ACTION_TEXT, RENDER_STATUS_COMPLETE, false, true, 0, 0, POLICY_YES, POLICY_YES,
	  PART_REASON_NO_TEXT },
	/* What failed and still brings something is not believed. */
	{ "failed-with-a-pdf", PART_ACTION_IMAGE_PDF, RENDER_STATUS_TIME, true, false, 1, 0, POLICY_YES,
	  POLICY_YES, PART_REASON_CONVERSION },
	{ "complete-with-nothing", PART_ACTION_IMAGE_PDF, RENDER_STATUS_COMPLETE, false, true, 1, 0,
	  POLICY_YES, POLICY_YES, PART_REASON_CONVERSION },
	{ "complete-with-half", PART_ACTION_IMAGE_PDF_TEXT, RENDER_STATUS_COMPLETE, true, false, 1, 0,
	  POLICY_YES, POLICY_YES, PART_REASON_CONVERSION },
};

static void test_take(void)
{
	static const char bytes[] = "12345";
	for (size_t i = 0; i < G_N_ELEMENTS(results); i++) {
		g_test_message("%s", results[i].name);
		PolicyConversion how = mild;
		how.pages = 10;
		how.over_limit = results[i].over_limit;
		how.failed_page = results[i].failed_page;
		g_autoptr(MessagePart) part = part_new(results[i].wanted, &how);
		g_autoptr(GBytes) pdf = g_bytes_new_static(bytes, 5);
		g_autofree char *text =
		        g_strdup(results[i].reason == PART_REASON_NO_TEXT ? " \n\u3000\n" : "x");
		const RenderResult result = { .status = results[i].status,
			                      .pdf = results[i].pdf ? pdf : NULL,
			                      .text = results[i].text ? text : NULL,
			                      .format = RENDER_FORMAT_PDF,
			                      .pages_found = results[i].pages_found,
			                      .pages = MIN(results[i].pages_found, 10),
			                      .pages_failed = results[i].pages_failed };
		bool taken = conversion_take(part, &result);
		g_assert_true(taken == (results[i].reason == PART_REASON_NONE));
		g_assert_cmpint(part->reason, ==, results[i].reason);
		g_assert_cmpint(part->action, ==, taken ? results[i].wanted : PART_ACTION_REMOVE);
		g_assert_true(part->conversion->done);
		g_assert_cmpint(part->conversion->status, ==, results[i].status);
		g_assert_cmpuint(part->conversion->pages_found, ==, results[i].pages_found);
		g_assert_cmpuint(part->conversion->pdf_bytes, ==, results[i].pdf ? 5 : 0);
	}
}

/* Of both the pictures are left. */
static void test_picture_without_text(void)
{
	g_autoptr(MessagePart) part = part_new(PART_ACTION_IMAGE_PDF_TEXT, &mild);
	g_autoptr(GBytes) pdf = g_bytes_new_static("12345", 5);
	g_autofree char *text = g_strdup("\n");
	const RenderResult result = { .pdf = pdf, .text = text, .pages = 1, .pages_found = 1 };
	g_assert_true(conversion_take(part, &result));
	g_assert_cmpint(part->action, ==, PART_ACTION_IMAGE_PDF);
	g_assert_cmpint(part->reason, ==, PART_REASON_NONE);
	g_assert_cmpint(part->conversion->wanted, ==, PART_ACTION_IMAGE_PDF_TEXT);
}

/* ---- what is reported ------------------------------------------------------------------------------------
 */

static char *report_of(MessagePart *part)
{
	static const char *const recipients[] = { "a@b.example", NULL };
	const SanitizeEnvelope envelope = {
		.sender = "", .recipients = recipients, .client = "", .queue_id = ""
	};
	g_autoptr(Message) message = message_new();
	g_ptr_array_add(message->parts, part);
	const Report report = { .id = "1", .envelope = &envelope, .message = message };
	char *json = report_json(&report);
	g_ptr_array_set_free_func(message->parts, NULL);
	return json;
}

static void assert_holds(MessagePart *part, const char *wanted)
{
	g_autofree char *json = report_of(part);
	if (strstr(json, wanted) == NULL)
		g_error("%s is not in %s", wanted, json);
}

static void test_report(void)
{
	g_autoptr(MessagePart) part = part_new(PART_ACTION_IMAGE_PDF, &mild);
	g_autoptr(GBytes) pdf = g_bytes_new_static("12345", 5);
	const RenderResult result = { .pdf = pdf,
		                      .format = RENDER_FORMAT_JP2,
		                      .pages_found = 12,
		                      .more_pages = true,
		                      .pages = 11,
		                      .pages_failed = 1,
		                      .pages_partial = 8,
		                      .lower_dpi = 2,
		                      .hidden_chars = 3,
		                      .text_cut = 4,
		                      .missing_glyphs = 9,
		                      .hidden = { [RENDER_HIDDEN_SHEETS] = 1, [RENDER_HIDDEN_TEXTS] = 2 },
		                      .beside = { [RENDER_BESIDE_COMMENTS] = 3 },
		                      .lost = { [RENDER_LOST_LINKS] = 5, [RENDER_LOST_SIGNATURES] = 1 },
		                      .cpu_ms = 6,
		                      .wall_ms = 7 };
	part->scan = PART_SCAN_CLEAN;
	/* Before: what was wanted, and no more. */
	assert_holds(part, "\"pages\":0,\"lost\":{},\"conversion\":{\"wanted\":\"image-pdf\"}}");
	g_assert_true(conversion_take(part, &result));
	assert_holds(part, "\"scan\":\"clean\",\"action\":\"image-pdf\",\"reason\":\"\",\"rule\":\"rule\"");
	assert_holds(part,
	             "\"pages\":11,\"lost\":{\"links\":5,\"signatures\":1},\"conversion\":{\"wanted\":"
	             "\"image-pdf\",\"status\":\"complete\",\"format\":\"JPEG 2000\",\"pages_found\":12,\"more_pages\":true,"
	             "\"pages_failed\":1,\"pages_partial\":8,\"lower_dpi\":2,\"hidden_chars\":3,\"text_cut\":4,"
	             "\"missing_glyphs\":9,\"hidden\":{\"sheets\":1,\"texts\":2},\"beside\":{\"comments\":3},\"pdf_bytes\":5,"
	             "\"cpu_ms\":6,\"wall_ms\":7}}");
	conversion_fail(part, RENDER_STATUS_ENCRYPTED);
	assert_holds(part, "\"action\":\"remove\",\"reason\":\"conversion\"");
	assert_holds(part, "\"wanted\":\"image-pdf\",\"status\":\"encrypted\"");
}

/* Who reads reports must not meet one name for two things. */
static void test_names(void)
{
	static const struct {
		int count;
		const char *(*name)(int value);
	} kinds[] = {
		{ RENDER_STATUS_COUNT, (const char *(*)(int))(void (*)(void))render_status_name },
		{ RENDER_FORMAT_COUNT, (const char *(*)(int))(void (*)(void))render_format_name },
		{ RENDER_LOST_COUNT, (const char *(*)(int))(void (*)(void))render_lost_name },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
		for (int value = 0; value < kinds[i].count; value++)
			g_assert_true(g_hash_table_add(seen, (gpointer)(uintptr_t)kinds[i].name(value)));
	}
}

/* Nothing was to be converted: no key says so. */
static void test_report_of_the_rest(void)
{
	static const struct {
		PartReason reason;
		const char *name;
	} reasons[] = {
		{ PART_REASON_NOT_SCANNED, "not-scanned" },
		{ PART_REASON_PAGES, "pages" },
		{ PART_REASON_FAILED_PAGE, "failed-page" },
		{ PART_REASON_NO_TEXT, "no-text" },
		{ PART_REASON_SIZE, "size" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
		g_autoptr(MessagePart) part = part_new(PART_ACTION_TEXT, &mild);
		g_clear_pointer(&part->conversion, g_free);
		part->action = PART_ACTION_REMOVE;
		part->reason = reasons[i].reason;
		g_autofree char *wanted = g_strdup_printf(
		        "\"scan\":\"not-scanned\",\"action\":\"remove\",\"reason\":\"%s\"", reasons[i].name);
		assert_holds(part, wanted);
		assert_holds(part, "\"disguised\":false,\"pages\":0,\"lost\":{}}");
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/conversion/options", test_options);
	g_test_add_func("/conversion/take", test_take);
	g_test_add_func("/conversion/picture-without-text", test_picture_without_text);
	g_test_add_func("/conversion/report", test_report);
	g_test_add_func("/conversion/names", test_names);
	g_test_add_func("/conversion/report-of-the-rest", test_report_of_the_rest);
	return g_test_run();
}
