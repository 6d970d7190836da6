#!/usr/bin/python3 -B
"""table.py [--only REGEX] [--controls] [--fixtures] [--direct] BUILD: Office documents, format by format: what becomes of them, and of their traps.

For each format: rendered (pages of `mugai render`), text right (every character that is seen, none that is not, in order; and the
text file), facts right (hidden, tracked, beside), page right (ink, the picture's colour), and its traps (traps.py), each tried three
ways in a network namespace of this test's own with a server on 127.0.0.1:
  control  an unlocked LibreOffice springs it: it fetches, writes, runs or reads what it names ("alive")
  lock     (where the control is alive) the locked LibreOffice without a jail (tests/office_direct) under strace: no attempt of it,
           and no connection or process that a harmless document of that format does not cause too
  jail     `mugai render` (of idle ones the jailed LibreOffice alone, by office_batch): nothing fetched, written, run or read
A trap that no unlocked LibreOffice 7.4 springs is printed as idle, with its reason; should one spring it after all, that is an error:
its entry is to be corrected. The pages stand as PNG in BUILD/tests/office_pages, to be looked at.
--controls, --fixtures: these alone. --direct: nothing by `mugai render`; the fixtures by office_direct. Exit 0: all right; 1: not; 77: no network namespace, strace or LibreOffice here.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import fixtures
import traps
import unlocked

INSIDE = "MUGAI_OFFICE_TABLE_NAMESPACE"
PORT = 8642
FORMATS = ("doc docx docm dotx dotm odt ott fodt rtf xls xlsx xlsm xltx xlsb ods fods csv ppt pptx pptm ppsx odp fodp odg").split()
NOT_OFFICE = ("csv",)  # drawn as text, by mugai-render: LibreOffice never sees it
SECRETS = ("png", "txt", "ods")
SECRET = "SECRET"
STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-s", "400", "-e", "trace=openat,execve,execveat,connect,sendto,bind", "-A", "-o")
CALL = re.compile(r"^\d+ +(\w+)\((.*)")
WORKERS = 2


# ---- what a trap did -----------------------------------------------------------------------------------

class Watch:
    """Server, marker and directories that the traps name. effects(): name -> what was seen since the last reset()."""

    def __init__(self, directory):
        self.site = traps.Site(directory, PORT)
        self.names = {trap.name for trap in traps.TRAPS}
        self.fetched = []
        for name in ("drops", "secrets", "documents"):
            (directory / name).mkdir()
        self.marks = directory / "marks"
        mark = Path(self.site.mark())
        mark.write_text(f'#!/bin/sh\necho "$1" >> {self.marks}\n')
        mark.chmod(0o755)
        for trap in traps.TRAPS:
            for ending in SECRETS:
                (directory / "secrets" / f"{trap.name}.{ending}").write_bytes(traps.answer(f"x.{ending}", SECRET))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self):
        fetched = self.fetched

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                fetched.append(self.path)
                body = traps.answer(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
            do_HEAD = do_OPTIONS = do_PROPFIND = do_POST = do_GET

            def log_message(self, *_):
                pass
        return Handler

    def reset(self):
        self.fetched.clear()
        self.marks.unlink(missing_ok=True)
        for file in (self.site.directory / "drops").iterdir():
            file.unlink()

    def effects(self, traces=()):
        seen = collections.defaultdict(set)
        strangers = []

        def note(text, effect):
            name = text.strip("/").split("/")[-1].partition(".")[0].partition("?")[0]
            if name in self.names:
                seen[name].add(effect)
            else:
                strangers.append(f"{effect} {text}")
        for path in list(self.fetched):
            note(path, traps.FETCH)
        for file in (self.site.directory / "drops").iterdir():
            note(file.name, traps.WRITE)
        for line in self.marks.read_text().split("\n") if self.marks.exists() else []:
            if line:
                note(line, traps.RUN)
        for trace in traces:
            for call, rest in calls(trace):
                if call == "openat" and "/secrets/" in rest and " = -1 " not in rest:
                    note(rest.partition("/secrets/")[2].partition('"')[0], traps.READ)
        assert not strangers, f"effects of no trap: {strangers[:5]}"
        return seen


def calls(trace):
    """(system call, its line from the bracket on) of a strace file."""
    for line in Path(trace).read_text(errors="replace").splitlines() if Path(trace).exists() else []:
        match = CALL.match(line)
        if match:
            yield match[1], match[2]


ARGUMENTS = {"execve": re.compile(r'"[^"]*", \[.*?\]'), "execveat": re.compile(r'"[^"]*", \[.*?\]')}
ADDRESS = re.compile(r"\{sa_family.*?\}")
CALLS_OUT = ("execve", "execveat", "connect", "sendto", "bind")
VARYING = re.compile(r"office-direct-\w+")


def reaching_out(trace):
    """Connections and processes that were tried, without what changes from run to run; the traced program itself apart."""
    tried = [(call, rest) for call, rest in calls(trace) if call in CALLS_OUT]
    assert tried and tried[0][0] == "execve", f"{trace}: nothing was traced"
    found = set()
    for call, rest in tried[1:]:
        essence = ARGUMENTS.get(call, ADDRESS).search(rest)
        found.add(f"{call} {VARYING.sub('', essence[0] if essence else rest)}")
    return found


# ---- making the documents ------------------------------------------------------------------------------

@dataclasses.dataclass
class Places:
    root: Path
    watch: Watch

    def trap(self, trap):
        return self.root / "site/documents" / trap.file

    def fixture(self, fixture):
        return self.root / "fixtures" / fixture.file


def convert(places, things, path_of, work):
    """Those that LibreOffice has to write: all in one go."""
    work.mkdir()
    jobs = []
    for thing in things:
        source = work / f"{thing.name}-{thing.format}.{thing.source}"
        source.write_bytes(thing.data if isinstance(thing, fixtures.Fixture) else thing.make(places.watch.site))
        jobs.append((source, path_of(thing), traps.EXPORT[thing.format], 0))
    log = unlocked.spring(jobs, work, 120)
    for thing, (_, target, *_) in zip(things, jobs):
        if not target.exists():
            raise SystemExit(f"LibreOffice did not write {target.name}:\n{log[-2000:]}")
        if isinstance(thing, traps.Trap) and thing.finish:
            target.write_bytes(thing.finish(places.watch.site, thing.name)(target.read_bytes()))


def make_documents(places, chosen_traps, chosen_fixtures):
    (places.root / "fixtures").mkdir()
    for trap in chosen_traps:
        if not trap.source:
            places.trap(trap).write_bytes(trap.make(places.watch.site))
    for fixture in chosen_fixtures:
        if not fixture.source:
            places.fixture(fixture).write_bytes(fixture.data)
    some = [trap for trap in chosen_traps if trap.source]
    if some:
        convert(places, some, places.trap, places.root / "convert-traps")
    some = [fixture for fixture in chosen_fixtures if fixture.source]
    if some:
        convert(places, some, places.fixture, places.root / "convert-fixtures")
    places.watch.reset()


# ---- positive controls ---------------------------------------------------------------------------------

QUIETLY, FULLY = 1, 3  # UpdateDocMode


def spring_all(places, chosen, work, kit, mode=QUIETLY):
    """One run of an unlocked LibreOffice over the traps of one family; its trace."""
    work.mkdir(parents=True)
    trace = work / "trace"
    jobs = [(places.trap(trap), work / f"{trap.name}.pdf") for trap in chosen]
    if kit:
        unlocked.spring_kit(jobs, work, 90, wrapper=[*STRACE, str(trace)])
    else:
        unlocked.spring([(*job, chosen[0].family, mode) for job in jobs], work, 120, wrapper=[*STRACE, str(trace)])
    return trace


def controls(places, chosen):
    """name -> what an unlocked LibreOffice did with it, in one way or the other; who did not do all it should is asked again."""
    traces, asked = [], chosen
    for attempt in range(3):
        jobs = []
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for family in unlocked.PDF_FILTER:
                some = [trap for trap in asked if trap.family == family]
                for kit in (False, True):
                    if some:
                        work = places.root / f"control-{attempt}-{family}-{'kit' if kit else 'view'}"
                        jobs.append(pool.submit(spring_all, places, some, work, kit, QUIETLY if attempt < 2 else FULLY))
            traces += [job.result() for job in jobs]
        seen = places.watch.effects(traces)
        asked = [trap for trap in asked if trap.springs - seen[trap.name]]
        if attempt == 0:
            windows = [trap for trap in asked if trap.kind in traps.IN_A_WINDOW]
            for trap in windows:
                unlocked.spring_window(places.trap(trap), places.root / f"window-{trap.name}", lambda name=trap.name: any(
                    name in path for path in places.watch.fetched))
        if not asked:
            break
    return places.watch.effects(traces)


# ---- the lock, the jail --------------------------------------------------------------------------------

ENDED = (0, 65)  # converted; not, with a reason


@dataclasses.dataclass
class Rendered:
    status: int
    said: str
    pdf: Path
    text: str


def rendered(done, work):
    """work: where out.pdf and out.txt stand, and home, in which nothing is to be left."""
    text, home = work / "out.txt", work / "home"
    left = sorted(entry.name for entry in home.iterdir() if entry.name not in ("tmp", "share")) + sorted(
        entry.name for entry in (home / "tmp").iterdir())
    said = (done.stdout + done.stderr).decode(errors="replace") + (f"LEFT BEHIND: {left}" if left else "")
    return Rendered(done.returncode, said, work / "out.pdf", text.read_text() if text.exists() else "")


def run(command, seconds=120, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False, **more)


def locked(direct, path, work, *options):
    """The locked LibreOffice, unjailed, over one document: (what came of it, its trace)."""
    work.mkdir(parents=True)
    trace = work / "trace"
    done = run([*STRACE, str(trace), str(direct), *options, str(path), str(work / "out")], env=unlocked.environment(work / "home"))
    return rendered(done, work), trace


def lock_alone(places, direct, chosen):
    """Of those whose control lives: name -> what it did in spite of the lock, or tried and a harmless document of its format does not."""
    places.watch.reset()
    chosen = [trap for trap in chosen if trap.springs and trap.format not in NOT_OFFICE]
    harmless = {}
    for form in sorted({trap.format for trap in chosen}):
        sample = next(fixture for fixture in places.samples if fixture.format == form)
        harmless[form] = reaching_out(locked(direct, places.fixture(sample), places.root / "lock" / f"harmless-{form}")[1])
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        jobs = {trap: pool.submit(locked, direct, places.trap(trap), places.root / "lock" / trap.name) for trap in chosen}
        results = {trap: job.result() for trap, job in jobs.items()}
    # The lock cannot keep a file from being read: that is the jail's.
    seen = {name: effects - {traps.READ} for name, effects in places.watch.effects([trace for _, trace in results.values()]).items()}
    return {trap.name: sorted(seen.get(trap.name, set())) + sorted(reaching_out(results[trap][1]) - harmless[trap.format]) +
            ([] if results[trap][0].pdf.exists() else [f"not converted: {results[trap][0].said.strip()}"]) for trap in chosen}


def render(mugai, path, work, *options):
    work.mkdir(parents=True)
    home = work / "home"
    (home / "tmp").mkdir(parents=True)
    done = run([str(mugai), "render", *options, "--text", str(work / "out.txt"), "-o", str(work / "out.pdf"), str(path)],
               cwd=home, env={**os.environ, "HOME": str(home), "TMPDIR": str(home / "tmp")})
    return rendered(done, work)


FACTS = {"hidden": ("sheets", "rows", "columns", "slides", "texts"), "beside": ("changes", "comments", "notes")}


def convert_directly(direct, path, work, *options):
    """As render(), but LibreOffice's own PDF, without jail and renderer: whose fault is it?"""
    options = [f"--{option}" for option in options if option != "--show"]
    result, _ = locked(direct, path, work, *options)
    counted = re.findall(r"^(hidden|beside) (\d+) (\d+)$", result.said, re.M)
    result.said += "".join(f"{FACTS[kind][int(which)]} left out: {number}\n" for kind, which, number in counted)
    return result


def pdf_text(pdf):
    return run(["pdftotext", "-layout", str(pdf), "-"]).stdout.decode()


def pixels(png_or_pdf, dpi, page=None):
    """Pages as lists of (r, g, b) by pdftoppm."""
    pages = []
    with tempfile.TemporaryDirectory() as directory:
        limit = ["-f", str(page), "-l", str(page)] if page else []
        run(["pdftoppm", "-r", str(dpi), *limit, str(png_or_pdf), f"{directory}/p"])
        for file in sorted(Path(directory).iterdir()):
            data = file.read_bytes()
            head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
            body = data[head.end():]
            pages.append([body[i:i + 3] for i in range(0, len(body), 3)])
    return pages


def near(pixel, colour, far=40):
    return all(abs(a - b) < far for a, b in zip(pixel, colour))


def many_in_jail(batch, places, chosen, out):
    """By tests/office_batch, the same jail with many documents one after the other: trap -> Rendered."""
    out.mkdir(parents=True)
    lines = run([str(batch), "--out", str(out), *[str(places.trap(trap)) for trap in chosen]], 280).stdout.decode().splitlines()
    results = {}
    for trap in chosen:
        base = out / trap.file
        (said,) = [line for line in lines if line.split()[1] == str(places.trap(trap))] or ["failed: no answer"]
        text = base.with_name(base.name + ".txt")
        results[trap] = Rendered(1 if said.startswith("failed") else 0, said, base.with_name(base.name + ".pdf"),
                                 text.read_text() if text.exists() else "")
    return results


def escaped_from_jail(trap, result, effects):
    """What it did, by what was seen of it and by what is in its pages."""
    found = sorted(effects)
    if result.pdf.exists():
        words = pdf_text(result.pdf) + result.text
        found += [word for word in (SECRET, "FETCHED") if word in words]
        if traps.READ in trap.springs and any(near(p, traps.SECRET_COLOUR) for page in pixels(result.pdf, 20) for p in page):
            found.append("the secret picture is seen")
    # A document that is refused tries nothing: that would prove nothing, but where it is known to be.
    if trap.refused:
        found += [] if result.status else ["not refused any more"]
    elif result.status not in ENDED or (trap.springs and result.status != 0):
        found.append(f"exit {result.status}: {result.said.strip()}")
    if "LEFT BEHIND" in result.said:
        found.append(result.said)
    return found


def in_jail(places, mugai, batch, chosen):
    """name -> what it did in spite of lock and jail. Those whose control lives go the whole way through `mugai render`."""
    places.watch.reset()
    alive, idle = [t for t in chosen if t.springs], [t for t in chosen if not t.springs]
    results = {}
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        many = [pool.submit(many_in_jail, batch, places, idle[i::WORKERS], places.root / f"jail-{i}") for i in range(WORKERS)]
        jobs = {trap: pool.submit(render, mugai, places.trap(trap), places.root / "jail" / trap.name) for trap in alive}
        for job in many:
            results.update(job.result())
        results.update((trap, job.result()) for trap, job in jobs.items())
    effects = places.watch.effects()
    return {trap.name: escaped_from_jail(trap, result, effects[trap.name]) for trap, result in results.items()}


# ---- fixtures ------------------------------------------------------------------------------------------

def squashed(text):
    return "".join(text.split())


def in_order(lines, text):
    """The first of lines that does not come where it should; None when all do."""
    place = 0
    for line in lines:
        at = text.find(squashed(line), place)
        if at < 0:
            return line
        place = at + len(squashed(line))
    return None


def wrong_with_text(fixture, result):
    seen = squashed(pdf_text(result.pdf))
    wanted = collections.Counter(squashed("".join(fixture.text + fixture.notes) + fixture.marks))
    for _ in range(fixture.pages):
        wanted.update(squashed("".join(fixture.around)))
    got = collections.Counter(seen)
    problems = []
    if wanted - got:
        problems.append(f"missing {''.join((wanted - got).elements())!r}")
    if got - wanted:
        problems.append(f"too much {''.join((got - wanted).elements())!r}")
    for where, text in (("pages", seen), ("text", squashed(result.text))):
        late = in_order(fixture.text, text)
        if late:
            problems.append(f"{where}: {late!r} out of order")
        problems += [f"{where}: {line!r} not there" for line in fixture.notes if squashed(line) not in text]
        unwanted = fixture.hidden + (fixture.unprinted if where == "pages" else [])
        problems += [f"{where}: {line!r} is shown" for line in unwanted if squashed(line) in text]
    return problems


FACT = re.compile(r"(?:hidden )?(sheets|rows|columns|slides|texts|changes|comments|notes) (?:left out|not shown|shown): (\d+)")


def wrong_with_facts(fixture, result):
    said = {name: int(number) for name, number in FACT.findall(result.said)}
    return [] if said == fixture.facts else [f"said {said}, is {fixture.facts}"]


def wrong_with_pages(fixture, result):
    pages = pixels(result.pdf, 45)
    problems = [] if len(pages) == fixture.pages else [f"{len(pages)} pages, not {fixture.pages}"]
    for number, page in enumerate(pages, 1):
        dark = sum(min(pixel) < 160 for pixel in page)
        if not 3 <= dark <= len(page) * 0.5:
            problems.append(f"page {number}: {dark} of {len(page)} pixels are dark")
    for colour in fixture.colours:
        if not any(near(pixel, colour) for page in pages for pixel in page):
            problems.append(f"no {colour} on any page")
    return problems


def wrong_with_beside(fixture, to_pdf, path, out):
    """With --show, what was left out is there."""
    if not fixture.beside:
        return []
    options = [word for name in fixture.beside for word in ("--show", name)]
    result = to_pdf(path, out, *options)
    if result.status != 0:
        return [f"--show: exit {result.status}: {result.said.strip()}"]
    text = squashed(pdf_text(result.pdf))
    return [f"--show {name}: {line!r} not there" for name, line in fixture.beside.items() if squashed(line) not in text]


def judge(places, to_pdf, keep, fixture):
    """column -> problems; to_pdf: render or convert_directly, with its program."""
    result = to_pdf(places.fixture(fixture), places.root / "fixture" / fixture.file)
    if result.status != 0 or not result.pdf.exists():
        reason = [f"{fixture.file}: exit {result.status}: {result.said.strip()}"]
        return {"rendered": reason, "text": reason, "facts": reason, "page": reason}
    run(["pdftoppm", "-r", "60", "-png", str(result.pdf), str(keep / fixture.file)])
    checked = {"rendered": [], "text": wrong_with_text(fixture, result), "facts": wrong_with_facts(fixture, result) +
               wrong_with_beside(fixture, to_pdf, places.fixture(fixture), places.root / "beside" / fixture.file),
               "page": wrong_with_pages(fixture, result)}
    return {column: [f"{fixture.file}: {problem}" for problem in problems] for column, problems in checked.items()}


# ---- the table -----------------------------------------------------------------------------------------

COLUMNS = ("rendered", "text", "facts", "page")


def trap_line(trap, sprung, lock, jail):
    """What the table says of one trap, and whether that is as it should be."""
    if trap.springs:
        alive = trap.springs <= sprung
        control = "alive: " + " ".join(sorted(sprung)) if alive else "CONTROL DEAD: lacks " + " ".join(sorted(trap.springs - sprung))
    else:
        alive = not sprung
        control = f"idle: {trap.why}" if alive else "SPRUNG AFTER ALL: " + " ".join(sorted(sprung))
    words = [control]
    for way, done in (("lock", lock), ("jail", jail)):
        words.append(f"{way} not tried" if done is None else f"{way} dead" if not done else f"{way.upper()} FAILED: {done}")
    return f"{trap.name:28} " + "; ".join(words), alive and not lock and not jail


def cell(problems):
    return "ok" if not problems else f"WRONG({len(problems)})"


def print_table(formats, judged, outcomes):
    print(f"\n{'format':8}" + "".join(f"{column:>12}" for column in COLUMNS) + f"{'traps alive':>14}{'idle':>6}{'dead':>8}")
    holes = []
    for form in formats:
        row = f"{form:8}"
        for column in COLUMNS:
            results = [r[column] for f, r in judged.items() if f.format == form]
            row += f"{cell(sum(results, [])) if results else '-':>12}"
            if not results:
                holes.append(f"{form}: no fixture")
        mine = {trap: good for trap, good in outcomes.items() if trap.format == form}
        alive = sum(bool(trap.springs) for trap in mine)
        row += f"{alive:>14}{len(mine) - alive:>6}{sum(mine.values()):>5}/{len(mine)}"
        if not mine:
            holes.append(f"{form}: no trap")
        print(row)
    return holes


def work(arguments, root):
    build = Path(arguments.build).resolve()
    mugai, direct = build / "bin/mugai", build / "tests/office_direct"
    keep = build / "tests/office_pages"
    shutil.rmtree(keep, ignore_errors=True)
    keep.mkdir(parents=True)
    wanted = re.compile(arguments.only)
    (root / "site").mkdir()
    places = Places(root, Watch(root / "site"))
    chosen = [trap for trap in traps.TRAPS if wanted.search(trap.name)]
    places.samples = fixtures.fixtures()
    judged_fixtures = [f for f in places.samples if wanted.search(f"{f.format}-{f.name}")]
    times, begin = [], time.monotonic()

    def lap(name):
        nonlocal begin
        times.append(f"{name} {time.monotonic() - begin:.0f} s")
        begin = time.monotonic()
    make_documents(places, chosen, places.samples)
    lap("documents")
    sprung = controls(places, chosen) if not arguments.fixtures else {trap.name: trap.springs for trap in chosen}
    lap("controls")
    lock, jail, judged = {}, {}, {}
    problems = []
    if not arguments.controls:
        if not arguments.fixtures:
            lock = lock_alone(places, direct, chosen)
        lap("lock")
        if not arguments.fixtures and not arguments.direct:
            jail = in_jail(places, mugai, build / "tests/office_batch", chosen)
        lap("jail")
        to_pdf = functools.partial(*((convert_directly, direct) if arguments.direct else (render, mugai)))
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            jobs = {fixture: pool.submit(judge, places, to_pdf, keep, fixture) for fixture in judged_fixtures}
            judged = {fixture: job.result() for fixture, job in jobs.items()}
        lap("fixtures")
    outcomes = {}
    for trap in chosen:
        line, good = trap_line(trap, sprung[trap.name], lock.get(trap.name), jail.get(trap.name))
        outcomes[trap] = good
        print(f"{'ok' if good else 'not ok'} - {line}")
    for fixture, results in judged.items():
        for column in COLUMNS:
            print(f"{'not ok' if results[column] else 'ok'} - {fixture.file:14} {column}" + "".join(f"\n    {p}" for p in results[column]))
            problems += results[column]
    formats = [form for form in FORMATS if any(t.format == form for t in chosen) or any(f.format == form for f in judged_fixtures)]
    holes = print_table(formats, judged, outcomes) if not arguments.controls else []
    if arguments.only == "" and not arguments.controls:
        problems += holes
    print(f"{sum(outcomes.values())} of {len(outcomes)} traps as they should be, {len(problems)} other problems; " + ", ".join(times))
    return 0 if all(outcomes.values()) and not problems else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--controls", action="store_true")
    parser.add_argument("--fixtures", action="store_true")
    parser.add_argument("--direct", action="store_true")
    parser.add_argument("build")
    arguments = parser.parse_args()
    if not shutil.which("strace") or not Path(unlocked.SOFFICE).exists():
        print("office table: needs strace and LibreOffice (tests/install test)", file=sys.stderr)
        return 77
    if os.environ.get(INSIDE) != "1":
        os.environ[INSIDE] = "1"
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", "--net", *user, "--", sys.executable, "-B", *sys.argv]
        if subprocess.run(command[:-len(sys.argv) - 2] + ["true"], check=False).returncode != 0:
            return 77
        os.execvp(command[0], command)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="mugai-office-") as directory:
        return work(arguments, Path(directory))


if __name__ == "__main__":
    sys.exit(main())
