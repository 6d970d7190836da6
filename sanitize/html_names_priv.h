/* html_names: what in a text is the name of a host, as a reader and a mail reader take it; jailed code. Pure
 * functions, any thread.
 */
#ifndef MUGAI_SANITIZE_HTML_NAMES_PRIV_H
#define MUGAI_SANITIZE_HTML_NAMES_PRIV_H

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Characters of hosts without anything between them; of a text in valid UTF-8. */
typedef struct {
	const char *from;
	const char *end;
} HtmlRun;

bool html_is_host_char(gunichar c);
/* The next one; empty at the end of the text. */
HtmlRun html_run_next(const char *at);
size_t html_run_bytes(HtmlRun run);
/* Without signs at its ends. */
HtmlRun html_run_trim(HtmlRun run);
/* Japanese has no blanks: "詳しくはwww.bank.exampleへ". What stands before or after ASCII may be the
 * sentence. */
HtmlRun html_run_without_before(HtmlRun run);
HtmlRun html_run_without_after(HtmlRun run);

typedef enum {
	HTML_SETTING_BARE,
	HTML_SETTING_BEFORE_SLASH, /* "bank.zip/login" */
	HTML_SETTING_INTRODUCED,   /* by "www." or `@` */
} HtmlSetting;

/* Can it be a host? run: trimmed, in lower case. Two labels or more, the last in letters, none empty:
 * "Ver.2.0", "3.14", "A.B" and "wait...what" are none. A slash behind it makes a host of "bank.zip", a "www."
 * before it or an `@` of anything with a dot. */
bool html_run_is_host(HtmlRun run, HtmlSetting setting);
/* Names of people and of programs: "Mr.Smith", "System.Net.Http", "ASP.NET". cased: as it was written. */
bool html_run_is_name(HtmlRun cased);

/* at: behind a host. Behind the port, path and query that follow there, of ASCII. */
const char *html_run_skip_path(const char *at);

G_END_DECLS

#endif
