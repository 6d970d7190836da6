"""One fault in a laboratory of its own: what was sent, what must arrive where, and what must never happen.

    @fault("group", "日本語の説明")
    def mugaid_stopped(case):
        with case.laboratory() as mugaid:
            mail = case.send()
            ...

A mail is expected in full, once, on the LGWAN side, unless its `outcome` or `copies` says otherwise. At the end of the
`with` the queues are drained and everything is judged (Case.judge).
"""
import base64
import contextlib
import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import processes
import readable
import send as smtp
from gateway import Failure, Scene, expect, wait_until
from service import Service
from checks import result_of, without_trace

SENDER = "citizen@sender.example"
RECIPIENT = "soumu@city.example.lg.jp"
ALARM = "alarm@city.example.lg.jp"

# Settings that place a directory elsewhere.
SMALL = {"audit": "audit.file", "state": "state.directory"}
SINK = Path(__file__).with_name("sink.py")

DELIVER, NOTICE, ALARMED = "deliver", "notice-only", "alarm"

HEAD = """From: =?UTF-8?B?5bGx55Sw?= <{sender}>
To: {recipient}
Subject: mail {number}
Date: Fri, 20 Nov 2026 09:00:00 +0900
Message-ID: <{number}@sender.example>
MIME-Version: 1.0
{head}Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain; charset=UTF-8

TOKEN-{number:05}-END の本文です。
{more}
{rows}--x
Content-Type: application/octet-stream; name=data.bin
Content-Transfer-Encoding: base64

{blob}--x--
"""


@dataclass
class Fault:
    name: str
    group: str
    title: str
    function: object


FAULTS = {}


def fault(group, title):
    def register(function):
        name = function.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, group, title, function)
        return function
    return register


@dataclass
class Mail:
    """One mail, and what must become of it on the LGWAN side."""
    number: int
    data: bytes
    recipients: list
    outcome: str = DELIVER   # DELIVER, NOTICE, or ALARMED: nothing arrives, and the alarm address is told
    copies: int = 1          # on the LGWAN side, for each recipient
    headless: bool = False   # arrives without its Subject
    looped: bool = False     # sent back to edge by the LGWAN server: clean messages are in the internet zone, too

    @property
    def token(self):
        return f"TOKEN-{self.number:05}-END"


def lines_of(data):
    text = base64.b64encode(data).decode()
    return "".join(text[i:i + 76] + "\n" for i in range(0, len(text), 76))


@dataclass
class Row:
    """What the table shows of one fault."""
    name: str
    sent: int = 0
    originals: int = 0
    delivered: int = 0
    notices: int = 0
    alarms: int = 0
    outside: int = 0
    left: int = 0
    seconds: float = 0
    notes: list = field(default_factory=list)
    failure: str = ""
    log: list = field(default_factory=list)  # of a failure: what Postfix and mugaid said last


class Flusher(threading.Thread):
    """Has Postfix try again all the time: what waits is tried every second, whatever the queues' own times."""

    def __init__(self, scene):
        super().__init__(daemon=True)
        self.scene, self.over = scene, threading.Event()

    def run(self):
        while not self.over.wait(1):
            self.scene.flush()

    def stop(self):
        self.over.set()
        self.join()


class Case:
    def __init__(self, bin_directory, name, directory):
        self.directory = Path(directory)
        self.bin = Path(bin_directory)
        self.tests = self.bin.parent / "tests"
        self.row = Row(name)
        self.mails = []
        self.places = {}
        self.drain_s = 120
        self.scene = self.mugaid = None

    def scratch(self, name):
        """A directory that is there as long as this case."""
        path = self.directory / name
        path.mkdir()
        path.chmod(0o755)
        return path

    def note(self, text):
        self.row.notes.append(text)

    # ---- the laboratory -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def laboratory(self, settings=None, brittle=False, spool=None, start=True, small=None, **service):
        """brittle: a parser that breaks where a mail asks for it. small: {"audit" or "state": options of a tmpfs that
        the directory is on}. spool: a directory for Postfix's queues. start: mugaid is started. The rest is for
        Service."""
        with contextlib.ExitStack() as stack:
            settings = dict(settings or {})
            for name, options in (small or {}).items():
                self.places[name] = stack.enter_context(tmpfs(self.scratch(name), **options))
                settings[SMALL[name]] = str(self.places[name]) + ("/audit.jsonl" if name == "audit" else "")
            self.scene = stack.enter_context(Scene(self.bin, spool=spool))
            if brittle:
                shutil.copy2(self.tests / "mugai-brittle", self.scene.bin / "mugai-parse")
            self.mugaid = Service(self.scene, settings, **service)
            for name in small or {}:
                os.chown(self.places[name], self.mugaid.user, self.mugaid.user)
            stack.push(self._keep_log)
            with self.running(start), self.flushing():
                yield self.mugaid
                self.judge()

    def _keep_log(self, kind, _value, _trace):
        if kind:
            with contextlib.suppress(Failure, OSError):
                told = re.findall(r"(?m)^.*(?:warning|fatal|error|panic|status=(?!sent)|reject|statistics).*$", self.log())
                self.row.log = told[-20:] + self.mugaid.log().splitlines()[-15:]

    def place(self, name):
        """Where the audit or the state is."""
        return self.places.get(name, self.mugaid.directory / name)

    @contextlib.contextmanager
    def running(self, start):
        try:
            if start:
                self.mugaid.start()
            yield
        except BaseException:
            with contextlib.suppress(Failure):
                self.mugaid.stop()
            raise
        self.mugaid.stop()

    @contextlib.contextmanager
    def flushing(self):
        flusher = Flusher(self.scene)
        flusher.start()
        try:
            yield
        finally:
            flusher.stop()

    # ---- mail -----------------------------------------------------------------------------------------------

    def make(self, more="", head="", kilobytes=40, rows=0, recipients=(RECIPIENT,)):
        """A mail with a text of its own and an attachment that begins with a marker. rows: lines more of text; head: of
        header; more: of text, above the rows."""
        number = len(self.mails) + 1
        blob = b"MARKER-%05d-END" % number + b"\x5a\xa5" * (512 * kilobytes)
        text = HEAD.format(sender=SENDER, recipient=", ".join(recipients), number=number, more=more, head=head, blob=lines_of(blob),
                           rows="".join(f"庁舎の工事についてのお知らせ {row}\n" for row in range(rows)))
        mail = Mail(number, smtp.crlf(text.encode()), list(recipients))
        self.mails.append(mail)
        return mail

    def send(self, count=1, **how):
        """The last of `count` mails that edge has taken."""
        for _ in range(count):
            mail = self.make(**how)
            self.scene.send(mail.data, mail.recipients, SENDER)
        return mail

    def offer(self, mail):
        """The code of edge's answer, as a client sees it; 0 when there is none within 5 s, or the connection ends."""
        try:
            return self.scene.try_send(mail.data, mail.recipients, SENDER, timeout=5)[0]
        except smtp.smtplib.SMTPResponseException as error:
            return error.smtp_code
        except (OSError, smtp.smtplib.SMTPException):
            return 0

    # ---- waiting for what is seen -----------------------------------------------------------------------------

    def log(self):
        return self.scene.lab("log").stdout

    def deferrals(self):
        return len(re.findall(r"status=deferred", self.log()))

    def wait_deferred(self, count, seconds=60):
        """Until Postfix has put off deliveries `count` times more than now."""
        now = self.deferrals()
        wait_until(lambda: self.deferrals() >= now + count, seconds, f"{count} deliveries more are put off")

    def expect_nothing_passed(self, arrived=0):
        expect(len(self.scene.at("lgwan")) == arrived, "something reached the LGWAN side while the fault was there")

    def status(self):
        """What `mugai status` would show; None without an answer."""
        with contextlib.suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(5)
            peer.connect(str(self.mugaid.directory / "status.sock"))
            data = b""
            while piece := peer.recv(65536):
                data += piece
            return json.loads(data)
        return None

    def wait_in_work(self, count=1, seconds=30):
        def seen():
            now = self.status()
            return now and now["messages"]["in_work"] >= count
        wait_until(seen, seconds, f"{count} messages are in work")

    def wait_arrived(self, count, seconds=60):
        return self.scene.wait_at("lgwan", count, seconds)

    # ---- processes of mugaid -----------------------------------------------------------------------------------

    def find(self, kind):
        """The pids of a kind: supervisor, zygote or child (a child has its seccomp filter on), the oldest first."""
        found = []
        for pid, name in self.mugaid.family().items():
            if pid == self.mugaid.process.pid:
                continue
            jailed = b"\nSeccomp:\t2\n" in processes.read(pid, "status")
            is_kind = "supervisor" if name == "mugai-super" else "child" if jailed else "zygote"
            if is_kind == kind:
                found.append(pid)
        return sorted(found, key=processes.age_of)

    def one(self, kind):
        return wait_until(lambda: self.find(kind), 20, f"a {kind} runs")[0]

    @contextlib.contextmanager
    def frozen(self, pids):
        """Stopped as long as the block lasts; those that are gone by then need nothing."""
        for pid in pids:
            send_signal(pid, signal.SIGSTOP)
        try:
            yield pids
        finally:
            for pid in pids:
                send_signal(pid, signal.SIGCONT)

    def spares(self):
        """All children that wait for a job, once the pool is full."""
        wait_until(lambda: (self.status() or {}).get("supervisor", {}).get("spare", 0) >= 4, 20, "the pool is full")
        return self.find("child")

    # ---- the LGWAN server ----------------------------------------------------------------------------------------

    def lgwan(self, *rules):
        """How the LGWAN server behaves from now on; no rule: well."""
        path = self.scene.directory / "lgwan" / "behaviour.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(rules), encoding="utf-8")
        new.rename(path)

    def lgwan_events(self):
        path = self.scene.directory / "lgwan" / "events"
        return Counter(path.read_text().split()) if path.exists() else Counter()

    def wait_event(self, step, count, seconds=60):
        wait_until(lambda: self.lgwan_events()[step] >= count, seconds, f"the LGWAN server did {step} {count} times")

    @contextlib.contextmanager
    def stopped(self, sink, zone):
        """No mail server "lgwan" or "mailbox" as long as the block lasts."""
        record, directory = self.scene.directory / f"{sink}.pid", self.scene.directory / sink
        (directory / "ready").unlink()
        os.kill(int(record.read_text()), signal.SIGTERM)
        yield
        host, port = self.scene.endpoint(sink.upper())
        with open(self.scene.directory / f"{sink}.log", "ab") as log:
            server = subprocess.Popen(self.scene.inside(zone, SINK, host, port, directory), stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=log, cwd="/")
        record.write_text(str(server.pid))
        wait_until((directory / "ready").exists, 20, f"the server {sink} listens again")

    # ---- the verdict ------------------------------------------------------------------------------------------------

    def judge(self):
        """Everything that must hold after a fault was lifted, whatever it was."""
        try:
            self.scene.drain(self.drain_s)
        finally:
            self._count()
        expect(self.row.outside == 0, f"{self.row.outside} deliveries to the outside sender")
        self._judge_mailbox()
        self._judge_lgwan()
        self._judge_audit()
        self._judge_alarms()
        log = self.mugaid.log()
        expect("Sanitizer" not in log and "stack smashing" not in log, "mugaid reported a memory error")

    def _count(self):
        row = self.row
        row.sent = sum(len(mail.recipients) for mail in self.mails)
        at_mailbox, at_lgwan = self.scene.at("mailbox"), self.scene.at("lgwan")
        row.originals = sum(len(stored.recipients) for stored in at_mailbox if not is_alarm(stored))
        row.alarms = sum(is_alarm(stored) for stored in at_mailbox)
        full = [stored for stored in at_lgwan if result_of(stored).startswith("deliver;")]
        row.delivered = sum(len(stored.recipients) for stored in full)
        row.notices = sum(len(stored.recipients) for stored in at_lgwan) - row.delivered
        row.outside = len(re.findall(r" to=<[^>]*sender\.example>", self.log()))
        row.left = self.scene.queued()

    def _judge_mailbox(self):
        found = Counter(without_trace(s.data) for s in self.scene.at("mailbox") if not is_alarm(s))
        for mail in self.mails:
            copies = found.pop(mail.data, 0)
            expect(copies == 1, f"mail {mail.number}: {copies} originals in the mailbox")
        looped = {mail.number for mail in self.mails if mail.looped}
        others = [data for data in found if number_of(data) not in looped]
        expect(not others, f"{len(others)} messages in the mailbox that are no original")
        alarms = [s.data for s in self.scene.at("mailbox") if is_alarm(s)]
        for mail in self.mails:
            told = sum(b"Subject: mail %d\r\n" % mail.number in data for data in alarms)
            wanted = mail.outcome == ALARMED or mail.looped
            expect(told == wanted, f"mail {mail.number}: {told} alarms")

    def _judge_lgwan(self):
        found = Counter()
        for stored in self.scene.at("lgwan"):
            expect(stored.sender != "" and stored.recipients != [ALARM], "a bounce or an alarm went into LGWAN")
            self.scene.expect_clean(stored)
            expect(b"MARKER-" not in readable.everything(stored.data), "bytes of an attachment reached LGWAN")
            mail = self._mail_of(stored)
            found[mail.number] += len(stored.recipients)
            self._judge_one(mail, stored)
        for mail in self.mails:
            wanted = 0 if mail.outcome == ALARMED else mail.copies * len(mail.recipients)
            expect(found[mail.number] == wanted, f"mail {mail.number}: {found[mail.number]} at LGWAN, not {wanted}")

    def _mail_of(self, stored):
        number = number_of(stored.data)
        found = [mail for mail in self.mails if mail.number == number or (number == 0 and mail.headless)]
        expect(len(found) == 1, "a message at LGWAN that nobody sent")
        return found[0]

    @staticmethod
    def _judge_one(mail, stored):
        result, text = result_of(stored), readable.text(stored.data)
        expect(result.startswith(f"{mail.outcome};"), f"mail {mail.number} arrived as {result}, not {mail.outcome}")
        expect((mail.token in text) == (mail.outcome == DELIVER), f"mail {mail.number}: its text")

    def events(self):
        """The audit events, in order. Lines that were cut short by a full disk are left out."""
        found = []
        for line in self._audit_bytes().split(b"\n"):
            with contextlib.suppress(ValueError):
                found.append(json.loads(line)["event"])
        return found

    def _audit_bytes(self):
        """With the file that a rotation put aside."""
        paths = (self.audit_file().with_suffix(".1"), self.audit_file())
        return b"".join(path.read_bytes() for path in paths if path.exists())

    def audit_file(self):
        return self.place("audit") / "audit.jsonl"

    def _judge_audit(self):
        """The chain is whole, and each message at LGWAN has its event."""
        previous = "0" * 64
        for line in self._audit_bytes().split(b"\n")[:-1]:
            with contextlib.suppress(ValueError):
                expect(json.loads(line)["previous"] == previous, "the chain of the audit is broken")
            previous = hashlib.sha256(line).hexdigest()
        told = {event["id"] for event in self.events() if event.get("outcome") == "clean"}
        for stored in self.scene.at("lgwan"):
            expect(readable.parse(stored.data)["X-Mugai-Id"] in told, "a message at LGWAN without an audit event")

    def _judge_alarms(self):
        """Each alarm is in the audit as well, under the Message-ID of its mail."""
        told = Counter(event["claimed"]["message_id"] for event in self.events() if event.get("kind") == "undeliverable")
        wanted = Counter(f"<{mail.number}@sender.example>" for mail in self.mails if mail.outcome == ALARMED)
        expect(told == wanted, f"alarms in the audit: {dict(told)}, not {dict(wanted)}")

    def blamed(self):
        """How often the content of a mail was blamed."""
        return sum(event.get("outcome") == "failed" and event["blames_content"] for event in self.events())


def number_of(data):
    """Of the mail, as its Subject tells; 0 for none."""
    subject = readable.decode_words(readable.parse(data)["Subject"] or "")
    found = re.fullmatch(r"mail (\d+)", subject)
    return int(found.group(1)) if found else 0


def is_alarm(stored):
    return stored.sender == "" and stored.recipients == [ALARM]


def send_signal(pid, number):
    """False when the process is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def tmpfs(path, **options):
    """A small file system at a directory. The program runs in a mount namespace of its own (tests/faults), so that it
    is gone with it, whatever happens."""
    words = ",".join(f"{key}={value}" for key, value in options.items())
    subprocess.run(["mount", "-t", "tmpfs", "-o", words, "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill_disk(directory):
    """A file that takes all the room there is."""
    path = Path(directory) / "filler"
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 65536):
            pass
    with open(path, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 512):
            pass
    return path


def fill_inodes(directory):
    """Empty files until there is no inode more; their directory."""
    path = Path(directory) / "fillers"
    path.mkdir(exist_ok=True)
    with contextlib.suppress(OSError):
        for number in itertools.count(len(os.listdir(path))):
            (path / str(number)).touch()
    return path


__all__ = ["ALARM", "ALARMED", "Case", "DELIVER", "FAULTS", "Failure", "NOTICE", "RECIPIENT", "Row", "expect", "fault",
           "fill_disk", "fill_inodes", "send_signal", "smtp", "time", "tmpfs", "wait_until"]
