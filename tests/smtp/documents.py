"""Documents for the tests of the whole: small ones, and those that cost whoever draws them as much as they can."""
import base64
import io
import random
import struct
import zipfile
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


# ---- Office documents, as small as LibreOffice takes them --------------------------------------------------------------

_OOXML = "application/vnd.openxmlformats-officedocument."
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _zip(members):
    """The same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def _relations(*targets):
    return ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' + "".join(
        f'<Relationship Id="r{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)) + "</Relationships>")


def _ooxml(main, kind, members):
    types = {name: form for name, (form, _) in members.items() if form}
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{_OOXML}{form}+xml"/>' for name, form in types.items())
    return _zip({"[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
                 'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' + overrides + "</Types>",
                 "_rels/.rels": _relations((kind, main)), **{name: text for name, (_, text) in members.items()}})


def docx(*paragraphs):
    name = "word/document.xml"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    return _ooxml(name, "officeDocument", {name: (
        "wordprocessingml.document.main",
        f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>')})


def xlsx(*cells, hidden_rows=()):
    """One column of texts."""
    namespace = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{_RELATIONS}"'
    hidden = ["", 'hidden="1"']
    rows = "".join(f'<row r="{n}" {hidden[n in hidden_rows]}><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
                   for n, text in enumerate(cells, 1))
    return _ooxml("xl/workbook.xml", "officeDocument", {
        "xl/workbook.xml": ("spreadsheetml.sheet.main",
                            f'<workbook {namespace}><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'),
        "xl/_rels/workbook.xml.rels": ("", _relations(("worksheet", "worksheets/sheet1.xml"))),
        "xl/worksheets/sheet1.xml": ("spreadsheetml.worksheet",
                                     f"<worksheet {namespace}><sheetData>{rows}</sheetData></worksheet>")})


def pptx(text):
    namespace = (f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="{_RELATIONS}" '
                 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"')
    shape = ('<p:sp><p:nvSpPr><p:cNvPr id="2" name="t"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm>'
             '<a:off x="900000" y="900000"/><a:ext cx="7000000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></p:spPr>'
             f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>")
    tree = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    slides = "ppt/slides/slide1.xml"
    return _ooxml("ppt/presentation.xml", "officeDocument", {
        "ppt/presentation.xml": ("presentationml.presentation.main",
                                 f'<p:presentation {namespace}><p:sldIdLst><p:sldId id="256" r:id="r1"/></p:sldIdLst>'
                                 '<p:sldSz cx="9144000" cy="6858000"/></p:presentation>'),
        "ppt/_rels/presentation.xml.rels": ("", _relations(("slide", "slides/slide1.xml"))),
        slides: ("presentationml.slide", f"<p:sld {namespace}><p:cSld><p:spTree>{tree}{shape}</p:spTree></p:cSld></p:sld>")})


def odt(*paragraphs):
    urn = "urn:oasis:names:tc:opendocument:xmlns:"
    body = "".join(f"<text:p>{text}</text:p>" for text in paragraphs)
    return _zip({"mimetype": "application/vnd.oasis.opendocument.text",
                 "META-INF/manifest.xml": f'<m:manifest xmlns:m="{urn}manifest:1.0"><m:file-entry m:full-path="/" m:media-type='
                 '"application/vnd.oasis.opendocument.text"/><m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
                 "content.xml": f'<office:document-content xmlns:office="{urn}office:1.0" xmlns:text="{urn}text:1.0" '
                 f'office:version="1.2"><office:body><office:text>{body}</office:text></office:body></office:document-content>'})


OFFICE = (("proposal.docx", _OOXML + "wordprocessingml.document", docx("議案第1号", "道路の補修について")),
          ("totals.xlsx", _OOXML + "spreadsheetml.sheet", xlsx("集計表", "隠した行", "合計 3400", hidden_rows=(2,))),
          ("slides.pptx", _OOXML + "presentationml.presentation", pptx("説明資料")),
          ("memo.odt", "application/vnd.oasis.opendocument.text", odt("覚書の文章")))
# Of each what a reader finds in it, and what not.
OFFICE_WORDS = ((("議案第1号", "道路の補修について"), ()), (("集計表", "合計 3400"), ("隠した行",)), (("説明資料",), ()), (("覚書の文章",), ()))

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
