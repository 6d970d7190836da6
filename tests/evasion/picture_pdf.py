"""The gateway's image PDF (doc/output-grammar.md, section 6), taken apart: pictures as they decode, letters of the
layer, and whether there is ink where they stand."""
import re
import subprocess
import zlib

STREAM = re.compile(rb"<<([^>]*(?:<[0-9a-f]+>[^>]*)?/Length (\d+)[^>]*)>>\nstream\n")
RUN = re.compile(rb"/F ([\d.]+) Tf ([\d.]+) Tz (1 0 0 1|0 -1 1 0) ([\d.]+) ([\d.]+) Tm <([0-9a-f]+)> Tj\n")
CODE = re.compile(rb"<([0-9a-f]{4})><([0-9a-f]{4,8})>\n")
BOX = re.compile(rb"/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]")
INK = 32  # between the lightest and the darkest value: less is not seen
FINE = 150


class Run:
	def __init__(self, page, found, letters):
		size, stretch, matrix, x, y, codes = found.groups()
		self.text = "".join(letters[codes[at:at + 4]] for at in range(0, len(codes), 4))
		self.page, x, y, size = page, float(x), float(y), float(size)
		length = len(codes) // 4 * size * float(stretch) / 200
		# Lengthwise from where it begins; a letter's height above it, or to the right of it where it runs down.
		self.box = (x, y, x + length, y + size) if matrix == b"1 0 0 1" else (x, y - length, x + size, y)


class PicturePdf:
	def __init__(self, octets):
		self.octets = octets
		self.heights = [float(height) for _, height in BOX.findall(octets)]
		self.streams, contents, at = [], [], 0
		letters = {code: bytes.fromhex(value.decode()).decode("utf-16-be") for code, value in CODE.findall(octets)}
		while (found := STREAM.search(octets, at)):
			at = found.end() + int(found[2])
			body = octets[found.end():at]
			if b"/FlateDecode" in found[1]:
				body = zlib.decompress(body)
			self.streams.append(body)
			if body.startswith(b"q ") and b"/P Do Q\n" in body[:80]:
				contents.append(body)
		self.runs = [Run(page, run, letters) for page, content in enumerate(contents)
			for run in RUN.finditer(content)]

	def layer(self):
		"""All letters, in the order in which they stand, as the document had them."""
		return "".join(run.text for run in self.runs).replace("[@]", "@")

	def inkless(self):
		"""Runs under which nothing is seen. poppler draws."""
		for page in sorted({run.page for run in self.runs}):
			width, height, pixels = self.drawn(page)
			for run in self.runs:
				if run.page == page and not has_ink(self.pixel_box(run, width, height), width, pixels):
					yield run

	def drawn(self, page):
		done = subprocess.run(["pdftoppm", "-r", str(FINE), "-f", str(page + 1), "-l", str(page + 1), "-"],
			input=self.octets, capture_output=True, timeout=60, check=True)
		head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", done.stdout)
		return int(head[1]), int(head[2]), done.stdout[head.end():]

	def pixel_box(self, run, width, height):
		"""Left, top, right, bottom."""
		left, low, right, high = (side * FINE / 72 for side in run.box)
		bottom = self.heights[run.page] * FINE / 72
		return (max(0, int(left)), max(0, int(bottom - high)), min(width, int(right) + 1),
			min(height, int(bottom - low) + 1))


def has_ink(box, width, pixels):
	left, top, right, bottom = box
	seen = b"".join(pixels[3 * (row * width + left):3 * (row * width + right)] for row in range(top, bottom))
	return bool(seen) and any(max(seen[at::3]) - min(seen[at::3]) >= INK for at in range(3))
