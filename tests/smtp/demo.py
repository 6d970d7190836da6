#!/usr/bin/env -S python3 -B
"""demo.py --list | [--mail N] [--pause] BIN_DIRECTORY: sends telling mails through Postfix and Mugai.

Shows what arrives, before and after: in the internet zone's mailbox as it was sent, on the LGWAN side as a clean
message. Exit code 0 when everything was as expected. What is left behind is for the caller to look at (tests/demo).
"""
import argparse
import contextlib
import email.utils
import os
import re
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable

import demo_mails
import readable
from checks import NOTICE, result_of, without_trace
from gateway import MAILS, TESTS, Failure, Mugaid, Scene
from screen import Screen, width, wrap
from send import crlf

FIRST_LINES, TEXT_LINES, FILES_SHOWN, BOX_LINES = 5, 10, 2, 60
HONEST, ATTACKER = "192.0.2.10", "192.0.2.66"      # tests/lab
SAN_USER = "postfix-san"                            # mail_owner of conf/postfix/san
TRUST = "authentication:\n  authserv_id: edge.city.example.lg.jp\n"
# Who says in the DNS which servers send for them, and that other mail is not theirs.
PUBLISHED = ("kensetsu.example", "dx-tsushin.example", "kitagawa-bank.example", "kitagawa-sekkei.example",
             "pref.kitagawa.example", "kanri.example")
EICAR = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
EICAR_BASE64 = "JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJV"
MARKER = demo_mails.MARKER


@dataclass
class Sample:
    title: str
    why: str
    mail: str | Callable        # a file of tests/mails, or what makes it
    removed: int                # parts that policy removes
    told: dict                  # notice -> how many (None: it has no number): these, no more and no fewer
    says: list                  # must be in the clean text or Subject
    never: list = field(default_factory=list)      # must not be anywhere in the clean message
    absent: list = field(default_factory=list)     # header fields that must not exist
    look: list = field(default_factory=list)       # lines of the original to show, however far down
    as_it_is: bool = False      # show the body as it is: two readers would see two different mails
    sender: str | None = None   # in SMTP; None: that of From
    source: str = HONEST        # the client's address
    checked: str = "SPF 合格・DKIM 設定なし・DMARC 合格"

    def data(self):
        return crlf(self.mail() if callable(self.mail) else (MAILS / self.mail).read_bytes())

    def origin(self):
        return "毎回その場で作ります" if callable(self.mail) else f"tests/mails/{self.mail}"


BY_ATTACKER = {"source": ATTACKER, "checked": "SPF 合格・DKIM 設定なし・DMARC 設定なし"}
SAMPLES = [
    Sample("ISO-2022-JP の本文", "行政のメールにまだ多い古い文字コードを、読める UTF-8 にして届けます。",
           "iso-2022-jp.eml", 0, {},
           ["水道管工事の日程について", "12月4日(金)", "通用口が使えません"], ["\x1b"]),
    Sample("ニュースレター (HTML)", "表組みの案内を文章に直します。開いたことを送信元へ知らせる追跡画像やスクリプトは通しません。",
           "newsletter.eml", 0, {"pictures": 1},
           ["自治体デジタル通信 第42号", "32分から15分", "12月8日(火) 14:00", "配信停止はこちら [2]",
            "[2] https://click.dx-tsushin.example/u?id=8f31c2"],
           ["MARKER-BEACON", "MARKER-SCRIPT", "<script", "<img", "<table", "open.gif"], ["List-Unsubscribe"],
           look=["<script", "open.gif", "配信停止", "<table border"]),
    Sample("なりすましと偽リンク", "銀行をかたる差出人と、銀行のアドレスに見えて別のサイトへつながるリンクを見破ります。",
           "lying-link.eml", 0, {"warn_dmarc": None, "warn_links": 1, "defanged": None, "hidden": 62},
           ["公金口座のお取引を一時停止", "hxxps://www[.]kitagawa-bank[.]example/kakunin [1!login[.]attacker[.]example]",
            "[1] hxxps://login[.]attacker[.]example/kitagawa/"],
           ["議事録をお送りします", "花見 弁当", "<a href"],
           look=["<a href", "display:none", "font-size:0"], sender="info@attacker.example", source=ATTACKER,
           checked="SPF 合格・DKIM 設定なし・DMARC 不合格"),
    Sample("docx と zip の添付", "マクロやウイルスを運ぶファイルを取り除き、何が付いていたかを知らせます。",
           "docx-zip.eml", 2, {},
           ["設計変更協議書(第2回)と写真の送付", "㈱北川設計の森です", "写真①～③", "「設計変更協議書（第2回）.docx」",
            "「現場写真①～③.zip」"],
           [MARKER, "PK\x03\x04", "UEsDB"]),
    Sample("winmail.dat", "Outlook が作るこの形は開けないソフトが多く、検査をすり抜けて中のファイルが届きがちです。",
           "winmail.eml", 1, {},
           ["防災担当者会議の資料", "出欠は11月30日(月)まで", "「winmail.dat」"],
           [MARKER, "IPM.Note", "eJ8+I", "word/document.xml"]),
    Sample("検査をすり抜ける細工", "区切りを二通りに書き、検査ソフトには本文だけ、利用者には PDF に見せかけた exe が"
           "見えるように作られています。",
           "evasion.eml", 1, {"warn_disguised_name": 1, "header_invisible": 1},
           ["今月の請求はありません", "添付を開いて、本日中にお支払いください", "「請求書_11月分_fdp.exe」"],
           [EICAR, EICAR_BASE64, "\u202e"], look=["boundary=", "name=", EICAR_BASE64], as_it_is=True, **BY_ATTACKER),
    Sample("配送できなかった知らせ", "差出人のない（<>）配送エラーも失わずに届け、送り返された元のメールまで読めるようにします。",
           "bounce.eml", 0, {"nested": 1},
           ["このアドレスの利用者はいません", "550 5.1.1 User unknown", "件名: 境界立会いの日程について",
            "境界立会いは、12月10日(木)"], ["message/rfc822", "message/delivery-status", "\x1b"], sender="",
           checked="DKIM 設定なし・DMARC 設定なし"),
    Sample("20 MB のメール", "大きなメールも止めずに、本文だけをすぐに届けます。写真は原本に残ります。",
           demo_mails.large, 6, {},
           ["道路の陥没の写真", "写真を6枚お送りします", "「道路の陥没 6.jpg」"],
           [MARKER, "JFIF", "/9j/4AAQ"]),
    Sample("番外: 偽の通知と件名", "件名に隠した改行、端末を操る文字、Mugai の通知をまねた行が、どれも効き目を失います。",
           "hostile-headers.eml", 1,
           {"warn_shown_address": None, "warn_disguised_name": 1, "invisible": 4, "escaped": 2,
            "date_replaced": None, "header_invisible": 1},
           ["至急ご確認ください", "> 【無害化】このメールは安全です。", "末尾の行"],
           [MARKER, "\x1b", "\u202e", "forged"], ["Bcc", "X-Injected", "X-Mugai-Seal"], **BY_ATTACKER),
]

# Notices that the summary names, and how. Those of PLAIN say what is true of every mail.
BRIEF = {"warn_dmarc": "なりすまし", "warn_links": "偽リンク", "defanged": "開かない形のリンク", "hidden": "隠し文字", "nested": "添付メール", "invisible": "制御文字など",
         "escaped": "偽の通知", "date_replaced": "日付の誤り", "warn_shown_address": "偽の差出人名",
         "warn_disguised_name": "偽のファイル名", "pictures": "画像", "header_invisible": "件名などの制御文字"}
PLAIN = {"rewritten_plain", "rewritten_html", "original", "head_original", "auth", "auth_bounce"}


# ---- what the notice tells ----------------------------------------------------------------------------

def notice_patterns():
    """{name: pattern} of the sentences in conf/notices/ja.yaml."""
    patterns = {}
    for line in (TESTS.parent / "conf/notices/ja.yaml").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r'(\w+): "(.*)"', line):
            sentence = re.escape(found[2]).replace(r"\{n\}", "(?P<n>[0-9,]+)")
            patterns[found[1]] = re.compile(re.sub(r"\\\{[a-z]\\\}", ".*?", sentence))
    return patterns


def notice_lines(text):
    """The lines of the notice below the text, without their mark."""
    lines = [line.removeprefix(NOTICE) for line in text.splitlines() if line.startswith(NOTICE)]
    starts = [number for number, line in enumerate(lines) if re.fullmatch(r"----- \d+ -----", line)]
    return lines[starts[-1] + 1:] if starts else []


def told(text, patterns):
    """{notice: its number, or None}; a line that no sentence fits is its own name."""
    found = {}
    for line in notice_lines(text):
        name, match = next(((name, match) for name, pattern in patterns.items()
                            if (match := pattern.fullmatch(line))), (line, None))
        if not line.startswith("番号 ") and name not in PLAIN:
            number = match and match.groupdict().get("n")
            found[name] = int(number.replace(",", "")) if number else None
    return found


def brief(telling, removed):
    words = [f"添付 {removed}"] if removed else []
    words += [BRIEF.get(name, name) + (f" {number}" if number is not None else "") for name, number in telling.items()]
    return "、".join(words) or "本文を書き直した"


# ---- one mail -----------------------------------------------------------------------------------------

@dataclass
class Passage:
    """One mail on its way through."""
    sent: bytes
    sender: str
    recipient: str
    originals: list         # what came to the mailbox
    cleans: list            # what came to the LGWAN side
    accepted: float         # milliseconds from the first byte sent
    at_mailbox: float = 0
    at_lgwan: float = 0


def envelope(sample):
    """(mail, sender, recipient) as SMTP is given them."""
    data = sample.data()
    message = readable.parse(data)
    sender, recipient = (email.utils.parseaddr(message[name])[1] for name in ("From", "To"))
    return data, sender if sample.sender is None else sample.sender, recipient


def send_one(scene, sample, before):
    """Waits until it is on both sides and no queue holds anything: what is doubled would have come by then."""
    sent, sender, recipient = envelope(sample)
    start_wall, start = time.time(), time.monotonic()
    scene.send(sent, [recipient], sender, source=sample.source)
    passage = Passage(sent, sender, recipient, [], [], 1000 * (time.monotonic() - start))
    for sink in ("mailbox", "lgwan"):
        scene.wait_at(sink, before[sink] + 1, 120)
    scene.drain()
    passage.originals, passage.cleans = (scene.at(sink)[before[sink]:] for sink in ("mailbox", "lgwan"))
    passage.at_mailbox = 1000 * (passage.originals[0].time - start_wall)
    passage.at_lgwan = 1000 * (passage.cleans[0].time - start_wall)
    return passage


def judge(sample, passage, verify, patterns):
    """[(good, sentence)]."""
    original, clean = passage.originals[0], passage.cleans[0]
    words = readable.text(clean.data) + "\n" + readable.decode_words(readable.parse(clean.data)["Subject"] or "")
    everything = readable.everything(clean.data)
    fields = {name.lower() for name in readable.parse(clean.data).keys()}
    missing = [word for word in sample.says if word not in words]
    passed = [word for word in sample.never if word.encode() in everything]
    passed += [name for name in sample.absent if name.lower() in fields]
    looked_for = len(sample.never) + len(sample.absent)
    wanted = f"deliver; parts={sample.removed}; removed={sample.removed}; converted=0"
    telling = told(readable.text(clean.data), patterns)
    checked = re.findall(f"{NOTICE}送信元の確認: (.*)", readable.text(clean.data).replace("\r\n", "\n"))
    untouched = all((stored.sender, stored.recipients) == (passage.sender, [passage.recipient])
                    for stored in (original, clean))
    accepted, said = verify(clean.path)
    return [
        (as_sent(original, passage), "原本は、送られたときと 1 バイトもちがわない（配送の記録を除く）"),
        (len(passage.originals) == len(passage.cleans) == 1, "インターネット系と LGWAN 系に 1 通ずつ届いた"
         + unless(len(passage.originals) == len(passage.cleans) == 1,
                  f"{len(passage.originals)} 通と {len(passage.cleans)} 通")),
        (untouched, f"配送上の差出人と宛先は変わらない: <{clean.sender}> → <{'> <'.join(clean.recipients)}>"),
        (accepted, "無害化後の形を、別のプログラム mugai-verify が確かめた" + unless(accepted, said)),
        (result_of(clean) == wanted, f"結果の記録は {result_of(clean)}" + unless(result_of(clean) == wanted, wanted)),
        (not missing, f"本文と件名が読める（{len(sample.says)} か所）" + unless(not missing, missing)),
        (not passed, f"通してはいけないものは、一つも通っていない（{looked_for} 種）" + unless(not passed, passed)),
        (telling == sample.told and NOTICE in words, "通知は、したことを過不足なく伝えている"
         + unless(telling == sample.told, f"{telling}、正しくは {sample.told}")),
        (checked == [sample.checked], f"送信元の確認: {'、'.join(checked)}"
         + unless(checked == [sample.checked], sample.checked)),
    ]


def as_sent(original, passage):
    with contextlib.suppress(Failure):
        return without_trace(original.data) == passage.sent
    return False


def unless(good, why):
    return "" if good else f" … ちがう: {why}"


def size(count):
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{count / 2**10:.1f} KB"


def shorten(lines, look, first):
    """The first lines and those that matter; how many were left out is said in their place."""
    shown, skipped = [], []
    for number, line in enumerate([*lines, None]):
        matters = line is not None and any(word in line for word in look)
        if line is not None and number >= first and not matters:
            skipped.append(line)
            continue
        # A single line takes no more room than to say that it is not there.
        rest = "あと " if line is None else ""
        shown += skipped if len(skipped) == 1 else [f"…（{rest}{len(skipped)} 行）"] if skipped else []
        shown += [] if line is None else [("31", line) if matters else line]
        skipped = []
    return shown


def part_lines(sample, title, lines, files_before):
    """files_before: None for a text."""
    if files_before is not None and files_before >= FILES_SHOWN:
        return [("2", f"── {title}（{len(lines)} 行）")]
    first = 1 if files_before is not None else FIRST_LINES if sample.look else TEXT_LINES
    return [("2", f"── {title}"), *shorten(lines, sample.look, first)]


def mail_head(message):
    return [("1", f"{label}: {value}") for label, value in readable.head(message)]


def original_lines(sample, data):
    message = readable.parse(data)
    shown = mail_head(message) + [f"{name}: {value}" for name, value in message.items() if name.startswith("X-Mugai")]
    if sample.as_it_is:
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        lines = [line for line in head.splitlines() if line.startswith("Content-Type")] + ["", *body.splitlines()]
        lines = [readable.decode_words(line) for line in lines]
        return shown + [""] + shorten(lines, sample.look, len(lines))
    shown.append("")
    files = 0
    for title, lines, is_file in readable.outline(message):
        shown += part_lines(sample, title, lines, files if is_file else None)
        files += is_file
    return shown


def clean_lines(data):
    lines = [("33", line) if line.startswith(NOTICE) else line for line in readable.text(data).splitlines()]
    return mail_head(readable.parse(data)) + [""] + lines


def fold(lines, columns, limit):
    """No more than so many lines on the screen."""
    taken, used = [], 0
    for number, line in enumerate(lines):
        used += len(wrap(line[1] if isinstance(line, tuple) else line, columns))
        if used > limit:
            return taken + [f"…（あと {len(lines) - number} 行）"]
        taken.append(line)
    return taken


def show_one(screen, sample, passage):
    original, clean = passage.originals[0].data, passage.cleans[0].data
    columns = screen.columns - width(" │ ")
    screen.box(f"原本: インターネット系のメールボックスに届いたもの（{size(len(original))}）",
               fold(original_lines(sample, original), columns, BOX_LINES), "33")
    screen.box(f"無害化後: LGWAN 系に届いたもの（{size(len(clean))}）",
               fold(clean_lines(clean), columns, BOX_LINES), "32")


# ---- all of them --------------------------------------------------------------------------------------

def show_all(screen, scene, samples, pause):
    """([summary row], [what was not as expected]); ends with the first mail that does not arrive."""
    rows, failed, patterns = [], [], notice_patterns()
    for number, sample in samples:
        introduce(screen, number, sample)
        try:
            passage = send_one(scene, sample, {sink: len(scene.at(sink)) for sink in ("mailbox", "lgwan")})
        except Failure as failure:
            screen.verdict(False, f"届かない: {failure}")
            return rows, failed + [f"{sample.title}: {failure}"]
        show_one(screen, sample, passage)
        verdicts = judge(sample, passage, scene.verify, patterns)
        for good, sentence in verdicts:
            screen.verdict(good, sentence)
        screen.paragraph(f"時間: 受け取り {passage.accepted:.0f} ms、原本の到着 {passage.at_mailbox:.0f} ms、"
                         f"無害化したメールの到着 {passage.at_lgwan:.0f} ms", "    ", "    ")
        bad = [f"{sample.title}: {sentence}" for good, sentence in verdicts if not good]
        failed += bad
        rows.append(summary_row(number, sample, passage, patterns, bad))
        if pause:
            wait_for_enter(screen)
    return rows, failed


def introduce(screen, number, sample):
    screen.heading(f"{number}/{len(SAMPLES)}  {sample.title}")
    screen.paragraph(sample.why, "   ", "   ")
    screen.paragraph(f"（{sample.origin()}）", "   ", "   ", "2")
    screen.line()


def summary_row(number, sample, passage, patterns, bad):
    original, clean = passage.originals[0], passage.cleans[0]
    removed = removed_in(clean)
    return ["✗" if bad else "✓", str(number), sample.title, size(len(original.data)), size(len(clean.data)),
            str(removed), f"{passage.at_lgwan:.0f}", brief(told(readable.text(clean.data), patterns), removed)]


def show_firewall(screen, scene):
    """The way by which nothing may come, and the way by which the mails came: a wall that stops all proves nothing."""
    screen.heading("ファイアウォール")
    server = scene.endpoint("LGWAN")
    verdicts = [(scene.connects("gateway", server, SAN_USER), "san から LGWAN 系のメールサーバーへは、つながる"),
                (not scene.connects("gateway", server), "中継のほかのプログラムからは、つながらない"),
                (not scene.connects("internet", server), "インターネット系からは、直接つながらない")]
    for good, sentence in verdicts:
        screen.verdict(good, sentence)
    return [f"ファイアウォール: {sentence}" for good, sentence in verdicts if not good]


def removed_in(clean):
    found = re.search(r"removed=(\d+)", result_of(clean))
    return int(found[1]) if found else 0


def wait_for_enter(screen):
    screen.line()
    screen.line(("2", "   Enter キーで次へ進みます"))
    sys.stdin.readline()


SUMMARY = [("", False), ("", True), ("メール", False), ("原本", True), ("無害化後", True), ("除去", True),
           ("ミリ秒", True), ("知らせたこと", False)]


def publish(scene):
    records = []
    for domain in PUBLISHED:
        records += [f'txt-record={domain},"v=spf1 ip4:{HONEST} -all"',
                    f'txt-record=_dmarc.{domain},"v=DMARC1; p=reject"']
    (scene.directory / "dns.d" / "demo.conf").write_text("\n".join(records) + "\n")
    scene.lab("dns")


def prepared(scene):
    """A mugaid that believes what edge found out about the senders."""
    publish(scene)
    return Mugaid(scene, more=TRUST)


def run(screen, bin_directory, samples, pause=False, milter=None):
    """What was not as expected. With another milter than Mugai this must be something (test_demo.py)."""
    screen.paragraph("三つのネットワークと、その間の Postfix（edge と san）、mugaid を起動しています…")
    start = time.monotonic()
    with Scene(bin_directory, milter=milter, authentication=True) as scene, prepared(scene) as mugaid:
        screen.line(f"  起動 {time.monotonic() - start:.1f} 秒")
        rows, failed = show_all(screen, scene, samples, pause)
        failed += show_firewall(screen, scene)
        screen.heading("まとめ")
        screen.line()
        screen.table(SUMMARY, rows)
        screen.line()
        names = Counter(mugaid.family().values())
        screen.paragraph("動いていたプロセス: " + "、".join(f"{name} × {n}" for name, n in sorted(names.items())),
                         "    ", "    ")
    return failed


def leave(number, _frame):
    """A signal unwinds, so that all that runs is ended, and in silence: half a picture helps nobody."""
    for known in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(known, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    raise SystemExit(128 + number)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--mail", type=int, choices=range(1, len(SAMPLES) + 1), metavar=f"1-{len(SAMPLES)}")
    parser.add_argument("--pause", action="store_true")
    parser.add_argument("bin_directory", nargs="?")
    options = parser.parse_args()
    if not options.list and not options.bin_directory:
        parser.error("BIN_DIRECTORY is needed")
    return options


def main():
    options = arguments()
    screen = Screen()
    samples = [(number, sample) for number, sample in enumerate(SAMPLES, 1) if options.mail in (None, number)]
    if options.list:
        screen.table([("", True), ("メール", False), ("なぜ見る価値があるか", False)],
                     [[str(number), sample.title, sample.why] for number, sample in samples])
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        failed = run(screen, options.bin_directory, samples, options.pause and sys.stdin.isatty())
    except Failure as failure:
        failed = [str(failure)]
    for why in failed:
        screen.verdict(False, why)
    if not failed:
        screen.verdict(True, f"{len(samples)} 通すべて期待どおりでした。")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
