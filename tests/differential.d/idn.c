/* idn: hosts whose Unicode form we show, against the spoof checker of ICU at "Highly Restrictive" (UTS
 * 39 5.2). Every character by itself, and between letters of the scripts that mix: what we show, ICU must
 * allow. That we show less is no difference: labels that imitate Latin throughout are refused here and
 * allowed by the level. With the argument "table": writes sanitize/html_host_allowed.h. */
#include "html_url_priv.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uset.h>
#include <unicode/uspoof.h>

static USpoofChecker *checker_new(void)
{
	UErrorCode error = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&error);

	uspoof_setRestrictionLevel(checker, USPOOF_HIGHLY_RESTRICTIVE);
	uspoof_setAllowedChars(checker, uspoof_getRecommendedSet(&error), &error);
	uspoof_setChecks(checker, USPOOF_RESTRICTION_LEVEL | USPOOF_CHAR_LIMIT, &error);
	g_assert_true(U_SUCCESS(error));
	return checker;
}

static bool is_allowed(const USpoofChecker *checker, const char *host)
{
	g_autofree char *label = g_strndup(host, strcspn(host, "."));
	UErrorCode error = U_ZERO_ERROR;
	int32_t failed = uspoof_check2UTF8(checker, label, -1, NULL, &error);

	g_assert_true(U_SUCCESS(error));
	return failed == 0;
}

static void write_table(void)
{
	UErrorCode error = U_ZERO_ERROR;
	const USet *set = uspoof_getRecommendedSet(&error);

	g_print("/* Characters beyond ASCII of the identifier profile of UTS 39 (IdentifierStatus.txt, "
	        "Unicode %s): first and "
	        "last.\n * Written by tests/differential.d/idn.c. */\n",
	        U_UNICODE_VERSION);
	for (int32_t i = 0; i < uset_getItemCount(set); i++) {
		UChar32 from, to;
		int32_t text = uset_getItem(set, i, &from, &to, NULL, 0, &error);
		if (text == 0 && to >= 0x80)
			g_print("{ 0x%x, 0x%x },\n", (unsigned)from, (unsigned)to);
	}
	g_assert_true(U_SUCCESS(error));
}

static int compare(void)
{
	static const char *const before[] = { "",  "a", "日",  "あ",  "한", "ㄅ",
		                              "д", "ω", "日b", "あb", "ไ",  "ب" };
	USpoofChecker *checker = checker_new();
	unsigned asked = 0, shown = 0, differ = 0;

	for (gunichar c = 0x80; c < 0x32000; c++) {
		char text[8] = "";
		/* of ideographs and syllables, which are all alike, some */
		if ((c >= 0x3400 && c < 0xa000 && c % 32) || (c >= 0xac00 && c < 0xd7a4 && c % 32) ||
		    (c >= 0x20000 && c % 256))
			continue;
		if (!g_unichar_validate(c) || !g_unichar_isdefined(c))
			continue;
		g_unichar_to_utf8(c, text);
		for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
			g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE };
			g_autofree char *link = g_strdup_printf("http://%s%s.example/", before[i], text);
			html_url_parse(link, NULL, &url);
			asked++;
			shown += *url.unicode_host != '\0';
			if (*url.unicode_host == '\0' || is_allowed(checker, url.unicode_host))
				continue;
			differ++;
			g_print("U+%04X %s\n", c, url.unicode_host);
		}
	}
	g_print("%u asked, %u shown, %u differ\n", asked, shown, differ);
	uspoof_close(checker);
	return differ > 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "table") == 0)
		write_table();
	return argc == 1 ? compare() : 0;
}
