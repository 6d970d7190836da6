#!/usr/bin/env -S python3 -B
"""Exchanges the marker in a test mail for a random one, in whatever form it stands there.

An output that is clean only since somebody looks for the well-known string must not pass. The new marker has
the length and, place by place, the kind of character of the old one; everything around it stays as it was.

  swap.py [--seed N] FILE...      tells in which forms the marker was found and exchanged
"""
import argparse
import random
import string
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import decode  # noqa: E402

# In two halves: a scanner that reads this file has nothing to find.
EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*")
MIDDLE_LENGTH = 22


def random_marker(seed, name):
	source = random.Random(f"{seed} {name}")

	def other(char):
		if char in string.ascii_uppercase:
			return source.choice(string.ascii_uppercase)
		if char in string.digits:
			return source.choice(string.digits)
		return char
	return "".join(other(char) for char in EICAR.decode()).encode()


def patterns(*markers):
	"""Three pieces of each marker: part of a payload is a payload."""
	pieces = []
	for marker in markers:
		for start in (0, 23, 46):
			pieces.append(decode.spread(marker[start:start + MIDDLE_LENGTH]))
	return pieces


def swap_raw(data, old, new, spread):
	"""The marker itself, also with zeros between its octets."""
	def exchange(found):
		octets, fresh = bytearray(found.group()), iter(zip(old, new))
		was, now = next(fresh)
		for at, octet in enumerate(octets):
			if octet == was:
				octets[at] = now
				was, now = next(fresh, (None, None))
		return bytes(octets)
	after = spread.sub(exchange, data)
	return decode.packed_sums(after, old, new) if after != data else data


class Swap:
	"""Exchanges one marker for another; .ways are the forms in which it was found."""

	def __init__(self, old, new):
		self.old, self.new, self.ways = old, new, []
		self.spread = decode.spread(old)

	def run(self, data, depth=decode.DEPTH, path=()):
		after = swap_raw(data, self.old, self.new, self.spread)
		if after != data:
			self.ways.append(" > ".join(path) or "raw")
			data = after
		if depth == 0 or path and not decode.promising(data):
			return data
		return self.inside(data, depth, path)

	def inside(self, data, depth, path):
		for decoder in decode.DECODERS:
			data = self.by(decoder, data, depth, path)
		return data

	def by(self, decoder, data, depth, path):
		"""A decoder's results hold for the bytes it was given, so it begins anew after each exchange."""
		seen = set()
		for _ in range(40):
			changed = None
			for how, decoded, back in decoder(data):
				if back is None or len(decoded) < 16 or decoded in seen:
					continue
				seen.add(decoded)
				count = len(self.ways)
				new = self.run(decoded, depth - 1, path + (how,))
				if new == decoded or len(new) != len(decoded):
					continue
				changed = back(new)
				if changed != data:
					break
				del self.ways[count:]
				changed = None
			if changed is None:
				return data
			data = changed
		return data


def swap(data, old, new):
	"""(new data, forms in which the marker was exchanged)."""
	job = Swap(old, new)
	return job.run(data), job.ways


def left(data, old):
	"""The forms in which the old marker is still in data."""
	return decode.search(data, [decode.spread(old)])


def main():
	options = argparse.ArgumentParser()
	options.add_argument("--seed", default="1")
	options.add_argument("files", nargs="+", type=Path)
	given = options.parse_args()
	for path in given.files:
		data = path.read_bytes()
		after, ways = swap(data, EICAR, random_marker(given.seed, path.stem))
		rest = left(after, EICAR)
		print(f"{path.stem}\t{', '.join(sorted(set(ways))) or '-'}\t{' > '.join(rest) if rest else '-'}")


if __name__ == "__main__":
	main()
