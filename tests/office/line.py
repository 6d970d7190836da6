"""line: documents through both jails one after the other (tests/office_line), and through a cold soffice beside it."""
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import processes

SOFFICE = "/usr/bin/soffice"
SECONDS = 300   # of one document: far above its limits in either jail
SUFFIXES = {f".{form}" for form in ("doc dot docx docm dotx dotm xls xlt xlsx xlsm xltx xltm xlsb ppt pps pot pptx pptm ppsx ppsm potx "
                                    "potm odt ott fodt ods ots fods odp otp fodp odg otg fodg rtf").split()}


class Failed(Exception):
    pass


class Line:
    """One supervisor and its jails; ask() is for one thread at a time."""

    def __init__(self, build, *options):
        self.process = subprocess.Popen([Path(build) / "tests" / "office_line", *map(str, options)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def ask(self, *words):
        self.process.stdin.write(("\t".join(map(str, words)) + "\n").encode())
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            raise Failed(f"office_line has no answer to {words}: exit {self.process.poll()}")
        return json.loads(line)

    def convert(self, path, kept=None):
        return self.ask(f"convert {path}", *[] if kept is None else [kept])

    def settle(self):
        """Waits until both kinds have a child that waits, behind all of its walls; returns the processes."""
        answer = self.ask("settle")
        deadline = time.monotonic() + SECONDS
        while not all(is_ready(pid) for pid in office_children(answer)):
            if time.monotonic() > deadline:
                raise Failed("a child of mugai-office does not become ready")
            time.sleep(0.005)
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def office_children(settled):
    """Of mugai-office, without its zygote. They are the supervisor's children, too."""
    found = processes.snapshot()
    return [pid for pid, (name, parent, _, _) in found.items()
            if name == "mugai-office" and parent == settled["supervisor"] and pid != settled["office"]]


def is_ready(pid):
    """seccomp is the last wall, after LibreOffice has started."""
    return b"\nSeccomp:\t2\n" in processes.read(pid, "status")


def without_network():
    """The words before a command that is to have no network."""
    return ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]


STEM = "mugai-name-that-no-document-holds"
CONTAINERS = (b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rt", b"<?xml")


class Cold:
    """What one cold soffice made of a document: wall and CPU in ms, and whether there is a PDF.

    opened: "yes", "no", or "text": what it cannot read otherwise it reads as a plain text, Writer or Calc, bytes of any
    kind; a sheet made so bears the name of its file, which is printed on top of each page."""

    def __init__(self, path, root=None, seconds=120):
        with tempfile.TemporaryDirectory(prefix="mugai-soffice-", dir=root) as name:
            home = Path(name)
            document = home / f"{STEM}{Path(path).suffix}"
            document.symlink_to(Path(path).resolve())
            start = time.monotonic()
            child = subprocess.Popen([*without_network(), SOFFICE, f"-env:UserInstallation={(home / 'profile').as_uri()}", "--headless",
                                      "--convert-to", "pdf", "--outdir", str(home / "out"), str(document)], cwd=home,
                                     env={"HOME": name, "TMPDIR": name, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     start_new_session=True)
            used = self._wait(child, start + seconds)
            self.wall_ms = 1000 * (time.monotonic() - start)
            self.cpu_ms = 1000 * (used.ru_utime + used.ru_stime)
            self.opened = self._opened(document, home / "out" / f"{STEM}.pdf")

    @staticmethod
    def _opened(document, pdf):
        if not pdf.exists() or pdf.stat().st_size == 0:
            return "no"
        shown = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, timeout=60, check=True).stdout
        return "text" if STEM.encode() in shown or not document.read_bytes().startswith(CONTAINERS) else "yes"

    @staticmethod
    def _wait(child, deadline):
        """Its resources, those of its children too."""
        pidfd = os.pidfd_open(child.pid)
        try:
            if not select.select([pidfd], [], [], max(deadline - time.monotonic(), 0))[0]:
                os.killpg(child.pid, signal.SIGKILL)
        finally:
            os.close(pidfd)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return used
