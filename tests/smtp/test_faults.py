#!/usr/bin/env -S python3 -B
"""test_faults.py BIN_DIRECTORY [CASE]: would tests/faults see what must not happen?

In each case something forbidden is done to the laboratory, and the verdict must be a failure that says so.
"""
import concurrent.futures
import re
import subprocess
import sys
import tempfile

import send as smtp
from faults_case import ALARMED, Case
from gateway import Failure, exit_on_signals, wait_until


def one_good_mail(case):
    case.send()
    case.wait_arrived(1)


def unsanitized(case, _mugaid):
    """mugai-verify refuses"""
    case.scene.postconf("san", smtpd_milters="")
    one_good_mail(case)


def lost(case, mugaid):
    """mail 1: 0 at LGWAN, not 1"""
    mugaid.stop()
    case.send()
    case.scene.wait_at("mailbox", 1)
    case.wait_deferred(1)
    case.scene.exec("gateway", "postsuper", "-c", "/etc/postfix-edge", "-d", "ALL")
    mugaid.start()


def doubled(case, _mugaid):
    """mail 1: 2 at LGWAN, not 1"""
    case.lgwan({"at": "END", "cut": True, "times": 1})
    case.send()
    case.wait_arrived(2)


def alarm_not_expected(case, _mugaid):
    """mail 1: 1 alarms"""
    case.lgwan({"at": "END", "reply": "550 5.1.1 who", "times": 1})
    case.send()
    case.scene.wait_at("mailbox", 2)


def bounce_to_the_sender(case, mugaid):
    """1 deliveries to the outside sender"""
    (case.scene.directory / "root/etc/postfix-edge/alarm").write_text("")
    mugaid.stop()
    case.scene.postconf("edge", maximal_queue_lifetime="2s", bounce_queue_lifetime="2s")
    case.send().outcome = ALARMED
    wait_until(lambda: re.search(r" to=<[^>]*sender\.example>", case.log()), 30, "the bounce")


def bounce_into_lgwan(case, _mugaid):
    """a bounce or an alarm went into LGWAN"""
    one_good_mail(case)
    address = case.scene.endpoint("LGWAN")

    def connect(to, seconds):
        return case.scene.connect("lgwan", to, seconds)
    smtp.send(address, "", ["soumu@city.example.lg.jp"], b"Subject: mail 1\r\n\r\nx\r\n", 30, connect)


def notice_instead_of_all(case, _mugaid):
    """arrived as notice-only"""
    case.send(more="BREAK-PARSER: crash")
    case.wait_arrived(1)


def audit_tampered(case, _mugaid):
    """the chain of the audit is broken"""
    one_good_mail(case)
    one_good_mail(case)
    case.wait_arrived(2)
    data = case.audit_file().read_bytes()
    case.audit_file().write_bytes(data.replace(b"soumu", b"zeimu", 1))


def original_changed(case, _mugaid):
    """mail 1: 0 originals in the mailbox"""
    one_good_mail(case)
    stored = case.scene.wait_at("mailbox", 1)[0]
    stored.path.write_bytes(stored.data + b"x")


def process_left(case, mugaid):
    """left after the end of mugaid"""
    one_good_mail(case)
    program = case.scene.bin / "stray"
    program.write_bytes(open("/bin/sleep", "rb").read())
    program.chmod(0o755)
    subprocess.Popen([program, "300"])
    mugaid.stop()


def queue_left(case, mugaid):
    """messages still wait"""
    mugaid.stop()
    case.drain_s = 3
    case.send()
    case.scene.wait_at("mailbox", 1)


CASES = (unsanitized, lost, doubled, alarm_not_expected, bounce_to_the_sender, bounce_into_lgwan, notice_instead_of_all,
         audit_tampered, original_changed, process_left, queue_left)


def run(bin_directory, forbidden):
    """None when it was seen, else what was wrong."""
    with tempfile.TemporaryDirectory(prefix="mugai-fault.") as directory:
        case = Case(bin_directory, forbidden.__name__, directory)
        try:
            with case.laboratory(brittle=True) as mugaid:
                forbidden(case, mugaid)
        except Failure as failure:
            seen = re.search(forbidden.__doc__, str(failure))
            return None if seen else f"the verdict was: {failure}"
    return "the verdict was good"


def run_apart(bin_directory, forbidden):
    """In a process of its own, so that several go side by side."""
    done = subprocess.run([sys.executable, "-B", __file__, bin_directory, forbidden.__name__], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, end="", flush=True)
    return done.returncode == 0


def main():
    exit_on_signals()
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    if len(sys.argv) == 3:
        wrong = run(sys.argv[1], globals()[sys.argv[2]])
        print(f"not ok {sys.argv[2]}: {wrong}" if wrong else f"ok {sys.argv[2]}")
        sys.exit(bool(wrong))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sys.exit(not all(list(pool.map(lambda forbidden: run_apart(sys.argv[1], forbidden), CASES))))


if __name__ == "__main__":
    main()
