#!/usr/bin/env -S python3 -B
"""Every evasion case through the real program: what must not come out, and what must.

  check.py --bin DIR [--case NAME]... [--class CLASS]... [--list-failures] [--seed N|random] [--jobs N]
           [--keep DIR]

DIR holds mugai and its workers. Per case: the marker is exchanged for a random one, `mugai sanitize` is run
with built-in settings, `mugai verify` on what it wrote; then the terms of the case's must_not_come_out column
are checked, the marker is searched in every decoding, and what two of three mail parsers show of the original
must be there.
"""
import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "oracle")]
import decode  # noqa: E402
import oracle  # noqa: E402
import rules  # noqa: E402
import swap  # noqa: E402
from clean import Clean  # noqa: E402

CORPUS = HERE.parent / "corpus" / "evasion"
SECONDS = 5.0
EXCEPTIONS_PERCENT = 5
ARRIVAL = "@1767571200"
RECIPIENT = "recipient@example.net"
# Rows that allow a form of the marker as text: there, these decodings are not tried.
AS_TEXT = {"hex-in-text": ("hex",),
	"data-url-text": ("base64", "base64, fields", "base64, line", "base64 in pieces")}


def table(path, *columns):
	"""A tab separated list with a header line."""
	with open(path, newline="", encoding="utf-8") as file:
		rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
	for row in rows:
		if any(not row.get(column) for column in columns):
			raise SystemExit(f"{path}: a line lacks a column: {row}")
	return rows


class Case:
	def __init__(self, row, seed):
		self.row, self.name = row, row["name"]
		self.path = CORPUS / row["file"]
		self.original = self.path.read_bytes()
		self.new = swap.random_marker(seed, self.name)
		self.data, self.ways = swap.swap(self.original, swap.EICAR, self.new)
		self.report = None
		self.shown = ()  # decodings by which letters on a page may be read as the marker: so they may in the text

	def token(self):
		return token_of(self.path)


def token_of(path):
	"""VISIBLE-<name> where the mail has it, else the bare word."""
	name = f"VISIBLE-{Path(path).stem}"
	return name if name.encode() in Path(path).read_bytes() else "VISIBLE"


def is_mail(data):
	"""A line before the first empty one looks like a field: such a thing is never refused as no mail."""
	for line in data.replace(b"\r\n", b"\n").split(b"\n"):
		if not line:
			return False
		name, colon, _ = line.partition(b":")
		if colon and name and all(32 < octet < 127 for octet in name.rstrip(b" \t")):
			return True
	return False


def run(words, seconds):
	begin = time.monotonic()
	try:
		done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
		code, out, err = done.returncode, done.stdout, done.stderr
	except subprocess.TimeoutExpired:
		code, out, err = None, b"", b""
	return code, out, err.decode("utf-8", "replace").strip(), time.monotonic() - begin


def sanitize(mugai, path, report, seconds=60):
	return run([mugai, "sanitize", "--arrival", ARRIVAL, "--rcpt", RECIPIENT, "--report", report, path], seconds)


def run_well(code, took, data, err, row, seconds=SECONDS):
	"""Crash, time, refusal: whatever the case, these hold."""
	if code is None or took > seconds:
		yield "time", f"{took:.1f} s"
	if code is None or code == 0:
		return
	if code == 65 and (not is_mail(data) or row["acceptable"] == "hop limit") or code == 66 and not data:
		return
	yield "exit", f"{code}: {err[-200:]}"


def no_marker(case, clean):
	"""Neither the well-known marker nor this run's, whole or a third of it, in any decoding."""
	patterns = swap.patterns(swap.EICAR, case.new)
	skip = (*AS_TEXT.get(case.name, ()), *case.shown)
	for place, octets in clean.octets():
		# Those may show it as text: but then not in the raw message, where it would be a block of base64.
		found = decode.search(octets, patterns, skip, 1 if place == "raw" else decode.DEPTH)
		if found and not (skip and place == "raw"):
			yield "marker", f"in {place}: {' > '.join(found)}"
			return


def verified(mugai, path):
	code, _, err, _ = run([mugai, "verify", path], 20)
	return [] if code == 0 else [("verify", f"exit {code}: {err[-300:]}")]


def judge(case, octets, read=Clean):
	"""All that is wrong with a clean message, its form apart. read: what makes a Clean of it."""
	clean = read(octets)
	foreign = rules.only_ours(case, clean)
	return [*no_marker(case, clean), *([("parts", foreign)] if foreign else []), *rules.judge(case, clean)]


def check_case(work):
	row, seed, mugai, keep = work
	return run_case(Case(row, seed), mugai, keep)


def run_case(case, mugai, keep):
	result = {"name": case.name, "class": case.row["class"], "ways": case.ways, "problems": [], "shown": None,
		"decision": None}
	with tempfile.TemporaryDirectory(prefix="mugai-evasion-") as scratch:
		source, report, target = (os.path.join(scratch, name) for name in ("case.eml", "report", "clean.eml"))
		Path(source).write_bytes(case.data)
		os.chmod(scratch, 0o755)
		code, out, err, took = sanitize(mugai, source, report)
		result.update(code=code, took=took, problems=list(run_well(code, took, case.data, err, case.row)))
		if code != 0:
			return result
		Path(target).write_bytes(out)
		if keep:
			(Path(keep) / f"{case.name}.eml").write_bytes(out)
		try:
			case.report = json.loads(Path(report).read_text(encoding="utf-8"))
		except (OSError, ValueError) as error:
			result["problems"].append(("report", str(error)))
		result["problems"] += verified(mugai, target) + judge(case, out)
	clean = Clean(out)
	result["decision"] = clean.decision()
	result["shown"] = case.token() in clean.text
	return result


def markers_left(results, rows, known):
	"""Cases that name the marker and in which no form of it could be exchanged: each has a reason."""
	named = {row["name"] for row in rows if "EICAR" in row["must_not_come_out"]}
	for result in results:
		if result["name"] not in named:
			continue
		if not result["ways"] and result["name"] not in known:
			result["problems"].append(("swap", "no form of the marker could be exchanged, and no reason is given"))
		if result["ways"] and result["name"] in known:
			result["problems"].append(("swap", "stands in swap_impossible.tsv, but its marker was exchanged"))


def demand(results, rows, exceptions):
	"""What two of three parsers show must be shown, but for the exceptions."""
	paths = {str(CORPUS / row["file"]): row["name"] for row in rows}
	found, lost = oracle.visible(list(paths), token_of, str(CORPUS / "header-cte" / "cte-uppercase-mix.eml"))
	seen = {paths[path]: names for path, names in found.items()}
	demanded = [result for result in results if len(seen[result["name"]]) >= 2]
	for result in results:
		name = result["name"]
		result["seen"] = seen[name]
		if name not in exceptions and result in demanded and not result["shown"]:
			result["problems"].append(("visible", f"shown by {', '.join(seen[name])}, not by us "
				f"({result['decision'] or 'exit %s' % result['code']})"))
		if name in exceptions and (result["shown"] or result not in demanded):
			result["problems"].append(("exception", "is no longer needed: strike it from exceptions.tsv"))
	return len(demanded), lost


def summary(results, demanded, lost, exceptions, seed):
	ways = Counter(way for result in results for way in result["ways"])
	print(f"\n{len(results)} cases, seed {seed}")
	print("decisions: " + ", ".join(f"{count} {what}" for what, count in
		Counter(result["decision"] or f"exit {result['code']}" for result in results).most_common()))
	print("marker exchanged: " + ", ".join(f"{count} {way}" for way, count in ways.most_common()))
	shown = sum(result["shown"] is True for result in results)
	print(f"shown by two of three parsers: {demanded}; by us, of all: {shown}; exceptions: {len(exceptions)}")
	for name, cases in lost.items():
		if cases:
			print(f"the {name} parser was lost over: {', '.join(cases)}")
	slowest = max(results, key=lambda result: result["took"])
	print(f"slowest: {slowest['took']:.2f} s ({slowest['name']})")


def failures(results):
	bad = [result for result in results if result["problems"]]
	by_class = Counter((result["class"], what) for result in bad
		for what in {what for what, _ in result["problems"]})
	if by_class:
		print("\nfailures by class:")
		for (group, what), count in sorted(by_class.items()):
			print(f"  {count:4} {group}: {what[:60]}")
	return bad


def arguments():
	options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
	options.add_argument("--bin", required=True, type=Path)
	options.add_argument("--case", action="append", default=[])
	options.add_argument("--class", action="append", default=[], dest="group")
	options.add_argument("--list-failures", action="store_true", help="names of failed cases only")
	options.add_argument("--seed", default="1")
	options.add_argument("--jobs", type=int, default=2)
	options.add_argument("--keep", help="a directory for the clean messages")
	given = options.parse_args()
	if given.seed == "random":
		given.seed = str(random.SystemRandom().randrange(10 ** 9))
	return given


def chosen(given, rows):
	picked = [row for row in rows if (not given.case or row["name"] in given.case)
		and (not given.group or row["class"] in given.group)]
	if not picked:
		raise SystemExit("check.py: no such case or class")
	return picked


def main():
	given = arguments()
	everything = table(CORPUS / "cases.tsv", "name", "file", "must_not_come_out")
	unmapped = rules.unmapped(everything)
	if unmapped:
		raise SystemExit("check.py: terms without a rule: " + "; ".join(unmapped))
	rows = chosen(given, everything)
	names = {row["name"] for row in rows}
	exceptions = {row["name"]: row["reason"] for row in table(HERE / "exceptions.tsv", "name", "reason")}
	impossible = {row["name"]: row["reason"] for row in table(HERE / "swap_impossible.tsv", "name", "reason")}
	unknown = (set(exceptions) | set(impossible)) - {row["name"] for row in everything}
	if unknown:
		raise SystemExit(f"check.py: no such case: {', '.join(sorted(unknown))}")
	if given.keep:
		os.makedirs(given.keep, exist_ok=True)
	mugai = str(given.bin.resolve() / "mugai")
	with ProcessPoolExecutor(given.jobs) as pool:
		work = [(row, given.seed, mugai, given.keep) for row in rows]
		results = list(pool.map(check_case, work, chunksize=4))
	markers_left(results, rows, impossible)
	here = {name: reason for name, reason in exceptions.items() if name in names}
	try:
		demanded, lost = demand(results, rows, here)
	except oracle.Missing as error:
		raise SystemExit(f"check.py: {error}") from error
	bad = [result for result in results if result["problems"]]
	for result in bad:
		if given.list_failures:
			print(result["name"])
			continue
		for what, detail in result["problems"]:
			print(f"FAIL {result['class']}/{result['name']}: {what}: {detail}")
	if given.list_failures:
		return 1 if bad else 0
	failures(results)
	summary(results, demanded, lost, here, given.seed)
	wrong = bool(bad)
	if len(rows) == len(everything) and len(exceptions) * 100 > EXCEPTIONS_PERCENT * demanded:
		print(f"FAIL: {len(exceptions)} exceptions are more than {EXCEPTIONS_PERCENT} % of {demanded}")
		wrong = True
	print(f"{len(results) - len(bad)} passed, {len(bad)} failed (seed {given.seed})")
	return 1 if wrong else 0


if __name__ == "__main__":
	sys.exit(main())
