#!/usr/bin/env -S python3 -B
"""demo.py BIN_DIRECTORY: sends the sample mails through Postfix and Mugai and shows what arrives.

Left as sent in the internet zone's mailbox; as a clean message on the LGWAN side. Exit code 0 when
everything was as expected. What is left behind is for the caller to look at (tests/demo).
"""
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import readable
from gateway import MAILS, Failure, Mugaid, Scene
from send import crlf
from test_end_to_end import NOTICE, result_of, without_trace

ORIGINAL_LINES, CLEAN_LINES, WIDTH = 14, 40, 110


@dataclass
class Sample:
    file: str
    title: str
    says: list                                     # must be in the clean text or its Subject
    never: list = field(default_factory=list)      # must not be anywhere in the clean message
    absent: list = field(default_factory=list)     # header fields that must not exist


SAMPLES = [
    Sample("iso-2022-jp.eml", "ISO-2022-JP の本文だけのメール",
           ["水道管工事の日程について", "12月4日(金)", "通用口が使えません"]),
    Sample("utf-8-attachment.eml", "UTF-8・日本語の件名・添付ファイル付き",
           ["補助金申請書の送付（髙橋邸・①号棟）", "㈱北川工務店", "申請書"],
           ["MARKER-ATTACHMENT-7f3a", "この行は添付ファイルの中身"]),
    Sample("hostile-headers.eml", "ヘッダ注入・偽の通知・端末制御文字を含む攻撃メール",
           ["至急ご確認ください", "末尾の行"],
           ["MARKER-ATTACHMENT-7f3a", "\x1b", "\u202e", "forged"],
           ["Bcc", "X-Injected", "X-Mugai-Seal"]),
    Sample("html.eml", "HTMLメール(スクリプト・追跡画像付き)",
           ["オンラインセミナーのご案内", "セミナーのお申し込みは", "[1!attacker.example]"],
           ["MARKER-SCRIPT", "MARKER-BEACON", "<script", "<img"]),
    Sample("zip.eml", "Shift_JIS の本文と ZIP ファイル(削除される)",
           ["お見積書(パスワードは別送)", "㈱鈴木商店です", "見積書一式"],
           ["MARKER-ATTACHMENT-7f3a", "PK\x03\x04"]),
]


class Screen:
    """Plain lines; colours only on a terminal."""

    def __init__(self):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        self.colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text

    def heading(self, text):
        print("\n" + self.paint("1;36", f"━━ {text}"))

    def box(self, title, lines, code):
        print(self.paint(code, f" ┌─ {title}"))
        for line in lines:
            print(self.paint(code, " │ ") + line)
        print(self.paint(code, " └─"))

    def verdict(self, good, text):
        print("  " + (self.paint("32", "✓ ") if good else self.paint("1;31", "✗ ")) + text)


def message_lines(data, limit):
    shown = [f"{name}: {readable.safe(value)}" for name, value in readable.headers(data)] + [""]
    shown += [readable.safe(line) for line in readable.text(data).splitlines()]
    shown = [line if len(line) <= WIDTH else line[:WIDTH] + "…" for line in shown]
    if len(shown) > limit:
        shown = shown[:limit] + [f"…(あと {len(shown) - limit} 行)"]
    for kind, name in readable.others(data):
        shown.append(readable.safe(f"[パート: {kind} {name}]"))
    return shown


def checks(scene, sample, sent, original, clean):
    """[(good, sentence)] for one mail."""
    words = readable.text(clean.data) + "\n" + readable.decode_words(readable.parse(clean.data)["Subject"] or "")
    everything = readable.everything(clean.data)
    fields = {name.lower() for name in readable.parse(clean.data).keys()}
    missing = [word for word in sample.says if word not in words]
    passed = [word for word in sample.never if word.encode() in everything]
    present = [name for name in sample.absent if name.lower() in fields]
    accepted, said = scene.verify(clean.path)
    return [
        (without_trace(original.data) == sent, "インターネット系には、送信したものがそのまま届いた"),
        (accepted, "mugai-verify: 合格" if accepted else f"mugai-verify: 不合格 ({readable.safe(said)})"),
        (result_of(clean).startswith("deliver;"), f"X-Mugai-Result: {readable.safe(result_of(clean))}"),
        (not missing, "本文と件名が読める" + (f" 不足: {missing}" if missing else "")),
        (not passed and not present, "添付の中身・危険な要素は一つも通っていない"
         + (f" 通過: {[readable.safe(w) for w in passed + present]}" if passed or present else "")),
        (NOTICE in words, "無害化の通知がある"),
    ]


def pass_one(scene, number, sample, sent):
    """Sends one mail; (original, clean, milliseconds until accepted, at the mailbox, at LGWAN)."""
    start_wall, start = time.time(), time.monotonic()
    scene.send(sent)
    accepted = 1000 * (time.monotonic() - start)
    original = scene.wait_at("mailbox", number)[-1]
    clean = scene.wait_at("lgwan", number)[-1]
    return original, clean, accepted, 1000 * (original.time - start_wall), 1000 * (clean.time - start_wall)


def show_one(screen, scene, number, sample):
    screen.heading(f"{number}/{len(SAMPLES)}  {sample.title}  (tests/mails/{sample.file})")
    sent = crlf((MAILS / sample.file).read_bytes())
    original, clean, accepted, at_mailbox, at_lgwan = pass_one(scene, number, sample, sent)
    print(f"  受理 {accepted:.0f} ms / 原本の到着 {at_mailbox:.0f} ms / 無害化メールの到着 {at_lgwan:.0f} ms")
    screen.box("原本: インターネット系メールボックスに届いたもの", message_lines(original.data, ORIGINAL_LINES), "33")
    screen.box("無害化後: LGWAN 系に届いたもの", message_lines(clean.data, CLEAN_LINES), "32")
    results = checks(scene, sample, sent, original, clean)
    for good, sentence in results:
        screen.verdict(good, sentence)
    return [sentence for good, sentence in results if not good]


def run(screen, bin_directory):
    failed = []
    print("Postfix を2つ(edge・san)と mugaid を、使い捨てのディレクトリで起動しています…")
    start = time.monotonic()
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        print(f"  起動 {time.monotonic() - start:.1f} 秒")
        for number, sample in enumerate(SAMPLES, 1):
            failed += [f"{sample.file}: {why}" for why in show_one(screen, scene, number, sample)]
        names = Counter(mugaid.family().values())
        print("\n動いているプロセス: " + ", ".join(f"{name} × {n}" for name, n in sorted(names.items())))
        print("終了しています…")
    return failed


def leave(number, _frame):
    """A signal unwinds, so that all that runs is ended, and in silence: half a picture helps nobody."""
    for known in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(known, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    raise SystemExit(128 + number)


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    screen = Screen()
    try:
        failed = run(screen, sys.argv[1])
    except Failure as failure:
        failed = [str(failure)]
    screen.heading("まとめ")
    for why in failed:
        screen.verdict(False, readable.safe(why))
    if not failed:
        screen.verdict(True, f"{len(SAMPLES)} 通すべて期待どおり。")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
