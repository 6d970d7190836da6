"""Every decoding of a byte string that a mail reader or an attacker's tool might try.

Each decoder yields (how, decoded, back): back(new) writes a changed decoding of the same length into the
source, so that junk, line ends and padding around it stay as they were. The search takes the same decoders as
the swap does: a case in which nothing can be swapped is thereby a form that would not be found either, and is
listed.
"""
import base64
import binascii
import bz2
import lzma
import re
import zlib

STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
URLSAFE = STANDARD[:62] + b"-_"
XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
EXPANDED_MAX = 200_000
DEPTH = 4

# What may stand between the characters of a block, letters included: comments, boundary lines with the fields
# that follow them, fields.
COMMENT = re.compile(rb"\([^()]{0,200}\)")
FENCE = re.compile(rb"--[^\r\n]*(?:\r?\n[A-Za-z-]+:[^\r\n]*)*")
FIELD = re.compile(rb"(?:^|(?<=[\r\n]))[A-Za-z][A-Za-z0-9-]*:[^\r\n]*")
# Any blank line ends a paragraph, and a field does, since a part without an empty line is read all the same.
PARAGRAPH = re.compile(rb"\r\n[ \t\0]*\r\n|\n[ \t\0]*\n|\r(?!\n)[ \t\0]*\r(?!\n)")


def sextet_table(alphabet):
	return {char: value for value, char in enumerate(alphabet)}


class Sextets:
	"""Characters of six bits each, at known places of the source."""

	def __init__(self, source, alphabet, places):
		self.source, self.alphabet, self.places = source, alphabet, places
		chars = bytes(source[place] for place in places)
		chars = chars.translate(bytes.maketrans(alphabet, STANDARD)) + b"A" * (-len(chars) % 4)
		self.decoded = binascii.a2b_base64(chars)[:len(places) * 6 // 8]

	def write(self, target, new):
		table = sextet_table(self.alphabet)
		for index, (before, after) in enumerate(zip(self.decoded, new)):
			if before == after:
				continue
			for bit in range(8):
				at, shift = divmod(index * 8 + bit, 6)
				place, mask = self.places[at], 32 >> shift
				value = table[target[place]] & ~mask
				if after & (128 >> bit):
					value |= mask
				target[place] = self.alphabet[value]


def blank_out(data, pattern):
	return pattern.sub(lambda found: b"\n" * len(found.group()), data)


def fold_fullwidth(data):
	"""Full width letters as their ASCII ones; the octets between are no letter of any alphabet."""
	def fold(found):
		octets = found.group()
		char = 0x21 + ((octets[1] - 0xbc) << 6 | (octets[2] & 0x3f)) - 1
		return bytes([0x80, 0x80, char])
	return re.sub(rb"\xef[\xbc-\xbd][\x80-\xbf]", fold, data)


def base64_like(data, alphabet, how):
	"""All characters of the alphabet in one run, at each of the four alignments."""
	foreign = re.compile(b"[^" + re.escape(alphabet) + b"]+")
	kept = foreign.sub(b"", data)
	if len(kept) < 24:
		return
	standard = kept.translate(bytes.maketrans(alphabet, STANDARD))
	for shift in range(4):
		usable = (len(kept) - shift) // 4 * 4
		rest = len(kept) - shift - usable
		decoded = binascii.a2b_base64(standard[shift:shift + usable])
		tail = standard[shift + usable:]
		if rest >= 2:
			decoded += binascii.a2b_base64(tail + b"=" * (4 - rest))

		def back(new, shift=shift):
			wanted = set(alphabet)
			places = [at for at, char in enumerate(data) if char in wanted][shift:]
			target = bytearray(data)
			Sextets(data, alphabet, places).write(target, new)
			return bytes(target)
		yield how, decoded, back


def padded_pieces(data):
	"""Base64 that begins anew after each padding: "YQ==Yg==" is "ab" for many readers."""
	wanted = set(STANDARD)
	start = 0
	for end in [found.end() for found in PARAGRAPH.finditer(data)] + [len(data)]:
		paragraph = data[start:end]
		if paragraph.count(b"=") and len(paragraph) < 200_000:
			for shift in range(4):
				pieces, runs = [], re.finditer(rb"[^=]+", paragraph)
				for number, run in enumerate(runs):
					places = [start + at for at in range(run.start(), run.end()) if data[at + start] in wanted]
					piece = Sextets(data, STANDARD, places[shift if number == 0 else 0:])
					if piece.decoded:
						pieces.append(piece)

				def back(new, pieces=pieces):
					target, at = bytearray(data), 0
					for piece in pieces:
						piece.write(target, new[at:at + len(piece.decoded)])
						at += len(piece.decoded)
					return bytes(target)
				yield "base64 in pieces", b"".join(piece.decoded for piece in pieces), back
		start = end


def base64_all(data):
	yield from base64_like(data, STANDARD, "base64")
	if re.search(rb"[A-Za-z0-9]_|-[A-Za-z0-9]", data):
		yield from base64_like(data, URLSAFE, "base64url")
	yield from padded_pieces(data)
	for pattern, how in ((COMMENT, "base64, comments"), (FENCE, "base64, delimiters"),
			(FIELD, "base64, fields")):
		bared = blank_out(data, pattern)
		if bared != data:
			yield from masked(data, bared, base64_like(bared, STANDARD, how))
	folded = fold_fullwidth(data)
	if folded != data:
		yield from masked(data, folded, base64_like(folded, STANDARD, "base64, full width"), unfold)
	for start, end in quoted_lines(data):
		for how, decoded, back in base64_like(data[start:end], STANDARD, "base64, line"):
			yield how, decoded, lambda new, s=start, e=end, b=back: data[:s] + b(new) + data[e:]


def quoted_lines(data):
	"""Lines and quoted strings that are a block of their own: data: URLs, fields, attributes."""
	for found in re.finditer(rb"[A-Za-z0-9+/]{60,}", data):
		yield found.start(), found.end()


def unfold(original, at, char):
	"""Octets of the full width form of a character, written where it stood."""
	code = 0xff01 + char - 0x21
	original[at - 2:at + 1] = chr(code).encode()


def masked(data, changed, decodings, put=None):
	"""Decodings of a changed copy whose results are written into the original."""
	for how, decoded, back in decodings:
		def both(new, back=back):
			after, target = back(new), bytearray(data)
			for at, (old, now) in enumerate(zip(changed, after)):
				if old == now:
					continue
				if put and data[at] != old:
					put(target, at, now)
				else:
					target[at] = now
			return bytes(target)
		yield how, decoded, both


QP_FORMS = (
	# Soft breaks in all shapes, also inside a code; junk codes and lone equals signs as lenient readers do.
	re.compile(rb"=(?P<hex>[0-9A-Fa-f]{2})|(?P<gone>=+[ \t]*(?:\r\n|\r|\n))|(?P<char>.)", re.S),
	re.compile(rb"=(?:=?[ \t]*(?:\r\n|\r|\n))*(?P<hex>[0-9A-Fa-f](?:=[ \t]*(?:\r\n|\r|\n))*[0-9A-Fa-f])"
		rb"|(?P<gone>=[^0-9A-Fa-f].|=+[ \t]*(?:\r\n|\r|\n)|[ \t]+(?=[\r\n]))|(?P<char>.)", re.S),
	re.compile(rb"=(?P<hex>[0-9A-Fa-f]{2})|(?P<gone>=)|(?P<char>.)", re.S),
)


def escaped(data, form, how, write):
	out, places = bytearray(), []
	for found in form.finditer(data):
		if found["gone"] is not None:
			continue
		group = "hex" if found["hex"] is not None else "char"
		text = found[group]
		digits = bytes(char for char in text if char in b"0123456789abcdefABCDEF")
		out.append(int(digits, 16) if group == "hex" else text[0])
		places.append((group, found.start(group), found.end(group)))

	def back(new):
		target = bytearray(data)
		for at, (before, after) in enumerate(zip(out, new)):
			if before == after:
				continue
			group, start, end = places[at]
			if group == "char":
				target[start] = after
				continue
			write(target, start, end, after)
		return bytes(target)
	yield how, bytes(out), back


def write_hex(target, start, end, value):
	spots = [at for at in range(start, end) if target[at] in b"0123456789abcdefABCDEF"]
	lower = any(target[at] in b"abcdef" for at in spots)
	for at, digit in zip(spots, (b"%02x" if lower else b"%02X") % value):
		target[at] = digit


def quoted_printable(data):
	if len(re.findall(rb"=[0-9A-Fa-f]{2}|=[ \t]*[\r\n]", data)) < 2:
		return
	for form in QP_FORMS:
		yield from escaped(data, form, "quoted-printable", write_hex)


PERCENT = re.compile(rb"%(?P<hex>[0-9A-Fa-f]{2})|(?P<gone>\Z.)|(?P<char>.)", re.S)


def percent(data):
	if len(re.findall(rb"%[0-9A-Fa-f]{2}", data)) >= 8:
		yield from escaped(data, PERCENT, "percent", write_hex)


def hexadecimal(data):
	for found in re.finditer(rb"(?:[0-9A-Fa-f]{2}[\s:,]{0,3}){24,}", data):
		run = found.group()
		spots = [found.start() + at for at, char in enumerate(run) if char in b"0123456789abcdefABCDEF"]
		decoded = binascii.unhexlify(bytes(data[at] for at in spots))

		def back(new, spots=spots, decoded=decoded):
			target = bytearray(data)
			for at, (before, after) in enumerate(zip(decoded, new)):
				if before != after:
					pair = spots[2 * at:2 * at + 2]
					lower = any(target[spot] in b"abcdef" for spot in pair)
					target[pair[0]], target[pair[1]] = (b"%02x" if lower else b"%02X") % after
			return bytes(target)
		yield "hex", decoded, back


UU = bytes(range(32, 96))


def uu_line(data, start, end, alphabet):
	"""The places of a line's characters and its length, if it is a line of uuencode."""
	while start < end and data[start:start + 1] in (b">", b"|") or data[start:start + 2] == b" >":
		start += 1
		if data[start:start + 1] == b" " and alphabet is XX:
			start += 1
		elif data[start:start + 1] == b" ":
			start += 1
	table = sextet_table(alphabet)
	if start >= end or data[start] not in table and data[start] != 96:
		return None
	length = table.get(data[start], 0)
	need = (length + 2) // 3 * 4
	if length == 0 or not need <= end - start - 1 <= need + 2:
		return None
	places = list(range(start + 1, start + 1 + need))
	if any(data[at] not in table and data[at] != 96 for at in places):
		return None
	return places, length


def uu_like(data, alphabet, how):
	"""Lines of uuencode that follow each other, with or without begin and end."""
	lines, run = [], []
	for found in re.finditer(rb"[^\r\n]+", data):
		if found.end() - found.start() > 200:
			line = None
		else:
			line = uu_line(data, found.start(), found.end(), alphabet)
		if line:
			run.append(line)
		elif run:
			lines.append(run)
			run = []
	if run:
		lines.append(run)
	for run in lines:
		plain = data.replace(b"`", b" ") if alphabet is UU else data
		pieces = [(Sextets(plain, alphabet, places), length) for places, length in run]

		def back(new, pieces=pieces):
			target, at = bytearray(plain), 0
			for piece, length in pieces:
				piece.write(target, new[at:at + length])
				at += length
			return bytes(now if old != now else was for was, old, now in zip(data, plain, target))
		yield how, b"".join(piece.decoded[:length] for piece, length in pieces), back


def uuencode(data):
	yield from uu_like(data, UU, "uuencode")
	yield from uu_like(data, XX, "xxencode")


def yenc(data):
	for block in re.finditer(rb"=ybegin[^\r\n]*\r?\n(?:=ypart[^\r\n]*\r?\n)?", data):
		end = data.find(b"=yend", block.end())
		end = len(data) if end < 0 else end
		out, places, at = bytearray(), [], block.end()
		while at < end:
			char = data[at]
			if char in b"\r\n":
				at += 1
				continue
			if char == 0x3d and at + 1 < end:
				at += 1
				out.append((data[at] - 64 - 42) % 256)
				places.append((at, 106))
			else:
				out.append((char - 42) % 256)
				places.append((at, 42))
			at += 1

		def back(new, places=places, out=bytes(out)):
			target = bytearray(data)
			for (place, add), before, after in zip(places, out, new):
				if before != after:
					target[place] = (after + add) % 256
			return crc_text(bytes(target), out, new)
		yield "yEnc", bytes(out), back


def crc_text(data, before, after):
	"""Checksums written out in hex follow what they sum up."""
	for form in (b"%08x", b"%08X"):
		data = data.replace(form % zlib.crc32(before), form % zlib.crc32(after))
	return data


def crc_hqx(octets):
	return binascii.crc_hqx(octets, 0)


def binhex(data):
	for block in re.finditer(rb"(?=:([^:\0]{40,}):)", data):
		wanted = set(HQX)
		places = [at for at in range(*block.span(1)) if data[at] in wanted]
		if len(places) < 0.9 * len(re.sub(rb"\s", b"", block[1])):
			continue
		piece = Sextets(data, HQX, places)
		flat = re.sub(rb"\x90\0", b"\x90", piece.decoded)

		def back(new, piece=piece):
			target = bytearray(data)
			piece.write(target, repair_binhex(new))
			return bytes(target)
		yield "BinHex", piece.decoded, back
		if flat != piece.decoded:
			yield "BinHex", flat, None


def repair_binhex(octets):
	"""The checksum of the data fork is made true again, where the layout is the plain one."""
	name = octets[0]
	head = name + 2 + 4 + 4 + 2
	length = int.from_bytes(octets[head:head + 4], "big")
	start = head + 4 + 4 + 2
	if start + length + 2 > len(octets):
		return octets
	return octets[:start + length] + crc_hqx(octets[start:start + length]).to_bytes(2, "big") \
		+ octets[start + length + 2:]


def ascii85(data):
	for found in re.finditer(rb"<~(.*?)~>", data, re.S):
		try:
			decoded = base64.a85decode(found.group(), adobe=True)
		except ValueError:
			continue

		def back(new, found=found):
			body = base64.a85encode(new)
			spots = [at for at in range(found.start(1), found.end(1)) if data[at] not in b" \t\r\n"]
			target = bytearray(data)
			if len(spots) == len(body):
				for spot, char in zip(spots, body):
					target[spot] = char
			return bytes(target)
		yield "ascii85", decoded, back


def inflate(data, start, window):
	engine = zlib.decompressobj(window)
	try:
		plain = engine.decompress(data[start:], EXPANDED_MAX)
	except zlib.error:
		return None
	return plain, len(data) - start - len(engine.unused_data) - len(engine.unconsumed_tail)


def deflate_same_size(plain, window, size):
	"""The compressed form that has exactly this size, or None."""
	for level in range(10):
		for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_FIXED):
			engine = zlib.compressobj(level, zlib.DEFLATED, window, 8, strategy)
			packed = engine.compress(plain) + engine.flush()
			if len(packed) == size:
				return packed
	return None


def packed_sums(data, before, after):
	"""CRC-32 of members in zip and gzip follow the changed content."""
	return data.replace(zlib.crc32(before).to_bytes(4, "little"), zlib.crc32(after).to_bytes(4, "little"))


def deflated(data, start, window, how):
	got = inflate(data, start, window)
	if not got or len(got[0]) < 4:
		return
	plain, size = got

	def back(new):
		packed = deflate_same_size(new, window, size)
		if packed is None:
			return data
		if window == 31:
			packed = data[start:start + 10] + packed[10:]
		return packed_sums(data[:start] + packed + data[start + size:], plain, new)
	yield how, plain, back


ZIP_LOCAL = re.compile(rb"PK\x03\x04.{4}(?P<method>..).{16}(?P<name>..)(?P<extra>..)", re.S)


def compressed(data):
	for found in re.finditer(rb"\x1f\x8b\x08", data):
		yield from deflated(data, found.start(), 31, "gzip")
	for count, found in enumerate(ZIP_LOCAL.finditer(data)):
		if count == 200:
			break
		start = found.end() + int.from_bytes(found["name"], "little") + int.from_bytes(found["extra"], "little")
		if found["method"] == b"\x08\0":
			yield from deflated(data, start, -15, "zip")
	for count, found in enumerate(re.finditer(rb"[\x08\x18\x28\x38\x48\x58\x68\x78][\x01\x5e\x9c\xda]", data)):
		if count == 200:
			break
		if int.from_bytes(found.group(), "big") % 31 == 0:
			yield from deflated(data, found.start(), 15, "zlib")
	for magic, how, engine in ((rb"BZh[1-9]1AY", "bzip2", bz2.BZ2Decompressor),
			(rb"\xfd7zXZ\0", "xz", lzma.LZMADecompressor),
			(rb"\x5d\0\0[\0-\xff]{3}", "lzma", lzma.LZMADecompressor)):
		for found in re.finditer(magic, data):
			try:
				yield how, engine().decompress(data[found.start():], EXPANDED_MAX), None
			except (OSError, EOFError, lzma.LZMAError, ValueError):
				continue


def reencoded(data):
	"""Other charsets: UTF-16 is found by its zeros, the others need a step."""
	if b"+A" in data and re.search(rb"\+A[A-Za-z0-9+/]{2,}-?", data):
		yield "UTF-7", data.decode("utf-7", "replace").encode("utf-8", "replace"), None
	if re.search(rb"&#?[A-Za-z0-9]{1,8};", data):
		import html
		yield "entities", html.unescape(data.decode("latin-1")).encode("utf-8", "replace"), None
	if len(data) < 100_000 and not re.search(rb"[A-Za-z0-9 ]{16}", data) and data.count(0x40):
		yield "EBCDIC", data.decode("cp037").encode("utf-8", "replace"), None


DECODERS = (base64_all, quoted_printable, percent, uuencode, yenc, binhex, hexadecimal, ascii85, compressed,
	reencoded)

PROMISING = re.compile(
	rb"[A-Za-z0-9+/_-]{30}|(?:[A-Za-z0-9+/]{4,}[^A-Za-z0-9+/]{1,3}){8}|(?:=[0-9A-Fa-f]{2}){4}|=ybegin"
	rb"|begin |%PDF|PK\x03\x04|\x1f\x8b\x08|BZh|7zXZ|x[\x01\x5e\x9c\xda]|\x5d\0\0|binhex|<~|[!-`]{45}")


def decodings(data):
	for decoder in DECODERS:
		yield from decoder(data)


def promising(data):
	return PROMISING.search(data) is not None


def spread(needle):
	"""The octets of a needle, zeros, line ends or invisible characters between them (UTF-16, folded lines)."""
	return re.compile(b"(?:\\0|\r|\n|\xc2\xad|\xe2\x80[\x8b-\x8f]){0,4}".join(
		re.escape(bytes([octet])) for octet in needle))


def search(data, patterns, skip=(), depth=DEPTH, path=()):
	"""The first way (names of decodings) by which one of the patterns is found in data, or None."""
	if any(pattern.search(data) for pattern in patterns):
		return path or ("raw",)
	if depth == 0 or path and not promising(data):
		return None
	seen = set()
	for how, decoded, _ in decodings(data):
		if how in skip or len(decoded) < 16 or decoded in seen:
			continue
		seen.add(decoded)
		found = search(decoded, patterns, skip, depth - 1, path + (how,))
		if found:
			return found
	return None
