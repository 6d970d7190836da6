/* message_rules: the basics of doc/output-grammar.md 1 - 4 over the bytes of a clean message
 * (CRLF). For tests and fuzz programs; mugai-verify is the judge of the rest. Returns NULL or
 * what is broken.
 */
#ifndef MUGAI_TESTS_MESSAGE_RULES_H
#define MUGAI_TESTS_MESSAGE_RULES_H

#include "text_rules.h"

static const char *const message_rule_order[] = {
	"Date",
	"From",
	"Sender",
	"Reply-To",
	"To",
	"Cc",
	"Subject",
	"Message-ID",
	"In-Reply-To",
	"References",
	"Auto-Submitted",
	"List-Id",
	"Importance",
	"X-Mugai-Id",
	"X-Mugai-Hops",
	"X-Mugai-Policy",
	"X-Mugai-Result",
	"MIME-Version",
	"Content-Type",
	"Content-Transfer-Encoding",
};

static inline const char *message_rule_header_line(const char *line)
{
	size_t length = strlen(line);
	const char *text = *line == ' ' ? line + 1 : strstr(line, ": ");
	if (text == NULL || length == 0)
		return "1.4 no field";
	text += *line == ' ' ? 0 : 2;
	if (*text == ' ' || *text == '\0' || line[length - 1] == ' ')
		return "1.4 blanks";
	if (length > 998 || (length > 78 && strchr(text, ' ') != NULL))
		return "1.5 long line";
	return NULL;
}

/* Encoded words: whole code points of clean text, at most 75 bytes. */
static inline const char *message_rule_words(const char *value)
{
	g_auto(GStrv) tokens = g_strsplit(value, " ", -1);
	for (char **token = tokens; *token != NULL; token++) {
		if (!g_str_has_prefix(*token, "=?"))
			continue;
		size_t length = strlen(*token);
		if (length > 75 || !g_str_has_prefix(*token, "=?UTF-8?B?") || !g_str_has_suffix(*token, "?="))
			return "3.2 encoded word";
		g_autofree char *inner = g_strndup(*token + 10, length - 12);
		gsize bytes = 0;
		g_autofree guchar *text = g_base64_decode(inner, &bytes);
		g_autofree char *back = g_base64_encode(text, bytes);
		if (bytes == 0 || strcmp(back, inner) != 0 ||
		    !g_utf8_validate((const char *)text, (gssize)bytes, NULL))
			return "3.2 base64 of a word";
	}
	return NULL;
}

static inline const char *message_rule_header(const char *header)
{
	g_auto(GStrv) lines = g_strsplit(header, "\r\n", -1);
	size_t order = 0;
	for (char **line = lines; *line != NULL; line++) {
		const char *broken = message_rule_header_line(*line);
		if (broken != NULL)
			return broken;
		broken = message_rule_words(*line);
		if (broken != NULL || **line == ' ')
			continue;
		g_autofree char *name = g_strndup(*line, strcspn(*line, ":"));
		while (order < G_N_ELEMENTS(message_rule_order) &&
		       strcmp(message_rule_order[order], name) != 0)
			order++;
		if (order++ == G_N_ELEMENTS(message_rule_order))
			return "3 order or unknown field";
	}
	return NULL;
}

/* Decodes base64 lines from *at up to a line that begins with "--" or the end. */
static inline char *message_rule_base64(const char **at)
{
	g_autoptr(GString) all = g_string_new(NULL);
	bool last = false;
	while (**at != '\0' && !g_str_has_prefix(*at, "--")) {
		size_t length = strcspn(*at, "\r");
		if (last || length < 4 || length > 76 || length % 4 != 0 ||
		    !g_str_has_prefix(*at + length, "\r\n"))
			return NULL;
		last = length < 76;
		g_string_append_len(all, *at, (gssize)length);
		*at += length + 2;
	}
	gsize bytes = 0;
	g_autofree guchar *text = g_base64_decode(all->str, &bytes);
	g_autofree char *back = g_base64_encode(text, bytes);
	return strcmp(back, all->str) == 0 && memchr(text, 0, bytes) == NULL
	               ? g_strndup((const char *)text, bytes)
	               : NULL;
}

/* What is inside is not looked at here. False: not the form of base64. */
static inline bool message_rule_pdf(const char **at)
{
	gsize bytes = 0, length = strcspn(*at, "-");
	g_autofree char *lines = g_strndup(*at, length);
	g_autofree guchar *pdf = g_base64_decode(lines, &bytes);
	g_auto(GStrv) all = g_strsplit(lines, "\r\n", -1);
	guint count = g_strv_length(all);
	*at += length;
	for (guint i = 0; i + 2 < count; i++)
		if (strlen(all[i]) != 76)
			return false;
	g_autofree char *joined = g_strjoinv("", all), *back = g_base64_encode(pdf, bytes);
	return count >= 2 && strcmp(joined, back) == 0 && bytes > 5 && memcmp(pdf, "%PDF-", 5) == 0;
}

static inline const char *message_rule_multipart(const char *header, const char *body)
{
	const char *id = strstr(header, "\r\nX-Mugai-Id: ");
	g_autofree char *delimiter = g_strdup_printf("--=_mugai_%.32s", id + strlen("\r\nX-Mugai-Id: "));
	unsigned parts = 0;
	while (g_str_has_prefix(body, delimiter)) {
		body += strlen(delimiter);
		if (strcmp(body, "--\r\n") == 0)
			return parts >= 2 && parts <= 1001 ? NULL : "4.2 number of parts";
		const char *blank = strstr(body, "\r\n\r\n");
		if (blank == NULL || (parts > 0) != (strstr(body, "Content-Disposition") != NULL &&
		                                     strstr(body, "Content-Disposition") < blank))
			return "4.2 part fields";
		bool pdf = parts > 0 && g_str_has_prefix(body, "\r\nContent-Type: application/pdf\r\n");
		body = blank + 4;
		if (pdf) {
			if (!message_rule_pdf(&body))
				return "4.2 base64 of a PDF";
			parts++;
			continue;
		}
		g_autofree char *text = message_rule_base64(&body);
		if (text == NULL)
			return "4.2 base64";
		const char *broken = parts++ == 0 ? rule_message_text(text) : rule_text(text);
		if (broken != NULL)
			return broken;
	}
	return "4.2 delimiter";
}

static inline const char *message_rules(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((bytes[i] < 0x20 || bytes[i] > 0x7E) && bytes[i] != '\r' && bytes[i] != '\n')
			return "1.1 bytes";
	const char *blank = strstr(bytes, "\r\n\r\n");
	if (length > 45000000 || blank == NULL || blank - bytes > 262144)
		return "1.3 size";
	g_autofree char *header = g_strndup(bytes, (gsize)(blank - bytes));
	const char *broken = message_rule_header(header), *body = blank + 4;
	if (broken != NULL)
		return broken;
	if (strstr(header, "\r\nContent-Type: multipart/mixed;") != NULL)
		return message_rule_multipart(header, body);
	g_autofree char *text = message_rule_base64(&body);
	return text == NULL || *body != '\0' ? "4.1 base64" : rule_message_text(text);
}

#endif
