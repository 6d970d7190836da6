"""bench --html [--seconds N] [--rounds N] [--parts set,shapes,command] [--only PATTERN] [--corpus DIRECTORY] BUILD

HTML beside other programs, against the bounds of facts/text.md 7; three parts:

  set      all HTML parts of html-mail/, phishing/ and mime-torture/ of the corpus ($MUGAI_CORPUS, or ../shared/corpus
           beside the repository), in process: "render" (tokens to cleaned text, all rules on) beside gumbo and libxml2, which
           build their trees and free them; "whole" is what a part of a mail costs, with its character set, and with the
           search for files that ride along in the text, and has no bound
  shapes   hostile inputs, each in two sizes, beside that set, all rendered: time per byte, growth, memory.
           The set and the two sizes take turns, each turn as long as the longest of the three takes for one pass, and the
           fastest turn of each counts. First for a tenth of --seconds, at least three turns; what breaks a
           bound there is measured again for all of --seconds, "whole" too, and that decides. The heap is kept from turn to
           turn. Growth: what costs hardly more than to be read grows as memory lets it, since twice the bytes may not
           fit into a cache that holds the bytes. So, in turn with the rest, the same two files are only read, and what
           the larger one takes there beyond twice the smaller one's time, in ns, is taken off the larger one's, down to
           twice the smaller one's at most; both figures are printed. Of what takes 1 ns per byte or more it is a few
           hundredths. Memory: by how much a new process grows, and the input is in it before, so that the growth has to
           fit in twice the output and 4 MB
  command  mugai text, its jails included, beside w3m -dump and cat, one process for each mail

Ours, gumbo and libxml2 are compiled as their packages are (-O2), get the same bytes of UTF-8, and take turns in each
round; a ratio is that of the medians over the rounds. Times are CPU times, but for the command: wall clock. Each
measurement takes at least --seconds (default 2; less is for trying out), but for shapes that hold without.

Exit code: 0 all bounds hold, 1 one is broken, 69 something is missing (tests/install bench).
"""
import argparse
import email
import email.policy
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import html_shapes

HERE = Path(__file__).resolve().parent
FOLDERS = ("html-mail", "phishing", "mime-torture")
SHARED = HERE.parent.parent.parent / "shared" / "corpus"

GUMBO_RATIO = 5.0       # at least: gumbo's time / ours
LIBXML2_RATIO = 2.5
SHAPE_RATIO = 5.0       # at most: time per byte of a shape / of the set
DOUBLE_RATIO = 2.2      # at most: time of twice the input
MEMORY_SLACK = 4 << 20  # beside the input and twice the output
QUICK = 0.1             # of --seconds: the first look at a shape
WORST = 10              # shapes that are named at the end
COMMAND_MAILS = 200


class Missing(Exception):
    pass


# ---- the set --------------------------------------------------------------------------------------------------


def decode(data, charset):
    """Outside of what is measured, and no matter how well: the engines all get the same."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name or "utf-8")
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return data.decode("latin-1")


def parts_of(data):
    """The HTML parts of a mail, as text."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() != "text/html" or part.is_multipart():
            continue
        try:
            yield decode(part.get_payload(decode=True) or b"", part.get_content_charset())
        except (LookupError, ValueError):
            continue


def html_of(path):
    data = path.read_bytes()
    if path.suffix in (".html", ".htm"):
        return [decode(data, None)]
    return parts_of(data)


def extract(corpus, directory):
    """Every distinct HTML part of the corpus' folders as a file of UTF-8."""
    seen = set()
    for folder in FOLDERS:
        for path in sorted((corpus / folder).rglob("*")):
            seen.update(text for text in html_of(path) if text.strip()) if path.is_file() else None
    if not seen:
        raise Missing(f"no HTML in {corpus}: set MUGAI_CORPUS or --corpus")
    directory.mkdir()
    for number, text in enumerate(sorted(seen)):
        (directory / f"{number:04}.html").write_bytes(text.encode("utf-8", "replace"))
    return sorted(directory.iterdir())


def engine(options, *words):
    done = subprocess.run([options.program, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"bench_html {' '.join(map(str, words))}: {done.returncode} {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def bench_set(options, directory, report):
    rounds = [engine(options, "set", options.seconds, directory) for _ in range(options.rounds)]
    median = {name: statistics.median(run[name]["ns_per_byte"] for run in rounds) for name in rounds[0]}
    first = rounds[0]["render"]
    print(f"set: {first['files']} HTML parts, {first['bytes'] / 1e6:.2f} MB, {options.rounds} rounds")
    for name, value in median.items():
        spread = [run[name]["ns_per_byte"] for run in rounds]
        print(f"  {name:8} {value:8.2f} ns/byte ({min(spread):.2f}-{max(spread):.2f}) {1000 / value:8.1f} MB/s "
              f"gumbo/it {median['gumbo'] / value:6.2f} libxml2/it {median['libxml2'] / value:6.2f}")
    report.bound("set: gumbo / render", median["gumbo"] / median["render"], ">=", GUMBO_RATIO)
    report.bound("set: libxml2 / render", median["libxml2"] / median["render"], ">=", LIBXML2_RATIO)


# ---- hostile shapes -------------------------------------------------------------------------------------------


def write_shape(directory, make, size):
    path = directory / f"shape-{size}.html"
    path.write_bytes(make(size).encode())
    return path


def time_of(run):
    return run["ns_per_byte"] * run["bytes"]


class Shape:
    """What a shape cost."""

    def __init__(self, name, run):
        small, large = run["small"], run["large"]
        self.name, self.run = name, run
        self.per_byte = max(small["ns_per_byte"], large["ns_per_byte"]) / run["set"]["ns_per_byte"]
        self.measured_growth = time_of(large) / time_of(small)
        self.growth = (time_of(large) - self.excess_of_reading()) / time_of(small)
        self.memory = max(self.memory_of(key) for key in ("small", "large"))

    def excess_of_reading(self):
        """Of the larger file's time what memory takes beyond twice the smaller one's; 0 in the first look."""
        if "read_large" not in self.run:
            return 0.0
        beyond_linear = time_of(self.run["large"]) - 2 * time_of(self.run["small"])
        of_reading = time_of(self.run["read_large"]) - 2 * time_of(self.run["read_small"])
        return max(min(of_reading, beyond_linear), 0.0)

    def memory_of(self, key):
        """Of its bound; the input is there before the process grows."""
        size, out = self.run[key]["bytes"], self.run[key]["out"]
        return (size + self.run[f"{key}_kib"] * 1024) / (size + 2 * out + MEMORY_SLACK)

    def holds(self):
        return self.per_byte <= SHAPE_RATIO and self.growth <= DOUBLE_RATIO and self.memory <= 1.0

    def __str__(self):
        large, whole = self.run["large"], self.run.get("whole")
        reading = f" ({self.measured_growth:.2f} x with what reading alone takes more)" if whole else ""
        tail = f"; whole {whole['ns_per_byte']:.0f} ns/byte, {self.run['whole_kib'] / 1024:.1f} MiB" if whole else ""
        return (f"{self.name:28} {large['bytes'] / 1e6:6.2f} MB {large['ns_per_byte']:8.2f} ns/byte, "
                f"{self.per_byte:5.2f} x set, doubled {self.growth:5.2f} x{reading}, memory {self.run['large_kib'] / 1024:6.1f} MiB "
                f"= {self.memory:4.2f} of its bound{tail}")

    def tell(self, report):
        report.bound(f"{self.name}: time per byte / set", self.per_byte, "<=", SHAPE_RATIO)
        report.bound(f"{self.name}: growth when doubled", self.growth, "<=", DOUBLE_RATIO)
        report.bound(f"{self.name}: memory / bound", self.memory, "<=", 1.0)


def bench_shape(options, name, scratch, directory):
    size, make = html_shapes.SHAPES[name]
    paths = [write_shape(scratch, make, factor * size) for factor in (1, 2)]
    try:
        shape = Shape(name, engine(options, "look", QUICK * options.seconds, directory, *paths))
        if shape.holds():
            return shape
        return Shape(name, engine(options, "shape", options.seconds, directory, *paths))
    finally:
        for path in paths:
            path.unlink()


def bench_shapes(options, scratch, directory, report):
    names = [name for name in html_shapes.SHAPES if re.search(options.only, name)]
    print(f"shapes: {len(names)}")
    shapes = []
    for name in names:
        shapes.append(bench_shape(options, name, scratch, directory))
        print(f"  {shapes[-1]}", flush=True)
        shapes[-1].tell(report)
    print("shapes, the worst by time per byte:")
    for shape in sorted(shapes, key=lambda shape: -shape.per_byte)[:WORST]:
        print(f"  {shape}")


# ---- the command ----------------------------------------------------------------------------------------------


def timed(command, null):
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - start
    if status != 0:
        raise RuntimeError(f"{' '.join(command)}: {os.waitstatus_to_exitcode(status)}")
    return took


def settings_file(scratch):
    """As where Mugai is installed: with settings, and with a user for the jails who is in /etc/passwd."""
    path = scratch / "mugai.yaml"
    path.write_text("topology: behind-edge\nwork:\n  user: nobody\n")
    return str(path)


def bench_command(options, scratch, files, report):
    w3m, cat = shutil.which("w3m"), shutil.which("cat")
    if w3m is None:
        raise Missing("w3m is missing: tests/install bench")
    commands = {"mugai": [str(options.build / "bin" / "mugai"), "text", "--config", settings_file(scratch),
                          "--charset", "utf-8"],
                "w3m": [w3m, "-dump", "-T", "text/html", "-I", "utf-8", "-O", "utf-8"], "cat": [cat]}
    mails = files[::max(len(files) // COMMAND_MAILS, 1)][:COMMAND_MAILS]
    times = {name: [[] for _ in mails] for name in commands}
    null = os.open(os.devnull, os.O_WRONLY)
    for _ in range(options.rounds):
        for number, path in enumerate(mails):
            for name, command in commands.items():
                times[name][number].append(timed([*command, str(path)], null))
    os.close(null)
    mean = {name: 1000 * statistics.mean(statistics.median(runs) for runs in rows) for name, rows in times.items()}
    least = {name: 1000 * statistics.mean(min(runs) for runs in rows) for name, rows in times.items()}
    print(f"command: {len(mails)} mails, {options.rounds} rounds")
    for name in commands:
        print(f"  {name:8} {mean[name]:6.2f} ms per mail (least {least[name]:.2f}), {mean[name] / mean['cat']:5.2f} x cat, "
              f"{mean[name] / mean['w3m']:5.2f} x w3m")
    report.bound("command: mugai / w3m", mean["mugai"] / mean["w3m"], "<=", 1.0)


# ---- the whole ------------------------------------------------------------------------------------------------


class Report:
    def __init__(self):
        self.broken = []

    def bound(self, name, value, sense, limit):
        holds = value >= limit if sense == ">=" else value <= limit
        if not holds:
            self.broken.append(f"{name} is {value:.2f}, must be {sense} {limit}")

    def finish(self):
        for line in self.broken:
            print(f"BROKEN: {line}")
        print("all bounds hold" if not self.broken else f"{len(self.broken)} bounds are broken")
        return 1 if self.broken else 0


def run(options):
    report = Report()
    scratch_root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="mugai-bench-html-", dir=scratch_root) as name:
        scratch = Path(name)
        directory = scratch / "set"
        files = extract(options.corpus, directory)
        if "set" in options.parts:
            bench_set(options, directory, report)
        if "shapes" in options.parts:
            bench_shapes(options, scratch, directory, report)
        if "command" in options.parts:
            bench_command(options, scratch, files, report)
    return report.finish()


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench --html", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", type=lambda text: text.split(","), default=["set", "shapes", "command"])
    parser.add_argument("--only", metavar="PATTERN", default="", help="shapes whose names hold this expression")
    parser.add_argument("--corpus", type=Path, default=Path(os.environ.get("MUGAI_CORPUS", SHARED)))
    parser.add_argument("build", type=Path)
    options = parser.parse_args(arguments)
    options.build = options.build.resolve()
    options.program = str(options.build / "tests" / "bench_html")
    try:
        if not os.access(options.program, os.X_OK):
            raise Missing("bench_html was not built: tests/install bench, then cmake again")
        return run(options)
    except Missing as missing:
        print(f"bench: {missing}", file=sys.stderr)
        return 69
