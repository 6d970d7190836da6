"""bench --render [--seconds N] [--pages N] [--corpus DIRECTORY] BUILD

The PDFs of attachments-pdf/ of the corpus ($MUGAI_CORPUS, or ../shared/corpus beside the repository), at most --pages
pages each (default 20), to image PDFs, by turns through the jail (mugai-render, render_document) and by the same code in
one process (bench.d/render.c); those that cannot be drawn are left out. CPU time of all processes that take part; each way
takes at least --seconds (default 2). Against these bounds:

  all       the sum over all documents, in the jail / in one process
  one page  the same of the documents of one page
  same      every document must come out byte by byte the same in both ways
  size      the pages as RGB, deflated at level 6 / the image PDFs; the ratio to the documents themselves is told

Exit code: 0 all bounds hold, 1 one is broken, 69 something is missing.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from bench_html import SHARED, Missing, Report

ALL_RATIO = 1.3    # at most
ONE_PAGE_RATIO = 2.2
SIZE_RATIO = 5.0   # at least


def measure(options):
    files = sorted(str(path) for path in (options.corpus / "attachments-pdf").rglob("*.pdf"))
    if not files:
        raise Missing(f"no PDF in {options.corpus}: set MUGAI_CORPUS or --corpus")
    done = subprocess.run([options.program, str(options.seconds), str(options.pages),
                           str(options.build / "bin" / "mugai-render"), *files], stdin=subprocess.DEVNULL,
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


def show_sizes(found, report):
    ratio = found["flate_bytes"] / found["bytes"]
    print(f"size: {found['pages']} pages: image PDFs {found['bytes'] / 1e6:.2f} MB, {found['bytes'] / found['pages'] / 1e3:.1f} "
          f"KB a page; RGB and Flate {found['flate_bytes'] / 1e6:.2f} MB, {ratio:.2f} times as much (at least {SIZE_RATIO}); "
          f"the documents {found['source_bytes'] / 1e6:.2f} MB, the image PDFs are {found['bytes'] / found['source_bytes']:.2f} "
          "times as large")
    report.bound("size: RGB and Flate / image PDFs", ratio, ">=", SIZE_RATIO)


def run(options):
    report = Report()
    found = measure(options)
    print(f"{found['refused']} documents cannot be drawn; {found['differ']} are drawn differently in the jail")
    report.bound("documents that differ in the jail", found["differ"], "<=", 0)
    show_cost("all", found["all"], ALL_RATIO, report)
    show_cost("one page", found["single"], ONE_PAGE_RATIO, report)
    show_sizes(found, report)
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
