#!/usr/bin/env -S python3 -B
"""test_end_to_end.py --list | BIN_DIRECTORY SCENARIO...: whole mails through real Postfix and mugaid.

Each scenario is one function below; it has a laboratory of its own and leaves nothing.
"""
import json
import re
import signal
import subprocess
import sys
import time

import readable
from gateway import MAILS, Failure, Mugaid, Scene, exit_on_signals, expect, wait_until
from send import crlf

NOTICE = "【無害化】"


def mail(subject, body, extra=b""):
    head = (f"From: Citizen <citizen@sender.example>\nTo: soumu@city.example.lg.jp\nSubject: {subject}\n"
            "Date: Fri, 20 Nov 2026 09:00:00 +0900\nMessage-ID: <1@sender.example>\nMIME-Version: 1.0\n")
    return crlf(head.encode() + extra + b"\n" + body)


TRACE = re.compile(rb"\A(?:Authentication-Results: edge\.city\.example\.lg\.jp;[^\n]*\n(?:[ \t][^\n]*\n)*)*"
                   rb"Received: from [^\n]*\n\tby edge\.city\.example\.lg\.jp \(Postfix\)[^\n]*\n(?:[ \t][^\n]*\n)*")


def without_trace(data):
    """What a message is below the fields that edge puts on top."""
    match = TRACE.match(data)
    expect(match, f"no trace fields of edge on top: {data[:200]!r}")
    return data[match.end():]


def result_of(stored):
    return readable.parse(stored.data)["X-Mugai-Result"] or ""


def expect_delivered(scene, stored, text):
    scene.expect_clean(stored)
    expect(result_of(stored).startswith("deliver;"), f"not delivered in full: {result_of(stored)}")
    expect(text in readable.text(stored.data), f"the clean message lacks {text!r}")


def test_original_untouched(bin_directory):
    """What edge puts into the internet-zone mailbox is what was sent, but for trace fields."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        sent = [crlf(path.read_bytes()) for path in sorted(MAILS.glob("*.eml"))]
        for data in sent:
            scene.send(data)
        stored = scene.wait_at("mailbox", len(sent))
        scene.drain()
        expect(sorted(without_trace(s.data) for s in stored) == sorted(sent), "an original was changed")
        expect({s.recipients[0] for s in stored} == {"soumu@city.example.lg.jp"}, "recipients of the originals")


def test_clean_verifies(bin_directory):
    """Each sample mail arrives on the LGWAN side, passes mugai-verify, and holds no marker."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        paths = sorted(MAILS.glob("*.eml"))
        for path in paths:
            scene.send(crlf(path.read_bytes()))
        scene.drain()
        stored = scene.wait_at("lgwan", len(paths))
        expect(len(stored) == len(paths), f"{len(stored)} clean messages for {len(paths)} mails")
        for one in stored:
            scene.expect_clean(one)
            expect(b"MARKER-" not in readable.everything(one.data), f"{one.path.name} holds bytes of an attachment")
            expect(NOTICE in readable.text(one.data), f"{one.path.name} has no notice")
        texts = [readable.text(one.data) for one in stored]
        expect(any("[1!attacker.example]" in text for text in texts), "the lying link of html.eml is not marked")


def test_two_recipients(bin_directory):
    """Two recipients of one mail: each gets a clean message of its own."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        scene.send(mail("two", b"for both of you\n"), ("taro@city.example.lg.jp", "hanako@city.example.lg.jp"))
        scene.drain()
        stored = scene.wait_at("lgwan", 2)
        expect(sorted(s.recipients for s in stored) == [["hanako@city.example.lg.jp"], ["taro@city.example.lg.jp"]],
               f"envelopes: {[s.recipients for s in stored]}")
        for one in stored:
            expect_delivered(scene, one, "for both of you")
        identities = {readable.parse(s.data)["X-Mugai-Id"] for s in stored}
        expect(len(identities) == 2, "both have the same X-Mugai-Id")


def test_milter_stopped(bin_directory):
    """Without mugaid nothing passes: the copy waits, and arrives after the restart."""
    with Scene(bin_directory) as scene:
        mugaid = Mugaid(scene)
        scene.send(mail("early", b"sent while the gateway is down\n"))
        scene.wait_at("mailbox", 1)
        time.sleep(3)
        expect(not scene.at("lgwan"), "something reached the LGWAN side without mugaid")
        expect(scene.queued() == 1, f"{scene.queued()} messages wait, not 1")
        with mugaid:
            scene.drain()
            stored = scene.wait_at("lgwan", 1)
            expect(len(stored) == 1, "it arrived more than once")
            expect_delivered(scene, stored[0], "sent while the gateway is down")
        scene.send(mail("late", b"sent after the gateway stopped\n"))
        scene.wait_at("mailbox", 2)
        time.sleep(2)
        expect(len(scene.at("lgwan")) == 1, "something passed after mugaid stopped")


def test_raw_bytes(bin_directory):
    """8-bit bytes of no charset, a NUL and controls: originals untouched, no control in what comes out."""
    text = b"before\n" + b"a line of plain text\n" * 20
    mixed = text + "日本語\n".encode("cp932") + b"nul \x00 bell \x07 escape \x1b[31m\nafter\n"
    noise = bytes(byte for byte in range(256) if byte not in b"\r\n") + b"\n"
    with Scene(bin_directory) as scene, Mugaid(scene):
        sent = [mail("mixed", mixed), mail("noise", noise)]
        for number, data in enumerate(sent, 1):
            scene.send(data)
            scene.drain()
            scene.wait_at("lgwan", number)
        expect([without_trace(s.data) for s in scene.at("mailbox")] == sent, "an original was changed")
        for stored in scene.at("lgwan"):
            scene.expect_clean(stored)
            bad = re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", readable.text(stored.data))
            expect(not bad, f"{stored.path.name}: a control passed")
            expect(NOTICE in readable.text(stored.data), "no notice")
        mixed_text = [readable.text(s.data) for s in scene.at("lgwan") if "before" in readable.text(s.data)]
        expect(len(mixed_text) == 1 and "after" in mixed_text[0], "a stray NUL or control took the text away")


def test_thousand_headers(bin_directory):
    """At and over the cap of 1000 fields: a clean message each time, and the cap is told."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        for count in (990, 1500):
            extra = b"".join(b"X-Filler-%d: %d\n" % (n, n) for n in range(count))
            scene.send(mail(f"fields {count}", b"the text below the fields\n", extra))
            scene.drain()
        few, many = sorted(scene.wait_at("lgwan", 2), key=lambda s: s.time)
        expect_delivered(scene, few, "the text below the fields")
        scene.expect_clean(many)
        expect("1000" in readable.text(many.data) or "ヘッダ" in readable.text(many.data),
               "the notice does not tell that fields were left unread")


def test_reload(bin_directory):
    """SIGHUP: a bad file changes nothing and is logged; a good one takes effect."""
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        mugaid.settings.write_text("topology: behind-edge\nmilter: {sokcet: /nowhere}\n")
        mugaid.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "sokcet" in mugaid.log(), 10, "the log names the unknown key")
        scene.send(mail("first", b"after the bad file\n"))
        scene.drain()
        first = scene.wait_at("lgwan", 1)[0]
        expect_delivered(scene, first, "after the bad file")
        expect(re.search(NOTICE + r"[^\n]*[ぁ-ん]", readable.text(first.data)), "the notice is not Japanese")

        mugaid.write_settings(language="en")
        mugaid.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        scene.send(mail("second", b"after the good file\n"))
        scene.drain()
        second = scene.wait_at("lgwan", 2)[1]
        expect_delivered(scene, second, "after the good file")
        foot = readable.text(second.data).partition("after the good file")[2].replace(NOTICE, "")
        expect(not re.search(r"[ぁ-ん]", foot), "the notice is still Japanese")


def test_one_id(bin_directory):
    """One id names a message, from a first try that fails to the clean message, in the logs of edge, san and mugaid, in the
    audit and in the message."""
    with Scene(bin_directory) as scene:
        etc = str(scene.directory / "san/etc")
        subprocess.run(["postconf", "-c", etc, "-e", "milter_header_checks = regexp:{{/^X-Mugai-Id: / INFO}}"], check=True)
        subprocess.run(["postfix", "-c", etc, "reload"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with Mugaid(scene) as mugaid:
            audit = mugaid.directory / "audit"
            away = audit.with_name("away")
            audit.rename(away)
            scene.send(mail("named", b"the message with one id\n"))
            failed = wait_until(lambda: re.search(r"<3>mugaid: ([0-9a-f]{32}): queue=\w+; audit file", mugaid.log()), 30,
                                f"the failure with its id in the log: {mugaid.log()}")
            name = failed[1]
            for instance in ("edge", "san"):
                log = scene.directory / instance / "log"
                wait_until(lambda path=log: f"try again later ({name})" in path.read_text(errors="replace"), 30,
                           f"the id in the answer, in {instance}'s log")
            away.rename(audit)
            scene.drain()
            stored = scene.wait_at("lgwan", 1)
            expect(len(stored) == 1 and readable.parse(stored[0].data)["X-Mugai-Id"] == name, "the clean message")
            events = [json.loads(line)["event"] for line in (audit / "audit.jsonl").read_text().splitlines()]
            done = re.search(name + r": queue=(\w+); deliver;", mugaid.log())
            expect(done, f"the result in mugaid's log: {mugaid.log()}")
            expect([(e["id"], e["queue_id"]) for e in events] == [(name, done[1])], f"events: {events}")
            san = (scene.directory / "san/log").read_text(errors="replace")
            expect(re.search(rf"cleanup.*{done[1]}: milter-header-info: header X-Mugai-Id: {name} ", san),
                   "san's log of the message that passed")
            lines = [line for line in mugaid.log().splitlines() if "queue=" in line]
            expect(lines and all(f": {name}: queue=" in line for line in lines), f"a line without the id: {lines}")


def test_one_hop(bin_directory):
    """One Postfix with the milter on its public port: recipients share one clean message."""
    with Scene(bin_directory, topology="one-hop") as scene, Mugaid(scene):
        scene.send(mail("hop", b"through one hop\n"), ("taro@city.example.lg.jp", "hanako@city.example.lg.jp"))
        scene.drain()
        stored = scene.wait_at("lgwan", 1)
        expect(sorted(r for s in stored for r in s.recipients) == ["hanako@city.example.lg.jp", "taro@city.example.lg.jp"],
               "each recipient once")
        for one in stored:
            expect_delivered(scene, one, "through one hop")


def test_one_hop_stopped(bin_directory):
    """One hop without mugaid: the client is told to try again, nothing passes."""
    with Scene(bin_directory, topology="one-hop") as scene:
        code, _ = scene.try_send(mail("no", b"must not pass\n"))
        expect(code // 100 == 4, f"answer {code}, not 4xx")
        expect(scene.queued() == 0 and not scene.at("lgwan"), "something was queued or passed")


def test_status(bin_directory):
    """`mugai status` is 0 while the daemon runs, with the message counted, and 69 afterwards."""
    with Scene(bin_directory) as scene:
        mugaid = Mugaid(scene)
        command = scene.inside("gateway", "/usr/bin/mugai", "status")
        with mugaid:
            scene.send(mail("counted", b"one\n"))
            scene.drain()
            scene.wait_at("lgwan", 1)
            done = subprocess.run(command, capture_output=True, text=True, timeout=20)
            expect(done.returncode == 0, f"exit {done.returncode}: {done.stderr}")
            expect(re.search(r"deliver\w*\W+1\b", done.stdout), f"no count of one delivery in: {done.stdout}")
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        expect(done.returncode == 69, f"exit {done.returncode} without a daemon")


SCENARIOS = {name[len("test_"):]: function for name, function in sorted(globals().items())
             if name.startswith("test_")}


def main():
    exit_on_signals()
    if sys.argv[1:] == ["--list"]:
        print("\n".join(SCENARIOS))
        return
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    failed = 0
    for name in sys.argv[2:]:
        try:
            SCENARIOS[name](sys.argv[1])
            print(f"ok {name}")
        except Failure as failure:
            failed += 1
            print(f"not ok {name}: {failure}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
