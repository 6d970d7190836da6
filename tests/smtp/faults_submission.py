"""Faults of the way by which clean messages of very many header fields reach san (submission.socket)."""
import contextlib
import signal
import socket
import threading

from faults_case import expect, fault, time, wait_until

# Known before the fields that are too many to be read.
FIELDS = 'Content-Type: multipart/mixed; boundary="x"\n' + "".join(f"X-{n}: {n}\n" for n in range(1100))


def real_door(case):
    return case.scene.spool / "spool" / "postfix-san" / "public" / "mugai-submit"


class Passage(threading.Thread):
    """A door before san's own: one step of each conversation can be held until something has been done.

    Steps are the commands, "." for the end of the text, and "taken" for san's answer to that.
    """

    def __init__(self, case):
        super().__init__(daemon=True)
        self.case, self.path = case, case.mugaid.directory / "door"
        self.step = self.action = None
        self.acted = 0
        self.listener = socket.socket(socket.AF_UNIX)

    def __enter__(self):
        self.listener.bind(str(self.path))
        self.path.chmod(0o666)
        self.listener.listen(8)
        self.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.join(30)
        self.listener.close()

    def at(self, step, action):
        """Once, the next time that step comes."""
        self.step, self.action = step, action

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                with client, contextlib.suppress(OSError, EOFError):
                    self.pass_on(client)

    def pass_on(self, client):
        with socket.socket(socket.AF_UNIX) as server:
            server.settimeout(30)
            server.connect(str(real_door(self.case)))
            ours, sans = client.makefile("rwb"), server.makefile("rwb")
            self.answer(sans, ours)
            while line := ours.readline():
                word = line.split()[0].decode()
                self.reach(word)
                sans.write(line)
                if self.answer(sans, ours).startswith(b"354"):
                    text = list(iter(ours.readline, b".\r\n"))
                    sans.write(b"".join(text))
                    self.reach(".")
                    sans.write(b".\r\n")
                    self.answer(sans, ours, "taken")

    def answer(self, sans, ours, step=None):
        sans.flush()
        line = sans.readline()
        self.reach(step)
        ours.write(line)
        ours.flush()
        return line

    def reach(self, step):
        if step is None or step != self.step:
            return
        self.step = None
        self.action()
        self.acted += 1
        raise EOFError(step)


@contextlib.contextmanager
def passage(case):
    with case.laboratory(start=False) as mugaid:
        mugaid.asked = {"submission.socket": str(mugaid.directory / "door")}
        mugaid.write_settings()
        mugaid.start()
        with Passage(case) as between:
            yield between


@fault("submission", "完成品の受け口が消え、後で戻る")
def submission_gone(case):
    with case.laboratory():
        door = real_door(case)
        door.rename(door.with_name("aside"))
        case.send(2, head=FIELDS)
        case.wait_deferred(2)
        case.expect_nothing_passed()
        expect("submission" in case.status()["warnings"], "mugai status does not tell")
        case.send()
        case.wait_arrived(1)
        door.with_name("aside").rename(door)
        case.wait_arrived(3)
        expect(case.status()["warnings"].count("submission") == 0, "the warning stays")


@fault("submission", "受け口への途中で mugaid を kill -9（5 つの時点で）")
def submission_killed(case):
    """Before san has the message: it comes again, once."""
    with passage(case) as between:
        for number, step in enumerate(("HELO", "MAIL", "RCPT", "DATA", "."), 1):
            between.at(step, case.mugaid.kill)
            case.send(head=FIELDS)
            wait_until(lambda count=number: between.acted == count, 60, f"the kill at {step}")
            case.mugaid.wait_back(number)
            case.wait_arrived(number)
        expect(set(case.mugaid.ends) == {-signal.SIGKILL}, f"exit codes {case.mugaid.ends}")


@fault("submission", "受け口に渡した直後、元を捨てる前に mugaid を kill -9")
def submission_killed_after(case):
    """San has the message, and nobody could tell edge: SMTP itself doubles it."""
    with passage(case) as between:
        for number, step in enumerate(("taken", "QUIT"), 1):
            between.at(step, case.mugaid.kill)
            case.send(head=FIELDS).copies = 2
            case.mugaid.wait_back(number)
            case.wait_arrived(2 * number)
        bodies = {stored.data.partition(b"\r\nDate:")[2] for stored in case.scene.at("lgwan")}
        expect(len(bodies) == 2, "the two copies differ")
        case.note("2 通は同じ内容。受領の返事が失われたときの重複は SMTP そのものの性質で、失うよりよい")


@fault("submission", "受け口が固まる: mugaid の停止（SIGTERM）は待たされない")
def submission_hangs(case):
    with passage(case) as between:
        held, over = threading.Event(), threading.Event()
        between.at("DATA", lambda: held.set() or over.wait(120))
        case.send(head=FIELDS)
        expect(held.wait(60), "the message came to the door")
        start = time.monotonic()
        expect(case.mugaid.stop() == 0 and time.monotonic() - start < 30, f"exit codes {case.mugaid.ends}")
        over.set()
        case.expect_nothing_passed()
        case.mugaid.start()
        case.wait_arrived(1)
