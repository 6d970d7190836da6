/* url: what html_url makes of links, for url.mjs. Input: a link, 0x1F, a base or nothing, NUL; and again.
 * Output: a line for each, fields apart by TAB: kind, scheme, host, flags, URL. */
#include "html_url_priv.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
	[HTML_URL_NONE] = "none", [HTML_URL_WEB] = "web",         [HTML_URL_MAIL] = "mail",
	[HTML_URL_TEL] = "tel",   [HTML_URL_REFUSED] = "refused",
};

static void show(char *line)
{
	char *base = strchr(line, '\x1f');
	g_auto(HtmlUrl) url = { .kind = HTML_URL_NONE };

	if (base != NULL)
		*base++ = '\0';
	html_url_parse(line, base != NULL && *base != '\0' ? base : NULL, &url);
	printf("%s\t%s\t%s\t%s\t%s\n", kinds[url.kind], url.scheme, url.host,
	       url.flags & HTML_URL_FLAGGED ? "flagged" : "", url.url);
}

int main(void)
{
	g_autofree char *line = NULL;
	size_t size = 0;

	for (ssize_t bytes; (bytes = getdelim(&line, &size, '\0', stdin)) > 0;)
		show(line);
	return 0;
}
