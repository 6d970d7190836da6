/* charset_lines: texts in, what they read as out, for the tests of charsets that need thousands of them.
 *
 * A line in: LABEL HEX, `-` for no label. A line out: USED REPLACED HEX, the text in UTF-8. The bytes are
 * read as those of a raw header field are, without a hint.
 */
#include "charset_priv.h"

#include <stdio.h>
#include <string.h>

enum { NO_INPUT = 65 };

static void print_hex(const GString *text)
{
	for (size_t i = 0; i < text->len; i++)
		printf("%02x", (unsigned)(uint8_t)text->str[i]);
}

static GByteArray *parse_hex(const char *hex)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	for (; g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]); hex += 2) {
		uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
		g_byte_array_append(bytes, &byte, 1);
	}
	return *hex == '\0' ? g_steal_pointer(&bytes) : NULL;
}

static bool answer(char *line)
{
	char *hex = strchr(line, ' ');

	if (hex == NULL)
		return false;
	*hex++ = '\0';
	g_autoptr(GByteArray) bytes = parse_hex(hex);
	if (bytes == NULL)
		return false;
	bool labelled = strcmp(line, "-") != 0;
	Charset declared = labelled ? charset_from_label(line, strlen(line)) : CHARSET_US_ASCII;
	g_autoptr(GString) out = g_string_new(NULL);
	uint64_t replaced = 0;
	Charset used = charset_decode_with(declared, labelled, CHARSET_UNKNOWN, bytes->data, bytes->len, out,
	                                   &replaced);
	printf("%s %" G_GUINT64_FORMAT " ", charset_name(used), replaced);
	print_hex(out);
	putchar('\n');
	return true;
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	for (ssize_t n; good && (n = getline(&line, &room, stdin)) > 0;) {
		line[strcspn(line, "\n")] = '\0';
		good = answer(line);
	}
	g_free(line);
	return good && fflush(stdout) == 0 ? 0 : NO_INPUT;
}
