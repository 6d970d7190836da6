#!/usr/bin/env -S python3 -B
"""test_lab.py BENCH_MILTER: does the laboratory do what the other tests rely on?

With a milter that does nothing and one that replaces everything, so that it needs no Mugai.
"""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import processes
import readable
from gateway import Failure, Scene, exit_on_signals, expect, wait_until

MESSAGE = b"From: a@sender.example\r\nSubject: x\r\n\r\n.leading dot\r\nMARKER-BODY\r\n"


class Peer:
    """One of the peers of bench.d on a scene's milter socket."""

    def __init__(self, program, scene, mode):
        self.command = [program, mode, f"unix:{scene.socket}"]
        self.socket = scene.socket

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)
        wait_until(self.socket.exists, 10, "the peer listens")
        self.socket.chmod(0o666)
        return self

    def __exit__(self, *_):
        self.process.kill()  # libmilter takes five seconds to notice SIGTERM
        self.process.wait()


def check_nop(program):
    with Scene(".") as scene, Peer(program, scene, "nop"):
        scene.send(MESSAGE, ("taro@city.example.lg.jp", "hanako@city.example.lg.jp"))
        scene.drain()
        expect(len(scene.at("mailbox")) == 1, "one original")
        copies = scene.at("lgwan")
        expect(sorted(c.recipients for c in copies) == [["hanako@city.example.lg.jp"], ["taro@city.example.lg.jp"]], "two copies")
        expect(all(c.data.endswith(MESSAGE) for c in copies), "the copies are whole")


def check_replace(program):
    with Scene(".", topology="one-hop") as scene, Peer(program, scene, "replace"):
        scene.send(MESSAGE)
        scene.drain()
        clean = scene.wait_at("lgwan", 1)[0]
        expect(b"MARKER" not in clean.data, "the body was replaced")
        expect(readable.parse(clean.data)["Subject"] is None, "the fields were replaced")


def check_side_by_side(program):
    with Scene(".") as one, Scene(".") as two, Peer(program, one, "nop"), Peer(program, two, "nop"):
        one.send(MESSAGE.replace(b"BODY", b"ONE"))
        two.send(MESSAGE.replace(b"BODY", b"TWO"))
        for scene, word in ((one, b"ONE"), (two, b"TWO")):
            scene.drain()
            found = scene.wait_at("lgwan", 1)
            expect(len(found) == 1 and word in found[0].data, "each lab has its own mail only")


def check_killed_owner(_program):
    """A test that dies by SIGKILL takes its laboratory with it."""
    code = ("import sys, time; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1])\n"
            "from gateway import Scene\n"
            "with Scene('.') as scene:\n    print(scene.directory, flush=True); time.sleep(600)\n")
    test = subprocess.Popen([sys.executable, "-c", code, str(Path(__file__).parent)], stdout=subprocess.PIPE,
                            text=True)
    directory = Path(test.stdout.readline().strip())
    expect(len(processes.below(directory)) > 4, "the laboratory runs")
    os.kill(test.pid, signal.SIGKILL)
    test.wait()
    wait_until(lambda: not directory.exists(), 20, "the scratch directory is gone")
    expect(not processes.below(directory), "its processes are gone")


def check_leftover_is_reported(_program):
    """What a test leaves running is killed, and is a failure."""
    left = None
    try:
        with patch.dict(os.environ, PATIENCE="5"), Scene(".") as scene:
            left = subprocess.Popen(["sleep", "600"], cwd=scene.directory / "gateway")
    except Failure as failure:
        expect("sleep" in str(failure), f"the report names it: {failure}")
        wait_until(lambda: left.poll() is not None, 5, "it was killed")
        return
    raise Failure("a process was left behind and nobody noticed")


def check_no_bounce_outside(program):
    """What edge gives up, and what san gives up, is told to the administrator and to nobody else."""
    with Scene(".") as scene:
        scene.postconf("edge", maximal_queue_lifetime="2s", bounce_queue_lifetime="2s")
        scene.send(MESSAGE)  # no milter: san refuses for now, until edge's queue gives up
        expect_alarm(scene, "edge")
    with Scene(".", sinks=False) as scene, Peer(program, scene, "nop"):
        scene.postconf("san", maximal_queue_lifetime="2s", bounce_queue_lifetime="2s")
        scene.send(MESSAGE)  # no server on the LGWAN side
        expect_alarm(scene, "san")


CONF = Path(__file__).resolve().parent.parent.parent / "conf"
# All that may differ from the samples in a laboratory: see lab_changes in tests/lab.
CHANGED = {"maillog_file", "queue_run_delay", "minimal_backoff_time", "maximal_backoff_time", "transport_retry_time",
           "smtpd_client_connection_count_limit", "smtpd_error_sleep_time", "in_flow_delay"}
PLACES = {"edge": "postfix-edge", "san": "postfix-san", "one-hop": "postfix-onehop"}


def parameters(directory):
    """{name: value} of what main.cf sets, as Postfix reads it; but not where that file is."""
    text = subprocess.run(["postconf", "-c", str(directory), "-n"], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    expect(not text.stderr, f"postconf warns: {text.stderr}")
    found = dict(line.split(" =", 1) for line in text.stdout.splitlines())
    found.pop("config_directory", None)
    return found


def expect_sample(scene, instance, plan, changed):
    """What runs is the sample, byte for byte, but for the changed lines of main.cf."""
    sample, runs = CONF / "postfix" / instance, scene.directory / "root" / "etc" / PLACES[instance]
    files = {path.name: path for path in [*sample.iterdir(), *(sample / plan).glob("*")] if path.is_file()}
    expect({path.name for path in runs.iterdir()} == set(files), f"{instance}: files {sorted(files)}")
    for name in set(files) - {"main.cf"}:
        expect((runs / name).read_bytes() == files[name].read_bytes(), f"{instance}: {name} is not the sample")
    was, now = parameters(sample), parameters(runs)
    differ = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    expect(differ <= changed, f"{instance}: {differ - changed} differ from the sample")


def check_samples(_program):
    """The laboratory runs the files of conf/, as they are."""
    for topology, instances in (("tee", ("edge", "san")), ("one-hop", ("one-hop",))):
        for plan in ("same-address", "lgwan-domain"):
            with Scene(".", topology=topology, plan=plan, authentication=True) as scene:
                for instance in instances:
                    expect_sample(scene, instance, plan, CHANGED)
                for path in (CONF / "authentication").iterdir():
                    found = list((scene.directory / "root" / "etc").rglob(path.name))
                    expect(len(found) == 1 and found[0].read_bytes() == path.read_bytes(), f"{path.name} is not the sample")
    with Scene(".") as scene:
        expect_sample(scene, "edge", "same-address", CHANGED | {"smtpd_milters"})
        expect_sample(scene, "san", "same-address", CHANGED)


def check_loop_opens(_program):
    """The way from the LGWAN server back to edge is shut until a test opens it."""
    with Scene(".") as scene:
        try:
            scene.connect("lgwan", timeout=2).close()
        except (TimeoutError, PermissionError):
            scene.lab("loop")
            code, _ = scene.try_send(MESSAGE, zone="lgwan")
            expect(code == 250, f"edge answers {code}")
            return
        raise Failure("LGWAN could connect to edge from the beginning")


def check_nothing_stays(_program):
    """A stopped laboratory leaves no process, and so none of its namespaces."""
    with Scene(".") as scene:
        directory, inside = scene.directory, processes.namespaces_of(scene.directory)
        expect(len(inside) == 4, f"namespaces {inside}")
    expect(not directory.exists(), "the scratch directory stays")
    links = {processes.link(pid, f"ns/{kind}") for pid in os.listdir("/proc") if pid.isdigit() for kind in ("net", "mnt")}
    expect(not links & inside, "a process is still in a zone")


def expect_alarm(scene, queue):
    """The administrator has one notice, the audit's program was given the other, and nothing went anywhere else."""
    stored = scene.wait_at("mailbox", 2, 40)
    told = [(one.sender, one.recipients) for one in scene.at("mailbox") if one.sender == ""]
    expect(told == [("", ["alarm@city.example.lg.jp"])], f"bounces: {told}, of {len(stored)} messages")
    log = wait_until(lambda: re.search(r"to=<audit@alarm\.invalid>[^\n]*relay=mugai-alarm",
                                       (scene.log_directory / f"postfix-{queue}.log").read_text()) and
                     scene.lab("log").stdout, 20, "the audit's program was given the notice")
    outside = re.findall(r" to=<[^>]*sender\.example>", log)
    expect(not outside, f"something was sent to the outside sender: {outside}")
    expect(not scene.at("lgwan"), "something reached the LGWAN side")


def main():
    exit_on_signals()
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    failed = 0
    checks = [function for name, function in sorted(globals().items()) if name.startswith("check_")]
    for check in checks:
        start = time.monotonic()
        try:
            check(os.path.abspath(sys.argv[1]))
            print(f"ok {check.__name__} {time.monotonic() - start:.1f} s", flush=True)
        except Failure as failure:
            failed += 1
            print(f"not ok {check.__name__}: {failure}", flush=True)
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
