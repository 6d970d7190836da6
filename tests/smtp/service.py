"""A service manager for mugaid: what systemd does with conf/systemd/mugaid.service, in a laboratory.

Type=notify with a watchdog, Restart=always, and no new start after the exit codes that the unit file names. Times are
shorter than those of the unit, so that a test need not wait. What systemd would have to kill after the main process has
ended is a complaint here: mugaid promises that nothing of it is left by itself.
"""
import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import processes
from gateway import Failure, Mugaid, expect, wait_until

UNIT = Path(__file__).resolve().parent.parent.parent / "conf" / "systemd" / "mugaid.service"
RESTART_S = 0.2
GONE_S = 10
# The main process learns its number by itself, as with systemd: nobody else's WATCHDOG_PID is meant.
EXEC = 'export WATCHDOG_PID=$$; exec "$0" "$@"'


def unit_value(name, default=""):
    found = re.findall(rf"(?m)^{name}=(.*)$", UNIT.read_text(encoding="utf-8"))
    return found[-1].strip() if found else default


class Service(Mugaid):
    """mugaid, started, watched and started again until stop().

    settings: {"work.wait": "2s", ...} on top of the usual ones. watchdog: seconds. environment: more of it.
    """

    def __init__(self, scene, settings=None, watchdog=20, environment=None):
        self.asked = settings or {}
        self.watchdog, self.environment = watchdog, environment or {}
        self.ends = []          # exit codes of main processes, in order; negative: a signal
        self.watchdog_kills = 0
        self.complaints = []
        self.wanted = False
        self.is_ready = threading.Event()
        self.prevented = threading.Event()  # it ended with a code after which it is not started again
        self.thread = None
        self.prevent = {int(code) for code in unit_value("RestartPreventExitStatus").split()}
        self.watchdog_signal = getattr(signal, unit_value("WatchdogSignal", "SIGABRT"))
        super().__init__(scene)
        self.notify = self.directory / "notify.sock"

    # ---- settings ------------------------------------------------------------------------------

    def write_settings(self, language="ja"):
        super().write_settings(language)
        text = self.settings.read_text(encoding="utf-8")
        for key, value in self.asked.items():
            text = with_setting(text, key, value)
        self.settings.write_text(text, encoding="utf-8")

    # ---- life ----------------------------------------------------------------------------------

    def start(self, seconds=30):
        self.launch_service()
        self.wait_ready(seconds)

    def launch_service(self):
        """Starts it, and does not wait: it may not come up."""
        expect(self.thread is None, "the service runs already")
        self.wanted = True
        self.prevented.clear()
        self.is_ready.clear()
        self.thread = threading.Thread(target=self._manage, daemon=True)
        self.thread.start()

    def wait_ready(self, seconds=30):
        if not self.is_ready.wait(seconds):
            raise Failure(f"mugaid is not ready within {seconds} s (exit codes {self.ends}): {self.log()[-800:]}")

    def stop(self, seconds=40):
        """SIGTERM, and no new start. The exit code of the last main process."""
        self.wanted = False
        if self.process and self.process.poll() is None:
            self._signal(signal.SIGTERM)
        if self.thread:
            self.thread.join(seconds)
            expect(not self.thread.is_alive(), "mugaid did not end in time after SIGTERM")
            self.thread = None
        expect(not self.complaints, "; ".join(self.complaints))
        wait_until(lambda: not self.family(), GONE_S, "all processes of mugaid are gone")
        return self.ends[-1] if self.ends else None

    def kill(self, number=signal.SIGKILL):
        self._signal(number)

    def ended(self):
        return len(self.ends)

    def wait_ended(self, count, seconds=30):
        """Until `count` main processes have ended in all."""
        wait_until(lambda: self.ended() >= count, seconds, f"mugaid ends (exit codes so far: {self.ends})")

    def wait_back(self, count, seconds=60):
        self.wait_ended(count, seconds)
        self.wait_ready(seconds)

    # ---- the manager's own thread ------------------------------------------------------------------

    def _manage(self):
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            self.notify.unlink(missing_ok=True)
            listener.bind(str(self.notify))
            stack.callback(self.notify.unlink, missing_ok=True)
            self.notify.chmod(0o777)
            listener.settimeout(0.05)
            while self.wanted:
                self._launch()
                self._watch(listener)
                self._sweep()
                if self.ends[-1] in self.prevent:
                    self.prevented.set()
                    return
                time.sleep(RESTART_S)

    def _launch(self):
        environment = dict(os.environ, NOTIFY_SOCKET=str(self.notify), WATCHDOG_USEC=str(self.watchdog * 1_000_000),
                           **self.environment)
        with open(self.log_path, "ab") as log:
            command = self.scene.inside("gateway", "/bin/sh", "-c", EXEC, self.scene.bin / "mugaid", "--config",
                                        self.settings)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            env=environment)

    def _watch(self, listener):
        """Until the main process has ended."""
        heard, watching = 0.0, False
        while self.process.poll() is None:
            words = self._receive(listener)
            if "READY=1" in words:
                self.is_ready.set()
                watching = True
            if "STOPPING=1" in words:
                watching = False
            if "READY=1" in words or "WATCHDOG=1" in words:
                heard = time.monotonic()
            if watching and time.monotonic() - heard > self.watchdog:
                self.watchdog_kills += 1
                watching = False
                self._signal(self.watchdog_signal)
        self.is_ready.clear()
        self.ends.append(self.process.returncode)

    @staticmethod
    def _receive(listener):
        try:
            return listener.recv(4096).decode("utf-8", "replace").split("\n")
        except TimeoutError:
            return []

    def _signal(self, number):
        """As systemd does: a process that was stopped must be able to die of it."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
            if number not in (signal.SIGKILL, signal.SIGCONT, signal.SIGSTOP):
                self.process.send_signal(signal.SIGCONT)

    def _sweep(self):
        """No new start beside what is left of the old one."""
        end = time.monotonic() + GONE_S
        while (left := processes.below(self.scene.bin)) and time.monotonic() < end:
            time.sleep(0.05)
        if left:
            self.complaints.append(f"left after the end of mugaid, and killed by the service manager: {left}")
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


LIMITS = {resource.RLIMIT_NOFILE: "nofile", resource.RLIMIT_AS: "as", resource.RLIMIT_DATA: "data"}


def set_limit(pid, what, soft, hard=False):
    """As the process's own user: root may lack the right to (in a container). The soft limit alone, unless hard is true:
    nobody needs a right to raise that again. Nothing when the process is gone."""
    value = "unlimited" if soft == resource.RLIM_INFINITY else str(soft)
    value += "" if hard else ":"
    with contextlib.suppress(FileNotFoundError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        owner, group = (int(re.search(rf"(?m)^{name}:\t(\d+)", status).group(1)) for name in ("Uid", "Gid"))
        done = subprocess.run(["prlimit", f"--pid={pid}", f"--{LIMITS[what]}={value}"], user=owner, group=group,
                              extra_groups=[], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        expect(done.returncode == 0 or not os.path.exists(f"/proc/{pid}"), f"prlimit: {done.stderr}")


def with_setting(text, key, value):
    """The settings text with "section.name: value" in it."""
    section, name = key.split(".")
    lines = [line for line in text.splitlines() if line.rstrip()]
    if f"{section}:" not in lines:
        lines.append(f"{section}:")
    at = lines.index(f"{section}:") + 1
    end = next((n for n in range(at, len(lines)) if not lines[n].startswith(" ")), len(lines))
    kept = [line for line in lines[at:end] if not line.startswith(f"  {name}:")]
    return "\n".join([*lines[:at], *kept, f"  {name}: {value}", *lines[end:], ""])
