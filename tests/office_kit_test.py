#!/usr/bin/python3
"""office_kit_test.py BUILD/tests/office_direct - what LibreOffice is locked with, and what it makes of documents of ours.

Outside the jail: every document here is written here. Needs pdftotext, pdffonts, pdfinfo.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
import zipfile

DIRECT = sys.argv.pop(1)
OOR = "{http://openoffice.org/2001/registry}"
REGISTRY = "/etc/libreoffice/registry"
OPC = "http://schemas.openxmlformats.org/package/2006/"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
COMPLETE, DAMAGED = "0", "3"

# The filters that may read a file: those that mugai-office asks for, and charts inside of documents.
IMPORTS = set("""calc8|calc8_template|OpenDocument Spreadsheet Flat XML|MS Excel 97|MS Excel 97 Vorlage/Template|MS Excel 95
|MS Excel 95 Vorlage/Template|MS Excel 5.0/95|MS Excel 5.0/95 Vorlage/Template|MS Excel 4.0|MS Excel 4.0 Vorlage/Template
|Calc MS Excel 2007 XML|Calc MS Excel 2007 VBA XML|Calc MS Excel 2007 XML Template|Calc MS Excel 2007 Binary|Calc Office Open XML
|Calc Office Open XML Template|draw8|draw8_template|OpenDocument Drawing Flat XML|impress8|impress8_template|impress8_draw
|OpenDocument Presentation Flat XML|MS PowerPoint 97|MS PowerPoint 97 AutoPlay|MS PowerPoint 97 Vorlage
|Impress MS PowerPoint 2007 XML|Impress MS PowerPoint 2007 XML AutoPlay|Impress MS PowerPoint 2007 XML Template
|Impress MS PowerPoint 2007 XML VBA|Impress Office Open XML|Impress Office Open XML Template|Impress Office Open XML AutoPlay
|writer8|writer8_template|OpenDocument Text Flat XML|MS Word 97|MS Word 97 Vorlage|MS Word 95|MS Word 95 Vorlage|MS WinWord 6.0
|MS Word 2007 XML|MS Word 2007 XML Template|MS Word 2007 XML VBA|Office Open XML Text|Office Open XML Text Template
|Rich Text Format|chart8|math8""".replace("\n", "").split("|"))

# Font in a document -> font that its letters are drawn with.
FONTS = {
    "ＭＳ 明朝": "IPAMincho", "MS Mincho": "IPAMincho", "ＭＳ Ｐ明朝": "IPAPMincho", "ＭＳ ゴシック": "IPAGothic",
    "MS Gothic": "IPAGothic", "ＭＳ Ｐゴシック": "IPAPGothic", "MS UI Gothic": "IPAPGothic", "游明朝": "NotoSerifCJK",
    "Yu Mincho": "NotoSerifCJK", "游ゴシック": "NotoSansCJK", "Yu Gothic": "NotoSansCJK", "メイリオ": "NotoSansCJK",
    "Meiryo": "NotoSansCJK", "HG丸ｺﾞｼｯｸM-PRO": "IPAGothic", "HGP創英角ｺﾞｼｯｸUB": "IPAPGothic", "BIZ UDP明朝": "IPAPMincho",
    "BIZ UDゴシック": "IPAGothic", "ヒラギノ明朝 ProN": "NotoSerifCJK", "Calibri": "Carlito", "Cambria": "Caladea",
    "Times New Roman": "LiberationSerif", "Century": "LiberationSerif", "Arial": "LiberationSans",
    "Courier New": "LiberationMono",
}


def package(path, main, kind, parts):
    """An OPC package whose main part is `main`; parts: name -> (content type, XML, [(relation, target)])."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        types = "".join(f'<Override PartName="/{n}" ContentType="application/vnd.openxmlformats-officedocument.{t}+xml"/>'
                        for n, (t, _, _) in parts.items())
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{OPC}content-types"><Default Extension="rels" '
                         f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>')
        archive.writestr("_rels/.rels", relations([(kind, main)]))
        for name, (_, xml, related) in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + xml)
            if related:
                folder, file = os.path.split(name)
                archive.writestr(f"{folder}/_rels/{file}.rels", relations(related))


def relations(targets):
    return f'<Relationships xmlns="{OPC}relationships">' + "".join(
        f'<Relationship Id="r{i}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets)) + "</Relationships>"


def docx(path, body, comment=None):
    parts = {"word/document.xml": ("wordprocessingml.document.main",
                                   f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
                                   [("comments", "comments.xml")] if comment else [])}
    if comment:
        parts["word/comments.xml"] = ("wordprocessingml.comments", f'<w:comments xmlns:w="{WORD}"><w:comment w:id="0" '
                                      f'w:author="a" w:date="2024-01-01T00:00:00Z">{run_of(comment)}</w:comment></w:comments>', [])
    package(path, "word/document.xml", "officeDocument", parts)


def run_of(text, font=None):
    fonts = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/></w:rPr>' if font else ""
    return f"<w:p><w:r>{fonts}<w:t>{text}</w:t></w:r></w:p>"


def xlsx(path, *sheets):
    """sheets: (name, attributes, XML inside of the worksheet)."""
    parts = {"xl/workbook.xml": ("spreadsheetml.sheet.main", f'<workbook xmlns="{SHEET}" xmlns:r="{RELATION}"><sheets>' + "".join(
        f'<sheet name="{name}" sheetId="{i + 1}" r:id="r{i}"{state}/>' for i, (name, state, _) in enumerate(sheets)) +
        "</sheets></workbook>", [("worksheet", f"worksheets/sheet{i}.xml") for i in range(len(sheets))])}
    for i, (_, _, xml) in enumerate(sheets):
        parts[f"xl/worksheets/sheet{i}.xml"] = ("spreadsheetml.worksheet", f'<worksheet xmlns="{SHEET}">{xml}</worksheet>', [])
    package(path, "xl/workbook.xml", "officeDocument", parts)


def column(i):
    return (chr(64 + i // 26) if i >= 26 else "") + chr(65 + i % 26)


def cells(rows, columns, hidden_row=None):
    return "<sheetData>" + "".join(
        f'<row r="{r + 1}"{" hidden=%s1%s" % (chr(34), chr(34)) if r == hidden_row else ""}>' + "".join(
            f'<c r="{column(c)}{r + 1}" t="inlineStr"><is><t>行{r + 1}列{c + 1}</t></is></c>' for c in range(columns)) + "</row>"
        for r in range(rows)) + "</sheetData>"


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


class Converted:
    """One document through office_direct."""

    def __init__(self, path, *options):
        base = path + ".out"
        self.said = {}
        for line in output_of(DIRECT, *options, path, base).splitlines():
            name, value = line.rsplit(" ", 1)
            self.said[name] = value
        self.pdf = base + ".pdf" if os.path.exists(base + ".pdf") else None
        self.text = None
        if os.path.exists(base + ".txt"):
            with open(base + ".txt", encoding="utf-8") as file:
                self.text = file.read()

    def pages(self):
        return int(re.search(r"^Pages:\s+(\d+)", output_of("pdfinfo", self.pdf), re.M).group(1))

    def shown(self):
        return output_of("pdftotext", "-raw", self.pdf, "-")

    def fonts(self):
        return output_of("pdffonts", self.pdf)


class Schema:
    """What the installed LibreOffice knows: properties with their types, sets, and what stands in the sets."""

    def __init__(self):
        self.properties, self.sets, self.members = {}, set(), {}
        files = [ET.parse(f).getroot() for f in sorted(glob.glob(REGISTRY + "/*.xcd"))]
        for root in files:
            for schema in root.iter(OOR + "component-schema"):
                self.read_schema(schema)
        for root in files:
            for data in root.iter(OOR + "component-data"):
                self.read_data(data, self.name_of(data))

    @staticmethod
    def name_of(component):
        return component.get(OOR + "package") + "." + component.get(OOR + "name")

    def read_schema(self, schema):
        templates = schema.find("templates")
        self.templates = {t.get(OOR + "name"): t for t in templates} if templates is not None else {}
        component = schema.find("component")
        if component is not None:
            self.walk(component, self.name_of(schema))

    def walk(self, node, path, depth=0):
        for child in node:
            tag, name = child.tag, f'{path}/{child.get(OOR + "name")}'
            if tag == "prop":
                self.properties[name] = child.get(OOR + "type")
            elif tag == "set":
                self.sets.add(name)
            elif tag == "group":
                self.walk(child, name, depth)
            elif tag == "node-ref" and child.get(OOR + "node-type") in self.templates and depth < 8:
                self.walk(self.templates[child.get(OOR + "node-type")], name, depth + 1)

    def read_data(self, node, path):
        for child in node:
            if child.tag == "node":
                name = child.get(OOR + "name")
                self.members.setdefault(path, {})[name] = child
                self.read_data(child, f"{path}/{name}")


class Lock(unittest.TestCase):
    """A name that LibreOffice does not know is ignored without a word."""

    @classmethod
    def setUpClass(cls):
        cls.schema = Schema()
        with tempfile.TemporaryDirectory() as home:
            output_of(DIRECT, "--home", home)
            cls.lock = ET.parse(home + "/registry/zz-mugai.xcd").getroot()
            cls.links = sum(len(files) + len(dirs) for _, dirs, files in os.walk(home))

    def entries(self, tag):
        """Not what is in a member that is added to a set: the schema does not name it."""
        def walk(node, path):
            for child in node:
                name = child.get(OOR + "name")
                if child.tag == tag and (tag == "prop" or child.get(OOR + "op") == "remove"):
                    yield path, name, child
                elif child.tag == "node" and child.get(OOR + "op") is None:
                    yield from walk(child, f"{path}/{name}")
        for component in self.lock:
            yield from walk(component, Schema.name_of(component))

    def test_every_property_exists(self):
        checks = {"xs:boolean": r"true|false", "xs:int": r"-?\d+", "xs:short": r"-?\d+", "xs:string": r".*", "oor:string-list": r".*"}
        found = list(self.entries("prop"))
        self.assertGreater(len(found), 80)
        for path, name, prop in found:
            with self.subTest(property=f"{path}/{name}"):
                kind = self.schema.properties.get(f"{path}/{name}")
                self.assertIsNotNone(kind, "not in the schema")
                self.assertRegex(prop.find("value").text or "", f"^({checks[kind]})$")
                self.assertEqual(prop.get(OOR + "finalized"), "true")

    def test_everything_removed_exists(self):
        found = list(self.entries("node"))
        self.assertGreater(len(found), 100)
        for path, name, _ in found:
            with self.subTest(member=f"{path}/{name}"):
                self.assertIn(name, self.schema.members.get(path, {}))

    def test_nothing_reaches_out(self):
        path = "org.openoffice.ucb.Configuration/ContentProviders/Local/SecondaryKeys/Office/ProviderData"
        removed = {name for at, name, _ in self.entries("node") if at == path}
        left = {node.find(f'prop[@{OOR}name="URLTemplate"]/value').text
                for name, node in self.schema.members[path].items() if name not in removed}
        self.assertEqual(left, {"vnd.sun.star.hier", "file", "vnd.sun.star.pkg", "vnd.sun.star.expand", "vnd.sun.star.tdoc",
                                "vnd.sun.star.zip", "vnd.libreoffice.image", "private"})

    def test_nothing_else_is_imported(self):
        path = "org.openoffice.TypeDetection.Filter/Filters"
        removed = {name for at, name, _ in self.entries("node") if at == path}
        left = {name for name, node in self.schema.members[path].items() if name not in removed and
                "IMPORT" in (node.findtext(f'prop[@{OOR}name="Flags"]/value') or "").split()}
        self.assertEqual(left - IMPORTS, set())

    def test_one_filter_is_added_that_reads_nothing(self):
        def values(node):
            return {prop.get(OOR + "name"): prop.findtext("value") or "" for prop in node.iter("prop")}
        (added,) = [node for node in self.lock.iter("node") if node.get(OOR + "op") == "replace"]
        like = values(self.schema.members["org.openoffice.TypeDetection.Filter/Filters"]["OpenDocument Drawing Flat XML"])
        mine = values(added)
        self.assertNotIn("IMPORT", mine.pop("Flags").split())
        self.assertEqual(mine, {name: like[name] for name in mine})

    def test_a_home_is_small(self):
        self.assertLess(self.links, 500)


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_fonts(self):
        """One document for all: each font's own letters are drawn by the font that stands for it."""
        docx(self.path("fonts.docx"), "".join(run_of("漢字かな ABC", font) for font in FONTS))
        fonts = Converted(self.path("fonts.docx")).fonts()
        for name, wanted in FONTS.items():
            with self.subTest(font=name):
                self.assertIn(wanted, fonts)
        self.assertNotIn("DejaVu", fonts)

    def test_a_font_alone(self):
        for i, (name, wanted) in enumerate(list(FONTS.items())[:4]):
            docx(self.path(f"font{i}.docx"), run_of("漢字かな ABC", name))
            with self.subTest(font=name):
                self.assertRegex(Converted(self.path(f"font{i}.docx")).fonts(), rf"\+{wanted}[ -]")

    def test_missing_glyphs(self):
        docx(self.path("gaiji.docx"), run_of("外字&#xF0010;&#xF0011;&#xF0011;と漢字"))
        self.assertEqual(Converted(self.path("gaiji.docx")).said["missing-glyphs"], "2")

    def test_changes_and_comments(self):
        change = 'w:author="a" w:date="2024-01-01T00:00:00Z"'
        docx(self.path("changes.docx"),
             f'<w:p><w:r><w:t>前</w:t></w:r><w:del w:id="1" {change}><w:r><w:delText>削除した語</w:delText></w:r></w:del>'
             f'<w:ins w:id="2" {change}><w:r><w:t>挿入した語</w:t></w:r></w:ins></w:p>'
             '<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>本文</w:t></w:r><w:commentRangeEnd w:id="0"/>'
             '<w:r><w:commentReference w:id="0"/></w:r></w:p>', comment="これは意見")
        for options, shown, not_shown in (
                ((), ["挿入した語", "本文"], ["削除した語", "これは意見"]),
                (("--changes",), ["挿入した語", "削除した語"], ["これは意見"]),
                (("--comments",), ["挿入した語", "これは意見"], ["削除した語"]),
                (("--changes", "--comments"), ["挿入した語", "削除した語", "これは意見"], [])):
            with self.subTest(options=options):
                converted = Converted(self.path("changes.docx"), *options)
                for text in shown:
                    self.assertIn(text, converted.shown())
                for text in not_shown:
                    self.assertNotIn(text, converted.shown())
                self.assertEqual((converted.said["beside 0"], converted.said["beside 1"]), ("2", "1"))

    def test_sheets_and_pages(self):
        setup = '<pageSetup paperSize="9" orientation="portrait"/>'
        for name, xml, options, pages in (
                ("wide, no page setup: as wide as a page", cells(20, 20), (), 1),
                ("wide, with one: as it says", cells(20, 20) + setup, (), 2),
                ("wide, with its own scale", cells(20, 20) + '<pageSetup paperSize="9" scale="40"/>', (), 1),
                ("narrow", cells(20, 3), (), 1),
                ("cut at the pages that are wanted", cells(2000, 3), ("--pages", "4"), 4)):
            with self.subTest(sheet=name):
                xlsx(self.path("sheet.xlsx"), ("表", "", xml))
                self.assertEqual(Converted(self.path("sheet.xlsx"), *options).pages(), pages)

    def test_hidden_cells(self):
        xlsx(self.path("hidden.xlsx"),
             ("見える", "", '<cols><col min="2" max="2" hidden="1" width="9"/></cols>' + cells(4, 4, hidden_row=2)),
             ("隠し", ' state="hidden"', cells(1, 8)), ("深い隠し", ' state="veryHidden"', cells(1, 9)))
        converted = Converted(self.path("hidden.xlsx"))
        self.assertEqual(converted.pages(), 1)
        for text in ("行3列1", "行1列2", "行1列8", "行1列9"):
            self.assertNotIn(text, converted.shown() + converted.text)
        self.assertIn("行4列4", converted.shown())
        self.assertEqual([converted.said[f"hidden {i}"] for i in range(3)], ["2", "1", "1"])

    def test_comments_of_cells(self):
        """One on each of two sheets, of which the other is protected; the second one's box was left open."""
        def sheet(name, comment, protected="", display="false"):
            return (f'<table:table table:name="{name}"{protected}><table:table-column/><table:table-row><table:table-cell office:value-type="string">'
                    f'<office:annotation office:display="{display}"><dc:creator>鈴木</dc:creator><text:p>{comment}</text:p></office:annotation>'
                    "<text:p>金額</text:p></table:table-cell></table:table-row></table:table>")
        with open(self.path("comments.fods"), "w", encoding="utf-8") as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
                       ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
                       ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
                       ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>' +
                       sheet("表一", "意見その一 &quot;cellPos&quot;:", ' table:protected="true"') + sheet("表二", "意見その二", display="true") +
                       "</office:spreadsheet></office:body></office:document>")
        for options, times in (((), 0), (("--comments",), 1)):
            converted = Converted(self.path("comments.fods"), *options)
            with self.subTest(options=options):
                self.assertEqual(converted.said["beside 1"], "2")
                for comment in ("意見その一", "意見その二"):
                    self.assertEqual((converted.shown().count(comment), converted.text.count(comment)), (times, times))

    def test_a_drawing(self):
        with open(self.path("plan.fodg"), "w", encoding="utf-8") as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
                       ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
                       ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.3"'
                       ' office:mimetype="application/vnd.oasis.opendocument.graphics"><office:body><office:drawing><draw:page draw:name="p">'
                       '<draw:frame svg:x="2cm" svg:y="2cm" svg:width="9cm" svg:height="2cm"><draw:text-box><text:p>案内図</text:p></draw:text-box>'
                       '</draw:frame></draw:page></office:drawing></office:body></office:document>')
        converted = Converted(self.path("plan.fodg"))
        self.assertIn("案内図", converted.shown())
        self.assertIn("案内図", converted.text)

    def test_what_cannot_be_read(self):
        docx(self.path("whole.docx"), run_of("本文"))
        with zipfile.ZipFile(self.path("whole.docx")) as whole, zipfile.ZipFile(self.path("broken.docx"), "w") as broken:
            for name in whole.namelist():
                data = whole.read(name)
                broken.writestr(name, data[:-20] if name == "word/document.xml" else data)
        shutil.copy(self.path("whole.docx"), self.path("short.docx"))
        os.truncate(self.path("short.docx"), os.path.getsize(self.path("short.docx")) // 2)
        for name in ("broken.docx", "short.docx"):
            with self.subTest(document=name):
                converted = Converted(self.path(name))
                self.assertEqual((converted.said["status"], converted.pdf), (DAMAGED, None))


if __name__ == "__main__":
    unittest.main(verbosity=2)
