"""A clean message as a reader sees it: fields decoded, text, notice lines, attachments."""
import base64
import binascii
import email
import email.header
import email.message
import email.policy
import html
import re

NOTICE = "【無害化】"


def header_text(value):
	"""All encoded words decoded, once; raw octets as Latin-1 so that nothing is hidden."""
	try:
		pieces = email.header.decode_header(value)
	except (email.errors.HeaderParseError, binascii.Error, ValueError):
		return str(value)
	text = ""
	for piece, charset in pieces:
		if isinstance(piece, str):
			text += piece
			continue
		try:
			text += piece.decode(charset or "latin-1")
		except (LookupError, UnicodeDecodeError):
			text += piece.decode("latin-1")
	return text


def parse(raw):
	"""The message and its leaves. What nests too deep for the parser has none."""
	try:
		message = email.message_from_bytes(raw, policy=email.policy.compat32)
		return message, [part for part in message.walk() if not part.is_multipart()]
	except RecursionError:
		return email.message.Message(), []


class Part:
	"""One leaf: its type, its name, its octets."""

	def __init__(self, message):
		self.type = message.get_content_type()
		self.charset = message.get_content_charset()
		try:
			self.name = message.get_filename()
		except (ValueError, LookupError, UnicodeError):
			self.name = "?"
		payload = message.get_payload(decode=True)
		self.octets = payload if payload is not None else str(message.get_payload()).encode("utf-8", "replace")


class Clean:
	def __init__(self, raw):
		self.raw = raw
		message, leaves = parse(raw)
		self.fields = [(name, header_text(str(value)).replace("\r", "").replace("\n", ""), str(value))
			for name, value in message._headers]
		self.parts = [Part(part) for part in leaves]
		first = self.parts[0].octets if self.parts else b""
		self.invalid = None
		try:
			self.whole = first.decode("utf-8")
		except UnicodeDecodeError as error:
			self.invalid = str(error)
			self.whole = first.decode("utf-8", "replace")
		lines = self.whole.replace("\r\n", "\n").split("\n")
		self.notice = "\n".join(line for line in lines if line.startswith(NOTICE))
		# What the reader takes for the sender's words.
		self.text = "\n".join(line for line in lines if not line.startswith(NOTICE))
		self.attachments = self.parts[1:]
		self.words = "\n".join([self.text]
			+ [part.octets.decode("utf-8", "replace") for part in self.attachments])

	def field(self, name):
		for have, value, _ in self.fields:
			if have.lower() == name.lower():
				return value
		return ""

	def names(self):
		return [name.lower() for name, _, _ in self.fields]

	def decision(self):
		return self.field("X-Mugai-Result").partition(";")[0].strip()

	def octets(self):
		"""Everything in which something may be hidden: raw, fields, texts, attachments."""
		yield "raw", self.raw
		fields = "\n".join(f"{name}: {value}" for name, value, _ in self.fields)
		yield "header", fields.encode("utf-8", "replace")
		for number, part in enumerate(self.parts, 1):
			yield f"part {number}", part.octets
			if part.name:
				yield f"name {number}", part.name.encode("utf-8", "replace")

	def foreign(self):
		"""Where octets of an attachment must not stand."""
		return self.octets()

	def layers(self):
		"""Letters that lie over pictures: of messages without any, none."""
		return ()

	def compact(self):
		"""The text without blanks and invisible characters, entities resolved, in small letters."""
		return re.sub(r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+", "", html.unescape(self.words)).lower()


def make(text, fields=(), parts=(), result="deliver; parts=1; removed=0; converted=0"):
	"""A message in the form that the gateway writes, for the tests of the tests."""
	head = [("Date", "Mon, 5 Jan 2026 09:00:00 +0900"), ("From", "sender@example.org"),
		("To", "recipient@example.net"), ("Subject", "test"), ("Message-ID", "<a@example.org>"),
		("X-Mugai-Hops", "2"), ("X-Mugai-Result", result), ("MIME-Version", "1.0")]
	given = dict(fields)
	head = [(name, given.pop(name, value)) for name, value in head] + list(given.items())
	lines = "".join(f"{name}: {value}\n" for name, value in head)
	body = text + f"\n\n{NOTICE}----- 1 -----\n{NOTICE}end\n"
	body = body.replace("\n", "\r\n").encode("utf-8", "surrogatepass")
	leaf = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n"
	if not parts:
		return lines.encode() + leaf.encode() + base64.encodebytes(body)
	out = lines + 'Content-Type: multipart/mixed; boundary="=_mugai_0"\n\n--=_mugai_0\n' + leaf \
		+ base64.encodebytes(body).decode()
	for kind, name, octets in parts:
		out += f"--=_mugai_0\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n" \
			f"Content-Disposition: attachment;\n filename*=UTF-8''{name}\n\n" + base64.encodebytes(octets).decode()
	return (out + "--=_mugai_0--\n").encode()
