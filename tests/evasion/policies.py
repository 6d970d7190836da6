#!/usr/bin/env -S python3 -B
"""Every evasion case under every shipped policy, and under those that convert everything.

  policies.py --bin DIR [--case NAME]... [--policy NAME]... [--seed N] [--jobs N] [--keep DIR]

What check.py asks of the built-in settings is asked of conf/policy.yaml, conf/policies/*.yaml and of
tests/policies/convert-everything.yaml, without ("pictures") and with ("searchable") letters over the pictures. A
message that is, but for the name of its policy, one that was judged already is not judged again, nor is one that the
built-in settings give (check.py judges that). Policies that differ in what they do with parts are asked where there
are any, "pictures" where "searchable" put letters over some.

A marker in the letters over a picture is no finding: every letter there must be seen on the page. Nothing of it may
stand anywhere else in the PDF, nor in its streams as they decode, nor in the text of a converted part unless those
letters hold it, too. Without letters over the pictures, nothing of it may be in the PDF at all.
"""
import argparse
import json
import os
import re
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
import rules  # noqa: E402
import swap  # noqa: E402
from check import ARRIVAL, CORPUS, RECIPIENT, Case, judge, run, run_well, table, verified  # noqa: E402
from clean import Clean  # noqa: E402
from picture_pdf import PicturePdf  # noqa: E402

CONF = HERE.parent.parent / "conf"
EVERYTHING = HERE.parent / "policies" / "convert-everything.yaml"
CONVERTING = ("searchable", "pictures")
# A document may take its time (design 7: 60 s of CPU), here less, so that the bombs do not take all of the test's.
SETTINGS = "topology: behind-edge\naudit: {file: \"\"}\nlimits: {document_cpu: 8s, document_wall: 20s}\n"
SECONDS = 60
POLICY_FIELD = re.compile(rb"^X-Mugai-(?:Policy|Id):.*\n(?:[ \t].*\n)*", re.M)


def policies(scratch):
	"""{name: file}: the first two are asked of every case."""
	text = EVERYTHING.read_text(encoding="utf-8")
	action = "{action: image-pdf+text, not-scanned: allow}"
	if action not in text:
		raise SystemExit(f"policies.py: {EVERYTHING} has changed")
	for name, searchable in zip(CONVERTING, ("yes", "no")):
		Path(scratch, f"{name}.yaml").write_text(text.replace(action, action[:-1] + f", searchable: {searchable}}}"),
			encoding="utf-8")
	Path(scratch, "settings.yaml").write_text(SETTINGS, encoding="utf-8")
	shipped = [CONF / "policy.yaml", *sorted((CONF / "policies").glob("*.yaml"))]
	return {"policy": shipped[0], "searchable": Path(scratch, "searchable.yaml"),
		"pictures": Path(scratch, "pictures.yaml"), **{path.stem: path for path in shipped[1:]}}


def sanitize(mugai, policy, source, scratch, name):
	"""(exit code, clean message, standard error, seconds, report). No policy: the built-in one."""
	report = os.path.join(scratch, f"{name}.json")
	code, out, err, took = run([mugai, "sanitize", "--config", os.path.join(scratch, "settings.yaml"),
		*(["--policy", str(policy)] if policy else []), "--arrival", ARRIVAL, "--rcpt", RECIPIENT,
		"--report", report, source], SECONDS)
	try:
		told = json.loads(Path(report).read_text(encoding="utf-8"))
	except (OSError, ValueError):
		told = None
	return code, out, err, took, told


def same_but_policy(octets):
	return POLICY_FIELD.sub(b"", octets)


class Converted(Clean):
	"""A clean message with image PDFs, and with letters of documents after the text of the mail.

	What the rules say of words and markup they say of the mail's own: of a document the letters are the content, in
	harmless text/plain. For links that a reader makes of letters, controls and the marker nothing is left out.
	"""

	def __init__(self, raw):
		super().__init__(raw)
		self.pdfs = [PicturePdf(part.octets) for part in self.parts if part.type == "application/pdf"]
		title = DOCUMENT_TITLE.search(self.text)
		self.text, self.letters = (self.text[:title.start()], self.text[title.start():]) if title else (self.text, "")
		self.letters += "\n".join(part.octets.decode("utf-8", "replace") for part in self.attachments
			if part.type != "application/pdf")
		self.words = self.text
		self.shown = ()  # patterns of what may be read in the text, since it is seen on a page

	def octets(self):
		for place, octets in super().octets():
			if place == "raw":
				octets = BODY.sub(b"\\1", octets)
			elif octets.startswith(b"%PDF-"):
				continue
			for pattern in self.shown:
				octets = pattern.sub(b" ", octets)
			yield place, octets

	def layers(self):
		for number, pdf in enumerate(self.pdfs, 1):
			yield f"letters of PDF {number}", pdf.layer().encode("utf-8", "surrogatepass")

	def drawn(self):
		"""The PDFs' own octets, and what their streams decode to."""
		for number, pdf in enumerate(self.pdfs, 1):
			yield f"PDF {number}", pdf.octets
			for stream in pdf.streams:
				yield f"a stream of PDF {number}", stream

	def foreign(self):
		yield "text", self.text.encode("utf-8", "replace")
		yield from self.drawn()


# The title of a document's letters (conf/notices: text_title).
DOCUMENT_TITLE = re.compile("(?m)^――― 「.*」 の文字 ―――$")
# Of each part, in the form that the checker accepts.
BODY = re.compile(rb"(?m)^(Content-Transfer-Encoding: base64\n(?:[^\n]+\n)*\n)(?:[A-Za-z0-9+/=]+\n)+")
# No mail reader decodes these in a text.
HARMLESS = ("quoted-printable",)


def marker_in_pdf(case, clean):
	"""Nothing of a marker in what is no letter of the page. Letters, in whatever way they can be decoded, are seen."""
	patterns = swap.patterns(swap.EICAR, case.new)
	for place, octets in clean.drawn():
		if any(pattern.search(octets) for pattern in patterns):
			yield "marker", f"in {place}"
	for _, octets in clean.layers():
		case.seen |= set((decode.search(octets, patterns) or ())[:1])
		for pattern in patterns:
			octets = pattern.sub(b" ", octets)
		case.seen |= set((decode.search(octets, patterns) or ())[:1])


def unseen_letters(clean):
	"""All letters over the pictures can be seen in them."""
	for number, pdf in enumerate(clean.pdfs, 1):
		for run_at in pdf.inkless():
			yield "ink", f"PDF {number} shows nothing where {run_at.text!r} stands"


def judge_converted(case, octets, name):
	"""All that is wrong with a message under a policy that converts, its form apart."""
	clean = Converted(octets)
	case.letters = sum(len(pdf.layer()) for pdf in clean.pdfs)
	yield from marker_in_pdf(case, clean)
	if "raw" in case.seen:
		clean.shown = swap.patterns(swap.EICAR, case.new)
	case.shown = [how for how in HARMLESS if how in case.seen]
	if name == "pictures" and any(pdf.runs for pdf in clean.pdfs):
		yield "letters", "over pictures that were to have none"
	yield from unseen_letters(clean)
	yield from judge(case, octets, lambda _: clean)
	link = rules.found_in(rules.SCHEMES, clean.letters)
	if link:
		yield "link", link


def check_policy(case, name, words, seen, result):
	"""One run, judged where its result is new."""
	code, out, err, took, report = words
	result["runs"] += 1
	result["took"] = max(result["took"], took)
	result["problems"] += [(name, *problem) for problem in run_well(code, took, case.data, err, case.row, SECONDS)]
	if code != 0:
		return
	if report is None:
		result["problems"].append((name, "report", "is not there"))
		return
	case.report, result["parts"] = report, report["parts"]
	for part in report["parts"]:
		conversion = part.get("conversion", {})
		if name == "searchable":
			result["status"][conversion.get("status", "not tried")] += 1
			result["pages"] += part["pages"]
	same = same_but_policy(out)
	if same in seen:
		return
	seen.add(same)
	result["judged"] += 1
	problems = judge_converted(case, out, name) if name in CONVERTING else judge(case, out)
	result["problems"] += [(name, *problem) for problem in problems]
	result["letters"] = max(result["letters"], case.letters)


def is_asked(name, result):
	"""What decides over parts needs one; what leaves letters out needs some."""
	if not result["runs"] or name == "policy":
		return True
	return bool(result["parts"]) and (name != "pictures" or result["letters"] > 0)


def check_case(work):
	row, seed, mugai, wanted, keep = work
	case = Case(row, seed)
	case.letters = 0
	case.seen = set()  # how the letters of pages are to be decoded to be the marker
	result = {"name": case.name, "class": row["class"], "problems": [], "runs": 0, "judged": 0, "took": 0.0,
		"pages": 0, "letters": 0, "status": Counter(), "parts": []}
	with tempfile.TemporaryDirectory(prefix="mugai-policies-") as scratch:
		os.chmod(scratch, 0o755)
		source, seen = os.path.join(scratch, "case.eml"), set()
		Path(source).write_bytes(case.data)
		seen.add(same_but_policy(sanitize(mugai, None, source, scratch, "built-in")[1]))
		for name, policy in policies(scratch).items():
			if wanted and name not in wanted:
				continue
			if not is_asked(name, result):
				continue
			done = sanitize(mugai, policy, source, scratch, name)
			if keep and done[0] == 0:
				Path(keep, f"{case.name}.{name}.eml").write_bytes(done[1])
			if done[0] == 0:
				target = os.path.join(scratch, "clean.eml")
				Path(target).write_bytes(done[1])
				if same_but_policy(done[1]) not in seen:
					result["problems"] += [(name, *problem) for problem in verified(mugai, target)]
			check_policy(case, name, done, seen, result)
	return result


def arguments():
	options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
	options.add_argument("--bin", required=True, type=Path)
	options.add_argument("--case", action="append", default=[])
	options.add_argument("--policy", action="append", default=[])
	options.add_argument("--seed", default="1")
	options.add_argument("--jobs", type=int, default=2)
	options.add_argument("--keep", help="a directory for the clean messages")
	return options.parse_args()


def main():
	given = arguments()
	rows = [row for row in table(CORPUS / "cases.tsv", "name", "file", "must_not_come_out")
		if not given.case or row["name"] in given.case]
	if not rows:
		raise SystemExit("policies.py: no such case")
	if given.keep:
		os.makedirs(given.keep, exist_ok=True)
	mugai = str(given.bin.resolve() / "mugai")
	begin = time.monotonic()
	with ProcessPoolExecutor(given.jobs) as pool:
		results = list(pool.map(check_case, [(row, given.seed, mugai, given.policy, given.keep) for row in rows],
			chunksize=4))
	bad = [result for result in results if result["problems"]]
	for result in bad:
		for policy, what, detail in result["problems"]:
			print(f"FAIL {result['class']}/{result['name']}, {policy}: {what}: {detail}")
	status = sum((result["status"] for result in results), Counter())
	print(f"\n{len(results)} cases, {sum(result['runs'] for result in results)} runs, "
		f"{sum(result['judged'] for result in results)} results judged, {time.monotonic() - begin:.0f} s")
	print(f"parts: {', '.join(f'{count} {what}' for what, count in status.most_common())}; "
		f"{sum(result['pages'] for result in results)} pages drawn, {sum(result['letters'] for result in results)} letters over them")
	slowest = max(results, key=lambda result: result["took"])
	print(f"slowest: {slowest['took']:.1f} s ({slowest['name']})")
	print(f"{len(results) - len(bad)} passed, {len(bad)} failed (seed {given.seed})")
	return 1 if bad else 0


if __name__ == "__main__":
	sys.exit(main())
