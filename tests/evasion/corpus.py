#!/usr/bin/env -S python3 -B
"""Every mail of the corpus through the real program: exit, form, time, decision.

  corpus.py --bin DIR [--folder NAME]... [--jobs N]

The mails beside this test always run. The larger shared corpus runs where it is: in $MUGAI_CORPUS, or in
../shared/corpus beside the repository. Files that are no mail are fed as well: they are refused with 65, or
are taken for a mail; nothing else. Folders of bare attachments are left out.
"""
import argparse
import csv
import email
import email.policy
import hashlib
import json
import os
import re
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "oracle")]
from check import SECONDS, is_mail, sanitize, verified  # noqa: E402
from clean import Clean  # noqa: E402

OWN = HERE.parent / "corpus"
SHARED = HERE.parent.parent.parent / "shared" / "corpus"
ATTACHMENTS = ("archives", "attachments-image", "attachments-office", "attachments-pdf")
# Mail as citizens and firms send it: nobody may lose the text of such a mail.
ORDINARY = ("html-mail", "dsn", "charset-ja", "phishing", "calendar")
NOT_MAIL = ("cases.tsv", "MANIFEST.tsv", "README.md")
COLUMNS = ("deliver", "notice-only", "hold", "refused", "empty")
# What stands for a body where there is none.
NO_BODY = re.compile(r"\s*（[^（）]{0,40}）?\s*")


def files_of(root, folders):
	for path in sorted(root.rglob("*")):
		name = path.relative_to(root)
		if path.is_file() and name.parts[0] not in ATTACHMENTS and path.name not in NOT_MAIL \
				and len(name.parts) > 1 and (not folders or name.parts[0] in folders):
			yield str(name), str(path)


def collect(folders):
	"""{name below the corpus: path}; what is copied into the repository wins."""
	mails = {}
	shared = Path(os.environ.get("MUGAI_CORPUS", SHARED))
	if shared.is_dir():
		mails.update(files_of(shared, folders))
		print("the shared corpus is there")
	else:
		print("the shared corpus is not there (MUGAI_CORPUS): only the mails of the repository are tested")
	mails.update(files_of(OWN, folders))
	return mails


def changed_copies():
	"""Files of the repository whose octets are not those of the manifest: a line end changed on the way, say."""
	with open(OWN / "MANIFEST.tsv", newline="", encoding="utf-8") as file:
		for row in csv.DictReader(file, delimiter="\t"):
			path = OWN / row["path"]
			if not path.is_file():
				yield row["path"], "is missing"
			elif hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]:
				yield row["path"], "is not what MANIFEST.tsv says"


def has_text(data):
	"""Whether a mail parser finds words in it that a reader could miss."""
	try:
		for part in email.message_from_bytes(data, policy=email.policy.compat32).walk():
			if part.get_content_maintype() != "text" or part.is_multipart() or part.get_filename():
				continue
			words = re.sub(rb"<style.*?</style>|<[^>]*>|&nbsp;|\s", b"", part.get_payload(decode=True) or b"",
				flags=re.S | re.I)
			if len(words) >= 8:
				return True
	except Exception:  # the parser failed, whatever the reason: it proves nothing
		return False
	return False


def judge(name, data, code, took, err, report):
	"""What breaks the rules: words."""
	folder = name.split("/")[0]
	if code is None or took > SECONDS:
		yield f"took {took:.1f} s"
	if code is None:
		return
	if code == 65 and is_mail(data) and "mail loop" not in err:
		yield f"refused, yet it is a mail: {err[-160:]}"
	if code not in (0, 65) and not (code == 66 and not data):
		yield f"exit {code}: {err[-200:]}"
	if code == 0 and folder in ORDINARY and report["decision"] != "deliver" and is_mail(data):
		yield f"ordinary mail ends {report['decision']} (rule {report['rule']}, limits {report['limits']})"
	if code == 0 and folder in ORDINARY and report["empty"] and name.endswith(".eml") and has_text(data):
		yield "ordinary mail without its text"


def feed(work):
	name, path, mugai = work
	data = Path(path).read_bytes()
	with tempfile.TemporaryDirectory(prefix="mugai-corpus-") as scratch:
		source, target, file = (os.path.join(scratch, leaf) for leaf in ("in.eml", "out.eml", "report.json"))
		Path(source).write_bytes(data)
		os.chmod(scratch, 0o755)
		code, out, err, took = sanitize(mugai, source, file)
		report = {"decision": None, "rule": None, "limits": None, "empty": False}
		problems = []
		if code == 0:
			Path(target).write_bytes(out)
			problems = [f"{what}: {detail}" for what, detail in verified(mugai, target)]
			try:
				done = json.loads(Path(file).read_text(encoding="utf-8"))
				report.update(decision=done["decision"], rule=done["policy"]["rule"], limits=done.get("limits"))
			except (OSError, ValueError, KeyError) as error:
				problems.append(f"report: {error}")
			report["empty"] = NO_BODY.fullmatch(Clean(out).text) is not None
		problems += judge(name, data, code, took, err, report)
	return {"name": name, "code": code, "took": took, "problems": problems, **report}


def column(result):
	return "refused" if result["code"] in (65, 66) else result["decision"]


def print_table(results):
	folders = defaultdict(list)
	for result in results:
		folders[result["name"].split("/")[0]].append(result)
	print(f"\n{'folder':16}{'files':>7}" + "".join(f"{name:>13}" for name in COLUMNS) + "   slowest")
	for folder, members in sorted(folders.items()):
		counts = Counter(column(result) for result in members)
		counts["empty"] = sum(result["empty"] for result in members)
		slowest = max(members, key=lambda result: result["took"])
		print(f"{folder:16}{len(members):7}" + "".join(f"{counts[name]:13}" for name in COLUMNS)
			+ f"   {slowest['took']:.2f} s {slowest['name'].split('/')[-1]}")
	print("(empty: delivered or not, the clean message shows no text of the body)")


def print_notice_only(results):
	reasons = defaultdict(list)
	for result in results:
		if result["code"] == 0 and result["decision"] != "deliver":
			reasons[f"rule {result['rule']}, limits {result['limits']}"].append(result["name"])
	print(f"\nnotice-only or hold: {sum(map(len, reasons.values()))}")
	for reason, names in reasons.items():
		print(f"  {len(names)} {reason}: {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}")


def main():
	options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
	options.add_argument("--bin", required=True, type=Path)
	options.add_argument("--folder", action="append", default=[])
	options.add_argument("--jobs", type=int, default=2)
	given = options.parse_args()
	mails = collect(given.folder)
	if not mails:
		raise SystemExit("corpus.py: no such folder")
	mugai = str(given.bin.resolve() / "mugai")
	with ProcessPoolExecutor(given.jobs) as pool:
		work = [(name, path, mugai) for name, path in sorted(mails.items())]
		results = list(pool.map(feed, work, chunksize=8))
	print_table(results)
	print_notice_only(results)
	bad = [result for result in results if result["problems"]]
	bad += [{"name": name, "problems": [problem]} for name, problem in changed_copies()]
	for result in bad:
		for problem in result["problems"]:
			print(f"FAIL {result['name']}: {problem}")
	print(f"{len(results)} files, {len(bad)} failed")
	return 1 if bad else 0


if __name__ == "__main__":
	sys.exit(main())
