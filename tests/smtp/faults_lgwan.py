"""Faults of the LGWAN mail server, of the way to it, and queues that expire."""
import re
import subprocess

import readable
from faults_case import ALARMED, RECIPIENT, expect, fault, wait_until


@fault("lgwan", "LGWAN サーバーが遅い（接続 3 秒、DATA 3 秒、受領 5 秒）")
def lgwan_slow(case):
    with case.laboratory():
        case.lgwan({"at": "CONNECT", "delay": 3}, {"at": "DATA", "delay": 3}, {"at": "END", "delay": 5})
        case.send(3)
        case.wait_event("END", 3)
        case.wait_arrived(3)


def refused_for_a_while(case, step, reply, times=6):
    with case.laboratory():
        case.lgwan({"at": step, "reply": reply, "times": times})
        case.send(2)
        case.wait_event(step, times)
        case.wait_arrived(2)


@fault("lgwan", "LGWAN サーバーが接続を断る（421、しばらく）")
def lgwan_421(case):
    refused_for_a_while(case, "CONNECT", "421 4.3.2 Service not available")


@fault("lgwan", "LGWAN サーバーが宛先を一時的に断る（450、しばらく）")
def lgwan_450(case):
    refused_for_a_while(case, "RCPT", "450 4.2.0 Try again")


@fault("lgwan", "LGWAN サーバーが本文の後に一時的に断る（451、しばらく）")
def lgwan_451(case):
    refused_for_a_while(case, "END", "451 4.3.0 Try again")


@fault("lgwan", "LGWAN の受信箱がいっぱい（452、しばらく）")
def lgwan_mailbox_full_452(case):
    refused_for_a_while(case, "RCPT", "452 4.2.2 Mailbox full")


def refused_for_good(case, step, reply):
    """What is refused for good is told to the alarm address, and the mail beside it passes."""
    with case.laboratory():
        case.lgwan({"at": step, "reply": reply, "times": 1})
        refused = case.send()
        refused.outcome = ALARMED
        case.scene.wait_at("mailbox", 2, 60)
        case.send()
        case.wait_arrived(1)


@fault("lgwan", "LGWAN サーバーが宛先を恒久的に断る（550）: 警報")
def lgwan_550(case):
    refused_for_good(case, "RCPT", "550 5.1.1 User unknown")


@fault("lgwan", "LGWAN サーバーが本文の後に恒久的に断る（554）: 警報")
def lgwan_554(case):
    refused_for_good(case, "END", "554 5.7.1 Refused")


@fault("lgwan", "LGWAN の受信箱がいっぱい（552、恒久）: 警報")
def lgwan_mailbox_full_552(case):
    refused_for_good(case, "END", "552 5.2.2 Mailbox full")


@fault("lgwan", "LGWAN への接続が DATA の途中で切れる（3 回）")
def lgwan_cut_in_data(case):
    with case.laboratory():
        case.lgwan({"at": "TEXT", "cut": True, "times": 3})
        case.send(2)
        case.wait_event("TEXT", 3)
        case.wait_arrived(2)


@fault("lgwan", "本文の後、受領の返事の前に接続が切れる（1 回）")
def lgwan_cut_after_data(case):
    """The server has the message, and nobody could tell san: SMTP itself doubles it."""
    with case.laboratory():
        case.lgwan({"at": "END", "cut": True, "times": 1})
        doubled = case.send()
        doubled.copies = 2
        case.wait_arrived(2)
        one, two = case.scene.at("lgwan")
        expect(body(one.data) == body(two.data), "the two copies differ")
        case.note("2 通は同じ内容。受領の返事が失われたときの重複は SMTP そのものの性質で、失うよりよい")


def body(data):
    """Below the Received field of san, which tells the time."""
    return data.partition(b"\r\nDate:")[2]


@fault("lgwan", "LGWAN サーバーが落ちていて、後で戻る")
def lgwan_down(case):
    with case.laboratory():
        with case.stopped("lgwan", "lgwan"):
            case.send(3)
            case.wait_deferred(3)
        case.wait_arrived(3)


@fault("lgwan", "インターネット系のメールサーバーが落ちていて、後で戻る: LGWAN には先に届く")
def mailbox_down(case):
    with case.laboratory():
        with case.stopped("mailbox", "internet"):
            case.send(3)
            case.wait_arrived(3)
        case.scene.wait_at("mailbox", 3, 60)


@fault("lgwan", "san の Postfix を止めて、後で起動")
def san_stopped(case):
    with case.laboratory():
        postfix = ("postfix", "-c", "/etc/postfix-san")
        case.scene.exec("gateway", *postfix, "stop")
        case.send(3)
        case.wait_deferred(3)
        case.expect_nothing_passed()
        case.scene.exec("gateway", *postfix, "start", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# ---- queues that expire -----------------------------------------------------------------------------------


@fault("lgwan", "edge のキューの期限切れ（mugaid がずっと停止）: 警報")
def expired_at_edge(case):
    with case.laboratory() as mugaid:
        mugaid.stop()
        case.scene.postconf("edge", maximal_queue_lifetime="4s", bounce_queue_lifetime="4s")
        for _ in range(2):
            case.send().outcome = ALARMED
        wait_alarms(case, 2)
        case.expect_nothing_passed()
        case.scene.postconf("edge", maximal_queue_lifetime="5d", bounce_queue_lifetime="5d")
        mugaid.start()
        case.send()


@fault("lgwan", "san のキューの期限切れ（LGWAN サーバーがずっと停止）: 警報")
def expired_at_san(case):
    with case.laboratory():
        case.scene.postconf("san", maximal_queue_lifetime="4s", bounce_queue_lifetime="4s")
        with case.stopped("lgwan", "lgwan"):
            for _ in range(2):
                case.send().outcome = ALARMED
            wait_alarms(case, 2)
        case.scene.postconf("san", maximal_queue_lifetime="5d", bounce_queue_lifetime="5d")
        case.send()


@fault("lgwan", "警報を監査に書けない（権限がない）: 書けるまで待つ")
def alarm_not_recorded(case):
    """The administrator is told at once, by mail; the audit, when it can be written."""
    with case.laboratory():
        case.lgwan({"at": "MAIL", "delay": 3}, {"at": "END", "reply": "550 5.1.1 User unknown", "times": 1})
        case.send().outcome = ALARMED
        case.wait_event("MAIL", 1)
        case.audit_file().chmod(0)
        wait_alarms(case, 1)
        wait_until(lambda: re.search(r"relay=mugai-alarm[^\n]*status=deferred", case.log()), 60, "it waits")
        case.audit_file().chmod(0o640)


def wait_alarms(case, count):
    wait_until(lambda: sum(s.sender == "" for s in case.scene.at("mailbox")) >= count, 60, f"{count} alarms")


@fault("lgwan", "転送の輪: LGWAN → edge → san → LGWAN …")
def loop(case):
    """The LGWAN server sends back to edge whatever it gets. Each round adds to X-Mugai-Hops, until nothing is sent on."""
    with case.laboratory() as mugaid:
        case.scene.lab("loop")
        case.lgwan({"at": "END", "forward": {"address": case.scene.address, "domain": "city.example.lg.jp"}})
        mail = case.send(kilobytes=1)
        wait_until(lambda: case.status()["messages"]["discarded"] == 1, 120, "the loop ends")
        rounds = len(case.scene.at("lgwan"))
        mail.copies = rounds
        mail.looped = True
        wait_alarms(case, 1)
        alarm = next(stored for stored in case.scene.at("mailbox") if stored.sender == "")
        case.scene.expect_clean(alarm)
        expect("ループ" in readable.text(alarm.data) and RECIPIENT.replace("@", "[@]") in readable.text(alarm.data),
               f"the administrator is not told what goes in circles: {readable.text(alarm.data)}")
        alarms = case.status()["alarms"]
        expect((alarms["count"], alarms["last"][0]["status"]) == (1, "5.4.6"), f"status tells of alarms: {alarms}")
        case.note(f"{rounds} 周で止まった（X-Mugai-Hops が 100 を超える）。監査に記録、管理者に知らせ、mugai status に表示")
        expect(rounds <= 100, f"{rounds} rounds")
        events = [event for event in case.events() if event["outcome"] == "discard"]
        expect(len(events) == 1, f"{len(events)} audit events of the discarded mail")
        expect("mail loop" in mugaid.log(), "the log does not tell of the loop")
        case.lgwan()
        case.send()
