#!/usr/bin/env -S python3 -B
"""test_sink.py: does the sink misbehave as it is told?

Each case is a list of rules and what a client sees then: (code of the answer that decided, or None for a connection
that was cut; messages kept).
"""
import json
import os
import smtplib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gateway import Failure, expect, wait_until
from send import send

SINK = Path(__file__).with_name("sink.py")
MESSAGE = b"Subject: x\r\n\r\n" + b"a line\r\n" * 20
ADDRESS = ("127.213.7.1", 2600 + os.getpid() % 1000)

CASES = [
    ("none", [], [(250, 1)]),
    ("banner refuses", [{"at": "CONNECT", "reply": "421 4.3.2 full"}], [(421, 0)]),
    ("sender refused", [{"at": "MAIL", "reply": "451 4.3.0 later"}], [(451, 0)]),
    ("one recipient refused", [{"at": "RCPT", "for": ["b@lgwan.example"], "reply": "550 5.1.1 who"}], [(550, 0)]),
    ("another recipient refused", [{"at": "RCPT", "for": ["c@lgwan.example"], "reply": "550 5.1.1 who"}], [(250, 1)]),
    ("twice full", [{"at": "RCPT", "times": 2, "reply": "452 4.2.2 full"}], [(452, 0), (452, 0), (250, 1)]),
    ("data refused", [{"at": "DATA", "reply": "451 4.3.0 later"}], [(451, 0)]),
    ("end refused", [{"at": "END", "reply": "552 5.2.2 full"}], [(552, 0)]),
    ("cut in the text", [{"at": "TEXT", "cut": True, "times": 1}], [(None, 0), (250, 1)]),
    ("cut after the text", [{"at": "END", "cut": True, "times": 1}], [(None, 1), (250, 2)]),
    ("first rule counts", [{"at": "MAIL", "reply": "451 4.0.0 a"}, {"at": "MAIL", "reply": "550 5.0.0 b"}], [(451, 0)]),
]


class Running:
    """A sink in a directory of its own."""

    def __init__(self, directory, address=ADDRESS):
        self.directory, self.address = Path(directory), address

    def __enter__(self):
        (self.directory / "ready").unlink(missing_ok=True)
        self.process = subprocess.Popen([sys.executable, "-B", str(SINK), self.address[0], str(self.address[1]),
                                         str(self.directory)])
        wait_until((self.directory / "ready").exists, 10, "the sink listens")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def behave(self, rules):
        new = self.directory / "behaviour.new"
        new.write_text(json.dumps(rules))
        new.rename(self.directory / "behaviour.json")

    def kept(self):
        return sorted(path.name for path in self.directory.glob("*.eml"))

    def send(self):
        try:
            return send(self.address, "a@sender.example", ["b@lgwan.example"], MESSAGE, timeout=10)[0]
        except smtplib.SMTPResponseException as error:
            return error.smtp_code
        except (smtplib.SMTPServerDisconnected, ConnectionError):
            return None


def test_rules():
    for name, rules, wanted in CASES:
        with tempfile.TemporaryDirectory() as directory, Running(directory) as sink:
            sink.behave(rules)
            seen = []
            for _ in wanted:
                code = sink.send()
                seen.append((code, len(sink.kept())))
            expect(seen == wanted, f"{name}: {seen}, not {wanted}")


def test_delay():
    with tempfile.TemporaryDirectory() as directory, Running(directory) as sink:
        sink.behave([{"at": "CONNECT", "delay": 0.4}, {"at": "END", "delay": 0.4}])
        start = time.monotonic()
        expect(sink.send() == 250 and time.monotonic() - start >= 0.8, "the delays were not kept")
        expect((sink.directory / "events").read_text() == "CONNECT\nEND\n", "the events")


def test_lifted_and_started_again():
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(2):
            with Running(directory) as sink:
                sink.behave([{"at": "MAIL", "reply": "451 4.3.0 later"}])
                expect(sink.send() == 451, "the rule")
                (sink.directory / "behaviour.json").unlink()
                expect(sink.send() == 250, "the rule is lifted")
        expect(sink.kept() == ["000001.eml", "000002.eml"], f"numbers: {sink.kept()}")


def test_forward():
    other = (ADDRESS[0], ADDRESS[1] + 1000)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, \
            Running(one) as first, Running(two, other) as second:
        first.behave([{"at": "END", "forward": {"address": other, "domain": "internet.example"}}])
        expect(first.send() == 250, "it is taken")
        envelope = json.loads((second.directory / "000001.json").read_text())
        expect(envelope["recipients"] == ["b@internet.example"], f"forwarded to {envelope}")
        expect(len(first.kept()) == 1, "it is kept as well")


def main():
    failed = 0
    for name, test in sorted(globals().items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            print(f"ok {name}")
        except Failure as failure:
            failed += 1
            print(f"not ok {name}: {failure}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
