#!/usr/bin/env -S python3 -B
"""The judges judged: known good and known bad clean messages.  test_tools.py BIN_DIRECTORY

A gateway that passes everything through must fail every case, one that writes the plain right answer none;
each term of the must_not_come_out column must be able to fail; a marker must be found in every form in which it
was exchanged.
"""
import base64
import binascii
import bz2
import gzip
import io
import os
import stat
import sys
import tempfile
import zipfile
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "oracle")]
import check  # noqa: E402
import corpus  # noqa: E402
import decode  # noqa: E402
import oracle  # noqa: E402
import policies  # noqa: E402
import rules  # noqa: E402
import swap  # noqa: E402
from clean import Clean, make  # noqa: E402

MARK = swap.EICAR
ROWS = check.table(check.CORPUS / "cases.tsv", "name", "file", "must_not_come_out")
BY_NAME = {row["name"]: row for row in ROWS}
failed = []

# The gateway that passes the mail through; verify is the real one.
FAKE = """#!/bin/sh
real=%s
[ "$1" = verify ] && exec "$real" "$@"
while [ $# -gt 1 ]; do
	[ "$1" = --report ] && echo '{"decision": "deliver", "policy": {"rule": "none"}, "parts": []}' > "$2"
	shift
done
exec cat "$1"
"""


def expect(what, holds, detail=""):
	if not holds:
		failed.append(what)
		print(f"FAIL {what} {detail}")


def base64_lines(octets, width, between=b"\r\n"):
	text = base64.b64encode(octets)
	return between.join(text[at:at + width] for at in range(0, len(text), width))


def uuencode(octets, alphabet):
	lines = [b"begin 644 a.com"]
	for at in range(0, len(octets), 45):
		line = binascii.b2a_uu(octets[at:at + 45]).rstrip(b"\n")
		lines.append(bytes(alphabet[(char - 32) & 63] for char in line))
	return b"\r\n".join(lines + [alphabet[:1], b"end"])


def yenc(octets):
	body = b"".join(b"=" + bytes([(octet + 106) % 256]) if (octet + 42) % 256 in (0, 10, 13, 61)
		else bytes([(octet + 42) % 256]) for octet in octets)
	return b"=ybegin line=128 size=68 name=a.com\r\n" + body + b"\r\n=yend size=68\r\n"


def binhex(octets):
	head = b"\x05a.com\0TEXT????\0\0" + len(octets).to_bytes(4, "big") + bytes(4)
	whole = head + binascii.crc_hqx(head, 0).to_bytes(2, "big") + octets
	whole += binascii.crc_hqx(octets, 0).to_bytes(2, "big") + bytes(2)
	bits = "".join(f"{octet:08b}" for octet in whole)
	bits += "0" * (-len(bits) % 6)
	text = bytes(decode.HQX[int(bits[at:at + 6], 2)] for at in range(0, len(bits), 6))
	return b"(This file must be converted with BinHex 4.0)\r\n\r\n:" + text + b":\r\n"


def zipped(octets, method):
	file = io.BytesIO()
	with zipfile.ZipFile(file, "w", method) as archive:
		archive.writestr("a.com", octets)
	return file.getvalue()


def qp(octets, case=b"=%02X"):
	return b"".join(case % octet for octet in octets)


# How a marker may be hidden: name, form, whether the swap must manage it too.
FORMS = (
	("raw", lambda m: m, True),
	("raw in words", lambda m: b"before" + m + b"after", True),
	("UTF-16", lambda m: m.decode().encode("utf-16-le"), True),
	("zeros between", lambda m: b"\0".join(bytes([octet]) for octet in m), True),
	("broken lines", lambda m: m[:30] + b"\r\n" + m[30:], True),
	("base64", base64.b64encode, True),
	("base64, second alignment", lambda m: base64.b64encode(b"x" + m), True),
	("base64, third alignment", lambda m: base64.b64encode(b"xy" + m + b"z"), True),
	("base64, lines of 1", lambda m: base64_lines(m, 1), True),
	("base64, lines of 7", lambda m: base64_lines(m, 7), True),
	("base64, quoted", lambda m: b"> " + base64_lines(m, 20, b"\r\n> "), True),
	("base64, dots", lambda m: base64_lines(m, 4, b"."), True),
	("base64, 8-bit junk", lambda m: base64_lines(m, 4, b"\xff\xe2\x80\x8b"), True),
	("base64, padded pieces", lambda m: b"\r\n\r\n" + base64.b64encode(m[:31]) + base64.b64encode(m[31:]), True),
	("base64, comments", lambda m: base64_lines(m, 8, b"(a comment)"), True),
	("base64, delimiters", lambda m: base64_lines(m, 60, b"\r\n--BND\r\n"), True),
	("base64url", base64.urlsafe_b64encode, True),
	("base64 twice", lambda m: base64.b64encode(base64.b64encode(m)), True),
	("quoted-printable", qp, True),
	("quoted-printable, small", lambda m: qp(m, b"=%02x"), True),
	("quoted-printable, half", lambda m: m[:20] + qp(m[20:50]) + m[50:], True),
	("quoted-printable, soft breaks", lambda m: b"=\r\n".join(m[at:at + 9] for at in range(0, 68, 9)), True),
	("quoted-printable, breaks in codes", lambda m: qp(m).replace(b"=3", b"=3=\r\n"), True),
	("uuencode", lambda m: uuencode(m, decode.UU), True),
	("xxencode", lambda m: uuencode(m, decode.XX), True),
	("yEnc", yenc, True),
	("BinHex", binhex, True),
	("hex", lambda m: binascii.hexlify(m), True),
	("hex, blanks", lambda m: binascii.hexlify(m, " "), True),
	("percent", lambda m: qp(m, b"%%%02X"), True),
	("ascii85", lambda m: base64.a85encode(m, adobe=True), True),
	("entities", lambda m: b"".join(b"&#%d;" % octet for octet in m), False),
	("gzip", lambda m: gzip.compress(m, mtime=0), True),
	("zlib in base64", lambda m: base64.b64encode(zlib.compress(m)), True),
	("zip, stored", lambda m: zipped(m, zipfile.ZIP_STORED), True),
	("zip in base64", lambda m: base64_lines(zipped(m, zipfile.ZIP_DEFLATED), 76), True),
	("gzip in zip in base64", lambda m: base64.b64encode(zipped(gzip.compress(m, mtime=0), zipfile.ZIP_STORED)),
		True),
	("bzip2 in base64", lambda m: base64.b64encode(bz2.compress(m)), False),
)


def test_forms():
	new = swap.random_marker("1", "forms")
	expect("random marker: length", len(new) == len(MARK))
	expect("random marker: another one", new != MARK and new != swap.random_marker("2", "forms"))
	expect("random marker: the same one again", new == swap.random_marker("1", "forms"))
	for name, form, swappable in FORMS:
		around = b"Subject: x\r\n\r\nSome words in front of it.\r\n\r\n%b\r\n\r\nand some after.\r\n"
		data = around % form(MARK)
		expect(f"{name}: found", decode.search(data, swap.patterns(MARK)))
		expect(f"{name}: another is not found", not decode.search(data, swap.patterns(new)))
		case = case_of("cte-uppercase-mix")
		octets = make("x", parts=[("text/plain", "a.txt", around % form(case.new))])
		expect(f"{name}: judged", list(check.no_marker(case, Clean(octets))))
		if not swappable:
			continue
		after, ways = swap.swap(data, MARK, new)
		expect(f"{name}: swapped", ways and decode.search(after, swap.patterns(new)), ways)
		expect(f"{name}: nothing left", not decode.search(after, swap.patterns(MARK)))
		expect(f"{name}: length kept", len(after) == len(data))
		expect(f"{name}: the rest kept", after.startswith(data[:30]) and after.endswith(data[-20:]))
	third = base64.b64encode(case.new[:24])
	expect("a third of a marker", list(check.no_marker(case, Clean(make("see " + third.decode())))))


def case_of(name):
	return check.Case(BY_NAME[name], "1")


NOT_OURS = [("application/octet-stream", "a.com", b"x" * 40)]
# case, clean message, term that must be seen in it
BAD = (
	("gif-5000-frames", {"pages": 5000}, "5000 pages"),
	("tiff-ifd-loop", {"pages": 501}, "endless pages"),
	("text-30k-lines", {"pages": 501}, "unbounded pages"),
	("ics-alarm-procedure", {"text": "ACTION:PROCEDURE"}, "ACTION:PROCEDURE"),
	("ics-alarm-procedure", {"parts": [("text/calendar", "a.ics", b"BEGIN:VCALENDAR")]}, "text/calendar part"),
	("ics-attach-uri", {"text": "see file:///etc/passwd"}, "UNC or file URL"),
	("ics-attach-uri", {"text": "see \\\\198.51.100.1\\x"}, "UNC or file URL"),
	("html-link-mismatch", {"text": "VISIBLE https://www.bank.example.org/"},
		"a link whose text hides the target"),
	("html-userinfo", {"text": "http://www.bank.example.org/"}, "the link without its real host"),
	("html-base", {"text": "login"}, "a relative link that loses its real host"),
	("html-idn", {"text": "http://\u0430pple.example.com/"}, "the homograph without its xn-- form"),
	("alternative-different", {"text": "Please pay nothing."}, "silent choice of the harmless alternative"),
	("external-body-url", {"text": "http://phish.example.com/eicar.com"}, "a live URL"),
	("hdr-subject-ew-in-quotes-nest", {"fields": {"Subject": "Bcc"}}, "a second decoding"),
	("hdr-subject-crlf-q", {"fields": {"Bcc": "victim@example.net"}},
		"a Bcc or X-Injected header line in the output"),
	("hdr-subject-lf", {"fields": {"X-Injected": "1"}}, "an injected header line"),
	("hdr-subject-rlo", {"fields": {"Subject": "=?utf-8?B?4oCuZmRw?="}}, "bidi control characters"),
	("hdr-subject-escape", {"fields": {"Subject": "=?utf-8?Q?=1B[2J?="}}, "control characters"),
	("hdr-subject-nul", {"fields": {"Subject": "=?utf-8?Q?a=00b?="}}, "NUL"),
	("hdr-subject-100k", {"fields": {"Subject": "a" * 1200}}, "line over 998 octets"),
	("hdr-subject-raw-8bit", {"fields": {"Subject": "日本語"}}, "raw 8-bit without SMTPUTF8"),
	("hdr-subject-iso2022jp-nogood", {"fields": {"Subject": "=?utf-8?Q?=1B$BF|?="}}, "raw escape octets"),
	("hdr-from-multi", {"fields": {"From": "sender@example.org, ceo@example.net"}}, "both From values unmarked"),
	("hdr-from-list", {"fields": {"From": "a@example.org, ceo@example.net"}}, "ambiguous From"),
	("hdr-from-display-spoof", {"fields": {"From": "\"ceo@example.net\" <x@evil.example.org>"}},
		"the display name without the real address"),
	("hdr-received-loop", {"fields": {"X-Mugai-Hops": "2"}}, "a mail loop"),
	("hdr-bcc", {"fields": {"Bcc": "secret@example.net"}}, "Bcc header"),
	("hdr-list-unsubscribe", {"fields": {"List-Unsubscribe": "<http://phish.example.com/>"}},
		"live link headers"),
	("hdr-dsn-requests", {"fields": {"Return-Receipt-To": "x@evil.example.org"}}, "receipt request headers"),
	("hdr-auth-results-forged", {"fields": {"X-Virus-Scanned": "clean"}}, "the forged result fields"),
	("html-entities", {"text": "java\tscript:alert(1)"}, "javascript: in any form"),
	("html-entities", {"text": "JavaScript:alert(1)"}, "javascript: in any form"),
	("html-unclosed", {"text": "nothing"}, "lost visible text"),
	("html-text-plain-lie", {"parts": [("text/html", "a.html", b"<html>")]}, "markup rendered by the receiver"),
	("html-utf7", {"text": "+ADw-script+AD4-alert(1)"}, "markup after any decoding"),
	("html-qr-table", {"text": "█▀▄ █▀▄ █▀▄ █▀▄ █▀▄\n" * 12}, "a scannable code in the output"),
	("html-10mb-whitespace", {"text": "a " * 600_000, "input": b""}, "unbounded output"),
	("png-ztxt-bomb", {"text": "a " * 600_000}, "unbounded memory or time"),
	("html-hidden-text", {"text": "pay\u200bpal"}, "zero width characters"),
	("html-conditional", {"text": "<a href=\"http://phish.example.com/\">"}, "live link"),
	("html-rawdata-cid-remote", {"text": "ms-word:ofe|u|http://phish.example.com/"}, "any live link"),
	("cs-emoji-zwj", {"text": "a\U000e0041"}, "tag characters"),
	("cs-emoji-zwj", {"text": "a" + "\u0301" * 30}, "unbounded combining marks"),
	("cs-2022jp-as-utf8", {"text": "\x1b$BF|\x1b(B"}, "raw escape octets"),
	("cs-2022jp-unterminated", {"text": "日本語"}, "swallowed ASCII text"),
	("cs-utf8-as-2022jp", {"text": "譌･譛ｬ隱"}, "mojibake or crash"),
	("csv-shift-jis", {"text": "\ufffd"}, "mojibake in the rendered page"),
	("cs-overlong-utf8", {"text": "<script> VISIBLE"}, "overlong forms turned into \"<\""),
	("cs-utf8-invalid", {"text": "\ud800"}, "invalid UTF-8"),
	("cs-injection", {"text": "root:x:0:0:root"}, "file access by charset name"),
	("format-flowed", {"text": "VISIBLE long line that flo\nws on"}, "broken words"),
	("pdf-plain", {"parts": NOT_OURS}, "text layer"),
	("pdf-js", {"parts": [("application/pdf", "a.pdf", b"%PDF-1.4 /OpenAction << /JS (x) >>")]},
		"JavaScript, actions"),
	("fn-rlo", {"parts": NOT_OURS}, "the dangerous name as a usable attachment name"),
	("smuggle-lf-dot-lf", {"raw": b"From: a@b.example\n\nend\n.\nMAIL FROM:<ceo@example.net>\n"},
		"a line that any receiver can read as end of data"),
	("data-url-text", {"text": "<a href=\"data:text/html,x\">"}, "a clickable data: URL"),
	("svg-xxe", {"text": "root:x:0:0:root"}, "contents of any local file"),
)
# Rules that stand for what is measured around the program, not in its output.
AROUND = {rules.nothing_more, rules.marker}


def bad_message(given):
	if "raw" in given:
		return given["raw"]
	return make(given.get("text", "VISIBLE"), given.get("fields", {}).items(), given.get("parts", ()))


def test_bad():
	seen = set()
	for name, given, term in BAD:
		case = case_of(name)
		case.report, case.data = {"parts": [{"pages": given.get("pages", 1)}]}, given.get("input", case.data)
		found = {what for what, _ in check.judge(case, bad_message(given))}
		expect(f"bad {name}: {term}", term in found, found)
		seen |= found
	return seen


def good_message(case):
	text = f"VISIBLE-{case.name} VISIBLE\n{rules.TEXTS.get(case.name, '')}\n"
	if not {"remote URL", "a live URL"} & set(rules.terms(case.row["must_not_come_out"])):
		text += "http://phish.example.com/login\n"
	return make(text, {"X-Mugai-Hops": "100"}.items())


def passes(work):
	"""What the judges say of a gateway that passes everything, and of the plain right answer."""
	row, directory = work
	case = check.Case(row, "1")
	result = check.run_case(case, os.path.join(directory, "mugai"), None)
	return row["name"], result, check.judge(case, good_message(case))


def test_all_cases(bin_directory):
	seen = set()
	with tempfile.TemporaryDirectory(prefix="mugai-fake-") as directory:
		fake = Path(directory) / "mugai"
		fake.write_text(FAKE % (Path(bin_directory).resolve() / "mugai"), encoding="utf-8")
		fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
		with ProcessPoolExecutor(2) as pool:
			results = list(pool.map(passes, [(row, directory) for row in ROWS], chunksize=4))
	for name, result, good in results:
		alone = {what for what, _ in result["problems"]} - {"verify", "time", "exit"}
		expect(f"{name}: passed through, yet judged well", result["problems"])
		exempt = name in check.AS_TEXT or not result["ways"]
		expect(f"{name}: the marker passed through, yet was not found", exempt or "marker" in alone, alone)
		expect(f"{name}: a good message is judged bad", not good, good)
		seen |= alone
	return seen


def test_terms(seen):
	expect("terms without a rule", not rules.unmapped(ROWS), rules.unmapped(ROWS))
	used = {term for row in ROWS for term in rules.terms(row["must_not_come_out"])}
	expect("rules without a term", not set(rules.RULES) - used, set(rules.RULES) - used)
	strange = [{"name": "x", "must_not_come_out": "something new"}]
	expect("a new term is noticed", rules.unmapped(strange) == ["something new"])
	around = AROUND | {rules.bounded, rules.only_ours}
	silent = [term for term in sorted(used - seen) if set(rules.RULES[term]) - around]
	expect("terms that were never seen to fail", not silent, silent)


MAIL = b"Subject: x\n\ntext\n"
NO_MAIL = b"only words\n\nand: more\n"
# exit code, seconds, input, allowed end, what is wrong
ENDS = (
	(0, 0.1, MAIL, "", []), (65, 0.1, NO_MAIL, "", []), (66, 0.1, b"", "", []), (65, 0.1, MAIL, "hop limit", []),
	(65, 0.1, MAIL, "", ["exit"]), (66, 0.1, MAIL, "", ["exit"]), (75, 0.1, MAIL, "", ["exit"]),
	(75, 0.1, NO_MAIL, "", ["exit"]), (-11, 0.1, MAIL, "", ["exit"]), (139, 0.1, NO_MAIL, "", ["exit"]),
	(70, 0.1, b"", "", ["exit"]), (0, 5.1, MAIL, "", ["time"]), (None, 60, MAIL, "", ["time"]),
)
MAILS = (
	(b"Subject: x\r\n\r\n", True), (b"junk\nSubject : x\n\n", True), (b"\nSubject: x\n", False), (b"", False),
	(b"no field\n\nSubject: x\n", False), (b"a b: c\n\n", False), (b": x\n", False), (b"\xff\xd8: x\n", False),
)
GOOD = {"decision": "deliver", "rule": "r", "limits": [], "empty": False}
EMPTY = dict(GOOD, empty=True)
NOTICE_ONLY = dict(GOOD, decision="notice-only")
LONG = b"Subject: x\n\nwords that a reader would miss\n"
# name, input, exit code, seconds, report, number of problems
FEEDS = (
	("dsn/a.eml", LONG, 0, 0.1, GOOD, 0), ("dsn/a.eml", LONG, 0, 0.1, NOTICE_ONLY, 1),
	("mime-torture/a.eml", LONG, 0, 0.1, NOTICE_ONLY, 0), ("html-mail/a.eml", LONG, 0, 0.1, EMPTY, 1),
	("html-mail/a.eml", b"Subject: x\n\n\n", 0, 0.1, EMPTY, 0), ("smime/a.p7s", NO_MAIL, 65, 0.1, GOOD, 0),
	("smime/a.eml", LONG, 65, 0.1, GOOD, 1), ("smime/a.eml", LONG, 75, 0.1, GOOD, 1),
	("smime/a.p7s", NO_MAIL, 75, 0.1, GOOD, 1), ("tnef/a.eml", LONG, 0, 6.0, GOOD, 1),
	("tnef/a.eml", LONG, None, 60.0, GOOD, 1), ("tnef/a.eml", LONG, -6, 0.1, GOOD, 1),
)


def test_ends():
	for code, took, data, acceptable, wrong in ENDS:
		found = [what for what, _ in check.run_well(code, took, data, "", {"acceptable": acceptable})]
		expect(f"end {code} after {took} s of {data!r}", found == wrong, found)
	for data, mail in MAILS:
		expect(f"is a mail: {data!r}", check.is_mail(data) == mail)
	for name, data, code, took, report, count in FEEDS:
		found = list(corpus.judge(name, data, code, took, "", report))
		expect(f"corpus {name} {code} {took} {report['decision']}", len(found) == count, found)


def demanded(name, shown, exceptions):
	result = {"name": name, "shown": shown, "problems": [], "decision": "deliver", "code": 0}
	check.demand([result], [BY_NAME[name]], exceptions)
	return [what for what, _ in result["problems"]]


def test_visible():
	name, hidden = "cte-uppercase-mix", "cs-2022jp-good"
	expect("visible and shown", demanded(name, True, {}) == [])
	expect("visible and not shown", demanded(name, False, {}) == ["visible"])
	expect("visible and refused", demanded(name, None, {}) == ["visible"])
	expect("excepted", demanded(name, False, {name: "a reason"}) == [])
	expect("excepted without need", demanded(name, True, {name: "a reason"}) == ["exception"])
	expect("nothing to show", demanded(hidden, False, {}) == [])
	with tempfile.NamedTemporaryFile(suffix=".eml") as file:
		file.write(b"Content-Type: text/plain\n\nnothing to see\n")
		file.flush()
		found, lost = oracle.visible([file.name], lambda path: "VISIBLE",
			str(check.CORPUS / "header-cte" / "cte-uppercase-mix.eml"))
		expect("no parser invents it", found[file.name] == [] and not any(lost.values()), found)


def test_sources():
	"""No program knows a marker; else the exchange of markers would prove nothing."""
	for folder in ("cell", "conf", "sanitize", "render", "milter"):
		for path in (HERE.parent.parent / folder).rglob("*"):
			octets = path.read_bytes() if path.is_file() else b""
			expect(f"{path.name} knows a marker", b"EICAR-STANDARD" not in octets and b"SCRIPT-MARKER" not in octets)


def test_hidden_in_notice():
	clean = Clean(make("nothing", {"Subject": "VISIBLE"}.items()))
	expect("subject is not the text", "VISIBLE" not in clean.text)
	body = "x\n\n【無害化】----- 1 -----\n【無害化】「VISIBLE」\n".replace("\n", "\r\n").encode()
	clean = Clean(b"Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n"
		+ base64.encodebytes(body))
	expect("the notice is not the text", "VISIBLE" not in clean.text and "VISIBLE" in clean.notice)


def picture_pdf(letters="", ink=True, samples=b"", after=b""):
	"""A page of 100 x 100 pixels, its right half black where there is ink, and a run of letters over both halves."""
	rows = (b"\xff" * 50 + (b"\0" if ink else b"\xff") * 50) * 100
	packed = zlib.compress(samples + rows[len(samples):])
	codes = {letter: b"%04x" % code for code, letter in enumerate(dict.fromkeys(letters), 1)}
	page = b"q 100 0 0 100 0 0 cm /P Do Q\n"
	if letters:
		page += b"BT\n3 Tr\n/F 10 Tf %d Tz 1 0 0 1 10 50 Tm <%s> Tj\nET\n" % (
			1600 // len(letters), b"".join(codes[letter] for letter in letters))
	unicode = b"".join(b"<%s><%s>\n" % (code, letter.encode("utf-16-be").hex().encode())
		for letter, code in codes.items())
	objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Resources<</XObject<</P 5 0 R>>>>/Contents 4 0 R>>",
		b"<</Length %d>>\nstream\n%s\nendstream" % (len(page), page),
		b"<</Type/XObject/Subtype/Image/Width 100/Height 100/ColorSpace /DeviceGray/BitsPerComponent 8"
		b"/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed),
		b"<</Length %d>>\nstream\n%s\nendstream" % (len(unicode), unicode))
	out = b"%PDF-1.7\n"
	for number, body in enumerate(objects, 1):
		out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
	return out + b"trailer\n<</Size 7/Root 1 0 R>>\n%%EOF\n" + after


def converted(text="VISIBLE", **page):
	return make(text, parts=[("application/pdf", "a.pdf", picture_pdf(**page))])


# policy, message, what is wrong
CONVERSIONS = (
	("searchable", converted(), set()),
	("searchable", converted(letters="letters"), set()),
	("searchable", converted(letters="letters", ink=False), {"ink"}),
	("pictures", converted(), set()),
	("pictures", converted(letters="letters"), {"letters"}),
	("searchable", converted(letters=MARK.decode()), set()),
	("searchable", converted(MARK.decode(), letters=MARK.decode()), set()),
	("searchable", converted(letters=MARK.decode(), ink=False), {"ink"}),
	("searchable", converted(MARK.decode()), {"marker"}),
	("searchable", converted(letters=base64.b64encode(MARK).decode()), set()),
	("searchable", converted(base64.b64encode(MARK).decode(), letters=base64.b64encode(MARK).decode()), {"marker"}),
	("searchable", converted("=58=35=4F=21=50=25=40" + MARK[7:].decode(), letters="=58=35=4F=21=50=25=40" + MARK[7:].decode()),
		set()),
	("searchable", converted("=58=35=4F=21=50=25=40" + MARK[7:].decode()), {"marker"}),
	("searchable", converted("x\n――― 「a.js」 の文字 ―――\njavascript:x"), {"link"}),
	("searchable", converted(base64.b64encode(MARK).decode(), letters=MARK.decode()), {"marker"}),
	("pictures", converted(samples=MARK), {"marker"}),
	("searchable", converted(samples=MARK), {"marker"}),
	("pictures", converted(after=MARK), {"marker"}),
)


def test_conversions():
	for number, (name, message, wrong) in enumerate(CONVERSIONS):
		case = case_of("pdf-plain")
		case.letters, case.seen, case.report, case.data = 0, set(), {"parts": []}, b"Subject: x\n\nx\n"
		found = {what for what, _ in policies.judge_converted(case, message, name)} - {"text layer"}
		expect(f"conversion {number}, {name}", found == wrong, found)
	same = [make("x", fields={"X-Mugai-Policy": name}.items()) for name in ("a", "b")]
	expect("the same but for the policy", len(set(map(policies.same_but_policy, same))) == 1)
	other = [make(text, fields={"X-Mugai-Policy": "a"}.items()) for text in "xy"]
	expect("not the same", len(set(map(policies.same_but_policy, other))) == 2)


def main():
	test_forms()
	test_conversions()
	test_ends()
	test_visible()
	test_hidden_in_notice()
	test_sources()
	test_terms(test_bad() | test_all_cases(sys.argv[1]))
	print(f"{len(failed)} failed" if failed else "all well")
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main())
