#!/usr/bin/env -S python3 -B
"""names_test.py BIN_DIRECTORY: subjects, names, addresses and file names as the wild writes them, through the command
and its jail. What the clean message's header says is read back with Python's email package, which shares no code
with ours: it must find the addresses to which an answer has to go. Prints how many cases of each kind hold.
"""
import base64
import email
import email.policy
import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.parse
from collections import Counter
from pathlib import Path



def b_word(text, codec, label=None):
    return f"=?{label or codec}?B?".encode() + base64.b64encode(text.encode(codec)) + b"?="


def q_word(data, label):
    return f"=?{label}?Q?".encode() + b"".join(b"=%02X" % c for c in data) + b"?="


def percent(data):
    return urllib.parse.quote_from_bytes(data, safe="").encode()


def cp932(text):
    return text.encode("cp932")


def euc(text):
    return text.encode("euc_jp")


def jis(text):
    return text.encode("iso2022_jp")


def made_id(claimed):
    return f"<{hashlib.sha256(claimed.encode()).hexdigest()[:32]}@mugai.invalid>"


# Bytes that Python's codecs do not have: NEC row 13, IBM row 92, half-width kana, JIS X 0212.
NEC_IBM = b"\x1b$B-!-j|b\x1b(B"  # ①㈱髙
HALF = b"\x1b(I6E\x1b(B"         # ｶﾅ
SUPPLEMENT = "柗".encode("iso2022_jp_1")

# ---- what users complained of (facts/field.md 3, facts/text.md 5): one row each -----------------------------------
# complaint, source, header lines, {what: wanted}
SAD = [
    ("Shift_JIS labelled ISO-2022-JP, subject", "rspamd #1651", b"Subject: " + q_word(cp932("日本語の件名"), "iso-2022-jp"),
     {"Subject": "日本語の件名"}),
    ("Shift_JIS labelled ISO-2022-JP, name", "rspamd #1651", b"From: " + q_word(cp932("山田太郎"), "iso-2022-jp") + b" <a@b.jp>",
     {"From": [("山田太郎", "a@b.jp")]}),
    ("no charset: raw Shift_JIS subject", "rspamd #1651", b"Subject: " + cp932("会議のお知らせ"), {"Subject": "会議のお知らせ"}),
    ("no charset: raw EUC-JP subject", "rspamd #1651", b"Subject: " + euc("会議のお知らせ"), {"Subject": "会議のお知らせ"}),
    ("7-bit JIS without label, subject", "zammad #6144", b"Subject: " + jis("会社と担当者は自治体の市役所です"),
     {"Subject": "会社と担当者は自治体の市役所です"}),
    ("7-bit JIS without label, name", "zammad #6144", b"From: " + jis("会社と、担当者") + b" <a@b.jp>",
     {"From": [("会社と、担当者", "a@b.jp")]}),
    ("7-bit JIS without label, name in quotes", "zammad #6144", b"From: \"" + jis("会社、「者」") + b"\" <a@b.jp>",
     {"From": [("会社、「者」", "a@b.jp")]}),
    ("UTF-8 labelled ISO-2022-JP", "mikel/mail #1423", b"Subject: " + b_word("日本語", "utf-8", "ISO-2022-JP"),
     {"Subject": "日本語"}),
    ("quoted-printable JIS", "zammad #2498", b"Subject: " + q_word(jis("日本語の件名"), "iso-2022-jp"), {"Subject": "日本語の件名"}),
    ("quoted-printable JIS, partly escaped", "zammad #4680", b"Subject: =?iso-2022-jp?Q?=1B$BF|K\\8l=1B(B?=",
     {"Subject": "日本語"}),
    ("circled digits, NEC and IBM kanji in JIS", "moji-memo 20120425",
     b"Subject: =?iso-2022-jp?B?" + base64.b64encode(NEC_IBM) + b"?=", {"Subject": "①㈱髙"}),
    ("circled digits in raw JIS", "php-mime-mail-parser #191", b"Subject: " + NEC_IBM, {"Subject": "①㈱髙"}),
    ("company and kanji of names", "roundcube #5665", b"From: " + q_word(cp932("㈱山﨑"), "Shift_JIS") + b" <a@b.jp>",
     {"From": [("㈱山﨑", "a@b.jp")]}),
    ("half-width kana in JIS", "zbateson/mail-mime-parser #50", b"Subject: =?iso-2022-jp?B?" + base64.b64encode(HALF) + b"?=",
     {"Subject": "ｶﾅ"}),
    ("half-width kana in raw JIS", "pear/Mail_Mime #18", b"Subject: " + HALF, {"Subject": "ｶﾅ"}),
    ("a kanji of JIS X 0212", "yanok.net 2015/02", b"Subject: =?iso-2022-jp-1?B?" + base64.b64encode(SUPPLEMENT) + b"?=",
     {"Subject": "柗"}),
    ("bytes inside JIS look like syntax", "hypermail #36", b"From: " + jis("、。，．・：；？") + b" <a@b.jp>",
     {"From": [("、。，．・：；？", "a@b.jp")]}),
    ("a tag of a list before raw JIS", "CYBERMAIL S3d", b"Subject: [list 12] " + jis("件名"), {"Subject": "[list 12] 件名"}),
    ("non-ASCII header", "sdgathman/pymilter #12", "Subject: 日本語".encode(), {"Subject": "日本語"}),
    ("non-ASCII name", "sdgathman/pymilter #12", "From: 日本 <a@b.jp>".encode(), {"From": [("日本", "a@b.jp")]}),
    ("file name, raw", "MIMEDefang #54", 'FILE: filename="資料.pdf"'.encode(), {"file": "資料.pdf"}),
    ("file name, raw Shift_JIS", "MIMEDefang #74", b'FILE: filename="' + cp932("表の資料.pdf") + b'"', {"file": "表の資料.pdf"}),
    ("file name, not turned to #", "MIMEDefang #73", b"FILE: filename*=UTF-8''" + percent("見積書.xlsx".encode()),
     {"file": "見積書.xlsx"}),
    ("filename* with Japanese", "enmime #384", b"FILE: filename*=iso-2022-jp'ja'" + percent(jis("議事録.pdf")),
     {"file": "議事録.pdf"}),
    ("UTF-8 words split in a character, padded", "GMime 3.2.13", b"Subject: =?UTF-8?B?5pel5pw=?= =?UTF-8?B?rOiqng==?=",
     {"Subject": "日本語"}),
    ("raw Shift_JIS name", "GMime 3.2.13", b"From: " + cp932("日本の表") + b" <a@b.jp>", {"From": [("日本の表", "a@b.jp")]}),
    ("raw EUC-JP name", "GMime 3.2.13", b"From: " + euc("日本の表") + b" <a@b.jp>", {"From": [("日本の表", "a@b.jp")]}),
    ("Shift_JIS labelled UTF-8", "GMime 3.2.13", b"Subject: " + q_word(cp932("日本語の件名"), "utf-8"), {"Subject": "日本語の件名"}),
    ("words in a quoted string", "GMime 3.2.13", b'From: "=?utf-8*ja?B?5pel?= x" <a@b.jp>', {"From": [("日 x", "a@b.jp")]}),
    ("a line end in a word", "GMime 3.2.13", b"Subject: =?utf-8?Q?a=0D=0ABcc:_x?=", {"Subject": "a Bcc: x"}),
    ("U+202E in a word", "GMime 3.2.13", b"Subject: =?utf-8?Q?a=E2=80=AEb?=", {"Subject": "ab"}),
    ("a word of UTF-7", "GMime 3.2.13", b"Subject: =?utf-7?Q?+ADw-script+AD4-?=", {"Subject": "<script>"}),
    ("empty charset in filename*", "GMime 3.2.13", b"FILE: filename*=''" + percent(cp932("日本語の資料.pdf")),
     {"file": "日本語の資料.pdf"}),
    ("filename and filename*: the dangerous one", "GMime 3.2.13", b"FILE: filename=a.txt; filename*=UTF-8''b.exe",
     {"file": "b.exe"}),
    ("filename and filename*: the other way", "GMime 3.2.13", b"FILE: filename=a.exe; filename*=UTF-8''b.txt",
     {"file": "a.exe"}),
    ("an address inside the display name", "field.md 2.9", b'From: "boss@city.example" <x@evil.example>',
     {"From": [("boss@city.example", "x@evil.example")]}),
    ("several Subject fields", "field.md 2.9", b"Subject: one\nSubject: two", {"Subject": "one"}),
    ("threading survives", "Proxmox S29", b"Message-ID: <1.2@b.jp>\nIn-Reply-To: <0@b.jp>", {"Message-ID": "<1.2@b.jp>",
     "In-Reply-To": "<0@b.jp>"}),
    ("threading survives ids of odd forms", "Proxmox S29", b"Message-ID: <a..b@docomo.jp>\nIn-Reply-To: <a..b@docomo.jp>",
     {"Message-ID": made_id("a..b@docomo.jp"), "In-Reply-To": made_id("a..b@docomo.jp")}),
]

# ---- addresses: what an answer needs ------------------------------------------------------------------------------
# kind, the field as it comes, what it must hold at the end. None: what Python reads in the original.
MANY = [f"user{n}@example{n % 7}.jp" for n in range(900)]
ADDRESSES = [
    ("plain", "a@b.jp", None),
    ("plain", "Taro Yamada <a@b.jp>", None),
    ("plain", '"Yamada, Taro" <a@b.jp>, c@d.jp', None),
    ("plain", "a@b.jp (Taro Yamada)", [("Taro Yamada", "a@b.jp")]),
    ("japanese name", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= <a@b.jp>", None),
    ("japanese name", "=?UTF-8?B?5bGx55Sw?= =?UTF-8?B?5aSq6YOO?= <a@b.jp>", [("山田太郎", "a@b.jp")]),
    ("japanese name", '"=?UTF-8?B?5bGx55Sw?=" <a@b.jp>', [("山田", "a@b.jp")]),
    ("japanese name", "山田　太郎 <a@b.jp>", [("山田　太郎", "a@b.jp")]),
    ("group", "friends: a@b.jp, Taro <c@d.jp>;", [("", "a@b.jp"), ("Taro", "c@d.jp")]),
    ("group", "one: a@b.jp;, two: c@d.jp;", [("", "a@b.jp"), ("", "c@d.jp")]),
    ("group", "=?utf-8?B?5pel?=: a@b.jp;", [("", "a@b.jp")]),
    ("undisclosed", "undisclosed-recipients:;", []),
    ("undisclosed", "Undisclosed recipients: ;", []),
    ("quoted local", '"a b"@c.jp', None),
    ("quoted local", '"a@b"@c.jp', None),
    ("quoted local", 'x <"a\\"b"@c.jp>', None),
    ("quoted local", "abc..def@docomo.example", [("", "abc..def@docomo.example")]),
    ("quoted local", "<abc.@ezweb.example>", [("", "abc.@ezweb.example")]),
    ("comment", "Taro (office (2F)) <a@b.jp>", [("Taro", "a@b.jp")]),
    ("comment", "a(x)@(y)b.jp", [("y", "a@b.jp")]),
    ("comment", "a@b.jp (=?utf-8?B?5pel5pys?=)", [("日本", "a@b.jp")]),
    ("literal", "a@[192.0.2.1]", None),
    ("literal", "x <a@[IPv6:2001:db8::1]>", None),
    ("idn", "a@日本語.jp", [("", "a@xn--wgv71a119e.jp")]),
    ("idn", "x <a@bücher.example>", [("x", "a@xn--bcher-kva.example")]),
    ("idn", "x <a@ＥＸＡＭＰＬＥ．ｊｐ>", [("x", "a@example.jp")]),
    ("no brackets", "Taro Yamada a@b.jp", [("Taro Yamada", "a@b.jp")]),
    ("no brackets", "=?utf-8?B?5pel5pys?= a@b.jp, c@d.jp", [("日本", "a@b.jp"), ("", "c@d.jp")]),
    ("no brackets", "a@b.jp; c@d.jp", [("", "a@b.jp"), ("", "c@d.jp")]),
    ("broken", '"Taro <a@b.jp>', [("Taro", "a@b.jp")]),
    ("broken", "Taro (office <a@b.jp>", [("Taro (office", "a@b.jp")]),
    ("broken", "Taro <a@b.jp, c@d.jp", [("Taro", "a@b.jp"), ("", "c@d.jp")]),
    ("broken", "<mailto:a@b.jp>", [("", "a@b.jp")]),
    ("broken", "Taro <@relay.jp,@x.jp:a@b.jp>", [("Taro", "a@b.jp")]),
    ("broken", "a@b.jp.", [("", "a@b.jp")]),
    ("broken", ",, a@b.jp ,", [("", "a@b.jp")]),
    ("hundreds", ", ".join(MANY), [("", address) for address in MANY]),
    ("hundreds", ", ".join(f"=?utf-8?B?5pel5pys?= <{address}>" for address in MANY),
     [("日本", address) for address in MANY]),
]

# ---- what is said -------------------------------------------------------------------------------------------------
# header lines, words that the text must hold, what the report's header must say
TOLD = [
    (b"Subject: =?utf-8?B?5pel5p?=", ["読み取れない文字が 1 か所"], {"replaced": 1, "charset_repaired": False}),
    (b"Subject: " + cp932("日本語の件名"), [], {"replaced": 0, "charset_repaired": True}),
    (b"Subject: =?utf-8?B?5pel?=", [], {"replaced": 0, "charset_repaired": False}),
    (b"FILE: filename*=utf-8''%E6%97.pdf", ["読み取れない文字が 1 か所"], {"replaced": 1}),
    ("To: x <田中@example.jp>".encode(), ["「田中[@]example.jp」"], {}),
    ("To: x <a@faß.example>".encode(), ["「a[@]faß.example」"], {}),
    (b"Date: Mon, 1 Jan 2024 09:30:00 -0500", ["2024-01-01 23:30:00 +0900 (2024-01-01 09:30:00 -0500)"], {}),
    (b"Date: yesterday", ["日付がないか正しくない"], {"date_read": False}),
    (b"Date: Mon, 1 Jan 2024 09:30:00", ["2024-01-01 18:30:00 +0900 (2024-01-01 09:30:00)\r\n", "協定世界時とみなしました"],
     {"date_zoneless": True}),
    (b"Date: Mon, 1 Jan 2114 09:30:00 +0900", ["届いた日時より 1 日以上あと"], {"date_read": True, "date_zoneless": False}),
]


class Failure(Exception):
    pass


def equal(got, want, where):
    if got != want:
        raise Failure(f"{where}: {got!r} instead of {want!r}")


def mail(header):
    """header: lines; one that begins with FILE: holds the parameters of an attachment."""
    lines = header.split(b"\n")
    parameters = b"".join(line[len(b"FILE: "):] for line in lines if line.startswith(b"FILE: "))
    lines = [line for line in lines if not line.startswith(b"FILE: ")]
    for field in (b"From: z@z.jp", b"Date: Fri, 20 Nov 2026 09:00:00 +0900"):
        if not any(line.startswith(field.split(b" ")[0]) for line in lines):
            lines.append(field)
    attachment = b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; " + parameters + b"\n\nx\n"
    return b"\n".join(lines) + (b"\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello\n"
                                + (attachment if parameters else b"") + b"--b--\n")


def sanitize(programs, directory, header):
    """(message by Python, its text, report); the checker must be content."""
    out, report = directory / "out.eml", directory / "report.json"
    ran = subprocess.run([programs / "mugai", "sanitize", "--report", report, "-o", out], input=mail(header),
                         capture_output=True, timeout=60)
    if ran.returncode != 0:
        raise Failure(f"sanitize: {ran.returncode} {ran.stderr.decode()}")
    verdict = subprocess.run([programs / "mugai", "verify", out], capture_output=True, timeout=60)
    if verdict.returncode != 0:
        raise Failure(f"refused by the checker: {verdict.stderr.decode()}")
    clean = email.message_from_bytes(out.read_bytes(), policy=email.policy.default)
    return clean, clean.get_payload(decode=True).decode(), json.loads(report.read_text(encoding="utf-8"))


def addresses(message, field):
    if message[field] is None:
        return []
    return [(" ".join(one.display_name.split(" ")), one.addr_spec) for one in message[field].addresses]


def check_sad(programs, directory, row):
    _, _, header, wanted = row
    clean, _, report = sanitize(programs, directory, header)
    for what, want in wanted.items():
        if what == "file":
            got = report["parts"][0]["name"]
        elif isinstance(want, list):
            got = addresses(clean, what)
        else:
            got = str(clean[what])
        equal(got, want, what)


def check_address(programs, directory, row):
    _, value, want = row
    header = b"To: " + value.encode()
    if want is None:
        want = addresses(email.message_from_bytes(mail(header), policy=email.policy.default), "To")
    clean, _, _ = sanitize(programs, directory, header)
    equal(addresses(clean, "To"), want, value)
    if not want:
        equal(str(clean["To"]), "undisclosed-recipients:;", value)


def check_told(programs, directory, row):
    header, words, said = row
    _, text, report = sanitize(programs, directory, header)
    for word in words:
        if word not in text:
            raise Failure(f"{word} is not told: {text}")
    if not words and "読み取れない文字" in text:
        raise Failure(f"told for nothing: {text}")
    for key, value in said.items():
        equal(report["header"][key], value, key)


def main():
    programs = Path(sys.argv[1]).resolve()
    failed, counts, all_of = False, Counter(), Counter()
    kinds = [("complaint", check_sad, SAD, lambda row: f"{row[0]} ({row[1]})"),
             ("address", check_address, ADDRESSES, lambda row: f"{row[0]}: {row[1][:60]}"),
             ("told", check_told, TOLD, lambda row: row[0].decode("latin-1"))]
    with tempfile.TemporaryDirectory(prefix="mugai-names.") as name:
        for kind, check, rows, label in kinds:
            for row in rows:
                counted = f"address, {row[0]}" if kind == "address" else kind
                all_of[counted] += 1
                try:
                    check(programs, Path(name), row)
                    counts[counted] += 1
                    print(f"ok {kind}: {label(row)}")
                except Failure as failure:
                    failed = True
                    print(f"not ok {kind}: {label(row)}: {failure}")
    for counted, number in all_of.items():
        print(f"{counted}: {counts[counted]} of {number}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
