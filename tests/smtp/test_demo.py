#!/usr/bin/env -S python3 -B
"""test_demo.py BIN_DIRECTORY: the demo shows no mail's controls, keeps to the width, and notices what is wrong."""
import base64
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
import unicodedata
from dataclasses import replace
from pathlib import Path

import demo
import demo_mails
import readable
import screen
from checks import NOTICE
from gateway import MAILS, TESTS, Failure, Scene, Stored, exit_on_signals, expect

HOSTILE = "\x1b]0;title\x07\x1b[2J\r\x08\x9b31m\u202eabc\u2066\u200b\u2028\ufeff\U000e0041\x00\x7f 日本語"
SENTENCE = ("北川市役所では、（令和8年）12月1日から「書かない窓口」を始めます。https://www.city.example.lg.jp/mado/guchi.html"
            "?a=1&b=2 をご覧ください。①㈱…髙橋 " + "A" * 300 + "、終わり。")
RECEIVED = b"Received: from mail.sender.example\r\n\tby edge.city.example.lg.jp (Postfix) with ESMTP id 1\r\n"
WORDS = {"合格": "pass", "不合格": "fail", "設定なし": "none"}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def controls(text):
    return [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"]


def trace(sample):
    """What edge would put on top of the sample."""
    results = [f"Authentication-Results: edge.city.example.lg.jp; {method.lower()}={WORDS[word]} reason=test\r\n"
               for method, word in re.findall(r"(SPF|DKIM|DMARC) ([^・]+)", sample.checked) if word in WORDS]
    return "".join(results).encode() + RECEIVED


class Terminal(io.TextIOWrapper):
    def __init__(self, terminal):
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n")
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    def text(self):
        self.flush()
        return self.buffer.getvalue().decode()


@contextlib.contextmanager
def environment(**variables):
    old = dict(os.environ)
    os.environ.pop("NO_COLOR", None)
    os.environ.update({"TERM": "xterm", **variables})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(old)


def show_everything(shown, text):
    shown.heading(text)
    shown.box(text, [text, ("31", text)], "33")
    shown.verdict(False, text)
    shown.table([("", True), ("x", False)], [["1", text]])


# ---- the screen ---------------------------------------------------------------------------------------

def test_width(_bin):
    table = (("abc", 3), ("日本", 4), ("ｱｲ", 2), ("①", 2), ("か\u3099", 2), ("e\u0301", 1), ("✓", 1), ("", 0))
    for text, columns in table:
        expect(screen.width(text) == columns, f"{text!r} takes {screen.width(text)} columns, not {columns}")


def test_wrap(_bin):
    for columns in range(20, 130):
        lines = screen.wrap(SENTENCE, columns)
        expect(max(map(screen.width, lines)) <= columns, f"a line is wider than {columns}")
        expect("".join(lines).replace(" ", "") == SENTENCE.replace(" ", ""), f"text was lost at {columns}")
    table = (("日本語。", 6, ["日本", "語。"]), ("ab cd ef", 5, ["ab cd", "ef"]), ("あ「い」", 6, ["あ", "「い」"]),
             ("", 9, [""]), ("  字下げ", 20, ["  字下げ"]), ("see http://a.example/b", 12, ["see http://", "a.example/b"]))
    for text, columns, lines in table:
        expect(screen.wrap(text, columns) == lines, f"{text!r} became {screen.wrap(text, columns)}")


def test_no_control_of_a_mail(_bin):
    """In a pipe there is no control at all; on a terminal there are colours of ours."""
    for terminal, variables, coloured in ((False, {}, False), (True, {"NO_COLOR": "1"}, False),
                                          (True, {"TERM": "dumb"}, False), (True, {}, True)):
        with environment(**variables):
            out = Terminal(terminal)
            show_everything(screen.Screen(out), HOSTILE)
        text = out.text()
        expect(bool(COLOUR.search(text)) == coloured, f"colours: terminal {terminal}, {variables}")
        expect(not controls(COLOUR.sub("", text)), f"controls reach the terminal: {controls(COLOUR.sub('', text))}")
        expect("日本語" in text and "‹001B›" in text, "the rest of the text is not shown")


def test_screen_keeps_to_its_width(_bin):
    for columns, least in ((60, 60), (80, 80), (120, 120), (300, 120), (20, 60)):
        with environment(COLUMNS=str(columns)):
            out = Terminal(False)
            show_everything(screen.Screen(out), SENTENCE)
        widest = max(map(screen.width, out.text().splitlines()))
        expect(least - 24 < widest <= least, f"{columns} columns: the widest line takes {widest}")


def test_shorten(_bin):
    lines = [f"line {number}" for number in range(10)]
    table = ((2, [], lines[:2] + ["…（あと 8 行）"]), (9, [], lines),
             (1, ["line 8"], ["line 0", "…（7 行）", ("31", "line 8"), "line 9"]), (10, [], lines))
    for first, look, shown in table:
        expect(demo.shorten(lines, look, first) == shown, f"{first} {look}: {demo.shorten(lines, look, first)}")


# ---- the mails ----------------------------------------------------------------------------------------

def test_mails_are_as_made(_bin):
    for name, make in demo_mails.FILES.items():
        expect((MAILS / name).read_bytes() == make(), f"{name} is not what demo_mails.py makes")
    large = demo.SAMPLES[7].data()
    expect(20 * 2**20 <= len(large) < 21 * 2**20, f"the large mail has {len(large)} bytes")
    expect(large == demo.SAMPLES[7].data(), "the large mail is another one each time")


# ---- the verdicts -------------------------------------------------------------------------------------

class Judged:
    """One sample as the pipeline without Postfix makes it, and as it could go wrong."""

    def __init__(self, bin_directory, directory, sample):
        self.sample = sample
        self.directory = Path(directory)
        self.scene = Scene(bin_directory)
        self.scene.bin = Path(bin_directory)
        sent, self.sender, self.recipient = demo.envelope(sample)
        original = trace(sample) + sent
        self.passage = demo.Passage(sent, self.sender, self.recipient, [self.stored(original)],
                                    [self.stored(self.sanitize(original))], 0)

    def sanitize(self, original):
        settings = self.directory / "mugai.yaml"
        settings.write_text(f"topology: behind-edge\npolicy: {TESTS.parent}/conf/policy.yaml\n"
                            f"audit:\n  file: {self.directory}/audit.jsonl\n{demo.TRUST}")
        command = [str(self.scene.bin / "mugai"), "--config", str(settings), "sanitize", "--crlf"]
        command += ["--rcpt", self.recipient, *(["--sender", self.sender] if self.sender else [])]
        return subprocess.run(command, input=original, stdout=subprocess.PIPE, check=True).stdout

    def stored(self, data):
        path = Path(tempfile.mkstemp(dir=self.directory, suffix=".eml")[1])
        path.write_bytes(data)
        return Stored(path, self.sender, [self.recipient], 0)

    def failing(self, sample=None, **changes):
        """Numbers of the verdicts that fail."""
        verdicts = demo.judge(sample or self.sample, replace(self.passage, **changes), self.scene.verify,
                              demo.notice_patterns())
        return {number for number, (good, _) in enumerate(verdicts) if not good}

    def changed(self, change):
        """The clean message with another text."""
        head, _, body = self.passage.cleans[0].data.partition(b"\r\n\r\n")
        text = change(base64.b64decode(body).decode()).encode()
        return [self.stored(head + b"\r\n\r\n" + base64.encodebytes(text).replace(b"\n", b"\r\n"))]


ORIGINAL, ONCE, ENVELOPE, FORM, RESULT, READABLE, NOTHING_BAD, TOLD, CHECKED = range(9)


def violations(judged):
    """(what goes wrong, the verdict that must fail, what failing() is given)."""
    passage, sample = judged.passage, judged.sample
    original, clean = passage.originals[0], passage.cleans[0]
    with_field = (sample.absent or ["X-Other"])[0].encode() + b": 1\r\n" + clean.data
    return [
        ("the original lost its last byte", ORIGINAL, {"originals": [judged.stored(original.data[:-1])]}),
        ("the original has one field more", ORIGINAL,
         {"originals": [judged.stored(RECEIVED + b"X-New: 1\r\n" + passage.sent)]}),
        ("the original did not come by edge", ORIGINAL, {"originals": [judged.stored(passage.sent)]}),
        ("the clean message came twice", ONCE, {"cleans": [clean, clean]}),
        ("the original came twice", ONCE, {"originals": [original, original]}),
        ("another envelope sender", ENVELOPE, {"cleans": [replace(clean, sender="MAILER-DAEMON")]}),
        ("another recipient", ENVELOPE, {"cleans": [replace(clean, recipients=["soumu@lgwan.example"])]}),
        ("the original passed", FORM, {"cleans": [original]}),
        ("the original passed, result", RESULT, {"cleans": [original]}),
        ("the original passed, content", NOTHING_BAD, {"cleans": [original]}),
        ("the original passed, notice", TOLD, {"cleans": [original]}),
        ("a forbidden field", NOTHING_BAD if sample.absent else FORM, {"cleans": [judged.stored(with_field)]}),
        ("a text is missing", READABLE, {"cleans": judged.changed(lambda text: text.replace(sample.says[1], ""))}),
        ("something bad is in it", NOTHING_BAD,
         {"cleans": judged.changed(lambda text: f"{sample.never[0]}\r\n{text}")}),
        ("a line too much in the notice", TOLD, {"cleans": judged.changed(lambda text: f"{text}{NOTICE}よけいな行\r\n")}),
        ("no notice", TOLD if sample.told else FORM,
         {"cleans": judged.changed(lambda text: text.replace(NOTICE, ""))}),
        ("something is told that is not expected", TOLD, {"sample": replace(sample, told={"nested": 9})}),
        ("another line on the sender", CHECKED,
         {"cleans": judged.changed(lambda text: text.replace("DKIM 設定なし", "DKIM 合格"))}),
        ("no line on the sender", CHECKED, {"cleans": judged.changed(lambda text: text.replace("送信元の確認", ""))}),
        ("another number of parts", RESULT, {"sample": replace(sample, removed=sample.removed + 1)}),
    ]


def decoded_blocks(data):
    """Each base64 block, in whatever part it stands: the evasion sample hides one from the Python library."""
    blocks = re.findall(rb"(?:[A-Za-z0-9+/]{76}\r\n)+[A-Za-z0-9+/]*={0,2}\r\n", data)
    return b"\n".join(base64.b64decode(block) for block in blocks)


def test_what_must_not_pass_is_there(_bin):
    """Each forbidden string is in the original, so that it can be found where the original passes."""
    for sample in demo.SAMPLES:
        sent = sample.data()
        words = readable.decode_words(sent[:65536].decode("latin-1"))
        whole = readable.everything(sent) + decoded_blocks(sent) + words.encode()
        for word in sample.never:
            expect(word.encode() in whole, f"{sample.title}: {word!r} is not in the mail")
        fields = readable.decode_words(sent.partition(b"\r\n\r\n")[0].decode("latin-1"))
        for name in sample.absent:
            expect(f"{name}:" in fields, f"{sample.title}: {name} is not in the mail")


def test_verdicts_can_fail(bin_directory):
    small = replace(demo.SAMPLES[7], mail=lambda: demo_mails.large(20_000))
    for sample in [*demo.SAMPLES[:7], small, *demo.SAMPLES[8:]]:
        with tempfile.TemporaryDirectory() as directory:
            judged = Judged(bin_directory, directory, sample)
            expect(not judged.failing(), f"{sample.title}: {judged.failing()} fail without a fault")
            for what, wanted, changes in violations(judged):
                expect(wanted in judged.failing(**changes), f"{sample.title}: {what}, and it is not noticed")


class Wall:
    """A laboratory of which only the firewall is asked."""

    def __init__(self, *open_from):
        self.open_from = open_from

    def endpoint(self, _name):
        return "lgwan", 25

    def connects(self, zone, _address, user=None):
        return (user or zone) in self.open_from


def test_firewall_verdicts_can_fail(_bin):
    san = demo.SAN_USER
    for wall, failing in ((Wall(san), 0), (Wall(), 1), (Wall(san, "internet"), 1), (Wall(san, "gateway"), 1),
                          (Wall("internet", "gateway"), 3)):
        failed = demo.show_firewall(screen.Screen(Terminal(False)), wall)
        expect(len(failed) == failing, f"open from {wall.open_from}: {failed}")


# ---- the whole ----------------------------------------------------------------------------------------

def test_without_mugai(bin_directory):
    """A laboratory whose san passes everything on: the demo must say so."""
    out = Terminal(False)
    failed = demo.run(screen.Screen(out), bin_directory, [(3, demo.SAMPLES[2])], milter="")
    expect(any("mugai-verify" in why for why in failed), f"an unsanitized mail is not noticed: {failed}")
    expect(out.text().count("✗") >= 4, "what failed is not shown")


def test_with_mugai(bin_directory):
    done = subprocess.run([sys.executable, "-B", demo.__file__, bin_directory], env=dict(os.environ, COLUMNS="80"),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=150)
    text = done.stdout.decode()
    expect(done.returncode == 0, f"exit {done.returncode}:\n{text[-3000:]}")
    expect("✗" not in text and text.count("━━") == len(demo.SAMPLES) + 2, "not all is shown")
    expect(not controls(text), f"controls: {controls(text)}")
    wide = [line for line in text.splitlines() if screen.width(line) > 80]
    expect(not wide, f"wider than 80 columns: {wide}")


def main():
    exit_on_signals()
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    failed = 0
    for name, function in sorted(globals().items()):
        if not name.startswith("test_"):
            continue
        try:
            function(sys.argv[1])
            print(f"ok {name}")
        except Failure as failure:
            failed += 1
            print(f"not ok {name}: {failure}")
        except Exception:
            failed += 1
            print(f"not ok {name}: {traceback.format_exc()}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
