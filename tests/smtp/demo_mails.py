#!/usr/bin/env -S python3 -B
"""demo_mails.py DIRECTORY: writes those sample mails of tests/mails that hold real files: docx-zip.eml, winmail.eml.

They are made, so that one can see what is in them. The same bytes every time: no clock, and archives without
compression, whose bytes depend on no library. large() is made anew for each run of the demo.
"""
import base64
import hashlib
import io
import re
import struct
import sys
import zipfile
from pathlib import Path

# In every attachment: where this is found on the LGWAN side, an attachment has passed.
MARKER = "MARKER-ATTACHMENT-7f3a"
PHOTOS, PHOTO_BYTES = 6, 2_560_000  # together 20 MB in base64
MADE_ON = (2026, 11, 20, 12, 0, 0)


# ---- pieces of a mail ---------------------------------------------------------------------------------

def encode(text, charset):
    """What mail programs mean by Shift_JIS."""
    return text.encode({"Shift_JIS": "cp932"}.get(charset, charset))


def words(text, charset):
    pieces = [encode(text[start:start + 12], charset) for start in range(0, len(text), 12)]
    return "\n ".join(f"=?{charset}?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


def head(charset, name, address, recipient, subject, date):
    return (f"From: {words(name, charset)} <{address}>\nTo: <{recipient}>\nSubject: {words(subject, charset)}\n"
            f"Date: {date}\nMessage-ID: <{date[5:16].replace(' ', '')}.{address}>\nMIME-Version: 1.0\n").encode()


def text_part(text, charset, encoding="8bit"):
    fields = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return fields.encode() + encode(text, charset)


def file_part(kind, name, data):
    lines = re.sub("(.{76})(?=.)", r"\1\n", base64.b64encode(data).decode())
    return (f"Content-Type: {kind}\nContent-Disposition: attachment;{name}\n"
            f"Content-Transfer-Encoding: base64\n\n{lines}\n").encode()


def file_name(name, charset):
    """In numbered pieces, as mail programs write long names (RFC 2231)."""
    encoded = "".join(f"%{byte:02X}" for byte in encode(name, charset))
    pieces = [encoded[start:start + 54] for start in range(0, len(encoded), 54)]
    pieces[0] = f"{charset}'ja'{pieces[0]}"
    return ";".join(f"\n filename*{number}*={piece}" for number, piece in enumerate(pieces))


def mixed(boundary, *parts):
    opened = b"".join(f"--{boundary}\n".encode() + part for part in parts)
    return f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n'.encode() + opened + f"--{boundary}--\n".encode()


# ---- files --------------------------------------------------------------------------------------------

def archive(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, data in files:
            file.writestr(zipfile.ZipInfo(name, MADE_ON), data)
    return out.getvalue()


def docx(text):
    """The least that a word processor opens."""
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    document = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines())
    return archive([
        ("[Content_Types].xml", f'<Types xmlns="{kinds}"><Default Extension="rels" ContentType="application/vnd.'
         f'openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="{main}"/>'
         "</Types>"),
        ("_rels/.rels", f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{document}" '
         'Target="word/document.xml"/></Relationships>'),
        ("word/document.xml", f'<w:document xmlns:w="{word}"><w:body>{paragraphs}</w:body></w:document>'),
    ])


def photo(name, size):
    """Nothing but a JPEG's beginning, end and weight."""
    start = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + MARKER.encode()
    return start + hashlib.shake_256(name.encode()).digest(size - len(start) - 2) + b"\xff\xd9"


def tnef_attribute(level, identity, data):
    return struct.pack("<BII", level, identity, len(data)) + data + struct.pack("<H", sum(data) % 65536)


def tnef(message_class, files):
    """winmail.dat, as Outlook makes it: [MS-OXTNEF]."""
    message, attachment = 1, 2
    out = struct.pack("<IH", 0x223E9F78, 1)
    out += tnef_attribute(message, 0x00089006, struct.pack("<I", 0x00010000))     # version
    out += tnef_attribute(message, 0x00069007, struct.pack("<II", 932, 0))        # code page
    out += tnef_attribute(message, 0x00078008, message_class.encode() + b"\0")
    for name, data in files:
        out += tnef_attribute(attachment, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))
        out += tnef_attribute(attachment, 0x00018010, name.encode("cp932") + b"\0")
        out += tnef_attribute(attachment, 0x0006800F, data)
    return out


# ---- the mails ----------------------------------------------------------------------------------------

def docx_zip():
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    agreement = docx(f"設計変更協議書\n外壁の仕様を変更する。\n{MARKER}")
    photos = archive([(f"genba-{number}.jpg", photo(f"genba-{number}", 1500)) for number in (1, 2, 3)])
    return head("Shift_JIS", "㈱北川設計 森", "mori@kitagawa-sekkei.example", "taro@city.example.lg.jp",
                "設計変更協議書(第2回)と写真の送付", "Wed, 25 Nov 2026 17:20:00 +0900") + mixed(
        "=_sekkei_1125",
        text_part("""北川市役所 建築住宅課 山本様

お世話になっております。㈱北川設計の森です。
第2回の協議書と、現場の写真①～③をお送りします。
11月30日(月)までにご確認をお願いいたします。
""", "Shift_JIS"),
        file_part(word, file_name("設計変更協議書（第2回）.docx", "UTF-8"), agreement),
        file_part("application/zip", file_name("現場写真①～③.zip", "Shift_JIS"), photos))


def winmail():
    agenda = docx(f"次第\n1 開会\n2 防災訓練の反省\n{MARKER}")
    attendance = f"氏名,出欠\r\n{MARKER},\r\n".encode("cp932")
    packed = tnef("IPM.Note", [("会議次第.docx", agenda), ("出欠票.csv", attendance)])
    return head("ISO-2022-JP", "北川県 防災課", "bousai@pref.kitagawa.example", "bousai@city.example.lg.jp",
                "防災担当者会議の資料", "Thu, 26 Nov 2026 09:05:00 +0900") + mixed(
        "----=_NextPart_000_0012",
        text_part("""各市町村 防災担当者 様

12月3日(木)の会議の次第と出欠票を添付します。
出欠は11月30日(月)までに返信してください。

北川県 防災課
""", "ISO-2022-JP", "7bit"),
        file_part("application/ms-tnef; name=winmail.dat", " filename=winmail.dat", packed))


def large(each=PHOTO_BYTES):
    """20 MB of photographs."""
    shots = [file_part("image/jpeg", file_name(f"道路の陥没 {number}.jpg", "UTF-8"), photo(f"kanbotsu-{number}", each))
             for number in range(1, PHOTOS + 1)]
    return head("UTF-8", "道路管理事務所", "douro@kanri.example", "taro@city.example.lg.jp",
                "道路の陥没の写真", "Fri, 27 Nov 2026 15:10:00 +0900") + mixed(
        "=_douro_1127",
        text_part(f"""土木課 山本様

市道12号線の陥没について、写真を{PHOTOS}枚お送りします。
本日中に囲いを設けます。
""", "UTF-8"), *shots)


FILES = {"docx-zip.eml": docx_zip, "winmail.eml": winmail}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, make in FILES.items():
        (Path(sys.argv[1]) / name).write_bytes(make())


if __name__ == "__main__":
    main()
