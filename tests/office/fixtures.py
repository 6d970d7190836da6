"""fixtures: Japanese municipal documents of every format, each with what a reader must find in it, and what not.

The expectation is written from what the document says, never from what a converter printed. docx, xlsx, pptx, xlsb, OpenDocument
and RTF are written here, the same bytes each time; doc, xls and ppt by LibreOffice from those (`source`).
"""
import dataclasses
import struct
import zlib

import ooxml
import xlsb
from ooxml import SHEET, book, book_bytes, book_sheet, show, show_bytes, show_slide, slide_name, text_box, text_cell, word, word_bytes
from package import XML, escaped, odf

FAMILY = {**dict.fromkeys("odt ott fodt docx docm dotx dotm doc rtf".split(), "writer"),
          **dict.fromkeys("ods fods xlsx xlsm xltx xlsb xls csv".split(), "calc"),
          **dict.fromkeys("odp fodp pptx pptm ppsx ppt".split(), "impress"), "odg": "draw"}


@dataclasses.dataclass(eq=False)
class Fixture:
    """A document. text: what is read, in order; notes: what is read somewhere on its page; around: what stands on each page;
    marks: bullets and numbers that stand before all those; hidden: words that must not come out, unprinted: nor on pages; facts: how many of what is
    hidden or beside; pages of the PDF. All of it together is every character that is seen."""
    name: str
    format: str
    data: bytes
    text: list
    notes: list = dataclasses.field(default_factory=list)
    around: list = dataclasses.field(default_factory=list)
    marks: str = ""
    hidden: list = dataclasses.field(default_factory=list)
    unprinted: list = dataclasses.field(default_factory=list)
    facts: dict = dataclasses.field(default_factory=dict)
    pages: int = 1
    colours: tuple = ()  # that are to be seen on a page
    beside: dict = dataclasses.field(default_factory=dict)  # what is left out unless it is asked for -> its words
    source: str = ""  # the format of data, where LibreOffice converts it

    @property
    def file(self):
        return f"{self.name}.{self.format}"

    @property
    def family(self):
        return FAMILY[self.format]


RED, BLUE = (200, 40, 40), (48, 96, 192)


def square(colour=RED, side=24):
    """A PNG of one colour."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = (b"\0" + bytes(colour) * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


# ---- texts ---------------------------------------------------------------------------------------------

TITLE = "令和八年度 予算のお知らせ"
LEAD = "𠮷田町の髙橋㈱様、﨑山様へ。①番の窓口で②番の書類を受け取り、ﾊﾝｶｸ ｶﾅのまま出してください。"
BOLD = "提出期限は四月三十日（木）です。"
LIST = ["申請書", "本人確認の書類", "手数料 ３００円"]
TABLE = [["担当課", "電話"], ["総務課", "03-0000-1234"], ["税務課", "03-0000-5678"]]
MERGED = "問い合わせ先一覧"
NOTED, NOTE = "詳しくは広報をご覧ください。", "広報むがい四月号 七頁"
SECOND, LAST = "二頁目の見出し", "以上、ご確認をお願いします。"
HEADER, FOOTER = "むがい市役所", "総務部 文書課"
BEFORE, INSERTED, DELETED, AFTER = "会議は", "第二会議室", "第一講堂", "で開きます。"
COMMENTED, COMMENT = "議題は三件です。", "件数を確かめること"
SHOWN, HIDDEN = "公開する文です。", "内部向けの秘密"
LETTER = [TITLE, LEAD, BOLD, *LIST, MERGED, *[cell for row in TABLE for cell in row], NOTED, SECOND, LAST]
CHANGED = ["変更のある文書", BEFORE + INSERTED + AFTER, COMMENTED, SHOWN]


# ---- Writer: OpenDocument ------------------------------------------------------------------------------

FACES = ('<style:font-face style:name="M" svg:font-family="\'ＭＳ 明朝\'"/><style:font-face style:name="G"'
         ' svg:font-family="\'ＭＳ ゴシック\'"/>')
PROPERTIES = '<style:text-properties style:font-name="{0}" style:font-name-asian="{0}" fo:font-size="{1}pt" style:font-size-asian="{1}pt"{2}/>'
PAGE = ('<style:page-layout style:name="pm"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm"'
        ' fo:margin-top="20mm" fo:margin-bottom="20mm" fo:margin-left="20mm" fo:margin-right="20mm"/><style:header-style/>'
        '<style:footer-style/></style:page-layout>')
WRITER_AUTOMATIC = PAGE + (
    '<style:style style:name="H" style:family="paragraph">' + PROPERTIES.format("G", 18, ' fo:font-weight="bold"') + "</style:style>"
    '<style:style style:name="P" style:family="paragraph">' + PROPERTIES.format("M", 11, "") + "</style:style>"
    '<style:style style:name="B" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/>' +
    PROPERTIES.format("G", 14, "") + "</style:style>"
    '<style:style style:name="T" style:family="text"><style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>'
    '<style:style style:name="S" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="C" style:family="table-cell"><style:table-cell-properties fo:border="0.5pt solid #000000"/></style:style>'
    '<text:list-style style:name="L"><text:list-level-style-bullet text:level="1" text:bullet-char="・"><style:list-level-properties'
    ' text:min-label-width="6mm"/></text:list-level-style-bullet></text:list-style>')
WRITER_MASTER = ('<style:master-page style:name="Standard" style:page-layout-name="pm"><style:header><text:p>' + HEADER +
                 "</text:p></style:header><style:footer><text:p>" + FOOTER + "</text:p></style:footer></style:master-page>")


def odt_table():
    def cell(text, more=""):
        return f'<table:table-cell table:style-name="C" office:value-type="string"{more}><text:p text:style-name="P">{text}</text:p></table:table-cell>'
    rows = "".join("<table:table-row>" + "".join(map(cell, row)) + "</table:table-row>" for row in TABLE)
    return ('<table:table table:name="t"><table:table-column table:number-columns-repeated="2"/><table:table-row>' +
            cell(MERGED, ' table:number-columns-spanned="2"') + "<table:covered-table-cell/></table:table-row>" + rows + "</table:table>")


def odt_picture(form):
    image = square()
    box = 'text:anchor-type="as-char" svg:width="20mm" svg:height="20mm"'
    if form.startswith("f"):
        import base64
        data = base64.b64encode(image).decode()
        return f"<draw:frame {box}><draw:image><office:binary-data>{data}</office:binary-data></draw:image></draw:frame>", {}
    return (f'<draw:frame {box}><draw:image xlink:href="Pictures/i.png" xlink:type="simple"/></draw:frame>', {"Pictures/i.png": image})


def odt_letter(form):
    picture, parts = odt_picture(form)
    items = "".join(f'<text:list-item><text:p text:style-name="P">{item}</text:p></text:list-item>' for item in LIST)
    note = (f'<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
            f"<text:p>{NOTE}</text:p></text:note-body></text:note>")
    body = (f'<text:h text:style-name="H" text:outline-level="1">{TITLE}</text:h><text:p text:style-name="P">{LEAD}</text:p>'
            f'<text:p text:style-name="P"><text:span text:style-name="T">{BOLD}</text:span></text:p>'
            f'<text:list text:style-name="L">{items}</text:list>{odt_table()}<text:p text:style-name="P">{NOTED}{note}</text:p>'
            f'<text:p text:style-name="P">{picture}</text:p><text:p text:style-name="B">{SECOND}</text:p>'
            f'<text:p text:style-name="P">{LAST}</text:p>')
    return odf(form, body, automatic=WRITER_AUTOMATIC, master=WRITER_MASTER, fonts=FACES, parts=parts)


def odt_changed(form):
    info = "<office:change-info><dc:creator>山田</dc:creator><dc:date>2026-04-01T09:00:00</dc:date></office:change-info>"
    tracked = ('<text:tracked-changes><text:changed-region xml:id="c1" text:id="c1"><text:insertion>' + info + "</text:insertion></text:changed-region>"
               '<text:changed-region xml:id="c2" text:id="c2"><text:deletion>' + info + f"<text:p>{DELETED}</text:p></text:deletion></text:changed-region></text:tracked-changes>")
    body = (f'{tracked}<text:p text:style-name="P">{CHANGED[0]}</text:p><text:p text:style-name="P">{BEFORE}<text:change-start text:change-id="c1"/>{INSERTED}'
            f'<text:change-end text:change-id="c1"/><text:change text:change-id="c2"/>{AFTER}</text:p>'
            f'<text:p text:style-name="P">{COMMENTED}<office:annotation><dc:creator>鈴木</dc:creator><dc:date>2026-04-01T09:00:00</dc:date>'
            f'<text:p>{COMMENT}</text:p></office:annotation></text:p>'
            f'<text:p text:style-name="P">{SHOWN}<text:span text:style-name="S">{HIDDEN}</text:span></text:p>')
    return odf(form, body, automatic=WRITER_AUTOMATIC, master='<style:master-page style:name="Standard" style:page-layout-name="pm"/>', fonts=FACES)


# ---- Writer: docx --------------------------------------------------------------------------------------

def run(text, more=""):
    return (f'<w:r><w:rPr><w:rFonts w:ascii="ＭＳ 明朝" w:eastAsia="ＭＳ 明朝" w:hAnsi="ＭＳ 明朝"/>{more}</w:rPr>'
            f'<w:t xml:space="preserve">{escaped(text)}</w:t></w:r>')


def para(inner, more=""):
    return f"<w:p><w:pPr>{more}</w:pPr>{inner}</w:p>"


def docx_table():
    def cell(text, more=""):
        return f'<w:tc><w:tcPr><w:tcW w:w="4500" w:type="dxa"/>{more}</w:tcPr>{para(run(text))}</w:tc>'
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
                      for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    rows = "".join("<w:tr>" + "".join(map(cell, row)) + "</w:tr>" for row in TABLE)
    return (f'<w:tbl><w:tblPr><w:tblW w:w="9000" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders></w:tblPr><w:tblGrid>'
            f'<w:gridCol w:w="4500"/><w:gridCol w:w="4500"/></w:tblGrid><w:tr>{cell(MERGED, "<w:gridSpan w:val=" + chr(34) + "2" + chr(34) + "/>")}</w:tr>{rows}</w:tbl>')


DRAWING = ('<w:r><w:drawing><wp:inline><wp:extent cx="720000" cy="720000"/><wp:docPr id="1" name="p"/><a:graphic><a:graphicData'
           ' uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="p"/>'
           '<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
           '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="720000" cy="720000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
           "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>")


def docx_letter(form):
    pack = word(form)
    pack.add("word/media/i.png", square())
    picture = pack.relate(ooxml.DOCUMENT, "image", "media/i.png")
    head = ooxml.word_part(pack, "header1.xml", "hdr", para(run(HEADER)), "header")
    foot = ooxml.word_part(pack, "footer1.xml", "ftr", para(run(FOOTER)), "footer")
    mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnote{}/></w:r>'
    ooxml.word_part(pack, "footnotes.xml", "footnotes", '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
                    f'<w:footnote w:id="1">{para(mark.format("Ref") + run(NOTE))}</w:footnote>', "footnotes")
    levels = ('<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="・"/>'
              '<w:pPr><w:ind w:left="420" w:hanging="420"/></w:pPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>')
    ooxml.word_part(pack, "numbering.xml", "numbering", levels, "numbering")
    listed = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    reference = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="1"/></w:r>'
    body = (para(run(TITLE, '<w:b/><w:sz w:val="36"/>')) + para(run(LEAD)) + para(run(BOLD, "<w:b/>")) +
            "".join(para(run(item), listed) for item in LIST) + docx_table() + para(run(NOTED) + reference) +
            para(DRAWING.format(picture)) + para(run(SECOND, '<w:sz w:val="28"/>'), "<w:pageBreakBefore/>") + para(run(LAST)))
    return word_bytes(pack, body, f'<w:headerReference w:type="default" r:id="{head}"/><w:footerReference w:type="default" r:id="{foot}"/>')


def docx_changed(form):
    pack = word(form)
    who = 'w:author="山田" w:date="2026-04-01T09:00:00Z"'
    ooxml.word_part(pack, "comments.xml", "comments", f'<w:comment w:id="5" {who} w:initials="山">{para(run(COMMENT))}</w:comment>', "comments")
    body = (para(run(CHANGED[0])) +
            para(run(BEFORE) + f'<w:ins w:id="1" {who}>{run(INSERTED)}</w:ins><w:del w:id="2" {who}>' +
                 run(DELETED).replace("w:t ", "w:delText ").replace("</w:t>", "</w:delText>") + "</w:del>" + run(AFTER)) +
            para('<w:commentRangeStart w:id="5"/>' + run(COMMENTED) + '<w:commentRangeEnd w:id="5"/><w:r><w:commentReference w:id="5"/></w:r>') +
            para(run(SHOWN) + run(HIDDEN, "<w:vanish/>")))
    return word_bytes(pack, body)


# ---- Writer: RTF ---------------------------------------------------------------------------------------

def rtf_text(text):
    units = struct.unpack(f"<{len(text.encode('utf-16-le')) // 2}h", text.encode("utf-16-le"))
    return "".join(chr(unit) if 32 <= unit < 127 and chr(unit) not in "\\{}" else rf"\u{unit}?" for unit in units)


RTF_HEAD = r"{\rtf1\ansi\ansicpg932\deff0\uc1{\fonttbl{\f0\fnil\fcharset128 MS Mincho;}}\paperw11906\paperh16838\margl1134\margr1134\margt1134\margb1134 "


def rtf_letter(_):
    def row(cells, widths):
        edges = "".join(rf"\clbrdrt\brdrs\clbrdrb\brdrs\clbrdrl\brdrs\clbrdrr\brdrs\cellx{edge}" for edge in widths)
        return r"\trowd" + edges + "".join(rf"\pard\intbl {rtf_text(cell)}\cell" for cell in cells) + r"\row "
    rows = row([MERGED], [9000]) + "".join(row(cells, [4500, 9000]) for cells in TABLE)
    items = "".join(r"\pard\fi-420\li420{\*\pn\pnlvlblt{\pntxtb " + rtf_text("・") + r"}}{\pntext " + rtf_text("・") + r"\tab}" + rtf_text(item) + r"\par " for item in LIST)
    note = r"{\super\chftn}{\footnote\pard{\super\chftn}" + rtf_text(NOTE) + "}"
    picture = r"{\pict\pngblip\picw24\pich24\picwgoal1134\pichgoal1134 " + square().hex() + "}"
    return (RTF_HEAD + r"{\header\pard " + rtf_text(HEADER) + r"\par}{\footer\pard " + rtf_text(FOOTER) + r"\par}" +
            r"\pard\b\fs36 " + rtf_text(TITLE) + r"\b0\fs22\par " + rtf_text(LEAD) + r"\par\b " + rtf_text(BOLD) + r"\b0\par " +
            items + rows + r"\pard " + rtf_text(NOTED) + note + r"\par " + picture + r"\par\page\fs28 " + rtf_text(SECOND) +
            r"\fs22\par " + rtf_text(LAST) + r"\par}").encode("ascii")


def rtf_changed(_):
    return (RTF_HEAD + r"{\*\revtbl{Unknown;}{" + rtf_text("山田") + r";}}\pard " + rtf_text(CHANGED[0]) + r"\par " + rtf_text(BEFORE) +
            r"{\revised\revauth1\revdttm1000000 " + rtf_text(INSERTED) + r"}{\deleted\revauthdel1\revdttmdel1000000 " + rtf_text(DELETED) + "}" +
            rtf_text(AFTER) + r"\par {\*\atrfstart 1}" + rtf_text(COMMENTED) + r"{\*\atrfend 1}{\*\atnid S}{\*\atnauthor " + rtf_text("鈴木") +
            r"}\chatn{\*\annotation{\*\atnref 1}\pard " + rtf_text(COMMENT) + r"}\par " + rtf_text(SHOWN) + r"{\v " + rtf_text(HIDDEN) + r"}\par}").encode("ascii")


# ---- Calc ----------------------------------------------------------------------------------------------

SHEET_NAME, SECRET_SHEET, WIDE_SHEET, AREA_SHEET = "予算", "内部資料", "横に長い表", "印刷範囲"
SHEET_HEAD = ["項目", "金額", "期日"]
ITEMS = [("道路補修", 1234567, 46113), ("学校給食 𠮷①㈱髙﨑ｶﾅ", 765433, 46173)]
# 46113 is 2026-04-01, 46173 is 2026-05-31: days since 1899-12-30.
SHOWN_ITEMS = [["道路補修", "1,234,567", "2026/04/01"], ["学校給食 𠮷①㈱髙﨑ｶﾅ", "765,433", "2026/05/31"]]
TOTAL = ["合計", "2,000,000"]
RATE = ["執行率", "12.5%"]
HIDDEN_ROW, HIDDEN_COLUMN, SECRET_CELL = "隠した行", "隠した列", "秘密の数字"
MERGED_CELL = "令和八年度 一般会計"
WIDE = [f"第{i}列の見出し" for i in range(1, 11)]
IN_AREA, OUT_OF_AREA = "範囲の中", "範囲の外"
SHEETS_TEXT = [MERGED_CELL, *SHEET_HEAD, *[cell for row in SHOWN_ITEMS for cell in row], *TOTAL, *RATE, *WIDE, IN_AREA]
SHEETS_HIDDEN = [HIDDEN_ROW, HIDDEN_COLUMN, SECRET_CELL, COMMENT]
SHEETS_FACTS = {"sheets": 1, "rows": 1, "columns": 1, "comments": 1}

CALC_AUTOMATIC = (
    '<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
    '<number:date-style style:name="N2"><number:year number:style="long"/><number:text>/</number:text><number:month number:style="long"/>'
    '<number:text>/</number:text><number:day number:style="long"/></number:date-style>'
    '<number:percentage-style style:name="N3"><number:number number:decimal-places="1" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>'
    + "".join(f'<style:style style:name="c{i}" style:family="table-cell" style:data-style-name="N{i}"/>' for i in (1, 2, 3)) +
    '<style:style style:name="ta" style:family="table"><style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="th" style:family="table"><style:table-properties table:display="false"/></style:style>'
    '<style:style style:name="co" style:family="table-column"><style:table-column-properties style:column-width="45mm"/></style:style>')


# As LibreOffice writes it where nobody chose the paper.
CALC_PAGE = '<style:page-layout style:name="pm"><style:page-layout-properties style:writing-mode="lr-tb"/></style:page-layout>'
CALC_MASTER = ('<style:master-page style:name="Default" style:page-layout-name="pm"><style:header style:display="false"/>'
               '<style:footer style:display="false"/></style:master-page>')


def ods_cell(value, style="", shown="", more=""):
    kind = {str: "string", float: "percentage"}.get(type(value), "float")
    if style == "c2":
        kind = "date"
    number = {"string": "", "date": f' office:date-value="{value}"'}.get(kind, f' office:value="{value}"')
    style = style and f' table:style-name="{style}"'
    return f'<table:table-cell{style} office:value-type="{kind}"{number}{more}><text:p>{shown or value}</text:p></table:table-cell>'


def ods_row(cells, more=""):
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def ods_table(name, rows, style="ta", columns="", more=""):
    return f'<table:table table:name="{name}" table:style-name="{style}"{more}>{columns}{"".join(rows)}</table:table>'


def ods_budget(form):
    dates = ["2026-04-01", "2026-05-31"]
    note = f"<office:annotation><dc:creator>鈴木</dc:creator><text:p>{COMMENT}</text:p></office:annotation>"
    rows = [ods_row([ods_cell(MERGED_CELL, more=' table:number-columns-spanned="3" table:number-rows-spanned="1"'), "<table:covered-table-cell table:number-columns-repeated='2'/>"]),
            ods_row([ods_cell(text) for text in SHEET_HEAD] + [ods_cell(HIDDEN_COLUMN)])]
    for (name, amount, _), shown, date in zip(ITEMS, SHOWN_ITEMS, dates):
        rows.append(ods_row([ods_cell(name), ods_cell(amount, "c1", shown[1]), ods_cell(date, "c2", shown[2])]))
    rows.append(ods_row([ods_cell(HIDDEN_ROW)], ' table:visibility="collapse"'))
    rows.append(ods_row([ods_cell(TOTAL[0]), ods_cell(2000000, "c1", TOTAL[1], ' table:formula="of:=SUM([.B3:.B4])"')]))
    rows.append(ods_row([ods_cell(RATE[0]).replace("><text:p>", f">{note}<text:p>", 1), ods_cell(0.125, "c3", RATE[1])]))
    columns = ('<table:table-column table:style-name="co" table:number-columns-repeated="3"/>'
               '<table:table-column table:style-name="co" table:visibility="collapse"/>')
    wide = '<table:table-column table:style-name="co" table:number-columns-repeated="10"/>'
    tables = [ods_table(SHEET_NAME, rows, columns=columns), ods_table(SECRET_SHEET, [ods_row([ods_cell(SECRET_CELL)])], "th"),
              ods_table(WIDE_SHEET, [ods_row([ods_cell(text) for text in WIDE])], columns=wide),
              ods_table(AREA_SHEET, [ods_row([ods_cell(IN_AREA)]), ods_row([ods_cell(OUT_OF_AREA)])],
                        more=f' table:print-ranges="{AREA_SHEET}.A1:{AREA_SHEET}.A1"')]
    return odf(form, "".join(tables), automatic=CALC_AUTOMATIC + CALC_PAGE, master=CALC_MASTER)


NOTE_SHAPE = (f'<xml xmlns:x="urn:schemas-microsoft-com:office:excel" {ooxml.SPACES}><v:shapetype id="_x0000_t202"'
              ' coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"/><v:shape id="_x0000_s1025" type="#_x0000_t202"'
              ' style="position:absolute;width:100pt;height:50pt;visibility:hidden"><x:ClientData ObjectType="Note"><x:Anchor>'
              "1, 15, 6, 2, 3, 15, 9, 4</x:Anchor><x:Row>6</x:Row><x:Column>0</x:Column></x:ClientData></v:shape></xml>")


def xlsx_budget(form):
    pack = book(form)
    pack.parts["xl/styles.xml"] = ooxml.XLSX_STYLES.format(
        formats='<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/mm/dd"/></numFmts>',
        cells='<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
              "".join(f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' for number in (3, 164, 167)) +
              "</cellXfs>").replace('<numFmts count="1">', '<numFmts count="2"><numFmt numFmtId="167" formatCode="0.0%"/>')

    def number(place, value, style, formula=""):
        return f'<c r="{place}" s="{style}">{formula and f"<f>{formula}</f>"}<v>{value}</v></c>'
    head = "".join(text_cell(f"{column}2", text) for column, text in zip("ABCD", [*SHEET_HEAD, HIDDEN_COLUMN]))
    rows = f'<row r="1">{text_cell("A1", MERGED_CELL)}</row><row r="2">{head}</row>'
    for place, (name, amount, day) in enumerate(ITEMS, 3):
        rows += f'<row r="{place}">{text_cell(f"A{place}", name)}{number(f"B{place}", amount, 1)}{number(f"C{place}", day, 2)}</row>'
    rows += f'<row r="5" hidden="1">{text_cell("A5", HIDDEN_ROW)}</row>'
    rows += f'<row r="6">{text_cell("A6", TOTAL[0])}{number("B6", 2000000, 1, "SUM(B3:B4)")}</row>'
    rows += f'<row r="7">{text_cell("A7", RATE[0])}{number("B7", 0.125, 3)}</row>'
    columns = '<cols><col min="1" max="3" width="24" customWidth="1"/><col min="4" max="4" width="24" hidden="1" customWidth="1"/></cols>'
    pack.add("xl/comments1.xml", f'{XML}<comments {SHEET}><authors><author>鈴木</author></authors><commentList><comment ref="A7" authorId="0">'
                                 f"<text><t>{COMMENT}</t></text></comment></commentList></comments>", ooxml.OFFICE + "spreadsheetml.comments+xml")
    pack.relate("xl/worksheets/sheet1.xml", "comments", "../comments1.xml")
    pack.add("xl/drawings/note1.vml", NOTE_SHAPE, ooxml.OFFICE + "vmlDrawing")
    shape = pack.relate("xl/worksheets/sheet1.xml", "vmlDrawing", "../drawings/note1.vml")
    first = book_sheet(pack, 1, f'{columns}<sheetData>{rows}</sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
                                f'<legacyDrawing r:id="{shape}"/>')
    secret = book_sheet(pack, 2, f'<sheetData><row r="1">{text_cell("A1", SECRET_CELL)}</row></sheetData>')
    letters = [chr(65 + i) for i in range(len(WIDE))]
    wide = book_sheet(pack, 3, '<cols><col min="1" max="10" width="24" customWidth="1"/></cols><sheetData><row r="1">' +
                      "".join(text_cell(f"{letter}1", text) for letter, text in zip(letters, WIDE)) + "</row></sheetData>")
    area = book_sheet(pack, 4, f'<sheetData><row r="1">{text_cell("A1", IN_AREA)}</row><row r="2">{text_cell("A2", OUT_OF_AREA)}</row></sheetData>')
    names = f'<definedNames><definedName name="_xlnm.Print_Area" localSheetId="3">{AREA_SHEET}!$A$1:$A$1</definedName></definedNames>'
    return book_bytes(pack, [(SHEET_NAME, first, ""), (SECRET_SHEET, secret, ' state="hidden"'), (WIDE_SHEET, wide, ""), (AREA_SHEET, area, "")],
                      after=names)


# ---- Impress, Draw -------------------------------------------------------------------------------------

SLIDE_TITLE, SLIDE_LINES = "防災計画の説明", ["避難所は三か所です。", "𠮷田小学校、髙﨑公民館、①番倉庫 ㈱ﾑｶﾞｲ"]
SECOND_SLIDE = "ご清聴ありがとうございました"
SECRET_SLIDE, SPEAKER = "見せない頁", "ここで質問を受ける"
SLIDES_TEXT = [SLIDE_TITLE, *SLIDE_LINES, *[cell for row in TABLE for cell in row], SECOND_SLIDE]
SLIDES_FACTS = {"slides": 1, "notes": 1}
IMPRESS_AUTOMATIC = (
    '<style:page-layout style:name="pm"><style:page-layout-properties fo:page-width="254mm" fo:page-height="190.5mm" fo:margin-top="0mm"'
    ' fo:margin-bottom="0mm" fo:margin-left="0mm" fo:margin-right="0mm"/></style:page-layout><style:style style:name="dp" style:family="drawing-page"/>'
    '<style:style style:name="dh" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    '<style:style style:name="P" style:family="paragraph">' + PROPERTIES.format("G", 20, "") + "</style:style>"
    '<style:style style:name="no" style:family="presentation"/><style:style style:name="gr" style:family="graphic"><style:graphic-properties draw:stroke="none" draw:fill="none"/></style:style>')
IMPRESS_MASTER = '<style:master-page style:name="Default" style:page-layout-name="pm" draw:style-name="dp"/>'


def odp_box(lines, y, height=25):
    paragraphs = "".join(f'<text:p text:style-name="P">{line}</text:p>' for line in lines)
    return (f'<draw:frame draw:style-name="gr" svg:x="15mm" svg:y="{y}mm" svg:width="220mm" svg:height="{height}mm"><draw:text-box>'
            f"{paragraphs}</draw:text-box></draw:frame>")


def odp_slides(form):
    cells = "".join("<table:table-row>" + "".join(f'<table:table-cell><text:p text:style-name="P">{cell}</text:p></table:table-cell>' for cell in row) +
                    "</table:table-row>" for row in TABLE)
    table = ('<draw:frame svg:x="15mm" svg:y="110mm" svg:width="200mm" svg:height="40mm"><table:table><table:table-column/><table:table-column/>'
             f"{cells}</table:table></draw:frame>")
    notes = (f'<presentation:notes draw:style-name="dp"><draw:frame presentation:style-name="no" presentation:class="notes" svg:x="20mm" svg:y="140mm" svg:width="150mm" svg:height="100mm">'
             f"<draw:text-box><text:p>{SPEAKER}</text:p></draw:text-box></draw:frame></presentation:notes>")
    page = '<draw:page draw:name="{}" draw:style-name="{}" draw:master-page-name="Default">{}</draw:page>'
    body = (page.format("p1", "dp", odp_box([SLIDE_TITLE], 12) + odp_box(SLIDE_LINES, 45, 50) + table + notes) +
            page.format("p2", "dh", odp_box([SECRET_SLIDE], 30)) + page.format("p3", "dp", odp_box([SECOND_SLIDE], 60)))
    return odf(form, body, automatic=IMPRESS_AUTOMATIC, master=IMPRESS_MASTER, fonts=FACES)


def odg_drawing(form):
    shape = '<draw:rect draw:style-name="fill" svg:x="40mm" svg:y="120mm" svg:width="60mm" svg:height="30mm"/>'
    fill = ('<style:style style:name="fill" style:family="graphic"><style:graphic-properties draw:fill="solid" draw:fill-color="#3060c0"/></style:style>')
    return odf(form, f'<draw:page draw:name="p1" draw:style-name="dp" draw:master-page-name="Default">{odp_box([SLIDE_TITLE], 12)}'
                     f"{odp_box(SLIDE_LINES, 45, 50)}{shape}</draw:page>", automatic=IMPRESS_AUTOMATIC + fill, master=IMPRESS_MASTER, fonts=FACES)


def pptx_slides(form):
    pack = show(form)

    def cell(text):
        return f'<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r><a:rPr lang="ja-JP" sz="1800"/><a:t>{text}</a:t></a:r></a:p></a:txBody><a:tcPr/></a:tc>'
    rows = "".join('<a:tr h="400000">' + "".join(map(cell, row)) + "</a:tr>" for row in TABLE)
    table = ('<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="7" name="t"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm>'
             '<a:off x="500000" y="3800000"/><a:ext cx="6000000" cy="1200000"/></p:xfrm><a:graphic><a:graphicData uri='
             '"http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl><a:tblPr/><a:tblGrid><a:gridCol w="3000000"/><a:gridCol'
             f' w="3000000"/></a:tblGrid>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>')
    first = show_slide(pack, 1, text_box(2, [SLIDE_TITLE], y=300000, cy=700000, size=3200) + text_box(3, SLIDE_LINES, y=1400000) + table)
    master = "ppt/notesMasters/notesMaster1.xml"
    tree = f"<p:cSld><p:spTree>{ooxml.TREE}{{}}</p:spTree></p:cSld>"
    pack.add(master, f"{XML}<p:notesMaster {ooxml.SHOW}>{tree.format('')}{ooxml.MAP}</p:notesMaster>", ooxml.OFFICE + "presentationml.notesMaster+xml")
    ooxml.theme(pack, master, 2)
    notes_master = pack.relate(ooxml.PRESENTATION, "notesMaster", "notesMasters/notesMaster1.xml")
    body = ('<p:sp><p:nvSpPr><p:cNvPr id="3" name="n"/><p:cNvSpPr/><p:nvPr><p:ph type="body" idx="1"/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm>'
            '<a:off x="700000" y="4500000"/><a:ext cx="5400000" cy="3600000"/></a:xfrm></p:spPr><p:txBody>'
            f'<a:bodyPr/><a:lstStyle/><a:p><a:r><a:rPr lang="ja-JP"/><a:t>{SPEAKER}</a:t></a:r></a:p></p:txBody></p:sp>')
    notes = "ppt/notesSlides/notesSlide1.xml"
    pack.add(notes, f"{XML}<p:notes {ooxml.SHOW}>{tree.format(body)}<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>",
             ooxml.OFFICE + "presentationml.notesSlide+xml")
    pack.relate(notes, "slide", "../slides/slide1.xml")
    pack.relate(notes, "notesMaster", "../notesMasters/notesMaster1.xml")
    pack.relate(slide_name(1), "notesSlide", "../notesSlides/notesSlide1.xml")
    second = show_slide(pack, 2, text_box(2, [SECRET_SLIDE]), ' show="0"')
    third = show_slide(pack, 3, text_box(2, [SECOND_SLIDE], y=2500000))
    return show_bytes(pack, [first, second, third], f'<p:notesMasterIdLst><p:notesMasterId r:id="{notes_master}"/></p:notesMasterIdLst>')


# ---- all -----------------------------------------------------------------------------------------------

def letters():
    around = [HEADER, FOOTER]
    beside = {"changes": DELETED, "comments": COMMENT}
    changes = {"changes": 2, "comments": 1, "texts": 1}
    for form, make, changed in (("odt", odt_letter, odt_changed), ("ott", odt_letter, odt_changed), ("fodt", odt_letter, odt_changed),
                                ("docx", docx_letter, docx_changed), ("docm", docx_letter, docx_changed),
                                ("dotx", docx_letter, docx_changed), ("dotm", docx_letter, docx_changed), ("rtf", rtf_letter, rtf_changed)):
        yield Fixture("letter", form, make(form), LETTER, [NOTE], around, "・・・11", pages=2, colours=(RED,))
        yield Fixture("changes", form, changed(form), CHANGED, hidden=[DELETED, COMMENT, HIDDEN], facts=changes, beside=beside)
    yield Fixture("letter", "doc", docx_letter("docx"), LETTER, [NOTE], around, "・・・11", pages=2, colours=(RED,), source="docx")
    yield Fixture("changes", "doc", docx_changed("docx"), CHANGED, hidden=[DELETED, COMMENT, HIDDEN], facts=changes, beside=beside, source="docx")


def sheets():
    for form, make in (("ods", ods_budget), ("fods", ods_budget), ("xlsx", xlsx_budget), ("xlsm", xlsx_budget), ("xltx", xlsx_budget)):
        yield Fixture("budget", form, make(form), SHEETS_TEXT, hidden=SHEETS_HIDDEN, unprinted=[OUT_OF_AREA], facts=SHEETS_FACTS, beside={"comments": COMMENT}, pages=3)
    yield Fixture("budget", "xls", xlsx_budget("xlsx"), SHEETS_TEXT, hidden=SHEETS_HIDDEN, unprinted=[OUT_OF_AREA], facts=SHEETS_FACTS, beside={"comments": COMMENT}, pages=3,
                  source="xlsx")
    yield Fixture("numbers", "xlsb", xlsb.workbook([(SHEET_NAME, [["道路補修", 1234567], ["髙﨑 𠮷①㈱", 12.5]], xlsb.VISIBLE),
                                                    (SECRET_SHEET, [[SECRET_CELL]], xlsb.HIDDEN)]),
                  ["道路補修", "1234567", "髙﨑 𠮷①㈱", "12.5"], hidden=[SECRET_CELL], facts={"sheets": 1})


def texts():
    yield Fixture("list", "csv", "".join(",".join(row) + "\r\n" for row in TABLE).encode("cp932"), [cell for row in TABLE for cell in row])


def slides():
    for form, make in (("odp", odp_slides), ("fodp", odp_slides), ("pptx", pptx_slides), ("pptm", pptx_slides), ("ppsx", pptx_slides)):
        yield Fixture("plan", form, make(form), SLIDES_TEXT, hidden=[SECRET_SLIDE, SPEAKER], facts=SLIDES_FACTS, beside={"notes": SPEAKER}, pages=2)
    yield Fixture("plan", "ppt", pptx_slides("pptx"), SLIDES_TEXT, hidden=[SECRET_SLIDE, SPEAKER], facts=SLIDES_FACTS, beside={"notes": SPEAKER}, pages=2, source="pptx")
    yield Fixture("drawing", "odg", odg_drawing("odg"), [SLIDE_TITLE, *SLIDE_LINES], colours=(BLUE,))


def fixtures():
    return [*letters(), *sheets(), *texts(), *slides()]
