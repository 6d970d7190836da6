/* The checker: a good message of each form, and then tables of single steps away from one, each of
 * which must be refused for the right clause, in both forms of line ends. At the end the program
 * itself, lock and all.
 */
#include "verify_priv.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID "00112233445566778899aabbccddeeff"
#define TRACE                                                                                                \
	"Received: from mx.example.jp (mx.example.jp [192.0.2.1])\n"                                         \
	"\tby san.example.jp (Postfix) with ESMTP id 4ABC\n"                                                 \
	"\tfor <tanaka@example.jp>; Fri, 20 Nov 2026 10:00:01 +0900 (JST)\n"                                 \
	"return-path: <a@example.com>\n"                                                                     \
	"Delivered-To: tanaka@example.jp\n"                                                                  \
	"X-Original-To: tanaka@example.jp\n"
#define OWN                                                                                                  \
	"Date: Fri, 20 Nov 2026 10:00:00 +0900\n"                                                            \
	"From: =?UTF-8?B?5bGx55Sw?= <a@example.com>, Taro Yamada\n"                                          \
	" <\"b c\"@example.com>, c@[192.0.2.1]\n"                                                            \
	"Sender: s@example.com\n"                                                                            \
	"Reply-To: r@[IPv6:2001:db8::1]\n"                                                                   \
	"To: tanaka@example.jp\n"                                                                            \
	"Cc: undisclosed-recipients:;\n"                                                                     \
	"Subject: A plain subject\n"                                                                         \
	"Message-ID: <1.a@example.com>\n"                                                                    \
	"In-Reply-To: <0@example.com>\n"                                                                     \
	"References: <0@example.com> <x@[192.0.2.7]>\n"                                                      \
	"Auto-Submitted: auto-generated\n"                                                                   \
	"List-Id: City news <news.example.com>\n"                                                            \
	"Importance: high\n"                                                                                 \
	"X-Mugai-Id: " ID "\n"                                                                               \
	"X-Mugai-Hops: 1\n"                                                                                  \
	"X-Mugai-Policy: default; version=0123456789abcdef\n"                                                \
	"X-Mugai-Result: deliver; parts=3; removed=1; converted=2\n"                                         \
	"MIME-Version: 1.0\n"
#define SINGLE                                                                                               \
	"Content-Type: text/plain; charset=UTF-8\n"                                                          \
	"Content-Transfer-Encoding: base64\n"                                                                \
	"\n"
#define BOUNDARY "--=_mugai_" ID
#define MULTIPART                                                                                            \
	"Content-Type: multipart/mixed;\n"                                                                   \
	" boundary=\"=_mugai_" ID "\"\n"                                                                     \
	"\n"
#define FIRST_PART BOUNDARY "\n" SINGLE
#define NEXT_PART                                                                                            \
	BOUNDARY "\n"                                                                                        \
	         "Content-Type: text/plain; charset=UTF-8\n"                                                 \
	         "Content-Transfer-Encoding: base64\n"                                                       \
	         "Content-Disposition: attachment;\n"
#define CLOSE BOUNDARY "--\n"

#define TAG "【無害化】"
#define FOOT TAG "----- 1 -----\r\n" TAG "f\r\n"
static const char good_text[] =
        TAG "このメールは無害化されました。\r\n"
            "\r\n"
            "こんにちは。\r\n"
            "https://example.com/A9abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789\r\n"
            "\r\n" TAG "----- 2 -----\r\n" TAG "「請求書.pdf」を削除しました。\r\n" TAG "end\r\n";
static const char good_attachment[] = "議事録\r\n一行目です。\r\n";

#define R8(s) s s s s s s s s
#define A60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L16 "Abcdefghijklmno1" /* the shortest line that a base64 run goes on over */
#define L15 "Abcdefghijklmn1"
#define B62 "AbcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh12"

/* What the row changes. */
typedef enum {
	HEAD,     /* the header of the single message: from -> to */
	TEXT,     /* the text of the single message: from -> to */
	WHOLE,    /* the text of the single message is `to` */
	BODY,     /* one line before the foot of the single message is `to` */
	SUBJ,     /* the Subject is `to`, encoded */
	RAW,      /* the single message as it is sent: from -> to */
	MULTI,    /* the multipart message as it is sent: from -> to */
	NAME,     /* the attachment's name is `to`, encoded */
	FILENAME, /* the lines of the attachment's name are `to` */
	ATTACH,   /* the attachment's text is `to` */
} Kind;

typedef struct {
	Kind kind;
	const char *from, *to;
	const char *section; /* NULL: accepted */
} Row;

/* -- building messages -- */

static char *base64(const char *text)
{
	g_autofree char *all = g_base64_encode((const guchar *)text, strlen(text));
	GString *out = g_string_new(NULL);
	size_t length = strlen(all);
	for (size_t i = 0; i < length; i += 76) {
		g_string_append_len(out, all + i, (gssize)MIN(76, length - i));
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static char *replace(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	if (!at)
		g_error("the good message does not hold \"%s\"", from);
	return g_strdup_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static char *single(const char *head, const char *text)
{
	g_autofree char *body = base64(text);
	return g_strconcat(head, body, NULL);
}

static char *multipart(const char *filename, const char *attachment)
{
	g_autofree char *first = base64(good_text);
	g_autofree char *next = base64(attachment);
	return g_strconcat(TRACE OWN MULTIPART FIRST_PART, first, NEXT_PART, filename, "\n", next, CLOSE,
	                   NULL);
}

static char *percent(const char *name)
{
	GString *out = g_string_new(NULL);
	for (; *name; name++) {
		if (g_ascii_isalnum(*name) || strchr("._-", *name))
			g_string_append_c(out, *name);
		else
			g_string_append_printf(out, "%%%02X", (unsigned char)*name);
	}
	return g_string_free(out, FALSE);
}

/* Pieces of 58 to 60 bytes, so that no %XX is split. */
static char *filename_lines(const char *name)
{
	g_autofree char *encoded = percent(name);
	if (strlen(encoded) <= 60)
		return g_strdup_printf(" filename*=UTF-8''%s\n", encoded);
	GString *out = g_string_new(NULL);
	const char *at = encoded;
	for (int i = 0; *at; i++) {
		size_t n = MIN(60, strlen(at));
		if (at[n] != '\0')
			n -= at[n - 1] == '%' ? 1 : at[n - 2] == '%' ? 2 : 0;
		g_string_append_printf(out, " filename*%d*=%s%.*s%s\n", i, i == 0 ? "UTF-8''" : "", (int)n,
		                       at, at[n] ? ";" : "");
		at += n;
	}
	return g_string_free(out, FALSE);
}

static char *subject_line(const char *subject)
{
	GString *out = g_string_new("Subject:");
	for (const char *at = subject; *at;) {
		size_t n = MIN(42, strlen(at));
		while (at[n] != '\0' && (at[n] & 0xC0) == 0x80)
			n--;
		g_autofree char *word = g_base64_encode((const guchar *)at, n);
		g_string_append_printf(out, "%s =?UTF-8?B?%s?=", at == subject ? "" : "\n", word);
		at += n;
	}
	return g_string_free(out, FALSE);
}

static char *build_single(const Row *row)
{
	static const char head[] = TRACE OWN SINGLE, own[] = OWN SINGLE;
	g_autofree char *changed = NULL, *line = NULL;
	switch (row->kind) {
	case HEAD:
		/* in our own fields, if it stands there */
		if (strstr(own, row->from)) {
			line = replace(own, row->from, row->to);
			changed = g_strconcat(TRACE, line, NULL);
		} else {
			changed = replace(head, row->from, row->to);
		}
		return single(changed, good_text);
	case SUBJ:
		line = subject_line(row->to);
		changed = replace(head, "Subject: A plain subject", line);
		return single(changed, good_text);
	case TEXT:
		changed = replace(good_text, row->from, row->to);
		return single(head, changed);
	case BODY:
		changed = g_strconcat(row->to, "\r\n\r\n" FOOT, NULL);
		return single(head, changed);
	case WHOLE:
		return single(head, row->to);
	default:
		changed = single(head, good_text);
		return replace(changed, row->from, row->to);
	}
}

static char *build(const Row *row)
{
	g_autofree char *lines = NULL, *whole = NULL;
	switch (row->kind) {
	case MULTI:
		whole = multipart(" filename*=UTF-8''a.txt\n", good_attachment);
		return replace(whole, row->from, row->to);
	case NAME:
		lines = filename_lines(row->to);
		return multipart(lines, good_attachment);
	case FILENAME:
		return multipart(row->to, good_attachment);
	case ATTACH:
		return multipart(" filename*=UTF-8''a.txt\n", row->to);
	default:
		return build_single(row);
	}
}

static char *with_crlf(const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
	return g_strjoinv("\r\n", lines);
}

/* -- judging them -- */

static const char *verdict(const char *message, size_t length, struct verify_error *error)
{
	/* Of exactly the size, so that a sanitizer sees any read beyond it. */
	g_autofree uint8_t *copy = g_memdup2(message, length);
	return verify_message(copy, length, error) ? NULL : error->section;
}

static bool expect(const char *message, size_t length, const char *section, const char *label)
{
	struct verify_error error;
	const char *got = verdict(message, length, &error);
	if (g_strcmp0(got, section) == 0)
		return true;
	g_printerr("%s: expected %s, got %s: line %zu: %s\n", label, section ? section : "ok",
	           got ? got : "ok", error.line, error.what);
	return false;
}

static void run_rows(const Row *rows, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		g_autofree char *message = build(&rows[i]);
		g_autofree char *crlf = with_crlf(message);
		g_autofree char *label = g_strdup_printf("row %zu (\"%.60s\" -> \"%.60s\")", i,
		                                         rows[i].from ? rows[i].from : "", rows[i].to);
		wrong += !expect(message, strlen(message), rows[i].section, label);
		if (!strchr(message, '\r'))
			wrong += !expect(crlf, strlen(crlf), rows[i].section, label);
	}
	if (wrong > 0)
		g_test_fail();
}
#define RUN(rows) run_rows(rows, G_N_ELEMENTS(rows))

/* -- the tables -- */

static void test_bytes(void)
{
	static const Row rows[] = {
		{ HEAD, "A plain", "A\x01plain", "1.1" },
		{ HEAD, "A plain", "A\x1Bplain", "1.1" },
		{ HEAD, "A plain", "A\x7Fplain", "1.1" },
		{ HEAD, "A plain", "A\xC3\xA9plain", "1.1" },
		{ HEAD, "A plain", "A\tplain", "1.1" },
		{ HEAD, "JST", "J\xE3T", "1.1" },
		{ HEAD, "JST", "J\tT", NULL },
		{ HEAD, "A plain subject\n", "A\n\tplain subject\n", "1.1" },
		{ HEAD, "A plain", "A\rplain", "1.2" },
		{ HEAD, "A plain subject\n", "A plain subject\r\n", "1.2" },
		{ RAW, "Date: ", "Date:", "1.4" },
		{ RAW, "Date: ", "Date ", "1.4" },
		{ RAW, "Date: ", "Date : ", "3" },
		{ RAW, "Date: ", ": ", "1.4" },
		{ RAW, "Date: ", "Date:\n ", "1.4" },
		{ RAW, "Subject: A", "Subject:  A", "1.4" },
		{ RAW, "Received: from", " Received: from", "3" },
		{ RAW, "Received: from", " Received from", "1.4" },
		{ HEAD, "A plain subject", "A plain subject ", "1.4" },
		{ HEAD, "A plain subject", "A plain\n  subject", "1.4" },
		{ HEAD, "A plain subject", "A plain \n subject", "1.4" },
		{ HEAD, "A plain subject", "A plain\n \n subject", "1.4" },
		{ HEAD, "A plain subject", "A plain\n subject", NULL },
		{ HEAD, "A plain subject", "A plain\nsubject", "1.4" },
		{ HEAD, "A plain subject", "A " A60 "12345678", "1.5" },
		{ HEAD, "A plain subject", "A " A60 "1234567", NULL },
		{ HEAD, "A plain subject", "A\n " A60 A60 A60, NULL },
		{ HEAD, "A plain subject", "A\n a " A60 "a12345678901234", NULL },
		{ HEAD, "A plain subject", "A\n a " A60 "a123456789012345", "1.5" },
		{ HEAD, "A plain subject", A60 A60 A60, NULL },
		{ HEAD, "A plain subject", R8(A60 A60) "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
		{ HEAD, "A plain subject", R8(A60 A60) "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1.5" },
		{ RAW, "base64\n\n", "base64\n", "1.6" },
	};
	RUN(rows);
}

static void test_trace(void)
{
	static const Row rows[] = {
		{ HEAD, "JST)\n", "JST)\nRECEIVED: x\n", NULL },
		{ HEAD, "Delivered-To", "Delivered-Too", "3" },
		{ HEAD, "X-Original-To", "X-Spam", "3" },
		{ HEAD, "<a@example.com>\n", "\n", "1.4" },
		{ HEAD, "\tby", "        by", NULL },
		{ HEAD, "\tby", " \tby", NULL },
		{ HEAD, "4ABC\n", "4ABC \n", "1.4" },
		{ HEAD, "4ABC\n", "4ABC\n \n", "1.4" },
		{ HEAD, "4ABC\n", "4ABC\n\t\n", "1.4" },
		{ HEAD, "4ABC", R8(A60 A60) "aaaaaaaa", "2" },
		{ HEAD, "Message-ID", "Received: x\nMessage-ID", "2" },
		{ HEAD, "\n\n", "\nReceived: x\n\n", "2" },
		{ HEAD, "From: ", "Return-Path: <x@example.com>\nFrom: ", "2" },
		{ HEAD, TRACE, "", NULL },
	};
	RUN(rows);
}

static void test_fields(void)
{
	static const Row rows[] = {
		/* the list */
		{ HEAD, "Date: Fri, 20 Nov 2026 10:00:00 +0900\n", "", "3" },
		{ HEAD, "Message-ID: <1.a@example.com>\n", "", "3" },
		{ HEAD, "X-Mugai-Id: " ID "\n", "", "3" },
		{ HEAD, "X-Mugai-Hops: 1\n", "", "3" },
		{ HEAD, "X-Mugai-Policy: default; version=0123456789abcdef\n", "", "3" },
		{ HEAD, "X-Mugai-Result: deliver; parts=3; removed=1; converted=2\n", "", "3" },
		{ HEAD, "MIME-Version: 1.0\n", "", "3" },
		{ HEAD, "Content-Type: text/plain; charset=UTF-8\n", "", "3" },
		{ HEAD, "Content-Transfer-Encoding: base64\n", "", "3" },
		{ HEAD, "Sender: s@example.com\n", "", NULL },
		{ HEAD, "Sender: s@example.com\n", "Sender: s@example.com\nSender: s@example.com\n", "3" },
		{ HEAD, "MIME-Version: 1.0\n", "MIME-Version: 1.0\nMIME-Version: 1.0\n", "3" },
		{ HEAD, "To: tanaka@example.jp\nCc: undisclosed-recipients:;\n",
		  "Cc: b@example.jp\nTo: a@example.jp\n", "3" },
		{ HEAD, "Importance: high\n", "Importance: high\nBcc: a@example.com\n", "3" },
		{ HEAD, "Importance: high\n", "Importance: high\nX-Mailer: a\n", "3" },
		{ HEAD, "Importance: high\n", "Importance: high\nContent-ID: <a@b>\n", "3" },
		{ HEAD, "subject", "subject\nsubject: b", "3" },
		{ HEAD, "Subject", "SUBJECT", "3" },
		{ HEAD, "MIME-Version", "X-Mugai-Seal: a\nMIME-Version", "3" },
		/* Date */
		{ HEAD, "Fri, 20", "Thu, 20", "3" },
		{ HEAD, "Fri, 20 Nov", "fri, 20 Nov", "3" },
		{ HEAD, "Fri, 20 Nov 2026", "20 Nov 2026", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Fri, 6 Nov 2026", NULL },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Fri, 06 Nov 2026", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Thu, 31 Nov 2026", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Thu, 29 Feb 2024", NULL },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Wed, 29 Feb 2023", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Thu, 29 Feb 1900", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Tue, 29 Feb 2000", NULL },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Mon, 1 Jan 1900", NULL },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Sun, 31 Dec 1899", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Fri, 31 Dec 9999", NULL },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Fri, 20 Nov 02026", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Fri, 20 NOV 2026", "3" },
		{ HEAD, "Date: Fri, 20 Nov 2026", "Date: Fri, 0 Nov 2026", "3" },
		{ HEAD, "10:00:00 +0900", "24:00:00 +0900", "3" },
		{ HEAD, "10:00:00 +0900", "10:60:00 +0900", "3" },
		{ HEAD, "10:00:00 +0900", "10:00:60 +0900", "3" },
		{ HEAD, "10:00:00 +0900", "10:00 +0900", "3" },
		{ HEAD, "10:00:00 +0900", "23:59:59 +1400", NULL },
		{ HEAD, "10:00:00 +0900", "23:59:59 +1401", "3" },
		{ HEAD, "10:00:00 +0900", "23:59:59 -1200", NULL },
		{ HEAD, "10:00:00 +0900", "23:59:59 -1230", "3" },
		{ HEAD, "10:00:00 +0900", "10:00:00 +0860", "3" },
		{ HEAD, "10:00:00 +0900", "10:00:00 0900", "3" },
		{ HEAD, "10:00:00 +0900", "10:00:00 GMT", "3" },
		{ HEAD, "10:00:00 +0900", "10:00:00 +0900 (JST)", "3" },
		/* small ones */
		{ HEAD, "Auto-Submitted: auto-generated", "Auto-Submitted: Auto-Generated", "3" },
		{ HEAD, "Auto-Submitted: auto-generated", "Auto-Submitted: no", NULL },
		{ HEAD, "Importance: high", "Importance: urgent", "3" },
		{ HEAD, "Importance: high", "Importance: low", NULL },
		{ HEAD, "MIME-Version: 1.0", "MIME-Version: 1.0 (x)", "3" },
		{ HEAD, ID, "00112233445566778899aabbccddeefF", "3" },
		{ HEAD, ID, "00112233445566778899aabbccddeef", "3" },
		{ HEAD, ID, "00112233445566778899aabbccddeeff0", "3" },
		{ HEAD, "Hops: 1\n", "Hops: 0\n", "3" },
		{ HEAD, "Hops: 1\n", "Hops: 01\n", "3" },
		{ HEAD, "Hops: 1\n", "Hops: 100\n", NULL },
		{ HEAD, "Hops: 1\n", "Hops: 101\n", "3" },
		{ HEAD, "Hops: 1\n", "Hops: 1 1\n", "3" },
		{ HEAD, "Hops: 1\n", "Hops: 4294967297\n", "3" },
		{ HEAD, "Policy: default", "Policy: de fault", "3" },
		{ HEAD, "Policy: default; ", "Policy: " A60 "aaaa;\n ", NULL },
		{ HEAD, "Policy: default; ", "Policy: " A60 "aaaaa;\n ", "3" },
		{ HEAD, "version=0123456789abcdef", "version=0123456789abcde", "3" },
		{ HEAD, "version=0123456789abcdef", "version=0123456789abcdeF", "3" },
		{ HEAD, "version=0123456789abcdef", "version=0123456789abcdef;", "3" },
		{ HEAD, "deliver; ", "reject; ", "3" },
		{ HEAD, "deliver; ", "hold; ", NULL },
		{ HEAD, "deliver; ", "notice-only; ", NULL },
		{ HEAD, "removed=1", "removed=01", "3" },
		{ HEAD, "removed=1", "removed=4", "3" },
		{ HEAD, "converted=2", "converted=4", "3" },
		{ HEAD, "converted=2", "converted=3", NULL },
		{ HEAD, "parts=3", "parts=99999", NULL },
		{ HEAD, "parts=3", "parts=100000", "3" },
		{ HEAD, "converted=2", "converted=2; x=1", "3" },
		{ HEAD, "text/plain; charset", "text/html; charset", "3" },
		{ HEAD, "charset=UTF-8", "charset=utf-8", "3" },
		{ HEAD, "charset=UTF-8", "charset=UTF-8; name=a", "3" },
		{ HEAD, "charset=UTF-8", "charset=UTF-7", "3" },
		{ HEAD, ": base64", ": 8bit", "3" },
		{ HEAD, ": base64", ": BASE64", "3" },
		{ HEAD, "City news <news.example.com>", "<news.example.com>", NULL },
		{ HEAD, "City news <news.example.com>", "<news..example.com>", "3" },
		{ HEAD, "City news <news.example.com>", "news.example.com", "3.3" },
		{ HEAD, "City news <news.example.com>", "City  news <news.example.com>", "3.3" },
		{ HEAD, "City news <news.example.com>", "<=?UTF-8?B?5bGx?=>", "3" },
	};
	RUN(rows);
}

static void test_addresses(void)
{
	static const Row rows[] = {
		{ HEAD, "To: tanaka@", "To: tanaka.x+y=z@", NULL },
		{ HEAD, "To: tanaka@", "To: .tanaka@", "3.1" },
		{ HEAD, "To: tanaka@", "To: tanaka.@", "3.1" },
		{ HEAD, "To: tanaka@", "To: ta..naka@", "3.1" },
		{ HEAD, "To: tanaka@", "To: tanaka", "3.1" },
		{ HEAD, "To: tanaka@", "To: ta(x)naka@", "3.3" },
		{ HEAD, "To: tanaka@", "To: @", "3.1" },
		{ HEAD, "To: tanaka@", "To: \"tanaka\"@", "3.1" },
		{ HEAD, "To: tanaka@", "To: \"\"@", "3.1" },
		{ HEAD, "To: tanaka@", "To: \"ta..naka\"@", NULL },
		{ HEAD, "To: tanaka@", "To: \"ta\\\"na\\\\ka\"@", NULL },
		{ HEAD, "To: tanaka@", "To: \"ta\\ naka\"@", "3.1" },
		{ HEAD, "To: tanaka@", "To: \"ta\"naka\"@", "3.1" },
		{ HEAD, "To: tanaka@", "To: \"ta naka@", "3.1" },
		{ HEAD, "To: tanaka@", "To: \"" A60 "aaa \"@", "1.5" },
		{ HEAD, "To: tanaka@", "To: a@b.c,\n \"" A60 "a.\"@", NULL },
		{ HEAD, "To: tanaka@", "To: a@b.c,\n \"" A60 "aaa.\"@", NULL },
		{ HEAD, "To: tanaka@", "To: a@b.c,\n \"" A60 "aaaa.\"@", "3.1" },
		{ HEAD, "To: tanaka@", "To: =?UTF-8?B?5bGx?=@", "3.1" },
		{ HEAD, "To: tanaka@", "To: \"=?UTF-8?B?5bGx?= \"@", "3.1" },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@ex_ample.jp\nCc", NULL },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@localhost\nCc", NULL },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@example.jp.\nCc", "3.1" },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@-example.jp\nCc", "3.1" },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@example-.jp\nCc", "3.1" },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@exam ple.jp\nCc", "3.1" },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@" A60 "aaa.jp\nCc", NULL },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@" A60 "aaaa.jp\nCc", "3.1" },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@" A60 "." A60 "." A60 "." A60 ".1234567890\nCc",
		  NULL },
		{ HEAD, "tanaka@example.jp\nCc", "tanaka@" A60 "." A60 "." A60 "." A60 ".123456789012\nCc",
		  "3.1" },
		{ HEAD, "To: tanaka@example.jp",
		  "To: aaaaaaaaa" A60 "@" A60 "." A60 "." A60 "." A60 ".1234567", "3.1" },
		{ HEAD, "To: tanaka@example.jp",
		  "To: aaaaaaaa" A60 "@" A60 "." A60 "." A60 "." A60 ".1234567", NULL },
		{ HEAD, "[192.0.2.1]\nSender", "[192.0.2.256]\nSender", "3.1" },
		{ HEAD, "[192.0.2.1]\nSender", "[192.0.2]\nSender", "3.1" },
		{ HEAD, "[192.0.2.1]\nSender", "[192.0.02.1]\nSender", "3.1" },
		{ HEAD, "[192.0.2.1]\nSender", "[192.0.2.1\nSender", "3.1" },
		{ HEAD, "[192.0.2.1]\nSender", "[x]\nSender", "3.1" },
		{ HEAD, "[IPv6:2001:db8::1]", "[IPv6:]", "3.1" },
		{ HEAD, "[IPv6:2001:db8::1]", "[ipv6:::1]", "3.1" },
		{ HEAD, "[IPv6:2001:db8::1]", "[IPv6:::ffff:192.0.2.1]", NULL },
		{ HEAD, "[IPv6:2001:db8::1]", "[IPv6:fe80::1%25]", "3.1" },
		{ HEAD, "c@[192", "c@c,c@[192", "3.1" },
		{ HEAD, ", c@[192", ",  c@[192", "3.3" },
		{ HEAD, ", c@[192.0.2.1]", ", ", "1.4" },
		{ HEAD, ", c@[192.0.2.1]", ",", "3.1" },
		{ HEAD, "c@[192.0.2.1]", "<c@example.com>", "3.3" },
		{ HEAD, "c@[192.0.2.1]", "c <@r:c@example.com>", "3.1" },
		{ HEAD, "c@[192.0.2.1]", "c: a@b, c@d;", "3.3" },
		{ HEAD, "c@[192.0.2.1]", "c@example.com (C)", "3.1" },
		{ HEAD, "c@[192.0.2.1]", "c <c@example.com", "3.1" },
		{ HEAD, "c@[192.0.2.1]", "c<c@example.com>", "3.3" },
		{ HEAD, "Taro Yamada", "\"Taro Yamada\"", "3.1" },
		{ HEAD, "Taro Yamada", "Taro Y. Yamada", "3.3" },
		{ HEAD, "Taro Yamada", "Taro =?x?= Yamada", "3.3" },
		{ HEAD, "Taro Yamada", "Taro =?UTF-8?B?5bGx?=", "3.3" },
		{ HEAD, "=?UTF-8?B?5bGx55Sw?= <", "=?UTF-8?B?5bGx?= =?UTF-8?B?55Sw?= <", NULL },
		{ HEAD, "=?UTF-8?B?5bGx55Sw?= <", "=?UTF-8?B?5bGx?= x <", "3.2" },
		{ HEAD, "=?UTF-8?B?5bGx55Sw?= <", "=?UTF-8?B?VGFybw==?= <", "3.3" },
		{ HEAD, "=?UTF-8?B?5bGx55Sw?= <", "=?UTF-8?B?VC4gVGFybw==?= <", NULL },
		{ HEAD, "=?UTF-8?B?5bGx55Sw?= <", "=?UTF-8?B?IOWxsQ==?= <", "3.2" },
		{ HEAD, "=?UTF-8?B?5bGx55Sw?= <", "=?UTF-8?B?44CA5bGx?= <", "3.2" },
		{ HEAD, "=?UTF-8?B?5bGx55Sw?= <", "=?UTF-8?B?5bGxCg==?= <", "5.2" },
		{ HEAD, "Sender: s@example.com", "Sender: s@example.com, t@example.com", "3" },
		{ HEAD, "Sender: s@example.com", "Sender: undisclosed-recipients:;", "3.3" },
		{ HEAD, "undisclosed-recipients:;", "Undisclosed-Recipients:;", "3.3" },
		{ HEAD, "undisclosed-recipients:;", "undisclosed-recipients:;, a@b", "3.3" },
		/* message ids */
		{ HEAD, "<1.a@example.com>", "1.a@example.com", "3.4" },
		{ HEAD, "<1.a@example.com>", "<1.a@example.com> <2@b>", "3" },
		{ HEAD, "<1.a@example.com>", "<1..a@example.com>", "3.4" },
		{ HEAD, "<1.a@example.com>", "<1.a>", "3.4" },
		{ HEAD, "<1.a@example.com>", "<\"1 a\"@example.com>", "3.4" },
		{ HEAD, "<1.a@example.com>", "<1.a@exam!ple#>", NULL },
		{ HEAD, "<1.a@example.com>", "<1@" A60 A60 A60 A60 "123456>", NULL },
		{ HEAD, "<1.a@example.com>", "<1@" A60 A60 A60 A60 "1234567>", "3.4" },
		{ HEAD, "<0@example.com> <x@", "<0@example.com>  <x@", "3.4" },
		{ HEAD, "<0@example.com> <x@", "<0@example.com><x@", "3.4" },
		{ HEAD, "<0@example.com> <x@", "<0@example.com>, <x@", "3.4" },
	};
	RUN(rows);
}

static void test_subject(void)
{
#define S "A plain subject"
	static const Row rows[] = {
		{ HEAD, S, "a  b", NULL },
		{ HEAD, S, "a =? b", "3.2" },
		{ HEAD, S, "a =?UTF-8?B?5bGx?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx?= b", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx?=", NULL },
		{ HEAD, S, "=?utf-8?B?5bGx?=", "3.2" },
		{ HEAD, S, "=?UTF-8?b?5bGx?=", "3.2" },
		{ HEAD, S, "=?UTF-8?Q?=E5=B1=B1?=", "3.2" },
		{ HEAD, S, "=?ISO-2022-JP?B?GyRCOzMbKEI=?=", "3.2" },
		{ HEAD, S, "=?UTF-8*ja?B?5bGx?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx?", "3.2" },
		{ HEAD, S,
		  "=?UTF-8?B?"
		  "?=",
		  "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bG?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?w6k=?=", NULL },
		{ HEAD, S, "=?UTF-8?B?w6l=?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?w6k?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?w6k=w6k=?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5b!x?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bE=?= =?UTF-8?B?sQ==?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?wIA=?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?7aCA?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?9JCAgA==?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx?==?UTF-8?B?5bGx?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx?=  =?UTF-8?B?5bGx?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx?=\n =?UTF-8?B?5bGx?=", NULL },
		{ HEAD, S, "=?UTF-8?B?5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx?=", NULL },
		{ HEAD, S,
		  "=?UTF-8?B?5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx5bGx?=", "3.2" },
		{ HEAD, S, "=?UTF-8?B?5bGx?= <a@b>", "3.2" },
		{ SUBJ, NULL, "plain", "3.2" },
		{ SUBJ, NULL, "a plain text", "3.2" },
		{ SUBJ, NULL, "a =? b", NULL },
		{ SUBJ, NULL, "a  b", "3.2" },
		/* cannot be folded: only two SPs in a row, or a token beyond a line */
		{ SUBJ, NULL, A60 "  " A60, NULL },
		{ SUBJ, NULL, A60 " " A60, "3.2" },
		{ SUBJ, NULL, R8(A60 A60) A60, NULL },
		{ SUBJ, NULL, "山 ", "3.2" },
		{ SUBJ, NULL, " 山", "3.2" },
		{ SUBJ, NULL, "山\u3000", "3.2" },
		{ SUBJ, NULL, "山\u3000川", NULL },
		{ SUBJ, NULL, "山\r\nBcc: x", "5.2" },
		{ SUBJ, NULL, "山\t川", "5.2" },
		{ SUBJ, NULL, "山\x7F川", "5.2" },
		{ SUBJ, NULL, "山\xC2\x85川", "5.2" },
		{ SUBJ, NULL, "山\u00A0川", "5.2" },
		{ SUBJ, NULL, "山\u2028川", "5.2" },
		{ SUBJ, NULL, "山\u200B川", "5.2" },
		{ SUBJ, NULL, "山\uFEFF川", "5.2" },
		{ SUBJ, NULL, "山\u202E川", "5.2" },
		{ SUBJ, NULL, "שלום\u200F", "5.2" },
		{ SUBJ, NULL, "שלום \u2067a\u2069", "5.2" },
		{ SUBJ, NULL, "שלום", NULL },
		{ SUBJ, NULL, "\u0301a", "5.2" },
		{ SUBJ, NULL, "a\u0301", NULL },
		{ SUBJ, NULL, "\U0001F468\u200D\U0001F469", NULL },
	};
	RUN(rows);
#undef S
}

static void test_characters(void)
{
	static const Row rows[] = {
		{ BODY, NULL, "a\x01", "5.2" },
		{ BODY, NULL, "a\tb", "5.2" },
		{ BODY, NULL, "a\x1B[31m", "5.2" },
		{ BODY, NULL, "a\x7F", "5.2" },
		{ BODY, NULL, "a\xC2\x9B", "5.2" },
		{ BODY, NULL, "a\u00A0b", "5.2" },
		{ BODY, NULL, "a\u2028b", "5.2" },
		{ BODY, NULL, "a\u2029b", "5.2" },
		{ BODY, NULL, "a\uFDD0", "5.2" },
		{ BODY, NULL, "a\uFFFE", "5.2" },
		{ BODY, NULL, "a\U0001FFFF", "5.2" },
		{ BODY, NULL, "a\U0010FFFE", "5.2" },
		{ BODY, NULL, "a\uE000", "5.2" },
		{ BODY, NULL, "a\uF8FF", "5.2" },
		{ BODY, NULL, "a\U000F0000", "5.2" },
		{ BODY, NULL, "a\U00100000", "5.2" },
		{ BODY, NULL, "a\u00AD", "5.2" },
		{ BODY, NULL, "a\u034F", "5.2" },
		{ BODY, NULL, "a\u115F", "5.2" },
		{ BODY, NULL, "a\u17B4", "5.2" },
		{ BODY, NULL, "a\u180E", "5.2" },
		{ BODY, NULL, "a\u200B", "5.2" },
		{ BODY, NULL, "a\u200D", "5.2" },
		{ BODY, NULL, "a\u2060", "5.2" },
		{ BODY, NULL, "a\u206F", "5.2" },
		{ BODY, NULL, "a\u3164", "5.2" },
		{ BODY, NULL, "a\uFE0F", "5.2" },
		{ BODY, NULL, "a\uFEFF", "5.2" },
		{ BODY, NULL, "a\uFFA0", "5.2" },
		{ BODY, NULL, "a\uFFF9", "5.2" },
		{ BODY, NULL, "a\uFFFB", "5.2" },
		{ BODY, NULL, "a\uFFFC\uFFFD", NULL },
		{ BODY, NULL, "a\U0001BCA0", "5.2" },
		{ BODY, NULL, "a\U0001D173", "5.2" },
		{ BODY, NULL, "a\U000E0041", "5.2" },
		{ BODY, NULL, "a\xC0\x80", "5.1" },
		{ BODY, NULL, "a\xE0\x80\x80", "5.1" },
		{ BODY, NULL, "a\xED\xA0\x80", "5.1" },
		{ BODY, NULL, "a\xF4\x90\x80\x80", "5.1" },
		{ BODY, NULL, "a\xF8\x88\x80\x80\x80", "5.1" },
		{ BODY, NULL, "a\xE3\x81", "5.1" },
		{ BODY, NULL, "a\x80", "5.1" },
		{ BODY, NULL, "a\xE3\x81z", "5.1" },
		{ BODY, NULL, "①㈱髙ｱ\u2003x\u00A9", NULL },
		/* joiners */
		{ BODY, NULL, "\u0915\u094D\u200D\u0937", NULL },
		{ BODY, NULL, "\u0645\u06CC\u200C\u062E", NULL },
		{ BODY, NULL, "\u0645\u200C", "5.2" },
		{ BODY, NULL, "\u0645\u200Ca", "5.2" },
		{ BODY, NULL, "\u0645\u200C\u200C\u0645", "5.2" },
		{ BODY, NULL, "\u0645\u200B\u0645", "5.2" },
		{ BODY, NULL, "\U0001F469\u200D\U0001F467", NULL },
		{ BODY, NULL, "\u2764\uFE0F\u200D\U0001F525", NULL },
		{ BODY, NULL, "\u2764\uFE0E\u200D\U0001F525", "5.2" },
		{ BODY, NULL, "1\uFE0F\u200D\U0001F525", "5.2" },
		{ BODY, NULL, "\U0001F469\u200D", "5.2" },
		{ BODY, NULL, "\U0001F469\u200Da", "5.2" },
		{ BODY, NULL, "\U0001F469\u200C\U0001F467", "5.2" },
		/* variation selectors */
		{ BODY, NULL, "1\uFE0F\u20E3 #\uFE0F\u20E3 \u00A9\uFE0F \u3299\uFE0E", NULL },
		{ BODY, NULL, "\u2764\uFE0F\uFE0F", "5.2" },
		{ BODY, NULL, "\u2764\uFE00", "5.2" },
		{ BODY, NULL, "葛\U000E0100城", NULL },
		{ BODY, NULL, "葛\U000E0100\U000E0100城", "5.2" },
		{ BODY, NULL, "ア\U000E0100", "5.2" },
		{ BODY, NULL, "葛\U000E01F0", "5.2" },
		{ BODY, NULL, "葛\uFE00", "5.2" },
		/* marks */
		{ BODY, NULL, "a\u0301\u0301\u0301\u0301", NULL },
		{ BODY, NULL, "a\u0301\u0301\u0301\u0301\u0301", "5.2" },
		{ BODY, NULL, "a\u0301\u0301\u0301\u0301b\u0301\u0301\u0301\u0301", NULL },
		{ BODY, NULL, "\u0301", "5.2" },
		{ BODY, NULL, "x\r\n\u3099", "5.2" },
		{ BODY, NULL, "か\u3099", NULL },
		{ BODY, NULL, "a\u20DD\u20DD\u20DD\u20DD\u20DD", "5.2" },
		{ BODY, NULL, "\u0628\u064B\u064B\u064B\u064B\u200C\u064B", "5.2" },
		{ BODY, NULL, "\u05D0\u05B0\u05B0\u05B0\u05B0\u200F\u05B0", "5.2" },
		/* bidi */
		{ BODY, NULL, "a\u200E", "5.3" },
		{ BODY, NULL, "a\u061Cb", "5.3" },
		{ BODY, NULL, "\u05D0\u200E\u200F\u061C", NULL },
		{ BODY, NULL, "\u05D0\r\n\u200F", "5.3" },
		{ BODY, NULL, "\u200F\u05D0", NULL },
		{ BODY, NULL, "\u05D0 \u2066a\u2069 \u202Aa\u202C \u202B\u2067x\u2069\u202C", NULL },
		{ BODY, NULL, "a \u2066a\u2069", "5.3" },
		{ BODY, NULL, "\u05D0 \u2066a", "5.3" },
		{ BODY, NULL, "\u05D0 \u2066a\r\n\u05D0\u2069", "5.3" },
		{ BODY, NULL, "\u05D0 \u2069", "5.3" },
		{ BODY, NULL, "\u05D0 \u202C", "5.3" },
		{ BODY, NULL, "\u05D0 \u2066\u202A\u2069\u202C", "5.3" },
		{ BODY, NULL, "\u05D0 \u2066\u202C", "5.3" },
		{ BODY, NULL, "\u05D0 \u202Da\u202C", "5.3" },
		{ BODY, NULL, "\u05D0 \u202Ea\u202C", "5.3" },
		{ BODY, NULL, "\u05D0" R8("\u2066") R8("\u2069"), NULL },
		{ BODY, NULL, "\u05D0" R8("\u2066") "\u2066\u2069" R8("\u2069"), "5.3" },
	};
	RUN(rows);
}

static void test_blocks(void)
{
	static const Row rows[] = {
		{ BODY, NULL, "begin 644 a.exe", "5.4" },
		{ BODY, NULL, "BEGIN 0755   a", "5.4" },
		{ BODY, NULL, "begin-base64 644 a.exe", "5.4" },
		{ BODY, NULL, "begin 644 ", "5.4" },
		{ BODY, NULL, "> > |\u3000 begin 644 a", "5.4" },
		{ BODY, NULL, "begin 644", NULL },
		{ BODY, NULL, "begin 6 a", "5.4" },
		{ BODY, NULL, "begin 64 a", "5.4" },
		{ BODY, NULL, "begin 100644 a", "5.4" },
		{ BODY, NULL, "begin 0100644 a", NULL },
		{ BODY, NULL, "begin 644\u3000a", "5.4" },
		{ BODY, NULL, "begin\u3000644 a", NULL },
		{ BODY, NULL, "begin 648 a", NULL },
		{ BODY, NULL, "begin 8 a", NULL },
		{ BODY, NULL, "begin 644a", NULL },
		{ BODY, NULL, "begin644 a", NULL },
		{ BODY, NULL, "begin-base64 6 a", "5.4" },
		{ BODY, NULL, "begin-base64 0100644 a", NULL },
		/* without a mode */
		{ BODY, NULL, "begin  a", "5.4" },
		{ BODY, NULL, "> Begin     山.exe", "5.4" },
		{ BODY, NULL, "begin  644", "5.4" },
		{ BODY, NULL, "begin  0100644 a", "5.4" },
		{ BODY, NULL, "begin a", NULL },
		{ BODY, NULL, "begin", NULL },
		{ BODY, NULL, "begin  ", NULL },
		{ BODY, NULL, "begin  \u3000a", NULL },
		{ BODY, NULL, "begin \u3000a", NULL },
		{ BODY, NULL, "begins  a", NULL },
		{ BODY, NULL, "begin-base64  a", NULL },
		/* armour */
		{ BODY, NULL, "-----BEGIN PGP MESSAGE-----", "5.4" },
		{ BODY, NULL, "-----BEGIN PGP MESSAGE, PART 1", "5.4" },
		{ BODY, NULL, "\u3000> -----Begin pgp Message-----", "5.4" },
		{ BODY, NULL, "------BEGIN PGP MESSAGE-----", NULL },
		{ BODY, NULL, "----BEGIN PGP MESSAGE-----", NULL },
		{ BODY, NULL, "-----BEGIN PGP  MESSAGE-----", NULL },
		{ BODY, NULL, "-----BEGIN PGP SIGNED MESSAGE-----", NULL },
		{ BODY, NULL, "-----BEGIN PGP PUBLIC KEY BLOCK-----", NULL },
		{ BODY, NULL, "-----END PGP MESSAGE-----", NULL },
		{ BODY, NULL, "x -----BEGIN PGP MESSAGE-----", NULL },
		{ ATTACH, NULL, "-----BEGIN PGP MESSAGE-----\r\n", "5.4" },
		{ BODY, NULL, "to begin 644 a", NULL },
		{ BODY, NULL, "beginning 644 a", NULL },
		{ BODY, NULL, "=ybegin line=128", "5.4" },
		{ BODY, NULL, ">=YBEGIN x", "5.4" },
		{ BODY, NULL, "=ybegin", NULL },
		{ BODY, NULL, "(This file Must Be Converted With BinHex 4.0)", "5.4" },
		{ BODY, NULL, "converted with binhex", NULL },
		{ BODY, NULL, B62 "34", "5.4" },
		{ BODY, NULL, B62 "3", NULL },
		{ BODY, NULL, B62 "3=4", NULL },
		{ BODY, NULL, B62 "\r\n34", "5.4" },
		{ BODY, NULL, B62 "\r\n> | \u300034", "5.4" },
		{ BODY, NULL, B62 "\r\n>\r\n34", "5.4" },
		{ BODY, NULL, B62 "\r\n\r\n34", NULL },
		/* over which line ends a run goes on */
		{ BODY, NULL, B62 "\r\n3", NULL },
		{ BODY, NULL, B62 " \r\n34", "5.4" },
		{ BODY, NULL, B62 " \u3000 \r\n34", "5.4" },
		{ BODY, NULL, B62 " >\r\n34", NULL },
		{ BODY, NULL, B62 "|\r\n34", NULL },
		{ BODY, NULL, B62 ".\r\n34", NULL },
		{ BODY, NULL, "> " B62 "\r\n>\r\n> |\u3000\r\n \r\n> 34 x", "5.4" },
		{ BODY, NULL, B62 "\r\n>\r\n\r\n>\r\n34", NULL },
		{ BODY, NULL, "x " B62 "\r\n34", NULL },
		{ BODY, NULL, B62 " x\r\n34", NULL },
		{ BODY, NULL, "x" B62 "\r\n4", "5.4" },
		{ BODY, NULL, "-" B62 "\r\n34", NULL },
		{ BODY, NULL, "x\r\n>\r\n" B62 "3", NULL },
		{ BODY, NULL, B62 "\r\nx y", NULL },
		{ BODY, NULL, B62 "\r\n34 y", "5.4" },
		{ BODY, NULL, L16 "\r\n" L16 "\r\n" L16 "\r\n" L16, "5.4" },
		{ BODY, NULL, L16 " \r\n" L16 "\u3000\r\n> " L16 "\r\n|\r\n" L16, "5.4" },
		{ BODY, NULL, L15 "\r\n" L15 "\r\n" L15 "\r\n" L15 "\r\n" L15, NULL },
		{ BODY, NULL, L16 "\r\n" L16 "\r\n" L16 "\r\n" L15 "\r\n" L16, NULL },
		{ BODY, NULL, L15 "\r\n" L16 "\r\n" L16 "\r\n" L16 "\r\n" L15, NULL },
		{ BODY, NULL, L15 "\r\n" L16 "\r\n" L16 "\r\n" L16 "\r\n" L16, "5.4" },
		{ BODY, NULL, L16 "\r\n" L16 "\r\n" L16 "=\r\n" L16, NULL },
		{ BODY, NULL, L16 "\r\n" L16 "\r\n" L16 "\r\nhttp://" L16, NULL },
		{ ATTACH, NULL, B62 "\r\n34\r\n", "5.4" },
		{ BODY, NULL, B62 "\r\n=34", NULL },
		{ BODY, NULL, A60 "aaaaa1", NULL },
		{ BODY, NULL, A60 "aaaaa1A", "5.4" },
		{ BODY, NULL, A60 "aaaaaAA", NULL },
		{ BODY, NULL, A60 "+/A1", "5.4" },
		{ BODY, NULL, "山" B62 "34", "5.4" },
		{ BODY, NULL, "https://" B62 "34", NULL },
		{ BODY, NULL, "HXXPS[:]//" B62 "34", NULL },
		{ BODY, NULL, "ftp://" B62 "34", NULL },
		{ BODY, NULL, "fxp://" B62 "34", "5.4" },
		{ BODY, NULL, "https:/" B62 "34", "5.4" },
		{ BODY, NULL, "https[]//" B62 "34", "5.4" },
		{ BODY, NULL, "http://x " B62 "34", "5.4" },
		{ BODY, NULL, "http://x<" B62 "34", "5.4" },
		{ BODY, NULL, "http://x\"" B62 "34", "5.4" },
		{ BODY, NULL, "http://x山" B62 "34", "5.4" },
		{ BODY, NULL, "http://x\r\n" B62 "34", "5.4" },
		{ BODY, NULL, B62 "34http://x", "5.4" },
		{ BODY, NULL, B62 "http://x\r\n34", NULL },
		{ BODY, NULL, B62 "http", "5.4" },
		{ BODY, NULL, "http://" R8(R8("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA1")) B62 "34", "5.4" },
		{ BODY, NULL, "http://" R8(R8("aaaaaaaaaaaaaaaaaaaaaaaaaaaaA1")) B62 "34", NULL },
		{ ATTACH, NULL, B62 "34\r\n", "5.4" },
		{ ATTACH, NULL, "x\r\nbegin 644 x\r\n", "5.4" },
	};
	RUN(rows);
}

static void test_notices(void)
{
	static const Row rows[] = {
		{ WHOLE, NULL, FOOT, NULL },
		{ WHOLE, NULL, "a\r\n\r\n" FOOT, NULL },
		{ WHOLE, NULL, "\r\n" FOOT, NULL },
		{ WHOLE, NULL, TAG "\r\n\r\n" FOOT, NULL },
		{ WHOLE, NULL, TAG "1\r\n" TAG "2\r\n" TAG "3\r\n\r\n" FOOT, NULL },
		{ WHOLE, NULL, TAG "1\r\n" TAG "2\r\n" TAG "3\r\n" TAG "4\r\n\r\n" FOOT, "5.5" },
		{ WHOLE, NULL, TAG "1\r\na\r\n\r\n" FOOT, "5.5" },
		{ WHOLE, NULL, TAG "1\r\n" FOOT, "5.5" },
		{ WHOLE, NULL, "a\r\n" FOOT, "5.5" },
		{ WHOLE, NULL, "a\r\n \r\n" FOOT, "5.5" },
		{ WHOLE, NULL, "a\r\n", "5.5" },
		{ WHOLE, NULL, TAG "1\r\n\r\na\r\n", "5.5" },
		{ WHOLE, NULL, "a\r\n\r\n" TAG "f\r\n", "5.5" },
		{ WHOLE, NULL, "a\r\n\r\n" TAG "x\r\n\r\n" FOOT, "5.5" },
		{ WHOLE, NULL, FOOT "\r\n", "5.5" },
		{ WHOLE, NULL, FOOT "a\r\n", "5.5" },
		{ WHOLE, NULL, FOOT TAG "g\r\n", "5.5" },
		{ WHOLE, NULL, FOOT "\r\n" FOOT, "5.5" },
		{ WHOLE, NULL, TAG "----- 0 -----\r\n", "5.5" },
		{ WHOLE, NULL, TAG "----- 01 -----\r\n" TAG "f\r\n", "5.5" },
		{ WHOLE, NULL, TAG "----- 2 -----\r\n" TAG "f\r\n", "5.5" },
		{ WHOLE, NULL, TAG "---- 1 ----\r\n" TAG "f\r\n", "5.5" },
		{ WHOLE, NULL, TAG "----- 1 -----x\r\n" TAG "f\r\n", "5.5" },
		{ WHOLE, NULL, TAG "----- 10001 -----\r\n" TAG "f\r\n", "5.5" },
		{ WHOLE, NULL, "a\r\n\r\n" TAG "----- 1 -----\r\n" TAG "f", "5.1" },
		{ WHOLE, NULL, "a\n\r\n" FOOT, "5.1" },
		{ WHOLE, NULL, "a\rb\r\n\r\n" FOOT, "5.1" },
		{ WHOLE, NULL, "a\r\r\n\r\n" FOOT, "5.1" },
		/* imitations */
		{ BODY, NULL, " " TAG "a", "5.5" },
		{ BODY, NULL, "\u3000 \u3000" TAG, "5.5" },
		{ BODY, NULL, "\u2003" TAG, "5.5" },
		{ BODY, NULL, "\u200F" TAG "\u05D0", "5.5" },
		{ BODY, NULL, "【無\U000E0100害化】", "5.5" },
		{ BODY, NULL, "[無害化]", "5.5" },
		{ BODY, NULL, "［無害化］", "5.5" },
		{ BODY, NULL, "〔無害化〕", "5.5" },
		{ BODY, NULL, "「無害化」", "5.5" },
		{ BODY, NULL, "(無害化)", "5.5" },
		{ BODY, NULL, "（無害化）", "5.5" },
		{ BODY, NULL, "<無害化", "5.5" },
		{ BODY, NULL, "＜無害化", "5.5" },
		{ BODY, NULL, "《無害化", "5.5" },
		{ BODY, NULL, "〈無害化", "5.5" },
		{ BODY, NULL, "『無害化", "5.5" },
		{ BODY, NULL, "｢無害化", "5.5" },
		{ BODY, NULL, "[MuGai]", "5.5" },
		{ BODY, NULL, "（ｍＵgａI", "5.5" },
		/* anywhere in the line */
		{ BODY, NULL, "x" TAG, "5.5" },
		{ BODY, NULL, "| " TAG, "5.5" },
		{ BODY, NULL, "[[無害化]]", "5.5" },
		{ BODY, NULL, "[mug[mugai", "5.5" },
		{ BODY, NULL, "[無害【無害化", "5.5" },
		{ BODY, NULL, "件名 (Mugai", "5.5" },
		{ BODY, NULL, " > " TAG, "5.5" },
		{ BODY, NULL, "\u3000>" TAG, "5.5" },
		{ BODY, NULL, "＞" TAG, "5.5" },
		{ BODY, NULL, "a > [無害\U000E0100化", "5.5" },
		{ BODY, NULL, "a [\u200F無\u200E害\u061C化 \u05D0", "5.5" },
		{ BODY, NULL, "\u05D0 [\u2066m\u2069ugai", "5.5" },
		{ BODY, NULL, ">" TAG, NULL },
		{ BODY, NULL, "> " TAG, NULL },
		{ BODY, NULL, "> x [mugai] " TAG "----- 1 -----", NULL },
		{ BODY, NULL, "無害化 mugai", NULL },
		{ BODY, NULL, "x【無害", NULL },
		{ BODY, NULL, "【無害\r\n化】", NULL },
		{ BODY, NULL, "[ mugai]", NULL },
		{ BODY, NULL, "[無 害化]", NULL },
		{ BODY, NULL, "[muga]i", NULL },
		{ BODY, NULL, "]mugai[", NULL },
		{ BODY, NULL, "{mugai}", NULL },
		{ TEXT, "を削除", "[mugai]を削除", NULL },
		{ ATTACH, NULL, "x" TAG "\r\n", "5.5" },
		{ ATTACH, NULL, "> " TAG "\r\n", NULL },
		{ ATTACH, NULL, TAG "x\r\n", "5.5" },
		{ ATTACH, NULL, FOOT, "5.5" },
		{ ATTACH, NULL, "a\r\n  [mugai] x\r\n", "5.5" },
		{ ATTACH, NULL, "\r\n", NULL },
		{ ATTACH, NULL, "a", "5.1" },
		/* outside strings */
		{ TEXT, "請求書.pdf", "", NULL },
		/* a notice line is our voice: nothing in it turns its direction, not even beside an RTL
		   letter */
		{ TEXT, "請求書.pdf", "\u05D0\u200E.pdf", "5.2" },
		{ TEXT, "請求書.pdf", "\u05D0.pdf", NULL },
		{ TEXT, "「請求書", "請求書", "5.6" },
		{ TEXT, "」を", "を", "5.6" },
		{ TEXT, "請求書.pdf", "請求「書.pdf", "5.6" },
		{ TEXT, "請求書.pdf", "請求」書.pdf", "5.6" },
		{ TEXT, "請求書.pdf", "請「求」書", "5.6" },
		{ TEXT, "請求書.pdf", "a」「b", NULL },
		{ TEXT, "請求書.pdf", "a://b", "5.6" },
		{ TEXT, "請求書.pdf", "hxxp[:]//b", NULL },
		{ TEXT, "請求書.pdf", "WWW.example", "5.6" },
		{ TEXT, "請求書.pdf", "mailTo:x", "5.6" },
		{ TEXT, "請求書.pdf", "tel:0", "5.6" },
		{ TEXT, "請求書.pdf", "ftp.x", "5.6" },
		{ TEXT, "請求書.pdf", "ftp[.]x", NULL },
		{ TEXT, "請求書.pdf", "a\\\\b", "5.6" },
		{ TEXT, "請求書.pdf", "a\\b\\c", NULL },
		{ TEXT, "請求書.pdf", "a\\", NULL },
		{ TEXT, "請求書.pdf", "Sip:x", "5.6" },
		{ TEXT, "請求書.pdf", "sms:1", "5.6" },
		{ TEXT, "請求書.pdf", "NEWS:x", "5.6" },
		{ TEXT, "請求書.pdf", "file:x", "5.6" },
		{ TEXT, "請求書.pdf", "data:,x", "5.6" },
		{ TEXT, "請求書.pdf", "xJavaScript:x", "5.6" },
		{ TEXT, "請求書.pdf", "news file data javascript: ", "5.6" },
		{ TEXT, "請求書.pdf", "sip[:]x file : data", NULL },
		/* addresses */
		{ TEXT, "請求書.pdf", "a@b", "5.6" },
		{ TEXT, "請求書.pdf", "a[@]b", NULL },
		{ TEXT, "請求書.pdf", "[@]", NULL },
		{ TEXT, "請求書.pdf", "[@", "5.6" },
		{ TEXT, "請求書.pdf", "@]", "5.6" },
		{ TEXT, "請求書.pdf", "[@@]", "5.6" },
		{ TEXT, "請求書.pdf", "[@ ]", "5.6" },
		{ TEXT, "「請求書.pdf」", "[「@]」", "5.6" },
		{ TEXT, "「請求書.pdf」", "「[@」]", "5.6" },
		{ TEXT, "請求書.pdf", "a＠b", NULL },
		{ TEXT, "を削除", "a@b", NULL },
		/* a host and a path */
		{ TEXT, "請求書.pdf", "a.b/c", "5.6" },
		{ TEXT, "請求書.pdf", "./", "5.6" },
		{ TEXT, "請求書.pdf", "a.b\u2003/c", "5.6" },
		{ TEXT, "請求書.pdf", "a.山川/c", "5.6" },
		{ TEXT, "請求書.pdf", "a[.]b.c/d", "5.6" },
		{ TEXT, "請求書.pdf", "a.b[.]c/d", "5.6" },
		{ TEXT, "請求書.pdf", "a[.b]/c", "5.6" },
		{ TEXT, "請求書.pdf", "a[b.]/c", "5.6" },
		{ TEXT, "請求書.pdf", "a[.]b/c", NULL },
		{ TEXT, "請求書.pdf", "a[.]b/c.d", NULL },
		{ TEXT, "請求書.pdf", "a[.]b/c.d/e", "5.6" },
		{ TEXT, "請求書.pdf", "/a.b", NULL },
		{ TEXT, "請求書.pdf", "a.b c/d", NULL },
		{ TEXT, "請求書.pdf", "a.b\u3000c/d", NULL },
		{ TEXT, "請求書.pdf", "a.b」「c/d", NULL },
		{ TEXT, "請求書.pdf", "image/png; 1.5 KB", NULL },
		{ TEXT, "を削除", "a.b/c", NULL },
		{ TEXT, "「請求書.pdf」", "a.b「c/d」", NULL },
		{ TEXT, "を削除", "a://b", "5.6" },
		{ TEXT, "無害化されました", "http://b", "5.6" },
		{ TEXT, "を削除", "www.example", NULL },
		{ TEXT, "請求書.pdf", A60 "12345678901234567890", NULL },
		{ TEXT, "請求書.pdf", A60 "123456789012345678901", "5.6" },
		{ TEXT, "請求書.pdf", A60 "12345678901山川森林海", "5.6" },
		{ TEXT, "請求書.pdf", A60 "1234567890山川森林海", NULL },
		{ TEXT, "請求書.pdf", R8("山川森林海"), NULL },
		{ TEXT, "請求書.pdf", R8("山川森林海") "a", "5.6" },
		{ TEXT, "請求書.pdf", R8("ｱｱｱｱｱｱｱｱｱｱ"), NULL },
		{ TEXT, "こんにちは", "「://", NULL },
	};
	RUN(rows);
}

static void test_body(void)
{
	static const Row rows[] = {
		{ RAW, "44CQ54", "44CQ5", "4.1" },
		{ RAW, "44CQ54", "44CQ54\n", "4.1" },
		{ RAW, "44CQ54", "44C!54", "4.1" },
		{ RAW, "44CQ54", "44C=54", "4.1" },
		{ RAW, "44CQ54", "44CQ44CQ54", "4.1" },
		{ RAW, "44CQ54", "44C\t54", "1.1" },
		{ RAW, "base64\n\n", "base64\n\n\n", "4.1" },
		{ WHOLE, NULL, "", "4.1" },
		{ WHOLE, NULL, "a\r\n\r\n" FOOT, NULL },
		{ MULTI, "44CQ54", "44CQ5", "4.1" },
		{ MULTI, "6K2w5L", "gK2w5L", "5.1" },
		{ MULTI, BOUNDARY "\nContent", "preamble\n" BOUNDARY "\nContent", "4.2" },
		{ MULTI, MULTIPART, MULTIPART "\n", "4.2" },
		{ MULTI, CLOSE, "", "4.2" },
		{ MULTI, CLOSE, BOUNDARY "-\n", "4.2" },
		{ MULTI, CLOSE, BOUNDARY "\n", "4.2" },
		{ MULTI, CLOSE, CLOSE "\n", "4.2" },
		{ MULTI, CLOSE, CLOSE "epilogue\n", "4.2" },
		{ MULTI, CLOSE, "\n" CLOSE, "4.1" },
		{ MULTI, CLOSE, "-x\n", "4.1" },
		{ MULTI, "eeff\"", "eefe\"", "3" },
		{ MULTI, "eeff\"", "eeff", "3" },
		{ MULTI, "multipart/mixed", "multipart/alternative", "3" },
		{ MULTI, "eeff\"\n", "eeff\"; x=y\n", "3" },
		{ MULTI, "eeff\"\n\n", "eeff\"\nContent-Transfer-Encoding: base64\n\n", "3" },
		{ MULTI, BOUNDARY "\nContent-Type: text/plain", BOUNDARY "\nContent-Type: text/html", "4.2" },
		{ MULTI, BOUNDARY "\nContent-Type", BOUNDARY "\ncontent-Type", "4.2" },
		{ MULTI, "base64\nContent-Disposition", "base64\nContent-ID: <a@b>\nContent-Disposition",
		  "4.3" },
		{ MULTI, "base64\nContent-Disposition", "8bit\nContent-Disposition", "4.2" },
		{ MULTI, ": attachment;", ": inline;", "4.3" },
		{ MULTI, "Content-Disposition: attachment;\n filename*=UTF-8''a.txt\n", "", "4.3" },
		{ MULTI, "a.txt\n", "a.txt\nContent-Location: x\n", "4.2" },
		{ MULTI, "a.txt\n\n", "a.txt\n", "4.2" },
		{ MULTI, FIRST_PART,
		  BOUNDARY "\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: "
		           "base64\nContent-Disposition: attachment;\n filename*=UTF-8''b.txt\n\n",
		  "4.2" },
		{ MULTI, NEXT_PART " filename*=UTF-8''a.txt\n\n6K2w5LqL6Yyy", CLOSE "x", "4.2" },
		{ MULTI, CLOSE, NEXT_PART " filename*=UTF-8''b.txt\n\nDQo=\n" CLOSE, NULL },
		{ MULTI, CLOSE, NEXT_PART " filename*=UTF-8''A.txt\n\nDQo=\n" CLOSE, "4.4" },
		{ MULTI, CLOSE, NEXT_PART, "4.3" },
		{ MULTI, CLOSE, NEXT_PART " filename*=UTF-8''b.txt\n", "4.2" },
		{ MULTI, CLOSE, NEXT_PART " filename*=UTF-8''b.txt\n\n", "4.1" },
		{ MULTI, CLOSE, NEXT_PART " filename*=UTF-8''b.txt\n\n" CLOSE, "4.1" },
	};
	RUN(rows);
}

static void test_names(void)
{
#define N60 A60
	static const Row rows[] = {
		{ NAME, NULL, "a.txt", NULL },
		{ NAME, NULL, "議事録 (1).txt", NULL },
		{ NAME, NULL, "がぎ.txt", NULL },
		{ NAME, NULL, "が無害化された長い長い名前の議事録.txt", NULL },
		{ NAME, NULL, R8("山川森林海山川森林海山川森林") "海山川森.txt", NULL },
		{ NAME, NULL, R8("山川森林海山川森林海山川森林") "海山川森林.txt", "4.4" },
		{ NAME, NULL,
		  R8("\U0001F468\U0001F468\U0001F468\U0001F468\U0001F468\U0001F468\U0001F468\U0001F468"
		     "\U0001F468\U0001F468\U0001F468\U0001F468\U0001F468\U0001F468\U0001F468") "\U0001F468."
		                                                                               "txt",
		  "4.4" },
		{ NAME, NULL, "a.exe", "4.4" },
		{ NAME, NULL, "a.TXT", "4.4" },
		{ NAME, NULL, "a.exe.txt", "4.4" },
		{ NAME, NULL, "a", "4.4" },
		{ NAME, NULL, ".txt", "4.4" },
		{ NAME, NULL, " a.txt", "4.4" },
		{ NAME, NULL, "\u3000a.txt", "4.4" },
		{ NAME, NULL, "a .txt", NULL },
		{ NAME, NULL, "a/b.txt", "4.4" },
		{ NAME, NULL, "a\\b.txt", "4.4" },
		{ NAME, NULL, "C:b.txt", "4.4" },
		{ NAME, NULL, "a*.txt", "4.4" },
		{ NAME, NULL, "a?.txt", "4.4" },
		{ NAME, NULL, "a\".txt", "4.4" },
		{ NAME, NULL, "a<.txt", "4.4" },
		{ NAME, NULL, "a>.txt", "4.4" },
		{ NAME, NULL, "a|.txt", "4.4" },
		{ NAME, NULL, "a\n.txt", "5.2" },
		{ NAME, NULL, "a\u202Etxt.txt", "5.2" },
		{ NAME, NULL, "a\u200B.txt", "5.2" },
		{ NAME, NULL, "a\xE3\x81.txt", "4.4" },
		{ NAME, NULL, "e\u0301.txt", "4.4" },
		{ NAME, NULL, "か\u3099.txt", "4.4" },
		{ NAME, NULL, "ハ\u309A.txt", "4.4" },
		{ NAME, NULL, "木\u3099.txt", NULL },
		{ FILENAME, NULL, " filename*=UTF-8''a%2Etxt\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''%61.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''%e3%81%82.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''%E3%81%8.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''a b.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''a~.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''a.tx%7\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''a.txt;\n", "4.3" },
		{ FILENAME, NULL, " filename*=utf-8''a.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8'ja'a.txt\n", "4.3" },
		{ FILENAME, NULL, "  filename*=UTF-8''a.txt\n", "4.3" },
		{ FILENAME, NULL, " filename=\"a.txt\"\n", "4.3" },
		{ FILENAME, NULL, " filename*=UTF-8''a.txt\n filename*=UTF-8''b.txt\n", "4.2" },
		{ FILENAME, NULL, " filename*=UTF-8''aaaa" N60 ".txt\n", "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''" N60 ";\n filename*1*=.txt\n", NULL },
		{ FILENAME, NULL, " filename*0*=UTF-8''" N60 "a;\n filename*1*=.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''a;\n filename*1*=.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''a.txt\n", "4.3" },
		{ FILENAME, NULL,
		  " filename*0*=UTF-8''1234567890123456789012345678901234567890;\n filename*1*=.txt\n",
		  "4.3" },
		{ FILENAME, NULL,
		  " filename*0*=UTF-8''1234567890123456789012345678901234567890;\n "
		  "filename*1*=12345678901234567.txt\n",
		  NULL },
		{ FILENAME, NULL,
		  " filename*0*=UTF-8''123456789012345678901234567890123456789;\n "
		  "filename*1*=123456789012345678901234567890.txt\n",
		  "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''" N60 ";\n filename*2*=.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*1*=UTF-8''" N60 ";\n filename*2*=.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''" N60 ";\n filename*01*=.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''" N60 ";\n filename*1*=UTF-8''.txt\n", "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''" N60 ";\n filename*1*=\n", "4.3" },
		{ FILENAME, NULL, " filename*0*=UTF-8''" N60 ";\n", "4.3" },
		{ FILENAME, NULL,
		  " filename*0*=UTF-8''1234567890123456789012345678901234567890%E3%8;\n "
		  "filename*1*=1%82aaaaaaaaaaaaaa.txt\n",
		  "4.3" },
		{ FILENAME, NULL,
		  " filename*0*=UTF-8''1234567890123456789012345678901234567890%E3%81;\n "
		  "filename*1*=%82aaaaaaaaaaaaaa.txt\n",
		  NULL },
	};
	RUN(rows);
#undef N60
}

/* -- what a table cannot hold -- */

/* A unit that may stand `most` times between before and after, and not once more. */
static void test_counts(void)
{
	static const struct {
		Kind kind;
		const char *from, *before, *unit, *after;
		unsigned most;
		const char *section;
	} rows[] = {
		{ HEAD, "Date: ", "", "Received: x\n", "Date: ", 196, "2" },
		{ HEAD, "Date: ", "Received: x\n", " 123456789012345678\n", "Date: ", 409, "2" },
		{ HEAD, "To: tanaka@example.jp", "To: a@b", ",\n a@b", "", 999, "3" },
		{ HEAD, "c@[192.0.2.1]", "c@d", ",\n c@d", "", 17, "3" },
		{ HEAD, "<x@[192.0.2.7]>", "<x@y>", "\n <x@y>", "", 98, "3" },
		{ HEAD, "Taro Yamada", "a", "\n a", "", 249, "3.3" },
		{ HEAD, "A plain subject", "a", "\n aaaaaaa", "\n aaaaaa", 249, "3" },
		{ SUBJ, NULL, "", "山", "", 2000, "3" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		for (unsigned n = rows[i].most; n <= rows[i].most + 1; n++) {
			g_autoptr(GString) to = g_string_new(rows[i].before);
			for (unsigned k = 0; k < n; k++)
				g_string_append(to, rows[i].unit);
			g_string_append(to, rows[i].after);
			Row row = { rows[i].kind, rows[i].from, to->str, NULL };
			g_autofree char *message = build(&row);
			const char *section = n > rows[i].most ? rows[i].section : NULL;
			g_assert_true(expect(message, strlen(message), section, rows[i].unit));
		}
	}
}

static void test_padding(void)
{
	/* Three lengths: no padding, one, two. */
	static const char *const texts[] = {
		"a\r\n\r\n" FOOT,
		"aa\r\n\r\n" FOOT,
		"aaa\r\n\r\n" FOOT,
	};
	unsigned padded = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *message = single(TRACE OWN SINGLE, texts[i]);
		g_assert_true(expect(message, strlen(message), NULL, texts[i]));
		char *pad = strchr(strstr(message, "base64\n\n") + 8, '=');
		if (!pad)
			continue;
		padded++;
		pad[-1]++; /* an unused bit is set */
		g_assert_true(expect(message, strlen(message), "4.1", "unused bits"));
		pad[-1]--;
		*pad = '\n';
		pad[1] = '\0';
		g_assert_true(expect(message, strlen(message), "4.1", "no padding"));
	}
	g_assert_cmpuint(padded, ==, 2);
}

static void test_line_of_76(void)
{
	/* 57 bytes and their multiples: the last line is full. */
	for (size_t n = 0; n < 120; n++) {
		g_autofree char *body = g_strnfill(n, 'a');
		g_autofree char *text = g_strconcat(body, "\r\n\r\n" FOOT, NULL);
		g_autofree char *message = single(TRACE OWN SINGLE, text);
		g_assert_true(expect(message, strlen(message), NULL, text));
	}
}

static void test_truncated(void)
{
	g_autofree char *whole = multipart(" filename*=UTF-8''a.txt\n", good_attachment);
	struct verify_error error;
	for (size_t n = 0; n < strlen(whole); n++)
		g_assert_nonnull(verdict(whole, n, &error));
	g_assert_null(verdict(whole, strlen(whole), &error));
	g_assert_nonnull(verdict(whole, strlen(whole) + 1, &error)); /* the NUL */
}

/* A control anywhere, also as the last byte. */
static void test_each_byte_counts(void)
{
	g_autofree char *whole = single(TRACE OWN SINGLE, good_text);
	struct verify_error error;
	for (size_t i = 0; i < strlen(whole); i++) {
		char was = whole[i];
		whole[i] = '\x0B';
		g_assert_cmpstr(verdict(whole, strlen(whole), &error), ==, "1.1");
		whole[i] = '\0';
		g_assert_cmpstr(verdict(whole, i + 1, &error), ==, "1.1");
		whole[i] = was;
	}
}

static void test_parts(void)
{
	for (unsigned attachments = 1000; attachments <= 1001; attachments++) {
		g_autoptr(GString) message = g_string_new(OWN MULTIPART FIRST_PART);
		g_autofree char *first = base64(good_text);
		g_string_append(message, first);
		for (unsigned i = 0; i < attachments; i++)
			g_string_append_printf(message, NEXT_PART " filename*=UTF-8''%u.txt\n\nDQo=\n", i);
		g_string_append(message, CLOSE);
		g_assert_true(
		        expect(message->str, message->len, attachments == 1000 ? NULL : "4.2", "parts"));
	}
}

static void test_header_size(void)
{
	g_autofree char *body = base64(good_text);
	for (int over = 0; over <= 1; over++) {
		g_autoptr(GString) message = g_string_new(NULL);
		size_t left = VERIFY_HEADER_MAX - strlen(OWN SINGLE) + (size_t)over;
		while (left > 0) {
			/* 32 of 8000 bytes, each in ten lines, and what remains */
			size_t size = MIN(left > 16000 ? 8000 : left > 8000 ? 800 : left, 8000);
			size_t start = message->len;
			g_string_append(message, "Received:");
			while (start + size - message->len > 800)
				g_string_append_printf(message, " %0700d\n", 1);
			g_string_append_printf(message, " %0*d\n", (int)(start + size - message->len - 2), 1);
			left -= size;
		}
		g_string_append(message, OWN SINGLE);
		g_assert_cmpuint(message->len, ==, VERIFY_HEADER_MAX + (size_t)over);
		g_string_append(message, body);
		g_assert_true(expect(message->str, message->len, over ? "1.3" : NULL, "header size"));
	}
}

static void test_message_size(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	while (text->len < 33250000)
		g_string_append(text, "議事録の一行目です。長い本文の速さと大きさを確かめます。\r\n");
	g_string_append(text, "\r\n" FOOT);
	g_autofree char *message = single(OWN SINGLE, text->str);
	gint64 start = g_get_monotonic_time();
	g_assert_true(expect(message, strlen(message), NULL, "large"));
	g_test_message("%zu bytes in %.2f s", strlen(message),
	               (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
	g_autofree char *too_large = g_strnfill(VERIFY_MESSAGE_MAX + 1, 'a');
	g_assert_true(expect(too_large, VERIFY_MESSAGE_MAX + 1, "1.3", "too large"));
}

/* Bytes of the hostile texts; time in square of that would be hours. */
#define HOSTILE_SIZE 4000000u
#define HOSTILE_SECONDS 20

static void test_linear(void)
{
	static const struct {
		const char *before, *unit, *after;
	} rows[] = {
		{ "", "[", "" },
		{ "", "[muga", "" },
		{ "", "【無\U000E0100害\U000E0100", "" },
		{ "\u05D0[", "\u200F", "" },
		{ "", "> ", "" },
		{ "", L15 "\r\n", "" },
		{ "", A60 "a\r\n", "" },
		{ "", "aaaaaaaaaaaaaaaa \r\n> \r\n", "" },
		{ "aaaaaaaaaaaaaaaa", " ", "" },
		{ "aaaaaaaaaaaaaaaa\r\n", ">\r\n", "" },
		{ "begin", " ", "" },
		{ "begin ", "1", "" },
		{ "", "https", "" },
		{ "", "http://", "" },
		{ "", "must be converted with binhe", "" },
		{ "a\r\n\r\n" TAG "----- 1 -----\r\n" TAG, "「a[.]b[.]c/d」", "\r\n" },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) text = g_string_new(rows[i].before);
		while (text->len < HOSTILE_SIZE)
			g_string_append(text, rows[i].unit);
		g_string_append(text, rows[i].after[0] ? rows[i].after : "\r\n\r\n" FOOT);
		g_autofree char *message = single(OWN SINGLE, text->str);
		gint64 start = g_get_monotonic_time();
		g_assert_true(expect(message, strlen(message), NULL, rows[i].unit));
		g_assert_cmpint(g_get_monotonic_time() - start, <, HOSTILE_SECONDS * G_USEC_PER_SEC);
	}
}

static void test_error(void)
{
	g_autofree char *message = single(OWN SINGLE, "a\r\nb\x1B[2J\r\n\r\n" FOOT);
	struct verify_error error;
	g_assert_false(verify_message((const uint8_t *)message, strlen(message), &error));
	g_assert_cmpstr(error.what, ==, "a control character or a special blank: \"\\x1B\"");
	g_assert_cmpuint(error.line, ==, 23);
	g_autofree char *far = g_strconcat(good_text, "x\r\n", NULL);
	g_autofree char *second = single(OWN SINGLE, far);
	g_assert_false(verify_message((const uint8_t *)second, strlen(second), &error));
	g_assert_cmpuint(error.line, ==, 22 + strlen(far) / 57);
	for (const char *c = error.what; *c; c++)
		g_assert_true(g_ascii_isprint(*c));
}

/* -- the samples, and the program -- */

/* An unsafe build says so, in a line of its own. */
#ifdef MUGAI_UNSAFE_BUILD
#define UNSAFE_LINE(c) ((c) == '\n')
#else
#define UNSAFE_LINE(c) false
#endif

typedef struct {
	int status;
	char *out, *err;
} Run;

static Run run(const char *const *arguments)
{
	g_autofree char *program = g_build_filename(BIN_DIR, "mugai-verify", NULL);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_ptr_array_add(argv, program);
	for (; *arguments; arguments++)
		g_ptr_array_add(argv, (char *)*arguments);
	g_ptr_array_add(argv, NULL);
	Run result;
	int wait_status;
	g_assert_true(g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &result.out,
	                           &result.err, &wait_status, NULL));
	g_assert_true(WIFEXITED(wait_status));
	result.status = WEXITSTATUS(wait_status);
	return result;
}

static void expect_run(const char *const *arguments, int status, const char *out, const char *err)
{
	Run result = run(arguments);
	g_assert_cmpint(result.status, ==, status);
	g_assert_cmpstr(result.out, ==, out);
	if (!strstr(result.err, err))
		g_error("expected \"%s\" in \"%s\"", err, result.err);
	g_free(result.out);
	g_free(result.err);
}

static void test_samples(void)
{
	static const char *const samples[] = { "minimal.eml", "full.eml",        "multipart.eml",
		                               "crlf.eml",    "notice-only.eml", "image-pdf.eml" };
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *path = g_build_filename(TESTS_DIR, "verify", samples[i], NULL);
		g_autofree char *ok = g_strdup_printf("%s: ok\n", path);
		g_autofree char *bytes = NULL;
		size_t length;
		g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
		g_assert_true(expect(bytes, length, NULL, path));
		expect_run((const char *const[]) { path, NULL }, 0, ok, "");
	}
}

#define BAD_SHOWN "bad\\x1B\\xE2\\x80\\xAE\\xE2\\x80\\x8B\\xFF~"

/* Nothing but printable ASCII and the line end, wherever the name is said. */
static void test_name_shown(const char *bad)
{
	char *longest = g_strnfill(PATH_MAX - 1, '\x1B');
	const char *const names[] = { bad, "\u202E/nonexistent", longest };
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		Run shown = run((const char *const[]) { names[i], NULL });
		g_assert_cmpint(shown.status, !=, 0);
		size_t length = strlen(shown.err);
		g_assert_cmpuint(length, >, 0);
		g_assert_cmpint(shown.err[length - 1], ==, '\n');
		g_assert_nonnull(strstr(shown.err, ": ")); /* the reason is not cut off */
		for (size_t k = 0; k + 1 < length; k++)
			g_assert_true(g_ascii_isprint(shown.err[k]) || UNSAFE_LINE(shown.err[k]));
		g_free(shown.out);
		g_free(shown.err);
	}
	g_free(longest);
}

static void test_program(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("verify-XXXXXX", &error);
	g_assert_no_error(error);
	g_autofree char *empty = g_build_filename(directory, "empty", NULL);
	/* an escape, a right-to-left override, an invisible blank, a stray byte */
	g_autofree char *bad = g_build_filename(directory, "bad\x1B\u202E\u200B\xFF~", NULL);
	g_autofree char *good = g_build_filename(TESTS_DIR, "verify", "full.eml", NULL);
	g_assert_true(g_file_set_contents(empty, "", 0, NULL));
	g_assert_true(g_file_set_contents(bad, "Evil: \x1B]0;x\x07\n\n", -1, NULL));
	expect_run((const char *const[]) { empty, NULL }, 66, "", "is empty");
	expect_run((const char *const[]) { directory, NULL }, 66, "", "is a directory");
	expect_run((const char *const[]) { "/nonexistent/x", NULL }, 66, "", "No such file");
	expect_run((const char *const[]) { bad, NULL }, 65, "", BAD_SHOWN ": line 1: section 1.1: ");
	test_name_shown(bad);
	expect_run((const char *const[]) { "--key", "x", good, NULL }, 69, "", "seals are not defined yet");
	expect_run((const char *const[]) { "--kay", NULL }, 64, "", "unknown option");
	expect_run((const char *const[]) { "--key", NULL }, 64, "", "--key needs a file");
	expect_run((const char *const[]) { good, good, NULL }, 64, "", "more than one file");
	expect_run((const char *const[]) { "--quiet", good, NULL }, 0, "", "");
	expect_run((const char *const[]) { "--", good, "--quiet", NULL }, 64, "", "more than one file");
	Run helped = run((const char *const[]) { "--help", NULL });
	g_assert_cmpint(helped.status, ==, 0);
	g_assert_nonnull(strstr(helped.out, "メール"));
	g_free(helped.out);
	g_free(helped.err);
	g_unlink(empty);
	g_unlink(bad);
	g_rmdir(directory);
}

/* -- root: the file is opened with its rights, and no byte is read with them -- */

static char *status_line(pid_t pid, const char *name)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid);
	g_autofree char *status = NULL;
	g_assert_true(g_file_get_contents(path, &status, NULL, NULL));
	g_autofree char *start = g_strdup_printf("\n%s:", name);
	char *at = strstr(status, start);
	g_assert_nonnull(at);
	at += strlen(start);
	return g_strstrip(g_strndup(at, strcspn(at, "\n")));
}

/* The checker waits for its first byte on a pipe that holds none. */
static pid_t start_waiting(int *in)
{
	g_autofree char *program = g_build_filename(BIN_DIR, "mugai-verify", NULL);
	char *argv[] = { program, (char *)"--quiet", NULL };
	GPid pid;
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL;
	g_assert_true(
	        g_spawn_async_with_pipes(NULL, argv, NULL, flags, NULL, NULL, &pid, in, NULL, NULL, NULL));
	return pid;
}

/* Up to 10 s. */
static void await_status(pid_t pid, const char *name, const char *value)
{
	for (int i = 0; i < 1000; i++) {
		g_autofree char *now = status_line(pid, name);
		if (strcmp(now, value) == 0)
			return;
		g_usleep(10000);
	}
	g_error("%s never became \"%s\"", name, value);
}

static void test_root_dropped(void)
{
	if (getuid() != 0) {
		g_test_skip("needs root");
		return;
	}
	static const struct {
		const char *name, *value;
	} rows[] = {
		{ "Uid", "65534\t65534\t65534\t65534" },
		{ "Gid", "65534\t65534\t65534\t65534" },
		{ "Groups", "" },
		{ "CapInh", "0000000000000000" },
		{ "CapPrm", "0000000000000000" },
		{ "CapEff", "0000000000000000" },
		{ "CapAmb", "0000000000000000" },
		{ "NoNewPrivs", "1" },
#ifndef MUGAI_UNSAFE_BUILD
		{ "Seccomp", "2" },
#endif
	};
	int in, status;
	pid_t pid = start_waiting(&in);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		await_status(pid, rows[i].name, rows[i].value);
	g_autofree char *message = single(TRACE OWN SINGLE, good_text);
	g_assert_cmpint(write(in, message, strlen(message)), ==, (gssize)strlen(message));
	close(in);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* What root alone may open, root may have checked. */
static void test_root_file(void)
{
	g_autofree char *directory = g_dir_make_tmp("verify-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "private.eml", NULL);
	g_autofree char *message = single(TRACE OWN SINGLE, good_text);
	g_assert_true(g_file_set_contents_full(path, message, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	g_assert_cmpint(g_chmod(directory, 0700), ==, 0);
	expect_run((const char *const[]) { "--quiet", path, NULL }, 0, "", "");
	g_unlink(path);
	g_rmdir(directory);
}

/* -- the lock, from inside: an unsafe build has no filter, so there it is no test -- */

#ifndef MUGAI_UNSAFE_BUILD

static void try_open(void)
{
	(void)!open("/dev/null", O_RDONLY);
}

static void try_stat(void)
{
	struct stat st;
	(void)!stat("/", &st);
}

static void try_socket(void)
{
	socket(AF_UNIX, SOCK_STREAM, 0);
}

static void try_fork(void)
{
	if (fork() == 0)
		_exit(0);
}

static void try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void try_map_exec(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_write_elsewhere(void)
{
	(void)!write(0, "x", 1);
}

static void try_read_elsewhere(void)
{
	char byte;
	(void)!read(1, &byte, 1);
}

static void try_memfd(void)
{
	syscall(SYS_memfd_create, "x", 0);
}

static void try_foreign(void)
{
	syscall(0x40000000 | SYS_write, 1, "", 0); /* x32 */
}

static void test_lock(void)
{
	static void (*const tries[])(
	        void) = { try_open,     try_stat,  try_socket,          try_fork,           try_exec,
		          try_map_exec, try_memfd, try_write_elsewhere, try_read_elsewhere, try_foreign };
	for (size_t i = 0; i < G_N_ELEMENTS(tries); i++) {
		pid_t child = fork();
		g_assert_cmpint(child, >=, 0);
		if (child == 0) {
			if (verify_lock() != NULL)
				_exit(69);
			tries[i]();
			_exit(0);
		}
		int status;
		g_assert_cmpint(waitpid(child, &status, 0), ==, child);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			g_error("attempt %zu was not killed: status %#x", i, (unsigned)status);
	}
}
#endif

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/verify/bytes", test_bytes);
	g_test_add_func("/verify/trace", test_trace);
	g_test_add_func("/verify/fields", test_fields);
	g_test_add_func("/verify/addresses", test_addresses);
	g_test_add_func("/verify/subject", test_subject);
	g_test_add_func("/verify/characters", test_characters);
	g_test_add_func("/verify/blocks", test_blocks);
	g_test_add_func("/verify/notices", test_notices);
	g_test_add_func("/verify/body", test_body);
	g_test_add_func("/verify/names", test_names);
	g_test_add_func("/verify/counts", test_counts);
	g_test_add_func("/verify/padding", test_padding);
	g_test_add_func("/verify/line-of-76", test_line_of_76);
	g_test_add_func("/verify/truncated", test_truncated);
	g_test_add_func("/verify/each-byte", test_each_byte_counts);
	g_test_add_func("/verify/parts", test_parts);
	g_test_add_func("/verify/header-size", test_header_size);
	g_test_add_func("/verify/message-size", test_message_size);
	g_test_add_func("/verify/linear", test_linear);
	g_test_add_func("/verify/error", test_error);
	g_test_add_func("/verify/samples", test_samples);
	g_test_add_func("/verify/program", test_program);
	g_test_add_func("/verify/root-dropped", test_root_dropped);
	g_test_add_func("/verify/root-file", test_root_file);
#ifndef MUGAI_UNSAFE_BUILD
	g_test_add_func("/verify/lock", test_lock);
#endif
	return g_test_run();
}
