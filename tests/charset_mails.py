#!/usr/bin/env -S python3 -B
"""charset_mails.py BIN_DIRECTORY: one text in every character set, under every label, through `mugai sanitize`.

Whatever the character set, the transfer encoding and the label, the clean message must hold the same text, pass
`mugai verify`, and say when a label was wrong. Besides: the business mails of the corpus, and what users suffer from.
"""
import base64
import email
import email.policy
import json
import quopri
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.argv[1])
CORPUS = Path(__file__).resolve().parent / "corpus" / "charset-ja" / "own"
WORKERS = 2
NOTICE = "【無害化】"
CHARSET = "文字コード"
REPAIRED = "文字コードの表示（"
LOST = "文字が 9 か所"
TEXT = """総務課 御中

いつもお世話になっております。①㈱山﨑製作所の髙橋です。
松本様分の御見積書（第２回）を送付いたします。10:00～12:00
金額：￥1,234,567－　ｵﾝﾗｲﾝﾃﾞﾝﾜ ☆ <重要> "確認" & 'その他'
日本語表示ソフト能力欺瞞十貼暴予約
"""
PLAIN_TEXT = TEXT.replace("①㈱山﨑", "山崎").replace("髙橋", "高橋").replace("ｵﾝﾗｲﾝﾃﾞﾝﾜ", "電話")


# ---- writers -----------------------------------------------------------------------------------------------------

def jis_of(pair):
    """Two bytes of CP932, rows 1 .. 94, as JIS."""
    lead, trail = pair
    row = 2 * (lead - (0x81 if lead < 0xa0 else 0xc1)) + (2 if trail >= 0x9f else 1)
    cell = trail - 0x9e if trail >= 0x9f else trail - 0x3f - (trail > 0x7f)
    return bytes([row + 0x20, cell + 0x20])


# cp932 writes the kanji of IBM by the rows of IBM, which JIS and EUC have not: those of NEC are the same kanji.
NEC = {bytes([lead, trail]).decode("cp932"): bytes([lead, trail]) for lead in (0xed, 0xee)
       for trail in (*range(0x40, 0x7f), *range(0x80, 0xfd))
       if not (lead == 0xee and trail in (0xed, 0xee)) and trail != 0x7f}


def cp932_of(character):
    return NEC.get(character) or character.encode("cp932")


def as_iso_2022_jp(text):
    """CP50221: vendor rows, and half-width kana by ESC ( I."""
    out, now = b"", b"\x1b(B"
    for character in text:
        code = cp932_of(character)
        mode = b"\x1b$B" if len(code) == 2 else b"\x1b(B" if code < b"\x80" else b"\x1b(I"
        out += (mode if mode != now else b"") + (jis_of(code) if len(code) == 2 else bytes([code[0] & 0x7f]))
        now = mode
    return out


def as_euc(text):
    """CP51932."""
    out = b""
    for character in text:
        code = cp932_of(character)
        high = bytes(byte | 0x80 for byte in jis_of(code)) if len(code) == 2 else code
        out += b"\x8e" + high if len(code) == 1 and code >= b"\x80" else high
    return out


def codec(name):
    return lambda text: text.encode(name)


WRITERS = {"iso-2022-jp": as_iso_2022_jp, "shift_jis": codec("cp932"), "euc-jp": as_euc, "utf-8": codec("utf-8"),
           "utf-16": codec("utf-16"), "utf-16be": codec("utf-16be"), "utf-32": codec("utf-32"), "utf-7": codec("utf-7"),
           "gb18030": codec("gb18030")}
# They cannot write every sign of TEXT, or write some as another one: PLAIN_TEXT without its signs of Windows.
JIS_SIGNS = str.maketrans("～－", "\u301c\u2212")
STANDARD = {"iso-2022-jp-1": "iso2022_jp_1", "iso-2022-jp-3": "iso2022_jp_3", "iso-2022-jp-2004": "iso2022_jp_2004",
            "euc-jis-2004": "euc_jis_2004", "shift_jis-2004": "shift_jis_2004"}


def transfer(data, encoding):
    if encoding == "base64":
        return base64.encodebytes(data)
    return quopri.encodestring(data) if encoding == "quoted-printable" else data


def mail(data, label, encoding="8bit", subtype="plain"):
    """label: None for none at all."""
    head = f"From: a@b.example\nSubject: x\nDate: Fri, 20 Nov 2026 09:00:00 +0900\n" \
           f"MIME-Version: 1.0\nContent-Transfer-Encoding: {encoding}\n"
    kind = "" if label is None and subtype == "plain" else \
        f"Content-Type: text/{subtype}" + (f"; charset={label}" if label else "") + "\n"
    return (head + kind + "\n").encode() + transfer(data, encoding)


def attached(other):
    return b"From: a@b.example\nSubject: x\nDate: Fri, 20 Nov 2026 09:00:00 +0900\nMIME-Version: 1.0\n" \
           b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: message/rfc822\n\n" \
           + other + b"\n--b--\n"


# ---- the program -------------------------------------------------------------------------------------------------

def sanitize(data):
    """The clean message of one mail: (body, notice, report), the first two without the empty lines around them."""
    with tempfile.TemporaryDirectory(prefix="charset-mails-") as directory:
        report = Path(directory, "report.json")
        clean = subprocess.run([BIN / "mugai", "sanitize", "--report", report], input=data, capture_output=True,
                               check=True, timeout=60).stdout
        facts = json.loads(report.read_text(encoding="utf-8"))
    subprocess.run([BIN / "mugai", "verify"], input=clean, check=True, capture_output=True, timeout=60)
    message = email.message_from_bytes(clean, policy=email.policy.default)
    lines = message.get_body().get_content().replace("\r\n", "\n").splitlines()
    return ("\n".join(line for line in lines if not line.startswith(NOTICE)).strip("\n"),
            "\n".join(line for line in lines if line.startswith(NOTICE)), facts)


# ---- cases -------------------------------------------------------------------------------------------------------

class Case(NamedTuple):
    name: str
    mail: bytes
    text: str
    said: str = ""    # words of the notice
    unsaid: str = ""  # words that it must not have
    used: str = ""    # what the report must name


def right_labels():
    for label, write in WRITERS.items():
        wide = label.startswith(("utf-16", "utf-32"))
        for encoding in ("base64", "quoted-printable") + (() if wide else ("8bit",)):
            yield Case(f"{label} in {encoding}", mail(write(TEXT), label, encoding), TEXT, unsaid=CHARSET)
    for label, name in STANDARD.items():
        data = PLAIN_TEXT.translate(JIS_SIGNS).encode(name)
        yield Case(f"{label} by the codec {name}", mail(data, label), PLAIN_TEXT, unsaid=CHARSET)


WRONG = {
    "iso-2022-jp": "utf-8 shift_jis euc-jp us-ascii iso-8859-1 gb2312 windows-1251 big5 koi8-r iso-8859-15".split(),
    "shift_jis": "iso-2022-jp utf-8 euc-jp us-ascii iso-8859-1 windows-1252 utf-7".split(),
    "euc-jp": "iso-2022-jp utf-8 shift_jis us-ascii iso-8859-1 windows-1252".split(),
    "utf-8": "iso-2022-jp shift_jis euc-jp us-ascii iso-8859-1 gb2312 big5 ks_c_5601-1987 iso-8859-2 koi8-r utf-7 "
             "utf-16".split(),
}


def wrong_labels():
    """A wrong label is told to the reader; that there was none is told in the report alone."""
    for used, labels in WRONG.items():
        data = WRITERS[used](TEXT)
        for label in labels:
            yield Case(f"{used} under {label}", mail(data, label), TEXT, said=REPAIRED, used=used)
        yield Case(f"{used} without a label", mail(data, None), TEXT, unsaid=CHARSET, used=used)
        yield Case(f"{used} under x-unknown", mail(data, "x-unknown", "base64"), TEXT, used=used)


def html(text, charset=None):
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    lines = text.replace("&", "&amp;").replace("<", "&lt;").splitlines()
    return f"<html><head>{meta}</head><body>" + "<br>".join(lines) + "</body></html>"


def html_mail(data, label):
    return mail(data, label, "base64" if label else "8bit", "html")


def html_mails():
    """The markup of a text in ISO-2022-JP is full of < and & that are halves of kanji: decode first, always."""
    for used in WRONG:
        write = WRITERS[used]
        other = "utf-8" if used != "utf-8" else "iso-2022-jp"
        yield Case(f"HTML in {used}", html_mail(write(html(TEXT)), used), TEXT, unsaid=CHARSET)
        yield Case(f"HTML in {used}, only <meta>", html_mail(write(html(TEXT, used)), None), TEXT, used=used)
        yield Case(f"HTML in {used} under {other}, <meta> is right", html_mail(write(html(TEXT, used)), other), TEXT,
                   said=REPAIRED, used=used)
        yield Case(f"HTML in {used}, <meta> is wrong", html_mail(write(html(TEXT, other)), used), TEXT, unsaid=CHARSET)
    marked = b"\xef\xbb\xbf" + html(TEXT, "shift_jis").encode()
    yield Case("HTML with a mark against label and <meta>", html_mail(marked, "euc-jp"), TEXT, said=REPAIRED,
               used="utf-8")


def corpus_mails():
    expected = email.message_from_bytes((CORPUS / "plain-utf-8-8bit.eml").read_bytes(), policy=email.policy.default)
    for path in sorted(CORPUS.glob("plain-*.eml")):
        yield Case(path.name, path.read_bytes(), expected.get_content().replace("\r\n", "\n"), unsaid=CHARSET)
    vendor = (CORPUS / "vendor-characters-cp932.eml").read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    for path in sorted(CORPUS.glob("vendor-*.eml")):
        yield Case(path.name, path.read_bytes(), vendor.decode("cp932"), unsaid=CHARSET)


def sufferings():
    """field.md section 3, and what mail servers do on the way."""
    kanji = b"\x1b$BF|K\\"
    for name, data, label, text in (
            ("no ESC ( B before the line end", kanji + b"\r\nabc\r\n", "iso-2022-jp", "日本\nabc"),
            ("kana by SO and SI", b"\x0e5]W2]\x0f\n", "iso-2022-jp", "ｵﾝﾗｲﾝ"),
            ("kana of 8 bits", kanji + b"\x1b(B\xb5\xdd\xd7\xb2\xdd\n", "iso-2022-jp", "日本ｵﾝﾗｲﾝ"),
            ("gaiji", b"\x93\x6e\xf0\x40\xf9\xfc<b>\n", "shift_jis", "渡〓〓<b>"),
            ("gaiji in UTF-8", "渡\ue000<b>\n".encode(), "utf-8", "渡〓<b>"),
            ("a lead byte before markup", b"\x93\xfa\x82<b>\x82\"\n", "shift_jis", "日\ufffd<b>\ufffd\""),
            ("UTF-7 without its label", b"+ADw-script+AD4-\n", "us-ascii", "+ ADw-script+ AD4-"),
            ("overlong UTF-8", b"\xc0\xbcscript\n", "utf-8", "\ufffd\ufffdscript"),
            ("X 0212 in JIS", "柗本\n".encode("iso2022_jp_1"), "iso-2022-jp", "柗本"),
            ("X 0212 in EUC", "柗本\n".encode("euc_jp"), "euc-jp", "柗本"),
            ("X 0213 in JIS", "柗本\n".encode("iso2022_jp_2004"), "iso-2022-jp", "柗本"),
            ("label in two quotes", WRITERS["shift_jis"](TEXT), "\"'Shift_JIS'\"", TEXT)):
        yield Case(name, mail(data, label), text)
    yield Case("footer in Shift_JIS", mail("本文です。\n".encode() + "配信停止はこちらです。\n".encode("cp932"), "utf-8"),
               "本文です。\n配信停止はこちらです。", said=REPAIRED, used="utf-8")
    yield Case("gaiji of Windows in JIS", mail(kanji + b"\x7f!<;~~F|\x1b(B\n", "iso-2022-jp"), "日本〓嫉〓日")
    yield Case("a label of nobody, and a guess", mail("日本語の本文です".encode("cp932"), "klingon"), "日本語の本文です",
               said="「klingon」", used="shift_jis")
    head = "hello\n\n■ 添付されたメール（番号 2）\n  件名: x\n  差出人: <a@b.example>\n  日付: 2026-11-20 09:00:00 +0900\n\n"
    yield Case("an attached mail has the wrong label", attached(mail("日本語の本文です".encode("cp932"), "utf-8")),
               head + "  日本語の本文です",
               said="「utf-8」", used="shift_jis")
    lost = "日本".encode("euc-jp") + b"\xff" * 9 + b"\n"
    yield Case("much is lost", mail(lost, "euc-jp"), "日本" + "\ufffd" * 9, said=LOST)


def check(case):
    try:
        body, notice, report = sanitize(case.mail)
    except (subprocess.SubprocessError, OSError) as error:
        return f"{case.name}: {error}"
    if body != case.text.strip("\n"):
        return f"{case.name}: {body!r} instead of {case.text!r}"
    if case.said not in notice or (case.unsaid and case.unsaid in notice):
        return f"{case.name}: the notice is {notice!r}"
    used = report["body"]["charset_used"]
    return f"{case.name}: read as {used}" if case.used not in ("", used) else None


def main():
    cases = [case for cases in (corpus_mails, right_labels, wrong_labels, html_mails, sufferings) for case in cases()]
    with ThreadPoolExecutor(WORKERS) as pool:
        findings = [finding for finding in pool.map(check, cases) if finding]
    print("\n".join(findings))
    print(f"{len(cases) - len(findings)} of {len(cases)} mails")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
