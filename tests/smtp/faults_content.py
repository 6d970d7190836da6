"""Parsers that do not start, and content that breaks its parser."""
import re
import signal

import readable
from faults_case import ALARMED, NOTICE, expect, fault, send_signal, wait_until


def deferrals_of(case, instance_word):
    """{queue id: how often it was put off} of what waits for san."""
    found = {}
    for queue_id in re.findall(rf"\]: (\w+): to=<[^>]*{instance_word}[^\n]*status=deferred", case.log()):
        found[queue_id] = found.get(queue_id, 0) + 1
    return found


def wait_retries(case, mails, count, seconds=120):
    def seen():
        tries = deferrals_of(case, "lgwan")
        return len(tries) >= mails and min(tries.values()) > count
    wait_until(seen, seconds, f"{mails} mails were tried again {count} times: {deferrals_of(case, 'lgwan')}")
    case.note(f"Postfix の再試行: 1 通につき {min(deferrals_of(case, 'lgwan').values()) - 1} 回以上")


@fault("content", "子プロセスがすべて起動不能、10 回の再試行の後に回復")
def workers_down(case):
    """The program can no longer be executed, and what ran of it is gone; mugaid itself lives."""
    with case.laboratory(settings={"work.wait": "1s"}) as mugaid:
        program = mugaid.scene.bin / "mugai-parse"
        program.chmod(0)
        for pid in case.find("zygote") + case.find("child"):
            send_signal(pid, signal.SIGKILL)
        case.send(5)
        wait_retries(case, 5, 10)
        case.expect_nothing_passed()
        program.chmod(0o755)
        case.wait_arrived(5)
        expect(case.blamed() == 0, f"the content of mails was blamed {case.blamed()} times")
        expect(mugaid.ends == [], f"mugaid ended: {mugaid.ends}")


@fault("content", "mugai-parse が壊れて mugaid も起動不能、10 回の再試行の後に回復")
def workers_broken(case):
    """What stands in the parser's place ends at once, so that mugaid does not come up, either."""
    with case.laboratory(start=False) as mugaid:
        program = mugaid.scene.bin / "mugai-parse"
        kept = program.with_name("kept")
        program.rename(kept)
        program.write_text("#!/bin/false\n")
        program.chmod(0o755)
        mugaid.launch_service()
        case.send(5)
        wait_retries(case, 5, 10)
        case.expect_nothing_passed()
        expect(mugaid.ended() >= 3 and set(mugaid.ends) == {69}, f"exit codes {mugaid.ends}")
        kept.rename(program)
        mugaid.wait_ready()
        expect(case.blamed() == 0, f"the content of mails was blamed {case.blamed()} times")


def third_failure(case, how, settings=None, more=None):
    """One mail breaks its parser; ordinary ones stand beside it."""
    with case.laboratory(brittle=True, settings=settings) as mugaid:
        case.send(2)
        broken = case.make(more=f"BREAK-PARSER: {how}")
        broken.outcome = NOTICE
        case.scene.send(broken.data)
        case.send(2)
        if more:
            more(case, mugaid)
        case.wait_arrived(5)
        expect(case.blamed() == 2, f"the content was blamed {case.blamed()} times, not twice before the notice")
        events = [event for event in case.events() if event["decision"] == NOTICE]
        expect(len(events) == 1 and events[0]["content_failures"] == 3, f"events of the notice: {events}")


@fault("content", "内容が解析を落とす（SIGILL）: 3 回目に通知のみ")
def content_crashes(case):
    third_failure(case, "crash")


@fault("content", "内容で解析が嘘をつく（規約違反の記録）: 3 回目に通知のみ")
def content_lies(case):
    third_failure(case, "lie")


@fault("content", "内容で解析が答えずに正常終了する: 3 回目に通知のみ")
def content_leaves(case):
    third_failure(case, "leave")


@fault("content", "内容が解析のメモリーを使い切る: 3 回目に通知のみ")
def content_eats_memory(case):
    third_failure(case, "memory", {"limits.parse_memory": "64MB"})


@fault("content", "内容が解析の CPU 時間を使い切る: 3 回目に通知のみ")
def content_spins(case):
    third_failure(case, "spin", {"limits.parse_cpu": "1s"})


@fault("content", "内容が解析を落とす間に mugaid が 2 回再起動: 数は続く")
def content_count_survives(case):
    """After each failure mugaid is down, once by SIGTERM and once by SIGKILL."""
    def restart(case, mugaid):
        wait_until(lambda: case.blamed() == 1, 30, "the first failure")
        mugaid.stop()
        mugaid.start()
        wait_until(lambda: case.blamed() == 2, 30, "the second failure")
        mugaid.kill()
        mugaid.wait_back(2)
    third_failure(case, "crash", more=restart)


@fault("content", "ヘッダーだけでも解析が落ちる: SMTP が伝えたことだけの通知")
def content_breaks_header(case):
    """Even the child that is shown the header alone breaks: the notice says what SMTP itself gave."""
    with case.laboratory(brittle=True):
        broken = case.make(head="X-Note: BREAK-PARSER: crash\n")
        broken.outcome, broken.headless = NOTICE, True
        case.scene.send(broken.data)
        stored = case.wait_arrived(1)[0]
        expect(case.blamed() == 2, f"the content was blamed {case.blamed()} times")
        expect("mugai@gateway.invalid" in (readable.parse(stored.data)["From"] or ""), "From is not the gateway's")
        expect(not case.events()[-1]["header_read"], "the audit says that the header was read")


@fault("content", "mugaid の再起動（SIGTERM と kill -9）: 状態の数は続く")
def counters_survive(case):
    """What `mugai status` counts in all: messages, failures, alarms."""
    with case.laboratory(brittle=True) as mugaid:
        case.lgwan({"at": "RCPT", "reply": "550 5.1.1 User unknown", "times": 1})
        case.send().outcome = ALARMED
        case.scene.wait_at("mailbox", 2, 60)
        broken = case.make(more="BREAK-PARSER: crash")
        broken.outcome = NOTICE
        case.scene.send(broken.data)
        case.send(2)
        case.wait_arrived(3)
        wait_until(lambda: counters(case)["alarms"] == 1, 20, "the alarm is counted")
        before = counters(case)
        mugaid.stop()
        mugaid.start()
        expect(counters(case) == before, f"after SIGTERM {counters(case)}, before {before}")
        mugaid.kill()
        mugaid.wait_back(2)
        expect(counters(case) == before, f"after SIGKILL {counters(case)}, before {before}")
        wanted = {"delivered": 3, "notice_only": 1, "failed_content": 2, "alarms": 1, "failures": 1}
        expect({key: before[key] for key in wanted} == wanted, f"counters: {before}")


def counters(case):
    now = case.status()
    return {"alarms": now["alarms"]["count"], "failures": now["failures"]["count"],
            **{key: value for key, value in now["totals"].items() if key != "since"}}
