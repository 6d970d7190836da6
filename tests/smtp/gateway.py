"""A private mail laboratory with Mugai in it, for the tests of the whole.

    with Scene(bin_directory) as scene:
        with Mugaid(scene) as mugaid:
            scene.send(...)

It has three zones in network namespaces of their own (tests/lab): "internet", "gateway" and "lgwan". Mails are sent
from the internet zone; mugaid runs in the gateway zone.

Everything is under one scratch directory, which is removed at the end with every process in it. What had to be
killed, or was left behind, is a Failure: it is a fault of the program under test.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import processes
import send as smtp
import zones

TESTS = Path(__file__).resolve().parent.parent
MAILS = TESTS / "mails"
LAB = str(TESTS / "lab")
# Who the jails run as in tests without a laboratory: exists on every Debian, and owns nothing.
WORK_USER = "nobody"
# The programs run from a copy that this user can reach, wherever the build tree is.
PROGRAMS = ("mugaid", "mugai", "mugai-mail", "mugai-parse", "mugai-text", "mugai-render", "mugai-verify")


class Failure(Exception):
    """Something that was expected did not happen."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def wait_until(condition, seconds, what):
    """The first true value of condition(), asked again and again."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        expect(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(0.02)


def exit_on_signals():
    """SIGTERM and SIGHUP unwind like ^C, so that nothing is left behind."""
    def leave(number, _frame):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


@dataclass
class Stored:
    """One message at a sink."""
    path: Path
    sender: str
    recipients: list
    time: float

    @property
    def data(self):
        return self.path.read_bytes()


class Scene:
    """Scratch directory, copied programs and the laboratory: three zones, Postfix and its neighbours."""

    def __init__(self, bin_directory, topology="tee", milter=None, sinks=True, spool=None, plan="same-address",
                 authentication=False):
        self.bin_source = Path(bin_directory)
        self.topology = topology
        self.plan = plan
        self.parameters = {"TOPOLOGY": topology, "PLAN": plan, "OWNER": str(os.getpid()),
                           "AUTH": "yes" if authentication else "no", "SINKS": "yes" if sinks else "no"}
        if milter is not None:
            self.parameters["MILTER"] = milter
        self.spool_parent = spool

    def __enter__(self):
        parent = os.environ.get("MUGAI_SCRATCH") or tempfile.gettempdir()
        self.directory = Path(tempfile.mkdtemp(prefix="mugai-lab.", dir=parent))
        self.spool = self.directory
        try:
            self._fill()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _fill(self):
        self.directory.chmod(0o755)
        self.bin = self.directory / "bin"
        self.bin.mkdir()
        for name in PROGRAMS:
            if (self.bin_source / name).exists():
                shutil.copy2(self.bin_source / name, self.bin / name)
        # In the gateway zone this directory is /run/mugai and /etc/mugai.
        self.socket = self.directory / "gateway" / "milter.sock"
        self.socket.parent.mkdir()
        if self.spool_parent:
            self.spool = Path(tempfile.mkdtemp(prefix="mugai-spool.", dir=self.spool_parent))
            self.spool.chmod(0o755)
        self.lab("start", environment=dict(os.environ, SPOOL=str(self.spool), **self.parameters))
        lines = (self.directory / "lab.env").read_text().splitlines()
        self.settings = dict(line.split("=", 1) for line in lines)
        self.address = self.endpoint("SMTP")
        self.log_directory = self.directory / "root" / "log"

    def endpoint(self, name):
        """(host, port) of "SMTP" (edge), "LGWAN" or "MAILBOX" (the sinks), each in its zone."""
        host, _, port = self.settings[name].partition(":")
        return host, int(port)

    def __exit__(self, kind, _value, _trace):
        # A second ^C must not leave half of it standing.
        old = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)}
        stopped = self.lab("stop", check=False)
        if kind and os.environ.get("MUGAI_KEEP"):
            print(f"kept: {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)
            shutil.rmtree(self.spool, ignore_errors=True)
        for number, handler in old.items():
            signal.signal(number, handler)
        if not kind:
            expect(stopped.returncode == 0, f"left behind: {stopped.stderr.strip()}")

    def lab(self, *words, check=True, environment=None):
        done = subprocess.run([LAB, words[0], str(self.directory), *words[1:]], text=True, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check:
            expect(done.returncode == 0, f"lab {words[0]}: {done.stderr.strip()}")
        return done

    def holder(self, zone):
        """The process that keeps a zone's namespaces."""
        return int((self.directory / "zones" / zone).read_text())

    def inside(self, zone, *command):
        """The command line that runs command in a zone; the program takes the place of the one that is started."""
        options = ["--net", "--mount"] if zone == "gateway" else ["--net"]
        return ["nsenter", "--target", str(self.holder(zone)), *options, "--", *map(str, command)]

    def exec(self, zone, *command, check=True, timeout=60, **words):
        """Runs a command in a zone to its end; what it printed is text unless words say otherwise."""
        words = {"text": True, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | words
        done = subprocess.run(self.inside(zone, *command), timeout=timeout, check=False, **words)
        if check:
            expect(done.returncode == 0, f"{command[0]} in {zone}: exit {done.returncode} {done.stderr}")
        return done

    def postconf(self, instance, **settings):
        """Changes main.cf of "edge", "san" or "one-hop" and has it read again."""
        self.lab("postconf", instance, *(f"{name}={value}" for name, value in settings.items()))

    def connect(self, zone, address=None, timeout=60, source=None):
        """A TCP connection from a zone, to edge unless address says otherwise."""
        return zones.connect(self.holder(zone), address or self.address, timeout, source)

    def connects(self, zone, address, user=None, timeout=3):
        """Whether a TCP connection from a zone comes about; from the gateway also as another user."""
        if user:
            host, port = address
            return self.exec(zone, "setpriv", f"--reuid={user}", "--clear-groups", "timeout", timeout, "bash", "-c",
                             f": < /dev/tcp/{host}/{port}", check=False).returncode == 0
        with contextlib.suppress(OSError), self.connect(zone, address, timeout):
            return True
        return False

    def try_send(self, data, recipients=("soumu@city.example.lg.jp",), sender="citizen@sender.example", zone="internet",
                 source=None, name="mail.sender.example", timeout=60, options=()):
        """(code, text) of the answer that decided. source: the client's address, name: its HELO, options: of MAIL."""
        def connect(address, seconds):
            return self.connect(zone, address, seconds, source)
        return smtp.send(self.address, sender, recipients, data, timeout, connect, name, options)

    def send(self, data, recipients=("soumu@city.example.lg.jp",), sender="citizen@sender.example", **words):
        """Sends to the outer Postfix and demands that it takes the mail."""
        code, text = self.try_send(data, recipients, sender, **words)
        expect(code == 250, f"the mail was not taken: {code} {text}")

    def at(self, sink):
        """All messages that a sink ("mailbox" or "lgwan") has, in order of arrival."""
        found = []
        for path in sorted((self.directory / sink).glob("*.eml")):
            envelope = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            found.append(Stored(path, **envelope))
        return found

    def wait_at(self, sink, count, seconds=30):
        return wait_until(lambda: len(self.at(sink)) >= count and self.at(sink), seconds,
                          f"{count} messages at the sink {sink} (it has {len(self.at(sink))})")

    def flush(self):
        self.lab("flush")

    def queued(self):
        return int(self.lab("queue").stdout)

    def drain(self, seconds=60):
        self.lab("drain", str(seconds))

    def verify(self, path):
        """(accepted, what mugai-verify said) for one message file."""
        done = subprocess.run([str(self.bin / "mugai-verify"), str(path)], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, errors="replace")
        return done.returncode == 0, " ".join(f"exit {done.returncode} {done.stdout}".split())

    def expect_clean(self, stored):
        accepted, said = self.verify(stored.path)
        expect(accepted, f"mugai-verify refuses {stored.path.name}: {said}")


SETTINGS = """\
topology: {topology}
state:
  directory: {directory}/state
milter:
  socket: {directory}/milter.sock
  group: postfix
status:
  socket: {directory}/status.sock
submission:
  socket: {submission}
  administrator: alarm@city.example.lg.jp
policy: {directory}/policy.yaml
notices:
  language: {language}
audit:
  file: {directory}/audit/audit.jsonl
work:
  user: mugai
"""

POLICY = """\
name: strictest
rules:
  - name: everything
    message: deliver
    parts: remove
"""


class Mugaid:
    """The daemon, run as a service manager would run it."""

    def __init__(self, scene, language="ja", policy=POLICY, more=""):
        """policy and more (further settings) are text of YAML files."""
        self.scene = scene
        self.more = more
        self.directory = scene.socket.parent
        self.settings = self.directory / "mugai.yaml"
        self.log_path = self.directory / "mugaid.log"
        self.process = None
        # In the gateway zone this is the user mugai; outside the number may have no name.
        self.user = int(scene.settings["MUGAI_UID"])
        self.write_settings(language)
        (self.directory / "policy.yaml").write_text(policy)
        for name in ("state", "audit"):
            (self.directory / name).mkdir(exist_ok=True)
            os.chown(self.directory / name, self.user, self.user)
        os.chown(self.directory, self.user, self.user)

    def write_settings(self, language="ja"):
        topology = "behind-edge" if self.scene.topology == "tee" else "one-hop"
        instance = "san" if topology == "behind-edge" else "onehop"
        text = SETTINGS.format(topology=topology, directory=self.directory, language=language,
                               submission=f"/var/spool/postfix-{instance}/public/mugai-submit")
        self.settings.write_text(text + self.more)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, _value, _trace):
        if kind:
            with contextlib.suppress(Failure):
                self.stop()
        else:
            self.stop()

    def start(self, seconds=30):
        self.launch()
        wait_until(self.ready, seconds, "mugaid listens")

    def launch(self):
        log = open(self.log_path, "ab")
        with log:
            command = self.scene.inside("gateway", self.scene.bin / "mugaid", "--config", self.settings)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")

    def ready(self):
        """A socket file alone proves nothing: a killed daemon leaves one. It opens that for mail first."""
        expect(self.process.poll() is None, f"mugaid ended ({self.process.returncode}): {self.log()[-1500:]}")
        for path in (self.scene.socket, self.directory / "status.sock"):
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(str(path))
                except OSError:
                    return False
        return True

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def events(self):
        """The events of the audit file."""
        path = self.directory / "audit" / "audit.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line)["event"] for line in lines]

    def status(self):
        """What it says of itself, as "mugai status --json" prints it."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(30)
            peer.connect(str(self.directory / "status.sock"))
            return json.loads(b"".join(iter(lambda: peer.recv(65536), b"")))

    def family(self):
        """{pid: name} of everything that runs from the copied programs."""
        return processes.below(self.scene.bin)

    def stop(self, seconds=20):
        """SIGTERM; then nothing of it may be left."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"mugaid did not end within {seconds} s of SIGTERM") from None
        wait_until(lambda: not self.family(), 10, f"all processes of mugaid are gone; left: {self.family()}")
        return code
