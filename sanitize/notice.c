/* notice: what the reader is told, and the only place with sentences.
 *
 * A sentence of ours never holds 「 or 」: those quote strings of the mail, so that a file
 * named like a sentence does not read as the gateway's voice.
 */
#include "assemble_parts_priv.h"
#include "clean_text.h"

#include <string.h>

enum {
	LANGUAGES = 2,
	QUOTE_CHARS_MAX = 240,
	QUOTE_COLUMNS_MAX = 80,
	/* Shorter than "must be converted with binhex" and than a base64 block of 64. */
	QUOTE_COLUMNS_BLOCK = 28,
	BASE64_BLOCK = 64,
};

#define MARK "【無害化】"

struct Notice {
	NoticeLanguage language;
	GString *head, *foot;
	unsigned foot_lines;
};

/* {n} {m}: numbers, {o}: outside string with its 「」, {t}: a word of ours. */
static const char *const sayings[SAY_COUNT][LANGUAGES] = {
	[SAY_HEAD_REMOVED] = { "添付ファイル {n} 件を取り除きました。くわしくは末尾をご覧ください。",
	                       "Attachments removed: {n}. Please see the end of this message." },
	[SAY_HEAD_REMOVED_ETC] = { "添付ファイルや画像など {n} "
	                           "件を取り除きました。くわしくは末尾をご覧ください。",
	                           "Attachments or pictures removed: {n}. Please see the end of this "
	                           "message." },
	[SAY_HEAD_MISSING] = { "このメールには取り除いたところがあります。くわしくは末尾をご覧ください。",
	                       "Some of this message was left out. Please see the end of this message." },
	[SAY_HEAD_NOTICE_ONLY] = { "このメールの本文と添付ファイルは、ここには表示していません。",
	                           "The text and the attachments of this message are not shown here." },
	[SAY_HEAD_ORIGINAL] = { "元のメールは、インターネット側のメールボックスにあります。",
	                        "The original is in your mailbox on the internet side." },
	[SAY_REWRITTEN_PLAIN] = { "本文はテキストにして書き直しました。",
	                          "The text was written anew as plain text." },
	[SAY_REWRITTEN_HTML] = { "HTML の本文は、テキストにして書き直しました。",
	                         "The HTML text was written anew as plain text." },
	[SAY_NO_BODY] = { "このメールに、表示できる本文はありませんでした。",
	                  "This message had no text that can be shown." },
	[SAY_NOTICE_ONLY] = { "安全のため、メールが届いたことだけをお知らせしています。",
	                      "For safety, you are only told that this message has come." },
	[SAY_HOLD] = { "安全のため、このメールの本文は留め置いています。",
	               "For safety, the content of this message is being held back." },
	[SAY_ALTERNATIVES] = { "同じ内容の別形式（HTML など）の本文 {n} "
	                       "件は使わず、テキストの本文を載せました。",
	                       "The same content in another form (such as HTML) was not used: {n}. The text "
	                       "form is shown." },
	[SAY_BRIEF] = { "大きさの上限のため、宛先、写し、返信のつながりと、部分 {n} "
	                "件の一覧を省きました。",
	                "To keep to the size limit, To, Cc, the references and the list of parts ({n} in "
	                "all) "
	                "were left out." },
	[SAY_MORE_PARTS] = { "ほか {n} 件", "and {n} more" },
	[SAY_MORE_TEXTS] = { "添付が多いため、テキストにした {n} 件を省きました。",
	                     "Too many attachments: {n} converted texts were left out." },
	[SAY_BLOCKS] = { "本文の中の、ファイルを文字に置き換えたとみられるデータ {n} か所（{m} "
	                 "文字）を取り除きました。",
	                 "Data that looks like encoded files was removed from the text: {n} places, {m} "
	                 "characters." },
	[SAY_TEXT_BLOCKS] = { "添付したテキストの中の、ファイルを文字に置き換えたとみられるデータ {n} "
	                      "か所（{m} "
	                      "文字）を取り除きました。",
	                      "Data that looks like encoded files was removed from the attached texts: {n} "
	                      "places, {m} "
	                      "characters." },
	[SAY_ESCAPED] = { "このお知らせとまぎらわしい行が {n} 行あったため、行の先頭に > を付けました。",
	                  "Lines that looked like this notice now begin with > (lines: {n})." },
	[SAY_REPLACED] = { "本文に読み取れない文字が {n} か所ありました（文字コードの表示は {o}）。",
	                   "Unreadable places in the text: {n} (it claims the character set {o})." },
	[SAY_REPLACED_UNKNOWN] = { "本文に読み取れない文字が {n} か所ありました。",
	                           "Unreadable places in the text: {n}." },
	[SAY_INVISIBLE] = { "目に見えない文字や制御文字を {n} 文字取り除きました。",
	                    "Invisible or control characters removed: {n}." },
	[SAY_FROM_REPLACED] = { "差出人のアドレスがないか、書き写せない形のため、差出人欄はゲートウェイのアド"
	                        "レスにしました。",
	                        "The sender's address is missing or cannot be written; From is the gateway's "
	                        "address." },
	[SAY_FROM_CLAIMED] = { "差出人として書かれていた名前: {o}", "Name given as the sender: {o}" },
	[SAY_ENVELOPE_SENDER] = { "配送時に示された差出人: {o}", "Sender given at delivery: {o}" },
	[SAY_DATE_REPLACED] = { "日付がないか正しくないため、日付欄には届いた日時を書きました。",
	                        "The date is missing or wrong; the Date field shows when the message "
	                        "arrived." },
	[SAY_ADDRESS_LOST] = { "{t}のうち、書き写せないアドレスを省きました: {o}",
	                       "Left out of {t}, since it cannot be written: {o}" },
	[SAY_MORE_ADDRESSES] = { "書き写せないアドレスは、ほかに {n} 件ありました。",
	                         "Further addresses that cannot be written: {n}." },
	[SAY_LIST_CUT] = { "{t}が多いため、{n} 件を省きました。", "{t} was too long; left out: {n}." },
	[SAY_IDS_LOST] = { "返信のつながりを示す情報のうち、{n} 件を省きました。",
	                   "References to earlier messages left out: {n}." },
	[SAY_SUBJECT_CUT] = { "件名が長いため、途中までにしました。",
	                      "The subject was too long and was cut." },
	[SAY_LIMIT_FIELDS] = { "ヘッダーの項目が多すぎるため、残りは読んでいません。",
	                       "Too many header fields; the rest was not read." },
	[SAY_LIMIT_HEADER_BLOCK] = { "ヘッダーが大きすぎるため、残りは読んでいません。",
	                             "The header was too large; the rest was not read." },
	[SAY_LIMIT_FIELD] = { "ヘッダーに大きすぎる項目があり、その項目は読み切れていません。",
	                      "A header field was too large and was not read to its end." },
	[SAY_LIMIT_ADDRESSES] = { "アドレスが多すぎるか読み取れない形のため、一部を省きました。",
	                          "Some addresses were left out: too many, or not readable." },
	[SAY_LIMIT_DEPTH] = { "メールの入れ子が深すぎるため、奥の部分は開いていません。",
	                      "The message is nested too deeply; its innermost parts were not opened." },
	[SAY_LIMIT_PARTS] = { "メールの部分が多すぎるため、残りは開いていません。",
	                      "The message has too many parts; the rest was not opened." },
	[SAY_LIMIT_STRUCTURE] = { "メールの構造が複雑すぎるため、中身は開いていません。",
	                          "The message is too complex; its content was not opened." },
	[SAY_LIMIT_TEXT] = { "本文が長いため、途中までにしました。", "The text was too long and was cut." },
	[SAY_LIMIT_SIZE] = { "メールが大きすぎるため、中身は書き直せませんでした。",
	                     "The mail was too large to be rewritten." },
	[SAY_LIMIT_NO_MAIL] = { "メールの形をしていないため、中身は読めませんでした。",
	                        "It did not have the form of a mail and could not be read." },
	[SAY_LIMIT_REFERENCES] = { "返信のつながりを示す情報が多いため、一部を省きました。",
	                           "Too many references to earlier messages; some were left out." },
	[SAY_ORIGINAL] = { "元のメールは、インターネット側のメールボックスにあります。",
	                   "The original is in your mailbox on the internet side." },
	[SAY_NO_ORIGINAL] = { "必要なときは、差出人か情報システムの担当にご相談ください。",
	                      "If you need what is missing, please ask the sender or your IT staff." },
};

static const char *const part_reasons[PART_REASON_COUNT][LANGUAGES] = {
	[PART_REASON_NONE] = { "ゲートウェイの決まりによる", "by the rules of this gateway" },
	[PART_REASON_POLICY] = { "取り除く決まりの種類", "this kind is removed by the rules" },
	[PART_REASON_DEPTH] = { "入れ子が深すぎて開けない", "nested too deeply to be opened" },
	[PART_REASON_DAMAGED] = { "こわれていて最後まで読めない", "damaged, cannot be read to its end" },
	[PART_REASON_CHARSET] = { "文字コードが読み取れない", "its character set cannot be read" },
	[PART_REASON_BINARY_TEXT] = { "テキストとあるが、中身は文字ではない",
	                              "called a text, but does not hold text" },
	[PART_REASON_ENCODED_IN_TEXT] = { "テキストの中に埋め込まれたファイル", "a file embedded in a text" },
	[PART_REASON_CONVERSION] = { "安全な形に変換できなかった", "could not be converted to a safe form" },
	[PART_REASON_SCAN] = { "ウイルス検査で安全を確かめられなかった",
	                       "the virus scan did not find it safe" },
};

static const char *const part_kept[][LANGUAGES] = {
	[PART_ACTION_REMOVE] = { "", "" },
	[PART_ACTION_TEXT] = { "テキストに変換して添付しました", "converted to text and attached" },
	[PART_ACTION_IMAGE_PDF] = { "画像の PDF に変換して添付しました",
	                            "converted to a PDF of pictures and attached" },
};

typedef enum {
	WORD_NUMBER,
	WORD_NO_NAME,
	WORD_TYPE,
	WORD_REALLY,
	WORD_REALLY_END,
	WORD_NEXT,
	WORD_BYTES,
	WORD_REASON,
	WORD_WHOLE_MESSAGE,
	WORD_COUNT
} Word;

static const char *const words[WORD_COUNT][LANGUAGES] = {
	[WORD_NUMBER] = { "番号 ", "Part " },
	[WORD_NO_NAME] = { "（名前なし）", "(no name)" },
	[WORD_TYPE] = { "種類 ", "type " },
	[WORD_REALLY] = { "（実際は ", " (really " },
	[WORD_REALLY_END] = { "）", ")" },
	[WORD_NEXT] = { "、", ", " },
	[WORD_BYTES] = { " バイト", " bytes" },
	[WORD_REASON] = { "理由: ", "removed: " },
	[WORD_WHOLE_MESSAGE] = { "メール全体を表示していない", "the whole message is not shown" },
};

static const char *const field_names[][1 + LANGUAGES] = {
	{ "From", "差出人（From）", "From" },
	{ "Sender", "送信者（Sender）", "Sender" },
	{ "Reply-To", "返信先（Reply-To）", "Reply-To" },
	{ "To", "宛先（To）", "To" },
	{ "Cc", "写し（Cc）", "Cc" },
};

const char *notice_field_name(NoticeLanguage language, const char *field)
{
	for (size_t i = 0; i < G_N_ELEMENTS(field_names); i++)
		if (strcmp(field_names[i][0], field) == 0)
			return field_names[i][1 + language];
	return field;
}

const char *notice_part_reason(PartReason reason, NoticeLanguage language)
{
	return part_reasons[reason < PART_REASON_COUNT ? reason : PART_REASON_NONE][language];
}

const char *notice_empty_body(NoticeLanguage language)
{
	return language == NOTICE_EN ? "(no text)" : "（本文はありません）";
}

const char *notice_hidden_body(NoticeLanguage language)
{
	return language == NOTICE_EN ? "(the text is not shown)" : "（本文は表示していません）";
}

const char *notice_gateway_phrase(NoticeLanguage language)
{
	return language == NOTICE_EN ? "Mugai Gateway" : "無害化ゲートウェイ";
}

char *notice_block_line(NoticeLanguage language, uint64_t characters)
{
	if (language == NOTICE_EN)
		return g_strdup_printf("(encoded data removed: %" G_GUINT64_FORMAT " characters)",
		                       characters);
	return g_strdup_printf("（符号化されたデータ %" G_GUINT64_FORMAT " 文字を取り除きました）",
	                       characters);
}

/* ---- outside strings --------------------------------------------------------------------- */

static bool ends_with(const GString *text, const char *word)
{
	size_t length = strlen(word);
	return text->len >= length && g_ascii_strncasecmp(text->str + text->len - length, word, length) == 0;
}

static bool ends_with_any(const GString *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (ends_with(text, *list))
			return true;
	return false;
}

/* at: a dot. "host.example/path": readers make a link of it without any scheme. */
static bool dot_before_slash(const char *at)
{
	return at[strcspn(at, " /")] == '/';
}

/* Readers turn what looks like an address into a link, also inside a file name. start .. at:
 * what stands before. */
static bool wants_defang(const GString *before, const char *start, const char *at)
{
	static const char *const hosts[] = { "www", "ftp", NULL };
	static const char *const schemes[] = { "mailto", "tel",  "sip",        "sms", "news",
		                               "file",   "data", "javascript", NULL };
	char previous = '\0';
	if (at > start)
		previous = at[-1];
	bool bracketed = previous == '[' && at[1] == ']';
	if (*at == '@')
		return !bracketed;
	if (*at == '.')
		return ends_with_any(before, hosts) || (!bracketed && dot_before_slash(at));
	if (*at == '\\')
		return previous == '\\' || at[1] == '\\';
	return *at == ':' && (g_str_has_prefix(at, "://") || ends_with_any(before, schemes));
}

static GString *defang(const char *line)
{
	GString *safe = g_string_sized_new(strlen(line) + 16);
	for (const char *at = line; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (wants_defang(safe, line, at))
			g_string_append_printf(safe, "[%c]", *at);
		else if (c == 0x300C || c == 0x300D)
			g_string_append_unichar(safe, c == 0x300C ? 0xFF62 : 0xFF63);
		else
			g_string_append_unichar(safe, c);
	}
	return safe;
}

/* A file name can hold a block that a reader would decode, even there. */
static bool holds_block(const char *text)
{
	size_t run = 0;
	for (const char *at = text; *at != '\0'; at++) {
		if (g_ascii_strncasecmp(at, "must be converted", strlen("must be converted")) == 0)
			return true;
		run = g_ascii_isalnum(*at) || *at == '+' || *at == '/' ? run + 1 : 0;
		if (run >= BASE64_BLOCK)
			return true;
	}
	return false;
}

/* As the checker counts, every code point at least one; 2 where tables of Unicode may differ. */
static unsigned quote_columns(gunichar c)
{
	return g_unichar_iswide(c) || g_unichar_type(c) == G_UNICODE_UNASSIGNED ? 2 : 1;
}

static size_t chars_that_fit(const char *text, unsigned columns)
{
	size_t chars = 0;
	unsigned used = 0;
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at), chars++) {
		used += quote_columns(g_utf8_get_char(at));
		if (used > columns)
			return chars;
	}
	return chars;
}

/* At most chars, "…" included. Of what defang() wrote only "[@]" says something else when its
 * end is missing: it goes whole. */
static char *cut_quote(const GString *safe, size_t chars)
{
	char *cut = clean_line(safe->str, safe->len, MAX(chars, 1), NULL);
	while (chars > 2 && g_str_has_suffix(cut, "@…")) {
		chars -= 2;
		g_free(cut);
		cut = clean_line(safe->str, safe->len, chars, NULL);
	}
	return cut;
}

void notice_quote(GString *line, const char *outside)
{
	g_autofree char *cleaned = clean_line(outside, strlen(outside), QUOTE_CHARS_MAX, NULL);
	g_autoptr(GString) safe = defang(cleaned);
	unsigned columns = holds_block(safe->str) ? QUOTE_COLUMNS_BLOCK : QUOTE_COLUMNS_MAX;
	size_t fit = chars_that_fit(safe->str, columns);
	bool whole = fit == (size_t)g_utf8_strlen(safe->str, -1);
	/* Two columns are kept for the "…": some fonts draw it wide. */
	g_autofree char *cut = cut_quote(safe, whole ? fit : chars_that_fit(safe->str, columns - 2) + 1);
	g_string_append_printf(line, "「%s」", cut);
}

/* ---- lines --------------------------------------------------------------------------------- */

Notice *notice_new(NoticeLanguage language)
{
	Notice *notice = g_new0(Notice, 1);
	notice->language = language == NOTICE_EN ? NOTICE_EN : NOTICE_JA;
	notice->head = g_string_new(NULL);
	notice->foot = g_string_new(NULL);
	return notice;
}

void notice_free(Notice *notice)
{
	if (notice == NULL)
		return;
	g_string_free(notice->head, TRUE);
	g_string_free(notice->foot, TRUE);
	g_free(notice);
}

static void append_filled(GString *line, char key, const SayingFill *fill)
{
	if (key == 'n' || key == 'm')
		g_string_append_printf(line, "%" G_GUINT64_FORMAT, key == 'n' ? fill->n : fill->m);
	else if (key == 'o')
		notice_quote(line, fill->outside != NULL ? fill->outside : "");
	else
		g_string_append(line, fill->ours);
}

static void append_saying(GString *line, const char *template, const SayingFill *fill)
{
	for (const char *open = strchr(template, '{'); open != NULL; open = strchr(template, '{')) {
		g_string_append_len(line, template, open - template);
		append_filled(line, open[1], fill);
		template = open + strlen("{n}");
	}
	g_string_append(line, template);
}

static void append_line(const Notice *notice, GString *lines, Saying saying, const SayingFill *fill)
{
	g_string_append(lines, MARK);
	append_saying(lines, sayings[saying][notice->language], fill);
	g_string_append(lines, "\r\n");
}

void notice_head(Notice *notice, Saying saying, const SayingFill *fill)
{
	append_line(notice, notice->head, saying, fill);
}

void notice_foot(Notice *notice, Saying saying, const SayingFill *fill)
{
	append_line(notice, notice->foot, saying, fill);
	notice->foot_lines++;
}

unsigned notice_foot_lines(const Notice *notice)
{
	return notice->foot_lines;
}

void notice_join(Notice *notice, const Notice *other)
{
	g_string_append_len(notice->foot, other->foot->str, (gssize)other->foot->len);
	notice->foot_lines += other->foot_lines;
}

static bool number_is_plain(const char *number)
{
	size_t length = strlen(number);
	return length > 0 && length <= 63 && strspn(number, "0123456789.") == length;
}

static void append_number(GString *line, const char *number)
{
	if (number_is_plain(number))
		g_string_append(line, number);
	else
		notice_quote(line, number);
}

static void append_size(const Notice *notice, GString *line, uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB" };
	if (bytes < 1024) {
		g_string_append_printf(line, "%u%s", (unsigned)bytes, words[WORD_BYTES][notice->language]);
		return;
	}
	unsigned unit = 0;
	uint64_t tenths = bytes > UINT64_MAX / 10 ? UINT64_MAX / 1024 : bytes * 10 / 1024;
	for (; tenths >= 10240 && unit + 1 < G_N_ELEMENTS(units); unit++)
		tenths /= 1024;
	if (tenths < 100)
		g_string_append_printf(line, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
		                       units[unit]);
	else
		g_string_append_printf(line, "%" G_GUINT64_FORMAT " %s", tenths / 10, units[unit]);
}

static void append_types(const Notice *notice, GString *line, const MessagePart *part)
{
	const char *declared = part->declared_type, *truly = part->true_type;
	if (*declared == '\0' && *truly == '\0')
		return;
	g_string_append(line, words[WORD_NEXT][notice->language]);
	g_string_append(line, words[WORD_TYPE][notice->language]);
	notice_quote(line, *declared != '\0' ? declared : truly);
	if (*declared == '\0' || *truly == '\0' || g_ascii_strcasecmp(declared, truly) == 0)
		return;
	g_string_append(line, words[WORD_REALLY][notice->language]);
	notice_quote(line, truly);
	g_string_append(line, words[WORD_REALLY_END][notice->language]);
}

static void append_outcome(const Notice *notice, GString *line, const MessagePart *part, bool delivered)
{
	NoticeLanguage language = notice->language;
	if (part->action != PART_ACTION_REMOVE && part->action <= PART_ACTION_IMAGE_PDF && delivered) {
		g_string_append(line, part_kept[part->action][language]);
		return;
	}
	bool removed = part->action == PART_ACTION_REMOVE;
	g_string_append(line, words[WORD_REASON][language]);
	g_string_append(line, removed ? notice_part_reason(part->reason, language)
	                              : words[WORD_WHOLE_MESSAGE][language]);
}

void notice_part(Notice *notice, const MessagePart *part, bool delivered)
{
	GString *line = notice->foot;
	g_string_append(line, MARK);
	g_string_append(line, words[WORD_NUMBER][notice->language]);
	append_number(line, part->number);
	g_string_append(line, ": ");
	if (*part->name != '\0')
		notice_quote(line, part->name);
	else
		g_string_append(line, words[WORD_NO_NAME][notice->language]);
	append_types(notice, line, part);
	g_string_append(line, words[WORD_NEXT][notice->language]);
	append_size(notice, line, part->bytes);
	g_string_append(line, words[WORD_NEXT][notice->language]);
	append_outcome(notice, line, part, delivered);
	g_string_append(line, "\r\n");
	notice->foot_lines++;
}

void notice_write_head(const Notice *notice, GString *text)
{
	if (notice->head->len == 0)
		return;
	g_string_append_len(text, notice->head->str, (gssize)notice->head->len);
	g_string_append(text, "\r\n");
}

void notice_write_foot(const Notice *notice, GString *text)
{
	if (text->len > 0)
		g_string_append(text, "\r\n");
	g_string_append_printf(text, MARK "----- %u -----\r\n", notice->foot_lines);
	g_string_append_len(text, notice->foot->str, (gssize)notice->foot->len);
}
