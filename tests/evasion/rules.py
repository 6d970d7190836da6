"""What must not come out: each term of that column as a check of the clean message.

A rule is a function of (case, clean) which returns what it found wrong, or nothing. RULES says for each term,
word by word, which rules stand for it. A term without an entry is an error of the test: check.py refuses to
run.
"""
import re

from clean import parse

SCHEMES = re.compile(r"(?i)(?<![A-Za-z0-9+.-])(?:javascript|vbscript|livescript|data|file|mhtml|res|x-usc|jar"
	r"|view-source|search-ms|search|ms-[a-z0-9-]+|onenote|ldap):(?=[^\s\]])")
UNC = re.compile(r"\\\\[A-Za-z0-9.-]+\\")
TAG = re.compile(r"(?i)<(?:/?(?:script|img|style|iframe|form|input|svg|object|embed|meta|link|base|bold|param"
	r"|math|mglyph|table|html|body|noscript|textarea|xmp|plaintext|a\s)|!--|!doctype)")
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]")
CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
HEADER_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]")
TAGS = re.compile("[\U000e0000-\U000e007f]")
COMBINING = re.compile("[\u0300-\u036f]{5}")
BLOCKS = re.compile("[\u2580-\u259f\u25a0-\u25a3\u25fb-\u25fe\u2b1b\u2b1c]")
OUR_TYPES = {"text/plain": ".txt", "application/pdf": ".pdf"}
PDF_ACTIONS = re.compile(rb"/(?:JavaScript|JS|Launch|URI|SubmitForm|GoToR|EmbeddedFiles?|OpenAction|AA"
	rb"|RichMedia|XFA|AcroForm|OCProperties|Annots)\b")
FORGED = ("authentication-results", "x-virus-scanned", "x-sanitized", "x-spam-status", "x-spam-flag")
RECEIPTS = ("disposition-notification-to", "return-receipt-to", "x-confirm-reading-to")
LIVE_FIELDS = ("list-unsubscribe", "list-unsubscribe-post", "list-archive", "list-help", "list-post")
REMOTE_FIELDS = ("face", "x-face", "x-image-url")
LOCAL_FILE = re.compile(r"root:[x*]?:0:0|daemon:[x*]?:1:1|\[fonts\]|\[extensions\]")

# What the reader of the original would have read, by case: the converted text must hold it.
TEXTS = {
	"cs-2022jp-good": "日本語の本文です。", "cs-sjis-5c": "表示能力ソ十", "cs-utf8-as-2022jp": "日本語",
	"cs-dup": "日本語", "html-meta-charset-conflict": "日本語", "cs-2022jp-unterminated": "ASCII line after",
	"html-unclosed": "VISIBLE", "format-flowed": "VISIBLE long line that flows on",
}
TEXTS["cs-sjis-5c"] = b"\x95\\\x8e\xa6\x94\\\x97\xcd\x83\\\x8f\\".decode("cp932")
# Markup that HTML itself shows as letters, or mails that are no HTML: there the letters are the content.
LETTERS = {"html-rawtext", "html-text-plain-lie", "text-unknown-subtype"}


def where(pattern, text):
	found = pattern.search(text)
	return repr(text[max(0, found.start() - 20):found.end() + 20]) if found else None


def found_in(pattern, *texts):
	for text in texts:
		place = where(pattern, text)
		if place:
			return place
	return None


def only_ours(case, clean):
	"""Nothing but text and our own image PDF, so that markup and links in it are letters."""
	for number, part in enumerate(clean.parts):
		if part.type not in OUR_TYPES or number == 0 and part.type != "text/plain":
			return f"a part of type {part.type}"
		if number and not (part.name or "").endswith(OUR_TYPES[part.type]):
			return f"an attachment named {part.name!r}"
		if part.type == "application/pdf" and PDF_ACTIONS.search(part.octets):
			return "a PDF with actions or embedded objects"
	return None


def originals(case):
	"""Decoded attachments of the case."""
	for part in parse(case.data)[1]:
		if part.get_content_type() == "text/plain" and not part.get_filename():
			continue
		payload = part.get_payload(decode=True)
		if payload and len(payload) >= 32 and b"VISIBLE" not in payload[:200]:
			yield payload


def no_original(case, clean):
	"""No piece of an attachment's octets, at its beginning, middle or end."""
	content = b"\n".join(octets for _, octets in clean.foreign())
	for payload in originals(case):
		for at in {0, len(payload) // 2 - 16, len(payload) - 32}:
			piece = payload[at:at + 32]
			if len(set(piece)) > 8 and piece in content:
				return f"octets {at} and on of the original: {piece!r}"
	return None


def no_names(*names):
	def no_field(case, clean):
		bad = [name for name in clean.names() if name in names]
		return f"field {bad[0]}" if bad else None
	return no_field


def no_text(pattern, flags=0):
	"""Not in the sender's words. The notice may name a type or a file of the original, quoted."""
	compiled = re.compile(pattern, flags)

	def no_words(case, clean):
		return found_in(compiled, clean.words)
	return no_words


def no_markup(case, clean):
	if case.name in LETTERS:
		return only_ours(case, clean)
	return only_ours(case, clean) or found_in(TAG, clean.words)


def no_script_marker(case, clean):
	if case.name in LETTERS:
		return None
	return "SCRIPT-MARKER" if b"SCRIPT-MARKER" in b"".join(octets for _, octets in clean.octets()) else None


def no_html_start(case, clean):
	"""A reader that guesses types from the first octets must not find HTML."""
	if case.name in LETTERS:
		return None
	for part in clean.parts:
		if re.match(rb"(?i)\s*<(?:!doctype|html|head|body|script|!--)", part.octets):
			return "a part that begins as HTML"
	return None


def no_markup_after_decoding(case, clean):
	if case.name in LETTERS:
		return None
	for charset in ("utf-7", "hz", "iso2022_jp", "iso2022_kr"):
		text = clean.words.encode("ascii", "ignore").decode(charset, "replace")
		if TAG.search(text):
			return f"markup when read as {charset}: {where(TAG, text)}"
	return None


def no_scheme(case, clean):
	"""Link targets that a reader could start, or that reach into the network."""
	return found_in(SCHEMES, clean.words, clean.notice) or found_in(UNC, clean.words, clean.notice)


def no_javascript(case, clean):
	return "javascript:" if "javascript:" in clean.compact() else None


def no_header_controls(case, clean):
	for name, value, raw in clean.fields:
		if found_in(HEADER_CONTROL, value) or found_in(BIDI, value) or found_in(ZERO_WIDTH, value):
			return f"in {name}: {value!r}"
	for line in clean.notice.split("\n"):
		if found_in(HEADER_CONTROL, line) or found_in(BIDI, line) or found_in(ZERO_WIDTH, line):
			return f"in the notice: {line!r}"
	for part in clean.attachments:
		if part.name and (found_in(HEADER_CONTROL, part.name) or found_in(BIDI, part.name)):
			return f"in a name: {part.name!r}"
	return None


def no_controls(case, clean):
	return no_header_controls(case, clean) or found_in(CONTROL, clean.whole)


def no_nul(case, clean):
	for place, octets in clean.octets():
		if b"\0" in octets:
			return f"NUL in {place}"
	return None


def no_escape_octets(case, clean):
	for place, octets in clean.octets():
		if b"\x1b" in octets:
			return f"escape in {place}"
	return None


def no_bidi(case, clean):
	return found_in(BIDI, clean.whole, *(value for _, value, _ in clean.fields))


def no_zero_width(case, clean):
	return found_in(ZERO_WIDTH, clean.whole, *(value for _, value, _ in clean.fields))


def valid_utf8(case, clean):
	if clean.invalid:
		return clean.invalid
	return no_eight_bit(case, clean)


def no_eight_bit(case, clean):
	return "raw 8-bit octets" if any(octet > 126 for octet in clean.raw) else None


def short_lines(case, clean):
	longest = max((len(line) for line in re.split(rb"\r\n|\n|\r", clean.raw)), default=0)
	return f"a line of {longest} octets" if longest > 998 else None


def one_message(case, clean):
	"""Every name once, no bare CR or LF when written for SMTP, no line that could end the data."""
	names = [name for name in clean.names() if name not in ("received", "return-path", "delivered-to")]
	if len(names) != len(set(names)):
		return "a field twice"
	wire = clean.raw.replace(b"\r\n", b"\n")
	if b"\r" in wire or b"\0" in wire:
		return "a bare CR or a NUL"
	if re.search(rb"^\.", wire, re.M):
		return "a line that begins with a dot"
	return None


def one_from(case, clean):
	addresses = re.findall(r"[^\s<>,@]+@[^\s<>,@]+", re.sub(r"=\?[^ ]*\?=", "", clean.field("From")))
	address = re.findall(r"<([^<>]*)>", clean.field("From"))
	if len(address or addresses) == 1 and clean.names().count("from") == 1:
		return None
	if re.search("差出人|From", clean.notice):
		return None
	return f"From: {clean.field('From')!r} without a word in the notice"


def honest_display(case, clean):
	"""A display name that looks like an address must not be all that a reader sees."""
	value = clean.field("From")
	display, _, address = value.rpartition("<")
	address = address.rstrip("> ")
	if "@" not in address:
		return f"no address in From: {value!r}"
	claimed = re.findall(r"[\w.+-]+[@＠][\w.-]+", display)
	if any(other != address for other in claimed) and address not in clean.notice.replace("[@]", "@"):
		return f"From: {value!r} and the real address not in the notice"
	return None


def no_second_decoding(case, clean):
	subject = clean.field("Subject")
	if re.match(r"\s*Bcc\s*$", subject) or "bcc" in clean.names():
		return f"Subject: {subject!r}"
	return None


def no_loop(case, clean):
	hops = clean.field("X-Mugai-Hops")
	return None if hops.isdigit() and int(hops) >= 100 else f"hops {hops!r} after 200 Received fields"


def no_injection(case, clean):
	lines = [line for line in clean.raw.split(b"\n\n")[0].split(b"\n") if not line.startswith((b" ", b"\t"))]
	for line in lines:
		if re.match(rb"(?i)(?:bcc|x-injected|x|y):", line):
			return f"header line {line!r}"
	return no_header_controls(case, clean)


def no_code_picture(case, clean):
	drawn = [line for line in clean.text.split("\n") if len(BLOCKS.findall(line)) >= 12]
	return f"{len(drawn)} lines of block characters" if len(drawn) >= 8 else None


def bounded(case, clean):
	limit = max(1_400_000, 6 * len(case.data))
	return f"{len(clean.raw)} octets out of {len(case.data)}" if len(clean.raw) > limit else None


def few_pages(case, clean):
	pages = max((part.get("pages", 0) for part in (case.report or {}).get("parts", [])), default=0)
	return f"{pages} pages" if pages > 500 else None


def no_tag_characters(case, clean):
	return found_in(TAGS, clean.whole)


def few_combining(case, clean):
	return found_in(COMBINING, clean.whole)


def text_is(case, clean):
	"""The words of TEXTS for this case."""
	return None if TEXTS[case.name] in clean.text.replace("\n", " ") or TEXTS[case.name] in clean.text \
		else f"{TEXTS[case.name]!r} is not in {clean.text[:200]!r}"


def no_replacement(case, clean):
	return "U+FFFD" if "\ufffd" in clean.text else None


def no_local_file(case, clean):
	return found_in(LOCAL_FILE, clean.whole)


def no_dangerous_name(case, clean):
	for part in clean.attachments:
		if not re.fullmatch(r"[^.\\/:*?\"<>|]+\.(?:txt|pdf)", part.name or ""):
			return f"attachment named {part.name!r}"
	return None


def no_overlong(case, clean):
	return "'<' made of overlong octets" if "<" in clean.text else None


def shows_host(host):
	def real_host(case, clean):
		return None if host in clean.text.replace("[.]", ".") else f"{host} is not shown"
	return real_host


def shows_real_idn(case, clean):
	if re.search("[а-я]pple", clean.text) and "xn--pple-43d" not in clean.text:
		return "the homograph without its xn-- form"
	return None


def no_hidden_layer(case, clean):
	places = (*clean.octets(), *clean.layers())
	return "HIDDEN LAYER" if any(b"HIDDEN LAYER" in octets for _, octets in places) else None


def nothing_more(case, clean):
	"""Time, memory, crash, exit and the checker are looked at for every case (check.py: run_well)."""
	return None


def marker(case, clean):
	"""The marker is searched in every decoding of every case (check.py: no_marker), this one included."""
	return None


def csv_inert(case, clean):
	return only_ours(case, clean) or no_original(case, clean) \
		or found_in(re.compile(r"(?m)^[=@][A-Za-z]"), clean.text)


MARKUP = (no_markup, no_html_start, no_script_marker, no_markup_after_decoding)
INERT = (only_ours, no_scheme, no_html_start)
CALENDAR = (only_ours, no_text(r"BEGIN:V(?:CALENDAR|EVENT)"), no_scheme)

RULES = {
	"EICAR test string, raw or in any decoding (base64, QP, uu, yEnc, hqx, gzip, zip, TNEF, CMS)":
		(marker, only_ours),
	"EICAR in any extracted form": (marker, only_ours),
	"EICAR": (marker, only_ours),
	"the EICAR string": (marker, only_ours),
	"base64 of the EICAR string": (marker, only_ours),
	"the original file": (no_original,),
	"the SVG": (no_original, no_text(r"(?i)<svg|xlink:")),
	"the docx": (no_original,),
	"the archive": (no_original,),
	"original CSV": (csv_inert,),
	"live formula": (csv_inert,),
	"any content": (no_original,),
	"the file or its target": (no_original, only_ours, no_scheme, no_dangerous_name),
	"a decoded file": (no_original, only_ours),
	"original objects": (no_original, only_ours),
	"object data": (no_original, only_ours),
	"the dangerous name as a usable attachment name": (no_dangerous_name,),
	"control or bidi characters in any header or notice": (no_header_controls,),
	"crash": (nothing_more,),
	"unbounded memory or time": (nothing_more, bounded),
	"unbounded memory": (nothing_more, bounded),
	"unbounded time": (nothing_more,),
	"unbounded disk, memory or time": (nothing_more, bounded),
	"stack overflow": (nothing_more,),
	"endless loop": (nothing_more,),
	"endless recursion": (nothing_more,),
	"exponential time": (nothing_more,),
	"huge allocation": (nothing_more, bounded),
	"unbounded output": (bounded,),
	"unbounded pages": (few_pages,),
	"endless pages": (few_pages,),
	"5000 pages": (few_pages,),
	"markup": MARKUP,
	"markup rendered by the receiver": MARKUP,
	"markup after any decoding": MARKUP,
	"SCRIPT-MARKER": (no_script_marker, only_ours),
	"SCRIPT-MARKER as markup": (only_ours, no_markup, no_html_start),
	"script": MARKUP + (only_ours,),
	"Blob code": (only_ours, no_text(r"new Blob|createObjectURL|atob\(")),
	"markup, script, data: URL, base64 of the EICAR string": MARKUP + (no_scheme, marker),
	"script, links, remote or local fetch": INERT + MARKUP,
	"AMP part, script": INERT + MARKUP + (no_text(r"ampproject|amp4email"),),
	"JavaScript, actions": INERT,
	"Launch action": INERT,
	"link annotation": INERT,
	"remote action": INERT,
	"field code": INERT + (no_text(r"DDEAUTO"),),
	"any process start": INERT,
	"any script start": INERT,
	"any network access": INERT,
	"any remote fetch": INERT + (no_markup,),
	"any remote URL fetch": INERT + (no_markup,),
	"PostScript run outside a sandbox": INERT,
	"text layer": (only_ours,),
	"a hidden text layer in the output": (no_hidden_layer, only_ours),
	"CSS text": (no_text(r"@import|font-face|background:"),),
	"refresh": (no_markup, no_text(r"(?i)http-equiv|0;url=")),
	"form": (no_markup, no_text(r"(?i)<form|<input|type=.password")),
	"RTF": (no_text(r"\{\\rt|\\objdata|\\fonttbl"),),
	"part with the unknown type": (only_ours,),
	"a second message": (one_message,),
	"a line that any receiver can read as end of data": (one_message,),
	"a Bcc or X-Injected header line in the output": (no_injection,),
	"a Bcc header line in the output": (no_injection,),
	"an injected header line": (no_injection,),
	"an injected line": (no_injection,),
	"Bcc header": (no_names("bcc", "resent-bcc"),),
	"the forged result fields": (no_names(*FORGED),),
	"receipt request headers": (no_names(*RECEIPTS),),
	"live link headers": (no_names(*LIVE_FIELDS),),
	"remote URL": (no_names(*REMOTE_FIELDS), no_text("phish.example.com")),
	"NUL": (no_nul,),
	"control characters": (no_controls,),
	"raw escape octets": (no_escape_octets,),
	"raw escape octets in Subject": (no_escape_octets,),
	"raw 8-bit without SMTPUTF8": (no_eight_bit,),
	"invalid UTF-8": (valid_utf8,),
	"line over 998 octets": (short_lines,),
	"bidi control characters": (no_bidi,),
	"zero width characters": (no_zero_width,),
	"tag characters": (no_tag_characters,),
	"unbounded combining marks": (few_combining,),
	"overlong forms turned into \"<\"": (no_overlong,),
	"mojibake": (text_is, no_replacement),
	"mojibake or crash": (text_is, no_replacement),
	"mojibake in the rendered page": (no_replacement,),
	"swallowed ASCII text": (text_is,),
	"lost visible text": (text_is,),
	"broken words": (text_is,),
	"contents of any local file": (no_local_file, only_ours),
	"file access by charset name": (no_local_file, only_ours),
	"any message/partial fragment": (only_ours,
		no_text(r"(?i)message/partial|^(?:Return-Path|Received):", re.M)),
	"message/partial": (only_ours,),
	"message/external-body": (only_ours, no_text(r"(?i)access-type")),
	"a live URL": (no_scheme, no_text(r"(?i)https?://phish")),
	"live link": (only_ours, no_scheme, no_markup),
	"any live link": (only_ours, no_scheme, no_markup),
	"data: URL": (only_ours, no_scheme),
	"a clickable data: URL": (only_ours, no_markup),
	"javascript: in any form": (no_javascript, no_scheme),
	"UNC or file URL": (no_scheme, no_text(r"(?i)file:|\\\\\\\\")),
	"text/calendar part": CALENDAR,
	"calendar part": CALENDAR,
	"ACTION:PROCEDURE": (no_text(r"ACTION:PROCEDURE"), no_scheme),
	"a second decoding": (no_second_decoding,),
	"both From values unmarked": (one_from,),
	"ambiguous From": (one_from,),
	"the display name without the real address": (honest_display,),
	"a mail loop": (no_loop,),
	"a scannable code in the output": (no_code_picture,),
	"a link whose text hides the target": (shows_host("phish.example.com"),),
	"a relative link that loses its real host": (shows_host("phish.example.com/login"),),
	"the link without its real host": (shows_host("phish.example.com"),),
	"silent choice of the harmless alternative": (shows_host("phish.example.com"),),
	"the homograph without its xn-- form": (shows_real_idn,),
}


def terms(text):
	return [term.strip() for term in text.split(";") if term.strip()]


def unmapped(rows):
	return sorted({term for row in rows for term in terms(row["must_not_come_out"]) if term not in RULES}
		| {row["name"] for row in rows if not terms(row["must_not_come_out"])})


def judge(case, clean):
	"""What must not come out and did: (term, what was found)."""
	for term in terms(case.row["must_not_come_out"]):
		for rule in RULES[term]:
			found = rule(case, clean)
			if found:
				yield term, f"{rule.__name__}: {found}"
