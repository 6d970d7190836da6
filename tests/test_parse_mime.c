/* The jailed parser as a whole: header values, structure, body, parts, caps, and hostile messages, which
 * must all end as ordinary outcomes. */
#include "parse_text_priv.h"

#include <string.h>

/* ---- a sink that writes everything down
 * ---------------------------------------------------------------------- */

typedef struct {
	GString *said; /* one line per record */
	GString *body;
	uint64_t counter[PARSE_COUNTER_IDS];
	unsigned parts, addresses, strings, ends;
	int status;
	uint8_t *arena;
	size_t arena_size;
	bool texts_began; /* no counter or string may come after */
} Recorder;

static bool on_counter(void *user, uint16_t id, uint64_t value, GError **error)
{
	Recorder *r = user;

	(void)error;
	g_assert_false(r->texts_began);
	g_assert_cmpuint(id, <, PARSE_COUNTER_IDS);
	r->counter[id] = value;
	return true;
}

static bool on_string(void *user, uint16_t slot, uint16_t index, const char *text, GError **error)
{
	static const char *const names[PARSE_STRING_SLOTS] = { "",     "subject", "id",       "reply",
		                                               "ref",  "list",    "listname", "declared",
		                                               "used", "field" };
	Recorder *r = user;

	(void)error;
	g_assert_false(r->texts_began);
	g_assert_true(g_utf8_validate(text, -1, NULL));
	r->strings++;
	g_string_append_printf(r->said, "%s%u=%s\n", names[slot], index, text);
	return true;
}

static bool on_address(void *user, uint16_t slot, uint16_t index, const MailAddress *a, GError **error)
{
	static const char *const names[PARSE_ADDRESS_SLOTS] = { "", "from", "sender", "replyto", "to", "cc" };
	Recorder *r = user;

	(void)error;
	g_assert_cmpuint(strlen(a->name), <=, 2048);
	g_assert_cmpuint(strlen(a->local), <=, 2048);
	g_assert_cmpuint(strlen(a->domain), <=, 2048);
	r->addresses++;
	g_string_append_printf(r->said, "%s%u=%s|%s|%s\n", names[slot], index, a->name, a->local, a->domain);
	return true;
}

static bool on_part(void *user, const PlainRecord *record, GError **error)
{
	Recorder *r = user;

	(void)error;
	r->texts_began = true;
	r->parts++;
	g_assert_cmpuint(record->part.depth, >=, 1);
	/* one more for a file that was found inside a text */
	g_assert_cmpuint(record->part.depth, <=, PARSE_DEPTH_MAX + 1);
	g_assert_cmpuint(record->part.offset + record->part.length, <=, r->arena_size);
	g_string_append(r->said, "part ");
	for (unsigned d = 0; d < record->part.depth; d++) {
		g_assert_cmpuint(record->part.number[d], >, 0);
		g_string_append_printf(r->said, "%s%u", d > 0 ? "." : "", record->part.number[d]);
	}
	g_string_append_printf(r->said, " %s %s [%s] reason=%u flags=%u {%.*s}\n", record->part.declared_type,
	                       record->part.true_type, record->part.name, record->part.reason,
	                       record->part.flags, (int)MIN(record->part.length, (uint64_t)40),
	                       (char *)r->arena + record->part.offset);
	if (record->part.length > 0) {
		g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
		guint8 digest[32];
		gsize length = sizeof digest;
		g_checksum_update(sum, r->arena + record->part.offset, (gssize)record->part.length);
		g_checksum_get_digest(sum, digest, &length);
		g_assert_cmpmem(digest, 32, record->part.sha256, 32);
	}
	return true;
}

static bool on_text(void *user, uint16_t stream, const char *text, size_t bytes, GError **error)
{
	Recorder *r = user;

	(void)error;
	g_assert_cmpuint(stream, ==, PARSE_TEXT_BODY);
	g_assert_true(g_utf8_validate_len(text, bytes, NULL));
	r->texts_began = true;
	g_string_append_len(r->body, text, (gssize)bytes);
	return true;
}

static bool on_end(void *user, uint16_t status, GError **error)
{
	Recorder *r = user;

	(void)error;
	r->ends++;
	r->status = status;
	return true;
}

static void recorder_clear(Recorder *r)
{
	g_string_free(r->said, TRUE);
	g_string_free(r->body, TRUE);
	g_free(r->arena);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Recorder, recorder_clear)

static Recorder run_with(ParseRequest request, const char *message, size_t length, size_t arena,
                         uint64_t text_out)
{
	Recorder r = { .said = g_string_new(NULL),
		       .body = g_string_new(NULL),
		       .arena = g_malloc(arena + 1),
		       .arena_size = arena };
	const ParseSink sink = { &r, on_counter, on_string, on_address, on_part, on_text, on_end };
	g_autofree uint8_t *copy = g_memdup2(message, length);
	const ParseJob job = {
		.request = request,
		.input = { copy, length },
		.limits = { 262144, 59000, 1000, 30, 1000, text_out },
		.arena = r.arena,
		.arena_size = arena,
	};

	g_assert_true(parse_message(&job, &sink, NULL));
	g_assert_cmpuint(r.ends, ==, 1);
	return r;
}

static Recorder run(const char *message, size_t length)
{
	return run_with(PARSE_REQUEST_MESSAGE, message, length, length + 64, 1 << 20);
}

/* ---- headers
 * -------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	const char *message;
	const char *said; /* all of it must be there, line by line */
	const char *body;
	uint32_t limits;
} MessageCase;

static const MessageCase message_cases[] = {
	{ "plain", "Subject: a\r\nFrom: x@y\r\n\r\nhello\r\n", "subject0=a\nfrom0=|x|y\nused0=us-ascii",
	  "hello\n", 0 },
	{ "lf", "Subject: a\n\nhello\n", "subject0=a", "hello\n", 0 },
	{ "bare cr", "Subject: a\rFrom: x@y\r\rhello\r", "subject0=a\nfrom0=|x|y", "hello\n", 0 },
	{ "cr cr lf", "Subject: a\r\r\nFrom: x@y\r\r\n\r\r\nhello", "subject0=a\nfrom0=|x|y", "hello", 0 },
	{ "mbox", "From x@y Mon Jan  1 00:00:00 2024\nSubject: a\n\nhi", "subject0=a", "hi", 0 },
	{ "from with a blank is no mbox line", "From : evil@x.com\nSubject: a\n\nhi",
	  "from0=|evil|x.com\nsubject0=a", "hi", 0 },
	{ "from with blanks is no mbox line", "From \t : evil@x.com\n\nhi", "from0=|evil|x.com", "hi", 0 },
	{ "mbox line with a colon", "From x@y : z\nSubject: a\n\nhi", "subject0=a", "hi", 0 },
	{ "cr cr cr lf ends the header", "Subject: a\r\r\r\nx", "subject0=a", "x", 0 },
	{ "blank before the colon", "Subject : a\n\nhi", "subject0=a", "hi", 0 },
	{ "first subject counts", "Subject: a\nSubject: b\n\n", "subject0=a", "", 0 },
	{ "to joins", "To: a@b\nTo: c@d\nFrom: e@f\nFrom: g@h\n\n", "to0=|a|b\nto1=|c|d\nfrom0=|e|f", "", 0 },
	{ "junk line", "Subject: a\nno field here\n folded junk\nFrom: x@y\n\nhi", "subject0=a\nfrom0=|x|y",
	  "hi", 0 },
	{ "no body", "Subject: a", "subject0=a", "", 0 },
	{ "no empty line", "Subject: a\n \nno field here\nbye\n", "subject0=a", "no field here\nbye\n", 0 },
	{ "the only text is a report", "Content-Type: message/delivery-status\n\nAction: failed\n", "",
	  "Action: failed\n", 0 },
	{ "ids",
	  "Message-ID: <a@b>\nIn-Reply-To: <c@d> junk <e@f>\nReferences: <g@h>\r\n\t<bad> <i @\n j>\n\n",
	  "id0=a@b\nreply0=c@d\nreply1=e@f\nref0=g@h\nref1=bad\nref2=i@j", "", 0 },
	{ "ids without brackets",
	  "Message-ID: a@b\nIn-Reply-To: c@d, x\nReferences: e@f\r\n\tg@h\n\n",
	  "id0=a@b\nreply0=c@d\nref0=e@f\nref1=g@h", "", 0 },
	{ "raw name, by the text's character set",
	  "From: \"\x95\x5c\" <a@b>\nContent-Type: text/plain; charset=shift_jis\n\n"
	  "\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x95\xb6\n",
	  "from0=表|a|b", "日本語の文\n", 0 },
	{ "raw name, without a text",
	  "Subject: \xc6\xfc\nContent-Type: text/plain; charset=euc-jp\n\n", "subject0=日", "", 0 },
	{ "list", "List-Id: \"A =?utf-8?B?5pel?=\" <l.example.jp>\n\n", "list0=l.example.jp\nlistname0=A 日",
	  "", 0 },
	{ "list injection", "List-Id: <l.example\r\n Bcc: x>\nSubject: s\n\n", "subject0=s", "", 0 },
	{ "header injection", "Subject: =?UTF-8?Q?a=0D=0ABcc:_x?=\n\n", "subject0=a Bcc: x", "", 0 },
	/* structure */
	{ "attachment",
	  "Content-Type: multipart/mixed; boundary=B\n\npre\n--B\nContent-Type: text/plain; "
	  "charset=utf-8\n\n日本\n--B\n"
	  "Content-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: "
	  "base64\n\nJVBERi0xLjQK\n--B--\npost\n",
	  "declared0=utf-8\npart 2 application/pdf application/pdf [x.pdf] reason=0 flags=0 {%PDF-1.4",
	  "日本", 0 },
	{ "nested numbers",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: multipart/alternative; "
	  "boundary=\"C\"\n\n"
	  "--C\nContent-Type: text/plain\n\nbody\n--C\nContent-Type: text/html\n\n<p>h\n--C--\n--B\n"
	  "Content-Type: image/gif\nContent-Transfer-Encoding: base64\n\nR0lGODlhAQABAAAAACw=\n--B--\n",
	  "part 1.1 text/plain  [] reason=0 flags=2 {body}\npart 2 image/gif image/gif [] reason=0 "
	  "flags=0 {GIF89a",
	  "h", 0 },
	{ "html in related is still the alternative",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\n\nbody\n--B\nContent-Type: "
	  "multipart/related; boundary=C\n\n"
	  "--C\nContent-Type: text/html\n\nhtml\n--C\nContent-Type: image/png\nContent-ID: "
	  "<i>\nContent-Disposition: inline\n\n"
	  "picture\n--C--\n--B--\n",
	  "part 1 text/plain  [] reason=0 flags=2 {body}\npart 2.2 image/png text/plain [] "
	  "reason=0 flags=1 {picture}",
	  "html", 0 },
	{ "html beside a blank text",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\n\n \n--B\nContent-Type: "
	  "text/html\n\nhtml\n--B--\n",
	  "", "html", 0 },
	{ "a blank html gives way to the plain form",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\n\nplain\n--B\nContent-Type: "
	  "text/html\n\n<p> </p>\n--B--\n",
	  "", "plain", 0 },
	{ "an attachment is no alternative",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\n\nplain\n--B\nContent-Type: "
	  "application/pdf\n\nx\n--B--\n",
	  "part 2 application/pdf ", "plain", 0 },
	{ "two plain alternatives are both shown",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\n\none\n--B\n\ntwo\n--B--\n", "",
	  "one\n\ntwo", 0 },
	{ "an AMP form gives way to the HTML form",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\n\nplain\n--B\nContent-Type: "
	  "text/x-amp-html\n\n<p>amp\n--B\nContent-Type: text/html\n\n<p>html\n--B--\n",
	  "part 1 text/plain  [] reason=0 flags=2 {plain}\npart 2 text/x-amp-html  [] reason=0 flags=2 {<p>amp}",
	  "html", 0 },
	{ "an AMP form gives way to the plain form",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\nContent-Type: "
	  "text/x-amp-html\n\n<p>amp\n--B\n\nplain\n--B--\n",
	  "part 1 text/x-amp-html  [] reason=0 flags=2 {<p>amp}", "plain", 0 },
	{ "an AMP form alone", "Content-Type: text/x-amp-html\n\n<p>a<p>b\n", "", "a\n\nb", 0 },
	{ "calendar in an alternative is told",
	  "Content-Type: multipart/alternative; boundary=B\n\n--B\n\nplain\n--B\nContent-Type: "
	  "text/calendar\n\nBEGIN:VCALENDAR\n--B--\n",
	  "part 2 text/calendar text/calendar [] reason=0 flags=0 {BEGIN", "plain", 0 },
	{ "the root of related is named by start",
	  "Content-Type: multipart/related; start=\"<b>\"; boundary=B\n\n--B\nContent-ID: <a>\n\nfirst\n--B\n"
	  "Content-ID: <b>\n\nroot\n--B--\n",
	  "part 1 text/plain text/plain [] reason=0 flags=0 {first}", "root", 0 },
	{ "start that names no text",
	  "Content-Type: multipart/related; start=\"<b>\"; boundary=B\n\n--B\nContent-ID: <a>\n\nfirst\n--B\n"
	  "Content-ID: <b>\nContent-Type: a/b\n\nfile\n--B--\n",
	  "part 2 a/b ", "first", 0 },
	{ "all texts of a mixed are shown",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\n\none\n--B\nContent-Type: a/b\n\nx\n--B\n"
	  "Content-Type: text/plain\nContent-Disposition: inline\n\ntwo\n--B--\n",
	  "part 2 a/b ", "one\n\ntwo", 0 },
	{ "the only text may have a name",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain; "
	  "name=body.txt\n\none\n--B\n"
	  "Content-Type: a/b\n\nx\n--B--\n",
	  "part 2 a/b ", "one", 0 },
	{ "but not one that a system runs", "Content-Type: text/plain; name=body.bat\n\none\n",
	  "part 1 text/plain text/plain [body.bat] reason=0 flags=0 {one", "", 0 },
	{ "report",
	  "Content-Type: multipart/report; boundary=B\n\n--B\n\nsorry\n--B\nContent-Type: "
	  "message/delivery-status\n\nAction: failed\n--B\nContent-Type: text/rfc822-headers\n\nSubject: "
	  "mine\n--B--\n",
	  "", "sorry\n\nAction: failed\n\nSubject: mine", 0 },
	{ "delivery status elsewhere is a part",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\n\nsorry\n--B\nContent-Type: "
	  "message/delivery-status\n\nAction: failed\n--B--\n",
	  "part 2 message/delivery-status ", "sorry", 0 },
	{ "partial and external bodies are parts",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: message/partial\n\nSubject: "
	  "x\n\na\n"
	  "--B\nContent-Type: message/external-body\n\nContent-Type: text/plain\n\nphantom\n--B--\n",
	  "part 1 message/partial \npart 2 message/external-body ", "", 0 },
	{ "text attachment is no body",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Disposition: attachment; "
	  "filename=a.txt\n\nfile\n--B\n\n"
	  "body\n--B--\n",
	  "part 1 text/plain text/plain [a.txt] reason=0 flags=0 {file}", "body", 0 },
	{ "attached message",
	  "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nbody\r\n--B\r\nContent-Type: "
	  "message/rfc822\r\n\r\n"
	  "Subject: in\r\nFrom: =?utf-8?q?=E6=97=A5?= <a@b.example>\r\nTo: c@d\r\nDate: Thu, 29 Feb 2024 "
	  "23:30:00 "
	  "-0100\r\nContent-Type: multipart/mixed; "
	  "boundary=D\r\n\r\n--D\r\n\r\nx\r\n\r\ny\r\n--D\r\nContent-Type: "
	  "a/b\r\n\r\nfile\r\n--D--\r\n\r\n--B\r\n\r\nlast\r\n--B--\r\n",
	  "part 2.2 a/b text/plain [] reason=0 flags=0 {file}",
	  "body\n\n■ 添付されたメール（番号 2）\n  件名: in\n  差出人: 日 <a@b.example>\n  宛先: <c@d>\n"
	  "  日付: 2024-03-01 09:30:00 +0900 (2024-02-29 23:30:00 -0100)\n\n  x\n\n  y\n\nlast",
	  0 },
	{ "attached message in a digest",
	  "Content-Type: multipart/digest; boundary=B\n\n--B\n\nSubject: in\n\nx\n--B--\n", "",
	  "■ 添付されたメール（番号 1）\n  件名: in\n\n  x", 0 },
	{ "attached message in base64",
	  "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogaW4KCng=\n", "",
	  "■ 添付されたメール（番号 1）\n  件名: in\n\n  x", 0 },
	{ "message in a message",
	  "Content-Type: message/rfc822\n\nSubject: x\nContent-Type: message/rfc822\n\nSubject: y\n\nz", "",
	  "■ 添付されたメール（番号 1）\n  件名: x\n\n  ■ 添付されたメール（番号 1.1）\n    件名: y\n\n    z",
	  0 },
	{ "called a message, but none", "Content-Type: message/rfc822\n\nno header here\n\ny",
	  "part 1 message/rfc822 ", "", 0 },
	{ "quoted-printable",
	  "Content-Type: text/plain; charset=Shift_JIS\nContent-Transfer-Encoding: Quoted-Printable\n\n"
	  "=93=FA=\n=96=7B\n",
	  "declared0=Shift_JIS\nused0=shift_jis", "日本\n", 0 },
	{ "uuencode",
	  "Content-Type: application/x\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 "
	  "a\n#0V%T\n`\nend\n",
	  "part 1 application/x text/plain [] reason=0 flags=0 {Cat}", "", 0 },
	{ "base64 goes on behind padding",
	  "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\nYQ==Y g=\n=!Yw\n", "{abc}", "", 0 },
	{ "unknown charset", "Content-Type: text/plain; charset=x-none\n\n\x81\xff\xe9 \x8d\xfe\xf1",
	  "part 1 text/plain ", "", 0 },
	{ "unknown charset of plain ASCII", "Content-Type: text/plain; charset=x-none\n\nabc",
	  "declared0=x-none", "abc", 0 },
	{ "binary text", "Content-Type: text/plain\n\n\001\002\003\004abc", "reason=5", "", 0 },
	{ "a blank text gives way",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain; charset=utf-8\n\n \n"
	  "\xe2\x80\x8b\t\n--B\n\nreal body\n--B--\n",
	  "used0=us-ascii", "real body", 0 },
	{ "a blank text with a name is still told, in its place",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain; name=n.txt\n\n  "
	  "\n--B\n"
	  "Content-Type: a/b\n\nx\n--B\n\nreal body\n--B--\n",
	  "part 1 text/plain text/plain [n.txt] reason=0 flags=0 {  }\npart 2 a/b ", "real body", 0 },
	{ "the first of two blank texts",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\n\n \n--B\nContent-Type: text/plain; "
	  "charset=utf-8\n\n  \n--B--\n",
	  "used0=us-ascii", " ", 0 },
	{ "html beside a blank text that gave way",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: multipart/alternative; "
	  "boundary=C\n\n--C\n\n \n--C\nContent-Type: text/html\n\nhtml\n--C--\n--B\n\nfooter\n--B--\n",
	  "", "html\n\nfooter", 0 },
	{ "html alone", "Content-Type: text/html\n\n<p>x", "used0=", "x", 0 },
	{ "no boundary in the body", "Content-Type: multipart/mixed; boundary=B\n\nno parts here\n", "",
	  "no parts here\n", 0 },
	{ "an empty container", "Content-Type: multipart/mixed; boundary=B\n\n\001\002\003",
	  "part 1 multipart/mixed ", "", 0 },
	{ "no boundary parameter",
	  "Content-Type: multipart/mixed\n\n--B\nContent-Type: text/plain\n\nx\n--B\nContent-Type: "
	  "a/b\n\nf\n--B--\n",
	  "part 2 a/b ", "x", 0 },
	/* transfer encodings that can be read in two ways */
	{ "base64 that is not declared",
	  "Content-Type: text/plain; "
	  "charset=utf-8\n\nVGhpcyBpcyBhIHRleHQgdGhhdCBub2JvZHkgZGVjbGFyZWQgdG8gYmUgYmFzZTY0Lg==\n",
	  "", "This is a text that nobody declared to be base64.", 0 },
	{ "base64 of a program that is not declared",
	  "Content-Type: text/plain\n\nTVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	  "part 1 text/plain text/plain [] reason=9", "", 0 },
	{ "declared base64, but prose",
	  "Content-Transfer-Encoding: base64\n\nDear sir, this is no base64 at all, as one can see.\n", "",
	  "Dear sir, this is no base64 at all, as one can see.\n", 0 },
	{ "two encodings, one of them true",
	  "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n"
	  "VGhpcyBpcyBhIHRleHQgdGhhdCB0d28gZmllbGRzIGRlc2NyaWJlLg==\n",
	  "", "This is a text that two fields describe.", 0 },
	{ "two encodings under which a file hides",
	  "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n"
	  "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	  "reason=9", "", 0 },
	{ "the same encoding twice is no contradiction",
	  "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: base64\n\nYWJj\n", "", "abc", 0 },
	{ "an unknown encoding of prose", "Content-Transfer-Encoding: x-none\n\nwords that all can read\n",
	  "", "words that all can read\n", 0 },
	{ "words between quads do not hide a program",
	  "Content-Type: text/plain\n\nTVqQ AAMA AAAE AAAA //8A ALgA AAAA AAAA QAAA AAAA AAAA AAAA\n",
	  "reason=9", "", 0 },
	{ "a program in printable characters",
	  "Content-Type: "
	  "text/plain\n\nhello\nX7O!P%@AP[4\\PZX54(P^)7CC)7}$ABCDE-FGHIJKLM-NOPQRSTUV-WXYZ!$H+H*\nbye\n",
	  "part 1.1 application/octet-stream text/plain [] reason=6",
	  "hello\n（符号化されたデータ 63 文字を取り除きました）\nbye\n", 0 },
	{ "addresses and formulas in capitals are none",
	  "Subject: x\n\nHTTPS://EXAMPLE.COM/A?B=1&C=2#D;E,F+G%20H!I$J*K(L)@M\n"
	  "=IF(A1>0,VLOOKUP(F6,G7:H8,2,0),SUM(C3:D$4)*$E$5/100)\n",
	  "",
	  "HTTPS://EXAMPLE.COM/A?B=1&C=2#D;E,F+G%20H!I$J*K(L)@M\n"
	  "=IF(A1>0,VLOOKUP(F6,G7:H8,2,0),SUM(C3:D$4)*$E$5/100)\n",
	  0 },
	{ "what a header calls plain is not decoded",
	  "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\n==========\nNews\n==========\n"
	  "http://a.example/?id=12 http://a.example/?id=20&x=41\n",
	  "", "==========\nNews\n==========\nhttp://a.example/?id=12 http://a.example/?id=20&x=41\n", 0 },
	{ "nor is what says nothing",
	  "Subject: x\n\nNAME=\nVALUE=\nSIZE=10\nWIDTH=20\nHEIGHT=30\nPORT=8080\n", "",
	  "NAME=\nVALUE=\nSIZE=10\nWIDTH=20\nHEIGHT=30\nPORT=8080\n", 0 },
	{ "nothing but codes", "Subject: x\n\nA=10\nB=20\nC=30\nD=41\n", "", "A=10\nB=20\nC=30\nD=41\n", 0 },
	{ "a kanji of JIS that looks like a code",
	  "Content-Type: text/plain; charset=iso-2022-jp\n\n=====\n\x1b$B=54V=54V=54V=54V\x1b(B\n=====\n", "",
	  "=====\n週間週間週間週間\n=====\n", 0 },
	{ "a word alone is no file", "Subject: x\n\nThanks4everythingThatYouDidForMeAndForAllOfUs2026\n", "",
	  "Thanks4everythingThatYouDidForMeAndForAllOfUs2026\n", 0 },
	{ "quoted-printable where the header knows of none is a part",
	  "Subject: "
	  "x\n\nhello\n\n=4D=5A=50=00=02=00=00=00=04=00=0F=00=FF=\n=FF=00=00=B8=00=00=00=00=00=00=00="
	  "40\n\nbye\n",
	  "part 1.1 application/octet-stream ",
	  "hello\n\n（符号化されたデータ 77 文字を取り除きました）\n\nbye\n", 0 },
	{ "values that look like codes are none",
	  "Subject: x\n\nA=10 B=20 C=30 D=40 A=11 B=21 C=31 D=41 A=12 B=22 C=32 D=42 A=13 B=23 C=33 D=43\n"
	  "A=10 B=20 C=30 D=40 A=11 B=21 C=31 D=41 A=12 B=22 C=32 D=42 A=13 B=23 C=33 D=43\n",
	  "",
	  "A=10 B=20 C=30 D=40 A=11 B=21 C=31 D=41 A=12 B=22 C=32 D=42 A=13 B=23 C=33 D=43\n"
	  "A=10 B=20 C=30 D=40 A=11 B=21 C=31 D=41 A=12 B=22 C=32 D=42 A=13 B=23 C=33 D=43\n",
	  0 },
	{ "a uuencode without a begin line is what it is",
	  "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nsome words\n", "",
	  "some words\n", 0 },
	{ "a heading of ours in a text",
	  "Subject: x\n\nhi\n  ■ 添付されたメール（番号 2）\n    件名: x\n\nFrom : y\n日付なし\n件名: z\n"
	  "■ATTACHED MESSAGE\n",
	  "",
	  "hi\n ■ 添付されたメール（番号 2）\n 件名: x\n\n From : y\n日付なし\n件名: z\n ■ATTACHED MESSAGE\n",
	  0 },
	{ "a heading of ours in HTML",
	  "Content-Type: text/html; charset=utf-8\n\n<h2>添付されたメール（番号 2）</h2>宛先: z<p>a", "",
	  " ■ 添付されたメール（番号 2）\n\n 宛先: z\n\na", 0 },
	{ "links are numbered through the message",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/html\n\n<a "
	  "href=http://a.example/>a</a>"
	  "\n--B\nContent-Type: text/html\n\n<a href=http://b.example/>b</a>\n--B--\n",
	  "", "a [1]\n\n[1] http://a.example/\n\nb [2]\n\n[2] http://b.example/", 0 },
	{ "a mail that was forwarded by hand stays one text",
	  "Content-Type: text/plain; charset=utf-8\n\nFYI\n\n---------- Forwarded message "
	  "---------\nSubject: s\n"
	  "MIME-Version: 1.0\nContent-Type: text/plain\n\nold\n",
	  "",
	  "FYI\n\n---------- Forwarded message ---------\nSubject: s\nMIME-Version: 1.0\nContent-Type: "
	  "text/plain\n\nold\n",
	  0 },
	{ "the same behind words",
	  "Content-Type: text/plain\n\nhelloX7O!P%@AP[4\\PZX54(P^)7CC)7}$ABCDE-FGH\n",
	  "part 1.1 application/octet-stream text/plain [] reason=6",
	  "hello（符号化されたデータ 37 文字を取り除きました）\n", 0 },
	{ "no program", "Content-Type: text/plain\n\nABC-123-456/XYZ-789(ABC)-000-111-222-333-444\n", "",
	  "ABC-123-456/XYZ-789(ABC)-000-111-222-333-444\n", 0 },
	{ "two types, one of which is a program's",
	  "Content-Type: text/plain\nContent-Type: application/x\nContent-Transfer-Encoding: base64\n\n"
	  "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	  "part 1 text/plain ", "", 0 },
	{ "of two names the dangerous one",
	  "Content-Type: a/b; name=\"a.txt\"\nContent-Disposition: attachment; filename=\"b.txt\"; "
	  "filename*=utf-8''c.exe\n\nx",
	  "[c.exe]", "", 0 },
	{ "the extension behind a gap",
	  "Content-Type: a/b\nContent-Disposition: attachment; filename*0=\"c.\"; filename*2=\"exe\"\n\nx",
	  "[c.exe]", "", 0 },
	{ "byte order mark", "\xef\xbb\xbfSubject: a\n\nhi", "subject0=a", "hi", 0 },
	{ "an empty line in front", "\nSubject: a\n\nhi", "subject0=a", "hi", 0 },
	{ "unclosed",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\n\nbody\n--B\nContent-Type: a/b\n\nrest",
	  "part 2 a/b text/plain [] reason=0 flags=0 {rest}", "body", 0 },
	{ "boundary in a folded, commented field",
	  "Content-Type: "
	  "multipart/mixed;\r\n\tcharset=x;\r\n\tboundary=\"=_B\"\r\n\r\n--=_B\r\n\r\nbody\r\n--=_B--\r\n",
	  "", "body", 0 },
	{ "name repaired",
	  "Content-Type: a/b; name=\"a\xe2\x80\xae"
	  "fdp.exe\"\n\nx",
	  "[afdp.exe] reason=0 flags=12", "", 0 },
	{ "text that is called encrypted",
	  "Content-Type: multipart/encrypted; boundary=B\n\n--B\nContent-Type: text/plain\n\nreal\n--B--\n",
	  "", "real", 0 },
};

static void assert_lines(const char *said, const char *expected)
{
	g_auto(GStrv) lines = g_strsplit(expected, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		if (strstr(said, lines[i]) == NULL)
			g_error("'%s' was not said in:\n%s", lines[i], said);
	}
}

static void test_message(gconstpointer data)
{
	const MessageCase *c = data;
	g_auto(Recorder) r = run(c->message, strlen(c->message));

	g_assert_cmpint(r.status, ==, PARSE_STATUS_COMPLETE);
	assert_lines(r.said->str, c->said);
	g_assert_cmpstr(r.body->str, ==, c->body);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_LIMITS], ==, c->limits);
}

static void test_not_mail(void)
{
	static const char *const cases[] = {
		"",        "\n",         "\r\n\r\nSubject: x\n", "no header\n\nSubject: x\n", "From x\n\n",
		": x\n\n", "a b: x\n\n", " Subject: x\n\n",      "\xe6\x97\xa5: x\n\n"
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Recorder) r = run(cases[i], strlen(cases[i]));
		g_test_message("%s", cases[i]);
		g_assert_cmpint(r.status, ==, PARSE_STATUS_NOT_MAIL);
		g_assert_cmpstr(r.said->str, ==, "");
	}
}

static void test_counters(void)
{
	static const char message[] =
	        "Received: a\nReceived: b\nX-Mugai-Hops: 3\nX-Mugai-Hops: 99999999999999999999999\n"
	        "Date: Mon, 1 Jan 1900 00:01:00 +0000\nAuto-Submitted: Auto-Replied; x=y\n"
	        "X-Priority: 1 (Highest)\n\nx";
	g_auto(Recorder) r = run(message, sizeof message - 1);

	g_assert_cmpuint(r.counter[PARSE_COUNTER_RECEIVED], ==, 2);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_HOPS], ==, 1000);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_DATE], ==, 60);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_DATE_ZONE], ==, 720);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_AUTO_SUBMITTED], ==, AUTO_SUBMITTED_REPLIED);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_IMPORTANCE], ==, IMPORTANCE_HIGH);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_BODY_SOURCE], ==, BODY_PLAIN);
}

/* What no text stands for is counted. */
static void test_objects(void)
{
	static const char message[] = "Content-Type: text/html\n\n<svg></svg>a<video></video>";
	g_auto(Recorder) r = run(message, sizeof message - 1);

	g_assert_cmpuint(r.counter[PARSE_COUNTER_OBJECTS], ==, 2);
}

static void test_header_request(void)
{
	static const char message[] = "Subject: a\nContent-Type: application/pdf\n\nbody";
	g_auto(Recorder) r = run_with(PARSE_REQUEST_HEADERS, message, sizeof message - 1, 0, 100);

	g_assert_cmpstr(r.said->str, ==, "subject0=a\n");
	g_assert_cmpstr(r.body->str, ==, "");
	g_assert_cmpuint(r.parts, ==, 0);
}

typedef struct {
	const char *label;
	unsigned kind;
	const char *input;
	const char *body;
	int status;
} TextCase;

/* A body that is no mail: PARSE_REQUEST_TEXT. */
static void test_text_request(void)
{
	static const TextCase cases[] = {
		{ "", PARSE_TEXT_DETECT, "<html><p>a<p>b", "a\n\nb", PARSE_STATUS_COMPLETE },
		{ "", PARSE_TEXT_PLAIN, "<p>a", "<p>a", PARSE_STATUS_COMPLETE },
		{ "shift_jis", PARSE_TEXT_PLAIN, "\x93\xfa\x96\x7b", "日本", PARSE_STATUS_COMPLETE },
		{ "x-none", PARSE_TEXT_PLAIN, "a", "", PARSE_STATUS_NO_CHARSET },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(Recorder) r = { .said = g_string_new(NULL), .body = g_string_new(NULL) };
		const ParseSink sink = { &r, on_counter, on_string, on_address, on_part, on_text, on_end };
		const ParseJob job = {
			.request = PARSE_REQUEST_TEXT,
			.input = { (const uint8_t *)cases[i].input, strlen(cases[i].input) },
			.limits = { 262144, 59000, 1000, 30, 1000, 1000 },
			.text = cases[i].label,
			.text_kind = cases[i].kind,
		};
		g_assert_true(parse_message(&job, &sink, NULL));
		g_assert_cmpint(r.status, ==, cases[i].status);
		g_assert_cmpstr(r.body->str, ==, cases[i].body);
		g_assert_cmpuint(r.parts, ==, 0);
	}
}

static void test_text_is_cut(void)
{
	static const char message[] = "Content-Type: text/plain; charset=utf-8\n\n日本語";
	g_auto(Recorder) r = run_with(PARSE_REQUEST_MESSAGE, message, sizeof message - 1, 100, 7);

	g_assert_cmpstr(r.body->str, ==, "日本");
	g_assert_cmpuint(r.counter[PARSE_COUNTER_LIMITS], ==, MESSAGE_LIMIT_TEXT);
}

/* For every arena size: parts that fit are whole, the others are damaged and empty. */
static void test_arena_full(void)
{
	static const char message[] =
	        "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: a/b\n\n12345\n--B\n"
	        "Content-Type: a/c\nContent-Transfer-Encoding: base64\n\nMTIzNDU=\n--B\n"
	        "Content-Type: a/d\nContent-Transfer-Encoding: quoted-printable\n\n=3112345\n--B--\n";

	for (size_t arena = 0; arena <= 16; arena++) {
		g_auto(Recorder) r = run_with(PARSE_REQUEST_MESSAGE, message, sizeof message - 1, arena, 100);
		g_assert_cmpuint(r.parts, ==, 3);
		g_assert_true((strstr(r.said->str, "reason=3") == NULL) == (arena == 16));
		g_assert_true((strstr(r.said->str, "{12345}") != NULL) == (arena >= 5));
	}
}

/* ---- hostile
 * ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const char *name;
	const char *head;
	const char *piece;
	unsigned times;
	const char *tail;
	uint32_t limits;
} FloodCase;

#define MIXED "Content-Type: multipart/mixed; boundary=B\n"

static const FloodCase floods[] = {
	{ "groups", "Cc: ", "a:", 25000, "\n\nbody", MESSAGE_LIMIT_ADDRESSES },
	{ "groups over the field cap", "Cc: ", "a:", 50000, "\n\nbody",
	  MESSAGE_LIMIT_ADDRESSES | MESSAGE_LIMIT_FIELD },
	{ "groups in a part", MIXED "\n--B\nContent-Type: message/rfc822\n\nCc: ", "a:", 25000,
	  "\n\nx\n--B--\n", MESSAGE_LIMIT_ADDRESSES },
	{ "folded groups in a digest",
	  "Content-Type: multipart/mixed; boundary=B\n\n--B\n"
	  "Content-Type: multipart/digest; boundary=C\n\n--C\n\nCc: a",
	  ":\n a", 20000, "\n\nx\n--C--\n--B--\n", MESSAGE_LIMIT_ADDRESSES | MESSAGE_LIMIT_FIELD },
	{ "fields", "Subject: s\n", "A: b\n", 300000, "\nbody",
	  MESSAGE_LIMIT_FIELDS | MESSAGE_LIMIT_HEADER_BLOCK },
	{ "fields in a part", MIXED "\n--B\n", "A: b\n", 300000, "\nbody\n--B--\n", 0 },
	{ "header block", "Subject: s\n",
	  "A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n b\n", 20000,
	  "\n\nbody", 0xffff },
	{ "encoded words", "Subject: ", "=?utf-8?q?a?= ", 400000, "\n\nbody",
	  MESSAGE_LIMIT_HEADER_BLOCK | MESSAGE_LIMIT_FIELD | MESSAGE_LIMIT_SUBJECT },
	{ "long subject", "Subject: ", "abc ", 10000, "\n\nbody", MESSAGE_LIMIT_SUBJECT },
	{ "parameters", "Content-Type: text/plain", ";a=b", 50000, "\n\nbody", MESSAGE_LIMIT_FIELD },
	{ "parameters below the cap", "Content-Type: text/plain", ";a=b", 14000, "\n\nbody", 0 },
	{ "parameters in a part", MIXED "\n--B\nContent-Type: text/plain", ";a=b", 14000, "\n\nbody\n--B--\n",
	  0 },
	{ "parts", MIXED "\n", "--B\n\nx\n", 200000, "--B--\n", MESSAGE_LIMIT_PARTS },
	{ "parts over the cap", MIXED "\n", "--B\nContent-Type: a/b\n\nx\n", 1500, "--B--\n",
	  MESSAGE_LIMIT_PARTS },
	{ "references", "References: ", "<a@b> ", 5000, "\n\nbody", MESSAGE_LIMIT_REFERENCES },
	{ "addresses", "To: ", "a@b, ", 5000, "\n\nbody", MESSAGE_LIMIT_ADDRESSES },
	{ "bare carriage returns", "Subject: s", "\r\r ", 100000, "\n\nbody", 0xffff },
	{ "nested messages", MIXED "\n--B\n", "Content-Type: message/rfc822\n\n", 100000, "x\n--B--\n",
	  0xffff },
	{ "comments", "To: ", "(", 50000, "\n\nbody", 0 },
	{ "continuations", "Content-Type: a/b", "; name*1=x", 5000, "\n\nbody", 0 },
	{ "lines that may be boundaries", "Subject: s\n\n", "--\n", 100000, "", 0 },
	{ "borders of a careless reader", "Subject: s\n\n", "--b\nA: b\n", 300000, "", 0xffff },
	{ "borders that look far ahead", "Subject: s\n\n", "--a: b\n", 300000, "", 0xffff },
	{ "dashes", MIXED "\n", "-", 3000000, "\n--B\n\nx\n", 0xffff },
	{ "lines of dashes", MIXED "\n--B\n\n", "--Bx\n", 600000, "\n--B--\n", 0xffff },
	{ "nested containers that all look alike", MIXED "\n",
	  "--B\nContent-Type: multipart/mixed; boundary=B\n\n", 20000, "--B--\n", 0xffff },
	{ "boundary parameters", "Content-Type: multipart/mixed", "; boundary=\"b\\b'", 3000,
	  "\n\n--b\n\nx\n", 0xffff },
	{ "containers with long boundaries", MIXED "\n",
	  "--B\nContent-Type: multipart/x; "
	  "boundary*0=boundary=boundary=%41boundary=boundary=boundary=boundary=\n\n",
	  20000, "--B--\n", 0xffff },
	{ "junk inside the header of a part", MIXED "\n--B\n", "junk\n", 500000, "\n--B--\n", 0xffff },
	{ "text attached to texts", MIXED "\n",
	  "--B\nContent-Type: text/plain; boundary=x\n\n--x\nContent-Type: text/plain\n\na\n", 3000,
	  "--B--\n", MESSAGE_LIMIT_PARTS },
	{ "carriage returns in uuencode", "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 f\n", "\r",
	  1000000, "", 0 },
};

static void test_flood(gconstpointer data)
{
	const FloodCase *c = data;
	g_autoptr(GString) message = g_string_new(c->head);

	for (unsigned i = 0; i < c->times; i++)
		g_string_append(message, c->piece);
	g_string_append(message, c->tail);
	gint64 start = g_get_monotonic_time();
	g_auto(Recorder) r = run(message->str, message->len);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
	g_assert_cmpint(r.status, ==, PARSE_STATUS_COMPLETE);
	/* 0xffff: any outcome that is one */
	if (c->limits != 0xffff)
		g_assert_cmpuint(r.counter[PARSE_COUNTER_LIMITS], ==, c->limits);
	g_assert_cmpuint(r.parts, <=, 1000);
	g_assert_cmpuint(r.addresses, <=, 5000);
}

static GString *nested(unsigned depth)
{
	GString *m = g_string_new("Content-Type: multipart/mixed; boundary=b0\n\n");

	for (unsigned i = 0; i + 1 < depth; i++)
		g_string_append_printf(m, "--b%u\nContent-Type: multipart/mixed; boundary=b%u\n\n", i, i + 1);
	g_string_append_printf(m, "--b%u\n\ndeep\n", depth - 1);
	return m;
}

static void test_depth(void)
{
	static const struct {
		unsigned depth;
		bool shown;
		uint32_t limits;
	} cases[] = {
		{ 1, true, 0 },
		{ 30, true, 0 },
		{ 31, false, MESSAGE_LIMIT_DEPTH },
		{ 1000, false, MESSAGE_LIMIT_DEPTH },
		{ 15000, false, MESSAGE_LIMIT_DEPTH },
		{ 100000, false, MESSAGE_LIMIT_DEPTH },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) message = nested(cases[i].depth);
		g_auto(Recorder) r = run(message->str, message->len);
		g_test_message("depth %u", cases[i].depth);
		g_assert_true((strcmp(r.body->str, "deep\n") == 0 || strcmp(r.body->str, "deep") == 0) ==
		              cases[i].shown);
		g_assert_cmpuint(r.counter[PARSE_COUNTER_LIMITS], ==, cases[i].limits);
	}
}

/* ---- large texts ---------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	const char *head;
	const char *piece;
	unsigned times;
	const char *text; /* what one piece becomes */
} LargeCase;

#define TEXT "Content-Type: text/plain; charset="

/* The pieces end everywhere in these: between CR and LF, inside characters, within lines without end. */
static const LargeCase large_cases[] = {
	{ "crlf", TEXT "utf-8\n\n", "ab\r\n", 300000, "ab\n" },
	{ "odd lines", TEXT "utf-8\n\n", "abcde\r\n", 200000, "abcde\n" },
	{ "cr", TEXT "utf-8\n\n", "\r", 700000, "\n" },
	{ "one line", TEXT "utf-8\n\n", "日本a", 150000, "日本a" },
	{ "not utf-8", TEXT "utf-8\n\n", "\xff", 700000, "\xef\xbf\xbd" },
	{ "kana", TEXT "shift_jis\n\n", "\xb1", 700000, "ｱ" },
	{ "sjis pairs", TEXT "shift_jis\n\na", "\x93\xfa\x96\x7b", 200000, "日本" },
	{ "jis without end", TEXT "iso-2022-jp\n\n\x1b$B", "F|K\\", 200000, "日本" },
	{ "euc", TEXT "euc-jp\n\n", "\xc6\xfc\n", 200000, "日\n" },
	{ "base64", TEXT "utf-8\nContent-Transfer-Encoding: base64\n\n", "YWJj", 300000, "abc" },
	{ "tabs", TEXT "utf-8\n\n", "\t", 150000, "        " },
	{ "bidi in every line", TEXT "utf-8\n\n", "א\u202a\u202bx\u202c\u202c\n", 50000,
	  "א\u202a\u202bx\u202c\u202c\n" },
};

static GString *repeated(const char *head, const char *piece, unsigned times)
{
	GString *text = g_string_new(head);

	for (unsigned i = 0; i < times; i++)
		g_string_append(text, piece);
	return text;
}

/* Cleaned in pieces, a text is what it would be as a whole. */
static void test_large(gconstpointer data)
{
	const LargeCase *c = data;
	g_autoptr(GString) message = repeated(c->head, c->piece, c->times);
	g_autoptr(GString) expected = repeated("", c->text, c->times);
	g_auto(Recorder) r =
	        run_with(PARSE_REQUEST_MESSAGE, message->str, message->len, 0, UINT64_C(64) << 20);
	bool a = g_str_has_suffix(c->head, "\n\na");

	g_assert_cmpuint(r.body->len, ==, expected->len + a);
	g_assert_true(memcmp(r.body->str + a, expected->str, expected->len) == 0);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_LIMITS], ==, 0);
}

/* Any byte of any charset, with the cap far below what it would become. */
static void test_large_is_cut(gconstpointer data)
{
	const LargeCase *c = data;
	g_autoptr(GString) message = repeated(c->head, c->piece, c->times);
	g_auto(Recorder) r = run_with(PARSE_REQUEST_MESSAGE, message->str, message->len, 0, 300000);

	g_assert_cmpuint(r.body->len, <=, 300000);
	g_assert_cmpuint(r.body->len, >, 299990);
	g_assert_cmpuint(r.counter[PARSE_COUNTER_LIMITS], ==, MESSAGE_LIMIT_TEXT);
}

/* All texts share one cap: a thousand blank ones must not cost a thousand times it. */
static void test_blank_is_cut(void)
{
	static const char head[] = MIXED "\n--B\n\n";
	g_autoptr(GString) message = repeated(head, "\t", 1000);
	g_string_append(message, "\n--B\n\nreal body\n--B--\n");

	g_auto(Recorder) kept = run_with(PARSE_REQUEST_MESSAGE, message->str, message->len, 2000, 1000);
	g_assert_cmpuint(kept.body->len, <=, 1000);
	g_assert_true(kept.counter[PARSE_COUNTER_LIMITS] & MESSAGE_LIMIT_TEXT);
	g_auto(Recorder) shown = run_with(PARSE_REQUEST_MESSAGE, message->str, message->len, 2000, 9000);
	g_assert_cmpstr(shown.body->str, ==, "real body");
	g_assert_cmpuint(shown.parts, ==, 0);
}

/* ---- what libmagic is shown ------------------------------------------------------------------------- */

static void test_magic_budget(void)
{
	static const char *const fills[] = { " ", "\n", " \n", "\r\n", "a\n" };

	for (size_t i = 0; i < G_N_ELEMENTS(fills); i++) {
		g_autoptr(GString) fill = repeated("--B\nContent-Type: a/b\n\nx", fills[i], 5000);
		g_string_append_c(fill, '\n');
		g_autoptr(GString) message = repeated(MIXED "\n", fill->str, 990);
		gint64 start = g_get_monotonic_time();
		g_auto(Recorder) r = run(message->str, message->len);
		g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
		g_assert_cmpuint(r.parts, ==, 990);
		assert_lines(r.said->str, "part 1 a/b text/plain [] \npart 990 a/b  [] ");
	}
}

/* Every prefix of a mail is an ordinary outcome. */
static void test_every_prefix(void)
{
	const char *message = message_cases[19].message;

	for (size_t n = 0; n <= strlen(message); n++) {
		g_auto(Recorder) r = run(message, n);
		g_assert_cmpuint(r.ends, ==, 1);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(message_cases); i++) {
		g_autofree char *path = g_strdup_printf("/mime/message/%s", message_cases[i].name);
		g_test_add_data_func(path, &message_cases[i], test_message);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
		g_autofree char *path = g_strdup_printf("/mime/flood/%s", floods[i].name);
		g_test_add_data_func(path, &floods[i], test_flood);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(large_cases); i++) {
		g_autofree char *whole = g_strdup_printf("/mime/large/%s", large_cases[i].name);
		g_autofree char *cut = g_strdup_printf("/mime/large-cut/%s", large_cases[i].name);
		g_test_add_data_func(whole, &large_cases[i], test_large);
		g_test_add_data_func(cut, &large_cases[i], test_large_is_cut);
	}
	g_test_add_func("/mime/blank-cut", test_blank_is_cut);
	g_test_add_func("/mime/magic-budget", test_magic_budget);
	g_test_add_func("/mime/not-mail", test_not_mail);
	g_test_add_func("/mime/counters", test_counters);
	g_test_add_func("/mime/objects", test_objects);
	g_test_add_func("/mime/header-request", test_header_request);
	g_test_add_func("/mime/text-request", test_text_request);
	g_test_add_func("/mime/text-cut", test_text_is_cut);
	g_test_add_func("/mime/arena-full", test_arena_full);
	g_test_add_func("/mime/depth", test_depth);
	g_test_add_func("/mime/every-prefix", test_every_prefix);
	return g_test_run();
}
