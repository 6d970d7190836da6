#include "assemble_parts_priv.h"
#include "clean_text.h"
#include "conversion_priv.h"
#include "message_rules.h"
#include "pdf_sample.h"
#include "verify_priv.h"

#include <glib/gstdio.h>

/* By ConfLanguage. */
static Notices *built_in[2];

/* ---- building ---------------------------------------------------------------------------- */

static void set(char **slot, const char *value)
{
	g_free(*slot);
	*slot = g_strdup(value);
}

static void add_address(GPtrArray *list, const char *name, const char *local, const char *domain)
{
	MailAddress *address = g_new0(MailAddress, 1);
	address->name = g_strdup(name);
	address->local = g_strdup(local);
	address->domain = g_strdup(domain);
	g_ptr_array_add(list, address);
}

static MessagePart *add_part(Message *message, const char *number, const char *name, const char *type,
                             uint64_t bytes)
{
	MessagePart *part = g_new0(MessagePart, 1);
	part->number = g_strdup(number);
	part->name = g_strdup(name);
	part->declared_type = g_strdup(type);
	part->true_type = g_strdup("");
	part->bytes = bytes;
	part->reason = PART_REASON_POLICY;
	g_ptr_array_add(message->parts, part);
	return part;
}

static void text_attachment_free(gpointer data)
{
	TextAttachment *attachment = data;
	g_free(attachment->text);
	g_free(attachment);
}

static void pdf_attachment_free(gpointer data)
{
	PdfAttachment *attachment = data;
	g_bytes_unref(attachment->pdf);
	g_free(attachment);
}

/* As the policy and the renderer leave it: one page, nothing lost. */
static PartConversion *convert_part(MessagePart *part, PartAction action, RenderFormat format)
{
	const PolicyConversion how = { .dpi = 150, .pages = 500 };
	part->action = action;
	part->reason = PART_REASON_NONE;
	part->conversion = conversion_new(action, &how);
	part->conversion->done = true;
	part->conversion->format = format;
	part->conversion->pages_found = part->conversion->pages = 1;
	return part->conversion;
}

static void attach_text(AssembleInput *input, guint part, const char *text)
{
	TextAttachment *attachment = g_new0(TextAttachment, 1);
	attachment->part = part;
	attachment->text = g_strdup(text);
	g_ptr_array_add(input->texts, attachment);
}

/* A new part, and its text. */
static void add_text(AssembleInput *input, const char *name, const char *text)
{
	guint index = input->message->parts->len;
	g_autofree char *number = g_strdup_printf("%u", index + 2);
	MessagePart *part = add_part(input->message, number, name, "text/plain", strlen(text));
	convert_part(part, PART_ACTION_TEXT, RENDER_FORMAT_TEXT);
	attach_text(input, index, text);
}

static void attach_pdf(AssembleInput *input, guint part, GBytes *pdf)
{
	PdfAttachment *attachment = g_new0(PdfAttachment, 1);
	attachment->part = part;
	attachment->pdf = pdf;
	g_ptr_array_add(input->pdfs, attachment);
}

/* A new part, and its PDF. */
static PartConversion *add_pdf(AssembleInput *input, const char *name, const char *type, RenderFormat format)
{
	guint index = input->message->parts->len;
	g_autofree char *number = g_strdup_printf("%u", index + 2);
	MessagePart *part = add_part(input->message, number, name, type, 3000000);
	attach_pdf(input, index, pdf_sample());
	return convert_part(part, PART_ACTION_IMAGE_PDF, format);
}

typedef struct {
	Message *message;
	AssembleInput input;
} Setup;

static void setup_init(Setup *setup)
{
	setup->message = message_new();
	setup->message->has_date = true;
	setup->message->date = 1774998245;
	setup->message->date_zone = 540;
	set(&setup->message->message_id, "20260401.1@example.jp");
	set(&setup->message->body, "本文です。\n");
	setup->message->body_source = BODY_PLAIN;
	add_address(setup->message->from, "", "yamada", "example.jp");
	setup->input = (AssembleInput) {
		.message = setup->message,
		.envelope_sender = "bounce@example.jp",
		.envelope_recipient = "shimin@city.example.lg.jp",
		.arrival = 1774998300,
		.arrival_zone = 540,
		.original_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.id = "00112233445566778899aabbccddeeff",
		.hops = 1,
		.policy_name = "strict",
		.policy_version = "0123456789abcdef",
		.notices = built_in[CONF_LANGUAGE_JA],
		.gateway_address = "mugai@gateway.invalid",
		.original_elsewhere = true,
		.texts = g_ptr_array_new_with_free_func(text_attachment_free),
		.pdfs = g_ptr_array_new_with_free_func(pdf_attachment_free),
		.max_image_pdf = 30 * 1024 * 1024,
		.max_bytes = 45 * 1024 * 1024,
	};
}

static void setup_clear(Setup *setup)
{
	message_free(setup->message);
	g_ptr_array_unref(setup->input.texts);
	g_ptr_array_unref(setup->input.pdfs);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Setup, setup_clear)

static char *bytes_of(const CleanMessage *clean, bool crlf)
{
	g_autoptr(GBytes) bytes = clean_message_bytes(clean, crlf);
	return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static MessagePart *part_of(const Setup *setup, guint index)
{
	return g_ptr_array_index(setup->message->parts, index);
}

/* The text of a message, also of one with attachments. */
static char *first_text_of(const CleanMessage *clean)
{
	g_autofree char *bytes = bytes_of(clean, true);
	const char *at = strstr(bytes, "\r\n\r\n") + 4;
	if (g_str_has_prefix(at, "--"))
		at = strstr(at, "\r\n\r\n") + 4;
	return message_rule_base64(&at);
}

/* The text of a message without attachments. */
static char *text_of(const CleanMessage *clean)
{
	g_autofree char *bytes = bytes_of(clean, true);
	const char *at = strstr(bytes, "\r\n\r\n") + 4;
	return message_rule_base64(&at);
}

static CleanMessage *assembled(const Setup *setup)
{
	g_autoptr(GError) error = NULL;
	CleanMessage *clean = assemble_message(&setup->input, &error);
	g_assert_no_error(error);
	g_autofree char *bytes = bytes_of(clean, true);
	g_assert_cmpstr(message_rules(bytes, strlen(bytes)), ==, NULL);
	/* And what the checker says: written from the grammar by another hand. */
	struct verify_error refused = { 0 };
	if (!verify_message((const uint8_t *)bytes, strlen(bytes), &refused))
		g_error("mugai-verify refuses: %s: %s\n%s", refused.section, refused.what, bytes);
	return clean;
}

/* The field as it is written, LF folds; "" if it is not there. */
static const char *field(const CleanMessage *clean, const char *name)
{
	for (guint i = 0; i < clean->headers->len; i++) {
		const CleanHeader *header = g_ptr_array_index(clean->headers, i);
		if (strcmp(header->name, name) == 0)
			return header->value;
	}
	return "";
}

/* ---- golden ---------------------------------------------------------------------------------- */

static void golden_plain(Setup *setup)
{
	(void)setup;
}

static void golden_long_subject(Setup *setup)
{
	set(&setup->message->subject,
	    "令和８年度　住民基本台帳ネットワークシステムの更新に伴う"
	    "業務停止のお知らせ（第２報）と、か\u3099き\u3099く\u3099のような結合文字の件");
	add_address(setup->message->to, "市民課　担当者様", "shimin", "city.example.lg.jp");
	set(&setup->message->list_id, "oshirase.example.jp");
	set(&setup->message->list_name, "お知らせ配信");
	setup->message->auto_submitted = AUTO_SUBMITTED_GENERATED;
	setup->message->importance = IMPORTANCE_HIGH;
}

static void golden_many_addresses(Setup *setup)
{
	for (unsigned i = 0; i < 12; i++) {
		g_autofree char *local = g_strdup_printf("user%u", i);
		add_address(setup->message->to,
		            i % 3 == 0   ? "Taro Yamada"
		            : i % 3 == 1 ? "山田 太郎"
		                         : "",
		            local, i % 4 == 0 ? "日本語.example" : "example.com");
	}
	add_address(setup->message->cc, "", "root", "");
	add_address(setup->message->cc, "Smith, John", "john smith", "example.com");
	add_address(setup->message->reply_to, "", "a\"b\\c", "[IPv6:2001:db8::1]");
	g_ptr_array_add(setup->message->references, g_strdup("a@example.com"));
	g_ptr_array_add(setup->message->references, g_strdup("not an id"));
	g_ptr_array_add(setup->message->references, g_strdup("b.c$d@[192.0.2.1]"));
	g_ptr_array_add(setup->message->in_reply_to, g_strdup("b@example.com"));
}

static void golden_notice_only(Setup *setup)
{
	setup->input.decision = DECISION_NOTICE_ONLY;
	g_ptr_array_set_size(setup->message->from, 0);
	add_address(setup->message->from, "総務課「本物」 https://evil.example/", "x y@z", "");
	setup->message->has_date = false;
	set(&setup->message->message_id, "");
	set(&setup->message->subject, "Invoice 2026-04");
	add_part(setup->message, "2", "invoice.pdf", "application/pdf", 2500000);
}

static void golden_notice_only_english(Setup *setup)
{
	golden_notice_only(setup);
	setup->input.notices = built_in[CONF_LANGUAGE_EN];
	setup->input.original_elsewhere = false;
}

static void golden_multipart(Setup *setup)
{
	setup->message->body_source = BODY_HTML;
	g_autofree char *line = g_strnfill(4001, 'x');
	g_autofree char *longer = g_strconcat(line, "\n【無害化】にせもの\n", NULL);
	add_text(&setup->input, "報告書.html", "一行目\n【無害化】にせもの\n");
	MessagePart *part = add_part(setup->message, "3", "写真.jpg", "image/jpeg", 512);
	set(&part->true_type, "application/x-dosexec");
	part->flags = MESSAGE_PART_INLINE;
	part = add_part(setup->message, "1.2", "", "text/html", 9999);
	part->flags = MESSAGE_PART_BODY_ALTERNATIVE;
	add_text(&setup->input, "報告書.html", longer);
	add_text(&setup->input, "報告書.html", line);
	add_text(&setup->input, "", "");
	add_text(&setup->input, "とても長い名前の報告書で、エンコードすると一行に入りきらないもの", line);
}

/* Each outcome that a reader can be told of. */
static void golden_converted(Setup *setup)
{
	AssembleInput *input = &setup->input;
	PartConversion *pdf = add_pdf(input, "資料.pdf", "application/pdf", RENDER_FORMAT_PDF);
	pdf->pages = pdf->pages_found = 12;
	pdf->lost[RENDER_LOST_LINKS] = 3;
	pdf->lost[RENDER_LOST_SCRIPTS] = 1;
	pdf->lost[RENDER_LOST_FORMS] = 2;
	pdf->lost[RENDER_LOST_FILES] = 1;
	pdf->lost[RENDER_LOST_SIGNATURES] = 1;
	pdf = add_pdf(input, "図面.PDF", "application/octet-stream", RENDER_FORMAT_PDF);
	pdf->pages_found = 600;
	pdf->pages = 500;
	pdf->pages_failed = 2;
	pdf->pages_partial = 3;
	pdf->lower_dpi = 7;
	pdf->hidden_chars = 41;
	pdf->text_cut = 1000;
	add_pdf(input, "写真.jpg", "image/jpg", RENDER_FORMAT_JPEG);
	pdf = add_pdf(input, "「猫」.gif", "image/gif", RENDER_FORMAT_TIFF);
	pdf->lost[RENDER_LOST_FRAMES] = 8;
	pdf->lost[RENDER_LOST_COMMENTS] = 1;
	pdf->lost[RENDER_LOST_MEDIA] = 2;
	pdf->lost[RENDER_LOST_REFERENCES] = 3;
	MessagePart *part = add_part(input->message, "6", "要領.pdf", "application/pdf", 20480);
	convert_part(part, PART_ACTION_IMAGE_PDF_TEXT, RENDER_FORMAT_PDF);
	attach_pdf(input, 4, pdf_sample());
	attach_text(input, 4,
	            "　第１条　この要領は、\n【無害化】にせもの\nhttp://example.jp/ を見ること。\n");
	add_text(input, "名簿.csv", "氏名,年齢\n山田,41\n");
	part = add_part(input->message, "8", "秘密.pdf", "application/pdf", 5000);
	convert_part(part, PART_ACTION_IMAGE_PDF, RENDER_FORMAT_PDF);
	conversion_fail(part, RENDER_STATUS_ENCRYPTED);
	add_part(input->message, "9", "表.xlsx", "application/vnd.ms-excel", 5000)->reason =
	        PART_REASON_NOT_SCANNED;
}

static void golden_converted_english(Setup *setup)
{
	golden_converted(setup);
	setup->input.notices = built_in[CONF_LANGUAGE_EN];
}

/* What LibreOffice's documents have besides. */
static void golden_office(Setup *setup)
{
	AssembleInput *input = &setup->input;
	PartConversion *made = add_pdf(input, "議案.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	                               RENDER_FORMAT_DOCX);
	made->pages = made->pages_found = 3;
	made->beside[RENDER_BESIDE_CHANGES] = 5;
	made->beside[RENDER_BESIDE_COMMENTS] = 2;
	made->hidden[RENDER_HIDDEN_TEXTS] = 1;
	made->lost[RENDER_LOST_LINKS] = 2;
	made = add_pdf(input, "集計.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", RENDER_FORMAT_XLSX);
	made->pages = 500;
	made->pages_found = 501;
	made->more_pages = true;
	made->hidden[RENDER_HIDDEN_SHEETS] = 2;
	made->hidden[RENDER_HIDDEN_ROWS] = 3;
	made->hidden[RENDER_HIDDEN_COLUMNS] = 1;
	made->lost[RENDER_LOST_MACROS] = 1;
	made->lost[RENDER_LOST_REFERENCES] = 4;
	made->missing_glyphs = 3;
	made = add_pdf(input, "説明.ppt", "application/msword", RENDER_FORMAT_PPT);
	made->pages = made->pages_found = 9;
	made->how.notes = POLICY_YES;
	made->beside[RENDER_BESIDE_NOTES] = 4;
	made->hidden[RENDER_HIDDEN_SLIDES] = 1;
	made->lost[RENDER_LOST_MACROS] = 1;
	MessagePart *part = add_part(input->message, "5", "覚書.odt", "application/vnd.oasis.opendocument.text", 9000);
	made = convert_part(part, PART_ACTION_TEXT, RENDER_FORMAT_ODT);
	attach_text(input, 3, "覚書\n");
	made->how.changes = POLICY_YES;
	made->how.comments = POLICY_YES;
	made->beside[RENDER_BESIDE_CHANGES] = 1;
	made->beside[RENDER_BESIDE_COMMENTS] = 1;
	part = add_part(input->message, "6", "名簿.ods", "application/vnd.oasis.opendocument.spreadsheet", 5000);
	convert_part(part, PART_ACTION_IMAGE_PDF, RENDER_FORMAT_UNKNOWN);
	conversion_fail(part, RENDER_STATUS_UNAVAILABLE);
}

static void golden_office_english(Setup *setup)
{
	golden_office(setup);
	setup->input.notices = built_in[CONF_LANGUAGE_EN];
}

static void golden_hostile(Setup *setup)
{
	Message *message = setup->message;
	set(&message->subject, "a\u202Efdp.exe  \u2066x\u2069  =?UTF-8?B?QUFB?=");
	set(&message->body,
	    "　【無害化】本文は安全です。\n[Ｍｕｇａｉ] ok\n"
	    "begin 644 evil.exe\n#0V%T\n`\nend\n"
	    "そのあと\n=ybegin line=128 size=1 name=x\nabc\n=yend size=1\n"
	    "> TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAA\n> AAAAAAAAAAAAAAAAAAAAAAAAAAAAA4fug4AtA==おわり\n"
	    "https://example.com/aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQ5\n");
	message->replaced = 3;
	set(&message->charset_declared, "x-「sjis」");
	message->limits = MESSAGE_LIMIT_ALL;
	add_part(message, "2", "【無害化】問題ありません。www.evil.example をMAILTO:a@b 「開いて」",
	         "application/x-msdownload", 1);
	add_part(message, "3", "TVqQAAMAAAAEAAAAbbbbbbbbbbbbbbbb1234567890123456789012345678901234567890.exe",
	         "a", 1023);
	add_part(message, "4", "(must be converted with BinHex 4.0)", "a", 10239);
	add_part(message, "５",
	         "とても長い長い長い長い長い長い長い長い長い長い長い長い長い長い長い長い名前の添付ファイル."
	         "docx",
	         "a", 10240);
}

/* What a newsletter of a deceiver looks like after parsing. */
static void golden_warnings(Setup *setup)
{
	Message *message = setup->message;
	message->body_source = BODY_HTML;
	set(&message->subject, "【重要】お客様の口座について");
	set(&message->body, "いつもご利用ありがとうございます。\nhttps://www.bank.example/ "
	                    "[1!evil.example]\n[入力欄] [ボタン: 送信]\n\n"
	                    "[1] http://evil.example/login\n");
	message->link_mismatches = 1;
	message->links_flagged = 2;
	message->password_fields = 1;
	message->alternative_differs = true;
	message->links_removed = 3;
	message->hidden_chars = 41;
	message->pictures = 3;
	message->charset_repaired = true;
	set(&message->charset_declared, "iso-2022-jp");
	message->outside_bytes = 201;
	add_part(message, "1.1", "", "text/plain", 800)->flags = MESSAGE_PART_BODY_ALTERNATIVE;
	add_part(message, "2", "logo.png", "image/png", 4096)->flags = MESSAGE_PART_INLINE;
	add_part(message, "3", "banner.jpg", "image/jpeg", 40960)->flags = MESSAGE_PART_INLINE;
	MessagePart *part = add_part(message, "4", "photo.jpg", "image/jpeg", 99999);
	part->flags = MESSAGE_PART_INLINE;
	set(&part->true_type, "application/x-dosexec");
	part->rule = "secret-rule";
	add_part(message, "5", "明細.xlsx", "application/vnd.ms-excel", 20480)->reason =
	        PART_REASON_AMBIGUOUS;
}

static void golden_warnings_english(Setup *setup)
{
	golden_warnings(setup);
	setup->input.notices = built_in[CONF_LANGUAGE_EN];
	setup->input.original_elsewhere = false;
	setup->message->body_source = BODY_PLAIN;
}

static void golden_nested(Setup *setup)
{
	Message *message = setup->message;
	set(&message->subject, "Fwd: 工事の件");
	set(&message->body,
	    "転送します。\n\n---- 添付されたメール ----\n件名: 工事の件\n\n工事は 4 月からです。\n");
	message->nested_messages = 1;
	message->limits = MESSAGE_LIMIT_NESTED | MESSAGE_LIMIT_BLOCKS;
	add_part(message, "2.2", "図面.pdf", "application/pdf", 123456);
	add_part(message, "2.3", "old.uu", "", 100)->reason = PART_REASON_ENCODED_IN_TEXT;
	add_part(message, "3", "", "multipart/mixed", 0)->reason = PART_REASON_EMPTY_CONTAINER;
}

static void golden_all_image(Setup *setup)
{
	Message *message = setup->message;
	message->body_source = BODY_HTML;
	set(&message->subject, "春の大売り出し");
	set(&message->body, "[画像: 春の大売り出し]\n");
	message->pictures = 2;
}

static void golden_unreadable_text(Setup *setup)
{
	set(&setup->message->body, "\uFFFD\uFFFD\uFFFDの会議は\uFFFD時からです。\n");
	setup->message->replaced = 4;
	set(&setup->message->charset_declared, "utf-8");
}

static void golden_notice_policy(Setup *setup)
{
	setup->input.decision = DECISION_NOTICE_ONLY;
	set(&setup->message->subject, "請求書の件");
	setup->message->link_mismatches = 1;
	add_part(setup->message, "2", "請求書.zip", "application/zip", 5000);
}

static void golden_notice_unreadable(Setup *setup)
{
	setup->input.decision = DECISION_NOTICE_ONLY;
	setup->message->limits = MESSAGE_LIMIT_UNREADABLE;
	set(&setup->message->subject, "請求書の件");
	set(&setup->message->body, "");
}

static void golden_notice_too_large(Setup *setup)
{
	golden_notice_unreadable(setup);
	setup->message->limits = MESSAGE_LIMIT_SIZE;
}

static void golden_notice_no_mail(Setup *setup)
{
	golden_notice_unreadable(setup);
	setup->message->limits = MESSAGE_LIMIT_NO_MAIL;
	set(&setup->message->subject, "");
	g_ptr_array_set_size(setup->message->from, 0);
	setup->message->has_date = false;
	setup->message->header_unread = true;
}

static void golden_auth(Setup *setup)
{
	setup->input.tell_auth = true;
	setup->message->auth[AUTH_SPF] = AUTH_PASS;
	setup->message->auth[AUTH_DKIM] = AUTH_PASS;
	setup->message->auth[AUTH_DMARC] = AUTH_PASS;
}

static void golden_auth_forged(Setup *setup)
{
	golden_warnings(setup);
	setup->input.tell_auth = true;
	setup->message->auth[AUTH_SPF] = AUTH_SOFTFAIL;
	setup->message->auth[AUTH_DKIM] = AUTH_NONE;
	setup->message->auth[AUTH_DMARC] = AUTH_FAIL;
}

static void golden_auth_notice(Setup *setup)
{
	golden_notice_policy(setup);
	golden_auth(setup);
	setup->message->auth[AUTH_DMARC] = AUTH_FAIL;
}

static void golden_auth_notice_english(Setup *setup)
{
	golden_notice_policy(setup);
	setup->input.notices = built_in[CONF_LANGUAGE_EN];
	setup->input.tell_auth = true;
	setup->message->auth[AUTH_SPF] = AUTH_FAIL;
	setup->message->auth[AUTH_DMARC] = AUTH_TEMPERROR;
}

static void golden_auth_unknown(Setup *setup)
{
	setup->input.tell_auth = true;
}

/* A delivery report: SPF has nobody to check. */
static void golden_auth_bounce(Setup *setup)
{
	setup->input.tell_auth = true;
	setup->input.envelope_sender = "";
	setup->message->auth[AUTH_DKIM] = AUTH_PASS;
	setup->message->auth[AUTH_DMARC] = AUTH_PASS;
}

static void golden_signs(Setup *setup)
{
	Message *message = setup->message;
	g_ptr_array_set_size(message->from, 0);
	add_address(message->from, "", "soumu", "city.example.lg.jp");
	add_address(message->from, "市長 <mayor@city.example.lg.jp>", "evil", "evil.example");
	add_address(message->reply_to, "", "shop", "аpple.com");
	add_address(message->sender, "", "mailer", "send.example");
	message->signs[MESSAGE_SIGN_SHOWN_ADDRESS] = 2;
	message->signs[MESSAGE_SIGN_LOOK_ALIKE] = 3;
	message->signs[MESSAGE_SIGN_SEVERAL_FROM] = 2;
	message->signs[MESSAGE_SIGN_REPLY_ELSEWHERE] = 1;
	message->signs[MESSAGE_SIGN_SENDER_ELSEWHERE] = 1;
	message->signs[MESSAGE_SIGN_DISGUISED_NAME] = 1;
	message->pictures = 2;
	message->private_use = 1;
	message->text_removed = 12;
	message->header_removed = 3;
	message->body_source = BODY_HTML;
	set(&message->body, "お世話になっております。請求書をお送りします。至急、添付のファイルを開いてご確認"
	                    "のうえ、お振り込みください。\n");
	MessagePart *part = add_part(message, "2", "請求書.pdf.exe", "application/pdf", 73802);
	set(&part->true_type, "application/x-dosexec");
	part->flags = MESSAGE_PART_NAME_DISGUISED;
}

static void golden_signs_english(Setup *setup)
{
	golden_signs(setup);
	setup->input.notices = built_in[CONF_LANGUAGE_EN];
}

/* Nothing to worry about: answers go to the list. */
static void golden_list(Setup *setup)
{
	add_address(setup->message->reply_to, "", "kenkyu", "lists.example.jp");
	set(&setup->message->list_id, "kenkyu.lists.example.jp");
	setup->message->signs[MESSAGE_SIGN_REPLY_TO_LIST] = 1;
}

typedef struct {
	const char *name;
	void (*make)(Setup *setup);
} Golden;

static const Golden goldens[] = {
	{ "plain", golden_plain },
	{ "long-subject", golden_long_subject },
	{ "many-addresses", golden_many_addresses },
	{ "notice-only", golden_notice_only },
	{ "notice-only-english", golden_notice_only_english },
	{ "multipart", golden_multipart },
	{ "converted", golden_converted },
	{ "converted-english", golden_converted_english },
	{ "office", golden_office },
	{ "office-english", golden_office_english },
	{ "hostile", golden_hostile },
	{ "warnings", golden_warnings },
	{ "warnings-english", golden_warnings_english },
	{ "nested", golden_nested },
	{ "all-image", golden_all_image },
	{ "unreadable-text", golden_unreadable_text },
	{ "notice-policy", golden_notice_policy },
	{ "notice-unreadable", golden_notice_unreadable },
	{ "notice-too-large", golden_notice_too_large },
	{ "notice-no-mail", golden_notice_no_mail },
	{ "auth", golden_auth },
	{ "auth-forged", golden_auth_forged },
	{ "auth-notice", golden_auth_notice },
	{ "auth-notice-english", golden_auth_notice_english },
	{ "auth-unknown", golden_auth_unknown },
	{ "auth-bounce", golden_auth_bounce },
	{ "signs", golden_signs },
	{ "signs-english", golden_signs_english },
	{ "list", golden_list },
};

/* Decoded beside encoded, so that a change of words can be read in a diff. */
static char *readable(const char *bytes)
{
	GString *all = g_string_new(bytes);
	g_auto(GStrv) blocks = g_strsplit(bytes, "\n\n", -1);
	for (char **block = blocks; *block != NULL; block++) {
		gsize length = 0;
		g_autofree char *joined = g_strndup(*block, strcspn(*block, "-:"));
		g_autofree guchar *text = g_base64_decode(joined, &length);
		if (block == blocks || length == 0)
			continue;
		if (length > 5 && memcmp(text, "%PDF-", 5) == 0) {
			g_string_append_printf(all, "=== PDF %d, %zu bytes\n", (int)(block - blocks), length);
			continue;
		}
		g_string_append_printf(all, "=== text %d\n", (int)(block - blocks));
		for (gsize i = 0; i < length; i++)
			if (text[i] != '\r')
				g_string_append_c(all, (char)text[i]);
	}
	return g_string_free(all, FALSE);
}

/* With MUGAI_GOLDEN_WRITE set, the files are written anew: the diff is to be reviewed. */
static void test_golden(gconstpointer data)
{
	const Golden *golden = data;
	g_auto(Setup) setup;
	setup_init(&setup);
	golden->make(&setup);
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *bytes = bytes_of(clean, false), *got = readable(bytes), *want = NULL;
	g_autofree char *path = g_strdup_printf("%s/golden_assemble/%s.out", TESTS_DIR, golden->name);
	if (g_getenv("MUGAI_GOLDEN_WRITE") != NULL)
		g_assert_true(g_file_set_contents(path, got, -1, NULL));
	g_assert_true(g_file_get_contents(path, &want, NULL, NULL));
	g_assert_cmpstr(got, ==, want);
}

/* ---- single values --------------------------------------------------------------------------- */

static void test_dates(void)
{
	static const struct {
		int64_t time;
		int zone;
		const char *expected; /* NULL: the arrival */
	} cases[] = {
		{ 0, 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
		{ 951782400, 540, "Tue, 29 Feb 2000 09:00:00 +0900" },
		{ 951868799, 0, "Tue, 29 Feb 2000 23:59:59 +0000" },
		{ -1, -90, "Wed, 31 Dec 1969 22:29:59 -0130" },
		{ 4107542400, 0, "Mon, 1 Mar 2100 00:00:00 +0000" },
		{ -2208988800, 0, "Mon, 1 Jan 1900 00:00:00 +0000" },
		{ -2208988801, 0, NULL },
		{ -2208988801, 840, "Mon, 1 Jan 1900 13:59:59 +1400" },
		{ 253402300799, 0, "Fri, 31 Dec 9999 23:59:59 +0000" },
		{ 253402300800, 0, NULL },
		{ 253402300799, 1, NULL },
		{ INT64_MAX, 840, NULL },
		{ INT64_MIN, -720, NULL },
		{ 0, 841, NULL },
		{ 0, -721, NULL },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		setup.message->date = cases[i].time;
		setup.message->date_zone = cases[i].zone;
		g_autoptr(CleanMessage) clean = assembled(&setup);
		const char *want =
		        cases[i].expected != NULL ? cases[i].expected : "Wed, 1 Apr 2026 08:05:00 +0900";
		g_assert_cmpstr(field(clean, "Date"), ==, want);
		g_autofree char *text = text_of(clean);
		g_assert_cmpint(strstr(text, "届いた日時を書") != NULL, ==, cases[i].expected == NULL);
	}
}

typedef struct {
	const char *name, *local, *domain;
	const char *expected; /* NULL: lost */
} AddressCase;

static const AddressCase address_cases[] = {
	{ "", "a.b", "example.com", "a.b@example.com" },
	{ "John Doe", "a", "b", "John Doe <a@b>" },
	{ "John  Doe", "a", "b", "John Doe <a@b>" },
	{ "J. Doe", "a", "b", "=?UTF-8?B?Si4gRG9l?= <a@b>" },
	{ "=?x", "a", "b", "=?UTF-8?B?PT94?= <a@b>" },
	{ "a\r\nBcc: x", "a", "b", "=?UTF-8?B?YSBCY2M6IHg=?= <a@b>" },
	{ "\u202E\u200B", "a", "b", "a@b" },
	{ "", "a b", "c", "\"a b\"@c" },
	{ "", ".a", "c", "\".a\"@c" },
	{ "", "a..b", "c", "\"a..b\"@c" },
	{ "", "a\"\\", "c", "\"a\\\"\\\\\"@c" },
	{ "", "a  b", "c", NULL },
	{ "", "=?UTF-8?B?QQ==?=", "c", NULL },
	{ "", "@=?x", "c", NULL },
	{ "", "日本", "example.jp", NULL },
	{ "", "a\nb", "example.jp", NULL },
	{ "", "", "example.jp", NULL },
	{ "", "root", "", NULL },
	{ "", "a", "日本語.jp", "a@xn--wgv71a119e.jp" },
	{ "", "a", "-x.jp", NULL },
	{ "", "a", "x-.jp", NULL },
	{ "", "a", "x..jp", NULL },
	{ "", "a", "x.jp.", "a@x.jp" },
	{ "", "a", "x.jp..", NULL },
	{ "", "a", ".", NULL },
	{ "", "a", "fa\u00DF.example", NULL }, /* another domain than fass.example */
	{ "", "a", "\u03B2\u03C2.example", NULL },
	{ "", "a", "ＥＸＡＭＰＬＥ．ｊｐ", "a@example.jp" },
	{ "", "a", "日本。jp", "a@xn--wgv71a.jp" },
	{ "", "a", "x_1.jp", "a@x_1.jp" },
	{ "", "a", "x y", NULL },
	{ "", "a", "x>,<b@c", NULL },
	{ "", "a", "[192.0.2.1]", "a@[192.0.2.1]" },
	{ "", "a", "[192.0.2.256]", NULL },
	{ "", "a", "[IPv6:::1]", "a@[IPv6:::1]" },
	{ "", "a", "[IPv6:zz]", NULL },
	{ "", "a", "[::1]", NULL },
	{ "", "a", "\u202Ex.jp", NULL },
};

static void test_addresses(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(address_cases); i++) {
		const AddressCase *c = &address_cases[i];
		g_auto(Setup) setup;
		setup_init(&setup);
		add_address(setup.message->to, c->name, c->local, c->domain);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_assert_cmpstr(field(clean, "To"), ==, c->expected != NULL ? c->expected : "");
		g_autofree char *text = text_of(clean);
		g_assert_cmpint(strstr(text, "宛先（To）のうち、書き写せないアドレス") != NULL, ==,
		                c->expected == NULL);
	}
}

static void test_long_parts_of_addresses(void)
{
	static const struct {
		unsigned local, label;
		bool quoted, written;
	} cases[] = {
		{ 200, 63, false, true },  { 200, 64, false, false }, { 256, 63, false, true },
		{ 257, 63, false, false }, { 63, 10, true, true },    { 64, 10, true, false },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		g_autofree char *local = g_strnfill(cases[i].local, 'a'),
		                *label = g_strnfill(cases[i].label, 'b');
		g_autofree char *odd = g_strconcat(local, cases[i].quoted ? "@" : "", NULL);
		add_address(setup.message->cc, "", odd, label);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_assert_cmpint(*field(clean, "Cc") != '\0', ==, cases[i].written);
	}
}

/* One that cannot be written becomes another, the same one in the mail and in the answers to it. */
static void test_message_ids(void)
{
	static const char unknown[] = "<0123456789abcdef0123456789abcdef@mugai.invalid>";
	static const struct {
		const char *id, *expected; /* NULL: a made one */
	} cases[] = {
		{ "a@b", "<a@b>" },
		{ "", unknown },
		{ "a", "<ca978112ca1bbdcafac231b39a23dc4d@mugai.invalid>" }, /* sha256sum of "a" */
		{ "a@", NULL },
		{ "a b@c", NULL },
		{ "a@b>x", NULL },
		{ ".a@b", NULL },
		{ "a..b@docomo.example", NULL },
		{ "a@[192.0.2.1]", "<a@[192.0.2.1]>" },
		{ "a@b@c", NULL },
		{ "日@b", NULL },
		{ "a@b\r\nX: y", NULL },
		{ "a!&$@b-_c", "<a!&$@b-_c>" },
	};
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		set(&setup.message->message_id, cases[i].id);
		if (*cases[i].id != '\0') {
			g_ptr_array_add(setup.message->in_reply_to, g_strdup(cases[i].id));
			g_ptr_array_add(setup.message->references, g_strdup(cases[i].id));
		}
		g_autoptr(CleanMessage) clean = assembled(&setup);
		const char *id = field(clean, "Message-ID");
		g_assert_true(g_hash_table_add(seen, g_strdup(id)));
		if (cases[i].expected != NULL)
			g_assert_cmpstr(id, ==, cases[i].expected);
		else
			g_assert_true(g_str_has_suffix(id, "@mugai.invalid>"));
		g_assert_cmpstr(field(clean, "In-Reply-To"), ==, *cases[i].id != '\0' ? id : "");
		g_assert_cmpstr(field(clean, "References"), ==, *cases[i].id != '\0' ? id : "");
	}
}

static void test_times(void)
{
	static const struct {
		int64_t seconds;
		int zone;
		const char *date, *told; /* NULL: nothing is */
	} cases[] = {
		{ 1704034800, 540, "Mon, 1 Jan 2024 00:00:00 +0900", NULL },
		{ 1704034800, -300, "Sun, 31 Dec 2023 10:00:00 -0500",
		  "2024-01-01 00:00:00 +0900 (2023-12-31 10:00:00 -0500)" },
		{ 1704034800, 0, "Sun, 31 Dec 2023 15:00:00 +0000",
		  "2024-01-01 00:00:00 +0900 (2023-12-31 15:00:00 +0000)" },
		{ 1709132400, 840, "Thu, 29 Feb 2024 05:00:00 +1400",
		  "2024-02-29 00:00:00 +0900 (2024-02-29 05:00:00 +1400)" },
		{ -2208988800, 0, "Mon, 1 Jan 1900 00:00:00 +0000",
		  "1900-01-01 09:00:00 +0900 (1900-01-01 00:00:00 +0000)" },
		{ 253402300799, 0, "Fri, 31 Dec 9999 23:59:59 +0000",
		  "10000-01-01 08:59:59 +0900 (9999-12-31 23:59:59 +0000)" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		setup.message->date = cases[i].seconds;
		setup.message->date_zone = cases[i].zone;
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean);
		g_assert_cmpstr(field(clean, "Date"), ==, cases[i].date);
		g_assert_true((strstr(text, "日本時間") != NULL) == (cases[i].told != NULL));
		g_assert_true(cases[i].told == NULL || strstr(text, cases[i].told) != NULL);
	}
}

static void test_zoneless(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	setup.message->date = 1704034800;
	setup.message->date_zone = 0;
	setup.message->date_zoneless = true;
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *text = text_of(clean);
	g_assert_cmpstr(field(clean, "Date"), ==, "Sun, 31 Dec 2023 15:00:00 +0000");
	g_assert_nonnull(strstr(text, "2024-01-01 00:00:00 +0900 (2023-12-31 15:00:00)\r\n"));
	g_assert_nonnull(strstr(text, "協定世界時とみなしました"));
}

/* Dated later than it came, by a day and no more, and by more. */
static void test_future(void)
{
	for (int64_t late = 86399; late < 86403; late++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		setup.message->date = setup.input.arrival + late;
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean);
		g_assert_true((strstr(text, "届いた日時より 1 日以上あと") != NULL) == (late > 86400));
	}
}

static void test_undisclosed(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	setup.message->undisclosed = true;
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_assert_cmpstr(field(clean, "To"), ==, "undisclosed-recipients:;");
	add_address(setup.message->cc, "", "a", "b");
	g_autoptr(CleanMessage) named = assembled(&setup);
	g_assert_cmpstr(field(named, "To"), ==, "");
}

static void test_subjects(void)
{
	static const struct {
		const char *subject, *expected;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "  a   b ", "a b" },
		{ "a=?b", "=?UTF-8?B?YT0/Yg==?=" },
		{ "件名", "=?UTF-8?B?5Lu25ZCN?=" },
		{ "a\r\nBcc: evil", "a Bcc: evil" },
		{ "\u200B", "" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		set(&setup.message->subject, cases[i].subject);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_assert_cmpstr(field(clean, "Subject"), ==, cases[i].expected);
	}
}

/* Every length, every kind: the form holds (assembled() looks) and the text comes back. */
static void test_folding(void)
{
	static const char *const units[] = { "a", "ab ", "あ", "か\u3099", "👩\u200D👧", "葛\U000E0100" };
	for (size_t unit = 0; unit < G_N_ELEMENTS(units); unit++) {
		for (unsigned count = 1; count < 200; count += 1 + count / 20) {
			g_auto(Setup) setup;
			setup_init(&setup);
			g_autoptr(GString) subject = g_string_new(NULL);
			for (unsigned i = 0; i < count; i++)
				g_string_append(subject, units[unit]);
			set(&setup.message->subject, subject->str);
			add_address(setup.message->to, subject->str, "a", "example.com");
			g_autoptr(CleanMessage) clean = assembled(&setup);
		}
	}
}

/* The words of an encoded value, joined; each must begin with a base when starts is true. */
static char *decoded_words(const char *value, bool starts)
{
	GString *all = g_string_new(NULL);
	g_auto(GStrv) words = g_strsplit_set(value, " \n", -1);
	for (char **word = words; *word != NULL; word++) {
		gsize length = 0;
		if (**word == '\0')
			continue;
		g_autofree char *inner = g_strndup(*word + 10, strlen(*word) - 12);
		g_autofree char *text = (char *)g_base64_decode(inner, &length);
		g_autofree char *safe = g_strndup(text, length);
		g_assert_true(!starts || clean_width(g_utf8_get_char(safe)) > 0);
		g_string_append(all, safe);
	}
	return g_string_free(all, FALSE);
}

static void test_words_keep_sequences(void)
{
	for (unsigned lead = 0; lead < 8; lead++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		g_autoptr(GString) subject = g_string_new(NULL);
		g_string_append_printf(subject, "%.*s", (int)lead, "abcdefgh");
		for (unsigned i = 0; i < 60; i++)
			g_string_append(subject, i % 2 == 0 ? "か\u3099" : "👩\u200D👧");
		set(&setup.message->subject, subject->str);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *back = decoded_words(field(clean, "Subject"), true);
		g_assert_cmpstr(back, ==, subject->str);
	}
}

static void test_long_subjects(void)
{
	static const struct {
		const char *unit;
		unsigned count;
		bool cut;
	} cases[] = { { "a", 2000, false },
		      { "a", 2001, true },
		      { "あ", 2000, false },
		      { "あ", 2001, true },
		      { "a", 900, false } };
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		g_autoptr(GString) subject = g_string_new(NULL);
		for (unsigned n = 0; n < cases[i].count; n++)
			g_string_append(subject, cases[i].unit);
		set(&setup.message->subject, subject->str);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean);
		g_assert_cmpint(strstr(text, "件名が長い") != NULL, ==, cases[i].cut);
	}
}

static unsigned count_of(const char *text, const char *word)
{
	unsigned count = 0;
	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		count++;
	return count;
}

static void test_caps_on_lists(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	g_autofree char *long_name = g_strnfill(1000, 'n');
	for (unsigned i = 0; i < 1500; i++) {
		add_address(setup.message->from, "", "f", "x");
		add_address(setup.message->to, "", "t", "x");
		add_address(setup.message->cc, long_name, "c", "example.com");
		add_address(setup.message->sender, "", "s", "x");
		g_ptr_array_add(setup.message->references, g_strdup_printf("%u@x", i));
	}
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_assert_cmpuint(count_of(field(clean, "From"), "f@x"), ==, 19);
	g_assert_cmpuint(count_of(field(clean, "To"), "t@x"), ==, 1000);
	g_assert_cmpuint(count_of(field(clean, "Sender"), "s@x"), ==, 1);
	g_assert_cmpuint(strlen(field(clean, "Cc")), <, 59000);
	g_assert_cmpuint(count_of(field(clean, "Cc"), "c@example.com"), >, 20);
	g_assert_cmpuint(count_of(field(clean, "References"), "@x>"), ==, 100);
	g_assert_true(g_str_has_prefix(field(clean, "References"), "<0@x> <1401@x>"));
	g_assert_true(g_str_has_suffix(field(clean, "References"), "<1499@x>"));
	g_autofree char *text = text_of(clean);
	g_assert_nonnull(strstr(text, "差出人（From）が多いため、1481 件"));
	g_assert_nonnull(strstr(text, "宛先（To）が多いため、500 件"));
	g_assert_nonnull(strstr(text, "情報のうち、1400 件"));
}

static void test_many_lost_addresses(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	for (unsigned i = 0; i < 25; i++)
		add_address(setup.message->to, "", "root", "");
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *text = text_of(clean);
	g_assert_cmpuint(count_of(text, "「root」"), ==, 10);
	g_assert_nonnull(strstr(text, "ほかに 15 件"));
}

/* ---- texts ------------------------------------------------------------------------------------ */

#define RUN_64 "Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define RUN_63 "Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define GONE_64 "（符号化されたデータ 64 文字を取り除きました）"

typedef struct {
	const char *name, *body;
	const char *expected; /* between head and foot, LF */
} BodyCase;

static const BodyCase body_cases[] = {
	{ "empty", "", "（本文はありません）\n" },
	{ "blank", "\n \n　\n", "（本文はありません）\n" },
	{ "trimmed", "\n\na\n\nb\n \n\n", "a\n\nb\n" },
	{ "run of 63", RUN_63, RUN_63 "\n" },
	{ "run of 64", RUN_64, GONE_64 "\n" },
	{ "run in a line", "x: " RUN_64 "==; y", "x: " GONE_64 "; y\n" },
	{ "over lines", "> Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n> | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa。",
	  "> " GONE_64 "。\n" },
	{ "over a quoted blank", "Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n> \naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  GONE_64 "\n" },
	{ "empty line ends", "Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" },
	{ "no digit", "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" },
	{ "url", "見て https://e/" RUN_64 " x", "見て https://e/" RUN_64 " x\n" },
	{ "url defanged", "hXXps[:]//e/" RUN_64, "hXXps[:]//e/" RUN_64 "\n" },
	{ "url inside a word", "xhttp://e/" RUN_64, "xhttp://e/" RUN_64 "\n" },
	{ "url ends", "http://e/\"" RUN_64, "http://e/\"" GONE_64 "\n" },
	{ "no url", "data://e/" RUN_63, "data:（符号化されたデータ 67 文字を取り除きました）\n" },
	{ "selector after a run", RUN_63 "9\uFE0F\u20E3", GONE_64 "\u20E3\n" },
	{ "mark after a run", RUN_64 "\u0301x", GONE_64 "\u0301x\n" },
	{ "begin behind a run", RUN_64 "\n> begin 644 x\n",
	  GONE_64 "\n（符号化されたデータ 13 文字を取り除きました）\n" },
	{ "notice behind a run", RUN_64 "【無害化】x", "> " GONE_64 "【無害化】x\n" },
	{ "begin alone", "a\nbegin 644 x\nThis is a text.\nb",
	  "a\n（符号化されたデータ 11 文字を取り除きました）\nThis is a text.\nb\n" },
	{ "short words, each in its line",
	  "Name1\nAddress\nTelephone\nOrganisation\nDepartment\nResponsible\nRemark",
	  "Name1\nAddress\nTelephone\nOrganisation\nDepartment\nResponsible\nRemark\n" },
	{ "lines of 15",
	  "Aa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa",
	  "Aa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaa\n" },
	{ "lines of 16", "Aa0aaaaaaaaaaaaa\nAa0aaaaaaaaaaaaa\nAa0aaaaaaaaaaaaa\nAa0aaaaaaaaaaaaa",
	  GONE_64 "\n" },
	{ "a line of 15 ends the run",
	  "Aa0aaaaaaaaaaaaa\nAa0aaaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaaa\nb",
	  "Aa0aaaaaaaaaaaaa\nAa0aaaaaaaaaaaaa\nAa0aaaaaaaaaaaa\nAa0aaaaaaaaaaaaa\nb\n" },
	{ "a line with more in it ends the run",
	  "x Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\naaaaaaaaaaaaaaaaaaaa",
	  "x Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\naaaaaaaaaaaaaaaaaaaa\n" },
	{ "trailing blanks",
	  "> Aa0aaaaaaaaaaaaaaaaaaaaaaaaaaaaa 　\n>  \n aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa= b",
	  "> " GONE_64 " b\n" },
	{ "trailing blanks stay", RUN_64 "  \n>\n。", GONE_64 "  \n>\n。\n" },
	{ "begin with 7 digits", "begin 0644000 x", "begin 0644000 x\n" },
	{ "begin with 6 digits", "begin 100644 x", "（符号化されたデータ 14 文字を取り除きました）\n" },
	{ "begin with 1 digit", "begin 7　x", "（符号化されたデータ 9 文字を取り除きました）\n" },
	{ "begin without a name", "begin 644", "begin 644\n" },
	{ "begin and a name", "> Begin  \tevil.exe\nbegin  644\n", "> Begin evil.exe\nbegin 644\n" },
	{ "begin and a run", "begin  " RUN_64, "begin " GONE_64 "\n" },
	{ "begin a word", "begin with 644 x", "begin with 644 x\n" },
	{ "pgp",
	  "a\n-----BEGIN PGP MESSAGE-----\nVersion: x\n\nhQEMA0123456789abcdef\nyw==\n=a+b1\n-----END PGP "
	  "MESSAGE-----\nb",
	  "a\n（符号化されたデータ 98 文字を取り除きました）\nb\n" },
	{ "pgp quoted, open",
	  "> -----begin PGP message, PART 1/2\n> \n> hQEMA0123456789abcdef\n> yw\nHello\nthere is more",
	  "（符号化されたデータ 61 文字を取り除きました）\n> yw\nHello\nthere is more\n" },
	{ "pgp alone", "-----BEGIN PGP MESSAGE-----\n\nHello\n",
	  "（符号化されたデータ 27 文字を取り除きました）\n\nHello\n" },
	{ "pgp signed", "-----BEGIN PGP SIGNED MESSAGE-----\nx", "-----BEGIN PGP SIGNED MESSAGE-----\nx\n" },
	{ "begin quoted", "> 　|BEGIN  0755  x", "（符号化されたデータ 18 文字を取り除きました）\n" },
	{ "begin-base64", "begin-base64 644 x\nQUJD\n====\nz",
	  "（符号化されたデータ 28 文字を取り除きました）\nz\n" },
	{ "yenc open", "=ybegin line=1\nabc\n=ybegin line=1\ndef",
	  "（符号化されたデータ 14 文字を取り除きました）\nabc\n（符号化されたデータ 14 "
	  "文字を取り除きました）\ndef\n" },
	{ "yenc word", "=ybeginning", "=ybeginning\n" },
	{ "binhex", "(This file MUST be converted with BinHex 4.0)\n\n:abc\ndef:\nz",
	  "（符号化されたデータ 56 文字を取り除きました）\nz\n" },
	{ "imitation", "【無害化】x", "> 【無害化】x\n" },
	{ "imitation after a blank", " 　【無害化】x", ">  　【無害化】x\n" },
	{ "imitation, brackets", "[MuGai] x\n（無害化）x\n＜ｍｕｇａｉ＞\n『無害化",
	  "> [MuGai] x\n> （無害化）x\n> ＜ｍｕｇａｉ＞\n> 『無害化\n" },
	{ "imitation behind rtl mark", "\u200F【無害化】א", "> \u200F【無害化】א\n" },
	{ "imitation in the middle", "これは【無害化】です", "> これは【無害化】です\n" },
	{ "imitation in the middle, selector inside", "は【無\U000E0100害化】",
	  "> は【無\U000E0100害化】\n" },
	{ "blanks inside, in the middle", "は【無 害化】", "は【無 害化】\n" },
	{ "imitation behind signs", "■━＊\"【無 害 化】x\n-- [ mugai ]",
	  "> ■━＊\"【無 害 化】x\n> -- [ mugai ]\n" },
	{ "no bracket", "無害化とmugaiの件", "無害化とmugaiの件\n" },
	{ "imitation quoted", "> 【無害化】x", "> 【無害化】x\n" },
	{ "imitation, mark inside", "【無\u0332害化】", "> 【無\u0332害化】\n" },
	{ "imitation behind removed", "\u200B【無害化】", "> 【無害化】\n" },
	{ "other bracket", "【重要】x", "【重要】x\n" },
};

static char *body_between(const char *text)
{
	g_autofree char *lf = g_strdup(text);
	char *to = lf;
	for (const char *from = lf; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	const char *start = lf;
	while (g_str_has_prefix(start, "【無害化】"))
		start = strchr(start, '\n') + 1;
	start += start > lf;
	const char *stop = g_strrstr(start, "\n\n【無害化】----- ");
	return g_strndup(start, (gsize)(stop + 1 - start));
}

static void test_bodies(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(body_cases); i++) {
		const BodyCase *c = &body_cases[i];
		g_test_message("%s", c->name);
		g_auto(Setup) setup;
		setup_init(&setup);
		set(&setup.message->body, c->body);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean), *body = body_between(text);
		g_assert_cmpstr(body, ==, c->expected);
	}
}

/* Mixtures of everything that the rules look for; assembled() judges the result. */
static void test_nasty_bodies(void)
{
	static const char *const pieces[] = {
		"begin 644 x",
		"begin",
		" 644 x",
		"\n",
		"\n\n",
		"> ",
		"| ",
		"　",
		" ",
		"=ybegin ",
		"=yend",
		"end\n",
		"`\n",
		"Aa0Aa0Aa0Aa0Aa0Aa0Aa0Aa0",
		"AAAAAAAAAAAAAAAAAAAAAAAA",
		"0",
		"\uFE0F",
		"\u0301",
		"\u3099",
		"http",
		"s",
		"[",
		":",
		"]",
		"//",
		"://",
		"【",
		"無害化",
		"】",
		"mugai",
		"ｍ",
		"[",
		"(",
		"א",
		"\u202B",
		"\u202C",
		"\u200F",
		"\u200D",
		"👩",
		"begin  ",
		"-----BEGIN PGP MESSAGE",
		"-----END PGP MESSAGE-----\n",
		"@",
		"\\",
		".",
		"/",
		"data:",
		"　\n",
		"must be converted",
		" with binhex",
		"==",
		"\u200B",
		"<",
		"あ",
		"begin-base64 644 y\n",
		"====\n",
		":",
		"م",
	};
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	for (unsigned round = 0; round < 6000; round++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		g_autoptr(GString) body = g_string_new(NULL);
		gint32 count = g_rand_int_range(rand, 1, 20), kinds = g_rand_int_range(rand, 2, 8), chosen[8];
		for (gint32 i = 0; i < kinds; i++)
			chosen[i] = g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces));
		for (gint32 i = 0; i < count; i++)
			g_string_append(body, pieces[chosen[g_rand_int_range(rand, 0, kinds)]]);
		set(&setup.message->body, body->str);
		add_text(&setup.input, body->str, body->str);
		add_part(setup.message, body->str, body->str, body->str, 1);
		set(&setup.message->subject, body->str);
		add_address(setup.message->to, body->str, body->str, "x");
		g_autoptr(CleanMessage) clean = assembled(&setup);
	}
}

static void test_quotes(void)
{
	static const struct {
		const char *outside, *expected;
	} cases[] = {
		{ "a.pdf", "「a.pdf」" },
		{ "「a」", "「｢a｣」" },
		{ "http://a WWW.b mailto:c TEL:1 ftp.d",
		  "「http[:]//a WWW[.]b mailto[:]c TEL[:]1 ftp[.]d」" },
		{ "a\r\n【無害化】b\u202E", "「a 【無害化】b」" },
		{ "", "「」" },
		{ "\\\\host\\c$ a\\\\\\b", "「[\\][\\]host\\c$ a[\\][\\][\\]b」" },
		{ "a@b [@] @", "「a[@]b [@] [@]」" },
		{ "SIP:a sms:b hotel:c news:d file:e metadata:f JavaScript:g re:h",
		  "「SIP[:]a sms[:]b hotel[:]c news[:]d file[:]e metadata[:]f JavaScript[:]g re:h」" },
		{ "evil.example.com/a.exe b.c d/e.f [.]/", "「evil[.]example[.]com/a.exe b.c d/e.f [.]/」" },
		{ "あ.い/う", "「あ[.]い/う」" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.1234567890123456@example",
		  "「aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.1234567890123456[…」" },
		{ RUN_64, "「Aa0aaaaaaaaaaaaaaaaaaaaaaa…」" },
		{ "あああああああああああああああああああああああああああああああああああああああああ",
		  "「あああああああああああああああああああああああああああああああああああああああ…」" },
		{ "ああああああああああああああああああああああああああああああああああああああああ",
		  "「ああああああああああああああああああああああああああああああああああああああああ」" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) line = g_string_new(NULL);
		notice_quote(line, cases[i].outside);
		g_assert_cmpstr(line->str, ==, cases[i].expected);
	}
}

static void test_part_list_is_capped(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	for (unsigned i = 0; i < 250; i++)
		add_part(setup.message, "1", "x", "a/b", UINT64_MAX);
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *text = text_of(clean);
	g_assert_cmpuint(count_of(text, "「x」"), ==, 200);
	g_assert_nonnull(strstr(text, "ほか 50 件\r\n"));
	g_assert_nonnull(strstr(text, "添付ファイル 250 件を取り除きました"));
	g_assert_cmpstr(field(clean, "X-Mugai-Result"), ==, "deliver; parts=250; removed=250; converted=0");
}

static void test_every_reason_is_told(void)
{
	for (int language = CONF_LANGUAGE_JA; language <= CONF_LANGUAGE_EN; language++)
		for (int reason = 0; reason < PART_REASON_COUNT; reason++) {
			g_auto(Setup) setup;
			setup_init(&setup);
			setup.input.notices = built_in[language];
			add_part(setup.message, "2", "x", "a/b", 1)->reason = (PartReason)reason;
			setup.message->limits = MESSAGE_LIMIT_ALL;
			g_autoptr(CleanMessage) clean = assembled(&setup);
			g_autofree char *text = text_of(clean);
			g_assert_nonnull(
			        strstr(text, notice_part_reason((PartReason)reason, built_in[language])));
		}
	g_assert_nonnull(notice_part_reason((PartReason)999, built_in[CONF_LANGUAGE_JA]));
}

/* ---- attachments ------------------------------------------------------------------------------ */

static void test_names(void)
{
	static const struct {
		const char *outside, *expected;
	} cases[] = {
		{ "a.html", "a_html.txt" },
		{ "A.HTML", "A_HTML_2.txt" },
		{ "a.html", "a_html_3.txt" },
		{ "a_html_3", "a_html_3_2.txt" },
		{ "", "part.txt" },
		{ "part", "part_2.txt" },
		{ "../../etc/passwd", "______etc_passwd.txt" },
		{ "C:\\x*?\"<>|", "C__x______.txt" },
		{ "か\u3099", "が.txt" },
		{ "x\u0302\u0302", "x.txt" },
		{ "漢\u3099\u309A", "漢\u3099.txt" },
		{ " \u202Efdp", "fdp.txt" },
		{ "\u0301", "part_3.txt" },
	};
	g_autoptr(MimeNames) names = mime_names_new();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = mime_names_make(names, cases[i].outside, "txt");
		g_assert_cmpstr(name, ==, cases[i].expected);
	}
	g_autofree char *again = mime_names_make(names, "a.html.TXT", "txt"),
	                *pdf = mime_names_make(names, "資料.Pdf", "pdf"),
	                *bare = mime_names_make(names, ".pdf", "pdf");
	g_assert_cmpstr(again, ==, "a_html_4.txt");
	g_assert_cmpstr(pdf, ==, "資料.pdf");
	g_assert_cmpstr(bare, ==, "_pdf.pdf");
	g_autofree char *long_claim = g_strnfill(5000, 'a'),
	                *name = mime_names_make(names, long_claim, "txt");
	g_assert_cmpint(g_utf8_strlen(name, -1), <=, 120);
}

static void test_disposition(void)
{
	static const struct {
		const char *name, *expected;
	} cases[] = {
		{ "a.txt", "attachment;\r\n filename*=UTF-8''a.txt" },
		{ "a b'%.txt", "attachment;\r\n filename*=UTF-8''a%20b%27%25.txt" },
		{ "日本語日本.txt",
		  "attachment;\r\n filename*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E%E6%97%A5%E6%9C%AC.txt" },
		{ "日本語日本語日本語.txt",
		  "attachment;\r\n "
		  "filename*0*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E%E6%97%A5%E6%9C%AC%E8%AA%9E%E6%97;"
		  "\r\n filename*1*=%A5%E6%9C%AC%E8%AA%9E.txt" },
		{ "a日本語日本語日本語.txt",
		  "attachment;\r\n "
		  "filename*0*=UTF-8''a%E6%97%A5%E6%9C%AC%E8%AA%9E%E6%97%A5%E6%9C%AC%E8%AA%9E%E6;"
		  "\r\n filename*1*=%97%A5%E6%9C%AC%E8%AA%9E.txt" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *value = mime_disposition(cases[i].name);
		g_assert_cmpstr(value, ==, cases[i].expected);
	}
}

static void test_base64_lines(void)
{
	g_autofree char *bytes = g_strnfill(200, 'x');
	for (size_t length = 0; length < 200; length++) {
		g_autoptr(GString) out = g_string_new(NULL);
		mime_base64(out, bytes, length);
		g_assert_cmpuint(out->len, ==, mime_base64_size(length));
		const char *at = out->str;
		g_autofree char *back = message_rule_base64(&at);
		g_assert_nonnull(back);
		g_assert_cmpuint(strlen(back), ==, length);
	}
}

static void test_many_texts(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	g_autofree char *line = g_strnfill(4001, 'x');
	for (unsigned i = 0; i < 1005; i++)
		add_text(&setup.input, "same", line);
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_assert_cmpstr(field(clean, "X-Mugai-Result"), ==, "deliver; parts=1005; removed=5; converted=1000");
	g_autofree char *text = first_text_of(clean);
	g_assert_nonnull(strstr(text, "添付ファイル 5 件を取り除きました"));
	g_assert_nonnull(strstr(text, "添付ファイル 1000 件を、"));
	for (unsigned i = 0; i < 1005; i++)
		g_assert_cmpint(part_of(&setup, i)->reason, ==,
		                i < 1000 ? PART_REASON_NONE : PART_REASON_SIZE);
}

/* Short ones stand in the text until there are too many. */
static void test_texts_inside(void)
{
	static const struct {
		unsigned count, chars, inside;
	} cases[] = {
		{ 1, 0, 1 }, { 1, 3999, 1 }, { 1, 4000, 0 }, { 5, 3999, 5 }, { 6, 3999, 5 }, { 300, 99, 200 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		g_autofree char *line = g_strnfill(cases[i].chars, 'x');
		g_autofree char *whole = g_strconcat(line, "\n", NULL);
		for (unsigned n = 0; n < cases[i].count; n++)
			add_text(&setup.input, "a.txt", whole);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = first_text_of(clean);
		g_test_message("%u of %u", cases[i].count, cases[i].chars);
		g_assert_cmpuint(count_of(text, "――― 「a.txt」 の文字 ―――\r\n"), ==, cases[i].inside);
		g_assert_cmpint(strstr(field(clean, "Content-Type"), "multipart") != NULL, ==,
		                cases[i].inside < cases[i].count);
	}
}

/* A name is a string of the mail in the title, too. */
static void test_titles(void)
{
	static const struct {
		const char *name, *expected;
	} cases[] = {
		{ "", "\r\n\r\n――― 「2」 の文字 ―――\r\nx\r\n\r\n【無害化】-----" },
		{ "a」の文字 ―――\r\n【無害化】にせ",
		  "\r\n> ――― 「a｣の文字 ――― 【無害化】にせ」 の文字 ―――\r\nx" },
		{ "mugai.pdf", "\r\n> ――― 「mugai.pdf」" },
		{ "http://a.example/x.pdf", "――― 「http[:]//a[.]example/x.pdf」" },
		{ "must be converted with binhex.pdf", "――― 「must be converted with bin…」" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		add_text(&setup.input, cases[i].name, "x\n\n");
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean);
		if (strstr(text, cases[i].expected) == NULL)
			g_error("%s", text);
	}
}

/* ---- what does not fit ------------------------------------------------------------------------- */

static GBytes *spare_bytes(size_t length)
{
	char *bytes = g_strnfill(length, '\n');
	memcpy(bytes, "%PDF-", 5);
	return g_bytes_new_take(bytes, length);
}

/* PDFs of these sizes, in units of 1000 bytes; the bytes inside are none that the checker would take. */
static void test_size_of_pdfs(void)
{
	static const struct {
		uint64_t max_bytes, max_image_pdf;
		unsigned sizes[5];
		const char *kept; /* by part */
	} cases[] = {
		{ 45000000, 30000000, { 100, 200, 300 }, "yyy" },
		{ 45000000, 600000, { 100, 200, 300 }, "yyy" },
		{ 45000000, 599999, { 100, 200, 300 }, "yyn" },
		{ 45000000, 250000, { 100, 200, 300 }, "ynn" },
		{ 45000000, 99999, { 100, 200, 300 }, "nnn" },
		{ 45000000, 250000, { 100, 100, 100 }, "yyn" },
		/* base64 adds a third and the line ends */
		{ 1000000, 30000000, { 100, 200, 300, 100 }, "yyyy" },
		{ 1000000, 30000000, { 100, 200, 300, 200 }, "yyny" },
		{ 1000000, 30000000, { 700, 100 }, "ny" },
		{ 1000000, 30000000, { 100, 700 }, "yn" },
		{ 1000000, 30000000, { 1000, 1 }, "ny" },
		{ 1000000, 30000000, { 200, 200, 200, 200, 200 }, "yyynn" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		setup.input.max_bytes = cases[i].max_bytes;
		setup.input.max_image_pdf = cases[i].max_image_pdf;
		for (unsigned n = 0; n < 5 && cases[i].sizes[n] > 0; n++) {
			add_pdf(&setup.input, "a.pdf", "application/pdf", RENDER_FORMAT_PDF);
			PdfAttachment *last = g_ptr_array_index(setup.input.pdfs, n);
			g_bytes_unref(last->pdf);
			last->pdf = spare_bytes(cases[i].sizes[n] * 1000);
		}
		g_autoptr(GError) error = NULL;
		g_autoptr(CleanMessage) clean = assemble_message(&setup.input, &error);
		g_assert_no_error(error);
		g_autofree char *bytes = bytes_of(clean, true), *text = first_text_of(clean);
		g_assert_cmpuint(strlen(bytes), <=, cases[i].max_bytes);
		g_assert_cmpstr(message_rules(bytes, strlen(bytes)), ==, NULL);
		unsigned kept = count_of(bytes, "Content-Type: application/pdf\r\n");
		g_autofree char *got = g_strdup("");
		for (guint n = 0; n < setup.message->parts->len; n++) {
			bool there = part_of(&setup, n)->action != PART_ACTION_REMOVE;
			g_autofree char *before = g_steal_pointer(&got);
			got = g_strconcat(before, there ? "y" : "n", NULL);
			g_assert_cmpint(part_of(&setup, n)->reason, ==,
			                there ? PART_REASON_NONE : PART_REASON_SIZE);
		}
		g_test_message("%zu", i);
		g_assert_cmpstr(got, ==, cases[i].kept);
		g_assert_cmpuint(kept, ==, count_of(got, "y"));
		g_assert_cmpuint(count_of(text, "このメールに付けられる大きさか数を超える"), ==,
		                 count_of(got, "n"));
		/* A second time: what was let go of stays away, and nothing else goes. */
		g_autoptr(CleanMessage) again = assemble_message(&setup.input, NULL);
		g_assert_nonnull(again);
		g_assert_true(g_bytes_equal(clean->body, again->body));
	}
}

/* A text that alone is larger than a message does not take the mail with it. */
static void test_size_of_texts(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	setup.input.max_bytes = 1024 * 1024;
	g_autoptr(GString) large = g_string_new(NULL);
	for (unsigned i = 0; i < 40000; i++)
		g_string_append(large, "あいうえお かきくけこ\n");
	g_autofree char *small = g_strndup(large->str, 31 * 300);
	add_text(&setup.input, "large.txt", large->str);
	add_text(&setup.input, "small.txt", small);
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_assert_cmpint(part_of(&setup, 0)->reason, ==, PART_REASON_SIZE);
	g_assert_cmpint(part_of(&setup, 1)->action, ==, PART_ACTION_TEXT);
	g_assert_cmpstr(field(clean, "X-Mugai-Result"), ==, "deliver; parts=2; removed=1; converted=1");
}

/* What was made must be there, and nothing else. */
static void test_wrong_attachments(void)
{
	enum { NO_PDF, NO_TEXT, NO_CONVERSION, TWICE, NO_SUCH_PART, CASES };
	for (int i = 0; i < CASES; i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		add_pdf(&setup.input, "a.pdf", "application/pdf", RENDER_FORMAT_PDF);
		add_text(&setup.input, "a.txt", "x");
		g_ptr_array_set_size(setup.input.pdfs, i == NO_PDF ? 0 : 1);
		g_ptr_array_set_size(setup.input.texts, i == NO_TEXT ? 0 : 1);
		if (i == NO_CONVERSION)
			g_clear_pointer(&part_of(&setup, 1)->conversion, g_free);
		if (i == TWICE)
			attach_pdf(&setup.input, 0, pdf_sample());
		if (i == NO_SUCH_PART)
			attach_text(&setup.input, 2, "x");
		for (int decision = DECISION_DELIVER; decision <= DECISION_NOTICE_ONLY; decision++) {
			g_autoptr(GError) error = NULL;
			setup.input.decision = (Decision)decision;
			g_autoptr(CleanMessage) clean = assemble_message(&setup.input, &error);
			/* The last resort of a mail does not look at them. */
			if (decision == DECISION_DELIVER)
				g_assert_error(error, ASSEMBLE_ERROR, ASSEMBLE_ERROR_VALUE);
			else
				g_assert_no_error(error);
		}
	}
}

/* Of a part that was removed nothing is written, whatever was made of it. */
static void test_removed_part_has_nothing(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	add_pdf(&setup.input, "a.pdf", "application/pdf", RENDER_FORMAT_PDF);
	add_text(&setup.input, "a.txt", "secret");
	part_of(&setup, 0)->action = PART_ACTION_REMOVE;
	part_of(&setup, 1)->action = PART_ACTION_REMOVE;
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *text = text_of(clean);
	g_assert_null(strstr(text, "secret"));
	g_assert_cmpstr(field(clean, "X-Mugai-Result"), ==, "deliver; parts=2; removed=2; converted=0");
}

/* A picture of the text that became an image PDF is not one that is not shown. */
static void test_pictures_of_the_text(void)
{
	for (unsigned converted = 0; converted <= 2; converted++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		set(&setup.message->body, "お世話になっております。図を二つお送りしますので、内容をご確認のう"
		                          "え、今週中にお返事をください。\n");
		setup.message->pictures = 3; /* one of them elsewhere */
		for (unsigned i = 0; i < 2; i++) {
			if (i < converted)
				add_pdf(&setup.input, "図.png", "image/png", RENDER_FORMAT_PNG);
			else
				add_part(setup.message, "2", "図.png", "image/png", 1);
			part_of(&setup, i)->flags = MESSAGE_PART_INLINE;
		}
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = first_text_of(clean);
		g_assert_nonnull(strstr(text, "画像 1 枚は、ここには表示していません。"));
		g_assert_true((strstr(text, "を取り除きました") != NULL) == (converted < 2));
		g_assert_true((strstr(text, "安全な形に作り直しました") != NULL) == (converted > 0));
	}
}

static void test_every_failure_is_told(void)
{
	for (int language = CONF_LANGUAGE_JA; language <= CONF_LANGUAGE_EN; language++) {
		g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		for (int status = RENDER_STATUS_COMPLETE; status < RENDER_STATUS_COUNT; status++) {
			g_auto(Setup) setup;
			setup_init(&setup);
			setup.input.notices = built_in[language];
			MessagePart *part = add_part(setup.message, "2", "x", "a/b", 1);
			convert_part(part, PART_ACTION_IMAGE_PDF, RENDER_FORMAT_UNKNOWN);
			conversion_fail(part, (RenderStatus)status);
			g_autoptr(CleanMessage) clean = assembled(&setup);
			g_autofree char *text = text_of(clean);
			const char *at = strstr(text, "「x」");
			g_assert_nonnull(at);
			bool fresh = g_hash_table_add(told, g_strndup(at, strcspn(at, "\r")));
			/* "jailed" is the number of those before it, no status. */
			g_assert_cmpint(fresh, ==, status != RENDER_STATUS_JAILED);
		}
	}
}

static void test_notice_only_shows_nothing(void)
{
	for (int decision = DECISION_NOTICE_ONLY; decision <= DECISION_HOLD; decision++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		setup.input.decision = (Decision)decision;
		set(&setup.message->body, "secret body");
		add_text(&setup.input, "x", "secret text");
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean);
		g_assert_null(strstr(text, "secret"));
		g_assert_nonnull(strstr(text, "インターネット側のメールボックスにあります"));
		g_assert_cmpstr(field(clean, "Content-Type"), ==, "text/plain; charset=UTF-8");
	}
}

static void test_alternatives(void)
{
	static const struct {
		ConfLanguage language;
		const char *told, *original;
	} cases[] = {
		{ CONF_LANGUAGE_JA, "本文には別の形式もありましたが（2 件）、ここには載せていません。",
		  "元のメールは、インターネット側のメールボックスにあります。" },
		{ CONF_LANGUAGE_EN, "Other forms of the text that are not shown here: 2.",
		  "The original is in your mailbox on the internet side." },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		setup.input.notices = built_in[cases[i].language];
		add_part(setup.message, "1.2", "", "text/html", 1)->flags = MESSAGE_PART_BODY_ALTERNATIVE;
		add_part(setup.message, "1.3", "", "text/html", 1)->flags = MESSAGE_PART_BODY_ALTERNATIVE;
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean);
		g_assert_cmpuint(count_of(text, cases[i].told), ==, 1);
		g_assert_cmpuint(count_of(text, cases[i].original), ==, 1);
		g_assert_null(strstr(text, "1.2"));
		g_assert_nonnull(strstr(text, "----- 3 -----"));
		setup.input.decision = DECISION_NOTICE_ONLY;
		g_autoptr(CleanMessage) hidden = assembled(&setup);
		g_autofree char *hidden_text = text_of(hidden);
		g_assert_null(strstr(hidden_text, cases[i].told));
		g_assert_nonnull(strstr(hidden_text, "1.2"));
	}
}

typedef struct {
	const char *name;
	void (*make)(Message *message);
	const char *head, *told; /* what a line of the notice holds, NULL: no such line */
	bool warned;
} ToldCase;

static void make_links(Message *message)
{
	message->link_mismatches = 3;
}

static void make_flagged(Message *message)
{
	message->links_flagged = UINT64_MAX;
}

static void make_password(Message *message)
{
	message->password_fields = 1;
}

static void make_differs(Message *message)
{
	message->alternative_differs = true;
	message->body_source = BODY_HTML;
}

static void make_differs_plain(Message *message)
{
	message->alternative_differs = true;
}

static void make_hidden_40(Message *message)
{
	message->hidden_chars = 40;
}

static void make_hidden_41(Message *message)
{
	message->hidden_chars = 41;
}

static void make_preamble(Message *message)
{
	message->outside_bytes = 200;
}

static void make_picture_mail(Message *message)
{
	message->pictures = 1;
}

static void make_picture_letter(Message *message)
{
	message->pictures = 1;
	set(&message->body,
	    "この手紙には四十文字より多くの文字があるので、画像だけのメールとは言わないことにしています。");
}

static void make_replaced_2(Message *message)
{
	message->replaced = 2;
}

static void make_replaced_5_percent(Message *message)
{
	message->replaced = 5;
	g_autofree char *body = g_strnfill(100, 'x');
	g_autoptr(GString) text = g_string_new(body);
	for (unsigned i = 0; i < 100; i++)
		g_string_append(text, "あ");
	set(&message->body, text->str);
}

static void make_replaced_6_percent(Message *message)
{
	make_replaced_5_percent(message);
	message->replaced = 6;
}

static void make_guessed(Message *message)
{
	message->charset_repaired = true;
}

static void make_picture(Message *message)
{
	add_part(message, "2", "x", "Image/PNG", 1)->flags = MESSAGE_PART_INLINE;
}

static void make_false_picture(Message *message)
{
	add_part(message, "2", "x", "text/html", 1)->flags = MESSAGE_PART_INLINE;
}

static void make_empty_container(Message *message)
{
	add_part(message, "2", "x", "multipart/mixed", 1)->reason = PART_REASON_EMPTY_CONTAINER;
}

static void make_enriched(Message *message)
{
	message->body_source = BODY_ENRICHED;
}

static void make_shown_address(Message *message)
{
	message->signs[MESSAGE_SIGN_SHOWN_ADDRESS] = 1;
}

static void make_shown_address_nowhere(Message *message)
{
	message->signs[MESSAGE_SIGN_SHOWN_ADDRESS] = 2;
	message->signs[MESSAGE_SIGN_LOOK_ALIKE] = UINT32_MAX;
	message->signs[MESSAGE_SIGN_REPLY_ELSEWHERE] = 1;
	message->signs[MESSAGE_SIGN_REPLY_TO_LIST] = 1;
	message->signs[MESSAGE_SIGN_SENDER_ELSEWHERE] = 1;
}

static void make_reply(Message *message)
{
	add_address(message->reply_to, "", "a", "one.example");
	add_address(message->reply_to, "", "b", "two.example");
	message->signs[MESSAGE_SIGN_REPLY_ELSEWHERE] = 2;
}

static void make_look_alike(Message *message)
{
	add_address(message->reply_to, "", "a", "аpple.com");
	message->signs[MESSAGE_SIGN_LOOK_ALIKE] = 2;
}

static void make_several(Message *message)
{
	message->signs[MESSAGE_SIGN_SEVERAL_FROM] = 3;
}

static void make_name_of_gateway(Message *message)
{
	add_address(message->from, "無害化\u200B ゲートウェイ（管理者）", "a", "evil.example");
}

static void make_name_like_notice(Message *message)
{
	add_address(message->reply_to, "【無害化】お知らせ", "a", "evil.example");
}

static void make_subject_like_notice(Message *message)
{
	set(&message->subject, "Re: ［無害化］ウイルスはありません");
}

static void make_subject_of_others(Message *message)
{
	add_address(message->from, "無害化推進室", "a", "vendor.example");
	set(&message->subject, "無害化ソフトのご案内【新製品】");
}

static void make_sender(Message *message)
{
	add_address(message->sender, "", "a", "send.example");
	message->signs[MESSAGE_SIGN_SENDER_ELSEWHERE] = 1;
}

static void make_disguised(Message *message)
{
	add_part(message, "2", "a.pdf.exe", "application/pdf", 1)->flags = MESSAGE_PART_NAME_DISGUISED;
	message->signs[MESSAGE_SIGN_DISGUISED_NAME] = 1;
}

static void make_private(Message *message)
{
	message->private_use = 2;
}

static void make_header_replaced(Message *message)
{
	message->header_replaced = 4;
}

static void make_header_removed(Message *message)
{
	message->header_removed = 5;
}

static const ToldCase told_cases[] = {
	{ "shown address", make_shown_address, NULL, "本当の差出人は 「yamada[@]example.jp」 です", true },
	{ "places of no address", make_shown_address_nowhere, NULL, NULL, false },
	{ "reply", make_reply, NULL, "「b[@]two.example」", true },
	{ "look-alike", make_look_alike, NULL, "「a[@]xn--pple-43d.com」", true },
	{ "several From", make_several, NULL, "アドレスが 3 個", true },
	{ "gateway's name", make_name_of_gateway, NULL, "ゲートウェイが書いたものではありません", true },
	{ "name like a notice", make_name_like_notice, NULL, "ゲートウェイが書いたものではありません", true },
	{ "subject like a notice", make_subject_like_notice, NULL, "ゲートウェイが書いたものではありません",
	  true },
	{ "subject about us", make_subject_of_others, NULL, NULL, false },
	{ "sender", make_sender, NULL, "「a[@]send.example」", false },
	{ "disguised", make_disguised, "添付ファイル 1 件を", "名前のプログラムが 1 件", true },
	{ "private use", make_private, NULL, "（外字など）2 文字を 〓", false },
	{ "not read in the header", make_header_replaced, NULL, "読み取れない文字が 4 か所", false },
	{ "removed from the header", make_header_removed, NULL, "制御文字を 5 文字", false },
	{ "links", make_links, NULL, "リンクが 3 か所", true },
	{ "flagged", make_flagged, NULL, "リンクが 18446744073709551615 か所", true },
	{ "password", make_password, NULL, "パスワード", true },
	{ "differs", make_differs, NULL, "ここには、HTML 版を載せ", false },
	{ "differs, plain", make_differs_plain, NULL, "ここには、テキスト版を載せ", false },
	{ "hidden 40", make_hidden_40, NULL, NULL, false },
	{ "hidden 41", make_hidden_41, NULL, "隠された文章（41 文字）", false },
	{ "preamble", make_preamble, NULL, "含まれない場所", false },
	{ "picture mail", make_picture_mail, "載せていない部分", "画像（1 枚）", false },
	{ "picture letter", make_picture_letter, NULL, "画像 1 枚は、ここには表示していません", false },
	{ "replaced, few", make_replaced_2, NULL, "読み取れない文字が 2 か所ありました。", false },
	{ "replaced 5 %", make_replaced_5_percent, NULL, "読み取れない文字が 5 か所ありました。", false },
	{ "replaced 6 %", make_replaced_6_percent, NULL, "6 か所あり、意味が変わっている", true },
	{ "guessed", make_guessed, NULL, "文字コードの表示がない", false },
	{ "picture", make_picture, "本文中の画像 1 件を", "番号 2", false },
	{ "false picture", make_false_picture, "添付ファイル 1 件を", "番号 2", false },
	{ "empty container", make_empty_container, NULL, "中に何も見つからない", false },
	{ "enriched", make_enriched, NULL, "本文はテキストにして書き直しました", false },
};

static void check_told(const ToldCase *c, char **lines)
{
	bool head_found = false, warned = g_str_has_prefix(lines[0], "【無害化】ご注意");
	unsigned at = 0, told = 0, foot = 0;
	for (; g_str_has_prefix(lines[at], "【無害化】"); at++)
		head_found = head_found || (c->head != NULL && strstr(lines[at], c->head) != NULL);
	g_assert_cmpuint(at, ==, (unsigned)c->warned + (c->head != NULL));
	g_assert_cmpint(head_found, ==, c->head != NULL);
	g_assert_cmpint(warned, ==, c->warned);
	for (; lines[at] != NULL; at++) {
		foot += g_str_has_prefix(lines[at], "【無害化】");
		told += c->told != NULL && strstr(lines[at], c->told) != NULL;
		/* A warning is the first line under the foot's own. */
		g_assert_true(!c->warned || foot != 2 || strstr(lines[at], c->told) != NULL);
		foot += !g_str_has_prefix(lines[at], "【無害化】") && foot > 0 ? 100 : 0;
	}
	g_assert_cmpuint(told, ==, c->told != NULL);
}

static void test_told(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(told_cases); i++) {
		g_test_message("%s", told_cases[i].name);
		g_auto(Setup) setup;
		setup_init(&setup);
		told_cases[i].make(setup.message);
		g_autoptr(CleanMessage) clean = assembled(&setup);
		g_autofree char *text = text_of(clean);
		g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
		check_told(&told_cases[i], lines);
	}
}

/* ---- sentences of an administrator ------------------------------------------------------------- */

#define ENTRY(NAME, key, placeholders, kind) { #key, placeholders },
static const struct {
	const char *key, *placeholders;
} sayings[] = { NOTICES_SAYINGS(ENTRY) };

static void append_sentence(GString *file, const char *key, const char *text)
{
	g_string_append_printf(file, "%s: \"", key);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(file, '\\');
		g_string_append_c(file, *text);
	}
	g_string_append(file, "\"\n");
}

static Notices *notices_of(char *const *texts)
{
	g_autoptr(GString) file = g_string_new(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(sayings); i++)
		append_sentence(file, sayings[i].key, texts[i]);
	return notices_parse("own", file->str, file->len, NULL);
}

static char *random_sentence(GRand *rand, const char *placeholders)
{
	static const char *const pieces[] = {
		"begin 644 x", "-----",  "- 3 -",     "[",        "【",
		"無害化",      "mugai",  "{n}",       "{m}",      "{o}",
		"{t}",         "{s}",    "{k}",       "{d}",      "://",
		"か",          ":",      "/",         "/",        "www",
		".",           "（",     "）",        "(",        ")",
		"Aa0",         "AAAA",   "99999",     " ",        "　",
		"must",        " be ",   "converted", " with b",  "inhex",
		"binhex",      "「",     "」",        "｢",        "@",
		"file:",       "\\\\",   "か\u3099",  "あ",       "\u200B",
		"א",           "\u2800", "👩",         "=ybegin ", "=?UTF-8?B?QQ==?=",
		"\"",          ">",      "a",         "Ａ",
	};
	GString *text = g_string_new(NULL);
	bool body = g_rand_boolean(rand);
	g_string_append(text, body ? "（" : "");
	for (gint32 i = g_rand_int_range(rand, 1, 5); i > 0; i--)
		g_string_append(text, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
	for (; *placeholders != '\0'; placeholders++)
		g_string_append_printf(text, "{%c}%s", *placeholders,
		                       pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
	g_string_append(text, body ? "）" : "");
	return g_string_free(text, FALSE);
}

/* One key after the other gets the worst sentence that is taken for it. */
static unsigned make_worse(GRand *rand, char **texts)
{
	unsigned taken = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(sayings); i++) {
		char *before = texts[i];
		texts[i] = random_sentence(rand, sayings[i].placeholders);
		g_autoptr(Notices) notices = notices_of(texts);
		taken += notices != NULL;
		if (notices == NULL)
			g_free(texts[i]);
		if (notices == NULL)
			texts[i] = before;
		else
			g_free(before);
	}
	return taken;
}

/* All that can be said of what came of one. */
static void fill_conversion(MessagePart *part)
{
	PartConversion *conversion = part->conversion;
	conversion->pages_found = UINT32_MAX;
	conversion->pages = conversion->pages_failed = conversion->pages_partial = conversion->lower_dpi = 500;
	conversion->hidden_chars = conversion->text_cut = UINT64_MAX;
	for (size_t i = 0; i < RENDER_LOST_COUNT; i++)
		conversion->lost[i] = UINT32_MAX;
	for (size_t i = 0; i < RENDER_HIDDEN_COUNT; i++)
		conversion->hidden[i] = UINT32_MAX;
	for (size_t i = 0; i < RENDER_BESIDE_COUNT; i++)
		conversion->beside[i] = UINT32_MAX;
	conversion->missing_glyphs = UINT32_MAX;
}

/* Every sentence at once. */
static void fill_with_everything(Setup *setup)
{
	golden_warnings(setup);
	golden_hostile(setup);
	Message *message = setup->message;
	g_ptr_array_set_size(message->from, 0);
	add_address(message->from, "総務課「本物」", "x y@z", "");
	for (unsigned i = 0; i < 30; i++)
		add_address(message->from, "x", "", "y");
	for (unsigned reason = 0; reason < PART_REASON_COUNT; reason++)
		add_part(message, "1.2", "", "a/b", 1)->reason = (PartReason)reason;
	message->nested_messages = 1;
	message->limits = UINT32_MAX;
	message->auth[AUTH_DMARC] = AUTH_FAIL;
	setup->input.tell_auth = true;
	g_autofree char *longer = g_strnfill(5000, ' ');
	longer[4999] = '.';
	add_text(&setup->input, "x", "begin 644 x\n" RUN_64 "【 " RUN_64 RUN_64 "\n" RUN_64);
	add_text(&setup->input, "y", "");
	add_text(&setup->input, "z", longer);
	for (unsigned status = 0; status < RENDER_STATUS_COUNT; status++) {
		MessagePart *part = add_part(message, "2", "x", "a/b", 1);
		convert_part(part, PART_ACTION_IMAGE_PDF, (RenderFormat)(status % RENDER_FORMAT_COUNT));
		conversion_fail(part, (RenderStatus)status);
	}
	fill_conversion(part_of(setup, setup->message->parts->len - 1 - RENDER_STATUS_COUNT));
}

/* Whatever is accepted keeps the grammar: assembled() judges. */
static void test_any_accepted_sentences(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(11);
	char *texts[G_N_ELEMENTS(sayings)];
	for (size_t i = 0; i < G_N_ELEMENTS(sayings); i++)
		texts[i] = g_strdup(notices_text(built_in[CONF_LANGUAGE_EN], (Saying)i));
	unsigned taken = 0;
	for (unsigned round = 0; round < 60; round++) {
		taken += make_worse(rand, texts);
		g_autoptr(Notices) notices = notices_of(texts);
		g_assert_nonnull(notices);
		for (int decision = DECISION_DELIVER; decision <= DECISION_HOLD; decision++) {
			g_auto(Setup) setup;
			setup_init(&setup);
			fill_with_everything(&setup);
			setup.input.notices = notices;
			setup.input.decision = (Decision)decision;
			setup.input.original_elsewhere = round % 2 == 0;
			g_autoptr(CleanMessage) clean = assembled(&setup);
		}
	}
	g_test_message("%u sentences taken", taken);
	g_assert_cmpuint(taken, >, 600);
	for (size_t i = 0; i < G_N_ELEMENTS(sayings); i++)
		g_free(texts[i]);
}

/* The longest that are allowed, in a mail that calls for all of them. */
static void test_longest_sentences(void)
{
	static const unsigned columns[] = { 197, 37, 46, 57 };
	g_autoptr(GString) file = g_string_new(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(sayings); i++) {
		bool found = false;
		for (size_t kind = 0; !found && kind < G_N_ELEMENTS(columns); kind++) {
			g_autoptr(GString) text = g_string_new("(");
			for (const char *p = sayings[i].placeholders; *p != '\0'; p++)
				g_string_append_printf(text, "{%c}", *p);
			while (g_utf8_strlen(text->str, -1) < columns[kind])
				g_string_append(text, "𝐀");
			g_string_append(text, ")");
			g_autoptr(GString) one = g_string_new(NULL);
			append_sentence(one, sayings[i].key, text->str);
			g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
			g_autoptr(Notices) alone = notices_parse("own", one->str, one->len, errors);
			g_assert_null(alone);
			/* Only the other keys are missing. */
			found = strstr(g_ptr_array_index(errors, 0), "required") != NULL;
			if (found)
				g_string_append(file, one->str);
		}
		g_assert_true(found);
	}
	g_autoptr(Notices) notices = notices_parse("own", file->str, file->len, NULL);
	g_assert_nonnull(notices);
	g_auto(Setup) setup;
	setup_init(&setup);
	fill_with_everything(&setup);
	setup.input.notices = notices;
	g_autoptr(CleanMessage) clean = assembled(&setup);
	setup.input.decision = DECISION_NOTICE_ONLY;
	setup.input.max_bytes = 1024 * 1024; /* the least that limits.clean_message may be */
	g_autoptr(CleanMessage) hidden = assembled(&setup);
}

/* From a directory of its own to the reader. */
static void test_own_directory(void)
{
	g_autofree char *directory = g_dir_make_tmp("mugai-notices-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "ja.yaml", NULL);
	g_autoptr(GString) file = g_string_new("# 自治体の文\n");
	for (size_t i = 0; i < G_N_ELEMENTS(sayings); i++) {
		const char *text = notices_text(built_in[CONF_LANGUAGE_JA], (Saying)i);
		append_sentence(file, sayings[i].key,
		                i == SAY_NO_ORIGINAL ? "情報政策課（内線 1234）へどうぞ。" : text);
	}
	g_assert_true(g_file_set_contents(path, file->str, -1, NULL));
	g_autoptr(Notices) notices = notices_load(directory, CONF_LANGUAGE_JA, NULL);
	g_assert_nonnull(notices);
	g_auto(Setup) setup;
	setup_init(&setup);
	setup.input.notices = notices;
	setup.input.original_elsewhere = false;
	setup.input.decision = DECISION_NOTICE_ONLY;
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *text = text_of(clean);
	g_assert_true(g_str_has_suffix(text, "\r\n【無害化】情報政策課（内線 1234）へどうぞ。\r\n"));
	g_assert_cmpint(g_remove(path), ==, 0);
	g_assert_cmpint(g_rmdir(directory), ==, 0);
}

/* A sender fills everything that has a cap, in the most costly way. */
static void fill_to_the_caps(Setup *setup, const char *costly)
{
	Message *message = setup->message;
	g_ptr_array_set_size(message->from, 0);
	GPtrArray *lists[] = { message->from, message->sender, message->reply_to, message->to, message->cc };
	g_autofree char *local = g_strnfill(250, 'a'), *id = g_strdup_printf("%.246s@b", local);
	for (unsigned i = 0; i < 300; i++) {
		add_address(lists[i % G_N_ELEMENTS(lists)], costly, local, "b");
		add_address(lists[i % G_N_ELEMENTS(lists)], costly, costly, costly);
		add_part(message, costly, costly, costly, UINT64_MAX);
		g_ptr_array_add(message->references, g_strdup(id));
		g_ptr_array_add(message->in_reply_to, g_strdup(id));
	}
	set(&message->subject, costly);
	set(&message->list_id, local);
	set(&message->list_name, costly);
	message->limits = UINT32_MAX;
	setup->input.envelope_sender = costly;
}

static void test_notice_only_always_fits(void)
{
	static const char *const units[] = { "𠮷", "a𠮷\u0301\u0301\u0301\u0301",
		                             "a👩\u200D👧\u200D👧\u200D👧\u200D👧\u200D👧", "a" };
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		for (int language = CONF_LANGUAGE_JA; language <= CONF_LANGUAGE_EN; language++) {
			g_auto(Setup) setup;
			setup_init(&setup);
			g_autoptr(GString) costly = g_string_new(NULL);
			while (costly->len < 12000)
				g_string_append(costly, units[i]);
			fill_to_the_caps(&setup, costly->str);
			for (unsigned from = 0; from < setup.message->from->len * (i % 2); from++)
				set(&((MailAddress *)g_ptr_array_index(setup.message->from, from))->local,
				    "");
			setup.input.notices = built_in[language];
			setup.input.decision =
			        language == CONF_LANGUAGE_JA ? DECISION_HOLD : DECISION_NOTICE_ONLY;
			setup.input.max_bytes = 64000;
			g_autoptr(CleanMessage) clean = assembled(&setup);
			g_autofree char *text = text_of(clean), *bytes = bytes_of(clean, true);
			g_test_message("%zu bytes", strlen(bytes));
			g_assert_cmpuint(strlen(bytes), <=, 64000);
			g_assert_cmpstr(field(clean, "To"), ==, "");
			g_assert_cmpstr(field(clean, "References"), ==, "");
			g_assert_cmpuint(count_of(text, language == CONF_LANGUAGE_JA
			                                        ? "部分 300 件の一覧を省きました"
			                                        : "list of parts (300 in all)"),
			                 ==, 1);
			setup.input.max_bytes = 45000000;
			g_autoptr(CleanMessage) large = assembled(&setup);
			g_assert_cmpstr(field(large, "References"), !=, "");
		}
	}
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static void spoil_id(AssembleInput *input)
{
	input->id = "00112233445566778899AABBCCDDEEFF";
}

static void spoil_hops(AssembleInput *input)
{
	input->hops = 101;
}

static void spoil_policy(AssembleInput *input)
{
	input->policy_name = "a b";
}

static void spoil_version(AssembleInput *input)
{
	input->policy_version = "1";
}

static void spoil_gateway(AssembleInput *input)
{
	input->gateway_address = "x\r\nBcc: y@z";
}

static void spoil_decision(AssembleInput *input)
{
	input->decision = DECISION_REJECT;
}

static void spoil_notices(AssembleInput *input)
{
	input->notices = NULL;
}

static void spoil_sha256(AssembleInput *input)
{
	input->original_sha256 = "";
}

static void spoil_arrival(AssembleInput *input)
{
	input->arrival = INT64_MAX;
}

static void test_wrong_arguments(void)
{
	static void (*const spoils[])(AssembleInput *) = { spoil_id,      spoil_hops,    spoil_policy,
		                                           spoil_version, spoil_gateway, spoil_decision,
		                                           spoil_sha256,  spoil_arrival, spoil_notices };
	for (size_t i = 0; i < G_N_ELEMENTS(spoils); i++) {
		g_auto(Setup) setup;
		setup_init(&setup);
		spoils[i](&setup.input);
		g_autoptr(GError) error = NULL;
		g_assert_null(assemble_message(&setup.input, &error));
		g_assert_error(error, ASSEMBLE_ERROR, ASSEMBLE_ERROR_VALUE);
	}
}

static void test_size_limit(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *bytes = bytes_of(clean, true);
	setup.input.max_bytes = strlen(bytes);
	g_autoptr(CleanMessage) same = assembled(&setup);
	g_assert_nonnull(same);
	setup.input.max_bytes--;
	g_autoptr(GError) error = NULL;
	g_assert_null(assemble_message(&setup.input, &error));
	g_assert_error(error, ASSEMBLE_ERROR, ASSEMBLE_ERROR_LIMIT);
	g_autofree char *large = g_strnfill(46000000, 'a');
	set(&setup.message->body, large);
	setup.input.max_bytes = UINT64_MAX;
	g_clear_error(&error);
	g_assert_null(assemble_message(&setup.input, &error));
	g_assert_error(error, ASSEMBLE_ERROR, ASSEMBLE_ERROR_LIMIT);
}

static void test_same_bytes(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	golden_hostile(&setup);
	g_autoptr(CleanMessage) one = assembled(&setup), two = assembled(&setup);
	g_autofree char *a = bytes_of(one, true), *b = bytes_of(two, true), *lf = bytes_of(one, false);
	g_assert_cmpstr(a, ==, b);
	g_assert_null(strchr(lf, '\r'));
	g_assert_cmpuint(count_of(a, "\r\n"), ==, count_of(lf, "\n"));
}

static void test_minimum_foot(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	g_autoptr(CleanMessage) clean = assembled(&setup);
	g_autofree char *text = text_of(clean);
	g_assert_cmpstr(text, ==,
	                "本文です。\r\n\r\n【無害化】----- 1 "
	                "-----\r\n【無害化】本文はテキストにして書き直しました。\r\n");
}

static void test_speed(void)
{
	g_auto(Setup) setup;
	setup_init(&setup);
	g_autoptr(GString) body = g_string_new(NULL);
	while (body->len < 10000)
		g_string_append(body, "いつもお世話になっております。Mixed text 123.\n");
	set(&setup.message->body, body->str);
	set(&setup.message->subject, "令和８年度の会議について");
	gint64 start = g_get_monotonic_time();
	for (unsigned i = 0; i < 1000; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(CleanMessage) clean = assemble_message(&setup.input, &error);
		g_assert_no_error(error);
	}
	g_test_message("10 KB mail: %.1f us", (double)(g_get_monotonic_time() - start) / 1000);
	while (body->len < 12 * 1024 * 1024)
		g_string_append_len(body, body->str, (gssize)body->len);
	set(&setup.message->body, body->str);
	start = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;
	g_autoptr(CleanMessage) clean = assemble_message(&setup.input, &error);
	g_assert_no_error(error);
	gint64 took = g_get_monotonic_time() - start;
	g_test_message("%zu bytes: %.3f s", (size_t)body->len, (double)took / G_USEC_PER_SEC);
	g_assert_cmpint(took, <, 60 * G_USEC_PER_SEC);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (int language = CONF_LANGUAGE_JA; language <= CONF_LANGUAGE_EN; language++)
		built_in[language] = notices_builtin((ConfLanguage)language);
	for (size_t i = 0; i < G_N_ELEMENTS(goldens); i++) {
		g_autofree char *path = g_strconcat("/assemble/golden/", goldens[i].name, NULL);
		g_test_add_data_func(path, &goldens[i], test_golden);
	}
	g_test_add_func("/assemble/dates", test_dates);
	g_test_add_func("/assemble/addresses", test_addresses);
	g_test_add_func("/assemble/addresses-long", test_long_parts_of_addresses);
	g_test_add_func("/assemble/message-ids", test_message_ids);
	g_test_add_func("/assemble/times", test_times);
	g_test_add_func("/assemble/zoneless", test_zoneless);
	g_test_add_func("/assemble/future", test_future);
	g_test_add_func("/assemble/undisclosed", test_undisclosed);
	g_test_add_func("/assemble/subjects", test_subjects);
	g_test_add_func("/assemble/folding", test_folding);
	g_test_add_func("/assemble/words", test_words_keep_sequences);
	g_test_add_func("/assemble/long-subjects", test_long_subjects);
	g_test_add_func("/assemble/list-caps", test_caps_on_lists);
	g_test_add_func("/assemble/lost-addresses", test_many_lost_addresses);
	g_test_add_func("/assemble/bodies", test_bodies);
	g_test_add_func("/assemble/nasty-bodies", test_nasty_bodies);
	g_test_add_func("/assemble/quotes", test_quotes);
	g_test_add_func("/assemble/part-list", test_part_list_is_capped);
	g_test_add_func("/assemble/reasons", test_every_reason_is_told);
	g_test_add_func("/assemble/names", test_names);
	g_test_add_func("/assemble/disposition", test_disposition);
	g_test_add_func("/assemble/base64", test_base64_lines);
	g_test_add_func("/assemble/many-texts", test_many_texts);
	g_test_add_func("/assemble/texts-inside", test_texts_inside);
	g_test_add_func("/assemble/titles", test_titles);
	g_test_add_func("/assemble/pdf-sizes", test_size_of_pdfs);
	g_test_add_func("/assemble/text-sizes", test_size_of_texts);
	g_test_add_func("/assemble/wrong-attachments", test_wrong_attachments);
	g_test_add_func("/assemble/removed-part", test_removed_part_has_nothing);
	g_test_add_func("/assemble/pictures", test_pictures_of_the_text);
	g_test_add_func("/assemble/failures", test_every_failure_is_told);
	g_test_add_func("/assemble/notice-only", test_notice_only_shows_nothing);
	g_test_add_func("/assemble/alternatives", test_alternatives);
	g_test_add_func("/assemble/told", test_told);
	g_test_add_func("/assemble/any-accepted-sentences", test_any_accepted_sentences);
	g_test_add_func("/assemble/longest-sentences", test_longest_sentences);
	g_test_add_func("/assemble/own-directory", test_own_directory);
	g_test_add_func("/assemble/notice-only-fits", test_notice_only_always_fits);
	g_test_add_func("/assemble/wrong-arguments", test_wrong_arguments);
	g_test_add_func("/assemble/size-limit", test_size_limit);
	g_test_add_func("/assemble/same-bytes", test_same_bytes);
	g_test_add_func("/assemble/minimum", test_minimum_foot);
	g_test_add_func("/assemble/speed", test_speed);
	int failed = g_test_run();
	for (int language = CONF_LANGUAGE_JA; language <= CONF_LANGUAGE_EN; language++)
		notices_unref(built_in[language]);
	return failed;
}
