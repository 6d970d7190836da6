#!/usr/bin/env -S python3 -B
"""test_end_to_end.py --list | BIN_DIRECTORY SCENARIO...: whole mails through real Postfix and mugaid, in three zones.

Each scenario is a function test_* below or in one of the modules scenes_*; it has a laboratory of its own and leaves
nothing. Some are run once for each address plan.
"""
import json
import json
import re
import signal
import sys
import time

import readable
import scenes_authentication
import scenes_border
import scenes_documents
from checks import (DOMAIN, NOTICE, expect_delivered, expect_notice_only, in_both_plans, inside, mail, outside, scenarios,
                    without_trace)
from gateway import MAILS, Failure, Mugaid, Scene, exit_on_signals, expect, wait_until
from send import crlf

HEAD = b"From: a@sender.example\r\nTo: x@y.example\r\nSubject: s\r\n"
MIME = HEAD + b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "

# Mails that servers like to mend. They must reach the mailbox as they are.
UNTOUCHED = {
    "a line of 100,000 characters": HEAD + b"\r\n" + b"a" * 100_000 + b"\r\nend\r\n",
    "a field of 70 KB": HEAD + b"X-Long: " + b"b" * 70_000 + b"\r\n\r\nx\r\n",
    "a folded field of 200 KB": HEAD + b"X-Long: " + b"\r\n ".join([b"c" * 70] * 3000) + b"\r\n\r\nx\r\n",
    "a field of 900 KB": HEAD + b"X-Long: " + b"d" * 900_000 + b"\r\n\r\nx\r\n",
    "NUL in the body": HEAD + b"\r\na\0b\r\n\0\r\n",
    "8-bit fields and body": HEAD + b"X-8: \xe3\x81\x82\xff\r\n\r\n\xe3\x81\x82\xff\x80\r\n",
    "every byte but line ends": HEAD + b"\r\n" + bytes(set(range(256)) - set(b"\r\n")) + b"\r\n",
    "8bit, declared": MIME + b"8bit\r\n\r\n\xe3\x81\x82\r\n",
    "8bit, declared 7bit": MIME + b"7bit\r\n\r\n\xe3\x81\x82\r\n",
    "dots": HEAD + b"\r\n.\r\n..\r\n.a\r\n",
    "trailing blanks": HEAD + b"X-T: a  \r\nX-U:\tb\t\r\nX-V:\r\n\r\nb  \r\n\t\r\n\r\n\r\n",
    "an attached mail that came through edge": HEAD + b"""MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: message/rfc822\r
\r
Authentication-Results: edge.city.example.lg.jp; dkim=pass\r
DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; i=a=20b@sender.example; b=x\r
Subject: attached\r
\r
x\r
--b--\r
""",
    "no body": HEAD,
    "no Date, no Message-ID, no From": b"Subject: only\r\n\r\nx\r\n",
    "Bcc, Delivered-To, Received": b"Received: from a by b; Fri, 20 Nov 2026 09:00:00 +0900\r\nBcc: a@b.example\r\n"
                                   b"Delivered-To: z@y.example\r\n" + HEAD + b"\r\nx\r\n",
}
# What SMTP or Postfix can not carry: conf/postfix/edge/main.cf lists these.
MENDED = {
    "bare CR": (HEAD + b"\r\na\rb\r\n", HEAD + b"\r\na b\r\n"),
    "bare LF": (HEAD + b"\r\na\nb\n\nc\r\n", HEAD + b"\r\na\r\nb\r\n\r\nc\r\n"),
    "NUL in a field": (HEAD + b"X-Nul: a\0b\r\n\r\nx\r\n", HEAD + b"X-Nul: a\r\n\r\nx\r\n"),
    "no header": (b"this is no header\r\nbody\r\n", b"\r\nthis is no header\r\nbody\r\n"),
    "a blank before the colon": (b"Subject : x\r\n" + HEAD + b"\r\nx\r\n", b"Subject: x\r\n" + HEAD + b"\r\nx\r\n"),
    "a From line": (b"From a@b Mon Jan 1\r\n" + HEAD + b"\r\nx\r\n",
                    b"X-Mailbox-Line: From a@b Mon Jan 1\r\n" + HEAD + b"\r\nx\r\n"),
    "Return-Path": (b"Return-Path: <x@y.example>\r\nContent-Length: 5\r\n" + HEAD + b"\r\nx\r\n", HEAD + b"\r\nx\r\n"),
}


@in_both_plans
def test_original_untouched(bin_directory, plan):
    """What edge puts into the internet-zone mailbox is what was sent, but for trace fields; LGWAN gets a clean message."""
    samples = {path.name: crlf(path.read_bytes()) for path in sorted(MAILS.glob("*.eml"))}
    table = {name: (data, data) for name, data in {**samples, **UNTOUCHED}.items()} | MENDED
    with Scene(bin_directory, plan=plan) as scene, Mugaid(scene):
        for number, (name, (sent, expected)) in enumerate(table.items(), 1):
            scene.send(sent)
            original = scene.wait_at("mailbox", number)[-1]
            expect(original.recipients == [outside("soumu")], f"{name}: recipients {original.recipients}")
            expect(without_trace(original.data) == expected, f"{name}: the original was changed")
        scene.drain()
        expect(len(scene.at("mailbox")) == len(table), "an original came twice")
        stored = scene.wait_at("lgwan", len(table))
        expect(len(stored) == len(table), f"{len(stored)} clean messages for {len(table)} mails")
        for one in stored:
            scene.expect_clean(one)
            expect(one.recipients == [inside("soumu", plan)], f"recipients {one.recipients}")


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
        expect(any("[1!attacker[.]example]" in text for text in texts), "the lying link of html.eml is not marked")


@in_both_plans
def test_two_recipients(bin_directory, plan):
    """Two recipients of one mail: each gets a clean message of its own, and one original comes for both."""
    with Scene(bin_directory, plan=plan) as scene, Mugaid(scene):
        scene.send(mail("two", b"for both of you\n"), (outside("taro"), outside("hanako")))
        scene.drain()
        stored = scene.wait_at("lgwan", 2)
        expect(sorted(s.recipients for s in stored) == [[inside("hanako", plan)], [inside("taro", plan)]],
               f"envelopes: {[s.recipients for s in stored]}")
        for one in stored:
            expect_delivered(scene, one, "for both of you")
        identities = {readable.parse(s.data)["X-Mugai-Id"] for s in stored}
        expect(len(identities) == 2, "both have the same X-Mugai-Id")
        originals = sorted(r for s in scene.at("mailbox") for r in s.recipients)
        expect(originals == [outside("hanako"), outside("taro")], f"originals: {originals}")


@in_both_plans
def test_two_policies(bin_directory, plan):
    """One mail to two recipients with different rules: the text for one, a notice for the other."""
    policy = ("name: two\nrules:\n  - name: careful\n    when: {recipient: [" + inside("hanako", plan) + "]}\n"
              "    message: notice-only\n  - name: others\n    message: deliver\n    parts: remove\n")
    with Scene(bin_directory, plan=plan) as scene, Mugaid(scene, policy=policy):
        scene.send(mail("two", b"TOKEN for some\n"), (outside("taro"), outside("hanako"), outside("soumu")))
        scene.drain()
        stored = {s.recipients[0]: s for s in scene.wait_at("lgwan", 3)}
        expect(set(stored) == {inside(name, plan) for name in ("taro", "hanako", "soumu")}, f"for {list(stored)}")
        expect_notice_only(scene, stored[inside("hanako", plan)], b"TOKEN")
        for name in ("taro", "soumu"):
            expect_delivered(scene, stored[inside(name, plan)], "TOKEN for some")


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


def test_very_many_headers(bin_directory):
    """Far past what Postfix could be asked to delete: submitted anew, in full, once, and the cap is told."""
    counts = (4_001, 20_000, 200_000)
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        for count in counts:
            extra = b"".join(b"X-%d: %d\n" % (n, n) for n in range(count))
            scene.send(mail(f"fields {count}", b"the text below the fields\n", extra))
        scene.drain()
        expect(len(scene.at("mailbox")) == len(counts), "not every original is in the internet zone")
        for stored in scene.wait_at("lgwan", len(counts)):
            scene.expect_clean(stored)
            expect("ヘッダー" in readable.text(stored.data), f"the cap is not told: {readable.text(stored.data)}")
            expect(b"X-5:" not in stored.data, "a field of the original passed")
        expect(mugaid.log().count("submitted anew as ") == len(counts), f"not all were submitted: {mugaid.log()}")
        expect(len(scene.at("lgwan")) == len(counts), "something arrived twice")


def test_millions_of_headers(bin_directory):
    """More than the queue file of san has room for, in a small mail: told to the administrator at once, and not lost."""
    sent = mail("millions", b"the text\n", b"a:\n" * 4_000_000)
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        scene.send(sent, timeout=120)
        wait_until(lambda: len(scene.at("mailbox")) >= 2, 90, "the original and the alarm")
        alarms = [s for s in scene.at("mailbox") if s.recipients == [outside("alarm")]]
        expect(len(alarms) == 1 and alarms[0].sender == "" and sent in alarms[0].data, "the alarm holds the original")
        event = wait_until(lambda: [e for e in mugaid.events() if e.get("kind") == "undeliverable"], 40, "the audit event")[0]
        expect(event["claimed"]["recipients"][0]["status"] == "5.3.4", f"{event}")
        scene.drain()
        expect(not scene.at("lgwan") and len(scene.at("mailbox")) == 2, "something else was sent")


def test_loop_notice_forwarded(bin_directory):
    """Who has his notices forwarded to an address behind the gateway, by a list with a sender, gets them: no new loop."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        scene.send(mail("round", b"the text\n", b"X-Mugai-Hops: 100\n"), [outside("taro")])
        scene.wait_at("mailbox", 2)
        told = next(s for s in scene.at("mailbox") if s.sender == "" and s.recipients == [outside("alarm")])
        expect(not scene.at("lgwan"), "a loop went on")
        scene.send(told.data, [outside("soumu")], sender="list@sender.example")
        forwarded = scene.wait_at("lgwan", 1)[0]
        scene.expect_clean(forwarded)
        expect("taro[@]" in readable.text(forwarded.data), f"the notice is not in it: {readable.text(forwarded.data)}")
        scene.drain()
        expect((len(scene.at("mailbox")), len(scene.at("lgwan"))) == (3, 1), "another notice was made")


def test_submission_door(bin_directory):
    """Where san takes finished messages, nobody else gets in: whoever could would send mail into the closed zone."""
    door = "/var/spool/postfix-san/public/mugai-submit"
    knock = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1]); "
             "sys.exit(not s.recv(3) == b'220')")
    with Scene(bin_directory) as scene, Mugaid(scene):
        for user, group, wanted in (("mugai", "postdrop", True), ("mugai", "mugai", False), ("postfix", "postfix", False),
                                    ("nobody", "nogroup", False)):
            done = scene.exec("gateway", "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "python3",
                              "-c", knock, door, check=False)
            expect((done.returncode == 0) == wanted, f"{user}:{group} at the door: {done.returncode} {done.stderr}")


def test_large(bin_directory):
    """45 MB and almost as much as edge takes: the original whole, the clean message small. Past that edge refuses."""
    head = b'Content-Type: multipart/mixed; boundary="x"\n'
    text = b"--x\nContent-Type: text/plain\n\nthe text before the file\n"
    part = b"--x\nContent-Type: application/octet-stream; name=big.bin\nContent-Transfer-Encoding: base64\n\n"
    with Scene(bin_directory) as scene, Mugaid(scene):
        for number, size in enumerate((45_000_000, 51_990_000), 1):
            sent = mail(f"{size}", text + part + b"QUJD" * 19 + b"\n", head)
            line = b"QUJD" * 19 + b"\r\n"
            sent += line * ((size - len(sent)) // len(line)) + b"--x--\r\n"
            scene.send(sent, timeout=120)
            scene.drain(120)
            original = scene.wait_at("mailbox", number, 120)[-1]
            expect(without_trace(original.data) == sent, f"{size}: the original was changed")
            clean = scene.wait_at("lgwan", number, 120)[-1]
            expect_delivered(scene, clean, "the text before the file")
            expect("big.bin" in readable.text(clean.data) and len(clean.data) < 10_000, "the file is told, and not there")
        too_large = mail("over", b"x" * 70 + b"\n", b"") + (b"y" * 70 + b"\r\n") * 723_000
        code, text = scene.try_send(too_large, timeout=120)
        expect(code == 552, f"{len(too_large)} bytes: {code} {text}")
        code, text = scene.try_send(mail("declared", b"x\n"), options=["SIZE=52000001"])
        expect(code == 552, f"declared too large: {code} {text}")
        scene.drain()
        expect(len(scene.at("mailbox")) == 2 and len(scene.at("lgwan")) == 2, "a refused mail arrived")


def test_alarm(bin_directory):
    """No LGWAN server until san's queue gives up: the administrator has a mail, the audit an event, nobody else anything."""
    with Scene(bin_directory, sinks=False) as scene, Mugaid(scene) as mugaid:
        scene.postconf("san", maximal_queue_lifetime="2s", bounce_queue_lifetime="60s")
        scene.send(mail("lost", b"never delivered\n"))
        scene.wait_at("mailbox", 2, 40)
        told = [(s.sender, s.recipients) for s in scene.at("mailbox")]
        expect(sorted(told) == [("", [outside("alarm")]), ("citizen@sender.example", [outside("soumu")])], f"mails: {told}")
        event = wait_until(lambda: [e for e in mugaid.events() if e.get("kind") == "undeliverable"], 40, "the audit event")[0]
        expect(event["queue"] == "san", f"event: {event}")
        scene.drain()


def test_mailbox_full(bin_directory):
    """The mailbox server refuses: the whole original comes to the administrator, the clean message to its reader."""
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        rules = scene.directory / "mailbox" / "behaviour.json"
        rules.with_suffix(".new").write_text(json.dumps([{"at": "RCPT", "for": [outside("soumu")], "reply": "552 5.2.2 full"}]))
        rules.with_suffix(".new").rename(rules)
        sent = mail("full", b"the text\n" + b"x" * 76 + b"\n") + (b"y" * 76 + b"\r\n") * 40_000
        scene.send(sent)
        alarm = scene.wait_at("mailbox", 1, 60)[0]
        expect((alarm.sender, alarm.recipients) == ("", [outside("alarm")]), f"at the mailbox server: {alarm}")
        expect(sent in alarm.data, "the original is not in the administrator's mail")
        clean = scene.wait_at("lgwan", 1, 60)[0]
        expect_delivered(scene, clean, "the text")
        wait_until(lambda: [e for e in mugaid.events() if e.get("kind") == "undeliverable" and e["queue"] == "edge"], 40,
                   "the audit event")
        scene.drain()
        expect(len(scene.at("mailbox")) == 1, "something else was sent")


def refuse(scene, sink, rule):
    """The server of a sink refuses from now on; None: it no longer does."""
    rules = scene.directory / sink / "behaviour.json"
    rules.with_suffix(".new").write_text(json.dumps([rule] if rule else []))
    rules.with_suffix(".new").rename(rules)


def test_alarm_any_sender(bin_directory):
    """A refused mail without a sender is told like any other; nobody may pose as the sender of bounces, of which Postfix
    makes none."""
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        sent = mail("any", b"the text\n") + b"x\r\n" * 40_000
        for number, (sink, sender) in enumerate(((s, a) for s in ("mailbox", "lgwan") for a in
                                                 ("", "MAILER-DAEMON", "double-bounce@other.example")), 1):
            refuse(scene, sink, {"at": "RCPT", "for": [outside("soumu")], "reply": "550 5.1.1 no"})
            scene.send(sent, sender=sender)
            scene.drain()
            alarms = [s for s in scene.at("mailbox") if s.recipients == [outside("alarm")]]
            expect(len(alarms) == number, f"{sink}, <{sender}>: {len(alarms)} alarms, not {number}")
            expect(sink == "lgwan" or sent in alarms[-1].data, f"<{sender}>: the alarm lacks the original")
            told = [e for e in mugaid.events() if e.get("kind") == "undeliverable"]
            expect(len(told) == number, f"{sink}, <{sender}>: {len(told)} audit events, not {number}")
            refuse(scene, sink, None)
        for sender in (outside("alarm"), "ALARM", f'"alarm"@{DOMAIN}.', "audit@alarm.invalid", "Audit@Alarm.Invalid.",
                       f"double-bounce@edge.{DOMAIN}", f"Double-Bounce@san.{DOMAIN}.", f"double-bounce@{DOMAIN}", "double-bounce"):
            code, text = scene.try_send(sent, sender=sender)
            expect(code // 100 == 5, f"the sender {sender} was taken: {code} {text}")


def test_mailbox_refuses_all(bin_directory):
    """The mailbox server refuses whatever comes, the alarms, too: the originals wait in them."""
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        refuse(scene, "mailbox", {"at": "MAIL", "reply": "554 5.7.1 not configured"})
        sent = {sender: mail("all", f"from {sender}\n".encode()) for sender in ("citizen@sender.example", "")}
        for sender, data in sent.items():
            scene.send(data, sender=sender)
        wait_until(lambda: len([e for e in mugaid.events() if e.get("kind") == "undeliverable"]) == 2, 40, "two audit events")
        wait_until(lambda: len(re.findall(r"to=<alarm@[^\n]*status=", scene.lab("log").stdout)) >= 4, 40, "alarms were refused")
        expect(not scene.at("mailbox"), "the server took a mail")
        refuse(scene, "mailbox", None)
        scene.drain()
        alarms = [s.data for s in scene.at("mailbox")]
        expect(len(alarms) == 2 and all(any(d in alarm for alarm in alarms) for d in sent.values()), f"{len(alarms)} alarms")
        expect(len(scene.at("lgwan")) == 2, "a clean message is missing, or doubled")


def test_many_hops(bin_directory):
    """What edge takes is not refused by the next server for its Received fields; edge refuses before that."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        taken = 0
        for count in range(40, 52):
            hops = b"".join(b"Received: from a%d by b; Fri, 20 Nov 2026 09:00:00 +0900\n" % n for n in range(count))
            code, text = scene.try_send(crlf(hops) + mail(f"hops {count}", b"x\n"))
            expect(code in (250, 554), f"{count}: {code} {text}")
            taken += code == 250
        expect(0 < taken < 12, f"{taken} of 12 were taken")
        scene.drain()
        arrived = {sink: sorted(s.recipients[0] for s in scene.at(sink)) for sink in ("mailbox", "lgwan")}
        expect(arrived == {sink: [outside("soumu")] * taken for sink in arrived}, f"of {taken}: {arrived}")
        expect("said: 5" not in scene.lab("log").stdout, "a server of ours refused for good")


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
        with Mugaid(scene) as mugaid:
            audit = mugaid.directory / "audit"
            away = audit.with_name("away")
            audit.rename(away)
            scene.send(mail("named", b"the message with one id\n"))
            failed = wait_until(lambda: re.search(r"<3>mugaid: ([0-9a-f]{32}): queue=\w+; audit file", mugaid.log()), 30,
                                f"the failure with its id in the log: {mugaid.log()}")
            name = failed[1]
            for instance in ("edge", "san"):
                log = scene.log_directory / f"postfix-{instance}.log"
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
            san = (scene.log_directory / "postfix-san.log").read_text(errors="replace")
            expect(re.search(rf"cleanup.*{done[1]}: milter-header-info: header X-Mugai-Id: {name} ", san),
                   "san's log of the message that passed")
            lines = [line for line in mugaid.log().splitlines() if "queue=" in line]
            expect(lines and all(f": {name}: queue=" in line for line in lines), f"a line without the id: {lines}")


def test_one_hop(bin_directory):
    """One Postfix with the milter on its public port: recipients share one clean message."""
    with Scene(bin_directory, topology="one-hop") as scene, Mugaid(scene):
        scene.send(mail("hop", b"through one hop\n"), (outside("taro"), outside("hanako")))
        scene.drain()
        stored = scene.wait_at("lgwan", 1)
        expect(sorted(r for s in stored for r in s.recipients) == [outside("hanako"), outside("taro")],
               "each recipient once")
        for one in stored:
            expect_delivered(scene, one, "through one hop")


def test_one_hop_very_many_headers(bin_directory):
    """In one hop the same: taken once, submitted anew, in full."""
    with Scene(bin_directory, topology="one-hop") as scene, Mugaid(scene) as mugaid:
        extra = b"".join(b"X-%d: %d\n" % (n, n) for n in range(20_000))
        scene.send(mail("fields", b"the text below the fields\n", extra))
        scene.drain()
        expect_delivered(scene, scene.wait_at("lgwan", 1)[0], "the text below the fields")
        expect(mugaid.log().count("submitted anew as ") == 1, "not submitted")


def test_one_hop_reject(bin_directory):
    """One hop: what policy refuses is refused before it is taken; nothing is sent to anybody."""
    policy = ("name: refusing\nrules:\n  - name: unwanted\n    when: {header: {name: Subject, value: unwanted}}\n"
              "    message: reject\n  - name: others\n    message: deliver\n    parts: remove\n")
    with Scene(bin_directory, topology="one-hop") as scene, Mugaid(scene, policy=policy):
        code, text = scene.try_send(mail("unwanted", b"must not pass\n"))
        expect(code // 100 == 5, f"answer {code} {text}, not 5xx")
        scene.send(mail("wanted", b"may pass\n"))
        scene.drain()
        stored = scene.wait_at("lgwan", 1)
        expect(len(stored) == 1 and not scene.at("mailbox"), "the refused mail, or a bounce, was sent on")
        expect_delivered(scene, stored[0], "may pass")


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
        def status():
            return scene.exec("gateway", "/usr/bin/mugai", "status", check=False)
        with mugaid:
            scene.send(mail("counted", b"one\n"))
            scene.drain()
            scene.wait_at("lgwan", 1)
            done = status()
            expect(done.returncode == 0, f"exit {done.returncode}: {done.stderr}")
            expect(re.search(r"deliver\w*\W+1\b", done.stdout), f"no count of one delivery in: {done.stdout}")
        expect((done := status()).returncode == 69, f"exit {done.returncode} without a daemon")


SCENARIOS = scenarios(sys.modules[__name__], scenes_border, scenes_authentication, scenes_documents)


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
