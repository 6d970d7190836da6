#!/usr/bin/env -S python3 -B
"""mugaid_test.py BIN_DIRECTORY LIAR [TEST...]: the daemon as a process: signals, sockets, start and end. LIAR: a
parser that lies.

No Postfix: the milter protocol is spoken here, so that both sides can misbehave.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "smtp"))
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

    def launch(self, *words, user=None, **environment):
        with open(self.log_path, "ab") as log:
            return subprocess.Popen([str(self.bin / "mugaid"), "--config", str(self.settings), *words],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                    env=dict(os.environ, **environment), user=user)

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

    def lie(self, number):
        """A "mail" that tells a lying parser which lie to tell; its answer is that of end()."""
        self.envelope()
        self.send(b"L", b"LIE\0%d\0" % number)
        self.send(b"N")
        self.send(b"B", b"body\r\n")
        return self.end()

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
    milter.send(b"D", b"Ei\0" + b"4X; deliver\n<3>mugaid: \xe2\x80\xaeforged" + b"9" * 40 + b"\0")
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


def test_notify(daemon):
    """READY=1 comes when the socket is there, to a path and to an abstract name."""
    for name in (str(daemon.directory / "notify"), f"@mugaid-test-{os.getpid()}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind("\0" + name[1:] if name[0] == "@" else name)
            if name[0] != "@":
                os.chmod(name, 0o777)
            manager.settimeout(30)
            daemon.process = daemon.launch(NOTIFY_SOCKET=name)
            expect(manager.recv(100) == b"READY=1", "the first word is READY=1")
            Milter(daemon).close()
            daemon.process.terminate()
            expect(manager.recv(100) == b"STOPPING=1", "STOPPING=1 at the end")
            daemon.expect_end(0)


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


def run_check(daemon, *words):
    return subprocess.run([str(daemon.bin / "mugaid"), "--config", str(daemon.settings), *words], text=True,
                          capture_output=True, timeout=30, stdin=subprocess.DEVNULL)


def test_check(daemon):
    """--check says all errors of both files at once; a wrong start has the right exit code."""
    done = run_check(daemon, "--check")
    expect(done.returncode == 0 and done.stdout == "settings and policy are well\n", f"{done}")
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
