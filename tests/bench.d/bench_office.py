"""bench --office [--seconds N] [--corpus DIRECTORY] BUILD

Japanese docx, xlsx, pptx and odt (tests/office/fixtures.py, and own/ of the corpus, $MUGAI_CORPUS or ../shared/corpus beside the
repository) to image PDF, both jails, one supervisor, a spare ready in each; by turns with a cold `soffice --headless --convert-to pdf` of
the same file with an empty profile. Each measurement takes at least --seconds (default 2) in all, and at least five turns.

  speed    by the clock, soffice's median / ours, and of these the median of all files: at least 2.5
  CPU      of a document, all of our processes, new spares included, beside soffice's; and of a new spare of mugai-office alone
  memory   of a waiting child of mugai-office, and the most of a working one: resident, its share of what is shared, files of its own
  size     the image PDFs of these and of all fixtures: at most 90 KB a page in the mean (tests/office_corpus: of the corpus)

Exit code: 0 all bounds hold, 1 one is broken, 69 something is missing.
"""
import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import fixtures
import processes
from bench_html import SHARED, Missing, Report
from line import SOFFICE, Cold, Line, office_children

SPEED_RATIO = 2.5  # at least
PAGE_KB = 90       # at most
TURNS = 5          # at least
FORMATS = ("docx", "xlsx", "pptx", "odt")
NAMES = ("letter", "budget", "plan")


def write_fixtures(directory):
    """(those that are measured, all that need no LibreOffice to be made)"""
    made = [(fixture, directory / fixture.file) for fixture in fixtures.fixtures() if not fixture.source and fixture.format != "csv"]
    for fixture, path in made:
        path.write_bytes(fixture.data)
    measured = [path for fixture, path in made if fixture.format in FORMATS and fixture.name in NAMES]
    return measured, [path for _, path in made]


class Measured:
    def __init__(self, path):
        self.path = path
        self.ours, self.office, self.render = [], [], []  # ms by the clock
        self.cpu = []
        self.cold_wall, self.cold_cpu = [], []

    def enough(self, seconds):
        least = min(sum(self.ours), sum(self.cold_wall))
        return len(self.ours) >= TURNS and least >= 1000 * seconds

    def turn(self, line, scratch):
        line.settle()
        before = processes.cpu_seconds([line.process.pid])
        result = line.convert(self.path)
        if result["status"] != "complete":
            raise RuntimeError(f"{self.path.name}: {result}")
        line.settle()
        self.cpu.append(1000 * (processes.cpu_seconds([line.process.pid]) - before))
        self.ours.append(result["wall_ms"])
        self.office.append(result["office"]["wall_ms"])
        self.render.append(result["render"]["wall_ms"])
        cold = Cold(self.path, scratch)
        if cold.opened != "yes":
            raise RuntimeError(f"{self.path.name}: soffice makes no PDF")
        self.cold_wall.append(cold.wall_ms)
        self.cold_cpu.append(cold.cpu_ms)

    def ratio(self):
        return statistics.median(self.cold_wall) / statistics.median(self.ours)

    def show(self):
        middle = statistics.median
        print(f"  {self.path.name:24} ours {middle(self.ours):6.0f} ms ({min(self.ours):.0f}-{max(self.ours):.0f}; Office {middle(self.office):.0f},"
              f" drawing {middle(self.render):.0f}), soffice {middle(self.cold_wall):6.0f} ms ({min(self.cold_wall):.0f}-{max(self.cold_wall):.0f}),"
              f" ratio {self.ratio():5.2f}; CPU {statistics.mean(self.cpu):.0f} and {statistics.mean(self.cold_cpu):.0f} ms; "
              f"{len(self.ours)} turns")


def bench_speed(line, paths, options, scratch, report):
    print("speed:")
    measured = [Measured(path) for path in paths]
    while waiting := [one for one in measured if not one.enough(options.seconds)]:
        for one in waiting:
            one.turn(line, scratch)
    for one in measured:
        one.show()
    ratio = statistics.median(one.ratio() for one in measured)
    print(f"  median ratio {ratio:.2f} (at least {SPEED_RATIO}); mean CPU of a document, new spares included: "
          f"{statistics.mean(statistics.mean(one.cpu) for one in measured):.0f} ms, soffice "
          f"{statistics.mean(statistics.mean(one.cold_cpu) for one in measured):.0f} ms")
    report.bound("speed: soffice / document to image PDF", ratio, ">=", SPEED_RATIO)


def bench_refill(line, seconds):
    """What a spare costs that is never used, its end included."""
    line.settle()
    waits, before, start = [], processes.cpu_seconds([line.process.pid]), time.monotonic()
    while len(waits) < TURNS or time.monotonic() - start < seconds:
        line.ask("spend")
        spent = time.monotonic()
        line.settle()
        waits.append(1000 * (time.monotonic() - spent))
    cpu = 1000 * (processes.cpu_seconds([line.process.pid]) - before) / len(waits)
    print(f"a new spare of mugai-office: {cpu:.0f} ms of CPU, ready after {statistics.median(waits):.0f} ms by the clock "
          f"({len(waits)} of them)")


# ---- memory ---------------------------------------------------------------------------------------------------


def memory_of(pid):
    """MB: resident, proportional, files of its own; None where it is gone."""
    fields = dict(line.split(b":", 1) for line in processes.read(pid, "smaps_rollup").split(b"\n")[1:] if b":" in line)
    try:
        files = os.statvfs(f"/proc/{pid}/root/private")
    except OSError:
        return None
    if b"Pss" not in fields:
        return None
    return (int(fields[b"Rss"].split()[0]) / 1024, int(fields[b"Pss"].split()[0]) / 1024,
            (files.f_blocks - files.f_bfree) * files.f_frsize / 2**20)


def most_of(line, settled, paths):
    """The most of each while documents are converted: of each process, the sum of what it has at one time counts."""
    peak, over = [(0.0, 0.0, 0.0)], threading.Event()

    def look():
        while not over.wait(0.01):
            found = [memory_of(pid) for pid in office_children(settled)]
            peak[0] = max([peak[0], *filter(None, found)], key=lambda memory: memory[1] + memory[2])
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for path in paths:
            line.convert(path)
    finally:
        over.set()
        watcher.join()
    return peak[0]


def bench_memory(line, paths):
    settled = line.settle()
    words = "{:.0f} MB resident, {:.0f} MB its share, {:.1f} MB of files of its own"
    waiting = [memory for memory in map(memory_of, office_children(settled)) if memory is not None]
    if not waiting:
        raise Missing("no memory of a jail can be seen: run as root")
    print("a child of mugai-office that waits: " + words.format(*max(waiting)))
    print("the most while one works: " + words.format(*most_of(line, settled, paths)))


# ---- size -----------------------------------------------------------------------------------------------------


def bench_size(line, paths, report):
    results = [line.convert(path) for path in paths]
    made = [result["render"] for result in results if result["status"] == "complete"]
    pages, size = sum(one["pages"] for one in made), sum(one["bytes"] for one in made)
    print(f"size: {len(made)} of {len(paths)} documents, {pages} pages, {size / 1e3 / pages:.1f} KB a page (at most {PAGE_KB})")
    report.bound("documents without an image PDF", len(paths) - len(made), "<=", 0)
    report.bound("size: KB a page", size / 1e3 / pages, "<=", PAGE_KB)


def run(options):
    report = Report()
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="mugai-bench-office-", dir=root) as name, Line(options.build) as line:
        measured, every = write_fixtures(Path(name))
        own = sorted(path for path in (options.corpus / "attachments-office" / "own").glob("*") if path.suffix[1:] in FORMATS)
        bench_speed(line, measured + own, options, name, report)
        bench_refill(line, options.seconds)
        bench_memory(line, measured + own)
        bench_size(line, every + own, report)
    return report.finish()


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench --office", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--corpus", type=Path, default=Path(os.environ.get("MUGAI_CORPUS", SHARED)))
    parser.add_argument("build", type=Path)
    options = parser.parse_args(arguments)
    options.build = options.build.resolve()
    try:
        for program in (options.build / "tests" / "office_line", SOFFICE):
            if not os.access(program, os.X_OK):
                raise Missing(f"there is no {program}")
        return run(options)
    except Missing as missing:
        print(f"bench: {missing}", file=sys.stderr)
        return 69
