#!/usr/bin/env -S python3 -B
"""characters_test.py BIN_DIRECTORY: the characters that may leave, each in every place where a mail can put it, through
the command and its jail; and the checker refuses each of them in each of these places.
"""
import base64
import email
import email.header
import json
import re
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

KEPT = object()  # the result is what went in

# name, what a mail holds, what leaves in a body, what leaves in one line (headers, names), what HTML shows.
# None: as in the column before.
ROWS = [
    ("C0", "a\x01\x08\x0e\x1fb", "ab", None, None),
    ("escape", "a\x1b[31mb", "a[31mb", None, None),
    ("DEL", "a\x7fb", "ab", None, None),
    ("C1", "a\x80\x9bb", "ab", None, None),
    ("tab", "a\tb", "a      b", "a b", "a b"),  # behind a bracket
    ("CR LF", "a\r\nb", "a\nb", "a b", "a b"),
    ("CR", "a\rb", "a\nb", "a b", "a b"),
    ("line separator", "a\u2028b", "a\nb", "a b", "a\nb"),
    ("paragraph separator", "a\u2029b", "a\nb", "a b", "a\nb"),
    ("no-break space", "a\u00a0b", "a b", None, None),
    ("ideographic space", "a\u3000b", KEPT, None, None),
    ("private use", "a\ue000\uf8ff\U000f0000\U0010fffdb", "a〓〓〓〓b", None, None),
    ("noncharacters", "a\ufdd0\ufffe\U0001ffff\U0010fffeb", "a����b", None, None),
    ("joiner between letters of Latin", "a\u200cb\u200dc", "abc", None, None),
    ("joiner between letters of India", "क\u094d\u200dष", KEPT, None, None),
    ("joiner between letters of Arabic", "می\u200cخواهم", KEPT, None, None),
    ("emoji with joiners", "👩\u200d👩\u200d👧\u200d👦", KEPT, None, None),
    ("emoji with a joiner and a selector", "❤\ufe0f\u200d🔥", KEPT, None, None),
    ("emoji with a skin", "👍\U0001f3fd", KEPT, None, None),
    ("selectors 15 and 16", "☎\ufe0e☎\ufe0f", KEPT, None, None),
    ("selector after a letter", "a\ufe0fb", "ab", None, None),
    ("keycap", "1\ufe0f\u20e3", KEPT, None, None),
    ("flag of two letters", "🇯🇵🇺🇸", KEPT, None, None),
    ("flag of tags", "🏴\U000e0067\U000e0062\U000e007f", "🏴", None, None),
    ("kanji with a selector", "葛\U000e0100城", KEPT, None, None),
    ("kanji with two selectors", "葛\U000e0100\U000e0101城", "葛\U000e0100城", None, None),
    ("kana with a selector", "あ\U000e0100", "あ", None, None),
    ("marks", "e" + "\u0301" * 4 + "x", KEPT, None, None),
    ("mark flood", "e" + "\u0301" * 100 + "x", "e" + "\u0301" * 4 + "x", None, None),
    ("mark flood over invisibles", "e" + "\u0301\u200b" * 9 + "x", "e" + "\u0301" * 4 + "x", None, None),
    ("voiced kana", "か\u3099は\u309a", KEPT, None, None),
    ("override in Hebrew", "א\u202eb\u202cג", "אbג", None, None),
    ("pair in Hebrew", "א\u2067b\u2069ג", KEPT, "אbג", None),
    ("mark in Hebrew", "א!\u200fג", KEPT, "א!ג", None),
    ("open in Hebrew", "א\u2067b\u202aג", "אbג", None, None),
]
INVISIBLE = [0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x200B, *range(0x2060, 0x2066),
             *range(0x206A, 0x2070), 0x3164, *range(0xFE00, 0xFE0E), 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFFC),
             0x1BCA0, 0x1BCA3, 0x1D173, 0x1D17A, 0xE0000, 0xE0001, 0xE0041, 0xE007F, 0xE00FF, 0xE01F0, 0xE0FFF]
BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
ROWS += [(f"invisible U+{cp:04X}", f"a{chr(cp)}b", "ab", None, None) for cp in INVISIBLE]
ROWS += [(f"bidi U+{cp:04X}", f"a{chr(cp)}b", "ab", None, None) for cp in BIDI]

# What HTML does to a character before these rules do: numeric references to C1 mean windows-1252.
REFERENCES_DIFFER = {"C1", "CR LF", "CR"}


def forms(row):
    name, text, body, line, html = row
    body = text if body is KEPT else body
    line = body if line is None else line
    html = body if html is None else html
    return name, text, body, line, html


class Failure(Exception):
    pass


def need(good, message):
    if not good:
        raise Failure(message)


def equal(got, want, where):
    need(got == want, f"{where}: {got!r} instead of {want!r}")


# ---- through the gateway ----------------------------------------------------------------------------------

def word(text):
    return "=?UTF-8?B?" + base64.b64encode(text.encode()).decode() + "?="


def mail(text):
    """text in every place."""
    references = "".join(f"&#x{ord(c):x};" for c in text)
    body, page = (base64.encodebytes(part.encode()).decode() for part in (
        f"[{text}]\n",
        f"<p>[{text}]</p><p>[{references}]</p><p><a href=\"https://www.example.jp/{references}x\">link</a></p>"
        f"<p><a href=\"https://www.exam{references}ple.jp/\">link</a></p>"
        f"<p><img src=x alt=\"[{references}]\"></p>"))
    name = urllib.parse.quote("n[" + text + "].pdf", safe="")
    raw = text if not set(text) & set("\r\n") else "raw"
    return (f"From: {word('[' + text + ']')} <a@example.jp>\n"
            f"Reply-To: \"[{raw}]\" <b@exam{raw}ple.jp>\n"
            f"To: \"[{raw}]\" <c@example.jp>\nCc: <ta{raw}ro@example.jp>\n"
            f"Subject: {word('[' + text + ']')}\n"
            f"List-Id: {word('[' + text + ']')} <list.example.jp>\n"
            "Date: Fri, 20 Nov 2026 09:00:00 +0900\nMessage-ID: <1@example.jp>\n"
            "Content-Type: multipart/mixed; boundary=b\n\n"
            "--b\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n"
            f"{body}--b\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n"
            f"{page}--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*=UTF-8''{name}\n\n"
            f"x\n--b\nContent-Type: message/rfc822\n\nSubject: {word('[' + text + ']')}\n\nx\n--b--\n").encode()


def decoded(value):
    value = re.sub(r"\r?\n(?=[ \t])", "", value)
    return "".join(text if isinstance(text, str) else text.decode(charset or "ascii")
                   for text, charset in email.header.decode_header(value))


def sanitize(programs, directory, text):
    """(clean message, its decoded text, report)"""
    report = directory / "report.json"
    ran = subprocess.run([programs / "mugai", "sanitize", "--report", report], input=mail(text), capture_output=True,
                         timeout=60)
    need(ran.returncode == 0, f"sanitize: {ran.returncode} {ran.stderr.decode()}")
    clean = email.message_from_bytes(ran.stdout)
    shown = clean.get_payload(decode=True).decode().replace("\r\n", "\n")
    return ran.stdout, clean, shown, json.loads(report.read_text(encoding="utf-8"))


def collapsed(text):
    """A header can be folded at single blanks only."""
    return re.sub(" +", " ", text)


def check_fields(clean, line):
    for field, address in (("Subject", ""), ("From", " <a@example.jp>"), ("List-Id", " <list.example.jp>")):
        equal(decoded(clean[field]), collapsed(f"[{line}]{address}"), field)


def check_raw(clean, shown, line):
    equal(decoded(clean["To"]), collapsed(f"[{line}] <c@example.jp>"), "To")
    if re.fullmatch(r"[a-z]*", line):
        equal(clean["Cc"], f"ta{line}ro@example.jp", "a local part")
        equal(decoded(clean["Reply-To"]), f"[{line}] <b@exam{line}ple.jp>", "a domain")
    else:
        need(f"「ta{collapsed(line)}ro[@]example.jp」" in collapsed(shown) or "Cc" in clean, "a local part is not told")


def check_texts(row, shown):
    name, _, body, line, html = forms(row)
    need(shown.startswith("【無害化】") or f"[{body}]\n" in shown, "no text")
    need(f"\n[{body}]\n" in shown, f"the text: {shown!r}")
    need(f"\n[{html}]\n" in shown.split(f"[{body}]\n", 1)[1], f"HTML: {shown!r}")
    if name not in REFERENCES_DIFFER:
        need(shown.count(f"\n[{html}]\n") >= 2, f"HTML, references: {shown!r}")
        one = re.sub("[\n ]+", " ", html)
        need(f"[画像: [{one}]]" in re.sub("[\n ]+", " ", shown), f"alt: {shown!r}")
    need(f"件名: [{line}]" in shown, f"an attached mail's subject: {shown!r}")
    need(f"「n[{line}].pdf」" in shown, f"a file name: {shown!r}")
    urls = re.findall(r"^\[[0-9]+\] (.*)$", shown, re.M)
    need(urls and all(re.fullmatch(r"[!-~]+( \(.*\))?", url) for url in urls), f"URLs: {shown!r}")


def check_counts(row, report):
    """Nothing changes without a count."""
    name, text, body, _, _ = forms(row)
    counted = report["body"]["removed_chars"] + report["body"]["private_use"] + report["body"]["replaced"]
    blanks = str.maketrans("", "", "\t\r\n\u2028\u2029\u00a0 ")
    changed = text.translate(blanks) != body.translate(blanks)
    equal(counted > 0, changed, f"{name}: counted {report['body']}")
    line = forms(row)[3].translate(blanks)
    gone = len(text.translate(blanks)) > len(line)
    equal(report["header"]["removed_chars"] > 0, gone, f"{name}: counted {report['header']}")
    equal(report["body"]["removed_marks"] > 0, "mark flood" in name, "marks")
    if "bidi" in name:
        need(report["body"]["removed_bidi"] > 0, "bidi controls are not counted")
    equal(report["body"]["private_use"] > 0, "private use" in name, "private use")


def check_row(programs, directory, row):
    _, text, _, line, _ = forms(row)
    message, clean, shown, report = sanitize(programs, directory, text)
    check_fields(clean, line)
    if not set(text) & set("\r\n"):
        check_raw(clean, shown, line)
    check_texts(row, shown)
    check_counts(row, report)
    verdict = verify(programs, directory, message)
    need(verdict.returncode == 0, f"its own message is refused: {verdict.stderr.decode()}")


# ---- the checker ------------------------------------------------------------------------------------------

def verify(programs, directory, message):
    path = directory / "message.eml"
    path.write_bytes(message)
    return subprocess.run([programs / "mugai", "verify", path], capture_output=True, timeout=60)


def base64_lines(text):
    data = base64.b64encode(text.replace("\n", "\r\n").encode()).decode()
    return "\n".join(data[at:at + 76] for at in range(0, len(data), 76)) + "\n"


def pieces_of(name):
    """Of at most 60 bytes, no %XX split."""
    pieces = [""]
    for token in re.findall("%..|.", name):
        if len(pieces[-1]) + len(token) > 60:
            pieces.append("")
        pieces[-1] += token
    return pieces


def crafted(place, text):
    """A clean message with text in one place, written as the assembler would."""
    put = {"subject": "日本", "name": "日本", "list": "日本", "body": "日本", "notice": "日本", "file": "日本", place: text}
    fields = (f"Date: Fri, 20 Nov 2026 10:00:00 +0900\nFrom: {word(put['name'])} <a@example.jp>\n"
              f"Subject: {word(put['subject'])}\nMessage-ID: <1@example.jp>\n"
              f"List-Id: {word(put['list'])} <list.example.jp>\n"
              "X-Mugai-Id: 00112233445566778899aabbccddeeff\nX-Mugai-Hops: 1\n"
              "X-Mugai-Policy: p; version=0123456789abcdef\n"
              "X-Mugai-Result: deliver; parts=1; removed=0; converted=1\nMIME-Version: 1.0\n")
    boundary = "=_mugai_00112233445566778899aabbccddeeff"
    part = f"--{boundary}\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n"
    shown = f"{put['body']}\n\n【無害化】----- 1 -----\n【無害化】番号 1: 「{put['notice']}」\n"
    pieces = pieces_of(urllib.parse.quote(put["file"] + ".txt", safe=""))
    if len(pieces) == 1:
        names = f" filename*=UTF-8''{pieces[0]}\n"
    else:
        pieces[0] = "UTF-8''" + pieces[0]
        names = ";\n".join(f" filename*{n}*={piece}" for n, piece in enumerate(pieces)) + "\n"
    return (f"{fields}Content-Type: multipart/mixed;\n boundary=\"{boundary}\"\n\n{part}\n{base64_lines(shown)}"
            f"{part}Content-Disposition: attachment;\n{names}\n{base64_lines('memo' + chr(10))}--{boundary}--\n").encode()


def may_leave(row, place):
    _, text, body, line, _ = forms(row)
    if place == "file" and re.search("[\u0300-\u036f\u3099\u309a]", text):
        return False  # names of files are in NFC
    return text == (body if place == "body" else line)


def check_refusals(programs, directory, row):
    for place in ("subject", "name", "list", "body", "notice", "file"):
        text = row[1]
        if place in ("subject", "name", "list") and len(word(text)) > 75:
            continue  # takes more than one encoded word
        verdict = verify(programs, directory, crafted(place, text))
        equal(verdict.returncode, 0 if may_leave(row, place) else 65, f"{place}: {verdict.stderr.decode().strip()}")


def main():
    programs = Path(sys.argv[1]).resolve()
    failed = False
    with tempfile.TemporaryDirectory(prefix="mugai-characters.") as name:
        for row in ROWS:
            for check in (check_row, check_refusals):
                label = f"{row[0]}, {check.__name__[len('check_'):]}"
                try:
                    check(programs, Path(name), row)
                    print(f"ok {label}")
                except Failure as failure:
                    failed = True
                    print(f"not ok {label}: {failure}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
