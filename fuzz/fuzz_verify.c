/* The checker over arbitrary bytes. Byte 0 chooses what they are: 1 the text of a good message, 2 an
 * attachment, 3 a Subject in encoded words, 4 an attachment's name; anything else, and byte 0 too: a
 * whole message. Base64 would hide the inner rules from mutation, so it is put on here.
 *
 * Held besides memory safety: a refusal names a clause in printable ASCII; LF and CRLF get the same
 * answer; and what no clean message can hold is not in an accepted one, judged by plain code again. */
#include "verify_priv.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID "00112233445566778899aabbccddeeff"
#define OWN(subject)                                                                                         \
	"Date: Fri, 20 Nov 2026 10:00:00 +0900\n"                                                            \
	"From: a@example.com\n" subject "Message-ID: <1@example.com>\n"                                      \
	"X-Mugai-Id: " ID "\n"                                                                               \
	"X-Mugai-Hops: 1\n"                                                                                  \
	"X-Mugai-Policy: a; version=0123456789abcdef\n"                                                      \
	"X-Mugai-Result: deliver; parts=1; removed=0; converted=0\n"                                         \
	"MIME-Version: 1.0\n"
#define SINGLE                                                                                               \
	"Content-Type: text/plain; charset=UTF-8\n"                                                          \
	"Content-Transfer-Encoding: base64\n\n"
#define BOUNDARY "--=_mugai_" ID
#define FOOT "【無害化】----- 1 -----\r\n【無害化】f\r\n"

static void add_base64(GString *out, const uint8_t *data, size_t size)
{
	g_autofree char *all = g_base64_encode(data, size);
	size_t length = strlen(all);
	for (size_t i = 0; i < length; i += 76) {
		g_string_append_len(out, all + i, (gssize)MIN(76, length - i));
		g_string_append_c(out, '\n');
	}
}

static void wrap_text(GString *out, const uint8_t *data, size_t size)
{
	g_string_append(out, OWN("") SINGLE);
	add_base64(out, data, size);
}

static void add_first_part(GString *out)
{
	g_string_append(out, OWN("") "Content-Type: multipart/mixed;\n boundary=\"=_mugai_" ID
	                             "\"\n\n" BOUNDARY "\n" SINGLE);
	add_base64(out, (const uint8_t *)FOOT, strlen(FOOT));
	g_string_append(out, BOUNDARY "\nContent-Type: text/plain; charset=UTF-8\n"
	                              "Content-Transfer-Encoding: base64\n"
	                              "Content-Disposition: attachment;\n filename*");
}

static void wrap_attachment(GString *out, const uint8_t *data, size_t size)
{
	add_first_part(out);
	g_string_append(out, "=UTF-8''a.txt\n\n");
	add_base64(out, data, size);
	g_string_append(out, BOUNDARY "--\n");
}

static void wrap_subject(GString *out, const uint8_t *data, size_t size)
{
	g_string_append(out, "Date: Fri, 20 Nov 2026 10:00:00 +0900\nFrom: a@example.com\nSubject:");
	for (size_t i = 0; i < size; i += 42) {
		g_autofree char *word = g_base64_encode(data + i, MIN(42, size - i));
		g_string_append_printf(out, "%s =?UTF-8?B?%s?=", i > 0 ? "\n" : "", word);
	}
	const char *rest = strstr(OWN("\n") SINGLE, "\n\nMessage-ID") + 1;
	g_string_append(out, rest);
	add_base64(out, (const uint8_t *)FOOT, strlen(FOOT));
}

static void wrap_name(GString *out, const uint8_t *data, size_t size)
{
	add_first_part(out);
	g_string_append(out, "=UTF-8''");
	for (size_t i = 0; i < size; i++) {
		if (g_ascii_isalnum(data[i]) || (data[i] != '\0' && strchr("._-", data[i])))
			g_string_append_c(out, (char)data[i]);
		else
			g_string_append_printf(out, "%%%02X", data[i]);
	}
	g_string_append(out, ".txt\n\nDQo=\n" BOUNDARY "--\n");
}

static void require(bool held)
{
	if (!held)
		abort();
}

static bool accepts(const char *message, size_t size)
{
	struct verify_error error;
	g_autofree uint8_t *copy = g_memdup2(message, size); /* so that a read past it is seen */
	if (verify_message(copy, size, &error))
		return true;
	require(!error.internal && error.section && error.line > 0 && error.what[0] != '\0');
	for (const char *c = error.what; *c; c++)
		require(g_ascii_isprint(*c));
	return false;
}

/* Only for messages that hold no CR. */
static GString *with_crlf(const char *message, size_t size)
{
	GString *out = g_string_sized_new(size + size / 32);
	for (size_t i = 0; i < size; i++) {
		if (message[i] == '\n')
			g_string_append_c(out, '\r');
		g_string_append_c(out, message[i]);
	}
	return out;
}

static bool is_outlawed(gunichar c)
{
	return (c < 0x20 && c != '\r' && c != '\n') || (c >= 0x7F && c < 0xA1) || c == 0x202D ||
	       c == 0x202E || c == 0x200B || c == 0xFEFF || g_unichar_type(c) == G_UNICODE_PRIVATE_USE;
}

/* 5.4 once more, by joining strings: the lines that an encoder can have written, without their marks,
 * and the line behind them. */
static void check_no_base64(char **lines)
{
	g_autoptr(GRegex) alone = g_regex_new("^[A-Za-z0-9+/]{16,}[ \u3000]*$", 0, 0, NULL);
	g_autoptr(GRegex) url = g_regex_new("(https?|hxxps?|ftp)\\[?:\\]?//", G_REGEX_CASELESS, 0, NULL);
	g_autoptr(GRegex) marks = g_regex_new("^[ \u3000>|]+", 0, 0, NULL);
	g_autoptr(GRegex) block = g_regex_new("[A-Za-z0-9+/]{64,}", 0, 0, NULL);
	g_autoptr(GString) joined = g_string_new(NULL);
	for (; *lines; lines++) {
		g_autofree char *bare = g_regex_replace_literal(marks, *lines, -1, 0, "", 0, NULL);
		if (bare[0] == '\0' && (*lines)[0] != '\0')
			continue;
		bool goes_on = g_regex_match(alone, bare, 0, NULL);
		g_string_append_len(joined, bare,
		                    (gssize)(goes_on ? strcspn(bare, " \u3000") : strlen(bare)));
		if (goes_on)
			continue;
		g_autoptr(GMatchInfo) match = NULL;
		bool found = !g_regex_match(url, joined->str, 0, NULL) &&
		             g_regex_match(block, joined->str, 0, &match);
		g_autofree char *run = found ? g_match_info_fetch(match, 0) : g_strdup("");
		require(!strpbrk(run, "0123456789") || !strpbrk(run, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ||
		        !strpbrk(run, "abcdefghijklmnopqrstuvwxyz"));
		g_string_truncate(joined, 0);
	}
}

/* Other clauses, where plain ASCII stands: what a reader or a mail program would fall for. */
static void check_no_line(char **lines)
{
	g_autoptr(GRegex) bad = g_regex_new("^[ \u3000>|]*(begin(-base64)? +[0-7]{1,6}[ \u3000]|"
	                                    "begin  +[^ \u3000]|-----begin pgp message|=ybegin )|"
	                                    "^[^>]*[[(<]mugai",
	                                    0, 0, NULL);
	g_autoptr(GRegex) link =
	        g_regex_new("「[^」]*([^[」]@|@[^]]|\\\\\\\\|[a-z]\\.[a-z]+/|(sip|file|data):)", 0, 0, NULL);
	for (; *lines; lines++) {
		/* GRegex would fold more letters than those of ASCII */
		g_autofree char *lower = g_ascii_strdown(*lines, -1);
		bool ours = g_str_has_prefix(lower, "【無害化】");
		require(!g_regex_match(ours ? link : bad, lower, 0, NULL));
	}
}

static void check_accepted_text(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	require(size > 0 && g_utf8_validate_len(text, size, NULL));
	for (const char *at = text; at < end; at = g_utf8_next_char(at))
		require(!is_outlawed(g_utf8_get_char(at)));
}

static void check_accepted_lines(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
	check_no_base64(lines);
	check_no_line(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const wrap[])(GString *, const uint8_t *, size_t) = { wrap_text, wrap_attachment,
		                                                            wrap_subject, wrap_name };
	g_autoptr(GString) message = g_string_new(NULL);
	bool wrapped = size > 0 && data[0] >= 1 && data[0] <= G_N_ELEMENTS(wrap);
	if (wrapped)
		wrap[data[0] - 1](message, data + 1, size - 1);
	else
		g_string_append_len(message, (const char *)data, (gssize)size);
	bool good = accepts(message->str, message->len);
	if (good && wrapped)
		check_accepted_text(data + 1, size - 1);
	if (good && wrapped && data[0] <= 2)
		check_accepted_lines(data + 1, size - 1);
	if (memchr(message->str, '\r', message->len))
		return 0;
	g_autoptr(GString) crlf = with_crlf(message->str, message->len);
	if (crlf->len < 100000 && good != accepts(crlf->str, crlf->len))
		require(message->len > 2000); /* the byte limits of trace fields count line ends */
	return 0;
}
