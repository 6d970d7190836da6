"""ooxml: docx, xlsx and pptx (and their kin) around a body that the caller writes."""
from package import RELATIONSHIPS, XML, Ooxml, escaped

OFFICE = "application/vnd.openxmlformats-officedocument."
MACRO = "application/vnd.ms-"
SPACES = (f'xmlns:r="{RELATIONSHIPS}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
          ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" xmlns:v="urn:schemas-microsoft-com:vml"'
          ' xmlns:o="urn:schemas-microsoft-com:office:office"'
          ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
          ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
          ' xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"')
WORD = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" {SPACES}'
SHEET = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {SPACES}'
SHOW = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" {SPACES}'
MAIN = {"docx": OFFICE + "wordprocessingml.document.main+xml", "docm": MACRO + "word.document.macroEnabled.main+xml",
        "dotx": OFFICE + "wordprocessingml.template.main+xml", "dotm": MACRO + "word.template.macroEnabledTemplate.main+xml",
        "xlsx": OFFICE + "spreadsheetml.sheet.main+xml", "xlsm": MACRO + "excel.sheet.macroEnabled.main+xml",
        "xltx": OFFICE + "spreadsheetml.template.main+xml",
        "pptx": OFFICE + "presentationml.presentation.main+xml", "pptm": MACRO + "powerpoint.presentation.macroEnabled.main+xml",
        "ppsx": OFFICE + "presentationml.slideshow.main+xml"}
VBA_TYPE = "application/vnd.ms-office.vbaProject"
VBA_RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
A4 = '<w:sectPr>{}<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134"/></w:sectPr>'


def word(ext):
    """A package with a main part to relate to; finish with word_bytes."""
    pack = Ooxml()
    pack.relate("", "officeDocument", "word/document.xml")
    pack.add("word/document.xml", "", MAIN[ext])
    return pack


DOCUMENT = "word/document.xml"


def word_part(pack, name, root, content, kind):
    """A part of word/ (header1.xml, footnotes.xml, ...) related to the document; its relationship's id."""
    pack.add(f"word/{name}", f"{XML}<w:{root} {WORD}>{content}</w:{root}>", f"{OFFICE}wordprocessingml.{kind}+xml")
    return pack.relate(DOCUMENT, kind, name)


def word_bytes(pack, body, section=""):
    pack.parts[DOCUMENT] = f"{XML}<w:document {WORD}><w:body>{body}{A4.format(section)}</w:body></w:document>"
    return pack.bytes()


WORKBOOK = "xl/workbook.xml"
XLSX_STYLES = (f'{XML}<styleSheet {SHEET}>{{formats}}<fonts count="1"><font><sz val="11"/><name val="ＭＳ Ｐゴシック"/></font></fonts>'
               '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
               '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>{cells}</styleSheet>')
PLAIN_CELLS = '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'


def book(ext):
    pack = Ooxml()
    pack.relate("", "officeDocument", WORKBOOK)
    pack.add(WORKBOOK, "", MAIN[ext])
    pack.add("xl/styles.xml", XLSX_STYLES.format(formats="", cells=PLAIN_CELLS), OFFICE + "spreadsheetml.styles+xml")
    pack.relate(WORKBOOK, "styles", "styles.xml")
    return pack


def book_sheet(pack, number, content):
    """The worksheet's relationship id; content: what stands in <worksheet>."""
    pack.add(f"xl/worksheets/sheet{number}.xml", f"{XML}<worksheet {SHEET}>{content}</worksheet>",
             OFFICE + "spreadsheetml.worksheet+xml")
    return pack.relate(WORKBOOK, "worksheet", f"worksheets/sheet{number}.xml")


def book_bytes(pack, sheets, before="", after=""):
    """sheets: (name, relationship id, attributes); before, after: what stands around <sheets>."""
    names = "".join(f'<sheet name="{escaped(name)}" sheetId="{i}" r:id="{rid}"{more}/>' for i, (name, rid, more) in enumerate(sheets, 1))
    pack.parts[WORKBOOK] = f"{XML}<workbook {SHEET}>{before}<sheets>{names}</sheets>{after}</workbook>"
    return pack.bytes()


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{escaped(text)}</t></is></c>'


PRESENTATION = "ppt/presentation.xml"
TREE = ('<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>')
COLOURS = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in (
    ("dk1", "000000"), ("lt1", "FFFFFF"), ("dk2", "1F497D"), ("lt2", "EEECE1"), ("accent1", "4F81BD"), ("accent2", "C0504D"),
    ("accent3", "9BBB59"), ("accent4", "8064A2"), ("accent5", "4BACC6"), ("accent6", "F79646"), ("hlink", "0000FF"),
    ("folHlink", "800080")))
FONT_PAIR = '<a:latin typeface="Arial"/><a:ea typeface="ＭＳ Ｐゴシック"/><a:cs typeface=""/>'
SOLID = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
THEME = ('<a:themeElements><a:clrScheme name="c">' + COLOURS + '</a:clrScheme><a:fontScheme name="f"><a:majorFont>' + FONT_PAIR +
         "</a:majorFont><a:minorFont>" + FONT_PAIR + '</a:minorFont></a:fontScheme><a:fmtScheme name="s"><a:fillStyleLst>' +
         SOLID * 3 + "</a:fillStyleLst><a:lnStyleLst>" + f"<a:ln>{SOLID}</a:ln>" * 3 + "</a:lnStyleLst><a:effectStyleLst>" +
         "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3 + "</a:effectStyleLst><a:bgFillStyleLst>" + SOLID * 3 +
         "</a:bgFillStyleLst></a:fmtScheme></a:themeElements>")
MAP = ('<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3"'
       ' accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>')


def theme(pack, source, number):
    pack.add(f"ppt/theme/theme{number}.xml", f'{XML}<a:theme {SHOW} name="t">{THEME}</a:theme>', OFFICE + "theme+xml")
    pack.relate(source, "theme", f"../theme/theme{number}.xml")


def show(ext):
    pack = Ooxml()
    pack.relate("", "officeDocument", PRESENTATION)
    pack.add(PRESENTATION, "", MAIN[ext])
    master, layout = "ppt/slideMasters/slideMaster1.xml", "ppt/slideLayouts/slideLayout1.xml"
    pack.relate(PRESENTATION, "slideMaster", "slideMasters/slideMaster1.xml")
    tree = f"<p:cSld><p:spTree>{TREE}</p:spTree></p:cSld>"
    pack.add(layout, f'{XML}<p:sldLayout {SHOW} type="blank">{tree}<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>',
             OFFICE + "presentationml.slideLayout+xml")
    pack.relate(layout, "slideMaster", "../slideMasters/slideMaster1.xml")
    rid = pack.relate(master, "slideLayout", "../slideLayouts/slideLayout1.xml")
    pack.add(master, f'{XML}<p:sldMaster {SHOW}>{tree}{MAP}<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="{rid}"/>'
                     "</p:sldLayoutIdLst></p:sldMaster>", OFFICE + "presentationml.slideMaster+xml")
    theme(pack, master, 1)
    return pack


def slide_name(number):
    return f"ppt/slides/slide{number}.xml"


def show_slide(pack, number, shapes, attributes="", after=""):
    """A slide of shapes; its parts relate to slide_name(number). Returns the presentation's relationship id."""
    name = slide_name(number)
    pack.add(name, f"{XML}<p:sld {SHOW}{attributes}><p:cSld><p:spTree>{TREE}{shapes}</p:spTree></p:cSld><p:clrMapOvr>"
                   f"<a:masterClrMapping/></p:clrMapOvr>{after}</p:sld>", OFFICE + "presentationml.slide+xml")
    pack.relate(name, "slideLayout", "../slideLayouts/slideLayout1.xml")
    return pack.relate(PRESENTATION, "slide", f"slides/slide{number}.xml")


def show_bytes(pack, slides, before=""):
    ids = "".join(f'<p:sldId id="{256 + i}" r:id="{rid}"/>' for i, rid in enumerate(slides))
    pack.parts[PRESENTATION] = (f'{XML}<p:presentation {SHOW}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/>'
                                f'</p:sldMasterIdLst>{before}<p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/>'
                                '<p:notesSz cx="6858000" cy="9144000"/></p:presentation>')
    return pack.bytes()


def text_box(number, paragraphs, x=500000, y=500000, cx=8000000, cy=1500000, size=2400):
    lines = "".join(f'<a:p><a:r><a:rPr lang="ja-JP" sz="{size}"/><a:t>{escaped(line)}</a:t></a:r></a:p>' for line in paragraphs)
    return (f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="t{number}"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm>'
            f'<a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
            f'</p:spPr><p:txBody><a:bodyPr wrap="square"/><a:lstStyle/>{lines}</p:txBody></p:sp>')
