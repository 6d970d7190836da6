"""What the machine runs out of: disk, inodes, descriptors, memory; and its clock."""
import contextlib
import os
import resource
import shutil
import signal
import threading

from faults_case import (NOTICE, expect, fault, fill_disk, fill_inodes, send_signal, time, tmpfs,
                         wait_until)
from service import set_limit

MEGABYTE = 1 << 20


# ---- disk and inodes --------------------------------------------------------------------------------------


@fault("machine", "Postfix のキューの inode が尽きる")
def inodes_exhausted_queue(case):
    """Postfix sleeps and tries again, so that a client may get no answer; what failed is started anew after a time."""
    spool = case.scratch("spool")
    with tmpfs(spool, nr_inodes=2000, mode="755"), case.laboratory(spool=spool) as mugaid:
        case.scene.postconf("edge", service_throttle_time="2s")
        case.scene.postconf("san", service_throttle_time="2s")
        mugaid.stop()
        case.send(3)
        case.scene.wait_at("mailbox", 3)
        with starved(spool):
            refused = case.make()
            expect(case.offer(refused) // 100 != 2, "edge took a mail that it could not keep")
            mugaid.start()
            time.sleep(8)
            case.expect_nothing_passed()
        expect("No space left on device" in case.log(), "Postfix felt nothing: the test proves nothing")
        case.scene.send(refused.data)


@contextlib.contextmanager
def starved(directory):
    """No inode as long as the block lasts: what is given back is taken at once."""
    over = threading.Event()

    def keep_full():
        while not over.wait(0.05):
            fill_inodes(directory)
    fill_inodes(directory)
    thread = threading.Thread(target=keep_full, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        shutil.rmtree(directory / "fillers")


@fault("machine", "監査記録のディスクがいっぱい")
def disk_full_audit(case):
    """No event, no mail: what cannot be recorded waits."""
    with case.laboratory(small={"audit": {"size": "64k"}}) as mugaid:
        case.send()
        case.wait_arrived(1)
        filler = fill_disk(case.place("audit"))
        case.send(6)
        wait_until(lambda: "audit file: write" in mugaid.log(), 30, "the log tells of the full disk")
        case.wait_deferred(6)
        passed = len(case.scene.at("lgwan"))
        expect(passed < 7, "all mail passed without room for its events")
        filler.unlink()
        expect_well(case, mugaid)


@fault("machine", "状態のディスクがいっぱい: 内容の失敗を数えられない")
def disk_full_state(case):
    """A failure that cannot be counted is no third one; ordinary mail needs no state and passes."""
    with case.laboratory(brittle=True, small={"state": {"size": "64k"}}) as mugaid:
        filler = fill_disk(case.place("state"))
        broken = send_broken(case)
        case.send(2)
        case.wait_arrived(2)
        wait_until(lambda: mugaid.log().count("cannot be counted") >= 5, 60, "five failures that cannot be counted")
        case.expect_nothing_passed(arrived=2)
        filler.unlink()
        case.wait_arrived(3)
        expect(broken.outcome == NOTICE and case.blamed() == 2, f"the content was blamed {case.blamed()} times")
        expect_well(case, mugaid)


def send_broken(case):
    broken = case.make(more="BREAK-PARSER: crash")
    broken.outcome = NOTICE
    case.scene.send(broken.data)
    return broken


@fault("machine", "Postfix のキューのディスクがいっぱい")
def disk_full_queue(case):
    """Both queues share it. Edge refuses what it cannot keep, and what it has waits; nothing is cut short."""
    spool = case.scratch("spool")
    with tmpfs(spool, size="160m", mode="755"), case.laboratory(spool=spool) as mugaid:
        mugaid.stop()
        case.send(3)
        case.scene.wait_at("mailbox", 3)
        filler = fill_disk(spool)
        mugaid.start()
        refused = case.make()
        expect(case.offer(refused) // 100 == 4, "edge took a mail that it could not keep")
        case.wait_deferred(2)
        case.expect_nothing_passed()
        filler.unlink()
        case.scene.send(refused.data)


@fault("machine", "監査記録の inode が尽きる（ローテーションの直後）")
def inodes_exhausted_audit(case):
    """The file was moved away, and no new one can be made."""
    with case.laboratory(small={"audit": {"nr_inodes": 40}}) as mugaid:
        case.send()
        case.wait_arrived(1)
        audit = case.audit_file()
        audit.rename(audit.with_suffix(".1"))
        fillers = fill_inodes(audit.parent)
        case.send(2)
        case.wait_deferred(4)
        case.expect_nothing_passed(arrived=1)
        shutil.rmtree(fillers)
        case.wait_arrived(3)
        expect_well(case, mugaid)


@fault("machine", "状態のディスクの inode が尽きる: 内容の失敗を数えられない")
def inodes_exhausted_state(case):
    with case.laboratory(brittle=True, small={"state": {"nr_inodes": 40}}) as mugaid:
        fillers = fill_inodes(case.place("state"))
        send_broken(case)
        case.send(2)
        case.wait_arrived(2)
        wait_until(lambda: mugaid.log().count("cannot be counted") >= 5, 60, "five failures that cannot be counted")
        case.expect_nothing_passed(arrived=2)
        shutil.rmtree(fillers)
        case.wait_arrived(3)
        expect_well(case, mugaid)


def expect_well(case, mugaid):
    expect(mugaid.ends == [], f"mugaid ended: {mugaid.ends}")
    expect(case.status()["well"], "mugaid says that it is not well")


# ---- descriptors ------------------------------------------------------------------------------------------


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@contextlib.contextmanager
def limited(pid, what, value):
    """A soft limit of a running process as long as the block lasts."""
    set_limit(pid, what, value)
    try:
        yield
    finally:
        set_limit(pid, what, resource.getrlimit(what)[1])


def wait_environment(case, count=1):
    """Until the environment was blamed: the fault is felt."""
    wait_until(lambda: (case.status() or {"messages": {"failed_environment": 0}})["messages"]["failed_environment"] >= count,
               60, f"{count} failures of the environment")


@fault("machine", "mugaid の記述子が尽きる")
def descriptors_exhausted_mugaid(case):
    with case.laboratory() as mugaid:
        case.scene.postconf("san", milter_command_timeout="5s", milter_connect_timeout="5s")
        case.send()
        case.wait_arrived(1)
        pid = mugaid.process.pid
        with limited(pid, resource.RLIMIT_NOFILE, descriptors(pid) + 1):
            case.send(6)
            case.wait_deferred(6)
        case.wait_arrived(7)
        expect_not_blamed(case, mugaid)


@fault("machine", "supervisor の記述子が尽きる")
def descriptors_exhausted_supervisor(case):
    """Below what it holds already, above what it polls: no new child can be had, when the spares are used up."""
    with case.laboratory(settings={"work.wait": "2s"}) as mugaid:
        case.spares()
        with limited(case.one("supervisor"), resource.RLIMIT_NOFILE, 8):
            case.send(8)
            wait_environment(case, 2)
        case.wait_arrived(8)
        expect_not_blamed(case, mugaid)


def expect_not_blamed(case, mugaid):
    expect(case.blamed() == 0, f"the content of mails was blamed {case.blamed()} times")
    case.note(f"mugaid の終了: {len(mugaid.ends)} 回 {sorted(set(mugaid.ends))}" if mugaid.ends else "mugaid は動き続けた")


# ---- memory -----------------------------------------------------------------------------------------------


def written_memory(pid):
    """Private memory that may be written, in bytes: what RLIMIT_DATA limits."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmData:"))


@fault("machine", "mugaid のメモリーが尽きる")
def memory_exhausted_mugaid(case):
    """It ends, again and again; no mail is lost by that. Each time the mails are larger, so that what it has kept from
    those before does not suffice. GLib's own abort may run out of stack (SIGSEGV) where it has no memory for its words."""
    with case.laboratory() as mugaid:
        case.scene.postconf("san", milter_command_timeout="5s", milter_connect_timeout="5s")
        for number in range(3):
            pid = mugaid.process.pid
            set_limit(pid, resource.RLIMIT_DATA, written_memory(pid))
            case.send(2, kilobytes=3000, rows=20000 * 3 ** number)
            mugaid.wait_back(number + 1)
            case.wait_arrived(2 * number + 2)
        expect_not_blamed(case, mugaid)


@fault("machine", "supervisor のメモリーが尽きる: zygote を起動し直せない")
def memory_exhausted_supervisor(case):
    """What it starts has its limits, and does not come up; what ran already is ended."""
    with case.laboratory(settings={"work.wait": "2s"}) as mugaid:
        with limited(case.one("supervisor"), resource.RLIMIT_DATA, MEGABYTE // 16):
            for pid in case.find("zygote") + case.find("child"):
                send_signal(pid, signal.SIGKILL)
            case.send(8)
            wait_environment(case, 4)
            case.expect_nothing_passed()
        case.wait_arrived(8)
        expect_not_blamed(case, mugaid)


@fault("machine", "zygote のメモリー上限が低く固定される: 子プロセスの上限を変えられない")
def memory_exhausted_zygote(case):
    """A hard limit, which nobody can raise: each child that it makes is refused, until it is made anew."""
    with case.laboratory(settings={"work.wait": "2s"}) as mugaid:
        zygote = case.one("zygote")
        set_limit(zygote, resource.RLIMIT_AS, 64 * MEGABYTE, hard=True)
        for pid in case.spares():
            send_signal(pid, signal.SIGKILL)
        case.send(4)
        wait_environment(case, 4)
        case.expect_nothing_passed()
        os.kill(zygote, signal.SIGKILL)
        case.wait_arrived(4)
        expect_not_blamed(case, mugaid)


@fault("machine", "work.memory が一度に来た 12 通に足りない: 待ち、451、後で全部届く")
def memory_budget_too_small(case):
    """Room for one child at a time, and that one is stopped for a while."""
    with case.laboratory(settings={"work.memory": "200MB", "work.wait": "2s", "limits.parse_memory": "128MB",
                                   "limits.message": "8MB"}) as mugaid:
        with case.frozen(case.spares()):
            case.send(12)
            wait_until(lambda: case.status()["messages"]["failed_environment"] >= 8, 30, "451 for want of memory")
            expect(case.status()["supervisor"]["running"] == 1, "more than one child has memory")
        case.wait_arrived(12)
        expect(case.blamed() == 0, "the content was blamed")
        expect_well(case, mugaid)


# ---- clock ------------------------------------------------------------------------------------------------

DAY = 86400


def clock_jump(case, jump):
    """Mails in work and one that breaks its parser, around a jump of the time of day that mugaid alone sees."""
    clock = case.scratch("clock") / "offset"
    clock.write_text("0\n")
    shim = {"LD_PRELOAD": str(case.tests / "libclock_shim.so"), "CLOCK_SHIM_FILE": str(clock)}
    settings = {"limits.parse_wall": "5s", "limits.parse_cpu": "5s"}
    with case.laboratory(brittle=True, environment=shim, settings=settings) as mugaid:
        case.send()
        case.wait_arrived(1)
        send_broken(case)
        wait_until(lambda: case.blamed() >= 1, 30, "the first failure")
        with case.frozen(case.spares()) as pids:
            case.send(len(pids))
            case.wait_in_work(len(pids))
            start = time.monotonic()
            new = clock.with_name("new")
            new.write_text(f"{jump}\n")
            new.rename(clock)
            wait_until(lambda: case.status()["supervisor"]["timed_out"] >= len(pids), 30, "the deadlines come")
            expect(4 < time.monotonic() - start < 12, "the deadlines moved with the clock")
        case.send(2)
        case.wait_arrived(len(case.mails))
        seen = int(time.time()) + jump
        expect(abs(case.events()[-1]["arrival"] - seen) < 120, "mugaid did not see the jump: the test proves nothing")
        expect(2 <= case.blamed() <= 4, f"the content was blamed {case.blamed()} times")
        expect_well(case, mugaid)


@fault("machine", "時計が 10 日進む")
def clock_forward(case):
    clock_jump(case, 10 * DAY)


@fault("machine", "時計が 10 日戻る")
def clock_back(case):
    clock_jump(case, -10 * DAY)


@fault("machine", "時計が 1 時間戻る")
def clock_back_an_hour(case):
    clock_jump(case, -3600)
