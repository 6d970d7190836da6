"""bench --render [--seconds N] [--pages N] [--corpus DIRECTORY] BUILD

The PDFs of attachments-pdf/ of the corpus ($MUGAI_CORPUS, or ../shared/corpus beside the repository), at most --pages
pages each (default 20), to image PDFs, by turns through the jail (mugai-render, render_document) and by the same code in
one process (bench.d/render.c); those that cannot be drawn are left out. CPU time of all processes that take part; each way
takes at least --seconds (default 2). Against these bounds:

  all       the sum over all documents, in the jail / in one process
  one page  the same of the documents of one page
  same      every document must come out byte by byte the same in both ways
  size      the pages as RGB, deflated at level 6 / the image PDFs; the ratio to the documents themselves is told, which
            kinds of bytes the image PDFs are made of (doc/output-grammar.md section 6), the same ratio without all that is
            not a picture, and that of documents with more than 100 KB of RGB and Flate a page

Exit code: 0 all bounds hold, 1 one is broken, 69 something is missing.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_html import SHARED, Missing, Report

ALL_RATIO = 1.3    # at most
ONE_PAGE_RATIO = 2.2
SIZE_RATIO = 5.0   # at least
FULL_PAGE = 100_000  # bytes as RGB and Flate: no longer nearly white
OBJECT = re.compile(rb"(\d+) 0 obj\n")
STREAM = re.compile(rb"<<[^\n]*/Length (\d+)[^\n]*>>\nstream\n")
FONT = ("font: dictionaries", "font: dictionaries", "font: dictionaries", "font: file", "font: ToUnicode",
        "font: CIDToGIDMap")


def picture_kind(head):
    space = "palette" if b"/Indexed" in head else "gray" if b"/DeviceGray" in head else "RGB"
    bits = re.search(rb"/BitsPerComponent (\d)", head)[1].decode()
    return f"picture: {space}, " + ("JPEG" if b"/DCTDecode" in head else f"{bits} bits")


def object_kind(number, pages, head):
    """What the object is, by its number alone but for pictures."""
    if number < 3:
        return "structure"
    if number >= 3 + 3 * pages:
        return FONT[number - 3 - 3 * pages]
    return picture_kind(head) if number % 3 == 2 else "structure"


def kinds(data):
    """The bytes of an image PDF of ours by kind."""
    found, pictures = collections.Counter(), collections.Counter()
    pages = int(re.search(rb"/Count (\d+)", data)[1])
    at = data.index(b"1 0 obj\n")
    found["structure"] += at
    while head := OBJECT.match(data, at):
        number = int(head[1])
        stream = STREAM.match(data, head.end())
        end = data.index(b"\nendobj\n", stream.end() + int(stream[1]) if stream else head.end()) + 8
        kind = object_kind(number, pages, stream[0] if stream else b"")
        found[kind] += end - at
        pictures[kind] += kind.startswith("picture")
        text = data.find(b"BT\n", stream.end(), end) if number % 3 == 1 and 3 < number < 3 + 3 * pages else -1
        if text >= 0:
            found["text layer"] += end - text
            found[kind] -= end - text
        at = end
    found["structure"] += len(data) - at
    return found, pictures


def show_kinds(sizes):
    found, pictures = collections.Counter(), collections.Counter()
    for one in sizes:
        found += one["kinds"]
        pictures += one["pictures"]
    print("  of all bytes of the image PDFs:")
    for kind, count in found.most_common():
        print(f"  {kind:24} {count / 1e3:8.1f} KB {100 * count / found.total():5.1f} %"
              + (f"  {pictures[kind]} pages" if pictures[kind] else ""))
    return sum(count for kind, count in found.items() if kind.startswith("picture"))


def measure(options):
    with tempfile.TemporaryDirectory() as directory:
        found = run_program(options, directory)
        for number, one in enumerate(found["sizes"]):
            data = Path(directory, f"{number}.pdf").read_bytes()
            one["ours"] = len(data)
            one["kinds"], one["pictures"] = kinds(data)
    return found


def run_program(options, directory):
    files = sorted(str(path) for path in (options.corpus / "attachments-pdf").rglob("*.pdf"))
    if not files:
        raise Missing(f"no PDF in {options.corpus}: set MUGAI_CORPUS or --corpus")
    done = subprocess.run([options.program, str(options.seconds), str(options.pages),
                           str(options.build / "bin" / "mugai-render"), directory, *files], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, timeout=3600)
    if done.returncode != 0:
        raise RuntimeError(f"bench_render: {done.returncode}")
    return json.loads(done.stdout)


def show_cost(name, cost, limit, report):
    direct, jailed = cost["direct"], cost["jailed"]
    print(f"{name}: {cost['documents']} documents, {direct['rounds']} rounds")
    for way, run in (("in one process", direct), ("in the jail", jailed)):
        print(f"  {way:14} {run['cpu_ms'] / cost['documents']:7.1f} ms of CPU a document, "
              f"{run['wall_ms'] / cost['documents']:7.1f} ms by the clock")
    ratio = jailed["cpu_ms"] / direct["cpu_ms"]
    print(f"  ratio {ratio:.2f} (at most {limit}), by the clock {jailed['wall_ms'] / direct['wall_ms']:.2f}")
    report.bound(f"{name}: jail / one process", ratio, "<=", limit)


def total(sizes, field):
    return sum(one[field] for one in sizes)


def show_sizes(sizes, report):
    pages, ours, flate, source = (total(sizes, field) for field in ("pages", "ours", "flate", "source"))
    print(f"size: {pages} pages: image PDFs {ours / 1e6:.2f} MB, {ours / pages / 1e3:.1f} KB a page; RGB and Flate "
          f"{flate / 1e6:.2f} MB, {flate / ours:.2f} times as much (at least {SIZE_RATIO}); the documents "
          f"{source / 1e6:.2f} MB, the image PDFs are {ours / source:.2f} times as large")
    pictures = show_kinds(sizes)
    print(f"  the pictures alone: RGB and Flate {flate / pictures:.2f} times as much")
    full = [one for one in sizes if one["flate"] > FULL_PAGE * one["pages"]]
    if full:
        print(f"  the {len(full)} documents with more than {FULL_PAGE // 1000} KB of RGB and Flate a page: "
              f"{total(full, 'flate') / total(full, 'ours'):.2f} times as much")
    report.bound("size: RGB and Flate / image PDFs", flate / ours, ">=", SIZE_RATIO)


def run(options):
    report = Report()
    found = measure(options)
    print(f"{found['refused']} documents cannot be drawn; {found['differ']} are drawn differently in the jail")
    report.bound("documents that differ in the jail", found["differ"], "<=", 0)
    show_cost("all", found["all"], ALL_RATIO, report)
    show_cost("one page", found["single"], ONE_PAGE_RATIO, report)
    show_sizes(found["sizes"], report)
    return report.finish()


def main(arguments):
    parser = argparse.ArgumentParser(prog="bench --render", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--corpus", type=Path, default=Path(os.environ.get("MUGAI_CORPUS", SHARED)))
    parser.add_argument("build", type=Path)
    options = parser.parse_args(arguments)
    options.build = options.build.resolve()
    options.program = str(options.build / "tests" / "bench_render")
    try:
        if not os.access(options.program, os.X_OK):
            raise Missing("bench_render was not built")
        return run(options)
    except Missing as missing:
        print(f"bench: {missing}", file=sys.stderr)
        return 69
