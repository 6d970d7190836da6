#!/usr/bin/env -S python3 -B
"""mugaid_test.py BIN_DIRECTORY LIAR [TEST...]: the daemon as a process: signals, sockets, start and end. LIAR: a
parser that lies.

No Postfix: the milter protocol is spoken here, so that both sides can misbehave.
"""
import contextlib
import ctypes
import hashlib
import json
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "smtp"))
import documents  # noqa: E402
import processes  # noqa: E402
from gateway import PROGRAMS, WORK_USER, Failure, expect, wait_until  # noqa: E402

ROOT = os.geteuid() == 0
SETTINGS = """\
topology: {topology}
state: {{directory: {directory}/state}}
milter: {{socket: {directory}/milter.sock, group: "{group}"}}
status: {{socket: {directory}/status.sock}}
policy: {directory}/policy.yaml
notices: {{language: {language}}}
audit: {{file: {directory}/audit/audit.jsonl}}
work: {{user: {user}}}
"""
POLICY = "name: {name}\nrules: [{{name: all, message: deliver, parts: remove}}]\n"


class Daemon:
    """mugaid in a directory of its own."""

    def __init__(self, bin_directory):
        self.source = Path(bin_directory)

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="mugaid-test."))
        self.directory.chmod(0o755)
        self.bin = self.directory / "bin"
        self.bin.mkdir()
        for name in PROGRAMS:
            shutil.copy2(self.source / name, self.bin / name)
        self.settings = self.directory / "mugai.yaml"
        self.policy = self.directory / "policy.yaml"
        self.milter_socket = self.directory / "milter.sock"
        self.status_socket = self.directory / "status.sock"
        self.log_path = self.directory / "log"
        for name in ("state", "audit"):
            (self.directory / name).mkdir()
        if ROOT:
            for path in (self.directory, self.directory / "state", self.directory / "audit"):
                shutil.chown(path, WORK_USER)
        self.write()
        self.process = None
        return self

    def __exit__(self, kind, _value, _trace):
        if kind:
            print(self.log()[-3000:], file=sys.stderr)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(Failure):
            self.expect_no_process()
        left = processes.below(self.bin)
        shutil.rmtree(self.directory, ignore_errors=True)
        if not kind:
            expect(not left, f"left behind: {left}")

    def write(self, language="ja", group=None, name="strictest", topology="behind-edge"):
        group = ("daemon" if ROOT else "") if group is None else group
        self.settings.write_text(SETTINGS.format(directory=self.directory, language=language, user=WORK_USER,
                                                 group=group, topology=topology))
        self.policy.write_text(POLICY.format(name=name))

    def other_settings(self, text):
        path = self.directory / "other.yaml"
        path.write_text(text)
        return str(path)

    def launch(self, *words, user=None, preexec_fn=None, **environment):
        with open(self.log_path, "ab") as log:
            return subprocess.Popen([str(self.bin / "mugaid"), "--config", str(self.settings), *words],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                    env=dict(os.environ, **environment), user=user, preexec_fn=preexec_fn)

    def start(self, **environment):
        self.process = self.launch(**environment)
        wait_until(self.ready, 30, "mugaid listens")

    def ready(self):
        expect(self.process.poll() is None, f"mugaid ended ({self.process.returncode}): {self.log()}")
        with contextlib.suppress(OSError):
            return self.status() is not None
        return False

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def events(self):
        """The audit file."""
        return [json.loads(line)["event"] for line in (self.directory / "audit/audit.jsonl").read_text().splitlines()]

    def connect(self, path):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(30)
        peer.connect(str(path))
        return peer

    def status(self):
        with self.connect(self.status_socket) as peer:
            data = b""
            while piece := peer.recv(65536):
                data += piece
        return json.loads(data)

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def expect_no_process(self, seconds=10):
        wait_until(lambda: not processes.below(self.bin), seconds, f"no process is left: {processes.below(self.bin)}")

    def expect_end(self, code, seconds=20):
        try:
            ended = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"mugaid did not end within {seconds} s") from None
        expect(ended == code, f"exit {ended}, not {code}")
        self.expect_no_process()


class Milter:
    """The side of the mail server."""
    ACTIONS = 0x1ff
    STEPS = 0x1fffff

    def __init__(self, daemon, actions=ACTIONS, steps=STEPS, negotiate=True):
        self.peer = daemon.connect(daemon.milter_socket)
        self.steps = 0
        if not negotiate:
            return
        self.send(b"O", struct.pack("!III", 6, actions, steps))
        command, data = self.receive()
        if command == b"O":
            self.steps = struct.unpack("!III", data[:12])[2]

    def send(self, command, data=b""):
        self.peer.sendall(struct.pack("!I", len(data) + 1) + command + data)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.peer.recv(size - len(data))
            if not piece:
                return b""
            data += piece
        return data

    def receive(self):
        head = self.exactly(4)
        if not head:
            return None, b""
        packet = self.exactly(struct.unpack("!I", head)[0])
        return packet[:1], packet[1:]

    def begin(self, more=(), recipients=1):
        self.envelope(recipients)
        self.text(more)

    def text(self, more=()):
        for name, value in ((b"Received", b" one"), (b"From", b" a@sender.example"), (b"received", b" two"),
                            (b"Subject", b" hello"), *more):
            self.send(b"L", name + b"\0" + value + b"\0")
        self.send(b"N")
        self.send(b"B", b"the text\r\n")

    def envelope(self, recipients=1):
        self.send(b"C", b"client.example\0" + b"4" + struct.pack("!H", 25) + b"192.0.2.1\0")
        self.send(b"M", b"<a@sender.example>\0")
        for _ in range(recipients):
            self.send(b"R", b"<b@lgwan.example>\0")

    def lie(self, number, queue_id=b"4X"):
        """A "mail" that tells a lying parser which lie to tell; its answer is that of end()."""
        self.envelope()
        self.send(b"L", b"LIE\0%d\0" % number)
        self.send(b"N")
        self.send(b"B", b"body\r\n")
        self.queue_id(queue_id)
        return self.end()

    def queue_id(self, name):
        self.send(b"D", b"Ei\0" + name + b"\0")

    def end(self):
        """(final command, its data, commands before it)"""
        self.send(b"E")
        before = []
        while True:
            command, data = self.receive()
            if command not in (b"h", b"m", b"b", b"p", b"i"):
                return command, data, before
            before.append((command, data))

    def close(self):
        with contextlib.suppress(OSError):
            self.send(b"Q")
        self.peer.close()


def test_hang_up(daemon):
    """Each of 200 SIGHUPs is a reload, none is a stop; with connections open, and in bursts."""
    daemon.start()
    idle = [Milter(daemon) for _ in range(5)]
    for number in range(1, 201):
        daemon.hang_up()
        wait_until(lambda: daemon.status()["reload"]["count"] >= number, 5, f"reload {number}")
    expect(daemon.status()["reload"]["count"] == 200, "one reload for each signal")
    for _ in range(200):
        daemon.hang_up()
    wait_until(lambda: daemon.status()["reload"]["count"] > 200, 5, "a reload after the burst")
    idle[0].begin()
    expect(idle[0].end()[0] == b"a", "an old connection still works")
    for milter in idle:
        milter.close()
    daemon.process.terminate()
    daemon.expect_end(0)


def test_hang_up_with_threads(daemon):
    """SIGHUPs while messages are under way on several connections: no message is lost."""
    daemon.start()
    milters = [Milter(daemon) for _ in range(4)]
    for number in range(40):
        for milter in milters:
            milter.begin()
            milter.send(b"E")
            daemon.hang_up()
        for milter in milters:
            command = b"p"
            while command in (b"h", b"m", b"b", b"p"):
                command, _ = milter.receive()
            expect(command == b"a", f"round {number}: {command}")
    daemon.process.terminate()
    daemon.expect_end(0)


def test_reload(daemon):
    """A bad file changes nothing and is told with its line; a good one is in use; what is fixed is told."""
    daemon.start()
    daemon.policy.write_text("name: new\nrules:\n  - {name: all, message: delivr, parts: remove}\n")
    daemon.hang_up()
    wait_until(lambda: daemon.status()["reload"]["count"] == 1, 5, "the reload")
    now = daemon.status()
    expect(now["reload"]["result"] == "refused" and now["policy"]["name"] == "strictest", f"{now}")
    expect("policy.yaml:3:" in daemon.log() and "delivr" in daemon.log(), "file, line and word in the log")
    daemon.write(name="better", group="sys" if ROOT else "")
    daemon.hang_up()
    wait_until(lambda: daemon.status()["reload"]["count"] == 2, 5, "the second reload")
    now = daemon.status()
    expect(now["reload"]["result"] == "done" and now["policy"]["name"] == "better", f"{now}")
    expect(not ROOT or "milter.group needs a restart" in daemon.log(), "what is fixed is told")
    milter = Milter(daemon)
    milter.begin()
    _, _, before = milter.end()
    expect(any(data.startswith(b"X-Mugai-Policy\0 better;") for _, data in before), "the new policy is not in use")


def test_replace(daemon):
    """Every field goes, the last of a name first; ours come with their blank; the body is replaced."""
    daemon.start()
    milter = Milter(daemon)
    expect(milter.steps & 0x100000, "LEADSPC was not asked for")
    expect(milter.steps & 0x80 and milter.steps & 0x80000, "no-reply was not asked for")
    for _ in range(3):  # one connection, several messages
        milter.begin()
        command, _, before = milter.end()
        expect(command == b"a", f"answer {command}")
        deleted = [(struct.unpack("!I", d[:4])[0], d[4:]) for c, d in before if c == b"m"]
        expect(deleted == [(2, b"Received\0\0"), (1, b"Received\0\0"), (1, b"From\0\0"), (1, b"Subject\0\0")],
               f"deleted: {deleted}")
        added = [d.split(b"\0")[:2] for c, d in before if c == b"h"]
        expect(added[0][0] == b"Date" and all(value.startswith(b" ") for _, value in added), f"added: {added}")
        expect([c for c, _ in before if c != b"p"][-1] == b"b", "the body comes last")


def test_negotiation(daemon):
    """A server without what is needed is refused, and others go on."""
    daemon.start()
    for actions, steps in ((0x1ff, 0x0fffff), (0x1fe, 0x1fffff), (0x1fd, 0x1fffff), (0x1ef, 0x1fffff)):
        milter = Milter(daemon, actions, steps)
        expect(milter.steps == 0, f"actions {actions:x} steps {steps:x} were taken")
        milter.close()
    expect(Milter(daemon, 0x13, 0x1fffff).steps != 0, "refused what is enough")
    old = Milter(daemon, 0x1ff, 0x100000)  # none of the no-reply flags
    expect(old.steps == 0x100000, f"steps {old.steps:x}")
    old.send(b"C", b"c\0U")
    expect(old.receive()[0] == b"c", "an event without the flag gets its reply")


def test_abort_and_again(daemon):
    """What an aborted message held is not in the next one."""
    daemon.start()
    milter = Milter(daemon)
    milter.begin()
    milter.send(b"A")
    milter.begin()
    command, _, before = milter.end()
    expect(command == b"a" and sum(c == b"m" for c, _ in before) == 4, f"{command} {before}")


def refused_by_a_cap(daemon, milter, answer, text):
    """What SMTP's side refuses by itself leaves an audit event, a log line and an error in the status."""
    command, data, before = milter.end()
    expect(command == b"y" and data.startswith(answer), f"answer {command} {data}")
    expect(not [c for c, _ in before if c != b"p"], "the message was changed")
    event = daemon.events()[-1]
    expect(event["outcome"] == "failed" and event["decision"] == "" and event["error"] == text and event["sender"] == "a@sender.example",
           f"event: {event}")
    expect(text in daemon.log(), "the log says nothing")
    now = daemon.status()
    expect(now["errors"][-1]["text"] == text, f"status: {now['errors']}")
    milter.begin()
    expect(milter.end()[0] == b"a", "the next message suffers")
    return now


def test_too_many_fields(daemon):
    """More fields, or bytes of names, than can be deleted: nothing is changed, the message waits in the queue,
    and everybody is told which of the two it was."""
    daemon.start()
    milter = Milter(daemon)
    milter.begin((b"X-%d" % number, b" v") for number in range(10000))
    refused_by_a_cap(daemon, milter, b"451 4.7.1 ", "more than 4000 header fields")
    milter.begin((b"X-%d-" % number + b"n" * 59000, b" v") for number in range(145))
    now = refused_by_a_cap(daemon, milter, b"451 4.7.1 ",
                           "the names of the header fields have more than 8388608 bytes")
    expect(now["messages"]["failed_content"] == 2, f"{now['messages']}")


def test_too_many_recipients(daemon):
    """One that is not kept would not be asked for its policy: the whole message waits."""
    daemon.start()
    milter = Milter(daemon)
    milter.begin(recipients=1000)
    expect(milter.end()[0] == b"a", "1000 recipients")
    milter.begin(recipients=1001)
    refused_by_a_cap(daemon, milter, b"451 4.5.3 ", "more than 1000 recipients")


def break_parser(daemon, topology):
    """A liar in the parser's place: the first two answers, with a new start of the daemon between them, and the third."""
    shutil.copy2(LIAR, daemon.bin / "mugai-parse")
    daemon.write(topology=topology)
    for _ in range(2):
        daemon.start()
        milter = Milter(daemon)
        command, data, before = milter.lie(0)
        expect(command == b"y" and data.startswith(b"451 4.7.1 "), f"answer {command} {data}")
        expect(not [c for c, _ in before if c != b"p"], "the message was changed")
        event = daemon.events()[-1]
        expect(event["outcome"] == "failed" and event["blames_content"] and "counter" in event["error"], f"{event}")
        milter.close()
        daemon.process.terminate()
        daemon.expect_end(0)
    daemon.start()
    return Milter(daemon).lie(0)


def test_third_failure(daemon):
    """What breaks its parser three times, across restarts, arrives as a notice; its header, and no more, is read by
    another child."""
    command, data, before = break_parser(daemon, "behind-edge")
    expect(command == b"a", f"answer {command} {data}")
    added = dict(d.split(b"\0")[:2] for c, d in before if c == b"h")
    expect(added[b"Subject"] == b" kept" and added[b"From"] == b" kept@from.example", f"{added}")
    expect(added[b"X-Mugai-Result"].startswith(b" notice-only;"), f"{added}")
    event = daemon.events()[-1]
    expect((event["outcome"], event["decision"], event["content_failures"]) == ("clean", "notice-only", 3), f"{event}")
    expect("unreadable" in event["limits"] and event["policy"]["rule"] == "", f"{event}")


def test_third_failure_one_hop(daemon):
    """Without an original elsewhere it goes back, and no policy is blamed."""
    command, data, before = break_parser(daemon, "one-hop")
    expect(command == b"y" and data.startswith(b"550 5.6.0 Message could not be made safe"), f"answer {command} {data}")
    event = daemon.events()[-1]
    expect((event["outcome"], event["decision"]) == ("refuse", "notice-only"), f"{event}")


def test_too_large(daemon):
    """Only its header is read; size and hash are those of all that came."""
    daemon.settings.write_text(daemon.settings.read_text() + "limits: {message: 1MB, header_block: 64KB}\n")
    daemon.start()
    events = []
    for end in (b"one\r\n", b"two\r\n"):
        milter = Milter(daemon)
        milter.begin()
        for _ in range(40):
            milter.send(b"B", b"x" * 60000)
        milter.send(b"B", end)
        command, data, before = milter.end()
        expect(command == b"a", f"answer {command} {data}")
        added = dict(d.split(b"\0")[:2] for c, d in before if c == b"h")
        expect(added[b"Subject"] == b" hello" and added[b"From"] == b" a@sender.example", f"{added}")
        events.append(daemon.events()[-1])
        milter.close()
    expect(events[0]["original_sha256"] != events[1]["original_sha256"] and events[0]["id"] != events[1]["id"],
           "two mails with one hash")
    expect(events[0]["original_bytes"] > 2400000 and events[0]["limits"] == ["size"], f"{events[0]}")


def test_without_negotiation(daemon):
    """Who begins anywhere but with the negotiation gets "come again" or the end, and harms nobody."""
    daemon.start()
    packets = ((b"C", b"client.example\0004\0\x19192.0.2.1\0"), (b"H", b"helo\0"), (b"M", b"<a>\0"), (b"R", b"<b>\0"),
               (b"T", b""), (b"L", b"From\0 a@b\0"), (b"N", b""), (b"B", b"text\r\n"), (b"E", b"text\r\n"), (b"A", b""),
               (b"K", b""), (b"U", b"WORD\0"))
    for first in range(len(packets)):
        peer = Milter(daemon, negotiate=False)
        for packet in packets[first:]:
            with contextlib.suppress(OSError):
                peer.send(*packet)
        peer.close()
        expect(daemon.process.poll() is None, f"{packets[first]} ended the daemon")
    peer = Milter(daemon, negotiate=False)
    peer.send(b"M", b"<a>\0")
    expect(peer.receive()[0] in (b"t", None), "MAIL was taken")
    milter = Milter(daemon)
    milter.begin()
    expect(milter.end()[0] == b"a", "others suffer")


def test_queue_id(daemon):
    """A macro cannot write log lines of its own."""
    daemon.start()
    milter = Milter(daemon)
    milter.begin()
    milter.queue_id(b"4X; deliver\n<3>mugaid: \xe2\x80\xaeforged" + b"9" * 40)
    expect(milter.end()[0] == b"a", "the message")
    expect("queue=4Xdeliver3mugaidforged9999999999;" in daemon.log(), f"{daemon.log()}")
    expect(daemon.events()[-1]["queue_id"] == "4Xdeliver3mugaidforged9999999999", "the audit event")


def test_originals_held(daemon):
    """What comes in is counted while it is there, whichever way it goes."""
    daemon.start()
    milters = [Milter(daemon) for _ in range(3)]
    for milter in milters:
        milter.begin()
        for _ in range(4):
            milter.send(b"B", b"x" * 60000)
    wait_until(lambda: daemon.status()["originals_held"] > 720000, 5, "the bytes are counted")
    expect(milters[0].end()[0] == b"a", "the message")
    milters[1].send(b"A")
    milters[2].peer.close()
    wait_until(lambda: daemon.status()["originals_held"] == 0, 5, "the bytes are given back")


def test_sockets(daemon):
    """Modes and groups; a second daemon; a stale socket; a file in the place of a socket."""
    daemon.start()
    for path in (daemon.milter_socket, daemon.status_socket):
        mode = path.stat()
        expect(stat.S_IMODE(mode.st_mode) == 0o660, f"{path.name}: {oct(mode.st_mode)}")
        expect(not ROOT or path.group() == "daemon", f"{path.name}: group {path.group()}")
    for change in (("state:", "state:"), ("milter.sock", "milter2.sock"), ("/state}", "/audit}")):
        # All the same; the same state directory alone; the same sockets alone.
        words = daemon.settings.read_text().replace(*change)
        if change[0] == "milter.sock":
            words = words.replace("status.sock", "status2.sock")
        second = daemon.launch("--config", daemon.other_settings(words))
        expect(second.wait(20) == 69, f"a second daemon: exit {second.returncode}")
    log = daemon.log()
    expect(log.count("state.directory: ") == 2 and log.count("milter.socket: ") == 1 and log.count("taken") == 3,
           f"the log says why: {log}")
    expect(daemon.ready(), "the first one still answers")

    daemon.process.kill()
    daemon.process.wait()
    daemon.expect_no_process()
    expect(daemon.milter_socket.exists(), "a killed daemon leaves its socket")
    daemon.start()
    daemon.process.terminate()
    daemon.expect_end(0)
    expect(not daemon.milter_socket.exists() and not daemon.status_socket.exists(), "a socket is left")

    daemon.milter_socket.write_text("somebody's file")
    daemon.process = daemon.launch()
    daemon.expect_end(73)
    expect(daemon.milter_socket.read_text() == "somebody's file", "a file that is no socket was removed")


def test_foreign_socket(daemon):
    """Only a refused connection makes a socket a stale one. Any other error: it stays, and the log says why."""
    other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.bind(str(daemon.milter_socket))
    daemon.process = daemon.launch()
    daemon.expect_end(69)
    expect(daemon.milter_socket.exists() and "cannot be told" in daemon.log(), f"{daemon.log()}")
    other.close()

    daemon.milter_socket.unlink()
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as waiting:
        busy.bind(str(daemon.milter_socket))
        busy.listen(0)
        waiting.connect(str(daemon.milter_socket))
        daemon.process = daemon.launch()
        daemon.expect_end(69)
        expect(daemon.milter_socket.exists() and "taken" in daemon.log(), "a full queue")

        daemon.write(group="")
        daemon.milter_socket.chmod(0)
        daemon.process = daemon.launch(user=WORK_USER if ROOT else None)
        daemon.expect_end(77)
        expect(daemon.milter_socket.exists(), "a socket that may not be asked was removed")


def test_socket_gone(daemon):
    """A daemon that no mail can reach is not well, and ends with 75 within 10 s or so; what stands in the place of its
    socket stays."""
    for replaced in (False, True):
        daemon.start()
        expect(daemon.status()["well"], "not well from the start")
        daemon.milter_socket.unlink()
        if replaced:
            other = socket.socket(socket.AF_UNIX)
            other.bind(str(daemon.milter_socket))
        now = daemon.status()
        expect(not now["well"] and not now["reachable"] and now["supervisor"]["pid"], f"{now}")
        daemon.expect_end(75, 15)
        expect(daemon.milter_socket.exists() == replaced, "the socket of somebody else")
        expect(daemon.log().count("gone or no longer ours") == 1 + replaced, "one line in the log")


class Manager:
    """The side of the service manager: $NOTIFY_SOCKET."""

    def __init__(self, daemon, name=None):
        self.name = name or str(daemon.directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name[1:] if self.name[0] == "@" else self.name)
        if self.name[0] != "@":
            os.chmod(self.name, 0o777)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def word(self, seconds=30):
        """The next message as a dictionary; empty when none comes in time."""
        self.socket.settimeout(seconds)
        try:
            return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())
        except (TimeoutError, BlockingIOError):
            return {}

    def heard(self, key, seconds=30):
        """The next message that has this key; empty when none comes in time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            word = self.word(left)
            if key in word:
                return word
        return {}

    def words(self, seconds):
        """All messages of this time."""
        end, words = time.monotonic() + seconds, []
        while (left := end - time.monotonic()) > 0:
            words += [word] if (word := self.word(left)) else []
        return words

    def forget(self):
        while self.word(0):
            pass


def test_notify(daemon):
    """READY=1 comes when the socket is there, to a path and to an abstract name; nobody asked for signs of life."""
    for name in (None, f"@mugaid-test-{os.getpid()}"):
        with Manager(daemon, name) as manager:
            daemon.process = daemon.launch(NOTIFY_SOCKET=manager.name)
            first = manager.word()
            expect(first.get("READY") == "1" and first.get("STATUS", "").startswith("serving; "), f"the first word: {first}")
            milter = Milter(daemon)
            milter.begin()
            expect(milter.end()[0] == b"a", "the message")
            daemon.policy.write_text("rules: []\n")
            for _ in range(2):  # refused and done
                before = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
                daemon.hang_up()
                word = manager.heard("RELOADING")
                after = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
                expect(word.get("RELOADING") == "1" and before <= int(word["MONOTONIC_USEC"]) <= after, f"{word}")
                word = manager.heard("READY")
                expect(word.get("READY") == "1" and "delivered 1," in word["STATUS"], f"after the reload: {word}")
                daemon.write()
            daemon.process.terminate()
            word = manager.word()
            expect(word.get("STOPPING") == "1", f"STOPPING=1 at the end, and no watchdog: {word}")
            daemon.expect_end(0)


def test_watchdog(daemon):
    """A sign of life within half of the interval while all is well, none while the supervisor hangs, or all of it."""
    with Manager(daemon) as manager:
        daemon.start(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="12000000")
        for _ in range(3):
            expect(manager.heard("WATCHDOG", 6), "no sign of life")
        before, log = daemon.status()["messages"], daemon.log()
        supervisor = daemon.status()["supervisor"]["pid"]
        for pid, said in ((supervisor, "not well: the supervisor does not answer"), (daemon.process.pid, None)):
            os.kill(pid, signal.SIGSTOP)
            try:
                wait_until(lambda: processes.stat_fields(pid)[1][0] == "T", 5, "it stands still")
                time.sleep(1.5)  # a look that had begun
                manager.forget()
                words = manager.words(4.5)
                expect(not any("WATCHDOG" in word for word in words), f"a sign of life while {pid} hangs: {words}")
                expect({word["STATUS"] for word in words} == {said} - {None}, f"STATUS: {words}")
            finally:
                os.kill(pid, signal.SIGCONT)
            expect(manager.heard("WATCHDOG", 9), "no sign of life when it goes on")
        expect(daemon.status()["messages"] == before, "the looks are counted as messages")
        expect(daemon.process.poll() is None and daemon.log() == log, f"the looks leave lines: {daemon.log()}")
    with Manager(daemon, f"@mugaid-test-{os.getpid()}") as manager:  # the variables were meant for another process
        daemon.process.terminate()
        daemon.expect_end(0)
        daemon.start(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="2000000", WATCHDOG_PID="1")
        expect(not manager.heard("WATCHDOG", 2), "a sign of life that nobody asked for")


@contextlib.contextmanager
def frozen_threads(pid, name):
    """Threads of one name stand still, by ptrace; the others go on."""
    attach, detach = 16, 17
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    threads = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()
               if (task / "comm").read_text().strip() == name]
    expect(threads, f"no thread {name}")
    for thread in threads:
        expect(libc.ptrace(attach, thread, None, None) == 0, f"ptrace: {os.strerror(ctypes.get_errno())}")
    try:
        for thread in threads:
            os.waitpid(thread, 0x40000000)  # __WALL
        yield
    finally:
        for thread in threads:
            libc.ptrace(detach, thread, None, None)


def test_watchdog_libmilter(daemon):
    """A process whose other threads live, but whose libmilter takes no mail, gives no sign of life, is not well, and is
    so again when libmilter goes on."""
    if not ROOT:
        return
    with Manager(daemon) as manager:
        daemon.start(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="2000000")
        expect(manager.heard("WATCHDOG"), "no sign of life")
        with frozen_threads(daemon.process.pid, "mugai-milter"):
            Milter(daemon, negotiate=False).close()  # the kernel still takes connections
            wait_until(lambda: not daemon.status()["well"], 20, "the status says so")
            manager.forget()
            expect(not manager.heard("WATCHDOG", 3), "a sign of life")
        expect(manager.heard("WATCHDOG", 15), "no sign of life when libmilter goes on")
        expect(daemon.status()["well"], "well again")


def test_watchdog_overload(daemon):
    """More connections than the socket's queue takes, all answered: signs of life go on."""
    with Manager(daemon) as manager:
        daemon.start(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="4000000")
        milters = [Milter(daemon) for _ in range(150)]
        for milter in milters:
            milter.begin()
            milter.send(b"E")
        for _ in range(3):
            expect(manager.heard("WATCHDOG", 8), "no sign of life")
        answers = [wait_for_answer(milter, 60) for milter in milters]
        expect(answers.count(b"a") >= 8 and set(answers) <= {b"a", b"y"}, f"{answers}")  # early 451 for some is no fault


def test_supervisor_dies(daemon):
    """Without its supervisor the daemon ends with 75, so that it is started anew; nothing is left."""
    daemon.start()
    os.kill(daemon.status()["supervisor"]["pid"], signal.SIGKILL)
    daemon.expect_end(75)


@contextlib.contextmanager
def frozen_supervisor(daemon):
    pid = daemon.status()["supervisor"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        raise


def test_supervisor_hangs(daemon):
    """Three looks without an answer: the end with 75, and nothing is left."""
    daemon.start()
    with frozen_supervisor(daemon):
        wait_until(lambda: not daemon.status()["well"], 5, "the status says so")
        time.sleep(15)
        expect(daemon.process.poll() is None, "it ended before three looks")
        daemon.expect_end(75, 30)
    expect("the supervisor hangs" in daemon.log(), "the log says why")


def test_stop_with_frozen_supervisor(daemon):
    """With a message in work that gets no jail: the end within 30 s of SIGTERM, and the message comes again."""
    daemon.start()
    milter = Milter(daemon)
    with frozen_supervisor(daemon):
        for _ in range(20):  # the spares are used up
            milter.begin()
            milter.send(b"E")
            if wait_for_answer(milter, 2) is None:
                break
        daemon.process.terminate()
        daemon.expect_end(0, 30)


def wait_for_answer(milter, seconds):
    """The final command, or None when it does not come in time."""
    milter.peer.settimeout(seconds)
    with contextlib.suppress(TimeoutError):
        command = b"p"
        while command in (b"h", b"m", b"b", b"p"):
            command, _ = milter.receive()
        return command
    return None


def below_supervisor(daemon):
    supervisor = daemon.status()["supervisor"]["pid"]
    return processes.tree([supervisor]) - {supervisor}


def test_stop_with_work(daemon):
    """A message that cannot end is told to come again, within 20 s of SIGTERM, and no process is left."""
    daemon.start()
    milter = Milter(daemon)
    frozen = below_supervisor(daemon)
    expect(frozen, "no jails to freeze")
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    milter.begin()
    milter.send(b"E")
    wait_until(lambda: daemon.status()["messages"]["in_work"] == 1, 10, "the message is in work")
    start = time.monotonic()
    daemon.process.terminate()
    command, data = milter.receive()
    while command == b"p":
        command, data = milter.receive()
    expect((command == b"y" and data.startswith(b"451 ")) or command == b"t", f"answer {command} {data}")
    daemon.expect_end(0)
    expect(time.monotonic() - start < 20, "it took longer than 20 s")


def test_stop_with_idle(daemon):
    """Idle connections do not delay the end, and new messages on them are told to come again."""
    daemon.start()
    idle = [Milter(daemon) for _ in range(10)]
    start = time.monotonic()
    daemon.process.send_signal(signal.SIGINT)
    daemon.expect_end(0)
    expect(time.monotonic() - start < 5, "idle connections delay the end")
    for milter in idle:
        milter.close()


def test_status_peers(daemon):
    """Who does not read, who talks, and who leaves at once: the next one still gets its answer."""
    daemon.start()
    silent = [daemon.connect(daemon.status_socket) for _ in range(20)]
    for peer in silent:
        with contextlib.suppress(OSError):
            peer.sendall(b"GET / HTTP/1.0\r\n\r\n" * 1000)
    daemon.connect(daemon.status_socket).close()
    now = daemon.status()
    expect(now["well"] is True and now["pid"] == daemon.process.pid, f"{now}")
    expect({"landlock", "seccomp"} <= set(now["supervisor"]["walls"]), f"walls: {now['supervisor']['walls']}")
    for peer in silent:
        peer.close()


def test_two_outputs(daemon):
    """Report and clean message cannot go to one place; and a missing work.user is no error of the newcomer's."""
    mail = daemon.directory / "mail.eml"
    mail.write_text("From: a@b.example\n\nthe text\n")
    for report, out, code in (("x", "x", 64), ("./x", "x", 64), (str(daemon.directory / "x"), "x", 64), ("x", "y", 0),
                              ("audit/x", "x", 0)):
        done = subprocess.run([str(daemon.bin / "mugai"), "sanitize", "--report", report, "-o", out, "mail.eml"],
                              cwd=daemon.directory, text=True, capture_output=True, timeout=60)
        expect(done.returncode == code, f"{report} {out}: exit {done.returncode} {done.stderr}")
        expect(("same file" in done.stderr) == (code == 64), f"{report} {out}: {done.stderr}")
        expect("work.user" not in done.stderr, f"{done.stderr}")
        expect((daemon.directory / "x").exists() == (code == 0), f"{report} {out}: the file")


def send_one(daemon):
    """One message: its final command and answer text."""
    milter = Milter(daemon)
    milter.begin()
    command, data, _ = milter.end()
    milter.close()
    return command, data


def mugai_status(daemon, *words, language="ja_JP.UTF-8"):
    done = subprocess.run([str(daemon.bin / "mugai"), "status", "--config", str(daemon.settings), *words], timeout=30,
                          text=True, capture_output=True, env=dict(os.environ, LANG=language, LC_ALL=""))
    return done.returncode, done.stdout


STATUS_KEYS = {"version", "pid", "uptime_s", "topology", "policy", "reload", "errors", "originals_held", "messages", "documents", "office", "totals",
               "alarms", "failures", "supervisor", "reachable", "accepting", "audit", "disk", "memory_resident",
               "descriptors", "clock", "well", "reasons", "warnings"}


def test_status(daemon):
    """Every key is there and in the manual page; the kinds of jails; and what people see, in two languages."""
    daemon.start()
    expect(send_one(daemon)[0] == b"a", "the message")
    now = daemon.status()
    expect(set(now) == STATUS_KEYS, f"keys: {set(now) ^ STATUS_KEYS}")
    expect(now["well"] and now["reasons"] == [] and "zygote" not in now["warnings"], f"{now['reasons']} {now['warnings']}")
    kinds = {kind["name"]: kind for kind in now["supervisor"]["kinds"]}
    expect(set(kinds) == {"parse", "render"} and kinds["render"]["zygote"] == 0 and kinds["parse"]["started"] == 1, f"{kinds}")
    expect(kinds["parse"]["zygote"] in below_supervisor(daemon) and kinds["parse"]["maximum"] == 80, f"{kinds}")
    expect(0 < now["memory_resident"] < 1 << 30 and 5 < now["descriptors"]["used"] < now["descriptors"]["limit"], f"{now}")
    expect(now["disk"]["state"]["free_bytes"] > 0 and now["disk"]["audit"]["writable"], f"{now['disk']}")
    expect(now["clock"] in ("synchronised", "not-synchronised", "unknown"), now["clock"])
    code, text = mugai_status(daemon, "--json")
    expect(code == 0 and set(json.loads(text)) == STATUS_KEYS, "--json")
    for language, words in (("ja_JP.UTF-8", ("正常に動いています", "累計", "配送")), ("C.UTF-8", (": well\n", "in all", "delivered"))):
        code, text = mugai_status(daemon, language=language)
        expect(code == 0 and all(word in text for word in words), f"{language}: exit {code}\n{text}")
    manual = (Path(__file__).resolve().parent.parent / "man/mugaid.8.scd").read_text()
    for key in STATUS_KEYS:
        expect(f"*{key}*" in manual, f"{key} is not in mugaid(8)")


def test_crowded(daemon):
    """More long messages than have room: the status says how many are in work, wait, and were turned away."""
    shutil.copy2(LIAR, daemon.bin / "mugai-parse")
    daemon.settings.write_text(daemon.settings.read_text().replace("work: {", "work: {slots: 2, ") + "limits: {parse_cpu: 60s}\n")
    daemon.start()
    milters = [Milter(daemon) for _ in range(8)]
    for milter in milters:
        milter.envelope()
        milter.send(b"L", b"LIE\0 28\0")  # never an answer
        milter.send(b"N")
        milter.send(b"E")

    def as_expected():
        now = daemon.status()
        work = now["messages"]
        return (work["slow"], work["slow_waiting"]) == (1, 2) and work["turned_away"] == 5 and work["slowed"] == 8 and \
            work["failed_environment"] == 5 and now["supervisor"]["lowered"] >= 1

    wait_until(as_expected, 30, "the counts")
    code, text = mugai_status(daemon)
    expect(code == 0 and "混雑のため再送になったもの" in text, f"exit {code}\n{text}")
    daemon.process.kill()
    daemon.process.wait()


def test_audit_away(daemon):
    """Without a place for its event no message passes; the status says why; and it goes on by itself."""
    daemon.start()
    audit, away = daemon.directory / "audit", daemon.directory / "away"
    audit.rename(away)
    command, data = send_one(daemon)
    expect(command == b"y" and data.startswith(b"451 4.3.0 "), f"answer {command} {data}")
    now = daemon.status()
    expect(not now["well"] and now["reasons"] == ["audit"] and not now["audit"]["writable"], f"{now['reasons']}")
    expect("audit.jsonl" in now["audit"]["error"] and now["errors"][-1]["text"].startswith("audit file"), f"{now['errors']}")
    code, text = mugai_status(daemon)
    expect(code == 69 and "[異常] 監査記録に書き込めない" in text, f"exit {code}\n{text}")
    away.rename(audit)
    expect(daemon.status()["well"] and send_one(daemon)[0] == b"a", "it does not go on")
    lines = [json.loads(line) for line in (audit / "audit.jsonl").read_text().splitlines()]
    expect(len(lines) == 1, f"{len(lines)} events")
    expect(daemon.process.poll() is None and daemon.status()["totals"]["failed_environment"] == 1, "the counters")


@contextlib.contextmanager
def small_disk(path, size, inodes=100):
    """A file system of its own at path, as the daemon's user has it."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},nr_inodes={inodes},mode=755,uid={pwd.getpwnam(WORK_USER).pw_uid}",
                    "mugaid-test", str(path)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def test_disk_full(daemon):
    """A full disk, of blocks and of inodes, below audit and state: 451, told by the status, and it goes on by itself when
    there is room; what was half written does not spoil the next event."""
    if not ROOT:
        return
    with small_disk(daemon.directory / "audit", "64k"), small_disk(daemon.directory / "state", "64k", 8):
        daemon.start()
        expect(send_one(daemon)[0] == b"a", "the first message")
        filler = daemon.directory / "audit/filler"
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 512)
        answers = []
        while len(answers) < 50 and (not answers or answers[-1][0] == b"a"):  # what the last block of the audit still takes
            answers.append(send_one(daemon))
        expect(answers[-1][0] == b"y" and answers[-1][1].startswith(b"451 4.3.0 "), f"{answers[-1]}")
        now = daemon.status()
        expect("audit" in now["reasons"] and "No space left" in now["audit"]["error"], f"{now['reasons']} {now['audit']}")
        expect({"disk-audit", "disk-state"} <= set(now["warnings"]), f"{now['warnings']}")
        filler.unlink()
        expect(daemon.status()["well"] and send_one(daemon)[0] == b"a", "it does not go on")
        delivered = daemon.status()["messages"]["delivered"]
        events = [event for event in read_audit(daemon) if event["outcome"] == "clean"]
        expect(len(events) == delivered == len(answers) + 1, f"{len(events)} events, {delivered} delivered")

        # Neither inodes nor blocks for the totals: mail goes on, since nothing of a message needs them.
        left = daemon.directory / "state"
        for number in range(20):
            with contextlib.suppress(OSError):
                (left / f"filler-{number}").write_bytes(b"x" * 65536)
        expect(send_one(daemon)[0] == b"a", "mail needs the state directory")
        wait_until(lambda: "totals: not written" in daemon.log(), 10, "the log says that the totals are not written")
        for path in left.glob("filler-*"):
            path.unlink()
        total = daemon.status()["totals"]["delivered"]
        wait_until(lambda: f"\ndelivered {total}\n" in read_totals(daemon), 10, "the totals are written again")
        daemon.process.terminate()
        daemon.expect_end(0)


def read_audit(daemon):
    """The events; each line that is not whole must be one that the disk had no room for."""
    events = []
    for line in (daemon.directory / "audit/audit.jsonl").read_text(errors="replace").splitlines():
        with contextlib.suppress(ValueError):
            events.append(json.loads(line)["event"])
    return events


def read_totals(daemon):
    path = daemon.directory / "state/totals"
    return path.read_text() if path.exists() else ""


DESCRIPTORS = 48


def open_descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def with_free_descriptors(daemon, milter, free, idle):
    """The answer to a message while the daemon has so many left: enough for none, some or all of its steps. idle: how many it
    has open without other connections."""
    wait_until(lambda: open_descriptors(daemon) <= idle, 30, "those of before are given back")
    peers = [daemon.connect(daemon.milter_socket) for _ in range(DESCRIPTORS - free - idle)]
    wait_until(lambda: open_descriptors(daemon) >= DESCRIPTORS - free, 30, "they are in use")
    milter.begin()
    command, data, _ = milter.end()
    for peer in peers:
        peer.close()
    return command, data


def test_descriptors(daemon):
    """All descriptors in use: who comes then waits, or is told to come again, the status still answers and says so, and the
    same process goes on when some are free."""
    if not ROOT:  # nobody else may look at the daemon's descriptors
        return
    limit = (DESCRIPTORS, DESCRIPTORS)
    daemon.process = daemon.launch(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit))
    wait_until(daemon.ready, 30, "mugaid listens")
    milter = Milter(daemon)
    milter.begin()
    expect(milter.end()[0] == b"a", "a message with enough of them")
    daemon.status()  # it keeps one to count them
    idle = min((time.sleep(0.02), open_descriptors(daemon))[1] for _ in range(50))
    peers = [daemon.connect(daemon.milter_socket) for _ in range(DESCRIPTORS)]
    wait_until(lambda: daemon.status()["descriptors"]["used"] >= DESCRIPTORS - 1, 10, "the descriptors are used up")
    expect("descriptors" in daemon.status()["warnings"], f"{daemon.status()}")
    before = processes.cpu_seconds([daemon.process.pid])
    time.sleep(2)
    expect(processes.cpu_seconds([daemon.process.pid]) - before < 0.5, "it spins")
    expect(1 <= daemon.log().count("a connection waits: Too many open files") < 10, f"{daemon.log()}")
    milter.begin()  # no memory can be had for its original
    command, data, _ = milter.end()
    expect(command == b"y" and data.startswith(b"451 4.3.0 "), f"answer {command} {data}")
    expect("Too many open files" in daemon.status()["errors"][-1]["text"], f"{daemon.status()['errors']}")
    expect(daemon.status()["messages"]["failed_environment"] == 1, f"not counted: {daemon.status()['messages']}")
    for peer in peers:
        peer.close()
    answers = [with_free_descriptors(daemon, milter, free, idle) for free in range(1, 6)]
    expect({code for code, _ in answers} == {b"a", b"y"}, f"{answers}")
    expect(all(code == b"a" or data.startswith(b"451 4.3.0 ") for code, data in answers), f"{answers}")
    milter.begin()
    expect(milter.end()[0] == b"a" and send_one(daemon)[0] == b"a", "messages afterwards")
    expect(daemon.process.poll() is None and daemon.status()["pid"] == daemon.process.pid, "another process")


def test_counters_survive(daemon):
    """What was counted in all is there after kill -9 and after a stop; a damaged file is told, and begins from 0."""
    daemon.start()
    totals = daemon.directory / "state/totals"
    for end in ("kill", "terminate", "kill"):
        expect(send_one(daemon)[0] == b"a", "the message")
        now = daemon.status()
        expect(now["messages"]["delivered"] == 1, f"since the start: {now['messages']}")
        if end == "kill":
            wait_until(lambda: f"\ndelivered {now['totals']['delivered']}\n" in read_totals(daemon), 10, "it is written")
        getattr(daemon.process, end)()
        daemon.process.wait()
        daemon.expect_no_process()
        daemon.start()
    now = daemon.status()
    expect(now["totals"]["delivered"] == 3 and now["messages"]["delivered"] == 0, f"{now['totals']}")
    expect(sorted(path.name for path in totals.parent.iterdir()) == ["mugaid.lock", "totals"], "files are left")
    good = totals.read_text()
    for text in ("", good.replace("delivered 3", "delivered x"), good[:-5], good + "more 1\n", good.replace("s 1", "s 2", 1)):
        daemon.process.kill()
        daemon.process.wait()
        daemon.expect_no_process()
        totals.write_text(text)
        daemon.start()
        expect(daemon.status()["totals"]["delivered"] == 0, f"{text!r} was believed")
    expect(daemon.log().count("totals: damaged") == 5 and daemon.log().count("totals: none yet") == 1, f"{daemon.log()}")


def test_failures_survive(daemon):
    """How often a mail broke its parser outlives kill -9, and the status shows that it is counted."""
    shutil.copy2(LIAR, daemon.bin / "mugai-parse")
    for number in (1, 2):
        daemon.start()
        expect(Milter(daemon).lie(0)[0] == b"y", "the answer")
        failures = daemon.status()["failures"]
        expect((failures["count"], failures["final"]) == (1, 0) and failures["oldest"], f"{failures}")
        daemon.process.kill()
        daemon.process.wait()
        daemon.expect_no_process()
    daemon.start()
    expect(Milter(daemon).lie(0)[0] == b"a", "the third time it arrives as a notice")
    failures = daemon.status()["failures"]
    expect((failures["count"], failures["final"]) == (1, 1), f"{failures}")


def test_files_away(daemon):
    """Settings or policy gone, or unreadable, at a reload: the old ones stay. At a start: 78."""
    daemon.start()
    count = 0
    for path in (daemon.settings, daemon.policy):
        away = path.with_name("away")
        path.rename(away)
        count += 1
        daemon.hang_up()
        wait_until(lambda: daemon.status()["reload"]["count"] == count, 5, "the reload")
        now = daemon.status()
        expect(now["reload"]["result"] == "refused" and now["warnings"].count("reload") == 1, f"{now['reload']}")
        expect(path.name in now["reload"]["text"] and now["well"], f"{now['reload']}")
        expect(send_one(daemon)[0] == b"a", "mail goes on")
        second = daemon.launch()
        expect(second.wait(20) == 78, f"a start without {path.name}: exit {second.returncode}")
        away.rename(path)
    daemon.hang_up()
    wait_until(lambda: daemon.status()["reload"]["result"] == "done", 5, "a good reload")
    expect("reload" not in daemon.status()["warnings"], "the warning stays")


def test_one_id(daemon):
    """A message that breaks its parser: the one id is in the answer, log, status and audit, and the clean message has it. What
    is refused before the original is complete has Postfix's queue id, and the line says so."""
    shutil.copy2(LIAR, daemon.bin / "mugai-parse")
    daemon.start()
    milter = Milter(daemon)
    names = set()
    for _ in range(2):
        command, data, _ = milter.lie(0, b"4X1aBc")
        name = re.search(rb"\(([0-9a-f]{32})\)\0$", data)
        expect(command == b"y" and name, f"answer {command} {data}")
        names.add(name[1].decode())
        expect(daemon.status()["errors"][-1]["id"] in names and daemon.events()[-1]["id"] in names, "status and audit")
    command, data, before = milter.lie(0, b"4X2")
    added = dict(d.split(b"\0")[:2] for c, d in before if c == b"h")
    names.add(added[b"X-Mugai-Id"].decode().strip())
    expect(len(names) == 1, f"{names}")
    name = names.pop()
    lines = [line for line in daemon.log().splitlines() if "queue=" in line]
    expect(len(lines) == 4 and all(f"mugaid: {name}: queue=4X" in line for line in lines), f"{lines}")
    expect("jailed parser" in lines[0] and "only its header was read" in lines[2] and "queue=4X2; notice-only" in lines[3], f"{lines}")

    milter.begin(recipients=1001)
    milter.queue_id(b"4X3")
    command, data, _ = milter.end()
    expect(data.endswith(b" (4X3)\0"), f"answer {data}")
    line = daemon.log().splitlines()[-1]
    expect("<3>mugaid: queue=4X3; more than 1000 recipients" in line and line.endswith("; no id yet"), line)
    expect(daemon.status()["errors"][-1]["id"] == "4X3" and daemon.events()[-1]["id"] == "4X3", "status and audit")


def test_loop(daemon):
    """A mail that has gone round too often is taken and dropped behind edge: audit, status and log say so, with its id."""
    daemon.start()
    milter = Milter(daemon)
    milter.begin(((b"X-Mugai-Hops", b" 100"),))
    milter.queue_id(b"4X9")
    expect(milter.end()[0] == b"d", "the answer")
    event, now = daemon.events()[-1], daemon.status()
    expect(event["outcome"] == "discard" and event["hops"] > 100 and event["queue_id"] == "4X9", f"{event}")
    expect(now["messages"]["discarded"] == 1 and now["messages"]["delivered"] == 0, f"{now['messages']}")
    expect(now["errors"][-1]["id"] == event["id"] and "mail loop" in now["errors"][-1]["text"], f"{now['errors']}")
    expect(f"<3>mugaid: {event['id']}: queue=4X9; mail loop" in daemon.log(), f"{daemon.log()}")


def test_syslog(daemon):
    """Every line, of the supervisor too, goes to the socket as facility mail, one line each; one that hangs or is gone
    holds nothing up."""
    path = daemon.directory / "log.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.bind(str(path))
        path.chmod(0o777)
        syslog.settimeout(30)
        daemon.settings.write_text(daemon.settings.read_text() + f"log: {{syslog: {path}}}\n")
        daemon.start()
        expect(send_one(daemon)[0] == b"a", "the message")
        os.kill(daemon.status()["supervisor"]["kinds"][0]["zygote"], signal.SIGKILL)
        packets = []
        while len(packets) < 4:
            packets.append(syslog.recv(4096).decode())
        for packet, (severity, program, words) in zip(packets, ((6, "mugaid", "totals"), (6, "mugaid", "listens on"),
                                                                (6, "mugaid", "queue=-; deliver;"),
                                                                (4, "mugai-supervisor", "zygote ended")), strict=True):
            expect(re.match(rf"<{16 + severity}>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d {program}\[\d+\]: ", packet) and words in packet
                   and "\n" not in packet, f"{packet!r}")
        expect(f"[{daemon.process.pid}]" in packets[0], f"{packets[0]}")
        for _ in range(50):  # more than the socket's queue takes
            daemon.hang_up()
            expect(send_one(daemon)[0] == b"a", "a message while nobody reads the log")
    path.unlink()
    expect(send_one(daemon)[0] == b"a", "a message while nobody takes the log")
    daemon.settings.write_text(daemon.settings.read_text().replace(str(path), "/elsewhere"))
    count = daemon.status()["reload"]["count"]
    daemon.hang_up()
    wait_until(lambda: daemon.status()["reload"]["count"] > count, 5, "the reload")
    expect("reload: log.syslog needs a restart" in daemon.log(), "what is fixed is told")


BOUNCES = Path(__file__).resolve().parent / "bounces"


def alarm(daemon, bounce, *words, user=None, settings=None):
    """mugai alarm as pipe(8) runs it: (exit code, standard error)."""
    done = subprocess.run([str(daemon.bin / "mugai"), "alarm", "--config", str(settings or daemon.settings), *words],
                          input=bounce, capture_output=True, timeout=60, cwd="/", user=user)
    return done.returncode, done.stderr.decode()


def undeliverable(daemon):
    """The last event of the audit, which must be one of an alarm."""
    event = daemon.events()[-1]
    expect(event["kind"] == "undeliverable", f"{event}")
    return event


def test_alarm(daemon):
    """Bounces as Postfix makes them: an event with what they claim, and the status shows it; as the daemon's user."""
    daemon.start()
    user = WORK_USER if ROOT else None
    mail_id = "0123456789abcdef0123456789abcdef"
    for name, queue, status, queue_id in (("san-refused", "san", "5.2.2", "ECA89A7FF8C"),
                                          ("edge-expired", "edge", "4.7.1", "85087A7FFE6")):
        bounce = (BOUNCES / f"{name}.eml").read_bytes()
        code, err = alarm(daemon, bounce, "--queue", queue, user=user)
        expect(code == 0 and not err, f"{name}: exit {code} {err}")
        event = undeliverable(daemon)
        claimed = event.pop("claimed")
        expect(event == {"kind": "undeliverable", "queue": queue, "bounce_bytes": len(bounce),
                         "bounce_sha256": hashlib.sha256(bounce).hexdigest(), "readable": True}, f"{event}")
        expect((claimed["queue_id"], claimed["sender"], claimed["message_id"], claimed["id"]) ==
               (queue_id, "tanaka@sender.example", "<abc.1@sender.example>", mail_id), f"{claimed}")
        expect([(r["recipient"], r["status"]) for r in claimed["recipients"]] == [("taro@lgwan.example", status)], f"{claimed}")
        last = daemon.status()["alarms"]["last"][0]
        expect((last["queue"], last["queue_id"], last["status"], last["id"]) == (queue, queue_id, status, mail_id), f"{last}")
    expect(daemon.status()["alarms"]["count"] == 2, "the count")
    daemon.process.kill()
    daemon.process.wait()
    daemon.start()
    expect(daemon.status()["alarms"]["count"] == 2, "the count after a restart")


def test_alarm_hostile(daemon):
    """What cannot be read, or is no bounce, is recorded with its size and hash; a mail of mere bytes, behind the report,
    does not hide the report; the file of the state does not grow."""
    bounce = (BOUNCES / "san-refused.eml").read_bytes()
    for data, readable, recipients in ((b"", False, None), (b"x", True, 0), (os.urandom(300000), None, 0),
                                       (bounce[:1800] + os.urandom(70000), True, 1), (b"\0" * 5000000, False, None),
                                       (b"Content-Type: message/delivery-status\n\nX-Postfix-Queue-ID: \x1b[31m\xe2\x80\xae\"A\"\n"
                                        b"\nFinal-Recipient: x; \xff\xfe\n", True, 1)):
        code, err = alarm(daemon, data, "--queue", "san")
        expect(code == 0, f"exit {code} {err}")
        event = undeliverable(daemon)
        expect(event["bounce_bytes"] == len(data) and event["bounce_sha256"] == hashlib.sha256(data).hexdigest(), f"{event}")
        expect(readable is None or event["readable"] == readable, f"{len(data)} bytes: {event}")
        expect(event["readable"] == ("claimed" in event), f"{event}")
        expect(recipients is None or "claimed" not in event or event["claimed"]["recipients_count"] == recipients, f"{event}")
    expect(b"\x1b" not in (daemon.directory / "audit/audit.jsonl").read_bytes(), "an escape character in the audit")
    words = (daemon.directory / "state/alarms").read_text().split("\n")
    expect(words[0] == "mugai-alarms 1 6" and words[1].split()[1:] == ["san", "31mA", "-", "-"], f"{words[:3]}")
    shutil.copy2(LIAR, daemon.bin / "mugai-text")
    code, err = alarm(daemon, b"LIE 0\n\n" + bounce, "--queue", "san")
    expect(code == 0 and not undeliverable(daemon)["readable"], f"a parser that lies: exit {code} {err}")
    expect((daemon.directory / "state/alarms").stat().st_size == 1024, "the size of the file")


def test_alarm_not_recorded(daemon):
    """75 and no other code, whatever is wrong: Postfix would lose the bounce. It reads to the end all the same."""
    bounce = (BOUNCES / "san-refused.eml").read_bytes()
    state, audit = daemon.directory / "state", daemon.directory / "audit"
    bad = daemon.directory / "bad.yaml"
    bad.write_text("topology: behind-edge\nnonsense: 1\n")
    for words, settings in (((), None), (("--queue", ""), None), (("--queue", "a b"), None), (("--queue", "a" * 33), None),
                            (("--bogus",), None), (("--queue", "san", "more"), None), (("--queue",), None),
                            (("--queue", "san"), bad), (("--queue", "san"), daemon.directory / "none.yaml")):
        code, err = alarm(daemon, bounce, *words, settings=settings)
        expect(code == 75 and err, f"{words}: exit {code} {err}")
    for place in (state, audit, daemon.bin / "mugai-text"):
        away = place.with_name("away")
        place.rename(away)
        code, err = alarm(daemon, bounce, "--queue", "san")
        expect(code == 75 and err, f"without {place.name}: exit {code} {err}")
        away.rename(place)
    expect(not (audit / "audit.jsonl").exists() or not daemon.events(), "an event in spite of 75")
    expect(alarm(daemon, bounce, "--queue", "san")[0] == 0, "and when all is there again")
    # An audit that cannot grow: the count is taken back, so that the next try counts once.
    shutil.rmtree(audit)
    os.symlink("/dev", audit)
    full = daemon.directory / "full.yaml"
    full.write_text(daemon.settings.read_text().replace("audit.jsonl", "full"))
    code, err = alarm(daemon, bounce, "--queue", "san", settings=full)
    expect(code == 75 and "No space left" in err, f"a full disk: exit {code} {err}")
    expect((state / "alarms").read_text().startswith("mugai-alarms 1 1\n"), "the count")
    audit.unlink()
    audit.mkdir()


class Door(threading.Thread):
    """Postfix where it takes what Mugai wrote (submission.socket). answers: {first word of a command: what to answer}."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.path = daemon.directory / "door"
        self.answers, self.mails = {}, []
        self.listener = socket.socket(socket.AF_UNIX)

    def open(self):
        self.listener.bind(str(self.path))
        self.path.chmod(0o666)
        self.listener.listen(4)
        self.start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.join(30)
        self.listener.close()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                peer = self.listener.accept()[0]
                with peer, peer.makefile("rwb") as stream, contextlib.suppress(OSError):
                    self.talk(stream)

    def talk(self, stream):
        envelope = []
        stream.write(b"220 door\r\n")
        stream.flush()
        for line in iter(stream.readline, b""):
            word = line.split()[0].upper()
            envelope.append(line.strip())
            answer = self.answers.get(word, b"250 ok")
            if word == b"DATA" and answer == b"250 ok":
                stream.write(b"354 go\r\n")
                stream.flush()
                data = b"".join(iter(stream.readline, b".\r\n"))
                answer = self.answers.get(b".", b"250 2.0.0 Ok: queued as 4DOOR")
                if answer.startswith(b"2"):
                    self.mails.append((envelope[1:-1], data))
            stream.write(answer + b"\r\n")
            stream.flush()


FIELDS = tuple((b"X-%d" % n, b" x") for n in range(1100))
ADMINISTRATOR = "admin@city.example"


def with_door(daemon, more="", topology="behind-edge"):
    daemon.write(topology=topology)
    daemon.settings.write_text(daemon.settings.read_text() + more +
                               f"submission: {{socket: {daemon.directory}/door, group: '', administrator: {ADMINISTRATOR}}}\n")


def submit_one(daemon, more=FIELDS, body=b""):
    """Its final command and answer text; what was asked before, if anything."""
    milter = Milter(daemon)
    milter.begin(more)
    for start in range(0, len(body), 60000):
        milter.send(b"B", body[start:start + 60000])
    command, data, before = milter.end()
    milter.close()
    return command, data, [kind for kind, _ in before if kind != b"p"]


def test_submission(daemon):
    """The clean message of very many fields goes in by the door, and the original is dropped only when that has it."""
    daemon.start()
    expect("submission" not in daemon.status()["warnings"], "a warning without a door")
    with_door(daemon)
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.status()["reload"]["count"] == 1, 5, "the reload")
    expect("submission.socket: " in daemon.log() and daemon.status()["warnings"].count("submission") == 1, daemon.log())
    expect(submit_one(daemon)[0] == b"y" and "submission: " in daemon.log(), "without a door")
    door = Door(daemon)
    door.open()
    expect("submission" not in daemon.status()["warnings"], "the warning stays")
    for word, answer in ((b"HELO", b"421 busy"), (b"MAIL", b"452 full"), (b"RCPT", b"550 no"), (b"DATA", b"451 no"),
                         (b".", b"452 full"), (b".", b"354 what?")):
        door.answers = {word: answer}
        command, data, before = submit_one(daemon)
        expect(command == b"y" and data.startswith(b"451 ") and not before, f"{word} {answer}: {command} {data} {before}")
    expect(not door.mails, "a mail passed")
    counted, last = daemon.status()["messages"], daemon.events()[-1]
    expect(counted["delivered"] == 0 and counted["failed_environment"] == 7, f"{counted}")
    expect(last["outcome"] == "failed" and not last["blames_content"] and "354 what?" in last["error"], f"{last}")
    expect(last["id"] == daemon.events()[-2]["id"], "the event before it is of the same message")
    door.answers = {b"QUIT": b"500 no"}
    expect(submit_one(daemon)[::2] == (b"d", []), "the answer")
    (envelope, data), = door.mails
    expect(envelope == [b"MAIL FROM:<a@sender.example>", b"RCPT TO:<b@lgwan.example>"], f"{envelope}")
    expect(b"X-Mugai-Result: deliver;" in data and b"X-5:" not in data, f"{data}")
    expect("submitted anew as 4DOOR" in daemon.log(), "the log")
    door.close()


def test_submission_reload(daemon):
    """A message keeps the settings that it began with, whatever is loaded before its end."""
    door = Door(daemon)
    door.open()
    daemon.start()
    for count, (now, wanted, mails) in enumerate(((True, b"a", 0), (False, b"d", 1), (True, b"a", 1)), 1):
        milter = Milter(daemon)
        milter.envelope()
        if now:
            with_door(daemon)
        else:
            daemon.write()
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.status()["reload"]["count"] == count, 5, "the reload")
        milter.text(FIELDS)
        command, data, before = milter.end()
        expect(command == wanted and len(door.mails) == mails, f"door set: {now}: {command} {data}, {len(door.mails)} mails")
        expect(any(kind == b"m" for kind, _ in before) == (wanted == b"a"), "fields are deleted for a message that is replaced")
        milter.close()
    door.close()


def test_submission_refused(daemon):
    """In one hop, what is refused after all has been read goes to nobody."""
    with_door(daemon, "limits: {clean_message: 1MB}\n", topology="one-hop")
    door = Door(daemon)
    door.open()
    daemon.start()
    command, data, _ = submit_one(daemon, body=b"".join(b"%d a line of text\r\n" % n for n in range(100_000)))
    expect(command == b"y" and data.startswith(b"552 5.3.4"), f"{command} {data}")
    expect(not door.mails, "refused, and sent all the same")
    door.close()


def test_loop_notices(daemon):
    """Loops are all counted, but told one at a time: a notice that comes back, or a forger, does not fill a mailbox."""
    with_door(daemon)
    door = Door(daemon)
    daemon.start()
    looping = ((b"X-Mugai-Hops", b" 100"),)
    expect(submit_one(daemon, looping)[0] == b"y", "the notice was not taken, and the loop is dropped")
    door.open()
    for _ in range(3):
        expect(submit_one(daemon, looping)[::2] == (b"d", []), "a loop")
    (envelope, data), = door.mails
    expect(envelope == [b"MAIL FROM:<>", f"RCPT TO:<{ADMINISTRATOR}>".encode()], f"{envelope}")
    expect(b"X-Mugai-Hops: 1\r\n" in data, "the notice would be dropped where it is forwarded")
    now = daemon.status()
    expect((now["alarms"]["count"], now["messages"]["discarded"]) == (3, 3), f"{now['alarms']} {now['messages']}")
    door.close()


CONVERTS = """\
name: converting
rules: [{name: all, message: deliver, parts: {action: image-pdf, not-scanned: allow}}]
"""
ENDLESS = ("endless.pdf", "application/pdf", documents.endless_pdf())
LETTER = ("letter.pdf", "application/pdf", documents.pdf("a letter"))


def start_converting(daemon, limits="", work=""):
    daemon.policy.write_text(CONVERTS)
    daemon.settings.write_text(daemon.settings.read_text().replace("work: {", "work: {" + work) + f"limits: {{{limits}}}\n")
    daemon.start()


def begin_documents(daemon, subject, *files):
    """A mail with files, up to the question what becomes of it."""
    milter = Milter(daemon)
    head, _, body = documents.mail(subject, *files).partition(b"\r\n\r\n")
    milter.envelope()
    for line in head.split(b"\r\n"):
        milter.send(b"L", line.replace(b":", b"\0", 1) + b"\0")
    milter.send(b"N")
    for at in range(0, len(body), 60000):
        milter.send(b"B", body[at:at + 60000])
    milter.send(b"E")
    return milter


def end_documents(milter, body=None):
    """(final command, its data) after begin_documents(); body: a list for the pieces of the new one."""
    while True:
        command, data = milter.receive()
        if command not in (b"h", b"m", b"b", b"p", b"i"):
            milter.close()
            return command, data
        if command == b"b" and body is not None:
            body.append(data)


def statuses(daemon):
    """What the last audit event says of the attachments."""
    return [part["conversion"]["status"] for part in daemon.events()[-1]["parts"] if "conversion" in part]


def drawing(daemon):
    """The one process that draws."""
    kinds = {kind["name"]: kind for kind in daemon.status()["supervisor"]["kinds"]}
    if kinds["render"]["running"] != 1:
        return None
    found = processes.snapshot()
    jails = [pid for pid in below_supervisor(daemon) if pid in found and "render" in found[pid][0]
             and pid != kinds["render"]["zygote"]]
    return max(jails, key=lambda pid: found[pid][3], default=None)


def busy(daemon):
    """The same, when it has used some time: then it is none of the spare ones."""
    pid = drawing(daemon)
    return pid if pid and processes.cpu_seconds([pid]) >= 0.2 else None


def test_documents_killed(daemon):
    """A jail that somebody kills: the mail is to come again."""
    start_converting(daemon)
    milter = begin_documents(daemon, "killed", ENDLESS)
    pid = wait_until(lambda: busy(daemon), 30, "it is drawn")
    expect(os.getpriority(os.PRIO_PROCESS, pid) >= 10, f"nice {os.getpriority(os.PRIO_PROCESS, pid)}")
    os.kill(pid, signal.SIGKILL)
    command, data = end_documents(milter)
    expect(command == b"y" and data.startswith(b"451 4.3.0"), f"killed: {command} {data}")
    expect(daemon.events()[-1]["outcome"] == "failed" and not daemon.events()[-1]["blames_content"], f"{daemon.events()[-1]}")
    now = daemon.status()["documents"]
    expect(now == {"in_work": 0, "waiting": 0, "drawn": 1, "shared": 0}, f"{now}")
    for language, words in (("ja_JP.UTF-8", "変換した文書"), ("C.UTF-8", "documents converted")):
        expect(words in mugai_status(daemon, language=language)[1], f"{language}: {mugai_status(daemon)}")


def test_documents_crash(daemon):
    """A jail that dies of its document, or lies: the part is taken out, and another copy of the mail does not try again."""
    shutil.copy2(Path(LIAR).parent / "mugai-render-liar", daemon.bin / "mugai-render")
    table = (Path(__file__).resolve().parent / "test_render.c").read_text()
    lies = re.findall(r'\{ \.name = "([^"]+)"', table.partition(" lies[] = {")[2])
    start_converting(daemon, "document_cpu: 1s, document_wall: 5s")
    for number, (lie, status) in enumerate((("dies midway", "crash"), ("leaves midway", "crash"), ("eats memory", "memory"),
                                            ("spins", "time")), 1):
        file = ("file.pdf", "application/pdf", b"LIE %d" % lies.index(lie))
        for _ in range(2):
            expect(end_documents(begin_documents(daemon, lie, file))[0] == b"a" and statuses(daemon) == [status],
                   f"{lie}: {daemon.events()[-1]}")
        now = daemon.status()["documents"]
        expect((now["drawn"], now["shared"]) == (number, number), f"{lie}: {now}")
    file = ("file.pdf", "application/pdf", b"LIE %d" % lies.index("waits"))
    for number, wanted in enumerate((b"y", b"y", b"a")):
        command, data = end_documents(begin_documents(daemon, "waits", file))
        expect(command == wanted, f"waits, {number}: {command} {data}")
    expect(statuses(daemon) == ["time"], f"waits: {daemon.events()[-1]}")


def test_documents_zygote(daemon):
    """The zygote of those that draw is killed: what is drawn goes on, and what comes next is drawn."""
    def zygote():
        return next(kind for kind in daemon.status()["supervisor"]["kinds"] if kind["name"] == "render")
    start_converting(daemon, "document_cpu: 4s")
    milter = begin_documents(daemon, "endless", ENDLESS)
    wait_until(lambda: busy(daemon), 30, "it is drawn")
    os.kill(zygote()["zygote"], signal.SIGKILL)
    expect(end_documents(begin_documents(daemon, "letter", LETTER))[0] == b"a" and statuses(daemon) == ["complete"],
           f"after it: {daemon.events()[-1]}")
    expect(end_documents(milter)[0] == b"a" and statuses(daemon) == ["time"], f"before it: {daemon.events()[-1]}")
    expect(zygote()["zygote_restarts"] == 1 and daemon.status()["well"], f"{daemon.status()}")


def test_documents_memory(daemon):
    """Where all jails together may never take what a document needs it is taken out, and the log says why."""
    start_converting(daemon, work="memory: 1200MB, ")
    expect("work.memory: 1200 MB for all jails" in daemon.log(), "no warning at the start")
    expect(end_documents(begin_documents(daemon, "letter", LETTER))[0] == b"a" and statuses(daemon) == ["memory"],
           f"{daemon.events()[-1]}")
    expect("a render jail needs" in daemon.log(), "the log does not say what is too small")


def test_documents_deadline(daemon):
    """What is not drawn in the time of its message is taken out, and the message comes in time."""
    start_converting(daemon, "total: 6s, parse_wall: 5s", "wait: 5s, ")
    start = time.monotonic()
    files = [(f"{number}.pdf", "application/pdf", documents.endless_pdf(number)) for number in range(4)]
    expect(end_documents(begin_documents(daemon, "late", LETTER, *files))[0] == b"a", f"{daemon.events()[-1]}")
    took = time.monotonic() - start
    expect(statuses(daemon) == ["complete"] + ["deadline"] * 4, f"{statuses(daemon)}")
    expect(took < 6, f"it took {took:.1f} s")
    wait_until(lambda: daemon.status()["documents"]["in_work"] == 0, 10, "nothing is drawn for nobody")


def test_documents_crowd(daemon):
    """Not all that may come in at once may wait for documents: some are to come again, and there is room for texts."""
    start_converting(daemon)
    milters = [begin_documents(daemon, f"crowd {number}", ("a.pdf", "application/pdf", documents.endless_pdf(number)))
               for number in range(12)]
    wait_until(lambda: daemon.status()["messages"]["failed_environment"] == 2, 30, "two are to come again")
    expect(send_one(daemon)[0] == b"a", "a text beside them")
    time.sleep(2)
    now = daemon.status()
    expect(now["messages"]["failed_environment"] == 2, f"{now['messages']}")
    expect((now["documents"]["in_work"], now["documents"]["waiting"]) == (2, 8), f"of one sender: {now['documents']}")
    daemon.process.kill()
    daemon.process.wait()
    for milter in milters:
        milter.close()


def test_documents_no_program(daemon):
    """A policy that converts, and a program for it that does not start: neither does the daemon, and says which."""
    program = daemon.bin / "mugai-render"
    for change, word in ((lambda: program.chmod(0o644), "render zygote"), (program.unlink, "mugai-render: No such file")):
        change()
        daemon.policy.write_text(CONVERTS)
        done = run_check(daemon)
        expect(done.returncode == 69 and word in done.stderr, f"{word}: exit {done.returncode} {done.stderr}")


def test_documents_reload_no_program(daemon):
    """The same at a reload: refused, and told; the policy that converts nothing stays."""
    program = daemon.bin / "mugai-render"
    program.chmod(0o644)
    daemon.start()
    daemon.policy.write_text(CONVERTS)
    checked = subprocess.run([str(daemon.bin / "mugai"), "check", "--config", str(daemon.settings), "--policy", str(daemon.policy)],
                             text=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    expect(checked.returncode == 0 and "what draws them does not start here" in checked.stderr, f"check: {checked}")
    daemon.hang_up()
    wait_until(lambda: daemon.status()["reload"]["count"] == 1, 60, "the reload")
    now = daemon.status()
    expect(now["reload"]["result"] == "refused" and "mugai-render does not start" in now["reload"]["text"], f"{now['reload']}")
    expect("reload" in now["warnings"] and now["policy"]["name"] == "strictest", f"{now['warnings']} {now['policy']}")
    expect("mugai-render does not start" in daemon.log(), "the log does not say why")
    program.chmod(0o755)
    daemon.hang_up()
    wait_until(lambda: daemon.status()["reload"]["count"] == 2, 60, "the second reload")
    now = daemon.status()
    expect(now["reload"]["result"] == "done" and "reload" not in now["warnings"], f"{now['reload']} {now['warnings']}")
    expect(kind_of(now, "render")["zygote"] != 0, f"{now['supervisor']['kinds']}")


def office_of(daemon):
    """{family: why it does not work, or ""}, when that is known."""
    now = daemon.status()["office"]
    return {family["name"]: family["why"] for family in now["families"]} if now["state"] == "tested" else None


def pdfs(body):
    """The image PDFs in a new body, as they are written there."""
    return re.findall(rb"JVBERi0[\w+/=\r\n]+", b"".join(body))


def test_office(daemon):
    """Office documents of four formats become image PDFs, those too that came before LibreOffice was tested; a child that waits for
    one and is killed, or stopped, is replaced while others work."""
    shutil.copy2(daemon.source / "mugai-office", daemon.bin / "mugai-office")
    start_converting(daemon, "document_cpu: 10s, document_wall: 20s")
    body = []
    expect(end_documents(begin_documents(daemon, "four", *documents.OFFICE), body)[0] == b"a", f"{daemon.events()[-1]}")
    event = daemon.events()[-1]
    parts = [(part["action"], part["conversion"]["status"], part["conversion"]["format"]) for part in event["parts"]]
    expect(parts == [("image-pdf", "complete", form) for form in ("Word (OOXML)", "Excel (OOXML)", "PowerPoint (OOXML)", "ODF text")], f"{parts}")
    expect(event["parts"][1]["conversion"]["hidden"] == {"rows": 1}, f"{event['parts'][1]}")
    expect(office_of(daemon) == {"writer": "", "calc": "", "impress": ""}, f"{daemon.status()['office']} {daemon.log()}")
    now = daemon.status()
    expect(now["well"] and "office" not in now["warnings"] and "Office: calc works" in daemon.log(), f"{now['warnings']} {daemon.log()}")
    # The same again is not the same mail: drawn anew, and the same bytes.
    again = []
    expect(end_documents(begin_documents(daemon, "four ", *documents.OFFICE), again)[0] == b"a", f"{daemon.events()[-1]}")
    expect(pdfs(body) == pdfs(again) and len(pdfs(body)) == 4 and daemon.status()["documents"]["drawn"] == 8,
           f"{len(pdfs(body))} {daemon.status()['documents']}")

    def spares():
        kind = kind_of(daemon.status(), "office")
        found = processes.snapshot()
        jails = [pid for pid in below_supervisor(daemon) if pid in found and "office" in found[pid][0] and pid != kind["zygote"]]
        return jails if kind["spare"] == 2 and kind["running"] == 0 and len(jails) == 2 else None
    killed = wait_until(spares, 30, "two wait")[0]
    os.kill(killed, signal.SIGKILL)
    # Who gets it before the supervisor has seen its end is told to come again.
    wait_until(lambda: not Path(f"/proc/{killed}").exists(), 30, "its end is seen")
    expect(end_documents(begin_documents(daemon, "killed", documents.OFFICE[0]))[0] == b"a" and statuses(daemon) == ["complete"],
           f"{daemon.events()[-1]}")
    stopped = wait_until(spares, 30, "two wait again")
    expect(killed not in stopped, "the killed one is still there")
    os.kill(stopped[0], signal.SIGSTOP)
    answers = [end_documents(milter)[0] for milter in
               [begin_documents(daemon, f"stopped {number}", documents.OFFICE[0]) for number in range(2)]]
    expect(sorted(answers) == [b"a", b"y"], f"{answers} {daemon.events()[-2:]}")
    left = wait_until(spares, 30, "two wait at the end")
    expect(stopped[0] not in left and not Path(f"/proc/{stopped[0]}").exists(), "the stopped one is still there")
    expect(daemon.status()["well"] and kind_of(daemon.status(), "office")["zygote_restarts"] == 0, f"{daemon.status()}")


def test_office_missing(daemon):
    """Without LibreOffice its documents are removed, with that reason, and what needs none is converted; no mail comes again."""
    start_converting(daemon)
    wait_until(lambda: office_of(daemon), 30, "the test")
    expect(set(office_of(daemon).values()) == {"mugai-office is not installed"}, f"{office_of(daemon)}")
    expect(end_documents(begin_documents(daemon, "without", *documents.OFFICE[:2], LETTER))[0] == b"a", f"{daemon.events()[-1]}")
    expect(statuses(daemon) == ["unavailable", "unavailable", "complete"], f"{daemon.events()[-1]}")
    now = daemon.status()
    expect(now["well"] and now["warnings"].count("office") == 1, f"{now['warnings']}")
    expect("calc does not work (mugai-office is not installed)" in daemon.log(), daemon.log())
    for language, words in (("ja_JP.UTF-8", "変換できず取り除かれる Office 文書"), ("C.UTF-8", "cannot be converted and are removed")):
        expect(words in mugai_status(daemon, language=language)[1], f"{language}: {mugai_status(daemon)}")


def test_office_liar(daemon):
    """A LibreOffice that lets macros run, or does not read its documents, is said so; and the PDF that it makes is read in another jail."""
    shutil.copy2(Path(LIAR).parent / "mugai-office-liar", daemon.bin / "mugai-office")
    start_converting(daemon)
    wait_until(lambda: office_of(daemon), 60, "the test")
    expect(office_of(daemon) == {"writer": "", "calc": "its macro ran", "impress": "damaged"}, f"{office_of(daemon)}")
    expect(daemon.status()["office"]["text"] == "calc: its macro ran; impress: damaged", f"{daemon.status()['office']}")
    expect(end_documents(begin_documents(daemon, "lie", ("a.rtf", "application/rtf", b"LIE 0")))[0] == b"a", f"{daemon.events()[-1]}")
    part = daemon.events()[-1]["parts"][0]
    # What it calls a PDF is none.
    expect(part["conversion"]["status"] == "crash" and part["conversion"]["format"] == "Word (OOXML)", f"{part}")
    before = kind_of(daemon.status(), "office")["started"]
    daemon.hang_up()
    wait_until(lambda: kind_of(daemon.status(), "office")["started"] == before + 3, 60, "a reload has it tested again")


def kind_of(status, name):
    return next(kind for kind in status["supervisor"]["kinds"] if kind["name"] == name)


def run_check(daemon, *words):
    return subprocess.run([str(daemon.bin / "mugaid"), "--config", str(daemon.settings), *words], text=True,
                          capture_output=True, timeout=30, stdin=subprocess.DEVNULL)


def test_check(daemon):
    """--check says all errors of both files at once; a wrong start has the right exit code."""
    done = run_check(daemon, "--check")
    expect(done.returncode == 0 and done.stdout == "settings and policy are well\n", f"{done}")
    daemon.settings.write_text(daemon.settings.read_text() + f"submission: {{socket: {daemon.directory}/door, group: ''}}\n")
    done = run_check(daemon, "--check")
    expect(done.returncode == 0 and f"submission.socket: {daemon.directory}/door: No such file" in done.stderr, f"{done}")
    daemon.write()
    daemon.settings.write_text(daemon.settings.read_text() + "submission: {socket: /x, group: no-such-group}\n")
    done = run_check(daemon, "--check")
    expect(done.returncode == 78 and 'submission.group: "no-such-group" does not exist' in done.stderr, f"{done}")
    daemon.write()
    if ROOT:
        shutil.chown(daemon.directory / "state", "root")
        done = run_check(daemon, "--check")
        expect(done.returncode == 77 and "state: Permission denied" in done.stderr, f"{done}")
        shutil.chown(daemon.directory / "state", WORK_USER)
    daemon.settings.write_text(daemon.settings.read_text() + "work_: 1\nlimits: {message: 50, total: 1}\n")
    daemon.policy.write_text("rules: []\n")
    done = run_check(daemon, "--check", "--policy", str(daemon.policy))
    expect(done.returncode == 78, f"exit {done.returncode}")
    for word in ("work_", "limits.message", "limits.total", "policy.yaml"):
        expect(word in done.stderr, f"{word} is not named in: {done.stderr}")
    expect(run_check(daemon).returncode == 78, "it started with bad settings")
    daemon.write(group="no-such-group")
    expect(run_check(daemon).returncode == 78, "it started with an unknown group")
    daemon.write()
    daemon.settings.write_text(re.sub("policy: .*\n", "", daemon.settings.read_text()))
    expect(run_check(daemon).returncode == 78, "it started without a policy file")
    daemon.write()
    (daemon.directory / "state").rmdir()
    done = run_check(daemon)
    expect(done.returncode == 73, f"without its state directory: exit {done.returncode} {done.stderr}")
    expect(not daemon.milter_socket.exists(), "a failed start leaves its socket")
    expect(run_check(daemon, "--nonsense").returncode == 64 and run_check(daemon, "word").returncode == 64, "usage")
    daemon.settings.unlink()
    expect(run_check(daemon).returncode == 78, "it started without settings")


TESTS = {name[len("test_"):]: function for name, function in globals().items() if name.startswith("test_")}


def main():
    global LIAR
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    LIAR = sys.argv[2]
    failed = False
    for name in sys.argv[3:] or TESTS:
        try:
            with Daemon(sys.argv[1]) as daemon:
                TESTS[name](daemon)
            print(f"ok {name}", flush=True)
        except (Failure, OSError) as failure:
            failed = True
            print(f"not ok {name}: {failure}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
