"""Faults of mugaid itself: stopped, killed, hung, its supervisor and zygotes, its socket."""
import os
import re
import signal
from pathlib import Path

from faults_case import NOTICE, RECIPIENT, Failure, expect, fault, send_signal, time, wait_until


@fault("mugaid", "mugaid を停止し、しばらく後に起動")
def mugaid_stopped(case):
    with case.laboratory() as mugaid:
        case.send()
        case.wait_arrived(1)
        mugaid.stop()
        case.send(2, recipients=(RECIPIENT, "taro@city.example.lg.jp", "hanako@city.example.lg.jp"))
        case.wait_deferred(12)
        case.expect_nothing_passed(arrived=1)
        mugaid.start()


@fault("mugaid", "処理中に mugaid を停止（SIGTERM）")
def mugaid_stopped_in_work(case):
    with case.laboratory() as mugaid:
        with case.frozen(case.spares()):
            case.send()
            case.wait_in_work()
            expect(mugaid.stop() == 0, f"exit codes {mugaid.ends}")
        case.expect_nothing_passed()
        mugaid.start()


@fault("mugaid", "処理中の mugaid を kill -9（8 回、時点を変えて）")
def mugaid_killed(case):
    with case.laboratory() as mugaid:
        with case.frozen(case.spares()):
            case.send()
            case.wait_in_work()
            mugaid.kill()
            mugaid.wait_ended(1)
        mugaid.wait_ready()
        for number in range(7):
            # Held until it is seen: it may take no longer than a look at the status.
            with case.frozen(case.spares()):
                case.send(rows=30000)
                case.wait_in_work()
            time.sleep(0.01 * 2 ** number if number else 0)
            mugaid.kill()
            mugaid.wait_back(number + 2)
        expect(set(mugaid.ends) == {-signal.SIGKILL}, f"exit codes {mugaid.ends}")
        hit = len(set(re.findall(r"\]: (\w+): to=<[^>]*lgwan[^\n]*status=deferred", case.log())))
        case.note(f"8 回のうち {hit} 回が処理中のメールに当たり、再試行")
        expect(hit >= 3, f"only {hit} of 8 kills met a mail in work")


@fault("mugaid", "mugaid が固まる（SIGSTOP）: watchdog が起動し直す")
def mugaid_hung(case):
    with case.laboratory(watchdog=6) as mugaid:
        case.send()
        case.wait_arrived(1)
        time.sleep(9)
        expect(mugaid.watchdog_kills == 0, "the watchdog ended a mugaid that was well")
        mugaid.process.send_signal(signal.SIGSTOP)
        case.send(2)
        wait_until(lambda: mugaid.watchdog_kills == 1, 20, "the watchdog ends it")
        case.expect_nothing_passed(arrived=1)
        mugaid.wait_back(1)
        case.note(f"watchdog により終了（終了コード {mugaid.ends[0]}）、再起動")


@fault("mugaid", "処理中に supervisor を kill -9（3 回）")
def supervisor_killed(case):
    with case.laboratory() as mugaid:
        for number in range(3):
            with case.frozen(case.spares()):
                case.send()
                case.wait_in_work()
                os.kill(case.one("supervisor"), signal.SIGKILL)
                mugaid.wait_ended(number + 1)
            mugaid.wait_ready()
        expect(mugaid.ends == [75, 75, 75], f"exit codes {mugaid.ends}")


@fault("mugaid", "supervisor が固まる（SIGSTOP）: mugaid が見限って終了")
def supervisor_stopped(case):
    with case.laboratory(settings={"work.wait": "2s"}) as mugaid:
        os.kill(case.one("supervisor"), signal.SIGSTOP)
        case.send(6)
        mugaid.wait_back(1, 60)
        expect(mugaid.ends == [75], f"exit codes {mugaid.ends}")


@fault("mugaid", "zygote を kill -9（3 回、うち 1 回は処理中）")
def zygote_killed(case):
    with case.laboratory() as mugaid:
        for number in range(3):
            pid = case.one("zygote")
            with case.frozen(case.spares() if number == 0 else []):
                case.send(2, rows=1000)
                if number == 0:
                    case.wait_in_work(2)
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda: case.find("zygote") not in ([], [pid]), 20, "a new zygote")
            case.wait_arrived(2 * number + 2)
        expect(mugaid.ends == [], f"mugaid ended: {mugaid.ends}")
        expect(case.status()["supervisor"]["zygote_restarts"] == 3, "not three new zygotes")


@fault("mugaid", "zygote が固まる（SIGSTOP）: 作り直される")
def zygote_stopped(case):
    with case.laboratory() as mugaid:
        os.kill(case.one("zygote"), signal.SIGSTOP)
        case.send(12)
        case.wait_arrived(12)
        expect(case.status()["supervisor"]["zygote_restarts"] == 1, "the zygote was not started again")
        expect(mugaid.ends == [], f"mugaid ended: {mugaid.ends}")


@fault("mugaid", "milter のソケットが消える")
def socket_gone(case):
    with case.laboratory() as mugaid:
        mugaid.scene.socket.unlink()
        case.send(2)
        case.wait_deferred(2)
        case.expect_nothing_passed()
        mugaid.wait_back(1)
        expect(mugaid.ends == [75], f"exit codes {mugaid.ends}")


@fault("mugaid", "ソケットのディレクトリーに権限がなくなる")
def socket_directory_closed(case):
    with case.laboratory() as mugaid:
        case.send()
        case.wait_arrived(1)
        mugaid.directory.chmod(0)
        case.send(2)
        case.wait_deferred(4)
        case.expect_nothing_passed(arrived=1)
        mugaid.directory.chmod(0o755)


# ---- jailed children ------------------------------------------------------------------------------------


@fault("child", "子プロセスを kill -9: 仕事の前（待機中の全部）")
def child_killed_before(case):
    with case.laboratory() as mugaid:
        for number in range(5):
            killed = case.spares()
            for pid in killed:
                send_signal(pid, signal.SIGKILL)
            wait_until(lambda gone=set(killed): not gone & set(case.find("child")), 20, "the children are gone")
            case.send()
            case.wait_arrived(number + 1)
        expect_only_environment(case, mugaid)


@fault("child", "子プロセスを kill -9: 仕事の途中（4 件同時に）")
def child_killed_in_work(case):
    with case.laboratory() as mugaid:
        with case.frozen(case.spares()) as pids:
            case.send(len(pids))
            case.wait_in_work(len(pids))
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
        case.wait_arrived(len(pids))
        expect_only_environment(case, mugaid)
        expect(case.status()["messages"]["failed_environment"] >= len(pids), "the kills met nothing")


@fault("child", "子プロセスを kill -9: 始まりから終わりまで 16 の時点で")
def child_killed_at_each_step(case):
    """One job at a time is let go, and its child killed after a little more work each time. The clock is the CPU time of
    the child itself: on a busy machine a second says nothing about how far it has come."""
    steps = 16
    with case.laboratory() as mugaid:
        whole = run_child_to(case, None)
        for step in range(steps):
            run_child_to(case, whole * step // steps)
            case.wait_arrived(step + 2)
        failed = case.status()["messages"]["failed_environment"]
        case.note(f"解析は CPU 時間で約 {whole / 1e6:.0f} ms。{steps} 回のうち {failed} 回が処理中に当たり、再試行")
        expect(failed >= 3 * steps / 4, f"only {failed} of {steps} kills met a child at work")
        expect_only_environment(case, mugaid)


def run_child_to(case, end):
    """Sends a mail and kills its child once it has used this much CPU (ns; None: never). What it had used when last
    seen. Jobs go to the oldest spare first."""
    with case.frozen(case.spares()) as pids:
        case.send(rows=30000)
        case.wait_in_work()
        start = used = cpu_of(pids[0])
        os.kill(pids[0], signal.SIGCONT)
        patience = time.monotonic() + 30
        while end is None or used - start < end:
            now = cpu_of(pids[0])
            if now is None:
                break
            expect(time.monotonic() < patience, "the oldest child does not work")
            used = now
            time.sleep(0.001)
        if end is not None:
            send_signal(pids[0], signal.SIGKILL)
    return used - start


def cpu_of(pid):
    """CPU time so far, in ns; None when the process is gone."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return None


@fault("child", "ヘッダーだけを読む子プロセスを kill -9")
def header_child_killed(case):
    """The child of the third try, which reads the header alone, after two crashes and one more. That try comes a second after
    the second crash: where it came before the children could be stopped, the next mail is for it."""
    with case.laboratory(brittle=True) as mugaid:
        hit = any(header_child_hit(case, 2 * number) for number in range(1, 6))
        expect(hit, "the third try came too early, five times")
        expect(mugaid.ends == [], f"mugaid ended: {mugaid.ends}")


def header_child_hit(case, crashes):
    mail = case.make(more="BREAK-PARSER: crash")
    mail.outcome = NOTICE
    case.scene.send(mail.data)
    wait_until(lambda: case.blamed() >= crashes, 30, "two crashes more")
    # Jobs go to the oldest spare first.
    with case.frozen(case.spares()) as pids:
        try:
            case.wait_in_work(seconds=5)
        except Failure:
            return False
        os.kill(pids[0], signal.SIGCONT)
        wait_until(lambda: pids[0] not in case.find("child") and case.status()["supervisor"]["running"] == 1, 20,
                   "the header's child has its job")
        os.kill(pids[1], signal.SIGKILL)
        wait_until(lambda: case.status()["messages"]["failed_environment"] == 1, 20, "the kill met its job")
    return True


@fault("child", "子プロセスが固まる（SIGSTOP）: 期限が来て、やり直し")
def child_stopped(case):
    with case.laboratory(settings={"limits.parse_wall": "3s", "limits.parse_cpu": "3s"}) as mugaid:
        with case.frozen(case.spares()) as pids:
            case.send(len(pids))
            wait_until(lambda: case.status()["supervisor"]["timed_out"] >= len(pids), 30, "the deadlines come")
        expect_only_environment(case, mugaid)


@fault("child", "すべての子プロセスを見つけしだい kill -9（20 秒間、10 通）")
def children_hunted(case):
    with case.laboratory(settings={"work.wait": "5s"}) as mugaid:
        end, killed = time.monotonic() + 20, 0
        sent = 0
        while time.monotonic() < end:
            killed += sum(send_signal(pid, signal.SIGKILL) for pid in case.find("child"))
            if sent < 10:
                case.send(rows=2000)
                sent += 1
        case.note(f"{killed} 個を終了させた")
        expect(killed >= 20, f"only {killed} children were killed")
        expect_only_environment(case, mugaid)


def expect_only_environment(case, mugaid):
    """Nobody blamed a mail for what was done to its reader, and mugaid did not even end."""
    expect(case.blamed() == 0, f"the content of mails was blamed {case.blamed()} times")
    expect(mugaid.ends == [], f"mugaid ended: {mugaid.ends}")
    kinds = {name for pid, name in mugaid.family().items() if pid in case.find("zygote")}
    expect(kinds == {"mugai-parse"}, f"kinds of children: {kinds}; each of them needs these faults")
