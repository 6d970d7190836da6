"""Documents for the tests of the whole: small ones, and those that cost whoever draws them as much as they can."""
import base64
import random
import struct
import zlib

from send import crlf

BOUNDARY = "=_documents"


def _pdf_of(objects):
    """A PDF of the bodies of its objects; the first is the catalogue."""
    data, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(data) + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def _stream(content, entries=b""):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def pdf(*pages):
    """A PDF of pages with one line of ASCII text each."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(pages)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for number, text in enumerate(pages):
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> "
                       b"/Contents %d 0 R >>" % (5 + 2 * number))
        objects.append(_stream(b"BT /F 24 Tf 72 700 Td (%s) Tj ET" % text.encode("ascii")))
    return _pdf_of(objects)


def endless_pdf(number=0):
    """One page of forms that draw forms: some 10^9 full-page fills out of 2 KB. Each number makes another document."""
    depth = 9
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /N 5 0 R >> >> "
               b"/Contents 4 0 R >>", _stream(b"%% %d\n/N Do" % number)]
    for level in range(depth):
        form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /N %d 0 R >> >>" % (6 + level)
        objects.append(_stream(b"/N Do\n" * 10, form))
    objects.append(_stream(b"0.5 g 0 0 m 595 3 l 300 842 l 1 800 l f", b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"))
    return _pdf_of(objects)


def costly_pages_pdf(number=0):
    """500 pages with a small picture each, of many colours, that fills the page: quickly drawn, and long to encode."""
    rng = random.Random(number)
    width, height = 8, 11
    kids = b" ".join(b"%d 0 R" % (5 + n) for n in range(500))
    picture = (b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB "
               b"/Interpolate true" % (width, height))
    page = (b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 3 0 R >> >> "
            b"/Contents 4 0 R >>")
    return _pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count 500 >>" % kids,
                    _stream(rng.randbytes(3 * width * height), picture), _stream(b"595 0 0 842 0 0 cm /I Do"), *[page] * 500])


# Functions of a number: documents that cost the jail, and who encodes their pages.
WORST = (endless_pdf, costly_pages_pdf)


def png(width=60, height=40):
    """Stripes in three colours."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    colours = (b"\xd0\x20\x20", b"\x20\xa0\x20", b"\x20\x20\xd0")
    rows = b"".join(b"\0" + colours[y * 3 // height] * width for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


CSV = "番号,氏名,金額\r\n1,山田太郎,1200\r\n2,鈴木花子,3400\r\n".encode("cp932")


def mail(subject, *files, text="the text above the files"):
    """A mail with files, each (name, type, bytes)."""
    lines = ["From: Citizen <citizen@sender.example>", "To: soumu@city.example.lg.jp", f"Subject: {subject}",
             "Date: Fri, 20 Nov 2026 09:00:00 +0900", f"Message-ID: <{subject.replace(' ', '.')}@sender.example>",
             "MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{BOUNDARY}"', "", f"--{BOUNDARY}",
             "Content-Type: text/plain; charset=us-ascii", "", text]
    for name, kind, data in files:
        lines += [f"--{BOUNDARY}", f'Content-Type: {kind}; name="{name}"', "Content-Transfer-Encoding: base64",
                  f'Content-Disposition: attachment; filename="{name}"', "", base64.encodebytes(data).decode("ascii").rstrip()]
    return crlf(("\n".join(lines) + f"\n--{BOUNDARY}--\n").encode("ascii"))
