"""Three independent mail parsers tell whether a reader of the original would have seen a word."""
import base64
import codecs
import json
import select
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARSERS = {
	"python": [sys.executable, "-B", str(HERE / "parse_python.py")],
	"perl": ["perl", str(HERE / "parse_perl.pl")],
	"ruby": ["ruby", "-W0", str(HERE / "parse_ruby.rb")],
}
SECONDS = 10


class Missing(Exception):
	pass


def decoded(answer):
	"""The text as its charset says, and as plain octets: a reader knows the one or the other."""
	octets = base64.b64decode(answer["text"])
	text = octets.decode("latin-1")
	try:
		codecs.lookup(answer["charset"])
		text += "\n" + octets.decode(answer["charset"], "replace")
	except (LookupError, UnicodeError, ValueError):
		pass
	return text


class Parser:
	"""One process for all mails; one that hangs over a mail costs that mail alone."""

	def __init__(self, name):
		self.name, self.process, self.lost = name, None, []

	def start(self):
		self.process = subprocess.Popen(PARSERS[self.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
			stderr=subprocess.DEVNULL)

	def stop(self):
		if self.process:
			self.process.kill()
			self.process.communicate()
			self.process = None

	def ask(self, path):
		if not self.process:
			self.start()
		try:
			self.process.stdin.write(f"{path}\n".encode())
			self.process.stdin.flush()
			line = self.line()
		except BrokenPipeError:
			line = b""
		if not line.endswith(b"\n"):
			self.lost.append(Path(path).stem)
			self.stop()
			return ""
		return "\n".join(decoded(answer) for answer in json.loads(line))

	def line(self):
		"""A whole line, or what came within the time."""
		got = b""
		while not got.endswith(b"\n"):
			if not select.select([self.process.stdout], [], [], SECONDS)[0]:
				break
			piece = self.process.stdout.read1(1 << 20)
			if not piece:
				break
			got += piece
		return got


def read_all(name, paths, self_test):
	parser = Parser(name)
	if "VISIBLE" not in parser.ask(self_test):
		parser.stop()
		raise Missing(f"the {name} parser does not work; tests/install test installs what it needs")
	texts = {path: parser.ask(path) for path in paths}
	parser.stop()
	return texts, parser.lost


def visible(paths, token_of, self_test):
	"""{path: parsers that show its token}, and for each parser the mails over which it was lost."""
	with ThreadPoolExecutor(len(PARSERS)) as pool:
		jobs = {name: pool.submit(read_all, name, paths, self_test) for name in PARSERS}
		answers = {name: job.result() for name, job in jobs.items()}
	found = {path: [name for name, (texts, _) in answers.items() if token_of(path) in texts[path]]
		for path in paths}
	return found, {name: lost for name, (_, lost) in answers.items()}
