"""Faults of the files that an administrator writes."""
import signal

from faults_case import expect, fault, wait_until


def file_gone(case, name, word):
    """A reload keeps what was; a restart does not come up, and is not tried for ever; then the file is back."""
    with case.laboratory() as mugaid:
        path = mugaid.directory / name
        kept = path.read_bytes()
        path.unlink()
        mugaid.process.send_signal(signal.SIGHUP)
        wait_until(lambda: case.status()["reload"]["count"] == 1, 10, "the reload")
        expect(case.status()["reload"]["result"] == "refused", "a reload without the file was not refused")
        expect(word in mugaid.log(), f"the log does not name {word}")
        case.send()
        case.wait_arrived(1)
        mugaid.process.terminate()
        wait_until(mugaid.prevented.is_set, 20, f"the service stays down (exit codes {mugaid.ends})")
        expect(mugaid.ends == [0, 78], f"exit codes {mugaid.ends}")
        case.send(2)
        case.wait_deferred(2)
        case.expect_nothing_passed(arrived=1)
        path.write_bytes(kept)
        mugaid.stop()
        mugaid.start()


@fault("mugaid", "設定ファイルが消える: 再読み込みは元のまま、再起動は拒否")
def settings_gone(case):
    file_gone(case, "mugai.yaml", "mugai.yaml")


@fault("mugaid", "規則ファイルが消える: 再読み込みは元のまま、再起動は拒否")
def policy_gone(case):
    file_gone(case, "policy.yaml", "policy.yaml")


@fault("mugaid", "再読み込みした設定が誤り: 元のまま動き続ける")
def settings_wrong(case):
    with case.laboratory() as mugaid:
        kept = mugaid.settings.read_text()
        mugaid.settings.write_text(kept + "limits: {parse_wall: soon}\n")
        mugaid.process.send_signal(signal.SIGHUP)
        wait_until(lambda: case.status()["reload"]["count"] == 1, 10, "the reload")
        expect(case.status()["reload"]["result"] == "refused", "a wrong file was taken")
        case.send(2)
        case.wait_arrived(2)
        mugaid.settings.write_text(kept)
        expect(mugaid.ends == [], f"mugaid ended: {mugaid.ends}")
